// What the engine's source files share.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/query/answers.hpp"
#include "ledger/query/cube.hpp"
#include "ledger/query/query.hpp"
#include "ledger/query/readers.hpp"
#include "ledger/query/scan.hpp"

namespace tidemark::query {

/// What blocks need of a quarter beyond its sums: requests exactly on the hour belong to the block before.
struct QuarterTimes {
    struct OnHour {
        std::uint32_t model = 0;  ///< Model value * 2, + 1 in fast mode
        model::Measures measures;
    };
    base::UnixMillis first = 0, last = 0;  ///< Of the requests that are not exactly on the hour; 0 = none
    std::vector<OnHour> on_hour;           ///< All stand at the quarter's start
};

/// A reach against a cube's numbers, for a question that looks at many rows. Holds as long as the cube does not change.
class ReachOfCube {
public:
    ReachOfCube(const Cube& cube, const Reach& reach);
    /// Values of the dictionaries.
    [[nodiscard]] bool contains(std::uint32_t member, std::uint32_t project) const {
        return projects_[project] != kShut && (everyone_ || projects_[project] == kOwned || members_[member] != 0);
    }
    [[nodiscard]] bool contains_session(const Cube& cube, std::uint32_t session) const;

private:
    enum : std::uint8_t { kShut, kOpen, kOwned };
    bool everyone_;
    std::vector<std::uint8_t> members_, projects_;
};

struct Engine::State {
    explicit State(Options chosen)
        : options(std::move(chosen)),
          readers(options.database.empty() ? store::database_path(options.data_dir) : options.database,
                  std::max<std::size_t>(options.readers, 1)) {}

    Options options;
    [[nodiscard]] Facts facts() const { return options.sums_only ? Facts::kSums : Facts::kAll; }
    std::unique_ptr<Cube> cube;  ///< Guarded by mutex
    std::atomic<std::uint64_t> seq{0};
    mutable std::atomic<std::uint64_t> version{1};  ///< Changes with every change of the cube
    std::atomic<base::UnixMillis> newest{0};
    mutable ReaderPool readers;
    mutable Answers answers{std::size_t{16} << 20};

    /// Readers share; apply() is alone. The gate keeps a stream of readers from holding the writer off for ever.
    mutable std::mutex gate;
    mutable std::shared_mutex mutex;
    [[nodiscard]] std::shared_lock<std::shared_mutex> read() const {
        const std::lock_guard turn(gate);
        return std::shared_lock(mutex);
    }

    mutable std::mutex names_mutex;
    std::shared_ptr<const Names> member_names = std::make_shared<const Names>();
    std::size_t members_named = 0;  ///< How many of the dictionary are in it
    void name_members();            ///< After a change of the cube

    mutable std::mutex zones_mutex;
    mutable std::vector<std::shared_ptr<ZoneDays>> zones;
    mutable std::uint64_t zone_clock = 0;

    mutable std::mutex session_rows_mutex;
    mutable std::array<std::shared_ptr<const SessionRows>, 2> session_rows_kept;  ///< Of kFine and kCoarse
    mutable std::uint64_t session_rows_version = 0;

    /// The newest main request of a session: its prompt is the context in use. Filled when somebody looks.
    struct Newest {
        std::int64_t context_tokens = 0;
        std::uint32_t dim = 0;  ///< 0: the session has no request
        bool main = false;
    };
    mutable std::mutex newest_mutex;
    mutable std::unordered_map<std::uint32_t, Newest> newest_requests;

    mutable std::mutex times_mutex;
    mutable std::map<Quarter, QuarterTimes> times;  ///< Quarters looked up so far, all dimensions

    // --- all below: call with read() held, unless they say otherwise
    [[nodiscard]] const ZoneDays* days_for(const base::TimeZone& zone, Quarter from, Quarter to,
                                           std::shared_ptr<ZoneDays>& keep) const;
    [[nodiscard]] const ZoneDays& days_of(const base::TimeZone& zone, std::shared_ptr<ZoneDays>& keep) const;
    /// An error names the filter. Refuses a reach with privacy. `also`: further dimensions that the plan's cut must
    /// have columns for.
    base::Result<Plan> plan(const Scope& scope, Dimension group_by, std::vector<Dimension> also = {}) const;
    [[nodiscard]] std::shared_ptr<const SessionRows> session_rows(Cut cut) const;
    /// Gives slots only to the sessions that can have an entry in range: a few thousand of tens of thousands.
    void narrow_sessions(Plan& plan) const;
    /// Does the question need the tool sums? Then they must be loaded before read().
    [[nodiscard]] static bool asks_tools(const Scope& scope, Dimension group_by);
    base::Result<void> ensure_tools() const;  ///< Without read()
    [[nodiscard]] GroupKey group_key(Dimension dimension, std::size_t slot) const;
    [[nodiscard]] const std::string& key_of(Dimension dimension, std::size_t slot) const;  ///< Not for kNone
    [[nodiscard]] GroupKey project_key(std::uint32_t project) const;
    [[nodiscard]] std::string model_label(const std::string& model) const;
    /// One bucket: the sums (and distinct sessions) of each value of the dimension.
    struct SlotTotals {
        std::vector<Totals> slots;
        std::vector<std::uint32_t> sessions;  ///< Grouping by session: which session a slot is; else slots are values
        [[nodiscard]] std::uint32_t value(std::size_t slot) const {
            return sessions.empty() ? static_cast<std::uint32_t>(slot) : sessions[slot];
        }
    };
    /// The sessions that can have an entry in scope, with their weights in it. Without filters only those that cross an
    /// edge of the range are walked: of the others the sums are at hand.
    struct SessionWeights {
        std::vector<std::uint32_t> sessions;  ///< Ascending
        std::vector<Weight> weights;          ///< Parallel to it
    };
    base::Result<SessionWeights> session_weights(const Scope& scope) const;
    /// All sums in scope of a few sessions, in the order given.
    base::Result<std::vector<model::Measures>> session_measures(const Scope& scope,
                                                                const std::vector<std::uint32_t>& sessions) const;
    base::Result<SlotTotals> slot_totals(const Scope& scope, Dimension group_by, bool with_sessions) const;
    /// Distinct sessions per slot of the plan in [plan.from, plan.to).
    [[nodiscard]] std::vector<std::int64_t> session_counts(const Plan& plan) const;
    /// Calls on_session(slot, session, in_order) for sessions with a request in [plan.from, plan.to), the same pair any
    /// number of times. First those `in_order`: of rising session, and none of them comes again later.
    template <class OnSession>
    void each_session(const Plan& plan, OnSession on_session) const;
    base::Result<Totals> totals(const Scope& scope, bool with_sessions) const;
    /// Sessions with a request in scope, by session id.
    base::Result<std::vector<std::uint8_t>> sessions_in(const Scope& scope) const;
    [[nodiscard]] SessionRow session_row(std::uint32_t session) const;
    /// Fills what only the database knows of sessions. Without read().
    base::Result<void> complete(std::vector<std::pair<std::uint32_t, SessionRow>>& rows) const;

