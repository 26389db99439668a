#include "foundation/net/impl/client_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "foundation/base/hash.hpp"

namespace tidemark::net::impl {
namespace {

constexpr unsigned kMappedPrefix = 96;  // bits before an IPv4 address in IPv6's form
constexpr unsigned kAllBits = 128;

std::array<std::uint8_t, 16> bits_of(const address& any) {
    const address plain = plain_address(any);
    return plain.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, plain.to_v4()).to_bytes()
                         : plain.to_v6().to_bytes();
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t";
    const std::size_t first = std::min(text.find_first_not_of(kBlank), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

/// "192.0.2.1", "192.0.2.1:5000", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5000".
std::optional<address> parse_hop(std::string_view text) {
    text = trim(text);
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        text = end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    error_code error;
    const address parsed = asio::ip::make_address(text, error);
    return error ? std::nullopt : std::optional(plain_address(parsed));
}

}  // namespace

address plain_address(const address& any) {
    if (any.is_v6() && any.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, any.to_v6());
    }
    return any;
}

base::Result<AddressRanges> AddressRanges::parse(const std::vector<std::string>& texts) {
    AddressRanges ranges;
    for (const std::string& text : texts) {
        const std::string_view whole = text;
        const std::size_t slash = std::min(whole.find('/'), whole.size());
        error_code error;
        const address network = asio::ip::make_address(whole.substr(0, slash), error);
        const unsigned bits = !error && network.is_v4() ? kAllBits - kMappedPrefix : kAllBits;
        unsigned length = bits;
        bool fits = !error;
        if (slash != whole.size()) {
            const std::string_view number = whole.substr(slash + 1);
            const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), length);
            fits = fits && problem == std::errc{} && end == number.data() + number.size() && length <= bits;
        }
        if (!fits) {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "\"" + text + "\" is not an address or a network, such as 10.0.0.5 or 10.0.0.0/8");
        }
        ranges.ranges_.push_back({bits_of(network), length + (kAllBits - bits)});
    }
    return ranges;
}

bool AddressRanges::contains(const address& any) const {
    const auto bits = bits_of(any);
    return std::any_of(ranges_.begin(), ranges_.end(), [&bits](const Range& range) {
        constexpr unsigned kByte = 8;
        const unsigned whole = range.length / kByte;
        const unsigned rest = range.length % kByte;
        return std::equal(bits.begin(), bits.begin() + whole, range.bits.begin()) &&
               (rest == 0 || ((bits[whole] ^ range.bits[whole]) >> (kByte - rest)) == 0);
    });
}

address client_behind(const address& peer, std::string_view forwarded_for, const AddressRanges& trusted) {
    address client = peer;
    while (trusted.contains(client) && !forwarded_for.empty()) {
        const std::size_t comma = forwarded_for.rfind(',');
        const bool last = comma == std::string_view::npos;
        const auto hop = parse_hop(last ? forwarded_for : forwarded_for.substr(comma + 1));
        if (!hop) {
            break;
        }
        client = *hop;
        forwarded_for = last ? std::string_view() : forwarded_for.substr(0, comma);
    }
    return client;
}

std::size_t AddressLimit::Hash::operator()(const Key& key) const {
    std::array<char, sizeof key> bytes;
    std::memcpy(bytes.data(), key.data(), bytes.size());
    return static_cast<std::size_t>(base::hash64({bytes.data(), bytes.size()}));
}

std::optional<AddressLimit::Lease> AddressLimit::enter(const address& client) {
    const auto bits = bits_of(client);
    Key key;
    std::memcpy(key.data(), bits.data(), sizeof key);
    if (!plain_address(client).is_v4()) {
        key[1] = 0;  // the interface's half
    }
    const std::lock_guard lock(mutex_);
    const auto [place, first] = open_.try_emplace(key, 0);
    if (place->second >= most_) {
        return std::nullopt;
    }
    ++place->second;
    return Lease(this, key);
}

void AddressLimit::leave(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto place = open_.find(key);
    if (--place->second == 0) {
        open_.erase(place);
    }
}

}  // namespace tidemark::net::impl
