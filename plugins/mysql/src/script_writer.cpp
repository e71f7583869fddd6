#include "script_writer.hpp"

#include "lexer.hpp"
#include "quoting.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::mysql {
namespace {

class ClientWriter final : public dialect::ScriptWriter {
 public:
  std::string preamble() const override { return ""; }

  /// SIGNAL stands in stored programs only, and cannot be prepared. A sum that no number holds stops the client with its own text, under the
  /// SQLSTATE of data that do not fit (22003): "value is out of range in '18446744073709551615 + ('2 rows of hero without alias' is not null)'".
  std::string enforced(const std::string& query, const dialect::Expectation& expectation) const override {
    const std::string says = printable((expectation.counted ? " rows" : "") + expectation.message, 500);
    const std::string text = expectation.counted ? fmt::format("CONCAT(@aludel, {})", quote_string(says)) : quote_string(says);
    return fmt::format(
        "SET @aludel = (\n{}\n);\nSET @aludel = IF(@aludel <=> {}, 'DO 0', CONCAT('SELECT 18446744073709551615 + (', QUOTE({}), ' IS NOT NULL)'));\n"
        "PREPARE aludel FROM @aludel;\nEXECUTE aludel;\n",
        query, quote_literal(expectation.equals), text);
  }

  std::string ended(const std::string& sql) const override {
    bool inner = false;
    TokenKind last = TokenKind::end;
    Lexer lexer(sql);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      inner |= token.is_symbol(';');
      last = token.kind;
    }
    if (!inner) return sql + (last == TokenKind::comment ? "\n;\n" : ";\n");
    std::string delimiter = "$$";
    while (sql.find(delimiter) != std::string::npos) delimiter += '$';
    return fmt::format("DELIMITER {}\n{}\n{}\nDELIMITER ;\n", delimiter, sql, delimiter);
  }
};

}  // namespace

dialect::ScriptWriter& script_writer() {
  static ClientWriter writer;
  return writer;
}

}  // namespace aludel::mysql
