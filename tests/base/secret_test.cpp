#include "base/secret.h"

#include "base/log.h"

#include <catch2/catch.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>

using cxdial::base::LogField;
using cxdial::base::Secret;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};

}  // namespace

static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "a secret is made on purpose");
static_assert(!std::is_constructible_v<LogField, std::string_view, Secret>);

TEST_CASE("secret: only reveal shows it", "[base][secret]") {
    REQUIRE(Secret{"XI1"}.reveal() == "XI1");
    REQUIRE(Secret{}.empty());
    REQUIRE((Secret{"a"} == Secret{"a"}));
    REQUIRE_FALSE((Secret{"a"} == Secret{"b"}));
}
