// The sign-in with a provider that does whatever the test wants, wrong things above all.
#include "desk/provider/provider.hpp"

#include <functional>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/identity/test_accounts.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/test_provider_key.hpp"

namespace tidemark::provider {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kIssuer = "https://id.example/realm";
const std::string kBack = "https://tide.example/api/v1/auth/oidc/callback";
const std::string kAddress = "192.0.2.1";

net::Fields parsed(std::string_view form) {
    net::Request request;
    EXPECT_TRUE(net::parse_target("/?" + std::string(form), request));
    return request.query;
}
std::string value_of(const net::Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (key == name) {
            return value;
        }
    }
    return "";
}

class ProviderTest : public identity::AccountsTest {
protected:
    ProviderTest() {
        settings_.enabled = true;
        settings_.name = "Example";
        settings_.issuer = kIssuer;
        settings_.client_id = "tide mark";
        settings_.client_secret = "s:cret";
        settings_.scopes = {"openid", "profile", "email"};
        documents_["https://id.example/realm/.well-known/openid-configuration"] = discovery("");
        documents_["https://id.example/keys"] = jwks({&key_});
        reopen();
    }

    static std::string discovery(const std::string& further) {
        return R"({"issuer":"https://id.example/realm","authorization_endpoint":"https://id.example/auth?x=1",)"
               R"("token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys")" +
               further + "}";
    }
    static std::string jwks(const std::vector<const crypto::TestProviderKey*>& keys) {
        std::string list;
        for (const auto* key : keys) {
            list += (list.empty() ? "" : ",") + key->jwk();
        }
        return R"({"keys":[)" + list + "]}";
    }

    void reopen() {
        provider_ =
            Provider::open(*accounts_, [this](const net::FetchRequest& request) { return answer(request); }).value();
    }
    void save() {
        const auto saved = provider_->set_settings(system(), settings_);
        ASSERT_TRUE(saved) << saved.error().message;
    }
    base::Result<net::FetchAnswer> answer(const net::FetchRequest& request) {
        asked_.push_back(request);
        if (down_) {
            return base::fail(base::ErrorCode::kUnavailable, "id.example: cannot connect");
        }
        if (request.url == "https://id.example/token") {
            return net::FetchAnswer{token_status_, token_answer_()};
        }
        const auto found = documents_.find(request.url);
        return found == documents_.end() ? net::FetchAnswer{404, ""} : net::FetchAnswer{200, found->second};
    }
    [[nodiscard]] int asked_for(std::string_view url) const {
        return static_cast<int>(
            std::count_if(asked_.begin(), asked_.end(), [&](const auto& request) { return request.url == url; }));
    }

    /// Leaves for the provider, and remembers with what.
    void leave(const std::string& browser = "") {
        const auto departure = provider_->begin("/sessions?a=1", kBack, browser, kAddress, std::nullopt, now_);
        ASSERT_TRUE(departure) << departure.error().reason;
        url_ = departure->url;
        browser_ = departure->browser;
        sent_ = parsed(url_.substr(url_.find('?') + 1));
    }
    /// Claims of a right token, with `changed` put in or (when "") left out.
    [[nodiscard]] std::string claims(const std::map<std::string, std::string>& changed = {}) const {
        const std::int64_t seconds = now_ / base::kSecond;
        std::map<std::string, std::string> all{
            {"iss", "\"" + kIssuer + "\""},    {"sub", "\"u-1\""},
            {"aud", R"("tide mark")"},         {"nonce", "\"" + value_of(sent_, "nonce") + "\""},
            {"iat", std::to_string(seconds)},  {"exp", std::to_string(seconds + 60)},
            {"email", R"("Bea@Example.org")"}, {"email_verified", "true"},
            {"name", R"("Bea Example")"},      {"preferred_username", R"("bea")"}};
        for (const auto& [name, value] : changed) {
            all[name] = value;
        }
        std::string text;
        for (const auto& [name, value] : all) {
            text += value.empty() ? "" : (text.empty() ? "\"" : ",\"") + name + "\":" + value;
        }
        return "{" + text + "}";
    }
    static std::string tokens(const std::string& id_token) {
        return R"({"access_token":"at-1","token_type":"Bearer","expires_in":60,"id_token":")" + id_token + "\"}";
    }
    Outcome<Arrival> come_back(const std::string& further = "&code=c1") {
        return provider_->finish(parsed("state=" + value_of(sent_, "state") + further), browser_, now_);
    }
    /// There and back with these claims.
    Outcome<Arrival> travel(const std::map<std::string, std::string>& changed = {}) {
        leave();
        token_answer_ = [this, changed] { return tokens(key_.sign(claims(changed))); };
        return come_back();
    }
    static std::string fault(const Outcome<Arrival>& outcome) {
        return outcome ? "arrived" : std::string(to_text(outcome.error().fault)) + ": " + outcome.error().reason;
    }

    Settings settings_;
    crypto::TestProviderKey key_{"k1"};
    std::map<std::string, std::string> documents_;
    std::function<std::string()> token_answer_ = [this] { return tokens(key_.sign(claims())); };
    int token_status_ = 200;
    bool down_ = false;
    std::vector<net::FetchRequest> asked_;
    std::string url_, browser_;
    net::Fields sent_;
    std::unique_ptr<Provider> provider_;
};

