// Files under the master key, as a stream: backups. The form is
//   "TMBK1" <key id, 8 hex characters> <header of libsodium's secretstream, 24 bytes> chunk…
// where a chunk is 64 KiB of the file, sealed (+ 17 bytes), and the last one, marked as such, is shorter. The chunks
// are numbered and the header is part of the first one's seal: a file that was cut, continued, reordered or changed is
// refused. What a reader gave out before it found out must not be used; the end is proven when read() gives 0.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "foundation/base/result.hpp"
#include "foundation/crypto/key_ring.hpp"

namespace tidemark::crypto {

constexpr std::size_t kSealedChunkBytes = 64 * 1024;

/// Takes all the bytes, or fails.
using WriteBytes = std::function<base::Result<void>(std::string_view bytes)>;
/// Gives at least one byte, fewer than asked for when it likes, 0 at the end.
using ReadBytes = std::function<base::Result<std::size_t>(std::span<char> buffer)>;

/// The id of the master key that a sealed file needs, from its first kSealedHeadBytes bytes; nothing when it is none.
constexpr std::size_t kSealedHeadBytes = 13;
[[nodiscard]] std::optional<std::string> sealed_file_key_id(std::string_view beginning);

/// One thread uses a writer. Without finish() the file is incomplete, and a reader says so.
class SealedWriter {
public:
    static base::Result<SealedWriter> start(const KeyRing& ring, WriteBytes out);
    SealedWriter(SealedWriter&&) noexcept;
    SealedWriter& operator=(SealedWriter&&) noexcept;
    ~SealedWriter();

    base::Result<void> write(std::string_view bytes);
    base::Result<void> finish();

private:
    struct State;
    explicit SealedWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// One thread uses a reader. After an error every read() gives that error again.
class SealedReader {
public:
    /// kInvalidArgument when it is no sealed file, kFailedPrecondition when its key is not in the ring.
    static base::Result<SealedReader> start(const KeyRing& ring, ReadBytes in);
    SealedReader(SealedReader&&) noexcept;
    SealedReader& operator=(SealedReader&&) noexcept;
    ~SealedReader();

    [[nodiscard]] const std::string& key_id() const;
    /// Fills up to buffer.size() bytes; 0 when the file is at its end and whole. kDataLoss otherwise.
    base::Result<std::size_t> read(std::span<char> buffer);

private:
    struct State;
    explicit SealedReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::crypto
