#include "foundation/net/kept_answers.hpp"
#include "foundation/net/test_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::net {
namespace {

constexpr base::UnixMillis kNow = 1'795'399'114'828;
constexpr base::UnixMillis kForever = kNow * 2;

std::shared_ptr<const KeptAnswer> answer(std::string body) {
    return std::make_shared<const KeptAnswer>("application/json", std::move(body));
}
Request asking(std::string_view header = {}, std::string_view value = {}) {
    Request request;
    if (!header.empty()) {
        request.headers.emplace_back(header, value);
    }
    return request;
}

TEST(KeptAnswers, HoldInTheirStateAndTime) {
    KeptAnswers kept(1 << 20);
    EXPECT_EQ(kept.find("/a", 1, kNow), nullptr);
    kept.keep("/a", 1, answer("1"), kNow + 10, kNow);
    EXPECT_NE(kept.find("/a", 1, kNow + 9), nullptr);
    EXPECT_EQ(kept.find("/b", 1, kNow), nullptr);
    EXPECT_EQ(kept.find("/a", 1, kNow + 10), nullptr);  // its time is over …
    EXPECT_EQ(kept.find("/a", 1, kNow), nullptr);       // … and it is gone
    kept.keep("/a", 1, answer("1"), kForever, kNow);
    EXPECT_EQ(kept.find("/a", 2, kNow), nullptr);
    EXPECT_EQ(kept.stats().bytes, 0U);
    EXPECT_EQ(kept.stats().hits, 1U);
}

TEST(KeptAnswers, ALateAnswerOfAnEarlierStateDoesNotReplaceALaterOne) {
    KeptAnswers kept(1 << 20);
    kept.keep("/a", 7, answer("new"), kForever, kNow);
    kept.keep("/a", 6, answer("old"), kForever, kNow);
    EXPECT_EQ(kept.find("/a", 7, kNow)->to(asking()).payload(), "new");
    EXPECT_EQ(kept.find("/a", 6, kNow)->to(asking()).payload(), "new");  // newer than asked for is as good
}

TEST(KeptAnswers, TheOnesUsedLongestAgoGoFirst) {
    KeptAnswers kept(48'000);
    for (const char* name : {"/a", "/b", "/c", "/d"}) {
        kept.keep(name, 1, answer(std::string(9'800, 'x')), kForever, kNow);
    }
    EXPECT_NE(kept.find("/a", 1, kNow), nullptr);
    kept.keep("/e", 1, answer(std::string(9'800, 'x')), kForever, kNow);
    EXPECT_EQ(kept.find("/b", 1, kNow), nullptr);
    EXPECT_NE(kept.find("/a", 1, kNow), nullptr);
    EXPECT_LE(kept.stats().bytes, 48'000U);
    kept.keep("/f", 1, answer(std::string(20'000, 'x')), kForever, kNow);  // one of half the room is not kept
    EXPECT_EQ(kept.find("/f", 1, kNow), nullptr);
    EXPECT_NE(kept.find("/d", 1, kNow), nullptr);
}

TEST(KeptAnswers, WhatNobodyAsksForGoesByAge) {
    KeptAnswers kept(1 << 20);
    kept.keep("/a", 1, answer("1"), kForever, kNow);
    kept.keep("/b", 1, answer("2"), kForever, kNow);
    EXPECT_NE(kept.find("/a", 1, kNow + 4 * base::kMinute), nullptr);
    EXPECT_EQ(kept.find("/c", 1, kNow + 6 * base::kMinute), nullptr);
    EXPECT_EQ(kept.find("/b", 1, kNow + 6 * base::kMinute), nullptr);
    EXPECT_NE(kept.find("/a", 1, kNow + 6 * base::kMinute), nullptr);
    kept.clear();
    EXPECT_EQ(kept.stats().bytes, 0U);
}

TEST(KeptAnswer, HasAnETagForEachForm) {
    const auto kept = answer(std::string(100'000, ' ') + "{}");
    const Response plain = kept->to(asking());
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(plain.payload().size(), 100'002U);
    EXPECT_EQ(header_of(plain, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header_of(plain, "Cache-Control"), "no-cache, private");
    EXPECT_FALSE(kept->at_hand(asking("accept-encoding", "gzip")));  // large: a worker packs it
    const Response packed = kept->to(asking("accept-encoding", "gzip"));
    EXPECT_TRUE(kept->at_hand(asking("accept-encoding", "gzip")));
    EXPECT_LT(packed.payload().size(), 2'000U);
    EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip");
    EXPECT_NE(header_of(packed, "ETag"), header_of(plain, "ETag"));

    const Response same = kept->to(asking("if-none-match", header_of(plain, "ETag")));
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.payload(), "");
    EXPECT_EQ(header_of(same, "ETag"), header_of(plain, "ETag"));
    EXPECT_EQ(kept->to(asking("if-none-match", "\"other\"")).status, 200);
    EXPECT_EQ(kept->to(asking("if-none-match", header_of(packed, "ETag"))).status, 200);  // the other form
}

TEST(KeptAnswer, EqualBodiesHaveEqualETags) {
    EXPECT_EQ(header_of(answer("{}")->to(asking()), "ETag"), header_of(answer("{}")->to(asking()), "ETag"));
    EXPECT_NE(header_of(answer("{}")->to(asking()), "ETag"), header_of(answer("[]")->to(asking()), "ETag"));
}

}  // namespace
}  // namespace tidemark::net
