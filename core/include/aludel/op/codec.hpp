#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/value.hpp>

#include <string>
#include <string_view>

/// Operations as documents: the one table of keys that revision files, snapshots, the journal and the JSON Schema share.
namespace aludel::op {

/// The operation as one object, keys in the order a person reads them: `{create_table: "hero", columns: [...], ...}`.
ALUDEL_API Value encode(const Operation& operation);
/// Reads it back: decode(encode(op)) == op. Throws Error(syntax) with `file` and the offending node's line and column: an unknown key (with the
/// nearest known one), a wrong type, a missing key, two operations in one table.
ALUDEL_API Operation decode(const Value& value, std::string_view file = {});

ALUDEL_API Value encode(std::span<const Operation> operations);
ALUDEL_API Operations decode_all(const Value& array, std::string_view file = {});

/// A JSON Schema (draft 2020-12) of one operation, from the same table.
ALUDEL_API Value operation_schema();

/// A schema as create operations in dependency order (a snapshot's body), and back.
ALUDEL_API Operations create_operations(const schema::Metadata& metadata);

}  // namespace aludel::op
