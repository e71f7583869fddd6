#include "splitter.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::sqlite {

namespace {

/// Follows one statement's tokens and says which semicolon ends it.
class StatementState {
 public:
  void feed(const Token& token) {
    if (words_ < 4 && token.kind == TokenKind::word)
      head(token);
    else if (words_ < 4)
      words_ = 4;
    end_seen_ = after_semicolon_ && token.is("END");
    after_semicolon_ = token.is_symbol(";");
  }
  /// CREATE [TEMP] TRIGGER, EXPLAIN [QUERY PLAN] in front or not: ends with "; END" only.
  bool trigger() const { return trigger_; }
  bool ends_here() const { return !trigger_ || end_seen_; }

 private:
  void head(const Token& token) {
    if (token.is("EXPLAIN") || token.is("QUERY") || token.is("PLAN") || token.is("TEMP") || token.is("TEMPORARY")) return;
    ++words_;
    if (words_ == 1 && token.is("CREATE")) return;
    if (words_ == 2 && token.is("TRIGGER")) trigger_ = true;
    words_ = 4;
  }

  int words_ = 0;
  bool trigger_ = false;
  bool after_semicolon_ = false;
  bool end_seen_ = false;
};

[[noreturn]] void fail(std::string_view script, std::size_t offset, std::string message, std::string hint) {
  throw Error(ErrorKind::syntax, std::move(message)).with_hint(std::move(hint)).at(locate(script, offset));
}

/// `.tables` and the like at the beginning of a statement: a command of the shell, which no library understands.
void refuse_shell_command(std::string_view script, const Token& token) {
  if (!token.is_symbol(".")) return;
  const std::string_view line = script.substr(token.offset, script.find('\n', token.offset) - token.offset);
  fail(script, token.offset, fmt::format("{} is a command of the sqlite3 shell, not SQL", quoted(trim(line))), "take it out of the script");
}

}  // namespace

std::vector<std::string> split_script(std::string_view script) {
  std::vector<std::string> statements;
  StatementState state;
  std::size_t begin = std::string_view::npos;  // with the comments in front
  std::size_t end = 0;                         // behind the last token
  std::size_t first_token = std::string_view::npos;
  const auto flush = [&] {
    if (first_token != std::string_view::npos) statements.emplace_back(script.substr(begin, end - begin));
    begin = first_token = std::string_view::npos;
    state = {};
  };
  for (std::size_t offset = 0;;) {
    const Token token = next_token(script, offset);
    offset = token.end_offset();
    if (token.kind == TokenKind::end) break;
    if (token.kind == TokenKind::space) continue;
    if (token.unclosed_comment()) fail(script, token.offset, "unclosed comment", "close it with */");
    if (token.kind == TokenKind::illegal) {
      const bool nul = token.text == std::string_view("\0", 1);
      fail(script, token.offset, nul ? "unexpected NUL byte" : describe_illegal(token), "");
    }
    if (begin == std::string_view::npos && !token.is_symbol(";")) begin = token.offset;
    if (token.kind == TokenKind::comment) continue;
    if (first_token == std::string_view::npos) refuse_shell_command(script, token);
    if (token.is_symbol(";") && state.ends_here()) {
      flush();
      continue;
    }
    if (first_token == std::string_view::npos) first_token = token.offset;
    end = token.end_offset();
    state.feed(token);
  }
  if (first_token != std::string_view::npos && state.trigger() && !state.ends_here()) {
    fail(script, first_token, "unclosed CREATE TRIGGER: its body does not end with END", "close the trigger's body with END;");
  }
  flush();
  return statements;
}

}  // namespace aludel::sqlite
