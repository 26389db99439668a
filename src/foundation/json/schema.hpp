// Described types to OpenAPI 3.0.3 schemas.
#pragma once

#include <map>
#include <string>

#include "foundation/json/describe.hpp"

namespace tidemark::json {

/// Collects the schemas of structs and enums by name while references to them are made.
class Schemas {
public:
    /// The schema of a type: inline for plain values, {"$ref": …} for structs and enums, which are added to
    /// components().
    std::string reference(const Type& type);

    /// Name -> schema text, everything that was referred to, in alphabetical order.
    [[nodiscard]] const std::map<std::string, std::string>& components() const { return components_; }

private:
    std::map<std::string, std::string> components_;
};

}  // namespace tidemark::json
