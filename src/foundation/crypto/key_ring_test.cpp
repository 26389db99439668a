#include "foundation/crypto/key_ring.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/crypto/random.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::crypto {
namespace {

using base::ErrorCode;

const std::string kOne = to_hex("0123456789abcdef0123456789abcdef");
const std::string kTwo = to_base64url("another key, of thirty-two bytes");

class KeyRingTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "tidemark-keys-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name = "master.key") const { return folder_ + "/" + name; }
    [[nodiscard]] static std::string text_of(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void put(const std::string& text, mode_t mode = 0600) const {
        std::ofstream(path(), std::ios::binary) << text;
        ::chmod(path().c_str(), mode);
    }

    std::string folder_;
};

TEST_F(KeyRingTest, ParsesHexAndBase64UrlTheCurrentOneFirst) {
    const auto ring = KeyRing::parse(kOne + "," + kTwo + "=", "TEST");
    ASSERT_TRUE(ring) << ring.error().message;
    ASSERT_EQ(ring->ids().size(), 2U);
    EXPECT_EQ(ring->current_id(), ring->ids()[0]);
    EXPECT_EQ(ring->current_id().size(), 8U);
    EXPECT_TRUE(ring->has(ring->ids()[1]));
    EXPECT_FALSE(ring->has("00000000"));
    // The same key has the same id wherever it comes from, in any notation.
    const auto lines =
        KeyRing::parse("# a comment, with a comma\r\n\n  " + to_base64url(*from_hex(kOne)) + " \r\n", "TEST");
    ASSERT_TRUE(lines) << lines.error().message;
    EXPECT_EQ(lines->ids(), std::vector<std::string>{ring->current_id()});
}

TEST_F(KeyRingTest, RefusesWhatIsNoKeyWithoutRepeatingIt) {
    for (const std::string& text :
         {std::string(), std::string("\n,# none\n"), kOne.substr(1), kOne + "0", kOne + "," + kOne, kTwo.substr(1),
          kTwo + "A", std::string(64, '0'), std::string(43, 'A'), std::string("passwordpasswordpasswordpassword"),
          kOne + " " + kTwo, std::string(63, 'a') + "g", std::string("\0\xff", 2)}) {
        const auto ring = KeyRing::parse(text, "TEST");
        ASSERT_FALSE(ring) << text;
        EXPECT_EQ(ring.error().code, ErrorCode::kInvalidArgument);
        EXPECT_TRUE(ring.error().message.starts_with("TEST: "));
        EXPECT_EQ(ring.error().message.find("0123456789"), std::string::npos) << ring.error().message;
    }
}

TEST_F(KeyRingTest, ACreatedFileIsPrivateAndReadAgain) {
    const auto made = KeyRing::create_file(path());
    ASSERT_TRUE(made) << made.error().message;
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(KeyRing::read_file(path())->ids(), made->ids());
    // Never over one that is there.
    const std::string before = text_of(path());
    const auto again = KeyRing::create_file(path());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(text_of(path()), before);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
    EXPECT_FALSE(KeyRing::create_file(path("no/such/folder")));
}

TEST_F(KeyRingTest, AFileThatOthersMayReadIsRefusedWithTheCommandThatHelps) {
    for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0601U}) {
        put(kOne, mode);
        const auto ring = KeyRing::read_file(path());
        ASSERT_FALSE(ring) << mode;
        EXPECT_EQ(ring.error().code, ErrorCode::kPermissionDenied);
        EXPECT_NE(ring.error().message.find("chmod 600 " + path()), std::string::npos) << ring.error().message;
        EXPECT_FALSE(KeyRing::rotate_file(path()));
    }
    put(kOne, 0400);
    EXPECT_TRUE(KeyRing::read_file(path()));
    EXPECT_FALSE(KeyRing::read_file(folder_));
    EXPECT_FALSE(KeyRing::read_file(path("missing")));
}

TEST_F(KeyRingTest, RotationPutsANewKeyFirstAndKeepsTheOld) {
    const KeyRing first = *KeyRing::create_file(path());
    const std::string sealed = first.seal("ann@example.org", "accounts.mail:1");
    KeyRing ring = first;
    for (std::size_t count = 2; count < 5; ++count) {
        const auto rotated = KeyRing::rotate_file(path());
        ASSERT_TRUE(rotated) << rotated.error().message;
        EXPECT_EQ(rotated->ids().size(), count);
        EXPECT_NE(rotated->current_id(), ring.current_id());
        EXPECT_EQ(rotated->ids()[1], ring.current_id());
        ring = *rotated;
    }
    EXPECT_EQ(KeyRing::read_file(path())->ids(), ring.ids());
    EXPECT_EQ(ring.open(sealed, "accounts.mail:1").value(), "ann@example.org");
    // Nothing is left beside it, and the explanation stands there once.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
    const std::string text = text_of(path());
    EXPECT_EQ(text.find("# Tidemark"), text.rfind("# Tidemark"));
}

