#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/op/rewriter.hpp>
#include <aludel/schema/equivalent.hpp>

#include <functional>
#include <string>
#include <vector>

namespace aludel::diff {

/// `--rename old:new` (a table) or `--rename table.old:new` (a column).
struct RenameHint {
  schema::Name table;
  std::string column;  ///< empty: the table itself
  std::string to;
};
/// Throws Error(usage).
ALUDEL_API RenameHint parse_rename(std::string_view text);

struct Options {
  schema::Comparison comparison{};
  bool fold_case = false;       ///< names that differ in ASCII case only are the same name (SQLite, MySQL columns)
  bool replace_objects = true;  ///< false: a changed object is dropped and created
  std::vector<RenameHint> renames{};
  const op::Rewriter* rewriter = &op::standard_rewriter();
};

struct Result {
  op::Operations operations;
  /// "hero.secret_name was dropped and hero.alias added, alike: if it was renamed, run again with --rename hero.secret_name:alias"
  std::vector<std::string> suggestions;
  /// What the summary warns of: a NOT NULL column without a default, a hint that matched nothing, ...
  std::vector<std::string> warnings;
};

/// The operations that turn `from` into `to`: apply(compare(a, b), a) is equivalent to b, and compare(a, a) is empty (law 1).
///
/// Ordered by dependency (foreign keys that form a cycle are added last, dropped first; objects after what they depend on), otherwise
/// by name, so that the result is the same every time. Compares canonical spellings and emits the declared ones of `to`. Renames are taken only from
/// hints (`renamed_from` in `to`, Options::renames). Column order alone is no difference. Destructive operations carry DataLoss::review. A NOT NULL
/// column added to an existing table without default, backfill, identity or generated value gets a remark and a warning. Columns that a `partial`
/// table of `to` does not know are kept; `external` tables are never touched. Pure; cost grows linearly with the schemas.
ALUDEL_API Result compare(const schema::Metadata& from, const schema::Metadata& to, const Options& options = {});

}  // namespace aludel::diff
