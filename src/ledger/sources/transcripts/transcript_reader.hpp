// Reads the new part of one growing transcript file and hands its rows to a RowSink.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"
#include "ledger/sources/transcripts/line_scanner.hpp"
#include "ledger/sources/transcripts/row_parser.hpp"

namespace tidemark::transcripts {

/// The restart record of a file: enough to go on after its last whole line, and to notice that it is no longer the same
/// file.
struct ReadState {
    sys::FileIdentity identity;    ///< When last read
    std::int64_t offset = 0;       ///< End of the last whole line that was read
    std::int64_t lines = 0;        ///< Whole lines before offset
    std::int64_t head_length = 0;  ///< How many first bytes head_hash covers
    std::uint64_t head_hash = 0;
    std::string carry;  ///< RowParser::save()
};

/// Where a transcript stands in the client's tree, from its path alone.
struct TranscriptPath {
    std::string folder;    ///< Project folder below projects/
    std::string session;   ///< Session id in the path, empty when it has none (old subagent files)
    std::string agent_id;  ///< Subagents only
};
/// Nothing when the file is no transcript (a workflow's journal.jsonl). `root` is the projects folder.
[[nodiscard]] bool classify_path(std::string_view root, std::string_view path, TranscriptPath& out);

class TranscriptReader {
public:
    /// Called after every stretch of whole lines, when `state` tells exactly what has been handed to the sink: the
    /// moment to store both. Returning false stops the read there.
    class Progress {
    public:
        virtual ~Progress() = default;
        virtual bool on_progress(const ReadState& state) = 0;
    };

    TranscriptReader(RowSink& sink, Progress& progress);

    /// Reads from where `state` ends, or from the start when the file was replaced, cut or is new; updates `state`.
    /// `restarted` tells that it began at 0 although something had been read before.
    base::Result<void> read(const std::string& path, const TranscriptPath& where, ReadState& state, bool& restarted);
    /// The parser's memory at this point: belongs into ReadState::carry when a state is stored in on_progress().
    [[nodiscard]] std::string carry() const { return parser_.save(); }

private:
    /// Remembers the file's first bytes, by which a grown file is told from a replaced one.
    static void note_head(std::string_view start, ReadState& state);
    base::Result<void> read_lines(const sys::FileDescriptor& file, ReadState& state);
    void handle(const char* data, const LineSpan& span, std::string_view previous, std::int64_t number);
    void handle_open_end(const char* data, std::size_t size, std::uint8_t facts, std::int64_t number);

    RowSink& sink_;
    Progress& progress_;
    RowParser parser_;
    FileContext context_;
    std::vector<char> buffer_;
    std::vector<LineSpan> lines_;
};

}  // namespace tidemark::transcripts
