#include "support.hpp"

#include "render.hpp"
#include "spelling.hpp"

#include <aludel/schema/equivalent.hpp>

namespace aludel::sqlite::test {
namespace {

using schema::Name;
using schema::TypeKind;

const schema::Table& table(const schema::Metadata& metadata, const std::string& name) { return metadata.tables.at(Name{"", name}); }

template <class Constraint>
std::vector<Constraint> all(const schema::Table& table) {
  std::vector<Constraint> result;
  for (const auto& constraint : table.constraints) {
    if (const auto* one = std::get_if<Constraint>(&constraint)) result.push_back(*one);
  }
  return result;
}

void check(std::string_view script) {
  const auto connection = memory();
  run(*connection, script);
  cross_check(*connection, introspect(*connection));
}

TEST(introspection, reads_every_column_property) {
  const auto metadata = schema_of(R"(
    CREATE TABLE hero (
      id INTEGER PRIMARY KEY AUTOINCREMENT, -- the rowid
      name varchar ( 80 ) NOT NULL ON CONFLICT IGNORE COLLATE nocase DEFAULT 'x''y',
      age INT DEFAULT -1, /* in years */
      height double DEFAULT +1.5,
      born DEFAULT (date('now')),
      kind DEFAULT "quoted",
      twice INT GENERATED ALWAYS AS (age * 2) STORED,
      thrice AS (age * 3)
    ))");
  const schema::Table& hero = table(metadata, "hero");
  ASSERT_EQ(hero.columns.size(), 8U);
  EXPECT_EQ(hero.columns[0].type.canonical, "INTEGER");
  EXPECT_TRUE(hero.columns[0].identity);
  EXPECT_FALSE(hero.columns[0].nullable);
  EXPECT_EQ(hero.primary_key()->options.at("sqlite").at("autoincrement"), Value(true));
  EXPECT_EQ(hero.columns[1].type.kind, TypeKind::varchar);
  EXPECT_EQ(hero.columns[1].type.length, 80);
  EXPECT_EQ(hero.columns[1].collation, "NOCASE");
  EXPECT_EQ(hero.columns[1].options.at("sqlite").at("not_null_conflict"), Value("ignore"));
  EXPECT_EQ(hero.columns[1].server_default->declared, "'x''y'");
  EXPECT_EQ(hero.columns[2].type.kind, TypeKind::native);
  EXPECT_EQ(hero.columns[2].type.canonical, "INT");
  EXPECT_EQ(hero.columns[2].server_default->canonical, "-1");
  EXPECT_EQ(hero.columns[3].type.kind, TypeKind::double_precision);
  EXPECT_EQ(hero.columns[4].type.canonical, untyped);
  EXPECT_EQ(hero.columns[4].server_default->declared, "date('now')");
  EXPECT_EQ(hero.columns[5].server_default->declared, "'quoted'");
  EXPECT_TRUE(hero.columns[6].generated->stored);
  EXPECT_EQ(hero.columns[6].generated->expression.declared, "age * 2");
  EXPECT_FALSE(hero.columns[7].generated->stored);
}

TEST(introspection, of_two_clauses_of_one_kind_the_last_counts) {
  const std::string script = "CREATE TABLE t (a INT NOT NULL ON CONFLICT IGNORE DEFAULT 1 NOT NULL DEFAULT 2, b TEXT COLLATE NOCASE COLLATE RTRIM)";
  const auto connection = memory();
  run(*connection, script + "; INSERT INTO t DEFAULT VALUES");
  EXPECT_EQ(connection->execute("SELECT a FROM t").scalar(), Value(2));
  EXPECT_THROW(connection->execute("INSERT INTO t (a) VALUES (NULL)"), Error) << "and SQLite does not ignore it";
  const auto metadata = introspect(*connection);
  EXPECT_TRUE(table(metadata, "t").columns[0].options.empty());
  EXPECT_EQ(table(metadata, "t").columns[0].server_default->declared, "2");
  EXPECT_EQ(table(metadata, "t").columns[1].collation, "RTRIM");
}

TEST(introspection, reads_every_constraint) {
  const auto metadata = schema_of(R"(
    CREATE TABLE team (id INTEGER PRIMARY KEY, code TEXT, region TEXT, UNIQUE (code, region));
    CREATE TABLE hero (
      id INT, team_id INT CONSTRAINT fk_team REFERENCES team ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
      code TEXT UNIQUE ON CONFLICT REPLACE, region TEXT CHECK (region <> '') CONSTRAINT ck_long CHECK (length(region) > 1),
      CONSTRAINT pk_hero PRIMARY KEY (id DESC, code COLLATE NOCASE) ON CONFLICT FAIL,
      CONSTRAINT uq UNIQUE (region, id)
      CONSTRAINT fk FOREIGN KEY (code, region) REFERENCES team (code, region) MATCH FULL NOT DEFERRABLE
    ))");
  const schema::Table& hero = table(metadata, "hero");
  const auto keys = all<schema::ForeignKey>(hero);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].name, "fk_team");
  EXPECT_EQ(keys[0].referenced_columns, std::vector<std::string>{"id"});
  EXPECT_EQ(keys[0].on_delete, schema::ForeignKeyAction::set_null);
  EXPECT_EQ(keys[0].on_update, schema::ForeignKeyAction::cascade);
  EXPECT_EQ(keys[0].deferrable, schema::Deferrable::initially_deferred);
  EXPECT_EQ(keys[1].match, schema::Match::full);
  EXPECT_EQ(keys[1].deferrable, schema::Deferrable::no);
  const auto uniques = all<schema::Unique>(hero);
  ASSERT_EQ(uniques.size(), 2U);
  EXPECT_EQ(uniques[0].options.at("sqlite").at("on_conflict"), Value("replace"));
  EXPECT_EQ(uniques[1].name, "uq");
  const auto checks = all<schema::Check>(hero);
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].name, "");
  EXPECT_EQ(checks[0].expression.declared, "region <> ''");
  EXPECT_EQ(checks[0].expression.canonical, "region != ''");
  EXPECT_EQ(checks[1].name, "ck_long");
  ASSERT_TRUE(hero.primary_key());
  EXPECT_EQ(hero.primary_key()->name, "pk_hero");
  EXPECT_EQ(hero.primary_key()->columns[0].order, schema::Order::descending);
  EXPECT_EQ(hero.primary_key()->columns[1].collation, "NOCASE");
  EXPECT_EQ(hero.primary_key()->options.at("sqlite").at("on_conflict"), Value("fail"));
}

