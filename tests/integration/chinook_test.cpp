#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/models.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "support/revisions.hpp"

// The Chinook sample database with its rows: models that describe it as it is, and a change of each kind applied and undone without losing a row.
// It is read from $ALUDEL_CORPUS/chinook, by default ../shared/corpus beside the sources, and is no part of the project.
namespace aludel {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::IsEmpty;

struct Album {
  std::int32_t AlbumId;
  std::string Title;
  std::int32_t ArtistId;
};
struct Artist {
  std::int32_t ArtistId;
  std::optional<std::string> Name;
};
struct Customer {
  std::int32_t CustomerId;
  std::string FirstName, LastName;
  std::optional<std::string> Company, Address, City, State, Country, PostalCode, Phone, Fax;
  std::string Email;
  std::optional<std::int32_t> SupportRepId;
};
struct Employee {
  std::int32_t EmployeeId;
  std::string LastName, FirstName;
  std::optional<std::string> Title;
  std::optional<std::int32_t> ReportsTo;
  std::optional<std::chrono::sys_seconds> BirthDate, HireDate;
  std::optional<std::string> Address, City, State, Country, PostalCode, Phone, Fax, Email;
};
struct Genre {
  std::int32_t GenreId;
  std::optional<std::string> Name;
};
struct Invoice {
  std::int32_t InvoiceId, CustomerId;
  std::chrono::sys_seconds InvoiceDate;
  std::optional<std::string> BillingAddress, BillingCity, BillingState, BillingCountry, BillingPostalCode;
  Decimal<10, 2> Total;
};
struct InvoiceLine {
  std::int32_t InvoiceLineId, InvoiceId, TrackId;
  Decimal<10, 2> UnitPrice;
  std::int32_t Quantity;
};
struct MediaType {
  std::int32_t MediaTypeId;
  std::optional<std::string> Name;
};
struct Playlist {
  std::int32_t PlaylistId;
  std::optional<std::string> Name;
};
struct PlaylistTrack {
  std::int32_t PlaylistId, TrackId;
};
struct Track {
  std::int32_t TrackId;
  std::string Name;
  std::optional<std::int32_t> AlbumId;
  std::int32_t MediaTypeId;
  std::optional<std::int32_t> GenreId;
  std::optional<std::string> Composer;
  std::int32_t Milliseconds;
  std::optional<std::int32_t> Bytes;
  Decimal<10, 2> UnitPrice;
};

Type nvarchar(int length) { return Type::native("NVARCHAR(" + std::to_string(length) + ")"); }

template <auto... Members>
struct Texts {
  template <class Table>
  static void are(Table& table, const std::array<int, sizeof...(Members)>& lengths) {
    auto length = lengths.begin();
    (table.template column<Members>().type(nvarchar(*length++)), ...);
  }
};

void declare_people(Models& models) {
  auto customer = models.table<Customer>("Customer");
  customer.primary_key<&Customer::CustomerId>().name("PK_Customer");
  Texts<&Customer::FirstName, &Customer::LastName, &Customer::Company, &Customer::Address, &Customer::City, &Customer::State, &Customer::Country,
        &Customer::PostalCode, &Customer::Phone, &Customer::Fax, &Customer::Email>::are(customer, {40, 20, 80, 70, 40, 40, 40, 10, 24, 24, 60});
  customer.foreign_key<&Customer::SupportRepId, &Employee::EmployeeId>();
  customer.index<&Customer::SupportRepId>().name("IFK_CustomerSupportRepId");

  auto employee = models.table<Employee>("Employee");
  employee.primary_key<&Employee::EmployeeId>().name("PK_Employee");
  Texts<&Employee::LastName, &Employee::FirstName, &Employee::Title, &Employee::Address, &Employee::City, &Employee::State, &Employee::Country,
        &Employee::PostalCode, &Employee::Phone, &Employee::Fax, &Employee::Email>::are(employee, {20, 20, 30, 70, 40, 40, 40, 10, 24, 24, 60});
  employee.column<&Employee::BirthDate>().type(Type::native("DATETIME"));
  employee.column<&Employee::HireDate>().type(Type::native("DATETIME"));
  employee.foreign_key<&Employee::ReportsTo, &Employee::EmployeeId>();
  employee.index<&Employee::ReportsTo>().name("IFK_EmployeeReportsTo");
}

void declare_invoices(Models& models) {
  auto invoice = models.table<Invoice>("Invoice");
  invoice.primary_key<&Invoice::InvoiceId>().name("PK_Invoice");
  Texts<&Invoice::BillingAddress, &Invoice::BillingCity, &Invoice::BillingState, &Invoice::BillingCountry, &Invoice::BillingPostalCode>::are(
      invoice, {70, 40, 40, 40, 10});
  invoice.column<&Invoice::InvoiceDate>().type(Type::native("DATETIME"));
  invoice.column<&Invoice::Total>().type(Type::native("NUMERIC(10,2)"));
  invoice.foreign_key<&Invoice::CustomerId, &Customer::CustomerId>();
  invoice.index<&Invoice::CustomerId>().name("IFK_InvoiceCustomerId");

  auto line = models.table<InvoiceLine>("InvoiceLine");
  line.primary_key<&InvoiceLine::InvoiceLineId>().name("PK_InvoiceLine");
  line.column<&InvoiceLine::UnitPrice>().type(Type::native("NUMERIC(10,2)"));
  line.foreign_key<&InvoiceLine::InvoiceId, &Invoice::InvoiceId>();
  line.foreign_key<&InvoiceLine::TrackId, &Track::TrackId>();
  line.index<&InvoiceLine::InvoiceId>().name("IFK_InvoiceLineInvoiceId");
  line.index<&InvoiceLine::TrackId>().name("IFK_InvoiceLineTrackId");
}

template <class T, auto Key>
void declare_named(Models& models, const std::string& name) {
  auto table = models.table<T>(name);
  table.template primary_key<Key>().name("PK_" + name);
  table.template column<&T::Name>().type(nvarchar(120));
}

void declare_music(Models& models) {
  declare_named<Artist, &Artist::ArtistId>(models, "Artist");
  declare_named<Genre, &Genre::GenreId>(models, "Genre");
  declare_named<MediaType, &MediaType::MediaTypeId>(models, "MediaType");
  declare_named<Playlist, &Playlist::PlaylistId>(models, "Playlist");

  auto album = models.table<Album>("Album");
  album.primary_key<&Album::AlbumId>().name("PK_Album");
  album.column<&Album::Title>().type(nvarchar(160));
  album.foreign_key<&Album::ArtistId, &Artist::ArtistId>();
  album.index<&Album::ArtistId>().name("IFK_AlbumArtistId");

  auto track = models.table<Track>("Track");
  track.primary_key<&Track::TrackId>().name("PK_Track");
  Texts<&Track::Name, &Track::Composer>::are(track, {200, 220});
  track.column<&Track::UnitPrice>().type(Type::native("NUMERIC(10,2)"));
  track.foreign_key<&Track::AlbumId, &Album::AlbumId>();
  track.foreign_key<&Track::GenreId, &Genre::GenreId>();
  track.foreign_key<&Track::MediaTypeId, &MediaType::MediaTypeId>();
  track.index<&Track::AlbumId>().name("IFK_TrackAlbumId");
  track.index<&Track::GenreId>().name("IFK_TrackGenreId");
  track.index<&Track::MediaTypeId>().name("IFK_TrackMediaTypeId");

  auto entry = models.table<PlaylistTrack>("PlaylistTrack");
  entry.primary_key<&PlaylistTrack::PlaylistId, &PlaylistTrack::TrackId>().name("PK_PlaylistTrack");
  entry.foreign_key<&PlaylistTrack::PlaylistId, &Playlist::PlaylistId>();
  entry.foreign_key<&PlaylistTrack::TrackId, &Track::TrackId>();
  entry.index<&PlaylistTrack::PlaylistId>().name("IFK_PlaylistTrackPlaylistId");
  entry.index<&PlaylistTrack::TrackId>().name("IFK_PlaylistTrackTrackId");
}

schema::Metadata chinook_metadata() {
  Models models;
  declare_music(models);
  declare_people(models);
  declare_invoices(models);
  return models.metadata();
}

std::filesystem::path chinook_script() {
  const char* corpus = std::getenv("ALUDEL_CORPUS");
  const std::filesystem::path root =
      corpus != nullptr ? std::filesystem::path(corpus) : std::filesystem::path(ALUDEL_SOURCE_DIR) / "../shared/corpus";
  return root / "chinook/Chinook_Sqlite.sql";
}

/// The rows of every table, by table and column: what must be the same when a change was undone.
using Contents = std::map<std::string, std::map<std::string, std::vector<std::string>>>;

Contents contents_of(dialect::Connection& connection) {
  Contents contents;
  for (const auto& table : connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'aludel%'").rows) {
    const std::string& name = *table[0].string();
    const std::string quoted_name = sqlite::dialect().quote_identifier(name);
    const dialect::Rows rows = connection.execute("SELECT * FROM " + quoted_name + " ORDER BY 1, 2");
    auto& columns = contents[name];
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      std::vector<std::string>& values = columns[rows.columns[i]];
      for (const auto& row : rows.rows) values.push_back(to_json(row[i]));
    }
  }
  return contents;
}

