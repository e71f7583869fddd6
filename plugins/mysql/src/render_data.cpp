#include "lexer.hpp"
#include "quoting.hpp"
#include "render_plan.hpp"
#include "splitter.hpp"

#include <aludel/dialect/rows.hpp>
#include <aludel/error.hpp>
#include <aludel/mysql/mysql.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aludel::mysql {

namespace {

const std::string* text_for(const op::SqlByDialect& texts, const Target& target) {
  for (const char* key : {target.is_mariadb() ? "mariadb" : "mysql", "mysql", "default"}) {
    if (const auto found = texts.find(key); found != texts.end()) return &found->second;
  }
  return nullptr;
}

/// BEGIN and its like end or nest what the runner began.
void refuse_control(const std::vector<Token>& tokens) {
  static constexpr std::array<std::string_view, 7> control = {"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA"};
  for (std::string_view word : control) {
    if (!tokens.front().is(word)) continue;
    // START REPLICA and its like are no transactions.
    if (word == "START" && !(tokens.size() > 1 && tokens[1].is("TRANSACTION"))) continue;
    throw Error(ErrorKind::guard, fmt::format("{} in a revision's SQL: the runner begins and ends transactions itself", word))
        .with_hint("leave it out; `transaction = false` in the head runs without one");
  }
}

/// What ends a transaction before it runs (manuals, "Statements That Cause an Implicit Commit").
bool commits(const std::vector<Token>& tokens) {
  static constexpr std::array<std::string_view, 20> always = {"ALTER", "RENAME", "TRUNCATE", "GRANT", "REVOKE",   "INSTALL", "UNINSTALL",
                                                              "LOCK",  "UNLOCK", "ANALYZE",  "CHECK", "OPTIMIZE", "REPAIR",  "FLUSH",
                                                              "RESET", "CACHE",  "CHANGE",   "START", "STOP",     "IMPORT"};
  const Token& first = tokens.front();
  if (std::any_of(always.begin(), always.end(), [&](std::string_view word) { return first.is(word); })) return true;
  const bool creates = first.is("CREATE"), drops = first.is("DROP");
  if (first.is("LOAD")) return tokens.size() > 1 && tokens[1].is("INDEX");
  if (first.is("SET")) return tokens.size() > 1 && tokens[1].is("PASSWORD");
  if (!creates && !drops) return false;
  // CREATE TEMPORARY TABLE and its drop stay inside.
  return !(tokens.size() > 2 && (tokens[1].is("TEMPORARY") || (tokens[1].is("OR") && tokens.size() > 3 && tokens[3].is("TEMPORARY"))));
}

}  // namespace

void Planner::insert(const op::Insert& operation) {
  for (std::string& sql : dialect::insert_texts(operation, dialect(), "() VALUES ()")) write(std::move(sql));
}

void Planner::erase(const op::Delete& operation) {
  for (std::string& sql : dialect::delete_texts(operation, dialect())) write(std::move(sql));
}

void Planner::run_sql(const op::Sql& operation) {
  const std::string* text = text_for(operation.sql, after_);
  const std::size_t first = script_.statements.size();
  if (text != nullptr) {
    for (std::string& sql : split_script(*text)) {
      const std::vector<Token> tokens = tokenize(sql);
      if (tokens.front().kind == TokenKind::end) continue;
      refuse_control(tokens);
      if (commits(tokens)) {
        write_ddl(std::move(sql));
      } else {
        write(std::move(sql));
      }
    }
  }
  if (!operation.effect) return;
  apply();
  take_as_done();
  if (script_.statements.size() > first) script_.statements.back().effect = *operation.effect;
}

void Planner::check(const op::Assert& operation) {
  const std::string* text = text_for(operation.query, after_);
  if (text == nullptr) {
    throw Error(ErrorKind::unsupported, fmt::format("an assert without a query for {}", after_.name())).with_hint("add a `mysql` or `default` query");
  }
  const std::vector<std::string> parts = split_script(*text);
  if (parts.size() != 1) {
    throw Error(ErrorKind::syntax, fmt::format("an assert is one query, and this has {}", counted(parts.size(), "statement"))).with_hint("split it");
  }
  const std::string message = operation.message.empty() ? "assert failed: " + printable(parts.front()) : operation.message;
  write(parts.front()).expect = dialect::Expectation{operation.equals, message, {}, ErrorKind::constraint, false};
}

}  // namespace aludel::mysql
