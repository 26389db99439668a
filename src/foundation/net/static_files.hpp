// The web application's files, from the binary: content types, compressed variants, ETags and caching.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/base/embedded.hpp"
#include "foundation/net/http.hpp"

namespace tidemark::net {

class StaticFiles {
public:
    StaticFiles() = default;
    /// "x.js.br" and "x.js.gz" are variants of "x.js". The bytes must live for ever. Computes the ETags.
    explicit StaticFiles(const base::EmbeddedFiles& files);

    /// The answer to a GET or HEAD for the request's path: the file, 304, or index.html for a page of the application
    /// (an unknown path outside /api/ that a browser navigates to). Nothing when it is none of these.
    [[nodiscard]] std::optional<Response> respond(const Request& request) const;
    [[nodiscard]] bool empty() const { return files_.empty(); }

private:
    struct Variant {
        std::string_view bytes;
        std::string etag;
    };
    struct File {
        Variant plain, gzip, brotli;  // bytes empty: there is none
        std::string_view content_type;
        bool immutable = false;
    };
    static Response answer(const File& file, const Request& request);

    std::map<std::string, File, std::less<>> files_;
};

}  // namespace tidemark::net
