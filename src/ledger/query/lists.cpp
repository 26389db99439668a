// Questions whose answers are rows: requests, sessions, events. The cube says where to look, SQLite has the rows.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "ledger/query/state.hpp"

namespace tidemark::query {

namespace {

constexpr std::size_t kMaxRecords = 1000;
constexpr std::size_t kMaxSessions = 500;
constexpr std::size_t kMaxSessionRequests = 5000;
constexpr std::size_t kMaxEvents = 5000;
constexpr base::UnixMillis kSpanGap = 5 * base::kMinute;
constexpr base::UnixMillis kRateWindow = 30 * base::kMinute;
constexpr base::UnixMillis kExactLimit = 48 * base::kHour;
constexpr std::size_t kMaxDimLookups = 400;

constexpr std::string_view kRecordColumns =
    "SELECT r.id, r.time, r.dim_id, r.input, r.output, r.thinking, r.cache_write_5m, r.cache_write_1h, r.cache_read, "
    "r.web_searches, r.cost, r.duration_ms, r.flags, r.message_id, r.request_id, r.tools, r.line, r.file_id, "
    "r.stop_reason_id FROM requests r ";

struct Cursor {
    std::int64_t value = 0;  ///< The sort key of the last row given
    std::int64_t id = 0;
};

std::string encode(const Cursor& cursor) { return std::to_string(cursor.value) + "." + std::to_string(cursor.id); }

base::Result<std::optional<Cursor>> decode(std::string_view text) {
    if (text.empty()) {
        return std::optional<Cursor>();
    }
    Cursor cursor;
    const char* end = text.data() + text.size();
    const auto value = std::from_chars(text.data(), end, cursor.value);
    if (value.ec == std::errc() && value.ptr != end && *value.ptr == '.') {
        const auto id = std::from_chars(value.ptr + 1, end, cursor.id);
        if (id.ec == std::errc() && id.ptr == end) {
            return std::optional<Cursor>(cursor);
        }
    }
    return base::fail(base::ErrorCode::kInvalidArgument, "cursor: not one that this server gave");
}

struct ToolUse {
    std::uint16_t tool = 0;
    std::uint32_t id_hash = 0;
};
std::vector<ToolUse> tool_uses(std::span<const std::byte> blob) {
    std::vector<ToolUse> result(blob.size() / 6);
    for (std::size_t i = 0; i < result.size(); ++i) {
        std::memcpy(&result[i].tool, blob.data() + i * 6, 2);
        std::memcpy(&result[i].id_hash, blob.data() + i * 6 + 2, 4);
    }
    return result;
}

/// Texts that rows name by number, each looked up once a question.
class Texts {
public:
    explicit Texts(Reader& reader) : reader_(reader) {}
    /// By names.id; "" for 0. Valid as long as this object.
    base::Result<const std::string*> name(std::int64_t id) {
        return text(names_, id, "SELECT text FROM names WHERE id = ?1");
    }
    /// By files.id.
    base::Result<const std::string*> file(std::int64_t id) {
        return text(files_, id, "SELECT path FROM files WHERE id = ?1");
    }

private:
    using Known = std::unordered_map<std::int64_t, std::string>;
    base::Result<const std::string*> text(Known& known, std::int64_t id, std::string_view sql) {
        const auto [place, is_new] = known.try_emplace(id);
        if (is_new && id != 0) {
            TIDEMARK_TRY(store::Statement * row, reader_.statement(sql));
            row->bind(1, id);
            TIDEMARK_TRY(const bool found, row->step());
            if (found) {
                place->second = row->column_text(0);
            }
        }
        return &place->second;
    }

