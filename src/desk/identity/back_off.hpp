// Who guesses must wait, longer each time, and nobody is locked out for good. Decided before a password is hashed, from
// memory alone: a restart forgets it, which costs an attacker's patience little and needs no write at each guess.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foundation/base/clock.hpp"

namespace tidemark::identity {

/// One thing that guesses are counted by.
enum class LaneKind {
    kAccount,      ///< A user name, known or not, from devices it was never used on: others cannot slow the owner's own
    kKnownDevice,  ///< A user name from a device or address that signed in before
    kHost,         ///< An address: IPv4, or an IPv6 /64, which is what one customer gets
    kNet,          ///< The IPv4 /24 or IPv6 /48 around it
    kMailbox,      ///< Whoever gets a mail at the wish of strangers
};
struct Lane {
    LaneKind kind = LaneKind::kAccount;
    std::string key;
};

/// The text that stands for the host (or the net around it) of an address. What is no IP address stands for itself.
[[nodiscard]] std::string host_of(std::string_view address);
[[nodiscard]] std::string net_of(std::string_view address);

/// Thread-safe.
class BackOff {
public:
    /// At most `capacity` lanes of each kind are remembered; the longest unused is forgotten first.
    explicit BackOff(std::size_t capacity = 32768) : capacity_(capacity) {}

    /// 0: go on, and the attempt is counted as failed until succeeded() says otherwise, so that many at once are no way
    /// around. Else milliseconds to wait; nothing is counted then.
    [[nodiscard]] base::UnixMillis admit(std::span<const Lane> lanes, base::UnixMillis now);
    /// The attempt was right, or was never made: takes back what admit() counted.
    void take_back(std::span<const Lane> lanes);
    /// The person proved to be the one: the first lane (the account's) starts anew. Addresses do not, or an attacker
    /// with an account would sign in now and then.
    void succeeded(std::span<const Lane> lanes);
    /// Attempts of a lane that are counted as failed, those under way included.
    [[nodiscard]] int failures(const Lane& lane) const;
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        int failures = 0;
        base::UnixMillis until = 0, last = 0;
        std::list<std::string>::iterator age;
    };
    struct Table {
        std::unordered_map<std::string, Entry> entries;
        std::list<std::string> ages;  // the longest unused first
    };
    Entry& entry_of(const Lane& lane);

    std::size_t capacity_;
    mutable std::mutex mutex_;
    Table tables_[5];
    base::UnixMillis window_start_ = 0;
    int window_attempts_ = 0, last_window_attempts_ = 0;
};

}  // namespace tidemark::identity
