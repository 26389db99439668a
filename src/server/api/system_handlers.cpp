#include <algorithm>
#include <cmath>

#include "server/api/access.hpp"
#include "server/api/convert.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

using Errors = std::vector<net::FieldError>;

net::Response invalid_body(const net::Request& request, const Errors& errors) {
    return net::problem(request, 400, "invalid_body", "\"" + errors.front().path + "\" " + errors.front().message,
                        errors);
}

/// A currency's code: three capital letters.
bool is_currency(std::string_view text) {
    return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

Errors check(const Settings& settings) {
    Errors errors;
    if (settings.time_zone && (settings.time_zone->empty() || !base::TimeZone::load(*settings.time_zone))) {
        errors.push_back({"time_zone", "is not a known IANA time zone"});
    }
    if (settings.week_start < 0 || settings.week_start > 6) {
        errors.push_back({"week_start", "must be from 0 (Sunday) to 6 (Saturday)"});
    }
    if (!is_currency(settings.currency)) {
        errors.push_back({"currency", "must be a code of three capital letters, such as USD or CNY"});
    }
    if (settings.exchange_rate) {
        if (!(settings.exchange_rate->rate > 0) || !std::isfinite(settings.exchange_rate->rate)) {
            errors.push_back({"exchange_rate.rate", "must be above 0"});
        }
        if (!base::parse_date(settings.exchange_rate->as_of)) {
            errors.push_back({"exchange_rate.as_of", "must be a date such as 2026-11-23"});
        }
    } else if (settings.currency != "USD") {
        errors.push_back({"exchange_rate", "is needed for any currency but USD"});
    }
    return errors;
}

Errors check(const std::vector<PriceOverride>& overrides) {
    Errors errors;
    for (std::size_t i = 0; i < overrides.size(); ++i) {
        const PriceOverride& one = overrides[i];
        const std::string path = "overrides[" + std::to_string(i) + "].";
        const auto not_negative = [&](std::string_view name, const std::optional<double>& value) {
            if (value && !(*value >= 0 && std::isfinite(*value))) {
                errors.push_back({path + std::string(name), "must not be below 0"});
            }
        };
        if (one.model.empty()) {
            errors.push_back({path + "model", "must name a model"});
        }
        not_negative("input", one.input);
        not_negative("output", one.output);
        not_negative("cache_write_5m", one.cache_write_5m);
        not_negative("cache_write_1h", one.cache_write_1h);
        not_negative("cache_read", one.cache_read);
        not_negative("multiplier", one.multiplier);
        if (!one.like && !one.multiplier && (!one.input || !one.output)) {
            errors.push_back(
                {path + (one.input ? "output" : "input"), "is needed unless like names a model to take prices from"});
        }
    }
    return errors;
}

Figure figure(std::string_view name, std::string_view help, double value) {
    return {std::string(name), std::string(help), value};
}

}  // namespace

net::Response get_sources(ApiContext& context, const Arguments&, const net::Request& request) {
    Sources sources = context.sources();
    const query::Reach* reach = access_of(request).ledger.get();
    const bool pseudonyms = reach != nullptr && reach->everyone() && !reach->only_projects() &&
                            reach->privacy() != nullptr && !reach->withholds();
    if (pseudonyms) {
        for (SourceRoot& root : sources.roots) {
            root.path = reach->privacy()->text(root.path);
        }
        for (SourceProblem& problem : sources.problems) {
            problem.file = reach->privacy()->text(problem.file);
            problem.reason = reach->privacy()->text(problem.reason);
        }
    } else if (reach != nullptr) {  // paths and totals tell of others
        Sources own;
        own.scanned_at = sources.scanned_at;
        own.schema_version = sources.schema_version;
        sources = std::move(own);
    }
    return answer(sources, base::now() + kMoment);
}

net::Response get_prices(ApiContext& context, const Arguments&, const net::Request& request) {
    const std::shared_ptr<const pricing::PriceBook> book = context.prices.book();
    Prices dto;
    dto.book_version = book->as_of();
    dto.models = to_dto(*book);
    if (!withholds(request)) {  // they are sums over everybody
        TIDEMARK_ANSWER(dto.unknown_models, context.prices.unknown_models());
    }
    TIDEMARK_ANSWER(dto.overrides, context.prices.overrides());
    return answer(dto, kForever);
}

