#include "server/app/backup_keeper.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "desk/backup/restore.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/log/log.hpp"
#include "server/app/build_info.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

BackupKeeper::BackupKeeper(Options options, const api::BackupSettings& settings)
    : options_(std::move(options)), settings_(settings), thread_([this](const std::stop_token& stop) { run(stop); }) {}

BackupKeeper::~BackupKeeper() = default;

api::BackupService BackupKeeper::service() {
    return {[this] { return list(); },
            [this] { return begin(); },
            [this](const identity::Act& act, std::string_view name) { return begin_restore(act, name); },
            [this]() -> base::Result<std::int64_t> {
                const std::lock_guard lock(mutex_);  // none begins meanwhile
                if (restoring_) {
                    return base::fail(base::ErrorCode::kFailedPrecondition, "a restore is under way");
                }
                return backup::remove_kept(options_.data_dir);
            },
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
    result.kept_bytes = backup::kept_bytes(options_.data_dir);
    const std::lock_guard lock(mutex_);
    result.running = running_ || next_ != Wanted::kNothing;
    if (!last_problem_.empty()) {
        result.last_problem = last_problem_;
    }
    result.restoring = restoring_;
    if (!restore_problem_.empty()) {
        result.restore_problem = restore_problem_;
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

base::Result<void> BackupKeeper::begin_restore(const identity::Act& act, std::string_view name) {
    TIDEMARK_TRY(const std::vector<backup::Listed> found, backup::list(backup_folder(options_.data_dir), ring()));
    // Only what is in the list: a name is never made into a path.
    const auto chosen = std::ranges::find(found, name, &backup::Listed::name);
    if (chosen == found.end()) {
        return base::fail(base::ErrorCode::kNotFound, "there is no backup of this name");
    }
    if (!chosen->manifest) {
        return base::fail(base::ErrorCode::kFailedPrecondition, chosen->problem);
    }
    {
        const std::lock_guard lock(mutex_);
        if (running_ || next_ != Wanted::kNothing) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              "a backup is being made: try again when it is done");
        }
        next_ = Wanted::kRestore;
        restoring_ = api::Restoring{chosen->name};
        restoring_act_ = act;
        restore_problem_.clear();
    }
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
        const Wanted wanted = std::exchange(next_, Wanted::kNothing);
        running_ = true;
        lock.unlock();
        if (wanted == Wanted::kRestore) {
            restore(stop);
        } else {
            make(wanted == Wanted::kScheduled, stop);
        }
        lock.lock();
        running_ = restoring_.has_value();  // what is prepared is not to be disturbed
    }
}

void BackupKeeper::make(bool scheduled, const std::stop_token& stop) {
    const auto go_on = [&stop](std::int64_t, std::int64_t) { return !stop.stop_requested(); };
    const std::string folder = backup_folder(options_.data_dir);
    const auto done = make_checked(scheduled, go_on);
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
    const auto found = backup::list(folder, ring());
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

void BackupKeeper::restore(const std::stop_token& stop) {
    identity::Act act;
    std::string name;
    {
        const std::lock_guard lock(mutex_);
        act = restoring_act_;
        name = restoring_->name;
    }
    const auto prepared = prepare(act, name, stop);
    if (prepared) {
        log::info("restore_prepared", {{"name", name}});
        options_.begin_anew();
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        restoring_.reset();
        restore_problem_ = prepared.error().message;
    }
    if (stop.stop_requested()) {
        return;
    }
    log::error("restore_failed", {{"name", name}, {"reason", prepared.error().message}});
    if (auto kept = options_.accounts->record({identity::Caller::system(), {}, base::now()}, "backup.restore_failed",
                                              name, {}, {{"reason", prepared.error().message}});
        !kept) {
        log::error("accounts_failed", {{"reason", kept.error().message}});
    }
}

base::Result<void> BackupKeeper::prepare(const identity::Act& act, const std::string& name,
                                         const std::stop_token& stop) {
    const auto step = [this, &stop](api::RestoreStep now) {
        {
            const std::lock_guard lock(mutex_);
            restoring_->step = now;
            restoring_->share = 0;
        }
        return [this, &stop](std::int64_t done, std::int64_t total) {
            const std::lock_guard lock(mutex_);
            restoring_->share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
            return !stop.stop_requested();
        };
    };
    // Before the backup of now, so that it is in there too.
    TIDEMARK_CHECK_OK(options_.accounts->record(act, "backup.restore", name));
    TIDEMARK_TRY(const std::string now, make_checked(false, step(api::RestoreStep::kBackup)));
    log::info("backup_made", {{"name", now}});
    const crypto::KeyRing keys = ring();
    TIDEMARK_TRY([[maybe_unused]] const backup::Manifest manifest,
                 backup::prepare_restore(backup_folder(options_.data_dir) + "/" + name, keys, options_.data_dir,
                                         base::now(), step(api::RestoreStep::kCheck), amend_accounts(keys, act, name)));
    step(api::RestoreStep::kRestart);
    return {};
}

base::Result<std::string> BackupKeeper::make_checked(bool scheduled, const backup::Progress& go_on) {
    const crypto::KeyRing keys = ring();
    TIDEMARK_TRY(const backup::Listed made, backup::make(options_.data_dir, keys, backup_folder(options_.data_dir),
                                                         base::now(), {std::string(kVersion), scheduled, go_on}));
    // A backup counts when it can be read back.
    TIDEMARK_TRY([[maybe_unused]] const backup::Manifest checked,
                 backup::verify(made.path, keys, options_.data_dir, go_on));
    return made.name;
}

}  // namespace tidemark::app
