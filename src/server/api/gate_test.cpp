// Attacks on who may come in, and what each one sees.
#include "server/api/gate.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/access.hpp"
#include "server/api/cookies.hpp"
#include "server/api/routes.hpp"
#include "server/api/test_server.hpp"

namespace tidemark::api {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kJson = "Content-Type: application/json\r\n";

/// The first cookie of that name that an answer sets, "name=value".
std::string cookie(const Answer& answer, const std::string& name) {
    const std::size_t at = answer.head.find("Set-Cookie: " + name + "=");
    return at == std::string::npos ? "" : answer.head.substr(at + 12, answer.head.find(';', at) - at - 12);
}
std::string cookie_line(const Answer& answer, const std::string& name) {
    const std::size_t at = answer.head.find("Set-Cookie: " + name + "=");
    return at == std::string::npos ? "" : answer.head.substr(at, answer.head.find("\r\n", at) - at);
}
std::string without_request_id(std::string body) {
    const std::size_t at = body.find("\"request_id\"");
    return body.substr(0, at);
}

class GateTest : public ApiTest {
protected:
    [[nodiscard]] std::string origin_header() const {
        return "Origin: http://localhost:" + std::to_string(server_->port()) + "\r\n";
    }
    /// What the application sends along with its cookies.
    [[nodiscard]] std::string as_page(const std::string& cookies) const {
        return kJson + origin_header() + "X-Tidemark-Request: 1\r\nCookie: " + cookies + "\r\n";
    }
    static std::string bearer(const std::string& credential) {
        return kJson + "Authorization: Bearer " + credential + "\r\n";
    }
    Answer set_up_by_page() {
        const auto link = accounts_->first_link(true, now_);
        return call("POST", "/api/v1/auth/setup",
                    R"({"token":")" + (*link)->token +
                        R"(","username":"ann","display_name":"Ann","password":"violet harbour lantern"})");
    }
    Answer sign_in_as(const std::string& name, std::string_view password = identity::kPassword,
                      const std::string& headers = kJson) {
        return call("POST", "/api/v1/auth/sign-in",
                    R"({"name":")" + name + R"(","password":")" + std::string(password) + R"(","trusted":true})",
                    headers);
    }
    /// An access token of a new account.
    std::string token(const std::string& name, identity::Role role = identity::Role::kUser) {
        add(name, role);
        return sign_in(name).signed_in.access;
    }
    [[nodiscard]] identity::Caller caller_with(std::string access) const {
        identity::SignedIn in;
        in.access = std::move(access);
        return caller(in);
    }
    void map(const std::string& name, const std::string& member) {
        EXPECT_TRUE(accounts_->map_identity(system(), identity::IdentityKind::kOsUser, member,
                                            accounts_->directory()->by_username(name)->id));
    }
};

// ---- before and after the first account
// -------------------------------------------------------------------------------

TEST_F(GateTest, TheFirstAccountClosesTheDoor) {
    EXPECT_TRUE(get_as<AuthState>("/api/v1/auth/state").open);
    EXPECT_EQ(get("/api/v1/overview").status, 200);
    const Answer made = set_up_by_page();
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(json::read<Me>(made.body).value().role, identity::Role::kEnterprise);
    const auto state = get_as<AuthState>("/api/v1/auth/state");
    EXPECT_FALSE(state.open || state.setup_required || state.me);
    const Answer refused = get("/api/v1/overview");
    EXPECT_EQ(refused.status, 401);
    EXPECT_THAT(refused.body, HasSubstr(R"("code":"not_signed_in")"));
    EXPECT_THAT(refused.head, HasSubstr("WWW-Authenticate: Bearer"));
    EXPECT_EQ(call("GET", "/api/v1/overview", "", as_page(cookie(made, "tm_access"))).status, 200);
    EXPECT_EQ(set_up_by_page().status, 404) << "no second first account";
}

TEST_F(GateTest, BeyondLoopbackNothingButTheSetUpIsServed) {
    start({.loopback = false});
    EXPECT_EQ(get("/api/v1/overview").status, 401);
    EXPECT_EQ(call("PUT", "/api/v1/settings", json::to_text(Settings{})).status, 401);
    const auto state = get_as<AuthState>("/api/v1/auth/state");
    EXPECT_TRUE(state.setup_required);
    EXPECT_FALSE(state.open || state.loopback);
    EXPECT_EQ(get("/healthz").status, 200);
    const auto link = accounts_->first_link(false, now_);
    EXPECT_EQ(call("POST", "/api/v1/auth/setup",
                   R"({"token":")" + (*link)->token + R"(","username":"ann","display_name":""})")
                  .status,
              400)
        << "a password is needed";
}

