#include "foundation/net/http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/net/gzip.hpp"
#include "foundation/net/host_guard.hpp"
#include "foundation/net/impl/listen_address.hpp"
#include "foundation/net/router.hpp"
#include "foundation/net/test_headers.hpp"

namespace tidemark::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Target, DecodesPathAndQuery) {
    Request request;
    ASSERT_TRUE(parse_target("/a%20b/c?x=1&x=%E4%BB%B7+2&flag&=&empty=", request));
    EXPECT_EQ(request.path, "/a b/c");
    EXPECT_EQ(request.raw_path, "/a%20b/c");
    EXPECT_THAT(request.query,
                ElementsAre(Pair("x", "1"), Pair("x", "价 2"), Pair("flag", ""), Pair("", ""), Pair("empty", "")));
}

TEST(Target, RefusesBrokenEscapesAndTraversal) {
    for (const std::string_view target : {"", "a", "http://x/", "/%", "/%4", "/%zz", "/a%00b", "/../etc/passwd",
                                          "/a/%2e%2e/b", "/a/..", "/./a", "/a?x=%", "/..%2f..%2fetc"}) {
        Request request;
        EXPECT_FALSE(parse_target(target, request)) << target;
    }
    Request request;
    EXPECT_TRUE(parse_target("/a..b/...", request));
}

TEST(Negotiation, AcceptEncoding) {
    EXPECT_TRUE(accepts_encoding("gzip, deflate, br", "br"));
    EXPECT_TRUE(accepts_encoding("GZIP;q=0.5", "gzip"));
    EXPECT_TRUE(accepts_encoding("*", "gzip"));
    EXPECT_FALSE(accepts_encoding("br;q=0, gzip", "br"));
    EXPECT_FALSE(accepts_encoding("gzip;q=0.0, *", "gzip"));
    EXPECT_FALSE(accepts_encoding("", "gzip"));
    EXPECT_FALSE(accepts_encoding("xgzip", "gzip"));
}

TEST(Negotiation, IfNoneMatch) {
    EXPECT_TRUE(etag_matches("\"a\", \"b\"", "\"b\""));
    EXPECT_TRUE(etag_matches("W/\"b\"", "\"b\""));
    EXPECT_TRUE(etag_matches("*", "\"b\""));
    EXPECT_FALSE(etag_matches("\"a\"", "\"b\""));
    EXPECT_FALSE(etag_matches("", "\"b\""));
}

TEST(Problem, IsCompleteAndEscaped) {
    Request request;
    request.request_id = "abc";
    const std::vector<FieldError> errors{{"from", "no \"time\""}, {"to", "neither"}};
    const Response response = problem(request, 400, "invalid_parameter", "Two things.", errors);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_parameter","detail":"Two things.",)"
        R"("errors":[{"path":"from","message":"no \"time\""},{"path":"to","message":"neither"}],"request_id":"abc"})");
}

TEST(Problem, ErrorsOfInnerLayersHaveTheirStatus) {
    const Request request;
    EXPECT_EQ(problem(request, {base::ErrorCode::kNotFound, "x"}).status, 404);
    EXPECT_EQ(problem(request, {base::ErrorCode::kDeadlineExceeded, "x"}).status, 503);
    EXPECT_EQ(problem(request, {base::ErrorCode::kInternal, "x"}).status, 500);
}

TEST(Guard, KnowsOnlyLoopbackWithItsPort) {
    const HostGuard guard = HostGuard::make(8377, {}).value();
    for (const std::string_view host : {"localhost:8377", "LOCALHOST:8377", "127.0.0.1:8377", "[::1]:8377"}) {
        EXPECT_TRUE(guard.allows_host(host)) << host;
        EXPECT_TRUE(guard.allows_origin("http://" + std::string(host), false)) << host;
        EXPECT_TRUE(guard.allows_origin("https://" + std::string(host), true)) << host;
        EXPECT_FALSE(guard.allows_origin("http://" + std::string(host), true))
            << "whoever sits between wrote that page";
    }
    for (const std::string_view host :
         {"", "localhost", "localhost:80", "evil.example:8377", "localhost.evil.example:8377",
          "127.0.0.1:8377.evil.example", "127.0.0.2:8377", "localhost:8377@evil", "[::1]"}) {
        EXPECT_FALSE(guard.allows_host(host)) << host;
    }
    EXPECT_FALSE(guard.allows_origin("null", false));
    EXPECT_FALSE(guard.allows_origin("localhost:8377", false));
    EXPECT_FALSE(guard.allows_origin("http://localhost:8377/", false));
}

