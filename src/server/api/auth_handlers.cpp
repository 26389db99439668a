// Coming in, going on and going out; the own account. What is asked of strangers answers the same whoever exists.
#include <memory>
#include <utility>

#include "foundation/crypto/random.hpp"
#include "foundation/log/log.hpp"
#include "server/api/access.hpp"
#include "server/api/account_parts.hpp"
#include "server/api/cookies.hpp"
#include "server/api/gate.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

/// The request came by loopback to a server that listens there alone.
bool on_this_machine(const ApiContext& context, const net::Request& request) {
    return context.people.loopback && from_this_machine(request);
}

net::Response wait_problem(const net::Request& request, int status, std::string_view code, std::string_view detail,
                           base::UnixMillis retry_after) {
    const std::string seconds = std::to_string(std::max<base::UnixMillis>((retry_after + 999) / base::kSecond, 1));
    const net::FieldError field{"retry_after_seconds", seconds};
    net::Response response = net::problem(
        request, status, code, std::string(detail) + " Try again in " + seconds + " s.", std::span(&field, 1));
    response.headers.emplace_back("Retry-After", seconds);
    return response;
}

/// The person that a fresh session is for.
OrProblem<Me> newcomer(identity::Accounts& accounts, const net::Request& request, const identity::SignedIn& in,
                       base::UnixMillis now) {
    const auto caller = accounts.verify_access(in.access, now);
    if (!caller) {  // ended in the same moment
        return tl::unexpected<net::Response>(net::problem(request, 401, "not_signed_in", "Sign in again."));
    }
    auto me = me_of(accounts, identity::Act{*caller, origin_of(request), now});
    if (!me) {
        return tl::unexpected<net::Response>(problem_of(request, me.error()));
    }
    return std::move(*me);
}

/// The answer to a sign-in of a browser.
net::Response welcome(identity::Accounts& accounts, const net::Request& request,
                      const base::Result<identity::SignedIn>& signed_in) {
    if (!signed_in) {
        return problem_of(request, signed_in.error());
    }
    const base::UnixMillis now = base::now();
    TIDEMARK_ANSWER(const Me me, newcomer(accounts, request, *signed_in, now));
    net::Response response = answer(me);
    set_cookies(response, request, *signed_in, now);
    return response;
}

Tokens to_tokens(const identity::SignedIn& in, base::UnixMillis now) {
    return {in.access, (in.access_expires - now) / base::kSecond,
            in.refresh.empty() ? std::nullopt : std::optional(in.refresh)};
}

net::Response refusal_of(const net::Request& request, const identity::SignInOutcome& outcome) {
    switch (outcome.status) {
        case identity::SignInStatus::kRefused:
            return net::problem(request, 401, "bad_credentials", "Name or password is wrong.");
        case identity::SignInStatus::kSecondFactor:
            return net::problem(request, 401, "second_factor_required", "Now the code of the second factor.");
        case identity::SignInStatus::kSecondFactorWrong:
            return net::problem(request, 401, "second_factor_wrong", "The code is wrong, or was used already.");
        case identity::SignInStatus::kWait:
            return wait_problem(request, 429, "wait", "Too many attempts.", outcome.retry_after);
        case identity::SignInStatus::kOk:
        case identity::SignInStatus::kBusy: break;
    }
    return wait_problem(request, 503, "busy", "Too many sign in at once.", outcome.retry_after);
}

/// The answer comes from the threads that hash: no worker waits for them, so that a flood of log-ins keeps nobody from
/// the workers. The gate lets only so many strangers wait at once.
template <class Welcome>
net::Response sign_in_then(identity::Accounts& accounts, const net::Request& request, Welcome welcome_in) {
    TIDEMARK_ANSWER(SignIn body, body_of<SignIn>(request));
    net::Response response;
    const auto asked = std::make_shared<net::Request>(request);
    response.later = [&accounts, asked, welcome_in, body = std::move(body)](const auto& take) mutable {
        crypto::wipe(asked->body);
        accounts.sign_in(
            {std::move(body.name), std::move(body.password), body.code.value_or(""), body.trusted.value_or(false)},
            origin_of(*asked), base::now(),
            [asked, welcome_in, take](const base::Result<identity::SignInOutcome>& outcome) {
                net::Response made = !outcome ? problem_of(*asked, outcome.error())
                                     : outcome->status == identity::SignInStatus::kOk
                                         ? welcome_in(*asked, outcome->signed_in)
                                         : refusal_of(*asked, *outcome);
                asked->caller = nullptr;  // and with it the place of a stranger, whoever still holds this
                take(std::move(made));
            });
    };
    return response;
}

