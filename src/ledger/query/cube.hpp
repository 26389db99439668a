// The sums of the ledger in memory: what the rollup tables hold, cut into columns. Not thread-safe by itself: the
// engine guards it with a shared lock (readers) and an exclusive one (apply).
//
// A dimension row (dims.id) is split in two: the session, and the "combo" of everything else people group by. There are
// few combos a day, so sums per local day and combo answer long ranges, and quarters of an hour only the ends of a
// range.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/containers.hpp"
#include "foundation/base/result.hpp"
#include "foundation/base/time.hpp"
#include "ledger/model/usage.hpp"
#include "ledger/query/query.hpp"
#include "ledger/store/database.hpp"
#include "ledger/store/store.hpp"

namespace tidemark::query {

using Quarter = std::uint32_t;  ///< time / base::kQuarter
constexpr std::uint32_t kNoSlot = 0xffff'ffff;

[[nodiscard]] inline Quarter quarter_floor(base::UnixMillis time) {
    return time <= 0 ? 0 : static_cast<Quarter>(std::min<std::int64_t>(time / base::kQuarter, 0xffff'fffe));
}
[[nodiscard]] inline Quarter quarter_ceil(base::UnixMillis time) {
    return time <= 0 ? 0 : quarter_floor(time + base::kQuarter - 1);
}
[[nodiscard]] inline base::UnixMillis time_of(Quarter quarter) {
    return static_cast<base::UnixMillis>(quarter) * base::kQuarter;
}

/// Rollup entries as columns, 60 bytes each. Columns are narrow: a sum that does not fit is held by several entries.
struct Entries {
    std::vector<Quarter> quarter;
    std::vector<std::uint32_t> dim;
    std::vector<std::int64_t> cost;
    std::vector<std::int32_t> requests, input, output, thinking, cache_write_5m, cache_write_1h, cache_read,
        unpriced_tokens, duration_ms;
    std::vector<std::int16_t> web_searches, incomplete, unpriced, timed;

    [[nodiscard]] std::size_t size() const { return quarter.size(); }
    [[nodiscard]] model::Measures at(std::size_t i) const;
    /// Adds what fits in the columns of entry `i` and leaves the rest in `change`; true when nothing is left.
    bool absorb(std::size_t i, model::Measures& change);
    void push(Quarter at_quarter, std::uint32_t at_dim);
    void reserve(std::size_t count);
    void clear();
    /// Copies entry `i` of another set to the end.
    void copy_from(const Entries& other, std::size_t i);
};

/// Tool uses in the rows of usage_15m.
struct ToolEntries {
    std::vector<Quarter> quarter;
    std::vector<std::uint32_t> dim;
    std::vector<std::uint16_t> tool;  ///< Value of the tool dictionary
    std::vector<std::int32_t> calls;
    std::vector<std::int64_t> cost, tokens;
    [[nodiscard]] std::size_t size() const { return quarter.size(); }
    void reserve(std::size_t count);
};

/// The values one dimension takes, numbered from 0; 0 is "" (none) except for sessions and projects, whose numbers are
/// row ids.
struct Dictionary {
    std::vector<std::string> keys;
    base::FlatMap<std::int64_t, std::uint32_t> of_row;  ///< names.id -> value
    /// Several names rows can share a text, never within a kind
    base::FlatTextMap<std::string, std::uint32_t> of_key;
};

struct Project {
    std::string path;  ///< Empty: no such row
    std::string name;
    std::string label;
    std::string git_remote;
};

struct Session {
    std::string uid;  ///< Empty: no such row
    std::string parent_uid;
    std::uint32_t project = 0;
    std::int32_t compactions = 0, api_errors = 0, limit_hits = 0, pull_requests = 0;
    std::int64_t lines_added = 0, lines_removed = 0;
    base::UnixMillis started = 0, last_activity = 0;
    std::vector<std::uint32_t> dims;
    model::Measures totals;
};

/// What questions over many sessions read of each, as columns.
struct SessionColumns {
    std::vector<std::uint32_t> project;  ///< kNoSlot: no such session
    std::vector<Quarter> first, last;    ///< All entries of the session lie in [first, last]; first > last: none yet
    std::vector<base::UnixMillis> started, last_activity;
    std::vector<std::int64_t> cost, tokens, requests;

    [[nodiscard]] std::size_t size() const { return project.size(); }
    void resize(std::size_t count);
};

/// Which rows of a cut each session has requests in: rows[offsets[s]] … rows[offsets[s + 1] - 1], ascending.
struct SessionRows {
    std::vector<std::uint32_t> offsets, rows;
};

/// Dimensions that combos have a column for: all but kNone, kSession and kTool.
constexpr std::size_t kComboColumns = 15;

/// Days are summed in several cuts, since the finer the cut, the more rows: by combo (kFine); by project, model and
/// kind, which most questions are about (kCoarse); and by each other column alone.
using Cut = std::size_t;
constexpr Cut kFine = 0;
constexpr Cut kCoarse = 1;
constexpr Cut kCuts = 2 + kComboColumns - 3;

/// Sums of one local day, or of a block of days.
struct DaySums {
    struct Rows {
        std::vector<std::uint32_t> rows;    ///< Of the cut, ascending
        std::vector<model::Measures> sums;  ///< Parallel to rows
    };
    struct ToolPart {
        std::uint32_t row = 0, tool = 0;  ///< Row of the cut kCoarse
        std::int64_t calls = 0, cost = 0, tokens = 0;
    };
    std::array<Rows, kCuts> cuts;  ///< Blocks have no kFine: combos hardly outlive a day
    std::vector<ToolPart> tools;   ///< By (row, tool)
};
struct DayRows : DaySums {
    struct Part {
        std::uint32_t combo = 0, session = 0;
        std::int32_t requests = 0;
    };
    std::vector<Part> parts;  ///< By (combo, session): for distinct sessions
};

/// The days of one time zone that the data spans.
struct ZoneDays {
    static constexpr std::size_t kBlock = 16;  ///< Days
    base::TimeZone zone;
    std::vector<Quarter> starts;  ///< Starts of the days and the end of the last: days.size() + 1
    std::vector<DayRows> days;
    std::vector<DaySums> blocks;  ///< Block b holds the days from b * kBlock on
    bool has_tools = false;
    std::uint64_t last_used = 0;
};

/// The column of a dimension in a combo; kComboColumns when it has none.
[[nodiscard]] std::size_t combo_column(Dimension dimension);

/// What is read of sessions and dimension rows. kSums: session, project, model and speed, which sums for a command-line
/// report are about; every other dimension has the value none.
enum class Facts { kAll, kSums };

class Cube {
public:
    /// Reads everything anew inside one read transaction. `seq` gets the ledger's change number of that moment.
    static base::Result<std::unique_ptr<Cube>> load(store::Database& database, std::uint64_t& seq,
                                                    Facts facts = Facts::kAll);
    /// Tool sums are read when the first question about tools comes: as of the database's newest commit, which can be
    /// ahead of the commits added here.
    base::Result<void> load_tools(store::Database& database);
    /// Commits up to this one are in the tool sums already.
    [[nodiscard]] std::uint64_t tools_seq() const { return tools_seq_; }
    [[nodiscard]] bool has_tools() const { return has_tools_; }

    /// Reads rows of names, projects, dims and sessions above those known, and the sessions listed again.
    base::Result<void> read_new(store::Database& database, std::span<const std::int64_t> sessions);
    base::Result<void> add(const store::RollupDelta& delta);
    base::Result<void> add(const store::ToolDelta& delta);

    /// The days of a zone, built from the entries. The zone list and its order of use are the engine's.
    [[nodiscard]] std::shared_ptr<ZoneDays> build_days(const base::TimeZone& zone) const;
    /// Gives the memory of the tool sums back; the next question about tools loads them again.
    void drop_tools();
    /// Keeps `days` in step with an add(); false when the day lies before the first: build anew.
    bool add_to_days(ZoneDays& days, const store::RollupDelta& delta) const;
    bool add_to_days(ZoneDays& days, const store::ToolDelta& delta) const;

    [[nodiscard]] const Entries& main() const { return main_; }        ///< By (quarter, dim)
    [[nodiscard]] const Entries& pending() const { return pending_; }  ///< Late arrivals, few
    [[nodiscard]] const std::vector<std::uint32_t>& pending_order() const { return pending_order_; }  ///< By quarter
    [[nodiscard]] const ToolEntries& tools() const { return tools_; }                                 ///< By quarter
    [[nodiscard]] const std::vector<Project>& projects() const { return projects_; }
    [[nodiscard]] const std::vector<Session>& sessions() const { return sessions_; }
    [[nodiscard]] const SessionColumns& session_columns() const { return session_columns_; }
    /// For kFine or kCoarse. Holds as long as rows_version() stays the same.
    [[nodiscard]] SessionRows session_rows(Cut cut) const;
    [[nodiscard]] std::uint64_t rows_version() const { return rows_version_; }
    [[nodiscard]] const Dictionary& dictionary(Dimension dimension) const {
        return dictionaries_[static_cast<std::size_t>(dimension)];
    }
    [[nodiscard]] std::uint32_t session_by_uid(std::string_view uid) const;  ///< 0: unknown
    [[nodiscard]] const std::vector<std::uint32_t>& combo_values(Dimension dimension) const {
        return combos_[combo_column(dimension)];
    }
    [[nodiscard]] std::size_t combo_count() const { return combos_[0].size(); }
    /// The cut with the fewest rows that has columns for both sets of dimensions.
    [[nodiscard]] static Cut cut_for(const std::vector<Dimension>& dimensions);
    [[nodiscard]] std::size_t rows(Cut cut) const;
    [[nodiscard]] std::uint32_t row_of(Cut cut, std::uint32_t combo) const {
        return cut == kFine ? combo : cut == kCoarse ? coarse_of_combo_[combo] : combos_[single_column(cut)][combo];
    }
    /// By combo: its row of the cut; empty for kFine, where the combo is the row.
    [[nodiscard]] std::span<const std::uint32_t> row_of_combo(Cut cut) const {
        return cut == kFine     ? std::span<const std::uint32_t>()
               : cut == kCoarse ? std::span<const std::uint32_t>(coarse_of_combo_)
                                : std::span<const std::uint32_t>(combos_[single_column(cut)]);
    }
    /// The value that a row of a cut has in a dimension the cut has a column for.
    [[nodiscard]] std::uint32_t row_value(Cut cut, std::uint32_t row, Dimension dimension) const {
        return cut == kFine     ? combos_[combo_column(dimension)][row]
               : cut == kCoarse ? coarse_value(row, dimension)
                                : row;
    }
    /// All of them: values[row]. Empty where the row is the value.
    [[nodiscard]] std::span<const std::uint32_t> row_values(Cut cut, Dimension dimension) const;
    [[nodiscard]] std::size_t dim_count() const { return dim_combo_.size(); }
    [[nodiscard]] bool has_dim(std::int64_t dim) const {
        return dim > 0 && static_cast<std::size_t>(dim) < dim_combo_.size() &&
               dim_combo_[static_cast<std::size_t>(dim)] != kNoSlot;
    }
    [[nodiscard]] std::uint32_t combo_of(std::size_t dim) const { return dim_combo_[dim]; }
    [[nodiscard]] std::uint32_t session_of(std::size_t dim) const { return dim_session_[dim]; }
    [[nodiscard]] std::uint32_t agent_uid_of(std::size_t dim) const { return dim_agent_uid_[dim]; }  ///< names.id
    [[nodiscard]] std::uint32_t combo_value(std::uint32_t combo, Dimension dimension) const {
        return combos_[combo_column(dimension)][combo];
    }
    /// The key of the value of a dimension of a dims row.
    [[nodiscard]] const std::string& key_of_dim(std::size_t dim, Dimension dimension) const;
    [[nodiscard]] const std::string& model_given_of(std::size_t dim) const;
    [[nodiscard]] const model::Measures& everything() const { return everything_; }
    [[nodiscard]] Quarter first_quarter() const { return first_; }
    [[nodiscard]] Quarter last_quarter() const { return last_; }
    [[nodiscard]] std::size_t bytes() const;

private:
    base::Result<void> read_tools(store::Database& database);
    base::Result<void> make_room(store::Database& database);
    base::Result<void> read_names(store::Database& database);
    base::Result<void> read_projects(store::Database& database);
    base::Result<void> read_dims(store::Database& database);
    base::Result<void> read_new_sessions(store::Database& database);
    base::Result<void> read_session(store::Statement& row);
    base::Result<void> read_rollups(store::Database& database);
    void label_projects();
    [[nodiscard]] static std::size_t single_column(Cut cut);
    [[nodiscard]] std::uint32_t coarse_value(std::uint32_t row, Dimension dimension) const;
    std::uint32_t value_of(Dimension dimension, std::int64_t name_id);
    bool add_to_days(ZoneDays& days, Quarter quarter, std::uint32_t dim, const model::Measures& change) const;
    void account(Quarter quarter, std::uint32_t dim, const model::Measures& change);
    void push_pending(Quarter quarter, std::uint32_t dim, model::Measures change);
    void merge_pending();
    [[nodiscard]] std::size_t find_main(Quarter quarter, std::uint32_t dim) const;

    Facts facts_ = Facts::kAll;
    Entries main_, pending_;
    std::vector<std::uint32_t> pending_order_;
    base::FlatMap<std::uint64_t, std::uint32_t> pending_at_;
    ToolEntries tools_;
    bool has_tools_ = false;
    std::uint64_t tools_seq_ = 0;
    Quarter first_ = 0xffff'ffff, last_ = 0;
    model::Measures everything_;

    std::array<Dictionary, 18> dictionaries_;  // by Dimension
    base::FlatMap<std::int64_t, std::string> names_;
    std::vector<Project> projects_;
    std::vector<Session> sessions_;
    SessionColumns session_columns_;
    base::FlatTextMap<std::string, std::uint32_t> session_by_uid_;
    std::array<std::vector<std::uint32_t>, 3> coarse_;  ///< Project, model, kind of each row of kCoarse
    std::vector<std::uint32_t> coarse_of_combo_;
    base::FlatMap<std::uint64_t, std::uint32_t> coarse_by_values_;
    std::vector<std::int32_t> dim_requests_;
    std::uint64_t rows_version_ = 0;  ///< Changes when a session gets its first, or loses its last, request in a dim
    std::array<std::vector<std::uint32_t>, kComboColumns> combos_;
    base::FlatMap<std::uint64_t, base::SmallVector<std::uint32_t, 2>> combo_by_hash_;
    std::vector<std::uint32_t> dim_combo_, dim_session_, dim_agent_uid_, dim_model_given_;
    std::int64_t max_name_ = 0, max_project_ = 0, max_dim_ = 0, max_session_ = 0;
};

}  // namespace tidemark::query
