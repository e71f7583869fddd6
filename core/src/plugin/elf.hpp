#pragma once

#include "plugin/refusal.hpp"

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace aludel::plugin {

/// What a shared library's file tells without being loaded.
struct ElfFacts {
  std::vector<std::string> records;   ///< what follows each record's magic, without it
  std::vector<std::string> needed;    ///< DT_NEEDED
  std::vector<std::string> run_path;  ///< DT_RUNPATH, else DT_RPATH, cut at the colons
  bool exports_entry_point = false;
  bool binds_now = false;  ///< DT_BIND_NOW, DF_BIND_NOW or DF_1_NOW
};

/// Reads them. The file is taken for hostile: every offset in it is checked. Read, not mapped, since a linker may be writing it right now.
std::variant<ElfFacts, Refusal> read_elf(const std::filesystem::path& file);

}  // namespace aludel::plugin
