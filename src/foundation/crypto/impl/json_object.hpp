// A JSON object as others wrote it, read strictly.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace tidemark::crypto::impl {

using JsonElement = simdjson::dom::element;

/// A member of an object; nothing when it is absent or `parent` is no object.
inline std::optional<JsonElement> member(const std::optional<JsonElement>& parent, std::string_view name) {
    JsonElement value;
    return parent && parent->is_object() && parent->at_key(name).get(value) == simdjson::SUCCESS ? std::optional(value)
                                                                                                 : std::nullopt;
}

/// Nothing when it is no text.
inline std::optional<std::string_view> text_of(const std::optional<JsonElement>& value) {
    std::string_view text;
    return value && value->get(text) == simdjson::SUCCESS ? std::optional(text) : std::nullopt;
}

/// Empty when it is no array.
std::vector<JsonElement> elements_of(const std::optional<JsonElement>& value);

class JsonObject {
public:
    /// Nothing unless it is one whole object (RFC 8259), 1024 levels deep at most. A name that stands twice is an
    /// error, at any depth: which of the two counts would be a matter of opinion. So is a zero in a text, where other
    /// programs stop reading.
    static std::optional<JsonObject> parse(std::string_view text);

    /// Valid as long as the object, which may be moved.
    [[nodiscard]] const JsonElement& root() const { return root_; }

private:
    explicit JsonObject(std::unique_ptr<simdjson::dom::parser> parser) : parser_(std::move(parser)) {}
    std::unique_ptr<simdjson::dom::parser> parser_;  // elements point into it
    JsonElement root_;
};

}  // namespace tidemark::crypto::impl
