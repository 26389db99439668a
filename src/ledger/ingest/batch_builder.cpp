#include "ledger/ingest/batch_builder.hpp"

#include <algorithm>
#include <array>

#include "foundation/base/hash.hpp"

namespace tidemark::ingest {

namespace {

// A batch that stays in a core's cache, small enough that the writer has work soon and little of it at the end.
constexpr std::size_t kMaxRequests = 2048;
constexpr std::size_t kMaxTextBytes = 4 * 1024 * 1024;

std::uint64_t attributes_hash(const model::RequestRow& row) {
    const std::array<std::string_view, 14> texts{row.session,    row.cwd,    row.model,      row.branch,   row.version,
                                                 row.entrypoint, row.effort, row.geo,        row.agent_id, row.agent,
                                                 row.skill,      row.plugin, row.mcp_server, row.mcp_tool};
    std::uint64_t hash = static_cast<std::uint64_t>(row.kind) | static_cast<std::uint64_t>(row.speed) << 8 |
                         static_cast<std::uint64_t>(row.tier) << 16;
    for (const std::string_view text : texts) {
        hash = base::hash64(text, hash);
    }
    return hash;
}

}  // namespace

std::optional<base::NanoUsd> price(const pricing::PriceBook& book, const pricing::ResolvedModel& model,
                                   const pricing::PriceQuery& query) {
    return model.prices == nullptr ? std::nullopt : book.cost(model, query);
}

BatchBuilder::BatchBuilder(std::shared_ptr<const pricing::PriceBook> book)
    : book_(std::move(book)), batch_(std::make_unique<store::Batch>()) {
    batch_->requests.reserve(kMaxRequests);
}

const BatchBuilder::Model& BatchBuilder::model_of(std::string_view as_given) {
    // A handful of models: the map's key allocation does not matter, its pointers stay valid.
    auto [entry, added] = models_.try_emplace(std::string(as_given));
    if (added) {
        entry->second.resolved = book_->resolve(entry->first);
        entry->second.id = entry->second.resolved.id.empty() ? entry->first : std::string(entry->second.resolved.id);
    }
    return entry->second;
}

const ProjectFolder& BatchBuilder::project_of(std::string_view cwd) {
    auto [entry, added] = projects_.try_emplace(std::string(cwd));
    if (added) {
        entry->second = project_folder(entry->first);
    }
    return entry->second;
}

std::string_view BatchBuilder::intern(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    if (const auto found = interned_.find(text); found != interned_.end()) {
        return *found;
    }
    return *interned_.insert(batch_->text.add(text)).first;
}

std::uint32_t BatchBuilder::word_of(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    if (const auto found = words_.find(text); found != words_.end()) {
        return found->second;
    }
    const auto index = static_cast<std::uint32_t>(batch_->words.size());
    words_.emplace(batch_->words.emplace_back(batch_->text.add(text)), index);
    return index;
}

bool BatchBuilder::is_last_dim(const model::RequestRow& row) const {
    if (last_dim_ >= batch_->dims.size()) {
        return false;
    }
    const store::DimEntry& dim = batch_->dims[last_dim_];
    return row.session == dim.session && row.cwd == last_cwd_ && row.model == dim.model_given &&
           row.branch == dim.branch && row.version == dim.version && row.entrypoint == dim.entrypoint &&
           row.effort == dim.effort && row.geo == dim.geo && row.agent_id == dim.agent_uid && row.agent == dim.agent &&
           row.skill == dim.skill && row.plugin == dim.plugin && row.mcp_server == dim.mcp_server &&
           row.mcp_tool == dim.mcp_tool && row.kind == dim.kind && row.speed == dim.speed && row.tier == dim.tier;
}

std::uint32_t BatchBuilder::dim_of(const model::RequestRow& row) {
    if (is_last_dim(row)) {
        return last_dim_;
    }
    const std::uint64_t hash = attributes_hash(row);
    auto [entry, added] = dims_.try_emplace(hash, static_cast<std::uint32_t>(batch_->dims.size()));
    if (added) {
        const ProjectFolder& project = project_of(row.cwd);
        store::DimEntry dim;
        dim.session = intern(row.session);
        dim.project_path = intern(project.path);
        dim.member = intern(member_of(row.cwd));
        dim.model = intern(model_of(row.model).id);
        dim.model_given = intern(row.model);
        dim.branch = intern(row.branch);
        dim.version = intern(row.version);
        dim.entrypoint = intern(row.entrypoint);
        dim.effort = intern(row.effort);
        dim.geo = intern(row.geo);
        dim.agent_uid = intern(row.agent_id);
        dim.agent = intern(row.agent);
        dim.skill = intern(row.skill);
        dim.plugin = intern(row.plugin);
        dim.mcp_server = intern(row.mcp_server);
        dim.mcp_tool = intern(row.mcp_tool);
        dim.kind = row.kind;
        dim.speed = row.speed;
        dim.tier = row.tier;
        batch_->dims.push_back(dim);
        dim_models_.push_back(&model_of(row.model));
        if (batch_projects_.insert(dim.project_path).second) {
            batch_->projects.push_back({dim.project_path, intern(project.name), intern(project.git_remote)});
        }
    }
    last_dim_ = entry->second;
    last_cwd_ = intern(row.cwd);
    return last_dim_;
}

void BatchBuilder::add_tools(store::RequestEntry& entry, const transcripts::ParsedRequest& request) {
    for (const model::ToolUse& tool : request.tools) {
        const auto low = static_cast<std::uint32_t>(tool.id_hash);
        const bool seen = std::any_of(entry.tools.begin(), entry.tools.end(),
                                      [&](const store::ToolEntry& other) { return other.id_hash == low; });
        if (!seen) {
            entry.tools.push_back({low, word_of(tool.name)});
        }
    }
}

void BatchBuilder::fill(store::RequestEntry& entry, const transcripts::ParsedRequest& request) {
    const model::RequestRow& row = request.row;
    entry.request_id = row.request_id == entry.request_id ? entry.request_id : batch_->text.add(row.request_id);
    entry.stop_reason = word_of(row.stop_reason);
    entry.time = row.time;
    entry.dim = dim_of(row);
    entry.tokens = row.tokens;
    entry.web_searches = row.web_searches;
    entry.duration_ms = row.duration_ms;
    entry.flags = (row.incomplete ? store::kFlagIncomplete : 0) | (row.free_refusal ? store::kFlagFreeRefusal : 0);
    const model::RowRank rank = model::rank_of(row, request.fork_copy);
    entry.quality = rank.quality;
    entry.uuid_hash = rank.uuid_hash;
    entry.file_id = file_id_;
    entry.line = request.line;
}

void BatchBuilder::on_request(const transcripts::ParsedRequest& request) {
    ++rows_;
    last_time_ = request.row.time;
    if (last_session_ != request.row.session) {
        last_session_ = request.row.session;
    }
    std::vector<store::RequestEntry>& requests = batch_->requests;
    const std::string_view id = request.row.message_id;
    // The rows of one answer come one after another.
    if (last_request_ >= requests.size() || requests[last_request_].message_id != id) {
        const std::uint64_t key = base::hash64(id);
        const auto next = static_cast<std::uint32_t>(requests.size());
        const auto [found, added] = by_key_.try_emplace(key, next);
        // Two ids with one hash in one batch: the store tells them apart by their text, each as an entry of its own.
        const bool own = added || requests[found->second].message_id != id;
        last_request_ = own ? next : found->second;
        if (own) {
            store::RequestEntry& entry = requests.emplace_back();
            entry.key = key;
            entry.message_id = batch_->text.add(id);
            fill(entry, request);
            add_tools(entry, request);
            return;
        }
    }
    store::RequestEntry& entry = requests[last_request_];
    if (model::rank_of(request.row, request.fork_copy) > entry.rank()) {
        fill(entry, request);
    }
    add_tools(entry, request);
}

void BatchBuilder::on_event(const model::SessionEvent& event) {
    batch_->events.push_back(
        {event.key, event.kind, intern(event.session), intern(event.text), event.time, event.value1, event.value2});
}

void BatchBuilder::on_cost_state(const model::CostState& state) {
    store::CostStateEntry entry{intern(state.session), state};
    entry.state.session = entry.session;
    // Rewritten many times a session: only the last of a stretch matters.
    if (!batch_->cost_states.empty() && batch_->cost_states.back().session == entry.session &&
        batch_->cost_states.back().state.total_cost <= state.total_cost) {
        batch_->cost_states.back() = entry;
    } else {
        batch_->cost_states.push_back(entry);
    }
}

void BatchBuilder::on_fork(std::string_view session, std::string_view parent, base::UnixMillis time) {
    if (!batch_->forks.empty() && batch_->forks.back().session == session) {
        return;
    }
    batch_->forks.push_back({intern(session), intern(parent), time});
}

void BatchBuilder::on_bad_line(const model::BadLine& bad) {
    batch_->bad_lines.push_back({file_id_, bad.line, intern(bad.reason)});
}

void BatchBuilder::add_agent(std::string_view session, std::string_view uid, std::string_view type,
                             std::string_view parent_uid, std::int64_t depth, base::UnixMillis time) {
    batch_->agents.push_back({intern(session), intern(uid), intern(type), intern(parent_uid), depth, time});
}

void BatchBuilder::put_file(store::FileEntry file) {
    file.path = batch_->text.add(file.path);
    file.carry = batch_->text.add(file.carry);
    // A file is read in one go, so an earlier entry of it can only be the last one.
    if (!batch_->files.empty() && batch_->files.back().file_id == file.file_id) {
        file.restarted |= batch_->files.back().restarted;
        batch_->files.back() = file;
    } else {
        batch_->files.push_back(file);
    }
}

bool BatchBuilder::full() const {
    return batch_->requests.size() >= kMaxRequests || batch_->text.bytes() >= kMaxTextBytes ||
           batch_->events.size() >= kMaxRequests || batch_->bad_lines.size() >= kMaxRequests ||
           batch_->files.size() >= kMaxRequests;
}

bool BatchBuilder::empty() const {
    return batch_->requests.empty() && batch_->events.empty() && batch_->files.empty() && batch_->cost_states.empty() &&
           batch_->bad_lines.empty() && batch_->forks.empty() && batch_->agents.empty();
}

std::unique_ptr<store::Batch> BatchBuilder::take() {
    // Priced once a request, not once a row.
    for (store::RequestEntry& entry : batch_->requests) {
        const store::DimEntry& dim = batch_->dims[entry.dim];
        entry.cost = price(*book_, dim_models_[entry.dim]->resolved,
                           {entry.time, entry.tokens, entry.web_searches, dim.speed, dim.tier, dim.geo,
                            (entry.flags & store::kFlagFreeRefusal) != 0});
    }
    by_key_.clear();
    dims_.clear();
    dim_models_.clear();
    words_.clear();
    interned_.clear();
    batch_projects_.clear();
    last_dim_ = 0;
    last_cwd_ = {};
    last_request_ = 0;
    auto full_batch = std::move(batch_);
    batch_ = std::make_unique<store::Batch>();
    batch_->requests.reserve(kMaxRequests);
    return full_batch;
}

}  // namespace tidemark::ingest
