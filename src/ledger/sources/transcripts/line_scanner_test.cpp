#include "ledger/sources/transcripts/line_scanner.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tidemark::transcripts {
namespace {

struct Scan {
    std::vector<LineSpan> lines;
    std::uint8_t open_facts = 0;
    std::size_t used = 0;
};

template <class F>
Scan scan(F function, const std::string& text) {
    std::string padded(kScanSlack, '\0');
    padded += text;
    padded.append(kScanSlack, '\0');
    Scan result;
    result.used = function(padded.data() + kScanSlack, text.size(), result.lines, result.open_facts);
    return result;
}

TEST(LineScanner, FindsLinesAndTheKeysThatMatter) {
    const std::string text =
        "{\"type\":\"assistant\",\"message\":{\"usage\":{\"input_tokens\":1}}}\n"
        "{\"type\":\"system\",\"subtype\":\"turn_duration\"}\n"
        "{\"content\":[{\"is_error\":true}]}\n"
        "{\"content\":[{\"is_error\":false}]}\n"
        "{\"toolUseResult\":{\"structuredPatch\":[{\"lines\":[]}]}}\n"
        "{\"toolUseResult\":{\"structuredPatch\":[]}}\n"
        "{\"usage\":";
    const Scan result = scan(scan_lines, text);
    ASSERT_EQ(result.lines.size(), 6U);
    EXPECT_EQ(result.lines[0].facts, kHasUsage);
    EXPECT_EQ(result.lines[1].facts, kHasSubtype);
    EXPECT_EQ(result.lines[2].facts, kHasToolError);
    EXPECT_EQ(result.lines[3].facts, 0);
    EXPECT_EQ(result.lines[4].facts, kHasPatch);
    EXPECT_EQ(result.lines[5].facts, 0);
    EXPECT_EQ(result.open_facts, kHasUsage);
    EXPECT_EQ(result.used, text.rfind('\n') + 1);
}

TEST(LineScanner, PointsAtTheLastTime) {
    const std::string text = "{\"timestamp\":\"a\",\"snapshot\":{\"timestamp\":\"b\"}}\n{\"x\":1}\n";
    const Scan result = scan(scan_lines, text);
    ASSERT_EQ(result.lines.size(), 2U);
    EXPECT_EQ(text.substr(result.lines[0].time, 3), "\"b\"");
    EXPECT_EQ(result.lines[1].time, 0U);
}

TEST(LineScanner, KeysInsideStringsDoNotCount) {
    const Scan result = scan(scan_lines, R"({"content":"decoy {\"usage\":{\"input_tokens\":999}} \"subtype\":\"x\""})"
                                         "\n");
    ASSERT_EQ(result.lines.size(), 1U);
    EXPECT_EQ(result.lines[0].facts, 0);
}

TEST(LineScanner, VectorAndPortableScanAgree) {
    // Pieces that put newlines, quotes and keys at every offset of a vector.
    const std::string pieces[] = {"\n",
                                  "\"usage\":",
                                  "\"subtype\":\"",
                                  "\"is_error\":true",
                                  "\"structuredPatch\":[{",
                                  "\"a",
                                  "e\":",
                                  "\\\"usage\\\":",
                                  "x",
                                  "\xE6\xBD\xAE",
                                  "r\":",
                                  "h\":",
                                  "\"timestamp\":",
                                  ":",
                                  std::string("\0", 1)};
    std::mt19937 random(7);
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        const std::size_t count = random() % 60;
        for (std::size_t i = 0; i < count; ++i) {
            text += pieces[random() % std::size(pieces)];
        }
        const Scan fast = scan(scan_lines, text);
        const Scan plain = scan(scan_lines_portable, text);
        ASSERT_EQ(fast.used, plain.used) << round;
        ASSERT_EQ(fast.open_facts, plain.open_facts) << round;
        ASSERT_EQ(fast.lines.size(), plain.lines.size()) << round;
        for (std::size_t i = 0; i < fast.lines.size(); ++i) {
            ASSERT_EQ(fast.lines[i].begin, plain.lines[i].begin);
            ASSERT_EQ(fast.lines[i].end, plain.lines[i].end);
            ASSERT_EQ(fast.lines[i].facts, plain.lines[i].facts) << text;
            ASSERT_EQ(fast.lines[i].time, plain.lines[i].time) << text;
        }
    }
}

}  // namespace
}  // namespace tidemark::transcripts
