// Accounts, keys, people, teams, identities and the audit log, as pages and scripts use them.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/mail/test_mail.hpp"
#include "server/api/test_server.hpp"

namespace tidemark::api {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PeopleTest : public ApiTest {
protected:
    PeopleTest() { root_ = set_up().access; }

    Answer send(const std::string& method, const std::string& path, const std::string& body, const std::string& who) {
        return call(method, "/api/v1" + path, body,
                    "Content-Type: application/json\r\nAuthorization: Bearer " + who + "\r\n");
    }
    template <class T>
    T read(const std::string& path, const std::string& who) {
        return parsed<T>(send("GET", path, "", who), 200);
    }
    template <class T>
    static T parsed(const Answer& answer, int status) {
        EXPECT_EQ(answer.status, status) << answer.body;
        auto dto = json::read<T>(answer.body);
        EXPECT_TRUE(dto) << answer.body;
        return dto.value_or(T{});
    }
    /// By invitation, as a person comes in.
    std::pair<std::string, Me> join(const std::string& name, const std::string& invitation) {
        const auto link = parsed<Link>(send("POST", "/invitations", invitation, root_), 201);
        EXPECT_THAT(link.url_path, testing::StartsWith("/register#"));
        const Answer made = call("POST", "/api/v1/auth/register",
                                 R"({"token":")" + link.url_path.substr(10) + R"(","username":")" + name +
                                     R"(","display_name":"","password":"violet harbour lantern"})");
        const std::size_t at = made.head.find("tm_access=");
        return {made.head.substr(at + 10, made.head.find(';', at) - at - 10), parsed<Me>(made, 201)};
    }

    std::string root_;  // access token of "ann", role enterprise
};

TEST_F(PeopleTest, ATeamComesInAndItsAdministratorSeesIt) {
    const auto north = parsed<Team>(send("POST", "/teams", R"({"name":"North"})", root_), 201);
    const auto south = parsed<Team>(send("POST", "/teams", R"({"name":"South","parent":null})", root_), 201);
    const std::string in_north = R"("team":)" + std::to_string(north.id) + "}";
    const auto [adam, adam_me] = join("adam", R"({"role":"admin",)" + in_north);
    const auto [uma, uma_me] = join("uma", R"({"role":"user",)" + in_north);
    const auto [otto, otto_me] = join("otto", R"({"role":"user","team":)" + std::to_string(south.id) + "}");
    EXPECT_EQ(adam_me.managed_teams.at(0).name, "North");
    EXPECT_THAT(adam_me.rights, Contains(identity::Right::kManageTeam));
    EXPECT_THAT(adam_me.rights, Not(Contains(identity::Right::kManageAll)));
    EXPECT_EQ(uma_me.teams.at(0).name, "North");
    EXPECT_TRUE(uma_me.managed_teams.empty());

    std::vector<std::string> seen;
    for (const Person& person : read<People>("/people", adam).people) {
        seen.push_back(person.username + (person.manageable ? "+" : ""));
    }
    EXPECT_THAT(seen, ElementsAre("adam", "uma+"));
    EXPECT_EQ(read<People>("/people", root_).people.size(), 4U);
    EXPECT_EQ(read<Teams>("/teams", adam).teams.size(), 1U);
    EXPECT_EQ(read<Teams>("/teams", root_).teams.size(), 2U);
    // Others' people, teams and roles are not an administrator's to touch, nor to know of.
    const std::string otto_id = std::to_string(otto_me.id);
    EXPECT_EQ(send("PUT", "/people/" + otto_id + "/active", R"({"active":false})", adam).status, 404);
    EXPECT_EQ(
        send("PUT", "/teams/" + std::to_string(north.id) + "/members/" + otto_id, R"({"manages":false})", adam).status,
        404);
    EXPECT_EQ(send("POST", "/invitations", R"({"role":"user","team":)" + std::to_string(south.id) + "}", adam).status,
              404);
    EXPECT_EQ(send("POST", "/invitations", R"({"role":"enterprise"})", adam).status, 400);
    const auto link = parsed<Link>(
        send("POST", "/people/" + std::to_string(uma_me.id) + "/reset-link", R"({"remove_second_factor":false})", adam),
        200);
    ASSERT_THAT(link.url_path, testing::StartsWith("/reset#"));
    EXPECT_EQ(call("POST", "/api/v1/auth/reset",
                   R"({"token":")" + link.url_path.substr(7) + R"(","password":"gravel thimble orchard"})")
                  .status,
              204);
    EXPECT_EQ(send("GET", "/auth/me", "", uma).status, 401) << "all sessions end";
    EXPECT_EQ(call("POST", "/api/v1/auth/sign-in", R"({"name":"uma","password":"gravel thimble orchard"})").status,
              200);
    EXPECT_EQ(send("GET", "/auth/me", "", otto).status, 200);
}

