#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>
#include <aludel/postgresql/postgresql.hpp>
#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "support/server.hpp"

namespace aludel::postgresql::test {

using aludel::test::postgresql_server;
using aludel::test::PostgresqlServer;

inline std::unique_ptr<dialect::Connection> connect(const std::string& url, const dialect::ConnectOptions& options = {}) {
  return dialect().connect(parse_url(url), options);
}

/// A database of its own on the process's server; `more` goes into the URL: "&role=x".
class Database {
 public:
  Database() : name_(new_name()) { connect(postgresql_server().url("postgres"))->execute("CREATE DATABASE " + name_ + " TEMPLATE template0"); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    try {
      connect(postgresql_server().url("postgres"))->execute("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    } catch (const Error&) {  // a test has stopped the server
    }
  }
  const std::string& name() const { return name_; }
  std::string url(const std::string& more = {}) const { return postgresql_server().url(name_) + more; }

 private:
  static std::string new_name() {
    static int count = 0;
    return "aludel_session_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  }
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

}  // namespace aludel::postgresql::test
