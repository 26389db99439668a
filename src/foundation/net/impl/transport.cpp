#include "foundation/net/impl/transport.hpp"

#include <openssl/err.h>

namespace tidemark::net::impl {

void TlsStream::forget_errors() { ERR_clear_error(); }

TlsStream::Outcome TlsStream::outcome(int result, error_code& error) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_NONE: return Outcome::kDone;
        case SSL_ERROR_WANT_READ: return Outcome::kWantsRead;
        case SSL_ERROR_WANT_WRITE: return Outcome::kWantsWrite;
        case SSL_ERROR_ZERO_RETURN: error = asio::error::eof; break;
        default:
            broken_ = true;
            error = asio::error::connection_reset;
            break;
    }
    ERR_clear_error();
    return Outcome::kFailed;
}

std::size_t TlsStream::read_now(asio::mutable_buffer buffer, error_code& error) {
    ERR_clear_error();
    error = {};
    const int size = SSL_read(ssl_.get(), buffer.data(), size_of(buffer));
    const Outcome what = outcome(size, error);
    if (what == Outcome::kWantsRead || what == Outcome::kWantsWrite) {
        error = asio::error::would_block;
    }
    return what == Outcome::kDone ? static_cast<std::size_t>(size) : 0;
}

std::size_t TlsStream::write_now(asio::const_buffer buffer, error_code& error) {
    ERR_clear_error();
    error = {};
    const int size = SSL_write(ssl_.get(), buffer.data(), size_of(buffer));
    const Outcome what = outcome(size, error);
    if (what == Outcome::kWantsRead || what == Outcome::kWantsWrite) {
        broken_ = true;  // the record is begun and nobody will end it
        error = asio::error::would_block;
    }
    return what == Outcome::kDone ? static_cast<std::size_t>(size) : 0;
}

void TlsStream::say_goodbye() {
    if (broken_ || writing_ || SSL_is_init_finished(ssl_.get()) == 0) {
        return;
    }
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::size_t Transport::read_now(asio::mutable_buffer buffer, error_code& error) {
    if (tls_) {
        return tls_->read_now(buffer, error);
    }
    socket_.non_blocking(true, error);
    return error ? 0 : socket_.read_some(buffer, error);
}

std::size_t Transport::write_now(asio::const_buffer buffer, error_code& error) {
    if (tls_) {
        return tls_->write_now(buffer, error);
    }
    socket_.non_blocking(true, error);
    return error ? 0 : socket_.write_some(buffer, error);
}

void Transport::shutdown_send() {
    if (tls_) {
        tls_->say_goodbye();
    }
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::close() {
    if (tls_ && socket_.is_open()) {
        tls_->say_goodbye();
    }
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace tidemark::net::impl
