#include "foundation/crypto/password.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "foundation/base/embedded.hpp"
#include "foundation/crypto/impl/sodium.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::embedded {
extern const base::EmbeddedFiles common_passwords;
}

namespace tidemark::crypto {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Bytes of a longer UTF-8 character count as letters: what such a script's digits and signs are is not known here.
bool is_letter(char c) { return is_lower(c) || static_cast<unsigned char>(c) >= 0x80; }

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

/// The number of code points; -1 when it is not UTF-8 (RFC 3629) or has control characters.
int count_characters(std::string_view text) {
    int count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const auto first = static_cast<unsigned char>(text[i++]);
        if (first < 0x20 || first == 0x7f || (first >= 0x80 && first < 0xc2) || first > 0xf4) {
            return -1;
        }
        const int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        for (int k = 0; k < more; ++k, ++i) {
            // The second byte's range keeps out what has a shorter form, surrogates, and what is above U+10FFFF.
            const unsigned char least = k > 0 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            const unsigned char most = k > 0 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
            if (i >= text.size() || static_cast<unsigned char>(text[i]) < least ||
                static_cast<unsigned char>(text[i]) > most) {
                return -1;
            }
        }
    }
    return count;
}

/// Binary search by bytes in the sorted lines, which are never copied.
bool is_listed(std::string_view word) {
    const std::string_view table = embedded::common_passwords.front().bytes;
    std::size_t low = 0;
    std::size_t high = table.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const std::size_t before = middle == 0 ? std::string_view::npos : table.rfind('\n', middle - 1);
        const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
        const std::size_t end = std::min(table.find('\n', middle), table.size());
        const std::string_view line = table.substr(start, end - start);
        if (line == word) {
            return true;
        }
        if (line < word) {
            low = end + 1;
        } else {
            high = start;
        }
    }
    return false;
}

/// "p@ssw0rd" → "password"; 1 and ! stand for i or for l.
std::string without_leet(std::string_view text, char one) {
    std::string plain(text);
    for (char& c : plain) {
        switch (c) {
            case '0': c = 'o'; break;
            case '1':
            case '!': c = one; break;
            case '3': c = 'e'; break;
            case '4':
            case '@': c = 'a'; break;
            case '5':
            case '$': c = 's'; break;
            case '7': c = 't'; break;
            default: break;
        }
    }
    return plain;
}

