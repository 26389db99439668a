#include "foundation/sys/account.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidemark::sys {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Accounts : public testing::Test {
protected:
    Accounts() {
        std::string name = testing::TempDir() + "tidemark-account-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        std::ofstream(folder_ + "/passwd") << "root:x:0:0:root:/root:/bin/bash\n"
                                              "torn\n"
                                              "nobody:x\n"
                                              "tide:x:998:997:Tidemark:/var/lib/tidemark:/usr/sbin/nologin\n"
                                              "toor:x:0:12::/:\n"
                                              "wheel:x:12:0::/:\n"
                                              "huge:x:4294967295:12::/:\n"
                                              "odd:x:-1:+5::/:\n"
                                              ":x:7:7::/:\n"
                                              "last:x:5:6::/:/bin/sh";
        std::ofstream(folder_ + "/group") << "root:x:0:\ntide:x:997:\nreaders:x:20:ann,tide\nten:x:10:tidemark\n"
                                             "own:x:997:tide\nsoft:x:many:tide\nshort:x:30\nssl-cert:x:101:tide\n";
    }
    ~Accounts() override { fs::remove_all(folder_); }
    base::Result<Account> find(std::string_view text) {
        return find_account(text, folder_ + "/passwd", folder_ + "/group");
    }
    static uid_t owner(const std::string& path) {
        struct stat status{};
        return ::lstat(path.c_str(), &status) == 0 ? status.st_uid : 0xdead;
    }
    std::string folder_;
};

TEST_F(Accounts, AreFoundByNameWithTheirGroups) {
    const auto tide = find("tide");
    ASSERT_TRUE(tide) << tide.error().message;
    EXPECT_EQ(tide->user, 998U);
    EXPECT_EQ(tide->group, 997U);
    EXPECT_THAT(tide->groups, ElementsAre(20U, 101U));
    EXPECT_EQ(find("last")->group, 6U);
}

TEST_F(Accounts, AreTakenByNumber) {
    const auto numbered = find("65534:65533");
    ASSERT_TRUE(numbered) << numbered.error().message;
    EXPECT_EQ(numbered->user, 65534U);
    EXPECT_EQ(numbered->group, 65533U);
    EXPECT_THAT(numbered->groups, IsEmpty());
}

TEST_F(Accounts, ThatAreNoneOrRootAreRefused) {
    for (const char* text : {"", "tid", "tidemark", "nobody", "torn", "huge", "odd", "998"}) {
        EXPECT_EQ(find(text).error().code, ErrorCode::kNotFound) << text;
    }
    for (const char* text : {"root", "toor", "wheel", "0:0", "0:5", "5:0", "5:", ":5", "a:b", "5:5x", "-1:5",
                             "4294967295:5", "5:99999999999"}) {
        EXPECT_EQ(find(text).error().code, ErrorCode::kInvalidArgument) << text;
    }
    EXPECT_FALSE(find_account("tide", folder_ + "/none", folder_ + "/group"));
}

class AsRoot : public Accounts {
protected:
    void SetUp() override {
        if (!is_root()) {
            GTEST_SKIP() << "only root can give something away";
        }
    }
    const Account account_{"tide", 65533, 65532, {}};
};

TEST_F(AsRoot, AFolderIsMadeForTheAccountWithWhatIsMissingAboveIt) {
    const std::string data = folder_ + "/a/b/data";
    ASSERT_TRUE(give_folder(data, account_, "mark"));
    EXPECT_EQ(owner(folder_), 0U);
    EXPECT_EQ(owner(folder_ + "/a"), 65533U);
    EXPECT_EQ(owner(data), 65533U);
    EXPECT_EQ(fs::status(data).permissions(), fs::perms::owner_all);
    std::ofstream(data + "/file") << "root's, in a folder that is not";
    ASSERT_TRUE(give_folder(data, account_, "mark"));
    EXPECT_EQ(owner(data + "/file"), 0U) << "whose folder it is could have made it a link to anything";
}

TEST_F(AsRoot, AFolderOfOursIsGivenAwayAndNoOther) {
    const std::string data = folder_ + "/data";
    fs::create_directories(data + "/backups");
    fs::permissions(data, fs::perms::owner_all);
    std::ofstream(data + "/other") << "x";
    std::ofstream(folder_ + "/outside") << "x";
    fs::create_symlink(folder_ + "/outside", data + "/link");
    EXPECT_EQ(give_folder(data, account_, "mark").error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(owner(data + "/other"), 0U);
    std::ofstream(data + "/mark") << "x";
    fs::permissions(data, fs::perms::all);
    EXPECT_THAT(give_folder(data, account_, "mark").error().message, HasSubstr("written by others"));
    fs::permissions(data, fs::perms::owner_all);
    ASSERT_TRUE(give_folder(data, account_, "mark"));
    for (const char* name : {"", "/backups", "/other", "/mark", "/link"}) {
        EXPECT_EQ(owner(data + name), 65533U) << name;
    }
    EXPECT_EQ(owner(folder_ + "/outside"), 0U);
    EXPECT_EQ(give_folder(data, {"else", 65531, 65531, {}}, "mark").error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(AsRoot, RootIsGivenUpForGood) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto done = become({"tide", 65533, 65532, {65531}});
        gid_t group = 0;
        const bool right = done && ::getuid() == 65533 && ::getegid() == 65532 && ::getgroups(1, &group) == 1 &&
                           group == 65531 && ::setuid(0) != 0 && ::access("/etc/shadow", R_OK) != 0;
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tidemark::sys
