#include "lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aludel::mysql {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80) != 0; }
bool is_name_char(char c) { return is_letter(c) || is_digit(c); }

/// The reserved words of MySQL 9 and MariaDB 11 (manuals, "Keywords and Reserved Words"), sorted.
constexpr std::array<std::string_view, 288> reserved_words = {"ACCESSIBLE",
                                                              "ADD",
                                                              "ALL",
                                                              "ALTER",
                                                              "ANALYZE",
                                                              "AND",
                                                              "AS",
                                                              "ASC",
                                                              "ASENSITIVE",
                                                              "BEFORE",
                                                              "BETWEEN",
                                                              "BIGINT",
                                                              "BINARY",
                                                              "BLOB",
                                                              "BOTH",
                                                              "BY",
                                                              "CALL",
                                                              "CASCADE",
                                                              "CASE",
                                                              "CHANGE",
                                                              "CHAR",
                                                              "CHARACTER",
                                                              "CHECK",
                                                              "COLLATE",
                                                              "COLUMN",
                                                              "CONDITION",
                                                              "CONSTRAINT",
                                                              "CONTINUE",
                                                              "CONVERT",
                                                              "CREATE",
                                                              "CROSS",
                                                              "CUBE",
                                                              "CUME_DIST",
                                                              "CURRENT_DATE",
                                                              "CURRENT_ROLE",
                                                              "CURRENT_TIME",
                                                              "CURRENT_TIMESTAMP",
                                                              "CURRENT_USER",
                                                              "CURSOR",
                                                              "DATABASE",
                                                              "DATABASES",
                                                              "DAY_HOUR",
                                                              "DAY_MICROSECOND",
                                                              "DAY_MINUTE",
                                                              "DAY_SECOND",
                                                              "DEC",
                                                              "DECIMAL",
                                                              "DECLARE",
                                                              "DEFAULT",
                                                              "DELAYED",
                                                              "DELETE",
                                                              "DELETE_DOMAIN_ID",
                                                              "DENSE_RANK",
                                                              "DESC",
                                                              "DESCRIBE",
                                                              "DETERMINISTIC",
                                                              "DISTINCT",
                                                              "DISTINCTROW",
                                                              "DIV",
                                                              "DOUBLE",
                                                              "DO_DOMAIN_IDS",
                                                              "DROP",
                                                              "DUAL",
                                                              "EACH",
                                                              "ELSE",
                                                              "ELSEIF",
                                                              "EMPTY",
                                                              "ENCLOSED",
                                                              "ESCAPED",
                                                              "EXCEPT",
                                                              "EXISTS",
                                                              "EXIT",
                                                              "EXPLAIN",
                                                              "FALSE",
                                                              "FETCH",
                                                              "FIRST_VALUE",
                                                              "FLOAT",
                                                              "FLOAT4",
                                                              "FLOAT8",
                                                              "FOR",
                                                              "FORCE",
                                                              "FOREIGN",
                                                              "FROM",
                                                              "FULLTEXT",
                                                              "FUNCTION",
                                                              "GENERAL",
                                                              "GENERATED",
                                                              "GET",
                                                              "GRANT",
                                                              "GROUP",
                                                              "GROUPING",
                                                              "GROUPS",
                                                              "HAVING",
                                                              "HIGH_PRIORITY",
                                                              "HOUR_MICROSECOND",
                                                              "HOUR_MINUTE",
                                                              "HOUR_SECOND",
                                                              "IF",
                                                              "IGNORE",
                                                              "IGNORE_DOMAIN_IDS",
                                                              "IGNORE_SERVER_IDS",
                                                              "IN",
                                                              "INDEX",
                                                              "INFILE",
                                                              "INNER",
                                                              "INOUT",
                                                              "INSENSITIVE",
                                                              "INSERT",
                                                              "INT",
                                                              "INT1",
                                                              "INT2",
                                                              "INT3",
                                                              "INT4",
                                                              "INT8",
                                                              "INTEGER",
                                                              "INTERSECT",
                                                              "INTERVAL",
                                                              "INTO",
                                                              "IO_AFTER_GTIDS",
                                                              "IO_BEFORE_GTIDS",
                                                              "IS",
                                                              "ITERATE",
                                                              "JOIN",
                                                              "JSON_TABLE",
                                                              "KEY",
                                                              "KEYS",
                                                              "KILL",
                                                              "LAG",
                                                              "LAST_VALUE",
                                                              "LATERAL",
                                                              "LEAD",
                                                              "LEADING",
                                                              "LEAVE",
                                                              "LEFT",
                                                              "LIBRARY",
                                                              "LIKE",
                                                              "LIMIT",
                                                              "LINEAR",
                                                              "LINES",
                                                              "LOAD",
                                                              "LOCALTIME",
                                                              "LOCALTIMESTAMP",
                                                              "LOCK",
                                                              "LONG",
                                                              "LONGBLOB",
                                                              "LONGTEXT",
                                                              "LOOP",
                                                              "LOW_PRIORITY",
                                                              "MANUAL",
                                                              "MASTER_BIND",
                                                              "MASTER_HEARTBEAT_PERIOD",
                                                              "MASTER_SSL_VERIFY_SERVER_CERT",
                                                              "MATCH",
                                                              "MAXVALUE",
                                                              "MEDIUMBLOB",
                                                              "MEDIUMINT",
                                                              "MEDIUMTEXT",
                                                              "MIDDLEINT",
                                                              "MINUTE_MICROSECOND",
                                                              "MINUTE_SECOND",
                                                              "MOD",
                                                              "MODIFIES",
                                                              "NATURAL",
                                                              "NOT",
                                                              "NO_WRITE_TO_BINLOG",
                                                              "NTH_VALUE",
                                                              "NTILE",
                                                              "NULL",
                                                              "NUMERIC",
                                                              "OF",
                                                              "OFFSET",
                                                              "ON",
                                                              "OPTIMIZE",
                                                              "OPTIMIZER_COSTS",
                                                              "OPTION",
                                                              "OPTIONALLY",
                                                              "OR",
                                                              "ORDER",
                                                              "OUT",
                                                              "OUTER",
                                                              "OUTFILE",
                                                              "OVER",
                                                              "PAGE_CHECKSUM",
                                                              "PARALLEL",
                                                              "PARSE_VCOL_EXPR",
                                                              "PARTITION",
                                                              "PERCENT_RANK",
                                                              "PRECISION",
                                                              "PRIMARY",
                                                              "PROCEDURE",
                                                              "PURGE",
                                                              "QUALIFY",
                                                              "RANGE",
                                                              "RANK",
                                                              "READ",
                                                              "READS",
                                                              "READ_WRITE",
                                                              "REAL",
                                                              "RECURSIVE",
                                                              "REFERENCES",
                                                              "REF_SYSTEM_ID",
                                                              "REGEXP",
                                                              "RELEASE",
                                                              "RENAME",
                                                              "REPEAT",
                                                              "REPLACE",
                                                              "REQUIRE",
                                                              "RESIGNAL",
                                                              "RESTRICT",
                                                              "RETURN",
                                                              "RETURNING",
                                                              "REVOKE",
                                                              "RIGHT",
                                                              "RLIKE",
                                                              "ROW",
                                                              "ROWNUM",
                                                              "ROWS",
                                                              "ROW_NUMBER",
                                                              "SCHEMA",
                                                              "SCHEMAS",
                                                              "SECOND_MICROSECOND",
                                                              "SELECT",
                                                              "SENSITIVE",
                                                              "SEPARATOR",
                                                              "SET",
                                                              "SETS",
                                                              "SHOW",
                                                              "SIGNAL",
                                                              "SLOW",
                                                              "SMALLINT",
                                                              "SPATIAL",
                                                              "SPECIFIC",
                                                              "SQL",
                                                              "SQLEXCEPTION",
                                                              "SQLSTATE",
                                                              "SQLWARNING",
                                                              "SQL_BIG_RESULT",
                                                              "SQL_CALC_FOUND_ROWS",
                                                              "SQL_SMALL_RESULT",
                                                              "SSL",
                                                              "STARTING",
                                                              "STATS_AUTO_RECALC",
                                                              "STATS_PERSISTENT",
                                                              "STATS_SAMPLE_PAGES",
                                                              "STORED",
                                                              "STRAIGHT_JOIN",
                                                              "SYSDATE",
                                                              "SYSTEM",
                                                              "TABLE",
                                                              "TABLESAMPLE",
                                                              "TERMINATED",
                                                              "THEN",
                                                              "TINYBLOB",
                                                              "TINYINT",
                                                              "TINYTEXT",
                                                              "TO",
                                                              "TO_DATE",
                                                              "TRAILING",
                                                              "TRIGGER",
                                                              "TRUE",
                                                              "UNDO",
                                                              "UNION",
                                                              "UNIQUE",
                                                              "UNLOCK",
                                                              "UNSIGNED",
                                                              "UPDATE",
                                                              "USAGE",
                                                              "USE",
                                                              "USING",
                                                              "UTC_DATE",
                                                              "UTC_TIME",
                                                              "UTC_TIMESTAMP",
                                                              "VALUES",
                                                              "VARBINARY",
                                                              "VARCHAR",
                                                              "VARCHARACTER",
                                                              "VARYING",
                                                              "VECTOR",
                                                              "VIRTUAL",
                                                              "WHEN",
                                                              "WHERE",
                                                              "WHILE",
                                                              "WINDOW",
                                                              "WITH",
                                                              "WRITE",
                                                              "XOR",
                                                              "YEAR_MONTH",
                                                              "ZEROFILL"};

}  // namespace

