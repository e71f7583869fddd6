#pragma once

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// PostgreSQL's tokens (manual, 4.1 Lexical Structure), with standard_conforming_strings on. Pure.
namespace aludel::postgresql {

enum class TokenKind {
  word,       ///< a bare identifier or keyword
  quoted,     ///< "name" or U&"name"
  string,     ///< 'text', E'text', U&'text', N'text', $tag$text$tag$
  bits,       ///< B'01' or X'1f'
  number,     ///< 12, 1.5e3, 0xff, 1_000
  parameter,  ///< $1
  symbol,     ///< one of ( ) [ ] , ; : . or an operator
  space,      ///< white space (and a byte order mark)
  comment,    ///< "-- ..." without its newline, or "/* ... */", which nests
  illegal,    ///< what PostgreSQL has no token for, such as an unclosed quote
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
  std::size_t end_offset() const { return offset + text.size(); }
};

/// The token that begins at `offset`; kind `end` behind the text.
Token next_token(std::string_view source, std::size_t offset);

/// All tokens but white space and comments, closed by one of kind `end`. Never throws: what PostgreSQL cannot read is `illegal`.
std::vector<Token> tokenize(std::string_view source);

/// The identifier that a bare or quoted name means: bare ones in lower case (ASCII letters only, as PostgreSQL folds them in UTF-8).
std::string identifier_of(const Token& token);

/// Where an offset lies, counted from 1 in lines and bytes.
Location locate(std::string_view source, std::size_t offset);
/// For an illegal token: "unclosed string", "unclosed quoted identifier", "unclosed comment", "unexpected character '\'".
std::string describe_illegal(const Token& token);

}  // namespace aludel::postgresql