TEST(introspection, tells_unique_constraints_from_unique_indexes) {
  const auto metadata = schema_of(R"(
    CREATE TABLE t (a TEXT UNIQUE, b TEXT, c TEXT);
    CREATE UNIQUE INDEX ux ON t (b);
    CREATE INDEX ix ON t (lower(c) DESC, b COLLATE RTRIM, (a), c || b COLLATE NOCASE) WHERE c IS NOT NULL AND (b) > 'x' -- why
  )");
  const schema::Table& t = table(metadata, "t");
  EXPECT_EQ(all<schema::Unique>(t).size(), 1U);
  ASSERT_EQ(t.indexes.size(), 2U);
  const schema::Index& index = *t.find_index("ix");
  EXPECT_EQ(index.columns[0].expression->canonical, "lower(c)");
  EXPECT_EQ(index.columns[0].order, schema::Order::descending);
  EXPECT_EQ(index.columns[1].column, "b");
  EXPECT_EQ(index.columns[1].collation, "RTRIM");
  EXPECT_EQ(index.columns[2].column, "a");
  EXPECT_EQ(index.columns[3].expression->canonical, "c || b COLLATE nocase");
  EXPECT_EQ(index.columns[3].collation, "");
  EXPECT_EQ(index.where->declared, "c IS NOT NULL AND (b) > 'x'");
}

