#include "foundation/log/log.hpp"

#include <gtest/gtest.h>

namespace tidemark::log {
namespace {

TEST(Log, WritesNameAndFieldsAsLogfmt) {
    EXPECT_EQ(
        format(Level::kInfo, "server_listening", {{"address", "127.0.0.1:8377"}, {"threads", 2}, {"demo", false}}),
        "level=info event=server_listening address=127.0.0.1:8377 threads=2 demo=false");
}

TEST(Log, QuotesValuesThatWouldBreakTheLine) {
    EXPECT_EQ(format(Level::kWarn, "x", {{"a", ""}, {"b", "two words"}, {"c", "k=\"v\"\nlevel=error"}}),
              R"(level=warn event=x a="" b="two words" c="k=\"v\"\nlevel=error")");
    EXPECT_EQ(format(Level::kWarn, "x", {{"a", std::string_view("\x1b[31m", 5)}}), R"(level=warn event=x a="?[31m")");
}

TEST(Log, LevelsBelowTheLeastAreOff) {
    set_level(Level::kWarn);
    EXPECT_FALSE(enabled(Level::kInfo));
    EXPECT_TRUE(enabled(Level::kError));
    set_level(Level::kInfo);
    EXPECT_TRUE(enabled(Level::kInfo));
}

TEST(Log, WritesOneLineToStandardError) {
    testing::internal::CaptureStderr();
    info("hello", {{"n", 1}});
    debug("silent");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(text.starts_with("time=2")) << text;
    EXPECT_TRUE(text.ends_with(" level=info event=hello n=1\n")) << text;
}

}  // namespace
}  // namespace tidemark::log
