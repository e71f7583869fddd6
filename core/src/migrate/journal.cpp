#include <aludel/migrate/journal.hpp>

#include "identity.hpp"
#include "journal_sql.hpp"

#include <aludel/error.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

namespace aludel::migrate {

namespace {

constexpr std::int64_t creation = 0;
constexpr std::int64_t last_failure = -1;
constexpr std::int64_t plan_position = -2;

/// The journal's columns, in the order `read` and `row` use.
constexpr std::array<std::string_view, 24> column_names{"position",    "layout",     "revision", "action",         "message",     "segment",
                                                        "segments",    "state",      "started",  "finished",       "duration_ms", "who",
                                                        "tool",        "session",    "checksum", "down_revisions", "depends_on",  "heads_before",
                                                        "heads_after", "operations", "inverse",  "statements",     "flags",       "error"};

Value to_value(std::span<const std::string> texts) {
  Value::Array array;
  for (const auto& text : texts) array.emplace_back(text);
  return Value(std::move(array));
}

std::vector<std::string> to_strings(const Value& value) {
  std::vector<std::string> result;
  if (const auto* array = value.array())
    for (const auto& item : *array)
      if (const auto* text = item.string()) result.push_back(*text);
  return result;
}

std::string text_of(const Value& value) {
  const auto* text = value.string();
  return text == nullptr ? std::string() : *text;
}

std::int64_t number_of(const Value& value) {
  const auto* number = value.integer();
  return number == nullptr ? 0 : *number;
}

template <class Enumerator, std::size_t size>
Enumerator parse(const std::array<Enumerator, size>& all, std::string_view text, Enumerator otherwise) {
  for (const auto one : all)
    if (to_string(one) == text) return one;
  return otherwise;
}

std::vector<Value> row(const Entry& entry) {
  return {entry.position,
          entry.layout,
          entry.revision,
          to_string(entry.action),
          entry.message,
          entry.segment,
          entry.segments,
          to_string(entry.state),
          entry.started,
          entry.finished,
          entry.duration_ms,
          entry.who,
          entry.tool,
          entry.session,
          entry.checksum,
          to_json(to_value(entry.down_revisions)),
          to_json(to_value(entry.depends_on)),
          to_json(to_value(entry.heads_before)),
          to_json(to_value(entry.heads_after)),
          to_json(entry.operations),
          to_json(entry.inverse),
          to_json(entry.plan.is_null() ? to_value(entry.statements) : entry.plan),
          to_json(to_value(entry.flags)),
          entry.error};
}

Entry entry_of(const std::vector<Value>& values, std::string_view table) {
  Entry entry;
  std::size_t next = 0;
  const auto number = [&] { return number_of(values[next++]); };
  const auto text = [&] { return text_of(values[next++]); };
  entry.position = number();
  const auto json = [&] { return from_json(text_of(values[next++]), fmt::format("{} position {}", table, entry.position)); };
  entry.layout = static_cast<int>(number());
  entry.revision = text();
  entry.action = parse(std::array{Action::create, Action::upgrade, Action::downgrade, Action::stamp}, text(), Action::upgrade);
  entry.message = text();
  entry.segment = static_cast<int>(number());
  entry.segments = static_cast<int>(number());
  entry.state = parse(std::array{EntryState::intent, EntryState::done, EntryState::failed}, text(), EntryState::intent);
  entry.started = text();
  entry.finished = text();
  entry.duration_ms = number();
  entry.who = text();
  entry.tool = text();
  entry.session = text();
  entry.checksum = text();
  entry.down_revisions = to_strings(json());
  entry.depends_on = to_strings(json());
  entry.heads_before = to_strings(json());
  entry.heads_after = to_strings(json());
  entry.operations = json();
  entry.inverse = json();
  auto statements = json();
  if (statements.object() != nullptr)
    entry.plan = std::move(statements);
  else
    entry.statements = to_strings(statements);
  entry.flags = to_strings(json());
  entry.error = text();
  return entry;
}

schema::Column column(std::string_view name, schema::Type type) {
  schema::Column result;
  result.name = name;
  result.type = std::move(type);
  result.nullable = false;
  return result;
}

schema::Type type_of(std::string_view name, const dialect::Capabilities& capabilities) {
  static const std::set<std::string_view> numbers{"position", "layout", "segment", "segments", "duration_ms"};
  static const std::set<std::string_view> short_texts{"revision", "action", "state", "started", "finished", "checksum"};
  if (numbers.count(name) != 0) return name == "position" || name == "duration_ms" ? schema::Type::bigint() : schema::Type::integer();
  if (short_texts.count(name) != 0) return schema::Type::varchar(255);
  return capabilities.long_text.empty() ? schema::Type::string() : schema::Type::native(capabilities.long_text);
}

std::string values_list(const dialect::Dialect& dialect, const std::vector<Value>& values) {
  std::vector<std::string> literals;
  for (const auto& value : values) literals.push_back(dialect.quote_literal(value));
  return join(literals, ", ");
}

std::string columns_list(const dialect::Dialect& dialect) {
  std::vector<std::string> names;
  for (const auto name : column_names) names.push_back(dialect.quote_identifier(name));
  return join(names, ", ");
}

}  // namespace

std::string insert_entry(const dialect::Dialect& dialect, const JournalNames& names, const Entry& entry) {
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", dialect.quote_name(names.journal()), columns_list(dialect), values_list(dialect, row(entry)));
}

std::vector<schema::Name> JournalNames::tables() const { return {version(), journal()}; }

std::string_view to_string(Action action) {
  switch (action) {
    case Action::create:
      return "create";
    case Action::upgrade:
      return "upgrade";
    case Action::downgrade:
      return "downgrade";
    case Action::stamp:
      return "stamp";
  }
  return "";
}

std::string_view to_string(EntryState state) {
  switch (state) {
    case EntryState::intent:
      return "intent";
    case EntryState::done:
      return "done";
    case EntryState::failed:
      return "failed";
  }
  return "";
}

Journal::Journal(dialect::Connection& connection, JournalNames names) : connection_(&connection), names_(std::move(names)) {}

schema::Metadata Journal::tables() const {
  schema::Metadata metadata;
  schema::Table versions;
  versions.name = names_.version();
  versions.columns = {column("revision", schema::Type::varchar(255)), column("position", schema::Type::bigint())};
  schema::PrimaryKey key;
  key.columns = {"revision"};
  versions.constraints = {key};
  metadata.add(std::move(versions));

  schema::Table journal;
  journal.name = names_.journal();
  for (const auto name : column_names) journal.columns.push_back(column(name, type_of(name, connection_->dialect().capabilities())));
  key.columns = {"position"};
  journal.constraints = {key};
  metadata.add(std::move(journal));
  return metadata;
}

std::string Journal::quote(const schema::Name& table) const { return connection_->dialect().quote_name(table); }

bool Journal::present(const schema::Name& table) {
  const auto look = "SELECT 1 FROM " + quote(table) + " WHERE 1 = 0";
  try {
    connection_->execute(look);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::database) throw;
    // No dialect says portably that a table is missing; its absence is looked up, so that a table that cannot be read is no new database.
    dialect::Scope scope;
    if (!table.schema.empty()) scope.schemas = {table.schema};
    if (connection_->dialect().introspector().introspect(*connection_, scope).find_table(table) == nullptr) return false;
  }
  connection_->execute(look);  // somebody has made it since, or this says what is wrong with it
  return true;
}

