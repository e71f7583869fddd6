#include "guarded_connection.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <cctype>
#include <string>

namespace aludel::migrate {

namespace {

/// Drops white space and comments in front.
std::string_view skip_blank(std::string_view sql) {
  for (;;) {
    sql = trim(sql);
    if (sql.substr(0, 1) == ";")
      sql.remove_prefix(1);
    else if (sql.substr(0, 2) == "--")
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    else if (sql.substr(0, 2) == "/*")
      sql.remove_prefix(sql.find("*/", 2) == std::string_view::npos ? sql.size() : sql.find("*/", 2) + 2);
    else
      return sql;
  }
}

std::string next_word(std::string_view& sql) {
  sql = skip_blank(sql);
  std::size_t length = 0;
  while (length < sql.size() && (std::isalpha(static_cast<unsigned char>(sql[length])) != 0 || sql[length] == '_')) ++length;
  auto word = to_upper(sql.substr(0, length));
  sql.remove_prefix(length);
  return word;
}

Error refusal(std::string_view what) {
  return Error(ErrorKind::guard, std::string(what) + " would end or begin the transaction that the revision runs in")
      .with_hint("leave it out: a revision commits together with its journal row; `transaction = false` in its head runs each statement alone");
}

}  // namespace

bool controls_transaction(std::string_view sql) {
  const auto first = next_word(sql);
  if (first == "BEGIN" || first == "COMMIT" || first == "END" || first == "ABORT") return true;
  const auto second = next_word(sql);
  if (first == "START" || first == "PREPARE") return second == "TRANSACTION";
  if (first != "ROLLBACK") return false;
  if (second == "TO") return false;
  if (second == "TRANSACTION" || second == "WORK") return next_word(sql) != "TO";
  return true;
}

void refuse_transaction_control(std::string_view sql) {
  if (controls_transaction(sql)) throw refusal(quoted(printable(sql, 60))).with_statement(std::string(sql));
}

dialect::Rows GuardedConnection::execute(std::string_view sql, std::span<const Value> parameters) {
  refuse_transaction_control(sql);
  return connection_.execute(sql, parameters);
}

void GuardedConnection::begin() { throw refusal("begin()"); }
void GuardedConnection::commit() { throw refusal("commit()"); }
void GuardedConnection::rollback() { throw refusal("rollback()"); }

}  // namespace aludel::migrate
