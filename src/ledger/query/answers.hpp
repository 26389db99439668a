// Answers that were given, kept as long as the ledger does not change. Two clients with the same question share one
// computation. Bounded in bytes: the answers used longest ago go first.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "foundation/base/result.hpp"

namespace tidemark::query {

class Answers {
public:
    explicit Answers(std::size_t limit_bytes) : limit_(limit_bytes) {}

    /// The answer to `question` (which starts with the kind of question, so that its type is known) at `version` of the
    /// ledger. `make` computes a base::Result<T>; `bytes_of` says how much memory a T holds. Errors are not kept.
    template <class Make, class BytesOf>
    auto get(const std::string& question, std::uint64_t version, Make make, BytesOf bytes_of) -> decltype(make()) {
        using T = typename decltype(make())::value_type;
        std::unique_lock lock(mutex_);
        for (;;) {
            const auto found = entries_.find(question);
            if (found == entries_.end()) {
                break;
            }
            if (found->second.version != version && !found->second.computing) {
                erase(found);
                break;
            }
            if (!found->second.computing) {
                order_.splice(order_.begin(), order_, found->second.place);
                ++hits_;
                const auto kept = std::static_pointer_cast<const T>(found->second.answer);
                lock.unlock();
                return *kept;  // copied outside the lock
            }
            computed_.wait(lock);
        }
        entries_[question].computing = true;
        lock.unlock();
        decltype(make()) answer = [&] {
            try {
                return make();
            } catch (...) {
                const std::lock_guard again(mutex_);
                entries_.erase(question);
                computed_.notify_all();
                throw;
            }
        }();
        std::shared_ptr<const T> kept;
        std::size_t bytes = 0;
        if (answer) {
            kept = std::make_shared<const T>(*answer);
            bytes = bytes_of(*answer) + question.size() + 200;
        }
        lock.lock();
        const auto mine = entries_.find(question);
        if (!kept || bytes > limit_ / 4) {
            entries_.erase(mine);
        } else {
            order_.push_front(question);
            mine->second = {version, false, std::move(kept), bytes, order_.begin()};
            used_ += bytes;
            while (used_ > limit_) {
                erase(entries_.find(order_.back()));
            }
        }
        lock.unlock();
        computed_.notify_all();
        return answer;
    }

    [[nodiscard]] std::size_t bytes() const {
        const std::lock_guard lock(mutex_);
        return used_;
    }
    [[nodiscard]] std::uint64_t hits() const {
        const std::lock_guard lock(mutex_);
        return hits_;
    }

private:
    struct Entry {
        std::uint64_t version = 0;
        bool computing = false;
        std::shared_ptr<const void> answer;
        std::size_t bytes = 0;
        std::list<std::string>::iterator place;
    };
    void erase(std::unordered_map<std::string, Entry>::iterator entry) {
        used_ -= entry->second.bytes;
        order_.erase(entry->second.place);
        entries_.erase(entry);
    }

    mutable std::mutex mutex_;
    std::condition_variable computed_;
    std::unordered_map<std::string, Entry> entries_;
    std::list<std::string> order_;  ///< Newest use first
    std::size_t used_ = 0;
    std::size_t limit_;
    std::uint64_t hits_ = 0;
};

}  // namespace tidemark::query
