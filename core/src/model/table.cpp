#include <aludel/model/table.hpp>

#include "model/draft.hpp"

#include <aludel/error.hpp>

#include <algorithm>

namespace aludel {
namespace detail {

ColumnDraft* TableDraft::find(const MemberKey& member) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnDraft& column) { return column.member == member; });
  return found == columns.end() ? nullptr : &*found;
}

schema::Type enumeration_type(const EnumInfo& info) {
  std::vector<std::string> labels;
  for (const auto& entry : info.labels) labels.push_back(entry.label);
  return schema::Type::enumeration(info.name, std::move(labels));
}

}  // namespace detail

namespace {

using detail::ColumnDraft;
using detail::ConstraintDraft;
using detail::ForeignTarget;
using detail::IndexDraft;
using detail::MemberKey;
using detail::MemberRef;
using detail::PartDraft;
using detail::PartRef;
using detail::TableDraft;

std::vector<PartDraft> drafts(std::span<const PartRef> parts) {
  std::vector<PartDraft> result;
  for (const auto& part : parts) {
    PartDraft draft;
    draft.member.emplace(part.member);
    draft.part.order = part.order;
    result.push_back(std::move(draft));
  }
  return result;
}

std::vector<PartDraft> drafts(std::span<const MemberRef> members) {
  std::vector<PartDraft> result;
  for (const auto& member : members) {
    PartDraft draft;
    draft.member.emplace(member);
    result.push_back(std::move(draft));
  }
  return result;
}

std::vector<PartDraft> drafts(TableBuilder::Parts parts) {
  std::vector<PartDraft> result;
  for (auto& part : parts) {
    PartDraft draft;
    draft.part = std::move(part);
    result.push_back(std::move(draft));
  }
  return result;
}

std::vector<PartDraft> drafts(const TableBuilder::Columns& columns) { return drafts(TableBuilder::Parts(columns.begin(), columns.end())); }

ConstraintDraft& add(TableDraft& table, schema::Constraint constraint, std::vector<PartDraft> columns) {
  ConstraintDraft draft;
  draft.constraint = std::move(constraint);
  draft.columns = std::move(columns);
  return table.constraints.emplace_back(std::move(draft));
}

ConstraintDraft& add_foreign_key(TableDraft& table, std::vector<PartDraft> columns, ForeignTarget target) {
  auto& draft = add(table, schema::ForeignKey{}, std::move(columns));
  draft.target = std::move(target);
  return draft;
}

IndexDraft& add_index(TableDraft& table, std::vector<PartDraft> parts) {
  IndexDraft draft;
  draft.parts = std::move(parts);
  return table.indexes.emplace_back(std::move(draft));
}

ForeignTarget to_table(const TableReference& table, std::vector<PartDraft> columns, bool indexed) {
  ForeignTarget target;
  target.table = table;
  target.columns = std::move(columns);
  target.indexed = indexed;
  return target;
}

ColumnDraft& add_column(TableDraft& table) {
  auto& draft = table.columns.emplace_back();
  draft.table = &table;
  return draft;
}

}  // namespace

TableBuilder& TableBuilder::schema(std::string_view schema) { return draft_->table.name.schema = schema, *this; }
TableBuilder& TableBuilder::comment(std::string_view comment) { return draft_->table.comment = comment, *this; }
TableBuilder& TableBuilder::renamed_from(std::string_view old_name) { return draft_->table.renamed_from.emplace_back(old_name), *this; }
TableBuilder& TableBuilder::option(std::string_view dialect, std::string_view key, Value value) {
  return draft_->table.options[std::string(dialect)][std::string(key)] = std::move(value), *this;
}
TableBuilder& TableBuilder::partial() { return draft_->table.partial = true, *this; }

ColumnBuilder TableBuilder::column(std::string_view name, schema::Type type) {
  auto& draft = add_column(*draft_);
  draft.name = name;
  draft.type = std::move(type);
  return ColumnBuilder(draft);
}

ColumnBuilder TableBuilder::column(std::string_view name, std::string_view neutral_type) {
  auto builder = column(name, schema::Type());
  builder.type(neutral_type);
  return builder;
}

