// Any bytes as a script, for each dialect's splitter: refused with an Error that is no fault of ours, or cut into statements that stand in the script
// one behind another, with nothing that is a statement between them, and that are cut no further.
#include "plugins/mysql/src/splitter.hpp"
#include "plugins/postgresql/src/splitter.hpp"
#include "plugins/sqlite/src/splitter.hpp"

#include <aludel/error.hpp>
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

/// Do the statements stand in the script in their order, with nothing that is a statement between them? The same text may stand in a comment too.
class Cover {
 public:
  Cover(const char* dialect, const Split& split, std::string_view script, const Statements& statements)
      : dialect_(dialect), split_(split), script_(script), statements_(statements) {}

  bool from(std::size_t statement, std::size_t at) {
    if (statement == statements_.size()) return is_nothing(script_.substr(at));
    const std::string& text = statements_[statement];
    for (std::size_t found = script_.find(text, at); found != std::string_view::npos; found = script_.find(text, found + 1)) {
      if (--tries_ < 0) return true;  // what repeats itself that often proves nothing
      if (is_nothing(script_.substr(at, found - at)) && from(statement + 1, found + text.size())) return true;
    }
    return false;
  }

 private:
  bool is_nothing(std::string_view text) const {
    const auto statements = try_split(dialect_, split_, text);
    return statements && statements->empty();
  }

  const char* dialect_;
  const Split& split_;
  std::string_view script_;
  const Statements& statements_;
  int tries_ = 200;
};

void check(const char* dialect, const Split& split, std::string_view script) {
  const auto statements = try_split(dialect, split, script);
  if (!statements) return;
  for (const std::string& statement : *statements)
    if (try_split(dialect, split, statement) != Statements{statement}) fail(dialect, "cut a second time", statement);
  if (!Cover(dialect, split, script, *statements).from(0, 0)) fail(dialect, "the statements are not all that is in the script", script);
  if (try_split(dialect, split, aludel::join(*statements, ";\n")) != statements) fail(dialect, "cut otherwise when it is put together again", script);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check("sqlite", aludel::sqlite::split_script, text);
  check("postgresql", aludel::postgresql::split_script, text);
  // MySQL's statements are not the same wherever they stand: DELIMITER, executable comments that go over a semicolon, "--" at the very end.
  try_split("mysql", aludel::mysql::split_script, text);
  return 0;
}
