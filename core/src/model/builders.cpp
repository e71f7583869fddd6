#include <aludel/model/builders.hpp>

#include "model/draft.hpp"
#include "model/words.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <cmath>

namespace aludel {
namespace {

template <class Kind>
Kind& as(detail::ConstraintDraft* draft) {
  return std::get<Kind>(draft->constraint);
}

detail::PartDraft part_of(const detail::ColumnDraft& column) {
  detail::PartDraft part;
  part.column = &column;
  return part;
}

}  // namespace

TableReference::TableReference(const char* name) : name_(schema::parse_name(name)) {}
TableReference::TableReference(const std::string& name) : name_(schema::parse_name(name)) {}
TableReference::TableReference(schema::Name name) : name_(std::move(name)) {}
TableReference::TableReference(const TableBuilder& table) : draft_(&table.draft()) {}

// Columns

ColumnBuilder& ColumnBuilder::name(std::string_view name) { return draft_->name = name, *this; }
ColumnBuilder& ColumnBuilder::type(schema::Type type) { return draft_->type = std::move(type), *this; }

ColumnBuilder& ColumnBuilder::type(std::string_view neutral) {
  try {
    draft_->type = schema::parse_type(neutral);
  } catch (const Error& error) {
    draft_->type = schema::Type::native(std::string(neutral));
    draft_->problems.push_back({"has a type that cannot be read: " + error.message(), error.hint()});
  }
  return *this;
}

ColumnBuilder& ColumnBuilder::length(int length) { return draft_->length = length, *this; }
ColumnBuilder& ColumnBuilder::nullable(bool nullable) { return draft_->column.nullable = nullable, *this; }
ColumnBuilder& ColumnBuilder::labels(std::vector<std::string> labels) { return draft_->labels = std::move(labels), *this; }

ColumnBuilder& ColumnBuilder::literal(detail::LiteralKind kind, std::string_view sql) {
  draft_->default_kind = kind;
  draft_->default_text.reset();
  draft_->column.server_default = schema::Expression(std::string(sql));
  return *this;
}

ColumnBuilder& ColumnBuilder::server_default(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    draft_->problems.push_back({"has a default with a zero byte in it, which no SQL string can hold", "leave it out of the text"});
  }
  literal(detail::LiteralKind::string, detail::string_literal(text));
  draft_->default_text = std::string(text);
  return *this;
}

ColumnBuilder& ColumnBuilder::boolean_default(bool value) { return literal(detail::LiteralKind::boolean, value ? "TRUE" : "FALSE"); }
ColumnBuilder& ColumnBuilder::integer_default(std::int64_t value) { return literal(detail::LiteralKind::integer, std::to_string(value)); }
ColumnBuilder& ColumnBuilder::unsigned_default(std::uint64_t value) { return literal(detail::LiteralKind::integer, std::to_string(value)); }

ColumnBuilder& ColumnBuilder::number_default(double value) {
  if (!std::isfinite(value)) {
    draft_->problems.push_back(
        {"has a default that is no finite number, which standard SQL cannot say", "use server_default_sql(\"...\") with your database's spelling"});
    return *this;
  }
  return literal(detail::LiteralKind::number, detail::number_literal(value));
}

ColumnBuilder& ColumnBuilder::enum_default(const detail::EnumSpec& spec, long long value) {
  const auto info = detail::make_enum_info(spec);
  const auto* label = info.find(value);
  if (!label) {
    draft_->problems.push_back({fmt::format("has the default {}({}), for which no label was found", info.cpp_name, value),
                                fmt::format("give it a label in aludel::Enumeration<{}>", info.cpp_name)});
    return *this;
  }
  literal(detail::LiteralKind::string, detail::string_literal(label->label));
  draft_->default_text = label->label;
  return *this;
}

ColumnBuilder& ColumnBuilder::server_default_sql(std::string_view expression) { return literal(detail::LiteralKind::any, expression); }

ColumnBuilder& ColumnBuilder::generated(std::string_view expression, GeneratedKind kind) {
  draft_->column.generated = schema::Generated{std::string(expression), kind == GeneratedKind::stored};
  return *this;
}

ColumnBuilder& ColumnBuilder::identity(schema::Identity identity) {
  draft_->identity = true;
  draft_->column.identity = identity;
  return *this;
}

ColumnBuilder& ColumnBuilder::no_identity() {
  draft_->identity = false;
  draft_->column.identity.reset();
  return *this;
}

ColumnBuilder& ColumnBuilder::collation(std::string_view collation) { return draft_->column.collation = collation, *this; }
ColumnBuilder& ColumnBuilder::comment(std::string_view comment) { return draft_->column.comment = comment, *this; }

ColumnBuilder& ColumnBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return draft_->column.options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

ColumnBuilder& ColumnBuilder::unique() {
  detail::ConstraintDraft constraint;
  constraint.constraint = schema::Unique{};
  constraint.columns.push_back(part_of(*draft_));
  draft_->table->constraints.push_back(std::move(constraint));
  return *this;
}

ColumnBuilder& ColumnBuilder::index() {
  detail::IndexDraft index;
  index.parts.push_back(part_of(*draft_));
  draft_->table->indexes.push_back(std::move(index));
  return *this;
}

ColumnBuilder& ColumnBuilder::check(std::string_view expression) {
  detail::ConstraintDraft constraint;
  schema::Check check;
  check.expression = std::string(expression);
  constraint.constraint = std::move(check);
  constraint.column_check = draft_;
  draft_->table->constraints.push_back(std::move(constraint));
  return *this;
}

