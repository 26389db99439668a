#include "ledger/pricing/price_book.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "foundation/base/embedded.hpp"
#include "foundation/base/hash.hpp"
#include "ledger/pricing/impl/price_file.hpp"

namespace tidemark::embedded {
extern const base::EmbeddedFiles price_book;
}

namespace tidemark::pricing {

namespace {

__extension__ using Wide = __int128;

constexpr base::UnixMillis kBeginning = std::numeric_limits<base::UnixMillis>::min();
constexpr base::UnixMillis kForever = std::numeric_limits<base::UnixMillis>::max();
constexpr std::int64_t kListPrice = 1'000'000;  // multipliers are in 1e-6

/// Raise it when the arithmetic of cost() or the steps of resolve() change what some request costs.
constexpr std::uint64_t kRulesVersion = 1;

struct TextHash {
    std::size_t operator()(std::string_view text) const { return base::hash64(text); }
};

/// A row while the book is being put together: real bounds instead of 0, and the discount not yet multiplied in.
struct DraftRow {
    base::UnixMillis from = kBeginning;
    base::UnixMillis until = kForever;
    PriceRow row;
    std::int64_t multiplier_micro = kListPrice;
};

struct Draft {
    ModelPrices model;
    std::vector<DraftRow> rows;  // by time, not overlapping; the first one reaches back to the beginning
    base::UnixMillis released = 0;
};

/// Cuts the row that holds `time` in two, so that rows begin there.
void cut(std::vector<DraftRow>& rows, base::UnixMillis time) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].from < time && time < rows[i].until) {
            DraftRow later = rows[i];
            rows[i].until = time;
            later.from = time;
            rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(i) + 1, later);
            return;
        }
    }
}

/// The rows inside [from, until), after cutting at both ends.
template <class Change>
void change_rows(std::vector<DraftRow>& rows, base::UnixMillis from, base::UnixMillis until, const Change& change) {
    cut(rows, from);
    cut(rows, until);
    for (DraftRow& row : rows) {
        if (row.from >= from && row.until <= until) {
            change(row);
        }
    }
}

/// Adds copies of `fresh` wherever [from, until) has no row yet.
void fill_gaps(std::vector<DraftRow>& rows, base::UnixMillis from, base::UnixMillis until, const DraftRow& fresh) {
    std::vector<DraftRow> added;
    base::UnixMillis covered = from;
    const auto add_until = [&](base::UnixMillis end) {
        if (covered < end) {
            added.push_back(fresh);
            added.back().from = covered;
            added.back().until = end;
        }
    };
    for (const DraftRow& row : rows) {
        add_until(std::min(row.from, until));
        covered = std::max(covered, row.until);
    }
    add_until(until);
    rows.insert(rows.end(), added.begin(), added.end());
    std::sort(rows.begin(), rows.end(), [](const DraftRow& a, const DraftRow& b) { return a.from < b.from; });
}

std::int64_t times(std::int64_t rate, std::int64_t micro) { return (rate * micro + kListPrice / 2) / kListPrice; }

void multiply(Rates& rates, std::int64_t micro) {
    rates = {times(rates.input, micro), times(rates.output, micro), times(rates.cache_write_5m, micro),
             times(rates.cache_write_1h, micro), times(rates.cache_read, micro)};
}

/// Lays the built-in file and then the user's over it, entry by entry.
class Maker {
public:
    base::Result<void> lay(const PriceFile& file, std::string_view name, bool by_user) {
        name_ = name;
        by_user_ = by_user;
        if (file.multiplier_micro) {
            for (Draft& draft : drafts_) {
                draft.model.overridden = draft.model.overridden || by_user;
                for (DraftRow& row : draft.rows) {
                    row.multiplier_micro = *file.multiplier_micro;
                }
            }
        }
        general_micro_ = file.multiplier_micro.value_or(kListPrice);
        for (const FileModel& entry : file.models) {
            TIDEMARK_CHECK_OK(lay(entry));
        }
        return {};
    }

