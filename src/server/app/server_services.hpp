// What the API needs from the running program beside queries: prices, settings, the state of the sources.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ingest/service.hpp"
#include "ledger/query/query.hpp"
#include "ledger/store/database.hpp"
#include "server/api/api.hpp"
#include "server/app/workspace.hpp"

namespace tidemark::app {

/// Holds the book, the overrides and the settings in force. Thread-safe; writes go through the collector.
class ServerServices {
public:
    ServerServices(std::string data_dir, std::shared_ptr<const pricing::PriceBook> book,
                   std::vector<api::PriceOverride> overrides, api::Settings settings);
    /// The services answer once the collector is known; before that they fail with kUnavailable.
    void set_collector(ingest::Collector* collector) { collector_ = collector; }
    /// Where sums come from: without it they are missing in what sources() and the prices say.
    void set_engine(const query::Engine* engine) { engine_ = engine; }

    [[nodiscard]] std::shared_ptr<const pricing::PriceBook> book() const;
    [[nodiscard]] api::PriceService prices();
    [[nodiscard]] api::SettingsService settings();
    /// The time zone of the settings; the machine's when none is set.
    [[nodiscard]] base::TimeZone zone() const;
    [[nodiscard]] api::Sources sources() const;
    [[nodiscard]] api::Readiness readiness() const;
    [[nodiscard]] std::vector<api::Figure> figures() const;

private:
    base::Result<api::Repricing> replace_overrides(const std::vector<api::PriceOverride>& overrides);
    base::Result<void> put_settings(const api::Settings& settings);
    [[nodiscard]] std::vector<api::UnknownModel> unknown_models() const;
    base::Result<void> read_stored(api::Sources& sources) const;

    std::string data_dir_;
    ingest::Collector* collector_ = nullptr;
    const query::Engine* engine_ = nullptr;
    mutable std::mutex mutex_;
    std::shared_ptr<const pricing::PriceBook> book_;
    std::vector<api::PriceOverride> overrides_;
    api::Settings settings_;

    /// What the database says of the sources, read again when it has changed.
    struct Stored {
        std::optional<store::Database> reader;
        std::int64_t data_version = -1;  ///< SQLite's, of that connection
        std::int64_t rows = 0, bad_lines = 0, bytes = 0;
        std::optional<api::Time> safe_since, oldest_transcript;
        std::vector<api::SourceProblem> problems;
    };
    mutable std::mutex stored_mutex_;
    mutable Stored stored_;
};

}  // namespace tidemark::app
