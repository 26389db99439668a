// Runs every tests/query/*.qtest: one question a file, with the rows it is asked about and the answer as text. The
// format is described in tests/query/README.md.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "ledger/query/query.hpp"
#include "ledger/query/test_ledger.hpp"

namespace tidemark::query {
namespace {

using Words = std::vector<std::string>;

Words split(const std::string& text, char separator) {
    Words result;
    std::string word;
    std::istringstream stream(text);
    while (std::getline(stream, word, separator)) {
        if (!word.empty() || separator != ' ') {
            result.push_back(word);
        }
    }
    return result;
}

std::int64_t integer(const std::string& text) {
    std::int64_t value = 0;
    const auto done = std::from_chars(text.data(), text.data() + text.size(), value);
    if (done.ec != std::errc() || done.ptr != text.data() + text.size()) {
        throw std::runtime_error("not a whole number: " + text);
    }
    return value;
}

std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}
std::string number(const std::optional<double>& value) { return value ? number(*value) : "-"; }

/// key=value words by key; others by position under "0", "1", …
std::map<std::string, std::string> arguments(const Words& words) {
    std::map<std::string, std::string> result;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        if (equals == std::string::npos) {
            result[std::to_string(i - 1)] = words[i];
        } else {
            result[words[i].substr(0, equals)] = words[i].substr(equals + 1);
        }
    }
    return result;
}

class Runner {
public:
    /// The file's answers as this program gives them, and as the file has them.
    void run(const std::filesystem::path& path) {
        std::ifstream file(path);
        ASSERT_TRUE(file) << path;
        std::string line;
        std::string question;
        std::string expected;
        int asked = 0;
        const auto check = [&] {
            if (!question.empty()) {
                EXPECT_EQ(ask(question), expected) << path.filename() << ": " << question;
                ++asked;
            }
            question.clear();
            expected.clear();
        };
        bool answer = false;
        while (std::getline(file, line)) {
            if (answer && !line.empty()) {
                expected += line + "\n";
            } else if (line == "----") {
                answer = true;
            } else if (line.empty() || line[0] == '#') {
                check();
                answer = false;
            } else if (line.starts_with("query ")) {
                question = line;
            } else {
                row(line);
            }
        }
        check();
        EXPECT_GT(asked, 0) << "no question in " << path;
        base::set_fixed_now(0);
    }

private:
    void row(const std::string& line) {
        const Words words = split(line, ' ');
        auto values = arguments(words);
        if (words[0] == "now") {
            base::set_fixed_now(at(words.at(1)));
        } else if (words[0] == "zone") {
            zone_ = TestLedger::must(base::TimeZone::load(words.at(1)));
        } else if (words[0] == "request") {
            TestRequest r;
            for (const auto& [key, value] : values) {
                if (key == "0") {
                    r.time = at(value);
                } else if (key == "session") {
                    r.session = value;
                } else if (key == "project") {
                    r.project = value;
                } else if (key == "model") {
                    r.model = value;
                } else if (key == "branch") {
                    r.branch = value;
                } else if (key == "version") {
                    r.version = value;
                } else if (key == "geo") {
                    r.geo = value;
                } else if (key == "effort") {
                    r.effort = value;
                } else if (key == "agent") {
                    r.agent = value;
                    r.agent_uid = value + "-1";
                } else if (key == "kind") {
                    r.kind = value == "main"       ? model::RequestKind::kMain
                             : value == "subagent" ? model::RequestKind::kSubagent
                                                   : model::RequestKind::kAuxiliary;
                } else if (key == "speed") {
                    r.speed = value == "fast" ? model::Speed::kFast : model::Speed::kStandard;
                } else if (key == "input") {
                    r.tokens.input = integer(value);
                } else if (key == "output") {
                    r.tokens.output = integer(value);
                } else if (key == "read") {
                    r.tokens.cache_read = integer(value);
                } else if (key == "write") {
                    r.tokens.cache_write_5m = integer(value);
                } else if (key == "write_1h") {
                    r.tokens.cache_write_1h = integer(value);
                } else if (key == "cost") {
                    r.cost = static_cast<std::int64_t>(std::stod(value) * 1e9 + 0.5);
                } else if (key == "ms") {
                    r.duration_ms = integer(value);
                } else if (key == "incomplete") {
                    r.incomplete = true;
                } else if (key == "tools") {
                    r.tools = split(value, ',');
                } else {
                    throw std::runtime_error("unknown column " + key);
                }
            }
            ledger_.commit({r});
        } else if (words[0] == "event") {
            static const std::map<std::string, model::EventKind> kKinds = {
                {"compaction", model::EventKind::kCompaction},
                {"api_error", model::EventKind::kApiError},
                {"limit_hit", model::EventKind::kLimitHit},
                {"tool_error", model::EventKind::kToolError},
                {"turn", model::EventKind::kTurn},
                {"pull_request", model::EventKind::kPullRequest}};
            ledger_.event(values.at("session"), kKinds.at(values.at("kind")), at(values.at("0")),
                          values.contains("value") ? integer(values["value"]) : -1, -1, values["text"]);
        } else {
            throw std::runtime_error("not understood: " + line);
        }
    }

