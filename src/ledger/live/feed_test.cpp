#include "ledger/live/feed.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::live {
namespace {

using ::testing::ElementsAre;

model::UsageChange change(std::uint64_t seq) {
    model::UsageChange result;
    result.seq = seq;
    return result;
}

std::vector<std::uint64_t> numbers(const Feed::Missed& missed) {
    std::vector<std::uint64_t> out;
    for (const auto& one : missed.changes.value()) {
        out.push_back(one->seq);
    }
    return out;
}

TEST(Feed, TellsListenersInOrder) {
    Feed feed(10);
    std::vector<std::uint64_t> heard;
    {
        const auto subscription = feed.subscribe([&](std::uint64_t seq, const Event& event) {
            EXPECT_EQ(std::get<Change>(event)->seq, seq);
            heard.push_back(seq);
        });
        feed.publish(change(11));
        feed.publish(change(15));
        feed.publish(change(0));
    }
    feed.publish(change(17));
    EXPECT_THAT(heard, ElementsAre(11, 15, 16));
    EXPECT_EQ(feed.seq(), 17U);
}

TEST(Feed, GivesWhatWasMissed) {
    Feed feed(10);
    feed.publish(change(11));
    feed.publish(change(12));
    EXPECT_THAT(numbers(feed.since(10)), ElementsAre(11, 12));
    EXPECT_THAT(numbers(feed.since(11)), ElementsAre(12));
    EXPECT_THAT(numbers(feed.since(12)), ElementsAre());
    EXPECT_FALSE(feed.since(9).changes) << "before this process began";
    EXPECT_FALSE(feed.since(13).changes) << "a number from another ledger";
}

TEST(Feed, ForgetsWhatLeavesTheRing) {
    Feed feed;
    for (std::uint64_t seq = 1; seq <= Feed::kRing + 5; ++seq) {
        feed.publish(change(seq));
    }
    EXPECT_FALSE(feed.since(4).changes);
    EXPECT_EQ(feed.since(5).changes->size(), Feed::kRing);
    EXPECT_EQ(feed.since(5).changes->front()->seq, 6U);
}

TEST(Feed, AnnouncementsAreNotKept) {
    Feed feed(3);
    int heard = 0;
    const auto subscription = feed.subscribe([&](std::uint64_t seq, const Event& event) {
        EXPECT_EQ(seq, 3U);
        EXPECT_TRUE(std::holds_alternative<PricesChanged>(event));
        ++heard;
    });
    feed.announce(PricesChanged{});
    EXPECT_EQ(heard, 1);
    EXPECT_TRUE(feed.since(3).changes->empty());
}

TEST(Feed, ManyThreadsSeeRisingNumbers) {
    Feed feed;
    std::uint64_t last = 0;
    std::int64_t count = 0;
    const auto subscription = feed.subscribe([&](std::uint64_t seq, const Event&) {
        EXPECT_GT(seq, last);
        last = seq;
        ++count;
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 500; ++n) {
                feed.publish(change(0));
                static_cast<void>(feed.since(feed.seq()));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(count, 2000);
}

}  // namespace
}  // namespace tidemark::live
