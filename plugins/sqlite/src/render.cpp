#include "render.hpp"

#include "lexer.hpp"
#include "render_ddl.hpp"
#include "render_loss.hpp"
#include "render_plan.hpp"

#include <aludel/op/codec.hpp>

#include <utility>

namespace aludel::sqlite {
namespace {

class Renderer final : public dialect::Renderer {
 public:
  dialect::Script render(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                         const dialect::RenderOptions& options) const override {
    return Planner(operations, before, server, options).run();
  }
  std::optional<dialect::LossProbe> loss_probe(const op::Operation& operation, const schema::Metadata& before) const override {
    return probe_loss(operation, before);
  }
};

}  // namespace

const dialect::Renderer& renderer() {
  static const Renderer instance;
  return instance;
}

std::vector<std::string> supported_operations() {
  return {"create_table", "drop_table",    "rename_table",   "alter_table",     "add_column",       "drop_column",
          "alter_column", "rename_column", "add_constraint", "drop_constraint", "alter_constraint", "rename_constraint",
          "create_index", "drop_index",    "alter_index",    "rename_index",    "create_enum",      "alter_enum",
          "drop_enum",    "create_object", "replace_object", "rename_object",   "drop_object",      "insert",
          "delete",       "sql",           "call",           "assert",          "irreversible",     "validate_constraint"};
}

std::vector<std::string> create_statements(const schema::Metadata& metadata, const dialect::Server& server) {
  const op::Operations operations = op::create_operations(metadata);
  std::vector<std::string> texts;
  for (dialect::Statement& statement : Planner(operations, {}, server, {}).run().statements) texts.push_back(std::move(statement.sql));
  return texts;
}

}  // namespace aludel::sqlite
