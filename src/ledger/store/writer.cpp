#include "ledger/store/writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <map>
#include <utility>

#include <sqlite3.h>

#include "foundation/base/containers.hpp"
#include "foundation/base/embedded.hpp"
#include "foundation/base/hash.hpp"
#include "foundation/sys/files.hpp"
#include "ledger/store/bulk_rows.hpp"
#include "ledger/store/migrate.hpp"
#include "ledger/store/packed_sums.hpp"

namespace tidemark::embedded {
extern const base::EmbeddedFiles sqlite_migrations;
}

namespace tidemark::store {

namespace {

using base::hash_combine;
using base::NanoUsd;
using base::UnixMillis;
using model::Measures;

// Above this the writer asks SQLite instead of remembering keys: bounds memory on imports of many millions of requests.
// As many as the table holds in 4 MB: seven eighths of 2^18.
constexpr std::size_t kMaxRememberedKeys = 229'376;
// The live feed names the dimensions of the sessions in progress: few.
constexpr std::size_t kMaxDescribed = 4096;
// Pages of 8 KB in the log after which a checkpoint pays.
constexpr int kCheckpointPages = 2000;
// Pages in the log that a short command may leave there: the next one reads half a megabyte more.
constexpr int kShortLogPages = 64;
// Sums of an import that are written before its end, while the next files are read: keeps the end short.
constexpr std::size_t kMaxSums = 2048;

constexpr std::string_view kSelectRequest =
    "SELECT id, message_id, time, dim_id, input, output, thinking, cache_write_5m, cache_write_1h, cache_read, "
    "web_searches,"
    " cost, duration_ms, flags, quality, uuid_hash, tools FROM requests WHERE id = ?1";
// In the order of Writer::State::NewRequests.
constexpr std::string_view kInsertRequests =
    "INSERT INTO requests (id, message_id, request_id, time, dim_id, input, output, thinking, cache_write_5m,"
    " cache_write_1h, cache_read, web_searches, cost, duration_ms, stop_reason_id, flags, quality, uuid_hash, tools,"
    " line, file_id) SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19,"
    " c20 FROM bulk_rows";
constexpr std::string_view kUpdateRequest =
    "UPDATE requests SET message_id = ?2, request_id = ?3, time = ?4, dim_id = ?5, input = ?6, output = ?7, thinking = "
    "?8,"
    " cache_write_5m = ?9, cache_write_1h = ?10, cache_read = ?11, web_searches = ?12, cost = ?13, duration_ms = ?14,"
    " stop_reason_id = ?15, flags = ?16, quality = ?17, uuid_hash = ?18, tools = ?19, file_id = ?20, line = ?21"
    " WHERE id = ?1";
constexpr std::string_view kAddSums =
    "INSERT INTO usage_15m VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET sums = add_sums(sums, excluded.sums),"
    " tools = add_tools(tools, excluded.tools)";
constexpr std::string_view kClearSums =
    "DELETE FROM usage_15m WHERE quarter = ?1 AND dim_id = ?2 AND sums_value(sums, 'requests') = 0";

using TextIds = base::FlatTextMap<std::string, std::int64_t>;

/// A stored tool use: names.id and the low half of the tool_use id's hash, 6 bytes in requests.tools.
struct StoredTool {
    std::uint16_t tool = 0;
    std::uint32_t id_hash = 0;
};

std::vector<StoredTool> decode_tools(std::span<const std::byte> bytes) {
    std::vector<StoredTool> tools(bytes.size() / 6);
    for (std::size_t i = 0; i < tools.size(); ++i) {
        std::memcpy(&tools[i].tool, bytes.data() + i * 6, 2);
        std::memcpy(&tools[i].id_hash, bytes.data() + i * 6 + 2, 4);
    }
    return tools;
}

void append_tools(const std::vector<StoredTool>& tools, std::vector<std::byte>& bytes) {
    const std::size_t begin = bytes.size();
    bytes.resize(begin + tools.size() * 6);
    for (std::size_t i = 0; i < tools.size(); ++i) {
        std::memcpy(bytes.data() + begin + i * 6, &tools[i].tool, 2);
        std::memcpy(bytes.data() + begin + i * 6 + 2, &tools[i].id_hash, 4);
    }
}

/// What the running transaction adds to one row of usage_15m.
struct Sum {
    RollupDelta usage;
    std::vector<ToolDelta> tools;

    ToolDelta& tool(std::int64_t id) {
        for (ToolDelta& delta : tools) {  // a handful
            if (delta.tool_id == id) {
                return delta;
            }
        }
        return tools.emplace_back(ToolDelta{usage.quarter, usage.dim_id, id, 0, 0, 0});
    }
};

/// Names.id of the words of a batch, each looked up once, when it is first needed.
struct WordIds {
    const std::vector<std::string_view>& words;
    std::vector<std::int64_t> tools, stop_reasons;

    explicit WordIds(const Batch& batch)
        : words(batch.words), tools(words.size(), -1), stop_reasons(words.size(), -1) {}
};

Measures measures_of(const model::TokenCounts& tokens, std::int64_t web_searches, std::optional<NanoUsd> cost,
                     std::int64_t duration_ms, std::int64_t flags) {
    Measures m;
    m.tokens = tokens;
    m.requests = 1;
    m.web_searches = web_searches;
    m.incomplete_requests = (flags & kFlagIncomplete) != 0 ? 1 : 0;
    if (cost) {
        m.cost = *cost;
    } else {
        m.unpriced_requests = 1;
        m.unpriced_tokens = tokens.total();
    }
    if (duration_ms >= 0) {
        m.duration_ms = duration_ms;
        m.timed_requests = 1;
    }
    return m;
}

std::int64_t quarter_of(UnixMillis time) {
    return time >= 0 ? time / base::kQuarter : (time - base::kQuarter + 1) / base::kQuarter;
}

std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::int64_t as_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// A database file and what SQLite keeps beside it.
void remove_database(const std::string& path) {
    for (const char* beside : {"", "-wal", "-shm", "-journal"}) {
        sys::remove_file(path + beside);
    }
}

base::Result<void> migrate_ledger(Database& database, const std::string& path) {
    return migrate(database, path,
                   {embedded::sqlite_migrations, kSchemaVersion,
                    "Restore a backup, or move the file away and start again: transcripts that still exist are read "
                    "anew"});
}

}  // namespace

struct Writer::State {
    explicit State(Database db, sys::FileLock folder_lock) : lock(std::move(folder_lock)), database(std::move(db)) {}

    sys::FileLock lock;
    std::string db_file;                            // of the database file now
    std::string final_db_file;                      // where it will be, else the same
    std::future<base::Result<void>> reaching_disk;  // of a new file that is complete
    BulkTable bulk;
    Database database;
    Statement find_key, select_request, insert_requests, insert_keys, update_request, update_tools, put_sums,
        clear_sums, insert_name, select_name, insert_project, select_project, insert_session, select_session,
        insert_dim, select_dim, insert_event, touch_session, count_events, set_cost_state, set_parent, put_file,
        get_file, void_bad_lines, insert_bad_line, put_agent, put_meta, get_meta, put_setting, get_setting;

