#include "desk/backup/schedule.hpp"

#include <algorithm>

namespace tidemark::backup {

namespace {

/// The moment a local day's clock shows that hour; where a clock change skips it, the moment after.
base::UnixMillis at_hour(base::CivilDate date, int hour, const base::TimeZone& zone) {
    const base::UnixMillis start = zone.start_of(date);
    const base::UnixMillis time = start + hour * base::kHour;
    return time + (zone.offset_seconds(start) - zone.offset_seconds(time)) * base::kSecond;
}

}  // namespace

base::UnixMillis next_due(const Attempts& attempts, base::UnixMillis now, int hour, const base::TimeZone& zone) {
    base::UnixMillis due = now;
    if (attempts.last_made) {
        // A backup of the future was made by a wrong clock: it must not put off the next one.
        const base::UnixMillis last = std::min(*attempts.last_made, now);
        const base::CivilDate day = zone.date_of(last);
        due = at_hour(day, hour, zone);
        if (due <= last) {
            due = at_hour(base::civil_from_days(base::days_from_civil(day) + 1), hour, zone);
        }
    }
    return attempts.last_failed ? std::max(due, std::min(*attempts.last_failed, now) + kRetryAfter) : due;
}

std::vector<std::string> expired(std::vector<Kept> backups, base::UnixMillis now, const Retention& keep,
                                 const base::TimeZone& zone) {
    std::erase_if(backups, [now](const Kept& one) { return one.made_at > now; });
    std::ranges::sort(backups, std::ranges::greater(), &Kept::made_at);
    std::vector<bool> kept(backups.size(), false);
    const auto keep_newest_of = [&](base::Bucket period, int count) {
        std::optional<base::UnixMillis> last;
        for (std::size_t i = 0; i < backups.size() && count > 0; ++i) {
            const base::UnixMillis start = zone.floor(backups[i].made_at, period);
            if (start != last) {
                last = start;
                kept[i] = true;
                --count;
            }
        }
    };
    keep_newest_of(base::Bucket::k1d, std::max(keep.daily, 1));
    keep_newest_of(base::Bucket::k1w, keep.weekly);
    keep_newest_of(base::Bucket::k1mo, keep.monthly);
    std::vector<std::string> names;
    for (std::size_t i = backups.size(); i-- > 0;) {
        if (!kept[i]) {
            names.push_back(std::move(backups[i].name));
        }
    }
    return names;
}

}  // namespace tidemark::backup