TEST_F(ProviderTest, SendsTheBrowserAwayWithAChallenge) {
    save();
    leave();
    EXPECT_THAT(url_,
                StartsWith("https://id.example/auth?x=1&response_type=code&client_id=tide%20mark&redirect_uri=https"
                           "%3A%2F%2Ftide.example%2Fapi%2Fv1%2Fauth%2Foidc%2Fcallback&scope=openid%20profile%20"
                           "email&state="));
    EXPECT_EQ(value_of(sent_, "code_challenge_method"), "S256");
    EXPECT_THAT(url_, Not(HasSubstr("cret")));
    EXPECT_THAT(url_, Not(HasSubstr(browser_)));

    const auto arrival = come_back();
    ASSERT_TRUE(arrival) << fault(arrival);
    EXPECT_EQ(arrival->return_to, "/sessions?a=1");
    EXPECT_EQ(arrival->who.issuer, kIssuer);
    EXPECT_EQ(arrival->who.subject, "u-1");
    EXPECT_EQ(arrival->who.preferred_username, "bea");
    EXPECT_EQ(arrival->who.display_name, "Bea Example");
    EXPECT_EQ(arrival->who.email, "Bea@Example.org");
    EXPECT_TRUE(arrival->who.create);
    EXPECT_FALSE(arrival->who.role);
    EXPECT_FALSE(arrival->who.teams);

    const net::FetchRequest& exchange = asked_.at(1);
    EXPECT_EQ(exchange.url, "https://id.example/token");
    EXPECT_EQ(exchange.method, net::Method::kPost);
    // "tide%20mark:s%3Acret"
    EXPECT_EQ(value_of(exchange.headers, "Authorization"), "Basic dGlkZSUyMG1hcms6cyUzQWNyZXQ=");
    const net::Fields form = parsed(exchange.body);
    EXPECT_EQ(value_of(form, "grant_type"), "authorization_code");
    EXPECT_EQ(value_of(form, "code"), "c1");
    EXPECT_EQ(value_of(form, "redirect_uri"), kBack);
    EXPECT_EQ(crypto::to_base64url(crypto::sha256(value_of(form, "code_verifier"))), value_of(sent_, "code_challenge"));
    EXPECT_THAT(exchange.body, Not(HasSubstr("cret")));
}

TEST_F(ProviderTest, AuthenticatesAsTheProviderCan) {
    documents_["https://id.example/realm/.well-known/openid-configuration"] =
        discovery(R"(,"token_endpoint_auth_methods_supported":["private_key_jwt","client_secret_post"])");
    save();
    ASSERT_TRUE(travel());
    EXPECT_THAT(asked_.at(1).body, HasSubstr("&client_id=tide%20mark&client_secret=s%3Acret"));
    EXPECT_EQ(value_of(asked_.at(1).headers, "Authorization"), "");
    settings_.client_secret = "";
    save();
    asked_.clear();
    ASSERT_TRUE(travel());
    EXPECT_THAT(asked_.at(1).body, HasSubstr("&client_id=tide%20mark"));
    EXPECT_THAT(asked_.at(1).body, Not(HasSubstr("client_secret")));
}

