#pragma once

#include <aludel/export.hpp>

#include <string>
#include <string_view>

namespace aludel {

/// How constraints and indexes that a model leaves unnamed are called. An empty pattern leaves them unnamed.
///
/// Placeholders: {table}, {column} (the first), {columns} (all, joined by _), {schema}, and for foreign keys {referenced_table} and
/// {referenced_columns}. An expression's part in {columns} is made of the words in it. Names longer than a database allows are its dialect's
/// business. Primary keys stay unnamed by default, for SQLite and MySQL do not show their names.
struct NamingConvention {
  std::string index = "ix_{table}_{columns}";
  std::string unique = "uq_{table}_{columns}";
  std::string check = "ck_{table}_{columns}";
  std::string foreign_key = "fk_{table}_{columns}";
  std::string primary_key;
};

/// Ready rules for Models::member_names: from a member's name to its column's. Pure.
namespace member_names {

/// name -> name: the default.
ALUDEL_API std::string as_written(std::string_view member);
/// m_name, name_ -> name
ALUDEL_API std::string plain(std::string_view member);
/// m_secretName, secretName_, SecretName -> secret_name; HTTPServer -> http_server
ALUDEL_API std::string snake_case(std::string_view member);
/// m_secret_name, secret_name_ -> secretName
ALUDEL_API std::string camel_case(std::string_view member);

}  // namespace member_names
}  // namespace aludel
