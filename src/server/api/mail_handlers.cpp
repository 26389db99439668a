// Sending mail: its settings, and whether it works.
#include <utility>

#include "server/api/access.hpp"
#include "server/api/account_parts.hpp"
#include "server/api/handlers.hpp"
#include "server/api/mail_dto.hpp"

namespace tidemark::api {
namespace {

MailSettings to_dto(const mail::Mailer& mailer) {
    mail::Settings settings = mailer.settings();
    const mail::MailState state = mailer.state();
    MailSettings dto;
    dto.enabled = settings.enabled;
    dto.host = std::move(settings.host);
    dto.port = settings.port;
    dto.security = settings.security;
    dto.user = std::move(settings.user);
    dto.has_password = !settings.password.empty();
    dto.from_address = std::move(settings.from_address);
    dto.from_name = std::move(settings.from_name);
    dto.address = mailer.address();
    dto.waiting = state.waiting;
    dto.sent = state.sent;
    if (state.last_sent) {
        dto.last_sent = Time{*state.last_sent};
    }
    if (state.last_failure) {
        dto.last_failure = MailFailure{{state.last_failure->time}, state.last_failure->reason};
    }
    return dto;
}

}  // namespace

net::Response get_mail(ApiContext& context, const Arguments&, const net::Request&) {
    return answer(to_dto(*context.people.mail));
}

net::Response put_mail(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(MailChange body, body_of<MailChange>(request));
    mail::Settings settings;
    settings.enabled = body.enabled;
    settings.host = std::move(body.host);
    settings.port = body.port;
    settings.security = body.security;
    settings.user = std::move(body.user);
    settings.from_address = std::move(body.from_address);
    settings.from_name = std::move(body.from_name);
    if (body.password) {
        settings.password = std::move(*body.password);
    } else {
        const mail::Settings before = context.people.mail->settings();
        // Else whoever may change the host could have the password sent to themselves.
        if (mail::tells_password_elsewhere(before, settings)) {
            return problem_of(request, base::Error{base::ErrorCode::kInvalidArgument,
                                                   "password: is needed again, since it goes another way than before"});
        }
        settings.password = before.password;
    }
    if (const auto saved = context.people.mail->set_settings(act_of(request), settings); !saved) {
        return problem_of(request, saved.error());
    }
    return get_mail(context, arguments, request);
}

net::Response test_mail(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const MailTest body, body_of<MailTest>(request));
    const auto sent = context.people.mail->send_test(act_of(request), body.to, language_of(body.language, request));
    if (!sent && (sent.error().message.starts_with("to: ") || sent.error().message.starts_with("enabled: "))) {
        return problem_of(request, sent.error());
    }
    if (!sent) {
        return net::problem(request, 502, "mail_failed", sent.error().message);
    }
    return done();
}

}  // namespace tidemark::api
