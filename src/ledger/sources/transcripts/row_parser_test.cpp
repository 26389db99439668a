#include "ledger/sources/transcripts/row_parser.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/hash.hpp"
#include "foundation/base/time.hpp"
#include "ledger/sources/transcripts/line_scanner.hpp"

namespace tidemark::transcripts {
namespace {

using model::EventKind;
using model::RequestKind;

/// What came out of some lines, with the strings copied.
struct Seen final : RowSink {
    struct Request {
        model::RequestRow row;
        std::string message_id, request_id, session, cwd, branch, version, model, stop_reason, agent_id, skill, effort;
        std::vector<std::string> tools;
        bool fork_copy = false, primary = true;
    };
    struct Event {
        EventKind kind;
        base::UnixMillis time;
        std::string session, text;
        std::int64_t value1, value2;
        std::uint64_t key;
    };
    std::vector<Request> requests;
    std::vector<Event> events;
    std::vector<model::CostState> cost_states;
    std::vector<std::pair<std::string, std::string>> forks;
    std::vector<model::BadLine> bad;

    void on_request(const ParsedRequest& parsed) override {
        const model::RequestRow& r = parsed.row;
        Request request{r,
                        std::string(r.message_id),
                        std::string(r.request_id),
                        std::string(r.session),
                        std::string(r.cwd),
                        std::string(r.branch),
                        std::string(r.version),
                        std::string(r.model),
                        std::string(r.stop_reason),
                        std::string(r.agent_id),
                        std::string(r.skill),
                        std::string(r.effort),
                        {},
                        parsed.fork_copy,
                        parsed.primary};
        for (const model::ToolUse& tool : parsed.tools) {
            request.tools.emplace_back(tool.name);
        }
        requests.push_back(std::move(request));
    }
    void on_event(const model::SessionEvent& e) override {
        events.push_back({e.kind, e.time, std::string(e.session), std::string(e.text), e.value1, e.value2, e.key});
    }
    void on_cost_state(const model::CostState& state) override { cost_states.push_back(state); }
    void on_fork(std::string_view session, std::string_view parent, base::UnixMillis) override {
        forks.emplace_back(session, parent);
    }
    void on_bad_line(const model::BadLine& line) override { bad.push_back(line); }
};

class RowParserTest : public testing::Test {
protected:
    void parse(const std::string& line, const std::string& previous = {}) {
        std::string padded(kScanSlack, '\0');
        padded += line;
        padded += '\n';
        padded.append(kScanSlack, '\0');
        std::vector<LineSpan> lines;
        std::uint8_t open = 0;
        scan_lines(padded.data() + kScanSlack, line.size() + 1, lines, open);
        ++number_;
        // As the reader gives it: from the value of the last "timestamp" on.
        constexpr std::string_view kKey = "\"timestamp\":";
        const std::size_t at = previous.rfind(kKey);
        const std::string_view before =
            at == std::string::npos ? std::string_view() : std::string_view(previous).substr(at + kKey.size());
        if (RowParser::worth_parsing(line, lines.at(0).facts)) {
            parser_.parse({padded.data() + kScanSlack, line.size()}, lines.at(0).facts, number_, before);
        }
    }
    static std::string assistant(const std::string& message, const std::string& more = "") {
        return R"({"parentUuid":null,"isSidechain":false,"message":{"id":"msg_1","model":"claude-opus-5","role":"assistant",)" +
               message +
               R"(},"requestId":"req_1","type":"assistant","uuid":"u-1","timestamp":"2026-11-01T10:00:02.500Z",)" +
               more + R"("cwd":"/home/dev/app","sessionId":"s-1","version":"2.1.330","gitBranch":"main"})";
    }
    static std::string usage(int input, int output, int write = 0, int read = 0) {
        return R"("stop_reason":"end_turn","usage":{"input_tokens":)" + std::to_string(input) + R"(,"output_tokens":)" +
               std::to_string(output) + R"(,"cache_creation_input_tokens":)" + std::to_string(write) +
               R"(,"cache_read_input_tokens":)" + std::to_string(read) + "}";
    }

