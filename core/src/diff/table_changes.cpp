#include "diff/table_changes.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <unordered_map>

#include "op/overloaded.hpp"

namespace aludel::diff {

using op::Change;
using schema::Column;
using schema::Constraint;
using schema::Index;
using schema::Table;

namespace {

template <class T>
using Fates = std::vector<TableChanges::Fate<T>>;
template <class T>
using How = typename TableChanges::Fate<T>::How;

template <class T>
void set_if_different(std::optional<Change<T>>& change, const T& from, const T& to, bool same) {
  if (!same) change = Change<T>{from, to};
}

bool same(const schema::Boxed<schema::Generated>& a, const schema::Boxed<schema::Generated>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->stored == b->stored && schema::equivalent(a->expression, b->expression);
}

void fold(std::string& name) { name = to_lower(name); }
void fold(std::vector<std::string>& names) {
  for (auto& name : names) fold(name);
}
void fold(std::vector<schema::IndexPart>& parts) {
  for (auto& part : parts) fold(part.column);
}

Constraint folded(Constraint constraint) {
  fold(name_of(constraint));
  std::visit(op::Overloaded{[](schema::PrimaryKey& key) { fold(key.columns); },
                            [](schema::Unique& key) {
                              fold(key.columns);
                              fold(key.include);
                            },
                            [](schema::Check&) {},
                            [](schema::ForeignKey& key) {
                              fold(key.columns);
                              fold(key.on_delete_columns);
                              fold(key.referenced_columns);
                              fold(key.referenced_table.schema);
                              fold(key.referenced_table.name);
                            },
                            [](schema::Exclude& exclude) {
                              for (auto& element : exclude.elements) fold(element.part.column);
                            }},
             constraint);
  return constraint;
}

Index folded(Index index) {
  fold(index.name);
  fold(index.columns);
  fold(index.include);
  return index;
}

std::string& name_of(Index& index) { return index.name; }
const std::string& name_of(const Index& index) { return index.name; }
using schema::name_of;

/// Makes two constraints of one kind the same in all that a server can alter in place: deferrability, validity, the comment.
void forget_alterable(Constraint& constraint, const Constraint& like) {
  std::visit(
      [&]<class T>(T& held) {
        const T& other = std::get<T>(like);
        held.comment = other.comment;
        if constexpr (requires { held.deferrable; }) held.deferrable = other.deferrable;
        if constexpr (requires { held.validated; }) held.validated = other.validated;
        if constexpr (requires { held.enforced; }) held.enforced = other.enforced;
      },
      constraint);
}
void forget_alterable(Index& index, const Index& like) { index.comment = like.comment; }

bool same_kind(const Constraint& a, const Constraint& b) { return a.index() == b.index(); }
bool same_kind(const Index&, const Index&) { return true; }

/// Pairs the constraints, or the indexes, of the two tables.
template <class T>
class Matcher {
 public:
  Matcher(const std::vector<T>& from, const std::vector<T>& to, const Options& options, Fates<T>& fates, std::vector<const T*>& added)
      : from_(from), to_(to), options_(options), fates_(fates), added_(added) {}

  void run() {
    fates_.assign(from_.size(), {});
    if (in_order()) return;
    taken_.assign(to_.size(), false);
    by_name();
    by_content(true);
    by_content(false);
    for (std::size_t i = 0; i < to_.size(); ++i) {
      if (!taken_[i]) added_.push_back(&to_[i]);
    }
  }

 private:
  /// The common case: nothing changed.
  bool in_order() {
    if (from_.size() != to_.size()) return false;
    for (std::size_t i = 0; i < to_.size(); ++i) {
      if (name_of(from_[i]) != name_of(to_[i]) || !schema::equivalent(from_[i], to_[i], options_.comparison)) return false;
    }
    for (std::size_t i = 0; i < to_.size(); ++i) fates_[i].to = &to_[i];
    return true;
  }

