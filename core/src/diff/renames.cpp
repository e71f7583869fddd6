#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "diff/working.hpp"
#include "op/freeing.hpp"

namespace aludel::diff {

using schema::Column;
using schema::Metadata;
using schema::Name;
using schema::Table;

// A hint is taken when the old name is there and the new one is not. Where both are there, the hint may have been followed already and stand in the
// model still; then it is only taken where the new name is itself renamed away: at the end of a chain, or in a ring (a and b swapped). A ring that
// closes says nothing about whether it was followed, so there what the things look like decides, unless the command line asks for it.

namespace {

template <class Key>
struct Wish {
  Key from, to;
  bool asked = false;  // on the command line
};

/// What the rules above need to know of the things that are renamed.
template <class Key>
struct Things {
  std::function<bool(const Key&)> in_from;
  std::function<bool(const Key& from, const Key& to)> alike;
  std::function<std::string(const Key&)> shown;
  std::function<Key(const Key&)> spare;  // a name that nothing has
};

template <class Key>
class Resolver {
 public:
  Resolver(Working& working, const Things<Key>& things) : working_(working), things_(things) {}

  void wish(const Wish<Key>& wish) {
    if (wish.from == wish.to || !things_.in_from(wish.from) || by_target_.contains(wish.to)) return;
    const auto [taken, first] = by_source_.emplace(wish.from, wish.to);
    if (!first) {
      working_.warn(fmt::format("{} cannot become both {} and {}: the second is ignored", things_.shown(wish.from), things_.shown(taken->second),
                                things_.shown(wish.to)));
      return;
    }
    by_target_.emplace(wish.to, wish);
  }

  /// The renames to run, one after the other.
  std::vector<std::pair<Key, Key>> resolve() {
    drop_done();
    drop_undecided_rings();
    return ordered();
  }

 private:
  void forget(const Key& target) {
    by_source_.erase(by_target_.at(target).from);
    by_target_.erase(target);
  }

  void drop_done() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [target, wish] : by_target_) {
        if (!things_.in_from(target) || by_source_.contains(target)) continue;
        if (wish.asked) {
          working_.warn(fmt::format("{} is not renamed to {}: there is one of that name already", things_.shown(wish.from), things_.shown(target)));
        }
        forget(target);
        changed = true;
        break;
      }
    }
  }

  void drop_undecided_rings() {
    std::set<Key> seen;
    std::vector<std::vector<Key>> rings;
    for (const auto& [target, wish] : by_target_) {
      std::vector<Key> ring;
      Key at = target;
      while (by_source_.contains(at) && seen.insert(at).second) {
        ring.push_back(at);
        at = by_source_.at(at);
      }
      if (!ring.empty() && at == target) rings.push_back(std::move(ring));
    }
    for (const auto& ring : rings) {
      bool asked = false, done = true, wanted = true;
      for (const auto& key : ring) {
        asked |= by_target_.at(key).asked;
        done &= things_.alike(key, key);
        wanted &= things_.alike(by_target_.at(key).from, key);
      }
      if (asked || (wanted && !done)) continue;
      if (!done || wanted) {
        std::vector<std::string> names;
        for (const auto& key : ring) names.push_back(things_.shown(key));
        working_.warn(
            fmt::format("the renames among {} form a ring, and it cannot be told whether they were done: none is. To rename, say so with "
                        "--rename; else remove the hints",
                        join(names, ", ")));
      }
      for (const auto& key : ring) forget(key);
    }
  }

  std::vector<std::pair<Key, Key>> ordered() {
    std::vector<std::pair<Key, Key>> steps;
    while (!by_target_.empty()) {
      // A name is free once what had it is gone.
      const auto free = std::find_if(by_target_.begin(), by_target_.end(), [&](const auto& entry) { return !by_source_.contains(entry.first); });
      if (free == by_target_.end()) {
        Wish<Key>& wish = by_target_.begin()->second;
        const Key spare = things_.spare(wish.from);
        steps.emplace_back(wish.from, spare);
        by_source_.erase(wish.from);
        by_source_.emplace(spare, wish.to);
        wish.from = spare;
        continue;
      }
      steps.emplace_back(free->second.from, free->first);
      by_source_.erase(free->second.from);
      by_target_.erase(free);
    }
    return steps;
  }

  Working& working_;
  const Things<Key>& things_;
  std::map<Key, Wish<Key>> by_target_;
  std::map<Key, Key> by_source_;
};

bool alike(const Column& a, const Column& b, const schema::Comparison& how) {
  Column copy = a;
  copy.name = b.name;
  return schema::equivalent(copy, b, how);
}

bool alike(const Table& a, const Table& b, const schema::Comparison& how) {
  if (a.columns.size() != b.columns.size()) return false;
  return std::all_of(a.columns.begin(), a.columns.end(), [&](const Column& column) {
    const Column* other = b.find_column(column.name);
    return other && alike(column, *other, how);
  });
}

