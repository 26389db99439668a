#include "ledger/ingest/importer.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "foundation/base/clock.hpp"
#include "foundation/base/containers.hpp"
#include "ledger/ingest/batch_builder.hpp"
#include "ledger/sources/transcripts/agent_sidecar.hpp"

namespace tidemark::ingest {

namespace {

// Batches waiting for the writer: enough to keep it busy, few enough to bound memory.
constexpr std::size_t kMaxQueued = 4;
// One transaction of an import ends after so many requests, or when somebody watches, so much time: what a crash can
// undo, and how often the figures grow.
constexpr std::size_t kCommitRequests = 65'536;
constexpr std::int64_t kCommitNanos = 500'000'000;
constexpr std::int64_t kProgressNanos = 50'000'000;
// Less than this is read by the calling thread: starting others takes longer.
constexpr std::int64_t kWorthThreads = std::int64_t{1} << 20;

using Job = Importer::Job;

/// Hands batches from the reading threads to the one that writes.
class BatchQueue {
public:
    /// Blocks while full; false once closed.
    bool push(std::unique_ptr<store::Batch> batch) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || batches_.size() < kMaxQueued; });
        if (closed_) {
            return false;
        }
        batches_.push_back(std::move(batch));
        changed_.notify_all();
        return true;
    }
    void producer_done() {
        const std::lock_guard lock(mutex_);
        --producers_;
        changed_.notify_all();
    }
    void set_producers(std::size_t count) { producers_ = count; }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }
    /// The next batch; null when all producers are done, or after the wait when `timed`.
    std::unique_ptr<store::Batch> pop(bool& done) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(50), [&] { return !batches_.empty() || producers_ == 0; });
        done = batches_.empty() && producers_ == 0;
        if (batches_.empty()) {
            return nullptr;
        }
        auto batch = std::move(batches_.front());
        batches_.pop_front();
        changed_.notify_all();
        return batch;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<store::Batch>> batches_;
    std::size_t producers_ = 0;
    bool closed_ = false;
};

/// One reading thread: files in, batches out.
class Worker final : public transcripts::TranscriptReader::Progress {
public:
    using Emit = std::function<bool(std::unique_ptr<store::Batch>)>;

    Worker(std::shared_ptr<const pricing::PriceBook> book, Emit emit)
        : builder_(std::move(book)), reader_(builder_, *this), emit_(std::move(emit)) {}

    void read(const Job& job) {
        transcripts::TranscriptPath where;
        if (!transcripts::classify_path(*job.root, *job.path, where)) {
            return;
        }
        job_ = &job;
        emitted_restart_ = false;
        restarted_ = false;
        const std::int64_t before = job.entry->state.offset;
        const std::int64_t rows_before = builder_.rows();
        rows_counted_ = rows_before;
        builder_.begin_file(job.entry->id);
        const auto done = reader_.read(*job.path, where, job.entry->state, restarted_);
        if (!done) {
            if (done.error().code != base::ErrorCode::kNotFound) {
                problems_.push_back({*job.path, done.error().message});
            }
            return;
        }
        ++files_read_;
        bytes_read_ += std::max<std::int64_t>(0, job.entry->state.offset - (restarted_ ? 0 : before));
        if (!where.agent_id.empty() && builder_.rows() > rows_before && (before == 0 || restarted_)) {
            if (const auto agent = transcripts::read_agent_sidecar(*job.path)) {
                builder_.add_agent(builder_.last_session(), where.agent_id, agent->type, agent->parent_uid,
                                   agent->depth, builder_.last_time());
            }
        }
        put_file(job.entry->state, reader_.carry());
        if (builder_.full()) {
            flush();
        }
    }

    bool on_progress(const transcripts::ReadState& state) override {
        if (!builder_.full()) {
            return true;
        }
        put_file(state, reader_.carry());
        return flush();
    }

    bool flush() {
        if (builder_.empty()) {
            return true;
        }
        auto batch = builder_.take();
        bad_lines_ += static_cast<std::int64_t>(batch->bad_lines.size());
        return emit_(std::move(batch));
    }

