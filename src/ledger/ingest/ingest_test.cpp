// The collector's left half, over real files: what the client wrote goes in, and the store must hold what was billed.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "ledger/ingest/importer.hpp"
#include "ledger/ingest/project_folder.hpp"
#include "ledger/ingest/service.hpp"
#include "ledger/store/packed_sums.hpp"

namespace tidemark::ingest {
namespace {

namespace fs = std::filesystem;

/// A folder that is gone after the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "tidemark-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::permissions(path_, fs::perms::owner_all, ignored);
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

void write(const std::string& path, const std::string& text, std::ios::openmode mode = std::ios::trunc) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream out(path, std::ios::binary | mode);
    out << text;
    ASSERT_TRUE(out.good()) << path;
}

std::string row(const std::string& id, int output, const std::string& time = "2026-11-01T10:00:00.000Z",
                const std::string& session = "s-1", const std::string& more = "") {
    return R"({"parentUuid":null,"isSidechain":false,)" + more + R"("message":{"id":")" + id +
           R"(","model":"claude-opus-5","stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":)" +
           std::to_string(output) + R"(,"cache_read_input_tokens":1000}},"requestId":"req_)" + id +
           R"(","type":"assistant","uuid":"u-)" + id + R"(","timestamp":")" + time +
           R"(","cwd":"/home/mei/app","sessionId":")" + session + R"(","version":"2.1.330","gitBranch":"main"})" + "\n";
}

std::shared_ptr<const pricing::PriceBook> book() {
    static const auto shared = pricing::PriceBook::create();
    EXPECT_TRUE(shared);
    return *shared;
}

/// Everything that must be the same however the files were read: requests with their figures, and all sums.
std::string state_of(const std::string& data) {
    auto database = store::open_reader(data);
    EXPECT_TRUE(database);
    std::string out;
    for (const char* sql :
         {"SELECT group_concat(x, char(10)) FROM (SELECT r.message_id || ' ' || r.time || ' ' || s.uid || ' ' || "
          "p.path || ' ' ||"
          " ifnull(m.text, '') || ' ' || r.input || ' ' || r.output || ' ' || r.cache_write_5m || ' ' || "
          "r.cache_write_1h ||"
          " ' ' || r.cache_read || ' ' || ifnull(r.cost, 'unpriced') || ' ' || length(ifnull(r.tools, '')) AS x FROM "
          "requests r"
          " JOIN dims d ON d.id = r.dim_id JOIN sessions s ON s.id = d.session_id JOIN projects p ON p.id = "
          "d.project_id"
          " LEFT JOIN names m ON m.id = d.model_id ORDER BY r.message_id)",
          "SELECT group_concat(x, char(10)) FROM (SELECT u.quarter || ' ' || s.uid || ' ' || ifnull(m.text, '') || ' ' "
          "|| d.kind || ' ' || sum(sums_value(u.sums, 'requests')) || ' ' || sum(sums_value(u.sums, 'input')) || ' ' "
          "|| sum(sums_value(u.sums, 'output')) || ' ' || sum(sums_value(u.sums, 'cache_read')) || ' ' || "
          "sum(sums_value(u.sums, 'cost')) || ' ' || sum(sums_value(u.sums, 'unpriced')) AS x FROM usage_15m u JOIN "
          "dims d ON d.id = u.dim_id JOIN sessions s ON s.id = d.session_id LEFT JOIN names m ON m.id = d.model_id "
          "GROUP BY u.quarter, s.uid, m.text, d.kind ORDER BY 1)",
          "SELECT group_concat(x, char(10)) FROM (SELECT uid || ' ' || ifnull(parent_uid, '') || ' ' || turns || ' ' "
          "|| api_errors"
          " || ' ' || compactions || ' ' || limit_hits || ' ' || lines_added || ' ' || ifnull(client_cost, '') AS x "
          "FROM sessions"
          " ORDER BY uid)"}) {
        auto statement = database->prepare(sql);
        EXPECT_TRUE(statement) << statement.error().message;
        EXPECT_TRUE(statement->step().value_or(false));
        out.append(statement->column_text(0)).append("\n--\n");
    }
    std::map<std::pair<std::int64_t, std::int64_t>, std::array<std::int64_t, 3>> tools;  // (quarter, names.id)
    auto rows = database->prepare("SELECT quarter, tools FROM usage_15m WHERE tools IS NOT NULL");
    while (rows && rows->step().value_or(false)) {
        EXPECT_TRUE(store::unpack_tools(rows->column_blob(1), [&](const store::ToolSums& tool) {
            auto& sums = tools[{rows->column_int(0), tool.tool_id}];
            sums[0] += tool.calls;
            sums[1] += tool.cost;
            sums[2] += tool.tokens;
        }));
    }
    std::set<std::string> lines;  // ids of names depend on the order of reading
    for (const auto& [key, sums] : tools) {
        auto select = database->prepare("SELECT text FROM names WHERE id = " + std::to_string(key.second));
        EXPECT_TRUE(select && select->step().value_or(false));
        lines.insert(std::to_string(key.first) + " " + std::string(select->column_text(0)) + " " +
                     std::to_string(sums[0]) + " " + std::to_string(sums[1]) + " " + std::to_string(sums[2]));
    }
    for (const std::string& line : lines) {
        out.append(line).append("\n");
    }
    return out;
}

