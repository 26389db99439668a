#include "foundation/crypto/key_ring.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "foundation/base/clock.hpp"
#include "foundation/crypto/digest.hpp"
#include "foundation/crypto/impl/sodium.hpp"
#include "foundation/crypto/random.hpp"
#include "foundation/sys/files.hpp"

extern "C" char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace tidemark::crypto {

using base::ErrorCode;
using impl::bytes_of;

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdCharacters = 8;
constexpr std::size_t kMaximumText = 64 * 1024;
constexpr std::string_view kForm = "tm1:";
constexpr std::string_view kFileHead =
    "# Tidemark's master keys, the current one first. Keep a copy apart from the backups: without it, what they hold\n"
    "# sealed (mail addresses, secrets) cannot be read.\n";

/// Wipes a text at the end of a scope.
class Wiped {
public:
    explicit Wiped(std::string& text) : text_(text) {}
    ~Wiped() { wipe(text_); }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;

private:
    std::string& text_;
};

/// 32 bytes in libsodium's guarded memory.
class Secret {
public:
    Secret() : bytes_(static_cast<unsigned char*>(sodium_malloc(kKeyBytes))) {
        if (bytes_ == nullptr) {
            throw std::bad_alloc();
        }
    }
    ~Secret() { sodium_free(bytes_); }
    Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
    Secret& operator=(Secret&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    [[nodiscard]] unsigned char* data() const { return bytes_; }
    [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes_), kKeyBytes}; }

private:
    unsigned char* bytes_;
};

/// One key for one purpose: a key is never used for two algorithms.
std::string derive(const Secret& key, std::string_view purpose) {
    return keyed_blake2b(key.view(), "tidemark " + std::string(purpose));
}

struct Key {
    std::string id;
    Secret master;
    Secret sealing;  ///< Derived once: sealing is frequent
};

Key make_key(std::string_view bytes) {
    Key key;
    std::memcpy(key.master.data(), bytes.data(), kKeyBytes);
    key.id = to_hex(derive(key.master, "key id")).substr(0, kIdCharacters);
    std::string sealing = derive(key.master, "seal");
    std::memcpy(key.sealing.data(), sealing.data(), kKeyBytes);
    wipe(sealing);
    return key;
}

base::Result<std::string> read_private_file(const sys::FileDescriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return base::fail_errno("stat " + path);
    }
    if (!S_ISREG(status.st_mode)) {
        return base::fail(ErrorCode::kPermissionDenied, path + " is not a regular file");
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
        return base::fail(ErrorCode::kPermissionDenied,
                          path + " belongs to another user: chown it to the one Tidemark runs as");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return base::fail(ErrorCode::kPermissionDenied,
                          path + " holds master keys and others may read it: chmod 600 " + path);
    }
    std::string text(kMaximumText, '\0');
    TIDEMARK_TRY(const std::size_t size, sys::read_at(file, 0, text));
    if (size == text.size()) {
        wipe(text);
        return base::fail(ErrorCode::kInvalidArgument, path + " is too large for a file of master keys (64 KiB)");
    }
    text.resize(size);
    return text;
}

base::Result<void> write_all(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return base::fail_errno("write " + path);
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return {};
}

/// A new file with this text, 0600 and on the disk.
base::Result<void> write_new_file(const std::string& path, std::string_view text) {
    const sys::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) {
        return base::fail_errno("create " + path);
    }
    auto written = write_all(file.get(), text, path);
    if (written && ::fsync(file.get()) != 0) {
        written = base::fail_errno("fsync " + path);
    }
    if (!written) {
        ::unlink(path.c_str());
    }
    return written;
}

base::Result<void> sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
    const sys::FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file.valid() || ::fsync(file.get()) != 0) {
        return base::fail_errno("fsync " + folder);
    }
    return {};
}

base::Result<std::vector<std::string>> split_command(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (const char c : command) {
        if (quote != 0) {
            if (c == quote) {
                quote = 0;
            } else {
                word.push_back(c);
            }
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (in_word) {
                words.push_back(std::exchange(word, {}));
            }
            in_word = false;
        } else {
            word.push_back(c);
            in_word = true;
        }
    }
    if (in_word) {
        words.push_back(std::move(word));
    }
    if (quote != 0 || words.empty() || words.front().empty() || command.find('\0') != std::string_view::npos) {
        return base::fail(ErrorCode::kInvalidArgument,
                          "the command for the master key is empty or has a quotation mark without its second one");
    }
    return words;
}

