#include "desk/identity/password_pool.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace tidemark::identity {

namespace {

// Log-ins that only wait: each holds its request.
constexpr std::size_t kMaxPretended = 1024;
// Argon2 as set here on a machine of today, until the first one was measured.
constexpr std::chrono::milliseconds kFirstGuess{30};

}  // namespace

PasswordPool::PasswordPool(std::size_t threads, std::size_t capacity) : capacity_(capacity) {
    taken_.fill(kFirstGuess);
    if (threads == 0) {
        threads = std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 2);
    }
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
    threads_.emplace_back([this] { pretend(); });
}

PasswordPool::~PasswordPool() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    wake_pretender_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool PasswordPool::submit(Lane lane, std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        auto& queue = lanes_[static_cast<std::size_t>(lane)];
        if (queue.size() >= capacity_ || stop_) {
            return false;
        }
        queue.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

bool PasswordPool::submit_decoy(Lane lane, std::function<void(bool hash)> job) {
    {
        const std::lock_guard lock(mutex_);
        const Clock::time_point now = Clock::now();
        if (now - decoys_since_ >= std::chrono::seconds(1)) {
            decoys_since_ = now;
            decoys_ = 0;
        }
        if (++decoys_ > kHashedDecoys) {
            if (pretended_.size() >= kMaxPretended || lanes_[static_cast<std::size_t>(lane)].size() >= capacity_ ||
                stop_) {
                return false;
            }
            Clock::duration turn = usual();
            for (std::size_t ahead = ahead_of(lane); ahead > 0; --ahead) {
                turn += usual();
            }
            pretended_.emplace(now + turn, std::move(job));
            wake_pretender_.notify_one();
            return true;
        }
    }
    return submit(lane, [job = std::move(job)] { job(true); });
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
    return ahead_of(Lane::kSuspect) + pretended_.size();
}

std::size_t PasswordPool::ahead_of(Lane lane) const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(lane); ++i) {
        sum += lanes_[i].size();
    }
    return sum;
}

void PasswordPool::work() {
    // Linux gives each thread a nice value of its own. Should it refuse, hashing competes as an equal.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stop_ || ahead_of(Lane::kSuspect) > 0; });
        const auto queue = std::find_if(lanes_.begin(), lanes_.end(), [](const auto& jobs) { return !jobs.empty(); });
        if (queue == lanes_.end()) {
            return;
        }
        const auto job = std::move(queue->front());
        queue->pop_front();
        lock.unlock();
        const Clock::time_point began = Clock::now();
        job();
        const Clock::duration took = Clock::now() - began;
        lock.lock();
        taken_[next_taken_++ % taken_.size()] = took;
    }
}

PasswordPool::Clock::duration PasswordPool::usual() { return taken_[next_usual_++ % taken_.size()]; }

void PasswordPool::pretend() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (pretended_.empty()) {
            if (stop_) {
                return;
            }
            wake_pretender_.wait(lock);
        } else if (const Clock::time_point due = pretended_.begin()->first; !stop_ && due > Clock::now()) {
            wake_pretender_.wait_until(lock, due);
        } else {
            const auto job = std::move(pretended_.extract(pretended_.begin()).mapped());
            lock.unlock();
            job(false);
            lock.lock();
        }
    }
}

}  // namespace tidemark::identity