    Reader& reader_;
    Known names_, files_;
};

std::optional<std::string> text_or_none(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

/// The row's own columns; what stands in the dimension row is added by describe().
base::Result<Record> record_of(const store::Statement& row, Texts& texts, std::uint32_t& dim) {
    Record record;
    record.id = row.column_int(0);
    record.time = row.column_int(1);
    dim = static_cast<std::uint32_t>(row.column_int(2));
    const model::Measures measures = measures_of_row(row, 3);
    record.tokens = measures.tokens;
    record.web_searches = measures.web_searches;
    if (measures.unpriced_requests == 0) {
        record.cost = measures.cost;
    }
    record.duration_ms = row.column_optional_int(11);
    record.incomplete = measures.incomplete_requests > 0;
    record.message_id = row.column_text(13);
    record.request_id = text_or_none(row.column_text(14));
    std::vector<ToolUse> uses = tool_uses(row.column_blob(15));
    std::sort(uses.begin(), uses.end(), [](const ToolUse& a, const ToolUse& b) { return a.tool < b.tool; });
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (i == 0 || uses[i].tool != uses[i - 1].tool) {
            TIDEMARK_TRY(const std::string* const name, texts.name(uses[i].tool));
            record.tools.push_back({*name, 0, 0});
        }
        ++record.tools.back().calls;
    }
    if (!row.column_null(17)) {
        TIDEMARK_TRY(const std::string* const path, texts.file(row.column_int(17)));
        if (!path->empty()) {
            record.source = {*path, row.column_int(16)};
        }
    }
    TIDEMARK_TRY(const std::string* const stop_reason, texts.name(row.column_int(18)));
    record.stop_reason = text_or_none(*stop_reason);
    return record;
}

void describe(const Cube& cube, std::uint32_t dim, Record& record) {
    if (!cube.has_dim(dim)) {
        return;
    }
    const std::uint32_t combo = cube.combo_of(dim);
    record.session_id = cube.sessions()[cube.session_of(dim)].uid;
    record.project = cube.key_of_dim(dim, Dimension::kProject);
    record.branch = cube.key_of_dim(dim, Dimension::kBranch);
    record.member = cube.key_of_dim(dim, Dimension::kMember);
    record.model = cube.key_of_dim(dim, Dimension::kModel);
    record.model_given = cube.model_given_of(dim);
    record.version = cube.key_of_dim(dim, Dimension::kVersion);
    record.entrypoint = cube.key_of_dim(dim, Dimension::kEntrypoint);
    record.agent = text_or_none(cube.key_of_dim(dim, Dimension::kAgent));
    record.geo = text_or_none(cube.key_of_dim(dim, Dimension::kGeo));
    record.effort = text_or_none(cube.key_of_dim(dim, Dimension::kEffort));
    record.kind = static_cast<model::RequestKind>(cube.combo_value(combo, Dimension::kKind));
    record.speed = static_cast<model::Speed>(cube.combo_value(combo, Dimension::kSpeed));
    record.tier = static_cast<model::ServiceTier>(cube.combo_value(combo, Dimension::kServiceTier));
}

/// Fills what the dimension rows of the records say.
base::Result<void> describe(const Engine::State& state, Texts& texts,
                            std::vector<std::pair<Record, std::uint32_t>>& records) {
    std::vector<std::uint32_t> agents;
    agents.reserve(records.size());
    {
        const auto lock = state.read();
        for (auto& [record, dim] : records) {
            describe(*state.cube, dim, record);
            agents.push_back(state.cube->has_dim(dim) ? state.cube->agent_uid_of(dim) : 0);
        }
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        TIDEMARK_TRY(const std::string* const uid, texts.name(agents[i]));
        records[i].first.agent_uid = *uid;
    }
    return {};
}

base::Result<void> only_filters(const Scope& scope, std::string_view what, std::initializer_list<Dimension> allowed) {
    for (const Filter& filter : scope.filters) {
        if (filter.dimension != Dimension::kNone &&
            std::find(allowed.begin(), allowed.end(), filter.dimension) == allowed.end()) {
            std::string names;
            for (const Dimension dimension : allowed) {
                names += (names.empty() ? "" : ", ") + std::string(to_string(dimension));
            }
            return base::fail(base::ErrorCode::kInvalidArgument, std::string(to_string(filter.dimension)) + ": " +
                                                                     std::string(what) + " can be filtered only by " +
                                                                     names);
        }
    }
    return {};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
    return result;
}

}  // namespace

model::Measures measures_of_row(const store::Statement& row, int column) {
    model::Measures result;
    result.tokens = {row.column_int(column),     row.column_int(column + 1), row.column_int(column + 2),
                     row.column_int(column + 3), row.column_int(column + 4), row.column_int(column + 5)};
    result.requests = 1;
    result.web_searches = row.column_int(column + 6);
    if (row.column_null(column + 7)) {
        result.unpriced_requests = 1;
        result.unpriced_tokens = result.tokens.total();
    } else {
        result.cost.value = row.column_int(column + 7);
    }
    if (!row.column_null(column + 8)) {
        result.duration_ms = row.column_int(column + 8);
        result.timed_requests = 1;
    }
    result.incomplete_requests = (row.column_int(column + 9) & store::kFlagIncomplete) != 0 ? 1 : 0;
    return result;
}

base::Result<void> Engine::State::requests(base::UnixMillis from, base::UnixMillis to,
                                           const OnRequest& on_request) const {
    TIDEMARK_TRY(auto reader, readers.lease(options.deadline_ms));
    TIDEMARK_TRY(store::Statement * rows, reader->statement("SELECT time, dim_id, " + std::string(kMeasureColumns) +
                                                            " FROM requests WHERE time >= ?1 AND time < ?2"));
    rows->bind(1, from).bind(2, to);
    for (;;) {
        TIDEMARK_TRY(const bool row, rows->step());
        if (!row) {
            return {};
        }
        on_request(rows->column_int(0), static_cast<std::uint32_t>(rows->column_int(1)), measures_of_row(*rows, 2));
    }
}

base::Result<std::vector<Engine::State::ToolError>> Engine::State::tool_errors(const Scope& scope) const {
    TIDEMARK_CHECK_OK(only_filters(scope, "tool_errors", {Dimension::kProject, Dimension::kSession, Dimension::kTool}));
    std::vector<ToolError> result;
    {
        TIDEMARK_TRY(auto reader, readers.lease(options.deadline_ms));
        TIDEMARK_TRY(store::Statement * rows,
                     reader->statement("SELECT e.time, e.session_id, n.text FROM events e LEFT JOIN names n "
                                       "ON n.id = e.text_id WHERE e.kind = ?1 AND e.time >= ?2 AND e.time < ?3"));
        rows->bind(1, static_cast<std::int64_t>(model::EventKind::kToolError))
            .bind(2, time_of(quarter_floor(scope.from)))
            .bind(3, time_of(quarter_ceil(scope.to)));
        for (;;) {
            TIDEMARK_TRY(const bool row, rows->step());
            if (!row) {
                break;
            }
            result.push_back({rows->column_int(0), static_cast<std::uint32_t>(rows->column_int(1)),
                              std::string(rows->column_text(2))});
        }
    }
    const auto lock = read();
    std::optional<ReachOfCube> reach;
    if (scope.reach != nullptr) {
        reach.emplace(*cube, *scope.reach);
    }
    std::erase_if(result, [&](const ToolError& error) {
        if (error.session >= cube->sessions().size() || (reach && !reach->contains_session(*cube, error.session))) {
            return true;
        }
        const Session& session = cube->sessions()[error.session];
        return std::any_of(scope.filters.begin(), scope.filters.end(), [&](const Filter& filter) {
            const std::string& key = filter.dimension == Dimension::kProject   ? cube->projects()[session.project].path
                                     : filter.dimension == Dimension::kSession ? session.uid
                                                                               : error.tool;
            return filter.dimension != Dimension::kNone &&
                   std::find(filter.keys.begin(), filter.keys.end(), key) == filter.keys.end();
        });
    });
    return result;
}

base::Result<Totals> Engine::plain_exact_totals(const Scope& scope) const {
    const State& state = *state_;
    if (scope.to - scope.from > kExactLimit) {
        return base::fail(base::ErrorCode::kInvalidArgument, "exact sums are for ranges of at most 48 hours");
    }
    if (State::asks_tools(scope, Dimension::kNone)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "tool: exact sums cannot be filtered by tool");
    }
    Plan plan;
    {
        const auto lock = state.read();
        TIDEMARK_TRY(plan, state.plan(scope, Dimension::kNone));
    }
    std::vector<std::pair<std::uint32_t, model::Measures>> rows;
    TIDEMARK_CHECK_OK(
        state.requests(scope.from, scope.to, [&](base::UnixMillis, std::uint32_t dim, const model::Measures& measures) {
            rows.emplace_back(dim, measures);
        }));
    const auto lock = state.read();
    const Cube& cube = *state.cube;
    Totals result;
    std::unordered_set<std::uint32_t> sessions;
    for (const auto& [dim, measures] : rows) {
        if (plan.knows(cube, dim) && plan.slot(cube, dim) != kNoSlot) {
            result.measures += measures;
            sessions.insert(cube.session_of(dim));
        }
    }
    result.sessions = static_cast<std::int64_t>(sessions.size());
    return result;
}

