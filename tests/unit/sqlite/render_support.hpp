#pragma once

#include <support/run_script.hpp>

#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/schema/equivalent.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/url.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::test {

/// An in-memory database that starts from SQL, is changed by operations, and is asked by SQL.
class Sandbox {
 public:
  explicit Sandbox(std::string_view sql = {}) : connection_(sqlite::dialect().connect(parse_url("sqlite://"), {})) { execute(sql); }

  dialect::Connection& connection() { return *connection_; }
  void execute(std::string_view sql) {
    for (const std::string& statement : sqlite::dialect().split(sql)) connection_->execute(statement);
  }
  schema::Metadata schema() { return sqlite::dialect().introspector().introspect(*connection_, {}); }
  dialect::Script render(const op::Operations& operations, const dialect::RenderOptions& options = {}) {
    return sqlite::dialect().renderer().render(operations, schema(), connection_->server(), options);
  }
  /// Renders, runs, and demands law 3: the database then holds what `apply` promises, and so do the statements' effects.
  dialect::Script run(const op::Operations& operations, const dialect::RenderOptions& options = {}) {
    const schema::Metadata before = schema();
    const op::ApplyOptions apply_options{true, sqlite::dialect().comparison(connection_->server())};
    const dialect::Script script = render(operations, options);
    SCOPED_TRACE(script_text(script));
    run_script(*connection_, script);
    const auto promised = sqlite::dialect().canonicalise(op::apply(operations, before, sqlite::dialect().rewriter(), apply_options), nullptr);
    const schema::Metadata found = schema();
    EXPECT_TRUE(schema::equivalent(promised, found, apply_options.comparison)) << dump();
    schema::Metadata effects = before;
    for (const dialect::Statement& statement : script.statements) {
      for (const op::Operation& effect : statement.effect) op::apply(effect, effects, sqlite::dialect().rewriter(), apply_options);
    }
    effects = sqlite::dialect().canonicalise(std::move(effects), nullptr);
    EXPECT_TRUE(schema::equivalent(effects, found, apply_options.comparison)) << "the statements' effects";
    return script;
  }
  /// All rows, values and rows parted by spaces and " / ".
  std::string ask(std::string_view sql) {
    std::string text;
    for (const auto& row : connection_->execute(sql).rows) {
      if (!text.empty()) text += " / ";
      for (std::size_t i = 0; i < row.size(); ++i) {
        text += i == 0 ? "" : " ";
        text += row[i].string() != nullptr ? *row[i].string() : to_json(row[i]);
      }
    }
    return text;
  }
  std::string dump() { return ask("SELECT type, name, sql FROM sqlite_schema"); }

 private:
  std::unique_ptr<dialect::Connection> connection_;
};

inline std::vector<std::string> texts(const dialect::Script& script) {
  std::vector<std::string> result;
  for (const dialect::Statement& statement : script.statements) result.push_back(statement.sql);
  return result;
}

inline std::size_t count_starting(const dialect::Script& script, std::string_view prefix) {
  std::size_t count = 0;
  for (const dialect::Statement& statement : script.statements) count += statement.sql.starts_with(prefix) ? 1 : 0;
  return count;
}

/// The error that it throws; fails the test where it throws none.
template <class F>
Error error_of(F&& run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::internal, "nothing was thrown");
}

inline schema::Column column(std::string name, schema::Type type, bool nullable = true) {
  schema::Column result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.nullable = nullable;
  return result;
}

inline op::AlterColumn alter(std::string table, std::string name) {
  op::AlterColumn result;
  result.table.name = std::move(table);
  result.column = std::move(name);
  return result;
}

inline op::AlterColumn set_nullable(std::string table, std::string name, bool from, bool to) {
  op::AlterColumn result = alter(std::move(table), std::move(name));
  result.nullable = op::Change<bool>{from, to};
  return result;
}

inline op::AlterColumn set_type(std::string table, std::string name, schema::Type from, schema::Type to) {
  op::AlterColumn result = alter(std::move(table), std::move(name));
  result.type = op::Change<schema::Type>{std::move(from), std::move(to)};
  return result;
}

inline schema::Check check(std::string name, std::string expression) {
  schema::Check result;
  result.name = std::move(name);
  result.expression = std::move(expression);
  return result;
}

inline schema::ForeignKey foreign_key(std::string name, std::vector<std::string> columns, std::string table, std::vector<std::string> referenced) {
  schema::ForeignKey result;
  result.name = std::move(name);
  result.columns = std::move(columns);
  result.referenced_table.name = std::move(table);
  result.referenced_columns = std::move(referenced);
  return result;
}

inline schema::Unique unique_key(std::string name, std::vector<std::string> columns) {
  schema::Unique result;
  result.name = std::move(name);
  for (std::string& part : columns) result.columns.emplace_back(std::move(part));
  return result;
}

inline schema::Index index(std::string name, std::vector<std::string> columns, bool is_unique = false) {
  schema::Index result;
  result.name = std::move(name);
  result.unique = is_unique;
  for (std::string& part : columns) result.columns.emplace_back(std::move(part));
  return result;
}

}  // namespace aludel::test
