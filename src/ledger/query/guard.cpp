// The one place where an organisation's privacy is kept: every question to the engine passes here. Names in questions
// and answers are turned into pseudonyms and back; where only totals are told, questions go to the own rows, and sums
// of others are added that are about enough people.
#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "ledger/query/state.hpp"

namespace tidemark::query {

namespace {

constexpr std::uint32_t kOwn = 0xffff'ffff;
constexpr std::uint32_t kNobody = 0;  // all names that are nobody's may be one person's
constexpr std::size_t kTopGroups = 50;
constexpr Quarter kDayOfQuarters = 96;

using People = std::set<std::uint32_t>;

/// Sums of others over a day, for one value of a dimension (or all).
struct Cell {
    base::UnixMillis from = 0, to = 0;
    std::uint32_t slot = 0;
    Totals totals;
    std::vector<std::uint32_t> sessions;  ///< Ascending
};
struct Published {
    std::vector<Cell> cells;  ///< By day, then slot
    bool withheld = false;    ///< Told from what is told alone: it says nothing of those who are not
};

/// A group's sums of own rows and of cells, per span and over all.
struct Group {
    GroupKey group;
    std::vector<Totals> spans;
    Totals whole;
};

void add(Totals& to, const Totals& more) {
    to.measures += more.measures;
    to.sessions += more.sessions;
}

bool occurs(const Totals& totals) {
    return totals.measures.requests > 0 || totals.measures.tokens.total() != 0 || totals.measures.cost.value != 0;
}

/// What filters and grouping use, when sums of others are told by it: nothing (kNone), projects or models. Never two,
/// and none that lies inside another one (skills in plugins, agents in kinds, branches in projects): the difference of
/// the two could be about one person.
std::optional<Dimension> only_dimension(const Scope& scope, Dimension group_by) {
    std::set<Dimension> used{group_by};
    for (const Filter& filter : scope.filters) {
        used.insert(filter.dimension);
    }
    if (scope.reach->only_projects()) {
        used.insert(Dimension::kProject);
    }
    used.erase(Dimension::kNone);
    if (used.empty()) {
        return Dimension::kNone;
    }
    const Dimension dimension = *used.begin();
    return used.size() == 1 && (dimension == Dimension::kProject || dimension == Dimension::kModel)
               ? std::optional(dimension)
               : std::nullopt;
}

/// The values of a dimension that may be told of a day, all others together being about enough people too.
std::vector<std::uint8_t> told_values(const std::map<std::uint32_t, People>& people,
                                      const std::map<std::uint32_t, Totals>& sums, std::size_t slots,
                                      std::size_t minimum) {
    std::vector<std::uint8_t> told(slots, 0);
    People untold;
    std::vector<std::uint32_t> order;  // of those that could be told, the smallest first
    for (const auto& [slot, who] : people) {
        if (who.size() >= minimum) {
            told[slot] = 1;
            order.push_back(slot);
        } else {
            untold.insert(who.begin(), who.end());
        }
    }
    bool any_untold = !untold.empty();
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const auto rank = [&](std::uint32_t slot) {
            return std::tuple(people.at(slot).size(), sums.at(slot).measures.requests, slot);
        };
        return rank(a) < rank(b);
    });
    // What is left of the whole day's sum after those that are told must be no fewer people's.
    for (const std::uint32_t slot : order) {
        if (!any_untold || untold.size() >= minimum) {
            break;
        }
        told[slot] = 0;
        untold.insert(people.at(slot).begin(), people.at(slot).end());
    }
    return told;
}

std::size_t span_of(const std::vector<base::UnixMillis>& edges, base::UnixMillis from, base::UnixMillis to) {
    const auto next = std::upper_bound(edges.begin(), edges.end(), from);
    return next == edges.begin() || next == edges.end() || *next < to
               ? edges.size()
               : static_cast<std::size_t>(next - edges.begin()) - 1;
}

}  // namespace

/// One question of a reach with privacy.
class Engine::Guard {
public:
    Guard(const Engine& engine, const Reach& reach)
        : engine_(engine), state_(*engine.state_), reach_(reach), privacy_(*reach.privacy()) {}

    [[nodiscard]] bool totals_only() const { return privacy_.totals_only(); }
    [[nodiscard]] const Privacy& privacy() const { return privacy_; }
    /// The rows that the answer may be made of.
    [[nodiscard]] std::shared_ptr<const Reach> rows() const {
        return totals_only() ? reach_.own_rows() : reach_.rows();
    }

