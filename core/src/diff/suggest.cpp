#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "diff/differ.hpp"

namespace aludel::diff {

using schema::Column;
using schema::Table;

namespace {

/// The pairs of which each side is like the other and like no other.
template <class T, class Alike>
std::vector<std::pair<const T*, const T*>> only_pairs(const std::vector<const T*>& dropped, const std::vector<const T*>& added, Alike alike) {
  std::vector<std::pair<const T*, const T*>> pairs;
  std::map<const T*, std::size_t> likes;
  for (const T* old : dropped) {
    const T* match = nullptr;
    std::size_t count = 0;
    for (const T* candidate : added) {
      if (!alike(*old, *candidate)) continue;
      ++count;
      ++likes[candidate];
      match = candidate;
    }
    if (count == 1) pairs.emplace_back(old, match);
  }
  std::erase_if(pairs, [&](const auto& pair) { return likes[pair.second] != 1; });
  return pairs;
}

std::string suggestion(const std::string& old, const std::string& added, const std::string& renamed) {
  return fmt::format("{} was dropped and {} added, alike: if it was renamed, run again with --rename {}:{}", printable(old), printable(added),
                     printable(old), printable(renamed));
}

std::string part(const std::string& name) { return join_name(std::vector<std::string>{name}); }

}  // namespace

void Differ::suggest_tables(const std::vector<const Table*>& dropped, const std::vector<const Table*>& added) {
  // Only tables with the same column names are compared, so that many cost no more than their number.
  std::map<std::vector<std::string>, std::pair<std::vector<const Table*>, std::vector<const Table*>>> by_columns;
  const auto names = [](const Table& table) {
    std::vector<std::string> all{table.name.schema};
    for (const auto& column : table.columns) all.push_back(column.name);
    std::sort(all.begin() + 1, all.end());
    return all;
  };
  for (const Table* table : dropped) by_columns[names(*table)].first.push_back(table);
  for (const Table* table : added) by_columns[names(*table)].second.push_back(table);
  const auto alike = [](const Table& a, const Table& b) {
    return std::all_of(a.columns.begin(), a.columns.end(),
                       [&](const Column& column) { return schema::equivalent(column.type, b.find_column(column.name)->type); });
  };
  for (const auto& [columns, tables] : by_columns) {
    constexpr std::size_t too_many = 20;  // alike ones are no suggestion anyway
    if (tables.first.size() > too_many || tables.second.size() > too_many) continue;
    for (const auto& [old, table] : only_pairs(tables.first, tables.second, alike)) {
      working_.suggest(suggestion(old->name.text(), table->name.text(), part(table->name.name)));
    }
  }
}

void Differ::suggest_columns(const TableChanges& changes) {
  const auto alike = [](const Column& a, const Column& b) {
    return schema::equivalent(a.type, b.type) && a.generated.has_value() == b.generated.has_value();
  };
  for (const auto& [old, column] : only_pairs(changes.dropped, changes.added, alike)) {
    const std::string table = changes.from->name.text() + ".";
    working_.suggest(suggestion(table + part(old->name), table + part(column->name), part(column->name)));
  }
}

}  // namespace aludel::diff
