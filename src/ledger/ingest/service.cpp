#include "ledger/ingest/service.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <unordered_set>

#include <poll.h>

#include "foundation/base/clock.hpp"
#include "foundation/log/log.hpp"
#include "ledger/ingest/batch_builder.hpp"
#include "ledger/sources/transcripts/client_settings.hpp"

namespace tidemark::ingest {

namespace {

constexpr int kPollMillis = 2000;         // folders where inotify cannot work
constexpr int kMissingRootMillis = 1000;  // a config home that does not exist yet
constexpr int kRetryMillis = 5000;        // after a failed store (disk full)
constexpr int kCoalesceMillis = 4;        // the rows of one answer come within a few milliseconds
constexpr int kRemovalMillis = 1000;      // deletions come in crowds: one walk for all of them
constexpr int kNewFolderMillis = 20;      // a new project or session: look inside soon
// A change of more rows than this is an import, not something to watch happen: listeners fetch anew instead.
constexpr std::size_t kMaxToldDeltas = 256;
constexpr std::size_t kMaxProblems = 200;
constexpr std::string_view kBookKey = "price_book";

}  // namespace

base::Result<store::RepriceReport> reprice_all(store::Writer& writer, const pricing::PriceBook& book) {
    std::map<std::string, pricing::ResolvedModel, std::less<>> models;
    TIDEMARK_TRY(store::RepriceReport report, writer.reprice([&](const store::StoredRequest& request) {
        auto found = models.find(request.model_given);
        if (found == models.end()) {
            found = models.emplace(std::string(request.model_given), pricing::ResolvedModel{}).first;
            found->second = book.resolve(found->first);
        }
        store::Repriced result;
        result.model = found->second.id.empty() ? found->first : std::string(found->second.id);
        result.cost = price(book, found->second,
                            {request.time, request.tokens, request.web_searches, request.speed, request.tier,
                             request.geo, request.free_refusal});
        return result;
    }));
    TIDEMARK_CHECK_OK(writer.set_meta(kBookKey, std::to_string(book.fingerprint())));
    return report;
}

base::Result<std::optional<store::RepriceReport>> reprice_if_changed(store::Writer& writer,
                                                                     const pricing::PriceBook& book) {
    TIDEMARK_TRY(const std::optional<std::string> used, writer.meta(kBookKey));
    if (used == std::to_string(book.fingerprint())) {
        return std::optional<store::RepriceReport>();
    }
    if (writer.empty()) {
        TIDEMARK_CHECK_OK(writer.set_meta(kBookKey, std::to_string(book.fingerprint())));
        return std::optional<store::RepriceReport>();
    }
    TIDEMARK_TRY(store::RepriceReport report, reprice_all(writer, book));
    return std::optional(std::move(report));
}

struct Collector::State {
    State(std::unique_ptr<store::Writer> w, Options o) : writer(std::move(w)), options(std::move(o)) {}

    std::unique_ptr<store::Writer> writer;
    Options options;
    sys::WakeUp wake_up;
    std::atomic<bool> stopping{false};
    std::thread thread;

    mutable std::mutex mutex;  // guards the two below
    CollectorStatus status;
    std::vector<std::function<void()>> commands;

    // the collector's thread only
    FileTable files;
    std::optional<sys::Watcher> watcher;
    struct Root {
        std::string folder;
        bool polling = false;
    };
    std::vector<Root> roots;
    std::vector<std::string> missing;
    std::map<std::string, std::string> dirty;  // path -> root
    std::int64_t walk_due = 0;                 // monotonic time of the next full walk, 0 = none
    bool watch_again = false;                  // folders may be without a watch: add them anew with the next walk

