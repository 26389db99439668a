#include "ledger/sources/transcripts/line_scanner.hpp"

#include <cstring>

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
__attribute__((target("avx2,bmi"))) std::size_t scan_lines_avx2(const char* data, std::size_t size,
                                                                std::vector<LineSpan>& lines,
                                                                std::uint8_t& open_facts) {
    const __m256i newline = _mm256_set1_epi8('\n');
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i colon = _mm256_set1_epi8(':');
    const __m256i last_e = _mm256_set1_epi8('e');
    const __m256i last_r = _mm256_set1_epi8('r');
    const __m256i last_h = _mm256_set1_epi8('h');
    const __m256i last_p = _mm256_set1_epi8('p');
    OpenLine line;
    for (std::size_t at = 0; at < size; at += 32) {
        const void* const block = data + at;
        const void* const block_before = data + at - 1;
        const void* const block_after = data + at + 1;
        const __m256i here = _mm256_loadu_si256(static_cast<const __m256i*>(block));
        const __m256i before = _mm256_loadu_si256(static_cast<const __m256i*>(block_before));
        const __m256i after = _mm256_loadu_si256(static_cast<const __m256i*>(block_after));
        const __m256i key_end = _mm256_and_si256(_mm256_cmpeq_epi8(here, quote), _mm256_cmpeq_epi8(after, colon));
        const __m256i wanted =
            _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(before, last_e), _mm256_cmpeq_epi8(before, last_p)),
                            _mm256_or_si256(_mm256_cmpeq_epi8(before, last_r), _mm256_cmpeq_epi8(before, last_h)));
        auto keys = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_and_si256(key_end, wanted)));
        auto newlines = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(here, newline)));
        if (size - at < 32) {
            const std::uint32_t valid = (1U << (size - at)) - 1;
            keys &= valid;
            newlines &= valid;
        }
        while (newlines != 0) {
            const std::uint32_t below_newline = newlines ^ (newlines - 1);  // bits up to and with the newline
            for (std::uint32_t mine = keys & below_newline; mine != 0; mine &= mine - 1) {
                line.key(data, at + _tzcnt_u32(mine));
            }
            keys &= ~below_newline;
            line.end(lines, at + _tzcnt_u32(newlines));
            newlines &= newlines - 1;
        }
        for (; keys != 0; keys &= keys - 1) {
            line.key(data, at + _tzcnt_u32(keys));
        }
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
    static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;
    if (has_avx2) {
        return scan_lines_avx2(data, size, lines, open_facts);
    }
#endif
    return scan_lines_portable(data, size, lines, open_facts);
}

}  // namespace tidemark::transcripts