class IngestTest : public testing::Test {
protected:
    std::string projects() const { return home_ / "projects"; }
    std::string transcript(const std::string& name = "s-1") const {
        return projects() + "/-home-mei-app/" + name + ".jsonl";
    }

    ImportSummary import(std::size_t threads = 0) { return import_into(data_.path(), projects(), threads); }
    static ImportSummary import_into(const std::string& data, const std::string& root, std::size_t threads = 0) {
        auto writer = store::Writer::open(data);
        EXPECT_TRUE(writer) << writer.error().message;
        FileTable files;
        EXPECT_TRUE(files.load(**writer));
        Importer importer(**writer, book(), files);
        Importer::Options options;
        options.threads = threads;
        auto summary = importer.import(find_transcripts(resolve_roots({root}).projects), options);
        EXPECT_TRUE(summary) << summary.error().message;
        return summary.value_or(ImportSummary{});
    }
    std::int64_t number(const std::string& sql) const {
        auto database = store::open_reader(data_.path());
        EXPECT_TRUE(database);
        const auto value = database->query_int(sql);
        EXPECT_TRUE(value) << sql << ": " << value.error().message;
        return value.value_or(-1);
    }

    TemporaryFolder home_;
    TemporaryFolder data_;
};

// ------------------------------------------------------------------------------------------------ the real client

struct Truth {
    std::string message_id, session, model, outcome, scenario;
    std::array<std::int64_t, 5> figures{};  // input, output, write 5m, write 1h, read
};

std::vector<Truth> read_truth(const std::string& path) {
    std::vector<Truth> rows;
    std::ifstream in(path);
    std::string line;
    bool header = true;
    while (std::getline(in, line)) {
        if (line.starts_with('#')) {
            continue;
        }
        if (header) {
            header = false;
            continue;
        }
        std::istringstream columns(line);
        Truth truth;
        columns >> truth.message_id >> truth.session >> truth.model >> truth.outcome >> truth.scenario;
        for (std::int64_t& figure : truth.figures) {
            columns >> figure;
        }
        EXPECT_TRUE(columns) << line;
        rows.push_back(truth);
    }
    return rows;
}

TEST_F(IngestTest, EqualsTheTruthOfTheRealClientToTheToken) {
    const std::string fixture = TIDEMARK_SOURCE_DIR "/tests/fixtures/client-2.1.330";
    const std::vector<Truth> truth = read_truth(fixture + "/truth.tsv");
    ASSERT_EQ(truth.size(), 137U);
    import_into(data_.path(), fixture);

    auto database = store::open_reader(data_.path());
    ASSERT_TRUE(database);
    auto select = database->prepare(
        "SELECT r.message_id, s.uid, m.text, r.input, r.output, r.cache_write_5m, r.cache_write_1h, r.cache_read, "
        "r.flags"
        " FROM requests r JOIN dims d ON d.id = r.dim_id JOIN sessions s ON s.id = d.session_id JOIN names m ON m.id ="
        " d.model_given_id");
    ASSERT_TRUE(select);
    struct Stored {
        std::string session, model;
        std::array<std::int64_t, 5> figures{};
        bool incomplete = false;
    };
    std::map<std::string, Stored> stored;
    while (select->step().value_or(false)) {
        Stored& request = stored[std::string(select->column_text(0))];
        request.session = select->column_text(1);
        request.model = select->column_text(2);
        for (int i = 0; i < 5; ++i) {
            request.figures[static_cast<std::size_t>(i)] = select->column_int(3 + i);
        }
        request.incomplete = (select->column_int(8) & store::kFlagIncomplete) != 0;
    }
    std::set<std::string> expected;
    std::set<std::string> unlogged;
    for (const Truth& request : truth) {
        if (request.outcome == "refused") {
            continue;
        }
        if (request.outcome == "unlogged") {
            unlogged.insert(request.scenario);
            EXPECT_FALSE(stored.contains(request.message_id)) << request.message_id;
            continue;
        }
        expected.insert(request.message_id);
        ASSERT_TRUE(stored.contains(request.message_id)) << request.message_id << " " << request.scenario;
        const Stored& found = stored[request.message_id];
        EXPECT_EQ(found.figures, request.figures) << request.message_id << " " << request.scenario;
        EXPECT_EQ(found.session, request.session) << request.message_id << " " << request.scenario;
        EXPECT_EQ(found.model, request.model) << request.message_id;
        if (request.outcome == "partial") {
            EXPECT_TRUE(found.incomplete) << request.message_id;
        }
    }
    EXPECT_EQ(stored.size(), expected.size()) << "a request was counted that nobody billed";
    // Requests that leave no row, by name: the search tool's inner call, /compact, and streams cut before their first
    // block.
    EXPECT_THAT(unlogged,
                testing::ElementsAre("_compact", "_server_websearch", "drop", "midstream", "slow", "slowblocks"));
}

