#include "subject.hpp"
#include "support/run_script.hpp"

#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/diff/compare.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/schema/equivalent.hpp>
#include <aludel/schema/stale.hpp>
#include <aludel/text.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Law 3: introspect(execute(render(ops, before))) == canonical(apply(ops, before)), and rows survive.
namespace aludel {
namespace {

using schema::Metadata;
using schema::Name;
using schema::Table;
using test::Database;
using test::Random;
using test::Shape;
using test::Subject;

/// Schema and rows as text: what a failed run must leave as it was.
std::string dump(const Subject& subject, Database& database) {
  std::string text = subject.stored_text(database);
  const Metadata schema = database.schema();
  text += test::dump(schema);
  for (const auto& [name, table] : schema.tables) {
    for (const auto& row : database.connection().execute("SELECT * FROM " + database.quoted(name)).rows) text += to_json(row) + "\n";
  }
  return text;
}

/// Rows with values that now and then fit together; those that break a constraint are left out.
void fill(const Subject& subject, Database& database, const Metadata& schema, Random& random) {
  for (int round = 0; round < 3; ++round) {
    for (const auto& [name, table] : schema.tables) {
      std::vector<std::string> columns;
      std::vector<std::string> row;
      for (const auto& column : table.columns) {
        if (column.generated || random.chance(10)) continue;
        columns.push_back(database.quoted(column.name));
        row.push_back(subject.some_value(random, column));
      }
      if (columns.empty()) continue;
      try {
        database.connection().execute("INSERT INTO " + database.quoted(name) + " (" + join(columns, ", ") + ") VALUES (" + join(row, ", ") + ")");
      } catch (const Error&) {
        continue;  // it breaks a constraint, or a trigger's
      }
    }
  }
}

/// In SQLite a key that alter_column makes an INTEGER is the rowid from then on, although no operation said identity: its inverse leaves it the
/// rowid.
bool becomes_rowid_unsaid(const Metadata& said, const Metadata& canonical) {
  for (const auto& [name, table] : canonical.tables) {
    const auto as_said = said.tables.find(name);
    if (as_said == said.tables.end()) continue;
    for (const auto& column : table.columns) {
      const auto* before = as_said->second.find_column(column.name);
      if (column.identity && before != nullptr && !before->identity) return true;
    }
  }
  return false;
}

/// Where a table's columns were before: new column to old one.
struct Lineage {
  Name before;
  std::map<std::string, std::string> columns;
};

/// Follows tables and columns through the operations; what was dropped, made anew or given other values is left out.
std::map<Name, Lineage> follow(const op::Operations& operations, const Metadata& before) {
  std::map<Name, Lineage> tables;
  for (const auto& [name, table] : before.tables) {
    tables[name].before = name;
    for (const auto& column : table.columns) {
      if (!column.generated) tables[name].columns[column.name] = column.name;
    }
  }
  for (const auto& operation : operations) {
    if (const auto* drop = std::get_if<op::DropTable>(&operation.body)) tables.erase(drop->table);
    if (const auto* rename = std::get_if<op::RenameTable>(&operation.body)) {
      auto node = tables.extract(rename->table);
      if (node) {
        node.key() = {rename->table.schema, rename->to};
        tables.insert(std::move(node));
      }
    }
    if (const auto* alter = std::get_if<op::AlterTable>(&operation.body); alter && alter->schema) {
      auto node = tables.extract(alter->table);
      if (node) {
        node.key() = {alter->schema->to, alter->table.name};
        tables.insert(std::move(node));
      }
    }
    const auto forget = [&](const Name& table, const std::string& column) {
      if (tables.count(table) != 0) tables[table].columns.erase(column);
    };
    if (const auto* drop = std::get_if<op::DropColumn>(&operation.body)) forget(drop->table, drop->column);
    if (const auto* alter = std::get_if<op::AlterColumn>(&operation.body)) {
      if (alter->type || alter->using_ || alter->backfill || alter->generated) forget(alter->table, alter->column);
    }
    if (const auto* alter = std::get_if<op::AlterEnum>(&operation.body); alter && !alter->rename.empty()) {
      for (const auto& [name, table] : before.tables) {
        for (const auto& column : table.columns) {
          const bool of_it = column.type.kind == schema::TypeKind::enumeration || column.type.kind == schema::TypeKind::array;
          if (!of_it) continue;
          for (auto& [now, lineage] : tables) {
            if (lineage.before == name) std::erase_if(lineage.columns, [&](const auto& entry) { return entry.second == column.name; });
          }
        }
      }
    }
    if (const auto* rename = std::get_if<op::RenameColumn>(&operation.body)) {
      if (tables.count(rename->table) == 0) continue;
      auto node = tables[rename->table].columns.extract(rename->column);
      if (node) {
        node.key() = rename->to;
        tables[rename->table].columns.insert(std::move(node));
      }
    }
  }
  return tables;
}

using Contents = std::map<Name, std::vector<std::string>>;

/// The kept columns' contents, by the tables' old names; `now`: read from the new form.
Contents contents(const Subject& subject, Database& database, const std::map<Name, Lineage>& tables, bool now, const Metadata& before,
                  const Metadata& after) {
  Contents all;
  for (const auto& [name, lineage] : tables) {
    const std::string identity = subject.row_identity(before.tables.at(lineage.before));
    std::vector<std::string> columns;
    if (!identity.empty() && identity == subject.row_identity(after.tables.at(name))) columns.push_back(identity);
    for (const auto& [to, from] : lineage.columns) columns.push_back(database.quoted(now ? to : from));
    if (columns.empty()) columns.emplace_back("1");
    const Name& read = now ? name : lineage.before;
    for (const auto& row : database.connection().execute("SELECT " + join(columns, ", ") + " FROM " + database.quoted(read)).rows) {
      all[lineage.before].push_back(to_json(row));
    }
    std::sort(all[lineage.before].begin(), all[lineage.before].end());
  }
  return all;
}

struct Tally {
  std::size_t ran = 0, unsupported = 0, refused_rows = 0, undone = 0;
};

struct Outcome {
  bool ran = false;
  bool whole = false;  ///< in one transaction
};

/// Runs the operations; where rows stand in their way, which must leave everything as it was where DDL can be undone, they have not run.
Outcome run(const Subject& subject, Database& database, const op::Operations& operations, const Metadata& before, bool online, std::string& text) {
  dialect::RenderOptions options;
  options.online = online;
  const dialect::Script script = database.render(operations, before, options);
  text = test::script_text(script);
  const bool whole = std::all_of(script.statements.begin(), script.statements.end(),
                                 [](const dialect::Statement& one) { return one.boundary == dialect::Boundary::none; });
  const std::string state = whole ? dump(subject, database) : "";
  try {
    test::run_script(database.connection(), script);
    return {true, whole};
  } catch (const Error& error) {
    if (!subject.is_of_rows(error)) throw;
    if (whole) {
      EXPECT_EQ(dump(subject, database), state);
    }
    return {false, whole};
  }
}

/// Where a column's type has changed, the server spells what is said of it otherwise (casts), so all is to be asked again.
Metadata without_old_spellings(Metadata schema, const op::Operations& operations) {
  const bool changes_type = std::any_of(operations.begin(), operations.end(), [](const auto& operation) {
    const auto* alter = std::get_if<op::AlterColumn>(&operation.body);
    return alter != nullptr && alter->type;
  });
  if (!changes_type) return schema;
  const auto forget = [](schema::Expression& expression) {
    if (!expression.declared.empty()) expression.canonical.clear();
  };
  for (auto& [name, table] : schema.tables.writable()) {
    for (auto& column : table.columns) {
      if (column.generated) forget(column.generated->expression);
    }
    for (auto& constraint : table.constraints) {
      if (auto* check = std::get_if<schema::Check>(&constraint)) forget(check->expression);
    }
    for (auto& index : table.indexes) {
      if (index.where) forget(*index.where);
    }
  }
  for (auto& [key, object] : schema.objects.writable()) {
    if (key.kind == "view") forget(object.definition);
  }
  return schema;
}

/// For a failing test's message: what a differ sees, in canonical spellings.
std::string between(Database& database, const Metadata& from, const Metadata& to) {
  std::string text;
  const diff::Options options = autogenerate::comparison_options(database.dialect(), database.connection().server());
  for (const auto& operation : diff::compare(from, to, options).operations) {
    text += op::describe(operation) + "\n";
    const auto* replace = std::get_if<op::ReplaceObject>(&operation.body);
    if (replace) text += "  from " + replace->from.definition.canonical + "\n  to " + replace->to.definition.canonical + "\n";
  }
  return text;
}

/// Operations on the schema: what a differ finds, or anything at all.
op::Operations some_operations(Random& random, Database& database, const Metadata& before, const Shape& shape, std::string& trace) {
  const op::Rewriter& rewriter = database.dialect().rewriter();
  if (random.chance(50)) {
    Metadata target =
        random.chance(50) ? test::random_neighbour(random, before, shape, 1 + random.below(6), true, rewriter) : test::random_schema(random, shape);
    target = database.canonical(std::move(target));
    trace += "\ntarget:\n" + test::dump(target);
    return diff::compare(before, target, autogenerate::comparison_options(database.dialect(), database.connection().server())).operations;
  }
  Metadata after = before;
  op::Operations operations;
  for (std::size_t k = 1 + random.below(8); k > 0; --k) operations.push_back(test::random_operation(random, after, shape, rewriter));
  return operations;
}

void check_case(Subject& subject, Random& random, Tally& tally, std::string& trace) {
  const Shape shape = subject.shape();
  const auto held = subject.empty();
  Database& database = *held;
  const op::Rewriter& rewriter = database.dialect().rewriter();
  const bool online = random.chance(50);
  std::string script;
  const Metadata start = database.canonical(test::random_schema(random, shape));
  trace = "start:\n" + test::dump(start);
  ASSERT_TRUE(run(subject, database, op::create_operations(start), {}, online, script).ran);
  const Metadata before = database.schema();
  ASSERT_TRUE(test::equivalent_but_for_stale(before, start, database.comparison())) << "created:\n" << test::dump(before) << script;

  const op::Operations operations = some_operations(random, database, before, shape, trace);
  trace += "\noperations:\n" + test::dump(operations);
  const Metadata said = op::apply(operations, before, rewriter, database.apply_options());
  if (schema::has_stale_text(said)) {  // nothing can be promised then
    ++tally.unsupported;
    return;
  }
  if (random.chance(70)) fill(subject, database, before, random);
  const std::map<Name, Lineage> kept = follow(operations, before);
  const Contents rows = contents(subject, database, kept, false, before, said);
  const Outcome outcome = run(subject, database, operations, before, online, script);
  trace += "\nscript:\n" + script;
  if (!outcome.ran) {
    ++tally.refused_rows;
    if (!database.dialect().capabilities().transactional_ddl || !outcome.whole) return;
    subject.empty_all(database);
    ASSERT_TRUE(run(subject, database, operations, database.schema(), online, script).ran) << "although there are no rows\n" << script;
    return;
  }
  ++tally.ran;
  const Metadata after = database.schema();
  // Asked for now: what names something of another schema is read as if that were there as it is in the database.
  const Metadata expected = database.canonical(without_old_spellings(said, operations));
  ASSERT_TRUE(test::equivalent_but_for_stale(expected, after, database.comparison())) << "expected:\n"
                                                                                      << test::dump(expected) << "found:\n"
                                                                                      << test::dump(after) << "between them:\n"
                                                                                      << between(database, expected, after);
  ASSERT_EQ(rows, contents(subject, database, kept, true, before, after));
  subject.check_integrity(database);

  if (becomes_rowid_unsaid(said, expected)) return;
  const op::Operations inverse = op::invert(operations, before, rewriter, database.apply_options());
  trace += "\ninverse:\n" + test::dump(inverse);
  if (schema::has_stale_text(op::apply(inverse, after, rewriter, database.apply_options()))) return;
  const bool undone = run(subject, database, inverse, after, online, script).ran;
  trace += "\nscript:\n" + script;
  if (!undone) return;
  ++tally.undone;
  const Metadata again = database.schema();
  ASSERT_TRUE(test::equivalent_but_for_stale(again, before, database.comparison())) << "undone:\n" << test::dump(again);
  ASSERT_EQ(rows, contents(subject, database, kept, false, before, expected));
}

class Law3 : public testing::TestWithParam<std::shared_ptr<Subject>> {};

TEST_P(Law3, TheSquareCommutesAndRowsSurvive) {
  const std::uint64_t seed = test::seed_from_environment();
  const std::size_t cases = test::cases_from_environment(GetParam()->cases());
  Random seeds(seed);
  Tally tally;
  for (std::size_t i = 0; i < cases; ++i) {
    Random random(seeds.seed());
    std::string trace;
    try {
      check_case(*GetParam(), random, tally, trace);
    } catch (const Error& error) {
      // What the database does not have, text that a rename has left stale, views that name each other.
      const auto says = [&](std::string_view text) { return error.message().find(text) != std::string::npos; };
      if (error.kind() == ErrorKind::unsupported || GetParam()->is_lacking(error) || says("could not be rewritten") || says("circularly defined")) {
        ++tally.unsupported;
        continue;
      }
      FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << ": " << error.text() << "\n" << trace;
    }
    if (HasFatalFailure() || HasNonfatalFailure()) FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << "\n" << trace;
  }
  RecordProperty("ran", static_cast<int>(tally.ran));
  EXPECT_GT(tally.ran, cases / 2) << tally.unsupported << " unsupported, " << tally.refused_rows << " refused for their rows";
  EXPECT_GT(tally.undone, cases / 4);
}

TEST_P(Law3, ARenameToTheSameNameChangesNothing) {
  const auto database = GetParam()->empty();
  const Name hero{"", "hero"};
  Table table;
  table.name = hero;
  for (const char* name : {"power", "age"}) {
    schema::Column& column = table.columns.emplace_back();
    column.name = name;
    column.type = schema::Type::integer();
  }
  schema::Check check;
  check.name = "ck_age";
  check.expression = schema::Expression("age > 0");
  table.constraints.emplace_back(check);
  schema::Index index;
  index.name = "ix_age";
  index.columns = {"age"};
  table.indexes = {index};
  Metadata before;
  before.add(table);
  before = database->canonical(before);
  const op::Operations operations{op::RenameTable{hero, "hero"}, op::RenameColumn{hero, "age", "age"}, op::RenameConstraint{hero, "ck_age", "ck_age"},
                                  op::RenameIndex{hero, "ix_age", "ix_age"}};
  EXPECT_EQ(test::script_text(database->render(operations, before)), "");
}

INSTANTIATE_TEST_SUITE_P(Dialects, Law3, testing::ValuesIn(test::subjects()), [](const auto& one) { return one.param->name(); });

}  // namespace
}  // namespace aludel
