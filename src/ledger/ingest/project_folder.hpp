// From a working directory to the project it belongs to, and to the person whose machine it is.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::ingest {

struct ProjectFolder {
    std::string path;        ///< The repository a worktree belongs to, else the folder itself
    std::string name;        ///< Last part of the path
    std::string git_remote;  ///< "origin" of the repository if the folder is there; credentials removed
};

/// Folds worktrees: "<repo>/.claude/worktrees/<name>" by its name alone, other git worktrees by the .git file in the
/// folder.
[[nodiscard]] ProjectFolder project_folder(std::string_view cwd);

/// The user name in a home folder ("/home/mei/…", "/Users/mei/…", "C:\Users\mei\…", "/root" -> "root"); empty when none
/// shows.
[[nodiscard]] std::string_view member_of(std::string_view cwd);

/// A remote's URL without user name, password or token.
[[nodiscard]] std::string without_credentials(std::string_view url);

}  // namespace tidemark::ingest