class ChinookTest : public testing::Test {
 protected:
  /// The script takes a second to load, so it is loaded once and copied for every test.
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(chinook_script())) return;
    loaded_ = std::make_unique<Directory>();
    const auto connection = open_sqlite(*loaded_ / "chinook.db");
    connection->begin();
    for (const std::string& statement : sqlite::dialect().split(file::read_file(chinook_script()))) connection->execute(statement);
    connection->commit();
  }
  static void TearDownTestSuite() { loaded_.reset(); }

  void SetUp() override {
    if (!loaded_) GTEST_SKIP() << "the Chinook database is not here: " << chinook_script() << " (set ALUDEL_CORPUS to the folder above chinook/)";
    std::filesystem::copy_file(*loaded_ / "chinook.db", directory_ / "chinook.db");
    connection_ = open_sqlite(directory_ / "chinook.db");
  }

  schema::Metadata introspect() {
    dialect::Scope scope;
    scope.ignored_tables = migrate::JournalNames{}.tables();
    return sqlite::dialect().introspector().introspect(*connection_, scope);
  }
  autogenerate::Result compare(const schema::Metadata& target, const std::vector<diff::RenameHint>& renames = {}) {
    autogenerate::Request request;
    request.target = target;
    request.current = introspect();
    request.dialect = &sqlite::dialect();
    request.connection = connection_.get();
    request.server = connection_->server();
    request.include_unmanaged = true;
    request.renames = renames;
    return autogenerate::generate(std::move(request));
  }
  static std::vector<std::string> described(const op::Operations& operations) {
    std::vector<std::string> lines;
    for (const op::Operation& operation : operations) lines.push_back(op::describe(operation));
    return lines;
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

  static std::unique_ptr<Directory> loaded_;
  Directory directory_;
  std::unique_ptr<dialect::Connection> connection_;
  MemoryStore store_;
};
std::unique_ptr<Directory> ChinookTest::loaded_;

