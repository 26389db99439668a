#include "desk/demo/impl/session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "desk/demo/impl/random.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::demo {

namespace {

using base::kHour;
using base::kMinute;
using base::kSecond;
using base::UnixMillis;

// Clients behave differently; the numbers are those of SessionPlan::version_number.
constexpr std::int64_t kUnfinishedFrom = 2'001'011;  // rows of these hardly ever get the final output count …
constexpr std::int64_t kUnfinishedUntil = 2'001'052;
constexpr std::int64_t kSameUsageFrom = 2'001'098;  // … and from here on every row of an answer has it
constexpr std::int64_t kEntrypointFrom = 2'001'070;
constexpr std::int64_t kAgentToolFrom = 2'001'063;  // the tool "Task" became "Agent"
constexpr std::int64_t kThinkingCountFrom = 2'001'200;
constexpr std::int64_t kEffortFrom = 2'001'212;

void put(std::string& out, std::string_view text) { out.append(text); }
void put(std::string& out, std::int64_t number) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}
template <class... Parts>
void write(std::string& out, const Parts&... parts) {
    (put(out, parts), ...);
}

std::string uuid(Random& random) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text = "00000000-0000-4000-a000-000000000000";
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 16 == 0) {
            bits = random.next();
        }
        if (text[i] == '0') {
            text[i] = kHex[bits & 15];
        }
        bits >>= 4;
    }
    return text;
}

std::string token(Random& random, std::string_view prefix, std::size_t letters) {
    constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789";
    std::string text(prefix);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < letters; ++i) {
        if (i % 8 == 0) {
            bits = random.next();
        }
        text += kLetters[(bits & 0xff) % kLetters.size()];
        bits >>= 8;
    }
    return text;
}

std::string folder_of(std::string_view cwd) {
    std::string folder(cwd);
    for (char& c : folder) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        c = plain ? c : '-';
    }
    return folder;
}

struct Tool {
    std::string_view name;
    double weight;
    double seconds;  ///< Median time it takes
    double tokens;   ///< Median size of its result
    double failures;
    std::string_view server = "";  ///< Of an MCP tool
    std::string_view server_tool = "";
};
constexpr std::array kTools{
    Tool{"Bash", 31, 3.5, 1500, 0.07},
    Tool{"Read", 26, 0.1, 3600, 0.02},
    Tool{"Edit", 19, 0.1, 500, 0.04},
    Tool{"Grep", 9, 0.2, 1200, 0.01},
    Tool{"Glob", 4, 0.1, 500, 0.01},
    Tool{"Write", 4, 0.1, 120, 0.02},
    Tool{"TodoWrite", 3, 0.05, 90, 0.0},
    Tool{"WebFetch", 2, 4.0, 4500, 0.08},
    Tool{"Skill", 1, 0.1, 900, 0.0},
    Tool{"mcp__github__search_code", 1.5, 1.2, 1500, 0.05, "github", "search_code"},
    Tool{"mcp__postgres__query", 1.2, 0.6, 800, 0.06, "postgres", "query"},
};
const Tool& pick_tool(Random& random) {
    double total = 0;
    for (const Tool& tool : kTools) {
        total += tool.weight;
    }
    double at = random.unit() * total;
    for (const Tool& tool : kTools) {
        if ((at -= tool.weight) < 0) {
            return tool;
        }
    }
    return kTools.front();
}

struct Call {
    std::string id;
    const Tool* tool;  ///< nullptr: a subagent
};

/// One file being written: the main conversation or a subagent.
class Conversation {
public:
    Conversation(const SessionPlan& plan, std::string_view session, std::string_view agent, std::string_view agent_type,
                 std::string_view model, std::uint64_t seed, UnixMillis start)
        : plan_(plan),
          session_(session),
          agent_(agent),
          agent_type_(agent_type),
          model_(model),
          random_(seed),
          now_(start) {
        file.path = folder_of(plan.cwd) + "/" + std::string(session) +
                    (agent_.empty() ? std::string() : "/subagents/agent-" + agent_) + ".jsonl";
        context_ = !agent_.empty()                   ? random_.between(9'000, 16'000)
                   : plan.kind == SessionKind::kLive ? random_.between(16'000, 24'000)
                                                     : random_.between(38'000, 84'000);
        write(tail_, ",\"userType\":\"external\"");
        if (plan.version_number >= kEntrypointFrom) {
            write(tail_, ",\"entrypoint\":\"", plan.entrypoint, "\"");
        }
        write(tail_, ",\"cwd\":\"", plan.cwd, "\",\"sessionId\":\"", session_, "\",\"version\":\"", plan.version,
              "\",\"gitBranch\":\"", plan.branch, "\"}\n");
        constexpr std::array<std::string_view, 5> kEfforts{"medium", "medium", "high", "high", "low"};
        effort_ = random_.pick(kEfforts);
        text().reserve(64 * 1024);
    }