Token Lexer::next() {
  const std::size_t start = at_;
  if (start >= source_.size()) return {TokenKind::end, source_.substr(source_.size()), source_.size()};
  const TokenKind kind = scan();
  return {kind, source_.substr(start, at_ - start), start};
}

TokenKind Lexer::scan() {
  const char c = source_[at_];
  const char following = peek(1);
  if (is_space(c) || source_.substr(at_, 3) == "\xEF\xBB\xBF") {
    at_ += is_space(c) ? 1 : 3;
    while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    return TokenKind::space;
  }
  // "--" begins a comment only before white space, a control character or the end: 5--1 is a subtraction.
  const bool dashes = c == '-' && following == '-' && (at_ + 2 >= source_.size() || static_cast<unsigned char>(source_[at_ + 2]) <= ' ');
  if (dashes || c == '#') {
    at_ = std::min(source_.find('\n', at_), source_.size());
    return TokenKind::comment;
  }
  if (c == '/' && following == '*') return comment();
  if (c == '*' && following == '/' && executable_ > 0) {
    --executable_;
    at_ += 2;
    return TokenKind::closing;
  }
  if (c == '\'') return quoted('\'', mode_.backslash_escapes) == TokenKind::illegal ? TokenKind::illegal : TokenKind::string;
  if (c == '"') {
    const TokenKind kind = mode_.ansi_quotes ? TokenKind::quoted : TokenKind::string;
    return quoted('"', mode_.backslash_escapes && !mode_.ansi_quotes) == TokenKind::illegal ? TokenKind::illegal : kind;
  }
  if (c == '`') return quoted('`', false);
  const bool prefix = following == '\'' && (c == 'x' || c == 'X' || c == 'b' || c == 'B');
  if (prefix) {
    ++at_;
    return quoted('\'', false) == TokenKind::illegal ? TokenKind::illegal : TokenKind::number;
  }
  const bool national = following == '\'' && (c == 'n' || c == 'N');
  if (national) {
    ++at_;
    return quoted('\'', mode_.backslash_escapes) == TokenKind::illegal ? TokenKind::illegal : TokenKind::string;
  }
  if (is_digit(c) || (c == '.' && is_digit(following))) return number();
  if (is_letter(c)) {
    while (at_ < source_.size() && is_name_char(source_[at_])) ++at_;
    return TokenKind::word;
  }
  if (c == '@') return variable();
  return symbol();
}