/// A started program, the leader of a process group of its own. Killed with its children when it is not done.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) {
            ::kill(-pid_, SIGKILL);
            (void)wait();
        }
    }
    /// True when it has ended; blocks only when `options` is 0.
    bool wait(int options = 0) {
        pid_t ended = 0;
        do {
            ended = ::waitpid(pid_, &status_, options);
        } while (ended < 0 && errno == EINTR);
        if (ended == 0) {
            return false;
        }
        pid_ = -1;
        return true;
    }
    [[nodiscard]] int status() const { return status_; }

private:
    pid_t pid_;
    int status_ = -1;
};

}  // namespace

struct KeyRing::Keys {
    std::vector<Key> keys;

    [[nodiscard]] const Key* find(std::string_view id) const {
        const auto found = std::ranges::find(keys, id, &Key::id);
        return found == keys.end() ? nullptr : &*found;
    }
};

namespace {

tl::unexpected<base::Error> no_such_key(std::string_view id) {
    return base::fail(ErrorCode::kFailedPrecondition,
                      "the master key " + std::string(id) + " is needed and not there: was the key file replaced?");
}

}  // namespace

base::Result<KeyRing> KeyRing::parse(std::string_view text, std::string_view source) {
    impl::start_sodium();
    auto keys = std::make_shared<Keys>();
    const auto refuse = [source](const std::string& what) {
        return base::fail(ErrorCode::kInvalidArgument, std::string(source) + ": " + what);
    };
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(text.front() == '#' ? "\n" : ",\n");
        std::string_view word = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        while (!word.empty() && (word.front() == ' ' || word.front() == '\t')) {
            word.remove_prefix(1);
        }
        while (!word.empty() && (word.back() == ' ' || word.back() == '\t' || word.back() == '\r')) {
            word.remove_suffix(1);
        }
        if (word.empty() || word.front() == '#') {
            continue;
        }
        // 32 bytes are 64 characters of hex, or 43 of base64url (one more with its padding).
        std::optional<std::string> bytes;
        if (word.size() == 2 * kKeyBytes) {
            bytes = from_hex(word);
        } else {
            if (word.size() == 44 && word.back() == '=') {
                word.remove_suffix(1);
            }
            bytes = from_base64url(word);
        }
        if (!bytes || bytes->size() != kKeyBytes) {
            if (bytes) {
                wipe(*bytes);
            }
            return refuse("key " + std::to_string(keys->keys.size() + 1) +
                          " is not 32 bytes in hex (64 characters) or base64url (43 characters)");
        }
        const Wiped wiped(*bytes);
        Key key = make_key(*bytes);
        if (std::ranges::all_of(*bytes, [&](char c) { return c == bytes->front(); })) {
            return refuse("key " + std::to_string(keys->keys.size() + 1) +
                          " is one byte over and over, not a random key");
        }
        if (keys->find(key.id) != nullptr) {
            return refuse("key " + std::to_string(keys->keys.size() + 1) + " is there twice");
        }
        keys->keys.push_back(std::move(key));
    }
    if (keys->keys.empty()) {
        return refuse("there is no master key in it");
    }
    return KeyRing(std::move(keys));
}

base::Result<KeyRing> KeyRing::read_file(const std::string& path) {
    TIDEMARK_TRY(const sys::FileDescriptor file, sys::open_for_reading(path));
    TIDEMARK_TRY(std::string text, read_private_file(file, path));
    const Wiped wiped(text);
    return parse(text, path);
}

base::Result<KeyRing> KeyRing::create_file(const std::string& path) {
    std::string text = std::string(kFileHead) + random_token(kKeyBytes) + "\n";
    const Wiped wiped(text);
    // Written elsewhere and then linked, which fails when the name is taken: a crash leaves no half key file.
    const std::string temporary = path + "." + random_token(6) + ".new";
    TIDEMARK_CHECK_OK(write_new_file(temporary, text));
    base::Result<void> linked;
    if (::link(temporary.c_str(), path.c_str()) != 0) {
        linked = errno == EEXIST ? base::fail(ErrorCode::kFailedPrecondition, path + " exists")
                                 : base::fail_errno("create " + path);
    }
    ::unlink(temporary.c_str());
    TIDEMARK_CHECK_OK(linked);
    TIDEMARK_CHECK_OK(sync_folder_of(path));
    return parse(text, path);
}