  void take(std::size_t from, std::size_t to, How<T> how) {
    fates_[from] = {&to_[to], how};
    taken_[to] = true;
  }

  /// Modulo the name.
  bool same_content(const T& a, const T& b) const {
    if (!same_kind(a, b)) return false;
    T copy = a;
    name_of(copy) = name_of(b);
    if (schema::equivalent(copy, b, options_.comparison)) return true;
    return options_.fold_case && schema::equivalent(folded(std::move(copy)), folded(b), options_.comparison);
  }

  bool alterable(const T& a, const T& b) const {
    if (!same_kind(a, b)) return false;
    T copy = a;
    forget_alterable(copy, b);
    return same_content(copy, b);
  }

  How<T> same_name(const T& a, const T& b) const {
    if (same_content(a, b)) return How<T>::keep;
    return alterable(a, b) ? How<T>::alter : How<T>::recreate;
  }

  void by_name() {
    std::unordered_map<std::string_view, std::size_t> names;
    for (std::size_t i = 0; i < to_.size(); ++i) {
      if (!name_of(to_[i]).empty()) names.emplace(name_of(to_[i]), i);
    }
    for (std::size_t i = 0; i < from_.size(); ++i) {
      const auto found = name_of(from_[i]).empty() ? names.end() : names.find(name_of(from_[i]));
      if (found == names.end() || taken_[found->second]) continue;
      const How<T> how = same_name(from_[i], to_[found->second]);
      // Something else under the same name may yet be found, without a name or under another, among what is left.
      if (how != How<T>::recreate) take(i, found->second, how);
    }
    for (std::size_t i = 0; i < from_.size(); ++i) {
      if (fates_[i].to || name_of(from_[i]).empty()) continue;
      const auto found = names.find(name_of(from_[i]));
      if (found != names.end() && !taken_[found->second]) take(i, found->second, How<T>::recreate);
    }
  }

  void by_content(bool exactly) {
    for (std::size_t i = 0; i < from_.size(); ++i) {
      if (fates_[i].to) continue;
      // First those of which one side has no name, which is no difference.
      for (const bool renamed : {false, true}) {
        const auto j = find(from_[i], exactly, renamed);
        if (j == to_.size()) continue;
        const bool keeps_name = !renamed || !names_count();
        take(i, j, exactly ? (keeps_name ? How<T>::keep : How<T>::rename) : (keeps_name ? How<T>::alter : How<T>::recreate));
        break;
      }
    }
  }

  std::size_t find(const T& from, bool exactly, bool renamed) const {
    for (std::size_t j = 0; j < to_.size(); ++j) {
      const bool both_named = !name_of(from).empty() && !name_of(to_[j]).empty();
      if (taken_[j] || both_named != renamed) continue;
      if (exactly ? same_content(from, to_[j]) : alterable(from, to_[j])) return j;
    }
    return to_.size();
  }

  bool names_count() const { return options_.comparison.constraint_names || std::is_same_v<T, Index>; }

