#include "loss.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <string_view>
#include <variant>

namespace aludel::migrate {

namespace {

/// The names in `operation` as they were before `earlier` ran.
void undo_rename(op::Operation& operation, const op::Operation& earlier) {
  const auto each = [&](auto& body) {
    if (const auto* table = std::get_if<op::RenameTable>(&earlier.body)) {
      if (body.table == schema::Name{table->table.schema, table->to}) body.table = table->table;
    }
    if constexpr (requires { body.column; }) {
      const auto* column = std::get_if<op::RenameColumn>(&earlier.body);
      if (column != nullptr && body.table == column->table && body.column == column->to) body.column = column->column;
    }
  };
  if (auto* body = std::get_if<op::DropTable>(&operation.body)) each(*body);
  if (auto* body = std::get_if<op::DropColumn>(&operation.body)) each(*body);
  if (auto* body = std::get_if<op::AlterColumn>(&operation.body)) each(*body);
}

/// Does `earlier` make what the operation works on? Then it holds nothing that could be lost.
bool made_by(const op::Operation& operation, const op::Operation& earlier) {
  const auto column_made = [&](const auto& body) {
    const auto* added = std::get_if<op::AddColumn>(&earlier.body);
    if (added != nullptr && added->table == body.table && added->column.name == body.column) return true;
    const auto* created = std::get_if<op::CreateTable>(&earlier.body);
    return created != nullptr && created->table.name == body.table;
  };
  if (const auto* body = std::get_if<op::DropTable>(&operation.body)) {
    const auto* created = std::get_if<op::CreateTable>(&earlier.body);
    return created != nullptr && created->table.name == body->table;
  }
  if (const auto* body = std::get_if<op::DropColumn>(&operation.body)) return column_made(*body);
  if (const auto* body = std::get_if<op::AlterColumn>(&operation.body)) return column_made(*body);
  return false;
}

/// Is what the operation works on there? Others than tables and columns are not looked at.
bool there(const op::Operation& operation, const schema::Metadata& schema) {
  const auto column_there = [&](const auto& body) {
    const auto* table = schema.find_table(body.table);
    return table != nullptr && table->find_column(body.column) != nullptr;
  };
  if (const auto* body = std::get_if<op::DropTable>(&operation.body)) return schema.find_table(body->table) != nullptr;
  if (const auto* body = std::get_if<op::DropColumn>(&operation.body)) return column_there(*body);
  if (const auto* body = std::get_if<op::AlterColumn>(&operation.body)) return column_there(*body);
  return true;
}

}  // namespace

std::vector<Question> loss_questions(const dialect::Renderer& renderer, std::span<const op::Operation> operations, std::span<const std::size_t> asked,
                                     std::size_t first, const schema::Metadata& before) {
  std::vector<Question> questions;
  for (const auto index : asked) {
    auto operation = operations[index];
    bool made = false;
    for (auto earlier = index; earlier > first; --earlier) {
      made = made || made_by(operation, operations[earlier - 1]);
      undo_rename(operation, operations[earlier - 1]);
    }
    if (made && !there(operation, before)) continue;
    if (auto probe = renderer.loss_probe(operation, before)) questions.push_back(Question{index, std::move(*probe)});
  }
  return questions;
}

std::optional<Loss> ask(dialect::Connection& connection, const Question& question, const op::Operation& operation) {
  const auto answer = connection.execute(question.probe.query).scalar();
  const auto* count = answer.integer();
  if (count == nullptr || *count <= 0) return std::nullopt;
  Loss loss;
  loss.count = *count;
  loss.what = std::to_string(*count) + " " + question.probe.what;
  if (*count == 1)
    for (const std::string_view plural : {" values of ", " rows of "})
      if (const auto at = loss.what.find(plural); at != std::string::npos) loss.what.erase(at + plural.find("s of"), 1);
  loss.location = operation.location;
  loss.accepted = operation.data_loss == op::DataLoss::accepted;
  return loss;
}

void refuse(const Loss& loss, const op::Operation& operation) {
  throw Error(ErrorKind::guard, op::describe(operation) + " would lose " + loss.what)
      .with_hint("if that is meant, write data_loss = \"accepted\" in the operation, or run with --accept-data-loss")
      .at(loss.location);
}

}  // namespace aludel::migrate
