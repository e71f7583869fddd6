#include "canonical_answers.hpp"
#include "introspector.hpp"
#include "render.hpp"
#include "rewriter.hpp"
#include "scratch.hpp"

#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>

#include <span>
#include <utility>
#include <vector>

namespace aludel::postgresql {

using schema::Metadata;
using schema::Table;

namespace {

/// Statements that make the schema; what is refused to be rendered is left out.
std::vector<std::string> statements_for(const Metadata& metadata, const dialect::Server& server, bool& complete) {
  std::vector<std::string> texts;
  const auto render = [&](std::span<const op::Operation> some, const Metadata& before) {
    for (dialect::Statement& statement : renderer().render(some, before, server, {}).statements) {
      if (!statement.sql.empty() && !statement.expect) texts.push_back(std::move(statement.sql));
    }
  };
  const op::Operations operations = op::create_operations(metadata);
  try {
    render(operations, {});
    return texts;
  } catch (const Error&) {
    texts.clear();
  }
  complete = false;
  Metadata before;
  for (const op::Operation& operation : operations) {
    try {
      render({&operation, 1}, before);
      op::apply(operation, before, rewriter());
    } catch (const Error&) {  // refused by name when it is to be run; the rest is worth asking
    }
  }
  return texts;
}

/// One may need another that comes later: rounds, until one brings nothing more.
bool run_in_rounds(dialect::Connection& connection, std::vector<std::string> statements) {
  for (std::size_t before = statements.size() + 1; !statements.empty() && statements.size() < before;) {
    before = statements.size();
    std::erase_if(statements, [&](const std::string& sql) {
      try {
        connection.execute(sql);
        return true;
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::connection || error.kind() == ErrorKind::interrupted) throw;
        return false;
      }
    });
  }
  return statements.empty();
}

}  // namespace

Asked ask_scratch(const Metadata& metadata, dialect::Connection& connection) {
  Asked asked;
  asked.complete = true;
  const auto scratch = make_scratch(&connection, nullptr);
  dialect::Connection& there = scratch->connection();
  there.execute("SET check_function_bodies = off");
  std::vector<std::string> statements = statements_for(metadata, connection.server(), asked.complete);
  if (!run_in_rounds(there, std::move(statements))) asked.complete = false;
  const Metadata made = introspector().introspect(there, {});
  for (const auto& [name, table] : metadata.tables) {
    const Table* found = made.find_table(name);
    if (!found) continue;
    const auto constraint = [&table = table](std::size_t i) { return name_of(table.constraints[i]); };
    answer(asked.answers, table, *found, {constraint, constraint, [&table = table](std::size_t i) { return table.indexes[i].name; }});
  }
  for (const auto& [key, object] : metadata.objects) {
    const auto found = made.objects.find(key);
    if (found != made.objects.end() && !found->second.definition.canonical.empty()) answer(asked.answers, object, found->second);
  }
  return asked;
}

}  // namespace aludel::postgresql