TEST_F(GateTest, ARequestThatSomebodyForwardedIsNotFromThisMachine) {
    for (const std::string header :
         {"X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9", "Via: 1.1 proxy"}) {
        EXPECT_EQ(call("GET", "/api/v1/overview", "", header + "\r\n").status, 401) << header;
        EXPECT_EQ(call("GET", "/metrics", "", header + "\r\n").status, 401) << header;
    }
    set_up();
    EXPECT_EQ(get("/metrics").status, 200) << "this machine's Prometheus";
    EXPECT_EQ(get("/api/v1/overview").status, 401);
}

// ---- cookies
// -------------------------------------------------------------------------------------------------------------

TEST_F(GateTest, CookiesAreOutOfReachForScriptsAndOtherSites) {
    set_up();
    add("uma");
    const Answer in = sign_in_as("uma");
    ASSERT_EQ(in.status, 200) << in.body;
    for (const auto& [name, path] :
         {std::pair("tm_access", "; Path=/; "), std::pair("tm_refresh", "; Path=/api/v1/auth; "),
          std::pair("tm_device", "; Path=/api/v1/auth; ")}) {
        EXPECT_THAT(cookie_line(in, name), AllOf(HasSubstr(path), HasSubstr("; HttpOnly"),
                                                 HasSubstr("; SameSite=Strict"), Not(HasSubstr("Domain"))));
    }
    EXPECT_THAT(cookie_line(in, "tm_access"), HasSubstr("Max-Age=900;"));
    EXPECT_THAT(cookie_line(in, "tm_device"), HasSubstr("Max-Age=31536000;"));
    EXPECT_THAT(in.head, HasSubstr("Cache-Control: no-store"));
    EXPECT_THAT(in.head, Not(HasSubstr("Location:")));
}

TEST_F(GateTest, SigningOutLeavesNothingBehind) {
    set_up();
    const std::string uma = token("uma");
    const Answer out = call("POST", "/api/v1/auth/sign-out", "", bearer(uma));
    EXPECT_EQ(out.status, 204);
    EXPECT_THAT(cookie_line(out, "tm_access"), HasSubstr("=; Path=/; Max-Age=0;"));
    EXPECT_THAT(cookie_line(out, "tm_refresh"), HasSubstr("Max-Age=0;"));
    EXPECT_THAT(out.head, HasSubstr("Clear-Site-Data: \"cache\"\r\n"));
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", bearer(uma)).status, 401);
}

TEST_F(GateTest, WhatIsTurnedAwayIsInTheAuditLog) {
    set_up();
    const std::string uma = token("uma");
    const std::string id = std::to_string(accounts_->directory()->by_username("uma")->id);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(call("GET", "/api/v1/policy", "", bearer(uma)).status, 403);
    }
    EXPECT_EQ(call("GET", "/api/v1/overview", "", bearer("tmk_guessed")).status, 401);
    EXPECT_EQ(call("POST", "/api/v1/teams", "{}", "Cookie: tm_access=" + uma + "\r\n").status, 403);
    EXPECT_EQ(call("GET", "/api/v1/overview", "", "Cookie: tm_access=ended\r\n").status, 401);
    EXPECT_EQ(get("/api/v1/overview").status, 401);
    ASSERT_TRUE(accounts_->tick(now_));
    store::AuditFilter filter;
    filter.action = "request.refused";
    std::set<std::string> told;
    const auto rows = accounts_->audit(filter, 10).value();
    for (const store::AuditRow& row : rows) {
        told.insert(row.actor + " " + row.object + " " + row.after + " " + row.remote);
    }
    EXPECT_EQ(told, (std::set<std::string>{"account:" + id + R"( manage_all {"attempts":"3"} 127.0.0.1)",
                                           R"(anonymous credential {"attempts":"1"} 127.0.0.1)",
                                           R"(anonymous csrf {"attempts":"1"} 127.0.0.1)"}));
}

