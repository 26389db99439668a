#include "foundation/sys/walk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark::sys {
namespace {

namespace fs = std::filesystem;

class WalkTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "tidemark-walk-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr) << errno;
        root_ = pattern;
    }
    void TearDown() override { fs::remove_all(root_); }

    std::string put(const std::string& path, const std::string& text = "x\n") const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
        return (root_ / path).string();
    }
    /// The files found, sorted.
    std::vector<std::string> found(WalkMemory* memory) const {
        std::vector<std::string> paths;
        for (const FoundFile& file : walk(root_.string(), ".jsonl", memory).files) {
            paths.push_back(file.path);
        }
        std::sort(paths.begin(), paths.end());
        return paths;
    }
    /// The text of a memory of all folders, once the last change is a few ticks ago.
    [[nodiscard]] std::string remembered() const {
        for (;;) {
            WalkMemory memory({}, kSoon);
            const auto walked = walk(root_.string(), ".jsonl", &memory);
            if (folders_in(memory.text()) == walked.directories.size()) {
                return memory.text();
            }
            ::usleep(5'000);
        }
    }
    /// Folders that a memory's text knows.
    static std::size_t folders_in(const std::string& text) {
        std::size_t count = 0;
        for (std::size_t at = text.find("tidemark-walk-"); at != std::string::npos;
             at = text.find("tidemark-walk-", at + 1)) {
            ++count;
        }
        return count;
    }

    static constexpr std::chrono::milliseconds kSoon{30};
    fs::path root_;
};

TEST_F(WalkTest, FindsFilesBelowFoldersAndFollowsLinksOnce) {
    const std::string a = put("p/a.jsonl");
    const std::string b = put("p/deep/er/b.jsonl");
    put("p/notes.txt");
    fs::create_directory_symlink(root_, root_ / "p/loop");
    const WalkResult result = walk(root_.string(), ".jsonl");
    ASSERT_EQ(result.files.size(), 2U);
    EXPECT_TRUE(result.problems.empty());
    EXPECT_EQ(result.directories.front(), root_.string());
    EXPECT_EQ(result.directories.size(), 4U);
    for (const FoundFile& file : result.files) {
        EXPECT_EQ(file.identity, *identity_of(file.path));
    }
    EXPECT_EQ(found(nullptr), (std::vector<std::string>{a, b}));
}

TEST_F(WalkTest, ManyFoldersOnSeveralThreadsAreAllFound) {
    std::vector<std::string> all;
    for (int i = 0; i < 40; ++i) {
        for (int k = 0; k < 5; ++k) {
            all.push_back(put("p" + std::to_string(i) + "/s" + std::to_string(k) + "/subagents/a.jsonl"));
        }
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(found(nullptr), all);
    WalkMemory memory(remembered(), kSoon);
    EXPECT_EQ(found(&memory), all);
    EXPECT_FALSE(memory.changed());
}

TEST_F(WalkTest, AFolderThatJustChangedIsNotRemembered) {
    put("p/a.jsonl");
    WalkMemory memory({});
    found(&memory);
    EXPECT_EQ(folders_in(memory.text()), 0U);
    EXPECT_FALSE(memory.changed());
}

TEST_F(WalkTest, WhatIsRememberedIsSeenAgainAndWhatChangedIsSeenAnew) {
    const std::string a = put("p/a.jsonl");
    const std::string b = put("q/b.jsonl");
    const std::string text = remembered();
    {
        WalkMemory memory(text, kSoon);
        EXPECT_EQ(found(&memory), (std::vector<std::string>{a, b}));
        EXPECT_FALSE(memory.changed());
        EXPECT_EQ(folders_in(memory.text()), 3U);
    }
    // A file that grows keeps its folder's stamp: its new size must be seen.
    put("p/a.jsonl", "longer than before\n");
    {
        WalkMemory memory(text, kSoon);
        const WalkResult result = walk(root_.string(), ".jsonl", &memory);
        const auto grown =
            std::find_if(result.files.begin(), result.files.end(), [&](const FoundFile& f) { return f.path == a; });
        ASSERT_NE(grown, result.files.end());
        EXPECT_EQ(grown->identity.size, 19);
        EXPECT_FALSE(memory.changed());
    }
    const std::string c = put("p/c.jsonl");
    const std::string d = put("q/new/d.jsonl");
    fs::remove(b);
    {
        WalkMemory memory(text, kSoon);
        EXPECT_EQ(found(&memory), (std::vector<std::string>{a, c, d}));
        EXPECT_TRUE(memory.changed());
    }
    fs::remove_all(root_ / "q");
    WalkMemory memory(text, kSoon);
    EXPECT_EQ(found(&memory), (std::vector<std::string>{a, c}));
    EXPECT_TRUE(memory.changed());
}

TEST_F(WalkTest, AFolderWhoseTimeWasSetBackIsSeenAnew) {
    put("p/a.jsonl");
    const std::string text = remembered();
    struct stat before{};
    ASSERT_EQ(::stat((root_ / "p").c_str(), &before), 0);
    const std::string b = put("p/b.jsonl");
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / "p").c_str(), times, 0), 0);
    WalkMemory memory(text, kSoon);
    const auto files = found(&memory);
    EXPECT_NE(std::find(files.begin(), files.end(), b), files.end());
}

TEST_F(WalkTest, AFolderWithLinksIsNeverRemembered) {
    put("p/a.jsonl");
    put("elsewhere/b.jsonl");
    fs::create_symlink(root_ / "elsewhere/b.jsonl", root_ / "p/link.jsonl");
    for (std::size_t known = 0; known < 2;) {  // root and elsewhere, once they have settled
        WalkMemory memory({}, kSoon);
        found(&memory);
        known = folders_in(memory.text());
        ASSERT_EQ(memory.text().find("link.jsonl"), std::string::npos);
        ::usleep(5'000);
    }
}

TEST_F(WalkTest, ADamagedMemoryIsAnEmptyOne) {
    const std::string a = put("p/a.jsonl");
    const std::string text = remembered();
    for (std::size_t cut = 1; cut < text.size(); cut += 3) {
        WalkMemory memory(text.substr(0, cut));
        ASSERT_EQ(found(&memory), std::vector<std::string>{a}) << cut;
        ASSERT_TRUE(memory.changed()) << cut;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        WalkMemory memory(changed);
        ASSERT_EQ(found(&memory), std::vector<std::string>{a}) << at;
    }
}

}  // namespace
}  // namespace tidemark::sys
