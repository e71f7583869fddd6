#include "model/finish.hpp"

#include "model/words.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aludel::detail {

using schema::TypeKind;

bool is_integer(TypeKind kind) { return kind == TypeKind::smallint || kind == TypeKind::integer || kind == TypeKind::bigint; }

schema::Metadata finish(const ModelsDraft& models) { return Finisher(models).run(); }

schema::Metadata Finisher::run() {
  works_.reserve(models_.tables.size());
  for (const auto& draft : models_.tables) add_table(draft);
  for (auto& work : works_) add_columns(work);
  for (auto& work : works_) add_constraints(work);
  for (auto& work : works_) add_indexes(work);
  for (auto& work : works_) resolve_foreign_keys(work);
  for (auto& work : works_) add_identity(work);
  for (auto& work : works_) check_names(work);
  check_index_names();
  for (const auto& space : models_.schemas) {
    if (metadata_.schemas.contains(space.name))
      problem(nullptr, "the schema " + quoted(space.name) + " is declared twice", "declare it once");
    else
      metadata_.add(space);
  }
  for (const auto& sequence : models_.sequences) {
    if (metadata_.sequences.contains(sequence.name)) {
      problem(nullptr, "the sequence " + quoted(sequence.name.text()) + " is declared twice", "declare it once");
    } else {
      metadata_.add(sequence);
    }
  }
  add_objects();
  report();
  for (auto& work : works_) metadata_.add(std::move(work.table));
  for (auto& object : objects_) metadata_.add(std::move(object));
  return std::move(metadata_);
}

void Finisher::report() {
  if (errors_.empty()) return;
  auto first = errors_.front();
  for (std::size_t index = 1; index < errors_.size(); ++index) {
    const auto& other = errors_[index];
    first.add_note(fmt::format("also: {}{}{}", other.what(), other.hint().empty() ? "" : "; ", other.hint()));
  }
  throw first;
}

void Finisher::problem(const TableDraft* draft, std::string message, std::string hint) {
  Error error(ErrorKind::model, std::move(message));
  error.set_hint(std::move(hint));
  if (draft) error.set_location({draft->place.file, draft->place.line, 0});
  errors_.push_back(std::move(error));
}

void Finisher::problem(const TableWork& work, std::string message, std::string hint) { problem(work.draft, std::move(message), std::move(hint)); }

std::string Finisher::table_text(const schema::Name& name) { return "table " + quoted(name.text()); }

std::string Finisher::column_text(const TableWork& work, std::string_view column) {
  std::vector<std::string> parts;
  if (!work.table.name.schema.empty()) parts.push_back(work.table.name.schema);
  parts.push_back(work.table.name.name);
  parts.emplace_back(column);
  return "column " + quoted(join_name(parts));
}

void Finisher::add_table(const TableDraft& draft) {
  TableWork work;
  work.draft = &draft;
  work.table = draft.table;
  const auto& name = work.table.name;
  if (name.name.empty()) {
    problem(&draft, "a table has an empty name", "give it one");
    return;
  }
  if (const auto [other, added] = declared_.emplace(name, &draft); !added) {
    const auto& place = other->second->place;
    problem(&draft, fmt::format("{} is declared twice, first at {}:{}", table_text(name), place.file, place.line),
            "rename one, give one a schema(\"...\"), or remove it");
    return;
  }
  works_.push_back(std::move(work));
}

void Finisher::add_columns(TableWork& work) {
  work.table.columns.reserve(work.draft->columns.size());
  for (const auto& draft : work.draft->columns) {
    auto name = draft.name.value_or("");
    if (!draft.name) name = models_.member_names ? models_.member_names(draft.member->name) : draft.member->name;
    if (draft.ignored) {
      if (draft.declared) {
        problem(work, column_text(work, name) + " is declared as a column and ignored as well", "remove the one or the other");
      }
      continue;
    }
    if (name.empty()) {
      problem(work, fmt::format("{} has a column with an empty name", table_text(work.table.name)), "give it one with name(\"...\")");
      continue;
    }
    if (work.table.find_column(name)) {
      problem(work, column_text(work, name) + " is declared twice",
              "give one of the two another name with name(\"...\"), or look at the rule for member names");
      continue;
    }
    work.names.emplace(&draft, name);
    auto column = draft.column;
    column.name = name;
    set_type(work, draft, column);
    check_column(work, draft, column);
    for (const auto& found : draft.problems) problem(work, column_text(work, name) + " " + found.message, found.hint);
    work.table.columns.push_back(std::move(column));
  }
  if (work.table.columns.empty() && !work.table.external) {
    problem(work, table_text(work.table.name) + " has no columns", "list them with column<&T::member>() or column(\"name\", type)");
  }
}

