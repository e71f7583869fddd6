#include "render_rebuild.hpp"

#include "lexer.hpp"
#include "render_checks.hpp"
#include "render_ddl.hpp"
#include "render_native.hpp"
#include "spelling.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace aludel::sqlite {
namespace {

using dialect::Expectation;
using dialect::HazardKind;
using dialect::Statement;
using schema::Table;

Statement plain(std::string sql) {
  Statement statement;
  statement.sql = std::move(sql);
  return statement;
}

Statement copy_statement(const TableChange& change, const std::string& name) {
  Statement statement = plain(copy_sql(change, name));
  statement.hazards.push_back({HazardKind::rewrite, fmt::format("copies the table {}", quoted(change.to->name.text()))});
  return statement;
}

Statement count_check(const TableChange& change, const std::string& name) {
  Statement statement =
      plain(fmt::format("SELECT (SELECT count(*) FROM {}) - (SELECT count(*) FROM {})", quoted_name(change.from->name), quote_identifier(name)));
  statement.expect = Expectation{
      Value(0),
      fmt::format(" of {} lost by the copy: a constraint with ON CONFLICT IGNORE or REPLACE drops them", printable(change.to->name.text(), 80)),
      {},
      ErrorKind::constraint,
      true};
  return statement;
}

/// The highest number ever given stays what it was, although its row may be gone.
void append_sequence(const TableChange& change, const std::string& name, std::vector<Statement>& statements) {
  const auto numbered = [](const Table& table) { return table.primary_key() != nullptr && flag(table.primary_key()->options, "autoincrement"); };
  if (!numbered(*change.from) || !numbered(*change.to)) return;
  const std::string old_name = quote_string(local_name(change.from->name));
  const std::string new_name = quote_string(name);
  statements.push_back(
      plain(fmt::format("UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT seq FROM sqlite_sequence WHERE name = {} COLLATE "
                        "NOCASE), 0)) WHERE name = {}",
                        old_name, new_name)));
  statements.push_back(
      plain(fmt::format("INSERT INTO sqlite_sequence (name, seq) SELECT {1}, seq FROM sqlite_sequence WHERE name = {0} COLLATE "
                        "NOCASE AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {1})",
                        old_name, new_name)));
}

/// An index that was there before and whose values are the same cannot find anything new.
bool held_before(const TableChange& change, const schema::Index& index) {
  const schema::Index* before = change.from->find_index(index.name);
  if (before == nullptr || create_index_sql(*change.to, *before) != create_index_sql(*change.to, index)) return false;
  const bool columns_only =
      !index.where && std::all_of(index.columns.begin(), index.columns.end(), [](const schema::IndexPart& part) { return !part.expression; });
  return std::all_of(change.to->columns.begin(), change.to->columns.end(), [&](const schema::Column& column) {
    const bool concerned = !columns_only || std::any_of(index.columns.begin(), index.columns.end(),
                                                        [&](const schema::IndexPart& part) { return same_name(part.column, column.name); });
    return !concerned || change.is_untouched(column);
  });
}

}  // namespace

std::vector<Statement> rebuild_statements(const TableChange& change, const RebuildOptions& options) {
  const std::string& name = options.temporary_name;
  std::vector<Statement> statements = checks_before_copy(change);
  statements.push_back(plain(spelled_table_sql(*change.to, *change.around, {name, options.keep_qualifiers})));

  // New checks are asked afterwards, of the new form itself, so that the rows which break them can be named.
  std::vector<Statement> checks = checks_after_copy(change, name);
  if (!checks.empty()) statements.push_back(plain("PRAGMA ignore_check_constraints = ON"));
  statements.push_back(copy_statement(change, name));
  if (!checks.empty()) statements.push_back(plain("PRAGMA ignore_check_constraints = OFF"));
  statements.insert(statements.end(), std::make_move_iterator(checks.begin()), std::make_move_iterator(checks.end()));
  statements.push_back(count_check(change, name));
  append_sequence(change, name, statements);

  statements.push_back(plain("DROP TABLE " + quoted_name(change.from->name)));
  statements.push_back(plain(fmt::format("PRAGMA legacy_alter_table = {}", options.keep_qualifiers ? "OFF" : "ON")));
  statements.push_back(plain(fmt::format("ALTER TABLE {} RENAME TO {}", quote_identifier(name), quoted_name(change.to->name))));
  statements.back().effect = options.effect;
  statements.push_back(plain("PRAGMA legacy_alter_table = " + options.legacy_alter_table));

  std::vector<Step> steps;
  for (const schema::Index& index : change.to->indexes) append_create_index(*change.to, index, held_before(change, index), steps);
  for (Step& step : steps) {
    step.statement.effect.clear();
    step.statement.hazards.clear();
    statements.push_back(std::move(step.statement));
  }
  for (const schema::Object* trigger : options.triggers) statements.push_back(plain(create_object_sql(*trigger)));
  return statements;
}

}  // namespace aludel::sqlite
