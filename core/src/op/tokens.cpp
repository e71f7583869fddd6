#include "op/tokens.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <array>

namespace aludel::op {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Bytes of UTF-8 beyond ASCII are letters to every dialect.
bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (skip_space(), at_ < text_.size()) {
      const std::size_t begin = at_;
      const Token::Kind kind = next();
      Token token{kind, text_.substr(begin, at_ - begin), begin, depth_};
      if (token.is_symbol('(')) ++depth_;
      if (token.is_symbol(')') && depth_ > 0) token.depth = --depth_;
      tokens_.push_back(token);
    }
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip_space() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_, 2) == "--") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  Token::Kind next() {
    const char c = peek();
    if (c == '\'') return quoted('\'', false), Token::Kind::string;
    if (c == '"' || c == '`') return quoted(c, false), Token::Kind::quoted;
    if (c == '[' && bracket_is_identifier()) return bracket(), Token::Kind::quoted;
    if (c == '$' && dollar()) return Token::Kind::dollar_string;
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(), Token::Kind::number;
    if (starts_word(c)) return word();
    if (text_.substr(at_, 2) == "::") return at_ += 2, Token::Kind::symbol;
    return ++at_, Token::Kind::symbol;
  }

  void quoted(char quote, bool escapes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (escapes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (peek(1) != quote) break;
        ++at_;
      }
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  // [name] after a name or a closing bracket is a subscript: values[1].
  bool bracket_is_identifier() const {
    if (text_.find(']', at_) == std::string_view::npos) return false;
    if (tokens_.empty()) return true;
    const Token& last = tokens_.back();
    const bool touches = last.offset + last.text.size() == at_;
    return !touches || !(last.is_identifier() || last.is_symbol(')') || last.is_symbol(']'));
  }

  void bracket() { at_ = text_.find(']', at_) + 1; }

  bool dollar() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && continues_word(text_[end]) && text_[end] != '$') ++end;
    if (end >= text_.size() || text_[end] != '$' || is_digit(peek(1))) return false;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  void number() {
    while (at_ < text_.size()) {
      const bool sign = (text_[at_] == '+' || text_[at_] == '-') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
      if (!continues_word(text_[at_]) && text_[at_] != '.' && !sign) return;
      ++at_;
    }
  }

  Token::Kind word() {
    const std::size_t begin = at_;
    while (continues_word(peek())) ++at_;
    if (peek() != '\'') return Token::Kind::word;
    // A string's prefix: E'\n', X'00', N'...', B'01', _utf8'...'.
    const std::string_view prefix = text_.substr(begin, at_ - begin);
    if (prefix.size() > 1 && prefix[0] != '_') return Token::Kind::word;
    if (std::string_view("eExXnNbB_").find(prefix[0]) == std::string_view::npos) return Token::Kind::word;
    quoted('\'', prefix == "e" || prefix == "E");
    return Token::Kind::string;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<Token> tokens_;
};

constexpr std::size_t longest_keyword = 20;

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& sorted, std::string_view word) {
  if (word.size() > longest_keyword) return false;
  const std::string lower = to_lower(word);
  return std::binary_search(sorted.begin(), sorted.end(), std::string_view(lower));
}

// Reserved in SQL:2016, PostgreSQL, MySQL and SQLite alike.
constexpr std::array<std::string_view, 47> reserved_words = {
    "and",  "as",     "between", "case",   "check",  "collate", "constraint", "create",  "default",    "delete", "distinct", "drop",
    "else", "exists", "foreign", "from",   "group",  "having",  "in",         "index",   "insert",     "into",   "is",       "join",
    "like", "limit",  "not",     "null",   "on",     "or",      "order",      "primary", "references", "select", "set",      "table",
    "then", "to",     "union",   "unique", "update", "using",   "values",     "when",    "where",      "with",   "without"};

