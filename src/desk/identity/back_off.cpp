#include "desk/identity/back_off.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace tidemark::identity {

namespace {

/// How many attempts are free, then 1 s, 2 s, 4 s … at most `longest`.
struct Rule {
    int free;
    base::UnixMillis longest;
};
constexpr std::array<Rule, 5> kRules = {{
    {5, base::kMinute},        // kAccount: short, since anybody can bring it about for anybody
    {10, 5 * base::kMinute},   // kKnownDevice
    {10, 15 * base::kMinute},  // kHost
    {60, base::kMinute},       // kNet: an office or a provider's customers
    {5, base::kHour},          // kMailbox: who is kept from asking again has five links already
}};
constexpr base::UnixMillis kForgetAfter = 15 * base::kMinute;
// While there are more attempts than people make, an address gets few for free.
constexpr base::UnixMillis kWindow = 10 * base::kSecond;
constexpr int kPressure = 100;
constexpr int kPressureDivisor = 5;

/// The first `bytes` of the address in hex, with its family: "4:7f000001".
std::string prefix_of(std::string_view address, std::size_t bytes4, std::size_t bytes6) {
    std::string text(address);
    std::array<unsigned char, 16> raw{};
    std::size_t from = 0, count = 0;
    if (inet_pton(AF_INET, text.c_str(), raw.data()) == 1) {
        count = bytes4;
    } else if (inet_pton(AF_INET6, text.c_str(), raw.data()) == 1) {
        constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        const bool mapped = std::equal(kMapped.begin(), kMapped.end(), raw.begin());
        from = mapped ? 12 : 0;
        count = mapped ? bytes4 : bytes6;
    } else {
        return text;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = count == bytes4 && (from != 0 || text.find(':') == std::string::npos) ? "4:" : "6:";
    for (std::size_t i = from; i < from + count; ++i) {
        out += kDigits[raw[i] >> 4];
        out += kDigits[raw[i] & 15];
    }
    return out;
}

}  // namespace

std::string host_of(std::string_view address) { return prefix_of(address, 4, 8); }
std::string net_of(std::string_view address) { return prefix_of(address, 3, 6); }

BackOff::Entry& BackOff::entry_of(const Lane& lane) {
    Table& table = tables_[static_cast<std::size_t>(lane.kind)];
    auto found = table.entries.find(lane.key);
    if (found == table.entries.end()) {
        if (table.entries.size() >= capacity_) {
            table.entries.erase(table.ages.front());
            table.ages.pop_front();
        }
        found = table.entries.emplace(lane.key, Entry{}).first;
        found->second.age = table.ages.insert(table.ages.end(), lane.key);
    } else {
        table.ages.splice(table.ages.end(), table.ages, found->second.age);
    }
    return found->second;
}

base::UnixMillis BackOff::admit(std::span<const Lane> lanes, base::UnixMillis now) {
    const std::lock_guard lock(mutex_);
    if (now - window_start_ >= kWindow) {
        last_window_attempts_ = now - window_start_ < 2 * kWindow ? window_attempts_ : 0;
        window_attempts_ = 0;
        window_start_ = now;
    }
    ++window_attempts_;
    const bool pressure = std::max(window_attempts_, last_window_attempts_) > kPressure;
    base::UnixMillis wait = 0;
    for (const Lane& lane : lanes) {
        const Table& table = tables_[static_cast<std::size_t>(lane.kind)];
        if (const auto found = table.entries.find(lane.key); found != table.entries.end()) {
            wait = std::max(wait, found->second.until - now);
        }
    }
    if (wait > 0) {
        return wait;
    }
    for (const Lane& lane : lanes) {
        const Rule& rule = kRules[static_cast<std::size_t>(lane.kind)];
        Entry& entry = entry_of(lane);
        if (now - std::max(entry.last, entry.until) > kForgetAfter) {
            entry.failures = 0;
        }
        ++entry.failures;
        entry.last = now;
        const bool of_address = lane.kind == LaneKind::kHost || lane.kind == LaneKind::kNet;
        const int over = entry.failures - (pressure && of_address ? rule.free / kPressureDivisor : rule.free);
        if (over >= 0) {
            entry.until = now + std::min(rule.longest, base::kSecond << std::min(over, 20));
        }
    }
    return 0;
}

void BackOff::take_back(std::span<const Lane> lanes) {
    const std::lock_guard lock(mutex_);
    for (const Lane& lane : lanes) {
        Entry& entry = entry_of(lane);
        entry.failures = std::max(0, entry.failures - 1);
        // What others' guesses brought about stays, or a right password now and then would be the way around.
        if (entry.failures < kRules[static_cast<std::size_t>(lane.kind)].free) {
            entry.until = 0;
        }
    }
}

void BackOff::succeeded(std::span<const Lane> lanes) {
    take_back(lanes);
    const std::lock_guard lock(mutex_);
    if (!lanes.empty()) {
        Entry& own = entry_of(lanes.front());
        own.failures = 0;
        own.until = 0;
    }
}

int BackOff::failures(const Lane& lane) const {
    const std::lock_guard lock(mutex_);
    const Table& table = tables_[static_cast<std::size_t>(lane.kind)];
    const auto found = table.entries.find(lane.key);
    return found == table.entries.end() ? 0 : found->second.failures;
}

std::size_t BackOff::size() const {
    const std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const Table& table : tables_) {
        sum += table.entries.size();
    }
    return sum;
}

}  // namespace tidemark::identity
