#include "ledger/pricing/price_book.hpp"

#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/time.hpp"

namespace tidemark::pricing {
namespace {

using base::NanoUsd;
using base::UnixMillis;
using testing::HasSubstr;

const std::string kData = std::string(TIDEMARK_SOURCE_DIR) + "/src/ledger/pricing/testdata/";

std::vector<std::vector<std::string>> read_table(const std::string& name) {
    std::ifstream file(kData + name);
    EXPECT_TRUE(file) << kData + name;
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        std::vector<std::string> cells;
        std::istringstream stream(line);
        for (std::string cell; std::getline(stream, cell, '\t');) {
            cells.push_back(cell);
        }
        rows.push_back(std::move(cells));
    }
    EXPECT_FALSE(rows.empty()) << name;
    return rows;
}

UnixMillis at(std::string_view date) {
    const auto civil = base::parse_date(date);
    EXPECT_TRUE(civil) << date;
    return base::days_from_civil(*civil) * base::kDay;
}

std::shared_ptr<const PriceBook> book_with(std::string_view toml) {
    auto book = PriceBook::create(toml, "prices.toml");
    EXPECT_TRUE(book) << (book ? "" : book.error().message);
    return book ? *book : nullptr;
}

const std::shared_ptr<const PriceBook>& built_in() {
    static const std::shared_ptr<const PriceBook> book = book_with("");
    return book;
}

std::string error_of(std::string_view toml) {
    const auto book = PriceBook::create(toml, "prices.toml");
    return book ? "no error" : book.error().message;
}

/// A million tokens of each kind: 5m writes and 1h writes too.
PriceQuery million_each(UnixMillis time) {
    PriceQuery query;
    query.time = time;
    query.tokens = {.input = 1'000'000,
                    .output = 1'000'000,
                    .thinking = 0,
                    .cache_write_5m = 1'000'000,
                    .cache_write_1h = 1'000'000,
                    .cache_read = 1'000'000};
    return query;
}

PriceQuery output_only(UnixMillis time, std::int64_t tokens) {
    PriceQuery query;
    query.time = time;
    query.tokens.output = tokens;
    return query;
}

NanoUsd cost_of(const PriceBook& book, std::string_view model, const PriceQuery& query) {
    const auto cost = book.cost(book.resolve(model), query);
    EXPECT_TRUE(cost) << model;
    return cost.value_or(NanoUsd{-1});
}

NanoUsd usd(double dollars) { return {static_cast<std::int64_t>(dollars * 1e9 + 0.5)}; }

// --------------------------------------------------------------------------------------------- the published prices

/// A published decimal as a whole number over 10^6, by its digits.
__extension__ using Wide = __int128;
Wide over_million(const std::string& decimal) {
    const auto point = decimal.find('.');
    std::string digits = decimal.substr(0, point);
    std::string fraction = point == std::string::npos ? "" : decimal.substr(point + 1);
    EXPECT_LE(fraction.size(), 6U);
    fraction.resize(6, '0');
    return std::stoll(digits + fraction);
}

struct Published {
    std::string kind;
    UnixMillis from = std::numeric_limits<UnixMillis>::min();
    UnixMillis until = std::numeric_limits<UnixMillis>::max();
    std::int64_t above = 0;
    std::array<Wide, 5> usd_per_mtok{};  // over 10^6: input, output, 5m, 1h, read
};
struct Facts {
    std::vector<Published> rows;
    Wide us_geo = 0, regional = 0, batch = 0, search_per_1000 = 0;  // over 10^6
    UnixMillis first = std::numeric_limits<UnixMillis>::max();
    std::string family;
    std::int64_t window = 0;
};

const std::map<std::string, Facts>& facts() {
    static const std::map<std::string, Facts> all = [] {
        std::map<std::string, Facts> result;
        for (const auto& cells : read_table("modifiers.tsv")) {
            Facts& model = result[cells.at(0)];
            model.us_geo = over_million(cells.at(1));
            model.regional = over_million(cells.at(2));
            model.batch = over_million(cells.at(3));
            model.search_per_1000 = over_million(cells.at(4));
            model.family = cells.at(5);
            model.window = std::stoll(cells.at(6));
        }
        for (const auto& cells : read_table("published_rates.tsv")) {
            Facts& model = result.at(cells.at(0));
            Published row;
            row.kind = cells.at(1);
            row.from = cells.at(2) == "-" ? 0 : at(cells.at(2));
            row.until = cells.at(3) == "-" ? row.until : at(cells.at(3));
            row.above = cells.at(4) == "-" ? 0 : std::stoll(cells.at(4));
            for (std::size_t i = 0; i < 5; ++i) {
                row.usd_per_mtok[i] = over_million(cells.at(5 + i));
            }
            model.first = std::min(model.first, row.from);
            model.rows.push_back(row);
        }
        return result;
    }();
    return all;
}

const Published* published_at(const Facts& model, std::string_view kind, UnixMillis time) {
    time = std::max(time, model.first);
    for (const Published& row : model.rows) {
        if (row.kind == kind && row.from <= time && time < row.until) {
            return &row;
        }
    }
    return nullptr;
}

/// The bill by the published rules, in one fraction of USD; shares nothing with the implementation.
NanoUsd bill(const Facts& model, const PriceQuery& query, bool regional_id, bool fast_id) {
    const bool batch = query.tier == model::ServiceTier::kBatch;
    const Published* row = published_at(model, "standard", query.time);
    const std::int64_t prompt =
        query.tokens.input + query.tokens.cache_read + query.tokens.cache_write_5m + query.tokens.cache_write_1h;
    if (const Published* tier = published_at(model, "long", query.time); tier != nullptr && prompt > tier->above) {
        row = tier;
    }
    if (const Published* fast = published_at(model, "fast", query.time);
        fast != nullptr && !batch && (fast_id || query.speed == model::Speed::kFast)) {
        row = fast;
    }
    const std::array<std::int64_t, 5> counts{query.tokens.input, query.tokens.output, query.tokens.cache_write_5m,
                                             query.tokens.cache_write_1h, query.tokens.cache_read};
    Wide numerator = 0;  // over 10^12: USD = tokens / 10^6 * rate / 10^6
    for (std::size_t i = 0; i < 5; ++i) {
        numerator += counts[i] * row->usd_per_mtok[i];
    }
    std::vector<Wide> factors;  // each over 10^6, but they are tenths: reduce them so that the fraction stays small
    if (query.geo == "us") {
        factors.push_back(model.us_geo / 100'000);
    }
    if (regional_id) {
        factors.push_back(model.regional / 100'000);
    }
    if (batch) {
        factors.push_back(model.batch / 100'000);
    }
    Wide denominator = 1'000;  // nano-USD = numerator / 10^3
    for (const Wide factor : factors) {
        numerator *= factor;
        denominator *= 10;
    }
    if (query.free_refusal) {
        numerator = 0;
    }
    Wide nano = numerator / denominator;
    if (numerator % denominator * 2 >= denominator) {
        nano += 1;
    }
    return {static_cast<std::int64_t>(nano + query.web_searches * model.search_per_1000)};
}

TEST(PriceBook, HoldsEveryPublishedModelAndNoOther) {
    std::set<std::string> ids;
    for (const ModelPrices& model : built_in()->models()) {
        ids.insert(model.id);
        ASSERT_TRUE(facts().contains(model.id)) << model.id;
        EXPECT_EQ(model.family, facts().at(model.id).family) << model.id;
        EXPECT_EQ(model.context_window, facts().at(model.id).window) << model.id;
        EXPECT_FALSE(model.display.empty());
        EXPECT_FALSE(model.source.empty());
        EXPECT_FALSE(model.overridden);
        ASSERT_FALSE(model.rows.empty());
        for (std::size_t i = 0; i < model.rows.size(); ++i) {
            const UnixMillis next = i + 1 < model.rows.size() ? model.rows[i + 1].from : 0;
            EXPECT_EQ(model.rows[i].until, next) << model.id;
        }
    }
    EXPECT_EQ(ids.size(), facts().size());
    EXPECT_EQ(built_in()->as_of(), "2026-11-23");
}

TEST(PriceBook, GivesThePublishedPriceOfEveryRow) {
    for (const auto& [id, model] : facts()) {
        for (const Published& row : model.rows) {
            for (std::size_t kind = 0; kind < 5; ++kind) {
                PriceQuery query;
                query.time = row.from;
                query.speed = row.kind == "fast" ? model::Speed::kFast : model::Speed::kStandard;
                const std::int64_t count = row.kind == "long" ? row.above + 1 : 1000;
                std::array<std::int64_t*, 5> counts{&query.tokens.input, &query.tokens.output,
                                                    &query.tokens.cache_write_5m, &query.tokens.cache_write_1h,
                                                    &query.tokens.cache_read};
                *counts[kind] = count;
                if (kind == 1 && row.kind == "long") {
                    continue;  // output alone is no long prompt
                }
                EXPECT_EQ(cost_of(*built_in(), id, query).value,
                          static_cast<std::int64_t>((count * row.usd_per_mtok[kind] + 500) / 1000))
                    << id << " " << row.kind << " kind " << kind;
            }
        }
    }
}

TEST(PriceBook, AgreesWithAnIndependentCalculationToTheNanoDollar) {
    std::mt19937_64 random(20261123);
    const auto pick = [&](std::int64_t bound) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
    };
    std::vector<std::vector<std::string>> forms = read_table("aliases.tsv");
    std::vector<UnixMillis> edges;
    for (const auto& [id, model] : facts()) {
        for (const Published& row : model.rows) {
            edges.push_back(row.from);
        }
    }
    const std::array<std::int64_t, 8> sizes{1, 10, 500, 10'000, 100'001, 200'001, 1'000'000, 2'000'000'000};
    int tiered = 0;
    for (int i = 0; i < 100'000; ++i) {
        const auto& form = forms[static_cast<std::size_t>(pick(static_cast<std::int64_t>(forms.size())))];
        const bool regional = form.at(2) != "1";
        const bool fast_id = form.at(3) == "1";
        PriceQuery query;
        const UnixMillis edge = edges[static_cast<std::size_t>(pick(static_cast<std::int64_t>(edges.size())))];
        query.time = pick(3) == 0 ? edge - pick(2) : at("2025-06-01") + pick(560) * base::kDay + pick(base::kDay);
        const auto count = [&] { return pick(4) == 0 ? 0 : pick(sizes[static_cast<std::size_t>(pick(8))]); };
        query.tokens = {.input = count(),
                        .output = count(),
                        .thinking = 0,
                        .cache_write_5m = count(),
                        .cache_write_1h = count(),
                        .cache_read = count()};
        if (pick(8) == 0) {  // exactly at or one beyond a tier's edge
            query.tokens = {.input = 7,
                            .output = count(),
                            .thinking = 0,
                            .cache_write_5m = 13,
                            .cache_write_1h = 30,
                            .cache_read = (pick(2) + 1) * 100'000 - 50 + pick(2)};
            ++tiered;
        }
        query.web_searches = pick(4) == 0 ? pick(20) : 0;
        query.speed = pick(4) == 0 ? model::Speed::kFast : model::Speed::kStandard;
        query.tier = static_cast<model::ServiceTier>(pick(4));
        const std::array<std::string_view, 4> geos{"us", "", "not_available", "global"};
        query.geo = geos[static_cast<std::size_t>(pick(4))];
        query.free_refusal = pick(50) == 0;
        const NanoUsd expected = bill(facts().at(form.at(1)), query, regional, fast_id);
        ASSERT_EQ(cost_of(*built_in(), form.at(0), query).value, expected.value)
            << "request " << i << " of " << form.at(0) << " at " << base::to_rfc3339(query.time);
    }
    EXPECT_GT(tiered, 10'000);
}

// --------------------------------------------------------------------------------------------------------------- names

TEST(PriceBook, ResolvesEveryNameFormOfThePublishedTable) {
    const auto forms = read_table("aliases.tsv");
    EXPECT_EQ(forms.size(), 288U);
    for (const auto& cells : forms) {
        const ResolvedModel model = built_in()->resolve(cells.at(0));
        ASSERT_NE(model.prices, nullptr) << cells.at(0);
        EXPECT_EQ(model.id, cells.at(1)) << cells.at(0);
        EXPECT_EQ(model.fast_id, cells.at(3) == "1") << cells.at(0);
        const std::int64_t permille = model.regional ? model.prices->rows.back().regional_permille : 1000;
        EXPECT_EQ(permille, cells.at(2) == "1.1" ? 1100 : 1000) << cells.at(0);
    }
}

TEST(PriceBook, ResolvesFurtherFormsByTheSameSteps) {
    const std::vector<std::array<std::string_view, 2>> forms{
        {"anthropic/claude-opus-4.8", "claude-opus-4-8"},
        {"openrouter/anthropic/claude-3.5-sonnet", "claude-3-5-sonnet-20241022"},
        {"anthropic/claude-opus-4.5", "claude-opus-4-5-20251101"},
        {"bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"},
        {"vertex_ai/claude-opus-4-1@20250805", "claude-opus-4-1-20250805"},
        {"claude-opus-4-8@default", "claude-opus-4-8"},
        {"global.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"},
        {"claude-opus-5-5-20260922", "claude-opus-5-5"},
        {"claude-opus-4-8-20260528[1m]", "claude-opus-4-8"},
        {"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-5-20251101-v1:0",
         "claude-opus-4-5-20251101"},
    };
    for (const auto& [form, id] : forms) {
        EXPECT_EQ(built_in()->resolve(form).id, id) << form;
    }
    EXPECT_TRUE(built_in()->resolve(forms.back()[0]).regional);
    EXPECT_TRUE(built_in()->resolve("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0").regional);
    EXPECT_FALSE(built_in()->resolve("global.anthropic.claude-opus-4-6-v1").regional);
    EXPECT_TRUE(built_in()->resolve("claude-opus-4-8-fast").fast_id);
}

TEST(PriceBook, NeverTakesAShorterVersionOrAGuess) {
    for (const std::string_view unknown :
         {"claude-fable-5-3",
          "claude-fable-5-10",
          "claude-opus-5-6",
          "claude-opus",
          "claude",
          "opus",
          "",
          "<synthetic>",
          "claude-mystery-9",
          "gpt-5",
          "claude-sonnet-5-fast",
          "claude-opus-5-5-preview",
          "claude-opus-4-5-v2-beta",
          "claude-opus-5-5x",
          "xclaude-opus-5-5",
          "us.",
          "@20250101",
          "-20250101",
          "-fast",
          "[1m]",
          "-v1:0",
          ":0",
          ".",
          "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456"}) {
        const ResolvedModel model = built_in()->resolve(unknown);
        EXPECT_EQ(model.prices, nullptr) << unknown;
        EXPECT_TRUE(model.id.empty()) << unknown;
        EXPECT_FALSE(model.regional) << unknown;
        EXPECT_FALSE(built_in()->cost(model, output_only(at("2026-11-01"), 5))) << unknown;
    }
    EXPECT_EQ(built_in()->resolve(std::string(5000, 'a')).prices, nullptr);
    EXPECT_EQ(built_in()->resolve("anthropic/" + std::string(300, '.')).prices, nullptr);
}

// ----------------------------------------------------------------------------------------------- dates, tiers,
// modifiers

TEST(PriceBook, PricesByTheRowInForceAtTheTime) {
    const PriceBook& book = *built_in();
    PriceQuery query;
    query.tokens.cache_read = 1'000'000;
    query.time = at("2026-10-07") - 1;
    EXPECT_EQ(cost_of(book, "claude-sonnet-5-5", query), usd(0.20));
    query.time = at("2026-10-07");
    EXPECT_EQ(cost_of(book, "claude-sonnet-5-5", query), usd(0.10));
    query.time = at("2026-09-01");  // before the listed release: the first price
    EXPECT_EQ(cost_of(book, "claude-sonnet-5-5", query), usd(0.20));
    query.time = -1;
    EXPECT_EQ(cost_of(book, "claude-sonnet-5-5", query), usd(0.20));
}

TEST(PriceBook, FastModeHasItsOwnPricesWhileItIsOffered) {
    const PriceBook& book = *built_in();
    PriceQuery query = output_only(at("2026-07-24") - 1, 1'000'000);
    query.speed = model::Speed::kFast;
    EXPECT_EQ(cost_of(book, "claude-opus-4-7", query), usd(150));
    query.time = at("2026-07-24");
    EXPECT_EQ(cost_of(book, "claude-opus-4-7", query), usd(25));
    query.time = at("2026-11-30") - 1;
    EXPECT_EQ(cost_of(book, "claude-opus-4-8", query), usd(50));
    query.time = at("2026-11-30");
    EXPECT_EQ(cost_of(book, "claude-opus-4-8", query), usd(25));
    query.time = at("2026-11-20");
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(40));
    query.geo = "us";
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(44));
    query.geo = "";
    query.tier = model::ServiceTier::kBatch;  // batch requests cannot be fast
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(10));
    query.speed = model::Speed::kStandard;
    query.tier = model::ServiceTier::kStandard;
    EXPECT_EQ(cost_of(book, "claude-opus-5-5-fast", query), usd(40));
}

TEST(PriceBook, LongPromptsOfHaiku55CostMoreForEveryToken) {
    PriceQuery query;
    query.time = at("2026-11-01");
    query.tokens = {.input = 10'000,
                    .output = 1'000'000,
                    .thinking = 0,
                    .cache_write_5m = 20'000,
                    .cache_write_1h = 30'000,
                    .cache_read = 40'000};  // a prompt of exactly 100,000
    EXPECT_EQ(cost_of(*built_in(), "claude-haiku-5-5", query), usd(0.001 + 0.5 + 0.0025 + 0.006 + 0.0004));
    query.tokens.cache_read += 1;
    EXPECT_EQ(cost_of(*built_in(), "claude-haiku-5-5", query), usd(0.005 + 2.5 + 0.0125 + 0.03 + 0.00200005));
}

TEST(PriceBook, LongContextPremiumOfSonnet45EndedWithItsBeta) {
    PriceQuery query;
    query.time = at("2026-04-30") - 1;
    query.tokens.input = 200'000;
    EXPECT_EQ(cost_of(*built_in(), "claude-sonnet-4-5", query), usd(0.6));
    query.tokens.input = 200'001;
    EXPECT_EQ(cost_of(*built_in(), "claude-sonnet-4-5", query), usd(1.200006));
    query.time = at("2026-04-30");
    EXPECT_EQ(cost_of(*built_in(), "claude-sonnet-4-5", query), usd(0.600003));
    query.time = at("2026-03-01");
    EXPECT_EQ(cost_of(*built_in(), "claude-sonnet-4-6", query), usd(0.600003));
}

TEST(PriceBook, ModifiersMultiplyTokensAndNeverSearches) {
    const PriceBook& book = *built_in();
    PriceQuery query = output_only(at("2026-11-01"), 1'000'000);
    query.web_searches = 3;
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(20.03));
    query.geo = "us";
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(22.03));
    EXPECT_EQ(cost_of(book, "eu.anthropic.claude-opus-5-5", query), usd(24.23));
    EXPECT_EQ(cost_of(book, "claude-haiku-4-5", query), usd(5.03));  // no geo price before 4.6
    query.geo = "global";
    EXPECT_EQ(cost_of(book, "us.anthropic.claude-opus-5-5", query), usd(22.03));
    EXPECT_EQ(cost_of(book, "global.anthropic.claude-opus-5-5", query), usd(20.03));
    EXPECT_EQ(cost_of(book, "us.anthropic.claude-sonnet-4-20250514-v1:0", query), usd(15.03));  // before 4.5: base
    query.tier = model::ServiceTier::kBatch;
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(10.03));
    query.tier = model::ServiceTier::kPriority;
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(20.03));
    query.free_refusal = true;
    EXPECT_EQ(cost_of(book, "claude-opus-5-5", query), usd(0.03));
}