TEST_F(PeopleTest, WhatIsGraveAsksAgainWhoItIs) {
    sign_in("ann");
    at(now_ + identity::kProofLife + 1);
    const Answer refused = send("POST", "/auth/me/sessions/revoke-others", "", root_);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("\"code\":\"confirmation_needed\""));
    const Answer wrong = send("POST", "/auth/me/confirm", R"({"password":"wrong wrong wrong"})", root_);
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr(R"({"path":"password","message":)"));
    EXPECT_EQ(send("POST", "/auth/me/confirm", R"({"password":"violet harbour lantern"})", root_).status, 204);
    EXPECT_EQ(send("POST", "/auth/me/sessions/revoke-others", "", root_).status, 204);
    EXPECT_EQ(read<Devices>("/auth/me/sessions", root_).sessions.size(), 1U);
}

TEST_F(PeopleTest, KeysAreShownOnceRotateWithOverlapAndEndAtOnce) {
    const Answer refused = send("POST", "/keys", R"({"name":"","scopes":["read"],"teams":[],"projects":[]})", root_);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, HasSubstr(R"({"path":"name","message":)"));
    const auto made = parsed<IssuedKey>(
        send("POST", "/keys", R"({"name":"CI","scopes":["read","manage"],"teams":[],"projects":["/p"]})", root_), 201);
    EXPECT_THAT(made.text, testing::StartsWith("tmk_"));
    EXPECT_EQ(made.key.account.username, "ann");
    EXPECT_THAT(made.key.scopes, ElementsAre(KeyScope::kRead, KeyScope::kManage));
    EXPECT_EQ(send("GET", "/overview", "", made.text).status, 200);
    EXPECT_THAT(send("GET", "/auth/me", "", made.text).body, HasSubstr(R"("email":null)"));
    const Answer list = send("GET", "/keys", "", root_);
    EXPECT_THAT(list.body, AllOf(HasSubstr(made.key.hint), Not(HasSubstr(made.text))));
    const std::string path = "/keys/" + std::to_string(made.key.id);
    EXPECT_EQ(send("POST", path + "/rotate", R"({"overlap_hours":721})", root_).status, 400);
    EXPECT_EQ(send("POST", path + "/rotate", R"({"overlap_hours":9223372036854775807})", root_).status, 400);
    const auto fresh = parsed<IssuedKey>(send("POST", path + "/rotate", R"({"overlap_hours":1})", root_), 200);
    EXPECT_EQ(fresh.key.rotated_from, made.key.id);
    EXPECT_EQ(send("GET", "/overview", "", made.text).status, 200) << "for an hour";
    at(now_ + base::kHour);
    EXPECT_EQ(send("GET", "/overview", "", made.text).status, 401);
    EXPECT_EQ(send("GET", "/overview", "", fresh.text).status, 200);
    root_ = sign_in("ann").signed_in.access;
    EXPECT_EQ(send("DELETE", "/keys/" + std::to_string(fresh.key.id), "", root_).status, 204);
    EXPECT_EQ(send("GET", "/overview", "", fresh.text).status, 401);
}