TEST(Cookies, ByTlsTheyAreSecureAndNoOthersAreRead) {
    net::Request request;
    request.secure = true;
    net::Response response;
    identity::SignedIn in;
    in.access = "a";
    in.access_expires = 900'000;
    in.refresh = "r";
    in.device_token = "d";
    set_cookies(response, request, in, 0);
    ASSERT_EQ(response.headers.size(), 3U);
    EXPECT_THAT(response.headers[0].second, testing::StartsWith("__Host-tm_access=a; Path=/; "));
    EXPECT_THAT(response.headers[1].second, testing::StartsWith("__Secure-tm_refresh=r; "));
    for (const auto& header : response.headers) {
        EXPECT_THAT(header.second, testing::EndsWith("; Secure"));
    }
    request.headers = {
        {"cookie", "tm_access=planted; x=y; __Secure-tm_refresh=r2;__Host-tm_access=a2; __Host-tm_access=a3"}};
    const Cookies found = cookies_of(request);
    EXPECT_EQ(found.access, "a2");
    EXPECT_EQ(found.refresh, "r2");
    request.headers = {{"cookie", "tm_access=planted"}};
    EXPECT_FALSE(cookies_of(request).any());
    request.secure = false;
    EXPECT_EQ(cookies_of(request).access, "planted");
    for (const std::string broken : {"", ";", "=", "tm_access", "; ;=;", "tm_access;tm_access"}) {
        request.headers = {{"cookie", broken}};
        EXPECT_FALSE(cookies_of(request).any()) << broken;
    }
}

TEST_F(GateTest, WhatWasThereBeforeTheSignInIsNotKept) {
    set_up();
    add("uma");
    const std::string planted = "tm_access=planted; tm_refresh=planted.planted";
    const Answer in = sign_in_as("uma", identity::kPassword, as_page(planted));
    ASSERT_EQ(in.status, 200) << in.body;
    EXPECT_THAT(cookie(in, "tm_access"), Not(HasSubstr("planted")));
    EXPECT_THAT(cookie(in, "tm_refresh"), Not(HasSubstr("planted")));
    // Also with the cookies of somebody else who is signed in: a new session, and only that.
    const Answer again = sign_in_as("uma", identity::kPassword, as_page(cookie(in, "tm_access")));
    EXPECT_NE(cookie(in, "tm_refresh"), cookie(again, "tm_refresh"));
    EXPECT_EQ(accounts_->sessions(as(caller_with(cookie(in, "tm_access").substr(10))))->size(), 2U);
}

TEST_F(GateTest, ChangesComeFromOwnPagesOnly) {
    set_up();
    token("erin", identity::Role::kEnterprise);
    const Answer in = sign_in_as("erin");
    const std::string cookies = cookie(in, "tm_access");
    const std::string body = json::to_text(Settings{});
    const auto put = [&](const std::string& headers) { return call("PUT", "/api/v1/settings", body, headers); };
    const std::string with_cookie = kJson + "Cookie: " + cookies + "\r\n";
    EXPECT_EQ(put(as_page(cookies)).status, 200);
    EXPECT_EQ(put(with_cookie + "Sec-Fetch-Site: same-origin\r\nX-Tidemark-Request: 1\r\n").status, 200);
    EXPECT_EQ(put(bearer(cookies.substr(10))).status, 200) << "no browser adds that by itself";
    for (const std::string& attack : {
             std::string(),
             std::string("X-Tidemark-Request: 1\r\n"),
             origin_header(),
             std::string("Origin: https://evil.example\r\nX-Tidemark-Request: 1\r\n"),
             std::string("Origin: null\r\nX-Tidemark-Request: 1\r\n"),
             std::string("Origin: http://localhost:1\r\nX-Tidemark-Request: 1\r\n"),
             std::string("Sec-Fetch-Site: same-site\r\nX-Tidemark-Request: 1\r\n"),
             std::string("Sec-Fetch-Site: cross-site\r\nX-Tidemark-Request: 1\r\n"),
             origin_header() + "X-Tidemark-Request: 0\r\n",
             origin_header() + "X-Requested-With: XMLHttpRequest\r\n",
         }) {
        EXPECT_EQ(put(with_cookie + attack).status, 403) << attack;
    }
    EXPECT_THAT(put(with_cookie).body, HasSubstr(R"("code":"csrf")"));
    // A form of another site: no header, no JSON.
    EXPECT_EQ(call("POST", "/api/v1/auth/sign-out", "a=b",
                   "Content-Type: application/x-www-form-urlencoded\r\nCookie: " + cookies + "\r\n")
                  .status,
              403);
    EXPECT_EQ(sign_in_as("erin", identity::kPassword, "Content-Type: text/plain\r\n").status, 415) << "nor a sign-in";
    EXPECT_EQ(call("POST", "/api/v1/auth/refresh", "", "Cookie: " + cookie(in, "tm_refresh") + "\r\n").status, 403);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", "Cookie: " + cookies + "\r\n").status, 200) << "reading needs neither";
    // The preflight that the header forces elsewhere is not answered.
    const Answer preflight = call("OPTIONS", "/api/v1/settings", "",
                                  "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n"
                                  "Access-Control-Request-Headers: x-tidemark-request\r\n");
    EXPECT_THAT(preflight.head, Not(HasSubstr("Access-Control-Allow")));
}

