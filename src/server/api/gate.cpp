#include "server/api/gate.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "server/api/access.hpp"
#include "server/api/cookies.hpp"
#include "server/api/routes.hpp"

namespace tidemark::api {
namespace {

using identity::Right;

constexpr std::size_t kRemembered = 4096;  // credentials
constexpr base::UnixMillis kLongestStream = base::kHour;
constexpr std::string_view kDocsPage = "docs";

bool changes_state(net::Method method) {
    return method != net::Method::kGet && method != net::Method::kHead && method != net::Method::kOptions;
}

/// "Bearer x": the scheme in any case (RFC 9110, 11.1). Any other scheme gives a text that verifies as nothing.
std::string_view bearer(std::string_view header) {
    constexpr std::string_view kScheme = "bearer ";
    if (header.size() < kScheme.size()) {
        return {};
    }
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        const char c = header[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) {
            return {};
        }
    }
    header.remove_prefix(kScheme.size());
    header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
    return header;
}

/// A page of this server sent it, and a script of that page: forms can set neither.
bool from_own_page(const net::Request& request) {
    if (request.header("x-tidemark-request") != "1") {
        return false;
    }
    const auto origin = request.header("origin");
    if (!origin) {
        return request.header("sec-fetch-site") == "same-origin";
    }
    const std::size_t scheme = origin->find("://");
    return scheme != std::string_view::npos && (!request.secure || origin->substr(0, scheme) == "https") &&
           origin->substr(scheme + 3) == request.header("host");
}

net::Response not_signed_in(const net::Request& request) {
    net::Response response = net::problem(request, 401, "not_signed_in", "Sign in to see this.");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"Tidemark\"");
    return response;
}

bool same_person(const identity::Caller& a, const identity::Caller& b) {
    return a.kind == b.kind && a.account == b.account && a.role == b.role && a.username == b.username &&
           a.session == b.session && a.must_enrol == b.must_enrol && a.key == b.key && a.scopes == b.scopes &&
           a.teams == b.teams && a.projects == b.projects;
}

std::optional<identity::Caller> verify(identity::Accounts& accounts, std::string_view credential,
                                       base::UnixMillis now) {
    auto caller = accounts.verify_access(credential, now);
    return caller ? caller : accounts.verify_api_key(credential, now);
}

/// How the usage of others is told to the caller; nullptr: as it is, or there is none in reach.
std::shared_ptr<const query::Privacy> privacy_of(const identity::Accounts& accounts,
                                                 const identity::Directory& directory, const Access& access,
                                                 const GateOptions& options, const base::TimeZone& zone,
                                                 base::UnixMillis known_until) {
    const identity::Reach& reach = access.reach;
    if (reach.privacy == identity::PrivacyMode::kNames) {
        return nullptr;
    }
    const bool totals = reach.privacy == identity::PrivacyMode::kTotals;
    query::Privacy::Facts facts;
    facts.mode = totals ? query::Privacy::Mode::kTotals : query::Privacy::Mode::kPseudonyms;
    facts.pseudonym = accounts.pseudonyms();
    facts.members = options.member_names;
    facts.minimum_people = static_cast<std::size_t>(reach.minimum_people);
    facts.sums_of_others = access.caller.teams.empty();
    facts.zone = zone;
    facts.known_until = known_until;
    std::string id = std::to_string(static_cast<int>(facts.mode)) + "|" + std::to_string(facts.minimum_people) + "|" +
                     std::to_string(access.caller.account) + (facts.sums_of_others ? "|" : "|t|") +
                     (totals ? zone.name() + "|" + std::to_string(known_until) : "");
    const auto add_name = [&](std::string_view name) {
        if (!name.empty()) {
            facts.names.insert(identity::lower(name));
            id += "|" + std::to_string(name.size()) + ":" + std::string(name);
        }
    };
    for (const auto& [account, person] : directory.people()) {
        if (account != access.caller.account) {
            add_name(person.username);
            add_name(person.display_name);
        }
    }
    for (const identity::Identity& identity : directory.identities()) {
        id += "|" + std::to_string(identity.account);
        add_name(identity.value);
        if (identity.account == access.caller.account) {
            facts.own.insert(identity.value);
            continue;
        }
        facts.person_of[identity.value] = std::to_string(identity.account);
        if (identity.kind == identity::IdentityKind::kMail) {
            add_name(identity.value.substr(0, identity.value.find('@')));
        }
    }
    for (const std::string& own : facts.own) {
        facts.names.erase(identity::lower(own));
    }
    const bool others = reach.everything || !reach.owned_projects.empty() ||
                        !std::includes(facts.own.begin(), facts.own.end(), reach.members.begin(), reach.members.end());
    if (!others) {
        return nullptr;
    }
    facts.id = crypto::to_hex(crypto::sha256(id));
    return std::make_shared<const query::Privacy>(std::move(facts));
}

