#include "support.hpp"
#include "walk.hpp"

#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/diff/compare.hpp>
#include <aludel/error.hpp>
#include <aludel/postgresql/postgresql.hpp>

#include <gtest/gtest.h>

#include <string>

/// What stands in the way of a change goes for a while and comes back as it was.
namespace aludel::postgresql::test {
namespace {

/// All of these name hero.rank or the type rank, and PostgreSQL refuses to change either under one of them.
std::string everything_on_rank(const std::string& values) {
  return "CREATE TYPE rank AS ENUM (" + values + R"();
    COMMENT ON TYPE rank IS 'ranks';
    CREATE DOMAIN low AS rank CHECK (VALUE <> 'veteran');
    CREATE TYPE pair AS (a rank, b int);
    CREATE TABLE hero (id int PRIMARY KEY, rank rank NOT NULL DEFAULT 'rookie', ranks rank[] DEFAULT '{rookie,veteran}', note text DEFAULT ('rookie'::rank)::text,
      is_new boolean GENERATED ALWAYS AS (rank = 'rookie') STORED, same rank GENERATED ALWAYS AS (CASE WHEN id > 5 THEN 'rookie'::rank END) STORED,
      CONSTRAINT fits CHECK (rank <> 'veteran' OR id > 1), CONSTRAINT once EXCLUDE USING btree (rank WITH =) WHERE (rank = 'veteran'));
    COMMENT ON CONSTRAINT fits ON hero IS 'it fits';
    COMMENT ON COLUMN hero.is_new IS 'new';
    CREATE INDEX by_rank ON hero (rank);
    CREATE INDEX rookies ON hero (id) WHERE rank = 'rookie';
    COMMENT ON INDEX rookies IS 'the new ones';
    CREATE INDEX by_text ON hero ((rank = ANY ('{rookie,veteran}'::rank[])));
    CREATE INDEX by_new ON hero (is_new);
    CREATE STATISTICS of_rank ON rank, id FROM hero;
    CREATE FUNCTION is_high(r rank) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT r = ''veteran''';
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TABLE judged (id int, r boolean DEFAULT is_high('rookie'), CHECK (NOT is_high('rookie')));
    CREATE INDEX judged_high ON judged (is_high(CASE WHEN id > 5 THEN 'rookie'::rank END));
    CREATE VIEW rookies_view AS SELECT id, rank FROM hero WHERE rank = 'rookie';
    CREATE VIEW view_on_view AS SELECT count(*) AS n FROM rookies_view WHERE rank <> 'veteran';
    CREATE MATERIALIZED VIEW counted AS SELECT rank, count(*) AS n FROM hero GROUP BY rank;
    CREATE UNIQUE INDEX counted_rank ON counted (rank);
    CREATE TRIGGER on_rank BEFORE UPDATE OF rank ON hero FOR EACH ROW WHEN (OLD.rank = 'rookie') EXECUTE FUNCTION stamp();
    CREATE RULE keep AS ON DELETE TO hero WHERE OLD.rank = 'veteran' DO INSTEAD NOTHING;
    ALTER TABLE hero ENABLE ROW LEVEL SECURITY;
    CREATE POLICY only_new ON hero FOR SELECT USING (rank = 'rookie');
    INSERT INTO hero (id, rank) VALUES (1, 'rookie'), (2, 'veteran'), (7, 'rookie');)";
}

constexpr const char* heroes =
    "SELECT string_agg(id || rank::text || ranks::text || note || is_new || coalesce(same::text, '-'), ' ' ORDER BY id) FROM hero";

TEST(PostgresqlChanges, AnEnumerationIsMadeAnewUnderAllThatUsesIt) {
  // A value goes and comes, and in another order, which PostgreSQL cannot do in place.
  walk_both(everything_on_rank("'rookie', 'middle', 'veteran'"), everything_on_rank("'veteran', 'rookie'"), heroes);
}

TEST(PostgresqlChanges, AValueIsAddedInPlace) {
  const Walked walked =
      walk({{everything_on_rank("'rookie', 'veteran'"), everything_on_rank("'new', 'rookie', 'middle', 'veteran'")}, {0, 1, 0}, true, false, heroes});
  EXPECT_EQ(texts(walked.there), (std::vector<std::string>{"ALTER TYPE \"rank\" ADD VALUE 'new' BEFORE 'rookie'",
                                                           "ALTER TYPE \"rank\" ADD VALUE 'middle' AFTER 'rookie'"}));
}

/// Types of types, with columns of all of them and what hangs on these.
std::string types_of_types(const std::string& mood, const std::string& feeling, const std::string& pair) {
  return "CREATE TYPE mood AS ENUM (" + mood + "); CREATE DOMAIN feeling AS mood " + feeling + "; CREATE TYPE pair AS (" + pair + R"();
    CREATE DOMAIN firm AS feeling CHECK (VALUE IS NOT NULL);
    CREATE TYPE person AS (name text, feels feeling, pairs pair[]);
    CREATE DOMAIN people AS person[];
    CREATE TABLE t (id int, mood mood DEFAULT 'ok', f feeling DEFAULT 'ok', fs feeling[], firm firm NOT NULL DEFAULT 'ok', p person, ps people, one pair,
      shown text GENERATED ALWAYS AS ((p).name) STORED, CONSTRAINT felt CHECK (f::mood <> 'glad'), PRIMARY KEY (id, firm));
    COMMENT ON COLUMN t.f IS 'what it feels';
    CREATE INDEX by_feeling ON t (f) WHERE f::mood = 'ok';
    CREATE VIEW felt AS SELECT id, f, (p).name, fs[1] AS first FROM t WHERE f::mood = 'ok';
    CREATE FUNCTION plain(x feeling) RETURNS mood LANGUAGE sql AS 'SELECT x::mood';
    INSERT INTO t (id, fs, p, ps, one) VALUES (1, '{ok,glad}', ROW('a "b"', 'ok', ARRAY[ROW(1, 'x')::pair]), ARRAY[ROW('c', 'glad', NULL)::person], ROW(2, 'y')),
      (2, NULL, NULL, NULL, NULL);)";
}

constexpr const char* felt =
    "SELECT string_agg(concat_ws('|', id, mood, f, fs, firm, p, ps, one, shown), ' ' ORDER BY id) || (SELECT count(*) "
    "FROM felt) "
    "FROM t";

TEST(PostgresqlChanges, AnEnumerationIsMadeAnewUnderTypesThatAreMadeOfIt) {
  walk_both(types_of_types("'ok', 'sad', 'glad'", "", "a int, b text"), types_of_types("'glad', 'ok'", "", "a int, b text"), felt);
}

TEST(PostgresqlChanges, ADomainIsHeldToMoreInsideOfOtherTypes) {
  walk_both(types_of_types("'ok', 'sad', 'glad'", "", "a int, b text"),
            types_of_types("'ok', 'sad', 'glad'", "DEFAULT 'glad' CHECK (VALUE <> 'sad')", "a int, b text"), felt);
}

TEST(PostgresqlChanges, AnAttributeChangesItsTypeInsideOfOtherTypes) {
  walk_both(types_of_types("'ok', 'sad', 'glad'", "", "a int, b text"), types_of_types("'ok', 'sad', 'glad'", "", "a bigint, b varchar(5)"), felt);
}

TEST(PostgresqlChanges, ACompositeTypeThatGetsOtherAttributesMeanwhileIsRefused) {
  const auto schema = [](const std::string& mood, const std::string& feeling, const std::string& person) {
    return "CREATE TYPE mood AS ENUM (" + mood + "); CREATE DOMAIN feeling AS mood " + feeling + "; CREATE TYPE person AS (" + person +
           "); CREATE TABLE t (id int, f feeling, p person); CREATE FUNCTION plain(x feeling) RETURNS mood LANGUAGE sql AS 'SELECT x::mood';";
  };
  const std::string from = schema("'sad', 'ok'", "CHECK (VALUE <> 'sad')", "name text, feels feeling");
  const std::string to = schema("'ok'", "", "name text, feels feeling, age int");
  const schema::Metadata before = schema_of(from);
  const dialect::Server server{"postgresql", server_major(), 0, 0, std::to_string(server_major())};
  const auto operations = diff::compare(before, schema_of(to), autogenerate::comparison_options(dialect(), server)).operations;
  try {
    dialect().renderer().render(operations, before, server, {});
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unsupported);
    EXPECT_EQ(
        error.text(),
        "'composite_type person' gets other attributes while a type that it is made of is made anew\n  hint: change it in a revision of its own");
  }
}

/// A domain, a composite and a range type with all that can hang on their columns.
std::string own_types(const std::string& amount, const std::string& pair, const std::string& span, const std::string& rows) {
  return "CREATE DOMAIN amount AS " + amount + "; COMMENT ON DOMAIN amount IS 'much'; CREATE TYPE pair AS (" + pair +
         "); CREATE TYPE span AS RANGE (" + span +
         R"();
    CREATE TABLE t (id int PRIMARY KEY, a amount NOT NULL DEFAULT 7, p pair, s span, aa amount[], CONSTRAINT big CHECK (a > 3));
    CREATE INDEX by_amount ON t (a); CREATE UNIQUE INDEX by_range ON t (s) WHERE id > 0;
    CREATE VIEW rich AS SELECT id, a FROM t WHERE a > 5; CREATE VIEW pairs AS SELECT id, (p).x FROM t;
    CREATE FUNCTION double(amount) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1::bigint';
    CREATE TABLE child () INHERITS (t);
    INSERT INTO t (id, a, p, s, aa) VALUES )" +
         rows;
}

TEST(PostgresqlChanges, TypesAreMadeAnewUnderTheirColumns) {
  const std::string rows = "(1, 8, ROW(1, 'x'), '[1,2)', '{4,5}'), (2, 9, NULL, NULL, NULL), (3, 10, ROW(NULL, NULL), 'empty', '{}')";
  const char* const ask = "SELECT string_agg(concat_ws(' ', id, a, (p).x, (p).y, p IS DISTINCT FROM NULL, s, aa), ',' ORDER BY id) FROM t";
  walk_both(own_types("int CONSTRAINT low CHECK (VALUE > 0)", "x int, y text", "subtype = int4", rows),
            own_types("bigint CONSTRAINT low CHECK (VALUE > 1)", "y varchar(9), x bigint", "subtype = int8", "(1, 8, NULL, NULL, NULL)"), ask);
}

constexpr const char* typed_from = R"(
  CREATE TABLE code (code varchar(20) PRIMARY KEY);
  CREATE TABLE item (id int PRIMARY KEY, amount int NOT NULL DEFAULT 3, code varchar(20) REFERENCES code DEFAULT '7', at timestamp,
    twice int GENERATED ALWAYS AS (amount * 2) STORED, UNIQUE (twice), CONSTRAINT sane CHECK (amount > 0), CONSTRAINT coded CHECK (code <> ''));
  CREATE INDEX by_code ON item (code text_pattern_ops) WHERE code <> 'x';
  CREATE INDEX by_twice ON item (twice);
  CREATE VIEW v AS SELECT id, amount, code FROM item;
  CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER t AFTER UPDATE OF amount ON item FOR EACH ROW WHEN (NEW.amount > 5) EXECUTE FUNCTION f();
  INSERT INTO code VALUES ('7'), ('8');
  INSERT INTO item (id, amount, code) VALUES (1, 2, '7'), (2, 5, '8');)";
constexpr const char* typed_to = R"(
  CREATE TABLE code (code bigint PRIMARY KEY);
  CREATE TABLE item (id int PRIMARY KEY, amount bigint NOT NULL DEFAULT 4, code bigint REFERENCES code DEFAULT 7, at timestamptz,
    twice bigint GENERATED ALWAYS AS (amount * 2) STORED, UNIQUE (twice), CONSTRAINT sane CHECK (amount > 0), CONSTRAINT coded CHECK (code <> 0));
  CREATE INDEX by_code ON item (code) WHERE code <> 5;
  CREATE INDEX by_twice ON item (twice);
  CREATE VIEW v AS SELECT id, amount, code FROM item;
  CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER t AFTER UPDATE OF amount ON item FOR EACH ROW WHEN (NEW.amount > 5) EXECUTE FUNCTION f();)";

TEST(PostgresqlChanges, TypesChangeUnderKeysChecksAndComputedColumns) {
  walk_both(typed_from, typed_to, "SELECT string_agg(concat_ws(',', id, amount, code, twice), ' ' ORDER BY id) FROM item");
}

TEST(PostgresqlChanges, WhatIsComputedNoLongerKeepsItsValues) {
  const std::string from = "CREATE TABLE t (a int, twice int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO t VALUES (3);";
  walk({{from, "CREATE TABLE t (a bigint, twice int)"}, {0, 1}, true, false, "SELECT twice FROM t"});
}

TEST(PostgresqlChanges, AColumnBecomesComputedAndComesBackPlain) {
  walk_both("CREATE TABLE t (a int, b int); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT b FROM t;",
            "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT b FROM t;");
}

TEST(PostgresqlChanges, AComputedColumnsExpressionChangesUnderItsUsers) {
  const auto script = [](const std::string& expression) {
    return "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (" + expression + R"() STORED UNIQUE, CONSTRAINT c CHECK (b > a));
      COMMENT ON COLUMN t.b IS 'b'; CREATE TABLE u (b int REFERENCES t (b)); CREATE INDEX i ON t (b) WHERE b > 3;
      ALTER TABLE t REPLICA IDENTITY FULL; CREATE VIEW v AS SELECT b FROM t; GRANT SELECT (b) ON t TO pg_monitor; INSERT INTO t VALUES (1);)";
  };
  for (const bool online : {true, false}) walk({{script("a + 1"), script("a + 2")}, {0, 1, 0}, online, true, "SELECT a FROM t"});
}

TEST(PostgresqlChanges, ARoutineIsMadeAnewUnderAllThatCallsIt) {
  const auto script = [](const std::string& result) {
    return "CREATE FUNCTION f(a int) RETURNS " + result + R"( IMMUTABLE LANGUAGE sql AS 'SELECT a + 1';
      CREATE TABLE t (a int, b bigint DEFAULT f(1), g bigint GENERATED ALWAYS AS (f(a)) STORED, CONSTRAINT c CHECK (f(a) > 0));
      CREATE INDEX i ON t (f(a)); CREATE INDEX p ON t (a) WHERE f(a) > 3; CREATE INDEX plain ON t (a);
      CREATE VIEW v AS SELECT f(a)::bigint AS x FROM t; CREATE POLICY y ON t USING (f(a) > 0);
      CREATE FUNCTION e() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW WHEN (f(NEW.a) > 1) EXECUTE FUNCTION e();
      INSERT INTO t (a) VALUES (1), (5);)";
  };
  const Walked walked =
      walk({{script("int"), script("bigint")}, {0, 1, 0}, true, false, "SELECT string_agg(concat_ws(',', a, b, g), ' ' ORDER BY a) FROM t"});
  EXPECT_FALSE(says(walked.there, "\"plain\"")) << "an index that does not call it stays";
}

TEST(PostgresqlChanges, ADomainIsMadeAnewUnderWhatIsMadeOfIt) {
  const auto script = [](const std::string& base) {
    return "CREATE DOMAIN d AS " + base + "; CREATE FUNCTION f(a d) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1::d) AS x;";
  };
  walk_both(script("int"), script("bigint CHECK (VALUE > 0)"));
}

TEST(PostgresqlChanges, APartitionedTablesColumnChangesInAllItsPartitions) {
  const auto script = [](const std::string& type) {
    return "CREATE TABLE p (k int NOT NULL, a " + type + R"( NOT NULL, CONSTRAINT c CHECK (a IS NOT NULL AND k > 0)) PARTITION BY RANGE (k);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
      CREATE INDEX i ON p (a) WHERE a IS NOT NULL; CREATE INDEX own ON p1 (k) WHERE a IS NOT NULL;
      CREATE VIEW v AS SELECT a FROM p1; INSERT INTO p VALUES (1, '5'), (11, '6');)";
  };
  walk_both(script("int"), script("text"), "SELECT string_agg(k || a::text, ' ' ORDER BY k) FROM p");
}

TEST(PostgresqlChanges, AnInheritedColumnChangesInTheChildren) {
  const auto script = [](const std::string& type) {
    return "CREATE TABLE p (a " + type +
           ", CONSTRAINT c CHECK (a IS NOT NULL)); CREATE TABLE q (b int, g int GENERATED ALWAYS AS (b + 1) STORED) INHERITS (p);" +
           "CREATE INDEX i ON q (b) WHERE a IS NOT NULL; CREATE VIEW v AS SELECT a FROM q; INSERT INTO q (a, b) VALUES ('5', 1);";
  };
  walk_both(script("int"), script("text"), "SELECT string_agg(a::text, ' ') FROM q");
}

TEST(PostgresqlChanges, PrivilegesComeBackWithWhatIsMadeAnew) {
  const auto script = [](const std::string& type) {
    return "CREATE TABLE t (a " + type +
           "); CREATE VIEW v AS SELECT a FROM t; GRANT SELECT ON v TO pg_monitor; GRANT UPDATE (a) ON v TO pg_monitor WITH GRANT OPTION;";
  };
  walk({{script("int"), script("text")}, {0, 1, 0}, true, true});
}

TEST(PostgresqlChanges, OwnersAndPrivilegesComeBackThoughNoSchemaSaysThem) {
  const auto script = [](const std::string& type, const std::string& values) {
    return "CREATE TYPE e AS ENUM (" + values + "); CREATE DOMAIN d AS " + type + " CHECK (VALUE > 0); CREATE TABLE t (a " + type +
           R"(, "G" int GENERATED ALWAYS AS (a + 1) STORED, d d, e e);
      CREATE VIEW v AS SELECT a, d FROM t; CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE FUNCTION f(v) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION open(v) RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE STATISTICS s ON a, d FROM t;
      GRANT SELECT, INSERT ON v TO pg_monitor; GRANT UPDATE (a) ON v TO pg_signal_backend WITH GRANT OPTION; GRANT SELECT ON v TO PUBLIC;
      REVOKE DELETE ON v FROM CURRENT_USER; ALTER VIEW v OWNER TO pg_monitor; GRANT SELECT ON m TO pg_signal_backend;
      GRANT SELECT ("G") ON t TO pg_monitor; REVOKE ALL ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO pg_monitor;
      REVOKE USAGE ON TYPE d FROM PUBLIC; GRANT USAGE ON TYPE e TO pg_signal_backend; ALTER TYPE e OWNER TO pg_monitor; ALTER DOMAIN d OWNER TO pg_monitor; ALTER STATISTICS s OWNER TO pg_monitor;
      ALTER DEFAULT PRIVILEGES GRANT TRIGGER ON TABLES TO pg_signal_backend; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;)";
  };
  walk_both(script("int", "'a', 'b'"), script("bigint", "'b', 'c'"), R"(
    SELECT string_agg(concat_ws(' ', name, owner::regrole, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM aclexplode(acl) a)), E'\n' ORDER BY name)
      FROM (SELECT relname, relowner, relacl FROM pg_class WHERE relname IN ('t', 'v', 'm')
            UNION ALL SELECT attrelid::regclass || '.' || attname, NULL, attacl FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid >= 16384 AND NOT attisdropped
            UNION ALL SELECT proname, proowner, proacl FROM pg_proc WHERE proname = 'f' AND oid >= 16384
            UNION ALL SELECT typname, typowner, typacl FROM pg_type WHERE typname IN ('d', 'e')
            UNION ALL SELECT 'open ' || has_function_privilege('pg_monitor', 'open(v)', 'EXECUTE'), NULL, NULL
            UNION ALL SELECT stxname, stxowner, NULL FROM pg_statistic_ext) x(name, owner, acl))");
}

TEST(PostgresqlChanges, AViewThatChangesWithItsColumnIsMadeOnce) {
  const Walked walked = walk({{"CREATE TABLE t (a int); CREATE VIEW b AS SELECT a + 1 AS x FROM t;",
                               "CREATE TABLE t (a text); CREATE VIEW b AS SELECT a || 'y' AS x FROM t; CREATE VIEW a AS SELECT 1 AS one;"},
                              {0, 1, 0}});
  std::size_t made = 0;
  for (const std::string& sql : texts(walked.there)) made += sql.starts_with("CREATE VIEW \"b\"") ? 1 : 0;
  EXPECT_EQ(made, 1U);
}

}  // namespace
}  // namespace aludel::postgresql::test
