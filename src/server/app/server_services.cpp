#include "server/app/server_services.hpp"

#include <algorithm>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/json/write.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::app {

namespace {

std::optional<api::Time> time_or_null(base::UnixMillis time) {
    return time > 0 ? std::optional(api::Time{time}) : std::nullopt;
}

std::string label_value(std::string_view text) {
    std::string out;
    json::append_string(out, text);  // Prometheus escapes the same three characters
    return out;
}

}  // namespace

ServerServices::ServerServices(std::string data_dir, std::shared_ptr<const pricing::PriceBook> book,
                               std::vector<api::PriceOverride> overrides, api::Settings settings)
    : data_dir_(std::move(data_dir)),
      book_(std::move(book)),
      overrides_(std::move(overrides)),
      settings_(std::move(settings)) {}

std::shared_ptr<const pricing::PriceBook> ServerServices::book() const {
    const std::lock_guard lock(mutex_);
    return book_;
}

api::PriceService ServerServices::prices() {
    return {[this] { return book(); },
            [this]() -> base::Result<std::vector<api::UnknownModel>> { return unknown_models(); },
            [this]() -> base::Result<std::vector<api::PriceOverride>> {
                const std::lock_guard lock(mutex_);
                return overrides_;
            },
            [this](const std::vector<api::PriceOverride>& overrides) { return replace_overrides(overrides); }};
}

std::vector<api::UnknownModel> ServerServices::unknown_models() const {
    std::vector<api::UnknownModel> models;
    if (engine_ != nullptr) {
        for (const query::UnpricedModel& model : engine_->unpriced_models()) {
            models.push_back({model.model, model.requests, model.tokens, {model.first_seen}});
        }
    }
    return models;
}

base::Result<api::Repricing> ServerServices::replace_overrides(const std::vector<api::PriceOverride>& overrides) {
    if (collector_ == nullptr) {
        return base::fail(base::ErrorCode::kUnavailable, "the server is starting");
    }
    TIDEMARK_TRY(auto book, load_book(data_dir_, overrides));
    std::string text;
    json::append(text, api::PriceOverrides{overrides});
    TIDEMARK_CHECK_OK(collector_->set_setting(std::string(kPriceOverridesKey), text).get());
    TIDEMARK_TRY(const store::RepriceReport report, collector_->reprice(book).get());
    {
        const std::lock_guard lock(mutex_);
        book_ = std::move(book);
        overrides_ = overrides;
    }
    api::Repricing result;
    result.repriced_requests = report.requests;
    result.cost_before = report.before;
    result.cost_after = report.after;
    for (const store::RepricedModel& model : report.models) {
        result.changed_models.push_back({model.model, model.before, model.after});
    }
    return result;
}

api::SettingsService ServerServices::settings() {
    return {[this] {
                const std::lock_guard lock(mutex_);
                return settings_;
            },
            [this](const api::Settings& settings) { return put_settings(settings); }};
}

base::TimeZone ServerServices::zone() const {
    const std::lock_guard lock(mutex_);
    auto zone = base::TimeZone::load(settings_.time_zone.value_or("local"));
    return zone ? std::move(*zone) : base::TimeZone();
}

base::Result<void> ServerServices::put_settings(const api::Settings& settings) {
    if (collector_ == nullptr) {
        return base::fail(base::ErrorCode::kUnavailable, "the server is starting");
    }
    std::string text;
    json::append(text, settings);
    TIDEMARK_CHECK_OK(collector_->set_setting(std::string(kSettingsKey), text).get());
    const std::lock_guard lock(mutex_);
    settings_ = settings;
    return {};
}

api::Readiness ServerServices::readiness() const {
    api::Readiness result;
    if (collector_ == nullptr) {
        return result;
    }
    const ingest::CollectorStatus status = collector_->status();
    result.ready = status.first_scan_done && status.failure.empty();
    result.progress = {status.first_scan_done ? api::Phase::kReady : api::Phase::kImport, status.progress.files_done,
                       status.progress.files_total, status.progress.bytes_done, status.progress.bytes_total};
    return result;
}

