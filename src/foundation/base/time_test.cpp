#include "foundation/base/time.hpp"

#include <gtest/gtest.h>

#include "foundation/base/hash.hpp"
#include "foundation/base/money.hpp"

namespace tidemark::base {
namespace {

UnixMillis at(std::string_view text) {
    const auto time = parse_rfc3339(text);
    EXPECT_TRUE(time) << text;
    return time.value_or(0);
}

TimeZone zone(std::string_view name) {
    auto loaded = TimeZone::load(name);
    EXPECT_TRUE(loaded) << name;
    return loaded.value_or(TimeZone());
}

TEST(Rfc3339, ReadsWhatClientsWrite) {
    EXPECT_EQ(at("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(at("2026-11-23T01:58:34.828Z"), 1795399114828);
    EXPECT_EQ(at("2026-11-23T01:58:34.8Z"), 1795399114800);
    EXPECT_EQ(at("2026-11-23T01:58:34.828999Z"), 1795399114828);
    EXPECT_EQ(at("2026-11-23T09:58:34.828+08:00"), 1795399114828);
    EXPECT_EQ(at("2026-11-22 20:28:34.828-05:30"), 1795399114828);
    EXPECT_EQ(at("2024-02-29T00:00:00Z"), 1709164800000);
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "2026", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-23T24:00:00Z",
          "2026-11-23T01:58:34", "2026-11-23T01:58:34.Z", "2026-11-23T01:58:34+8", "2026-11-23T01:58:34Zx",
          "2026-11-23T01:60:34Z", "x026-11-23T01:58:34Z", "2026-11-23T01:58:34+08:60"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(Rfc3339, WritesWhatItReads) {
    for (const UnixMillis time : {0LL, 1795399114828LL, -1LL, 253402300799999LL}) {
        EXPECT_EQ(parse_rfc3339(to_rfc3339(time)), time);
    }
}

TEST(CivilDays, RoundTripOver800Years) {
    for (std::int64_t day = -146097; day < 146097; ++day) {
        ASSERT_EQ(days_from_civil(civil_from_days(day)), day);
    }
    EXPECT_EQ(days_from_civil({2000, 3, 1}), 11017);
    EXPECT_EQ(weekday_from_days(0), 4);
    EXPECT_EQ(weekday_from_days(-4), 0);
    EXPECT_EQ(parse_date("20261123"), parse_date("2026-11-23"));
    EXPECT_FALSE(parse_date("2026-11-31"));
}

TEST(TimeZone, KnowsZonesAndRefusesOthers) {
    EXPECT_EQ(zone("Asia/Shanghai").offset_seconds(0), 8 * 3600);
    EXPECT_EQ(zone("Asia/Kolkata").offset_seconds(1795399114828), 19800);
    for (const char* name : {"Mars/Olympus", "../../etc/passwd", "/etc/localtime", ":x"}) {
        const auto loaded = TimeZone::load(name);
        ASSERT_FALSE(loaded) << name;
        EXPECT_NE(loaded.error().message.find(name), std::string::npos);
    }
}

TEST(TimeZone, DaysWithAClockChangeAre23And25HoursLong) {
    const TimeZone york = zone("America/New_York");
    const auto spring = york.edges(at("2026-03-08T12:00:00Z"), at("2026-03-08T13:00:00Z"), Bucket::k1d);
    ASSERT_EQ(spring.size(), 2U);
    EXPECT_EQ(spring[1] - spring[0], 23 * kHour);
    const auto autumn = york.edges(at("2026-11-01T12:00:00Z"), at("2026-11-01T13:00:00Z"), Bucket::k1d);
    EXPECT_EQ(autumn[1] - autumn[0], 25 * kHour);
}

TEST(TimeZone, EdgesCoverTheRangeInEveryUnit) {
    const TimeZone shanghai = zone("Asia/Shanghai");
    const UnixMillis from = at("2026-01-15T20:00:00Z");  // the 16th in Shanghai
    const UnixMillis to = at("2026-03-02T00:00:00Z");
    for (const Bucket bucket :
         {Bucket::k5m, Bucket::k15m, Bucket::k1h, Bucket::k1d, Bucket::k1w, Bucket::k1mo, Bucket::k1y}) {
        const auto edges = shanghai.edges(from, to, bucket);
        ASSERT_GE(edges.size(), 2U);
        EXPECT_LE(edges.front(), from);
        EXPECT_GT(edges[1], from);
        EXPECT_GE(edges.back(), to);
        EXPECT_LT(edges[edges.size() - 2], to);
        for (std::size_t i = 1; i < edges.size(); ++i) {
            EXPECT_GT(edges[i], edges[i - 1]);
        }
    }
    const auto months = shanghai.edges(from, to, Bucket::k1mo);
    EXPECT_EQ(to_string(shanghai.date_of(months[0])), "2026-01-01");
    EXPECT_EQ(months.size(), 4U);
    const auto weeks = shanghai.edges(from, to, Bucket::k1w, 0);
    EXPECT_EQ(weekday_from_days(days_from_civil(shanghai.date_of(weeks[0]))), 0);
}

TEST(TimeZone, ADayThatNeverWas) {
    // Samoa skipped 2011-12-30.
    const auto edges = zone("Pacific/Apia").edges(at("2011-12-29T00:00:00Z"), at("2012-01-02T00:00:00Z"), Bucket::k1d);
    for (std::size_t i = 1; i < edges.size(); ++i) {
        EXPECT_EQ(edges[i] - edges[i - 1], kDay);
    }
}

TEST(TimeZone, HoursOfAHalfHourZone) {
    const TimeZone kolkata = zone("Asia/Kolkata");
    const UnixMillis time = at("2026-11-23T01:58:34Z");  // 07:28 in Kolkata
    EXPECT_EQ(kolkata.floor(time, Bucket::k1h), at("2026-11-23T01:30:00Z"));
    EXPECT_EQ(kolkata.hour_of(time), 7);
    EXPECT_EQ(kolkata.format(time), "2026-11-23T07:28:34+05:30");
}

TEST(Money, DecimalTextIsExact) {
    EXPECT_EQ(to_decimal({12'500'000'000}), "12.50");
    EXPECT_EQ(to_decimal({31'924'600}), "0.0319246");
    EXPECT_EQ(to_decimal({-10'000'000}), "-0.01");
    EXPECT_EQ(to_decimal({INT64_MIN}), "-9223372036.854775808");
}

TEST(Money, NeverWraps) {
    NanoUsd rich{INT64_MAX - 1};
    rich += {100};
    EXPECT_EQ(rich.value, INT64_MAX);
    NanoUsd poor{INT64_MIN + 1};
    poor -= {100};
    EXPECT_EQ(poor.value, INT64_MIN);
}

// Of this very construction, computed when the format was made.
constexpr std::uint64_t kKnownShort = 0x185936802247315a;
constexpr std::uint64_t kKnownLong = 0xcfbd60e7d2a399c5;

// The values are part of the database format.
TEST(Hash, StaysWhatItIs) {
    EXPECT_EQ(hash64("", 0), hash64(""));
    EXPECT_NE(hash64("a"), hash64("b"));
    EXPECT_NE(hash64("a", 1), hash64("a", 2));
    EXPECT_EQ(hash64("msg_01RigA00000001"), kKnownShort);
    EXPECT_EQ(hash64("9eeeea7c-bb82-49c4-93c0-6a989b94ded8"), kKnownLong);
}

}  // namespace
}  // namespace tidemark::base
