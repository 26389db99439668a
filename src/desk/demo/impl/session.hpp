// The transcripts of one session, in the row form of the real client (2.0 to 2.1.3xx), every text empty.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "desk/demo/impl/team.hpp"
#include "foundation/base/clock.hpp"

namespace tidemark::demo {

struct RowEnd {
    base::UnixMillis time = 0;
    std::size_t end = 0;  ///< Offset behind the row's '\n'
};

/// A file: its whole text, and when each row of it is written. Times never decrease.
struct Transcript {
    std::string path;  ///< Below <config home>/projects/
    std::string text;
    std::vector<RowEnd> rows;

    /// How much of it exists at a time.
    [[nodiscard]] std::size_t size_at(base::UnixMillis now) const;
};

/// The session's main file first, then a transcript and a .meta.json of each subagent. The same plan gives the same
/// bytes.
[[nodiscard]] std::vector<Transcript> write_session(const SessionPlan& plan);

}  // namespace tidemark::demo
