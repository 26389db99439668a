#include "ledger/sources/transcripts/row_parser.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <simdjson.h>

#include "foundation/base/hash.hpp"
#include "foundation/base/time.hpp"
#include "ledger/sources/transcripts/line_scanner.hpp"

namespace tidemark::transcripts {

namespace {

namespace od = simdjson::ondemand;
using base::hash64;
using base::UnixMillis;
using model::EventKind;

// A count above this is damage, not usage: sums stay far from the end of int64.
constexpr std::int64_t kMaxCount = 1'000'000'000'000;
// Output this small usually means the number of message_start was kept (formats.md 1.6: 42-99 % of such responses).
constexpr std::int64_t kPlaceholderOutput = 8;
// Refusals of these kinds are billed from this day on, even before any output (formats.md 1.5).
constexpr UnixMillis kRefusalsBilledFrom = 1790208000000;  // 2026-09-24T00:00:00Z
// Longer than any request runs: a gap above it is a pause, not a duration.
constexpr UnixMillis kMaxRequestDuration = 2 * base::kHour;
// Results come right after their tool uses; parallel calls make a few of them.
constexpr std::size_t kRememberedTools = 32;

struct Usage {
    model::TokenCounts tokens;
    std::int64_t cache_creation_flat = 0;
    std::int64_t web_searches = 0;
    std::int64_t web_fetches = 0;
    std::string_view tier, geo, speed;
    bool present = false;

    /// 1.5: the flat figure could be 0 while the split was filled, and the split 0/0 while the flat one was not.
    void settle_cache_writes() {
        const std::int64_t total = std::max(cache_creation_flat, tokens.cache_write_5m + tokens.cache_write_1h);
        tokens.cache_write_1h = std::min(tokens.cache_write_1h, total);
        tokens.cache_write_5m = total - tokens.cache_write_1h;
    }
};

struct Iteration {
    std::string_view type, model;
    Usage usage;
};

struct ToolResultError {
    std::uint64_t id_hash = 0;
};

struct Message {
    std::string_view id, model, stop_reason, refusal_category, role;
    bool present = false;
};

/// Everything that may stand in one row, in any order of keys.
struct RowFields {
    std::string_view type, subtype, uuid, timestamp, session, request_session, forked_session, cwd, branch, version,
        entrypoint, request_id, agent_id, effort, agent, skill, plugin, mcp_server, mcp_tool, advisor_model, error;
    bool sidechain = false, unmetered = false, api_error = false, aborted = false;
    std::int64_t api_error_status = -1;
    // system rows
    std::int64_t duration_ms = -1, pre_tokens = -1, post_tokens = -1, retry_attempt = -1, error_status = -1;
    std::string_view compact_trigger, error_type;
    // pr-link
    std::int64_t pr_number = -1;
    std::string_view pr_repository, pr_url;
    // limits
    std::int64_t limit_resets_at = -1;
    std::string_view limit_type, first_text;
    // edits
    std::int64_t lines_added = 0, lines_removed = 0;
    Message message;
    Usage usage;
    // cost-state
    model::CostState cost_state;
    double total_cost = 0;
    // progress: the subagent's row that is repeated inside; its own times and ids win over the outer row's
    bool nested_agent_progress = false;
    std::string_view nested_timestamp, nested_uuid, nested_request_id;
};

struct Row : RowFields {
    std::vector<Iteration> iterations;
    std::vector<Usage> paused;
    std::vector<model::ToolUse> tools;
    std::vector<ToolResultError> tool_errors;

    /// Keeps the vectors' memory: this runs for every row.
    void clear() {
        static_cast<RowFields&>(*this) = RowFields{};
        iterations.clear();
        paused.clear();
        tools.clear();
        tool_errors.clear();
    }
};

/// The first quote or backslash from `at` on. The parser has checked that the string it stands in ends, and 64 bytes
/// behind the line are readable.
const char* string_end(const char* at) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    for (;; at += 16) {
        const void* const bytes = at;
        const __m128i block = _mm_loadu_si128(static_cast<const __m128i*>(bytes));
        const auto found = static_cast<unsigned>(
            _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash))));
        if (found != 0) {
            return at + std::countr_zero(found);
        }
    }
#else
    while (*at != '"' && *at != '\\') {
        ++at;
    }
    return at;
#endif
}

/// The raw text of a key: keys of the client have no escapes, and one that has is none we know.
std::string_view key_of(od::field& field) {
    const char* const begin = field.key().raw();
    return {begin, static_cast<std::size_t>(string_end(begin) - begin)};
}

/// text == literal, with the length known to the compiler: a compare of registers instead of a call. This runs for
/// every key of every row.
template <std::size_t N>
bool is(std::string_view text, const char (&literal)[N]) {
    return text.size() == N - 1 && std::memcmp(text.data(), literal, N - 1) == 0;
}