net::Response to_file(std::string text, std::string_view name) {
    net::Response response = net::json_response(std::move(text));
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + std::string(name) + "\"");
    return response;
}

}  // namespace

// ---- coming in and going out
// ------------------------------------------------------------------------------------------

net::Response get_auth_state(ApiContext& context, const Arguments&, const net::Request& request) {
    identity::Accounts& accounts = *context.people.accounts;
    const identity::Policy policy = accounts.policy();
    AuthState state;
    state.open = is_open(accounts, context.people.loopback, request);
    state.setup_required = accounts.directory()->people().empty();
    state.loopback = context.people.loopback;
    state.registration = policy.registration;
    if (const provider::Settings settings = context.people.oidc->settings(); settings.enabled) {
        state.provider = SignInProvider{settings.name};
    }
    state.provider_only = policy.provider_only;
    state.mail = context.people.mail->ready();
    if (access_of(request).caller.kind != identity::Caller::Kind::kAnonymous) {
        TIDEMARK_ANSWER(state.me, me_of(accounts, act_of(request)));
    }
    return answer(state);
}

net::Response set_up(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const SetUp body, body_of<SetUp>(request));
    return welcome(
        *context.people.accounts, request,
        context.people.accounts->set_up(body.token, {body.username, body.display_name, body.password.value_or("")},
                                        on_this_machine(context, request), origin_of(request), base::now()));
}

net::Response sign_in_by_link(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const LinkToken body, body_of<LinkToken>(request));
    return welcome(*context.people.accounts, request,
                   context.people.accounts->sign_in_by_link(body.token, on_this_machine(context, request),
                                                            origin_of(request), base::now()));
}

net::Response sign_in(ApiContext& context, const Arguments&, const net::Request& request) {
    identity::Accounts& accounts = *context.people.accounts;
    return sign_in_then(accounts, request, [&accounts](const net::Request& asked, const identity::SignedIn& in) {
        return welcome(accounts, asked, in);
    });
}

net::Response issue_tokens(ApiContext& context, const Arguments&, const net::Request& request) {
    return sign_in_then(*context.people.accounts, request, [](const net::Request&, const identity::SignedIn& in) {
        return answer(to_tokens(in, base::now()));
    });
}

net::Response refresh_session(ApiContext& context, const Arguments&, const net::Request& request) {
    const bool by_cookie = request.body.empty();
    std::string token(cookies_of(request).refresh);
    if (!by_cookie) {
        TIDEMARK_ANSWER(Refresh body, body_of<Refresh>(request));
        token = std::move(body.refresh_token);
    }
    const base::UnixMillis now = base::now();
    TIDEMARK_ANSWER(const std::optional<identity::SignedIn> in,
                    context.people.accounts->refresh(token, origin_of(request), now));
    net::Response response = in && by_cookie ? done()
                             : in            ? answer(to_tokens(*in, now))
                                             : net::problem(request, 401, "not_signed_in", "Sign in again.");
    if (in && by_cookie) {
        set_cookies(response, request, *in, now);
    } else if (by_cookie) {
        clear_cookies(response, request);
    }
    return response;
}

net::Response sign_out(ApiContext& context, const Arguments&, const net::Request& request) {
    if (const auto ended = context.people.accounts->sign_out(act_of(request)); !ended) {
        return problem_of(request, ended.error());
    }
    net::Response response = done();
    clear_cookies(response, request);
    return response;
}

net::Response forgot_password(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const Forgot body, body_of<Forgot>(request));
    context.people.mail->ask_reset(body.name, origin_of(request), language_of(body.language, request), base::now());
    return done();
}

net::Response reset_password(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const Reset body, body_of<Reset>(request));
    TIDEMARK_DONE(context.people.accounts->reset_password(body.token, body.password, origin_of(request), base::now()));
}