PrimaryKeyBuilder TableBuilder::primary_key(Parts columns) {
  return PrimaryKeyBuilder(add(*draft_, schema::PrimaryKey{}, drafts(std::move(columns))));
}
UniqueBuilder TableBuilder::unique(Parts columns) { return UniqueBuilder(add(*draft_, schema::Unique{}, drafts(std::move(columns)))); }
IndexBuilder TableBuilder::index(Parts parts) { return IndexBuilder(add_index(*draft_, drafts(std::move(parts)))); }
IndexBuilder TableBuilder::index_on(std::string_view expression, schema::Order order) {
  IndexBuilder builder(add_index(*draft_, {}));
  builder.expression(expression, order);
  return builder;
}

CheckBuilder TableBuilder::check(std::string_view expression) { return check({}, expression); }
CheckBuilder TableBuilder::check(std::string_view name, std::string_view expression) {
  schema::Check check;
  check.name = name;
  check.expression = std::string(expression);
  return CheckBuilder(add(*draft_, std::move(check), {}));
}

ForeignKeyBuilder TableBuilder::foreign_key(Columns columns, const TableReference& table, Columns referenced) {
  return ForeignKeyBuilder(add_foreign_key(*draft_, drafts(columns), to_table(table, drafts(referenced), false)));
}
ForeignKeyBuilder TableBuilder::relationship(Columns columns, const TableReference& table, Columns referenced) {
  return ForeignKeyBuilder(add_foreign_key(*draft_, drafts(columns), to_table(table, drafts(referenced), true)));
}

TableBuilder& TableBuilder::constraint(schema::Constraint constraint) {
  add(*draft_, std::move(constraint), {}).raw = true;
  return *this;
}

ColumnBuilder TableBuilder::member_column(const MemberRef& member, const detail::ValueInfo& value) {
  const MemberKey key(member);
  auto* draft = draft_->find(key);
  if (!draft) {
    draft = &add_column(*draft_);
    draft->member = key;
    draft->value = &value;
    draft->column.nullable = value.nullable;
  }
  draft->declared = true;
  return ColumnBuilder(*draft);
}

ColumnBuilder TableBuilder::member_column(const MemberRef& member, const detail::ValueInfo& value, schema::Type type) {
  auto builder = member_column(member, value);
  builder.type(std::move(type));
  return builder;
}

void TableBuilder::ignore_member(const detail::MemberRef& member) {
  const MemberKey key(member);
  auto* draft = draft_->find(key);
  if (!draft) {
    draft = &add_column(*draft_);
    draft->member = key;
  }
  draft->ignored = true;
}

PrimaryKeyBuilder TableBuilder::member_primary_key(std::span<const PartRef> parts) {
  return PrimaryKeyBuilder(add(*draft_, schema::PrimaryKey{}, drafts(parts)));
}
UniqueBuilder TableBuilder::member_unique(std::span<const PartRef> parts) { return UniqueBuilder(add(*draft_, schema::Unique{}, drafts(parts))); }
IndexBuilder TableBuilder::member_index(std::span<const PartRef> parts) { return IndexBuilder(add_index(*draft_, drafts(parts))); }

ForeignKeyBuilder TableBuilder::member_foreign_key(bool indexed, std::span<const MemberRef> columns, const std::type_info& target_type,
                                                   const char* target_signature, std::span<const MemberRef> referenced) {
  ForeignTarget target;
  target.type.emplace(target_type);
  target.cpp_type = std::string(detail::type_name(target_signature));
  target.columns = drafts(referenced);
  target.indexed = indexed;
  return ForeignKeyBuilder(add_foreign_key(*draft_, drafts(columns), std::move(target)));
}

ForeignKeyBuilder TableBuilder::member_foreign_key(bool indexed, std::span<const MemberRef> columns, const TableReference& table,
                                                   Columns referenced) {
  return ForeignKeyBuilder(add_foreign_key(*draft_, drafts(columns), to_table(table, drafts(referenced), indexed)));
}

}  // namespace aludel
