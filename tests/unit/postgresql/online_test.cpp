#include "support.hpp"
#include "walk.hpp"

#include "introspector.hpp"
#include "render.hpp"

#include <aludel/error.hpp>
#include <aludel/postgresql/postgresql.hpp>
#include <aludel/url.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/run_script.hpp"

/// The forms that keep a busy table usable, what they cost, and what is left to the author.
namespace aludel::postgresql::test {
namespace {

using dialect::Boundary;
using dialect::HazardKind;
using dialect::Statement;

constexpr const char* hero =
    "CREATE TABLE team (id int PRIMARY KEY); CREATE TABLE hero (id int, name text, team int); INSERT INTO hero VALUES (1, 'a');";

dialect::Script there(const std::string& from, const std::string& to, bool online = true) { return walk({{from, to}, {0, 1, 0}, online}).there; }
dialect::Script adds(const std::string& what, bool online = true) { return there(hero, std::string(hero) + what, online); }

const Statement& statement(const dialect::Script& script, std::string_view text) {
  for (const Statement& one : script.statements) {
    if (one.sql.find(text) != std::string::npos) return one;
  }
  throw std::out_of_range("no statement says " + std::string(text) + "\n" + aludel::test::script_text(script));
}

std::size_t place(const dialect::Script& script, std::string_view text) {
  return static_cast<std::size_t>(&statement(script, text) - script.statements.data());
}

bool has(const Statement& statement, HazardKind kind) {
  return std::any_of(statement.hazards.begin(), statement.hazards.end(), [&](const dialect::Hazard& hazard) { return hazard.kind == kind; });
}

/// Is there a commit between the two?
bool is_parted(const dialect::Script& script, std::string_view first, std::string_view second) {
  for (std::size_t i = place(script, first); i < place(script, second); ++i) {
    if (script.statements[i].boundary != Boundary::none) return true;
  }
  return false;
}

TEST(PostgresqlOnline, AnIndexIsBuiltAloneAndLookedAtAfterwards) {
  const auto script = adds("CREATE INDEX i ON hero (name);");
  const Statement& build = statement(script, "CREATE INDEX CONCURRENTLY \"i\"");
  EXPECT_EQ(build.boundary, Boundary::outside_transaction);
  EXPECT_EQ(build.lock_timeout, std::chrono::milliseconds(0)) << "it waits for others without being in their way";
  EXPECT_TRUE(has(build, HazardKind::not_transactional));
  EXPECT_TRUE(has(build, HazardKind::scan));
  EXPECT_FALSE(has(build, HazardKind::lock));
  EXPECT_TRUE(statement(script, "SELECT indisvalid").expect);
  const auto drop = there(std::string(hero) + "CREATE INDEX i ON hero (name);", hero);
  EXPECT_EQ(statement(drop, "DROP INDEX CONCURRENTLY \"i\"").boundary, Boundary::outside_transaction);
}

TEST(PostgresqlOnline, AnIndexOfATableThatGoesIsDroppedWithIt) {
  const auto script = there("CREATE TABLE t (a int); CREATE INDEX i ON t (a);", "");
  EXPECT_FALSE(says(script, "CONCURRENTLY"));
}

TEST(PostgresqlOnline, PlainFormsAreThereForWhoWantsThem) {
  const auto script = adds(
      "CREATE INDEX i ON hero (name); ALTER TABLE hero ADD CONSTRAINT c CHECK (id > 0), ADD CONSTRAINT u UNIQUE (id), "
      "ADD CONSTRAINT f FOREIGN KEY (team) REFERENCES team, ALTER name SET NOT NULL;",
      false);
  EXPECT_FALSE(says(script, "CONCURRENTLY"));
  EXPECT_FALSE(says(script, "NOT VALID"));
  EXPECT_TRUE(std::all_of(script.statements.begin(), script.statements.end(), [](const Statement& one) { return one.boundary == Boundary::none; }));
  EXPECT_TRUE(has(statement(script, "CREATE INDEX"), HazardKind::scan));
  EXPECT_TRUE(has(statement(script, "SET NOT NULL"), HazardKind::scan));
}

TEST(PostgresqlOnline, AnInvalidIndexThatABuildLeftIsInNobodysWay) {
  const auto connection = dialect().connect(parse_url(fresh_url()), {});
  connection->execute("CREATE TABLE t (a int)");
  connection->execute("INSERT INTO t VALUES (1), (1)");
  const schema::Metadata before = introspector().introspect(*connection, {});
  schema::Index index;
  index.name = "i";
  index.unique = true;
  index.columns = {"a"};
  const op::Operations operations{op::CreateIndex{{"", "t"}, index}};
  const auto script = renderer().render(operations, before, connection->server(), {});
  EXPECT_THROW(aludel::test::run_script(*connection, script), Error) << "two rows are alike";
  const auto invalid = "SELECT count(*)::int FROM pg_index WHERE NOT indisvalid";
  EXPECT_EQ(connection->execute(invalid).scalar(), Value(1));
  connection->execute("DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)");
  aludel::test::run_script(*connection, script);
  EXPECT_EQ(connection->execute(invalid).scalar(), Value(0));
  EXPECT_TRUE(introspector().introspect(*connection, {}).tables.at({"", "t"}).find_index("i") != nullptr);
}

TEST(PostgresqlOnline, AnInvalidIndexIsADifferenceAndIsBuiltAgain) {
  const auto connection = dialect().connect(parse_url(fresh_url()), {});
  connection->execute("CREATE TABLE t (a int)");
  connection->execute("INSERT INTO t VALUES (1), (1)");
  EXPECT_THROW(connection->execute("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)"), Error);
  connection->execute("DELETE FROM t");
  const schema::Metadata before = introspector().introspect(*connection, {});
  schema::Index valid = *before.tables.at({"", "t"}).find_index("i");
  EXPECT_EQ(valid.options.at("postgresql").count("invalid"), 1U);
  valid.options.clear();
  const op::Operations operations{op::AlterIndex{{"", "t"}, before.tables.at({"", "t"}).indexes[0], valid}};
  aludel::test::run_script(*connection, renderer().render(operations, before, connection->server(), {}));
  EXPECT_EQ(introspector().introspect(*connection, {}).tables.at({"", "t"}).indexes[0], valid);
}

TEST(PostgresqlOnline, AnotherIndexOfTheNameIsBuiltBesideTheOldOne) {
  const auto script = there(std::string(hero) + "CREATE INDEX i ON hero (name);", std::string(hero) + "CREATE INDEX i ON hero (name, id);");
  EXPECT_LT(place(script, "CREATE INDEX CONCURRENTLY \"i_new\""), place(script, "DROP INDEX CONCURRENTLY \"i\""));
  EXPECT_LT(place(script, "DROP INDEX CONCURRENTLY \"i\""), place(script, "ALTER INDEX \"i_new\" RENAME TO \"i\""));
}

TEST(PostgresqlOnline, AnotherKeyOfTheNameTakesThePlaceOfTheOldOneAtOnce) {
  const auto script = there(std::string(hero) + "ALTER TABLE hero ADD CONSTRAINT u UNIQUE (name);",
                            std::string(hero) + "ALTER TABLE hero ADD CONSTRAINT u UNIQUE (name, id) DEFERRABLE;");
  const std::string& swap = statement(script, "DROP CONSTRAINT \"u\"").sql;
  EXPECT_NE(swap.find("ADD CONSTRAINT \"u\" UNIQUE USING INDEX \"u_new\" DEFERRABLE"), std::string::npos) << swap;
}

TEST(PostgresqlOnline, KeysAndChecksAreValidatedBehindACommit) {
  const auto script = adds("ALTER TABLE hero ADD CONSTRAINT c CHECK (id > 0), ADD CONSTRAINT f FOREIGN KEY (team) REFERENCES team;");
  EXPECT_EQ(place(script, "ADD CONSTRAINT \"c\" CHECK (id > 0) NOT VALID"), place(script, "REFERENCES \"team\" (\"id\") NOT VALID"))
      << "changes to one table are one statement";
  for (const char* validate : {"VALIDATE CONSTRAINT \"c\"", "VALIDATE CONSTRAINT \"f\""}) {
    EXPECT_TRUE(is_parted(script, "NOT VALID", validate));
    EXPECT_EQ(statement(script, validate).boundary, Boundary::commit_after);
    EXPECT_TRUE(has(statement(script, validate), HazardKind::scan));
    EXPECT_FALSE(has(statement(script, validate), HazardKind::lock));
  }
}

TEST(PostgresqlOnline, NotNullGoesThroughAValidatedCheck) {
  const auto script = adds("ALTER TABLE hero ALTER name SET NOT NULL;");
  EXPECT_TRUE(is_parted(script, "CHECK (\"name\" IS NOT NULL) NOT VALID", "VALIDATE CONSTRAINT"));
  EXPECT_TRUE(is_parted(script, "VALIDATE CONSTRAINT", "SET NOT NULL"));
  EXPECT_FALSE(has(statement(script, "SET NOT NULL"), HazardKind::scan));
  EXPECT_NE(statement(script, "SET NOT NULL").sql.find("DROP CONSTRAINT"), std::string::npos);
  // A check that says so already is used.
  const std::string checked = std::string(hero) + "ALTER TABLE hero ADD CONSTRAINT c CHECK (name IS NOT NULL);";
  const auto with_check = there(checked, checked + "ALTER TABLE hero ALTER name SET NOT NULL;");
  EXPECT_EQ(texts(with_check), std::vector<std::string>{"ALTER TABLE \"hero\" ALTER COLUMN \"name\" SET NOT NULL"});
}

TEST(PostgresqlOnline, KeysComeThroughAnIndexBuiltConcurrently) {
  const auto script = adds("ALTER TABLE hero ADD CONSTRAINT k PRIMARY KEY (id), ADD CONSTRAINT u UNIQUE (name) INCLUDE (id);");
  EXPECT_TRUE(says(script, "CREATE UNIQUE INDEX CONCURRENTLY \"k\" ON \"hero\" (\"id\")"));
  EXPECT_TRUE(says(script, "ADD CONSTRAINT \"k\" PRIMARY KEY USING INDEX \"k\""));
  EXPECT_TRUE(says(script, "CREATE UNIQUE INDEX CONCURRENTLY \"u\" ON \"hero\" (\"name\") INCLUDE (\"id\")"));
  EXPECT_LT(place(script, "ALTER COLUMN \"id\" SET NOT NULL"), place(script, "PRIMARY KEY USING INDEX"));
}

TEST(PostgresqlOnline, SeveralChangesToATableAreOneStatement) {
  const auto script = adds("ALTER TABLE hero ADD a int, ADD b text DEFAULT 'x', ALTER name SET DEFAULT 'y', ALTER team DROP NOT NULL;");
  ASSERT_EQ(script.statements.size(), 1U) << aludel::test::script_text(script);
  EXPECT_TRUE(has(script.statements[0], HazardKind::lock));
  EXPECT_FALSE(has(script.statements[0], HazardKind::rewrite)) << "constant defaults are not written to the rows";
  EXPECT_TRUE(has(statement(adds("ALTER TABLE hero ADD a timestamptz DEFAULT clock_timestamp();"), "ADD COLUMN"), HazardKind::rewrite));
}

TEST(PostgresqlOnline, HazardsOfTypes) {
  const auto change = [](const std::string& from, const std::string& to) {
    return there("CREATE TABLE t (a " + from + ")", "CREATE TABLE t (a " + to + ")");
  };
  EXPECT_TRUE(has(statement(change("int", "bigint"), "TYPE"), HazardKind::rewrite));
  EXPECT_FALSE(has(statement(change("varchar(5)", "varchar(9)"), "TYPE"), HazardKind::rewrite));
  EXPECT_FALSE(has(statement(change("varchar(5)", "text"), "TYPE"), HazardKind::rewrite));
  EXPECT_TRUE(has(statement(there("CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int)"), "DROP COLUMN"), HazardKind::data_loss));
  EXPECT_TRUE(has(statement(there("CREATE TABLE t (a int)", ""), "DROP TABLE"), HazardKind::data_loss));
}

TEST(PostgresqlOnline, UsingIsWrittenWherePostgresqlCanSayItAndAskedForElsewhere) {
  EXPECT_TRUE(says(there("CREATE TABLE t (a text)", "CREATE TABLE t (a int)"), "USING \"a\"::integer"));
  EXPECT_TRUE(says(there("CREATE TABLE t (a boolean)", "CREATE TABLE t (a int)"), "USING \"a\"::integer"));
  EXPECT_TRUE(says(there("CREATE TABLE t (a int4range)", "CREATE TABLE t (a int8range)"), "USING \"a\"::text::int8range"));
  schema::Metadata before = schema_of("CREATE TABLE t (a timestamptz)");
  op::AlterColumn alter;
  alter.table = {"", "t"};
  alter.column = "a";
  alter.type = op::Change<schema::Type>{before.tables.at({"", "t"}).columns[0].type, schema::Type::integer()};
  try {
    renderer().render(op::Operations{alter}, before, dialect().default_server(), {});
    FAIL() << "there is no such conversion";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "PostgreSQL has no conversion from timestamp with time zone to integer for t.a");
    EXPECT_EQ(error.hint(), "say how the values are converted: using = \"expression\"");
  }
  alter.using_ = schema::Expression("extract(epoch FROM a)::integer");
  EXPECT_TRUE(says(renderer().render(op::Operations{alter}, before, dialect().default_server(), {}), "USING extract(epoch FROM a)::integer"));
}

}  // namespace
}  // namespace aludel::postgresql::test
