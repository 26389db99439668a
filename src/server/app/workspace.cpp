#include "server/app/workspace.hpp"

#include <array>
#include <cstdio>
#include <future>

#include <unistd.h>

#include "desk/backup/restore.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"
#include "foundation/sys/files.hpp"
#include "ledger/ingest/service.hpp"

namespace tidemark::app {

namespace {

constexpr std::int64_t kShowAfterNanos = 1'000'000'000;
constexpr int kBarWidth = 30;
// What the folders of transcripts held at the last run (sys::WalkMemory), in the data folder; may be deleted.
constexpr std::string_view kFoldersFile = "folders";
constexpr std::size_t kLongestMemory = std::size_t{64} << 20;

void append_key(std::string& out, std::string_view key, double value) {
    out.append(key).append(" = ");
    json::append_number(out, value);
    out += '\n';
}

std::string quoted(std::string_view text) {
    // TOML's basic strings have JSON's escapes.
    std::string out;
    json::append_string(out, text);
    return out;
}

std::string money(base::NanoUsd amount) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "$%.2f", amount.dollars());
    return text.data();
}

}  // namespace

std::string to_price_file(const std::vector<api::PriceOverride>& overrides) {
    std::string out;
    for (const api::PriceOverride& entry : overrides) {
        out += "[[model]]\nid = " + quoted(entry.model) + "\n";
        if (entry.like) {
            out += "like = " + quoted(*entry.like) + "\n";
        }
        if (entry.multiplier) {
            append_key(out, "multiplier", *entry.multiplier);
        }
        if (entry.from) {
            out += "from = " + base::to_rfc3339(entry.from->value) + "\n";
        }
        const std::array<std::pair<std::string_view, const std::optional<double>*>, 5> rates{
            {{"input", &entry.input},
             {"output", &entry.output},
             {"cache_write_5m", &entry.cache_write_5m},
             {"cache_write_1h", &entry.cache_write_1h},
             {"cache_read", &entry.cache_read}}};
        for (const auto& [key, value] : rates) {
            if (*value) {
                append_key(out, key, **value);
            }
        }
    }
    return out;
}

base::Result<std::shared_ptr<const pricing::PriceBook>> load_book(const std::string& data_dir,
                                                                  const std::vector<api::PriceOverride>& overrides) {
    const std::string path = data_dir + "/" + std::string(kPriceFile);
    std::string text;
    if (auto file = sys::read_small_file(path)) {
        text = std::move(*file);
        // Checked alone first, so that an error names the file's own line.
        TIDEMARK_TRY([[maybe_unused]] const auto checked, pricing::PriceBook::create(text, path));
    } else if (file.error().code != base::ErrorCode::kNotFound) {
        return tl::unexpected<base::Error>(file.error());
    }
    if (overrides.empty()) {
        return pricing::PriceBook::create(text, path);
    }
    return pricing::PriceBook::create(text + "\n" + to_price_file(overrides),
                                      "the price overrides of the settings page");
}

namespace {

/// A setting stored as JSON; the default when it was never set.
template <class T>
base::Result<T> load_json(store::Writer& writer, std::string_view key) {
    TIDEMARK_TRY(const std::optional<std::string> text, writer.setting(key));
    if (!text) {
        return T();
    }
    auto read = json::read<T>(*text);
    if (!read) {
        return base::fail(base::ErrorCode::kDataLoss, "the stored " + std::string(key) +
                                                          " cannot be read: " + read.error().front().path + " " +
                                                          read.error().front().message);
    }
    return std::move(*read);
}

}  // namespace

base::Result<std::vector<api::PriceOverride>> load_overrides(store::Writer& writer) {
    TIDEMARK_TRY(api::PriceOverrides stored, load_json<api::PriceOverrides>(writer, kPriceOverridesKey));
    return std::move(stored.overrides);
}

base::Result<api::Settings> load_settings(store::Writer& writer) {
    return load_json<api::Settings>(writer, kSettingsKey);
}

base::Result<api::BackupSettings> load_backup_settings(store::Writer& writer) {
    return load_json<api::BackupSettings>(writer, kBackupSettingsKey);
}

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1), started_(base::monotonic_nanos()) {}

