// What a request costs. The book holds dated rates per model; a request is priced by the row that was in force at its
// time. Facts and their sources: src/ledger/pricing/prices.toml. Money is integer nano-USD, rounded once per request,
// half up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/money.hpp"
#include "foundation/base/result.hpp"
#include "ledger/model/usage.hpp"

namespace tidemark::pricing {

/// Prices of one token kind each, in pico-USD per token (= micro-USD per million tokens): 3 USD/MTok = 3'000'000.
struct Rates {
    std::int64_t input = 0;
    std::int64_t output = 0;
    std::int64_t cache_write_5m = 0;
    std::int64_t cache_write_1h = 0;
    std::int64_t cache_read = 0;
    bool operator==(const Rates&) const = default;
};

/// Rates that replace the normal ones for every token of a request whose prompt is longer than `above_prompt_tokens`.
struct PromptTier {
    std::int64_t above_prompt_tokens = 0;
    Rates rates;
};

/// The prices of a model in [from, until); until = 0: still in force. The first row of a model also prices anything
/// before its `from`: release dates are approximate, and a model that answered had a price.
struct PriceRow {
    base::UnixMillis from = 0;
    base::UnixMillis until = 0;
    Rates rates;
    std::optional<Rates> fast;                  ///< speed = fast; without it fast requests are billed at `rates`
    std::optional<PromptTier> tier;             ///< Not for fast requests
    std::int64_t web_search_nano = 10'000'000;  ///< nano-USD per web search
    std::int64_t batch_permille = 500;          ///< Multiplier on tokens for service tier batch, in 1/1000
    std::int64_t us_geo_permille = 1000;        ///< Multiplier on tokens for inference_geo "us"
    std::int64_t regional_permille = 1000;      ///< Multiplier for regional Bedrock/Vertex endpoint ids (us., eu., …)
};

struct ModelPrices {
    std::string id;                    ///< Canonical id, e.g. "claude-opus-4-5-20251101"
    std::string family;                ///< opus | sonnet | haiku | fable | mythos | other
    std::string display;               ///< Short name for people, e.g. "Opus 4.5"
    std::int64_t context_window = 0;   ///< Tokens; 0 unknown
    std::vector<std::string> aliases;  ///< Every further exact id this model goes by
    std::vector<PriceRow> rows;        ///< By `from`, not overlapping
    std::string source;
    std::string note;
    bool overridden = false;  ///< A user's file changed or added it
};

/// How an id was understood.
struct ResolvedModel {
    std::string_view id;  ///< Canonical id; empty when the book does not know the model
    const ModelPrices* prices = nullptr;
    bool fast_id = false;   ///< The id itself says fast mode (Foundry "…-fast")
    bool regional = false;  ///< A regional endpoint of Bedrock or Vertex
};

/// What is needed to price one request.
struct PriceQuery {
    base::UnixMillis time = 0;
    model::TokenCounts tokens;
    std::int64_t web_searches = 0;
    model::Speed speed = model::Speed::kStandard;
    model::ServiceTier tier = model::ServiceTier::kUnknown;
    std::string_view geo;
    bool free_refusal = false;
};

class PriceBook {
public:
    /// The book inside the binary, with the user's TOML text (may be empty) laid over it. Errors name file, line and
    /// key: "prices.toml:4: unknown key …". The form of the file: docs/guide/prices.md.
    static base::Result<std::shared_ptr<const PriceBook>> create(std::string_view user_toml = {},
                                                                 std::string_view user_file_name = {});

    /// Exact ids and aliases first (one hash look-up, no allocation), then provider prefixes, regions, "[1m]", "-fast",
    /// "@date", "-v1:0" and a trailing date taken off, and 4.8 read as 4-8; never a shorter version's price.
    /// Thread-safe; the result points into the book and must not outlive it.
    [[nodiscard]] ResolvedModel resolve(std::string_view model_as_given) const;
    /// Cost of one request, exact and rounded once, half up; nothing when the model is unknown or has no row at that
    /// time. Batch excludes fast. A free refusal costs nothing but its web searches. Beyond the range of NanoUsd it
    /// saturates; negative counts are taken as 0. Thread-safe.
    [[nodiscard]] std::optional<base::NanoUsd> cost(const ResolvedModel& model, const PriceQuery& query) const;

    [[nodiscard]] const std::vector<ModelPrices>& models() const { return models_; }
    /// Changes whenever a price changes: the store keeps it to know when history must be repriced.
    [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }
    /// Date of the built-in facts, "2026-11-23".
    [[nodiscard]] const std::string& as_of() const { return as_of_; }

    PriceBook(const PriceBook&) = delete;
    PriceBook& operator=(const PriceBook&) = delete;

private:
    PriceBook() = default;
    struct Index;  // id or alias -> model; its keys point into models_
    std::vector<ModelPrices> models_;
    std::shared_ptr<const Index> index_;
    std::uint64_t fingerprint_ = 0;
    std::string as_of_;
};

}  // namespace tidemark::pricing
