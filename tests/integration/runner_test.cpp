#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support/revisions.hpp"

// Runs on real SQLite databases: what a run does, what it refuses, what is left behind.
namespace aludel::migrate {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Ids = std::vector<std::string>;

op::Operation create_hero() {
  return op::CreateTable{table("hero", {column("name", Type::string(), false), column("nickname", Type::string())}), false};
}

/// hero; a column; rows.
MemoryStore three() {
  MemoryStore store;
  store.add(make_revision("one", {}, {create_hero()}));
  store.add(make_revision("two", {"one"}, {add_column("hero", column("age", Type::integer()))}));
  store.add(make_revision("three", {"two"}, {sql("INSERT INTO hero (id, name, age) VALUES (1, 'Deadpond', 28)", "DELETE FROM hero")}));
  return store;
}

class RunnerTest : public testing::Test {
 protected:
  std::vector<Applied> upgrade(const revision::Store& store, const Ids& targets = {"head"}) { return runner(store).upgrade(targets); }
  std::vector<Applied> downgrade(const revision::Store& store, const Ids& targets) { return runner(store).downgrade(targets); }
  Runner& runner(const revision::Store& store) {
    runner_ = std::make_unique<Runner>(*connection_, store, options_, hooks_, [this](const Event& event) { events_.push_back(event); });
    return *runner_;
  }
  Ids rows(const std::string& query) { return rows_of(*connection_, query); }
  Ids tables() { return rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'aludel%' ORDER BY name"); }
  Ids warnings() const {
    Ids result;
    for (const auto& event : events_)
      if (event.kind == Event::Kind::warning) result.push_back(event.text);
    return result;
  }

  Directory directory_;
  std::unique_ptr<dialect::Connection> connection_ = open_sqlite(directory_ / "hero.db", std::chrono::milliseconds(200));
  RunOptions options_{{}, std::chrono::milliseconds(500)};
  Hooks hooks_;
  std::vector<Event> events_;
  std::unique_ptr<Runner> runner_;
};

Ids revisions_of(const std::vector<Applied>& applied) {
  Ids result;
  for (const auto& one : applied) result.push_back(one.revision);
  return result;
}

TEST_F(RunnerTest, UpgradesAnEmptyDatabaseThenFindsNothingToDo) {
  const auto store = three();
  EXPECT_THAT(revisions_of(upgrade(store)), ElementsAre("one", "two", "three"));
  EXPECT_THAT(rows("SELECT id, name, age FROM hero"), ElementsAre("1|Deadpond|28"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("three"));
  EXPECT_THAT(upgrade(store), IsEmpty());
}

TEST_F(RunnerTest, LoadsEachPendingRevisionOnce) {
  class Counting final : public revision::Store {
   public:
    std::vector<revision::Revision> revisions() const override { return store.revisions(); }
    revision::Content load(const std::string& id) const override {
      loaded.push_back(id);
      return store.load(id);
    }
    MemoryStore store = three();
    mutable Ids loaded;
  } store;
  upgrade(store);
  EXPECT_THAT(store.loaded, ElementsAre("one", "two", "three"));
}

TEST_F(RunnerTest, DowngradesToWhereverAndUpAgain) {
  const auto store = three();
  upgrade(store);
  EXPECT_THAT(revisions_of(downgrade(store, {"-2"})), ElementsAre("three", "two"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("one"));
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "nickname"));
  EXPECT_THAT(revisions_of(upgrade(store, {"+1"})), ElementsAre("two"));
  EXPECT_THAT(revisions_of(downgrade(store, {"base"})), ElementsAre("two", "one"));
  EXPECT_THAT(tables(), IsEmpty());
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), IsEmpty());
}

