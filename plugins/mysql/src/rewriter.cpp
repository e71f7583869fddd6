#include "rewriter.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "quoting.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace aludel::mysql {

namespace {

using op::Rename;
using op::TextKind;
using schema::Name;

/// A name of the expression's own table stands alone or behind the table's name.
bool names_column(const std::vector<Token>& tokens, std::size_t i, const Name& owner, std::string_view column) {
  if (!tokens[i].is_name() || !equals_ignoring_case(unquote(tokens[i]), column)) return false;
  if (tokens[i].kind == TokenKind::word && !is_plain_identifier(tokens[i].text)) return false;
  if (tokens[i + 1].is_symbol('(') || tokens[i + 1].is_symbol('.')) return false;
  if (i == 0) return true;
  if (tokens[i - 1].is_symbol('.')) return i > 1 && equals_ignoring_case(unquote(tokens[i - 2]), owner.name);
  if (tokens[i].kind == TokenKind::quoted) return true;
  // CAST(a AS date), COLLATE utf8mb4_bin, INTERVAL 1 year
  return !tokens[i - 1].is("AS") && !tokens[i - 1].is("COLLATE") && tokens[i - 1].kind != TokenKind::number && !tokens[i - 1].is("USING");
}

std::string spelled_like(const Token& old, std::string_view name) {
  return old.kind == TokenKind::word && is_plain_identifier(name) ? std::string(name) : quote_identifier(name);
}

std::optional<std::string> rewrite_expression(std::string_view text, const Name& owner, const Rename& rename) {
  if (owner != rename.table) return std::string(text);
  const std::vector<Token> tokens = tokenize(text);
  std::string result;
  std::size_t copied = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::illegal) return std::nullopt;
    const bool qualifier = tokens[i].is_name() && tokens[i + 1].is_symbol('.') && equals_ignoring_case(unquote(tokens[i]), rename.table.name);
    if (!(rename.column.empty() ? qualifier : names_column(tokens, i, owner, rename.column))) continue;
    result.append(text.substr(copied, tokens[i].offset - copied)).append(spelled_like(tokens[i], rename.to));
    copied = tokens[i].end_offset();
  }
  return result.append(text.substr(copied));
}

/// The text with everything that other dialects read differently (strings in either quotes with backslashes, comments) put aside, so that the
/// rewriter of standard SQL can work on it.
class Neutral {
 public:
  explicit Neutral(std::string_view text) {
    Lexer lexer(text);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      const bool aside = token.kind == TokenKind::string || token.kind == TokenKind::comment || token.kind == TokenKind::opening ||
                         token.kind == TokenKind::closing || token.kind == TokenKind::variable;
      if (token.kind == TokenKind::illegal) readable_ = false;
      if (!aside) {
        text_ += token.text;
        continue;
      }
      text_ += fmt::format("'aludel {}'", aside_.size());
      aside_.emplace_back(token.text);
    }
  }
  bool readable() const { return readable_; }
  const std::string& text() const { return text_; }

  std::string restored(std::string_view rewritten) const {
    constexpr std::string_view mark = "'aludel ";
    std::string result;
    Lexer lexer(rewritten);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      std::size_t number = 0;
      if (token.kind == TokenKind::string && token.text.starts_with('"')) {
        result += quote_identifier(unquote(token));  // a new name in standard quotes: strings of the text itself are aside
      } else if (token.kind == TokenKind::string && token.text.starts_with(mark)) {
        std::from_chars(token.text.data() + mark.size(), token.text.data() + token.text.size(), number);
        result += aside_[number];
      } else {
        result += token.text;
      }
    }
    return result;
  }

 private:
  std::string text_;
  std::vector<std::string> aside_;
  bool readable_ = true;
};

class MysqlRewriter final : public op::Rewriter {
 public:
  std::optional<std::string> rewrite(std::string_view text, TextKind kind, const Name& owner, const Rename& rename) const override {
    if (kind == TextKind::expression) return rewrite_expression(text, owner, rename);
    const Neutral neutral(text);
    if (!neutral.readable()) return std::nullopt;
    const auto rewritten = op::standard_rewriter().rewrite(neutral.text(), kind, owner, rename);
    if (!rewritten) return std::nullopt;
    return *rewritten == neutral.text() ? std::string(text) : neutral.restored(*rewritten);
  }

  bool mentions_column(std::string_view text, const Name& owner, std::string_view column) const override {
    const std::vector<Token> tokens = tokenize(text);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      if (names_column(tokens, i, owner, column)) return true;
    }
    return false;
  }

  bool mentions_table(std::string_view text, const Name& table) const override {
    return op::standard_rewriter().mentions_table(Neutral(text).text(), table);
  }

  bool definition_mentions_column(std::string_view definition, const Name& table, std::string_view column) const override {
    return op::standard_rewriter().definition_mentions_column(Neutral(definition).text(), table, column);
  }

  std::vector<schema::Index> implied_indexes(const schema::Table& table) const override {
    return implicit_indexes(table, false);  // of MySQL; where MariaDB makes none, none is dropped
  }
};

}  // namespace

const op::Rewriter& rewriter() {
  static const MysqlRewriter instance;
  return instance;
}

}  // namespace aludel::mysql