    std::vector<ModelPrices> finish() {
        std::vector<ModelPrices> models;
        models.reserve(drafts_.size());
        for (Draft& draft : drafts_) {
            for (DraftRow& part : draft.rows) {
                PriceRow& row = part.row;
                row.from = part.from == kBeginning ? draft.released : part.from;
                row.until = part.until == kForever ? 0 : part.until;
                if (part.multiplier_micro != kListPrice) {
                    multiply(row.rates, part.multiplier_micro);
                    if (row.fast) {
                        multiply(*row.fast, part.multiplier_micro);
                    }
                    if (row.tier) {
                        multiply(row.tier->rates, part.multiplier_micro);
                    }
                }
                draft.model.rows.push_back(row);
            }
            models.push_back(std::move(draft.model));
        }
        return models;
    }

private:
    using Entries = std::unordered_map<std::string, std::size_t>;

    tl::unexpected<base::Error> error(std::int64_t line, std::string_view message) const {
        return price_file_error(name_, line, message);
    }

    base::Result<void> lay(const FileModel& entry) {
        std::size_t at = drafts_.size();
        if (const auto found = by_name_.find(entry.id); found != by_name_.end()) {
            at = found->second;
        } else {
            by_name_.emplace(entry.id, at);
            Draft draft;
            draft.model.id = entry.id;
            draft.model.display = entry.id;
            draft.model.family = "other";
            drafts_.push_back(std::move(draft));
        }
        const bool fresh = drafts_[at].rows.empty();
        TIDEMARK_CHECK_OK(name(entry, at));

        const base::UnixMillis from = entry.direct.from.value_or(kBeginning);
        const base::UnixMillis until = entry.direct.until.value_or(kForever);
        if (entry.like) {
            TIDEMARK_CHECK_OK(copy(entry, at, from, until));
        }
        Draft& draft = drafts_[at];
        if (entry.prices.empty()) {
            TIDEMARK_CHECK_OK(price(entry, entry.direct, draft));
        }
        for (std::size_t i = 0; i < entry.prices.size(); ++i) {
            FilePrice one = entry.prices[i];
            if (i == 0 && fresh && one.from) {
                draft.released = *one.from;
                one.from = kBeginning;
            }
            TIDEMARK_CHECK_OK(price(entry, one, draft));
        }
        change_rows(draft.rows, from, until, [&](DraftRow& part) {
            part.row.us_geo_permille = entry.us_geo_permille.value_or(part.row.us_geo_permille);
            part.row.regional_permille = entry.regional_permille.value_or(part.row.regional_permille);
            part.row.batch_permille = entry.batch_permille.value_or(part.row.batch_permille);
            part.row.web_search_nano = entry.web_search_nano.value_or(part.row.web_search_nano);
            part.multiplier_micro = entry.multiplier_micro.value_or(part.multiplier_micro);
        });
        return {};
    }

    base::Result<void> name(const FileModel& entry, std::size_t at) {
        ModelPrices& model = drafts_[at].model;
        model.overridden = model.overridden || by_user_;
        model.family = entry.family.value_or(model.family);
        model.display = entry.display.value_or(model.display);
        model.note = entry.note.value_or(model.note);
        model.source = entry.source.value_or(by_user_ ? std::string(name_) : model.source);
        model.context_window = entry.context_window.value_or(model.context_window);
        for (const std::string& alias : entry.aliases) {
            const auto [found, added] = by_name_.emplace(alias, at);
            if (!added && found->second != at) {
                // The user's file may take an alias over, but not make two models one.
                ModelPrices& other = drafts_[found->second].model;
                if (other.id == alias || !by_user_ || named_here_.contains(alias)) {
                    return error(entry.line, "alias '" + alias + "' already belongs to model '" + other.id +
                                                 "'; take it out of one of them");
                }
                std::erase(other.aliases, alias);
                found->second = at;
            }
            if (by_user_) {
                named_here_.emplace(alias, at);
            }
            if (alias != model.id &&
                std::find(model.aliases.begin(), model.aliases.end(), alias) == model.aliases.end()) {
                model.aliases.push_back(alias);
            }
        }
        return {};
    }

