#include "server/app/access.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "foundation/base/clock.hpp"
#include "foundation/net/certificate.hpp"

namespace tidemark::app {
namespace {

TEST(OwnCertificate, IsMadeAnewBeforeItEnds) {
    std::string folder = testing::TempDir() + "/tidemark-access-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const base::UnixMillis now = base::now();
    const auto fingerprint_at = [&](base::UnixMillis time, const std::vector<std::string>& names) {
        const auto files = certificate_for(folder, {}, names, time);
        EXPECT_TRUE(files) << files.error().message;
        return net::certificate_facts(files->certificate_file)->fingerprint;
    };
    const std::vector<std::string> names = {"tidemark.example:8377"};
    const std::string first = fingerprint_at(now, names);
    EXPECT_EQ(fingerprint_at(now + base::kDay, names), first);
    EXPECT_EQ(fingerprint_at(now + (net::kSelfSignedDays - 32) * base::kDay, names), first);
    const std::string second = fingerprint_at(now + (net::kSelfSignedDays - 29) * base::kDay, names);
    EXPECT_NE(second, first);
    EXPECT_NE(fingerprint_at(now, {"other.example"}), second);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tidemark::app
