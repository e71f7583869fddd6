#include "canonical.hpp"
#include "connection.hpp"
#include "introspector.hpp"
#include "lock.hpp"
#include "quoting.hpp"
#include "render.hpp"
#include "rewriter.hpp"
#include "scratch.hpp"
#include "script_writer.hpp"
#include "session_extensions.hpp"
#include "splitter.hpp"

#include <aludel/mysql/mysql.hpp>

namespace aludel::mysql {

namespace {

dialect::Capabilities capabilities_of_mysql() {
  dialect::Capabilities result;
  result.comments = true;
  result.sequences = true;  // MariaDB's
  result.fold_identifiers = true;
  result.replace_objects = true;
  result.identifier_length = 64;
  result.long_text = "longtext";  // a TEXT ends at 65,535 bytes
  result.object_kinds = {"view", "trigger", "procedure", "function", "event"};
  result.operations = supported_operations();
  return result;
}

class MysqlDialect final : public dialect::Dialect {
 public:
  std::string_view name() const override { return "mysql"; }
  std::span<const std::string> schemes() const override { return schemes_; }
  const dialect::Capabilities& capabilities() const override { return capabilities_; }
  std::vector<std::string> option_keys(const dialect::Server& server) const override {
    if (server.flavour == "mariadb") return {"mysql", "mariadb"};
    return {"mysql"};
  }
  dialect::Server default_server() const override {
    dialect::Server server{"mariadb", 11, 8, 0, "11.8.0-MariaDB"};
    server.settings["default_storage_engine"] = "InnoDB";
    server.settings["character_set_database"] = "utf8mb4";
    server.settings["collation_database"] = "utf8mb4_uca1400_ai_ci";
    server.settings["sql_mode"] = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION";
    return server;
  }

  std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options) const override {
    return std::make_unique<Connection>(url, options);
  }
  const dialect::Introspector& introspector() const override { return mysql::introspector(); }
  const dialect::Renderer& renderer() const override { return mysql::renderer(); }
  const op::Rewriter& rewriter() const override { return mysql::rewriter(); }
  std::unique_ptr<dialect::Scratch> scratch(dialect::Connection* connection, const Url* url) const override { return make_scratch(connection, url); }
  schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection) const override {
    return mysql::canonicalise(std::move(declared), connection);
  }
  std::unique_ptr<dialect::Lock> lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait) const override {
    return take_lock(connection, name, wait);
  }
  std::vector<std::string> split(std::string_view script) const override { return split_script(script); }
  std::string quote_identifier(std::string_view text) const override { return mysql::quote_identifier(text); }
  std::string quote_name(const schema::Name& name) const override { return mysql::quote_name(name); }
  std::string quote_literal(const Value& value) const override { return mysql::quote_literal(value); }
  void* extension(std::string_view name) const override {
    if (name == dialect::ScriptWriter::extension_name) return &script_writer();
    if (name == dialect::Sessions::extension_name) return &sessions();
    if (name == dialect::SessionSettings::extension_name) return &session_settings();
    return nullptr;
  }

 private:
  std::vector<std::string> schemes_ = {"mysql", "mariadb"};
  dialect::Capabilities capabilities_ = capabilities_of_mysql();
};

}  // namespace

const dialect::Dialect& dialect() {
  static const MysqlDialect instance;
  return instance;
}

}  // namespace aludel::mysql
