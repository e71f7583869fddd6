#include "spelling.hpp"

#include "lexer.hpp"

#include <fmt/format.h>

#include <optional>
#include <variant>

namespace aludel::sqlite {

namespace {

/// One comment behind what is there already.
void append_comment(std::string& text, const Token& comment) {
  if (!text.empty()) {
    const std::size_t line = text.rfind('\n');
    const std::string_view last = std::string_view(text).substr(line == std::string::npos ? 0 : line + 1);
    text += last.find("--") == std::string_view::npos ? ' ' : '\n';
  }
  text += comment.text;
  if (comment.unclosed_comment()) text += "*/";
}

}  // namespace

std::string comments_of(std::string_view text) {
  std::string result;
  for (Token token = next_token(text, 0); token.kind != TokenKind::end; token = next_token(text, token.end_offset())) {
    if (token.kind == TokenKind::comment) append_comment(result, token);
  }
  return result;
}

std::string joined_comments(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return a + (a.find("--") == std::string::npos ? ' ' : '\n') + b;
}

std::string joined_lines(const std::string& a, const std::string& b) { return a + (a.empty() || b.empty() ? "" : "\n") + b; }

schema::Spelling* spelling_of(schema::Constraint& constraint) {
  return std::visit(
      [](auto& held) -> schema::Spelling* {
        if constexpr (requires { held.spelling; }) {
          return &held.spelling;
        } else {
          return nullptr;
        }
      },
      constraint);
}

const schema::Spelling* spelling_of(const schema::Constraint& constraint) { return spelling_of(const_cast<schema::Constraint&>(constraint)); }

void add_comments(std::string_view gap, schema::Spelling& before, schema::Spelling& behind) {
  if (gap.find("--") == std::string_view::npos && gap.find("/*") == std::string_view::npos) return;
  bool separated = false;
  bool new_line = false;
  std::string above;
  for (Token token = next_token(gap, 0); token.kind != TokenKind::end; token = next_token(gap, token.end_offset())) {
    if (token.kind == TokenKind::symbol) separated = true;
    if (token.kind == TokenKind::space && separated && token.text.find('\n') != std::string_view::npos) new_line = true;
    if (token.kind != TokenKind::comment) continue;
    if (&before == &behind || !new_line) {
      append_comment(before, token);
    } else {
      above += token.text;
      above += '\n';
    }
  }
  behind.insert(0, above);
}

SpelledText split_spelling(std::string_view spelling) {
  SpelledText result;
  std::optional<std::size_t> first;
  std::size_t last = 0;
  for (Token token = next_token(spelling, 0); token.kind != TokenKind::end; token = next_token(spelling, token.end_offset())) {
    if (token.is_trivia()) continue;
    if (!first) first = token.offset;
    last = token.end_offset();
  }
  if (!first) {
    result.behind = comments_of(spelling);
    return result;
  }
  result.above = comments_of(spelling.substr(0, *first));
  result.text = spelling.substr(*first, last - *first);
  result.behind = comments_of(spelling.substr(last));
  return result;
}

void append_to_spelling(schema::Spelling& spelling, const schema::Spelling& clause) {
  const SpelledText to = split_spelling(spelling);
  const SpelledText added = split_spelling(clause);
  const std::string above = joined_lines(to.above, added.above);
  const std::string behind = joined_comments(to.behind, added.behind);
  spelling = fmt::format("{}{}{} {}{}{}", above, above.empty() ? "" : "\n", to.text, added.text, behind.empty() ? "" : " ", behind);
}

}  // namespace aludel::sqlite