    /// `like`: the other model's rows take the place of this one's.
    base::Result<void> copy(const FileModel& entry, std::size_t at, base::UnixMillis from, base::UnixMillis until) {
        const auto found = by_name_.find(*entry.like);
        if (found == by_name_.end() || found->second == at) {
            return error(entry.line,
                         "like = \"" + *entry.like + "\" of model '" + entry.id +
                             "' names no other model; use an id that the price list knows or one defined above");
        }
        const Draft& other = drafts_[found->second];
        Draft& draft = drafts_[at];
        std::vector<DraftRow> taken = other.rows;
        cut(taken, from);
        cut(taken, until);
        std::erase_if(taken, [&](const DraftRow& part) { return part.from < from || part.until > until; });
        if (taken.empty()) {
            return error(entry.line, "model '" + *entry.like + "' has no price in the given span");
        }
        cut(draft.rows, from);
        cut(draft.rows, until);
        std::erase_if(draft.rows, [&](const DraftRow& part) { return part.from >= from && part.until <= until; });
        draft.rows.insert(draft.rows.end(), taken.begin(), taken.end());
        std::sort(draft.rows.begin(), draft.rows.end(),
                  [](const DraftRow& a, const DraftRow& b) { return a.from < b.from; });
        if (draft.model.family == "other") {
            draft.model.family = other.model.family;
        }
        if (draft.model.context_window == 0) {
            draft.model.context_window = other.model.context_window;
        }
        return {};
    }

    base::Result<void> price(const FileModel& entry, const FilePrice& given, Draft& draft) const {
        const base::UnixMillis from = given.from.value_or(kBeginning);
        const base::UnixMillis until = given.until.value_or(kForever);
        if (draft.rows.empty() && !given.rates.complete()) {
            return error(given.line, "model '" + entry.id + "' is not in the price list and has no " +
                                         std::string(given.rates.first_missing()) +
                                         "; give all five prices or like = \"<a known model>\"");
        }
        if (given.rates.complete()) {
            DraftRow fresh;
            if (!draft.rows.empty()) {
                fresh = draft.rows.back();
                fresh.row.fast.reset();
                fresh.row.tier.reset();
            } else {
                fresh.multiplier_micro = general_micro_;
            }
            fill_gaps(draft.rows, from, until, fresh);
        }
        change_rows(draft.rows, from, until, [&](DraftRow& part) {
            part.row.rates = given.rates.over(part.row.rates);
            if (given.fast || given.no_fast) {
                part.row.fast = given.fast;
            }
            if (given.long_prompt || given.no_long_prompt) {
                part.row.tier = given.long_prompt;
            }
        });
        return {};
    }

    std::string_view name_;
    bool by_user_ = false;
    std::int64_t general_micro_ = kListPrice;
    std::vector<Draft> drafts_;
    Entries by_name_;     // ids and aliases -> position in drafts_
    Entries named_here_;  // aliases of the user's file
};

std::uint64_t hash_rates(std::uint64_t state, const Rates& rates) {
    for (const std::int64_t value :
         {rates.input, rates.output, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read}) {
        state = base::hash_combine(state, static_cast<std::uint64_t>(value));
    }
    return state;
}