    void run();
    void walk_in(int millis);
    void scan(bool first);
    void watch_tree(Root& root);
    void take_changes();
    void read_dirty();
    void run_commands();
    void committed(const store::Commit& commit);
    void failed(const base::Error& error);
    void note_walk(const ImportSummary& summary);
    [[nodiscard]] const Root* root_of(const std::string& path) const;
    [[nodiscard]] bool polls() const;
    [[nodiscard]] bool missing_appeared() const;
    [[nodiscard]] int timeout() const;
};

Collector::Collector(std::unique_ptr<store::Writer> writer, Options options)
    : state_(std::make_unique<State>(std::move(writer), std::move(options))) {}

Collector::~Collector() { stop(); }

void Collector::start() {
    state_->thread = std::thread([this] { state_->run(); });
}

void Collector::stop() {
    state_->stopping = true;
    state_->wake_up.signal();
    if (state_->thread.joinable()) {
        state_->thread.join();
    }
}

CollectorStatus Collector::status() const {
    const std::lock_guard lock(state_->mutex);
    return state_->status;
}

std::future<base::Result<store::RepriceReport>> Collector::reprice(std::shared_ptr<const pricing::PriceBook> book) {
    auto promise = std::make_shared<std::promise<base::Result<store::RepriceReport>>>();
    auto future = promise->get_future();
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        state.commands.emplace_back([&state, promise, book = std::move(book)] {
            auto report = reprice_all(*state.writer, *book);
            if (report) {
                state.options.book = book;
                state.committed(report->commit);
            }
            promise->set_value(std::move(report));
        });
    }
    state.wake_up.signal();
    return future;
}

std::future<base::Result<void>> Collector::set_setting(std::string key, std::string value) {
    auto promise = std::make_shared<std::promise<base::Result<void>>>();
    auto future = promise->get_future();
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        state.commands.emplace_back([&state, promise, key = std::move(key), value = std::move(value)] {
            promise->set_value(state.writer->set_setting(key, value));
        });
    }
    state.wake_up.signal();
    return future;
}

std::future<base::Result<void>> Collector::rename_member(std::string from, std::string to) {
    auto promise = std::make_shared<std::promise<base::Result<void>>>();
    auto future = promise->get_future();
    State& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        state.commands.emplace_back([&state, promise, from = std::move(from), to = std::move(to)] {
            auto commit = state.writer->rename_member(from, to);
            if (!commit) {
                promise->set_value(tl::unexpected<base::Error>(std::move(commit).error()));
                return;
            }
            state.committed(*commit);
            promise->set_value({});
        });
    }
    state.wake_up.signal();
    return future;
}

const Collector::State::Root* Collector::State::root_of(const std::string& path) const {
    for (const Root& root : roots) {
        if (path.size() > root.folder.size() && path.starts_with(root.folder) && path[root.folder.size()] == '/') {
            return &root;
        }
    }
    return nullptr;
}

void Collector::State::committed(const store::Commit& commit) {
    if (options.on_commit) {
        options.on_commit(commit);
    }
    {
        const std::lock_guard lock(mutex);
        ++status.commits;
        status.failure.clear();
    }
    if (options.feed == nullptr) {
        return;
    }
    model::UsageChange change;
    change.seq = commit.seq;
    change.time = commit.time;
    change.complete = !commit.rebuilt && commit.rollups.size() <= kMaxToldDeltas;
    if (change.complete) {
        change.new_sessions = commit.new_sessions;
        change.deltas.reserve(commit.rollups.size());
        for (const store::RollupDelta& rollup : commit.rollups) {
            const auto names = writer->describe(rollup.dim_id);
            if (!names) {
                change.complete = false;
                break;
            }
            const store::DimNames& dim = **names;
            change.deltas.push_back({rollup.quarter * base::kQuarter, dim.session, dim.project, dim.model, dim.branch,
                                     dim.member, dim.kind, rollup.change});
        }
    }
    options.feed->publish(std::move(change));
}

void Collector::State::failed(const base::Error& error) {
    log::error("store_failed", {{"reason", error.message}});
    const std::lock_guard lock(mutex);
    status.failure = error.message;
}

void Collector::State::walk_in(int millis) {
    const std::int64_t due = base::monotonic_nanos() + static_cast<std::int64_t>(millis) * 1'000'000;
    walk_due = walk_due == 0 ? due : std::min(walk_due, due);
}