// ----------------------------------------------------------------------------------------------------------- records

namespace {

/// Where the next rows of a list of requests stand.
struct Stretch {
    base::UnixMillis from = 0, to = 0;
    std::vector<std::uint32_t> dims;  ///< That occur there and pass the filters
    std::int64_t matching = 0;        ///< Requests of those
    std::int64_t all = 0;             ///< Requests of all dims
};

/// Walks the quarters from the near end until surely `needed` requests pass.
Stretch find_stretch(const Cube& cube, const Plan& plan, base::UnixMillis from, base::UnixMillis to, bool descending,
                     std::int64_t needed) {
    Stretch result{from, to, {}, 0, 0};
    std::unordered_set<std::uint32_t> dims;
    const SlotOf slot_of(cube, plan);
    const Entries& main = cube.main();
    const Entries& pending = cube.pending();
    const auto& order = cube.pending_order();
    const Quarter low = std::max(quarter_floor(from), plan.from);
    const Quarter high = std::min(quarter_ceil(to), plan.to);
    if (low >= high) {
        result.to = result.from;
        return result;
    }
    const auto main_at = [&](Quarter quarter) {
        return std::lower_bound(main.quarter.begin(), main.quarter.end(), quarter) - main.quarter.begin();
    };
    const auto late_at = [&](Quarter quarter) {
        return std::lower_bound(order.begin(), order.end(), quarter,
                                [&](std::uint32_t index, Quarter value) { return pending.quarter[index] < value; }) -
               order.begin();
    };
    auto main_low = main_at(low);
    auto main_high = main_at(high);
    auto late_low = late_at(low);
    auto late_high = late_at(high);
    std::int64_t sure = 0;  // in quarters that lie wholly inside [from, to)
    const auto take = [&](const Entries& entries, std::size_t i, bool whole) {
        result.all += entries.requests[i];
        if (entries.requests[i] > 0 && slot_of(entries.dim[i]) != kNoSlot) {
            dims.insert(entries.dim[i]);
            result.matching += entries.requests[i];
            sure += whole ? entries.requests[i] : 0;
        }
    };
    while ((main_low < main_high || late_low < late_high) && sure < needed) {
        Quarter quarter = 0;
        if (descending) {
            quarter = main_low < main_high ? main.quarter[static_cast<std::size_t>(main_high - 1)] : 0;
            if (late_low < late_high) {
                quarter = std::max(quarter, pending.quarter[order[static_cast<std::size_t>(late_high - 1)]]);
            }
        } else {
            quarter = main_low < main_high ? main.quarter[static_cast<std::size_t>(main_low)] : 0xffff'ffff;
            if (late_low < late_high) {
                quarter = std::min(quarter, pending.quarter[order[static_cast<std::size_t>(late_low)]]);
            }
        }
        const bool whole = time_of(quarter) >= from && time_of(quarter + 1) <= to;
        if (descending) {
            for (; main_low < main_high && main.quarter[static_cast<std::size_t>(main_high - 1)] == quarter;
                 --main_high) {
                take(main, static_cast<std::size_t>(main_high - 1), whole);
            }
            for (; late_low < late_high && pending.quarter[order[static_cast<std::size_t>(late_high - 1)]] == quarter;
                 --late_high) {
                take(pending, order[static_cast<std::size_t>(late_high - 1)], whole);
            }
            result.from = std::max(from, time_of(quarter));
        } else {
            for (; main_low < main_high && main.quarter[static_cast<std::size_t>(main_low)] == quarter; ++main_low) {
                take(main, static_cast<std::size_t>(main_low), whole);
            }
            for (; late_low < late_high && pending.quarter[order[static_cast<std::size_t>(late_low)]] == quarter;
                 ++late_low) {
                take(pending, order[static_cast<std::size_t>(late_low)], whole);
            }
            result.to = std::min(to, time_of(quarter + 1));
        }
    }
    if (dims.empty()) {
        result.to = result.from;
    }
    result.dims.assign(dims.begin(), dims.end());
    std::sort(result.dims.begin(), result.dims.end());
    return result;
}

}  // namespace

