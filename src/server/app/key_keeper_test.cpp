#include "server/app/key_keeper.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "desk/backup/backup.hpp"
#include "desk/store/accounts_store.hpp"
#include "ledger/store/writer.hpp"
#include "server/app/account_desk.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

class KeyKeeperTest : public testing::Test {
protected:
    KeyKeeperTest() {
        std::string name = testing::TempDir() + "/tidemark-keeper-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    ~KeyKeeperTest() override {
        close();
        std::filesystem::remove_all(folder_);
    }

    void open(std::int64_t batch = 100) {
        close();
        auto accounts = open_accounts(folder_, source_);
        ASSERT_TRUE(accounts) << accounts.error().message;
        accounts_ = std::move(*accounts);
        KeyKeeper::Options options;
        options.data_dir = folder_;
        options.source = source_;
        options.accounts = accounts_.get();
        options.ring_changed = [this](const crypto::KeyRing& ring) { told_ = ring.current_id(); };
        options.batch = batch;
        keys_ = std::make_unique<KeyKeeper>(std::move(options), *open_key_ring(folder_, source_));
    }
    void close() {
        keys_.reset();
        accounts_.reset();
    }
    void done() {
        const KeyKeeper::Progress progress = keys_->wait(30s);
        EXPECT_FALSE(progress.under_way);
        EXPECT_EQ(progress.left, 0);
        EXPECT_EQ(progress.problem, "");
    }
    [[nodiscard]] static identity::Act act() { return {identity::Caller::system(), {}, base::now()}; }
    void add_secrets(int count) {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(accounts_->set_secret_setting(act(), "s" + std::to_string(i), "value " + std::to_string(i)));
        }
    }
    [[nodiscard]] std::string audited(std::string action) {
        store::AuditFilter filter;
        filter.action = std::move(action);
        return std::to_string(accounts_->audit(filter, 100)->size());
    }
    void put(const std::string& name, const std::string& text) {
        std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
        ::chmod((folder_ + "/" + name).c_str(), 0600);
    }
    [[nodiscard]] std::string text_of(const std::string& name) {
        std::ifstream in(folder_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::string folder_;
    KeySource source_;
    std::unique_ptr<identity::Accounts> accounts_;
    std::unique_ptr<KeyKeeper> keys_;
    std::string told_;
};

TEST_F(KeyKeeperTest, ANewKeySealsEverythingAndTheOldOneStays) {
    open(3);
    add_secrets(10);
    const std::string old = told_;
    ASSERT_TRUE(keys_->rotate(act()));
    done();
    EXPECT_NE(told_, old);
    const auto state = keys_->state();
    ASSERT_TRUE(state);
    EXPECT_EQ(state->source, api::MasterKeySource::kFile);
    ASSERT_EQ(state->keys.size(), 2U);
    EXPECT_EQ(state->keys[0].id, told_);
    EXPECT_EQ(state->keys[0].values, 13) << "and the signing, look-up and audit keys";
    EXPECT_EQ(state->keys[1].id, old);
    EXPECT_EQ(state->keys[1].values, 0);
    EXPECT_FALSE(state->change);
    EXPECT_EQ(audited("master_key.rotate"), "1");
    EXPECT_EQ(audited("master_key.rotated"), "1");
    EXPECT_EQ(*accounts_->secret_setting("s7"), "value 7");
}

TEST_F(KeyKeeperTest, WhatWasInterruptedGoesOnAtTheNextStart) {
    open();
    add_secrets(20);
    close();
    // Killed after the file was written, before a value was sealed; and again in the middle.
    const auto rotated = crypto::KeyRing::rotate_file(folder_ + "/master.key");
    ASSERT_TRUE(rotated);
    {
        const auto accounts = open_accounts(folder_, source_);
        ASSERT_TRUE(accounts);
        ASSERT_EQ(*(*accounts)->use_key_ring(act(), *rotated), 23);
        ASSERT_EQ(*(*accounts)->reseal(act(), 7), 7);
    }
    open();
    done();
    EXPECT_EQ(accounts_->sealed_by_key()->at(rotated->current_id()), 23);
    EXPECT_EQ(audited("master_key.rotate"), "1");
    EXPECT_EQ(audited("master_key.rotated"), "1");
}

TEST_F(KeyKeeperTest, AStartWithNothingToDoWritesNothing) {
    open();
    close();
    open();
    const auto entries = accounts_->audit({}, 100)->size();
    EXPECT_FALSE(keys_->wait(0ms).under_way);
    EXPECT_EQ(accounts_->audit({}, 100)->size(), entries);
}

TEST_F(KeyKeeperTest, AKeyIsTakenOutOnceNothingNeedsIt) {
    open();
    add_secrets(2);
    const std::string old = told_;
    auto ring = *open_key_ring(folder_, source_);
    EXPECT_EQ(keys_->retire(act(), old).error().code, ErrorCode::kFailedPrecondition) << "it is in use";
    ASSERT_TRUE(store::Writer::open(folder_));
    const auto made = backup::make(folder_, ring, backup_folder(folder_), base::now(), {"test", false, {}});
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(keys_->rotate(act()));
    done();
    EXPECT_EQ(keys_->state()->keys[1].backups, 1);
    const auto needed = keys_->retire(act(), old);
    ASSERT_FALSE(needed);
    EXPECT_NE(needed.error().message.find("1 backups"), std::string::npos) << needed.error().message;
    // Where the backups cannot be read, nobody knows that they do not need it.
    std::filesystem::rename(backup_folder(folder_), folder_ + "/away");
    put("backups", "in the way");
    EXPECT_EQ(keys_->state()->keys[1].backups, std::nullopt);
    EXPECT_FALSE(keys_->retire(act(), old));
    std::filesystem::remove(backup_folder(folder_));
    std::filesystem::rename(folder_ + "/away", backup_folder(folder_));
    ASSERT_TRUE(std::filesystem::remove(made->path));
    ASSERT_TRUE(keys_->retire(act(), old));
    EXPECT_EQ(keys_->state()->keys.size(), 1U);
    EXPECT_EQ(keys_->retire(act(), "00000000").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(audited("master_key.retire"), "1");
    open();
    EXPECT_EQ(*accounts_->secret_setting("s1"), "value 1");
}

TEST_F(KeyKeeperTest, ACommandsNewKeyIsTakenOver) {
    const std::string one(64, '1'), two = std::string(32, '2') + std::string(32, '3');
    put("keys", one.substr(0, 62) + "aa\n");
    source_.command = "cat " + folder_ + "/keys";
    open();
    add_secrets(3);
    const auto same = keys_->rotate(act());
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, ErrorCode::kFailedPrecondition);
    const std::string old = text_of("keys");
    put("keys", two + "\n");
    const auto alone = keys_->rotate(act());
    ASSERT_FALSE(alone) << "the old key is gone";
    EXPECT_EQ(alone.error().code, ErrorCode::kFailedPrecondition);
    put("keys", two + "," + old);
    ASSERT_TRUE(keys_->rotate(act()));
    done();
    EXPECT_EQ(keys_->state()->source, api::MasterKeySource::kCommand);
    put("keys", two);
    open();
    EXPECT_EQ(*accounts_->secret_setting("s2"), "value 2");
}

TEST_F(KeyKeeperTest, WhatCannotBeOpenedIsSaidAndTheRestCanBeRead) {
    open();
    add_secrets(2);
    close();
    {
        auto store = store::AccountsStore::open(folder_);
        ASSERT_TRUE(store);
        const std::string sealed = *(*store)->setting("secret.s0").value();
        ASSERT_TRUE((*store)->put_setting("secret.s0", sealed.substr(0, sealed.size() - 4) + "AAAA", true));
    }
    open();
    ASSERT_TRUE(keys_->rotate(act()));
    const KeyKeeper::Progress progress = keys_->wait(30s);
    EXPECT_NE(progress.problem.find("settings.value, row secret.s0"), std::string::npos) << progress.problem;
    EXPECT_TRUE(progress.under_way);
    EXPECT_EQ(keys_->rotate(act()).error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(*accounts_->secret_setting("s1"), "value 1");
}

class AccountDeskTest : public KeyKeeperTest {
protected:
    AccountDeskTest() {
        open();
        desk_ = {accounts_.get(), keys_.get(), "http://127.0.0.1:8377"};
    }
    [[nodiscard]] base::Result<std::optional<AccountReply>> ask(AccountRequest request) {
        return ask_server(folder_, request);
    }
    AccountDesk desk_;
};

AccountRequest request_of(std::string command, std::string action, std::string name = "") {
    AccountRequest request;
    request.command = std::move(command);
    request.action = std::move(action);
    request.name = std::move(name);
    return request;
}

TEST_F(AccountDeskTest, TheSocketSaysWhatTheStoreSays) {
    EXPECT_FALSE(ask(request_of("user", "list")).value()) << "nobody listens";
    const auto server =
        sys::LocalServer::start(control_socket(folder_), [this](std::string_view text) { return answer(desk_, text); });
    ASSERT_TRUE(server);
    const auto made = ask(request_of("user", "add", "vera"));
    ASSERT_TRUE(made && *made) << made.error().message;
    EXPECT_TRUE((*made)->out.starts_with("http://127.0.0.1:8377/reset#")) << (*made)->out;
    EXPECT_NE((*made)->talk.find("Works once"), std::string::npos);
    EXPECT_EQ((*ask(request_of("user", "list")))->out, perform(desk_, request_of("user", "list"))->out);
    // Errors keep their kind and their words: the exit code follows from it.
    for (const AccountRequest& wrong : {request_of("user", "add", "vera"), request_of("user", "add", "no name"),
                                        request_of("user", "reset", "nobody"), request_of("key", "revoke", "7x"),
                                        request_of("key", "revoke", "7"), request_of("user", "steal", "vera"),
                                        request_of("fly", "list"), request_of("key", "retire-master", "00000000")}) {
        const auto here = perform(desk_, wrong);
        const auto there = ask(wrong);
        ASSERT_FALSE(here) << wrong.action;
        ASSERT_FALSE(there) << wrong.action;
        EXPECT_EQ(there.error().code, here.error().code);
        EXPECT_EQ(there.error().message, here.error().message);
    }
    auto reply = ask(request_of("key", "rotate-master"));
    while (reply && *reply && (*reply)->under_way) {
        reply = ask(request_of("key", "progress"));
    }
    ASSERT_TRUE(reply && *reply);
    EXPECT_NE((*reply)->out.find("The master key is " + told_), std::string::npos) << (*reply)->out;
    EXPECT_NE((*ask(request_of("key", "list-master")))->out.find(told_), std::string::npos);
    EXPECT_NE((*ask(request_of("verify", "")))->out.find("whole"), std::string::npos);
}

TEST_F(AccountDeskTest, RubbishIsRefused) {
    for (const char* text : {"", "{", "[]", "{}", R"({"command":"user"})", "\x80",
                             R"({"command":"user","action":"list",)"
                             R"("more":1})"}) {
        EXPECT_NE(answer(desk_, text).find("does not understand"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace tidemark::app
