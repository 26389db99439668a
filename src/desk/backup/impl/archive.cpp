#include "desk/backup/impl/archive.hpp"

#include <algorithm>
#include <array>

#include <zstd.h>

#include "desk/backup/impl/databases.hpp"
#include "foundation/crypto/sealed_file.hpp"
#include "foundation/json/read.hpp"
#include "foundation/json/write.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::backup::impl {

using base::ErrorCode;

namespace {

// Above it a database takes much longer for little less room.
constexpr int kCompression = 3;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kLongestManifest = 64 * 1024;

struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

base::Result<void> check(const Manifest& manifest) {
    for (const DatabaseEntry& entry : manifest.databases) {
        const auto known = std::ranges::find(kDatabases, entry.name, &KnownDatabase::name);
        const auto same = std::ranges::count(manifest.databases, entry.name, &DatabaseEntry::name);
        if (known == kDatabases.end() || same != 1 || entry.bytes < 0) {
            return base::fail(ErrorCode::kDataLoss, "it holds databases that this program does not know");
        }
        if (entry.schema_version > known->schema_version) {
            return base::fail(ErrorCode::kFailedPrecondition,
                              "it was made by a newer Tidemark (" + manifest.program + "): use that program");
        }
    }
    if (std::ranges::find(manifest.databases, kDatabases.front().name, &DatabaseEntry::name) ==
        manifest.databases.end()) {
        return base::fail(ErrorCode::kDataLoss, "it holds no " + std::string(kDatabases.front().name));
    }
    return {};
}

}  // namespace

struct ArchiveWriter::State {
    explicit State(crypto::SealedWriter sealed_writer) : sealed(std::move(sealed_writer)) {}

    base::Result<void> compress(std::string_view bytes, ZSTD_EndDirective directive) {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        for (;;) {
            ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
            const std::size_t left = ZSTD_compressStream2(context.get(), &out, &in, directive);
            if (ZSTD_isError(left) != 0) {
                return base::fail(ErrorCode::kInternal, std::string("compression: ") + ZSTD_getErrorName(left));
            }
            TIDEMARK_CHECK_OK(sealed.write({buffer.data(), out.pos}));
            if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) {
                return {};
            }
        }
    }

    crypto::SealedWriter sealed;
    std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};
    std::string buffer = std::string(ZSTD_CStreamOutSize(), '\0');
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

base::Result<ArchiveWriter> ArchiveWriter::start(NewFile& file, const crypto::KeyRing& ring, const Manifest& manifest) {
    TIDEMARK_TRY(crypto::SealedWriter sealed,
                 crypto::SealedWriter::start(ring, [&file](std::string_view bytes) { return file.write(bytes); }));
    auto state = std::make_unique<State>(std::move(sealed));
    if (state->context == nullptr ||
        ZSTD_isError(ZSTD_CCtx_setParameter(state->context.get(), ZSTD_c_compressionLevel, kCompression)) != 0) {
        return base::fail(ErrorCode::kResourceExhausted, "compression: out of memory");
    }
    std::string text;
    json::append(text, manifest);
    std::string length(kLengthBytes, '\0');
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        length[i] = static_cast<char>(text.size() >> 8 * i);
    }
    TIDEMARK_CHECK_OK(state->sealed.write(length + text));
    return ArchiveWriter(std::move(state));
}

base::Result<void> ArchiveWriter::write(std::string_view bytes) { return state_->compress(bytes, ZSTD_e_continue); }

base::Result<void> ArchiveWriter::finish() {
    TIDEMARK_CHECK_OK(state_->compress({}, ZSTD_e_end));
    return state_->sealed.finish();
}

struct ArchiveReader::State {
    State(std::string file_path, crypto::SealedReader sealed_reader)
        : path(std::move(file_path)), sealed(std::move(sealed_reader)) {}

    [[nodiscard]] tl::unexpected<base::Error> fail(ErrorCode code, const std::string& message) const {
        return base::fail(code, path + ": " + message);
    }

