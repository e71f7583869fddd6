#include "connection.hpp"

#include "failure.hpp"
#include "lexer.hpp"

#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>
#include <array>
#include <charconv>
#include <filesystem>
#include <memory>
#include <thread>

namespace aludel::sqlite {

namespace fs = std::filesystem;

namespace {

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using PreparedStatement = std::unique_ptr<sqlite3_stmt, Finalizer>;

struct Target {
  std::string path;
  bool memory = false;
  dialect::ConnectOptions options;
};

const std::vector<std::string>& known_options() {
  static const std::vector<std::string> names = {"mode", "busy_timeout"};
  return names;
}

[[noreturn]] void refuse(std::string message, std::string hint) { throw Error(ErrorKind::usage, std::move(message)).with_hint(std::move(hint)); }

void apply_option(Target& target, const std::string& key, const std::string& value) {
  if (key == "mode") {
    if (value == "ro") {
      target.options.read_only = true;
    } else if (value == "rw") {
      target.options.create = false;
    } else if (value == "memory") {
      target.memory = true;
    } else if (value != "rwc") {
      refuse(fmt::format("the SQLite URL's option mode has no value {}", quoted(value)), "use ro, rw, rwc or memory");
    }
  } else if (key == "busy_timeout") {
    int milliseconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
    if (error != std::errc() || end != value.data() + value.size() || milliseconds < 0) {
      refuse(fmt::format("the SQLite URL's option busy_timeout is no number of milliseconds: {}", quoted(value)), "write busy_timeout=5000");
    }
    target.options.lock_wait = std::chrono::milliseconds(milliseconds);
  } else {
    refuse(fmt::format("the SQLite URL has an unknown option {}{}", quoted(key), did_you_mean(key, known_options())),
           "SQLite URLs know mode=ro|rw|rwc|memory and busy_timeout=MILLISECONDS");
  }
}

Target target_of(const Url& url, const dialect::ConnectOptions& options) {
  if (!url.host.empty() || url.port || !url.user.empty() || !url.password.empty()) {
    refuse(fmt::format("the SQLite URL names a host, {}", quoted(url.host)),
           "an SQLite database is a file: sqlite:///relative.db or sqlite:////absolute.db, with three or four slashes");
  }
  Target target{url.path, url.path.empty() || url.path == ":memory:", options};
  for (const auto& [key, value] : url.query) apply_option(target, key, value);
  if (url.path.find('\0') != std::string::npos) refuse(fmt::format("the path {} holds a NUL byte", quoted(url.path)), "mend the URL");
  return target;
}

/// Finds out early, and in words, what SQLite would only call "unable to open database file". Never opens the file itself: closing it again
/// would drop the locks that this process holds on it through other connections (https://www.sqlite.org/howtocorrupt.html, 2.2).
void inspect_file(const std::string& path, const dialect::ConnectOptions& options) {
  const auto fail = [&](std::string_view what, std::string hint) {
    throw Error(ErrorKind::connection, fmt::format("cannot open the database {}: {}", quoted(path), what)).with_hint(std::move(hint));
  };
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::directory) fail("it is a directory", "give the path of a file in the URL");
  if (status.type() == fs::file_type::not_found) {
    const fs::path parent = fs::path(path).parent_path();
    const fs::path directory = parent.empty() ? fs::path(".") : parent;
    if (!fs::exists(directory, error)) {
      fail(fmt::format("the directory {} does not exist", quoted(directory.string())), "create the directory, or mend the path in the URL");
    }
    if (!options.create || options.read_only) {
      fail("the file does not exist", fmt::format("mend the path in the URL; relative paths count from {}", fs::current_path(error).string()));
    }
    if (access(directory.c_str(), W_OK | X_OK) != 0) {
      fail(fmt::format("no file may be created in {}", quoted(directory.string())), "make the directory writable, or choose another path");
    }
    return;
  }
  if (status.type() == fs::file_type::none) fail(error.message(), "check the permissions of the directories above it");
  if (access(path.c_str(), R_OK) != 0) fail("permission to read it is denied", "check the file's owner and permissions");
}

/// SQLite takes these beginnings for something else than a path.
std::string plain_path(const std::string& path) { return path.rfind("file:", 0) == 0 || path.front() == ':' ? "./" + path : path; }

void bind(sqlite3_stmt* statement, int index, const Value& value) {
  const auto text = [&](const std::string& string) {
    return sqlite3_bind_text64(statement, index, string.data(), string.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  };
  if (const bool* boolean = value.boolean()) {
    sqlite3_bind_int(statement, index, *boolean ? 1 : 0);
  } else if (const std::int64_t* integer = value.integer()) {
    sqlite3_bind_int64(statement, index, *integer);
  } else if (const double* number = value.number()) {
    sqlite3_bind_double(statement, index, *number);
  } else if (const std::string* string = value.string()) {
    text(*string);
  } else if (const Bytes* bytes = value.bytes()) {
    // A null pointer would bind NULL, and an empty vector may have one.
    const void* data = bytes->empty() ? static_cast<const void*>("") : bytes->data();
    sqlite3_bind_blob64(statement, index, data, bytes->size(), SQLITE_TRANSIENT);
  } else if (value.is_null()) {
    sqlite3_bind_null(statement, index);
  } else {
    text(to_json(value));
  }
}

Value column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value(static_cast<std::int64_t>(sqlite3_column_int64(statement, column)));
    case SQLITE_FLOAT:
      return Value(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return Value(std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))));
    }
    case SQLITE_BLOB: {
      const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return Value(size == 0 ? Bytes() : Bytes(data, data + size));
    }
    default:
      return Value();
  }
}

