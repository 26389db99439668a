// The content of a backup file as a stream (backup.hpp): manifest, then the databases' bytes, compressed and sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "desk/backup/backup.hpp"
#include "desk/backup/impl/files.hpp"
#include "foundation/base/result.hpp"
#include "foundation/crypto/key_ring.hpp"

namespace tidemark::backup::impl {

class ArchiveWriter {
public:
    /// `file` must outlive the writer.
    static base::Result<ArchiveWriter> start(NewFile& file, const crypto::KeyRing& ring, const Manifest& manifest);
    ArchiveWriter(ArchiveWriter&&) noexcept;
    ~ArchiveWriter();
    base::Result<void> write(std::string_view bytes);
    base::Result<void> finish();

private:
    struct State;
    explicit ArchiveWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class ArchiveReader {
public:
    /// Reads the manifest and checks that this program can restore what it names. Errors name the file.
    static base::Result<ArchiveReader> open(const std::string& path, const crypto::KeyRing& ring);
    ArchiveReader(ArchiveReader&&) noexcept;
    ~ArchiveReader();
    [[nodiscard]] const Manifest& manifest() const;
    /// Of the databases, unpacked.
    [[nodiscard]] std::int64_t total_bytes() const;
    /// At least one byte; 0 when the file is at its end, and whole.
    base::Result<std::size_t> read(std::span<char> buffer);

private:
    struct State;
    explicit ArchiveReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace tidemark::backup::impl
