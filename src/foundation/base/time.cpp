#include "foundation/base/time.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>

#include <unistd.h>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

namespace tidemark::base {

namespace {

// Zones are loaded once and live for ever: a handful a process.
struct ZoneCache {
    std::mutex mutex;
    std::map<std::string, std::unique_ptr<absl::TimeZone>, std::less<>> zones;
};
ZoneCache& zone_cache() {
    static ZoneCache cache;
    return cache;
}

const absl::TimeZone& as_zone(const void* zone) { return *static_cast<const absl::TimeZone*>(zone); }

const void* utc_zone() {
    static const absl::TimeZone zone = absl::UTCTimeZone();
    return &zone;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

/// Reads exactly `count` digits at `at`; -1 when one of them is not a digit.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) {
        return -1;
    }
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        const int digit = text[i] - '0';
        if (digit < 0 || digit > 9) {
            return -1;
        }
        value = value * 10 + digit;
    }
    return value;
}

int days_in_month(int year, int month) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[month - 1];
}

}  // namespace

std::int64_t days_from_civil(CivilDate date) {
    const std::int64_t y = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floor_div(y, 400);
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
    days += 719468;
    const std::int64_t era = floor_div(days, 146097);
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_index = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * month_index + 2) / 5 + 1;
    const std::int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
    const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    return {static_cast<std::int32_t>(year), static_cast<std::int32_t>(month), static_cast<std::int32_t>(day)};
}

int weekday_from_days(std::int64_t days) { return static_cast<int>(((days + 4) % 7 + 7) % 7); }

std::string to_string(CivilDate date) {
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    return text;
}

std::optional<CivilDate> parse_date(std::string_view text) {
    int year = -1;
    int month = -1;
    int day = -1;
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
        year = digits(text, 0, 4);
        month = digits(text, 5, 2);
        day = digits(text, 8, 2);
    } else if (text.size() == 8) {
        year = digits(text, 0, 4);
        month = digits(text, 4, 2);
        day = digits(text, 6, 2);
    }
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        return std::nullopt;
    }
    return CivilDate{year, month, day};
}

std::optional<UnixMillis> parse_rfc3339(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
        text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60) {
        return std::nullopt;
    }
    std::size_t at = 19;
    UnixMillis millis = 0;
    if (text[at] == '.') {
        ++at;
        UnixMillis scale = 100;
        const std::size_t first = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            millis += scale * (text[at] - '0');
            scale /= 10;
        }
        if (at == first) {
            return std::nullopt;
        }
    }
    if (at >= text.size()) {
        return std::nullopt;
    }
    UnixMillis offset = 0;
    if (text[at] == 'Z' || text[at] == 'z') {
        ++at;
    } else if (text[at] == '+' || text[at] == '-') {
        const int hours = digits(text, at + 1, 2);
        const int minutes = at + 3 < text.size() && text[at + 3] == ':' ? digits(text, at + 4, 2) : -1;
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return std::nullopt;
        }
        offset = (hours * 60 + minutes) * kMinute * (text[at] == '-' ? -1 : 1);
        at += 6;
    } else {
        return std::nullopt;
    }
    if (at != text.size()) {
        return std::nullopt;
    }
    const std::int64_t days = days_from_civil({year, month, day});
    return days * kDay + hour * kHour + minute * kMinute + second * kSecond + millis - offset;
}

std::string to_rfc3339(UnixMillis time) {
    const std::int64_t days = floor_div(time, kDay);
    const UnixMillis rest = time - days * kDay;
    const CivilDate date = civil_from_days(days);
    if (date.year < 0 || date.year > 9999) {
        char text[48];
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.year, date.month, date.day,
                      static_cast<int>(rest / kHour), static_cast<int>(rest / kMinute % 60),
                      static_cast<int>(rest / kSecond % 60), static_cast<int>(rest % kSecond));
        return text;
    }
    // Answers of the API hold thousands of times: digits by hand take a tenth of what printf takes.
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&text](std::size_t last, std::int64_t value) {
        for (; value > 0; value /= 10, --last) {
            text[last] = static_cast<char>('0' + value % 10);
        }
    };
    put(3, date.year);
    put(6, date.month);
    put(9, date.day);
    put(12, rest / kHour);
    put(15, rest / kMinute % 60);
    put(18, rest / kSecond % 60);
    put(22, rest % kSecond);
    return text;
}

TimeZone::TimeZone() : name_("UTC"), zone_(utc_zone()) {}

