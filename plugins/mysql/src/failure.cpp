#include "failure.hpp"

#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <errmsg.h>
#include <fmt/format.h>

#include <charconv>

namespace aludel::mysql {

namespace {

struct Meaning {
  ErrorKind kind;
  std::string_view hint;
};

/// The numbers are those of the servers' manuals, "Server Error Message Reference" and "MariaDB Error Codes".
Meaning meaning_of(unsigned number, bool cancelled) {
  switch (number) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_CONN_HOST_ERROR:
    case CR_SERVER_LOST_EXTENDED:
    case 1053:  // server shutdown in progress
    case 1927:  // MariaDB: connection was killed
    case 4031:  // MySQL: disconnected because of inactivity
      return {ErrorKind::connection, "the statement may still run in the server, or be done: look before running it again (aludel status)"};
    case 1153:
      return {ErrorKind::database, "raise max_allowed_packet of the server, or insert fewer rows at once"};
    case 1205:
      return {ErrorKind::busy, "somebody else holds the lock: run again, or give more time with lock_timeout"};
    case 1213:
    case 1614:
    case 1020:
    case 3101:  // MySQL: another member of the group was faster
      return {ErrorKind::busy, "run again"};
    case 1317:
      if (cancelled) return {ErrorKind::interrupted, ""};
      return {ErrorKind::database, "somebody stopped the statement (KILL QUERY)"};
    case 3024:
    case 1969:
      return {ErrorKind::database, "the statement took longer than statement_timeout: give it more"};
    case 1022:
    case 1048:
    case 1062:
    case 1138:
    case 1169:
    case 1216:
    case 1217:
    case 1451:
    case 1452:
    case 1557:
    case 1586:
    case 1761:
    case 1762:
    case 3140:  // what becomes JSON is none
    case 3819:
    case 4025:
      return {ErrorKind::constraint, ""};
    case 1044:
    case 1142:
    case 1143:
    case 1227:
    case 1370:
      return {ErrorKind::database, "the user of the URL lacks the right: grant it, or connect as the owner"};
    case 1419:
      return {ErrorKind::database, "the server writes a binary log: set log_bin_trust_function_creators, or connect as a user with SUPER"};
    case 1118:
      return {ErrorKind::database, "make columns TEXT or BLOB, which are kept outside of the row, or shorten them"};
    case 1071:
      return {ErrorKind::database, "index a prefix of the column (length = n), or use a character set of fewer bytes"};
    case 1171:
      return {ErrorKind::database, "a primary key's columns are NOT NULL"};
    case 1046:
      return {ErrorKind::database, "name the database in the URL: mysql://user@host/database"};
    case 1290:
    case 1792:
    case 1836:
      return {ErrorKind::database, "the server or the transaction is read-only: connect to the primary"};
    case 1114:
    case 1021:
      return {ErrorKind::database, "the server's disk or tablespace is full"};
    default:
      return {ErrorKind::database, ""};
  }
}

std::string code_of(MYSQL* handle) {
  const unsigned number = mysql_errno(handle);
  return number == 0 ? "" : fmt::format("{} ({})", mysql_sqlstate(handle), number);
}

}  // namespace

Error failure(MYSQL* handle, std::string_view server, std::string_view sql, bool cancelled) {
  const unsigned number = mysql_errno(handle);
  const std::string said = printable(mask_passwords(mysql_error(handle)), 1000);
  // 1180: COMMIT failed; the storage engine's 149 is a deadlock (include/my_base.h, HA_ERR_LOCK_DEADLOCK), with another member of a group.
  const bool deadlock = number == 1180 && said.find("error 149") != std::string::npos;
  const Meaning meaning = meaning_of(deadlock ? 1213 : number, cancelled);
  std::string message = said.empty() ? "the statement failed" : said;
  if (meaning.kind == ErrorKind::connection) message = fmt::format("the connection to {} was lost: {}", server, message);
  if (meaning.kind == ErrorKind::interrupted) message = "interrupted";
  return Error(meaning.kind, std::move(message)).with_statement(std::string(sql)).with_code(code_of(handle)).with_hint(std::string(meaning.hint));
}

Error connection_failure(MYSQL* handle, std::string_view server) {
  const unsigned number = mysql_errno(handle);
  std::string hint = "check the URL";
  switch (number) {
    case CR_CONNECTION_ERROR:
      hint = "is the server running, and is this its socket? (?unix_socket=/path in the URL; a host name other than localhost means TCP)";
      break;
    case CR_CONN_HOST_ERROR:
    case CR_SERVER_LOST:
      hint = "is the server running there, and does a firewall let you through? (give more time with connect_timeout)";
      break;
    case CR_UNKNOWN_HOST:
      hint = "check the host in the URL";
      break;
    case CR_SSL_CONNECTION_ERROR:
      hint = "check ssl-mode (DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY), ssl-ca and the certificates";
      break;
    case 1045:
    case 1698:
      hint = "check user and password in the URL, and from which hosts the server lets the user in";
      break;
    case 1044:
      hint = "grant the user of the URL rights to the database, or mend the URL";
      break;
    case 1049:
      hint = "create the database first (CREATE DATABASE), or mend the URL";
      break;
    case 1040:
    case 1203:
    case 1226:
      hint = "the server has no room for another connection: try again later, or raise max_connections";
      break;
    case 2059:
    case 1251:
    case 1156:
      hint = "the client library lacks the plugin that the user's account needs: install it, or let the account use another one";
      break;
    default:
      break;
  }
  const std::string said = printable(mask_passwords(mysql_error(handle)), 1000);
  const ErrorKind kind = number == 1040 || number == 1203 || number == 1226 ? ErrorKind::busy : ErrorKind::connection;
  return Error(kind, fmt::format("cannot connect to {}: {}", server, said)).with_code(code_of(handle)).with_hint(std::move(hint));
}

unsigned error_number(const Error& error) {
  const std::string& code = error.code();
  const std::size_t open = code.find('(');
  unsigned number = 0;
  if (open != std::string::npos) std::from_chars(code.data() + open + 1, code.data() + code.size(), number);
  return number;
}

}  // namespace aludel::mysql