api::Sources ServerServices::sources() const {
    api::Sources result;
    result.data_dir = data_dir_;
    result.schema_version = store::kSchemaVersion;
    if (collector_ != nullptr) {
        const ingest::CollectorStatus status = collector_->status();
        for (const ingest::RootStatus& root : status.roots) {
            api::SourceRoot entry;
            entry.path = root.path;
            entry.exists = root.exists;
            entry.files = root.files;
            entry.bytes = root.bytes;
            entry.newest = time_or_null(root.newest);
            entry.watch = root.polling ? api::WatchMode::kPolling : api::WatchMode::kInotify;
            if (root.exists) {
                entry.cleanup_period_days = root.cleanup_period_days;
            }
            result.files += root.files;
            result.bytes += root.bytes;
            result.roots.push_back(std::move(entry));
        }
        for (const ingest::SourceProblem& problem : status.problems) {
            result.problems.push_back({problem.file, problem.line, problem.reason, {problem.seen}});
        }
        if (!status.failure.empty()) {
            result.problems.push_back({data_dir_, 0, status.failure, {base::now()}});
        }
        result.scanned_at = time_or_null(status.scanned_at);
    }
    if (engine_ != nullptr) {
        const model::Measures all = engine_->everything();
        result.requests = all.requests;
        result.incomplete = all.incomplete_requests;
    }
    if (auto read = read_stored(result); !read) {
        result.problems.push_back({data_dir_, 0, read.error().message, {base::now()}});
    }
    return result;
}

base::Result<void> ServerServices::read_stored(api::Sources& sources) const {
    const std::lock_guard lock(stored_mutex_);
    Stored& stored = stored_;
    if (!stored.reader) {
        TIDEMARK_TRY(stored.reader, store::open_reader(data_dir_));
        stored.data_version = -1;
    }
    store::Database& database = *stored.reader;
    TIDEMARK_TRY(const std::int64_t data_version, database.query_int("PRAGMA data_version"));
    if (data_version != stored.data_version) {
        TIDEMARK_TRY(stored.rows, database.query_int("SELECT ifnull(sum(rows), 0) FROM files"));
        TIDEMARK_TRY(stored.bad_lines, database.query_int("SELECT count(*) FROM bad_lines"));
        TIDEMARK_TRY(const std::int64_t first, database.query_int("SELECT ifnull(min(started), 0) FROM sessions"));
        TIDEMARK_TRY(const std::int64_t oldest,
                     database.query_int("SELECT ifnull(min(mtime_ns), 0) / 1000000 FROM files WHERE gone = 0"));
        TIDEMARK_TRY(stored.bytes,
                     database.query_int("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"));
        stored.safe_since = time_or_null(first);
        stored.oldest_transcript = time_or_null(oldest);
        stored.problems.clear();
        TIDEMARK_TRY(store::Statement bad,
                     database.prepare("SELECT f.path, b.line, b.reason, b.seen FROM bad_lines b JOIN files f"
                                      " ON f.id = b.file_id ORDER BY b.seen DESC LIMIT 200"));
        for (;;) {
            TIDEMARK_TRY(const bool row, bad.step());
            if (!row) {
                break;
            }
            stored.problems.push_back({std::string(bad.column_text(0)),
                                       bad.column_int(1),
                                       std::string(bad.column_text(2)),
                                       {bad.column_int(3)}});
        }
        stored.data_version = data_version;
    }
    sources.duplicates = std::max<std::int64_t>(0, stored.rows - sources.requests);
    sources.bad_lines = stored.bad_lines;
    sources.safe_since = stored.safe_since;
    sources.oldest_transcript = stored.oldest_transcript;
    sources.database_bytes = stored.bytes;
    sources.problems.insert(sources.problems.end(), stored.problems.begin(), stored.problems.end());
    return {};
}

std::vector<api::Figure> ServerServices::figures() const {
    if (collector_ == nullptr) {
        return {};
    }
    const ingest::CollectorStatus status = collector_->status();
    std::vector<api::Figure> figures{
        {"tidemark_ingest_commits_total", "Batches stored since the start", static_cast<double>(status.commits)},
        {"tidemark_ingest_rows_total", "Request rows read since the start, repetitions included",
         static_cast<double>(status.rows)},
        {"tidemark_ingest_ready", "1 once the first scan is done", status.first_scan_done ? 1.0 : 0.0},
        {"tidemark_ingest_failing", "1 while nothing can be stored", status.failure.empty() ? 0.0 : 1.0},
    };
    for (const ingest::RootStatus& root : status.roots) {
        figures.push_back({"tidemark_source_files", "Transcripts below a folder", static_cast<double>(root.files),
                           "path=" + label_value(root.path)});
    }
    return figures;
}

}  // namespace tidemark::app
