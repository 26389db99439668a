#include "desk/demo/demo.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/demo/impl/session.hpp"
#include "desk/demo/impl/team.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::demo {
namespace {

namespace fs = std::filesystem;
using base::kDay;
using base::kHour;
using base::kMinute;
using base::kSecond;
using base::UnixMillis;

// Monday, 2026-11-23 14:30 UTC
constexpr UnixMillis kNow = 1'795'444'200'000;

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "tidemark-demo-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() { fs::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::map<std::string, std::string> read_tree(const std::string& out) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(out + "/projects")) {
        if (entry.is_regular_file()) {
            files.emplace(fs::relative(entry.path(), out).string(), read(entry.path()));
        }
    }
    return files;
}

/// The first file that differs, for a short message; "" when the trees are equal.
std::string difference(const std::map<std::string, std::string>& one, const std::map<std::string, std::string>& two) {
    for (const auto& [path, text] : one) {
        if (const auto other = two.find(path); other == two.end() || other->second != text) {
            return path;
        }
    }
    return one.size() == two.size() ? "" : "more files";
}

/// A strict reader of one JSON value, enough to check rows: gives scalars by their path
/// ("message.usage.output_tokens").
class Json {
public:
    explicit Json(std::string_view text) : text_(text) { ok_ = value("") && at_ == text_.size(); }
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] std::string operator[](const std::string& path) const {
        const auto found = scalars_.find(path);
        return found == scalars_.end() ? "" : found->second;
    }
    [[nodiscard]] std::int64_t number(const std::string& path) const { return std::atoll((*this)[path].c_str()); }
    [[nodiscard]] bool has(const std::string& path) const { return scalars_.contains(path); }
    [[nodiscard]] const std::map<std::string, std::string>& scalars() const { return scalars_; }

private:
    bool take(char c) {
        const bool there = at_ < text_.size() && text_[at_] == c;
        at_ += there ? 1 : 0;
        return there;
    }
    bool string(std::string& out) {
        if (!take('"')) {
            return false;
        }
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\' || static_cast<unsigned char>(text_[at_]) < 0x20) {
                return false;  // the demo needs no escapes
            }
            out += text_[at_++];
        }
        return take('"');
    }
    bool value(const std::string& path) {
        const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
        if (take('{')) {
            if (take('}')) {
                return true;
            }
            std::set<std::string> seen;
            do {
                std::string key;
                if (!string(key) || !seen.insert(key).second || !take(':') || !value(below(key))) {
                    return false;
                }
            } while (take(','));
            return take('}');
        }
        if (take('[')) {
            if (take(']')) {
                return true;
            }
            int i = 0;
            do {
                if (!value(below(std::to_string(i++)))) {
                    return false;
                }
            } while (take(','));
            return take(']');
        }
        std::string scalar;
        if (at_ < text_.size() && text_[at_] == '"') {
            if (!string(scalar)) {
                return false;
            }
        } else {
            const auto end = text_.find_first_of(",]}", at_);
            scalar = text_.substr(at_, end - at_);
            at_ += scalar.size();
            if (scalar != "true" && scalar != "false" && scalar != "null" &&
                (scalar.empty() || scalar.find_first_not_of("0123456789") != scalar.npos)) {
                return false;
            }
        }
        return scalars_.emplace(path, scalar).second;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool ok_ = false;
    std::map<std::string, std::string> scalars_;
};

DemoOptions options_for(const TemporaryFolder& folder, UnixMillis now, double scale = 0.25) {
    DemoOptions options;
    options.out = folder / "claude";
    options.now = now;
    options.scale = scale;
    return options;
}

void must(const base::Result<void>& result) { ASSERT_TRUE(result) << result.error().message; }

template <class Visit>
void for_each_row(const std::map<std::string, std::string>& files, const Visit& visit) {
    for (const auto& [path, text] : files) {
        if (path.ends_with(".meta.json")) {
            continue;
        }
        std::istringstream lines(text);
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            const Json row(line);
            ASSERT_TRUE(row.ok()) << path << ":" << ++number << ": " << line;
            visit(path, row);
        }
    }
}

