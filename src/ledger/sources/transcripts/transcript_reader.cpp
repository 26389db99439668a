#include "ledger/sources/transcripts/transcript_reader.hpp"

#include <algorithm>
#include <cstring>

#include "foundation/base/hash.hpp"

namespace tidemark::transcripts {

namespace {

constexpr std::size_t kInitialBuffer = 128 * 1024;  // stays in a core's L2 cache
constexpr std::size_t kMaxLine = 16 * 1024 * 1024;  // rows with usage are far smaller; bounds memory
constexpr std::size_t kHeadBytes = 256;

bool starts_with_bom(std::string_view text) { return text.starts_with("\xEF\xBB\xBF"); }

/// The line without what does not belong to it: carriage return, byte order mark, NULs of a crash, blanks.
std::string_view trimmed(std::string_view line, bool first) {
    if (first && starts_with_bom(line)) {
        line.remove_prefix(3);
    }
    while (!line.empty() && (line.front() == '\0' || line.front() == ' ' || line.front() == '\t')) {
        line.remove_prefix(1);
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\0')) {
        line.remove_suffix(1);
    }
    return line;
}

}  // namespace

bool classify_path(std::string_view root, std::string_view path, TranscriptPath& out) {
    if (path.size() <= root.size() + 1) {
        return false;
    }
    std::string_view rest = path.substr(root.size() + 1);
    std::vector<std::string_view> parts;
    for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
        parts.push_back(rest.substr(0, slash));
        rest.remove_prefix(slash + 1);
    }
    if (!rest.ends_with(".jsonl")) {
        return false;
    }
    const std::string_view stem = rest.substr(0, rest.size() - 6);
    if (stem == "journal") {
        return false;
    }
    out = {};
    out.folder = parts.empty() ? std::string_view() : parts.front();
    if (stem.starts_with("agent-")) {
        out.agent_id = stem.substr(6);
        out.session = parts.size() >= 2 ? parts[1] : std::string_view();
    } else {
        out.session = stem;
    }
    return true;
}

TranscriptReader::TranscriptReader(RowSink& sink, Progress& progress)
    : sink_(sink), progress_(progress), parser_(sink), buffer_(kInitialBuffer + 2 * kScanSlack) {}

base::Result<void> TranscriptReader::read(const std::string& path, const TranscriptPath& where, ReadState& state,
                                          bool& restarted) {
    restarted = false;
    TIDEMARK_TRY(const sys::FileDescriptor file, sys::open_for_reading(path));
    TIDEMARK_TRY(const sys::FileIdentity identity, sys::identity_of(file));
    bool same = state.offset > 0 && identity.device == state.identity.device &&
                identity.inode == state.identity.inode && identity.size >= state.offset;
    if (same) {
        char head[kHeadBytes];
        TIDEMARK_TRY(const std::size_t size, sys::read_at(file, 0, std::span<char>(head, kHeadBytes)));
        same = static_cast<std::size_t>(state.head_length) <= size &&
               base::hash64({head, static_cast<std::size_t>(state.head_length)}) == state.head_hash;
        note_head({head, size}, state);
    }
    context_ = {where.folder, where.agent_id};
    parser_.begin_file(context_);
    if (same) {
        parser_.restore(state.carry);
    } else {
        restarted = state.offset > 0 || state.lines > 0;
        state.offset = 0;
        state.lines = 0;
        note_head({}, state);
    }
    state.identity = identity;
    return read_lines(file, state);
}

void TranscriptReader::note_head(std::string_view start, ReadState& state) {
    const std::string_view head = start.substr(0, kHeadBytes);
    state.head_length = static_cast<std::int64_t>(head.size());
    state.head_hash = base::hash64(head);
}