    /// The scope with the keys that the pseudonyms in its filters stand for.
    base::Result<Scope> decoded(Scope scope) const {
        if (State::asks_tools(scope, Dimension::kNone)) {
            TIDEMARK_CHECK_OK(state_.ensure_tools());
        }
        const auto lock = state_.read();
        for (Filter& filter : scope.filters) {
            if (!Privacy::hides(filter.dimension)) {
                continue;
            }
            // A name is no key to what a pseudonym stands for, else it would tell whose that is.
            std::set<std::string> unknown(filter.keys.begin(), filter.keys.end());
            const std::set<std::string> asked = unknown;
            filter.keys.clear();
            for (const std::string& key : state_.cube->dictionary(filter.dimension).keys) {
                if (const std::string told = privacy_.key(filter.dimension, key); asked.contains(told)) {
                    filter.keys.push_back(key);
                    unknown.erase(told);
                }
            }
            // They stay, as keys that nothing has: a filter that asks for them is not one that asks for less.
            for (const std::string& key : unknown) {
                filter.keys.push_back('\0' + key);
            }
        }
        return scope;
    }
    /// The same over the rows that the answer may be made of.
    base::Result<Scope> over_rows(const Scope& scope) const {
        TIDEMARK_TRY(Scope out, decoded(scope));
        out.reach = rows();
        return out;
    }

    void tell(Dimension dimension, GroupKey& group) const {
        if (!Privacy::hides(dimension)) {
            return;
        }
        std::string key = privacy_.key(dimension, group.key);
        if (dimension == Dimension::kProject && group.key.ends_with(group.label)) {
            // The label is the end of the path: so many elements of it.
            auto elements = 1 + std::count(group.label.begin(), group.label.end(), '/');
            std::size_t at = key.size();
            while (at > 0 && (key[at - 1] != '/' || --elements > 0)) {
                --at;
            }
            group.label = key.substr(at);
        } else {
            group.label = group.label == group.key ? key : privacy_.text(group.label);
        }
        group.key = std::move(key);
    }
    void tell(Record& record) const {
        if (!privacy_.facts().own.contains(record.member)) {
            record.source.reset();  // the file's path holds the project's
        }
        record.member = privacy_.member(record.member);
        record.project = privacy_.text(record.project);
        record.branch = privacy_.text(record.branch);
        tell(record.agent);
        tell(record.tools);
    }
    void tell(SessionRow& row) const {
        tell(Dimension::kProject, row.project);
        row.branch = privacy_.text(row.branch);
    }
    void tell(EventRow& event) const { event.text = privacy_.text(event.text); }
    void tell(std::vector<ToolCount>& tools) const {
        for (ToolCount& tool : tools) {
            tool.name = privacy_.text(tool.name);
        }
    }
    void tell(std::optional<std::string>& text) const {
        if (text) {
            text = privacy_.text(*text);
        }
    }
    void tell(SessionDetail& detail) const {
        tell(detail.session);
        for (Record& record : detail.requests) {
            tell(record);
        }
        for (EventRow& event : detail.events) {
            tell(event);
        }
        tell(detail.tools);
        for (AgentRow& agent : detail.agents) {
            agent.type = privacy_.text(agent.type);
        }
    }
    void tell(ProjectRow& row) const {
        const std::string path = row.project.key;
        tell(Dimension::kProject, row.project);
        if (path != row.project.key) {
            row.git_remote.reset();  // often the address of an account
        }
        tell(row.git_remote);
    }