base::Result<RecordsPage> Engine::plain_records(const RecordsQuery& query) const {
    const State& state = *state_;
    const std::size_t limit = std::min(std::max<std::size_t>(query.limit, 1), kMaxRecords);
    TIDEMARK_TRY(const auto cursor, decode(query.cursor));
    base::UnixMillis from = query.scope.from;
    base::UnixMillis to = query.scope.to;
    if (cursor && query.descending) {
        to = std::min(to, cursor->value + 1);
    } else if (cursor) {
        from = std::max(from, cursor->value);
    }
    // The filter on tools is checked row by row: the names.id of the tools asked for.
    std::unordered_set<std::int64_t> tools;
    bool by_tool = false;
    Scope scope = query.scope;
    TIDEMARK_TRY(auto reader, state.readers.lease(state.options.deadline_ms));
    for (const Filter& filter : query.scope.filters) {
        if (filter.dimension == Dimension::kTool) {
            by_tool = true;
            for (const std::string& key : filter.keys) {
                TIDEMARK_TRY(store::Statement * row,
                             reader->statement("SELECT id FROM names WHERE kind = ?1 AND text = ?2"));
                row->bind(1, static_cast<std::int64_t>(store::NameKind::kTool)).bind(2, std::string_view(key));
                TIDEMARK_TRY(const bool known, row->step());
                if (known) {
                    tools.insert(row->column_int(0));
                } else if (key.empty()) {
                    tools.insert(0);
                }
            }
        }
    }
    std::erase_if(scope.filters, [](const Filter& filter) { return filter.dimension == Dimension::kTool; });

    struct Found {
        base::UnixMillis time = 0;
        std::int64_t id = 0;
        auto operator<=>(const Found&) const = default;
    };
    std::vector<Found> found;
    std::vector<std::pair<Record, std::uint32_t>> rows;  // with their dimension; those of found, unless it has only ids
    Texts texts(*reader);
    TIDEMARK_TRY(const bool by_dim, reader->has_index_of_requests("dim_id"));
    std::int64_t needed = static_cast<std::int64_t>(limit) + 1;
    for (;;) {
        Stretch stretch;
        std::vector<std::uint8_t> wanted;
        {
            const auto lock = state.read();
            TIDEMARK_TRY(const Plan plan, state.plan(scope, Dimension::kNone));
            stretch = find_stretch(*state.cube, plan, from, to, query.descending, needed);
            wanted.assign(state.cube->dim_count(), 0);
        }
        for (const std::uint32_t dim : stretch.dims) {
            wanted[dim] = 1;
        }
        found.clear();
        rows.clear();
        rows.reserve(limit);
        // Whether a row belongs to the page, which begins behind the cursor.
        const auto belongs = [&](const Found& entry, std::span<const std::byte> tools_of_row) {
            if (cursor && !(query.descending ? entry < Found{cursor->value, cursor->id}
                                             : Found{cursor->value, cursor->id} < entry)) {
                return false;
            }
            if (!by_tool) {
                return true;
            }
            const auto uses = tool_uses(tools_of_row);
            return (uses.empty() && tools.contains(0)) ||
                   std::any_of(uses.begin(), uses.end(), [&](const ToolUse& use) { return tools.contains(use.tool); });
        };
        // Each dimension row costs a seek, each row of the stretch a read: take what is less.
        const bool per_dim = by_dim && stretch.dims.size() <= kMaxDimLookups &&
                             static_cast<std::int64_t>(stretch.dims.size()) * 3 + stretch.matching < stretch.all;
        if (per_dim) {
            TIDEMARK_TRY(store::Statement * row,
                         reader->statement("SELECT time, id, tools FROM requests WHERE dim_id = ?1 AND time >= ?2 AND "
                                           "time < ?3"));
            for (const std::uint32_t dim : stretch.dims) {
                row->reset();
                row->bind(1, std::int64_t{dim}).bind(2, stretch.from).bind(3, stretch.to);
                for (;;) {
                    TIDEMARK_TRY(const bool any, row->step());
                    if (!any) {
                        break;
                    }
                    if (const Found entry{row->column_int(0), row->column_int(1)};
                        belongs(entry, row->column_blob(2))) {
                        found.push_back(entry);
                    }
                }
            }
        } else if (stretch.from < stretch.to) {
            // In the order of the index on time, so that the walk ends with the page.
            const std::string_view order = query.descending ? "DESC" : "ASC";
            TIDEMARK_TRY(
                store::Statement * row,
                reader->statement(std::string(kRecordColumns) + "WHERE r.time >= ?1 AND r.time < ?2 ORDER BY r.time " +
                                  std::string(order) + ", r.id " + std::string(order)));
            row->bind(1, stretch.from).bind(2, stretch.to);
            while (found.size() <= limit) {
                TIDEMARK_TRY(const bool any, row->step());
                if (!any) {
                    break;
                }
                const Found entry{row->column_int(1), row->column_int(0)};
                auto dim = static_cast<std::uint32_t>(row->column_int(2));
                if (dim >= wanted.size() || wanted[dim] == 0 || !belongs(entry, row->column_blob(15))) {
                    continue;
                }
                found.push_back(entry);
                if (found.size() <= limit) {
                    TIDEMARK_TRY(Record record, record_of(*row, texts, dim));
                    rows.emplace_back(std::move(record), dim);
                }
            }
            row->reset();
        }
        const bool all_seen = query.descending ? stretch.from <= from : stretch.to >= to;
        if (found.size() > limit || all_seen || stretch.dims.empty() || stretch.matching < needed) {
            break;
        }
        needed *= 4;  // the tool filter or a change meanwhile left too few
    }
    if (rows.empty()) {
        std::sort(found.begin(), found.end());
        if (query.descending) {
            std::reverse(found.begin(), found.end());
        }
    }
    RecordsPage page;
    if (found.size() > limit) {
        found.resize(limit);
        page.next_cursor = encode({found.back().time, found.back().id});
    }
    if (rows.empty()) {
        TIDEMARK_TRY(store::Statement * row, reader->statement(std::string(kRecordColumns) + "WHERE r.id = ?1"));
        rows.reserve(found.size());
        for (const Found& entry : found) {
            row->reset();
            row->bind(1, entry.id);
            TIDEMARK_TRY(const bool known, row->step());
            if (known) {
                std::uint32_t dim = 0;
                TIDEMARK_TRY(Record record, record_of(*row, texts, dim));
                rows.emplace_back(std::move(record), dim);
            }
        }
    }
    TIDEMARK_CHECK_OK(describe(state, texts, rows));
    page.records.reserve(rows.size());
    for (auto& [record, dim] : rows) {
        page.records.push_back(std::move(record));
    }
    return page;
}

// ---------------------------------------------------------------------------------------------------------- sessions

SessionRow Engine::State::session_row(std::uint32_t id) const {
    const Session& session = cube->sessions()[id];
    SessionRow row;
    row.id = session.uid;
    row.project = project_key(session.project);
    row.started = session.started;
    row.last_activity = session.last_activity;
    row.active = base::now() - session.last_activity < kActiveFor;
    row.parent_session = text_or_none(session.parent_uid);
    row.totals.measures = session.totals;
    row.totals.sessions = session.totals.requests > 0 ? 1 : 0;
    row.compactions = session.compactions;
    row.api_errors = session.api_errors;
    row.limit_hits = session.limit_hits;
    row.pull_requests = session.pull_requests;
    row.lines_added = session.lines_added;
    row.lines_removed = session.lines_removed;
    std::set<std::uint32_t> agents;
    for (const std::uint32_t dim : session.dims) {
        if (cube->combo_value(cube->combo_of(dim), Dimension::kKind) ==
                static_cast<std::uint32_t>(model::RequestKind::kSubagent) &&
            cube->agent_uid_of(dim) != 0) {
            agents.insert(cube->agent_uid_of(dim));
        }
        const std::string& model = cube->key_of_dim(dim, Dimension::kModel);
        if (!model.empty() && std::find(row.models.begin(), row.models.end(), model) == row.models.end()) {
            row.models.push_back(model);
        }
    }
    row.subagents = static_cast<std::int64_t>(agents.size());
    return row;
}

