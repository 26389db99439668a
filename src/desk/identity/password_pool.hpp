// The few threads that hash passwords. Argon2 costs tens of milliseconds and 19 MiB a time: in a bounded pool of low
// priority a flood of log-ins waits or is turned away, and everybody else does not notice.
//
// A log-in under a name that nobody has must look like any other, so it hashes too. A flood of them would keep those
// from their turn who have an account: beyond a few a second they only take as long as the others take, and cost
// nothing.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace tidemark::identity {

class PasswordPool {
public:
    enum class Lane {
        kKnown,  ///< Signed in before from there, or signed in now: always first
        kNew,
        kSuspect,  ///< New, and somebody failed at the same name of late: after the others
    };
    /// threads 0: one for each two cores, at most 2. `capacity` jobs may wait in each lane.
    explicit PasswordPool(std::size_t threads = 0, std::size_t capacity = 48);
    /// Finishes what waits.
    ~PasswordPool();
    PasswordPool(const PasswordPool&) = delete;
    PasswordPool& operator=(const PasswordPool&) = delete;

    /// False: the lane is full, try again later; the job will not run. The job must not throw.
    [[nodiscard]] bool submit(Lane lane, std::function<void()> job);
    /// A job for a name that nobody has. It is told whether to hash: when not, it is called after the time that it
    /// would have waited and hashed. False as above.
    [[nodiscard]] bool submit_decoy(Lane lane, std::function<void(bool hash)> job);
    /// The same as submit(), and waits for its end.
    [[nodiscard]] bool run(Lane lane, const std::function<void()>& job);
    [[nodiscard]] std::size_t waiting() const;

    /// Decoys that hash, each second.
    static constexpr int kHashedDecoys = 8;

private:
    using Clock = std::chrono::steady_clock;

    void work();
    void pretend();
    /// Jobs whose turn comes before that of a new one in this lane.
    [[nodiscard]] std::size_t ahead_of(Lane lane) const;
    /// How long a job took of late: one of the last few, in turn.
    [[nodiscard]] Clock::duration usual();

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable wake_pretender_;
    std::array<std::deque<std::function<void()>>, 3> lanes_;
    std::multimap<Clock::time_point, std::function<void(bool)>> pretended_;
    std::array<Clock::duration, 16> taken_{};  // by the last jobs, a ring
    std::size_t next_taken_ = 0, next_usual_ = 0;
    Clock::time_point decoys_since_{};
    int decoys_ = 0;  // since then
    bool stop_ = false;
    std::vector<std::thread> threads_;  // the last one pretends
};

}  // namespace tidemark::identity
