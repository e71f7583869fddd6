#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aludel::op {

/// A token of standard SQL and the quoting styles of its relatives; enough to know identifiers from everything else.
struct Token {
  enum class Kind { word, quoted, string, dollar_string, number, symbol };
  Kind kind = Kind::symbol;
  std::string_view text;  ///< as it stands in the source
  std::size_t offset = 0;
  std::size_t depth = 0;  ///< how many parentheses are open before it

  bool is_identifier() const { return kind == Kind::word || kind == Kind::quoted; }
  bool is_symbol(char symbol) const { return kind == Kind::symbol && text.size() == 1 && text[0] == symbol; }
  /// A keyword, given in lower case.
  bool is_word(std::string_view lower_case) const;
  /// An identifier without its quotes.
  std::string name() const;
};

/// Space and comments are left out. Never throws: what is not closed runs to the end.
std::vector<Token> tokenize(std::string_view text);

/// The text without comments, needless quotes and space: what two spellings of one expression have in common. For comparing only.
std::string normal_form(std::string_view text);

/// Can this name stand without quotes in any dialect, whatever its folding: lower case and no keyword?
bool is_plain_identifier(std::string_view name);
/// A word that is no identifier in any dialect: AND, SELECT, ...
bool is_reserved(std::string_view word);
/// A word that may be a keyword as well as a column where it stands in an expression: CURRENT_DATE, END, GLOB, ...
bool is_expression_keyword(std::string_view word);
/// A word that is a keyword in some dialect or place, so that a name spelled so had better be quoted.
bool is_keyword(std::string_view word);

}  // namespace aludel::op
