#include "foundation/log/access_log.hpp"

#include <array>
#include <cstdio>

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include "foundation/base/time.hpp"

namespace tidemark::log {

namespace {

/// Everything that could end a line or steer a terminal, as \xNN.
void append_safe(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    if (text.empty()) {
        out += '-';
    }
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte == 0x7f || byte == '\\') {
            out += "\\x";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        } else {
            out += c;
        }
    }
}

}  // namespace

std::string format(const AccessLine& line) {
    std::string out = base::to_rfc3339(line.time);
    for (const std::string_view part : {line.remote, line.caller, line.method, line.path}) {
        out += ' ';
        append_safe(out, part);
    }
    std::array<char, 32> millis{};
    std::snprintf(millis.data(), millis.size(), "%.1fms", static_cast<double>(line.nanos) / 1e6);
    out += " " + std::to_string(line.status) + " " + std::to_string(line.bytes) + " " + millis.data() + " ";
    append_safe(out, line.request_id);
    return out;
}

struct AccessLog::State {
    explicit State(std::shared_ptr<spdlog::sinks::rotating_file_sink_mt> sink) : logger("access", std::move(sink)) {
        logger.set_pattern("%v");
    }
    spdlog::logger logger;
};

AccessLog::AccessLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
AccessLog::~AccessLog() = default;

base::Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path, std::size_t file_bytes,
                                                         std::size_t files) {
    try {
        // The sink counts the files beside the first.
        return std::unique_ptr<AccessLog>(new AccessLog(std::make_unique<State>(
            std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, file_bytes, files - 1))));
    } catch (const spdlog::spdlog_ex& error) {
        return base::fail(base::ErrorCode::kPermissionDenied,
                          "the access log " + path + " cannot be written: " + error.what());
    }
}

void AccessLog::write(const AccessLine& line) { state_->logger.info(format(line)); }

void AccessLog::flush() { state_->logger.flush(); }

}  // namespace tidemark::log
