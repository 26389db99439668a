#include "foundation/crypto/sealed_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/crypto/impl/sodium.hpp"
#include "foundation/crypto/random.hpp"

namespace tidemark::crypto {

using base::ErrorCode;
using impl::bytes_of;

namespace {

constexpr std::string_view kMagic = "TMBK1";
constexpr std::size_t kIdCharacters = 8;
constexpr std::size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kSealBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::string_view kPurpose = "sealed file";
static_assert(kSealedHeadBytes == kMagic.size() + kIdCharacters);
constexpr const char* kChanged = "the sealed file was changed, or is damaged";

base::Result<std::size_t> read_fully(const ReadBytes& in, std::span<char> buffer) {
    std::size_t size = 0;
    while (size < buffer.size()) {
        TIDEMARK_TRY(const std::size_t got, in(buffer.subspan(size)));
        if (got == 0) {
            break;
        }
        size += got;
    }
    return size;
}

}  // namespace

std::optional<std::string> sealed_file_key_id(std::string_view beginning) {
    if (beginning.size() < kSealedHeadBytes || !beginning.starts_with(kMagic) ||
        !from_hex(beginning.substr(kMagic.size(), kIdCharacters))) {
        return std::nullopt;
    }
    return std::string(beginning.substr(kMagic.size(), kIdCharacters));
}

struct SealedWriter::State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        sodium_memzero(&stream, sizeof stream);
        wipe(chunk);
    }

    base::Result<void> put(unsigned char tag) {
        std::string sealed(chunk.size() + kSealBytes, '\0');
        crypto_secretstream_xchacha20poly1305_push(&stream, bytes_of(sealed), nullptr, bytes_of(chunk), chunk.size(),
                                                   bytes_of(std::as_const(head)), head.size(), tag);
        chunk.clear();
        head.clear();
        return out(sealed);
    }

    crypto_secretstream_xchacha20poly1305_state stream{};
    WriteBytes out;
    std::string head;   ///< Sealed along with the first chunk, then empty
    std::string chunk;  ///< Less than a whole one
};

SealedWriter::SealedWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedWriter::SealedWriter(SealedWriter&&) noexcept = default;
SealedWriter& SealedWriter::operator=(SealedWriter&&) noexcept = default;
SealedWriter::~SealedWriter() = default;

base::Result<SealedWriter> SealedWriter::start(const KeyRing& ring, WriteBytes out) {
    impl::start_sodium();
    TIDEMARK_TRY(std::string key, ring.subkey(kPurpose, ring.current_id()));
    auto state = std::make_unique<State>();
    std::string header(kHeaderBytes, '\0');
    crypto_secretstream_xchacha20poly1305_init_push(&state->stream, bytes_of(header), bytes_of(key));
    wipe(key);
    state->head = std::string(kMagic) + ring.current_id() + header;
    state->out = std::move(out);
    state->chunk.reserve(kSealedChunkBytes);
    TIDEMARK_CHECK_OK(state->out(state->head));
    return SealedWriter(std::move(state));
}

base::Result<void> SealedWriter::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t taken = std::min(bytes.size(), kSealedChunkBytes - state_->chunk.size());
        state_->chunk.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        if (state_->chunk.size() == kSealedChunkBytes) {
            TIDEMARK_CHECK_OK(state_->put(crypto_secretstream_xchacha20poly1305_TAG_MESSAGE));
        }
    }
    return {};
}

base::Result<void> SealedWriter::finish() { return state_->put(crypto_secretstream_xchacha20poly1305_TAG_FINAL); }

struct SealedReader::State {
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        sodium_memzero(&stream, sizeof stream);
        wipe(chunk);
    }

    /// The next chunk, or the end.
    base::Result<void> get() {
        std::string sealed(kSealedChunkBytes + kSealBytes, '\0');
        TIDEMARK_TRY(const std::size_t size, read_fully(in, sealed));
        if (size < kSealBytes) {
            return base::fail(ErrorCode::kDataLoss, "the sealed file is not whole: its end is missing");
        }
        chunk.resize(size - kSealBytes);
        used = 0;
        unsigned char tag = 0;
        if (crypto_secretstream_xchacha20poly1305_pull(&stream, bytes_of(chunk), nullptr, &tag, bytes_of(sealed), size,
                                                       bytes_of(std::as_const(head)), head.size()) != 0) {
            // A file that was cut within a chunk looks the same as one that was changed there.
            return base::fail(ErrorCode::kDataLoss,
                              size < sealed.size() ? std::string(kChanged) + " or cut" : kChanged);
        }
        head.clear();
        last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        // Only the last chunk is short, and it always is: with one that is not, more follows.
        if (last != (size < sealed.size())) {
            return base::fail(ErrorCode::kDataLoss, kChanged);
        }
        return {};
    }

    crypto_secretstream_xchacha20poly1305_state stream{};
    ReadBytes in;
    std::string head;  ///< Sealed along with the first chunk, then empty
    std::string key_id;
    std::string chunk;
    std::size_t used = 0;  ///< Bytes of the chunk that were given out
    bool last = false;
    base::Result<void> health;
};

SealedReader::SealedReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedReader::SealedReader(SealedReader&&) noexcept = default;
SealedReader& SealedReader::operator=(SealedReader&&) noexcept = default;
SealedReader::~SealedReader() = default;

base::Result<SealedReader> SealedReader::start(const KeyRing& ring, ReadBytes in) {
    impl::start_sodium();
    std::string head(kMagic.size() + kIdCharacters + kHeaderBytes, '\0');
    TIDEMARK_TRY(const std::size_t size, read_fully(in, head));
    if (size < head.size() || !head.starts_with(kMagic)) {
        return base::fail(ErrorCode::kInvalidArgument, "this is no file sealed by Tidemark");
    }
    auto state = std::make_unique<State>();
    state->key_id = head.substr(kMagic.size(), kIdCharacters);
    if (!from_hex(state->key_id)) {
        return base::fail(ErrorCode::kDataLoss, kChanged);
    }
    TIDEMARK_TRY(std::string key, ring.subkey(kPurpose, state->key_id));
    const bool started =
        crypto_secretstream_xchacha20poly1305_init_pull(
            &state->stream, bytes_of(std::as_const(head)) + kMagic.size() + kIdCharacters, bytes_of(key)) == 0;
    wipe(key);
    if (!started) {
        return base::fail(ErrorCode::kDataLoss, kChanged);
    }
    state->head = std::move(head);
    state->in = std::move(in);
    return SealedReader(std::move(state));
}

const std::string& SealedReader::key_id() const { return state_->key_id; }

base::Result<std::size_t> SealedReader::read(std::span<char> buffer) {
    State& state = *state_;
    while (state.health && state.used == state.chunk.size() && !state.last) {
        state.health = state.get();
    }
    if (!state.health) {
        return tl::unexpected(state.health.error());
    }
    const std::size_t count = std::min(buffer.size(), state.chunk.size() - state.used);
    std::copy_n(state.chunk.begin() + static_cast<std::ptrdiff_t>(state.used), count, buffer.begin());
    state.used += count;
    return count;
}

}  // namespace tidemark::crypto