// Keywords of at least one dialect that may elsewhere be names.
constexpr std::array<std::string_view, 162> keywords = {"abort",
                                                        "action",
                                                        "add",
                                                        "after",
                                                        "all",
                                                        "alter",
                                                        "always",
                                                        "analyse",
                                                        "analyze",
                                                        "any",
                                                        "array",
                                                        "asc",
                                                        "asymmetric",
                                                        "at",
                                                        "attach",
                                                        "autoincrement",
                                                        "before",
                                                        "begin",
                                                        "bigint",
                                                        "binary",
                                                        "bit",
                                                        "boolean",
                                                        "both",
                                                        "by",
                                                        "cascade",
                                                        "cast",
                                                        "char",
                                                        "character",
                                                        "column",
                                                        "commit",
                                                        "conflict",
                                                        "cross",
                                                        "current",
                                                        "current_date",
                                                        "current_role",
                                                        "current_time",
                                                        "current_timestamp",
                                                        "current_user",
                                                        "database",
                                                        "date",
                                                        "dec",
                                                        "decimal",
                                                        "deferrable",
                                                        "deferred",
                                                        "desc",
                                                        "detach",
                                                        "div",
                                                        "do",
                                                        "double",
                                                        "each",
                                                        "end",
                                                        "escape",
                                                        "except",
                                                        "exclude",
                                                        "exclusive",
                                                        "explain",
                                                        "extract",
                                                        "fail",
                                                        "false",
                                                        "fetch",
                                                        "filter",
                                                        "first",
                                                        "float",
                                                        "following",
                                                        "for",
                                                        "full",
                                                        "generated",
                                                        "glob",
                                                        "grant",
                                                        "groups",
                                                        "if",
                                                        "ignore",
                                                        "ilike",
                                                        "immediate",
                                                        "indexed",
                                                        "initially",
                                                        "inner",
                                                        "instead",
                                                        "int",
                                                        "integer",
                                                        "intersect",
                                                        "interval",
                                                        "isnull",
                                                        "key",
                                                        "last",
                                                        "lateral",
                                                        "leading",
                                                        "left",
                                                        "localtime",
                                                        "localtimestamp",
                                                        "match",
                                                        "materialized",
                                                        "mod",
                                                        "natural",
                                                        "no",
                                                        "nothing",
                                                        "notnull",
                                                        "nulls",
                                                        "numeric",
                                                        "of",
                                                        "offset",
                                                        "only",
                                                        "others",
                                                        "outer",
                                                        "over",
                                                        "overlaps",
                                                        "partition",
                                                        "placing",
                                                        "plan",
                                                        "pragma",
                                                        "preceding",
                                                        "precision",
                                                        "query",
                                                        "raise",
                                                        "range",
                                                        "rank",
                                                        "real",
                                                        "recursive",
                                                        "regexp",
                                                        "reindex",
                                                        "release",
                                                        "rename",
                                                        "replace",
                                                        "restrict",
                                                        "returning",
                                                        "right",
                                                        "rlike",
                                                        "rollback",
                                                        "row",
                                                        "rows",
                                                        "savepoint",
                                                        "session_user",
                                                        "similar",
                                                        "smallint",
                                                        "some",
                                                        "symmetric",
                                                        "system",
                                                        "temp",
                                                        "temporary",
                                                        "ties",
                                                        "time",
                                                        "timestamp",
                                                        "trailing",
                                                        "transaction",
                                                        "trigger",
                                                        "true",
                                                        "unbounded",
                                                        "usage",
                                                        "user",
                                                        "vacuum",
                                                        "varchar",
                                                        "variadic",
                                                        "verbose",
                                                        "view",
                                                        "virtual",
                                                        "window",
                                                        "xor",
                                                        "year",
                                                        "year_month",
                                                        "zerofill",
                                                        "zone",
                                                        "day"};

// Those of them that can stand in an expression where a column can, or between two operands.
constexpr std::array<std::string_view, 41> expression_keywords = {"all",
                                                                  "any",
                                                                  "array",
                                                                  "at",
                                                                  "binary",
                                                                  "cast",
                                                                  "current",
                                                                  "current_date",
                                                                  "current_role",
                                                                  "current_time",
                                                                  "current_timestamp",
                                                                  "current_user",
                                                                  "div",
                                                                  "end",
                                                                  "escape",
                                                                  "except",
                                                                  "exclude",
                                                                  "extract",
                                                                  "false",
                                                                  "filter",
                                                                  "glob",
                                                                  "if",
                                                                  "ilike",
                                                                  "intersect",
                                                                  "interval",
                                                                  "isnull",
                                                                  "localtime",
                                                                  "localtimestamp",
                                                                  "match",
                                                                  "mod",
                                                                  "notnull",
                                                                  "over",
                                                                  "regexp",
                                                                  "rlike",
                                                                  "row",
                                                                  "session_user",
                                                                  "similar",
                                                                  "some",
                                                                  "true",
                                                                  "user",
                                                                  "xor"};

}  // namespace

bool Token::is_word(std::string_view lower_case) const { return kind == Kind::word && equals_ignoring_case(text, lower_case); }

std::string Token::name() const {
  if (kind != Kind::quoted || text.size() < 2) return std::string(text);
  const char close = text.front() == '[' ? ']' : text.front();
  std::string_view inner = text.substr(1, text.back() == close ? text.size() - 2 : text.size() - 1);
  std::string result;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    result += inner[i];
    if (close != ']' && inner[i] == close && i + 1 < inner.size() && inner[i + 1] == close) ++i;
  }
  return result;
}

std::vector<Token> tokenize(std::string_view text) { return Tokenizer(text).run(); }

std::string normal_form(std::string_view text) {
  std::string result;
  for (const Token& token : tokenize(text)) {
    if (!result.empty()) result += ' ';
    const std::string name = token.kind == Token::Kind::quoted ? token.name() : "";
    if (token.kind == Token::Kind::word) {
      result += to_lower(token.text);
    } else if (token.kind == Token::Kind::quoted && is_plain_identifier(name)) {
      result += name;
    } else if (token.kind == Token::Kind::quoted) {
      result += '"' + name + '"';
    } else {
      result += token.text;
    }
  }
  return result;
}

bool is_reserved(std::string_view word) { return contains(reserved_words, word); }

bool is_keyword(std::string_view word) {
  static const auto sorted = [] {
    auto copy = keywords;
    std::sort(copy.begin(), copy.end());
    return copy;
  }();
  return is_reserved(word) || contains(sorted, word);
}

bool is_expression_keyword(std::string_view word) { return contains(expression_keywords, word); }

bool is_plain_identifier(std::string_view name) {
  if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_')) return false;
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
  return std::all_of(name.begin(), name.end(), plain) && !is_keyword(name);
}

}  // namespace aludel::op
