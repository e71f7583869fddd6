#include "splitter.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::postgresql {

namespace {

/// Follows one statement's tokens and says whether a semicolon ends it.
class StatementState {
 public:
  void feed(const Token& token) {
    if (token.is_symbol("(") || token.is_symbol("[")) ++depth_;
    if ((token.is_symbol(")") || token.is_symbol("]")) && depth_ > 0) --depth_;
    if (body_ > 0) {
      if (token.is("CASE")) ++body_;
      if (token.is("END")) --body_;
    } else if (token.is("ATOMIC") && previous_is_begin_ && routine_) {
      body_ = 1;
    }
    if (count_ == 0 && token.is("CREATE")) create_ = true;
    if (create_ && count_ <= 3 && (token.is("FUNCTION") || token.is("PROCEDURE"))) routine_ = true;
    if (count_ == 0 && token.is("COPY")) copy_ = true;
    if (copy_ && previous_is_from_ && token.is("STDIN")) copies_rows_ = true;
    previous_is_begin_ = token.is("BEGIN");
    previous_is_from_ = token.is("FROM");
    ++count_;
  }
  bool ends_here() const { return depth_ == 0 && body_ == 0; }
  bool in_body() const { return body_ > 0; }
  /// COPY ... FROM stdin: what follows are rows.
  bool copies_rows() const { return copies_rows_; }

 private:
  std::size_t depth_ = 0, body_ = 0, count_ = 0;
  bool create_ = false, routine_ = false, copy_ = false, copies_rows_ = false;
  bool previous_is_begin_ = false, previous_is_from_ = false;
};

[[noreturn]] void fail(std::string_view script, std::size_t offset, std::string message, std::string hint) {
  throw Error(ErrorKind::syntax, std::move(message)).with_hint(std::move(hint)).at(locate(script, offset));
}

/// A backslash begins a command of psql; where its line ends, for those that ask for nothing.
std::size_t read_psql_command(std::string_view script, std::size_t offset) {
  const std::string_view line = script.substr(offset, script.find('\n', offset) - offset);
  const std::string_view command = trim(line);
  const std::string_view word = command.substr(0, command.find(' '));
  if (word == "\\restrict" || word == "\\unrestrict" || command == "\\set ON_ERROR_STOP on" || command == "\\set ON_ERROR_STOP 1") {
    return offset + line.size();
  }
  if (word == "\\connect" || word == "\\c") {
    fail(script, offset, fmt::format("{} changes the database in the middle of the script", quoted(command)),
         "dump one database without --create, and name it in the URL");
  }
  fail(script, offset, fmt::format("{} is a command of psql, not SQL", quoted(command)), "take it out of the script");
}

}  // namespace

std::vector<std::string> split_script(std::string_view script) {
  std::vector<std::string> statements;
  StatementState state;
  constexpr std::size_t none = std::string_view::npos;
  std::size_t begin = none;  // with the comments in front
  std::size_t end = 0;       // behind the last token
  std::size_t first_token = none;
  const auto flush = [&] {
    if (state.copies_rows()) {
      fail(script, first_token, "COPY ... FROM stdin reads rows from the client's input, which a script run here has not",
           "write INSERT statements (pg_dump --inserts), or dump the schema alone (pg_dump --schema-only)");
    }
    if (first_token != none) statements.emplace_back(script.substr(begin, end - begin));
    begin = first_token = none;
    state = {};
  };
  for (std::size_t offset = 0;;) {
    const Token token = next_token(script, offset);
    offset = token.end_offset();
    if (token.kind == TokenKind::end) break;
    if (token.kind == TokenKind::space) continue;
    if (token.kind == TokenKind::illegal) {
      if (token.text.front() != '\\') fail(script, token.offset, describe_illegal(token), "");
      if (first_token != none) fail(script, token.offset, "a command of psql in the middle of a statement", "end the statement with a semicolon");
      offset = read_psql_command(script, token.offset);
      begin = none;
      continue;
    }
    if (begin == none && !token.is_symbol(";")) begin = token.offset;
    if (token.kind == TokenKind::comment) continue;
    if (token.is_symbol(";") && state.ends_here()) {
      flush();
      continue;
    }
    if (first_token == none) first_token = token.offset;
    end = token.end_offset();
    state.feed(token);
  }
  if (first_token != none && state.in_body())
    fail(script, first_token, "unclosed BEGIN ATOMIC: the body does not end with END", "close it with END;");
  if (first_token != none && !state.ends_here()) fail(script, first_token, "a parenthesis of this statement is not closed", "close it");
  flush();
  return statements;
}

}  // namespace aludel::postgresql
