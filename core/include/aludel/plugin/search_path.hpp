#pragma once

#include <aludel/export.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace aludel::plugin {

/// One directory that is searched for dialects, and who asked for it.
struct SearchDirectory {
  std::filesystem::path directory;  ///< absolute; empty where there is none to search
  std::string origin;               ///< for people: "--plugin-path", "$ALUDEL_PLUGIN_PATH", "plugin_path in aludel.toml", ...
  std::string skipped{};            ///< why it is not searched ("does not exist", "not an absolute path"); empty when it is
};
using SearchPath = std::vector<SearchDirectory>;

/// What a caller adds to the usual places, and which of those it leaves out.
struct SearchOptions {
  std::vector<std::filesystem::path> command_line{};   ///< --plugin-path; a relative one is relative to the working directory
  std::vector<std::filesystem::path> configuration{};  ///< plugin_path in aludel.toml, made absolute by whoever read the file
  bool environment_variable = true;                    ///< $ALUDEL_PLUGIN_PATH, separated by colons
  bool user_directory = true;                          ///< $XDG_DATA_HOME/aludel/plugins, by default ~/.local/share/aludel/plugins
  bool installed = true;                               ///< aludel/plugins beside libaludel, and the directory compiled in
};

/// The places in their order: command line, $ALUDEL_PLUGIN_PATH, aludel.toml, the user's data directory, beside libaludel, compiled in.
///
/// Never the current directory, unless the command line names it. What the environment says is skipped, saying so, when the process has raised
/// privileges, and where an entry is no absolute path. A directory met twice is searched once. Never throws but for memory.
ALUDEL_API SearchPath search_path(const SearchOptions& options = {});

}  // namespace aludel::plugin