base::Result<void> Engine::State::complete(std::vector<std::pair<std::uint32_t, SessionRow>>& rows) const {
    struct Missing {
        std::uint32_t session;
        std::vector<std::uint32_t> main, other;
    };
    std::vector<Missing> missing;
    const std::uint64_t seen_version = version;
    {
        const auto lock = read();
        const std::lock_guard newest_lock(newest_mutex);
        for (const auto& [id, row] : rows) {
            if (!newest_requests.contains(id)) {
                Missing entry{id, {}, {}};
                for (const std::uint32_t dim : cube->sessions()[id].dims) {
                    const bool main = cube->combo_value(cube->combo_of(dim), Dimension::kKind) ==
                                      static_cast<std::uint32_t>(model::RequestKind::kMain);
                    (main ? entry.main : entry.other).push_back(dim);
                }
                missing.push_back(std::move(entry));
            }
        }
    }
    std::unordered_map<std::uint32_t, Newest> looked_up;
    if (!missing.empty()) {
        TIDEMARK_TRY(auto reader, readers.lease(options.deadline_ms));
        TIDEMARK_TRY(
            store::Statement * newest_row,
            reader->statement("SELECT time, input + cache_write_5m + cache_write_1h + cache_read FROM requests "
                              "WHERE dim_id = ?1 ORDER BY time DESC LIMIT 1"));
        for (const Missing& entry : missing) {
            Newest best;
            base::UnixMillis best_time = -1;
            for (const bool main : {true, false}) {
                for (const std::uint32_t dim : main ? entry.main : entry.other) {
                    newest_row->reset();
                    newest_row->bind(1, std::int64_t{dim});
                    TIDEMARK_TRY(const bool any, newest_row->step());
                    if (any && newest_row->column_int(0) > best_time) {
                        best_time = newest_row->column_int(0);
                        best = {newest_row->column_int(1), dim, main};
                    }
                }
                if (best.dim != 0) {
                    break;  // other requests count only for a session without main ones
                }
            }
            looked_up[entry.session] = best;
        }
    }
    const auto lock = read();
    const std::lock_guard newest_lock(newest_mutex);
    if (seen_version == version) {
        newest_requests.insert(looked_up.begin(), looked_up.end());
    }
    for (auto& [id, row] : rows) {
        const auto fresh = looked_up.find(id);
        const auto known = newest_requests.find(id);
        if (fresh == looked_up.end() && known == newest_requests.end()) {
            continue;
        }
        const Newest best = fresh != looked_up.end() ? fresh->second : known->second;
        if (best.dim == 0 || !cube->has_dim(best.dim)) {
            continue;
        }
        row.branch = cube->key_of_dim(best.dim, Dimension::kBranch);
        row.version = cube->key_of_dim(best.dim, Dimension::kVersion);
        row.entrypoint = cube->key_of_dim(best.dim, Dimension::kEntrypoint);
        if (best.main) {
            row.context_tokens = best.context_tokens;
            if (options.context_windows) {
                row.context_window = options.context_windows(cube->key_of_dim(best.dim, Dimension::kModel));
            }
        }
    }
    return {};
}

base::Result<SessionsPage> Engine::plain_sessions(const SessionsQuery& query, const Privacy* names) const {
    const State& state = *state_;
    const std::size_t limit = std::min(std::max<std::size_t>(query.limit, 1), kMaxSessions);
    TIDEMARK_TRY(const auto cursor, decode(query.cursor));
    if (State::asks_tools(query.scope, Dimension::kNone)) {
        TIDEMARK_CHECK_OK(state.ensure_tools());
    }
    SessionsPage page;
    std::vector<std::pair<std::uint32_t, SessionRow>> rows;
    {
        const auto lock = state.read();
        const Cube& cube = *state.cube;
        page.seq = state.seq;
        TIDEMARK_TRY(auto included, state.sessions_in(query.scope));
        // A session whose first or last event lies in the range belongs to it too, requests or not.
        std::vector<std::uint8_t> projects(cube.projects().size(), 1);
        bool events_count = true;
        for (const Filter& filter : query.scope.filters) {
            if (filter.dimension == Dimension::kProject) {
                std::vector<std::uint8_t> allowed(projects.size(), 0);
                const auto& keys = cube.dictionary(Dimension::kProject).of_key;
                for (const std::string& key : filter.keys) {
                    if (const auto found = keys.find(key); found != keys.end()) {
                        allowed[found->second] = projects[found->second];
                    }
                }
                projects = std::move(allowed);
            } else if (filter.dimension != Dimension::kNone) {
                events_count = false;
            }
        }
        std::optional<ReachOfCube> reach;
        if (query.scope.reach != nullptr) {
            reach.emplace(cube, *query.scope.reach);
        }
        const std::string needle = lower(query.search);
        std::vector<std::uint8_t> project_hit, branch_hit;
        if (!needle.empty()) {
            const auto hit = [&](const std::string& text) {
                return lower(names == nullptr ? text : names->text(text)).find(needle) != std::string::npos;
            };
            for (const Project& project : cube.projects()) {
                // A part of a path can hold a name that is known as one only by its place in the path.
                project_hit.push_back(hit(project.path) || (names == nullptr && hit(project.label)));
            }
            for (const std::string& branch : cube.dictionary(Dimension::kBranch).keys) {
                branch_hit.push_back(hit(branch));
            }
        }
        const SessionColumns& columns = cube.session_columns();
        const auto key_of = [&](std::uint32_t id) -> std::int64_t {
            switch (query.sort) {
                case SessionSort::kLastActivity: return columns.last_activity[id];
                case SessionSort::kStarted: return columns.started[id];
                case SessionSort::kCost: return columns.cost[id];
                case SessionSort::kTotalTokens: return columns.tokens[id];
                case SessionSort::kRequests: return columns.requests[id];
                case SessionSort::kDuration: return columns.last_activity[id] - columns.started[id];
            }
            return 0;
        };
        const auto in_range = [&](base::UnixMillis time) { return time >= query.scope.from && time < query.scope.to; };
        // The best so far, one more than the page shows, as a heap with the worst of them in front. Newest first, which
        // is about the order people ask for: then most of the rest is refused at the first look.
        using Ranked = std::pair<std::int64_t, std::uint32_t>;
        const auto before = [&](const Ranked& a, const Ranked& b) { return query.descending ? a > b : a < b; };
        std::vector<Ranked> order;
        order.reserve(limit + 2);
        for (auto id = static_cast<std::uint32_t>(columns.size()); id-- > 1;) {
            const std::uint32_t project = columns.project[id];
            if (project == kNoSlot) {
                continue;
            }
            if (included[id] == 0 && !(events_count && projects[project] != 0 &&
                                       (in_range(columns.started[id]) || in_range(columns.last_activity[id])))) {
                continue;
            }
            if (reach && !reach->contains_session(cube, id)) {
                continue;
            }
            if (!needle.empty() && project_hit[project] == 0) {
                const Session& session = cube.sessions()[id];
                if (session.uid.find(needle) == std::string::npos &&
                    std::none_of(session.dims.begin(), session.dims.end(), [&](std::uint32_t dim) {
                        return branch_hit[cube.combo_value(cube.combo_of(dim), Dimension::kBranch)] != 0;
                    })) {
                    continue;
                }
            }
            ++page.total;
            const Ranked entry{key_of(id), id};
            if (cursor) {
                const Ranked after{cursor->value, static_cast<std::uint32_t>(cursor->id)};
                if (!before(after, entry)) {
                    continue;
                }
            }
            if (order.size() > limit) {
                if (!before(entry, order.front())) {
                    continue;
                }
                std::pop_heap(order.begin(), order.end(), before);
                order.back() = entry;
            } else {
                order.push_back(entry);
            }
            std::push_heap(order.begin(), order.end(), before);
        }
        std::sort_heap(order.begin(), order.end(), before);
        const std::size_t count = std::min(limit, order.size());
        if (order.size() > count) {
            page.next_cursor = encode({order[count - 1].first, order[count - 1].second});
        }
        for (std::size_t i = 0; i < count; ++i) {
            rows.emplace_back(order[i].second, state.session_row(order[i].second));
        }
    }
    TIDEMARK_CHECK_OK(state.complete(rows));
    for (auto& [id, row] : rows) {
        page.sessions.push_back(std::move(row));
    }
    return page;
}

