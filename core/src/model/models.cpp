#include <aludel/model/models.hpp>

#include "model/draft.hpp"

#include <aludel/schema/json_schema.hpp>

namespace aludel {
namespace {

detail::TableDraft& add(detail::ModelsDraft& models, detail::TableName name, bool external) {
  auto& draft = models.tables.emplace_back(detail::TableDraft{name.place, {}, {}, {}, {}, {}, {}});
  draft.table.name.name = std::string(name.text);
  draft.table.external = external;
  return draft;
}

detail::ObjectDraft& add_object(detail::ModelsDraft& models, std::string_view kind, std::string_view name, std::string_view definition) {
  auto& draft = models.objects.emplace_back();
  draft.object.key.kind = kind;
  draft.object.key.name.name = name;
  draft.object.definition = std::string(definition);
  return draft;
}

}  // namespace

Models::Models() : state_(std::make_unique<State>()) {}
Models::~Models() = default;
Models::Models(Models&&) noexcept = default;
Models& Models::operator=(Models&&) noexcept = default;

detail::TableDraft& Models::add_table(const detail::TableName& name, bool external, const detail::StructInfo& info) {
  detail::check_compiler(*info.probe);
  auto& draft = add(*state_, name, external);
  draft.type.emplace(*info.type);
  draft.cpp_type = std::string(detail::type_name(info.signature));
  for (const auto& member : info.members) {
    auto& column = draft.columns.emplace_back();
    column.table = &draft;
    column.member.emplace(detail::MemberRef{info.type, member.signature});
    column.value = member.value;
    column.column.nullable = member.value->nullable;
  }
  for (const auto& member : info.ignored) {
    if (auto* column = draft.find(detail::MemberKey(member))) column->ignored = true;
  }
  return draft;
}

TableBuilder Models::table(detail::TableName name) { return TableBuilder(add(*state_, name, false)); }
TableBuilder Models::external_table(detail::TableName name) { return TableBuilder(add(*state_, name, true)); }

ObjectBuilder Models::view(std::string_view name, std::string_view query) {
  auto& draft = add_object(*state_, "view", name, query);
  draft.view_query = true;
  return ObjectBuilder(draft);
}

ObjectBuilder Models::trigger(std::string_view name, const TableReference& table, std::string_view definition) {
  ObjectBuilder builder(add_object(*state_, "trigger", name, definition));
  builder.on(table);
  return builder;
}

ObjectBuilder Models::object(std::string_view kind, std::string_view name, std::string_view definition) {
  return ObjectBuilder(add_object(*state_, kind, name, definition));
}

Models& Models::schema(std::string_view name, std::string_view comment) {
  state_->schemas.push_back({std::string(name), std::string(comment), {}});
  return *this;
}

Models& Models::sequence(schema::Sequence sequence) { return state_->sequences.push_back(std::move(sequence)), *this; }
Models& Models::naming(NamingConvention convention) { return state_->naming = std::move(convention), *this; }
Models& Models::member_names(std::function<std::string(std::string_view)> rule) { return state_->member_names = std::move(rule), *this; }

schema::Metadata Models::metadata() const { return detail::finish(*state_); }
Value Models::json_schema() const { return schema::json_schema(metadata()); }

}  // namespace aludel
