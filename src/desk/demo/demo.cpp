#include "desk/demo/demo.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <set>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/demo/impl/session.hpp"
#include "desk/demo/impl/team.hpp"
#include "foundation/base/time.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::demo {

namespace {

using base::kDay;
using base::UnixMillis;

/// Raise it with every change of the generated text: a tree of another version cannot be extended.
constexpr int kFormat = 1;
constexpr std::int64_t kDays = 365;
/// Sessions of earlier days may still be running (people work past midnight UTC), those of the next day have begun
/// (east of it).
constexpr std::int64_t kDaysBack = 2;
constexpr std::int64_t kDaysAhead = 1;

std::int64_t day_of(UnixMillis time) { return time / kDay; }

/// What demo.json says: how the tree was made, and up to which day it is complete.
struct Marker {
    std::int64_t first_day = 0;
    std::int64_t complete_day = 0;
};

std::string made_with(const DemoOptions& options) {
    return "{\"tidemark_demo\":" + std::to_string(kFormat) + ",\"seed\":" + std::to_string(options.seed) +
           ",\"scale\":" + std::to_string(options.scale);
}

std::string to_text(const DemoOptions& options, const Marker& marker) {
    return made_with(options) + ",\"first_day\":" + std::to_string(marker.first_day) +
           ",\"complete_day\":" + std::to_string(marker.complete_day) + "}\n";
}

/// The number behind `"key":`; -1 when it is not there.
std::int64_t number_in(std::string_view text, std::string_view key) {
    const auto at = text.find("\"" + std::string(key) + "\":");
    std::int64_t number = -1;
    if (at != text.npos) {
        std::from_chars(text.data() + at + key.size() + 3, text.data() + text.size(), number);
    }
    return number;
}

std::string marker_path(const DemoOptions& options) { return options.out + "/demo.json"; }

/// The tree's marker; a fresh one (complete_day = 0) for a new folder.
base::Result<Marker> read_marker(const DemoOptions& options) {
    auto text = sys::read_small_file(marker_path(options));
    if (!text) {
        if (text.error().code != base::ErrorCode::kNotFound) {
            return tl::unexpected(text.error());
        }
        if (sys::is_directory(options.out + "/projects")) {
            return base::fail(base::ErrorCode::kFailedPrecondition,
                              options.out + " holds transcripts that are not the demo's: choose another folder");
        }
        return Marker{day_of(options.now) - kDays, 0};
    }
    const Marker marker{number_in(*text, "first_day"), number_in(*text, "complete_day")};
    if (!text->starts_with(made_with(options) + ",") || marker.first_day < 0 || marker.complete_day < 0) {
        return base::fail(base::ErrorCode::kFailedPrecondition,
                          options.out + " holds demo data of another version, seed or scale: remove the folder");
    }
    return marker;
}

base::Result<void> append(const std::string& path, std::string_view text) {
    const sys::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file.valid()) {
        return base::fail_errno("open " + path);
    }
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return base::fail_errno("write " + path);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

std::size_t size_of(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<std::size_t>(info.st_size) : 0;
}

/// Writes into <out>/projects; remembers which folders exist.
class Tree {
public:
    explicit Tree(const std::string& out) : projects_(out + "/projects/") {}

    [[nodiscard]] std::string path(const Transcript& file) const { return projects_ + file.path; }

    /// Lets the file grow from `have` bytes to `want`.
    base::Result<void> grow(const Transcript& file, std::size_t have, std::size_t want) {
        const std::string full = path(file);
        const std::string folder = full.substr(0, full.rfind('/'));
        if (!folders_.contains(folder)) {
            TIDEMARK_CHECK_OK(sys::make_directories(folder));
            folders_.insert(folder);
        }
        return append(full, std::string_view(file.text).substr(have, want - have));
    }

    base::Result<void> bring_up_to(const Transcript& file, UnixMillis now) {
        const std::size_t want = file.size_at(now);
        const std::size_t have = want == 0 ? 0 : size_of(path(file));
        return have < want ? grow(file, have, want) : base::Result<void>{};
    }

private:
    std::string projects_;
    std::set<std::string> folders_;
};

}  // namespace