    /// What is told of others: whole days inside the range that are over, each cell about enough people. `scope` is
    /// decoded.
    base::Result<Published> published(const Scope& scope, Dimension group_by) const {
        const Privacy::Facts& facts = privacy_.facts();
        Published out;
        const auto dimension = only_dimension(scope, group_by);
        if (!facts.sums_of_others || !dimension) {
            out.withheld = true;
            return out;
        }
        const auto lock = state_.read();
        const Cube& cube = *state_.cube;
        std::shared_ptr<ZoneDays> keep;
        const ZoneDays& days = state_.days_of(facts.zone, keep);
        // Limits to projects are filters here: what is told of a day must not depend on them.
        const Reach all(reach_.everyone(), {reach_.members().begin(), reach_.members().end()}, owned(cube),
                        std::nullopt);
        const ReachOfCube within(cube, all);
        const std::vector<std::uint32_t> person_of = people(cube);
        const std::size_t slots = *dimension == Dimension::kNone ? 1 : cube.dictionary(*dimension).keys.size();
        bool unknown = false;
        const std::optional<std::vector<std::uint8_t>> asked = asked_values(cube, scope, *dimension, unknown);
        const auto& members = cube.combo_values(Dimension::kMember);
        const auto& projects = cube.combo_values(Dimension::kProject);
        const auto slot_of = [&](std::uint32_t combo) {
            return *dimension == Dimension::kNone ? 0 : cube.combo_value(combo, *dimension);
        };
        const auto is_others = [&](std::uint32_t combo) {
            return person_of[members[combo]] != kOwn && within.contains(members[combo], projects[combo]);
        };

        const Quarter from = quarter_floor(scope.from);
        const Quarter to = quarter_ceil(scope.to);
        const Quarter over = quarter_floor(facts.known_until);
        const bool has_data = cube.first_quarter() <= cube.last_quarter();
        out.withheld |= to > over && has_data;
        for (std::size_t d = 0; d < days.days.size(); ++d) {
            const Quarter begin = days.starts[d];
            const Quarter end = days.starts[d + 1];
            if (end <= from || begin >= to) {
                continue;
            }
            if (begin < from || end > to || end > over) {
                out.withheld = true;
                continue;
            }
            std::map<std::uint32_t, People> of_slot;
            std::map<std::uint32_t, Totals> sums;
            People of_day;
            const DaySums::Rows& day = days.days[d].cuts[kFine];
            for (std::size_t i = 0; i < day.rows.size(); ++i) {
                const std::uint32_t combo = day.rows[i];
                if (!is_others(combo)) {
                    continue;
                }
                sums[slot_of(combo)].measures += day.sums[i];
                if (day.sums[i].requests > 0) {
                    of_slot[slot_of(combo)].insert(person_of[members[combo]]);
                    of_day.insert(person_of[members[combo]]);
                }
            }
            if (of_day.size() < facts.minimum_people) {
                out.withheld = true;
                continue;
            }
            const std::vector<std::uint8_t> told = *dimension == Dimension::kNone
                                                       ? std::vector<std::uint8_t>{1}
                                                       : told_values(of_slot, sums, slots, facts.minimum_people);
            std::map<std::uint32_t, std::set<std::uint32_t>> sessions;
            for (const DayRows::Part& part : days.days[d].parts) {
                if (part.requests > 0 && told[slot_of(part.combo)] != 0 && is_others(part.combo)) {
                    sessions[slot_of(part.combo)].insert(part.session);
                }
            }
            out.withheld |= unknown;
            if (asked) {
                for (std::size_t slot = 0; slot < slots; ++slot) {
                    out.withheld |= (*asked)[slot] != 0 && told[slot] == 0;
                }
            }
            for (auto& [slot, totals] : sums) {
                if (told[slot] == 0) {
                    out.withheld = out.withheld || !asked;
                    continue;
                }
                if (asked && (*asked)[slot] == 0) {
                    continue;
                }
                const std::set<std::uint32_t>& seen = sessions[slot];
                totals.sessions = static_cast<std::int64_t>(seen.size());
                out.cells.push_back({time_of(begin), time_of(end), slot, totals, {seen.begin(), seen.end()}});
            }
        }
        if (days.days.empty() || to > days.starts.back()) {
            // Days after the last row have too few people as well.
            out.withheld |= has_data && to > cube.first_quarter();
        }
        return out;
    }

    /// Own rows and cells of others by `group_by`, per span between two edges. `scope` is as it was asked.
    base::Result<std::vector<Group>> groups(const Scope& scope, Dimension group_by,
                                            const std::vector<base::UnixMillis>& edges, bool& withheld) const {
        TIDEMARK_TRY(const Scope asked, decoded(scope));
        Scope own = asked;
        own.reach = reach_.own_rows();
        std::map<std::string, Group> found;
        const std::size_t spans = edges.size() - 1;
        const auto group_of = [&](const GroupKey& key) -> Group& {
            const auto [place, is_new] = found.try_emplace(key.key);
            if (is_new) {
                place->second.group = key;
                place->second.spans.resize(spans);
            }
            return place->second;
        };
        TIDEMARK_TRY(const Matrix matrix, engine_.matrix(own, edges, group_by));
        for (std::size_t i = 0; i < matrix.groups.size(); ++i) {
            Group& group = group_of(matrix.groups[i]);
            std::copy_n(matrix.cells.begin() + static_cast<std::ptrdiff_t>(i * spans), spans, group.spans.begin());
        }
        TIDEMARK_TRY(const Matrix whole, engine_.matrix(own, ends(scope), group_by));
        for (std::size_t i = 0; i < whole.groups.size(); ++i) {
            group_of(whole.groups[i]).whole = whole.cells[i];
        }
        TIDEMARK_TRY(const Published others, published(asked, group_by));
        withheld |= others.withheld;
        const bool grouped = group_by != Dimension::kNone;  // else the slots are what is filtered on
        std::map<std::uint32_t, GroupKey> keys;
        {
            const auto lock = state_.read();
            for (const Cell& cell : others.cells) {
                if (const std::uint32_t slot = grouped ? cell.slot : 0; !keys.contains(slot)) {
                    keys[slot] = state_.group_key(group_by, slot);
                }
            }
        }
        std::map<std::pair<std::uint32_t, std::size_t>, std::set<std::uint32_t>> sessions;  // by slot and span
        std::map<std::uint32_t, std::set<std::uint32_t>> all_sessions;
        for (const Cell& cell : others.cells) {
            const std::uint32_t slot = grouped ? cell.slot : 0;
            Group& group = group_of(keys.at(slot));
            group.whole.measures += cell.totals.measures;
            all_sessions[slot].insert(cell.sessions.begin(), cell.sessions.end());
            if (const std::size_t span = span_of(edges, cell.from, cell.to); span < spans) {
                group.spans[span].measures += cell.totals.measures;
                sessions[{slot, span}].insert(cell.sessions.begin(), cell.sessions.end());
            } else {
                withheld = true;
            }
        }
        for (const auto& [at, seen] : sessions) {
            found.at(keys.at(at.first).key).spans[at.second].sessions += static_cast<std::int64_t>(seen.size());
        }
        for (const auto& [slot, seen] : all_sessions) {
            found.at(keys.at(slot).key).whole.sessions += static_cast<std::int64_t>(seen.size());
        }
        std::vector<Group> out;
        for (auto& [key, group] : found) {
            tell(group_by, group.group);
            out.push_back(std::move(group));
        }
        return out;
    }

