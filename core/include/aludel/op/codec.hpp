#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/value.hpp>

#include <functional>
#include <string>
#include <string_view>

/// Operations as documents: the one table of keys that revision files, snapshots, the journal and the JSON Schema share.
namespace aludel::op {

/// The operation as one object, keys in the order a person reads them: `{create_table: "hero", columns: [...], ...}`.
ALUDEL_API Value encode(const Operation& operation);
///
/// What stands in a document is what was declared: canonical spellings and stale marks are left out (an expression that has a canonical spelling
/// alone is written with that one), and a table's constraints come back kind by kind. Remarks and locations are no part of it. Null, bytes and
/// numbers that are not finite are written as {null = true}, {hex = "00ff"} and {float = "nan"} in rows, arguments and options.
/// Reads it back: decode(encode(op)) == op, but for the above. Throws Error(syntax) with `file` and the offending node's line and column: an unknown
/// key (with the nearest known one), a wrong type, a missing key, two operations in one table.
ALUDEL_API Operation decode(const Value& value, std::string_view file = {});

ALUDEL_API Value encode(std::span<const Operation> operations);
ALUDEL_API Operations decode_all(const Value& array, std::string_view file = {});

/// A JSON Schema (draft 2020-12) of one operation, from the same table.
ALUDEL_API Value operation_schema();

/// A schema as create operations in dependency order: a snapshot's body. Foreign keys that close a cycle are added last.
ALUDEL_API Operations create_operations(const schema::Metadata& metadata);
/// The same, one at a time, for who needs none of them for long: a large schema is not there twice.
ALUDEL_API void each_create_operation(schema::Metadata metadata, const std::function<void(Operation&&)>& take);

}  // namespace aludel::op