    void add_to(ImportSummary& summary) const {
        summary.files_read += files_read_;
        summary.bytes_read += bytes_read_;
        summary.bad_lines += bad_lines_;
        summary.rows += builder_.rows();
        summary.problems.insert(summary.problems.end(), problems_.begin(), problems_.end());
    }

private:
    void put_file(const transcripts::ReadState& state, std::string carry) {
        job_->entry->state.carry = std::move(carry);
        job_->entry->stored = true;
        job_->entry->gone = false;
        if (restarted_ && !emitted_restart_) {
            job_->entry->rows = 0;
        }
        job_->entry->rows += builder_.rows() - rows_counted_;
        rows_counted_ = builder_.rows();
        store::FileEntry file;
        file.rows = job_->entry->rows;
        file.file_id = job_->entry->id;
        file.path = *job_->path;
        file.device = state.identity.device;
        file.inode = state.identity.inode;
        file.size = state.identity.size;
        file.mtime_ns = state.identity.mtime_ns;
        file.offset = state.offset;
        file.lines = state.lines;
        file.head_length = state.head_length;
        file.head_hash = state.head_hash;
        file.carry = job_->entry->state.carry;
        file.restarted = restarted_ && !emitted_restart_;
        emitted_restart_ = true;
        builder_.put_file(file);
    }

    BatchBuilder builder_;
    transcripts::TranscriptReader reader_;
    Emit emit_;
    std::vector<sys::WalkProblem> problems_;
    std::int64_t files_read_ = 0, bytes_read_ = 0, bad_lines_ = 0;
    const Job* job_ = nullptr;
    std::int64_t rows_counted_ = 0;
    bool restarted_ = false;
    bool emitted_restart_ = false;
};

bool unchanged(const FileTable::Entry& entry, const sys::FileIdentity& identity) {
    return entry.stored && !entry.gone && entry.state.identity == identity;
}

}  // namespace

SourceRoots resolve_roots(const std::vector<std::string>& given) {
    SourceRoots roots;
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
    for (std::string path : given) {
        while (path.size() > 1 && path.back() == '/') {
            path.pop_back();
        }
        const bool is_projects = path.ends_with("/projects") || path == "projects";
        std::string folder = sys::is_directory(path + "/projects") || !is_projects ? path + "/projects" : path;
        if (!sys::is_directory(folder) && sys::is_directory(path)) {
            // Any folder of transcripts will do: an archive, a copy from another machine.
            if (!is_projects && sys::walk(path, ".jsonl").files.empty()) {
                roots.missing.push_back(folder);
                continue;
            }
            folder = path;
        }
        const auto identity = sys::identity_of(folder);
        if (!identity) {
            roots.missing.push_back(folder);
        } else if (seen.emplace(identity->device, identity->inode).second) {
            roots.projects.push_back(folder);
        }
    }
    return roots;
}

std::vector<FoundTree> find_transcripts(const std::vector<std::string>& projects_folders, sys::WalkMemory* memory) {
    std::vector<FoundTree> trees;
    trees.reserve(projects_folders.size());
    for (const std::string& folder : projects_folders) {
        trees.push_back({folder, sys::walk(folder, ".jsonl", memory)});
    }
    return trees;
}

base::Result<void> FileTable::load(store::Writer& writer) {
    TIDEMARK_TRY(const std::int64_t count, writer.file_count());
    entries_.reserve(static_cast<std::size_t>(count));
    return writer.for_each_file([&](const store::KnownFile& file) {
        Entry& entry = entries_[std::string(file.path)];
        entry.id = file.id;
        entry.state.identity = {file.device, file.inode, file.size, file.mtime_ns};
        entry.gone = file.gone;
        entry.stored = true;
        entry.whole = false;
    });
}

