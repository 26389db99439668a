// What whoever runs the server looks at: TLS, storage, backups.
#include <string>

#include "server/api/access.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

/// Into the audit log, after it was done.
base::Result<void> record(const ApiContext& context, const net::Request& request, std::string_view action,
                          std::string_view object, const identity::AuditFields& before = {},
                          const identity::AuditFields& after = {}) {
    return context.people.accounts->record(act_of(request), action, object, before, after);
}

base::Result<void> check(const BackupSettings& settings) {
    if (settings.hour < 0 || settings.hour > 23) {
        return base::fail(base::ErrorCode::kInvalidArgument, "hour: must be from 0 to 23");
    }
    for (const auto& [name, kept] :
         {std::pair("keep_daily", settings.keep_daily), std::pair("keep_weekly", settings.keep_weekly),
          std::pair("keep_monthly", settings.keep_monthly)}) {
        if (kept < 0 || kept > 1000) {
            return base::fail(base::ErrorCode::kInvalidArgument, std::string(name) + ": must be from 0 to 1000");
        }
    }
    if (settings.keep_daily + settings.keep_weekly + settings.keep_monthly == 0) {
        return base::fail(base::ErrorCode::kInvalidArgument, "keep_daily: at least one backup must be kept");
    }
    return {};
}

}  // namespace

net::Response get_system(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const System system, context.system.get());
    return answer(system);
}

net::Response reload_tls(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    if (const auto reloaded = context.system.reload_tls(); !reloaded) {
        return problem_of(request, reloaded.error());
    }
    if (const auto recorded = record(context, request, "tls.reload", "tls"); !recorded) {
        return problem_of(request, recorded.error());
    }
    return get_system(context, arguments, request);
}

net::Response rotate_master_key(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const PasswordCheck body, body_of<PasswordCheck>(request));
    const identity::Act act = act_of(request);
    if (const auto own = context.people.accounts->check_password(act, body.password); !own) {
        return problem_of(request, own.error());
    }
    if (const auto begun = context.system.rotate_master_key(act); !begun) {
        return problem_of(request, begun.error());
    }
    return get_system(context, arguments, request);
}

net::Response get_backups(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const Backups backups, context.backups.list());
    return answer(backups);
}

net::Response make_backup(ApiContext& context, const Arguments&, const net::Request& request) {
    if (const auto begun = context.backups.begin(); !begun) {
        return problem_of(request, begun.error());
    }
    TIDEMARK_DONE(record(context, request, "backup.begin", "backups"));
}

net::Response restore_backup(ApiContext& context, const Arguments& arguments, const net::Request& request) {
    TIDEMARK_ANSWER(const PasswordCheck body, body_of<PasswordCheck>(request));
    const identity::Act act = act_of(request);
    if (const auto own = context.people.accounts->check_password(act, body.password); !own) {
        return problem_of(request, own.error());
    }
    if (const auto begun = context.backups.restore(act, request.path_parameter("name")); !begun) {
        return problem_of(request, begun.error());
    }
    return get_backups(context, arguments, request);
}

net::Response remove_kept(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const std::int64_t bytes, context.backups.remove_kept());
    TIDEMARK_DONE(record(context, request, "backup.kept_removed", "backups", {{"bytes", std::to_string(bytes)}}, {}));
}

net::Response get_backup_settings(ApiContext& context, const Arguments&, const net::Request&) {
    return answer(context.backups.settings());
}

net::Response put_backup_settings(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const BackupSettings body, body_of<BackupSettings>(request));
    if (const auto sound = check(body); !sound) {
        return problem_of(request, sound.error());
    }
    const BackupSettings before = context.backups.settings();
    if (const auto saved = context.backups.put_settings(body); !saved) {
        return problem_of(request, saved.error());
    }
    if (const auto recorded = record(context, request, "backup.settings", "backups",
                                     {{"settings", json::to_text(before)}}, {{"settings", json::to_text(body)}});
        !recorded) {
        return problem_of(request, recorded.error());
    }
    return answer(body);
}

}  // namespace tidemark::api