TEST_F(PeopleTest, TheOwnAccount) {
    EXPECT_EQ(
        parsed<Me>(send("PUT", "/auth/me", R"({"display_name":"Ann B","email":"Ann@Example.org"})", root_), 200).email,
        "ann@example.org");
    const auto wrong = [&](const std::string& body) { return send("PUT", "/auth/me/password", body, root_).body; };
    EXPECT_THAT(wrong(R"({"current":"x","fresh":"gravel thimble orchard"})"),
                HasSubstr(R"({"path":"current","message":"is wrong"})"));
    EXPECT_THAT(wrong(R"({"current":"violet harbour lantern","fresh":"short"})"), HasSubstr(R"({"path":"fresh",)"));
    EXPECT_EQ(send("PUT", "/auth/me/password",
                   R"({"current":"violet harbour lantern","fresh":"gravel thimble orchard"})", root_)
                  .status,
              204);

    const auto enrolment = parsed<Enrolment>(send("POST", "/auth/me/second-factor", "", root_), 200);
    const std::string seed = crypto::from_base32(enrolment.secret).value();
    EXPECT_EQ(send("POST", "/auth/me/second-factor/confirm", R"({"code":"000"})", root_).status, 400);
    const auto codes = parsed<RecoveryCodes>(
        send("POST", "/auth/me/second-factor/confirm", R"({"code":")" + code(seed) + "\"}", root_), 200);
    EXPECT_EQ(read<Me>("/auth/me", root_).recovery_codes_left, static_cast<std::int64_t>(codes.codes.size()));
    const std::string name = R"({"name":"ann@example.org","password":"gravel thimble orchard")";
    EXPECT_THAT(call("POST", "/api/v1/auth/sign-in", name + "}").body, HasSubstr(R"("code":"second_factor_required")"));
    EXPECT_THAT(call("POST", "/api/v1/auth/sign-in", name + R"(,"code":"123456"})").body,
                HasSubstr(R"("code":"second_factor_wrong")"));
    EXPECT_EQ(call("POST", "/api/v1/auth/sign-in", name + R"(,"code":")" + codes.codes[0] + "\"}").status, 200);
    const auto devices = read<Devices>("/auth/me/sessions", root_).sessions;
    ASSERT_EQ(devices.size(), 2U);
    EXPECT_EQ(send("POST", "/auth/me/sessions/revoke-others", "", root_).status, 204);
    EXPECT_EQ(read<Devices>("/auth/me/sessions", root_).sessions.size(), 1U);

    const Answer file = send("GET", "/auth/me/export", "", root_);
    EXPECT_THAT(file.head, HasSubstr("Content-Disposition: attachment; filename=\"tidemark-account.json\""));
    EXPECT_THAT(file.body, HasSubstr("ann@example.org"));
    const Answer last = send("POST", "/auth/me/erase", R"({"username":"ann"})", root_);
    EXPECT_EQ(last.status, 409) << "somebody must be left";
    EXPECT_THAT(last.body, HasSubstr(R"("code":"failed_precondition")"));
    EXPECT_EQ(send("POST", "/auth/sign-out", "", root_).status, 204);
    EXPECT_EQ(send("GET", "/auth/me", "", root_).status, 401);
}

TEST_F(PeopleTest, WhoGoesIsForgottenInTheLedgerToo) {
    const auto [uma, me] = join("uma", R"({"role":"user"})");
    EXPECT_EQ(send("POST", "/auth/me/erase", R"({"username":"otto"})", uma).status, 400) << "typed wrong";
    EXPECT_TRUE(erased_.empty());
    EXPECT_EQ(send("POST", "/auth/me/erase", R"({"username":"uma"})", uma).status, 204);
    EXPECT_THAT(erased_, ElementsAre("erased-" + std::to_string(me.id)));
    EXPECT_EQ(send("GET", "/auth/me", "", uma).status, 401);
    EXPECT_EQ(read<People>("/people", root_).people.size(), 1U);
    EXPECT_EQ(send("POST", "/people/" + std::to_string(me.id) + "/erase", R"({"username":"uma"})", root_).status, 404);
}