void Finisher::set_type(TableWork& work, const ColumnDraft& draft, schema::Column& column) {
  if (draft.type) {
    column.type = *draft.type;
  } else if (draft.value && draft.value->enumeration && draft.labels) {
    column.type = schema::Type::string();  // the labels given take the place of the enumerators'
  } else if (draft.value && draft.value->enumeration) {
    const auto info = make_enum_info(*draft.value->enumeration);
    column.type = enumeration_type(info);
    if (!info.problem.empty()) {
      problem(work, fmt::format("{}: {}", column_text(work, column.name), info.problem),
              fmt::format("specialise aludel::Enumeration<{}> with `minimum` and `maximum`, or with `labels`", info.cpp_name));
    }
  } else if (draft.value && draft.value->type) {
    column.type = draft.value->type();
  } else {
    const auto type = draft.value ? std::string(type_name(draft.value->signature)) : "its member";
    problem(work, fmt::format("{}: {} has no column type", column_text(work, column.name), type),
            "specialise aludel::ColumnType for it, give the column a type(...), or leave it out with ignore<&T::member>()");
  }
  if (draft.labels) set_labels(draft, column, work);
  if (!draft.length) return;
  auto& type = column.type;
  if (*draft.length <= 0) {
    problem(work, fmt::format("{} has the length {}", column_text(work, column.name), *draft.length), "a length is at least 1");
  } else if (type.kind == TypeKind::text || type.kind == TypeKind::varchar) {
    type = schema::Type::varchar(*draft.length);
  } else if (type.kind == TypeKind::character || type.kind == TypeKind::binary) {
    type.length = *draft.length;
  } else {
    problem(work, fmt::format("{} has a length, and its type {} takes none", column_text(work, column.name), schema::to_text(type)),
            "remove length(), or make the member a std::string");
  }
}

void Finisher::set_labels(const ColumnDraft& draft, schema::Column& column, const TableWork& work) {
  const auto kind = column.type.kind;
  if (kind != TypeKind::text && kind != TypeKind::varchar && kind != TypeKind::enumeration) {
    problem(work, fmt::format("{} has labels, and its type is {}", column_text(work, column.name), schema::to_text(column.type)),
            "labels are for enumerations and text");
    return;
  }
  if (draft.labels->empty()) {
    problem(work, column_text(work, column.name) + " has an empty list of labels", "an enumeration holds at least one");
    return;
  }
  if (std::set(draft.labels->begin(), draft.labels->end()).size() != draft.labels->size()) {
    problem(work, column_text(work, column.name) + " has a label twice", "say each once");
  }
  auto name = kind == TypeKind::enumeration && draft.type ? column.type.name : work.table.name.name + "_" + column.name;
  column.type = schema::Type::enumeration(std::move(name), *draft.labels);
}

void Finisher::check_column(const TableWork& work, const ColumnDraft& draft, const schema::Column& column) {
  const auto here = [&] { return column_text(work, column.name); };
  if (column.generated && column.server_default) problem(work, here() + " is generated and has a default as well", "remove one of them");
  if (column.generated && column.identity) problem(work, here() + " is generated and an identity as well", "remove one of them");
  if (column.identity && column.server_default) problem(work, here() + " is an identity and has a default as well", "remove one of them");
  if (column.identity && !is_integer(column.type.kind) && column.type.kind != TypeKind::native && column.type.kind != TypeKind::decimal) {
    problem(work, fmt::format("{} is an identity, and its type is {}", here(), schema::to_text(column.type)), "an identity is an integer");
  }
  const bool empty_default = column.server_default && trim(column.server_default->declared).empty();
  const bool empty_value = column.generated && trim(column.generated->expression.declared).empty();
  const bool empty_backfill = column.backfill && trim(column.backfill->declared).empty();
  if (empty_default || empty_value || empty_backfill) problem(work, here() + " has an empty expression", "write one, or remove it");
  if (column.server_default) check_default(work, draft, column);
  if (!work.table.external) add_enumeration(work, column);
}

void Finisher::check_default(const TableWork& work, const ColumnDraft& draft, const schema::Column& column) {
  const auto kind = column.type.kind;
  const bool number = kind == TypeKind::decimal || kind == TypeKind::real || kind == TypeKind::double_precision;
  const bool text = kind == TypeKind::text || kind == TypeKind::varchar || kind == TypeKind::character || kind == TypeKind::enumeration;
  bool fits = true;
  switch (draft.default_kind) {
    case LiteralKind::any:
      return;
    case LiteralKind::boolean:
      fits = kind == TypeKind::boolean || kind == TypeKind::native;
      break;
    case LiteralKind::integer:
      fits = is_integer(kind) || number || kind == TypeKind::native;
      break;
    case LiteralKind::number:
      fits = number || kind == TypeKind::native;
      break;
    case LiteralKind::string:
      fits = text || !(kind == TypeKind::boolean || is_integer(kind) || number);
      break;
  }
  const auto here = [&] { return column_text(work, column.name); };
  if (!fits) {
    problem(work, fmt::format("{} is {}, and its default is {}", here(), schema::to_text(column.type), printable(column.server_default->declared)),
            "give a value of the column's type, or use server_default_sql(\"...\")");
  } else if (kind == TypeKind::enumeration && draft.default_text &&
             std::find(column.type.values.begin(), column.type.values.end(), *draft.default_text) == column.type.values.end()) {
    problem(work, fmt::format("{} has the default {}, which is none of its labels", here(), quoted(*draft.default_text)),
            "its labels are " + join(column.type.values, ", "));
  }
}

void Finisher::add_enumeration(const TableWork& work, const schema::Column& column) {
  const auto& type = column.type.kind == TypeKind::array && !column.type.element.empty() ? column.type.element.front() : column.type;
  if (type.kind != TypeKind::enumeration || type.name.empty()) return;
  auto name = schema::parse_name(type.name);
  const auto found = metadata_.enums.find(name);
  if (found == metadata_.enums.end()) {
    schema::EnumType added;
    added.name = std::move(name);
    added.values = type.values;
    metadata_.add(std::move(added));
  } else if (found->second.values != type.values) {
    problem(work,
            fmt::format("{} uses the enumeration {} with the labels {}, and another column with {}", column_text(work, column.name),
                        quoted(type.name), join(type.values, ", "), join(found->second.values, ", ")),
            "give one of the two another name in aludel::Enumeration<E>::name, or by type(schema::Type::enumeration(...))");
  }
}

}  // namespace aludel::detail
