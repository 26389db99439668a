#include "server/app/backup_keeper.hpp"

#include <utility>

#include <unistd.h>

#include "desk/backup/backup.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/log/log.hpp"
#include "server/app/build_info.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

BackupKeeper::BackupKeeper(Options options, const api::BackupSettings& settings)
    : options_(std::move(options)), settings_(settings), thread_([this](const std::stop_token& stop) { run(stop); }) {}

BackupKeeper::~BackupKeeper() = default;

api::BackupService BackupKeeper::service() {
    return {[this] { return list(); }, [this] { return begin(); },
            [this] {
                const std::lock_guard lock(mutex_);
                return settings_;
            },
            [this](const api::BackupSettings& settings) -> base::Result<void> {
                TIDEMARK_CHECK_OK(options_.save(settings));
                const std::lock_guard lock(mutex_);
                settings_ = settings;
                return {};
            },
            [this] { return problem(); }};
}

std::optional<std::string> BackupKeeper::problem() const {
    const std::lock_guard lock(mutex_);
    return last_problem_.empty() ? std::nullopt : std::optional(last_problem_);
}

crypto::KeyRing BackupKeeper::ring() const {
    const std::lock_guard lock(mutex_);
    return options_.ring;
}

void BackupKeeper::use_key_ring(crypto::KeyRing ring) {
    const std::lock_guard lock(mutex_);
    options_.ring = std::move(ring);
}

base::Result<api::Backups> BackupKeeper::list() {
    TIDEMARK_TRY(const std::vector<backup::Listed> found, backup::list(backup_folder(options_.data_dir), ring()));
    api::Backups result;
    const std::lock_guard lock(mutex_);
    result.running = running_ || next_ != Wanted::kNothing;
    if (!last_problem_.empty()) {
        result.last_problem = last_problem_;
    }
    for (const backup::Listed& file : found) {
        api::Backup& entry = result.backups.emplace_back();
        entry.name = file.name;
        entry.made_at = {file.made_at};
        entry.bytes = file.bytes;
        entry.kind =
            file.manifest && !file.manifest->scheduled ? api::BackupKind::kManual : api::BackupKind::kScheduled;
        if (const auto when = verified_.find(file.name); when != verified_.end()) {
            entry.verified_at = api::Time{when->second};
        }
        if (!file.manifest) {
            entry.problem = file.problem;
        }
    }
    return result;
}

base::Result<void> BackupKeeper::begin() {
    const std::lock_guard lock(mutex_);
    if (running_ || next_ != Wanted::kNothing) {
        return base::fail(base::ErrorCode::kFailedPrecondition, "a backup is being made already");
    }
    next_ = Wanted::kManual;
    wake_.notify_all();
    return {};
}

void BackupKeeper::tick() {
    if (!options_.wanted()) {
        return;
    }
    const auto found = backup::list(backup_folder(options_.data_dir), ring());
    backup::Attempts attempts;
    for (const backup::Listed& file : found ? *found : std::vector<backup::Listed>()) {
        if (file.manifest && file.manifest->scheduled) {
            attempts.last_made = file.made_at;  // the newest is the first
            break;
        }
    }
    const base::UnixMillis now = base::now();
    const base::TimeZone zone = options_.zone();
    const std::lock_guard lock(mutex_);
    attempts.last_failed = last_failed_;
    if (settings_.enabled && !running_ && next_ == Wanted::kNothing &&
        backup::next_due(attempts, now, settings_.hour, zone) <= now) {
        next_ = Wanted::kScheduled;
        wake_.notify_all();
    }
}

void BackupKeeper::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return next_ != Wanted::kNothing; })) {
        const bool scheduled = std::exchange(next_, Wanted::kNothing) == Wanted::kScheduled;
        running_ = true;
        lock.unlock();
        make(scheduled, stop);
        lock.lock();
        running_ = false;
    }
}

void BackupKeeper::make(bool scheduled, const std::stop_token& stop) {
    const auto go_on = [&stop](std::int64_t, std::int64_t) { return !stop.stop_requested(); };
    const std::string folder = backup_folder(options_.data_dir);
    const crypto::KeyRing keys = ring();
    const auto work = [&]() -> base::Result<std::string> {
        TIDEMARK_TRY(const backup::Listed made, backup::make(options_.data_dir, keys, folder, base::now(),
                                                             {std::string(kVersion), scheduled, go_on}));
        // A backup counts when it can be read back.
        TIDEMARK_TRY([[maybe_unused]] const backup::Manifest checked,
                     backup::verify(made.path, keys, options_.data_dir, go_on));
        return made.name;
    };
    const auto done = work();
    if (stop.stop_requested()) {
        return;
    }
    const base::UnixMillis now = base::now();
    backup::Retention keep;
    bool recovered = false;
    {
        const std::lock_guard lock(mutex_);
        recovered = done && !last_problem_.empty();
        if (!done) {
            last_failed_ = now;
            last_problem_ = done.error().message;
        } else {
            last_failed_.reset();
            last_problem_.clear();
            verified_[*done] = now;
        }
        keep = {settings_.keep_daily, settings_.keep_weekly, settings_.keep_monthly};
    }
    if (!done || recovered) {
        options_.told(problem());
    }
    if (!done) {
        log::error("backup_failed", {{"reason", done.error().message}});
        return;
    }
    log::info("backup_made", {{"name", *done}});
    const auto found = backup::list(folder, keys);
    std::vector<backup::Kept> kept;
    for (const backup::Listed& file : found ? *found : std::vector<backup::Listed>()) {
        if (file.manifest && file.manifest->scheduled) {  // what a person made, a person removes
            kept.push_back({file.name, file.made_at});
        }
    }
    for (const std::string& name : backup::expired(kept, now, keep, options_.zone())) {
        std::string path = folder;
        path.append("/").append(name);
        if (::unlink(path.c_str()) == 0) {
            log::info("backup_removed", {{"name", name}});
        }
    }
}

}  // namespace tidemark::app
