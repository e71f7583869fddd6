#pragma once

#include <aludel/export.hpp>
#include <aludel/op/rewriter.hpp>
#include <aludel/schema/schema.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What depends on what: the RESTRICT of `apply`, and what a differ must free before a drop and restore after it.
namespace aludel::op {

/// Something that a drop would break.
struct Dependent {
  enum class Kind { default_value, generated, constraint, index, object };
  Kind kind = Kind::object;
  schema::Name table;        ///< whose column, constraint or index it is
  std::size_t position = 0;  ///< in the table's `columns` (default_value, generated), `constraints` or `indexes`
  schema::ObjectKey object;  ///< of kind object
  bool operator==(const Dependent&) const = default;
};
/// "index 'ix_hero_name' on 'hero'", "generated column 'hero.slug'", "view 'heroes'".
ALUDEL_API std::string describe(const Dependent& dependent, const schema::Metadata& schema);

/// Answers for one schema, which it refers to and which must not change meanwhile; so must `rewriter`. A single question scans the schema; `indexed`
/// prepares for many (linear), so that each then costs no more than what it finds. One thread.
///
/// Stale text is not looked at: what it names cannot be told. Names in references (foreign keys, index parts, parents) are matched exactly, else,
/// where nothing is spelled so, ignoring ASCII case: dialects that fold names accept both spellings, in the others the second cannot occur.
class ALUDEL_API Dependencies {
 public:
  enum class Mode { scan, indexed };
  Dependencies(const schema::Metadata& schema, const Rewriter& rewriter, Mode mode = Mode::scan);
  ~Dependencies();
  Dependencies(const Dependencies&) = delete;
  Dependencies& operator=(const Dependencies&) = delete;

  /// Of a table: foreign keys of others; objects that name it, but its own triggers and functions, whose bodies are bound late; its partitions and
  /// its attachment as one.
  std::vector<Dependent> of_table(const schema::Name& table) const;
  /// Of a column: keys, indexes, checks, generated columns and defaults of its table; foreign keys of others; objects that name it.
  std::vector<Dependent> of_column(const schema::Name& table, std::string_view column) const;
  /// Of a primary key, unique constraint or unique index: the foreign keys that reference its columns, unless another key covers them.
  std::vector<Dependent> of_constraint(const schema::Name& table, std::size_t position) const;
  std::vector<Dependent> of_index(const schema::Name& table, std::size_t position) const;
  /// Of a view or the like: the objects that name it or depend on it; its own triggers go with it.
  std::vector<Dependent> of_object(const schema::ObjectKey& object) const;

  /// What goes along with a dropped table or view: its triggers and the like, by key.
  std::vector<schema::ObjectKey> children_of(const schema::Name& table) const;
  /// Sequences that a table, or one column of it, owns.
  std::vector<schema::Name> owned_by(const schema::Name& table, std::string_view column = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Views, materialized views, virtual tables, ...: kinds that share the tables' names.
ALUDEL_API bool is_relation(std::string_view kind);

}  // namespace aludel::op
