// Server-Sent Events: frames that are written once and shared by all subscribers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/net/http.hpp"

namespace tidemark::net {

/// One event as it goes over the wire. `id` is its sequence number; frames with id 0 (progress, hello) are never
/// skipped.
struct Frame {
    std::uint64_t id = 0;
    std::shared_ptr<const std::string> text;
};

/// "event: usage\nid: 7\ndata: {…}\n\n"; without an id line when id is 0. `data` must not hold line breaks.
[[nodiscard]] Frame make_frame(std::string_view event, std::uint64_t id, std::string_view data);

/// How a stream begins: refused, or with these frames; broadcast frames with an id up to `last_id` are then left out.
struct StreamOpening {
    std::optional<Response> refusal;
    std::vector<Frame> first;
    std::uint64_t last_id = 0;
};

struct StreamHandler {
    /// Runs on the io thread; must not block. No broadcast is lost between its start and the subscription.
    std::function<StreamOpening(const Request&)> open;
    /// The last frame for a subscriber that fell too far behind; `newest` is the id of the newest frame.
    std::function<Frame(std::uint64_t newest)> overflow;
};

}  // namespace tidemark::net
