#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::op {

/// What the text is, so that a dialect knows which names stand in it.
enum class TextKind {
  expression,  ///< of one table: a check, default, generated column, index expression or predicate; columns stand unqualified
  definition,  ///< of an object: a whole view or trigger body
};

/// A table's or column's new name.
struct Rename {
  schema::Name table;
  std::string column;  ///< empty: the table itself is renamed
  std::string to;
};

/// What `op` needs of a dialect: an understanding of SQL text, and of the names that a server gives. Implementations are stateless and thread-safe.
class ALUDEL_API Rewriter {
 public:
  virtual ~Rewriter();
  /// The text with the rename carried out, unchanged text where it does not name the thing; nullopt where that cannot be told.
  /// `owner` is the table an expression belongs to, or the object's name for a definition.
  virtual std::optional<std::string> rewrite(std::string_view text, TextKind kind, const schema::Name& owner, const Rename& rename) const = 0;
  /// Does an expression of `owner` name this column? True when it cannot be told (drops are RESTRICT).
  virtual bool mentions_column(std::string_view text, const schema::Name& owner, std::string_view column) const = 0;
  /// Does a definition name this table or view?
  virtual bool mentions_table(std::string_view text, const schema::Name& table) const = 0;
  /// Does an object's definition name this column of this table? By default: it names the table and `mentions_column` is true of its text.
  virtual bool definition_mentions_column(std::string_view definition, const schema::Name& table, std::string_view column) const;
  /// Gives those constraints and indexes of the table that have no name the one that they are made with in this schema, which later renames of the
  /// table and its columns leave as it is. By default nothing: they stay without.
  virtual void name_parts(schema::Table& table, const schema::Metadata& schema) const;
  /// The indexes that the server may make by itself for foreign keys of the table, as far as the table does not say them: whoever undoes the making
  /// of such a key drops those that are there. By default none.
  virtual std::vector<schema::Index> implied_indexes(const schema::Table& table) const;
};

/// Works on the tokens of standard SQL: strings, "quoted", `quoted`, [quoted] and bare identifiers, numbers, comments, dollar quotes. Bare
/// identifiers compare ignoring ASCII case, quoted ones exactly.
///
/// For a definition it renames a table where it stands as a table or qualifies a column, and cannot tell where the old or the new name also stands
/// as an alias or a column, or in a dollar-quoted body; nor can it tell for a column whose name stands in a definition that names its table (dialects
/// know more). What it rewrites it can rewrite back, but for the quotes of a name that needs none.
ALUDEL_API const Rewriter& standard_rewriter();

}  // namespace aludel::op
