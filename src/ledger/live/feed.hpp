// The live feed of the ledger. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/model/usage.hpp"

namespace tidemark::live {

/// How far the first scan is. Not numbered and not kept: only those who listen now get it.
struct ImportProgress {
    std::int64_t files_done = 0, files_total = 0;
    std::int64_t bytes_done = 0, bytes_total = 0;
    bool finished = false;
};
struct PricesChanged {};  ///< Costs of the past changed: sums must be fetched anew
struct SettingsChanged {};

using Change = std::shared_ptr<const model::UsageChange>;  ///< Never null
using Event = std::variant<Change, ImportProgress, PricesChanged, SettingsChanged>;

class Feed {
public:
    /// Called in order, by the thread that publishes, while it holds the feed: must be quick and must not call the
    /// feed. `seq` is the newest change number.
    using Listener = std::function<void(std::uint64_t seq, const Event& event)>;

    static constexpr std::size_t kRing = 1024;

    /// `seq`: the ledger's newest change number when the feed starts.
    explicit Feed(std::uint64_t seq = 0) : seq_(seq), forgotten_(seq) {}
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    /// Keeps a commit and tells the listeners. The ledger numbers its changes (change.seq), and answers to queries name
    /// the same numbers; a change without a number gets the next one. Numbers must rise.
    void publish(model::UsageChange change);
    /// Tells the listeners; nothing is kept.
    void announce(const Event& event);

    /// Ends the listening when it is destroyed; the feed must outlive it.
    class Subscription {
    public:
        Subscription() = default;
        Subscription(Feed& feed, std::uint64_t id) : feed_(&feed), id_(id) {}
        Subscription(Subscription&& other) noexcept : feed_(std::exchange(other.feed_, nullptr)), id_(other.id_) {}
        Subscription& operator=(Subscription&& other) noexcept {
            std::swap(feed_, other.feed_);
            std::swap(id_, other.id_);
            return *this;
        }
        Subscription(const Subscription&) = delete;
        Subscription& operator=(const Subscription&) = delete;
        ~Subscription();

    private:
        Feed* feed_ = nullptr;
        std::uint64_t id_ = 0;
    };
    [[nodiscard]] Subscription subscribe(Listener listener);

    struct Missed {
        std::uint64_t seq = 0;  ///< The newest number
        /// The changes after the given number in order; nothing when the ring no longer reaches back that far, or when
        /// the number is one that this ledger has not given yet.
        std::optional<std::vector<Change>> changes;
    };
    [[nodiscard]] Missed since(std::uint64_t seq) const;
    [[nodiscard]] std::uint64_t seq() const;

private:
    void tell(const Event& event);

    mutable std::mutex mutex_;
    std::uint64_t seq_;
    std::uint64_t forgotten_;  ///< Everything after this number is in the ring
    std::deque<Change> ring_;
    std::map<std::uint64_t, Listener> listeners_;
    std::uint64_t next_listener_ = 1;
};

}  // namespace tidemark::live
