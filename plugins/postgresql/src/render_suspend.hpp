#pragma once

#include <aludel/schema/schema.hpp>

#include <compare>
#include <string>
#include <vector>

namespace aludel::postgresql {

/// A part of a table that a change finds in its way.
struct Part {
  /// In the order in which they can be made. `typed` is a column's type, whose place is taken by text.
  enum class Kind { typed, generated, default_value, constraint, index, foreign_key };

  Kind kind = Kind::constraint;
  schema::Name table;
  std::string name;  ///< of the column, constraint or index
  auto operator<=>(const Part&) const = default;
};

/// Parts of any table whose expressions call the routine or name the type.
std::vector<Part> parts_that_use(const schema::Metadata& schema, const schema::ObjectKey& used);
/// Does the expression or definition name this type, or with `call` this function?
bool names_thing(std::string_view text, const schema::Name& thing, bool call);
/// Are operators and functions for the one type those for the other, so that what is said of a column's values still holds?
bool is_same_family(const schema::Type& a, const schema::Type& b);

}  // namespace aludel::postgresql