    std::string ask(const std::string& line) {
        const Words words = split(line, ' ');
        const std::string kind = words.at(1);
        auto args = arguments(Words(words.begin() + 1, words.end()));
        const auto take = [&](const std::string& key, const std::string& otherwise) {
            const auto found = args.find(key);
            const std::string value = found == args.end() ? otherwise : found->second;
            args.erase(key);
            return value;
        };
        Scope scope;
        scope.zone = zone_;
        scope.from = at(take("from", "2026-01-01T00:00:00Z"));
        scope.to = at(take("to", "2027-01-01T00:00:00Z"));
        scope.week_start = static_cast<int>(integer(take("week_start", "1")));
        const auto metric = metric_from(take("metric", "cost")).value();
        const auto sort = metric_from(take("sort", "cost")).value();
        const auto group_by = dimension_from(take("group_by", "none")).value();
        const bool previous = take("compare", "none") == "previous";
        const auto limit = static_cast<std::size_t>(integer(take("limit", "100")));
        static const std::map<std::string, base::Bucket> kBuckets = {
            {"5m", base::Bucket::k5m}, {"15m", base::Bucket::k15m}, {"1h", base::Bucket::k1h},
            {"1d", base::Bucket::k1d}, {"1w", base::Bucket::k1w},   {"1mo", base::Bucket::k1mo},
            {"1y", base::Bucket::k1y}};
        const auto bucket = kBuckets.at(take("bucket", "1d"));
        const auto trend = static_cast<std::size_t>(integer(take("trend", "0")));
        const auto search = take("q", "");
        for (const auto& [key, value] : args) {
            const auto dimension = dimension_from(key);
            if (!dimension) {
                throw std::runtime_error("unknown parameter " + key);
            }
            scope.filters.push_back({*dimension, split(value, ',')});
        }
        const auto engine = ledger_.open();
        std::ostringstream out;
        const auto time = [&](base::UnixMillis at_time) { return zone_.format(at_time).substr(0, 19); };
        const auto named = [](const std::string& key) { return key.empty() ? "(none)" : key; };
        const auto measures = [](const Totals& totals) {
            const model::Measures& m = totals.measures;
            std::ostringstream text;
            text << "cost=" << number(m.cost.dollars()) << " tokens=" << m.tokens.total() << " requests=" << m.requests
                 << " sessions=" << totals.sessions;
            if (m.unpriced_requests > 0) {
                text << " unpriced=" << m.unpriced_requests << "/" << m.unpriced_tokens;
            }
            if (m.incomplete_requests > 0) {
                text << " incomplete=" << m.incomplete_requests;
            }
            if (totals.tool_calls + totals.tool_errors > 0) {
                text << " calls=" << totals.tool_calls << " errors=" << totals.tool_errors;
            }
            return text.str();
        };
        const auto failed = [&](const base::Error& error) { return "error: " + error.message + "\n"; };
        if (kind == "totals") {
            const auto totals = engine->totals(scope);
            if (!totals) {
                return failed(totals.error());
            }
            out << measures(*totals) << " hit_ratio=" << number(totals->cache_hit_ratio())
                << " average_ms=" << number(totals->average_duration_ms()) << "\n";
        } else if (kind == "exact") {
            const auto totals = engine->exact_totals(scope);
            if (!totals) {
                return failed(totals.error());
            }
            out << measures(*totals) << "\n";
        } else if (kind == "summary") {
            const auto summary = engine->summary(scope, previous);
            if (!summary) {
                return failed(summary.error());
            }
            out << measures(summary->totals) << "\n"
                << "daily_average=" << number(summary->daily_average_usd)
                << " weekly_trend=" << number(summary->weekly_trend)
                << " monthly_trend=" << number(summary->monthly_trend) << "\n"
                << "previous " << time(summary->previous_from) << " " << time(summary->previous_to) << " "
                << (summary->previous ? measures(*summary->previous) : "-") << "\n";
            for (const GroupTotals& row : summary->by_project) {
                out << "project " << row.group.key << " (" << row.group.label << ") " << measures(row.totals) << "\n";
            }
            for (const GroupTotals& row : summary->by_model) {
                out << "model " << row.group.key << " " << measures(row.totals) << "\n";
            }
            for (const std::string& model : summary->unpriced_models) {
                out << "unpriced " << model << "\n";
            }
        } else if (kind == "series") {
            SeriesQuery query{scope, metric, bucket, group_by, limit, previous};
            const auto series = engine->series(query);
            if (!series) {
                return failed(series.error());
            }
            out << "buckets";
            for (const auto start : series->buckets) {
                out << " " << time(start);
            }
            out << " until " << time(series->ends_at) << "\n";
            const auto print = [&](const std::string& name, const SeriesLine& values) {
                out << name;
                for (const auto& value : values.values) {
                    out << " " << number(value);
                }
                out << " total " << number(values.total) << "\n";
            };
            for (const SeriesLine& values : series->lines) {
                print(group_by == Dimension::kNone ? "all" : named(values.group.key), values);
            }
            if (series->previous) {
                print("previous", *series->previous);
            }
        } else if (kind == "breakdown") {
            BreakdownQuery query{scope, group_by, sort, true, limit, 0, previous, trend};
            const auto rows = engine->breakdown(query);
            if (!rows) {
                return failed(rows.error());
            }
            for (const BreakdownRow& entry : rows->rows) {
                out << named(entry.group.key) << " share=" << number(entry.share) << " " << measures(entry.totals);
                if (entry.previous_cost) {
                    out << " previous=" << number(entry.previous_cost->dollars()) << " change=" << number(entry.change);
                }
                for (const double point : entry.trend) {
                    out << " " << number(point);
                }
                out << "\n";
            }
            out << "totals " << measures(rows->totals) << " rows=" << rows->total_rows << "\n";
        } else if (kind == "hours") {
            const auto hours = engine->hours(scope, metric);
            if (!hours) {
                return failed(hours.error());
            }
            static constexpr std::array kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
            for (std::size_t day = 0; day < 7; ++day) {
                for (std::size_t hour = 0; hour < 24; ++hour) {
                    if (const auto value = hours->values[day][hour]; value && *value != 0) {
                        out << kDays[day] << " " << hour << ": " << number(value) << "\n";
                    }
                }
            }
        } else if (kind == "records") {
            RecordsQuery query;
            query.scope = scope;
            query.limit = limit;
            do {
                const auto page = engine->records(query);
                if (!page) {
                    return failed(page.error());
                }
                for (const Record& r : page->records) {
                    out << time(r.time) << " " << r.session_id << " " << r.model << " " << model::to_string(r.kind)
                        << " cost=" << (r.cost ? number(r.cost->dollars()) : "-") << " tokens=" << r.tokens.total();
                    for (const ToolCount& tool : r.tools) {
                        out << " " << tool.name << "x" << tool.calls;
                    }
                    out << "\n";
                }
                query.cursor = page->next_cursor;
                out << (query.cursor.empty() ? "" : "next page\n");
            } while (!query.cursor.empty());
        } else if (kind == "sessions") {
            SessionsQuery query;
            query.scope = scope;
            query.search = search;
            query.limit = limit;
            const auto page = engine->sessions(query);
            if (!page) {
                return failed(page.error());
            }
            for (const SessionRow& s : page->sessions) {
                out << s.id << " " << s.project.label << " " << named(s.branch) << " " << time(s.started) << " "
                    << time(s.last_activity) << (s.active ? " active " : " ") << measures(s.totals)
                    << " context=" << (s.context_tokens ? std::to_string(*s.context_tokens) : "-")
                    << " subagents=" << s.subagents << " models=";
                for (const std::string& model : s.models) {
                    out << (model == s.models.front() ? "" : ",") << model;
                }
                out << "\n";
            }
            out << "total " << page->total << "\n";
        } else if (kind == "blocks") {
            const auto blocks = engine->blocks(scope, base::now());
            if (!blocks) {
                return failed(blocks.error());
            }
            for (const Block& b : *blocks) {
                if (b.gap) {
                    out << "gap " << time(b.start) << " " << time(b.end) << "\n";
                    continue;
                }
                out << (b.active ? "active " : "block ") << time(b.start) << " " << time(b.end) << " last "
                    << time(b.actual_end) << " " << measures({b.measures, 0, 0, 0})
                    << " rate=" << number(b.tokens_per_minute) << "/" << number(b.tokens_per_minute_indicator) << "/"
                    << number(b.cost_per_hour);
                if (b.projected_tokens) {
                    out << " projected=" << *b.projected_tokens << "/" << number(b.projected_cost) << "/"
                        << *b.remaining_minutes;
                }
                for (const std::string& model : b.models) {
                    out << " " << model;
                }
                out << "\n";
            }
        } else if (kind == "projects") {
            const auto projects = engine->projects(scope);
            if (!projects) {
                return failed(projects.error());
            }
            for (const ProjectRow& p : *projects) {
                out << p.project.key << " (" << p.project.label << ") " << time(p.first_activity) << " "
                    << time(p.last_activity) << " " << measures(p.totals) << "\n";
            }
        } else if (kind == "facets") {
            const auto facets = engine->facets(scope, limit);
            if (!facets) {
                return failed(facets.error());
            }
            for (const auto& [dimension, keys] : *facets) {
                out << to_string(dimension);
                for (const GroupKey& key : keys) {
                    out << " " << named(key.key);
                }
                out << "\n";
            }
        } else if (kind == "limit_hits") {
            const auto events = engine->events(scope, model::EventKind::kLimitHit, limit);
            if (!events) {
                return failed(events.error());
            }
            for (const EventRow& event : *events) {
                out << time(event.time) << " " << event.session_id << " " << event.text << " " << event.value1 << "\n";
            }
        } else {
            throw std::runtime_error("no such question: " + kind);
        }
        return out.str();
    }

    TestLedger ledger_;
    base::TimeZone zone_;
};

std::vector<std::string> files() {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(TIDEMARK_SOURCE_DIR) + "/tests/query")) {
        if (entry.path().extension() == ".qtest") {
            result.push_back(entry.path().stem().string());
        }
    }
    std::sort(result.begin(), result.end());
    return result;
}

class QueryFile : public testing::TestWithParam<std::string> {};

TEST_P(QueryFile, AnswersAsWritten) {
    Runner runner;
    runner.run(std::string(TIDEMARK_SOURCE_DIR) + "/tests/query/" + GetParam() + ".qtest");
}

INSTANTIATE_TEST_SUITE_P(Tests, QueryFile, testing::ValuesIn(files()), [](const auto& file) { return file.param; });

}  // namespace
}  // namespace tidemark::query
