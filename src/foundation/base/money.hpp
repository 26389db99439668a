// Money as an integer count of nano-dollars (1e-9 USD), so that sums are exact and in any order the same. The range is
// ±9.2e9 USD; arithmetic that would leave it saturates and never wraps.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace tidemark::base {

struct NanoUsd {
    std::int64_t value = 0;

    auto operator<=>(const NanoUsd&) const = default;

    NanoUsd& operator+=(NanoUsd other) {
        if (__builtin_add_overflow(value, other.value, &value)) {
            value =
                other.value < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
        }
        return *this;
    }
    NanoUsd& operator-=(NanoUsd other) {
        if (__builtin_sub_overflow(value, other.value, &value)) {
            value =
                other.value > 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
        }
        return *this;
    }
    friend NanoUsd operator+(NanoUsd a, NanoUsd b) { return a += b; }
    friend NanoUsd operator-(NanoUsd a, NanoUsd b) { return a -= b; }

    /// For output only: the nearest double, in dollars.
    [[nodiscard]] double dollars() const { return static_cast<double>(value) / 1e9; }
};

/// Exact decimal text in dollars, no trailing zeros beyond the first two places: "12.50", "0.031924600", "-0.01".
[[nodiscard]] std::string to_decimal(NanoUsd amount);

}  // namespace tidemark::base