    Readers readers = Readers::kAny;
    int log_pages = 0;  // of the write-ahead log after the last commit, from SQLite's hook
    bool was_empty = false;
    // key -> id of every request while complete, else of those whose keys the running transaction has yet to store
    base::FlatMap<std::uint64_t, std::int64_t> known;
    bool keys_complete = false;
    bool journal_on_disk = false;  // of a database that is filled before it is seen
    bool ids_complete = false;     // the maps below hold everything that is stored: no need to look
    std::uint64_t seq = 0;
    std::int64_t last_file_id = 0;
    std::int64_t last_request_id = -1;  // handed out; -1: to be asked for

    /// Requests of the batch at hand that are to be inserted; their texts stay in the batch.
    struct NewRequest {
        const RequestEntry* entry = nullptr;
        std::int64_t dim = 0, stop_reason = 0;
        std::size_t tools_begin = 0, tools_end = 0;  // in NewRequests::tools
    };
    struct NewRequests final : BulkRows {
        std::int64_t first_id = 0;
        std::vector<NewRequest> requests;
        std::vector<std::byte> tools;

        [[nodiscard]] std::size_t size() const override { return requests.size(); }
        void get(std::size_t row, int column, BulkValue& value) const override;
        void clear() {
            requests.clear();
            tools.clear();
        }
    };
    NewRequests new_requests;
    /// Rows of request_keys that are to be inserted, at the end of the transaction: keys come in random order, and
    /// sorted they are inserted several times faster.
    struct NewKeys final : BulkRows {
        std::vector<std::pair<std::int64_t, std::int64_t>> keys;

        [[nodiscard]] std::size_t size() const override { return keys.size(); }
        void get(std::size_t row, int column, BulkValue& value) const override {
            value.set(column == 0 ? keys[row].first : keys[row].second);
        }
    };
    NewKeys new_keys;

    TextIds names;  // "<kind>:<text>" -> names.id
    TextIds projects;
    TextIds sessions;
    std::unordered_map<std::int64_t, DimNames> described;
    base::FlatMap<std::uint64_t, std::int64_t> dims;

    // of the running transaction
    struct Touched {
        UnixMillis first = 0, last = 0;
        std::array<std::int64_t, 8> counters{};  // in the order of count_events' parameters
    };
    std::optional<Transaction> transaction;
    base::FlatMap<std::pair<std::int64_t, std::int64_t>, std::uint32_t> sum_of;  // (quarter, dim) -> sums
    std::vector<Sum> sums;
    std::uint32_t last_sum = 0;
    Commit flushed;  // sums that are written already
    base::FlatMap<std::int64_t, Touched> touched;
    std::vector<std::int64_t> changed;  // sessions with a new cost state
    std::vector<std::string> created;   // sessions
    // of the request at hand, kept for their memory
    std::string scratch, packed_usage, packed_tools;
    std::vector<StoredTool> used;
    std::vector<std::byte> tool_bytes;

