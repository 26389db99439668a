// Changes the master key while everything goes on: a thread of its own seals anew what is under an older key, a batch
// at a time, with pauses in which sign-ins have their turn. What was interrupted goes on at the next start.
// Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "desk/identity/accounts.hpp"
#include "foundation/base/result.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "server/api/account_dto.hpp"
#include "server/app/access.hpp"

namespace tidemark::app {

class KeyKeeper {
public:
    struct Options {
        std::string data_dir;
        KeySource source;
        identity::Accounts* accounts = nullptr;
        /// Who else seals gets every new ring.
        std::function<void(const crypto::KeyRing&)> ring_changed = {};
        std::int64_t batch = 100;  ///< Values sealed anew in one transaction
    };
    /// Goes on with a change that was interrupted, and begins one when the source names a new first key, or when a
    /// backup brought older values back.
    KeyKeeper(Options options, crypto::KeyRing ring);
    ~KeyKeeper();
    KeyKeeper(const KeyKeeper&) = delete;
    KeyKeeper& operator=(const KeyKeeper&) = delete;

    /// Begins: a new key in the file, or what the command prints as its first key now. kFailedPrecondition when a
    /// change is under way, and when the source has no new key (the message says how to put it there).
    base::Result<void> rotate(const identity::Act& act);
    /// Reads the source again, and seals anew what is not under its first key.
    base::Result<void> reseal(const identity::Act& act);
    /// Takes a key out of the file. kFailedPrecondition while a value or a backup of the data folder needs it.
    base::Result<void> retire(const identity::Act& act, std::string_view id);

    /// For the page System.
    base::Result<api::MasterKey> state();

    struct Progress {
        bool under_way = false;
        std::int64_t total = 0, left = 0;
        std::string key_id;   ///< The current one
        std::string problem;  ///< Why it does not get on, while it does not
    };
    /// Waits for the end of the change, or a problem, for so long at most.
    [[nodiscard]] Progress wait(std::chrono::milliseconds at_most);

private:
    base::Result<void> take(const identity::Act& act, const crypto::KeyRing& ring);
    base::Result<void> check_idle();
    void run(const std::stop_token& stop);
    [[nodiscard]] crypto::KeyRing ring() const;

    Options options_;
    std::mutex changing_;  ///< One change of the ring at a time
    mutable std::mutex mutex_;
    std::condition_variable_any wake_, told_;
    crypto::KeyRing ring_;
    Progress progress_;
    std::jthread thread_;  ///< Last: ends before what it uses
};

}  // namespace tidemark::app