void Collector::State::note_walk(const ImportSummary& summary) {
    std::map<std::string, RootStatus> by_root;
    for (const Root& root : roots) {
        RootStatus& entry = by_root[root.folder];
        entry.path = root.folder;
        entry.exists = true;
        entry.polling = root.polling;
        const std::size_t slash = root.folder.rfind('/');
        entry.cleanup_period_days = transcripts::cleanup_period_days(root.folder.substr(0, slash));
    }
    for (const auto& [path, entry] : files.entries()) {
        const Root* root = entry.gone ? nullptr : root_of(path);
        if (root != nullptr) {
            RootStatus& sum = by_root[root->folder];
            ++sum.files;
            sum.bytes += entry.state.identity.size;
            sum.newest = std::max(sum.newest, entry.state.identity.mtime_ns / 1'000'000);
        }
    }
    const std::lock_guard lock(mutex);
    status.roots.clear();
    for (auto& [folder, entry] : by_root) {
        status.roots.push_back(std::move(entry));
    }
    for (const std::string& folder : missing) {
        RootStatus entry;
        entry.path = folder;
        status.roots.push_back(std::move(entry));
    }
    status.problems.clear();
    for (const sys::WalkProblem& problem : summary.problems) {
        if (status.problems.size() < kMaxProblems) {
            status.problems.push_back({problem.path, 0, problem.reason, base::now()});
        }
    }
    status.rows += summary.rows;
    status.scanned_at = base::now();
}

void Collector::State::watch_tree(Root& root) {
    if (root.polling || !watcher) {
        return;
    }
    for (const std::string& folder : sys::walk(root.folder, ".jsonl").directories) {
        if (auto added = watcher->add(folder); !added && added.error().code == base::ErrorCode::kResourceExhausted) {
            log::warn("watch_limit", {{"folder", root.folder}, {"reason", added.error().message}});
            root.polling = true;  // the system's limit of watches: look every few seconds instead
            return;
        }
    }
}

void Collector::State::scan(bool first) {
    const SourceRoots resolved = resolve_roots(options.roots);
    missing = resolved.missing;
    std::vector<Root> before = std::move(roots);
    roots.clear();
    for (const std::string& folder : resolved.projects) {
        Root root{folder, !watcher || sys::needs_polling(folder)};
        const bool known = std::any_of(before.begin(), before.end(), [&](const Root& old) {
            root.polling |= old.folder == folder && old.polling;
            return old.folder == folder;
        });
        if (!known || watch_again) {
            watch_tree(root);  // before reading, so that nothing falls between the two
        }
        roots.push_back(std::move(root));
    }
    walk_due = 0;
    watch_again = false;
    Importer importer(*writer, options.book, files);
    Importer::Options import_options;
    import_options.on_commit = [this](const store::Commit& commit) { committed(commit); };
    import_options.stop = [this] { return stopping.load(); };
    import_options.watched = true;
    import_options.on_progress = [this, first](const ImportProgress& progress) {
        {
            const std::lock_guard lock(mutex);
            status.progress = progress;
        }
        if (first && options.feed != nullptr) {
            options.feed->announce(live::ImportProgress{progress.files_done, progress.files_total, progress.bytes_done,
                                                        progress.bytes_total, false});
        }
    };
    const auto summary = importer.import(find_transcripts(resolved.projects), import_options);
    if (!summary) {
        failed(summary.error());
        // What the batch held is not stored: learn from the store how far the files were read, and try again.
        files = FileTable();
        if (auto loaded = files.load(*writer); !loaded) {
            failed(loaded.error());
        }
        walk_in(kRetryMillis);
        return;
    }
    note_walk(*summary);
}

void Collector::State::take_changes() {
    for (sys::Change& change : watcher->read()) {
        switch (change.kind) {
            case sys::Change::Kind::kOverflow:
                watch_again = true;
                walk_in(0);
                break;
            case sys::Change::Kind::kFolder:
                // Files may have been written into it before the watch: a walk finds them.
                watch_again = true;
                walk_in(kNewFolderMillis);
                break;
            case sys::Change::Kind::kRemoved:
                if (files.find(change.path) != nullptr) {
                    walk_in(kRemovalMillis);
                }
                break;
            case sys::Change::Kind::kModified:
                if (change.path.ends_with(".jsonl")) {
                    if (const Root* root = root_of(change.path)) {
                        dirty.emplace(std::move(change.path), root->folder);
                    }
                }
                break;
        }
    }
}