    void prepare_statements();
    /// The id that a bound SELECT finds, 0 when there is none.
    base::Result<std::int64_t> look_up(Statement& select);
    base::Result<std::int64_t> name_id(NameKind kind, std::string_view text);
    base::Result<std::int64_t> project_id(std::string_view path, std::string_view name, std::string_view remote);
    base::Result<std::int64_t> session_id(std::string_view uid, UnixMillis time, std::int64_t project);
    base::Result<std::int64_t> dim_id(const DimEntry& dim, UnixMillis time, std::int64_t& session);
    base::Result<void> begin();
    base::Result<void> add(const Batch& batch);
    base::Result<Commit> commit();
    base::Result<void> store_new_keys();
    base::Result<void> store_new_requests();
    base::Result<void> add_request(const RequestEntry& entry, std::int64_t dim, std::int64_t session, WordIds& words);
    base::Result<void> rewrite_request(std::int64_t id, const RequestEntry& entry, std::int64_t dim,
                                       std::int64_t stop_reason, std::optional<std::int64_t> duration);
    base::Result<void> merge_request(const RequestEntry& entry, std::int64_t id, std::int64_t dim, std::int64_t session,
                                     std::int64_t stop_reason);
    /// The id of the stored request with this entry's message id, 0 when there is none; `key` becomes the first free
    /// one from the entry's on then.
    base::Result<std::int64_t> find(const RequestEntry& entry, std::uint64_t& key);
    base::Result<std::int64_t> word_id(std::vector<std::int64_t>& ids, NameKind kind, std::uint32_t word,
                                       std::string_view text);
    base::Result<void> add_event(const EventEntry& event);
    base::Result<void> add_files(const Batch& batch);
    base::Result<void> flush_sums();
    void add_sums(std::int64_t quarter, std::int64_t dim, const Measures& measures,
                  const std::vector<StoredTool>& tools, std::int64_t sign);
    void clear_changes();
    Touched& touch(std::int64_t session, UnixMillis time);
    void roll_back();
    base::Result<void> finish(Commit& commit);
};

void Writer::State::prepare_statements() {
    find_key = database.prepare_later("SELECT id FROM request_keys WHERE key = ?1");
    select_request = database.prepare_later(kSelectRequest);
    insert_requests = database.prepare_later(kInsertRequests);
    insert_keys = database.prepare_later("INSERT INTO request_keys SELECT c0, c1 FROM bulk_rows");
    update_request = database.prepare_later(kUpdateRequest);
    update_tools = database.prepare_later("UPDATE requests SET tools = ?2 WHERE id = ?1");
    put_sums = database.prepare_later(kAddSums);
    clear_sums = database.prepare_later(kClearSums);
    insert_name = database.prepare_later("INSERT INTO names (kind, text) VALUES (?1, ?2)");
    select_name = database.prepare_later("SELECT id FROM names WHERE kind = ?1 AND text = ?2");
    insert_project = database.prepare_later(
        "INSERT INTO projects (name, path, git_remote, created_at, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, ?4)");
    select_project = database.prepare_later("SELECT id FROM projects WHERE path = ?1");
    insert_session = database.prepare_later(
        "INSERT INTO sessions (uid, project_id, started, last_activity) VALUES (?1, ?2, ?3, ?3)");
    select_session = database.prepare_later("SELECT id FROM sessions WHERE uid = ?1");
    insert_dim = database.prepare_later(
        "INSERT INTO dims (hash, session_id, project_id, member_id, model_id, model_given_id,"
        " branch_id, version_id, entrypoint_id, effort_id, geo_id, agent_uid_id, agent_id, skill_id,"
        " plugin_id, mcp_server_id, mcp_tool_id, kind, speed, tier) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
        " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)");
    select_dim = database.prepare_later("SELECT id FROM dims WHERE hash = ?1");
    insert_event = database.prepare_later("INSERT OR IGNORE INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    touch_session = database.prepare_later(
        "UPDATE sessions SET started = min(started, ?2), last_activity = max(last_activity, ?3)"
        " WHERE id = ?1");
    count_events = database.prepare_later(
        "UPDATE sessions SET turns = turns + ?2, turn_ms = turn_ms + ?3, compactions = compactions + ?4,"
        " api_errors = api_errors + ?5, limit_hits = limit_hits + ?6, pull_requests = pull_requests + ?7,"
        " lines_added = lines_added + ?8, lines_removed = lines_removed + ?9 WHERE id = ?1");
    // The running total only grows within a session; the largest one is the last (formats.md 1.7).
    set_cost_state = database.prepare_later(
        "UPDATE sessions SET client_cost = ?2, client_input = ?3, client_output = ?4, client_cache_write = ?5,"
        " client_cache_read = ?6, client_web_searches = ?7, client_api_ms = ?8, client_lines_added = ?9,"
        " client_lines_removed = ?10 WHERE id = ?1 AND (client_cost IS NULL OR client_cost <= ?2)");
    set_parent = database.prepare_later("UPDATE sessions SET parent_uid = ?2 WHERE id = ?1 AND parent_uid IS NULL");
    put_file = database.prepare_later(
        "INSERT INTO files (id, path, device, inode, size, mtime_ns, offset, lines, head_length,"
        " head_hash, carry, gone, rows) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        " ON CONFLICT (id) DO UPDATE SET device = ?3, inode = ?4, size = ?5, mtime_ns = ?6,"
        " offset = ?7, lines = ?8, head_length = ?9, head_hash = ?10, carry = ?11, gone = ?12, rows = ?13");
    get_file =
        database.prepare_later("SELECT offset, lines, head_length, head_hash, rows, carry FROM files WHERE id = ?1");
    void_bad_lines = database.prepare_later("DELETE FROM bad_lines WHERE file_id = ?1");
    insert_bad_line = database.prepare_later("INSERT OR REPLACE INTO bad_lines VALUES (?1, ?2, ?3, ?4)");
    put_agent = database.prepare_later("INSERT OR REPLACE INTO agents VALUES (?1, ?2, ?3, ?4, ?5)");
    put_meta = database.prepare_later("INSERT OR REPLACE INTO meta VALUES (?1, ?2)");
    get_meta = database.prepare_later("SELECT CAST(value AS TEXT) FROM meta WHERE key = ?1");
    put_setting = database.prepare_later("INSERT OR REPLACE INTO settings VALUES (?1, ?2)");
    get_setting = database.prepare_later("SELECT value FROM settings WHERE key = ?1");
}

base::Result<std::int64_t> Writer::State::look_up(Statement& select) {
    if (ids_complete) {
        return 0;
    }
    TIDEMARK_TRY(const bool exists, select.step());
    const std::int64_t id = exists ? select.column_int(0) : 0;
    select.reset();
    return id;
}

base::Result<std::int64_t> Writer::State::name_id(NameKind kind, std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    scratch.assign(std::to_string(static_cast<std::int64_t>(kind))).append(":").append(text);
    if (const auto found = names.find(scratch); found != names.end()) {
        return found->second;
    }
    TIDEMARK_TRY(std::int64_t id, look_up(select_name.bind(1, static_cast<std::int64_t>(kind)).bind(2, text)));
    if (id == 0) {
        insert_name.bind(1, static_cast<std::int64_t>(kind)).bind(2, text);
        TIDEMARK_CHECK_OK(insert_name.run());
        id = database.last_insert_rowid();
    }
    names.emplace(scratch, id);
    return id;
}

base::Result<std::int64_t> Writer::State::project_id(std::string_view path, std::string_view name,
                                                     std::string_view remote) {
    if (const auto found = projects.find(path); found != projects.end()) {
        return found->second;
    }
    TIDEMARK_TRY(std::int64_t id, look_up(select_project.bind(1, path)));
    if (id == 0) {
        if (name.empty()) {
            const std::size_t slash = path.find_last_of("/\\");
            name = slash == std::string_view::npos ? path : path.substr(slash + 1);
        }
        insert_project.bind(1, name).bind(2, path).bind(4, base::now());
        if (remote.empty()) {
            insert_project.bind_null(3);
        } else {
            insert_project.bind(3, remote);
        }
        TIDEMARK_CHECK_OK(insert_project.run());
        id = database.last_insert_rowid();
    }
    projects.emplace(path, id);
    return id;
}

base::Result<std::int64_t> Writer::State::session_id(std::string_view uid, UnixMillis time, std::int64_t project) {
    if (const auto found = sessions.find(uid); found != sessions.end()) {
        return found->second;
    }
    TIDEMARK_TRY(std::int64_t id, look_up(select_session.bind(1, uid)));
    if (id == 0) {
        insert_session.bind(1, uid).bind(3, time);
        if (project != 0) {
            insert_session.bind(2, project);
        } else {
            insert_session.bind_null(2);
        }
        TIDEMARK_CHECK_OK(insert_session.run());
        created.emplace_back(uid);
        id = database.last_insert_rowid();
    }
    sessions.emplace(uid, id);
    return id;
}

base::Result<std::int64_t> Writer::State::dim_id(const DimEntry& dim, UnixMillis time, std::int64_t& session) {
    TIDEMARK_TRY(const std::int64_t project, project_id(dim.project_path, {}, {}));
    TIDEMARK_TRY(session, session_id(dim.session, time, project));
    std::array<std::int64_t, 19> columns{};
    columns[0] = session;
    columns[1] = project;
    const std::array<std::pair<NameKind, std::string_view>, 14> texts{{{NameKind::kMember, dim.member},
                                                                       {NameKind::kModel, dim.model},
                                                                       {NameKind::kModel, dim.model_given},
                                                                       {NameKind::kBranch, dim.branch},
                                                                       {NameKind::kVersion, dim.version},
                                                                       {NameKind::kEntrypoint, dim.entrypoint},
                                                                       {NameKind::kEffort, dim.effort},
                                                                       {NameKind::kGeo, dim.geo},
                                                                       {NameKind::kAgentUid, dim.agent_uid},
                                                                       {NameKind::kAgent, dim.agent},
                                                                       {NameKind::kSkill, dim.skill},
                                                                       {NameKind::kPlugin, dim.plugin},
                                                                       {NameKind::kMcpServer, dim.mcp_server},
                                                                       {NameKind::kMcpTool, dim.mcp_tool}}};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        TIDEMARK_TRY(columns[2 + i], name_id(texts[i].first, texts[i].second));
    }
    columns[16] = static_cast<std::int64_t>(dim.kind);
    columns[17] = static_cast<std::int64_t>(dim.speed);
    columns[18] = static_cast<std::int64_t>(dim.tier);
    std::uint64_t hash = 0;
    for (const std::int64_t column : columns) {
        hash = hash_combine(hash, as_unsigned(column));
    }
    if (const auto found = dims.find(hash); found != dims.end()) {
        return found->second;
    }
    TIDEMARK_TRY(std::int64_t id, look_up(select_dim.bind(1, as_signed(hash))));
    if (id == 0) {
        insert_dim.bind(1, as_signed(hash));
        for (std::size_t i = 0; i < columns.size(); ++i) {
            insert_dim.bind(static_cast<int>(i) + 2, columns[i]);
        }
        TIDEMARK_CHECK_OK(insert_dim.run());
        id = database.last_insert_rowid();
    }
    dims.emplace(hash, id);
    return id;
}

Writer::State::Touched& Writer::State::touch(std::int64_t session, UnixMillis time) {
    auto [entry, added] = touched.try_emplace(session, Touched{time, time, {}});
    if (!added) {
        entry->second.first = std::min(entry->second.first, time);
        entry->second.last = std::max(entry->second.last, time);
    }
    return entry->second;
}

