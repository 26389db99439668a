// The table for people. What does not fit the terminal gives way in this order: long names are shortened, figures are
// rounded
// ("12.3M"), then whole columns go, the least asked for first; a last line says which.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "desk/reports/model_name.hpp"
#include "desk/reports/report.hpp"
#include "desk/reports/text_width.hpp"

namespace tidemark::report {

namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::size_t kSpace = 2;  ///< Between columns
constexpr std::size_t kRoomForIds = 160;

std::string with_separators(std::int64_t value) {
    std::string digits = std::to_string(value < 0 ? -value : value);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, ",");
    }
    return (value < 0 ? "-" : "") + digits;
}

/// Three figures and a letter: 987, 12.3k, 4.56M, 7.89B.
std::string rounded(std::int64_t value) {
    if (value < 1000 && value > -1000) {
        return std::to_string(value);
    }
    double number = static_cast<double>(value);
    std::size_t unit = 0;
    constexpr std::string_view kUnits = " kMBT";
    while (std::abs(number) >= 999.5 && unit + 1 < kUnits.size()) {
        number /= 1000;
        ++unit;
    }
    char text[32];
    const int decimals = std::abs(number) >= 99.95 ? 0 : std::abs(number) >= 9.995 ? 1 : 2;
    std::snprintf(text, sizeof text, "%.*f%c", decimals, number, kUnits[unit]);
    return text;
}

/// "$1,234.56", "<$0.01" for less than half a cent that is not nothing.
std::string money(base::NanoUsd amount) {
    constexpr std::int64_t kCent = 10'000'000;
    const std::int64_t cents = (amount.value + kCent / 2) / kCent;
    if (cents == 0 && amount.value > 0) {
        return "<$0.01";
    }
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%02d", static_cast<int>(cents % 100));
    return "$" + with_separators(cents / 100) + fraction;
}

/// A sum that leaves out what has no price says so.
std::string cost_of(const model::Measures& measures) {
    if (measures.unpriced_requests == 0) {
        return money(measures.cost);
    }
    return measures.unpriced_requests == measures.requests ? "no price" : "≥ " + money(measures.cost);
}

std::string span_of(base::UnixMillis length) {
    const std::int64_t minutes = (length + base::kMinute / 2) / base::kMinute;
    if (minutes < 60) {
        return std::to_string(minutes) + "m";
    }
    if (minutes < 48 * 60) {
        return std::to_string(minutes / 60) + "h" + (minutes % 60 != 0 ? " " + std::to_string(minutes % 60) + "m" : "");
    }
    return std::to_string(minutes / 60 / 24) + "d " + std::to_string(minutes / 60 % 24) + "h";
}

std::string local_minute(const base::TimeZone& zone, base::UnixMillis time) {
    std::string text = zone.format(time).substr(0, 16);
    text[10] = ' ';
    return text;
}

enum class Shape { kText, kPath, kWrap, kFigure };

struct Column {
    std::string title;
    Shape shape = Shape::kText;
    std::size_t least = 0;  ///< Columns it can be squeezed to; 0: never squeezed
    int drop = 0;           ///< Goes earlier the higher; 0: stays
};
struct Cell {
    std::string full;
    std::string small;  ///< Rounded form of a figure
};
enum class Tone { kNormal, kFaint, kGood, kTotal };
struct Line {
    std::vector<Cell> cells;
    Tone tone = Tone::kNormal;
    bool rule_above = false;
};
struct Table {
    std::vector<Column> columns;
    std::vector<Line> lines;
};

Cell text_cell(std::string text) { return {printable(text), {}}; }
Cell figure(std::int64_t value) { return {with_separators(value), rounded(value)}; }
Cell money_cell(const model::Measures& measures) { return {cost_of(measures), {}}; }

void add_tokens(std::vector<Cell>& cells, const model::TokenCounts& tokens) {
    cells.push_back(figure(tokens.input));
    cells.push_back(figure(tokens.output));
    cells.push_back(figure(tokens.cache_write()));
    cells.push_back(figure(tokens.cache_read));
    cells.push_back(figure(tokens.total()));
}

/// The columns that are shown, their widths, and whether figures are rounded.
struct Layout {
    std::vector<std::size_t> shown;
    std::vector<std::size_t> widths;
    bool small = false;
    std::vector<std::string> dropped;
};

std::string_view text_of(const Cell& cell, bool small) {
    return small && !cell.small.empty() ? std::string_view(cell.small) : std::string_view(cell.full);
}

