#include "failure.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <sqlite3.h>
#include <array>
#include <cerrno>
#include <utility>

namespace aludel::sqlite {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 29> primary_names = {{
    {SQLITE_ERROR, "SQLITE_ERROR"},
    {SQLITE_INTERNAL, "SQLITE_INTERNAL"},
    {SQLITE_PERM, "SQLITE_PERM"},
    {SQLITE_ABORT, "SQLITE_ABORT"},
    {SQLITE_BUSY, "SQLITE_BUSY"},
    {SQLITE_LOCKED, "SQLITE_LOCKED"},
    {SQLITE_NOMEM, "SQLITE_NOMEM"},
    {SQLITE_READONLY, "SQLITE_READONLY"},
    {SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
    {SQLITE_IOERR, "SQLITE_IOERR"},
    {SQLITE_CORRUPT, "SQLITE_CORRUPT"},
    {SQLITE_NOTFOUND, "SQLITE_NOTFOUND"},
    {SQLITE_FULL, "SQLITE_FULL"},
    {SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    {SQLITE_PROTOCOL, "SQLITE_PROTOCOL"},
    {SQLITE_EMPTY, "SQLITE_EMPTY"},
    {SQLITE_SCHEMA, "SQLITE_SCHEMA"},
    {SQLITE_TOOBIG, "SQLITE_TOOBIG"},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    {SQLITE_MISMATCH, "SQLITE_MISMATCH"},
    {SQLITE_MISUSE, "SQLITE_MISUSE"},
    {SQLITE_NOLFS, "SQLITE_NOLFS"},
    {SQLITE_AUTH, "SQLITE_AUTH"},
    {SQLITE_FORMAT, "SQLITE_FORMAT"},
    {SQLITE_RANGE, "SQLITE_RANGE"},
    {SQLITE_NOTADB, "SQLITE_NOTADB"},
    {SQLITE_NOTICE, "SQLITE_NOTICE"},
    {SQLITE_ROW, "SQLITE_ROW"},
    {SQLITE_DONE, "SQLITE_DONE"},
}};

constexpr std::array<std::pair<int, std::string_view>, 14> extended_names = {{
    {SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
    {SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    {SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"},
    {SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
    {SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
    {SQLITE_CONSTRAINT_DATATYPE, "SQLITE_CONSTRAINT_DATATYPE"},
    {SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"},
    {SQLITE_BUSY_RECOVERY, "SQLITE_BUSY_RECOVERY"},
    {SQLITE_LOCKED_SHAREDCACHE, "SQLITE_LOCKED_SHAREDCACHE"},
    {SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"},
    {SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"},
    {SQLITE_CANTOPEN_ISDIR, "SQLITE_CANTOPEN_ISDIR"},
}};

struct Meaning {
  ErrorKind kind;
  std::string message;
  std::string hint;
};

/// What a code says about the file rather than about the statement; an empty message keeps SQLite's own.
Meaning meaning(int code, const std::string& file) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorKind::busy, fmt::format("{} is locked by another connection", file),
              "wait until it is done, or give more time with lock_wait (--lock-wait)"};
    case SQLITE_CONSTRAINT:
      return {ErrorKind::constraint, "", ""};
    case SQLITE_INTERRUPT:
      return {ErrorKind::interrupted, "the statement was interrupted", ""};
    case SQLITE_CORRUPT:
      return {ErrorKind::connection, fmt::format("{} is damaged: ", file),
              "keep a copy of the file, then restore a backup or try `sqlite3 FILE .recover`"};
    case SQLITE_NOTADB:
      return {ErrorKind::connection, fmt::format("{} is not an SQLite database, or an encrypted one", file), "check the path in the URL"};
    case SQLITE_CANTOPEN:
      return {ErrorKind::connection, fmt::format("{} cannot be opened", file),
              "check that the file, its directory and its -wal and -journal files may be read and written"};
    case SQLITE_READONLY:
      return {ErrorKind::connection, fmt::format("{} is read-only", file),
              "make the file and its directory writable, or leave out mode=ro in the URL"};
    case SQLITE_FULL:
      return {ErrorKind::io, fmt::format("{} cannot grow: the disk or the database is full", file), "make room, then run again"};
    case SQLITE_IOERR:
      return {ErrorKind::io, fmt::format("{} could not be read or written: ", file), "check the disk"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorKind::connection, fmt::format("access to {} was denied", file), "check the file's permissions"};
    case SQLITE_MISUSE:
      return {ErrorKind::internal, "", ""};
    default:
      return {ErrorKind::database, "", ""};
  }
}

bool is_out_of_space(int system_error) { return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG; }

/// SQLite calls a full disk "full", but a full quota, a limit on the size of files and a directory without room an input/output error. The error of
/// the whole connection may have been overwritten by the rollback; that of the files is the last one they had.
bool out_of_space(int code, sqlite3* handle) {
  if (code == SQLITE_FULL) return true;
  if (!handle || (code != SQLITE_IOERR && code != SQLITE_CANTOPEN)) return false;
  if (is_out_of_space(sqlite3_system_errno(handle))) return true;
  int of_database = 0;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_LAST_ERRNO, &of_database);
  sqlite3_file* journal = nullptr;
  int of_journal = 0;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (journal && journal->pMethods) journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &of_journal);
  return is_out_of_space(of_database) || is_out_of_space(of_journal);
}

/// " (line 2, column 8)" of a statement of several lines, where SQLite knows it.
std::string place(sqlite3* handle, std::string_view sql) {
#if SQLITE_VERSION_NUMBER >= 3038000
  const int offset = handle ? sqlite3_error_offset(handle) : -1;
  if (offset < 0 || sql.find('\n') == std::string_view::npos) return {};
  const Location location = locate(sql, static_cast<std::size_t>(offset));
  return fmt::format(" (line {}, column {})", location.line, location.column);
#else
  static_cast<void>(handle);
  static_cast<void>(sql);
  return {};
#endif
}

}  // namespace

std::string code_name(int extended_code) {
  for (const auto& [code, name] : extended_names) {
    if (code == extended_code) return fmt::format("{} ({})", name, extended_code);
  }
  for (const auto& [code, name] : primary_names) {
    if (code == (extended_code & 0xff)) return fmt::format("{} ({})", name, extended_code);
  }
  return fmt::format("SQLite error {}", extended_code);
}

Error failure(int extended_code, sqlite3* handle, const std::string& file, std::string_view sql) {
  if (out_of_space(extended_code & 0xff, handle)) extended_code = SQLITE_FULL;
  // The handle's message belongs to its last call; it is of use only where that one failed.
  const bool current = handle && sqlite3_extended_errcode(handle) == extended_code;
  const std::string own = printable(current ? sqlite3_errmsg(handle) : sqlite3_errstr(extended_code), 1000);
  Meaning what = meaning(extended_code, file);
  std::string message = what.message.empty() ? own + place(current ? handle : nullptr, sql) : std::move(what.message);
  if (message.size() > 2 && message.substr(message.size() - 2) == ": ") message += own;
  // ALTER TABLE ADD COLUMN raises these for the rows there are, as plain errors (sqlite3AlterFinishAddColumn in alter.c).
  if (own == "CHECK constraint failed" || own == "NOT NULL constraint failed") {
    what.kind = ErrorKind::constraint;
    message = "rows that exist break the new column's " + std::string(own[0] == 'C' ? "check" : "NOT NULL");
  }
  Error error(what.kind, std::move(message));
  if (!what.hint.empty()) error.set_hint(std::move(what.hint));
  Error coded = std::move(error).with_code(code_name(extended_code));
  return sql.empty() ? coded : std::move(coded).with_statement(std::string(sql));
}

}  // namespace aludel::sqlite