TEST(introspection, knows_which_key_stands_for_the_rowid) {
  const auto metadata = schema_of(R"(
    CREATE TABLE a (id INTEGER PRIMARY KEY);
    CREATE TABLE b (id INT PRIMARY KEY);
    CREATE TABLE c (id INTEGER PRIMARY KEY DESC);
    CREATE TABLE d (id INTEGER, PRIMARY KEY (id DESC));
    CREATE TABLE e (id INTEGER PRIMARY KEY, x) WITHOUT ROWID;
    CREATE TABLE f (id BIGINT PRIMARY KEY);
    CREATE TABLE g (id INTEGER, x INT, PRIMARY KEY (id, x));
    CREATE TABLE h (id INT PRIMARY KEY, x ANY) STRICT;
  )");
  const auto is_rowid = [&](const std::string& name) {
    const bool alias = table(metadata, name).columns[0].identity.has_value();
    EXPECT_EQ(alias, is_rowid_alias(table(metadata, name), table(metadata, name).columns[0]));
    return alias;
  };
  EXPECT_TRUE(is_rowid("a"));
  EXPECT_FALSE(is_rowid("b"));
  EXPECT_FALSE(is_rowid("c"));
  EXPECT_TRUE(is_rowid("d"));
  EXPECT_FALSE(is_rowid("e"));
  EXPECT_FALSE(is_rowid("f"));
  EXPECT_FALSE(is_rowid("g"));
  EXPECT_FALSE(is_rowid("h"));
  EXPECT_TRUE(table(metadata, "b").columns[0].nullable);
  EXPECT_FALSE(table(metadata, "e").columns[0].nullable);
  EXPECT_FALSE(table(metadata, "h").columns[0].nullable);
  EXPECT_EQ(table(metadata, "e").options.at("sqlite").at("without_rowid"), Value(true));
  EXPECT_EQ(table(metadata, "h").options.at("sqlite").at("strict"), Value(true));
}

TEST(introspection, sees_rowid_aliases_as_sqlite_does) {
  // The library tells an alias apart: the rowid changes with it.
  for (const std::string definition :
       {"id INTEGER PRIMARY KEY", "id INT PRIMARY KEY", "id INTEGER PRIMARY KEY DESC", "id INTEGER, PRIMARY KEY (id DESC)",
        "id INTEGER, PRIMARY KEY (id ASC)", "id \"INTEGER\" PRIMARY KEY", "id integer primary key autoincrement", "id INTEGER(5) PRIMARY KEY",
        "id INTEGER, x INT, PRIMARY KEY (id, x)", "id UNSIGNED INTEGER PRIMARY KEY"}) {
    const auto connection = memory();
    run(*connection, "CREATE TABLE t (" + definition + "); INSERT INTO t (id) VALUES (17)");
    const bool alias = connection->execute("SELECT rowid FROM t").scalar() == Value(17);
    const auto metadata = introspect(*connection);
    EXPECT_EQ(table(metadata, "t").columns[0].identity.has_value(), alias) << definition;
  }
}

TEST(introspection, raises_enumerations_and_leaves_other_checks) {
  const auto metadata = schema_of(R"(
    CREATE TABLE t (
      rank TEXT NOT NULL DEFAULT 'rookie' CHECK ("rank" IN ('rookie', 'old ''hand''')),
      named TEXT CONSTRAINT ck CHECK (named IN ('a')),
      other VARCHAR(5) CHECK (other IN ('a')),
      number TEXT CHECK (number IN ('a', 1)),
      more TEXT CHECK (more IN ('a', 'b') OR more = 'c'),
      less TEXT CHECK (t.less IN ('a')), CHECK (less IN ('b'))
    ))");
  const schema::Table& t = table(metadata, "t");
  EXPECT_EQ(t.columns[0].type.kind, TypeKind::enumeration);
  EXPECT_EQ(t.columns[0].type.values, (std::vector<std::string>{"rookie", "old 'hand'"}));
  EXPECT_EQ(t.columns[0].type.canonical, "ENUM('rookie', 'old ''hand''')");
  EXPECT_EQ(t.columns[1].type.kind, TypeKind::text);
  EXPECT_EQ(t.columns[2].type.kind, TypeKind::varchar);
  EXPECT_EQ(t.columns[3].type.kind, TypeKind::text);
  EXPECT_EQ(t.columns[4].type.kind, TypeKind::text);
  EXPECT_EQ(t.columns[5].type.kind, TypeKind::enumeration);
  EXPECT_EQ(all<schema::Check>(t).size(), 5U);
}

