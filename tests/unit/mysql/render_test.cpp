#include "support.hpp"

#include <aludel/error.hpp>
#include <aludel/mysql/mysql.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

/// Every kind of operation on a real server, forth and back.
namespace aludel::mysql::test {
namespace {

using schema::Column;
using schema::Expression;
using schema::Type;

Column column(const std::string& name, Type type, bool nullable = true) {
  Column result;
  result.name = name;
  result.type = std::move(type);
  result.nullable = nullable;
  return result;
}

op::AlterColumn alter(const std::string& table, const std::string& name) {
  op::AlterColumn result;
  result.table = {"", table};
  result.column = name;
  return result;
}

schema::ForeignKey reference(const std::string& name, const std::string& from, const std::string& table, const std::string& to) {
  schema::ForeignKey key;
  key.name = name;
  key.columns = {from};
  key.referenced_table = {"", table};
  key.referenced_columns = {to};
  return key;
}

schema::Index index(const std::string& name, std::vector<schema::IndexPart> parts) {
  schema::Index result;
  result.name = name;
  result.columns = std::move(parts);
  return result;
}

std::size_t alterations(const std::vector<std::string>& statements) {
  return static_cast<std::size_t>(
      std::count_if(statements.begin(), statements.end(), [](const std::string& sql) { return sql.starts_with("ALTER TABLE"); }));
}

bool says(const std::vector<std::string>& statements, std::string_view text) {
  return std::any_of(statements.begin(), statements.end(), [&](const std::string& sql) { return sql.find(text) != std::string::npos; });
}

class Render : public EachServer {};
INSTANTIATE_TEST_SUITE_P(Server, Render, testing::ValuesIn(flavours()), [](const auto& one) { return one.param; });

constexpr std::string_view heroes = R"(
  CREATE TABLE team (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL, UNIQUE KEY uq_team_name (name));
  CREATE TABLE hero (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(80) NOT NULL COMMENT 'the name', team_id int, age int DEFAULT 3,
    born datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, KEY ix_hero_team (team_id), CONSTRAINT fk_hero_team FOREIGN KEY (team_id) REFERENCES team (id));
  INSERT INTO team (name) VALUES ('a'), ('b');
  INSERT INTO hero (name, team_id) VALUES ('x', 1), ('y', 2), ('z', NULL);)";

TEST_P(Render, creates_a_table_with_all_that_was_said_of_it_in_one_statement) {
  schema::Table table;
  table.name = {"", "badge"};
  table.columns = {column("id", Type::bigint(), false), column("hero_id", Type::integer()), column("code", Type::character(4), false),
                   column("note", Type::string())};
  table.columns[0].identity = schema::Identity{};
  table.columns[2].comment = "it's a code";
  schema::PrimaryKey primary;
  primary.columns = {"id"};
  schema::Check check;
  check.expression = Expression("hero_id > 0");
  table.constraints = {primary, check, reference("", "hero_id", "hero", "id")};
  table.comment = "badges";
  schema::Unique unique;
  unique.name = "uq_badge";
  unique.columns = {"code"};
  const auto statements = square(heroes, {op::CreateTable{table}, op::CreateIndex{table.name, index("ix_badge_note", {[] {
                                                                                                      schema::IndexPart part("note");
                                                                                                      part.length = 10;
                                                                                                      return part;
                                                                                                    }()})},
                                          op::AddConstraint{table.name, unique}});
  EXPECT_EQ(statements.size(), 1U);
}

TEST_P(Render, creates_tables_that_refer_to_each_other) {
  const auto table = [](const std::string& name, const std::string& other) {
    schema::Table result;
    result.name = {"", name};
    result.columns = {column("id", Type::integer(), false), column("other", Type::integer())};
    schema::PrimaryKey primary;
    primary.columns = {"id"};
    result.constraints = {primary};
    static_cast<void>(other);
    return result;
  };
  const auto statements = square(
      "", {op::CreateTable{table("a", "b")}, op::CreateTable{table("b", "a")}, op::AddConstraint{{"", "a"}, reference("fk_a", "other", "b", "id")},
           op::AddConstraint{{"", "b"}, reference("fk_b", "other", "a", "id")}});
  EXPECT_EQ(statements.size(), 3U);
}

TEST_P(Render, drops_a_table_behind_the_keys_that_refer_to_it) {
  const auto statements = square(heroes, {op::DropConstraint{{"", "hero"}, "fk_hero_team", {}}, op::DropIndex{{"", "hero"}, "ix_hero_team", {}},
                                          op::DropColumn{{"", "hero"}, "team_id", {}}, op::DropTable{{"", "team"}, {}}});
  EXPECT_EQ(statements.size(), 3U);
}

TEST_P(Render, renames_tables_and_columns) {
  const auto statements =
      square(heroes, {op::RenameColumn{{"", "hero"}, "team_id", "squad_id"}, op::RenameIndex{{"", "hero"}, "ix_hero_team", "ix_hero_squad"},
                      op::RenameTable{{"", "team"}, "squad"}, op::RenameColumn{{"", "squad"}, "id", "number"}});
  EXPECT_TRUE(says(statements, "RENAME COLUMN `team_id` TO `squad_id`"));
  EXPECT_TRUE(says(statements, "RENAME TABLE `team` TO `squad`"));
}

TEST_P(Render, renames_a_column_that_it_changes) {
  auto change = alter("hero", "alias");
  change.type = op::Change<Type>{Type::varchar(80), Type::varchar(120)};
  change.comment = op::Change<std::string>{"the name", "what they are called"};
  const auto statements = square(heroes, {op::RenameColumn{{"", "hero"}, "name", "alias"}, change});
  EXPECT_EQ(statements.size(), 1U);
  EXPECT_TRUE(says(statements, "CHANGE COLUMN `name` `alias`"));
}

TEST_P(Render, joins_changes_of_one_table_in_one_statement) {
  auto age = alter("hero", "age");
  age.server_default = op::Change<schema::Boxed<Expression>>{Expression("3"), Expression("4")};
  op::AlterTable comment;
  comment.table = {"", "hero"};
  comment.comment = op::Change<std::string>{"", "they are many"};
  const auto statements = square(heroes, {op::AddColumn{{"", "hero"}, column("power", Type::decimal(10, 2))}, age, comment,
                                          op::CreateIndex{{"", "hero"}, index("ix_hero_age", {"age"})}});
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_TRUE(says(statements, "ALTER COLUMN `age` SET DEFAULT 4"));
  EXPECT_TRUE(says(statements, "ALGORITHM=INPLACE, LOCK=NONE"));
}

TEST_P(Render, adds_and_drops_columns_at_once) {
  const auto statements = square(heroes, {op::AddColumn{{"", "hero"}, column("power", Type::integer())}, op::DropColumn{{"", "hero"}, "age", {}}});
  EXPECT_EQ(statements.size(), 1U);
  EXPECT_TRUE(says(statements, "ALGORITHM=INSTANT"));
}

TEST_P(Render, keeps_everything_of_a_column_that_it_modifies) {
  auto name = alter("hero", "name");
  name.type = op::Change<Type>{Type::varchar(80), Type::string()};
  auto born = alter("hero", "born");
  born.nullable = op::Change<bool>{true, false};
  born.backfill = Expression("CURRENT_TIMESTAMP");
  square(heroes, {name, born});
}

TEST_P(Render, fills_rows_before_a_column_becomes_not_null) {
  auto age = alter("hero", "age");
  age.nullable = op::Change<bool>{true, false};
  age.backfill = Expression("0");
  Column power = column("power", Type::integer(), false);
  power.backfill = Expression("length(name)");
  square(heroes, {age, op::AddColumn{{"", "hero"}, power}});
}

// Rows without a primary key are kept by a unique key without NULL: when there is none any more, no server does it in place.
TEST_P(Render, takes_and_gives_back_what_a_unique_key_stands_on) {
  int number = 0;
  for (const std::string_view keys : {"UNIQUE KEY uq_a (a)", "UNIQUE KEY uq_a (a), UNIQUE KEY uq_b (b)", "UNIQUE KEY uq_b (b), UNIQUE KEY uq_a (a)",
                                      "UNIQUE KEY uq_ab (a, b)", "PRIMARY KEY (b), UNIQUE KEY uq_a (a)", "UNIQUE KEY uq_a (a), KEY ix_b (b)"}) {
    for (const bool nullable : {true, false}) {
      const std::string table = fmt::format("slot_{}", ++number);
      auto change = alter(table, "a");
      change.nullable = op::Change<bool>{nullable, !nullable};
      const auto statements = square(fmt::format("CREATE TABLE {} (a int{}, b int NOT NULL, {}); INSERT INTO {} VALUES (1, 2);", table,
                                                 nullable ? "" : " NOT NULL", keys, table),
                                     {change});
      EXPECT_EQ(statements.size(), 1U) << keys;
      EXPECT_TRUE(!nullable || says(statements, "ALGORITHM=INPLACE")) << keys;
    }
  }
}

TEST_P(Render, refuses_a_not_null_column_where_rows_have_no_value_for_it) {
  run(connection(), heroes);
  const auto before = introspect(connection());
  const op::Operations add{op::AddColumn{{"", "team"}, column("size", Type::integer(), false)}};
  const auto script = dialect().renderer().render(add, before, connection().server(), {});
  ASSERT_EQ(script.statements.size(), 2U);
  ASSERT_TRUE(script.statements[0].expect);
  EXPECT_NE(connection().execute(script.statements[0].sql).scalar(), script.statements[0].expect->equals);
  EXPECT_EQ(script.statements[0].expect->message,
            "team has rows, and they have no value for size, which is new and NOT NULL: give it a default, or a backfill");
  run(connection(), "DELETE FROM hero; DELETE FROM team;");
  EXPECT_EQ(connection().execute(script.statements[0].sql).scalar(), script.statements[0].expect->equals);
}

TEST_P(Render, converts_values_as_the_author_says) {
  run(connection(), heroes);
  auto age = alter("hero", "age");
  age.type = op::Change<Type>{Type::integer(), Type::varchar(20)};
  age.using_ = Expression("concat(age, '0')");
  square("", {age});
}

TEST_P(Render, asks_how_where_the_server_casts_nothing) {
  if (connection().server().flavour != "mariadb") GTEST_SKIP() << "MySQL has no type uuid";
  run(connection(), heroes);
  auto age = alter("hero", "age");
  age.type = op::Change<Type>{Type::integer(), Type::uuid()};
  const op::Operations operations = {age};
  const schema::Metadata before = dialect().introspector().introspect(connection(), {});
  try {
    dialect().renderer().render(operations, before, connection().server(), {});
    FAIL() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_NE(error.text().find("cannot turn int of column 'hero'.'age' into uuid"), std::string::npos) << error.text();
    EXPECT_NE(error.text().find("`using`"), std::string::npos) << error.text();
  }
}

TEST_P(Render, changes_the_type_of_a_key_that_others_refer_to) {
  auto id = alter("team", "id");
  id.type = op::Change<Type>{Type::integer(), Type::bigint()};
  auto team = alter("hero", "team_id");
  team.type = op::Change<Type>{Type::integer(), Type::bigint()};
  const auto statements = square(heroes, {id, team});
  EXPECT_EQ(alterations(statements), 3U) << "the key goes with its column's change, and comes back";
}

TEST_P(Render, moves_the_primary_key_of_a_numbered_column) {
  schema::PrimaryKey primary;
  primary.columns = {"id", "name"};
  const auto statements = square(heroes, {op::DropConstraint{{"", "hero"}, "", schema::Constraint([] {
                                                               schema::PrimaryKey key;
                                                               key.columns = {"id"};
                                                               return key;
                                                             }())},
                                          op::AddConstraint{{"", "hero"}, primary}});
  EXPECT_EQ(statements.size(), 1U);
}

TEST_P(Render, changes_the_index_that_a_foreign_key_needs) {
  const auto statements =
      square(heroes, {op::DropIndex{{"", "hero"}, "ix_hero_team", {}}, op::CreateIndex{{"", "hero"}, index("ix_hero_team_age", {"team_id", "age"})}});
  EXPECT_EQ(statements.size(), 1U);
}

TEST_P(Render, keeps_checks_that_name_no_column) {
  square("CREATE TABLE ledger (a int, b int, CONSTRAINT ck_one CHECK (1 > 0), CONSTRAINT ck_a CHECK (a > 0));",
         {op::DropColumn{{"", "ledger"}, "b", std::nullopt}});
}

TEST_P(Render, renames_a_column_that_a_check_names) {
  square("CREATE TABLE span (a int, b int, CONSTRAINT ck_span CHECK (a < b), CONSTRAINT ck_b CHECK (b > 0));",
         {op::RenameColumn{{"", "span"}, "a", "first"}, op::AddColumn{{"", "span"}, column("c", Type::integer())}});
}

TEST_P(Render, renames_a_column_that_others_are_computed_from) {
  const op::RenameColumn rename{{"", "sum"}, "a", "first"};
  square("CREATE TABLE sum (a int, b int AS (a + 1) VIRTUAL, c int AS (a * 2) STORED, d int DEFAULT (a + 3), KEY ix_b (b));", {rename});
  if (GetParam() == "mariadb") return;
  run(connection(), "DROP TABLE sum");
  square("CREATE TABLE sum (a int, KEY ix_a ((a + 1)));", {rename});
}

TEST_P(Render, keeps_a_check_whose_column_is_made_anew) {
  auto change = alter("odd_one", "a");
  change.generated = op::Change<schema::Boxed<schema::Generated>>{{}, schema::Generated{Expression("b + 1"), false}};
  square("CREATE TABLE odd_one (a int, b int, CONSTRAINT ck_a CHECK (a > 0));", {change});
}

TEST_P(Render, brings_a_primary_key_back_that_a_foreign_key_used) {
  schema::PrimaryKey primary;
  primary.columns = {"id"};
  square(
      "CREATE TABLE base (id int NOT NULL PRIMARY KEY); CREATE TABLE part (id int NOT NULL, PRIMARY KEY (id), CONSTRAINT fk_base FOREIGN KEY (id) "
      "REFERENCES base (id));",
      {op::DropConstraint{{"", "part"}, "", primary}});
}

TEST_P(Render, renames_a_column_of_a_foreign_key_beside_what_copies_the_table) {
  schema::Check check;
  check.name = "ck_team";
  check.expression = Expression("squad_id > 0");
  square(heroes,
         {op::RenameColumn{{"", "hero"}, "team_id", "squad_id"}, op::AddConstraint{{"", "hero"}, check}, op::DropColumn{{"", "hero"}, "age", {}}});
}

TEST_P(Render, drops_columns_beside_virtual_ones) {
  for (const std::string_view other : {"b", "c"}) {
    run(connection(), "DROP TABLE IF EXISTS sum");
    square("CREATE TABLE sum (a int, b int, c int AS (a + 1) VIRTUAL, d int, KEY ix_a (a));",
           {op::DropColumn{{"", "sum"}, "d", {}}, op::AddColumn{{"", "sum"}, column("e", Type::date())},
            op::RenameColumn{{"", "sum"}, std::string(other), "f"}});
  }
}

// Each is more than a server of one of the flavours does in place.
TEST_P(Render, changes_columns_that_look_harmless) {
  int number = 0;
  const auto nullable = [&](std::string_view rest, const std::string& name, bool to) {
    const std::string table = fmt::format("plain_{}", ++number);
    auto change = alter(table, name);
    change.nullable = op::Change<bool>{!to, to};
    square(fmt::format("CREATE TABLE {} (a int NOT NULL PRIMARY KEY, {});", table, rest), {change});
  };
  nullable("b timestamp NULL", "b", false);
  nullable("b timestamp NULL DEFAULT current_timestamp()", "b", false);
  nullable("b datetime DEFAULT current_timestamp()", "b", false);
  nullable("b int, c enum('x', 'y'), CONSTRAINT ck_one CHECK (c = 'x')", "b", false);
  nullable("b int NOT NULL, c set('x', 'y'), CONSTRAINT ck_two CHECK (c IS NOT NULL)", "b", true);
  auto text = alter("page", "b");
  text.server_default = op::Change<schema::Boxed<Expression>>{{}, Expression("('x')")};
  square("CREATE TABLE page (a int, b text);", {text});
  auto now = alter("visit", "at");
  now.server_default = op::Change<schema::Boxed<Expression>>{{}, Expression("CURRENT_TIMESTAMP")};
  square("CREATE TABLE visit (a int, at datetime, CONSTRAINT ck_at CHECK (at > '2001-01-01'));",
         {now, op::RenameColumn{{"", "visit"}, "a", "first"}});
  if (GetParam() == "mysql") {
    auto computed = alter("product", "c");
    computed.nullable = op::Change<bool>{false, true};
    square("CREATE TABLE product (a int, c int AS (a + 1) VIRTUAL NOT NULL);", {computed});
  }
  square("CREATE TABLE list (a int, b enum('x'), CONSTRAINT ck_list CHECK (b = 'x'));", {op::RenameColumn{{"", "list"}, "a", "first"}});
  for (const std::string_view how : {"STORED", "VIRTUAL"}) {
    const std::string table = fmt::format("plain_{}", ++number);
    auto comment = alter(table, "c");
    comment.comment = op::Change<std::string>{"", "what it is"};
    square(fmt::format("CREATE TABLE {} (a int, b int, c int AS (a + 1) {});", table, how), {comment, op::DropColumn{{"", table}, "b", {}}});
  }
}

// The servers' own clients take comments out before they send a body.
TEST_P(Render, compares_bodies_by_what_they_do) {
  const auto made = [&](const std::string& body) {
    run(connection(), "DROP FUNCTION IF EXISTS greet");
    connection().execute("CREATE FUNCTION greet(name varchar(20)) RETURNS varchar(40) DETERMINISTIC\n" + body);
    return introspect(connection());
  };
  const auto plain = made("BEGIN\n  RETURN concat('Hi # -- /* you */', name);\nEND");
  const auto said = made("BEGIN\n  -- what they hear\n  RETURN concat('Hi # -- /* you */',\n    name); /* and so on */\nEND");
  const auto other = made("BEGIN RETURN concat('Hi #  -- /* you */', name); END");
  EXPECT_EQ(difference(connection(), plain, said), "");
  EXPECT_NE(difference(connection(), plain, other), "");
  const schema::Object& greet = said.objects.begin()->second;
  square("DROP FUNCTION greet", {op::CreateObject{greet}});
  for (const auto& statement :
       dialect().renderer().render(op::Operations{op::CreateObject{greet}}, introspect(connection()), connection().server(), {}).statements)
    EXPECT_NE(statement.sql.find("-- what they hear"), std::string::npos) << "it is made as it was written";
}

TEST_P(Render, makes_triggers_whose_text_has_quotes_in_quotes) {
  schema::Object trigger{
      {"trigger", {"", "tidy"}, "odd", ""}, Expression("BEFORE INSERT ON odd FOR EACH ROW SET NEW.`a``b` = coalesce(NEW.`a``b`, 0)"), {}, "", {}};
  square("CREATE TABLE odd (`a``b` int);", {op::CreateObject{trigger}});
}

// A view between two operations on a table that no server would hold as the first of them leaves it.
TEST_P(Render, waits_for_the_key_of_a_numbered_column) {
  run(connection(), "CREATE TABLE other (x int);");
  Column number = column("number", Type::bigint(), false);
  number.identity = schema::Identity{};
  schema::Object view{{"view", {"", "others"}, "", ""}, Expression("AS SELECT x FROM other"), {}, "", {}};
  schema::PrimaryKey primary;
  primary.columns = {"number"};
  square("CREATE TABLE entry (a int); INSERT INTO entry VALUES (1), (2);",
         {op::AddColumn{{"", "entry"}, number}, op::CreateObject{view}, op::AddConstraint{{"", "entry"}, primary}});
}

TEST_P(Render, drops_keys_that_a_table_refers_to_in_itself) {
  schema::PrimaryKey primary;
  primary.columns = {"id"};
  square("CREATE TABLE node (id int NOT NULL, up int, PRIMARY KEY (id), KEY ix_up (up), CONSTRAINT fk_up FOREIGN KEY (up) REFERENCES node (id));",
         {op::DropConstraint{{"", "node"}, "fk_up", std::nullopt}, op::DropConstraint{{"", "node"}, "", primary},
          op::DropIndex{{"", "node"}, "ix_up", std::nullopt}, op::DropColumn{{"", "node"}, "up", std::nullopt}});
}

// The servers leave the index that they made for a foreign key when that goes.
TEST_P(Render, takes_along_the_index_that_came_with_a_foreign_key) {
  run(connection(), "CREATE TABLE team (id int NOT NULL PRIMARY KEY, part int NOT NULL, UNIQUE KEY uq_pair (id, part));");
  schema::ForeignKey pair = reference("fk_pair", "team_id", "team", "id");
  pair.columns.emplace_back("part");
  pair.referenced_columns.emplace_back("part");
  const auto again = [&](std::string_view keys, const op::Operations& operations) {
    run(connection(), "DROP TABLE IF EXISTS pal");
    square(fmt::format("CREATE TABLE pal (id int NOT NULL PRIMARY KEY, team_id int, part int{});", keys), operations);
  };
  const schema::Name pal{"", "pal"};
  const op::AddConstraint one{pal, reference("fk_one", "team_id", "team", "id")};
  for (const std::string_view keys : {"", ", KEY ix_team (team_id)", ", KEY fk_one (part)", ", KEY ix_down (team_id DESC)"}) {
    again(keys, {one});
    again(keys, {op::AddConstraint{pal, reference("", "team_id", "team", "id")}});
    again(keys, {op::AddConstraint{pal, pair}, one});
    again(keys, {one, op::AddConstraint{pal, pair}});
    again(keys, {one, op::CreateIndex{pal, index("ix_later", {"team_id", "part"})}});
    again(keys, {op::CreateIndex{pal, index("ix_before", {"team_id", "part"})}, one});
  }
}

TEST_P(Render, drops_a_unique_index_that_is_read_as_a_constraint) {
  schema::Index unique = index("ux_hero_name", {"name"});
  unique.unique = true;
  square(heroes, {op::CreateIndex{{"", "hero"}, unique}});
  square("ALTER TABLE hero ADD UNIQUE KEY ux_hero_name (name);", {op::DropIndex{{"", "hero"}, "ux_hero_name", unique}});
}

TEST_P(Render, gives_a_table_the_character_set_that_was_said) {
  schema::Table table;
  table.name = {"", "old"};
  table.columns = {column("name", Type::varchar(10))};
  table.options["mysql"]["charset"] = "latin1";
  square("", {op::CreateTable{table}});
  EXPECT_EQ(introspect(connection()).find_table({"", "old"}), nullptr);
}

TEST_P(Render, makes_routines_under_the_mode_that_they_had) {
  schema::Object object;
  object.key = {"procedure", {"", "p"}, "", ""};
  object.definition = Expression("()\nSELECT 1");
  object.options["mysql"]["sql_mode"] = "ANSI_QUOTES";
  square("", {op::CreateObject{object}});
}

TEST_P(Render, adds_and_drops_virtual_columns_and_keys_of_every_kind_beside_others) {
  schema::Generated generated;
  generated.expression = Expression("age * 2");
  generated.stored = false;
  Column twice = column("twice", Type::integer());
  twice.generated = generated;
  square(heroes, {op::AddColumn{{"", "hero"}, twice}, op::AddColumn{{"", "hero"}, column("power", Type::integer())}});
  schema::Index full = index("ft_hero", {"name"}), other = index("ft_team", {"note"});
  full.options["mysql"]["type"] = other.options["mysql"]["type"] = "fulltext";
  square("",
         {op::AddColumn{{"", "hero"}, column("note", Type::string())}, op::CreateIndex{{"", "hero"}, full}, op::CreateIndex{{"", "hero"}, other}});
  square("ALTER TABLE hero ADD FULLTEXT KEY ft_hero (name);",
         {op::AddColumn{{"", "hero"}, column("power", Type::integer())}, op::CreateIndex{{"", "hero"}, index("ix_hero_age", {"age"})}});
}

TEST_P(Render, adds_changes_and_drops_checks) {
  schema::Check check;
  check.name = "ck_hero_age";
  check.expression = Expression("age >= 0");
  square(heroes, {op::AddConstraint{{"", "hero"}, check}});
  schema::Check unnamed;
  unnamed.expression = Expression("age < 1000");
  square("", {op::AddConstraint{{"", "hero"}, unnamed}});
}

TEST_P(Render, changes_what_a_foreign_key_does) {
  schema::ForeignKey cascading = reference("fk_hero_team", "team_id", "team", "id");
  cascading.on_delete = schema::ForeignKeyAction::set_null;
  square(heroes, {op::DropConstraint{{"", "hero"}, "fk_hero_team", {}}, op::AddConstraint{{"", "hero"}, cascading}});
}

TEST_P(Render, appends_values_to_an_enumeration_in_place) {
  auto mood = alter("t", "mood");
  mood.type = op::Change<Type>{Type::enumeration("", {"good", "bad"}), Type::enumeration("", {"good", "bad", "it's complicated"})};
  const auto statements = square("CREATE TABLE t (id int PRIMARY KEY, mood enum('good','bad') NOT NULL DEFAULT 'good');", {mood});
  EXPECT_TRUE(says(statements, "ALGORITHM=INSTANT"));
}

TEST_P(Render, changes_generated_columns) {
  run(connection(),
      "CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL, c int GENERATED ALWAYS AS (a * 2) STORED, KEY ix (b));");
  const auto generated = [](const char* text, bool stored) {
    schema::Generated result;
    result.expression = Expression(text);
    result.stored = stored;
    return schema::Boxed<schema::Generated>(result);
  };
  auto other = alter("t", "b");
  other.generated = op::Change<schema::Boxed<schema::Generated>>{generated("a + 1", false), generated("a + 2", false)};
  square("", {other});
  auto stored = alter("t", "b");
  stored.generated = op::Change<schema::Boxed<schema::Generated>>{generated("a + 1", false), generated("a + 1", true)};
  square("", {stored});
  Column added = column("d", Type::integer());
  added.generated = generated("a - 1", false);
  EXPECT_TRUE(says(square("", {op::AddColumn{{"", "t"}, added}}), "ALGORITHM=INSTANT"));
}

TEST_P(Render, changes_options_of_tables) {
  op::AlterTable options;
  options.table = {"", "t"};
  schema::Options dynamic, compressed;
  dynamic["mysql"] = {{"row_format", Value("DYNAMIC")}};
  compressed["mysql"] = {{"row_format", Value("REDUNDANT")}, {"collation", Value("utf8mb4_bin")}};
  options.options = op::Change<schema::Options>{dynamic, compressed};
  // The columns' own collation is the table's, so that it changes with it.
  square("CREATE TABLE t (id int PRIMARY KEY, name varchar(20), KEY ix (name)) ROW_FORMAT=DYNAMIC;", {options});
}

TEST_P(Render, changes_partitions) {
  const auto partitioned = [](const char* text) {
    schema::Options options;
    if (*text != 0) options["mysql"] = {{"partition_by", Value(text)}};
    return options;
  };
  op::AlterTable table;
  table.table = {"", "t"};
  table.options = op::Change<schema::Options>{partitioned(""), partitioned("HASH (`id`)\nPARTITIONS 3")};
  square("CREATE TABLE t (id int PRIMARY KEY);", {table});
}

TEST_P(Render, creates_replaces_and_drops_objects) {
  const auto object = [](const char* kind, const char* name, const char* text, const char* parent = "") {
    schema::Object result;
    result.key = {kind, {"", name}, parent, ""};
    result.definition = Expression(text);
    return result;
  };
  auto view = object("view", "heroes", "AS select hero.id AS id, hero.name AS name from hero");
  auto other = view;
  other.definition = Expression("AS select hero.id AS id from hero");
  square(heroes, {op::CreateObject{view}, op::ReplaceObject{view, other}});
  const auto trigger = object("trigger", "t1", "BEFORE INSERT ON `hero` FOR EACH ROW SET NEW.age = 5", "hero");
  auto second = object("trigger", "t0", "BEFORE INSERT ON `hero` FOR EACH ROW SET NEW.age = 6", "hero");
  second.options["mysql"]["follows"] = "t1";
  square("", {op::CreateObject{trigger}, op::CreateObject{second}});
  square("", {op::CreateObject{object("procedure", "p", "(IN a int)\nBEGIN\n  SELECT a;\n  SELECT 2;\nEND")},
              op::CreateObject{object("function", "f", "(a int) RETURNS int(11)\n    DETERMINISTIC\nRETURN a + 1")}});
}

TEST_P(Render, puts_a_trigger_where_it_stood) {
  run(connection(), heroes);
  run(connection(), R"(CREATE TRIGGER a BEFORE INSERT ON hero FOR EACH ROW SET NEW.age = 1;
    CREATE TRIGGER b BEFORE INSERT ON hero FOR EACH ROW SET NEW.age = 2;
    CREATE TRIGGER c BEFORE INSERT ON hero FOR EACH ROW SET NEW.age = 3;)");
  const schema::Metadata before = introspect(connection());
  const schema::Object& first = before.objects.at({"trigger", {"", "a"}, "hero", ""});
  schema::Object changed = first;
  changed.definition = Expression("BEFORE INSERT ON `hero` FOR EACH ROW SET NEW.age = 9");
  square("", {op::ReplaceObject{first, changed}});
}

TEST_P(Render, makes_sequences_where_there_are_any) {
  schema::Sequence sequence;
  sequence.name = {"", "numbers"};
  sequence.settings.start = 5;
  sequence.settings.increment = 2;
  if (!is_mariadb()) {
    EXPECT_THROW(dialect().renderer().render(op::Operations{op::CreateSequence{sequence}}, {}, connection().server(), {}), Error);
    return;
  }
  square("", {op::CreateSequence{sequence}});
  schema::Sequence other = sequence;
  other.settings.increment = 3;
  other.settings.cycle = true;
  run(connection(), "CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 2;");
  square("", {op::AlterSequence{sequence, other}});
}

TEST_P(Render, writes_rows_as_they_are) {
  run(connection(), "CREATE TABLE t (id int PRIMARY KEY, name varchar(20), raw varbinary(10));");
  const op::Operations operations = {
      op::Insert{{"", "t"},
                 {{{"id", Value(1)}, {"name", Value("it's a \\ \n")}, {"raw", Value(Bytes{std::byte{0}, std::byte{255}})}},
                  {{"id", Value(2)}, {"name", Value()}, {"raw", Value()}}}},
      op::Delete{{"", "t"}, {{{"id", Value(2)}, {"name", Value()}}}}};
  for (const auto& statement : dialect().renderer().render(operations, introspect(connection()), connection().server(), {}).statements) {
    EXPECT_EQ(statement.boundary, dialect::Boundary::none);
    connection().execute(statement.sql);
  }
  const dialect::Rows rows = connection().execute("SELECT * FROM t");
  ASSERT_EQ(rows.rows.size(), 1U);
  EXPECT_EQ(rows.rows[0][1], Value("it's a \\ \n"));
  EXPECT_EQ(rows.rows[0][2], Value(Bytes{std::byte{0}, std::byte{255}}));
}

TEST_P(Render, marks_what_commits_by_itself) {
  const op::Operations operations = {
      op::Sql{{{"default", "INSERT INTO t VALUES (1); CREATE INDEX i ON t (id); CREATE TEMPORARY TABLE u (a int)"}}, {}, {}}};
  const auto script = dialect().renderer().render(operations, {}, connection().server(), {});
  ASSERT_EQ(script.statements.size(), 3U);
  EXPECT_EQ(script.statements[0].boundary, dialect::Boundary::none);
  EXPECT_EQ(script.statements[1].boundary, dialect::Boundary::commit_after);
  EXPECT_EQ(script.statements[2].boundary, dialect::Boundary::none);
  const op::Operations control = {op::Sql{{{"default", "COMMIT"}}, {}, {}}};
  EXPECT_THROW(dialect().renderer().render(control, {}, connection().server(), {}), Error);
}

TEST_P(Render, asks_for_nothing_where_it_shall_not_be_online) {
  dialect::RenderOptions options;
  options.online = false;
  const auto statements = square(heroes, {op::AddColumn{{"", "hero"}, column("power", Type::integer())}}, options);
  EXPECT_FALSE(says(statements, "ALGORITHM"));
}

TEST_P(Render, keeps_versions_of_rows) {
  if (!is_mariadb()) GTEST_SKIP() << "MySQL has no system versioning";
  op::AlterTable versioned;
  versioned.table = {"", "t"};
  schema::Options with;
  with["mysql"] = {{"system_versioning", Value(true)}};
  versioned.options = op::Change<schema::Options>{{}, with};
  square("CREATE TABLE t (id int PRIMARY KEY, a int);", {versioned, op::AddColumn{{"", "t"}, column("b", Type::integer())}});
}

}  // namespace
}  // namespace aludel::mysql::test
