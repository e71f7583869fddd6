#pragma once

#include <aludel/op/apply.hpp>
#include <aludel/schema/schema.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// Random schemas and operations for property tests. Everything depends on the seed alone, so a failure can be run again with ALUDEL_SEED.
namespace aludel::test {

/// ALUDEL_SEED, else one from the clock's and the system's randomness. Print it with a failure.
std::uint64_t seed_from_environment();
/// ALUDEL_CASES, else `usual`.
std::size_t cases_from_environment(std::size_t usual);

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 0 .. count - 1.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  /// True in `percent` of 100 cases.
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }
  std::uint64_t seed() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

/// How a trigger is written.
enum class TriggerForm {
  block,      ///< SQLite: BEGIN statements END
  function,   ///< PostgreSQL: a function does it
  statement,  ///< MySQL: one statement for each row
};

/// What a random schema may hold. `sqlite()` and the others keep to what that database accepts and keeps.
struct Shape {
  std::size_t tables = 5;      ///< at most
  std::size_t columns = 6;     ///< at most
  bool odd_names = true;       ///< quotes, spaces, keywords, dots, unicode, upper case
  bool leading_quotes = true;  ///< also names of tables and objects that begin with a quote
  bool types = true;           ///< all neutral types; false: those every dialect has as such (integer, bigint, text, varchar, double, binary)
  bool defaults = true;
  bool generated = true;
  bool identity = true;
  bool collations = true;
  bool comments = true;
  bool options = true;  ///< of dialects named "alpha" and "beta"
  bool checks = true;
  bool uniques = true;
  bool foreign_keys = true;
  bool keys_to_themselves = true;  ///< foreign keys whose columns are those that they refer to
  bool cycles = true;              ///< foreign keys may form cycles; keys to the table itself are always among them
  bool deferrable = true;
  bool dangling = true;  ///< foreign keys to tables that are not there
  bool unnamed_constraints = true;
  bool indexes = true;
  bool expression_indexes = true;
  bool partial_indexes = true;
  bool enums = true;
  bool sequences = true;
  bool schemas = true;
  bool views = true;  ///< over tables and other views
  bool triggers = true;
  bool exclusions = true;
  bool nulls_not_distinct = true;  ///< where there are exclusions
  bool partitions = true;
  bool object_comments = true;  ///< on others than tables and columns
  bool stored_only = false;     ///< no virtual generated columns
  bool set_null = true;         ///< foreign keys that write NULLs and new keys into rows, columns of checks and generated ones among them
  bool identity_in_checks = true;
  bool primary_key_names = true;
  bool not_null_generated = true;
  bool drops_key_indexes = true;    ///< false: indexes of foreign keys' columns come back by themselves
  bool unnamed_enums = true;        ///< false: they are named when a schema is canonicalised, which operations are not
  bool replaces_read_views = true;  ///< whose columns other views name
  bool typed = false;               ///< expressions, defaults and keys fit their columns' types, as servers want them
  char name_quote = '"';
  std::string collation = "NOCASE";
  std::string exclusion_method = "gist";
  TriggerForm trigger_form = TriggerForm::block;
  std::vector<schema::TypeKind> no_types{};      ///< that the database has not
  std::vector<schema::TypeKind> no_key_types{};  ///< that it takes in no key or index
  std::vector<std::string> no_words{};           ///< that it takes for no name
  std::vector<std::string> operations{};         ///< names of those that `random_operation` may choose; empty: all that work on schemas

  static Shape sqlite();
  static Shape postgresql();
  static Shape mysql(bool mariadb);
};

/// A schema that hangs together: keys and indexes over columns that exist, foreign keys to keys, expressions, views and triggers over what is there.
/// In expressions and definitions odd names stand in double quotes. No two names differ in case only; names of tables, views and indexes differ.
schema::Metadata random_schema(Random& random, const Shape& shape);

/// One operation that `apply` accepts, done to `schema` as well. Operations of every kind that works on schemas are tried, renames included.
op::Operation random_operation(Random& random, schema::Metadata& schema, const Shape& shape, const op::Rewriter& rewriter = op::standard_rewriter());

/// A neighbour of the schema: `edits` random operations later, whatever they left stale said anew. With `hints`, renamed tables and columns carry
/// `renamed_from`.
schema::Metadata random_neighbour(Random& random, const schema::Metadata& schema, const Shape& shape, std::size_t edits, bool hints,
                                  const op::Rewriter& rewriter = op::standard_rewriter());

/// The schema with every expression in one spelling, quotes that no name needs left out: what equality modulo those quotes is compared by.
schema::Metadata without_needless_quotes(schema::Metadata schema);

/// Equality modulo needless quotes and modulo text that `result` says is stale: of that nothing is known but that it is there.
bool equivalent_but_for_stale(const schema::Metadata& result, const schema::Metadata& expected, const schema::Comparison& how = {});

/// A schema, or operations, as text for a failing test's message.
std::string dump(const schema::Metadata& schema);
std::string dump(const op::Operations& operations);

}  // namespace aludel::test
