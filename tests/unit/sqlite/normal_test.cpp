#include "normal.hpp"

#include "support.hpp"

namespace aludel::sqlite::test {
namespace {

const schema::Table& hero() {
  static const schema::Table table = [] {
    schema::Table made;
    made.name = {"", "hero"};
    for (const char* name : {"age", "name", "Key", "order", "sp ace"}) made.columns.emplace_back().name = name;
    return made;
  }();
  return table;
}

std::string normal(std::string_view text) {
  const std::string once = normal_expression(text, hero());
  EXPECT_EQ(normal_expression(once, hero()), once) << text;
  return once;
}

TEST(normal_form, is_one_for_all_spellings) {
  EXPECT_EQ(normal(" ( (\"age\">=0)AND [NAME]<>'' ) -- why"), "(age >= 0) AND name != ''");
  EXPECT_EQ(normal("age==1"), normal("`Age` = /* c */ 1"));
  EXPECT_EQ(normal("hero.age > 21"), normal("\"hero\".\"age\" > 21"));
  EXPECT_EQ(normal("hero.age > 21"), "age > 21");
  EXPECT_EQ(normal("LOWER( name )"), "lower(name)");
  EXPECT_EQ(normal("age isnull or name notnull"), "age IS NULL OR name IS NOT NULL");
  EXPECT_EQ(normal("key = Key and \"order\" = [Order]"), "key = key AND \"order\" = \"order\"");
  EXPECT_EQ(normal("cast(age as integer) in(1,2)"), "CAST(age AS integer) IN (1, 2)");
  EXPECT_EQ(normal("name = \"Foo\""), "name = 'Foo'") << "no column: a string to SQLite";
  EXPECT_EQ(normal("\"sp ace\" = x'ab'"), "\"sp ace\" = X'AB'");
  EXPECT_EQ(normal("(age) + (1)"), "(age) + (1)");
  EXPECT_EQ(normal("age - -1 - - 1 + ~ age * -(2)"), "age - -1 - -1 + ~age * -(2)");
  EXPECT_EQ(normal("- - age"), "- -age");
  EXPECT_EQ(normal("case when true then 1 else current_timestamp end"), "CASE WHEN TRUE THEN 1 ELSE CURRENT_TIMESTAMP END");
  EXPECT_EQ(normal("'Keeps ''its'' case' || 1E5"), "'Keeps ''its'' case' || 1E5");
  EXPECT_EQ(normal("name COLLATE NoCase LIKE '%'"), "name COLLATE nocase LIKE '%'");
  EXPECT_NE(normal("age > 1"), normal("age > 1.0"));
  EXPECT_NE(normal("name = 'a'"), normal("name = 'A'"));
}

TEST(normal_form, of_defaults) {
  EXPECT_EQ(normal_default("foo", false), "'foo'");
  EXPECT_EQ(normal_default("\"Foo\"", false), "'Foo'");
  EXPECT_EQ(normal_default("(1)", false), "1");
  EXPECT_EQ(normal_default("- 1", false), "-1");
  EXPECT_EQ(normal_default("current_timestamp", false), "CURRENT_TIMESTAMP");
  EXPECT_EQ(normal_default("DateTime('now')", false), "datetime('now')");
  EXPECT_EQ(normal_default("1", true), normal_default("true", true));
  EXPECT_EQ(normal_default("0", true), normal_default("FALSE", true));
  EXPECT_NE(normal_default("1", false), normal_default("true", false));
}

TEST(normal_form, of_definitions_keeps_what_readers_see) {
  EXPECT_EQ(normal_definition("as select \"Name\" as [Full Name],COUNT(*) from \"Hero\" as h -- c\n;"),
            "AS SELECT Name AS \"Full Name\", count(*) FROM Hero AS h");
  EXPECT_NE(normal_definition("AS SELECT 1 AS Total"), normal_definition("AS SELECT 1 AS total"));
  EXPECT_EQ(normal_definition("AFTER UPDATE ON t BEGIN SELECT 1; END;"), "AFTER UPDATE ON t BEGIN SELECT 1; END");
  EXPECT_EQ(normal_definition("USING  fts5( Title ,tokenize = \"a b\" )"), "USING fts5(Title, tokenize = \"a b\")");
}

TEST(default_clause, is_what_sqlite_accepts_and_means_the_same) {
  EXPECT_EQ(default_clause("'x'"), "'x'");
  EXPECT_EQ(default_clause("-1"), "-1");
  EXPECT_EQ(default_clause("NULL"), "NULL");
  EXPECT_EQ(default_clause("true"), "true");
  EXPECT_EQ(default_clause("(CURRENT_TIMESTAMP)"), "CURRENT_TIMESTAMP");
  EXPECT_EQ(default_clause("datetime('now')"), "(datetime('now'))");
  EXPECT_EQ(default_clause("word"), "'word'");
  EXPECT_EQ(default_clause("\"a\" || 'b' -- c"), "('a' || 'b')");
  for (const std::string text :
       {"'it''s'", "- 5", "+ 5.5", "x'00'", "TRUE", "1 + 2", "abs(-3)", "word", "\"Word\"", "(('a'))", "CASE WHEN 1 THEN 2 END"}) {
    const auto connection = memory();
    connection->execute("CREATE TABLE t (a, b DEFAULT " + default_clause(text) + ")");
    const auto metadata = introspect(*connection);
    EXPECT_EQ(metadata.tables.at({"", "t"}).columns.at(1).server_default->canonical, normal_default(text, false)) << text;
  }
}

TEST(expression_text, is_the_author_s_without_what_is_around_it) {
  EXPECT_EQ(expression_text(" ( age  >  0 ) "), "age  >  0");
  EXPECT_EQ(expression_text("/* a */ (a /* b */ + b) -- c"), "a  + b");
  EXPECT_EQ(expression_text("(a) + (b)"), "(a) + (b)");
}

TEST(unqualified, drops_the_table_s_name_only) {
  EXPECT_EQ(unqualified("\"users\".\"age\" > users.a AND other.age > 'users.age'", "Users"), "\"age\" > a AND other.age > 'users.age'");
  EXPECT_EQ(unqualified("age > 1", "users"), "age > 1");
}

TEST(types, read_back_as_they_are_written) {
  using schema::Type;
  for (const Type& type : {Type::boolean(),
                           Type::smallint(),
                           Type::integer(),
                           Type::bigint(),
                           Type::real(),
                           Type::double_precision(),
                           Type::decimal(),
                           Type::decimal(10),
                           Type::decimal(10, 2),
                           Type::string(),
                           Type::varchar(80),
                           Type::character(2),
                           Type::binary(),
                           Type::date(),
                           Type::time(),
                           Type::time(true),
                           Type::timestamp(),
                           Type::timestamp(true),
                           Type::timestamp(false, 3),
                           Type::timestamp(true, 6),
                           Type::interval(),
                           Type::native("TSVECTOR"),
                           Type::native("")}) {
    Type back = type_of_text(type_text(type, false));
    EXPECT_EQ(back.canonical, canonical_type(type, false));
    back.canonical.clear();
    EXPECT_EQ(back, type) << schema::to_text(type);
  }
}

TEST(types, have_the_affinity_their_values_need) {
  using schema::Type;
  EXPECT_EQ(affinity_of(type_text(Type::interval(), false)), Affinity::integer);
  EXPECT_EQ(affinity_of(type_text(Type::json(), false)), Affinity::text);
  EXPECT_EQ(affinity_of(type_text(Type::uuid(), false)), Affinity::text);
  EXPECT_EQ(affinity_of(type_text(Type::enumeration("", {"a"}), false)), Affinity::text);
  EXPECT_EQ(affinity_of(type_text(Type::double_precision(), false)), Affinity::real);
  EXPECT_EQ(affinity_of(type_text(Type::decimal(10, 2), false)), Affinity::numeric);
  EXPECT_EQ(affinity_of(type_text(Type::timestamp(true), false)), Affinity::numeric);
  EXPECT_EQ(affinity_of(""), Affinity::blob);
  // The library's own opinion: what an inserted '12' is stored as.
  const std::map<Affinity, std::string> stored = {
      {Affinity::integer, "integer"}, {Affinity::text, "text"}, {Affinity::blob, "text"}, {Affinity::real, "real"}, {Affinity::numeric, "integer"}};
  for (const std::string text :
       {"INTEGER", "TIMESTAMP", "POINT", "CHARINT", "FLOATING", "BLOB", "", "STRING", "DOUBLE", "CLOB", "BOOLEAN", "XBLOBX"}) {
    const auto connection = memory();
    run(*connection, "CREATE TABLE t (x " + text + "); INSERT INTO t VALUES ('12')");
    EXPECT_EQ(text_of(connection->execute("SELECT typeof(x) FROM t").scalar()), stored.at(affinity_of(text))) << text;
  }
}

TEST(types, in_strict_tables_are_those_that_sqlite_allows_there) {
  using schema::Type;
  for (const Type& type : {Type::boolean(),
                           Type::smallint(),
                           Type::integer(),
                           Type::bigint(),
                           Type::real(),
                           Type::double_precision(),
                           Type::decimal(10, 2),
                           Type::string(),
                           Type::varchar(80),
                           Type::character(2),
                           Type::binary(),
                           Type::date(),
                           Type::time(),
                           Type::timestamp(),
                           Type::interval(),
                           Type::uuid(),
                           Type::json(),
                           Type::enumeration("", {"a"}),
                           Type::array(Type::integer()),
                           Type::native("ANY")}) {
    const auto connection = memory();
    connection->execute("CREATE TABLE t (x " + type_text(type, true) + ") STRICT");
    EXPECT_EQ(introspect(*connection).tables.at({"", "t"}).columns.at(0).type.canonical, type_text(type, true));
  }
}

}  // namespace
}  // namespace aludel::sqlite::test