    Seen seen_;
    RowParser parser_{seen_};
    std::int64_t number_ = 0;
};

TEST_F(RowParserTest, ReadsARequest) {
    parse(assistant(
        R"("stop_reason":"tool_use","content":[{"type":"tool_use","name":"Bash","input":{"command":"x"},"id":"toolu_1"}],)"
        R"("usage":{"input_tokens":14,"cache_creation_input_tokens":1101,"cache_read_input_tokens":7,"output_tokens":53,)"
        R"("output_tokens_details":{"thinking_tokens":9},"server_tool_use":{"web_search_requests":2,"web_fetch_requests":1},)"
        R"("service_tier":"priority","cache_creation":{"ephemeral_1h_input_tokens":1000,"ephemeral_5m_input_tokens":101},)"
        R"("inference_geo":"us","iterations":[],"speed":"fast"})",
        R"("effort":"high","attributionSkill":"review",)"));
    ASSERT_EQ(seen_.requests.size(), 1U);
    const auto& r = seen_.requests[0];
    EXPECT_EQ(r.row.tokens, (model::TokenCounts{14, 53, 9, 101, 1000, 7}));
    EXPECT_EQ(r.row.web_searches, 2);
    EXPECT_EQ(r.row.tier, model::ServiceTier::kPriority);
    EXPECT_EQ(r.row.speed, model::Speed::kFast);
    EXPECT_EQ(r.row.kind, RequestKind::kMain);
    EXPECT_EQ(r.row.time, base::parse_rfc3339("2026-11-01T10:00:02.500Z"));
    EXPECT_EQ(r.message_id, "msg_1");
    EXPECT_EQ(r.request_id, "req_1");
    EXPECT_EQ(r.session, "s-1");
    EXPECT_EQ(r.branch, "main");
    EXPECT_EQ(r.effort, "high");
    EXPECT_EQ(r.skill, "review");
    EXPECT_THAT(r.tools, testing::ElementsAre("Bash"));
    EXPECT_FALSE(r.row.incomplete);
    EXPECT_TRUE(seen_.bad.empty());
}

// Pitfall 12: the flat figure was 0 while the split was filled; and the split can be 0/0 while the total is not.
TEST_F(RowParserTest, CacheWritesTakeTheLargerOfFlatAndSplit) {
    parse(assistant(R"("usage":{"input_tokens":1,"output_tokens":20,"cache_creation_input_tokens":0,)"
                    R"("cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":40}})"));
    parse(assistant(R"("usage":{"input_tokens":1,"output_tokens":20,"cache_creation_input_tokens":500,)"
                    R"("cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}})"));
    parse(assistant(R"("usage":{"input_tokens":1,"output_tokens":20,"cache_creation_input_tokens":500,)"
                    R"("cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":120}})"));
    ASSERT_EQ(seen_.requests.size(), 3U);
    EXPECT_EQ(seen_.requests[0].row.tokens.cache_write_5m, 300);
    EXPECT_EQ(seen_.requests[0].row.tokens.cache_write_1h, 40);
    EXPECT_EQ(seen_.requests[1].row.tokens.cache_write_5m, 500);
    EXPECT_EQ(seen_.requests[2].row.tokens.cache_write_5m, 380);
    EXPECT_EQ(seen_.requests[2].row.tokens.cache_write_1h, 120);
}

TEST_F(RowParserTest, NullsAreZero) {
    parse(assistant(
        R"("stop_reason":null,"usage":{"input_tokens":5,"output_tokens":30,"cache_creation_input_tokens":null,)"
        R"("cache_read_input_tokens":null,"cache_creation":null,"server_tool_use":null,"service_tier":null,)"
        R"("inference_geo":null,"iterations":null,"speed":null,"output_tokens_details":null})"));
    ASSERT_EQ(seen_.requests.size(), 1U);
    EXPECT_EQ(seen_.requests[0].row.tokens, (model::TokenCounts{5, 30, 0, 0, 0, 0}));
    EXPECT_TRUE(seen_.requests[0].row.incomplete) << "no stop_reason: the final count was never written";
}

// Pitfall 10, and rule 1 of the de-duplication.
TEST_F(RowParserTest, RowsThatAreNotUsageAreSkipped) {
    std::string synthetic = assistant(usage(0, 0));
    synthetic.replace(synthetic.find("claude-opus-5"), 13, "<synthetic>");
    parse(synthetic);
    parse(assistant(usage(0, 0)));
    parse(assistant(usage(10, 10), R"("isUnmetered":true,)"));
    parse(R"({"type":"some-future-row","usage":{"input_tokens":5},"timestamp":"2026-11-01T10:00:00Z"})");
    EXPECT_TRUE(seen_.requests.empty());
    EXPECT_TRUE(seen_.bad.empty());
}

// Pitfall 4 and rule 2: ids of gateways only mean something inside a session.
TEST_F(RowParserTest, KeysOfMessages) {
    std::string gateway = assistant(usage(1, 20));
    gateway.replace(gateway.find("msg_1"), 5, "gen-7");
    parse(gateway);
    std::string nameless = assistant(usage(1, 20));
    nameless.replace(nameless.find(R"("id":"msg_1",)"), 13, "");
    parse(nameless);
    ASSERT_EQ(seen_.requests.size(), 2U);
    EXPECT_EQ(seen_.requests[0].message_id, "s-1/gen-7");
    EXPECT_EQ(seen_.requests[1].message_id, "uuid/u-1");
}

// Pitfall 9: a fork's copies belong to the session that paid.
TEST_F(RowParserTest, ForksAreAttributedToTheSessionThatPaid) {
    parse(assistant(usage(1, 20), R"("requestSessionId":"s-0",)"));
    parse(assistant(usage(1, 20), R"("forkedFrom":{"sessionId":"s-00","messageUuid":"m"},)"));
    parse(assistant(usage(1, 20), R"("requestSessionId":"s-1","session_id":"never-use-this",)"));
    ASSERT_EQ(seen_.requests.size(), 3U);
    EXPECT_EQ(seen_.requests[0].session, "s-0");
    EXPECT_TRUE(seen_.requests[0].fork_copy);
    EXPECT_EQ(seen_.requests[1].session, "s-00");
    EXPECT_EQ(seen_.requests[2].session, "s-1");
    EXPECT_FALSE(seen_.requests[2].fork_copy);
    EXPECT_THAT(seen_.forks, testing::ElementsAre(testing::Pair("s-1", "s-0"), testing::Pair("s-1", "s-00")));
}

// Pitfall 8: old clients repeat a subagent's row inside a progress row.
TEST_F(RowParserTest, AgentProgressIsTheSubagentsRow) {
    parse(
        R"({"type":"progress","data":{"type":"agent_progress","agentId":"a7","message":{"type":"assistant","timestamp":)"
        R"("2026-01-05T08:00:01Z","requestId":"req_9","uuid":"u-9","message":{"id":"msg_9","model":"claude-haiku-4-5",)"
        R"("usage":{"input_tokens":3,"output_tokens":40}}}},"timestamp":"2026-01-05T08:00:02Z","sessionId":"s-1",)"
        R"("uuid":"outer","cwd":"/w","version":"2.1.0"})");
    ASSERT_EQ(seen_.requests.size(), 1U);
    EXPECT_EQ(seen_.requests[0].message_id, "msg_9");
    EXPECT_EQ(seen_.requests[0].request_id, "req_9");
    EXPECT_EQ(seen_.requests[0].agent_id, "a7");
    EXPECT_EQ(seen_.requests[0].row.kind, RequestKind::kSubagent);
    EXPECT_EQ(seen_.requests[0].row.time, base::parse_rfc3339("2026-01-05T08:00:01Z"));
}

// Pitfall 31: tokens that the top-level usage leaves out.
TEST_F(RowParserTest, AdvisorAndCompactionIterationsAreEntriesOfTheirOwn) {
    parse(assistant(R"("stop_reason":"end_turn","usage":{"input_tokens":2,"output_tokens":100,"iterations":[)"
                    R"({"type":"message","input_tokens":2,"output_tokens":100},)"
                    R"({"type":"advisor_message","model":"claude-opus-5","input_tokens":50,"output_tokens":60},)"
                    R"({"type":"compaction","input_tokens":7000,"output_tokens":800,"cache_read_input_tokens":5}]})"));
    ASSERT_EQ(seen_.requests.size(), 3U);
    EXPECT_EQ(seen_.requests[0].row.tokens.output, 100);
    EXPECT_EQ(seen_.requests[1].message_id, "msg_1#advisor0");
    EXPECT_EQ(seen_.requests[1].row.tokens.output, 60);
    EXPECT_EQ(seen_.requests[1].row.kind, RequestKind::kAuxiliary);
    EXPECT_EQ(seen_.requests[2].message_id, "msg_1#compaction1");
    EXPECT_EQ(seen_.requests[2].row.tokens.cache_read, 5);
    EXPECT_FALSE(seen_.requests[2].primary);
}

TEST_F(RowParserTest, SeveralMessageIterationsAddNothing) {
    parse(assistant(R"("stop_reason":"end_turn","usage":{"input_tokens":293,"output_tokens":1262,"iterations":[)"
                    R"({"type":"message","input_tokens":4,"output_tokens":10},{"type":"message","input_tokens":289,)"
                    R"("output_tokens":1252}]})"));
    ASSERT_EQ(seen_.requests.size(), 1U);
    EXPECT_EQ(seen_.requests[0].row.tokens.output, 1262);
}

TEST_F(RowParserTest, AFallbackCountsEveryAttemptThatIsBilled) {
    parse(assistant(
        R"("stop_reason":"end_turn","usage":{"input_tokens":2,"output_tokens":136,"cache_read_input_tokens":54112,)"
        R"("iterations":[{"type":"message","model":"claude-fable-5","input_tokens":2,"output_tokens":2},)"
        R"({"type":"fallback_message","model":"claude-sonnet-5","input_tokens":3,"output_tokens":70},)"
        R"({"type":"fallback_message","model":"claude-opus-5","input_tokens":2,"output_tokens":136,)"
        R"("cache_read_input_tokens":54112}]})"));
    ASSERT_EQ(seen_.requests.size(), 2U);
    EXPECT_EQ(seen_.requests[0].model, "claude-opus-5");
    EXPECT_EQ(seen_.requests[0].row.tokens.cache_read, 54112);
    EXPECT_EQ(seen_.requests[1].model, "claude-sonnet-5");
    EXPECT_EQ(seen_.requests[1].row.tokens.output, 70);
}

TEST_F(RowParserTest, PausedSegmentsAreAdded) {
    parse(assistant(usage(1, 50) + R"(,"pausedResponses":[{"limit":1,"usage":{"input_tokens":9,"output_tokens":11},)"
                                   R"("requestId":"req_0"}])"));
    ASSERT_EQ(seen_.requests.size(), 2U);
    EXPECT_EQ(seen_.requests[1].message_id, "msg_1#paused0");
    EXPECT_EQ(seen_.requests[1].row.tokens.output, 11);
}

TEST_F(RowParserTest, RefusalsBeforeOutputAreFreeByDateAndKind) {
    const auto refusal = [](const char* category, int output, const char* day) {
        std::string line = assistant(R"("stop_reason":"refusal","stop_details":{"type":"refusal","category":)" +
                                     std::string(category) + R"(},"usage":{"input_tokens":9,"output_tokens":)" +
                                     std::to_string(output) + "}");
        line.replace(line.find("2026-11-01"), 10, day);
        return line;
    };
    parse(refusal("\"bio\"", 2, "2026-11-01"));
    parse(refusal("\"cyber\"", 2, "2026-11-01"));
    parse(refusal("null", 2, "2026-11-01"));
    parse(refusal("\"bio\"", 2, "2026-09-23"));
    parse(refusal("null", 1200, "2026-11-01"));
    ASSERT_EQ(seen_.requests.size(), 5U);
    EXPECT_FALSE(seen_.requests[0].row.free_refusal);
    EXPECT_TRUE(seen_.requests[1].row.free_refusal);
    EXPECT_TRUE(seen_.requests[2].row.free_refusal);
    EXPECT_TRUE(seen_.requests[3].row.free_refusal);
    EXPECT_FALSE(seen_.requests[4].row.free_refusal) << "a refusal in mid-stream is always billed";
}

TEST_F(RowParserTest, EventsOfASession) {
    const std::string envelope = R"("timestamp":"2026-11-01T10:00:00Z","uuid":"e-1","sessionId":"s-1"})";
    parse(R"({"type":"system","subtype":"turn_duration","durationMs":1234,)" + envelope);
    parse(
        R"({"type":"system","subtype":"compact_boundary","compactMetadata":{"trigger":"auto","preTokens":155000,"postTokens":20},)" +
        envelope);
    parse(R"({"type":"system","subtype":"api_error","error":{"status":529,"message":"x"},"retryAttempt":2,)" +
          envelope);
    parse(R"({"type":"system","subtype":"stop_hook_summary",)" + envelope);
    parse(
        R"({"type":"pr-link","sessionId":"s-1","prNumber":42,"prUrl":"https://example.org/a/b/pull/42","prRepository":"a/b",)"
        R"("timestamp":"2026-11-01T10:00:00Z"})");
    parse(
        R"({"type":"user","message":{"role":"user","content":"x"},"toolUseResult":{"filePath":"f","structuredPatch":[{)"
        R"("oldStart":1,"lines":[" same","-gone","+new","+more"]}]},)" +
        envelope);
    ASSERT_EQ(seen_.events.size(), 5U);
    EXPECT_EQ(seen_.events[0].value1, 1234);
    EXPECT_EQ(seen_.events[1].kind, EventKind::kCompaction);
    EXPECT_EQ(seen_.events[1].value1, 155000);
    EXPECT_EQ(seen_.events[1].text, "auto");
    EXPECT_EQ(seen_.events[2].value1, 529);
    EXPECT_EQ(seen_.events[2].value2, 2);
    EXPECT_EQ(seen_.events[3].kind, EventKind::kPullRequest);
    EXPECT_EQ(seen_.events[3].value1, 42);
    EXPECT_EQ(seen_.events[3].text, "a/b");
    EXPECT_EQ(seen_.events[4].kind, EventKind::kLines);
    EXPECT_EQ(seen_.events[4].value1, 2);
    EXPECT_EQ(seen_.events[4].value2, 1);
}

TEST_F(RowParserTest, AFailedToolIsNamedByItsUse) {
    parse(assistant(R"("content":[{"type":"tool_use","id":"toolu_5","name":"mcp__pg__query","input":{}}],)" +
                    usage(1, 20)));
    parse(
        R"({"type":"user","message":{"content":[{"tool_use_id":"toolu_5","type":"tool_result","content":"x","is_error":true}]},)"
        R"("timestamp":"2026-11-01T10:00:05Z","uuid":"r-1","sessionId":"s-1"})");
    ASSERT_EQ(seen_.events.size(), 1U);
    EXPECT_EQ(seen_.events[0].kind, EventKind::kToolError);
    EXPECT_EQ(seen_.events[0].text, "mcp__pg__query");

    // The result may come in a later read of the file.
    const std::string saved = parser_.save();
    Seen later;
    RowParser next(later);
    next.begin_file({});
    next.restore(saved);
    std::string line =
        R"({"type":"user","message":{"content":[{"tool_use_id":"toolu_5","is_error":true,"type":"tool_result"}]},)"
        R"("timestamp":"2026-11-01T10:00:05Z","uuid":"r-1","sessionId":"s-1"})";
    const std::size_t size = line.size();
    line.append(kScanSlack, ' ');
    next.parse({line.data(), size}, kHasToolError, 1, {});
    ASSERT_EQ(later.events.size(), 1U);
    EXPECT_EQ(later.events[0].text, "mcp__pg__query");
    EXPECT_EQ(later.events[0].key, seen_.events[0].key);
}

TEST_F(RowParserTest, LimitHitsTellWhenTheyReset) {
    const auto limit = [](const std::string& more, const std::string& text) {
        return R"({"type":"assistant","message":{"id":"x","model":"<synthetic>","content":[{"type":"text","text":")" +
               text +
               R"("}],"usage":{"input_tokens":0,"output_tokens":0}},"isApiErrorMessage":true,"error":"rate_limit",)" +
               more + R"("timestamp":"2026-11-23T10:00:00.000Z","uuid":"l-1","sessionId":"s-1"})";
    };
    parse(limit(R"("quotaLimits":{"resetsAt":1795399084,"rateLimitType":"seven_day"},)", "x"));
    parse(limit("", "You've hit your session limit · resets 7:20pm (Europe/Brussels)"));
    parse(limit("", "Claude AI usage limit reached|1795399000"));
    ASSERT_EQ(seen_.events.size(), 3U);
    EXPECT_EQ(seen_.events[0].kind, EventKind::kLimitHit);
    EXPECT_EQ(seen_.events[0].value1, 1795399084000);
    EXPECT_EQ(seen_.events[0].text, "seven_day");
    EXPECT_EQ(seen_.events[1].value1, base::parse_rfc3339("2026-11-23T18:20:00Z"));
    EXPECT_EQ(seen_.events[1].text, "five_hour");
    EXPECT_EQ(seen_.events[2].value1, 1795399000000);
}

