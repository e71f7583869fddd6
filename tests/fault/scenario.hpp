#pragma once

#include <aludel/migrate/runner.hpp>

#include <sys/wait.h>

#include <csignal>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/linked_systems.hpp"
#include "support/revisions.hpp"

/// A chain of revisions with everything in it that could be caught half way: tables, rows, indexes, a view, a trigger, rebuilds of a table that
/// others refer to with ON DELETE CASCADE, a function.
namespace aludel::test {

using migrate::Direction;
using migrate::Hooks;
using migrate::Runner;
using migrate::RunOptions;
using schema::Type;
using Ids = std::vector<std::string>;

inline schema::Object object(std::string kind, std::string name, std::string definition, std::string parent = {}) {
  schema::Object result;
  result.key = schema::ObjectKey{std::move(kind), {"", std::move(name)}, std::move(parent), {}};
  result.definition = schema::Expression(std::move(definition));
  return result;
}

/// Takes a hero off its team's size when it is gone, with what that takes.
inline op::Operations trigger_of(const LinkedSystem& system) {
  const std::string action = "UPDATE team SET size = size - 1 WHERE id = old.team_id";
  if (system.name == "postgresql")
    return {op::CreateObject{
                object("function", "hero_gone_action", "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + action + "; RETURN NULL; END $$"), false},
            op::CreateObject{object("trigger", "hero_gone", "AFTER DELETE ON hero FOR EACH ROW EXECUTE FUNCTION hero_gone_action()", "hero"), false}};
  const std::string each = system.is_file() ? "" : "FOR EACH ROW ";
  return {op::CreateObject{object("trigger", "hero_gone", "AFTER DELETE ON hero " + each + "BEGIN " + action + "; END", "hero"), false}};
}

inline MemoryStore scenario(const LinkedSystem& system) {
  schema::ForeignKey to_team;
  to_team.name = "fk_hero_team";
  to_team.columns = {"team_id"};
  to_team.referenced_table = {"", "team"};
  to_team.referenced_columns = {"id"};
  to_team.on_delete = schema::ForeignKeyAction::cascade;
  auto hero = table("hero", {column("name", Type::varchar(40), false), column("team_id", Type::bigint())});
  hero.constraints.emplace_back(to_team);
  schema::Index by_name;
  by_name.name = "ix_hero_name";
  by_name.columns = {"name"};

  op::AlterColumn tighten;
  tighten.table.name = "team";
  tighten.column = "city";
  tighten.nullable = op::Change<bool>{true, false};
  tighten.backfill = schema::Expression("'nowhere'");
  op::AlterColumn widen;
  widen.table.name = "hero";
  widen.column = "name";
  widen.type = op::Change<Type>{Type::varchar(40), Type::varchar(80)};

  MemoryStore store;
  store.add(
      make_revision("r1", {}, {op::CreateTable{table("team", {column("name", Type::string(), false), column("city", Type::string())}), false}}));
  store.add(make_revision("r2", {"r1"}, {op::CreateTable{hero, false}, op::CreateIndex{{"", "hero"}, by_name, false}}));
  store.add(make_revision(
      "r3", {"r2"},
      {sql("INSERT INTO team (id, name, city) VALUES (1, 'Preventers', 'Sharp Tower'), (2, 'Z-Force', NULL)", "DELETE FROM team"),
       sql("INSERT INTO hero (id, name, team_id) VALUES (1, 'Deadpond', 2), (2, 'Rusty-Man', 1), (3, 'Tarantula', 1)", "DELETE FROM hero")}));
  store.add(make_revision("r4", {"r3"}, {tighten}));
  op::Call call{"count_heroes", Value(), "uncount_heroes"};
  store.add(make_revision("r5", {"r4"}, {add_column("team", column("size", Type::integer())), call}));
  op::Operations sixth{
      op::CreateObject{object("view", "roster", "AS SELECT hero.name, team.name AS team FROM hero JOIN team ON team.id = hero.team_id"), false}};
  for (auto& operation : trigger_of(system)) sixth.push_back(std::move(operation));
  store.add(make_revision("r6", {"r5"}, std::move(sixth)));
  op::Operations seventh{widen};
  // PostgreSQL makes the view again for the new type, and refuses where the same revision renames what the view says.
  if (system.is_file()) seventh.emplace_back(op::RenameColumn{{"", "hero"}, "name", "alias"});
  store.add(make_revision("r7", {"r6"}, std::move(seventh)));
  return store;
}

inline Hooks hooks() {
  Hooks result;
  result.functions["count_heroes"] = [](dialect::Connection& connection, const Value&) {
    connection.execute("UPDATE team SET size = coalesce(size, 0) + (SELECT count(*) FROM hero WHERE team_id = team.id)");
  };
  result.functions["uncount_heroes"] = [](dialect::Connection& connection, const Value&) { connection.execute("UPDATE team SET size = NULL"); };
  return result;
}

inline RunOptions options() {
  RunOptions result;
  result.accept_data_loss = true;
  result.lock_wait = std::chrono::seconds(120);
  return result;
}

/// All that a database holds but the journal: definitions and rows.
inline std::string fingerprint(dialect::Connection& connection) {
  std::string text;
  for (const auto& line :
       rows_of(connection,
               "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'aludel%' AND name NOT LIKE 'sqlite_autoindex_aludel%' ORDER BY 1, 2"))
    text += line + "\n";
  for (const auto& name : rows_of(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'aludel%' ORDER BY 1"))
    for (const auto& line : rows_of(connection, "SELECT * FROM \"" + name + "\" ORDER BY 1")) text += name + ": " + line + "\n";
  return text;
}

/// Empty where no revision ever ran.
inline std::string heads_of(dialect::Connection& connection) {
  if (connection.dialect().name() == "sqlite" && rows_of(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'aludel_version'").empty()) return "";
  return join(rows_of(connection, "SELECT revision FROM aludel_version ORDER BY 1"), ",");
}

/// Forks; the child runs `action` and leaves with what it returns (99 when it throws). The parent gets waitpid's status.
inline pid_t spawn(const std::function<int()>& action) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    _exit(action());
  } catch (const Error& error) {
    std::fprintf(stderr, "child: %s\n", error.text().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
  }
  _exit(99);
}

inline int wait_for(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

}  // namespace aludel::test
