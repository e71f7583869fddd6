#include "chinook.hpp"

#include <aludel/models.hpp>

#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <optional>

#include "support/revisions.hpp"

namespace aludel::test::chinook {
namespace {

using schema::Type;

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

template <auto... Members>
struct Texts {
  template <class Table>
  static void are(const Edition& edition, Table& table, const std::array<int, sizeof...(Members)>& lengths) {
    auto length = lengths.begin();
    (table.template column<Members>().type(edition.varying(*length++)), ...);
  }
};

void declare_people(const Edition& edition, Models& models) {
  auto customer = models.table<Customer>(edition.word("Customer"));
  customer.primary_key<&Customer::CustomerId>().no_identity();
  Texts<&Customer::FirstName, &Customer::LastName, &Customer::Company, &Customer::Address, &Customer::City, &Customer::State, &Customer::Country,
        &Customer::PostalCode, &Customer::Phone, &Customer::Fax, &Customer::Email>::are(edition, customer,
                                                                                        {40, 20, 80, 70, 40, 40, 40, 10, 24, 24, 60});
  customer.foreign_key<&Customer::SupportRepId, &Employee::EmployeeId>();
  customer.index<&Customer::SupportRepId>();

  auto employee = models.table<Employee>(edition.word("Employee"));
  employee.primary_key<&Employee::EmployeeId>().no_identity();
  Texts<&Employee::LastName, &Employee::FirstName, &Employee::Title, &Employee::Address, &Employee::City, &Employee::State, &Employee::Country,
        &Employee::PostalCode, &Employee::Phone, &Employee::Fax, &Employee::Email>::are(edition, employee,
                                                                                        {20, 20, 30, 70, 40, 40, 40, 10, 24, 24, 60});
  employee.column<&Employee::BirthDate>().type(edition.moment);
  employee.column<&Employee::HireDate>().type(edition.moment);
  employee.foreign_key<&Employee::ReportsTo, &Employee::EmployeeId>();
  employee.index<&Employee::ReportsTo>();
}

void declare_invoices(const Edition& edition, Models& models) {
  auto invoice = models.table<Invoice>(edition.word("Invoice"));
  invoice.primary_key<&Invoice::InvoiceId>().no_identity();
  Texts<&Invoice::BillingAddress, &Invoice::BillingCity, &Invoice::BillingState, &Invoice::BillingCountry, &Invoice::BillingPostalCode>::are(
      edition, invoice, {70, 40, 40, 40, 10});
  invoice.column<&Invoice::InvoiceDate>().type(edition.moment);
  invoice.column<&Invoice::Total>().type(edition.money);
  invoice.foreign_key<&Invoice::CustomerId, &Customer::CustomerId>();
  invoice.index<&Invoice::CustomerId>();

  auto line = models.table<InvoiceLine>(edition.word("InvoiceLine"));
  line.primary_key<&InvoiceLine::InvoiceLineId>().no_identity();
  line.column<&InvoiceLine::UnitPrice>().type(edition.money);
  line.foreign_key<&InvoiceLine::InvoiceId, &Invoice::InvoiceId>();
  line.foreign_key<&InvoiceLine::TrackId, &Track::TrackId>();
  line.index<&InvoiceLine::InvoiceId>();
  line.index<&InvoiceLine::TrackId>();
}

template <class T, auto Key>
void declare_named(const Edition& edition, Models& models, const std::string& name) {
  auto table = models.table<T>(edition.word(name));
  table.template primary_key<Key>().no_identity();
  table.template column<&T::Name>().type(edition.varying(120));
}

void declare_music(const Edition& edition, Models& models) {
  declare_named<Artist, &Artist::ArtistId>(edition, models, "Artist");
  declare_named<Genre, &Genre::GenreId>(edition, models, "Genre");
  declare_named<MediaType, &MediaType::MediaTypeId>(edition, models, "MediaType");
  declare_named<Playlist, &Playlist::PlaylistId>(edition, models, "Playlist");

  auto album = models.table<Album>(edition.word("Album"));
  album.primary_key<&Album::AlbumId>().no_identity();
  album.column<&Album::Title>().type(edition.varying(160));
  album.foreign_key<&Album::ArtistId, &Artist::ArtistId>();
  album.index<&Album::ArtistId>();

  auto track = models.table<Track>(edition.word("Track"));
  track.primary_key<&Track::TrackId>().no_identity();
  Texts<&Track::Name, &Track::Composer>::are(edition, track, {200, 220});
  track.column<&Track::UnitPrice>().type(edition.money);
  track.foreign_key<&Track::AlbumId, &Album::AlbumId>();
  track.foreign_key<&Track::GenreId, &Genre::GenreId>();
  track.foreign_key<&Track::MediaTypeId, &MediaType::MediaTypeId>();
  track.index<&Track::AlbumId>();
  track.index<&Track::GenreId>();
  track.index<&Track::MediaTypeId>();

  auto entry = models.table<PlaylistTrack>(edition.word("PlaylistTrack"));
  entry.primary_key<&PlaylistTrack::PlaylistId, &PlaylistTrack::TrackId>();
  entry.foreign_key<&PlaylistTrack::PlaylistId, &Playlist::PlaylistId>();
  entry.foreign_key<&PlaylistTrack::TrackId, &Track::TrackId>();
  entry.index<&PlaylistTrack::PlaylistId>();
  entry.index<&PlaylistTrack::TrackId>();
}

std::string as_written(std::string_view name) { return std::string(name); }

/// What CHECK TABLE finds, and rows whose foreign key leads nowhere.
std::vector<std::string> broken_in_mysql(dialect::Connection& connection) {
  std::vector<std::string> found;
  const auto query = [&](const std::string& sql) { return connection.execute(sql).rows; };
  const auto text = [](const Value& value) { return value.string() ? *value.string() : to_json(value); };
  for (const auto& table : query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'")) {
    for (const auto& row : query("CHECK TABLE `" + text(table[0]) + "` EXTENDED"))
      if (text(row[3]) != "OK") found.push_back(text(table[0]) + ": " + text(row[3]));
  }
  for (const auto& key : query("SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME FROM "
                               "information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL")) {
    const std::string from = "`" + text(key[0]) + "`", column = "`" + text(key[1]) + "`";
    const auto lost = query("SELECT count(*) FROM " + from + " WHERE " + column + " IS NOT NULL AND " + column + " NOT IN (SELECT `" + text(key[3]) +
                            "` FROM `" + text(key[2]) + "`)");
    if (text(lost[0][0]) != "0") found.push_back(from + "." + column + ": " + text(lost[0][0]) + " rows lead nowhere");
  }
  return found;
}

std::vector<Edition> make_editions() {
  Edition sqlite;
  sqlite.system = "sqlite";
  sqlite.script = "Chinook_Sqlite.sql";
  sqlite.spelling = as_written;
  sqlite.naming.index = "IFK_{table}{columns}";
  sqlite.naming.foreign_key = "";
  sqlite.naming.primary_key = "PK_{table}";
  sqlite.varying = [](int length) { return Type::native("NVARCHAR(" + std::to_string(length) + ")"); };
  sqlite.moment = Type::native("DATETIME");
  sqlite.money = Type::native("NUMERIC(10,2)");
  sqlite.collation = "NOCASE";
  sqlite.broken = [](dialect::Connection& connection) {
    return rows_of(
        connection,
        R"(SELECT "table" FROM pragma_foreign_key_check UNION ALL SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok')");
  };
  sqlite.trigger = [](const Trigger& trigger) {
    return Objects{object("trigger", trigger.name, trigger.table, trigger.event + " ON " + trigger.table + " BEGIN " + trigger.action + "; END")};
  };

  Edition postgresql;
  postgresql.system = "postgresql";
  postgresql.script = "Chinook_PostgreSql.sql";
  postgresql.spelling = member_names::snake_case;
  postgresql.naming.index = "{table}_{columns}_idx";
  postgresql.naming.foreign_key = "{table}_{columns}_fkey";
  postgresql.naming.primary_key = "{table}_pkey";
  postgresql.varying = [](int length) { return Type::varchar(length); };
  postgresql.moment = Type::timestamp();
  postgresql.money = Type::decimal(10, 2);
  postgresql.collation = "C";
  postgresql.broken = [](dialect::Connection& connection) {
    return rows_of(connection,
                   "SELECT conname::text FROM pg_constraint WHERE NOT convalidated UNION ALL "
                   "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid");
  };
  postgresql.trigger = [](const Trigger& trigger) {
    auto function = object("function", trigger.name + "_action", "",
                           "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + trigger.action + "; RETURN NULL; END $$");
    auto fires = object("trigger", trigger.name, trigger.table,
                        trigger.event + " ON " + trigger.table + " FOR EACH ROW EXECUTE FUNCTION " + trigger.name + "_action()");
    fires.depends_on = {function.key};
    return Objects{function, fires};
  };

  Edition mariadb;
  mariadb.system = "mariadb";
  mariadb.script = "Chinook_MySql.sql";
  mariadb.spelling = as_written;
  mariadb.naming.index = "IFK_{table}{columns}";
  mariadb.naming.foreign_key = "FK_{table}{columns}";
  mariadb.naming.primary_key = "";
  mariadb.varying = [](int length) { return Type::native("NVARCHAR(" + std::to_string(length) + ")"); };
  mariadb.moment = Type::timestamp();
  mariadb.money = Type::decimal(10, 2);
  mariadb.collation = "utf8mb3_bin";
  // The script says NO ACTION, which MariaDB keeps apart from its default.
  mariadb.foreign_key_options["mysql"] = {{"on_delete", "no action"}, {"on_update", "no action"}};
  mariadb.indexes_foreign_keys = true;
  mariadb.index_expressions = false;
  mariadb.partial_indexes = false;
  mariadb.broken = broken_in_mysql;
  mariadb.trigger = [](const Trigger& trigger) {
    return Objects{object("trigger", trigger.name, trigger.table, trigger.event + " ON " + trigger.table + " FOR EACH ROW " + trigger.action)};
  };
  Edition mysql = mariadb;
  mysql.system = "mysql";
  mysql.foreign_key_options.clear();
  mysql.index_expressions = true;
  return {sqlite, postgresql, mariadb, mysql};
}

}  // namespace

schema::Object object(std::string kind, std::string name, std::string parent, const std::string& definition) {
  schema::Object result;
  result.key = {std::move(kind), {"", std::move(name)}, std::move(parent), ""};
  result.definition = definition;
  return result;
}

std::string Edition::sql(std::string_view text) const {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    const auto word = text.substr(i, end - i);
    const bool named = !word.empty() && std::isupper(static_cast<unsigned char>(word[0])) != 0 &&
                       std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::islower(c) != 0; });
    if (named) {
      result += this->word(word);
    } else {
      result += word.empty() ? text.substr(i, 1) : word;
    }
    i = std::max(end, i + 1);
  }
  return result;
}

schema::Metadata Edition::metadata() const {
  Models models;
  models.naming(naming).member_names(spelling);
  declare_music(*this, models);
  declare_people(*this, models);
  declare_invoices(*this, models);
  schema::Metadata metadata = models.metadata();
  for (auto& [name, table] : metadata.tables.writable())
    for (schema::Constraint& constraint : table.constraints)
      if (auto* key = std::get_if<schema::ForeignKey>(&constraint)) key->options = foreign_key_options;
  return metadata;
}

const Edition* edition_of(const std::string& system) {
  static const std::vector<Edition> editions = make_editions();
  const auto found = std::find_if(editions.begin(), editions.end(), [&](const Edition& edition) { return edition.system == system; });
  return found == editions.end() ? nullptr : &*found;
}

}  // namespace aludel::test::chinook
