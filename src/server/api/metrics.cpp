#include "server/api/metrics.hpp"

#include <algorithm>

#include "foundation/json/write.hpp"
#include "server/api/routes.hpp"

namespace tidemark::api {
namespace {

std::string number(double value) {
    std::string out;
    json::append_number(out, value);
    return out;
}

void describe(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
    out += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) + " " +
           std::string(type) + "\n";
}

}  // namespace

Metrics::Metrics() {
    for (const Route& route : routes()) {
        routes_.emplace(route.id, std::make_unique<PerRoute>());
    }
    for (const std::string_view other : {"static", "docs", "none"}) {
        routes_.emplace(other, std::make_unique<PerRoute>());
    }
}

void Metrics::observe(const net::Served& served) {
    const auto place = routes_.find(served.route);
    PerRoute& route = *(place == routes_.end() ? routes_.find("none") : place)->second;
    const auto status = std::find(kStatuses.begin(), kStatuses.end() - 1, served.status);
    route.statuses[static_cast<std::size_t>(status - kStatuses.begin())].fetch_add(1, std::memory_order_relaxed);
    const double seconds = static_cast<double>(served.nanos) / 1e9;
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    route.durations[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
    route.nanos.fetch_add(served.nanos, std::memory_order_relaxed);
}

std::string Metrics::text(const std::vector<Figure>& figures) const {
    std::string out;
    describe(out, "tidemark_http_requests_total", "Answered requests by route and status.", "counter");
    for (const auto& [name, route] : routes_) {
        for (std::size_t i = 0; i < kStatuses.size(); ++i) {
            if (const std::int64_t count = route->statuses[i].load(std::memory_order_relaxed); count != 0) {
                out += "tidemark_http_requests_total{route=\"" + name + "\",status=\"" +
                       (kStatuses[i] == 0 ? "other" : std::to_string(kStatuses[i])) + "\"} " + std::to_string(count) +
                       "\n";
            }
        }
    }
    describe(out, "tidemark_http_request_duration_seconds",
             "From the end of a request's head to the start of its answer.", "histogram");
    for (const auto& [name, route] : routes_) {
        std::array<std::int64_t, kBounds.size() + 1> counts{};
        std::int64_t total = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            total += counts[i] = route->durations[i].load(std::memory_order_relaxed);
        }
        if (total == 0) {
            continue;
        }
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            sum += counts[i];
            out += "tidemark_http_request_duration_seconds_bucket{route=\"" + name + "\",le=\"" +
                   (i < kBounds.size() ? number(kBounds[i]) : "+Inf") + "\"} " + std::to_string(sum) + "\n";
        }
        out += "tidemark_http_request_duration_seconds_sum{route=\"" + name + "\"} " +
               number(static_cast<double>(route->nanos.load(std::memory_order_relaxed)) / 1e9) + "\n";
        out += "tidemark_http_request_duration_seconds_count{route=\"" + name + "\"} " + std::to_string(total) + "\n";
    }
    std::string_view last;
    for (const Figure& figure : figures) {
        if (figure.name != last) {
            describe(out, figure.name, figure.help, figure.is_counter() ? "counter" : "gauge");
            last = figure.name;
        }
        out += figure.name + (figure.labels.empty() ? " " : "{" + figure.labels + "} ") + number(figure.value) + "\n";
    }
    return out;
}

}  // namespace tidemark::api
