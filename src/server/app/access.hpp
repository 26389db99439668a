// What stands between the network and the ledger: the master keys, the accounts, the certificate.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "desk/identity/accounts.hpp"
#include "foundation/base/result.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "foundation/net/server.hpp"

namespace tidemark::app {

/// Where the master keys come from: the environment (crypto::kMasterKeyVariable) wins over the command, that over the
/// file.
struct KeySource {
    std::string file;     ///< "": master.key in the data folder
    std::string command;  ///< A program that prints the keys
};
/// Makes the file when nothing else is named, no account exists yet and the file is not there. A lost key is an error
/// that says so: what it sealed cannot be read without it.
base::Result<crypto::KeyRing> open_key_ring(const std::string& data_dir, const KeySource& source);
/// The file that open_key_ring() uses.
[[nodiscard]] std::string key_file(const std::string& data_dir, const KeySource& source);

/// Opens the accounts of a data folder (kUnavailable while a server has them open).
base::Result<std::unique_ptr<identity::Accounts>> open_accounts(const std::string& data_dir, const KeySource& source);

/// True for "127.0.0.1:…", "[::1]:…" and "localhost:…".
[[nodiscard]] bool is_loopback(std::string_view listen);

/// Where people reach the server, for links: "https://tidemark.example.org:8377". `listen` names a port.
[[nodiscard]] std::string address_of(std::string_view listen, bool tls, const std::vector<std::string>& hosts,
                                     const std::vector<std::string>& proxies);

struct Certificate {
    std::string certificate_file, key_file;  ///< Both "": made in the data folder, and made anew before it ends
};
/// The files to serve with beyond loopback: those given, or made by Tidemark for `names`; made anew when they are of
/// other names or end within 30 days.
base::Result<net::TlsFiles> certificate_for(const std::string& data_dir, const Certificate& given,
                                            const std::vector<std::string>& names, base::UnixMillis now);

}  // namespace tidemark::app
