// JSON and CSV.
#include <cmath>
#include <string>

#include "desk/reports/report.hpp"
#include "foundation/base/money.hpp"
#include "foundation/json/write.hpp"

namespace tidemark::report {

namespace {

/// Writes one JSON object, key by key. Keys come in alphabetical order, as ccusage prints them.
class Object {
public:
    explicit Object(std::string& out) : out_(out) { out_ += '{'; }
    ~Object() { out_ += '}'; }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    std::string& key(std::string_view name) {
        if (!first_) {
            out_ += ',';
        }
        first_ = false;
        out_ += '"';
        out_ += name;  // names here need no escapes
        out_ += "\":";
        return out_;
    }
    void add(std::string_view name, std::int64_t value) { json::append(key(name), value); }
    void add(std::string_view name, double value) { json::append_number(key(name), value); }
    void add(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
    void add(std::string_view name, std::string_view value) { json::append_string(key(name), value); }
    void null(std::string_view name) { key(name) += "null"; }

private:
    std::string& out_;
    bool first_ = true;
};

template <class List, class Each>
void append_list(std::string& out, const List& list, Each each) {
    out += '[';
    bool first = true;
    for (const auto& element : list) {
        if (!first) {
            out += ',';
        }
        first = false;
        each(element);
    }
    out += ']';
}

void append_strings(std::string& out, const std::vector<std::string>& list) {
    append_list(out, list, [&](const std::string& text) { json::append_string(out, text); });
}

void append_models(std::string& out, const std::vector<ModelPart>& models) {
    append_list(out, models, [&](const ModelPart& part) {
        Object object(out);
        const model::TokenCounts& tokens = part.measures.tokens;
        object.add("cacheCreationTokens", tokens.cache_write());
        object.add("cacheReadTokens", tokens.cache_read);
        object.add("cost", part.measures.cost.dollars());
        object.add("inputTokens", tokens.input);
        if (part.measures.unpriced_requests > 0) {
            object.add("missingPricing", true);
        }
        object.add("modelName", std::string_view(part.model));
        object.add("outputTokens", tokens.output);
    });
}

/// The folder name that Claude Code and ccusage use for a path: every character but letters and digits is '-'; names of
/// over 200 characters end in a hash of the path.
std::string folder_name(std::string_view path) {
    std::string name;
    std::int32_t hash = 0;
    const auto add_unit = [&](std::uint32_t unit) {
        hash = static_cast<std::int32_t>(static_cast<std::uint32_t>(hash) * 31U + unit);
        const bool plain = (unit >= '0' && unit <= '9') || (unit >= 'A' && unit <= 'Z') || (unit >= 'a' && unit <= 'z');
        name += plain ? static_cast<char>(unit) : '-';
    };
    for (std::size_t i = 0; i < path.size();) {
        // UTF-16 units are what the client counts.
        const auto lead = static_cast<unsigned char>(path[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0x7fU >> length);
        for (std::size_t k = 1; k < length && i + k < path.size(); ++k) {
            code = code << 6 | (static_cast<unsigned char>(path[i + k]) & 0x3fU);
        }
        if (code >= 0x10000) {
            add_unit(0xd800 + ((code - 0x10000) >> 10));
            add_unit(0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            add_unit(code);
        }
        i += length;
    }
    constexpr std::size_t kLongest = 200;
    if (name.size() <= kLongest) {
        return name;
    }
    std::uint32_t rest = hash < 0 ? 0U - static_cast<std::uint32_t>(hash) : static_cast<std::uint32_t>(hash);
    std::string digits;
    do {
        digits.insert(digits.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
        rest /= 36;
    } while (rest != 0);
    return name.substr(0, kLongest) + "-" + digits;
}

void append_row(std::string& out, const Report& report, const Row& row) {
    Object object(out);
    const model::TokenCounts& tokens = row.measures.tokens;
    const Kind kind = report.options.kind;
    object.add("cacheCreationTokens", tokens.cache_write());
    object.add("cacheReadTokens", tokens.cache_read);
    if (kind == Kind::kDaily) {
        object.add("date", std::string_view(row.key));
    }
    if (kind == Kind::kSession) {
        object.add("firstActivity", std::string_view(base::to_rfc3339(row.first_activity)));
    }
    if (row.measures.incomplete_requests > 0) {
        object.add("incompleteRequests", row.measures.incomplete_requests);
    }
    object.add("inputTokens", tokens.input);
    if (kind == Kind::kSession) {
        object.add("lastActivity", std::string_view(base::to_rfc3339(row.last_activity)));
    }
    if (kind == Kind::kModel) {
        object.add("model", std::string_view(row.key));
    }
    append_models(object.key("modelBreakdowns"), row.models);
    std::vector<std::string> names;
    for (const ModelPart& part : row.models) {
        names.push_back(part.model);
    }
    append_strings(object.key("modelsUsed"), names);
    if (kind == Kind::kMonthly) {
        object.add("month", std::string_view(row.key));
    }
    object.add("outputTokens", tokens.output);
    if (kind == Kind::kProject) {
        object.add("project", std::string_view(row.key));
    }
    if (kind == Kind::kSession) {
        object.add("project", std::string_view(row.project_path));
        object.add("projectPath", std::string_view(folder_name(row.project_path)));
    }
    object.add("requests", row.measures.requests);
    if (kind == Kind::kSession) {
        object.add("sessionId", std::string_view(row.key));
    } else {
        object.add("sessions", row.sessions);
    }
    object.add("totalCost", row.measures.cost.dollars());
    object.add("totalTokens", tokens.total());
    if (kind == Kind::kWeekly) {
        object.add("week", std::string_view(row.key));
    }
}

void append_totals(std::string& out, const Report& report) {
    Object object(out);
    const model::TokenCounts& tokens = report.totals.tokens;
    object.add("cacheCreationTokens", tokens.cache_write());
    object.add("cacheReadTokens", tokens.cache_read);
    if (report.totals.incomplete_requests > 0) {
        object.add("incompleteRequests", report.totals.incomplete_requests);
    }
    object.add("inputTokens", tokens.input);
    object.add("outputTokens", tokens.output);
    object.add("requests", report.totals.requests);
    object.add("sessions", report.sessions);
    object.add("totalCost", report.totals.cost.dollars());
    object.add("totalTokens", tokens.total());
    if (!report.unpriced_models.empty()) {
        append_strings(object.key("unpricedModels"), report.unpriced_models);
    }
}

double to_cents(double usd) { return std::round(usd * 100) / 100; }

void append_block(std::string& out, const Row& row) {
    const query::Block& block = *row.block;
    Object object(out);
    if (block.gap) {
        object.null("actualEndTime");
    } else {
        object.add("actualEndTime", std::string_view(base::to_rfc3339(block.actual_end)));
    }
    // ccusage gives rates for the running block only.
    if (block.active && block.tokens_per_minute) {
        Object rate(object.key("burnRate"));
        rate.add("costPerHour", block.cost_per_hour.value_or(0));
        rate.add("tokensPerMinute", *block.tokens_per_minute);
        rate.add("tokensPerMinuteForIndicator", block.tokens_per_minute_indicator.value_or(0));
    } else {
        object.null("burnRate");
    }
    object.add("costUSD", block.measures.cost.dollars());
    object.add("endTime", std::string_view(base::to_rfc3339(block.end)));
    object.add("entries", block.measures.requests);
    object.add("id", std::string_view(row.key));
    object.add("isActive", block.active);
    object.add("isGap", block.gap);
    append_strings(object.key("models"), block.models);
    if (block.projected_tokens) {
        Object projection(object.key("projection"));
        projection.add("remainingMinutes", block.remaining_minutes.value_or(0));
        projection.add("totalCost", to_cents(block.projected_cost.value_or(0)));
        projection.add("totalTokens", *block.projected_tokens);
    } else {
        object.null("projection");
    }
    object.add("startTime", std::string_view(base::to_rfc3339(block.start)));
    {
        Object counts(object.key("tokenCounts"));
        counts.add("cacheCreationInputTokens", block.measures.tokens.cache_write());
        counts.add("cacheReadInputTokens", block.measures.tokens.cache_read);
        counts.add("inputTokens", block.measures.tokens.input);
        counts.add("outputTokens", block.measures.tokens.output);
    }
    object.add("totalTokens", block.measures.tokens.total());
}

std::string quoted(std::string_view field) {
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(field);
    }
    std::string result = "\"";
    for (const char c : field) {
        result += c;
        if (c == '"') {
            result += c;
        }
    }
    return result + "\"";
}

void append_line(std::string& out, const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += i == 0 ? "" : ",";
        out += quoted(fields[i]);
    }
    out += "\r\n";
}

void add_figures(std::vector<std::string>& fields, const model::Measures& measures) {
    const model::TokenCounts& tokens = measures.tokens;
    for (const std::int64_t figure : {tokens.input, tokens.output, tokens.thinking, tokens.cache_write_5m,
                                      tokens.cache_write_1h, tokens.cache_read, tokens.total()}) {
        fields.push_back(std::to_string(figure));
    }
    fields.push_back(base::to_decimal(measures.cost));
    for (const std::int64_t figure : {measures.requests, measures.unpriced_requests, measures.incomplete_requests}) {
        fields.push_back(std::to_string(figure));
    }
}

}  // namespace

std::string to_json(const Report& report) {
    std::string out;
    if (report.options.kind == Kind::kBlocks) {
        Object object(out);
        append_list(object.key("blocks"), report.rows, [&](const Row& row) { append_block(out, row); });
    } else {
        Object object(out);
        const auto rows = [&](std::string_view key) {
            append_list(object.key(key), report.rows, [&](const Row& row) { append_row(out, report, row); });
        };
        const auto totals = [&] { append_totals(object.key("totals"), report); };
        switch (report.options.kind) {
            case Kind::kDaily: rows("daily"); break;
            case Kind::kMonthly: rows("monthly"); break;
            case Kind::kSession: rows("sessions"); break;
            case Kind::kProject: rows("projects"); break;
            case Kind::kModel: rows("models"); break;
            case Kind::kWeekly:
            case Kind::kBlocks: break;
        }
        totals();
        if (report.options.kind == Kind::kWeekly) {
            rows("weekly");
        }
    }
    return json::indent(out);
}

std::string to_csv(const Report& report) {
    const Kind kind = report.options.kind;
    std::vector<std::string> header;
    switch (kind) {
        case Kind::kDaily: header = {"date"}; break;
        case Kind::kWeekly: header = {"week"}; break;
        case Kind::kMonthly: header = {"month"}; break;
        case Kind::kSession: header = {"session_id", "project", "first_activity", "last_activity"}; break;
        case Kind::kBlocks: header = {"start", "end", "last_request", "state"}; break;
        case Kind::kProject: header = {"project"}; break;
        case Kind::kModel: header = {"model"}; break;
    }
    const bool by_model = report.options.breakdown && kind != Kind::kModel && kind != Kind::kBlocks;
    header.push_back(by_model ? "model" : "models");
    for (const char* name :
         {"input_tokens", "output_tokens", "thinking_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
          "cache_read_tokens", "total_tokens", "cost_usd", "requests", "unpriced_requests", "incomplete_requests"}) {
        header.emplace_back(name);
    }
    std::string out;
    append_line(out, header);
    for (const Row& row : report.rows) {
        std::vector<std::string> fields = {row.key};
        std::vector<std::string> names;
        if (kind == Kind::kSession) {
            fields.insert(fields.end(), {row.project_path, base::to_rfc3339(row.first_activity),
                                         base::to_rfc3339(row.last_activity)});
        }
        if (row.block) {
            if (row.block->gap) {
                continue;  // nothing was used: no figures
            }
            fields = {base::to_rfc3339(row.block->start), base::to_rfc3339(row.block->end),
                      base::to_rfc3339(row.block->actual_end), row.block->active ? "active" : "over"};
            names = row.block->models;
        }
        if (by_model) {
            // Only the parts, so that a column can be added up.
            for (const ModelPart& part : row.models) {
                std::vector<std::string> line = fields;
                line.push_back(part.model);
                add_figures(line, part.measures);
                append_line(out, line);
            }
            continue;
        }
        for (const ModelPart& part : row.models) {
            names.push_back(part.model);
        }
        std::string joined;
        for (const std::string& name : names) {
            joined += (joined.empty() ? "" : "; ") + name;
        }
        fields.push_back(joined);
        add_figures(fields, row.measures);
        append_line(out, fields);
    }
    return out;
}

}  // namespace tidemark::report
