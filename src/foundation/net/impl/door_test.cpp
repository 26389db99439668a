#include "foundation/net/impl/door.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::net::impl {
namespace {

using ::testing::HasSubstr;

address at(const std::string& text) { return asio::ip::make_address(text); }

AddressRanges ranges(const std::vector<std::string>& texts) { return AddressRanges::parse(texts).value(); }

TEST(AddressRanges, HoldWhatTheySay) {
    const AddressRanges some = ranges({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "172.16.0.0/12"});
    for (const char* const in :
         {"10.0.0.0", "10.255.255.255", "192.0.2.7", "::ffff:10.1.2.3", "2001:db8:7fff::1", "172.31.255.255"}) {
        EXPECT_TRUE(some.contains(at(in))) << in;
    }
    for (const char* const out : {"11.0.0.0", "9.255.255.255", "192.0.2.8", "2001:db8:8000::1", "::10.1.2.3",
                                  "172.32.0.0", "172.15.255.255", "::1", "0.0.0.0"}) {
        EXPECT_FALSE(some.contains(at(out))) << out;
    }
    EXPECT_TRUE(ranges({"0.0.0.0/0"}).contains(at("203.0.113.9")));
    EXPECT_FALSE(ranges({"0.0.0.0/0"}).contains(at("2001:db8::1")));
    EXPECT_FALSE(ranges({}).contains(at("127.0.0.1")));
}

TEST(AddressRanges, RefuseNonsense) {
    for (const char* const text : {"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                                   "2001::/129", "proxy.example", "*", "/8", "10.0.0.0/8/8"}) {
        const auto parsed = AddressRanges::parse({text});
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, base::ErrorCode::kInvalidArgument);
    }
}

TEST(ClientBehind, IsTheRightmostThatIsNotOurs) {
    const AddressRanges trusted = ranges({"10.0.0.0/8", "2001:db8::/32"});
    const auto client = [&trusted](std::string_view header, const std::string& peer = "10.0.0.1") {
        return client_behind(at(peer), header, trusted).to_string();
    };
    EXPECT_EQ(client("203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(client("198.51.100.1, 203.0.113.9"), "203.0.113.9") << "the left one is what the client claims";
    EXPECT_EQ(client("198.51.100.1, 203.0.113.9, 10.0.0.2,\t10.9.9.9 "), "203.0.113.9");
    EXPECT_EQ(client("203.0.113.9:4711"), "203.0.113.9");
    EXPECT_EQ(client("[2001:470::1]:4711"), "2001:470::1");
    EXPECT_EQ(client("2001:470::1"), "2001:470::1");
    EXPECT_EQ(client("::ffff:203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(client("2001:470::1, 2001:db8::7", "2001:db8::1"), "2001:470::1");
    EXPECT_EQ(client("10.0.0.3, 10.0.0.2"), "10.0.0.3") << "all are ours: the first";
    EXPECT_EQ(client(""), "10.0.0.1");
    for (const char* const nonsense :
         {"unknown", "203.0.113.9, unknown", ",", "203.0.113.9,", "_hidden", "[203", "1.2.3"}) {
        EXPECT_EQ(client(nonsense), "10.0.0.1") << nonsense;
    }
    EXPECT_EQ(client("203.0.113.9", "198.51.100.7"), "198.51.100.7") << "a stranger's word counts for nothing";
}

TEST(AddressLimit, CountsEachClientForItself) {
    AddressLimit limit(2);
    auto first = limit.enter(at("192.0.2.1"));
    auto second = limit.enter(at("::ffff:192.0.2.1"));
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(limit.enter(at("192.0.2.1")));
    EXPECT_TRUE(limit.enter(at("192.0.2.2")));
    first.reset();
    EXPECT_TRUE(limit.enter(at("192.0.2.1")));
    const auto moved = std::move(second);
    EXPECT_TRUE(moved);
    first = limit.enter(at("192.0.2.1"));
    EXPECT_FALSE(limit.enter(at("192.0.2.1"))) << "a moved lease counts once";
}

TEST(AddressLimit, ANetworkOfIpv6IsOneClient) {
    AddressLimit limit(1);
    const auto lease = limit.enter(at("2001:db8:1:2::1"));
    EXPECT_TRUE(lease);
    EXPECT_FALSE(limit.enter(at("2001:db8:1:2:ffff::9")));
    EXPECT_TRUE(limit.enter(at("2001:db8:1:3::1")));
}

ServerOptions beyond_loopback() {
    ServerOptions options;
    options.listen = "0.0.0.0:8377";
    options.allow_remote = true;
    return options;
}
base::Result<Door> door(const ServerOptions& options) {
    return make_door(options, parse_listen_address(options.listen, options.allow_remote).value(), nullptr);
}

TEST(Door, IsNotOpenedReadablyToOthers) {
    const auto open = door(beyond_loopback());
    ASSERT_FALSE(open);
    EXPECT_THAT(open.error().message, HasSubstr("without encryption"));
    ServerOptions loopback;
    loopback.allow_remote = true;
    EXPECT_TRUE(door(loopback)) << "nobody else reaches it";
}

TEST(Door, BehindAProxyOnlyTheProxyMayCome) {
    ServerOptions options = beyond_loopback();
    options.trusted_proxies = {"10.0.0.5"};
    const auto behind = door(options);
    ASSERT_TRUE(behind) << behind.error().message;
    EXPECT_FALSE(behind->admit(at("10.0.0.6")));
    EXPECT_FALSE(behind->admit(at("203.0.113.9")));
    EXPECT_FALSE(behind->admit(at("::ffff:203.0.113.9")));
    ASSERT_TRUE(behind->admit(at("10.0.0.5")));
    EXPECT_TRUE(behind->admit(at("::ffff:10.0.0.5"))->proxy);
    ASSERT_TRUE(behind->admit(at("127.0.0.1")));
    EXPECT_FALSE(behind->admit(at("127.0.0.1"))->proxy) << "a program here is not believed without being named";
}

TEST(Door, LimitsClientsButNotProxies) {
    ServerOptions options = beyond_loopback();
    options.trusted_proxies = {"10.0.0.5"};
    const auto behind = door(options);
    std::vector<Visitor> visitors;
    for (int i = 0; i < 256; ++i) {
        visitors.push_back(behind->admit(at("127.0.0.1")).value());
    }
    EXPECT_FALSE(behind->admit(at("127.0.0.1")));
    for (int i = 0; i < 300; ++i) {
        visitors.push_back(behind->admit(at("10.0.0.5")).value());
    }
    visitors.clear();
    EXPECT_TRUE(behind->admit(at("127.0.0.1")));
    EXPECT_EQ(door(ServerOptions{})->limit, nullptr);
}

TEST(Door, AnswersByTheAddressItServes) {
    ServerOptions options = beyond_loopback();
    options.trusted_proxies = {"10.0.0.5"};
    options.allowed_hosts = {"tide.example"};
    EXPECT_TRUE(door(options)->guard.allows_host("tide.example"));
    EXPECT_FALSE(door(options)->guard.allows_host("192.0.2.7:8377"));
    EXPECT_FALSE(door(options)->guard.allows_host("0.0.0.0:8377"));
    options.listen = "192.0.2.7:8377";
    EXPECT_TRUE(door(options)->guard.allows_host("192.0.2.7:8377"));
    options.listen = "[2001:db8::7]:8377";
    EXPECT_TRUE(door(options)->guard.allows_host("[2001:db8::7]:8377"));
    options.allowed_hosts = {"*"};
    EXPECT_FALSE(door(options));
    options.allowed_hosts = {};
    options.trusted_proxies = {"everybody"};
    EXPECT_FALSE(door(options));
}

}  // namespace
}  // namespace tidemark::net::impl