/// Anything but white space, comments and semicolons.
bool has_statement(std::string_view sql) {
  for (const Token& token : tokenize(sql)) {
    if (token.kind != TokenKind::end && !token.is_symbol(";")) return true;
  }
  return false;
}

}  // namespace

Connection::Connection(const Url& url, const dialect::ConnectOptions& options) : owned_(true) {
  const Target target = target_of(url, options);
  lock_wait_ = target.options.lock_wait;
  description_ = target.memory ? "sqlite:// (in memory)" : url.redacted();
  target_ = target.memory ? "the database in memory" : "the database " + quoted(target.path);
  if (!target.memory) inspect_file(target.path, target.options);
  try {
    open(target.path, target.options, target.memory);
    probe();
    read_server();
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

Connection::Connection(sqlite3* handle) : handle_(handle) {
  if (!handle) throw Error(ErrorKind::usage, "adopt() was given a null SQLite handle").with_hint("open the database first");
  const char* file = sqlite3_db_filename(handle, "main");
  const bool memory = !file || !*file;
  description_ = memory ? "sqlite:// (in memory)" : "sqlite:///" + std::string(file);
  target_ = memory ? "the database in memory" : "the database " + quoted(file);
  read_server();
}

Connection::~Connection() {
  if (owned_) sqlite3_close_v2(handle_);
}

void Connection::open(const std::string& path, const dialect::ConnectOptions& options, bool memory) {
  int flags = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (memory) flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY;
  if (!memory && !options.read_only && options.create) flags |= SQLITE_OPEN_CREATE;
  const std::string name = memory ? ":memory:" : plain_path(path);
  const int code = sqlite3_open_v2(name.c_str(), &handle_, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
  if (code != SQLITE_OK) throw failure(handle_ ? sqlite3_extended_errcode(handle_) : code, handle_, target_, "");
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_handler(handle_, &Connection::wait_for_lock, this);
}

/// Reads the header and the schema, so that a file that is none, is damaged or stays locked is refused here and not in the middle of the work.
void Connection::probe() {
  execute("PRAGMA foreign_keys = ON");
  try {
    execute("SELECT 1 FROM sqlite_master LIMIT 1");
  } catch (Error& error) {
    if (error.kind() == ErrorKind::database) error.set_kind(ErrorKind::connection);
    error.add_context("while opening " + target_);
    throw;
  }
}

void Connection::read_server() {
  server_.flavour = "sqlite";
  const int number = sqlite3_libversion_number();
  server_.major = number / 1'000'000;
  server_.minor = number / 1000 % 1000;
  server_.patch = number % 1000;
  server_.version = sqlite3_libversion();
  const auto setting = [&](const char* name, const char* sql) {
    const Value value = execute(sql).scalar();
    const bool on = value.integer() && *value.integer() != 0;
    server_.settings[name] = on ? "on" : "off";
  };
  setting("foreign_keys", "PRAGMA foreign_keys");
  setting("legacy_alter_table", "PRAGMA legacy_alter_table");
}

/// Called by SQLite while another connection holds the lock; 0 gives up.
int Connection::wait_for_lock(void* self, int attempt) {
  auto& connection = *static_cast<Connection*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (attempt == 0) connection.waiting_since_ = now;
  const auto left = connection.lock_wait_ - std::chrono::duration_cast<std::chrono::milliseconds>(now - connection.waiting_since_);
  if (connection.cancelled_.load() || left.count() <= 0) return 0;
  static constexpr std::array<int, 6> pauses = {1, 2, 5, 10, 20, 40};
  const std::chrono::milliseconds pause(pauses[std::min<std::size_t>(static_cast<std::size_t>(attempt), pauses.size() - 1)]);
  std::this_thread::sleep_for(std::min(pause, left));
  return 1;
}

dialect::Rows Connection::execute(std::string_view sql, std::span<const Value> parameters) {
  cancelled_ = false;
  if (sql.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::database, "the statement holds a NUL byte, where SQLite would stop reading").with_statement(printable(sql, 2000));
  }
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const std::string text(sql);
  if (sqlite3_prepare_v2(handle_, text.c_str(), static_cast<int>(text.size()) + 1, &raw, &tail) != SQLITE_OK) {
    fail(sqlite3_extended_errcode(handle_), sql);
  }
  const PreparedStatement statement(raw);
  if (!statement) throw Error(ErrorKind::database, "there is no statement in the text").with_statement(text);
  if (has_statement(tail)) {
    throw Error(ErrorKind::database, "there is more than one statement in the text").with_hint("split it first").with_statement(text);
  }
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(raw));
  if (wanted != parameters.size()) {
    throw Error(ErrorKind::database, fmt::format("the statement takes {}, but {} given", counted(wanted, "parameter"),
                                                 parameters.size() == 1 ? "1 was" : fmt::format("{} were", parameters.size())))
        .with_statement(text);
  }
  for (std::size_t i = 0; i < wanted; ++i) bind(raw, static_cast<int>(i) + 1, parameters[i]);

  dialect::Rows result;
  const int columns = sqlite3_column_count(raw);
  for (int i = 0; i < columns; ++i) result.columns.emplace_back(sqlite3_column_name(raw, i));
  const auto changes_before = sqlite3_total_changes(handle_);
  int code = SQLITE_OK;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    std::vector<Value>& row = result.rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) row.push_back(column_value(raw, i));
  }
  if (code != SQLITE_DONE) fail(sqlite3_extended_errcode(handle_), sql);
  if (sqlite3_total_changes(handle_) != changes_before) result.affected = sqlite3_changes(handle_);
  return result;
}

