#pragma once

#include <functional>
#include <optional>
#include <set>

#include "support/random_schema.hpp"

namespace aludel::test {

/// Makes the parts of random schemas and operations; private to random_schema.cpp and random_operation.cpp.
class Generator {
 public:
  Generator(Random& random, const Shape& shape, schema::Metadata& schema) : random_(random), shape_(shape), schema_(schema) {}

  void fill();
  /// A candidate, which need not fit; nullopt where the schema offers nothing to do it to.
  std::optional<op::Operation> operation();

  schema::Object view(schema::Name name);
  /// Does any view seem to read this one?
  bool is_read(std::string_view name) const;
  bool reads_views(const schema::Object& view) const;
  bool says(const schema::Object& view, std::string_view name) const;
  /// Of several triggers of the form `statement` each would have to say which one it follows.
  bool may_trigger(const schema::Table& table) const;
  /// What triggers of the form `function` call.
  static schema::Object trigger_function();
  schema::Object trigger(schema::Name name, const schema::Table& table);

 private:
  std::string word();
  std::string fresh_name(std::string_view prefix = {});
  std::string fresh_column(const schema::Table& table);
  std::string part_name(std::string_view prefix);
  /// A type's or sequence's name that becomes a table's in one go is beyond any order of statements.
  static constexpr std::string_view enum_prefix = "kind_";
  static constexpr std::string_view sequence_prefix = "seq_";
  schema::Name relation_name(std::string_view prefix = {});
  bool is_taken(std::string_view name) const;
  std::string quote(std::string_view name);
  std::string quote(const schema::Name& name);

  schema::Type type();
  schema::Type type_like(const schema::Type& like);
  /// An unnamed enumeration may be a type that no other column has.
  static bool is_of_its_own(const schema::Type& type);
  bool may_be_key(const schema::Column& column) const;
  bool may_be_key_of(std::string_view column, const schema::Type& type, const schema::Table& table) const;
  bool is_referenced(const schema::Table& table, std::string_view column) const;
  schema::Column column(const schema::Table& table);
  /// Empty where no literal fits the type.
  std::string literal_default(const schema::Type& type);
  std::string condition(const schema::Table& table);
  std::string typed_condition(const schema::Table& table);
  /// Empty where nothing fits that it could be computed from.
  std::string computation(const schema::Table& table, const schema::Column& into);
  std::string typed_computation(const schema::Table& table, const schema::Column& into);
  std::vector<const schema::Column*> stored_columns(const schema::Table& table) const;
  std::vector<std::string> some_columns(const schema::Table& table, std::size_t count);
  /// Such as may be in a key or index.
  std::vector<std::string> some_keys(const schema::Table& table, std::size_t count);
  std::vector<std::string> some_columns(const schema::Table& table, std::size_t count, bool keys);
  schema::Options options();
  std::string comment();
  std::string object_comment();

  schema::Table table(schema::Name name);
  std::optional<schema::Constraint> primary_key(schema::Table& table);
  std::optional<schema::Constraint> unique(const schema::Table& table);
  std::optional<schema::Constraint> check(const schema::Table& table);
  std::optional<schema::Constraint> foreign_key(const schema::Table& table, const std::vector<const schema::Table*>& targets);
  std::optional<schema::Constraint> exclusion(const schema::Table& table);
  std::optional<schema::Constraint> constraint(schema::Table& table);
  schema::Index index(const schema::Table& table);
  schema::Sequence sequence(schema::Name name);
  std::vector<const schema::Table*> tables() const;

  const schema::Table* any_table();
  const schema::Column* any_column(const schema::Table& table);
  template <class Map>
  const typename Map::mapped_type* any(const Map& map) {
    if (map.empty()) return nullptr;
    return &std::next(map.begin(), static_cast<std::ptrdiff_t>(random_.below(map.size())))->second;
  }
  std::optional<op::Operation> table_operation(std::string_view name);
  std::optional<op::Operation> column_operation(std::string_view name);
  std::optional<op::Operation> alter_column(const schema::Table& table, const schema::Column& column);
  std::optional<op::Operation> constraint_operation(std::string_view name);
  std::optional<op::Operation> index_operation(std::string_view name);
  std::optional<op::Operation> type_operation(std::string_view name);
  std::optional<op::Operation> object_operation(std::string_view name);

  Random& random_;
  const Shape& shape_;
  schema::Metadata& schema_;
};

}  // namespace aludel::test