TEST(introspection, keeps_views_triggers_and_virtual_tables_as_objects) {
  const auto metadata = schema_of(R"(
    CREATE TABLE Hero (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE log (line TEXT);
    CREATE VIEW names (n) AS SELECT name /* the name */ FROM hero;
    CREATE VIEW more AS WITH log AS (SELECT 1) SELECT n, (SELECT count(*) FROM Hero) FROM names, log;
    CREATE TRIGGER hero_added AFTER INSERT ON hero WHEN NEW.name <> '' BEGIN
      INSERT INTO log VALUES (CASE WHEN NEW.id > 1 THEN 'many' ELSE 'one' END);
      SELECT 1;
    END;
    CREATE VIRTUAL TABLE docs USING fts5(title, body, tokenize = "porter ascii");
    CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1);
  )");
  EXPECT_EQ(metadata.tables.size(), 2U);
  ASSERT_EQ(metadata.objects.size(), 5U);
  const schema::ObjectKey hero{"table", {"", "Hero"}, {}, {}};
  const schema::ObjectKey names{"view", {"", "names"}, {}, {}};
  const schema::Object& view = metadata.objects.at(names);
  EXPECT_EQ(view.definition.declared, "(n) AS SELECT name /* the name */ FROM hero");
  EXPECT_EQ(view.definition.canonical, "(n) AS SELECT name FROM hero");
  EXPECT_EQ(view.depends_on, std::vector<schema::ObjectKey>{hero});
  EXPECT_EQ(metadata.objects.at({"view", {"", "more"}, {}, {}}).depends_on, (std::vector<schema::ObjectKey>{hero, names}));
  const schema::Object& trigger = metadata.objects.at({"trigger", {"", "hero_added"}, "Hero", {}});
  EXPECT_EQ(trigger.definition.declared.substr(0, 20), "AFTER INSERT ON hero");
  EXPECT_EQ(trigger.definition.declared.substr(trigger.definition.declared.size() - 3), "END");
  EXPECT_EQ(trigger.depends_on, std::vector<schema::ObjectKey>{hero});
  const schema::Object& docs = metadata.objects.at({"virtual_table", {"", "docs"}, {}, {}});
  EXPECT_EQ(docs.definition.canonical, "USING fts5(title, body, tokenize = \"porter ascii\")");
}

TEST(introspection, leaves_out_internal_and_ignored_tables) {
  const auto connection = memory();
  run(*connection, R"(
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);
    CREATE TABLE aludel_version (id TEXT);
    CREATE INDEX ix_version ON aludel_version (id);
    CREATE TABLE sqlite2 (id TEXT);
    ANALYZE;
  )");
  dialect::Scope scope;
  scope.ignored_tables = {{"", "Aludel_Version"}};
  const auto metadata = introspect(*connection, scope);
  ASSERT_EQ(metadata.tables.size(), 2U);
  EXPECT_TRUE(metadata.tables.contains({"", "counted"}));
  EXPECT_TRUE(metadata.tables.contains({"", "sqlite2"}));
  EXPECT_TRUE(metadata.unsupported.empty());
}

TEST(introspection, names_what_it_cannot_read) {
  const auto connection = memory();
  run(*connection, R"(
    CREATE TABLE t (id INTEGER PRIMARY KEY);
    CREATE VIEW broken AS SELECT 1;
    PRAGMA writable_schema = ON;
    UPDATE sqlite_master SET sql = 'CREATE SOMETHING' WHERE name = 'broken';
  )");
  const auto metadata = introspect(*connection);
  ASSERT_EQ(metadata.unsupported.size(), 1U);
  EXPECT_EQ(metadata.unsupported[0].kind, "view");
  EXPECT_EQ(metadata.unsupported[0].name, "broken");
  EXPECT_EQ(metadata.unsupported[0].reason,
            "its stored statement cannot be read: expected VIEW, TRIGGER or VIRTUAL TABLE, but there is 'SOMETHING' (line 1, column 8)");
}