TEST_F(RunnerTest, TheJournalTellsWhatRanByWhomAndHowItIsUndone) {
  const auto store = three();
  options_.tool = "aludel 9.9";
  upgrade(store);
  downgrade(store, {"two"});
  const auto entries = runner(store).journal();
  ASSERT_THAT(entries, SizeIs(5));
  EXPECT_EQ(entries[0].action, Action::create);
  const auto& second = entries[2];
  EXPECT_EQ(second.position, 2);
  EXPECT_EQ(second.revision, "two");
  EXPECT_EQ(second.action, Action::upgrade);
  EXPECT_EQ(second.state, EntryState::done);
  EXPECT_EQ(second.message, "make two");
  EXPECT_EQ(second.checksum, store.load("two").checksum);
  EXPECT_EQ(second.tool, "aludel 9.9");
  EXPECT_THAT(second.who, testing::MatchesRegex(".+@.+ pid [0-9]+"));
  EXPECT_THAT(second.started, testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"));
  EXPECT_LE(second.started, second.finished);
  EXPECT_THAT(second.heads_before, ElementsAre("one"));
  EXPECT_THAT(second.heads_after, ElementsAre("two"));
  EXPECT_THAT(second.down_revisions, ElementsAre("one"));
  EXPECT_EQ(op::decode_all(second.operations), store.load("two").upgrade);
  EXPECT_THAT(op::decode_all(second.inverse), SizeIs(1));
  EXPECT_THAT(second.statements, Contains(HasSubstr("ADD")));
  EXPECT_EQ(entries[4].action, Action::downgrade);
  EXPECT_EQ(entries[4].revision, "three");
}

TEST_F(RunnerTest, AFailingStatementRollsTheRevisionBackAndSaysWhereItStands) {
  MemoryStore store = three();
  store.add(make_revision("four", {"three"}, {add_column("hero", column("slug", Type::string())), sql("UPDATE hero SET nonsense = 1")}));
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::database);
  EXPECT_EQ(error.revision(), "four");
  EXPECT_EQ(error.location().file, "versions/four.toml");
  EXPECT_EQ(error.location().line, 30U);
  EXPECT_EQ(error.statement(), "UPDATE hero SET nonsense = 1");
  EXPECT_THAT(error.message(), HasSubstr("nonsense"));
  EXPECT_THAT(error.contexts(), Contains(HasSubstr("while running the upgrade to four (make four): statement 2 of 2")));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("three")) << "what was finished stays";
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero') WHERE name = 'slug'"), IsEmpty()) << "the first statement is undone";
  EXPECT_FALSE(connection_->in_transaction());

  const auto state = runner(store).state();
  ASSERT_TRUE(state.last_failure);
  EXPECT_EQ(state.last_failure->revision, "four");
  EXPECT_EQ(state.last_failure->state, EntryState::failed);
  EXPECT_THAT(state.last_failure->error, HasSubstr("nonsense"));
  EXPECT_EQ(state.position, 3);

  store.at("four") = make_revision("four", {"three"}, {add_column("hero", column("slug", Type::string()))});
  EXPECT_THAT(revisions_of(upgrade(store)), ElementsAre("four"));
  EXPECT_FALSE(runner(store).state().last_failure) << "a success makes it history";
}

TEST_F(RunnerTest, ProgressSaysFinishedOnlyAfterTheCommit) {
  MemoryStore store = three();
  store.add(make_revision("four", {"three"}, {sql("UPDATE hero SET nonsense = 1")}));
  error_of([&] { upgrade(store); });
  Ids finished;
  for (const auto& event : events_)
    if (event.kind == Event::Kind::revision_finished) finished.push_back(event.revision);
  EXPECT_THAT(finished, ElementsAre("one", "two", "three"));
  EXPECT_EQ(events_.front().kind, Event::Kind::revision_started);
  EXPECT_EQ(events_.front().steps, 4U);
}

TEST_F(RunnerTest, RefusesToLoseValuesUntilItIsAccepted) {
  MemoryStore store = three();
  upgrade(store);
  connection_->execute("UPDATE hero SET nickname = 'Wade'");
  connection_->execute("INSERT INTO hero (id, name) VALUES (2, 'Spider-Boy')");
  store.add(make_revision("four", {"three"}, {drop_column("hero", "nickname")}));
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::guard);
  EXPECT_THAT(error.message(), HasSubstr("would lose 1 non-null value"));
  EXPECT_THAT(error.message(), HasSubstr("hero.nickname"));
  EXPECT_THAT(error.hint(), HasSubstr("data_loss = \"accepted\""));
  EXPECT_THAT(error.hint(), HasSubstr("--accept-data-loss"));
  EXPECT_EQ(error.location().line, 20U);
  EXPECT_THAT(rows("SELECT nickname FROM hero WHERE id = 1"), ElementsAre("Wade"));

  const auto planned = runner(store).plan(Direction::upgrade, Ids{"head"});
  ASSERT_THAT(planned, SizeIs(1));
  ASSERT_THAT(planned[0].losses, SizeIs(1));
  EXPECT_THAT(planned[0].losses[0].what, HasSubstr("1 non-null value"));
  EXPECT_FALSE(planned[0].losses[0].accepted);

  options_.accept_data_loss = true;
  EXPECT_TRUE(runner(store).plan(Direction::upgrade, Ids{"head"})[0].losses.at(0).accepted);
  EXPECT_THAT(revisions_of(upgrade(store)), ElementsAre("four"));
  EXPECT_THAT(runner(store).journal().back().flags, ElementsAre("accept_data_loss"));
}

