// API keys.
#include <algorithm>
#include <utility>

#include "server/api/access.hpp"
#include "server/api/account_parts.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

constexpr std::int64_t kMostOverlapHours = 720;

std::vector<KeyScope> to_dto(const identity::Scopes& scopes) {
    std::vector<KeyScope> out;
    for (const auto& [on, scope] :
         {std::pair(scopes.ingest, KeyScope::kIngest), std::pair(scopes.read, KeyScope::kRead),
          std::pair(scopes.manage, KeyScope::kManage)}) {
        if (on) {
            out.push_back(scope);
        }
    }
    return out;
}

std::optional<Time> optional_time(const std::optional<base::UnixMillis>& time) {
    return time ? std::optional(Time{*time}) : std::nullopt;
}

ApiKey to_dto(const identity::Directory& directory, const identity::ApiKeyInfo& info) {
    ApiKey key;
    key.id = info.id;
    key.name = info.name;
    key.hint = info.hint;
    key.account = {info.account, username_of(directory, info.account)};
    key.scopes = to_dto(info.scopes);
    for (const identity::TeamId team : info.teams) {
        key.teams.push_back(team_ref(directory, team));
    }
    key.projects = info.projects;
    key.created_at = {info.created_at};
    key.expires_at = optional_time(info.expires_at);
    key.last_used = optional_time(info.last_used);
    key.revoked_at = optional_time(info.revoked_at);
    key.rotated_from = info.rotated_from;
    return key;
}

net::Response issued(const ApiContext& context, const identity::IssuedApiKey& key) {
    return answer(IssuedKey{key.text, to_dto(*context.people.accounts->directory(), key.info)});
}

}  // namespace

net::Response get_keys(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const auto infos, context.people.accounts->api_keys(act_of(request)));
    const auto directory = context.people.accounts->directory();
    ApiKeys out;
    for (const identity::ApiKeyInfo& info : infos) {
        out.keys.push_back(to_dto(*directory, info));
    }
    return answer(out);
}

net::Response create_key(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(NewApiKey body, body_of<NewApiKey>(request));
    identity::NewApiKey key;
    key.name = std::move(body.name);
    for (const KeyScope scope : body.scopes) {
        key.scopes.ingest = key.scopes.ingest || scope == KeyScope::kIngest;
        key.scopes.read = key.scopes.read || scope == KeyScope::kRead;
        key.scopes.manage = key.scopes.manage || scope == KeyScope::kManage;
    }
    key.teams = std::move(body.teams);
    key.projects = std::move(body.projects);
    if (body.expires_at) {
        key.expires_at = body.expires_at->value;
    }
    TIDEMARK_ANSWER(const identity::IssuedApiKey made, context.people.accounts->create_api_key(act_of(request), key));
    return issued(context, made);
}

net::Response rotate_key(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const KeyRotation body, body_of<KeyRotation>(request));
    if (body.overlap_hours < 0 || body.overlap_hours > kMostOverlapHours) {
        return problem_of(request,
                          base::Error{base::ErrorCode::kInvalidArgument, "overlap_hours: must be from 0 to 720"});
    }
    TIDEMARK_ANSWER(const identity::IssuedApiKey made,
                    context.people.accounts->rotate_api_key(act_of(request), arguments.integer("id").value_or(0),
                                                            body.overlap_hours * base::kHour));
    return issued(context, made);
}

net::Response revoke_key(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_DONE(context.people.accounts->revoke_api_key(act_of(request), arguments.integer("id").value_or(0)));
}

}  // namespace tidemark::api
