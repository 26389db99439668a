#include "ledger/sources/transcripts/agent_sidecar.hpp"

#include <simdjson.h>

#include "foundation/sys/files.hpp"

namespace tidemark::transcripts {

std::optional<AgentSidecar> read_agent_sidecar(const std::string& transcript_path) {
    constexpr std::string_view kSuffix = ".jsonl";
    const auto text =
        sys::read_small_file(transcript_path.substr(0, transcript_path.size() - kSuffix.size()) + ".meta.json");
    if (!text) {
        return std::nullopt;
    }
    thread_local simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(*text);
    simdjson::ondemand::document document;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    AgentSidecar sidecar;
    std::string_view value;
    if (document.find_field_unordered("agentType").get_string().get(value) == simdjson::SUCCESS) {
        sidecar.type = value;
    }
    if (document.find_field_unordered("parentAgentId").get_string().get(value) == simdjson::SUCCESS) {
        sidecar.parent_uid = value;
    }
    std::int64_t depth = 0;
    if (document.find_field_unordered("spawnDepth").get_int64().get(depth) == simdjson::SUCCESS && depth > 0 &&
        depth < 1000) {
        sidecar.depth = depth;
    }
    return sidecar;
}

}  // namespace tidemark::transcripts