TEST_F(PeopleTest, WhatIsNobodysIsSaid) {
    const auto [uma, me] = join("uma", R"({"role":"user"})");
    ledger_.breakdown_key = "uma-pc";
    auto identities = read<Identities>("/identities", root_);
    ASSERT_EQ(identities.unassigned.size(), 1U);
    EXPECT_EQ(identities.unassigned[0].member, "uma-pc");
    EXPECT_EQ(identities.unassigned[0].requests, 4);
    EXPECT_EQ(identities.unassigned[0].cost_usd->value, 10'000'000'000);
    EXPECT_EQ(identities.unassigned[0].last_activity->value, kNow);
    EXPECT_EQ(ledger_.records_query.scope.filters.at(0).keys, std::vector<std::string>{"uma-pc"});
    EXPECT_EQ(ledger_.breakdown_query.scope.from, 0);
    const auto mapped = parsed<MappedIdentity>(
        send("POST", "/identities", R"({"kind":"os_user","value":"uma-pc","account":)" + std::to_string(me.id) + "}",
             root_),
        201);
    EXPECT_EQ(mapped.username, "uma");
    identities = read<Identities>("/identities", root_);
    EXPECT_TRUE(identities.unassigned.empty());
    EXPECT_EQ(identities.identities.at(0).value, "uma-pc");
    EXPECT_EQ(send("DELETE", "/identities/" + std::to_string(mapped.id), "", root_).status, 204);
    EXPECT_EQ(read<Identities>("/identities", root_).unassigned.size(), 1U);
}

TEST_F(PeopleTest, GoingBackToABackupAsksForThePassword) {
    const std::string target = "/backups/tidemark-20261118T110640Z.tmbk/restore";
    const Answer wrong = send("POST", target, R"({"password":"not it"})", root_);
    EXPECT_EQ(wrong.status, 400) << wrong.body;
    EXPECT_THAT(wrong.body, HasSubstr(R"("path":"password")"));
    EXPECT_EQ(send("POST", target, "{}", root_).status, 400);
    EXPECT_TRUE(restored_.empty());
    const Answer begun = send("POST", target, R"({"password":"violet harbour lantern"})", root_);
    EXPECT_EQ(begun.status, 202) << begun.body;
    EXPECT_THAT(restored_, ElementsAre("ann tidemark-20261118T110640Z.tmbk"));
}

TEST_F(PeopleTest, TheAuditLogTellsWhoChangedWhat) {
    EXPECT_EQ(send("PUT", "/settings", json::to_text(Settings{}), root_).status, 200);
    EXPECT_EQ(send("PUT", "/prices/overrides", R"({"overrides":[{"model":"x","input":1,"output":5}]})", root_).status,
              200);
    EXPECT_EQ(send("PUT", "/backups/settings",
                   R"({"enabled":true,"hour":4,"keep_daily":1,"keep_weekly":0,"keep_monthly":0})", root_)
                  .status,
              200);
    EXPECT_EQ(send("PUT", "/backups/settings",
                   R"({"enabled":true,"hour":24,"keep_daily":1,"keep_weekly":0,"keep_monthly":0})", root_)
                  .status,
              400);
    EXPECT_EQ(send("POST", "/backups", "", root_).status, 202);
    EXPECT_EQ(send("POST", "/system/tls/reload", "", root_).status, 200);
    std::vector<std::string> told;
    const auto rows = read<Audit>("/audit?limit=5&actor=ann", root_).rows;
    for (const AuditLine& row : rows) {
        told.push_back(row.actor_name + " " + row.action);
    }
    EXPECT_THAT(told, ElementsAre("ann tls.reload", "ann backup.begin", "ann backup.settings", "ann prices.change",
                                  "ann settings.change"));
    EXPECT_THAT(rows[3].after, HasSubstr(R"(\"model\":\"x\")"));
    EXPECT_THAT(rows[4].before, HasSubstr(R"(\"time_zone\":\"UTC\")"));
    EXPECT_EQ(rows[0].remote, "127.0.0.1");
    EXPECT_EQ(rows[0].request_id.size(), 16U);

    const auto page = read<Audit>("/audit?limit=2", root_);
    const auto next = read<Audit>("/audit?limit=1000&cursor=" + page.next_cursor.value(), root_);
    EXPECT_EQ(next.rows.front().seq, page.rows.back().seq - 1);
    EXPECT_FALSE(next.next_cursor);
    EXPECT_EQ(read<Audit>("/audit?action=backup.", root_).rows.size(), 2U);
    EXPECT_TRUE(read<Audit>("/audit?to=2026-01-01T00:00:00Z", root_).rows.empty());
    const Answer csv = send("GET", "/audit/export", "", root_);
    EXPECT_THAT(csv.head, AllOf(HasSubstr("Content-Type: text/csv; charset=utf-8"), HasSubstr("tidemark-audit.csv")));
    EXPECT_THAT(csv.body, HasSubstr("settings.change"));
    EXPECT_THAT(send("GET", "/audit/export?format=json", "", root_).body, HasSubstr(R"("action":"audit.export")"));
    EXPECT_TRUE(read<AuditVerdict>("/audit/verdict", root_).intact);
}

TEST_F(PeopleTest, WithoutAnAccountChangesAreAuditedAsNobodys) {
    // In a folder of its own: here there is an account.
    server_->stop();
    accounts_.reset();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    open();
    context_.people.accounts = accounts_.get();
    start({});
    EXPECT_EQ(call("PUT", "/api/v1/settings", json::to_text(Settings{})).status, 200);
    EXPECT_EQ(accounts_->audit({}, 1)->front().actor, "anonymous");
}

TEST_F(PeopleTest, ThePolicyIsCheckedAndHolds) {
    auto policy = read<identity::Policy>("/policy", root_);
    policy.registration = identity::Registration::kDomains;
    EXPECT_THAT(send("PUT", "/policy", json::to_text(policy), root_).body, HasSubstr(R"({"path":"registration",)"))
        << "there is no mail";
    switch_mail_on();
    EXPECT_THAT(send("PUT", "/policy", json::to_text(policy), root_).body, HasSubstr(R"({"path":"domains",)"));
    policy.domains = {"example.org"};
    policy.privacy = identity::PrivacyMode::kTotals;
    policy.minimum_people = 2;
    EXPECT_THAT(send("PUT", "/policy", json::to_text(policy), root_).body, HasSubstr(R"({"path":"minimum_people",)"));
    policy.minimum_people = 5;
    EXPECT_EQ(send("PUT", "/policy", json::to_text(policy), root_).status, 200);
    EXPECT_EQ(get_as<AuthState>("/api/v1/auth/state").registration, identity::Registration::kDomains);
    EXPECT_TRUE(get_as<AuthState>("/api/v1/auth/state").mail);
    EXPECT_EQ(call("POST", "/api/v1/auth/request-registration", R"({"email":"new@example.org"})").status, 202);
    EXPECT_EQ(call("POST", "/api/v1/auth/request-registration", R"({"email":"new@evil.example"})").status, 202);
    const net::Envelope sent = sent_mail(1);
    EXPECT_EQ(sent.to, "new@example.org");
    const std::string token = mail::token_of(sent);
    EXPECT_EQ(
        call("POST", "/api/v1/auth/register",
             R"({"token":")" + token + R"(","username":"new","display_name":"","password":"violet harbour lantern"})")
            .status,
        201);
    policy.provider_only = true;
    EXPECT_EQ(send("PUT", "/policy", json::to_text(policy), root_).status, 400) << "there is no provider";
    EXPECT_FALSE(get_as<AuthState>("/api/v1/auth/state").provider);
    const std::string provider =
        R"({"enabled":true,"name":"Example","issuer":"https://id.example","client_id":"tidemark",)"
        R"("client_secret":"opal meadow","scopes":["openid"],"create_accounts":true,)"
        R"("mail_domains":[],"groups_claim":"groups","roles":[],"teams":[]})";
    const Answer saved = send("PUT", "/auth/provider", provider, root_);
    EXPECT_EQ(saved.status, 200) << saved.body;
    EXPECT_THAT(saved.body, Not(HasSubstr("opal meadow")));
    EXPECT_EQ(get_as<AuthState>("/api/v1/auth/state").provider->name, "Example");
    EXPECT_EQ(send("PUT", "/policy", json::to_text(policy), root_).status, 409) << "nobody could come in by password";
    EXPECT_THAT(send("PUT", "/policy", json::to_text(policy), root_).body, HasSubstr(R"({"path":"provider_only",)"));
}

TEST_F(PeopleTest, ALinkSignsInOnThisMachine) {
    const auto link = accounts_->first_link(true, now_);
    ASSERT_TRUE(link && *link);
    const std::string body = R"({"token":")" + (*link)->token + "\"}";
    EXPECT_EQ(
        call("POST", "/api/v1/auth/link", body, "Content-Type: application/json\r\nX-Forwarded-For: 203.0.113.9\r\n")
            .status,
        409);
    const Answer in = call("POST", "/api/v1/auth/link", body);
    EXPECT_EQ(in.status, 200) << in.body;
    EXPECT_THAT(in.head, HasSubstr("Set-Cookie: tm_access="));
    EXPECT_EQ(call("POST", "/api/v1/auth/link", body).status, 404) << "once";
}

}  // namespace
}  // namespace tidemark::api
