#include "ledger/sources/transcripts/line_scanner.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tidemark::transcripts {

namespace {

/// Set beside the LineFact bits while a line is scanned: the key was "timestamp".
constexpr std::uint8_t kIsTime = 128;

/// The fact of the key whose closing quote is at `quote`; the caller has seen `":` there.
inline std::uint8_t fact_at(const char* quote) {
    switch (quote[-1]) {
        case 'e':
            if (quote[-2] == 'g') {
                return std::memcmp(quote - 6, "\"usage", 6) == 0 ? kHasUsage : 0;
            }
            return quote[-2] == 'p' && std::memcmp(quote - 8, "\"subtype", 8) == 0 ? kHasSubtype : 0;
        case 'r':
            return quote[-2] == 'o' && std::memcmp(quote - 9, "\"is_error", 9) == 0 &&
                           std::memcmp(quote + 2, "true", 4) == 0
                       ? kHasToolError
                       : 0;
        case 'h':
            return quote[-2] == 'c' && std::memcmp(quote - 16, "\"structuredPatch", 16) == 0 &&
                           std::memcmp(quote + 2, "[{", 2) == 0
                       ? kHasPatch
                       : 0;
        case 'p': return quote[-2] == 'm' && std::memcmp(quote - 10, "\"timestamp", 10) == 0 ? kIsTime : 0;
        default: return 0;
    }
}

/// A line while it is scanned.
struct OpenLine {
    std::uint32_t begin = 0;
    std::uint32_t time = 0;
    std::uint8_t facts = 0;

    void key(const char* data, std::size_t at) {
        const std::uint8_t fact = fact_at(data + at);
        if (fact == kIsTime) {
            time = static_cast<std::uint32_t>(at + 2);
        } else {
            facts |= fact;
        }
    }
    void end(std::vector<LineSpan>& lines, std::size_t at) {
        lines.push_back({begin, static_cast<std::uint32_t>(at), time, facts});
        *this = {static_cast<std::uint32_t>(at + 1), 0, 0};
    }
};

#if defined(__x86_64__)
/// The newlines and the key ends of the 64 bytes at `at`, lowest bit first. Most blocks have neither: long texts.
inline void take_block(OpenLine& line, const char* data, std::size_t at, std::size_t size, std::uint64_t newlines,
                       std::uint64_t keys, std::vector<LineSpan>& lines) {
    if (size - at < 64) {
        const std::uint64_t valid = (std::uint64_t{1} << (size - at)) - 1;
        keys &= valid;
        newlines &= valid;
    }
    while (newlines != 0) {
        const std::uint64_t below_newline = newlines ^ (newlines - 1);  // bits up to and with the newline
        for (std::uint64_t mine = keys & below_newline; mine != 0; mine &= mine - 1) {
            line.key(data, at + static_cast<std::size_t>(std::countr_zero(mine)));
        }
        keys &= ~below_newline;
        line.end(lines, at + static_cast<std::size_t>(std::countr_zero(newlines)));
        newlines &= newlines - 1;
    }
    for (; keys != 0; keys &= keys - 1) {
        line.key(data, at + static_cast<std::size_t>(std::countr_zero(keys)));
    }
}

__attribute__((target("avx2"))) inline __m256i load(const char* from) {
    const void* const bytes = from;
    return _mm256_loadu_si256(static_cast<const __m256i*>(bytes));
}

__attribute__((target("avx2"))) inline std::uint64_t bits(__m256i low, __m256i high) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(low))) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

/// Where the byte before is the last letter of a key that fact_at() knows.
__attribute__((target("avx2"))) inline __m256i wanted(__m256i before) {
    return _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(before, _mm256_set1_epi8('e')),
                                           _mm256_cmpeq_epi8(before, _mm256_set1_epi8('p'))),
                           _mm256_or_si256(_mm256_cmpeq_epi8(before, _mm256_set1_epi8('r')),
                                           _mm256_cmpeq_epi8(before, _mm256_set1_epi8('h'))));
}

