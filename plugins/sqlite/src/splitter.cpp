#include "splitter.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::sqlite {

namespace {

/// Follows one statement's tokens and says whether a semicolon ends it: that of a CREATE TRIGGER must stand behind "; END"
/// (https://www.sqlite.org/c3ref/complete.html).
class StatementState {
 public:
  void feed(const Token& token) {
    switch (at_) {
      case At::start:
        at_ = token.is("EXPLAIN") ? At::explain : token.is("CREATE") ? At::create : At::ordinary;
        break;
      case At::explain:  // QUERY PLAN may stand in between
        if (token.is("CREATE")) at_ = At::create;
        if (token.is("EXPLAIN") || is_temp(token) || token.is("TRIGGER") || token.is("END")) at_ = At::ordinary;
        break;
      case At::create:
        if (!is_temp(token)) at_ = token.is("TRIGGER") ? At::body : At::ordinary;
        break;
      case At::ordinary:
        break;
      case At::body:
      case At::end:
        at_ = token.is_symbol(";") ? At::semicolon : At::body;
        break;
      case At::semicolon:
        if (!token.is_symbol(";")) at_ = token.is("END") ? At::end : At::body;
        break;
    }
  }
  bool ends_here() const { return at_ != At::body && at_ != At::semicolon; }

 private:
  enum class At { start, explain, create, ordinary, body, semicolon, end };
  static bool is_temp(const Token& token) { return token.is("TEMP") || token.is("TEMPORARY"); }
  At at_ = At::start;
};

[[noreturn]] void fail(std::string_view script, std::size_t offset, std::string message, std::string hint) {
  throw Error(ErrorKind::syntax, std::move(message)).with_hint(std::move(hint)).at(locate(script, offset));
}

/// `.tables` and the like at the beginning of a statement: a command of the shell, which no library understands. Returns where the line ends for
/// `.bail`, which asks for what happens anyway, and with which our own scripts begin.
std::size_t read_shell_command(std::string_view script, const Token& token) {
  const std::string_view line = script.substr(token.offset, script.find('\n', token.offset) - token.offset);
  const std::string_view command = trim(line);
  if (command == ".bail on" || command == ".bail off") return token.offset + line.size();
  fail(script, token.offset, fmt::format("{} is a command of the sqlite3 shell, not SQL", quoted(command)), "take it out of the script");
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
    if (first_token == std::string_view::npos && token.is_symbol(".")) {
      offset = read_shell_command(script, token);
      begin = std::string_view::npos;
      continue;
    }
    if (token.is_symbol(";") && state.ends_here()) {
      flush();
      continue;
    }
    if (first_token == std::string_view::npos) first_token = token.offset;
    end = token.end_offset();
    state.feed(token);
  }
  if (first_token != std::string_view::npos && !state.ends_here()) {
    fail(script, first_token, "unclosed CREATE TRIGGER: its body does not end with END", "close the trigger's body with END;");
  }
  flush();
  return statements;
}

}  // namespace aludel::sqlite
