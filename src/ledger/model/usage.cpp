#include "ledger/model/usage.hpp"

namespace tidemark::model {

TokenCounts& TokenCounts::operator+=(const TokenCounts& other) {
    input += other.input;
    output += other.output;
    thinking += other.thinking;
    cache_write_5m += other.cache_write_5m;
    cache_write_1h += other.cache_write_1h;
    cache_read += other.cache_read;
    return *this;
}

TokenCounts& TokenCounts::operator-=(const TokenCounts& other) {
    input -= other.input;
    output -= other.output;
    thinking -= other.thinking;
    cache_write_5m -= other.cache_write_5m;
    cache_write_1h -= other.cache_write_1h;
    cache_read -= other.cache_read;
    return *this;
}

std::string_view to_string(RequestKind kind) {
    switch (kind) {
        case RequestKind::kMain: return "main";
        case RequestKind::kSubagent: return "subagent";
        case RequestKind::kAuxiliary: return "auxiliary";
    }
    return "main";
}

std::string_view to_string(Speed speed) { return speed == Speed::kFast ? "fast" : "standard"; }

std::string_view to_string(ServiceTier tier) {
    switch (tier) {
        case ServiceTier::kUnknown: return "";
        case ServiceTier::kStandard: return "standard";
        case ServiceTier::kPriority: return "priority";
        case ServiceTier::kBatch: return "batch";
    }
    return "";
}

ServiceTier service_tier_from(std::string_view text) {
    if (text == "standard") {
        return ServiceTier::kStandard;
    }
    if (text == "priority") {
        return ServiceTier::kPriority;
    }
    return text == "batch" ? ServiceTier::kBatch : ServiceTier::kUnknown;
}

RowRank rank_of(const RequestRow& row, bool fork_copy) {
    RowRank rank;
    rank.output = row.tokens.output;
    rank.quality = static_cast<std::uint8_t>((row.stop_reason.empty() ? 0 : 8) | (row.sidechain ? 0 : 4) |
                                             (row.request_id.empty() ? 0 : 2) | (fork_copy ? 0 : 1));
    rank.time = row.time;
    rank.uuid_hash = row.uuid_hash;
    return rank;
}

Measures& Measures::operator+=(const Measures& other) {
    tokens += other.tokens;
    cost += other.cost;
    requests += other.requests;
    web_searches += other.web_searches;
    incomplete_requests += other.incomplete_requests;
    unpriced_requests += other.unpriced_requests;
    unpriced_tokens += other.unpriced_tokens;
    duration_ms += other.duration_ms;
    timed_requests += other.timed_requests;
    return *this;
}

Measures& Measures::operator-=(const Measures& other) {
    tokens -= other.tokens;
    cost -= other.cost;
    requests -= other.requests;
    web_searches -= other.web_searches;
    incomplete_requests -= other.incomplete_requests;
    unpriced_requests -= other.unpriced_requests;
    unpriced_tokens -= other.unpriced_tokens;
    duration_ms -= other.duration_ms;
    timed_requests -= other.timed_requests;
    return *this;
}

}  // namespace tidemark::model
