// Bytes as a user's price file: refused with a reason, or a book that prices every request at zero or more.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ledger/pricing/price_book.hpp"

namespace {

using namespace tidemark;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(data[i]));
    }
    const auto book = pricing::PriceBook::create(text, "prices.toml");
    if (!book) {
        require(!book.error().message.empty());
        return 0;
    }
    for (const char* model : {"claude-opus-5", "claude-sonnet-5", "mine"}) {
        const pricing::ResolvedModel resolved = (*book)->resolve(model);
        if (resolved.prices == nullptr) {
            continue;
        }
        const pricing::PriceQuery query{1'790'000'000'000, {1000, 50, 5, 10, 20, 250'000}, 2, {}, {}, {}, false};
        if (const auto cost = (*book)->cost(resolved, query)) {
            require(cost->value >= 0);
        }
    }
    return 0;
}
