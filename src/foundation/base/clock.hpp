// The only place where the system clock is read, so that tests and the demo can set it.
#pragma once

#include <cstdint>

namespace tidemark::base {

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. All times in Tidemark have this type unless they say
/// else.
using UnixMillis = std::int64_t;

constexpr UnixMillis kSecond = 1000;
constexpr UnixMillis kMinute = 60 * kSecond;
constexpr UnixMillis kQuarter = 15 * kMinute;
constexpr UnixMillis kHour = 60 * kMinute;
constexpr UnixMillis kDay = 24 * kHour;

/// Now, or the time that set_fixed_now() fixed.
[[nodiscard]] UnixMillis now();

/// Tests only: now() returns this value from here on; 0 gives the system clock back.
void set_fixed_now(UnixMillis time);

/// Nanoseconds of a monotonic clock with an arbitrary start: for durations.
[[nodiscard]] std::int64_t monotonic_nanos();

}  // namespace tidemark::base