net::Response register_account(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const Register body, body_of<Register>(request));
    return welcome(*context.people.accounts, request,
                   context.people.accounts->register_account(
                       body.token, {body.username, body.display_name, body.password}, origin_of(request), base::now()));
}

net::Response request_registration(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const RequestRegistration body, body_of<RequestRegistration>(request));
    context.people.mail->ask_registration(body.email, origin_of(request), language_of(body.language, request),
                                          base::now());
    return done();
}

// ---- the own account
// --------------------------------------------------------------------------------------------------

net::Response get_me(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const Me me, me_of(*context.people.accounts, act_of(request)));
    return answer(me);
}

net::Response put_me(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const Profile body, body_of<Profile>(request));
    if (const auto saved = context.people.accounts->set_profile(act_of(request), body.display_name, body.email);
        !saved) {
        return problem_of(request, saved.error());
    }
    return get_me(context, arguments, request);
}

net::Response change_password(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const PasswordChange body, body_of<PasswordChange>(request));
    auto changed = context.people.accounts->change_password(act_of(request), body.current, body.fresh);
    if (!changed) {
        // Both are "password" to the accounts; the form has two fields.
        constexpr std::string_view kField = "password: ";
        std::string& message = changed.error().message;
        if (message.starts_with(kField)) {
            const bool current = message == "password: is wrong";
            message = (current ? "current: " : "fresh: ") + message.substr(kField.size());
        }
        return problem_of(request, changed.error());
    }
    return done();
}

net::Response confirm_me(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(Confirmation body, body_of<Confirmation>(request));
    const auto confirmed = context.people.accounts->confirm(act_of(request), body.password, body.code.value_or(""));
    crypto::wipe(body.password);
    TIDEMARK_DONE(confirmed);
}

net::Response begin_second_factor(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const identity::Enrolment enrolment, context.people.accounts->begin_second_factor(act_of(request)));
    return answer(Enrolment{enrolment.secret, enrolment.uri});
}

net::Response confirm_second_factor(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const SecondFactorCode body, body_of<SecondFactorCode>(request));
    TIDEMARK_ANSWER(std::vector<std::string> codes,
                    context.people.accounts->confirm_second_factor(act_of(request), body.code));
    return answer(RecoveryCodes{std::move(codes)});
}

net::Response renew_recovery_codes(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const PasswordCheck body, body_of<PasswordCheck>(request));
    TIDEMARK_ANSWER(std::vector<std::string> codes,
                    context.people.accounts->renew_recovery_codes(act_of(request), body.password));
    return answer(RecoveryCodes{std::move(codes)});
}

net::Response disable_second_factor(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const PasswordCheck body, body_of<PasswordCheck>(request));
    TIDEMARK_DONE(context.people.accounts->disable_second_factor(act_of(request), body.password));
}

net::Response get_devices(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const auto sessions, context.people.accounts->sessions(act_of(request)));
    Devices devices;
    for (const identity::SessionInfo& one : sessions) {
        devices.sessions.push_back({one.id,
                                    one.address,
                                    one.agent,
                                    {one.created_at},
                                    {one.last_used},
                                    {one.expires_at},
                                    one.trusted,
                                    one.current});
    }
    return answer(devices);
}

net::Response revoke_device(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->revoke_session(act_of(request), request.path_parameter("id")));
}

net::Response revoke_other_devices(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->revoke_all_sessions(act_of(request), true));
}

net::Response export_me(ApiContext& context, const Arguments&, const net::Request& request) {
    const identity::Act act = act_of(request);
    TIDEMARK_ANSWER(std::string text, context.people.accounts->export_account(act, act.caller.account));
    return to_file(std::move(text), "tidemark-account.json");
}

net::Response export_person(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(std::string text,
                    context.people.accounts->export_account(act_of(request), arguments.integer("id").value_or(0)));
    return to_file(std::move(text), "tidemark-account.json");
}

net::Response erase_me(ApiContext& context, const Arguments&, const net::Request& request) {
    net::Response response = erase(context, request, access_of(request).caller.account);
    if (response.status < 300) {
        clear_cookies(response, request);
    }
    return response;
}

net::Response erase_person(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    return erase(context, request, arguments.integer("id").value_or(0));
}

}  // namespace tidemark::api