TEST_F(KeyRingTest, AKeyThatIsNotNeededAnyMoreIsTakenOut) {
    const KeyRing both = *KeyRing::parse(kTwo + "," + kOne, "");
    const std::string old = both.ids()[1];
    for (const auto& [before, after] :
         {std::pair("# mine, " + kOne + "\n" + kTwo + "\n" + kOne + "\n", "# mine, " + kOne + "\n" + kTwo + "\n"),
          {kTwo + ", " + kOne, kTwo + ","},
          {kTwo + "\n# of 2025\n" + kOne + ",\n", kTwo + "\n# of 2025\n\n"}}) {
        put(before);
        const auto left = KeyRing::remove_from_file(path(), old);
        ASSERT_TRUE(left) << before << ": " << left.error().message;
        EXPECT_EQ(left->ids(), std::vector{both.current_id()});
        EXPECT_EQ(text_of(path()), after);
        EXPECT_EQ(KeyRing::read_file(path())->ids(), left->ids());
    }
    EXPECT_EQ(KeyRing::remove_from_file(path(), old).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(KeyRing::remove_from_file(path(), both.current_id()).error().code, ErrorCode::kFailedPrecondition);
    EXPECT_EQ(KeyRing::remove_from_file(path(), "").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyRingTest, RotationLeavesAFileItCannotReadAlone) {
    put("# mine\n" + kOne + "\nrubbish\n");
    ASSERT_FALSE(KeyRing::rotate_file(path()));
    EXPECT_EQ(text_of(path()), "# mine\n" + kOne + "\nrubbish\n");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyRingTest, OneRotationAtATime) {
    const KeyRing ring = *KeyRing::create_file(path());
    {
        const sys::FileDescriptor other = sys::open_for_reading(path()).value();
        ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
        const auto rotated = KeyRing::rotate_file(path());
        ASSERT_FALSE(rotated);
        EXPECT_EQ(rotated.error().code, ErrorCode::kUnavailable);
        EXPECT_EQ(KeyRing::read_file(path())->ids(), ring.ids()) << "reading needs no lock";
    }
    // What a rotation left that was killed is in nobody's way.
    std::ofstream(path("master.key.new")) << "half a ke";
    EXPECT_EQ(KeyRing::rotate_file(path())->ids().size(), 2U);
    EXPECT_FALSE(std::filesystem::exists(path("master.key.new")));
}

TEST_F(KeyRingTest, AFileTooLargeToBeReadWholeIsNotRotated) {
    const std::string text = kOne + "\n" + std::string(64 * 1024, '#') + "\n" + kTwo + "\n";
    put(text);
    EXPECT_FALSE(KeyRing::read_file(path()));
    EXPECT_FALSE(KeyRing::rotate_file(path()));
    EXPECT_EQ(text_of(path()), text);
}

TEST_F(KeyRingTest, RunsACommandWithoutAShell) {
    const auto ring = KeyRing::run_command("printf '%s\\n' " + kOne);
    ASSERT_TRUE(ring) << ring.error().message;
    EXPECT_EQ(ring->ids(), KeyRing::parse(kOne, "")->ids());
    put("it's " + kOne);
    EXPECT_TRUE(KeyRing::run_command("sed \"s/^it's //\" '" + path() + "'"));
    // A shell would make the file, or run the other commands.
    for (const std::string& rest : {">" + path("made"), "; touch " + path("made"), "$(touch " + path("made") + ")",
                                    "`touch " + path("made") + "`", "| tee " + path("made")}) {
        EXPECT_FALSE(KeyRing::run_command("echo " + kOne + " " + rest)) << "the rest is printed too";
    }
    EXPECT_FALSE(std::filesystem::exists(path("made")));
}

TEST_F(KeyRingTest, ACommandThatFailsSaysHow) {
    const std::pair<std::string, std::string> cases[] = {{"false", "exit code 1"},
                                                         {"/no/such/program", "does not start"},
                                                         {"sh -c 'kill -9 $$'", "signal 9"},
                                                         {"true", "no master key"},
                                                         {"echo hello", "not 32 bytes"},
                                                         {"yes", "64 KiB"},
                                                         {"", "empty"},
                                                         {"  ", "empty"},
                                                         {"'' a", "empty"},
                                                         {"echo 'a", "quotation mark"}};
    for (const auto& [command, message] : cases) {
        const auto ring = KeyRing::run_command(command);
        ASSERT_FALSE(ring) << command;
        EXPECT_NE(ring.error().message.find(message), std::string::npos) << ring.error().message;
    }
    // What it printed before it failed is not taken, and not told.
    const auto failed = KeyRing::run_command("sh -c 'echo " + kOne + "; exit 3'");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message.find(kOne), std::string::npos);
}

TEST_F(KeyRingTest, ACommandThatHangsIsEndedWithItsChildren) {
    for (const char* command : {"sleep 600", "sh -c 'sleep 600; true'", "sh -c 'exec >&-; sleep 600'"}) {
        const auto ring = KeyRing::run_command(command, std::chrono::milliseconds(50));
        ASSERT_FALSE(ring) << command;
        EXPECT_EQ(ring.error().code, ErrorCode::kUnavailable);
        EXPECT_NE(ring.error().message.find("took longer than 50 ms"), std::string::npos) << ring.error().message;
    }
}

TEST(Seal, OpensWhatItSealedAndShowsNothing) {
    const KeyRing ring = KeyRing::temporary();
    for (const std::string& text :
         {std::string(), std::string("ann@example.org"), random_bytes(10'000), std::string(3, '\0')}) {
        const std::string sealed = ring.seal(text, "accounts.mail:1");
        EXPECT_TRUE(sealed.starts_with("tm1:" + ring.current_id() + ":"));
        EXPECT_EQ(ring.open(sealed, "accounts.mail:1").value(), text);
        EXPECT_NE(ring.seal(text, "accounts.mail:1"), sealed);
        EXPECT_EQ(KeyRing::key_id_of(sealed), ring.current_id());
    }
    EXPECT_NE(KeyRing::temporary().current_id(), ring.current_id());
}

TEST(Seal, BelongsToItsPlace) {
    const KeyRing ring = KeyRing::temporary();
    const std::string sealed = ring.seal("ann@example.org", "accounts.mail:1");
    for (const char* context : {"accounts.mail:2", "accounts.mail:11", "accounts.totp:1", ""}) {
        const auto opened = ring.open(sealed, context);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::kDataLoss);
    }
}

TEST(Seal, EveryChangedOrMissingByteIsNoticed) {
    const KeyRing ring = KeyRing::temporary();
    const std::string sealed = ring.seal("ann@example.org", "a");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        for (const char c : {'A', 'b', '0', ':', '\n', '\0'}) {
            std::string other = sealed;
            other[i] = c;
            EXPECT_EQ(ring.open(other, "a").has_value(), other == sealed) << i;
        }
        EXPECT_FALSE(ring.open(sealed.substr(0, i), "a")) << i;
        EXPECT_FALSE(ring.open(sealed.substr(i + 1), "a")) << i;
    }
    EXPECT_FALSE(ring.open(sealed + "A", "a"));
    EXPECT_FALSE(ring.open(sealed + sealed, "a"));
}

TEST(Seal, NamesTheKeyThatIsMissing) {
    const KeyRing one = *KeyRing::parse(kOne, "");
    const KeyRing two = *KeyRing::parse(kTwo, "");
    const auto opened = two.open(one.seal("x", "a"), "a");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_NE(opened.error().message.find(one.current_id()), std::string::npos);
    // A text cannot be passed off as another key's.
    std::string other = one.seal("x", "a");
    other.replace(4, 8, two.current_id());
    EXPECT_FALSE(two.open(other, "a"));
}

TEST(Seal, ResealsWhatIsNotCurrent) {
    const KeyRing old = *KeyRing::parse(kOne, "");
    const KeyRing both = *KeyRing::parse(kTwo + "," + kOne, "");
    const std::string sealed = old.seal("x", "a");
    const auto moved = both.reseal(sealed, "a");
    ASSERT_TRUE(moved && *moved);
    EXPECT_EQ(KeyRing::key_id_of(**moved), both.current_id());
    EXPECT_EQ(both.open(**moved, "a").value(), "x");
    EXPECT_EQ(both.reseal(**moved, "a").value(), std::nullopt);
    EXPECT_FALSE(both.reseal(sealed, "b"));
    EXPECT_FALSE(both.reseal("rubbish", "a"));
}

TEST(Seal, KeyIdsAreReadFromTheRightFormOnly) {
    for (const char* text :
         {"", "tm1:", "tm1:12345678", "tm1:1234567:", "tm1:1234567G:AA", "tm2:12345678:AA", "tm1:ABCDEF12:AA"}) {
        EXPECT_EQ(KeyRing::key_id_of(text), std::nullopt) << text;
    }
    EXPECT_EQ(KeyRing::key_id_of("tm1:12345678:AA"), "12345678");
}

TEST(Subkeys, DifferByPurposeAndKey) {
    const KeyRing both = *KeyRing::parse(kTwo + "," + kOne, "");
    const auto mail = both.subkeys("mail index");
    ASSERT_EQ(mail.size(), 2U);
    EXPECT_EQ(mail[0].size(), 32U);
    EXPECT_NE(mail[0], mail[1]);
    EXPECT_NE(mail[0], both.subkeys("audit")[0]);
    EXPECT_EQ(mail[1], KeyRing::parse(kOne, "")->subkeys("mail index")[0]);
    EXPECT_EQ(both.subkey("mail index", both.ids()[1]).value(), mail[1]);
    EXPECT_FALSE(both.subkey("mail index", "00000000"));
}

}  // namespace
}  // namespace tidemark::crypto