void Collector::State::read_dirty() {
    std::vector<std::pair<std::string, std::string>> work;
    work.reserve(dirty.size());
    for (const auto& [path, root] : dirty) {
        work.emplace_back(root, path);
    }
    dirty.clear();
    Importer importer(*writer, options.book, files);
    Importer::Options import_options;
    import_options.on_commit = [this](const store::Commit& commit) { committed(commit); };
    const auto summary = importer.read_files(work, import_options);
    if (!summary) {
        failed(summary.error());
        // What the batch held is not stored: learn from the store how far the files were read, and try again.
        files = FileTable();
        if (auto loaded = files.load(*writer); !loaded) {
            failed(loaded.error());
        }
        walk_in(kRetryMillis);
        return;
    }
    const std::lock_guard lock(mutex);
    status.rows += summary->rows;
}

void Collector::State::run_commands() {
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard lock(mutex);
        work.swap(commands);
    }
    for (const auto& command : work) {
        command();
    }
}

bool Collector::State::polls() const {
    return std::any_of(roots.begin(), roots.end(), [](const Root& root) { return root.polling; });
}

bool Collector::State::missing_appeared() const {
    return std::any_of(missing.begin(), missing.end(),
                       [](const std::string& folder) { return sys::is_directory(folder); });
}

int Collector::State::timeout() const {
    if (stopping) {
        return 0;
    }
    int limit = -1;
    const auto at_most = [&](int millis) { limit = limit < 0 ? millis : std::min(limit, millis); };
    if (walk_due != 0) {
        at_most(
            static_cast<int>(std::max<std::int64_t>(0, (walk_due - base::monotonic_nanos() + 999'999) / 1'000'000)));
    }
    if (!missing.empty()) {
        at_most(kMissingRootMillis);
    }
    if (polls()) {
        at_most(kPollMillis);
    }
    return limit;
}

void Collector::State::run() {
    if (auto created = sys::Watcher::create()) {
        watcher.emplace(std::move(*created));
    } else {
        log::warn("no_inotify", {{"reason", created.error().message}});
    }
    if (auto loaded = files.load(*writer); !loaded) {
        failed(loaded.error());
        return;
    }
    scan(true);
    {
        const std::lock_guard lock(mutex);
        status.first_scan_done = true;
        status.progress.files_done = status.progress.files_total;
        status.progress.bytes_done = status.progress.bytes_total;
    }
    if (options.feed != nullptr) {
        options.feed->announce(live::ImportProgress{status.progress.files_total, status.progress.files_total,
                                                    status.progress.bytes_total, status.progress.bytes_total, true});
    }
    if (auto moved = writer->checkpoint(true); !moved) {
        failed(moved.error());
    }
    while (!stopping) {
        pollfd waiting[2] = {{wake_up.fd(), POLLIN, 0}, {watcher ? watcher->fd() : -1, POLLIN, 0}};
        const int ready = ::poll(waiting, 2, timeout());
        if (stopping) {
            break;
        }
        if ((waiting[0].revents & POLLIN) != 0) {
            wake_up.clear();
            run_commands();
        }
        if ((waiting[1].revents & POLLIN) != 0) {
            take_changes();
            if (!dirty.empty()) {
                pollfd soon = {wake_up.fd(), POLLIN, 0};
                (void)::poll(&soon, 1, kCoalesceMillis);
                take_changes();
                read_dirty();
            }
        }
        // A quiet moment means that an interval is over; a walk that is due does not wait for one.
        const bool due = walk_due != 0 && base::monotonic_nanos() >= walk_due;
        if (due || (ready == 0 && (polls() || missing_appeared()))) {
            scan(false);
        }
    }
    run_commands();  // who asked before the stop gets an answer
    if (auto moved = writer->checkpoint(true); !moved) {
        log::warn("checkpoint_failed", {{"reason", moved.error().message}});
    }
}

}  // namespace tidemark::ingest
