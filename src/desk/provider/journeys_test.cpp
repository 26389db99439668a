#include "desk/provider/journeys.hpp"

#include <gtest/gtest.h>

namespace tidemark::provider {
namespace {

constexpr base::UnixMillis kNow = 1'795'000'000'000;

class JourneysTest : public ::testing::Test {
protected:
    Journeys::Begun begin(base::UnixMillis now = kNow, const std::string& address = "192.0.2.1",
                          const std::string& browser = "") {
        auto begun = journeys_.begin(address, browser, "/sessions", "https://tide.example/back", std::nullopt, now);
        EXPECT_TRUE(begun);
        return begun.value_or(Journeys::Begun{});
    }
    Journeys journeys_;
};

TEST_F(JourneysTest, EachReturnsOnceAndInItsBrowser) {
    const auto one = begin();
    const auto two = begin();
    EXPECT_NE(one.state, two.state);
    EXPECT_NE(one.journey.nonce, two.journey.nonce);
    EXPECT_NE(one.journey.verifier, two.journey.verifier);
    EXPECT_NE(one.journey.browser, two.journey.browser);
    EXPECT_GE(one.journey.verifier.size(), 43U);  // RFC 7636, 4.1
    EXPECT_FALSE(journeys_.take(one.state, two.journey.browser, kNow));
    EXPECT_FALSE(journeys_.take(one.state, "", kNow));
    EXPECT_FALSE(journeys_.take("", one.journey.browser, kNow));
    const auto taken = journeys_.take(one.state, one.journey.browser, kNow);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->nonce, one.journey.nonce);
    EXPECT_EQ(taken->verifier, one.journey.verifier);
    EXPECT_EQ(taken->return_to, "/sessions");
    EXPECT_EQ(taken->redirect_uri, "https://tide.example/back");
    EXPECT_FALSE(journeys_.take(one.state, one.journey.browser, kNow));
    EXPECT_FALSE(journeys_.take(one.state, "", kNow)) << "no browser is not the emptied one";
    EXPECT_TRUE(journeys_.take(two.state, two.journey.browser, kNow));
}

TEST_F(JourneysTest, TabsOfABrowserShareItsMark) {
    const auto first = begin();
    const auto second = begin(kNow, "192.0.2.1", first.journey.browser);
    EXPECT_EQ(second.journey.browser, first.journey.browser);
    EXPECT_TRUE(journeys_.take(first.state, first.journey.browser, kNow));
    EXPECT_TRUE(journeys_.take(second.state, first.journey.browser, kNow));
    // A mark that was brought along and is not known is not taken over: somebody else may have planted it.
    EXPECT_NE(begin(kNow, "192.0.2.1", "planted").journey.browser, "planted");
    EXPECT_NE(begin(kNow, "192.0.2.1", first.journey.browser).journey.browser, first.journey.browser);
}

TEST_F(JourneysTest, EndAfterTenMinutesAndWhenTheClockIsSetBack) {
    const auto one = begin();
    EXPECT_FALSE(journeys_.take(one.state, one.journey.browser, kNow + kJourneyLife));
    EXPECT_EQ(journeys_.size(), 0U);
    const auto two = begin();
    EXPECT_TRUE(journeys_.take(two.state, two.journey.browser, kNow + kJourneyLife - 1));
    const auto three = begin();
    EXPECT_FALSE(journeys_.take(three.state, three.journey.browser, kNow - base::kHour));
}

TEST_F(JourneysTest, AreBoundedForEachAddressAndInAll) {
    for (std::size_t i = 0; i < kJourneysPerAddress; ++i) {
        const auto begun = begin();
        EXPECT_TRUE(journeys_.take(begun.state, begun.journey.browser, kNow));  // coming back frees no place
    }
    EXPECT_FALSE(journeys_.begin("192.0.2.1", "", "/", "https://tide.example/back", std::nullopt, kNow));
    const auto other = begin(kNow, "192.0.2.2");
    EXPECT_TRUE(journeys_.begin("192.0.2.1", "", "/", "https://tide.example/back", std::nullopt, kNow + kJourneyLife));

    const auto late = begin(kNow + kJourneyLife, "198.51.100.1");
    for (std::size_t i = 0; i < kMostJourneys; ++i) {
        begin(kNow + kJourneyLife, "203.0.113." + std::to_string(i % 100));
        ASSERT_LE(journeys_.size(), kMostJourneys);
    }
    EXPECT_FALSE(journeys_.take(late.state, late.journey.browser, kNow + kJourneyLife));
    EXPECT_FALSE(journeys_.take(other.state, other.journey.browser, kNow + kJourneyLife));
}

}  // namespace
}  // namespace tidemark::provider
