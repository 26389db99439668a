#include "desk/identity/audit.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "foundation/base/time.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::identity {

namespace {

constexpr std::string_view kMask = "•••";

bool names_a_secret(std::string_view name) {
    constexpr std::array<std::string_view, 6> kWords = {"password", "secret", "token", "seed", "webhook", "credential"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

std::string masked(std::string_view name, std::string_view value) {
    if (names_a_secret(name)) {
        return std::string(value.empty() ? "" : kMask);
    }
    const std::size_t at = value.find('@');
    if (at != std::string_view::npos && at > 0 && value.find('.', at) != std::string_view::npos) {
        return std::string(value.substr(0, 1)) + std::string(kMask) + std::string(value.substr(at));
    }
    return std::string(value);
}

void append_cell(std::string& out, std::string_view value) {
    std::string cell(value);
    if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) {
        cell.insert(cell.begin(), '\'');
    }
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
        out += cell;
        return;
    }
    out += '"';
    for (const char c : cell) {
        out += c;
        if (c == '"') {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

std::string masked_json(const AuditFields& fields) {
    AuditFields shown;
    for (const auto& [name, value] : fields) {
        shown.emplace(name, masked(name, value));
    }
    return json::to_text(shown);
}

std::string audit_hash(const store::AuditRow& row) {
    return crypto::to_hex(crypto::sha256(json::to_text(std::map<std::string, std::string>{
        {"action", row.action},
        {"actor", row.actor},
        {"after", row.after},
        {"before", row.before},
        {"object", row.object},
        {"prev", row.prev},
        {"remote", row.remote},
        {"request_id", row.request_id},
        {"seq", std::to_string(row.seq)},
        {"time", std::to_string(row.time)},
    })));
}

std::string seal_mark(const AuditMark& mark, std::string_view name, std::string_view key) {
    const std::string body = std::to_string(mark.seq) + ":" + mark.hash;
    return body + ":" + crypto::to_hex(crypto::hmac_sha256(key, std::string(name) + ":" + body));
}

std::optional<AuditMark> open_mark(std::string_view text, std::string_view name, std::string_view key) {
    const std::size_t first = text.find(':');
    const std::size_t last = text.rfind(':');
    if (first == std::string_view::npos || last == first) {
        return std::nullopt;
    }
    AuditMark mark;
    if (std::from_chars(text.data(), text.data() + first, mark.seq).ptr != text.data() + first) {
        return std::nullopt;
    }
    mark.hash = text.substr(first + 1, last - first - 1);
    return crypto::constant_time_equal(seal_mark(mark, name, key), text) ? std::optional(mark) : std::nullopt;
}

std::string audit_csv(const std::vector<store::AuditRow>& rows) {
    std::string out = "seq,time,actor,action,object,before,after,remote,request_id,hash\r\n";
    for (const store::AuditRow& row : rows) {
        out += std::to_string(row.seq) + "," + base::to_rfc3339(row.time);
        for (const std::string* cell :
             {&row.actor, &row.action, &row.object, &row.before, &row.after, &row.remote, &row.request_id, &row.hash}) {
            out += ',';
            append_cell(out, *cell);
        }
        out += "\r\n";
    }
    return out;
}

}  // namespace tidemark::identity
