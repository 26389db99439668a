#include "ledger/sources/transcripts/client_settings.hpp"

#include <simdjson.h>

#include "foundation/sys/files.hpp"

namespace tidemark::transcripts {

std::int64_t cleanup_period_days(const std::string& config_home) {
    const auto text = sys::read_small_file(config_home + "/settings.json");
    if (!text) {
        return kDefaultCleanupDays;
    }
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(*text);
    simdjson::ondemand::document document;
    std::int64_t days = 0;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document["cleanupPeriodDays"].get_int64().get(days) != simdjson::SUCCESS || days < 1) {
        return kDefaultCleanupDays;
    }
    return days;
}

}  // namespace tidemark::transcripts