std::shared_ptr<const net::Caller> caller_of(Access access, std::shared_ptr<const query::Privacy> privacy) {
    identity::Reach& reach = access.reach;
    std::string key = "open";
    if (!access.open) {
        if (!reach.everything || reach.only_projects || privacy) {
            access.ledger = std::make_shared<const query::Reach>(reach.everything, reach.members, reach.owned_projects,
                                                                 reach.only_projects, std::move(privacy));
        }
        key = crypto::to_hex(crypto::sha256(access.ledger ? access.ledger->key() : "everything")).substr(0, 32);
    }
    std::string name = access.open ? std::string() : access.caller.actor();
    return std::make_shared<const net::Caller>(
        net::Caller{std::move(key), std::make_shared<const Access>(std::move(access)), std::move(name)});
}

class GateKeeper {
public:
    GateKeeper(identity::Accounts& accounts, const GateOptions& options) : accounts_(accounts), options_(options) {
        Access open;
        open.open = true;
        open.reach.everything = true;
        open_ = caller_of(std::move(open), nullptr);
        for (const Route& route : routes()) {
            routes_.emplace(route.id, &route);
        }
    }

    std::optional<net::Response> ask(net::Request& request, std::string_view id) {
        const auto found = routes_.find(id);
        if (found == routes_.end()) {
            return id == kDocsPage ? std::nullopt
                                   : std::optional(net::problem(request, 403, "forbidden", "This is nobody's to see."));
        }
        const Route& route = *found->second;
        const Cookies cookies = cookies_of(request);
        const auto header = request.header("authorization");
        if (changes_state(request.method) && !header && cookies.any() && !from_own_page(request)) {
            accounts_.note_refusal({}, origin_of(request), "csrf");
            return net::problem(request, 403, "csrf",
                                "Changes come from pages of this server only: with its Origin and the header "
                                "X-Tidemark-Request: 1.");
        }
        request.caller = identify(header ? bearer(*header) : cookies.access, !header.has_value());
        if (header && !request.caller) {  // a cookie that has ended is no attempt at anything
            accounts_.note_refusal({}, origin_of(request), "credential");
        }
        if (!request.caller && is_open(accounts_, options_.loopback, request)) {
            request.caller = open_;
        }
        if (auto refusal = decide(request, route)) {
            return refusal;
        }
        return limit(request, route);
    }

private:
    /// nullptr: nobody that is known. A key is no cookie.
    std::shared_ptr<const net::Caller> identify(std::string_view credential, bool cookie) {
        if (credential.empty()) {
            return nullptr;
        }
        const base::UnixMillis now = base::now();
        const auto caller = cookie ? accounts_.verify_access(credential, now) : verify(accounts_, credential, now);
        if (!caller) {
            return nullptr;
        }
        const auto directory = accounts_.directory();
        const identity::Policy policy = accounts_.policy();
        const bool totals = policy.privacy == identity::PrivacyMode::kTotals;
        const base::TimeZone zone = totals && options_.time_zone ? options_.time_zone() : base::TimeZone();
        const base::UnixMillis known_until = totals ? zone.floor(now, base::Bucket::k1d) : 0;
        const std::string key(credential);
        {
            const std::lock_guard lock(mutex_);
            const auto known = known_.find(key);
            if (known != known_.end() && known->second.directory == directory &&
                known->second.privacy == policy.privacy && known->second.minimum_people == policy.minimum_people &&
                known->second.known_until == known_until && known->second.zone == zone.name() &&
                now - access_of(*known->second.caller).verified_at < identity::kAccessLife &&
                same_person(access_of(*known->second.caller).caller, *caller)) {
                return known->second.caller;
            }
        }
        Access access;
        access.caller = *caller;
        access.reach = accounts_.reach_of(*caller);
        access.credential = key;
        access.verified_at = now;
        auto privacy = privacy_of(accounts_, *directory, access, options_, zone, known_until);
        Known fresh{directory,   policy.privacy, policy.minimum_people,
                    known_until, zone.name(),    caller_of(std::move(access), std::move(privacy))};
        const std::lock_guard lock(mutex_);
        if (known_.size() >= kRemembered) {
            known_.clear();
        }
        return (known_[key] = std::move(fresh)).caller;
    }