void Writer::State::add_sums(std::int64_t quarter, std::int64_t dim, const Measures& measures,
                             const std::vector<StoredTool>& tools, std::int64_t sign) {
    // The requests of a session come one after another: mostly the sum at hand is the right one.
    if (last_sum >= sums.size() || sums[last_sum].usage.quarter != quarter || sums[last_sum].usage.dim_id != dim) {
        const auto [found, added] = sum_of.try_emplace({quarter, dim}, static_cast<std::uint32_t>(sums.size()));
        if (added) {
            sums.push_back({{quarter, dim, {}}, {}});
        }
        last_sum = found->second;
    }
    Sum& sum = sums[last_sum];
    if (sign > 0) {
        sum.usage.change += measures;
    } else {
        sum.usage.change -= measures;
    }
    if (tools.empty()) {
        return;
    }
    // Equal shares; the first uses carry what does not divide, so that the parts always add up to the whole.
    const auto count = static_cast<std::int64_t>(tools.size());
    const std::int64_t tokens = measures.tokens.total();
    for (std::int64_t i = 0; i < count; ++i) {
        ToolDelta& delta = sum.tool(tools[static_cast<std::size_t>(i)].tool);
        delta.calls += sign;
        delta.cost += sign * (measures.cost.value / count + (i < measures.cost.value % count ? 1 : 0));
        delta.tokens += sign * (tokens / count + (i < tokens % count ? 1 : 0));
    }
}

base::Result<std::int64_t> Writer::State::word_id(std::vector<std::int64_t>& ids, NameKind kind, std::uint32_t word,
                                                  std::string_view text) {
    if (ids[word] < 0) {
        TIDEMARK_TRY(ids[word], name_id(kind, text));
    }
    return ids[word];
}

void Writer::State::NewRequests::get(std::size_t row, int column, BulkValue& value) const {
    const NewRequest& request = requests[row];
    const RequestEntry& entry = *request.entry;
    switch (column) {
        case 0: value.set(first_id + static_cast<std::int64_t>(row)); break;
        case 1: value.set(entry.message_id); break;
        case 2:
            if (entry.request_id.empty()) {
                value.set_null();
            } else {
                value.set(entry.request_id);
            }
            break;
        case 3: value.set(entry.time); break;
        case 4: value.set(request.dim); break;
        case 5: value.set(entry.tokens.input); break;
        case 6: value.set(entry.tokens.output); break;
        case 7: value.set(entry.tokens.thinking); break;
        case 8: value.set(entry.tokens.cache_write_5m); break;
        case 9: value.set(entry.tokens.cache_write_1h); break;
        case 10: value.set(entry.tokens.cache_read); break;
        case 11: value.set(entry.web_searches); break;
        case 12:
            if (entry.cost) {
                value.set(entry.cost->value);
            } else {
                value.set_null();
            }
            break;
        case 13:
            if (entry.duration_ms >= 0) {
                value.set(entry.duration_ms);
            } else {
                value.set_null();
            }
            break;
        case 14: value.set(request.stop_reason); break;
        case 15: value.set(entry.flags); break;
        case 16: value.set(static_cast<std::int64_t>(entry.quality)); break;
        case 17: value.set(as_signed(entry.uuid_hash)); break;
        case 18:
            if (request.tools_begin == request.tools_end) {
                value.set_null();
            } else {
                value.set_blob(std::span(tools).subspan(request.tools_begin, request.tools_end - request.tools_begin));
            }
            break;
        case 19: value.set(entry.line); break;
        default: value.set(entry.file_id); break;
    }
}

base::Result<std::int64_t> Writer::State::find(const RequestEntry& entry, std::uint64_t& key) {
    // The next number when a key belongs to another id: open addressing in the key space.
    for (key = entry.key;; ++key) {
        std::int64_t id = 0;
        if (const auto found = known.find(key); found != known.end()) {
            id = found->second;
        } else if (!keys_complete) {
            find_key.bind(1, as_signed(key));
            TIDEMARK_TRY(const bool exists, find_key.step());
            id = exists ? find_key.column_int(0) : 0;
            find_key.reset();
        }
        if (id == 0) {
            return 0;
        }
        TIDEMARK_CHECK_OK(store_new_requests());
        select_request.bind(1, id);
        TIDEMARK_TRY([[maybe_unused]] const bool there, select_request.step());
        const bool same = select_request.column_text(1) == entry.message_id;
        select_request.reset();
        if (same) {
            return id;
        }
    }
}

base::Result<void> Writer::State::add_request(const RequestEntry& entry, std::int64_t dim, std::int64_t session,
                                              WordIds& words) {
    used.clear();
    for (const ToolEntry& tool : entry.tools) {
        const std::string_view name = words.words[tool.name];
        TIDEMARK_TRY(const std::int64_t id,
                     word_id(words.tools, NameKind::kTool, tool.name, name.empty() ? "unknown" : name));
        // The stored form has 16 bits for names.id: a tool beyond them is left out rather than counted under another's
        // name.
        if (id <= 0xffff) {
            used.push_back({static_cast<std::uint16_t>(id), tool.id_hash});
        }
    }
    TIDEMARK_TRY(const std::int64_t stop_reason,
                 word_id(words.stop_reasons, NameKind::kStopReason, entry.stop_reason, words.words[entry.stop_reason]));
    std::uint64_t key = 0;
    TIDEMARK_TRY(const std::int64_t id, find(entry, key));
    if (id != 0) {
        return merge_request(entry, id, dim, session, stop_reason);
    }
    const std::int64_t row = ++last_request_id;
    if (new_requests.requests.empty()) {
        new_requests.first_id = row;
    }
    const std::size_t tools_begin = new_requests.tools.size();
    append_tools(used, new_requests.tools);
    new_requests.requests.push_back({&entry, dim, stop_reason, tools_begin, new_requests.tools.size()});
    new_keys.keys.emplace_back(as_signed(key), row);
    known.emplace(key, row);
    if (known.size() > kMaxRememberedKeys) {
        TIDEMARK_CHECK_OK(store_new_keys());
        keys_complete = false;
        known = {};
    }
    add_sums(quarter_of(entry.time), dim,
             measures_of(entry.tokens, entry.web_searches, entry.cost, entry.duration_ms, entry.flags), used, +1);
    touch(session, entry.time);
    return {};
}

base::Result<void> Writer::State::rewrite_request(std::int64_t id, const RequestEntry& entry, std::int64_t dim,
                                                  std::int64_t stop_reason, std::optional<std::int64_t> duration) {
    update_request.bind(1, id).bind(2, entry.message_id).bind(4, entry.time).bind(5, dim);
    if (entry.request_id.empty()) {
        update_request.bind_null(3);
    } else {
        update_request.bind(3, entry.request_id);
    }
    update_request.bind(6, entry.tokens.input)
        .bind(7, entry.tokens.output)
        .bind(8, entry.tokens.thinking)
        .bind(9, entry.tokens.cache_write_5m)
        .bind(10, entry.tokens.cache_write_1h)
        .bind(11, entry.tokens.cache_read)
        .bind(12, entry.web_searches);
    if (entry.cost) {
        update_request.bind(13, entry.cost->value);
    } else {
        update_request.bind_null(13);
    }
    update_request.bind(14, duration)
        .bind(15, stop_reason)
        .bind(16, entry.flags)
        .bind(17, static_cast<std::int64_t>(entry.quality))
        .bind(18, as_signed(entry.uuid_hash));
    if (tool_bytes.empty()) {
        update_request.bind_null(19);
    } else {
        update_request.bind_blob(19, tool_bytes);
    }
    return update_request.bind(20, entry.file_id).bind(21, entry.line).run();
}

