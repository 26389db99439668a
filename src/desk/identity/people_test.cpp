#include <algorithm>
#include <fstream>
#include <sstream>

#include "desk/identity/test_accounts.hpp"
#include "desk/store/accounts_store.hpp"

namespace tidemark::identity {
namespace {

base::ErrorCode code_of(const auto& result) { return result ? base::ErrorCode::kInternal : result.error().code; }

class People : public AccountsTest {
protected:
    People() { ann_ = caller(set_up()); }

    /// Every byte of the folder's files.
    std::string files() const {
        std::string all;
        for (const auto& file : std::filesystem::directory_iterator(folder_)) {
            std::ostringstream text;
            text << std::ifstream(file.path(), std::ios::binary).rdbuf();
            all += text.str();
        }
        return all;
    }
    TeamId team(const std::string& name, std::optional<TeamId> parent = std::nullopt) {
        auto id = accounts_->create_team(as(ann_), name, parent);
        EXPECT_TRUE(id);
        return *id;
    }
    void join(TeamId team, AccountId account, bool manages = false) {
        auto joined = accounts_->set_team_member(as(ann_), team, account, manages);
        EXPECT_TRUE(joined) << joined.error().message;
    }
    /// Opens the closed database, lets `change` do what it likes, and opens it for use again.
    void tamper(const std::function<void(store::AccountsStore&)>& change) {
        accounts_.reset();
        {
            auto opened = store::AccountsStore::open(folder_);
            ASSERT_TRUE(opened);
            change(**opened);
        }
        open();
    }
    AuditVerdict verdict() {
        auto found = accounts_->verify_audit();
        EXPECT_TRUE(found);
        return found.value_or(AuditVerdict{});
    }

