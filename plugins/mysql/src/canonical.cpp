#include "canonical.hpp"

#include "canonical_server.hpp"
#include "connection.hpp"
#include "normal.hpp"
#include "printed.hpp"

#include <aludel/error.hpp>
#include <aludel/mysql/mysql.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <utility>

namespace aludel::mysql {

using schema::Column;
using schema::Constraint;
using schema::Expression;
using schema::IndexPart;
using schema::Metadata;
using schema::Table;

namespace {

// What a server has not yet spelled

bool open(const Expression& expression) { return expression.canonical.empty() && !expression.declared.empty(); }
bool open(const std::vector<IndexPart>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const IndexPart& part) { return part.expression && open(*part.expression); });
}
bool open(const Column& column) {
  return column.type.canonical.empty() || (column.server_default && open(*column.server_default)) ||
         (column.generated && open(column.generated->expression));
}
bool open(const Constraint& constraint) {
  const auto* check = std::get_if<schema::Check>(&constraint);
  return check != nullptr && open(check->expression);
}
bool open(const Table& table) {
  return !table.external && (std::any_of(table.columns.begin(), table.columns.end(), [](const Column& one) { return open(one); }) ||
                             std::any_of(table.constraints.begin(), table.constraints.end(), [](const Constraint& one) { return open(one); }) ||
                             std::any_of(table.indexes.begin(), table.indexes.end(), [](const schema::Index& one) { return open(one.columns); }));
}

/// What is to be made so that everything open is spelled; a view needs its tables.
Metadata to_ask(const Metadata& declared) {
  const bool objects = std::any_of(declared.objects.begin(), declared.objects.end(), [](const auto& entry) { return open(entry.second.definition); });
  if (objects) return declared;
  Metadata asked;
  for (const auto& [name, table] : declared.tables) {
    if (open(table)) asked.add(table);
  }
  return asked;
}

// The server's spelling over the author's

void keep_declared(Expression& made, const Expression& declared) {
  made.declared = declared.declared;
  made.stale = declared.stale;
}
void keep_declared(schema::Boxed<Expression>& made, const schema::Boxed<Expression>& declared) {
  if (made && declared) keep_declared(*made, *declared);
}
void keep_declared(std::vector<IndexPart>& made, const std::vector<IndexPart>& declared) {
  if (made.size() != declared.size()) return;
  for (std::size_t i = 0; i < made.size(); ++i) keep_declared(made[i].expression, declared[i].expression);
}

/// Ours are the server's; other dialects' stay.
void keep_declared(schema::Options& made, const schema::Options& declared) {
  for (const auto& [dialect, options] : declared) {
    if (dialect != "mysql" && dialect != "mariadb") made[dialect] = options;
  }
}

void keep_declared(Column& made, const Column& declared) {
  std::string canonical = std::move(made.type.canonical);
  made.type = declared.type;
  made.type.canonical = std::move(canonical);
  made.name = declared.name;
  keep_declared(made.server_default, declared.server_default);
  if (made.generated && declared.generated) keep_declared(made.generated->expression, declared.generated->expression);
  keep_declared(made.options, declared.options);
  made.renamed_from = declared.renamed_from;
  made.backfill = declared.backfill;
}

void keep_declared(Constraint& made, const Constraint& declared) {
  if (auto* check = std::get_if<schema::Check>(&made)) keep_declared(check->expression, std::get<schema::Check>(declared).expression);
  if (auto* unique = std::get_if<schema::Unique>(&made)) keep_declared(unique->columns, std::get<schema::Unique>(declared).columns);
  if (auto* key = std::get_if<schema::PrimaryKey>(&made)) keep_declared(key->columns, std::get<schema::PrimaryKey>(declared).columns);
  schema::Options options = std::visit([](const auto& one) { return one.options; }, declared);
  std::visit([&](auto& one) { keep_declared(one.options, options); }, made);
}

/// The name that a constraint has in the server: one that only the server gave is not its name.
std::string name_there(const Constraint& constraint) {
  if (!name_of(constraint).empty()) return name_of(constraint);
  if (const auto* check = std::get_if<schema::Check>(&constraint)) return check->spelling;
  if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) return key->spelling;
  return {};
}

bool same_columns(const Constraint& a, const Constraint& b) {
  const auto* left = std::get_if<schema::Unique>(&a);
  const auto* right = std::get_if<schema::Unique>(&b);
  if (left == nullptr || right == nullptr) return true;
  return std::equal(left->columns.begin(), left->columns.end(), right->columns.begin(), right->columns.end(),
                    [](const IndexPart& x, const IndexPart& y) { return equals_ignoring_case(x.column, y.column); });
}

class TableOverlay {
 public:
  TableOverlay(Table& declared, const Table& made) : declared_(declared), made_(made) {}

