#include "render_data.hpp"

#include "lexer.hpp"
#include "render_ddl.hpp"
#include "splitter.hpp"

#include <aludel/dialect/rows.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace aludel::sqlite {
namespace {

using dialect::Statement;

/// Long enough to be quick, short enough for any limit of SQLite.
constexpr dialect::RowLimits at_once = {200, 100'000};

const std::string* text_for_sqlite(const op::SqlByDialect& texts) {
  for (const char* key : {"sqlite", "default"}) {
    if (const auto found = texts.find(key); found != texts.end()) return &found->second;
  }
  return nullptr;
}

/// The pragma's name, without the schema before it.
std::string pragma_name(const std::vector<Token>& tokens) {
  if (tokens.size() > 3 && tokens[2].is_symbol(".")) return to_lower(unquote(tokens[3]));
  return tokens.size() > 1 ? to_lower(unquote(tokens[1])) : std::string();
}

[[noreturn]] void refuse(std::string_view what, std::string_view why, std::string hint) {
  throw Error(ErrorKind::guard, fmt::format("{} in a revision's SQL: {}", what, why)).with_hint(std::move(hint));
}

/// What would end the runner's transaction, or do nothing inside it.
void guard(const std::vector<Token>& tokens, bool transaction, Statement& statement) {
  static constexpr std::array<std::string_view, 6> control = {"begin", "commit", "end", "rollback", "savepoint", "release"};
  for (std::string_view word : control) {
    if (tokens.front().is(word)) {
      refuse(to_upper(word), "the runner begins and ends transactions itself", "leave it out; `transaction = false` in the head runs without one");
    }
  }
  const bool pragma = tokens.front().is("pragma");
  const std::string name = pragma ? pragma_name(tokens) : std::string();
  if (name == "foreign_keys") {
    refuse("PRAGMA foreign_keys", "SQLite ignores it inside a transaction", "say foreign_keys = \"off\" in the revision's head");
  }
  const bool alone = tokens.front().is("vacuum") || name == "journal_mode" || name == "page_size" || name == "auto_vacuum" || name == "encoding";
  if (!alone) return;
  if (transaction) {
    refuse(pragma ? "PRAGMA " + name : std::string("VACUUM"), "SQLite cannot do it inside a transaction",
           "put it into a revision of its own with `transaction = false` in the head");
  }
  statement.boundary = dialect::Boundary::outside_transaction;
}

Statement plain(std::string sql) {
  Statement statement;
  statement.sql = std::move(sql);
  return statement;
}

}  // namespace

std::vector<Statement> sql_statements(const op::Sql& operation, bool transaction) {
  const std::string* text = text_for_sqlite(operation.sql);
  std::vector<Statement> statements;
  if (text == nullptr) return statements;
  for (std::string& sql : split_script(*text)) {
    Statement statement = plain(std::move(sql));
    const std::vector<Token> tokens = tokenize(statement.sql);
    if (tokens.front().kind == TokenKind::end) continue;
    guard(tokens, transaction, statement);
    statements.push_back(std::move(statement));
  }
  return statements;
}

std::vector<Statement> insert_statements(const op::Insert& operation) {
  quoted_name(operation.table);  // refuses other schemas
  std::vector<Statement> statements;
  for (std::string& sql : dialect::insert_texts(operation, dialect(), "DEFAULT VALUES", at_once)) statements.push_back(plain(std::move(sql)));
  return statements;
}

std::vector<Statement> delete_statements(const op::Delete& operation) {
  quoted_name(operation.table);
  std::vector<Statement> statements;
  for (std::string& sql : dialect::delete_texts(operation, dialect(), at_once)) statements.push_back(plain(std::move(sql)));
  return statements;
}

Statement call_statement(const op::Call& operation) {
  Statement statement;
  statement.call = dialect::FunctionCall{operation.function, operation.arguments};
  return statement;
}

Statement assert_statement(const op::Assert& operation) {
  const std::string* text = text_for_sqlite(operation.query);
  if (text == nullptr) throw Error(ErrorKind::unsupported, "an assert without a query for SQLite").with_hint("add a `sqlite` or `default` query");
  const std::vector<std::string> parts = split_script(*text);
  if (parts.size() != 1) {
    throw Error(ErrorKind::syntax, fmt::format("an assert is one query, and this has {}", counted(parts.size(), "statement"))).with_hint("split it");
  }
  Statement statement = plain(parts.front());
  statement.expect = dialect::Expectation{operation.equals, operation.message, {}, ErrorKind::constraint, false};
  if (operation.message.empty()) statement.expect->message = "assert failed: " + printable(parts.front());
  return statement;
}

void refuse_irreversible(const op::Irreversible& operation) {
  throw Error(ErrorKind::guard, "this revision must not be undone: " + printable(operation.reason, 1000))
      .with_hint("restore a backup, or write a new revision that goes forward");
}

void refuse_custom(const op::Custom& operation) {
  throw Error(ErrorKind::unsupported, fmt::format("SQLite knows no custom operation {}", quoted(operation.name)));
}

}  // namespace aludel::sqlite