__attribute__((target("avx2,bmi"))) std::size_t scan_lines_avx2(const char* data, std::size_t size,
                                                                std::vector<LineSpan>& lines,
                                                                std::uint8_t& open_facts) {
    const __m256i newline = _mm256_set1_epi8('\n');
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i colon = _mm256_set1_epi8(':');
    OpenLine line;
    for (std::size_t at = 0; at < size; at += 64) {
        const char* const block = data + at;
        const __m256i low = load(block);
        const __m256i high = load(block + 32);
        const __m256i low_key =
            _mm256_and_si256(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(load(block + 1), colon));
        const __m256i high_key =
            _mm256_and_si256(_mm256_cmpeq_epi8(high, quote), _mm256_cmpeq_epi8(load(block + 33), colon));
        const __m256i low_line = _mm256_cmpeq_epi8(low, newline);
        const __m256i high_line = _mm256_cmpeq_epi8(high, newline);
        const __m256i any = _mm256_or_si256(_mm256_or_si256(low_key, high_key), _mm256_or_si256(low_line, high_line));
        if (_mm256_testz_si256(any, any) != 0) {
            continue;
        }
        take_block(line, data, at, size, bits(low_line, high_line),
                   bits(_mm256_and_si256(low_key, wanted(load(block - 1))),
                        _mm256_and_si256(high_key, wanted(load(block + 31)))),
                   lines);
    }
    open_facts = line.facts;
    return line.begin;
}

/// The last letter of the keys that fact_at() knows, by the low half of the letter before it: usaGE, timestaMP,
/// is_errOR, structuredPatCH, subtyPE. The halves differ, and little else in a transcript ends like these, so that most
/// blocks are done with a branch that is easy to foretell. Four times over, for the four lanes of a shuffle.
constexpr std::array<char, 64> kLastBySecond = [] {
    std::array<char, 64> table{};
    for (const auto& [second, last] : {std::pair('g', 'e'), {'m', 'p'}, {'o', 'r'}, {'c', 'h'}, {'p', 'e'}}) {
        for (std::size_t lane = 0; lane < 4; ++lane) {
            table[lane * 16 + (static_cast<unsigned char>(second) & 15U)] = last;
        }
    }
    return table;
}();

__attribute__((target("avx512bw"))) std::size_t scan_lines_avx512(const char* data, std::size_t size,
                                                                  std::vector<LineSpan>& lines,
                                                                  std::uint8_t& open_facts) {
    const __m512i newline = _mm512_set1_epi8('\n');
    const __m512i quote = _mm512_set1_epi8('"');
    const __m512i colon = _mm512_set1_epi8(':');
    const __m512i last_by_second = _mm512_loadu_si512(kLastBySecond.data());
    OpenLine line;
    for (std::size_t at = 0; at < size; at += 64) {
        const __m512i here = _mm512_loadu_si512(data + at);
        const __m512i last = _mm512_loadu_si512(data + at - 1);
        const __m512i expected = _mm512_shuffle_epi8(last_by_second, _mm512_loadu_si512(data + at - 2));
        const std::uint64_t newlines = _mm512_cmpeq_epi8_mask(here, newline);
        const std::uint64_t key_ends =
            _mm512_mask_cmpeq_epi8_mask(_mm512_cmpeq_epi8_mask(here, quote), _mm512_loadu_si512(data + at + 1), colon);
        const std::uint64_t known = _mm512_mask_cmpeq_epi8_mask(key_ends, last, expected);
        if ((newlines | known) == 0) {
            continue;
        }
        take_block(line, data, at, size, newlines, known, lines);
    }
    open_facts = line.facts;
    return line.begin;
}
#endif

}  // namespace

std::size_t scan_lines_portable(const char* data, std::size_t size, std::vector<LineSpan>& lines,
                                std::uint8_t& open_facts) {
    OpenLine line;
    for (std::size_t at = 0; at < size; ++at) {
        if (data[at] == '\n') {
            line.end(lines, at);
        } else if (data[at] == '"' && data[at + 1] == ':') {
            line.key(data, at);
        }
    }
    open_facts = line.facts;
    return line.begin;
}

std::size_t scan_lines(const char* data, std::size_t size, std::vector<LineSpan>& lines, std::uint8_t& open_facts) {
#if defined(__x86_64__)
    using Scan = std::size_t(const char*, std::size_t, std::vector<LineSpan>&, std::uint8_t&);
    static Scan* const fastest = __builtin_cpu_supports("avx512bw") != 0 ? scan_lines_avx512
                                 : __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0
                                     ? scan_lines_avx2
                                     : scan_lines_portable;
    return fastest(data, size, lines, open_facts);
#else
    return scan_lines_portable(data, size, lines, open_facts);
#endif
}

}  // namespace tidemark::transcripts
