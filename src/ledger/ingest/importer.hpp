// Brings the store up to date with the transcripts below some folders: finds the files, reads what is new on all cores,
// and stores it batch by batch. What was stored before is never lost, whatever happened to the files since.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "foundation/base/hash.hpp"
#include "foundation/base/result.hpp"
#include "foundation/sys/walk.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/sources/transcripts/transcript_reader.hpp"
#include "ledger/store/writer.hpp"

namespace tidemark::ingest {

/// The folders to read, as given: config homes or their projects folders.
struct SourceRoots {
    std::vector<std::string> projects;  ///< Resolved projects folders, each once
    std::vector<std::string> missing;   ///< Given, but not there (yet)
};
[[nodiscard]] SourceRoots resolve_roots(const std::vector<std::string>& given);

struct ImportProgress {
    std::int64_t files_done = 0, files_total = 0;
    std::int64_t bytes_done = 0, bytes_total = 0;
};

struct ImportSummary {
    std::int64_t files = 0;       ///< Found
    std::int64_t files_read = 0;  ///< With something new
    std::int64_t bytes_read = 0;
    std::int64_t bad_lines = 0;  ///< Found in this run
    std::int64_t rows = 0;       ///< Request rows read, repetitions included
    std::vector<sys::WalkProblem> problems;
};

/// A projects folder and what lies below it now.
struct FoundTree {
    std::string folder;
    sys::WalkResult found;
};
/// Looks below each folder. Needs nothing else: a caller may do it while the store is being opened.
[[nodiscard]] std::vector<FoundTree> find_transcripts(const std::vector<std::string>& projects_folders,
                                                      sys::WalkMemory* memory = nullptr);

/// The restart records of all known files, kept in step with the store.
class FileTable {
public:
    struct Entry {
        std::int64_t id = 0;
        transcripts::ReadState state;
        std::int64_t rows = 0;  ///< Request rows read since the start of the file
        bool gone = false;
        bool stored = false;
        bool whole = true;       ///< False: of `state` only the identity is known, and not `rows`
        std::uint32_t seen = 0;  ///< The import that found the file last
    };
    using Entries = std::unordered_map<std::string, Entry, base::TextHash, std::equal_to<>>;
    base::Result<void> load(store::Writer& writer);
    Entry& at(const std::string& path, store::Writer& writer);
    /// Fetches what load() left out: most files never change again, so their restart records are not read at the start.
    static base::Result<void> complete(Entry& entry, store::Writer& writer);
    [[nodiscard]] const Entry* find(const std::string& path) const;
    /// Notes that import number `import` saw the file, if it is known.
    void mark_seen(const std::string& path, std::uint32_t import);
    /// Marks the stored files below `root` that import number `import` did not see as deleted by the client, and names
    /// them.
    void mark_gone_below(const std::string& root, std::uint32_t import, std::vector<std::string>& newly_gone);
    /// A new number for Entry::seen.
    [[nodiscard]] std::uint32_t next_import() { return ++imports_; }
    [[nodiscard]] const Entries& entries() const { return entries_; }

private:
    Entries entries_;
    std::uint32_t imports_ = 0;
};

class Importer {
public:
    using OnCommit = std::function<void(const store::Commit&)>;
    using OnProgress = std::function<void(const ImportProgress&)>;
    struct Options {
        std::size_t threads = 0;     ///< 0: one a core, at most 4
        OnCommit on_commit;          ///< After every stored batch, on the calling thread
        OnProgress on_progress;      ///< At most every 50 ms, on the calling thread
        std::function<bool()> stop;  ///< True: end after the running batch
        bool watched = false;        ///< Commit often, so that those who watch see the figures grow
    };

    Importer(store::Writer& writer, std::shared_ptr<const pricing::PriceBook> book, FileTable& files);

    /// Reads everything new in the files that were found.
    base::Result<ImportSummary> import(const std::vector<FoundTree>& trees, const Options& options);
    /// Reads the new part of these files only, on this thread.
    base::Result<ImportSummary> read_files(const std::vector<std::pair<std::string, std::string>>& root_and_path,
                                           const Options& options);

    /// One file to read on from where its entry says.
    struct Job {
        const std::string* path = nullptr;
        const std::string* root = nullptr;
        FileTable::Entry* entry = nullptr;
        std::int64_t size = 0;
    };

private:
    /// Reads on the calling thread.
    base::Result<void> read_here(const std::vector<Job>& jobs, const Options& options, ImportSummary& summary);

    store::Writer& writer_;
    std::shared_ptr<const pricing::PriceBook> book_;
    FileTable& files_;
};

}  // namespace tidemark::ingest
