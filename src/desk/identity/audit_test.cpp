#include "desk/identity/audit.hpp"

#include <gtest/gtest.h>

namespace tidemark::identity {
namespace {

store::AuditRow row() {
    return {7,
            1'795'000'000'000,
            "account:1",
            "account.role",
            "account:2",
            "{}",
            R"({"role":"admin"})",
            "192.0.2.1",
            "r",
            "ab",
            ""};
}

TEST(Audit, TheHashIsOfTheDocumentedText) {
    // printf '{"action":"account.role","actor":"account:1",…}' | sha256sum
    EXPECT_EQ(audit_hash(row()), "dd2e8e2886261ec0cca641cba15afff3b2b5a33f7b74b715c6ebfcf4bc9a1328");
}

TEST(Audit, EveryFieldIsInTheHash) {
    const std::string hash = audit_hash(row());
    const auto changed = [&](auto change) {
        store::AuditRow other = row();
        change(other);
        return audit_hash(other) != hash;
    };
    EXPECT_TRUE(changed([](auto& r) { r.seq = 8; }));
    EXPECT_TRUE(changed([](auto& r) { r.time += 1; }));
    EXPECT_TRUE(changed([](auto& r) { r.actor += "1"; }));
    EXPECT_TRUE(changed([](auto& r) { r.action += "x"; }));
    EXPECT_TRUE(changed([](auto& r) { r.object = "account:1"; }));
    EXPECT_TRUE(changed([](auto& r) { r.before = ""; }));
    EXPECT_TRUE(changed([](auto& r) { r.after = "{}"; }));
    EXPECT_TRUE(changed([](auto& r) { r.remote = ""; }));
    EXPECT_TRUE(changed([](auto& r) { r.request_id = "s"; }));
    EXPECT_TRUE(changed([](auto& r) { r.prev = "ac"; }));
    EXPECT_FALSE(changed([](auto& r) { r.hash = "x"; }));
}

TEST(Audit, SecretsAndAddressesAreMasked) {
    EXPECT_EQ(masked_json({{"smtp_password", "hunter2"}, {"role", "admin"}, {"client_secret", ""}}),
              R"({"client_secret":"","role":"admin","smtp_password":"•••"})");
    EXPECT_EQ(masked_json({{"to", "ann@example.org"}}), R"({"to":"a•••@example.org"})");
}

TEST(Audit, AMarkIsBoundToItsKeyAndName) {
    const std::string key(32, 'k');
    const AuditMark mark{42, "ff"};
    const std::string text = seal_mark(mark, "head", key);
    EXPECT_EQ(open_mark(text, "head", key), mark);
    EXPECT_FALSE(open_mark(text, "anchor", key));
    EXPECT_FALSE(open_mark(text, "head", std::string(32, 'l')));
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(open_mark(changed, "head", key)) << i;
    }
    EXPECT_FALSE(open_mark("", "head", key));
    EXPECT_FALSE(open_mark("::", "head", key));
    EXPECT_EQ(open_mark(seal_mark({}, "head", key), "head", key), AuditMark{});
}

TEST(Audit, CsvQuotesAndDisarmsFormulas) {
    store::AuditRow r = row();
    r.object = "=1+1";
    r.request_id = "a\"b";
    const std::string csv = audit_csv({r});
    EXPECT_NE(csv.find(",'=1+1,"), std::string::npos);
    EXPECT_NE(csv.find(R"("{""role"":""admin""}")"), std::string::npos);
    EXPECT_NE(csv.find(R"("a""b")"), std::string::npos);
    EXPECT_TRUE(csv.starts_with("seq,time,actor,"));
}

}  // namespace
}  // namespace tidemark::identity