std::uint64_t fingerprint_of(const std::vector<ModelPrices>& models) {
    std::uint64_t state = base::hash_combine(kRulesVersion, models.size());
    const auto mix = [&](std::int64_t value) { state = base::hash_combine(state, static_cast<std::uint64_t>(value)); };
    for (const ModelPrices& model : models) {
        state = base::hash64(model.id, state);
        for (const std::string& alias : model.aliases) {
            state = base::hash64(alias, state);
        }
        for (const PriceRow& row : model.rows) {
            mix(row.from);
            mix(row.until);
            state = hash_rates(state, row.rates);
            mix(row.fast ? 1 : 0);
            state = hash_rates(state, row.fast.value_or(Rates{}));
            mix(row.tier ? row.tier->above_prompt_tokens : -1);
            state = hash_rates(state, row.tier ? row.tier->rates : Rates{});
            mix(row.web_search_nano);
            mix(row.batch_permille);
            mix(row.us_geo_permille);
            mix(row.regional_permille);
        }
    }
    return state;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes `prefix` off the front of `text` when it is there.
bool take_front(std::string_view& text, std::string_view prefix) {
    const bool there = text.starts_with(prefix);
    text.remove_prefix(there ? prefix.size() : 0);
    return there;
}

bool take_back(std::string_view& text, std::string_view suffix) {
    const bool there = text.ends_with(suffix);
    text.remove_suffix(there ? suffix.size() : 0);
    return there;
}

/// "anthropic/us.anthropic.claude-x" -> "claude-x"; true when a region (other than global) was among the prefixes.
bool take_provider(std::string_view& id) {
    if (id.starts_with("arn:aws") &&
        (id.find(":inference-profile/") != id.npos || id.find(":foundation-model/") != id.npos)) {
        id.remove_prefix(id.rfind('/') + 1);
    }
    bool regional = false;
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view prefix :
             {"anthropic/", "openrouter/", "bedrock/", "vertex_ai/", "anthropic.", "global."}) {
            again = take_front(id, prefix) || again;
        }
        for (const std::string_view region : {"us.", "eu.", "apac.", "au.", "jp.", "us-gov."}) {
            if (take_front(id, region)) {
                regional = again = true;
            }
        }
    }
    return regional;
}

/// Bedrock's "-v1:0" or "-v1".
void take_version(std::string_view& id) {
    std::string_view head = id;
    if (const auto colon = head.rfind(':'); colon != head.npos && all_digits(head.substr(colon + 1))) {
        head = head.substr(0, colon);
    }
    if (const auto v = head.rfind("-v"); v != head.npos && all_digits(head.substr(v + 2))) {
        id = head.substr(0, v);
    }
}

bool take_date(std::string_view& id) {
    constexpr std::size_t kLength = 9;  // -YYYYMMDD
    if (id.size() <= kLength || id[id.size() - kLength] != '-' || !all_digits(id.substr(id.size() - kLength + 1))) {
        return false;
    }
    id.remove_suffix(kLength);
    return true;
}

const PriceRow* row_at(const ModelPrices& prices, base::UnixMillis time) {
    for (auto row = prices.rows.rbegin(); row != prices.rows.rend(); ++row) {
        if (row->from <= time || std::next(row) == prices.rows.rend()) {
            return row->until == 0 || time < row->until ? &*row : nullptr;
        }
    }
    return nullptr;
}

Wide token_cost(std::int64_t tokens, std::int64_t rate) { return Wide{std::max<std::int64_t>(tokens, 0)} * rate; }

/// TokenCounts::prompt() without its overflow on absurd counts.
Wide prompt_tokens(const model::TokenCounts& tokens) {
    return token_cost(tokens.input, 1) + token_cost(tokens.cache_write_5m, 1) + token_cost(tokens.cache_write_1h, 1) +
           token_cost(tokens.cache_read, 1);
}

}  // namespace

struct PriceBook::Index {
    std::unordered_map<std::string_view, const ModelPrices*, TextHash> models;

    [[nodiscard]] const ModelPrices* find(std::string_view id) const {
        const auto found = models.find(id);
        return found == models.end() ? nullptr : found->second;
    }
};

base::Result<std::shared_ptr<const PriceBook>> PriceBook::create(std::string_view user_toml,
                                                                 std::string_view user_file_name) {
    Maker maker;
    const base::EmbeddedFile& built_in = embedded::price_book.front();
    static const base::Result<PriceFile> facts = parse_price_file(built_in.bytes, built_in.path);
    if (!facts) {
        return tl::unexpected<base::Error>(facts.error());
    }
    TIDEMARK_CHECK_OK(maker.lay(*facts, built_in.path, false));
    if (!user_toml.empty()) {
        const std::string_view name = user_file_name.empty() ? built_in.path : user_file_name;
        TIDEMARK_TRY(const PriceFile user, parse_price_file(user_toml, name));
        TIDEMARK_CHECK_OK(maker.lay(user, name, true));
    }
    std::shared_ptr<PriceBook> book(new PriceBook);
    book->models_ = maker.finish();
    book->as_of_ = facts->as_of;
    book->fingerprint_ = fingerprint_of(book->models_);
    auto index = std::make_shared<Index>();
    index->models.reserve(book->models_.size() * 4);
    for (const ModelPrices& model : book->models_) {
        index->models.emplace(model.id, &model);
        for (const std::string& alias : model.aliases) {
            index->models.emplace(alias, &model);
        }
    }
    book->index_ = std::move(index);
    return std::shared_ptr<const PriceBook>(std::move(book));
}

