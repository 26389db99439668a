#include "foundation/net/impl/workers.hpp"

#include <algorithm>

#include <pthread.h>

#include "foundation/net/impl/signals.hpp"

namespace tidemark::net::impl {

Workers::Workers(unsigned threads, std::size_t queue) : queue_(queue) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

bool Workers::submit(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_ || jobs_.size() >= queue_) {
            return false;
        }
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Workers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        jobs_.clear();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

std::size_t Workers::waiting() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
}

void Workers::run() {
    block_signals();
    pthread_setname_np(pthread_self(), "net-worker");
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
        if (stopped_) {
            return;
        }
        {
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
        }
        lock.lock();
    }
}

}  // namespace tidemark::net::impl
