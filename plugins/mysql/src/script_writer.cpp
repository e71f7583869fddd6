#include "script_writer.hpp"

#include "lexer.hpp"
#include "quoting.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::mysql {
namespace {

class ClientWriter final : public dialect::ScriptWriter {
 public:
  std::string preamble() const override { return ""; }

  /// SIGNAL stands in stored programs only. A statement that cannot be prepared stops the client with the message: "Unknown column '2 rows of hero
  /// without alias' in 'field list'".
  std::string enforced(const std::string& query, const dialect::Expectation& expectation) const override {
    std::string says = printable((expectation.counted ? " rows" : "") + expectation.message, 500);
    std::replace(says.begin(), says.end(), '`', '\'');
    const std::string count = expectation.counted ? "@aludel, " : "";
    return fmt::format(
        "SET @aludel = (\n{}\n);\nSET @aludel = IF(@aludel <=> {}, 'DO 0', CONCAT('SELECT `', {}{}, '`'));\nPREPARE aludel FROM @aludel;\n", query,
        quote_literal(expectation.equals), count, quote_string(says));
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
