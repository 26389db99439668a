// The form of usage_15m's two columns of sums. A row has fourteen figures that are always read and written together,
// most of them small or zero: as one text of variable-length integers they take a tenth of the time and a third of the
// space of columns. Format: zigzag LEB128, as in protocol buffers' sint64. A reader takes missing figures at the end as
// zero, so that a later version can add some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/model/usage.hpp"
#include "ledger/store/store.hpp"

struct sqlite3;

namespace tidemark::store {

/// Calls, cost in nano-USD and tokens of one tool.
struct ToolSums {
    std::int64_t tool_id = 0;  ///< names.id
    std::int64_t calls = 0;
    std::int64_t cost = 0;
    std::int64_t tokens = 0;
};

/// Column sums: requests, input, output, thinking, cache_write_5m, cache_write_1h, cache_read, web_searches, cost,
/// incomplete, unpriced, unpriced_tokens, duration_ms, timed. Replaces `out`.
void pack(const model::Measures& sums, std::string& out);
/// False when the bytes are not what pack() writes.
[[nodiscard]] bool unpack(std::span<const std::byte> bytes, model::Measures& sums);

/// Column tools: tool_id, calls, cost, tokens of each tool, in the order of their ids. Replaces `out`.
void pack(std::span<const ToolDelta> tools, std::string& out);
/// Calls `on_tool` for each; false when the bytes are damaged.
template <class F>
[[nodiscard]] bool unpack_tools(std::span<const std::byte> bytes, F on_tool);

/// Makes the SQL functions of these columns known to a connection:
/// add_sums(a, b), add_tools(a, b): the sum of both, NULL counting as nothing; tools without any figure left out;
/// sums_value(sums, 'output'): one figure by its name above; tools_value(tools, 'calls'): the sum over all tools.
/// Damaged bytes are an error. Returns SQLite's code.
int register_sums_functions(sqlite3* handle);

namespace packed_impl {
/// The next integer; false at the end or when it is cut off.
bool take(std::span<const std::byte>& bytes, std::int64_t& value);
}  // namespace packed_impl

template <class F>
bool unpack_tools(std::span<const std::byte> bytes, F on_tool) {
    while (!bytes.empty()) {
        ToolSums tool;
        if (!packed_impl::take(bytes, tool.tool_id) || !packed_impl::take(bytes, tool.calls) ||
            !packed_impl::take(bytes, tool.cost) || !packed_impl::take(bytes, tool.tokens)) {
            return false;
        }
        on_tool(tool);
    }
    return true;
}

}  // namespace tidemark::store
