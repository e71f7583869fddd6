#pragma once

#include <aludel/error.hpp>
#include <aludel/schema/schema.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

/// A small schema that every operation finds something to do to: two tables, keys, a check, an index, a view and a trigger.
namespace aludel::test {

inline schema::Column column(std::string name, schema::Type type, bool nullable = true) {
  schema::Column made;
  made.name = std::move(name);
  made.type = std::move(type);
  made.nullable = nullable;
  return made;
}

inline schema::Check check(std::string name, std::string expression) {
  schema::Check made;
  made.name = std::move(name);
  made.expression = std::move(expression);
  return made;
}

inline schema::ForeignKey foreign_key(std::string name, std::vector<std::string> columns, std::string table, std::vector<std::string> referenced) {
  schema::ForeignKey made;
  made.name = std::move(name);
  made.columns = std::move(columns);
  made.referenced_table.name = std::move(table);
  made.referenced_columns = std::move(referenced);
  return made;
}

inline schema::Index index(std::string name, std::vector<schema::IndexPart> columns) {
  schema::Index made;
  made.name = std::move(name);
  made.columns = std::move(columns);
  return made;
}

inline schema::Object view(std::string name, std::string definition) {
  return {{"view", {"", std::move(name)}, "", ""}, std::move(definition), {}, "", {}};
}

inline schema::Table team() {
  schema::Table made;
  made.name.name = "team";
  made.columns = {column("id", schema::Type::bigint(), false), column("name", schema::Type::varchar(80), false)};
  made.constraints = {schema::PrimaryKey{"pk_team", {"id"}, schema::Deferrable::no, "", {}}};
  return made;
}

inline schema::Table hero() {
  schema::Table made;
  made.name.name = "hero";
  made.columns = {column("id", schema::Type::bigint(), false), column("name", schema::Type::varchar(80), false),
                  column("age", schema::Type::integer()), column("team_id", schema::Type::bigint())};
  made.constraints = {schema::PrimaryKey{"pk_hero", {"id"}, schema::Deferrable::no, "", {}}, check("ck_hero_age", "age >= 0"),
                      foreign_key("fk_hero_team", {"team_id"}, "team", {"id"})};
  made.indexes = {index("ix_hero_name", {"name"})};
  return made;
}

inline schema::Metadata heroes() {
  schema::Metadata made;
  made.add(team());
  made.add(hero());
  made.add(view("adult", "AS SELECT name FROM hero WHERE age > 17"));
  made.add(schema::Object{{"trigger", {"", "hero_log"}, "hero", ""}, "AFTER DELETE ON hero BEGIN SELECT 1; END", {}, "", {}});
  return made;
}

/// Runs `act`, which must throw, and gives the error.
template <class Act>
Error error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {ErrorKind::internal, ""};
}

}  // namespace aludel::test