/// The name as the schema spells it, where the dialect takes both spellings for one.
Name spelled(const Name& name, const Metadata& schema, const Options& options) {
  if (!options.fold_case || schema.tables.contains(name)) return name;
  for (const auto& [other, table] : schema.tables) {
    if (equals_ignoring_case(other.name, name.name) && equals_ignoring_case(other.schema, name.schema)) return other;
  }
  return name;
}

std::string spelled(const std::string& column, const Table& table, const Options& options) {
  if (!options.fold_case || table.find_column(column)) return column;
  for (const auto& other : table.columns) {
    if (equals_ignoring_case(other.name, column)) return other.name;
  }
  return column;
}

/// A name of the old schema that a hint in a model of this schema means.
Name hinted(const std::string& text, const Name& of, const Metadata& from, const Options& options) {
  const Name plain = spelled({of.schema, text}, from, options);
  if (from.tables.contains(plain)) return plain;
  try {
    return spelled(schema::parse_name(text), from, options);
  } catch (const Error&) {
    return plain;  // a hint that is no name matches nothing
  }
}

class TableRenames {
 public:
  TableRenames(Working& working, const Metadata& to) : working_(working), to_(to), from_(working.now()) {}

  std::vector<std::pair<Name, Name>> run() {
    const Things<Name> things{[this](const Name& name) { return from_.tables.contains(name); },
                              [this](const Name& a, const Name& b) { return alike(from_.tables.at(a), to_.tables.at(b), working_.how()); },
                              [](const Name& name) { return "table " + quoted(name.text()); }, [this](const Name& name) { return spare(name); }};
    Resolver<Name> resolver(working_, things);
    for (const auto& hint : working_.options().renames) {
      if (!is_table(hint)) continue;
      const Name said = hint.column.empty() ? hint.table : Name{hint.table.name, hint.column};
      const Name old = spelled(said, from_, working_.options());
      const Name renamed = spelled({old.schema, hint.to}, to_, working_.options());
      if (check(old, renamed)) resolver.wish({old, renamed, true});
    }
    for (const auto& [name, table] : to_.tables) {
      if (table.external || table.renamed_from.empty()) continue;
      bool found = from_.tables.contains(name);
      for (const auto& text : table.renamed_from) {
        const Name old = hinted(text, name, from_, working_.options());
        found |= from_.tables.contains(old);
        resolver.wish({old, name, false});
      }
      if (!found && !from_.tables.empty()) {
        working_.warn(fmt::format("table {} is new: no table has the name that it is said to have had ({})", quoted(name.text()),
                                  printable(join(table.renamed_from, ", "))));
      }
    }
    return resolver.resolve();
  }

  /// schema.table:new reads as table.column:new; what there is decides.
  bool is_table(const RenameHint& hint) const {
    if (hint.column.empty()) return true;
    return hint.table.schema.empty() && !from_.tables.contains(hint.table) && !to_.tables.contains(hint.table) &&
           from_.tables.contains({hint.table.name, hint.column});
  }

 private:
  bool check(const Name& old, const Name& renamed) {
    const auto shown = fmt::format("--rename {}:{}", printable(old.text()), printable(renamed.name));
    if (from_.tables.contains(old) && to_.tables.contains(renamed)) return true;
    if (!to_.tables.contains(renamed)) {
      working_.warn(fmt::format("{} matches nothing: the target has no table {}", shown, quoted(renamed.text())));
    } else if (!from_.tables.contains(renamed)) {
      working_.warn(fmt::format("{} matches nothing: there is no table {}", shown, quoted(old.text())));
    }
    return false;
  }

  Name spare(const Name& name) const {
    Name candidate{name.schema, name.name + "_renamed"};
    while (from_.tables.contains(candidate) || to_.tables.contains(candidate)) candidate.name += "_";
    return candidate;
  }

  Working& working_;
  const Metadata& to_;
  const Metadata& from_;
};

/// A view that is in the way of the new name is dropped for it, with what depends on it; the target has them anew if it wants them.
void clear_way(Working& working, const Name& name) {
  for (bool found = true; found;) {
    found = false;
    for (const auto& [key, object] : working.now().objects) {
      if (key.name != name || !key.parent.empty() || !op::is_relation(key.kind)) continue;
      const op::Operation drop = op::DropObject{key, object};
      op::Operations steps = op::free_dependents(drop, working.now(), *working.options().rewriter).before;
      for (const auto& child : op::Dependencies(working.now(), *working.options().rewriter).children_of(name)) {
        steps.emplace_back(op::DropObject{child, working.now().objects.at(child)});
      }
      steps.push_back(drop);
      for (auto& step : steps) {
        const auto* dropped = std::get_if<op::DropObject>(&step.body);
        if (!dropped || working.now().objects.contains(dropped->object)) working.run(std::move(step));
      }
      found = true;
      break;
    }
  }
}

