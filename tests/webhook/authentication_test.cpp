#include "webhook/internal/authentication.h"

#include <catch2/catch.hpp>

#include <string>

using cxdial::base::Secret;
using cxdial::net::Headers;
using cxdial::webhook::internal::authenticate;

namespace {

using Keys = std::map<std::string, Secret>;

Headers headers(const std::string& authorization, const std::string& domain = {}) {
    Headers headers;
    if (!authorization.empty()) {
        headers.add("authorization", authorization);
    }
    if (!domain.empty()) {
        headers.add("X-Cx-Domain", domain);
    }
    return headers;
}

const Keys both_keyed{{"a", Secret("key-a")}, {"b", Secret("key-b")}};
const Keys one_keyed{{"a", Secret("key-a")}, {"b", Secret("")}};
const Keys none_keyed{{"a", Secret("")}, {"b", Secret("")}};

}  // namespace

TEST_CASE("authentication: the key names the domain", "[webhook]") {
    CHECK(authenticate(both_keyed, headers("Bearer key-a")) == "a");
    CHECK(authenticate(both_keyed, headers("bearer key-b")) == "b");
    CHECK(authenticate(both_keyed, headers("BEARER   key-b")) == "b");
    CHECK(authenticate(both_keyed, headers("Bearer key-b", "a")) == "b");
}

TEST_CASE("authentication: anything but the key is refused", "[webhook]") {
    for (const std::string text :
         {"",
          "Bearer",
          "Bearer ",
          "Bearer key",
          "Bearer key-",
          "Bearer key-c",
          "Bearer key-aa",
          "Bearer key-a ",
          "Bearer KEY-A",
          "Basic key-a",
          "key-a",
          "Bearerkey-a"}) {
        CAPTURE(text);
        CHECK_FALSE(authenticate(both_keyed, headers(text)));
        CHECK_FALSE(authenticate(both_keyed, headers(text, "a")));
    }
}

TEST_CASE("authentication: without any key every request is taken", "[webhook]") {
    CHECK(authenticate({}, headers("")) == "");
    CHECK(authenticate({}, headers("Bearer x", "a")) == "");
    CHECK(authenticate(none_keyed, headers("")) == "");
    CHECK(authenticate(none_keyed, headers("", "b")) == "b");
    CHECK(authenticate(none_keyed, headers("", "c")) == "");
    CHECK(authenticate(Keys{{"a", Secret("")}}, headers("Bearer x")) == "a");
}

TEST_CASE(
    "authentication: a request without a key never speaks for a domain that has one", "[webhook]"
) {
    CHECK(authenticate(one_keyed, headers("")) == "b");
    CHECK(authenticate(one_keyed, headers("Bearer wrong", "a")) == "b");
    CHECK(authenticate(one_keyed, headers("Bearer key-a")) == "a");
    const Keys two_open{{"a", Secret("key-a")}, {"b", Secret("")}, {"c", Secret("")}};
    CHECK(authenticate(two_open, headers("", "c")) == "c");
    CHECK_FALSE(authenticate(two_open, headers("", "a")));
    CHECK_FALSE(authenticate(two_open, headers("")));
}

TEST_CASE("authentication: domains that share a key are told apart by the header", "[webhook]") {
    const Keys shared{{"a", Secret("key")}, {"b", Secret("key")}};
    CHECK(authenticate(shared, headers("Bearer key", "b")) == "b");
    CHECK(authenticate(shared, headers("Bearer key")) == "");
    CHECK_FALSE(authenticate(shared, headers("Bearer other", "b")));
}
