#include "ledger/live/feed.hpp"

#include <utility>

namespace tidemark::live {

void Feed::publish(model::UsageChange change) {
    const std::lock_guard lock(mutex_);
    if (change.seq == 0) {
        change.seq = seq_ + 1;
    }
    seq_ = change.seq;
    ring_.push_back(std::make_shared<const model::UsageChange>(std::move(change)));
    if (ring_.size() > kRing) {
        forgotten_ = ring_.front()->seq;
        ring_.pop_front();
    }
    tell(ring_.back());
}

void Feed::announce(const Event& event) {
    const std::lock_guard lock(mutex_);
    tell(event);
}

void Feed::tell(const Event& event) {
    for (const auto& [id, listener] : listeners_) {
        listener(seq_, event);
    }
}

Feed::Subscription Feed::subscribe(Listener listener) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = next_listener_++;
    listeners_.emplace(id, std::move(listener));
    return {*this, id};
}

Feed::Subscription::~Subscription() {
    if (feed_ != nullptr) {
        const std::lock_guard lock(feed_->mutex_);
        feed_->listeners_.erase(id_);
    }
}

Feed::Missed Feed::since(std::uint64_t seq) const {
    const std::lock_guard lock(mutex_);
    Missed missed;
    missed.seq = seq_;
    if (seq < forgotten_ || seq > seq_) {
        return missed;
    }
    missed.changes.emplace();
    for (const Change& change : ring_) {
        if (change->seq > seq) {
            missed.changes->push_back(change);
        }
    }
    return missed;
}

std::uint64_t Feed::seq() const {
    const std::lock_guard lock(mutex_);
    return seq_;
}

}  // namespace tidemark::live
