#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <future>

#include "desk/reports/report.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/config/config.hpp"
#include "foundation/sys/memory.hpp"
#include "ledger/query/query.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

constexpr std::size_t kPipeWidth = 120;
constexpr std::size_t kHeap = std::size_t{48} << 20;

std::size_t terminal_width() {
    if (const auto columns = config::environment("COLUMNS")) {
        const long width = std::strtol(columns->c_str(), nullptr, 10);
        if (width > 0) {
            return static_cast<std::size_t>(width);
        }
    }
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kPipeWidth;
}

base::Result<std::optional<base::CivilDate>> date_option(const char* name, const std::string& text) {
    if (text.empty()) {
        return std::optional<base::CivilDate>();
    }
    const auto date = base::parse_date(text);
    if (!date) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          std::string(name) + " '" + text + "' is not a day: write it as 2026-11-23 or 20261123");
    }
    return date;
}

base::Result<report::Options> to_options(const ReportCommand& command) {
    report::Options options;
    options.kind = report::kind_from(command.kind).value_or(report::Kind::kDaily);
    TIDEMARK_TRY(options.since, date_option("--since", command.since));
    TIDEMARK_TRY(options.until, date_option("--until", command.until));
    TIDEMARK_TRY(options.zone, base::TimeZone::load(command.timezone));
    options.week_start = command.week_start;
    options.projects = command.projects;
    options.models = command.models;
    options.breakdown = command.breakdown;
    options.now = base::now();
    return options;
}

/// Notes for people on standard error; true when whole files are missing from the figures. (A torn line is common, and
/// what it held comes again in the next row: it is told, but is no failure.)
bool tell_gaps(const ingest::ImportSummary& summary, const std::vector<std::string>& missing_roots) {
    if (summary.files == 0 && !missing_roots.empty()) {
        for (const std::string& folder : missing_roots) {
            std::fprintf(stderr, "tidemark: %s is not there\n", folder.c_str());
        }
        std::fputs("tidemark: no transcripts found: give their folder with --transcripts\n", stderr);
    }
    for (const sys::WalkProblem& problem : summary.problems) {
        std::fprintf(stderr, "tidemark: not read: %s: %s\n", problem.path.c_str(), problem.reason.c_str());
    }
    if (summary.bad_lines > 0) {
        std::fprintf(stderr, "tidemark: %lld lines could not be read: `tidemark doctor` lists them\n",
                     static_cast<long long>(summary.bad_lines));
    }
    return !summary.problems.empty();
}

/// Returns only when something failed.
base::Result<int> print(const ReportCommand& command) {
    TIDEMARK_TRY(const report::Options options, to_options(command));
    query::Engine::Options engine_options;
    engine_options.data_dir = command.workspace.data_dir;
    engine_options.readers = 1;
    engine_options.sums_only = true;
    // What the store holds already is loaded while the folders are searched for more; a first import has nothing to
    // load.
    std::future<base::Result<std::unique_ptr<query::Engine>>> loading;
    std::optional<store::Commit> news;
    int commits = 0;
    BringUpOptions bring_up;
    bring_up.publish_later = true;
    bring_up.on_opened = [&](const store::Writer& writer) {
        if (!writer.empty()) {
            loading = std::async(std::launch::async, query::Engine::open, engine_options);
        }
    };
    bring_up.on_commit = [&](const store::Commit& commit) {
        ++commits;
        if (loading.valid() && commits == 1) {
            news = commit;
        }
    };
    auto updated = bring_up_to_date(command.workspace, bring_up);
    bool gaps = false;
    if (updated) {
        gaps = tell_gaps(updated->summary, updated->missing_roots);
    } else if (updated.error().code != base::ErrorCode::kUnavailable) {
        return tl::unexpected<base::Error>(updated.error());
    }  // else a server holds the store and keeps it up to date

    std::unique_ptr<query::Engine> engine;
    if (loading.valid() && commits <= 1) {
        TIDEMARK_TRY(engine, loading.get());
        if (news) {
            TIDEMARK_CHECK_OK(engine->apply(*news));
        }
    } else {
        engine_options.database = updated ? updated->writer->path() : std::string();
        TIDEMARK_TRY(engine, query::Engine::open(engine_options));
    }
    TIDEMARK_TRY(const report::Report result, report::build(*engine, options));
    const std::string text = command.json ? report::to_json(result)
                             : command.csv
                                 ? report::to_csv(result)
                                 : report::to_text(result, {terminal_width(), ::isatty(STDOUT_FILENO) == 1 &&
                                                                                  !config::environment("NO_COLOR")});
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) {
        return base::fail_errno("write to standard output");
    }
    for (const std::string& model : result.unpriced_models) {
        std::fprintf(stderr, "tidemark: no price for model %s: its cost is unknown and not in the totals\n",
                     model.c_str());
    }
    if (updated) {
        TIDEMARK_CHECK_OK(updated->writer->publish());
        updated->writer.reset();
    }
    sys::end_short_run(gaps || !result.unpriced_models.empty() ? kIncomplete : kDone);
}

}  // namespace

int report(const ReportCommand& command) {
    sys::prepare_short_run(kHeap);
    auto done = print(command);
    return done ? *done : report_failure(done.error());
}

}  // namespace tidemark::app
