#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace aludel::sqlite {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_name_char(char c) { return is_name_start(c) || is_digit(c) || c == '$'; }

class Scanner {
 public:
  Scanner(std::string_view source, std::size_t offset) : source_(source), start_(offset), at_(offset) {}

  Token next() {
    if (start_ >= source_.size()) return {TokenKind::end, source_.substr(source_.size()), source_.size()};
    const TokenKind kind = scan();
    return {kind, source_.substr(start_, at_ - start_), start_};
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  bool done() const { return at_ >= source_.size(); }
  bool starts_with(std::string_view text) const { return source_.substr(at_, text.size()) == text; }
  template <class Predicate>
  void skip_while(Predicate predicate) {
    while (!done() && predicate(source_[at_])) ++at_;
  }

  TokenKind scan() {
    const char c = peek();
    if (is_space(c) || starts_with("\xEF\xBB\xBF")) return space();
    if (starts_with("--")) {
      skip_while([](char x) { return x != '\n'; });
      return TokenKind::comment;
    }
    if (starts_with("/*")) {
      const std::size_t close = source_.find("*/", at_ + 2);
      at_ = close == std::string_view::npos ? source_.size() : close + 2;
      return TokenKind::comment;
    }
    if (c == '\'') return closed_by('\'') ? TokenKind::string : TokenKind::illegal;
    if (c == '"' || c == '`') return closed_by(c) ? TokenKind::quoted : TokenKind::illegal;
    if (c == '[') return bracketed();
    if ((c == 'x' || c == 'X') && peek(1) == '\'') return blob();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_name_start(c)) {
      skip_while(is_name_char);
      return TokenKind::word;
    }
    if (c == '?' || c == ':' || c == '@' || c == '#' || c == '$') return parameter();
    return symbol();
  }

  TokenKind space() {
    while (!done()) {
      if (is_space(peek())) {
        ++at_;
      } else if (starts_with("\xEF\xBB\xBF")) {
        at_ += 3;
      } else {
        break;
      }
    }
    return TokenKind::space;
  }

  /// Skips to behind the closing quote; a doubled one stands for itself.
  bool closed_by(char quote) {
    ++at_;
    while (!done()) {
      if (source_[at_++] != quote) continue;
      if (peek() != quote) return true;
      ++at_;
    }
    return false;
  }

  TokenKind bracketed() {
    const std::size_t close = source_.find(']', at_);
    at_ = close == std::string_view::npos ? source_.size() : close + 1;
    return close == std::string_view::npos ? TokenKind::illegal : TokenKind::quoted;
  }

  TokenKind blob() {
    at_ += 2;
    const std::size_t first = at_;
    skip_while(is_hex);
    if (peek() == '\'' && (at_ - first) % 2 == 0) {
      ++at_;
      return TokenKind::blob;
    }
    skip_while([](char x) { return x != '\''; });
    if (!done()) ++at_;
    return TokenKind::illegal;
  }

  /// Digits, with single underscores between them since 3.46.
  template <class Digit>
  void digits(Digit digit) {
    while (digit(peek()) || (peek() == '_' && at_ > start_ && digit(source_[at_ - 1]) && digit(peek(1)))) ++at_;
  }

  TokenKind number() {
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at_ += 2;
      digits(is_hex);
    } else {
      digits(is_digit);
      if (peek() == '.') {
        ++at_;
        digits(is_digit);
      }
      const bool signed_exponent = (peek(1) == '+' || peek(1) == '-') && is_digit(peek(2));
      if ((peek() == 'e' || peek() == 'E') && (is_digit(peek(1)) || signed_exponent)) {
        at_ += 2;
        digits(is_digit);
      }
    }
    if (!is_name_char(peek())) return TokenKind::number;
    skip_while(is_name_char);
    return TokenKind::illegal;
  }

  TokenKind parameter() {
    const char c = source_[at_++];
    if (c == '?') {
      skip_while(is_digit);
      return TokenKind::parameter;
    }
    const std::size_t first = at_;
    while (!done()) {  // $name::suffix(anything)
      if (is_name_char(peek())) {
        ++at_;
      } else if (c == '$' && at_ > first && starts_with("::")) {
        at_ += 2;
      } else if (c == '$' && at_ > first && peek() == '(') {
        const std::size_t close = source_.find_first_of(") \t\n\f\r", at_);
        if (close == std::string_view::npos || source_[close] != ')') return TokenKind::illegal;
        at_ = close + 1;
        break;
      } else {
        break;
      }
    }
    return at_ > first ? TokenKind::parameter : TokenKind::illegal;
  }

  TokenKind symbol() {
    static constexpr std::array<std::string_view, 10> long_ones = {"->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!="};
    for (std::string_view text : long_ones) {
      if (starts_with(text)) {
        at_ += text.size();
        return TokenKind::symbol;
      }
    }
    static constexpr std::string_view single = "+-*/%&|~=<>(),;.";
    const bool known = single.find(source_[at_]) != std::string_view::npos;
    ++at_;
    return known ? TokenKind::symbol : TokenKind::illegal;
  }

  std::string_view source_;
  std::size_t start_;
  std::size_t at_;
};

}  // namespace

bool Token::is(std::string_view keyword) const { return kind == TokenKind::word && equals_ignoring_case(text, keyword); }

bool Token::unclosed_comment() const {
  return kind == TokenKind::comment && text.substr(0, 2) == "/*" && (text.size() < 4 || text.substr(text.size() - 2) != "*/");
}

Token next_token(std::string_view source, std::size_t offset) { return Scanner(source, offset).next(); }

