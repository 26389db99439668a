// The server: collector, query engine, live feed and HTTP put together, and taken apart again on SIGINT or SIGTERM.
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/backup/restore.hpp"
#include "desk/demo/demo.hpp"
#include "desk/identity/accounts.hpp"
#include "desk/mail/mailer.hpp"
#include "desk/provider/provider.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/base/embedded.hpp"
#include "foundation/crypto/breached_passwords.hpp"
#include "foundation/json/write.hpp"
#include "foundation/log/access_log.hpp"
#include "foundation/log/log.hpp"
#include "foundation/net/certificate.hpp"
#include "foundation/net/https_client.hpp"
#include "foundation/net/server.hpp"
#include "foundation/sys/account.hpp"
#include "ledger/ingest/service.hpp"
#include "ledger/live/feed.hpp"
#include "ledger/query/query.hpp"
#include "server/api/api.hpp"
#include "server/api/gate.hpp"
#include "server/app/access.hpp"
#include "server/app/account_desk.hpp"
#include "server/app/backup_keeper.hpp"
#include "server/app/build_info.hpp"
#include "server/app/commands.hpp"
#include "server/app/key_keeper.hpp"
#include "server/app/server_services.hpp"
#include "server/app/system_facts.hpp"

namespace tidemark::embedded {
extern const base::EmbeddedFiles web_app;
}

namespace tidemark::app {

namespace {

/// Keeps the demo's transcripts growing until it is destroyed.
class DemoWriter {
public:
    explicit DemoWriter(demo::LiveDemo live)
        : thread_([live = std::move(live)](const std::stop_token& stop) mutable {
              while (!stop.stop_requested()) {
                  if (auto stepped = live.step(base::now()); !stepped) {
                      log::error("demo_failed", {{"reason", stepped.error().message}});
                      return;
                  }
                  for (int i = 0; i < 10 && !stop.stop_requested(); ++i) {
                      std::this_thread::sleep_for(std::chrono::milliseconds(100));
                  }
              }
          }) {}

private:
    std::jthread thread_;
};

/// After a server has stopped.
enum class Next { kEnd, kAnew };

/// Blocks SIGINT, SIGTERM, SIGHUP and SIGUSR1 in this thread and those it starts, so that wait() gets them.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGHUP);
        sigaddset(&set_, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }
    /// Until the program is to end, or the server to begin anew; calls `reload` for each SIGHUP.
    [[nodiscard]] Next wait(const std::function<void()>& reload) {
        for (;;) {
            int signal = 0;
            if (sigwait(&set_, &signal) != 0) {
                continue;
            }
            if (signal == SIGHUP) {
                reload();
            } else if (signal != SIGUSR1) {
                return Next::kEnd;
            } else if (anew_.exchange(false)) {
                return Next::kAnew;
            }
        }
    }
    /// Lets wait() return. By any thread.
    void begin_anew() {
        anew_ = true;
        ::kill(::getpid(), SIGUSR1);
    }

private:
    sigset_t set_{};
    std::atomic<bool> anew_{false};
};

/// Does what has to be done each minute, until it is destroyed.
class EachMinute {
public:
    explicit EachMinute(std::function<void()> work)
        : thread_([this, work = std::move(work)](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              while (!wake_.wait_for(lock, stop, std::chrono::minutes(1), [&stop] { return stop.stop_requested(); })) {
                  work();
              }
          }) {}

private:
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

/// How the server may be reached, decided before anything is opened.
struct Door {
    bool loopback = true;
    std::optional<net::TlsFiles> tls;
    bool own_certificate = false;  ///< Tidemark makes it, and the next one

