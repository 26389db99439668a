// How long each question takes alone, and for fifty clients at once, on the ledger in the folder TIDEMARK_BENCH_DIR
// (bench/make_year fills one: build/release/bench/make_year DIR 5000000 2026-11-23T00:00:00Z). Prints one line a
// question:
//   name  alone: median  worst    fifty clients: p50  p99  questions a second
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <benchmark/benchmark.h>

#include "ledger/query/query.hpp"

namespace tidemark::query {
namespace {

template <class T>
T must(base::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    return std::move(*result);
}

const Engine& engine() {
    static const std::unique_ptr<Engine> opened = [] {
        Engine::Options options;
        const char* const folder = std::getenv("TIDEMARK_BENCH_DIR");
        if (folder == nullptr) {
            std::fprintf(stderr, "TIDEMARK_BENCH_DIR: no folder given (see the top of query_bench.cpp)\n");
            std::exit(2);
        }
        options.data_dir = folder;
        const std::int64_t begun = base::monotonic_nanos();
        auto result = must(Engine::open(options));
        std::fprintf(stderr, "loaded in %.2f s, %.1f MB\n", static_cast<double>(base::monotonic_nanos() - begun) / 1e9,
                     static_cast<double>(result->bytes()) / 1e6);
        return result;
    }();
    return *opened;
}

using Ask = std::function<void(const Engine&, std::uint64_t)>;

/// A question about the `n`-th of many ranges and filters, so that the kept answers do not help unless they would in
/// life.
Scope scope_of(std::uint64_t n, base::UnixMillis length) {
    static const base::TimeZone kZone = must(base::TimeZone::load("Asia/Shanghai"));
    static const std::vector<GroupKey> kProjects = engine().values(Dimension::kProject);
    Scope scope;
    scope.zone = kZone;
    scope.to = engine().newest() - static_cast<base::UnixMillis>(n % 2000) * base::kQuarter;
    scope.from = kZone.floor(scope.to - length, base::Bucket::k1d);
    if (n % 3 == 1) {
        scope.filters = {{Dimension::kProject, {kProjects[n % kProjects.size()].key}}};
    }
    return scope;
}

void check(bool ok) {
    if (!ok) {
        std::fprintf(stderr, "a question failed\n");
        std::exit(1);
    }
}

void measure(benchmark::State& state, const Ask& ask) {
    const Engine& asked = engine();
    std::uint64_t n = 0;
    ask(asked, 1'999'999);  // builds what is built once
    for (auto _ : state) {
        ask(asked, n++);
    }
    // Fifty clients, each asking again as soon as it is answered, served by as many threads as there are cores, first
    // come first served, as the server does. A client's time runs from its question to its answer.
    constexpr std::int64_t kLength = 1'500'000'000;
    std::deque<std::int64_t> waiting(50, base::monotonic_nanos());
    std::mutex mutex;
    std::vector<std::int64_t> all;
    std::atomic<std::uint64_t> next{1000};
    std::vector<std::thread> workers;
    const std::int64_t begun = base::monotonic_nanos();
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
        workers.emplace_back([&] {
            for (;;) {
                std::int64_t asked_at = 0;
                {
                    const std::lock_guard lock(mutex);
                    asked_at = waiting.front();
                    waiting.pop_front();
                }
                ask(asked, next++);
                const std::int64_t now = base::monotonic_nanos();
                const std::lock_guard lock(mutex);
                all.push_back(now - asked_at);
                waiting.push_back(now);
                if (now - begun > kLength) {
                    return;
                }
            }
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) {
        return static_cast<double>(all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))]) / 1e6;
    };
    state.counters["p50_ms_50"] = at(0.5);
    state.counters["p99_ms_50"] = at(0.99);
    state.counters["per_s_50"] = static_cast<double>(all.size()) / 1.5;
}

constexpr base::UnixMillis kYear = 330 * base::kDay;
constexpr base::UnixMillis kMonth = 30 * base::kDay;

