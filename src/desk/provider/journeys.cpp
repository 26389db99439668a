#include "desk/provider/journeys.hpp"

#include <algorithm>
#include <utility>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::provider {
namespace {

/// Looked up by a hash, so that how long it takes says nothing about the states that there are.
std::string key_of(std::string_view state) { return crypto::token_hash("provider-state", state); }

}  // namespace

std::optional<Journeys::Begun> Journeys::begin(std::string_view address, std::string_view browser,
                                               std::string return_to, std::string redirect_uri,
                                               std::optional<identity::SignedInAs> joining, base::UnixMillis now) {
    forget_old(now);
    const auto count = by_address_.find(address);
    if (count != by_address_.end() && count->second >= kJourneysPerAddress) {
        return std::nullopt;
    }
    const bool known = !browser.empty() && std::any_of(journeys_.begin(), journeys_.end(), [&](const auto& entry) {
        return !entry.second.returned && crypto::constant_time_equal(entry.second.journey.browser, browser);
    });
    Begun begun;
    begun.state = crypto::random_token();
    begun.journey.nonce = crypto::random_token();
    begun.journey.verifier = crypto::random_token();
    begun.journey.browser = known ? std::string(browser) : crypto::random_token();
    begun.journey.address = address;
    begun.journey.return_to = std::move(return_to);
    begun.journey.redirect_uri = std::move(redirect_uri);
    begun.journey.joining = std::move(joining);
    while (journeys_.size() >= kMostJourneys) {
        forget_first();
    }
    order_.push_back(key_of(begun.state));
    journeys_.emplace(order_.back(), Kept{begun.journey, now + kJourneyLife});
    ++by_address_[begun.journey.address];
    return begun;
}

std::optional<Journey> Journeys::take(std::string_view state, std::string_view browser, base::UnixMillis now) {
    forget_old(now);
    const auto found = journeys_.find(key_of(state));
    if (found == journeys_.end() || found->second.returned ||
        !crypto::constant_time_equal(found->second.journey.browser, browser)) {
        return std::nullopt;
    }
    found->second.returned = true;
    Journey journey = std::move(found->second.journey);
    found->second.journey = {};
    found->second.journey.address = journey.address;
    return journey;
}

void Journeys::forget_old(base::UnixMillis now) {
    while (!order_.empty()) {
        const Kept& first = journeys_.find(order_.front())->second;
        // A clock that was set back must not make them last.
        if (first.ends > now && first.ends <= now + kJourneyLife) {
            return;
        }
        forget_first();
    }
}

void Journeys::forget_first() {
    const auto first = journeys_.find(order_.front());
    const auto count = by_address_.find(first->second.journey.address);
    if (--count->second == 0) {
        by_address_.erase(count);
    }
    journeys_.erase(first);
    order_.pop_front();
}

}  // namespace tidemark::provider
