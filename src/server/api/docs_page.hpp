// The page at /api/docs: a list of the routes, drawn by a small script from openapi.json.
#pragma once

#include "foundation/net/router.hpp"

namespace tidemark::api {

void mount_docs_page(net::Router& router);

}  // namespace tidemark::api