  void run() {
    columns();
    constraints();
    indexes();
    declared_.comment = made_.comment;
    schema::Options options = made_.options;
    keep_declared(options, declared_.options);
    declared_.options = std::move(options);
  }

 private:
  void columns() {
    std::vector<bool> used(made_.columns.size(), false);
    for (Column& column : declared_.columns) {
      for (std::size_t i = 0; i < made_.columns.size(); ++i) {
        if (used[i] || !equals_ignoring_case(made_.columns[i].name, column.name)) continue;
        used[i] = true;
        Column made = made_.columns[i];
        keep_declared(made, column);
        column = std::move(made);
        break;
      }
    }
    for (std::size_t i = 0; i < made_.columns.size(); ++i) {
      if (!used[i]) declared_.columns.push_back(made_.columns[i]);
    }
  }

  void constraints() {
    std::vector<bool> used(made_.constraints.size(), false);
    const auto take = [&](Constraint& constraint, const auto& matches) {
      for (std::size_t i = 0; i < made_.constraints.size(); ++i) {
        const Constraint& candidate = made_.constraints[i];
        if (used[i] || candidate.index() != constraint.index() || !matches(candidate)) continue;
        used[i] = true;
        Constraint made = candidate;
        keep_declared(made, constraint);
        constraint = std::move(made);
        return true;
      }
      return false;
    };
    std::vector<Constraint*> unnamed;
    for (Constraint& constraint : declared_.constraints) {
      const std::string name = name_of(constraint);
      if (name.empty() || !take(constraint, [&](const Constraint& one) { return equals_ignoring_case(name_there(one), name); }))
        unnamed.push_back(&constraint);
    }
    // The server numbers them in the order in which they were said.
    for (Constraint* constraint : unnamed) take(*constraint, [&](const Constraint& one) { return same_columns(*constraint, one); });
    for (std::size_t i = 0; i < made_.constraints.size(); ++i) {
      if (!used[i]) declared_.constraints.push_back(made_.constraints[i]);
    }
  }

  /// What the server gave to foreign keys is among them; what it found needless is not.
  void indexes() {
    std::vector<schema::Index> declared = std::exchange(declared_.indexes, made_.indexes);
    std::stable_sort(declared_.indexes.begin(), declared_.indexes.end(),
                     [&](const schema::Index& a, const schema::Index& b) { return place(declared, a.name) < place(declared, b.name); });
    for (schema::Index& index : declared_.indexes) {
      const std::size_t at = place(declared, index.name);
      if (at == declared.size()) continue;
      keep_declared(index.columns, declared[at].columns);
      keep_declared(index.options, declared[at].options);
    }
  }
  static std::size_t place(const std::vector<schema::Index>& indexes, const std::string& name) {
    return static_cast<std::size_t>(
        std::find_if(indexes.begin(), indexes.end(), [&](const schema::Index& one) { return equals_ignoring_case(one.name, name); }) -
        indexes.begin());
  }

  Table& declared_;
  const Table& made_;
};

void overlay(Metadata& declared, const Metadata& made, const Metadata& asked) {
  for (const auto& [name, table] : made.tables) {
    if (!asked.tables.contains(name)) continue;
    Table* own = declared.find_table(name);
    if (own != nullptr && !own->external) TableOverlay(*own, table).run();
  }
  for (auto& [key, object] : declared.objects.writable()) {
    const auto found = made.objects.find(key);
    if (found == made.objects.end()) continue;
    schema::Object spelled = found->second;
    keep_declared(spelled.definition, object.definition);
    keep_declared(spelled.options, object.options);
    object = std::move(spelled);
  }
  for (auto& [name, sequence] : declared.sequences) {
    const auto found = made.sequences.find(name);
    if (found == made.sequences.end()) continue;
    schema::Options options = std::exchange(sequence.options, {});
    sequence = found->second;
    keep_declared(sequence.options, options);
  }
}

}  // namespace

Metadata canonicalise(Metadata declared, dialect::Connection* connection) {
  const Connection* own = ours(connection);
  Metadata asked = own == nullptr ? Metadata() : to_ask(declared);
  dialect::Server server = connection == nullptr ? dialect().default_server() : connection->server();
  if (connection == nullptr) server.settings.clear();  // nobody knows what holds anyway there
  normalise(declared, server, own == nullptr ? "" : own->database());
  if (asked.empty()) return declared;
  normalise(asked, own->server(), own->database());
  const std::string key = cache_key(asked, *own);
  std::optional<PrintedSchema> printed = cached_answer(key);
  if (!printed) {
    try {
      Asked answer = ask_server(asked, *own);
      if (answer.complete) cache_answer(key, answer.printed);
      printed = std::move(answer.printed);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported) throw;
      own->notice(error.message() + ": expressions are compared as they are written, not as the server reads them");
      return declared;
    }
  }
  overlay(declared, read_printed(*printed), asked);
  return declared;
}

}  // namespace aludel::mysql