    base::Result<Totals> totals(const Scope& scope, bool& withheld) const {
        TIDEMARK_TRY(const Scope asked, decoded(scope));
        Scope own = asked;
        own.reach = reach_.own_rows();
        TIDEMARK_TRY(Totals out, engine_.plain_totals(own));
        TIDEMARK_TRY(const Published others, published(asked, Dimension::kNone));
        withheld |= others.withheld;
        std::set<std::uint32_t> sessions;
        for (const Cell& cell : others.cells) {
            out.measures += cell.totals.measures;
            sessions.insert(cell.sessions.begin(), cell.sessions.end());
        }
        out.sessions += static_cast<std::int64_t>(sessions.size());
        return out;
    }

    /// The range as sums have it: whole quarters of an hour.
    [[nodiscard]] static std::vector<base::UnixMillis> ends(const Scope& scope) {
        return {time_of(quarter_floor(scope.from)), time_of(quarter_ceil(scope.to))};
    }
    [[nodiscard]] bool combines(const Scope& scope, Dimension group_by) const {
        return privacy_.facts().sums_of_others && only_dimension(scope, group_by).has_value();
    }

private:
    [[nodiscard]] std::set<std::string> owned(const Cube& cube) const {
        std::set<std::string> out;
        for (const Project& project : cube.projects()) {
            if (reach_.owns(project.path)) {
                out.insert(project.path);
            }
        }
        return out;
    }

    /// By member: a number for each person.
    [[nodiscard]] std::vector<std::uint32_t> people(const Cube& cube) const {
        const Privacy::Facts& facts = privacy_.facts();
        std::map<std::string_view, std::uint32_t> numbers;
        std::vector<std::uint32_t> out;
        for (const std::string& member : cube.dictionary(Dimension::kMember).keys) {
            if (facts.own.contains(member)) {
                out.push_back(kOwn);
                continue;
            }
            const auto person = facts.person_of.find(member);
            out.push_back(person == facts.person_of.end()
                              ? kNobody
                              : numbers.try_emplace(person->second, static_cast<std::uint32_t>(numbers.size()) + 1)
                                    .first->second);
        }
        return out;
    }

    /// The values that filters leave; nothing: all. `unknown`: a filter names one that nothing has, which must look
    /// like one of too few people.
    [[nodiscard]] std::optional<std::vector<std::uint8_t>> asked_values(const Cube& cube, const Scope& scope,
                                                                        Dimension dimension, bool& unknown) const {
        std::optional<std::vector<std::uint8_t>> out;
        const auto keep_only = [&](const auto& keys) {
            const Dictionary& dictionary = cube.dictionary(dimension);
            std::vector<std::uint8_t> allowed(dictionary.keys.size(), 0);
            std::size_t known = 0;
            for (const std::string& key : keys) {
                if (const auto found = dictionary.of_key.find(key); found != dictionary.of_key.end()) {
                    allowed[found->second] = !out || (*out)[found->second] != 0 ? 1 : 0;
                    ++known;
                }
            }
            unknown |= known < keys.size();
            out = std::move(allowed);
        };
        if (dimension == Dimension::kNone) {
            return out;
        }
        for (const Filter& filter : scope.filters) {
            if (filter.dimension == dimension) {
                keep_only(filter.keys);
            }
        }
        if (reach_.only_projects() && dimension == Dimension::kProject) {
            keep_only(*reach_.only_projects());
        }
        return out;
    }

