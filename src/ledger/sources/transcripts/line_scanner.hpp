// Cuts a buffer of JSON Lines into lines and, in the same pass over the bytes, notes which lines can hold facts: most
// rows of a transcript (prompts, tool output, attachments) hold none and are never parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::transcripts {

/// Keys seen in a line. A quote inside a JSON string is always escaped, so `"usage":` in the raw bytes of a valid line
/// is a key and never text that a tool printed.
enum LineFact : std::uint8_t {
    kHasUsage = 1,      ///< "usage":             assistant, agent_progress
    kHasSubtype = 2,    ///< "subtype":           system rows
    kHasToolError = 4,  ///< "is_error":true      tool results
    kHasPatch = 8,      ///< "structuredPatch":[{ edits with changed lines
};

struct LineSpan {
    std::uint32_t begin = 0;  ///< Offset into the buffer
    std::uint32_t end = 0;    ///< Offset of the newline
    std::uint32_t time = 0;   ///< Offset behind the last `"timestamp":` key; 0: there is none
    std::uint8_t facts = 0;   ///< LineFact bits
};

/// Bytes that must be readable before `data` and after `data + size`.
constexpr std::size_t kScanSlack = 64;

/// Appends every whole line of data[0, size) to `lines` and returns how many bytes they take; the rest is a line
/// without its newline yet, and `open_facts` gets the facts seen in it so far. size < 4 GiB. Needs kScanSlack readable
/// bytes on both sides.
std::size_t scan_lines(const char* data, std::size_t size, std::vector<LineSpan>& lines, std::uint8_t& open_facts);

/// The same without vector instructions: the reference in tests, and for processors without AVX2.
std::size_t scan_lines_portable(const char* data, std::size_t size, std::vector<LineSpan>& lines,
                                std::uint8_t& open_facts);

}  // namespace tidemark::transcripts
