#include "foundation/net/stream.hpp"

namespace tidemark::net {

Frame make_frame(std::string_view event, std::uint64_t id, std::string_view data) {
    std::string text = "event: ";
    text.reserve(data.size() + event.size() + 48);
    text += event;
    if (id != 0) {
        text += "\nid: " + std::to_string(id);
    }
    text += "\ndata: ";
    text += data;
    text += "\n\n";
    return {id, std::make_shared<const std::string>(std::move(text))};
}

}  // namespace tidemark::net
