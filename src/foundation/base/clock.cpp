#include "foundation/base/clock.hpp"

#include <atomic>
#include <chrono>

namespace tidemark::base {

namespace {
std::atomic<UnixMillis> fixed_now{0};
}

UnixMillis now() {
    if (const UnixMillis fixed = fixed_now.load(std::memory_order_relaxed); fixed != 0) {
        return fixed;
    }
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

void set_fixed_now(UnixMillis time) { fixed_now.store(time, std::memory_order_relaxed); }

std::int64_t monotonic_nanos() {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since_start).count();
}

}  // namespace tidemark::base