    Caller ann_;
};

// --- Invitations and registration ------------------------------------------------------------------------------------

TEST_F(People, AnInvitationMakesAnAccountOnce) {
    const TeamId platform = team("platform");
    auto link = accounts_->invite(as(ann_), Role::kAdmin, platform);
    ASSERT_TRUE(link);
    const NewAccount bea{"bea", "Bea", std::string(kPassword)};
    EXPECT_FALSE(accounts_->register_account("guess", bea, origin(), now_));
    EXPECT_FALSE(accounts_->register_account(link->token, bea, origin(), now_ + 7 * base::kDay));
    EXPECT_EQ(code_of(accounts_->register_account(link->token, {"ANN", "", std::string(kPassword)}, origin(), now_)),
              base::ErrorCode::kFailedPrecondition)
        << "a name is taken in any case";
    EXPECT_FALSE(accounts_->register_account(link->token, {"bea", "", "short"}, origin(), now_));
    auto in = accounts_->register_account(link->token, bea, origin(), now_);
    ASSERT_TRUE(in) << "a failure rolls back and leaves the link";
    EXPECT_EQ(caller(*in).role, Role::kAdmin);
    EXPECT_EQ(accounts_->directory()->managed_teams(in->account), std::set<TeamId>{platform});
    EXPECT_FALSE(accounts_->register_account(link->token, {"eve", "", std::string(kPassword)}, origin(), now_));
}

TEST_F(People, InvitationsAreWithdrawn) {
    auto link = accounts_->invite(as(ann_), Role::kUser, std::nullopt);
    auto list = accounts_->invitations(as(ann_));
    ASSERT_TRUE(link && list && list->size() == 1);
    EXPECT_TRUE(list->front().hash.empty());
    ASSERT_TRUE(accounts_->withdraw_invitation(as(ann_), list->front().id));
    EXPECT_FALSE(accounts_->withdraw_invitation(as(ann_), list->front().id));
    EXPECT_FALSE(accounts_->register_account(link->token, {"eve", "", std::string(kPassword)}, origin(), now_));
    Policy policy = accounts_->policy();
    policy.registration = Registration::kOff;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    EXPECT_FALSE(accounts_->invite(as(ann_), Role::kUser, std::nullopt));
}

TEST_F(People, LinksThatAreOutRestWhileRegistrationIsOff) {
    Policy policy = accounts_->policy();
    policy.registration = Registration::kDomains;
    policy.domains = {"example.org"};
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    const auto invited = accounts_->invite(as(ann_), Role::kUser, std::nullopt);
    const auto mailed = accounts_->request_registration("bob@example.org", origin(), now_);
    ASSERT_TRUE(invited && mailed && *mailed);
    const auto comes = [this](const std::string& token, const char* name) {
        return accounts_->register_account(token, {name, "", std::string(kPassword)}, origin(), now_);
    };
    policy.registration = Registration::kOff;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    EXPECT_EQ(code_of(comes(invited->token, "eve")), base::ErrorCode::kFailedPrecondition);
    EXPECT_EQ(code_of(comes((*mailed)->token, "bob")), base::ErrorCode::kFailedPrecondition);
    EXPECT_EQ(code_of(comes("guessed", "eve")), base::ErrorCode::kNotFound);
    policy.registration = Registration::kInvite;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    EXPECT_TRUE(comes(invited->token, "eve")) << "it was not used up";
    EXPECT_EQ(code_of(comes((*mailed)->token, "bob")), base::ErrorCode::kFailedPrecondition);
    policy.registration = Registration::kDomains;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    EXPECT_TRUE(comes((*mailed)->token, "bob"));
}

TEST_F(People, ADeactivatedAccountKeepsARoleThatCanBeChanged) {
    const AccountId bea = add("bea");
    ASSERT_TRUE(accounts_->set_active(as(ann_), bea, false));
    ASSERT_TRUE(accounts_->set_role(as(ann_), bea, Role::kAdmin));
    EXPECT_EQ(accounts_->account(as(ann_), bea)->person.role, Role::kAdmin);
    EXPECT_EQ(sign_in("bea").status, SignInStatus::kRefused);
    ASSERT_TRUE(accounts_->erase_account(as(ann_), bea));
    EXPECT_EQ(code_of(accounts_->set_role(as(ann_), bea, Role::kUser)), base::ErrorCode::kNotFound);
}

TEST_F(People, RegistrationByDomainProvesTheAddress) {
    EXPECT_FALSE(accounts_->request_registration("bob@example.org", origin(), now_)) << "not open";
    Policy policy = accounts_->policy();
    policy.registration = Registration::kDomains;
    EXPECT_FALSE(accounts_->set_policy(as(ann_), policy)) << "to whom?";
    policy.domains = {"Example.org"};
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    for (const char* address :
         {"bob@evil.org", "bob@sub.example.org", "bob@example.org.evil.org", "bob@evil.org@example.org", "bob",
          "@example.org", "bob@evilexample.org", "b ob@example.org", "bob@example.org\r\nBcc: x"}) {
        EXPECT_FALSE(accounts_->request_registration(address, origin(), now_)) << address;
    }
    auto link = accounts_->request_registration("Bob@EXAMPLE.org", origin(), now_);
    ASSERT_TRUE(link && *link);
    EXPECT_EQ((*link)->email, "bob@example.org");
    auto in = accounts_->register_account((*link)->token, {"bob", "", std::string(kPassword)}, origin(), now_);
    ASSERT_TRUE(in);
    const Caller bob = caller(*in);
    EXPECT_EQ(bob.role, Role::kUser);
    EXPECT_EQ(accounts_->account(as(bob), bob.account)->email, "bob@example.org");
    EXPECT_EQ(accounts_->reach_of(bob).members, std::set<std::string>{"bob@example.org"});
    auto again = accounts_->request_registration("bob@example.org", origin(), now_);
    ASSERT_TRUE(again && *again);
    EXPECT_EQ((*again)->token, "") << "taken: that is all its owner is told";
    EXPECT_EQ((*again)->email, "bob@example.org");
    ASSERT_TRUE(accounts_->set_active(as(ann_), bob.account, false));
    now_ += base::kDay;
    again = accounts_->request_registration("bob@example.org", origin(), now_);
    EXPECT_TRUE(again && !*again) << "deactivated: there is nothing to sign in to";
}

// --- Roles and reach -------------------------------------------------------------------------------------------------

TEST_F(People, TheLastEnterpriseAccountStays) {
    EXPECT_FALSE(accounts_->set_role(as(ann_), ann_.account, Role::kUser));
    EXPECT_FALSE(accounts_->set_active(as(ann_), ann_.account, false));
    EXPECT_FALSE(accounts_->erase_account(as(ann_), ann_.account));
    const AccountId bea = add("bea", Role::kEnterprise);
    ASSERT_TRUE(accounts_->set_active(as(ann_), bea, false));
    EXPECT_FALSE(accounts_->set_role(as(ann_), ann_.account, Role::kAdmin)) << "a deactivated one does not count";
    ASSERT_TRUE(accounts_->set_active(as(ann_), bea, true));
    EXPECT_TRUE(accounts_->set_role(as(ann_), ann_.account, Role::kAdmin));
}

TEST_F(People, ARoleCountsFromTheNextRequest) {
    const AccountId id = add("bea", Role::kEnterprise);
    const SignInOutcome in = sign_in("bea");
    EXPECT_TRUE(allowed(caller(in.signed_in), Right::kManageAll));
    ASSERT_TRUE(accounts_->set_role(as(ann_), id, Role::kUser));
    EXPECT_FALSE(allowed(caller(in.signed_in), Right::kManageAll)) << "with the token from before";
}

TEST_F(People, DeactivationEndsSessionsAndKeysAtOnce) {
    const AccountId id = add("bob");
    const SignInOutcome in = sign_in("bob");
    auto key = accounts_->create_api_key(as(caller(in.signed_in)), {"ci", {false, true, false}, {}, {}, std::nullopt});
    ASSERT_TRUE(key);
    auto reset = accounts_->make_reset_link(as(ann_), id, false);
    ASSERT_TRUE(reset);
    ASSERT_TRUE(accounts_->set_active(as(ann_), id, false));
    EXPECT_FALSE(accounts_->verify_access(in.signed_in.access, now_));
    EXPECT_FALSE(accounts_->verify_api_key(key->text, now_));
    auto refreshed = accounts_->refresh(in.signed_in.refresh, origin(), now_);
    EXPECT_TRUE(refreshed && !*refreshed);
    ASSERT_TRUE(accounts_->set_active(as(ann_), id, true));
    EXPECT_FALSE(accounts_->verify_access(in.signed_in.access, now_)) << "what was ended stays ended";
    EXPECT_FALSE(accounts_->reset_password(reset->token, kOtherPassword, origin(), now_));
}

TEST_F(People, AnAdministratorSignsAPersonOutEverywhere) {
    const AccountId id = add("bob");
    const SignInOutcome first = sign_in("bob"), second = sign_in("bob");
    auto key = accounts_->create_api_key(as(caller(first.signed_in)), {"ci", {.read = true}, {}, {}, std::nullopt});
    ASSERT_TRUE(accounts_->sign_person_out(as(ann_), id));
    for (const SignedIn& in : {first.signed_in, second.signed_in}) {
        EXPECT_FALSE(accounts_->verify_access(in.access, now_));
        auto refreshed = accounts_->refresh(in.refresh, origin(), now_);
        EXPECT_TRUE(refreshed && !*refreshed);
    }
    EXPECT_EQ(accounts_->sessions(as(ann_))->size(), 1U) << "nobody else";
    EXPECT_TRUE(accounts_->verify_api_key(key->text, now_)) << "keys have a button of their own";
    EXPECT_EQ(sign_in("bob").status, SignInStatus::kOk) << "the password stays";
    store::AuditFilter filter;
    filter.action = "session.revoke_all";
    const auto rows = accounts_->audit(filter, 10).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.front().actor, ann_.actor());
    EXPECT_EQ(rows.front().object, "account:" + std::to_string(id));
    EXPECT_EQ(code_of(accounts_->sign_person_out(as(signed_in("bob")), ann_.account)), base::ErrorCode::kNotFound);
    ASSERT_TRUE(accounts_->erase_account(as(ann_), id));
    EXPECT_EQ(code_of(accounts_->sign_person_out(as(ann_), id)), base::ErrorCode::kNotFound);
}

TEST_F(People, AnAdminManagesOwnPeopleAndSeesNoOthers) {
    const TeamId platform = team("platform"), storage = team("storage", platform), sales = team("sales");
    const AccountId bea = add("bea", Role::kAdmin), uma = add("uma"), wes = add("wes");
    join(platform, bea, true);
    join(storage, uma);
    join(sales, wes);
    const Caller admin = signed_in("bea");
    EXPECT_TRUE(accounts_->account(as(admin), uma));
    EXPECT_TRUE(accounts_->make_reset_link(as(admin), uma, false));
    EXPECT_TRUE(accounts_->invite(as(admin), Role::kUser, storage));
    EXPECT_TRUE(accounts_->sign_person_out(as(admin), uma));
    EXPECT_TRUE(accounts_->set_active(as(admin), uma, false));
    // Beyond: not told apart from what does not exist.
    for (const AccountId other : {wes, ann_.account, bea, AccountId{9999}}) {
        EXPECT_EQ(code_of(accounts_->make_reset_link(as(admin), other, false)), base::ErrorCode::kNotFound) << other;
        EXPECT_EQ(code_of(accounts_->set_active(as(admin), other, false)), base::ErrorCode::kNotFound) << other;
        EXPECT_EQ(code_of(accounts_->sign_person_out(as(admin), other)), base::ErrorCode::kNotFound) << other;
    }
    EXPECT_EQ(code_of(accounts_->account(as(admin), wes)), base::ErrorCode::kNotFound);
    EXPECT_EQ(code_of(accounts_->set_team_member(as(admin), platform, wes, false)), base::ErrorCode::kNotFound)
        << "that would widen the own reach";
    EXPECT_FALSE(accounts_->set_team_member(as(admin), sales, uma, false));
    EXPECT_FALSE(accounts_->set_team_member(as(admin), storage, uma, true));
    EXPECT_FALSE(accounts_->map_identity(as(admin), IdentityKind::kOsUser, "wes", bea));
    EXPECT_FALSE(accounts_->invite(as(admin), Role::kAdmin, storage));
    EXPECT_FALSE(accounts_->invite(as(admin), Role::kUser, sales));
    EXPECT_FALSE(accounts_->invite(as(admin), Role::kUser, std::nullopt));
    EXPECT_FALSE(accounts_->set_role(as(admin), uma, Role::kAdmin));
    EXPECT_FALSE(accounts_->create_team(as(admin), "own", std::nullopt));
    EXPECT_FALSE(accounts_->set_policy(as(admin), {}));
    EXPECT_FALSE(accounts_->export_account(as(admin), uma));
    EXPECT_FALSE(accounts_->erase_account(as(admin), uma));
}

TEST_F(People, AUserManagesNothing) {
    const AccountId bob = add("bob"), eve = add("eve");
    const Caller user = signed_in("bob");
    EXPECT_EQ(code_of(accounts_->account(as(user), eve)), base::ErrorCode::kNotFound);
    EXPECT_TRUE(accounts_->account(as(user), bob));
    EXPECT_FALSE(accounts_->invite(as(user), Role::kUser, std::nullopt));
    EXPECT_FALSE(accounts_->make_reset_link(as(user), eve, false));
    EXPECT_FALSE(accounts_->set_active(as(user), eve, false));
    EXPECT_FALSE(accounts_->export_account(as(user), eve));
    EXPECT_FALSE(accounts_->set_secret_setting(as(user), "smtp", "x"));
    EXPECT_FALSE(accounts_->account(as({}), bob)) << "anonymous";
}

TEST_F(People, IdentitiesGiveReach) {
    const AccountId bob = add("bob"), eve = add("eve");
    const Caller user = signed_in("bob");
    EXPECT_TRUE(accounts_->reach_of(user).members.empty());
    ASSERT_TRUE(accounts_->map_identity(as(ann_), IdentityKind::kOsUser, "bob", bob));
    auto mail = accounts_->map_identity(as(ann_), IdentityKind::kMail, "Bob@Example.org", bob);
    ASSERT_TRUE(mail);
    EXPECT_EQ(accounts_->reach_of(user).members, (std::set<std::string>{"bob", "bob@example.org"}));
    EXPECT_FALSE(accounts_->map_identity(as(ann_), IdentityKind::kMachine, "bob", eve)) << "one name, one person";
    ASSERT_TRUE(accounts_->map_identity(as(ann_), IdentityKind::kOsUser, "bob", eve)) << "moved";
    EXPECT_EQ(accounts_->reach_of(user).members, std::set<std::string>{"bob@example.org"});
    ASSERT_TRUE(accounts_->unmap_identity(as(ann_), *mail));
    EXPECT_FALSE(accounts_->unmap_identity(as(ann_), *mail));
    EXPECT_TRUE(accounts_->reach_of(user).members.empty());
    EXPECT_FALSE(accounts_->map_identity(as(ann_), IdentityKind::kOsUser, "", bob));
    EXPECT_FALSE(accounts_->map_identity(as(ann_), IdentityKind::kOsUser, "a\nb", bob));
    open();
    EXPECT_EQ(accounts_->directory()->owner_of("bob"), eve);
}

TEST_F(People, TeamsNestWithoutLoops) {
    const TeamId a = team("a"), b = team("b", a), c = team("c", b);
    EXPECT_FALSE(accounts_->change_team(as(ann_), a, "a", c));
    EXPECT_FALSE(accounts_->change_team(as(ann_), a, "a", a));
    EXPECT_FALSE(accounts_->remove_team(as(ann_), b)) << "there is one below";
    EXPECT_TRUE(accounts_->change_team(as(ann_), c, "c!", std::nullopt));
    EXPECT_TRUE(accounts_->remove_team(as(ann_), b));
    EXPECT_FALSE(accounts_->remove_team(as(ann_), b));
    EXPECT_FALSE(accounts_->create_team(as(ann_), "x", 999));
    EXPECT_FALSE(accounts_->create_team(as(ann_), "", std::nullopt));
    std::optional<TeamId> deep;
    bool refused = false;
    for (int i = 0; i < 40 && !refused; ++i) {
        auto next = accounts_->create_team(as(ann_), "deep", deep);
        refused = !next;
        deep = next ? std::optional(*next) : deep;
    }
    EXPECT_TRUE(refused);
}

TEST_F(People, WhatOneManagesIsTransferred) {
    const TeamId platform = team("platform");
    const AccountId bea = add("bea", Role::kAdmin), cy = add("cy", Role::kAdmin);
    join(platform, bea, true);
    ASSERT_TRUE(accounts_->set_project_owner(as(ann_), "/home/ann/site", bea));
    EXPECT_FALSE(accounts_->transfer(as(ann_), bea, bea));
    ASSERT_TRUE(accounts_->transfer(as(ann_), bea, cy));
    const auto picture = accounts_->directory();
    EXPECT_TRUE(picture->managed_teams(bea).empty());
    EXPECT_EQ(picture->managed_teams(cy), std::set<TeamId>{platform});
    EXPECT_EQ(picture->project_owners().at("/home/ann/site"), cy);
}

TEST_F(People, PseudonymsAreStableAndTellNothing) {
    const auto pseudonym = accounts_->pseudonyms();
    const std::string bob = pseudonym("bob");
    EXPECT_EQ(bob.size(), std::string_view("Member-K7QF2A").size());
    EXPECT_TRUE(bob.starts_with("Member-"));
    EXPECT_NE(bob, pseudonym("bo"));
    EXPECT_NE(bob, pseudonym("Bob"));
    open();
    EXPECT_EQ(accounts_->pseudonyms()("bob"), bob) << "the same tomorrow";
    EXPECT_EQ(pseudonym("bob"), bob) << "what was given before still works";
    Policy policy = accounts_->policy();
    policy.privacy = PrivacyMode::kPseudonyms;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    EXPECT_EQ(accounts_->reach_of(ann_).privacy, PrivacyMode::kPseudonyms);
}

// --- API keys --------------------------------------------------------------------------------------------------------

TEST_F(People, KeysAreScopedLimitedAndRevoked) {
    auto key =
        accounts_->create_api_key(as(ann_), {"ci", {true, false, false}, {}, {"/home/ann/site"}, now_ + base::kDay});
    ASSERT_TRUE(key);
    auto who = accounts_->verify_api_key(key->text, now_);
    ASSERT_TRUE(who);
    EXPECT_TRUE(allowed(*who, Right::kIngest));
    EXPECT_FALSE(allowed(*who, Right::kRead));
    EXPECT_TRUE(accounts_->reach_of(*who).contains("anybody", "/home/ann/site"));
    EXPECT_FALSE(accounts_->reach_of(*who).contains("anybody", "/home/ann/other"));
    EXPECT_FALSE(accounts_->verify_api_key(key->text, now_ + base::kDay)) << "expired";
    std::string changed = key->text;
    changed.back() = changed.back() == 'a' ? 'b' : 'a';
    EXPECT_FALSE(accounts_->verify_api_key(changed, now_));
    EXPECT_FALSE(accounts_->verify_api_key("", now_));
    EXPECT_EQ(files().find(key->text), std::string::npos);
    open();
    EXPECT_TRUE(accounts_->verify_api_key(key->text, now_));
    ASSERT_TRUE(accounts_->revoke_api_key(as(ann_), key->info.id));
    EXPECT_FALSE(accounts_->verify_api_key(key->text, now_));
    EXPECT_FALSE(accounts_->revoke_api_key(as(ann_), key->info.id));
}

TEST_F(People, ARotatedKeyOverlaps) {
    auto old = accounts_->create_api_key(as(ann_), {"ci", {false, true, false}, {}, {"/p"}, std::nullopt});
    ASSERT_TRUE(old);
    auto fresh = accounts_->rotate_api_key(as(ann_), old->info.id, base::kHour);
    ASSERT_TRUE(fresh);
    EXPECT_EQ(fresh->info.projects, old->info.projects);
    EXPECT_EQ(fresh->info.rotated_from, old->info.id);
    EXPECT_TRUE(accounts_->verify_api_key(old->text, now_ + base::kHour - 1));
    EXPECT_FALSE(accounts_->verify_api_key(old->text, now_ + base::kHour));
    EXPECT_TRUE(accounts_->verify_api_key(fresh->text, now_ + base::kHour));
    EXPECT_FALSE(accounts_->rotate_api_key(as(ann_), old->info.id, 0)) << "one line of succession";
    auto at_once = accounts_->rotate_api_key(as(ann_), fresh->info.id, 0);
    ASSERT_TRUE(at_once);
    EXPECT_FALSE(accounts_->verify_api_key(fresh->text, now_));
}

TEST_F(People, KeysOfOthersAreNotThere) {
    add("bob");
    const Caller bob = signed_in("bob");
    auto own = accounts_->create_api_key(as(bob), {"own", {false, true, false}, {}, {}, std::nullopt});
    auto key = accounts_->create_api_key(as(ann_), {"ci", {false, true, false}, {}, {}, std::nullopt});
    ASSERT_TRUE(own && key);
    EXPECT_EQ(code_of(accounts_->revoke_api_key(as(bob), key->info.id)), base::ErrorCode::kNotFound);
    EXPECT_EQ(code_of(accounts_->rotate_api_key(as(bob), key->info.id, 0)), base::ErrorCode::kNotFound);
    EXPECT_EQ(accounts_->api_keys(as(bob))->size(), 1U);
    EXPECT_EQ(accounts_->api_keys(as(ann_))->size(), 2U);
    EXPECT_FALSE(accounts_->create_api_key(as(bob), {"x", {false, false, true}, {}, {}, std::nullopt})) << "manage";
    EXPECT_FALSE(accounts_->create_api_key(as(bob), {"x", {}, {}, {}, std::nullopt})) << "no scope";
    EXPECT_FALSE(accounts_->create_api_key(as(bob), {"", {true, false, false}, {}, {}, std::nullopt}));
    EXPECT_FALSE(accounts_->create_api_key(as(bob), {"x", {true, false, false}, {team("t")}, {}, std::nullopt}));
    EXPECT_FALSE(accounts_->create_api_key(as(bob), {"x", {true, false, false}, {}, {}, now_}));
    auto who = accounts_->verify_api_key(own->text, now_);
    ASSERT_TRUE(who);
    EXPECT_FALSE(accounts_->create_api_key(as(*who), {"x", {false, true, false}, {}, {}, std::nullopt}))
        << "a key makes no keys";
    EXPECT_FALSE(accounts_->sessions(as(*who)));
    EXPECT_FALSE(accounts_->change_password(as(*who), kPassword, kOtherPassword));
}

TEST_F(People, LastUseIsWrittenOnceAMinute) {
    auto key = accounts_->create_api_key(as(ann_), {"ci", {false, true, false}, {}, {}, std::nullopt});
    ASSERT_TRUE(key);
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(accounts_->verify_api_key(key->text, now_ + i));
    }
    EXPECT_EQ(accounts_->api_keys(as(ann_))->front().last_used, std::nullopt);
    ASSERT_TRUE(accounts_->tick(now_ + base::kMinute));
    EXPECT_EQ(accounts_->api_keys(as(ann_))->front().last_used, now_ + 999);
}

