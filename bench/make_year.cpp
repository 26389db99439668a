// Fills an empty data folder with a year of a team's work, for measuring: make_year DIR REQUESTS END
//   END  the last moment, as an RFC 3339 time
// The same arguments make the same ledger. It goes through store::Writer, so the sums are those of a real import; keys
// of requests rise instead of being hashes, which saves the random writes and changes no answer.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "foundation/base/time.hpp"
#include "ledger/ingest/service.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/store/writer.hpp"

namespace tidemark {
namespace {

constexpr std::int64_t kDays = 365;
constexpr std::int64_t kMeanRequests = 120;  // of a session
constexpr std::int64_t kProjects = 120;
constexpr std::size_t kBatchRequests = 8192;

// Indexes into store::Batch::words as new_batch() fills them.
constexpr std::uint32_t kToolUse = 1;
constexpr std::uint32_t kEndTurn = 2;
constexpr std::uint32_t kFirstTool = 3;
constexpr std::array<std::string_view, 18> kTools{
    "Bash",       "Read",      "Edit",         "Grep",          "Glob",           "Write",
    "Task",       "TodoWrite", "WebFetch",     "WebSearch",     "MultiEdit",      "NotebookEdit",
    "BashOutput", "KillShell", "ExitPlanMode", "mcp__git__log", "mcp__git__diff", "mcp__db__query"};
constexpr std::array<std::string_view, 4> kAgents{"Explore", "general-purpose", "Plan", "code-reviewer"};
/// By thirds of the year: the main model, the second one, and the one of most subagents.
constexpr std::array<std::array<std::string_view, 3>, 3> kModels{{
    {"claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"},
    {"claude-opus-4-8", "claude-sonnet-4-6", "claude-haiku-4-5-20251001"},
    {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"},
}};

template <class T>
T must(base::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "make_year: %s\n", result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

/// splitmix64: the same on every machine, unlike the distributions of <random>.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n)); }
    double unit() { return static_cast<double>(next() >> 11U) / 9007199254740992.0; }
    double exponential(double mean) { return -mean * std::log(1 - unit()); }

private:
    std::uint64_t state_;
};

class Year {
public:
    Year(const std::string& folder, std::int64_t requests, base::UnixMillis end)
        : writer_(must(store::Writer::open(folder))),
          book_(must(pricing::PriceBook::create())),
          requests_(requests),
          end_(end) {
        if (!writer_->empty()) {
            std::fprintf(stderr, "make_year: %s holds a ledger already\n", folder.c_str());
            std::exit(1);
        }
        must(ingest::reprice_if_changed(*writer_, *book_));  // notes the book by which this is priced
    }

    void make() {
        const std::int64_t first = end_ / base::kDay - kDays + 1;
        std::array<double, kDays> weights{};
        double whole = 0;
        for (std::int64_t day = 0; day < kDays; ++day) {
            const int weekday = base::weekday_from_days(first + day);
            const double busy = weekday == 0 || weekday == 6 ? 0.2 : 1.0;
            whole += weights[static_cast<std::size_t>(day)] = busy * (0.6 + 0.8 * static_cast<double>(day) / kDays);
        }
        std::int64_t owed = 0;
        double share = 0;
        for (std::int64_t day = 0; day < kDays; ++day) {
            share += weights[static_cast<std::size_t>(day)] / whole;
            owed = std::llround(share * static_cast<double>(requests_));
            make_day(day, (first + day) * base::kDay, owed);
        }
        flush();
        must(writer_->ensure_list_indexes());
        must(writer_->checkpoint(true));
    }

private:
    void make_day(std::int64_t day, base::UnixMillis midnight, std::int64_t owed) {
        // Sessions begin between 1:00 and 13:00 UTC; those of the last day lie before the end.
        const base::UnixMillis opens = midnight + base::kHour;
        const base::UnixMillis closes = std::min(midnight + 13 * base::kHour, end_);
        const std::int64_t count = std::max<std::int64_t>(1, (owed - made_) / kMeanRequests);
        for (std::int64_t i = 0; i < count && made_ < owed; ++i) {
            const base::UnixMillis from = std::min(opens, closes - base::kHour);
            make_session(day, from + (closes - from) * i / count + random_.below(5 * base::kMinute), owed);
        }
        while (made_ < owed) {
            make_session(day, std::min(opens, closes - base::kHour) + random_.below(base::kHour), owed);
        }
    }

    void make_session(std::int64_t day, base::UnixMillis start, std::int64_t owed) {
        if (batch_.requests.size() >= kBatchRequests) {
            flush();
        }
        ++sessions_;
        const std::int64_t week = day / 7;
        // Few projects are busy at a time, and a few of those most of it.
        const std::int64_t project = (week * 2 + static_cast<std::int64_t>(random_.exponential(4))) % kProjects;
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "%08llx-%04llx-4000-8000-%012llx",
                      static_cast<unsigned long long>(random_.next() & 0xffffffffU),
                      static_cast<unsigned long long>(random_.next() & 0xffffU),
                      static_cast<unsigned long long>(sessions_));
        const std::string_view session = batch_.text.add(text.data());
        const std::string folder = "/home/dev/work/project-" + std::to_string(project + 1);
        const std::int64_t file = writer_->next_file_id();

        store::DimEntry dim;
        dim.session = session;
        dim.project_path = batch_.text.add(folder);
        dim.branch = random_.below(3) == 0 ? "main"
                                           : batch_.text.add("feature/" + std::to_string(project) + "-" +
                                                             std::to_string(week / 2 * 4 + random_.below(4)));
        dim.version = batch_.text.add("2.1." + std::to_string(200 + day / 3));
        dim.entrypoint = random_.below(8) == 0 ? "sdk-ts" : "cli";
        const auto& models = kModels[static_cast<std::size_t>(day * 3 / kDays)];
        dim.model = dim.model_given =
            random_.below(200) == 0 ? "experimental-model" : models[random_.below(3) == 0 ? 1 : 0];
        dim.tier = model::ServiceTier::kStandard;
        const std::int64_t length =
            random_.below(500) == 0 ? 3000 : 10 + static_cast<std::int64_t>(random_.exponential(kMeanRequests - 10));
        base::UnixMillis time = start;
        std::int64_t context = 15'000 + random_.below(10'000);
        const std::uint32_t main_dim = add_dim(dim);
        for (std::int64_t n = 0; n < length && made_ < owed; ++n) {
            time += 2'000 + static_cast<std::int64_t>(random_.exponential(random_.below(20) == 0 ? 400'000 : 15'000));
            if (time >= end_) {
                return finish_session(session, folder, file, start);
            }
            request(main_dim, dim, file, time, context);
            context += 500 + random_.below(3'000);
            if (n % 8 == 7) {
                event(model::EventKind::kTurn, session, time, 30'000 + random_.below(300'000), -1, {});
            }
            if (context > 170'000) {
                event(model::EventKind::kCompaction, session, time, context, 20'000, "auto");
                context = 20'000;
            }
            if (random_.below(400) == 0) {
                event(model::EventKind::kApiError, session, time, 529, 1, "overloaded_error");
            }
            if (random_.below(20'000) == 0) {
                event(model::EventKind::kLimitHit, session, time, time + 2 * base::kHour, -1, "five_hour");
            }
            if (random_.below(30) == 0) {
                n += subagent(dim, models[random_.below(3) == 0 ? 1 : 2], file, time, owed);
            }
        }
        finish_session(session, folder, file, start);
    }

    std::int64_t subagent(const store::DimEntry& main, std::string_view model, std::int64_t file, base::UnixMillis from,
                          std::int64_t owed) {
        store::DimEntry dim = main;
        dim.kind = model::RequestKind::kSubagent;
        dim.agent = kAgents[static_cast<std::size_t>(random_.below(kAgents.size()))];
        dim.agent_uid = batch_.text.add("a" + std::to_string(++agents_));
        dim.model = dim.model_given = model;
        const std::uint32_t index = add_dim(dim);
        std::int64_t count = 0;
        std::int64_t context = 8'000;
        base::UnixMillis time = from;
        for (const std::int64_t length = 5 + random_.below(30); count < length && made_ < owed; ++count) {
            time += 1'000 + static_cast<std::int64_t>(random_.exponential(8'000));
            if (time >= end_) {
                break;
            }
            request(index, dim, file, time, context);
            context += 500 + random_.below(4'000);
        }
        return count;
    }

    void request(std::uint32_t dim, const store::DimEntry& attributes, std::int64_t file, base::UnixMillis time,
                 std::int64_t context) {
        store::RequestEntry& entry = batch_.requests.emplace_back();
        entry.key = static_cast<std::uint64_t>(++made_);
        entry.message_id = batch_.text.add("msg_01" + std::to_string(made_ * 1'000'003));
        entry.request_id = batch_.text.add("req_01" + std::to_string(made_ * 1'000'033));
        entry.time = time;
        entry.dim = dim;
        entry.tokens.input = 3 + random_.below(20);
        entry.tokens.output = 60 + static_cast<std::int64_t>(random_.exponential(350));
        entry.tokens.thinking = random_.below(3) == 0 ? entry.tokens.output / 3 : 0;
        entry.tokens.cache_write_5m = 300 + random_.below(3'000);
        entry.tokens.cache_read = context;
        pricing::PriceQuery query;
        query.time = time;
        query.tokens = entry.tokens;
        query.tier = attributes.tier;
        const pricing::ResolvedModel resolved = book_->resolve(attributes.model_given);
        if (resolved.prices != nullptr) {
            entry.cost = book_->cost(resolved, query);
        }
        entry.duration_ms = 1'500 + static_cast<std::int64_t>(random_.exponential(6'000));
        const bool uses_tools = random_.below(10) < 7;
        entry.stop_reason = uses_tools ? kToolUse : kEndTurn;
        entry.quality = 15;
        entry.uuid_hash = random_.next();
        if (uses_tools) {
            const std::int64_t uses = random_.below(6) == 0 ? 2 : 1;
            for (std::int64_t use = 0; use < uses; ++use) {
                const auto tool = static_cast<std::size_t>(
                    std::min<std::int64_t>(static_cast<std::int64_t>(random_.exponential(3)), kTools.size() - 1));
                entry.tools.push_back(
                    {static_cast<std::uint32_t>(random_.next()), kFirstTool + static_cast<std::uint32_t>(tool)});
                if (random_.below(40) == 0) {
                    event(model::EventKind::kToolError, attributes.session, time, entry.tools.back().id_hash, -1,
                          kTools[tool]);
                }
            }
        }
        entry.file_id = file;
        entry.line = ++line_;
    }

