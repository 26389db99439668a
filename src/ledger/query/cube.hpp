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
#include <unordered_map>
#include <vector>

#include "foundation/base/clock.hpp"
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

/// Rows of tools_15m.
struct ToolEntries {
    std::vector<Quarter> quarter;
    std::vector<std::uint32_t> dim;
    std::vector<std::uint16_t> tool;  ///< Value of the tool dictionary
    std::vector<std::int32_t> calls;
    std::vector<std::int64_t> cost, tokens;
    [[nodiscard]] std::size_t size() const { return quarter.size(); }
};

/// The values one dimension takes, numbered from 0; 0 is "" (none) except for sessions and projects, whose numbers are
/// row ids.
struct Dictionary {
    std::vector<std::string> keys;
    std::unordered_map<std::int64_t, std::uint32_t> of_row;  ///< names.id -> value
    std::unordered_map<std::string, std::uint32_t>
        of_key;  ///< Several names rows can share a text, never within a kind
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
    Quarter first = 0xffff'ffff, last = 0;  ///< Quarters with an entry of this session
    std::vector<std::uint32_t> dims;
    model::Measures totals;
};

/// Sums of one local day.
struct DayRows {
    struct Part {
        std::uint32_t combo = 0, session = 0;
        std::int32_t requests = 0;
    };
    struct ToolPart {
        std::uint32_t combo = 0, tool = 0;
        std::int64_t calls = 0, cost = 0, tokens = 0;
    };
    std::vector<std::uint32_t> combos;  ///< Ascending
    std::vector<model::Measures> sums;  ///< Parallel to combos
    std::vector<Part> parts;            ///< By (combo, session): for distinct sessions
    std::vector<ToolPart> tools;        ///< By (combo, tool)
};

/// The days of one time zone that the data spans.
struct ZoneDays {
    base::TimeZone zone;
    std::vector<Quarter> starts;  ///< Starts of the days and the end of the last: days.size() + 1
    std::vector<DayRows> days;
    bool has_tools = false;
    std::uint64_t last_used = 0;
};

/// Dimensions that combos have a column for: all but kNone, kSession and kTool.
constexpr std::size_t kComboColumns = 15;
/// The column of a dimension in a combo; kComboColumns when it has none.
[[nodiscard]] std::size_t combo_column(Dimension dimension);

class Cube {
public:
    /// Reads everything anew inside one read transaction. `seq` gets the ledger's change number of that moment.
    static base::Result<std::unique_ptr<Cube>> load(store::Database& database, std::uint64_t& seq);
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
    [[nodiscard]] const Dictionary& dictionary(Dimension dimension) const {
        return dictionaries_[static_cast<std::size_t>(dimension)];
    }
    [[nodiscard]] std::uint32_t session_by_uid(std::string_view uid) const;  ///< 0: unknown
    [[nodiscard]] const std::vector<std::uint32_t>& combo_values(Dimension dimension) const {
        return combos_[combo_column(dimension)];
    }
    [[nodiscard]] std::size_t combo_count() const { return combos_[0].size(); }
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
    [[nodiscard]] Quarter first_quarter() const { return first_; }
    [[nodiscard]] Quarter last_quarter() const { return last_; }
    [[nodiscard]] std::size_t bytes() const;

private:
    base::Result<void> read_tools(store::Database& database);
    base::Result<void> read_names(store::Database& database);
    base::Result<void> read_projects(store::Database& database);
    base::Result<void> read_dims(store::Database& database);
    base::Result<void> read_new_sessions(store::Database& database);
    base::Result<void> read_session(store::Statement& row);
    base::Result<void> read_rollups(store::Database& database);
    void label_projects();
    std::uint32_t value_of(Dimension dimension, std::int64_t name_id);
    void account(Quarter quarter, std::uint32_t dim, const model::Measures& change);
    void push_pending(Quarter quarter, std::uint32_t dim, model::Measures change);
    void merge_pending();
    [[nodiscard]] std::size_t find_main(Quarter quarter, std::uint32_t dim) const;

    Entries main_, pending_;
    std::vector<std::uint32_t> pending_order_;
    std::unordered_map<std::uint64_t, std::uint32_t> pending_at_;
    ToolEntries tools_;
    bool has_tools_ = false;
    std::uint64_t tools_seq_ = 0;
    Quarter first_ = 0xffff'ffff, last_ = 0;

    std::array<Dictionary, 18> dictionaries_;  // by Dimension
    std::unordered_map<std::int64_t, std::string> names_;
    std::vector<Project> projects_;
    std::vector<Session> sessions_;
    std::unordered_map<std::string, std::uint32_t> session_by_uid_;
    std::array<std::vector<std::uint32_t>, kComboColumns> combos_;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> combo_by_hash_;
    std::vector<std::uint32_t> dim_combo_, dim_session_, dim_agent_uid_, dim_model_given_;
    std::int64_t max_name_ = 0, max_project_ = 0, max_dim_ = 0, max_session_ = 0;
};

}  // namespace tidemark::query
