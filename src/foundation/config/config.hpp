// Where an option's value comes from when it is not on the command line: the environment, then tidemark.toml, then the
// default.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.hpp"

namespace tidemark::config {

/// A flat view of tidemark.toml: keys are the long option names ("listen", "data", "transcripts"), values texts or
/// lists of texts.
class ConfigFile {
public:
    ConfigFile() = default;
    /// A missing file is an empty one. Errors name the file, the line and what to do; keys that are not in `known` are
    /// errors.
    static base::Result<ConfigFile> load(const std::string& path, const std::vector<std::string_view>& known);

    [[nodiscard]] const std::vector<std::string>* find(std::string_view key) const;

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// TIDEMARK_<NAME> for "name" ("week-start" -> TIDEMARK_WEEK_START); nothing when unset or empty.
[[nodiscard]] std::optional<std::string> from_environment(std::string_view option);
[[nodiscard]] std::optional<std::string> environment(const char* name);

/// Environment, else file, else `fallback`.
[[nodiscard]] std::string initial_value(const ConfigFile& file, std::string_view option, const std::string& fallback);
/// The same for options that may be given several times; the environment's value is a comma list.
[[nodiscard]] std::vector<std::string> initial_values(const ConfigFile& file, std::string_view option);

/// "a, b" -> {"a", "b"}; empty parts are dropped.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);
/// "~/x" with the user's home folder in place of "~".
[[nodiscard]] std::string expand_home(std::string_view path);

/// The data folder by default: $TIDEMARK_DATA, $XDG_DATA_HOME/tidemark, ~/.local/share/tidemark.
[[nodiscard]] std::string default_data_dir();
/// The settings file: $TIDEMARK_CONFIG, $XDG_CONFIG_HOME/tidemark/tidemark.toml, ~/.config/tidemark/tidemark.toml.
[[nodiscard]] std::string default_config_file();
/// Claude Code's config homes: CLAUDE_CONFIG_DIR (comma list), else ~/.config/claude and ~/.claude.
[[nodiscard]] std::vector<std::string> default_transcripts();

}  // namespace tidemark::config
