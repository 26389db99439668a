// Answers that are given more than once. An answer is kept with the state of the world it was made in (a number that
// rises with every change), and is never given in another. Each is packed and hashed once, whoever asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "foundation/base/clock.hpp"
#include "foundation/net/http.hpp"

namespace tidemark::net {

/// A 200's body with its strong ETags. Thread-safe.
class KeptAnswer {
public:
    KeptAnswer(std::string content_type, std::string body);

    /// The answer to a GET: 200 with the body, packed when the client takes it and it is worth it; 304 when the
    /// client's If-None-Match names it.
    [[nodiscard]] Response to(const Request& request) const;
    /// False while to() would first have to pack a body so large that an io thread should not do it.
    [[nodiscard]] bool at_hand(const Request& request) const;
    [[nodiscard]] std::size_t bytes() const;

private:
    [[nodiscard]] bool wants_packed(const Request& request) const;
    [[nodiscard]] std::shared_ptr<const std::string> packed() const;

    std::string content_type_;
    std::shared_ptr<const std::string> body_;
    std::string etag_, packed_etag_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const std::string> packed_;  ///< Made when first wanted
};

/// Bounded in bytes (the ones used longest ago go first) and in age: what nobody asked for in a while goes with the
/// next call. Thread-safe.
class KeptAnswers {
public:
    struct Stats {
        std::uint64_t hits = 0;
        std::size_t bytes = 0;
    };

    explicit KeptAnswers(std::size_t limit_bytes) : limit_(limit_bytes) {}

    /// The answer to `question` that was made in `state` or later and holds at the time `now`, or nullptr.
    [[nodiscard]] std::shared_ptr<const KeptAnswer> find(std::string_view question, std::uint64_t state,
                                                         base::UnixMillis now);
    /// Keeps an answer that was made in `state` and holds until `until`. One of a later state stays.
    void keep(std::string_view question, std::uint64_t state, std::shared_ptr<const KeptAnswer> answer,
              base::UnixMillis until, base::UnixMillis now);
    void clear();
    [[nodiscard]] Stats stats() const;

private:
    struct Entry {
        std::string question;
        std::uint64_t state = 0;
        base::UnixMillis until = 0;
        base::UnixMillis used = 0;
        std::size_t bytes = 0;
        std::shared_ptr<const KeptAnswer> answer;
    };
    using Entries = std::list<Entry>;
    void erase(Entries::iterator entry);
    void drop_old(base::UnixMillis now);

    const std::size_t limit_;
    mutable std::mutex mutex_;
    Entries entries_;                                                ///< Newest use first
    std::unordered_map<std::string_view, Entries::iterator> index_;  ///< Keys point into the entries
    std::size_t bytes_ = 0;
    std::uint64_t hits_ = 0;
};

}  // namespace tidemark::net