TEST_F(IngestTest, TheOrderOfReadingDoesNotMatter) {
    const std::string fixture = TIDEMARK_SOURCE_DIR "/tests/fixtures/client-2.1.330";
    import_into(data_.path(), fixture, 1);
    TemporaryFolder other;
    import_into(other.path(), fixture, 4);
    EXPECT_EQ(state_of(data_.path()), state_of(other.path()));
    // Once more over the same files, and over a copy of the tree beside them: nothing is counted twice.
    fs::copy(fixture, home_.path() + "/again", fs::copy_options::recursive);
    import_into(other.path(), home_.path() + "/again");
    EXPECT_EQ(state_of(data_.path()), state_of(other.path()));
}

// ------------------------------------------------------------------------------------------------ one message, many
// rows

TEST_F(IngestTest, OneAnswerInSeveralRowsIsOneRequest) {
    write(transcript(), row("msg_a", 3) + row("msg_a", 3) + row("msg_a", 500) + row("msg_b", 7));
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 2);
    EXPECT_EQ(number("SELECT sum(output) FROM requests"), 507);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'requests')) FROM usage_15m"), 2);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 507);
}

TEST_F(IngestTest, RowsOfOneAnswerInSeveralReads) {
    write(transcript(), row("msg_a", 3));
    import();
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 3);
    write(transcript(), row("msg_a", 500, "2026-11-01T10:31:00.000Z"), std::ios::app);
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 1);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 500);
    EXPECT_EQ(number("SELECT count(*) FROM usage_15m"), 1) << "the old quarter's row is gone";
    write(transcript(), row("msg_a", 4), std::ios::app);
    import();
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 500) << "a worse row changes nothing";
}

TEST_F(IngestTest, ASideQuestionThatReplaysAMessageIsNotASecondRequest) {
    write(transcript(), row("msg_a", 50));
    std::string replay = row("msg_a", 50, "2026-11-01T10:00:00.000Z", "s-1", R"("agentId":"b7",)");
    replay.replace(replay.find("\"isSidechain\":false"), 19, "\"isSidechain\":true");
    replay.replace(replay.find("req_msg_a"), 9, "req_other");
    write(projects() + "/-home-mei-app/s-1/subagents/agent-b7.jsonl", replay);
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 1);
    EXPECT_EQ(number("SELECT kind FROM dims d JOIN requests r ON r.dim_id = d.id"), 0) << "the main row wins";
}

TEST_F(IngestTest, ToolUsesAreCountedByTheirIds) {
    const auto with_tools = [](const std::string& content, int output) {
        std::string line = row("msg_a", output);
        line.replace(line.find("\"stop_reason\""), 0, "\"content\":[" + content + "],");
        return line;
    };
    const std::string bash = R"({"type":"tool_use","id":"toolu_1","name":"Bash","input":{}})";
    const std::string read = R"({"type":"tool_use","id":"toolu_2","name":"Read","input":{}})";
    write(transcript(), with_tools(bash, 20) + with_tools(read, 20) + with_tools(bash, 20));
    import();
    EXPECT_EQ(number("SELECT sum(tools_value(tools, 'calls')) FROM usage_15m"), 2);
    write(transcript(), with_tools(R"({"type":"tool_use","id":"toolu_3","name":"Bash","input":{}})", 20),
          std::ios::app);
    import();
    EXPECT_EQ(number("SELECT sum(tools_value(tools, 'calls')) FROM usage_15m"), 3);
    EXPECT_EQ(number("SELECT sum(tools_value(tools, 'tokens')) FROM usage_15m"), 10 + 20 + 1000)
        << "shares add up to the request";
    EXPECT_EQ(number("SELECT sum(tools_value(u.tools, 'cost')) - r.cost FROM usage_15m u, requests r"), 0);
}