TokenKind Lexer::comment() {
  const bool mariadb = peek(2) == 'M' && peek(3) == '!';
  if (mariadb || peek(2) == '!') {
    at_ += mariadb ? 4 : 3;
    // Five or six digits are a version (MariaDB 10.0.0 is 100000).
    std::size_t digits = 0;
    while (digits < 6 && is_digit(peek(digits))) ++digits;
    if (digits >= 5) at_ += digits;
    ++executable_;
    return TokenKind::opening;
  }
  const std::size_t close = source_.find("*/", at_ + 2);
  at_ = close == std::string_view::npos ? source_.size() : close + 2;
  return close == std::string_view::npos ? TokenKind::illegal : TokenKind::comment;
}

TokenKind Lexer::quoted(char quote, bool backslash) {
  for (++at_; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (backslash && c == '\\') {
      ++at_;
    } else if (c == quote) {
      if (peek(1) != quote) {
        ++at_;
        return TokenKind::quoted;
      }
      ++at_;
    }
  }
  at_ = source_.size();
  return TokenKind::illegal;
}

TokenKind Lexer::number() {
  const std::size_t start = at_;
  while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
  // A name may begin with digits: 2fa. Not after a dot, and not 1e5.
  const bool exponent = (peek(0) == 'e' || peek(0) == 'E') && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))));
  if (at_ > start && is_letter(peek(0)) && !exponent) {
    const bool based = at_ == start + 1 && source_[start] == '0' && (peek(0) == 'x' || peek(0) == 'b');
    while (at_ < source_.size() && is_name_char(source_[at_])) ++at_;
    return based ? TokenKind::number : TokenKind::word;
  }
  if (peek(0) == '.') {
    ++at_;
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
  }
  if ((peek(0) == 'e' || peek(0) == 'E') && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
    at_ += 2;
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
  }
  return TokenKind::number;
}

