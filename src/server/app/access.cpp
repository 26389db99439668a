#include "server/app/access.hpp"

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

#include "desk/backup/restore.hpp"
#include "foundation/base/clock.hpp"
#include "foundation/config/config.hpp"
#include "foundation/net/certificate.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::app {

namespace {

constexpr std::string_view kAccountsDatabase = "accounts.db";
// A certificate of our own is replaced this long before it ends.
constexpr std::int64_t kRenewDays = 30;

std::string host_of(std::string_view listen) {
    const std::size_t colon = listen.rfind(':');
    std::string host(listen.substr(0, colon));
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    return host;
}

/// "name:443" and "name:*" without what follows the name; addresses of IPv6 without brackets.
std::string without_port(std::string_view host) {
    if (host.starts_with('[')) {
        return std::string(host.substr(1, host.find(']') - 1));
    }
    return std::string(host.find(':') == host.rfind(':') ? host.substr(0, host.find(':')) : host);
}

/// ":8443" of "name:8443". A proxy serves on the port that https has, where nothing else is said.
std::string port_of(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const bool one = host.starts_with('[') ? host.find("]:") != std::string_view::npos : host.find(':') == colon;
    const std::string_view port = one && colon != std::string_view::npos ? host.substr(colon) : std::string_view();
    return port == ":*" || port == ":443" ? std::string() : std::string(port);
}

}  // namespace

std::string address_of(std::string_view listen, bool tls, const std::vector<std::string>& hosts,
                       const std::vector<std::string>& proxies) {
    if (is_loopback(listen)) {
        return std::string(tls ? "https://" : "http://").append(listen);
    }
    const std::string name = hosts.empty() ? host_of(listen) : without_port(hosts.front());
    const std::string port = proxies.empty() ? std::string(listen.substr(listen.rfind(':')))
                             : hosts.empty() ? std::string()
                                             : port_of(hosts.front());
    return "https://" + (name.find(':') == std::string::npos ? name : "[" + name + "]") + port;
}

std::string key_file(const std::string& data_dir, const KeySource& source) {
    return source.file.empty() ? data_dir + "/master.key" : source.file;
}

base::Result<crypto::KeyRing> open_key_ring(const std::string& data_dir, const KeySource& source) {
    if (const auto text = config::environment(crypto::kMasterKeyVariable)) {
        return crypto::KeyRing::parse(*text, std::string("the environment variable ") + crypto::kMasterKeyVariable);
    }
    if (!source.command.empty()) {
        return crypto::KeyRing::run_command(source.command);
    }
    const std::string path = key_file(data_dir, source);
    auto ring = crypto::KeyRing::read_file(path);
    if (ring || ring.error().code != base::ErrorCode::kNotFound) {
        return ring;
    }
    if (sys::identity_of(data_dir + "/" + std::string(kAccountsDatabase))) {
        return base::fail(base::ErrorCode::kFailedPrecondition,
                          "the master key " + path +
                              " is not there, and the accounts were sealed with it: put it back from its backup, or "
                              "name it with --master-key-file, --master-key-command or " +
                              crypto::kMasterKeyVariable);
    }
    TIDEMARK_CHECK_OK(sys::make_directories(data_dir));
    return crypto::KeyRing::create_file(path);
}

base::Result<std::unique_ptr<identity::Accounts>> open_accounts(const std::string& data_dir, const KeySource& source) {
    TIDEMARK_TRY([[maybe_unused]] const bool restored, backup::finish_restore(data_dir));
    TIDEMARK_TRY(crypto::KeyRing ring, open_key_ring(data_dir, source));
    return identity::Accounts::open(data_dir, std::move(ring), {}, base::now());
}

bool is_loopback(std::string_view listen) {
    const std::string host = host_of(listen);
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

base::Result<net::TlsFiles> certificate_for(const std::string& data_dir, const Certificate& given,
                                            const std::vector<std::string>& names, base::UnixMillis now) {
    if (given.certificate_file.empty() != given.key_file.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "--tls-certificate and --tls-key belong together: give both or neither");
    }
    if (!given.certificate_file.empty()) {
        return net::TlsFiles{given.certificate_file, given.key_file};
    }
    const std::string folder = data_dir + "/tls";
    net::TlsFiles files{folder + "/certificate.pem", folder + "/key.pem"};
    std::vector<std::string> wanted;
    wanted.reserve(names.size() + 3);
    for (const std::string& name : names) {
        wanted.push_back(without_port(name));
    }
    wanted.insert(wanted.end(), {"localhost", "127.0.0.1", "::1"});
    const auto facts = net::certificate_facts(files.certificate_file);
    const bool covers = facts && std::all_of(wanted.begin(), wanted.end(), [&facts](const std::string& name) {
                            return std::find(facts->names.begin(), facts->names.end(), name) != facts->names.end();
                        });
    if (!covers || facts->days_left(now) < kRenewDays) {
        TIDEMARK_CHECK_OK(sys::make_directories(folder));
        TIDEMARK_CHECK_OK(net::make_self_signed(wanted, files.key_file, files.certificate_file));
    }
    return files;
}

}  // namespace tidemark::app
