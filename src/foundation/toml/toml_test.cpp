#include "foundation/toml/toml.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Toml, ALetterThatIsNoWhiteSpaceIsRefusedOutsideStringsAndKeptInside) {
    // One letter of each part of the library's table that had no answer: Latin, CJK punctuation, Arabic forms.
    for (const char* letter : {"\u00a7", "\u00e9", "\u0444", "\u3001", "\ufb50"}) {
        const std::string text = letter;
        EXPECT_FALSE(toml::parse(text));
        EXPECT_FALSE(toml::parse("a" + text + " = 1\n"));
        EXPECT_FALSE(toml::parse("a = 1 " + text + "\n"));
        const toml::parse_result continued = toml::parse("a = \"\"\"\\\n  " + text + "\"\"\"\n");
        ASSERT_TRUE(continued) << continued.error();
        EXPECT_EQ(continued.table()["a"].value<std::string>(), text);
    }
}

}  // namespace
