#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/dialect/statement.hpp>
#include <aludel/error.hpp>
#include <aludel/value.hpp>

#include <functional>
#include <map>
#include <string>

/// Runs a rendered script as a runner would, without a journal: for tests of renderers.
namespace aludel::test {

using Functions = std::map<std::string, std::function<void(dialect::Connection&, const Value&)>>;

inline void run_statement(dialect::Connection& connection, const dialect::Statement& statement, const Functions& functions) {
  if (statement.call) {
    functions.at(statement.call->function)(connection, statement.call->arguments);
    return;
  }
  const Value found = connection.execute(statement.sql).scalar();
  if (!statement.expect || found == statement.expect->equals) return;
  Error error(statement.expect->kind, dialect::failure_text(*statement.expect, found));
  if (!statement.expect->details.empty()) {
    for (const auto& row : connection.execute(statement.expect->details).rows) {
      std::string line;
      for (const Value& value : row) line += (line.empty() ? "" : " | ") + to_json(value);
      error.add_note(line);
    }
  }
  throw error;
}

/// All in one transaction, but for what must stand outside; rolled back on an error, which is thrown on. The epilogue runs in any case.
inline void run_script(dialect::Connection& connection, const dialect::Script& script, const Functions& functions = {}) {
  for (const std::string& sql : script.prologue) connection.execute(sql);
  try {
    connection.begin();
    for (const dialect::Statement& statement : script.statements) {
      const bool outside = statement.boundary == dialect::Boundary::outside_transaction;
      if (outside) connection.commit();
      run_statement(connection, statement, functions);
      if (outside || statement.boundary == dialect::Boundary::commit_after) {
        if (!outside) connection.commit();
        connection.begin();
      }
    }
    connection.commit();
  } catch (...) {
    if (connection.in_transaction()) connection.rollback();
    for (const std::string& sql : script.epilogue) connection.execute(sql);
    throw;
  }
  for (const std::string& sql : script.epilogue) connection.execute(sql);
}

/// The script as text, for a failing test's message.
inline std::string script_text(const dialect::Script& script) {
  std::string text;
  for (const std::string& sql : script.prologue) text += sql + ";\n";
  for (const dialect::Statement& statement : script.statements) {
    text += statement.sql + ";";
    if (statement.expect) text += "  -- must be " + to_json(statement.expect->equals) + ", else:" + statement.expect->message;
    text += "\n";
  }
  for (const std::string& sql : script.epilogue) text += sql + ";\n";
  return text;
}

}  // namespace aludel::test
