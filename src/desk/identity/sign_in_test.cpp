#include <algorithm>
#include <set>
#include <thread>

#include "desk/identity/test_accounts.hpp"

namespace tidemark::identity {
namespace {

using store::LinkPurpose;

class SignIn : public AccountsTest {};

// --- The first run ---------------------------------------------------------------------------------------------------

TEST_F(SignIn, TheSetUpLinkMakesTheFirstAccountOnce) {
    auto old = accounts_->first_link(false, now_);
    auto link = accounts_->first_link(false, now_);
    ASSERT_TRUE(old && *old && link && *link);
    EXPECT_EQ((*link)->purpose, LinkPurpose::kSetup);
    const NewAccount ann{"ann", "Ann", std::string(kPassword)};
    EXPECT_FALSE(accounts_->set_up((*old)->token, ann, false, origin(), now_)) << "a newer link ends the older";
    EXPECT_FALSE(accounts_->set_up("guess", ann, false, origin(), now_));
    EXPECT_FALSE(accounts_->set_up((*link)->token, ann, false, origin(), now_ + base::kDay)) << "expired";
    EXPECT_FALSE(accounts_->set_up((*link)->token, {"ann", "", ""}, false, origin(), now_))
        << "no password, yet others can reach the server";
    EXPECT_FALSE(accounts_->set_up((*link)->token, {"ann", "", "short"}, false, origin(), now_));
    EXPECT_FALSE(accounts_->set_up((*link)->token, {"a b", "", std::string(kPassword)}, false, origin(), now_));

    auto in = accounts_->set_up((*link)->token, ann, false, origin(), now_);
    ASSERT_TRUE(in) << in.error().message << ": what was refused has not used the link up";
    const Caller who = caller(*in);
    EXPECT_EQ(who.role, Role::kEnterprise);
    EXPECT_EQ(who.username, "ann");
    EXPECT_FALSE(accounts_->set_up((*link)->token, {"eve", "", std::string(kPassword)}, false, origin(), now_));
    auto none = accounts_->first_link(false, now_);
    EXPECT_TRUE(none && !*none);
}

TEST_F(SignIn, OnThisMachineALinkIsEnough) {
    set_up("");
    auto link = accounts_->first_link(true, now_);
    ASSERT_TRUE(link && *link);
    EXPECT_EQ((*link)->purpose, LinkPurpose::kSignIn);
    EXPECT_FALSE(accounts_->sign_in_by_link((*link)->token, false, origin(), now_));
    auto in = accounts_->sign_in_by_link((*link)->token, true, origin("127.0.0.1"), now_);
    ASSERT_TRUE(in);
    EXPECT_EQ(in->refresh_expires, now_ + 30 * base::kDay);
    EXPECT_FALSE(accounts_->sign_in_by_link((*link)->token, true, origin("127.0.0.1"), now_)) << "once";
    EXPECT_EQ(sign_in("ann", "").status, SignInStatus::kRefused) << "no password is not the empty password";

    auto late = accounts_->first_link(true, now_);
    ASSERT_TRUE(late && *late);
    add("bob");
    EXPECT_FALSE(accounts_->sign_in_by_link((*late)->token, true, origin(), now_)) << "no longer one account";
    auto none = accounts_->first_link(true, now_);
    EXPECT_TRUE(none && !*none);
}

TEST_F(SignIn, ALinkDoesNotGoAroundASecondFactor) {
    const SignedIn in = set_up();
    auto link = accounts_->first_link(true, now_);
    ASSERT_TRUE(link && *link);
    enrol(caller(in));
    EXPECT_FALSE(accounts_->sign_in_by_link((*link)->token, true, origin(), now_));
    auto none = accounts_->first_link(true, now_);
    EXPECT_TRUE(none && !*none);
}

// --- Passwords -------------------------------------------------------------------------------------------------------

TEST_F(SignIn, ByNameOrAddressInAnyCase) {
    const SignedIn first = set_up();
    ASSERT_TRUE(accounts_->set_profile(as(caller(first)), "Ann", "Ann@Example.org"));
    for (const char* name : {"ann", "ANN", "ann@example.org", "ANN@EXAMPLE.ORG"}) {
        const SignInOutcome outcome = sign_in(name);
        ASSERT_EQ(outcome.status, SignInStatus::kOk) << name;
        EXPECT_EQ(caller(outcome.signed_in).account, first.account);
    }
}

TEST_F(SignIn, UnknownNamesCostAndAnswerTheSame) {
    set_up();
    const AccountId gone = add("gone");
    ASSERT_TRUE(accounts_->set_active(system(), gone, false));
    ASSERT_TRUE(accounts_->create_account(system(), {"bare", "", ""}, Role::kUser));
    for (const char* name : {"ann", "nobody", "nobody@example.org", "gone", "bare", ""}) {
        verified_ = 0;
        const SignInOutcome outcome = sign_in(name, "wrong password");
        EXPECT_EQ(outcome.status, SignInStatus::kRefused) << name;
        EXPECT_EQ(outcome.retry_after, 0) << name;
        EXPECT_EQ(verified_, 1) << name;
        EXPECT_TRUE(outcome.signed_in.access.empty());
    }
    verified_ = 0;
    EXPECT_EQ(sign_in("gone").status, SignInStatus::kRefused) << "the right password of a deactivated account";
    EXPECT_EQ(verified_, 1);
}

TEST_F(SignIn, KnownAndUnknownNamesAreSlowedTheSame) {
    set_up();
    const auto statuses = [&](const std::string& name, const std::string& net) {
        std::vector<SignInStatus> out;
        for (int i = 0; i < 8; ++i) {
            out.push_back(sign_in(name, "wrong", "", origin(net + std::to_string(i))).status);
        }
        return out;
    };
    const auto known = statuses("ann", "198.51.100.");
    EXPECT_EQ(known, statuses("nobody", "203.0.113."));
    EXPECT_EQ(known.front(), SignInStatus::kRefused);
    EXPECT_EQ(known.back(), SignInStatus::kWait);
}

TEST_F(SignIn, IsDecidedBeforeHashing) {
    set_up();
    for (int i = 0; i < 5; ++i) {
        sign_in("ann", "wrong");
    }
    verified_ = 0;
    const SignInOutcome outcome = sign_in("ann");
    EXPECT_EQ(outcome.status, SignInStatus::kWait) << "the right password, too";
    EXPECT_GT(outcome.retry_after, 0);
    EXPECT_EQ(verified_, 0);
    now_ += outcome.retry_after;
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kOk) << "never locked out";
}

TEST_F(SignIn, AKnownDeviceOrAddressHasItsOwnLane) {
    set_up();
    const SignInOutcome first = sign_in("ann", kPassword, "", origin("203.0.113.9"), true);
    ASSERT_EQ(first.status, SignInStatus::kOk);
    ASSERT_FALSE(first.signed_in.device_token.empty());
    for (int i = 0; i < 40; ++i) {
        sign_in("ann", "wrong", "", origin("198.51.100." + std::to_string(i)));
    }
    EXPECT_EQ(sign_in("ann", kPassword, "", origin("198.51.100.77")).status, SignInStatus::kWait);
    EXPECT_EQ(sign_in("ann", kPassword, "", origin("203.0.113.9")).status, SignInStatus::kOk);
    const SignInOutcome moved =
        sign_in("ann", kPassword, "", origin("198.51.100.78", first.signed_in.device_token), true);
    EXPECT_EQ(moved.status, SignInStatus::kOk);
    EXPECT_TRUE(moved.signed_in.device_token.empty()) << "it has one";
    EXPECT_EQ(sign_in("ann", kPassword, "", origin("198.51.100.79", "made up")).status, SignInStatus::kWait);
    add("bob");
    for (int i = 0; i < 8; ++i) {
        sign_in("bob", "wrong", "", origin("203.0.114." + std::to_string(i)));
    }
    EXPECT_EQ(sign_in("bob", kPassword, "", origin("198.51.100.80", first.signed_in.device_token)).status,
              SignInStatus::kWait)
        << "a device is known for its own account";
}

TEST_F(SignIn, AKnownAddressIsOneLaneWhateverTheCookieSays) {
    set_up();
    ASSERT_EQ(sign_in("ann", kPassword, "", origin("203.0.113.9")).status, SignInStatus::kOk);
    verified_ = 0;
    for (int i = 0; i < 100; ++i) {
        sign_in("ann", "wrong", "", origin("203.0.113.9", "made up " + std::to_string(i)));
    }
    EXPECT_LE(verified_, 10);
}

TEST_F(SignIn, AFloodIsTurnedAwayAndTheKnownPass) {
    set_up();
    std::promise<void> open;
    gate_ = open.get_future().share();
    std::atomic<int> busy = 0, answered = 0;
    SignInStatus known = SignInStatus::kRefused;
    accounts_->sign_in({"first", "x", "", false}, origin("10.99.0.1"), now_,
                       [&](const base::Result<SignInOutcome>&) { ++answered; });
    while (accounts_->waiting_sign_ins() > 0) {
        std::this_thread::yield();  // until it holds the pool's one thread: from here on nothing leaves the queue
    }
    for (int i = 0; i < 50; ++i) {
        accounts_->sign_in({"name-" + std::to_string(i), "x", "", false}, origin("10." + std::to_string(i) + ".0.1"),
                           now_, [&](base::Result<SignInOutcome> outcome) {
                               ++answered;
                               busy += outcome && outcome->status == SignInStatus::kBusy ? 1 : 0;
                           });
    }
    EXPECT_GE(busy, 45) << "at once, while the pool is busy";
    std::promise<void> done;
    accounts_->sign_in({"ann", std::string(kPassword), "", false}, origin(), now_,
                       [&](base::Result<SignInOutcome> outcome) {
                           known = outcome ? outcome->status : SignInStatus::kRefused;
                           done.set_value();
                       });
    open.set_value();
    done.get_future().wait();
    EXPECT_EQ(known, SignInStatus::kOk);
    accounts_.reset();
    EXPECT_EQ(answered, 51) << "each exactly once";
}

TEST_F(SignIn, RefusalsAreAudited) {
    set_up();
    sign_in("ann", "wrong");
    sign_in("stranger", "wrong");
    for (int i = 0; i < 10; ++i) {
        sign_in("ann", "wrong");
    }
    ASSERT_TRUE(accounts_->tick(now_));
    store::AuditFilter failed;
    failed.action = "sign_in.failed";
    auto rows = accounts_->audit(failed, 100);
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), 6U);
    EXPECT_EQ(rows->back().object, "account:1");
    EXPECT_EQ(rows->at(rows->size() - 2).object, "unknown");
    failed.action = "sign_in.turned_away";
    rows = accounts_->audit(failed, 100);
    ASSERT_TRUE(rows && rows->size() == 1);
    EXPECT_EQ(rows->front().after, R"({"attempts":"6"})");
}

