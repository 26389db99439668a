#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <set>

#include "server/api/access.hpp"
#include "server/api/convert.hpp"
#include "server/api/handlers.hpp"

namespace tidemark::api {
namespace {

template <class T>
net::Frame frame(std::string_view event, std::uint64_t id, const T& dto) {
    return net::make_frame(event, id, json::to_text(dto));
}

net::Frame usage_frame(const model::UsageChange& change) {
    if (!change.complete) {  // an import or a repricing: too much to tell piece by piece
        return frame("resync", change.seq, ChangedEvent{change.seq});
    }
    return frame("usage", change.seq, to_dto(change));
}

/// The part within reach; nothing when there is none.
std::optional<net::Frame> usage_frame(const model::UsageChange& change, const query::Reach* reach) {
    if (reach == nullptr || !change.complete) {
        return usage_frame(change);
    }
    model::UsageChange part;
    part.seq = change.seq;
    part.time = change.time;
    std::set<std::string_view> sessions;
    for (const model::UsageDelta& delta : change.deltas) {
        if (auto told = reach->told(delta)) {
            part.deltas.push_back(std::move(*told));
            sessions.insert(delta.session);
        }
    }
    if (part.deltas.empty()) {
        return std::nullopt;
    }
    std::copy_if(change.new_sessions.begin(), change.new_sessions.end(), std::back_inserter(part.new_sessions),
                 [&](const std::string& session) { return sessions.contains(session); });
    return usage_frame(part);
}

net::Frame resync_frame(std::uint64_t seq) { return frame("resync", 0, ChangedEvent{seq}); }

/// What a subscriber has seen last: the header of a browser that reconnects, else the parameter. Anything that is not a
/// number is as good as too old.
std::optional<std::uint64_t> last_event_id(const net::Request& request, const Arguments& arguments) {
    const std::string_view text = request.header("last-event-id").value_or(arguments.text("last_event_id"));
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc{} && end == text.data() + text.size() ? id : std::numeric_limits<std::uint64_t>::max();
}

SelectFrame for_all(net::Frame frame) {
    return [frame = std::move(frame)](const net::Caller&) { return std::optional(frame); };
}

struct ToFrames {
    std::uint64_t seq;
    SelectFrame operator()(const live::Change& change) const {
        return [change, whole = usage_frame(*change)](const net::Caller& caller) {
            const query::Reach* reach = access_of(caller).ledger.get();
            return reach == nullptr ? std::optional(whole) : usage_frame(*change, reach);
        };
    }
    SelectFrame operator()(const live::ImportProgress& progress) const {
        return for_all(frame("progress", 0,
                             ImportProgress{progress.finished ? Phase::kReady : Phase::kImport, progress.files_done,
                                            progress.files_total, progress.bytes_done, progress.bytes_total}));
    }
    SelectFrame operator()(const live::PricesChanged&) const { return for_all(frame("prices", 0, ChangedEvent{seq})); }
    SelectFrame operator()(const live::SettingsChanged&) const {
        return for_all(frame("settings", 0, ChangedEvent{seq}));
    }
};

}  // namespace

net::StreamHandler stream_handler(ApiContext& context) {
    net::StreamHandler handler;
    handler.open = [&context](const net::Request& request) {
        net::StreamOpening opening;
        const auto arguments = Arguments::parse(route("getStream"), request);
        if (!arguments) {
            opening.refusal = arguments.error();
            return opening;
        }
        const auto last = last_event_id(request, *arguments);
        live::Feed::Missed missed;
        if (last) {
            missed = context.feed.since(*last);
        } else {
            missed.seq = context.feed.seq();
            missed.changes.emplace();
        }
        opening.last_id = missed.seq;
        opening.first.push_back(frame("hello", 0, HelloEvent{missed.seq, {base::now()}}));
        if (!missed.changes) {
            opening.first.push_back(resync_frame(missed.seq));
        } else {
            for (const live::Change& change : *missed.changes) {
                if (auto part = usage_frame(*change, access_of(request).ledger.get())) {
                    opening.first.push_back(std::move(*part));
                }
            }
        }
        return opening;
    };
    handler.overflow = resync_frame;
    return handler;
}

live::Feed::Subscription connect(live::Feed& feed, std::function<void(SelectFrame)> broadcast) {
    return feed.subscribe([broadcast = std::move(broadcast)](std::uint64_t seq, const live::Event& event) {
        broadcast(std::visit(ToFrames{seq}, event));
    });
}

}  // namespace tidemark::api