bool Journal::is_empty(const schema::Name& table) { return number_of(connection_->execute("SELECT count(*) FROM " + quote(table)).scalar()) == 0; }

bool Journal::exists() {
  if (known_) return true;
  // Looked at twice: somebody may be creating them between the two looks.
  for (int attempt = 0;; ++attempt) {
    const bool journal = present(names_.journal());
    const bool versions = present(names_.version());
    if (!journal && !versions) return false;
    if (journal && has_layout()) {
      if (versions) break;
    } else if ((!journal || is_empty(names_.journal())) && (!versions || is_empty(names_.version()))) {
      // A journal is never without its first row: whoever creates it has not come that far, or died before. `create` goes on with it.
      return false;
    }
    if (attempt == 0) continue;
    if (journal && !has_layout()) throw no_journal("it has no layout number");
    const auto& missing = journal ? names_.version() : names_.journal();
    const auto& there = journal ? names_.journal() : names_.version();
    throw Error(ErrorKind::revision, "the database has the table " + quoted(there.text()) + " but not " + quoted(missing.text()) +
                                         ": a history with a part missing is not taken for a new one")
        .with_hint("restore " + missing.text() + " from a backup, or drop " + there.text() +
                   " and say with `aludel stamp` where the database stands");
  }
  known_ = true;
  return true;
}

