#include "render_native.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "render_checks.hpp"
#include "render_ddl.hpp"
#include "rewriter.hpp"
#include "spelling.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>
#include <variant>

namespace aludel::sqlite {
namespace {

using dialect::Hazard;
using dialect::HazardKind;
using schema::Column;
using schema::Constraint;
using schema::Index;
using schema::Table;

bool names(std::string_view text, const Table& table, std::string_view column) { return rewriter().mentions_column(text, table.name, column); }

bool in_parts(const std::vector<schema::IndexPart>& parts, const Table& table, std::string_view column) {
  return std::any_of(parts.begin(), parts.end(), [&](const schema::IndexPart& part) {
    return part.expression ? names(part.expression->declared, table, column) : same_name(part.column, column);
  });
}

/// Does the constraint of `table` concern the column? As a foreign key: of this table.
bool concerns(const Constraint& constraint, const Table& table, std::string_view column) {
  const auto ask = [&](const auto& value) -> bool {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, schema::PrimaryKey> || std::is_same_v<T, schema::Unique>) {
      return in_parts(value.columns, table, column);
    } else if constexpr (std::is_same_v<T, schema::Check>) {
      return names(value.expression.declared, table, column);
    } else if constexpr (std::is_same_v<T, schema::ForeignKey>) {
      return std::any_of(value.columns.begin(), value.columns.end(), [&](const std::string& name) { return same_name(name, column); });
    } else {
      return true;
    }
  };
  return std::visit(ask, constraint);
}

/// Constraints of the new form that the old one lacks, and the other way round.
struct ConstraintChange {
  std::vector<const Constraint*> added;
  bool removed = false;
};

ConstraintChange compare_constraints(const TableChange& change) {
  std::vector<std::string> before;
  for (const Constraint& constraint : change.from->constraints) before.push_back(constraint_sql(*change.from, constraint));
  ConstraintChange result;
  for (const Constraint& constraint : change.to->constraints) {
    const auto found = std::find(before.begin(), before.end(), constraint_sql(*change.to, constraint));
    if (found == before.end()) {
      result.added.push_back(&constraint);
    } else {
      before.erase(found);
    }
  }
  result.removed = !before.empty();
  return result;
}

/// The table with this one column and what its spelling depends on.
std::string spelled_column(const Table& table, const Column& column) {
  Table alone;
  alone.name = table.name;
  alone.columns = {column};
  alone.options = table.options;
  if (const schema::PrimaryKey* key = table.primary_key()) alone.constraints.emplace_back(*key);
  return create_table_sql(alone);
}

bool mentioned_in_objects(const Table& table, std::string_view column, const schema::SharedMap<schema::ObjectKey, schema::Object>& objects) {
  return std::any_of(objects.begin(), objects.end(),
                     [&](const auto& entry) { return rewriter().definition_mentions_column(entry.second.definition.declared, table.name, column); });
}

bool can_drop(const Column& column, const TableChange& change, const schema::SharedMap<schema::ObjectKey, schema::Object>& objects) {
  const Table& from = *change.from;
  if (from.columns.size() < 2 || column.type.kind == schema::TypeKind::enumeration) return false;
  for (const Constraint& constraint : from.constraints) {
    if (concerns(constraint, from, column.name)) return false;
  }
  for (const Column& other : from.columns) {
    if (&other != &column && other.generated && names(other.generated->expression.declared, from, column.name)) return false;
  }
  for (const Index& index : change.to->indexes) {
    if (in_parts(index.columns, from, column.name) || (index.where && names(index.where->declared, from, column.name))) return false;
  }
  return !mentioned_in_objects(from, column.name, objects);
}

bool can_add(const Column& column, const TableChange& change) {
  if (change.rule_of(column) != nullptr || column.identity) return false;
  if (column.generated) return !column.generated->stored;
  const std::string clause = column.server_default ? default_clause(usable_text(*column.server_default, column.name)) : std::string();
  if (column.server_default && !is_constant_default(clause)) return false;
  return column.nullable || (column.server_default && !equals_ignoring_case(clause, "NULL"));
}

/// The added column that a constraint can be spelled with: the last one it concerns, since SQLite adds them one by one.
const Column* carrier_of(const Constraint& constraint, const std::vector<const Column*>& added, const Table& table) {
  const auto* key = std::get_if<schema::ForeignKey>(&constraint);
  if (key != nullptr && key->columns.size() != 1) return nullptr;
  if (key == nullptr && !std::holds_alternative<schema::Check>(constraint)) return nullptr;
  const Column* carrier = nullptr;
  for (const Column* column : added) {
    if (concerns(constraint, table, column->name)) carrier = column;
  }
  if (carrier != nullptr && key != nullptr && (carrier->server_default || carrier->generated)) return nullptr;
  return carrier;
}

struct Plan {
  std::vector<const Index*> dropped_indexes;
  std::vector<const Column*> dropped;
  std::vector<const Column*> added;
  std::vector<std::pair<const Constraint*, const Column*>> carried;
  std::vector<const Index*> created_indexes;
};

bool is_same_index(const Table& from, const Index& a, const Table& to, const Index& b) {
  return create_index_sql(from, a) == create_index_sql(to, b);
}

void plan_indexes(const TableChange& change, Plan& plan) {
  for (const Index& index : change.from->indexes) {
    const Index* after = change.to->find_index(index.name);
    if (after == nullptr || !is_same_index(*change.to, index, *change.to, *after)) plan.dropped_indexes.push_back(&index);
  }
  for (const Index& index : change.to->indexes) {
    const Index* before = change.from->find_index(index.name);
    if (before == nullptr || !is_same_index(*change.to, *before, *change.to, index)) plan.created_indexes.push_back(&index);
  }
}

bool plan_columns(const TableChange& change, const schema::SharedMap<schema::ObjectKey, schema::Object>& objects, const dialect::Server& server,
                  Plan& plan) {
  for (const Column& column : change.from->columns) {
    const bool kept =
        std::any_of(change.sources.begin(), change.sources.end(), [&](const auto& entry) { return entry.second && *entry.second == column.name; });
    if (kept) continue;
    if (!at_least(server, 3, 35) || !can_drop(column, change, objects)) return false;
    plan.dropped.push_back(&column);
  }
  if (!plan.dropped.empty() && plan.dropped.size() >= change.from->columns.size()) return false;
  for (const Column& column : change.to->columns) {
    const Column* source = change.source_of(column);
    if (source == nullptr) {
      if (!can_add(column, change)) return false;
      plan.added.push_back(&column);
    } else if (source->name != column.name || change.rule_of(column) != nullptr ||
               spelled_column(*change.from, *source) != spelled_column(*change.to, column)) {
      return false;
    }
  }
  return true;
}

std::optional<Plan> plan_of(const TableChange& change, const schema::SharedMap<schema::ObjectKey, schema::Object>& objects,
                            const dialect::Server& server) {
  Plan plan;
  if (is_strict(*change.from) != is_strict(*change.to) || is_without_rowid(*change.from) != is_without_rowid(*change.to)) return std::nullopt;
  if (!plan_columns(change, objects, server, plan)) return std::nullopt;
  const ConstraintChange constraints = compare_constraints(change);
  if (constraints.removed) return std::nullopt;
  for (const Constraint* constraint : constraints.added) {
    const Column* carrier = carrier_of(*constraint, plan.added, *change.to);
    if (carrier == nullptr) return std::nullopt;
    plan.carried.emplace_back(constraint, carrier);
  }
  plan_indexes(change, plan);
  return plan;
}

void append_add_column(const TableChange& change, const Column& column, const Plan& plan, std::vector<Step>& steps) {
  const Table& table = *change.to;
  std::vector<const Constraint*> constraints;
  op::Operations effect{op::AddColumn{table.name, column}};
  for (const auto& [constraint, carrier] : plan.carried) {
    if (carrier != &column) continue;
    constraints.push_back(constraint);
    effect.emplace_back(op::AddConstraint{table.name, *constraint});
    if (const auto* check = std::get_if<schema::Check>(constraint)) {
      steps.push_back({added_column_check(table, column, *check), column.name});
    }
  }
  if (column.type.kind == schema::TypeKind::enumeration && column.server_default) {
    schema::Check check;
    check.expression = enumeration_check(column.name, column.type);
    steps.push_back({added_column_check(table, column, check), column.name});
  }
  if (column.generated && !column.nullable) steps.push_back({generated_null_check(table, column), column.name});
  Step step;
  step.column = column.name;
  step.statement.sql = spelled_add_column_sql(table, column, constraints, *change.around);
  step.statement.effect = std::move(effect);
  if (!steps.empty() && steps.back().column == column.name) {
    step.statement.hazards.push_back({HazardKind::scan, fmt::format("reads every row of {}", quoted(table.name.text()))});
  }
  steps.push_back(std::move(step));
}

}  // namespace