// --- Sessions --------------------------------------------------------------------------------------------------------

TEST_F(SignIn, RefusedRequestsAreCountedNotWrittenOneByOne) {
    const Caller ann = caller(set_up());
    const std::int64_t before = accounts_->audit({}, 1)->front().seq;
    for (int i = 0; i < 500; ++i) {
        accounts_->note_refusal({}, origin("203.0.113.9"), "csrf");
    }
    accounts_->note_refusal(ann, origin("203.0.113.9"), "manage_all");
    EXPECT_EQ(accounts_->audit({}, 1)->front().seq, before) << "nothing is written for each";
    now_ += base::kMinute;
    ASSERT_TRUE(accounts_->tick(now_));
    const auto rows = accounts_->audit({}, 2).value();
    EXPECT_EQ(accounts_->audit({}, 1)->front().seq, before + 2);
    for (const store::AuditRow& row : rows) {
        const bool own = row.actor == ann.actor();
        EXPECT_EQ(row.action, "request.refused");
        EXPECT_EQ(row.actor, own ? ann.actor() : "anonymous");
        EXPECT_EQ(row.object, own ? "manage_all" : "csrf");
        EXPECT_EQ(row.remote, "203.0.113.9");
        EXPECT_EQ(row.after, own ? R"({"attempts":"1"})" : R"({"attempts":"500"})");
    }
    ASSERT_TRUE(accounts_->tick(now_ + 1));
    EXPECT_EQ(accounts_->audit({}, 1)->front().seq, before + 2) << "once";
    for (int i = 0; i < 5000; ++i) {
        accounts_->note_refusal({}, origin("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)), "csrf");
    }
    ASSERT_TRUE(accounts_->tick(now_ + 2));
    const auto after_flood = accounts_->audit({}, 1)->front().seq;
    EXPECT_LT(after_flood - before, 310) << "a flood of addresses fills no disk";
    store::AuditFilter others;
    others.object = "others";
    EXPECT_EQ(accounts_->audit(others, 10)->front().after, R"({"attempts":"4700"})");
    EXPECT_TRUE(accounts_->verify_audit()->intact);
}

TEST_F(SignIn, AccessTokensEndAfterAQuarterOfAnHour) {
    const SignedIn in = set_up();
    EXPECT_TRUE(accounts_->verify_access(in.access, now_ + kAccessLife - 1000));
    EXPECT_FALSE(accounts_->verify_access(in.access, now_ + kAccessLife));
    EXPECT_FALSE(accounts_->verify_access("", now_));
    EXPECT_FALSE(accounts_->verify_access(in.refresh, now_));
}

TEST_F(SignIn, RefreshRotates) {
    SignedIn in = set_up();
    for (int i = 0; i < 5; ++i) {
        now_ += kAccessLife;
        auto next = accounts_->refresh(in.refresh, origin(), now_);
        ASSERT_TRUE(next && *next);
        EXPECT_NE((*next)->refresh, in.refresh);
        EXPECT_EQ((*next)->session, in.session);
        EXPECT_EQ((*next)->refresh_expires, in.refresh_expires) << "a session is not prolonged";
        EXPECT_TRUE(accounts_->verify_access((*next)->access, now_));
        in = **next;
    }
    auto late = accounts_->refresh(in.refresh, origin(), kStart + 30 * base::kDay);
    EXPECT_TRUE(late && !*late);
}

TEST_F(SignIn, AStolenRefreshTokenEndsTheFamily) {
    const SignedIn in = set_up();
    now_ += base::kMinute;
    auto owner = accounts_->refresh(in.refresh, origin(), now_);
    ASSERT_TRUE(owner && *owner);
    now_ += base::kMinute;
    auto thief = accounts_->refresh(in.refresh, origin("203.0.113.66"), now_);
    EXPECT_TRUE(thief && !*thief);
    EXPECT_FALSE(accounts_->verify_access((*owner)->access, now_)) << "at once, not when it expires";
    auto after = accounts_->refresh((*owner)->refresh, origin(), now_);
    EXPECT_TRUE(after && !*after);
    EXPECT_EQ(actions().front(), "session.token_reused");
}

TEST_F(SignIn, TheThiefWhoIsFirstIsFoundByTheOwner) {
    const SignedIn in = set_up();
    now_ += base::kMinute;
    auto thief = accounts_->refresh(in.refresh, origin("203.0.113.66"), now_);
    ASSERT_TRUE(thief && *thief);
    auto owner = accounts_->refresh(in.refresh, origin(), now_ + 1000);
    EXPECT_TRUE(owner && !*owner) << "the grace is for the address that refreshed";
    EXPECT_FALSE(accounts_->verify_access((*thief)->access, now_));
}

TEST_F(SignIn, TabsThatRefreshTogetherBothGoOn) {
    const SignedIn in = set_up();
    now_ += base::kMinute;
    auto first = accounts_->refresh(in.refresh, origin(), now_);
    auto second = accounts_->refresh(in.refresh, origin(), now_ + kRefreshGrace);
    ASSERT_TRUE(first && *first && second && *second);
    EXPECT_TRUE(accounts_->verify_access((*second)->access, now_ + kRefreshGrace));
    EXPECT_TRUE((*second)->refresh.empty()) << "one line of succession";
    auto next = accounts_->refresh((*first)->refresh, origin(), now_ + base::kMinute);
    EXPECT_TRUE(next && *next);
    auto older = accounts_->refresh(in.refresh, origin(), now_ + base::kMinute);
    EXPECT_TRUE(older && !*older) << "the predecessor's predecessor has no grace";
}

TEST_F(SignIn, WhatIsShownOfASessionIsNotEnoughToEndIt) {
    const SignedIn in = set_up();
    auto forged = accounts_->refresh(in.session + ".guess", origin(), now_);
    EXPECT_TRUE(forged && !*forged);
    for (const char* text : {"", ".", "a", "a.b.c"}) {
        auto none = accounts_->refresh(text, origin(), now_);
        EXPECT_TRUE(none && !*none) << text;
    }
    EXPECT_TRUE(accounts_->verify_access(in.access, now_));
}

TEST_F(SignIn, DevicesAreListedAndRevoked) {
    const SignedIn here = set_up();
    const SignInOutcome there = sign_in("ann");
    const Caller ann = caller(here);
    auto list = accounts_->sessions(as(ann));
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 2U);
    EXPECT_EQ(std::count_if(list->begin(), list->end(), [](const SessionInfo& s) { return s.current; }), 1);

    add("bob");
    const Caller bob = signed_in("bob");
    const auto foreign = accounts_->revoke_session(as(bob), there.signed_in.session);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, base::ErrorCode::kNotFound);
    EXPECT_TRUE(accounts_->verify_access(there.signed_in.access, now_));

    ASSERT_TRUE(accounts_->revoke_session(as(ann), there.signed_in.session));
    EXPECT_FALSE(accounts_->verify_access(there.signed_in.access, now_));
    EXPECT_TRUE(accounts_->verify_access(here.access, now_));
    const SignInOutcome third = sign_in("ann");
    ASSERT_TRUE(accounts_->revoke_all_sessions(as(ann), true));
    EXPECT_FALSE(accounts_->verify_access(third.signed_in.access, now_));
    EXPECT_TRUE(accounts_->verify_access(here.access, now_));
    ASSERT_TRUE(accounts_->sign_out(as(ann)));
    EXPECT_FALSE(accounts_->verify_access(here.access, now_));
    EXPECT_TRUE(accounts_->verify_access(here.access, now_) == std::nullopt);
}