Error Journal::no_journal(const std::string& why) const {
  return Error(ErrorKind::revision, "the table " + quoted(names_.journal().text()) + " is not a journal of aludel: " + why)
      .with_hint("set journal_table in [run] of aludel.toml to a name that is free");
}

bool Journal::has_layout() {
  const auto& dialect = connection_->dialect();
  Value layout;
  try {
    layout = connection_->execute(fmt::format("SELECT max({}) FROM {}", dialect.quote_identifier("layout"), quote(names_.journal()))).scalar();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::database) throw;
    throw no_journal(error.message());
  }
  // SQLite takes a quoted name that no column has for a string.
  if (layout.integer() == nullptr) return false;
  if (number_of(layout) <= journal_layout) return true;
  throw Error(ErrorKind::revision, fmt::format("the journal {} has layout {}, written by a newer aludel; this one knows layouts up to {}",
                                               quoted(names_.journal().text()), number_of(layout), journal_layout))
      .with_hint("run the newer aludel; nothing was changed");
}

void Journal::create() {
  if (exists()) return;
  const auto& dialect = connection_->dialect();
  op::Operations operations;
  if (!names_.schema.empty() && dialect.capabilities().schemas) {
    op::CreateSchema space;
    space.schema.name = names_.schema;
    space.if_not_exists = true;
    operations.emplace_back(space);
  }
  const auto wanted = tables();
  for (const auto& [name, table] : wanted.tables) operations.emplace_back(op::CreateTable{table, true});
  const auto script = dialect.renderer().render(operations, schema::Metadata{}, connection_->server(), dialect::RenderOptions{});

  Entry header;
  header.position = creation;
  header.action = Action::create;
  header.message = "journal created";
  header.started = header.finished = utc_now();
  header.who = who_am_i();
  header.tool = tool_name({});
  header.session = connection_->session();

  const bool together = dialect.capabilities().transactional_ddl;
  try {
    for (const auto& sql : script.prologue) connection_->execute(sql);
    if (together) connection_->begin();
    for (const auto& statement : script.statements) connection_->execute(statement.sql);
    if (!together) connection_->begin();
    connection_->execute(insert_entry(dialect, names_, header));
    connection_->commit();
  } catch (const Error& error) {
    if (connection_->in_transaction()) connection_->rollback();
    // Somebody else was faster: a duplicate row, or, on some servers, a duplicate in the catalog.
    if (error.kind() != ErrorKind::database && error.kind() != ErrorKind::constraint) throw;
    if (!exists()) throw present(names_.journal()) ? no_journal(error.message()) : error;
  }
  for (const auto& sql : script.epilogue) connection_->execute(sql);
  known_ = true;
}

std::vector<std::string> Journal::heads() {
  may_have_leftovers_ = true;  // others may have left something
  if (!exists()) return {};
  std::vector<std::string> heads;
  const auto& dialect = connection_->dialect();
  for (const auto& values :
       connection_->execute(fmt::format("SELECT {} FROM {}", dialect.quote_identifier("revision"), quote(names_.version()))).rows)
    heads.push_back(text_of(values.front()));
  std::sort(heads.begin(), heads.end());
  return heads;
}

std::int64_t Journal::position() {
  if (!exists()) return -1;
  const auto& dialect = connection_->dialect();
  return number_of(
      connection_->execute(fmt::format("SELECT max({}) FROM {}", dialect.quote_identifier("position"), quote(names_.journal()))).scalar());
}

std::vector<Entry> Journal::read(std::string_view where) {
  std::vector<Entry> entries;
  if (!exists()) return entries;
  const auto& dialect = connection_->dialect();
  const auto sql =
      fmt::format("SELECT {} FROM {}{} ORDER BY {}", columns_list(dialect), quote(names_.journal()), where, dialect.quote_identifier("position"));
  for (const auto& values : connection_->execute(sql).rows) entries.push_back(entry_of(values, names_.journal().text()));
  return entries;
}

