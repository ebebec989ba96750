#include "webhook/json_error.h"

#include <catch2/catch.hpp>

using cxdial::webhook::error_response;

TEST_CASE("error answer: it has code, message and fields", "[webhook]") {
    const auto response = error_response(400, "no \"such\"", {{.path = "a.b", .reason = "is 0"}});
    CHECK(response.status == 400);
    CHECK(response.headers.find("Content-Type") == "application/json");
    CHECK(
        response.body == R"({"error":{"code":"bad_request","message":"no \"such\"",)"
                         R"("fields":[{"path":"a.b","reason":"is 0"}]}})"
    );
}

TEST_CASE("error answer: the code follows from the status", "[webhook]") {
    auto [status, code] = GENERATE(table<int, std::string>({
        {400, "bad_request"},
        {401, "unauthorized"},
        {404, "not_found"},
        {405, "method_not_allowed"},
        {409, "conflict"},
        {413, "too_large"},
        {503, "unavailable"},
        {500, "error"},
    }));
    CHECK(
        error_response(status, "m\xff").body ==
        R"({"error":{"code":")" + code + "\",\"message\":\"m\xef\xbf\xbd\",\"fields\":[]}}"
    );
}
