// The API's names of dimensions and metrics, and what is derived from sums.
#include "ledger/query/query.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace tidemark::query {

namespace {

struct DimensionName {
    Dimension dimension;
    std::string_view name;
};
constexpr std::array kDimensionNames = {
    DimensionName{Dimension::kProject, "project"},
    DimensionName{Dimension::kModel, "model"},
    DimensionName{Dimension::kBranch, "branch"},
    DimensionName{Dimension::kSession, "session"},
    DimensionName{Dimension::kKind, "kind"},
    DimensionName{Dimension::kTool, "tool"},
    DimensionName{Dimension::kVersion, "version"},
    DimensionName{Dimension::kEntrypoint, "entrypoint"},
    DimensionName{Dimension::kAgent, "agent"},
    DimensionName{Dimension::kSkill, "skill"},
    DimensionName{Dimension::kPlugin, "plugin"},
    DimensionName{Dimension::kMcpServer, "mcp_server"},
    DimensionName{Dimension::kEffort, "effort"},
    DimensionName{Dimension::kSpeed, "speed"},
    DimensionName{Dimension::kServiceTier, "service_tier"},
    DimensionName{Dimension::kGeo, "geo"},
    DimensionName{Dimension::kMember, "member"},
};

struct MetricName {
    Metric metric;
    std::string_view name;
    std::string_view unit;
};
constexpr std::array kMetricNames = {
    MetricName{Metric::kCost, "cost", "usd"},
    MetricName{Metric::kTotalTokens, "total_tokens", "tokens"},
    MetricName{Metric::kInputTokens, "input_tokens", "tokens"},
    MetricName{Metric::kOutputTokens, "output_tokens", "tokens"},
    MetricName{Metric::kThinkingTokens, "thinking_tokens", "tokens"},
    MetricName{Metric::kCacheWriteTokens, "cache_write_tokens", "tokens"},
    MetricName{Metric::kCacheReadTokens, "cache_read_tokens", "tokens"},
    MetricName{Metric::kRequests, "requests", "count"},
    MetricName{Metric::kSessions, "sessions", "count"},
    MetricName{Metric::kCacheHitRatio, "cache_hit_ratio", "ratio"},
    MetricName{Metric::kAverageDuration, "average_duration", "ms"},
    MetricName{Metric::kCostPerRequest, "cost_per_request", "usd"},
    MetricName{Metric::kWebSearches, "web_searches", "count"},
    MetricName{Metric::kToolCalls, "tool_calls", "count"},
    MetricName{Metric::kToolErrors, "tool_errors", "count"},
};

}  // namespace

std::optional<Dimension> dimension_from(std::string_view name) {
    if (name == "none") {
        return Dimension::kNone;
    }
    for (const DimensionName& entry : kDimensionNames) {
        if (entry.name == name) {
            return entry.dimension;
        }
    }
    return std::nullopt;
}

std::string_view to_string(Dimension dimension) {
    for (const DimensionName& entry : kDimensionNames) {
        if (entry.dimension == dimension) {
            return entry.name;
        }
    }
    return "none";
}

const std::vector<Dimension>& all_dimensions() {
    static const std::vector<Dimension> all = [] {
        std::vector<Dimension> result;
        result.reserve(std::size(kDimensionNames));
        for (const DimensionName& entry : kDimensionNames) {
            result.push_back(entry.dimension);
        }
        return result;
    }();
    return all;
}

std::optional<Metric> metric_from(std::string_view name) {
    for (const MetricName& entry : kMetricNames) {
        if (entry.name == name) {
            return entry.metric;
        }
    }
    return std::nullopt;
}

std::string_view to_string(Metric metric) { return kMetricNames[static_cast<std::size_t>(metric)].name; }

std::string_view unit_of(Metric metric) { return kMetricNames[static_cast<std::size_t>(metric)].unit; }

std::optional<double> Totals::cache_hit_ratio() const {
    const std::int64_t prompt = measures.tokens.prompt();
    if (prompt <= 0) {
        return std::nullopt;
    }
    return static_cast<double>(measures.tokens.cache_read) / static_cast<double>(prompt);
}

std::optional<double> Totals::average_duration_ms() const {
    if (measures.timed_requests <= 0) {
        return std::nullopt;
    }
    return static_cast<double>(measures.duration_ms) / static_cast<double>(measures.timed_requests);
}

Reach::Reach(bool everything, const std::set<std::string>& members, const std::set<std::string>& owned_projects,
             std::optional<std::set<std::string>> only_projects, std::shared_ptr<const Privacy> privacy)
    : everything_(everything),
      members_(members.begin(), members.end()),
      owned_projects_(owned_projects.begin(), owned_projects.end()),
      privacy_(std::move(privacy)) {
    if (only_projects) {
        only_projects_.emplace(only_projects->begin(), only_projects->end());
    }
    // Each text with its length: no two lists look the same.
    const auto add = [this](std::string_view what, const auto& texts) {
        key_ += what;
        for (const std::string& text : texts) {
            key_ += std::to_string(text.size()) + ":" + text;
        }
    };
    key_ = everything_ ? "all" : "some";
    add("|m", members_);
    add("|o", owned_projects_);
    if (only_projects_) {
        add("|p", *only_projects_);
    }
    if (privacy_) {
        key_ += "|v" + privacy_->facts().id;
    }
}

bool Reach::contains(std::string_view member, std::string_view project) const {
    return admits(project) && (everything_ || members_.contains(member) || owns(project));
}

std::shared_ptr<const Reach> Reach::rows() const {
    if (everything_ && !only_projects_) {
        return nullptr;
    }
    std::optional<std::set<std::string>> only;
    if (only_projects_) {
        only.emplace(only_projects_->begin(), only_projects_->end());
    }
    return std::make_shared<const Reach>(everything_, std::set<std::string>(members_.begin(), members_.end()),
                                         std::set<std::string>(owned_projects_.begin(), owned_projects_.end()),
                                         std::move(only));
}

std::shared_ptr<const Reach> Reach::own_rows() const {
    std::set<std::string> own;
    if (privacy_) {
        for (const std::string& member : privacy_->facts().own) {
            if (everything_ || members_.contains(member)) {
                own.insert(member);
            }
        }
    }
    std::optional<std::set<std::string>> only;
    if (only_projects_) {
        only.emplace(only_projects_->begin(), only_projects_->end());
    }
    return std::make_shared<const Reach>(false, std::move(own), std::set<std::string>(), std::move(only));
}

std::optional<model::UsageDelta> Reach::told(const model::UsageDelta& delta) const {
    if (!contains(delta.member, delta.project)) {
        return std::nullopt;
    }
    if (!privacy_) {
        return delta;
    }
    if (privacy_->totals_only() && !privacy_->facts().own.contains(delta.member)) {
        return std::nullopt;
    }
    model::UsageDelta out = delta;
    out.member = privacy_->member(delta.member);
    out.project = privacy_->text(delta.project);
    out.branch = privacy_->text(delta.branch);
    return out;
}

bool Scope::filtered() const {
    return reach != nullptr || std::any_of(filters.begin(), filters.end(),
                                           [](const Filter& filter) { return filter.dimension != Dimension::kNone; });
}

}  // namespace tidemark::query