    [[nodiscard]] UnixMillis now() const { return now_; }
    [[nodiscard]] std::int64_t context() const { return context_; }
    Random& random() { return random_; }
    void wait(UnixMillis time) { now_ += time; }
    void wait_until(UnixMillis time) { now_ = std::max(now_, time); }

    void prompt() {
        begin();
        write(text(), "\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"\"}");
        end();
        context_ += random_.around(60, 1.2, 5, 9'000);
    }

    /// The rows of one answer; gives the tools it calls. `agents`: how many subagents it starts beside.
    std::vector<Call> answer(bool final, int agents) {
        const bool live = plan_.kind == SessionKind::kLive;
        const std::int64_t output = random_.around(live    ? 260
                                                   : final ? 2'900
                                                           : 2'000,
                                                   live ? 0.7 : 1.05, 9, live ? 2'000 : 30'000);
        const std::int64_t time = 1'400 + output * (plan_.fast ? 7 : 16) + random_.around(900, 0.8, 100, 40'000);

        std::vector<std::string_view> blocks;
        if (random_.chance(0.13)) {
            blocks.push_back("thinking");
        }
        const bool thought = !blocks.empty();
        if (final || random_.chance(0.06)) {
            blocks.push_back("text");
        }
        std::vector<Call> calls;
        if (!final) {
            for (int i = 0; i < agents; ++i) {
                calls.push_back({token(random_, "toolu_01", 22), nullptr});
            }
            for (int more = agents > 0 ? 0 : random_.chance(0.85) ? 1 : random_.chance(0.7) ? 2 : 3; more > 0; --more) {
                calls.push_back({token(random_, "toolu_01", 22), &pick_tool(random_)});
            }
        }
        const std::size_t rows = blocks.size() + calls.size();

        const bool searched = final && !plan_.bedrock && random_.chance(0.025);
        const std::int64_t searches = searched ? random_.between(1, 4) : 0;
        const bool unfinished = (plan_.version_number >= kUnfinishedFrom && plan_.version_number <= kUnfinishedUntil &&
                                 random_.chance(0.6)) ||
                                (!agent_.empty() && random_.chance(0.04));
        const std::string message = token(random_, plan_.bedrock ? "msg_bdrk_01" : "msg_01", 22);
        const std::string request = plan_.bedrock ? std::string() : token(random_, "req_011C", 20);
        const std::string usage = usage_up_to_output();
        const std::string_view stop = final ? "end_turn" : "tool_use";
        now_ += time;
        for (std::size_t i = 0; i < rows; ++i) {
            const bool last = i + 1 == rows;
            const bool whole = !unfinished && (last || plan_.version_number >= kSameUsageFrom);
            const std::int64_t shown = whole ? output : random_.between(1, 8);
            begin();
            write(text(), "\"message\":{\"id\":\"", message,
                  "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"", model_, "\",\"content\":[");
            const Tool* tool = nullptr;
            if (i < blocks.size()) {
                write(text(), blocks[i] == "text" ? R"({"type":"text","text":""})"
                                                  : R"({"type":"thinking","thinking":"","signature":""})");
            } else {
                const Call& call = calls[i - blocks.size()];
                tool = call.tool;
                const std::string_view agent_tool = plan_.version_number >= kAgentToolFrom ? "Agent" : "Task";
                write(text(), "{\"type\":\"tool_use\",\"id\":\"", call.id, "\",\"name\":\"",
                      tool == nullptr ? agent_tool : tool->name, "\",\"input\":{}}");
            }
            write(text(), "],\"stop_reason\":");
            if (whole) {
                write(text(), "\"", stop, "\"");
            } else {
                write(text(), "null");
            }
            write(text(), ",\"stop_sequence\":null,\"usage\":{", usage, ",\"output_tokens\":", shown);
            if (plan_.version_number >= kThinkingCountFrom) {
                write(text(), ",\"output_tokens_details\":{\"thinking_tokens\":", thought ? shown * 2 / 5 : 0, "}");
            }
            write(text(), ",\"server_tool_use\":{\"web_search_requests\":", searches,
                  ",\"web_fetch_requests\":0},\"service_tier\":\"standard\"");
            if (plan_.version_number >= 2'001'030) {
                write(text(), ",\"inference_geo\":\"", plan_.geo, "\",\"speed\":\"", plan_.fast ? "fast" : "standard",
                      "\"");
            }
            write(text(), "}},");
            if (!request.empty()) {
                write(text(), "\"requestId\":\"", request, "\",");
            }
            attribution(tool);
            write(text(), "\"type\":\"assistant\"");
            if (plan_.version_number >= kEffortFrom) {
                write(text(), ",\"effort\":\"", effort_, "\"");
            }
            end();
            now_ += random_.between(5, 400);
        }
        context_ += output + random_.between(20, 200);
        return calls;
    }