// ------------------------------------------------------------------------------------------------ large imports

/// Requests in many files, more than one batch holds; half of them stand in two files, once with fewer tokens.
void write_many(const std::string& folder, int count) {
    std::string first;
    std::string second;
    for (int i = 0; i < count; ++i) {
        const std::string id = "msg_" + std::to_string(i);
        const std::string time =
            "2026-11-" + std::to_string(10 + i % 18) + "T" + std::to_string(10 + i % 13) + ":00:00.000Z";
        std::string line = row(id, 100 + i % 50, time);
        line.replace(
            line.find("\"stop_reason\""), 0,
            R"("content":[{"type":"tool_use","id":"toolu_)" + std::to_string(i) + R"(","name":"Bash","input":{}}],)");
        first += line;
        if (i % 2 == 0) {
            second += row(id, i % 4 == 0 ? 20 : 200, time);
        }
    }
    write(folder + "/s-1.jsonl", first);
    write(folder + "/s-2.jsonl", second);
}

TEST_F(IngestTest, AFirstImportEqualsTheSameInSteps) {
    constexpr int kRequests = 7001;
    write_many(home_ / "whole/projects/-home-mei-app", kRequests);
    const auto import_alone = [](const std::string& data, const std::string& root) {
        auto writer = store::Writer::open(data, store::Readers::kNone);
        ASSERT_TRUE(writer) << writer.error().message;
        FileTable files;
        ASSERT_TRUE(files.load(**writer));
        Importer importer(**writer, book(), files);
        ASSERT_TRUE(importer.import(find_transcripts(resolve_roots({root}).projects), {}));
        ASSERT_TRUE((*writer)->settle());
    };
    import_alone(data_.path(), home_ / "whole");
    EXPECT_EQ(number("SELECT count(*) FROM requests"), kRequests);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'requests')) FROM usage_15m"), kRequests);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"),
              number("SELECT sum(output) FROM requests"));
    EXPECT_EQ(number("SELECT sum(tools_value(tools, 'calls')) FROM usage_15m"), kRequests)
        << "also of requests whose better row names none";
    EXPECT_EQ(number("SELECT count(*) FROM request_keys k JOIN requests r ON r.id = k.id"), kRequests);
    // The same rows one file after another, with a reader's writer: other batches, other transactions, the keys
    // asked of the store from the second file on.
    TemporaryFolder steps;
    for (const char* name : {"/s-2.jsonl", "/s-1.jsonl"}) {
        fs::create_directories(home_.path() + "/parts/projects/-home-mei-app");
        fs::copy(home_.path() + "/whole/projects/-home-mei-app" + name,
                 home_.path() + "/parts/projects/-home-mei-app" + name);
        import_into(steps.path(), home_ / "parts");
    }
    EXPECT_EQ(state_of(data_.path()), state_of(steps.path()));
}

TEST_F(IngestTest, AFirstRunWithoutTranscriptsLeavesAnEmptyStore) {
    {
        auto writer = store::Writer::open(data_.path(), store::Readers::kNone);
        ASSERT_TRUE(writer);
        ASSERT_TRUE((*writer)->set_setting("language", "en"));
        ASSERT_TRUE((*writer)->settle());
    }
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM settings"), 1);
    {
        auto abandoned = store::Writer::open(data_.path() + "/new", store::Readers::kNone);
        ASSERT_TRUE(abandoned);
    }
    auto again = store::Writer::open(data_.path() + "/new");
    ASSERT_TRUE(again) << "what was never settled is made anew";
    EXPECT_TRUE((*again)->empty());
}

