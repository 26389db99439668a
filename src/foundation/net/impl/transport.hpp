// The bytes of a connection: a socket, plain or with TLS on it. Asio's own TLS stream keeps 67 KiB a connection; with
// OpenSSL on the socket itself an idle one keeps a quarter of that, which 10,000 open event streams are about.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "foundation/net/impl/asio.hpp"
#include "foundation/net/impl/openssl.hpp"

namespace tidemark::net::impl {

constexpr std::size_t kRecordBytes = 16 * 1024;  // the most that one TLS record carries (RFC 8446, 5.1)

/// TLS over a non-blocking socket, as the server. Models Asio's AsyncReadStream and AsyncWriteStream for single
/// buffers and sequences; at most one read and one write at a time. Belongs to one io thread.
class TlsStream {
public:
    using executor_type = Executor;  // NOLINT(readability-identifier-naming): Asio's name

    TlsStream(Socket& socket, Ssl ssl) : socket_(socket), ssl_(std::move(ssl)) {}
    executor_type get_executor() noexcept { return socket_.get_executor(); }

    /// handler(error_code, std::size_t), the number meaning nothing.
    template <class Handler>
    void async_handshake(Handler handler) {
        drive([this] { return SSL_do_handshake(ssl_.get()); }, std::move(handler));
    }
    template <class Handler>
    auto async_read_some(asio::mutable_buffer buffer, Handler&& handler) {
        return drive([this, buffer] { return SSL_read(ssl_.get(), buffer.data(), size_of(buffer)); },
                     std::forward<Handler>(handler));
    }
    /// Writes what fits into one record: many small buffers (a head, frames) must not become a record each.
    template <class Buffers, class Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler) {
        writing_ = true;
        return drive(
            [this, buffers] {
                const asio::const_buffer record = gather(buffers);
                const int size = SSL_write(ssl_.get(), record.data(), size_of(record));
                writing_ = size <= 0;
                return size;
            },
            std::forward<Handler>(handler));
    }
    /// Without waiting: would_block when nothing is there.
    std::size_t read_now(asio::mutable_buffer buffer, error_code& error);
    std::size_t write_now(asio::const_buffer buffer, error_code& error);
    /// Tells the other side that nothing more comes, if that can be said now (RFC 8446, 6.1).
    void say_goodbye();

private:
    enum class Outcome { kDone, kWantsRead, kWantsWrite, kFailed };

    static int size_of(asio::const_buffer buffer) { return static_cast<int>(std::min(buffer.size(), kRecordBytes)); }
    /// The sequence's first bytes in one piece, without copying when they are so already.
    template <class Buffers>
    static asio::const_buffer gather(const Buffers& buffers) {
        static thread_local std::array<char, kRecordBytes> scratch;
        std::size_t used = 0;
        for (auto place = asio::buffer_sequence_begin(buffers); place != asio::buffer_sequence_end(buffers); ++place) {
            const asio::const_buffer part = *place;
            if (used == 0 && part.size() >= kRecordBytes) {
                return part;
            }
            const std::size_t size = std::min(part.size(), kRecordBytes - used);
            if (size > 0) {
                std::memcpy(scratch.data() + used, part.data(), size);
                used += size;
            }
        }
        return {scratch.data(), used};
    }
    /// What OpenSSL's last call, which gave `result`, means.
    Outcome outcome(int result, error_code& error);
    static void forget_errors();

    /// Calls `step` until it neither fails nor wants to wait for the socket, then the handler: never before drive()
    /// returns.
    template <class Step, class Handler>
    auto drive(Step step, Handler&& handler) {
        return asio::async_compose<Handler, void(error_code, std::size_t)>(
            [this, step = std::move(step), waited = false, done = false, size = std::size_t{0}, failure = error_code()](
                auto& self, error_code error = {}, std::size_t = 0) mutable {
                if (done) {
                    return self.complete(failure, size);
                }
                // A socket closed after its wait ended: its descriptor may be another connection's by now.
                if (error || !socket_.is_open()) {
                    failure = error ? error : error_code(asio::error::operation_aborted);
                } else {
                    forget_errors();
                    const int result = step();
                    const Outcome what = outcome(result, failure);
                    if (what == Outcome::kWantsRead || what == Outcome::kWantsWrite) {
                        waited = true;
                        return socket_.async_wait(
                            what == Outcome::kWantsRead ? tcp::socket::wait_read : tcp::socket::wait_write,
                            std::move(self));
                    }
                    size = result > 0 ? static_cast<std::size_t>(result) : 0;
                }
                if (waited) {
                    return self.complete(failure, size);
                }
                done = true;
                asio::post(socket_.get_executor(), std::move(self));
            },
            handler, socket_);
    }

    Socket& socket_;
    Ssl ssl_;
    bool broken_ = false;   ///< After a fatal error OpenSSL must not be called again
    bool writing_ = false;  ///< A record may be half written
};

/// One connection's socket with or without TLS on it. Belongs to one io thread.
class Transport {
public:
    explicit Transport(Socket socket) : socket_(std::move(socket)) {}
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    ~Transport() = default;

    [[nodiscard]] Socket& socket() { return socket_; }
    [[nodiscard]] bool encrypted() const { return tls_ != nullptr; }
    /// From here on TLS is spoken; the handshake is next.
    void begin_tls(Ssl ssl) {
        error_code ignored;
        socket_.native_non_blocking(true, ignored);
        tls_ = std::make_unique<TlsStream>(socket_, std::move(ssl));
    }
    [[nodiscard]] TlsStream& tls() { return *tls_; }

    template <class Handler>
    void async_read_some(asio::mutable_buffer buffer, Handler handler) {
        if (tls_) {
            tls_->async_read_some(buffer, std::move(handler));
        } else {
            socket_.async_read_some(buffer, std::move(handler));
        }
    }
    /// All of the buffers. What they point to must stay until the handler is called.
    template <class Buffers, class Handler>
    void async_write(const Buffers& buffers, Handler handler) {
        if (tls_) {
            asio::async_write(*tls_, buffers, std::move(handler));
        } else {
            asio::async_write(socket_, buffers, std::move(handler));
        }
    }
    /// handler(error_code) once the socket has bytes or its end. What TLS has read already does not show here: take
    /// that with read_now() first.
    template <class Handler>
    void async_wait_read(Handler handler) {
        socket_.async_wait(tcp::socket::wait_read, std::move(handler));
    }
    /// Without waiting: would_block when nothing is there.
    std::size_t read_now(asio::mutable_buffer buffer, error_code& error);
    std::size_t write_now(asio::const_buffer buffer, error_code& error);
    /// Ends the sending direction.
    void shutdown_send();
    /// Ends everything: what is under way completes with an error.
    void close();

private:
    Socket socket_;
    std::unique_ptr<TlsStream> tls_;
};

}  // namespace tidemark::net::impl
