#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "differ.hpp"

namespace aludel::diff {
namespace {

/// A name nothing has, for a rename that has to go by way of a third.
std::string free_name(const std::string& wanted, const std::function<bool(const std::string&)>& taken) {
  std::string name = wanted + "_aludel_rename";
  while (taken(name)) name += "_";
  return name;
}

[[noreturn]] void refuse_hint(std::string_view text) {
  throw Error(ErrorKind::usage, fmt::format("--rename takes old:new or table.old:new, not {}", quoted(text)));
}

}  // namespace

RenameHint parse_rename(std::string_view text) {
  bool inside = false;
  std::size_t colon = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') inside = !inside;
    if (text[i] == ':' && !inside) {
      if (colon != std::string_view::npos) refuse_hint(text);
      colon = i;
    }
  }
  if (colon == std::string_view::npos) refuse_hint(text);
  std::vector<std::string> old;
  std::vector<std::string> now;
  try {
    old = split_name(text.substr(0, colon));
    now = split_name(text.substr(colon + 1));
  } catch (const Error&) {
    refuse_hint(text);
  }
  if (now.size() != 1 || old.size() > 3) refuse_hint(text);
  RenameHint hint;
  hint.to = now.front();
  if (old.size() == 1) {
    hint.table.name = old[0];
  } else {
    hint.column = old.back();
    hint.table = old.size() == 2 ? Name{"", old[0]} : Name{old[0], old[1]};
  }
  return hint;
}

void Differ::rename_table(const Name& from, const std::string& to) { emit(op::RenameTable{from, to}); }

void Differ::rename_tables() {
  // A name in the database that the target still uses under that name is no rename's source, unless another rename gives it away (a swap).
  struct Planned {
    Name from;
    std::string to;
    bool given;  ///< on the command line
  };
  std::vector<Planned> planned;
  for (const RenameHint& hint : options_.renames) {
    if (!hint.column.empty()) continue;
    const bool there = current().find_table(hint.table) != nullptr && target().find_table({hint.table.schema, hint.to}) != nullptr;
    if (there) {
      planned.push_back({hint.table, hint.to, true});
    } else {
      // A schema-less hint may mean an index, view or column elsewhere only by mistake; say so.
      result_.warnings.push_back(fmt::format("--rename {}:{} matches nothing: {} is no table of the database, or {} none of the target",
                                             hint.table.text(), hint.to, quoted(hint.table.text()), quoted(hint.to)));
    }
  }
  for (const auto& [name, table] : target().tables) {
    if (table.external || current().find_table(name) != nullptr) continue;
    for (const std::string& old : table.renamed_from) {
      const Name source{name.schema, old};
      const bool taken = std::any_of(planned.begin(), planned.end(), [&](const Planned& one) { return one.from == source || one.to == name.name; });
      if (!taken && current().find_table(source) != nullptr && target().find_table(source) == nullptr) {
        planned.push_back({source, name.name, false});
        break;
      }
    }
  }
  // Whoever moves onto a name that is still taken waits until its owner has moved; a ring of them goes by way of a third name.
  while (!planned.empty()) {
    const auto ready = std::find_if(planned.begin(), planned.end(), [&](const Planned& one) {
      return current().find_table({one.from.schema, one.to}) == nullptr;
    });
    if (ready != planned.end()) {
      rename_table(ready->from, ready->to);
      planned.erase(ready);
      continue;
    }
    Planned& first = planned.front();
    const Name goal{first.from.schema, first.to};
    const bool moves = std::any_of(planned.begin(), planned.end(), [&](const Planned& one) { return one.from == goal; });
    if (!moves) {
      result_.warnings.push_back(
          fmt::format("{} cannot be renamed to {}: there is such a table already", quoted(first.from.text()), quoted(first.to)));
      planned.erase(planned.begin());
      continue;
    }
    const std::string third = free_name(first.from.name, [&](const std::string& name) {
      return current().find_table({first.from.schema, name}) != nullptr;
    });
    rename_table(first.from, third);
    first.from.name = third;
  }
}

