#include "desk/reports/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/reports/model_name.hpp"
#include "desk/reports/text_width.hpp"
#include "ledger/query/test_ledger.hpp"

namespace tidemark::report {
namespace {

using query::at;
using query::TestLedger;
using query::TestRequest;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class ReportTest : public testing::Test {
protected:
    void SetUp() override {
        TestRequest a;
        a.time = at("2026-11-20T01:10:00Z");
        a.model = "claude-sonnet-4-5-20250929";
        a.tokens = {1000, 200, 0, 20, 30, 4000};
        a.cost = 1'234'500'000;
        TestRequest fast = a;
        fast.time = at("2026-11-20T02:00:00.500Z");
        fast.model = "claude-opus-5-5";
        fast.speed = model::Speed::kFast;
        fast.cost = 2'000'000'000;
        TestRequest odd = a;
        odd.time = at("2026-11-20T17:30:00Z");  // the 21st in Shanghai
        odd.model = "claude-mystery-9";
        odd.session = "s2";
        odd.project = "/home/开发/数据平台";
        odd.cost = std::nullopt;
        odd.incomplete = true;
        ledger_.commit({a, fast, odd});
        engine_ = ledger_.open();
    }
    Report make(Kind kind) {
        Options options;
        options.kind = kind;
        options.zone = TestLedger::must(base::TimeZone::load("Asia/Shanghai"));
        options.now = at("2026-11-20T18:00:00Z");
        return make(options);
    }
    Report make(const Options& options) { return TestLedger::must(build(*engine_, options)); }
    TestLedger ledger_;
    std::unique_ptr<query::Engine> engine_;
};

TEST_F(ReportTest, DailyJsonHasTheKeysScriptsKnow) {
    EXPECT_EQ(to_json(make(Kind::kDaily)), R"({
  "daily": [
    {
      "cacheCreationTokens": 100,
      "cacheReadTokens": 8000,
      "date": "2026-11-20",
      "inputTokens": 2000,
      "modelBreakdowns": [
        {
          "cacheCreationTokens": 50,
          "cacheReadTokens": 4000,
          "cost": 2,
          "inputTokens": 1000,
          "modelName": "claude-opus-5-5-fast",
          "outputTokens": 200
        },
        {
          "cacheCreationTokens": 50,
          "cacheReadTokens": 4000,
          "cost": 1.2345,
          "inputTokens": 1000,
          "modelName": "claude-sonnet-4-5-20250929",
          "outputTokens": 200
        }
      ],
      "modelsUsed": [
        "claude-opus-5-5-fast",
        "claude-sonnet-4-5-20250929"
      ],
      "outputTokens": 400,
      "requests": 2,
      "sessions": 1,
      "totalCost": 3.2345,
      "totalTokens": 10500
    },
    {
      "cacheCreationTokens": 50,
      "cacheReadTokens": 4000,
      "date": "2026-11-21",
      "incompleteRequests": 1,
      "inputTokens": 1000,
      "modelBreakdowns": [
        {
          "cacheCreationTokens": 50,
          "cacheReadTokens": 4000,
          "cost": 0,
          "inputTokens": 1000,
          "missingPricing": true,
          "modelName": "claude-mystery-9",
          "outputTokens": 200
        }
      ],
      "modelsUsed": [
        "claude-mystery-9"
      ],
      "outputTokens": 200,
      "requests": 1,
      "sessions": 1,
      "totalCost": 0,
      "totalTokens": 5250
    }
  ],
  "totals": {
    "cacheCreationTokens": 150,
    "cacheReadTokens": 12000,
    "incompleteRequests": 1,
    "inputTokens": 3000,
    "outputTokens": 600,
    "requests": 3,
    "sessions": 2,
    "totalCost": 3.2345,
    "totalTokens": 15750,
    "unpricedModels": [
      "claude-mystery-9"
    ]
  }
}
)");
}

TEST_F(ReportTest, OtherKindsHaveTheirKeys) {
    const std::string weekly = to_json(make(Kind::kWeekly));
    EXPECT_THAT(weekly, HasSubstr(R"("week": "2026-11-15")"));  // the Sunday before
    EXPECT_THAT(weekly, HasSubstr(R"("weekly": [)"));
    EXPECT_THAT(to_json(make(Kind::kMonthly)), HasSubstr(R"("month": "2026-11")"));
    const std::string sessions = to_json(make(Kind::kSession));
    EXPECT_THAT(sessions, HasSubstr(R"("sessionId": "s1")"));
    EXPECT_THAT(sessions, HasSubstr(R"("projectPath": "-repo-alpha")"));
    EXPECT_THAT(sessions, HasSubstr(R"("projectPath": "-home--------")"));
    EXPECT_THAT(sessions, HasSubstr(R"("firstActivity": "2026-11-20T01:10:00.000Z")"));
    EXPECT_THAT(sessions, HasSubstr(R"("lastActivity": "2026-11-20T02:00:00.500Z")"));
    EXPECT_THAT(to_json(make(Kind::kProject)), HasSubstr(R"("project": "/repo/alpha")"));
    EXPECT_THAT(to_json(make(Kind::kModel)), HasSubstr(R"("model": "claude-opus-5-5-fast")"));
}

TEST_F(ReportTest, BlocksJson) {
    const std::string blocks = to_json(make(Kind::kBlocks));
    EXPECT_THAT(blocks, HasSubstr(R"("id": "gap-2026-11-20T07:00:00.500Z")"));
    EXPECT_THAT(blocks, HasSubstr(R"("actualEndTime": null)"));
    EXPECT_THAT(blocks, HasSubstr(R"(      "tokenCounts": {
        "cacheCreationInputTokens": 100,
        "cacheReadInputTokens": 8000,
        "inputTokens": 2000,
        "outputTokens": 400
      },
      "totalTokens": 10500)"));
    EXPECT_THAT(blocks, HasSubstr(R"("isActive": true)"));
    EXPECT_THAT(blocks, Not(HasSubstr("totals")));
    Options one_day;
    one_day.kind = Kind::kBlocks;
    one_day.since = one_day.until = base::CivilDate{2026, 11, 21};
    EXPECT_EQ(to_json(make(one_day)), "{\n  \"blocks\": []\n}\n");
}

TEST_F(ReportTest, EmptyRangeIsAnAnswer) {
    Options options;
    options.until = base::CivilDate{2020, 1, 1};
    const Report report = make(options);
    EXPECT_THAT(to_json(report), HasSubstr("\"daily\": []"));
    EXPECT_THAT(to_text(report, {}), HasSubstr("No usage"));
}

TEST_F(ReportTest, DaysAreInclusiveAndInTheZone) {
    Options options;
    options.zone = TestLedger::must(base::TimeZone::load("Asia/Shanghai"));
    options.since = options.until = base::CivilDate{2026, 11, 21};
    const Report report = make(options);
    ASSERT_EQ(report.rows.size(), 1U);
    EXPECT_EQ(report.rows[0].key, "2026-11-21");
    EXPECT_EQ(report.totals.requests, 1);
    options.until = base::CivilDate{2026, 11, 20};
    EXPECT_FALSE(build(*engine_, options));
}

TEST_F(ReportTest, FiltersTakeWhatPeopleType) {
    const auto requests = [&](std::vector<std::string> projects, std::vector<std::string> models) {
        Options options;
        options.projects = std::move(projects);
        options.models = std::move(models);
        return make(options).totals.requests;
    };
    EXPECT_EQ(requests({"/repo/alpha"}, {}), 2);
    EXPECT_EQ(requests({"ALPHA"}, {}), 2);
    EXPECT_EQ(requests({"数据平台"}, {}), 1);
    EXPECT_EQ(requests({"alpha", "数据平台"}, {}), 3);
    EXPECT_EQ(requests({}, {"opus"}), 1);
    EXPECT_EQ(requests({}, {"sonnet-4-5"}), 1);
    Options options;
    options.models = {"gpt"};
    const auto none = build(*engine_, options);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_THAT(none.error().message, HasSubstr("claude-opus-5-5"));
}

TEST_F(ReportTest, TextNeverLeavesItsWidth) {
    for (const Kind kind :
         {Kind::kDaily, Kind::kWeekly, Kind::kMonthly, Kind::kSession, Kind::kBlocks, Kind::kProject, Kind::kModel}) {
        for (const bool breakdown : {false, true}) {
            Report report = make(kind);
            report.options.breakdown = breakdown;
            for (std::size_t width = 50; width <= 200; width += 5) {
                std::istringstream text(to_text(report, {width, false}));
                std::string line;
                while (std::getline(text, line)) {
                    EXPECT_LE(display_width(line), width) << to_string(kind) << ": " << line;
                    EXPECT_THAT(line, Not(EndsWith(" ")));
                }
            }
        }
    }
}

TEST_F(ReportTest, TextLinesUpAndSaysWhatIsUncertain) {
    const std::string text = to_text(make(Kind::kProject), {100, false});
    EXPECT_THAT(text, HasSubstr("no price"));
    EXPECT_THAT(text, HasSubstr("≥ $3.23"));
    EXPECT_THAT(text, HasSubstr("no price is known for claude-mystery-9 (1 request"));
    EXPECT_THAT(text, HasSubstr("1 request has no final output count"));
    // The Chinese name takes two columns a character: the figures behind it stand below each other.
    std::istringstream lines(text);
    std::string line;
    std::vector<std::size_t> ends;
    while (std::getline(lines, line)) {
        if (line.find("$") != std::string::npos || line.ends_with("no price")) {
            ends.push_back(display_width(line));
        }
    }
    ASSERT_GE(ends.size(), 3U);
    EXPECT_EQ(ends[0], ends[1]);
    EXPECT_EQ(ends[1], ends[2]);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(to_text(make(Kind::kProject), {100, true}), HasSubstr("\x1b[1m"));
    EXPECT_THAT(to_text(make(Kind::kBlocks), {100, false}), HasSubstr("estimate"));
}

TEST_F(ReportTest, CsvQuotesAndAddsUp) {
    TestRequest odd;
    odd.time = at("2026-11-22T10:00:00Z");
    odd.project = "/repo/a \"b\", c";
    odd.cost = 1;
    ASSERT_TRUE(engine_->apply(ledger_.commit({odd})));
    const std::string csv = to_csv(make(Kind::kProject));
    EXPECT_TRUE(csv.starts_with("project,models,input_tokens,output_tokens,thinking_tokens,"));
    EXPECT_THAT(csv, HasSubstr("\r\n\"/repo/a \"\"b\"\", c\",claude-sonnet-4-5,"));
    EXPECT_THAT(csv, HasSubstr("0.000000001"));
    Options options;
    options.breakdown = true;
    const std::string parts = to_csv(make(options));
    EXPECT_THAT(parts, HasSubstr("\r\n2026-11-20,claude-opus-5-5-fast,1000,200,0,20,30,4000,5250,2.00,1,0,0\r\n"));
}

TEST(TextWidth, CountsColumns) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("数据"), 4U);
    EXPECT_EQ(display_width("e\xcc\x81"), 1U);
    EXPECT_EQ(display_width("日本語テスト"), 12U);
    EXPECT_EQ(display_width("한글"), 4U);
    EXPECT_EQ(display_width("≥ │─…"), 5U);
    EXPECT_EQ(shorten("数据平台", 5), "数据…");
    EXPECT_EQ(shorten("数据平台", 4), "数…");
    EXPECT_EQ(shorten_front("/home/dev/site", 6), "…/site");
    EXPECT_EQ(pad_left("数", 4), "  数");
    EXPECT_EQ(printable("a\x1b[31m\xff"), "a\xef\xbf\xbd[31m\xef\xbf\xbd");
}

TEST(ModelName, LosesMakerAndDate) {
    EXPECT_EQ(short_model("claude-sonnet-4-5-20250929"), "sonnet-4-5");
    EXPECT_EQ(short_model("claude-opus-5-5-fast"), "opus-5-5-fast");
    EXPECT_EQ(short_model("claude-haiku-4-5-20251001-fast"), "haiku-4-5-fast");
    EXPECT_EQ(short_model("gpt-x"), "gpt-x");
    EXPECT_EQ(short_model("claude-"), "claude-");
}

}  // namespace
}  // namespace tidemark::report
