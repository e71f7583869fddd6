#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>
#include <aludel/mysql/mysql.hpp>
#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "support/server.hpp"

namespace aludel::mysql::test {

using aludel::test::mariadb_server;
using aludel::test::MariadbServer;
using aludel::test::Server;

inline std::unique_ptr<dialect::Connection> connect(const std::string& url, const dialect::ConnectOptions& options = {}) {
  return dialect().connect(parse_url(url), options);
}

/// A database of its own on the server.
class Database {
 public:
  explicit Database(Server& server) : server_(server), name_(new_name()) { connect(server_.url("mysql"))->execute("CREATE DATABASE " + name_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    try {
      connect(server_.url("mysql"))->execute("DROP DATABASE IF EXISTS " + name_);
    } catch (const Error&) {  // a test has stopped the server
    }
  }
  const std::string& name() const { return name_; }
  /// `more` goes into the URL: "&sql_mode=ANSI".
  std::string url(const std::string& more = {}) const {
    const std::string plain = server_.url(name_);
    return more.empty() || plain.find('?') != std::string::npos ? plain + more : plain + "?" + more.substr(1);
  }

 private:
  static std::string new_name() {
    static int count = 0;
    return "aludel_session_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  }
  Server& server_;
  std::string name_;
};

template <typename Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::internal, "nothing was thrown");
}

inline std::string scalar(dialect::Connection& connection, std::string_view sql) {
  const Value value = connection.execute(sql).scalar();
  return value.string() ? *value.string() : to_json(value);
}

/// MariaDB always, MySQL where ALUDEL_TEST_MYSQL_URL names one.
inline std::vector<Server*> all_servers() {
  std::vector<Server*> servers = {&mariadb_server()};
  if (Server* mysql = aludel::test::mysql_server()) servers.push_back(mysql);
  return servers;
}
inline std::string flavour_of(Server* server) { return server == &mariadb_server() ? "mariadb" : "mysql"; }

}  // namespace aludel::mysql::test
