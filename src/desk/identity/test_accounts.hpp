// Accounts in a temporary folder, with passwords that cost nothing and are counted. For tests only.
#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "desk/identity/accounts.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/crypto/totp.hpp"

namespace tidemark::identity {

constexpr base::UnixMillis kStart = 1'795'000'000'000;
constexpr std::string_view kPassword = "violet harbour lantern";
constexpr std::string_view kOtherPassword = "gravel thimble orchard";

class AccountsTest : public testing::Test {
protected:
    AccountsTest() {
        std::string name = testing::TempDir() + "/tidemark-accounts-XXXXXX";
        folder_ = mkdtemp(name.data());
        open();
    }
    ~AccountsTest() override {
        accounts_.reset();
        std::filesystem::remove_all(folder_);
    }

    void open(std::optional<crypto::KeyRing> ring = std::nullopt) {
        accounts_.reset();
        if (ring) {
            ring_ = *ring;
        }
        AccountsOptions options;
        options.breached = breached_;
        options.passwords.hash = [this](std::string_view password) -> base::Result<std::string> {
            ++hashed_;
            return "plain:" + std::string(password);
        };
        options.passwords.verify = [this](std::string_view password, const std::string& phc) {
            ++verified_;
            if (gate_.valid()) {
                gate_.wait();
            }
            return phc == "plain:" + std::string(password);
        };
        options.password_threads = 1;
        options.password_queue = 4;
        auto opened = Accounts::open(folder_, ring_, std::move(options), now_);
        ASSERT_TRUE(opened) << opened.error().message;
        accounts_ = std::move(*opened);
    }

    static Origin origin(std::string address = "192.0.2.1", std::string device = "") {
        return {std::move(address), "Firefox on Linux", "req-1", std::move(device)};
    }
    [[nodiscard]] Act as(const Caller& caller) const { return {caller, origin(), now_}; }
    [[nodiscard]] Act system() const { return as(Caller::system()); }

    /// The first account, "ann", role enterprise.
    SignedIn set_up(std::string_view password = kPassword) {
        auto link = accounts_->first_link(false, now_);
        EXPECT_TRUE(link && *link);
        auto in = accounts_->set_up((*link)->token, {"ann", "Ann Example", std::string(password)}, password.empty(),
                                    origin(), now_);
        EXPECT_TRUE(in) << in.error().message;
        return *in;
    }
    AccountId add(const std::string& name, Role role = Role::kUser) {
        auto id = accounts_->create_account(system(), {name, "", std::string(kPassword)}, role);
        EXPECT_TRUE(id) << id.error().message;
        return *id;
    }
    [[nodiscard]] Caller caller(const SignedIn& in) const {
        auto found = accounts_->verify_access(in.access, now_);
        EXPECT_TRUE(found);
        return found.value_or(Caller{});
    }
    SignInOutcome sign_in(std::string name, std::string_view password = kPassword, std::string code = "",
                          std::optional<Origin> from = std::nullopt, bool trusted = false) {
        std::promise<base::Result<SignInOutcome>> done;
        accounts_->sign_in({std::move(name), std::string(password), std::move(code), trusted},
                           from.value_or(origin("198.51.100.7")), now_,
                           [&](base::Result<SignInOutcome> outcome) { done.set_value(std::move(outcome)); });
        auto outcome = done.get_future().get();
        EXPECT_TRUE(outcome) << outcome.error().message;
        return outcome.value_or(SignInOutcome{});
    }
    Caller signed_in(const std::string& name) {
        const SignInOutcome outcome = sign_in(name);
        EXPECT_EQ(outcome.status, SignInStatus::kOk);
        return caller(outcome.signed_in);
    }
    /// Sets the second factor up and gives its seed.
    std::string enrol(const Caller& who, std::vector<std::string>* recovery = nullptr) {
        auto enrolment = accounts_->begin_second_factor(as(who));
        EXPECT_TRUE(enrolment);
        const std::string seed = crypto::from_base32(enrolment->secret).value_or("");
        auto codes = accounts_->confirm_second_factor(as(who), code(seed));
        EXPECT_TRUE(codes) << codes.error().message;
        if (recovery != nullptr) {
            *recovery = *codes;
        }
        return seed;
    }
    [[nodiscard]] std::string code(const std::string& seed) const {
        return crypto::totp_code(seed, now_ / crypto::kTotpStep);
    }
    std::vector<std::string> actions() {
        auto rows = accounts_->audit({}, 1000);
        std::vector<std::string> out;
        for (const auto& row : *rows) {
            out.push_back(row.action);
        }
        return out;
    }

    std::string folder_;
    base::UnixMillis now_ = kStart;
    crypto::KeyRing ring_ = crypto::KeyRing::temporary();
    std::atomic<int> hashed_ = 0, verified_ = 0;
    std::function<base::Result<bool>(std::string_view)> breached_;  // from the next open()
    std::shared_future<void> gate_;                                 // valid: verifying waits for it
    std::unique_ptr<Accounts> accounts_;
};

}  // namespace tidemark::identity