TEST(introspection, agrees_with_the_pragmas_on_odd_spellings) {
  check(R"(
    CREATE TABLE [a b] ("x" [my type] NOT NULL, 'y' 'text', `z` double   precision, "w""w" "Foo  Bar"(3));
    CREATE TABLE names (key, "order", action INT, "from" TEXT, 'end', left, indexed);
    CREATE TABLE defaults (a DEFAULT foo, b DEFAULT "Bar", c DEFAULT x'aB', d DEFAULT - 1.5e3, e DEFAULT 0xff, f DEFAULT NULL,
                           g DEFAULT TRUE, h BOOLEAN DEFAULT 1, i DEFAULT CURRENT_TIMESTAMP, j DEFAULT (1 + (2)), k DEFAULT ('a' || 'b'),
                           l DEFAULT ((7)), m DEFAULT 'it''s', n DEFAULT key, o DEFAULT ((CASE WHEN 1 THEN 2 END)));
    CREATE TABLE late (a REFERENCES names NOT NULL DEFERRABLE INITIALLY DEFERRED, b REFERENCES late(a) ON INSERT SET NULL, c
      CONSTRAINT lonely, CONSTRAINT alone);
    CREATE TABLE checks (a INT CHECK (a > 0) CHECK ((a) < (9)), b AS (a || ')') , CHECK (b <> '(') ON CONFLICT FAIL CHECK (a IN (1, 2)));
    CREATE TABLE as_select AS SELECT 1 AS one, 'two' AS two, CAST(3 AS REAL) AS "thr ee";
    CREATE TABLE generated_words (generated INT, always INT, generated2 TEXT GENERATED ALWAYS AS (always) VIRTUAL);
    CREATE TABLE auto (id INTEGER, PRIMARY KEY (id AUTOINCREMENT));
    CREATE TABLE folded (Id INTEGER, Name TEXT COLLATE nocase, PRIMARY KEY (ID), UNIQUE (NAME, "iD"), FOREIGN KEY (NAME) REFERENCES FOLDED(ID));
    CREATE TABLE strict_key (a TEXT, b INT, c ANY, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX "ix ""1""" ON folded (NAME COLLATE BINARY DESC, (id), "name" || 'x') WHERE "Name" IS NOT NULL;
    CREATE INDEX ix_string ON folded ('Name');
  )");
}

TEST(introspection, survives_torture_names) {
  for (const std::string& name : std::vector<std::string>{"plain",
                                                          "select",
                                                          "with space",
                                                          "quote\"d",
                                                          "apo'strophe",
                                                          "back`tick",
                                                          "brack]et",
                                                          "[bracket",
                                                          "new\nline",
                                                          "tab\t",
                                                          "semi;colon",
                                                          "--comment",
                                                          "/* c */",
                                                          "\xF0\x9F\xA6\xB8 hero",
                                                          "\xC3\x9Cml\xC3\xA4ut",
                                                          "a.b",
                                                          "%s",
                                                          "0digit",
                                                          "$dollar",
                                                          std::string(1000, 'n'),
                                                          " ",
                                                          "TABLE",
                                                          "(",
                                                          ")",
                                                          ","}) {
    SCOPED_TRACE(printable(name, 40));
    const std::string quoted_name = quote_identifier(name);
    const auto connection = memory();
    connection->execute("CREATE TABLE " + quoted_name + " (" + quoted_name + " TEXT CONSTRAINT " + quoted_name + " CHECK (" + quoted_name +
                        " <> ''), other INT REFERENCES " + quoted_name + " (" + quoted_name + "), UNIQUE (" + quoted_name + "))");
    connection->execute("CREATE INDEX " + quote_identifier("ix" + name) + " ON " + quoted_name + " (" + quoted_name + ")");
    connection->execute("CREATE VIEW " + quote_identifier("v" + name) + " AS SELECT * FROM " + quoted_name);
    connection->execute("CREATE TRIGGER " + quote_identifier("t" + name) + " AFTER DELETE ON " + quoted_name + " BEGIN SELECT OLD." + quoted_name +
                        "; END");
    const auto metadata = introspect(*connection);
    cross_check(*connection, metadata);
    ASSERT_TRUE(metadata.tables.contains({"", name}));
    EXPECT_EQ(all<schema::Check>(table(metadata, name)).at(0).name, name);
    const schema::ObjectKey parent{"table", {"", name}, {}, {}};
    EXPECT_EQ(metadata.objects.at({"view", {"", "v" + name}, {}, {}}).depends_on, std::vector<schema::ObjectKey>{parent});
    EXPECT_TRUE(metadata.objects.contains({"trigger", {"", "t" + name}, Name{"", name}.text(), {}}));
  }
}

TEST(introspection, canonicalises_a_model_to_what_the_database_holds) {
  schema::Metadata model;
  schema::Table hero;
  hero.name = {"main", "hero"};
  schema::Column id;
  id.name = "id";
  id.type = schema::Type::bigint();
  id.identity.emplace().start = 100;
  id.options["sqlite"]["autoincrement"] = true;
  schema::Column rank;
  rank.name = "rank";
  rank.type = schema::Type::enumeration("rank", {"rookie", "veteran"});
  rank.server_default = "'rookie'";
  schema::Column active;
  active.name = "active";
  active.type = schema::Type::boolean();
  active.server_default = "true";
  hero.columns = {id, rank, active};
  schema::PrimaryKey key;
  key.columns = {"ID"};
  schema::Check check;
  check.expression = "(hero.id == 1)";
  hero.constraints = {key, check};
  model.add(hero);
  schema::EnumType type;
  type.name = {"", "rank"};
  type.values = {"rookie", "veteran"};
  model.add(type);
  const auto normal = dialect().canonicalise(model, nullptr);
  EXPECT_TRUE(normal.enums.empty());
  const auto database = schema_of(R"(
    CREATE TABLE hero (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, rank TEXT DEFAULT 'rookie' CHECK (rank IN ('rookie', 'veteran')),
                       active BOOLEAN DEFAULT 1, CHECK ("id" = 1)))");
  EXPECT_TRUE(schema::equivalent(normal, database, dialect().comparison(dialect().default_server())));
  EXPECT_EQ(table(normal, "hero").columns[0].type.kind, TypeKind::bigint) << "the declared spelling stays";
  EXPECT_EQ(table(normal, "hero").columns[1].type.name, "rank");
  EXPECT_TRUE(dialect().canonicalise(normal, nullptr) == normal);
}

// Random tables

class Generator {
 public:
  explicit Generator(std::uint64_t value) : random_(value) {}

  std::string table(int number) {
    columns_.clear();
    const int count = 1 + pick(6);
    for (int i = 0; i < count; ++i) columns_.push_back(column_name(i));
    const bool without_rowid = chance(5);
    has_key_ = false;
    std::string text = "CREATE" + space() + "TABLE" + space() + quote("t" + std::to_string(number)) + gap() + "(";
    for (int i = 0; i < count; ++i) text += (i ? "," : "") + gap() + column(i, without_rowid);
    for (int i = pick(4); i > 0; --i) text += "," + gap() + table_constraint();
    if (without_rowid && !has_key_) text += ", PRIMARY KEY (" + key_list(false) + ")";
    text += gap() + ")";
    if (without_rowid) text += word(" without rowid");
    return text;
  }

  std::string index(int table, int number) {
    std::string text =
        word(chance(3) ? "create unique index " : "create index ") + quote("ix" + std::to_string(table) + "_" + std::to_string(number));
    text += word(" on ") + quote("t" + std::to_string(table)) + "(" + key_list(true) + ")";
    if (chance(3)) text += word(" where ") + condition();
    return text;
  }

 private:
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool chance(int one_in) { return pick(one_in) == 0; }
  std::string one_of(std::initializer_list<const char*> texts) { return *(texts.begin() + pick(static_cast<int>(texts.size()))); }

  std::string space() { return one_of({" ", "  ", "\n", "\t", " /* c */ ", " -- c\n"}); }
  std::string gap() { return chance(2) ? "" : space(); }
  std::string word(const std::string& text) { return chance(2) ? text : to_upper(text); }
  std::string quote(const std::string& name) {
    switch (pick(4)) {
      case 0:
        return "[" + name + "]";
      case 1:
        return "`" + name + "`";
      default:
        return quote_identifier(name);
    }
  }
  std::string column_name(int i) { return one_of({"a", "B", "key", "Sp ace", "order", "caf\xC3\xA9", "q\"q"}) + std::to_string(i); }
  std::string any_column() { return quote_identifier(columns_[static_cast<std::size_t>(pick(static_cast<int>(columns_.size())))]); }
  std::string type() {
    return one_of({"",
                   "INTEGER",
                   "int",
                   "text",
                   "TEXT",
                   "varchar(10)",
                   "VARCHAR ( 20 )",
                   "decimal(10 , 2)",
                   "Double Precision",
                   "BOOLEAN",
                   "blob",
                   "bigint",
                   "NUMERIC(5,1)",
                   "datetime",
                   "UNSIGNED BIG INT",
                   "[odd type]",
                   "char(3)",
                   "real",
                   "timestamp(3)",
                   "decimal(1,-1)"});
  }
  std::string expression() {
    return one_of(
               {"1", "abs(1)", "(2 + 3) * 4", "'a' || ')'", "CASE WHEN 1 THEN 'x' ELSE 'y' END", "- 5", "x'00' IS NULL", "coalesce(NULL, ('(')) "}) +
           gap();
  }
  std::string condition() {
    const std::string column = any_column();
    return one_of({"(", ""}) == "(" ? "(" + column + " > 0)"
                                    : column + one_of({" IS NOT NULL", " <> 'x'", " IN ('a', 'b')", " NOTNULL", " == 1", " LIKE '%('"});
  }
  std::string conflict() { return chance(4) ? word(" on conflict ") + word(one_of({"rollback", "abort", "fail", "ignore", "replace"})) : ""; }
  std::string order() { return one_of({"", "", " ASC", " desc"}); }

  std::string key_list(bool index) {
    std::string text;
    const int count = 1 + pick(2);
    for (int i = 0; i < count; ++i) {
      std::string part = any_column();
      if (index && chance(3)) part = one_of({"lower(", "abs(", "("}) + part + ")";
      if (index && chance(6)) part = part + " || " + any_column();
      if (chance(4)) part += word(" collate ") + one_of({"nocase", "BINARY", "\"rtrim\""});
      text += (i ? "," : "") + gap() + part + order();
    }
    return text;
  }

  std::string reference() {
    std::string text = word(" references ") + quote("t" + std::to_string(pick(3)));
    if (chance(2)) text += "(" + quote("a0") + ")";
    if (chance(2)) text += word(" on delete ") + word(one_of({"set null", "set default", "cascade", "restrict", "no action"}));
    if (chance(3)) text += word(" on update ") + word(one_of({"set null", "set default", "cascade", "restrict", "no action"}));
    if (chance(3)) text += one_of({" DEFERRABLE", " NOT DEFERRABLE", " deferrable initially deferred", " DEFERRABLE INITIALLY IMMEDIATE"});
    return text;
  }
  std::string name() { return chance(3) ? word(" constraint ") + quote("c " + std::to_string(pick(1000))) + " " : " "; }

  std::string column(int i, bool without_rowid) {
    std::string text = quote(columns_[static_cast<std::size_t>(i)]) + space() + type();
    for (int more = pick(4); more > 0; --more) {
      switch (pick(8)) {
        case 0:
          text += name() + word("not null") + conflict();
          break;
        case 1:
          text += name() + word("default ") +
                  (chance(2) ? "(" + expression() + ")" : one_of({"1", "'it''s'", "-2", "+ 3", "NULL", "true", "x'ab'", "current_date", "word"}));
          break;
        case 2:
          text += name() + word("unique") + conflict();
          break;
        case 3:
          text += name() + word("check") + gap() + "(" + condition() + ")";
          break;
        case 4:
          text += name() + word("collate ") + one_of({"NOCASE", "binary", "[RTRIM]"});
          break;
        case 5:
          text += name() + reference();
          break;
        case 6:
          if (!has_key_) {
            text += name() + word("primary key") + order() + conflict() + (without_rowid || !chance(3) ? "" : " AUTOINCREMENT");
            has_key_ = true;
          }
          break;
        case 7:
          if (i > 0 && more == 1) text += word(" generated always as (") + expression() + ")" + one_of({"", " STORED", " virtual"});
          break;
      }
    }
    return text;
  }

  std::string table_constraint() {
    switch (pick(4)) {
      case 0:
        if (!has_key_) {
          has_key_ = true;
          return name() + word("primary key") + gap() + "(" + key_list(false) + ")" + conflict();
        }
        [[fallthrough]];
      case 1:
        return name() + word("unique (") + key_list(false) + ")" + conflict();
      case 2:
        return name() + word("check (") + condition() + ")";
      default:
        return name() + word("foreign key (") + any_column() + ")" + reference();
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> columns_;
  bool has_key_ = false;
};

TEST(introspection, reads_what_fuzzing_found) {
  for (const std::string_view statement : {
           "CREATE TABLE t (a ANY, b BLOB, PRIMARY KEY (a, b DESC)) , STRICT",  // the first option may be nothing
       }) {
    const auto connection = memory();
    connection->execute(statement);
    cross_check(*connection, introspect(*connection));
    ASSERT_FALSE(HasFailure()) << statement;
  }
}

TEST(introspection, agrees_with_the_pragmas_on_random_tables) {
  int accepted = 0;
  for (int i = 0; i < cases(600); ++i) {
    Generator generator(seed() + static_cast<std::uint64_t>(i));
    const auto connection = memory();
    std::string script;
    for (int number = 0; number < 3; ++number) {
      std::vector<std::string> statements = {generator.table(number)};
      for (int more = 0; more < 2; ++more) statements.push_back(generator.index(number, more));
      for (const std::string& statement : statements) {
        try {
          connection->execute(statement);
          script += statement + ";\n";
          ++accepted;
        } catch (const Error&) {  // SQLite refuses what the generator made: nothing to compare
        }
      }
    }
    cross_check(*connection, introspect(*connection));
    ASSERT_FALSE(HasFailure()) << "case " << i << ":\n" << script;
  }
  EXPECT_GT(accepted, cases(600)) << "the generator makes too little that SQLite accepts";
}

/// What SQLite says of all columns, which is more than a schema compares: NOT NULL on the rowid, say.
std::string columns_by_pragma(dialect::Connection& connection, const schema::Metadata& metadata) {
  std::string text;
  for (const auto& [name, table] : metadata.tables) {
    for (const auto& row : pragma(connection, "table_xinfo", name.name)) text += name.name + ": " + to_json(row) + "\n";
  }
  return text;
}

TEST(introspection, random_tables_are_written_again_as_they_were) {
  int tables = 0;
  int same_text = 0;
  for (int i = 0; i < cases(400); ++i) {
    Generator generator(seed() + static_cast<std::uint64_t>(i));
    const auto connection = memory();
    for (int number = 0; number < 3; ++number) {
      for (const std::string& statement : {generator.table(number), generator.index(number, 0)}) {
        try {
          connection->execute(statement);
        } catch (const Error&) {  // SQLite refuses what the generator made
        }
      }
    }
    const auto metadata = introspect(*connection);
    const auto again = memory();
    std::string script;
    std::vector<std::string> statements;
    try {
      statements = create_statements(metadata, connection->server());
    } catch (const Error& error) {                                                                  // SQLite lets two constraints have one name
      const bool comes_later = error.message().find("there is a constraint") != std::string::npos;  // one of the two is a foreign key in a ring
      ASSERT_TRUE(comes_later || error.message().find("has two constraints") != std::string::npos) << error.text();
      continue;
    }
    for (const std::string& statement : statements) {
      script += statement + ";\n";
      again->execute(statement);
    }
    const auto copy = introspect(*again);
    ASSERT_TRUE(schema::equivalent(metadata, copy, dialect().comparison(connection->server()))) << "case " << i << ":\n" << script;
    ASSERT_EQ(columns_by_pragma(*connection, metadata), columns_by_pragma(*again, metadata)) << "case " << i << ":\n" << script;
    for (const auto& [name, table] : metadata.tables) {
      ++tables;
      const schema::Table& other = copy.tables.at(name);
      const auto same = [](const schema::Column& a, const schema::Column& b) {
        return split_spelling(a.spelling).text == split_spelling(b.spelling).text;
      };
      if (std::equal(table.columns.begin(), table.columns.end(), other.columns.begin(), other.columns.end(), same)) ++same_text;
    }
  }
  EXPECT_GT(same_text * 100, tables * 75) << "of " << tables << " tables, " << same_text << " are spelled as they were";
}

}  // namespace
}  // namespace aludel::sqlite::test
