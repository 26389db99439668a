#include "foundation/crypto/breached_passwords.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "foundation/crypto/impl/sha1.hpp"

namespace tidemark::crypto {

namespace {

constexpr std::size_t kHexDigits = 40;
constexpr std::size_t kMostCountDigits = 20;
constexpr std::size_t kLongestLine = kHexDigits + 1 + kMostCountDigits + 2;
constexpr int kFirstLines = 1000;  // whose numbers are known, and which are all looked at
constexpr std::int64_t kPlaces = 256;
constexpr std::string_view kWrongOrder = "is before the line above: the list must be the one that is ordered by hash";

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? std::optional(static_cast<unsigned>(lower - 'a') + 10) : std::nullopt;
}

/// The 20 bytes of a line without its end; nothing: it is no such line.
std::optional<std::string> hash_of(std::string_view line) {
    if (line.size() < kHexDigits) {
        return std::nullopt;
    }
    std::string hash;
    for (std::size_t i = 0; i < kHexDigits; i += 2) {
        const auto high = hex_digit(line[i]), low = hex_digit(line[i + 1]);
        if (!high || !low) {
            return std::nullopt;
        }
        hash.push_back(static_cast<char>(*high << 4 | *low));
    }
    line.remove_prefix(kHexDigits);
    const bool counted = line.size() >= 2 && line.front() == ':' &&
                         std::ranges::all_of(line.substr(1), [](char c) { return c >= '0' && c <= '9'; });
    return line.empty() || counted ? std::optional(std::move(hash)) : std::nullopt;
}

}  // namespace

BreachedPasswords::BreachedPasswords(std::string path, sys::FileDescriptor file, std::int64_t size)
    : path_(std::move(path)), file_(std::move(file)), size_(size) {}

base::Result<BreachedPasswords> BreachedPasswords::open(const std::string& path) {
    TIDEMARK_TRY(sys::FileDescriptor file, sys::open_for_reading(path));
    TIDEMARK_TRY(const sys::FileIdentity identity, sys::identity_of(file));
    BreachedPasswords list(path, std::move(file), identity.size);
    TIDEMARK_CHECK_OK(list.check());
    return list;
}

base::Result<BreachedPasswords::Line> BreachedPasswords::line_at(std::int64_t begin) const {
    std::array<char, kLongestLine> buffer;
    TIDEMARK_TRY(const std::size_t read, sys::read_at(file_, begin, buffer));
    const std::string_view bytes(buffer.data(), read);
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view text = bytes.substr(0, end);
    if (text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    auto hash = hash_of(text);
    // Without an end in reach it is too long, or the last one.
    if (!hash || (end == bytes.size() && begin + static_cast<std::int64_t>(end) != size_)) {
        return base::fail(base::ErrorCode::kDataLoss,
                          "is no SHA-1 hash of 40 hexadecimal digits with, maybe, ':' and a count");
    }
    return Line{std::move(*hash), std::min(begin + static_cast<std::int64_t>(end) + 1, size_)};
}

base::Result<std::int64_t> BreachedPasswords::begin_of_line(std::int64_t floor, std::int64_t offset) const {
    std::array<char, kLongestLine> buffer;
    const std::int64_t from = std::max(floor, offset - static_cast<std::int64_t>(buffer.size()));
    const std::span<char> wanted(buffer.data(), static_cast<std::size_t>(offset - from));
    TIDEMARK_TRY(const std::size_t read, sys::read_at(file_, from, wanted));
    const std::size_t end = std::string_view(buffer.data(), read).rfind('\n');
    if (end != std::string_view::npos) {
        return from + static_cast<std::int64_t>(end) + 1;
    }
    if (from != floor) {
        return base::fail(base::ErrorCode::kDataLoss, "is in a line that is too long");
    }
    return floor;
}

base::Result<void> BreachedPasswords::check() const {
    if (size_ == 0) {
        return base::fail(base::ErrorCode::kInvalidArgument, path_ + ": is empty");
    }
    const auto wrong = [this](std::string_view unit, std::int64_t number, std::string_view what) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          path_ + ": " + std::string(unit) + " " + std::to_string(number) + ": " + std::string(what));
    };
    std::int64_t at = 0;
    std::string last;
    for (int number = 1; number <= kFirstLines && at < size_; ++number) {
        auto line = line_at(at);
        if (!line) {
            return wrong("line", number, line.error().message);
        }
        if (line->hash < last) {
            return wrong("line", number, kWrongOrder);
        }
        last = std::move(line->hash);
        at = line->next;
    }
    const std::int64_t rest = size_ - at;
    for (std::int64_t place = 1; place <= kPlaces && at < size_; ++place) {
        const std::int64_t offset = size_ - 1 - rest / kPlaces * (kPlaces - place);
        if (offset < at) {
            continue;
        }
        const auto begin = begin_of_line(at, offset);
        if (!begin) {
            return wrong("byte", offset, begin.error().message);
        }
        auto line = line_at(*begin);
        if (!line) {
            return wrong("the line at byte", *begin, line.error().message);
        }
        if (line->hash < last) {
            return wrong("the line at byte", *begin, kWrongOrder);
        }
        last = std::move(line->hash);
        at = line->next;
    }
    return {};
}

base::Result<bool> BreachedPasswords::contains(std::string_view password) const {
    const std::string wanted = impl::sha1(password);
    const auto changed = [this](std::int64_t offset, const base::Error& error) {
        return base::fail(error.code, path_ + ": byte " + std::to_string(offset) + ": " + error.message);
    };
    std::int64_t low = 0, high = size_;  // both at the beginning of a line, or at the end
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const auto begin = begin_of_line(low, middle);
        if (!begin) {
            return changed(middle, begin.error());
        }
        const auto line = line_at(*begin);
        if (!line) {
            return changed(*begin, line.error());
        }
        if (line->hash == wanted) {
            return true;
        }
        if (wanted < line->hash) {
            high = *begin;
        } else {
            low = line->next;
        }
    }
    return false;
}

}  // namespace tidemark::crypto