/// A value that is a string, else empty: null, another type or a broken escape are all "not given".
std::string_view text_of(od::value value) {
    const std::string_view token = value.raw_json_token();
    if (token.empty() || token.front() != '"') {
        return {};
    }
    // Nearly all are ids and names without an escape: those need no copy.
    const char* const begin = token.data() + 1;
    const char* const end = string_end(begin);
    od::raw_json_string raw;
    std::string_view text;
    if (*end == '"') {
        return value.get_raw_json_string().get(raw) == simdjson::SUCCESS
                   ? std::string_view(begin, static_cast<std::size_t>(end - begin))
                   : std::string_view();
    }
    return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool flag_of(od::value value) {
    bool flag = false;
    return value.get_bool().get(flag) == simdjson::SUCCESS && flag;
}

/// The time at the start of raw text `"2026-…Z",…`; -1 when there is none. A guess that is only used for durations.
UnixMillis raw_time(std::string_view value) {
    const std::size_t end = value.size() > 1 && value.front() == '"' ? value.find('"', 1) : std::string_view::npos;
    return end == std::string_view::npos ? -1 : base::parse_rfc3339(value.substr(1, end - 1)).value_or(-1);
}

/// The client's name of the folder for a working directory (formats.md 1.1), without the hash of very long ones.
bool encodes_to(std::string_view cwd, std::string_view folder) {
    constexpr std::size_t kMaxEncoded = 200;
    const std::size_t length = std::min(cwd.size(), kMaxEncoded);
    if (folder.size() < length || (cwd.size() <= kMaxEncoded && folder.size() != cwd.size())) {
        return false;
    }
    for (std::size_t i = 0; i < length; ++i) {
        const char c = cwd[i];
        const bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (folder[i] != (kept ? c : '-')) {
            return false;
        }
    }
    return true;
}

bool is_message_id(std::string_view id) { return id.starts_with("msg_"); }

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

template <class T>
bool take(std::string_view& in, T& value) {
    if (in.size() < sizeof value) {
        return false;
    }
    std::memcpy(&value, in.data(), sizeof value);
    in.remove_prefix(sizeof value);
    return true;
}

constexpr std::uint8_t kCarryVersion = 1;

}  // namespace

struct RowParser::Impl {
    explicit Impl(RowSink& row_sink) : sink(row_sink) {}

    RowSink& sink;
    od::parser parser;
    Row row;
    std::string scratch;     // a repaired copy of a line
    std::string id_scratch;  // composed message keys
    std::int64_t line = 0;
    const char* problem = nullptr;  // why the current row is bad

    FileContext context;
    // carried between reads
    UnixMillis previous_time = -1;
    std::uint64_t message_hash = 0;
    UnixMillis message_started = -1;
    std::string home;  // the working directory the file's folder is named after
    std::array<std::pair<std::uint64_t, std::string>, kRememberedTools> recent_tools;
    std::size_t recent_tools_next = 0;

    // ------------------------------------------------------------------------------------------------ reading values

    std::int64_t count_of(od::value value, const char* what) {
        const auto type = value.type().value_unsafe();
        if (type == od::json_type::null) {
            return 0;
        }
        std::int64_t number = 0;
        if (type == od::json_type::number && value.get_int64().get(number) == simdjson::SUCCESS && number >= 0 &&
            number <= kMaxCount) {
            return number;
        }
        problem = what;
        return 0;
    }

    /// A number that is only shown, never summed into costs: what is not one counts as unknown.
    static std::int64_t optional_number(od::value value) {
        std::int64_t number = 0;
        double real = 0;
        if (value.type().value_unsafe() != od::json_type::number) {
            return -1;
        }
        if (value.get_int64().get(number) == simdjson::SUCCESS) {
            return number;
        }
        return value.get_double().get(real) == simdjson::SUCCESS && real >= 0 && real < 9e15
                   ? static_cast<std::int64_t>(real)
                   : -1;
    }

