// The functions behind the routes, one per operationId, and what they share.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "foundation/json/write.hpp"
#include "foundation/log/log.hpp"
#include "foundation/net/http.hpp"
#include "server/api/api.hpp"
#include "server/api/arguments.hpp"

namespace tidemark::api {

/// Answers one request whose parameters are checked. Runs on an io thread, or on a worker when the route is `blocking`.
using Answer = net::Response (*)(ApiContext& context, const Arguments& arguments, const net::Request& request);

net::Response get_overview(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_summary(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_series(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_breakdown(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_hours(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_usage_records(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_sessions(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_active_sessions(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_session(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_projects(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_limits(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_facets(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_sources(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_prices(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_price_overrides(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_settings(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_settings(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_version(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_openapi(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_health(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_readiness(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_metrics(ApiContext& context, const Arguments& arguments, const net::Request& request);

net::Response refresh_session(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_auth_state(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response set_up(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response sign_in_by_link(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response sign_in(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response issue_tokens(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response sign_out(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response forgot_password(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response reset_password(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response register_account(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response request_registration(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_provider(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_provider(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response begin_provider_sign_in(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response finish_provider_sign_in(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response join_provider(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response leave_provider(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_me(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_me(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response change_password(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response confirm_me(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response begin_second_factor(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response confirm_second_factor(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response renew_recovery_codes(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response disable_second_factor(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_devices(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response revoke_device(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response revoke_other_devices(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response export_me(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response erase_me(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_keys(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response create_key(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response rotate_key(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response revoke_key(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_people(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response create_person(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response set_role(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response set_active(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response sign_person_out(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response set_break_glass(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response make_reset_link(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response transfer_person(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response export_person(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response erase_person(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_invitations(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response invite(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response withdraw_invitation(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_teams(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response create_team(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response change_team(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response remove_team(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response set_team_member(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response remove_team_member(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_identities(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response map_identity(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response unmap_identity(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response set_project_owner(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_policy(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_policy(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_audit(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response export_audit(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_audit_verdict(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_mail(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_mail(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response test_mail(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_system(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response reload_tls(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response rotate_master_key(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_backups(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response make_backup(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response restore_backup(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response remove_kept(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response get_backup_settings(ApiContext& context, const Arguments& arguments, const net::Request& request);
net::Response put_backup_settings(ApiContext& context, const Arguments& arguments, const net::Request& request);

/// The opening of getStream: a hello, and what the subscriber missed or a resync.
net::StreamHandler stream_handler(ApiContext& context);

/// What every question to the ledger begins with: the caller's reach, and time zone and week start from `tz` and
/// `week_start`, else from the settings. Without a range.
OrProblem<query::Scope> place_of(const ApiContext& context, const Arguments& arguments, const net::Request& request);
/// The same for what is not about days: in UTC.
query::Scope place_of(const net::Request& request);
/// The range and filters of a scoped route. `from` defaults to the start of today, or to the beginning of everything.
OrProblem<query::Scope> scope_of(const ApiContext& context, const Arguments& arguments, const net::Request& request,
                                 bool from_the_first = false);

/// The 5-hour block that is going on at `now`, with the largest block before it as yardstick.
base::Result<std::optional<UsageBlock>> present_block(const ApiContext& context, const query::Scope& place,
                                                      base::UnixMillis now);

/// How long an answer holds that says how things stand now: it is that old at most, and says of when it is.
constexpr base::UnixMillis kMoment = base::kSecond;
constexpr base::UnixMillis kForever = std::numeric_limits<base::UnixMillis>::max();

/// Until when the scope of a request is the same: for ever when the request names both ends of its range.
/// `whole_quarters`: the answer only depends on the quarters of an hour in the range, and does not name its end.
[[nodiscard]] base::UnixMillis holds_until(const Arguments& arguments, const query::Scope& scope,
                                           bool whole_quarters = false);

/// 200 with the DTO. It may be given to others until `holds_until`, as long as neither the ledger nor the settings
/// change; 0: never.
template <class T>
net::Response answer(const T& dto, base::UnixMillis holds_until = 0) {
    net::Response response = net::json_response(json::to_text(dto));
    response.keep_until = holds_until;
    return response;
}

/// Nothing to say but that it is done: 204, or what the route's table says.
inline net::Response done() {
    net::Response response;
    response.status = 204;
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace tidemark::api

/// TIDEMARK_DONE(f());  the same for base::Result<void>, and 204 when it went well.
#define TIDEMARK_DONE(expression)                                                \
    if (auto status_ = (expression); !status_) {                                 \
        return ::tidemark::api::problem_of(request, std::move(status_).error()); \
    }                                                                            \
    return ::tidemark::api::done()
/// TIDEMARK_ANSWER(auto x, f());  answers with f()'s problem (OrProblem) or with the problem of its error
/// (base::Result).
#define TIDEMARK_ANSWER(declaration, expression) \
    TIDEMARK_ANSWER_(TIDEMARK_CONCAT(answer_, __LINE__), declaration, expression)
#define TIDEMARK_ANSWER_(name, declaration, expression)                       \
    auto name = (expression);                                                 \
    if (!name) {                                                              \
        return ::tidemark::api::problem_of(request, std::move(name).error()); \
    }                                                                         \
    declaration = std::move(*name)

namespace tidemark::api {

inline net::Response problem_of(const net::Request&, net::Response problem) { return problem; }
/// What went wrong inside is for the log only. Errors about a parameter begin with its name and a colon ("cursor: not
/// one that this server gave").
inline net::Response problem_of(const net::Request& request, const base::Error& error) {
    if (error.code == base::ErrorCode::kInternal || error.code == base::ErrorCode::kDataLoss) {
        log::error("request_failed", {{"request_id", request.request_id}, {"reason", error.message}});
        return net::problem(request, 500, error.code == base::ErrorCode::kInternal ? "internal" : "data_loss",
                            "Something went wrong inside Tidemark; its log has this request_id.");
    }
    const std::size_t colon = error.message.find(": ");
    const std::string_view name = std::string_view(error.message).substr(0, std::min(colon, error.message.size()));
    const bool conflict = error.code == base::ErrorCode::kFailedPrecondition;
    const bool names_parameter = (conflict || error.code == base::ErrorCode::kInvalidArgument) &&
                                 colon != std::string::npos &&
                                 name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    if (!names_parameter) {
        return net::problem(request, error);
    }
    const net::FieldError field{std::string(name), error.message.substr(colon + 2)};
    return net::problem(request, conflict ? 409 : 400, conflict ? "failed_precondition" : "invalid_argument",
                        error.message, std::span(&field, 1));
}

}  // namespace tidemark::api