std::vector<Token> tokenize(std::string_view source) {
  std::vector<Token> tokens;
  tokens.reserve(source.size() / 5 + 1);
  for (std::size_t offset = 0;;) {
    Token token = next_token(source, offset);
    offset = token.end_offset();
    if (token.is_trivia()) continue;
    tokens.push_back(token);
    if (token.kind == TokenKind::end) return tokens;
  }
}

std::string unquote(const Token& token) {
  if (token.kind != TokenKind::quoted && token.kind != TokenKind::string) return std::string(token.text);
  const char close = token.text.back();
  std::string text;
  for (std::size_t i = 1; i + 1 < token.text.size(); ++i) {
    text += token.text[i];
    if (token.text[i] == close) ++i;
  }
  return text;
}

Location locate(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return {"", static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
}

std::string describe_illegal(const Token& token) {
  const char first = token.text.empty() ? '\0' : token.text.front();
  if (first == '\'') return "unclosed string";
  if (first == '"' || first == '`' || first == '[') return "unclosed quoted identifier";
  if ((first == 'x' || first == 'X') && token.text.size() > 1) return "malformed blob literal " + quoted(token.text);
  if (first >= '0' && first <= '9') return "malformed number " + quoted(token.text);
  return "unexpected character " + quoted(token.text);
}

Keyword keyword_class(std::string_view word) {
  // Sorted. The classes are those of SQLite's grammar, which a test asks the library for.
  static constexpr std::array<std::string_view, 8> join = {"CROSS", "FULL", "INDEXED", "INNER", "LEFT", "NATURAL", "OUTER", "RIGHT"};
  static constexpr auto reserved = std::to_array<std::string_view>({
      "ADD",         "ALL",        "ALTER",   "AND",        "AS",         "AUTOINCREMENT", "BETWEEN",  "CASE",    "CHECK",  "COLLATE",
      "COMMIT",      "CONSTRAINT", "CREATE",  "DEFAULT",    "DEFERRABLE", "DELETE",        "DISTINCT", "DROP",    "ELSE",   "ESCAPE",
      "EXCEPT",      "EXISTS",     "FOREIGN", "FROM",       "GROUP",      "HAVING",        "IN",       "INDEX",   "INSERT", "INTERSECT",
      "INTO",        "IS",         "ISNULL",  "JOIN",       "LIMIT",      "NOT",           "NOTHING",  "NOTNULL", "NULL",   "ON",
      "OR",          "ORDER",      "PRIMARY", "REFERENCES", "RETURNING",  "SELECT",        "SET",      "TABLE",   "THEN",   "TO",
      "TRANSACTION", "UNION",      "UNIQUE",  "UPDATE",     "USING",      "VALUES",        "WHEN",     "WHERE",
  });
  static constexpr auto fallback = std::to_array<std::string_view>({
      "ABORT",        "ACTION",    "AFTER",     "ALWAYS",    "ANALYZE",   "ASC",       "ATTACH",       "BEFORE",       "BEGIN",
      "BY",           "CASCADE",   "CAST",      "COLUMN",    "CONFLICT",  "CURRENT",   "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
      "DATABASE",     "DEFERRED",  "DESC",      "DETACH",    "DO",        "EACH",      "END",          "EXCLUDE",      "EXCLUSIVE",
      "EXPLAIN",      "FAIL",      "FILTER",    "FIRST",     "FOLLOWING", "FOR",       "GENERATED",    "GLOB",         "GROUPS",
      "IF",           "IGNORE",    "IMMEDIATE", "INITIALLY", "INSTEAD",   "KEY",       "LAST",         "LIKE",         "MATCH",
      "MATERIALIZED", "NO",        "NULLS",     "OF",        "OFFSET",    "OTHERS",    "OVER",         "PARTITION",    "PLAN",
      "PRAGMA",       "PRECEDING", "QUERY",     "RAISE",     "RANGE",     "RECURSIVE", "REGEXP",       "REINDEX",      "RELEASE",
      "RENAME",       "REPLACE",   "RESTRICT",  "ROLLBACK",  "ROW",       "ROWS",      "SAVEPOINT",    "TEMP",         "TEMPORARY",
      "TIES",         "TRIGGER",   "UNBOUNDED", "VACUUM",    "VIEW",      "VIRTUAL",   "WINDOW",       "WITH",         "WITHIN",
      "WITHOUT",
  });
  if (word.empty() || word.size() > 17 || !is_name_start(word.front())) return Keyword::none;
  const std::string upper = to_upper(word);
  const auto among = [&](const auto& words) { return std::binary_search(words.begin(), words.end(), std::string_view(upper)); };
  if (among(reserved)) return Keyword::reserved;
  if (among(fallback)) return Keyword::fallback;
  return among(join) ? Keyword::join : Keyword::none;
}

bool is_plain_identifier(std::string_view text) {
  return !text.empty() && is_name_start(text.front()) && std::all_of(text.begin(), text.end(), is_name_char) && keyword_class(text) == Keyword::none;
}

std::string quote_identifier(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::unsupported, fmt::format("the name {} holds a NUL byte, which SQLite cannot store in a name", quoted(text)))
        .with_hint("choose another name");
  }
  std::string result = "\"";
  for (char c : text) {
    if (c == '"') result += c;
    result += c;
  }
  return result + '"';
}

std::string quote_string(std::string_view text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\0') {
      result += "' || char(0) || '";  // a literal cannot hold it: SQLite's parser ends at a NUL
      continue;
    }
    if (c == '\'') result += c;
    result += c;
  }
  result += '\'';
  return text.find('\0') == std::string_view::npos ? result : "(" + result + ")";
}

bool same_name(std::string_view a, std::string_view b) { return equals_ignoring_case(a, b); }

}  // namespace aludel::sqlite