  const std::vector<T>& from_;
  const std::vector<T>& to_;
  const Options& options_;
  Fates<T>& fates_;
  std::vector<const T*>& added_;
  std::vector<bool> taken_;
};

void compare_columns(const Table& from, const Table& to, const Options& options, TableChanges& changes) {
  const auto compare_pair = [&](const Column& a, const Column& b) {
    if (auto altered = diff::compare_columns(from.name, a, b, options)) changes.altered.push_back(std::move(*altered));
  };
  const auto same_name = [](const Column& a, const Column& b) { return a.name == b.name; };
  if (std::equal(from.columns.begin(), from.columns.end(), to.columns.begin(), to.columns.end(), same_name)) {
    for (std::size_t i = 0; i < from.columns.size(); ++i) compare_pair(from.columns[i], to.columns[i]);
    return;
  }
  std::unordered_map<std::string_view, const Column*> old;
  for (const auto& column : from.columns) old.emplace(column.name, &column);
  for (const auto& column : to.columns) {
    const auto found = old.find(column.name);
    if (found == old.end()) {
      changes.added.push_back(&column);
    } else {
      compare_pair(*found->second, column);
      old.erase(found);
    }
  }
  if (to.partial) return;
  for (const auto& column : from.columns) {
    if (old.contains(column.name)) changes.dropped.push_back(&column);
  }
}

/// What a partial table's struct does not know keeps its keys and indexes.
void keep_unknown(const Table& from, const Table& to, const Options& options, TableChanges& changes) {
  schema::Metadata alone;
  alone.add(from);
  const op::Dependencies dependencies(alone, *options.rewriter);
  for (const auto& column : from.columns) {
    if (to.find_column(column.name)) continue;
    for (const auto& dependent : dependencies.of_column(from.name, column.name)) {
      if (dependent.kind == op::Dependent::Kind::constraint && !changes.constraints[dependent.position].to) {
        changes.constraints[dependent.position].to = &from.constraints[dependent.position];
      }
      if (dependent.kind == op::Dependent::Kind::index && !changes.indexes[dependent.position].to) {
        changes.indexes[dependent.position].to = &from.indexes[dependent.position];
      }
    }
  }
}

}  // namespace

bool TableChanges::empty() const {
  const auto kept = [](const auto& fate) { return fate.to && fate.how == std::decay_t<decltype(fate)>::How::keep; };
  return added.empty() && dropped.empty() && altered.empty() && new_constraints.empty() && new_indexes.empty() && !table &&
         std::all_of(constraints.begin(), constraints.end(), kept) && std::all_of(indexes.begin(), indexes.end(), kept);
}

std::optional<op::AlterColumn> compare_columns(const schema::Name& table, const Column& from, const Column& to, const Options& options) {
  const schema::Comparison& how = options.comparison;
  if (schema::equivalent(from, to, how)) return std::nullopt;
  op::AlterColumn body;
  body.table = table;
  body.column = from.name;
  set_if_different(body.type, from.type, to.type, schema::equivalent(from.type, to.type));
  set_if_different(body.nullable, from.nullable, to.nullable, from.nullable == to.nullable);
  set_if_different(body.server_default, from.server_default, to.server_default, schema::equivalent(from.server_default, to.server_default));
  set_if_different(body.generated, from.generated, to.generated, same(from.generated, to.generated));
  set_if_different(body.identity, from.identity, to.identity, from.identity == to.identity);
  set_if_different(body.collation, from.collation, to.collation, from.collation == to.collation);
  set_if_different(body.comment, from.comment, to.comment, !how.comments || from.comment == to.comment);
  set_if_different(body.options, from.options, to.options, schema::equivalent(from.options, to.options, how));
  if (body.nullable && !body.nullable->to) body.backfill = to.backfill;
  return body;
}

TableChanges compare_tables(const Table& from, const Table& to, const Options& options) {
  const schema::Comparison& how = options.comparison;
  TableChanges changes;
  changes.from = &from;
  changes.to = &to;
  compare_columns(from, to, options, changes);
  Matcher<Constraint>(from.constraints, to.constraints, options, changes.constraints, changes.new_constraints).run();
  Matcher<Index>(from.indexes, to.indexes, options, changes.indexes, changes.new_indexes).run();
  if (to.partial) keep_unknown(from, to, options, changes);
  const bool comment = how.comments && from.comment != to.comment;
  const bool table_options = !schema::equivalent(from.options, to.options, how);
  if (comment || table_options) {
    changes.table.emplace();
    changes.table->table = from.name;
    if (comment) changes.table->comment = Change<std::string>{from.comment, to.comment};
    if (table_options) changes.table->options = Change<schema::Options>{from.options, to.options};
  }
  return changes;
}

}  // namespace aludel::diff
