#include <aludel/model/models.hpp>

#include "model/draft.hpp"

namespace aludel {
namespace {

detail::TableDraft& add(detail::ModelsDraft& models, detail::TableName name, bool external) {
  auto& draft = models.tables.emplace_back(detail::TableDraft{std::move(name), {}, {}, {}, {}, {}, {}});
  draft.table.name.name = draft.name.text;
  draft.table.external = external;
  return draft;
}

detail::ObjectDraft& add_object(detail::ModelsDraft& models, std::string kind, std::string name, std::string definition) {
  auto& draft = models.objects.emplace_back();
  draft.object.key.kind = std::move(kind);
  draft.object.key.name.name = std::move(name);
  draft.object.definition = std::move(definition);
  return draft;
}

}  // namespace

Models::Models() : state_(std::make_unique<State>()) {}
Models::~Models() = default;
Models::Models(Models&&) noexcept = default;
Models& Models::operator=(Models&&) noexcept = default;

detail::TableDraft& Models::add_table(detail::TableName name, bool external, std::type_index type, const char* signature) {
  auto& draft = add(*state_, std::move(name), external);
  draft.type = type;
  draft.cpp_type = std::string(detail::type_name(signature));
  return draft;
}

void Models::add_columns(detail::TableDraft& draft, std::span<const detail::MemberInfo> members, std::type_index owner) {
  for (const auto& member : members) {
    auto& column = draft.columns.emplace_back();
    column.table = &draft;
    column.member.emplace(detail::MemberRef{owner, member.signature});
    column.value = member.value;
    column.column.nullable = member.value->nullable;
  }
}

TableBuilder Models::table(detail::TableName name) { return TableBuilder(add(*state_, std::move(name), false)); }
TableBuilder Models::external_table(detail::TableName name) { return TableBuilder(add(*state_, std::move(name), true)); }

ObjectBuilder Models::view(std::string name, std::string query) {
  auto& draft = add_object(*state_, "view", std::move(name), std::move(query));
  draft.view_query = true;
  return ObjectBuilder(draft);
}

ObjectBuilder Models::trigger(std::string name, const TableReference& table, std::string definition) {
  ObjectBuilder builder(add_object(*state_, "trigger", std::move(name), std::move(definition)));
  builder.on(table);
  return builder;
}

ObjectBuilder Models::object(std::string kind, std::string name, std::string definition) {
  return ObjectBuilder(add_object(*state_, std::move(kind), std::move(name), std::move(definition)));
}

Models& Models::schema(std::string name, std::string comment) {
  state_->schemas.push_back({std::move(name), std::move(comment), {}});
  return *this;
}

Models& Models::sequence(schema::Sequence sequence) { return state_->sequences.push_back(std::move(sequence)), *this; }
Models& Models::naming(NamingConvention convention) { return state_->naming = std::move(convention), *this; }
Models& Models::member_names(std::function<std::string(std::string_view)> rule) { return state_->member_names = std::move(rule), *this; }

schema::Metadata Models::metadata() const { return detail::finish(*state_); }

}  // namespace aludel