    const Engine& engine_;
    const State& state_;
    const Reach& reach_;
    const Privacy& privacy_;
};

namespace {

const Reach* private_reach(const Reach* reach) {
    return reach != nullptr && reach->privacy() != nullptr ? reach : nullptr;
}
const Reach* private_reach(const Scope& scope) { return private_reach(scope.reach.get()); }

}  // namespace

// ------------------------------------------------------------------------------------------------------------- sums

base::Result<Totals> Engine::totals(const Scope& scope) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_totals(scope);
    }
    const Guard guard(*this, *reach);
    if (guard.totals_only()) {
        bool withheld = false;
        return guard.totals(scope, withheld);
    }
    TIDEMARK_TRY(const Scope rows, guard.over_rows(scope));
    return plain_totals(rows);
}

base::Result<Totals> Engine::exact_totals(const Scope& scope) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_exact_totals(scope);
    }
    TIDEMARK_TRY(const Scope rows, Guard(*this, *reach).over_rows(scope));
    return plain_exact_totals(rows);
}

base::Result<Summary> Engine::summary(const Scope& scope, bool compare_previous) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_summary(scope, compare_previous);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(const Scope rows, guard.over_rows(scope));
    TIDEMARK_TRY(Summary out, plain_summary(rows, compare_previous));
    if (!guard.totals_only()) {
        for (auto* groups : {&out.by_project, &out.by_model}) {
            for (GroupTotals& row : *groups) {
                guard.tell(groups == &out.by_project ? Dimension::kProject : Dimension::kModel, row.group);
            }
        }
        return out;
    }
    TIDEMARK_TRY(out.totals, guard.totals(scope, out.withheld));
    out.unpriced_models.clear();
    for (const Dimension dimension : {Dimension::kProject, Dimension::kModel}) {
        TIDEMARK_TRY(const std::vector<Group> groups, guard.groups(scope, dimension, guard.ends(scope), out.withheld));
        std::vector<GroupTotals>& list = dimension == Dimension::kProject ? out.by_project : out.by_model;
        list.clear();
        for (const Group& group : groups) {
            if (occurs(group.whole)) {
                list.push_back({group.group, group.whole});
            }
            if (dimension == Dimension::kModel && group.whole.measures.unpriced_requests > 0) {
                out.unpriced_models.push_back(group.group.key);
            }
        }
        std::sort(list.begin(), list.end(), [](const GroupTotals& a, const GroupTotals& b) {
            return std::tuple(-a.totals.measures.cost.value, -a.totals.measures.tokens.total(), a.group.key) <
                   std::tuple(-b.totals.measures.cost.value, -b.totals.measures.tokens.total(), b.group.key);
        });
        if (dimension == Dimension::kProject && list.size() > kTopGroups) {
            list.resize(kTopGroups);
        }
    }
    std::sort(out.unpriced_models.begin(), out.unpriced_models.end());
    const double days = static_cast<double>(quarter_ceil(scope.to) - quarter_floor(scope.from)) / kDayOfQuarters;
    out.daily_average_usd = out.totals.measures.cost.dollars() / std::max(days, 1.0);
    const auto trend = [&](int length) -> base::Result<std::optional<double>> {
        // Spans of days as they are told: up to the last one that is over.
        const base::UnixMillis to = std::min(time_of(quarter_ceil(scope.to)), guard.privacy().facts().known_until);
        const base::UnixMillis span = length * base::kDay;
        bool missing = false;
        TIDEMARK_TRY(const Totals now, guard.totals(at_times(scope, to - span, to), missing));
        TIDEMARK_TRY(const Totals before, guard.totals(at_times(scope, to - 2 * span, to - span), missing));
        // Days that are told in one span and not in the other would look like a change.
        if (missing || before.measures.cost.value <= 0) {
            return std::optional<double>();
        }
        return std::optional<double>(now.measures.cost.dollars() / before.measures.cost.dollars() - 1.0);
    };
    TIDEMARK_TRY(out.weekly_trend, trend(7));
    TIDEMARK_TRY(out.monthly_trend, trend(30));
    if (compare_previous) {
        TIDEMARK_TRY(out.previous, guard.totals(at_times(scope, out.previous_from, out.previous_to), out.withheld));
    }
    return out;
}