TEST_F(RunnerTest, AcceptedInTheFileOrNothingToLoseIsNotRefused) {
  MemoryStore store = three();
  auto accepted = drop_column("hero", "age");
  accepted.data_loss = op::DataLoss::accepted;
  store.add(make_revision("four", {"three"}, {drop_column("hero", "nickname")}));
  store.add(make_revision("five", {"four"}, {accepted}));
  EXPECT_THAT(upgrade(store), SizeIs(5));
}

TEST_F(RunnerTest, GuardsTheWayDownAsWell) {
  const auto store = three();
  upgrade(store);
  connection_->execute("INSERT INTO hero (id, name, age) VALUES (7, 'Rusty-Man', 48)");
  // three's undo deletes every hero; two's inverse drops hero.age.
  connection_->execute("DELETE FROM hero WHERE id = 1");
  MemoryStore kept = three();
  kept.at("three").upgrade = {sql("SELECT 1", "SELECT 1")};
  const auto error = error_of([&] {
    MemoryStore down = kept;
    down.at("three").downgrade = op::Operations{sql("SELECT 1")};
    downgrade(down, {"one"});
  });
  EXPECT_EQ(error.kind(), ErrorKind::guard);
  EXPECT_THAT(error.message(), HasSubstr("hero.age"));
  EXPECT_EQ(error.revision(), "two");
  EXPECT_THAT(rows("SELECT age FROM hero"), ElementsAre("48"));
}

TEST_F(RunnerTest, DroppedThingsComeBackFromTheJournalThoughNoFileHasTheirDefinition) {
  MemoryStore store = three();
  store.add(make_revision("four", {"three"}, {op::DropTable{{"", "hero"}, {}, false}}));
  options_.accept_data_loss = true;
  upgrade(store);
  EXPECT_THAT(tables(), IsEmpty());
  downgrade(store, {"three"});
  EXPECT_THAT(rows("SELECT name, type FROM pragma_table_info('hero') ORDER BY cid"), SizeIs(4));
}

TEST_F(RunnerTest, UndoesARevisionWhoseFileIsGone) {
  upgrade(three());
  MemoryStore less;
  less.add(three().load("one"));
  const auto error = error_of([&] { upgrade(less); });
  EXPECT_EQ(error.kind(), ErrorKind::revision);
  EXPECT_THAT(error.message(), HasSubstr("the database stands on revision 'three', which no file has; the journal says: 'make three', applied 20"));
  EXPECT_THAT(error.hint(), HasSubstr("aludel downgrade two"));
  EXPECT_THAT(error.hint(), HasSubstr("aludel stamp --purge"));
  EXPECT_THAT(runner(less).state().unknown, ElementsAre("three"));
  EXPECT_THAT(runner(less).state().applied, ElementsAre("one"));

  options_.accept_data_loss = true;
  EXPECT_THAT(revisions_of(downgrade(less, {"one"})), ElementsAre("three", "two"));
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "nickname"));
  EXPECT_THAT(upgrade(less), IsEmpty());
}

TEST_F(RunnerTest, AFilesOwnDowngradeSectionWins) {
  MemoryStore store = three();
  upgrade(store);
  store.at("three").downgrade = op::Operations{sql("UPDATE hero SET age = -1")};
  downgrade(store, {"two"});
  EXPECT_THAT(rows("SELECT age FROM hero"), ElementsAre("-1"));
}

TEST_F(RunnerTest, WhatRanIsUndoneThoughTheFileWasEditedSince) {
  MemoryStore store = three();
  upgrade(store);
  store.at("two") = make_revision("two", {"one"}, {add_column("hero", column("weight", Type::integer()))});
  options_.accept_data_loss = true;
  downgrade(store, {"one"});
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "nickname"));
}

TEST_F(RunnerTest, AStampedRevisionIsUndoneByReplayingTheFiles) {
  connection_->execute("CREATE TABLE hero (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, nickname TEXT, age INTEGER)");
  const auto store = three();
  EXPECT_THAT(runner(store).stamp(Ids{"two"}), ElementsAre("two"));
  downgrade(store, {"one"});
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "nickname"));
}

