#pragma once

#include <aludel/op/operation.hpp>

namespace aludel::op {

/// Gives an enumeration other values where they cannot be added or renamed in place: its columns become text, the type is dropped and created, the
/// columns become that type. Values that it lost fail or are lost there.
Operations replace_enum(const schema::Metadata& schema, const Name& name, const schema::EnumType& to);

}  // namespace aludel::op
