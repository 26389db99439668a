// The few keys of Claude Code's own settings that decide how long transcripts live.
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::transcripts {

/// Days after which the client deletes transcripts when its settings do not say (formats.md 1.2).
constexpr std::int64_t kDefaultCleanupDays = 30;

/// `cleanupPeriodDays` of <config home>/settings.json, else the default. The file can hold secrets: no other key is
/// read.
[[nodiscard]] std::int64_t cleanup_period_days(const std::string& config_home);

}  // namespace tidemark::transcripts
