#include "desk/identity/password_pool.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace tidemark::identity {

PasswordPool::PasswordPool(std::size_t threads, std::size_t capacity) : capacity_(capacity) {
    if (threads == 0) {
        threads = std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 2);
    }
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

PasswordPool::~PasswordPool() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool PasswordPool::submit(Lane lane, std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        auto& queue = lane == Lane::kKnown ? known_ : new_;
        if (queue.size() >= capacity_ || stop_) {
            return false;
        }
        queue.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

bool PasswordPool::run(Lane lane, const std::function<void()>& job) {
    std::promise<void> done;
    if (!submit(lane, [&] {
            job();
            done.set_value();
        })) {
        return false;
    }
    done.get_future().wait();
    return true;
}

std::size_t PasswordPool::waiting() const {
    const std::lock_guard lock(mutex_);
    return known_.size() + new_.size();
}

void PasswordPool::work() {
    // Linux gives each thread a nice value of its own. Should it refuse, hashing competes as an equal.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stop_ || !known_.empty() || !new_.empty(); });
        auto& queue = !known_.empty() ? known_ : new_;
        if (queue.empty()) {
            return;
        }
        const auto job = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
}

}  // namespace tidemark::identity