base::Result<Series> Engine::series(const SeriesQuery& query) const {
    const Reach* reach = private_reach(query.scope);
    if (reach == nullptr) {
        return plain_series(query);
    }
    const Guard guard(*this, *reach);
    const Scope& scope = query.scope;
    SeriesQuery rows = query;
    TIDEMARK_TRY(rows.scope, guard.over_rows(scope));
    // The question as it is asked of rows: its faults are the same, and so are its buckets.
    rows.limit = guard.totals_only() ? 0 : query.limit;
    const bool sums = query.metric != Metric::kToolCalls && query.metric != Metric::kToolErrors &&
                      query.bucket != base::Bucket::k5m && guard.combines(scope, query.group_by);
    if (!guard.totals_only() || !sums) {
        rows.limit = query.limit;
        TIDEMARK_TRY(Series out, plain_series(rows));
        out.withheld = guard.totals_only();
        for (SeriesLine& line : out.lines) {
            if (line.group.key != "__other__" || line.group.label != "__other__") {
                guard.tell(query.group_by, line.group);
            }
        }
        return out;
    }
    TIDEMARK_TRY(Series out, plain_series(rows));
    out.lines.clear();
    out.complete_until = std::min(out.complete_until, guard.privacy().facts().known_until);
    std::vector<base::UnixMillis> edges = out.buckets;
    edges.push_back(out.ends_at);
    TIDEMARK_TRY(std::vector<Group> groups, guard.groups(scope, query.group_by, edges, out.withheld));
    const auto value = [&](const Totals& totals) -> std::optional<double> {
        // Nothing to tell is not zero here.
        return totals.measures.requests == 0 && totals.sessions == 0
                   ? std::nullopt
                   : value_of(query.metric, fraction_of(query.metric, totals));
    };
    const auto rank = [&](const Group& group) {
        const Fraction fraction = fraction_of(query.metric, group.whole);
        return fraction.bottom != 0 ? fraction.bottom : fraction.top;
    };
    std::sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) {
        return rank(a) != rank(b) ? rank(a) > rank(b) : a.group.key < b.group.key;
    });
    const std::size_t limit = query.group_by == Dimension::kNone ? groups.size() : query.limit;
    if (groups.size() > limit) {
        Group other;
        other.group = {"__other__", "__other__"};
        other.spans.resize(edges.size() - 1);
        for (std::size_t i = limit; i < groups.size(); ++i) {
            add(other.whole, groups[i].whole);
            for (std::size_t span = 0; span < other.spans.size(); ++span) {
                add(other.spans[span], groups[i].spans[span]);
            }
        }
        out.other_count = groups.size() - limit;
        groups.resize(limit);
        groups.push_back(std::move(other));
    } else {
        out.other_count = 0;
    }
    if (query.group_by == Dimension::kNone && groups.empty()) {
        groups.push_back({{}, std::vector<Totals>(edges.size() - 1), {}});
    }
    for (const Group& group : groups) {
        SeriesLine line{group.group, {}, value(group.whole)};
        for (const Totals& span : group.spans) {
            line.values.push_back(value(span));
        }
        out.lines.push_back(std::move(line));
    }
    if (query.compare_previous) {
        const auto [from, to] = previous_span(scope);
        const auto before = scope.zone.edges(from, std::max(to, from + 1), query.bucket, scope.week_start);
        TIDEMARK_TRY(const std::vector<Group> earlier,
                     guard.groups(at_times(scope, from, to), Dimension::kNone, before, out.withheld));
        SeriesLine line;
        line.values.resize(out.buckets.size());
        if (!earlier.empty()) {
            line.total = value(earlier.front().whole);
            for (std::size_t i = 0; i < std::min(line.values.size(), earlier.front().spans.size()); ++i) {
                line.values[i] = value(earlier.front().spans[i]);
            }
        }
        out.previous = std::move(line);
    }
    return out;
}

