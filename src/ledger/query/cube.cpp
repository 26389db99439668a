#include "ledger/query/cube.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "foundation/base/hash.hpp"
#include "ledger/store/packed_sums.hpp"

namespace tidemark::query {

namespace {

// More late arrivals than this are merged into the sorted columns: below it a scan of them costs less than a merge.
constexpr std::size_t kPendingLimit = 8192;

/// Moves as much of `change` into `column` as its type can hold.
template <class Narrow>
bool take(Narrow& column, std::int64_t& change) {
    const std::int64_t sum = static_cast<std::int64_t>(column) + change;
    const std::int64_t held =
        std::clamp<std::int64_t>(sum, std::numeric_limits<Narrow>::min(), std::numeric_limits<Narrow>::max());
    column = static_cast<Narrow>(held);
    change = sum - held;
    return change == 0;
}

std::uint64_t pair_key(std::uint64_t high, std::uint64_t low) { return high << 32 | low; }

std::string last_component(std::string_view path) {
    while (path.size() > 1 && (path.back() == '/' || path.back() == '\\')) {
        path.remove_suffix(1);
    }
    const auto at = path.find_last_of("/\\");
    return std::string(at == std::string_view::npos || at + 1 == path.size() ? path : path.substr(at + 1));
}

/// The last two components, to tell projects of the same name apart.
std::string last_two_components(std::string_view path) {
    const std::string last = last_component(path);
    if (last.size() + 1 >= path.size()) {
        return std::string(path);
    }
    return last_component(path.substr(0, path.size() - last.size() - 1)) + "/" + last;
}

base::Result<std::uint64_t> read_seq(store::Database& database) {
    TIDEMARK_TRY(store::Statement row, database.prepare("SELECT value FROM meta WHERE key = 'seq'"));
    TIDEMARK_TRY(const bool known, row.step());
    return known ? static_cast<std::uint64_t>(row.column_int(0)) : 0;
}

}  // namespace

model::Measures Entries::at(std::size_t i) const {
    model::Measures result;
    result.tokens.input = input[i];
    result.tokens.output = output[i];
    result.tokens.thinking = thinking[i];
    result.tokens.cache_write_5m = cache_write_5m[i];
    result.tokens.cache_write_1h = cache_write_1h[i];
    result.tokens.cache_read = cache_read[i];
    result.cost.value = cost[i];
    result.requests = requests[i];
    result.web_searches = web_searches[i];
    result.incomplete_requests = incomplete[i];
    result.unpriced_requests = unpriced[i];
    result.unpriced_tokens = unpriced_tokens[i];
    result.duration_ms = duration_ms[i];
    result.timed_requests = timed[i];
    return result;
}

bool Entries::absorb(std::size_t i, model::Measures& change) {
    cost[i] += change.cost.value;
    change.cost.value = 0;
    bool whole = take(requests[i], change.requests);
    whole &= take(input[i], change.tokens.input);
    whole &= take(output[i], change.tokens.output);
    whole &= take(thinking[i], change.tokens.thinking);
    whole &= take(cache_write_5m[i], change.tokens.cache_write_5m);
    whole &= take(cache_write_1h[i], change.tokens.cache_write_1h);
    whole &= take(cache_read[i], change.tokens.cache_read);
    whole &= take(unpriced_tokens[i], change.unpriced_tokens);
    whole &= take(duration_ms[i], change.duration_ms);
    whole &= take(web_searches[i], change.web_searches);
    whole &= take(incomplete[i], change.incomplete_requests);
    whole &= take(unpriced[i], change.unpriced_requests);
    whole &= take(timed[i], change.timed_requests);
    return whole;
}

void Entries::push(Quarter at_quarter, std::uint32_t at_dim) {
    quarter.push_back(at_quarter);
    dim.push_back(at_dim);
    cost.push_back(0);
    for (auto* column : {&requests, &input, &output, &thinking, &cache_write_5m, &cache_write_1h, &cache_read,
                         &unpriced_tokens, &duration_ms}) {
        column->push_back(0);
    }
    for (auto* column : {&web_searches, &incomplete, &unpriced, &timed}) {
        column->push_back(0);
    }
}

void Entries::reserve(std::size_t count) {
    quarter.reserve(count);
    dim.reserve(count);
    cost.reserve(count);
    for (auto* column : {&requests, &input, &output, &thinking, &cache_write_5m, &cache_write_1h, &cache_read,
                         &unpriced_tokens, &duration_ms}) {
        column->reserve(count);
    }
    for (auto* column : {&web_searches, &incomplete, &unpriced, &timed}) {
        column->reserve(count);
    }
}

void ToolEntries::reserve(std::size_t count) {
    quarter.reserve(count);
    dim.reserve(count);
    tool.reserve(count);
    calls.reserve(count);
    cost.reserve(count);
    tokens.reserve(count);
}

void Entries::clear() { *this = Entries(); }

void Entries::copy_from(const Entries& other, std::size_t i) {
    push(other.quarter[i], other.dim[i]);
    model::Measures measures = other.at(i);
    absorb(size() - 1, measures);
}

std::size_t combo_column(Dimension dimension) {
    switch (dimension) {
        case Dimension::kProject: return 0;
        case Dimension::kModel: return 1;
        case Dimension::kBranch: return 2;
        case Dimension::kKind: return 3;
        case Dimension::kVersion: return 4;
        case Dimension::kEntrypoint: return 5;
        case Dimension::kAgent: return 6;
        case Dimension::kSkill: return 7;
        case Dimension::kPlugin: return 8;
        case Dimension::kMcpServer: return 9;
        case Dimension::kEffort: return 10;
        case Dimension::kSpeed: return 11;
        case Dimension::kServiceTier: return 12;
        case Dimension::kGeo: return 13;
        case Dimension::kMember: return 14;
        case Dimension::kNone:
        case Dimension::kSession:
        case Dimension::kTool: break;
    }
    return kComboColumns;
}

void SessionColumns::resize(std::size_t count) {
    project.resize(count, kNoSlot);
    first.resize(count, 0xffff'ffff);
    last.resize(count);
    started.resize(count);
    last_activity.resize(count);
    cost.resize(count);
    tokens.resize(count);
    requests.resize(count);
}

// ------------------------------------------------------------------------------------------------------------- cuts

namespace {

constexpr std::array kCoarseDimensions = {Dimension::kProject, Dimension::kModel, Dimension::kKind};

bool is_coarse(Dimension dimension) {
    return std::find(kCoarseDimensions.begin(), kCoarseDimensions.end(), dimension) != kCoarseDimensions.end();
}

/// The columns that are a cut of their own, in the order of the cuts.
const std::array<std::size_t, kCuts - 2>& single_columns() {
    static const std::array<std::size_t, kCuts - 2> columns = [] {
        std::array<std::size_t, kCuts - 2> result{};
        std::size_t next = 0;
        for (const Dimension dimension : all_dimensions()) {
            if (combo_column(dimension) < kComboColumns && !is_coarse(dimension)) {
                result[next++] = combo_column(dimension);
            }
        }
        return result;
    }();
    return columns;
}

}  // namespace

std::size_t Cube::single_column(Cut cut) { return single_columns()[cut - 2]; }

Cut Cube::cut_for(const std::vector<Dimension>& dimensions) {
    bool coarse = true;
    Cut single = kFine;
    for (const Dimension dimension : dimensions) {
        const std::size_t column = combo_column(dimension);
        if (column == kComboColumns || is_coarse(dimension)) {
            single = column == kComboColumns ? single : kCuts;
            continue;
        }
        coarse = false;
        const auto& columns = single_columns();
        const Cut own = 2 + static_cast<Cut>(std::find(columns.begin(), columns.end(), column) - columns.begin());
        single = single == kFine || single == own ? own : kCuts;
    }
    if (coarse) {
        return kCoarse;
    }
    return single < kCuts ? single : kFine;
}

std::size_t Cube::rows(Cut cut) const {
    if (cut == kFine) {
        return combo_count();
    }
    if (cut == kCoarse) {
        return coarse_[0].size();
    }
    for (const Dimension dimension : all_dimensions()) {
        if (combo_column(dimension) == single_column(cut)) {
            return dictionary(dimension).keys.size();
        }
    }
    return 0;
}

std::span<const std::uint32_t> Cube::row_values(Cut cut, Dimension dimension) const {
    if (cut == kFine) {
        return combos_[combo_column(dimension)];
    }
    for (std::size_t i = 0; cut == kCoarse && i < kCoarseDimensions.size(); ++i) {
        if (kCoarseDimensions[i] == dimension) {
            return coarse_[i];
        }
    }
    return {};
}

std::uint32_t Cube::coarse_value(std::uint32_t row, Dimension dimension) const {
    for (std::size_t i = 0; i < kCoarseDimensions.size(); ++i) {
        if (kCoarseDimensions[i] == dimension) {
            return coarse_[i][row];
        }
    }
    return 0;
}

SessionRows Cube::session_rows(Cut cut) const {
    SessionRows result;
    result.offsets.reserve(sessions_.size() + 1);
    result.rows.reserve(dim_combo_.size());
    for (const Session& session : sessions_) {
        const auto begin = static_cast<std::ptrdiff_t>(result.rows.size());
        result.offsets.push_back(static_cast<std::uint32_t>(begin));
        for (const std::uint32_t dim : session.dims) {
            if (dim_requests_[dim] > 0) {
                result.rows.push_back(row_of(cut, dim_combo_[dim]));
            }
        }
        std::sort(result.rows.begin() + begin, result.rows.end());
        result.rows.erase(std::unique(result.rows.begin() + begin, result.rows.end()), result.rows.end());
    }
    result.offsets.push_back(static_cast<std::uint32_t>(result.rows.size()));
    return result;
}

// ---------------------------------------------------------------------------------------------------------- loading

base::Result<std::unique_ptr<Cube>> Cube::load(store::Database& database, std::uint64_t& seq, Facts facts) {
    auto cube = std::make_unique<Cube>();
    cube->facts_ = facts;
    const auto fixed = [&](Dimension dimension, std::initializer_list<std::string_view> keys) {
        Dictionary& dictionary = cube->dictionaries_[static_cast<std::size_t>(dimension)];
        for (const std::string_view key : keys) {
            dictionary.of_key.emplace(key, static_cast<std::uint32_t>(dictionary.keys.size()));
            dictionary.keys.emplace_back(key);
        }
    };
    for (const Dimension dimension : all_dimensions()) {
        switch (dimension) {
            case Dimension::kKind: fixed(dimension, {"main", "subagent", "auxiliary"}); break;
            case Dimension::kSpeed: fixed(dimension, {"standard", "fast"}); break;
            case Dimension::kServiceTier: fixed(dimension, {"", "standard", "priority", "batch"}); break;
            case Dimension::kSession: break;
            default: fixed(dimension, {""}); break;
        }
    }
    cube->projects_.resize(1);
    cube->sessions_.resize(1);
    cube->session_columns_.resize(1);
    // One read transaction, so that the sums and the change number belong together.
    TIDEMARK_CHECK_OK(database.execute("BEGIN"));
    const auto read = [&]() -> base::Result<void> {
        TIDEMARK_TRY(seq, read_seq(database));
        TIDEMARK_CHECK_OK(cube->make_room(database));
        TIDEMARK_CHECK_OK(cube->read_names(database));
        TIDEMARK_CHECK_OK(cube->read_projects(database));
        TIDEMARK_CHECK_OK(cube->read_new_sessions(database));
        TIDEMARK_CHECK_OK(cube->read_dims(database));
        return cube->read_rollups(database);
    };
    auto done = read();
    TIDEMARK_CHECK_OK(database.execute("COMMIT"));
    TIDEMARK_CHECK_OK(std::move(done));
    return cube;
}

/// Before a whole ledger is read: tables with ids from 1 on tell by their last one how much will come.
base::Result<void> Cube::make_room(store::Database& database) {
    const auto rows = [&](const char* sql) -> base::Result<std::size_t> {
        TIDEMARK_TRY(const std::int64_t last, database.query_int(sql));
        return static_cast<std::size_t>(std::clamp<std::int64_t>(last, 0, std::int64_t{1} << 26)) + 1;
    };
    TIDEMARK_TRY(const std::size_t sessions, rows("SELECT ifnull(max(id), 0) FROM sessions"));
    sessions_.reserve(sessions);
    session_by_uid_.reserve(sessions);
    TIDEMARK_TRY(const std::size_t dims, rows("SELECT ifnull(max(id), 0) FROM dims"));
    for (std::vector<std::uint32_t>* column : {&dim_combo_, &dim_session_, &dim_agent_uid_, &dim_model_given_}) {
        column->reserve(dims);
    }
    dim_requests_.reserve(dims);
    return {};
}

base::Result<void> Cube::read_names(store::Database& database) {
    // Kinds that only lists show are looked up there: subagent ids alone can be more than all the rest.
    TIDEMARK_TRY(store::Statement rows,
                 database.prepare(std::string("SELECT id, text FROM names WHERE id > ?1 AND kind ") +
                                  (facts_ == Facts::kAll ? "NOT IN (7, 12, 14, 16)" : "= 1")));
    rows.bind(1, max_name_);
    for (;;) {
        TIDEMARK_TRY(const bool row, rows.step());
        if (!row) {
            return {};
        }
        names_[rows.column_int(0)] = rows.column_text(1);
        max_name_ = std::max(max_name_, rows.column_int(0));
    }
}

base::Result<void> Cube::read_projects(store::Database& database) {
    TIDEMARK_TRY(store::Statement rows,
                 database.prepare("SELECT id, path, name, git_remote FROM projects WHERE id > ?1 ORDER BY id"));
    rows.bind(1, max_project_);
    Dictionary& dictionary = dictionaries_[static_cast<std::size_t>(Dimension::kProject)];
    bool any = false;
    for (;;) {
        TIDEMARK_TRY(const bool row, rows.step());
        if (!row) {
            break;
        }
        any = true;
        max_project_ = rows.column_int(0);
        const auto id = static_cast<std::size_t>(max_project_);
        if (id >= projects_.size()) {
            projects_.resize(id + 1);
            dictionary.keys.resize(id + 1);
        }
        projects_[id] = {
            std::string(rows.column_text(1)), std::string(rows.column_text(2)), {}, std::string(rows.column_text(3))};
        dictionary.keys[id] = projects_[id].path;
        dictionary.of_key[projects_[id].path] = static_cast<std::uint32_t>(id);
    }
    if (any) {
        label_projects();
    }
    return {};
}

void Cube::label_projects() {
    std::map<std::string, int> uses;
    for (const Project& project : projects_) {
        ++uses[project.name];
    }
    for (Project& project : projects_) {
        const std::string name = project.name.empty() ? last_component(project.path) : project.name;
        project.label = uses[project.name] > 1 ? last_two_components(project.path) : name;
    }
}

namespace {
std::string select_sessions(Facts facts) {
    return std::string("SELECT id, uid, project_id, started, last_activity") +
           (facts == Facts::kAll
                ? ", parent_uid, compactions, api_errors, limit_hits, pull_requests, lines_added, lines_removed"
                : "") +
           " FROM sessions ";
}
}  // namespace

base::Result<void> Cube::read_session(store::Statement& row) {
    const std::int64_t number = row.column_int(0);
    if (number < 1 || number >= std::int64_t{1} << 30) {
        return base::fail(base::ErrorCode::kDataLoss, "sessions.id " + std::to_string(number) + " is out of range");
    }
    const auto id = static_cast<std::size_t>(number);
    max_session_ = std::max(max_session_, number);
    if (id >= sessions_.size()) {
        sessions_.resize(id + 1);
        session_columns_.resize(id + 1);
    }
    Session& session = sessions_[id];
    if (session.uid.empty()) {
        session.uid = row.column_text(1);
        session_by_uid_[session.uid] = static_cast<std::uint32_t>(id);
    }
    session.project = static_cast<std::uint32_t>(row.column_int(2));
    session.started = row.column_int(3);
    session.last_activity = row.column_int(4);
    if (facts_ == Facts::kAll) {
        session.parent_uid = row.column_text(5);
        session.compactions = static_cast<std::int32_t>(row.column_int(6));
        session.api_errors = static_cast<std::int32_t>(row.column_int(7));
        session.limit_hits = static_cast<std::int32_t>(row.column_int(8));
        session.pull_requests = static_cast<std::int32_t>(row.column_int(9));
        session.lines_added = row.column_int(10);
        session.lines_removed = row.column_int(11);
    }
    session_columns_.project[id] = session.project;
    session_columns_.started[id] = session.started;
    session_columns_.last_activity[id] = session.last_activity;
    if (session.project >= projects_.size()) {
        return base::fail(base::ErrorCode::kDataLoss,
                          "session " + session.uid + " names a project that does not exist");
    }
    return {};
}

base::Result<void> Cube::read_new_sessions(store::Database& database) {
    TIDEMARK_TRY(store::Statement rows, database.prepare(select_sessions(facts_) + "WHERE id > ?1 ORDER BY id"));
    rows.bind(1, max_session_);
    for (;;) {
        TIDEMARK_TRY(const bool row, rows.step());
        if (!row) {
            return {};
        }
        TIDEMARK_CHECK_OK(read_session(rows));
    }
}

std::uint32_t Cube::value_of(Dimension dimension, std::int64_t name_id) {
    if (name_id == 0) {
        return 0;
    }
    Dictionary& dictionary = dictionaries_[static_cast<std::size_t>(dimension)];
    if (const auto found = dictionary.of_row.find(name_id); found != dictionary.of_row.end()) {
        return found->second;
    }
    const auto name = names_.find(name_id);
    const std::string text = name == names_.end() ? std::string() : name->second;
    const auto [place, added] = dictionary.of_key.emplace(text, static_cast<std::uint32_t>(dictionary.keys.size()));
    if (added) {
        dictionary.keys.push_back(text);
    }
    dictionary.of_row.emplace(name_id, place->second);
    return place->second;
}

base::Result<void> Cube::read_dims(store::Database& database) {
    constexpr std::array kNamed = {Dimension::kBranch, Dimension::kVersion, Dimension::kEntrypoint, Dimension::kAgent,
                                   Dimension::kSkill,  Dimension::kPlugin,  Dimension::kMcpServer,  Dimension::kEffort,
                                   Dimension::kGeo,    Dimension::kMember};
    const bool all = facts_ == Facts::kAll;
    TIDEMARK_TRY(store::Statement rows,
                 database.prepare(std::string("SELECT id, session_id, project_id, model_id, speed") +
                                  (all ? ", kind, tier, agent_uid_id, model_given_id, branch_id, version_id,"
                                         " entrypoint_id, agent_id, skill_id, plugin_id, mcp_server_id, effort_id,"
                                         " geo_id, member_id"
                                       : "") +
                                  " FROM dims WHERE id > ?1 ORDER BY id"));
    rows.bind(1, max_dim_);
    for (;;) {
        TIDEMARK_TRY(const bool row, rows.step());
        if (!row) {
            return {};
        }
        max_dim_ = rows.column_int(0);
        if (max_dim_ >= std::int64_t{1} << 30) {
            return base::fail(base::ErrorCode::kDataLoss, "dims.id " + std::to_string(max_dim_) + " is out of range");
        }
        const auto dim = static_cast<std::size_t>(max_dim_);
        if (dim >= dim_combo_.size()) {
            dim_combo_.resize(dim + 1, kNoSlot);
            dim_requests_.resize(dim + 1);
            dim_session_.resize(dim + 1);
            dim_agent_uid_.resize(dim + 1);
            dim_model_given_.resize(dim + 1);
        }
        std::array<std::uint32_t, kComboColumns> values{};
        const auto put = [&](Dimension dimension, std::uint32_t value) { values[combo_column(dimension)] = value; };
        const std::int64_t project = rows.column_int(2);
        const std::int64_t session = rows.column_int(1);
        if (project < 0 || static_cast<std::size_t>(project) >= projects_.size() || session < 0 ||
            static_cast<std::size_t>(session) >= sessions_.size()) {
            return base::fail(base::ErrorCode::kDataLoss, "dims row " + std::to_string(max_dim_) +
                                                              " names a project or session that does not exist");
        }
        put(Dimension::kProject, static_cast<std::uint32_t>(project));
        put(Dimension::kModel, value_of(Dimension::kModel, rows.column_int(3)));
        put(Dimension::kSpeed, static_cast<std::uint32_t>(std::clamp<std::int64_t>(rows.column_int(4), 0, 1)));
        if (all) {
            put(Dimension::kKind, static_cast<std::uint32_t>(std::clamp<std::int64_t>(rows.column_int(5), 0, 2)));
            put(Dimension::kServiceTier,
                static_cast<std::uint32_t>(std::clamp<std::int64_t>(rows.column_int(6), 0, 3)));
            dim_agent_uid_[dim] = static_cast<std::uint32_t>(rows.column_int(7));
            dim_model_given_[dim] = static_cast<std::uint32_t>(rows.column_int(8));
            for (std::size_t i = 0; i < kNamed.size(); ++i) {
                put(kNamed[i], value_of(kNamed[i], rows.column_int(static_cast<int>(9 + i))));
            }
        }

        std::uint64_t hash = 0;
        for (const std::uint32_t value : values) {
            hash = base::hash_combine(hash, value);
        }
        std::uint32_t combo = kNoSlot;
        auto& candidates = combo_by_hash_[hash];
        for (const std::uint32_t candidate : candidates) {
            bool same = true;
            for (std::size_t column = 0; column < kComboColumns && same; ++column) {
                same = combos_[column][candidate] == values[column];
            }
            if (same) {
                combo = candidate;
            }
        }
        if (combo == kNoSlot) {
            combo = static_cast<std::uint32_t>(combos_[0].size());
            for (std::size_t column = 0; column < kComboColumns; ++column) {
                combos_[column].push_back(values[column]);
            }
            candidates.push_back(combo);
            const std::uint64_t key =
                (pair_key(values[combo_column(Dimension::kProject)], values[combo_column(Dimension::kModel)]) << 2U) |
                values[combo_column(Dimension::kKind)];
            const auto [coarse, is_new] =
                coarse_by_values_.try_emplace(key, static_cast<std::uint32_t>(coarse_[0].size()));
            if (is_new) {
                for (std::size_t i = 0; i < kCoarseDimensions.size(); ++i) {
                    coarse_[i].push_back(values[combo_column(kCoarseDimensions[i])]);
                }
            }
            coarse_of_combo_.push_back(coarse->second);
        }
        dim_combo_[dim] = combo;
        dim_session_[dim] = static_cast<std::uint32_t>(session);
        sessions_[static_cast<std::size_t>(session)].dims.push_back(static_cast<std::uint32_t>(dim));
    }
}

base::Result<void> Cube::read_rollups(store::Database& database) {
    TIDEMARK_TRY(const std::int64_t count, database.query_int("SELECT count(*) FROM usage_15m"));
    main_.reserve(static_cast<std::size_t>(count + count / 16));
    TIDEMARK_TRY(store::Statement rows,
                 database.prepare("SELECT quarter, dim_id, sums FROM usage_15m ORDER BY quarter, dim_id"));
    for (;;) {
        TIDEMARK_TRY(const bool row, rows.step());
        if (!row) {
            return {};
        }
        const std::int64_t quarter = rows.column_int(0);
        const std::int64_t dim = rows.column_int(1);
        if (quarter < 0 || quarter >= 0xffff'fffe || !has_dim(dim)) {
            return base::fail(base::ErrorCode::kDataLoss, "usage_15m row (" + std::to_string(quarter) + ", " +
                                                              std::to_string(dim) + ") names no known dimension row");
        }
        model::Measures sums;
        if (!store::unpack(rows.column_blob(2), sums)) {
            return base::fail(base::ErrorCode::kDataLoss, "usage_15m row (" + std::to_string(quarter) + ", " +
                                                              std::to_string(dim) + ") is damaged");
        }
        account(static_cast<Quarter>(quarter), static_cast<std::uint32_t>(dim), sums);
        do {
            main_.push(static_cast<Quarter>(quarter), static_cast<std::uint32_t>(dim));
        } while (!main_.absorb(main_.size() - 1, sums));
    }
}

base::Result<void> Cube::load_tools(store::Database& database) {
    TIDEMARK_CHECK_OK(database.execute("BEGIN"));
    auto done = read_tools(database);
    TIDEMARK_CHECK_OK(database.execute("COMMIT"));
    return done;
}

base::Result<void> Cube::read_tools(store::Database& database) {
    TIDEMARK_TRY(tools_seq_, read_seq(database));
    TIDEMARK_CHECK_OK(read_new(database, {}));
    TIDEMARK_TRY(store::Statement rows, database.prepare("SELECT quarter, dim_id, tools FROM usage_15m WHERE tools IS "
                                                         "NOT NULL ORDER BY quarter, dim_id"));
    for (;;) {
        TIDEMARK_TRY(const bool row, rows.step());
        if (!row) {
            break;
        }
        const std::int64_t quarter = rows.column_int(0);
        const std::int64_t dim = rows.column_int(1);
        base::Result<void> added;
        const bool whole = store::unpack_tools(rows.column_blob(2), [&](const store::ToolSums& tool) {
            if (added) {
                added = add(store::ToolDelta{quarter, dim, tool.tool_id, tool.calls, tool.cost, tool.tokens});
            }
        });
        TIDEMARK_CHECK_OK(added);
        if (!whole) {
            return base::fail(base::ErrorCode::kDataLoss, "usage_15m row (" + std::to_string(quarter) + ", " +
                                                              std::to_string(dim) + ") has damaged tools");
        }
    }
    has_tools_ = true;
    return {};
}

void Cube::drop_tools() {
    tools_ = ToolEntries();
    has_tools_ = false;
}

base::Result<void> Cube::read_new(store::Database& database, std::span<const std::int64_t> sessions) {
    TIDEMARK_CHECK_OK(read_names(database));
    TIDEMARK_CHECK_OK(read_projects(database));
    TIDEMARK_TRY(store::Statement known, database.prepare(select_sessions(facts_) + "WHERE id = ?1"));
    for (const std::int64_t id : sessions) {
        if (id <= max_session_) {
            known.reset();
            known.bind(1, id);
            TIDEMARK_TRY(const bool row, known.step());
            if (row) {
                TIDEMARK_CHECK_OK(read_session(known));
            }
        }
    }
    known.reset();
    TIDEMARK_CHECK_OK(read_new_sessions(database));
    return read_dims(database);
}

// ---------------------------------------------------------------------------------------------------------- changes

void Cube::account(Quarter quarter, std::uint32_t dim, const model::Measures& change) {
    const std::uint32_t id = dim_session_[dim];
    model::Measures& totals = sessions_[id].totals;
    totals += change;
    session_columns_.first[id] = std::min(session_columns_.first[id], quarter);
    session_columns_.last[id] = std::max(session_columns_.last[id], quarter);
    session_columns_.cost[id] = totals.cost.value;
    session_columns_.tokens[id] = totals.tokens.total();
    session_columns_.requests[id] = totals.requests;
    const bool had = dim_requests_[dim] > 0;
    dim_requests_[dim] = static_cast<std::int32_t>(dim_requests_[dim] + change.requests);
    if (had != (dim_requests_[dim] > 0)) {
        ++rows_version_;
    }
    everything_ += change;
    first_ = std::min(first_, quarter);
    last_ = std::max(last_, quarter);
}

std::size_t Cube::find_main(Quarter quarter, std::uint32_t dim) const {
    std::size_t low = 0;
    std::size_t high = main_.size();
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (std::pair(main_.quarter[middle], main_.dim[middle]) < std::pair(quarter, dim)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void Cube::push_pending(Quarter quarter, std::uint32_t dim, model::Measures change) {
    do {
        const auto at = static_cast<std::uint32_t>(pending_.size());
        pending_.push(quarter, dim);
        pending_at_[pair_key(quarter, dim)] = at;
        const auto place =
            std::upper_bound(pending_order_.begin(), pending_order_.end(), quarter,
                             [&](Quarter value, std::uint32_t index) { return value < pending_.quarter[index]; });
        pending_order_.insert(place, at);
    } while (!pending_.absorb(pending_.size() - 1, change));
}

void Cube::merge_pending() {
    std::vector<std::uint32_t> order(pending_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tuple(pending_.quarter[a], pending_.dim[a], a) <
               std::tuple(pending_.quarter[b], pending_.dim[b], b);
    });
    Entries merged;
    merged.reserve(main_.size() + pending_.size() + (main_.size() + pending_.size()) / 16);
    std::size_t next = 0;
    for (std::size_t i = 0; i < main_.size(); ++i) {
        while (next < order.size() && std::pair(pending_.quarter[order[next]], pending_.dim[order[next]]) <
                                          std::pair(main_.quarter[i], main_.dim[i])) {
            merged.copy_from(pending_, order[next++]);
        }
        merged.copy_from(main_, i);
    }
    while (next < order.size()) {
        merged.copy_from(pending_, order[next++]);
    }
    main_ = std::move(merged);
    pending_.clear();
    pending_order_.clear();
    pending_at_.clear();
}

base::Result<void> Cube::add(const store::RollupDelta& delta) {
    if (delta.quarter < 0 || delta.quarter >= 0xffff'fffe || !has_dim(delta.dim_id)) {
        return base::fail(base::ErrorCode::kInternal,
                          "a commit names dims row " + std::to_string(delta.dim_id) + ", which is not in the database");
    }
    const auto quarter = static_cast<Quarter>(delta.quarter);
    const auto dim = static_cast<std::uint32_t>(delta.dim_id);
    account(quarter, dim, delta.change);
    model::Measures change = delta.change;
    if (const auto found = pending_at_.find(pair_key(quarter, dim)); found != pending_at_.end()) {
        if (!pending_.absorb(found->second, change)) {
            push_pending(quarter, dim, change);
        }
    } else if (const std::size_t at = find_main(quarter, dim);
               at < main_.size() && main_.quarter[at] == quarter && main_.dim[at] == dim) {
        if (!main_.absorb(at, change)) {
            push_pending(quarter, dim, change);
        }
    } else if (at == main_.size()) {
        do {
            main_.push(quarter, dim);
        } while (!main_.absorb(main_.size() - 1, change));
    } else {
        push_pending(quarter, dim, change);
    }
    if (pending_.size() > kPendingLimit) {
        merge_pending();
    }
    return {};
}

base::Result<void> Cube::add(const store::ToolDelta& delta) {
    if (delta.quarter < 0 || delta.quarter >= 0xffff'fffe || !has_dim(delta.dim_id)) {
        return base::fail(base::ErrorCode::kInternal, "usage_15m names dims row " + std::to_string(delta.dim_id) +
                                                          ", which is not in the database");
    }
    const auto quarter = static_cast<Quarter>(delta.quarter);
    const auto dim = static_cast<std::uint32_t>(delta.dim_id);
    const auto tool = static_cast<std::uint16_t>(value_of(Dimension::kTool, delta.tool_id));
    auto first = std::lower_bound(tools_.quarter.begin(), tools_.quarter.end(), quarter) - tools_.quarter.begin();
    auto at = static_cast<std::size_t>(first);
    if (tools_.size() != 0 && tools_.quarter.back() < quarter) {
        at = tools_.size();
    }
    for (; at < tools_.size() && tools_.quarter[at] == quarter; ++at) {
        if (tools_.dim[at] == dim && tools_.tool[at] == tool) {
            tools_.calls[at] = static_cast<std::int32_t>(tools_.calls[at] + delta.calls);
            tools_.cost[at] += delta.cost;
            tools_.tokens[at] += delta.tokens;
            return {};
        }
    }
    const auto insert = [at](auto& column, auto value) {
        column.insert(column.begin() + static_cast<std::ptrdiff_t>(at), value);
    };
    insert(tools_.quarter, quarter);
    insert(tools_.dim, dim);
    insert(tools_.tool, tool);
    insert(tools_.calls, static_cast<std::int32_t>(delta.calls));
    insert(tools_.cost, delta.cost);
    insert(tools_.tokens, delta.tokens);
    return {};
}

// ------------------------------------------------------------------------------------------------------------- days

namespace {

std::size_t day_of(const ZoneDays& days, Quarter quarter) {
    const auto next = std::upper_bound(days.starts.begin(), days.starts.end(), quarter);
    return static_cast<std::size_t>(next - days.starts.begin()) - 1;
}

/// The start of the local day after the one that starts at `start`. A quarter belongs to the day its start lies in.
Quarter next_day(const base::TimeZone& zone, Quarter start) {
    const auto edges = zone.edges(time_of(start), time_of(start) + 1, base::Bucket::k1d);
    return std::max(quarter_ceil(edges.back()), start + 1);
}

/// False when the quarter lies before the first day.
bool cover(ZoneDays& days, Quarter quarter) {
    if (days.starts.empty()) {
        // Round up: the first quarter that starts inside the day.
        days.starts.push_back(quarter_ceil(days.zone.floor(time_of(quarter), base::Bucket::k1d)));
    }
    if (quarter < days.starts.front()) {
        return false;
    }
    while (quarter >= days.starts.back() || days.days.empty()) {
        days.starts.push_back(next_day(days.zone, days.starts.back()));
        days.days.emplace_back();
        days.blocks.resize((days.days.size() + ZoneDays::kBlock - 1) / ZoneDays::kBlock);
    }
    return true;
}

void add_part(DayRows& day, std::uint32_t combo, std::uint32_t session, std::int64_t requests) {
    const auto at = std::lower_bound(
        day.parts.begin(), day.parts.end(), std::pair(combo, session),
        [](const DayRows::Part& part, const auto& key) { return std::pair(part.combo, part.session) < key; });
    if (at != day.parts.end() && at->combo == combo && at->session == session) {
        at->requests += static_cast<std::int32_t>(requests);
    } else {
        day.parts.insert(at, {combo, session, static_cast<std::int32_t>(requests)});
    }
}

void add_tool(DaySums& day, std::uint32_t row, std::uint32_t tool, std::int64_t calls, std::int64_t cost,
              std::int64_t tokens) {
    const auto at = std::lower_bound(
        day.tools.begin(), day.tools.end(), std::pair(row, tool),
        [](const DaySums::ToolPart& part, const auto& key) { return std::pair(part.row, part.tool) < key; });
    if (at != day.tools.end() && at->row == row && at->tool == tool) {
        at->calls += calls;
        at->cost += cost;
        at->tokens += tokens;
    } else {
        day.tools.insert(at, {row, tool, calls, cost, tokens});
    }
}

void add_sum(DaySums::Rows& cut, std::uint32_t row, const model::Measures& change) {
    const auto at = std::lower_bound(cut.rows.begin(), cut.rows.end(), row);
    const auto index = at - cut.rows.begin();
    if (at == cut.rows.end() || *at != row) {
        cut.rows.insert(at, row);
        cut.sums.insert(cut.sums.begin() + index, change);
    } else {
        cut.sums[static_cast<std::size_t>(index)] += change;
    }
}

/// Gathers the rows of one cut in any order and gives them sorted: for whole days, where adding one by one would move
/// rows again and again.
class RowsBuilder {
public:
    void add(std::uint32_t row, const model::Measures& change) {
        if (row >= place_.size()) {
            place_.resize(row + 1, kNoSlot);
        }
        if (place_[row] == kNoSlot) {
            place_[row] = static_cast<std::uint32_t>(rows_.size());
            rows_.push_back(row);
            sums_.push_back(change);
        } else {
            sums_[place_[row]] += change;
        }
    }
    void move_to(DaySums::Rows& out) {
        out.rows = rows_;
        std::sort(out.rows.begin(), out.rows.end());
        out.sums.clear();
        out.sums.reserve(rows_.size());
        for (const std::uint32_t row : out.rows) {
            out.sums.push_back(sums_[place_[row]]);
            place_[row] = kNoSlot;
        }
        rows_.clear();
        sums_.clear();
    }

private:
    std::vector<std::uint32_t> place_;  ///< By row: where it stands in rows_
    std::vector<std::uint32_t> rows_;
    std::vector<model::Measures> sums_;
};

}  // namespace

std::shared_ptr<ZoneDays> Cube::build_days(const base::TimeZone& zone) const {
    auto result = std::make_shared<ZoneDays>();
    result->zone = zone;
    result->has_tools = has_tools_;
    if (main_.size() == 0 && pending_.size() == 0) {
        return result;
    }
    cover(*result, first_);
    cover(*result, last_);
    std::size_t at = 0;
    std::array<RowsBuilder, kCuts> rows, block_rows;
    std::vector<DayRows::Part> parts;
    for (std::size_t d = 0; d < result->days.size(); ++d) {
        DayRows& day = result->days[d];
        parts.clear();
        for (; at < main_.size() && main_.quarter[at] < result->starts[d + 1]; ++at) {
            const std::uint32_t combo = dim_combo_[main_.dim[at]];
            rows[kFine].add(combo, main_.at(at));
            parts.push_back({combo, dim_session_[main_.dim[at]], main_.requests[at]});
        }
        rows[kFine].move_to(day.cuts[kFine]);
        std::sort(parts.begin(), parts.end(), [](const DayRows::Part& a, const DayRows::Part& b) {
            return std::pair(a.combo, a.session) < std::pair(b.combo, b.session);
        });
        for (const DayRows::Part& part : parts) {
            if (!day.parts.empty() && day.parts.back().combo == part.combo &&
                day.parts.back().session == part.session) {
                day.parts.back().requests += part.requests;
            } else {
                day.parts.push_back(part);
            }
        }
        const DaySums::Rows& fine = day.cuts[kFine];
        for (Cut cut = kCoarse; cut < kCuts; ++cut) {
            for (std::size_t i = 0; i < fine.rows.size(); ++i) {
                rows[cut].add(row_of(cut, fine.rows[i]), fine.sums[i]);
            }
            rows[cut].move_to(day.cuts[cut]);
            for (std::size_t i = 0; i < day.cuts[cut].rows.size(); ++i) {
                block_rows[cut].add(day.cuts[cut].rows[i], day.cuts[cut].sums[i]);
            }
            if ((d + 1) % ZoneDays::kBlock == 0 || d + 1 == result->days.size()) {
                block_rows[cut].move_to(result->blocks[d / ZoneDays::kBlock].cuts[cut]);
            }
        }
    }
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        add_to_days(*result, pending_.quarter[i], pending_.dim[i], pending_.at(i));
    }
    for (std::size_t i = 0; i < tools_.size(); ++i) {
        if (cover(*result, tools_.quarter[i])) {
            const std::size_t day = day_of(*result, tools_.quarter[i]);
            const std::uint32_t row = coarse_of_combo_[dim_combo_[tools_.dim[i]]];
            for (DaySums* sums : {static_cast<DaySums*>(&result->days[day]), &result->blocks[day / ZoneDays::kBlock]}) {
                add_tool(*sums, row, tools_.tool[i], tools_.calls[i], tools_.cost[i], tools_.tokens[i]);
            }
        }
    }
    return result;
}

bool Cube::add_to_days(ZoneDays& days, Quarter quarter, std::uint32_t dim, const model::Measures& change) const {
    if (!cover(days, quarter)) {
        return false;
    }
    const std::size_t index = day_of(days, quarter);
    DayRows& day = days.days[index];
    const std::uint32_t combo = dim_combo_[dim];
    for (Cut cut = kFine; cut < kCuts; ++cut) {
        add_sum(day.cuts[cut], row_of(cut, combo), change);
        if (cut != kFine) {
            add_sum(days.blocks[index / ZoneDays::kBlock].cuts[cut], row_of(cut, combo), change);
        }
    }
    add_part(day, combo, dim_session_[dim], change.requests);
    return true;
}

bool Cube::add_to_days(ZoneDays& days, const store::RollupDelta& delta) const {
    return add_to_days(days, static_cast<Quarter>(delta.quarter), static_cast<std::uint32_t>(delta.dim_id),
                       delta.change);
}

bool Cube::add_to_days(ZoneDays& days, const store::ToolDelta& delta) const {
    const auto quarter = static_cast<Quarter>(delta.quarter);
    if (!cover(days, quarter)) {
        return false;
    }
    const auto& tools = dictionary(Dimension::kTool);
    const auto tool = tools.of_row.find(delta.tool_id);
    const std::size_t day = day_of(days, quarter);
    const std::uint32_t row = coarse_of_combo_[dim_combo_[static_cast<std::size_t>(delta.dim_id)]];
    for (DaySums* sums : {static_cast<DaySums*>(&days.days[day]), &days.blocks[day / ZoneDays::kBlock]}) {
        add_tool(*sums, row, tool == tools.of_row.end() ? 0 : tool->second, delta.calls, delta.cost, delta.tokens);
    }
    return true;
}

// ---------------------------------------------------------------------------------------------------------- look-ups

std::uint32_t Cube::session_by_uid(std::string_view uid) const {
    const auto found = session_by_uid_.find(uid);
    return found == session_by_uid_.end() ? 0 : found->second;
}

const std::string& Cube::key_of_dim(std::size_t dim, Dimension dimension) const {
    if (dimension == Dimension::kSession) {
        return sessions_[dim_session_[dim]].uid;
    }
    return dictionary(dimension).keys[combo_value(dim_combo_[dim], dimension)];
}

const std::string& Cube::model_given_of(std::size_t dim) const {
    const auto found = names_.find(dim_model_given_[dim]);
    return found == names_.end() ? key_of_dim(dim, Dimension::kModel) : found->second;
}

std::size_t Cube::bytes() const {
    return (main_.size() + pending_.size()) * 60 + tools_.size() * 30 + dim_combo_.size() * 16 +
           combo_count() * kComboColumns * 4 + sessions_.size() * (sizeof(Session) + 40 + 52);
}

}  // namespace tidemark::query