// ---- tokens
// --------------------------------------------------------------------------------------------------------------

TEST_F(GateTest, ARefreshTokenWorksOnceAndItsTheftEndsTheSession) {
    set_up();
    add("uma");
    const Answer in = sign_in_as("uma");
    const std::string first = cookie(in, "tm_refresh");
    const Answer second = call("POST", "/api/v1/auth/refresh", "", as_page(first));
    ASSERT_EQ(second.status, 204) << second.body;
    EXPECT_NE(cookie(second, "tm_refresh"), first);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", as_page(cookie(second, "tm_access"))).status, 200);
    at(now_ + identity::kRefreshGrace + 1);
    const Answer stolen = call("POST", "/api/v1/auth/refresh", "", as_page(first));
    EXPECT_EQ(stolen.status, 401);
    EXPECT_THAT(cookie_line(stolen, "tm_refresh"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(call("POST", "/api/v1/auth/refresh", "", as_page(cookie(second, "tm_refresh"))).status, 401)
        << "whoever of the two it was";
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", as_page(cookie(second, "tm_access"))).status, 401);
    EXPECT_THAT(actions(), testing::Contains("session.token_reused"));
}

TEST_F(GateTest, ScriptsKeepTheirTokensThemselves) {
    set_up();
    add("uma");
    const Answer issued = call("POST", "/api/v1/auth/token", R"({"name":"uma","password":"violet harbour lantern"})");
    ASSERT_EQ(issued.status, 200) << issued.body;
    EXPECT_THAT(issued.head, Not(HasSubstr("Set-Cookie")));
    const auto tokens = json::read<Tokens>(issued.body).value();
    EXPECT_EQ(tokens.expires_in, 900);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", bearer(tokens.access_token)).status, 200);
    const Answer again = call("POST", "/api/v1/auth/refresh", R"({"refresh_token":")" + *tokens.refresh_token + "\"}");
    EXPECT_EQ(again.status, 200);
    EXPECT_THAT(again.head, Not(HasSubstr("Set-Cookie")));
    EXPECT_EQ(call("POST", "/api/v1/auth/refresh", R"({"refresh_token":"x.y"})").status, 401);
    EXPECT_EQ(call("POST", "/api/v1/auth/refresh", "").status, 401);
}

TEST_F(GateTest, ForgedTokensAreNobody) {
    set_up();
    const std::string good = token("uma");
    ASSERT_EQ(call("GET", "/api/v1/auth/me", "", bearer(good)).status, 200);
    const std::string payload = good.substr(good.find('.') + 1, good.rfind('.') - good.find('.') - 1);
    const std::string head = good.substr(0, good.find('.'));
    const auto header = [](const std::string& text) { return crypto::to_base64url(text); };
    for (const std::string& forged : {
             header(R"({"alg":"none","typ":"JWT"})") + "." + payload + ".",
             header(R"({"alg":"None"})") + "." + payload + ".",
             header(R"({"alg":"RS256","typ":"JWT"})") + "." + payload + good.substr(good.rfind('.')),
             header(R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})") + "." + payload +
                 good.substr(good.rfind('.')),
             head + "." + payload + ".",
             head + "." + payload,
             head + "." + crypto::to_base64url(R"({"sub":"1","sid":"x","iat":1,"exp":99999999999})") +
                 good.substr(good.rfind('.')),
             good + "A",
             good.substr(0, good.size() - 2),
             std::string("."),
             std::string(".."),
             std::string(9000, 'A'),
             std::string("tmk_"),
         }) {
        EXPECT_EQ(call("GET", "/api/v1/auth/me", "", bearer(forged)).status, 401) << forged.substr(0, 200);
    }
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", "Authorization: Basic " + good + "\r\n").status, 401);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", "Authorization: bearer  " + good + "\r\n").status, 200);
    at(now_ + identity::kAccessLife + 1);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", bearer(good)).status, 401) << "over";
    at(now_ - base::kHour);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", bearer(good)).status, 401) << "from the future";
}