    void event(model::EventKind kind, std::string_view session, base::UnixMillis time, std::int64_t value1,
               std::int64_t value2, std::string_view text) {
        batch_.events.push_back({++events_, kind, session, text, time, value1, value2});
    }

    std::uint32_t add_dim(const store::DimEntry& dim) {
        batch_.dims.push_back(dim);
        return static_cast<std::uint32_t>(batch_.dims.size() - 1);
    }

    /// Its transcript, which the client has deleted since: a server that opens the folder looks for nothing.
    void finish_session(std::string_view session, const std::string& folder, std::int64_t file,
                        base::UnixMillis start) {
        std::string name = folder;
        std::replace(name.begin(), name.end(), '/', '-');
        store::FileEntry& entry = batch_.files.emplace_back();
        entry.file_id = file;
        entry.path = batch_.text.add("/home/dev/.claude/projects/" + name + "/" + std::string(session) + ".jsonl");
        entry.inode = static_cast<std::uint64_t>(file);
        entry.size = entry.offset = line_ * 2'000;
        entry.mtime_ns = start * 1'000'000;
        entry.lines = entry.rows = line_;
        entry.gone = true;
        line_ = 0;
    }

    static store::Batch new_batch() {
        store::Batch batch;
        batch.words = {"", "tool_use", "end_turn"};
        batch.words.insert(batch.words.end(), kTools.begin(), kTools.end());
        return batch;
    }

