#include "connection.hpp"

#include "failure.hpp"

#include <aludel/postgresql/postgresql.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace aludel::postgresql {

namespace {

constexpr int oldest = 13, newest = 18;

std::string target_of(const Conninfo& info) {
  std::string database, host;
  for (const auto& [key, value] : info) {
    if (key == "dbname") database = value;
    if (key == "host") host = value;
  }
  if (database.empty()) return host.empty() ? "the default database" : "the database at " + quoted(host);
  return "the database " + quoted(database) + (host.empty() ? "" : " at " + quoted(host));
}

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

/// The type numbers never change (src/include/catalog/pg_type.dat of PostgreSQL).
enum Type : Oid { boolean = 16, bytea = 17, int8 = 20, int2 = 21, int4 = 23, oid = 26, float4 = 700, float8 = 701 };

Value value_of(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column)) return {};
  const char* text = PQgetvalue(result, row, column);
  const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
  switch (PQftype(result, column)) {
    case boolean:
      return Value(*text == 't');
    case int2:
    case int4:
    case int8:
    case oid: {
      std::int64_t number = 0;
      std::from_chars(text, text + size, number);
      return Value(number);
    }
    case float4:
    case float8: {
      double number = 0;
      const auto [end, error] = std::from_chars(text, text + size, number);
      if (error == std::errc() && end == text + size) return Value(number);
      return Value(std::string(text, size));
    }
    case bytea: {
      std::size_t length = 0;
      const std::unique_ptr<unsigned char, decltype(&PQfreemem)> bytes(PQunescapeBytea(reinterpret_cast<const unsigned char*>(text), &length),
                                                                       &PQfreemem);
      const auto* data = reinterpret_cast<const std::byte*>(bytes.get());
      return Value(Bytes(data, data + length));
    }
    default:
      return Value(std::string(text, size));
  }
}

/// As text; bytes as the server's hex form.
std::optional<std::string> parameter_text(const Value& value) {
  if (value.is_null()) return std::nullopt;
  if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
  if (const auto* number = value.integer()) return std::to_string(*number);
  if (const double* number = value.number()) return fmt::format("{}", *number);
  if (const std::string* text = value.string()) return *text;
  if (const Bytes* bytes = value.bytes()) {
    std::string text = "\\x";
    for (const std::byte byte : *bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    return text;
  }
  return to_json(value);
}

void receive_notice(void* self, const PGresult* result) {
  const auto& notice = *static_cast<const std::function<void(std::string_view)>*>(self);
  if (!notice) return;
  const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message) notice(fmt::format("{}: {}", severity ? to_lower(severity) : "notice", printable(message, 1000)));
}

}  // namespace

Connection::Connection(const Url& url, const dialect::ConnectOptions& options)
    : Connection(conninfo_of(url, options), url.redacted(), "", has_session_pooler(url), !options.read_only, options.notice) {
  if (session_pooler_ && options.read_only) execute("SET default_transaction_read_only = on");
}

Connection::Connection(const Connection& other) : Connection(other.info_, other.description_, other.target_, other.session_pooler_, false, {}) {}

Connection::Connection(const Connection& other, const std::string& database)
    : Connection(with_database(other.info_, database), other.description_, "the scratch database " + quoted(database), other.session_pooler_, false,
                 {}) {}

Connection::Connection(Conninfo info, std::string description, std::string target, bool session_pooler, bool writes,
                       std::function<void(std::string_view)> notice)
    : info_(std::move(info)),
      description_(std::move(description)),
      target_(target.empty() ? target_of(info_) : std::move(target)),
      session_pooler_(session_pooler),
      notice_(std::move(notice)),
      session_(std::make_unique<PqxxSession>(conninfo_text(info_), target_)) {
  PQsetNoticeReceiver(session_->handle(), &receive_notice, &notice_);
  cancel_.reset(PQgetCancel(session_->handle()));
  read_server();
  // Whoever writes journals the session's name, and must know it when the session is lost.
  if (writes) {
    name_session();
  } else {
    server_pid_ = *execute("SELECT pg_backend_pid()").scalar().integer();
  }
  refuse_poolers();
  if (session_pooler_) {
    for (const std::string& setting : own_settings({})) {
      const std::size_t equals = setting.find('=');
      execute("SELECT set_config($1, $2, false)", std::vector<Value>{setting.substr(0, equals), setting.substr(equals + 1)});
    }
  }
}

Connection::~Connection() = default;

