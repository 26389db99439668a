// The form of the audit log: each row's hash covers its content and the hash before it, and the newest hash is kept
// with a keyed digest, so that neither a changed row nor a cut end goes unnoticed without the master key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "desk/store/rows.hpp"

namespace tidemark::identity {

/// What changed, by name. Values whose names speak of secrets, and mail addresses, are masked before they are stored.
using AuditFields = std::map<std::string, std::string>;

/// The JSON object of the fields, names in order, secrets masked: "•••", "a•••@example.org".
[[nodiscard]] std::string masked_json(const AuditFields& fields);

/// Lower-case hex SHA-256 of the row as a JSON object of texts, names in order, without white space; `row.hash` is not
/// part of it. The format is part of the database's: it never changes.
[[nodiscard]] std::string audit_hash(const store::AuditRow& row);

/// The chain from one place on.
struct AuditMark {
    std::int64_t seq = 0;
    std::string hash;  ///< "" before the first row
    bool operator==(const AuditMark&) const = default;
};
/// "seq:hash:keyed digest"; `name` ("head", "anchor") keeps one mark from being taken as another.
[[nodiscard]] std::string seal_mark(const AuditMark& mark, std::string_view name, std::string_view key);
[[nodiscard]] std::optional<AuditMark> open_mark(std::string_view text, std::string_view name, std::string_view key);

/// RFC 4180 with a header line. Cells that a spreadsheet would take as a formula get an apostrophe.
[[nodiscard]] std::string audit_csv(const std::vector<store::AuditRow>& rows);

}  // namespace tidemark::identity
