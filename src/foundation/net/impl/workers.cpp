#include "foundation/net/impl/workers.hpp"

#include <algorithm>

#include <pthread.h>

#include "foundation/base/clock.hpp"
#include "foundation/net/impl/signals.hpp"

namespace tidemark::net::impl {
namespace {

constexpr std::int64_t kSlowNanos = 50'000'000;

}  // namespace

Workers::Workers(unsigned threads, std::size_t queue)
    : queue_(queue), most_of_a_lane_(std::max(threads / 2, 1U)), most_slow_(std::max(threads, 2U) - 1) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

bool Workers::submit(const void* lane, std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_ || waiting_ >= queue_) {
            return false;
        }
        auto place = std::find_if(lanes_.begin(), lanes_.end(), [lane](const Lane& one) { return one.key == lane; });
        if (place == lanes_.end()) {
            place = lanes_.emplace(lanes_.end());
            place->key = lane;
        }
        place->jobs.push_back(std::move(job));
        ++waiting_;
    }
    wake_.notify_one();
    return true;
}

void Workers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

void Workers::drop() {
    std::list<Lane> dropped;  // what the jobs hold goes away outside the lock
    const std::lock_guard lock(mutex_);
    dropped.swap(lanes_);
    waiting_ = 0;
}

std::size_t Workers::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

bool Workers::slow(const Lane& lane) const { return lane.usual_nanos > kSlowNanos; }

/// The lane whose turn it is, or nullptr when none may have a thread now.
Workers::Lane* Workers::next_lane() {
    for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
        if (!lane->jobs.empty() && lane->running < most_of_a_lane_ && (!slow(*lane) || running_slow_ < most_slow_)) {
            lanes_.splice(lanes_.end(), lanes_, lane);
            return &lanes_.back();
        }
    }
    return nullptr;
}

void Workers::run() {
    block_signals();
    pthread_setname_np(pthread_self(), "net-worker");
    std::unique_lock lock(mutex_);
    for (;;) {
        Lane* lane = nullptr;
        wake_.wait(lock, [&] { return stopped_ || (lane = next_lane()) != nullptr; });
        if (stopped_) {
            return;
        }
        const bool counts_as_slow = slow(*lane);
        ++lane->running;
        running_slow_ += counts_as_slow ? 1 : 0;
        --waiting_;
        const std::int64_t begun = base::monotonic_nanos();
        {
            const std::function<void()> job = std::move(lane->jobs.front());
            lane->jobs.pop_front();
            lock.unlock();
            job();
        }
        const std::int64_t took = base::monotonic_nanos() - begun;
        lock.lock();
        --lane->running;
        running_slow_ -= counts_as_slow ? 1 : 0;
        lane->usual_nanos += (took - lane->usual_nanos) / 4;
        if (waiting_ > 0) {
            wake_.notify_one();  // what this job held back may be for another thread
        }
    }
}

}  // namespace tidemark::net::impl
