// A small ledger for tests: rows put into a real database by SQL, with the rollups that the writer would keep, and the
// commits that it would announce. Tests of this folder only.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "foundation/base/hash.hpp"
#include "ledger/query/query.hpp"
#include "ledger/store/database.hpp"
#include "ledger/store/packed_sums.hpp"
#include "ledger/store/store.hpp"
#include "ledger/store/writer.hpp"

namespace tidemark::query {

struct TestRequest {
    base::UnixMillis time = 0;
    std::string session = "s1", project = "/repo/alpha", model = "claude-sonnet-4-5", branch = "main",
                version = "2.1.330", entrypoint = "cli", effort, geo, agent_uid, agent, skill, plugin, mcp_server,
                member;
    model::RequestKind kind = model::RequestKind::kMain;
    model::Speed speed = model::Speed::kStandard;
    model::ServiceTier tier = model::ServiceTier::kStandard;
    model::TokenCounts tokens;
    std::int64_t web_searches = 0;
    std::optional<std::int64_t> cost;  ///< nano-USD
    std::optional<std::int64_t> duration_ms;
    bool incomplete = false;
    std::vector<std::string> tools;

    [[nodiscard]] model::Measures measures() const {
        model::Measures result;
        result.tokens = tokens;
        result.requests = 1;
        result.web_searches = web_searches;
        result.incomplete_requests = incomplete ? 1 : 0;
        result.cost.value = cost.value_or(0);
        result.unpriced_requests = cost ? 0 : 1;
        result.unpriced_tokens = cost ? 0 : tokens.total();
        result.duration_ms = duration_ms.value_or(0);
        result.timed_requests = duration_ms ? 1 : 0;
        return result;
    }
};

/// What a request is called in a dimension, as answers have it.
inline std::string key_of(const TestRequest& r, Dimension dimension) {
    switch (dimension) {
        case Dimension::kProject: return r.project;
        case Dimension::kModel: return r.model;
        case Dimension::kBranch: return r.branch;
        case Dimension::kSession: return r.session;
        case Dimension::kKind: return std::string(model::to_string(r.kind));
        case Dimension::kVersion: return r.version;
        case Dimension::kEntrypoint: return r.entrypoint;
        case Dimension::kAgent: return r.agent;
        case Dimension::kSkill: return r.skill;
        case Dimension::kPlugin: return r.plugin;
        case Dimension::kMcpServer: return r.mcp_server;
        case Dimension::kEffort: return r.effort;
        case Dimension::kSpeed: return std::string(model::to_string(r.speed));
        case Dimension::kServiceTier: return std::string(model::to_string(r.tier));
        case Dimension::kGeo: return r.geo;
        case Dimension::kMember: return r.member;
        case Dimension::kTool:
        case Dimension::kNone: break;
    }
    return {};
}

class TestLedger {
public:
    TestLedger() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark_query_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        dir_ = pattern;
        if (auto made = must(store::Writer::open(dir_))->ensure_list_indexes(); !made) {
            throw std::runtime_error(made.error().message);
        }
        database_.emplace(
            must(store::Database::open(dir_ + "/" + std::string(store::kDatabaseName), store::OpenMode::kReadWrite)));
        run("PRAGMA synchronous = OFF");
    }
    ~TestLedger() {
        database_.reset();
        std::filesystem::remove_all(dir_);
    }
    TestLedger(const TestLedger&) = delete;
    TestLedger& operator=(const TestLedger&) = delete;

    [[nodiscard]] const std::string& dir() const { return dir_; }
    [[nodiscard]] store::Database& database() { return *database_; }
    [[nodiscard]] const std::vector<TestRequest>& requests() const { return requests_; }

    void run(const std::string& sql) {
        if (auto done = database_->execute(sql.c_str()); !done) {
            throw std::runtime_error(done.error().message + " in " + sql);
        }
    }
    template <class T>
    static T must(base::Result<T> result) {
        if (!result) {
            throw std::runtime_error(result.error().message);
        }
        return std::move(*result);
    }

