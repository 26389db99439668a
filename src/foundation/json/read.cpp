#include "foundation/json/read.hpp"

#include <cstdint>
#include <limits>

#include <simdjson.h>

#include "foundation/base/suggest.hpp"
#include "foundation/base/time.hpp"

namespace tidemark::json {
namespace {

namespace od = simdjson::ondemand;

constexpr std::size_t kMostProblems = 20;

class Reading {
public:
    Problems problems;

    /// False ends the reading: the text is not JSON, or there are too many problems.
    bool value(od::value in, const Type& type, void* out);
    bool syntax(simdjson::error_code code) {
        problems.push_back({path_, std::string("is not valid JSON: ") + simdjson::error_message(code)});
        return false;
    }
    bool note(std::string message) {
        problems.push_back({path_, std::move(message)});
        return problems.size() < kMostProblems;
    }

private:
    bool object(od::value in, const Type& type, void* out);
    bool array(od::value in, const Type& type, void* out);
    bool map(od::value in, const Type& type, void* out);
    bool integer(od::value in, const Type& type, void* out);
    bool number(od::value in, const Type& type, void* out);
    bool text(od::value in, const Type& type, void* out);

    /// Appends a step to the path for as long as it lives.
    class Step {
    public:
        Step(std::string& path, std::string_view name) : path_(path), size_(path.size()) {
            if (size_ != 0 && !name.starts_with('[')) {
                path_ += '.';
            }
            path_ += name;
        }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { path_.resize(size_); }

    private:
        std::string& path_;
        std::size_t size_;
    };