base::Result<KeyRing> KeyRing::change_file(const std::string& path, const Change& change) {
    TIDEMARK_TRY(const sys::FileDescriptor file, sys::open_for_reading(path));
    // Of two rotations at once one would lose its key, and what it sealed with it. The lock is on the file that is
    // read; who got it after the other's rename has a file that is no longer there.
    struct stat locked{};
    struct stat named{};
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(file.get(), &locked) != 0 ||
        ::stat(path.c_str(), &named) != 0 || locked.st_ino != named.st_ino || locked.st_dev != named.st_dev) {
        return base::fail(ErrorCode::kUnavailable, path + " is being changed by another process");
    }
    TIDEMARK_TRY(std::string old, read_private_file(file, path));
    const Wiped wiped_old(old);
    // Refused before anything is written: a file that cannot be read now would not get better.
    TIDEMARK_TRY(const KeyRing before, parse(old, path));
    TIDEMARK_TRY(std::string text, change(before, old));
    const Wiped wiped(text);
    TIDEMARK_TRY(KeyRing after, parse(text, path));
    const std::string temporary = path + ".new";
    ::unlink(temporary.c_str());  // of a change that was killed: the lock says nobody is at it
    TIDEMARK_CHECK_OK(write_new_file(temporary, text));
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        auto failed = base::fail_errno("rename " + temporary);
        ::unlink(temporary.c_str());
        return failed;
    }
    TIDEMARK_CHECK_OK(sync_folder_of(path));
    return after;
}

base::Result<KeyRing> KeyRing::rotate_file(const std::string& path) {
    return change_file(path, [](const KeyRing&, std::string_view old) -> base::Result<std::string> {
        if (old.starts_with(kFileHead)) {
            old.remove_prefix(kFileHead.size());
        }
        std::string text;
        text.reserve(kFileHead.size() + 64 + old.size());
        text.append(kFileHead).append(random_token(kKeyBytes)).append("\n").append(old);
        return text;
    });
}

base::Result<KeyRing> KeyRing::remove_from_file(const std::string& path, std::string_view id) {
    return change_file(path, [&](const KeyRing& ring, std::string_view old) -> base::Result<std::string> {
        if (!ring.has(id)) {
            return base::fail(ErrorCode::kNotFound, path + " has no master key " + std::string(id));
        }
        if (ring.current_id() == id) {
            return base::fail(ErrorCode::kFailedPrecondition,
                              "the master key " + std::string(id) + " is the one in use");
        }
        std::string text;
        text.reserve(old.size());
        while (!old.empty()) {
            const std::size_t end = old.find_first_of(old.front() == '#' ? "\n" : ",\n");
            const std::size_t size = end == std::string_view::npos ? old.size() : end + 1;
            const auto word = parse(old.substr(0, size), path);
            // What is no key is a comment or a separator.
            if (!word || word->current_id() != id) {
                text.append(old.substr(0, size));
            }
            old.remove_prefix(size);
        }
        return text;
    });
}

base::Result<KeyRing> KeyRing::run_command(std::string_view command, std::chrono::milliseconds timeout) {
    TIDEMARK_TRY(std::vector<std::string> words, split_command(command));
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return base::fail_errno("pipe");
    }
    const sys::FileDescriptor out(ends[0]);
    sys::FileDescriptor in(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, in.get(), STDOUT_FILENO);
    // The server blocks signals in its threads; the command starts with none blocked.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    pid_t pid = -1;
    const int started = ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    const std::string name = "the command for the master key (" + words.front() + ")";
    if (started != 0) {
        return base::fail(ErrorCode::kUnavailable, name + " does not start: " + std::strerror(started));
    }
    Child child(pid);
    in = sys::FileDescriptor();
    std::string text(kMaximumText, '\0');
    const Wiped wiped(text);
    std::size_t size = 0;
    const std::int64_t deadline = base::monotonic_nanos() + std::chrono::nanoseconds(timeout).count();
    const auto left = [deadline] {
        return std::max<std::int64_t>(0, (deadline - base::monotonic_nanos()) / 1'000'000);
    };
    for (;;) {
        pollfd ready{out.get(), POLLIN, 0};
        const int count = ::poll(&ready, 1, static_cast<int>(left()));
        if (count == 0) {
            return base::fail(ErrorCode::kUnavailable,
                              name + " took longer than " + std::to_string(timeout.count()) + " ms");
        }
        const ssize_t got = count < 0 ? -1 : ::read(out.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno != EINTR) {
            return base::fail_errno("read from " + name);
        }
        if (got == 0) {
            break;
        }
        size += got > 0 ? static_cast<std::size_t>(got) : 0;
        if (size == text.size()) {
            return base::fail(ErrorCode::kUnavailable, name + " printed more than 64 KiB");
        }
    }
    // It closed its output; the time it has left to exit is the same.
    while (!child.wait(WNOHANG)) {
        if (left() == 0) {
            return base::fail(ErrorCode::kUnavailable,
                              name + " took longer than " + std::to_string(timeout.count()) + " ms");
        }
        ::poll(nullptr, 0, 5);
    }
    if (!WIFEXITED(child.status()) || WEXITSTATUS(child.status()) != 0) {
        return base::fail(
            ErrorCode::kUnavailable,
            name + (WIFEXITED(child.status()) ? " ended with exit code " + std::to_string(WEXITSTATUS(child.status()))
                                              : " was ended by signal " + std::to_string(WTERMSIG(child.status()))));
    }
    return parse(std::string_view(text).substr(0, size), "the output of " + name);
}