// --- Audit -----------------------------------------------------------------------------------------------------------

TEST_F(People, TheChainIsIntactAfterMuchUse) {
    for (int i = 0; i < 5; ++i) {
        add("member" + std::to_string(i));
        sign_in("member" + std::to_string(i), "wrong");
    }
    ASSERT_TRUE(accounts_->record(as(ann_), "prices.change", "prices", {{"opus", "15"}}, {{"opus", "14"}}));
    const AuditVerdict found = verdict();
    EXPECT_TRUE(found.intact) << found.bad_seq << " " << found.reason;
    EXPECT_EQ(found.rows, 12);
    open();
    EXPECT_TRUE(verdict().intact);
    add("more");
    EXPECT_TRUE(verdict().intact);
}

TEST_F(People, ChangedRemovedAndAddedRowsAreFound) {
    for (int i = 0; i < 6; ++i) {
        add("member" + std::to_string(i));
    }
    std::vector<store::AuditRow> rows;
    const auto put_back = [&](store::AccountsStore& database, const auto& change) {
        rows = *database.audit_after(0, 100);
        ASSERT_TRUE(database.cut_audit(1000));
        change(rows);
        for (const store::AuditRow& row : rows) {
            ASSERT_TRUE(database.add_audit(row));
        }
    };
    std::vector<store::AuditRow> original;
    tamper([&](store::AccountsStore& database) { original = *database.audit_after(0, 100); });
    const auto restore = [&](std::vector<store::AuditRow>& r) { r = original; };

    tamper([&](auto& database) { put_back(database, [](auto& r) { r[3].actor = "account:2"; }); });
    EXPECT_EQ(verdict().bad_seq, 4);
    // Changed, and the hash made right: the next row does not follow.
    tamper([&](auto& database) {
        put_back(database, [&](auto& r) {
            restore(r);
            r[3].actor = "account:2";
            r[3].hash = audit_hash(r[3]);
        });
    });
    EXPECT_EQ(verdict().bad_seq, 5);
    tamper([&](auto& database) {
        put_back(database, [&](auto& r) {
            restore(r);
            r.erase(r.begin() + 2);
        });
    });
    EXPECT_EQ(verdict().bad_seq, 3);
    // The whole chain made anew without the key: its end is not the head.
    tamper([&](auto& database) {
        put_back(database, [&](auto& r) {
            restore(r);
            std::string prev;
            for (store::AuditRow& row : r) {
                row.remote = "192.0.2.99";
                row.prev = prev;
                row.hash = prev = audit_hash(row);
            }
        });
    });
    EXPECT_FALSE(verdict().intact);
    tamper([&](auto& database) { put_back(database, restore); });
    EXPECT_TRUE(verdict().intact);
}

