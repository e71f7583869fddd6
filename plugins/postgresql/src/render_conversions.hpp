#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>

namespace aludel::postgresql {

/// How ALTER COLUMN TYPE turns the values of one type into another's.
struct Conversion {
  enum class Kind {
    by_itself,   ///< there is an assignment cast
    explicitly,  ///< with USING `expression`
    unknown,     ///< somebody must say how
  };
  Kind kind = Kind::by_itself;
  std::string expression;
};

/// `column` is quoted. Between built-in types all is known (manual, 10.3 and the catalog pg_cast); where a type of somebody's own is involved,
/// PostgreSQL is left to look for a cast.
Conversion conversion_of(const schema::Type& from, const schema::Type& to, std::string_view column);
/// The default of a column that changed its type: one that was cast to an enumeration is cast to it no longer.
std::string default_after(const schema::Expression& value, const schema::Type& from, const schema::Type& to);
/// Does the change write all rows anew (manual, ALTER TABLE, notes)? True where it is not known.
bool rewrites(const schema::Type& from, const schema::Type& to);
/// The storage that a column of the type has if nobody says otherwise.
std::string usual_storage(const schema::Type& type);

}  // namespace aludel::postgresql
