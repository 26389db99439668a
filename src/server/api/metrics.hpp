// The numbers of /metrics, in Prometheus' text format (version 0.0.4).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/net/server.hpp"

namespace tidemark::api {

/// One number with its name ("tidemark_…"; counters end in _total).
struct Figure {
    std::string name;
    std::string help;
    double value = 0;
    std::string labels = {};  ///< "path=\"x\"", already escaped; "" = none
    [[nodiscard]] bool is_counter() const { return name.ends_with("_total"); }
};

/// Counts requests. Thread-safe and lock-free.
class Metrics {
public:
    Metrics();
    void observe(const net::Served& served);
    /// Requests by route and status, their durations, then the given figures (those of one name must stand together).
    [[nodiscard]] std::string text(const std::vector<Figure>& figures) const;

private:
    static constexpr std::array<double, 12> kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                    0.05,   0.1,   0.25,   0.5,   1,    2.5};
    static constexpr std::array<int, 22> kStatuses{200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409,
                                                   413, 415, 417, 421, 429, 431, 500, 501, 503, 0};  // 0: any other
    struct PerRoute {
        std::array<std::atomic<std::int64_t>, kStatuses.size()> statuses{};
        std::array<std::atomic<std::int64_t>, kBounds.size() + 1> durations{};
        std::atomic<std::int64_t> nanos{0};
    };
    std::map<std::string, std::unique_ptr<PerRoute>, std::less<>> routes_;  // fixed after the constructor
};

}  // namespace tidemark::api
