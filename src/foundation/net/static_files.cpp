#include "foundation/net/static_files.hpp"

#include <array>
#include <utility>

namespace tidemark::net {
namespace {

std::string_view content_type_of(std::string_view path) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kTypes{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
    }};
    for (const auto& [suffix, type] : kTypes) {
        if (path.ends_with(suffix)) {
            return type;
        }
    }
    return "application/octet-stream";
}

}  // namespace

StaticFiles::StaticFiles(const base::EmbeddedFiles& files) {
    for (const base::EmbeddedFile& file : files) {
        std::string_view path = file.path;
        Variant File::* variant = &File::plain;
        if (path.ends_with(".br")) {
            path.remove_suffix(3);
            variant = &File::brotli;
        } else if (path.ends_with(".gz")) {
            path.remove_suffix(3);
            variant = &File::gzip;
        }
        File& entry = files_["/" + std::string(path)];
        entry.*variant = {file.bytes, etag_of(file.bytes)};
        entry.content_type = content_type_of(path);
        entry.immutable = path.starts_with("assets/");
    }
    std::erase_if(files_, [](const auto& entry) { return entry.second.plain.etag.empty(); });
}

Response StaticFiles::answer(const File& file, const Request& request) {
    const std::string_view accepted = request.header("accept-encoding").value_or("");
    const Variant* variant = &file.plain;
    std::string_view coding;
    if (!file.brotli.bytes.empty() && accepts_encoding(accepted, "br")) {
        variant = &file.brotli;
        coding = "br";
    } else if (!file.gzip.bytes.empty() && accepts_encoding(accepted, "gzip")) {
        variant = &file.gzip;
        coding = "gzip";
    }
    Response response;
    response.compressible = false;
    response.headers.emplace_back("ETag", variant->etag);
    response.headers.emplace_back("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!file.brotli.bytes.empty() || !file.gzip.bytes.empty()) {
        response.headers.emplace_back("Vary", "Accept-Encoding");
    }
    if (const auto known = request.header("if-none-match"); known && etag_matches(*known, variant->etag)) {
        response.status = 304;
        return response;
    }
    response.content_type = file.content_type;
    response.static_body = variant->bytes;
    if (!coding.empty()) {
        response.headers.emplace_back("Content-Encoding", coding);
    }
    return response;
}

std::optional<Response> StaticFiles::respond(const Request& request) const {
    auto place = files_.find(request.path == "/" ? std::string_view("/index.html") : std::string_view(request.path));
    if (place == files_.end()) {
        const bool navigates = request.header("accept").value_or("").find("text/html") != std::string_view::npos;
        const bool reserved =
            request.path == "/api" || request.path.starts_with("/api/") || request.path.starts_with("/assets/");
        if (!navigates || reserved) {
            return std::nullopt;
        }
        place = files_.find(std::string_view("/index.html"));
    }
    return place == files_.end() ? std::nullopt : std::optional(answer(place->second, request));
}

}  // namespace tidemark::net
