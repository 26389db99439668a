// The threads of blocking handlers, behind a bounded queue. Each route has a lane of its own; lanes take turns, and no
// lane, nor all the slow ones together, may hold every thread: a question of a third of a second does not keep fifty
// quick ones waiting.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace tidemark::net::impl {

class Workers {
public:
    Workers(unsigned threads, std::size_t queue);
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() { stop(); }

    /// False when the queue is full or the pool has stopped. `lane` is any address that stands for the kind of job.
    bool submit(const void* lane, std::function<void()> job);
    /// Joins the threads once their present jobs are done. What waits stays where it is until drop().
    void stop();
    /// After stop(), when nothing uses what the jobs hold any more.
    void drop();
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Lane {
        const void* key = nullptr;
        std::deque<std::function<void()>> jobs;
        unsigned running = 0;
        std::int64_t usual_nanos = 0;  ///< Of a job: a moving average
    };
    [[nodiscard]] bool slow(const Lane& lane) const;
    Lane* next_lane();
    void run();

    const std::size_t queue_;
    const unsigned most_of_a_lane_, most_slow_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::list<Lane> lanes_;  ///< Few: one a route. The one whose turn is next stands first
    std::size_t waiting_ = 0;
    unsigned running_slow_ = 0;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tidemark::net::impl
