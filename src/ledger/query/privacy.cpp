#include "ledger/query/privacy.hpp"

#include <algorithm>
#include <utility>

#include "ledger/query/query.hpp"

namespace tidemark::query {

namespace {

constexpr std::size_t kShortestWord = 3;  // shorter names are masked only as a whole element
constexpr std::size_t kMostWords = 4;     // of one name: "ann.van-der.berg" is longer than most
constexpr std::size_t kDeepestHome = 4;   // "/mnt/c/Users/ann": elements before a home folder's name
constexpr std::string_view kSeparators = "/\\:";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
    return result;
}

/// Bytes of other scripts count as letters.
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool holds_homes(std::string_view element) {
    const std::string name = lower(element);
    return name == "home" || name == "users";
}

}  // namespace

Privacy::Privacy(Facts facts) : facts_(std::move(facts)) {
    for (const std::string& name : facts_.own) {
        own_names_.insert(lower(name));
    }
}

std::string Privacy::member(std::string_view name) const {
    return name.empty() || facts_.own.contains(name) ? std::string(name) : facts_.pseudonym(name);
}

bool Privacy::is_name(std::string_view word, bool whole) const {
    if ((!whole && word.size() < kShortestWord) || facts_.own.contains(word)) {
        return false;
    }
    const std::string name = lower(word);
    return facts_.names.contains(name) ||
           (facts_.members && !own_names_.contains(name) && facts_.members()->contains(name));
}

void Privacy::append_element(std::string& out, std::string_view element) const {
    if (is_name(element, true)) {
        out += facts_.pseudonym(element);
        return;
    }
    std::string_view before;  // the client's name of a project's folder is its path with '-' for '/'
    const bool folded = element.starts_with('-');
    for (std::size_t at = 0; at < element.size();) {
        if (!is_letter(element[at])) {
            out += element[at++];
            continue;
        }
        // The longest name that begins here and ends with a word.
        std::size_t name_end = 0;
        std::size_t word_end = at;
        std::size_t first_word_end = 0;
        for (std::size_t words = 0; words < kMostWords && word_end < element.size(); ++words) {
            while (word_end < element.size() && !is_letter(element[word_end])) {
                ++word_end;
            }
            while (word_end < element.size() && is_letter(element[word_end])) {
                ++word_end;
            }
            first_word_end = first_word_end == 0 ? word_end : first_word_end;
            name_end = is_name(element.substr(at, word_end - at), false) ? word_end : name_end;
        }
        const std::string_view word = element.substr(at, first_word_end - at);
        if (folded && name_end == 0 && holds_homes(before) && !facts_.own.contains(word)) {
            name_end = first_word_end;
        }
        before = word;
        if (name_end != 0) {
            out += facts_.pseudonym(element.substr(at, name_end - at));
            at = name_end;
        } else {
            out += word;
            at = first_word_end;
        }
    }
}

std::string Privacy::text(std::string_view text) const {
    std::string out;
    std::string_view before;
    std::size_t depth = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(kSeparators, at), text.size());
        const std::string_view element = text.substr(at, end - at);
        if (!element.empty()) {
            const bool home = at > 0 && depth < kDeepestHome && holds_homes(before);
            if (home && !facts_.own.contains(element)) {
                out += facts_.pseudonym(element);
            } else {
                append_element(out, element);
            }
            before = element;
            ++depth;
        }
        if (end < text.size()) {
            out += text[end];
        }
        at = end + 1;
    }
    return out;
}

bool Privacy::hides(Dimension dimension) {
    switch (dimension) {
        case Dimension::kMember:
        case Dimension::kProject:
        case Dimension::kBranch:
        case Dimension::kAgent:
        case Dimension::kSkill:
        case Dimension::kPlugin:
        case Dimension::kMcpServer:
        case Dimension::kTool: return true;
        default: return false;
    }
}

std::string Privacy::key(Dimension dimension, std::string_view key) const {
    return !hides(dimension) ? std::string(key) : dimension == Dimension::kMember ? member(key) : text(key);
}

}  // namespace tidemark::query