TEST_F(ProviderTest, TakesEachReturnOnceAndFromItsBrowserOnly) {
    save();
    leave();
    EXPECT_THAT(fault(provider_->finish(parsed("code=c1"), browser_, now_)), StartsWith("expired"));
    EXPECT_THAT(fault(provider_->finish(parsed("code=c1&state=made-up"), browser_, now_)), StartsWith("expired"));
    const std::string query = "code=c1&state=" + value_of(sent_, "state");
    EXPECT_THAT(fault(provider_->finish(parsed(query), "", now_)), StartsWith("expired"));
    EXPECT_THAT(fault(provider_->finish(parsed(query), "another browser", now_)), StartsWith("expired"));
    EXPECT_THAT(fault(provider_->finish(parsed(query + "&code=c2"), browser_, now_)), StartsWith("expired"));
    EXPECT_THAT(fault(provider_->finish(parsed(query + "&state=x"), browser_, now_)), StartsWith("expired"));
    EXPECT_EQ(asked_for("https://id.example/token"), 0) << "a code from nowhere is shown to nobody";
    EXPECT_EQ(fault(come_back()), "arrived");
    const auto again = come_back();
    EXPECT_THAT(fault(again), StartsWith("expired"));
    EXPECT_FALSE(again.error().begun_here);
    leave();
    now_ += kJourneyLife;
    EXPECT_THAT(fault(come_back()), StartsWith("expired"));
}

TEST_F(ProviderTest, BelievesOnlyThisProvider) {
    save();
    leave();
    // The mix-up attack: another provider's answer, with the state of this sign-in.
    const auto mixed = come_back("&code=c1&iss=https%3A%2F%2Fevil.example");
    EXPECT_THAT(fault(mixed), HasSubstr("provider: the answer is not from this provider"));
    EXPECT_TRUE(mixed.error().begun_here);
    EXPECT_EQ(asked_for("https://id.example/token"), 0);
    leave();
    EXPECT_THAT(fault(come_back("&error=access_denied&iss=https%3A%2F%2Fevil.example")), HasSubstr("iss"));
    leave();
    EXPECT_EQ(fault(come_back("&code=c1&iss=https%3A%2F%2Fid.example%2Frealm")), "arrived");
    documents_["https://id.example/realm/.well-known/openid-configuration"] =
        discovery(R"(,"authorization_response_iss_parameter_supported":true)");
    save();
    leave();
    EXPECT_THAT(fault(come_back()), HasSubstr("iss"));
    leave();
    EXPECT_EQ(fault(come_back("&code=c1&iss=https%3A%2F%2Fid.example%2Frealm")), "arrived");
}

TEST_F(ProviderTest, SaysWhenTheProviderSaidNo) {
    save();
    leave();
    EXPECT_EQ(fault(come_back("&error=access_denied&error_description=secret%20words")),
              "denied: the provider said access_denied");
    leave();
    EXPECT_EQ(fault(come_back("&error=server_error")), "provider: the provider said server_error");
    leave();
    EXPECT_EQ(fault(come_back("&error=%3Cscript%3E")), "provider: the provider said an error without a name");
    leave();
    EXPECT_EQ(fault(come_back("")), "provider: the answer has no code");
    leave();
    token_status_ = 400;
    token_answer_ = [] { return R"({"error":"invalid_grant","error_description":"of c1"})"; };
    EXPECT_EQ(fault(come_back()), "provider: the token endpoint answered 400: invalid_grant");
    token_status_ = 200;
    for (const char* body : {"", "{}", "[]", R"({"id_token":1})", R"({"id_token":["a"],"id_token":"b"})", "<html>"}) {
        leave();
        token_answer_ = [body] { return body; };
        EXPECT_THAT(fault(come_back()), StartsWith("provider: the token endpoint gave no ID token")) << body;
    }
}

