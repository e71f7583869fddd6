#include "lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace aludel::postgresql {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
/// A dollar sign may stand in a word, but not in a dollar quote's tag (manual, 4.1.2.4).
bool continues_tag(char c) { return starts_word(c) || is_digit(c); }
bool continues_word(char c) { return continues_tag(c) || c == '$'; }
bool is_operator(char c) { return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos; }

class Lexer {
 public:
  Lexer(std::string_view source, std::size_t offset) : source_(source), offset_(offset) {}

  Token read() {
    const std::string_view rest = source_.substr(offset_);
    if (rest.empty()) return {TokenKind::end, {}, offset_};
    if (rest.substr(0, byte_order_mark.size()) == byte_order_mark) return take(TokenKind::space, byte_order_mark.size());
    const char first = rest[0];
    const char second = at(1);
    if (is_space(first)) return take(TokenKind::space, count(0, is_space));
    if (first == '-' && second == '-') return take(TokenKind::comment, std::min(rest.find_first_of("\r\n"), rest.size()));
    if (first == '/' && second == '*') return comment();
    if (first == '\'') return string(0, false);
    if ((first == 'e' || first == 'E') && second == '\'') return string(1, true);
    if ((first == 'n' || first == 'N') && second == '\'') return string(1, false);
    if ((first == 'b' || first == 'B' || first == 'x' || first == 'X') && second == '\'') return string(1, false, TokenKind::bits);
    if ((first == 'u' || first == 'U') && second == '&' && at(2) == '\'') return string(2, false);
    if ((first == 'u' || first == 'U') && second == '&' && at(2) == '"') return quoted(2);
    if (first == '"') return quoted(0);
    if (first == '$') return dollar();
    if (starts_word(first)) return take(TokenKind::word, count(0, continues_word));
    if (is_digit(first) || (first == '.' && is_digit(second))) return number();
    if (first == ':' && (second == ':' || second == '=')) return take(TokenKind::symbol, 2);
    if (std::string_view("()[],;:.").find(first) != std::string_view::npos) return take(TokenKind::symbol, 1);
    if (is_operator(first)) return operators();
    return take(TokenKind::illegal, 1);
  }

 private:
  char at(std::size_t i) const { return offset_ + i < source_.size() ? source_[offset_ + i] : '\0'; }
  Token take(TokenKind kind, std::size_t length) const { return {kind, source_.substr(offset_, length), offset_}; }
  template <class Predicate>
  std::size_t count(std::size_t i, Predicate predicate) const {
    while (offset_ + i < source_.size() && predicate(source_[offset_ + i])) ++i;
    return i;
  }
  Token unclosed() const { return take(TokenKind::illegal, source_.size() - offset_); }

  Token comment() const {
    std::size_t depth = 0;
    for (std::size_t i = offset_; i + 1 < source_.size();) {
      if (source_[i] == '/' && source_[i + 1] == '*') {
        ++depth;
        i += 2;
      } else if (source_[i] == '*' && source_[i + 1] == '/') {
        i += 2;
        if (--depth == 0) return take(TokenKind::comment, i - offset_);
      } else {
        ++i;
      }
    }
    return unclosed();
  }

  /// `quote` is where the quote stands. Strings that white space with a newline parts are one (manual, 4.1.2.1); each is a token of its own here.
  Token string(std::size_t quote, bool escapes, TokenKind kind = TokenKind::string) const {
    for (std::size_t i = offset_ + quote + 1; i < source_.size(); ++i) {
      if (escapes && source_[i] == '\\') {
        ++i;
      } else if (source_[i] == '\'') {
        if (i + 1 < source_.size() && source_[i + 1] == '\'') {
          ++i;
        } else {
          return take(kind, i + 1 - offset_);
        }
      }
    }
    return unclosed();
  }

  Token quoted(std::size_t quote) const {
    for (std::size_t i = offset_ + quote + 1; i < source_.size(); ++i) {
      if (source_[i] != '"') continue;
      if (i + 1 < source_.size() && source_[i + 1] == '"') {
        ++i;
      } else {
        return take(i == offset_ + quote + 1 ? TokenKind::illegal : TokenKind::quoted, i + 1 - offset_);
      }
    }
    return unclosed();
  }