ResolvedModel PriceBook::resolve(std::string_view model_as_given) const {
    ResolvedModel result;
    const auto found = [&](std::string_view id) {
        result.prices = index_->find(id);
        return result.prices != nullptr;
    };
    if (found(model_as_given)) {
        result.id = result.prices->id;
        return result;
    }
    std::string_view id = model_as_given;
    result.regional = take_provider(id);
    take_back(id, "[1m]");
    take_back(id, "@default");
    result.fast_id = !found(id) && take_back(id, "-fast");

    std::array<char, 256> letters;  // longer names are nobody's model id
    if (!found(id) && id.size() <= letters.size()) {
        std::memcpy(letters.data(), id.data(), id.size());
        if (const auto at = id.rfind('@'); at != id.npos && all_digits(id.substr(at + 1))) {
            letters[at] = '-';
        }
        id = std::string_view(letters.data(), id.size());
        take_version(id);
        if (!found(id) && !(take_date(id) && found(id))) {
            std::replace(letters.begin(), letters.begin() + static_cast<std::ptrdiff_t>(id.size()), '.', '-');
            found(id);
        }
    }
    const auto has_fast = [](const PriceRow& row) { return row.fast.has_value(); };
    if (result.prices == nullptr ||
        (result.fast_id && std::none_of(result.prices->rows.begin(), result.prices->rows.end(), has_fast))) {
        return {};
    }
    result.id = result.prices->id;
    return result;
}

std::optional<base::NanoUsd> PriceBook::cost(const ResolvedModel& model, const PriceQuery& query) const {
    const PriceRow* row = model.prices == nullptr ? nullptr : row_at(*model.prices, query.time);
    if (row == nullptr) {
        return std::nullopt;
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const bool batch = query.tier == model::ServiceTier::kBatch;
    Wide nano = 0;
    if (!query.free_refusal) {
        const Rates* rates = &row->rates;
        if (row->fast && !batch && (query.speed == model::Speed::kFast || model.fast_id)) {
            rates = &*row->fast;
        } else if (row->tier && prompt_tokens(query.tokens) > row->tier->above_prompt_tokens) {
            rates = &row->tier->rates;
        }
        const Wide pico = token_cost(query.tokens.input, rates->input) +
                          token_cost(query.tokens.output, rates->output) +
                          token_cost(query.tokens.cache_write_5m, rates->cache_write_5m) +
                          token_cost(query.tokens.cache_write_1h, rates->cache_write_1h) +
                          token_cost(query.tokens.cache_read, rates->cache_read);
        // 1e26 pico-USD are a hundred trillion dollars: the product with three permille factors of at most 10'000 each
        // still fits 128 bits.
        constexpr Wide kAbsurd = Wide{10'000'000'000'000} * 10'000'000'000'000;
        if (pico > kAbsurd) {
            return base::NanoUsd{kMost};
        }
        constexpr Wide kUnit = Wide{1'000} * 1'000'000'000;  // pico per nano, times the permille scale three times
        const Wide scaled = pico * (batch ? row->batch_permille : 1000) *
                            (query.geo == "us" ? row->us_geo_permille : 1000) *
                            (model.regional ? row->regional_permille : 1000);
        nano = (scaled + kUnit / 2) / kUnit;
    }
    nano += token_cost(query.web_searches, row->web_search_nano);
    return base::NanoUsd{nano > kMost ? kMost : static_cast<std::int64_t>(nano)};
}

}  // namespace tidemark::pricing
