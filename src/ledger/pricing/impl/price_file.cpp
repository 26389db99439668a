#include "ledger/pricing/impl/price_file.hpp"

#include <array>
#include <cmath>
#include <initializer_list>

#include "foundation/base/time.hpp"
#include "foundation/toml/toml.hpp"

namespace tidemark::pricing {

namespace {

constexpr double kMaxRate = 100'000;  // USD per million tokens; keeps every product of cost() inside 128 bits
constexpr double kMaxMultiplier = 10;

template <class T>
using Result = base::Result<T>;

base::UnixMillis midnight(const toml::date& day) {
    return base::days_from_civil({day.year, day.month, day.day}) * base::kDay;
}

std::int64_t line_of(const toml::node& node) { return static_cast<std::int64_t>(node.source().begin.line); }

/// One file being read: gives every error its place.
class Reader {
public:
    explicit Reader(std::string_view name) : name_(name) {}

    [[nodiscard]] tl::unexpected<base::Error> error(const toml::node& at, std::string_view message) const {
        return price_file_error(name_, line_of(at), message);
    }

    Result<void> only_known(const toml::table& table, std::string_view where,
                            std::initializer_list<std::string_view> known) const {
        for (const auto& [key, node] : table) {
            bool found = false;
            for (const std::string_view name : known) {
                found = found || key.str() == name;
            }
            if (!found) {
                std::string message =
                    "unknown key '" + std::string(key.str()) + "' in " + std::string(where) + "; it takes";
                std::string_view separator = " ";
                for (const std::string_view name : known) {
                    message.append(separator).append(name);
                    separator = ", ";
                }
                return price_file_error(name_, static_cast<std::int64_t>(key.source().begin.line), message);
            }
        }
        return {};
    }

    /// A decimal number as an integer count of 1 / scale; nothing when the key is absent.
    Result<std::optional<std::int64_t>> scaled(const toml::table& table, std::string_view key, double scale, double min,
                                               double max) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) {
            return std::optional<std::int64_t>();
        }
        const auto number = node->value<double>();
        if (!number || !node->is_number()) {
            return error(*node, std::string(key) + " must be a number, such as 2.5");
        }
        if (!(*number >= min && *number <= max)) {
            return error(*node, std::string(key) + " must be between " + text(min) + " and " + text(max));
        }
        const double exact = *number * scale;
        const double rounded = std::round(exact);
        if (std::abs(exact - rounded) > 1e-4) {
            return error(*node,
                         std::string(key) + " has too many decimal places; the smallest step is " + text(1 / scale));
        }
        return std::optional<std::int64_t>(static_cast<std::int64_t>(rounded));
    }

