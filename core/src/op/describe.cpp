#include <aludel/op/operation.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include "op/overloaded.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

namespace {

using schema::to_text;

std::string list(const std::vector<std::string>& names) { return printable(join(names, ", ")); }

std::string one_line(const Expression& expression) { return printable(expression.declared, 60); }

std::string parts(const std::vector<schema::IndexPart>& columns) {
  std::vector<std::string> words;
  for (const auto& part : columns) {
    std::string word = part.expression ? part.expression->declared : part.column;
    if (part.length) word += fmt::format("({})", *part.length);
    if (part.order == schema::Order::descending) word += " desc";
    words.push_back(std::move(word));
  }
  return list(words);
}

std::string column(const Column& column) {
  std::string text = printable(to_text(column.type), 80);
  if (!column.nullable) text += " not null";
  if (column.server_default) text += " default " + one_line(*column.server_default);
  if (column.generated) text += " generated as (" + one_line(column.generated->expression) + ")";
  if (column.identity) text += " identity";
  return text;
}

template <class T, class Print>
void changed(std::vector<std::string>& all, std::string_view what, const std::optional<Change<T>>& change, Print print) {
  if (change) all.push_back(fmt::format("{} {} -> {}", what, print(change->from), print(change->to)));
}

std::string text_or_none(const std::string& text) { return text.empty() ? "none" : quoted(text); }

std::string changes(const AlterColumn& body) {
  std::vector<std::string> all;
  changed(all, "type", body.type, [](const Type& type) { return printable(to_text(type), 80); });
  if (body.nullable) all.push_back(body.nullable->to ? "nullable" : "not null");
  if (body.backfill) all.push_back(fmt::format("null becomes {}", one_line(*body.backfill)));
  changed(all, "default", body.server_default, [](const auto& value) { return value ? one_line(*value) : "none"; });
  changed(all, "generated", body.generated, [](const auto& value) { return value ? "(" + one_line(value->expression) + ")" : "no"; });
  if (body.identity) all.push_back(!body.identity->to ? "no identity" : body.identity->from ? "identity settings" : "identity");
  changed(all, "collation", body.collation, text_or_none);
  changed(all, "comment", body.comment, text_or_none);
  if (body.options) all.push_back("options");
  return join(all, ", ");
}

std::string changes(const AlterTable& body) {
  std::vector<std::string> all;
  changed(all, "comment", body.comment, text_or_none);
  if (body.options) all.push_back("options");
  changed(all, "schema", body.schema, text_or_none);
  return join(all, ", ");
}

std::string changes(const AlterEnum& body) {
  std::vector<std::string> all;
  for (const auto& rename : body.rename) all.push_back(fmt::format("rename {} to {}", quoted(rename.from), quoted(rename.to)));
  for (const auto& add : body.add) {
    std::string text = "add " + quoted(add.value);
    if (!add.before.empty()) text += " before " + quoted(add.before);
    if (!add.after.empty()) text += " after " + quoted(add.after);
    all.push_back(std::move(text));
  }
  changed(all, "comment", body.comment, text_or_none);
  return join(all, ", ");
}

std::string sql_text(const SqlByDialect& sql) {
  if (sql.empty()) return "";
  auto found = sql.find("default");
  return printable(trim(found == sql.end() ? sql.begin()->second : found->second), 80);
}

std::string key(const schema::ObjectKey& object) { return printable(object.text()); }

std::string index(const Index& index, const Name& table) {
  std::string text = fmt::format("{} on {} ({})", printable(index.name), shown(table), parts(index.columns));
  if (index.where) text += " where " + one_line(*index.where);
  return text;
}

std::string rows(const std::vector<Row>& all) { return counted(all.size(), "row"); }

}  // namespace

std::string describe_constraint(const Constraint& constraint) {
  std::string text{kind_of(constraint)};
  if (!name_of(constraint).empty()) text += " " + printable(name_of(constraint));
  return text + std::visit(Overloaded{[](const schema::PrimaryKey& key) { return " (" + parts(key.columns) + ")"; },
                                      [](const schema::Unique& unique) { return " (" + parts(unique.columns) + ")"; },
                                      [](const schema::Check& check) { return " (" + one_line(check.expression) + ")"; },
                                      [](const schema::ForeignKey& fk) {
                                        std::string target = shown(fk.referenced_table);
                                        if (!fk.referenced_columns.empty()) target += "(" + list(fk.referenced_columns) + ")";
                                        return fmt::format(" ({}) -> {}", list(fk.columns), target);
                                      },
                                      [](const schema::Exclude&) { return std::string(); }},
                           constraint);
}