TEST_F(GateTest, AKeyIsForTheHeaderOnly) {
    set_up();
    const std::string access = token("uma");
    const auto key =
        accounts_->create_api_key(as(caller_with(access)), {"k", {.read = true}, {}, {}, std::nullopt}).value();
    EXPECT_EQ(call("GET", "/api/v1/overview", "", bearer(key.text)).status, 200);
    EXPECT_EQ(call("GET", "/api/v1/overview", "", "Cookie: tm_access=" + key.text + "\r\n").status, 401);
    EXPECT_EQ(get("/api/v1/overview?key=" + key.text).status, 401);
    ASSERT_TRUE(accounts_->revoke_api_key(as(caller_with(access)), key.info.id));
    EXPECT_EQ(call("GET", "/api/v1/overview", "", bearer(key.text)).status, 401) << "at once";
}

TEST_F(GateTest, ARequiredSecondFactorComesFirst) {
    set_up();
    identity::Policy policy;
    policy.require_2fa_user = true;
    const std::string access = token("uma");
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    const Answer refused = call("GET", "/api/v1/overview", "", bearer(access));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr(R"("code":"second_factor_required_setup")"));
    EXPECT_EQ(call("GET", "/api/v1/auth/me/export", "", bearer(access)).status, 403);
    EXPECT_THAT(call("GET", "/api/v1/auth/me", "", bearer(access)).body, HasSubstr(R"("must_enrol":true)"));
    EXPECT_EQ(call("POST", "/api/v1/auth/me/second-factor", "", bearer(access)).status, 200);
    enrol(caller_with(access));
    EXPECT_EQ(call("GET", "/api/v1/overview", "", bearer(access)).status, 200);
}

// ---- strangers
// -----------------------------------------------------------------------------------------------------------

TEST_F(GateTest, WhoExistsIsNotTold) {
    set_up();
    add("uma");
    const int before = verified_;
    const Answer known = sign_in_as("uma", "wrong wrong wrong");
    const Answer unknown = sign_in_as("umo", "wrong wrong wrong");
    EXPECT_EQ(known.status, 401);
    EXPECT_THAT(known.body, HasSubstr(R"("code":"bad_credentials")"));
    EXPECT_EQ(without_request_id(known.body), without_request_id(unknown.body));
    EXPECT_EQ(verified_ - before, 2) << "both cost a hash";
    for (const auto& [path, one, other] :
         {std::tuple("/api/v1/auth/forgot", R"({"name":"uma"})", R"({"name":"umo"})"),
          std::tuple("/api/v1/auth/request-registration", R"({"email":"a@example.org"})", R"({"email":"b@x.test"})")}) {
        const Answer first = call("POST", path, one);
        const Answer second = call("POST", path, other);
        EXPECT_EQ(first.status, 202) << first.body;
        EXPECT_EQ(second.status, 202);
        EXPECT_EQ(first.body + second.body, "");
    }
    EXPECT_EQ(without_request_id(call("POST", "/api/v1/auth/reset", R"({"token":"x","password":"y"})").body),
              without_request_id(call("POST", "/api/v1/auth/reset", R"({"token":"","password":"y"})").body));
}

TEST_F(GateTest, WhoGuessesWaits) {
    set_up();
    add("uma");
    Answer answer;
    for (int i = 0; i < 30 && answer.status != 429; ++i) {
        answer = sign_in_as("uma", "wrong wrong wrong");
    }
    ASSERT_EQ(answer.status, 429) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"wait")"));
    EXPECT_THAT(answer.body, HasSubstr(R"({"path":"retry_after_seconds","message":")"));
    EXPECT_THAT(answer.head, HasSubstr("Retry-After: "));
    EXPECT_EQ(sign_in_as("uma").status, 429) << "also with the right password";
}