TokenKind Lexer::variable() {
  ++at_;
  if (peek(0) == '@') ++at_;
  const char quote = peek(0);
  if (quote == '`' || quote == '\'' || quote == '"') {
    return quoted(quote, mode_.backslash_escapes && quote != '`') == TokenKind::illegal ? TokenKind::illegal : TokenKind::variable;
  }
  while (at_ < source_.size() && (is_name_char(source_[at_]) || source_[at_] == '.')) ++at_;
  return TokenKind::variable;
}

TokenKind Lexer::symbol() {
  static constexpr std::array<std::string_view, 14> operators = {"->>", "<=>", "->", ":=", "<=", ">=", "<>",
                                                                 "!=",  "||",  "&&", "<<", ">>", "::", ".."};
  for (std::string_view known : operators) {
    if (source_.substr(at_, known.size()) != known) continue;
    at_ += known.size();
    return TokenKind::symbol;
  }
  const char c = source_[at_++];
  return std::string_view("()[]{}.,;:=<>+-*/%&|^~!?\\").find(c) == std::string_view::npos ? TokenKind::illegal : TokenKind::symbol;
}

void tokenize(std::string_view source, std::vector<Token>& tokens, LexerMode mode) {
  tokens.clear();
  Lexer lexer(source, 0, mode);
  while (true) {
    const Token token = lexer.next();
    if (token.is_trivia() || token.kind == TokenKind::opening || token.kind == TokenKind::closing) continue;
    tokens.push_back(token);
    if (token.kind == TokenKind::end) return;
  }
}

std::vector<Token> tokenize(std::string_view source, LexerMode mode) {
  std::vector<Token> tokens;
  tokenize(source, tokens, mode);
  return tokens;
}

std::string unquote(const Token& token, LexerMode mode) {
  std::string_view text = token.text;
  if (token.kind == TokenKind::string && !text.empty() && (text[0] == 'n' || text[0] == 'N')) text.remove_prefix(1);
  if ((token.kind != TokenKind::quoted && token.kind != TokenKind::string) || text.size() < 2) return std::string(text);
  const char quote = text.front();
  const bool escapes = token.kind == TokenKind::string && mode.backslash_escapes;
  text = text.substr(1, text.size() - 2);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == quote && i + 1 < text.size()) ++i;
    if (c != '\\' || !escapes || i + 1 >= text.size()) {
      result += c;
      continue;
    }
    switch (const char escaped = text[++i]) {
      case '0':
        result += '\0';
        break;
      case 'b':
        result += '\b';
        break;
      case 'n':
        result += '\n';
        break;
      case 'r':
        result += '\r';
        break;
      case 't':
        result += '\t';
        break;
      case 'Z':
        result += '\x1a';
        break;
      case '%':
      case '_':
        result += '\\';
        result += escaped;
        break;
      default:
        result += escaped;
    }
  }
  return result;
}

Location locate(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, std::min(offset, source.size()));
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {"", static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<std::uint32_t>(before.size() - line_start + 1)};
}

std::string describe_illegal(const Token& token) {
  const char first = token.text.empty() ? '\0' : token.text.front();
  if (first == '/') return "unclosed comment";
  if (first == '`') return "unclosed quoted identifier";
  if (token.text.size() > 1 || first == '\'' || first == '"') return "unclosed string";
  return fmt::format("unexpected character {}", quoted(token.text));
}

bool is_plain_identifier(std::string_view text) {
  if (text.empty() || is_digit(text[0]) ||
      !std::all_of(text.begin(), text.end(), [](char c) { return is_name_char(c) && c != '$' && (c & 0x80) == 0; })) {
    return false;
  }
  return !std::binary_search(reserved_words.begin(), reserved_words.end(), std::string_view(to_upper(text)));
}

}  // namespace aludel::mysql
