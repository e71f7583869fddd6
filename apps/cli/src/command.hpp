#pragma once

#include <boost/program_options.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::cli {

class Context;
namespace options = boost::program_options;
using Arguments = options::variables_map;

/// One command: how it is called and explained, and what it does. Returns an exit code; throws aludel::Error.
struct Command {
  std::string_view name;
  std::string_view synopsis;  ///< what follows the name: "REV [options]"
  std::string_view summary;   ///< one line
  std::string_view explanation;
  std::string_view example;
  /// Adds the command's own options; the positional ones are hidden.
  void (*describe)(options::options_description& shown, options::options_description& hidden, options::positional_options_description& positional);
  int (*run)(Context& context, const Arguments& arguments);
};

std::span<const Command> commands();

// Exit codes (cli.md).
constexpr int done = 0;
constexpr int failed = 1;
constexpr int used_wrongly = 2;
constexpr int found_differences = 3;
constexpr int stopped_half_applied = 4;
constexpr int lock_busy = 5;
constexpr int guard_refused = 6;
constexpr int stopped_by_user = 130;

/// The option's value, or the fallback where it was not given.
template <class T>
T value_or(const Arguments& arguments, const char* name, T fallback = {}) {
  const auto found = arguments.find(name);
  return found == arguments.end() || found->second.empty() ? fallback : found->second.as<T>();
}
inline std::string text_of(const Arguments& arguments, const char* name) { return value_or<std::string>(arguments, name); }
inline std::vector<std::string> list_of(const Arguments& arguments, const char* name) { return value_or<std::vector<std::string>>(arguments, name); }
inline bool has(const Arguments& arguments, const char* name) { return arguments.count(name) != 0; }

}  // namespace aludel::cli
