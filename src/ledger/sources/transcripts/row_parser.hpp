// Reads one row of a Claude Code transcript. The format is internal to the client and changes with it: unknown row
// types and fields are skipped, known ones may be null or missing (formats.md 1.3-1.8 of the project's research;
// docs/guide/counting.md). Only counts, names and times leave this module: never text of a prompt, an answer or a tool.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/model/usage.hpp"

namespace tidemark::transcripts {

/// A request row plus what only the ledger's merge needs.
struct ParsedRequest {
    model::RequestRow row;
    std::span<const model::ToolUse> tools;  ///< tool_use blocks of this very row
    bool fork_copy = false;                 ///< The row stands in a fork's file; row.session is the original
    bool primary = true;  ///< False for the extra entries (advisor, compaction, fallback, paused) of a message
    std::int64_t line = 0;
};

/// Where parsed rows go. String views are valid during the call only.
class RowSink {
public:
    virtual ~RowSink() = default;
    virtual void on_request(const ParsedRequest& request) = 0;
    virtual void on_event(const model::SessionEvent& event) = 0;
    virtual void on_cost_state(const model::CostState& state) = 0;
    /// `session` was forked from `parent`; `time` is that of a row it copied.
    virtual void on_fork(std::string_view session, std::string_view parent, base::UnixMillis time) = 0;
    virtual void on_bad_line(const model::BadLine& bad) = 0;
};

/// What a row means depends a little on the file it stands in.
struct FileContext {
    std::string_view folder;    ///< Name of the project folder below projects/
    std::string_view agent_id;  ///< From the name of a subagent's file, else empty
};

class RowParser {
public:
    explicit RowParser(RowSink& sink);
    ~RowParser();

    /// The file whose rows follow. The views must live until the next begin_file().
    void begin_file(const FileContext& context);
    /// What must be remembered between two reads of one growing file; empty at its beginning. Restoring text that
    /// save() did not write is harmless: it counts as empty.
    [[nodiscard]] std::string save() const;
    void restore(std::string_view saved);
    /// One line without its newline; 64 readable bytes must follow it. `facts` are the scanner's LineFact bits,
    /// `previous` the raw text from the value of "timestamp" on in the line before, where that is at hand (it starts
    /// the clock of an answer). A line that cannot be read goes to on_bad_line and nothing else happens.
    void parse(std::string_view line, std::uint8_t facts, std::int64_t number, std::string_view previous);
    /// Notes that raw text of the last line of a read, for the line that comes with the next.
    void note_previous(std::string_view previous);
    /// True when parse() can find anything in a line with these facts: lets the caller skip the call.
    [[nodiscard]] static bool worth_parsing(std::string_view line, std::uint8_t facts);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Epoch milliseconds at which a usage limit resets, from the text the client shows; -1 when it names no time.
/// Forms: "Claude AI usage limit reached|1757412000", "… resets 7:20pm (Europe/Brussels)", "… resets 6pm (…)".
[[nodiscard]] base::UnixMillis limit_reset_time(std::string_view text, base::UnixMillis row_time);

}  // namespace tidemark::transcripts