TEST_F(People, ACutEndStaysVisible) {
    add("bob");
    add("eve");
    tamper([&](store::AccountsStore& database) {
        auto rows = *database.audit_after(0, 100);
        ASSERT_TRUE(database.cut_audit(1000));
        rows.pop_back();
        for (const auto& row : rows) {
            ASSERT_TRUE(database.add_audit(row));
        }
    });
    EXPECT_EQ(verdict().bad_seq, 3);
    add("later");
    open();
    EXPECT_EQ(verdict().bad_seq, 3) << "what came after does not heal it";
    tamper([&](store::AccountsStore& database) { ASSERT_TRUE(database.cut_audit(1000)); });
    EXPECT_EQ(verdict().bad_seq, 1) << "all gone";
    tamper([&](store::AccountsStore& database) { ASSERT_TRUE(database.remove_setting("audit_head")); });
    EXPECT_EQ(actions().front(), "audit.head_lost");
}

TEST_F(People, RetentionCutsTheBeginningAndKeepsTheProof) {
    add("old");
    Policy policy = accounts_->policy();
    policy.audit_days = 30;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    now_ += 31 * base::kDay;
    add("fresh");
    ASSERT_TRUE(accounts_->tick(now_));
    EXPECT_EQ(actions(), (std::vector<std::string>{"audit.cut", "account.create"}));
    EXPECT_TRUE(verdict().intact);
    open();
    EXPECT_TRUE(verdict().intact);
    tamper([](store::AccountsStore& database) { ASSERT_TRUE(database.put_setting("audit_anchor", "5:ff:00", false)); });
    EXPECT_FALSE(verdict().intact);
}