bool at_least(const dialect::Server& server, int major, int minor) { return std::tie(server.major, server.minor) >= std::tie(major, minor); }

bool is_constant_default(std::string_view clause) {
  std::vector<Token> tokens = tokenize(clause);
  tokens.pop_back();
  while (tokens.size() > 2 && tokens.front().is_symbol("(") && tokens.back().is_symbol(")")) {
    tokens.erase(tokens.begin());
    tokens.pop_back();
  }
  if (tokens.size() == 2 && (tokens[0].is_symbol("-") || tokens[0].is_symbol("+"))) return tokens[1].kind == TokenKind::number;
  if (tokens.size() != 1) return false;
  static constexpr std::array<std::string_view, 3> moving = {"current_time", "current_date", "current_timestamp"};
  const Token& token = tokens.front();
  if (token.kind == TokenKind::word) {
    return std::none_of(moving.begin(), moving.end(), [&](std::string_view word) { return token.is(word); });
  }
  return token.kind == TokenKind::string || token.kind == TokenKind::blob || token.kind == TokenKind::number || token.kind == TokenKind::quoted;
}

bool is_same_table(const TableChange& change) {
  if (!change.rules.empty() || change.from->columns.size() != change.to->columns.size()) return false;
  if (is_strict(*change.from) != is_strict(*change.to) || is_without_rowid(*change.from) != is_without_rowid(*change.to)) return false;
  for (const Column& column : change.to->columns) {
    const Column* source = change.source_of(column);
    if (source == nullptr || source->name != column.name || spelled_column(*change.from, *source) != spelled_column(*change.to, column)) return false;
  }
  const ConstraintChange constraints = compare_constraints(change);
  return constraints.added.empty() && !constraints.removed;
}