TEST_F(ProviderTest, RefusesEveryIdTokenThatIsNotForThisSignIn) {
    save();
    const std::string seconds = std::to_string(now_ / base::kSecond - 200);
    const std::vector<std::pair<std::map<std::string, std::string>, std::string>> wrong = {
        {{{"nonce", R"("another")"}}, "of another sign-in"},
        {{{"nonce", ""}}, "of another sign-in"},
        {{{"iss", R"("https://evil.example")"}}, "of another issuer"},
        {{{"iss", R"("https://id.example/realm/")"}}, "of another issuer"},
        {{{"aud", R"("other")"}}, "for another audience"},
        {{{"aud", R"(["tide mark","other"])"}}, "for another audience"},
        {{{"azp", R"("other")"}}, "for another audience"},
        {{{"exp", seconds}}, "expired"},
        {{{"exp", ""}}, "a claim is missing"},
        {{{"sub", ""}}, "a claim is missing"},
        {{{"iat", "99999999999"}}, "not valid yet"},
    };
    for (const auto& [changed, reason] : wrong) {
        EXPECT_THAT(fault(travel(changed)), HasSubstr("provider: the ID token is refused: " + reason));
    }
    EXPECT_EQ(fault(travel({{"aud", R"(["tide mark","other"])"}, {"azp", R"("tide mark")"}})), "arrived");
    // Somebody else's code: the provider answers with a token for another sign-in.
    leave();
    const std::string stolen = claims();
    leave();
    token_answer_ = [&] { return tokens(key_.sign(stolen)); };
    EXPECT_THAT(fault(come_back()), HasSubstr("of another sign-in"));
}

TEST_F(ProviderTest, RefusesTricksWithTheAlgorithm) {
    save();
    const auto refused = [this](const std::function<std::string()>& token) {
        leave();
        token_answer_ = [&] { return tokens(token()); };
        return fault(come_back());
    };
    for (const char* algorithm : {"none", "HS256", "RS256", "ES384"}) {
        EXPECT_THAT(refused([&] { return key_.sign(claims(), algorithm); }), HasSubstr("the ID token is refused"));
    }
    EXPECT_THAT(
        refused([&] { return crypto::to_base64url(R"({"alg":"none"})") + "." + crypto::to_base64url(claims()) + "."; }),
        HasSubstr("not the algorithm"));
    // The public key as the secret of an HMAC.
    EXPECT_THAT(refused([&] {
                    const std::string input =
                        crypto::to_base64url(R"({"alg":"HS256","kid":"k1"})") + "." + crypto::to_base64url(claims());
                    return input + "." + crypto::to_base64url(crypto::hmac_sha256(key_.jwk(), input));
                }),
                HasSubstr("not the algorithm"));
    const crypto::TestProviderKey impostor("k1");
    EXPECT_THAT(refused([&] { return impostor.sign(claims()); }), HasSubstr("the signature is wrong"));
}

TEST_F(ProviderTest, FollowsRotatedKeysButNotToDeath) {
    save();
    ASSERT_EQ(fault(travel()), "arrived");
    ASSERT_EQ(fault(travel()), "arrived");
    EXPECT_EQ(asked_for("https://id.example/keys"), 1);
    const crypto::TestProviderKey next("k2");
    const auto travel_with = [this](const crypto::TestProviderKey& key) {
        leave();
        token_answer_ = [&] { return tokens(key.sign(claims())); };
        return fault(come_back());
    };
    documents_["https://id.example/keys"] = jwks({&next});
    EXPECT_EQ(travel_with(next), "arrived");
    EXPECT_EQ(asked_for("https://id.example/keys"), 2);
    // The old key is gone, and asking for it again and again asks the provider once a minute.
    EXPECT_THAT(travel_with(key_), HasSubstr("unknown key"));
    EXPECT_THAT(travel_with(key_), HasSubstr("unknown key"));
    EXPECT_EQ(asked_for("https://id.example/keys"), 2);
    now_ += kPauseBetweenNewKeys;
    EXPECT_THAT(travel_with(key_), HasSubstr("unknown key"));
    EXPECT_EQ(asked_for("https://id.example/keys"), 3);
    EXPECT_EQ(travel_with(next), "arrived");
    // A key that was withdrawn is trusted for an hour at most.
    documents_["https://id.example/keys"] = jwks({&key_});
    now_ += kDocumentsLife;
    EXPECT_THAT(travel_with(next), HasSubstr("unknown key"));
}

TEST_F(ProviderTest, FollowsAKeyWithoutAnId) {
    save();
    const auto travel_with = [this](const crypto::TestProviderKey& key) {
        leave();
        token_answer_ = [&] { return tokens(key.sign(claims())); };
        return fault(come_back());
    };
    const crypto::TestProviderKey first("");
    documents_["https://id.example/keys"] = jwks({&first});
    EXPECT_EQ(travel_with(first), "arrived");
    const crypto::TestProviderKey next("");
    documents_["https://id.example/keys"] = jwks({&next});
    EXPECT_EQ(travel_with(next), "arrived");
    EXPECT_THAT(travel_with(first), HasSubstr("the signature is wrong"));
    EXPECT_THAT(travel_with(first), HasSubstr("the signature is wrong"));
    EXPECT_EQ(asked_for("https://id.example/keys"), 2) << "once a minute";
}

TEST_F(ProviderTest, SettingsThatChangeMeanwhileEndTheSignIn) {
    save();
    leave();
    token_answer_ = [this] {
        settings_.create_accounts = false;
        save();
        return tokens(key_.sign(claims()));
    };
    EXPECT_THAT(fault(come_back()), StartsWith("expired: "));
}

TEST_F(ProviderTest, CountsWhoBeginsByTheNetOfACustomer) {
    save();
    const auto begin = [this](const std::string& address) {
        return provider_->begin("/", kBack, "", address, std::nullopt, now_).has_value();
    };
    for (std::size_t i = 0; i < kJourneysPerAddress; ++i) {
        EXPECT_TRUE(begin("2001:db8:1:2::" + std::to_string(i)));
    }
    EXPECT_FALSE(begin("2001:db8:1:2:3:4:5:6"));
    EXPECT_TRUE(begin("2001:db8:1:3::1"));
}

TEST_F(ProviderTest, DoesNotAskAProviderThatIsDownForEverybody) {
    save();
    now_ += kDocumentsLife;
    down_ = true;
    asked_.clear();
    for (int i = 0; i < 5; ++i) {
        const auto departure = provider_->begin("/", kBack, "", kAddress, std::nullopt, now_);
        ASSERT_FALSE(departure);
        EXPECT_EQ(departure.error().fault, Fault::kUnreachable);
        EXPECT_FALSE(departure.error().begun_here);
    }
    EXPECT_EQ(asked_.size(), 1U);
    down_ = false;
    now_ += kPauseAfterFailure;
    leave();
    down_ = true;
    EXPECT_EQ(fault(come_back()), "unreachable: id.example: cannot connect");
}

TEST_F(ProviderTest, RefusesDocumentsThatCannotBeWorkedWith) {
    const std::string place = "https://id.example/realm/.well-known/openid-configuration";
    const auto message = [this] {
        const auto saved = provider_->set_settings(system(), settings_);
        return saved ? "saved" : saved.error().message;
    };
    documents_[place] = R"({"issuer":"https://evil.example"})";
    EXPECT_EQ(message(), "issuer: the document there is not about this issuer");
    documents_[place] = R"({"issuer":"https://id.example/realm/"})";
    EXPECT_EQ(message(), "issuer: the provider writes its issuer as https://id.example/realm/");
    documents_[place] = "<html>";
    EXPECT_EQ(message(), "issuer: the document there is not about this issuer");
    documents_[place] = discovery(R"(,"code_challenge_methods_supported":["plain"])");
    EXPECT_THAT(message(), HasSubstr("PKCE"));
    documents_[place] = discovery(R"(,"userinfo_endpoint":"http://id.example/me")");
    EXPECT_THAT(message(), HasSubstr("userinfo_endpoint"));
    for (const std::string name :
         {"https://id.example/auth?x=1", "https://id.example/token", "https://id.example/keys"}) {
        std::string changed = discovery("");
        changed.replace(changed.find(name), 5, "http");
        documents_[place] = changed;
        EXPECT_THAT(message(), HasSubstr("is no https:// address")) << name;
    }
    documents_.erase(place);
    EXPECT_EQ(message(), "issuer: the provider answered 404 to " + place);
    documents_[place] = discovery("");
    EXPECT_EQ(message(), "saved");
}

TEST_F(ProviderTest, AsksForWhatTheIdTokenLeavesOut) {
    documents_["https://id.example/realm/.well-known/openid-configuration"] =
        discovery(R"(,"userinfo_endpoint":"https://id.example/me")");
    settings_.roles = {{"boss", "enterprise"}};
    save();
    const std::map<std::string, std::string> bare = {
        {"email", ""}, {"email_verified", ""}, {"name", ""}, {"preferred_username", ""}};
    documents_["https://id.example/me"] =
        R"({"sub":"u-1","email":"bea@example.org","email_verified":true,"name":"Bea","groups":["boss"]})";
    const auto arrival = travel(bare);
    ASSERT_TRUE(arrival) << fault(arrival);
    EXPECT_EQ(arrival->who.email, "bea@example.org");
    EXPECT_EQ(arrival->who.display_name, "Bea");
    EXPECT_EQ(arrival->who.role, identity::Role::kEnterprise);
    const auto me = std::find_if(asked_.begin(), asked_.end(),
                                 [](const auto& request) { return request.url == "https://id.example/me"; });
    ASSERT_NE(me, asked_.end());
    EXPECT_EQ(value_of(me->headers, "Authorization"), "Bearer at-1");
    documents_["https://id.example/me"] = R"({"sub":"u-2","email":"root@example.org","email_verified":true})";
    EXPECT_THAT(fault(travel(bare)), HasSubstr("somebody else"));
    documents_["https://id.example/me"] = R"({"email":"root@example.org","email_verified":true})";
    EXPECT_THAT(fault(travel(bare)), HasSubstr("somebody else"));
    documents_.erase("https://id.example/me");
    EXPECT_THAT(fault(travel(bare)), HasSubstr("the userinfo endpoint answered 404"));
}

TEST_F(ProviderTest, LetsInOnlyVerifiedAddressesOfTheDomains) {
    settings_.mail_domains = {"example.org"};
    save();
    EXPECT_EQ(fault(travel()), "arrived");
    EXPECT_THAT(fault(travel({{"email_verified", "false"}})), StartsWith("domain"));
    EXPECT_THAT(fault(travel({{"email_verified", ""}})), StartsWith("domain"));
    EXPECT_THAT(fault(travel({{"email", ""}})), StartsWith("domain"));
    for (const char* mail : {"bea@evil.example", "bea@sub.example.org", "bea@example.org.evil.example", "example.org",
                             "bea@example.org@evil.example", "bea@notexample.org"}) {
        EXPECT_THAT(fault(travel({{"email", "\"" + std::string(mail) + "\""}})), StartsWith("domain")) << mail;
    }
    settings_.mail_domains = {};
    save();
    const auto unverified = travel({{"email_verified", "false"}});
    ASSERT_TRUE(unverified);
    EXPECT_EQ(unverified->who.email, "") << "an address that nobody verified is nobody's";
}

TEST_F(ProviderTest, TurnsGroupsIntoRoleAndTeams) {
    const auto north = accounts_->create_team(system(), "North", std::nullopt).value();
    const auto south = accounts_->create_team(system(), "South", std::nullopt).value();
    settings_.groups_claim = "realm_access.roles";
    settings_.roles = {{"leads", "admin"}, {"owners", "enterprise"}};
    settings_.teams = {{"n", north}, {"n2", north}, {"s", south}};
    settings_.create_accounts = false;
    save();
    const auto in = [this](const std::string& groups) {
        const auto arrival = travel({{"realm_access", R"({"roles":)" + groups + "}"}});
        EXPECT_TRUE(arrival) << fault(arrival);
        return arrival ? arrival->who : identity::ProviderIdentity{};
    };
    EXPECT_EQ(in(R"(["leads","n","n2"])").role, identity::Role::kAdmin);
    EXPECT_THAT(in(R"(["leads","n","n2"])").teams.value(), ElementsAre(north));
    EXPECT_EQ(in(R"(["owners","leads","s"])").role, identity::Role::kEnterprise);
    EXPECT_EQ(in(R"(["Owners"])").role, identity::Role::kUser);
    EXPECT_TRUE(in("[]").teams.value().empty());
    EXPECT_EQ(in(R"([{"name":"owners"},1,null])").role, identity::Role::kUser);
    EXPECT_FALSE(in("[]").create);
    // In so many groups that the provider does not list them: a role must not get lost by that.
    settings_.groups_claim = "groups";
    save();
    EXPECT_THAT(fault(travel({{"_claim_names", R"({"groups":"src1"})"}})), StartsWith("groups"));
}

TEST_F(ProviderTest, ASignInThatIsTooWeakIsRefused) {
    save();
    EXPECT_EQ(fault(travel({{"acr", R"("pwd")"}})), "arrived") << "nothing is asked for";
    EXPECT_EQ(value_of(sent_, "acr_values"), "");
    settings_.required_acr = "urn:example:gold";
    save();
    EXPECT_EQ(fault(travel({{"acr", R"("urn:example:gold")"}})), "arrived");
    EXPECT_EQ(value_of(sent_, "acr_values"), "urn:example:gold");
    for (const std::string_view acr :
         {"", R"("urn:example:silver")", R"("urn:example:gold ")", "1", "true", R"({"a":1})", "null"}) {
        EXPECT_EQ(fault(travel({{"acr", std::string(acr)}, {"amr", R"(["urn:example:gold"])"}})),
                  "strength: the ID token's acr does not say urn:example:gold")
            << acr;
    }
    settings_.required_acr = "";
    settings_.required_amr = "mfa";
    save();
    EXPECT_EQ(fault(travel({{"amr", R"(["pwd","mfa"])"}})), "arrived");
    EXPECT_EQ(value_of(sent_, "acr_values"), "");
    for (const std::string_view amr : {"", "[]", R"(["pwd"])", R"(["mfa2"])", R"([["mfa"]])", R"({"mfa":true})"}) {
        EXPECT_EQ(fault(travel({{"amr", std::string(amr)}, {"acr", R"("mfa")"}})),
                  "strength: the ID token's amr does not say mfa")
            << amr;
    }
    reopen();
    EXPECT_EQ(provider_->settings().required_amr, "mfa");
    settings_.required_amr = "a\nb";
    EXPECT_FALSE(provider_->set_settings(system(), settings_));
}

TEST_F(ProviderTest, SettingsOfEarlierBuildsAreRead) {
    ASSERT_TRUE(accounts_->set_secret_setting(
        system(), "provider",
        R"({"enabled":true,"name":"N","issuer":"https://id.example/realm","client_id":"c","client_secret":"",)"
        R"("scopes":["openid"],"create_accounts":true,"mail_domains":[],"groups_claim":"groups","roles":[],"teams":[]})"));
    reopen();
    EXPECT_EQ(provider_->settings().name, "N");
    EXPECT_FALSE(provider_->settings().required_acr);
}

TEST_F(ProviderTest, KeepsItsSettingsSealedAndAudited) {
    set_up();
    save();
    reopen();
    EXPECT_EQ(provider_->settings(), settings_);
    leave();
    settings_.name = "Other";
    settings_.client_secret = "fresh";
    save();
    EXPECT_THAT(fault(come_back()), StartsWith("expired")) << "what began with the old settings ends with them";
    const auto rows = accounts_->audit({}, 10).value();
    EXPECT_EQ(rows.front().action, "setting.change");
    EXPECT_EQ(rows.front().object, "setting:provider");
    EXPECT_THAT(rows.front().before, HasSubstr("\"Example\""));
    EXPECT_THAT(rows.front().after, HasSubstr("\"Other\""));
    EXPECT_THAT(rows.front().after, HasSubstr("client_secret"));
    for (const auto& row : rows) {
        EXPECT_THAT(row.before + row.after, Not(HasSubstr("s:cret")));
        EXPECT_THAT(row.before + row.after, Not(HasSubstr("fresh")));
    }
    EXPECT_FALSE(provider_->set_settings(as({}), settings_)) << "not for everybody";

    settings_.enabled = false;
    save();
    EXPECT_EQ(provider_->begin("/", kBack, "", kAddress, std::nullopt, now_).error().fault, Fault::kNotSet);
}

TEST_F(ProviderTest, CannotBeSwitchedOffWhilePasswordsAre) {
    const auto first = set_up();
    save();
    ASSERT_TRUE(accounts_->set_break_glass(system(), first.account, true));
    identity::Policy policy = accounts_->policy();
    policy.provider_only = true;
    ASSERT_TRUE(accounts_->set_policy(system(), policy));
    settings_.enabled = false;
    const auto saved = provider_->set_settings(system(), settings_);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, base::ErrorCode::kFailedPrecondition);
    EXPECT_THAT(saved.error().message, StartsWith("enabled: "));
}

TEST_F(ProviderTest, SettingsAreChecked) {
    const auto wrong = [this](const std::function<void(Settings&)>& change) {
        Settings changed = settings_;
        change(changed);
        const auto saved = provider_->set_settings(system(), changed);
        return saved ? "saved" : saved.error().message.substr(0, saved.error().message.find(':'));
    };
    EXPECT_EQ(wrong([](Settings&) {}), "saved");
    EXPECT_EQ(wrong([](Settings& s) { s.name = ""; }), "name");
    EXPECT_EQ(wrong([](Settings& s) { s.name = "a\nb"; }), "name");
    EXPECT_EQ(wrong([](Settings& s) { s.issuer = ""; }), "issuer");
    EXPECT_EQ(wrong([](Settings& s) { s.issuer = "http://id.example/realm"; }), "issuer");
    EXPECT_EQ(wrong([](Settings& s) { s.issuer = "https://id.example/realm?x"; }), "issuer");
    EXPECT_EQ(wrong([](Settings& s) { s.client_id = ""; }), "client_id");
    EXPECT_EQ(wrong([](Settings& s) { s.client_secret = "a\r\nb"; }), "client_secret");
    EXPECT_EQ(wrong([](Settings& s) { s.scopes = {"profile"}; }), "scopes");
    EXPECT_EQ(wrong([](Settings& s) { s.scopes = {"openid", "a b"}; }), "scopes");
    EXPECT_EQ(wrong([](Settings& s) { s.mail_domains = {"Example.org"}; }), "mail_domains");
    EXPECT_EQ(wrong([](Settings& s) { s.mail_domains = {"a@example.org"}; }), "mail_domains");
    EXPECT_EQ(wrong([](Settings& s) { s.roles = {{"", "admin"}}; }), "roles");
    EXPECT_EQ(wrong([](Settings& s) { s.roles = {{"g", "root"}}; }), "roles");
    EXPECT_EQ(wrong([](Settings& s) { s.teams = {{"g", 99}}; }), "teams");
    EXPECT_EQ(wrong([](Settings& s) {
                  s.roles = {{"g", "admin"}};
                  s.groups_claim = "";
              }),
              "groups_claim");
    EXPECT_EQ(wrong([](Settings& s) {
                  s = Settings{};
                  s.scopes = {"openid"};
              }),
              "saved")
        << "there need not be a provider";
}

TEST(OwnPath, IsNoOtherPlace) {
    for (const std::string_view path : {"/", "/sessions", "/sessions?x=1&y=%2F#part", "/apiary", "/a?x=//b/../c"}) {
        EXPECT_TRUE(is_own_path(path)) << path;
    }
    for (const std::string_view path : {"",
                                        "sessions",
                                        "//evil.example",
                                        "/..//evil.example",
                                        "/%2E%2e//evil.example",
                                        "/a//b",
                                        "/./api/x",
                                        "/\\evil.example",
                                        "\\\\evil.example",
                                        "https://evil.example",
                                        "/\t/evil",
                                        "/\n/evil.example",
                                        "/a\r\nSet-Cookie: x",
                                        "/\x7f",
                                        "/\xc3\xa9",
                                        "/api",
                                        "/api/v1/auth/oidc/start",
                                        "/api?x",
                                        "javascript:alert(1)",
                                        " /"}) {
        EXPECT_FALSE(is_own_path(path)) << path;
    }
    EXPECT_FALSE(is_own_path("/" + std::string(1000, 'a')));
}

}  // namespace
}  // namespace tidemark::provider
