// What a source hands to the writer: parsed, priced facts of one stretch of work, with the strings they need. One batch
// is one transaction: its facts and the file positions that cover them become durable together or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/containers.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::store {

/// Strings that live as long as the batch.
class TextArena {
public:
    std::string_view add(std::string_view text);
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    static constexpr std::size_t kChunk = 256 * 1024;
    std::vector<std::unique_ptr<char[]>> chunks_;
    std::size_t used_ = kChunk;
    std::size_t bytes_ = 0;
};

/// The attributes a request shares with others (table dims). Views into the batch's arena.
struct DimEntry {
    std::string_view session, project_path, member, model, model_given, branch, version, entrypoint, effort, geo,
        agent_uid, agent, skill, plugin, mcp_server, mcp_tool;
    model::RequestKind kind = model::RequestKind::kMain;
    model::Speed speed = model::Speed::kStandard;
    model::ServiceTier tier = model::ServiceTier::kUnknown;
};

struct ToolEntry {
    std::uint32_t id_hash = 0;  ///< Low half of the tool_use id's hash
    std::uint32_t name = 0;     ///< Index into Batch::words
};

struct RequestEntry {
    std::uint64_t key = 0;  ///< base::hash64(message_id)
    std::string_view message_id, request_id;
    base::UnixMillis time = 0;
    std::uint32_t dim = 0;          ///< Index into Batch::dims
    std::uint32_t stop_reason = 0;  ///< Index into Batch::words
    model::TokenCounts tokens;
    std::int64_t web_searches = 0;
    std::optional<base::NanoUsd> cost;
    std::int64_t duration_ms = -1;
    std::int64_t flags = 0;
    std::uint8_t quality = 0;  ///< model::RowRank::quality
    std::uint64_t uuid_hash = 0;
    base::SmallVector<ToolEntry, 2> tools;  ///< All tool uses of the message seen so far
    std::int64_t file_id = 0;
    std::int64_t line = 0;

    [[nodiscard]] model::RowRank rank() const { return {tokens.output, quality, time, uuid_hash}; }
};

struct EventEntry {
    std::uint64_t key = 0;
    model::EventKind kind = model::EventKind::kTurn;
    std::string_view session, text;
    base::UnixMillis time = 0;
    std::int64_t value1 = -1, value2 = -1;
};

struct ForkEntry {
    std::string_view session, parent;
    base::UnixMillis time = 0;  ///< Of some row of the session
};

struct AgentEntry {
    std::string_view session, uid, type, parent_uid;
    std::int64_t depth = 1;
    base::UnixMillis time = 0;  ///< Of some row of the agent
};

struct CostStateEntry {
    std::string_view session;
    model::CostState state;
};

/// How far a file has been read once this batch is stored.
struct FileEntry {
    std::int64_t file_id = 0;
    std::string_view path;
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0, mtime_ns = 0, offset = 0, lines = 0, head_length = 0;
    std::uint64_t head_hash = 0;
    std::int64_t rows = 0;  ///< Request rows read from it since its start
    std::string_view carry;
    bool restarted = false;  ///< Read again from the start: bad lines found before are void
    bool gone = false;
};

struct BadLineEntry {
    std::int64_t file_id = 0;
    std::int64_t line = 0;
    std::string_view reason;
};

/// A project's folder as found on this machine.
struct ProjectEntry {
    std::string_view path, name, git_remote;
};

struct Batch {
    TextArena text;
    std::vector<std::string_view> words{{}};  ///< Names of tools and stop reasons, each once; the first is empty
    std::vector<DimEntry> dims;
    std::vector<RequestEntry> requests;
    std::vector<EventEntry> events;
    std::vector<CostStateEntry> cost_states;
    std::vector<ForkEntry> forks;
    std::vector<AgentEntry> agents;
    std::vector<FileEntry> files;
    std::vector<BadLineEntry> bad_lines;
    std::vector<ProjectEntry> projects;
};

}  // namespace tidemark::store