    void result(const Call& call) {
        const Tool& tool = *call.tool;
        now_ += random_.around(tool.seconds * 1000, 1.1, 20, 8 * kMinute);
        const bool failed = random_.chance(tool.failures);
        begin();
        write(text(), "\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"", call.id,
              "\",\"type\":\"tool_result\",\"content\":\"\",\"is_error\":", failed ? "true" : "false", "}]}");
        if (!failed && (tool.name == "Edit" || tool.name == "Write")) {
            const std::int64_t added = random_.around(tool.name == "Edit" ? 6 : 28, 0.9, 0, 80);
            const std::int64_t removed = tool.name == "Edit" ? random_.around(3, 0.9, 0, 40) : 0;
            write(text(), ",\"toolUseResult\":{\"structuredPatch\":[{\"oldStart\":1,\"oldLines\":", removed,
                  ",\"newStart\":1,\"newLines\":", added, ",\"lines\":[");
            for (std::int64_t i = 0; i < removed + added; ++i) {
                write(text(), i == 0 ? "" : ",", i < removed ? "\"-\"" : "\"+\"");
            }
            write(text(), "]}]}");
        }
        end();
        context_ += random_.around(tool.tokens * (plan_.kind == SessionKind::kLive ? 0.15
                                                  : agent_.empty()                 ? 3.0
                                                                                   : 1.5),
                                   1.0, 20, 24'000);
    }

    void agent_result(const Call& call) {
        now_ += random_.between(100, 900);
        begin();
        write(text(), "\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"", call.id,
              "\",\"type\":\"tool_result\",\"content\":\"\",\"is_error\":false}]}");
        end();
        context_ += random_.around(900, 0.6, 100, 6'000);
    }

    void api_errors() {
        const std::int64_t attempts = random_.between(1, 3);
        for (std::int64_t attempt = 1; attempt <= attempts; ++attempt) {
            now_ += random_.between(800, 9'000);
            begin();
            write(text(),
                  "\"type\":\"system\",\"subtype\":\"api_error\",\"level\":\"error\",\"error\":{\"status\":529,"
                  "\"error\":{\"type\":\"error\","
                  "\"error\":{\"type\":\"overloaded_error\",\"message\":\"\"}}},\"retryInMs\":",
                  attempt * 600, ",\"retryAttempt\":", attempt, ",\"maxRetries\":10");
            end();
        }
    }

    void compact() {
        const std::int64_t before = context_;
        now_ += random_.between(20'000, 90'000);
        context_ = plan_.kind == SessionKind::kLive ? random_.between(16'000, 24'000) : random_.between(42'000, 70'000);
        cached_ = 0;
        begin();
        write(
            text(),
            "\"type\":\"system\",\"subtype\":\"compact_boundary\",\"content\":\"\",\"isMeta\":false,\"level\":\"info\","
            "\"compactMetadata\":{\"trigger\":\"",
            random_.chance(0.9) ? "auto" : "manual", "\",\"preTokens\":", before, ",\"postTokens\":", context_, "}");
        end();
        begin();
        write(text(), "\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"\"},\"isCompactSummary\":true");
        end();
    }

    void turn_duration(UnixMillis time) {
        begin();
        write(text(), "\"type\":\"system\",\"subtype\":\"turn_duration\",\"durationMs\":", time, ",\"isMeta\":false");
        end();
    }

    /// The plan's limit is reached: the client says so and the person stops for today.
    void limit_hit() {
        const bool weekly = random_.chance(0.15);
        const UnixMillis reset = (now_ / kHour + random_.between(1, 4)) * kHour;
        begin();
        write(text(), "\"message\":{\"id\":\"", uuid(random_),
              "\",\"model\":\"<synthetic>\",\"role\":\"assistant\",\"stop_reason\":\"stop_sequence\",\"stop_sequence\":"
              "\"\",\"type\":\"message\","
              "\"usage\":{\"input_tokens\":0,\"output_tokens\":0,\"cache_creation_input_tokens\":0,\"cache_read_input_"
              "tokens\":0,"
              "\"service_tier\":null},\"content\":[{\"type\":\"text\",\"text\":\"\"}]},\"quotaLimits\":{\"status\":"
              "\"rejected\",\"resetsAt\":",
              reset / kSecond, ",\"rateLimitType\":\"", weekly ? "seven_day" : "five_hour",
              "\"},\"error\":\"rate_limit\",\"isApiErrorMessage\":true,\"apiErrorStatus\":429,\"type\":\"assistant\"");
        end();
    }

    void pull_request() {
        now_ += random_.between(500, 4'000);
        // Numbers grow with time, so that a repository's requests are told apart.
        const std::int64_t number = (now_ / kHour - 489'000) / 6 + random_.between(0, 5);
        write(text(), "{\"type\":\"pr-link\",\"sessionId\":\"", session_, "\",\"prNumber\":", number,
              ",\"prUrl\":\"https://git.example/", plan_.repository, "/pull/", number, "\",\"prRepository\":\"",
              plan_.repository, "\",\"timestamp\":\"", base::to_rfc3339(now_), "\"}\n");
        file.rows.push_back({now_, text().size()});
    }

    Transcript file;

private:
    std::string& text() { return file.text; }

    void begin() {
        row_ = uuid(random_);
        write(text(), "{\"parentUuid\":");
        if (parent_.empty()) {
            write(text(), "null");
        } else {
            write(text(), "\"", parent_, "\"");
        }
        write(text(), ",\"isSidechain\":", agent_.empty() ? "false" : "true");
        if (!agent_.empty()) {
            write(text(), ",\"agentId\":\"", agent_, "\"");
        }
        write(text(), ",");
    }

    void end() {
        write(text(), ",\"uuid\":\"", row_, "\",\"timestamp\":\"", base::to_rfc3339(now_), "\"", tail_);
        file.rows.push_back({now_, text().size()});
        parent_ = row_;
    }

    void attribution(const Tool* tool) {
        if (!agent_.empty() && plan_.version_number >= kThinkingCountFrom) {
            write(text(), "\"attributionAgent\":\"", agent_type_, "\",");
        }
        if (tool != nullptr && !tool->server.empty()) {
            write(text(), "\"attributionMcpServer\":\"", tool->server, "\",\"attributionMcpTool\":\"",
                  tool->server_tool, "\",");
        } else if (tool != nullptr && tool->name == "Skill") {
            write(text(), "\"attributionSkill\":\"", random_.chance(0.6) ? "release-notes" : "code-review", "\",");
        }
    }

    /// The input side of the next request; decides about the cache.
    std::string usage_up_to_output() {
        const bool long_cache = plan_.long_cache && agent_.empty();
        const UnixMillis lifetime = long_cache ? kHour : 5 * kMinute;
        if (cached_ > context_ || (last_request_ != 0 && now_ - last_request_ > lifetime)) {
            cached_ = 0;
        }
        const std::int64_t fresh = context_ - cached_;
        const std::int64_t input = random_.chance(0.8) ? random_.between(1, 10) : random_.between(11, 600);
        std::string usage;
        write(usage, "\"input_tokens\":", input, ",\"cache_creation_input_tokens\":", fresh,
              ",\"cache_read_input_tokens\":", cached_,
              ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":", long_cache ? 0 : fresh,
              ",\"ephemeral_1h_input_tokens\":", long_cache ? fresh : 0, "}");
        cached_ = context_;
        last_request_ = now_;
        return usage;
    }

    const SessionPlan& plan_;
    std::string session_;
    std::string agent_;
    std::string agent_type_;
    std::string model_;
    Random random_;
    UnixMillis now_;
    std::string_view effort_;
    std::string tail_;
    std::string parent_;
    std::string row_;
    std::int64_t context_ = 0;
    std::int64_t cached_ = 0;
    UnixMillis last_request_ = 0;
};

/// Runs a whole session: the main conversation and the subagents that it starts.
class Session {
public:
    explicit Session(const SessionPlan& plan)
        : plan_(plan),
          id_random_(plan.seed),
          id_(uuid(id_random_)),
          main_(plan, id_, {}, {}, plan.model, id_random_.next(), plan.start) {}

    std::vector<Transcript> run() {
        Random& random = main_.random();
        const bool runaway = plan_.kind == SessionKind::kRunaway;
        const bool live = plan_.kind == SessionKind::kLive;
        std::int64_t left = plan_.requests;
        bool stopped = false;
        while (left > 0 && !stopped && main_.now() <= plan_.latest_end) {
            const UnixMillis began = main_.now();
            main_.prompt();
            const std::int64_t steps = std::min(left, runaway ? 60 : random.around(6, 0.8, 1, 40));
            for (std::int64_t step = 0; step < steps && main_.now() <= plan_.latest_end + kHour; ++step, --left) {
                if (random.chance(0.006)) {
                    main_.api_errors();
                }
                const bool final = step + 1 == steps;
                const int agents = final || live          ? 0
                                   : runaway              ? (random.chance(0.15) ? 3 : 0)
                                   : random.chance(0.012) ? static_cast<int>(random.between(1, 3))
                                                          : 0;
                const std::vector<Call> calls = main_.answer(final, agents);
                run_agents(calls);
                for (const Call& call : calls) {
                    call.tool == nullptr ? main_.agent_result(call) : main_.result(call);
                }
                if (main_.context() > plan_.compact_at) {
                    main_.compact();
                }
                if (live) {
                    main_.wait(random.between(3'000, 16'000));
                }
            }
            if (plan_.version_number >= kSameUsageFrom) {
                main_.turn_duration(main_.now() - began);
            }
            if (!live && random.chance(0.06)) {
                main_.pull_request();
            }
            if (plan_.kind == SessionKind::kNormal && random.chance(plan_.requests > 40 ? 0.012 : 0.002)) {
                main_.wait(random.between(2'000, 20'000));
                main_.limit_hit();
                stopped = true;
            }
            pause(random);
        }
        std::vector<Transcript> files;
        files.push_back(std::move(main_.file));
        std::move(agent_files_.begin(), agent_files_.end(), std::back_inserter(files));
        return files;
    }

private:
    /// People read, think, go to meetings; beyond the cache's lifetime the next request pays for the whole context
    /// again.
    void pause(Random& random) {
        if (plan_.kind == SessionKind::kNormal) {
            main_.wait(random.chance(0.09) ? random.around(25.0 * kMinute, 0.8, 6 * kMinute, 150 * kMinute)
                                           : random.around(75.0 * kSecond, 1.0, 3 * kSecond, 15 * kMinute));
        } else {
            main_.wait(random.between(1'000, plan_.kind == SessionKind::kLive ? 15'000 : 5'000));
        }
    }

    void run_agents(const std::vector<Call>& calls) {
        constexpr std::array<std::string_view, 4> kTypes{"Explore", "general-purpose", "Plan", "code-reviewer"};
        UnixMillis finished = main_.now();
        for (const Call& call : calls) {
            if (call.tool != nullptr) {
                continue;
            }
            const std::string_view type = id_random_.pick(kTypes);
            std::string agent = "a";
            for (const char c : uuid(id_random_)) {
                if (c != '-' && agent.size() < 17) {
                    agent += c;
                }
            }
            const UnixMillis start = main_.now() + id_random_.between(20, 400);
            Conversation side(plan_, id_, agent, type, plan_.agent_model, id_random_.next(), start);
            Transcript meta;
            meta.path =
                side.file.path.substr(0, side.file.path.size() - std::string_view(".jsonl").size()) + ".meta.json";
            write(meta.text, "{\"agentType\":\"", type, "\",\"isBuiltIn\":", type == "code-reviewer" ? "false" : "true",
                  ",\"description\":\"\",\"toolUseId\":\"", call.id, "\",\"spawnDepth\":1,\"model\":\"",
                  plan_.agent_model, "\"}\n");
            meta.rows.push_back({start, meta.text.size()});
            side.prompt();
            const std::int64_t steps = side.random().around(plan_.kind == SessionKind::kRunaway ? 14 : 7, 0.6, 2, 40);
            for (std::int64_t step = 0; step < steps; ++step) {
                for (const Call& inner : side.answer(step + 1 == steps, 0)) {
                    side.result(inner);
                }
            }
            finished = std::max(finished, side.now());
            agent_files_.push_back(std::move(side.file));
            agent_files_.push_back(std::move(meta));
        }
        main_.wait_until(finished);
    }

    const SessionPlan& plan_;
    Random id_random_;
    std::string id_;
    Conversation main_;
    std::vector<Transcript> agent_files_;
};

}  // namespace

std::size_t Transcript::size_at(base::UnixMillis now) const {
    const auto later = std::upper_bound(rows.begin(), rows.end(), now,
                                        [](UnixMillis time, const RowEnd& row) { return time < row.time; });
    return later == rows.begin() ? 0 : std::prev(later)->end;
}

std::vector<Transcript> write_session(const SessionPlan& plan) { return Session(plan).run(); }

}  // namespace tidemark::demo
