// Every route, asked by everybody, about everybody: compared with the table in docs/api/rights.md.
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/api/routes.hpp"
#include "server/api/test_server.hpp"

namespace tidemark::api {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kCallers = 8;
constexpr std::array<std::string_view, kCallers> kCallerNames{
    "anonymous", "user", "admin", "enterprise", "key ingest", "key read", "key manage", "enterprise's key manage"};
enum Target { kOwn, kTeam, kOther };
constexpr std::array<std::string_view, 3> kTargetNames{"own", "team", "other"};

struct Row {
    std::string right;
    std::vector<std::string> cells;
};

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = line.find('|'); at != std::string::npos && at + 1 < line.size();) {
        const std::size_t next = line.find('|', at + 1);
        if (next == std::string::npos) {
            break;
        }
        std::string cell = line.substr(at + 1, next - at - 1);
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
        cells.push_back(std::move(cell));
        at = next;
    }
    return cells;
}

std::map<std::string, Row> documented() {
    std::ifstream file(std::string(TIDEMARK_SOURCE_DIR) + "/docs/api/rights.md");
    std::map<std::string, Row> rows;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("| `")) {
            continue;
        }
        std::vector<std::string> cells = cells_of(line);
        EXPECT_EQ(cells.size(), 3 + kCallers) << line;
        cells.resize(3 + kCallers);
        const std::string id = cells[0].substr(1, cells[0].size() - 2);
        EXPECT_TRUE(rows.emplace(id, Row{cells[2], {cells.begin() + 3, cells.end()}}).second) << id << " twice";
    }
    return rows;
}

class RightsTest : public ApiTest {
protected:
    struct Somebody {
        identity::AccountId id = 0;
        std::string name, access, session;
        identity::Caller caller;
        std::int64_t identity = 0, key = 0;
    };

    Somebody somebody(identity::Role role, std::optional<identity::TeamId> team) {
        Somebody made;
        made.name = "p" + std::to_string(++count_);
        const auto link = accounts_->invite(system(), role, team);
        EXPECT_TRUE(link) << link.error().message;
        const auto in =
            accounts_->register_account(link->token, {made.name, "", std::string(identity::kPassword)}, origin(), now_);
        EXPECT_TRUE(in) << in.error().message;
        made.id = in->account;
        made.access = in->access;
        made.session = in->session;
        made.caller = caller(*in);
        made.identity =
            accounts_->map_identity(system(), identity::IdentityKind::kOsUser, made.name + "-pc", made.id).value();
        return made;
    }
    std::string key(const Somebody& owner, identity::Scopes scopes) {
        const auto made = accounts_->create_api_key(as(owner.caller), {"k", scopes, {}, {}, std::nullopt});
        EXPECT_TRUE(made) << made.error().message;
        return made->text;
    }

    /// Who asks, and whom it is about. Nobody in particular asks about an administrator's world.
    struct World {
        identity::TeamId north = 0, below_north = 0, south = 0;
        Somebody caller, mate, other;
        std::string credential;  // "" for nobody
    };
    World world(std::size_t who) {
        World made;
        made.north = accounts_->create_team(system(), "North", std::nullopt).value();
        made.below_north = accounts_->create_team(system(), "Below", made.north).value();
        made.south = accounts_->create_team(system(), "South", std::nullopt).value();
        const bool enterprise = who == 3 || who == 7;
        const bool user = who == 1;
        made.caller = somebody(enterprise ? identity::Role::kEnterprise
                               : user     ? identity::Role::kUser
                                          : identity::Role::kAdmin,
                               made.north);
        made.mate = somebody(identity::Role::kUser, made.north);
        made.other = somebody(identity::Role::kUser, made.south);
        if (who != 0) {
            made.credential = who < 4 ? made.caller.access
                                      : key(made.caller, {.ingest = who == 4, .read = who == 5, .manage = who >= 6});
        }
        return made;
    }

