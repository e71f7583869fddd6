#pragma once

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// SQLite's tokens (https://www.sqlite.org/lang.html and the rules of its tokenizer). Pure.
namespace aludel::sqlite {

enum class TokenKind {
  word,       ///< a bare identifier or keyword
  quoted,     ///< "name", `name` or [name]
  string,     ///< 'text'
  blob,       ///< x'ab'
  number,     ///< 12, 1.5e3, 0xff, 1_000
  parameter,  ///< ?, ?1, :name, @name, $name
  symbol,     ///< an operator or punctuation, up to three characters
  space,      ///< white space (and a byte order mark)
  comment,    ///< "-- ..." without its newline, or "/* ... */" (SQLite lets the last one of a text end without */)
  illegal,    ///< what SQLite has no token for, such as an unclosed quote
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;   ///< as it stands in the source
  std::size_t offset = 0;  ///< in bytes

  /// Is it this bare keyword, in any case?
  bool is(std::string_view keyword) const { return kind == TokenKind::word && text.size() == keyword.size() && equals_ignoring_case(text, keyword); }
  /// Is it this operator or punctuation?
  bool is_symbol(std::string_view symbol) const { return kind == TokenKind::symbol && text == symbol; }
  bool is_name() const { return kind == TokenKind::word || kind == TokenKind::quoted; }
  bool is_trivia() const { return kind == TokenKind::space || kind == TokenKind::comment; }
  bool unclosed_comment() const;
  std::size_t end_offset() const { return offset + text.size(); }
};

/// The token that begins at `offset`; kind `end` behind the text.
Token next_token(std::string_view source, std::size_t offset);

/// All tokens but white space and comments, closed by one of kind `end`. Never throws: what SQLite cannot read is `illegal`.
std::vector<Token> tokenize(std::string_view source);
/// The same into a vector whose room is used again.
void tokenize(std::string_view source, std::vector<Token>& tokens);

/// What a quoted identifier, string or bare word says, without its quotes.
std::string unquote(const Token& token);

/// Where an offset lies, counted from 1 in lines and bytes.
Location locate(std::string_view source, std::size_t offset);
/// For an illegal token: "unclosed string", "unclosed quoted identifier", "unexpected character '!'".
std::string describe_illegal(const Token& token);

enum class Keyword {
  none,      ///< an ordinary identifier
  fallback,  ///< may stand for a name where the grammar allows no keyword
  join,      ///< may name a table or column, but not begin an expression: LEFT, NATURAL, INDEXED, ...
  reserved,
};
Keyword keyword_class(std::string_view word);
/// May it stand as an identifier without quotes, everywhere?
bool is_plain_identifier(std::string_view text);
/// In double quotes, inner ones doubled. Throws Error(unsupported) where a NUL byte stands in the name.
std::string quote_identifier(std::string_view text);
/// In single quotes, inner ones doubled; a NUL byte through char(0).
std::string quote_string(std::string_view text);
/// ASCII letters only, as SQLite compares names.
bool same_name(std::string_view a, std::string_view b);

}  // namespace aludel::sqlite
