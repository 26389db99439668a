// Made-up transcripts for `tidemark serve --demo`: a year in the life of a team of five, in the row form of the real
// client, with every text left empty. Everything follows from the seed and the calendar, so the tree can be extended at
// any time: a file on disk is always the beginning of the same endless text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "foundation/base/clock.hpp"
#include "foundation/base/result.hpp"

namespace tidemark::demo {

struct DemoOptions {
    std::string out;  ///< The config home to make, a folder of the demo's own: <out>/projects/…, <out>/demo.json
    base::UnixMillis now = 0;  ///< The year ends here
    std::uint64_t seed = 1;
    double scale = 1.0;  ///< 1: about 60,000 requests, 110 MB, a year; it changes how many sessions there are
};

/// Writes the transcripts of the year before `now`, or, where an earlier call made the tree, what is missing up to
/// `now` (then `seed` and `scale` must be the same). Touches no folder with transcripts that it did not make itself:
/// kFailedPrecondition. About 2 s for a whole year.
base::Result<void> generate(const DemoOptions& options);

/// Goes on writing a generated tree as time passes: the team's sessions, and two more that never pause, so that there
/// is something to see at any hour. One thread at a time.
class LiveDemo {
public:
    /// Brings the tree up to options.now first (as generate()).
    static base::Result<LiveDemo> open(const DemoOptions& options);
    LiveDemo(LiveDemo&&) noexcept;
    LiveDemo& operator=(LiveDemo&&) noexcept;
    ~LiveDemo();

    /// Appends all rows due by `now`, whole lines only; gives their number. Call it every second or two. Time that
    /// stands still or runs backwards adds nothing.
    base::Result<std::size_t> step(base::UnixMillis now);

private:
    struct Impl;
    explicit LiveDemo(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::demo