TEST(LimitResetTime, OfTextsThatNameNone) {
    EXPECT_EQ(limit_reset_time("", 0), -1);
    EXPECT_EQ(limit_reset_time("resets soon (nowhere)", 0), -1);
    EXPECT_EQ(limit_reset_time("resets 13pm (UTC)", 0), -1);
    EXPECT_EQ(limit_reset_time("resets 6pm (No/Such)", 0), -1);
    EXPECT_EQ(limit_reset_time("limit|12", 0), -1);
    EXPECT_EQ(limit_reset_time("resets 6pm (UTC)", 0), 18 * base::kHour);
    EXPECT_EQ(limit_reset_time("resets 12am (UTC)", 5), base::kDay);
}

TEST_F(RowParserTest, TheClientsOwnTotal) {
    parse(
        R"({"type":"cost-state","sessionId":"s-1","totalCostUSD":0.031924600000000004,"totalAPIDuration":7914,)"
        R"("totalLinesAdded":3,"totalLinesRemoved":1,"startTime":1789398960924,"modelUsage":{"claude-haiku-4-5-20251001":)"
        R"({"inputTokens":368,"outputTokens":516,"thinkingTokens":426,"cacheReadInputTokens":106786,)"
        R"("cacheCreationInputTokens":9149,"webSearchRequests":0,"costUSD":0.03}},"hasUnknownModelCost":false})");
    ASSERT_EQ(seen_.cost_states.size(), 1U);
    EXPECT_EQ(seen_.cost_states[0].total_cost.value, 31924600);
    EXPECT_EQ(seen_.cost_states[0].tokens.output, 516);
    EXPECT_EQ(seen_.cost_states[0].lines_added, 3);
}