TEST_F(SignIn, SessionsOutliveARestartAndRevocationsToo) {
    const SignedIn here = set_up();
    const SignInOutcome there = sign_in("ann");
    ASSERT_TRUE(accounts_->revoke_session(as(caller(here)), there.signed_in.session));
    open();
    EXPECT_TRUE(accounts_->verify_access(here.access, now_));
    EXPECT_FALSE(accounts_->verify_access(there.signed_in.access, now_));
    auto next = accounts_->refresh(here.refresh, origin(), now_);
    EXPECT_TRUE(next && *next);
}

TEST_F(SignIn, ASignInThatIsNotUsedEnds) {
    const Caller ann = caller(set_up());
    Policy policy = accounts_->policy();
    policy.idle_days = 3;
    ASSERT_TRUE(accounts_->set_policy(as(ann), policy));
    const auto come = [&](const std::string& address) {
        return sign_in("ann", kPassword, "", origin(address), true).signed_in;
    };
    SignedIn used = come("198.51.100.1");
    const SignedIn idle = come("198.51.100.2"), here = come("127.0.0.1"), here6 = come("::1");
    const auto goes_on = [&](const SignedIn& in, const std::string& address) {
        return accounts_->refresh(in.refresh, origin(address), now_)->has_value();
    };
    for (int day = 0; day < 3; ++day) {
        now_ += base::kDay - 1;
        used = accounts_->refresh(used.refresh, origin("198.51.100.1"), now_)->value();
    }
    EXPECT_TRUE(accounts_->verify_access(used.access, now_));
    now_ += 3;
    EXPECT_EQ(accounts_->sessions(as(caller(used)))->size(), 3U) << "those of this machine stay";
    EXPECT_FALSE(goes_on(idle, "198.51.100.2"));
    EXPECT_FALSE(goes_on(idle, "127.0.0.1")) << "as of where it was used last";
    EXPECT_TRUE(goes_on(here, "127.0.0.1"));
    EXPECT_TRUE(goes_on(here6, "::1"));
    const std::int64_t before = accounts_->live_sessions(now_);
    ASSERT_TRUE(accounts_->tick(now_ + base::kHour));
    EXPECT_EQ(accounts_->live_sessions(now_), before - 2) << "that of the set-up too";
    policy.idle_days = 0;
    ASSERT_TRUE(accounts_->set_policy(as(caller(used)), policy));
    EXPECT_FALSE(goes_on(idle, "198.51.100.2")) << "what has ended stays so";
    now_ += 20 * base::kDay;
    EXPECT_TRUE(goes_on(used, "198.51.100.1")) << "without a limit";
}

