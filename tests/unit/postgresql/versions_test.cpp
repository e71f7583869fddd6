#include <aludel/error.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/postgresql/postgresql.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace aludel::postgresql::test {
namespace {

using testing::HasSubstr;

/// What the renderer says to the operation on a server of that version; empty where it has nothing against it.
std::string said_of(const op::Operation& operation, int major, const schema::Metadata& before) {
  dialect::Server server;
  server.flavour = "postgresql";
  server.major = major;
  server.version = std::to_string(major) + ".2";
  try {
    dialect().renderer().render({&operation, 1}, before, server, {});
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    return error.text();
  }
}

class Newer : public testing::Test {
 protected:
  Newer() {
    hero.name = {"", "hero"};
    for (const char* name : {"id", "age"}) {
      hero.columns.emplace_back().name = name;
      hero.columns.back().type = schema::Type::integer();
    }
  }
  /// In a new table, and by itself where the table is there.
  void expect_since(int major, const schema::Table& whole, const op::Operation& alone, const std::string& what) const {
    schema::Metadata before;
    before.add(hero);
    for (const int server : {13, 14, 15, 16, 17, 18}) {
      SCOPED_TRACE(server);
      for (const std::string& said : {said_of({op::CreateTable{whole}}, server, {}), said_of(alone, server, before)}) {
        if (server >= major) {
          EXPECT_EQ(said, "");
        } else {
          EXPECT_THAT(said,
                      HasSubstr(what + " came with PostgreSQL " + std::to_string(major) + ", and the server is " + std::to_string(server) + ".2"));
          EXPECT_THAT(said, HasSubstr("hint: leave it out, or upgrade the server"));
        }
      }
    }
  }
  void expect_since(int major, const schema::Constraint& constraint, const std::string& what) const {
    schema::Table whole = hero;
    whole.constraints.push_back(constraint);
    expect_since(major, whole, {op::AddConstraint{hero.name, constraint}}, what);
  }
  void expect_since(int major, const schema::Column& column, const std::string& what) const {
    schema::Table whole = hero;
    whole.columns.push_back(column);
    expect_since(major, whole, {op::AddColumn{hero.name, column}}, what);
  }

  schema::Table hero;
};

TEST_F(Newer, UniquenessOfNulls) {
  schema::Unique key;
  key.name = "uq";
  key.columns = {schema::IndexPart{"age"}};
  key.nulls_distinct = false;
  expect_since(15, schema::Constraint(key), "NULLS NOT DISTINCT");
  schema::Index index;
  index.name = "ix";
  index.unique = true;
  index.columns = {schema::IndexPart{"age"}};
  index.nulls_distinct = false;
  schema::Table whole = hero;
  whole.indexes.push_back(index);
  expect_since(15, whole, {op::CreateIndex{hero.name, index}}, "NULLS NOT DISTINCT");
}

TEST_F(Newer, ColumnsThatADeleteSets) {
  schema::ForeignKey key;
  key.name = "fk";
  key.columns = {"id", "age"};
  key.referenced_table = hero.name;
  key.referenced_columns = {"id", "age"};
  key.on_delete = schema::ForeignKeyAction::set_null;
  key.on_delete_columns = {"age"};
  expect_since(15, schema::Constraint(key), "ON DELETE of some of a key's columns");
}

TEST_F(Newer, ConstraintsThatAreNotEnforced) {
  schema::Check check;
  check.name = "ck";
  check.expression = schema::Expression("age > 0");
  check.enforced = false;
  expect_since(18, schema::Constraint(check), "NOT ENFORCED");
}

TEST_F(Newer, ColumnsThatAreComputedWhenRead) {
  schema::Column column;
  column.name = "twice";
  column.type = schema::Type::integer();
  column.generated = schema::Generated{schema::Expression("age * 2"), false};
  expect_since(18, column, "a generated column that is not stored");
}

TEST_F(Newer, CompressedColumns) {
  schema::Column column;
  column.name = "note";
  column.type = schema::Type::string();
  column.options["postgresql"]["compression"] = "pglz";
  expect_since(14, column, "the compression of a column");
}

}  // namespace
}  // namespace aludel::postgresql::test
