#pragma once

#include "plugin/elf.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace aludel::plugin {

/// The first library that `file` needs and the dynamic loader would not find, without loading anything; nullopt when all seem to be there, or where
/// that cannot be told. Looks at what is loaded already, the run path, LD_LIBRARY_PATH, ld.so.cache and the standard directories, as ld.so(8) does.
std::optional<std::string> missing_dependency(const ElfFacts& facts, const std::filesystem::path& file);

}  // namespace aludel::plugin
