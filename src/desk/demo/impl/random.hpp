// Random numbers that are the same on every machine and compiler (the standard's distributions are not).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace tidemark::demo {

/// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// [0, 1)
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    bool chance(double probability) { return unit() < probability; }
    /// [low, high]
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(unit() * static_cast<double>(high - low + 1));
    }
    template <class List>
    const auto& pick(const List& list) {
        return list[static_cast<std::size_t>(unit() * static_cast<double>(list.size()))];
    }
    /// Log-normal around a median, cut off at both ends.
    std::int64_t around(double median, double sigma, std::int64_t low, std::int64_t high) {
        const double normal = std::sqrt(-2 * std::log(1 - unit())) * std::cos(2 * std::numbers::pi * unit());
        return std::clamp(static_cast<std::int64_t>(median * std::exp(sigma * normal)), low, high);
    }

private:
    std::uint64_t state_;
};

}  // namespace tidemark::demo
