#pragma once

#include <aludel/diff/compare.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aludel::diff {

/// How two versions of a table differ, before anything is said about order. Pointers and positions are into the two tables.
struct TableChanges {
  /// What becomes of one constraint or index of the old table.
  template <class T>
  struct Fate {
    const T* to = nullptr;  ///< its counterpart; null: dropped
    enum class How { keep, rename, alter, recreate } how = How::keep;
  };

  const schema::Table* from = nullptr;
  const schema::Table* to = nullptr;
  std::vector<const schema::Column*> added, dropped;
  std::vector<op::AlterColumn> altered;
  std::vector<Fate<schema::Constraint>> constraints;  ///< by position in `from`
  std::vector<const schema::Constraint*> new_constraints;
  std::vector<Fate<schema::Index>> indexes;
  std::vector<const schema::Index*> new_indexes;
  std::optional<op::AlterTable> table;

  bool empty() const;
};

/// Compares two tables of one name.
TableChanges compare_tables(const schema::Table& from, const schema::Table& to, const Options& options);
/// The properties in which the column differs, from and to; nullopt where there are none.
std::optional<op::AlterColumn> compare_columns(const schema::Name& table, const schema::Column& from, const schema::Column& to,
                                               const Options& options);

}  // namespace aludel::diff
