// How the parameters of a route are written down.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/api/routes.hpp"

namespace tidemark::api::parameters {

using Parameters = std::vector<Parameter>;

template <class T>
[[nodiscard]] const json::Type* dto() {
    return &json::type_of<T>();
}

[[nodiscard]] inline Parameter text(std::string_view name, std::string_view description) {
    return {.name = name, .type = ParameterType::kString, .description = description};
}

[[nodiscard]] inline Parameter time(std::string_view name, std::string_view description) {
    return {.name = name, .type = ParameterType::kTime, .description = description};
}

[[nodiscard]] inline Parameter in_path(std::string_view name, std::string_view description) {
    return {.name = name, .type = ParameterType::kString, .description = description, .in_path = true};
}

[[nodiscard]] inline Parameter repeated(std::string_view name, std::string_view description) {
    return {.name = name, .type = ParameterType::kString, .description = description, .repeatable = true};
}

[[nodiscard]] inline Parameter number(std::string_view name, std::string_view description,
                                      std::string_view default_text, std::int64_t minimum, std::int64_t maximum) {
    return {.name = name,
            .type = ParameterType::kInteger,
            .description = description,
            .default_text = default_text,
            .minimum = minimum,
            .maximum = maximum};
}

template <class E>
[[nodiscard]] Parameter choice(std::string_view name, std::string_view description, std::string_view default_text) {
    return {.name = name,
            .type = ParameterType::kEnum,
            .description = description,
            .default_text = default_text,
            .enumeration = dto<E>()};
}

template <class E>
[[nodiscard]] Parameter choices(std::string_view name, std::string_view description) {
    Parameter parameter = choice<E>(name, description, "");
    parameter.repeatable = true;
    return parameter;
}

[[nodiscard]] inline Parameter id_in_path(std::string_view name, std::string_view description) {
    return {.name = name, .type = ParameterType::kInteger, .description = description, .minimum = 1, .in_path = true};
}

}  // namespace tidemark::api::parameters
