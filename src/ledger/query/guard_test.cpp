// What each privacy mode tells, against the requests themselves; and what those who ask much can find out.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/query/query.hpp"
#include "ledger/query/test_ledger.hpp"

namespace tidemark::query {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::size_t kMinimum = 3;
constexpr int kDays = 24;
const std::vector<std::string> kNames = {"ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ida"};
const std::vector<Dimension> kAsked = {Dimension::kProject, Dimension::kModel, Dimension::kBranch, Dimension::kKind,
                                       Dimension::kVersion, Dimension::kSpeed, Dimension::kGeo,    Dimension::kAgent};

base::UnixMillis at(std::string_view text) { return *base::parse_rfc3339(text); }

class GuardTest : public testing::TestWithParam<unsigned> {
protected:
    GuardTest() : random_(GetParam()), zone_(TestLedger::must(base::TimeZone::load("Asia/Shanghai"))) {
        begin_ = zone_.start_of({2026, 9, 1});
        end_ = begin_ + kDays * base::kDay;
        for (int i = 0; i < 900; ++i) {
            TestRequest r;
            r.time = begin_ + upto(end_ - begin_);
            const auto who = static_cast<std::size_t>(upto(static_cast<std::int64_t>(kNames.size())));
            // Fewer people on some days, as it is.
            if ((r.time - begin_) / base::kDay % 7 > 4 && who > 3) {
                continue;
            }
            r.member = kNames[who];
            r.session = r.member + "-" + std::to_string(upto(12));
            // A session belongs to one project: some are everybody's, some of few, some of one.
            const auto project = std::hash<std::string>()(r.session) % 4;
            r.project = project == 0   ? "/srv/shared"
                        : project == 1 ? "/srv/team-" + std::to_string(who % 2)
                        : project == 2 ? "/srv/of-" + std::to_string(who / 3)
                                       : "/home/" + r.member + "/own";
            r.model = upto(10) == 0 ? "model-" + r.member : "model-" + std::to_string(upto(3));
            r.branch = upto(4) == 0 ? "feature/" + r.member + "-fix" : "main";
            r.version = "2.1." + std::to_string(upto(2));
            r.kind = static_cast<model::RequestKind>(upto(3));
            if (r.kind == model::RequestKind::kSubagent) {
                r.agent_uid = "a" + std::to_string(upto(3));
                r.agent = upto(2) == 0 ? "Explore" : r.member + "-agent";
            }
            r.speed = static_cast<model::Speed>(upto(2));
            r.geo = upto(3) == 0 ? "us" : "";
            r.tokens = {upto(1000), upto(2000), upto(50), upto(3000), upto(3000), upto(100'000)};
            if (upto(6) != 0) {
                r.cost = upto(1'000'000'000);
            }
            if (upto(3) == 0) {
                r.tools = {upto(2) == 0 ? "Bash" : "mcp__" + r.member + "__x"};
            }
            requests_.push_back(std::move(r));
        }
        ledger_.commit(requests_);
        engine_ = ledger_.open();
    }

    std::int64_t upto(std::int64_t n) { return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_); }

    std::shared_ptr<const Reach> reach(Privacy::Mode mode, bool everything = true,
                                       std::optional<std::set<std::string>> only = std::nullopt) const {
        Privacy::Facts facts;
        facts.mode = mode;
        facts.own = {"ann"};
        for (const std::string& name : kNames) {
            // Two names of one person; and two that are nobody's.
            if (name != "ann" && name != "hal" && name != "ida") {
                facts.person_of[name] = name == "cyd" ? "bob" : name;
            }
            // The directory knows some; the ledger knows them all.
            if (name != "ann" && name != "hal" && name != "ida") {
                facts.names.insert(name);
            }
        }
        facts.members = [this] { return engine_->member_names(); };
        facts.pseudonym = [](std::string_view name) {
            return "Member-" + std::to_string(base::hash64(name) % 100'000);
        };
        facts.minimum_people = kMinimum;
        facts.zone = zone_;
        facts.known_until = known_until_ == 0 ? end_ - 2 * base::kDay : known_until_;
        facts.id = std::to_string(static_cast<int>(mode));
        std::set<std::string> members;
        if (!everything) {
            members = {"ann", "bob", "cyd", "dan", "eve", "fay", "hal"};
        }
        return std::make_shared<const Reach>(everything, members, std::set<std::string>(), std::move(only),
                                             std::make_shared<const Privacy>(std::move(facts)));
    }

    Scope scope(std::shared_ptr<const Reach> reach, bool whole_days) {
        Scope s;
        s.zone = zone_;
        s.from = begin_ + upto(kDays - 1) * base::kDay + (whole_days ? 0 : upto(base::kDay));
        s.to = s.from + (1 + upto(kDays)) * base::kDay;
        s.reach = std::move(reach);
        return s;
    }

    static std::string person(const TestRequest& r, const Reach& reach) {
        const auto& people = reach.privacy()->facts().person_of;
        const auto found = people.find(r.member);
        return found == people.end() ? "nobody" : found->second;
    }

    struct Sum {
        model::Measures measures;
        std::set<std::string> sessions;
    };
    struct Expected {
        std::map<std::string, Sum> groups;  ///< By the group's value
        bool own_only = false;
    };
    /// The answer by the rules as they are written down, from the requests.
    Expected expected(const Scope& scope, Dimension group_by) const {
        Expected out;
        const Privacy::Facts& facts = scope.reach->privacy()->facts();
        const base::UnixMillis from = scope.from / base::kQuarter * base::kQuarter;
        const base::UnixMillis to = (scope.to + base::kQuarter - 1) / base::kQuarter * base::kQuarter;
        std::set<Dimension> used{group_by};
        const auto passes = [&](const std::string& key, Dimension dimension) {
            const auto& only = scope.reach->only_projects();
            return (dimension != Dimension::kProject || !only || only->contains(key)) &&
                   std::all_of(scope.filters.begin(), scope.filters.end(), [&](const Filter& filter) {
                       return filter.dimension != dimension ||
                              std::find(filter.keys.begin(), filter.keys.end(), key) != filter.keys.end();
                   });
        };
        for (const Filter& filter : scope.filters) {
            used.insert(filter.dimension);
        }
        if (scope.reach->only_projects()) {
            used.insert(Dimension::kProject);
        }
        used.erase(Dimension::kNone);
        for (const TestRequest& r : requests_) {
            if (facts.own.contains(r.member) && r.time >= from && r.time < to &&
                passes(r.project, Dimension::kProject) &&
                std::all_of(used.begin(), used.end(), [&](Dimension d) { return passes(key_of(r, d), d); })) {
                Sum& sum = out.groups[key_of(r, group_by)];
                sum.measures += r.measures();
                sum.sessions.insert(r.session);
            }
        }
        out.own_only = used.size() > 1 ||
                       (!used.empty() && !used.contains(Dimension::kProject) && !used.contains(Dimension::kModel));
        if (out.own_only) {
            return out;
        }
        const Dimension dimension = used.empty() ? Dimension::kNone : *used.begin();
        for (base::UnixMillis day = begin_; day < end_; day += base::kDay) {
            if (day < from || day + base::kDay > to || day + base::kDay > facts.known_until) {
                continue;
            }
            std::map<std::string, Sum> sums;
            std::map<std::string, std::set<std::string>> people;
            std::set<std::string> of_day;
            for (const TestRequest& r : requests_) {
                if (r.time < day || r.time >= day + base::kDay || facts.own.contains(r.member) ||
                    !(scope.reach->everyone() || scope.reach->members().contains(r.member))) {
                    continue;
                }
                sums[key_of(r, dimension)].measures += r.measures();
                sums[key_of(r, dimension)].sessions.insert(r.session);
                people[key_of(r, dimension)].insert(person(r, *scope.reach));
                of_day.insert(person(r, *scope.reach));
            }
            if (of_day.size() < kMinimum) {
                continue;
            }
            std::set<std::string> told;
            for (const auto& [key, who] : people) {
                if (who.size() >= kMinimum) {
                    told.insert(key);
                }
            }
            const auto left = [&] {
                std::set<std::string> who;
                for (const auto& [key, persons] : people) {
                    if (!told.contains(key)) {
                        who.insert(persons.begin(), persons.end());
                    }
                }
                return who;
            };
            while (!told.empty() && !left().empty() && left().size() < kMinimum) {
                // Which of equals is taken back is the engine's choice: any is as good, so equals must not matter here.
                told.erase(*std::min_element(told.begin(), told.end(), [&](const auto& a, const auto& b) {
                    return std::tuple(people[a].size(), sums[a].measures.requests, first_seen(a, dimension)) <
                           std::tuple(people[b].size(), sums[b].measures.requests, first_seen(b, dimension));
                }));
            }
            for (const std::string& key : told) {
                if (passes(key, dimension)) {
                    Sum& sum = out.groups[group_by == Dimension::kNone ? std::string() : key];
                    sum.measures += sums[key].measures;
                    for (const std::string& session : sums[key].sessions) {
                        sum.sessions.insert(session);
                    }
                }
            }
        }
        return out;
    }
    /// The order in which values came to the ledger, which is that of their numbers there.
    std::size_t first_seen(const std::string& key, Dimension dimension) const {
        if (dimension == Dimension::kKind || dimension == Dimension::kSpeed) {
            return key == "main" || key == "standard" ? 0 : key == "subagent" || key == "fast" ? 1 : 2;
        }
        if (key.empty()) {
            return 0;
        }
        for (std::size_t i = 0; i < requests_.size(); ++i) {
            if (key_of(requests_[i], dimension) == key) {
                return i + 1;
            }
        }
        return requests_.size() + 1;
    }

    std::mt19937 random_;
    base::TimeZone zone_;
    base::UnixMillis begin_ = 0, end_ = 0, known_until_ = 0;
    std::vector<TestRequest> requests_;
    TestLedger ledger_;
    std::unique_ptr<Engine> engine_;
};

TEST_P(GuardTest, SumsAreAsTheRulesSay) {
    for (int round = 0; round < 60; ++round) {
        const bool everything = upto(3) != 0;
        std::optional<std::set<std::string>> only;
        if (upto(4) == 0) {
            only = {"/srv/shared", "/srv/of-1"};
        }
        Scope s = scope(reach(Privacy::Mode::kTotals, everything, only), upto(2) == 0);
        if (upto(3) == 0) {
            const Dimension dimension =
                kAsked[static_cast<std::size_t>(upto(static_cast<std::int64_t>(kAsked.size())))];
            const auto any = static_cast<std::size_t>(upto(static_cast<std::int64_t>(requests_.size())));
            s.filters = {{dimension, {key_of(requests_[any], dimension), key_of(requests_[0], dimension), "nothing"}}};
            // Keys that hold names are asked for as they are told.
            for (std::string& key : s.filters[0].keys) {
                key = s.reach->privacy()->key(dimension, key);
            }
        }
        Scope plain = s;  // as the rules know it
        for (Filter& filter : plain.filters) {
            std::vector<std::string> keys;
            for (const TestRequest& r : requests_) {
                const std::string key = key_of(r, filter.dimension);
                if (std::find(filter.keys.begin(), filter.keys.end(), s.reach->privacy()->key(filter.dimension, key)) !=
                    filter.keys.end()) {
                    keys.push_back(key);
                }
            }
            filter.keys = keys;
        }
        const std::string what = "round " + std::to_string(round);
        const auto same = [&](const Totals& totals, const Sum& sum, const std::string& where) {
            EXPECT_EQ(totals.measures, sum.measures) << what << " " << where;
            EXPECT_EQ(totals.sessions, static_cast<std::int64_t>(sum.sessions.size())) << what << " " << where;
        };
        const Expected whole = expected(plain, Dimension::kNone);
        const Sum all = whole.groups.contains("") ? whole.groups.at("") : Sum();
        same(TestLedger::must(engine_->totals(s)), all, "totals");
        const Summary summary = TestLedger::must(engine_->summary(s, true));
        same(summary.totals, all, "summary");
        for (const Dimension dimension : kAsked) {
            const Expected groups = expected(plain, dimension);
            std::map<std::string, Sum> by_key;
            for (const auto& [key, sum] : groups.groups) {
                by_key[s.reach->privacy()->key(dimension, key)] = sum;
            }
            const std::string where = std::string(to_string(dimension));
            const Breakdown rows = TestLedger::must(engine_->breakdown({.scope = s, .group_by = dimension}));
            EXPECT_EQ(rows.rows.size(), by_key.size()) << what << " " << where;
            for (const BreakdownRow& row : rows.rows) {
                ASSERT_TRUE(by_key.contains(row.group.key)) << what << " " << where << " " << row.group.key;
                same(row.totals, by_key[row.group.key], where + " " + row.group.key);
            }
            same(rows.totals, all, where + " of all");
            const auto facets = TestLedger::must(engine_->facets(s, 1000));
            for (const auto& [facet, keys] : facets) {
                if (facet == dimension) {
                    EXPECT_EQ(keys.size(), by_key.size()) << what << " facet " << where;
                }
            }
            SeriesQuery by_day{.scope = s, .metric = Metric::kRequests, .group_by = dimension, .limit = 1000};
            by_day.scope.from = zone_.floor(s.from, base::Bucket::k1d);
            const Series series = TestLedger::must(engine_->series(by_day));
            for (const SeriesLine& line : series.lines) {
                double sum = 0;
                for (const auto& value : line.values) {
                    sum += value.value_or(0);
                }
                EXPECT_DOUBLE_EQ(sum, line.total.value_or(0)) << what << " " << where;
            }
            if (by_day.scope.from == s.from) {
                EXPECT_EQ(series.lines.size(), by_key.size()) << what << " " << where;
                for (const SeriesLine& line : series.lines) {
                    EXPECT_DOUBLE_EQ(line.total.value_or(0),
                                     static_cast<double>(by_key[line.group.key].measures.requests))
                        << what << " " << where << " " << line.group.key;
                }
            }
            if (dimension == Dimension::kProject) {
                const auto projects = TestLedger::must(engine_->projects(s));
                EXPECT_EQ(projects.size(), by_key.size()) << what;
                for (const ProjectRow& row : projects) {
                    same(row.totals, by_key[row.project.key], "project " + row.project.key);
                }
            }
        }
    }
}

TEST_P(GuardTest, NoDifferenceOfTwoSumsIsAboutFewerPeople) {
    // Everything told of a day: the whole, and the values of each dimension. What is left between them must be nothing
    // or about enough people.
    const auto everything = reach(Privacy::Mode::kTotals);
    int told_cells = 0;
    int withheld_cells = 0;
    for (base::UnixMillis day = begin_; day < end_; day += base::kDay) {
        Scope s;
        s.zone = zone_;
        s.from = day;
        s.to = day + base::kDay;
        s.reach = everything;
        const auto others = [&](const Scope& asked, const std::string& key, Dimension dimension) {
            std::set<std::string> people;
            std::int64_t count = 0;
            for (const TestRequest& r : requests_) {
                if (r.time >= asked.from && r.time < asked.to && r.member != "ann" &&
                    everything->privacy()->key(dimension, key_of(r, dimension)) == key) {
                    people.insert(person(r, *everything));
                    ++count;
                }
            }
            return std::pair(people, count);
        };
        std::int64_t own = 0;
        for (const TestRequest& r : requests_) {
            own += r.time >= s.from && r.time < s.to && r.member == "ann" ? 1 : 0;
        }
        const Totals totals = TestLedger::must(engine_->totals(s));
        const bool day_told = totals.measures.requests > own;
        if (day_told) {
            EXPECT_GE(others(s, "", Dimension::kNone).first.size(), kMinimum);
        }
        EXPECT_TRUE(!day_told || day + base::kDay <= everything->privacy()->facts().known_until);
        for (const Dimension dimension : kAsked) {
            const Breakdown rows = TestLedger::must(engine_->breakdown({.scope = s, .group_by = dimension}));
            std::set<std::string> told;
            for (const BreakdownRow& row : rows.rows) {
                const auto [people, count] = others(s, row.group.key, dimension);
                std::int64_t mine = 0;
                for (const TestRequest& r : requests_) {
                    mine += r.time >= s.from && r.time < s.to && r.member == "ann" &&
                                    everything->privacy()->key(dimension, key_of(r, dimension)) == row.group.key
                                ? 1
                                : 0;
                }
                if (row.totals.measures.requests > mine) {
                    EXPECT_GE(people.size(), kMinimum) << to_string(dimension) << " " << row.group.key;
                    told.insert(row.group.key);
                    ++told_cells;
                }
                // The filter tells the same as the group, and nothing in between.
                Scope filtered = s;
                filtered.filters = {{dimension, {row.group.key}}};
                EXPECT_EQ(TestLedger::must(engine_->totals(filtered)).measures, row.totals.measures);
            }
            std::set<std::string> rest;
            for (const TestRequest& r : requests_) {
                if (r.time >= s.from && r.time < s.to && r.member != "ann" &&
                    !told.contains(everything->privacy()->key(dimension, key_of(r, dimension)))) {
                    rest.insert(person(r, *everything));
                }
            }
            if (day_told && !rest.empty()) {
                EXPECT_GE(rest.size(), kMinimum) << to_string(dimension);
                EXPECT_TRUE(rows.withheld);
                ++withheld_cells;
            }
        }
    }
    EXPECT_GT(told_cells, 20) << "the test sees too little";
    EXPECT_GT(withheld_cells, 20);
}

TEST_P(GuardTest, PartsOfDaysCombinationsAndPeopleAreOnesOwn) {
    const auto totals = reach(Privacy::Mode::kTotals);
    Scope s;
    s.zone = zone_;
    s.from = begin_ + 8 * base::kHour;
    s.to = begin_ + 20 * base::kHour;
    s.reach = totals;
    const auto own = [&](auto matches) {
        std::int64_t count = 0;
        for (const TestRequest& r : requests_) {
            count += r.member == "ann" && matches(r) ? 1 : 0;
        }
        return count;
    };
    const auto in_range = [&](const TestRequest& r) { return r.time >= s.from && r.time < s.to; };
    EXPECT_EQ(TestLedger::must(engine_->totals(s)).measures.requests, own(in_range)) << "a part of a day";
    s.from = begin_;
    s.to = end_;
    for (const auto& filters : std::vector<std::vector<Filter>>{
             {{Dimension::kMember, {"bob", "eve", "fay", "dan"}}},
             {{Dimension::kMember, {"ann", "bob"}}},
             {{Dimension::kSession, {"bob-1", "ann-1"}}},
             {{Dimension::kProject, {"/srv/shared"}}, {Dimension::kModel, {"model-1"}}},
         }) {
        s.filters = filters;
        const auto matches = [&](const TestRequest& r) {
            return in_range(r) && std::all_of(filters.begin(), filters.end(), [&](const Filter& f) {
                       return std::find(f.keys.begin(), f.keys.end(), key_of(r, f.dimension)) != f.keys.end();
                   });
        };
        EXPECT_EQ(TestLedger::must(engine_->totals(s)).measures.requests, own(matches));
        EXPECT_TRUE(TestLedger::must(engine_->breakdown({.scope = s})).withheld);
    }
    s.filters.clear();
    for (const Dimension dimension : {Dimension::kMember, Dimension::kSession}) {
        const Breakdown rows = TestLedger::must(engine_->breakdown({.scope = s, .group_by = dimension}));
        for (const BreakdownRow& row : rows.rows) {
            EXPECT_TRUE(row.group.key.starts_with("ann")) << row.group.key;
        }
        EXPECT_TRUE(rows.withheld);
        const Series series = TestLedger::must(engine_->series({.scope = s, .group_by = dimension, .limit = 100}));
        for (const SeriesLine& line : series.lines) {
            EXPECT_TRUE(line.group.key.starts_with("ann")) << line.group.key;
        }
    }
    // Buckets shorter than a day hold own requests only.
    const Series hours =
        TestLedger::must(engine_->series({.scope = s, .metric = Metric::kRequests, .bucket = base::Bucket::k1h}));
    double sum = 0;
    for (const auto& value : hours.lines[0].values) {
        sum += value.value_or(0);
    }
    EXPECT_DOUBLE_EQ(sum, static_cast<double>(own(in_range)));
    EXPECT_TRUE(hours.withheld);
    for (const auto& value : hours.lines[0].values) {
        EXPECT_TRUE(!value || *value > 0) << "withheld is not zero";
    }
    EXPECT_TRUE(TestLedger::must(engine_->hours(s, Metric::kRequests)).withheld);
    // A choice of keys would tell two sums apart: a reach that can be chosen has none.
    Privacy::Facts chosen = totals->privacy()->facts();
    chosen.sums_of_others = false;
    s.reach = std::make_shared<const Reach>(true, std::set<std::string>{}, std::set<std::string>{}, std::nullopt,
                                            std::make_shared<const Privacy>(chosen));
    EXPECT_EQ(TestLedger::must(engine_->totals(s)).measures.requests, own(in_range));
}

TEST_P(GuardTest, ListsOfTotalsAreOnesOwn) {
    const auto totals = reach(Privacy::Mode::kTotals);
    Scope s;
    s.zone = zone_;
    s.from = begin_;
    s.to = end_;
    s.reach = totals;
    const auto records = TestLedger::must(engine_->records({.scope = s, .limit = 1000}));
    std::size_t own = 0;
    for (const TestRequest& r : requests_) {
        own += r.member == "ann" ? 1U : 0U;
    }
    EXPECT_EQ(records.records.size(), own);
    for (const Record& record : records.records) {
        EXPECT_EQ(record.member, "ann");
    }
    for (const SessionRow& row : TestLedger::must(engine_->sessions({.scope = s, .limit = 500})).sessions) {
        EXPECT_TRUE(row.id.starts_with("ann-")) << row.id;
    }
    EXPECT_EQ(TestLedger::must(engine_->sessions({.scope = s, .search = "bob"})).total, 0U);
    for (const SessionRow& row : TestLedger::must(engine_->active_sessions(end_ - base::kHour, totals.get()))) {
        EXPECT_TRUE(row.id.starts_with("ann-"));
    }
    for (const TestRequest& r : requests_) {
        const auto detail = engine_->session(r.session, totals.get());
        ASSERT_EQ(detail.has_value(), r.member == "ann") << r.session;
        if (!detail) {
            EXPECT_EQ(detail.error().message, "no session '" + r.session + "'");
        } else if (detail->median_cost) {
            break;
        }
    }
    model::UsageDelta delta;
    delta.member = "bob";
    EXPECT_FALSE(totals->told(delta));
    delta.member = "ann";
    EXPECT_TRUE(totals->told(delta));
    const auto blocks = TestLedger::must(engine_->blocks(s, end_));
    std::int64_t in_blocks = 0;
    for (const Block& block : blocks) {
        in_blocks += block.measures.requests;
    }
    EXPECT_EQ(in_blocks, static_cast<std::int64_t>(own));
}

TEST_P(GuardTest, AValueThatIsNotThereLooksAsOneOfTooFewPeople) {
    for (base::UnixMillis day = begin_ - base::kDay; day < end_; day += base::kDay) {
        Scope s;
        s.zone = zone_;
        s.from = day;
        s.to = day + base::kDay;
        s.reach = reach(Privacy::Mode::kTotals);
        for (const Dimension dimension : {Dimension::kModel, Dimension::kProject, Dimension::kBranch}) {
            // Only gus's, and nobody's. Branches are never told.
            const std::string of_one = dimension == Dimension::kModel     ? "model-gus"
                                       : dimension == Dimension::kProject ? "/home/gus/own"
                                                                          : "feature/gus-fix";
            Scope secret = s;
            secret.filters = {{dimension, {s.reach->privacy()->key(dimension, of_one)}}};
            Scope nothing = s;
            nothing.filters = {{dimension, {"nothing"}}};
            const Breakdown a = TestLedger::must(engine_->breakdown({.scope = secret, .group_by = dimension}));
            const Breakdown b = TestLedger::must(engine_->breakdown({.scope = nothing, .group_by = dimension}));
            EXPECT_EQ(a.totals.measures, b.totals.measures);
            EXPECT_EQ(a.rows.size(), b.rows.size());
            EXPECT_EQ(a.withheld, b.withheld) << (day - begin_) / base::kDay << to_string(dimension);
        }
    }
}

TEST_P(GuardTest, PseudonymsHideNamesAndNothingElse) {
    const auto named =
        std::make_shared<const Reach>(true, std::set<std::string>{}, std::set<std::string>{}, std::nullopt);
    const auto hidden = reach(Privacy::Mode::kPseudonyms);
    const Privacy& privacy = *hidden->privacy();
    const auto no_names = [&](const std::string& text) {
        for (const std::string& name : kNames) {
            if (name != "ann") {
                EXPECT_THAT(text, Not(HasSubstr(name)));
            }
        }
    };
    for (int round = 0; round < 12; ++round) {
        Scope with_names = scope(named, upto(2) == 0);
        Scope s = with_names;
        s.reach = hidden;
        if (upto(2) == 0) {
            static const std::vector<Dimension> kHidden = {Dimension::kMember, Dimension::kProject, Dimension::kBranch,
                                                           Dimension::kAgent};
            const Dimension dimension = kHidden[static_cast<std::size_t>(upto(4))];
            const std::string key = key_of(
                requests_[static_cast<std::size_t>(upto(static_cast<std::int64_t>(requests_.size())))], dimension);
            with_names.filters = {{dimension, {key}}};
            s.filters = {{dimension, {privacy.key(dimension, key)}}};
        }
        EXPECT_EQ(TestLedger::must(engine_->totals(s)).measures,
                  TestLedger::must(engine_->totals(with_names)).measures);
        for (const Dimension dimension : all_dimensions()) {
            if (dimension == Dimension::kSession) {
                continue;  // session ids are no names; in this test they begin with one
            }
            const Breakdown a = TestLedger::must(engine_->breakdown({.scope = with_names, .group_by = dimension}));
            const Breakdown b = TestLedger::must(engine_->breakdown({.scope = s, .group_by = dimension}));
            ASSERT_EQ(a.rows.size(), b.rows.size());
            for (std::size_t i = 0; i < a.rows.size(); ++i) {
                EXPECT_EQ(b.rows[i].group.key, privacy.key(dimension, a.rows[i].group.key));
                EXPECT_EQ(a.rows[i].totals.measures, b.rows[i].totals.measures);
                if (dimension != Dimension::kModel) {
                    no_names(b.rows[i].group.key);
                    no_names(b.rows[i].group.label);
                }
            }
            if (dimension == Dimension::kTool) {
                continue;
            }
            const Series lines = TestLedger::must(engine_->series({.scope = s, .group_by = dimension, .limit = 100}));
            for (const SeriesLine& line : lines.lines) {
                if (dimension != Dimension::kModel) {
                    no_names(line.group.key + line.group.label);
                }
            }
        }
        const auto plain = TestLedger::must(engine_->records({.scope = with_names, .limit = 500}));
        const auto records = TestLedger::must(engine_->records({.scope = s, .limit = 500}));
        ASSERT_EQ(plain.records.size(), records.records.size());
        for (const Record& r : records.records) {
            no_names(r.project + r.branch + r.member + r.agent.value_or(""));
            for (const ToolCount& tool : r.tools) {
                no_names(tool.name);
            }
            EXPECT_TRUE(!r.source || r.member == "ann");
        }
        for (const SessionRow& row : TestLedger::must(engine_->sessions({.scope = s, .limit = 500})).sessions) {
            no_names(row.project.key + row.project.label + row.branch);
        }
        for (const ProjectRow& row : TestLedger::must(engine_->projects(s))) {
            no_names(row.project.key + row.project.label + row.git_remote.value_or(""));
        }
        for (const auto& [dimension, keys] : TestLedger::must(engine_->facets(s, 100))) {
            for (const GroupKey& key : keys) {
                if (dimension != Dimension::kSession && dimension != Dimension::kModel) {
                    no_names(key.key + key.label);
                }
            }
        }
    }
    // A name finds nothing: neither as a filter nor in a search.
    Scope s;
    s.zone = zone_;
    s.from = begin_;
    s.to = end_;
    s.reach = hidden;
    EXPECT_EQ(TestLedger::must(engine_->sessions({.scope = s, .search = "gus/"})).total, 0U);
    EXPECT_EQ(TestLedger::must(engine_->sessions({.scope = s, .search = "gus-fix"})).total, 0U);
    for (const auto& [dimension, key] :
         std::vector<std::pair<Dimension, std::string>>{{Dimension::kMember, "gus"},
                                                        {Dimension::kProject, "/home/gus/own"},
                                                        {Dimension::kBranch, "feature/gus-fix"}}) {
        s.filters = {{dimension, {key}}};
        EXPECT_EQ(TestLedger::must(engine_->totals(s)).measures.requests, 0) << key;
        EXPECT_TRUE(TestLedger::must(engine_->records({.scope = s})).records.empty()) << key;
    }
    s.filters = {{Dimension::kMember, {"ann"}}};
    EXPECT_GT(TestLedger::must(engine_->totals(s)).measures.requests, 0) << "oneself by name";
    const auto detail = TestLedger::must(engine_->session("gus-1", hidden.get()));
    for (const Record& record : detail.requests) {
        no_names(record.project + record.branch + record.member);
    }
    for (const AgentRow& agent : detail.agents) {
        no_names(agent.type);
    }
    model::UsageDelta delta;
    delta.member = "gus";
    delta.project = "/home/gus/own";
    delta.branch = "gus-fix";
    const auto told = hidden->told(delta);
    ASSERT_TRUE(told);
    no_names(told->member + told->project + told->branch);
    EXPECT_EQ(told->project, privacy.key(Dimension::kProject, delta.project));
}

INSTANTIATE_TEST_SUITE_P(Ledgers, GuardTest, testing::Values(1U, 2U, 3U, 4U));

TEST(Guard, RowsRefuseAPrivateReach) {
    TestLedger ledger;
    TestRequest request;
    request.time = at("2026-10-01T10:00:00Z");
    request.member = "bob";
    ledger.commit({request});
    const auto engine = ledger.open();
    Privacy::Facts facts;
    facts.pseudonym = [](std::string_view) { return "x"; };
    Scope s;
    s.from = at("2026-10-01T00:00:00Z");
    s.to = at("2026-10-02T00:00:00Z");
    s.reach = std::make_shared<const Reach>(true, std::set<std::string>{}, std::set<std::string>{}, std::nullopt,
                                            std::make_shared<const Privacy>(facts));
    // Questions of reports know nothing of privacy: they fail instead of telling.
    EXPECT_FALSE(engine->matrix(s, {s.from, s.to}, Dimension::kMember));
    EXPECT_FALSE(engine->pairs(s, {s.from, s.to}, Dimension::kMember, Dimension::kModel, false));
    EXPECT_FALSE(engine->session_activity(s));
    EXPECT_EQ(engine->members(s.reach.get()), std::vector<std::string>{"bob"}) << "names, and nothing beside them";
}

}  // namespace
}  // namespace tidemark::query
