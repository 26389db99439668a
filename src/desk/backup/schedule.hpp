// When a backup is due, and which are kept. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::backup {

/// How long after a failure it is tried again.
constexpr base::UnixMillis kRetryAfter = base::kHour;

struct Attempts {
    std::optional<base::UnixMillis> last_made;    ///< Of the newest scheduled backup
    std::optional<base::UnixMillis> last_failed;  ///< Nothing when none failed since then
};
/// When the next one is due: at `hour` (0 … 23) of `zone`, once a local day, at once when that was missed or there is
/// none yet, later when the last try failed. A time that is not after `now` means now.
[[nodiscard]] base::UnixMillis next_due(const Attempts& attempts, base::UnixMillis now, int hour,
                                        const base::TimeZone& zone);

/// Of how many days, weeks (from Monday) and months the newest backup is kept. Those without one do not count: when
/// backups stop, nothing is removed.
struct Retention {
    int daily = 7;
    int weekly = 5;
    int monthly = 12;
};
struct Kept {
    std::string name;
    base::UnixMillis made_at = 0;
};
/// The names of the backups that are of no more use, the oldest first. The newest one always stays, and so do those
/// from after `now`, which a wrong clock made.
[[nodiscard]] std::vector<std::string> expired(std::vector<Kept> backups, base::UnixMillis now, const Retention& keep,
                                               const base::TimeZone& zone);

}  // namespace tidemark::backup
