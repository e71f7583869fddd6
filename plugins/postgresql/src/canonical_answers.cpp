#include "canonical_answers.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace aludel::postgresql {

using schema::Column;
using schema::Constraint;
using schema::Expression;
using schema::IndexPart;
using schema::Metadata;
using schema::Object;
using schema::Table;

namespace {

bool is_open(const Expression& expression) { return expression.canonical.empty() && !expression.declared.empty(); }
bool is_open(const std::optional<Expression>& expression) { return expression && is_open(*expression); }
bool is_open(const std::vector<IndexPart>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const IndexPart& part) { return is_open(part.expression); });
}
bool is_open(const schema::Exclude& exclude) {
  return is_open(exclude.where) ||
         std::any_of(exclude.elements.begin(), exclude.elements.end(), [](const auto& element) { return is_open(element.part.expression); });
}
bool is_open(const Constraint& constraint) {
  if (const auto* check = std::get_if<schema::Check>(&constraint)) return is_open(check->expression);
  if (const auto* exclude = std::get_if<schema::Exclude>(&constraint)) return is_open(*exclude);
  return false;
}
bool is_open(const schema::Index& index) { return is_open(index.columns) || is_open(index.where); }
bool is_open(const Column& column) { return is_open(column.server_default) || (column.generated && is_open(column.generated->expression)); }

bool is_open(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(), [](const Column& one) { return is_open(one); }) ||
         std::any_of(table.constraints.begin(), table.constraints.end(), [](const Constraint& one) { return is_open(one); }) ||
         std::any_of(table.indexes.begin(), table.indexes.end(), [](const schema::Index& one) { return is_open(one); });
}

std::string place(const Table& table, std::string_view kind, std::string_view what) { return fmt::format("{}/{}/{}", table.name.text(), kind, what); }
std::string place(const Object& object) { return "object/" + object.key.text(); }

void put(Answers& answers, std::string where, const Expression& expression) { answers.insert_or_assign(std::move(where), expression.canonical); }

void answer_part(Answers& answers, const std::string& where, std::size_t position, const IndexPart& part) {
  const std::string own = fmt::format("{}/{}", where, position);
  if (part.expression) put(answers, own + "/expression", *part.expression);
  answers.insert_or_assign(own + "/column", part.column);
  answers.insert_or_assign(own + "/collation", part.collation);
  answers.insert_or_assign(own + "/class", part.operator_class);
}

class Applier {
 public:
  explicit Applier(const Answers& answers) : answers_(answers) {}

  void apply(Table& table) const {
    for (Column& column : table.columns) {
      const std::string where = place(table, "column", column.name);
      if (column.type.kind == schema::TypeKind::native || column.type.kind == schema::TypeKind::array) fill(column.type.canonical, where + "/type");
      fill(column.collation, where + "/collation");
      if (is_open(column.server_default)) fill(*column.server_default, where + "/default");
      if (column.generated && is_open(column.generated->expression)) fill(column.generated->expression, where + "/generated");
    }
    for (std::size_t i = 0; i < table.constraints.size(); ++i) {
      const std::string where = place(table, "constraint", std::to_string(i));
      if (auto* check = std::get_if<schema::Check>(&table.constraints[i]); check && is_open(check->expression))
        fill(check->expression, where + "/expression");
      auto* exclude = std::get_if<schema::Exclude>(&table.constraints[i]);
      if (!exclude) continue;
      if (is_open(exclude->where)) fill(*exclude->where, where + "/where");
      for (std::size_t k = 0; k < exclude->elements.size(); ++k) {
        apply(exclude->elements[k].part, fmt::format("{}/{}", where, k));
        fill(exclude->elements[k].with, fmt::format("{}/{}/with", where, k));
      }
    }
    for (std::size_t i = 0; i < table.indexes.size(); ++i) {
      const std::string where = place(table, "index", std::to_string(i));
      if (is_open(table.indexes[i].where)) fill(*table.indexes[i].where, where + "/where");
      for (std::size_t k = 0; k < table.indexes[i].columns.size(); ++k) apply(table.indexes[i].columns[k], fmt::format("{}/{}", where, k));
    }
  }

  void apply(Object& object) const {
    if (is_open(object.definition)) fill(object.definition, place(object));
  }

