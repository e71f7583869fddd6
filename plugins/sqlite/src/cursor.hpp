#pragma once

#include "lexer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace aludel::sqlite {

/// Walks over the tokens of one statement. Throws Error(syntax) with the place in the statement where something else was expected.
class Cursor {
 public:
  explicit Cursor(std::string_view source) : source_(source) {
    tokens_.swap(spare());
    tokenize(source, tokens_);
  }
  ~Cursor() {
    if (tokens_.capacity() > spare().capacity() && tokens_.capacity() < 10'000) spare().swap(tokens_);
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  const Token& take() {
    const Token& token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool done() const { return peek().kind == TokenKind::end; }
  bool accept(std::string_view keyword) { return peek().is(keyword) && (take(), true); }
  bool accept_symbol(std::string_view symbol) { return peek().is_symbol(symbol) && (take(), true); }
  /// All these keywords in a row, or none.
  bool accept_all(std::initializer_list<std::string_view> keywords);
  void expect(std::string_view keyword);
  void expect_symbol(std::string_view symbol);
  /// A name: bare, quoted, or a string, which SQLite takes for a name here. `what` completes "expected ...".
  std::string name(std::string_view what);
  /// Behind an opening parenthesis that was just taken: the raw text up to its closing one, which is taken too.
  std::string_view parenthesised();
  std::string_view text_between(std::size_t first_offset, std::size_t last_offset) const {
    return source_.substr(first_offset, last_offset - first_offset);
  }
  std::size_t position() const { return at_; }
  const Token& at(std::size_t position) const { return tokens_[position]; }
  std::string_view source() const { return source_; }
  [[noreturn]] void fail(std::string_view expected) const;

 private:
  /// Room for tokens that the cursor before has left: a schema is thousands of statements.
  static std::vector<Token>& spare();

  std::string_view source_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace aludel::sqlite
