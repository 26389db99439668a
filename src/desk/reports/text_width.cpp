#include "desk/reports/text_width.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tidemark::report {

namespace {

struct Range {
    char32_t first, last;
};

// Unicode 15.1, East_Asian_Width W and F, merged; and emoji that terminals draw wide.
constexpr std::array kWide = {
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x2329, 0x232a},   Range{0x23e9, 0x23ec},
    Range{0x23f0, 0x23f0},   Range{0x23f3, 0x23f3},   Range{0x25fd, 0x25fe},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x267f, 0x267f},   Range{0x2693, 0x2693},   Range{0x26a1, 0x26a1},
    Range{0x26aa, 0x26ab},   Range{0x26bd, 0x26be},   Range{0x26c4, 0x26c5},   Range{0x26ce, 0x26ce},
    Range{0x26d4, 0x26d4},   Range{0x26ea, 0x26ea},   Range{0x26f2, 0x26f3},   Range{0x26f5, 0x26f5},
    Range{0x26fa, 0x26fa},   Range{0x26fd, 0x26fd},   Range{0x2705, 0x2705},   Range{0x270a, 0x270b},
    Range{0x2728, 0x2728},   Range{0x274c, 0x274c},   Range{0x274e, 0x274e},   Range{0x2753, 0x2755},
    Range{0x2757, 0x2757},   Range{0x2795, 0x2797},   Range{0x27b0, 0x27b0},   Range{0x27bf, 0x27bf},
    Range{0x2b1b, 0x2b1c},   Range{0x2b50, 0x2b50},   Range{0x2b55, 0x2b55},   Range{0x2e80, 0x2e99},
    Range{0x2e9b, 0x2ef3},   Range{0x2f00, 0x2fd5},   Range{0x2ff0, 0x303e},   Range{0x3041, 0x3096},
    Range{0x3099, 0x30ff},   Range{0x3105, 0x312f},   Range{0x3131, 0x318e},   Range{0x3190, 0x31e3},
    Range{0x31ef, 0x321e},   Range{0x3220, 0x3247},   Range{0x3250, 0x4dbf},   Range{0x4e00, 0xa48c},
    Range{0xa490, 0xa4c6},   Range{0xa960, 0xa97c},   Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},
    Range{0xfe10, 0xfe19},   Range{0xfe30, 0xfe52},   Range{0xfe54, 0xfe66},   Range{0xfe68, 0xfe6b},
    Range{0xff01, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x16fe0, 0x16fe4}, Range{0x17000, 0x18cd5},
    Range{0x1aff0, 0x1b2fb}, Range{0x1f004, 0x1f004}, Range{0x1f0cf, 0x1f0cf}, Range{0x1f18e, 0x1f18e},
    Range{0x1f191, 0x1f19a}, Range{0x1f200, 0x1f320}, Range{0x1f32d, 0x1f335}, Range{0x1f337, 0x1f37c},
    Range{0x1f37e, 0x1f393}, Range{0x1f3a0, 0x1f3ca}, Range{0x1f3cf, 0x1f3d3}, Range{0x1f3e0, 0x1f3f0},
    Range{0x1f3f4, 0x1f3f4}, Range{0x1f3f8, 0x1f43e}, Range{0x1f440, 0x1f440}, Range{0x1f442, 0x1f4fc},
    Range{0x1f4ff, 0x1f53d}, Range{0x1f54b, 0x1f54e}, Range{0x1f550, 0x1f567}, Range{0x1f57a, 0x1f57a},
    Range{0x1f595, 0x1f596}, Range{0x1f5a4, 0x1f5a4}, Range{0x1f5fb, 0x1f64f}, Range{0x1f680, 0x1f6c5},
    Range{0x1f6cc, 0x1f6cc}, Range{0x1f6d0, 0x1f6d2}, Range{0x1f6d5, 0x1f6d7}, Range{0x1f6dc, 0x1f6df},
    Range{0x1f6eb, 0x1f6ec}, Range{0x1f6f4, 0x1f6fc}, Range{0x1f7e0, 0x1f7eb}, Range{0x1f7f0, 0x1f7f0},
    Range{0x1f90c, 0x1f93a}, Range{0x1f93c, 0x1f945}, Range{0x1f947, 0x1f9ff}, Range{0x1fa70, 0x1faf8},
    Range{0x20000, 0x3fffd},
};