 private:
  void apply(IndexPart& part, const std::string& where) const {
    if (is_open(part.expression)) {
      const auto column = answers_.find(where + "/column");
      if (column != answers_.end() && !column->second.empty()) {  // (name) is the column
        part.column = column->second;
        part.expression.reset();
      } else {
        fill(*part.expression, where + "/expression");
      }
    }
    fill(part.collation, where + "/collation");
    fill(part.operator_class, where + "/class");
  }
  void fill(std::string& text, const std::string& where) const {
    const auto found = answers_.find(where);
    if (found != answers_.end()) text = found->second;
  }
  void fill(Expression& expression, const std::string& where) const { fill(expression.canonical, where); }

  const Answers& answers_;
};

}  // namespace

bool open(const Expression& expression) { return is_open(expression); }
bool open(const Table& table) { return is_open(table); }

const std::string& spelling(const Expression& expression) { return expression.canonical.empty() ? expression.declared : expression.canonical; }

bool needs_server(const Metadata& metadata) {
  return std::any_of(metadata.tables.begin(), metadata.tables.end(), [](const auto& entry) { return is_open(entry.second); }) ||
         std::any_of(metadata.objects.begin(), metadata.objects.end(), [](const auto& entry) { return is_open(entry.second.definition); });
}

void answer(Answers& answers, const Table& declared, const Table& made, const PartNames& names) {
  for (const Column& column : declared.columns) {
    const Column* read = made.find_column(column.name);
    if (!read) continue;
    const std::string where = place(declared, "column", column.name);
    answers.insert_or_assign(where + "/type", read->type.canonical);
    answers.insert_or_assign(where + "/collation", read->collation);
    if (read->server_default) put(answers, where + "/default", *read->server_default);
    if (read->generated) put(answers, where + "/generated", read->generated->expression);
  }
  for (std::size_t i = 0; i < declared.constraints.size(); ++i) {
    const std::string where = place(declared, "constraint", std::to_string(i));
    if (std::holds_alternative<schema::Check>(declared.constraints[i])) {
      const auto* check = made.find_constraint(names.check(i));
      if (check && std::holds_alternative<schema::Check>(*check)) put(answers, where + "/expression", std::get<schema::Check>(*check).expression);
    }
    if (!std::holds_alternative<schema::Exclude>(declared.constraints[i])) continue;
    const auto* exclude = made.find_constraint(names.exclude(i));
    if (!exclude || !std::holds_alternative<schema::Exclude>(*exclude)) continue;
    const auto& read = std::get<schema::Exclude>(*exclude);
    if (read.where) put(answers, where + "/where", *read.where);
    for (std::size_t k = 0; k < read.elements.size(); ++k) {
      answer_part(answers, where, k, read.elements[k].part);
      answers.insert_or_assign(fmt::format("{}/{}/with", where, k), read.elements[k].with);
    }
  }
  for (std::size_t i = 0; i < declared.indexes.size(); ++i) {
    const schema::Index* read = made.find_index(names.index(i));
    if (!read) continue;
    const std::string where = place(declared, "index", std::to_string(i));
    if (read->where) put(answers, where + "/where", *read->where);
    for (std::size_t k = 0; k < read->columns.size(); ++k) answer_part(answers, where, k, read->columns[k]);
  }
}

void answer(Answers& answers, const Object& declared, const Object& made) {
  std::string text = made.definition.canonical;
  constexpr std::string_view no_data = "WITH NO DATA";
  const std::string_view said = trim(spelling(declared.definition));
  const bool without = declared.key.kind == "materialized_view" && said.size() > no_data.size() &&
                       equals_ignoring_case(said.substr(said.size() - no_data.size()), no_data);
  if (without && made.key.kind == "view") text += " WITH NO DATA";  // it was made as a plain one for the moment
  answers.insert_or_assign(place(declared), std::move(text));
}

void apply_answers(Metadata& metadata, const Answers& answers) {
  const Applier applier(answers);
  for (auto& [name, table] : metadata.tables.writable()) applier.apply(table);
  for (auto& [key, object] : metadata.objects.writable()) applier.apply(object);
}

}  // namespace aludel::postgresql