    base::Result<void> read_exactly(std::span<char> bytes) {
        while (!bytes.empty()) {
            auto got = sealed.read(bytes);
            if (!got) {
                return fail(got.error().code, got.error().message);
            }
            if (*got == 0) {
                return fail(ErrorCode::kDataLoss, "it is not whole");
            }
            bytes = bytes.subspan(*got);
        }
        return {};
    }

    base::Result<void> read_manifest() {
        std::array<char, kLengthBytes> length{};
        TIDEMARK_CHECK_OK(read_exactly(length));
        std::size_t size = 0;
        for (std::size_t i = kLengthBytes; i-- > 0;) {
            size = size << 8 | static_cast<unsigned char>(length[i]);
        }
        if (size > kLongestManifest) {
            return fail(ErrorCode::kDataLoss, "this is no backup of Tidemark");
        }
        std::string text(size, '\0');
        TIDEMARK_CHECK_OK(read_exactly(text));
        auto read = json::read<Manifest>(text);
        // A later format may have fields that this program does not know.
        if (!read || read->format != kFormat) {
            return fail(ErrorCode::kFailedPrecondition, "it was made by a newer Tidemark: use that program");
        }
        manifest = std::move(*read);
        if (auto checked = check(manifest); !checked) {
            return fail(checked.error().code, checked.error().message);
        }
        return {};
    }

    std::string path;
    crypto::SealedReader sealed;
    Manifest manifest;
    std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
    std::string buffer = std::string(ZSTD_DStreamInSize(), '\0');
    ZSTD_inBuffer in{buffer.data(), 0, 0};
    bool frame_ended = false;
};

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

base::Result<ArchiveReader> ArchiveReader::open(const std::string& path, const crypto::KeyRing& ring) {
    TIDEMARK_TRY(sys::FileDescriptor file, sys::open_for_reading(path));
    const auto shared = std::make_shared<sys::FileDescriptor>(std::move(file));
    std::int64_t offset = 0;
    auto sealed = crypto::SealedReader::start(ring, [shared, offset](std::span<char> buffer) mutable {
        auto got = sys::read_at(*shared, offset, buffer);
        offset += static_cast<std::int64_t>(got.value_or(0));
        return got;
    });
    if (!sealed) {
        return base::fail(sealed.error().code, path + ": " + sealed.error().message);
    }
    auto state = std::make_unique<State>(path, std::move(*sealed));
    if (state->context == nullptr) {
        return base::fail(ErrorCode::kResourceExhausted, "decompression: out of memory");
    }
    TIDEMARK_CHECK_OK(state->read_manifest());
    return ArchiveReader(std::move(state));
}

const Manifest& ArchiveReader::manifest() const { return state_->manifest; }

std::int64_t ArchiveReader::total_bytes() const {
    std::int64_t bytes = 0;
    for (const DatabaseEntry& entry : state_->manifest.databases) {
        bytes += entry.bytes;
    }
    return bytes;
}

base::Result<std::size_t> ArchiveReader::read(std::span<char> buffer) {
    State& state = *state_;
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos == 0) {
        // Without new input, too: what was read before may give more than the last buffer had room for.
        if (!state.frame_ended) {
            const std::size_t left = ZSTD_decompressStream(state.context.get(), &out, &state.in);
            if (ZSTD_isError(left) != 0) {
                return state.fail(ErrorCode::kDataLoss,
                                  std::string("it cannot be unpacked: ") + ZSTD_getErrorName(left));
            }
            state.frame_ended = left == 0;
        } else if (state.in.pos < state.in.size) {
            return state.fail(ErrorCode::kDataLoss, "something follows its end");
        }
        if (out.pos == 0 && state.in.pos == state.in.size) {
            auto got = state.sealed.read(state.buffer);
            if (!got) {
                return state.fail(got.error().code, got.error().message);
            }
            if (*got == 0) {
                if (!state.frame_ended) {
                    return state.fail(ErrorCode::kDataLoss, "it is not whole");
                }
                return 0;
            }
            state.in = {state.buffer.data(), *got, 0};
        }
    }
    return out.pos;
}

}  // namespace tidemark::backup::impl
