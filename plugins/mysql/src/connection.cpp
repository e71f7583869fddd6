#include "connection.hpp"

#include "failure.hpp"
#include "lexer.hpp"
#include "quoting.hpp"

#include <aludel/mysql/mysql.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace aludel::mysql {

namespace {

struct Free {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Result = std::unique_ptr<MYSQL_RES, Free>;

constexpr unsigned binary_charset = 63;
constexpr const char* owner_key = "aludel";  // under which a handle knows its Connection

Value value_of(const MYSQL_FIELD& field, const char* text, unsigned long length) {
  if (text == nullptr) return {};
  switch (field.type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text, text + length, number);
      if (error == std::errc() && end == text + length) return Value(number);
      return Value(std::string(text, length));  // beyond 63 bits
    }
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE: {
      double number = 0;
      const auto [end, error] = std::from_chars(text, text + length, number);
      if (error == std::errc() && end == text + length) return Value(number);
      return Value(std::string(text, length));
    }
    case MYSQL_TYPE_BIT: {
      std::uint64_t bits = 0;
      for (unsigned long i = 0; i < length; ++i) bits = bits << 8 | static_cast<unsigned char>(text[i]);
      return Value(static_cast<std::int64_t>(bits));
    }
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_GEOMETRY:
      if (field.charsetnr == binary_charset) {
        const auto* data = reinterpret_cast<const std::byte*>(text);
        return Value(Bytes(data, data + length));
      }
      return Value(std::string(text, length));
    default:
      return Value(std::string(text, length));
  }
}

constexpr std::array<std::string_view, 10> changes_quoting = {
    "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI", "ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL", "IGNORE_SPACE", "SIMULTANEOUS_ASSIGNMENT"};

/// The server's own mode without what would make our texts mean something else.
std::string session_mode(const std::string& mode) {
  std::vector<std::string> kept;
  for (const std::string& one : split(mode, ',')) {
    if (one.empty() || std::find(changes_quoting.begin(), changes_quoting.end(), one) != changes_quoting.end()) continue;
    kept.push_back(one);
  }
  return join(kept, ",");
}

}  // namespace

Connection::Connection(const Url& url, const dialect::ConnectOptions& options)
    : Connection(conninfo_of(url, options), url.redacted(), options.notice) {}

Connection::Connection(const Connection& other, const std::string& database)
    : Connection(
          [&] {
            Conninfo info = other.info_;
            info.database = database;
            info.read_only = false;
            return info;
          }(),
          other.description_, other.notice_) {}

Connection::Connection(Conninfo info, std::string description, std::function<void(std::string_view)> notice)
    : info_(std::move(info)),
      description_(std::move(description)),
      target_(info_.target()),
      notice_(std::move(notice)),
      handle_(open_session(info_)) {
  id_ = mysql_thread_id(handle_);
  mysql_optionsv(handle_, MARIADB_OPT_USERDATA, owner_key, this);
  try {
    read_server();
    set_session();
  } catch (...) {
    mysql_close(handle_);
    throw;
  }
  sem_init(&asked_to_cancel_, 0, 0);
  canceller_ = std::thread([this] { watch(); });
}

Connection::~Connection() {
  closing_ = true;
  sem_post(&asked_to_cancel_);
  canceller_.join();
  sem_destroy(&asked_to_cancel_);
  mysql_close(handle_);
}

void Connection::read_server() {
  const std::string version = mysql_get_server_info(handle_);
  server_.version = version;
  server_.flavour = version.find("MariaDB") == std::string::npos ? "mysql" : "mariadb";
  // Old MariaDB servers put "5.5.5-" in front, for replicas of MySQL.
  std::string_view numbers = version;
  if (is_mariadb() && numbers.starts_with("5.5.5-")) numbers.remove_prefix(6);
  int* const parts[] = {&server_.major, &server_.minor, &server_.patch};
  for (int* part : parts) {
    const auto [end, error] = std::from_chars(numbers.data(), numbers.data() + numbers.size(), *part);
    if (error != std::errc()) break;
    numbers.remove_prefix(static_cast<std::size_t>(end - numbers.data()));
    if (numbers.empty() || numbers[0] != '.') break;
    numbers.remove_prefix(1);
  }
  const int number = server_.major * 100 + server_.minor;
  const bool old = is_mariadb() ? number < 1006 : number < 800;
  const bool known = is_mariadb() ? number < 1200 : number < 1000;
  if (!old && known) return;
  const std::string_view name = is_mariadb() ? "MariaDB" : "MySQL";
  throw Error(ErrorKind::unsupported, fmt::format("{} runs on {} {}, and this dialect knows {}", target_, name, printable(version, 60),
                                                  is_mariadb() ? "MariaDB 10.6 to 11" : "MySQL 8.0 to 9"))
      .with_hint(old ? "upgrade the server" : "upgrade aludel");
}