/// A request that is known: keep the better row, and the union of the tool uses that its blocks' rows named.
base::Result<void> Writer::State::merge_request(const RequestEntry& entry, std::int64_t id, std::int64_t dim,
                                                std::int64_t session, std::int64_t stop_reason) {
    select_request.bind(1, id);
    TIDEMARK_TRY([[maybe_unused]] const bool there, select_request.step());
    const UnixMillis old_time = select_request.column_int(2);
    const std::int64_t old_dim = select_request.column_int(3);
    const model::TokenCounts old_tokens{select_request.column_int(4), select_request.column_int(5),
                                        select_request.column_int(6), select_request.column_int(7),
                                        select_request.column_int(8), select_request.column_int(9)};
    const std::int64_t old_web = select_request.column_int(10);
    std::optional<NanoUsd> old_cost;
    if (const auto cost = select_request.column_optional_int(11)) {
        old_cost = NanoUsd{*cost};
    }
    const std::optional<std::int64_t> old_duration = select_request.column_optional_int(12);
    const std::int64_t old_flags = select_request.column_int(13);
    const model::RowRank old_rank{old_tokens.output, static_cast<std::uint8_t>(select_request.column_int(14)), old_time,
                                  as_unsigned(select_request.column_int(15))};
    const std::vector<StoredTool> old_tools = decode_tools(select_request.column_blob(16));
    select_request.reset();

    std::vector<StoredTool> merged = old_tools;
    for (const StoredTool& tool : used) {
        const bool seen = std::any_of(merged.begin(), merged.end(),
                                      [&](const StoredTool& other) { return other.id_hash == tool.id_hash; });
        if (!seen) {
            merged.push_back(tool);
        }
    }
    const bool better = entry.rank() > old_rank;
    if (!better && merged.size() == old_tools.size()) {
        return {};
    }
    const Measures old_measures = measures_of(old_tokens, old_web, old_cost, old_duration.value_or(-1), old_flags);
    add_sums(quarter_of(old_time), old_dim, old_measures, old_tools, -1);
    tool_bytes.clear();
    append_tools(merged, tool_bytes);
    if (better) {
        // The rows of one answer come one after another: a later one knows its own gap only, the clock began at the
        // first.
        std::optional<std::int64_t> duration = entry.duration_ms >= 0 ? std::optional(entry.duration_ms) : std::nullopt;
        if (old_duration && entry.time >= old_time &&
            (!duration || *duration < *old_duration + (entry.time - old_time))) {
            duration = *old_duration + (entry.time - old_time);
        }
        TIDEMARK_CHECK_OK(rewrite_request(id, entry, dim, stop_reason, duration));
        add_sums(quarter_of(entry.time), dim,
                 measures_of(entry.tokens, entry.web_searches, entry.cost, duration.value_or(-1), entry.flags), merged,
                 +1);
        touch(session, entry.time);
        return {};
    }
    update_tools.bind(1, id).bind_blob(2, tool_bytes);
    TIDEMARK_CHECK_OK(update_tools.run());
    add_sums(quarter_of(old_time), old_dim, old_measures, merged, +1);
    return {};
}

base::Result<void> Writer::State::add_event(const EventEntry& event) {
    TIDEMARK_TRY(const std::int64_t session, session_id(event.session, event.time, 0));
    const NameKind kind = event.kind == model::EventKind::kToolError ? NameKind::kTool : NameKind::kEventText;
    TIDEMARK_TRY(const std::int64_t text, name_id(kind, event.text));
    insert_event.bind(1, as_signed(event.key))
        .bind(2, session)
        .bind(3, static_cast<std::int64_t>(event.kind))
        .bind(4, event.time)
        .bind(5, event.value1)
        .bind(6, event.value2)
        .bind(7, text);
    TIDEMARK_CHECK_OK(insert_event.run());
    if (database.changes() == 0) {
        return {};  // seen before: a fork's copy, or a file read again
    }
    std::array<std::int64_t, 8>& counters = touch(session, event.time).counters;
    const auto lines_or_zero = [](std::int64_t value) { return std::max<std::int64_t>(value, 0); };
    switch (event.kind) {
        case model::EventKind::kTurn:
            ++counters[0];
            counters[1] += lines_or_zero(event.value1);
            break;
        case model::EventKind::kCompaction: ++counters[2]; break;
        case model::EventKind::kApiError: ++counters[3]; break;
        case model::EventKind::kLimitHit: ++counters[4]; break;
        case model::EventKind::kPullRequest: ++counters[5]; break;
        case model::EventKind::kLines:
            counters[6] += lines_or_zero(event.value1);
            counters[7] += lines_or_zero(event.value2);
            break;
        case model::EventKind::kToolError: break;
    }
    return {};
}

base::Result<void> Writer::State::add_files(const Batch& batch) {
    for (const FileEntry& file : batch.files) {
        put_file.bind(1, file.file_id)
            .bind(2, file.path)
            .bind(3, as_signed(file.device))
            .bind(4, as_signed(file.inode))
            .bind(5, file.size)
            .bind(6, file.mtime_ns)
            .bind(7, file.offset)
            .bind(8, file.lines)
            .bind(9, file.head_length)
            .bind(10, as_signed(file.head_hash))
            .bind_blob(11, as_bytes(file.carry))
            .bind(12, static_cast<std::int64_t>(file.gone ? 1 : 0))
            .bind(13, file.rows);
        TIDEMARK_CHECK_OK(put_file.run());
        if (file.restarted) {
            void_bad_lines.bind(1, file.file_id);
            TIDEMARK_CHECK_OK(void_bad_lines.run());
        }
    }
    for (const BadLineEntry& bad : batch.bad_lines) {
        insert_bad_line.bind(1, bad.file_id).bind(2, bad.line).bind(3, bad.reason).bind(4, base::now());
        TIDEMARK_CHECK_OK(insert_bad_line.run());
    }
    return {};
}

base::Result<void> Writer::State::flush_sums() {
    // In key order the tables grow at their ends.
    std::sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) {
        return std::pair(a.usage.quarter, a.usage.dim_id) < std::pair(b.usage.quarter, b.usage.dim_id);
    });
    for (Sum& sum : sums) {
        std::erase_if(sum.tools, [](const ToolDelta& t) { return t.calls == 0 && t.cost == 0 && t.tokens == 0; });
        if (sum.usage.change == Measures{} && sum.tools.empty()) {
            continue;
        }
        std::sort(sum.tools.begin(), sum.tools.end(),
                  [](const ToolDelta& a, const ToolDelta& b) { return a.tool_id < b.tool_id; });
        pack(sum.usage.change, packed_usage);
        pack(sum.tools, packed_tools);
        put_sums.bind(1, sum.usage.quarter).bind(2, sum.usage.dim_id).bind_blob(3, as_bytes(packed_usage));
        if (sum.tools.empty()) {
            put_sums.bind_null(4);
        } else {
            put_sums.bind_blob(4, as_bytes(packed_tools));
        }
        TIDEMARK_CHECK_OK(put_sums.run());
        if (sum.usage.change.requests < 0) {
            clear_sums.bind(1, sum.usage.quarter).bind(2, sum.usage.dim_id);
            TIDEMARK_CHECK_OK(clear_sums.run());
        }
        if (sum.usage.change != Measures{}) {
            flushed.rollups.push_back(sum.usage);
        }
        flushed.tools.insert(flushed.tools.end(), sum.tools.begin(), sum.tools.end());
    }
    sum_of.clear();
    sums.clear();
    last_sum = 0;
    return {};
}

