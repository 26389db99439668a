#include "ledger/ingest/project_folder.hpp"

#include "foundation/sys/files.hpp"

namespace tidemark::ingest {

namespace {

constexpr std::size_t kMaxGitFile = 64 * 1024;

std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// `url` of [remote "origin"] in a git config, or of the first remote when there is no origin.
std::string remote_of(std::string_view config) {
    std::string first;
    std::string_view section;
    for (std::size_t at = 0; at < config.size();) {
        std::size_t end = config.find('\n', at);
        if (end == std::string_view::npos) {
            end = config.size();
        }
        const std::string_view line = trimmed(config.substr(at, end - at));
        at = end + 1;
        if (line.starts_with('[')) {
            section = line;
        } else if (section.starts_with("[remote ") && line.starts_with("url")) {
            const std::size_t equals = line.find('=');
            if (equals == std::string_view::npos) {
                continue;
            }
            std::string url = without_credentials(trimmed(line.substr(equals + 1)));
            if (section == "[remote \"origin\"]") {
                return url;
            }
            if (first.empty()) {
                first = std::move(url);
            }
        }
    }
    return first;
}

}  // namespace

ProjectFolder project_folder(std::string_view cwd) {
    ProjectFolder result;
    for (const std::string_view mark : {"/.claude/worktrees/", "\\.claude\\worktrees\\"}) {
        if (const std::size_t at = cwd.find(mark); at != std::string_view::npos && at > 0) {
            cwd = cwd.substr(0, at);
        }
    }
    while (cwd.size() > 1 && cwd.back() == '/') {
        cwd.remove_suffix(1);
    }
    result.path = cwd;
    std::string git_folder = result.path + "/.git";
    if (!sys::is_directory(git_folder)) {
        // In a worktree .git is a file: "gitdir: <repo>/.git/worktrees/<name>".
        const auto pointer = sys::read_small_file(git_folder, kMaxGitFile);
        constexpr std::string_view kPrefix = "gitdir: ";
        if (pointer && pointer->starts_with(kPrefix)) {
            const std::string_view target = trimmed(std::string_view(*pointer).substr(kPrefix.size()));
            if (const std::size_t at = target.find("/.git/worktrees/"); at != std::string_view::npos && at > 0) {
                result.path = target.substr(0, at);
                git_folder = result.path + "/.git";
            }
        }
    }
    result.name = last_part(result.path);
    if (result.name.empty()) {
        result.name = result.path;
    }
    if (const auto config = sys::read_small_file(git_folder + "/config", kMaxGitFile)) {
        result.git_remote = remote_of(*config);
    }
    return result;
}

std::string_view member_of(std::string_view cwd) {
    for (const std::string_view mark : {"/home/", "/Users/", "\\Users\\", "\\\\Users\\\\"}) {
        const std::size_t at = cwd.find(mark);
        // At the start, or right behind a drive letter ("C:").
        if (at == 0 || (at == 2 && cwd[1] == ':') ||
            (at != std::string_view::npos && cwd.starts_with("/mnt/") && at == 6)) {
            const std::string_view rest = cwd.substr(at + mark.size());
            return rest.substr(0, rest.find_first_of("/\\"));
        }
    }
    return cwd == "/root" || cwd.starts_with("/root/") ? std::string_view("root") : std::string_view();
}

std::string without_credentials(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) {
        return std::string(url);  // scp form "git@host:path": the user name there is the service's, not a secret
    }
    const std::size_t begin = scheme + 3;
    const std::size_t slash = url.find('/', begin);
    const std::size_t at = url.substr(0, slash).rfind('@');
    if (at == std::string_view::npos || at < begin) {
        return std::string(url);
    }
    return std::string(url.substr(0, begin)) + std::string(url.substr(at + 1));
}

}  // namespace tidemark::ingest
