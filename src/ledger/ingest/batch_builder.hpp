// Turns parsed rows into a store::Batch: merges the rows of one message, names its dimensions, prices it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foundation/base/containers.hpp"
#include "ledger/ingest/project_folder.hpp"
#include "ledger/pricing/price_book.hpp"
#include "ledger/sources/transcripts/row_parser.hpp"
#include "ledger/store/batch.hpp"

namespace tidemark::ingest {

/// Cost of a request as the store keeps it, by a book.
[[nodiscard]] std::optional<base::NanoUsd> price(const pricing::PriceBook& book, const pricing::ResolvedModel& model,
                                                 const pricing::PriceQuery& query);

class BatchBuilder final : public transcripts::RowSink {
public:
    explicit BatchBuilder(std::shared_ptr<const pricing::PriceBook> book);

    /// Rows that follow come from this file.
    void begin_file(std::int64_t file_id) { file_id_ = file_id; }
    void on_request(const transcripts::ParsedRequest& request) override;
    void on_event(const model::SessionEvent& event) override;
    void on_cost_state(const model::CostState& state) override;
    void on_fork(std::string_view session, std::string_view parent, base::UnixMillis time) override;
    void on_bad_line(const model::BadLine& bad) override;
    void add_agent(std::string_view session, std::string_view uid, std::string_view type, std::string_view parent_uid,
                   std::int64_t depth, base::UnixMillis time);
    /// Replaces an earlier entry of the same file in this batch.
    void put_file(store::FileEntry file);

    /// True when it should be stored now: bounds memory and the work a crash can undo.
    [[nodiscard]] bool full() const;
    [[nodiscard]] bool empty() const;
    /// Hands over what was gathered and starts anew.
    [[nodiscard]] std::unique_ptr<store::Batch> take();
    /// Time of the last request row seen, 0 before the first.
    [[nodiscard]] base::UnixMillis last_time() const { return last_time_; }
    [[nodiscard]] std::string_view last_session() const { return last_session_; }
    [[nodiscard]] std::int64_t rows() const { return rows_; }

private:
    struct Model {
        pricing::ResolvedModel resolved;
        std::string id;
    };
    const Model& model_of(std::string_view as_given);
    const ProjectFolder& project_of(std::string_view cwd);
    std::string_view intern(std::string_view text);
    /// Index of a tool's name or a stop reason in Batch::words.
    std::uint32_t word_of(std::string_view text);
    std::uint32_t dim_of(const model::RequestRow& row);
    [[nodiscard]] bool is_last_dim(const model::RequestRow& row) const;
    void fill(store::RequestEntry& entry, const transcripts::ParsedRequest& request);
    void add_tools(store::RequestEntry& entry, const transcripts::ParsedRequest& request);

    std::shared_ptr<const pricing::PriceBook> book_;
    std::unique_ptr<store::Batch> batch_;
    base::FlatMap<std::uint64_t, std::uint32_t> by_key_;  // message key -> batch_->requests
    base::FlatMap<std::uint64_t, std::uint32_t> dims_;    // hash of all attributes -> batch_->dims
    std::vector<const Model*> dim_models_;                // beside batch_->dims
    base::FlatTextMap<std::string_view, std::uint32_t> words_;
    base::FlatTextSet<std::string_view> interned_;
    base::FlatTextSet<std::string_view> batch_projects_;
    std::unordered_map<std::string, Model> models_;
    std::unordered_map<std::string, ProjectFolder> projects_;
    std::uint32_t last_dim_ = 0;
    std::string_view last_cwd_;  // of last_dim_
    std::uint32_t last_request_ = 0;
    std::int64_t file_id_ = 0;
    std::int64_t rows_ = 0;
    base::UnixMillis last_time_ = 0;
    std::string last_session_;
};

}  // namespace tidemark::ingest
