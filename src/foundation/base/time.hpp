// Calendar time: RFC 3339 text, IANA time zones and local buckets (days, weeks, months).
// Zones come from the system's tzdata through Abseil's cctz (docs/adr/0003-time-zones.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"

namespace tidemark::base {

/// Parses "2026-11-23T01:58:34.828Z" (any fraction, 'Z' or a numeric offset, 'T' or a space). No leap seconds.
/// Returns nothing when the text is not a time; fast enough for every transcript row (no allocation).
[[nodiscard]] std::optional<UnixMillis> parse_rfc3339(std::string_view text);

/// "2026-11-23T01:58:34.828Z"; milliseconds are always written.
[[nodiscard]] std::string to_rfc3339(UnixMillis time);

struct CivilDate {
    std::int32_t year = 1970;
    std::int32_t month = 1;  ///< 1 … 12
    std::int32_t day = 1;    ///< 1 … 31
    auto operator<=>(const CivilDate&) const = default;
};

/// Proleptic Gregorian day number, 1970-01-01 = 0 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
[[nodiscard]] std::int64_t days_from_civil(CivilDate date);
[[nodiscard]] CivilDate civil_from_days(std::int64_t days);
/// 0 = Sunday … 6 = Saturday.
[[nodiscard]] int weekday_from_days(std::int64_t days);
/// "2026-11-23"; also accepts "20261123" when reading.
[[nodiscard]] std::string to_string(CivilDate date);
[[nodiscard]] std::optional<CivilDate> parse_date(std::string_view text);

/// Calendar units and fixed steps a chart or a report is cut into. k5m needs single requests; the rest come from
/// rollups.
enum class Bucket { k5m, k15m, k1h, k1d, k1w, k1mo, k1y };

/// First day of the week, 0 = Sunday … 6 = Saturday; ISO weeks start on 1.
using WeekStart = int;

/// One IANA time zone. Copies are cheap (a pointer); all methods are thread-safe.
class TimeZone {
public:
    /// UTC.
    TimeZone();
    /// "Asia/Shanghai", "UTC", "local" or "" (= the machine's: TZ, else /etc/localtime). Unknown names are an error.
    static Result<TimeZone> load(std::string_view name);

    [[nodiscard]] const std::string& name() const { return name_; }
    /// Seconds east of UTC at that time.
    [[nodiscard]] int offset_seconds(UnixMillis time) const;
    /// The local calendar day that holds the time.
    [[nodiscard]] CivilDate date_of(UnixMillis time) const;
    /// Local hour 0 … 23.
    [[nodiscard]] int hour_of(UnixMillis time) const;
    /// The first instant of a local day (00:00, or the end of the gap where a clock change skips midnight).
    [[nodiscard]] UnixMillis start_of(CivilDate date) const;
    /// The start of the bucket that holds `time`.
    [[nodiscard]] UnixMillis floor(UnixMillis time, Bucket bucket, WeekStart week_start = 1) const;
    /// The starts of all buckets that overlap [from, to), in order, and the end of the last one: n buckets, n + 1
    /// edges.
    [[nodiscard]] std::vector<UnixMillis> edges(UnixMillis from, UnixMillis to, Bucket bucket,
                                                WeekStart week_start = 1) const;
    /// "2026-11-23T09:58:34+08:00"
    [[nodiscard]] std::string format(UnixMillis time) const;

private:
    std::string name_;
    const void* zone_;  // owned by the zone cache, never freed
};

}  // namespace tidemark::base
