// How a question walks over the cube: which entries count, into which slot, and whole days instead of quarters where it
// can.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ledger/query/cube.hpp"

namespace tidemark::query {

/// A question's filters and grouping, compiled: one look-up decides whether an entry counts and where.
struct Plan {
    Cut cut = kFine;                             ///< The rows that tell the filters and groups apart
    std::vector<std::uint32_t> slot_of_row;      ///< By row of the cut; kNoSlot: filtered out
    std::vector<std::uint8_t> sessions;          ///< By session, 1 = counts; empty: all count
    std::vector<std::uint32_t> slot_of_session;  ///< Grouping by session; else empty
    std::vector<std::uint32_t>
        session_of_slot;                      ///< Grouping by session, when only those in range have a slot; ascending
    std::vector<std::uint32_t> slot_of_tool;  ///< Grouping by tool; else empty
    std::vector<std::uint8_t> tools;          ///< By tool, 1 = counts; empty: all count
    bool uses_tools = false;                  ///< The sums come from the tool uses
    std::size_t slots = 1;
    Quarter from = 0, to = 0;

    [[nodiscard]] bool days_suffice(const ZoneDays& days) const {
        return sessions.empty() && slot_of_session.empty() && (!uses_tools || (days.has_tools && cut == kCoarse));
    }
    /// False for what came to the cube after the plan was made.
    [[nodiscard]] bool knows(const Cube& cube, std::uint32_t dim) const {
        return cube.has_dim(dim) && cube.row_of(cut, cube.combo_of(dim)) < slot_of_row.size() &&
               (sessions.empty() || cube.session_of(dim) < sessions.size()) &&
               (slot_of_session.empty() || cube.session_of(dim) < slot_of_session.size());
    }
    [[nodiscard]] std::uint32_t slot_of_combo(const Cube& cube, std::uint32_t combo) const {
        return slot_of_row[cube.row_of(cut, combo)];
    }
    [[nodiscard]] std::uint32_t slot(const Cube& cube, std::uint32_t dim) const {
        const std::uint32_t found = slot_of_combo(cube, cube.combo_of(dim));
        if (found == kNoSlot || (sessions.empty() && slot_of_session.empty())) {
            return found;
        }
        const std::uint32_t session = cube.session_of(dim);
        if (!sessions.empty() && sessions[session] == 0) {
            return kNoSlot;
        }
        return slot_of_session.empty() ? found : slot_of_session[session];
    }
    [[nodiscard]] std::uint32_t tool_slot(std::uint32_t slot_without, std::uint32_t tool) const {
        if (slot_without == kNoSlot || (!tools.empty() && tools[tool] == 0)) {
            return kNoSlot;
        }
        return slot_of_tool.empty() ? slot_without : slot_of_tool[tool];
    }
};

/// Plan::slot for walks over many entries: what stays the same is looked up once. Holds as long as cube and plan do not
/// change.
class SlotOf {
public:
    SlotOf(const Cube& cube, const Plan& plan)
        : cube_(cube),
          row_of_combo_(cube.row_of_combo(plan.cut).empty() ? nullptr : cube.row_of_combo(plan.cut).data()),
          slot_of_row_(plan.slot_of_row.data()),
          sessions_(plan.sessions.empty() ? nullptr : plan.sessions.data()),
          slot_of_session_(plan.slot_of_session.empty() ? nullptr : plan.slot_of_session.data()) {}
    [[nodiscard]] std::uint32_t operator()(std::uint32_t dim) const {
        if (sessions_ != nullptr && sessions_[cube_.session_of(dim)] == 0) {
            return kNoSlot;
        }
        const std::uint32_t combo = cube_.combo_of(dim);
        const std::uint32_t slot = slot_of_row_[row_of_combo_ == nullptr ? combo : row_of_combo_[combo]];
        return slot == kNoSlot || slot_of_session_ == nullptr ? slot : slot_of_session_[cube_.session_of(dim)];
    }

private:
    const Cube& cube_;
    const std::uint32_t* row_of_combo_;
    const std::uint32_t* slot_of_row_;
    const std::uint8_t* sessions_;
    const std::uint32_t* slot_of_session_;
};

/// One stretch of time whose sums go into one bucket. Spans of a scan are in order and do not overlap.
struct Span {
    std::uint32_t bucket = 0;
    Quarter from = 0, to = 0;
};

/// Cuts spans into whole days (on_days(bucket, first day, end day)) and the quarters around them (on_quarters(bucket,
/// from, to)).
template <class OnDays, class OnQuarters>
void split(const ZoneDays* days, std::span<const Span> spans, OnDays on_days, OnQuarters on_quarters) {
    for (const Span& span : spans) {
        if (days != nullptr && !days->days.empty()) {
            const auto& starts = days->starts;
            const auto first = std::lower_bound(starts.begin(), starts.end(), span.from) - starts.begin();
            const auto last = std::upper_bound(starts.begin(), starts.end(), span.to) - starts.begin() - 1;
            if (first < last) {
                on_quarters(span.bucket, span.from, starts[static_cast<std::size_t>(first)]);
                on_days(span.bucket, static_cast<std::size_t>(first), static_cast<std::size_t>(last));
                on_quarters(span.bucket, starts[static_cast<std::size_t>(last)], span.to);
                continue;
            }
        }
        if (span.from < span.to) {
            on_quarters(span.bucket, span.from, span.to);
        }
    }
}

/// Walks stretches of quarters that come in order: on_entry(entries, index) for each entry inside.
class QuarterWalk {
public:
    explicit QuarterWalk(const Cube& cube) : cube_(cube) {}
    template <class OnEntry>
    void walk(Quarter from, Quarter to, OnEntry on_entry) {
        if (from >= to) {
            return;
        }
        const Entries& main = cube_.main();
        if (at_ >= main.size() || main.quarter[at_] < from || (at_ > 0 && main.quarter[at_ - 1] >= from)) {
            at_ = static_cast<std::size_t>(std::lower_bound(main.quarter.begin(), main.quarter.end(), from) -
                                           main.quarter.begin());
        }
        for (; at_ < main.size() && main.quarter[at_] < to; ++at_) {
            on_entry(main, at_);
        }
        const Entries& pending = cube_.pending();
        const auto& order = cube_.pending_order();
        auto late = std::lower_bound(order.begin(), order.end(), from, [&](std::uint32_t index, Quarter value) {
            return pending.quarter[index] < value;
        });
        for (; late != order.end() && pending.quarter[*late] < to; ++late) {
            on_entry(pending, *late);
        }
    }

private:
    const Cube& cube_;
    std::size_t at_ = 0;
};

/// Sums: sink.entry(bucket, slot, entries, index) or sink.sum(bucket, slot, measures).
template <class Sink>
void scan_sums(const Cube& cube, const Plan& plan, const ZoneDays* days, std::span<const Span> spans, Sink& sink) {
    const ZoneDays* whole = days != nullptr && plan.days_suffice(*days) ? days : nullptr;
    QuarterWalk walk(cube);
    const SlotOf slot_of(cube, plan);
    split(
        whole, spans,
        [&](std::uint32_t bucket, std::size_t first, std::size_t last) {
            for (std::size_t d = first; d < last;) {
                const bool block = plan.cut != kFine && d % ZoneDays::kBlock == 0 && d + ZoneDays::kBlock <= last;
                const DaySums& day = block ? whole->blocks[d / ZoneDays::kBlock] : whole->days[d];
                d += block ? ZoneDays::kBlock : 1;
                if (plan.uses_tools) {
                    for (const DaySums::ToolPart& part : day.tools) {
                        const std::uint32_t slot = plan.tool_slot(plan.slot_of_row[part.row], part.tool);
                        if (slot != kNoSlot) {
                            model::Measures measures;
                            measures.requests = part.calls;
                            measures.cost.value = part.cost;
                            measures.tokens.input = part.tokens;
                            sink.sum(bucket, slot, measures);
                        }
                    }
                    continue;
                }
                const DaySums::Rows& cut = day.cuts[plan.cut];
                for (std::size_t i = 0; i < cut.rows.size(); ++i) {
                    const std::uint32_t slot = plan.slot_of_row[cut.rows[i]];
                    if (slot != kNoSlot) {
                        sink.sum(bucket, slot, cut.sums[i]);
                    }
                }
            }
        },
        [&](std::uint32_t bucket, Quarter from, Quarter to) {
            if (!plan.uses_tools) {
                walk.walk(from, to, [&](const Entries& entries, std::size_t i) {
                    const std::uint32_t slot = slot_of(entries.dim[i]);
                    if (slot != kNoSlot) {
                        sink.entry(bucket, slot, entries, i);
                    }
                });
                return;
            }
            const ToolEntries& tools = cube.tools();
            auto i = static_cast<std::size_t>(std::lower_bound(tools.quarter.begin(), tools.quarter.end(), from) -
                                              tools.quarter.begin());
            for (; i < tools.size() && tools.quarter[i] < to; ++i) {
                const std::uint32_t slot = plan.tool_slot(slot_of(tools.dim[i]), tools.tool[i]);
                if (slot != kNoSlot) {
                    model::Measures measures;
                    measures.requests = tools.calls[i];
                    measures.cost.value = tools.cost[i];
                    measures.tokens.input = tools.tokens[i];
                    sink.sum(bucket, slot, measures);
                }
            }
        });
}

/// Sessions with requests: on_session(bucket, slot, session), the same one any number of times, buckets in order.
template <class OnSession>
void scan_sessions(const Cube& cube, const Plan& plan, const ZoneDays* days, std::span<const Span> spans,
                   OnSession on_session) {
    const ZoneDays* whole = days != nullptr && !plan.uses_tools && plan.days_suffice(*days) ? days : nullptr;
    QuarterWalk walk(cube);
    const SlotOf slot_of(cube, plan);
    split(
        whole, spans,
        [&](std::uint32_t bucket, std::size_t first, std::size_t last) {
            for (std::size_t d = first; d < last; ++d) {
                for (const DayRows::Part& part : whole->days[d].parts) {
                    const std::uint32_t slot = plan.slot_of_combo(cube, part.combo);
                    if (slot != kNoSlot && part.requests > 0) {
                        on_session(bucket, slot, part.session);
                    }
                }
            }
        },
        [&](std::uint32_t bucket, Quarter from, Quarter to) {
            if (!plan.uses_tools) {
                walk.walk(from, to, [&](const Entries& entries, std::size_t i) {
                    const std::uint32_t slot = slot_of(entries.dim[i]);
                    if (slot != kNoSlot && entries.requests[i] > 0) {
                        on_session(bucket, slot, cube.session_of(entries.dim[i]));
                    }
                });
                return;
            }
            const ToolEntries& tools = cube.tools();
            auto i = static_cast<std::size_t>(std::lower_bound(tools.quarter.begin(), tools.quarter.end(), from) -
                                              tools.quarter.begin());
            for (; i < tools.size() && tools.quarter[i] < to; ++i) {
                const std::uint32_t slot = plan.tool_slot(slot_of(tools.dim[i]), tools.tool[i]);
                if (slot != kNoSlot && tools.calls[i] > 0) {
                    on_session(bucket, slot, cube.session_of(tools.dim[i]));
                }
            }
        });
}

inline void add_entry(model::Measures& to, const Entries& from, std::size_t i) {
    to.tokens.input += from.input[i];
    to.tokens.output += from.output[i];
    to.tokens.thinking += from.thinking[i];
    to.tokens.cache_write_5m += from.cache_write_5m[i];
    to.tokens.cache_write_1h += from.cache_write_1h[i];
    to.tokens.cache_read += from.cache_read[i];
    to.cost += base::NanoUsd{from.cost[i]};
    to.requests += from.requests[i];
    to.web_searches += from.web_searches[i];
    to.incomplete_requests += from.incomplete[i];
    to.unpriced_requests += from.unpriced[i];
    to.unpriced_tokens += from.unpriced_tokens[i];
    to.duration_ms += from.duration_ms[i];
    to.timed_requests += from.timed[i];
}

/// Everything, per bucket and slot (bucket-major).
struct MeasureSink {
    MeasureSink(std::size_t buckets, std::size_t slot_count) : slots(slot_count), cells(buckets * slot_count) {}
    void entry(std::uint32_t bucket, std::uint32_t slot, const Entries& entries, std::size_t i) {
        add_entry(cells[bucket * slots + slot], entries, i);
    }
    void sum(std::uint32_t bucket, std::uint32_t slot, const model::Measures& measures) {
        cells[bucket * slots + slot] += measures;
    }
    std::size_t slots;
    std::vector<model::Measures> cells;
};

/// What decides whether a group occurs and how far up it stands.
struct Weight {
    std::int64_t cost = 0, tokens = 0, requests = 0;
    [[nodiscard]] bool occurs() const { return requests > 0 || tokens != 0 || cost != 0; }
    Weight& operator+=(const Weight& other) {
        cost += other.cost;
        tokens += other.tokens;
        requests += other.requests;
        return *this;
    }
};

/// Weights, per slot.
struct WeightSink {
    explicit WeightSink(std::size_t slots) : cells(slots) {}
    void entry(std::uint32_t, std::uint32_t slot, const Entries& e, std::size_t i) {
        cells[slot] +=
            {e.cost[i],
             std::int64_t{e.input[i]} + e.output[i] + e.cache_write_5m[i] + e.cache_write_1h[i] + e.cache_read[i],
             e.requests[i]};
    }
    void sum(std::uint32_t, std::uint32_t slot, const model::Measures& m) {
        cells[slot] += {m.cost.value, m.tokens.total(), m.requests};
    }
    std::vector<Weight> cells;
};

/// A metric as a fraction: sums have denominator 0, ratios both parts.
struct Fraction {
    std::int64_t top = 0, bottom = 0;
};

/// One metric, per bucket and slot: reads only the columns it needs.
struct MetricSink {
    MetricSink(Metric of, std::size_t buckets, std::size_t slot_count)
        : metric(of), slots(slot_count), cells(buckets * slot_count) {}
    void entry(std::uint32_t bucket, std::uint32_t slot, const Entries& e, std::size_t i) {
        Fraction& cell = cells[bucket * slots + slot];
        switch (metric) {
            case Metric::kCost: cell.top += e.cost[i]; break;
            case Metric::kTotalTokens:
                cell.top += std::int64_t{e.input[i]} + e.output[i] + e.cache_write_5m[i] + e.cache_write_1h[i] +
                            e.cache_read[i];
                break;
            case Metric::kInputTokens: cell.top += e.input[i]; break;
            case Metric::kOutputTokens: cell.top += e.output[i]; break;
            case Metric::kThinkingTokens: cell.top += e.thinking[i]; break;
            case Metric::kCacheWriteTokens: cell.top += std::int64_t{e.cache_write_5m[i]} + e.cache_write_1h[i]; break;
            case Metric::kCacheReadTokens: cell.top += e.cache_read[i]; break;
            case Metric::kRequests:
            case Metric::kToolCalls: cell.top += e.requests[i]; break;
            case Metric::kCacheHitRatio:
                cell.top += e.cache_read[i];
                cell.bottom += std::int64_t{e.input[i]} + e.cache_write_5m[i] + e.cache_write_1h[i] + e.cache_read[i];
                break;
            case Metric::kAverageDuration:
                cell.top += e.duration_ms[i];
                cell.bottom += e.timed[i];
                break;
            case Metric::kCostPerRequest:
                cell.top += e.cost[i];
                cell.bottom += e.requests[i] - e.unpriced[i];
                break;
            case Metric::kWebSearches: cell.top += e.web_searches[i]; break;
            case Metric::kSessions:
            case Metric::kToolErrors: break;
        }
    }
    void sum(std::uint32_t bucket, std::uint32_t slot, const model::Measures& m) {
        Fraction& cell = cells[bucket * slots + slot];
        const Fraction add = of(metric, m);
        cell.top += add.top;
        cell.bottom += add.bottom;
    }
    static Fraction of(Metric metric, const model::Measures& m) {
        switch (metric) {
            case Metric::kCost: return {m.cost.value, 0};
            case Metric::kTotalTokens: return {m.tokens.total(), 0};
            case Metric::kInputTokens: return {m.tokens.input, 0};
            case Metric::kOutputTokens: return {m.tokens.output, 0};
            case Metric::kThinkingTokens: return {m.tokens.thinking, 0};
            case Metric::kCacheWriteTokens: return {m.tokens.cache_write(), 0};
            case Metric::kCacheReadTokens: return {m.tokens.cache_read, 0};
            case Metric::kRequests:
            case Metric::kToolCalls: return {m.requests, 0};
            case Metric::kCacheHitRatio: return {m.tokens.cache_read, m.tokens.prompt()};
            case Metric::kAverageDuration: return {m.duration_ms, m.timed_requests};
            case Metric::kCostPerRequest: return {m.cost.value, m.requests - m.unpriced_requests};
            case Metric::kWebSearches: return {m.web_searches, 0};
            case Metric::kSessions:
            case Metric::kToolErrors: break;
        }
        return {};
    }
    Metric metric;
    std::size_t slots;
    std::vector<Fraction> cells;
};

/// Counts distinct (cell, session) pairs per cell: exact.
class Distinct {
public:
    Distinct(std::size_t cells, std::size_t sessions) : sessions_(sessions), counts_(cells) {
        if (cells * sessions <= kMaxBits) {
            bits_.resize((cells * sessions + 63) / 64);
        }
    }
    void add(std::size_t cell, std::uint32_t session) {
        if (bits_.empty()) {
            pairs_.push_back(static_cast<std::uint64_t>(cell) << 32 | session);
            return;
        }
        const std::size_t at = cell * sessions_ + session;
        const std::uint64_t bit = std::uint64_t{1} << (at % 64);
        counts_[cell] += (bits_[at / 64] & bit) == 0 ? 1 : 0;
        bits_[at / 64] |= bit;
    }
    /// Call once, after the last add().
    std::vector<std::int64_t> counts() {
        std::sort(pairs_.begin(), pairs_.end());
        pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
        for (const std::uint64_t pair : pairs_) {
            ++counts_[pair >> 32];
        }
        return std::move(counts_);
    }

private:
    static constexpr std::size_t kMaxBits = std::size_t{64} << 20;  // 8 MiB
    std::size_t sessions_;
    std::vector<std::int64_t> counts_;
    std::vector<std::uint64_t> bits_;
    std::vector<std::uint64_t> pairs_;
};

/// Distinct sessions per bucket and slot, for buckets that come in order: a session's last bucket is enough memory.
class DistinctInOrder {
public:
    DistinctInOrder(std::size_t buckets, std::size_t slots, std::size_t sessions)
        : slots_(slots), sessions_(sessions), seen_(slots * sessions), counts_(buckets * slots) {}
    void add(std::uint32_t bucket, std::uint32_t slot, std::uint32_t session) {
        std::uint32_t& last = seen_[slot * sessions_ + session];
        if (last != bucket + 1) {
            last = bucket + 1;
            ++counts_[bucket * slots_ + slot];
        }
    }
    [[nodiscard]] const std::vector<std::int64_t>& counts() const { return counts_; }

private:
    std::size_t slots_, sessions_;
    std::vector<std::uint32_t> seen_;
    std::vector<std::int64_t> counts_;
};

}  // namespace tidemark::query
