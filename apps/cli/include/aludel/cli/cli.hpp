#pragma once

#include <aludel/export.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace aludel {
class Environment;
}

/// The command line as a library: parse, call, print. It holds no logic that a program embedding libaludel could not call itself.
namespace aludel::cli {

/// Runs one command line and returns its exit code: 0 done; 1 failed and nothing half-done; 2 used wrongly; 3 a check found what it looks for; 4
/// stopped half-applied, resumable; 5 the lock was busy; 6 a guard refused; 130 stopped by Ctrl-C with nothing half-done.
///
/// Never throws. Installs a SIGINT handler while a command runs; otherwise free of global state. `argv[0]` is ignored.
ALUDEL_API int run(int argc, const char* const* argv);
/// The same with the application's environment linked in, instead of one loaded from a library.
ALUDEL_API int run(int argc, const char* const* argv, const Environment& environment);
/// The same with the streams of the caller's choice; `arguments` without the program's name. `environment` may be null.
ALUDEL_API int run(const std::vector<std::string>& arguments, const Environment* environment, std::ostream& out, std::ostream& err);

/// Asks the C library (glibc; elsewhere it does nothing) for a heap in large pages, and to keep what it has. For a program that runs one command and
/// ends: a schema of 10,000 tables is 100 MB of small pieces, and the page faults of that can cost as much as all the rest (docs/decisions/0041).
/// Call it first in main(), from one thread; it changes malloc for the whole process, so `run` does not do it by itself.
ALUDEL_API void use_large_pages();

}  // namespace aludel::cli
