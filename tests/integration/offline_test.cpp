#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/revisions.hpp"

// What `upgrade --sql` prints must do what `upgrade` does.
namespace aludel::migrate {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Ids = std::vector<std::string>;

MemoryStore store() {
  MemoryStore result;
  result.add(make_revision("one", {}, {op::CreateTable{table("hero", {column("name", Type::string()), column("note", Type::string())}), false}}));
  result.add(make_revision("two", {"one"}, {sql("INSERT INTO hero (id, name) VALUES (1, 'it''s; -- me')", "DELETE FROM hero")}));
  op::AlterColumn alter;
  alter.table.name = "hero";
  alter.column = "name";
  alter.type = op::Change<Type>{Type::string(), Type::varchar(80)};
  result.add(make_revision("three", {"two"}, {alter, op::RenameColumn{{"", "hero"}, "note", "remark"}}));
  return result;
}

std::string script(const MemoryStore& revisions, Direction direction, const Ids& from, const Ids& to) {
  const auto& dialect = sqlite::dialect();
  return offline_script(dialect, dialect.default_server(), revisions, direction, from, to);
}

void play(dialect::Connection& connection, const std::string& text) {
  for (const auto& statement : connection.dialect().split(text)) connection.execute(statement);
}

std::vector<std::string> contents(dialect::Connection& connection) {
  auto lines = rows_of(connection, "SELECT name, sql FROM sqlite_schema WHERE name = 'hero'");
  for (auto& line : rows_of(connection, "SELECT * FROM hero")) lines.push_back(line);
  return lines;
}

TEST(OfflineTest, TheScriptDoesWhatTheRunDoes) {
  const auto revisions = store();
  const auto run = open_memory();
  Runner(*run, revisions).upgrade(Ids{"head"});
  const auto played = open_memory();
  play(*played, script(revisions, Direction::upgrade, {}, {"head"}));
  EXPECT_EQ(contents(*played), contents(*run));
  EXPECT_THAT(rows_of(*played, "SELECT revision FROM aludel_version"), ElementsAre("three"));

  Runner after(*played, revisions);
  EXPECT_THAT(after.upgrade(Ids{"head"}), IsEmpty());
  const auto state = after.state();
  EXPECT_THAT(state.edited, IsEmpty());
  EXPECT_EQ(state.position, 3);
  after.downgrade(Ids{"one"});
  EXPECT_THAT(rows_of(*played, "SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "note"));
}

TEST(OfflineTest, ARangeStartsWhereItIsToldTo) {
  const auto revisions = store();
  const auto connection = open_memory();
  Runner(*connection, revisions).upgrade(Ids{"two"});
  play(*connection, script(revisions, Direction::upgrade, {"two"}, {"head"}));
  EXPECT_THAT(rows_of(*connection, "SELECT revision FROM aludel_version"), ElementsAre("three"));
  play(*connection, script(revisions, Direction::downgrade, {"three"}, {"one"}));
  EXPECT_THAT(rows_of(*connection, "SELECT revision FROM aludel_version"), ElementsAre("one"));
  EXPECT_THAT(rows_of(*connection, "SELECT count(*) FROM hero"), ElementsAre("0"));
}

TEST(OfflineTest, NamesWhatAScriptCannotDo) {
  auto revisions = store();
  revisions.add(make_revision("four", {"three"}, {op::Call{"fill", Value(), {}}}));
  const auto call = error_of([&] { (void)script(revisions, Direction::upgrade, {}, {"head"}); });
  EXPECT_EQ(call.kind(), ErrorKind::unsupported);
  EXPECT_THAT(call.message(), HasSubstr("revision 'four' calls 'fill'"));

  revisions = store();
  revisions.at("two") = make_revision("two", {"one"}, {opaque_sql("ALTER TABLE hero ADD COLUMN x")});
  const auto opaque = error_of([&] { (void)script(revisions, Direction::upgrade, {}, {"head"}); });
  EXPECT_EQ(opaque.kind(), ErrorKind::unsupported);
  EXPECT_EQ(opaque.revision(), "three");
  EXPECT_THAT(opaque.message(), HasSubstr("'two'"));
}

}  // namespace
}  // namespace aludel::migrate
