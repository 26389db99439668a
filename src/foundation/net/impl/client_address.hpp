// Who is at the other end: the peer of the socket, or whom a proxy names that is trusted to tell the truth.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "foundation/base/result.hpp"
#include "foundation/net/impl/asio.hpp"

namespace tidemark::net::impl {

using asio::ip::address;

/// An IPv4 address that came in IPv6's form (::ffff:192.0.2.1, RFC 4291 2.5.5.2) as what it is.
[[nodiscard]] address plain_address(const address& any);

/// Addresses and networks.
class AddressRanges {
public:
    /// Each of `texts` is "192.0.2.1", "192.0.2.0/24", "2001:db8::1" or "2001:db8::/32".
    static base::Result<AddressRanges> parse(const std::vector<std::string>& texts);

    [[nodiscard]] bool contains(const address& any) const;
    [[nodiscard]] bool empty() const { return ranges_.empty(); }

private:
    struct Range {
        std::array<std::uint8_t, 16> bits{};  // IPv4 in IPv6's form
        unsigned length = 0;                  // of the prefix, 0 to 128
    };
    std::vector<Range> ranges_;
};

/// The client behind trusted proxies: the rightmost address of X-Forwarded-For that is not one of theirs. What stands
/// left of it anybody could have written. `forwarded_for` is the header's values in order, joined by commas; addresses
/// may have ports. The last proxy itself, when the header is missing or says nothing that is an address.
[[nodiscard]] address client_behind(const address& peer, std::string_view forwarded_for, const AddressRanges& trusted);

/// Counts what each client address has open. An IPv6 network of 64 bits counts as one client: whoever has one address
/// of it has them all. Thread-safe; must outlive its leases.
class AddressLimit {
public:
    explicit AddressLimit(std::size_t most) : most_(most) {}

    class Lease {
    public:
        Lease(Lease&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)), key_(other.key_) {}
        Lease& operator=(Lease&& other) noexcept {
            std::swap(limit_, other.limit_);
            std::swap(key_, other.key_);
            return *this;
        }
        ~Lease() {
            if (limit_ != nullptr) {
                limit_->leave(key_);
            }
        }

    private:
        friend class AddressLimit;
        using Key = std::array<std::uint64_t, 2>;
        Lease(AddressLimit* limit, Key key) : limit_(limit), key_(key) {}
        AddressLimit* limit_;
        Key key_;
    };
    /// Nothing when the client has as many as it may.
    std::optional<Lease> enter(const address& client);

private:
    using Key = Lease::Key;
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    void leave(const Key& key);

    const std::size_t most_;
    std::mutex mutex_;
    std::unordered_map<Key, std::size_t, Hash> open_;
};

}  // namespace tidemark::net::impl
