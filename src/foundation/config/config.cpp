#include "foundation/config/config.hpp"

#include <algorithm>
#include <cstdlib>

#include "foundation/base/suggest.hpp"
#include "foundation/sys/files.hpp"
#include "foundation/toml/toml.hpp"

namespace tidemark::config {

namespace {

std::optional<std::string> text_of(const toml::node& node) {
    if (node.is_string()) {
        return node.value<std::string>();
    }
    if (node.is_boolean()) {
        return *node.value<bool>() ? "true" : "false";
    }
    if (node.is_integer()) {
        return std::to_string(*node.value<std::int64_t>());
    }
    return std::nullopt;
}

std::string home() { return environment("HOME").value_or("/"); }

}  // namespace

base::Result<ConfigFile> ConfigFile::load(const std::string& path, const std::vector<std::string_view>& known) {
    ConfigFile file;
    const auto text = sys::read_small_file(path);
    if (!text) {
        if (text.error().code == base::ErrorCode::kNotFound) {
            return file;
        }
        return tl::unexpected<base::Error>(text.error());
    }
    const auto where = [&](const toml::source_region& region) {
        return path + ":" + std::to_string(region.begin.line) + ": ";
    };
    const toml::parse_result parsed = toml::parse(*text, path);
    if (!parsed) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          where(parsed.error().source()) + std::string(parsed.error().description()));
    }
    for (const auto& [key, node] : parsed.table()) {
        const std::string_view name = key.str();
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return base::fail(
                base::ErrorCode::kInvalidArgument,
                where(node.source()) + "unknown key '" + std::string(name) + "'" + base::did_you_mean(name, known));
        }
        std::vector<std::string>& values = file.values_[std::string(name)];
        if (const toml::array* list = node.as_array()) {
            for (const toml::node& element : *list) {
                const auto value = text_of(element);
                if (!value) {
                    return base::fail(base::ErrorCode::kInvalidArgument,
                                      where(element.source()) + std::string(name) + " must be a list of strings");
                }
                values.push_back(*value);
            }
        } else if (const auto value = text_of(node)) {
            values.push_back(*value);
        } else {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              where(node.source()) + std::string(name) + " must be a string, number or true/false");
        }
    }
    return file;
}

const std::vector<std::string>* ConfigFile::find(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<std::string> from_environment(std::string_view option) {
    std::string name = "TIDEMARK_";
    for (const char c : option) {
        name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return environment(name.c_str());
}

std::string initial_value(const ConfigFile& file, std::string_view option, const std::string& fallback) {
    if (auto value = from_environment(option)) {
        return *value;
    }
    const auto* values = file.find(option);
    return values != nullptr && !values->empty() ? values->front() : fallback;
}

std::vector<std::string> initial_values(const ConfigFile& file, std::string_view option) {
    if (const auto value = from_environment(option)) {
        return split_list(*value);
    }
    const auto* values = file.find(option);
    return values != nullptr ? *values : std::vector<std::string>();
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view part = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        while (!part.empty() && part.front() == ' ') {
            part.remove_prefix(1);
        }
        while (!part.empty() && part.back() == ' ') {
            part.remove_suffix(1);
        }
        if (!part.empty()) {
            parts.emplace_back(part);
        }
    }
    return parts;
}

std::string expand_home(std::string_view path) {
    if (path == "~" || path.starts_with("~/")) {
        return home() + std::string(path.substr(1));
    }
    return std::string(path);
}

std::string default_data_dir() {
    if (auto given = environment("TIDEMARK_DATA")) {
        return *given;
    }
    if (auto base_dir = environment("XDG_DATA_HOME")) {
        return *base_dir + "/tidemark";
    }
    return home() + "/.local/share/tidemark";
}

std::string default_config_file() {
    if (auto given = environment("TIDEMARK_CONFIG")) {
        return *given;
    }
    return environment("XDG_CONFIG_HOME").value_or(home() + "/.config") + "/tidemark/tidemark.toml";
}

std::vector<std::string> default_transcripts() {
    if (auto given = environment("CLAUDE_CONFIG_DIR")) {
        std::vector<std::string> folders = split_list(*given);
        for (std::string& folder : folders) {
            folder = expand_home(folder);
        }
        return folders;
    }
    return {environment("XDG_CONFIG_HOME").value_or(home() + "/.config") + "/claude", home() + "/.claude"};
}

}  // namespace tidemark::config
