#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>

/// Neutral types and PostgreSQL's spelling of them. Pure.
namespace aludel::postgresql {

/// The type that PostgreSQL's format_type() calls so ("character varying(80)", "timestamp(3) with time zone", "integer[]"); other spellings that the
/// grammar knows as well ("varchar(80)", "timestamptz", "int4", "serial" not) are understood too. A word that is no built-in type with a neutral
/// name becomes native(text). `canonical` holds the spelling of format_type().
schema::Type type_of(std::string_view text);

/// How PostgreSQL spells the type, as format_type() would, an enumeration's and a native type's name as it is given.
std::string type_text(const schema::Type& type);

/// What two types are compared by: their spelling, but for enumerations, which it names without quotes.
std::string canonical_text(const schema::Type& type);

/// The name of an enumeration's type; `"app.rank"` in a neutral type is schema and name.
schema::Name enumeration_name(const schema::Type& type);

/// The largest and smallest value of "smallint", "integer" and "bigint": a sequence's bounds unless said otherwise.
std::int64_t largest_of(std::string_view integer_type);
std::int64_t smallest_of(std::string_view integer_type);

}  // namespace aludel::postgresql
