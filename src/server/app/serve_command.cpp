// The server: collector, query engine, live feed and HTTP put together, and taken apart again on SIGINT or SIGTERM.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>

#include <malloc.h>
#include <pthread.h>

#include "desk/demo/demo.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/base/embedded.hpp"
#include "foundation/log/log.hpp"
#include "foundation/net/server.hpp"
#include "ledger/ingest/service.hpp"
#include "ledger/live/feed.hpp"
#include "ledger/query/query.hpp"
#include "server/api/api.hpp"
#include "server/app/build_info.hpp"
#include "server/app/commands.hpp"
#include "server/app/server_services.hpp"

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

/// Blocks SIGINT and SIGTERM in this thread and those it starts, so that wait() gets them.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }
    void wait() const {
        int signal = 0;
        while (sigwait(&set_, &signal) != 0) {
        }
    }

private:
    sigset_t set_{};
};

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

base::Result<void> run(ServeCommand command) {
    const StopSignals signals;
    std::optional<demo::LiveDemo> live_demo;
    if (command.demo) {
        command.workspace.data_dir += "-demo";
        command.workspace.transcripts = {command.workspace.data_dir + "/claude"};
        TIDEMARK_CHECK_OK(sys::make_directories(command.workspace.data_dir));
        std::fputs("Making a year of demo data …\n", stderr);
        demo::DemoOptions options;
        options.out = command.workspace.transcripts.front();
        options.now = base::now();
        TIDEMARK_TRY(live_demo, demo::LiveDemo::open(options));
    }

    TIDEMARK_TRY(std::unique_ptr<store::Writer> writer, store::Writer::open(command.workspace.data_dir));
    TIDEMARK_CHECK_OK(writer->ensure_list_indexes());
    TIDEMARK_TRY(std::vector<api::PriceOverride> overrides, load_overrides(*writer));
    TIDEMARK_TRY(api::Settings settings, load_settings(*writer));
    TIDEMARK_TRY(const auto book, load_book(command.workspace.data_dir, overrides));
    TIDEMARK_TRY(const auto repriced, ingest::reprice_if_changed(*writer, *book));
    if (repriced && repriced->requests > 0) {
        log::info("prices_changed", {{"requests", repriced->requests},
                                     {"before_usd", base::to_decimal(repriced->before)},
                                     {"after_usd", base::to_decimal(repriced->after)}});
    }
    ServerServices services(command.workspace.data_dir, book, std::move(overrides), std::move(settings));
    TIDEMARK_TRY(const std::unique_ptr<query::Engine> engine,
                 query::Engine::open(engine_options(command.workspace.data_dir, services)));
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
    api::ApiContext context{api::questions_of(*engine),
                            feed,
                            services.prices(),
                            services.settings(),
                            [&services] { return services.sources(); },
                            [&services] { return services.readiness(); },
                            [&running] {
                                net::Server* const server = running.load();
                                return server != nullptr ? server->stats() : net::ServerStats{};
                            },
                            [&services] { return services.figures(); },
                            {std::string(kVersion), std::string(kCommit), {base::now()}, command.demo}};
    net::Router router;
    router.serve_files(net::StaticFiles(embedded::web_app));
    api::mount(router, context);
    net::ServerOptions server_options;
    server_options.listen = command.listen;
    server_options.allowed_hosts = command.allowed_hosts;
    server_options.on_quiet = [] { malloc_trim(0); };
    server_options.observer = [&context](const net::Served& served) { context.metrics.observe(served); };
    TIDEMARK_TRY(const std::unique_ptr<net::Server> server, net::Server::start(server_options, std::move(router)));
    running = server.get();
    const auto after_import = feed.subscribe([](std::uint64_t, const live::Event& event) {
        if (const auto* progress = std::get_if<live::ImportProgress>(&event);
            progress != nullptr && progress->finished) {
            malloc_trim(0);
        }
    });
    const auto subscription = api::connect(feed, [&server](net::Frame frame) { server->broadcast(std::move(frame)); });

    collector.start();
    std::optional<DemoWriter> demo_writer;
    if (live_demo) {
        demo_writer.emplace(std::move(*live_demo));
    }
    for (const std::string& address : server->addresses()) {
        std::printf("Tidemark is at http://%s\n", address.c_str());
    }
    std::fflush(stdout);
    signals.wait();
    std::fputs("Stopping …\n", stderr);
    server->stop();
    running = nullptr;
    demo_writer.reset();
    collector.stop();
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
