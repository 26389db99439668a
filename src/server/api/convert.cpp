#include "server/api/convert.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::api {
namespace {

void fill(Session& out, const query::SessionRow& row) {
    out.id = row.id;
    out.project = to_dto(row.project);
    out.branch = row.branch;
    out.models = row.models;
    out.started = {row.started};
    out.last_activity = {row.last_activity};
    out.active = row.active;
    out.parent_session = row.parent_session;
    out.version = row.version;
    out.entrypoint = row.entrypoint;
    out.measures = to_dto(row.totals);
    out.duration_ms = row.last_activity - row.started;
    out.context_tokens = row.context_tokens;
    out.context_window = row.context_window;
    out.subagents = row.subagents;
    out.compactions = row.compactions;
    out.api_errors = row.api_errors;
    out.limit_hits = row.limit_hits;
    out.lines_added = row.lines_added;
    out.lines_removed = row.lines_removed;
    out.pull_requests = row.pull_requests;
}

void fill(UsageRecord& out, query::Record record) {
    out.id = std::to_string(record.id);
    out.time = {record.time};
    out.session_id = std::move(record.session_id);
    out.project = std::move(record.project);
    out.branch = std::move(record.branch);
    out.model = std::move(record.model);
    out.model_given = std::move(record.model_given);
    out.kind = record.kind;
    out.agent = std::move(record.agent);
    out.input_tokens = record.tokens.input;
    out.output_tokens = record.tokens.output;
    out.thinking_tokens = record.tokens.thinking;
    out.cache_write_5m_tokens = record.tokens.cache_write_5m;
    out.cache_write_1h_tokens = record.tokens.cache_write_1h;
    out.cache_read_tokens = record.tokens.cache_read;
    out.web_searches = record.web_searches;
    out.cost = record.cost;
    out.duration_ms = record.duration_ms;
    out.stop_reason = std::move(record.stop_reason);
    out.speed = record.speed;
    if (record.tier != model::ServiceTier::kUnknown) {
        out.service_tier = model::to_string(record.tier);
    }
    out.geo = std::move(record.geo);
    out.effort = std::move(record.effort);
    out.incomplete = record.incomplete;
    out.message_id = std::move(record.message_id);
    out.request_id = std::move(record.request_id);
    for (query::ToolCount& tool : record.tools) {
        out.tools.push_back({std::move(tool.name), tool.calls});
    }
    out.version = std::move(record.version);
    out.entrypoint = std::move(record.entrypoint);
    if (record.source) {
        out.source = SourceLine{std::move(record.source->first), record.source->second};
    }
}

std::optional<std::int64_t> known(std::int64_t value) { return value < 0 ? std::nullopt : std::optional(value); }

std::optional<std::string> known(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

/// Nothing for kinds that are counted and not shown one by one.
std::optional<SessionEvent> to_event(const query::EventRow& row) {
    SessionEvent event;
    event.time = {row.time};
    SessionEventDetail& detail = event.detail;
    switch (row.kind) {
        case model::EventKind::kTurn:
            event.type = SessionEventType::kTurn;
            detail.duration_ms = known(row.value1);
            return event;
        case model::EventKind::kCompaction:
            event.type = SessionEventType::kCompaction;
            detail.tokens_before = known(row.value1);
            detail.tokens_after = known(row.value2);
            detail.trigger = known(row.text);
            return event;
        case model::EventKind::kApiError:
            event.type = SessionEventType::kApiError;
            detail.status = known(row.value1);
            detail.attempt = known(row.value2);
            detail.error = known(row.text);
            return event;
        case model::EventKind::kLimitHit:
            event.type = SessionEventType::kLimitHit;
            detail.resets_at = to_time(row.value1);
            detail.limit = known(row.text);
            return event;
        case model::EventKind::kPullRequest:
            event.type = SessionEventType::kPullRequest;
            detail.number = known(row.value1);
            detail.repository = known(row.text);
            return event;
        case model::EventKind::kLines:
        case model::EventKind::kToolError: break;
    }
    return std::nullopt;
}

TokenPrices to_prices(const pricing::Rates& rates) {
    constexpr double kPerDollar = 1e6;  // micro-USD per million tokens
    TokenPrices prices;
    prices.input = static_cast<double>(rates.input) / kPerDollar;
    prices.output = static_cast<double>(rates.output) / kPerDollar;
    prices.cache_write_5m = static_cast<double>(rates.cache_write_5m) / kPerDollar;
    prices.cache_write_1h = static_cast<double>(rates.cache_write_1h) / kPerDollar;
    prices.cache_read = static_cast<double>(rates.cache_read) / kPerDollar;
    return prices;
}

PriceRow to_row(const pricing::PriceRow& row) {
    PriceRow out;
    static_cast<TokenPrices&>(out) = to_prices(row.rates);
    out.from = {row.from};
    out.until = to_time(row.until);
    out.web_search_per_1000 = static_cast<double>(row.web_search_nano) / 1e6;
    if (row.tier) {
        PromptTierPrices& tier = out.tier.emplace();
        static_cast<TokenPrices&>(tier) = to_prices(row.tier->rates);
        tier.above_prompt_tokens = row.tier->above_prompt_tokens;
    }
    if (row.fast) {
        out.fast = to_prices(*row.fast);
    }
    out.batch_multiplier = static_cast<double>(row.batch_permille) / 1000;
    out.us_geo_multiplier = static_cast<double>(row.us_geo_permille) / 1000;
    return out;
}

}  // namespace

std::optional<Time> to_time(base::UnixMillis time) { return time > 0 ? std::optional(Time{time}) : std::nullopt; }

Unit to_unit(query::Metric metric) {
    const std::string_view name = query::unit_of(metric);
    const auto& names = json::EnumNames<Unit>::kNames;
    return static_cast<Unit>(std::find(names.begin(), names.end(), name) - names.begin());
}

Measures to_dto(const query::Totals& totals) {
    Measures out = to_dto(totals.measures);
    out.sessions = totals.sessions;
    out.cache_hit_ratio = totals.cache_hit_ratio();
    out.average_duration = totals.average_duration_ms();
    return out;
}

Measures to_dto(const model::Measures& measures) {
    Measures out;
    out.cost = measures.cost;
    out.input_tokens = measures.tokens.input;
    out.output_tokens = measures.tokens.output;
    out.thinking_tokens = measures.tokens.thinking;
    out.cache_write_tokens = measures.tokens.cache_write();
    out.cache_write_5m_tokens = measures.tokens.cache_write_5m;
    out.cache_write_1h_tokens = measures.tokens.cache_write_1h;
    out.cache_read_tokens = measures.tokens.cache_read;
    out.total_tokens = measures.tokens.total();
    out.requests = measures.requests;
    out.web_searches = measures.web_searches;
    out.incomplete_requests = measures.incomplete_requests;
    out.unpriced_requests = measures.unpriced_requests;
    out.unpriced_tokens = measures.unpriced_tokens;
    const query::Totals derived{measures, 0};
    out.cache_hit_ratio = derived.cache_hit_ratio();
    out.duration_ms = measures.duration_ms;
    out.average_duration = derived.average_duration_ms();
    return out;
}

GroupKey to_dto(const query::GroupKey& group) { return {group.key, group.label}; }

std::vector<GroupMeasures> to_dto(const std::vector<query::GroupTotals>& groups) {
    std::vector<GroupMeasures> out;
    out.reserve(groups.size());
    for (const query::GroupTotals& group : groups) {
        out.push_back({group.group.key, group.group.label, to_dto(group.totals)});
    }
    return out;
}

UsageRecord to_dto(query::Record record) {
    UsageRecord out;
    fill(out, std::move(record));
    return out;
}

Session to_dto(const query::SessionRow& row) {
    Session out;
    fill(out, row);
    return out;
}

ActiveSession to_active_dto(const query::SessionRow& row) {
    ActiveSession out;
    fill(out, row);
    out.tokens_per_minute = row.tokens_per_minute;
    out.cost_per_hour = row.cost_per_hour;
    return out;
}

SessionDetail to_dto(query::SessionDetail detail) {
    SessionDetail out;
    out.seq = detail.seq;
    out.session = to_dto(detail.session);
    out.requests.reserve(detail.requests.size());
    for (std::size_t i = 0; i < detail.requests.size(); ++i) {
        SessionRequest& request = out.requests.emplace_back();
        request.context_tokens = detail.requests[i].tokens.prompt();
        fill(request, std::move(detail.requests[i]));
        request.cache_miss = i < detail.cache_misses.size() && detail.cache_misses[i];
    }
    out.truncated = detail.truncated;
    for (const query::EventRow& row : detail.events) {
        if (auto event = to_event(row)) {
            out.events.push_back(std::move(*event));
        }
    }
    for (const query::ToolCount& tool : detail.tools) {
        out.tools.push_back({tool.name, tool.calls, tool.errors});
    }
    for (const query::AgentRow& agent : detail.agents) {
        SessionAgent& one = out.agents.emplace_back();
        one.id = agent.id;
        one.name = agent.type.empty() ? agent.id : agent.type;
        one.type = agent.type;
        one.parent_id = agent.parent_id;
        one.started = {agent.started};
        one.ended = {agent.ended};
        one.measures = to_dto(agent.totals);
        for (const auto& [from, to] : agent.spans) {
            one.spans.push_back({{from}, {to}});
        }
    }
    if (detail.unlogged) {
        out.unlogged =
            UnloggedUsage{detail.unlogged->cost, detail.unlogged->tokens.input, detail.unlogged->tokens.output,
                          detail.unlogged->tokens.cache_read, detail.unlogged->tokens.cache_write()};
    }
    out.median_cost = detail.median_cost;
    return out;
}

LimitHit to_limit_hit(const query::EventRow& event) {
    return {{event.time}, event.text.empty() ? "unknown" : event.text, to_time(event.value1), event.session_id};
}

std::vector<ModelPrices> to_dto(const pricing::PriceBook& book) {
    std::vector<ModelPrices> out;
    for (const pricing::ModelPrices& model : book.models()) {
        ModelPrices& one = out.emplace_back();
        one.id = model.id;
        one.family = model.family;
        one.label = model.display;
        one.aliases = model.aliases;
        for (const pricing::PriceRow& row : model.rows) {
            one.rows.push_back(to_row(row));
        }
        one.overridden = model.overridden;
        one.source = model.source;
        one.note = model.note;
    }
    return out;
}

UsageEvent to_dto(const model::UsageChange& change) {
    UsageEvent out;
    out.seq = change.seq;
    out.time = {change.time};
    for (const model::UsageDelta& delta : change.deltas) {
        UsageDelta& one = out.changes.emplace_back();
        one.quarter = {delta.quarter};
        one.session_id = delta.session;
        one.project = delta.project;
        one.model = delta.model;
        one.branch = delta.branch;
        one.kind = delta.kind;
        one.member = delta.member;
        const model::TokenCounts& tokens = delta.change.tokens;
        one.measures = {delta.change.cost, tokens.input,          tokens.output,
                        tokens.thinking,   tokens.cache_write(),  tokens.cache_read,
                        tokens.total(),    delta.change.requests, delta.change.unpriced_requests};
    }
    out.new_sessions = change.new_sessions;
    return out;
}

}  // namespace tidemark::api