base::Result<void> generate(const DemoOptions& options) {
    TIDEMARK_TRY(Marker marker, read_marker(options));
    TIDEMARK_CHECK_OK(sys::make_directories(options.out));
    if (marker.complete_day == 0) {
        // Marked before the first transcript, so that an interrupted start can be finished.
        TIDEMARK_CHECK_OK(sys::replace_file(marker_path(options), to_text(options, marker)));
    }
    Tree tree(options.out);
    const std::int64_t today = day_of(options.now);
    for (std::int64_t day = std::max(marker.first_day, marker.complete_day - kDaysBack); day <= today + kDaysAhead;
         ++day) {
        for (const SessionPlan& plan : plan_day(options.seed, day, options.scale)) {
            if (plan.start > options.now) {
                continue;
            }
            for (const Transcript& file : write_session(plan)) {
                TIDEMARK_CHECK_OK(tree.bring_up_to(file, options.now));
            }
        }
    }
    if (today > marker.complete_day) {
        marker.complete_day = today;
        TIDEMARK_CHECK_OK(sys::replace_file(marker_path(options), to_text(options, marker)));
    }
    return {};
}

struct LiveDemo::Impl {
    /// A file that still grows.
    struct Growing {
        Transcript file;
        std::size_t written = 0;  ///< Bytes on disk
        std::size_t next_row = 0;
    };

    DemoOptions options;
    Tree tree;
    std::vector<Growing> growing;
    std::int64_t loaded_day = 0;
    std::int64_t loaded_slot[kLiveLanes] = {};

    explicit Impl(const DemoOptions& given) : options(given), tree(given.out) {}

    /// `only_begun`: leaves a session alone that has no file yet.
    void add(const SessionPlan& plan, bool only_begun = false) {
        for (Transcript& file : write_session(plan)) {
            Growing one;
            one.written = size_of(tree.path(file));
            if (only_begun && one.written == 0) {
                return;
            }
            while (one.next_row < file.rows.size() && file.rows[one.next_row].end <= one.written) {
                ++one.next_row;
            }
            one.file = std::move(file);
            if (one.next_row < one.file.rows.size()) {
                growing.push_back(std::move(one));
            }
        }
    }

    void load(std::int64_t day) {
        for (const SessionPlan& plan : plan_day(options.seed, day, options.scale)) {
            add(plan);
        }
    }

    /// Makes sure that all sessions which may write at `now` are loaded.
    base::Result<void> follow(UnixMillis now) {
        const std::int64_t today = day_of(now);
        if (today > loaded_day + 1) {  // the machine slept: fill the days between like a fresh start
            growing.clear();
            options.now = now;
            TIDEMARK_CHECK_OK(generate(options));
            loaded_day = 0;
        }
        if (loaded_day == 0) {
            for (std::int64_t day = today - kDaysBack; day <= today + kDaysAhead; ++day) {
                load(day);
            }
            loaded_day = today;
        } else if (today > loaded_day) {
            load(today + kDaysAhead);
            loaded_day = today;
        }
        for (int lane = 0; lane < kLiveLanes; ++lane) {
            if (const std::int64_t slot = live_slot(now, lane); slot > loaded_slot[lane]) {
                if (loaded_slot[lane] == 0) {  // what an earlier process was writing when it ended
                    add(plan_live(options.seed, slot - 1, lane), true);
                }
                add(plan_live(options.seed, slot, lane));
                loaded_slot[lane] = slot;
            }
        }
        return {};
    }

    base::Result<std::size_t> write(UnixMillis now) {
        std::size_t rows = 0;
        for (Growing& one : growing) {
            std::size_t next = one.next_row;
            while (next < one.file.rows.size() && one.file.rows[next].time <= now) {
                ++next;
            }
            if (next > one.next_row) {
                const std::size_t end = one.file.rows[next - 1].end;
                if (auto grown = tree.grow(one.file, one.written, end); !grown) {
                    one.written = size_of(tree.path(one.file));  // a full disk may have taken a part of it
                    return tl::unexpected(std::move(grown).error());
                }
                rows += next - one.next_row;
                one.written = end;
                one.next_row = next;
            }
        }
        std::erase_if(growing, [](const Growing& one) { return one.next_row == one.file.rows.size(); });
        return rows;
    }
};

LiveDemo::LiveDemo(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LiveDemo::LiveDemo(LiveDemo&&) noexcept = default;
LiveDemo& LiveDemo::operator=(LiveDemo&&) noexcept = default;
LiveDemo::~LiveDemo() = default;

base::Result<LiveDemo> LiveDemo::open(const DemoOptions& options) {
    TIDEMARK_CHECK_OK(generate(options));
    auto impl = std::make_unique<Impl>(options);
    TIDEMARK_CHECK_OK(impl->follow(options.now));
    return LiveDemo(std::move(impl));
}

base::Result<std::size_t> LiveDemo::step(base::UnixMillis now) {
    TIDEMARK_CHECK_OK(impl_->follow(now));
    return impl_->write(now);
}

}  // namespace tidemark::demo