TEST_F(RunnerTest, RefusesByNameWhatCannotBeUndoneBeforeAnythingRuns) {
  MemoryStore store = three();
  store.add(make_revision("four", {"three"}, {sql("UPDATE hero SET name = upper(name)")}));
  store.add(make_revision("five", {"four"}, {add_column("hero", column("slug", Type::string()))}));
  upgrade(store);
  const auto error = error_of([&] { downgrade(store, {"three"}); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_EQ(error.revision(), "four");
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("five")) << "five was not undone either";

  store.at("four").downgrade = op::Operations{op::Irreversible{"names were folded"}};
  const auto marked = error_of([&] { downgrade(store, {"three"}); });
  EXPECT_EQ(marked.kind(), ErrorKind::guard);
  EXPECT_EQ(marked.message(), "revision 'four' must not be undone: names were folded");
}

TEST_F(RunnerTest, LooksEveryPendingCallUpBeforeStatementOne) {
  MemoryStore store;
  store.add(make_revision("one", {}, {create_hero()}));
  store.add(make_revision("two", {"one"}, {op::Call{"backfil_slugs", Value(), {}}}));
  hooks_.functions["backfill_slugs"] = [](dialect::Connection&, const Value&) {};
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::environment);
  EXPECT_THAT(error.message(),
              HasSubstr("revision 'two' calls 'backfil_slugs', which the environment does not register (did you mean 'backfill_slugs'?)"));
  EXPECT_EQ(error.location().file, "versions/two.toml");
  EXPECT_THAT(tables(), IsEmpty());
}

TEST_F(RunnerTest, CallsRunInTheTransactionAndMayNotEndIt) {
  MemoryStore store;
  store.add(make_revision("one", {}, {create_hero()}));
  store.add(make_revision("two", {"one"}, {op::Call{"fill", Value(Value::Object{{"count", 3, {}}}), {}}}));
  hooks_.functions["fill"] = [](dialect::Connection& connection, const Value& arguments) {
    for (std::int64_t i = 1; i <= *arguments.find("count")->integer(); ++i)
      connection.execute("INSERT INTO hero (id, name) VALUES (" + std::to_string(i) + ", 'hero')");
  };
  upgrade(store);
  EXPECT_THAT(rows("SELECT count(*) FROM hero"), ElementsAre("3"));

  store.add(make_revision("three", {"two"}, {op::Call{"bad", Value(), {}}}));
  for (const auto* text : {"COMMIT", "  -- hm\n rollback", "/* x */ begin immediate", "END TRANSACTION"}) {
    hooks_.functions["bad"] = [&](dialect::Connection& connection, const Value&) {
      connection.execute("DELETE FROM hero");
      connection.execute(text);
    };
    EXPECT_EQ(error_of([&] { upgrade(store); }).kind(), ErrorKind::guard) << text;
  }
  hooks_.functions["bad"] = [](dialect::Connection& connection, const Value&) {
    connection.execute("DELETE FROM hero");
    throw std::runtime_error("no luck with postgresql://u:geheim@host/db");
  };
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::environment);
  EXPECT_THAT(error.message(), HasSubstr("the function 'bad' threw: no luck"));
  EXPECT_THAT(error.text(), Not(HasSubstr("geheim")));
  EXPECT_THAT(rows("SELECT count(*) FROM hero"), ElementsAre("3"));
}

TEST_F(RunnerTest, RefusesTransactionControlInSql) {
  MemoryStore store = three();
  store.add(make_revision("four", {"three"}, {sql("DELETE FROM hero; COMMIT")}));
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_THAT(rows("SELECT count(*) FROM hero"), ElementsAre("1"));
  EXPECT_EQ(error.revision(), "four");
}

TEST_F(RunnerTest, AnAssertStopsTheRevisionWithItsMessage) {
  MemoryStore store = three();
  op::Assert check;
  check.query["default"] = "SELECT count(*) FROM hero WHERE nickname IS NULL";
  check.equals = 0;
  check.message = "heroes without a nickname must be mended first";
  store.add(make_revision("four", {"three"}, {check, add_column("hero", column("slug", Type::string()))}));
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::constraint);
  EXPECT_THAT(error.message(), HasSubstr("heroes without a nickname must be mended first"));
  EXPECT_THAT(error.text(), HasSubstr("found 1"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("three"));
  connection_->execute("UPDATE hero SET nickname = 'Wade'");
  EXPECT_THAT(revisions_of(upgrade(store)), ElementsAre("four"));
}

