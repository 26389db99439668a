#include "desk/identity/directory.hpp"

#include <gtest/gtest.h>

namespace tidemark::identity {
namespace {

Person person(AccountId id, std::string name, Role role) {
    Person p;
    p.id = id;
    p.username = std::move(name);
    p.role = role;
    return p;
}
Caller caller(const Directory& directory, AccountId id) {
    Caller c;
    c.kind = Caller::Kind::kAccount;
    c.account = id;
    c.role = directory.person(id)->role;
    return c;
}
std::set<std::string> members(const Directory& directory, const Caller& who) {
    return directory.reach_of(who, PrivacyMode::kNames, 5).members;
}

// company (1) > platform (2) > storage (3); sales (4). Bea manages platform, Sam storage.
class DirectoryTest : public testing::Test {
protected:
    Directory directory_{
        {person(1, "ann", Role::kEnterprise), person(2, "Bea", Role::kAdmin), person(3, "sam", Role::kAdmin),
         person(4, "uma", Role::kUser), person(5, "vic", Role::kUser), person(6, "wes", Role::kUser)},
        {{1, std::nullopt, "company"}, {2, 1, "platform"}, {3, 2, "storage"}, {4, 1, "sales"}},
        {{2, 2, true}, {2, 4, false}, {3, 3, true}, {3, 5, false}, {4, 6, false}, {4, 2, false}},
        {{1, IdentityKind::kOsUser, "bea", 2},
         {2, IdentityKind::kMachine, "bea-laptop", 2},
         {3, IdentityKind::kOsUser, "sam", 3},
         {4, IdentityKind::kOsUser, "uma", 4},
         {5, IdentityKind::kMail, "vic@example.org", 5},
         {6, IdentityKind::kOsUser, "wes", 6}},
        {{"/home/ann/site", 4}, {"/home/ann/other", 6}}};
};

TEST_F(DirectoryTest, AUserSeesTheOwnIdentitiesAndProjects) {
    const Reach reach = directory_.reach_of(caller(directory_, 4), PrivacyMode::kNames, 5);
    EXPECT_FALSE(reach.everything);
    EXPECT_EQ(reach.members, std::set<std::string>{"uma"});
    EXPECT_EQ(reach.owned_projects, std::set<std::string>{"/home/ann/site"});
    EXPECT_TRUE(reach.contains("uma", "/anything"));
    EXPECT_TRUE(reach.contains("wes", "/home/ann/site")) << "others' work in the own project";
    EXPECT_FALSE(reach.contains("wes", "/home/ann/other"));
    EXPECT_FALSE(reach.contains("", "/anything")) << "unassigned usage is not everybody's";
}

TEST_F(DirectoryTest, AnAdminSeesTheManagedTeamsAndThoseBelow) {
    EXPECT_EQ(members(directory_, caller(directory_, 2)),
              (std::set<std::string>{"bea", "bea-laptop", "uma", "sam", "vic@example.org"}));
    EXPECT_EQ(members(directory_, caller(directory_, 3)), (std::set<std::string>{"sam", "vic@example.org"}))
        << "not the team above; nor sales, where Bea is a member only";
}

TEST_F(DirectoryTest, ManagingIsOfAnAdminOnly) {
    Caller demoted = caller(directory_, 2);
    demoted.role = Role::kUser;
    EXPECT_EQ(members(directory_, demoted), (std::set<std::string>{"bea", "bea-laptop"}));
}

TEST_F(DirectoryTest, EnterpriseSeesEverything) {
    const Reach reach = directory_.reach_of(caller(directory_, 1), PrivacyMode::kTotals, 5);
    EXPECT_TRUE(reach.everything);
    EXPECT_TRUE(reach.contains("", ""));
    EXPECT_EQ(reach.minimum_people, 5);
}

TEST_F(DirectoryTest, AKeyIsLimitedToTeamsAndProjects) {
    Caller key = caller(directory_, 1);
    key.kind = Caller::Kind::kApiKey;
    key.teams = {3};
    EXPECT_EQ(members(directory_, key), (std::set<std::string>{"sam", "vic@example.org"}));
    EXPECT_FALSE(directory_.reach_of(key, PrivacyMode::kNames, 5).everything);
    key.teams = {99};
    EXPECT_TRUE(members(directory_, key).empty()) << "a team that is gone is nobody, not everybody";
    key.teams.clear();
    key.projects = {"/home/ann/site"};
    const Reach reach = directory_.reach_of(key, PrivacyMode::kNames, 5);
    EXPECT_TRUE(reach.contains("anybody", "/home/ann/site"));
    EXPECT_FALSE(reach.contains("anybody", "/home/ann/other"));

    Caller of_user = caller(directory_, 4);
    of_user.kind = Caller::Kind::kApiKey;
    of_user.teams = {4};
    EXPECT_TRUE(members(directory_, of_user).empty()) << "a limit never widens";
    of_user.teams = {1};
    EXPECT_EQ(members(directory_, of_user), std::set<std::string>{"uma"});
}

TEST_F(DirectoryTest, NobodySeesNothing) {
    const Reach reach = directory_.reach_of({}, PrivacyMode::kNames, 5);
    EXPECT_FALSE(reach.contains("uma", "/home/ann/site"));
    EXPECT_FALSE(reach.contains("", ""));
}

TEST_F(DirectoryTest, WhomOneMayManage) {
    EXPECT_TRUE(directory_.may_manage(caller(directory_, 2), 4));
    EXPECT_TRUE(directory_.may_manage(caller(directory_, 2), 5));
    EXPECT_FALSE(directory_.may_manage(caller(directory_, 2), 3)) << "another admin";
    EXPECT_FALSE(directory_.may_manage(caller(directory_, 2), 6)) << "another team's";
    EXPECT_FALSE(directory_.may_manage(caller(directory_, 2), 1));
    EXPECT_FALSE(directory_.may_manage(caller(directory_, 4), 4));
    EXPECT_TRUE(directory_.may_manage(caller(directory_, 1), 2));
    EXPECT_FALSE(directory_.may_manage(caller(directory_, 1), 99));
    EXPECT_FALSE(directory_.may_manage({}, 4));
}

TEST_F(DirectoryTest, NamesAreFoundInAnyCase) {
    EXPECT_EQ(directory_.by_username("bEA")->id, 2);
    EXPECT_EQ(directory_.by_username("nobody"), nullptr);
    EXPECT_EQ(directory_.owner_of("Vic@Example.org"), 5);
    EXPECT_EQ(directory_.owner_of("stranger"), std::nullopt);
}

TEST(Directory, ALoopOfTeamsEnds) {
    const Directory directory({person(1, "ann", Role::kAdmin)}, {{1, 2, "a"}, {2, 1, "b"}}, {{1, 1, true}}, {}, {});
    EXPECT_EQ(directory.managed_teams(1), (std::set<TeamId>{1, 2}));
}

}  // namespace
}  // namespace tidemark::identity
