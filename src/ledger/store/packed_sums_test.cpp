#include <array>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ledger/store/database.hpp"
#include "ledger/store/packed_sums.hpp"

namespace tidemark::store {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

model::Measures some() {
    model::Measures m;
    m.tokens = {1, 200, 3, 40'000, 5, std::numeric_limits<std::int64_t>::max()};
    m.cost = {-7};
    m.requests = 8;
    m.web_searches = 9;
    m.incomplete_requests = 10;
    m.unpriced_requests = 11;
    m.unpriced_tokens = 12;
    m.duration_ms = std::numeric_limits<std::int64_t>::min();
    m.timed_requests = -14;
    return m;
}

TEST(PackedSums, ComeBackAsTheyWere) {
    std::string bytes;
    pack(some(), bytes);
    model::Measures back;
    ASSERT_TRUE(unpack(bytes_of(bytes), back));
    EXPECT_EQ(back, some());
    ASSERT_TRUE(unpack({}, back)) << "figures that a later version adds are missing in an old row";
    EXPECT_EQ(back, model::Measures{});
}

TEST(PackedSums, DamageIsNotASum) {
    std::string bytes;
    pack(some(), bytes);
    model::Measures back;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        // A cut between two figures reads as a row with fewer of them; one inside a figure must not.
        const bool between = static_cast<unsigned char>(bytes[cut - 1]) < 0x80;
        EXPECT_EQ(unpack(bytes_of(std::string_view(bytes).substr(0, cut)), back), between) << cut;
    }
    EXPECT_FALSE(unpack(bytes_of(bytes + '\x01'), back));
    EXPECT_FALSE(unpack(bytes_of(std::string(11, '\xff')), back));
    EXPECT_FALSE(unpack_tools(bytes_of("\x02\x02\x02"), [](const ToolSums&) {}));
}

class PackedSumsInSql : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(":memory:", OpenMode::kCreate);
        ASSERT_TRUE(opened);
        database_.emplace(std::move(*opened));
        ASSERT_TRUE(database_->execute("CREATE TABLE t (a BLOB, b BLOB)"));
    }
    void row(const std::string& a, const std::string& b) {
        auto insert = database_->prepare("INSERT INTO t VALUES (?1, ?2)");
        ASSERT_TRUE(insert);
        insert->bind_blob(1, bytes_of(a)).bind_blob(2, bytes_of(b));
        ASSERT_TRUE(insert->run());
    }
    std::optional<Database> database_;
};

TEST_F(PackedSumsInSql, AddUp) {
    std::string sums;
    std::string more;
    model::Measures m;
    m.requests = 2;
    m.tokens.output = 30;
    pack(m, sums);
    m.requests = -1;
    m.tokens.output = 12;
    pack(m, more);
    row(sums, more);
    EXPECT_EQ(*database_->query_int("SELECT sums_value(add_sums(a, b), 'requests') FROM t"), 1);
    EXPECT_EQ(*database_->query_int("SELECT sums_value(add_sums(a, b), 'output') FROM t"), 42);
    EXPECT_EQ(*database_->query_int("SELECT sums_value(add_sums(NULL, b), 'output') FROM t"), 12);
    EXPECT_FALSE(database_->query_int("SELECT sums_value(a, 'outputs') FROM t")) << "a misspelt name is no zero";
    EXPECT_FALSE(database_->query_int("SELECT sums_value(x'ff', 'output')"));
}

TEST_F(PackedSumsInSql, ToolsMergeByIdAndVanishWithTheirLastUse) {
    std::string one;
    std::string two;
    pack(std::vector<ToolDelta>{{0, 0, 3, 1, 10, 100}, {0, 0, 300, 2, 20, 200}}, one);
    pack(std::vector<ToolDelta>{{0, 0, 3, -1, -10, -100}, {0, 0, 7, 5, 50, 500}}, two);
    row(one, two);
    auto select = database_->prepare("SELECT add_tools(a, b), add_tools(NULL, b), add_tools(a, NULL) FROM t");
    ASSERT_TRUE(select && select->step().value_or(false));
    std::vector<std::array<std::int64_t, 4>> tools;
    ASSERT_TRUE(unpack_tools(select->column_blob(0),
                             [&](const ToolSums& t) { tools.push_back({t.tool_id, t.calls, t.cost, t.tokens}); }));
    EXPECT_EQ(tools, (std::vector<std::array<std::int64_t, 4>>{{7, 5, 50, 500}, {300, 2, 20, 200}}));
    select->reset();
    EXPECT_EQ(*database_->query_int("SELECT tools_value(add_tools(NULL, b), 'calls') FROM t"), 4);
    EXPECT_EQ(*database_->query_int("SELECT add_tools(a, a) IS NULL FROM (SELECT x'06000000' AS a)"), 1);
}

}  // namespace
}  // namespace tidemark::store
