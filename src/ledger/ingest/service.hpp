// The running collector of a server: one thread that owns the writer, imports what is there, follows the files live and
// tells the feed. Everything else that must write asks this thread.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "foundation/base/result.hpp"
#include "foundation/sys/watch.hpp"
#include "ledger/ingest/importer.hpp"
#include "ledger/live/feed.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/store/writer.hpp"

namespace tidemark::ingest {

struct RootStatus {
    std::string path;  ///< The projects folder
    bool exists = false;
    bool polling = false;  ///< Changes are looked for every few seconds: inotify does not work there
    std::int64_t files = 0, bytes = 0;
    base::UnixMillis newest = 0;           ///< Last change of a transcript
    std::int64_t cleanup_period_days = 0;  ///< After which the client deletes
};
struct SourceProblem {
    std::string file;
    std::int64_t line = 0;  ///< 0: the file as a whole
    std::string reason;
    base::UnixMillis seen = 0;
};
struct CollectorStatus {
    std::vector<RootStatus> roots;
    std::vector<SourceProblem> problems;  ///< Unreadable files and folders
    ImportProgress progress;
    bool first_scan_done = false;
    base::UnixMillis scanned_at = 0;
    std::string failure;  ///< Why nothing is stored at the moment (disk full, …); empty: all is well
    std::uint64_t commits = 0;
    std::int64_t rows = 0;
};

class Collector {
public:
    struct Options {
        std::vector<std::string> roots;  ///< As given by the user
        std::shared_ptr<const pricing::PriceBook> book;
        std::function<void(const store::Commit&)>
            on_commit;  ///< On the collector's thread, before the feed hears of it
        live::Feed* feed = nullptr;
    };

    /// Takes the opened writer. Nothing runs before start().
    Collector(std::unique_ptr<store::Writer> writer, Options options);
    ~Collector();
    void start();
    /// Ends after the running batch; what was read is stored.
    void stop();

    [[nodiscard]] CollectorStatus status() const;

    /// Lays a new price book over the whole history.
    std::future<base::Result<store::RepriceReport>> reprice(std::shared_ptr<const pricing::PriceBook> book);
    std::future<base::Result<void>> set_setting(std::string key, std::string value);
    /// See store::Writer.
    std::future<base::Result<void>> rename_member(std::string from, std::string to);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Recomputes the stored costs when the book is not the one they were computed with; nothing when it is.
base::Result<std::optional<store::RepriceReport>> reprice_if_changed(store::Writer& writer,
                                                                     const pricing::PriceBook& book);
base::Result<store::RepriceReport> reprice_all(store::Writer& writer, const pricing::PriceBook& book);

}  // namespace tidemark::ingest
