#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "ledger/query/state.hpp"

namespace tidemark::query {

namespace {

constexpr std::size_t kZonesKept = 6;
constexpr Quarter kDayOfQuarters = 96;
// Tool sums that arrive late are inserted in the middle of long columns: beyond this many it is cheaper to load anew.
constexpr std::size_t kLateToolLimit = 64;
// The days of a zone are kept in step with each change, or, beyond this many at once, built anew when they are asked
// for.
constexpr std::size_t kManyDeltas = 512;

}  // namespace

Engine::Engine() = default;
Engine::~Engine() = default;

base::Result<std::unique_ptr<Engine>> Engine::open(Options options) {
    std::unique_ptr<Engine> engine(new Engine());
    engine->state_ = std::make_unique<State>(std::move(options));
    State& state = *engine->state_;
    TIDEMARK_TRY(auto reader, state.readers.lease(state.options.deadline_ms));
    reader->database.set_deadline(0);  // loading has no limit: it is as long as the ledger
    std::uint64_t seq = 0;
    TIDEMARK_TRY(state.cube, Cube::load(reader->database, seq, state.facts()));
    state.seq = seq;
    state.name_members();
    for (const Session& session : state.cube->sessions()) {
        state.newest = std::max(state.newest.load(), session.last_activity);
    }
    return engine;
}

base::Result<void> Engine::apply(const store::Commit& commit) {
    State& state = *state_;
    if (commit.seq <= state.seq) {
        return {};  // already in what was loaded
    }
    TIDEMARK_TRY(auto reader, state.readers.lease(60'000));
    reader->database.set_deadline(0);
    std::unique_ptr<Cube> fresh;
    std::uint64_t seq = commit.seq;
    if (commit.rebuilt || commit.seq != state.seq + 1) {
        TIDEMARK_TRY(fresh, Cube::load(reader->database, seq, state.facts()));
        seq = std::max(seq, commit.seq);
    }
    const std::lock_guard turn(state.gate);
    const std::unique_lock lock(state.mutex);
    // From here on the sums are not those of the version before, even if a step fails half way.
    state.version.fetch_add(1);
    const std::lock_guard zones_lock(state.zones_mutex);
    const std::lock_guard newest_lock(state.newest_mutex);
    const std::lock_guard times_lock(state.times_mutex);
    if (fresh) {
        state.cube = std::move(fresh);
        state.members_named = 0;  // other names, maybe as many
        state.zones.clear();
        state.newest_requests.clear();
        state.times.clear();
    } else {
        Cube& cube = *state.cube;
        TIDEMARK_CHECK_OK(cube.read_new(reader->database, commit.sessions));
        std::size_t late = 0;
        const Quarter last = cube.last_quarter();
        for (const store::ToolDelta& delta : commit.tools) {
            late += delta.quarter < static_cast<std::int64_t>(last) ? 1 : 0;
        }
        if (cube.has_tools() && commit.seq > cube.tools_seq() && late > kLateToolLimit) {
            cube.drop_tools();
            state.zones.clear();
        }
        if (commit.rollups.size() > kManyDeltas) {
            state.zones.clear();
        }
        for (const store::RollupDelta& delta : commit.rollups) {
            TIDEMARK_CHECK_OK(cube.add(delta));
            std::erase_if(state.zones, [&](const auto& days) { return !cube.add_to_days(*days, delta); });
            state.times.erase(static_cast<Quarter>(delta.quarter));
        }
        if (cube.has_tools() && commit.seq > cube.tools_seq()) {
            for (const store::ToolDelta& delta : commit.tools) {
                TIDEMARK_CHECK_OK(cube.add(delta));
                std::erase_if(state.zones, [&](const auto& days) { return !cube.add_to_days(*days, delta); });
            }
        }
        for (const std::int64_t session : commit.sessions) {
            state.newest_requests.erase(static_cast<std::uint32_t>(session));
        }
    }
    state.name_members();
    if (commit.rebuilt) {
        for (const Session& session : state.cube->sessions()) {
            state.newest = std::max(state.newest.load(), session.last_activity);
        }
    }
    for (const std::int64_t id : commit.sessions) {
        if (id > 0 && static_cast<std::size_t>(id) < state.cube->sessions().size()) {
            const Session& session = state.cube->sessions()[static_cast<std::size_t>(id)];
            state.newest = std::max(state.newest.load(), session.last_activity);
        }
    }
    state.seq = seq;
    return {};
}

std::uint64_t Engine::seq() const { return state_->seq; }
base::UnixMillis Engine::newest() const { return state_->newest; }

base::UnixMillis Engine::oldest() const {
    const auto lock = state_->read();
    const Cube& cube = *state_->cube;
    return cube.first_quarter() > cube.last_quarter() ? 0 : time_of(cube.first_quarter());
}

model::Measures Engine::everything() const {
    const auto lock = state_->read();
    return state_->cube->everything();
}

std::vector<UnpricedModel> Engine::unpriced_models() const {
    const auto lock = state_->read();
    const Cube& cube = *state_->cube;
    struct Sum {
        std::int64_t requests = 0, tokens = 0;
        Quarter first = kNoSlot;
    };
    std::vector<Sum> sums(cube.dictionary(Dimension::kModel).keys.size());
    for (const Entries* entries : {&cube.main(), &cube.pending()}) {
        for (std::size_t i = 0; i < entries->size(); ++i) {
            if (entries->unpriced[i] > 0) {
                Sum& sum = sums[cube.combo_value(cube.combo_of(entries->dim[i]), Dimension::kModel)];
                sum.requests += entries->unpriced[i];
                sum.tokens += entries->unpriced_tokens[i];
                sum.first = std::min(sum.first, entries->quarter[i]);
            }
        }
    }
    std::vector<UnpricedModel> models;
    for (std::size_t slot = 0; slot < sums.size(); ++slot) {
        if (sums[slot].requests > 0) {
            models.push_back({state_->key_of(Dimension::kModel, slot), sums[slot].requests, sums[slot].tokens,
                              time_of(sums[slot].first)});
        }
    }
    std::sort(models.begin(), models.end(), [](const UnpricedModel& a, const UnpricedModel& b) {
        return std::tie(b.tokens, a.model) < std::tie(a.tokens, b.model);
    });
    return models;
}

std::vector<GroupKey> Engine::values(Dimension dimension) const {
    const auto lock = state_->read();
    std::vector<GroupKey> result;
    if (dimension == Dimension::kNone) {
        return result;
    }
    const std::size_t count = dimension == Dimension::kSession ? state_->cube->sessions().size()
                                                               : state_->cube->dictionary(dimension).keys.size();
    for (std::size_t slot = 0; slot < count; ++slot) {
        GroupKey key = state_->group_key(dimension, slot);
        if (!key.key.empty()) {
            result.push_back(std::move(key));
        }
    }
    return result;
}

std::vector<std::string> Engine::members(const Reach* reach) const {
    const auto lock = state_->read();
    const Cube& cube = *state_->cube;
    const auto& of_combo = cube.combo_values(Dimension::kMember);
    const auto& projects = cube.combo_values(Dimension::kProject);
    std::optional<ReachOfCube> within;
    if (reach != nullptr) {
        within.emplace(cube, *reach);
    }
    std::set<std::string> names;
    for (std::size_t combo = 0; combo < of_combo.size(); ++combo) {
        if (!within || within->contains(of_combo[combo], projects[combo])) {
            names.insert(cube.dictionary(Dimension::kMember).keys[of_combo[combo]]);
        }
    }
    names.erase("");
    return {names.begin(), names.end()};
}

void Engine::State::name_members() {
    const auto& members = cube->dictionary(Dimension::kMember).keys;
    if (members.size() == members_named) {
        return;
    }
    auto names = std::make_shared<Names>();
    for (std::string name : members) {
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        names->insert(std::move(name));
    }
    names->erase("");
    members_named = members.size();
    const std::lock_guard lock(names_mutex);
    member_names = std::move(names);
}

std::shared_ptr<const Names> Engine::member_names() const {
    const std::lock_guard lock(state_->names_mutex);
    return state_->member_names;
}

std::size_t Engine::bytes() const {
    const auto lock = state_->read();
    return state_->cube->bytes() + state_->answers.bytes();
}

// ---------------------------------------------------------------------------------------------------------- plans

ReachOfCube::ReachOfCube(const Cube& cube, const Reach& reach) : everyone_(reach.everyone()) {
    const auto& members = cube.dictionary(Dimension::kMember).keys;
    members_.reserve(members.size());
    for (const std::string& member : members) {
        members_.push_back(reach.members().contains(member) ? 1 : 0);
    }
    projects_.reserve(cube.projects().size());
    for (const Project& project : cube.projects()) {
        projects_.push_back(!reach.admits(project.path) ? kShut : reach.owns(project.path) ? kOwned : kOpen);
    }
}

bool ReachOfCube::contains_session(const Cube& cube, std::uint32_t session) const {
    const Session& row = cube.sessions()[session];
    if (row.dims.empty()) {  // events only: nobody is known to be theirs but the project's owner
        return projects_[row.project] == kOwned || (everyone_ && projects_[row.project] == kOpen);
    }
    return std::all_of(row.dims.begin(), row.dims.end(), [&](std::uint32_t dim) {
        const std::uint32_t combo = cube.combo_of(dim);
        return contains(cube.combo_value(combo, Dimension::kMember), cube.combo_value(combo, Dimension::kProject));
    });
}

bool Engine::State::asks_tools(const Scope& scope, Dimension group_by) {
    return group_by == Dimension::kTool ||
           std::any_of(scope.filters.begin(), scope.filters.end(),
                       [](const Filter& filter) { return filter.dimension == Dimension::kTool; });
}

base::Result<void> Engine::State::ensure_tools() const {
    {
        const auto lock = read();
        if (cube->has_tools()) {
            return {};
        }
    }
    TIDEMARK_TRY(auto reader, readers.lease(options.deadline_ms));
    reader->database.set_deadline(0);
    const std::lock_guard turn(gate);
    const std::unique_lock lock(mutex);
    if (!cube->has_tools()) {
        const std::lock_guard zones_lock(zones_mutex);
        zones.clear();  // built anew, with tools
        if (auto loaded = cube->load_tools(reader->database); !loaded) {
            cube->drop_tools();
            return loaded;
        }
        version.fetch_add(1);
    }
    return {};
}

const ZoneDays* Engine::State::days_for(const base::TimeZone& zone, Quarter from, Quarter to,
                                        std::shared_ptr<ZoneDays>& keep) const {
    // A report asks a few times and ends: the quarters are walked before days could be made of them.
    if (to < from || to - from < 2 * kDayOfQuarters || options.sums_only) {
        return nullptr;
    }
    return &days_of(zone, keep);
}

const ZoneDays& Engine::State::days_of(const base::TimeZone& zone, std::shared_ptr<ZoneDays>& keep) const {
    const std::lock_guard lock(zones_mutex);
    for (const auto& days : zones) {
        if (days->zone.name() == zone.name()) {
            days->last_used = ++zone_clock;
            keep = days;
            return *keep;
        }
    }
    keep = cube->build_days(zone);
    keep->last_used = ++zone_clock;
    if (zones.size() >= kZonesKept) {
        zones.erase(std::min_element(zones.begin(), zones.end(),
                                     [](const auto& a, const auto& b) { return a->last_used < b->last_used; }));
    }
    zones.push_back(keep);
    return *keep;
}

std::shared_ptr<const SessionRows> Engine::State::session_rows(Cut cut) const {
    const std::lock_guard lock(session_rows_mutex);
    if (session_rows_version != cube->rows_version()) {
        session_rows_version = cube->rows_version();
        session_rows_kept = {};
    }
    if (!session_rows_kept[cut]) {
        session_rows_kept[cut] = std::make_shared<const SessionRows>(cube->session_rows(cut));
    }
    return session_rows_kept[cut];
}

base::Result<Plan> Engine::State::plan(const Scope& scope, Dimension group_by, std::vector<Dimension> also) const {
    Plan result;
    result.from = quarter_floor(scope.from);
    result.to = quarter_ceil(scope.to);
    if (scope.to < scope.from) {
        return base::fail(base::ErrorCode::kInvalidArgument, "'to' is before 'from'");
    }
    if (scope.reach != nullptr && scope.reach->privacy() != nullptr) {
        return base::fail(base::ErrorCode::kInternal, "a question of a private reach came to the rows");
    }
    also.push_back(group_by);
    for (const Filter& filter : scope.filters) {
        also.push_back(filter.dimension);
    }
    if (scope.reach != nullptr) {
        also.insert(also.end(), {Dimension::kProject, Dimension::kMember});
    }
    result.cut = Cube::cut_for(also);
    const std::size_t rows = cube->rows(result.cut);
    if (combo_column(group_by) == kComboColumns) {
        result.slot_of_row.assign(rows, 0);
    } else {
        const auto values = cube->row_values(result.cut, group_by);
        result.slot_of_row.assign(values.begin(), values.end());
        if (values.empty()) {
            result.slot_of_row.resize(rows);
            std::iota(result.slot_of_row.begin(), result.slot_of_row.end(), 0U);
        }
        result.slots = cube->dictionary(group_by).keys.size();
    }
    if (group_by == Dimension::kSession) {
        result.slots = cube->sessions().size();
        result.slot_of_session.resize(result.slots);
        for (std::size_t i = 0; i < result.slots; ++i) {
            result.slot_of_session[i] = static_cast<std::uint32_t>(i);
        }
    } else if (group_by == Dimension::kTool) {
        result.uses_tools = true;
        result.slots = cube->dictionary(Dimension::kTool).keys.size();
        result.slot_of_tool.resize(result.slots);
        for (std::size_t i = 0; i < result.slots; ++i) {
            result.slot_of_tool[i] = static_cast<std::uint32_t>(i);
        }
    }
    for (const Filter& filter : scope.filters) {
        if (filter.dimension == Dimension::kNone) {
            continue;
        }
        if (filter.dimension == Dimension::kSession) {
            std::vector<std::uint8_t> allowed(cube->sessions().size(), 0);
            Quarter first = 0xffff'fffe;
            Quarter last = 0;
            for (const std::string& key : filter.keys) {
                if (const std::uint32_t session = cube->session_by_uid(key);
                    session != 0 && (result.sessions.empty() || result.sessions[session] != 0)) {
                    allowed[session] = 1;
                    first = std::min(first, cube->session_columns().first[session]);
                    last = std::max(last, cube->session_columns().last[session]);
                }
            }
            result.sessions = std::move(allowed);
            result.from = std::max(result.from, first);
            result.to = std::min(result.to, last + 1);
            continue;
        }
        const Dictionary& dictionary = cube->dictionary(filter.dimension);
        std::vector<std::uint8_t> allowed(dictionary.keys.size(), 0);
        for (const std::string& key : filter.keys) {
            if (const auto found = dictionary.of_key.find(key); found != dictionary.of_key.end()) {
                allowed[found->second] = 1;
            }
        }
        if (filter.dimension == Dimension::kTool) {
            result.uses_tools = true;
            if (!result.tools.empty()) {
                for (std::size_t i = 0; i < allowed.size(); ++i) {
                    allowed[i] &= result.tools[i];
                }
            }
            result.tools = std::move(allowed);
            continue;
        }
        const auto values = cube->row_values(result.cut, filter.dimension);
        for (std::uint32_t row = 0; row < rows; ++row) {
            if (allowed[values.empty() ? row : values[row]] == 0) {
                result.slot_of_row[row] = kNoSlot;
            }
        }
    }
    if (scope.reach != nullptr) {
        const ReachOfCube reach(*cube, *scope.reach);
        for (std::uint32_t row = 0; row < rows; ++row) {
            if (!reach.contains(cube->row_value(result.cut, row, Dimension::kMember),
                                cube->row_value(result.cut, row, Dimension::kProject))) {
                result.slot_of_row[row] = kNoSlot;
            }
        }
    }
    result.to = std::max(result.to, result.from);
    return result;
}

GroupKey Engine::State::project_key(std::uint32_t project) const {
    const Project& row = cube->projects()[project];
    return {row.path, row.label};
}

std::string Engine::State::model_label(const std::string& model) const {
    return options.model_labels && !model.empty() ? options.model_labels(model) : model;
}

const std::string& Engine::State::key_of(Dimension dimension, std::size_t slot) const {
    return dimension == Dimension::kSession ? cube->sessions()[slot].uid : cube->dictionary(dimension).keys[slot];
}

GroupKey Engine::State::group_key(Dimension dimension, std::size_t slot) const {
    switch (dimension) {
        case Dimension::kNone: return {};
        case Dimension::kProject: return project_key(static_cast<std::uint32_t>(slot));
        case Dimension::kModel: return {key_of(dimension, slot), model_label(key_of(dimension, slot))};
        default: return {key_of(dimension, slot), key_of(dimension, slot)};
    }
}

std::string Engine::State::question(std::string_view kind, const Scope& scope) {
    std::string text(kind);
    const auto add = [&text](std::string_view part) {
        text += '\x1f';
        text += part;
    };
    add(std::to_string(quarter_floor(scope.from)));
    add(std::to_string(quarter_ceil(scope.to)));
    add(scope.zone.name());
    add(std::to_string(scope.week_start));
    if (scope.reach != nullptr) {
        add(std::to_string(scope.reach->key().size()) + ":" + scope.reach->key());
    }
    std::vector<Filter> filters = scope.filters;
    for (Filter& filter : filters) {
        std::sort(filter.keys.begin(), filter.keys.end());
    }
    std::sort(filters.begin(), filters.end(), [](const Filter& a, const Filter& b) {
        return std::tie(a.dimension, a.keys) < std::tie(b.dimension, b.keys);
    });
    for (const Filter& filter : filters) {
        text += '\x1e';
        text += to_string(filter.dimension);
        for (const std::string& key : filter.keys) {
            // A key may hold any character: its length keeps ("a", "b") and ("a\x1fb") apart.
            add(std::to_string(key.size()) + ":" + key);
        }
    }
    return text;
}

// ---------------------------------------------------------------------------------------------- sums by slot

void Engine::State::narrow_sessions(Plan& plan) const {
    if (plan.slot_of_session.empty()) {
        return;
    }
    const SessionColumns& columns = cube->session_columns();
    plan.slot_of_session.assign(columns.size(), kNoSlot);
    for (std::uint32_t id = 1; id < columns.size(); ++id) {
        if (columns.first[id] < plan.to && columns.last[id] >= plan.from && columns.first[id] <= columns.last[id]) {
            plan.slot_of_session[id] = static_cast<std::uint32_t>(plan.session_of_slot.size());
            plan.session_of_slot.push_back(id);
        }
    }
    plan.slots = plan.session_of_slot.size();
}

std::vector<std::int64_t> Engine::State::session_counts(const Plan& plan) const {
    std::vector<std::int64_t> counts(plan.slots);
    std::vector<std::uint32_t> last_session(plan.slots, kNoSlot);
    std::vector<std::uint64_t> rest;
    each_session(plan, [&](std::uint32_t slot, std::uint32_t session, bool in_order) {
        if (!in_order) {
            rest.push_back(std::uint64_t{slot} << 32U | session);
        } else if (last_session[slot] != session) {
            last_session[slot] = session;
            ++counts[slot];
        }
    });
    std::sort(rest.begin(), rest.end());
    rest.erase(std::unique(rest.begin(), rest.end()), rest.end());
    for (const std::uint64_t pair : rest) {
        ++counts[pair >> 32U];
    }
    return counts;
}

base::Result<Engine::State::SessionWeights> Engine::State::session_weights(const Scope& scope) const {
    TIDEMARK_TRY(Plan chosen, plan(scope, Dimension::kSession));
    narrow_sessions(chosen);
    SessionWeights answer;
    answer.sessions = chosen.session_of_slot;
    const std::vector<Span> whole = {{0, chosen.from, chosen.to}};
    if (scope.filtered()) {
        WeightSink sink(chosen.slots);
        scan_sums(*cube, chosen, nullptr, whole, sink);
        answer.weights = std::move(sink.cells);
        return answer;
    }
    const SessionColumns& columns = cube->session_columns();
    answer.weights.resize(chosen.slots);
    std::vector<std::uint32_t> crossing;  // slots
    Quarter head = chosen.from;           // requests of crossing sessions lie before this …
    Quarter tail = chosen.to;             // … or from this on
    for (std::uint32_t slot = 0; slot < chosen.slots; ++slot) {
        const std::uint32_t id = answer.sessions[slot];
        if (columns.first[id] >= chosen.from && columns.last[id] < chosen.to) {
            answer.weights[slot] = {columns.cost[id], columns.tokens[id], columns.requests[id]};
            chosen.slot_of_session[id] = kNoSlot;
            continue;
        }
        chosen.slot_of_session[id] = static_cast<std::uint32_t>(crossing.size());
        crossing.push_back(slot);
        if (columns.first[id] < chosen.from) {
            head = std::max(head, std::min(columns.last[id] + 1, chosen.to));
        } else {
            tail = std::min(tail, columns.first[id]);
        }
    }
    const std::vector<Span> ends = {{0, chosen.from, head}, {0, std::max(head, tail), chosen.to}};
    WeightSink sink(crossing.size());
    scan_sums(*cube, chosen, nullptr, ends, sink);
    for (std::size_t i = 0; i < crossing.size(); ++i) {
        answer.weights[crossing[i]] = sink.cells[i];
    }
    return answer;
}

base::Result<std::vector<model::Measures>> Engine::State::session_measures(
    const Scope& scope, const std::vector<std::uint32_t>& sessions) const {
    TIDEMARK_TRY(Plan chosen, plan(scope, Dimension::kSession));
    const SessionColumns& columns = cube->session_columns();
    std::vector<model::Measures> answer(sessions.size());
    chosen.slot_of_session.assign(columns.size(), kNoSlot);
    chosen.slots = sessions.size();
    Quarter first = chosen.to;
    Quarter end = chosen.from;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        const std::uint32_t id = sessions[i];
        if (columns.first[id] >= chosen.to || columns.last[id] < chosen.from || columns.first[id] > columns.last[id]) {
            continue;
        }
        if (!scope.filtered() && columns.first[id] >= chosen.from && columns.last[id] < chosen.to) {
            answer[i] = cube->sessions()[id].totals;
            continue;
        }
        chosen.slot_of_session[id] = static_cast<std::uint32_t>(i);
        first = std::min(first, std::max(columns.first[id], chosen.from));
        end = std::max(end, std::min(columns.last[id] + 1, chosen.to));
    }
    const Span span{0, first, end};
    MeasureSink sink(1, chosen.slots);
    scan_sums(*cube, chosen, nullptr, {&span, 1}, sink);
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        answer[i] += sink.cells[i];
    }
    return answer;
}

base::Result<Engine::State::SlotTotals> Engine::State::slot_totals(const Scope& scope, Dimension group_by,
                                                                   bool with_sessions) const {
    TIDEMARK_TRY(Plan chosen, plan(scope, group_by));
    narrow_sessions(chosen);
    SlotTotals answer;
    answer.sessions = chosen.session_of_slot;
    std::vector<Totals>& result = answer.slots;
    std::shared_ptr<ZoneDays> keep;
    const ZoneDays* days = days_for(scope.zone, chosen.from, chosen.to, keep);
    const Span span{0, chosen.from, chosen.to};
    MeasureSink sink(1, chosen.slots);
    scan_sums(*cube, chosen, days, {&span, 1}, sink);
    result.resize(chosen.slots);
    for (std::size_t slot = 0; slot < chosen.slots; ++slot) {
        result[slot].measures = sink.cells[slot];
        if (group_by == Dimension::kTool) {
            result[slot].tool_calls = sink.cells[slot].requests;
        }
    }
    if (with_sessions && group_by == Dimension::kSession) {
        for (Totals& totals : result) {
            totals.sessions = totals.measures.requests > 0 ? 1 : 0;
        }
    } else if (with_sessions) {
        const auto counts = session_counts(chosen);
        for (std::size_t slot = 0; slot < chosen.slots; ++slot) {
            result[slot].sessions = counts[slot];
        }
    }
    const bool tool_filter = !chosen.tools.empty();
    if (group_by == Dimension::kTool && !tool_filter) {
        // What no tool use has a share in.
        TIDEMARK_TRY(const Totals all, totals(scope, false));
        model::Measures rest;
        rest.cost = all.measures.cost;
        rest.tokens.input = all.measures.tokens.total();
        for (const Totals& tool : result) {
            rest.cost -= tool.measures.cost;
            rest.tokens.input -= tool.measures.tokens.input;
        }
        result[0].measures += rest;
    }
    return answer;
}

base::Result<Totals> Engine::State::totals(const Scope& scope, bool with_sessions) const {
    TIDEMARK_TRY(auto sums, slot_totals(scope, Dimension::kNone, with_sessions));
    return sums.slots[0];
}

base::Result<std::vector<std::uint8_t>> Engine::State::sessions_in(const Scope& scope) const {
    TIDEMARK_TRY(Plan chosen, plan(scope, Dimension::kNone));
    std::vector<std::uint8_t> result(cube->sessions().size(), 0);
    each_session(chosen, [&](std::uint32_t, std::uint32_t session, bool) { result[session] = 1; });
    return result;
}

}  // namespace tidemark::query
