#include "server/api/docs_page.hpp"

#include "foundation/base/embedded.hpp"
#include "foundation/net/static_files.hpp"

namespace tidemark::embedded {
extern const base::EmbeddedFiles api_docs_page;
}  // namespace tidemark::embedded

namespace tidemark::api {
namespace {

net::Response file(const net::Request& request, std::string_view name) {
    static const net::StaticFiles files(embedded::api_docs_page);
    net::Request inner;
    inner.headers = request.headers;
    inner.path = "/" + std::string(name);
    std::erase_if(inner.headers,
                  [](const auto& header) { return header.first == "accept"; });  // no fall-back to index.html
    auto found = files.respond(inner);
    return found ? std::move(*found) : net::problem(request, 404, "not_found", "There is nothing at this path.");
}

}  // namespace

void mount_docs_page(net::Router& router) {
    router.add(net::Method::kGet, "/api/docs", [](const net::Request& request) { return file(request, "index.html"); },
               {.id = "docs"});
    router.add(net::Method::kGet, "/api/docs/{file}",
               [](const net::Request& request) { return file(request, request.path_parameter("file")); },
               {.id = "docs"});
}

}  // namespace tidemark::api
