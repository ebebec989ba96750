#include "net/http.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using cxdial::net::Headers;
using cxdial::net::HttpRequest;
using cxdial::net::parse_form;
using cxdial::net::url_encode;
using Fields = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("headers: names compare without case, and the first value counts", "[net][http]") {
    Headers headers;
    headers.add("Content-Type", "text/xml");
    headers.add("X-Tag", "one");
    headers.add("x-tag", "two");
    CHECK(headers.find("content-TYPE") == "text/xml");
    CHECK(headers.find("X-TAG") == "one");
    CHECK_FALSE(headers.find("X-Ta"));
    CHECK(headers.all().size() == 3);
}

TEST_CASE("request: the target splits at its first question mark", "[net][http]") {
    HttpRequest request;
    request.target = "/cdr?a=1?b";
    CHECK(request.path() == "/cdr");
    CHECK(request.query() == "a=1?b");
    request.target = "/cdr";
    CHECK(request.path() == "/cdr");
    CHECK(request.query().empty());
}

TEST_CASE("form: fields come decoded and in order", "[net][form]") {
    CHECK(
        parse_form("To=%2B4179&Name=A+B&empty=&flag&=v&a=1=2") ==
        Fields{
            {"To", "+4179"}, {"Name", "A B"}, {"empty", ""}, {"flag", ""}, {"", "v"}, {"a", "1=2"}}
    );
    CHECK(parse_form("").empty());
    CHECK(parse_form("&&a=1&") == Fields{{"a", "1"}});
}

TEST_CASE("form: a broken escape is kept as it stands", "[net][form]") {
    CHECK(
        parse_form("a=%&b=%4&c=%zz&d=%%41&e=100%") ==
        Fields{{"a", "%"}, {"b", "%4"}, {"c", "%zz"}, {"d", "%A"}, {"e", "100%"}}
    );
}

TEST_CASE(
    "url_encode: everything but the unreserved is escaped, and parse_form reads it back",
    "[net][form]"
) {
    CHECK(url_encode("aZ9-._~") == "aZ9-._~");
    CHECK(url_encode("+41 79/ü&=") == "%2B41%2079%2F%C3%BC%26%3D");
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) {
        every_byte += static_cast<char>(byte);
    }
    CHECK(parse_form("k=" + url_encode(every_byte)) == Fields{{"k", every_byte}});
}