    template <class F>
    bool walk(od::value value, F on_field) {
        if (value.type().value_unsafe() != od::json_type::object) {
            return true;
        }
        od::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS) {
            return false;
        }
        return walk_object(object, on_field);
    }

    template <class F>
    bool walk_object(od::object& object, F on_field) {
        for (auto entry : object) {
            od::field field;
            if (std::move(entry).get(field) != simdjson::SUCCESS) {
                return false;
            }
            const std::string_view key = key_of(field);
            if (!on_field(key, field.value())) {
                return false;
            }
        }
        return true;
    }

    template <class F>
    bool walk_array(od::value value, F on_element) {
        if (value.type().value_unsafe() != od::json_type::array) {
            return true;
        }
        od::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS) {
            return false;
        }
        for (auto entry : array) {
            od::value element;
            if (std::move(entry).get(element) != simdjson::SUCCESS || !on_element(element)) {
                return false;
            }
        }
        return true;
    }

    bool read_usage_field(Usage& usage, std::string_view key, od::value value) {
        if (is(key, "input_tokens")) {
            usage.tokens.input = count_of(value, "usage.input_tokens is not a token count");
        } else if (is(key, "output_tokens")) {
            usage.tokens.output = count_of(value, "usage.output_tokens is not a token count");
        } else if (is(key, "cache_creation_input_tokens")) {
            usage.cache_creation_flat = count_of(value, "usage.cache_creation_input_tokens is not a token count");
        } else if (is(key, "cache_read_input_tokens")) {
            usage.tokens.cache_read = count_of(value, "usage.cache_read_input_tokens is not a token count");
        } else if (is(key, "cache_creation")) {
            return walk(value, [&](std::string_view name, od::value number) {
                if (is(name, "ephemeral_5m_input_tokens")) {
                    usage.tokens.cache_write_5m = count_of(number, "usage.cache_creation is not a token count");
                } else if (is(name, "ephemeral_1h_input_tokens")) {
                    usage.tokens.cache_write_1h = count_of(number, "usage.cache_creation is not a token count");
                }
                return true;
            });
        } else if (is(key, "output_tokens_details")) {
            return walk(value, [&](std::string_view name, od::value number) {
                if (is(name, "thinking_tokens")) {
                    usage.tokens.thinking = count_of(number, "usage.output_tokens_details is not a token count");
                }
                return true;
            });
        } else if (is(key, "server_tool_use")) {
            return walk(value, [&](std::string_view name, od::value number) {
                if (is(name, "web_search_requests")) {
                    usage.web_searches = count_of(number, "usage.server_tool_use is not a count");
                } else if (is(name, "web_fetch_requests")) {
                    usage.web_fetches = count_of(number, "usage.server_tool_use is not a count");
                }
                return true;
            });
        } else if (is(key, "service_tier")) {
            usage.tier = text_of(value);
        } else if (is(key, "inference_geo")) {
            usage.geo = text_of(value);
        } else if (is(key, "speed")) {
            usage.speed = text_of(value);
        }
        return true;
    }

    bool read_usage(Usage& usage, od::value value, std::vector<Iteration>* iterations) {
        usage.present = value.type().value_unsafe() == od::json_type::object;
        const bool ok = walk(value, [&](std::string_view key, od::value field) {
            if (key != "iterations") {
                return read_usage_field(usage, key, field);
            }
            return iterations == nullptr || walk_array(field, [&](od::value element) {
                       Iteration iteration;
                       const bool read = walk(element, [&](std::string_view name, od::value part) {
                           if (is(name, "type")) {
                               iteration.type = text_of(part);
                               return true;
                           }
                           if (is(name, "model")) {
                               iteration.model = text_of(part);
                               return true;
                           }
                           return read_usage_field(iteration.usage, name, part);
                       });
                       if (iteration.type != "message" && !iteration.type.empty()) {
                           iteration.usage.settle_cache_writes();
                           iterations->push_back(iteration);
                       }
                       return read;
                   });
        });
        usage.settle_cache_writes();
        return ok;
    }

    bool read_content_block(Row& out, od::value block) {
        std::string_view type, id, name, tool_use_id, text;
        bool is_error = false;
        const bool ok = walk(block, [&](std::string_view key, od::value value) {
            if (is(key, "type")) {
                type = text_of(value);
            } else if (is(key, "id")) {
                id = text_of(value);
            } else if (is(key, "name")) {
                name = text_of(value);
            } else if (is(key, "tool_use_id")) {
                tool_use_id = text_of(value);
            } else if (is(key, "is_error")) {
                is_error = flag_of(value);
            } else if (is(key, "text") && out.first_text.empty() && out.message.model == "<synthetic>") {
                text = text_of(value);  // only what the client itself wrote, for the reset time in it
            }
            return true;
        });
        if (type.ends_with("tool_use") && !id.empty()) {
            out.tools.push_back({hash64(id), name});
        } else if (is_error && !tool_use_id.empty()) {
            out.tool_errors.push_back({hash64(tool_use_id)});
        }
        if (out.first_text.empty()) {
            out.first_text = text;
        }
        return ok;
    }

    bool read_message(Row& out, od::value value) {
        out.message.present = value.type().value_unsafe() == od::json_type::object;
        return walk(value, [&](std::string_view key, od::value field) {
            if (is(key, "id")) {
                out.message.id = text_of(field);
            } else if (is(key, "model")) {
                out.message.model = text_of(field);
            } else if (is(key, "stop_reason")) {
                out.message.stop_reason = text_of(field);
            } else if (is(key, "stop_details")) {
                return walk(field, [&](std::string_view name, od::value part) {
                    if (is(name, "category")) {
                        out.message.refusal_category = text_of(part);
                    }
                    return true;
                });
            } else if (is(key, "usage")) {
                return read_usage(out.usage, field, &out.iterations);
            } else if (is(key, "content")) {
                return walk_array(field, [&](od::value block) { return read_content_block(out, block); });
            } else if (is(key, "pausedResponses")) {
                return walk_array(field, [&](od::value paused) {
                    return walk(paused, [&](std::string_view name, od::value part) {
                        if (is(name, "usage")) {
                            Usage usage;
                            const bool ok = read_usage(usage, part, nullptr);
                            out.paused.push_back(usage);
                            return ok;
                        }
                        return true;
                    });
                });
            }
            return true;
        });
    }

    bool read_patch(Row& out, od::value result) {
        return walk(result, [&](std::string_view key, od::value field) {
            if (key != "structuredPatch") {
                return true;
            }
            return walk_array(field, [&](od::value hunk) {
                return walk(hunk, [&](std::string_view name, od::value lines) {
                    if (name != "lines") {
                        return true;
                    }
                    return walk_array(lines, [&](od::value changed) {
                        // Only the first character matters, and it is never escaped: '+' or '-'.
                        const char* raw = nullptr;
                        od::raw_json_string text;
                        if (changed.get_raw_json_string().get(text) == simdjson::SUCCESS) {
                            raw = text.raw();
                            out.lines_added += *raw == '+' ? 1 : 0;
                            out.lines_removed += *raw == '-' ? 1 : 0;
                        }
                        return true;
                    });
                });
            });
        });
    }

    bool read_model_usage(Row& out, od::value value) {
        return walk(value, [&](std::string_view, od::value entry) {
            return walk(entry, [&](std::string_view key, od::value number) {
                auto& tokens = out.cost_state.tokens;
                if (is(key, "inputTokens")) {
                    tokens.input += count_of(number, "modelUsage.inputTokens is not a token count");
                } else if (is(key, "outputTokens")) {
                    tokens.output += count_of(number, "modelUsage.outputTokens is not a token count");
                } else if (is(key, "thinkingTokens")) {
                    tokens.thinking += count_of(number, "modelUsage.thinkingTokens is not a token count");
                } else if (is(key, "cacheReadInputTokens")) {
                    tokens.cache_read += count_of(number, "modelUsage.cacheReadInputTokens is not a token count");
                } else if (is(key, "cacheCreationInputTokens")) {
                    tokens.cache_write_5m +=
                        count_of(number, "modelUsage.cacheCreationInputTokens is not a token count");
                } else if (is(key, "webSearchRequests")) {
                    out.cost_state.web_searches += count_of(number, "modelUsage.webSearchRequests is not a count");
                }
                return true;
            });
        });
    }

    bool read_row_field(Row& out, std::string_view key, od::value value, std::uint8_t facts) {
        switch (key.size()) {
            case 3:
                if (is(key, "cwd")) {
                    out.cwd = text_of(value);
                }
                break;
            case 4:
                if (is(key, "type")) {
                    out.type = text_of(value);
                } else if (is(key, "uuid")) {
                    out.uuid = text_of(value);
                } else if (is(key, "data") && (facts & kHasUsage) != 0) {
                    return read_progress(out, value);
                }
                break;
            case 5:
                if (is(key, "error")) {
                    if (value.type().value_unsafe() == od::json_type::string) {
                        out.error = text_of(value);
                        break;
                    }
                    return walk(value, [&](std::string_view name, od::value part) {
                        if (is(name, "status")) {
                            out.error_status = optional_number(part);
                        } else if (is(name, "type")) {
                            out.error_type = text_of(part);
                        }
                        return true;
                    });
                }
                break;
            case 6:
                if (is(key, "effort")) {
                    out.effort = text_of(value);
                }
                break;
            case 7:
                if (is(key, "message")) {
                    return read_message(out, value);
                }
                if (is(key, "version")) {
                    out.version = text_of(value);
                }
                if (is(key, "subtype")) {
                    out.subtype = text_of(value);
                }
                if (is(key, "agentId")) {
                    out.agent_id = text_of(value);
                }
                break;
            case 9:
                if (is(key, "timestamp")) {
                    out.timestamp = text_of(value);
                }
                if (is(key, "sessionId")) {
                    out.session = text_of(value);
                }
                if (is(key, "gitBranch")) {
                    out.branch = text_of(value);
                }
                if (is(key, "requestId")) {
                    out.request_id = text_of(value);
                }
                if (is(key, "startTime")) {
                    out.cost_state.started = optional_number(value);
                }
                break;
            default: return read_long_field(out, key, value, facts);
        }
        return true;
    }

    bool read_long_field(Row& out, std::string_view key, od::value value, std::uint8_t facts) {
        if (is(key, "isSidechain")) {
            out.sidechain = flag_of(value);
        } else if (is(key, "entrypoint")) {
            out.entrypoint = text_of(value);
        } else if (is(key, "requestSessionId")) {
            out.request_session = text_of(value);
        } else if (is(key, "forkedFrom")) {
            return walk(value, [&](std::string_view name, od::value part) {
                if (is(name, "sessionId")) {
                    out.forked_session = text_of(part);
                }
                return true;
            });
        } else if (key.starts_with("attribution")) {
            const std::string_view what = key.substr(11);
            std::string_view* target = is(what, "Agent")       ? &out.agent
                                       : is(what, "Skill")     ? &out.skill
                                       : is(what, "Plugin")    ? &out.plugin
                                       : is(what, "McpServer") ? &out.mcp_server
                                       : is(what, "McpTool")   ? &out.mcp_tool
                                                               : nullptr;
            if (target != nullptr) {
                *target = text_of(value);
            }
        } else if (is(key, "isUnmetered")) {
            out.unmetered = flag_of(value);
        } else if (is(key, "isAbortedMidStream")) {
            out.aborted = flag_of(value);
        } else if (is(key, "isApiErrorMessage")) {
            out.api_error = flag_of(value);
        } else if (is(key, "apiErrorStatus")) {
            out.api_error_status = optional_number(value);
        } else if (is(key, "advisorModel")) {
            out.advisor_model = text_of(value);
        } else if (is(key, "durationMs")) {
            out.duration_ms = optional_number(value);
        } else if (is(key, "retryAttempt")) {
            out.retry_attempt = optional_number(value);
        } else if (is(key, "compactMetadata") || is(key, "microcompactMetadata")) {
            return walk(value, [&](std::string_view name, od::value part) {
                if (is(name, "trigger")) {
                    out.compact_trigger = text_of(part);
                } else if (is(name, "preTokens")) {
                    out.pre_tokens = optional_number(part);
                } else if (is(name, "postTokens")) {
                    out.post_tokens = optional_number(part);
                }
                return true;
            });
        } else if (is(key, "quotaLimits")) {
            return walk(value, [&](std::string_view name, od::value part) {
                if (is(name, "resetsAt")) {
                    out.limit_resets_at = optional_number(part);
                } else if (is(name, "rateLimitType")) {
                    out.limit_type = text_of(part);
                }
                return true;
            });
        } else if (is(key, "toolUseResult") && (facts & kHasPatch) != 0) {
            return read_patch(out, value);
        } else if (is(key, "modelUsage")) {
            return read_model_usage(out, value);
        } else if (is(key, "totalCostUSD")) {
            double cost = 0;
            if (value.get_double().get(cost) == simdjson::SUCCESS) {
                out.total_cost = cost;
            }
        } else if (is(key, "totalAPIDuration")) {
            out.cost_state.api_duration_ms = optional_number(value);
        } else if (is(key, "totalLinesAdded")) {
            out.cost_state.lines_added = optional_number(value);
        } else if (is(key, "totalLinesRemoved")) {
            out.cost_state.lines_removed = optional_number(value);
        } else if (is(key, "prNumber") || is(key, "number")) {
            out.pr_number = optional_number(value);
        } else if (is(key, "prRepository") || is(key, "repository")) {
            out.pr_repository = text_of(value);
        }
        return true;
    }

    /// agent_progress repeats the subagent's whole row inside data.message.
    bool read_progress(Row& out, od::value data) {
        return walk(data, [&](std::string_view key, od::value value) {
            if (is(key, "type")) {
                out.nested_agent_progress = text_of(value) == "agent_progress";
            } else if (is(key, "agentId")) {
                out.agent_id = text_of(value);
            } else if (is(key, "message")) {
                return walk(value, [&](std::string_view name, od::value part) {
                    if (is(name, "message")) {
                        return read_message(out, part);
                    }
                    if (is(name, "timestamp")) {
                        out.nested_timestamp = text_of(part);
                    } else if (is(name, "uuid")) {
                        out.nested_uuid = text_of(part);
                    } else if (is(name, "requestId")) {
                        out.nested_request_id = text_of(part);
                    }
                    return true;
                });
            }
            return true;
        });
    }

    // ---------------------------------------------------------------------------------------------------- one line

    /// Reads the line into `row`; nullptr when that went well, else why it did not.
    const char* read(std::string_view text, std::uint8_t facts) {
        row.clear();
        problem = nullptr;
        od::document document;
        auto error = parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(document);
        if (error == simdjson::UTF8_ERROR || error == simdjson::UNESCAPED_CHARS) {
            // Damage inside some text must not cost the figures beside it.
            repair(text);
            error = parser.iterate(scratch.data(), text.size(), scratch.size()).get(document);
        }
        if (error != simdjson::SUCCESS) {
            return error == simdjson::UNCLOSED_STRING ? "the line is cut off" : simdjson::error_message(error);
        }
        od::object object;
        if (document.get_object().get(object) != simdjson::SUCCESS) {
            return "not a JSON object";
        }
        const bool ok = walk_object(
            object, [&](std::string_view key, od::value value) { return read_row_field(row, key, value, facts); });
        const char* rest = nullptr;
        if (!ok || document.current_location().get(rest) == simdjson::SUCCESS) {
            return "not valid JSON, or cut off";
        }
        return problem;
    }

    void repair(std::string_view text) {
        scratch.assign(text);
        scratch.append(simdjson::SIMDJSON_PADDING, ' ');
        for (std::size_t i = 0; i < text.size();) {
            const auto byte = static_cast<unsigned char>(scratch[i]);
            if (byte < 0x80) {
                if (byte < 0x20) {
                    scratch[i] = ' ';
                }
                ++i;
                continue;
            }
            const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
            if (i + length <= text.size() && simdjson::validate_utf8(scratch.data() + i, length)) {
                i += length;
            } else {
                scratch[i++] = '?';
            }
        }
    }

    void parse(std::string_view text, std::uint8_t facts, std::int64_t number, std::string_view previous) {
        line = number;
        if (const char* why = read(text, facts); why != nullptr) {
            sink.on_bad_line({number, why});
            return;
        }
        if (row.nested_agent_progress) {
            row.timestamp = row.nested_timestamp.empty() ? row.timestamp : row.nested_timestamp;
            row.uuid = row.nested_uuid.empty() ? row.uuid : row.nested_uuid;
            row.request_id = row.nested_request_id;
        }
        if (home.empty() && !row.cwd.empty() && (context.folder.empty() || encodes_to(row.cwd, context.folder))) {
            home = row.cwd;
        }
        if (row.type == "cost-state") {
            on_cost_state();
            return;
        }
        if (row.type == "pr-link") {
            const UnixMillis time = base::parse_rfc3339(row.timestamp).value_or(-1);
            if (time >= 0 && !row.session.empty()) {
                const std::uint64_t key = base::hash_combine(
                    hash64(row.session), hash64(row.pr_repository) ^ static_cast<std::uint64_t>(row.pr_number));
                sink.on_event({key, EventKind::kPullRequest, time, payer(), row.pr_number, -1, row.pr_repository});
            }
            return;
        }
        const bool assistant = row.type == "assistant" || row.nested_agent_progress;
        if (!assistant && row.type != "system" && row.type != "user") {
            return;  // unknown row types are not an error
        }
        const auto time = base::parse_rfc3339(row.timestamp);
        if (!time) {
            if (assistant && row.usage.present) {
                sink.on_bad_line({number, row.timestamp.empty() ? "timestamp is missing" : "timestamp is not a time"});
            }
            return;
        }
        if (assistant) {
            on_assistant(*time, previous);
        } else if (row.type == "system") {
            on_system(*time);
        } else {
            on_user(*time);
        }
    }

    /// The session that paid for the row: a fork's copies name the original.
    [[nodiscard]] std::string_view payer() const {
        return !row.request_session.empty()  ? row.request_session
               : !row.forked_session.empty() ? row.forked_session
                                             : row.session;
    }

    [[nodiscard]] std::uint64_t event_key(EventKind kind) const {
        const std::string_view identity = !row.uuid.empty() ? row.uuid : row.timestamp;
        return hash64(identity, static_cast<std::uint64_t>(kind) + 1);
    }

    void on_cost_state() {
        if (row.session.empty() || row.total_cost < 0 || row.total_cost > 9e9) {
            return;
        }
        row.cost_state.session = row.session;
        row.cost_state.total_cost = {static_cast<std::int64_t>(row.total_cost * 1e9 + 0.5)};
        sink.on_cost_state(row.cost_state);
    }

    void on_system(UnixMillis time) {
        if (row.session.empty()) {
            return;
        }
        if (row.subtype == "turn_duration" && row.duration_ms >= 0) {
            sink.on_event({event_key(EventKind::kTurn), EventKind::kTurn, time, payer(), row.duration_ms, -1, {}});
        } else if (row.subtype == "compact_boundary" || row.subtype == "microcompact_boundary") {
            const std::string_view trigger = row.subtype.starts_with("micro") ? "micro" : row.compact_trigger;
            sink.on_event({event_key(EventKind::kCompaction), EventKind::kCompaction, time, payer(), row.pre_tokens,
                           row.post_tokens, trigger});
        } else if (row.subtype == "api_error") {
            sink.on_event({event_key(EventKind::kApiError), EventKind::kApiError, time, payer(), row.error_status,
                           row.retry_attempt, row.error_type});
        }
    }

    void on_user(UnixMillis time) {
        if (row.session.empty()) {
            return;
        }
        for (const ToolResultError& failed : row.tool_errors) {
            std::string_view name;
            for (const auto& [id, tool] : recent_tools) {
                if (id == failed.id_hash) {
                    name = tool;
                }
            }
            sink.on_event({base::hash_combine(failed.id_hash, static_cast<std::uint64_t>(EventKind::kToolError)),
                           EventKind::kToolError, time, payer(), static_cast<std::int64_t>(failed.id_hash), -1, name});
        }
        if (row.lines_added + row.lines_removed > 0) {
            sink.on_event({event_key(EventKind::kLines),
                           EventKind::kLines,
                           time,
                           payer(),
                           row.lines_added,
                           row.lines_removed,
                           {}});
        }
    }

    void on_synthetic(UnixMillis time) {
        if (!row.api_error || row.session.empty()) {
            return;
        }
        const bool limit = row.error == "rate_limit" || row.limit_resets_at > 0 ||
                           row.first_text.starts_with("Claude AI usage limit reached");
        if (!limit) {
            sink.on_event({event_key(EventKind::kApiError), EventKind::kApiError, time, payer(), row.api_error_status,
                           -1, row.error});
            return;
        }
        std::string_view kind = row.limit_type;
        if (kind.empty()) {
            kind = row.first_text.find("weekly") != std::string_view::npos    ? "seven_day"
                   : row.first_text.find("session") != std::string_view::npos ? "five_hour"
                   : row.first_text.find("spend") != std::string_view::npos   ? "spend"
                                                                              : "unknown";
        }
        const UnixMillis resets =
            row.limit_resets_at > 0 ? row.limit_resets_at * 1000 : limit_reset_time(row.first_text, time);
        sink.on_event({event_key(EventKind::kLimitHit), EventKind::kLimitHit, time, payer(), resets, -1, kind});
    }

    void on_assistant(UnixMillis time, std::string_view previous) {
        if (row.message.model == "<synthetic>") {
            on_synthetic(time);
            return;
        }
        if (!row.usage.present || row.unmetered) {
            return;
        }
        if (row.session.empty()) {
            sink.on_bad_line({line, "sessionId is missing"});
            return;
        }
        if (row.message.model.empty()) {
            sink.on_bad_line({line, "message.model is missing"});
            return;
        }
        const std::string_view session = payer();
        const bool fork_copy = session != row.session;
        if (fork_copy) {
            sink.on_fork(row.session, session, time);
        }

        // formats.md 1.6 rule 2: ids of the API are unique everywhere; others only inside a session.
        id_scratch.clear();
        std::string_view id = row.message.id;
        if (is_message_id(id)) {
            // as it is
        } else if (!row.message.id.empty()) {
            id_scratch.append(session).append("/").append(row.message.id);
        } else if (!row.uuid.empty()) {
            id_scratch.append("uuid/").append(row.uuid);
        } else {
            sink.on_bad_line({line, "neither message.id nor uuid: the request cannot be told from others"});
            return;
        }
        if (!id_scratch.empty()) {
            id = id_scratch;
        }

        const std::uint64_t hash = hash64(id);
        if (hash != message_hash) {
            message_hash = hash;
            const UnixMillis before = previous.empty() ? previous_time : raw_time(previous);
            message_started = before;
        }
        for (const model::ToolUse& tool : row.tools) {
            auto& slot = recent_tools[recent_tools_next++ % kRememberedTools];
            slot.first = tool.id_hash;
            slot.second = tool.name;
        }

        ParsedRequest parsed;
        parsed.line = line;
        parsed.fork_copy = fork_copy;
        parsed.tools = row.tools;
        model::RequestRow& request = parsed.row;
        request.message_id = id;
        request.request_id = row.request_id;
        request.time = time;
        request.session = session;
        request.cwd = project_folder();
        request.branch = row.branch;
        request.version = row.version;
        request.entrypoint = row.entrypoint;
        request.model = row.message.model;
        request.effort = row.effort;
        request.geo = row.usage.geo == "not_available" ? std::string_view() : row.usage.geo;
        request.stop_reason = row.message.stop_reason;
        request.sidechain = row.sidechain || row.nested_agent_progress;
        request.agent_id = !row.agent_id.empty() ? row.agent_id
                           : request.sidechain   ? context.agent_id
                                                 : std::string_view();
        request.agent = row.agent;
        request.skill = row.skill;
        request.plugin = row.plugin;
        request.mcp_server = row.mcp_server;
        request.mcp_tool = row.mcp_tool;
        request.kind = request.sidechain ? model::RequestKind::kSubagent : model::RequestKind::kMain;
        request.speed = row.usage.speed == "fast" ? model::Speed::kFast : model::Speed::kStandard;
        request.tier = model::service_tier_from(row.usage.tier);
        request.tokens = row.usage.tokens;
        request.web_searches = row.usage.web_searches;
        request.web_fetches = row.usage.web_fetches;
        request.uuid_hash = hash64(row.uuid);
        const UnixMillis duration = message_started >= 0 ? time - message_started : -1;
        request.duration_ms = duration >= 0 && duration <= kMaxRequestDuration ? duration : -1;
        request.incomplete =
            row.aborted || row.message.stop_reason.empty() || row.usage.tokens.output <= kPlaceholderOutput;
        request.free_refusal = is_free_refusal(time);

        if (request.tokens.total() != 0 || request.web_searches != 0 || request.web_fetches != 0) {
            sink.on_request(parsed);
        }
        emit_extra_entries(parsed);
    }

    /// formats.md 1.5: a refusal before any output was free until 2026-09-24; since then only some kinds are.
    [[nodiscard]] bool is_free_refusal(UnixMillis time) const {
        if (row.message.stop_reason != "refusal" || row.usage.tokens.output > kPlaceholderOutput) {
            return false;
        }
        const std::string_view category = row.message.refusal_category;
        const bool billed_kind = category == "bio" || category == "frontier_llm" || category == "reasoning_extraction";
        return time < kRefusalsBilledFrom || !billed_kind;
    }

    /// Tokens that the top-level usage leaves out, each as an entry of its own: advisor and compaction calls, the
    /// earlier attempts of a refusal fallback, and segments before a pause.
    void emit_extra_entries(const ParsedRequest& main) {
        if (row.iterations.empty() && row.paused.empty()) {
            return;
        }
        std::size_t last_fallback = row.iterations.size();
        for (std::size_t i = 0; i < row.iterations.size(); ++i) {
            if (row.iterations[i].type == "fallback_message") {
                last_fallback = i;
            }
        }
        const std::string base_id(main.row.message_id);
        const auto emit = [&](std::string_view what, std::size_t index, const Usage& usage, std::string_view model_id,
                              model::RequestKind kind) {
            ParsedRequest extra = main;
            extra.primary = false;
            extra.tools = {};
            const std::string id = base_id + "#" + std::string(what) + std::to_string(index);
            extra.row.message_id = id;
            extra.row.model = model_id.empty() ? main.row.model : model_id;
            extra.row.tokens = usage.tokens;
            extra.row.web_searches = usage.web_searches;
            extra.row.web_fetches = usage.web_fetches;
            extra.row.kind = kind;
            extra.row.duration_ms = -1;
            extra.row.incomplete = false;
            extra.row.free_refusal = false;
            if (extra.row.tokens.total() != 0) {
                sink.on_request(extra);
            }
        };
        for (std::size_t i = 0; i < row.iterations.size(); ++i) {
            const Iteration& iteration = row.iterations[i];
            if (iteration.type == "advisor_message") {
                emit("advisor", i, iteration.usage, iteration.model.empty() ? row.advisor_model : iteration.model,
                     model::RequestKind::kAuxiliary);
            } else if (iteration.type == "compaction") {
                emit("compaction", i, iteration.usage, iteration.model, model::RequestKind::kAuxiliary);
            } else if (iteration.type == "fallback_message" && i != last_fallback) {
                emit("fallback", i, iteration.usage, iteration.model, main.row.kind);
            }
        }
        for (std::size_t i = 0; i < row.paused.size(); ++i) {
            emit("paused", i, row.paused[i], {}, main.row.kind);
        }
    }

    /// The folder a session was started in: a `cd` into a part of it does not make a new project.
    [[nodiscard]] std::string_view project_folder() const {
        if (home.empty() || row.cwd == home || row.cwd.empty()) {
            return row.cwd.empty() ? std::string_view(home) : row.cwd;
        }
        const bool below = row.cwd.size() > home.size() && row.cwd.starts_with(home) &&
                           (row.cwd[home.size()] == '/' || row.cwd[home.size()] == '\\') &&
                           row.cwd.substr(home.size()).find("worktrees") == std::string_view::npos;
        return below ? std::string_view(home) : row.cwd;
    }
};