net::Response put_price_overrides(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const PriceOverrides body, body_of<PriceOverrides>(request));
    if (const Errors errors = check(body.overrides); !errors.empty()) {
        return invalid_body(request, errors);
    }
    TIDEMARK_ANSWER(PriceOverrides before, context.prices.overrides().map([](std::vector<PriceOverride> overrides) {
        return PriceOverrides{std::move(overrides)};
    }));
    TIDEMARK_ANSWER(Repricing repricing, context.prices.replace_overrides(body.overrides));
    ++context.changes;
    context.feed.announce(live::PricesChanged{});
    identity::AuditFields was{{"overrides", json::to_text(before.overrides)}};
    identity::AuditFields is{{"overrides", json::to_text(body.overrides)}};
    if (withholds(request)) {  // a price for one model would tell what was used of it
        repricing = {};
        repricing.withheld = true;
    } else {
        was["cost_usd"] = base::to_decimal(repricing.cost_before);
        is["cost_usd"] = base::to_decimal(repricing.cost_after);
    }
    if (auto recorded = context.people.accounts->record(act_of(request), "prices.change", "prices", was, is);
        !recorded) {
        return problem_of(request, recorded.error());
    }
    return answer(repricing);
}

net::Response get_settings(ApiContext& context, const Arguments&, const net::Request&) {
    return answer(context.settings.get());
}

net::Response put_settings(ApiContext& context, const Arguments&, const net::Request& request) {
    TIDEMARK_ANSWER(const Settings body, body_of<Settings>(request));
    if (const Errors errors = check(body); !errors.empty()) {
        return invalid_body(request, errors);
    }
    const Settings before = context.settings.get();
    if (const auto saved = context.settings.put(body); !saved) {
        return problem_of(request, saved.error());
    }
    ++context.changes;
    context.feed.announce(live::SettingsChanged{});
    if (auto recorded =
            context.people.accounts->record(act_of(request), "settings.change", "settings",
                                            {{"settings", json::to_text(before)}}, {{"settings", json::to_text(body)}});
        !recorded) {
        return problem_of(request, recorded.error());
    }
    return answer(context.settings.get());
}

net::Response get_version(ApiContext& context, const Arguments&, const net::Request&) {
    return answer(context.version);
}

net::Response get_openapi(ApiContext&, const Arguments&, const net::Request&) {
    static const std::string document = openapi_document();
    return net::json_response(document);
}

net::Response get_health(ApiContext&, const Arguments&, const net::Request&) { return answer(Health{}); }

net::Response get_readiness(ApiContext& context, const Arguments&, const net::Request&) {
    const Readiness readiness = context.readiness();
    net::Response response = answer(readiness);
    response.status = readiness.ready ? 200 : 503;
    return response;
}

net::Response get_metrics(ApiContext& context, const Arguments&, const net::Request&) {
    const net::ServerStats stats = context.server_stats();
    const auto count = [](std::int64_t value) { return static_cast<double>(value); };
    std::vector<Figure> figures{
        {"tidemark_build_info", "Always 1; the labels say what runs.", 1,
         "version=\"" + context.version.version + "\",commit=\"" + context.version.commit + "\""},
        figure("tidemark_start_time_seconds", "When the server started, in Unix time.",
               count(context.version.started_at.value) / 1000),
        figure("tidemark_http_connections", "Open connections.", count(stats.connections)),
        figure("tidemark_http_connections_refused_total", "Connections refused because too many were open.",
               count(stats.connections_refused)),
        figure("tidemark_http_jobs_waiting", "Requests that wait for a worker.", count(stats.jobs_waiting)),
        figure("tidemark_http_jobs_refused_total", "Requests refused because too many waited.",
               count(stats.jobs_refused)),
        figure("tidemark_http_answers_kept_hits_total", "Requests that got an answer made for another one.",
               count(stats.kept_hits)),
        figure("tidemark_http_answers_made_total", "Answers made on a worker that others may get.",
               count(stats.kept_made)),
        figure("tidemark_http_answers_kept_bytes", "Memory of the answers kept.", count(stats.kept_bytes)),
        figure("tidemark_streams", "Open event streams.", count(stats.streams)),
        figure("tidemark_stream_frames_sent_total", "Frames written to streams.", count(stats.frames_sent)),
        figure("tidemark_stream_frames_dropped_total", "Frames dropped for subscribers that fell behind.",
               count(stats.frames_dropped)),
        figure("tidemark_stream_overflows_total", "Streams ended because the subscriber fell behind.",
               count(stats.streams_overflowed)),
        figure("tidemark_ready", "Whether the first scan is done.", context.readiness().ready ? 1 : 0),
        figure("tidemark_ledger_seq", "The ledger's newest change number.",
               count(static_cast<std::int64_t>(context.questions.seq()))),
        figure("tidemark_ledger_newest_request_seconds", "Time of the newest request, in Unix time.",
               count(context.questions.newest()) / 1000),
    };
    for (Figure& further : context.figures()) {
        figures.push_back(std::move(further));
    }
    net::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = context.metrics.text(figures);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace tidemark::api
