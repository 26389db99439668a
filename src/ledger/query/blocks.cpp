// 5-hour blocks (the rule that ccusage's users know): the first request opens a block at its time floored to the UTC
// hour, the block ends five hours later, a request after the end opens the next one. A request at exactly the end is
// still inside.
//
// Block edges lie on full hours, so the sums of quarters suffice; single requests are asked only for the first and last
// time of a quarter and for the rare ones exactly on an hour.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "ledger/query/state.hpp"

namespace tidemark::query {

namespace {

constexpr base::UnixMillis kBlockLength = 5 * base::kHour;
constexpr Quarter kBlockQuarters = 20;

/// What one quarter contributes.
struct QuarterSums {
    model::Measures measures;
    std::set<std::uint32_t> models;  ///< Model value * 2, + 1 in fast mode
};

/// The blocks but for what depends on the clock.
base::Result<std::vector<Block>> lasting_blocks(const Engine::State& state, const Scope& scope) {
    std::map<Quarter, QuarterSums> quarters;
    Plan plan;
    Quarter begin = 0;
    Quarter end = 0;
    std::uint64_t seen_version = 0;
    const bool filtered = scope.filtered();
    const auto model_of = [](const Cube& cube, std::uint32_t dim) {
        const std::uint32_t combo = cube.combo_of(dim);
        return cube.combo_value(combo, Dimension::kModel) * 2 + cube.combo_value(combo, Dimension::kSpeed);
    };
    std::vector<std::string> model_names;
    {
        const auto lock = state.read();
        const Cube& cube = *state.cube;
        seen_version = state.version;
        TIDEMARK_TRY(plan, state.plan(at_times(scope, 0, scope.to), Dimension::kNone));
        begin = std::max(quarter_floor(scope.from), cube.first_quarter());
        end = std::min(plan.to, cube.last_quarter() + 1);
        // Blocks hang together until five hours pass without a request: start behind such a gap, so that the blocks of
        // a range are the same whatever the range.
        const Entries& main = cube.main();
        std::set<Quarter, std::greater<>> late;
        for (std::size_t i = 0; i < cube.pending().size(); ++i) {
            if (cube.pending().requests[i] > 0 && plan.slot(cube, cube.pending().dim[i]) != kNoSlot) {
                late.insert(cube.pending().quarter[i]);
            }
        }
        auto at = std::lower_bound(main.quarter.begin(), main.quarter.end(), begin) - main.quarter.begin();
        auto late_at = late.upper_bound(begin);
        while (at > 0 || late_at != late.end()) {
            while (at > 0 && (main.requests[static_cast<std::size_t>(at - 1)] <= 0 ||
                              plan.slot(cube, main.dim[static_cast<std::size_t>(at - 1)]) == kNoSlot)) {
                --at;
            }
            Quarter before = at > 0 ? main.quarter[static_cast<std::size_t>(at - 1)] : 0;
            if (late_at != late.end()) {
                before = std::max(before, *late_at);
            }
            if (before == 0 || begin - before > kBlockQuarters + 1) {
                break;
            }
            begin = std::min(begin, before);
            while (at > 0 && main.quarter[static_cast<std::size_t>(at - 1)] >= before) {
                --at;
            }
            while (late_at != late.end() && *late_at >= before) {
                ++late_at;
            }
        }
        if (begin >= end) {
            return std::vector<Block>();
        }
        for (const std::string& model : cube.dictionary(Dimension::kModel).keys) {
            model_names.push_back(model);
            model_names.push_back(model + "-fast");
        }
        QuarterWalk walk(cube);
        walk.walk(begin, end, [&](const Entries& entries, std::size_t i) {
            const std::uint32_t dim = entries.dim[i];
            if (plan.slot(cube, dim) == kNoSlot || entries.requests[i] == 0) {
                return;
            }
            QuarterSums& sums = quarters[entries.quarter[i]];
            add_entry(sums.measures, entries, i);
            sums.models.insert(model_of(cube, dim));
        });
    }
    if (quarters.empty()) {
        return std::vector<Block>();
    }

    TIDEMARK_TRY(auto reader, state.readers.lease(state.options.deadline_ms));
    const auto look_up = [&](Quarter from, Quarter to, std::map<Quarter, QuarterTimes>& out) -> base::Result<void> {
        TIDEMARK_TRY(store::Statement * rows, reader->statement("SELECT time, dim_id, " + std::string(kMeasureColumns) +
                                                                " FROM requests WHERE time >= ?1 AND time < ?2"));
        rows->bind(1, time_of(from)).bind(2, time_of(to));
        struct Row {
            base::UnixMillis time;
            std::uint32_t dim;
            model::Measures measures;
        };
        std::vector<Row> to_check;
        const auto put = [&](base::UnixMillis time) {
            QuarterTimes& entry = out[static_cast<Quarter>(time / base::kQuarter)];
            entry.first = entry.first == 0 ? time : std::min(entry.first, time);
            entry.last = std::max(entry.last, time);
        };
        for (;;) {
            TIDEMARK_TRY(const bool row, rows->step());
            if (!row) {
                break;
            }
            const base::UnixMillis time = rows->column_int(0);
            if (!filtered && time % base::kHour != 0) {
                put(time);
            } else {
                to_check.push_back({time, static_cast<std::uint32_t>(rows->column_int(1)), measures_of_row(*rows, 2)});
            }
        }
        rows->reset();
        const auto lock = state.read();
        for (const Row& row : to_check) {
            if (!plan.knows(*state.cube, row.dim) || plan.slot(*state.cube, row.dim) == kNoSlot) {
                continue;
            }
            if (row.time % base::kHour == 0) {
                out[static_cast<Quarter>(row.time / base::kQuarter)].on_hour.push_back(
                    {model_of(*state.cube, row.dim), row.measures});
            } else {
                put(row.time);
            }
        }
        return {};
    };
    TIDEMARK_TRY(const bool by_time, reader->has_index_of_requests("time"));
    std::map<Quarter, QuarterTimes> times;
    if (!by_time) {
        // Looking up single quarters would read the whole table each time: read it once.
        reader->database.set_deadline(0);
        TIDEMARK_CHECK_OK(look_up(begin, end, times));
    }
    const auto times_of = [&](Quarter quarter) -> base::Result<const QuarterTimes*> {
        if (const auto known = times.find(quarter); known != times.end() || !by_time) {
            return &times[quarter];
        }
        if (!filtered) {
            const std::lock_guard times_lock(state.times_mutex);
            if (const auto kept = state.times.find(quarter); kept != state.times.end()) {
                return &(times[quarter] = kept->second);
            }
        }
        TIDEMARK_CHECK_OK(look_up(quarter, quarter + 1, times));
        const QuarterTimes& found = times[quarter];
        if (!filtered) {
            const auto lock = state.read();
            const std::lock_guard times_lock(state.times_mutex);
            if (seen_version == state.version) {
                state.times.emplace(quarter, found);
            }
        }
        return &found;
    };

    struct Open {
        Block block;
        Quarter first = 0, last = 0;                     ///< Quarters with its first and last request
        base::UnixMillis first_time = 0, last_time = 0;  ///< 0: somewhere in that quarter, not looked up yet
        bool hour_taken = false;  ///< The block before has the requests exactly at the start of `first`
        std::set<std::uint32_t> seen;
    };
    std::vector<Block> blocks;
    std::optional<Open> open;
    const auto first_in = [&](Quarter quarter, bool hour_taken) -> base::Result<base::UnixMillis> {
        TIDEMARK_TRY(const QuarterTimes* stood, times_of(quarter));
        // A request that came between the two reads has no time yet: the quarter's start will do until then.
        return (!hour_taken && !stood->on_hour.empty()) || stood->first == 0 ? time_of(quarter) : stood->first;
    };
    const auto settle = [&]() -> base::Result<void> {
        if (open->first_time == 0) {
            TIDEMARK_TRY(open->first_time, first_in(open->first, open->hour_taken));
        }
        if (open->last_time == 0) {
            TIDEMARK_TRY(const QuarterTimes* stood, times_of(open->last));
            open->last_time = std::max({stood->last, open->first_time, time_of(open->last)});
        }
        open->block.actual_end = open->last_time;
        return {};
    };
    const auto close = [&]() -> base::Result<void> {
        if (!open) {
            return {};
        }
        TIDEMARK_CHECK_OK(settle());
        Block& block = open->block;
        const double minutes = static_cast<double>(block.actual_end - open->first_time) / base::kMinute;
        if (minutes > 0) {
            const model::TokenCounts& tokens = block.measures.tokens;
            block.tokens_per_minute = static_cast<double>(tokens.total()) / minutes;
            block.tokens_per_minute_indicator = static_cast<double>(tokens.input + tokens.output) / minutes;
            block.cost_per_hour = block.measures.cost.dollars() / minutes * 60;
        }
        blocks.push_back(std::move(block));
        open.reset();
        return {};
    };
    /// Requests of one quarter: all at `time`, or, when that is 0, somewhere in it. `hour_taken`: those exactly at its
    /// start belong to the block before.
    const auto take = [&](Quarter quarter, base::UnixMillis time, const model::Measures& measures,
                          const std::set<std::uint32_t>& models, bool hour_taken) -> base::Result<void> {
        const base::UnixMillis earliest = time != 0 ? time : time_of(quarter) + (hour_taken ? 1 : 0);
        if (open && earliest > open->block.end) {
            TIDEMARK_CHECK_OK(settle());
            const base::UnixMillis ended = open->last_time;
            base::UnixMillis first = time;
            if (first == 0) {
                TIDEMARK_TRY(first, first_in(quarter, hour_taken));
            }
            TIDEMARK_CHECK_OK(close());
            if (first - ended > kBlockLength) {
                Block gap;
                gap.start = ended + kBlockLength;
                gap.end = first;
                gap.gap = true;
                blocks.push_back(std::move(gap));
            }
        }
        if (!open) {
            open.emplace();
            open->block.start = time_of(quarter) / base::kHour * base::kHour;
            open->block.end = open->block.start + kBlockLength;
            open->first = quarter;
            open->first_time = time;
            open->hour_taken = hour_taken;
        }
        open->last = quarter;
        open->last_time = time;
        open->block.measures += measures;
        for (const std::uint32_t model : models) {
            if (open->seen.insert(model).second && model < model_names.size()) {
                open->block.models.push_back(model_names[model]);
            }
        }
        return {};
    };
    for (const auto& [quarter, sums] : quarters) {
        model::Measures rest = sums.measures;
        bool hour_taken = false;
        if (open && time_of(quarter) == open->block.end) {
            // Requests exactly at the end are still inside.
            TIDEMARK_TRY(const QuarterTimes* stood, times_of(quarter));
            for (const QuarterTimes::OnHour& request : stood->on_hour) {
                TIDEMARK_CHECK_OK(take(quarter, time_of(quarter), request.measures, {request.model}, false));
                rest -= request.measures;
            }
            hour_taken = true;
        }
        if (rest.requests > 0) {
            TIDEMARK_CHECK_OK(take(quarter, 0, rest, sums.models, hour_taken));
        }
    }
    TIDEMARK_CHECK_OK(close());
    std::erase_if(blocks, [&](const Block& block) {
        return block.end <= time_of(quarter_floor(scope.from)) || block.start >= time_of(quarter_ceil(scope.to));
    });
    return blocks;
}
}  // namespace

base::Result<std::vector<Block>> Engine::plain_blocks(const Scope& scope, base::UnixMillis now) const {
    const State& state = *state_;
    if (State::asks_tools(scope, Dimension::kNone)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "tool: blocks cannot be filtered by tool");
    }
    // What does not depend on the clock is kept while the ledger stays the same.
    TIDEMARK_TRY(auto blocks,
                 state.answers.get(
                     State::question("blocks", scope), state.version, [&] { return lasting_blocks(state, scope); },
                     [](const std::vector<Block>& list) { return list.size() * (sizeof(Block) + 150); }));
    for (Block& block : blocks) {
        block.active = !block.gap && now - block.actual_end < kBlockLength && now < block.end;
        if (block.active && block.tokens_per_minute) {
            const double left = std::max(0.0, static_cast<double>(block.end - now) / base::kMinute);
            block.remaining_minutes = std::llround(left);
            block.projected_tokens =
                std::llround(static_cast<double>(block.measures.tokens.total()) + *block.tokens_per_minute * left);
            block.projected_cost = block.measures.cost.dollars() + *block.cost_per_hour / 60 * left;
        }
    }
    return blocks;
}

}  // namespace tidemark::query