/// Digits and signs at the end are taken off, and those at the start too when `both`.
std::string_view without_padding(std::string_view text, bool both) {
    while (!text.empty() && !is_letter(text.back())) {
        text.remove_suffix(1);
    }
    while (both && !text.empty() && !is_letter(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

bool is_common(std::string_view lower) {
    if (is_listed(lower)) {
        return true;
    }
    for (const bool both : {false, true}) {
        const std::string_view word = without_padding(lower, both);
        if (word.size() * 2 < lower.size()) {
            continue;
        }
        if (is_listed(word) || is_listed(without_leet(word, 'i')) || is_listed(without_leet(word, 'l'))) {
            return true;
        }
    }
    return false;
}

bool are_neighbours(char a, char b) {
    static constexpr std::string_view kRows = "1234567890 qwertyuiop asdfghjkl zxcvbnm";
    const std::size_t place = kRows.find(a);
    const bool on_a_row = place != std::string_view::npos && a != ' ' &&
                          ((place > 0 && kRows[place - 1] == b) || (place + 1 < kRows.size() && kRows[place + 1] == b));
    return on_a_row || a - b == 1 || b - a == 1 || a == b;
}

bool is_simple(std::string_view lower) {
    std::bitset<256> seen;
    std::size_t near = 0;
    for (std::size_t i = 0; i < lower.size(); ++i) {
        seen.set(static_cast<unsigned char>(lower[i]));
        near += i > 0 && are_neighbours(lower[i - 1], lower[i]) ? 1U : 0U;
    }
    if (seen.count() < 5 || near * 4 >= (lower.size() - 1) * 3) {
        return true;
    }
    // A piece that would itself be long enough may be repeated.
    for (std::size_t period = 1; period < kMinimumPasswordCharacters && period * 2 <= lower.size(); ++period) {
        if (std::equal(lower.begin() + static_cast<std::ptrdiff_t>(period), lower.end(), lower.begin())) {
            return true;
        }
    }
    return false;
}

/// "Ann Miller", "ann.miller@example.org" → annmiller, miller; annmiller, miller, exampleorg, example.
void add_parts(std::string_view text, std::vector<std::string>& parts) {
    const auto add = [&parts](const std::string& part) {
        if (part.size() >= 4) {
            parts.push_back(part);
        }
    };
    std::string whole;
    std::string part;
    for (const char c : lower_case(text) + '@') {
        if (is_letter(c) || is_digit(c)) {
            part.push_back(c);
            continue;
        }
        add(part);
        whole += part;
        part.clear();
        if (c == '@') {
            add(whole);
            whole.clear();
        }
    }
}

bool is_personal(std::string_view lower, std::span<const std::string> personal) {
    std::vector<std::string> parts = {"tidemark", "claude", "anthropic"};
    for (const std::string& text : personal) {
        add_parts(text, parts);
    }
    std::ranges::sort(parts, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    std::string rest = without_leet(lower, 'i');
    std::string plain(lower);
    for (std::string* left : {&rest, &plain}) {
        for (const std::string& part : parts) {
            for (auto at = left->find(part); at != std::string::npos; at = left->find(part)) {
                left->replace(at, part.size(), "\n");
            }
        }
        const auto kept = static_cast<std::size_t>(std::ranges::count_if(*left, [](char c) { return c != '\n'; }));
        if (kept * 2 <= lower.size()) {
            return true;
        }
    }
    return false;
}

}  // namespace

base::Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
    impl::start_sodium();
    std::array<char, crypto_pwhash_STRBYTES> phc{};
    if (password.size() > kMaximumPasswordBytes) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the password is longer than 1024 bytes");
    }
    if (crypto_pwhash_str_alg(phc.data(), password.data(), password.size(), cost.passes, cost.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return base::fail(base::ErrorCode::kResourceExhausted, "there is no memory to hash a password");
    }
    return std::string(phc.data());
}

bool verify_password(std::string_view password, const std::string& phc) {
    impl::start_sodium();
    return password.size() <= kMaximumPasswordBytes && phc.size() < crypto_pwhash_STRBYTES &&
           phc.starts_with(crypto_pwhash_argon2id_STRPREFIX) &&
           crypto_pwhash_str_verify(phc.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& phc, const PasswordCost& cost) {
    return phc.size() >= crypto_pwhash_STRBYTES ||
           crypto_pwhash_argon2id_str_needs_rehash(phc.c_str(), cost.passes, cost.memory_bytes) != 0;
}

const std::string& dummy_password_hash() {
    static const std::string hash = hash_password(random_token()).value();
    return hash;
}

PasswordFault check_password(std::string_view password, std::span<const std::string> personal) {
    if (password.size() > kMaximumPasswordBytes) {
        return PasswordFault::kTooLong;
    }
    const int characters = count_characters(password);
    if (characters < 0) {
        return PasswordFault::kNotText;
    }
    if (characters < static_cast<int>(kMinimumPasswordCharacters)) {
        return PasswordFault::kTooShort;
    }
    std::string lower = lower_case(password);
    const PasswordFault fault = is_simple(lower)               ? PasswordFault::kSimple
                                : is_common(lower)             ? PasswordFault::kCommon
                                : is_personal(lower, personal) ? PasswordFault::kPersonal
                                                               : PasswordFault::kNone;
    wipe(lower);
    return fault;
}

std::string_view to_text(PasswordFault fault) {
    switch (fault) {
        case PasswordFault::kNone: return "";
        case PasswordFault::kNotText: return "The password has characters that cannot be typed.";
        case PasswordFault::kTooShort: return "The password needs 12 characters or more.";
        case PasswordFault::kTooLong: return "The password may have 1024 bytes at most.";
        case PasswordFault::kCommon:
            return "The password is one of those that are tried first, or little more than that.";
        case PasswordFault::kSimple: return "The password repeats itself or follows the keyboard.";
        case PasswordFault::kPersonal:
            return "The password is little more than a name, address or Tidemark's own name.";
    }
    return "";
}

}  // namespace tidemark::crypto
