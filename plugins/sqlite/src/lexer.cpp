#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstdint>

namespace aludel::sqlite {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Of every byte: may it begin a name (2), or only go on in one (1)?
constexpr auto name_bytes = [] {
  std::array<std::uint8_t, 256> bytes{};
  for (std::size_t c = 0; c < bytes.size(); ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    if (letter) bytes[c] = 2;
    if ((c >= '0' && c <= '9') || c == '$') bytes[c] = 1;
  }
  return bytes;
}();
bool is_name_start(char c) { return name_bytes[static_cast<unsigned char>(c)] == 2; }
bool is_name_char(char c) { return name_bytes[static_cast<unsigned char>(c)] != 0; }

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
    if (is_name_start(c) && c != 'x' && c != 'X' && c != '\xEF') {
      skip_while(is_name_char);
      return TokenKind::word;
    }
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
    static constexpr std::string_view alone = "(),;.+*/%&~";
    if (alone.find(source_[at_]) != std::string_view::npos) {
      ++at_;
      return TokenKind::symbol;
    }
    static constexpr std::array<std::string_view, 10> long_ones = {"->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!="};
    for (std::string_view text : long_ones) {
      if (starts_with(text)) {
        at_ += text.size();
        return TokenKind::symbol;
      }
    }
    static constexpr std::string_view single = "-|=<>";
    const bool known = single.find(source_[at_]) != std::string_view::npos;
    ++at_;
    return known ? TokenKind::symbol : TokenKind::illegal;
  }

  std::string_view source_;
  std::size_t start_;
  std::size_t at_;
};

}  // namespace

bool Token::unclosed_comment() const {
  return kind == TokenKind::comment && text.substr(0, 2) == "/*" && (text.size() < 4 || text.substr(text.size() - 2) != "*/");
}

Token next_token(std::string_view source, std::size_t offset) { return Scanner(source, offset).next(); }

std::vector<Token> tokenize(std::string_view source) {
  std::vector<Token> tokens;
  tokenize(source, tokens);
  return tokens;
}