/// Words of a wrapped cell are parted by ", ".
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        const auto comma = text.find(", ");
        std::string word(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 2);
        if (!text.empty()) {
            word += ",";
        }
        if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
            lines.push_back(std::move(line));
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    lines.push_back(std::move(line));
    for (std::string& each : lines) {
        each = shorten(each, width);
    }
    return lines;
}

bool try_fit(const Table& table, std::size_t width, Layout& layout) {
    layout.widths.clear();
    std::size_t total = 0;
    for (const std::size_t column : layout.shown) {
        std::size_t natural = display_width(table.columns[column].title);
        for (const Line& line : table.lines) {
            natural = std::max(natural, display_width(text_of(line.cells[column], layout.small)));
        }
        layout.widths.push_back(natural);
        total += natural + kSpace;
    }
    total -= layout.shown.empty() ? 0 : kSpace;
    while (total > width) {
        // Take from the widest column that can still give.
        std::size_t widest = layout.shown.size();
        for (std::size_t i = 0; i < layout.shown.size(); ++i) {
            const std::size_t least = table.columns[layout.shown[i]].least;
            if (least != 0 && layout.widths[i] > least &&
                (widest == layout.shown.size() || layout.widths[i] > layout.widths[widest])) {
                widest = i;
            }
        }
        if (widest == layout.shown.size()) {
            return false;
        }
        --layout.widths[widest];
        --total;
    }
    return true;
}

Layout fit(const Table& table, std::size_t width) {
    Layout layout;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        layout.shown.push_back(column);
    }
    for (;;) {
        for (const bool small : {false, true}) {
            layout.small = small;
            if (try_fit(table, width, layout)) {
                return layout;
            }
        }
        const auto victim = std::max_element(
            layout.shown.begin(), layout.shown.end(),
            [&](std::size_t a, std::size_t b) { return table.columns[a].drop < table.columns[b].drop; });
        if (victim == layout.shown.end() || table.columns[*victim].drop == 0) {
            return layout;  // narrower than any table: the terminal will wrap
        }
        layout.dropped.push_back(table.columns[*victim].title);
        layout.shown.erase(victim);
    }
}

class Printer {
public:
    Printer(std::string& out, const TextStyle& style) : out_(out), style_(style) {}

    void styled(std::string_view code, std::string_view text) {
        if (style_.colors && !code.empty()) {
            out_ += code;
            out_ += text;
            out_ += kPlain;
        } else {
            out_ += text;
        }
    }

    /// A remark below the table, wrapped between words.
    void note(std::string_view text, std::string_view code = kDim) {
        std::string line;
        while (!text.empty()) {
            const auto space = text.find(' ');
            const std::string_view word = text.substr(0, space);
            text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
            if (!line.empty() && display_width(line) + 1 + display_width(word) > style_.width) {
                styled(code, line);
                out_ += '\n';
                line = " ";
            }
            line += (line.empty() ? "" : " ") + std::string(word);
        }
        styled(code, line);
        out_ += '\n';
    }

    Layout table(const Table& table) {
        const Layout layout = fit(table, style_.width);
        std::size_t whole = 0;
        for (const std::size_t width : layout.widths) {
            whole += width + kSpace;
        }
        whole -= std::min(whole, kSpace);
        std::string rule;
        for (std::size_t i = 0; i < whole; ++i) {
            rule += "─";
        }
        std::string head;
        for (std::size_t i = 0; i < layout.shown.size(); ++i) {
            const Column& column = table.columns[layout.shown[i]];
            const std::string title = shorten(column.title, layout.widths[i]);
            append(
                head,
                column.shape == Shape::kFigure ? pad_left(title, layout.widths[i]) : pad_right(title, layout.widths[i]),
                i);
        }
        put(head, kBold);
        put(rule, kDim);
        for (const Line& line : table.lines) {
            if (line.rule_above) {
                put(rule, kDim);
            }
            std::vector<std::vector<std::string>> cells;
            std::size_t height = 1;
            for (std::size_t i = 0; i < layout.shown.size(); ++i) {
                const Column& column = table.columns[layout.shown[i]];
                const std::string text(text_of(line.cells[layout.shown[i]], layout.small));
                const std::size_t width = layout.widths[i];
                switch (column.shape) {
                    case Shape::kWrap: cells.push_back(wrapped(text, width)); break;
                    case Shape::kPath: cells.push_back({shorten_front(text, width)}); break;
                    case Shape::kText: cells.push_back({shorten(text, width)}); break;
                    case Shape::kFigure: cells.push_back({pad_left(text, width)}); break;
                }
                height = std::max(height, cells.back().size());
            }
            for (std::size_t row = 0; row < height; ++row) {
                std::string text;
                for (std::size_t i = 0; i < cells.size(); ++i) {
                    append(text, pad_right(row < cells[i].size() ? cells[i][row] : "", layout.widths[i]), i);
                }
                constexpr std::string_view kCodes[] = {"", kDim, kGreen, kBold};
                put(text, kCodes[static_cast<std::size_t>(line.tone)]);
            }
        }
        return layout;
    }

private:
    static void append(std::string& line, const std::string& cell, std::size_t index) {
        line += index == 0 ? "" : std::string(kSpace, ' ');
        line += cell;
    }
    void put(std::string line, std::string_view code) {
        line.erase(line.find_last_not_of(' ') + 1);
        styled(code, line);
        out_ += '\n';
    }

