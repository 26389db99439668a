#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "ledger/store/database.hpp"

namespace tidemark::store {
namespace {

Database in_memory() {
    auto opened = Database::open(":memory:", OpenMode::kCreate);
    EXPECT_TRUE(opened);
    return std::move(*opened);
}

TEST(Statement, KeepsEachParametersLastValueOnly) {
    Database database = in_memory();
    ASSERT_TRUE(database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x ANY) STRICT"));
    Statement insert = database.prepare_later("INSERT INTO t (x) VALUES (?1)");
    const std::string text = "0";
    ASSERT_TRUE(insert.bind(1, std::int64_t{7}).run());
    ASSERT_TRUE(insert.bind(1, std::int64_t{7}).run());
    ASSERT_TRUE(insert.bind_null(1).run());
    ASSERT_TRUE(insert.bind(1, std::int64_t{0}).run());
    ASSERT_TRUE(insert.bind(1, std::string_view(text)).run());
    ASSERT_TRUE(insert.bind(1, std::int64_t{0}).run());
    ASSERT_TRUE(insert.bind(1, 0.5).run());
    ASSERT_TRUE(insert.bind_null(1).run());
    auto select = database.prepare("SELECT group_concat(quote(x), ' ') FROM (SELECT x FROM t ORDER BY id)");
    ASSERT_TRUE(select && select->step().value_or(false));
    EXPECT_EQ(select->column_text(0), "7 7 NULL 0 '0' 0 0.5 NULL");
}

TEST(Statement, ThatCouldNotBeCompiledForgetsWhatItWasGiven) {
    Database database = in_memory();
    Statement insert = database.prepare_later("INSERT INTO t VALUES (?1, ?2)");
    insert.bind(1, std::int64_t{1}).bind(2, std::int64_t{2});
    EXPECT_FALSE(insert.run()) << "there is no such table yet";
    ASSERT_TRUE(database.execute("CREATE TABLE t (a, b)"));
    ASSERT_TRUE(insert.bind(1, std::int64_t{1}).bind(2, std::int64_t{2}).run());
    EXPECT_EQ(*database.query_int("SELECT a * 10 + b FROM t"), 12);
}

}  // namespace
}  // namespace tidemark::store