  Token dollar() const {
    if (is_digit(at(1))) return take(TokenKind::parameter, count(1, is_digit));
    const std::size_t close = starts_word(at(1)) ? count(1, continues_tag) : 1;
    if (at(close) != '$') return take(TokenKind::illegal, 1);
    const std::string_view tag = source_.substr(offset_, close + 1);
    const std::size_t end = source_.find(tag, offset_ + tag.size());
    if (end == std::string_view::npos) return unclosed();
    return take(TokenKind::string, end + tag.size() - offset_);
  }

  Token number() const {
    const auto digits = [this](std::size_t i) { return count(i, [](char c) { return is_digit(c) || c == '_'; }); };
    if (at(0) == '0' && (at(1) == 'x' || at(1) == 'X' || at(1) == 'o' || at(1) == 'O' || at(1) == 'b' || at(1) == 'B')) {
      return take(TokenKind::number, count(2, continues_tag));
    }
    std::size_t i = digits(0);
    // "1..10" is no number with a point: PL/pgSQL's ranges.
    if (at(i) == '.' && at(i + 1) != '.') i = digits(i + 1);
    if (at(i) == 'e' || at(i) == 'E') {
      const std::size_t sign = at(i + 1) == '+' || at(i + 1) == '-' ? 1 : 0;
      if (is_digit(at(i + 1 + sign))) i = digits(i + 1 + sign);
    }
    return take(TokenKind::number, i);
  }

  /// The longest run of operator characters that begins no comment, and ends with + or - only when one of ~ ! @ # % ^ & | ` ? is in it
  /// (manual, 4.1.3).
  Token operators() const {
    std::size_t length = count(0, is_operator);
    const std::string_view run = source_.substr(offset_, length);
    length = std::min({length, run.find("--"), run.find("/*")});
    while (length > 1 && (run[length - 1] == '+' || run[length - 1] == '-') &&
           run.substr(0, length).find_first_of("~!@#%^&|`?") == std::string_view::npos) {
      --length;
    }
    return take(TokenKind::symbol, length);
  }

  std::string_view source_;
  std::size_t offset_;
};

}  // namespace

Token next_token(std::string_view source, std::size_t offset) { return Lexer(source, offset).read(); }

std::vector<Token> tokenize(std::string_view source) {
  std::vector<Token> tokens;
  for (std::size_t offset = 0;;) {
    const Token token = next_token(source, offset);
    offset = token.end_offset();
    if (token.is_trivia()) continue;
    tokens.push_back(token);
    if (token.kind == TokenKind::end) return tokens;
  }
}

std::string identifier_of(const Token& token) {
  if (token.kind == TokenKind::word) return to_lower(token.text);
  if (token.kind != TokenKind::quoted) return std::string(token.text);
  const bool escapes = token.text[0] != '"';
  std::string_view inner = token.text.substr(escapes ? 3 : 1);
  inner.remove_suffix(1);
  std::string name;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    name += inner[i];
    if (inner[i] == '"') ++i;
  }
  return name;
}

Location locate(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, std::min(offset, source.size()));
  const std::size_t line = before.rfind('\n');
  return {"", static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<std::uint32_t>(line == std::string_view::npos ? before.size() + 1 : before.size() - line)};
}

std::string describe_illegal(const Token& token) {
  const char first = token.text.empty() ? '\0' : token.text.front();
  if (token.text == "\"\"") return "a quoted identifier of no characters";
  if (first == '/') return "unclosed comment";
  if (first == '"' || token.text.substr(1, 2) == "&\"") return "unclosed quoted identifier";
  if (first == '$' && token.text.size() > 1) return "unclosed dollar quote";
  if (token.text.size() > 1) return "unclosed string";
  return token.text == std::string_view("\0", 1) ? "unexpected NUL byte" : fmt::format("unexpected character {}", quoted(token.text));
}

}  // namespace aludel::postgresql
