#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aludel::schema {

/// What takes part when two schemas are compared, as the dialect in force sees it.
struct Comparison {
  std::vector<std::string> dialects;  ///< whose options count, weaker first ("mysql", "mariadb"); empty: all take part
  bool comments = true;               ///< false where the dialect cannot hold them
  bool constraint_names = true;       ///< false: a name only the server gave is no difference
};

/// The laws' equality: modulo column order, hints, options of other dialects, and names the server itself gave (an empty name equals any).
///
/// Types and expressions are compared by canonical spelling where both sides have one, else by the declared one.
/// Constraints are paired by name, unnamed ones by what they say. `unsupported` takes no part. Pure.
ALUDEL_API bool equivalent(const Type& a, const Type& b);
ALUDEL_API bool equivalent(const Expression& a, const Expression& b);
ALUDEL_API bool equivalent(const Boxed<Expression>& a, const Boxed<Expression>& b);
ALUDEL_API bool equivalent(const Column& a, const Column& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const IndexPart& a, const IndexPart& b);
ALUDEL_API bool equivalent(const Constraint& a, const Constraint& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const Index& a, const Index& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const Table& a, const Table& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const Object& a, const Object& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const EnumType& a, const EnumType& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const Sequence& a, const Sequence& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const Options& a, const Options& b, const Comparison& how = {});
ALUDEL_API bool equivalent(const Metadata& a, const Metadata& b, const Comparison& how = {});
/// The options of the dialects that count, merged so that a flavour's key wins.
ALUDEL_API std::map<std::string, Value> effective_options(const Options& options, const Comparison& how);

}  // namespace aludel::schema