TEST_F(SignIn, SigningKeysRotateAndOldTokensStayValid) {
    SignedIn in = set_up();
    now_ += 8 * base::kDay;
    auto next = accounts_->refresh(in.refresh, origin(), now_);
    ASSERT_TRUE(next && *next);
    ASSERT_TRUE(accounts_->tick(now_));
    EXPECT_TRUE(accounts_->verify_access((*next)->access, now_));
    auto fresh = accounts_->refresh((*next)->refresh, origin(), now_);
    ASSERT_TRUE(fresh && *fresh);
    const auto header = [](const std::string& jwt) { return jwt.substr(0, jwt.find('.')); };
    EXPECT_NE(header((*fresh)->access), header((*next)->access)) << "another kid";
    open();
    EXPECT_TRUE(accounts_->verify_access((*next)->access, now_));
    EXPECT_TRUE(accounts_->verify_access((*fresh)->access, now_));
}

TEST_F(SignIn, ManyVerifyWhileOthersChange) {
    const SignedIn in = set_up();
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            while (!stop) {
                const auto who = accounts_->verify_access(in.access, kStart);
                wrong += who && accounts_->reach_of(*who).everything ? 0 : 1;
            }
        });
    }
    for (int i = 0; i < 30; ++i) {
        add("member" + std::to_string(i));
    }
    stop = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, 0);
}

// --- Second factor ---------------------------------------------------------------------------------------------------

TEST_F(SignIn, ACodeWorksOnce) {
    const std::string seed = enrol(caller(set_up()));
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kSecondFactor);
    EXPECT_EQ(sign_in("ann", kPassword, code(seed)).status, SignInStatus::kSecondFactorWrong)
        << "it was used to confirm the enrolment";
    now_ += crypto::kTotpStep;
    const std::string fresh = code(seed);
    EXPECT_EQ(sign_in("ann", "wrong", fresh).status, SignInStatus::kRefused);
    EXPECT_EQ(sign_in("ann", kPassword, fresh).status, SignInStatus::kOk);
    EXPECT_EQ(sign_in("ann", kPassword, fresh).status, SignInStatus::kSecondFactorWrong);
}

TEST_F(SignIn, GuessingCodesIsSlowed) {
    enrol(caller(set_up()));
    int tried = 0;
    for (int i = 0; i < 100; ++i) {
        tried += sign_in("ann", kPassword, "000000").status == SignInStatus::kSecondFactorWrong ? 1 : 0;
    }
    EXPECT_LE(tried, 10);
}

