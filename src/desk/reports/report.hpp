// Reports for the command line: usage by day, week, month, session, block, project or model, as a table of text, JSON
// or CSV. Pure: a question to the engine in, text out. JSON has the keys of ccusage 20, so that scripts move over
// unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"
#include "foundation/base/time.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/query/query.hpp"

namespace tidemark::report {

enum class Kind { kDaily, kWeekly, kMonthly, kSession, kBlocks, kProject, kModel };
std::optional<Kind> kind_from(std::string_view name);  ///< "daily", …
std::string_view to_string(Kind kind);

struct Options {
    Kind kind = Kind::kDaily;
    std::optional<base::CivilDate> since, until;  ///< Local days, both inclusive
    base::TimeZone zone;
    base::WeekStart week_start = 0;     ///< Sunday, as ccusage has it
    std::vector<std::string> projects;  ///< Path, name, or a part of the path that only some projects have
    std::vector<std::string> models;    ///< Id, or a part of it: "opus", "sonnet-4-5"
    bool breakdown = false;             ///< Text and CSV: a line for each model below each row
    base::UnixMillis now = 0;           ///< For the active block
};

/// One model's part of a row. Fast mode counts as a model of its own, "…-fast".
struct ModelPart {
    std::string model;
    model::Measures measures;
};

/// One line of a report.
struct Row {
    std::string key;    ///< "2026-11-23", "2026-11", a session's id, a project's path, a model's id, a block's id
    std::string label;  ///< For people
    model::Measures measures;
    std::int64_t sessions = 0;
    std::vector<ModelPart> models;  ///< By cost, dearest first
    // sessions
    std::string project_path, project_label;
    base::UnixMillis first_activity = 0, last_activity = 0;
    // blocks
    std::optional<query::Block> block;
};

/// A report before it is written out.
struct Report {
    Options options;
    std::vector<Row> rows;
    model::Measures totals;
    std::int64_t sessions = 0;
    std::vector<std::string> unpriced_models;  ///< Sorted
    /// True when some figure is a lower bound: a price is unknown, or a final output count was never written.
    [[nodiscard]] bool incomplete() const;
};

/// Asks the engine. Days, weeks and months come in order of time, sessions, projects and models by cost. Errors: a
/// project or model that nothing matches (kInvalidArgument, names what there is), the engine's own.
base::Result<Report> build(const query::Engine& engine, const Options& options);

struct TextStyle {
    std::size_t width = 80;  ///< Columns of the terminal; the table never gets wider
    bool colors = false;     ///< ANSI escape sequences
};
std::string to_text(const Report& report, const TextStyle& style);
/// Two-space indents, keys in alphabetical order, money as the shortest number that reads back the same.
std::string to_json(const Report& report);
/// RFC 4180: a header line, CRLF, fields quoted where needed. Money with all digits.
std::string to_csv(const Report& report);

}  // namespace tidemark::report
