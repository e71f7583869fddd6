#include "expression.hpp"

#include "lexer.hpp"
#include "quoting.hpp"
#include "types.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace aludel::mysql {

namespace {

bool is_introducer(const Token& token, const Token& following) {
  static constexpr std::array known = {"_utf8mb4", "_utf8mb3", "_utf8", "_latin1"};
  return token.kind == TokenKind::word && following.kind == TokenKind::string &&
         std::any_of(known.begin(), known.end(), [&](std::string_view name) { return equals_ignoring_case(token.text, name); });
}

bool is_now(const Token& token) {
  static constexpr std::array known = {"current_timestamp", "now", "localtime", "localtimestamp"};
  return token.kind == TokenKind::word &&
         std::any_of(known.begin(), known.end(), [&](std::string_view name) { return equals_ignoring_case(token.text, name); });
}

bool stands_for_now(const std::vector<Token>& tokens) {
  if (!is_now(tokens[0])) return false;
  if (tokens.size() == 2) return true;
  if (!tokens[1].is_symbol('(')) return false;
  return (tokens.size() == 4 && tokens[2].is_symbol(')')) || (tokens.size() == 5 && tokens[2].kind == TokenKind::number && tokens[3].is_symbol(')'));
}

bool is_literal(const std::vector<Token>& tokens) {
  std::size_t at = 0;
  if (tokens[at].is_symbol('-') || tokens[at].is_symbol('+')) {
    return tokens.size() == 3 && tokens[1].kind == TokenKind::number;
  }
  if (tokens[at].kind == TokenKind::word && tokens[at].text.front() == '_') ++at;
  if (tokens.size() != at + 2) return false;
  const Token& token = tokens[at];
  if (token.kind == TokenKind::string || token.kind == TokenKind::number) return true;
  return at == 0 && (token.is("null") || token.is("true") || token.is("false"));
}

}  // namespace

std::string_view without_parentheses(std::string_view text) {
  while (true) {
    text = trim(text);
    if (text.size() < 2 || text.front() != '(' || text.back() != ')') return text;
    int depth = 0;
    bool encloses = true;
    Lexer lexer(text);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
      if (token.is_symbol('(')) ++depth;
      if (token.is_symbol(')')) --depth;
      if (depth == 0 && token.end_offset() < text.size()) encloses = false;
      if (token.kind == TokenKind::illegal) return text;
    }
    if (!encloses || depth != 0) return text;
    text = text.substr(1, text.size() - 2);
  }
}

std::string declared_text(std::string_view server_text, bool expression) {
  const std::string_view text = expression ? without_parentheses(server_text) : trim(server_text);
  const std::vector<Token> tokens = tokenize(text);
  std::string result;
  result.reserve(text.size());
  std::size_t copied = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool bare = token.kind == TokenKind::quoted && is_plain_identifier(unquote(token));
    if (!bare && !is_introducer(token, tokens[i + 1])) continue;
    result.append(text.substr(copied, token.offset - copied));
    if (bare) result.append(unquote(token));
    copied = bare ? token.end_offset() : tokens[i + 1].offset;
  }
  return result.append(text.substr(copied));
}

bool is_current_time(std::string_view text) { return stands_for_now(tokenize(text)); }

std::string default_clause(std::string_view text, std::string_view canonical_type, bool mariadb) {
  text = trim(text);
  const std::string_view inner = without_parentheses(text);
  const std::vector<Token> tokens = tokenize(inner);
  const std::string_view word = type_word(canonical_type);
  if (is_literal(tokens) && (mariadb || !needs_expression_default(canonical_type) || tokens[0].is("null"))) return std::string(inner);
  if (stands_for_now(tokens) && (word == "datetime" || word == "timestamp")) return std::string(inner);
  return in_parentheses(inner);
}

std::string in_parentheses(std::string_view text) {
  text = without_parentheses(text);
  bool open_comment = false;
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    open_comment = token.kind == TokenKind::comment && !token.text.starts_with("/*");
  }
  return "(" + std::string(text) + (open_comment ? "\n)" : ")");
}

std::string without_database(std::string_view text, std::string_view database) {
  const std::string prefix = quote_identifier(database) + ".";
  std::string result;
  if (database.empty() || text.find(prefix) == std::string_view::npos) return std::string(text);
  const std::vector<Token> tokens = tokenize(text);
  const auto names_it = [&](std::size_t i) {
    return i + 2 < tokens.size() && tokens[i].kind == TokenKind::quoted && tokens[i + 1].is_symbol('.') && tokens[i + 2].is_name() &&
           unquote(tokens[i]) == database && (i == 0 || !tokens[i - 1].is_symbol('.'));
  };
  const auto three_parts = [&](std::size_t i) {
    return names_it(i) && i + 4 < tokens.size() && tokens[i + 3].is_symbol('.') && tokens[i + 4].is_name();
  };
  bool qualified = false;  // else a name of two parts may be a column of a table that is called as the database is
  for (std::size_t i = 0; i < tokens.size() && !qualified; ++i) qualified = three_parts(i);
  const auto follows = [&](std::size_t i) {
    if (i == 0) return false;
    const Token& before = tokens[i - 1];
    if (before.is("from") || before.is("join") || before.is("references")) return true;
    if (!before.is_symbol('(') || i < 2) return false;
    return qualified || tokens[i - 2].is("nextval") || tokens[i - 2].is("lastval") || tokens[i - 2].is("setval") || tokens[i - 2].is("from");
  };
  std::size_t copied = 0;
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (!three_parts(i) && !(names_it(i) && follows(i))) continue;
    result.append(text.substr(copied, tokens[i].offset - copied));
    copied = tokens[i + 2].offset;
  }
  return result.append(text.substr(copied));
}

const std::string& sql_of(const schema::Expression& expression) { return expression.canonical.empty() ? expression.declared : expression.canonical; }

}  // namespace aludel::mysql
