#include "ledger/query/query.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/query/test_ledger.hpp"

namespace tidemark::query {
namespace {

using testing::HasSubstr;

base::TimeZone zone(std::string_view name) { return TestLedger::must(base::TimeZone::load(name)); }

/// The same question answered the slow way, request by request.
struct Raw {
    model::Measures measures;
    std::set<std::string> sessions;
};
bool passes(const TestRequest& r, const Scope& scope) {
    const base::UnixMillis from = scope.from / base::kQuarter * base::kQuarter;
    const base::UnixMillis to = (scope.to + base::kQuarter - 1) / base::kQuarter * base::kQuarter;
    return r.time >= from && r.time < to && (!scope.reach || scope.reach->contains(r.member, r.project)) &&
           std::all_of(
               scope.filters.begin(), scope.filters.end(),
               [&](const Filter& f) {
                   return std::find(f.keys.begin(), f.keys.end(), key_of(r, f.dimension)) != f.keys.end();
               });
}
std::map<std::string, Raw> scan(const std::vector<TestRequest>& requests, const Scope& scope, Dimension group_by) {
    std::map<std::string, Raw> result;
    for (const TestRequest& r : requests) {
        if (passes(r, scope)) {
            Raw& group = result[key_of(r, group_by)];
            group.measures += r.measures();
            group.sessions.insert(r.session);
        }
    }
    return result;
}

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::int64_t upto(std::int64_t n) { return std::uniform_int_distribution<std::int64_t>(0, n - 1)(engine_); }
    TestRequest request(base::UnixMillis from, base::UnixMillis to) {
        TestRequest r;
        r.time = from + upto(to - from);
        // Some sessions last for weeks, others lie within a day.
        const auto session = upto(2) == 0 ? upto(30) : 1000 + r.time / base::kDay * 3 + upto(3);
        r.session = "session-" + std::to_string(session);
        r.project = "/repo/p" + std::to_string(session % 5);
        r.member = session % 4 == 0 ? "" : "member-" + std::to_string(session % 4);
        r.model = "model-" + std::to_string(upto(4));
        r.branch = upto(3) == 0 ? "" : "branch-" + std::to_string(upto(6));
        r.version = "2.1." + std::to_string(upto(3));
        r.kind = static_cast<model::RequestKind>(upto(3));
        if (r.kind == model::RequestKind::kSubagent) {
            r.agent_uid = "agent-" + std::to_string(upto(5));
            r.agent = upto(2) == 0 ? "Explore" : "Plan";
        }
        r.speed = static_cast<model::Speed>(upto(2));
        r.geo = upto(4) == 0 ? "us" : "";
        r.tokens = {upto(1000), upto(2000), upto(50), upto(3000), upto(3000), upto(100'000)};
        r.web_searches = upto(20) == 0 ? 1 : 0;
        if (upto(5) != 0) {
            r.cost = upto(1'000'000'000);
        }
        if (upto(3) != 0) {
            r.duration_ms = upto(60'000);
        }
        r.incomplete = upto(10) == 0;
        static const std::vector<std::string> kTools = {"Bash", "Read", "Edit", "Grep"};
        for (auto uses = upto(4); uses > 0; --uses) {
            r.tools.push_back(kTools[static_cast<std::size_t>(upto(4))]);
        }
        return r;
    }
    Scope scope(base::UnixMillis from, base::UnixMillis to) {
        static const std::vector<std::string> kZones = {"UTC",          "Asia/Kolkata",   "America/New_York",
                                                        "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe",
                                                        "Asia/Shanghai"};
        Scope s;
        s.zone = zone(kZones[static_cast<std::size_t>(upto(static_cast<std::int64_t>(kZones.size())))]);
        s.from = from + upto(to - from);
        s.to = s.from + upto(to - s.from + base::kDay);
        if (upto(2) == 0) {
            s.from = s.zone.floor(s.from, base::Bucket::k1d);
        }
        s.week_start = static_cast<int>(upto(7));
        if (upto(3) == 0) {
            s.filters.push_back({Dimension::kProject, {"/repo/p1", "/repo/p" + std::to_string(upto(5)), "/nowhere"}});
        }
        if (upto(3) == 0) {
            s.filters.push_back({Dimension::kModel, {"model-" + std::to_string(upto(4))}});
        }
        if (upto(4) == 0) {
            s.filters.push_back({Dimension::kKind, {"main", "subagent"}});
        }
        if (upto(4) == 0) {
            s.filters.push_back({Dimension::kBranch, {""}});
        }
        if (upto(4) == 0) {
            s.filters.push_back({Dimension::kSession, {"session-3", "session-7", "session-11", "nobody"}});
        }
        if (upto(3) == 0) {
            s.reach = reach();
        }
        return s;
    }

    std::shared_ptr<const Reach> reach() {
        std::set<std::string> members;
        for (auto count = upto(3); count > 0; --count) {
            members.insert(upto(6) == 0 ? "" : "member-" + std::to_string(1 + upto(4)));
        }
        std::set<std::string> owned;
        if (upto(3) == 0) {
            owned = {"/repo/p2", "/nowhere"};
        }
        std::optional<std::set<std::string>> only;
        if (upto(3) == 0) {
            only = {"/repo/p1", "/repo/p" + std::to_string(upto(5))};
        }
        return std::make_shared<const Reach>(upto(4) == 0, members, owned, only);
    }

private:
    std::mt19937 engine_;
};

void expect_same(const Totals& totals, const Raw& raw, const std::string& what) {
    EXPECT_EQ(totals.measures, raw.measures) << what;
    EXPECT_EQ(totals.sessions, static_cast<std::int64_t>(raw.sessions.size())) << what;
}

class QueryProperty : public testing::TestWithParam<unsigned> {
protected:
    // Weeks around both clock changes of New York, and Apia's.
    const base::UnixMillis begin_ = at("2026-10-20T00:00:00Z");
    const base::UnixMillis end_ = at("2026-11-23T00:00:00Z");
    TestLedger ledger_;
};

TEST_P(QueryProperty, SumsEqualTheRequestsOneByOne) {
    Random random(GetParam());
    std::vector<TestRequest> requests;
    for (int i = 0; i < 600; ++i) {
        requests.push_back(random.request(begin_, end_));
    }
    ledger_.commit(requests);
    const auto engine = ledger_.open();
    for (int i = 0; i < 60; ++i) {
        const Scope scope = random.scope(begin_, end_);
        const std::string what = "question " + std::to_string(i) + " in " + scope.zone.name();
        const auto raw = scan(ledger_.requests(), scope, Dimension::kNone);
        const Raw whole = raw.empty() ? Raw() : raw.at("");
        expect_same(TestLedger::must(engine->totals(scope)), whole, what);

        const auto dimension = all_dimensions()[static_cast<std::size_t>(random.upto(17))];
        if (dimension != Dimension::kTool) {
            BreakdownQuery query;
            query.scope = scope;
            query.group_by = dimension;
            query.limit = 1000;
            query.trend_points = 7;
            query.compare_previous = true;
            constexpr std::array kSorts = {Metric::kCost, Metric::kRequests, Metric::kCacheReadTokens};
            query.sort = kSorts[static_cast<std::size_t>(random.upto(3))];
            Scope earlier = scope;
            std::tie(earlier.from, earlier.to) = previous_span(scope);
            const auto groups_before = scan(ledger_.requests(), earlier, dimension);
            const Breakdown answer = TestLedger::must(engine->breakdown(query));
            const auto groups = scan(ledger_.requests(), scope, dimension);
            ASSERT_EQ(answer.rows.size(), groups.size()) << what;
            model::Measures sum;
            for (const BreakdownRow& row : answer.rows) {
                ASSERT_TRUE(groups.contains(row.group.key)) << what;
                expect_same(row.totals, groups.at(row.group.key), what + " " + row.group.key);
                sum += row.totals.measures;
                double trend = 0;
                for (const double point : row.trend) {
                    trend += point;
                }
                EXPECT_NEAR(trend, row.totals.measures.cost.dollars(), 1e-6) << what;
                const auto before = groups_before.find(row.group.key);
                EXPECT_EQ(row.previous_cost.value(),
                          before == groups_before.end() ? base::NanoUsd{} : before->second.measures.cost)
                    << what << " " << row.group.key;
            }
            EXPECT_EQ(sum, whole.measures) << what << ": the parts are not the whole";
            EXPECT_EQ(answer.totals.measures, whole.measures) << what;
        }

        const Summary summary = TestLedger::must(engine->summary(scope, false));
        expect_same(summary.totals, whole, what);
        for (const auto& [list, cut_by] :
             {std::pair(&summary.by_project, Dimension::kProject), std::pair(&summary.by_model, Dimension::kModel)}) {
            const auto groups = scan(ledger_.requests(), scope, cut_by);
            ASSERT_EQ(list->size(), groups.size()) << what;
            for (const GroupTotals& row : *list) {
                expect_same(row.totals, groups.at(row.group.key), what + " " + row.group.key);
            }
        }
        for (const auto& [offered, values] : TestLedger::must(engine->facets(scope, 1000))) {
            if (offered != Dimension::kTool) {
                EXPECT_EQ(values.size(), scan(ledger_.requests(), scope, offered).size()) << what;
            }
        }

        constexpr std::array kBuckets = {base::Bucket::k15m, base::Bucket::k1h, base::Bucket::k1d, base::Bucket::k1w,
                                         base::Bucket::k1mo};
        SeriesQuery series;
        series.scope = scope;
        series.bucket = kBuckets[static_cast<std::size_t>(random.upto(5))];
        series.metric = random.upto(2) == 0 ? Metric::kTotalTokens : Metric::kSessions;
        series.group_by = dimension == Dimension::kTool ? Dimension::kModel : dimension;
        series.limit = 3;
        const Series answer = TestLedger::must(engine->series(series));
        std::map<std::pair<std::string, std::size_t>, Raw> cells;
        std::set<std::string> shown;
        for (const SeriesLine& line : answer.lines) {
            shown.insert(line.group.key);
        }
        for (const TestRequest& r : ledger_.requests()) {
            if (passes(r, scope)) {
                const auto bucket =
                    std::upper_bound(answer.buckets.begin(), answer.buckets.end(), r.time) - answer.buckets.begin() - 1;
                std::string key = key_of(r, series.group_by);
                key = shown.contains(key) ? key : "__other__";
                Raw& cell = cells[{key, static_cast<std::size_t>(bucket)}];
                cell.measures += r.measures();
                cell.sessions.insert(r.session);
            }
        }
        for (const SeriesLine& line : answer.lines) {
            ASSERT_EQ(line.values.size(), answer.buckets.size());
            for (std::size_t bucket = 0; bucket < line.values.size(); ++bucket) {
                const auto cell = cells.find({line.group.key, bucket});
                const Raw expected = cell == cells.end() ? Raw() : cell->second;
                const double value = series.metric == Metric::kSessions
                                         ? static_cast<double>(expected.sessions.size())
                                         : static_cast<double>(expected.measures.tokens.total());
                EXPECT_DOUBLE_EQ(line.values[bucket].value_or(0), value)
                    << what << " " << line.group.key << " bucket " << base::to_rfc3339(answer.buckets[bucket]);
                cells.erase({line.group.key, bucket});
            }
        }
        EXPECT_TRUE(cells.empty()) << what << ": a group is missing";
    }
}

TEST_P(QueryProperty, TheWholeLedgerIsAtHand) {
    Random random(GetParam() + 600);
    std::vector<TestRequest> requests;
    for (int i = 0; i < 200; ++i) {
        requests.push_back(random.request(begin_, end_));
    }
    ledger_.commit(requests);
    const auto engine = ledger_.open();
    ASSERT_TRUE(engine->apply(ledger_.commit({random.request(begin_, end_)})));
    ASSERT_TRUE(engine->apply(ledger_.take_back()));
    model::Measures whole;
    std::map<std::string, std::pair<model::Measures, base::UnixMillis>> unpriced;
    base::UnixMillis oldest = end_;
    for (const TestRequest& r : ledger_.requests()) {
        whole += r.measures();
        oldest = std::min(oldest, r.time / base::kQuarter * base::kQuarter);
        if (!r.cost) {
            auto& [sum, first] = unpriced[r.model];
            sum += r.measures();
            first = first == 0 ? r.time : std::min(first, r.time);
        }
    }
    EXPECT_EQ(engine->everything(), whole);
    EXPECT_EQ(engine->oldest(), oldest);
    const auto models = engine->unpriced_models();
    ASSERT_EQ(models.size(), unpriced.size());
    for (std::size_t i = 0; i < models.size(); ++i) {
        const auto& [sum, first] = unpriced.at(models[i].model);
        EXPECT_EQ(models[i].requests, sum.unpriced_requests);
        EXPECT_EQ(models[i].tokens, sum.unpriced_tokens);
        EXPECT_EQ(models[i].first_seen, first / base::kQuarter * base::kQuarter);
        EXPECT_TRUE(i == 0 || models[i - 1].tokens >= models[i].tokens);
    }
}

TEST_P(QueryProperty, MatrixAndPairsEqualTheRequestsOneByOne) {
    Random random(GetParam() + 100);
    std::vector<TestRequest> requests;
    for (int i = 0; i < 400; ++i) {
        requests.push_back(random.request(begin_, end_));
    }
    ledger_.commit(requests);
    const auto engine = ledger_.open();
    for (int i = 0; i < 10; ++i) {
        Scope scope = random.scope(begin_, end_);
        scope.from = scope.zone.floor(scope.from, base::Bucket::k1d);
        scope.to = std::max(scope.to, scope.from + 1);
        const auto edges = scope.zone.edges(scope.from, scope.to, base::Bucket::k1d);
        scope.to = edges.back();
        const auto first = i % 2 == 0 ? Dimension::kProject : Dimension::kSession;
        const auto pairs = TestLedger::must(engine->pairs(scope, edges, first, Dimension::kModel, true));
        const auto matrix = TestLedger::must(engine->matrix(scope, edges, first));
        std::map<std::tuple<std::size_t, std::string, std::string, int>, Raw> expected;
        std::map<std::pair<std::size_t, std::string>, Raw> cells;
        for (const TestRequest& r : ledger_.requests()) {
            if (passes(r, scope)) {
                const auto edge =
                    static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), r.time) - edges.begin() - 1);
                Raw& cell = expected[{edge, key_of(r, first), r.model, static_cast<int>(r.speed)}];
                cell.measures += r.measures();
                cell.sessions.insert(r.session);
                Raw& sum = cells[{edge, key_of(r, first)}];
                sum.measures += r.measures();
                sum.sessions.insert(r.session);
            }
        }
        ASSERT_EQ(pairs.size(), expected.size());
        for (const auto& pair : pairs) {
            const auto found =
                expected.find({pair.edge, pair.first.key, pair.second.key, static_cast<int>(pair.speed)});
            ASSERT_NE(found, expected.end());
            expect_same(pair.totals, found->second, pair.first.key);
        }
        for (std::size_t group = 0; group < matrix.groups.size(); ++group) {
            for (std::size_t edge = 0; edge + 1 < edges.size(); ++edge) {
                const auto found = cells.find({edge, matrix.groups[group].key});
                expect_same(matrix.cells[group * (edges.size() - 1) + edge],
                            found == cells.end() ? Raw() : found->second, matrix.groups[group].key);
            }
        }
    }
}

TEST_P(QueryProperty, ApplyEqualsLoadingAnew) {
    Random random(GetParam() + 200);
    std::vector<TestRequest> first;
    for (int i = 0; i < 100; ++i) {
        first.push_back(random.request(begin_ + 10 * base::kDay, end_ - 5 * base::kDay));
    }
    ledger_.commit(first);
    const auto live = ledger_.open();
    Scope all;
    all.zone = zone("America/New_York");
    all.from = begin_ - base::kDay;
    all.to = end_ + base::kDay;
    // Makes the days of two zones and the tool sums, so that apply() has to keep them.
    Scope other = all;
    other.zone = zone("Asia/Kolkata");
    BreakdownQuery by_tool{all, Dimension::kTool, Metric::kCost, true, 100, 0, false, 0};
    TestLedger::must(live->totals(all));
    TestLedger::must(live->totals(other));
    TestLedger::must(live->breakdown(by_tool));
    for (int round = 0; round < 40; ++round) {
        std::vector<TestRequest> more;
        for (auto n = random.upto(8); n >= 0; --n) {
            more.push_back(random.request(begin_, end_ + base::kDay));
        }
        ASSERT_TRUE(live->apply(ledger_.commit(more)));
        if (round % 5 == 0) {
            ASSERT_TRUE(live->apply(ledger_.take_back()));
        }
    }
    const auto anew = ledger_.open();
    EXPECT_EQ(live->seq(), anew->seq());
    EXPECT_EQ(live->newest(), anew->newest());
    for (int i = 0; i < 30; ++i) {
        Scope scope = random.scope(begin_, end_);
        scope.zone = i % 2 == 0 ? all.zone : other.zone;
        const Totals a = TestLedger::must(live->totals(scope));
        const Totals b = TestLedger::must(anew->totals(scope));
        EXPECT_EQ(a.measures, b.measures);
        EXPECT_EQ(a.sessions, b.sessions);
        by_tool.scope = at(std::string_view("2026-10-01T00:00:00Z")) < scope.from ? scope : all;
        const Breakdown tools_a = TestLedger::must(live->breakdown(by_tool));
        const Breakdown tools_b = TestLedger::must(anew->breakdown(by_tool));
        ASSERT_EQ(tools_a.rows.size(), tools_b.rows.size());
        for (std::size_t row = 0; row < tools_a.rows.size(); ++row) {
            EXPECT_EQ(tools_a.rows[row].group.key, tools_b.rows[row].group.key);
            EXPECT_EQ(tools_a.rows[row].totals.measures, tools_b.rows[row].totals.measures);
        }
    }
    // A commit whose change number leaves a gap makes the engine load anew.
    ledger_.commit({random.request(begin_, end_)});
    ASSERT_TRUE(live->apply(ledger_.commit({random.request(begin_, end_)})));
    EXPECT_EQ(TestLedger::must(live->totals(all)).measures.requests,
              static_cast<std::int64_t>(ledger_.requests().size()));
}

TEST_P(QueryProperty, PagesOfRecordsHaveNoGapsAndNoDuplicates) {
    Random random(GetParam() + 300);
    std::vector<TestRequest> requests;
    for (int i = 0; i < 300; ++i) {
        requests.push_back(random.request(begin_, begin_ + 3 * base::kDay));
        requests.back().time = requests.back().time / 60'000 * 60'000;  // many at the same moment
    }
    ledger_.commit(requests);
    const auto engine = ledger_.open();
    for (int i = 0; i < 20; ++i) {
        RecordsQuery query;
        query.scope = random.scope(begin_, begin_ + 3 * base::kDay);
        if (i % 4 == 0) {
            query.scope.filters.push_back({Dimension::kTool, {"Bash"}});
        }
        query.limit = static_cast<std::size_t>(random.upto(20) + 1);
        query.descending = random.upto(2) == 0;
        std::vector<std::int64_t> seen;
        base::UnixMillis last = query.descending ? query.scope.to : query.scope.from;
        for (;;) {
            const RecordsPage page = TestLedger::must(engine->records(query));
            for (const Record& record : page.records) {
                seen.push_back(record.id);
                EXPECT_TRUE(query.descending ? record.time <= last : record.time >= last);
                last = record.time;
            }
            if (page.next_cursor.empty()) {
                break;
            }
            ASSERT_EQ(page.records.size(), query.limit);
            query.cursor = page.next_cursor;
        }
        std::vector<std::int64_t> expected;
        for (std::size_t row = 0; row < ledger_.requests().size(); ++row) {
            const TestRequest& r = ledger_.requests()[row];
            const bool ok =
                r.time >= query.scope.from && r.time < query.scope.to &&
                (!query.scope.reach || query.scope.reach->contains(r.member, r.project)) &&
                std::all_of(
                    query.scope.filters.begin(), query.scope.filters.end(),
                    [&](const Filter& f) {
                        if (f.dimension == Dimension::kTool) {
                            return std::find(r.tools.begin(), r.tools.end(), "Bash") != r.tools.end();
                        }
                        return std::find(f.keys.begin(), f.keys.end(), key_of(r, f.dimension)) != f.keys.end();
                    });
            if (ok) {
                expected.push_back(static_cast<std::int64_t>(row) + 1);
            }
        }
        EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), seen.size()) << "duplicates";
        EXPECT_THAT(seen, testing::UnorderedElementsAreArray(expected));
    }
}

