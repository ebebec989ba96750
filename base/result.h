#pragma once

#include "base/check.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cxdial::base {

/// What kind of thing went wrong, for programs.
enum class Errc {
    invalid_argument,  ///< the caller's input is wrong; the same input will be refused again
    not_found,
    conflict,         ///< the thing exists, or is in a state that forbids the operation
    unavailable,      ///< it certainly did not happen; it may be tried again
    unknown_outcome,  ///< it may have happened; it must not be tried again blindly
};

/// Why an operation could not be done. `code` is for programs, `detail` for people: one line that
/// names what and where.
struct Error {
    Errc code;
    std::string detail;
};

/// A value, or the reason there is none. Member names are those of `std::expected`, which this
/// toolchain's clang cannot compile.
template <class T>
class [[nodiscard]] Result {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): returning a value is the normal path.
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): and so is returning an Error.
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    [[nodiscard]] const T& value() const& {
        CHECK_INVARIANT(has_value());
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] T& value() & {
        CHECK_INVARIANT(has_value());
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] T&& value() && {
        CHECK_INVARIANT(has_value());
        return std::move(*std::get_if<0>(&state_));
    }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const Error& error() const& {
        CHECK_INVARIANT(!has_value());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, Error> state_;
};

/// Success without a value, or the reason for failure.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): returning an Error is a normal path.
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    [[nodiscard]] const Error& error() const& {
        CHECK_INVARIANT(error_.has_value());
        return *error_;
    }

private:
    std::optional<Error> error_;
};

}  // namespace cxdial::base
