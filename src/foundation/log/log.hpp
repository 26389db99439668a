// Structured events on standard error. An event has a name in snake_case and key-value fields; never put content in
// them, and paths only at kDebug. Thread-safe.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace tidemark::log {

enum class Level { kDebug, kInfo, kWarn, kError };

/// One key with its value as text.
struct Field {
    Field(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
    Field(std::string_view field_key, const char* text) : key(field_key), value(text) {}
    Field(std::string_view field_key, bool flag) : key(field_key), value(flag ? "true" : "false") {}
    Field(std::string_view field_key, std::integral auto number) : key(field_key), value(std::to_string(number)) {}
    std::string_view key;
    std::string value;
};

/// The least level that is written; kInfo at first.
void set_level(Level level);
[[nodiscard]] bool enabled(Level level);

void event(Level level, std::string_view name, std::initializer_list<Field> fields = {});
inline void debug(std::string_view name, std::initializer_list<Field> fields = {}) {
    event(Level::kDebug, name, fields);
}
inline void info(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::kInfo, name, fields); }
inline void warn(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::kWarn, name, fields); }
inline void error(std::string_view name, std::initializer_list<Field> fields = {}) {
    event(Level::kError, name, fields);
}

/// The line that event() writes, without its time: "level=info event=x key=value". Values with spaces, quotes, '=' or
/// control characters are quoted and escaped.
[[nodiscard]] std::string format(Level level, std::string_view name, std::initializer_list<Field> fields);

}  // namespace tidemark::log