void rename_table(Working& working, const Name& from, const Name& to) {
  Name at = from;
  if (from.schema != to.schema) {
    op::AlterTable move;
    move.table = from;
    move.schema = op::Change<std::string>{from.schema, to.schema};
    clear_way(working, {to.schema, from.name});
    working.run(std::move(move));
    at.schema = to.schema;
  }
  if (at.name == to.name) return;
  clear_way(working, to);
  working.run(op::RenameTable{at, to.name});
}

void rename_columns(Working& working, const Name& name, const Table& to, const std::vector<const RenameHint*>& asked) {
  const Table& from = working.now().tables.at(name);
  const auto text = [&](const std::string& column) {
    std::vector<std::string> parts{name.name, column};
    if (!name.schema.empty()) parts.insert(parts.begin(), name.schema);
    return join_name(parts);
  };
  const Things<std::string> things{
      [&](const std::string& column) { return from.find_column(column) != nullptr; },
      [&](const std::string& a, const std::string& b) { return alike(*from.find_column(a), *to.find_column(b), working.how()); },
      [&](const std::string& column) { return "column " + quoted(text(column)); },
      [&](const std::string& column) {
        std::string spare = column + "_renamed";
        while (from.find_column(spare) || to.find_column(spare)) spare += "_";
        return spare;
      }};
  Resolver<std::string> resolver(working, things);
  const Options& options = working.options();
  for (const auto* hint : asked) {
    const std::string old = spelled(hint->column, from, options);
    const std::string renamed = spelled(hint->to, to, options);
    const std::string shown = fmt::format("--rename {}:{}", printable(text(hint->column)), printable(hint->to));
    if (!to.find_column(renamed)) {
      working.warn(fmt::format("{} matches nothing: the target has no column {}", shown, quoted(text(hint->to))));
    } else if (!from.find_column(old) && !from.find_column(renamed)) {
      working.warn(fmt::format("{} matches nothing: there is no column {}", shown, quoted(text(hint->column))));
    } else {
      resolver.wish({old, renamed, true});
    }
  }
  for (const auto& column : to.columns) {
    bool found = column.renamed_from.empty() || from.find_column(column.name);
    for (const auto& hint : column.renamed_from) {
      const std::string old = spelled(hint, from, options);
      found |= from.find_column(old) != nullptr;
      resolver.wish({old, column.name, false});
    }
    if (!found) {
      working.warn(fmt::format("column {} is new: no column of the table has the name that it is said to have had ({})", quoted(text(column.name)),
                               printable(join(column.renamed_from, ", "))));
    }
  }
  for (const auto& [old, renamed] : resolver.resolve()) working.run(op::RenameColumn{name, old, renamed});
}

void rename_enums(Working& working, const Metadata& to) {
  for (const auto& [name, type] : to.enums) {
    if (working.now().enums.contains(name)) continue;
    for (const auto& old : type.renamed_from) {
      const Name from{name.schema, old};
      if (!working.now().enums.contains(from) || to.enums.contains(from)) continue;
      working.run(op::RenameObject{{"enum", from, "", ""}, name.name});
      break;
    }
  }
}

}  // namespace

void take_renames(Working& working, const Metadata& to) {
  rename_enums(working, to);
  TableRenames tables(working, to);
  std::vector<const RenameHint*> of_columns;
  for (const auto& hint : working.options().renames) {
    if (!tables.is_table(hint)) of_columns.push_back(&hint);
  }
  std::map<Name, Name> renamed;  // as the user calls a table, old or new
  for (const auto& [from, name] : tables.run()) {
    rename_table(working, from, name);
    for (auto& [old, now] : renamed) {
      if (now == from) now = name;
    }
    renamed.emplace(from, name);
  }
  std::map<Name, std::vector<const RenameHint*>> by_table;
  for (const auto* hint : of_columns) {
    const auto moved = std::find_if(renamed.begin(), renamed.end(), [&](const auto& entry) {
      return entry.first == hint->table || (working.options().fold_case && equals_ignoring_case(entry.first.text(), hint->table.text()));
    });
    const Name said = spelled(hint->table, to, working.options());
    const Name name = moved != renamed.end() && !to.tables.contains(said) ? moved->second : said;
    if (working.now().tables.contains(name) && to.tables.contains(name)) {
      by_table[name].push_back(hint);
    } else {
      working.warn(fmt::format("--rename {}.{}:{} matches nothing: there is no such table on both sides", printable(hint->table.text()),
                               printable(hint->column), printable(hint->to)));
    }
  }
  for (const auto& [name, table] : to.tables) {
    if (table.external || !working.now().tables.contains(name)) continue;
    const auto asked = by_table.find(name);
    const bool hinted = std::any_of(table.columns.begin(), table.columns.end(), [](const Column& column) { return !column.renamed_from.empty(); });
    if (hinted || asked != by_table.end()) {
      rename_columns(working, name, table, asked == by_table.end() ? std::vector<const RenameHint*>() : asked->second);
    }
  }
}

}  // namespace aludel::diff