TEST(PriceBook, RoundsOnceHalfUp) {
    // Haiku 5.5 cache reads cost 10,000 pico-USD; with batch and geo 5,500: one token is 5.5 nano.
    PriceQuery query;
    query.time = at("2026-11-01");
    query.tokens.cache_read = 1;
    query.geo = "us";
    query.tier = model::ServiceTier::kBatch;
    EXPECT_EQ(cost_of(*built_in(), "claude-haiku-5-5", query).value, 6);
    query.tokens.cache_read = 3;  // 16.5
    EXPECT_EQ(cost_of(*built_in(), "claude-haiku-5-5", query).value, 17);
    query.tokens.input = 1;  // 55 more: rounding each kind alone would give 72
    EXPECT_EQ(cost_of(*built_in(), "claude-haiku-5-5", query).value, 72);
    const auto book = book_with(
        "[[model]]\nid = \"tiny\"\ninput = 0.000001\noutput = 0.000499\ncache_write_5m = 0\n"
        "cache_write_1h = 0\ncache_read = 0.0005\n");
    query = {};
    query.tokens.output = 1;
    EXPECT_EQ(cost_of(*book, "tiny", query).value, 0);
    query.tokens.input = 1;  // 0.499 + 0.001
    EXPECT_EQ(cost_of(*book, "tiny", query).value, 1);
}