Result<TimeZone> TimeZone::load(std::string_view name) {
    TimeZone result;
    if (name == "UTC") {
        return result;
    }
    ZoneCache& cache = zone_cache();
    const std::lock_guard lock(cache.mutex);
    auto found = cache.zones.find(name);
    if (found == cache.zones.end()) {
        absl::TimeZone zone;
        if (name.empty() || name == "local") {
            zone = absl::LocalTimeZone();
        } else if (name.find("..") != std::string_view::npos || name.front() == '/' || name.front() == ':' ||
                   !absl::LoadTimeZone(std::string(name), &zone)) {
            return fail(ErrorCode::kInvalidArgument,
                        "unknown time zone '" + std::string(name) + "': use an IANA name such as Asia/Shanghai");
        }
        found = cache.zones.emplace(std::string(name), std::make_unique<absl::TimeZone>(zone)).first;
    }
    result.zone_ = found->second.get();
    result.name_ = found->second->name();
    if (result.name_ == "localtime" || result.name_ == "/etc/localtime") {
        // cctz calls an unnamed local zone after its file; the link target carries the IANA name.
        char target[512];
        const ssize_t length = ::readlink("/etc/localtime", target, sizeof target);
        const std::string_view path(target, length > 0 ? static_cast<std::size_t>(length) : 0);
        const auto at = path.find("zoneinfo/");
        result.name_ = at == std::string_view::npos ? "UTC" : std::string(path.substr(at + 9));
    }
    return result;
}

int TimeZone::offset_seconds(UnixMillis time) const { return as_zone(zone_).At(absl::FromUnixMillis(time)).offset; }

CivilDate TimeZone::date_of(UnixMillis time) const {
    return civil_from_days(floor_div(time + offset_seconds(time) * kSecond, kDay));
}

int TimeZone::hour_of(UnixMillis time) const {
    const UnixMillis local = time + offset_seconds(time) * kSecond;
    return static_cast<int>((local - floor_div(local, kDay) * kDay) / kHour);
}

UnixMillis TimeZone::start_of(CivilDate date) const {
    const auto info = as_zone(zone_).At(absl::CivilSecond(date.year, date.month, date.day));
    // A skipped midnight has no instant of its own: the day begins at the transition. A repeated one begins at the
    // first.
    return absl::ToUnixMillis(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre);
}

UnixMillis TimeZone::floor(UnixMillis time, Bucket bucket, WeekStart week_start) const {
    switch (bucket) {
        case Bucket::k5m: return floor_div(time, 5 * kMinute) * 5 * kMinute;
        case Bucket::k15m: return floor_div(time, kQuarter) * kQuarter;
        case Bucket::k1h: {
            // Zones may be off by 30 or 45 minutes, so the hour is cut in local time.
            const UnixMillis offset = offset_seconds(time) * kSecond;
            return floor_div(time + offset, kHour) * kHour - offset;
        }
        default: break;
    }
    CivilDate date = date_of(time);
    if (bucket == Bucket::k1w) {
        const std::int64_t days = days_from_civil(date);
        date = civil_from_days(days - (weekday_from_days(days) - week_start + 7) % 7);
    } else if (bucket == Bucket::k1mo) {
        date.day = 1;
    } else if (bucket == Bucket::k1y) {
        date = {date.year, 1, 1};
    }
    return start_of(date);
}

std::vector<UnixMillis> TimeZone::edges(UnixMillis from, UnixMillis to, Bucket bucket, WeekStart week_start) const {
    std::vector<UnixMillis> result{floor(from, bucket, week_start)};
    CivilDate date = date_of(result.back());
    while (result.back() < to) {
        UnixMillis next = result.back();
        switch (bucket) {
            case Bucket::k5m: next += 5 * kMinute; break;
            case Bucket::k15m: next += kQuarter; break;
            case Bucket::k1h: next += kHour; break;
            case Bucket::k1d:
            case Bucket::k1w:
                date = civil_from_days(days_from_civil(date) + (bucket == Bucket::k1d ? 1 : 7));
                next = start_of(date);
                break;
            case Bucket::k1mo:
                date = date.month == 12 ? CivilDate{date.year + 1, 1, 1} : CivilDate{date.year, date.month + 1, 1};
                next = start_of(date);
                break;
            case Bucket::k1y:
                date = {date.year + 1, 1, 1};
                next = start_of(date);
                break;
        }
        if (next > result.back()) {  // a whole day can be missing (Samoa, 2011-12-30)
            result.push_back(next);
        }
    }
    return result;
}

std::string TimeZone::format(UnixMillis time) const {
    return absl::FormatTime("%Y-%m-%d%ET%H:%M:%S%Ez", absl::FromUnixMillis(time), as_zone(zone_));
}

}  // namespace tidemark::base