void Connection::set_session() {
  std::string ask =
      "SELECT @@sql_mode, @@collation_database, @@character_set_database, @@default_storage_engine, @@lower_case_table_names, @@max_allowed_packet, "
      "@@collation_server, @@collation_connection, USER(), ";
  ask += is_mariadb() ? "@@wsrep_on, CURRENT_ROLE()" : may_add_keys() ? "@@sql_generate_invisible_primary_key, NULL" : "0, NULL";
  const dialect::Rows rows = execute(ask);
  const auto text = [&](std::size_t i) -> std::string {
    const Value& value = rows.rows.at(0).at(i);
    if (value.string()) return *value.string();
    return value.integer() ? std::to_string(*value.integer()) : std::string();
  };
  auto& settings = server_.settings;
  settings["sql_mode"] = info_.sql_mode ? *info_.sql_mode : session_mode(text(0));
  settings["time_zone"] = info_.time_zone.value_or("+00:00");
  settings["collation_database"] = text(1);
  settings["character_set_database"] = text(2);
  settings["default_storage_engine"] = text(3);
  settings["lower_case_table_names"] = text(4);
  settings["max_allowed_packet"] = text(5);
  settings["collation_server"] = text(6);
  const bool on = text(9) == "1" || text(9) == "ON";
  if (is_mariadb()) settings["wsrep_on"] = on ? "on" : "off";
  connection_collation_ = text(7);
  user_ = text(8).substr(0, text(8).rfind('@'));
  role_ = rows.rows[0][10].is_null() ? "NONE" : quote_identifier(text(10));
  execute("SET SESSION autocommit = 1, " + session_assignments());
  if (may_add_keys() && on) keep_from_adding_keys();
  if (info_.read_only) execute("SET SESSION TRANSACTION READ ONLY");
}

bool Connection::may_add_keys() const { return !is_mariadb() && server_.major * 10'000 + server_.minor * 100 + server_.patch >= 80'030; }

/// A key that nobody declared would come and go with the server's setting. Who may not set that does not see such keys (manual, "Generated Invisible
/// Primary Keys").
void Connection::keep_from_adding_keys() {
  constexpr unsigned lacks_the_right = 1227;
  try {
    execute("SET SESSION sql_generate_invisible_primary_key = 0");
  } catch (const Error& error) {
    if (error_number(error) != lacks_the_right) throw;
    execute("SET SESSION show_gipk_in_create_table_and_information_schema = 0");
  }
}

std::string Connection::session_assignments() const {
  std::string set = fmt::format(
      "sql_mode = {}, time_zone = {}, foreign_key_checks = 1, unique_checks = 1, sql_quote_show_create = 1, lock_wait_timeout = {}, "
      "innodb_lock_wait_timeout = {}",
      quote_string(server_.settings.at("sql_mode")), quote_string(server_.settings.at("time_zone")), info_.lock_wait.count(),
      info_.lock_wait.count());
  // Reads what other nodes have committed, not what has reached this one (MariaDB manual, "Galera Cluster System Variables").
  if (is_galera()) set += ", wsrep_sync_wait = 15";
  return set;
}

void Connection::restore_session() {
  // All that a script may leave behind and that changes what later statements mean, as far as every user may set it. A reset of the connection would
  // give back locks and transaction too.
  std::string set = "SET SESSION " + session_assignments();
  for (const char* variable : {"sql_select_limit", "sql_safe_updates", "group_concat_max_len", "div_precision_increment", "default_storage_engine",
                               "lc_time_names", "default_week_format", "timestamp", "sql_auto_is_null", "sql_big_selects"}) {
    set += fmt::format(", {} = DEFAULT", variable);
  }
  if (is_mariadb()) {
    set +=
        ", tx_isolation = DEFAULT, max_statement_time = DEFAULT, check_constraint_checks = DEFAULT, innodb_strict_mode = DEFAULT, "
        "auto_increment_increment = DEFAULT, auto_increment_offset = DEFAULT, system_versioning_alter_history = DEFAULT, old_mode = DEFAULT";
  } else {
    set += ", transaction_isolation = DEFAULT, max_execution_time = DEFAULT";
  }
  // Within a transaction it would commit.
  if (!in_transaction()) set += ", autocommit = 1";
  execute(set);
  if (may_add_keys() && execute("SELECT @@sql_generate_invisible_primary_key").scalar() == Value(std::int64_t{1})) keep_from_adding_keys();
  execute("SET NAMES utf8mb4 COLLATE " + connection_collation_);
  execute(is_mariadb() ? "SET ROLE " + role_ : "SET ROLE DEFAULT");
  if (!info_.database.empty()) execute("USE " + quote_identifier(info_.database));
}

