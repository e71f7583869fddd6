#pragma once

#include "plugin/refusal.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace aludel::plugin {

/// Whether the libraries it needs are looked for as well; about to be loaded, that is left to the dynamic loader, which knows best.
enum class Depth { file_alone, with_dependencies };

/// All that can be told about a library without loading it.
Candidate inspect_file(const std::filesystem::path& file, std::string origin, std::optional<Kind> kind, Depth depth);

/// The NAME of aludel-dialect-NAME.so.
std::optional<std::string> name_from_file(const std::filesystem::path& file);

Refusal missing_library(std::string_view name);

}  // namespace aludel::plugin