TEST_F(GateTest, StrangersHaveOnlySoManyPlaces) {
    set_up();
    const std::string access = token("uma");
    ASSERT_EQ(sign_in_as("uma").status, 200);  // from 127.0.0.1
    start({.strangers = 0, .returning = 1});
    from_ = "127.0.0.7";
    const Answer refused = sign_in_as("uma");
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.head, HasSubstr("Retry-After: 1"));
    EXPECT_EQ(sign_in_as("uma", identity::kPassword, as_page("tm_device=x")).status, 503) << "no device of anybody's";
    from_ = "127.0.0.1";
    EXPECT_EQ(sign_in_as("uma").status, 200) << "somebody was here before";
    EXPECT_EQ(call("GET", "/api/v1/overview", "", bearer(access)).status, 200);
    EXPECT_EQ(call("POST", "/api/v1/auth/refresh", "").status, 401) << "going on is not among them";
    start({.strangers = 1});
    from_ = "127.0.0.7";
    // A place is given back just after the answer, which the client may have before.
    const auto until_a_place = [&](const char* name) {
        Answer answer = sign_in_as(name);
        for (int i = 0; i < 200 && answer.status == 503; ++i) {
            answer = sign_in_as(name);
        }
        return answer.status;
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(until_a_place("nobody"), 401) << "places are given back";
    }
    // However the request ends: here its body never comes.
    const int fd =
        send_bytes("POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) +
                   "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n");
    EXPECT_THAT(read_until(fd, "\r\n\r\n"), HasSubstr("100 Continue"));
    EXPECT_EQ(sign_in_as("nobody2").status, 503);
    close(fd);
    EXPECT_EQ(until_a_place("nobody3"), 401) << "once the server has seen that it is gone";
}

// ---- reach
// ---------------------------------------------------------------------------------------------------------------

TEST_F(GateTest, EveryQuestionToTheLedgerIsAskedWithTheCallersReach) {
    set_up();
    const std::string access = token("uma");
    map("uma", "uma-pc");
    ledger_.reaches.clear();
    std::size_t asked = 0;
    for (const Route& route : routes()) {
        if (route.right != identity::Right::kRead || route.media == "text/event-stream" || route.local) {
            continue;
        }
        std::string path(route.path);
        if (const std::size_t at = path.find("{id}"); at != std::string::npos) {
            path.replace(at, 4, "of:uma-pc");
        }
        const Answer answer = call("GET", path, "", bearer(access));
        EXPECT_EQ(answer.status, 200) << route.id << answer.body;
        for (; asked < ledger_.reaches.size(); ++asked) {
            const auto& reach = ledger_.reaches[asked];
            ASSERT_NE(reach, nullptr) << route.id << " asks without a reach";
            EXPECT_FALSE(reach->everyone()) << route.id;
            EXPECT_TRUE(reach->contains("uma-pc", "/p")) << route.id;
            EXPECT_FALSE(reach->contains("otto-pc", "/p")) << route.id;
        }
    }
    EXPECT_GT(asked, 20U);
    const Answer sources = call("GET", "/api/v1/sources", "", bearer(access));
    EXPECT_THAT(sources.body, HasSubstr(R"("data_dir":"")")) << "paths are for whoever sees everything";
}

TEST_F(GateTest, AnswersAreSharedByEqualReachesOnly) {
    set_up();
    const std::string uma = token("uma"), otto = token("otto"), erin = token("erin", identity::Role::kEnterprise),
                      eve = token("eve", identity::Role::kEnterprise);
    map("uma", "uma-pc");
    map("otto", "otto-pc");
    const std::string past = "/api/v1/usage/summary?from=2026-11-01T00:00:00Z&to=2026-11-20T00:00:00Z";
    for (const auto& [who, summaries] :
         {std::pair(&uma, 1), std::pair(&uma, 1), std::pair(&otto, 2), std::pair(&erin, 3), std::pair(&eve, 3)}) {
        EXPECT_EQ(call("GET", past, "", bearer(*who)).status, 200);
        EXPECT_EQ(ledger_.summaries, summaries);
    }
    map("otto", "uma-pc");  // now it is nobody's of uma's
    EXPECT_EQ(call("GET", past, "", bearer(uma)).status, 200);
    EXPECT_EQ(ledger_.summaries, 4) << "a new reach, a new answer";
    EXPECT_EQ(call("GET", "/api/v1/sessions/of%3Auma-pc", "", bearer(uma)).status, 404);
}

TEST_F(GateTest, PersonalAnswersAreNotKept) {
    set_up();
    const std::string erin = token("erin", identity::Role::kEnterprise);
    for (const Route& route : routes()) {
        if (route.method == net::Method::kGet && route.right != identity::Right::kRead &&
            route.right != identity::Right::kPublic && route.path.find('{') == std::string_view::npos) {
            const Answer answer = call("GET", std::string(route.path), "", bearer(erin));
            EXPECT_EQ(answer.status, 200) << route.id << answer.body;
            EXPECT_THAT(answer.head, AllOf(HasSubstr("Cache-Control: no-store"), Not(HasSubstr("ETag")))) << route.id;
        }
    }
}

