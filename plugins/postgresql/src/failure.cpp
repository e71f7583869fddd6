#include "failure.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace aludel::postgresql {

namespace {

std::string field(const PGresult* result, int which) {
  const char* text = result ? PQresultErrorField(result, which) : nullptr;
  return text ? text : "";
}

/// " (line 2, column 8)" of a statement of several lines. The server counts characters, not bytes.
std::string place(const PGresult* result, std::string_view sql) {
  const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
  std::size_t characters = 0;
  std::from_chars(position.data(), position.data() + position.size(), characters);
  if (characters == 0 || sql.find('\n') == std::string_view::npos) return {};
  std::size_t offset = 0;
  while (offset < sql.size()) {
    if ((static_cast<unsigned char>(sql[offset]) & 0xC0u) != 0x80u && --characters == 0) break;
    ++offset;
  }
  const Location location = locate(sql, offset);
  return fmt::format(" (line {}, column {})", location.line, location.column);
}

/// libpq's messages are of several lines: one for each host it tried, and questions of its own on further ones.
std::string one_line(std::string_view message) {
  std::string text;
  for (const std::string& line : split(trim(message), '\n')) text += (text.empty() ? "" : "; ") + std::string(trim(line));
  return printable(mask_passwords(text), 1000);
}

struct Meaning {
  ErrorKind kind;
  std::string hint;
};

Meaning meaning_of(std::string_view state, bool cancelled) {
  const std::string_view klass = state.substr(0, 2);
  if (state == "55P03") return {ErrorKind::busy, "somebody else holds the lock: run again, or give more time with lock_timeout"};
  if (state == "40001" || state == "40P01") return {ErrorKind::busy, "run again"};
  if (state == "57014") {
    if (cancelled) return {ErrorKind::interrupted, ""};
    return {ErrorKind::database, "the statement took longer than statement_timeout, or somebody cancelled it (pg_cancel_backend)"};
  }
  if (klass == "23") return {ErrorKind::constraint, ""};
  if (klass == "08" || state == "57P01" || state == "57P02" || state == "57P03") return {ErrorKind::connection, "look at the server's log"};
  if (state == "53100") return {ErrorKind::io, "make room on the server's disk, then run again"};
  if (state == "42501") return {ErrorKind::database, "grant the right to the user of the URL, or connect as the owner"};
  if (state == "25006") return {ErrorKind::connection, "the server is a standby, or default_transaction_read_only is on: connect to the primary"};
  return {ErrorKind::database, ""};
}

/// libpq may report the end of a session as a statement's failure first, without SQLSTATE and with the session still said to be fine.
bool is_lost(PGconn* handle, std::string_view state) {
  if (PQstatus(handle) != CONNECTION_OK) return true;
  if (!state.empty()) return false;
  return PQconsumeInput(handle) == 0 || PQstatus(handle) != CONNECTION_OK;
}

}  // namespace

Error failure(PGconn* handle, const PGresult* result, const std::string& server, std::string_view sql, bool cancelled) {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (is_lost(handle, state)) {
    if (message.empty()) message = PQerrorMessage(handle);
    Error error(ErrorKind::connection, fmt::format("the connection to {} was lost: {}", server, one_line(message)));
    error.set_hint("look at the server's log; whether the last statement took effect is not known");
    Error coded = state.empty() ? std::move(error) : std::move(error).with_code(state);
    return sql.empty() ? coded : std::move(coded).with_statement(std::string(sql));
  }
  if (message.empty()) message = trim(PQerrorMessage(handle));
  const Meaning meaning = meaning_of(state, cancelled);
  Error error(meaning.kind, meaning.kind == ErrorKind::interrupted ? "the statement was interrupted" : printable(message, 1000) + place(result, sql));
  const std::string hint = field(result, PG_DIAG_MESSAGE_HINT);
  if (!meaning.hint.empty() || !hint.empty()) error.set_hint(hint.empty() ? meaning.hint : printable(hint, 500));
  if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) error.add_note(printable(detail, 1000));
  Error coded = std::move(error).with_code(state);
  return sql.empty() ? coded : std::move(coded).with_statement(std::string(sql));
}

Error connect_failure(std::string_view libpq_message, const std::string& server) {
  // libpq gives no SQLSTATE for a session that did not come about, only text: the hints are best effort, the text itself always stands.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> hints = {{
      {"password authentication failed", "check user and password; a password may also stand in ~/.pgpass or PGPASSWORD"},
      {"no password supplied", "give a password in the URL, in ~/.pgpass or PGPASSWORD"},
      {"Peer authentication failed", "connect as the system user of that name, or through TCP with a password"},
      {"no pg_hba.conf entry", "the server's pg_hba.conf allows nobody in from here"},
      {"too many clients", "wait until others have gone, or raise max_connections"},
      {"remaining connection slots", "wait until others have gone, or raise max_connections"},
      {"too many connections", "wait until others have gone, or raise the limit of the role or database"},
      {"the database system is", "wait until the server is ready, then run again"},
      {"Connection refused", "start the server, or mend host and port in the URL"},
      {"No such file or directory", "start the server, or mend the socket's directory (host) and the port in the URL"},
      {"could not translate host name", "mend the host in the URL"},
      {"timeout expired", "the server did not answer: check host, port and firewall, or give more time with connect_timeout"},
      {"certificate", "check sslmode and the certificates"},
      {"SSL", "check sslmode and the certificates"},
  }};
  const std::string text(trim(libpq_message));
  if (text.find("unsupported startup parameter") != std::string::npos) return pooler_failure(server);
  std::string hint = "check the URL";
  for (const auto& [part, advice] : hints) {
    if (text.find(part) == std::string::npos) continue;
    hint = advice;
    break;
  }
  if (text.find("database \"") != std::string::npos && text.find("does not exist") != std::string::npos)
    hint = "create the database first (createdb), or mend the URL";
  if (text.find("role \"") != std::string::npos && text.find("does not exist") != std::string::npos)
    hint = "create the role first (createuser), or mend the URL";
  return Error(ErrorKind::connection, fmt::format("cannot connect to {}: {}", server, one_line(text))).with_hint(std::move(hint));
}

Error pooler_failure(const std::string& server) {
  return Error(ErrorKind::guard, fmt::format("a connection pooler (PgBouncer or the like) stands before {}", server))
      .with_hint(
          "in transaction mode it loses session settings and advisory locks between statements: connect to the server itself, or say "
          "pool_mode=session in "
          "the URL where the pooler is in session mode");
}

}  // namespace aludel::postgresql