TEST(Demo, WritesAYearOfWellFormedTranscripts) {
    const TemporaryFolder folder;
    must(generate(options_for(folder, kNow)));
    const auto files = read_tree(folder / "claude");

    struct Answer {
        std::int64_t output = 0;
        std::string model;
        std::string request;
    };
    std::map<std::string, Answer> answers;
    std::set<std::string> people, projects, models, tools, sessions, events, branches;
    std::map<std::string, int> counts;
    std::map<std::string, std::set<std::string>> months;
    UnixMillis oldest = kNow, newest = 0;
    std::string file;
    UnixMillis last = 0;
    std::string last_uuid;
    for_each_row(files, [&](const std::string& path, const Json& row) {
        const auto time = base::parse_rfc3339(row["timestamp"]);
        ASSERT_TRUE(time) << path;
        if (path != file) {
            file = path;
            last = 0;
            last_uuid = "null";
        }
        EXPECT_GE(*time, last) << path << " goes back in time";
        EXPECT_LE(*time, kNow);
        last = *time;
        oldest = std::min(oldest, last);
        newest = std::max(newest, last);
        const std::string type = row["type"];
        ASSERT_THAT(type, testing::AnyOf("user", "assistant", "system", "pr-link")) << path;
        if (type == "pr-link") {
            ++counts["pr"];
            EXPECT_GT(row.number("prNumber"), 0);
            return;
        }
        EXPECT_EQ(row["parentUuid"], last_uuid) << path;
        last_uuid = row["uuid"];
        ASSERT_EQ(last_uuid.size(), 36U);
        const std::string cwd = row["cwd"];
        std::string encoded = cwd;
        for (char& c : encoded) {
            c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
        }
        EXPECT_TRUE(path.starts_with("projects/" + encoded + "/" + row["sessionId"])) << path << " of " << cwd;
        projects.insert(cwd);
        people.insert(cwd.substr(6, cwd.find('/', 6) - 6));
        sessions.insert(row["sessionId"]);
        branches.insert(row["gitBranch"]);
        const bool side = path.find("/subagents/agent-") != path.npos;
        EXPECT_EQ(row["isSidechain"], side ? "true" : "false");
        EXPECT_EQ(row.has("agentId"), side);
        for (const auto& [key, value] : row.scalars()) {  // never a text
            if (key.ends_with(".text") || key.ends_with(".thinking") || key.ends_with("content") ||
                key.ends_with("signature")) {
                EXPECT_EQ(value, "") << key;
            }
        }
        counts[type == "system" ? row["subtype"] : type] += 1;
        counts["compact summary"] += row.has("isCompactSummary") ? 1 : 0;
        counts["failed tool"] += row["message.content.0.is_error"] == "true" ? 1 : 0;
        counts["edit"] += row.has("toolUseResult.structuredPatch.0.newLines") ? 1 : 0;
        if (type != "assistant") {
            return;
        }
        if (row["message.model"] == "<synthetic>") {
            ++counts["limit"];
            EXPECT_EQ(row["error"], "rate_limit");
            return;
        }
        const std::string id = row["message.id"];
        const std::string usage = "message.usage.";
        EXPECT_EQ(row.number(usage + "cache_creation_input_tokens"),
                  row.number(usage + "cache_creation.ephemeral_5m_input_tokens") +
                      row.number(usage + "cache_creation.ephemeral_1h_input_tokens"));
        EXPECT_GT(row.number(usage + "output_tokens"), 0);
        EXPECT_EQ(id.starts_with("msg_bdrk_"), !row.has("requestId"));
        auto [found, added] = answers.try_emplace(id, Answer{0, row["message.model"], row["requestId"]});
        EXPECT_EQ(found->second.model, row["message.model"]);
        EXPECT_EQ(found->second.request, row["requestId"]);
        found->second.output = std::max(found->second.output, row.number(usage + "output_tokens"));
        counts["fast"] += row[usage + "speed"] == "fast" ? 1 : 0;
        counts["searches"] += row.number(usage + "server_tool_use.web_search_requests") > 0 ? 1 : 0;
        counts["cold cache"] += row.number(usage + "cache_read_input_tokens") == 0 ? 1 : 0;
        counts["unfinished"] += row["message.stop_reason"] == "null" ? 1 : 0;
        counts["us"] += row[usage + "inference_geo"] == "us" ? 1 : 0;
        models.insert(row["message.model"]);
        months[row["timestamp"].substr(0, 7)].insert(row["message.model"]);
        if (row["message.content.0.type"] == "tool_use") {
            tools.insert(row["message.content.0.name"]);
        }
    });
    EXPECT_GT(answers.size(), 9'000U);
    EXPECT_LT(answers.size(), 25'000U);
    EXPECT_GT(sessions.size(), 200U);
    EXPECT_EQ(people, (std::set<std::string>{"mei", "jonas", "priya", "tomas", "aiko"}));
    EXPECT_EQ(projects.size(), 14U);
    EXPECT_GT(branches.size(), 15U);
    EXPECT_LT(oldest, kNow - 360 * kDay);
    EXPECT_GT(newest, kNow - 4 * kDay);
    EXPECT_EQ(months.size(), 13U);
    for (const std::string_view model :
         {"claude-opus-4-5-20251101", "claude-opus-4-8", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5",
          "claude-fable-5", "claude-mystery-9"}) {
        EXPECT_TRUE(models.contains(std::string(model))) << model;
    }
    EXPECT_FALSE(months["2026-05"].contains("claude-opus-5")) << "not released then";
    EXPECT_TRUE(tools.contains("Task"));
    EXPECT_TRUE(tools.contains("Agent"));
    EXPECT_TRUE(tools.contains("mcp__github__search_code"));
    for (const std::string_view what :
         {"user", "assistant", "turn_duration", "compact_boundary", "compact summary", "api_error", "limit", "pr",
          "failed tool", "edit", "fast", "searches", "cold cache", "unfinished", "us"}) {
        EXPECT_GT(counts[std::string(what)], 0) << what;
    }

    for (const auto& [path, text] : files) {
        EXPECT_TRUE(text.ends_with('\n')) << path;
        if (path.ends_with(".meta.json")) {
            const Json meta(text.substr(0, text.size() - 1));
            EXPECT_TRUE(meta.ok()) << text;
            EXPECT_FALSE(meta["agentType"].empty());
            EXPECT_TRUE(files.contains(path.substr(0, path.size() - 10) + ".jsonl")) << path;
        }
    }
}

TEST(Demo, IsTheSameForTheSameSeedAndAnotherForAnother) {
    const TemporaryFolder one, two, three;
    must(generate(options_for(one, kNow, 0.03)));
    must(generate(options_for(two, kNow, 0.03)));
    DemoOptions other = options_for(three, kNow, 0.03);
    other.seed = 2;
    must(generate(other));
    EXPECT_EQ(difference(read_tree(one / "claude"), read_tree(two / "claude")), "");
    EXPECT_NE(difference(read_tree(one / "claude"), read_tree(three / "claude")), "");
}

TEST(Demo, ALaterCallOnlyAppends) {
    const TemporaryFolder stepwise, at_once;
    must(generate(options_for(stepwise, kNow - 9 * kDay, 0.06)));
    const auto before = read_tree(stepwise / "claude");
    must(generate(options_for(stepwise, kNow - 9 * kDay, 0.06)));
    EXPECT_EQ(difference(read_tree(stepwise / "claude"), before), "");
    must(generate(options_for(stepwise, kNow - 30 * kMinute, 0.06)));
    must(generate(options_for(stepwise, kNow, 0.06)));
    const auto after = read_tree(stepwise / "claude");
    for (const auto& [path, text] : before) {
        ASSERT_TRUE(after.at(path).starts_with(text)) << path;
    }
    EXPECT_GT(after.size(), before.size());
    must(generate(options_for(at_once, kNow, 0.06)));
    for (const auto& [path, text] : read_tree(at_once / "claude")) {
        ASSERT_TRUE(after.at(path) == text) << path;
    }
}

TEST(Demo, AnInterruptedFileIsCompleted) {
    const TemporaryFolder folder;
    const DemoOptions options = options_for(folder, kNow, 0.4);
    must(generate(options));
    const auto whole = read_tree(options.out);
    // The newest session that the next call looks at loses the end of its last row and more.
    std::string victim;
    for (const auto& [path, text] : whole) {
        if (path.ends_with(".jsonl") &&
            (text.find("2026-11-23T") != text.npos || text.find("2026-11-22T") != text.npos) &&
            path.find("subagents") == path.npos) {
            victim = path;
        }
    }
    ASSERT_FALSE(victim.empty());
    fs::resize_file(options.out + "/" + victim, whole.at(victim).size() / 2);
    must(generate(options));
    EXPECT_EQ(difference(read_tree(options.out), whole), "");
}

TEST(Demo, LeavesForeignTranscriptsAlone) {
    const TemporaryFolder folder;
    fs::create_directories(folder / "claude/projects/-home-somebody");
    const auto refused = generate(options_for(folder, kNow));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::kFailedPrecondition);
    EXPECT_FALSE(fs::exists(folder / "claude/demo.json"));

    const TemporaryFolder own;
    must(generate(options_for(own, kNow, 0.02)));
    DemoOptions other = options_for(own, kNow, 0.02);
    other.seed = 7;
    EXPECT_FALSE(generate(other));
}

TEST(LiveDemo, AppendsWholeRowsAsTimePasses) {
    const TemporaryFolder folder;
    auto demo = LiveDemo::open(options_for(folder, kNow, 0.06));
    ASSERT_TRUE(demo) << demo.error().message;
    std::size_t total = 0;
    int quiet_minutes = 0;
    auto before = read_tree(folder / "claude");
    for (int minute = 0; minute < 90; ++minute) {
        std::size_t rows = 0;
        for (int second = 0; second < 60; second += 5) {
            const auto added = demo->step(kNow + minute * kMinute + second * kSecond);
            ASSERT_TRUE(added) << added.error().message;
            rows += *added;
        }
        quiet_minutes += rows < 3 ? 1 : 0;
        total += rows;
    }
    EXPECT_EQ(*demo->step(kNow + 90 * kMinute - 5 * kSecond), 0U) << "time stood still";
    EXPECT_EQ(*demo->step(kNow), 0U) << "time ran backwards";
    EXPECT_LT(quiet_minutes, 8);
    const auto after = read_tree(folder / "claude");
    std::size_t lines = 0;
    for (const auto& [path, text] : after) {
        const auto old = before.find(path);
        const std::string_view fresh = std::string_view(text).substr(old == before.end() ? 0 : old->second.size());
        ASSERT_TRUE(old == before.end() || text.starts_with(old->second)) << path;
        ASSERT_TRUE(fresh.empty() || fresh.ends_with('\n')) << path;
        lines += static_cast<std::size_t>(std::count(fresh.begin(), fresh.end(), '\n'));
    }
    EXPECT_EQ(lines, total);
    for_each_row(after, [&](const std::string& path, const Json& row) {
        const auto time = base::parse_rfc3339(row["timestamp"]);
        ASSERT_TRUE(time);
        EXPECT_LE(*time, kNow + 90 * kMinute) << path;
    });
}

TEST(LiveDemo, ARestartGoesOnWhereTheFilesEnded) {
    const TemporaryFolder running, restarted;
    const auto open = [](const TemporaryFolder& folder, UnixMillis now) {
        auto demo = LiveDemo::open(options_for(folder, now, 0.06));
        EXPECT_TRUE(demo);
        return std::move(*demo);
    };
    LiveDemo steady = open(running, kNow);
    for (UnixMillis at = kNow; at <= kNow + 3 * kHour; at += 10 * kSecond) {
        ASSERT_TRUE(steady.step(at));
    }
    {
        LiveDemo first = open(restarted, kNow);
        ASSERT_TRUE(first.step(kNow + 5 * kMinute));
    }
    for (int part = 1; part <= 18; ++part) {  // every ten minutes anew, so that no live session is missed
        LiveDemo next = open(restarted, kNow + part * 10 * kMinute);
        ASSERT_TRUE(next.step(kNow + part * 10 * kMinute));
    }
    EXPECT_EQ(difference(read_tree(restarted / "claude"), read_tree(running / "claude")), "");
}

TEST(LiveDemo, FollowsIntoTheNextDaysAndOverALongSleep) {
    const TemporaryFolder folder, fresh;
    auto demo = LiveDemo::open(options_for(folder, kNow, 0.06));
    ASSERT_TRUE(demo);
    for (UnixMillis at = kNow; at <= kNow + 30 * kHour; at += 30 * kMinute) {
        ASSERT_TRUE(demo->step(at));
    }
    const UnixMillis later = kNow + 12 * kDay;
    ASSERT_TRUE(demo->step(later));
    DemoOptions options = options_for(fresh, kNow, 0.06);
    must(generate(options));
    options.now = later;
    must(generate(options));
    const auto live = read_tree(folder / "claude");
    for (const auto& [path, text] : read_tree(fresh / "claude")) {
        ASSERT_TRUE(live.contains(path)) << path;
        EXPECT_TRUE(live.at(path) == text) << path;
    }
}

TEST(Team, TheLiveLanesNeverLeaveAGap) {
    for (int lane = 0; lane < kLiveLanes; ++lane) {
        const std::int64_t slot = live_slot(kNow, lane);
        const SessionPlan plan = plan_live(1, slot, lane);
        EXPECT_LE(plan.start, kNow);
        EXPECT_GT(plan.start + kLiveSlot, kNow);
        const auto files = write_session(plan);
        EXPECT_GT(files.front().rows.back().time, plan.start + kLiveSlot - 3 * kMinute);
        EXPECT_EQ(live_slot(plan.start + kLiveSlot, lane), slot + 1);
    }
}

}  // namespace
}  // namespace tidemark::demo