TEST_P(QueryProperty, PagesOfSessionsHaveNoGapsAndNoDuplicates) {
    Random random(GetParam() + 400);
    std::vector<TestRequest> requests;
    for (int i = 0; i < 200; ++i) {
        requests.push_back(random.request(begin_, end_));
    }
    ledger_.commit(requests);
    std::set<std::string> expected;
    for (const TestRequest& request : requests) {
        expected.insert(request.session);
    }
    const auto engine = ledger_.open();
    for (const SessionSort sort : {SessionSort::kLastActivity, SessionSort::kStarted, SessionSort::kCost,
                                   SessionSort::kTotalTokens, SessionSort::kRequests, SessionSort::kDuration}) {
        SessionsQuery query;
        query.scope.from = begin_;
        query.scope.to = end_;
        query.sort = sort;
        query.descending = random.upto(2) == 0;
        query.limit = static_cast<std::size_t>(random.upto(5) + 1);
        std::vector<std::string> seen;
        std::int64_t total_requests = 0;
        for (;;) {
            const SessionsPage page = TestLedger::must(engine->sessions(query));
            EXPECT_EQ(page.total, expected.size());
            for (const SessionRow& session : page.sessions) {
                seen.push_back(session.id);
                total_requests += session.totals.measures.requests;
            }
            if (page.next_cursor.empty()) {
                break;
            }
            query.cursor = page.next_cursor;
        }
        EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
        EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), expected);
        EXPECT_EQ(total_requests, 200);
    }
}