base::Result<Breakdown> Engine::breakdown(const BreakdownQuery& query) const {
    const Reach* reach = private_reach(query.scope);
    if (reach == nullptr) {
        return plain_breakdown(query);
    }
    const Guard guard(*this, *reach);
    const Scope& scope = query.scope;
    BreakdownQuery rows = query;
    TIDEMARK_TRY(rows.scope, guard.over_rows(scope));
    const bool sums = query.sort != Metric::kToolCalls && guard.combines(scope, query.group_by);
    if (!guard.totals_only() || !sums) {
        TIDEMARK_TRY(Breakdown out, plain_breakdown(rows));
        for (BreakdownRow& row : out.rows) {
            guard.tell(query.group_by, row.group);
        }
        if (guard.totals_only()) {
            // The rows are of fewer than the whole is, as those of a page would be.
            TIDEMARK_TRY(const Totals whole, guard.totals(scope, out.withheld));
            out.totals.measures = whole.measures;
            out.totals.sessions = whole.sessions;
            out.withheld = true;
            const double cost = whole.measures.cost.dollars();
            for (BreakdownRow& row : out.rows) {
                row.share = cost > 0 ? row.totals.measures.cost.dollars() / cost : 0;
            }
        }
        return out;
    }
    TIDEMARK_TRY(Breakdown out, plain_breakdown(rows));
    out.rows.clear();
    TIDEMARK_TRY(out.totals, guard.totals(scope, out.withheld));
    const std::size_t points = std::min<std::size_t>(query.trend_points, 1000);
    std::vector<base::UnixMillis> edges{guard.ends(scope).front()};
    for (std::size_t point = 1; point < points; ++point) {
        // Cut where days are, so that they lie inside.
        const base::UnixMillis cut = scope.from + static_cast<base::UnixMillis>(point) * (scope.to - scope.from) /
                                                      static_cast<base::UnixMillis>(points);
        edges.push_back(std::max(edges.back(), guard.privacy().facts().zone.floor(cut, base::Bucket::k1d)));
    }
    edges.push_back(std::max(guard.ends(scope).back(), edges.back()));
    bool trend_withheld = false;
    TIDEMARK_TRY(std::vector<Group> groups, guard.groups(scope, query.group_by, edges, trend_withheld));
    std::erase_if(groups, [](const Group& group) { return !occurs(group.whole); });
    out.withheld |= trend_withheld;
    const auto rank = [&](const Group& group) {
        return value_of(query.sort, fraction_of(query.sort, group.whole)).value_or(-1);
    };
    std::sort(groups.begin(), groups.end(), [&](const Group& a, const Group& b) {
        if (rank(a) != rank(b)) {
            return query.descending ? rank(a) > rank(b) : rank(a) < rank(b);
        }
        return std::tuple(-a.whole.measures.tokens.total(), a.group.key) <
               std::tuple(-b.whole.measures.tokens.total(), b.group.key);
    });
    out.total_rows = groups.size();
    std::map<std::string, base::NanoUsd> before;
    if (query.compare_previous) {
        const auto [from, to] = previous_span(scope);
        TIDEMARK_TRY(const std::vector<Group> earlier,
                     guard.groups(at_times(scope, from, to), query.group_by, guard.ends(at_times(scope, from, to)),
                                  out.withheld));
        for (const Group& group : earlier) {
            before[group.group.key] = group.whole.measures.cost;
        }
    }
    const double whole = out.totals.measures.cost.dollars();
    for (std::size_t i = query.offset; i < std::min(groups.size(), query.offset + query.limit); ++i) {
        const Group& group = groups[i];
        BreakdownRow row;
        row.group = group.group;
        row.totals = group.whole;
        row.share = whole > 0 ? group.whole.measures.cost.dollars() / whole : 0;
        // Without a sum told before there is nothing to compare with.
        if (const auto earlier = before.find(group.group.key); earlier != before.end()) {
            row.previous_cost = earlier->second;
            if (earlier->second.value > 0) {
                row.change = group.whole.measures.cost.dollars() / earlier->second.dollars() - 1;
            }
        }
        for (std::size_t point = 0; point < points; ++point) {
            row.trend.push_back(group.spans[point].measures.cost.dollars());
        }
        out.rows.push_back(std::move(row));
    }
    return out;
}

base::Result<Hours> Engine::hours(const Scope& scope, Metric metric) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_hours(scope, metric);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(const Scope rows, guard.over_rows(scope));
    TIDEMARK_TRY(Hours out, plain_hours(rows, metric));
    out.withheld = guard.totals_only();
    return out;
}

base::Result<std::vector<ProjectRow>> Engine::projects(const Scope& scope) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_projects(scope);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(const Scope rows, guard.over_rows(scope));
    TIDEMARK_TRY(std::vector<ProjectRow> out, plain_projects(rows));
    for (ProjectRow& row : out) {
        guard.tell(row);
    }
    if (!guard.totals_only()) {
        return out;
    }
    std::map<std::string, ProjectRow> own;
    for (ProjectRow& row : out) {
        own.emplace(row.project.key, std::move(row));
    }
    out.clear();
    bool withheld = false;
    // By day: of when it is told that somebody worked there.
    const auto edges = guard.privacy().facts().zone.edges(
        std::max(scope.from, oldest()), std::max({scope.to, oldest() + 1, scope.from + 1}), base::Bucket::k1d);
    TIDEMARK_TRY(const std::vector<Group> groups, guard.groups(scope, Dimension::kProject, edges, withheld));
    for (const Group& group : groups) {
        if (!occurs(group.whole)) {
            continue;
        }
        ProjectRow row;
        row.project = group.group;
        if (const auto mine = own.find(group.group.key); mine != own.end()) {
            row = mine->second;
        } else {
            for (std::size_t day = 0; day < group.spans.size(); ++day) {
                if (occurs(group.spans[day])) {
                    row.first_activity = row.first_activity == 0 ? edges[day] : row.first_activity;
                    row.last_activity = edges[day + 1] - 1;
                }
            }
        }
        row.totals = group.whole;
        out.push_back(std::move(row));
    }
    std::sort(out.begin(), out.end(), [](const ProjectRow& a, const ProjectRow& b) {
        return std::tuple(-a.totals.measures.cost.value, a.project.key) <
               std::tuple(-b.totals.measures.cost.value, b.project.key);
    });
    return out;
}