TEST_F(People, TheAuditIsFilteredAndPaged) {
    for (int i = 0; i < 9; ++i) {
        add("member" + std::to_string(i));
    }
    store::AuditFilter filter;
    filter.action = "account.";
    filter.actor = "system";
    auto page = accounts_->audit(filter, 4);
    ASSERT_TRUE(page && page->size() == 4);
    EXPECT_EQ(page->front().object, "account:10");
    filter.before_seq = page->back().seq;
    page = accounts_->audit(filter, 100);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->size(), 5U);
    EXPECT_EQ(page->front().object, "account:6");
    filter = {};
    filter.action = "account";
    EXPECT_TRUE(accounts_->audit(filter, 10)->empty()) << "a prefix ends with a dot";
    filter.action = "' OR 1=1 --";
    EXPECT_TRUE(accounts_->audit(filter, 10)->empty());
    filter = {};
    filter.to = kStart;
    EXPECT_TRUE(accounts_->audit(filter, 10)->empty());
}

// --- A person's rights -----------------------------------------------------------------------------------------------

TEST_F(People, APersonGetsWhatIsStored) {
    const AccountId id = add("bob");
    const Caller bob = signed_in("bob");
    ASSERT_TRUE(accounts_->set_profile(as(bob), "Bob \"the\" Builder", "bob@example.org"));
    ASSERT_TRUE(accounts_->map_identity(as(ann_), IdentityKind::kOsUser, "bob-os", id));
    join(team("platform"), id);
    auto text = accounts_->export_account(as(bob), id);
    ASSERT_TRUE(text);
    for (const char* part :
         {"bob@example.org", R"(Bob \"the\" Builder)", "bob-os", "platform", "sign_in.ok", "Firefox on Linux"}) {
        EXPECT_NE(text->find(part), std::string::npos) << part;
    }
    EXPECT_EQ(text->find("plain:"), std::string::npos) << "no password hash";
    EXPECT_EQ(actions().front(), "account.export");
}

