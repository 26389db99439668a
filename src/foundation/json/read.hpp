// JSON text to described values, strictly: a request body is what the schema says, or it is refused with the reasons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "foundation/json/describe.hpp"

namespace tidemark::json {

/// What is wrong with one place of a document.
struct Problem {
    std::string path;     ///< "overrides[2].model"; "" is the document itself
    std::string message;  ///< "is not a known field (did you mean \"model\"?)"
};
using Problems = std::vector<Problem>;

/// Reads `text` into the object of `type` at `value`; the text is copied for padding. Gives at most 20 problems. A
/// syntax error ends the reading; everything else is collected. Thread-safe.
[[nodiscard]] Problems read_into(std::string_view text, const Type& type, void* value);

template <class T>
[[nodiscard]] tl::expected<T, Problems> read(std::string_view text) {
    T value{};
    if (Problems problems = read_into(text, type_of<T>(), &value); !problems.empty()) {
        return tl::unexpected<Problems>(std::move(problems));
    }
    return value;
}

}  // namespace tidemark::json
