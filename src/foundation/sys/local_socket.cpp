#include "foundation/sys/local_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "foundation/base/clock.hpp"

namespace tidemark::sys {

namespace {

using base::ErrorCode;
using std::chrono::milliseconds;

/// The name of a socket, which has room for 107 bytes only: a longer path is reached through its folder's descriptor.
struct Address {
    sockaddr_un value{};
    FileDescriptor folder;

    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&value); }
};

base::Result<Address> address_of(const std::string& path) {
    Address address;
    address.value.sun_family = AF_UNIX;
    std::string name = path;
    if (name.size() >= sizeof(address.value.sun_path)) {
        const std::size_t slash = path.rfind('/');
        address.folder = FileDescriptor(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!address.folder.valid()) {
            return base::fail_errno("open " + path.substr(0, slash));
        }
        name = "/proc/self/fd/" + std::to_string(address.folder.get()) + path.substr(slash);
    }
    if (name.size() >= sizeof(address.value.sun_path)) {
        return base::fail(ErrorCode::kInvalidArgument, path + " is too long a name for a socket");
    }
    std::memcpy(address.value.sun_path, name.c_str(), name.size() + 1);
    return address;
}

/// When it is too late.
class Deadline {
public:
    explicit Deadline(milliseconds in) : end_(base::monotonic_nanos() + std::chrono::nanoseconds(in).count()) {}
    /// False: it is.
    [[nodiscard]] bool wait_for(const FileDescriptor& socket, short events) const {
        for (;;) {
            const std::int64_t left = (end_ - base::monotonic_nanos()) / 1'000'000;
            pollfd ready{socket.get(), events, 0};
            const int count = left <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left));
            if (count >= 0 || errno != EINTR) {
                return count > 0;
            }
        }
    }

private:
    std::int64_t end_;
};

base::Result<void> send_all(const FileDescriptor& socket, std::string_view text, const Deadline& deadline) {
    while (!text.empty()) {
        if (!deadline.wait_for(socket, POLLOUT)) {
            return base::fail(ErrorCode::kDeadlineExceeded, "the other side does not listen");
        }
        const ssize_t sent = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return base::fail(ErrorCode::kUnavailable, "the other side has gone");
        }
        text.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return {};
}

/// Up to the end that the other side makes.
base::Result<std::string> receive_all(const FileDescriptor& socket, const Deadline& deadline) {
    std::string text;
    std::array<char, 16384> part{};
    for (;;) {
        if (!deadline.wait_for(socket, POLLIN)) {
            return base::fail(ErrorCode::kDeadlineExceeded, "the other side says nothing");
        }
        const ssize_t got = ::recv(socket.get(), part.data(), part.size(), 0);
        if (got == 0) {
            return text;
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            return base::fail(ErrorCode::kUnavailable, "the other side has gone");
        }
        text.append(part.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        if (text.size() > kLocalMessageBytes) {
            return base::fail(ErrorCode::kInvalidArgument, "the message is too long");
        }
    }
}

}  // namespace

base::Result<std::unique_ptr<LocalServer>> LocalServer::start(const std::string& path, Answer answer,
                                                              milliseconds patience) {
    TIDEMARK_TRY(const Address address, address_of(path));
    FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    FileDescriptor wake(::eventfd(0, EFD_CLOEXEC));
    // Before it has a name: nobody else can connect at any moment.
    if (!listener.valid() || !wake.valid() || ::fchmod(listener.get(), 0600) != 0) {
        return base::fail_errno("make a socket");
    }
    struct stat there{};
    if (::lstat(path.c_str(), &there) == 0) {
        if (!S_ISSOCK(there.st_mode)) {
            return base::fail(ErrorCode::kFailedPrecondition, path + " is in the way: it is no socket");
        }
        ::unlink(path.c_str());
    }
    constexpr int kWaiting = 16;
    if (::bind(listener.get(), address.get(), sizeof(address.value)) != 0 || ::listen(listener.get(), kWaiting) != 0) {
        return base::fail_errno("listen on " + path);
    }
    return std::unique_ptr<LocalServer>(
        new LocalServer(path, std::move(listener), std::move(wake), std::move(answer), patience));
}

LocalServer::LocalServer(std::string path, FileDescriptor listener, FileDescriptor wake, Answer answer,
                         milliseconds patience)
    : path_(std::move(path)),
      listener_(std::move(listener)),
      wake_(std::move(wake)),
      answer_(std::move(answer)),
      patience_(patience),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

LocalServer::~LocalServer() {
    ::unlink(path_.c_str());
    thread_.request_stop();
    thread_.join();
}

void LocalServer::serve(const std::stop_token& stop) const {
    const std::stop_callback waker(stop, [this] {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
    });
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> ready{{{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) {
            return;
        }
        if (stop.stop_requested() || (ready[0].revents & POLLIN) == 0) {
            continue;
        }
        const FileDescriptor caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (caller.valid()) {
            serve_one(caller);
        }
    }
}

void LocalServer::serve_one(const FileDescriptor& caller) const {
    ucred who{};
    socklen_t bytes = sizeof(who);
    if (::getsockopt(caller.get(), SOL_SOCKET, SO_PEERCRED, &who, &bytes) != 0 ||
        (who.uid != 0 && who.uid != ::geteuid())) {
        return;
    }
    const auto question = receive_all(caller, Deadline(patience_));
    if (!question) {
        return;
    }
    const std::string answer = answer_(*question);
    if (answer.size() <= kLocalMessageBytes) {
        (void)send_all(caller, answer, Deadline(patience_));  // who does not wait for the answer goes without
    }
}

base::Result<std::string> ask_local(const std::string& path, std::string_view question, milliseconds timeout) {
    if (!identity_of(path)) {
        return base::fail(ErrorCode::kNotFound, "there is no " + path);
    }
    TIDEMARK_TRY(const Address address, address_of(path));
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.valid()) {
        return base::fail_errno("make a socket");
    }
    if (::connect(socket.get(), address.get(), sizeof(address.value)) != 0) {
        if (errno == EACCES || errno == EPERM) {
            return base::fail(ErrorCode::kPermissionDenied, path + " is not for this user");
        }
        return base::fail(ErrorCode::kNotFound, "nobody listens on " + path);
    }
    const Deadline deadline(timeout);
    TIDEMARK_CHECK_OK(send_all(socket, question, deadline));
    ::shutdown(socket.get(), SHUT_WR);
    TIDEMARK_TRY(std::string answer, receive_all(socket, deadline));
    if (answer.empty()) {
        return base::fail(ErrorCode::kUnavailable,
                          "the process behind " + path + " ended, or does not answer this user");
    }
    return answer;
}

}  // namespace tidemark::sys
