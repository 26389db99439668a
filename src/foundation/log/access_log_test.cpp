#include "foundation/log/access_log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tidemark::log {
namespace {

TEST(AccessLine, HasOneLineWhateverTheClientSends) {
    AccessLine line;
    line.time = 1'760'000'000'000;
    line.remote = "10.0.0.7";
    line.method = "GET";
    line.path = "/a b\n2026 forged\x1b[31m";
    line.status = 404;
    line.bytes = 12;
    line.nanos = 1'500'000;
    line.request_id = "req_1";
    EXPECT_EQ(format(line),
              "2025-10-09T08:53:20.000Z 10.0.0.7 - GET /a\\x20b\\x0a2026\\x20forged\\x1b[31m 404 12 1.5ms req_1");
}

TEST(AccessLog, RotatesAndKeepsTheNewest) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-access-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    const std::filesystem::path folder = pattern;
    {
        auto log = AccessLog::open((folder / "access.log").string(), 1000, 3);
        ASSERT_TRUE(log) << log.error().message;
        for (int i = 0; i < 100; ++i) {
            AccessLine line;
            const std::string id = "req_" + std::to_string(i);
            line.request_id = id;
            line.method = "GET";
            line.path = "/healthz";
            (*log)->write(line);
        }
        (*log)->flush();
    }
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        ++files;
        EXPECT_LE(entry.file_size(), 1000U);
    }
    EXPECT_EQ(files, 3U);
    std::ifstream newest(folder / "access.log");
    std::stringstream text;
    text << newest.rdbuf();
    EXPECT_NE(text.str().find("req_99\n"), std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST(AccessLog, SaysWhereItCannotWrite) {
    const auto log = AccessLog::open("/proc/nowhere/access.log");
    ASSERT_FALSE(log);
    EXPECT_NE(log.error().message.find("/proc/nowhere/access.log"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::log