void append_create_index(const Table& table, const Index& index, bool empty, std::vector<Step>& steps) {
  if (index.unique && !empty) steps.push_back({unique_index_check(table, index), {}, index.name});
  Step step;
  step.index = index.name;
  step.statement.sql = spelled_index_sql(table, index);
  step.statement.effect = {op::CreateIndex{table.name, index}};
  if (!empty) step.statement.hazards.push_back({HazardKind::scan, fmt::format("reads every row of {}", quoted(table.name.text()))});
  steps.push_back(std::move(step));
}

std::optional<std::vector<Step>> native_steps(const TableChange& change, const schema::SharedMap<schema::ObjectKey, schema::Object>& objects,
                                              const dialect::Server& server) {
  const std::optional<Plan> plan = plan_of(change, objects, server);
  if (!plan) return std::nullopt;
  std::vector<Step> steps;
  for (const Index* index : plan->dropped_indexes) {
    Step step;
    step.index = index->name;
    step.statement.sql = "DROP INDEX " + quote_identifier(index->name);
    step.statement.effect = {op::DropIndex{change.to->name, index->name, *index}};
    steps.push_back(std::move(step));
  }
  for (const Column* column : plan->dropped) {
    Step step;
    step.column = column->name;
    step.statement.sql = fmt::format("ALTER TABLE {} DROP COLUMN {}", quoted_name(change.to->name), quote_identifier(column->name));
    step.statement.effect = {op::DropColumn{change.to->name, column->name, *column}};
    step.statement.hazards.push_back({HazardKind::rewrite, fmt::format("rewrites every row of {}", quoted(change.to->name.text()))});
    steps.push_back(std::move(step));
  }
  for (const Column* column : plan->added) append_add_column(change, *column, *plan, steps);
  for (const Index* index : plan->created_indexes) append_create_index(*change.to, *index, false, steps);
  return steps;
}

}  // namespace aludel::sqlite
