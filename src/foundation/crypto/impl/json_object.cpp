#include "foundation/crypto/impl/json_object.hpp"

#include <algorithm>

namespace tidemark::crypto::impl {

namespace {

bool has_zero(std::string_view text) { return text.find('\0') != std::string_view::npos; }

bool is_unambiguous(const JsonElement& value) {
    if (const auto text = text_of(value)) {
        return !has_zero(*text);
    }
    simdjson::dom::object object;
    if (value.get(object) == simdjson::SUCCESS) {
        std::vector<std::string_view> names;
        for (const auto& field : object) {
            names.push_back(field.key);
            if (has_zero(field.key) || !is_unambiguous(field.value)) {
                return false;
            }
        }
        std::ranges::sort(names);
        return std::ranges::adjacent_find(names) == names.end();
    }
    return std::ranges::all_of(elements_of(value), is_unambiguous);
}

}  // namespace

std::vector<JsonElement> elements_of(const std::optional<JsonElement>& value) {
    std::vector<JsonElement> elements;
    simdjson::dom::array array;
    if (value && value->get(array) == simdjson::SUCCESS) {
        elements.assign(array.begin(), array.end());
    }
    return elements;
}

std::optional<JsonObject> JsonObject::parse(std::string_view text) {
    JsonObject object(std::make_unique<simdjson::dom::parser>());
    if (object.parser_->parse(text.data(), text.size()).get(object.root_) != simdjson::SUCCESS ||
        !object.root_.is_object() || !is_unambiguous(object.root_)) {
        return std::nullopt;
    }
    return object;
}

}  // namespace tidemark::crypto::impl
