// The change of the master key: what is sealed is sealed anew, value by value, while everything goes on.
#include <utility>

#include "desk/identity/impl/state.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::identity {

namespace {

constexpr std::string_view kResealing = "resealing";
constexpr std::string_view kObject = "master_key";

std::string prefix_of(std::string_view key_id) { return "tm1:" + std::string(key_id) + ":"; }

base::Result<std::optional<Resealing>> stored(store::AccountsStore& store) {
    TIDEMARK_TRY(const auto text, store.setting(kResealing));
    if (!text) {
        return std::nullopt;
    }
    auto read = json::read<Resealing>(*text);
    // What cannot be read is begun anew: the values themselves say what is left.
    return read ? std::optional(std::move(*read)) : std::nullopt;
}

}  // namespace

base::Result<std::int64_t> Accounts::use_key_ring(const Act& act, crypto::KeyRing ring) {
    State& state = *state_;
    return state.change([&]() -> base::Result<std::int64_t> {
        TIDEMARK_TRY(const auto by_key, state.store->sealed_by_key());
        std::int64_t left = 0;
        std::string others;
        for (const auto& [id, count] : by_key) {
            if (!ring.has(id)) {
                return base::fail(base::ErrorCode::kFailedPrecondition,
                                  "the new key ring lacks the master key " + id + ", which " + std::to_string(count) +
                                      " values are sealed with: put the new key before it, not in its place");
            }
            if (id != ring.current_id()) {
                left += count;
                others += (others.empty() ? "" : ",") + id;
            }
        }
        TIDEMARK_TRY(const auto under_way, stored(*state.store));
        if (left > 0 && (!under_way || under_way->key_id != ring.current_id())) {
            const Resealing begun{ring.current_id(), {act.now}, left};
            TIDEMARK_CHECK_OK(state.store->put_setting(kResealing, json::to_text(begun), false));
            TIDEMARK_CHECK_OK(state.write_audit(act, "master_key.rotate", kObject, {{"key_id", others}},
                                                {{"key_id", ring.current_id()}, {"values", std::to_string(left)}}));
        }
        state.staged.emplace_back([&state, ring](Memory&) { state.ring = ring; });
        return left;
    });
}

base::Result<std::optional<Resealing>> Accounts::resealing() {
    const std::lock_guard lock(state_->store_mutex);
    return stored(*state_->store);
}

base::Result<std::map<std::string, std::int64_t>> Accounts::sealed_by_key() {
    const std::lock_guard lock(state_->store_mutex);
    return state_->store->sealed_by_key();
}

base::Result<std::int64_t> Accounts::reseal(const Act& act, std::int64_t limit) {
    State& state = *state_;
    const auto seal_some = [&]() -> base::Result<std::int64_t> {
        TIDEMARK_TRY(const auto cells, state.store->cells_not_under(prefix_of(state.ring.current_id()), limit));
        for (const store::SealedCell& cell : cells) {
            auto sealed = state.ring.reseal(cell.value, cell.column + ":" + cell.row);
            if (!sealed) {
                return base::fail(sealed.error().code,
                                  cell.column + ", row " + cell.row + ": " + sealed.error().message);
            }
            if (*sealed) {
                TIDEMARK_CHECK_OK(state.store->put_cell(cell, **sealed));
            }
        }
        return static_cast<std::int64_t>(cells.size());
    };
    TIDEMARK_TRY(const std::int64_t sealed, state.change(seal_some));
    if (sealed > 0) {
        return sealed;
    }
    {
        // Or the log would keep what the old key opens.
        const std::lock_guard lock(state.store_mutex);
        TIDEMARK_CHECK_OK(state.store->checkpoint());
    }
    return state.change([&]() -> base::Result<std::int64_t> {
        TIDEMARK_TRY(const auto under_way, stored(*state.store));
        if (under_way) {
            TIDEMARK_CHECK_OK(state.store->remove_setting(kResealing));
            TIDEMARK_CHECK_OK(
                state.write_audit(act, "master_key.rotated", kObject, {},
                                  {{"key_id", under_way->key_id}, {"values", std::to_string(under_way->total)}}));
        }
        return 0;
    });
}

}  // namespace tidemark::identity