base::Result<void> Writer::State::finish(Commit& commit) {
    TIDEMARK_CHECK_OK(flush_sums());
    commit = std::exchange(flushed, Commit{});
    commit.sessions = std::move(changed);
    commit.sessions.reserve(commit.sessions.size() + touched.size());
    for (const auto& [session, span] : touched) {
        touch_session.bind(1, session).bind(2, span.first).bind(3, span.last);
        TIDEMARK_CHECK_OK(touch_session.run());
        if (span.counters != std::array<std::int64_t, 8>{}) {
            count_events.bind(1, session);
            for (std::size_t i = 0; i < span.counters.size(); ++i) {
                count_events.bind(static_cast<int>(i) + 2, span.counters[i]);
            }
            TIDEMARK_CHECK_OK(count_events.run());
        }
        commit.sessions.push_back(session);
    }
    std::sort(commit.sessions.begin(), commit.sessions.end());
    commit.sessions.erase(std::unique(commit.sessions.begin(), commit.sessions.end()), commit.sessions.end());
    commit.new_sessions = std::move(created);
    commit.seq = seq + 1;
    commit.time = base::now();
    put_meta.bind(1, std::string_view("seq")).bind(2, as_signed(commit.seq));
    return put_meta.run();
}

void Writer::State::clear_changes() {
    sum_of.clear();
    sums.clear();
    last_sum = 0;
    flushed = {};
    touched.clear();
    changed.clear();
    created.clear();
}

/// After a rollback ids that were handed out may not exist: learn them again.
void Writer::State::roll_back() {
    transaction.reset();
    clear_changes();
    names.clear();
    projects.clear();
    sessions.clear();
    dims.clear();
    described.clear();
    keys_complete = false;
    ids_complete = false;
    known.clear();
    new_keys.keys.clear();
    new_requests.clear();
    last_request_id = -1;
}

base::Result<void> Writer::State::begin() {
    if (last_request_id < 0) {
        TIDEMARK_TRY(last_request_id, database.query_int("SELECT ifnull(max(id), 0) FROM requests"));
    }
    if (!transaction) {
        TIDEMARK_TRY(Transaction begun, Transaction::begin(database));
        transaction.emplace(std::move(begun));
    }
    return {};
}

base::Result<void> Writer::State::store_new_requests() {
    if (new_requests.requests.empty()) {
        return {};
    }
    TIDEMARK_CHECK_OK(bulk.run(insert_requests, new_requests));
    new_requests.clear();
    return {};
}

base::Result<void> Writer::State::store_new_keys() {
    if (new_keys.keys.empty()) {
        return {};
    }
    std::sort(new_keys.keys.begin(), new_keys.keys.end());
    TIDEMARK_CHECK_OK(bulk.run(insert_keys, new_keys));
    new_keys.keys.clear();
    if (!keys_complete) {
        known.clear();
    }
    return {};
}

base::Result<void> Writer::State::add(const Batch& batch) {
    TIDEMARK_CHECK_OK(begin());
    for (const ProjectEntry& project : batch.projects) {
        TIDEMARK_CHECK_OK(project_id(project.path, project.name, project.git_remote));
    }
    struct Ids {
        std::int64_t dim = 0, session = 0;
    };
    std::vector<Ids> ids(batch.dims.size());
    WordIds words(batch);
    for (const RequestEntry& request : batch.requests) {
        Ids& id = ids[request.dim];
        if (id.dim == 0) {
            TIDEMARK_TRY(id.dim, dim_id(batch.dims[request.dim], request.time, id.session));
        }
        TIDEMARK_CHECK_OK(add_request(request, id.dim, id.session, words));
    }
    TIDEMARK_CHECK_OK(store_new_requests());
    for (const EventEntry& event : batch.events) {
        TIDEMARK_CHECK_OK(add_event(event));
    }
    for (const CostStateEntry& entry : batch.cost_states) {
        const model::CostState& s = entry.state;
        TIDEMARK_TRY(const std::int64_t session, session_id(entry.session, s.started, 0));
        set_cost_state.bind(1, session)
            .bind(2, s.total_cost.value)
            .bind(3, s.tokens.input)
            .bind(4, s.tokens.output)
            .bind(5, s.tokens.cache_write())
            .bind(6, s.tokens.cache_read)
            .bind(7, s.web_searches)
            .bind(8, s.api_duration_ms)
            .bind(9, s.lines_added)
            .bind(10, s.lines_removed);
        TIDEMARK_CHECK_OK(set_cost_state.run());
        if (database.changes() > 0) {
            changed.push_back(session);
        }
    }
    for (const ForkEntry& fork : batch.forks) {
        TIDEMARK_TRY(const std::int64_t session, session_id(fork.session, fork.time, 0));
        set_parent.bind(1, session).bind(2, fork.parent);
        TIDEMARK_CHECK_OK(set_parent.run());
    }
    for (const AgentEntry& agent : batch.agents) {
        TIDEMARK_TRY(const std::int64_t session, session_id(agent.session, agent.time, 0));
        TIDEMARK_TRY(const std::int64_t uid, name_id(NameKind::kAgentUid, agent.uid));
        TIDEMARK_TRY(const std::int64_t type, name_id(NameKind::kAgent, agent.type));
        TIDEMARK_TRY(const std::int64_t parent, name_id(NameKind::kAgentUid, agent.parent_uid));
        put_agent.bind(1, session).bind(2, uid).bind(3, type).bind(4, parent).bind(5, agent.depth);
        TIDEMARK_CHECK_OK(put_agent.run());
    }
    TIDEMARK_CHECK_OK(add_files(batch));
    return sums.size() < kMaxSums ? base::Result<void>() : flush_sums();
}

base::Result<Commit> Writer::State::commit() {
    Commit result;
    TIDEMARK_CHECK_OK(begin());
    TIDEMARK_CHECK_OK(finish(result));
    TIDEMARK_CHECK_OK(store_new_keys());
    TIDEMARK_CHECK_OK(transaction->commit());
    transaction.reset();
    clear_changes();
    seq = result.seq;
    return result;
}

Writer::Writer() = default;
Writer::~Writer() {
    if (state_ != nullptr && state_->db_file != state_->final_db_file) {
        if (!state_->reaching_disk.valid() || !publish()) {
            remove_database(state_->db_file);
        }
    } else if (state_ != nullptr) {
        // On a clean exit the log goes into the database file; should that fail the log stays and nothing is lost. The
        // few rows of a short command stay in the log: moving them takes two waits for the disk.
        if (state_->readers == Readers::kAny || state_->log_pages > kShortLogPages) {
            // Nobody is waited for; when all of the log is moved its file is emptied, for the next opening reads it.
            sqlite3_busy_timeout(state_->database.handle(), 0);
            (void)sqlite3_wal_checkpoint_v2(state_->database.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                            nullptr);
        }
    }
}

