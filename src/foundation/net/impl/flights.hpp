// Questions that are being answered: who asks the same meanwhile waits for that answer instead of asking for another.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tidemark::net::impl {

/// Thread-safe. `Waiter` is what is needed to answer one of them later.
template <class Waiter>
class Flights {
public:
    /// True: nobody answers this question yet, the caller does and must call land(). False: `waiter` was taken in.
    bool lead_or_join(const std::string& question, Waiter waiter) {
        const std::lock_guard lock(mutex_);
        const auto [flight, first] = flights_.try_emplace(question);
        if (!first) {
            flight->second.push_back(std::move(waiter));
        }
        return first;
    }
    /// Ends the flight and gives those who joined it.
    std::vector<Waiter> land(const std::string& question) {
        const std::lock_guard lock(mutex_);
        const auto flight = flights_.find(question);
        std::vector<Waiter> waiters;
        if (flight != flights_.end()) {
            waiters = std::move(flight->second);
            flights_.erase(flight);
        }
        return waiters;
    }
    /// For the end of the server: lets go of all who wait.
    void clear() {
        std::unordered_map<std::string, std::vector<Waiter>> dropped;
        const std::lock_guard lock(mutex_);
        dropped.swap(flights_);
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<Waiter>> flights_;
};

}  // namespace tidemark::net::impl
