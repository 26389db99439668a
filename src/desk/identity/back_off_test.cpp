#include "desk/identity/back_off.hpp"

#include <gtest/gtest.h>

namespace tidemark::identity {
namespace {

constexpr base::UnixMillis kNow = 1'795'000'000'000;

std::vector<Lane> lanes(const std::string& account, const std::string& address) {
    return {{LaneKind::kAccount, account}, {LaneKind::kHost, host_of(address)}, {LaneKind::kNet, net_of(address)}};
}

TEST(Addresses, AreCountedAsOneCustomerHasThem) {
    EXPECT_EQ(host_of("192.0.2.1"), "4:c0000201");
    EXPECT_EQ(host_of("::ffff:192.0.2.1"), "4:c0000201") << "the same address on an IPv6 socket";
    EXPECT_EQ(host_of("2001:db8:1:2:3:4:5:6"), host_of("2001:db8:1:2:ffff::1"));
    EXPECT_NE(host_of("2001:db8:1:2::1"), host_of("2001:db8:1:3::1"));
    EXPECT_EQ(net_of("192.0.2.1"), net_of("192.0.2.200"));
    EXPECT_EQ(net_of("2001:db8:1:2::1"), net_of("2001:db8:1:3::1"));
    EXPECT_NE(host_of("192.0.2.1"), net_of("192.0.2.1"));
    EXPECT_EQ(host_of("unix"), "unix");
}

TEST(BackOff, GrowsAndIsNeverForGood) {
    BackOff back_off;
    const std::vector<Lane> own = {{LaneKind::kAccount, "ann"}};
    base::UnixMillis now = kNow;
    int admitted = 0;
    base::UnixMillis longest = 0;
    for (int i = 0; i < 200; ++i) {
        const base::UnixMillis wait = back_off.admit(own, now);
        admitted += wait == 0 ? 1 : 0;
        longest = std::max(longest, wait);
        now += wait;
    }
    EXPECT_EQ(longest, base::kMinute);
    EXPECT_GT(admitted, 100) << "who waits as told is let in each time";
    EXPECT_EQ(back_off.admit(own, now + base::kMinute), 0);
}

TEST(BackOff, CountsAttemptsThatAreStillUnderWay) {
    BackOff back_off;
    int admitted = 0;
    for (int i = 0; i < 100; ++i) {
        admitted += back_off.admit(lanes("ann", "192.0.2." + std::to_string(i)), kNow) == 0 ? 1 : 0;
    }
    EXPECT_EQ(admitted, 5);
}

TEST(BackOff, ALaneOfItsOwnIsNotSlowedByOthers) {
    BackOff back_off;
    for (int i = 0; i < 50; ++i) {
        (void)back_off.admit(lanes("ann", "192.0.2.1"), kNow);
    }
    EXPECT_GT(back_off.admit(lanes("ann", "203.0.113.1"), kNow), 0);
    const std::vector<Lane> own = {{LaneKind::kKnownDevice, "ann's"}};
    EXPECT_EQ(back_off.admit(own, kNow), 0);
}

TEST(BackOff, AnAccountOfOnesOwnIsNoWayAround) {
    BackOff back_off;
    // Guess, guess …, then sign in with an own account from the same address, and again.
    int guesses = 0;
    for (int i = 0; i < 200; ++i) {
        const auto guess = lanes("victim-" + std::to_string(i), "192.0.2.1");
        guesses += back_off.admit(guess, kNow) == 0 ? 1 : 0;
        const auto own = lanes("mallory", "192.0.2.1");
        if (back_off.admit(own, kNow) == 0) {
            back_off.succeeded(own);
        }
    }
    EXPECT_LE(guesses, 10);
}

TEST(BackOff, SuccessClearsTheAccount) {
    BackOff back_off;
    const std::vector<Lane> own = {{LaneKind::kAccount, "ann"}};
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(back_off.admit(own, kNow), 0);
    }
    EXPECT_EQ(back_off.admit(own, kNow), 0);
    back_off.succeeded(own);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(back_off.admit(own, kNow), 0) << i;
    }
    EXPECT_GT(back_off.admit(own, kNow), 0);
}

TEST(BackOff, ForgetsAfterAQuarterOfAnHour) {
    BackOff back_off;
    const std::vector<Lane> own = {{LaneKind::kAccount, "ann"}};
    for (int i = 0; i < 5; ++i) {
        (void)back_off.admit(own, kNow);
    }
    const base::UnixMillis later = kNow + 17 * base::kMinute;
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(back_off.admit(own, later), 0);
    }
}

TEST(BackOff, IsBounded) {
    BackOff back_off(100);
    for (int i = 0; i < 10000; ++i) {
        (void)back_off.admit(
            lanes("name-" + std::to_string(i), "10." + std::to_string(i % 256) + "." + std::to_string(i / 256) + ".1"),
            kNow + i);
    }
    EXPECT_LE(back_off.size(), 300U);
}

TEST(BackOff, UnderPressureAnAddressGetsFewAttempts) {
    BackOff back_off;
    int admitted = 0;
    for (int i = 0; i < 5000; ++i) {  // 500 a second from 100 addresses, each with another name
        const std::string address = "10.0." + std::to_string(i % 100) + ".1";
        admitted += back_off.admit(lanes("name-" + std::to_string(i), address), kNow + i * 2) == 0 ? 1 : 0;
    }
    EXPECT_LT(admitted, 800) << "of 5000";
}

}  // namespace
}  // namespace tidemark::identity