    std::string path_;
};

bool Reading::integer(od::value in, const Type& type, void* out) {
    std::int64_t number = 0;
    if (const auto error = in.get_int64().get(number); error != simdjson::SUCCESS) {
        return note("must be a whole number");
    }
    const auto fits = [&]<class T>(T*) {
        if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
            (sizeof(T) < sizeof(number) && number > static_cast<std::int64_t>(std::numeric_limits<T>::max()))) {
            return note("is out of range");
        }
        *static_cast<T*>(out) = static_cast<T>(number);
        return true;
    };
    switch (type.bytes * 2 + (type.is_signed ? 1U : 0U)) {
        case 2: return fits(static_cast<std::uint8_t*>(nullptr));
        case 3: return fits(static_cast<std::int8_t*>(nullptr));
        case 4: return fits(static_cast<std::uint16_t*>(nullptr));
        case 5: return fits(static_cast<std::int16_t*>(nullptr));
        case 8: return fits(static_cast<std::uint32_t*>(nullptr));
        case 9: return fits(static_cast<std::int32_t*>(nullptr));
        case 16: return fits(static_cast<std::uint64_t*>(nullptr));
        default: return fits(static_cast<std::int64_t*>(nullptr));
    }
}

bool Reading::number(od::value in, const Type& type, void* out) {
    double number = 0;
    if (in.get_double().get(number) != simdjson::SUCCESS) {
        return note("must be a number");
    }
    if (type.kind == Kind::kNumber) {
        *static_cast<double*>(out) = number;
        return true;
    }
    constexpr double kMostDollars = 9.0e9;
    if (!(number >= -kMostDollars && number <= kMostDollars)) {
        return note("is out of range");
    }
    static_cast<base::NanoUsd*>(out)->value = static_cast<std::int64_t>(number * 1e9 + (number < 0 ? -0.5 : 0.5));
    return true;
}

bool Reading::text(od::value in, const Type& type, void* out) {
    std::string_view text;
    if (const auto error = in.get_string().get(text); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE ? note("must be a string") : syntax(error);
    }
    if (type.kind == Kind::kString) {
        *static_cast<std::string*>(out) = text;
        return true;
    }
    if (type.kind == Kind::kTime) {
        const auto time = base::parse_rfc3339(text);
        if (!time) {
            return note("must be a time such as 2026-11-23T01:58:34Z");
        }
        static_cast<Time*>(out)->value = *time;
        return true;
    }
    for (std::size_t i = 0; i < type.names.size(); ++i) {
        if (type.names[i] == text) {
            type.set_enum(out, i);
            return true;
        }
    }
    std::string names;
    for (const std::string_view name : type.names) {
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    return note("must be one of " + names);
}

bool Reading::array(od::value in, const Type& type, void* out) {
    od::array array;
    if (const auto error = in.get_array().get(array); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE ? note("must be an array") : syntax(error);
    }
    std::size_t index = 0;
    for (auto item : array) {
        od::value element;
        if (const auto error = item.get(element); error != simdjson::SUCCESS) {
            return syntax(error);
        }
        const Step step(path_, "[" + std::to_string(index++) + "]");
        if (!value(element, *type.element, type.append(out))) {
            return false;
        }
    }
    return true;
}

bool Reading::map(od::value in, const Type& type, void* out) {
    od::object object;
    if (const auto error = in.get_object().get(object); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE ? note("must be an object") : syntax(error);
    }
    for (auto item : object) {
        std::string_view key;
        if (const auto error = item.unescaped_key().get(key); error != simdjson::SUCCESS) {
            return syntax(error);
        }
        const Step step(path_, key);
        void* const place = type.insert(out, key);
        if (place == nullptr) {
            if (!note("is there twice")) {
                return false;
            }
            continue;
        }
        if (!value(item.value(), *type.element, place)) {
            return false;
        }
    }
    return true;
}

bool Reading::object(od::value in, const Type& type, void* out) {
    od::object object;
    if (const auto error = in.get_object().get(object); error != simdjson::SUCCESS) {
        return error == simdjson::INCORRECT_TYPE ? note("must be an object") : syntax(error);
    }
    std::vector<bool> seen(type.fields.size());
    for (auto item : object) {
        std::string_view key;
        if (const auto error = item.unescaped_key().get(key); error != simdjson::SUCCESS) {
            return syntax(error);
        }
        const Step step(path_, key);
        std::size_t i = 0;
        while (i < type.fields.size() && type.fields[i].name != key) {
            ++i;
        }
        if (i == type.fields.size()) {
            std::vector<std::string_view> names;
            for (const Field& field : type.fields) {
                names.push_back(field.name);
            }
            if (!note("is not a known field" + base::did_you_mean(key, names))) {
                return false;
            }
            continue;
        }
        if (seen[i]) {
            if (!note("is there twice")) {
                return false;
            }
            continue;
        }
        seen[i] = true;
        if (!value(item.value(), type.fields[i].type(), type.fields[i].get(out))) {
            return false;
        }
    }
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        if (!seen[i] && !(type.absent_ok && type.fields[i].type().kind == Kind::kOptional)) {
            const Step step(path_, type.fields[i].name);
            if (!note("is missing")) {
                return false;
            }
        }
    }
    return true;
}

bool Reading::value(od::value in, const Type& type, void* out) {
    switch (type.kind) {
        case Kind::kBool:
            return in.get_bool().get(*static_cast<bool*>(out)) == simdjson::SUCCESS || note("must be true or false");
        case Kind::kInteger: return integer(in, type, out);
        case Kind::kNumber:
        case Kind::kMoney: return number(in, type, out);
        case Kind::kString:
        case Kind::kTime:
        case Kind::kEnum: return text(in, type, out);
        case Kind::kArray: return array(in, type, out);
        case Kind::kMap: return map(in, type, out);
        case Kind::kObject: return object(in, type, out);
        case Kind::kOptional: break;
    }
    bool is_null = false;
    if (const auto error = in.is_null().get(is_null); error != simdjson::SUCCESS) {
        return note("must be a value or null");
    }
    if (is_null) {
        type.reset(out);
        return true;
    }
    return value(in, *type.element, type.engage(out));
}

}  // namespace

Problems read_into(std::string_view text, const Type& type, void* value) {
    thread_local od::parser parser;
    Reading reading;
    const simdjson::padded_string padded(text);
    od::document document;
    if (const auto error = parser.iterate(padded).get(document); error != simdjson::SUCCESS) {
        reading.syntax(error);
        return std::move(reading.problems);
    }
    od::value root;
    if (const auto error = document.get_value().get(root); error != simdjson::SUCCESS) {
        if (error == simdjson::SCALAR_DOCUMENT_AS_VALUE) {
            reading.note(type.kind == Kind::kArray ? "must be an array" : "must be an object");
        } else {
            reading.syntax(error);
        }
        return std::move(reading.problems);
    }
    if (reading.value(root, type, value) && reading.problems.empty() &&
        document.current_location().error() != simdjson::OUT_OF_BOUNDS) {  // 3.0 has no at_end()
        reading.note("has more text after its end");
    }
    return std::move(reading.problems);
}

}  // namespace tidemark::json