KeyRing KeyRing::temporary() {
    auto keys = std::make_shared<Keys>();
    std::string bytes = random_bytes(kKeyBytes);
    keys->keys.push_back(make_key(bytes));
    wipe(bytes);
    return KeyRing(std::move(keys));
}

const std::string& KeyRing::current_id() const { return keys_->keys.front().id; }

std::vector<std::string> KeyRing::ids() const {
    std::vector<std::string> ids;
    ids.reserve(keys_->keys.size());
    for (const Key& key : keys_->keys) {
        ids.push_back(key.id);
    }
    return ids;
}

bool KeyRing::has(std::string_view id) const { return keys_->find(id) != nullptr; }

namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kKeyBytes);

/// "tm1:1234abcd:". It is sealed along with the context: a text cannot be passed off as another key's.
std::string head_of(std::string_view id) { return std::string(kForm).append(id).append(":"); }

}  // namespace

std::string KeyRing::seal(std::string_view plaintext, std::string_view context) const {
    const Key& key = keys_->keys.front();
    const std::string head = head_of(key.id);
    const std::string about = head + std::string(context);
    std::string sealed = random_bytes(kNonceBytes);
    sealed.resize(kNonceBytes + plaintext.size() + kTagBytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + kNonceBytes, nullptr, bytes_of(plaintext),
                                               plaintext.size(), bytes_of(about), about.size(), nullptr,
                                               bytes_of(sealed), key.sealing.data());
    return head + to_base64url(sealed);
}

base::Result<std::string> KeyRing::open(std::string_view sealed, std::string_view context) const {
    const auto id = key_id_of(sealed);
    if (!id) {
        return base::fail(ErrorCode::kDataLoss,
                          "a sealed value of " + std::string(context) + " has not the form of one");
    }
    const Key* key = keys_->find(*id);
    if (key == nullptr) {
        return no_such_key(*id);
    }
    const std::string head = head_of(*id);
    const std::string about = head + std::string(context);
    const auto bytes = from_base64url(sealed.substr(head.size()));
    if (bytes && bytes->size() >= kNonceBytes + kTagBytes) {
        std::string plaintext(bytes->size() - kNonceBytes - kTagBytes, '\0');
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(
                bytes_of(plaintext), nullptr, nullptr, bytes_of(*bytes) + kNonceBytes, bytes->size() - kNonceBytes,
                bytes_of(about), about.size(), bytes_of(*bytes), key->sealing.data()) == 0) {
            return plaintext;
        }
    }
    return base::fail(ErrorCode::kDataLoss, "a sealed value of " + std::string(context) +
                                                " was changed, or belongs to another place or master key");
}

base::Result<std::optional<std::string>> KeyRing::reseal(std::string_view sealed, std::string_view context) const {
    if (key_id_of(sealed) == current_id()) {
        return std::nullopt;
    }
    TIDEMARK_TRY(std::string plaintext, open(sealed, context));
    const Wiped wiped(plaintext);
    return seal(plaintext, context);
}

std::optional<std::string_view> KeyRing::key_id_of(std::string_view sealed) {
    if (!sealed.starts_with(kForm) || sealed.size() <= kForm.size() + kIdCharacters ||
        sealed[kForm.size() + kIdCharacters] != ':') {
        return std::nullopt;
    }
    const std::string_view id = sealed.substr(kForm.size(), kIdCharacters);
    const bool hex = std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    return hex ? std::optional(id) : std::nullopt;
}

std::vector<std::string> KeyRing::subkeys(std::string_view purpose) const {
    std::vector<std::string> derived;
    derived.reserve(keys_->keys.size());
    for (const Key& key : keys_->keys) {
        derived.push_back(derive(key.master, "subkey " + std::string(purpose)));
    }
    return derived;
}

base::Result<std::string> KeyRing::subkey(std::string_view purpose, std::string_view id) const {
    const Key* key = keys_->find(id);
    if (key == nullptr) {
        return no_such_key(id);
    }
    return derive(key->master, "subkey " + std::string(purpose));
}

}  // namespace tidemark::crypto
