#include "desk/provider/provider.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "desk/identity/back_off.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/jwt.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::provider {
namespace {

constexpr std::string_view kSetting = "provider";
constexpr int kOk = 200;
constexpr std::size_t kLongestReturn = 1000;
constexpr std::size_t kLongestParameter = 4096;

tl::unexpected<Failure> failure(Fault fault, std::string reason) {
    return tl::unexpected(Failure{fault, std::move(reason), true});
}

Failure of_documents(const base::Error& error, bool begun_here) {
    return {error.code == base::ErrorCode::kUnavailable ? Fault::kUnreachable : Fault::kProvider, error.message,
            begun_here};
}

/// RFC 3986: everything but unreserved characters is escaped. Fits the forms of RFC 6749, appendix B, too.
std::string escaped(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        }
    }
    return out;
}

using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string form(Pairs pairs) {
    std::string out;
    for (const auto& [name, value] : pairs) {
        out += (out.empty() ? "" : "&") + std::string(name) + "=" + escaped(value);
    }
    return out;
}

/// RFC 4648, section 4, with padding: Basic authentication has it so.
std::string to_base64(std::string_view bytes) {
    std::string text = crypto::to_base64url(bytes);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

/// A word of the provider's that may be shown in a log: an error code (RFC 6749, 5.2), else nothing.
std::string error_word(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    const bool word = !text.empty() && text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
    });
    return word ? std::string(text) : "an error without a name";
}

std::string text_in(std::string_view document, std::string_view name) {
    auto texts = crypto::claim_texts(document, name);
    return texts.size() == 1 ? std::move(texts.front()) : "";
}

/// What the ID token says, with what only the userinfo endpoint says put beside it.
struct Claims {
    std::string mail, name, preferred_username;
    bool mail_verified = false;
    std::vector<std::string> groups;
};

void add(Claims& claims, std::string_view document, std::string_view groups_claim) {
    if (claims.mail.empty()) {
        claims.mail = text_in(document, "email");
        claims.mail_verified = crypto::claim_is_true(document, "email_verified");
    }
    if (claims.name.empty()) {
        claims.name = text_in(document, "name");
    }
    if (claims.preferred_username.empty()) {
        claims.preferred_username = text_in(document, "preferred_username");
    }
    if (claims.groups.empty() && !groups_claim.empty()) {
        claims.groups = crypto::claim_texts(document, groups_claim);
    }
}

bool in_domains(std::string_view mail, const std::vector<std::string>& domains) {
    const std::size_t at = mail.rfind('@');
    if (at == std::string_view::npos) {
        return false;
    }
    std::string domain(mail.substr(at + 1));
    for (char& c : domain) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return std::find(domains.begin(), domains.end(), domain) != domains.end();
}