RowParser::RowParser(RowSink& sink) : impl_(std::make_unique<Impl>(sink)) {}
RowParser::~RowParser() = default;

void RowParser::begin_file(const FileContext& context) {
    impl_->context = context;
    restore({});
}

std::string RowParser::save() const {
    std::string out;
    put(out, kCarryVersion);
    put(out, impl_->previous_time);
    put(out, impl_->message_hash);
    put(out, impl_->message_started);
    put(out, static_cast<std::uint16_t>(std::min<std::size_t>(impl_->home.size(), 4096)));
    out.append(impl_->home, 0, 4096);
    // The newest few tool uses: their results come in the next rows.
    constexpr std::size_t kSaved = 8;
    for (std::size_t i = 0; i < kSaved; ++i) {
        const std::size_t index = (impl_->recent_tools_next + kRememberedTools - 1 - i) % kRememberedTools;
        const auto& [id, name] = impl_->recent_tools[index];
        if (id == 0) {
            break;
        }
        put(out, id);
        put(out, static_cast<std::uint8_t>(std::min<std::size_t>(name.size(), 255)));
        out.append(name, 0, 255);
    }
    return out;
}

void RowParser::restore(std::string_view saved) {
    Impl& impl = *impl_;
    impl.previous_time = -1;
    impl.message_hash = 0;
    impl.message_started = -1;
    impl.home.clear();
    impl.recent_tools.fill({});
    impl.recent_tools_next = 0;
    std::uint8_t version = 0;
    std::uint16_t home_size = 0;
    if (!take(saved, version) || version != kCarryVersion || !take(saved, impl.previous_time) ||
        !take(saved, impl.message_hash) || !take(saved, impl.message_started) || !take(saved, home_size) ||
        saved.size() < home_size) {
        return;
    }
    impl.home = saved.substr(0, home_size);
    saved.remove_prefix(home_size);
    std::uint64_t id = 0;
    std::uint8_t size = 0;
    while (take(saved, id) && take(saved, size) && saved.size() >= size) {
        impl.recent_tools[impl.recent_tools_next++ % kRememberedTools] = {id, std::string(saved.substr(0, size))};
        saved.remove_prefix(size);
    }
}

