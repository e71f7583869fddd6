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

std::vector<PartDraft> drafts(std::initializer_list<PartRef> parts) {
  std::vector<PartDraft> result;
  for (const auto& part : parts) {
    PartDraft draft;
    draft.member.emplace(part.member);
    draft.part.order = part.order;
    result.push_back(std::move(draft));
  }
  return result;
}

std::vector<PartDraft> drafts(std::initializer_list<MemberRef> members) {
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

TableBuilder& TableBuilder::schema(std::string schema) { return draft_->table.name.schema = std::move(schema), *this; }
TableBuilder& TableBuilder::comment(std::string comment) { return draft_->table.comment = std::move(comment), *this; }
TableBuilder& TableBuilder::renamed_from(std::string old_name) { return draft_->table.renamed_from.push_back(std::move(old_name)), *this; }
TableBuilder& TableBuilder::option(const std::string& dialect, const std::string& key, Value value) {
  return draft_->table.options[dialect][key] = std::move(value), *this;
}
TableBuilder& TableBuilder::partial() { return draft_->table.partial = true, *this; }

ColumnBuilder TableBuilder::column(std::string name, schema::Type type) {
  auto& draft = add_column(*draft_);
  draft.name = std::move(name);
  draft.type = std::move(type);
  return ColumnBuilder(draft);
}

ColumnBuilder TableBuilder::column(std::string name, std::string_view neutral_type) {
  auto builder = column(std::move(name), schema::Type());
  builder.type(neutral_type);
  return builder;
}

PrimaryKeyBuilder TableBuilder::primary_key(Parts columns) {
  return PrimaryKeyBuilder(add(*draft_, schema::PrimaryKey{}, drafts(std::move(columns))));
}
UniqueBuilder TableBuilder::unique(Parts columns) { return UniqueBuilder(add(*draft_, schema::Unique{}, drafts(std::move(columns)))); }
IndexBuilder TableBuilder::index(Parts parts) { return IndexBuilder(add_index(*draft_, drafts(std::move(parts)))); }
IndexBuilder TableBuilder::index_on(std::string expression, schema::Order order) {
  IndexBuilder builder(add_index(*draft_, {}));
  builder.expression(std::move(expression), order);
  return builder;
}

CheckBuilder TableBuilder::check(std::string expression) { return check({}, std::move(expression)); }
CheckBuilder TableBuilder::check(std::string name, std::string expression) {
  schema::Check check;
  check.name = std::move(name);
  check.expression = std::move(expression);
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

ColumnBuilder TableBuilder::member_column(const detail::MemberInfo& info, const detail::MemberRef& member) {
  const MemberKey key(member);
  auto* draft = draft_->find(key);
  if (!draft) {
    draft = &add_column(*draft_);
    draft->member = key;
    draft->value = info.value;
    draft->column.nullable = info.value->nullable;
  }
  draft->declared = true;
  return ColumnBuilder(*draft);
}

ColumnBuilder TableBuilder::member_column(const detail::MemberRef& member, schema::Type type, bool nullable) {
  const MemberKey key(member);
  auto* draft = draft_->find(key);
  if (!draft) {
    draft = &add_column(*draft_);
    draft->member = key;
    draft->column.nullable = nullable;
  }
  draft->declared = true;
  draft->type = std::move(type);
  return ColumnBuilder(*draft);
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

PrimaryKeyBuilder TableBuilder::member_primary_key(std::initializer_list<PartRef> parts) {
  return PrimaryKeyBuilder(add(*draft_, schema::PrimaryKey{}, drafts(parts)));
}
UniqueBuilder TableBuilder::member_unique(std::initializer_list<PartRef> parts) {
  return UniqueBuilder(add(*draft_, schema::Unique{}, drafts(parts)));
}
IndexBuilder TableBuilder::member_index(std::initializer_list<PartRef> parts) { return IndexBuilder(add_index(*draft_, drafts(parts))); }

ForeignKeyBuilder TableBuilder::member_foreign_key(bool indexed, std::initializer_list<MemberRef> columns, std::type_index target_type,
                                                   const char* target_signature, std::initializer_list<MemberRef> referenced) {
  ForeignTarget target;
  target.type = target_type;
  target.cpp_type = std::string(detail::type_name(target_signature));
  target.columns = drafts(referenced);
  target.indexed = indexed;
  return ForeignKeyBuilder(add_foreign_key(*draft_, drafts(columns), std::move(target)));
}

ForeignKeyBuilder TableBuilder::member_foreign_key(bool indexed, std::initializer_list<MemberRef> columns, const TableReference& table,
                                                   Columns referenced) {
  return ForeignKeyBuilder(add_foreign_key(*draft_, drafts(columns), to_table(table, drafts(referenced), indexed)));
}

}  // namespace aludel
