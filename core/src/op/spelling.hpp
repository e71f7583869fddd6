#pragma once

#include <aludel/op/operation.hpp>
#include <aludel/text.hpp>

#include <string>
#include <string_view>

namespace aludel::op {

/// Names for people: as files write them, printable.
inline std::string shown(const Name& table) { return printable(table.text()); }
inline std::string shown(const Name& table, std::string_view column) {
  std::vector<std::string> parts;
  if (!table.schema.empty()) parts.push_back(table.schema);
  parts.push_back(table.name);
  parts.emplace_back(column);
  return printable(join_name(parts));
}

/// "check constraint ck_hero_age (age >= 0)", "foreign key (team_id) -> team(id)".
std::string describe_constraint(const Constraint& constraint);

}  // namespace aludel::op