void tokenize(std::string_view source, std::vector<Token>& tokens) {
  tokens.clear();
  tokens.reserve(source.size() / 5 + 1);
  for (std::size_t offset = 0;;) {
    Token token = next_token(source, offset);
    offset = token.end_offset();
    if (token.is_trivia()) continue;
    tokens.push_back(token);
    if (token.kind == TokenKind::end) return;
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

namespace {

struct KnownWord {
  std::string_view word;
  Keyword keyword;
};

// Sorted. The classes are those of SQLite's grammar, which a test asks the library for.
constexpr auto known_words = std::to_array<KnownWord>({
    {"ABORT", Keyword::fallback},
    {"ACTION", Keyword::fallback},
    {"ADD", Keyword::reserved},
    {"AFTER", Keyword::fallback},
    {"ALL", Keyword::reserved},
    {"ALTER", Keyword::reserved},
    {"ALWAYS", Keyword::fallback},
    {"ANALYZE", Keyword::fallback},
    {"AND", Keyword::reserved},
    {"AS", Keyword::reserved},
    {"ASC", Keyword::fallback},
    {"ATTACH", Keyword::fallback},
    {"AUTOINCREMENT", Keyword::reserved},
    {"BEFORE", Keyword::fallback},
    {"BEGIN", Keyword::fallback},
    {"BETWEEN", Keyword::reserved},
    {"BY", Keyword::fallback},
    {"CASCADE", Keyword::fallback},
    {"CASE", Keyword::reserved},
    {"CAST", Keyword::fallback},
    {"CHECK", Keyword::reserved},
    {"COLLATE", Keyword::reserved},
    {"COLUMN", Keyword::fallback},
    {"COMMIT", Keyword::reserved},
    {"CONFLICT", Keyword::fallback},
    {"CONSTRAINT", Keyword::reserved},
    {"CREATE", Keyword::reserved},
    {"CROSS", Keyword::join},
    {"CURRENT", Keyword::fallback},
    {"CURRENT_DATE", Keyword::fallback},
    {"CURRENT_TIME", Keyword::fallback},
    {"CURRENT_TIMESTAMP", Keyword::fallback},
    {"DATABASE", Keyword::fallback},
    {"DEFAULT", Keyword::reserved},
    {"DEFERRABLE", Keyword::reserved},
    {"DEFERRED", Keyword::fallback},
    {"DELETE", Keyword::reserved},
    {"DESC", Keyword::fallback},
    {"DETACH", Keyword::fallback},
    {"DISTINCT", Keyword::reserved},
    {"DO", Keyword::fallback},
    {"DROP", Keyword::reserved},
    {"EACH", Keyword::fallback},
    {"ELSE", Keyword::reserved},
    {"END", Keyword::fallback},
    {"ESCAPE", Keyword::reserved},
    {"EXCEPT", Keyword::reserved},
    {"EXCLUDE", Keyword::fallback},
    {"EXCLUSIVE", Keyword::fallback},
    {"EXISTS", Keyword::reserved},
    {"EXPLAIN", Keyword::fallback},
    {"FAIL", Keyword::fallback},
    {"FILTER", Keyword::fallback},
    {"FIRST", Keyword::fallback},
    {"FOLLOWING", Keyword::fallback},
    {"FOR", Keyword::fallback},
    {"FOREIGN", Keyword::reserved},
    {"FROM", Keyword::reserved},
    {"FULL", Keyword::join},
    {"GENERATED", Keyword::fallback},
    {"GLOB", Keyword::fallback},
    {"GROUP", Keyword::reserved},
    {"GROUPS", Keyword::fallback},
    {"HAVING", Keyword::reserved},
    {"IF", Keyword::fallback},
    {"IGNORE", Keyword::fallback},
    {"IMMEDIATE", Keyword::fallback},
    {"IN", Keyword::reserved},
    {"INDEX", Keyword::reserved},
    {"INDEXED", Keyword::join},
    {"INITIALLY", Keyword::fallback},
    {"INNER", Keyword::join},
    {"INSERT", Keyword::reserved},
    {"INSTEAD", Keyword::fallback},
    {"INTERSECT", Keyword::reserved},
    {"INTO", Keyword::reserved},
    {"IS", Keyword::reserved},
    {"ISNULL", Keyword::reserved},
    {"JOIN", Keyword::reserved},
    {"KEY", Keyword::fallback},
    {"LAST", Keyword::fallback},
    {"LEFT", Keyword::join},
    {"LIKE", Keyword::fallback},
    {"LIMIT", Keyword::reserved},
    {"MATCH", Keyword::fallback},
    {"MATERIALIZED", Keyword::fallback},
    {"NATURAL", Keyword::join},
    {"NO", Keyword::fallback},
    {"NOT", Keyword::reserved},
    {"NOTHING", Keyword::reserved},
    {"NOTNULL", Keyword::reserved},
    {"NULL", Keyword::reserved},
    {"NULLS", Keyword::fallback},
    {"OF", Keyword::fallback},
    {"OFFSET", Keyword::fallback},
    {"ON", Keyword::reserved},
    {"OR", Keyword::reserved},
    {"ORDER", Keyword::reserved},
    {"OTHERS", Keyword::fallback},
    {"OUTER", Keyword::join},
    {"OVER", Keyword::fallback},
    {"PARTITION", Keyword::fallback},
    {"PLAN", Keyword::fallback},
    {"PRAGMA", Keyword::fallback},
    {"PRECEDING", Keyword::fallback},
    {"PRIMARY", Keyword::reserved},
    {"QUERY", Keyword::fallback},
    {"RAISE", Keyword::fallback},
    {"RANGE", Keyword::fallback},
    {"RECURSIVE", Keyword::fallback},
    {"REFERENCES", Keyword::reserved},
    {"REGEXP", Keyword::fallback},
    {"REINDEX", Keyword::fallback},
    {"RELEASE", Keyword::fallback},
    {"RENAME", Keyword::fallback},
    {"REPLACE", Keyword::fallback},
    {"RESTRICT", Keyword::fallback},
    {"RETURNING", Keyword::reserved},
    {"RIGHT", Keyword::join},
    {"ROLLBACK", Keyword::fallback},
    {"ROW", Keyword::fallback},
    {"ROWS", Keyword::fallback},
    {"SAVEPOINT", Keyword::fallback},
    {"SELECT", Keyword::reserved},
    {"SET", Keyword::reserved},
    {"TABLE", Keyword::reserved},
    {"TEMP", Keyword::fallback},
    {"TEMPORARY", Keyword::fallback},
    {"THEN", Keyword::reserved},
    {"TIES", Keyword::fallback},
    {"TO", Keyword::reserved},
    {"TRANSACTION", Keyword::reserved},
    {"TRIGGER", Keyword::fallback},
    {"UNBOUNDED", Keyword::fallback},
    {"UNION", Keyword::reserved},
    {"UNIQUE", Keyword::reserved},
    {"UPDATE", Keyword::reserved},
    {"USING", Keyword::reserved},
    {"VACUUM", Keyword::fallback},
    {"VALUES", Keyword::reserved},
    {"VIEW", Keyword::fallback},
    {"VIRTUAL", Keyword::fallback},
    {"WHEN", Keyword::reserved},
    {"WHERE", Keyword::reserved},
    {"WINDOW", Keyword::fallback},
    {"WITH", Keyword::fallback},
    {"WITHIN", Keyword::fallback},
    {"WITHOUT", Keyword::fallback},
});

/// Where the words with each initial letter begin; the last entry ends Z.
constexpr auto initials = [] {
  std::array<std::uint8_t, 27> starts{};
  for (std::size_t letter = 0; letter <= 26; ++letter) {
    std::size_t at = 0;
    while (at < known_words.size() && static_cast<std::size_t>(known_words[at].word.front() - 'A') < letter) ++at;
    starts[letter] = static_cast<std::uint8_t>(at);
  }
  return starts;
}();

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Keyword keyword_class(std::string_view word) {
  if (word.empty()) return Keyword::none;
  const char first = upper(word.front());
  if (first < 'A' || first > 'Z') return Keyword::none;
  const auto letter = static_cast<std::size_t>(first - 'A');
  for (std::size_t i = initials[letter]; i < initials[letter + 1]; ++i) {
    const std::string_view known = known_words[i].word;
    if (known.size() == word.size() && std::equal(known.begin() + 1, known.end(), word.begin() + 1, [](char a, char b) { return a == upper(b); })) {
      return known_words[i].keyword;
    }
  }
  return Keyword::none;
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
