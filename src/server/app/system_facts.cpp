#include "server/app/system_facts.hpp"

#include <filesystem>
#include <thread>

#include <sys/statvfs.h>

#include "foundation/log/log.hpp"
#include "foundation/net/certificate.hpp"

namespace tidemark::app {

namespace {

namespace fs = std::filesystem;

std::int64_t size_of(const fs::path& file) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

/// With the log beside it.
std::int64_t database_size(const fs::path& file) { return size_of(file) + size_of(file.string() + "-wal"); }

}  // namespace

api::System system_of(const SystemFacts& facts, net::Server* server, const identity::Accounts& accounts) {
    api::System system;
    const fs::path folder = facts.data_dir;
    system.database_bytes = database_size(folder / "tidemark.db");
    system.accounts_bytes = database_size(folder / "accounts.db");
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        if (at->is_regular_file(gone)) {
            system.data_dir_bytes += size_of(at->path());
        }
    }
    struct statvfs disk{};
    if (::statvfs(facts.data_dir.c_str(), &disk) == 0) {
        system.disk_free_bytes = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    }
    const base::UnixMillis now = base::now();
    system.uptime_seconds = (now - facts.started) / base::kSecond;
    system.signed_in = accounts.live_sessions(now);
    if (server != nullptr) {
        system.listen = server->addresses();
        system.streams = server->stats().streams;
    }
    if (facts.tls) {
        if (const auto certificate = net::certificate_facts(facts.tls->certificate_file)) {
            api::TlsState tls;
            tls.on = true;
            tls.fingerprint = certificate->fingerprint;
            tls.names = certificate->names;
            tls.not_after = {certificate->not_after};
            tls.days_left = certificate->days_left(now);
            tls.self_signed = certificate->self_signed;
            system.tls = std::move(tls);
        }
    }
    return system;
}

void forget(ingest::Collector& collector, identity::Accounts& accounts, const identity::Erasure& erasure) {
    std::size_t number = 0;
    for (const std::string& member : erasure.members) {
        // Several names of one person stay apart: sums by member are not mixed afterwards.
        const std::string name = ++number == 1 ? erasure.pseudonym : erasure.pseudonym + "-" + std::to_string(number);
        if (auto renamed = collector.rename_member(member, name).get(); !renamed) {
            log::error("erasure_waits", {{"reason", renamed.error().message}});
            return;
        }
    }
    if (auto done = accounts.finish_erasure(erasure.account); !done) {
        log::error("erasure_waits", {{"reason", done.error().message}});
    }
}

}  // namespace tidemark::app