bool Connection::is_galera() const {
  const auto found = server_.settings.find("wsrep_on");
  return found != server_.settings.end() && found->second == "on";
}

std::string Connection::server_identity() {
  // The variable is of whole seconds, and so is the clock: two answers may differ by one.
  const std::string_view sql =
      is_mariadb() ? "SELECT CAST(FROM_UNIXTIME(UNIX_TIMESTAMP(SYSDATE()) - VARIABLE_VALUE, '%Y-%m-%d %H:%i:%s') AS CHAR) FROM "
                     "information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME'"
                   : "SELECT CAST(DATE_FORMAT(FROM_UNIXTIME(UNIX_TIMESTAMP(SYSDATE()) - VARIABLE_VALUE), '%Y-%m-%d %H:%i:%s') AS CHAR), "
                     "@@server_uuid FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Uptime'";
  const dialect::Rows rows = execute(sql);
  if (rows.empty() || !rows.rows[0][0].string()) throw Error(ErrorKind::database, "the server does not say how long it has been running");
  std::string name = "-";
  if (!is_mariadb()) {
    name = *rows.rows[0][1].string();
  } else if (is_galera()) {
    const Value node = execute("SELECT @@wsrep_node_name").scalar();
    if (node.string() && !node.string()->empty()) name = join(split(*node.string(), ' '), "_");
  }
  return *rows.rows[0][0].string() + " " + name;
}

std::string Connection::session() const {
  if (session_name_.empty()) session_name_ = fmt::format("{} {} {}", id_, const_cast<Connection*>(this)->server_identity(), user_);
  return session_name_;
}

const dialect::Dialect& Connection::dialect() const { return mysql::dialect(); }

void Connection::query(std::string_view sql) {
  if (mysql_real_query(handle_, sql.data(), static_cast<unsigned long>(sql.size())) != 0) throw failure(handle_, target_, sql, cancelled_);
}

std::string Connection::bound(std::string_view sql, std::span<const Value> parameters) const {
  std::string text;
  std::size_t used = 0, copied = 0;
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (!token.is_symbol('?') || used == parameters.size()) continue;
    text.append(sql.substr(copied, token.offset - copied)).append(quote_literal(parameters[used++]));
    copied = token.end_offset();
  }
  if (used != parameters.size()) {
    throw Error(ErrorKind::usage, fmt::format("the statement has {} for {}", counted(used, "placeholder"), counted(parameters.size(), "parameter")))
        .with_statement(std::string(sql));
  }
  return text.append(sql.substr(copied));
}

dialect::Rows Connection::execute(std::string_view sql, std::span<const Value> parameters) {
  cancelled_ = false;
  if (trim(sql).empty()) throw Error(ErrorKind::database, "there is no statement in the text").with_statement(std::string(sql));
  query(parameters.empty() ? sql : std::string_view(bound(sql, parameters)));
  dialect::Rows rows;
  bool first = true;
  // A procedure may bring several results; the first is the answer, the others must be taken off the wire.
  while (true) {
    const Result result(mysql_store_result(handle_));
    if (!result && mysql_field_count(handle_) != 0) throw failure(handle_, target_, sql, cancelled_);
    if (!result) {
      if (first) rows.affected = static_cast<std::int64_t>(mysql_affected_rows(handle_));
    } else if (first) {
      const unsigned columns = mysql_num_fields(result.get());
      const MYSQL_FIELD* fields = mysql_fetch_fields(result.get());
      for (unsigned i = 0; i < columns; ++i) rows.columns.emplace_back(fields[i].name, fields[i].name_length);
      rows.rows.reserve(static_cast<std::size_t>(mysql_num_rows(result.get())));
      while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
        const unsigned long* lengths = mysql_fetch_lengths(result.get());
        auto& values = rows.rows.emplace_back();
        values.reserve(columns);
        for (unsigned i = 0; i < columns; ++i) values.push_back(value_of(fields[i], row[i], lengths[i]));
      }
      rows.affected = static_cast<std::int64_t>(rows.rows.size());
    }
    first = false;
    if (!mysql_more_results(handle_)) break;
    if (mysql_next_result(handle_) > 0) throw failure(handle_, target_, sql, cancelled_);
  }
  return rows;
}