model::UsageChange change(std::uint64_t seq, const std::vector<std::string>& members) {
    model::UsageChange out;
    out.seq = seq;
    out.time = kNow;
    for (const std::string& member : members) {
        model::UsageDelta& delta = out.deltas.emplace_back();
        delta.session = "s-" + member;
        delta.member = member;
        delta.project = "/p";
        delta.change = some_totals(1).measures;
        out.new_sessions.push_back(delta.session);
    }
    return out;
}

TEST_F(GateTest, AStreamTellsWhatIsInReach) {
    set_up();
    const std::string uma = token("uma");
    const std::string erin = token("erin", identity::Role::kEnterprise);
    map("uma", "uma-pc");
    feed_.publish(change(41, {"uma-pc", "otto-pc"}));
    feed_.publish(change(42, {"otto-pc"}));
    const auto stream = [&](const std::string& who) {
        return send_bytes("GET /api/v1/stream?last_event_id=40 HTTP/1.1\r\nHost: localhost:" +
                          std::to_string(server_->port()) + "\r\n" + bearer(who) + "\r\n");
    };
    const int own = stream(uma);
    const int all = stream(erin);
    EXPECT_THAT(read_until(all, "id: 42\n"), HasSubstr("otto-pc"));
    std::string told = read_until(own, "id: 41\n");
    feed_.publish(change(43, {"otto-pc"}));
    feed_.publish(change(44, {"otto-pc", "uma-pc"}));
    EXPECT_THAT(read_until(all, "id: 44\n"), AllOf(HasSubstr("id: 43\n"), HasSubstr("otto-pc")));
    feed_.announce(live::SettingsChanged{});
    told += read_until(own, "event: settings");
    EXPECT_THAT(told, AllOf(HasSubstr("id: 44\n"), HasSubstr("uma-pc"), HasSubstr("s-uma-pc"),
                            Not(HasSubstr("otto-pc")), Not(HasSubstr("id: 43\n")), Not(HasSubstr("id: 42\n"))));
    close(own);
    close(all);
    EXPECT_EQ(get("/api/v1/stream").status, 401);
}

TEST_F(GateTest, AStreamEndsWithTheRightToIt) {
    set_up();
    const std::string uma = token("uma");
    const std::string otto = token("otto");
    const std::string erin = token("erin", identity::Role::kEnterprise);
    const auto stream = [&](const std::string& who) {
        const int fd = send_bytes("GET /api/v1/stream HTTP/1.1\r\nHost: localhost:" + std::to_string(server_->port()) +
                                  "\r\n" + bearer(who) + "\r\n");
        EXPECT_THAT(read_until(fd, "event: hello"), HasSubstr("event: hello"));
        return fd;
    };
    const int umas = stream(uma);
    const int ottos = stream(otto);
    const std::string vera = token("vera");
    const int veras = stream(vera);
    const auto path_of = [&](const std::string& name) {
        return "/api/v1/people/" + std::to_string(accounts_->directory()->by_username(name)->id);
    };
    EXPECT_EQ(call("PUT", path_of("uma") + "/active", R"({"active":false})", bearer(erin)).status, 204);
    EXPECT_EQ(call("POST", path_of("vera") + "/sign-out", "", bearer(erin)).status, 204);
    EXPECT_EQ(call("GET", "/api/v1/auth/me", "", bearer(vera)).status, 401);
    feed_.announce(live::SettingsChanged{});
    EXPECT_THAT(read_until(umas, ""), Not(HasSubstr("event: settings"))) << "and it ends";
    EXPECT_THAT(read_until(veras, ""), Not(HasSubstr("event: settings"))) << "and so does this one";
    EXPECT_THAT(read_until(ottos, "event: settings"), HasSubstr("event: settings"));
    close(umas);
    close(veras);
    close(ottos);
}