void Differ::rename_columns() {
  std::vector<bool> used(options_.renames.size(), false);
  for (const Name& name : common_tables()) {
    const Table& wanted = *target().find_table(name);
    struct Planned {
      std::string from, to;
    };
    std::vector<Planned> planned;
    for (std::size_t i = 0; i < options_.renames.size(); ++i) {
      const RenameHint& hint = options_.renames[i];
      // The table may go by its old name in the hint.
      const bool here = hint.table == name || std::any_of(result_.operations.begin(), result_.operations.end(), [&](const op::Operation& operation) {
                          const auto* rename = std::get_if<op::RenameTable>(&operation.body);
                          return rename != nullptr && rename->table == hint.table && rename->to == name.name;
                        });
      if (hint.column.empty() || !here) continue;
      if (current().find_table(name)->find_column(hint.column) != nullptr && wanted.find_column(hint.to) != nullptr) {
        planned.push_back({hint.column, hint.to});
        used[i] = true;
      }
    }
    for (const Column& column : wanted.columns) {
      const Table& is = *current().find_table(name);
      if (is.find_column(column.name) != nullptr) continue;
      for (const std::string& old : column.renamed_from) {
        const bool taken = std::any_of(planned.begin(), planned.end(), [&](const Planned& one) { return one.from == old || one.to == column.name; });
        if (!taken && is.find_column(old) != nullptr && wanted.find_column(old) == nullptr) {
          planned.push_back({old, column.name});
          break;
        }
      }
    }
    while (!planned.empty()) {
      const auto ready = std::find_if(planned.begin(), planned.end(),
                                      [&](const Planned& one) { return current().find_table(name)->find_column(one.to) == nullptr; });
      if (ready != planned.end()) {
        emit(op::RenameColumn{name, ready->from, ready->to});
        planned.erase(ready);
        continue;
      }
      Planned& first = planned.front();
      const bool moves = std::any_of(planned.begin(), planned.end(), [&](const Planned& one) { return one.from == first.to; });
      if (!moves) {
        result_.warnings.push_back(
            fmt::format("{}.{} cannot be renamed to {}: there is such a column already", name.text(), first.from, quoted(first.to)));
        planned.erase(planned.begin());
        continue;
      }
      const std::string third =
          free_name(first.from, [&](const std::string& text) { return current().find_table(name)->find_column(text) != nullptr; });
      emit(op::RenameColumn{name, first.from, third});
      first.from = third;
    }
  }
  for (std::size_t i = 0; i < options_.renames.size(); ++i) {
    const RenameHint& hint = options_.renames[i];
    if (hint.column.empty() || used[i]) continue;
    result_.warnings.push_back(fmt::format("--rename {}.{}:{} matches nothing: the database has no such column, or the target none called {}",
                                           hint.table.text(), hint.column, hint.to, quoted(hint.to)));
  }
}

void Differ::suggest_tables() {
  const auto alike = [](const Table& a, const Table& b) {
    if (a.columns.size() != b.columns.size()) return false;
    return std::all_of(a.columns.begin(), a.columns.end(), [&](const Column& column) {
      const Column* other = b.find_column(column.name);
      return other != nullptr && schema::equivalent(column.type, other->type);
    });
  };
  std::vector<const Table*> gone;
  std::vector<const Table*> added;
  for (const auto& [name, table] : current().tables) {
    if (target().find_table(name) == nullptr) gone.push_back(&table);
  }
  for (const auto& [name, table] : target().tables) {
    if (!table.external && current().find_table(name) == nullptr) added.push_back(&table);
  }
  for (const Table* old : gone) {
    std::vector<const Table*> matches;
    std::copy_if(added.begin(), added.end(), std::back_inserter(matches), [&](const Table* table) { return alike(*old, *table); });
    if (matches.size() != 1 || std::count_if(gone.begin(), gone.end(), [&](const Table* table) { return alike(*table, *matches.front()); }) != 1)
      continue;
    const Name& now = matches.front()->name;
    result_.suggestions.push_back(fmt::format("table {} goes and {} comes, with the same columns: if it was renamed, run again with --rename {}:{}",
                                              old->name.text(), now.text(), old->name.text(), join_name(std::vector<std::string>{now.name})));
  }
}

void Differ::suggest_columns(const Table& is, const Table& wanted) {
  std::vector<const Column*> gone;
  std::vector<const Column*> added;
  for (const Column& column : is.columns) {
    if (wanted.find_column(column.name) == nullptr) gone.push_back(&column);
  }
  for (const Column& column : wanted.columns) {
    if (is.find_column(column.name) == nullptr) added.push_back(&column);
  }
  const auto alike = [](const Column& a, const Column& b) {
    return schema::equivalent(a.type, b.type) && a.generated.has_value() == b.generated.has_value();
  };
  for (const Column* old : gone) {
    std::vector<const Column*> matches;
    std::copy_if(added.begin(), added.end(), std::back_inserter(matches), [&](const Column* column) { return alike(*old, *column); });
    if (matches.size() != 1 || std::count_if(gone.begin(), gone.end(), [&](const Column* column) { return alike(*column, *matches.front()); }) != 1)
      continue;
    const std::string qualified = is.name.text() + "." + join_name(std::vector<std::string>{old->name});
    result_.suggestions.push_back(fmt::format("{} goes and {} comes, with the same type: if it was renamed, run again with --rename {}:{}", qualified,
                                              matches.front()->name, qualified, join_name(std::vector<std::string>{matches.front()->name})));
  }
}

}  // namespace aludel::diff