    struct ToolError {
        base::UnixMillis time = 0;
        std::uint32_t session = 0;
        std::string tool;
    };
    /// Failed tool uses in scope; only the filters project, session and tool can be applied. Without read().
    base::Result<std::vector<ToolError>> tool_errors(const Scope& scope) const;
    /// Single requests of a range, in any order. Without read().
    using OnRequest = std::function<void(base::UnixMillis time, std::uint32_t dim, const model::Measures& measures)>;
    base::Result<void> requests(base::UnixMillis from, base::UnixMillis to, const OnRequest& on_request) const;

    /// The question as text: equal questions of one quarter of an hour are equal texts.
    [[nodiscard]] static std::string question(std::string_view kind, const Scope& scope);
};

[[nodiscard]] inline Scope at_times(const Scope& scope, base::UnixMillis from, base::UnixMillis to) {
    Scope result = scope;
    result.from = from;
    result.to = to;
    return result;
}

/// Sums of one request from the columns input, output, thinking, cache_write_5m, cache_write_1h, cache_read,
/// web_searches, cost, duration_ms, flags of a row, which start at `column`.
[[nodiscard]] model::Measures measures_of_row(const store::Statement& row, int column);
constexpr std::string_view kMeasureColumns =
    "input, output, thinking, cache_write_5m, cache_write_1h, cache_read, web_searches, cost, duration_ms, flags";

template <class OnSession>
void Engine::State::each_session(const Plan& plan, OnSession on_session) const {
    // In a long range most sessions lie inside as a whole: their rows are known without a walk over the quarters.
    constexpr Quarter kLong = 14 * 96;
    const bool by_column = !plan.uses_tools && plan.sessions.empty() && plan.slot_of_session.empty() &&
                           plan.from < plan.to && plan.to - plan.from >= kLong;
    std::vector<Span> spans = {{0, plan.from, plan.to}};
    std::vector<std::uint8_t> crossing;
    if (by_column) {
        const SessionColumns& columns = cube->session_columns();
        const Cut cut = plan.cut == kCoarse ? kCoarse : kFine;
        const std::shared_ptr<const SessionRows> rows = session_rows(cut);
        const bool all_count = plan.slots == 1 && std::find(plan.slot_of_row.begin(), plan.slot_of_row.end(),
                                                            kNoSlot) == plan.slot_of_row.end();
        crossing.assign(columns.size(), 0);
        Quarter head = plan.from;  // requests of crossing sessions lie before this …
        Quarter tail = plan.to;    // … or from this on
        for (std::uint32_t id = 1; id < columns.size(); ++id) {
            const Quarter first = columns.first[id];
            const Quarter last = columns.last[id];
            if (first >= plan.to || last < plan.from || first > last) {
                continue;
            }
            if (first >= plan.from && last < plan.to) {
                if (all_count && columns.requests[id] > 0) {
                    on_session(0U, id, true);
                    continue;
                }
                for (std::uint32_t at = rows->offsets[id]; at < rows->offsets[id + 1]; ++at) {
                    const std::uint32_t row = rows->rows[at];
                    const std::uint32_t slot = cut == plan.cut ? plan.slot_of_row[row] : plan.slot_of_combo(*cube, row);
                    if (slot != kNoSlot) {
                        on_session(slot, id, true);
                    }
                }
                continue;
            }
            crossing[id] = 1;
            if (first < plan.from) {
                head = std::max(head, std::min(last + 1, plan.to));
            } else {
                tail = std::min(tail, first);
            }
        }
        spans = {{0, plan.from, head}, {0, std::max(head, tail), plan.to}};
    }
    scan_sessions(*cube, plan, nullptr, spans, [&](std::uint32_t, std::uint32_t slot, std::uint32_t session) {
        if (crossing.empty() || crossing[session] != 0) {
            on_session(slot, session, false);
        }
    });
}

[[nodiscard]] std::optional<double> value_of(Metric metric, const Fraction& fraction);
[[nodiscard]] Fraction fraction_of(Metric metric, const Totals& totals);

}  // namespace tidemark::query
