#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

namespace aludel::schema {

/// A JSON Schema (draft 2020-12) of the rows that the tables hold, for an application's API: one definition a table under "$defs".
///
/// Required is what a new row must say: columns that are NOT NULL and have no default, no identity and are not generated. What only the database
/// writes is readOnly. Decimals are strings, since JSON's numbers lose digits; binary is base64. Other people's tables (Table::external) are left
/// out; a table that has columns which the schema does not know (Table::partial) allows further ones. Checks are no part of it.
ALUDEL_API Value json_schema(const Metadata& metadata);
/// Of one table, without "$schema".
ALUDEL_API Value json_schema(const Table& table);

}  // namespace aludel::schema
