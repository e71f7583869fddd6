#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/op/rewriter.hpp>
#include <aludel/schema/equivalent.hpp>

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
/// First schemas, renames and enumerations, then all drops, new tables, changes to tables, keys, indexes, and objects last; within that by
/// dependency, then by name, so that the result is the same every time. Foreign keys that form a cycle, or need a key that is yet to come, are added
/// last. Functions and other objects that tables may be made of come before these. What depends on a dropped thing and stays is dropped before and
/// created again. Every drop carries its definition, and what destroys is marked DataLoss::review. Compares canonical spellings and emits the
/// declared ones of `to`. Column order alone is no difference.
///
/// Renames are taken only from hints (`renamed_from` in `to`, Options::renames); a hint that was followed may stay where it is. A ring of hints (a
/// swap) in models is taken only where the things' looks tell that it was not followed. A NOT NULL column added to an existing table without default,
/// backfill, identity or generated value gets a remark and a warning, and so does one that becomes NOT NULL without a backfill. Columns that a
/// `partial` table of `to` does not know are kept, with their keys and indexes; `external` tables are never touched. A schema's comment and options
/// are changed by no operation: warned of.
///
/// Pure. Linear in the size of the schemas and without a copy where nothing differs; each drop and rename looks through the schema once. Throws
/// Error(schema) where a drop cannot be made, as of three objects that each need the next.
ALUDEL_API Result compare(const schema::Metadata& from, const schema::Metadata& to, const Options& options = {});

}  // namespace aludel::diff
