#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "chinook.hpp"
#include "support/linked_systems.hpp"

// The Chinook sample database with its rows, on every system: models that describe it as it is, and a change of each kind applied and undone
// without losing a row. It is read from $ALUDEL_CORPUS/chinook, by default ../shared/corpus beside the sources, and is no part of the project.
namespace aludel::test::chinook {
namespace {

using schema::Type;
using testing::IsEmpty;

std::filesystem::path script_of(const Edition& edition) {
  const char* corpus = std::getenv("ALUDEL_CORPUS");
  const std::filesystem::path root =
      corpus != nullptr ? std::filesystem::path(corpus) : std::filesystem::path(ALUDEL_SOURCE_DIR) / "../shared/corpus";
  return root / "chinook" / edition.script;
}

/// The rows of every table, by table and column: what must be the same when a change was undone.
using Contents = std::map<std::string, std::map<std::string, std::vector<std::string>>>;

/// The script takes a second to load, so it is loaded once, and copied for every test where the system can.
class Original {
 public:
  Original(const LinkedSystem& system, const Edition& edition) : system_(system), script_(file::read_file(script_of(edition))) {
    // What stands before makes, or empties, a database of its name.
    script_.erase(0, script_.find("CREATE TABLE"));
    url_ = load();
  }
  std::string copy(const Directory& directory) const { return system_.can_copy() ? system_.fresh(directory, url_) : load(); }

 private:
  std::string load() const {
    auto url = system_.fresh(directory_);
    const auto connection = system_.connect(url);
    connection->begin();
    for (const std::string& statement : system_.dialect->split(script_)) connection->execute(statement);
    connection->commit();
    return url;
  }

  LinkedSystem system_;
  Directory directory_;
  std::string script_, url_;
};

class Chinook {
 protected:
  explicit Chinook(const LinkedSystem& system) : system_(system), edition_(*edition_of(system.name)) {}

  bool open() {
    static std::map<std::string, Original> originals;
    if (!std::filesystem::exists(script_of(edition_))) return false;
    auto found = originals.find(system_.name);
    if (found == originals.end()) found = originals.try_emplace(system_.name, system_, edition_).first;
    connection_ = system_.connect(found->second.copy(directory_));
    return true;
  }
  std::string reason() const {
    return "the Chinook database is not here: " + script_of(edition_).string() + " (set ALUDEL_CORPUS to the folder above chinook/)";
  }

  const dialect::Dialect& dialect() const { return *system_.dialect; }
  schema::Metadata introspect() {
    dialect::Scope scope;
    scope.ignored_tables = migrate::JournalNames{}.tables();
    return dialect().introspector().introspect(*connection_, scope);
  }
  bool alike(const schema::Metadata& a, const schema::Metadata& b) { return schema::equivalent(a, b, dialect().comparison(connection_->server())); }
  Contents contents() {
    Contents contents;
    for (const auto& [name, table] : introspect().tables) {
      const dialect::Rows rows = connection_->execute("SELECT * FROM " + dialect().quote_name(name) + " ORDER BY 1, 2");
      auto& columns = contents[name.name];
      for (std::size_t i = 0; i < rows.columns.size(); ++i) {
        std::vector<std::string>& values = columns[rows.columns[i]];
        for (const auto& row : rows.rows) values.push_back(to_json(row[i]));
      }
    }
    return contents;
  }
  std::vector<std::string> broken() { return edition_.broken(*connection_); }

  autogenerate::Result compare(const schema::Metadata& target, const std::vector<diff::RenameHint>& renames = {}) {
    autogenerate::Request request;
    request.target = target;
    request.current = introspect();
    request.dialect = system_.dialect;
    request.connection = connection_.get();
    request.server = connection_->server();
    request.include_unmanaged = true;
    request.renames = renames;
    return autogenerate::generate(std::move(request));
  }
  std::vector<std::string> faults(const autogenerate::Result& result) { return autogenerate::prove(result, dialect(), connection_.get(), nullptr); }
  static std::vector<std::string> described(const op::Operations& operations) {
    std::vector<std::string> lines;
    for (const op::Operation& operation : operations) lines.push_back(op::describe(operation));
    return lines;
  }
  void execute(const op::Operation& operation) {
    const op::Operations one{operation};
    for (const auto& statement : dialect().renderer().render(one, introspect(), connection_->server(), {}).statements)
      connection_->execute(statement.sql);
  }
  void run(const op::Operations& operations) {
    store_.add(make_revision("abcdef012345", {}, operations));
    const std::vector<std::string> targets = {"head"};
    migrate::Runner(*connection_, store_, options()).upgrade(targets);
  }
  void undo() {
    const std::vector<std::string> targets = {"base"};
    migrate::Runner(*connection_, store_, options()).downgrade(targets);
  }
  static migrate::RunOptions options() {
    migrate::RunOptions options;
    options.accept_data_loss = true;
    return options;
  }