TEST_F(People, ErasureLeavesNoTrace) {
    const AccountId id = add("robert-tables");
    const SignInOutcome in = sign_in("robert-tables", kPassword, "", origin("203.0.113.200"), true);
    const Caller bob = caller(in.signed_in);
    ASSERT_TRUE(accounts_->set_profile(as(bob), "Robert Tables", "robert@example.org"));
    ASSERT_TRUE(accounts_->map_identity(as(ann_), IdentityKind::kOsUser, "robert-os", id));
    auto key = accounts_->create_api_key(as(bob), {"robert-key", {false, true, false}, {}, {}, std::nullopt});
    ASSERT_TRUE(key);
    auto erased = accounts_->erase_account(as(bob), id);
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(erased->members, std::vector<std::string>{"robert-os"});
    EXPECT_EQ(erased->pseudonym, "erased-2");
    EXPECT_FALSE(accounts_->verify_access(in.signed_in.access, now_));
    EXPECT_FALSE(accounts_->verify_api_key(key->text, now_));
    const std::string bytes = files();
    for (const char* trace : {"robert", "Robert", "example.org"}) {
        EXPECT_EQ(bytes.find(trace), std::string::npos) << trace;
    }
    EXPECT_EQ(sign_in("robert-tables").status, SignInStatus::kRefused);
    EXPECT_FALSE(accounts_->set_active(as(ann_), id, true)) << "there is no way back";
    EXPECT_TRUE(verdict().intact);

    open();  // the ledger has not been renamed yet
    auto pending = accounts_->pending_erasures();
    ASSERT_TRUE(pending && pending->size() == 1);
    EXPECT_EQ(pending->front().members, erased->members);
    ASSERT_TRUE(accounts_->finish_erasure(id));
    EXPECT_TRUE(accounts_->pending_erasures()->empty());
    EXPECT_NE(add("robert-tables"), id) << "a number is never given again";
}

