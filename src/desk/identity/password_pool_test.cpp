#include "desk/identity/password_pool.hpp"

#include <atomic>
#include <future>
#include <string>

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