void Connection::each_text_row(std::string_view sql, const std::function<void(std::span<const std::string_view>)>& take) {
  cancelled_ = false;
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK) fail(sqlite3_extended_errcode(handle_), sql);
  const PreparedStatement statement(raw);
  std::vector<std::string_view> row(static_cast<std::size_t>(sqlite3_column_count(raw)));
  int code = SQLITE_OK;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int column = static_cast<int>(i);
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
      row[i] = text ? std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(raw, column))) : std::string_view();
    }
    take(row);
  }
  if (code != SQLITE_DONE) fail(sqlite3_extended_errcode(handle_), sql);
}

void Connection::fail(int code, std::string_view sql) const {
  // A wait for a lock that was cancelled ends as "busy".
  if (cancelled_ && (code & 0xff) == SQLITE_BUSY) code = SQLITE_INTERRUPT;
  throw failure(code, handle_, target_, sql);
}

void Connection::begin() {
  // On a read-only database BEGIN IMMEDIATE succeeds, and only the first write fails.
  if (sqlite3_db_readonly(handle_, "main") == 1) throw failure(SQLITE_READONLY, nullptr, target_, "");
  if (!owned_) refuse_temporary_shadows();
  execute("BEGIN IMMEDIATE");
}

/// To SQLite, a bare name means the temporary thing first: what is meant for a table would go to what hides it, and a temporary trigger would fire,
/// or go with the table. Only an application's own connection can have such things.
void Connection::refuse_temporary_shadows() {
  const dialect::Rows found = execute(R"(
SELECT own.type, own.name, main.name
  FROM sqlite_temp_master AS own JOIN sqlite_master AS main
    ON CASE own.type WHEN 'trigger' THEN own.tbl_name ELSE own.name END = main.name COLLATE NOCASE
 WHERE own.type IN ('table', 'view', 'trigger') AND main.type IN ('table', 'view')
 LIMIT 1)");
  if (found.empty()) return;
  const auto text = [&](std::size_t i) { return quoted(*found.rows[0][i].string()); };
  const bool trigger = *found.rows[0][0].string() == "trigger";
  throw Error(ErrorKind::guard, fmt::format("the connection has a temporary {} {}, which {} {} of {}", *found.rows[0][0].string(), text(1),
                                            trigger ? "works on" : "hides", text(2), target_))
      .with_hint("upgrade before the program makes temporary things, or drop it first");
}

void Connection::commit() { execute("COMMIT"); }

void Connection::rollback() {
  if (in_transaction()) execute("ROLLBACK");  // some errors have rolled back already
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

const dialect::Dialect& Connection::dialect() const { return sqlite::dialect(); }

std::string Connection::session() const {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {}", getpid(), host.data());
}

std::optional<std::string> Connection::schema_token() { return std::to_string(*execute("PRAGMA schema_version").scalar().integer()); }

void Connection::cancel() noexcept {
  cancelled_ = true;
  sqlite3_interrupt(handle_);
}

void* Connection::native_handle() noexcept { return handle_; }

std::unique_ptr<dialect::Connection> adopt(sqlite3* handle) { return std::make_unique<Connection>(handle); }

}  // namespace aludel::sqlite
