#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>

namespace aludel::postgresql {

/// The name that PostgreSQL makes for a constraint, index or sequence: "first_second_label", the longer of the first two cut (at whole characters)
/// until all fits in 63 bytes. `second` and `label` may be empty.
std::string object_name(std::string_view first, std::string_view second, std::string_view label);

/// Gives constraints and indexes without a name the one that PostgreSQL would give them: of all tables, or of one.
void name_parts(schema::Metadata& metadata);
void name_parts(schema::Table& table, const schema::Metadata& metadata);

/// Takes out of a sequence's settings what holds for its type ("smallint", "integer", "bigint") anyway.
void drop_default_settings(schema::Identity& settings, std::string_view type);

}  // namespace aludel::postgresql
