#include <aludel/autogenerate/autogenerate.hpp>

#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/revisions.hpp"

// Autogenerate against real SQLite databases: what it finds, what it leaves alone, what it proves.
namespace aludel::autogenerate {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class AutogenerateTest : public testing::Test {
 protected:
  void sql(const std::string& script) {
    for (const std::string& statement : sqlite::dialect().split(script)) connection_->execute(statement);
  }
  Request request(schema::Metadata target = {}) {
    Request result;
    result.target = std::move(target);
    result.current = sqlite::dialect().introspector().introspect(*connection_, {});
    result.dialect = &sqlite::dialect();
    result.connection = connection_.get();
    result.server = connection_->server();
    return result;
  }
  static std::vector<std::string> lines(const Result& result) {
    std::vector<std::string> texts;
    for (const Line& line : result.summary) texts.push_back(std::string(1, line.sign) + " " + line.text);
    return texts;
  }
  /// What the result does to the database, run for real.
  void run(const Result& result) {
    MemoryStore store;
    store.add(make_revision("aaaaaaaaaaaa", {}, result.operations));
    migrate::RunOptions options;
    options.accept_data_loss = true;
    const std::vector<std::string> targets = {"head"};
    migrate::Runner(*connection_, store, options).upgrade(targets);
    sql("DROP TABLE aludel_version; DROP TABLE aludel_journal");
  }

  std::unique_ptr<dialect::Connection> connection_ = open_memory();
};

schema::Metadata hero(std::vector<schema::Column> columns = {}) {
  schema::Metadata metadata;
  metadata.add(table("hero", std::move(columns)));
  return metadata;
}

TEST_F(AutogenerateTest, FindsWhatIsMissingProvesItAndThenFindsNothing) {
  schema::Metadata target = hero({column("name", Type::varchar(80), false), column("age", Type::integer())});
  schema::Index index;
  index.name = "ix_hero_name";
  index.columns = {"name"};
  target.find_table({"", "hero"})->indexes.push_back(index);
  const Result result = generate(request(target));
  EXPECT_THAT(lines(result), ElementsAre(HasSubstr("+ create table hero"), HasSubstr("+ create index ix_hero_name")));
  EXPECT_THAT(prove(result, sqlite::dialect(), connection_.get(), nullptr), IsEmpty());
  run(result);
  EXPECT_THAT(generate(request(target)).operations, IsEmpty()) << "a second autogenerate right after an upgrade";
}

TEST_F(AutogenerateTest, LeavesAloneWhatNobodyMade) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY); CREATE TABLE spatial (x); CREATE TABLE legacy (y); CREATE INDEX ix ON legacy (y);"
      "CREATE VIEW report AS SELECT 1; CREATE TRIGGER t AFTER INSERT ON legacy BEGIN SELECT 1; END;");
  Result result = generate(request(hero()));
  EXPECT_THAT(result.operations, IsEmpty());
  EXPECT_THAT(result.unmanaged, UnorderedElementsAre(Pair("table", 2), Pair("view", 1), Pair("trigger", 1)));

  Request all = request(hero());
  all.include_unmanaged = true;
  result = generate(all);
  EXPECT_THAT(lines(result), testing::IsSupersetOf({HasSubstr("- drop table legacy"), HasSubstr("- drop table spatial"), HasSubstr("view report")}));
  EXPECT_THAT(result.unmanaged, IsEmpty());
}

TEST_F(AutogenerateTest, DropsWhatARevisionMade) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY); CREATE TABLE team (id BIGINT NOT NULL PRIMARY KEY);");
  Request asked = request(hero());
  asked.managed.tables[{"", "team"}] = {};
  const Result result = generate(asked);
  EXPECT_THAT(lines(result), ElementsAre(HasSubstr("- drop table team")));
  EXPECT_NE(result.summary.at(0).loss, "");
  EXPECT_EQ(result.operations.at(0).data_loss, op::DataLoss::review);
}

TEST_F(AutogenerateTest, LeavesHandMadeColumnsWithTheirChecksAndIndexes) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY, rating INTEGER CHECK (rating > 0) UNIQUE); CREATE INDEX ix ON hero (lower(rating));"
      "CREATE INDEX iy ON hero (id) WHERE rating > 3;");
  const Result result = generate(request(hero()));
  EXPECT_THAT(lines(result), IsEmpty());
  EXPECT_THAT(result.unmanaged, UnorderedElementsAre(Pair("column", 1), Pair("check constraint", 1), Pair("unique constraint", 1), Pair("index", 2)));
}

TEST_F(AutogenerateTest, ARenameHintCountsForItsOwnTableOnly) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY, alias TEXT); CREATE TABLE team (id BIGINT NOT NULL PRIMARY KEY, alias TEXT);");
  schema::Metadata target = hero({column("nick", Type::string())});
  target.add(table("team", {}));
  Request asked = request(target);
  asked.renames = {diff::parse_rename("hero.alias:nick")};
  const Result result = generate(asked);
  EXPECT_THAT(lines(result), ElementsAre(HasSubstr("> rename column hero.alias")));
  EXPECT_THAT(result.unmanaged, UnorderedElementsAre(Pair("column", 1))) << "team.alias was made by hand";
}