  LinkedSystem system_;
  const Edition& edition_;
  Directory directory_;
  std::unique_ptr<dialect::Connection> connection_;
  MemoryStore store_;
};

std::vector<LinkedSystem> published() {
  auto all = linked_systems();
  all.erase(std::remove_if(all.begin(), all.end(), [](const auto& system) { return edition_of(system.name) == nullptr; }), all.end());
  return all;
}

class ChinookTest : public Chinook, public testing::TestWithParam<LinkedSystem> {
 protected:
  ChinookTest() : Chinook(GetParam()) {}
  void SetUp() override {
    if (!open()) GTEST_SKIP() << reason();
  }
};
INSTANTIATE_TEST_SUITE_P(Systems, ChinookTest, testing::ValuesIn(published()), [](const auto& instance) { return instance.param.name; });

TEST_P(ChinookTest, TheModelsDescribeTheDatabase) {
  const autogenerate::Result result = compare(edition_.metadata());
  EXPECT_THAT(described(result.operations), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_THAT(result.unsupported, IsEmpty());
  EXPECT_EQ(result.current.tables.size(), 11U);
}

/// A target that is being changed, in the words of one edition.
struct Target {
  const Edition& edition;
  schema::Metadata metadata;

  std::string word(std::string_view name) const { return edition.word(name); }
  schema::Name name(std::string_view table) const { return {"", word(table)}; }
  schema::Table& table(std::string_view table) { return *metadata.find_table(name(table)); }
  schema::Column& column(std::string_view table, std::string_view column) { return *this->table(table).find_column(word(column)); }
  schema::Column new_column(std::string_view name, Type type, bool nullable = true) const {
    return test::column(word(name), std::move(type), nullable);
  }
  schema::Index& index(std::string_view table, std::string_view column) {
    for (schema::Index& index : this->table(table).indexes)
      if (index.columns.front().column == word(column)) return index;
    throw Error(ErrorKind::internal, "no such index");
  }
  schema::ForeignKey& foreign_key(std::string_view table, std::string_view column) {
    for (schema::Constraint& constraint : this->table(table).constraints) {
      auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (key != nullptr && key->columns.front() == word(column)) return *key;
    }
    throw Error(ErrorKind::internal, "no such foreign key");
  }
  schema::ForeignKey new_foreign_key(std::string_view column, std::string_view table, std::string_view referenced) const {
    schema::ForeignKey key;
    key.columns = {word(column)};
    key.referenced_table = name(table);
    key.referenced_columns = {word(referenced)};
    return key;
  }
  void add_view(std::string_view name, std::string_view query) { metadata.add(object("view", word(name), "", edition.sql(query))); }
  void add_trigger(const Trigger& trigger) {
    for (auto& one : edition.trigger(words(trigger))) metadata.add(std::move(one));
  }
  Trigger words(const Trigger& trigger) const { return {word(trigger.name), word(trigger.table), trigger.event, edition.sql(trigger.action)}; }
};

struct Change {
  std::string name;
  std::function<void(Target&)> make;
  std::vector<std::string> renames{};
  std::string setup{};                    ///< SQL that gives the change something to drop or alter without losing a row
  std::vector<Trigger> triggers{};        ///< likewise
  std::size_t operations = 1;             ///< how many the change takes
  std::size_t fewer_when_replaced = 0;    ///< where objects are replaced in place
  std::size_t more_with_functions = 0;    ///< where a trigger calls a function, which is an object of its own
  std::size_t more_with_key_indexes = 0;  ///< where the server gives an index to each foreign key

  std::size_t operations_on(const dialect::Dialect& dialect, const Edition& edition) const {
    return operations - (dialect.capabilities().replace_objects ? fewer_when_replaced : 0) +
           (edition.trigger({}).size() > 1 ? more_with_functions : 0) + (edition.indexes_foreign_keys ? more_with_key_indexes : 0);
  }
};

const Trigger on_genre{"Audit", "Genre", "AFTER INSERT", "DELETE FROM Genre WHERE GenreId < 0"};
const Trigger on_track{"Audit", "Track", "AFTER DELETE", "DELETE FROM PlaylistTrack WHERE TrackId = OLD.TrackId"};

const std::vector<Change>& changes() {
  static const std::vector<Change> all = {
      {"AddColumn", [](Target& t) { t.table("Track").columns.push_back(t.new_column("Lyrics", Type::string())); }},
      {"AddNotNullColumnWithDefault",
       [](Target& t) {
         schema::Column rating = t.new_column("Rating", Type::integer(), false);
         rating.server_default = "3";
         t.table("Track").columns.push_back(rating);
       }},
      {"AddGeneratedColumn",
       [](Target& t) {
         schema::Column seconds = t.new_column("Seconds", Type::integer());
         seconds.generated = schema::Generated{t.edition.sql("Milliseconds / 1000"), true};
         t.table("Track").columns.push_back(seconds);
       }},
      {"DropColumn", [](Target&) {}, {}, "ALTER TABLE Track ADD COLUMN Lyrics TEXT DEFAULT NULL"},
      {"RenameColumn", [](Target& t) { t.column("Track", "Milliseconds").name = t.word("Duration"); }, {"Track.Milliseconds:Duration"}},
      {"RenameKeyColumn",
       [](Target& t) {
         t.column("Artist", "ArtistId").name = t.word("Id");
         t.table("Artist").primary_key()->columns = {t.word("Id")};
         t.foreign_key("Album", "ArtistId").referenced_columns = {t.word("Id")};
       },
       {"Artist.ArtistId:Id"}},
      {"ChangeType", [](Target& t) { t.column("Track", "Bytes").type = Type::bigint(); }},
      {"MakeNotNull", [](Target& t) { t.column("Employee", "Title").nullable = false; }},
      {"MakeNullable", [](Target& t) { t.column("Album", "Title").nullable = true; }},
      {"SetDefault", [](Target& t) { t.column("Track", "UnitPrice").server_default = "0.99"; }},
      {"SetCollation", [](Target& t) { t.column("Genre", "Name").collation = t.edition.collation; }},
      {"CreateTable",
       [](Target& t) {
         schema::Table review = table(t.word("Review"), {t.new_column("TrackId", Type::integer(), false), t.new_column("Stars", Type::smallint())});
         schema::ForeignKey key = t.new_foreign_key("TrackId", "Track", "TrackId");
         key.on_delete = schema::ForeignKeyAction::cascade;
         review.constraints.emplace_back(key);
         t.metadata.add(review);
       },
       {},
       {},
       {},
       1,
       0,
       0,
       1},
      {"DropTable",
       [](Target&) {},
       {},
       "CREATE TABLE Review (Id INTEGER PRIMARY KEY, TrackId INTEGER REFERENCES Track (TrackId) ON DELETE SET NULL, Stars INTEGER)"},
      {"RenameTable",
       [](Target& t) {
         schema::Table performer = t.table("Artist");
         t.metadata.tables.erase(t.name("Artist"));
         performer.name = t.name("Performer");
         t.metadata.add(performer);
         t.foreign_key("Album", "ArtistId").referenced_table = t.name("Performer");
       },
       {"Artist:Performer"}},
      {"AddUnique",
       [](Target& t) {
         schema::Unique unique;
         unique.name = t.word("UQ_GenreName");
         unique.columns = {t.word("Name")};
         t.table("Genre").constraints.emplace_back(unique);
       }},
      {"AddCheck",
       [](Target& t) {
         schema::Check check;
         check.name = t.word("CK_Quantity");
         check.expression = t.edition.sql("Quantity > 0");
         t.table("InvoiceLine").constraints.emplace_back(check);
       }},
      {"DropUniqueAndCheck",
       [](Target& t) { t.metadata.add(table(t.word("Note"), {column("x", Type::integer())})); },
       {},
       "CREATE TABLE Note (id BIGINT NOT NULL PRIMARY KEY, x INTEGER, CONSTRAINT u UNIQUE (x), CONSTRAINT c CHECK (x > 0));"
       "INSERT INTO Note VALUES (1, 5), (2, 6)",
       {},
       2},
      {"AddForeignKey",
       [](Target& t) {
         schema::ForeignKey key = t.new_foreign_key("Quantity", "Genre", "GenreId");
         key.name = t.word("FK_Line");
         t.table("InvoiceLine").constraints.emplace_back(key);
       },
       {},
       {},
       {},
       1,
       0,
       0,
       1},
      {"DropForeignKey",
       [](Target& t) {
         auto& constraints = t.table("Track").constraints;
         constraints.erase(std::find_if(constraints.begin(), constraints.end(), [&](const schema::Constraint& one) {
           const auto* key = std::get_if<schema::ForeignKey>(&one);
           return key != nullptr && key->columns.front() == t.word("GenreId");
         }));
       }},
      {"AlterForeignKey", [](Target& t) { t.foreign_key("InvoiceLine", "InvoiceId").on_delete = schema::ForeignKeyAction::cascade; }, {}, {}, {}, 2},
      {"ChangePrimaryKey",
       [](Target& t) {
         t.table("PlaylistTrack").primary_key()->columns = {t.word("TrackId"), t.word("PlaylistId")};
       },
       {},
       {},
       {},
       2},
      {"CreateIndexes",
       [](Target& t) {
         schema::IndexPart lower;
         if (t.edition.index_expressions) {
           lower.expression = t.edition.sql("lower(Name)");
         } else {
           lower.column = t.word("Name");
         }
         schema::Index by_name;
         by_name.name = t.word("IX_LowerName");
         by_name.columns = {lower};
         schema::Index partial;
         partial.name = t.word("IX_Long");
         partial.columns = {t.word("Milliseconds")};
         if (t.edition.partial_indexes) partial.where = t.edition.sql("Milliseconds > 600000");
         partial.columns[0].order = schema::Order::descending;
         t.table("Track").indexes.push_back(by_name);
         t.table("Track").indexes.push_back(partial);
       },
       {},
       {},
       {},
       2},
      {"DropIndex", [](Target& t) { t.table("Track").indexes.erase(t.table("Track").indexes.begin()); }},
      {"AlterIndex",
       [](Target& t) {
         t.index("Track", "AlbumId").columns = {t.word("AlbumId"), t.word("Name")};
       },
       {},
       {},
       {},
       2},
      {"CreateView",
       [](Target& t) { t.add_view("Songs", "AS SELECT Track.Name AS Song, Album.Title FROM Track JOIN Album ON Album.AlbumId = Track.AlbumId"); }},
      {"ReplaceView",
       [](Target& t) { t.add_view("Songs", "AS SELECT Name, Composer FROM Track"); },
       {},
       "CREATE VIEW Songs AS SELECT Name FROM Track",
       {},
       2,
       1},
      {"DropView", [](Target&) {}, {}, "CREATE VIEW Songs AS SELECT Name FROM Track"},
      {"ChangeUnderAView",
       [](Target& t) {
         t.add_view("Songs", "AS SELECT Name, Milliseconds FROM Track");
         t.column("Track", "Milliseconds").type = Type::bigint();
       },
       {},
       "CREATE VIEW Songs AS SELECT Name, Milliseconds FROM Track"},
      {"CreateTrigger", [](Target& t) { t.add_trigger(on_track); }, {}, {}, {}, 1, 0, 1},
      {"ReplaceTrigger",
       [](Target& t) {
         t.add_trigger({on_genre.name, on_genre.table, "AFTER UPDATE", on_genre.action});
       },
       {},
       {},
       {on_genre},
       2,
       1},
      {"DropTrigger", [](Target&) {}, {}, {}, {on_genre}, 1, 0, 1},
      {"ChangeUnderATrigger",
       [](Target& t) {
         t.add_trigger(on_track);
         t.column("Track", "Milliseconds").type = Type::bigint();
       },
       {},
       {},
       {on_track}},
  };
  return all;
}

class ChinookChange : public Chinook, public testing::TestWithParam<std::tuple<LinkedSystem, std::size_t>> {
 protected:
  ChinookChange() : Chinook(std::get<0>(GetParam())) {}
  void SetUp() override {
    if (!open()) GTEST_SKIP() << reason();
  }
  static const Change& change() { return changes()[std::get<1>(GetParam())]; }
};

TEST_P(ChinookChange, IsAppliedAndUndoneWithoutLosingARow) {
  for (const std::string& statement : dialect().split(edition_.sql(change().setup))) connection_->execute(statement);
  Target target{edition_, edition_.metadata()};
  for (const Trigger& trigger : change().triggers)
    for (const auto& one : edition_.trigger(target.words(trigger))) execute(op::CreateObject{one, false});
  const schema::Metadata schema_before = introspect();
  const Contents before = contents();

  change().make(target);
  std::vector<diff::RenameHint> renames;
  for (const std::string& rename : change().renames) renames.push_back(diff::parse_rename(edition_.sql(rename)));
  const autogenerate::Result result = compare(target.metadata, renames);
  EXPECT_EQ(result.operations.size(), change().operations_on(dialect(), edition_)) << testing::PrintToString(described(result.operations));
  EXPECT_THAT(faults(result), IsEmpty());

  run(result.operations);
  EXPECT_THAT(described(compare(target.metadata).operations), IsEmpty()) << "after the upgrade";
  const Contents between = contents();
  for (const auto& [table, columns] : before) {
    const auto kept = between.find(table);
    if (kept == between.end()) continue;  // dropped or renamed
    for (const auto& [column, values] : columns) {
      const auto same = kept->second.find(column);
      if (same == kept->second.end()) continue;
      EXPECT_EQ(same->second, values) << table << "." << column << " after the upgrade";
    }
  }
  EXPECT_THAT(broken(), IsEmpty());

  undo();
  EXPECT_TRUE(alike(introspect(), schema_before)) << "after the downgrade";
  EXPECT_EQ(contents(), before);
  EXPECT_THAT(broken(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Systems, ChinookChange, testing::Combine(testing::ValuesIn(published()), testing::Range<std::size_t>(0, changes().size())),
                         [](const auto& instance) { return std::get<0>(instance.param).name + "_" + changes()[std::get<1>(instance.param)].name; });

TEST_P(ChinookTest, ABackfillFillsTheGapsAndNothingElse) {
  Contents expected = contents();
  auto& composers = expected[edition_.word("Track")][edition_.word("Composer")];
  ASSERT_NE(std::count(composers.begin(), composers.end(), "null"), 0);
  std::replace(composers.begin(), composers.end(), std::string("null"), std::string("\"unknown\""));
  Target target{edition_, edition_.metadata()};
  target.column("Track", "Composer").nullable = false;
  target.column("Track", "Composer").backfill = "'unknown'";
  run(compare(target.metadata).operations);
  EXPECT_EQ(contents(), expected);
  EXPECT_THAT(described(compare(target.metadata).operations), IsEmpty());
}

TEST_P(ChinookTest, EverythingAtOnceIsAppliedAndUndone) {
  const schema::Metadata schema_before = introspect();
  const Contents before = contents();
  Target target{edition_, edition_.metadata()};
  std::vector<diff::RenameHint> renames;
  for (const Change& change : changes()) {
    if (!change.setup.empty() || !change.triggers.empty()) continue;
    // One table is renamed and changed at once by others; its own keys are renamed alone.
    if (change.name == "RenameKeyColumn" || change.name == "DropIndex" || change.name == "RenameColumn" || change.name == "CreateIndexes" ||
        change.name == "AddGeneratedColumn")
      continue;
    change.make(target);
    for (const std::string& rename : change.renames) renames.push_back(diff::parse_rename(edition_.sql(rename)));
  }
  const autogenerate::Result result = compare(target.metadata, renames);
  EXPECT_THAT(faults(result), IsEmpty());
  run(result.operations);
  EXPECT_THAT(described(compare(target.metadata).operations), IsEmpty());
  undo();
  EXPECT_TRUE(alike(introspect(), schema_before));
  EXPECT_EQ(contents(), before);
}

}  // namespace
}  // namespace aludel::test::chinook