// Pitfall 26: damage.
TEST_F(RowParserTest, BadLinesAreToldAndNothingElse) {
    parse(R"({"type":"assistant","message":{"model":"m","id":"msg_t","usage":{"input_tokens":5,"output_to)");
    parse(assistant(R"("usage":{"input_tokens":-5,"output_tokens":1})"));
    parse(assistant(R"("usage":{"input_tokens":"many","output_tokens":1})"));
    parse(assistant(R"("usage":{"input_tokens":1e30,"output_tokens":1})"));
    parse(assistant(usage(1, 2)) + "trailing");
    std::string no_time = assistant(usage(1, 20));
    no_time.replace(no_time.find("2026-11-01T10:00:02.500Z"), 24, "yesterday");
    parse(no_time);
    EXPECT_TRUE(seen_.requests.empty());
    ASSERT_EQ(seen_.bad.size(), 6U);
    EXPECT_EQ(seen_.bad[0].line, 1);
    EXPECT_THAT(seen_.bad[1].reason, testing::HasSubstr("input_tokens"));
    EXPECT_THAT(seen_.bad[5].reason, testing::HasSubstr("timestamp"));
}

TEST_F(RowParserTest, DamagedTextBesideGoodFiguresCostsNothing) {
    parse(assistant("\"content\":[{\"type\":\"text\",\"text\":\"\xff\xfe broken \xe6\x9c \x01\"}]," + usage(3, 30)));
    parse(assistant(R"("content":[{"type":"text","text":"lone \ud800 surrogate"}],)" + usage(4, 40)));
    ASSERT_EQ(seen_.requests.size(), 2U);
    EXPECT_EQ(seen_.requests[0].row.tokens.output, 30);
    EXPECT_EQ(seen_.requests[1].row.tokens.output, 40);
    EXPECT_TRUE(seen_.bad.empty());
}