std::vector<Entry> Journal::entries() {
  return read(fmt::format(" WHERE {} >= {}", connection_->dialect().quote_identifier("position"), last_failure));
}

std::vector<Entry> Journal::entries_of(std::string_view revision) {
  const auto& dialect = connection_->dialect();
  return read(fmt::format(" WHERE {} = {} AND {} > 0", dialect.quote_identifier("revision"), dialect.quote_literal(Value(revision)),
                          dialect.quote_identifier("position")));
}

std::optional<Entry> Journal::entry_at(std::int64_t position) {
  auto found = read(fmt::format(" WHERE {} = {}", connection_->dialect().quote_identifier("position"), position));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<Entry> Journal::plan() {
  auto found = entry_at(plan_position);
  return found && found->plan.object() != nullptr ? std::move(found) : std::nullopt;
}

std::vector<Entry> Journal::applied_checksums() {
  std::vector<Entry> entries;
  if (!exists()) return entries;
  const auto& dialect = connection_->dialect();
  const auto name = [&](std::string_view column) { return dialect.quote_identifier(column); };
  const auto is = [&](std::string_view column, std::string_view text) { return name(column) + " = " + dialect.quote_literal(Value(text)); };
  const auto sql = fmt::format("SELECT {}, {}, {} FROM {} WHERE {} AND {} AND {} = {} ORDER BY {}", name("position"), name("revision"),
                               name("checksum"), quote(names_.journal()), is("action", to_string(Action::upgrade)),
                               is("state", to_string(EntryState::done)), name("segment"), name("segments"), name("position"));
  for (const auto& values : connection_->execute(sql).rows) {
    Entry entry;
    entry.position = number_of(values[0]);
    entry.revision = text_of(values[1]);
    entry.checksum = text_of(values[2]);
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool Journal::take(const Entry& entry) {
  try {
    connection_->execute(insert_entry(connection_->dialect(), names_, entry));
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::constraint) return false;
    throw;
  }
}

void Journal::settle(const Entry& entry, bool with_operations) {
  const auto& dialect = connection_->dialect();
  const auto set = [&](std::string_view name, const Value& value) { return dialect.quote_identifier(name) + " = " + dialect.quote_literal(value); };
  std::vector<std::string> changes{set("state", to_string(entry.state)), set("finished", entry.finished), set("duration_ms", entry.duration_ms),
                                   set("statements", to_json(to_value(entry.statements))), set("error", entry.error)};
  if (with_operations) {
    changes.push_back(set("operations", to_json(entry.operations)));
    changes.push_back(set("inverse", to_json(entry.inverse)));
  }
  connection_->execute(fmt::format("UPDATE {} SET {} WHERE {}", quote(names_.journal()), join(changes, ", "), set("position", entry.position)));
}

bool Journal::settle_intent(const Entry& entry) {
  const auto& dialect = connection_->dialect();
  const auto is = [&](std::string_view name, const Value& value) { return dialect.quote_identifier(name) + " = " + dialect.quote_literal(value); };
  return connection_
             ->execute(fmt::format("UPDATE {} SET {}, {}, {} WHERE {} AND {} AND {}", quote(names_.journal()), is("state", to_string(entry.state)),
                                   is("finished", entry.finished), is("error", entry.error), is("position", entry.position),
                                   is("state", to_string(EntryState::intent)), is("started", entry.started)))
             .affected == 1;
}

bool Journal::flag_intent(const Entry& entry, std::string_view flag) {
  auto flags = entry.flags;
  flags.emplace_back(flag);
  const auto& dialect = connection_->dialect();
  const auto is = [&](std::string_view name, const Value& value) { return dialect.quote_identifier(name) + " = " + dialect.quote_literal(value); };
  return connection_
             ->execute(fmt::format("UPDATE {} SET {} WHERE {} AND {} AND {}", quote(names_.journal()), is("flags", to_json(to_value(flags))),
                                   is("position", entry.position), is("state", to_string(EntryState::intent)), is("started", entry.started)))
             .affected == 1;
}

void Journal::store_plan(Entry plan) {
  plan.position = plan_position;
  plan.layout = 2;
  may_have_leftovers_ = true;
  remove(plan_position);
  connection_->execute(insert_entry(connection_->dialect(), names_, plan));
}

void Journal::remove_leftovers() {
  if (!may_have_leftovers_) return;
  const auto removed = connection_->execute(
      fmt::format("DELETE FROM {} WHERE {} < {}", quote(names_.journal()), connection_->dialect().quote_identifier("position"), creation));
  // What was removed comes back if the transaction does not hold; nothing does not.
  may_have_leftovers_ = removed.affected != 0;
}

void Journal::remove(std::int64_t position) {
  connection_->execute(
      fmt::format("DELETE FROM {} WHERE {} = {}", quote(names_.journal()), connection_->dialect().quote_identifier("position"), position));
}

std::string insert_next_entry(const dialect::Dialect& dialect, const JournalNames& names, const Entry& entry) {
  std::vector<std::string> values;
  const auto fields = row(entry);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto name = column_names[i];
    if (name == "position")
      values.push_back("max(" + dialect.quote_identifier(name) + ") + 1");
    else if (name == "started" || name == "finished")
      values.emplace_back("CURRENT_TIMESTAMP");
    else
      values.push_back(dialect.quote_literal(fields[i]));
  }
  const auto table = dialect.quote_name(names.journal());
  return fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table, columns_list(dialect), join(values, ", "), table);
}