    [[nodiscard]] const char* scheme() const { return tls ? "https" : "http"; }
};

base::Result<Door> door_of(const ServeCommand& command) {
    Door door;
    door.loopback = is_loopback(command.listen);
    const bool named_files = !command.certificate.certificate_file.empty() || !command.certificate.key_file.empty();
    if (!door.loopback && command.allowed_hosts.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "--allowed-hosts is missing: beyond this machine, name the hosts people call the server by, "
                          "for example --allowed-hosts tidemark.example.org");
    }
    door.own_certificate = !named_files && !door.loopback && command.trusted_proxies.empty();
    if (named_files) {
        TIDEMARK_TRY(door.tls, certificate_for(command.workspace.data_dir, command.certificate, command.allowed_hosts,
                                               base::now()));
    }
    return door;
}

base::Result<void> reload_certificate(net::Server& server, const ServeCommand& command) {
    auto done = server.reload_tls();
    if (!done && !command.user.empty()) {
        return base::fail(done.error().code, done.error().message + " (read as " + command.user +
                                                 ", for whom the server gave up root: that account must be able to)");
    }
    return done;
}

/// Makes the next certificate before the one that Tidemark made ends, and serves with it.
void renew_certificate(const ServeCommand& command, const Door& door, net::Server& server) {
    // The time too: a new file may get the number of the old one.
    const auto which = [&door] {
        const auto identity = sys::identity_of(door.tls->certificate_file);
        return identity ? std::pair(identity->inode, identity->mtime_ns) : std::pair<std::uint64_t, std::int64_t>();
    };
    const auto before = which();
    const auto files =
        certificate_for(command.workspace.data_dir, command.certificate, command.allowed_hosts, base::now());
    if (!files) {
        log::error("certificate_not_renewed", {{"reason", files.error().message}});
    } else if (which() != before) {
        if (auto done = reload_certificate(server, command); done) {
            log::info("certificate_renewed");
        } else {
            log::error("certificate_kept", {{"reason", done.error().message}});
        }
    }
}

/// Where people call the server, for links.
std::string link_address(const net::Server& server, const Door& door, const ServeCommand& command) {
    if (!door.loopback) {
        return address_of("0.0.0.0:" + std::to_string(server.port()), true, command.allowed_hosts,
                          command.trusted_proxies);
    }
    return std::string(door.scheme()) + "://" + server.addresses().front();
}

/// The same for links in mails: behind a proxy on this machine people call it by another address.
std::string mail_address(const net::Server& server, const Door& door, const ServeCommand& command) {
    const bool named = !command.allowed_hosts.empty() && (door.tls || !command.trusted_proxies.empty());
    return named ? address_of("0.0.0.0:" + std::to_string(server.port()), true, command.allowed_hosts,
                              command.trusted_proxies)
                 : link_address(server, door, command);
}

/// Says how to get in: addresses, the certificate, and a link that works once.
void greet(const net::Server& server, const Door& door, const std::string& address,
           const std::optional<identity::OneTimeLink>& link) {
    for (const std::string& one : server.addresses()) {
        std::printf("Tidemark is at %s://%s\n", door.scheme(), one.c_str());
    }
    if (door.tls) {
        if (const auto facts = net::certificate_facts(door.tls->certificate_file)) {
            std::printf("Its certificate's SHA-256 fingerprint is %s%s\n", facts->fingerprint.c_str(),
                        facts->self_signed ? " (made by Tidemark: browsers ask once)" : "");
        }
    }
    if (link) {
        const bool setup = link->purpose == store::LinkPurpose::kSetup;
        std::printf("%s %s/%s#%s\n",
                    setup ? "Protect it with an account, by this link that works once:"
                          : "Sign in on this machine, by this link that works once:",
                    address.c_str(), setup ? "setup" : "link", link->token.c_str());
    }
    std::fflush(stdout);
}

/// With the operator's list of breached passwords, if there is one.
base::Result<identity::AccountsOptions> accounts_options(const ServeCommand& command) {
    identity::AccountsOptions options;
    if (!command.breached_passwords.empty()) {
        TIDEMARK_TRY(auto opened, crypto::BreachedPasswords::open(command.breached_passwords));
        options.breached =
            [list = std::make_shared<const crypto::BreachedPasswords>(std::move(opened))](std::string_view password) {
                auto known = list->contains(password);
                if (!known) {
                    log::error("breached_passwords_failed", {{"reason", known.error().message}});
                }
                return known;
            };
    }
    return options;
}

query::Engine::Options engine_options(const std::string& data_dir, ServerServices& services) {
    query::Engine::Options options;
    options.data_dir = data_dir;
    options.context_windows = [&services](std::string_view model) -> std::optional<std::int64_t> {
        const auto book = services.book();
        const pricing::ResolvedModel resolved = book->resolve(model);
        return resolved.prices != nullptr && resolved.prices->context_window > 0
                   ? std::optional(resolved.prices->context_window)
                   : std::nullopt;
    };
    options.model_labels = [&services](std::string_view model) {
        const auto book = services.book();
        const pricing::ResolvedModel resolved = book->resolve(model);
        return resolved.prices != nullptr ? resolved.prices->display : std::string(model);
    };
    return options;
}

/// What is there before the databases are opened, and stays when they are put back from a backup.
struct Threshold {
    Signals signals;
    Door door;
    net::ServerOptions options;
    std::shared_ptr<net::Entrance> entrance;
    std::optional<demo::LiveDemo> live_demo;
    std::optional<DemoWriter> demo_writer;
};

/// From opening the databases to closing them.
base::Result<Next> run_once(const ServeCommand& command, Threshold& threshold) {
    const Door& door = threshold.door;
    const std::string& data_dir = command.workspace.data_dir;
    TIDEMARK_TRY([[maybe_unused]] const bool restored, backup::finish_restore(data_dir));
    TIDEMARK_TRY(std::unique_ptr<store::Writer> writer, store::Writer::open(data_dir));
    // Who makes the folder private only from now on has it private from now on; a folder of somebody else stays as it
    // is.
    (void)::chmod(data_dir.c_str(), 0700);
    TIDEMARK_TRY(crypto::KeyRing ring, open_key_ring(data_dir, command.keys));
    TIDEMARK_TRY(identity::AccountsOptions options, accounts_options(command));
    TIDEMARK_TRY(const std::unique_ptr<identity::Accounts> accounts,
                 identity::Accounts::open(data_dir, ring, std::move(options), base::now()));
    TIDEMARK_TRY(
        const std::unique_ptr<provider::Provider> oidc,
        provider::Provider::open(*accounts, [](const net::FetchRequest& request) { return net::fetch(request); }));
    TIDEMARK_TRY(const std::unique_ptr<mail::Mailer> mailer, mail::Mailer::open(*accounts, {}));
    std::unique_ptr<log::AccessLog> access_log;
    if (command.access_log || !door.loopback) {
        TIDEMARK_TRY(access_log, log::AccessLog::open(data_dir + "/access.log"));
    }
    TIDEMARK_CHECK_OK(writer->ensure_list_indexes());
    TIDEMARK_TRY(std::vector<api::PriceOverride> overrides, load_overrides(*writer));
    TIDEMARK_TRY(api::Settings settings, load_settings(*writer));
    TIDEMARK_TRY(const api::BackupSettings backup_settings, load_backup_settings(*writer));
    TIDEMARK_TRY(const auto book, load_book(data_dir, overrides));
    TIDEMARK_TRY(const auto repriced, ingest::reprice_if_changed(*writer, *book));
    if (repriced && repriced->requests > 0) {
        log::info("prices_changed", {{"requests", repriced->requests},
                                     {"before_usd", base::to_decimal(repriced->before)},
                                     {"after_usd", base::to_decimal(repriced->after)}});
    }
    ServerServices services(data_dir, book, std::move(overrides), std::move(settings));
    TIDEMARK_TRY(const std::unique_ptr<query::Engine> engine, query::Engine::open(engine_options(data_dir, services)));
    services.set_engine(engine.get());
    live::Feed feed(engine->seq());

    ingest::Collector::Options collector_options;
    collector_options.roots = command.workspace.transcripts;
    collector_options.book = book;
    collector_options.feed = &feed;
    collector_options.on_commit = [&engine](const store::Commit& commit) {
        if (auto applied = engine->apply(commit); !applied) {
            log::error("apply_failed", {{"reason", applied.error().message}});
        }
    };
    ingest::Collector collector(std::move(writer), std::move(collector_options));
    services.set_collector(&collector);

    std::atomic<net::Server*> running{nullptr};
    const auto end_streams = [&running, &accounts] {
        if (net::Server* const server = running.load()) {
            server->end_streams(
                [&accounts](const net::Caller& caller) { return !api::still_allowed(*accounts, caller, base::now()); });
        }
    };
    SystemFacts facts;
    facts.data_dir = data_dir;
    facts.tls = door.tls;
    facts.started = base::now();
    api::ApiContext context{.questions = api::questions_of(*engine), .feed = feed};
    context.people.accounts = accounts.get();
    context.people.loopback = door.loopback;
    context.people.oidc = oidc.get();
    context.people.mail = mailer.get();
    context.people.forget = [&collector, &accounts](const identity::Erasure& erasure) {
        forget(collector, *accounts, erasure);
    };
    context.people.access_changed = end_streams;
    context.prices = services.prices();
    context.settings = services.settings();
    context.sources = [&services] { return services.sources(); };
    context.readiness = [&services] { return services.readiness(); };
    std::optional<KeyKeeper> keys;
    context.system.get = [&facts, &running, &accounts, &keys]() -> base::Result<api::System> {
        api::System system = system_of(facts, running.load(), *accounts);
        TIDEMARK_TRY(system.master_key, keys->state());
        return system;
    };
    context.system.rotate_master_key = [&keys](const identity::Act& act) { return keys->rotate(act); };
    context.system.reload_tls = [&running, &command] {
        net::Server* const server = running.load();
        return server != nullptr ? reload_certificate(*server, command)
                                 : base::fail(base::ErrorCode::kUnavailable, "the server is starting");
    };
    BackupKeeper backups(
        {.data_dir = data_dir,
         .ring = ring,
         .accounts = accounts.get(),
         .zone = [&services] { return services.zone(); },
         .wanted = [&accounts] { return accounts->directory()->active_accounts() > 0; },
         .save = [&collector](const api::BackupSettings& changed) -> base::Result<void> {
             return collector.set_setting(std::string(kBackupSettingsKey), json::to_text(changed)).get();
         },
         .told =
             [&accounts, &context, &feed](const std::optional<std::string>& problem) {
                 if (problem) {
                     const identity::Act self{identity::Caller::system(), {}, base::now()};
                     if (auto kept = accounts->record(self, "backup.failed", "backups", {}, {{"reason", *problem}});
                         !kept) {
                         log::error("accounts_failed", {{"reason", kept.error().message}});
                     }
                 }
                 ++context.changes;  // the overview says it
                 feed.announce(live::SettingsChanged{});
             },
         .begin_anew = [&threshold] { threshold.signals.begin_anew(); }},
        backup_settings);
    context.backups = backups.service();
    keys.emplace(KeyKeeper::Options{.data_dir = data_dir,
                                    .source = command.keys,
                                    .accounts = accounts.get(),
                                    .ring_changed =
                                        [&backups](const crypto::KeyRing& changed) { backups.use_key_ring(changed); }},
                 ring);
    context.server_stats = [&running] {
        net::Server* const server = running.load();
        return server != nullptr ? server->stats() : net::ServerStats{};
    };
    context.figures = [&services] { return services.figures(); };
    context.version = {std::string(kVersion), std::string(kCommit), {base::now()}, command.demo};

    net::Router router;
    router.serve_files(net::StaticFiles(embedded::web_app));
    api::mount(router, context);
    net::ServerOptions server_options = threshold.options;
    server_options.gate = api::make_gate(*accounts, {.loopback = door.loopback,
                                                     .time_zone = [&services] { return services.zone(); },
                                                     .member_names = [&engine] { return engine->member_names(); }});
    server_options.on_quiet = [] { malloc_trim(0); };
    server_options.observer = [&context, &access_log](const net::Served& served) {
        context.metrics.observe(served);
        if (access_log) {
            access_log->write({.time = base::now(),
                               .remote = served.remote,
                               .caller = served.caller,
                               .method = net::to_string(served.method),
                               .path = served.path,
                               .status = served.status,
                               .bytes = served.bytes,
                               .nanos = served.nanos,
                               .request_id = served.request_id});
        }
    };
    TIDEMARK_TRY(const std::unique_ptr<net::Server> server,
                 net::Server::start(server_options, std::move(router), threshold.entrance));
    running = server.get();
    mailer->set_address(mail_address(*server, door, command));
    const auto after_import = feed.subscribe([](std::uint64_t, const live::Event& event) {
        if (const auto* progress = std::get_if<live::ImportProgress>(&event);
            progress != nullptr && progress->finished) {
            malloc_trim(0);
        }
    });
    const auto subscription =
        api::connect(feed, [&server](api::SelectFrame select) { server->broadcast(std::move(select)); });

    collector.start();
    if (auto pending = accounts->pending_erasures()) {
        for (const identity::Erasure& erasure : *pending) {
            forget(collector, *accounts, erasure);
        }
    }
    if (threshold.live_demo) {
        threshold.demo_writer.emplace(*std::exchange(threshold.live_demo, std::nullopt));
    }
    const EachMinute keeper([&accounts, &access_log, &end_streams, &backups, &door, &command, &server] {
        if (auto done = accounts->tick(base::now()); !done) {
            log::error("accounts_failed", {{"reason", done.error().message}});
        }
        end_streams();
        backups.tick();
        if (door.tls && door.own_certificate) {
            renew_certificate(command, door, *server);
        }
        if (access_log) {
            access_log->flush();
        }
    });
    TIDEMARK_TRY(const auto link, accounts->first_link(door.loopback, base::now()));
    const std::string address = link_address(*server, door, command);
    const AccountDesk desk{accounts.get(), &*keys, address};
    auto control = sys::LocalServer::start(control_socket(data_dir), [&desk, &end_streams](std::string_view question) {
        std::string reply = answer(desk, question);
        end_streams();
        return reply;
    });
    if (!control) {
        log::error("control_socket_failed", {{"reason", control.error().message}});
    }
    greet(*server, door, address, link);
    const Next next = threshold.signals.wait([&server, &door, &command] {
        if (!door.tls) {
            return;
        }
        if (auto done = reload_certificate(*server, command); done) {
            log::info("certificate_reloaded");
        } else {
            log::error("certificate_kept", {{"reason", done.error().message}});
        }
    });
    std::fputs(next == Next::kEnd ? "Stopping …\n" : "Going back to a backup …\n", stderr);
    control = nullptr;
    server->stop();
    running = nullptr;
    if (next == Next::kEnd) {
        threshold.demo_writer.reset();
    }
    collector.stop();
    return next;
}

/// All that needs root is open: the port and the named certificate.
base::Result<void> give_up_root(const std::optional<sys::Account>& account, const std::string& data_dir) {
    sys::forbid_core_files();
    if (!sys::is_root()) {
        if (account && account->user != ::geteuid()) {
            return base::fail(base::ErrorCode::kPermissionDenied,
                              "only root can become " + account->name + ": start as root, or leave --user out");
        }
        return {};
    }
    if (!account) {
        std::fputs("tidemark: this is root, which the server does not need: name an account of its own, --user NAME\n",
                   stderr);
        return {};
    }
    TIDEMARK_CHECK_OK(sys::give_folder(data_dir, *account, store::kDatabaseName));
    return sys::become(*account);
}

base::Result<void> run(ServeCommand command) {
    Threshold threshold;
    if (command.demo) {
        command.workspace.data_dir += "-demo";
        command.workspace.transcripts = {command.workspace.data_dir + "/claude"};
    }
    TIDEMARK_TRY(threshold.door, door_of(command));
    std::optional<sys::Account> account;
    if (!command.user.empty()) {
        TIDEMARK_TRY(account, sys::find_account(command.user));
    }
    net::ServerOptions& options = threshold.options;
    options.listen = command.listen;
    options.allow_remote = !threshold.door.loopback;
    options.tls = threshold.door.tls;
    options.trusted_proxies = command.trusted_proxies;
    options.allowed_hosts = command.allowed_hosts;
    TIDEMARK_TRY(threshold.entrance, net::Entrance::open(options));
    if (options.tls) {
        TIDEMARK_CHECK_OK(threshold.entrance->load(*options.tls));
    }
    TIDEMARK_CHECK_OK(give_up_root(account, command.workspace.data_dir));
    if (threshold.door.own_certificate) {
        TIDEMARK_TRY(options.tls, certificate_for(command.workspace.data_dir, command.certificate,
                                                  command.allowed_hosts, base::now()));
        threshold.door.tls = options.tls;
        TIDEMARK_CHECK_OK(threshold.entrance->load(*options.tls));
    }
    if (command.demo) {
        TIDEMARK_CHECK_OK(sys::make_directories(command.workspace.data_dir));
        std::fputs("Making a year of demo data …\n", stderr);
        demo::DemoOptions demo_options;
        demo_options.out = command.workspace.transcripts.front();
        demo_options.now = base::now();
        TIDEMARK_TRY(threshold.live_demo, demo::LiveDemo::open(demo_options));
    }
    for (Next next = Next::kAnew; next == Next::kAnew;) {
        TIDEMARK_TRY(next, run_once(command, threshold));
    }
    return {};
}

}  // namespace

int serve(const ServeCommand& command) {
    // Few arenas, whose free memory serves the next question instead of being faulted in anew for each; it goes back to
    // the system after the import and when nobody is connected.
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    if (auto done = run(command); !done) {
        return report_failure(done.error());
    }
    return kDone;
}

}  // namespace tidemark::app