TEST_F(ChinookTest, TheModelsDescribeTheDatabase) {
  const autogenerate::Result result = compare(chinook_metadata());
  EXPECT_THAT(described(result.operations), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_THAT(result.unsupported, IsEmpty());
  EXPECT_EQ(result.current.tables.size(), 11U);
}

struct Change {
  std::string name;
  std::function<void(schema::Metadata&)> make;
  std::vector<std::string> renames{};
  std::string setup{};         ///< SQL that gives the change something to drop or alter without losing a row
  std::size_t operations = 1;  ///< how many the change takes here
};
void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

schema::Table& at(schema::Metadata& metadata, const char* table) { return *metadata.find_table({"", table}); }
schema::Column& at(schema::Metadata& metadata, const char* table, const char* column) { return *at(metadata, table).find_column(column); }
schema::ForeignKey& foreign_key(schema::Metadata& metadata, const char* table, const char* column) {
  for (schema::Constraint& constraint : at(metadata, table).constraints) {
    auto* key = std::get_if<schema::ForeignKey>(&constraint);
    if (key != nullptr && key->columns.front() == column) return *key;
  }
  throw Error(ErrorKind::internal, "no such foreign key");
}
schema::Object object(std::string kind, std::string name, std::string parent, const char* definition) {
  schema::Object result;
  result.key = {std::move(kind), {"", std::move(name)}, std::move(parent), ""};
  result.definition = definition;
  return result;
}
schema::Index index(std::string name, std::vector<schema::IndexPart> parts) {
  schema::Index result;
  result.name = std::move(name);
  result.columns = std::move(parts);
  return result;
}
schema::Unique unique(const char* name, std::vector<schema::IndexPart> columns) {
  schema::Unique result;
  result.name = name;
  result.columns = std::move(columns);
  return result;
}
schema::Check check(const char* name, const char* expression) {
  schema::Check result;
  result.name = name;
  result.expression = expression;
  return result;
}

class ChinookChange : public ChinookTest, public testing::WithParamInterface<Change> {};

TEST_P(ChinookChange, IsAppliedAndUndoneWithoutLosingARow) {
  const Change& change = GetParam();
  for (const std::string& statement : sqlite::dialect().split(change.setup)) connection_->execute(statement);
  const schema::Metadata schema_before = introspect();
  const Contents before = contents_of(*connection_);

  schema::Metadata target = chinook_metadata();
  change.make(target);
  std::vector<diff::RenameHint> renames;
  for (const std::string& rename : change.renames) renames.push_back(diff::parse_rename(rename));
  const autogenerate::Result result = compare(target, renames);
  EXPECT_EQ(result.operations.size(), change.operations) << testing::PrintToString(described(result.operations));
  EXPECT_THAT(autogenerate::prove(result, sqlite::dialect(), connection_.get(), nullptr), IsEmpty());

  run(result.operations);
  EXPECT_THAT(described(compare(target).operations), IsEmpty()) << "after the upgrade";
  const Contents between = contents_of(*connection_);
  for (const auto& [table, columns] : before) {
    const auto kept = between.find(table);
    if (kept == between.end()) continue;  // dropped or renamed
    for (const auto& [column, values] : columns) {
      const auto same = kept->second.find(column);
      if (same == kept->second.end()) continue;
      EXPECT_EQ(same->second, values) << table << "." << column << " after the upgrade";
    }
  }
  EXPECT_THAT(rows_of(*connection_, "PRAGMA foreign_key_check"), IsEmpty());

  undo();
  const schema::Comparison comparison = sqlite::dialect().comparison(connection_->server());
  EXPECT_TRUE(schema::equivalent(introspect(), schema_before, comparison)) << "after the downgrade";
  EXPECT_EQ(contents_of(*connection_), before);
  EXPECT_THAT(rows_of(*connection_, "PRAGMA foreign_key_check"), IsEmpty());
  EXPECT_THAT(rows_of(*connection_, "PRAGMA integrity_check"), testing::ElementsAre("ok"));
}

const std::vector<Change> changes = {
    {"AddColumn", [](auto& m) { at(m, "Track").columns.push_back(column("Lyrics", Type::string())); }},
    {"AddNotNullColumnWithDefault",
     [](auto& m) {
       schema::Column rating = column("Rating", Type::integer(), false);
       rating.server_default = "3";
       at(m, "Track").columns.push_back(rating);
     }},
    {"AddGeneratedColumn",
     [](auto& m) {
       schema::Column seconds = column("Seconds", Type::integer());
       seconds.generated = schema::Generated{"Milliseconds / 1000", true};
       at(m, "Track").columns.push_back(seconds);
     }},
    {"DropColumn", [](auto&) {}, {}, "ALTER TABLE Track ADD COLUMN Lyrics TEXT DEFAULT NULL"},
    {"RenameColumn", [](auto& m) { at(m, "Track", "Milliseconds").name = "Duration"; }, {"Track.Milliseconds:Duration"}},
    {"RenameKeyColumn",
     [](auto& m) {
       at(m, "Artist", "ArtistId").name = "Id";
       at(m, "Artist").primary_key()->columns = {"Id"};
       foreign_key(m, "Album", "ArtistId").referenced_columns = {"Id"};
     },
     {"Artist.ArtistId:Id"}},
    {"ChangeType", [](auto& m) { at(m, "Track", "Bytes").type = Type::bigint(); }},
    {"MakeNotNull", [](auto& m) { at(m, "Employee", "Title").nullable = false; }},
    {"MakeNullable", [](auto& m) { at(m, "Album", "Title").nullable = true; }},
    {"SetDefault", [](auto& m) { at(m, "Track", "UnitPrice").server_default = "0.99"; }},
    {"SetCollation", [](auto& m) { at(m, "Genre", "Name").collation = "NOCASE"; }},
    {"CreateTable",
     [](auto& m) {
       schema::Table review = table("Review", {column("TrackId", Type::integer(), false), column("Stars", Type::smallint())});
       schema::ForeignKey key;
       key.columns = {"TrackId"};
       key.referenced_table = {"", "Track"};
       key.referenced_columns = {"TrackId"};
       key.on_delete = schema::ForeignKeyAction::cascade;
       review.constraints.emplace_back(key);
       m.add(review);
     }},
    {"DropTable",
     [](auto&) {},
     {},
     "CREATE TABLE Review (Id INTEGER PRIMARY KEY, TrackId INTEGER REFERENCES Track ON DELETE SET NULL, Stars INTEGER)"},
    {"RenameTable",
     [](auto& m) {
       schema::Table performer = at(m, "Artist");
       m.tables.erase({"", "Artist"});
       performer.name.name = "Performer";
       m.add(performer);
       foreign_key(m, "Album", "ArtistId").referenced_table.name = "Performer";
     },
     {"Artist:Performer"}},
    {"AddUnique", [](auto& m) { at(m, "Genre").constraints.emplace_back(unique("UQ_GenreName", {"Name"})); }},
    {"AddCheck", [](auto& m) { at(m, "InvoiceLine").constraints.emplace_back(check("CK_Quantity", "Quantity > 0")); }},
    {"DropUniqueAndCheck",
     [](auto& m) {
       m.tables.erase({"", "Note"}), m.add(table("Note", {column("x", Type::integer())}));
     },
     {},
     "CREATE TABLE Note (id BIGINT NOT NULL PRIMARY KEY, x INTEGER, CONSTRAINT u UNIQUE (x), CONSTRAINT c CHECK (x > 0));"
     "INSERT INTO Note VALUES (1, 5), (2, 6)",
     2},
    {"AddForeignKey",
     [](auto& m) {
       schema::ForeignKey key;
       key.name = "FK_Line";
       key.columns = {"Quantity"};
       key.referenced_table = {"", "Genre"};
       key.referenced_columns = {"GenreId"};
       at(m, "InvoiceLine").constraints.emplace_back(key);
     }},
    {"DropForeignKey",
     [](auto& m) {
       auto& constraints = at(m, "Track").constraints;
       constraints.erase(std::find_if(constraints.begin(), constraints.end(), [](const schema::Constraint& one) {
         const auto* key = std::get_if<schema::ForeignKey>(&one);
         return key != nullptr && key->columns.front() == "GenreId";
       }));
     }},
    {"AlterForeignKey", [](auto& m) { foreign_key(m, "InvoiceLine", "InvoiceId").on_delete = schema::ForeignKeyAction::cascade; }, {}, "", 2},
    {"ChangePrimaryKey",
     [](auto& m) {
       at(m, "PlaylistTrack").primary_key()->columns = {"TrackId", "PlaylistId"};
     },
     {},
     "",
     2},
    {"CreateIndexes",
     [](auto& m) {
       schema::IndexPart lower;
       lower.expression = "lower(Name)";
       schema::Index partial = index("IX_Long", {"Milliseconds"});
       partial.where = "Milliseconds > 600000";
       partial.columns[0].order = schema::Order::descending;
       at(m, "Track").indexes.push_back(index("IX_LowerName", {lower}));
       at(m, "Track").indexes.push_back(partial);
     },
     {},
     "",
     2},
    {"DropIndex", [](auto& m) { at(m, "Track").indexes.erase(at(m, "Track").indexes.begin()); }},
    {"AlterIndex",
     [](auto& m) {
       at(m, "Track").find_index("IFK_TrackAlbumId")->columns = {"AlbumId", "Name"};
     },
     {},
     "",
     2},
    {"CreateViewAndTrigger",
     [](auto& m) {
       m.add(object("view", "Songs", "", "AS SELECT Track.Name AS Song, Album.Title FROM Track JOIN Album USING (AlbumId)"));
       m.add(object("trigger", "TrackAudit", "Track", "AFTER DELETE ON Track BEGIN DELETE FROM PlaylistTrack WHERE TrackId = OLD.TrackId; END"));
     },
     {},
     "",
     2},
    {"ReplaceView",
     [](auto& m) { m.add(object("view", "Songs", "", "AS SELECT Name, Composer FROM Track")); },
     {},
     "CREATE VIEW Songs AS SELECT Name FROM Track",
     2},
    {"ReplaceTrigger",
     [](auto& m) { m.add(object("trigger", "T", "Genre", "AFTER INSERT ON Genre BEGIN SELECT 2; END")); },
     {},
     "CREATE TRIGGER T AFTER INSERT ON Genre BEGIN SELECT 1; END",
     2},
    {"DropViewAndTrigger",
     [](auto&) {},
     {},
     "CREATE VIEW Songs AS SELECT Name FROM Track; CREATE TRIGGER T AFTER INSERT ON Genre BEGIN SELECT 1; END",
     2},
    {"RebuildUnderAViewAndATrigger",
     [](auto& m) {
       m.add(object("view", "Songs", "", "AS SELECT Name FROM Track"));
       m.add(object("trigger", "T", "Track", "AFTER INSERT ON Track BEGIN SELECT 1; END"));
       at(m, "Track", "Milliseconds").type = Type::bigint();
     },
     {},
     "CREATE VIEW Songs AS SELECT Name FROM Track; CREATE TRIGGER T AFTER INSERT ON Track BEGIN SELECT 1; END"},
};

INSTANTIATE_TEST_SUITE_P(Kinds, ChinookChange, testing::ValuesIn(changes), [](const auto& instance) { return instance.param.name; });

TEST_F(ChinookTest, ABackfillFillsTheGapsAndNothingElse) {
  Contents expected = contents_of(*connection_);
  auto& composers = expected["Track"]["Composer"];
  ASSERT_NE(std::count(composers.begin(), composers.end(), "null"), 0);
  std::replace(composers.begin(), composers.end(), std::string("null"), std::string("\"unknown\""));
  schema::Metadata target = chinook_metadata();
  at(target, "Track", "Composer").nullable = false;
  at(target, "Track", "Composer").backfill = "'unknown'";
  run(compare(target).operations);
  EXPECT_EQ(contents_of(*connection_), expected);
  EXPECT_THAT(described(compare(target).operations), IsEmpty());
}

TEST_F(ChinookTest, EverythingAtOnceIsAppliedAndUndone) {
  const schema::Metadata schema_before = introspect();
  const Contents before = contents_of(*connection_);
  schema::Metadata target = chinook_metadata();
  std::vector<diff::RenameHint> renames;
  for (const Change& change : changes) {
    if (!change.setup.empty()) continue;
    // One table is renamed and changed at once by others; its own keys are renamed alone.
    if (change.name == "RenameKeyColumn" || change.name == "DropIndex" || change.name == "RenameColumn" || change.name == "CreateIndexes" ||
        change.name == "AddGeneratedColumn")
      continue;
    change.make(target);
    for (const std::string& rename : change.renames) renames.push_back(diff::parse_rename(rename));
  }
  const autogenerate::Result result = compare(target, renames);
  EXPECT_THAT(autogenerate::prove(result, sqlite::dialect(), connection_.get(), nullptr), IsEmpty());
  run(result.operations);
  EXPECT_THAT(described(compare(target).operations), IsEmpty());
  undo();
  EXPECT_TRUE(schema::equivalent(introspect(), schema_before, sqlite::dialect().comparison(connection_->server())));
  EXPECT_EQ(contents_of(*connection_), before);
}

}  // namespace
}  // namespace aludel
