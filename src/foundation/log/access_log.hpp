// The access log: one line a request, in files that rotate. It names paths without their queries, which may hold
// secrets, and callers by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"

namespace tidemark::log {

struct AccessLine {
    base::UnixMillis time = 0;
    std::string_view remote;  ///< Address of the client
    std::string_view caller;  ///< "account:7", "key:3" or "-"
    std::string_view method;
    std::string_view path;  ///< As sent, without the query
    int status = 0;
    std::size_t bytes = 0;
    std::int64_t nanos = 0;
    std::string_view request_id;
};
/// "2026-11-23T10:00:00.000Z 10.0.0.7 account:7 GET /api/v1/overview 200 5120 0.8ms req_…"; control characters are
/// escaped.
[[nodiscard]] std::string format(const AccessLine& line);

/// Thread-safe. Lines reach the file at the latest when a buffer of some kilobytes is full, or by flush().
class AccessLog {
public:
    static constexpr std::size_t kFileBytes = std::size_t{16} << 20;
    static constexpr std::size_t kFiles = 5;  ///< access.log, access.1.log, …

    /// Appends to `path`; its folder must exist.
    static base::Result<std::unique_ptr<AccessLog>> open(const std::string& path, std::size_t file_bytes = kFileBytes,
                                                         std::size_t files = kFiles);
    ~AccessLog();
    void write(const AccessLine& line);
    void flush();

private:
    struct State;
    explicit AccessLog(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::log
