#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace cxdial::base {

/// A number or string that names one kind of thing. Two ids of different kinds do not compare,
/// convert or mix.
template <class Tag, class Rep>
class Id {
public:
    using Raw = Rep;
    Id() = default;
    explicit Id(Rep raw) : raw_(std::move(raw)) {}
    [[nodiscard]] const Rep& raw() const noexcept { return raw_; }
    // NOLINTNEXTLINE(modernize-use-nullptr): misread in the defaulted comparison.
    friend auto operator<=>(const Id&, const Id&) = default;

private:
    Rep raw_{};
};

}  // namespace cxdial::base

template <class Tag, class Rep>
struct std::hash<cxdial::base::Id<Tag, Rep>> {
    std::size_t operator()(const cxdial::base::Id<Tag, Rep>& id) const noexcept {
        return std::hash<Rep>{}(id.raw());
    }
};
