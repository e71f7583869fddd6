#include "file_database.hpp"

#include "failure.hpp"

#include <aludel/text.hpp>

#include <sqlite3.h>
#include <memory>
#include <string>

namespace aludel::sqlite {

namespace {

struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, Closer>;

sqlite3* handle_of(dialect::Connection& connection) {
  auto* handle = static_cast<sqlite3*>(connection.native_handle());
  if (!handle) throw Error(ErrorKind::internal, "this connection has no SQLite handle");
  return handle;
}

std::string named(const std::filesystem::path& file) { return "the copy " + quoted(file.string()); }

/// Opens a copy for reading and looks whether it is whole: what replaces a user's data must be.
Handle open_copy(const std::filesystem::path& copy) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(copy.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
  Handle handle(raw);
  if (opened != SQLITE_OK) throw failure(raw ? sqlite3_extended_errcode(raw) : opened, raw, named(copy), "");
  bool whole = false;
  const auto look = [](void* result, int columns, char** values, char**) {
    *static_cast<bool*>(result) = columns == 1 && values[0] && std::string_view(values[0]) == "ok";
    return 0;
  };
  const int checked = sqlite3_exec(raw, "PRAGMA quick_check(1)", look, &whole, nullptr);
  if (checked != SQLITE_OK) throw failure(sqlite3_extended_errcode(raw), raw, named(copy), "");
  if (!whole) {
    throw Error(ErrorKind::connection, named(copy) + " is damaged").with_hint("take an older copy");
  }
  return handle;
}

class SqliteFiles final : public dialect::FileDatabase {
 public:
  std::filesystem::path file(dialect::Connection& connection) const override {
    const char* name = sqlite3_db_filename(handle_of(connection), "main");
    return name ? std::filesystem::path(name) : std::filesystem::path();
  }

  std::uintmax_t size(dialect::Connection& connection) const override {
    const auto number = [&](const char* sql) { return static_cast<std::uintmax_t>(*connection.execute(sql).scalar().integer()); };
    if (number("SELECT count(*) FROM sqlite_master") == 0) return 0;
    return (number("PRAGMA page_count") - number("PRAGMA freelist_count")) * number("PRAGMA page_size");
  }

  void copy_to(dialect::Connection& connection, const std::filesystem::path& target) const override {
    const Value name(target.string());
    connection.execute("VACUUM INTO ?", std::span(&name, 1));
  }

  void restore_from(dialect::Connection& connection, const std::filesystem::path& copy) const override {
    sqlite3* target = handle_of(connection);
    const std::string database = "the database " + quoted(file(connection).string());
    if (connection.in_transaction()) throw Error(ErrorKind::usage, database + " cannot be replaced inside a transaction");
    const Handle source = open_copy(copy);
    sqlite3_backup* backup = sqlite3_backup_init(target, "main", source.get(), "main");
    if (!backup) throw failure(sqlite3_extended_errcode(target), target, database, "");
    const int stepped = sqlite3_backup_step(backup, -1);
    const int finished = sqlite3_backup_finish(backup);
    if (stepped != SQLITE_DONE) throw failure(stepped, target, database, "");
    if (finished != SQLITE_OK) throw failure(finished, target, database, "");
  }

  bool is_full(const Error& error) const override { return error.code() == code_name(SQLITE_FULL); }
};

}  // namespace

dialect::FileDatabase& file_database() {
  static SqliteFiles instance;
  return instance;
}

}  // namespace aludel::sqlite
