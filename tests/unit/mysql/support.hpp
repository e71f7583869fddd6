#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/schema/schema.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Databases for the tests of this folder, on the MariaDB server of tests/support/server.hpp, and on MySQL where ALUDEL_TEST_MYSQL_URL names one.
namespace aludel::mysql::test {

/// "mariadb", and "mysql" where there is one.
std::vector<std::string> flavours();

/// A connection to a fresh database.
std::unique_ptr<dialect::Connection> fresh_database(const std::string& flavour);
/// Runs a script of any number of statements.
void run(dialect::Connection& connection, std::string_view script);
schema::Metadata introspect(dialect::Connection& connection);
/// What leads from one schema to the other, a line each; empty where they are the same to the dialect.
std::string difference(dialect::Connection& connection, const schema::Metadata& from, const schema::Metadata& to);
/// A script's statements, a line each, for messages.
std::string text_of(const dialect::Script& script);

/// Law 3 on one server: renders the operations on the schema that `setup` makes, runs the statements one by one, and compares what the server holds
/// after each that changes the schema with what the statement said it would do, and in the end with what the operations say. Then the same for the
/// operations that undo them, which must lead back. Gives the statements that lead forward.
std::vector<std::string> check_square(dialect::Connection& connection, std::string_view setup, const op::Operations& operations,
                                      dialect::RenderOptions options = {});

/// Tests that run on each flavour.
class EachServer : public testing::TestWithParam<std::string> {
 protected:
  bool is_mariadb() const { return GetParam() == "mariadb"; }
  dialect::Connection& connection() {
    if (!connection_) connection_ = fresh_database(GetParam());
    return *connection_;
  }
  std::vector<std::string> square(std::string_view setup, const op::Operations& operations, dialect::RenderOptions options = {}) {
    return check_square(connection(), setup, operations, options);
  }

 private:
  std::unique_ptr<dialect::Connection> connection_;
};

}  // namespace aludel::mysql::test