base::Result<std::vector<SessionRow>> Engine::plain_active_sessions(base::UnixMillis now, const Reach* reach) const {
    const State& state = *state_;
    std::vector<std::pair<std::uint32_t, SessionRow>> rows;
    {
        const auto lock = state.read();
        std::optional<ReachOfCube> within;
        if (reach != nullptr) {
            within.emplace(*state.cube, *reach);
        }
        const SessionColumns& columns = state.cube->session_columns();
        for (std::uint32_t id = 1; id < columns.size(); ++id) {
            if (columns.project[id] != kNoSlot && now - columns.last_activity[id] < kActiveFor &&
                (!within || within->contains_session(*state.cube, id))) {
                rows.emplace_back(id, state.session_row(id));
                rows.back().second.active = true;
            }
        }
    }
    std::vector<SessionRow> result;
    if (rows.empty()) {
        return result;
    }
    TIDEMARK_CHECK_OK(state.complete(rows));
    struct Recent {
        std::uint32_t dim;
        base::UnixMillis time;
        std::int64_t tokens, cost;
    };
    std::vector<Recent> recent;
    TIDEMARK_CHECK_OK(state.requests(now - kRateWindow, now + 1,
                                     [&](base::UnixMillis time, std::uint32_t dim, const model::Measures& measures) {
                                         recent.push_back({dim, time, measures.tokens.total(), measures.cost.value});
                                     }));
    struct Rate {
        base::UnixMillis first = 0;
        std::int64_t tokens = 0, cost = 0;
    };
    std::unordered_map<std::uint32_t, Rate> rates;
    {
        const auto lock = state.read();
        for (const Recent& request : recent) {
            if (state.cube->has_dim(request.dim)) {
                Rate& rate = rates[state.cube->session_of(request.dim)];
                rate.first = rate.first == 0 ? request.time : std::min(rate.first, request.time);
                rate.tokens += request.tokens;
                rate.cost += request.cost;
            }
        }
    }
    for (auto& [id, row] : rows) {
        const Rate rate = rates[id];
        // At least five minutes, so that a single request is no peak.
        const double minutes =
            static_cast<double>(std::clamp(now - rate.first, kActiveFor, kRateWindow)) / base::kMinute;
        row.tokens_per_minute = static_cast<double>(rate.tokens) / minutes;
        row.cost_per_hour = base::NanoUsd{rate.cost}.dollars() / minutes * 60;
        result.push_back(std::move(row));
    }
    std::sort(result.begin(), result.end(), [](const SessionRow& a, const SessionRow& b) {
        return std::pair(-a.last_activity, a.id) < std::pair(-b.last_activity, b.id);
    });
    return result;
}

