// The values that flow through the ledger, from a source's row to the store: no I/O, no policy.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/money.hpp"

namespace tidemark::model {

/// Token counts of one request or a sum of them. `input` excludes both cache figures; `thinking` is part of `output`.
struct TokenCounts {
    std::int64_t input = 0;
    std::int64_t output = 0;
    std::int64_t thinking = 0;
    std::int64_t cache_write_5m = 0;
    std::int64_t cache_write_1h = 0;
    std::int64_t cache_read = 0;

    bool operator==(const TokenCounts&) const = default;
    TokenCounts& operator+=(const TokenCounts& other);
    TokenCounts& operator-=(const TokenCounts& other);
    [[nodiscard]] std::int64_t cache_write() const { return cache_write_5m + cache_write_1h; }
    /// What one request put before the model: chooses prompt-length price tiers and is the context in use.
    [[nodiscard]] std::int64_t prompt() const { return input + cache_write() + cache_read; }
    [[nodiscard]] std::int64_t total() const { return prompt() + output; }
};

/// Who asked: the main conversation, a subagent (sidechain), or a helper call of the client itself (compaction,
/// advisor, …).
enum class RequestKind : std::uint8_t { kMain = 0, kSubagent = 1, kAuxiliary = 2 };
enum class Speed : std::uint8_t { kStandard = 0, kFast = 1 };
enum class ServiceTier : std::uint8_t { kUnknown = 0, kStandard = 1, kPriority = 2, kBatch = 3 };

[[nodiscard]] std::string_view to_string(RequestKind kind);  // main | subagent | auxiliary
[[nodiscard]] std::string_view to_string(Speed speed);       // standard | fast
[[nodiscard]] std::string_view to_string(ServiceTier tier);  // "" | standard | priority | batch
[[nodiscard]] ServiceTier service_tier_from(std::string_view text);

/// One use of a tool, told apart by its tool_use id (several rows repeat the same use).
struct ToolUse {
    std::uint64_t id_hash = 0;  ///< base::hash64 of the tool_use id
    std::string_view name;      ///< "Bash", "mcp__github__search_code"
};

/// One billed model request as a source reports it. String views point into the source's buffer and die with it.
struct RequestRow {
    // identity
    /// The de-duplication key as text: message id, or session + id, or row uuid (formats.md 1.6)
    std::string_view message_id;
    std::string_view request_id;  ///< May be empty
    // when and where
    base::UnixMillis time = 0;
    std::string_view session;  ///< The session that paid (a fork's copied rows name the original)
    std::string_view cwd;
    std::string_view branch;
    std::string_view version;
    std::string_view entrypoint;
    std::string_view model;  ///< As the API returned it
    std::string_view effort;
    std::string_view geo;
    std::string_view stop_reason;
    std::string_view agent_id;  ///< Subagents only
    std::string_view agent;     ///< Attribution: agent name/type, skill, plugin, MCP server and tool
    std::string_view skill;
    std::string_view plugin;
    std::string_view mcp_server;
    std::string_view mcp_tool;
    RequestKind kind = RequestKind::kMain;
    Speed speed = Speed::kStandard;
    ServiceTier tier = ServiceTier::kUnknown;
    // how much
    TokenCounts tokens;
    std::int64_t web_searches = 0;
    std::int64_t web_fetches = 0;
    std::int64_t duration_ms = -1;  ///< From the row before the answer to its last row; -1 unknown
    bool incomplete = false;        ///< The final output count was never written: at least this much
    bool free_refusal = false;      ///< Anthropic does not bill this refusal: tokens count, cost is 0
    bool sidechain = false;
    std::uint64_t uuid_hash = 0;  ///< Last tie-breaker, so that the winner never depends on the order of files
};

/// Which of two rows of one message is the better evidence (formats.md 1.6 rule 4): higher wins, the same in any order.
struct RowRank {
    std::int64_t output = 0;
    /// bit 3: has stop_reason, bit 2: not sidechain, bit 1: has request id, bit 0: not a fork's copy
    std::uint8_t quality = 0;
    base::UnixMillis time = 0;
    std::uint64_t uuid_hash = 0;
    auto operator<=>(const RowRank&) const = default;
};
[[nodiscard]] RowRank rank_of(const RequestRow& row, bool fork_copy);

/// Things that happen in a session beside requests.
enum class EventKind : std::uint8_t {
    kTurn = 0,  ///< value1 = duration in ms
    kCompaction =
        1,          ///< value1 = tokens before, value2 = tokens after (-1 unknown), text = "auto" | "manual" | "micro"
    kApiError = 2,  ///< value1 = HTTP status (-1 unknown), value2 = attempt, text = error type
    kLimitHit = 3,  ///< value1 = reset time in ms (-1 unknown), text = "five_hour" | "seven_day" | "spend" | "unknown"
    kPullRequest = 4,  ///< value1 = number, text = repository
    kLines = 5,        ///< value1 = lines added, value2 = lines removed by one edit
    kToolError = 6,    ///< value1 = tool_use id hash, text = tool name (may be empty)
};

struct SessionEvent {
    std::uint64_t key = 0;  ///< Hash of what identifies it (row uuid): the same event twice is one
    EventKind kind = EventKind::kTurn;
    base::UnixMillis time = 0;
    std::string_view session;
    std::int64_t value1 = -1;
    std::int64_t value2 = -1;
    std::string_view text;
};

/// The client's own running total of a session (formats.md 1.7): the last one wins.
struct CostState {
    std::string_view session;
    base::UnixMillis started = 0;
    base::NanoUsd total_cost;
    TokenCounts tokens;  ///< Over all models; cache_write_1h is 0 where the client gives no split
    std::int64_t web_searches = 0;
    std::int64_t api_duration_ms = 0;
    std::int64_t lines_added = 0;
    std::int64_t lines_removed = 0;
};

/// A line that could not be read. The line's text is never kept.
struct BadLine {
    std::int64_t line = 0;  ///< 1-based
    std::string reason;
};

/// Sums of the ledger, per any group.
struct Measures {
    TokenCounts tokens;
    base::NanoUsd cost;  ///< Of the priced requests
    std::int64_t requests = 0;
    std::int64_t web_searches = 0;
    std::int64_t incomplete_requests = 0;  ///< Output is a lower bound
    std::int64_t unpriced_requests = 0;    ///< Model not in the price book
    std::int64_t unpriced_tokens = 0;
    std::int64_t duration_ms = 0;     ///< Sum over the requests whose duration is known
    std::int64_t timed_requests = 0;  ///< How many those are

    Measures& operator+=(const Measures& other);
    Measures& operator-=(const Measures& other);
    bool operator==(const Measures&) const = default;
};

/// One step of the ledger, as the live feed tells it: what a commit added (or took back) per 15-minute bucket and
/// group.
struct UsageDelta {
    base::UnixMillis quarter = 0;  ///< Start of the 15-minute bucket
    std::string session;
    std::string project;
    std::string model;
    std::string branch;
    std::string member;
    RequestKind kind = RequestKind::kMain;
    Measures change;
};
struct UsageChange {
    std::uint64_t seq = 0;  ///< 1, 2, … in this data folder; never reused
    base::UnixMillis time = 0;
    std::vector<UsageDelta> deltas;
    bool complete = true;  ///< False: too much changed to tell (an import, a repricing); listeners fetch anew
    std::vector<std::string> new_sessions;
};

}  // namespace tidemark::model
