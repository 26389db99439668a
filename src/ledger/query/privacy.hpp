// How an organisation lets people see the usage of others: under pseudonyms, or in sums over many people only. Who asks
// sees the own usage by name. A Reach carries it, and every question to the engine obeys it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "foundation/base/clock.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::query {

enum class Dimension;

using Names = std::set<std::string, std::less<>>;

/// A value; thread-safe.
class Privacy {
public:
    enum class Mode {
        kPseudonyms,  ///< Every row of others is told, without names
        /// Rows of others are never told. Sums are told in whole days that are over: of all, by project or by model,
        /// each of at least minimum_people others, and so that what is left of all is of as many.
        kTotals,
    };
    struct Facts {
        Mode mode = Mode::kPseudonyms;
        Names own;                                                  ///< Members of the ledger that are who asks
        std::map<std::string, std::string, std::less<>> person_of;  ///< Other members: equal for those of one person
        Names names;                                                ///< Of others, in lower case
        /// Engine::member_names: they count as names too. Unset: none.
        std::function<std::shared_ptr<const Names>()> members;
        std::function<std::string(std::string_view name)> pseudonym;  ///< Stable, not to be guessed; thread-safe
        std::size_t minimum_people = 5;
        bool sums_of_others = true;        ///< kTotals; false: none, as a reach that can be chosen would tell two apart
        base::TimeZone zone;               ///< kTotals: whose days; one for all who ask
        base::UnixMillis known_until = 0;  ///< kTotals: the start of the present day there
        std::string id;                    ///< Equal only where all of the above is: what answers may be shared by
    };
    explicit Privacy(Facts facts);

    [[nodiscard]] const Facts& facts() const { return facts_; }
    [[nodiscard]] bool totals_only() const { return facts_.mode == Mode::kTotals; }
    /// What stands for a member.
    [[nodiscard]] std::string member(std::string_view name) const;
    /// A path, branch, … with pseudonyms for the names of others in it: names of home folders ("/home/ann/…",
    /// "C:\Users\ann\…"), and names that stand as an element of a path or as a word of one ("feature/ann-fix").
    [[nodiscard]] std::string text(std::string_view text) const;
    /// What stands for the key of a dimension.
    [[nodiscard]] std::string key(Dimension dimension, std::string_view key) const;
    /// Whether key() may change keys of that dimension.
    [[nodiscard]] static bool hides(Dimension dimension);

private:
    [[nodiscard]] bool is_name(std::string_view word, bool whole) const;
    void append_element(std::string& out, std::string_view element) const;

    Facts facts_;
    Names own_names_;  ///< In lower case
};

}  // namespace tidemark::query
