#include "session/support.hpp"

#include <aludel/diff/compare.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/schema/equivalent.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

/// What is read of a database: against what the DDL said, and against information_schema, which is read by nobody else here.
namespace aludel::mysql::test {
namespace {

using schema::Column;
using schema::ForeignKey;
using schema::Index;
using schema::Metadata;
using schema::Table;

class Introspection : public testing::TestWithParam<Server*> {
 protected:
  void run(std::string_view script) {
    for (const std::string& statement : dialect().split(script)) connection_->execute(statement);
  }
  Metadata schema() { return dialect().introspector().introspect(*connection_, {}); }
  bool mariadb() const { return flavour_of(GetParam()) == "mariadb"; }

  Database database_{*GetParam()};
  std::unique_ptr<dialect::Connection> connection_ = connect(database_.url());
};

constexpr std::string_view heroes = R"(
  CREATE TABLE team (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL,
    UNIQUE KEY by_name (name)) COMMENT='it''s a team' AUTO_INCREMENT=7 ROW_FORMAT=DYNAMIC;
  CREATE TABLE hero (
    id BIGINT NOT NULL AUTO_INCREMENT,
    team_id INT UNSIGNED,
    `odd ``name` VARCHAR(20) DEFAULT 'it''s; \\ odd' COMMENT 'said "so"',
    tiny TINYINT UNSIGNED ZEROFILL, flag BOOLEAN NOT NULL DEFAULT 0, amount DECIMAL(10,2) DEFAULT '1.50', ratio DOUBLE, small SMALLINT DEFAULT -3,
    born DATE DEFAULT '2001-02-03', seen DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    stamped TIMESTAMP NULL DEFAULT NULL, day TIME, made YEAR DEFAULT 2000, bits BIT(5) DEFAULT b'101',
    `rank` ENUM('low', 'it''s', 'high,er') NOT NULL DEFAULT 'low', flags SET('a', 'b') DEFAULT 'a,b',
    doc JSON, body LONGTEXT, raw VARBINARY(16), fixed BINARY(4), picture MEDIUMBLOB, place POINT NOT NULL,
    twice BIGINT GENERATED ALWAYS AS (small * 2) VIRTUAL, kept VARCHAR(40) GENERATED ALWAYS AS (upper(`odd ``name`)) STORED,
    expr INT DEFAULT (1 + 2),
    PRIMARY KEY (id), UNIQUE KEY one (team_id, flag), KEY prefix (`odd ``name`(5)), KEY down (born DESC, small), SPATIAL KEY where_ (place),
    FULLTEXT KEY words (body) COMMENT 'find',
    CONSTRAINT grown CHECK (small > -10 AND flag IN (0, 1)),
    CONSTRAINT of_team FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE CASCADE ON UPDATE RESTRICT);
  CREATE TABLE part (id INT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (YEAR(at))
    (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE);
  CREATE VIEW names AS SELECT id, `odd ``name` AS n FROM hero WHERE flag = 1;
  CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW of_names AS SELECT n FROM names WITH CASCADED CHECK OPTION;
  CREATE TRIGGER first BEFORE INSERT ON hero FOR EACH ROW SET NEW.small = 1;
  CREATE TRIGGER second BEFORE INSERT ON hero FOR EACH ROW BEGIN SET NEW.ratio = 2; SET NEW.day = '01:02:03'; END;
  CREATE PROCEDURE raise(IN by_ INT, OUT result INT) MODIFIES SQL DATA COMMENT 'up' BEGIN UPDATE hero SET small = small + by_; SET result = by_; END;
  CREATE FUNCTION plus(a INT, b INT) RETURNS INT DETERMINISTIC NO SQL RETURN a + b;
  CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM team;
)";

TEST_P(Introspection, keeps_all_that_the_ddl_said) {
  run(heroes);
  const Metadata found = schema();
  EXPECT_TRUE(found.unsupported.empty()) << found.unsupported.front().kind << " " << found.unsupported.front().name << ": "
                                         << found.unsupported.front().reason;
  ASSERT_EQ(found.tables.size(), 3U);
  const Table& hero = *found.find_table({"", "hero"});
  const auto column = [&](std::string_view name) -> const Column& { return *hero.find_column(name); };
  EXPECT_TRUE(column("id").identity);
  EXPECT_EQ(column("odd `name").server_default->canonical, "'it''s; \\\\ odd'");
  EXPECT_EQ(column("odd `name").comment, "said \"so\"");
  EXPECT_EQ(column("flag").type.kind, schema::TypeKind::boolean);
  EXPECT_EQ(column("rank").type.values, (std::vector<std::string>{"low", "it's", "high,er"}));
  EXPECT_EQ(column("amount").type.canonical, "decimal(10,2)");
  EXPECT_EQ(column("team_id").type.canonical, "int unsigned");
  EXPECT_FALSE(column("twice").generated->stored);
  EXPECT_TRUE(column("kept").generated->stored);
  EXPECT_FALSE(column("stamped").server_default);
  const auto constraint = [&](std::string_view name) {
    const auto at = std::find_if(hero.constraints.begin(), hero.constraints.end(), [&](const auto& one) { return name_of(one) == name; });
    EXPECT_NE(at, hero.constraints.end()) << name;
    return *at;
  };
  const auto key = std::get<ForeignKey>(constraint("of_team"));
  EXPECT_EQ(key.referenced_table.name, "team");
  EXPECT_EQ(key.on_delete, schema::ForeignKeyAction::cascade);
  EXPECT_TRUE(std::holds_alternative<schema::Check>(constraint("grown")));
  EXPECT_TRUE(std::holds_alternative<schema::Unique>(constraint("one")));
  std::set<std::string> indexes;
  for (const Index& index : hero.indexes) indexes.insert(index.name);
  EXPECT_EQ(indexes, (std::set<std::string>{"prefix", "down", "where_", "words"}));
  EXPECT_EQ(found.find_table({"", "team"})->comment, "it's a team");
  std::set<std::string> objects;
  for (const auto& [object, definition] : found.objects) objects.insert(object.kind + " " + object.name.name);
  EXPECT_EQ(objects, (std::set<std::string>{"view names", "view of_names", "trigger first", "trigger second", "procedure raise", "function plus",
                                            "event tidy"}));
  // Nobody's database is in a view's text.
  for (const auto& [object, definition] : found.objects)
    EXPECT_EQ(definition.definition.canonical.find(database_.name()), std::string::npos) << object.name.name;
}

TEST_P(Introspection, agrees_with_information_schema) {
  run(heroes);
  const Metadata found = schema();
  const auto rows = connection_->execute(
      "SELECT TABLE_NAME, COLUMN_NAME, IS_NULLABLE, COLUMN_TYPE, COLLATION_NAME, COLUMN_COMMENT, EXTRA, COLUMN_DEFAULT IS NULL FROM "
      "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ('team', 'hero', 'part') ORDER BY TABLE_NAME, ORDINAL_POSITION");
  std::map<std::string, std::size_t> counts;
  for (const auto& row : rows.rows) {
    const std::string table = *row[0].string(), name = *row[1].string(), where = table + "." + name;
    const Table& held = *found.find_table({"", table});
    const Column* column = held.find_column(name);
    ASSERT_NE(column, nullptr) << where;
    EXPECT_EQ(&held.columns[counts[table]++], column) << where << " is not at its place";
    EXPECT_EQ(column->nullable, *row[2].string() == "YES") << where;
    EXPECT_EQ(column->comment, *row[5].string()) << where;
    const std::string extra = to_lower(row[6].string() ? *row[6].string() : "");
    EXPECT_EQ(column->identity.has_value(), extra.find("auto_increment") != std::string::npos) << where;
    EXPECT_EQ(column->generated.has_value(),
              extra.find("stored generated") != std::string::npos || extra.find("virtual generated") != std::string::npos)
        << where;
    // The type's word and arguments; widths that say nothing are left out of ours.
    std::string type = to_lower(row[3].string() ? *row[3].string() : to_json(row[3]));
    const std::string word = type.substr(0, type.find_first_of("( "));
    EXPECT_TRUE(to_lower(column->type.canonical).starts_with(word) || column->type.kind == schema::TypeKind::json) << where << ": " << type;
    EXPECT_EQ(type.find("unsigned") != std::string::npos, column->type.canonical.find("unsigned") != std::string::npos) << where;
  }
  for (const auto& [name, table] : found.tables) EXPECT_EQ(counts[name.name], table.columns.size()) << name.name;

  const auto keys = connection_->execute(
      "SELECT TABLE_NAME, INDEX_NAME, COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() GROUP BY TABLE_NAME, INDEX_NAME");
  for (const auto& row : keys.rows) {
    const Table& table = *found.find_table({"", *row[0].string()});
    const std::string name = *row[1].string();
    std::size_t parts = 0;
    for (const Index& index : table.indexes) {
      if (index.name == name) parts = index.columns.size();
    }
    for (const auto& held : table.constraints) {
      if (const auto* unique = std::get_if<schema::Unique>(&held); unique && unique->name == name) parts = unique->columns.size();
      if (const auto* primary = std::get_if<schema::PrimaryKey>(&held); primary && name == "PRIMARY") parts = primary->columns.size();
    }
    EXPECT_EQ(parts, static_cast<std::size_t>(*row[2].integer())) << table.name.name << "." << name;
  }
}

TEST_P(Introspection, finds_no_difference_after_loading_the_same_again) {
  run(heroes);
  const Metadata first = schema();
  diff::Options options;
  options.comparison = dialect().comparison(connection_->server());
  options.fold_case = true;
  options.replace_objects = false;
  options.rewriter = &dialect().rewriter();
  const auto differences = [&](const Metadata& from, const Metadata& to) {
    std::string lines;
    for (const auto& operation : diff::compare(from, to, options).operations) lines += to_json(op::encode(operation)) + "\n";
    return lines;
  };
  Database again(*GetParam());
  const auto other = connect(again.url());
  for (const std::string& statement : dialect().split(heroes)) other->execute(statement);
  const Metadata second = dialect().introspector().introspect(*other, {});
  EXPECT_EQ(differences(first, second), "");
  EXPECT_EQ(differences(first, dialect().canonicalise(second, connection_.get())), "");
  EXPECT_EQ(dialect().canonicalise(first, connection_.get()), first);
}

TEST_P(Introspection, ignores_what_it_is_told_to_and_says_what_it_may_not_read) {
  run("CREATE TABLE aludel_version (id INT); CREATE TABLE hero (id INT); CREATE TRIGGER t BEFORE INSERT ON aludel_version FOR EACH ROW SET @a = 1;");
  dialect::Scope scope;
  scope.ignored_tables = {{"", "aludel_version"}};
  const Metadata found = dialect().introspector().introspect(*connection_, scope);
  EXPECT_EQ(found.tables.size(), 1U);
  EXPECT_TRUE(found.objects.empty());
}

INSTANTIATE_TEST_SUITE_P(Servers, Introspection, testing::ValuesIn(all_servers()), [](const auto& one) { return flavour_of(one.param); });

}  // namespace
}  // namespace aludel::mysql::test