// --- Secrets at rest -------------------------------------------------------------------------------------------------

TEST_F(People, TheFilesTellNoAddressSeedOrToken) {
    ASSERT_TRUE(accounts_->set_profile(as(ann_), "Ann", "ann.secret@example.org"));
    ASSERT_TRUE(accounts_->map_identity(as(ann_), IdentityKind::kMail, "other.secret@example.org", ann_.account));
    ASSERT_TRUE(accounts_->set_secret_setting(as(ann_), "smtp", "hunter2-smtp"));
    std::vector<std::string> codes;
    const std::string seed = enrol(ann_, &codes);
    now_ += crypto::kTotpStep;
    const SignInOutcome in = sign_in("ann", kPassword, code(seed), std::nullopt, true);
    auto reset = accounts_->forgot_password("ann", origin(), now_);
    ASSERT_TRUE(in.status == SignInStatus::kOk && reset && *reset);
    const std::string bytes = files();
    ASSERT_GT(bytes.size(), 10000U);
    EXPECT_NE(bytes.find("sign_in.ok"), std::string::npos) << "the files are read";
    for (const std::string& secret :
         {std::string("ann.secret"), std::string("other.secret"), std::string("hunter2"), seed, crypto::to_base32(seed),
          crypto::to_hex(seed), crypto::to_base64url(seed), in.signed_in.refresh, in.signed_in.access,
          in.signed_in.device_token, (*reset)->token, codes[0]}) {
        EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
    }
    EXPECT_EQ(*accounts_->secret_setting("smtp"), "hunter2-smtp");
    EXPECT_EQ(*accounts_->secret_setting("never set"), "");
}

TEST_F(People, WithoutTheKeyNothingOpens) {
    accounts_.reset();
    auto opened = Accounts::open(folder_, crypto::KeyRing::temporary(), {}, now_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kFailedPrecondition);
}

TEST_F(People, KeysRotateWhileInUseAndAfterAnInterruption) {
    const std::string file = folder_ + "/master.key";
    EXPECT_FALSE(accounts_->use_key_ring(system(), crypto::KeyRing::temporary())) << "a ring without the old key";
    // A ring that is rotated comes from a file: begin anew with one.
    auto first = crypto::KeyRing::create_file(file);
    ASSERT_TRUE(first);
    accounts_.reset();
    for (const char* name : {"accounts.db", "accounts.db-wal", "accounts.db-shm"}) {
        std::filesystem::remove(folder_ + "/" + name);
    }
    open(*first);
    ann_ = caller(set_up());
    ASSERT_TRUE(accounts_->set_profile(as(ann_), "Ann", "ann@example.org"));
    ASSERT_TRUE(accounts_->map_identity(as(ann_), IdentityKind::kMail, "work@example.org", ann_.account));
    ASSERT_TRUE(accounts_->set_secret_setting(as(ann_), "smtp", "hunter2"));
    const std::string new_seed = enrol(ann_);

    auto both = crypto::KeyRing::rotate_file(file);
    ASSERT_TRUE(both);
    EXPECT_EQ(*accounts_->use_key_ring(as(ann_), *both), 7)
        << "address, seed, identity, signing key, SMTP, look-up and audit keys";
    EXPECT_EQ(*accounts_->reseal(system(), 2), 2);
    // As after a crash in the middle: it is known that it was begun, and it is not begun twice.
    open(*both);
    const auto under_way = accounts_->resealing();
    ASSERT_TRUE(under_way && *under_way);
    EXPECT_EQ((*under_way)->key_id, both->current_id());
    EXPECT_EQ((*under_way)->total, 7);
    EXPECT_EQ(*accounts_->use_key_ring(system(), *both), 5);
    const std::map<std::string, std::int64_t> half = {{first->current_id(), 5}, {both->current_id(), 2}};
    EXPECT_EQ(*accounts_->sealed_by_key(), half);
    std::int64_t sum = 0;
    for (;;) {
        // Meanwhile people come in, change what is sealed, and see it.
        now_ += crypto::kTotpStep;
        EXPECT_EQ(sign_in("ann@example.org", kPassword, code(new_seed)).status, SignInStatus::kOk);
        EXPECT_EQ(*accounts_->secret_setting("smtp"), "hunter2");
        auto more = accounts_->reseal(system(), 2);
        ASSERT_TRUE(more) << more.error().message;
        sum += *more;
        if (*more == 0) {
            break;
        }
    }
    EXPECT_EQ(sum, 5);
    EXPECT_FALSE(*accounts_->resealing());
    const std::map<std::string, std::int64_t> whole = {{both->current_id(), 7}};
    EXPECT_EQ(*accounts_->sealed_by_key(), whole);
    const auto told = actions();
    EXPECT_EQ(std::count(told.begin(), told.end(), "master_key.rotate"), 1);
    EXPECT_EQ(std::count(told.begin(), told.end(), "master_key.rotated"), 1);
    store::AuditFilter begun;
    begun.action = "master_key.rotate";
    EXPECT_EQ(accounts_->audit(begun, 1)->front().actor, ann_.actor());
    EXPECT_EQ(files().find("tm1:" + first->current_id() + ":"), std::string::npos) << "nor in the log";
    // The new key alone is enough now.
    std::ifstream text(file);
    std::string line, keys;
    while (std::getline(text, line)) {
        if (!line.empty() && line.front() != '#') {
            keys = line;
            break;
        }
    }
    auto alone = crypto::KeyRing::parse(keys.substr(0, keys.find(',')), "test");
    ASSERT_TRUE(alone) << alone.error().message;
    ASSERT_EQ(alone->current_id(), both->current_id());
    open(*alone);
    EXPECT_EQ(*accounts_->secret_setting("smtp"), "hunter2");
    EXPECT_EQ(accounts_->directory()->owner_of("work@example.org"), ann_.account);
    now_ += crypto::kTotpStep;
    EXPECT_EQ(sign_in("ann@example.org", kPassword, code(new_seed)).status, SignInStatus::kOk);
    EXPECT_TRUE(verdict().intact);
    // With nothing to do, nothing is written: the minute that a laptop sleeps through.
    const std::string before = files();
    const auto changed = std::filesystem::last_write_time(folder_ + "/accounts.db-wal");
    ASSERT_TRUE(accounts_->tick(now_));
    ASSERT_TRUE(accounts_->tick(now_ + base::kMinute));
    EXPECT_EQ(*accounts_->use_key_ring(system(), *alone), 0);
    EXPECT_TRUE(files() == before);
    EXPECT_EQ(std::filesystem::last_write_time(folder_ + "/accounts.db-wal"), changed);
}

