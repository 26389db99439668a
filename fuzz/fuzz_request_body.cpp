// Bytes as the JSON body of a request: what is read must come out of the writer and back in unchanged, what is refused
// must say why.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"
#include "server/api/dto.hpp"

namespace {

using namespace tidemark;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

template <class T>
void check(const std::string& text) {
    const auto value = json::read<T>(text);
    if (!value) {
        require(!value.error().empty() && value.error().size() <= 20);
        for (const json::Problem& problem : value.error()) {
            require(!problem.message.empty());
        }
        return;
    }
    const std::string once = json::to_text(*value);
    const auto again = json::read<T>(once);
    require(again.has_value() && json::to_text(*again) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(data[i]));
    }
    check<api::Settings>(text);
    check<api::PriceOverrides>(text);
    return 0;
}