TEST(PriceBook, AbsurdCountsSaturateAndNegativeOnesAreNothing) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    PriceQuery query = million_each(at("2026-11-01"));
    query.tokens = {.input = kMost,
                    .output = kMost,
                    .thinking = 0,
                    .cache_write_5m = kMost,
                    .cache_write_1h = kMost,
                    .cache_read = kMost};
    query.web_searches = kMost;
    EXPECT_EQ(cost_of(*built_in(), "claude-haiku-5-5", query).value, kMost);
    EXPECT_EQ(cost_of(*built_in(), "claude-opus-4-1", query).value, kMost);
    query.free_refusal = true;
    EXPECT_EQ(cost_of(*built_in(), "claude-opus-4-1", query).value, kMost);
    query = output_only(at("2026-11-01"), -5);
    query.web_searches = -1;
    EXPECT_EQ(cost_of(*built_in(), "claude-opus-4-1", query).value, 0);
}

// --------------------------------------------------------------------------------------------------------- the user's
// file

TEST(UserPrices, AGeneralDiscountMultipliesEveryModel) {
    const auto book = book_with("multiplier = 0.8725\n");
    const PriceQuery query = output_only(at("2026-11-01"), 1'000'000);
    EXPECT_EQ(cost_of(*book, "claude-opus-5-5", query), usd(17.45));
    EXPECT_EQ(cost_of(*book, "claude-haiku-4-5", query), usd(4.3625));
    PriceQuery searches;
    searches.web_searches = 1;
    EXPECT_EQ(cost_of(*book, "claude-opus-5-5", searches), usd(0.01));
    EXPECT_TRUE(book->models().front().overridden);
}