bool RowParser::worth_parsing(std::string_view line, std::uint8_t facts) {
    if (facts != 0) {
        return true;
    }
    constexpr std::string_view kCostState = R"({"type":"cost-state")";
    constexpr std::string_view kPrLink = R"({"type":"pr-link")";
    return line.starts_with(kCostState) || line.starts_with(kPrLink);
}

void RowParser::parse(std::string_view line, std::uint8_t facts, std::int64_t number, std::string_view previous) {
    impl_->parse(line, facts, number, previous);
}

void RowParser::note_previous(std::string_view previous) { impl_->previous_time = raw_time(previous); }

UnixMillis limit_reset_time(std::string_view text, UnixMillis row_time) {
    if (const std::size_t bar = text.find('|'); bar != std::string_view::npos) {
        std::int64_t seconds = 0;
        const auto [end, error] = std::from_chars(text.data() + bar + 1, text.data() + text.size(), seconds);
        return error == std::errc() && end != text.data() + bar + 1 && seconds > 1'000'000'000 &&
                       seconds < 10'000'000'000
                   ? seconds * 1000
                   : -1;
    }
    const std::size_t at = text.find("resets ");
    const std::size_t open = text.find('(', at == std::string_view::npos ? 0 : at);
    const std::size_t close = text.find(')', open == std::string_view::npos ? 0 : open);
    if (at == std::string_view::npos || open == std::string_view::npos || close == std::string_view::npos) {
        return -1;
    }
    // "7:20pm", "6pm"; a form with a date ("Nov 3, 6pm") is left unknown rather than guessed.
    const std::string_view clock = text.substr(at + 7, open - at - 7);
    int hour = 0;
    int minute = 0;
    const char* p = clock.data();
    const char* const end = clock.data() + clock.size();
    auto parsed = std::from_chars(p, end, hour);
    if (parsed.ec != std::errc()) {
        return -1;
    }
    p = parsed.ptr;
    if (p < end && *p == ':') {
        parsed = std::from_chars(p + 1, end, minute);
        if (parsed.ec != std::errc()) {
            return -1;
        }
        p = parsed.ptr;
    }
    const std::string_view half(p, static_cast<std::size_t>(std::min<std::ptrdiff_t>(2, end - p)));
    if ((half != "am" && half != "pm") || hour < 1 || hour > 12 || minute < 0 || minute > 59) {
        return -1;
    }
    hour = hour % 12 + (half == "pm" ? 12 : 0);
    const auto zone = base::TimeZone::load(text.substr(open + 1, close - open - 1));
    if (!zone) {
        return -1;
    }
    const base::CivilDate today = zone->date_of(row_time);
    for (int ahead = 0; ahead < 2; ++ahead) {
        const UnixMillis midnight = zone->start_of(base::civil_from_days(base::days_from_civil(today) + ahead));
        const UnixMillis reset = midnight + hour * base::kHour + minute * base::kMinute;
        if (reset > row_time) {
            return reset;
        }
    }
    return -1;
}

}  // namespace tidemark::transcripts
