#include "foundation/base/suggest.hpp"

#include <array>

#include <gtest/gtest.h>

namespace tidemark::base {
namespace {

constexpr std::array<std::string_view, 4> kNames{"group_by", "from", "to", "metric"};

TEST(Suggest, FindsTheNearestName) {
    EXPECT_EQ(nearest("groupby", kNames), "group_by");
    EXPECT_EQ(nearest("Form", kNames), "from");
    EXPECT_EQ(nearest("metirc", kNames), "metric");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
    EXPECT_EQ(nearest("colour", kNames), "");
    EXPECT_EQ(nearest("", kNames), "");
    EXPECT_EQ(did_you_mean("zzz", kNames), "");
    EXPECT_EQ(did_you_mean("metrik", kNames), " (did you mean \"metric\"?)");
}

}  // namespace
}  // namespace tidemark::base