base::Result<SessionDetail> Engine::plain_session(std::string_view uid, const Reach* reach) const {
    const State& state = *state_;
    std::vector<std::pair<std::uint32_t, SessionRow>> rows;
    std::vector<std::uint32_t> dims;
    SessionDetail result;
    {
        const auto lock = state.read();
        const Cube& cube = *state.cube;
        const std::uint32_t id = cube.session_by_uid(uid);
        std::optional<ReachOfCube> within;
        if (reach != nullptr) {
            within.emplace(cube, *reach);
        }
        // What is beyond reach is not told from what does not exist.
        if (id == 0 || (within && !within->contains_session(cube, id))) {
            return base::fail(base::ErrorCode::kNotFound, "no session '" + std::string(uid) + "'");
        }
        result.seq = state.seq;
        rows.emplace_back(id, state.session_row(id));
        dims = cube.sessions()[id].dims;
        std::vector<std::int64_t> costs;
        const SessionColumns& columns = cube.session_columns();
        for (std::uint32_t other = 1; other < columns.size(); ++other) {
            if (columns.project[other] == columns.project[id] && columns.requests[other] > 0 &&
                (!within || within->contains_session(cube, other))) {
                costs.push_back(columns.cost[other]);
            }
        }
        if (costs.size() >= 3) {
            const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
            std::nth_element(costs.begin(), middle, costs.end());
            std::int64_t median = *middle;
            if (costs.size() % 2 == 0) {
                const std::int64_t below = *std::max_element(costs.begin(), middle);
                median = below + (median - below) / 2;
            }
            result.median_cost = base::NanoUsd{median};
        }
    }
    TIDEMARK_CHECK_OK(state.complete(rows));
    result.session = std::move(rows[0].second);
    const std::uint32_t id = rows[0].first;

    TIDEMARK_TRY(auto reader, state.readers.lease(state.options.deadline_ms));
    Texts texts(*reader);
    std::vector<std::pair<Record, std::uint32_t>> found;
    std::map<std::string, ToolCount> tools;
    std::unordered_map<std::uint32_t, const std::string*> tool_of_use;
    TIDEMARK_TRY(store::Statement * requests, reader->statement(std::string(kRecordColumns) + "WHERE r.dim_id = ?1"));
    found.reserve(static_cast<std::size_t>(std::max<std::int64_t>(result.session.totals.measures.requests, 0)));
    for (const std::uint32_t dim : dims) {
        requests->reset();
        requests->bind(1, std::int64_t{dim});
        for (;;) {
            TIDEMARK_TRY(const bool row, requests->step());
            if (!row) {
                break;
            }
            std::uint32_t row_dim = 0;
            TIDEMARK_TRY(Record record, record_of(*requests, texts, row_dim));
            for (const ToolUse& use : tool_uses(requests->column_blob(15))) {
                TIDEMARK_TRY(const std::string* const name, texts.name(use.tool));
                tool_of_use[use.id_hash] = name;
                ToolCount& tool = tools[*name];
                tool.name = *name;
                ++tool.calls;
            }
            found.emplace_back(std::move(record), row_dim);
        }
    }
    // Records are large: their order is sorted, then each moves once.
    std::vector<std::uint32_t> order(found.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&found](std::uint32_t a, std::uint32_t b) {
        return std::pair(found[a].first.time, found[a].first.id) < std::pair(found[b].first.time, found[b].first.id);
    });
    std::vector<std::pair<Record, std::uint32_t>> sorted;
    sorted.reserve(found.size());
    for (const std::uint32_t at : order) {
        sorted.push_back(std::move(found[at]));
    }
    found = std::move(sorted);

    std::vector<base::UnixMillis> compacted;
    TIDEMARK_TRY(
        store::Statement * events,
        reader->statement("SELECT e.kind, e.time, e.value1, e.value2, n.text FROM events e LEFT JOIN names n ON "
                          "n.id = e.text_id WHERE e.session_id = ?1 ORDER BY e.time, e.key"));
    events->bind(1, std::int64_t{id});
    for (;;) {
        TIDEMARK_TRY(const bool row, events->step());
        if (!row) {
            break;
        }
        const auto kind = static_cast<model::EventKind>(events->column_int(0));
        EventRow event{kind,
                       events->column_int(1),
                       result.session.id,
                       events->column_int(2),
                       events->column_int(3),
                       std::string(events->column_text(4))};
        if (kind == model::EventKind::kToolError) {
            // The failed use often knows its name only through the request that started it.
            const auto use = tool_of_use.find(static_cast<std::uint32_t>(event.value1));
            const std::string name = use != tool_of_use.end() ? *use->second : event.text;
            ToolCount& tool = tools[name];
            tool.name = name;
            ++tool.errors;
            continue;
        }
        if (kind == model::EventKind::kLines) {
            continue;  // in the session's sums
        }
        if (kind == model::EventKind::kCompaction) {
            compacted.push_back(event.time);
        }
        if (result.events.size() < kMaxEvents) {
            result.events.push_back(std::move(event));
        }
    }

    struct Agent {
        std::string type;
        std::optional<std::string> parent;
    };
    std::map<std::string, Agent> known_agents;
    TIDEMARK_TRY(store::Statement * agents,
                 reader->statement("SELECT (SELECT text FROM names WHERE id = a.agent_uid_id), (SELECT text FROM names "
                                   "WHERE id = a.agent_id), (SELECT text FROM names WHERE id = a.parent_uid_id) "
                                   "FROM agents a WHERE a.session_id = ?1"));
    agents->bind(1, std::int64_t{id});
    for (;;) {
        TIDEMARK_TRY(const bool row, agents->step());
        if (!row) {
            break;
        }
        const std::string parent(agents->column_text(2));
        known_agents[std::string(agents->column_text(0))] = {std::string(agents->column_text(1)),
                                                             parent.empty() ? "main" : parent};
    }

    TIDEMARK_TRY(store::Statement * client,
                 reader->statement("SELECT client_cost, client_input, client_output, client_cache_write, "
                                   "client_cache_read, client_web_searches FROM sessions WHERE id = ?1"));
    client->bind(1, std::int64_t{id});
    TIDEMARK_TRY(const bool has_client, client->step());
    if (has_client && !client->column_null(0)) {
        // What the client counted and no row shows: compaction, search and helper requests. Never negative.
        const model::Measures& rows_sum = result.session.totals.measures;
        const auto beyond = [&](int column, std::int64_t logged) {
            return client->column_null(column) ? 0 : std::max<std::int64_t>(client->column_int(column) - logged, 0);
        };
        model::Measures rest;
        rest.cost.value = beyond(0, rows_sum.cost.value);
        rest.tokens.input = beyond(1, rows_sum.tokens.input);
        rest.tokens.output = beyond(2, rows_sum.tokens.output);
        rest.tokens.cache_write_5m = beyond(3, rows_sum.tokens.cache_write());
        rest.tokens.cache_read = beyond(4, rows_sum.tokens.cache_read);
        rest.web_searches = beyond(5, rows_sum.web_searches);
        if (rest.cost.value > 0 || rest.tokens.total() > 0) {
            result.unlogged = rest;
        }
    }

    TIDEMARK_CHECK_OK(describe(state, texts, found));
    // The agents' work, and requests that wrote to the cache what an earlier one of the same agent had put there.
    struct Memory {
        std::int64_t cached = 0;
        base::UnixMillis time = 0;
    };
    std::map<std::string, Memory> memories;
    std::map<std::string, AgentRow> agent_rows;
    std::vector<bool> misses;
    for (const auto& [record, dim] : found) {
        const std::string agent = record.agent_uid.empty() ? "main" : record.agent_uid;
        AgentRow& row = agent_rows[agent];
        if (row.id.empty()) {
            row.id = agent;
            row.started = record.time;
            if (agent != "main") {
                const auto known = known_agents.find(agent);
                row.type = known != known_agents.end() ? known->second.type : "";
                row.parent_id = known != known_agents.end() ? known->second.parent : std::nullopt;
            }
        }
        if (row.type.empty() && record.agent) {
            row.type = *record.agent;
        }
        row.ended = record.time;
        const base::UnixMillis begun = record.time - record.duration_ms.value_or(0);
        if (row.spans.empty() || begun - row.spans.back().second > kSpanGap) {
            row.spans.emplace_back(begun, record.time);
        } else {
            row.spans.back().second = record.time;
        }
        model::Measures measures;
        measures.tokens = record.tokens;
        measures.requests = 1;
        measures.cost = record.cost.value_or(base::NanoUsd{});
        measures.unpriced_requests = record.cost ? 0 : 1;
        measures.unpriced_tokens = record.cost ? 0 : record.tokens.total();
        measures.web_searches = record.web_searches;
        measures.incomplete_requests = record.incomplete ? 1 : 0;
        measures.duration_ms = record.duration_ms.value_or(0);
        measures.timed_requests = record.duration_ms ? 1 : 0;
        row.totals.measures += measures;
        row.totals.sessions = 1;

        Memory& memory = memories[agent];
        const bool compacted_between = std::any_of(compacted.begin(), compacted.end(), [&](base::UnixMillis time) {
            return agent == "main" && time > memory.time && time <= record.time;
        });
        const bool is_auxiliary = record.kind == model::RequestKind::kAuxiliary;
        misses.push_back(!is_auxiliary && !compacted_between && memory.cached >= 1024 &&
                         record.tokens.cache_read < memory.cached / 2 &&
                         record.tokens.cache_write() + record.tokens.input >= memory.cached / 2);
        if (!is_auxiliary) {
            memory = {record.tokens.cache_read + record.tokens.cache_write(), record.time};
        }
    }
    for (auto& [agent, row] : agent_rows) {
        result.agents.push_back(std::move(row));
    }
    std::sort(result.agents.begin(), result.agents.end(), [](const AgentRow& a, const AgentRow& b) {
        return std::tuple(a.id != "main", a.started, a.id) < std::tuple(b.id != "main", b.started, b.id);
    });
    for (auto& [name, tool] : tools) {
        result.tools.push_back(std::move(tool));
    }
    std::sort(result.tools.begin(), result.tools.end(), [](const ToolCount& a, const ToolCount& b) {
        return std::pair(-a.calls, a.name) < std::pair(-b.calls, b.name);
    });
    // The newest requests are the ones people look at.
    const std::size_t skip = found.size() > kMaxSessionRequests ? found.size() - kMaxSessionRequests : 0;
    result.truncated = skip > 0;
    for (std::size_t i = skip; i < found.size(); ++i) {
        result.requests.push_back(std::move(found[i].first));
        result.cache_misses.push_back(misses[i]);
    }
    return result;
}