void Connection::read_server() {
  const int number = PQserverVersion(session_->handle());
  server_.flavour = "postgresql";
  server_.major = number / 10'000;
  server_.minor = number % 10'000;
  const char* version = PQparameterStatus(session_->handle(), "server_version");
  server_.version = version ? version : std::to_string(server_.major);
  if (server_.major < oldest || server_.major > newest) {
    throw Error(ErrorKind::unsupported,
                fmt::format("{} runs on PostgreSQL {}, and this dialect knows {} to {}", target_, server_.version, oldest, newest))
        .with_hint(server_.major < oldest ? "upgrade the server" : "upgrade aludel");
  }
}

void Connection::name_session() {
  session_name_ = "";
  const std::string_view query = "SELECT pid, backend_start::text FROM pg_stat_get_activity(pg_backend_pid())";
  dialect::Rows rows = execute(query);
  // The own session's start is hidden as well from a role that the URL switches to.
  if (!rows.empty() && rows.rows[0][1].is_null()) rows = as_session_user(*this, query);
  if (rows.empty()) return;
  server_pid_ = *rows.rows[0][0].integer();
  // A process number alone comes back one day.
  if (rows.rows[0][1].string()) session_name_ = fmt::format("{} {}", server_pid_, *rows.rows[0][1].string());
}

std::string Connection::session() const {
  if (!session_name_) const_cast<Connection*>(this)->name_session();  // changes nothing that anybody sees
  return *session_name_;
}

/// A pooler makes up the process number that it tells the client at the session's start.
void Connection::refuse_poolers() const {
  if (session_pooler_ || PQbackendPID(session_->handle()) == server_pid_) return;
  throw pooler_failure(target_);
}

dialect::Rows as_session_user(dialect::Connection& connection, std::string_view sql, std::span<const Value> parameters) {
  if (connection.in_transaction()) return connection.execute(sql, parameters);
  connection.begin();
  try {
    connection.execute("SET LOCAL ROLE NONE");
    dialect::Rows rows = connection.execute(sql, parameters);
    connection.rollback();
    return rows;
  } catch (const Error&) {
    if (connection.in_transaction()) connection.rollback();
    throw;
  }
}

dialect::Rows Connection::execute(std::string_view sql, std::span<const Value> parameters) {
  cancelled_ = false;
  if (sql.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::database, "the statement holds a NUL byte, where PostgreSQL would stop reading").with_statement(printable(sql, 2000));
  }
  std::vector<std::optional<std::string>> texts;
  std::vector<const char*> values;
  for (const Value& value : parameters) texts.push_back(parameter_text(value));
  for (const auto& text : texts) values.push_back(text ? text->c_str() : nullptr);
  const std::string text(sql);
  // The extended protocol takes exactly one statement (manual, 55.2.3).
  const Result result(PQexecParams(session_->handle(), text.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0));
  dialect::Rows rows;
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      break;
    case PGRES_EMPTY_QUERY:
      throw Error(ErrorKind::database, "there is no statement in the text").with_statement(text);
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      throw Error(ErrorKind::unsupported, "COPY to or from the client cannot be run here").with_hint("write INSERT statements").with_statement(text);
    default:
      throw failure(session_->handle(), result.get(), target_, sql, cancelled_);
  }
  const int columns = PQnfields(result.get());
  for (int i = 0; i < columns; ++i) rows.columns.emplace_back(PQfname(result.get(), i));
  const int count = PQntuples(result.get());
  rows.rows.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto& row = rows.rows.emplace_back();
    row.reserve(static_cast<std::size_t>(columns));
    for (int k = 0; k < columns; ++k) row.push_back(value_of(result.get(), i, k));
  }
  const std::string_view affected = PQcmdTuples(result.get());
  std::from_chars(affected.data(), affected.data() + affected.size(), rows.affected);
  return rows;
}

void Connection::begin() { execute("BEGIN"); }

void Connection::commit() {
  // A transaction in which something failed ends COMMIT with a rollback, and says so only in its tag (manual, COMMIT).
  if (PQtransactionStatus(session_->handle()) == PQTRANS_INERROR) {
    rollback();
    throw Error(ErrorKind::database, "the transaction had failed before and was rolled back");
  }
  execute("COMMIT");
}

void Connection::rollback() { execute("ROLLBACK"); }

bool Connection::in_transaction() const {
  const auto status = PQtransactionStatus(session_->handle());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

const dialect::Dialect& Connection::dialect() const { return postgresql::dialect(); }

void Connection::cancel() noexcept {
  cancelled_ = true;
  char ignored[256];
  if (cancel_) PQcancel(cancel_.get(), ignored, sizeof ignored);
}

}  // namespace aludel::postgresql
