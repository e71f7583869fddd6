#include <aludel/text.hpp>

#include <algorithm>

#include "differ.hpp"

namespace aludel::diff {
namespace {

using schema::name_of;
const std::string& name_of(const Index& index) { return index.name; }
void set_name(Constraint& constraint, const std::string& name) { schema::name_of(constraint) = name; }
void set_name(Index& index, const std::string& name) { index.name = name; }
bool one_kind(const Constraint& a, const Constraint& b) { return a.index() == b.index(); }
bool one_kind(const Index&, const Index&) { return true; }
bool is_primary_key(const Constraint& constraint) { return std::holds_alternative<schema::PrimaryKey>(constraint); }
bool is_primary_key(const Index&) { return false; }

template <class T>
bool equal_but_for_name(const T& a, T b, const schema::Comparison& how) {
  set_name(b, name_of(a));
  return schema::equivalent(a, b, how);
}

template <class T>
Pairing pair(const std::vector<T>& from, const std::vector<T>& to, const Options& options) {
  Pairing pairing;
  std::vector<bool> used(to.size(), false);
  std::vector<std::size_t> left;
  const auto same_name = [&](const T& a, const T& b) {
    if (is_primary_key(a) && is_primary_key(b)) return true;
    if (name_of(a).empty() || name_of(b).empty()) return false;
    return options.fold_case ? equals_ignoring_case(name_of(a), name_of(b)) : name_of(a) == name_of(b);
  };
  const auto find = [&](std::size_t i, auto&& matches) {
    for (std::size_t j = 0; j < to.size(); ++j) {
      if (!used[j] && one_kind(from[i], to[j]) && matches(from[i], to[j])) return j;
    }
    return to.size();
  };
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t j = find(i, same_name);
    if (j == to.size()) {
      left.push_back(i);
      continue;
    }
    used[j] = true;
    if (!equal_but_for_name(from[i], to[j], options.comparison)) {
      pairing.altered.emplace_back(i, j);
    } else if (!name_of(from[i]).empty() && !name_of(to[j]).empty() &&
               !(options.fold_case && equals_ignoring_case(name_of(from[i]), name_of(to[j]))) && name_of(from[i]) != name_of(to[j])) {
      pairing.renamed.emplace_back(i, j);
    } else {
      pairing.same.emplace_back(i, j);
    }
  }
  for (const std::size_t i : left) {
    const std::size_t j = find(i, [&](const T& a, const T& b) { return equal_but_for_name(a, b, options.comparison); });
    if (j == to.size()) {
      pairing.dropped.push_back(i);
      continue;
    }
    used[j] = true;
    const bool named = !name_of(from[i]).empty() && !name_of(to[j]).empty();
    (named ? pairing.renamed : pairing.same).emplace_back(i, j);
  }
  for (std::size_t j = 0; j < to.size(); ++j) {
    if (!used[j]) pairing.added.push_back(j);
  }
  return pairing;
}

template <class T>
void clear_alterable(T& constraint) {
  constraint.comment.clear();
}
void clear_alterable(schema::ForeignKey& key) {
  key.comment.clear();
  key.deferrable = schema::Deferrable::no;
  key.validated = true;
}
void clear_alterable(schema::Check& check) {
  check.comment.clear();
  check.validated = true;
  check.enforced = true;
}

}  // namespace

Pairing pair_constraints(const Table& from, const Table& to, const Options& options) { return pair(from.constraints, to.constraints, options); }
Pairing pair_indexes(const Table& from, const Table& to, const Options& options) { return pair(from.indexes, to.indexes, options); }

bool alterable(const Constraint& from, const Constraint& to, const schema::Comparison& how) {
  // Without a name there is nothing to say which one is altered.
  if (name_of(from).empty() || from.index() != to.index()) return false;
  Constraint a = from;
  Constraint b = to;
  for (Constraint* one : {&a, &b}) std::visit([](auto& constraint) { clear_alterable(constraint); }, *one);
  return equal_but_for_name(a, b, how);
}

bool alterable(const Index& from, const Index& to, const schema::Comparison& how) {
  Index a = from;
  Index b = to;
  a.comment.clear();
  b.comment.clear();
  return equal_but_for_name(a, b, how);
}

}  // namespace aludel::diff
