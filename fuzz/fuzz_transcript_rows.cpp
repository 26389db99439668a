// Bytes as a transcript: both line scanners must agree, and whatever the parser lets through must be sane.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "ledger/sources/transcripts/line_scanner.hpp"
#include "ledger/sources/transcripts/row_parser.hpp"

namespace {

using namespace tidemark;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

class Checker final : public transcripts::RowSink {
public:
    void on_request(const transcripts::ParsedRequest& parsed) override {
        const model::RequestRow& row = parsed.row;
        const model::TokenCounts& t = row.tokens;
        require(t.input >= 0 && t.output >= 0 && t.cache_write_5m >= 0 && t.cache_write_1h >= 0 && t.cache_read >= 0);
        require(t.total() != 0 || row.web_searches != 0 || row.web_fetches != 0);
        require(!row.message_id.empty() && !row.session.empty() && !row.model.empty() && row.model != "<synthetic>");
        require(row.duration_ms >= -1);
    }
    void on_event(const model::SessionEvent& event) override { require(!event.session.empty()); }
    void on_cost_state(const model::CostState& state) override { require(state.total_cost.value >= 0); }
    void on_fork(std::string_view session, std::string_view parent, base::UnixMillis) override {
        require(session != parent);
    }
    void on_bad_line(const model::BadLine& bad) override { require(bad.line > 0 && !bad.reason.empty()); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(transcripts::kScanSlack, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(data[i]));
    }
    text.append(transcripts::kScanSlack, '\0');
    const char* const begin = text.data() + transcripts::kScanSlack;
    std::vector<transcripts::LineSpan> lines;
    std::vector<transcripts::LineSpan> plain;
    std::uint8_t open = 0;
    std::uint8_t open_plain = 0;
    require(transcripts::scan_lines(begin, size, lines, open) ==
            transcripts::scan_lines_portable(begin, size, plain, open_plain));
    require(lines.size() == plain.size() && open == open_plain);
    Checker checker;
    transcripts::RowParser parser(checker);
    parser.begin_file({"-home-mei-app", "a1"});
    std::string_view previous;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        require(lines[i].facts == plain[i].facts && lines[i].end == plain[i].end && lines[i].time == plain[i].time);
        const std::string_view line(begin + lines[i].begin, lines[i].end - lines[i].begin);
        // All rows, also those that the reader would leave out: the parser must bear anything.
        parser.parse(line, lines[i].facts, static_cast<std::int64_t>(i) + 1, previous);
        previous = lines[i].time == 0 ? std::string_view() : line.substr(lines[i].time - lines[i].begin);
    }
    const std::string saved = parser.save();
    parser.restore(saved);
    require(parser.save() == saved);
    parser.restore({begin, size});  // hostile memory of an earlier read
    return 0;
}
