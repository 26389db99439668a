#include "foundation/json/schema.hpp"

#include "foundation/json/write.hpp"

namespace tidemark::json {

std::string Schemas::reference(const Type& type) {
    switch (type.kind) {
        case Kind::kBool: return R"({"type":"boolean"})";
        case Kind::kInteger:
            return type.bytes == 8 ? R"({"type":"integer","format":"int64"})"
                                   : R"({"type":"integer","format":"int32"})";
        case Kind::kNumber:
        case Kind::kMoney: return R"({"type":"number","format":"double"})";
        case Kind::kString: return R"({"type":"string"})";
        case Kind::kTime: return R"({"type":"string","format":"date-time"})";
        case Kind::kArray: return R"({"type":"array","items":)" + reference(*type.element) + "}";
        case Kind::kMap: return R"({"type":"object","additionalProperties":)" + reference(*type.element) + "}";
        case Kind::kOptional: {
            std::string schema = reference(*type.element);
            if (schema.starts_with(R"({"$ref")")) {  // OpenAPI 3.0 ignores everything beside a $ref
                return R"({"nullable":true,"allOf":[)" + schema + "]}";
            }
            schema.insert(schema.size() - 1, R"(,"nullable":true)");
            return schema;
        }
        case Kind::kEnum:
        case Kind::kObject: break;
    }
    const std::string name(type.name);
    if (const auto [place, added] = components_.try_emplace(name); added) {
        std::string schema;
        if (type.kind == Kind::kEnum) {
            schema = R"({"type":"string","enum":)" + to_text(type.names) + "}";
        } else {
            std::string properties;
            std::string required;
            for (const Field& field : type.fields) {
                const Type& field_type = field.type();
                properties += properties.empty() ? "" : ",";
                append_string(properties, field.name);
                properties += ':' + reference(field_type);
                if (!(type.absent_ok && field_type.kind == Kind::kOptional)) {
                    required += required.empty() ? "" : ",";
                    append_string(required, field.name);
                }
            }
            schema = R"({"type":"object")";
            if (!type.description.empty()) {
                schema += R"(,"description":)" + to_text(type.description);
            }
            if (!required.empty()) {
                schema += R"(,"required":[)" + required + "]";
            }
            schema += R"(,"properties":{)" + properties + R"(},"additionalProperties":false})";
        }
        components_[name] = std::move(schema);
    }
    return R"({"$ref":"#/components/schemas/)" + name + "\"}";
}

}  // namespace tidemark::json
