#include "foundation/crypto/sealed_file.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {
namespace {

using base::ErrorCode;

constexpr std::size_t kHead = 5 + 8 + 24;
constexpr std::size_t kChunk = kSealedChunkBytes + 17;

std::string seal(const KeyRing& ring, std::string_view plain, std::size_t step = 100'000) {
    std::string file;
    auto writer = SealedWriter::start(ring, [&file](std::string_view bytes) -> base::Result<void> {
                      file.append(bytes);
                      return {};
                  }).value();
    for (std::size_t i = 0; i < plain.size(); i += step) {
        EXPECT_TRUE(writer.write(plain.substr(i, step)));
    }
    EXPECT_TRUE(writer.finish());
    return file;
}

base::Result<std::string> open(const KeyRing& ring, std::string_view file, std::size_t step = 100'000) {
    auto reader = SealedReader::start(ring, [&file, step](std::span<char> buffer) -> base::Result<std::size_t> {
        const std::size_t count = std::min({buffer.size(), step, file.size()});
        std::copy_n(file.begin(), count, buffer.begin());
        file.remove_prefix(count);
        return count;
    });
    if (!reader) {
        return tl::unexpected(reader.error());
    }
    std::string plain;
    std::string buffer(step, '\0');
    for (;;) {
        const auto got = reader->read(buffer);
        if (!got) {
            EXPECT_FALSE(reader->read(buffer)) << "an error stays";
            return tl::unexpected(got.error());
        }
        if (*got == 0) {
            return plain;
        }
        plain.append(buffer, 0, *got);
    }
}

TEST(SealedFile, GivesBackEveryLength) {
    const KeyRing ring = KeyRing::temporary();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kSealedChunkBytes - 1, kSealedChunkBytes,
                                   kSealedChunkBytes + 1, 3 * kSealedChunkBytes, 3 * kSealedChunkBytes + 777}) {
        const std::string plain = random_bytes(size);
        const std::string file = seal(ring, plain);
        EXPECT_EQ(file.size(), kHead + size + 17 * (size / kSealedChunkBytes + 1));
        EXPECT_TRUE(file.starts_with("TMBK1" + ring.current_id()));
        EXPECT_EQ(open(ring, file).value(), plain);
        EXPECT_EQ(open(ring, seal(ring, plain, 999), 1001).value(), plain);
    }
}

TEST(SealedFile, AFileThatWasCutAnywhereIsRefused) {
    const KeyRing ring = KeyRing::temporary();
    const std::string file = seal(ring, random_bytes(2 * kSealedChunkBytes + 100));
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{4}, kHead - 1, kHead, kHead + 1, kHead + 16, kHead + 17, kHead + kChunk - 1,
          kHead + kChunk, kHead + kChunk + 1, kHead + 2 * kChunk, kHead + 2 * kChunk + 17, file.size() - 1}) {
        EXPECT_FALSE(open(ring, file.substr(0, size))) << size;
    }
    EXPECT_NE(open(ring, file.substr(0, kHead + kChunk)).error().message.find("its end is missing"), std::string::npos);
    EXPECT_FALSE(open(ring, file + "x"));
    EXPECT_FALSE(open(ring, file + file.substr(kHead)));
    EXPECT_TRUE(open(ring, file));
}

TEST(SealedFile, AChangedByteIsNoticed) {
    const KeyRing ring = KeyRing::temporary();
    const std::string plain = "what a small backup holds";
    const std::string file = seal(ring, plain);
    for (std::size_t i = 0; i < file.size(); ++i) {
        std::string other = file;
        other[i] = static_cast<char>(other[i] ^ 1);
        EXPECT_FALSE(open(ring, other)) << i;
    }
}

TEST(SealedFile, ChunksKeepTheirOrderAndTheirFile) {
    const KeyRing ring = KeyRing::temporary();
    const std::string plain = random_bytes(3 * kSealedChunkBytes + 5);
    const std::string file = seal(ring, plain);
    const auto chunk = [](const std::string& of, std::size_t i) { return of.substr(kHead + i * kChunk, kChunk); };
    const std::string head = file.substr(0, kHead);
    EXPECT_EQ(open(ring, head + chunk(file, 0) + chunk(file, 1) + chunk(file, 2) + chunk(file, 3)).value(), plain);
    EXPECT_FALSE(open(ring, head + chunk(file, 1) + chunk(file, 0) + chunk(file, 2) + chunk(file, 3)));
    EXPECT_FALSE(open(ring, head + chunk(file, 0) + chunk(file, 2) + chunk(file, 3)));
    EXPECT_FALSE(open(ring, head + chunk(file, 0) + chunk(file, 0) + chunk(file, 1) + chunk(file, 2) + chunk(file, 3)));
    EXPECT_FALSE(open(ring, head + chunk(file, 3)));
    const std::string twin = seal(ring, plain);
    EXPECT_FALSE(open(ring, head + chunk(twin, 0) + chunk(file, 1) + chunk(file, 2) + chunk(file, 3)));
}

TEST(SealedFile, SaysWhenItIsNoneOrItsKeyIsMissing) {
    const KeyRing ring = KeyRing::temporary();
    EXPECT_EQ(open(ring, "SQLite format 3, and so on for more than thirty-seven bytes").error().code,
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(open(KeyRing::temporary(), seal(ring, "x")).error().code, ErrorCode::kFailedPrecondition);
    std::string other = seal(ring, "x");
    other[5] = 'g';
    EXPECT_EQ(open(ring, other).error().code, ErrorCode::kDataLoss);
}

TEST(SealedFile, TellsItsKeyToWhoHasNoKey) {
    const KeyRing ring = KeyRing::temporary();
    std::string file = seal(ring, "x");
    EXPECT_EQ(sealed_file_key_id(file.substr(0, kSealedHeadBytes)), ring.current_id());
    EXPECT_EQ(sealed_file_key_id(file.substr(0, kSealedHeadBytes - 1)), std::nullopt);
    EXPECT_EQ(sealed_file_key_id(""), std::nullopt);
    file[7] = 'x';
    EXPECT_EQ(sealed_file_key_id(file), std::nullopt);
    EXPECT_EQ(sealed_file_key_id("SQLite format 3"), std::nullopt);
}

TEST(SealedFile, PassesOnWhatItsDiskSays) {
    const KeyRing ring = KeyRing::temporary();
    std::size_t room = kHead + 10;
    auto writer = SealedWriter::start(ring, [&room](std::string_view bytes) -> base::Result<void> {
                      if (bytes.size() > room) {
                          return base::fail(ErrorCode::kResourceExhausted, "the disk is full");
                      }
                      room -= bytes.size();
                      return {};
                  }).value();
    EXPECT_TRUE(writer.write("a little"));
    EXPECT_EQ(writer.finish().error().message, "the disk is full");
    const std::string file = seal(ring, "x");
    std::size_t at = 0;
    auto reader = SealedReader::start(ring, [&](std::span<char> buffer) -> base::Result<std::size_t> {
                      if (at == kHead) {
                          return base::fail(ErrorCode::kDataLoss, "bad sector");
                      }
                      buffer[0] = file[at++];
                      return 1;
                  }).value();
    EXPECT_EQ(reader.key_id(), ring.current_id());
    std::string buffer(10, '\0');
    EXPECT_EQ(reader.read(buffer).error().message, "bad sector");
}

}  // namespace
}  // namespace tidemark::crypto
