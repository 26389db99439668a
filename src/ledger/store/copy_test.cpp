#include "ledger/store/copy.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace tidemark::store {
namespace {

class Copy : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "tidemark-copy-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        auto opened = Database::open(folder_ + "/a.db", OpenMode::kCreate);
        ASSERT_TRUE(opened);
        writer_.emplace(std::move(*opened));
        ASSERT_TRUE(writer_->execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE requests (id INTEGER PRIMARY KEY, cost INTEGER, x TEXT) STRICT;"
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO requests"
            " SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE i END, hex(zeroblob(50)) FROM n"));
    }
    void TearDown() override {
        writer_.reset();
        std::filesystem::remove_all(folder_);
    }
    Database reader(const std::string& name = "a.db") {
        return std::move(*Database::open(folder_ + "/" + name, OpenMode::kReadOnly));
    }
    std::string folder_;
    std::optional<Database> writer_;
};

TEST_F(Copy, IsOfOneMomentWhateverIsWrittenMeanwhile) {
    Database source = reader();
    ASSERT_TRUE(is_write_ahead(source).value());
    const LedgerTotals before = ledger_totals(source).value();
    EXPECT_EQ(before, (LedgerTotals{20000, base::NanoUsd{180'000'000}}));
    int steps = 0;
    std::int64_t last = 0;
    ASSERT_TRUE(copy_database(source, folder_ + "/b.db", [&](std::int64_t done, std::int64_t total) {
        // A writer that never rests: a copy that started again at each change would not end.
        EXPECT_TRUE(writer_->execute("UPDATE requests SET cost = cost + 1; INSERT INTO requests (cost) VALUES (7)"));
        EXPECT_GT(done, last);
        EXPECT_LE(done, total);
        last = done;
        return ++steps < 100;
    }));
    EXPECT_GE(steps, 2) << "the table fills several megabytes";
    Database copy = reader("b.db");
    EXPECT_TRUE(check_integrity(copy));
    EXPECT_EQ(ledger_totals(copy).value(), before);
    EXPECT_EQ(ledger_totals(source).value().requests, before.requests + steps) << "and the source reads anew";
}

TEST_F(Copy, CanBeStopped) {
    Database source = reader();
    const auto stopped = copy_database(source, folder_ + "/b.db", [](std::int64_t, std::int64_t) { return false; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, base::ErrorCode::kUnavailable);
    EXPECT_TRUE(writer_->execute("PRAGMA wal_checkpoint(TRUNCATE)")) << "the reading transaction has ended";
}

TEST_F(Copy, DamageIsFound) {
    ASSERT_TRUE(
        writer_->execute("PRAGMA writable_schema = ON; CREATE INDEX by_cost ON requests (cost);"
                         "UPDATE sqlite_schema SET sql = 'CREATE INDEX by_cost ON requests (x)' WHERE name = "
                         "'by_cost'"));
    Database source = reader();
    const auto checked = check_integrity(source);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, base::ErrorCode::kDataLoss);
}

TEST_F(Copy, SaysWhenThereIsNoWriteAheadLog) {
    ASSERT_TRUE(writer_->execute("PRAGMA journal_mode = DELETE"));
    Database source = reader();
    EXPECT_FALSE(is_write_ahead(source).value());
    EXPECT_EQ(schema_version_of(source).value(), 0);
}

}  // namespace
}  // namespace tidemark::store
