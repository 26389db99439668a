#include "desk/store/accounts_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace tidemark::store {
namespace {

class AccountsStoreTest : public testing::Test {
protected:
    AccountsStoreTest() {
        std::string name = testing::TempDir() + "/tidemark-store-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    ~AccountsStoreTest() override { std::filesystem::remove_all(folder_); }
    std::unique_ptr<AccountsStore> open() {
        auto store = AccountsStore::open(folder_);
        EXPECT_TRUE(store) << store.error().message;
        return std::move(*store);
    }
    static AccountRow account(const std::string& name) {
        AccountRow row;
        row.username = name;
        return row;
    }
    std::string folder_;
};

TEST_F(AccountsStoreTest, OnlyTheUserCanReadIt) {
    const mode_t before = umask(0);
    auto store = open();
    ASSERT_TRUE(store->add_account(account("ann")));
    umask(before);
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
        if (file.path().filename().string().starts_with("accounts.db")) {
            struct stat status{};
            ASSERT_EQ(stat(file.path().c_str(), &status), 0);
            EXPECT_EQ(status.st_mode & 0777, 0600U) << file.path();
        }
    }
    store.reset();
    ASSERT_EQ(chmod((folder_ + "/accounts.db").c_str(), 0644), 0);
    store = open();
    struct stat status{};
    ASSERT_EQ(stat((folder_ + "/accounts.db").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(AccountsStoreTest, RowsComeBackAsTheyWere) {
    auto store = open();
    AccountRow row = account("ann");
    row.display_name = "Ann O'Neill \xe5\xbc\xa0";
    row.email_sealed = "tm1:x";
    row.role = Role::kAdmin;
    row.totp_step = 7;
    row.require_2fa = true;
    row.oidc_issuer = "https://id.example.org";
    row.oidc_subject = "s";
    auto id = store->add_account(row);
    ASSERT_TRUE(id);
    auto found = store->account_by_name("ANN");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->display_name, row.display_name);
    EXPECT_EQ((*found)->role, Role::kAdmin);
    EXPECT_EQ((*found)->password, std::nullopt);
    EXPECT_EQ((*found)->totp_step, 7);
    EXPECT_TRUE((*found)->require_2fa);
    auto by_subject = store->account_by_subject("https://id.example.org", "s");
    ASSERT_TRUE(by_subject && *by_subject);
    EXPECT_EQ((*by_subject)->id, *id);
    EXPECT_FALSE(*store->account_by_subject("https://other.example.org", "s"));
    EXPECT_FALSE(*store->account_by_name("an_"));
    EXPECT_FALSE(store->add_account(account("aNN")));
}

TEST_F(AccountsStoreTest, ATransactionThatIsNotCommittedLeavesNothing) {
    auto store = open();
    {
        auto transaction = store->begin();
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(store->add_account(account("ann")));
    }
    EXPECT_TRUE(store->accounts()->empty());
}

TEST_F(AccountsStoreTest, ALinkIsUsedOnce) {
    auto store = open();
    LinkRow link;
    link.hash = "h";
    link.expires_at = 10;
    auto id = store->add_link(link);
    ASSERT_TRUE(id);
    EXPECT_TRUE(*store->use_link(*id, 1));
    EXPECT_FALSE(*store->use_link(*id, 2));
    EXPECT_EQ((*store->link("h"))->used_at, 1);
}

TEST_F(AccountsStoreTest, ANewerDatabaseIsRefusedUnchanged) {
    open();
    {
        auto database = Database::open(folder_ + "/accounts.db", OpenMode::kReadWrite);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute("PRAGMA user_version = 99"));
    }
    auto store = AccountsStore::open(folder_);
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("newer Tidemark"), std::string::npos);
}

TEST_F(AccountsStoreTest, AnEarlierPolicyLearnsWhenUnusedSignInsEnd) {
    ASSERT_TRUE(open()->put_setting("policy", R"({"domains":["example.org"],"session_days":7})", false));
    ASSERT_TRUE(Database::open(folder_ + "/accounts.db", OpenMode::kReadWrite)->execute("PRAGMA user_version = 1"));
    EXPECT_EQ(open()->setting("policy").value(), R"({"domains":["example.org"],"session_days":7,"idle_days":14})");
}

TEST_F(AccountsStoreTest, AFileThatIsNoDatabaseIsRefusedUnchanged) {
    const std::string text(5000, 'x');
    std::ofstream(folder_ + "/accounts.db") << text;
    auto store = AccountsStore::open(folder_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, base::ErrorCode::kDataLoss);
    std::ostringstream after;
    after << std::ifstream(folder_ + "/accounts.db").rdbuf();
    EXPECT_EQ(after.str(), text);
}

TEST_F(AccountsStoreTest, SealedCellsAreFoundByTheirKey) {
    auto store = open();
    AccountRow row = account("ann");
    row.email_sealed = "tm1:aaaaaaaa:1";
    row.totp_sealed = "tm1:bbbbbbbb:2";
    ASSERT_TRUE(store->add_account(row));
    ASSERT_TRUE(store->put_setting("plain", "text", false));
    ASSERT_TRUE(store->put_setting("secret", "tm1:aaaaaaaa:3", true));
    auto cells = store->cells_not_under("tm1:bbbbbbbb:", 10);
    ASSERT_TRUE(cells);
    ASSERT_EQ(cells->size(), 2U);
    EXPECT_EQ(cells->at(0).column, "accounts.email_sealed");
    EXPECT_EQ(cells->at(1).row, "secret");
    EXPECT_EQ(store->cells_not_under("tm1:bbbbbbbb:", 1)->size(), 1U);
    ASSERT_TRUE(store->put_cell(cells->at(0), "tm1:bbbbbbbb:4"));
    EXPECT_EQ((*store->account(1))->email_sealed, "tm1:bbbbbbbb:4");
    ASSERT_TRUE(store->put_cell(cells->at(0), "tm1:bbbbbbbb:5"));
    EXPECT_EQ((*store->account(1))->email_sealed, "tm1:bbbbbbbb:4") << "it had changed meanwhile";
}

TEST_F(AccountsStoreTest, SweepingTakesWhatEnded) {
    auto store = open();
    ASSERT_TRUE(store->add_account(account("ann")));
    SessionRow session;
    session.account = 1;
    for (const std::int64_t expires : {100, 200}) {
        session.id = session.family_hash = std::to_string(expires);
        session.expires_at = expires;
        ASSERT_TRUE(store->add_session(session));
    }
    ASSERT_TRUE(store->sweep(150));
    EXPECT_FALSE(*store->session("100"));
    EXPECT_TRUE(*store->session("200"));
}

}  // namespace
}  // namespace tidemark::store