std::string describe(const Operation& operation) {
  return std::visit(
      Overloaded{
          [](const CreateTable& body) {
            return fmt::format("create table {} ({})", shown(body.table.name), counted(body.table.columns.size(), "column"));
          },
          [](const DropTable& body) {
            std::string text = "drop table " + shown(body.table);
            if (body.definition) text += fmt::format(" ({})", counted(body.definition->columns.size(), "column"));
            return text;
          },
          [](const RenameTable& body) { return fmt::format("rename table {} to {}", shown(body.table), printable(body.to)); },
          [](const AlterTable& body) { return fmt::format("alter table {}: {}", shown(body.table), changes(body)); },
          [](const AddColumn& body) {
            std::string text = fmt::format("add column {} {}", shown(body.table, body.column.name), column(body.column));
            if (body.column.backfill) text += ", existing rows get " + one_line(*body.column.backfill);
            return text;
          },
          [](const DropColumn& body) {
            std::string text = "drop column " + shown(body.table, body.column);
            if (body.definition) text += " " + column(*body.definition);
            return text;
          },
          [](const AlterColumn& body) { return fmt::format("alter column {}: {}", shown(body.table, body.column), changes(body)); },
          [](const RenameColumn& body) { return fmt::format("rename column {} to {}", shown(body.table, body.column), printable(body.to)); },
          [](const AddConstraint& body) { return fmt::format("add {} to {}", describe_constraint(body.constraint), shown(body.table)); },
          [](const DropConstraint& body) {
            std::string what = body.definition ? describe_constraint(*body.definition) : "constraint " + printable(body.name);
            return fmt::format("drop {} of {}", what, shown(body.table));
          },
          [](const AlterConstraint& body) { return fmt::format("alter {} of {}", describe_constraint(body.to), shown(body.table)); },
          [](const RenameConstraint& body) {
            return fmt::format("rename constraint {} of {} to {}", printable(body.name), shown(body.table), printable(body.to));
          },
          [](const ValidateConstraint& body) { return fmt::format("validate constraint {} of {}", printable(body.name), shown(body.table)); },
          [](const CreateIndex& body) { return fmt::format("create {}index {}", body.index.unique ? "unique " : "", index(body.index, body.table)); },
          [](const DropIndex& body) {
            if (body.definition) return "drop index " + index(*body.definition, body.table);
            return fmt::format("drop index {} of {}", printable(body.index), shown(body.table));
          },
          [](const AlterIndex& body) { return "alter index " + index(body.to, body.table); },
          [](const RenameIndex& body) {
            return fmt::format("rename index {} of {} to {}", printable(body.index), shown(body.table), printable(body.to));
          },
          [](const CreateEnum& body) { return fmt::format("create enum {} ({})", shown(body.type.name), list(body.type.values)); },
          [](const AlterEnum& body) { return fmt::format("alter enum {}: {}", shown(body.type), changes(body)); },
          [](const DropEnum& body) { return "drop enum " + shown(body.type); },
          [](const CreateSequence& body) { return "create sequence " + shown(body.sequence.name); },
          [](const AlterSequence& body) { return "alter sequence " + shown(body.to.name); },
          [](const DropSequence& body) { return "drop sequence " + shown(body.sequence); },
          [](const CreateSchema& body) { return "create schema " + printable(body.schema.name); },
          [](const AlterSchema& body) { return "alter schema " + printable(body.to.name); },
          [](const DropSchema& body) { return "drop schema " + printable(body.schema); },
          [](const CreateObject& body) { return "create " + key(body.object.key); },
          [](const ReplaceObject& body) { return "replace " + key(body.to.key); },
          [](const RenameObject& body) { return fmt::format("rename {} to {}", key(body.object), printable(body.to)); },
          [](const DropObject& body) { return "drop " + key(body.object); },
          [](const AttachPartition& body) {
            return fmt::format("attach partition {} to {} {}", shown(body.partition), shown(body.table), printable(body.bounds));
          },
          [](const DetachPartition& body) { return fmt::format("detach partition {} from {}", shown(body.partition), shown(body.table)); },
          [](const Insert& body) { return fmt::format("insert {} into {}", rows(body.rows), shown(body.table)); },
          [](const Delete& body) { return fmt::format("delete {} from {}", rows(body.rows), shown(body.table)); },
          [](const Sql& body) { return "sql " + sql_text(body.sql); },
          [](const Call& body) { return "call " + printable(body.function); },
          [](const Assert& body) { return "assert " + sql_text(body.query); },
          [](const Irreversible& body) { return "irreversible: " + printable(body.reason); },
          [](const Custom& body) { return "custom " + printable(body.name); },
      },
      operation.body);
}

}  // namespace aludel::op
