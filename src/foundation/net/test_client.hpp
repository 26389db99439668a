// A client for the tests of the server, that can send anything.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "foundation/net/impl/openssl.hpp"

namespace tidemark::net {

constexpr int kPatienceMs = 5000;

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
};

/// Speaks plainly, or by TLS after handshake().
class Client {
public:
    /// `from`: the last byte of the client's own address, 127.0.0.x
    explicit Client(std::uint16_t port, std::uint32_t from = 1) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from);
        connected_ = bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = connected_ && connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { close(fd_); }

    /// TLS from here on. False when the server will not. `context` decides versions, ciphers and so on.
    [[nodiscard]] bool handshake(SSL_CTX* context) {
        ssl_.reset(SSL_new(context));
        SSL_set_fd(ssl_.get(), fd_);
        timeval patience{kPatienceMs / 1000, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ERR_clear_error();
        return SSL_connect(ssl_.get()) == 1;
    }
    [[nodiscard]] SSL* ssl() const { return ssl_.get(); }

    [[nodiscard]] bool connected() const { return connected_; }

    void send(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t sent = ssl_ ? SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()))
                                      : ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// False when the server closed the connection or nothing came in time.
    bool more(int patience_ms = kPatienceMs) {
        pollfd wait{fd_, POLLIN, 0};
        if ((!ssl_ || SSL_pending(ssl_.get()) == 0) && poll(&wait, 1, patience_ms) <= 0) {
            return false;
        }
        std::array<char, 65536> buffer;
        const ssize_t size = ssl_ ? SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()))
                                  : recv(fd_, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            closed_ = true;
            return false;
        }
        buffer_.append(buffer.data(), static_cast<std::size_t>(size));
        return true;
    }
    /// Reads until `text` is there; gives everything up to and including it.
    std::string until(std::string_view text) {
        std::size_t at = buffer_.find(text);
        while (at == std::string::npos && more()) {
            at = buffer_.find(text);
        }
        if (at == std::string::npos) {
            return "";
        }
        std::string out = buffer_.substr(0, at + text.size());
        buffer_.erase(0, at + text.size());
        return out;
    }
    Answer answer(bool head_only = false) {
        Answer result;
        result.head = until("\r\n\r\n");
        if (result.head.size() < 12) {
            return result;
        }
        result.status = std::stoi(result.head.substr(9, 3));
        const std::size_t length = result.head.find("Content-Length: ");
        if (length != std::string::npos && !head_only) {
            const std::size_t size = std::stoul(result.head.substr(length + 16));
            while (buffer_.size() < size && more()) {
            }
            result.body = buffer_.substr(0, size);
            buffer_.erase(0, size);
        }
        return result;
    }
    /// Whether the server closes the connection (after what it may still send).
    bool closes() {
        while (more()) {
        }
        return closed_;
    }
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
    impl::Ssl ssl_;
    bool connected_ = false;
    bool closed_ = false;
    std::string buffer_;
};

}  // namespace tidemark::net