TEST_F(IngestTest, ANewStoreIsInItsPlaceWhenAllOfItIsOnTheDisk) {
    write(transcript(), row("msg_a", 20) + row("msg_b", 30));
    // Left behind by a machine that went down in a first import, and by a database that was deleted without its log.
    write(data_ / "tidemark.db.new", "half a database");
    write(data_ / "tidemark.db-wal", "the log of another database");
    {
        auto writer = store::Writer::open(data_.path(), store::Readers::kNone);
        ASSERT_TRUE(writer) << writer.error().message;
        FileTable files;
        Importer importer(**writer, book(), files);
        ASSERT_TRUE(importer.import(find_transcripts(resolve_roots({projects()}).projects), {}));
        ASSERT_TRUE((*writer)->settle());
        EXPECT_FALSE(fs::exists(data_ / "tidemark.db"));
        auto early = store::open_reader_of((*writer)->path());
        ASSERT_TRUE(early) << early.error().message;
        EXPECT_EQ(early->query_int("SELECT count(*) FROM requests").value_or(-1), 2);
        ASSERT_TRUE((*writer)->publish());
        EXPECT_EQ((*writer)->path(), data_ / "tidemark.db");
        EXPECT_TRUE((*writer)->publish()) << "once is enough";
    }
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 2);
    EXPECT_FALSE(fs::exists(data_ / "tidemark.db.new"));
    EXPECT_FALSE(fs::exists(data_ / "tidemark.db-wal"));
    write(transcript(), row("msg_a", 20) + row("msg_b", 30) + row("msg_c", 40));
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 3);
}

TEST_F(IngestTest, KeysMoveOutOfTheRequestsOfAnOlderStore) {
    write_many(home_ / "whole/projects/-home-mei-app", 500);
    import_into(data_.path(), home_ / "whole");
    const std::string before = state_of(data_.path());
    {
        auto database = store::Database::open(data_ / "tidemark.db", store::OpenMode::kReadWrite);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(
            "ALTER TABLE requests ADD COLUMN key INTEGER;"
            "UPDATE requests SET key = (SELECT k.key FROM request_keys k WHERE k.id = requests.id);"
            "DROP TABLE request_keys; CREATE UNIQUE INDEX requests_by_key ON requests (key); PRAGMA user_version = 2;"
            "DELETE FROM files"));
    }
    const ImportSummary again = import_into(data_.path(), home_ / "whole");
    EXPECT_GE(again.rows, 500) << "every file is read anew";
    EXPECT_EQ(state_of(data_.path()), before) << "and every request is known by its key";
    EXPECT_EQ(number("SELECT count(*) FROM request_keys"), 500);
}

TEST_F(IngestTest, StagedBatchesAreStoredTogetherOrNotAtAll) {
    const auto batch_with = [](const std::string& id) {
        auto batch = std::make_unique<store::Batch>();
        store::DimEntry dim;
        dim.session = batch->text.add("s-1");
        dim.project_path = batch->text.add("/home/mei/app");
        batch->dims.push_back(dim);
        store::RequestEntry request;
        request.message_id = batch->text.add(id);
        request.key = base::hash64(request.message_id);
        request.time = 1'790'000'000'000;
        request.tokens.output = 5;
        batch->requests.push_back(request);
        return batch;
    };
    auto writer = store::Writer::open(data_.path());
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->stage(*batch_with("msg_a")));
    ASSERT_TRUE((*writer)->stage(*batch_with("msg_b")));
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 0) << "nothing is there before the commit";
    const auto commit = (*writer)->commit();
    ASSERT_TRUE(commit);
    EXPECT_EQ(commit->seq, 1U);
    ASSERT_EQ(commit->rollups.size(), 1U);
    EXPECT_EQ(commit->rollups[0].change.requests, 2);
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 2);

    ASSERT_TRUE((*writer)->stage(*batch_with("msg_c")));
    writer->reset();  // the process ends before the commit
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 2);
    auto again = store::Writer::open(data_.path());
    ASSERT_TRUE(again);
    const auto known = (*again)->store(*batch_with("msg_b"));
    ASSERT_TRUE(known);
    EXPECT_TRUE(known->rollups.empty()) << "found by the index";
}

// ------------------------------------------------------------------------------------------------ files in trouble

TEST_F(IngestTest, DamageIsCountedWithItsPlaceAndStopsNothing) {
    write(transcript(), "\xEF\xBB\xBF" + row("msg_a", 20) + std::string(8, '\0') + "\n" + "not json\n" +
                            R"({"type":"assistant","message":{"id":"msg_torn","usage":{"input_tokens":5,"output_to)" +
                            "\n" + "\n   \n" + std::string(4, '\0') + row("msg_b", 30) + "\r\n" + row("msg_c", 40));
    const ImportSummary summary = import();
    EXPECT_EQ(summary.bad_lines, 3);
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 3);
    auto database = store::open_reader(data_.path());
    auto bad = database->prepare(
        "SELECT f.path, b.line, b.reason FROM bad_lines b JOIN files f ON f.id = b.file_id ORDER BY 2");
    std::vector<std::int64_t> lines;
    while (bad->step().value_or(false)) {
        EXPECT_EQ(bad->column_text(0), transcript());
        EXPECT_FALSE(bad->column_text(2).empty());
        lines.push_back(bad->column_int(1));
    }
    EXPECT_THAT(lines, testing::ElementsAre(2, 3, 4));
}