    [[nodiscard]] std::optional<net::Response> decide(const net::Request& request, const Route& route) const {
        if (route.right == Right::kPublic || (route.local && from_this_machine(request))) {
            return std::nullopt;
        }
        if (!request.caller) {
            return not_signed_in(request);
        }
        const Access& access = access_of(request);
        if (access.open) {
            return route.open || route.right == Right::kRead ? std::nullopt : std::optional(not_signed_in(request));
        }
        if (identity::allowed(access.caller, route.right)) {
            return std::nullopt;
        }
        if (access.caller.must_enrol) {
            return net::problem(request, 403, "second_factor_required_setup",
                                "A second factor is required: set one up first.");
        }
        accounts_.note_refusal(access.caller, origin_of(request), identity::to_text(route.right));
        return net::problem(request, 403, "forbidden",
                            "This needs the right \"" + std::string(identity::to_text(route.right)) + "\".");
    }

    /// Whoever is there may ask for these, and some cost much: they must not fill the queue that all share. Going on
    /// with a session is not among them.
    std::optional<net::Response> limit(net::Request& request, const Route& route) {
        if (route.right != Right::kPublic || !changes_state(request.method) || route.id == "refreshSession") {
            return std::nullopt;
        }
        const bool returning = accounts_.familiar(origin_of(request));
        const auto& count = returning ? returning_ : strangers_;
        const std::size_t most = returning ? options_.returning : options_.strangers;
        // Held by the request, so that it is given back however the request ends.
        std::shared_ptr<const void> place(nullptr, [count](const void*) { --*count; });
        if (++*count > static_cast<std::ptrdiff_t>(most)) {
            net::Response busy = net::problem(request, 503, "busy", "Too many ask at once; try again in a moment.");
            busy.headers.emplace_back("Retry-After", "1");
            return busy;
        }
        Access access = access_of(request);
        access.place = std::move(place);
        net::Caller stranger;
        if (request.caller) {
            stranger = *request.caller;
        }
        stranger.person = std::make_shared<const Access>(std::move(access));
        request.caller = std::make_shared<const net::Caller>(std::move(stranger));
        return std::nullopt;
    }

    struct Known {
        std::shared_ptr<const identity::Directory> directory;
        identity::PrivacyMode privacy = identity::PrivacyMode::kNames;
        int minimum_people = 0;
        base::UnixMillis known_until = 0;
        std::string zone;
        std::shared_ptr<const net::Caller> caller;
    };
    identity::Accounts& accounts_;
    const GateOptions options_;
    std::shared_ptr<const net::Caller> open_;
    std::unordered_map<std::string_view, const Route*> routes_;
    // The requests may outlive the gate.
    using Count = std::shared_ptr<std::atomic<std::ptrdiff_t>>;
    const Count strangers_ = std::make_shared<std::atomic<std::ptrdiff_t>>(0);
    const Count returning_ = std::make_shared<std::atomic<std::ptrdiff_t>>(0);
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
};

}  // namespace

net::Gate make_gate(identity::Accounts& accounts, const GateOptions& options) {
    return [keeper = std::make_shared<GateKeeper>(accounts, options)](
               net::Request& request, const net::RouteOptions& route) { return keeper->ask(request, route.id); };
}

bool is_open(const identity::Accounts& accounts, bool loopback, const net::Request& request) {
    return loopback && from_this_machine(request) && accounts.directory()->people().empty();
}

bool still_allowed(identity::Accounts& accounts, const net::Caller& caller, base::UnixMillis now) {
    const Access& access = access_of(caller);
    if (access.open) {
        return accounts.directory()->people().empty();
    }
    // A token as of then: it ends long before the session that it stands for.
    const bool token = access.caller.kind == identity::Caller::Kind::kAccount;
    const auto person = verify(accounts, access.credential, token ? access.verified_at : now);
    return person && now - access.verified_at < kLongestStream && identity::allowed(*person, Right::kRead) &&
           accounts.reach_of(*person) == access.reach;
}

}  // namespace tidemark::api
