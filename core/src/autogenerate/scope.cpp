#include "scope.hpp"

#include <aludel/schema/equivalent.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <set>

namespace aludel::autogenerate {
namespace {

bool matches_pattern(std::string_view text, std::string_view pattern) {
  // The usual two-pointer walk: on a mismatch go back to the last `*` and let it take one character more.
  std::size_t at = 0;
  std::size_t next = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (at < text.size()) {
    if (next < pattern.size() && (pattern[next] == '?' || pattern[next] == text[at]) && pattern[next] != '*') {
      ++at;
      ++next;
    } else if (next < pattern.size() && pattern[next] == '*') {
      star = next++;
      mark = at;
    } else if (star != std::string_view::npos) {
      next = star + 1;
      at = ++mark;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '*') ++next;
  return next == pattern.size();
}

template <class Map, class Leave>
void erase_if(Map& map, Leave&& leave) {
  for (auto entry = map.begin(); entry != map.end();) entry = leave(*entry) ? map.erase(entry) : std::next(entry);
}

/// Answers "is this name among those?", in ASCII case or not.
class Names {
 public:
  explicit Names(bool fold) : fold_(fold) {}
  void add(std::string_view name) { names_.insert(folded(name)); }
  bool has(std::string_view name) const { return names_.contains(folded(name)); }

 private:
  std::string folded(std::string_view name) const { return fold_ ? to_lower(name) : std::string(name); }

  bool fold_;
  std::set<std::string> names_;
};

schema::Constraint unnamed(schema::Constraint constraint) {
  schema::name_of(constraint).clear();
  return constraint;
}

bool names_column(const schema::Constraint& constraint, const Names& columns) {
  const auto any_part = [&](const std::vector<schema::IndexPart>& parts) {
    return std::any_of(parts.begin(), parts.end(), [&](const schema::IndexPart& part) { return columns.has(part.column); });
  };
  const auto any_name = [&](const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return columns.has(name); });
  };
  if (const auto* unique = std::get_if<schema::Unique>(&constraint)) return any_part(unique->columns);
  if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) return any_name(key->columns);
  return false;
}

/// Takes hand-made columns, constraints and indexes out of a table that both sides have.
class TableScope {
 public:
  TableScope(const Request& request, bool fold_case, std::map<std::string, std::size_t>& counts)
      : request_(request), fold_(fold_case), counts_(counts) {}

  void leave(schema::Table& table, const schema::Table& target, const Managed::Parts* made) const {
    Names columns(fold_);
    for (const schema::Column& column : target.columns) {
      columns.add(column.name);
      for (const std::string& old : column.renamed_from) columns.add(old);
    }
    for (const diff::RenameHint& hint : request_.renames) {
      const bool here = same_name(hint.table.text(), table.name.text()) || same_name(hint.table.text(), target.name.text());
      if (here && !hint.column.empty()) columns.add(hint.column);
    }
    Names left(fold_);
    std::vector<std::string> left_names;
    std::erase_if(table.columns, [&](const schema::Column& column) {
      if (columns.has(column.name) || (made != nullptr && made->columns.contains(column.name))) return false;
      left.add(column.name);
      left_names.push_back(column.name);
      ++counts_["column"];
      return true;
    });
    std::erase_if(table.constraints, [&](const schema::Constraint& constraint) {
      const bool hand_made =
          names_column(constraint, left) || mentions(constraint, table.name, left_names) || hand_made_constraint(constraint, target, made);
      if (hand_made) ++counts_[std::string(schema::kind_of(constraint))];
      return hand_made;
    });
    std::erase_if(table.indexes, [&](const schema::Index& index) {
      const bool on_left = mentions(index.where, table.name, left_names) ||
                           std::any_of(index.columns.begin(), index.columns.end(), [&](const schema::IndexPart& part) {
                             return left.has(part.column) || mentions(part.expression, table.name, left_names);
                           });
      const bool known =
          (made != nullptr && made->indexes.contains(index.name)) ||
          std::any_of(target.indexes.begin(), target.indexes.end(), [&](const schema::Index& wanted) { return same_index(wanted, index); });
      if (on_left || !known) ++counts_["index"];
      return on_left || !known;
    });
  }

 private:
  bool same_name(std::string_view a, std::string_view b) const { return fold_ ? equals_ignoring_case(a, b) : a == b; }