base::Result<void> FileTable::complete(Entry& entry, store::Writer& writer) {
    if (entry.whole) {
        return {};
    }
    TIDEMARK_TRY(store::RestartRecord record, writer.restart_record(entry.id));
    entry.state.offset = record.offset;
    entry.state.lines = record.lines;
    entry.state.head_length = record.head_length;
    entry.state.head_hash = record.head_hash;
    entry.state.carry = std::move(record.carry);
    entry.rows = record.rows;
    entry.whole = true;
    return {};
}

FileTable::Entry& FileTable::at(const std::string& path, store::Writer& writer) {
    auto [entry, added] = entries_.try_emplace(path);
    if (added) {
        entry->second.id = writer.next_file_id();
    }
    return entry->second;
}

const FileTable::Entry* FileTable::find(const std::string& path) const {
    const auto found = entries_.find(path);
    return found == entries_.end() ? nullptr : &found->second;
}

void FileTable::mark_seen(const std::string& path, std::uint32_t import) {
    if (const auto found = entries_.find(path); found != entries_.end()) {
        found->second.seen = import;
    }
}

void FileTable::mark_gone_below(const std::string& root, std::uint32_t import, std::vector<std::string>& newly_gone) {
    for (auto& [path, entry] : entries_) {
        if (!entry.gone && entry.stored && entry.seen != import && path.starts_with(root) &&
            path.size() > root.size() && path[root.size()] == '/') {
            entry.gone = true;
            newly_gone.push_back(path);
        }
    }
}

Importer::Importer(store::Writer& writer, std::shared_ptr<const pricing::PriceBook> book, FileTable& files)
    : writer_(writer), book_(std::move(book)), files_(files) {}

base::Result<ImportSummary> Importer::import(const std::vector<FoundTree>& trees, const Options& options) {
    ImportSummary summary;
    ImportProgress progress;
    std::vector<Job> jobs;
    base::FlatSet<std::pair<std::uint64_t, std::uint64_t>> seen;
    const std::uint32_t number = files_.next_import();
    store::Batch gone_batch;
    for (const auto& [root, walk] : trees) {
        summary.problems.insert(summary.problems.end(), walk.problems.begin(), walk.problems.end());
        for (const sys::FoundFile& file : walk.files) {
            // One file under two names (links, the same tree mounted twice) is read once.
            if (!seen.emplace(file.identity.device, file.identity.inode).second) {
                files_.mark_seen(file.path, number);
                continue;
            }
            ++summary.files;
            FileTable::Entry& entry = files_.at(file.path, writer_);
            entry.seen = number;
            if (unchanged(entry, file.identity)) {
                continue;
            }
            TIDEMARK_CHECK_OK(files_.complete(entry, writer_));
            jobs.push_back({&file.path, &root, &entry, file.identity.size});
            progress.bytes_total += file.identity.size - std::min(file.identity.size, entry.state.offset);
        }
        std::vector<std::string> gone;
        // A root that vanished as a whole may only be unmounted: its files are not declared deleted.
        if (!walk.directories.empty()) {
            files_.mark_gone_below(root, number, gone);
        }
        for (const std::string& path : gone) {
            FileTable::Entry& entry = files_.at(path, writer_);
            TIDEMARK_CHECK_OK(files_.complete(entry, writer_));
            const transcripts::ReadState& s = entry.state;
            gone_batch.files.push_back({entry.id, gone_batch.text.add(path), s.identity.device, s.identity.inode,
                                        s.identity.size, s.identity.mtime_ns, s.offset, s.lines, s.head_length,
                                        s.head_hash, entry.rows, gone_batch.text.add(s.carry), false, true});
        }
    }
    if (!gone_batch.files.empty()) {
        TIDEMARK_TRY(const store::Commit commit, writer_.store(gone_batch));
        if (options.on_commit) {
            options.on_commit(commit);
        }
    }
    progress.files_total = static_cast<std::int64_t>(jobs.size());
    if (jobs.empty()) {
        return summary;
    }
    if (progress.bytes_total < kWorthThreads) {
        TIDEMARK_CHECK_OK(read_here(jobs, options, summary));
        return summary;
    }
    // Large files first: the last one to finish decides when all are done.
    std::sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.size > b.size; });

    BatchQueue queue;
    std::atomic<std::size_t> next{0};
    std::atomic<std::int64_t> files_done{0};
    std::atomic<std::int64_t> bytes_done{0};
    std::atomic<bool> stopping{false};
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t wanted = options.threads != 0 ? options.threads : std::min<std::size_t>(cores, 4);
    const std::size_t threads = std::min(wanted, jobs.size());
    queue.set_producers(threads);
    std::vector<std::unique_ptr<Worker>> workers;
    workers.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        workers.push_back(std::make_unique<Worker>(
            book_, [&](std::unique_ptr<store::Batch> batch) { return queue.push(std::move(batch)); }));
    }
    base::Result<void> failure;
    {
        std::vector<std::jthread> running;
        running.reserve(threads);
        for (auto& worker : workers) {
            running.emplace_back([&, worker = worker.get()] {
                for (std::size_t i = next++; i < jobs.size() && !stopping; i = next++) {
                    worker->read(jobs[i]);
                    ++files_done;
                    bytes_done += jobs[i].size;
                }
                worker->flush();
                queue.producer_done();
            });
        }
        std::int64_t last_report = base::monotonic_nanos();
        std::int64_t last_commit = last_report;
        std::size_t staged = 0;  // requests since then
        for (bool done = false; !done;) {
            const auto batch = queue.pop(done);
            if (batch != nullptr && failure) {
                failure = writer_.stage(*batch);
                staged += batch->requests.size();
            }
            if (failure && (done || staged >= kCommitRequests ||
                            (options.watched && staged > 0 && base::monotonic_nanos() - last_commit >= kCommitNanos))) {
                auto commit = writer_.commit();
                last_commit = base::monotonic_nanos();
                staged = 0;
                if (!commit) {
                    failure = tl::unexpected<base::Error>(std::move(commit).error());
                } else if (options.on_commit) {
                    options.on_commit(*commit);
                }
            }
            if (!failure) {
                stopping = true;
                queue.close();
            }
            if (options.stop && options.stop()) {
                stopping = true;
            }
            if (options.on_progress && base::monotonic_nanos() - last_report >= kProgressNanos) {
                last_report = base::monotonic_nanos();
                progress.files_done = files_done;
                progress.bytes_done = std::min<std::int64_t>(bytes_done, progress.bytes_total);
                options.on_progress(progress);
            }
        }
    }
    if (!failure) {
        return tl::unexpected<base::Error>(std::move(failure).error());
    }
    for (const auto& worker : workers) {
        worker->add_to(summary);
    }
    return summary;
}