TEST_F(SignIn, AskingForTheCodeIsNoFailure) {
    enrol(caller(set_up()));
    for (int i = 0; i < 30; ++i) {
        ASSERT_EQ(sign_in("ann").status, SignInStatus::kSecondFactor) << i;
    }
}

TEST_F(SignIn, RecoveryCodesWorkOnceEach) {
    std::vector<std::string> codes;
    const Caller ann = caller(set_up());
    enrol(ann, &codes);
    ASSERT_EQ(codes.size(), 10U);
    EXPECT_EQ(sign_in("ann", kPassword, codes[3]).status, SignInStatus::kOk);
    EXPECT_EQ(sign_in("ann", kPassword, codes[3]).status, SignInStatus::kSecondFactorWrong);
    auto details = accounts_->account(as(ann), ann.account);
    ASSERT_TRUE(details);
    EXPECT_EQ(details->recovery_codes_left, 9);
    auto renewed = accounts_->renew_recovery_codes(as(ann), kPassword);
    ASSERT_TRUE(renewed);
    EXPECT_EQ(sign_in("ann", kPassword, codes[4]).status, SignInStatus::kSecondFactorWrong);
    EXPECT_EQ(sign_in("ann", kPassword, renewed->front()).status, SignInStatus::kOk);
}

TEST_F(SignIn, ASecondFactorGoesWithThePasswordOnly) {
    const Caller ann = caller(set_up());
    enrol(ann);
    EXPECT_FALSE(accounts_->begin_second_factor(as(ann))) << "or a thief of the session would put in another";
    EXPECT_FALSE(accounts_->disable_second_factor(as(ann), "wrong"));
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kSecondFactor);
    EXPECT_TRUE(accounts_->disable_second_factor(as(ann), kPassword));
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kOk);
}

TEST_F(SignIn, AnEnrolmentCountsOnlyWhenConfirmed) {
    const Caller ann = caller(set_up());
    EXPECT_FALSE(accounts_->confirm_second_factor(as(ann), "123456")) << "none begun";
    ASSERT_TRUE(accounts_->begin_second_factor(as(ann)));
    EXPECT_FALSE(accounts_->confirm_second_factor(as(ann), "000000x"));
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kOk);
}

TEST_F(SignIn, WhereASecondFactorIsRequiredOnlyEnrolmentIsAllowed) {
    const Caller ann = caller(set_up());
    Policy policy = accounts_->policy();
    policy.require_2fa_user = true;
    ASSERT_TRUE(accounts_->set_policy(as(ann), policy));
    add("bob");
    const SignInOutcome outcome = sign_in("bob");
    ASSERT_EQ(outcome.status, SignInStatus::kOk);
    EXPECT_TRUE(outcome.signed_in.must_enrol);
    const Caller bob = caller(outcome.signed_in);
    EXPECT_FALSE(allowed(bob, Right::kRead));
    EXPECT_FALSE(accounts_->set_profile(as(bob), "Bob", ""));
    enrol(bob);
    EXPECT_TRUE(allowed(caller(outcome.signed_in), Right::kRead)) << "the same session, at once";
    EXPECT_TRUE(allowed(ann, Right::kRead)) << "another role";
}

TEST_F(SignIn, WhatIsGraveNeedsAFreshProof) {
    set_up();
    SignedIn in = sign_in("ann", kPassword, "", origin(), true).signed_in;
    const std::string other = sign_in("ann").signed_in.session;
    const Caller ann = caller(in);
    auto managing = accounts_->create_api_key(as(ann), {"m", {.manage = true}, {}, {}, std::nullopt});
    auto reading = accounts_->create_api_key(as(ann), {"r", {.read = true}, {}, {}, std::nullopt});
    ASSERT_TRUE(managing && reading);
    const auto grave = [&](const auto& check) {
        check(accounts_->begin_second_factor(as(ann)), "a second factor");
        check(accounts_->set_profile(as(ann), "Ann", std::to_string(now_) + "@example.org"), "another address");
        check(accounts_->revoke_session(as(ann), other), "another session");
        check(accounts_->revoke_all_sessions(as(ann), true), "all sessions");
        check(accounts_->create_api_key(as(ann), {"m", {.manage = true}, {}, {}, std::nullopt}), "a key that manages");
        check(accounts_->rotate_api_key(as(ann), managing->info.id, 0), "its successor");
    };
    const auto refused = [](const auto& result, std::string_view what) {
        EXPECT_FALSE(result) << what;
        EXPECT_EQ(result.error().code, base::ErrorCode::kConfirmationNeeded) << what;
    };
    now_ += kProofLife + 1;
    in = accounts_->refresh(in.refresh, origin(), now_)->value();
    grave(refused);
    EXPECT_TRUE(accounts_->sessions(as(ann))->size() > 1) << "looking is allowed";
    EXPECT_TRUE(accounts_->set_profile(as(ann), "Ann Other", "")) << "the address stays";
    EXPECT_TRUE(accounts_->rotate_api_key(as(ann), reading->info.id, 0));
    EXPECT_TRUE(accounts_->create_api_key(as(Caller{ann}), {"r", {.read = true}, {}, {}, std::nullopt}));

    EXPECT_FALSE(accounts_->confirm(as(ann), kOtherPassword, ""));
    grave(refused);
    open();
    grave(refused);
    ASSERT_TRUE(accounts_->confirm(as(ann), kPassword, ""));
    now_ += kProofLife;
    grave([](const auto& result, std::string_view what) { EXPECT_TRUE(result) << what << result.error().message; });
    now_ += 1;
    EXPECT_FALSE(accounts_->begin_second_factor(as(ann))) << "it ends again";
    const std::vector<std::string> done = actions();
    EXPECT_EQ(std::count(done.begin(), done.end(), "session.confirm"), 1);
    EXPECT_TRUE(accounts_->sign_out(as(ann))) << "nobody is kept in";
}