std::vector<Connection::Answer> Connection::ask_all(const std::vector<std::string>& queries, const std::vector<std::size_t>& columns) {
  cancelled_ = false;
  constexpr std::size_t at_once = 1000;
  std::vector<Answer> answers;
  answers.reserve(queries.size());
  const std::size_t packet = [&] {
    std::size_t size = 0;
    const std::string& text = server_.settings["max_allowed_packet"];
    std::from_chars(text.data(), text.data() + text.size(), size);
    return std::max<std::size_t>(size, 4096) / 2;
  }();
  if (mysql_set_server_option(handle_, MYSQL_OPTION_MULTI_STATEMENTS_ON) != 0) throw failure(handle_, target_, "", cancelled_);
  std::string text;
  const auto fail = [&](const std::string& sql) {
    Error error = failure(handle_, target_, sql, cancelled_);
    if (error.kind() == ErrorKind::connection || error.kind() == ErrorKind::interrupted) throw error;
    answers.push_back({"", mysql_errno(handle_), error.message()});
  };
  while (answers.size() < queries.size()) {
    const std::size_t from = answers.size();
    text.clear();
    std::size_t end = from;
    while (end < queries.size() && end - from < at_once && (end == from || text.size() + queries[end].size() < packet)) text += queries[end++] + ";";
    text.pop_back();
    if (mysql_real_query(handle_, text.data(), static_cast<unsigned long>(text.size())) != 0) {
      fail(queries[from]);
      continue;
    }
    // The server stops at the first that fails; the rest goes into the next packet.
    while (true) {
      const std::size_t at = answers.size();
      const Result result(mysql_store_result(handle_));
      if (!result) {
        if (mysql_errno(handle_) != 0) {
          fail(queries[at]);
          break;
        }
        answers.emplace_back();
      } else {
        Answer answer;
        if (MYSQL_ROW row = mysql_fetch_row(result.get())) {
          const unsigned long* lengths = mysql_fetch_lengths(result.get());
          const std::size_t column = columns[at];
          if (column < mysql_num_fields(result.get()) && row[column] != nullptr) answer.text.assign(row[column], lengths[column]);
        }
        answers.push_back(std::move(answer));
      }
      const int more = mysql_next_result(handle_);
      if (more < 0) break;
      if (more > 0) {
        fail(queries[answers.size()]);
        break;
      }
    }
  }
  if (mysql_set_server_option(handle_, MYSQL_OPTION_MULTI_STATEMENTS_OFF) != 0) throw failure(handle_, target_, "", cancelled_);
  return answers;
}

void Connection::begin() { execute("START TRANSACTION"); }
void Connection::commit() {
  try {
    execute("COMMIT");
  } catch (const Error& error) {
    // A cluster may refuse it (Galera's certification), and the transaction is rolled back. The client knows of it only from answers that are no
    // errors; COMMIT said again would do nothing and look as if it had done everything.
    if (error.kind() != ErrorKind::connection) execute("ROLLBACK");
    throw;
  }
}
void Connection::rollback() { execute("ROLLBACK"); }

bool Connection::in_transaction() const {
  unsigned status = 0;
  mariadb_get_infov(handle_, MARIADB_CONNECTION_SERVER_STATUS, &status);
  return (status & SERVER_STATUS_IN_TRANS) != 0;
}

void Connection::cancel() noexcept {
  cancelled_ = true;
  sem_post(&asked_to_cancel_);
}

void Connection::watch() noexcept {
  while (true) {
    while (sem_wait(&asked_to_cancel_) != 0) continue;  // EINTR
    if (closing_) break;
    try {
      const std::unique_ptr<MYSQL, decltype(&mysql_close)> other(open_session(info_), &mysql_close);
      const std::string sql = fmt::format("KILL QUERY {}", id_);
      mysql_real_query(other.get(), sql.data(), static_cast<unsigned long>(sql.size()));
    } catch (const std::exception&) {  // then the statement runs to its end
    }
  }
  mysql_thread_end();
}

Connection* ours(dialect::Connection* connection) {
  if (connection == nullptr || connection->dialect().name() != mysql::dialect().name()) return nullptr;
  if (auto* own = dynamic_cast<Connection*>(connection)) return own;
  auto* handle = static_cast<MYSQL*>(connection->native_handle());
  void* found = nullptr;
  if (handle == nullptr || mysql_get_optionv(handle, MARIADB_OPT_USERDATA, const_cast<char*>(owner_key), &found) != 0) return nullptr;
  return static_cast<Connection*>(found);
}

}  // namespace aludel::mysql