// Marks that sit on the character before them, joiners and other characters without a column.
constexpr std::array kZero = {
    Range{0x0300, 0x036f}, Range{0x0483, 0x0489},   Range{0x0591, 0x05bd}, Range{0x0610, 0x061a}, Range{0x064b, 0x065f},
    Range{0x0900, 0x0902}, Range{0x093c, 0x093c},   Range{0x0941, 0x0948}, Range{0x094d, 0x094d}, Range{0x0e31, 0x0e31},
    Range{0x0e34, 0x0e3a}, Range{0x0e47, 0x0e4e},   Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x200b, 0x200f},
    Range{0x202a, 0x202e}, Range{0x2060, 0x2064},   Range{0x20d0, 0x20f0}, Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f},
    Range{0xfeff, 0xfeff}, Range{0xe0100, 0xe01ef},
};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
    const auto next = std::upper_bound(ranges.begin(), ranges.end(), c,
                                       [](char32_t value, const Range& r) { return value < r.first; });
    return next != ranges.begin() && c <= std::prev(next)->last;
}

struct Character {
    std::string_view bytes;
    char32_t code = 0xfffd;
    std::size_t width = 1;
};

/// The first character of `text`, which is not empty; bytes that are not UTF-8 come one by one as U+FFFD.
Character first_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    std::size_t length = lead < 0x80                   ? 1
                         : lead >= 0xc2 && lead < 0xe0 ? 2
                         : (lead & 0xf0) == 0xe0       ? 3
                         : lead >= 0xf0 && lead < 0xf5 ? 4
                                                       : 0;
    Character result;
    if (length == 1) {
        result.code = lead;
    } else if (length > 1 && length <= text.size()) {
        char32_t code = lead & (0x7fU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            if ((byte(i) & 0xc0) != 0x80) {
                code = 0;
                break;
            }
            code = code << 6 | (byte(i) & 0x3fU);
        }
        constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
        if (code >= kSmallest[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) {
            result.code = code;
        } else {
            length = 1;
        }
    } else {
        length = 1;
    }
    result.bytes = text.substr(0, length);
    result.width = within(kZero, result.code) ? 0 : within(kWide, result.code) ? 2 : 1;
    return result;
}

std::vector<Character> characters(std::string_view text) {
    std::vector<Character> result;
    while (!text.empty()) {
        result.push_back(first_of(text));
        text.remove_prefix(result.back().bytes.size());
    }
    return result;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    while (!utf8.empty()) {
        const Character c = first_of(utf8);
        width += c.width;
        utf8.remove_prefix(c.bytes.size());
    }
    return width;
}

std::string pad_right(std::string_view text, std::size_t width) {
    const std::size_t used = display_width(text);
    return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
    const std::size_t used = display_width(text);
    return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string shorten(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) {
        return std::string(text);
    }
    std::string result;
    std::size_t used = 1;  // the ellipsis
    for (const Character& c : characters(text)) {
        if (used + c.width > width) {
            break;
        }
        used += c.width;
        result += c.bytes;
    }
    return width == 0 ? std::string() : result + "…";
}

std::string shorten_front(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) {
        return std::string(text);
    }
    const auto all = characters(text);
    std::size_t used = 1;
    std::size_t first = all.size();
    while (first > 0 && used + all[first - 1].width <= width) {
        used += all[--first].width;
    }
    std::string result = width == 0 ? "" : "…";
    for (std::size_t i = first; i < all.size() && width > 0; ++i) {
        result += all[i].bytes;
    }
    return result;
}

std::string printable(std::string_view text) {
    std::string result;
    for (const Character& c : characters(text)) {
        const bool control = c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0) ||
                             (c.code >= 0x200e && c.code <= 0x200f) || (c.code >= 0x202a && c.code <= 0x202e) ||
                             c.code == 0x2028 || c.code == 0x2029;
        if (control || c.code == 0xfffd) {
            result += "\xef\xbf\xbd";
        } else {
            result += c.bytes;
        }
    }
    return result;
}

}  // namespace tidemark::report
