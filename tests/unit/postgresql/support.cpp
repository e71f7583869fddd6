#include "support.hpp"

#include "introspector.hpp"

#include <aludel/error.hpp>

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>

#include "support/server.hpp"

namespace aludel::postgresql::test {
namespace {

class Session final : public dialect::Connection {
 public:
  explicit Session(const std::string& database) {
    handle_ = PQconnectdb(aludel::test::postgresql_server().url(database).c_str());
    if (PQstatus(handle_) != CONNECTION_OK) throw Error(ErrorKind::connection, PQerrorMessage(handle_));
    server_.flavour = "postgresql";
    server_.major = PQserverVersion(handle_) / 10000;
    PQsetNoticeProcessor(
        handle_, [](void*, const char*) {}, nullptr);
  }
  ~Session() override { PQfinish(handle_); }

  dialect::Rows execute(std::string_view sql, std::span<const Value>) override {
    PGresult* const result = PQexec(handle_, std::string(sql).c_str());
    dialect::Rows rows;
    const ExecStatusType status = PQresultStatus(result);
    for (int i = 0; i < PQntuples(result); ++i) {
      auto& row = rows.rows.emplace_back();
      for (int k = 0; k < PQnfields(result); ++k) row.push_back(PQgetisnull(result, i, k) ? Value() : Value(PQgetvalue(result, i, k)));
    }
    const std::string message = PQresultErrorMessage(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
      throw Error(ErrorKind::database, message).with_statement(std::string(sql));
    return rows;
  }
  void begin() override { execute("BEGIN", {}); }
  void commit() override { execute("COMMIT", {}); }
  void rollback() override { execute("ROLLBACK", {}); }
  bool in_transaction() const override { return PQtransactionStatus(handle_) != PQTRANS_IDLE; }
  const dialect::Dialect& dialect() const override { throw Error(ErrorKind::internal, "a connection of these tests has no dialect"); }
  const dialect::Server& server() const override { return server_; }
  std::string session() const override { return {}; }
  std::string description() const override { return "test"; }
  void cancel() noexcept override {}
  void* native_handle() noexcept override { return handle_; }

 private:
  PGconn* handle_ = nullptr;
  dialect::Server server_;
};

std::string fresh_name() {
  static std::atomic<int> count = 0;
  const std::string name = "aludel_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  Session("postgres").execute("CREATE DATABASE " + name + " TEMPLATE template0", {});
  return name;
}

}  // namespace

std::unique_ptr<dialect::Connection> fresh_database() { return std::make_unique<Session>(fresh_name()); }
std::string fresh_url() { return aludel::test::postgresql_server().url(fresh_name()); }

int server_major() {
  static const int major = Session("postgres").server().major;
  return major;
}

void run(dialect::Connection& connection, std::string_view script) { connection.execute(script); }

namespace {

std::string for_this_server(std::string_view script) {
  std::string text;
  for (std::size_t begin; (begin = script.find("/*")) != std::string_view::npos;) {
    const std::size_t colon = script.find(':', begin), end = script.find("*/", begin);
    const bool known = server_major() >= std::stoi(std::string(script.substr(begin + 2, colon - begin - 2)));
    text += script.substr(0, begin);
    if (known) text += script.substr(colon + 1, end - colon - 1);
    script.remove_prefix(end + 2);
  }
  return text += script;
}

}  // namespace

schema::Metadata schema_of(std::string_view script) {
  const auto connection = fresh_database();
  run(*connection, for_this_server(script));
  return introspector().introspect(*connection, {});
}

}  // namespace aludel::postgresql::test
