// The API as a whole: what it needs from the rest of the program, and how it is put on a router. Everything it needs
// comes through functions, so that a test can answer instead of the ledger.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "desk/mail/mailer.hpp"
#include "desk/provider/provider.hpp"
#include "foundation/base/result.hpp"
#include "foundation/net/router.hpp"
#include "foundation/net/server.hpp"
#include "ledger/live/feed.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/query/query.hpp"
#include "server/api/account_dto.hpp"
#include "server/api/dto.hpp"
#include "server/api/metrics.hpp"

namespace tidemark::api {

/// The questions of query::Engine that the API asks; see there. Thread-safe.
struct Questions {
    std::function<std::uint64_t()> seq;
    std::function<base::UnixMillis()> newest;
    std::function<base::Result<query::Summary>(const query::Scope&, bool compare_previous)> summary;
    std::function<base::Result<query::Totals>(const query::Scope&)> totals;
    std::function<base::Result<query::Series>(const query::SeriesQuery&)> series;
    std::function<base::Result<query::Breakdown>(const query::BreakdownQuery&)> breakdown;
    std::function<base::Result<query::Hours>(const query::Scope&, query::Metric)> hours;
    std::function<base::Result<query::RecordsPage>(const query::RecordsQuery&)> records;
    std::function<base::Result<query::SessionsPage>(const query::SessionsQuery&)> sessions;
    std::function<base::Result<std::vector<query::SessionRow>>(base::UnixMillis now, const query::Reach*)>
        active_sessions;
    std::function<base::Result<query::SessionDetail>(std::string_view id, const query::Reach*)> session;
    std::function<base::Result<std::vector<query::Block>>(const query::Scope&, base::UnixMillis now)> blocks;
    std::function<base::Result<std::vector<query::EventRow>>(const query::Scope&, model::EventKind, std::size_t limit)>
        events;
    std::function<base::Result<std::vector<query::ProjectRow>>(const query::Scope&)> projects;
    std::function<base::Result<std::vector<std::pair<query::Dimension, std::vector<query::GroupKey>>>>(
        const query::Scope&, std::size_t limit)>
        facets;
    std::function<std::vector<std::string>(const query::Reach*)> members;
};
/// The engine must outlive what this gives.
[[nodiscard]] Questions questions_of(const query::Engine& engine);

struct PriceService {
    std::function<std::shared_ptr<const pricing::PriceBook>()> book;
    std::function<base::Result<std::vector<UnknownModel>>()> unknown_models;
    std::function<base::Result<std::vector<PriceOverride>>()> overrides;
    /// Keeps the overrides, reprices everything recorded and says what that changed. kInvalidArgument when they make no
    /// sense.
    std::function<base::Result<Repricing>(const std::vector<PriceOverride>&)> replace_overrides;
};

struct SettingsService {
    std::function<Settings()> get;  ///< Must be quick: every question about a range asks for the time zone
    std::function<base::Result<void>(const Settings&)> put;
};

struct SystemService {
    std::function<base::Result<System>()> get;
    /// kFailedPrecondition when the server does not speak TLS or the files cannot serve.
    std::function<base::Result<void>()> reload_tls;
    /// Begins a change of the master key; get() tells how it goes on. kFailedPrecondition when one is under way, or
    /// when the new key has to be put in place first.
    std::function<base::Result<void>(const identity::Act&)> rotate_master_key;
};

struct BackupService {
    std::function<base::Result<Backups>()> list;
    std::function<base::Result<void>()> begin;  ///< kFailedPrecondition while one is being made
    /// Begins to go back to the backup of that name; list() tells how it goes on. kNotFound when there is none,
    /// kFailedPrecondition when it cannot be read, or while one is being made.
    std::function<base::Result<void>(const identity::Act&, std::string_view name)> restore;
    /// Removes what restores have kept, and says how much it was. kFailedPrecondition while one is under way.
    std::function<base::Result<std::int64_t>()> remove_kept;
    std::function<BackupSettings()> settings;
    std::function<base::Result<void>(const BackupSettings&)> put_settings;
    /// Why the last one failed; nothing when it did not. Must be quick: the overview asks.
    std::function<std::optional<std::string>()> problem;
};

/// Accounts, and what has to happen around them.
struct AccountService {
    identity::Accounts* accounts = nullptr;
    bool loopback = true;                ///< As GateOptions::loopback
    provider::Provider* oidc = nullptr;  ///< Signs in by OpenID Connect, when its settings say so
    mail::Mailer* mail = nullptr;        ///< Sends links, when its settings say so
    /// Renames the members in the ledger and finishes the erasure, now or later (Accounts::pending_erasures).
    std::function<void(const identity::Erasure&)> forget = {};
    /// Somebody may see less than before: event streams for which still_allowed() (gate.hpp) is false have to end.
    std::function<void()> access_changed = {};
};

/// All functions are called by several threads at once.
struct ApiContext {
    Questions questions;
    live::Feed& feed;
    AccountService people = {};
    PriceService prices = {};
    SettingsService settings = {};
    std::function<Sources()> sources = {};
    std::function<Readiness()> readiness = {};
    SystemService system = {};
    BackupService backups = {};
    std::function<net::ServerStats()> server_stats = {};  ///< May be called before the server runs
    std::function<std::vector<Figure>()> figures = {};    ///< Further numbers for /metrics: the ingest's
    Version version = {};
    Metrics metrics = {};
    /// Changes of settings and prices since the start: with the ledger's number they are the state that answers hold
    /// in.
    std::atomic<std::uint64_t> changes{0};
};

/// Puts every route of routes() on the router. The context must outlive the server.
void mount(net::Router& router, ApiContext& context);

/// Gives the frame for one caller's reach; nothing: none.
using SelectFrame = std::function<std::optional<net::Frame>(const net::Caller&)>;
/// Turns what the feed says into frames, each subscriber's by what is in reach, and hands them to `broadcast`
/// (net::Server::broadcast).
[[nodiscard]] live::Feed::Subscription connect(live::Feed& feed, std::function<void(SelectFrame)> broadcast);

}  // namespace tidemark::api
