#pragma once

#include <aludel/dialect/dialect.hpp>

#include <memory>
#include <string>
#include <utility>

#include "fault/fateful_connection.hpp"

namespace aludel::test {

/// Another dialect as if its DDL committed by itself, as MySQL's does: every statement that changes the schema is a segment of its own, with an
/// intent.
class CommittingDialect final : public dialect::Dialect {
 public:
  explicit CommittingDialect(const dialect::Dialect& base) : base_(base), renderer_(base.renderer()), capabilities_(base.capabilities()) {
    capabilities_.transactional_ddl = false;
  }
  std::string_view name() const override { return base_.name(); }
  std::span<const std::string> schemes() const override { return base_.schemes(); }
  const dialect::Capabilities& capabilities() const override { return capabilities_; }
  std::vector<std::string> option_keys(const dialect::Server& server) const override { return base_.option_keys(server); }
  dialect::Server default_server() const override { return base_.default_server(); }
  std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options) const override {
    return std::make_unique<Session>(*this, base_.connect(url, options));
  }
  const dialect::Introspector& introspector() const override { return base_.introspector(); }
  const dialect::Renderer& renderer() const override { return renderer_; }
  const op::Rewriter& rewriter() const override { return base_.rewriter(); }
  std::unique_ptr<dialect::Scratch> scratch(dialect::Connection* connection, const Url* url) const override { return base_.scratch(connection, url); }
  schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection) const override {
    return base_.canonicalise(std::move(declared), connection);
  }
  std::unique_ptr<dialect::Lock> lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait) const override {
    return base_.lock(connection, name, wait);
  }
  std::vector<std::string> split(std::string_view script) const override { return base_.split(script); }
  std::string quote_identifier(std::string_view text) const override { return base_.quote_identifier(text); }
  std::string quote_name(const schema::Name& name) const override { return base_.quote_name(name); }
  std::string quote_literal(const Value& value) const override { return base_.quote_literal(value); }

 private:
  class Session final : public FatefulConnection {
   public:
    Session(const CommittingDialect& dialect, std::unique_ptr<dialect::Connection> connection)
        : FatefulConnection(*connection, 0, [] {}), dialect_(dialect), connection_(std::move(connection)) {}
    const dialect::Dialect& dialect() const override { return dialect_; }

   private:
    const CommittingDialect& dialect_;
    std::unique_ptr<dialect::Connection> connection_;
  };

  class Marking final : public dialect::Renderer {
   public:
    explicit Marking(const dialect::Renderer& base) : base_(base) {}
    dialect::Script render(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                           const dialect::RenderOptions& options) const override {
      auto script = base_.render(operations, before, server, options);
      for (auto& statement : script.statements)
        if (!statement.effect.empty()) statement.boundary = dialect::Boundary::commit_after;
      return script;
    }
    std::optional<dialect::LossProbe> loss_probe(const op::Operation& operation, const schema::Metadata& before) const override {
      return base_.loss_probe(operation, before);
    }

   private:
    const dialect::Renderer& base_;
  };

  const dialect::Dialect& base_;
  Marking renderer_;
  dialect::Capabilities capabilities_;
};

}  // namespace aludel::test