    /// Method, path and body of a request that would go well if it is allowed.
    struct Asked {
        std::string path, body;
    };
    Asked ask(const Route& route, const World& world, Target target, bool allowed) {
        const Somebody& person = target == kOwn ? world.caller : target == kTeam ? world.mate : world.other;
        const identity::TeamId team = target == kOther ? world.south : world.north;
        const std::string to = std::to_string(root_);
        std::string id = std::to_string(person.id);
        if (route.id == "getSession") {
            id = "of:" + person.name + "-pc";
        } else if (route.id == "revokeDevice") {
            id = person.session;
        } else if (route.path.find("/keys/{id}") != std::string_view::npos) {
            const auto made =
                accounts_->create_api_key(as(person.caller), {"t", {.read = true}, {}, {}, std::nullopt}).value();
            id = std::to_string(made.info.id);
        } else if (route.id == "withdrawInvitation") {
            const identity::Act act = target == kOwn ? as(world.caller.caller) : system();
            const bool may = target != kOwn || world.caller.caller.role != identity::Role::kUser;
            EXPECT_TRUE(accounts_->invite(may ? act : system(), identity::Role::kUser, team));
            std::int64_t newest = 0;
            const auto rows = accounts_->invitations(system()).value();
            for (const store::LinkRow& row : rows) {
                newest = std::max(newest, row.id);
            }
            id = std::to_string(newest);
        } else if (route.path.find("/teams/{id}/members") != std::string_view::npos) {
            id = std::to_string(team);
        } else if (route.path.find("/teams/{id}") != std::string_view::npos) {
            id = std::to_string(target == kOther ? world.south : world.below_north);
        } else if (route.id == "unmapIdentity") {
            id = std::to_string(person.identity);
        }
        static const std::map<std::string_view, std::string> bodies = {
            {"putSettings", json::to_text(Settings{})},
            {"putPriceOverrides", R"({"overrides":[]})"},
            {"setUp", R"({"token":"x","username":"x","display_name":""})"},
            {"signInByLink", R"({"token":"x"})"},
            {"signIn", R"({"name":"nobody","password":"x"})"},
            {"issueTokens", R"({"name":"nobody","password":"x"})"},
            {"refreshSession", R"({"refresh_token":"x.y"})"},
            {"forgotPassword", R"({"name":"nobody"})"},
            {"resetPassword", R"({"token":"x","password":"x"})"},
            {"registerAccount", R"({"token":"x","username":"x","display_name":"","password":"x"})"},
            {"requestRegistration", R"({"email":"a@example.org"})"},
            {"putMe", R"({"display_name":"New","email":""})"},
            {"changePassword", R"({"current":"violet harbour lantern","fresh":"gravel thimble orchard"})"},
            {"confirmMe", R"({"password":"violet harbour lantern"})"},
            {"renewRecoveryCodes", R"({"password":"violet harbour lantern"})"},
            {"disableSecondFactor", R"({"password":"violet harbour lantern"})"},
            {"rotateMasterKey", R"({"password":"violet harbour lantern"})"},
            {"restoreBackup", R"({"password":"violet harbour lantern"})"},
            {"createKey", R"({"name":"n","scopes":["read"],"teams":[],"projects":[]})"},
            {"rotateKey", R"({"overlap_hours":1})"},
            {"setRole", R"({"role":"user"})"},
            {"setActive", R"({"active":false})"},
            {"setBreakGlass", R"({"on":true})"},
            {"makeResetLink", R"({"remove_second_factor":false})"},
            {"createTeam", R"({"name":"T"})"},
            {"changeTeam", R"({"name":"T"})"},
            {"setTeamMember", R"({"manages":false})"},
            {"setProjectOwner", R"({"project":"/p","account":null})"},
            {"putProvider",
             R"({"enabled":false,"name":"","issuer":"","client_id":"","scopes":["openid"],)"
             R"("create_accounts":true,"mail_domains":[],"groups_claim":"groups","roles":[],"teams":[]})"},
            {"putPolicy", json::to_text(identity::Policy{})},
            {"putMail", R"({"enabled":true,"host":"mail.example.org","port":465,"security":"tls","user":"",)"
                        R"("from_address":"tidemark@example.org","from_name":""})"},
            {"testMail", R"({"to":"ann@example.org"})"},
            {"putBackupSettings", json::to_text(BackupSettings{})},
        };
        Asked asked;
        if (const auto found = bodies.find(route.id); found != bodies.end()) {
            asked.body = found->second;
        } else if (route.id == "confirmSecondFactor" && !allowed) {
            asked.body = R"({"code":"000000"})";
        } else if (route.id == "confirmSecondFactor") {
            const auto enrolment = accounts_->begin_second_factor(as(world.caller.caller));
            asked.body = R"({"code":")" + code(crypto::from_base32(enrolment->secret).value_or("")) + "\"}";
        } else if (route.id == "eraseMe") {
            asked.body = R"({"username":")" + world.caller.name + "\"}";
        } else if (route.id == "erasePerson") {
            asked.body = R"({"username":")" + person.name + "\"}";
        } else if (route.id == "transferPerson") {
            asked.body = R"({"to":)" + to + "}";
        } else if (route.id == "invite") {
            asked.body = R"({"role":"user","team":)" + std::to_string(team) + "}";
        } else if (route.id == "createPerson") {
            asked.body = R"({"username":"c)" + std::to_string(++count_) + R"(","display_name":"","role":"user"})";
        } else if (route.id == "mapIdentity") {
            asked.body = R"({"kind":"machine","value":"m)" + std::to_string(++count_) + R"(","account":)" + to + "}";
        } else {
            EXPECT_TRUE(route.request == nullptr) << route.id << " needs a body in this test";
        }
        // These two need a second factor that is there.
        if (allowed && (route.id == "renewRecoveryCodes" || route.id == "disableSecondFactor")) {
            enrol(world.caller.caller);
        }
        if (allowed && route.id == "leaveProvider") {
            identity::ProviderIdentity there;
            there.issuer = "https://id.example.org";
            there.subject = world.caller.name;
            EXPECT_TRUE(
                accounts_->join_provider({world.caller.id, world.caller.caller.session}, there, {}, base::now()));
        }
        asked.path = route.path;
        for (const auto& [name, value] : {std::pair<std::string, std::string>("{id}", id),
                                          {"{account}", std::to_string(person.id)},
                                          {"{name}", "b.tmbk"}}) {
            if (const std::size_t at = asked.path.find(name); at != std::string::npos) {
                asked.path.replace(at, name.size(), value);
            }
        }
        return asked;
    }

    Answer send(const Route& route, const Asked& asked, const std::string& credential) {
        std::string headers = "Content-Type: application/json\r\n";
        headers += credential.empty() ? "" : "Authorization: Bearer " + credential + "\r\n";
        // Else this machine would be told its metrics without a sign-in.
        headers += "Via: 1.1 test\r\n";
        return call(std::string(net::to_string(route.method)), asked.path, asked.body, headers);
    }

    int count_ = 0;
    identity::AccountId root_ = 0;
};

