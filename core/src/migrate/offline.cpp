#include "identity.hpp"
#include "journal_sql.hpp"
#include "rendering.hpp"
#include "task.hpp"

#include <aludel/dialect/script_writer.hpp>
#include <aludel/error.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/migrate/segment.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aludel::migrate {

namespace {

/// A database that is not there: what rendering and journalling ask of a connection, and nothing else.
class NoConnection final : public dialect::Connection {
 public:
  NoConnection(const dialect::Dialect& dialect, const dialect::Server& server) : dialect_(dialect), server_(server) {}
  dialect::Rows execute(std::string_view sql, std::span<const Value>) override {
    throw Error(ErrorKind::unsupported, "this needs a database: " + printable(sql)).with_hint("run it with a connection instead of --sql");
  }
  void begin() override {}
  void commit() override {}
  void rollback() override {}
  bool in_transaction() const override { return false; }
  const dialect::Dialect& dialect() const override { return dialect_; }
  const dialect::Server& server() const override { return server_; }
  std::string session() const override { return "offline"; }
  std::string description() const override { return "offline"; }
  void cancel() noexcept override {}

 private:
  const dialect::Dialect& dialect_;
  const dialect::Server& server_;
};

class Script {
 public:
  void comment(std::string_view text) { text_ += "-- " + printable(text, 500) + "\n"; }
  void blank() { text_ += "\n"; }
  void text(std::string_view text) { text_ += text; }
  void statement(std::string_view sql) { text_ += std::string(sql) + ";\n"; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_statement(Script& script, const dialect::Dialect& dialect, const dialect::Statement& statement, const revision::Revision& revision) {
  if (statement.call)
    throw Error(ErrorKind::unsupported, "revision " + quoted(revision.id) + " calls " + quoted(statement.call->function) + ", which no script can")
        .with_hint("run it with a connection instead of --sql")
        .in_revision(revision.id);
  script.text(dialect::script_text(dialect, statement));
}

/// Stops a script that is run on a database that does not stand where it begins.
void write_start(Script& script, const dialect::Dialect& dialect, const JournalNames& names, std::span<const std::string> from) {
  const auto* writer = dialect::script_writer(dialect);
  if (writer == nullptr || from.empty()) return;
  std::vector<std::string> ids;
  for (const auto& id : from) ids.push_back(dialect.quote_literal(Value(id)));
  const std::string query = fmt::format("SELECT {} - count(*) FROM {} WHERE {} IN ({})", from.size(), dialect.quote_name(names.version()),
                                        dialect.quote_identifier("revision"), join(ids, ", "));
  script.blank();
  script.text(writer->enforced(query, {Value(0), "the database is not at " + join(from, ", "), "", ErrorKind::revision, false}));
}

void write_journal(Script& script, dialect::Connection& connection, const RunOptions& options) {
  const auto& dialect = connection.dialect();
  op::Operations operations;
  const auto wanted = Journal(connection, options.names).tables();
  for (const auto& [name, table] : wanted.tables) operations.emplace_back(op::CreateTable{table, false});
  const auto rendered = dialect.renderer().render(operations, schema::Metadata{}, connection.server(), dialect::RenderOptions{});
  Entry header;
  header.action = Action::create;
  header.message = "journal created";
  header.started = header.finished = utc_now();
  header.who = who_am_i();
  header.tool = tool_name(options.tool);
  header.session = "offline";
  script.blank();
  script.statement("BEGIN");
  for (const auto& statement : rendered.statements) script.statement(statement.sql);
  script.statement(insert_entry(dialect, options.names, header));
  script.statement("COMMIT");
}

void write_task(Script& script, const Task& task, const Part& part, const dialect::Dialect& dialect, const RunOptions& options) {
  Entry entry;
  entry.revision = task.revision.id;
  entry.action = task.step.direction == Direction::upgrade ? Action::upgrade : Action::downgrade;
  entry.message = task.revision.message;
  entry.who = who_am_i();
  entry.tool = tool_name(options.tool);
  entry.session = "offline";
  entry.checksum = task.checksum;
  entry.down_revisions = task.revision.down_revisions;
  entry.depends_on = task.revision.depends_on;
  entry.heads_before = task.heads_before;
  entry.heads_after = task.step.heads_after;
  entry.operations = op::encode(std::span<const op::Operation>(part.operations));
  if (entry.action == Action::upgrade && part.invertible) entry.inverse = op::encode(std::span<const op::Operation>(part.inverse));
  entry.flags = {"offline"};

  script.blank();
  script.comment(fmt::format("{} {}{}", to_string(entry.action), entry.revision, entry.message.empty() ? "" : ": " + entry.message));
  for (const auto& sql : part.script.prologue) script.statement(sql);
  bool inside = false;
  const auto begin = [&](bool wanted) {
    if (inside == wanted) return;
    script.statement(wanted ? "BEGIN" : "COMMIT");
    inside = wanted;
  };
  const auto segments = cut(part.script.statements, CutOptions{dialect.capabilities().transactional_ddl, task.revision.transaction});
  for (const auto& segment : segments) {
    begin(false);
    begin(segment.transactional);
    for (std::size_t i = segment.first; i < segment.first + segment.count; ++i)
      write_statement(script, dialect, part.script.statements[i], task.revision);
  }
  begin(true);
  script.statement(insert_next_entry(dialect, options.names, entry));
  for (const auto& sql : head_changes(dialect, options.names, entry.heads_before, entry.heads_after, std::nullopt)) script.statement(sql);
  begin(false);
  for (const auto& sql : part.script.epilogue) script.statement(sql);
}

}  // namespace

std::string offline_script(const dialect::Dialect& dialect, const dialect::Server& server, const revision::Store& store, Direction direction,
                           std::span<const std::string> from, std::span<const std::string> targets, const RunOptions& options) {
  const revision::Graph graph(store.revisions());
  std::set<std::string> goal;
  for (const auto& target : targets)
    for (auto& id : graph.resolve(target, from)) goal.insert(std::move(id));
  const std::vector<std::string> ids(goal.begin(), goal.end());
  const auto steps = direction == Direction::upgrade ? graph.upgrade(from, ids) : graph.downgrade(from, ids);

  NoConnection connection(dialect, server);
  const auto tasks = prepare(steps, from, graph, graph, store, nullptr, dialect);
  check_operations(tasks, dialect);
  const bool carry = std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return needs_schema(task.operations); });
  schema::Metadata schema;
  if (carry) schema = replay(graph, store, from, dialect);

  Script script;
  script.comment(fmt::format("{} for {} {}, from {} to {}", tool_name(options.tool), server.flavour, server.version,
                             from.empty() ? std::string("base") : join(from, " "), ids.empty() ? std::string("base") : join(ids, " ")));
  if (const auto* writer = dialect::script_writer(dialect)) script.text(writer->preamble());
  write_start(script, dialect, options.names, from);
  if (direction == Direction::upgrade && from.empty() && !tasks.empty()) write_journal(script, connection, options);
  std::string opaque;
  for (const auto& task : tasks) try {
      if (!opaque.empty() && needs_schema(task.operations))
        throw Error(ErrorKind::unsupported, "what the schema is after revision " + quoted(opaque) + " cannot be told without a database")
            .with_hint("declare with effect = [...] what its sql does, or run with a connection instead of --sql");
      auto part = render_part(task, 0, task.operations.size(), carry ? schema : schema::Metadata{}, carry, connection, options, true);
      write_task(script, task, part, dialect, options);
      if (carry) schema = std::move(part.after);
      if (any_opaque(task.operations)) opaque = task.revision.id;
    } catch (Error& error) {
      error.set_revision(task.revision.id);
      throw;
    }
  return script.take();
}

}  // namespace aludel::migrate