TEST_F(IngestTest, ATornLastLineWaitsForItsRest) {
    const std::string whole = row("msg_b", 30);
    write(transcript(), row("msg_a", 20) + whole.substr(0, 100));
    EXPECT_EQ(import().bad_lines, 0);
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 1);
    write(transcript(), whole.substr(100), std::ios::app);
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 2);
    EXPECT_EQ(number("SELECT count(*) FROM bad_lines"), 0);
}

TEST_F(IngestTest, AWholeLastLineWithoutNewlineCountsAtOnce) {
    std::string last = row("msg_b", 30);
    last.pop_back();
    write(transcript(), row("msg_a", 20) + last);
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 2);
    write(transcript(), "\n" + row("msg_c", 40), std::ios::app);
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 3);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 90);
}

TEST_F(IngestTest, TruncatedReplacedAndDeletedFilesLoseNothing) {
    write(transcript(), row("msg_a", 20) + row("msg_b", 30) + row("msg_c", 40));
    import();
    write(transcript(), row("msg_c", 40) + row("msg_d", 50));  // compacted in place
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 4);
    write(transcript() + ".tmp", row("msg_e", 60) + row("msg_f", 70) + row("msg_g", 80));
    fs::rename(transcript() + ".tmp", transcript());  // another inode
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 7);
    fs::rename(transcript(), transcript("renamed"));
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 7);
    fs::remove(transcript("renamed"));
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 7);
    EXPECT_EQ(number("SELECT count(*) FROM files WHERE gone = 1"), 2);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 350);
}

TEST_F(IngestTest, LinesLongerThanAnyBuffer) {
    const std::string blob(3 << 20, 'x');
    std::string long_row = row("msg_a", 20);
    long_row.replace(long_row.find("\"stop_reason\""), 0,
                     "\"content\":[{\"type\":\"text\",\"text\":\"" + blob + "\"}],");
    std::string huge = R"({"type":"user","message":{"content":")" + std::string(40 << 20, 'y') + "\"}}\n";
    std::string huge_usage = row("msg_lost", 5);
    huge_usage.replace(huge_usage.find("\"stop_reason\""), 0,
                       "\"content\":[{\"type\":\"text\",\"text\":\"" + std::string(20 << 20, 'z') + "\"}],");
    write(transcript(), long_row + huge + row("msg_b", 30) + huge_usage + row("msg_c", 40));
    const ImportSummary summary = import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 3);
    EXPECT_EQ(summary.bad_lines, 1) << "a row with usage that is too long is told";
    EXPECT_EQ(number("SELECT line FROM bad_lines"), 4);
}

TEST_F(IngestTest, LinksLoopsAndUnreadableFiles) {
    write(transcript(), row("msg_a", 20));
    write(transcript("secret"), row("msg_b", 30));
    fs::permissions(transcript("secret"), fs::perms::none);
    fs::create_directory_symlink(projects(), projects() + "/loop");
    fs::create_symlink(transcript(), transcript("link"));
    fs::create_symlink("/nowhere", transcript("dangling"));
    fs::create_directory(transcript("folder"));
    const ImportSummary summary = import();
    EXPECT_EQ(number("SELECT sum(output) FROM requests WHERE message_id = 'msg_a'"), 20);
    if (::geteuid() != 0) {  // root reads everything
        ASSERT_EQ(summary.problems.size(), 1U);
        EXPECT_THAT(summary.problems[0].path, testing::HasSubstr("secret"));
    }
}

TEST_F(IngestTest, OldAndNewPlacesOfSubagents) {
    const auto agent_row = [](const std::string& id) {
        std::string line = row(id, 20, "2026-11-01T10:00:00.000Z", "s-1", R"("agentId":"a1",)");
        line.replace(line.find("\"isSidechain\":false"), 19, "\"isSidechain\":true");
        return line;
    };
    write(projects() + "/-home-mei-app/agent-a1.jsonl", agent_row("msg_old"));
    write(projects() + "/-home-mei-app/s-1/subagents/agent-a1.jsonl", agent_row("msg_new"));
    write(projects() + "/-home-mei-app/s-1/subagents/agent-a1.meta.json",
          R"({"agentType":"Explore","description":"secret words","parentAgentId":"a0","spawnDepth":2})");
    write(projects() + "/-home-mei-app/s-1/subagents/workflows/wf_1/agent-a1.jsonl", agent_row("msg_workflow"));
    write(projects() + "/-home-mei-app/s-1/subagents/workflows/wf_1/journal.jsonl", row("msg_journal", 20));
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 3);
    EXPECT_EQ(number("SELECT count(*) FROM dims WHERE kind = 1"), 1);
    EXPECT_EQ(number("SELECT depth FROM agents"), 2);
    EXPECT_EQ(number("SELECT count(*) FROM names WHERE text LIKE '%secret%'"), 0) << "content is never stored";
}