base::Result<void> TranscriptReader::read_lines(const sys::FileDescriptor& file, ReadState& state) {
    std::size_t kept = 0;      // bytes of an unfinished line at the front of the buffer
    std::size_t skipping = 0;  // bytes of an over-long line thrown away so far
    std::uint8_t skipped_facts = 0;
    for (;;) {
        const std::size_t capacity = buffer_.size() - 2 * kScanSlack;
        char* const data = buffer_.data() + kScanSlack;
        const std::int64_t position = state.offset + static_cast<std::int64_t>(skipping + kept);
        // Up to the size the file had when it was opened: what comes meanwhile changes the size, and is read next time.
        const auto left = static_cast<std::size_t>(std::max<std::int64_t>(0, state.identity.size - position));
        TIDEMARK_TRY(const std::size_t got,
                     sys::read_at(file, position, {data + kept, std::min(capacity - kept, left)}));
        const std::size_t size = kept + got;
        if (position == 0) {
            note_head({data, size}, state);
        }
        std::memset(data + size, 0, kScanSlack);
        lines_.clear();
        std::uint8_t open_facts = 0;
        const std::size_t used = scan_lines(data, size, lines_, open_facts);

        std::string_view previous;
        for (const LineSpan& span : lines_) {
            const std::int64_t number = ++state.lines;
            if (skipping > 0) {
                if ((skipped_facts | span.facts) != 0) {
                    sink_.on_bad_line({number, "longer than 16 MB: not read"});
                }
                state.offset += static_cast<std::int64_t>(skipping);
                skipping = 0;
                skipped_facts = 0;
                continue;
            }
            handle(data, span, previous, number);
            constexpr std::size_t kTimeText = 48;  // a quoted time, with room for odd forms
            previous = span.time == 0
                           ? std::string_view()
                           : std::string_view(data + span.time, std::min<std::size_t>(kTimeText, span.end - span.time));
        }
        state.offset += static_cast<std::int64_t>(used);
        if (!previous.empty()) {
            parser_.note_previous(previous);
        }
        if (used > 0 && !progress_.on_progress(state)) {
            return {};
        }
        kept = size - used;
        const bool at_end = got == left || got < capacity - (size - got);
        if (at_end) {
            if (skipping == 0 && kept > 0) {
                handle_open_end(data + used, kept, open_facts, state.lines + 1);
            }
            return {};
        }
        if (used == 0 && kept == capacity) {
            if (capacity < kMaxLine && skipping == 0) {
                buffer_.resize(capacity * 2 + 2 * kScanSlack);
            } else {
                skipping += kept;
                skipped_facts |= open_facts;
                kept = 0;
            }
            continue;
        }
        std::memmove(data, data + used, kept);
    }
}

void TranscriptReader::handle(const char* data, const LineSpan& span, std::string_view previous, std::int64_t number) {
    const std::string_view raw(data + span.begin, span.end - span.begin);
    const std::string_view line = trimmed(raw, number == 1);
    if (line.empty()) {
        if (!raw.empty() && raw.find('\0') != std::string_view::npos) {
            sink_.on_bad_line({number, "only NUL bytes: the client or the machine crashed while writing"});
        }
        return;
    }
    if (line.front() != '{' || line.back() != '}') {
        sink_.on_bad_line({number, line.front() == '{' ? "the line is cut off" : "not a JSON object"});
        return;
    }
    if (RowParser::worth_parsing(line, span.facts)) {
        parser_.parse(line, span.facts, number, previous);
    }
}

void TranscriptReader::handle_open_end(const char* data, std::size_t size, std::uint8_t facts, std::int64_t number) {
    // The last line has no newline yet. Either it is still being written, or its writer died right after it: a whole
    // row counts now, and again (as the same request) once the newline is there. Anything else is left for the next
    // read.
    const std::string_view line = trimmed({data, size}, number == 1);
    if (line.size() < 2 || line.front() != '{' || line.back() != '}' || !RowParser::worth_parsing(line, facts)) {
        return;
    }
    class Quiet final : public RowSink {
    public:
        explicit Quiet(RowSink& target) : target_(target) {}
        void on_request(const ParsedRequest& request) override { target_.on_request(request); }
        void on_event(const model::SessionEvent& event) override { target_.on_event(event); }
        void on_cost_state(const model::CostState& state) override { target_.on_cost_state(state); }
        void on_fork(std::string_view session, std::string_view parent, base::UnixMillis time) override {
            target_.on_fork(session, parent, time);
        }
        void on_bad_line(const model::BadLine&) override {}

    private:
        RowSink& target_;
    };
    Quiet quiet(sink_);
    RowParser parser(quiet);
    parser.begin_file(context_);
    parser.restore(parser_.save());
    parser.parse(line, facts, number, {});
}

}  // namespace tidemark::transcripts