TEST_F(RunnerTest, OnApplyWritesInTheRevisionsTransaction) {
  connection_->execute("CREATE TABLE audit (revision TEXT)");
  hooks_.on_apply = [](const Applied& applied, dialect::Connection& connection) {
    if (applied.revision == "three") throw std::runtime_error("not today");
    connection.execute("INSERT INTO audit VALUES ('" + applied.revision + "')");
  };
  const auto error = error_of([&] { upgrade(three()); });
  EXPECT_THAT(error.message(), HasSubstr("on_apply threw: not today"));
  EXPECT_THAT(rows("SELECT revision FROM audit"), ElementsAre("one", "two"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("two"));
  EXPECT_THAT(rows("SELECT count(*) FROM hero"), ElementsAre("0"));
}

TEST_F(RunnerTest, NoticesAnEditedAppliedFile) {
  MemoryStore store = three();
  upgrade(store);
  EXPECT_THAT(runner(store).state().edited, IsEmpty());
  store.at("two").checksum = "sha256:feed";
  const auto state = runner(store).state();
  ASSERT_THAT(state.edited, SizeIs(1));
  EXPECT_EQ(state.edited[0].revision, "two");
  EXPECT_EQ(state.edited[0].position, 2);
  EXPECT_EQ(state.edited[0].applied_checksum, three().load("two").checksum);
  EXPECT_EQ(state.edited[0].file_checksum, "sha256:feed");
  upgrade(store);
  EXPECT_THAT(warnings(), ElementsAre(HasSubstr("revision 'two' was edited after it was applied (journal position 2)")));

  options_.strict = true;
  EXPECT_EQ(error_of([&] { upgrade(store); }).kind(), ErrorKind::revision);
  store.at("two").checksum = "blake9:feed";
  EXPECT_THAT(upgrade(store), IsEmpty()) << "an unknown algorithm cannot be compared";

  downgrade(store, {"one"});
  store.at("two").checksum = "sha256:feed";
  EXPECT_THAT(runner(store).state().edited, IsEmpty()) << "it is not applied any more";
}

TEST_F(RunnerTest, RefusesAJournalOfANewerTool) {
  const auto store = three();
  upgrade(store);
  connection_->execute("UPDATE aludel_journal SET layout = 3 WHERE position = 3");
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::revision);
  EXPECT_EQ(error.message(), "the journal 'aludel_journal' has layout 3, written by a newer aludel; this one knows layouts up to 2");
  EXPECT_THAT(error_of([&] { (void)runner(store).state(); }).message(), HasSubstr("newer aludel"));
}

TEST_F(RunnerTest, AHistoryWithAPartMissingIsNoNewDatabase) {
  const auto store = three();
  upgrade(store);
  connection_->execute("DROP TABLE aludel_journal");
  EXPECT_THAT(error_of([&] { upgrade(store); }).message(), HasSubstr("has the table 'aludel_version' but not 'aludel_journal'"));
}

TEST_F(RunnerTest, ATableOfThatNameThatIsNoJournalIsNamed) {
  connection_->execute("CREATE TABLE aludel_journal (x)");
  connection_->execute("CREATE TABLE aludel_version (x)");
  const auto error = error_of([&] { upgrade(three()); });
  EXPECT_THAT(error.message(), HasSubstr("'aludel_journal' is not a journal of aludel"));
  EXPECT_THAT(error.hint(), HasSubstr("journal_table"));
}

TEST_F(RunnerTest, TheJournalLivesWhereItIsToldTo) {
  options_.names.version_table = "odd \"version\"";
  options_.names.journal_table = "journal'";
  const auto store = three();
  upgrade(store);
  EXPECT_THAT(rows("SELECT revision FROM \"odd \"\"version\"\"\""), ElementsAre("three"));
  EXPECT_THAT(runner(store).journal(), SizeIs(4));
  downgrade(store, {"base"});
}

