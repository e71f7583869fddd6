#include "meaning.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "render_ddl.hpp"
#include "types.hpp"

#include <aludel/schema/equivalent.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <variant>

namespace aludel::sqlite {

namespace {

using schema::Check;
using schema::Constraint;
using schema::ForeignKey;
using schema::IndexPart;
using schema::Metadata;
using schema::PrimaryKey;
using schema::Table;
using schema::Unique;

bool same_names(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const std::string& x, const std::string& y) { return same_name(x, y); });
}

bool same_conflict(const schema::Options& a, const schema::Options& b) { return text_option(a, "on_conflict") == text_option(b, "on_conflict"); }

/// By any name that SQLite would find; null where the schema has none.
const Table* find_table(const Metadata& around, const Table& table, const schema::Name& name) {
  if (same_name(name.name, table.name.name)) return &table;
  if (const Table* found = around.find_table({"", name.name})) return found;
  for (const auto& [key, other] : around.tables) {
    if (same_name(key.name, name.name)) return &other;
  }
  return nullptr;
}

/// What is asked of one kind of constraint; `a` was read.
struct Says {
  const Table& table;
  const Metadata& around;

  bool operator()(const PrimaryKey& a, const PrimaryKey& b) const {
    return same_parts(a.columns, b.columns, table) && same_conflict(a.options, b.options) &&
           flag(a.options, "autoincrement") == flag(b.options, "autoincrement");
  }
  bool operator()(const Unique& a, const Unique& b) const { return same_parts(a.columns, b.columns, table) && same_conflict(a.options, b.options); }
  bool operator()(const Check& a, const Check& b) const {
    return b.enforced && !b.expression.stale && same_normal(a.expression, b.expression, table) && same_conflict(a.options, b.options);
  }
  bool operator()(const ForeignKey& a, const ForeignKey& b) const {
    return same_names(a.columns, b.columns) && same_name(a.referenced_table.name, b.referenced_table.name) &&
           same_names(referenced_columns(a, table, around), referenced_columns(b, table, around)) && a.on_delete == b.on_delete &&
           a.on_update == b.on_update && a.match == b.match && a.deferrable == b.deferrable && b.on_delete_columns.empty();
  }
  bool operator()(const schema::Exclude&, const schema::Exclude&) const { return false; }
};

}  // namespace

bool same_normal(const schema::Expression& a, const schema::Expression& b, const Table& table) {
  return normal_expression(a.declared, table) == normal_expression(b.declared.empty() ? b.canonical : b.declared, table);
}

bool same_parts(const std::vector<IndexPart>& a, const std::vector<IndexPart>& b, const Table& table) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const IndexPart& x, const IndexPart& y) {
    if (x.order != y.order || y.nulls != schema::Nulls::unspecified || !equals_ignoring_case(x.collation, y.collation)) return false;
    if (x.expression && y.expression) return same_normal(*x.expression, *y.expression, table);
    return !x.expression && !y.expression && same_name(x.column, y.column);
  });
}

std::string text_option(const schema::Options& options, std::string_view key) {
  const Value* value = option(options, key);
  const std::string text = value != nullptr && value->string() != nullptr ? to_lower(*value->string()) : std::string();
  return text == "abort" ? std::string() : text;
}

std::vector<std::string> referenced_columns(const ForeignKey& key, const Table& table, const Metadata& around) {
  if (!key.referenced_columns.empty()) return key.referenced_columns;
  const Table* target = find_table(around, table, key.referenced_table);
  const PrimaryKey* primary = target == nullptr ? nullptr : target->primary_key();
  if (primary == nullptr || primary->columns.size() != key.columns.size()) return {};
  std::vector<std::string> columns;
  for (const IndexPart& part : primary->columns) columns.push_back(part.column);
  return columns;
}

bool same_but_for_name(const Constraint& read, const Constraint& wanted, const Table& table, const Metadata& around) {
  if (read.index() != wanted.index()) return false;
  const Says says{table, around};
  return std::visit([&](const auto& held) { return says(held, std::get<std::decay_t<decltype(held)>>(wanted)); }, read);
}

bool same_meaning(const Constraint& read, const Constraint& wanted, const Table& table, const Metadata& around) {
  return schema::name_of(read) == schema::name_of(wanted) && same_but_for_name(read, wanted, table, around);
}

}  // namespace aludel::sqlite