TEST(Guard, ConfiguredNames) {
    const HostGuard guard = HostGuard::make(8377, {"Tide.local:443", "localhost:*"}).value();
    EXPECT_TRUE(guard.allows_host("tide.local:443"));
    EXPECT_FALSE(guard.allows_host("tide.local:444"));
    EXPECT_TRUE(guard.allows_host("localhost:5173"));
    EXPECT_TRUE(guard.allows_host("localhost"));
    EXPECT_FALSE(guard.allows_host("localhost:51a"));
    EXPECT_TRUE(HostGuard::make(80, {})->allows_host("localhost"));
}

TEST(Guard, BareNamesStandForOurPortAndForNone) {
    const HostGuard guard = HostGuard::make(8377, {"Tide.example", "[FD00::5]", "any.example:*"}).value();
    for (const std::string_view host :
         {"tide.example", "TIDE.example:8377", "[fd00::5]", "[fd00::5]:8377", "any.example:1", "any.example"}) {
        EXPECT_TRUE(guard.allows_host(host)) << host;
    }
    for (const std::string_view host : {"tide.example:80", "tide.example:8377x", "tide.example.", "x.tide.example",
                                        "[fd00::5]x", "[fd00::6]", "any.example:1:2", "tide.example:*"}) {
        EXPECT_FALSE(guard.allows_host(host)) << host;
    }
}

TEST(Guard, TakesNoWildcardsAndNoNonsense) {
    for (const char* const entry : {"*", "*:*", "*.example", "https://tide.example", "tide.example/", "", ":80", "a b",
                                    "tide.example:", "tide.example:8x", "[::1", "a,b"}) {
        const auto guard = HostGuard::make(8377, {entry});
        ASSERT_FALSE(guard) << entry;
        EXPECT_EQ(guard.error().code, base::ErrorCode::kInvalidArgument);
    }
}

TEST(ListenAddress, LoopbackOnly) {
    EXPECT_THAT(impl::parse_listen_address("localhost:8377", false)->hosts, ElementsAre("127.0.0.1", "::1"));
    EXPECT_EQ(impl::parse_listen_address("[::1]:0", false)->port, 0);
    for (const std::string_view text : {"0.0.0.0:8377", "[::]:8377", "192.168.1.2:80", "[::ffff:192.168.1.2]:80"}) {
        const auto address = impl::parse_listen_address(text, false);
        ASSERT_FALSE(address) << text;
        EXPECT_THAT(address.error().message, ::testing::HasSubstr("this machine only"));
        EXPECT_FALSE(impl::parse_listen_address(text, true)->loopback);
    }
    for (const std::string_view text :
         {"", "8377", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", ":8377", "example.com:80",
          "127.0.0.1.evil:80", "::1:80", "[127.0.0.1]:80", "[::1:80", "*:80"}) {
        EXPECT_FALSE(impl::parse_listen_address(text, true)) << text;
    }
    EXPECT_TRUE(impl::parse_listen_address("0.0.0.0:8377", true)->every);
    EXPECT_FALSE(impl::parse_listen_address("192.0.2.1:8377", true)->every);
}

Response nothing(const Request&) { return {}; }

const Router::Endpoint* route_of(const Router& router, Method method, std::string_view target, Request& request,
                                 std::string& allowed) {
    request.method = method;
    return parse_target(target, request) ? router.find(request, allowed) : nullptr;
}