base::Result<std::unique_ptr<Writer>> Writer::open(const std::string& data_dir, Readers readers) {
    if (auto made = sys::make_directories(data_dir); !made) {
        return base::fail(made.error().code,
                          "the data folder cannot be used: " + made.error().message + ". Choose another with --data");
    }
    auto lock = sys::FileLock::acquire(data_dir + "/tidemark.lock");
    if (!lock) {
        return base::fail(lock.error().code, "data folder " + data_dir + ": " + lock.error().message);
    }
    const std::string final_path = database_path(data_dir);
    const auto there = sys::identity_of(final_path);
    const bool direct = readers == Readers::kNone && (!there || there->size == 0);
    const std::string path = direct ? final_path + ".new" : final_path;
    if (direct) {
        remove_database(path);  // of a run that did not end
    }
    TIDEMARK_TRY(Database database, Database::open(path, OpenMode::kCreate));
    // Before anything else: a file that is no database, or a newer one, must not be touched.
    if (auto version = database.query_int("PRAGMA user_version"); !version || *version > kSchemaVersion) {
        TIDEMARK_CHECK_OK(migrate_ledger(database, path));
    }
    // The page size counts for a new database only: larger pages are fewer writes, splits and lookups.
    TIDEMARK_CHECK_OK(
        database.execute("PRAGMA page_size = 8192;"
                         "PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
                         "PRAGMA cache_size = -12000"));
    // A file that nobody sees before it is whole needs neither a journal on the disk nor to wait for the disk
    // meanwhile.
    TIDEMARK_CHECK_OK(database.execute(direct
                                           ? "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE"
                                           : "PRAGMA synchronous = NORMAL; PRAGMA journal_mode = WAL"));
    TIDEMARK_CHECK_OK(migrate_ledger(database, path));

    std::unique_ptr<Writer> writer(new Writer());
    writer->state_ = std::make_unique<State>(std::move(database), std::move(*lock));
    State& state = *writer->state_;
    TIDEMARK_CHECK_OK(state.bulk.add_to(state.database));
    state.readers = readers;
    state.db_file = path;
    state.final_db_file = final_path;
    if (direct) {
        state.transaction.emplace(Transaction::adopt(state.database));
    }
    sqlite3_wal_hook(
        state.database.handle(),
        [](void* pages, sqlite3*, const char*, int count) {
            *static_cast<int*>(pages) = count;
            return SQLITE_OK;
        },
        &state.log_pages);
    state.prepare_statements();
    TIDEMARK_TRY(const std::int64_t any, state.database.query_int("SELECT EXISTS (SELECT 1 FROM requests)"));
    state.was_empty = any == 0;
    state.keys_complete = state.was_empty;
    TIDEMARK_TRY(const std::int64_t named,
                 state.database.query_int("SELECT EXISTS (SELECT 1 FROM names) OR EXISTS (SELECT 1 FROM projects)"
                                          " OR EXISTS (SELECT 1 FROM sessions) OR EXISTS (SELECT 1 FROM dims)"));
    state.ids_complete = named == 0;
    TIDEMARK_TRY(const std::int64_t seq,
                 state.database.query_int("SELECT ifnull((SELECT value FROM meta WHERE key = 'seq'), 0)"));
    state.seq = as_unsigned(seq);
    TIDEMARK_TRY(state.last_file_id, state.database.query_int("SELECT ifnull(max(id), 0) FROM files"));
    return writer;
}

bool Writer::empty() const { return state_->was_empty; }

base::Result<void> Writer::for_each_file(const std::function<void(const KnownFile&)>& visit) {
    TIDEMARK_TRY(Statement select,
                 state_->database.prepare("SELECT id, path, device, inode, size, mtime_ns, gone FROM files"));
    for (;;) {
        TIDEMARK_TRY(const bool row, select.step());
        if (!row) {
            return {};
        }
        visit({.id = select.column_int(0),
               .path = select.column_text(1),
               .device = as_unsigned(select.column_int(2)),
               .inode = as_unsigned(select.column_int(3)),
               .size = select.column_int(4),
               .mtime_ns = select.column_int(5),
               .gone = select.column_int(6) != 0});
    }
}

base::Result<RestartRecord> Writer::restart_record(std::int64_t file_id) {
    Statement& select = state_->get_file;
    select.bind(1, file_id);
    TIDEMARK_TRY(const bool row, select.step());
    if (!row) {
        return base::fail(base::ErrorCode::kNotFound, "no such file: " + std::to_string(file_id));
    }
    RestartRecord record{.offset = select.column_int(0),
                         .lines = select.column_int(1),
                         .head_length = select.column_int(2),
                         .head_hash = as_unsigned(select.column_int(3)),
                         .rows = select.column_int(4),
                         .carry = std::string(select.column_text(5))};
    select.reset();
    return record;
}

base::Result<std::int64_t> Writer::file_count() { return state_->database.query_int("SELECT count(*) FROM files"); }

base::Result<const DimNames*> Writer::describe(std::int64_t dim_id) {
    State& state = *state_;
    if (const auto found = state.described.find(dim_id); found != state.described.end()) {
        return &found->second;
    }
    TIDEMARK_TRY(Statement select, state.database.prepare(
                                       "SELECT s.uid, p.path, m.text, b.text, u.text, d.kind FROM dims d"
                                       " JOIN sessions s ON s.id = d.session_id JOIN projects p ON p.id = d.project_id"
                                       " LEFT JOIN names m ON m.id = d.model_id LEFT JOIN names b ON b.id = d.branch_id"
                                       " LEFT JOIN names u ON u.id = d.member_id WHERE d.id = ?1"));
    select.bind(1, dim_id);
    TIDEMARK_TRY(const bool row, select.step());
    if (!row) {
        return base::fail(base::ErrorCode::kNotFound, "no such dimension: " + std::to_string(dim_id));
    }
    DimNames names;
    names.session = select.column_text(0);
    names.project = select.column_text(1);
    names.model = select.column_text(2);
    names.branch = select.column_text(3);
    names.member = select.column_text(4);
    names.kind = static_cast<model::RequestKind>(select.column_int(5));
    if (state.described.size() >= kMaxDescribed) {
        state.described.clear();
    }
    return &state.described.emplace(dim_id, std::move(names)).first->second;
}

std::int64_t Writer::next_file_id() { return ++state_->last_file_id; }

base::Result<void> Writer::stage(const Batch& batch) {
    auto done = state_->add(batch);
    if (!done) {
        state_->roll_back();
    }
    return done;
}

base::Result<Commit> Writer::commit() {
    auto done = state_->commit();
    if (!done) {
        state_->roll_back();
        return done;
    }
    TIDEMARK_CHECK_OK(checkpoint(false));
    State& state = *state_;
    if (state.db_file != state.final_db_file && !state.journal_on_disk && !state.keys_complete) {
        // Of a large ledger nearly every page of keys and sums changes with each commit: no journal for the memory.
        TIDEMARK_CHECK_OK(state.database.execute("PRAGMA journal_mode = DELETE"));
        state.journal_on_disk = true;
    }
    return done;
}

base::Result<void> Writer::settle() {
    State& state = *state_;
    if (state.transaction) {
        TIDEMARK_TRY([[maybe_unused]] const Commit nothing, commit());
    }
    if (state.db_file != state.final_db_file && !state.reaching_disk.valid()) {
        state.reaching_disk = std::async(std::launch::async, sys::write_to_disk, state.db_file);
    }
    return {};
}

const std::string& Writer::path() const { return state_->db_file; }

base::Result<void> Writer::publish() {
    State& state = *state_;
    if (!state.reaching_disk.valid()) {
        return {};
    }
    TIDEMARK_CHECK_OK(state.reaching_disk.get());
    remove_database(state.final_db_file);  // an empty one, and a log that has lost its database
    TIDEMARK_CHECK_OK(sys::rename_file(state.db_file, state.final_db_file));
    state.db_file = state.final_db_file;
    return {};
}

base::Result<Commit> Writer::store(const Batch& batch) {
    TIDEMARK_CHECK_OK(stage(batch));
    return commit();
}

