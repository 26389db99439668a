#include "desk/reports/report.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "desk/reports/model_name.hpp"

namespace tidemark::report {

namespace {

constexpr std::pair<Kind, std::string_view> kKinds[] = {
    {Kind::kDaily, "daily"},   {Kind::kWeekly, "weekly"},   {Kind::kMonthly, "monthly"}, {Kind::kSession, "session"},
    {Kind::kBlocks, "blocks"}, {Kind::kProject, "project"}, {Kind::kModel, "model"},
};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

std::string last_component(std::string_view path) {
    const auto at = path.find_last_of("/\\");
    return std::string(at == std::string_view::npos ? path : path.substr(at + 1));
}

/// The keys that what a person typed means: exactly, else by name, else as a part.
base::Result<std::vector<std::string>> resolve(const query::Engine& engine, query::Dimension dimension,
                                               const std::vector<std::string>& typed) {
    const auto values = engine.values(dimension);
    std::set<std::string> keys;
    for (const std::string& word : typed) {
        const auto take = [&](auto matches) {
            bool any = false;
            for (const query::GroupKey& value : values) {
                if (matches(value)) {
                    keys.insert(value.key);
                    any = true;
                }
            }
            return any;
        };
        const std::string folded = lower(word);
        const bool found =
            take([&](const query::GroupKey& value) { return value.key == word; }) ||
            take([&](const query::GroupKey& value) {
                return lower(value.label) == folded || lower(last_component(value.key)) == folded ||
                       lower(short_model(value.key)) == folded;
            }) ||
            take([&](const query::GroupKey& value) { return lower(value.key).find(folded) != std::string::npos; });
        if (!found) {
            std::string known;
            for (const query::GroupKey& value : values) {
                known += (known.empty() ? "; there are " : ", ") + value.label;
                if (known.size() > 300) {
                    known += ", …";
                    break;
                }
            }
            return base::fail(base::ErrorCode::kInvalidArgument, "no " + std::string(query::to_string(dimension)) +
                                                                     " '" + word + "' in the ledger" + known);
        }
    }
    return std::vector<std::string>(keys.begin(), keys.end());
}

bool dearer(const model::Measures& a, std::string_view name_a, const model::Measures& b, std::string_view name_b) {
    return std::tuple(-a.cost.value, -a.tokens.total(), name_a) < std::tuple(-b.cost.value, -b.tokens.total(), name_b);
}

std::string model_name(const query::Engine::PairTotals& pair) {
    return pair.second.key + (pair.speed == model::Speed::kFast ? "-fast" : "");
}

}  // namespace

std::optional<Kind> kind_from(std::string_view name) {
    for (const auto& [kind, text] : kKinds) {
        if (text == name) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string_view to_string(Kind kind) {
    for (const auto& [candidate, text] : kKinds) {
        if (candidate == kind) {
            return text;
        }
    }
    return {};
}

bool Report::incomplete() const { return totals.unpriced_requests > 0 || totals.incomplete_requests > 0; }

base::Result<Report> build(const query::Engine& engine, const Options& options) {
    Report report;
    report.options = options;
    query::Scope scope;
    scope.zone = options.zone;
    scope.week_start = options.week_start;
    if (options.since && options.until && *options.until < *options.since) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            "--until " + base::to_string(*options.until) + " is before --since " + base::to_string(*options.since));
    }
    const auto day_after = [](base::CivilDate date) { return base::civil_from_days(base::days_from_civil(date) + 1); };
    scope.from = options.since ? options.zone.start_of(*options.since) : 0;
    scope.to = options.until ? options.zone.start_of(day_after(*options.until))
                             : std::max(options.now, engine.newest()) + base::kDay;
    if (const base::UnixMillis oldest = engine.oldest(); oldest > scope.from) {
        scope.from = options.zone.start_of(options.zone.date_of(oldest));  // no empty days since 1970
    }
    scope.to = std::max(scope.to, scope.from);
    if (!options.projects.empty()) {
        TIDEMARK_TRY(auto keys, resolve(engine, query::Dimension::kProject, options.projects));
        scope.filters.push_back({query::Dimension::kProject, std::move(keys)});
    }
    if (!options.models.empty()) {
        TIDEMARK_TRY(auto keys, resolve(engine, query::Dimension::kModel, options.models));
        scope.filters.push_back({query::Dimension::kModel, std::move(keys)});
    }

    std::set<std::string> unpriced;
    if (options.kind == Kind::kBlocks) {
        // Blocks hang together: they are cut over all time, then those that begin on the days asked for are shown.
        query::Scope all = scope;
        all.from = 0;
        all.to = std::max(options.now, engine.newest()) + base::kDay;
        TIDEMARK_TRY(auto blocks, engine.blocks(all, options.now));
        for (query::Block& block : blocks) {
            const base::CivilDate day = options.zone.date_of(block.start);
            if ((options.since && day < *options.since) || (options.until && *options.until < day)) {
                continue;
            }
            Row row;
            row.key = (block.gap ? "gap-" : "") + base::to_rfc3339(block.start);
            row.measures = block.measures;
            report.totals += block.measures;
            row.block = std::move(block);
            report.rows.push_back(std::move(row));
        }
        if (report.totals.unpriced_requests > 0) {
            TIDEMARK_TRY(const auto parts, engine.pairs(scope, {scope.from, scope.to}, query::Dimension::kNone,
                                                        query::Dimension::kModel, true));
            for (const auto& part : parts) {
                if (part.totals.measures.unpriced_requests > 0) {
                    unpriced.insert(model_name(part));
                }
            }
        }
        report.unpriced_models.assign(unpriced.begin(), unpriced.end());
        return report;
    }

    std::vector<base::UnixMillis> edges = {scope.from, scope.to};
    query::Dimension first = query::Dimension::kNone;
    switch (options.kind) {
        case Kind::kDaily: edges = options.zone.edges(scope.from, scope.to, base::Bucket::k1d); break;
        case Kind::kWeekly:
            edges = options.zone.edges(scope.from, scope.to, base::Bucket::k1w, options.week_start);
            break;
        case Kind::kMonthly: edges = options.zone.edges(scope.from, scope.to, base::Bucket::k1mo); break;
        case Kind::kSession: first = query::Dimension::kSession; break;
        case Kind::kProject: first = query::Dimension::kProject; break;
        case Kind::kModel:
        case Kind::kBlocks: break;
    }
    TIDEMARK_TRY(const auto pairs, engine.pairs(scope, edges, first, query::Dimension::kModel, true));
    std::map<std::pair<std::size_t, std::string>, Row> rows;
    for (const auto& pair : pairs) {
        const std::string model = model_name(pair);
        const std::string group = options.kind == Kind::kModel ? model : pair.first.key;
        Row& row = rows[{pair.edge, group}];
        row.key = group;
        row.label = options.kind == Kind::kModel ? short_model(model) : pair.first.label;
        row.measures += pair.totals.measures;
        row.models.push_back({model, pair.totals.measures});
        row.sessions = pair.totals.sessions;  // right for one part; several are counted below
        report.totals += pair.totals.measures;
        if (pair.totals.measures.unpriced_requests > 0) {
            unpriced.insert(model);
        }
    }
    report.unpriced_models.assign(unpriced.begin(), unpriced.end());
    TIDEMARK_TRY(const query::Totals totals, engine.totals(scope));
    report.sessions = totals.sessions;
    if (options.kind != Kind::kModel && options.kind != Kind::kSession) {
        TIDEMARK_TRY(const auto matrix, engine.matrix(scope, edges, first));
        for (std::size_t group = 0; group < matrix.groups.size(); ++group) {
            for (std::size_t edge = 0; edge + 1 < edges.size(); ++edge) {
                if (const auto row = rows.find({edge, matrix.groups[group].key}); row != rows.end()) {
                    row->second.sessions = matrix.cells[group * (edges.size() - 1) + edge].sessions;
                }
            }
        }
    }
    std::map<std::string, query::Engine::SessionActivity> activity;
    if (options.kind == Kind::kSession) {
        TIDEMARK_TRY(auto entries, engine.session_activity(scope));
        for (auto& entry : entries) {
            activity[entry.id] = std::move(entry);
        }
    }
    for (auto& [place, row] : rows) {
        std::sort(row.models.begin(), row.models.end(), [](const ModelPart& a, const ModelPart& b) {
            return dearer(a.measures, a.model, b.measures, b.model);
        });
        const std::string date = base::to_string(options.zone.date_of(edges[place.first]));
        switch (options.kind) {
            case Kind::kDaily:
            case Kind::kWeekly: row.key = row.label = date; break;
            case Kind::kMonthly: row.key = row.label = date.substr(0, 7); break;
            case Kind::kSession: {
                const auto& entry = activity[row.key];
                row.sessions = 1;
                row.project_path = entry.project.key;
                row.project_label = entry.project.label;
                row.first_activity = entry.first;
                row.last_activity = entry.last;
                break;
            }
            case Kind::kBlocks:
            case Kind::kProject:
            case Kind::kModel: break;
        }
        report.rows.push_back(std::move(row));
    }
    if (first != query::Dimension::kNone || options.kind == Kind::kModel) {
        std::sort(report.rows.begin(), report.rows.end(),
                  [](const Row& a, const Row& b) { return dearer(a.measures, a.key, b.measures, b.key); });
    }
    return report;
}

}  // namespace tidemark::report
