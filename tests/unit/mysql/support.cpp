#include "support.hpp"

#include <aludel/diff/compare.hpp>
#include <aludel/error.hpp>
#include <aludel/mysql/mysql.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/url.hpp>

#include <unistd.h>

#include <atomic>

#include "support/server.hpp"

namespace aludel::mysql::test {

namespace {

aludel::test::Server& server_of(const std::string& flavour) {
  return flavour == "mysql" ? *aludel::test::mysql_server() : aludel::test::mariadb_server();
}

op::ApplyOptions apply_options(dialect::Connection& connection) { return {true, dialect().comparison(connection.server())}; }

schema::Metadata canonical(schema::Metadata metadata, dialect::Connection& connection) {
  return dialect().canonicalise(std::move(metadata), &connection);
}

/// Runs the operations; what the server holds is compared after every step.
std::vector<std::string> lead(dialect::Connection& connection, const op::Operations& operations, const schema::Metadata& before,
                              const dialect::RenderOptions& options) {
  const dialect::Script script = dialect().renderer().render(operations, before, connection.server(), options);
  SCOPED_TRACE(text_of(script));
  std::vector<std::string> texts;
  schema::Metadata told = before;
  for (const std::string& sql : script.prologue) connection.execute(sql);
  for (const dialect::Statement& statement : script.statements) {
    texts.push_back(statement.sql);
    const dialect::Rows rows = connection.execute(statement.sql);
    if (statement.expect) {
      EXPECT_EQ(rows.scalar(), statement.expect->equals) << statement.sql;
    }
    if (statement.boundary == dialect::Boundary::none || statement.effect.empty()) continue;
    told = op::apply(statement.effect, std::move(told), dialect().rewriter(), apply_options(connection));
    EXPECT_EQ(difference(connection, canonical(told, connection), introspect(connection)), "") << "after " << statement.sql;
  }
  for (const std::string& sql : script.epilogue) connection.execute(sql);
  const schema::Metadata after = op::apply(operations, before, dialect().rewriter(), apply_options(connection));
  EXPECT_EQ(difference(connection, canonical(after, connection), introspect(connection)), "") << "in the end";
  return texts;
}

}  // namespace

std::vector<std::string> flavours() {
  std::vector<std::string> all = {"mariadb"};
  if (aludel::test::mysql_server() != nullptr) all.emplace_back("mysql");
  return all;
}

std::unique_ptr<dialect::Connection> fresh_database(const std::string& flavour) {
  static std::atomic<int> count = 0;
  const std::string name = "aludel_unit_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  dialect().connect(parse_url(server_of(flavour).url("mysql")), {})->execute("CREATE DATABASE " + name + " CHARACTER SET utf8mb4");
  return dialect().connect(parse_url(server_of(flavour).url(name)), {});
}

void run(dialect::Connection& connection, std::string_view script) {
  for (const std::string& sql : dialect().split(script)) connection.execute(sql);
}

schema::Metadata introspect(dialect::Connection& connection) { return dialect().introspector().introspect(connection, {}); }

std::string difference(dialect::Connection& connection, const schema::Metadata& from, const schema::Metadata& to) {
  diff::Options options;
  options.comparison = dialect().comparison(connection.server());
  options.fold_case = true;
  options.rewriter = &dialect().rewriter();
  std::string text;
  for (const auto& operation : diff::compare(from, to, options).operations) text += op::describe(operation) + "\n";
  for (const auto& one : to.unsupported) text += one.kind + " " + one.name + ": " + one.reason + "\n";
  return text;
}

std::string text_of(const dialect::Script& script) {
  std::string text;
  for (const auto& statement : script.statements) text += statement.sql + ";\n";
  return text;
}

std::vector<std::string> check_square(dialect::Connection& connection, std::string_view setup, const op::Operations& operations,
                                      dialect::RenderOptions options) {
  run(connection, setup);
  const schema::Metadata before = introspect(connection);
  EXPECT_TRUE(before.unsupported.empty());
  const op::Operations undo = op::invert(operations, before, dialect().rewriter(), apply_options(connection));
  std::vector<std::string> texts = lead(connection, operations, before, options);
  SCOPED_TRACE("and back");
  lead(connection, undo, introspect(connection), options);
  EXPECT_EQ(difference(connection, before, introspect(connection)), "") << "where it began";
  return texts;
}

}  // namespace aludel::mysql::test
