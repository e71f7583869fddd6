#include <aludel/migrate/create_all.hpp>

#include "identity.hpp"

#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace aludel::migrate {

namespace {

/// Names as the dialect tells them apart.
std::string key_of(const dialect::Dialect& dialect, std::string text) { return dialect.capabilities().fold_identifiers ? to_lower(text) : text; }

schema::Metadata without_external(schema::Metadata metadata) {
  for (auto entry = metadata.tables.begin(); entry != metadata.tables.end();)
    entry = entry->second.external ? metadata.tables.erase(entry) : std::next(entry);
  return metadata;
}

/// The elements of `from` that `other` has too, or, with `common` false, those that it lacks.
schema::Metadata select(const dialect::Dialect& dialect, schema::Metadata from, const schema::Metadata& other, bool common) {
  const auto keep = [&](auto& map, const auto& others, const auto& text) {
    std::set<std::string> known;
    for (const auto& [key, unused] : others) known.insert(key_of(dialect, text(key)));
    for (auto entry = map.begin(); entry != map.end();)
      entry = (known.count(key_of(dialect, text(entry->first))) != 0) == common ? std::next(entry) : map.erase(entry);
  };
  const auto text = [](const auto& key) { return key.text(); };
  keep(from.tables, other.tables, text);
  keep(from.enums, other.enums, text);
  keep(from.sequences, other.sequences, text);
  keep(from.objects, other.objects, text);
  keep(from.schemas, other.schemas, [](const std::string& name) { return name; });
  return from;
}

/// Renders and runs operations, in one transaction where the dialect can; `last` runs inside it, before it commits, and may call it off.
bool run(dialect::Connection& connection, const op::Operations& operations, const schema::Metadata& before, const std::function<bool()>& last) {
  const auto& dialect = connection.dialect();
  dialect::RenderOptions options;
  options.foreign_keys_off = true;
  const auto script = dialect.renderer().render(operations, before, connection.server(), options);
  const auto afterwards = [&](Error* error) {
    for (const auto& sql : script.epilogue) try {
        connection.execute(sql);
      } catch (const Error& failure) {
        if (error == nullptr) throw;
        error->add_note(quoted(sql) + " failed: " + failure.message());
      }
  };
  bool done = true;
  try {
    for (const auto& sql : script.prologue) connection.execute(sql);
    const bool together = dialect.capabilities().transactional_ddl;
    if (together) connection.begin();
    for (const auto& statement : script.statements) {
      const auto rows = connection.execute(statement.sql);
      if (statement.expect && rows.scalar() != statement.expect->equals)
        throw Error(statement.expect->kind, dialect::failure_text(*statement.expect, rows.scalar()));
    }
    if (!together) connection.begin();
    done = !last || last();
    if (done)
      connection.commit();
    else
      connection.rollback();
  } catch (Error& error) {
    if (connection.in_transaction()) connection.rollback();
    afterwards(&error);
    throw;
  }
  afterwards(nullptr);
  return done;
}

Entry stamp_entry(dialect::Connection& connection, std::int64_t position, const std::vector<std::string>& heads) {
  Entry entry;
  entry.position = position;
  entry.revision = heads.empty() ? "base" : join(heads, ",");
  entry.action = Action::stamp;
  entry.message = "created from models";
  entry.started = entry.finished = utc_now();
  entry.who = who_am_i();
  entry.tool = tool_name({});
  entry.session = connection.session();
  entry.heads_after = heads;
  return entry;
}

}  // namespace

void create_all(dialect::Connection& connection, const schema::Metadata& metadata, const CreateAllOptions& options) {
  const auto& dialect = connection.dialect();
  const auto target = dialect.canonicalise(without_external(metadata), &connection);
  Journal journal(connection, options.names);
  for (;;) {
    if (options.stamp != nullptr && !journal.heads().empty()) return;  // it has a history, which upgrade carries on
    dialect::Scope scope;
    scope.ignored_tables = options.names.tables();
    const auto existing = dialect.introspector().introspect(connection, scope);
    const auto operations = op::create_operations(select(dialect, target, existing, false));
    if (options.stamp == nullptr) {
      if (!operations.empty()) run(connection, operations, existing, {});
      return;
    }
    const auto known = select(dialect, target, existing, true);
    if (!known.tables.empty())
      throw Error(ErrorKind::revision,
                  "the table " + quoted(known.tables.begin()->first.text()) +
                      " exists already, in a database without a history: whether it is as the newest revision makes it is not known")
          .with_hint("say with `aludel stamp REV` where the database stands, then upgrade");
    journal.create();
    const auto position = journal.position();
    const auto heads = revision::Graph(options.stamp->revisions()).heads();
    const bool stamped = run(connection, operations, existing, [&] {
      if (!journal.take(stamp_entry(connection, position + 1, heads))) return false;
      journal.move_heads({}, heads, position + 1);
      return true;
    });
    if (stamped) return;
  }
}

void drop_all(dialect::Connection& connection, const schema::Metadata& metadata, const JournalNames& names) {
  const auto& dialect = connection.dialect();
  const auto existing = dialect.introspector().introspect(connection, dialect::Scope{});
  auto named = dialect.canonicalise(without_external(metadata), &connection);
  const auto ours = Journal(connection, names).tables();
  for (const auto& [name, table] : ours.tables) named.tables.insert_or_assign(name, table);
  // What hangs on a table goes with it, whoever made it.
  for (const auto& [key, object] : existing.objects)
    if (named.tables.count(schema::Name{key.name.schema, key.parent}) != 0) named.objects.emplace(key, object);
  const auto doomed = select(dialect, existing, named, true);
  auto operations = op::invert(op::create_operations(doomed), schema::Metadata{}, dialect.rewriter());
  if (!operations.empty()) run(connection, operations, doomed, {});
}

}  // namespace aludel::migrate
