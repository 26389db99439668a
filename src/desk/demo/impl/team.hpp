// Who works when, on what and with which model: the demo's calendar, free of any row format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"

namespace tidemark::demo {

enum class SessionKind {
    kNormal,
    kRunaway,  ///< An unattended agent that starts subagents in a loop, in fast mode: the incident of the demo
    kLive,     ///< Never pauses and costs little: the pulse of the live page
};

struct SessionPlan {
    std::uint64_t seed = 0;  ///< Everything inside the session follows from it
    SessionKind kind = SessionKind::kNormal;
    base::UnixMillis start = 0;
    base::UnixMillis latest_end = 0;  ///< No turn starts after it
    std::int64_t requests = 0;        ///< About so many by the main conversation
    std::string person;
    std::string zone;  ///< IANA name, for the client's messages
    std::string cwd;
    std::string repository;  ///< "demo-team/checkout-api"
    std::string branch;
    std::string model;                ///< As the API names it
    std::string agent_model;          ///< Of its subagents
    std::string version;              ///< Of the client
    std::int64_t version_number = 0;  ///< 2001330 for 2.1.330
    std::string geo;
    std::string entrypoint;
    bool bedrock = false;  ///< No request ids, other message ids
    bool fast = false;
    bool long_cache = false;      ///< Writes the one-hour cache
    std::int64_t compact_at = 0;  ///< Context size at which the client compacts
};

/// The sessions that begin on a day (days since 1970, each person's local day), in no particular order.
[[nodiscard]] std::vector<SessionPlan> plan_day(std::uint64_t seed, std::int64_t day, double scale);

/// One of the two sessions that run at any time while the demo is live. They follow each other in slots.
constexpr base::UnixMillis kLiveSlot = 40 * base::kMinute;
constexpr int kLiveLanes = 2;
[[nodiscard]] std::int64_t live_slot(base::UnixMillis now, int lane);
[[nodiscard]] SessionPlan plan_live(std::uint64_t seed, std::int64_t slot, int lane);

}  // namespace tidemark::demo