    Result<std::optional<std::string>> string(const toml::table& table, std::string_view key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) {
            return std::optional<std::string>();
        }
        if (!node->is_string()) {
            return error(*node, std::string(key) + " must be a text in quotes");
        }
        return node->value<std::string>();
    }

    /// A day (00:00 UTC) or a moment (UTC unless it has an offset).
    Result<std::optional<base::UnixMillis>> date(const toml::table& table, std::string_view key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) {
            return std::optional<base::UnixMillis>();
        }
        std::optional<base::UnixMillis> time;
        if (const auto* day = node->as_date()) {
            time = midnight(day->get());
        } else if (const auto* moment = node->as_date_time()) {
            const toml::date_time& given = moment->get();
            time = midnight(given.date) + given.time.hour * base::kHour + given.time.minute * base::kMinute +
                   given.time.second * base::kSecond + given.time.nanosecond / 1'000'000 -
                   (given.offset ? given.offset->minutes * base::kMinute : 0);
        } else if (const auto* quoted = node->as_string()) {
            if (const auto civil = base::parse_date(quoted->get())) {
                time = base::days_from_civil(*civil) * base::kDay;
            }
        }
        if (!time) {
            return error(*node, std::string(key) + " must be a date such as 2026-10-07 (it begins at 00:00 UTC)");
        }
        return time;
    }

    Result<PartialRates> rates(const toml::table& table) const {
        PartialRates result;
        const std::array<std::pair<std::string_view, std::optional<std::int64_t>*>, 5> fields{{
            {"input", &result.input},
            {"output", &result.output},
            {"cache_write_5m", &result.cache_write_5m},
            {"cache_write_1h", &result.cache_write_1h},
            {"cache_read", &result.cache_read},
        }};
        for (const auto& [key, field] : fields) {
            TIDEMARK_TRY(*field, scaled(table, key, 1e6, 0, kMaxRate));
        }
        return result;
    }

    Result<Rates> all_rates(const toml::table& table, std::string_view where) const {
        TIDEMARK_TRY(const PartialRates given, rates(table));
        if (const std::string_view missing = given.first_missing(); !missing.empty()) {
            return error(table, std::string(where) + " has no " + std::string(missing) + "; give all five prices");
        }
        return given.over({});
    }

    Result<FilePrice> price(const toml::table& table) const {
        FilePrice result;
        result.line = line_of(table);
        TIDEMARK_TRY(result.from, date(table, "from"));
        TIDEMARK_TRY(result.until, date(table, "until"));
        if (result.from && result.until && *result.from >= *result.until) {
            return error(*table.get("until"), "until must be later than from");
        }
        TIDEMARK_TRY(result.rates, rates(table));
        if (const toml::node* node = table.get("fast")) {
            if (const auto off = node->value_exact<bool>(); off && !*off) {
                result.no_fast = true;
            } else if (const auto* inner = node->as_table()) {
                TIDEMARK_CHECK_OK(
                    only_known(*inner, "fast", {"input", "output", "cache_write_5m", "cache_write_1h", "cache_read"}));
                TIDEMARK_TRY(result.fast, all_rates(*inner, "fast"));
            } else {
                return error(*node, "fast must be { input = …, output = …, … } or false");
            }
        }
        if (const toml::node* node = table.get("long_prompt")) {
            if (const auto off = node->value_exact<bool>(); off && !*off) {
                result.no_long_prompt = true;
            } else if (const auto* inner = node->as_table()) {
                TIDEMARK_CHECK_OK(
                    only_known(*inner, "long_prompt",
                               {"above", "input", "output", "cache_write_5m", "cache_write_1h", "cache_read"}));
                TIDEMARK_TRY(const auto above, scaled(*inner, "above", 1, 1, 1e12));
                if (!above) {
                    return error(*inner,
                                 "long_prompt has no above; give the prompt size in tokens beyond which it holds");
                }
                TIDEMARK_TRY(const Rates tier, all_rates(*inner, "long_prompt"));
                result.long_prompt = PromptTier{*above, tier};
            } else {
                return error(*node, "long_prompt must be { above = …, input = …, … } or false");
            }
        }
        return result;
    }

    Result<FileModel> model(const toml::table& table) const {
        TIDEMARK_CHECK_OK(only_known(table, "[[model]]",
                                     {"id",
                                      "like",
                                      "multiplier",
                                      "from",
                                      "until",
                                      "input",
                                      "output",
                                      "cache_write_5m",
                                      "cache_write_1h",
                                      "cache_read",
                                      "fast",
                                      "long_prompt",
                                      "price",
                                      "aliases",
                                      "family",
                                      "display",
                                      "context_window",
                                      "us_geo_multiplier",
                                      "regional_multiplier",
                                      "batch_multiplier",
                                      "web_search_per_1000",
                                      "source",
                                      "note"}));
        FileModel result;
        result.line = line_of(table);
        TIDEMARK_TRY(const auto id, string(table, "id"));
        if (!id || id->empty()) {
            return error(table, "[[model]] has no id; give the model's id as the transcripts have it");
        }
        result.id = *id;
        TIDEMARK_TRY(result.like, string(table, "like"));
        TIDEMARK_TRY(result.family, string(table, "family"));
        TIDEMARK_TRY(result.display, string(table, "display"));
        TIDEMARK_TRY(result.source, string(table, "source"));
        TIDEMARK_TRY(result.note, string(table, "note"));
        TIDEMARK_TRY(result.context_window, scaled(table, "context_window", 1, 0, 1e12));
        TIDEMARK_TRY(result.us_geo_permille, scaled(table, "us_geo_multiplier", 1000, 0, kMaxMultiplier));
        TIDEMARK_TRY(result.regional_permille, scaled(table, "regional_multiplier", 1000, 0, kMaxMultiplier));
        TIDEMARK_TRY(result.batch_permille, scaled(table, "batch_multiplier", 1000, 0, kMaxMultiplier));
        TIDEMARK_TRY(result.web_search_nano, scaled(table, "web_search_per_1000", 1e6, 0, kMaxRate));
        TIDEMARK_TRY(result.multiplier_micro, scaled(table, "multiplier", 1e6, 0, kMaxMultiplier));
        if (const toml::node* node = table.get("aliases")) {
            const auto* list = node->as_array();
            if (list == nullptr || (!list->empty() && !list->is_homogeneous<std::string>())) {
                return error(*node, "aliases must be a list of texts, such as [\"my-deployment\"]");
            }
            for (const auto& alias : *list) {
                result.aliases.push_back(alias.value_or(std::string()));
                if (result.aliases.back().empty()) {
                    return error(alias, "an alias must not be empty");
                }
            }
        }
        TIDEMARK_TRY(result.direct, price(table));
        if (const toml::node* node = table.get("price")) {
            const auto* list = node->as_array();
            if (list == nullptr || list->empty() || !list->is_homogeneous<toml::table>()) {
                return error(*node, "price must be one or more [[model.price]] rows");
            }
            const FilePrice& direct = result.direct;
            if (direct.from || direct.until || !direct.rates.empty() || direct.fast || direct.long_prompt ||
                direct.no_fast || direct.no_long_prompt) {
                return error(table,
                             "model '" + result.id +
                                 "' has prices or dates both directly and in [[model.price]] rows; use one of the two");
            }
            for (const auto& row : *list) {
                const auto& inner = *row.as_table();
                TIDEMARK_CHECK_OK(only_known(inner, "[[model.price]]",
                                             {"from", "until", "input", "output", "cache_write_5m", "cache_write_1h",
                                              "cache_read", "fast", "long_prompt"}));
                TIDEMARK_TRY(FilePrice one, price(inner));
                if (!result.prices.empty()) {
                    FilePrice& before = result.prices.back();
                    if (!one.from || (before.from && *one.from <= *before.from)) {
                        return error(inner, "[[model.price]] rows after the first need a later from each");
                    }
                    if (before.until && *before.until > *one.from) {
                        return error(inner, "this [[model.price]] row begins before the one above it ends");
                    }
                    if (!before.until) {
                        before.until = one.from;
                    }
                }
                result.prices.push_back(one);
            }
        }
        return result;
    }

    Result<PriceFile> file(const toml::table& root) const {
        PriceFile result;
        TIDEMARK_CHECK_OK(only_known(root, "the file", {"as_of", "multiplier", "model"}));
        TIDEMARK_TRY(const auto as_of, date(root, "as_of"));
        if (as_of) {
            result.as_of = base::to_string(base::civil_from_days(*as_of / base::kDay));
        }
        TIDEMARK_TRY(result.multiplier_micro, scaled(root, "multiplier", 1e6, 0, kMaxMultiplier));
        if (const toml::node* node = root.get("model")) {
            const auto* list = node->as_array();
            if (list == nullptr || (!list->empty() && !list->is_homogeneous<toml::table>())) {
                return error(*node, "model must be written as [[model]], with two brackets");
            }
            result.models.reserve(list->size());
            for (const auto& entry : *list) {
                TIDEMARK_TRY(FileModel one, model(*entry.as_table()));
                result.models.push_back(std::move(one));
            }
        }
        return result;
    }