TEST_F(GateTest, AStreamDoesNotOutliveItsSessionByMuch) {
    set_up();
    net::Request request;
    request.remote = "127.0.0.1";
    const std::string access = token("uma");
    request.headers = {{"authorization", "Bearer " + access}};
    const net::Gate gate = make_gate(*accounts_, {});
    ASSERT_FALSE(gate(request, {.id = "getStream"}));
    ASSERT_NE(request.caller, nullptr);
    EXPECT_TRUE(still_allowed(*accounts_, *request.caller, now_ + 59 * base::kMinute)) << "longer than its token";
    EXPECT_FALSE(still_allowed(*accounts_, *request.caller, now_ + base::kHour));
    map("uma", "uma-pc");
    EXPECT_FALSE(still_allowed(*accounts_, *request.caller, now_)) << "another reach";
    EXPECT_FALSE(still_allowed(*accounts_, net::Caller{}, now_));
    EXPECT_TRUE(gate(request, {.id = "noSuchRoute"})) << "what is not in the table is refused";
}

// ---- texts from outside
// --------------------------------------------------------------------------------------------------

TEST_F(GateTest, HostileNamesComeBackAsData) {
    set_up();
    const std::string uma = token("uma");
    const std::string name = R"(<script>alert(1)</script>\"';--)";
    const Answer put = call("PUT", "/api/v1/auth/me", R"({"display_name":")" + name + R"(","email":""})", bearer(uma));
    ASSERT_EQ(put.status, 200) << put.body;
    const Answer me = call("GET", "/api/v1/auth/me", "", bearer(uma));
    EXPECT_THAT(me.head, AllOf(HasSubstr("Content-Type: application/json\r\n"),
                               HasSubstr("X-Content-Type-Options: nosniff"), HasSubstr("Content-Security-Policy: ")));
    EXPECT_EQ(json::read<Me>(me.body)->display_name, R"(<script>alert(1)</script>"';--)");
    EXPECT_EQ(call("PUT", "/api/v1/auth/me", R"({"display_name":"a\u0000b","email":""})", bearer(uma)).status, 400);
    EXPECT_EQ(call("PUT", "/api/v1/auth/me", R"({"display_name":"a","email":"x@y\r\nBcc: z"})", bearer(uma)).status,
              400);
}

TEST_F(GateTest, SqlInParametersIsText) {
    set_up();
    const std::string erin = token("erin", identity::Role::kEnterprise);
    const std::string sql = "'%20OR%201%3D1%3B%20DROP%20TABLE%20audit%3B--";
    for (const std::string parameter : {"actor", "action", "object"}) {
        const Answer answer = call("GET", "/api/v1/audit?" + parameter + "=" + sql, "", bearer(erin));
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(json::read<Audit>(answer.body)->rows.size(), 0U) << parameter;
    }
    EXPECT_EQ(call("GET", "/api/v1/audit?cursor=" + sql, "", bearer(erin)).status, 400);
    EXPECT_EQ(call("PUT", "/api/v1/people/1%20OR%201/role", R"({"role":"user"})", bearer(erin)).status, 404);
    EXPECT_EQ(call("DELETE", "/api/v1/teams/-1", "", bearer(erin)).status, 404);
    EXPECT_EQ(call("DELETE", "/api/v1/teams/99999999999999999999", "", bearer(erin)).status, 404);
    EXPECT_EQ(sign_in_as("' OR 1=1;--").status, 401);
    EXPECT_GT(json::read<Audit>(call("GET", "/api/v1/audit", "", bearer(erin)).body)->rows.size(), 2U);
}

TEST_F(GateTest, ErrorsTellNothingOfTheInside) {
    ledger_.session_error = base::ErrorCode::kInternal;
    testing::internal::CaptureStderr();
    const Answer answer = get("/api/v1/sessions/none");
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("there is no session none"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, AllOf(HasSubstr(R"("code":"internal")"), Not(HasSubstr("there is no session"))));
}

TEST(Agents, AreNamedInAFewWords) {
    EXPECT_EQ(agent_name("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"), "Firefox on Linux");
    EXPECT_EQ(
        agent_name("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
                   "Safari/537.36 Edg/130.0.0.0"),
        "Edge on Windows");
    EXPECT_EQ(
        agent_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                   "Version/18.0 Mobile/15E148 Safari/604.1"),
        "Safari on iOS");
    EXPECT_EQ(agent_name("curl/8.5.0"), "curl/8.5.0");
    EXPECT_EQ(agent_name("evil\"><script>"), "evil");
    EXPECT_EQ(agent_name(std::string(500, 'a')).size(), 40U);
    EXPECT_EQ(agent_name(""), "");
}

}  // namespace
}  // namespace tidemark::api
