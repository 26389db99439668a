#include "ledger/store/batch.hpp"

#include <cstring>

namespace tidemark::store {

std::string_view TextArena::add(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    bytes_ += text.size();
    if (text.size() > kChunk / 4) {
        // Its own chunk, kept before the current one so that the rest of that stays in use.
        auto own = std::make_unique_for_overwrite<char[]>(text.size());
        std::memcpy(own.get(), text.data(), text.size());
        const std::string_view copy(own.get(), text.size());
        chunks_.insert(chunks_.begin(), std::move(own));
        return copy;
    }
    if (used_ + text.size() > kChunk) {
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunk));
        used_ = 0;
    }
    char* const at = chunks_.back().get() + used_;
    std::memcpy(at, text.data(), text.size());
    used_ += text.size();
    return {at, text.size()};
}

}  // namespace tidemark::store