private:
    static std::string text(double number) {
        std::string result = std::to_string(number);
        while (result.back() == '0') {
            result.pop_back();
        }
        if (result.back() == '.') {
            result.pop_back();
        }
        return result;
    }

    std::string_view name_;
};

}  // namespace

bool PartialRates::empty() const { return !input && !output && !cache_write_5m && !cache_write_1h && !cache_read; }

bool PartialRates::complete() const { return first_missing().empty(); }

Rates PartialRates::over(Rates base) const {
    return {input.value_or(base.input), output.value_or(base.output), cache_write_5m.value_or(base.cache_write_5m),
            cache_write_1h.value_or(base.cache_write_1h), cache_read.value_or(base.cache_read)};
}

std::string_view PartialRates::first_missing() const {
    return !input            ? "input"
           : !output         ? "output"
           : !cache_write_5m ? "cache_write_5m"
           : !cache_write_1h ? "cache_write_1h"
           : !cache_read     ? "cache_read"
                             : "";
}

tl::unexpected<base::Error> price_file_error(std::string_view name, std::int64_t line, std::string_view message) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      std::string(name) + ":" + std::to_string(line) + ": " + std::string(message));
}

base::Result<PriceFile> parse_price_file(std::string_view text, std::string_view name) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        return price_file_error(name, static_cast<std::int64_t>(parsed.error().source().begin.line),
                                parsed.error().description());
    }
    return Reader(name).file(parsed.table());
}

}  // namespace tidemark::pricing
