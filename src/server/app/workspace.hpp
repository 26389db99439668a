// What every command works on: the data folder, the folders of transcripts and the prices, from flags, environment and
// files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "foundation/base/result.hpp"
#include "ledger/ingest/importer.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/store/writer.hpp"
#include "server/api/account_dto.hpp"
#include "server/api/dto.hpp"

namespace tidemark::app {

struct Workspace {
    std::string data_dir;
    std::vector<std::string> transcripts;  ///< Config homes or projects folders
};

/// Name of the user's price file in the data folder.
constexpr std::string_view kPriceFile = "prices.toml";
/// Keys of the settings table.
constexpr std::string_view kSettingsKey = "settings";
constexpr std::string_view kPriceOverridesKey = "price_overrides";
constexpr std::string_view kBackupSettingsKey = "backups";

/// The built-in prices with the user's file and the overrides made on the settings page laid over them, in this order.
base::Result<std::shared_ptr<const pricing::PriceBook>> load_book(const std::string& data_dir,
                                                                  const std::vector<api::PriceOverride>& overrides);
base::Result<std::vector<api::PriceOverride>> load_overrides(store::Writer& writer);
base::Result<api::Settings> load_settings(store::Writer& writer);
base::Result<api::BackupSettings> load_backup_settings(store::Writer& writer);

/// The overrides as the text of a price file.
[[nodiscard]] std::string to_price_file(const std::vector<api::PriceOverride>& overrides);

/// A line on standard error that a progress bar replaces while it runs; silent unless standard error is a terminal.
class ProgressBar {
public:
    ProgressBar();
    ~ProgressBar();
    /// Shows itself only once the work has lasted a second.
    void update(const ingest::ImportProgress& progress);

private:
    bool terminal_;
    bool shown_ = false;
    std::int64_t started_;
};

/// Opens the store, reprices if the book changed (says so on standard error), and reads everything new.
struct UpToDate {
    std::unique_ptr<store::Writer> writer;
    ingest::FileTable files;
    ingest::ImportSummary summary;
    std::shared_ptr<const pricing::PriceBook> book;
    std::vector<std::string> missing_roots;
};
struct BringUpOptions {
    /// The store is open and priced by the current book; nothing new has been read yet.
    std::function<void(const store::Writer&)> on_opened;
    ingest::Importer::OnCommit on_commit;
    /// The caller calls store::Writer::publish() itself, when it has read what it wants.
    bool publish_later = false;
};
base::Result<UpToDate> bring_up_to_date(const Workspace& workspace, const BringUpOptions& options = {});

/// Exit codes of contract: done, failed, wrong usage, done but incomplete.
constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr int kIncomplete = 3;

/// Prints "tidemark: <message>" on standard error and gives the exit code that fits the error.
int report_failure(const base::Error& error);

}  // namespace tidemark::app