TEST_F(People, WhatWasAnsweredSurvivesACrash) {
    add("bob");
    const SignInOutcome in = sign_in("bob");
    // The files as a power cut leaves them: the log is not in the database file yet.
    const std::string copy = folder_ + "/crash";
    std::filesystem::create_directory(copy);
    for (const char* name : {"accounts.db", "accounts.db-wal"}) {
        std::filesystem::copy_file(folder_ + "/" + name, copy + "/" + name);
    }
    auto opened = Accounts::open(copy, ring_, {}, now_);
    ASSERT_TRUE(opened);
    EXPECT_TRUE((*opened)->verify_access(in.signed_in.access, now_));
    EXPECT_TRUE((*opened)->verify_audit()->intact);
}

TEST_F(People, PolicyIsCheckedAndKept) {
    Policy policy = accounts_->policy();
    policy.idle_days = -1;
    EXPECT_FALSE(accounts_->set_policy(as(ann_), policy));
    policy.idle_days = 366;
    EXPECT_FALSE(accounts_->set_policy(as(ann_), policy));
    policy.idle_days = 7;
    policy.session_days = 0;
    EXPECT_FALSE(accounts_->set_policy(as(ann_), policy));
    policy.session_days = 7;
    policy.domains = {"no domain"};
    EXPECT_FALSE(accounts_->set_policy(as(ann_), policy));
    policy.domains = {};
    for (const int people : {1, 2, 101}) {
        policy.minimum_people = people;
        EXPECT_FALSE(accounts_->set_policy(as(ann_), policy)) << people;
    }
    policy.minimum_people = 4;
    policy.privacy = PrivacyMode::kTotals;
    ASSERT_TRUE(accounts_->set_policy(as(ann_), policy));
    open();
    EXPECT_EQ(accounts_->policy().session_days, 7);
    EXPECT_EQ(accounts_->reach_of(ann_).minimum_people, 4);
    auto next = sign_in("ann", kPassword, "", std::nullopt, true);
    EXPECT_EQ(next.signed_in.refresh_expires, now_ + 7 * base::kDay);
}

TEST_F(People, OneProcessHasTheAccounts) {
    auto second = Accounts::open(folder_, ring_, {}, now_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
}

TEST_F(AccountsTest, AccountsThatComeBackFromABackupLeaveNothingOpen) {
    const SignedIn ann = set_up();
    const AccountId ben = add("ben");
    const auto invitation = accounts_->invite(system(), Role::kUser, std::nullopt);
    ASSERT_TRUE(invitation);
    const auto reset = accounts_->make_reset_link(system(), ben, false);
    ASSERT_TRUE(reset);
    const Caller caller = accounts_->verify_access(ann.access, now_).value();
    Caller stranger = caller;  // an account from after the backup: its number is free in here, or somebody else's
    stranger.username = "zoe";

    ASSERT_TRUE(accounts_->come_back(as(caller), "tidemark-20261118T110640Z.tmbk"));
    EXPECT_FALSE(accounts_->verify_access(ann.access, now_));
    EXPECT_FALSE(accounts_->refresh(ann.refresh, origin(), now_).value());
    EXPECT_TRUE(accounts_->invitations(system())->empty());
    EXPECT_FALSE(accounts_->reset_password(reset->token, kOtherPassword, origin(), now_));
    EXPECT_FALSE(accounts_->register_account(invitation->token, {"zed", "", std::string(kPassword)}, origin(), now_));
    auto row = accounts_->audit({}, 1)->front();
    EXPECT_EQ(row.actor, "account:" + std::to_string(ann.account));
    EXPECT_EQ(row.action + " " + row.object, "backup.restored tidemark-20261118T110640Z.tmbk");
    EXPECT_EQ(row.after, R"({"by":"ann"})");

    ASSERT_TRUE(accounts_->come_back(as(stranger), "b"));
    row = accounts_->audit({}, 1)->front();
    EXPECT_EQ(row.actor, "system");
    EXPECT_EQ(row.after, R"({"by":"zoe"})");
    ASSERT_TRUE(accounts_->come_back(system(), "b"));
    EXPECT_EQ(accounts_->audit({}, 1)->front().after, "{}");
    EXPECT_TRUE(accounts_->verify_audit()->intact);
}

}  // namespace
}  // namespace tidemark::identity