TEST_F(AutogenerateTest, PatternsLeaveOutTablesWithAllThatIsOnThem) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY); CREATE TABLE pg_stat_x (x);"
      "CREATE TRIGGER t AFTER INSERT ON pg_stat_x BEGIN SELECT 1; END;"
      "CREATE VIEW heroes AS SELECT id FROM hero; CREATE TRIGGER u INSTEAD OF INSERT ON heroes BEGIN SELECT 1; END;");
  Request asked = request(hero());
  asked.exclude = {"pg_stat_*"};
  asked.include_unmanaged = true;
  EXPECT_THAT(lines(generate(asked)), UnorderedElementsAre(HasSubstr("- drop view heroes"), HasSubstr("- drop trigger u")))
      << "a trigger on a view is compared as any other";
  asked.include = {"hero"};
  EXPECT_THAT(generate(asked).operations, IsEmpty());
}

TEST_F(AutogenerateTest, HooksOfTheEnvironmentTakePart) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY); CREATE TABLE cache (x);");
  Environment environment;
  environment.include_name([](std::string_view, std::string_view name) { return name != "cache"; });
  environment.process_operations([](op::Operations& operations) {
    for (op::Operation& operation : operations) operation.remarks.push_back("seen");
  });
  Request asked = request(hero({column("age", Type::integer())}));
  asked.environment = &environment;
  asked.include_unmanaged = true;
  const Result result = generate(asked);
  EXPECT_THAT(lines(result), ElementsAre(HasSubstr("+ add column hero.age")));
  EXPECT_THAT(result.operations.at(0).remarks, testing::Contains("seen"));
}

TEST_F(AutogenerateTest, ExternalTablesAreNeverTouched) {
  sql("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, secret TEXT);");
  schema::Metadata target = hero({column("user_id", Type::bigint())});
  schema::ForeignKey key;
  key.columns = {"user_id"};
  key.referenced_table = {"", "users"};
  key.referenced_columns = {"id"};
  target.find_table({"", "hero"})->constraints.push_back(key);
  target.add(table("users", {})).external = true;
  const Result result = generate(request(target));
  EXPECT_THAT(lines(result), ElementsAre(HasSubstr("+ create table hero")));
  EXPECT_THAT(prove(result, sqlite::dialect(), connection_.get(), nullptr), IsEmpty());
}

TEST_F(AutogenerateTest, RefusesByNameWhatTheDialectCannotDo) {
  Environment environment;
  environment.process_operations([](op::Operations& operations) { operations.push_back(op::AttachPartition{{"", "hero"}, {"", "hero_2026"}, ""}); });
  Request asked = request(hero());
  asked.environment = &environment;
  const Error error = error_of([&] { generate(asked); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_THAT(error.message(), HasSubstr("hero_2026"));
  EXPECT_NE(error.hint(), "");
}

TEST_F(AutogenerateTest, StrictRefusesWhatCannotBeCarriedByName) {
  Request asked = request(hero());
  asked.current.unsupported.push_back({"virtual table", "notes", "its module is not loaded"});
  EXPECT_NO_THROW(generate(asked));
  asked.strict = true;
  const Error error = error_of([&] { generate(asked); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_THAT(error.text(), HasSubstr("virtual table notes: its module is not loaded"));
}

// SQLite makes a view of a column that is gone without a word.
TEST_F(AutogenerateTest, WarnsOfViewsAndTriggersThatTheTargetHasBroken) {
  const std::string rest = "CREATE TABLE other (x TEXT); CREATE VIEW others AS SELECT x FROM other;";
  sql("CREATE TABLE hero (id INTEGER PRIMARY KEY, x TEXT, y TEXT); CREATE TABLE team (id INTEGER); CREATE VIEW xs AS SELECT x FROM hero;"
      "CREATE VIEW teams AS SELECT count(*) FROM team; CREATE VIEW ys AS SELECT y FROM hero;"
      "CREATE TRIGGER copy AFTER INSERT ON hero BEGIN UPDATE hero SET y = NEW.x; END;" +
      rest);
  const auto introspect = [&] { return sqlite::dialect().introspector().introspect(*connection_, {}); };
  const schema::Metadata before = introspect();
  schema::Metadata target = before;
  std::erase_if(target.find_table({"", "hero"})->columns, [](const schema::Column& column) { return column.name == "x"; });
  target.tables.erase(schema::Name{"", "team"});
  Request asked = request(target);
  asked.include_unmanaged = true;
  EXPECT_THAT(generate(asked).warnings,
              UnorderedElementsAre(HasSubstr("view 'xs' still names 'hero.x'"), HasSubstr("view 'teams' still names 'team'"),
                                   HasSubstr("trigger 'copy on hero' still names 'hero.x'")));
  for (const std::string object : {"VIEW xs", "VIEW teams", "TRIGGER copy"}) sql("DROP " + object);
  target.objects = introspect().objects;
  asked.target = target;
  EXPECT_THAT(generate(asked).warnings, IsEmpty());
}

TEST_F(AutogenerateTest, TheProofSaysWhatDoesNotHold) {
  sql("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY);");
  Result result = generate(request(hero({column("age", Type::integer()), column("name", Type::string())})));
  ASSERT_EQ(result.operations.size(), 2U);
  result.operations.erase(result.operations.begin());  // as a process_operations hook might
  const std::vector<std::string> problems = prove(result, sqlite::dialect(), connection_.get(), nullptr);
  ASSERT_THAT(problems, testing::SizeIs(1));
  EXPECT_THAT(problems[0], HasSubstr("after the upgrade: still to do: add column hero."));
}

}  // namespace
}  // namespace aludel::autogenerate
