#include "ledger/query/privacy.hpp"

#include <gtest/gtest.h>

#include "ledger/query/query.hpp"

namespace tidemark::query {
namespace {

Privacy privacy() {
    Privacy::Facts facts;
    facts.own = {"ann", "ann@example.org"};
    facts.names = {"bob", "bo", "cy.young", "di van berg", "李雷"};
    facts.pseudonym = [](std::string_view name) { return "<" + std::to_string(name.size()) + ">"; };
    return Privacy(std::move(facts));
}

TEST(Privacy, MembersButOneselfHavePseudonyms) {
    EXPECT_EQ(privacy().member("bob"), "<3>");
    EXPECT_EQ(privacy().member("stranger"), "<8>") << "whoever it is";
    EXPECT_EQ(privacy().member("ann"), "ann");
    EXPECT_EQ(privacy().member(""), "") << "none is nobody";
}

TEST(Privacy, HomeFoldersOfOthersAreMasked) {
    const Privacy p = privacy();
    EXPECT_EQ(p.text("/home/carol/src/app"), "/home/<5>/src/app");
    EXPECT_EQ(p.text("/home/ann/src/app"), "/home/ann/src/app");
    EXPECT_EQ(p.text("/Users/carol"), "/Users/<5>");
    EXPECT_EQ(p.text("C:\\Users\\carol\\app"), "C:\\Users\\<5>\\app");
    EXPECT_EQ(p.text("C:\\\\Users\\\\carol\\\\app"), "C:\\\\Users\\\\<5>\\\\app");
    EXPECT_EQ(p.text("/mnt/c/Users/carol/app"), "/mnt/c/Users/<5>/app");
    EXPECT_EQ(p.text("/var/home/carol/app"), "/var/home/<5>/app");
    EXPECT_EQ(p.text("/srv/.claude/projects/-home-carol-app/x.jsonl"), "/srv/.claude/projects/-home-<5>-app/x.jsonl");
    EXPECT_EQ(p.text("/srv/.claude/projects/-home-ann-app/x.jsonl"), "/srv/.claude/projects/-home-ann-app/x.jsonl");
    EXPECT_EQ(p.text("/srv/web/app/src/pages/home/start"), "/srv/web/app/src/pages/home/start") << "no home folder";
}

TEST(Privacy, NamesAreMaskedWhereTheyAreWords) {
    const Privacy p = privacy();
    EXPECT_EQ(p.text("feature/bob"), "feature/<3>");
    EXPECT_EQ(p.text("feature/Bob-fix_2"), "feature/<3>-fix_2");
    EXPECT_EQ(p.text("git@github.com:bob/bobsled.git"), "git@github.com:<3>/bobsled.git") << "no part of a word";
    EXPECT_EQ(p.text("cy.young-test"), "<8>-test");
    EXPECT_EQ(p.text("x-di van berg"), "x-<11>");
    EXPECT_EQ(p.text("李雷-fix"), "<6>-fix");
    EXPECT_EQ(p.text("bo"), "<2>");
    EXPECT_EQ(p.text("bo-tie"), "bo-tie") << "two letters are too common inside";
    EXPECT_EQ(p.text("ann-and-bob"), "ann-and-<3>");
    for (const char* same :
         {"", "/", "//", "main", "-", "a//b", "\\", ":", "release/2.1", "\xff\xfe", "-home-", "/home/"}) {
        EXPECT_EQ(p.text(same), same);
    }
}

TEST(Privacy, OnlyKeysThatCanHoldNamesChange) {
    const Privacy p = privacy();
    for (const Dimension dimension : all_dimensions()) {
        EXPECT_EQ(p.key(dimension, "bob") != "bob", Privacy::hides(dimension)) << to_string(dimension);
    }
    EXPECT_TRUE(Privacy::hides(Dimension::kMember));
    EXPECT_FALSE(Privacy::hides(Dimension::kModel));
}

}  // namespace
}  // namespace tidemark::query
