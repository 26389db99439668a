// Certificates of a server: making one that signs itself, and reading what one says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"

namespace tidemark::net {

/// How long a certificate that signs itself holds: the most that browsers take (CA/Browser Forum, 398 days).
constexpr int kSelfSignedDays = 397;

/// Makes a P-256 key and a certificate for it that signs itself (X.509 v3, RFC 5280: SAN, serverAuth, CA:FALSE).
/// `names` are host names ("tidemark.example") and addresses ("192.168.1.5", "fd00::5"); at least one, no wildcards.
/// Replaces both files, the key first; the key's file is readable by its owner only (0600).
[[nodiscard]] base::Result<void> make_self_signed(const std::vector<std::string>& names, const std::string& key_file,
                                                  const std::string& certificate_file);

struct CertificateFacts {
    std::string fingerprint;         ///< SHA-256 of the DER form, as browsers show it: "AA:BB:…"
    std::vector<std::string> names;  ///< Subject alternative names: DNS names and addresses
    base::UnixMillis not_before = 0;
    base::UnixMillis not_after = 0;
    bool self_signed = false;

    /// Whole days until it ends, rounded down; negative when it has ended.
    [[nodiscard]] std::int64_t days_left(base::UnixMillis now) const;
};

/// Of the first certificate in a PEM file.
[[nodiscard]] base::Result<CertificateFacts> certificate_facts(const std::string& certificate_file);

}  // namespace tidemark::net
