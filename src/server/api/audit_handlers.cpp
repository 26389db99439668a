// The audit log, and the policy that it watches.
#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <utility>

#include "desk/identity/audit.hpp"
#include "server/api/access.hpp"
#include "server/api/account_parts.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

constexpr std::int64_t kExportPage = 5000;
constexpr std::size_t kMostExported = 100'000;

OrProblem<store::AuditFilter> filter_of(const ApiContext& context, const Arguments& arguments,
                                        const net::Request& request) {
    const auto given = [&](std::string_view name) -> std::optional<std::string> {
        const std::string_view text = arguments.text(name);
        return text.empty() ? std::nullopt : std::optional(std::string(text));
    };
    store::AuditFilter filter;
    filter.from = arguments.time("from");
    filter.to = arguments.time("to");
    filter.actor = given("actor");
    if (filter.actor) {
        const identity::Person* person = context.people.accounts->directory()->by_username(*filter.actor);
        if (person != nullptr) {
            filter.actor = "account:" + std::to_string(person->id);
        }
    }
    filter.action = given("action");
    filter.object = given("object");
    if (const std::string_view cursor = arguments.text("cursor"); !cursor.empty()) {
        std::int64_t seq = 0;
        const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), seq);
        if (error != std::errc{} || end != cursor.data() + cursor.size()) {
            return tl::unexpected<net::Response>(
                parameter_problem(request, "cursor", "is not one that this server gave"));
        }
        filter.before_seq = seq;
    }
    return filter;
}

/// "account:7" and "key:3" as people know them.
std::map<std::string, std::string> names_of(const ApiContext& context, const net::Request& request) {
    std::map<std::string, std::string> names;
    const auto directory = context.people.accounts->directory();
    for (const auto& [id, person] : directory->people()) {
        names["account:" + std::to_string(id)] = person.username;
    }
    if (const auto keys = context.people.accounts->api_keys(act_of(request))) {
        for (const identity::ApiKeyInfo& key : *keys) {
            names["key:" + std::to_string(key.id)] = key.name;
        }
    }
    return names;
}

std::vector<AuditLine> to_dto(const std::vector<store::AuditRow>& rows,
                              const std::map<std::string, std::string>& names) {
    std::vector<AuditLine> out;
    out.reserve(rows.size());
    for (const store::AuditRow& row : rows) {
        const auto name = names.find(row.actor);
        out.push_back({row.seq,
                       {row.time},
                       row.actor,
                       name == names.end() ? row.actor : name->second,
                       row.action,
                       row.object,
                       row.before,
                       row.after,
                       row.remote,
                       row.request_id});
    }
    return out;
}

}  // namespace

net::Response get_audit(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const store::AuditFilter filter, filter_of(context, arguments, request));
    const std::int64_t limit = arguments.integer("limit").value_or(100);
    TIDEMARK_ANSWER(const auto rows, context.people.accounts->audit(filter, limit));
    Audit page{to_dto(rows, names_of(context, request)), std::nullopt};
    if (static_cast<std::int64_t>(rows.size()) == limit) {
        page.next_cursor = std::to_string(rows.back().seq);
    }
    return answer(page);
}

net::Response export_audit(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    identity::Accounts& accounts = *context.people.accounts;
    TIDEMARK_ANSWER(store::AuditFilter filter, filter_of(context, arguments, request));
    const auto format = arguments.choice<ExportFormat>("format");
    std::vector<store::AuditRow> rows;
    for (bool more = true; more && rows.size() < kMostExported;) {
        TIDEMARK_ANSWER(const auto page, accounts.audit(filter, kExportPage));
        rows.insert(rows.end(), page.begin(), page.end());
        more = static_cast<std::int64_t>(page.size()) == kExportPage;
        if (more) {
            filter.before_seq = page.back().seq;
        }
    }
    const bool csv = format == ExportFormat::kCsv;
    if (auto recorded = accounts.record(act_of(request), "audit.export", "audit", {},
                                        {{"format", csv ? "csv" : "json"}, {"rows", std::to_string(rows.size())}});
        !recorded) {
        return problem_of(request, recorded.error());
    }
    net::Response response =
        net::json_response(csv ? identity::audit_csv(rows) : json::to_text(to_dto(rows, names_of(context, request))));
    if (csv) {
        response.content_type = "text/csv; charset=utf-8";
    }
    response.headers.emplace_back("Content-Disposition", csv ? "attachment; filename=\"tidemark-audit.csv\""
                                                             : "attachment; filename=\"tidemark-audit.json\"");
    return response;
}

net::Response get_audit_verdict(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const identity::AuditVerdict verdict, context.people.accounts->verify_audit());
    return answer(AuditVerdict{verdict.intact, verdict.rows, verdict.bad_seq, verdict.reason});
}

net::Response get_policy(ApiContext& context, const Arguments&, const net::Request&) {
    return answer(context.people.accounts->policy());
}

net::Response put_policy(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const identity::Policy body, body_of<identity::Policy>(request));
    // A rule that nothing would follow is refused instead of kept.
    const auto refused = [&request](const char* field, const std::string& reason) {
        const net::FieldError error{field, reason};
        return net::problem(request, 400, "invalid_body", std::string(field) + ": " + reason, std::span(&error, 1));
    };
    if (body.registration == identity::Registration::kDomains && !context.people.mail->ready()) {
        return refused("registration", "this server sends no mail, which registration by mail domain needs");
    }
    if (body.provider_only && !context.people.oidc->settings().enabled) {
        return refused("provider_only", "no sign-in provider is set up: nobody could sign in");
    }
    if (const auto saved = context.people.accounts->set_policy(act_of(request), body); !saved) {
        return problem_of(request, saved.error());
    }
    return answer(context.people.accounts->policy());
}

}  // namespace tidemark::api