ProgressBar::~ProgressBar() {
    if (shown_) {
        std::fputs("\r\033[K", stderr);
    }
}

void ProgressBar::update(const ingest::ImportProgress& progress) {
    if (!terminal_ || progress.bytes_total == 0 || base::monotonic_nanos() - started_ < kShowAfterNanos) {
        return;
    }
    shown_ = true;
    const double share = static_cast<double>(progress.bytes_done) / static_cast<double>(progress.bytes_total);
    const int filled = static_cast<int>(share * kBarWidth);
    std::string bar;
    for (int i = 0; i < kBarWidth; ++i) {
        bar += i < filled ? "█" : "░";
    }
    std::fprintf(stderr, "\r\033[KReading transcripts %s %3.0f%%  %lld of %lld files", bar.c_str(), share * 100,
                 static_cast<long long>(progress.files_done), static_cast<long long>(progress.files_total));
    std::fflush(stderr);
}

base::Result<UpToDate> bring_up_to_date(const Workspace& workspace, const BringUpOptions& bring_up) {
    UpToDate result;
    // Looking through thousands of folders takes as long as opening the store, and so on: all at once.
    const ingest::SourceRoots roots = ingest::resolve_roots(workspace.transcripts);
    result.missing_roots = roots.missing;
    const std::string memory_path = workspace.data_dir + "/" + std::string(kFoldersFile);
    std::optional<sys::WalkMemory> folders;
    auto trees = std::async(std::launch::async, [&] {
        folders.emplace(sys::read_small_file(memory_path, kLongestMemory).value_or(std::string()));
        return ingest::find_transcripts(roots.projects, &*folders);
    });
    auto book = std::async(std::launch::async, [&workspace] { return load_book(workspace.data_dir, {}); });
    TIDEMARK_TRY([[maybe_unused]] const bool restored, backup::finish_restore(workspace.data_dir));
    TIDEMARK_TRY(result.writer, store::Writer::open(workspace.data_dir, store::Readers::kNone));
    TIDEMARK_TRY(const std::vector<api::PriceOverride> overrides, load_overrides(*result.writer));
    TIDEMARK_TRY(result.book, book.get());
    if (!overrides.empty()) {
        TIDEMARK_TRY(result.book, load_book(workspace.data_dir, overrides));
    }
    TIDEMARK_TRY(const std::optional<store::RepriceReport> repriced,
                 ingest::reprice_if_changed(*result.writer, *result.book));
    if (repriced && repriced->requests > 0) {
        std::fprintf(stderr, "Prices changed: %lld requests repriced, total %s -> %s\n",
                     static_cast<long long>(repriced->requests), money(repriced->before).c_str(),
                     money(repriced->after).c_str());
        for (const store::RepricedModel& model : repriced->models) {
            std::fprintf(stderr, "  %s: %s -> %s\n", model.model.c_str(), money(model.before).c_str(),
                         money(model.after).c_str());
        }
    }
    if (bring_up.on_opened) {
        bring_up.on_opened(*result.writer);
    }
    TIDEMARK_CHECK_OK(result.files.load(*result.writer));
    ProgressBar bar;
    ingest::Importer importer(*result.writer, result.book, result.files);
    ingest::Importer::Options options;
    options.on_commit = bring_up.on_commit;
    options.on_progress = [&](const ingest::ImportProgress& progress) { bar.update(progress); };
    TIDEMARK_TRY(result.summary, importer.import(trees.get(), options));
    TIDEMARK_CHECK_OK(result.writer->settle());
    if (!bring_up.publish_later) {
        TIDEMARK_CHECK_OK(result.writer->publish());
    }
    if (folders->changed()) {
        // Only saves time: when it cannot be written the next run lists every folder.
        (void)sys::replace_file(memory_path, folders->text(), sys::Lasting::kNo);
    }
    return result;
}

int report_failure(const base::Error& error) {
    const bool no_room = error.code == base::ErrorCode::kResourceExhausted;
    std::fprintf(stderr, "tidemark: %s%s\n", error.message.c_str(),
                 no_room ? ". Free some space and try again: nothing that was stored is lost" : "");
    return error.code == base::ErrorCode::kInvalidArgument ? kWrongUsage : kFailed;
}

}  // namespace tidemark::app
