#include "foundation/net/gzip.hpp"

#include <cstddef>
#include <limits>
#include <memory>

#include <zlib.h>

namespace tidemark::net {
namespace {

class Deflater {
public:
    Deflater() {
        constexpr int kGzipWindow = 15 + 16;
        constexpr int kMemoryLevel = 8;
        ready_ =
            deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK;
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() {
        if (ready_) {
            deflateEnd(&stream_);
        }
    }

    std::string run(std::string_view text) {
        if (!ready_ || text.size() > std::numeric_limits<uInt>::max() || deflateReset(&stream_) != Z_OK) {
            return {};
        }
        std::string out(deflateBound(&stream_, text.size()), '\0');
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib does not write to it
        stream_.avail_in = static_cast<uInt>(text.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        if (deflate(&stream_, Z_FINISH) != Z_STREAM_END) {
            return {};
        }
        out.resize(out.size() - stream_.avail_out);
        return out;
    }

private:
    z_stream stream_{};
    bool ready_ = false;
};

}  // namespace

std::string gzip(std::string_view text) {
    thread_local Deflater deflater;
    return deflater.run(text);
}

}  // namespace tidemark::net
