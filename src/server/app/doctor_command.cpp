// Says what is found, what is missing and what to do about it.
#include <algorithm>
#include <cstdio>
#include <map>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/json/write.hpp"
#include "ledger/sources/transcripts/client_settings.hpp"
#include "ledger/store/store.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

constexpr std::int64_t kShownBadLines = 20;

struct Finding {
    enum class Level { kOk, kWarn, kFail };
    Level level = Level::kOk;
    std::string what;
    std::string advice;  ///< Empty: nothing to do
};

std::string megabytes(std::int64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    return text;
}

std::string plural(std::int64_t count, const char* one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// The folder above projects/: the client's settings lie there.
std::string config_home(const std::string& projects) { return projects.substr(0, projects.rfind('/')); }

void check_roots(const std::vector<std::string>& given, std::vector<Finding>& findings) {
    const ingest::SourceRoots roots = ingest::resolve_roots(given);
    const base::UnixMillis now = base::now();
    for (const std::string& root : roots.projects) {
        const sys::WalkResult walk = sys::walk(root, ".jsonl");
        std::int64_t bytes = 0;
        base::UnixMillis newest = 0;
        base::UnixMillis oldest = now;
        for (const sys::FoundFile& file : walk.files) {
            bytes += file.identity.size;
            newest = std::max(newest, file.identity.mtime_ns / 1'000'000);
            oldest = std::min(oldest, file.identity.mtime_ns / 1'000'000);
        }
        std::string what =
            root + ": " + plural(static_cast<std::int64_t>(walk.files.size()), "transcript") + ", " + megabytes(bytes);
        if (newest > 0) {
            what += ", last written " + base::to_rfc3339(newest);
        }
        if (sys::needs_polling(root)) {
            what += " (network file system: looked at every 2 s)";
        }
        findings.push_back(
            {walk.files.empty() ? Finding::Level::kWarn : Finding::Level::kOk, what,
             walk.files.empty() ? "use Claude Code once, or give another folder with --transcripts" : ""});
        for (const sys::WalkProblem& problem : walk.problems) {
            findings.push_back({Finding::Level::kFail, "cannot read " + problem.path + ": " + problem.reason,
                                "make it readable for the user that runs Tidemark"});
        }
        const std::int64_t days = transcripts::cleanup_period_days(config_home(root));
        const std::int64_t soon = std::count_if(walk.files.begin(), walk.files.end(), [&](const sys::FoundFile& file) {
            return now - file.identity.mtime_ns / 1'000'000 > (days - 3) * base::kDay;
        });
        findings.push_back(
            {soon > 0 ? Finding::Level::kWarn : Finding::Level::kOk,
             "Claude Code deletes transcripts after " + plural(days, "day") + " (cleanupPeriodDays)" +
                 (soon > 0 ? "; " + plural(soon, "file") + " will go within 3 days or at its next start" : ""),
             soon > 0 ? "what the data folder holds is safe; raise cleanupPeriodDays in " + config_home(root) +
                            "/settings.json to keep the files themselves"
                      : ""});
    }
    for (const std::string& folder : roots.missing) {
        findings.push_back(
            {roots.projects.empty() ? Finding::Level::kWarn : Finding::Level::kOk, folder + ": not there",
             roots.projects.empty() ? "give the folder with --transcripts, or set CLAUDE_CONFIG_DIR" : ""});
    }
}

base::Result<void> check_store(const std::string& data_dir, std::vector<Finding>& findings) {
    TIDEMARK_TRY(store::Database database, store::open_reader(data_dir));
    TIDEMARK_TRY(
        store::Statement totals,
        database.prepare("SELECT count(*), ifnull(min(time), 0), ifnull(max(time), 0), ifnull(sum(flags & 1), 0),"
                         " ifnull(sum(cost IS NULL), 0) FROM requests"));
    TIDEMARK_TRY(const bool row, totals.step());
    if (row && totals.column_int(0) > 0) {
        findings.push_back({Finding::Level::kOk,
                            "stored for good: " + plural(totals.column_int(0), "request") + " from " +
                                base::to_rfc3339(totals.column_int(1)) + " to " +
                                base::to_rfc3339(totals.column_int(2)),
                            ""});
        if (totals.column_int(3) > 0) {
            findings.push_back({Finding::Level::kWarn,
                                plural(totals.column_int(3), "request") +
                                    " whose final output count the client never wrote: their output is a lower bound",
                                ""});
        }
    }
    TIDEMARK_TRY(
        store::Statement unknown,
        database.prepare("SELECT n.text, count(*) FROM requests r JOIN dims d ON d.id = r.dim_id"
                         " JOIN names n ON n.id = d.model_id WHERE r.cost IS NULL GROUP BY 1 ORDER BY 2 DESC"));
    for (;;) {
        TIDEMARK_TRY(const bool more, unknown.step());
        if (!more) {
            break;
        }
        findings.push_back({Finding::Level::kWarn,
                            "no price for model " + std::string(unknown.column_text(0)) + ": the cost of " +
                                plural(unknown.column_int(1), "request") + " is unknown",
                            "add it to " + data_dir + "/" + std::string(kPriceFile) + " or on the settings page"});
    }
    TIDEMARK_TRY(const std::int64_t bad_count, database.query_int("SELECT count(*) FROM bad_lines"));
    if (bad_count > 0) {
        findings.push_back({Finding::Level::kWarn, plural(bad_count, "line") + " could not be read", ""});
        TIDEMARK_TRY(
            store::Statement bad,
            database.prepare("SELECT f.path, b.line, b.reason FROM bad_lines b JOIN files f ON f.id = b.file_id"
                             " ORDER BY b.seen DESC, f.path, b.line LIMIT ?1"));
        bad.bind(1, kShownBadLines);
        for (;;) {
            TIDEMARK_TRY(const bool more, bad.step());
            if (!more) {
                break;
            }
            findings.push_back({Finding::Level::kWarn,
                                "  " + std::string(bad.column_text(0)) + ":" + std::to_string(bad.column_int(1)) +
                                    ": " + std::string(bad.column_text(2)),
                                ""});
        }
        if (bad_count > kShownBadLines) {
            findings.push_back(
                {Finding::Level::kWarn, "  … and " + std::to_string(bad_count - kShownBadLines) + " more", ""});
        }
    }
    return {};
}

}  // namespace