base::Result<void> Importer::read_here(const std::vector<Job>& jobs, const Options& options, ImportSummary& summary) {
    base::Result<void> failure;
    Worker worker(book_, [&](std::unique_ptr<store::Batch> batch) {
        auto commit = writer_.store(*batch);
        if (!commit) {
            failure = tl::unexpected<base::Error>(std::move(commit).error());
            return false;
        }
        if (options.on_commit) {
            options.on_commit(*commit);
        }
        return true;
    });
    for (const Job& job : jobs) {
        worker.read(job);
        if (!failure) {
            return failure;
        }
    }
    worker.flush();
    worker.add_to(summary);
    return failure;
}

base::Result<ImportSummary> Importer::read_files(const std::vector<std::pair<std::string, std::string>>& root_and_path,
                                                 const Options& options) {
    std::vector<Job> jobs;
    for (const auto& [root, path] : root_and_path) {
        const auto identity = sys::identity_of(path);
        if (!identity) {
            continue;  // gone meanwhile: the next full walk notes it
        }
        FileTable::Entry& entry = files_.at(path, writer_);
        if (unchanged(entry, *identity)) {
            continue;
        }
        TIDEMARK_CHECK_OK(files_.complete(entry, writer_));
        jobs.push_back({&path, &root, &entry, identity->size});
    }
    ImportSummary summary;
    TIDEMARK_CHECK_OK(read_here(jobs, options, summary));
    return summary;
}

}  // namespace tidemark::ingest
