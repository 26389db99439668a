// The part of the table that is about who may come in, and about the server itself.
#include "server/api/account_dto.hpp"
#include "server/api/mail_dto.hpp"
#include "server/api/parameters.hpp"
#include "server/api/provider_dto.hpp"
#include "server/api/routes.hpp"

namespace tidemark::api {
namespace {

using identity::Right;
using net::Method;
using namespace parameters;  // NOLINT(google-build-using-namespace): the table reads like a form

constexpr const json::Type* kNothing = nullptr;

/// These routes all wait for accounts.db, so they run on workers. Without an answer the status is 204.
Route line(Method method, std::string_view path, std::string_view id, std::string_view tag, Right right,
           std::string_view summary, const json::Type* request = kNothing, const json::Type* response = kNothing) {
    Route route{.method = method, .path = path, .id = id, .tag = tag, .summary = summary};
    for (const auto& [name, description] :
         {std::pair<std::string_view, std::string_view>("id", "Its id."), {"account", "The account's id."}}) {
        if (path.find("{" + std::string(name) + "}") != std::string_view::npos) {
            route.parameters.push_back(id_in_path(name, description));
        }
    }
    route.request = request;
    route.response = response;
    route.status = response == nullptr ? 204 : 200;
    route.blocking = true;
    route.right = right;
    return route;
}

Route created(Route route) {
    route.status = 201;
    return route;
}
Route accepted(Route route) {
    route.status = 202;
    return route;
}
Route changing_access(Route route) {
    route.changes_access = true;
    return route;
}
Route opened(Route route) {
    route.open = true;
    return route;
}
Route with(Route route, Parameters parameters) {
    route.parameters = std::move(parameters);
    return route;
}
/// Answers with a document to keep.
Route file(Route route, std::string_view media = "application/json") {
    route.status = 200;
    route.media = media;
    return route;
}

Parameters audit_filter() {
    return {
        time("from", "Start of the range. Default: the first row."),
        time("to", "End of the range, exclusive. Default: now."),
        text("actor", "Who: \"account:7\", \"key:3\", \"system\", \"anonymous\", or a user name."),
        text("action", "What: \"key.create\"; \"key.\" stands for all that begin so."),
        text("object", "To what: \"account:7\", \"team:2\", \"policy\", …"),
    };
}

std::vector<Route> sign_in_routes() {
    constexpr std::string_view kTag = "auth";
    Route refresh =
        line(Method::kPost, "/api/v1/auth/refresh", "refreshSession", kTag, Right::kPublic,
             "Go on: from the cookie (204), or from a token in the body (200)", dto<Refresh>(), dto<Tokens>());
    refresh.request_optional = true;
    return {
        line(Method::kGet, "/api/v1/auth/state", "getAuthState", kTag, Right::kPublic, "How to come in, and who asks",
             kNothing, dto<AuthState>()),
        changing_access(created(line(Method::kPost, "/api/v1/auth/setup", "setUp", kTag, Right::kPublic,
                                     "Make the first account, with the link that the first start printed", dto<SetUp>(),
                                     dto<Me>()))),
        line(Method::kPost, "/api/v1/auth/link", "signInByLink", kTag, Right::kPublic,
             "Sign in by the link that a start on this machine prints", dto<LinkToken>(), dto<Me>()),
        line(Method::kPost, "/api/v1/auth/sign-in", "signIn", kTag, Right::kPublic, "Sign in; sets cookies",
             dto<SignIn>(), dto<Me>()),
        refresh,
        line(Method::kPost, "/api/v1/auth/token", "issueTokens", kTag, Right::kPublic,
             "Sign in without cookies, for scripts", dto<SignIn>(), dto<Tokens>()),
        changing_access(
            line(Method::kPost, "/api/v1/auth/sign-out", "signOut", kTag, Right::kSignedIn, "End this session")),
        accepted(line(Method::kPost, "/api/v1/auth/forgot", "forgotPassword", kTag, Right::kPublic,
                      "Ask for a link to set a new password; the answer tells nothing", dto<Forgot>())),
        changing_access(line(Method::kPost, "/api/v1/auth/reset", "resetPassword", kTag, Right::kPublic,
                             "Set a new password with the token of a link", dto<Reset>())),
        created(line(Method::kPost, "/api/v1/auth/register", "registerAccount", kTag, Right::kPublic,
                     "Make an account with the token of a link", dto<Register>(), dto<Me>())),
        accepted(line(Method::kPost, "/api/v1/auth/request-registration", "requestRegistration", kTag, Right::kPublic,
                      "Ask for a link to register with; the answer tells nothing", dto<RequestRegistration>())),
    };
}

std::vector<Route> provider_routes() {
    constexpr std::string_view kTag = "auth";
    Route begin =
        with(line(Method::kGet, "/api/v1/auth/oidc/start", "beginProviderSignIn", kTag, Right::kPublic,
                  "Go to the provider to sign in there"),
             {text("return_to", "The page to come back to, a path of this server. Default: the first page.")});
    Route finish = line(Method::kGet, "/api/v1/auth/oidc/callback", "finishProviderSignIn", kTag, Right::kPublic,
                        "Where the provider sends the browser back: signs it in, and goes on to its page");
    finish.foreign_query = true;
    Route settings = line(Method::kGet, "/api/v1/auth/provider", "getProvider", kTag, Right::kManageAll,
                          "The provider that signs people in", kNothing, dto<ProviderSettings>());
    Route change = line(Method::kPut, "/api/v1/auth/provider", "putProvider", kTag, Right::kManageAll,
                        "Change the provider that signs people in; it is asked whether it is there",
                        dto<ProviderChange>(), dto<ProviderSettings>());
    Route join = line(Method::kPost, "/api/v1/auth/oidc/join", "joinProvider", kTag, Right::kOwnSecurity,
                      "Begin to join the own account to the provider: where the browser is to go", kNothing,
                      dto<ProviderDeparture>());
    Route leave = line(Method::kPost, "/api/v1/auth/oidc/leave", "leaveProvider", kTag, Right::kOwnSecurity,
                       "Sign in by password alone from now on; ends all other sessions");
    leave.changes_access = true;
    for (Route* const route : {&begin, &finish, &join, &change}) {
        route->deadline = std::chrono::seconds(30);  // they wait for the provider, which is asked up to four things
    }
    begin.status = finish.status = 303;
    return {begin, finish, join, leave, settings, change};
}

std::vector<Route> own_routes() {
    constexpr std::string_view kTag = "me";
    return {
        line(Method::kGet, "/api/v1/auth/me", "getMe", kTag, Right::kSignedIn, "Who asks", kNothing, dto<Me>()),
        line(Method::kPut, "/api/v1/auth/me", "putMe", kTag, Right::kOwnAccount, "Change name and address",
             dto<Profile>(), dto<Me>()),
        changing_access(line(Method::kPut, "/api/v1/auth/me/password", "changePassword", kTag, Right::kOwnSecurity,
                             "Change the password; ends all other sessions", dto<PasswordChange>())),
        line(Method::kPost, "/api/v1/auth/me/confirm", "confirmMe", kTag, Right::kOwnSecurity,
             "Prove again who is signed in, after 403 confirmation_needed; counts for ten minutes",
             dto<Confirmation>()),
        line(Method::kPost, "/api/v1/auth/me/second-factor", "beginSecondFactor", kTag, Right::kOwnSecurity,
             "Begin to set up a second factor", kNothing, dto<Enrolment>()),
        line(Method::kPost, "/api/v1/auth/me/second-factor/confirm", "confirmSecondFactor", kTag, Right::kOwnSecurity,
             "Finish it with a first code", dto<SecondFactorCode>(), dto<RecoveryCodes>()),
        line(Method::kPost, "/api/v1/auth/me/second-factor/recovery-codes", "renewRecoveryCodes", kTag,
             Right::kOwnSecurity, "Make new recovery codes; the old ones end", dto<PasswordCheck>(),
             dto<RecoveryCodes>()),
        line(Method::kPost, "/api/v1/auth/me/second-factor/disable", "disableSecondFactor", kTag, Right::kOwnSecurity,
             "Do without a second factor", dto<PasswordCheck>()),
        line(Method::kGet, "/api/v1/auth/me/sessions", "getDevices", kTag, Right::kOwnSecurity,
             "The devices that are signed in", kNothing, dto<Devices>()),
        changing_access(with(line(Method::kDelete, "/api/v1/auth/me/sessions/{id}", "revokeDevice", kTag,
                                  Right::kOwnSecurity, "Sign a device out"),
                             {in_path("id", "The session's id.")})),
        changing_access(line(Method::kPost, "/api/v1/auth/me/sessions/revoke-others", "revokeOtherDevices", kTag,
                             Right::kOwnSecurity, "Sign all other devices out")),
        file(line(Method::kGet, "/api/v1/auth/me/export", "exportMe", kTag, Right::kOwnAccount,
                  "Everything stored about the own account")),
        changing_access(line(Method::kPost, "/api/v1/auth/me/erase", "eraseMe", kTag, Right::kOwnAccount,
                             "Remove the own account; totals stay", dto<ErasureConfirmation>())),
        line(Method::kGet, "/api/v1/keys", "getKeys", "keys", Right::kOwnAccount, "API keys", kNothing, dto<ApiKeys>()),
        created(line(Method::kPost, "/api/v1/keys", "createKey", "keys", Right::kOwnAccount,
                     "Make a key; its text is shown this once", dto<NewApiKey>(), dto<IssuedKey>())),
        line(Method::kPost, "/api/v1/keys/{id}/rotate", "rotateKey", "keys", Right::kOwnAccount,
             "Make a successor; the old key ends after the overlap", dto<KeyRotation>(), dto<IssuedKey>()),
        changing_access(
            line(Method::kDelete, "/api/v1/keys/{id}", "revokeKey", "keys", Right::kOwnAccount, "End a key at once")),
    };
}

std::vector<Route> people_routes() {
    constexpr std::string_view kTag = "people";
    return {
        line(Method::kGet, "/api/v1/people", "getPeople", kTag, Right::kManageTeam, "The people within reach", kNothing,
             dto<People>()),
        created(line(Method::kPost, "/api/v1/people", "createPerson", kTag, Right::kManageAll, "Make an account",
                     dto<NewPerson>(), dto<Person>())),
        changing_access(line(Method::kPut, "/api/v1/people/{id}/role", "setRole", kTag, Right::kManageAll,
                             "Change a role", dto<RoleChange>())),
        changing_access(line(Method::kPut, "/api/v1/people/{id}/active", "setActive", kTag, Right::kManageTeam,
                             "Deactivate an account, or let it in again", dto<ActiveChange>())),
        changing_access(line(Method::kPost, "/api/v1/people/{id}/sign-out", "signPersonOut", kTag, Right::kManageTeam,
                             "Sign somebody out on all devices; keys stay")),
        line(Method::kPut, "/api/v1/people/{id}/break-glass", "setBreakGlass", kTag, Right::kManageAll,
             "Let an account sign in by password when the provider is down", dto<BreakGlassChange>()),
        line(Method::kPost, "/api/v1/people/{id}/reset-link", "makeResetLink", kTag, Right::kManageTeam,
             "Make a link to set a new password with", dto<ResetLinkRequest>(), dto<Link>()),
        changing_access(line(Method::kPost, "/api/v1/people/{id}/transfer", "transferPerson", kTag, Right::kManageAll,
                             "Hand managed teams and owned projects to somebody else", dto<Transfer>())),
        file(line(Method::kGet, "/api/v1/people/{id}/export", "exportPerson", kTag, Right::kManageAll,
                  "Everything stored about an account")),
        changing_access(line(Method::kPost, "/api/v1/people/{id}/erase", "erasePerson", kTag, Right::kManageAll,
                             "Remove an account; totals stay", dto<ErasureConfirmation>())),
        line(Method::kGet, "/api/v1/invitations", "getInvitations", kTag, Right::kManageTeam,
             "The invitations that are open", kNothing, dto<Invitations>()),
        created(line(Method::kPost, "/api/v1/invitations", "invite", kTag, Right::kManageTeam, "Invite somebody",
                     dto<NewInvitation>(), dto<Link>())),
        line(Method::kDelete, "/api/v1/invitations/{id}", "withdrawInvitation", kTag, Right::kManageTeam,
             "Withdraw an invitation"),
        line(Method::kGet, "/api/v1/teams", "getTeams", "teams", Right::kManageTeam, "The teams within reach", kNothing,
             dto<Teams>()),
        created(line(Method::kPost, "/api/v1/teams", "createTeam", "teams", Right::kManageAll, "Make a team",
                     dto<TeamChange>(), dto<Team>())),
        changing_access(line(Method::kPut, "/api/v1/teams/{id}", "changeTeam", "teams", Right::kManageAll,
                             "Rename or move a team", dto<TeamChange>())),
        changing_access(line(Method::kDelete, "/api/v1/teams/{id}", "removeTeam", "teams", Right::kManageAll,
                             "Remove a team; its members stay")),
        changing_access(line(Method::kPut, "/api/v1/teams/{id}/members/{account}", "setTeamMember", "teams",
                             Right::kManageTeam, "Put somebody into a team", dto<Membership>())),
        changing_access(line(Method::kDelete, "/api/v1/teams/{id}/members/{account}", "removeTeamMember", "teams",
                             Right::kManageTeam, "Take somebody out of a team")),
        line(Method::kGet, "/api/v1/identities", "getIdentities", "teams", Right::kManageTeam,
             "Whose usage is whose, and what is nobody's", kNothing, dto<Identities>()),
        changing_access(created(line(Method::kPost, "/api/v1/identities", "mapIdentity", "teams", Right::kManageAll,
                                     "Give a name of usage to an account", dto<NewIdentity>(), dto<MappedIdentity>()))),
        changing_access(line(Method::kDelete, "/api/v1/identities/{id}", "unmapIdentity", "teams", Right::kManageAll,
                             "Make a name of usage nobody's")),
        changing_access(line(Method::kPut, "/api/v1/project-owners", "setProjectOwner", "teams", Right::kManageAll,
                             "Say whose project it is", dto<ProjectOwner>())),
    };
}

std::vector<Route> operation_routes() {
    constexpr std::string_view kTag = "system";
    Parameters page = audit_filter();
    page.push_back(number("limit", "Most rows of a page.", "100", 1, 1000));
    page.push_back(text("cursor", "next_cursor of the page before."));
    Parameters download = audit_filter();
    download.push_back(choice<ExportFormat>("format", "CSV (RFC 4180) or JSON.", "csv"));
    Route test = line(Method::kPost, "/api/v1/system/mail/test", "testMail", kTag, Right::kManageAll,
                      "Send a test mail, and wait until the mail server has it", dto<MailTest>());
    test.deadline = std::chrono::seconds(30);
    return {
        line(Method::kGet, "/api/v1/policy", "getPolicy", kTag, Right::kManageAll, "Who may come in", kNothing,
             dto<identity::Policy>()),
        changing_access(line(Method::kPut, "/api/v1/policy", "putPolicy", kTag, Right::kManageAll,
                             "Change who may come in", dto<identity::Policy>(), dto<identity::Policy>())),
        with(line(Method::kGet, "/api/v1/audit", "getAudit", "audit", Right::kManageAll, "Who did what", kNothing,
                  dto<Audit>()),
             page),
        with(file(line(Method::kGet, "/api/v1/audit/export", "exportAudit", "audit", Right::kManageAll,
                       "The rows of the audit log as a file; at most the newest 100,000"),
                  "text/csv"),
             download),
        line(Method::kGet, "/api/v1/audit/verdict", "getAuditVerdict", "audit", Right::kManageAll,
             "Whether the audit log is as it was written", kNothing, dto<AuditVerdict>()),
        line(Method::kGet, "/api/v1/system/mail", "getMail", kTag, Right::kManageAll,
             "The server that takes mail, and how sending goes", kNothing, dto<MailSettings>()),
        line(Method::kPut, "/api/v1/system/mail", "putMail", kTag, Right::kManageAll,
             "Change the server that takes mail", dto<MailChange>(), dto<MailSettings>()),
        test,
        opened(line(Method::kGet, "/api/v1/system", "getSystem", kTag, Right::kManageAll,
                    "TLS, storage and who is connected", kNothing, dto<System>())),
        opened(line(Method::kPost, "/api/v1/system/tls/reload", "reloadTls", kTag, Right::kManageAll,
                    "Read the certificate and its key anew", kNothing, dto<System>())),
        accepted(line(Method::kPost, "/api/v1/system/master-key/rotate", "rotateMasterKey", kTag, Right::kManageSecrets,
                      "Begin to seal all secrets with a new master key; getSystem tells how it goes",
                      dto<PasswordCheck>(), dto<System>())),
        opened(line(Method::kGet, "/api/v1/backups", "getBackups", "backups", Right::kManageAll, "The backups",
                    kNothing, dto<Backups>())),
        opened(accepted(line(Method::kPost, "/api/v1/backups", "makeBackup", "backups", Right::kManageAll,
                             "Begin a backup now; getBackups tells how it went"))),
        with(accepted(line(
                 Method::kPost, "/api/v1/backups/{name}/restore", "restoreBackup", "backups", Right::kManageSecrets,
                 "Begin to go back to a backup, after one of now; getBackups tells how it goes. The server then "
                 "begins anew, and everybody signs in again",
                 dto<PasswordCheck>(), dto<Backups>())),
             {in_path("name", "The backup's name in getBackups.")}),
        line(Method::kDelete, "/api/v1/backups/kept", "removeKept", "backups", Right::kManageSecrets,
             "Remove for good the databases that restores have replaced"),
        opened(line(Method::kGet, "/api/v1/backups/settings", "getBackupSettings", "backups", Right::kManageAll,
                    "When backups are made, and how many are kept", kNothing, dto<BackupSettings>())),
        opened(line(Method::kPut, "/api/v1/backups/settings", "putBackupSettings", "backups", Right::kManageAll,
                    "Change when backups are made, and how many are kept", dto<BackupSettings>(),
                    dto<BackupSettings>())),
    };
}

}  // namespace

std::vector<Route> account_routes() {
    std::vector<Route> all;
    for (auto part : {sign_in_routes(), provider_routes(), own_routes(), people_routes(), operation_routes()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace tidemark::api
