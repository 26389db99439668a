#include "foundation/json/write.hpp"

#include <algorithm>
#include <cmath>

#include "foundation/base/time.hpp"

namespace tidemark::json {
namespace {

/// Length of the valid UTF-8 sequence at `at` (RFC 3629: no surrogates, no overlong forms), 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned char first = byte(at);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return follows(at + 1) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned char second = byte(at + 1);
        const bool in_range = !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second > 0x9F);
        return follows(at + 1) && follows(at + 2) && in_range ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned char second = byte(at + 1);
        const bool in_range = !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second > 0x8F);
        return follows(at + 1) && follows(at + 2) && follows(at + 3) && in_range ? 4 : 0;
    }
    return 0;
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    std::size_t start = 0;
    std::size_t i = 0;
    const auto flush = [&] { out.append(text, start, i - start); };
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            ++i;
            continue;
        }
        if (c >= 0x80) {
            if (const std::size_t length = sequence_length(text, i); length != 0) {
                i += length;
                continue;
            }
            flush();
            out += "\xEF\xBF\xBD";
        } else {
            flush();
            switch (c) {
                case '"': out += "\\\""; break;
                case '\\': out += "\\\\"; break;
                case '\n': out += "\\n"; break;
                case '\r': out += "\\r"; break;
                case '\t': out += "\\t"; break;
                default:
                    out += "\\u00";
                    out += kHex[c >> 4U];
                    out += kHex[c & 15U];
            }
        }
        start = ++i;
    }
    flush();
    out += '"';
}

void append_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void append_time(std::string& out, base::UnixMillis time) {
    out += '"';
    out += base::to_rfc3339(time);
    out += '"';
}

std::string indent(std::string_view text) {
    std::string out;
    out.reserve(text.size() * 2);
    std::string line = "\n";  // and what the present depth indents by
    const auto break_line = [&] { out += line; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            const std::size_t start = i;
            for (++i; text[i] != '"'; ++i) {
                if (text[i] == '\\') {
                    ++i;
                }
            }
            out.append(text, start, i - start + 1);
        } else if (c == '{' || c == '[') {
            out += c;
            if (i + 1 < text.size() && (text[i + 1] == '}' || text[i + 1] == ']')) {
                out += text[++i];
            } else {
                line += "  ";
                break_line();
            }
        } else if (c == '}' || c == ']') {
            line.resize(line.size() - 2);
            break_line();
            out += c;
        } else if (c == ',') {
            out += c;
            break_line();
        } else if (c == ':') {
            out += ": ";
        } else {
            std::size_t end = i + 1;  // of a number or word
            while (end < text.size() && text[end] != ',' && text[end] != ']' && text[end] != '}') {
                ++end;
            }
            out.append(text, i, end - i);
            i = end - 1;
        }
    }
    out += '\n';
    return out;
}

}  // namespace tidemark::json
