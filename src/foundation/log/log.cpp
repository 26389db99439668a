#include "foundation/log/log.hpp"

#include <atomic>
#include <memory>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "foundation/base/time.hpp"

namespace tidemark::log {
namespace {

std::atomic<Level> least{Level::kInfo};

spdlog::logger& logger() {
    // Never destroyed: background threads may still log while statics go away.
    static auto* const instance = [] {
        auto* made = new spdlog::logger("tidemark", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        return made;
    }();
    return *instance;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::kDebug: return "debug";
        case Level::kInfo: return "info";
        case Level::kWarn: return "warn";
        case Level::kError: return "error";
    }
    return "error";
}

void append_value(std::string& line, std::string_view value) {
    const auto is_plain = [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7F;
    };
    bool plain = !value.empty();
    for (const char c : value) {
        plain = plain && is_plain(c);
    }
    if (plain) {
        line += value;
        return;
    }
    line += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            line += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "?";
        } else {
            line += c;
        }
    }
    line += '"';
}

}  // namespace

void set_level(Level level) { least = level; }

bool enabled(Level level) { return level >= least.load(std::memory_order_relaxed); }

std::string format(Level level, std::string_view name, std::initializer_list<Field> fields) {
    std::string line = "level=";
    line += name_of(level);
    line += " event=";
    append_value(line, name);
    for (const Field& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        append_value(line, field.value);
    }
    return line;
}

void event(Level level, std::string_view name, std::initializer_list<Field> fields) {
    if (!enabled(level)) {
        return;
    }
    const std::string line = "time=" + base::to_rfc3339(base::now()) + ' ' + format(level, name, fields);
    logger().log(level >= Level::kWarn ? spdlog::level::err : spdlog::level::info, spdlog::string_view_t(line));
    if (level >= Level::kWarn) {
        logger().flush();
    }
}

}  // namespace tidemark::log