TEST_P(QueryProperty, BlocksEqualTheRuleAppliedRequestByRequest) {
    Random random(GetParam() + 500);
    std::vector<TestRequest> requests;
    for (int i = 0; i < 250; ++i) {
        requests.push_back(random.request(begin_, begin_ + 12 * base::kDay));
        if (i % 3 == 0) {
            requests.back().time = requests.back().time / base::kHour * base::kHour;  // edges are the hard part
        } else if (i % 10 == 1) {
            requests.back().time = requests.back().time / base::kHour * base::kHour + 1;
        }
    }
    ledger_.commit(requests);
    if (GetParam() == 2) {
        ledger_.run("DROP INDEX requests_by_time");  // the other way of reading times
    }
    const auto engine = ledger_.open();
    std::sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    for (int i = 0; i < 6; ++i) {
        Scope scope;
        scope.from = 0;
        scope.to = end_;
        if (i % 3 == 1) {
            scope.filters = {{Dimension::kProject, {"/repo/p1", "/repo/p2"}}};
        } else if (i % 3 == 2) {
            scope.filters = {{Dimension::kSession, {"session-3", "session-9"}}};
        }
        constexpr base::UnixMillis kLength = 5 * base::kHour;
        std::vector<Block> expected;
        base::UnixMillis last = 0;
        for (const TestRequest& r : requests) {
            if (!passes(r, scope)) {
                continue;
            }
            if (expected.empty() || r.time - expected.back().start > kLength || r.time - last > kLength) {
                if (!expected.empty() && r.time - last > kLength) {
                    Block gap;
                    gap.start = last + kLength;
                    gap.end = r.time;
                    gap.gap = true;
                    expected.push_back(gap);
                }
                Block block;
                block.start = r.time / base::kHour * base::kHour;
                block.end = block.start + kLength;
                expected.push_back(block);
            }
            last = r.time;
            expected.back().actual_end = r.time;
            expected.back().measures += r.measures();
        }
        const auto blocks = TestLedger::must(engine->blocks(scope, end_));
        ASSERT_EQ(blocks.size(), expected.size());
        for (std::size_t b = 0; b < blocks.size(); ++b) {
            EXPECT_EQ(blocks[b].start, expected[b].start) << b;
            EXPECT_EQ(blocks[b].end, expected[b].end) << b;
            EXPECT_EQ(blocks[b].gap, expected[b].gap) << b;
            EXPECT_EQ(blocks[b].actual_end, expected[b].actual_end) << b;
            EXPECT_EQ(blocks[b].measures, expected[b].measures) << b;
        }
        // Any range shows the same blocks.
        Scope part = scope;
        part.from = begin_ + 5 * base::kDay + 3 * base::kHour;
        part.to = part.from + 2 * base::kDay;
        for (const Block& block : TestLedger::must(engine->blocks(part, end_))) {
            const bool known = std::any_of(blocks.begin(), blocks.end(), [&](const Block& whole) {
                return whole.start == block.start && whole.gap == block.gap;
            });
            EXPECT_TRUE(known) << base::to_rfc3339(block.start);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, QueryProperty, testing::Values(1U, 2U, 3U));

Scope scope_of(std::string_view from, std::string_view to, std::string_view zone_name = "UTC") {
    Scope scope;
    scope.from = at(from);
    scope.to = at(to);
    scope.zone = zone(zone_name);
    return scope;
}

TEST(PreviousSpan, FollowsTheCalendar) {
    const auto previous = [](std::string_view from, std::string_view to, std::string_view name = "UTC") {
        const auto [first, last] = previous_span(scope_of(from, to, name));
        return base::to_rfc3339(first).substr(0, 16) + " " + base::to_rfc3339(last).substr(0, 16);
    };
    // today until ten -> yesterday until ten
    EXPECT_EQ(previous("2026-11-23T00:00:00Z", "2026-11-23T10:00:00Z"), "2026-11-22T00:00 2026-11-22T10:00");
    // a whole day -> the day before, 25 hours long in New York
    EXPECT_EQ(previous("2026-11-02T05:00:00Z", "2026-11-03T05:00:00Z", "America/New_York"),
              "2026-11-01T04:00 2026-11-02T05:00");
    // seven whole days -> the seven before
    EXPECT_EQ(previous("2026-11-10T00:00:00Z", "2026-11-17T00:00:00Z"), "2026-11-03T00:00 2026-11-10T00:00");
    // a month -> the month before
    EXPECT_EQ(previous("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"), "2026-02-01T00:00 2026-03-01T00:00");
    // a month so far -> the same part of the month before
    EXPECT_EQ(previous("2026-11-01T00:00:00Z", "2026-11-20T12:00:00Z"), "2026-10-01T00:00 2026-10-20T12:00");
    // Monday until Wednesday noon -> the same of the week before
    EXPECT_EQ(previous("2026-11-16T00:00:00Z", "2026-11-18T12:00:00Z"), "2026-11-09T00:00 2026-11-11T12:00");
    // an hour -> the hour before
    EXPECT_EQ(previous("2026-11-16T03:00:00Z", "2026-11-16T04:00:00Z"), "2026-11-16T02:00 2026-11-16T03:00");
}

TEST(Query, EmptyLedgerAnswersEverything) {
    TestLedger ledger;
    const auto engine = ledger.open();
    const Scope scope = scope_of("2026-01-01T00:00:00Z", "2026-11-23T00:00:00Z", "Asia/Shanghai");
    EXPECT_EQ(TestLedger::must(engine->totals(scope)).measures, model::Measures());
    EXPECT_FALSE(TestLedger::must(engine->summary(scope, true)).weekly_trend);
    SeriesQuery series;
    series.scope = scope;
    series.compare_previous = true;
    EXPECT_FALSE(TestLedger::must(engine->series(series)).lines.at(0).values.at(0))
        << "before the data: unknown, not 0";
    series.group_by = Dimension::kModel;
    EXPECT_TRUE(TestLedger::must(engine->series(series)).lines.empty());
    EXPECT_TRUE(TestLedger::must(engine->breakdown({scope, Dimension::kTool})).rows.empty());
    EXPECT_TRUE(TestLedger::must(engine->records({scope})).records.empty());
    EXPECT_TRUE(TestLedger::must(engine->sessions({scope})).sessions.empty());
    EXPECT_TRUE(TestLedger::must(engine->active_sessions(scope.to)).empty());
    EXPECT_TRUE(TestLedger::must(engine->blocks(scope, scope.to)).empty());
    EXPECT_TRUE(TestLedger::must(engine->projects(scope)).empty());
    EXPECT_FALSE(TestLedger::must(engine->hours(scope, Metric::kCacheHitRatio)).values[0][0]);
    EXPECT_EQ(TestLedger::must(engine->facets(scope, 10)).size(), all_dimensions().size());
    EXPECT_EQ(engine->session("nobody").error().code, base::ErrorCode::kNotFound);
    TestRequest request;
    request.time = at("2026-11-20T10:00:00Z");
    ASSERT_TRUE(engine->apply(ledger.commit({request})));
    EXPECT_EQ(TestLedger::must(engine->totals(scope)).measures.requests, 1);
    EXPECT_EQ(engine->seq(), 1U);
}

TEST(Query, SumsBeyondTheColumnsWidthAreWhole) {
    TestLedger ledger;
    TestRequest request;
    request.time = at("2026-11-20T10:00:00Z");
    request.cost = 5'000'000'000'000;
    request.tokens = {3'000'000'000, 7'000'000'000, 0, 0, 0, 30'000'000'000};
    request.duration_ms = 9'000'000'000;
    request.web_searches = 100'000;
    ledger.commit({request, request});
    const auto engine = ledger.open();
    ASSERT_TRUE(engine->apply(ledger.commit({request})));
    const Totals totals = TestLedger::must(engine->totals(scope_of("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")));
    EXPECT_EQ(totals.measures.tokens.cache_read, 90'000'000'000);
    EXPECT_EQ(totals.measures.tokens.output, 21'000'000'000);
    EXPECT_EQ(totals.measures.duration_ms, 27'000'000'000);
    EXPECT_EQ(totals.measures.web_searches, 300'000);
    EXPECT_EQ(totals.measures.requests, 3);
    EXPECT_EQ(totals.sessions, 1);
}

TEST(Query, SharesOfToolsAddUp) {
    TestLedger ledger;
    Random random(9);
    std::vector<TestRequest> requests;
    for (int i = 0; i < 200; ++i) {
        requests.push_back(random.request(at("2026-11-01T00:00:00Z"), at("2026-11-20T00:00:00Z")));
        // Figures that divide evenly, so that the shares are exact.
        requests.back().tokens = {12 * 100, 12 * 10, 0, 0, 0, 12 * 1000};
        requests.back().cost = 12'000'000;
    }
    ledger.commit(requests);
    const auto engine = ledger.open();
    const Scope scope = scope_of("2026-11-02T03:00:00Z", "2026-11-19T00:00:00Z", "Asia/Kolkata");
    const Breakdown answer = TestLedger::must(engine->breakdown({scope, Dimension::kTool}));
    model::Measures sum;
    std::int64_t calls = 0;
    for (const BreakdownRow& row : answer.rows) {
        sum += row.totals.measures;
        calls += row.totals.tool_calls;
    }
    EXPECT_EQ(sum.cost, answer.totals.measures.cost);
    EXPECT_EQ(sum.tokens.total(), answer.totals.measures.tokens.total());
    EXPECT_EQ(calls, answer.totals.tool_calls);
    SeriesQuery series;
    series.scope = scope;
    series.metric = Metric::kTotalTokens;
    series.group_by = Dimension::kTool;
    series.limit = 2;
    const Series lines = TestLedger::must(engine->series(series));
    double tokens = 0;
    for (const SeriesLine& line : lines.lines) {
        double whole = 0;
        for (const auto& value : line.values) {
            whole += value.value_or(0);
        }
        EXPECT_DOUBLE_EQ(whole, line.total.value_or(-1)) << line.group.key;
        tokens += whole;
    }
    EXPECT_DOUBLE_EQ(tokens, static_cast<double>(answer.totals.measures.tokens.total()));
}

TEST(Query, ErrorsNameTheParameter) {
    TestLedger ledger;
    const auto engine = ledger.open();
    SeriesQuery series;
    series.scope = scope_of("2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z");
    series.bucket = base::Bucket::k5m;
    const auto five = engine->series(series);
    ASSERT_FALSE(five);
    EXPECT_EQ(five.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_THAT(five.error().message, HasSubstr("bucket=5m"));
    RecordsQuery records;
    records.cursor = "x";
    EXPECT_THAT(engine->records(records).error().message, HasSubstr("cursor"));
    series.bucket = base::Bucket::k1d;
    series.metric = Metric::kToolErrors;
    series.scope.filters = {{Dimension::kModel, {"m"}}};
    EXPECT_THAT(engine->series(series).error().message, HasSubstr("model"));
}

TEST(Query, SessionDetailTellsMissesAgentsAndUnloggedUsage) {
    TestLedger ledger;
    std::vector<TestRequest> requests(4);
    const base::UnixMillis start = at("2026-11-20T10:00:00Z");
    for (std::size_t i = 0; i < requests.size(); ++i) {
        requests[i].time = start + static_cast<base::UnixMillis>(i) * base::kMinute;
        requests[i].cost = 1'000'000'000;
    }
    requests[0].tokens = {10, 10, 0, 50'000, 0, 0};
    requests[1].tokens = {10, 10, 0, 1'000, 0, 50'000};
    requests[2].tokens = {10, 10, 0, 52'000, 0, 0};  // all written anew
    requests[3].tokens = {10, 10, 0, 800, 0, 0};
    requests[3].kind = model::RequestKind::kSubagent;
    requests[3].agent_uid = "a1";
    requests[3].agent = "Explore";
    requests[1].tools = {"Bash", "Read"};
    ledger.commit(requests);
    ledger.event("s1", model::EventKind::kTurn, start + 3 * base::kMinute, 1000, -1, "");
    ledger.event("s1", model::EventKind::kToolError, start + 2 * base::kMinute, 1, -1, "");
    ledger.run(
        "UPDATE sessions SET client_cost = 5000000000, client_input = 40, client_output = 90, "
        "client_cache_write = 0, client_cache_read = 60000");
    Engine::Options options;
    options.context_windows = [](std::string_view) { return std::optional<std::int64_t>(200'000); };
    const auto engine = ledger.open(options);
    const SessionDetail detail = TestLedger::must(engine->session("s1"));
    EXPECT_EQ(detail.requests.size(), 4U);
    EXPECT_EQ(detail.cache_misses, (std::vector<bool>{false, false, true, false}));
    ASSERT_EQ(detail.agents.size(), 2U);
    EXPECT_EQ(detail.agents[0].id, "main");
    EXPECT_EQ(detail.agents[1].id, "a1");
    EXPECT_EQ(detail.agents[1].type, "Explore");
    EXPECT_EQ(detail.agents[0].totals.measures.requests, 3);
    ASSERT_TRUE(detail.unlogged);
    EXPECT_EQ(detail.unlogged->cost.value, 1'000'000'000);
    EXPECT_EQ(detail.unlogged->tokens.output, 50);
    EXPECT_EQ(detail.unlogged->tokens.cache_read, 10'000);
    ASSERT_EQ(detail.events.size(), 1U);
    ASSERT_EQ(detail.tools.size(), 2U);
    EXPECT_EQ(detail.tools[0].name, "Bash");
    EXPECT_EQ(detail.tools[0].errors, 1) << "known through the use's id";
    EXPECT_EQ(detail.session.context_tokens, 52'010);
    EXPECT_EQ(detail.session.context_window, 200'000);
    EXPECT_EQ(detail.session.subagents, 1);
    EXPECT_FALSE(detail.median_cost) << "one session is no sample";
}

TEST(Reach, KeysAreEqualForEqualReachesOnly) {
    const Reach mine(false, {"ann"}, {}, std::nullopt);
    EXPECT_EQ(mine.key(), Reach(false, {"ann"}, {}, std::nullopt).key());
    EXPECT_NE(mine.key(), Reach(true, {"ann"}, {}, std::nullopt).key());
    EXPECT_NE(mine.key(), Reach(false, {"an", "n"}, {}, std::nullopt).key());
    EXPECT_NE(mine.key(), Reach(false, {}, {"ann"}, std::nullopt).key());
    EXPECT_NE(mine.key(), Reach(false, {"ann"}, {}, std::set<std::string>{}).key());
    EXPECT_NE(Reach(false, {"a|o1:b"}, {}, std::nullopt).key(), Reach(false, {"a"}, {"b"}, std::nullopt).key());
}

TEST(Reach, NoQuestionTellsOfWhatIsBeyondIt) {
    TestLedger ledger;
    const base::UnixMillis now = 1'760'000'000'000;
    TestRequest ann;
    ann.time = now - base::kMinute;
    ann.session = "of-ann";
    ann.member = "ann";
    ann.project = "/repo/ann";
    ann.tokens.output = 7;
    ann.cost = 7;
    ann.tools = {"Bash"};
    TestRequest bob = ann;
    bob.session = "of-bob";
    bob.member = "bob";
    bob.project = "/repo/bob";
    bob.tokens.output = 100;
    bob.cost = 100;
    bob.model = "bobs-model";
    // One session with both: its sums are told to nobody who may see a part only.
    TestRequest ann_in_both = ann;
    ann_in_both.session = "of-both";
    TestRequest bob_in_both = bob;
    bob_in_both.session = "of-both";
    ledger.commit({ann, bob, ann_in_both, bob_in_both});
    ledger.run("INSERT INTO events (session_id, time, kind, key, value1, value2, text_id) SELECT id, " +
               std::to_string(now - 1000) + ", " + std::to_string(static_cast<int>(model::EventKind::kLimitHit)) +
               ", id, 1, 1, 0 FROM sessions");
    const auto engine = ledger.open();
    const auto only_ann =
        std::make_shared<const Reach>(false, std::set<std::string>{"ann"}, std::set<std::string>{}, std::nullopt);
    Scope scope;
    scope.zone = zone("UTC");
    scope.from = now - base::kDay;
    scope.to = now + base::kDay;
    scope.reach = only_ann;

    EXPECT_EQ(TestLedger::must(engine->totals(scope)).measures.tokens.output, 14);
    EXPECT_EQ(TestLedger::must(engine->exact_totals(scope)).measures.tokens.output, 14);
    const Summary summary = TestLedger::must(engine->summary(scope, true));
    ASSERT_EQ(summary.by_project.size(), 1U);
    EXPECT_EQ(summary.by_project[0].group.key, "/repo/ann");
    SeriesQuery series{.scope = scope, .group_by = Dimension::kMember};
    const Series by_member = TestLedger::must(engine->series(series));
    ASSERT_EQ(by_member.lines.size(), 1U);
    EXPECT_EQ(by_member.lines[0].group.key, "ann");
    for (const Dimension dimension : all_dimensions()) {
        BreakdownQuery breakdown{.scope = scope, .group_by = dimension};
        for (const BreakdownRow& row : TestLedger::must(engine->breakdown(breakdown)).rows) {
            EXPECT_EQ(row.group.key.find("bob"), std::string::npos) << to_string(dimension);
        }
    }
    for (const auto& [dimension, keys] : TestLedger::must(engine->facets(scope, 100))) {
        for (const GroupKey& key : keys) {
            EXPECT_EQ(key.key.find("bob"), std::string::npos) << to_string(dimension);
        }
    }
    EXPECT_EQ(TestLedger::must(engine->records({.scope = scope})).records.size(), 2U);
    const SessionsPage sessions = TestLedger::must(engine->sessions({.scope = scope}));
    ASSERT_EQ(sessions.sessions.size(), 1U);
    EXPECT_EQ(sessions.sessions[0].id, "of-ann");
    EXPECT_EQ(sessions.total, 1U);
    EXPECT_EQ(TestLedger::must(engine->sessions({.scope = scope, .search = "bob"})).total, 0U);
    const auto active = TestLedger::must(engine->active_sessions(now, only_ann.get()));
    ASSERT_EQ(active.size(), 1U);
    EXPECT_EQ(active[0].id, "of-ann");
    EXPECT_EQ(TestLedger::must(engine->active_sessions(now)).size(), 3U);
    EXPECT_TRUE(engine->session("of-ann", only_ann.get()));
    for (const char* hidden : {"of-bob", "of-both", "nobody"}) {
        const auto answer = engine->session(hidden, only_ann.get());
        ASSERT_FALSE(answer) << hidden;
        EXPECT_EQ(answer.error().code, base::ErrorCode::kNotFound);
        EXPECT_EQ(answer.error().message, "no session '" + std::string(hidden) + "'");
    }
    EXPECT_EQ(TestLedger::must(engine->events(scope, model::EventKind::kLimitHit, 10)).size(), 1U);
    EXPECT_EQ(TestLedger::must(engine->projects(scope)).size(), 1U);
    const auto blocks = TestLedger::must(engine->blocks(scope, now));
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_EQ(blocks[0].measures.tokens.output, 14);
    EXPECT_EQ(blocks[0].models, std::vector<std::string>{"claude-sonnet-4-5"});

    // The same questions by somebody else are other questions: no kept answer is shared.
    scope.reach =
        std::make_shared<const Reach>(false, std::set<std::string>{"bob"}, std::set<std::string>{}, std::nullopt);
    EXPECT_EQ(TestLedger::must(engine->totals(scope)).measures.tokens.output, 200);
    EXPECT_EQ(TestLedger::must(engine->blocks(scope, now))[0].measures.tokens.output, 200);
    scope.reach =
        std::make_shared<const Reach>(false, std::set<std::string>{}, std::set<std::string>{"/repo/bob"}, std::nullopt);
    EXPECT_EQ(TestLedger::must(engine->projects(scope)).size(), 1U);
    scope.reach = std::make_shared<const Reach>(true, std::set<std::string>{}, std::set<std::string>{},
                                                std::set<std::string>{"/repo/ann"});
    EXPECT_EQ(TestLedger::must(engine->totals(scope)).measures.tokens.output, 14);
    scope.reach = std::make_shared<const Reach>(false, std::set<std::string>{}, std::set<std::string>{}, std::nullopt);
    EXPECT_EQ(TestLedger::must(engine->totals(scope)).measures.requests, 0);
}

TEST(Query, ActiveSessionsHaveRates) {
    TestLedger ledger;
    const base::UnixMillis now = at("2026-11-20T10:00:00Z");
    TestRequest request;
    request.time = now - 10 * base::kMinute;
    request.tokens = {500, 500, 0, 0, 0, 0};
    request.cost = 1'000'000'000;
    TestRequest later = request;
    later.time = now - base::kMinute;
    TestRequest old = request;
    old.session = "old";
    ledger.commit({request, later, old});
    const auto engine = ledger.open();
    const auto active = TestLedger::must(engine->active_sessions(now));
    ASSERT_EQ(active.size(), 1U);
    EXPECT_EQ(active[0].id, "s1");
    EXPECT_DOUBLE_EQ(active[0].tokens_per_minute, 200);
    EXPECT_DOUBLE_EQ(active[0].cost_per_hour, 12);
}

TEST(Query, ReadersAndTheWriterDoNotDisturbEachOther) {
    TestLedger ledger;
    Random random(5);
    const base::UnixMillis begin = at("2026-10-01T00:00:00Z");
    const base::UnixMillis end = at("2026-11-20T00:00:00Z");
    std::vector<TestRequest> requests;
    for (int i = 0; i < 200; ++i) {
        requests.push_back(random.request(begin, end));
    }
    ledger.commit(requests);
    const auto engine = ledger.open();
    std::vector<store::Commit> commits;
    for (int i = 0; i < 60; ++i) {
        std::vector<TestRequest> more;
        for (int n = 0; n < 5; ++n) {
            more.push_back(random.request(begin, end + base::kDay));
        }
        commits.push_back(ledger.commit(more));
    }
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    std::atomic<int> failures = 0;
    for (unsigned t = 0; t < 4; ++t) {
        readers.emplace_back([&, t] {
            Random own(100 + t);
            std::int64_t last = 0;
            while (!done && failures == 0) {
                Scope all;
                all.from = begin;
                all.to = end + 2 * base::kDay;
                const auto expect = [&](const auto& answer) {
                    if (!answer) {
                        ++failures;
                        ADD_FAILURE() << answer.error().message;
                    }
                };
                const auto totals = engine->totals(all);
                expect(totals);
                EXPECT_GE(totals->measures.requests, last) << "a commit was taken back";
                last = totals->measures.requests;
                const Scope scope = own.scope(begin, end);
                expect(engine->summary(scope, true));
                SeriesQuery series;
                series.scope = scope;
                series.group_by = own.upto(2) == 0 ? Dimension::kModel : Dimension::kTool;
                expect(engine->series(series));
                expect(engine->sessions({scope}));
                expect(engine->records({scope}));
                expect(engine->blocks(scope, end));
            }
        });
    }
    for (const store::Commit& commit : commits) {
        EXPECT_TRUE(engine->apply(commit));
    }
    done = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(failures, 0);
    Scope all;
    all.from = begin;
    all.to = end + 2 * base::kDay;
    EXPECT_EQ(TestLedger::must(engine->totals(all)).measures.requests,
              static_cast<std::int64_t>(ledger.requests().size()));
}

TEST(Query, WorksWithoutTheListIndexes) {
    TestLedger ledger;
    ledger.run(
        "DROP INDEX requests_by_time; DROP INDEX requests_by_dim; DROP INDEX events_by_kind; "
        "DROP INDEX events_by_session");
    TestRequest request;
    request.time = at("2026-11-20T10:00:00Z");
    TestRequest other = request;
    other.project = "/repo/beta";
    other.session = "s2";
    ledger.commit({request, other});
    const auto engine = ledger.open();
    RecordsQuery query;
    query.scope = scope_of("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    query.scope.filters = {{Dimension::kProject, {"/repo/beta"}}};
    const auto page = TestLedger::must(engine->records(query));
    ASSERT_EQ(page.records.size(), 1U);
    EXPECT_EQ(page.records[0].session_id, "s2");
    EXPECT_EQ(TestLedger::must(engine->sessions({query.scope})).sessions.size(), 1U);
}

}  // namespace
}  // namespace tidemark::query
