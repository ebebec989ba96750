#include "base/result.h"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using cxdial::base::Errc;
using cxdial::base::Error;
using cxdial::base::Result;

namespace {

Result<int> half(int number) {
    if (number % 2 != 0) {
        return Error{Errc::invalid_argument, "odd"};
    }
    return number / 2;
}

}  // namespace

TEST_CASE("result: it holds a value or the reason for none", "[base][result]") {
    REQUIRE(half(4).has_value());
    REQUIRE(*half(4) == 2);
    REQUIRE_FALSE(half(3));
    REQUIRE(half(3).error().code == Errc::invalid_argument);
    REQUIRE(half(3).error().detail == "odd");
}

TEST_CASE("result: a value that can only be moved can be taken out", "[base][result]") {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    const std::unique_ptr<int> taken = std::move(result).value();
    REQUIRE(*taken == 7);
}

TEST_CASE("result: without a value it is success until it has an error", "[base][result]") {
    REQUIRE(Result<void>{});
    const Result<void> failed = Error{Errc::conflict, "busy"};
    REQUIRE_FALSE(failed);
    REQUIRE(failed.error().detail == "busy");
}