TEST_F(IngestTest, ProjectsAreFoldersAndWorktreesBelongToTheirs) {
    EXPECT_EQ(project_folder("/home/mei/app/.claude/worktrees/fix-1").path, "/home/mei/app");
    EXPECT_EQ(project_folder("/home/mei/app/").path, "/home/mei/app");
    EXPECT_EQ(project_folder("C:\\src\\app").name, "app");
    const std::string repository = home_ / "repo";
    write(repository + "/.git/config",
          "[core]\n[remote \"backup\"]\n\turl = https://example.org/b.git\n[remote \"origin\"]\n\turl = "
          "https://mei:token@example.org/a.git\n");
    write(home_ / "elsewhere/.git", "gitdir: " + repository + "/.git/worktrees/elsewhere\n");
    const ProjectFolder folded = project_folder(home_ / "elsewhere");
    EXPECT_EQ(folded.path, repository);
    EXPECT_EQ(folded.git_remote, "https://example.org/a.git");
    EXPECT_EQ(without_credentials("https://u:p@h/x@y"), "https://h/x@y");
    EXPECT_EQ(without_credentials("git@example.org:a/b.git"), "git@example.org:a/b.git");
    EXPECT_EQ(member_of("/home/mei/app"), "mei");
    EXPECT_EQ(member_of("/Users/jonas"), "jonas");
    EXPECT_EQ(member_of("C:\\Users\\priya\\x"), "priya");
    EXPECT_EQ(member_of("/root/x"), "root");
    EXPECT_EQ(member_of("/srv/home/x"), "");
}

// ------------------------------------------------------------------------------------------------ the store in trouble

TEST_F(IngestTest, ANewerDatabaseIsLeftAlone) {
    write(transcript(), row("msg_a", 20));
    import();
    {
        auto database = store::Database::open(data_.path() + "/tidemark.db", store::OpenMode::kReadWrite);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute("PRAGMA user_version = 999"));
    }
    const auto opened = store::Writer::open(data_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kFailedPrecondition);
    EXPECT_THAT(opened.error().message, testing::HasSubstr("newer"));
    EXPECT_FALSE(store::open_reader(data_.path()));
}

TEST_F(IngestTest, ACorruptDatabaseIsToldAndLeftAlone) {
    const std::string garbage(8192, 'g');
    write(data_.path() + "/tidemark.db", garbage);
    const auto opened = store::Writer::open(data_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kDataLoss) << opened.error().message;
    EXPECT_THAT(opened.error().message, testing::HasSubstr("tidemark.db"));
    std::ifstream in(data_.path() + "/tidemark.db", std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), garbage);
}

TEST_F(IngestTest, TwoWritersAreOneTooMany) {
    auto first = store::Writer::open(data_.path());
    ASSERT_TRUE(first);
    const auto second = store::Writer::open(data_.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
    EXPECT_THAT(second.error().message, testing::HasSubstr(std::to_string(::getpid())));
}

TEST_F(IngestTest, NewPricesChangeTheHistoryAndSayHow) {
    write(transcript(), row("msg_a", 1000) + row("msg_b", 1000));
    import();
    const std::int64_t before = number("SELECT sum(cost) FROM requests");
    const auto dearer = pricing::PriceBook::create("[[model]]\nid = \"claude-opus-5\"\nmultiplier = 2.0\n", "test");
    ASSERT_TRUE(dearer) << dearer.error().message;
    {
        auto writer = store::Writer::open(data_.path());
        ASSERT_TRUE(writer);
        const auto report = reprice_if_changed(**writer, **dearer);
        ASSERT_TRUE(report && *report);
        EXPECT_EQ((*report)->requests, 2);
        EXPECT_EQ((*report)->before.value, before);
        EXPECT_EQ((*report)->after.value, 2 * before);
        ASSERT_EQ((*report)->models.size(), 1U);
        const auto again = reprice_if_changed(**writer, **dearer);
        ASSERT_TRUE(again);
        EXPECT_FALSE(*again) << "the same book changes nothing";
    }
    EXPECT_EQ(number("SELECT sum(cost) FROM requests"), 2 * before);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'cost')) FROM usage_15m"), 2 * before);
    EXPECT_EQ(number("SELECT sum(sums_value(sums, 'output')) FROM usage_15m"), 2000);
}