TEST_F(RightsTest, EveryRouteAnswersEverybodyAsTheTableSays) {
    root_ = set_up().account;
    switch_mail_on();
    const std::map<std::string, Row> table = documented();
    ASSERT_GT(table.size(), 70U);
    std::set<std::string> seen;
    std::array<std::optional<World>, kCallers> worlds;
    for (const Route& route : routes()) {
        const auto found = table.find(std::string(route.id));
        ASSERT_NE(found, table.end()) << route.id << " has no row in docs/api/rights.md";
        seen.insert(found->first);
        EXPECT_EQ(found->second.right, identity::to_text(route.right)) << route.id;
        for (std::size_t who = 0; who < kCallers; ++who) {
            const std::string& cell = found->second.cells[who];
            const std::string label = std::string(route.id) + " as " + std::string(kCallerNames[who]);
            const bool about_somebody = route.path.find('{') != std::string_view::npos && route.id != "restoreBackup";
            ASSERT_TRUE(cell == "–" || (cell == "yes") == (!about_somebody || route.right == identity::Right::kPublic))
                << label << ": " << cell;
            if (route.media == "text/event-stream" && cell == "yes") {
                continue;  // it never ends: gate_test.cpp opens it
            }
            for (const Target target : {kOwn, kTeam, kOther}) {
                if (!about_somebody && target != kOwn) {
                    continue;
                }
                // What was allowed to change something may have changed or removed who is in it.
                if (!worlds[who]) {
                    worlds[who] = world(who);
                }
                const World made = *worlds[who];
                if (cell != "–" && route.method != net::Method::kGet) {
                    worlds[who].reset();
                }
                const Asked asked = ask(route, made, target, cell != "–");
                const Answer answer = send(route, asked, made.credential);
                const std::string what = label + " about " + std::string(kTargetNames[target]) + ": " +
                                         std::to_string(answer.status) + " " + answer.body;
                if (cell == "–") {
                    EXPECT_EQ(answer.status, who == 0 ? 401 : 403) << what;
                    EXPECT_THAT(answer.body, HasSubstr(who == 0 ? "not_signed_in" : "forbidden")) << what;
                } else if (route.right == identity::Right::kPublic) {
                    EXPECT_NE(answer.status, 403) << what;
                    EXPECT_TRUE(answer.status != 401 || route.id == "refreshSession" || route.id == "signIn" ||
                                route.id == "issueTokens")
                        << what;
                } else if (cell == "yes" || cell == "all" || cell.find(kTargetNames[target]) != std::string::npos) {
                    // A key is no session that could end, and this server has no provider to be joined to.
                    EXPECT_EQ(answer.status, route.id == "signOut" && who >= 4 ? 404
                                             : route.id == "joinProvider"      ? 409
                                                                               : route.status)
                        << what;
                } else {
                    EXPECT_EQ(answer.status, 404) << what;
                    // As one that does not exist.
                    EXPECT_THAT(answer.body, HasSubstr("\"code\":\"not_found\"")) << what;
                }
            }
        }
    }
    for (const auto& [id, row] : table) {
        EXPECT_TRUE(seen.contains(id)) << id << " is no route";
    }
}

}  // namespace
}  // namespace tidemark::api
