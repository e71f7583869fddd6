#include "connection.hpp"
#include "file_database.hpp"
#include "introspector.hpp"
#include "lexer.hpp"
#include "literal.hpp"
#include "normal.hpp"
#include "render.hpp"
#include "rewriter.hpp"
#include "script_writer.hpp"
#include "splitter.hpp"

#include <aludel/sqlite/sqlite.hpp>

#include <aludel/dialect/native_connection.hpp>

#include <fmt/format.h>
#include <sqlite3.h>
#include <string_view>

namespace aludel::sqlite {

namespace {

/// Lets a schema with the application's own collations be loaded; there are no rows to be put in a wrong order.
void stand_in_for_collation(void*, sqlite3* handle, int, const char* name) {
  const auto compare = [](void*, int size_a, const void* a, int size_b, const void* b) {
    const std::string_view left(static_cast<const char*>(a), static_cast<std::size_t>(size_a));
    const std::string_view right(static_cast<const char*>(b), static_cast<std::size_t>(size_b));
    return left.compare(right);
  };
  sqlite3_create_collation_v2(handle, name, SQLITE_UTF8, nullptr, compare, nullptr);
}

class Memory final : public dialect::Scratch {
 public:
  Memory() : connection_(parse_url("sqlite://"), {}) {
    sqlite3_collation_needed(static_cast<sqlite3*>(connection_.native_handle()), nullptr, stand_in_for_collation);
  }
  dialect::Connection& connection() override { return connection_; }

 private:
  Connection connection_;
};

class NativeSqlite final : public dialect::NativeConnection {
 public:
  std::unique_ptr<dialect::Connection> adopt(void* handle, const void* library) const override {
    if (library != reinterpret_cast<const void*>(&sqlite3_open_v2)) {
      throw Error(ErrorKind::usage, fmt::format("the handle belongs to another copy of SQLite than the plugin's ({})", sqlite3_libversion()))
          .with_hint(
              "two copies of SQLite in one process corrupt a database: link the program with the system's libsqlite3, or link the dialect into it "
              "(aludel::sqlite); and pass the address of sqlite3_open_v2");
    }
    return sqlite::adopt(static_cast<sqlite3*>(handle));
  }
};

/// BEGIN IMMEDIATE waits by itself, so there is nothing to hold.
class NoLock final : public dialect::Lock {};

dialect::Capabilities capabilities_of_sqlite() {
  dialect::Capabilities result;
  result.transactional_ddl = true;
  result.fold_identifiers = true;
  result.file_databases = true;
  result.object_kinds = {"view", "trigger", "virtual_table"};
  result.operations = supported_operations();
  return result;
}

class SqliteDialect final : public dialect::Dialect {
 public:
  std::string_view name() const override { return "sqlite"; }
  std::span<const std::string> schemes() const override { return schemes_; }
  const dialect::Capabilities& capabilities() const override { return capabilities_; }
  std::vector<std::string> option_keys(const dialect::Server&) const override { return {"sqlite"}; }

  /// The library is the server.
  dialect::Server default_server() const override {
    const int number = sqlite3_libversion_number();
    dialect::Server server{"sqlite", number / 1'000'000, number / 1000 % 1000, number % 1000, sqlite3_libversion()};
    server.settings["foreign_keys"] = "on";
    server.settings["legacy_alter_table"] = "off";
    return server;
  }

  std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options) const override {
    return std::make_unique<Connection>(url, options);
  }
  const dialect::Introspector& introspector() const override { return sqlite::introspector(); }
  const dialect::Renderer& renderer() const override { return sqlite::renderer(); }
  const op::Rewriter& rewriter() const override { return sqlite::rewriter(); }
  std::unique_ptr<dialect::Scratch> scratch(dialect::Connection*, const Url*) const override { return std::make_unique<Memory>(); }
  schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection*) const override {
    normalise(declared);
    return declared;
  }
  std::unique_ptr<dialect::Lock> lock(dialect::Connection&, std::string_view, std::chrono::milliseconds) const override {
    return std::make_unique<NoLock>();
  }
  std::vector<std::string> split(std::string_view script) const override { return split_script(script); }
  std::string quote_identifier(std::string_view text) const override { return sqlite::quote_identifier(text); }
  std::string quote_name(const schema::Name& name) const override {
    const std::string own = sqlite::quote_identifier(name.name);
    return name.schema.empty() ? own : sqlite::quote_identifier(name.schema) + "." + own;
  }
  std::string quote_literal(const Value& value) const override { return sqlite::quote_literal(value); }
  void* extension(std::string_view name) const override {
    if (name == dialect::ScriptWriter::extension_name) return &script_writer();
    if (name == dialect::FileDatabase::extension_name) return &file_database();
    if (name == dialect::NativeConnection::extension_name) return &native_connection_;
    return nullptr;
  }

 private:
  std::vector<std::string> schemes_ = {"sqlite"};
  dialect::Capabilities capabilities_ = capabilities_of_sqlite();
  mutable NativeSqlite native_connection_;
};

}  // namespace

const dialect::Dialect& dialect() {
  static const SqliteDialect instance;
  return instance;
}

}  // namespace aludel::sqlite
