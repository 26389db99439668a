#include "foundation/net/certificate.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace tidemark::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class CertificateTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "tidemark-certificate-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        key_ = folder_ + "/key.pem";
        certificate_ = folder_ + "/certificate.pem";
    }
    void TearDown() override {
        base::set_fixed_now(0);
        std::filesystem::remove_all(folder_);
    }
    std::string folder_, key_, certificate_;
};

TEST_F(CertificateTest, SaysWhatItWasMadeFor) {
    base::set_fixed_now(1'795'399'114'828);
    ASSERT_TRUE(make_self_signed({"tidemark.example", "192.168.1.5", "fd00::5"}, key_, certificate_));
    const auto facts = certificate_facts(certificate_);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_THAT(facts->names, ElementsAre("tidemark.example", "192.168.1.5", "fd00::5"));
    EXPECT_TRUE(facts->self_signed);
    EXPECT_THAT(facts->fingerprint, MatchesRegex("([0-9A-F][0-9A-F]:){31}[0-9A-F][0-9A-F]"));
    EXPECT_LT(facts->not_before, base::now());
    EXPECT_EQ(facts->not_after - facts->not_before, kSelfSignedDays * base::kDay);
    EXPECT_EQ(facts->days_left(base::now()), kSelfSignedDays - 1);
    EXPECT_EQ(facts->days_left(facts->not_after), 0);
    EXPECT_EQ(facts->days_left(facts->not_after + 1), -1);
    EXPECT_EQ(facts->days_left(facts->not_after + base::kDay), -1);
    EXPECT_EQ(facts->days_left(facts->not_after + base::kDay + 1), -2);
}

TEST_F(CertificateTest, TheKeyIsItsOwnersAlone) {
    std::ofstream(key_) << "an old key that others may read";
    chmod(key_.c_str(), 0644);
    std::ofstream(key_ + ".new") << "left by a run that was killed";
    ASSERT_TRUE(make_self_signed({"localhost"}, key_, certificate_));
    struct stat facts{};
    ASSERT_EQ(stat(key_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    std::ifstream file(key_);
    std::string first;
    std::getline(file, first);
    EXPECT_EQ(first, "-----BEGIN PRIVATE KEY-----");
    EXPECT_FALSE(std::filesystem::exists(key_ + ".new"));
}

TEST_F(CertificateTest, EachIsAnother) {
    ASSERT_TRUE(make_self_signed({"localhost"}, key_, certificate_));
    const auto first = certificate_facts(certificate_);
    ASSERT_TRUE(make_self_signed({"localhost"}, key_, certificate_));
    EXPECT_NE(certificate_facts(certificate_)->fingerprint, first->fingerprint);
}

TEST_F(CertificateTest, TakesNamesOnly) {
    const std::string zero("a\0b", 3);
    for (const std::string& name :
         {std::string(), std::string("a,DNS:evil.example"), std::string("*.example"), std::string("a b"),
          std::string("-a"), std::string("a..b"), zero, std::string("1.2.3.4/8"), std::string(300, 'a')}) {
        const auto made = make_self_signed({"localhost", name}, key_, certificate_);
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().code, base::ErrorCode::kInvalidArgument);
    }
    EXPECT_FALSE(make_self_signed({}, key_, certificate_));
    EXPECT_FALSE(std::filesystem::exists(key_));
    EXPECT_TRUE(make_self_signed({std::string(100, 'a') + ".example"}, key_, certificate_));
}

TEST_F(CertificateTest, FailsWithTheFilesName) {
    const auto missing = certificate_facts(certificate_);
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("certificate.pem: No such file"));
    std::ofstream(certificate_) << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    EXPECT_FALSE(certificate_facts(certificate_));
    const auto unwritable = make_self_signed({"localhost"}, folder_ + "/none/key.pem", certificate_);
    ASSERT_FALSE(unwritable);
    EXPECT_THAT(unwritable.error().message, HasSubstr("none/key.pem"));
}

}  // namespace
}  // namespace tidemark::net