TEST_F(RunnerTest, StatusAndPlanWriteNothing) {
  const auto store = three();
  const auto state = runner(store).state();
  EXPECT_FALSE(state.journalled);
  EXPECT_THAT(state.pending, ElementsAre("one", "two", "three"));
  const auto planned = runner(store).plan(Direction::upgrade, Ids{"head"});
  ASSERT_THAT(planned, SizeIs(3));
  EXPECT_THAT(planned[0].script.statements, Not(IsEmpty()));
  EXPECT_THAT(rows("SELECT name FROM sqlite_schema"), IsEmpty());
  upgrade(store, {"two"});
  EXPECT_THAT(runner(store).state().applied, ElementsAre("one", "two"));
  EXPECT_THAT(runner(store).state().pending, ElementsAre("three"));
}

TEST_F(RunnerTest, NothingPendingMakesNoJournal) {
  EXPECT_THAT(upgrade(MemoryStore()), IsEmpty());
  EXPECT_THAT(rows("SELECT name FROM sqlite_schema"), IsEmpty());
}

TEST_F(RunnerTest, TwoHeadsOnUpgradeHeadAreRefusedWithTheirNames) {
  MemoryStore store = three();
  store.add(make_revision("other", {"two"}, {sql("SELECT 1")}));
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.message(), "there are 2 heads: other (make other), three (make three)");
  EXPECT_THAT(upgrade(store, {"heads"}), SizeIs(4));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version ORDER BY 1"), ElementsAre("other", "three"));
  store.add(make_revision("merged", {"other", "three"}, {}));
  EXPECT_THAT(revisions_of(upgrade(store)), ElementsAre("merged"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("merged"));
  EXPECT_THAT(revisions_of(downgrade(store, {"-1"})), ElementsAre("merged"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version ORDER BY 1"), ElementsAre("other", "three"));
}

TEST_F(RunnerTest, StampsWithoutRunning) {
  MemoryStore store = three();
  store.add(make_revision("other", {"one"}, {sql("SELECT 1")}));
  EXPECT_THAT(runner(store).stamp(Ids{"two"}), ElementsAre("two"));
  EXPECT_THAT(tables(), IsEmpty());
  EXPECT_THAT(runner(store).stamp(Ids{"other"}), ElementsAre("other", "two")) << "another branch stays";
  EXPECT_THAT(runner(store).stamp(Ids{"three"}), ElementsAre("other", "three"));
  EXPECT_THAT(runner(store).stamp(Ids{"one"}), ElementsAre("one"));
  EXPECT_THAT(runner(store).stamp(Ids{"heads"}), ElementsAre("other", "three"));
  EXPECT_THAT(runner(store).stamp(Ids{"base"}), IsEmpty());
  const auto last = runner(store).journal().back();
  EXPECT_EQ(last.action, Action::stamp);
  EXPECT_EQ(last.revision, "base");
}

TEST_F(RunnerTest, StampPurgeMendsAVersionTableOfAnotherProject) {
  upgrade(three());
  MemoryStore other;
  other.add(make_revision("fresh", {}, {sql("SELECT 1")}));
  EXPECT_THAT(error_of([&] { runner(other).stamp(Ids{"fresh"}); }).message(), HasSubstr("'three'"));
  EXPECT_THAT(runner(other).stamp(Ids{"fresh"}, true), ElementsAre("fresh"));
  EXPECT_THAT(upgrade(other), IsEmpty());
}

TEST_F(RunnerTest, AnOperationThatDoesNotFitTheDatabaseIsRefusedWithItsPlace) {
  MemoryStore store;
  store.add(make_revision("one", {}, {create_hero()}));
  store.add(make_revision("two", {"one"}, {drop_column("hero", "weight")}));
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::schema);
  EXPECT_EQ(error.revision(), "two");
  EXPECT_EQ(error.location().line, 20U);
  EXPECT_THAT(error.message(), HasSubstr("weight"));
  EXPECT_THAT(rows("SELECT revision FROM aludel_version"), ElementsAre("one"));
}

TEST_F(RunnerTest, WhatFollowsOpaqueSqlSeesWhatItDid) {
  MemoryStore store;
  store.add(make_revision("one", {}, {create_hero()}));
  store.add(
      make_revision("two", {"one"}, {opaque_sql("ALTER TABLE hero ADD COLUMN age INTEGER"), add_column("hero", column("slug", Type::string()))}));
  store.add(make_revision("three", {"two"}, {drop_column("hero", "age")}));
  EXPECT_THAT(upgrade(store), SizeIs(3));
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "nickname", "slug"));
}

