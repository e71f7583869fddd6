#include "lexer.hpp"
#include "render_ddl.hpp"
#include "render_plan.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

/// The planner's part that frames the script: foreign keys, pragmas, and what may not stand together.
namespace aludel::sqlite {
namespace {

using dialect::Statement;
using schema::ForeignKey;
using schema::IndexPart;
using schema::Table;

constexpr std::string_view remembered = "temp.aludel_violations";

std::string collation_of(const Table& table, std::string_view column) {
  const schema::Column* found = table.find_column(column);
  return found == nullptr || found->collation.empty() ? "binary" : to_lower(found->collation);
}

/// Is this a key over exactly these columns, by their own collations?
bool covers(const Table& table, const std::vector<IndexPart>& parts, const std::vector<std::string>& columns) {
  if (parts.size() != columns.size()) return false;
  return std::all_of(parts.begin(), parts.end(), [&](const IndexPart& part) {
    const bool named = std::any_of(columns.begin(), columns.end(), [&](const std::string& column) { return same_name(column, part.column); });
    return named && !part.expression && (part.collation.empty() || to_lower(part.collation) == collation_of(table, part.column));
  });
}

/// Has the parent a key that the foreign key can point to? SQLite refuses to look at the foreign keys of a table otherwise.
bool can_be_checked(const ForeignKey& key, const schema::Metadata& schema) {
  for (const auto& [object, value] : schema.objects) {
    if (object.kind != "trigger" && same_name(object.name.name, key.referenced_table.name)) return false;
  }
  const auto found = std::find_if(schema.tables.begin(), schema.tables.end(),
                                  [&](const auto& entry) { return same_name(entry.first.name, key.referenced_table.name); });
  if (found == schema.tables.end()) return true;
  const Table& parent = found->second;
  const schema::PrimaryKey* primary = parent.primary_key();
  if (key.referenced_columns.empty()) return primary != nullptr && primary->columns.size() == key.columns.size();
  if (primary != nullptr && covers(parent, primary->columns, key.referenced_columns)) return true;
  for (const schema::Constraint& constraint : parent.constraints) {
    const auto* unique = std::get_if<schema::Unique>(&constraint);
    if (unique != nullptr && covers(parent, unique->columns, key.referenced_columns)) return true;
  }
  return std::any_of(parent.indexes.begin(), parent.indexes.end(), [&](const schema::Index& index) {
    return index.unique && !index.where && covers(parent, index.columns, key.referenced_columns);
  });
}

std::string lower_literal(const std::string& name) { return quote_string(to_lower(name)); }

/// Violations by table, row and referenced table, under the names that tables have now.
std::string violations_query(const std::vector<violations::Child>& children, bool then) {
  std::vector<std::string> names;
  std::vector<std::string> renamed;
  std::vector<std::string> rowless;
  for (const violations::Child& child : children) {
    const std::string& name = then ? child.then : child.name;
    if (name.empty()) continue;
    names.push_back(lower_literal(name));
    if (!same_name(name, child.name)) renamed.push_back(fmt::format("WHEN {} THEN {}", names.back(), lower_literal(child.name)));
    if (!child.rows) rowless.push_back(names.back());
  }
  const auto current = [&](const std::string& name) {
    return renamed.empty() ? fmt::format("lower({})", name) : fmt::format("CASE lower({0}) {1} ELSE lower({0}) END", name, join(renamed, " "));
  };
  const std::string row =
      rowless.empty() ? "f.rowid" : fmt::format("CASE WHEN lower(t.name) IN ({}) THEN NULL ELSE f.rowid END", join(rowless, ", "));
  return fmt::format(
      "SELECT {} AS child, {} AS child_row, {} AS parent, count(*) AS violations\n"
      "FROM sqlite_schema AS t JOIN pragma_foreign_key_check(t.name) AS f\n"
      "WHERE t.type = 'table' AND lower(t.name) IN ({})\n"
      "GROUP BY 1, 2, 3",
      current("t.name"), row, current("f.parent"), join(names, ", "));
}

}  // namespace

namespace violations {

std::set<schema::Name> unchecked_tables(const schema::Metadata& schema) {
  std::set<schema::Name> names;
  for (const auto& [name, table] : schema.tables) {
    const bool checked = std::all_of(table.constraints.begin(), table.constraints.end(), [&](const schema::Constraint& constraint) {
      const auto* key = std::get_if<ForeignKey>(&constraint);
      return key == nullptr || can_be_checked(*key, schema);
    });
    if (!checked) names.insert(name);
  }
  return names;
}

std::string remember_sql(const std::vector<Child>& children) {
  return fmt::format("CREATE TEMP TABLE {} AS\n{}", remembered.substr(remembered.find('.') + 1), violations_query(children, true));
}

std::string forget_sql() { return fmt::format("DROP TABLE {}", remembered); }

Statement none_new(const std::vector<Child>& children) {
  const std::string news = fmt::format(
      "FROM (\n{}\n) AS now\n"
      "LEFT JOIN {} AS was ON was.child IS now.child AND was.child_row IS now.child_row AND was.parent IS now.parent\n"
      "WHERE now.violations > coalesce(was.violations, 0)",
      violations_query(children, false), remembered);
  Statement statement;
  statement.sql = fmt::format("SELECT coalesce(sum(now.violations - coalesce(was.violations, 0)), 0)\n{}", news);
  statement.expect =
      dialect::Expectation{Value(0), " referencing a row that does not exist, which breaks a foreign key",
                           fmt::format("SELECT now.child AS \"table\", now.child_row AS \"rowid\", now.parent AS \"references\"\n{}\nLIMIT 10", news),
                           ErrorKind::constraint, true};
  return statement;
}

}  // namespace violations

void Planner::add_foreign_key_checks() {
  const std::set<Name> unchecked = violations::unchecked_tables(physical_);
  const auto is_touched = [&](const Name& name) {
    return std::any_of(touched_.begin(), touched_.end(), [&](const Name& touched) { return same_name(touched.name, name.name); });
  };
  const bool data = options_.foreign_keys_off && std::any_of(operations_.begin(), operations_.end(), op::touches_rows);
  std::vector<violations::Child> children;
  for (const auto& [name, table] : physical_.tables) {
    bool concerned = false;
    for (const schema::Constraint& constraint : table.constraints) {
      const auto* key = std::get_if<ForeignKey>(&constraint);
      if (key != nullptr) concerned = concerned || data || is_touched(name) || is_touched(key->referenced_table);
    }
    if (!concerned || unchecked.count(name) != 0) continue;
    const auto renamed = names_then_.find(name);
    const Name then = renamed == names_then_.end() ? name : renamed->second;
    const bool known = !then.name.empty() && unchecked_then_.count(then) == 0;
    children.push_back({name.name, known ? then.name : std::string(), renumbered_.count(name) == 0 && !is_without_rowid(table)});
  }
  if (children.empty()) return;
  Statement remember;
  remember.sql = violations::remember_sql(children);
  remember.operations = rebuilding_;
  script_.statements.insert(script_.statements.begin() + static_cast<std::ptrdiff_t>(*snapshot_), std::move(remember));
  write(violations::none_new(children), rebuilding_);
  write(violations::forget_sql(), {}).operations = rebuilding_;
}

void Planner::refuse_mixtures() const {
  const std::string what =
      rebuilt_.empty() ? "tables that reference each other are dropped" : fmt::format("the table {} is rebuilt", quoted(rebuilt_));
  if (!options_.transaction && !rebuilt_.empty()) {
    throw Error(ErrorKind::guard, fmt::format("{} without a transaction, so a crash in the middle would lose it", what))
        .with_hint("leave `transaction = false` to a revision of its own");
  }
  if (options_.foreign_keys_off) return;
  const auto data = std::find_if(operations_.begin(), operations_.end(), op::touches_rows);
  if (data == operations_.end()) return;
  throw Error(ErrorKind::guard,
              fmt::format("{} in the same revision as `{}`: foreign keys are switched off meanwhile, so ON DELETE CASCADE and the like "
                          "would not act on the data",
                          what, op::name_of(*data)))
      .with_hint(
          fmt::format("move the `{}` to a revision of its own, before or after this one; or say foreign_keys = \"off\" in the head, if the data "
                      "needs no such action",
                      op::name_of(*data)))
      .at(data->location);
}

void Planner::finish() {
  if (!snapshot_) return;
  refuse_mixtures();
  add_foreign_key_checks();
  script_.prologue.emplace_back("PRAGMA foreign_keys = OFF");
  Statement off;
  off.sql = "PRAGMA foreign_keys";
  off.operations = rebuilding_;
  off.expect = dialect::Expectation{Value(0),
                                    "foreign keys are still enforced: SQLite cannot switch them off inside a transaction that began earlier",
                                    {},
                                    ErrorKind::guard,
                                    false};
  script_.statements.insert(script_.statements.begin(), std::move(off));
  const auto setting = server_.settings.find("foreign_keys");
  const bool on = setting == server_.settings.end() || setting->second == "1" || equals_ignoring_case(setting->second, "on");
  script_.epilogue.push_back(on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
  if (rebuilt_.empty()) return;
  const auto legacy = server_.settings.find("legacy_alter_table");
  const bool legacy_on = legacy != server_.settings.end() && (legacy->second == "1" || equals_ignoring_case(legacy->second, "on"));
  script_.epilogue.push_back(legacy_on ? "PRAGMA legacy_alter_table = ON" : "PRAGMA legacy_alter_table = OFF");
  script_.epilogue.emplace_back("PRAGMA ignore_check_constraints = OFF");
}

}  // namespace aludel::sqlite