TEST_F(SignIn, TheProofIsThatOfTheSessionWithTheSecondFactor) {
    const Caller ann = caller(set_up());
    const std::string seed = enrol(ann);
    now_ += base::kHour;
    const Caller there = caller(sign_in("ann", kPassword, code(seed)).signed_in);
    now_ += kProofLife + 1;
    const auto message = [](const auto& result) { return result ? "" : result.error().message; };
    EXPECT_EQ(message(accounts_->confirm(as(ann), kPassword, "")), "code: is needed");
    EXPECT_EQ(message(accounts_->confirm(as(ann), kPassword, "000000x")), "code: is wrong");
    ASSERT_TRUE(accounts_->confirm(as(ann), kPassword, code(seed)));
    EXPECT_TRUE(accounts_->set_profile(as(ann), "Ann", "ann@example.org"));
    EXPECT_FALSE(accounts_->set_profile(as(there), "Ann", "")) << "another session proves itself";
    EXPECT_EQ(message(accounts_->confirm(as(there), kPassword, code(seed))), "code: is wrong") << "a code counts once";
    for (int i = 0; i < 20; ++i) {
        (void)accounts_->confirm(as(there), kPassword, "000000x");
    }
    EXPECT_EQ(message(accounts_->confirm(as(there), kPassword, "000000x")), "too many attempts: try again in a minute");
}

TEST_F(SignIn, WhoHasNoPasswordProvesItAtTheProvider) {
    // Links on this machine: there is nothing that could be asked for.
    const Caller ann = caller(set_up(""));
    now_ += base::kHour;
    EXPECT_TRUE(accounts_->begin_second_factor(as(ann)));
    ProviderIdentity provider;
    provider.issuer = "https://id.example.org";
    provider.subject = "7";
    provider.create = true;
    const Caller pia = caller(accounts_->sign_in_by_provider(provider, origin(), now_)->signed_in);
    EXPECT_TRUE(accounts_->set_profile(as(pia), "", "pia@example.org"));
    now_ += kProofLife + 1;
    EXPECT_FALSE(accounts_->set_profile(as(pia), "", "other@example.org"));
    EXPECT_FALSE(accounts_->change_password(as(pia), "", kOtherPassword)) << "or a thief would come back with it";
    EXPECT_FALSE(accounts_->confirm(as(pia), "", ""));
    const Caller again = caller(accounts_->sign_in_by_provider(provider, origin(), now_)->signed_in);
    EXPECT_TRUE(accounts_->change_password(as(again), "", kOtherPassword));
}

// --- Password change and reset ---------------------------------------------------------------------------------------

TEST_F(SignIn, ChangingThePasswordEndsOtherSessions) {
    const SignedIn here = set_up();
    const SignInOutcome there = sign_in("ann");
    const Caller ann = caller(here);
    EXPECT_FALSE(accounts_->change_password(as(ann), "wrong", kOtherPassword));
    EXPECT_FALSE(accounts_->change_password(as(ann), kPassword, "short"));
    EXPECT_FALSE(accounts_->change_password(as(ann), kPassword, "ann ann ann ann"));
    ASSERT_TRUE(accounts_->change_password(as(ann), kPassword, kOtherPassword));
    EXPECT_TRUE(accounts_->verify_access(here.access, now_));
    EXPECT_FALSE(accounts_->verify_access(there.signed_in.access, now_));
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kRefused);
    EXPECT_EQ(sign_in("ann", kOtherPassword).status, SignInStatus::kOk);
}

TEST_F(SignIn, BreachedPasswordsAreRefusedWhereverOneIsSet) {
    const Caller ann = caller(set_up());
    auto invited = accounts_->invite(as(ann), Role::kUser, std::nullopt);
    auto reset = accounts_->make_reset_link(as(ann), add("bob"), false);
    breached_ = [](std::string_view password) -> base::Result<bool> { return password == kOtherPassword; };
    open();
    const auto check = [&](base::ErrorCode code, std::string_view text) {
        const auto refused = [&](const auto& result) {
            EXPECT_FALSE(result);
            EXPECT_EQ(result.error().code, code);
            EXPECT_NE(result.error().message.find(text), std::string::npos) << result.error().message;
        };
        const std::string password(kOtherPassword);
        refused(accounts_->change_password(as(ann), kPassword, password));
        refused(accounts_->reset_password(reset->token, password, origin(), now_));
        refused(accounts_->register_account(invited->token, {"cleo", "", password}, origin(), now_));
        refused(accounts_->create_account(as(ann), {"dan", "", password}, Role::kUser));
    };
    check(base::ErrorCode::kInvalidArgument, "password: is in a list of breached passwords");
    EXPECT_TRUE(accounts_->register_account(invited->token, {"cleo", "", "quiet marble staircase"}, origin(), now_))
        << "others are taken";
    breached_ = [](std::string_view) -> base::Result<bool> { return base::fail(base::ErrorCode::kDataLoss, "/srv/x"); };
    open();
    invited = accounts_->invite(as(ann), Role::kUser, std::nullopt);
    check(base::ErrorCode::kUnavailable, "cannot be read");
}

TEST_F(SignIn, AStolenSessionIsNoWayToGuessThePassword) {
    const Caller ann = caller(set_up());
    verified_ = 0;
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(accounts_->change_password(as(ann), "wrong " + std::to_string(i), kOtherPassword));
    }
    EXPECT_LE(verified_, 10);
}

TEST_F(SignIn, AResetLinkWorksOnceAndEndsEverySession) {
    const SignedIn in = set_up();
    auto link = accounts_->make_reset_link(system(), in.account, false);
    auto other = accounts_->make_reset_link(system(), in.account, false);
    ASSERT_TRUE(link && other);
    EXPECT_FALSE(accounts_->reset_password(link->token, "short", origin(), now_));
    EXPECT_FALSE(accounts_->reset_password("guess", kOtherPassword, origin(), now_));
    EXPECT_FALSE(accounts_->reset_password(link->token, kOtherPassword, origin(), now_ + base::kDay));
    ASSERT_TRUE(accounts_->reset_password(link->token, kOtherPassword, origin(), now_));
    EXPECT_FALSE(accounts_->verify_access(in.access, now_));
    EXPECT_FALSE(accounts_->reset_password(link->token, kPassword, origin(), now_));
    EXPECT_FALSE(accounts_->reset_password(other->token, kPassword, origin(), now_)) << "the other links end with it";
    EXPECT_EQ(sign_in("ann", kOtherPassword).status, SignInStatus::kOk);
}

