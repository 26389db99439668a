// Values to JSON text.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "foundation/json/describe.hpp"

namespace tidemark::json {

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so the output is always
/// valid.
void append_string(std::string& out, std::string_view text);
/// Appends the shortest decimal that reads back as the same double; null when it is not finite.
void append_number(std::string& out, double value);
/// Appends a quoted RFC 3339 time.
void append_time(std::string& out, base::UnixMillis time);

/// Appends `value` as JSON without spaces.
template <class T>
void append(std::string& out, const T& value) {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) {
        append_string(out, value);
    } else if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        out.append(digits.data(), end);
    } else if constexpr (std::is_same_v<T, double>) {
        append_number(out, value);
    } else if constexpr (std::is_same_v<T, Time>) {
        append_time(out, value.value);
    } else if constexpr (std::is_same_v<T, base::NanoUsd>) {
        append_number(out, value.dollars());
    } else if constexpr (std::is_enum_v<T>) {
        append_string(out, EnumNames<T>::kNames[static_cast<std::size_t>(value)]);
    } else if constexpr (impl::IsOptional<T>::value) {
        if (value) {
            append(out, *value);
        } else {
            out += "null";
        }
    } else if constexpr (impl::IsVector<T>::value) {
        out += '[';
        bool first = true;
        for (const auto& element : value) {
            if (!first) {
                out += ',';
            }
            first = false;
            append(out, element);
        }
        out += ']';
    } else if constexpr (impl::IsMap<T>::value) {
        out += '{';
        bool first = true;
        for (const auto& [key, element] : value) {
            if (!first) {
                out += ',';
            }
            first = false;
            append_string(out, key);
            out += ':';
            append(out, element);
        }
        out += '}';
    } else {
        out += '{';
        bool first = true;
        boost::mp11::mp_for_each<impl::Members<T>>([&](auto member) {
            if (!first) {
                out += ',';
            }
            first = false;
            out += '"';
            out += decltype(member)::name;
            out += "\":";
            append(out, value.*decltype(member)::pointer);
        });
        out += '}';
    }
}

template <class T>
[[nodiscard]] std::string to_text(const T& value) {
    std::string out;
    append(out, value);
    return out;
}

/// The same JSON with line breaks and two-space indents, for files that people and diffs read. `text` must be valid
/// JSON.
[[nodiscard]] std::string indent(std::string_view text);

}  // namespace tidemark::json