ColumnBuilder& ColumnBuilder::renamed_from(std::string_view old_name) {
  draft_->column.renamed_from.emplace_back(old_name);
  return *this;
}

ColumnBuilder& ColumnBuilder::backfill(std::string_view expression) {
  draft_->column.backfill = schema::Expression(std::string(expression));
  return *this;
}

// Constraints

PrimaryKeyBuilder& PrimaryKeyBuilder::name(std::string_view name) { return as<schema::PrimaryKey>(draft_).name = name, *this; }
PrimaryKeyBuilder& PrimaryKeyBuilder::no_identity() { return draft_->no_identity = true, *this; }
PrimaryKeyBuilder& PrimaryKeyBuilder::deferrable(schema::Deferrable when) { return as<schema::PrimaryKey>(draft_).deferrable = when, *this; }
PrimaryKeyBuilder& PrimaryKeyBuilder::comment(std::string_view comment) { return as<schema::PrimaryKey>(draft_).comment = comment, *this; }
PrimaryKeyBuilder& PrimaryKeyBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return as<schema::PrimaryKey>(draft_).options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

UniqueBuilder& UniqueBuilder::name(std::string_view name) { return as<schema::Unique>(draft_).name = name, *this; }
UniqueBuilder& UniqueBuilder::nulls_not_distinct() { return as<schema::Unique>(draft_).nulls_distinct = false, *this; }
UniqueBuilder& UniqueBuilder::include(std::vector<std::string> columns) { return as<schema::Unique>(draft_).include = std::move(columns), *this; }
UniqueBuilder& UniqueBuilder::deferrable(schema::Deferrable when) { return as<schema::Unique>(draft_).deferrable = when, *this; }
UniqueBuilder& UniqueBuilder::comment(std::string_view comment) { return as<schema::Unique>(draft_).comment = comment, *this; }
UniqueBuilder& UniqueBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return as<schema::Unique>(draft_).options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

CheckBuilder& CheckBuilder::name(std::string_view name) { return as<schema::Check>(draft_).name = name, *this; }
CheckBuilder& CheckBuilder::not_validated() { return as<schema::Check>(draft_).validated = false, *this; }
CheckBuilder& CheckBuilder::not_enforced() { return as<schema::Check>(draft_).enforced = false, *this; }
CheckBuilder& CheckBuilder::comment(std::string_view comment) { return as<schema::Check>(draft_).comment = comment, *this; }
CheckBuilder& CheckBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return as<schema::Check>(draft_).options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

ForeignKeyBuilder& ForeignKeyBuilder::name(std::string_view name) { return as<schema::ForeignKey>(draft_).name = name, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::on_delete(schema::ForeignKeyAction action) { return as<schema::ForeignKey>(draft_).on_delete = action, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::on_update(schema::ForeignKeyAction action) { return as<schema::ForeignKey>(draft_).on_update = action, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::deferrable(schema::Deferrable when) { return as<schema::ForeignKey>(draft_).deferrable = when, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::match(schema::Match match) { return as<schema::ForeignKey>(draft_).match = match, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::not_validated() { return as<schema::ForeignKey>(draft_).validated = false, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::comment(std::string_view comment) { return as<schema::ForeignKey>(draft_).comment = comment, *this; }
ForeignKeyBuilder& ForeignKeyBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return as<schema::ForeignKey>(draft_).options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

// Indexes

IndexBuilder& IndexBuilder::name(std::string_view name) { return draft_->index.name = name, *this; }
IndexBuilder& IndexBuilder::unique() { return draft_->index.unique = true, *this; }
IndexBuilder& IndexBuilder::where(std::string_view expression) { return draft_->index.where = schema::Expression(std::string(expression)), *this; }

IndexBuilder& IndexBuilder::expression(std::string_view expression, schema::Order order) {
  schema::IndexPart added;
  added.expression = schema::Expression(std::string(expression));
  added.order = order;
  return part(std::move(added));
}

IndexBuilder& IndexBuilder::part(schema::IndexPart part) {
  detail::PartDraft added;
  added.part = std::move(part);
  draft_->parts.push_back(std::move(added));
  return *this;
}

IndexBuilder& IndexBuilder::include(std::vector<std::string> columns) { return draft_->index.include = std::move(columns), *this; }
IndexBuilder& IndexBuilder::nulls_not_distinct() { return draft_->index.nulls_distinct = false, *this; }
IndexBuilder& IndexBuilder::comment(std::string_view comment) { return draft_->index.comment = comment, *this; }
IndexBuilder& IndexBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return draft_->index.options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

// Objects

ObjectBuilder& ObjectBuilder::schema(std::string_view schema) { return draft_->object.key.name.schema = schema, *this; }
ObjectBuilder& ObjectBuilder::on(const TableReference& table) { return draft_->parent = table, *this; }
ObjectBuilder& ObjectBuilder::signature(std::string_view signature) { return draft_->object.key.signature = signature, *this; }
ObjectBuilder& ObjectBuilder::depends_on(const TableReference& table) { return draft_->tables.push_back(table), *this; }
ObjectBuilder& ObjectBuilder::depends_on(schema::ObjectKey object) { return draft_->object.depends_on.push_back(std::move(object)), *this; }
ObjectBuilder& ObjectBuilder::comment(std::string_view comment) { return draft_->object.comment = comment, *this; }
ObjectBuilder& ObjectBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return draft_->object.options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}

}  // namespace aludel
