#include "ledger/store/packed_sums.hpp"

#include <array>

#include <sqlite3.h>

namespace tidemark::store {

namespace packed_impl {

bool take(std::span<const std::byte>& bytes, std::int64_t& value) {
    const std::byte* at = bytes.data();
    const std::byte* const end = at + bytes.size();
    std::uint64_t bits = 0;
    for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
        const auto byte = std::to_integer<std::uint64_t>(*at++);
        bits |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            value = static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
            bytes = {at, end};
            return true;
        }
    }
    return false;
}

}  // namespace packed_impl

namespace {

using model::Measures;
using packed_impl::take;

void put(std::string& out, std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    for (; bits >= 0x80; bits >>= 7) {
        out.push_back(static_cast<char>(bits | 0x80));
    }
    out.push_back(static_cast<char>(bits));
}

struct Figure {
    std::string_view name;
    std::int64_t& (*of)(Measures&);
};
constexpr std::array<Figure, 14> kFigures{{
    {"requests", [](Measures& m) -> std::int64_t& { return m.requests; }},
    {"input", [](Measures& m) -> std::int64_t& { return m.tokens.input; }},
    {"output", [](Measures& m) -> std::int64_t& { return m.tokens.output; }},
    {"thinking", [](Measures& m) -> std::int64_t& { return m.tokens.thinking; }},
    {"cache_write_5m", [](Measures& m) -> std::int64_t& { return m.tokens.cache_write_5m; }},
    {"cache_write_1h", [](Measures& m) -> std::int64_t& { return m.tokens.cache_write_1h; }},
    {"cache_read", [](Measures& m) -> std::int64_t& { return m.tokens.cache_read; }},
    {"web_searches", [](Measures& m) -> std::int64_t& { return m.web_searches; }},
    {"cost", [](Measures& m) -> std::int64_t& { return m.cost.value; }},
    {"incomplete", [](Measures& m) -> std::int64_t& { return m.incomplete_requests; }},
    {"unpriced", [](Measures& m) -> std::int64_t& { return m.unpriced_requests; }},
    {"unpriced_tokens", [](Measures& m) -> std::int64_t& { return m.unpriced_tokens; }},
    {"duration_ms", [](Measures& m) -> std::int64_t& { return m.duration_ms; }},
    {"timed", [](Measures& m) -> std::int64_t& { return m.timed_requests; }},
}};

/// From figures in the order of kFigures; a test compares the two.
Measures measures_of(const std::array<std::int64_t, kFigures.size()>& f) {
    Measures m;
    m.requests = f[0];
    m.tokens = {.input = f[1],
                .output = f[2],
                .thinking = f[3],
                .cache_write_5m = f[4],
                .cache_write_1h = f[5],
                .cache_read = f[6]};
    m.web_searches = f[7];
    m.cost.value = f[8];
    m.incomplete_requests = f[9];
    m.unpriced_requests = f[10];
    m.unpriced_tokens = f[11];
    m.duration_ms = f[12];
    m.timed_requests = f[13];
    return m;
}

std::span<const std::byte> blob_of(sqlite3_value* value) {
    const void* const bytes = sqlite3_value_blob(value);
    return {static_cast<const std::byte*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

std::string_view text_of(sqlite3_value* value) {
    const std::span<const std::byte> bytes = blob_of(value);
    const void* const begin = bytes.data();
    return {static_cast<const char*>(begin), bytes.size()};
}

void fail(sqlite3_context* context) { sqlite3_result_error(context, "damaged sums in usage_15m", -1); }

void give(sqlite3_context* context, const std::string& bytes) {
    sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

void add_sums(sqlite3_context* context, int, sqlite3_value** arguments) {
    Measures sum;
    Measures other;
    if (!unpack(blob_of(arguments[0]), sum) || !unpack(blob_of(arguments[1]), other)) {
        fail(context);
        return;
    }
    sum += other;
    std::string bytes;
    pack(sum, bytes);
    give(context, bytes);
}

void add_tools(sqlite3_context* context, int, sqlite3_value** arguments) {
    std::vector<ToolDelta> tools;  // in the order of their ids, as both sides are
    const auto add = [&tools](const ToolSums& more) {
        std::size_t at = 0;
        while (at < tools.size() && tools[at].tool_id < more.tool_id) {
            ++at;
        }
        if (at == tools.size() || tools[at].tool_id != more.tool_id) {
            tools.insert(tools.begin() + static_cast<std::ptrdiff_t>(at), ToolDelta{0, 0, more.tool_id, 0, 0, 0});
        }
        tools[at].calls += more.calls;
        tools[at].cost += more.cost;
        tools[at].tokens += more.tokens;
    };
    if (!unpack_tools(blob_of(arguments[0]), add) || !unpack_tools(blob_of(arguments[1]), add)) {
        fail(context);
        return;
    }
    std::erase_if(tools, [](const ToolDelta& t) { return t.calls == 0 && t.cost == 0 && t.tokens == 0; });
    if (tools.empty()) {
        sqlite3_result_null(context);
        return;
    }
    std::string bytes;
    pack(tools, bytes);
    give(context, bytes);
}

void sums_value(sqlite3_context* context, int, sqlite3_value** arguments) {
    Measures sums;
    if (!unpack(blob_of(arguments[0]), sums)) {
        fail(context);
        return;
    }
    for (const Figure& figure : kFigures) {
        if (figure.name == text_of(arguments[1])) {
            sqlite3_result_int64(context, figure.of(sums));
            return;
        }
    }
    sqlite3_result_error(context, "sums_value: no such figure", -1);
}

void tools_value(sqlite3_context* context, int, sqlite3_value** arguments) {
    const std::string_view name = text_of(arguments[1]);
    std::int64_t ToolSums::* const figure = name == "calls"    ? &ToolSums::calls
                                            : name == "cost"   ? &ToolSums::cost
                                            : name == "tokens" ? &ToolSums::tokens
                                                               : nullptr;
    if (figure == nullptr) {
        sqlite3_result_error(context, "tools_value: no such figure", -1);
        return;
    }
    std::int64_t sum = 0;
    if (!unpack_tools(blob_of(arguments[0]), [&](const ToolSums& tool) { sum += tool.*figure; })) {
        fail(context);
        return;
    }
    sqlite3_result_int64(context, sum);
}

}  // namespace

void pack(const Measures& sums, std::string& out) {
    out.clear();
    Measures copy = sums;
    for (const Figure& figure : kFigures) {
        put(out, figure.of(copy));
    }
}

bool unpack(std::span<const std::byte> bytes, Measures& sums) {
    // First all figures, then their places: a program's start reads thousands of rows.
    std::array<std::int64_t, kFigures.size()> figures{};
    for (std::int64_t& figure : figures) {
        if (bytes.empty()) {
            break;
        }
        if (const auto byte = std::to_integer<std::uint64_t>(bytes.front()); byte < 0x80) {
            figure = static_cast<std::int64_t>(byte >> 1) ^ -static_cast<std::int64_t>(byte & 1);
            bytes = bytes.subspan(1);
        } else if (!take(bytes, figure)) {
            return false;
        }
    }
    sums = measures_of(figures);
    return bytes.empty();
}

void pack(std::span<const ToolDelta> tools, std::string& out) {
    out.clear();
    for (const ToolDelta& tool : tools) {
        put(out, tool.tool_id);
        put(out, tool.calls);
        put(out, tool.cost);
        put(out, tool.tokens);
    }
}

int register_sums_functions(sqlite3* handle) {
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    struct Function {
        const char* name;
        void (*call)(sqlite3_context*, int, sqlite3_value**);
    };
    constexpr std::array<Function, 4> kFunctions{
        {{"add_sums", add_sums}, {"add_tools", add_tools}, {"sums_value", sums_value}, {"tools_value", tools_value}}};
    for (const Function& function : kFunctions) {
        const int code = sqlite3_create_function_v2(handle, function.name, 2, kFlags, nullptr, function.call, nullptr,
                                                    nullptr, nullptr);
        if (code != SQLITE_OK) {
            return code;
        }
    }
    return SQLITE_OK;
}

}  // namespace tidemark::store
