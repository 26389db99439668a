// Signing in by a provider. A browser is here for a moment on its way: it is answered with redirects, and learns of
// what went wrong on the sign-in page.
#include <utility>

#include "foundation/log/log.hpp"
#include "server/api/access.hpp"
#include "server/api/cookies.hpp"
#include "server/api/handlers.hpp"
#include "server/api/provider_dto.hpp"

namespace tidemark::api {
namespace {

constexpr std::string_view kCallback = "/api/v1/auth/oidc/callback";
constexpr std::string_view kSecurityPage = "/security";  // of the web application, as /sign-in
// Words beside those of provider::Fault.
constexpr std::string_view kNoAccount = "account";
constexpr std::string_view kTaken = "taken";
constexpr std::string_view kGone = "gone";

/// Host names other than this server's do not come as far as here.
std::string redirect_uri(const net::Request& request) {
    return (request.secure ? "https://" : "http://") + std::string(request.header("host").value_or("")) +
           std::string(kCallback);
}

net::Response go_to(std::string url) {
    net::Response response;
    response.status = 303;
    response.headers.emplace_back("Location", std::move(url));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

/// A page elsewhere sent the browser here: nobody is signed in who did not ask for it with a click.
bool from_elsewhere(const net::Request& request) {
    const auto site = request.header("sec-fetch-site");
    return site && site != "same-origin" && site != "none";
}

/// To the page where it was begun, which says what the word means.
net::Response go_back(std::string_view problem, bool joining) {
    return go_to(std::string(joining ? kSecurityPage : "/sign-in") + "?problem=" + std::string(problem));
}

/// Only what began here is worth a row: whoever is there may ask for the rest, any number of times.
net::Response failed(const ApiContext& context, const net::Request& request, const provider::Failure& failure) {
    log::info(
        "provider_sign_in_failed",
        {{"fault", provider::to_text(failure.fault)}, {"reason", failure.reason}, {"request_id", request.request_id}});
    if (failure.begun_here) {
        identity::Caller caller;
        if (failure.joining) {
            caller.kind = identity::Caller::Kind::kAccount;
            caller.account = failure.joining->account;
        }
        const auto recorded = context.people.accounts->record(
            {caller, origin_of(request), base::now()},
            failure.joining ? "account.provider_join_failed" : "sign_in.failed", "provider", {},
            {{"fault", std::string(provider::to_text(failure.fault))}, {"reason", failure.reason}});
        if (!recorded) {
            log::error("accounts_failed", {{"reason", recorded.error().message}});
        }
    }
    return go_back(provider::to_text(failure.fault), failure.joining.has_value());
}

ProviderSettings to_dto(const provider::Settings& settings, const net::Request& request) {
    ProviderSettings dto;
    dto.enabled = settings.enabled;
    dto.name = settings.name;
    dto.issuer = settings.issuer;
    dto.client_id = settings.client_id;
    dto.has_client_secret = !settings.client_secret.empty();
    dto.scopes = settings.scopes;
    dto.create_accounts = settings.create_accounts;
    dto.mail_domains = settings.mail_domains;
    dto.groups_claim = settings.groups_claim;
    for (const provider::GroupRole& one : settings.roles) {
        dto.roles.push_back({one.group, store::role_of(one.role).value_or(identity::Role::kUser)});
    }
    for (const provider::GroupTeam& one : settings.teams) {
        dto.teams.push_back({one.group, one.team});
    }
    dto.required_acr = settings.required_acr.value_or("");
    dto.required_amr = settings.required_amr.value_or("");
    dto.redirect_uri = redirect_uri(request);
    return dto;
}

provider::Settings from_dto(ProviderChange change) {
    provider::Settings settings;
    settings.enabled = change.enabled;
    settings.name = std::move(change.name);
    settings.issuer = std::move(change.issuer);
    settings.client_id = std::move(change.client_id);
    settings.client_secret = change.client_secret.value_or("");
    settings.scopes = std::move(change.scopes);
    settings.create_accounts = change.create_accounts;
    settings.mail_domains = std::move(change.mail_domains);
    settings.groups_claim = std::move(change.groups_claim);
    for (ProviderGroupRole& one : change.roles) {
        settings.roles.push_back({std::move(one.group), std::string(store::to_text(one.role))});
    }
    for (ProviderGroupTeam& one : change.teams) {
        settings.teams.push_back({std::move(one.group), one.team});
    }
    settings.required_acr = std::move(change.required_acr);
    settings.required_amr = std::move(change.required_amr);
    return settings;
}

}  // namespace

net::Response get_provider(ApiContext& context, const Arguments&, const net::Request& request) {
    return answer(to_dto(context.people.oidc->settings(), request));
}

net::Response put_provider(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(ProviderChange body, body_of<ProviderChange>(request));
    const bool keeps_secret = !body.client_secret.has_value();
    provider::Settings settings = from_dto(std::move(body));
    const provider::Settings before = context.people.oidc->settings();
    if (!settings.required_acr) {
        settings.required_acr = before.required_acr;
    }
    if (!settings.required_amr) {
        settings.required_amr = before.required_amr;
    }
    if (keeps_secret) {
        // Else whoever may change the issuer could have the secret sent to themselves.
        if (!before.client_secret.empty() && before.issuer != settings.issuer) {
            return problem_of(request, base::Error{base::ErrorCode::kInvalidArgument,
                                                   "client_secret: is needed again, since the issuer is another one"});
        }
        settings.client_secret = before.client_secret;
    }
    if (const auto saved = context.people.oidc->set_settings(act_of(request), settings); !saved) {
        return problem_of(request, saved.error());
    }
    return get_provider(context, arguments, request);
}

net::Response begin_provider_sign_in(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    std::string_view return_to = arguments.text("return_to");
    return_to = return_to.empty() ? "/" : return_to;
    if (!provider::is_own_path(return_to)) {
        return parameter_problem(request, "return_to", "must be a path of this server such as /sessions");
    }
    if (from_elsewhere(request)) {
        return go_to("/sign-in");
    }
    const auto departure = context.people.oidc->begin(return_to, redirect_uri(request), cookies_of(request).journey,
                                                      request.remote, std::nullopt, base::now());
    if (!departure) {
        return failed(context, request, departure.error());
    }
    net::Response response = go_to(departure->url);
    set_journey_cookie(response, request, departure->browser, provider::kJourneyLife);
    return response;
}

net::Response join_provider(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(identity::SignedInAs who, context.people.accounts->begin_joining(act_of(request)));
    const auto departure = context.people.oidc->begin(kSecurityPage, redirect_uri(request), cookies_of(request).journey,
                                                      request.remote, std::move(who), base::now());
    if (!departure) {
        const provider::Failure& failure = departure.error();
        log::info("provider_join_failed", {{"fault", provider::to_text(failure.fault)},
                                           {"reason", failure.reason},
                                           {"request_id", request.request_id}});
        return problem_of(request,
                          failure.fault == provider::Fault::kNotSet
                              ? base::Error{base::ErrorCode::kFailedPrecondition, "there is no provider"}
                              : base::Error{base::ErrorCode::kUnavailable, "the provider cannot be reached now"});
    }
    net::Response response = answer(ProviderDeparture{departure->url});
    set_journey_cookie(response, request, departure->browser, provider::kJourneyLife);
    return response;
}

net::Response leave_provider(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->leave_provider(act_of(request)));
}

net::Response finish_provider_sign_in(ApiContext& context, const Arguments&, const net::Request& request) {
    const base::UnixMillis now = base::now();
    const auto arrival = context.people.oidc->finish(request.query, cookies_of(request).journey, now);
    if (!arrival) {
        return failed(context, request, arrival.error());
    }
    if (arrival->joining) {
        const auto joined =
            context.people.accounts->join_provider(*arrival->joining, arrival->who, origin_of(request), now);
        if (!joined) {
            log::error("provider_join_failed",
                       {{"reason", joined.error().message}, {"request_id", request.request_id}});
        }
        return !joined || *joined == identity::JoinStatus::kGone ? go_back(kGone, true)
               : *joined == identity::JoinStatus::kTaken         ? go_back(kTaken, true)
                                                                 : go_to(arrival->return_to);
    }
    const auto outcome = context.people.accounts->sign_in_by_provider(arrival->who, origin_of(request), now);
    if (!outcome) {
        log::error("provider_sign_in_failed",
                   {{"reason", outcome.error().message}, {"request_id", request.request_id}});
        return go_back(kNoAccount, false);
    }
    if (outcome->status != identity::SignInStatus::kOk) {
        return go_back(kNoAccount, false);
    }
    context.people.access_changed();  // groups decide over roles and teams
    net::Response response = go_to(arrival->return_to);
    set_cookies(response, request, outcome->signed_in, now);
    return response;
}

}  // namespace tidemark::api