    std::string& out_;
    const TextStyle& style_;
};

std::string models_of(const std::vector<ModelPart>& models) {
    std::string text;
    for (const ModelPart& part : models) {
        text += (text.empty() ? "" : ", ") + printable(short_model(part.model));
    }
    return text;
}

const std::vector<Column>& token_columns() {
    static const std::vector<Column> columns = {
        {"Input", Shape::kFigure, 0, 4},      {"Output", Shape::kFigure, 0, 3}, {"Cache write", Shape::kFigure, 0, 6},
        {"Cache read", Shape::kFigure, 0, 5}, {"Total", Shape::kFigure, 0, 0},  {"Cost", Shape::kFigure, 0, 0},
    };
    return columns;
}

Table usage_table(const Report& report, std::size_t width) {
    const Kind kind = report.options.kind;
    const bool breakdown = report.options.breakdown && kind != Kind::kModel;
    Table table;
    std::size_t names = 1;  // columns before Models
    switch (kind) {
        case Kind::kDaily: table.columns = {{"Date"}}; break;
        case Kind::kWeekly: table.columns = {{"Week from"}}; break;
        case Kind::kMonthly: table.columns = {{"Month"}}; break;
        case Kind::kProject: table.columns = {{"Project", Shape::kPath, 14}}; break;
        case Kind::kModel: table.columns = {{"Model", Shape::kText, 12}}; break;
        case Kind::kSession:
            table.columns = {{"Session"}, {"Project", Shape::kPath, 10}, {"Last active", Shape::kText, 0, 7}};
            names = 3;
            break;
        case Kind::kBlocks: break;
    }
    const bool models = kind != Kind::kModel;
    if (models) {
        table.columns.push_back(
            {"Models", Shape::kWrap, breakdown ? std::size_t{12} : std::size_t{14}, breakdown ? 0 : 2});
    }
    table.columns.insert(table.columns.end(), token_columns().begin(), token_columns().end());
    const auto line = [&](std::vector<std::string> head, std::string models_text, const model::Measures& measures) {
        Line result;
        head.resize(names);
        for (std::string& text : head) {
            result.cells.push_back(text_cell(std::move(text)));
        }
        if (models) {
            result.cells.push_back({std::move(models_text), {}});
        }
        add_tokens(result.cells, measures.tokens);
        result.cells.push_back(money_cell(measures));
        return result;
    };
    for (const Row& row : report.rows) {
        std::vector<std::string> head = {kind == Kind::kProject || kind == Kind::kSession ? row.key : row.label};
        if (kind == Kind::kSession) {
            if (width < kRoomForIds) {
                head[0] = head[0].substr(0, 8);  // enough to tell sessions apart; JSON and CSV have the whole id
            }
            head.push_back(row.project_label);
            head.push_back(local_minute(report.options.zone, row.last_activity));
        }
        const bool parts = breakdown && row.models.size() > 1;
        table.lines.push_back(
            line(head, parts ? std::to_string(row.models.size()) + " models" : models_of(row.models), row.measures));
        for (const ModelPart& part : parts ? row.models : std::vector<ModelPart>()) {
            table.lines.push_back(line({}, "└ " + printable(short_model(part.model)), part.measures));
            table.lines.back().tone = Tone::kFaint;
        }
    }
    table.lines.push_back(line({"Total"}, "", report.totals));
    table.lines.back().tone = Tone::kTotal;
    table.lines.back().rule_above = true;
    return table;
}

