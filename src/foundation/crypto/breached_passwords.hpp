// A list of passwords that are known from breaches, looked up where it lies: such lists have tens of gigabytes. The
// form is that of "Pwned Passwords" (the version ordered by hash): a line a password, its SHA-1 in 40 hexadecimal
// digits and, maybe, ":" and how often it was found; LF or CRLF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::crypto {

class BreachedPasswords {
public:
    /// Looks at the first lines and at some all over the file. kInvalidArgument, with the file and the line or the
    /// byte, when it is not of that form. The file stays open: who replaces it by renaming changes nothing until the
    /// next start.
    static base::Result<BreachedPasswords> open(const std::string& path);
    /// Thread-safe; some forty short reads. kDataLoss when the file was changed and cannot be searched any more.
    [[nodiscard]] base::Result<bool> contains(std::string_view password) const;

private:
    struct Line {
        std::string hash;       ///< 20 bytes
        std::int64_t next = 0;  ///< Where the line after it begins
    };
    BreachedPasswords(std::string path, sys::FileDescriptor file, std::int64_t size);
    [[nodiscard]] base::Result<Line> line_at(std::int64_t begin) const;
    /// Where the line begins that holds `offset`; `floor` is the beginning of a line at or before it.
    [[nodiscard]] base::Result<std::int64_t> begin_of_line(std::int64_t floor, std::int64_t offset) const;
    [[nodiscard]] base::Result<void> check() const;

    std::string path_;
    sys::FileDescriptor file_;
    std::int64_t size_;
};

}  // namespace tidemark::crypto