TEST(UserPrices, AModelsOwnDiscountTakesThePlaceOfTheGeneralOneFromItsDate) {
    const auto book = book_with(R"(
multiplier = 0.9
[[model]]
id = "claude-opus-5"
from = 2026-10-01
multiplier = 0.5
)");
    EXPECT_EQ(cost_of(*book, "claude-opus-5", output_only(at("2026-10-01") - 1, 1'000'000)), usd(22.5));
    EXPECT_EQ(cost_of(*book, "claude-opus-5", output_only(at("2026-10-01"), 1'000'000)), usd(12.5));
    EXPECT_EQ(cost_of(*book, "claude-opus-5-5", output_only(at("2026-10-01"), 1'000'000)), usd(18));
}

TEST(UserPrices, SomePricesOfAKnownModelReplaceTheirsAndKeepTheRest) {
    const auto book = book_with(R"(
[[model]]
id = "claude-sonnet-5-5"
output = 8.5
)");
    PriceQuery query = million_each(at("2026-10-01"));
    EXPECT_EQ(cost_of(*book, "claude-sonnet-5-5", query), usd(2 + 8.5 + 2.5 + 4 + 0.2));
    query.time = at("2026-10-07");  // the built-in change of the cache read is still there
    EXPECT_EQ(cost_of(*book, "claude-sonnet-5-5", query), usd(2 + 8.5 + 2.5 + 4 + 0.1));
    EXPECT_TRUE(book->resolve("claude-sonnet-5-5").prices->overridden);
    EXPECT_FALSE(book->resolve("claude-sonnet-5").prices->overridden);
    EXPECT_EQ(book->resolve("claude-sonnet-5-5").prices->source, "prices.toml");
}

