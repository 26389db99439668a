// Bytes as a signed token, a provider's keys, an API key, a sealed value, a file of master keys, a sealed file:
// refused, or what was made here. The provider's keys are the part before the first line end, a token the rest.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "foundation/crypto/api_key.hpp"
#include "foundation/crypto/jwt.hpp"
#include "foundation/crypto/key_ring.hpp"
#include "foundation/crypto/password.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/crypto/sealed_file.hpp"
#include "foundation/crypto/totp.hpp"

namespace {

using namespace tidemark;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void check_encodings(std::string_view text) {
    if (const auto bytes = crypto::from_base64url(text)) {
        require(crypto::to_base64url(*bytes) == text);
    }
    if (const auto bytes = crypto::from_base32(text)) {
        require(crypto::from_base32(crypto::to_base32(*bytes)) == bytes);
    }
    if (const auto bytes = crypto::from_hex(text)) {
        require(crypto::from_hex(crypto::to_hex(*bytes)) == bytes);
    }
}

void check_tokens(std::string_view keys, std::string_view token) {
    static const crypto::SigningKeys own({crypto::make_signing_key()});
    // Nobody here knows the key.
    require(!own.verify(token, 1'700'000'000'000));
    const auto who =
        crypto::verify_id_token(token, keys, {"https://id.example", "client", "n-1", 1'700'000'000'000, base::kMinute});
    require(!who || !who->subject.empty());
    (void)crypto::claim_texts(keys, token);
}

void check_sealed(std::string_view text) {
    static const crypto::KeyRing ring = crypto::KeyRing::temporary();
    require(!ring.open(text, "a.b:1"));
    // With the right key's id before it, too.
    require(!ring.open("tm1:" + ring.current_id() + ":" + std::string(text), "a.b:1"));
    if (const auto parsed = crypto::KeyRing::parse(text, "fuzz")) {
        require(!parsed->ids().empty() && parsed->open(parsed->seal(text, "a"), "a") == std::string(text));
    }
    std::string file = "TMBK1" + ring.current_id() + std::string(text);
    std::string_view rest = file;
    auto reader = crypto::SealedReader::start(ring, [&rest](std::span<char> buffer) -> base::Result<std::size_t> {
        const std::size_t count = std::min(buffer.size(), rest.size());
        std::copy_n(rest.begin(), count, buffer.begin());
        rest.remove_prefix(count);
        return count;
    });
    char byte = 0;
    require(!reader || !reader->read(std::span(&byte, 1)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(data[i]));
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    check_encodings(text);
    check_tokens(std::string_view(text).substr(0, end), std::string_view(text).substr(std::min(end + 1, text.size())));
    check_sealed(text);
    if (crypto::is_api_key(text)) {
        require(text.size() == 40 && text.starts_with(crypto::kApiKeyPrefix));
    }
    (void)crypto::recovery_code_hash(text);
    (void)crypto::matching_totp_step("12345678901234567890", text, 59'000, 0);
    (void)crypto::check_password(text, std::span(&text, 1));
    return 0;
}