base::Result<std::vector<Engine::SessionActivity>> Engine::session_activity(const Scope& scope) const {
    const State& state = *state_;
    if (State::asks_tools(scope, Dimension::kNone)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "tool: the activity of sessions cannot be filtered by tool");
    }
    struct Times {
        base::UnixMillis first = 0, last = 0;
    };
    std::vector<Times> of_dim;
    TIDEMARK_TRY(auto reader, state.readers.lease(state.options.deadline_ms));
    reader->database.set_deadline(0);  // as long as the ledger
    TIDEMARK_TRY(store::Statement * rows,
                 reader->statement("SELECT dim_id, min(time), max(time) FROM requests WHERE time >= ?1 AND time < ?2 "
                                   "GROUP BY dim_id"));
    rows->bind(1, scope.from).bind(2, scope.to);
    for (;;) {
        TIDEMARK_TRY(const bool row, rows->step());
        if (!row) {
            break;
        }
        const auto dim = static_cast<std::size_t>(rows->column_int(0));
        if (dim >= of_dim.size()) {
            of_dim.resize(dim + 1);
        }
        of_dim[dim] = {rows->column_int(1), rows->column_int(2)};
    }
    const auto lock = state.read();
    const Cube& cube = *state.cube;
    TIDEMARK_TRY(const Plan plan, state.plan(scope, Dimension::kNone));
    std::vector<SessionActivity> result;
    for (std::size_t id = 1; id < cube.sessions().size(); ++id) {
        SessionActivity entry;
        for (const std::uint32_t dim : cube.sessions()[id].dims) {
            if (dim < of_dim.size() && of_dim[dim].last != 0 && plan.slot(cube, dim) != kNoSlot) {
                entry.first = entry.last == 0 ? of_dim[dim].first : std::min(entry.first, of_dim[dim].first);
                entry.last = std::max(entry.last, of_dim[dim].last);
            }
        }
        if (entry.last != 0) {
            entry.id = cube.sessions()[id].uid;
            entry.project = state.project_key(cube.sessions()[id].project);
            result.push_back(std::move(entry));
        }
    }
    return result;
}

base::Result<std::vector<EventRow>> Engine::plain_events(const Scope& scope, model::EventKind kind,
                                                         std::size_t limit) const {
    const State& state = *state_;
    TIDEMARK_CHECK_OK(only_filters(scope, "events", {Dimension::kProject, Dimension::kSession}));
    std::vector<std::pair<EventRow, std::uint32_t>> rows;
    std::vector<EventRow> result;
    TIDEMARK_TRY(auto reader, state.readers.lease(state.options.deadline_ms));
    TIDEMARK_TRY(
        store::Statement * events,
        reader->statement("SELECT e.session_id, e.time, e.value1, e.value2, n.text FROM events e LEFT JOIN names n "
                          "ON n.id = e.text_id WHERE e.kind = ?1 AND e.time >= ?2 AND e.time < ?3 "
                          "ORDER BY e.time DESC, e.key"));
    events->bind(1, static_cast<std::int64_t>(kind)).bind(2, scope.from).bind(3, scope.to);
    const auto lock = state.read();
    const Cube& cube = *state.cube;
    std::optional<ReachOfCube> reach;
    if (scope.reach != nullptr) {
        reach.emplace(cube, *scope.reach);
    }
    while (result.size() < std::min(limit, kMaxEvents)) {
        TIDEMARK_TRY(const bool row, events->step());
        if (!row) {
            break;
        }
        const auto id = static_cast<std::size_t>(events->column_int(0));
        if (id >= cube.sessions().size()) {
            continue;
        }
        const Session& session = cube.sessions()[id];
        if (reach && !reach->contains_session(cube, static_cast<std::uint32_t>(id))) {
            continue;
        }
        const bool passes = std::all_of(scope.filters.begin(), scope.filters.end(), [&](const Filter& filter) {
            const std::string& key =
                filter.dimension == Dimension::kSession ? session.uid : cube.projects()[session.project].path;
            return filter.dimension == Dimension::kNone ||
                   std::find(filter.keys.begin(), filter.keys.end(), key) != filter.keys.end();
        });
        if (passes) {
            result.push_back({kind, events->column_int(1), session.uid, events->column_int(2), events->column_int(3),
                              std::string(events->column_text(4))});
        }
    }
    return result;
}

}  // namespace tidemark::query