bool among(const std::vector<std::string>& groups, const std::string& group) {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

std::optional<identity::Role> role_for(const Settings& settings, const std::vector<std::string>& groups) {
    if (settings.roles.empty()) {
        return std::nullopt;
    }
    identity::Role highest = identity::Role::kUser;
    for (const GroupRole& one : settings.roles) {
        if (among(groups, one.group)) {
            highest = std::max(highest, store::role_of(one.role).value_or(identity::Role::kUser));
        }
    }
    return highest;
}

std::optional<std::vector<identity::TeamId>> teams_for(const Settings& settings,
                                                       const std::vector<std::string>& groups) {
    if (settings.teams.empty()) {
        return std::nullopt;
    }
    std::vector<identity::TeamId> teams;
    for (const GroupTeam& one : settings.teams) {
        if (among(groups, one.group) && std::find(teams.begin(), teams.end(), one.team) == teams.end()) {
            teams.push_back(one.team);
        }
    }
    return teams;
}

Outcome<identity::ProviderIdentity> identity_of(const Settings& settings, const std::string& subject,
                                                const Claims& claims) {
    if (!settings.mail_domains.empty() && !(claims.mail_verified && in_domains(claims.mail, settings.mail_domains))) {
        return failure(Fault::kDomain, "no verified mail address of an allowed domain");
    }
    identity::ProviderIdentity who;
    who.issuer = settings.issuer;
    who.subject = subject;
    who.preferred_username = claims.preferred_username.empty() ? claims.mail : claims.preferred_username;
    who.display_name = claims.name;
    who.email = claims.mail_verified ? claims.mail : "";
    who.create = settings.create_accounts;
    who.role = role_for(settings, claims.groups);
    who.teams = teams_for(settings, claims.groups);
    return who;
}

/// OpenID Connect Core 1.0, section 2. From the ID token alone: nothing else is about this sign-in.
std::optional<std::string> too_weak(const Settings& settings, std::string_view payload) {
    for (const auto& [claim, required] :
         {std::pair("acr", &settings.required_acr), std::pair("amr", &settings.required_amr)}) {
        const std::vector<std::string> said = crypto::claim_texts(payload, claim);
        const std::string wanted = required->value_or("");
        if (!wanted.empty() && std::find(said.begin(), said.end(), wanted) == said.end()) {
            return "the ID token's " + std::string(claim) + " does not say " + wanted;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_text(Fault fault) {
    switch (fault) {
        case Fault::kNotSet: return "not_set";
        case Fault::kUnreachable: return "unreachable";
        case Fault::kBusy: return "busy";
        case Fault::kExpired: return "expired";
        case Fault::kDenied: return "denied";
        case Fault::kProvider: return "provider";
        case Fault::kDomain: return "domain";
        case Fault::kGroups: return "groups";
        case Fault::kStrength: return "strength";
    }
    return "";
}

bool is_own_path(std::string_view text) {
    // Browsers drop tabs and line breaks, and read a backslash as a slash: "/\evil.example" is another host's.
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
    // Without dots and empty segments a path stays what it is, whoever tidies it: "/..//evil.example" would not.
    std::string path(text.substr(0, text.find_first_of("?#")));
    for (char& c : path) {
        c = c == 'E' ? 'e' : c;
    }
    const bool tidy = path.starts_with('/') && path.find("//") == std::string::npos &&
                      path.find("/.") == std::string::npos && path.find("%2e") == std::string::npos;
    return plain && tidy && text.size() <= kLongestReturn && path != "/api" && !path.starts_with("/api/");
}

Provider::Provider(identity::Accounts& accounts, net::Fetch fetch, Settings settings)
    : accounts_(accounts), fetch_(std::move(fetch)), setup_(std::make_shared<Setup>(std::move(settings), fetch_)) {}

base::Result<std::unique_ptr<Provider>> Provider::open(identity::Accounts& accounts, net::Fetch fetch) {
    TIDEMARK_TRY(const std::string text, accounts.secret_setting(kSetting));
    Settings settings;
    settings.scopes = {"openid", "profile", "email"};
    if (!text.empty()) {
        auto read = json::read<Settings>(text);
        if (!read) {
            return base::fail(base::ErrorCode::kDataLoss,
                              "the stored settings of the sign-in provider cannot be read: " +
                                  read.error().front().path + " " + read.error().front().message);
        }
        settings = std::move(*read);
    }
    return std::unique_ptr<Provider>(new Provider(accounts, std::move(fetch), std::move(settings)));
}

std::shared_ptr<Provider::Setup> Provider::setup() const {
    const std::lock_guard lock(mutex_);
    return setup_;
}

Settings Provider::settings() const { return setup()->settings; }

base::Result<void> Provider::set_settings(const identity::Act& act, const Settings& settings) {
    const std::lock_guard one_at_a_time(changing_);
    TIDEMARK_CHECK_OK(check(settings, *accounts_.directory()));
    if (!settings.enabled && accounts_.policy().provider_only) {
        return base::fail(base::ErrorCode::kFailedPrecondition,
                          "enabled: passwords are switched off (provider_only); switch them on first");
    }
    const Settings before = this->settings();
    auto fresh = std::make_shared<Setup>(settings, fetch_);
    if (settings.enabled && (!before.enabled || before.issuer != settings.issuer)) {
        if (auto found = fresh->documents.metadata(act.now); !found) {
            return base::fail(base::ErrorCode::kInvalidArgument, "issuer: " + found.error().message);
        }
    }
    auto after = audit_fields(settings);
    if (before.client_secret != settings.client_secret) {
        after.emplace("client_secret", "changed");
    }
    TIDEMARK_CHECK_OK(
        accounts_.set_secret_setting(act, kSetting, json::to_text(settings), audit_fields(before), after));
    const std::lock_guard lock(mutex_);
    setup_ = std::move(fresh);
    return {};
}

Outcome<Departure> Provider::begin(std::string_view return_to, std::string_view redirect_uri, std::string_view browser,
                                   std::string_view address, std::optional<identity::SignedInAs> joining,
                                   base::UnixMillis now) {
    const auto current = setup();
    if (!current->settings.enabled) {
        return tl::unexpected(Failure{Fault::kNotSet, "there is no provider", false});
    }
    const auto metadata = current->documents.metadata(now);
    if (!metadata) {
        return tl::unexpected(of_documents(metadata.error(), false));
    }
    std::optional<Journeys::Begun> begun;
    {
        const std::lock_guard lock(current->mutex);
        begun = current->journeys.begin(identity::host_of(address), browser, std::string(return_to),
                                        std::string(redirect_uri), std::move(joining), now);
    }
    if (!begun) {
        return tl::unexpected(Failure{Fault::kBusy, "too many sign-ins begun from one address", false});
    }
    std::string scopes;
    for (const std::string& scope : current->settings.scopes) {
        scopes += (scopes.empty() ? "" : " ") + scope;
    }
    const std::string& endpoint = metadata->authorization_endpoint;
    const std::string acr = current->settings.required_acr.value_or("");
    return Departure{endpoint + (endpoint.find('?') == std::string::npos ? "?" : "&") +
                         form({{"response_type", "code"},
                               {"client_id", current->settings.client_id},
                               {"redirect_uri", redirect_uri},
                               {"scope", scopes},
                               {"state", begun->state},
                               {"nonce", begun->journey.nonce},
                               {"code_challenge", crypto::to_base64url(crypto::sha256(begun->journey.verifier))},
                               {"code_challenge_method", "S256"}}) +
                         (acr.empty() ? "" : "&" + form({{"acr_values", acr}})),
                     begun->journey.browser};
}

Provider::Answer Provider::answer_of(const net::Fields& query) {
    Answer answer;
    std::array<bool, 4> seen{};
    for (const auto& [name, value] : query) {
        const std::array<std::pair<std::string_view, std::string*>, 4> known{
            {{"state", &answer.state}, {"code", &answer.code}, {"iss", &answer.issuer}, {"error", &answer.error}}};
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (name == known[i].first) {
                answer.twice = answer.twice || std::exchange(seen[i], true) || value.size() > kLongestParameter;
                *known[i].second = value;
            }
        }
    }
    return answer;
}

Outcome<Arrival> Provider::finish(const net::Fields& query, std::string_view browser, base::UnixMillis now) {
    const auto current = setup();
    const Answer answer = answer_of(query);
    std::optional<Journey> journey;
    if (!answer.twice) {
        const std::lock_guard lock(current->mutex);
        journey = current->journeys.take(answer.state, browser, now);
    }
    if (!journey) {
        return tl::unexpected(Failure{Fault::kExpired, "no such sign-in is on its way", false});
    }
    auto who = identify(current, *journey, answer, now);
    if (!who) {
        who.error().joining = std::move(journey->joining);
        return tl::unexpected(std::move(who).error());
    }
    return Arrival{std::move(*who), std::move(journey->return_to), std::move(journey->joining)};
}

Outcome<identity::ProviderIdentity> Provider::identify(const std::shared_ptr<Setup>& current, const Journey& journey,
                                                       const Answer& answer, base::UnixMillis now) const {
    const Settings& settings = current->settings;
    const auto metadata = current->documents.metadata(now);
    if (!metadata) {
        return tl::unexpected(of_documents(metadata.error(), true));
    }
    // RFC 9207, section 2.4: also before an error is believed.
    if (answer.issuer.empty() ? metadata->answers_with_issuer : answer.issuer != settings.issuer) {
        return failure(Fault::kProvider, "the answer is not from this provider (iss)");
    }
    if (!answer.error.empty()) {
        return failure(answer.error == "access_denied" ? Fault::kDenied : Fault::kProvider,
                       "the provider said " + error_word(answer.error));
    }
    if (answer.code.empty()) {
        return failure(Fault::kProvider, "the answer has no code");
    }
    auto tokens = redeem(*current, *metadata, journey, answer.code);
    if (!tokens) {
        return tl::unexpected(std::move(tokens).error());
    }

    const auto keys = current->documents.keys(now);
    if (!keys) {
        return tl::unexpected(of_documents(keys.error(), true));
    }
    const crypto::IdTokenExpectation expected{settings.issuer, settings.client_id, journey.nonce, now};
    auto verified = crypto::verify_id_token(tokens->id, *keys, expected);
    // A key without an id may have been replaced by another one without.
    if (!verified && (verified.error() == crypto::TokenFault::kUnknownKey ||
                      verified.error() == crypto::TokenFault::kBadSignature)) {
        const auto newer = current->documents.newer_keys(now);
        if (!newer) {
            return tl::unexpected(of_documents(newer.error(), true));
        }
        if (*newer) {
            verified = crypto::verify_id_token(tokens->id, **newer, expected);
        }
    }
    if (!verified) {
        return failure(Fault::kProvider, "the ID token is refused: " + std::string(to_text(verified.error())));
    }

    if (auto weak = too_weak(settings, verified->payload)) {
        return failure(Fault::kStrength, std::move(*weak));
    }
    const bool mapped = !settings.roles.empty() || !settings.teams.empty();
    const std::string groups_claim = mapped ? settings.groups_claim : "";
    Claims claims{verified->mail, verified->name, verified->preferred_username, verified->mail_verified, {}};
    add(claims, verified->payload, groups_claim);
    // Many providers put these into the ID token only when there is no other place to ask.
    const bool lacking = claims.mail.empty() || claims.name.empty() || (mapped && claims.groups.empty());
    if (lacking && !metadata->userinfo_endpoint.empty() && !tokens->access.empty()) {
        const auto more = userinfo(*metadata, tokens->access, verified->subject);
        if (!more) {
            return tl::unexpected(more.error());
        }
        add(claims, *more, groups_claim);
    }
    // Microsoft leaves out the groups of those who are in very many, and says where they could be asked for: taking
    // that as "no groups" would take people's roles away.
    if (mapped && claims.groups.empty() &&
        !crypto::claim_texts(verified->payload, "_claim_names." + groups_claim).empty()) {
        return failure(Fault::kGroups, "the provider does not tell the groups, there are too many");
    }
    // Who was switched off, or is not to decide over groups any more, does not get a last word in.
    if (setup() != current) {
        return failure(Fault::kExpired, "the provider's settings were changed meanwhile");
    }
    return identity_of(settings, verified->subject, claims);
}

Outcome<Provider::Tokens> Provider::redeem(const Setup& setup, const Metadata& metadata, const Journey& journey,
                                           std::string_view code) const {
    const Settings& settings = setup.settings;
    net::FetchRequest request{
        .method = net::Method::kPost,
        .url = metadata.token_endpoint,
        .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
        .body = form({{"grant_type", "authorization_code"},
                      {"code", code},
                      {"redirect_uri", journey.redirect_uri},
                      {"code_verifier", journey.verifier}})};
    if (settings.client_secret.empty() || metadata.secret_in_body) {
        request.body += "&" + form({{"client_id", settings.client_id}});
        request.body += settings.client_secret.empty() ? "" : "&" + form({{"client_secret", settings.client_secret}});
    } else {
        // RFC 6749, section 2.3.1: both are escaped before they are joined.
        request.headers.emplace_back(
            "Authorization", "Basic " + to_base64(escaped(settings.client_id) + ":" + escaped(settings.client_secret)));
    }
    const auto answer = fetch_(request);
    if (!answer) {
        return failure(Fault::kUnreachable, answer.error().message);
    }
    if (answer->status != kOk) {
        return failure(Fault::kProvider, "the token endpoint answered " + std::to_string(answer->status) + ": " +
                                             error_word(text_in(answer->body, "error")));
    }
    Tokens tokens{text_in(answer->body, "id_token"), text_in(answer->body, "access_token")};
    if (tokens.id.empty()) {
        return failure(Fault::kProvider, "the token endpoint gave no ID token: is openid among the scopes?");
    }
    return tokens;
}

Outcome<std::string> Provider::userinfo(const Metadata& metadata, const std::string& access_token,
                                        std::string_view subject) const {
    const auto answer =
        fetch_({.method = net::Method::kGet,
                .url = metadata.userinfo_endpoint,
                .headers = {{"Accept", "application/json"}, {"Authorization", "Bearer " + access_token}},
                .body = {}});
    if (!answer) {
        return failure(Fault::kUnreachable, answer.error().message);
    }
    if (answer->status != kOk) {
        return failure(Fault::kProvider, "the userinfo endpoint answered " + std::to_string(answer->status));
    }
    // Section 5.3.2: else it may be about somebody else.
    if (text_in(answer->body, "sub") != subject) {
        return failure(Fault::kProvider, "the userinfo endpoint spoke of somebody else");
    }
    return answer->body;
}

}  // namespace tidemark::provider
