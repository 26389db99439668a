// The few threads that hash passwords. Argon2 costs tens of milliseconds and 19 MiB a time: in a bounded pool of low
// priority a flood of log-ins waits or is turned away, and everybody else does not notice.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tidemark::identity {

class PasswordPool {
public:
    enum class Lane {
        kKnown,  ///< Signed in before from there, or signed in now: always first
        kNew,
    };
    /// threads 0: one for each two cores, at most 2. `capacity` jobs may wait in each lane.
    explicit PasswordPool(std::size_t threads = 0, std::size_t capacity = 24);
    /// Finishes what waits.
    ~PasswordPool();
    PasswordPool(const PasswordPool&) = delete;
    PasswordPool& operator=(const PasswordPool&) = delete;

    /// False: the lane is full, try again later; the job will not run. The job must not throw.
    [[nodiscard]] bool submit(Lane lane, std::function<void()> job);
    /// The same, and waits for its end.
    [[nodiscard]] bool run(Lane lane, const std::function<void()>& job);
    [[nodiscard]] std::size_t waiting() const;

private:
    void work();
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> known_, new_;
    bool stop_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tidemark::identity