TEST(Routing, FixedPathsWinAndParametersAreDecoded) {
    Router router;
    router.add(Method::kGet, "/s/{id}", nothing, {.id = "one"});
    router.add(Method::kGet, "/s/active", nothing, {.id = "active"});
    router.add(Method::kPut, "/s/{id}", nothing, {.id = "put"});
    std::string allowed;
    Request request;
    EXPECT_EQ(route_of(router, Method::kGet, "/s/active", request, allowed)->options.id, "active");
    EXPECT_EQ(route_of(router, Method::kHead, "/s/a%2Fb%20c", request, allowed)->options.id, "one");
    EXPECT_EQ(request.path_parameter("id"), "a/b c");
    EXPECT_EQ(request.path_parameter("other"), "");
    EXPECT_EQ(route_of(router, Method::kPut, "/s/x", request, allowed)->options.id, "put");
    EXPECT_EQ(allowed, "");
    for (const std::string_view target : {"/s", "/s/", "/s/a/b", "/", "/s//"}) {
        EXPECT_EQ(route_of(router, Method::kGet, target, request, allowed), nullptr) << target;
    }
    EXPECT_EQ(allowed, "");
    EXPECT_EQ(route_of(router, Method::kDelete, "/s/x", request, allowed), nullptr);
    EXPECT_EQ(allowed, "GET, HEAD, PUT");
}

constexpr std::string_view kPage = "<!doctype html>";

Request browser(std::string path, std::string encodings = "gzip, br") {
    Request request;
    request.path = std::move(path);
    request.headers = {{"accept", "text/html,*/*"}, {"accept-encoding", std::move(encodings)}};
    return request;
}

TEST(Files, VariantsTypesCachingAndEtags) {
    const StaticFiles files({{"index.html", kPage},
                             {"assets/a.js", "plain"},
                             {"assets/a.js.br", "br"},
                             {"assets/a.js.gz", "gz"},
                             {"orphan.js.gz", "x"}});
    const auto brotli = files.respond(browser("/assets/a.js"));
    ASSERT_TRUE(brotli);
    EXPECT_EQ(brotli->payload(), "br");
    EXPECT_EQ(header_of(*brotli, "Content-Encoding"), "br");
    EXPECT_EQ(header_of(*brotli, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header_of(*brotli, "Vary"), "Accept-Encoding");
    EXPECT_EQ(brotli->content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(files.respond(browser("/assets/a.js", "gzip"))->payload(), "gz");
    const auto plain = files.respond(browser("/assets/a.js", ""));
    EXPECT_EQ(plain->payload(), "plain");
    EXPECT_NE(header_of(*plain, "ETag"), header_of(*brotli, "ETag"));

    Request again = browser("/assets/a.js");
    again.headers.emplace_back("if-none-match", header_of(*brotli, "ETag"));
    EXPECT_EQ(files.respond(again)->status, 304);
    EXPECT_EQ(files.respond(again)->payload(), "");
    again.headers.back().second = header_of(*plain, "ETag");
    EXPECT_EQ(files.respond(again)->status, 200);
    EXPECT_FALSE(files.respond(browser("/assets/orphan.js")));
}

TEST(Files, PagesOfTheApplicationAreIndexHtml) {
    const StaticFiles files({{"index.html", kPage}});
    EXPECT_EQ(files.respond(browser("/"))->payload(), kPage);
    EXPECT_EQ(files.respond(browser("/sessions/1"))->payload(), kPage);
    EXPECT_EQ(header_of(*files.respond(browser("/")), "Cache-Control"), "no-cache");
    EXPECT_FALSE(files.respond(browser("/api/v1/nothing")));
    EXPECT_FALSE(files.respond(browser("/assets/gone.js")));
    Request script = browser("/sessions/1");
    script.headers[0].second = "*/*";
    EXPECT_FALSE(files.respond(script));
    EXPECT_FALSE(StaticFiles().respond(browser("/")));
}

TEST(Frames, Text) {
    EXPECT_EQ(*make_frame("usage", 7, "{}").text, "event: usage\nid: 7\ndata: {}\n\n");
    EXPECT_EQ(*make_frame("progress", 0, "{}").text, "event: progress\ndata: {}\n\n");
}

}  // namespace
}  // namespace tidemark::net