std::vector<std::string> head_changes(const dialect::Dialect& dialect, const JournalNames& names, std::span<const std::string> before,
                                      std::span<const std::string> after, std::optional<std::int64_t> position) {
  std::vector<std::string> statements;
  const auto table = dialect.quote_name(names.version());
  const auto revision = dialect.quote_identifier("revision");
  const auto at = position ? std::to_string(*position)
                           : fmt::format("(SELECT max({}) FROM {})", dialect.quote_identifier("position"), dialect.quote_name(names.journal()));
  const auto position_name = dialect.quote_identifier("position");
  const auto without = [](std::span<const std::string> ids, std::span<const std::string> others) {
    std::vector<std::string> left;
    std::ranges::copy_if(ids, std::back_inserter(left), [&](const auto& id) { return std::ranges::find(others, id) == others.end(); });
    return left;
  };
  const auto goes = without(before, after), comes = without(after, before);
  const auto literal = [&](const std::string& id) { return dialect.quote_literal(Value(id)); };
  for (std::size_t i = 0; i < std::max(goes.size(), comes.size()); ++i) {
    if (i >= comes.size()) {
      statements.push_back(fmt::format("DELETE FROM {} WHERE {} = {}", table, revision, literal(goes[i])));
    } else if (i >= goes.size()) {
      statements.push_back(fmt::format("INSERT INTO {} ({}, {}) VALUES ({}, {})", table, revision, position_name, literal(comes[i]), at));
    } else {
      statements.push_back(fmt::format("UPDATE {} SET {} = {}, {} = {} WHERE {} = {}", table, revision, literal(comes[i]), position_name, at,
                                       revision, literal(goes[i])));
    }
  }
  return statements;
}

void Journal::move_heads(std::span<const std::string> before, std::span<const std::string> after, std::int64_t position) {
  for (const auto& sql : head_changes(connection_->dialect(), names_, before, after, position))
    if (connection_->execute(sql).affected != 1)
      throw Error(ErrorKind::revision, "the version table " + quoted(names_.version().text()) + " does not hold what the run started from (" +
                                           (before.empty() ? std::string("base") : join(before, ", ")) + ")")
          .with_hint(
              "somebody changes it without the journal; run again, and say with `aludel stamp` where the database stands if that does not help");
}

void Journal::replace_heads(std::span<const std::string> after, std::int64_t position) {
  connection_->execute("DELETE FROM " + quote(names_.version()));
  move_heads({}, after, position);
}

bool Journal::record_failure(Entry entry) noexcept {
  try {
    entry.position = last_failure;
    entry.state = EntryState::failed;
    if (connection_->in_transaction() || !exists()) return false;
    connection_->begin();
    may_have_leftovers_ = true;
    remove(last_failure);
    const bool written = take(entry);
    connection_->commit();
    return written;
  } catch (const std::exception&) {
    // The failure itself is what the caller reports; that it could not be noted as well must not hide it.
    try {
      if (connection_->in_transaction()) connection_->rollback();
    } catch (const std::exception&) {
      return false;
    }
    return false;
  }
}

}  // namespace aludel::migrate
