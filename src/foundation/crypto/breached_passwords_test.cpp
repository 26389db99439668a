#include "foundation/crypto/breached_passwords.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/crypto/impl/sha1.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {
namespace {

using testing::HasSubstr;

class Breached : public testing::Test {
protected:
    Breached() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-breached-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Breached() override { std::filesystem::remove_all(folder_); }

    static std::string digits(std::string_view password, bool upper = true) {
        std::string hex = to_hex(impl::sha1(password));
        if (upper) {
            std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
        }
        return hex;
    }
    static std::string word(int i) { return "word " + std::to_string(i); }
    /// The lines of `count` made-up passwords.
    static std::vector<std::string> lines(int count, bool counts = true) {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(digits(word(i)));
        }
        std::ranges::sort(all);
        for (std::size_t i = 0; counts && i < all.size(); ++i) {
            all[i] += ":" + std::to_string(i * i * i);
        }
        return all;
    }
    static std::string joined(const std::vector<std::string>& all, std::string_view end = "\n") {
        std::string text;
        for (const std::string& line : all) {
            text.append(line).append(end);
        }
        return text;
    }
    std::string path() const { return folder_ + "/list.txt"; }
    base::Result<BreachedPasswords> open(const std::string& text) const {
        std::ofstream(path(), std::ios::binary) << text;
        return BreachedPasswords::open(path());
    }
    std::string refusal(const std::string& text) const {
        const auto opened = open(text);
        if (opened) {
            return "";
        }
        EXPECT_EQ(opened.error().code, base::ErrorCode::kInvalidArgument);
        EXPECT_THAT(opened.error().message, HasSubstr(path()));
        return opened.error().message;
    }

    std::string folder_;
};

TEST_F(Breached, TheDigestIsThatOfFips180) {
    EXPECT_EQ(digits("abc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
    EXPECT_EQ(digits("password", false), "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
}

TEST_F(Breached, FindsEachPasswordAndNoOther) {
    for (const int count : {1, 2, 3, 7, 2500}) {
        for (const std::string_view end : {"\n", "\r\n"}) {
            for (const bool counts : {false, true}) {
                std::string text = joined(lines(count, counts), end);
                for (const bool ended : {true, false}) {
                    const auto list = open(ended ? text : text.substr(0, text.size() - end.size()));
                    ASSERT_TRUE(list) << list.error().message;
                    for (int i = 0; i < count; ++i) {
                        ASSERT_EQ(list->contains(word(i)).value(), true) << i << " of " << count;
                        ASSERT_EQ(list->contains("other " + word(i)).value(), false) << i << " of " << count;
                    }
                }
            }
        }
    }
}

TEST_F(Breached, DigitsMayBeSmall) {
    const auto list = open(digits("gravel thimble orchard", false) + "\n");
    ASSERT_TRUE(list);
    EXPECT_TRUE(list->contains("gravel thimble orchard").value());
    EXPECT_FALSE(list->contains("").value());
}

TEST_F(Breached, WhatIsNoSuchListIsRefusedWithItsLine) {
    EXPECT_THAT(refusal(""), HasSubstr("is empty"));
    EXPECT_THAT(refusal("\n"), HasSubstr("line 1: is no SHA-1 hash"));
    EXPECT_THAT(refusal("password\n123456\n"), HasSubstr("line 1: is no SHA-1 hash"));
    const std::string one = digits("a"), last(40, 'F');
    EXPECT_THAT(refusal(one + "\n" + one.substr(1) + "\n"), HasSubstr("line 2: ")) << "a short line";
    EXPECT_THAT(refusal(one + ":\n"), HasSubstr("line 1: "));
    EXPECT_THAT(refusal(one + ":x\n"), HasSubstr("line 1: "));
    EXPECT_THAT(refusal(one + " \n"), HasSubstr("line 1: "));
    EXPECT_THAT(refusal(one + ":" + std::string(70, '1') + "\n"), HasSubstr("line 1: ")) << "no end";
    EXPECT_THAT(refusal(one + "\n\n" + last + "\n"), HasSubstr("line 2: ")) << "an empty line";
    EXPECT_THAT(refusal(one + "\n" + last + "\n\n"), HasSubstr("line 3: "));
    EXPECT_THAT(refusal(std::string("\xEF\xBB\xBF") + one + "\n"), HasSubstr("line 1: "));
    EXPECT_THAT(refusal(std::string(100'000, '\0')), HasSubstr("line 1: "));
    EXPECT_THAT(refusal(last + "\n" + one + "\n"), HasSubstr("line 2: is before the line above")) << "by count";
    EXPECT_FALSE(BreachedPasswords::open(folder_ + "/none.txt"));
    EXPECT_FALSE(BreachedPasswords::open(folder_)) << "a folder";
}

TEST_F(Breached, WhatIsWrongFarBehindIsFoundToo) {
    std::vector<std::string> all = lines(20'000);
    EXPECT_EQ(refusal(joined(all)), "");
    std::vector<std::string> turned = all;
    std::reverse(turned.begin() + 5000, turned.end());
    EXPECT_THAT(refusal(joined(turned)), HasSubstr("is before the line above"));
    std::vector<std::string> cut(all.begin(), all.begin() + 5000);
    EXPECT_THAT(refusal(joined(cut) + std::string(500'000, '0')), HasSubstr("byte"));
    EXPECT_THAT(refusal(joined(all) + "half a li"), HasSubstr("byte")) << "a download that was interrupted";
}

TEST_F(Breached, AFileThatChangesIsAnErrorAndNeverANo) {
    const auto list = open(joined(lines(3000)));
    ASSERT_TRUE(list);
    std::filesystem::resize_file(path(), 100);
    const auto found = list->contains(word(1));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, base::ErrorCode::kDataLoss);
    EXPECT_THAT(found.error().message, HasSubstr(path()));
}

TEST_F(Breached, OneThatIsPutInItsPlaceCountsFromTheNextStart) {
    const auto list = open(digits("old old old") + "\n");
    ASSERT_TRUE(list);
    const std::string fresh = folder_ + "/fresh.txt";
    std::ofstream(fresh) << digits("new new new") << "\n";
    std::filesystem::rename(fresh, path());
    EXPECT_TRUE(list->contains("old old old").value());
    EXPECT_TRUE(BreachedPasswords::open(path())->contains("new new new").value());
}

}  // namespace
}  // namespace tidemark::crypto
