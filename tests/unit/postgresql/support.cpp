#include "support.hpp"

#include "introspector.hpp"

#include <aludel/error.hpp>

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace aludel::postgresql::test {
namespace {

class Server {
 public:
  Server() {
    std::string name = "/tmp/aludel-postgresql-XXXXXX";
    if (!mkdtemp(name.data())) throw Error(ErrorKind::io, "cannot make a directory for the server");
    directory_ = name;
    std::filesystem::permissions(directory_, std::filesystem::perms::all);
    command("initdb -D " + directory_ + "/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
    command("pg_ctl -D " + directory_ + "/data -w -l " + directory_ + "/log -o \"-c listen_addresses= -c unix_socket_directories=" + directory_ +
            " -c fsync=off -c wal_level=logical -c max_connections=30\" start");
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    command("pg_ctl -D " + directory_ + "/data -m immediate stop");
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  const std::string& directory() const { return directory_; }

 private:
  /// The server's programs refuse to run as root.
  void command(const std::string& text) {
    const std::string program = "/usr/lib/postgresql/15/bin/" + text;
    const std::string prefix = geteuid() == 0 ? "runuser -u postgres -- " : "";
    if (std::system((prefix + program + " > " + directory_ + "/output 2>&1").c_str()) != 0) {
      std::ifstream output(directory_ + "/output");
      throw Error(ErrorKind::internal, "failed: " + text + "\n" + std::string(std::istreambuf_iterator<char>(output), {}));
    }
  }

  std::string directory_;
};

const Server& server() {
  static const Server instance;
  return instance;
}

class Session final : public dialect::Connection {
 public:
  explicit Session(const std::string& database) {
    handle_ = PQconnectdb(("host=" + test::server_directory() + " user=postgres dbname=" + database).c_str());
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
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw Error(ErrorKind::database, message).with_statement(std::string(sql));
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

}  // namespace

const std::string& server_directory() { return server().directory(); }

std::unique_ptr<dialect::Connection> fresh_database() {
  static std::atomic<int> count = 0;
  const std::string name = "test" + std::to_string(++count);
  Session("postgres").execute("CREATE DATABASE " + name + " TEMPLATE template0", {});
  return std::make_unique<Session>(name);
}

void run(dialect::Connection& connection, std::string_view script) { connection.execute(script); }

schema::Metadata schema_of(std::string_view script) {
  const auto connection = fresh_database();
  run(*connection, script);
  return introspector().introspect(*connection, {});
}

}  // namespace aludel::postgresql::test