base::Result<std::vector<std::pair<Dimension, std::vector<GroupKey>>>> Engine::facets(const Scope& scope,
                                                                                      std::size_t limit) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_facets(scope, limit);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(const Scope rows, guard.over_rows(scope));
    TIDEMARK_TRY(auto out, plain_facets(rows, limit));
    for (auto& [dimension, keys] : out) {
        for (GroupKey& key : keys) {
            guard.tell(dimension, key);
        }
        if (!guard.totals_only() || !guard.combines(scope, dimension)) {
            continue;
        }
        bool withheld = false;
        TIDEMARK_TRY(std::vector<Group> groups, guard.groups(scope, dimension, guard.ends(scope), withheld));
        std::erase_if(groups, [](const Group& group) { return !occurs(group.whole); });
        std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
            return std::tuple(-a.whole.measures.cost.value, a.group.key) <
                   std::tuple(-b.whole.measures.cost.value, b.group.key);
        });
        groups.resize(std::min(groups.size(), limit));
        keys.clear();
        for (Group& group : groups) {
            keys.push_back(std::move(group.group));
        }
    }
    return out;
}

// ------------------------------------------------------------------------------------------------------------- rows

base::Result<RecordsPage> Engine::records(const RecordsQuery& query) const {
    const Reach* reach = private_reach(query.scope);
    if (reach == nullptr) {
        return plain_records(query);
    }
    const Guard guard(*this, *reach);
    RecordsQuery rows = query;
    TIDEMARK_TRY(rows.scope, guard.over_rows(query.scope));
    TIDEMARK_TRY(RecordsPage out, plain_records(rows));
    for (Record& record : out.records) {
        guard.tell(record);
    }
    return out;
}

base::Result<SessionsPage> Engine::sessions(const SessionsQuery& query) const {
    const Reach* reach = private_reach(query.scope);
    if (reach == nullptr) {
        return plain_sessions(query, nullptr);
    }
    const Guard guard(*this, *reach);
    SessionsQuery rows = query;
    TIDEMARK_TRY(rows.scope, guard.over_rows(query.scope));
    TIDEMARK_TRY(SessionsPage out, plain_sessions(rows, &guard.privacy()));
    for (SessionRow& row : out.sessions) {
        guard.tell(row);
    }
    return out;
}

base::Result<std::vector<SessionRow>> Engine::active_sessions(base::UnixMillis now, const Reach* reach) const {
    if (private_reach(reach) == nullptr) {
        return plain_active_sessions(now, reach);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(std::vector<SessionRow> out, plain_active_sessions(now, guard.rows().get()));
    for (SessionRow& row : out) {
        guard.tell(row);
    }
    return out;
}

base::Result<SessionDetail> Engine::session(std::string_view id, const Reach* reach) const {
    if (private_reach(reach) == nullptr) {
        return plain_session(id, reach);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(SessionDetail out, plain_session(id, guard.rows().get()));
    guard.tell(out);
    return out;
}

base::Result<std::vector<Block>> Engine::blocks(const Scope& scope, base::UnixMillis now) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_blocks(scope, now);
    }
    TIDEMARK_TRY(const Scope rows, Guard(*this, *reach).over_rows(scope));
    return plain_blocks(rows, now);
}

base::Result<std::vector<EventRow>> Engine::events(const Scope& scope, model::EventKind kind, std::size_t limit) const {
    const Reach* reach = private_reach(scope);
    if (reach == nullptr) {
        return plain_events(scope, kind, limit);
    }
    const Guard guard(*this, *reach);
    TIDEMARK_TRY(const Scope rows, guard.over_rows(scope));
    TIDEMARK_TRY(std::vector<EventRow> out, plain_events(rows, kind, limit));
    for (EventRow& event : out) {
        guard.tell(event);
    }
    return out;
}

}  // namespace tidemark::query
