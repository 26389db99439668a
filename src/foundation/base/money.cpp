#include "foundation/base/money.hpp"

namespace tidemark::base {

std::string to_decimal(NanoUsd amount) {
    const bool negative = amount.value < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(amount.value) : static_cast<std::uint64_t>(amount.value);
    std::string fraction = std::to_string(magnitude % 1'000'000'000);
    fraction.insert(0, 9 - fraction.size(), '0');
    while (fraction.size() > 2 && fraction.back() == '0') {
        fraction.pop_back();
    }
    return (negative ? "-" : "") + std::to_string(magnitude / 1'000'000'000) + "." + fraction;
}

}  // namespace tidemark::base
