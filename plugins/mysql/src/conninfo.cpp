#include "conninfo.hpp"

#include "failure.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <vector>

namespace aludel::mysql {

namespace {

const std::vector<std::string>& known_options() {
  static const std::vector<std::string> names = {
      "unix_socket",       "socket",     "ssl-mode",      "ssl-ca",         "ssl-cert",        "ssl-key", "ssl-cipher", "tls-version",
      "server-public-key", "plugin-dir", "defaults-file", "defaults-group", "connect_timeout", "charset", "sql_mode",   "time_zone"};
  return names;
}

unsigned number_of(std::string_view key, const std::string& text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) return number;
  throw Error(ErrorKind::usage, fmt::format("the URL's option {} takes a number of seconds, not {}", key, quoted(text)))
      .with_hint("for example: " + std::string(key) + "=10");
}

SslMode ssl_mode_of(const std::string& text) {
  static const std::vector<std::string> names = {"DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (equals_ignoring_case(names[i], text)) return static_cast<SslMode>(i);
  }
  throw Error(ErrorKind::usage, fmt::format("the URL's option ssl-mode has no value {}{}", quoted(text), did_you_mean(to_upper(text), names)))
      .with_hint("it is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY");
}

void set_ssl(MYSQL* handle, const Conninfo& info) {
  const bool remote = info.socket.empty() && !info.host.empty() && info.host != "localhost";
  const SslMode mode = info.ssl.value_or(!info.ssl_ca.empty() ? SslMode::verify_ca : remote ? SslMode::preferred : SslMode::disabled);
  my_bool no = 0, yes = 1;
  if (mode == SslMode::disabled) {
    mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &no);
    return;
  }
  const auto text = [](const std::string& value) { return value.empty() ? nullptr : value.c_str(); };
  mysql_ssl_set(handle, text(info.ssl_key), text(info.ssl_cert), text(info.ssl_ca), nullptr, text(info.ssl_cipher));
  if (!info.tls_version.empty()) mysql_options(handle, MARIADB_OPT_TLS_VERSION, info.tls_version.c_str());
  if (mode != SslMode::preferred) mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
  // The library checks the chain and the host's name together: who asks for one gets both.
  const bool verify = mode == SslMode::verify_ca || mode == SslMode::verify_identity;
  mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, verify ? &yes : &no);
}

}  // namespace

std::string Conninfo::target() const {
  const std::string where = !socket.empty() ? socket : host.empty() ? "localhost" : port != 0 ? fmt::format("{}:{}", host, port) : host;
  return (database.empty() ? "the server at " : "the database " + quoted(database) + " at ") + quoted(where);
}

Conninfo conninfo_of(const Url& url, const dialect::ConnectOptions& options) {
  Conninfo info;
  info.host = url.host;
  info.user = url.user;
  info.password = url.password;
  info.database = url.path;
  info.port = url.port.value_or(0);
  info.read_only = options.read_only;
  for (const auto& [key, value] : url.query) {
    if (key == "unix_socket" || key == "socket") {
      info.socket = value;
    } else if (key == "ssl-mode") {
      info.ssl = ssl_mode_of(value);
    } else if (key == "ssl-ca") {
      info.ssl_ca = value;
    } else if (key == "ssl-cert") {
      info.ssl_cert = value;
    } else if (key == "ssl-key") {
      info.ssl_key = value;
    } else if (key == "ssl-cipher") {
      info.ssl_cipher = value;
    } else if (key == "tls-version") {
      info.tls_version = value;
    } else if (key == "server-public-key") {
      info.server_public_key = value;
    } else if (key == "plugin-dir") {
      info.plugin_directory = value;
    } else if (key == "defaults-file") {
      info.defaults_file = value;
      info.defaults = true;
    } else if (key == "defaults-group") {
      info.defaults_group = value;
      info.defaults = true;
    } else if (key == "connect_timeout") {
      info.connect_timeout = number_of(key, value);
    } else if (key == "sql_mode") {
      info.sql_mode = value;
    } else if (key == "time_zone") {
      info.time_zone = value;
    } else if (key == "charset") {
      if (!equals_ignoring_case(value, "utf8mb4")) {
        throw Error(ErrorKind::usage, fmt::format("the URL's option charset has no value {}", quoted(value)))
            .with_hint("aludel always speaks utf8mb4; the character sets of tables and columns are their own");
      }
    } else {
      throw Error(ErrorKind::usage, fmt::format("the URL has an unknown option {}{}", quoted(key), did_you_mean(key, known_options())))
          .with_hint("MySQL and MariaDB URLs know " + join(known_options(), ", "));
    }
  }
  return info;
}

MYSQL* open_session(const Conninfo& info) {
  std::unique_ptr<MYSQL, decltype(&mysql_close)> unopened(mysql_init(nullptr), &mysql_close);
  MYSQL* handle = unopened.get();
  if (handle == nullptr) throw Error(ErrorKind::internal, "the client library gave no handle");
  my_bool no = 0;
  unsigned zero = 0;
  mysql_options(handle, MYSQL_OPT_RECONNECT, &no);
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &zero);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "aludel");
  const unsigned timeout = info.connect_timeout.value_or(30);
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
  if (info.defaults) {
    if (!info.defaults_file.empty()) mysql_options(handle, MYSQL_READ_DEFAULT_FILE, info.defaults_file.c_str());
    mysql_options(handle, MYSQL_READ_DEFAULT_GROUP, info.defaults_group.empty() ? "client" : info.defaults_group.c_str());
  }
  if (!info.server_public_key.empty()) mysql_options(handle, MYSQL_SERVER_PUBLIC_KEY, info.server_public_key.c_str());
  if (!info.plugin_directory.empty()) mysql_options(handle, MYSQL_PLUGIN_DIR, info.plugin_directory.c_str());
  set_ssl(handle, info);
  const auto text = [](const std::string& value) { return value.empty() ? nullptr : value.c_str(); };
  const char* password = info.password.empty() ? nullptr : info.password.reveal().c_str();
  // Affected rows are those that matched, as in the other dialects.
  constexpr unsigned long flags = CLIENT_FOUND_ROWS;
  if (mysql_real_connect(handle, text(info.host), text(info.user), password, text(info.database), info.port, text(info.socket), flags) == nullptr) {
    throw connection_failure(handle, info.target());
  }
  return unopened.release();
}

}  // namespace aludel::mysql
