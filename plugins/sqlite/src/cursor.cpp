#include "cursor.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::sqlite {

std::vector<Token>& Cursor::spare() {
  thread_local std::vector<Token> room;
  return room;
}

bool Cursor::accept_all(std::initializer_list<std::string_view> keywords) {
  std::size_t ahead = 0;
  for (std::string_view keyword : keywords) {
    if (!peek(ahead++).is(keyword)) return false;
  }
  at_ += ahead;
  return true;
}

void Cursor::expect(std::string_view keyword) {
  if (!accept(keyword)) fail(keyword);
}

void Cursor::expect_symbol(std::string_view symbol) {
  if (!accept_symbol(symbol)) fail(quoted(symbol));
}

std::string Cursor::name(std::string_view what) {
  const Token& token = peek();
  const bool usable = token.kind == TokenKind::quoted || token.kind == TokenKind::string ||
                      (token.kind == TokenKind::word && keyword_class(token.text) != Keyword::reserved);
  if (!usable) fail(what);
  return unquote(take());
}

std::string_view Cursor::parenthesised() {
  const std::size_t first = peek().offset;
  for (int depth = 1; !done();) {
    const Token& token = take();
    if (token.is_symbol("(")) ++depth;
    if (token.is_symbol(")") && --depth == 0) return text_between(first, token.offset);
  }
  fail("')'");
}

void Cursor::fail(std::string_view expected) const {
  const Token& token = peek();
  const std::string found = token.kind == TokenKind::end       ? "the statement ends"
                            : token.kind == TokenKind::illegal ? "there is an " + describe_illegal(token)
                                                               : "there is " + quoted(token.text);
  throw Error(ErrorKind::syntax, fmt::format("expected {}, but {}", expected, found)).at(locate(source_, token.offset));
}

}  // namespace aludel::sqlite
