// Reads the TOML form of prices: the built-in prices.toml and the user's file have the same one. No policy: what the
// keys mean together is PriceBook::create()'s business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"
#include "ledger/pricing/price_book.hpp"

namespace tidemark::pricing {

/// The five rates as far as a file gives them, in pico-USD per token.
struct PartialRates {
    std::optional<std::int64_t> input, output, cache_write_5m, cache_write_1h, cache_read;

    [[nodiscard]] bool empty() const;
    [[nodiscard]] bool complete() const;
    /// `base` with what is given laid over it.
    [[nodiscard]] Rates over(Rates base) const;
    /// The first missing key's name; empty when complete.
    [[nodiscard]] std::string_view first_missing() const;
};

/// Prices for a span of time.
struct FilePrice {
    std::optional<base::UnixMillis> from;
    std::optional<base::UnixMillis> until;
    PartialRates rates;
    std::optional<Rates> fast;
    bool no_fast = false;  ///< fast = false
    std::optional<PromptTier> long_prompt;
    bool no_long_prompt = false;  ///< long_prompt = false
    std::int64_t line = 0;
};

struct FileModel {
    std::string id;
    std::optional<std::string> family, display, source, note, like;
    std::optional<std::int64_t> context_window;
    std::vector<std::string> aliases;
    std::optional<std::int64_t> us_geo_permille, regional_permille, batch_permille, web_search_nano;
    std::optional<std::int64_t> multiplier_micro;  ///< 1'000'000 = list price
    /// What the entry says directly, with its span. `prices` are its [[model.price]] rows; never both.
    FilePrice direct;
    std::vector<FilePrice> prices;
    std::int64_t line = 0;
};

struct PriceFile {
    std::string as_of;
    std::optional<std::int64_t> multiplier_micro;
    std::vector<FileModel> models;
};

/// `name` stands in error messages, which have the form "prices.toml:12: model.input: …".
[[nodiscard]] base::Result<PriceFile> parse_price_file(std::string_view text, std::string_view name);

/// The same form of message for errors found later.
[[nodiscard]] tl::unexpected<base::Error> price_file_error(std::string_view name, std::int64_t line,
                                                           std::string_view message);

}  // namespace tidemark::pricing