void add(const char* name, Ask ask) {
    benchmark::RegisterBenchmark(name, [ask = std::move(ask)](benchmark::State& state) { measure(state, ask); })
        ->Unit(benchmark::kMillisecond)
        ->MinTime(0.3);
}

const bool kRegistered = [] {
    add("summary_year",
        [](const Engine& e, std::uint64_t n) { check(e.summary(scope_of(n, kYear), true).has_value()); });
    add("summary_30d",
        [](const Engine& e, std::uint64_t n) { check(e.summary(scope_of(n, kMonth), true).has_value()); });
    add("summary_same",
        [](const Engine& e, std::uint64_t) { check(e.summary(scope_of(0, kMonth), true).has_value()); });
    const auto series = [](Metric metric, base::Bucket bucket, Dimension group_by, base::UnixMillis length) {
        return [=](const Engine& e, std::uint64_t n) {
            check(e.series({scope_of(n, length), metric, bucket, group_by, 7, true}).has_value());
        };
    };
    add("series_year_by_model_1d", series(Metric::kCost, base::Bucket::k1d, Dimension::kModel, kYear));
    add("series_year_by_project_1w", series(Metric::kTotalTokens, base::Bucket::k1w, Dimension::kProject, kYear));
    add("series_30d_by_model_1h", series(Metric::kCost, base::Bucket::k1h, Dimension::kModel, kMonth));
    add("series_30d_sessions_1d", series(Metric::kSessions, base::Bucket::k1d, Dimension::kNone, kMonth));
    add("series_90d_by_tool_1d", series(Metric::kCost, base::Bucket::k1d, Dimension::kTool, 90 * base::kDay));
    const auto breakdown = [](Dimension group_by, base::UnixMillis length, std::size_t trend) {
        return [=](const Engine& e, std::uint64_t n) {
            check(e.breakdown({scope_of(n, length), group_by, Metric::kCost, true, 50, 0, true, trend}).has_value());
        };
    };
    add("breakdown_year_project_trend", breakdown(Dimension::kProject, kYear, 24));
    add("breakdown_30d_branch", breakdown(Dimension::kBranch, kMonth, 0));
    add("breakdown_30d_session", breakdown(Dimension::kSession, kMonth, 0));
    add("breakdown_year_session", breakdown(Dimension::kSession, kYear, 0));
    add("hours_year",
        [](const Engine& e, std::uint64_t n) { check(e.hours(scope_of(n, kYear), Metric::kCost).has_value()); });
    add("records_30d", [](const Engine& e, std::uint64_t n) {
        RecordsQuery query;
        query.scope = scope_of(n, kMonth);
        check(e.records(query).has_value());
    });
    add("sessions_30d", [](const Engine& e, std::uint64_t n) {
        SessionsQuery query;
        query.scope = scope_of(n, kMonth);
        query.sort = SessionSort::kCost;
        check(e.sessions(query).has_value());
    });
    add("sessions_year_search", [](const Engine& e, std::uint64_t n) {
        SessionsQuery query;
        query.scope = scope_of(n, kYear);
        query.search = "feature/" + std::to_string(n % 100);
        check(e.sessions(query).has_value());
    });
    add("session_detail", [](const Engine& e, std::uint64_t n) {
        static const std::vector<GroupKey> kIds = engine().values(Dimension::kSession);
        check(e.session(kIds[n % kIds.size()].key).has_value());
    });
    add("facets_30d", [](const Engine& e, std::uint64_t n) { check(e.facets(scope_of(n, kMonth), 50).has_value()); });
    add("blocks_30d", [](const Engine& e, std::uint64_t n) {
        Scope scope = scope_of(n, kMonth);
        scope.filters.clear();
        check(e.blocks(scope, e.newest()).has_value());
    });
    return true;
}();

}  // namespace
}  // namespace tidemark::query
