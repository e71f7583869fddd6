#pragma once

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The tokens of MySQL and MariaDB (manuals, "Language Structure"). Pure.
namespace aludel::mysql {

enum class TokenKind {
  word,      ///< a bare identifier or keyword
  quoted,    ///< `name`, or "name" under ANSI_QUOTES
  string,    ///< 'text' or "text"
  number,    ///< 12, 1.5e3, 0xff, 0b01; x'ab' and b'01' too
  variable,  ///< @name, @@global.name, @`name`
  symbol,    ///< an operator or punctuation
  space,     ///< white space (and a byte order mark)
  comment,   ///< "-- ...", "# ..." without its newline, or "/* ... */"
  opening,   ///< "/*!", "/*!50003" or "/*M!100100": what follows is run by servers of that version
  closing,   ///< the "*/" that ends it
  illegal,   ///< what there is no token for, such as an unclosed quote
  end,
};

/// What of sql_mode decides where a token ends.
struct LexerMode {
  bool ansi_quotes = false;
  bool backslash_escapes = true;
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;   ///< as it stands in the source
  std::size_t offset = 0;  ///< in bytes

  /// Is it this bare keyword, in any case?
  bool is(std::string_view keyword) const { return kind == TokenKind::word && text.size() == keyword.size() && equals_ignoring_case(text, keyword); }
  bool is_symbol(char symbol) const { return kind == TokenKind::symbol && text.size() == 1 && text[0] == symbol; }
  bool is_name() const { return kind == TokenKind::word || kind == TokenKind::quoted; }
  bool is_trivia() const { return kind == TokenKind::space || kind == TokenKind::comment; }
  std::size_t end_offset() const { return offset + text.size(); }
};

/// Reads tokens one after another; it remembers whether it is inside of "/*! ... */".
class Lexer {
 public:
  explicit Lexer(std::string_view source, std::size_t offset = 0, LexerMode mode = {}) : source_(source), at_(offset), mode_(mode) {}

  Token next();
  void set_mode(LexerMode mode) { mode_ = mode; }
  bool inside_executable_comment() const { return executable_ > 0; }
  /// Goes on behind this place, which lies in no executable comment.
  void jump(std::size_t offset) {
    at_ = offset;
    executable_ = 0;
  }

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  TokenKind scan();
  TokenKind comment();
  TokenKind quoted(char quote, bool backslash);
  TokenKind number();
  TokenKind variable();
  TokenKind symbol();

  std::string_view source_;
  std::size_t at_;
  LexerMode mode_;
  int executable_ = 0;
};

/// All tokens but white space, comments and the frames of executable comments, whose content counts; closed by one of kind `end`. Never throws.
std::vector<Token> tokenize(std::string_view source, LexerMode mode = {});
/// The same into a vector whose room is used again.
void tokenize(std::string_view source, std::vector<Token>& tokens, LexerMode mode = {});

/// What a quoted identifier, string or bare word says, without its quotes and escapes.
std::string unquote(const Token& token, LexerMode mode = {});

/// Where an offset lies, counted from 1 in lines and bytes.
Location locate(std::string_view source, std::size_t offset);
/// For an illegal token: "unclosed string", "unclosed comment", "unexpected character '\\'".
std::string describe_illegal(const Token& token);

/// May the word stand as a name without quotes on every server we know?
bool is_plain_identifier(std::string_view text);

}  // namespace aludel::mysql
