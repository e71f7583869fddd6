#include "lexer.hpp"
#include "render_plan.hpp"
#include "splitter.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aludel::postgresql {

using dialect::Boundary;

namespace {

const std::string* text_for_postgresql(const op::SqlByDialect& texts) {
  for (const char* key : {"postgresql", "default"}) {
    if (const auto found = texts.find(key); found != texts.end()) return &found->second;
  }
  return nullptr;
}

/// Do the tokens begin with these words?
bool begins(const std::vector<Token>& tokens, std::initializer_list<std::string_view> words) {
  std::size_t i = 0;
  return std::all_of(words.begin(), words.end(), [&](std::string_view word) { return i < tokens.size() && tokens[i++].is(word); });
}

bool has(const std::vector<Token>& tokens, std::string_view word) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) { return token.is(word); });
}

/// BEGIN and its like end or nest what the runner began.
void refuse_control(const std::vector<Token>& tokens) {
  static constexpr std::array<std::string_view, 8> control = {"begin", "start", "commit", "end", "abort", "rollback", "savepoint", "release"};
  const bool prepares = begins(tokens, {"prepare", "transaction"});
  for (std::string_view word : control) {
    if (!tokens.front().is(word) && !prepares) continue;
    throw Error(ErrorKind::guard, fmt::format("{} in a revision's SQL: the runner begins and ends transactions itself",
                                              prepares ? std::string("PREPARE TRANSACTION") : to_upper(word)))
        .with_hint("leave it out; `transaction = false` in the head runs without one");
  }
}

/// What PostgreSQL refuses inside a transaction (manual, each command's notes).
bool runs_alone(const std::vector<Token>& tokens) {
  if (begins(tokens, {"vacuum"}) || begins(tokens, {"alter", "system"})) return true;
  for (std::string_view verb : {"create", "drop"}) {
    if (begins(tokens, {verb, "database"}) || begins(tokens, {verb, "tablespace"})) return true;
  }
  for (std::string_view kind : {"database", "system"}) {
    if (begins(tokens, {"reindex", kind})) return true;
  }
  const bool index = begins(tokens, {"create", "index"}) || begins(tokens, {"create", "unique", "index"}) || begins(tokens, {"drop", "index"});
  if ((index || begins(tokens, {"reindex"}) || begins(tokens, {"alter", "table"})) && has(tokens, "concurrently")) return true;
  return begins(tokens, {"create", "subscription"}) || begins(tokens, {"drop", "subscription"});
}

}  // namespace

void Planner::run_sql(const op::Sql& operation) {
  const std::string* text = text_for_postgresql(operation.sql);
  const std::size_t first = script_.statements.size();
  if (text != nullptr) {
    for (std::string& sql : split_script(*text)) {
      const std::vector<Token> tokens = tokenize(sql);
      if (tokens.front().kind == TokenKind::end) continue;
      refuse_control(tokens);
      const bool alone = runs_alone(tokens);
      const bool adds_value = begins(tokens, {"alter", "type"}) && has(tokens, "add") && has(tokens, "value");
      if (alone) {
        write_outside(std::move(sql));
      } else {
        dialect::Statement& statement = write(std::move(sql));
        // A new value may only be used when it is committed (manual, ALTER TYPE, notes).
        if (adds_value) statement.boundary = Boundary::commit_after;
      }
    }
  }
  if (operation.effect && script_.statements.size() > first) script_.statements.back().effect = *operation.effect;
}

void Planner::check(const op::Assert& operation) {
  const std::string* text = text_for_postgresql(operation.query);
  if (text == nullptr) {
    throw Error(ErrorKind::unsupported, "an assert without a query for PostgreSQL").with_hint("add a `postgresql` or `default` query");
  }
  const std::vector<std::string> parts = split_script(*text);
  if (parts.size() != 1) {
    throw Error(ErrorKind::syntax, fmt::format("an assert is one query, and this has {}", counted(parts.size(), "statement"))).with_hint("split it");
  }
  write_check(parts.front(), operation.equals, operation.message.empty() ? "assert failed: " + printable(parts.front()) : operation.message);
}

}  // namespace aludel::postgresql