    void flush() {
        must(writer_->store(batch_));
        batch_ = new_batch();
        if (made_ / 250'000 != told_) {
            told_ = made_ / 250'000;
            std::fprintf(stderr, "%lld of %lld requests\n", static_cast<long long>(made_),
                         static_cast<long long>(requests_));
        }
    }

    std::unique_ptr<store::Writer> writer_;
    std::shared_ptr<const pricing::PriceBook> book_;
    std::int64_t requests_;
    base::UnixMillis end_;
    store::Batch batch_ = new_batch();
    Random random_{1};
    std::int64_t made_ = 0, sessions_ = 0, agents_ = 0, line_ = 0, told_ = 0;
    std::uint64_t events_ = 0;
};

}  // namespace
}  // namespace tidemark

int main(int argc, char** argv) {
    using namespace tidemark;
    const std::string_view count = argc == 4 ? argv[2] : "";
    const auto end = base::parse_rfc3339(argc == 4 ? argv[3] : "");
    std::int64_t requests = 0;
    if (std::from_chars(count.data(), count.data() + count.size(), requests).ptr != count.data() + count.size() ||
        requests <= 0 || !end) {
        std::fputs("usage: make_year DIR REQUESTS END\n", stderr);
        return 2;
    }
    Year(argv[1], requests, *end).make();
    return 0;
}