TEST_F(RunnerTest, AColumnThatOpaqueSqlAddsSurvivesARebuildInTheSameRevision) {
  MemoryStore store;
  store.add(make_revision("one", {}, {create_hero()}));
  op::AlterColumn tighten;
  tighten.table.name = "hero";
  tighten.column = "nickname";
  tighten.type = op::Change<Type>{Type::string(), Type::varchar(80)};
  auto content = make_revision("two", {"one"}, {opaque_sql("ALTER TABLE hero ADD COLUMN age INTEGER"), tighten});
  content.revision.foreign_keys_off = true;
  store.add(content);
  upgrade(store);
  EXPECT_THAT(rows("SELECT name FROM pragma_table_info('hero')"), ElementsAre("id", "name", "nickname", "age"));
}

TEST_F(RunnerTest, AChangeBySomebodyElseIsNoticedBetweenPlanningAndRunning) {
  MemoryStore store = three();
  upgrade(store, {"two"});
  op::AlterColumn tighten;
  tighten.table.name = "hero";
  tighten.column = "nickname";
  tighten.type = op::Change<Type>{Type::string(), Type::varchar(80)};
  store.add(make_revision("four", {"three"}, {tighten}));
  store.add(make_revision("five", {"four"}, {add_column("hero", column("slug", Type::string()))}));
  const auto other = open_sqlite(directory_ / "hero.db");
  bool meddled = false;
  Runner run(*connection_, store, options_, {}, [&](const Event& event) {
    if (event.kind == Event::Kind::revision_finished && event.revision == "three" && !meddled) {
      // The schema that revision four is rendered for is carried from here on.
      meddled = true;
      other->execute("ALTER TABLE hero ADD COLUMN by_hand TEXT DEFAULT 'kept'");
    }
  });
  run.upgrade(Ids{"head"});
  EXPECT_TRUE(meddled);
  EXPECT_THAT(rows("SELECT by_hand FROM hero"), ElementsAre("kept"));
}

TEST_F(RunnerTest, AnInterruptRollsBackAndLeavesNothingHalfDone) {
  MemoryStore store = three();
  store.add(make_revision(
      "four", {"three"},
      {sql("UPDATE hero SET age = 99"), sql("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n")}));
  upgrade(store, {"three"});
  std::thread killer;
  Runner run(*connection_, store, options_, {}, [&](const Event& event) {
    if (event.kind == Event::Kind::statement_started && event.statement == 2)
      killer = std::thread([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        connection_->cancel();
      });
  });
  const auto error = error_of([&] { run.upgrade(Ids{"head"}); });
  killer.join();
  EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  EXPECT_EQ(error.revision(), "four");
  EXPECT_THAT(rows("SELECT age FROM hero"), ElementsAre("28"));
  EXPECT_FALSE(connection_->in_transaction());
}

TEST_F(RunnerTest, AnInterruptBetweenStatementsIsHeardToo) {
  int asked = 0;
  hooks_.interrupted = [&] { return ++asked > 6; };
  EXPECT_EQ(error_of([&] { upgrade(three()); }).kind(), ErrorKind::interrupted);
  EXPECT_FALSE(connection_->in_transaction());
}

TEST_F(RunnerTest, ALockedDatabaseIsWaitedForThenReportedBusy) {
  const auto store = three();
  upgrade(store, {"one"});
  const auto other = open_sqlite(directory_ / "hero.db");
  other->begin();
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_THAT(error.hint(), Not(IsEmpty()));
  other->rollback();
  EXPECT_THAT(upgrade(store), SizeIs(2));
}

TEST_F(RunnerTest, AReadOnlyDatabaseIsRefusedAndUntouched) {
  const auto store = three();
  upgrade(store, {"one"});
  dialect::ConnectOptions options;
  options.read_only = true;
  connection_ = sqlite::dialect().connect(parse_url("sqlite:///" + (directory_ / "hero.db").string()), options);
  EXPECT_THAT(runner(store).state().pending, ElementsAre("two", "three"));
  EXPECT_THAT(error_of([&] { upgrade(store); }).text(), testing::ContainsRegex("read.?only"));
}

// What cannot run in a transaction

