#include "canonical.hpp"
#include "connection.hpp"
#include "introspector.hpp"
#include "lock.hpp"
#include "quoting.hpp"
#include "render.hpp"
#include "render_objects.hpp"
#include "rewriter.hpp"
#include "scratch.hpp"
#include "script_writer.hpp"
#include "session_extensions.hpp"
#include "splitter.hpp"

#include <aludel/postgresql/postgresql.hpp>

namespace aludel::postgresql {

namespace {

dialect::Capabilities capabilities_of_postgresql() {
  dialect::Capabilities result;
  result.transactional_ddl = true;
  result.schemas = true;
  result.comments = true;
  result.enum_types = true;
  result.sequences = true;
  result.replace_objects = true;
  result.identifier_length = 63;  // NAMEDATALEN - 1 (manual, 4.1.1)
  result.object_kinds = object_kinds();
  result.operations = supported_operations();
  return result;
}

class PostgresqlDialect final : public dialect::Dialect {
 public:
  std::string_view name() const override { return "postgresql"; }
  std::span<const std::string> schemes() const override { return schemes_; }
  const dialect::Capabilities& capabilities() const override { return capabilities_; }
  std::vector<std::string> option_keys(const dialect::Server&) const override { return {"postgresql"}; }
  dialect::Server default_server() const override { return {"postgresql", 18, 0, 0, "18.0"}; }

  std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options) const override {
    return std::make_unique<Connection>(url, options);
  }
  const dialect::Introspector& introspector() const override { return postgresql::introspector(); }
  const dialect::Renderer& renderer() const override { return postgresql::renderer(); }
  const op::Rewriter& rewriter() const override { return postgresql::rewriter(); }
  std::unique_ptr<dialect::Scratch> scratch(dialect::Connection* connection, const Url* url) const override { return make_scratch(connection, url); }
  schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection) const override {
    return postgresql::canonicalise(std::move(declared), connection);
  }
  std::unique_ptr<dialect::Lock> lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait) const override {
    return take_lock(connection, name, wait);
  }
  std::vector<std::string> split(std::string_view script) const override { return split_script(script); }
  std::string quote_identifier(std::string_view text) const override { return postgresql::quote_identifier(text); }
  std::string quote_name(const schema::Name& name) const override { return postgresql::quote_name(name); }
  std::string quote_literal(const Value& value) const override { return postgresql::quote_literal(value); }
  void* extension(std::string_view name) const override {
    if (name == dialect::ScriptWriter::extension_name) return &script_writer();
    if (name == dialect::Sessions::extension_name) return &sessions();
    if (name == dialect::SessionSettings::extension_name) return &session_settings();
    if (name == dialect::Recovery::extension_name) return &recovery();
    return nullptr;
  }

 private:
  std::vector<std::string> schemes_ = {"postgresql", "postgres"};
  dialect::Capabilities capabilities_ = capabilities_of_postgresql();
};

}  // namespace

const dialect::Dialect& dialect() {
  static const PostgresqlDialect instance;
  return instance;
}

}  // namespace aludel::postgresql