int doctor(const DoctorCommand& command) {
    std::vector<Finding> findings;
    check_roots(command.workspace.transcripts, findings);

    // Bring the store up to date, so that what is said below is about now. A running server holds the store: then it
    // does that.
    auto updated = bring_up_to_date(command.workspace);
    if (updated) {
        findings.push_back({Finding::Level::kOk, "data folder " + command.workspace.data_dir, ""});
        updated->writer.reset();
    } else if (updated.error().code == base::ErrorCode::kUnavailable) {
        findings.push_back({Finding::Level::kOk, updated.error().message + ": reading what it has stored", ""});
    } else {
        findings.push_back({Finding::Level::kFail, updated.error().message, ""});
    }
    if (auto checked = check_store(command.workspace.data_dir, findings); !checked) {
        findings.push_back({Finding::Level::kFail, checked.error().message, ""});
    }

    bool failed = false;
    bool warned = false;
    if (command.json) {
        std::string out = "{\"findings\":[";
        for (const Finding& finding : findings) {
            if (&finding != findings.data()) {
                out += ',';
            }
            out += "{\"level\":";
            json::append_string(out, finding.level == Finding::Level::kOk     ? "ok"
                                     : finding.level == Finding::Level::kWarn ? "warning"
                                                                              : "error");
            out += ",\"what\":";
            json::append_string(out, finding.what);
            out += ",\"advice\":";
            json::append_string(out, finding.advice);
            out += '}';
        }
        std::puts((out + "]}").c_str());
    }
    for (const Finding& finding : findings) {
        failed |= finding.level == Finding::Level::kFail;
        warned |= finding.level == Finding::Level::kWarn;
        if (!command.json) {
            const char* const mark = finding.level == Finding::Level::kOk     ? "ok  "
                                     : finding.level == Finding::Level::kWarn ? "warn"
                                                                              : "FAIL";
            std::printf("%s  %s\n", mark, finding.what.c_str());
            if (!finding.advice.empty()) {
                std::printf("      -> %s\n", finding.advice.c_str());
            }
        }
    }
    return failed ? kFailed : warned ? kIncomplete : kDone;
}

}  // namespace tidemark::app
