// The file agent-<id>.meta.json that the client writes beside a subagent's transcript.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::transcripts {

struct AgentSidecar {
    std::string type;        ///< "general-purpose", "Explore", …
    std::string parent_uid;  ///< The agent that started it; empty: the main conversation
    std::int64_t depth = 1;
};

/// Reads the sidecar of a transcript `…/agent-<id>.jsonl`; nothing when it is not there or not readable. Its
/// description is content and is not read.
[[nodiscard]] std::optional<AgentSidecar> read_agent_sidecar(const std::string& transcript_path);

}  // namespace tidemark::transcripts