TEST_F(SignIn, ALinkOfOneKindIsNoneOfAnother) {
    const SignedIn in = set_up();
    auto reset = accounts_->make_reset_link(system(), in.account, false);
    ASSERT_TRUE(reset);
    EXPECT_FALSE(accounts_->sign_in_by_link(reset->token, true, origin(), now_));
    EXPECT_FALSE(accounts_->register_account(reset->token, {"eve", "", std::string(kPassword)}, origin(), now_));
    auto invitation = accounts_->invite(as(caller(in)), Role::kUser, std::nullopt);
    ASSERT_TRUE(invitation);
    EXPECT_FALSE(accounts_->reset_password(invitation->token, kOtherPassword, origin(), now_));
}

TEST_F(SignIn, AResetKeepsTheSecondFactorUnlessTold) {
    const SignedIn in = set_up();
    enrol(caller(in));
    auto link = accounts_->make_reset_link(system(), in.account, false);
    ASSERT_TRUE(accounts_->reset_password(link->token, kOtherPassword, origin(), now_));
    EXPECT_EQ(sign_in("ann", kOtherPassword).status, SignInStatus::kSecondFactor);
    link = accounts_->make_reset_link(system(), in.account, true);
    ASSERT_TRUE(accounts_->reset_password(link->token, kPassword, origin(), now_));
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kOk);
}

TEST_F(SignIn, ForgottenPasswordsTellNothing) {
    const Caller ann = caller(set_up());
    add("bob");
    ASSERT_TRUE(accounts_->set_profile(as(ann), "Ann", "ann@example.org"));
    auto known = accounts_->forgot_password("Ann@example.org", origin(), now_);
    ASSERT_TRUE(known && *known);
    EXPECT_EQ((*known)->email, "ann@example.org");
    for (const char* name : {"bob", "nobody", "nobody@example.org"}) {
        auto none = accounts_->forgot_password(name, origin(), now_);
        EXPECT_TRUE(none && !*none) << name;
    }
    const auto logged = actions();
    EXPECT_EQ(std::count(logged.begin(), logged.end(), "password.forgot"), 4) << "known and unknown cost a write";
    EXPECT_TRUE(accounts_->reset_password((*known)->token, kOtherPassword, origin(), now_));
    int links = 0;
    const base::UnixMillis begin = now_;
    for (int i = 0; now_ < begin + 6 * base::kHour; ++i, now_ += 10 * base::kSecond) {
        const auto from = origin("203.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
        auto more = accounts_->forgot_password(i % 2 == 0 ? "ann" : "ann@example.org", from, now_);
        links += more && *more ? 1 : 0;
    }
    EXPECT_GE(links, 5);
    EXPECT_LE(links, 25) << "nobody's mailbox is filled, from however many addresses: " << links;
}

// --- Providers -------------------------------------------------------------------------------------------------------

TEST_F(SignIn, AProviderMakesAccountsWhenAllowed) {
    set_up();
    ProviderIdentity carl{"https://id.example.org",
                          "sub-1",
                          "Carl.Jones@example.org",
                          "Carl",
                          "carl@example.org",
                          false,
                          std::nullopt,
                          std::nullopt};
    auto refused = accounts_->sign_in_by_provider(carl, origin(), now_);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, SignInStatus::kRefused);
    carl.create = true;
    auto made = accounts_->sign_in_by_provider(carl, origin(), now_);
    ASSERT_TRUE(made && made->status == SignInStatus::kOk);
    const Caller who = caller(made->signed_in);
    EXPECT_EQ(who.username, "carl.jones");
    EXPECT_EQ(who.role, Role::kUser);
    EXPECT_EQ(made->signed_in.refresh_expires, now_ + 12 * base::kHour) << "what the provider changes counts by then";
    EXPECT_EQ(accounts_->reach_of(who).members, std::set<std::string>{"carl@example.org"});
    auto again = accounts_->sign_in_by_provider(carl, origin(), now_);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->signed_in.account, who.account);
    ProviderIdentity elsewhere = carl;
    elsewhere.issuer = "https://evil.example.org";
    auto other = accounts_->sign_in_by_provider(elsewhere, origin(), now_);
    ASSERT_TRUE(other && other->status == SignInStatus::kOk);
    EXPECT_NE(other->signed_in.account, who.account) << "same subject, same address, another issuer: another person";
    EXPECT_EQ(caller(other->signed_in).username, "carl.jones-2");
    EXPECT_TRUE(accounts_->reach_of(caller(other->signed_in)).members.empty());
    ASSERT_TRUE(accounts_->set_active(system(), who.account, false));
    auto gone = accounts_->sign_in_by_provider(carl, origin(), now_);
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->status, SignInStatus::kRefused);
}

TEST_F(SignIn, AProviderSetsRoleAndTeamsButNeverTheLastEnterprise) {
    const SignedIn ann = set_up();
    auto team = accounts_->create_team(as(caller(ann)), "platform", std::nullopt);
    ASSERT_TRUE(team);
    ProviderIdentity boss{"https://id.example.org",  "boss", "boss", "", "", true, Role::kEnterprise,
                          std::vector<TeamId>{*team}};
    auto in = accounts_->sign_in_by_provider(boss, origin(), now_);
    ASSERT_TRUE(in && in->status == SignInStatus::kOk);
    EXPECT_EQ(accounts_->directory()->members_of({*team}), std::set<AccountId>{in->signed_in.account});
    ASSERT_TRUE(accounts_->set_active(as(caller(in->signed_in)), ann.account, false));
    boss.role = Role::kUser;
    boss.teams = std::vector<TeamId>{};
    in = accounts_->sign_in_by_provider(boss, origin(), now_);
    ASSERT_TRUE(in && in->status == SignInStatus::kOk);
    EXPECT_EQ(caller(in->signed_in).role, Role::kEnterprise);
    EXPECT_TRUE(accounts_->directory()->members_of({*team}).empty());
}