    /// Stores the requests as one commit and returns it.
    store::Commit commit(const std::vector<TestRequest>& requests) {
        run("BEGIN");
        store::Commit result;
        result.seq = ++seq_;
        for (const TestRequest& request : requests) {
            put(request, result);
        }
        run("INSERT OR REPLACE INTO meta (key, value) VALUES ('seq', " + std::to_string(seq_) + ")");
        run("COMMIT");
        return result;
    }
    /// Takes the newest request back out, as the writer does when a better row of it belongs elsewhere.
    store::Commit take_back() {
        const TestRequest request = requests_.back();
        requests_.pop_back();
        run("BEGIN");
        store::Commit result;
        result.seq = ++seq_;
        run("DELETE FROM requests WHERE id = (SELECT max(id) FROM requests)");
        change(request, -1, result);
        run("INSERT OR REPLACE INTO meta (key, value) VALUES ('seq', " + std::to_string(seq_) + ")");
        run("COMMIT");
        return result;
    }
    void event(const std::string& session, model::EventKind kind, base::UnixMillis time, std::int64_t value1,
               std::int64_t value2, const std::string& text) {
        const auto id = session_ids_.at(session);
        const auto name = kind == model::EventKind::kToolError ? name_id(store::NameKind::kTool, text)
                                                               : name_id(store::NameKind::kEventText, text);
        run("INSERT INTO events VALUES (" + std::to_string(++events_) + "," + std::to_string(id) + "," +
            std::to_string(static_cast<int>(kind)) + "," + std::to_string(time) + "," + std::to_string(value1) + "," +
            std::to_string(value2) + "," + std::to_string(name) + ")");
        run("UPDATE sessions SET started = min(started, " + std::to_string(time) +
            "), last_activity = max(last_activity, " + std::to_string(time) + ") WHERE id = " + std::to_string(id));
    }
    std::unique_ptr<Engine> open(Engine::Options options = {}) {
        options.data_dir = dir_;
        return must(Engine::open(std::move(options)));
    }

private:
    static std::string quote(const std::string& text) {
        std::string result = "'";
        for (const char c : text) {
            result += c;
            if (c == '\'') {
                result += c;
            }
        }
        return result + "'";
    }
    std::int64_t name_id(store::NameKind kind, const std::string& text) {
        if (text.empty()) {
            return 0;
        }
        auto [place, added] = names_.try_emplace({static_cast<std::int64_t>(kind), text}, names_.size() + 1);
        if (added) {
            run("INSERT INTO names VALUES (" + std::to_string(place->second) + "," +
                std::to_string(static_cast<std::int64_t>(kind)) + "," + quote(text) + ")");
        }
        return static_cast<std::int64_t>(place->second);
    }
    std::int64_t dim_id(const TestRequest& r, store::Commit& commit) {
        auto [project, new_project] = project_ids_.try_emplace(r.project, project_ids_.size() + 1);
        if (new_project) {
            run("INSERT INTO projects (id, name, path, created_at, updated_at) VALUES (" +
                std::to_string(project->second) + "," + quote(std::filesystem::path(r.project).filename().string()) +
                "," + quote(r.project) + ",0,0)");
        }
        auto [session, new_session] = session_ids_.try_emplace(r.session, session_ids_.size() + 1);
        const std::string time = std::to_string(r.time);
        if (new_session) {
            run("INSERT INTO sessions (id, uid, project_id, started, last_activity) VALUES (" +
                std::to_string(session->second) + "," + quote(r.session) + "," + std::to_string(project->second) + "," +
                time + "," + time + ")");
        } else {
            run("UPDATE sessions SET started = min(started, " + time + "), last_activity = max(last_activity, " + time +
                ") WHERE id = " + std::to_string(session->second));
        }
        commit.sessions.push_back(static_cast<std::int64_t>(session->second));
        using store::NameKind;
        std::string columns = std::to_string(session->second) + "," + std::to_string(project->second);
        for (const auto& [kind, text] :
             std::initializer_list<std::pair<NameKind, std::string>>{{NameKind::kMember, r.member},
                                                                     {NameKind::kModel, r.model},
                                                                     {NameKind::kModel, r.model},
                                                                     {NameKind::kBranch, r.branch},
                                                                     {NameKind::kVersion, r.version},
                                                                     {NameKind::kEntrypoint, r.entrypoint},
                                                                     {NameKind::kEffort, r.effort},
                                                                     {NameKind::kGeo, r.geo},
                                                                     {NameKind::kAgentUid, r.agent_uid},
                                                                     {NameKind::kAgent, r.agent},
                                                                     {NameKind::kSkill, r.skill},
                                                                     {NameKind::kPlugin, r.plugin},
                                                                     {NameKind::kMcpServer, r.mcp_server},
                                                                     {NameKind::kMcpTool, std::string()}}) {
            columns += "," + std::to_string(name_id(kind, text));
        }
        columns += "," + std::to_string(static_cast<int>(r.kind)) + "," + std::to_string(static_cast<int>(r.speed)) +
                   "," + std::to_string(static_cast<int>(r.tier));
        auto [dim, new_dim] = dim_ids_.try_emplace(columns, dim_ids_.size() + 1);
        if (new_dim) {
            run("INSERT INTO dims VALUES (" + std::to_string(dim->second) + "," + std::to_string(dim->second) + "," +
                columns + ")");
        }
        return static_cast<std::int64_t>(dim->second);
    }
    void put(const TestRequest& request, store::Commit& result) {
        requests_.push_back(request);
        const std::int64_t dim = dim_id(request, result);
        const std::string blob = [&] {
            std::string hex;
            std::uint32_t use = 0;
            for (const std::string& tool : request.tools) {
                const auto id = static_cast<unsigned>(name_id(store::NameKind::kTool, tool));
                const auto hash = static_cast<unsigned>(++use);
                char text[16];
                std::snprintf(text, sizeof text, "%02x%02x%02x%02x%02x%02x", id & 255U, id >> 8U & 255U, hash & 255U,
                              hash >> 8U & 255U, hash >> 16U & 255U, hash >> 24U);
                hex += text;
            }
            return "x'" + hex + "'";
        }();
        const auto n = [](std::int64_t value) { return std::to_string(value); };
        const auto maybe = [&](const std::optional<std::int64_t>& value) { return value ? n(*value) : "NULL"; };
        const model::TokenCounts& t = request.tokens;
        ++keys_;
        run("INSERT INTO requests (message_id, time, dim_id, input, output, thinking, cache_write_5m, cache_write_1h,"
            " cache_read, web_searches, cost, duration_ms, stop_reason_id, flags, quality, uuid_hash, tools) VALUES "
            "('msg_" +
            n(keys_) + "'," + n(request.time) + "," + n(dim) + "," + n(t.input) + "," + n(t.output) + "," +
            n(t.thinking) + "," + n(t.cache_write_5m) + "," + n(t.cache_write_1h) + "," + n(t.cache_read) + "," +
            n(request.web_searches) + "," + maybe(request.cost) + "," + maybe(request.duration_ms) + ",0," +
            (request.incomplete ? "1" : "0") + ",0,0," + (request.tools.empty() ? "NULL" : blob) + ")");
        change(request, 1, result);
    }
    void change(const TestRequest& request, std::int64_t sign, store::Commit& result) {
        const std::int64_t dim = dim_id(request, result);
        const std::int64_t quarter = request.time / base::kQuarter;
        const model::Measures m = request.measures();
        store::RollupDelta delta{quarter, dim, m};
        if (sign < 0) {
            delta.change = {};
            delta.change -= m;
        }
        result.rollups.push_back(delta);
        std::vector<store::ToolDelta> shares;
        std::map<std::string, std::int64_t> uses;
        for (const std::string& tool : request.tools) {
            ++uses[tool];
        }
        const auto total = static_cast<std::int64_t>(request.tools.size());
        for (const auto& [tool, calls] : uses) {
            const store::ToolDelta share{quarter,
                                         dim,
                                         name_id(store::NameKind::kTool, tool),
                                         sign * calls,
                                         sign * request.cost.value_or(0) * calls / total,
                                         sign * request.tokens.total() * calls / total};
            result.tools.push_back(share);
            shares.push_back(share);
        }
        std::sort(shares.begin(), shares.end(),
                  [](const store::ToolDelta& a, const store::ToolDelta& b) { return a.tool_id < b.tool_id; });
        run("INSERT INTO usage_15m VALUES (" + std::to_string(quarter) + "," + std::to_string(dim) + "," +
            blob_of(delta.change) + "," + (shares.empty() ? "NULL" : blob_of(std::span(shares))) +
            ") ON CONFLICT DO UPDATE SET sums = add_sums(sums, excluded.sums), tools = add_tools(tools, "
            "excluded.tools)");
    }
    /// What store::pack() makes of it, as SQL.
    template <class T>
    static std::string blob_of(const T& value) {
        std::string bytes;
        store::pack(value, bytes);
        std::string sql = "x'";
        for (const char byte : bytes) {
            constexpr std::string_view kDigits = "0123456789abcdef";
            sql += kDigits[static_cast<unsigned char>(byte) >> 4];
            sql += kDigits[static_cast<unsigned char>(byte) & 15];
        }
        return sql + "'";
    }

    std::string dir_;
    std::optional<store::Database> database_;
    std::vector<TestRequest> requests_;
    std::map<std::pair<std::int64_t, std::string>, std::size_t> names_;
    std::map<std::string, std::size_t> project_ids_, session_ids_, dim_ids_;
    std::uint64_t seq_ = 0;
    std::int64_t keys_ = 0, events_ = 0;
};

[[nodiscard]] inline base::UnixMillis at(std::string_view text) {
    const auto time = base::parse_rfc3339(text);
    if (!time) {
        throw std::runtime_error("not a time: " + std::string(text));
    }
    return *time;
}

}  // namespace tidemark::query