TEST_F(RowParserTest, TheClockOfAnAnswerStartsAtTheRowBefore) {
    const std::string question = R"({"type":"user","timestamp":"2026-11-01T10:00:00.000Z"})";
    parse(assistant(usage(1, 20)), question);
    std::string second_block = assistant(usage(1, 20));
    second_block.replace(second_block.find("10:00:02.500"), 12, "10:00:03.000");
    parse(second_block, assistant(usage(1, 20)));
    ASSERT_EQ(seen_.requests.size(), 2U);
    EXPECT_EQ(seen_.requests[0].row.duration_ms, 2500);
    EXPECT_EQ(seen_.requests[1].row.duration_ms, 3000);
}

TEST_F(RowParserTest, AChangeOfFolderInsideTheProjectStaysInIt) {
    parser_.begin_file({"-home-dev-app", {}});
    parse(assistant(usage(1, 20)));
    std::string below = assistant(usage(1, 20));
    below.replace(below.find("/home/dev/app"), 13, "/home/dev/app/packages/x");
    parse(below);
    std::string elsewhere = assistant(usage(1, 20));
    elsewhere.replace(elsewhere.find("/home/dev/app"), 13, "/home/dev/other");
    parse(elsewhere);
    ASSERT_EQ(seen_.requests.size(), 3U);
    EXPECT_EQ(seen_.requests[1].cwd, "/home/dev/app");
    EXPECT_EQ(seen_.requests[2].cwd, "/home/dev/other");
}

}  // namespace
}  // namespace tidemark::transcripts
