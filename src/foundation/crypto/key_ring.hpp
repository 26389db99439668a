// The master keys, under which the store keeps mail addresses, secrets and seeds. A ring has one current key, with
// which everything new is sealed, and older ones, which still open what was sealed before. Keys lie in guarded memory
// that is not swapped and not dumped, and is wiped at the end.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"

namespace tidemark::crypto {

/// The name of the environment variable for KeyRing::parse().
constexpr const char* kMasterKeyVariable = "TIDEMARK_MASTER_KEY";

/// Immutable; copies are cheap (a pointer) and all methods thread-safe. A rotation gives a new ring.
class KeyRing {
public:
    /// Keys of 32 bytes in hex or base64url, separated by commas or line ends, the current one first. Lines that start
    /// with '#' are skipped. `source` is named in errors; the keys never are.
    static base::Result<KeyRing> parse(std::string_view text, std::string_view source);
    /// The file must be a regular file of this user (or of root) that no one else can read: 0600 or less.
    static base::Result<KeyRing> read_file(const std::string& path);
    /// Makes the file with a new key, on the disk when this returns; kFailedPrecondition when it exists.
    static base::Result<KeyRing> create_file(const std::string& path);
    /// The standard output of a command, such as a KMS client. It runs without a shell: words are split at spaces,
    /// '…' and "…" keep them together, and nothing else has a meaning. kUnavailable when it does not exit with 0 in
    /// time.
    static base::Result<KeyRing> run_command(std::string_view command,
                                             std::chrono::milliseconds timeout = std::chrono::seconds(30));
    /// A ring with one new key that is stored nowhere: for tests and the demo.
    static KeyRing temporary();

    /// Puts a new current key before those in the file. A reader, or a crash, sees the old file or the new one.
    /// kUnavailable while another process is at it.
    static base::Result<KeyRing> rotate_file(const std::string& path);
    /// Takes a key that is no longer needed out of the file, in the same way. kNotFound when it is not there,
    /// kFailedPrecondition when it is the current one.
    static base::Result<KeyRing> remove_from_file(const std::string& path, std::string_view id);

    /// 8 hex characters, a digest of the key: which key it is, and nothing about the key.
    [[nodiscard]] const std::string& current_id() const;
    [[nodiscard]] std::vector<std::string> ids() const;  ///< The current one first
    [[nodiscard]] bool has(std::string_view id) const;

    /// "tm1:<key id>:<base64url of nonce and ciphertext>", XChaCha20-Poly1305 with a random nonce. `context` says where
    /// the value belongs ("accounts.mail:42"): the same text in another row or column does not open.
    [[nodiscard]] std::string seal(std::string_view plaintext, std::string_view context) const;
    /// kDataLoss when it was changed or belongs elsewhere, kFailedPrecondition when its key is not in the ring.
    [[nodiscard]] base::Result<std::string> open(std::string_view sealed, std::string_view context) const;
    /// The same value under the current key, or nothing when it is already.
    [[nodiscard]] base::Result<std::optional<std::string>> reseal(std::string_view sealed,
                                                                  std::string_view context) const;
    /// The key id that a sealed text names; nothing when it is none.
    [[nodiscard]] static std::optional<std::string_view> key_id_of(std::string_view sealed);

    /// 32 bytes derived from each key for a purpose of its own ("mail index"), the current key's first: to find by
    /// keyed_blake2b() what is stored sealed, also while a rotation is under way. Wipe them when done.
    [[nodiscard]] std::vector<std::string> subkeys(std::string_view purpose) const;
    /// The one of a key by its id, for what is not a text (a sealed file). kFailedPrecondition when it is not there.
    [[nodiscard]] base::Result<std::string> subkey(std::string_view purpose, std::string_view id) const;

private:
    /// Gives the new text of a file of keys.
    using Change = std::function<base::Result<std::string>(const KeyRing& before, std::string_view text)>;
    static base::Result<KeyRing> change_file(const std::string& path, const Change& change);

    struct Keys;
    explicit KeyRing(std::shared_ptr<const Keys> keys) : keys_(std::move(keys)) {}
    std::shared_ptr<const Keys> keys_;
};

}  // namespace tidemark::crypto
