#include "desk/identity/rights.hpp"

#include <gtest/gtest.h>

namespace tidemark::identity {
namespace {

Caller person(Role role) {
    Caller c;
    c.kind = Caller::Kind::kAccount;
    c.role = role;
    return c;
}
Caller key(Role role, std::string_view scopes) {
    Caller c = person(role);
    c.kind = Caller::Kind::kApiKey;
    c.scopes = scopes_of(scopes);
    return c;
}
std::string rights_of(const Caller& caller) {
    std::string text;
    for (int i = 0; i < kRightCount; ++i) {
        if (allowed(caller, static_cast<Right>(i))) {
            text += std::string(to_text(static_cast<Right>(i))) + " ";
        }
    }
    return text;
}

TEST(Rights, AreThoseOfTheTable) {
    EXPECT_EQ(rights_of({}), "public ");
    EXPECT_EQ(rights_of(person(Role::kUser)), "public signed_in own_security own_account read ");
    EXPECT_EQ(rights_of(person(Role::kAdmin)), "public signed_in own_security own_account read manage_team ");
    EXPECT_EQ(rights_of(person(Role::kEnterprise)),
              "public signed_in own_security own_account read manage_team manage_all manage_secrets ");
    EXPECT_EQ(rights_of(key(Role::kEnterprise, "ingest")), "public signed_in ingest ");
    EXPECT_EQ(rights_of(key(Role::kEnterprise, "read")), "public signed_in read ");
    EXPECT_EQ(rights_of(key(Role::kEnterprise, "manage")), "public signed_in manage_team manage_all ");
    EXPECT_EQ(rights_of(key(Role::kAdmin, "manage")), "public signed_in manage_team ");
    EXPECT_EQ(rights_of(key(Role::kUser, "manage")), "public signed_in ");
    EXPECT_EQ(rights_of(Caller::system()),
              "public signed_in own_security own_account read ingest manage_team manage_all manage_secrets ");
}

TEST(Rights, WhoMustEnrolCanOnlyDoThat) {
    Caller boss = person(Role::kEnterprise);
    boss.must_enrol = true;
    EXPECT_EQ(rights_of(boss), "public signed_in own_security ");
}

TEST(Rights, ALimitedKeyNeverManagesEverything) {
    Caller k = key(Role::kEnterprise, "manage");
    k.teams = {1};
    EXPECT_EQ(rights_of(k), "public signed_in manage_team ");
    k.teams.clear();
    k.projects = {"/home/ann/site"};
    EXPECT_EQ(rights_of(k), "public signed_in ");
}

TEST(Rights, EveryLineStandsAtItsPlace) {
    EXPECT_EQ(to_text(Right::kPublic), "public");
    EXPECT_EQ(to_text(Right::kIngest), "ingest");
    EXPECT_EQ(to_text(Right::kManageAll), "manage_all");
}

TEST(Scopes, AreReadAndWritten) {
    EXPECT_EQ(to_text(scopes_of("manage,ingest")), "ingest,manage");
    EXPECT_EQ(scopes_of("read,everything"), Scopes{}) << "an unknown word gives nothing, not the rest";
    EXPECT_EQ(scopes_of(""), Scopes{});
}

}  // namespace
}  // namespace tidemark::identity