TEST_F(RunnerTest, ARevisionWithoutATransactionRunsStatementByStatementWithAnIntentEach) {
  MemoryStore store = three();
  auto content = make_revision("four", {"three"},
                               {sql("INSERT INTO hero (id, name) VALUES (2, 'a')"), sql("VACUUM"), sql("UPDATE hero SET name = 'b' WHERE id = 2")});
  content.revision.transaction = false;
  store.add(content);
  EXPECT_THAT(upgrade(store), SizeIs(4));
  EXPECT_THAT(rows("SELECT name FROM hero WHERE id = 2"), ElementsAre("b"));
  EXPECT_THAT(rows("SELECT position, segment, segments, state FROM aludel_journal WHERE revision = 'four' ORDER BY 1"),
              ElementsAre("4|1|3|done", "5|2|3|done", "6|3|3|done"));
}

TEST_F(RunnerTest, WithoutATransactionAFailureInTheMiddleIsSaidToBeHalfApplied) {
  MemoryStore store = three();
  auto content = make_revision("four", {"three"}, {sql("INSERT INTO hero (id, name) VALUES (2, 'a')"), sql("UPDATE hero SET nonsense = 1")});
  content.revision.transaction = false;
  store.add(content);
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::half_applied);
  EXPECT_THAT(error.text(), HasSubstr("1 of 2 segments are done and stay"));
  EXPECT_THAT(error.hint(), HasSubstr("`aludel upgrade` goes on where it stopped"));
  EXPECT_THAT(rows("SELECT name FROM hero WHERE id = 2"), ElementsAre("a"));

  const auto state = runner(store).state();
  ASSERT_TRUE(state.half_applied);
  EXPECT_EQ(state.half_applied->revision, "four");
  EXPECT_EQ(state.half_applied->segment, 2);
  EXPECT_FALSE(state.half_applied->in_doubt);
  EXPECT_TRUE(state.half_applied->failed);
  EXPECT_EQ(state.half_applied->statements_done, 1U);
  EXPECT_EQ(state.half_applied->statements, 2U);
  EXPECT_THAT(state.half_applied->error, HasSubstr("nonsense"));
  EXPECT_EQ(error_of([&] { runner(store).stamp(Ids{"three"}); }).message(),
            "upgrade of revision 'four' stopped in the middle: 1 of 2 statements applied, segment 2 of 2 failed");
  const auto again = error_of([&] { upgrade(store); });
  EXPECT_EQ(again.kind(), ErrorKind::half_applied);
  EXPECT_EQ(again.statement(), "UPDATE hero SET nonsense = 1");
  EXPECT_THAT(rows("SELECT count(*) FROM hero WHERE id = 2"), ElementsAre("1")) << "what ran is not run again";

  EXPECT_THAT(runner(store).stamp(Ids{"four"}, true), ElementsAre("four"));
  EXPECT_THAT(upgrade(store), IsEmpty());
  EXPECT_THAT(rows("SELECT position FROM aludel_journal WHERE position < 0"), IsEmpty());
}

TEST_F(RunnerTest, WithoutATransactionAFailureAtTheBeginningLeavesNothing) {
  MemoryStore store = three();
  auto content = make_revision("four", {"three"}, {sql("UPDATE hero SET nonsense = 1"), sql("SELECT 1")});
  content.revision.transaction = false;
  store.add(content);
  EXPECT_EQ(error_of([&] { upgrade(store); }).kind(), ErrorKind::database);
  EXPECT_FALSE(runner(store).state().half_applied);
  EXPECT_EQ(runner(store).state().position, 3);
}

TEST_F(RunnerTest, AnIntentOfADeadRunnerIsReportedWithItsStatement) {
  const auto store = three();
  upgrade(store);
  connection_->execute(
      "INSERT INTO aludel_journal SELECT 4, layout, 'four', 'upgrade', 'x', 1, 2, 'intent', started, finished, 0, who, tool, session, checksum, "
      "'[]', '[]', "
      "heads_after, heads_after, '[]', 'null', '[\"CREATE INDEX i ON hero (age)\"]', '[]', '' FROM aludel_journal WHERE position = 3");
  const auto error = error_of([&] { upgrade(store); });
  EXPECT_EQ(error.kind(), ErrorKind::half_applied);
  EXPECT_THAT(error.message(), HasSubstr("segment 1 of 2 was begun"));
  EXPECT_EQ(error.statement(), "CREATE INDEX i ON hero (age)");
  EXPECT_THAT(error.text(), HasSubstr("an older aludel ran it"));
  EXPECT_THAT(error.hint(), HasSubstr("aludel stamp --purge"));
  EXPECT_TRUE(runner(store).state().half_applied->in_doubt);
}

}  // namespace
}  // namespace aludel::migrate