base::Result<RepriceReport> Writer::reprice(const std::function<Repriced(const StoredRequest&)>& price) {
    State& state = *state_;
    RepriceReport report;
    std::map<std::string, RepricedModel> models;
    const auto work = [&]() -> base::Result<void> {
        TIDEMARK_CHECK_OK(state.begin());
        TIDEMARK_TRY(
            Statement select,
            state.database.prepare(
                "SELECT r.id, r.time, r.dim_id, r.input, r.output, r.thinking, r.cache_write_5m, r.cache_write_1h,"
                " r.cache_read, r.web_searches, r.cost, r.duration_ms, r.flags, r.tools, given.text, geo.text,"
                " d.speed, d.tier, known.text, d.model_id FROM requests r JOIN dims d ON d.id = r.dim_id"
                " LEFT JOIN names given ON given.id = d.model_given_id LEFT JOIN names geo ON geo.id = d.geo_id"
                " LEFT JOIN names known ON known.id = d.model_id"));
        TIDEMARK_TRY(Statement update, state.database.prepare("UPDATE requests SET cost = ?2 WHERE id = ?1"));
        TIDEMARK_TRY(Statement set_model, state.database.prepare("UPDATE dims SET model_id = ?2 WHERE id = ?1"));
        std::vector<std::pair<std::int64_t, std::optional<NanoUsd>>> changed;
        std::map<std::int64_t, std::string> new_models;  // dim -> model
        for (;;) {
            TIDEMARK_TRY(const bool row, select.step());
            if (!row) {
                break;
            }
            StoredRequest request;
            request.time = select.column_int(1);
            request.tokens = {select.column_int(3), select.column_int(4), select.column_int(5),
                              select.column_int(6), select.column_int(7), select.column_int(8)};
            request.web_searches = select.column_int(9);
            request.model_given = select.column_text(14);
            request.geo = select.column_text(15);
            request.speed = static_cast<model::Speed>(select.column_int(16));
            request.tier = static_cast<model::ServiceTier>(select.column_int(17));
            const std::int64_t flags = select.column_int(12);
            request.free_refusal = (flags & kFlagFreeRefusal) != 0;
            const Repriced now = price(request);
            std::optional<NanoUsd> before;
            if (const auto cost = select.column_optional_int(10)) {
                before = NanoUsd{*cost};
            }
            report.before += before.value_or(NanoUsd{});
            report.after += now.cost.value_or(NanoUsd{});
            if (before != now.cost) {
                changed.emplace_back(select.column_int(0), now.cost);
                RepricedModel& model = models[now.model];
                model.model = now.model;
                model.before += before.value_or(NanoUsd{});
                model.after += now.cost.value_or(NanoUsd{});
            }
            if (now.model != select.column_text(18)) {
                new_models.emplace(select.column_int(2), now.model);
            }
            const auto duration = select.column_optional_int(11);
            state.add_sums(quarter_of(request.time), select.column_int(2),
                           measures_of(request.tokens, request.web_searches, now.cost, duration.value_or(-1), flags),
                           decode_tools(select.column_blob(13)), +1);
        }
        select.reset();
        for (const auto& [id, cost] : changed) {
            update.bind(1, id);
            if (cost) {
                update.bind(2, cost->value);
            } else {
                update.bind_null(2);
            }
            TIDEMARK_CHECK_OK(update.run());
        }
        for (const auto& [dim, model] : new_models) {
            TIDEMARK_TRY(const std::int64_t name, state.name_id(NameKind::kModel, model));
            set_model.bind(1, dim).bind(2, name);
            TIDEMARK_CHECK_OK(set_model.run());
        }
        TIDEMARK_CHECK_OK(state.database.execute("DELETE FROM usage_15m"));
        report.requests = static_cast<std::int64_t>(changed.size());
        TIDEMARK_TRY(report.commit, state.commit());
        return {};
    };
    if (auto done = work(); !done) {
        state.roll_back();
        return tl::unexpected<base::Error>(std::move(done).error());
    }
    state.described.clear();
    state.dims.clear();  // their hashes name the old model
    report.commit.rebuilt = true;
    report.commit.rollups.clear();
    report.commit.tools.clear();
    for (auto& [name, model] : models) {
        report.models.push_back(std::move(model));
    }
    TIDEMARK_CHECK_OK(checkpoint(false));
    return report;
}

base::Result<Commit> Writer::rename_member(std::string_view from, std::string_view to) {
    State& state = *state_;
    const auto work = [&]() -> base::Result<Commit> {
        TIDEMARK_CHECK_OK(state.begin());
        TIDEMARK_TRY(Statement member,
                     state.database.prepare("UPDATE names SET text = ?3 WHERE kind = ?1 AND text = ?2"));
        member.bind(1, static_cast<std::int64_t>(NameKind::kMember)).bind(2, from).bind(3, to);
        TIDEMARK_CHECK_OK(member.run());
        TIDEMARK_TRY(Statement project,
                     state.database.prepare("UPDATE projects SET path = ?2 || substr(path, length(?1) + 1)"
                                            " WHERE substr(path, 1, length(?1)) = ?1"));
        // As project_folder.cpp finds members in paths.
        for (const std::string_view mark : {"/home/", "/Users/", "C:\\Users\\"}) {
            const std::string before = std::string(mark).append(from) + mark.back();
            const std::string after = std::string(mark).append(to) + mark.back();
            project.bind(1, std::string_view(before)).bind(2, std::string_view(after));
            TIDEMARK_CHECK_OK(project.run());
        }
        return state.commit();
    };
    auto commit = work();
    if (!commit) {
        state.roll_back();
        return commit;
    }
    // What was looked up before has other names now.
    state.names.clear();
    state.projects.clear();
    state.described.clear();
    state.ids_complete = false;
    commit->rebuilt = true;
    return commit;
}

namespace {

base::Result<std::optional<std::string>> get_text(Statement& select, std::string_view key) {
    select.bind(1, key);
    TIDEMARK_TRY(const bool row, select.step());
    std::optional<std::string> value;
    if (row) {
        value = select.column_text(0);
    }
    select.reset();
    return value;
}

}  // namespace

base::Result<std::optional<std::string>> Writer::meta(std::string_view key) { return get_text(state_->get_meta, key); }

base::Result<void> Writer::set_meta(std::string_view key, std::string_view value) {
    return state_->put_meta.bind(1, key).bind(2, value).run();
}

base::Result<std::optional<std::string>> Writer::setting(std::string_view key) {
    return get_text(state_->get_setting, key);
}

base::Result<void> Writer::set_setting(std::string_view key, std::string_view value) {
    return state_->put_setting.bind(1, key).bind(2, value).run();
}

base::Result<void> Writer::ensure_list_indexes() {
    return state_->database.execute(
        "CREATE INDEX IF NOT EXISTS requests_by_time ON requests (time);"
        "CREATE INDEX IF NOT EXISTS requests_by_dim ON requests (dim_id, time);"
        "CREATE INDEX IF NOT EXISTS events_by_session ON events (session_id, time);"
        "CREATE INDEX IF NOT EXISTS events_by_kind ON events (kind, time)");
}

base::Result<void> Writer::checkpoint(bool force) {
    State& state = *state_;
    if (!force && state.log_pages < kCheckpointPages) {
        return {};
    }
    // Passive: waits for nobody. Readers keep what they read; the rest moves next time.
    int log_pages = 0;
    int moved = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(state.database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &moved);
    if (code != SQLITE_OK && code != SQLITE_BUSY) {
        return tl::unexpected<base::Error>(state.database.last_error("checkpoint"));
    }
    state.log_pages = 0;
    return {};
}

}  // namespace tidemark::store
