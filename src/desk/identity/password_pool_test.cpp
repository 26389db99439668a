#include "desk/identity/password_pool.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace tidemark::identity {
namespace {

TEST(PasswordPool, IsBoundedAndServesTheKnownFirst) {
    std::promise<void> gate;
    std::shared_future<void> open = gate.get_future().share();
    std::promise<void> began;
    std::string order;  // one thread writes it
    {
        PasswordPool pool(1, 2);
        ASSERT_TRUE(pool.submit(PasswordPool::Lane::kNew, [&] {
            began.set_value();
            open.wait();
        }));
        began.get_future().wait();
        EXPECT_TRUE(pool.submit(PasswordPool::Lane::kNew, [&] { order += 'n'; }));
        EXPECT_TRUE(pool.submit(PasswordPool::Lane::kNew, [&] { order += 'n'; }));
        EXPECT_FALSE(pool.submit(PasswordPool::Lane::kNew, [&] { order += '!'; }));
        EXPECT_TRUE(pool.submit(PasswordPool::Lane::kKnown, [&] { order += 'k'; })) << "a full lane is no other's";
        EXPECT_EQ(pool.waiting(), 3U);
        gate.set_value();
    }
    EXPECT_EQ(order, "knn") << "what waits is finished, too";
}

TEST(PasswordPool, ServesThoseLastWhoseNamesAreGuessedAt) {
    std::promise<void> gate;
    std::promise<void> began;
    std::string order;
    {
        PasswordPool pool(1, 4);
        ASSERT_TRUE(pool.submit(PasswordPool::Lane::kSuspect, [&, open = gate.get_future().share()] {
            began.set_value();
            open.wait();
        }));
        began.get_future().wait();
        EXPECT_TRUE(pool.submit(PasswordPool::Lane::kSuspect, [&] { order += 's'; }));
        EXPECT_TRUE(pool.submit(PasswordPool::Lane::kNew, [&] { order += 'n'; }));
        EXPECT_TRUE(pool.submit(PasswordPool::Lane::kKnown, [&] { order += 'k'; }));
        gate.set_value();
    }
    EXPECT_EQ(order, "kns");
}

TEST(PasswordPool, AFloodOfNamesThatNobodyHasTakesTimeButNoThread) {
    std::promise<void> gate;
    std::promise<void> began;
    std::atomic<int> hashed = 0;
    std::atomic<int> pretended = 0;
    constexpr int kFlood = 200;
    {
        PasswordPool pool(1, 64);
        // A job of a known length, which the pretended ones must last at least: they would have come after it.
        const auto start = std::chrono::steady_clock::now();
        ASSERT_TRUE(pool.run(PasswordPool::Lane::kNew, [&] {
            while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(20)) {
            }
        }));
        ASSERT_TRUE(pool.submit(PasswordPool::Lane::kNew, [&, open = gate.get_future().share()] {
            began.set_value();
            open.wait();
        }));
        began.get_future().wait();
        const auto before = std::chrono::steady_clock::now();
        for (int i = 0; i < kFlood; ++i) {
            EXPECT_TRUE(pool.submit_decoy(PasswordPool::Lane::kNew, [&, before](bool hash) {
                ++(hash ? hashed : pretended);
                if (!hash) {
                    EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(20));
                }
            }));
        }
        // The thread is held all the while: only those that hash wait for it.
        EXPECT_EQ(hashed, 0);
        gate.set_value();
        while (pretended + hashed < kFlood) {
            std::this_thread::yield();
        }
    }
    EXPECT_GE(hashed, PasswordPool::kHashedDecoys);
    EXPECT_LE(hashed, 2 * PasswordPool::kHashedDecoys) << "the flood may reach into a second second";
}

TEST(PasswordPool, RunWaitsForTheEnd) {
    PasswordPool pool(2, 4);
    std::atomic<int> sum = 0;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(pool.run(PasswordPool::Lane::kKnown, [&] { ++sum; }));
        EXPECT_EQ(sum, i + 1);
    }
}

}  // namespace
}  // namespace tidemark::identity
