// Any bytes as a script, for each dialect's splitter: refused with an Error that is no fault of ours, or cut into statements that stand in the script
// one behind another, with nothing that is a statement between them, and that are cut no further.
#include "plugins/mysql/src/splitter.hpp"
#include "plugins/postgresql/src/splitter.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Statements = std::vector<std::string>;
using Split = std::function<Statements(std::string_view)>;

[[noreturn]] void fail(const char* dialect, const char* what, std::string_view text) {
  std::fprintf(stderr, "%s: %s: %.*s\n", dialect, what, static_cast<int>(text.size()), text.data());
  std::abort();
}

std::optional<Statements> try_split(const char* dialect, const Split& split, std::string_view text) {
  try {
    return split(text);
  } catch (const aludel::Error& error) {
    if (error.kind() == aludel::ErrorKind::internal) fail(dialect, "our own fault", error.text());
    return std::nullopt;
  }
}

/// `as_it_stands`: a statement means the same wherever it stands, as it does while no DELIMITER and no sql_mode is set.
void check(const char* dialect, const Split& split, std::string_view script, bool as_it_stands) {
  const auto statements = try_split(dialect, split, script);
  if (!statements) return;
  std::size_t at = 0;
  for (const std::string& statement : *statements) {
    const std::size_t found = script.find(statement, at);
    if (statement.empty() || found == std::string_view::npos) fail(dialect, "a statement that is not in the script", statement);
    if (as_it_stands) {
      const auto between = try_split(dialect, split, script.substr(at, found - at));
      if (!between || !between->empty()) fail(dialect, "lost between statements", script.substr(at, found - at));
      if (try_split(dialect, split, statement) != Statements{statement}) fail(dialect, "cut a second time", statement);
    }
    at = found + statement.size();
  }
  if (!as_it_stands) return;
  const auto rest = try_split(dialect, split, script.substr(at));
  if (!rest || !rest->empty()) fail(dialect, "lost behind the last statement", script.substr(at));
  if (try_split(dialect, split, aludel::join(*statements, ";\n")) != statements) fail(dialect, "cut otherwise when it is put together again", script);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string lower = aludel::to_lower(text);
  check(
      "sqlite", [](std::string_view script) { return aludel::sqlite::dialect().split(script); }, text, true);
  check("postgresql", aludel::postgresql::split_script, text, true);
  check("mysql", aludel::mysql::split_script, text, lower.find("delimiter") == std::string::npos && lower.find("sql_mode") == std::string::npos);
  return 0;
}
