#include "script_writer.hpp"

#include "lexer.hpp"
#include "literal.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::sqlite {
namespace {

class ShellWriter final : public dialect::ScriptWriter {
 public:
  /// Without it the shell goes on after an error, drops the table whose copy failed, and commits (https://www.sqlite.org/cli.html, "-bail").
  std::string preamble() const override { return ".bail on\n"; }

  /// A NOT NULL column under the name of what is wrong: SQLite then says "NOT NULL constraint failed: aludel_check.rows of hero without ...". A check
  /// would be off where ignore_check_constraints is on, and RAISE takes no text that is put together.
  std::string enforced(const std::string& query, const dialect::Expectation& expectation) const override {
    const std::string says = printable((expectation.counted ? "rows" : "") + expectation.message, 500);
    constexpr std::string_view pragma = "PRAGMA ";
    const std::string select = query.starts_with(pragma) ? "SELECT * FROM pragma_" + query.substr(pragma.size()) : query;
    return fmt::format(
        "CREATE TEMP TABLE aludel_check ({} NOT NULL);\nINSERT INTO temp.aludel_check SELECT nullif((\n{}\n) IS {}, 0);\nDROP TABLE "
        "temp.aludel_check;\n",
        quote_identifier(says.empty() ? "the check" : says), select, quote_literal(expectation.equals));
  }
};

}  // namespace

dialect::ScriptWriter& script_writer() {
  static ShellWriter writer;
  return writer;
}

}  // namespace aludel::sqlite