Table blocks_table(const Report& report) {
    Table table;
    table.columns = {{"Block"}, {"State", Shape::kText, 0, 1}, {"Models", Shape::kWrap, 14, 2}};
    table.columns.insert(table.columns.end(), token_columns().begin(), token_columns().end());
    const base::TimeZone& zone = report.options.zone;
    for (const Row& row : report.rows) {
        const query::Block& block = *row.block;
        Line line;
        line.cells.push_back({local_minute(zone, block.start), {}});
        if (block.gap) {
            line.cells.push_back({"nothing for " + span_of(block.end - block.start), {}});
            line.cells.resize(table.columns.size());
            line.tone = Tone::kFaint;
        } else {
            line.cells.push_back({block.active ? "active, " + span_of(block.end - report.options.now) + " left"
                                               : "worked " + span_of(block.actual_end - block.start),
                                  {}});
            std::string models;
            for (const std::string& model : block.models) {
                models += (models.empty() ? "" : ", ") + printable(short_model(model));
            }
            line.cells.push_back({std::move(models), {}});
            add_tokens(line.cells, row.measures.tokens);
            line.cells.push_back(money_cell(row.measures));
            line.tone = block.active ? Tone::kGood : Tone::kNormal;
        }
        table.lines.push_back(std::move(line));
    }
    Line total;
    total.cells = {{"Total", {}}, {}, {}};
    add_tokens(total.cells, report.totals.tokens);
    total.cells.push_back(money_cell(report.totals));
    total.tone = Tone::kTotal;
    total.rule_above = true;
    table.lines.push_back(std::move(total));
    return table;
}

std::string title_of(const Report& report) {
    std::string title = "Claude Code usage ";
    switch (report.options.kind) {
        case Kind::kDaily: title += "by day"; break;
        case Kind::kWeekly: title += "by week"; break;
        case Kind::kMonthly: title += "by month"; break;
        case Kind::kSession: title += "by session"; break;
        case Kind::kBlocks: title += "in 5-hour blocks (estimate)"; break;
        case Kind::kProject: title += "by project"; break;
        case Kind::kModel: title += "by model"; break;
    }
    const auto& since = report.options.since;
    const auto& until = report.options.until;
    if (since && until && *since == *until) {
        title += " · " + base::to_string(*since);
    } else if (since && until) {
        title += " · " + base::to_string(*since) + " to " + base::to_string(*until);
    } else if (since) {
        title += " · since " + base::to_string(*since);
    } else if (until) {
        title += " · until " + base::to_string(*until);
    }
    return title + " · " + report.options.zone.name();
}

std::string plural(std::int64_t count, std::string_view one, std::string_view many) {
    return with_separators(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace

std::string to_text(const Report& report, const TextStyle& style) {
    std::string out;
    Printer printer(out, style);
    printer.note(title_of(report), kBold);
    if (report.rows.empty()) {
        out += '\n';
        printer.note("No usage in this range.", {});
        return out;
    }
    out += '\n';
    const bool blocks = report.options.kind == Kind::kBlocks;
    const Layout layout = printer.table(blocks ? blocks_table(report) : usage_table(report, style.width));
    std::vector<std::pair<std::string, std::string_view>> notes;
    for (const Row& row : report.rows) {
        if (row.block && row.block->active && row.block->projected_tokens) {
            const query::Block& block = *row.block;
            notes.emplace_back("At this pace: " + rounded(std::llround(*block.tokens_per_minute)) +
                                   " tokens a minute, " + money({std::llround(*block.cost_per_hour * 1e9)}) +
                                   " an hour; " + rounded(*block.projected_tokens) + " tokens and " +
                                   money({std::llround(*block.projected_cost * 1e9)}) + " when the block ends.",
                               kGreen);
        }
    }
    if (blocks) {
        notes.emplace_back("Blocks are reckoned from the requests' times; the server's own window can differ.", kDim);
    }
    if (report.totals.unpriced_requests > 0) {
        std::string names;
        for (const std::string& model : report.unpriced_models) {
            names += (names.empty() ? "" : ", ") + printable(model);
        }
        notes.emplace_back("≥ at least: no price is known for " + names + " (" +
                               plural(report.totals.unpriced_requests, "request", "requests") + ", " +
                               rounded(report.totals.unpriced_tokens) + " tokens).",
                           kYellow);
    }
    if (report.totals.incomplete_requests > 0) {
        notes.emplace_back(plural(report.totals.incomplete_requests, "request has", "requests have") +
                               " no final output count in the transcript: output and cost are at least this much.",
                           kDim);
    }
    if (!layout.dropped.empty()) {
        std::string names;
        for (const std::string& title : layout.dropped) {
            names += (names.empty() ? "" : ", ") + title;
        }
        notes.emplace_back("Left out for want of width: " + names + ".", kDim);
    }
    if (!notes.empty()) {
        out += '\n';
        for (const auto& [text, code] : notes) {
            printer.note(text, code);
        }
    }
    return out;
}

}  // namespace tidemark::report