TEST_F(IngestTest, AMemberIsCalledSomethingElseAndSumsStay) {
    write(transcript(), row("msg_1", 10));
    import();
    ASSERT_EQ(number("SELECT count(*) FROM names WHERE kind = 15 AND text = 'mei'"), 1);
    const std::int64_t output = number("SELECT sum(output) FROM requests");
    {
        auto writer = store::Writer::open(data_.path());
        ASSERT_TRUE(writer);
        const auto commit = (*writer)->rename_member("mei", "Member-1");
        ASSERT_TRUE(commit) << commit.error().message;
        EXPECT_TRUE(commit->rebuilt);
        EXPECT_EQ(number("SELECT count(*) FROM names WHERE text = 'mei'"), 0);
        EXPECT_EQ(number("SELECT count(*) FROM projects WHERE path LIKE '%mei%'"), 0);
        EXPECT_EQ(number("SELECT count(*) FROM projects WHERE path LIKE '/home/Member-1/%'"), 1);
        EXPECT_EQ(number("SELECT sum(output) FROM requests"), output);
    }
    // What comes later of the same person is a new member: nothing is counted to the old one or twice.
    write(transcript(), row("msg_1", 10) + row("msg_2", 20));
    import();
    EXPECT_EQ(number("SELECT sum(output) FROM requests"), output + 20);
    EXPECT_EQ(number("SELECT count(*) FROM names WHERE kind = 15"), 2);
}

TEST_F(IngestTest, AnUnknownModelHasTokensAndNoCost) {
    std::string line = row("msg_a", 1000);
    line.replace(line.find("claude-opus-5"), 13, "glm-9");
    write(transcript(), line);
    import();
    EXPECT_EQ(number("SELECT count(*) FROM requests WHERE cost IS NULL"), 1);
    EXPECT_EQ(number("SELECT sums_value(sums, 'unpriced') FROM usage_15m"), 1);
    EXPECT_EQ(number("SELECT sums_value(sums, 'unpriced_tokens') FROM usage_15m"), 2010);
}

// ------------------------------------------------------------------------------------------------ live

TEST_F(IngestTest, TheCollectorFollowsFilesAsTheyGrow) {
    write(transcript(), row("msg_a", 20));
    auto writer = store::Writer::open(data_.path());
    ASSERT_TRUE(writer);
    live::Feed feed;
    std::mutex mutex;
    std::condition_variable changed;
    std::int64_t output = 0;
    bool ready = false;
    const auto subscription = feed.subscribe([&](std::uint64_t, const live::Event& event) {
        const std::lock_guard lock(mutex);
        if (const auto* change = std::get_if<std::shared_ptr<const model::UsageChange>>(&event)) {
            for (const model::UsageDelta& delta : (*change)->deltas) {
                output += delta.change.tokens.output;
                EXPECT_EQ(delta.project, "/home/mei/app");
            }
        } else if (const auto* progress = std::get_if<live::ImportProgress>(&event)) {
            ready |= progress->finished;
        }
        changed.notify_all();
    });
    Collector::Options options;
    options.roots = {home_.path()};
    options.book = book();
    options.feed = &feed;
    Collector collector(std::move(*writer), std::move(options));
    collector.start();
    const auto wait_for = [&](auto condition) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(20), condition);
    };
    ASSERT_TRUE(wait_for([&] { return ready && output == 20; }));
    write(transcript(), row("msg_b", 30), std::ios::app);
    ASSERT_TRUE(wait_for([&] { return output == 50; }));
    write(projects() + "/-home-mei-new/s-2.jsonl", row("msg_c", 40, "2026-11-01T10:00:00.000Z", "s-2"));
    ASSERT_TRUE(wait_for([&] { return output == 90; })) << "a project that did not exist";
    write(projects() + "/-home-mei-new/s-2/subagents/agent-x.jsonl",
          row("msg_d", 5, "2026-11-01T10:00:00.000Z", "s-2"));
    ASSERT_TRUE(wait_for([&] { return output == 95; })) << "folders below it";
    auto report =
        collector.reprice(*pricing::PriceBook::create("[[model]]\nid = \"claude-opus-5\"\nmultiplier = 3.0\n", "t"));
    collector.stop();
    const auto repriced = report.get();
    ASSERT_TRUE(repriced);
    EXPECT_EQ(repriced->after.value, 3 * repriced->before.value);
    EXPECT_EQ(number("SELECT count(*) FROM requests"), 4);
}

}  // namespace
}  // namespace tidemark::ingest
