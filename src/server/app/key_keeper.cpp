#include "server/app/key_keeper.hpp"

#include <map>
#include <utility>

#include "desk/backup/backup.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/config/config.hpp"
#include "foundation/log/log.hpp"
#include "server/app/commands.hpp"

namespace tidemark::app {

namespace {

using base::ErrorCode;

identity::Act by_itself() { return {identity::Caller::system(), {}, base::now()}; }

/// How long it waits when it cannot get on: a full disk, a backup that reads.
constexpr std::chrono::seconds kTryAgain(1);

bool from_environment() { return config::environment(crypto::kMasterKeyVariable).has_value(); }

/// The backups of the data folder that need each key.
base::Result<std::map<std::string, std::int64_t>> backups_by_key(const std::string& data_dir,
                                                                 const crypto::KeyRing& ring) {
    TIDEMARK_TRY(const auto found, backup::list(backup_folder(data_dir), ring));
    std::map<std::string, std::int64_t> by_key;
    for (const backup::Listed& file : found) {
        ++by_key[file.key_id];
    }
    return by_key;
}

}  // namespace

KeyKeeper::KeyKeeper(Options options, crypto::KeyRing ring)
    : options_(std::move(options)),
      ring_(std::move(ring)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
    if (auto taken = take(by_itself(), this->ring()); !taken) {
        log::error("master_key_failed", {{"reason", taken.error().message}});
        const std::lock_guard lock(mutex_);
        progress_.problem = taken.error().message;
    }
}

KeyKeeper::~KeyKeeper() = default;

crypto::KeyRing KeyKeeper::ring() const {
    const std::lock_guard lock(mutex_);
    return ring_;
}

base::Result<void> KeyKeeper::take(const identity::Act& act, const crypto::KeyRing& ring) {
    TIDEMARK_TRY(const std::int64_t left, options_.accounts->use_key_ring(act, ring));
    TIDEMARK_TRY(const auto change, options_.accounts->resealing());
    if (options_.ring_changed) {
        options_.ring_changed(ring);
    }
    const std::lock_guard lock(mutex_);
    ring_ = ring;
    progress_ = {change.has_value(), change ? change->total : 0, left, ring.current_id(), ""};
    wake_.notify_all();
    return {};
}

base::Result<void> KeyKeeper::check_idle() {
    const std::lock_guard lock(mutex_);
    if (progress_.under_way) {
        return base::fail(ErrorCode::kFailedPrecondition, "the master key is being changed already");
    }
    return {};
}

base::Result<void> KeyKeeper::rotate(const identity::Act& act) {
    const std::lock_guard one_at_a_time(changing_);
    TIDEMARK_CHECK_OK(check_idle());
    if (from_environment()) {
        return base::fail(ErrorCode::kFailedPrecondition,
                          std::string("the master key comes from ") + crypto::kMasterKeyVariable +
                              ": put a new key before the old one there, separated by a comma, and start Tidemark "
                              "anew; it then seals everything with the new one by itself");
    }
    if (options_.source.command.empty()) {
        // The file first: from then on both keys are there, whatever happens next.
        TIDEMARK_TRY(const crypto::KeyRing ring,
                     crypto::KeyRing::rotate_file(key_file(options_.data_dir, options_.source)));
        return take(act, ring);
    }
    TIDEMARK_TRY(const crypto::KeyRing ring, open_key_ring(options_.data_dir, options_.source));
    if (ring.current_id() == this->ring().current_id()) {
        return base::fail(ErrorCode::kFailedPrecondition,
                          "the command prints no new master key: let it print a new one before the old one, separated "
                          "by a comma, and try again");
    }
    return take(act, ring);
}

base::Result<void> KeyKeeper::reseal(const identity::Act& act) {
    const std::lock_guard one_at_a_time(changing_);
    TIDEMARK_TRY(const crypto::KeyRing ring, open_key_ring(options_.data_dir, options_.source));
    return take(act, ring);
}

base::Result<void> KeyKeeper::retire(const identity::Act& act, std::string_view id) {
    const std::lock_guard one_at_a_time(changing_);
    TIDEMARK_CHECK_OK(check_idle());
    if (from_environment() || !options_.source.command.empty()) {
        return base::fail(ErrorCode::kFailedPrecondition,
                          "the master keys do not come from a file: take the old key out where they come from");
    }
    const std::string name(id);
    TIDEMARK_TRY(auto values, options_.accounts->sealed_by_key());
    TIDEMARK_TRY(auto backups, backups_by_key(options_.data_dir, this->ring()));
    if (values[name] > 0 || backups[name] > 0) {
        return base::fail(ErrorCode::kFailedPrecondition,
                          "the master key " + name + " is still needed: " + std::to_string(values[name]) +
                              " values and " + std::to_string(backups[name]) + " backups are sealed with it");
    }
    TIDEMARK_TRY(const crypto::KeyRing ring,
                 crypto::KeyRing::remove_from_file(key_file(options_.data_dir, options_.source), id));
    TIDEMARK_CHECK_OK(take(act, ring));
    return options_.accounts->record(act, "master_key.retire", "master_key", {{"key_id", name}});
}

base::Result<api::MasterKey> KeyKeeper::state() {
    const crypto::KeyRing ring = this->ring();
    TIDEMARK_TRY(auto values, options_.accounts->sealed_by_key());
    auto backups = backups_by_key(options_.data_dir, ring);
    TIDEMARK_TRY(const auto change, options_.accounts->resealing());
    api::MasterKey out;
    out.source = from_environment()                ? api::MasterKeySource::kEnvironment
                 : options_.source.command.empty() ? api::MasterKeySource::kFile
                                                   : api::MasterKeySource::kCommand;
    for (const std::string& id : ring.ids()) {
        out.keys.push_back({id, values[id], backups ? std::optional((*backups)[id]) : std::nullopt});
    }
    const std::lock_guard lock(mutex_);
    if (change) {
        out.change = api::MasterKeyChange{change->begun_at, change->total, progress_.left};
    }
    if (!progress_.problem.empty()) {
        out.problem = progress_.problem;
    }
    return out;
}

KeyKeeper::Progress KeyKeeper::wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, at_most, [this] { return !progress_.under_way || !progress_.problem.empty(); });
    return progress_;
}

void KeyKeeper::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return progress_.under_way; }) && !stop.stop_requested()) {
        const std::string key_id = ring_.current_id();
        lock.unlock();
        const std::int64_t started = base::monotonic_nanos();
        const auto sealed = options_.accounts->reseal(by_itself(), options_.batch);
        std::chrono::nanoseconds pause(base::monotonic_nanos() - started);
        lock.lock();
        if (!sealed) {
            pause = kTryAgain;
            const std::string problem = sealed.error().code == ErrorCode::kUnavailable ? "" : sealed.error().message;
            if (!problem.empty() && problem != progress_.problem) {
                log::error("master_key_failed", {{"reason", problem}});
            }
            progress_.problem = problem;
        } else {
            progress_.problem.clear();
            progress_.left -= *sealed;
            // A ring that came meanwhile has its own change.
            if (*sealed == 0 && key_id == ring_.current_id()) {
                progress_.under_way = false;
            }
        }
        told_.notify_all();
        // As long as it worked: whoever waits for the accounts meanwhile has half of the time at least.
        wake_.wait_for(lock, stop, pause, [] { return false; });
    }
}

}  // namespace tidemark::app
