// What a C++ type looks like in JSON. Structs are described once with TIDEMARK_DTO beside their definition; from that
// come the writer, the schema and the reader. The forms:
//   bool, integers, double       true, 1, 1.5 (a double that is not finite is null)
//   std::string                  "text" (UTF-8)
//   json::Time                   "2026-11-23T01:58:34.828Z"
//   base::NanoUsd                a number in USD
//   enum with EnumNames<E>       one of its names
//   std::optional<T>             T or null; always present, unless the struct is a TIDEMARK_REQUEST_DTO
//   std::vector<T>               [T, …]
//   std::map<std::string, T>     {"key": T, …}
//   described struct             {"member": …}, members of base structs first
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include "foundation/base/clock.hpp"
#include "foundation/base/money.hpp"

namespace tidemark::json {

/// A time that is written as RFC 3339 in UTC.
struct Time {
    base::UnixMillis value = 0;
    auto operator<=>(const Time&) const = default;
};

/// Specialise for each enum:  static constexpr std::string_view kName;  static constexpr std::array<std::string_view,
/// N> kNames, the texts of the values 0 … N-1.
template <class E>
struct EnumNames;

struct DtoTraits {
    std::string_view name;         ///< Name under components/schemas
    std::string_view description;  ///< One sentence for the API's documentation
    bool absent_ok = false;        ///< Optional members may be left out (request bodies)
};

enum class Kind { kBool, kInteger, kNumber, kString, kTime, kMoney, kEnum, kOptional, kArray, kMap, kObject };

struct Type;

struct Field {
    std::string_view name;
    const Type& (*type)();
    void* (*get)(void* object);  ///< Address of the member
};

/// A type at run time: what the schema and the reader work on.
struct Type {
    Kind kind = Kind::kObject;
    std::string_view name;                   ///< Enums and structs
    std::string_view description;            ///< Structs
    bool absent_ok = false;                  ///< Structs
    std::size_t bytes = 0;                   ///< Integers: size
    bool is_signed = false;                  ///< Integers
    std::vector<std::string_view> names;     ///< Enums
    std::vector<Field> fields;               ///< Structs
    const Type* element = nullptr;           ///< Optional, array, map
    void* (*append)(void* array) = nullptr;  ///< Adds a default element
    void* (*insert)(void* map,
                    std::string_view key) = nullptr;  ///< Adds a default value; nullptr when the key is there
    void* (*engage)(void* optional) = nullptr;        ///< Gives the optional a default value
    void (*reset)(void* optional) = nullptr;
    void (*set_enum)(void* value, std::size_t index) = nullptr;
};

namespace impl {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

}  // namespace impl

/// The run-time description of T; lives for ever. Thread-safe.
template <class T>
const Type& type_of() {
    static const Type type = [] {
        Type t;
        if constexpr (std::is_same_v<T, bool>) {
            t.kind = Kind::kBool;
        } else if constexpr (std::is_integral_v<T>) {
            t.kind = Kind::kInteger;
            t.bytes = sizeof(T);
            t.is_signed = std::is_signed_v<T>;
        } else if constexpr (std::is_same_v<T, double>) {
            t.kind = Kind::kNumber;
        } else if constexpr (std::is_same_v<T, std::string>) {
            t.kind = Kind::kString;
        } else if constexpr (std::is_same_v<T, Time>) {
            t.kind = Kind::kTime;
        } else if constexpr (std::is_same_v<T, base::NanoUsd>) {
            t.kind = Kind::kMoney;
        } else if constexpr (std::is_enum_v<T>) {
            t.kind = Kind::kEnum;
            t.name = EnumNames<T>::kName;
            t.names.assign(EnumNames<T>::kNames.begin(), EnumNames<T>::kNames.end());
            t.set_enum = [](void* value, std::size_t index) { *static_cast<T*>(value) = static_cast<T>(index); };
        } else if constexpr (impl::IsOptional<T>::value) {
            t.kind = Kind::kOptional;
            t.element = &type_of<typename T::value_type>();
            t.engage = [](void* value) -> void* { return &static_cast<T*>(value)->emplace(); };
            t.reset = [](void* value) { static_cast<T*>(value)->reset(); };
        } else if constexpr (impl::IsVector<T>::value) {
            t.kind = Kind::kArray;
            t.element = &type_of<typename T::value_type>();
            t.append = [](void* value) -> void* { return &static_cast<T*>(value)->emplace_back(); };
        } else if constexpr (impl::IsMap<T>::value) {
            t.kind = Kind::kMap;
            t.element = &type_of<typename T::mapped_type>();
            t.insert = [](void* value, std::string_view key) -> void* {
                auto [place, added] = static_cast<T*>(value)->try_emplace(std::string(key));
                return added ? &place->second : nullptr;
            };
        } else {
            const DtoTraits traits = dto_traits(static_cast<const T*>(nullptr));
            t.kind = Kind::kObject;
            t.name = traits.name;
            t.description = traits.description;
            t.absent_ok = traits.absent_ok;
            boost::mp11::mp_for_each<impl::Members<T>>([&t](auto member) {
                using Value = std::remove_cvref_t<decltype(std::declval<T&>().*decltype(member)::pointer)>;
                t.fields.push_back({decltype(member)::name, &type_of<Value>, [](void* object) -> void* {
                                        return &(static_cast<T*>(object)->*decltype(member)::pointer);
                                    }});
            });
        }
        return t;
    }();
    return type;
}

}  // namespace tidemark::json

/// TIDEMARK_DTO(UsageRow, "One row of …", (model, cost));  in the namespace of the struct, after it.
#define TIDEMARK_DTO(Name, Description, Members)                                     \
    BOOST_DESCRIBE_STRUCT(Name, (), Members)                                         \
    [[maybe_unused]] constexpr ::tidemark::json::DtoTraits dto_traits(const Name*) { \
        return {#Name, Description, false};                                          \
    }
/// As TIDEMARK_DTO, for a struct that extends others.
#define TIDEMARK_DTO_DERIVED(Name, Bases, Description, Members)                      \
    BOOST_DESCRIBE_STRUCT(Name, Bases, Members)                                      \
    [[maybe_unused]] constexpr ::tidemark::json::DtoTraits dto_traits(const Name*) { \
        return {#Name, Description, false};                                          \
    }
/// As TIDEMARK_DTO; std::optional members may also be left out.
#define TIDEMARK_REQUEST_DTO(Name, Description, Members)                             \
    BOOST_DESCRIBE_STRUCT(Name, (), Members)                                         \
    [[maybe_unused]] constexpr ::tidemark::json::DtoTraits dto_traits(const Name*) { \
        return {#Name, Description, true};                                           \
    }
