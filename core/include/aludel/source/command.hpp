#pragma once

#include <aludel/export.hpp>

#include <filesystem>
#include <string>

namespace aludel::source {

/// What a shell command did.
struct CommandResult {
  int status = 0;       ///< 0: it succeeded
  std::string outcome;  ///< for people: "exit code 2", "killed by signal 9"
  std::string output;   ///< standard output
  std::string errors;   ///< standard error
};

/// Runs a command with /bin/sh in a directory (empty: the working directory), standard input closed, and waits for it. Throws Error(io) when no
/// process can be made.
ALUDEL_API CommandResult run_command(const std::string& command, const std::filesystem::path& directory);

}  // namespace aludel::source