TEST(UserPrices, DatedRowsCutTheBuiltInOnes) {
    const auto book = book_with(R"(
[[model]]
id = "claude-opus-5"
[[model.price]]
from = 2026-09-01
until = 2026-10-01
input = 1
[[model.price]]
from = 2026-11-01
output = 20
)");
    const auto cost = [&](std::string_view day) { return cost_of(*book, "claude-opus-5", million_each(at(day))); };
    const double list = 5 + 25 + 6.25 + 10 + 0.5;
    EXPECT_EQ(cost("2026-08-31"), usd(list));
    EXPECT_EQ(cost("2026-09-01"), usd(list - 4));
    EXPECT_EQ(cost("2026-09-30"), usd(list - 4));
    EXPECT_EQ(cost("2026-10-01"), usd(list));
    EXPECT_EQ(cost("2026-11-01"), usd(list - 5));
    PriceQuery fast = output_only(at("2026-11-02"), 1'000'000);
    fast.speed = model::Speed::kFast;
    EXPECT_EQ(cost_of(*book, "claude-opus-5", fast), usd(50));
}

constexpr std::string_view kHouse = R"(
[[model]]
id = "house-model"
family = "haiku"
display = "House"
context_window = 32_000
aliases = ["house", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"]
input = 1
output = 2
cache_write_5m = 1.25
cache_write_1h = 2
cache_read = 0.1
web_search_per_1000 = 5
us_geo_multiplier = 1.2
long_prompt = { above = 1000, input = 10, output = 20, cache_write_5m = 12.5, cache_write_1h = 20, cache_read = 1 }
[[model]]
id = "claude-mystery-9"
like = "house"
multiplier = 2
[[model]]
id = "gateway-opus"
like = "claude-opus-5-5"
from = 2026-10-01
)";

