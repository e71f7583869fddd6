#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/url.hpp>

#include <mysql.h>

#include <chrono>
#include <optional>
#include <string>

namespace aludel::mysql {

enum class SslMode { disabled, preferred, required, verify_ca, verify_identity };

/// What a URL says of a connection, its options read and checked.
struct Conninfo {
  std::string host, user, database, socket;
  Secret password;
  unsigned port = 0;
  std::optional<SslMode> ssl;
  std::string ssl_ca, ssl_cert, ssl_key, ssl_cipher, tls_version, server_public_key, plugin_directory;
  std::string defaults_file, defaults_group;
  bool defaults = false;
  std::optional<unsigned> connect_timeout;
  std::optional<std::string> sql_mode;
  std::optional<std::string> time_zone;
  bool read_only = false;
  std::chrono::seconds lock_wait{3};  ///< metadata and row locks, before a statement may say otherwise

  /// "the database 'app' at 'db.example.com'": as messages call it.
  std::string target() const;
};

/// Throws Error(usage) for an option that there is none of, and for a value that it does not take.
Conninfo conninfo_of(const Url& url, const dialect::ConnectOptions& options);

/// Connects with utf8mb4 and without ever connecting again by itself. Throws Error(connection | busy).
MYSQL* open_session(const Conninfo& info);

}  // namespace aludel::mysql