TEST_F(SignIn, ProviderOnlyKeepsTheBreakGlassAccount) {
    const SignedIn in = set_up();
    const Caller ann = caller(in);
    Policy policy = accounts_->policy();
    policy.provider_only = true;
    EXPECT_FALSE(accounts_->set_policy(as(ann), policy)) << "nobody could come in when the provider is down";
    ASSERT_TRUE(accounts_->set_break_glass(as(ann), in.account, true));
    const auto invitation = accounts_->invite(as(ann), Role::kUser, std::nullopt);
    ASSERT_TRUE(invitation);
    ASSERT_TRUE(accounts_->set_policy(as(ann), policy));
    EXPECT_FALSE(accounts_->invite(as(ann), Role::kUser, std::nullopt));
    EXPECT_FALSE(accounts_->register_account(invitation->token, {"eve", "", std::string(kPassword)}, origin(), now_))
        << "would be signed in with a password";
    add("bob");
    verified_ = 0;
    EXPECT_EQ(sign_in("bob").status, SignInStatus::kRefused);
    EXPECT_EQ(verified_, 1);
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kOk);
    add("bea", Role::kEnterprise);
    EXPECT_FALSE(accounts_->set_break_glass(as(ann), in.account, false)) << "Bea cannot come in by password";
    EXPECT_FALSE(accounts_->set_role(as(ann), in.account, Role::kUser));
    EXPECT_FALSE(accounts_->set_active(as(ann), in.account, false));
}

TEST_F(SignIn, AnAccountIsJoinedToAProviderByItsOwnerAndLeavesIt) {
    const SignedIn in = set_up();
    const Caller ann = caller(in);
    ProviderIdentity there;
    there.issuer = "https://id.example.org";
    there.subject = "ann";
    EXPECT_FALSE(accounts_->leave_provider(as(ann))) << "it is joined to none";
    now_ += kProofLife + 1;
    EXPECT_EQ(accounts_->begin_joining(as(ann)).error().code, base::ErrorCode::kConfirmationNeeded)
        << "who found the browser open must not make a second way in";
    ASSERT_TRUE(accounts_->confirm(as(ann), kPassword, ""));
    const SignedInAs by = accounts_->begin_joining(as(ann)).value();
    EXPECT_EQ(*accounts_->join_provider({by.account, "made up"}, there, origin(), now_), JoinStatus::kGone);
    EXPECT_EQ(*accounts_->join_provider({by.account + 1, by.session}, there, origin(), now_), JoinStatus::kGone);
    EXPECT_EQ(accounts_->sign_in_by_provider(there, origin(), now_)->status, SignInStatus::kRefused);
    ASSERT_EQ(*accounts_->join_provider(by, there, origin(), now_), JoinStatus::kJoined);
    EXPECT_EQ(*accounts_->join_provider(by, there, origin(), now_), JoinStatus::kJoined) << "a second tab";
    const auto outcome = accounts_->sign_in_by_provider(there, origin(), now_);
    ASSERT_TRUE(outcome && outcome->status == SignInStatus::kOk);
    EXPECT_EQ(outcome->signed_in.account, ann.account);
    EXPECT_FALSE(accounts_->begin_joining(as(ann))) << "joined already";

    // The person at the provider belongs to Ann: nobody else can have it, nor can Ann have a second one.
    add("bob");
    const Caller bob = caller(sign_in("bob").signed_in);
    const SignedInAs also = accounts_->begin_joining(as(bob)).value();
    EXPECT_EQ(*accounts_->join_provider(also, there, origin(), now_), JoinStatus::kTaken);
    ProviderIdentity second = there;
    second.subject = "another";
    EXPECT_EQ(*accounts_->join_provider(by, second, origin(), now_), JoinStatus::kTaken);
    ASSERT_TRUE(accounts_->sign_out(as(bob)));
    EXPECT_EQ(*accounts_->join_provider(also, second, origin(), now_), JoinStatus::kGone);

    ASSERT_TRUE(accounts_->leave_provider(as(ann)));
    EXPECT_TRUE(accounts_->verify_access(in.access, now_));
    EXPECT_FALSE(accounts_->verify_access(outcome->signed_in.access, now_)) << "what came in that way is out";
    EXPECT_EQ(accounts_->sign_in_by_provider(there, origin(), now_)->status, SignInStatus::kRefused);
    EXPECT_EQ(sign_in("ann").status, SignInStatus::kOk);
}

TEST_F(SignIn, NobodyLeavesAProviderThatIsTheOnlyWayIn) {
    const SignedIn in = set_up();
    ProviderIdentity pia;
    pia.issuer = "https://id.example.org";
    pia.subject = "pia";
    pia.create = true;
    const Caller made = caller(accounts_->sign_in_by_provider(pia, origin(), now_)->signed_in);
    EXPECT_EQ(accounts_->leave_provider(as(made)).error().message,
              "set a password first: the provider is the only way into the account");
    ASSERT_TRUE(accounts_->change_password(as(made), "", kOtherPassword));
    ASSERT_TRUE(accounts_->set_break_glass(as(caller(in)), in.account, true));
    Policy policy = accounts_->policy();
    policy.provider_only = true;
    ASSERT_TRUE(accounts_->set_policy(as(caller(in)), policy));
    EXPECT_EQ(accounts_->leave_provider(as(made)).error().message, "people come in through the provider only");
}

}  // namespace
}  // namespace tidemark::identity
