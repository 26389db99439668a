// The threads of blocking handlers, behind a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
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

    /// False when the queue is full or the pool has stopped.
    bool submit(std::function<void()> job);
    /// Drops what waits and joins the threads once their present jobs are done.
    void stop();
    [[nodiscard]] std::size_t waiting() const;

private:
    void run();

    const std::size_t queue_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace tidemark::net::impl