TEST(UserPrices, ANewModelHasFivePricesOrIsLikeAnother) {
    const auto book = book_with(kHouse);
    PriceQuery query;
    query.tokens = {
        .input = 500, .output = 1000, .thinking = 0, .cache_write_5m = 0, .cache_write_1h = 0, .cache_read = 500};
    query.geo = "us";
    query.web_searches = 2;
    const std::int64_t tokens = 500'000 + 2'000'000 + 50'000;
    EXPECT_EQ(cost_of(*book, "house", query).value, tokens * 12 / 10 + 10'000'000);
    EXPECT_EQ(cost_of(*book, "house-model", query), cost_of(*book, "house", query));
    EXPECT_EQ(book->resolve("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc").id,
              "house-model");
    EXPECT_EQ(cost_of(*book, "claude-mystery-9", query).value, tokens * 12 / 10 * 2 + 10'000'000);
    query.tokens.input += 1;  // the long prompt's prices, ten times as high
    EXPECT_EQ(cost_of(*book, "house", query).value, (tokens + 1000) * 12 + 10'000'000);

    const ModelPrices& house = *book->resolve("house").prices;
    EXPECT_EQ(house.family, "haiku");
    EXPECT_EQ(house.display, "House");
    EXPECT_EQ(house.context_window, 32'000);
    EXPECT_TRUE(house.overridden);
    const ModelPrices& copy = *book->resolve("gateway-opus").prices;
    EXPECT_EQ(copy.family, "opus");
    EXPECT_EQ(copy.context_window, 1'000'000);
    EXPECT_EQ(cost_of(*book, "gateway-opus", output_only(at("2026-10-01"), 1'000'000)), usd(20));
}

TEST(UserPrices, RowsOfANewModelMayEnd) {
    const std::string rates = "input = 1\noutput = 2\ncache_write_5m = 1\ncache_write_1h = 1\ncache_read = 1\n";
    const auto book = book_with("[[model]]\nid = \"x\"\n[[model.price]]\nfrom = 2026-01-01\nuntil = 2026-02-01\n" +
                                rates + "[[model.price]]\nfrom = 2026-03-01\nuntil = 2026-04-01\n" + rates);
    const auto priced = [&](std::string_view day) {
        return book->cost(book->resolve("x"), output_only(at(day), 1)).has_value();
    };
    EXPECT_TRUE(priced("2025-06-01"));
    EXPECT_TRUE(priced("2026-01-31"));
    EXPECT_FALSE(priced("2026-02-01"));
    EXPECT_TRUE(priced("2026-03-01"));
    EXPECT_FALSE(priced("2026-04-01"));
}

TEST(UserPrices, FastAndLongPromptPricesCanBeReplacedOrTakenAway) {
    const auto book = book_with(R"(
[[model]]
id = "claude-haiku-5-5"
long_prompt = false
[[model]]
id = "claude-opus-5-5"
fast = false
[[model]]
id = "claude-fable-5-2"
fast = { input = 12, output = 60, cache_write_5m = 15, cache_write_1h = 24, cache_read = 0.3 }
)");
    PriceQuery query = output_only(at("2026-11-20"), 1'000'000);
    query.tokens.input = 1'000'000;
    EXPECT_EQ(cost_of(*book, "claude-haiku-5-5", query), usd(0.6));
    query.speed = model::Speed::kFast;
    EXPECT_EQ(cost_of(*book, "claude-opus-5-5", query), usd(24));
    EXPECT_EQ(cost_of(*book, "claude-fable-5-2", query), usd(72));
    EXPECT_EQ(book->resolve("claude-opus-5-5-fast").prices, nullptr);
}

TEST(UserPrices, ASpanMayBeginAtAMoment) {
    for (const std::string_view moment : {"2026-10-01T12:30:00Z", "2026-10-01T14:30:00+02:00", "2026-10-01T12:30:00"}) {
        const auto book =
            book_with("[[model]]\nid = \"claude-opus-5\"\nfrom = " + std::string(moment) + "\noutput = 20\n");
        const UnixMillis begin = at("2026-10-01") + 12 * base::kHour + 30 * base::kMinute;
        EXPECT_EQ(cost_of(*book, "claude-opus-5", output_only(begin - 1, 1'000'000)), usd(25)) << moment;
        EXPECT_EQ(cost_of(*book, "claude-opus-5", output_only(begin, 1'000'000)), usd(20)) << moment;
    }
}

TEST(UserPrices, AnAliasCanBeTakenOver) {
    const auto book =
        book_with("[[model]]\nid = \"claude-opus-5-5\"\naliases = [\"claude-opus-4\", \"team-default\"]\n");
    EXPECT_EQ(book->resolve("claude-opus-4").id, "claude-opus-5-5");
    EXPECT_EQ(book->resolve("team-default").id, "claude-opus-5-5");
    EXPECT_EQ(book->resolve("claude-opus-4-0").id, "claude-opus-4-20250514");
}

TEST(UserPrices, TheGuidesExampleWorks) {
    std::ifstream file(std::string(TIDEMARK_SOURCE_DIR) + "/docs/guide/prices.md");
    std::stringstream guide;
    guide << file.rdbuf();
    const std::string text = guide.str();
    const auto begin = text.find("```toml\n") + 8;
    const auto book = book_with(text.substr(begin, text.find("```", begin) - begin));
    ASSERT_NE(book, nullptr);
    const PriceQuery query = output_only(at("2026-11-01"), 1'000'000);
    EXPECT_EQ(cost_of(*book, "claude-opus-5", query), usd(21.25));
    EXPECT_EQ(cost_of(*book, "claude-opus-5-5", query), usd(14));
    EXPECT_EQ(cost_of(*book, "claude-sonnet-5-5", query), usd(7.65));
    EXPECT_EQ(cost_of(*book, "claude-haiku-4-5", query), usd(3.4));
    EXPECT_EQ(cost_of(*book, "house-model", query), usd(4.25));
    EXPECT_EQ(cost_of(*book, "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123", query),
              usd(14));
}

TEST(UserPrices, ErrorsNameFileLineKeyAndRemedy) {
    struct Case {
        std::string_view toml;
        std::string_view place;
        std::string_view text;
    };
    for (const Case& c : std::vector<Case>{
             {"multiplier = 0.5\nmultiplyer = 2\n",
              "prices.toml:2: ", "unknown key 'multiplyer' in the file; it takes as_of, multiplier"},
             {"[[model]]\nid = \"a\"\ninptu = 3\n", "prices.toml:3: ", "unknown key 'inptu' in [[model]]"},
             {"[[model]]\ninput = 3\n", "prices.toml:1: ", "has no id"},
             {"[[model]]\nid = 7\n", "prices.toml:2: ", "id must be a text"},
             {"[[model]]\nid = \"a\"\ninput = \"3\"\n", "prices.toml:3: ", "input must be a number"},
             {"[[model]]\nid = \"a\"\ninput = -1\n", "prices.toml:3: ", "input must be between 0 and 100000"},
             {"[[model]]\nid = \"a\"\ninput = nan\n", "prices.toml:3: ", "input must be between"},
             {"[[model]]\nid = \"a\"\ninput = 0.0000001\n", "prices.toml:3: ", "too many decimal places"},
             {"[[model]]\nid = \"a\"\ninput = 1\noutput = 1\n", "prices.toml:1: ",
              "model 'a' is not in the price list and has no cache_write_5m; give all five prices or like"},
             {"[[model]]\nid = \"a\"\nlike = \"b\"\n",
              "prices.toml:1: ", "like = \"b\" of model 'a' names no other model"},
             {"[[model]]\nid = \"a\"\nlike = \"a\"\n", "prices.toml:1: ", "names no other model"},
             {"multiplier = 11\n", "prices.toml:1: ", "multiplier must be between 0 and 10"},
             {"[[model]]\nid = \"claude-opus-5\"\nfrom = \"soon\"\n", "prices.toml:3: ", "from must be a date such as"},
             {"[[model]]\nid = \"claude-opus-5\"\nfrom = 2026-02-01\nuntil = 2026-01-01\n",
              "prices.toml:4: ", "until must be later than from"},
             {"[[model]]\nid = \"claude-opus-5\"\ninput = 1\n[[model.price]]\noutput = 2\n",
              "prices.toml:1: ", "use one of the two"},
             {"[[model]]\nid = \"claude-opus-5\"\n[[model.price]]\ninput = 1\n[[model.price]]\ninput = 2\n",
              "prices.toml:5: ", "need a later from"},
             {"[[model]]\nid = \"claude-opus-5\"\n[[model.price]]\nuntil = 2026-05-01\ninput = "
              "1\n[[model.price]]\nfrom = 2026-04-01\ninput = 2\n",
              "prices.toml:6: ", "begins before the one above it ends"},
             {"[[model]]\nid = \"claude-opus-5\"\nfast = { input = 1 }\n", "prices.toml:3: ", "fast has no output"},
             {"[[model]]\nid = \"claude-opus-5\"\nfast = true\n", "prices.toml:3: ", "fast must be"},
             {"[[model]]\nid = \"claude-opus-5\"\nlong_prompt = { input = 1 }\n",
              "prices.toml:3: ", "long_prompt has no above"},
             {"[[model]]\nid = \"claude-opus-5\"\naliases = [\"claude-opus-5-5\"]\n",
              "prices.toml:1: ", "already belongs to model 'claude-opus-5-5'"},
             {"[[model]]\nid = \"claude-opus-5\"\naliases = [\"z\"]\n[[model]]\nid = \"claude-opus-5-5\"\naliases = "
              "[\"z\"]\n",
              "prices.toml:4: ", "alias 'z' already belongs"},
             {"[[model]]\nid = \"claude-opus-5\"\naliases = \"z\"\n", "prices.toml:3: ", "aliases must be a list"},
             {"[model]\nid = \"claude-opus-5\"\n", "prices.toml:1: ", "[[model]], with two brackets"},
             {"[[model]]\nid = \"a\n", "prices.toml:2: ", ""},
         }) {
        const std::string error = error_of(c.toml);
        EXPECT_THAT(error, testing::StartsWith(std::string(c.place))) << c.toml;
        EXPECT_THAT(error, HasSubstr(std::string(c.text))) << c.toml;
    }
}

TEST(Fingerprint, ChangesWithEveryPriceAndOnlyThen) {
    const std::uint64_t plain = built_in()->fingerprint();
    EXPECT_EQ(book_with("")->fingerprint(), plain);
    EXPECT_EQ(book_with("# a remark\n")->fingerprint(), plain);
    EXPECT_EQ(book_with("[[model]]\nid = \"claude-opus-5\"\nnote = \"ours\"\ndisplay = \"O\"\n")->fingerprint(), plain);
    std::set<std::uint64_t> seen{plain};
    const std::string opus = "[[model]]\nid = \"claude-opus-5\"\n";
    for (const std::string& toml :
         {std::string("multiplier = 0.5\n"), opus + "input = 5.000001\n", opus + "output = 24\n",
          opus + "cache_write_5m = 6\n", opus + "cache_write_1h = 9\n", opus + "cache_read = 0.4\n",
          opus + "from = 2026-09-01\ncache_read = 0.4\n", opus + "until = 2026-09-01\ncache_read = 0.4\n",
          opus + "fast = false\n", opus + "us_geo_multiplier = 1.2\n", opus + "regional_multiplier = 1.2\n",
          opus + "batch_multiplier = 0.4\n", opus + "web_search_per_1000 = 9\n", opus + "aliases = [\"x\"]\n",
          opus + "multiplier = 0.999\n",
          opus + "long_prompt = { above = 5, input = 5, output = 25, cache_write_5m = 6.25, cache_write_1h = 10, "
                 "cache_read = 0.5 }\n",
          opus + "long_prompt = { above = 6, input = 5, output = 25, cache_write_5m = 6.25, cache_write_1h = 10, "
                 "cache_read = 0.5 }\n",
          std::string("[[model]]\nid = \"new\"\nlike = \"claude-opus-5\"\n")}) {
        EXPECT_TRUE(seen.insert(book_with(toml)->fingerprint()).second) << toml;
    }
}

}  // namespace
}  // namespace tidemark::pricing
