#include "server/api/access.hpp"
#include "server/api/convert.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

/// Until when the session is as active, or as quiet, as this answer says.
base::UnixMillis holds_until(const query::SessionRow& row) {
    return row.active ? row.last_activity + query::kActiveFor : kForever;
}

}  // namespace

net::Response get_sessions(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    query::SessionsQuery query;
    TIDEMARK_ANSWER(query.scope, scope_of(context, arguments, request));
    query.search = arguments.text("q");
    query.sort = arguments.choice<query::SessionSort>("sort");
    query.descending = arguments.choice<Order>("order") == Order::kDesc;
    query.limit = static_cast<std::size_t>(arguments.integer("limit").value_or(50));
    query.cursor = arguments.text("cursor");
    TIDEMARK_ANSWER(const query::SessionsPage page, context.questions.sessions(query));
    Sessions dto;
    dto.withheld = withholds(request);
    dto.seq = page.seq;
    base::UnixMillis until = holds_until(arguments, query.scope);
    for (const query::SessionRow& row : page.sessions) {
        dto.sessions.push_back(to_dto(row));
        until = std::min(until, holds_until(row));
    }
    if (!page.next_cursor.empty()) {
        dto.next_cursor = page.next_cursor;
    }
    dto.total = static_cast<std::int64_t>(page.total);
    return answer(dto, until);
}

net::Response get_active_sessions(ApiContext& context, const Arguments&, const net::Request& request) {
    ActiveSessions dto;
    dto.withheld = withholds(request);
    dto.seq = context.questions.seq();
    TIDEMARK_ANSWER(const std::vector<query::SessionRow> rows,
                    context.questions.active_sessions(base::now(), access_of(request).ledger.get()));
    for (const query::SessionRow& row : rows) {
        dto.sessions.push_back(to_active_dto(row));
    }
    return answer(dto, base::now() + kMoment);
}

net::Response get_session(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(query::SessionDetail detail,
                    context.questions.session(request.path_parameter("id"), access_of(request).ledger.get()));
    const base::UnixMillis until = holds_until(detail.session);
    return answer(to_dto(std::move(detail)), until);
}

}  // namespace tidemark::api
