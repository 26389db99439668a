// A year of five million requests: how long each question takes alone, and for fifty clients at once. The ledger is
// made once in a temporary folder and kept between runs (TIDEMARK_BENCH_DIR chooses another). Prints one line a
// question:
//   name  alone: median  worst    fifty clients: p50  p99  questions a second
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include <benchmark/benchmark.h>

#include "ledger/query/query.hpp"
#include "ledger/store/database.hpp"

namespace tidemark::query {
namespace {

constexpr std::int64_t kSessions = 50'000;
constexpr std::int64_t kDimsPerSession = 4;
constexpr std::int64_t kEntries = 400'000;
constexpr std::int64_t kRequests = 5'000'000;
constexpr base::UnixMillis kEnd = 1'795'392'000'000;  // 2026-11-23
constexpr base::UnixMillis kBegin = kEnd - 365 * base::kDay;

template <class T>
T must(base::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    return std::move(*result);
}
void must(base::Result<void> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
}

std::string ledger_dir() {
    const char* chosen = std::getenv("TIDEMARK_BENCH_DIR");
    const std::string dir =
        chosen != nullptr ? chosen : (std::filesystem::temp_directory_path() / "tidemark_query_bench").string();
    const std::string path = dir + "/" + std::string(store::kDatabaseName);
    if (std::filesystem::exists(dir + "/made")) {
        return dir;
    }
    std::fprintf(stderr, "making a year of %lld requests in %s\n", static_cast<long long>(kRequests), dir.c_str());
    std::filesystem::remove_all(dir);
    std::filesystem::create_directories(dir);
    auto database = must(store::Database::open(path, store::OpenMode::kCreate));
    std::ifstream file(std::string(TIDEMARK_SOURCE_DIR) + "/migrations/sqlite/0001_ledger.sql");
    std::stringstream sql;
    sql << file.rdbuf();
    must(database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF"));
    must(database.execute(("PRAGMA user_version = " + std::to_string(store::kSchemaVersion)).c_str()));
    must(database.execute(sql.str().c_str()));
    must(database.execute("BEGIN"));
    std::mt19937_64 random(1);
    const auto upto = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    const auto exec = [&](const std::string& text) { must(database.execute(text.c_str())); };
    const auto name = [&](std::int64_t id, int kind, const std::string& text) {
        exec("INSERT INTO names VALUES (" + std::to_string(id) + "," + std::to_string(kind) + ",'" + text + "')");
    };
    for (int i = 1; i <= 6; ++i) {
        name(i, 1, "model-" + std::to_string(i));
    }
    for (int i = 0; i < 400; ++i) {
        name(100 + i, 2, "feature/branch-" + std::to_string(i));
    }
    for (int i = 0; i < 60; ++i) {
        name(600 + i, 3, "2.1." + std::to_string(270 + i));
    }
    name(700, 4, "cli");
    for (int i = 0; i < 12; ++i) {
        name(800 + i, 13, "Tool" + std::to_string(i));
    }
    for (int i = 0; i < 6; ++i) {
        name(900 + i, 8, "agent-type-" + std::to_string(i));
    }
    for (int i = 1; i <= 120; ++i) {
        exec("INSERT INTO projects (id, name, path, created_at, updated_at) VALUES (" + std::to_string(i) + ",'p" +
             std::to_string(i) + "','/home/dev/p" + std::to_string(i) + "',0,0)");
    }
    auto session_row = must(database.prepare(
        "INSERT INTO sessions (id, uid, project_id, started, last_activity) VALUES (?1, ?2, ?3, ?4, ?5)"));
    auto dim_row =
        must(database.prepare("INSERT INTO dims VALUES (?1, ?1, ?2, ?3, 0, ?4, ?4, ?5, ?6, 700, 0, 0, ?7, ?8, 0, "
                              "0, 0, 0, ?9, 0, 1)"));
    auto rollup =
        must(database.prepare("INSERT OR IGNORE INTO usage_15m VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, 0, ?9, "
                              "0, 0, 0, ?10, ?3)"));
    auto tool = must(database.prepare("INSERT OR IGNORE INTO tools_15m VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    auto request =
        must(database.prepare("INSERT INTO requests VALUES (?1, ?1, 'msg_' || ?1, NULL, ?2, ?3, 5, 400, 50, 900, 0, "
                              "60000, 0, 31000000, 4000, 0, 0, 0, 0, NULL, NULL, NULL)"));
    std::int64_t key = 0;
    const std::int64_t entries_per_dim = kEntries / (kSessions * kDimsPerSession);
    const std::int64_t requests_per_entry = kRequests / kEntries;
    for (std::int64_t s = 1; s <= kSessions; ++s) {
        const base::UnixMillis start = kBegin + (kEnd - kBegin) / kSessions * (s - 1);
        // Few projects and branches are busy at a time, as in life.
        const std::int64_t week = (start - kBegin) / (7 * base::kDay);
        const std::int64_t project = 1 + (week * 3 + upto(6)) % 120;
        char uid[40];
        std::snprintf(uid, sizeof uid, "%08llx-0000-4000-8000-%012llx",
                      static_cast<unsigned long long>(random() & 0xffffffff), static_cast<unsigned long long>(s));
        session_row.bind(1, s)
            .bind(2, std::string_view(uid))
            .bind(3, project)
            .bind(4, start)
            .bind(5, start + 2 * base::kHour);
        must(session_row.run());
        const std::int64_t branch = 100 + (project * 3 + upto(3)) % 400;
        for (std::int64_t d = 0; d < kDimsPerSession; ++d) {
            const std::int64_t dim = (s - 1) * kDimsPerSession + d + 1;
            dim_row.bind(1, dim)
                .bind(2, s)
                .bind(3, project)
                .bind(4, 1 + (week / 10 + d) % 6)
                .bind(5, branch)
                .bind(6, 600 + week)
                .bind(7, d == 0 ? 0 : 100'000 + dim)
                .bind(8, d == 0 ? 0 : 900 + d)
                .bind(9, std::int64_t{d == 0 ? 0 : 1});
            must(dim_row.run());
            for (std::int64_t e = 0; e < entries_per_dim; ++e) {
                const std::int64_t quarter = (start + d * base::kQuarter) / base::kQuarter + e * 2;
                rollup.bind(1, quarter)
                    .bind(2, dim)
                    .bind(3, requests_per_entry)
                    .bind(4, 5 * requests_per_entry)
                    .bind(5, 400 * requests_per_entry)
                    .bind(6, 50 * requests_per_entry)
                    .bind(7, 900 * requests_per_entry)
                    .bind(8, 60'000 * requests_per_entry)
                    .bind(9, 31'000'000 * requests_per_entry)
                    .bind(10, 4000 * requests_per_entry);
                must(rollup.run());
                for (std::int64_t t = 0; t < 3; ++t) {
                    tool.bind(1, quarter)
                        .bind(2, dim)
                        .bind(3, 800 + (dim + t * 5) % 12)
                        .bind(4, std::int64_t{4})
                        .bind(5, std::int64_t{10'000'000})
                        .bind(6, std::int64_t{20'000});
                    must(tool.run());
                }
                for (std::int64_t r = 0; r < requests_per_entry; ++r) {
                    request.bind(1, ++key).bind(2, quarter * base::kQuarter + upto(base::kQuarter)).bind(3, dim);
                    must(request.run());
                }
            }
        }
    }
    exec("INSERT INTO meta VALUES ('seq', 1)");
    exec("COMMIT");
    exec(
        "CREATE INDEX requests_by_time ON requests (time); CREATE INDEX requests_by_dim ON requests (dim_id, time);"
        "CREATE INDEX events_by_kind ON events (kind, time); CREATE INDEX events_by_session ON events (session_id)");
    exec("PRAGMA wal_checkpoint(TRUNCATE)");
    std::ofstream(dir + "/made") << "1\n";
    return dir;
}

const Engine& engine() {
    static const std::unique_ptr<Engine> opened = [] {
        Engine::Options options;
        options.data_dir = ledger_dir();
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
    Scope scope;
    scope.zone = kZone;
    scope.to = kEnd - static_cast<base::UnixMillis>(n % 2000) * base::kQuarter;
    scope.from = kZone.floor(scope.to - length, base::Bucket::k1d);
    if (n % 3 == 1) {
        scope.filters = {{Dimension::kProject, {"/home/dev/p" + std::to_string(n % 120 + 1)}}};
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
        query.search = "branch-" + std::to_string(n % 100);
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
        check(e.blocks(scope, kEnd).has_value());
    });
    return true;
}();

}  // namespace
}  // namespace tidemark::query