  /// Does the expression name one of these columns of the table?
  bool mentions(const schema::Boxed<schema::Expression>& expression, const schema::Name& table, const std::vector<std::string>& columns) const {
    if (!expression) return false;
    const std::string& text = expression->canonical.empty() ? expression->declared : expression->canonical;
    const op::Rewriter& rewriter = request_.dialect->rewriter();
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) { return rewriter.mentions_column(text, table, column); });
  }
  bool mentions(const schema::Constraint& constraint, const schema::Name& table, const std::vector<std::string>& columns) const {
    const auto* check = std::get_if<schema::Check>(&constraint);
    return check != nullptr && mentions(check->expression, table, columns);
  }

  bool same_index(const schema::Index& wanted, schema::Index index) const {
    if (same_name(wanted.name, index.name)) return true;
    index.name = wanted.name;  // one that says the same under another name is a rename
    return schema::equivalent(wanted, index);
  }

  bool hand_made_constraint(const schema::Constraint& constraint, const schema::Table& target, const Managed::Parts* made) const {
    const std::string& name = schema::name_of(constraint);
    // A primary key belongs to its table, and nobody can tell who made what has no name.
    if (std::holds_alternative<schema::PrimaryKey>(constraint) || name.empty()) return false;
    if (made != nullptr && made->constraints.contains(name)) return false;
    return std::none_of(target.constraints.begin(), target.constraints.end(), [&](const schema::Constraint& wanted) {
      return same_name(schema::name_of(wanted), name) || schema::equivalent(unnamed(wanted), unnamed(constraint));
    });
  }

  const Request& request_;
  bool fold_;
  std::map<std::string, std::size_t>& counts_;
};

}  // namespace

bool matches(const schema::Name& name, const std::vector<std::string>& patterns) {
  const std::string full = name.schema.empty() ? name.name : name.schema + "." + name.name;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return matches_pattern(full, pattern) || (pattern.find('.') == std::string::npos && matches_pattern(name.name, pattern));
  });
}

void apply_patterns(schema::Metadata& metadata, const std::vector<std::string>& include, const std::vector<std::string>& exclude) {
  if (include.empty() && exclude.empty()) return;
  const auto left_out = [&](const schema::Name& name) { return (!include.empty() && !matches(name, include)) || matches(name, exclude); };
  erase_if(metadata.tables, [&](const auto& entry) { return left_out(entry.first); });
  erase_if(metadata.enums, [&](const auto& entry) { return left_out(entry.first); });
  erase_if(metadata.sequences, [&](const auto& entry) { return left_out(entry.first); });
  erase_if(metadata.objects, [&](const auto& entry) {
    const schema::ObjectKey& key = entry.first;
    // A trigger goes where its table or view goes; it can be excluded by its own name too.
    return key.parent.empty() ? left_out(key.name) : left_out(schema::parse_name(key.parent)) || matches(key.name, exclude);
  });
}

void leave_unmanaged(Request& request, bool fold_case, std::map<std::string, std::size_t>& counts) {
  const schema::Metadata& target = request.target;
  const Managed& managed = request.managed;
  std::map<std::string, const schema::Table*> wanted;
  const auto key = [&](const schema::Name& name) { return fold_case ? to_lower(name.text()) : name.text(); };
  for (const auto& [name, table] : target.tables) {
    wanted[key(name)] = &table;
    for (const std::string& old : table.renamed_from) wanted.try_emplace(key({name.schema, old}), &table);
  }
  for (const diff::RenameHint& hint : request.renames) {
    if (hint.column.empty() && target.find_table({hint.table.schema, hint.to}) != nullptr) {
      wanted.try_emplace(key(hint.table), target.find_table({hint.table.schema, hint.to}));
    }
  }

  const TableScope scope(request, fold_case, counts);
  std::set<std::string> gone;
  for (auto entry = request.current.tables.begin(); entry != request.current.tables.end();) {
    const auto& [name, table] = *entry;
    const auto target_table = wanted.find(key(name));
    const auto made = managed.tables.find(name);
    if (target_table == wanted.end() && made == managed.tables.end()) {
      ++counts["table"];
      gone.insert(name.text());
      entry = request.current.tables.erase(entry);
      continue;
    }
    if (target_table != wanted.end() && !target_table->second->external) {
      scope.leave(request.current.tables.at(name), *target_table->second, made == managed.tables.end() ? nullptr : &made->second);
    }
    ++entry;
  }
  erase_if(request.current.enums, [&](const auto& one) {
    const bool left = !target.enums.contains(one.first) && !managed.others.contains(enum_key(one.first));
    if (left) ++counts["enum"];
    return left;
  });
  erase_if(request.current.sequences, [&](const auto& one) {
    const bool left = !target.sequences.contains(one.first) && !managed.others.contains(sequence_key(one.first));
    if (left) ++counts["sequence"];
    return left;
  });
  erase_if(request.current.schemas, [&](const auto& one) {
    const bool left = !target.schemas.contains(one.first) && !managed.others.contains(schema_key(one.first));
    if (left) ++counts["schema"];
    return left;
  });
  Names objects(fold_case);
  for (const auto& [object, definition] : target.objects) objects.add(object.text());
  for (const std::string& other : managed.others) objects.add(other);
  erase_if(request.current.objects, [&](const auto& one) {
    const bool left = gone.contains(one.first.parent) || !objects.has(one.first.text());
    if (left) ++counts[one.first.kind];
    return left;
  });
}

}  // namespace aludel::autogenerate
