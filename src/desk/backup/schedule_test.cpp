#include "desk/backup/schedule.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::backup {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

base::UnixMillis at(const char* text) { return base::parse_rfc3339(text).value(); }
base::TimeZone zone(const char* name) { return base::TimeZone::load(name).value(); }

TEST(NextDue, IsOnceALocalDay) {
    const base::TimeZone utc;
    const base::UnixMillis now = at("2026-11-23T10:00:00Z");
    EXPECT_EQ(next_due({}, now, 3, utc), now) << "never made: now";
    EXPECT_EQ(next_due({at("2026-11-23T03:00:05Z"), {}}, now, 3, utc), at("2026-11-24T03:00:00Z"));
    EXPECT_EQ(next_due({at("2026-11-23T02:59:59Z"), {}}, now, 3, utc), at("2026-11-23T03:00:00Z")) << "missed";
    EXPECT_EQ(next_due({at("2026-11-01T03:00:00Z"), {}}, now, 3, utc), at("2026-11-02T03:00:00Z")) << "missed long ago";
    EXPECT_EQ(next_due({at("2026-11-23T03:00:00Z"), {}}, now, 3, utc), at("2026-11-24T03:00:00Z"));
    EXPECT_EQ(next_due({at("2026-11-23T09:00:00Z"), {}}, now, 0, utc), at("2026-11-24T00:00:00Z"));
    EXPECT_EQ(next_due({at("2026-11-23T09:00:00Z"), {}}, now, 23, utc), at("2026-11-23T23:00:00Z"));
    EXPECT_EQ(next_due({at("2026-12-31T04:00:00Z"), {}}, at("2026-12-31T05:00:00Z"), 3, utc),
              at("2027-01-01T03:00:00Z"));
    EXPECT_EQ(next_due({at("2026-11-22T20:00:00Z"), {}}, now, 3, zone("Asia/Shanghai")), at("2026-11-23T19:00:00Z"));
}

TEST(NextDue, AClockThatWasWrongDoesNotPutItOff) {
    const base::UnixMillis now = at("2026-11-23T10:00:00Z");
    EXPECT_EQ(next_due({at("2031-01-01T00:00:00Z"), {}}, now, 3, base::TimeZone()), at("2026-11-24T03:00:00Z"));
    EXPECT_EQ(next_due({{}, at("2031-01-01T00:00:00Z")}, now, 3, base::TimeZone()), now + kRetryAfter);
}

TEST(NextDue, AFailureIsTriedAgainAfterAWhile) {
    const base::UnixMillis now = at("2026-11-23T03:10:00Z");
    const base::UnixMillis failed = at("2026-11-23T03:00:10Z");
    EXPECT_EQ(next_due({at("2026-11-22T03:00:00Z"), failed}, now, 3, base::TimeZone()), failed + kRetryAfter);
    EXPECT_EQ(next_due({{}, failed}, now, 3, base::TimeZone()), failed + kRetryAfter);
}

TEST(NextDue, ClockChangesMoveItByNoMoreThanAnHour) {
    const base::TimeZone berlin = zone("Europe/Berlin");
    // 2026-03-29: 02:00 becomes 03:00. 2026-10-25: 03:00 becomes 02:00.
    EXPECT_EQ(next_due({at("2026-03-28T12:00:00Z"), {}}, at("2026-03-28T13:00:00Z"), 3, berlin),
              at("2026-03-29T01:00:00Z"));
    EXPECT_EQ(next_due({at("2026-10-24T12:00:00Z"), {}}, at("2026-10-24T13:00:00Z"), 4, berlin),
              at("2026-10-25T03:00:00Z"));
    const base::UnixMillis skipped = next_due({at("2026-03-28T12:00:00Z"), {}}, at("2026-03-28T13:00:00Z"), 2, berlin);
    EXPECT_GE(skipped, at("2026-03-29T00:00:00Z"));
    EXPECT_LE(skipped, at("2026-03-29T01:00:00Z"));
}

std::vector<Kept> daily(const char* first, int days) {
    std::vector<Kept> backups;
    for (int i = 0; i < days; ++i) {
        const base::UnixMillis time = at(first) + i * base::kDay;
        backups.push_back({base::to_rfc3339(time).substr(0, 10), time});
    }
    return backups;
}

std::vector<std::string> kept(const std::vector<Kept>& backups, base::UnixMillis now, const Retention& keep,
                              const base::TimeZone& zone = {}) {
    const std::vector<std::string> gone = expired(backups, now, keep, zone);
    std::vector<std::string> names;
    for (const Kept& one : backups) {
        if (std::ranges::find(gone, one.name) == gone.end()) {
            names.push_back(one.name);
        }
    }
    return names;
}

TEST(Expired, KeepsDaysWeeksAndMonths) {
    // 2026-11-23 is a Monday.
    const auto backups = daily("2026-08-01T03:00:00Z", 115);
    ASSERT_EQ(backups.back().name, "2026-11-23");
    EXPECT_THAT(kept(backups, at("2026-11-23T10:00:00Z"), {}),
                ElementsAre("2026-08-31", "2026-09-30", "2026-10-31",                              // months
                            "2026-11-01", "2026-11-08", "2026-11-15",                              // weeks, to Sunday
                            "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21",  // days
                            "2026-11-22", "2026-11-23"));
    EXPECT_THAT(kept(backups, at("2026-11-23T10:00:00Z"), {2, 0, 0}), ElementsAre("2026-11-22", "2026-11-23"));
    EXPECT_THAT(kept(backups, at("2026-11-23T10:00:00Z"), {0, 0, 2}), ElementsAre("2026-10-31", "2026-11-23"));
    EXPECT_THAT(kept(backups, at("2026-11-23T10:00:00Z"), {0, 0, 0}), ElementsAre("2026-11-23")) << "one stays";
    EXPECT_THAT(kept(backups, at("2026-11-23T10:00:00Z"), {-1, -1, -1}), ElementsAre("2026-11-23"));
}

TEST(Expired, OfADayTheNewestStays) {
    const std::vector<Kept> backups{{"morning", at("2026-11-23T06:00:00Z")},
                                    {"noon", at("2026-11-23T12:00:00Z")},
                                    {"late", at("2026-11-23T22:00:00Z")}};
    EXPECT_THAT(expired(backups, at("2026-11-24T00:00:00Z"), {}, {}), ElementsAre("morning", "noon"));
    // In Shanghai the last one was made on the next day.
    EXPECT_THAT(expired(backups, at("2026-11-24T00:00:00Z"), {}, zone("Asia/Shanghai")), ElementsAre("morning"));
}

TEST(Expired, NothingGoesWhenBackupsStop) {
    const auto backups = daily("2026-01-01T03:00:00Z", 7);
    EXPECT_THAT(expired(backups, at("2036-01-01T00:00:00Z"), {}, {}), IsEmpty());
    EXPECT_THAT(expired({}, at("2036-01-01T00:00:00Z"), {}, {}), IsEmpty());
}

TEST(Expired, TheFutureIsLeftAlone) {
    auto backups = daily("2026-11-20T03:00:00Z", 4);
    backups.push_back({"future", at("2030-01-01T00:00:00Z")});
    EXPECT_THAT(expired(backups, at("2026-11-23T10:00:00Z"), {1, 0, 0}, {}),
                ElementsAre("2026-11-20", "2026-11-21", "2026-11-22"));
}

}  // namespace
}  // namespace tidemark::backup
