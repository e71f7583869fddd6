#include "task.hpp"

#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <variant>

namespace aludel::migrate {

namespace {

template <class... Bodies>
bool is_one_of(const op::Operation& operation) {
  return (std::holds_alternative<Bodies>(operation.body) || ...);
}

/// `irreversible` says something about the way down only.
op::Operations without_marks(op::Operations operations) {
  operations.erase(std::remove_if(operations.begin(), operations.end(), [](const auto& operation) { return is_one_of<op::Irreversible>(operation); }),
                   operations.end());
  return operations;
}

/// What an operation works on, down to the column.
std::string target_of(const op::Operation& operation) {
  std::string column;
  if (const auto* add = std::get_if<op::AddColumn>(&operation.body)) column = add->column.name;
  if (const auto* drop = std::get_if<op::DropColumn>(&operation.body)) column = drop->column;
  if (const auto* alter = std::get_if<op::AlterColumn>(&operation.body)) column = alter->column;
  const auto table = op::table_of(operation);
  return table ? table->text() + "\n" + column : std::string();
}

/// Ties the journal's inverse to the file it was made of: errors point to the operation there, and what that accepts to lose (which may have been
/// said after it was applied: it is no part of the checksum) is accepted on the way down too.
void tie_to_file(op::Operations& inverse, const op::Operations& file) {
  std::map<std::string, const op::Operation*> origins;
  for (const auto& operation : file) {
    const op::Operation*& origin = origins[target_of(operation)];
    if (origin == nullptr || operation.data_loss == op::DataLoss::accepted) origin = &operation;
  }
  origins.erase("");
  for (auto& operation : inverse) {
    const auto origin = origins.find(target_of(operation));
    if (origin == origins.end()) continue;
    operation.location = origin->second->location;
    if (origin->second->data_loss == op::DataLoss::accepted) operation.data_loss = op::DataLoss::accepted;
  }
}

void refuse_irreversible(const op::Operations& operations, const revision::Revision& revision) {
  for (const auto& operation : operations)
    if (const auto* mark = std::get_if<op::Irreversible>(&operation.body))
      throw Error(ErrorKind::guard,
                  "revision " + quoted(revision.id) + " must not be undone" + (mark->reason.empty() ? std::string() : ": " + printable(mark->reason)))
          .with_hint("its author says so in the file; restore a backup, or write a new revision that goes forward")
          .at(operation.location)
          .in_revision(revision.id);
}

op::Operations inverse_of_file(const revision::Content& content, const revision::Graph& graph, const revision::Store& store,
                               const dialect::Dialect& dialect) {
  const auto& revision = content.revision;
  std::vector<std::string> below = revision.down_revisions;
  below.insert(below.end(), revision.depends_on.begin(), revision.depends_on.end());
  try {
    schema::Metadata before;
    if (needs_schema(content.upgrade)) before = replay(graph, store, below, dialect);
    op::ApplyOptions options;
    options.comparison = dialect.comparison(dialect.default_server());
    return op::invert(content.upgrade, before, dialect.rewriter(), options);
  } catch (Error& error) {
    error.set_revision(revision.id);
    error.set_location(Location{revision.file, 0, 0});
    error.add_context("while deriving how to undo revision " + quoted(revision.id));
    if (error.hint().empty()) error.set_hint("write a [[downgrade]] section in its file");
    throw;
  }
}

op::Operations operations_down(const revision::Revision& revision, const revision::Graph& graph, const revision::Store& store, Journal* journal,
                               const dialect::Dialect& dialect, bool in_files) {
  std::optional<revision::Content> content;
  if (in_files) {
    content = store.load(revision.id);
    if (content->downgrade) return *content->downgrade;
  }
  const auto entry = journal == nullptr ? std::nullopt : last_applied(*journal, revision.id);
  if (entry && entry->inverse.array() != nullptr) {
    auto inverse = op::decode_all(entry->inverse, fmt::format("{} position {}", journal->names().journal_table, entry->position));
    if (content && content->checksum == entry->checksum) tie_to_file(inverse, content->upgrade);
    return inverse;
  }
  if (content) return inverse_of_file(*content, graph, store, dialect);
  throw Error(ErrorKind::unsupported,
              "revision " + quoted(revision.id) + " cannot be undone: its file is gone, and the journal holds no inverse of what it ran")
      .with_hint("restore its file, or write a revision that goes forward")
      .in_revision(revision.id);
}

std::vector<std::string> registered_names(const Hooks& hooks) {
  std::vector<std::string> names;
  for (const auto& [name, function] : hooks.functions) names.push_back(name);
  return names;
}

}  // namespace

bool needs_schema(std::span<const op::Operation> operations) {
  return std::any_of(operations.begin(), operations.end(),
                     [](const auto& operation) { return !is_one_of<op::Sql, op::Call, op::Assert, op::Irreversible>(operation); });
}

bool any_opaque(std::span<const op::Operation> operations) {
  return std::any_of(operations.begin(), operations.end(), [](const auto& operation) { return op::is_opaque(operation); });
}

op::ApplyOptions apply_options(const dialect::Connection& connection, const RunOptions& options) {
  op::ApplyOptions result;
  result.ignore_from = options.ignore_from;
  result.comparison = connection.dialect().comparison(connection.server());
  return result;
}

std::vector<Task> prepare(std::span<const revision::Step> steps, std::span<const std::string> heads, const revision::Graph& graph,
                          const revision::Graph& files, const revision::Store& store, Journal* journal, const dialect::Dialect& dialect) {
  std::vector<Task> tasks;
  std::vector<std::string> before(heads.begin(), heads.end());
  for (const auto& step : steps) {
    Task task;
    task.step = step;
    task.heads_before = before;
    task.revision = graph.at(step.revision);
    if (step.direction == Direction::upgrade) {
      auto content = store.load(step.revision);
      task.operations = without_marks(std::move(content.upgrade));
      task.checksum = std::move(content.checksum);
    } else {
      task.operations = operations_down(task.revision, graph, store, journal, dialect, files.find(step.revision) != nullptr);
      refuse_irreversible(task.operations, task.revision);
    }
    before = step.heads_after;
    tasks.push_back(std::move(task));
  }
  return tasks;
}

void check_operations(std::span<const Task> tasks, const dialect::Dialect& dialect) {
  const auto& known = dialect.capabilities().operations;
  if (known.empty()) return;
  for (const auto& task : tasks)
    for (const auto& operation : task.operations) {
      const auto name = std::string(op::name_of(operation));
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      throw Error(ErrorKind::unsupported, fmt::format("{} has no {}: {}", dialect.name(), name, op::describe(operation)))
          .with_hint("say it per dialect with sql = {" + std::string(dialect.name()) + " = \"...\", default = \"...\"}")
          .at(operation.location)
          .in_revision(task.revision.id);
    }
}

Function find_function(const Hooks& hooks, const std::string& name) {
  const auto found = hooks.functions.find(name);
  if (found != hooks.functions.end() && found->second) return found->second;
  return hooks.find_function ? hooks.find_function(name) : Function();
}

void look_up_calls(std::span<const Task> tasks, const Hooks& hooks) {
  for (const auto& task : tasks)
    for (const auto& operation : task.operations) {
      const auto* call = std::get_if<op::Call>(&operation.body);
      if (call == nullptr) continue;
      if (find_function(hooks, call->function)) continue;
      throw Error(ErrorKind::environment, "revision " + quoted(task.revision.id) + " calls " + quoted(call->function) +
                                              ", which the environment does not register" + did_you_mean(call->function, registered_names(hooks)))
          .with_hint("register it with env.function(" + quoted(call->function) + ", ...) and build the environment; nothing was run")
          .at(operation.location)
          .in_revision(task.revision.id);
    }
}

std::optional<Entry> last_applied(Journal& journal, std::string_view revision) {
  auto entries = journal.entries_of(revision);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
    if (entry->action == Action::upgrade && entry->state == EntryState::done && entry->segment == entry->segments) return std::move(*entry);
  return std::nullopt;
}

revision::Graph with_journalled(const revision::Graph& graph, std::span<const std::string> heads, Journal& journal) {
  std::deque<std::string> missing;
  for (const auto& id : heads)
    if (graph.find(id) == nullptr) missing.push_back(id);
  if (missing.empty()) return graph;

  std::vector<revision::Revision> revisions;
  for (const auto& id : graph.topological()) revisions.push_back(graph.at(id));
  std::set<std::string> added;
  while (!missing.empty()) {
    const auto id = missing.front();
    missing.pop_front();
    if (!added.insert(id).second) continue;
    const auto entry = last_applied(journal, id);
    if (!entry)
      throw Error(ErrorKind::revision, "the database stands on revision " + quoted(id) + ", which no file has and the journal never saw applied")
          .with_hint("restore its file, or say with `aludel stamp --purge REV` where the database stands")
          .in_revision(id);
    revision::Revision revision;
    revision.id = id;
    revision.message = entry->message;
    revision.down_revisions = entry->down_revisions;
    revision.depends_on = entry->depends_on;
    const auto flagged = [&](std::string_view flag) { return std::find(entry->flags.begin(), entry->flags.end(), flag) != entry->flags.end(); };
    revision.foreign_keys_off = flagged("foreign_keys_off");
    revision.transaction = !flagged("no_transaction");
    for (const auto* needs : {&revision.down_revisions, &revision.depends_on})
      for (const auto& need : *needs)
        if (graph.find(need) == nullptr) missing.push_back(need);
    revisions.push_back(std::move(revision));
  }
  return revision::Graph(std::move(revisions));
}

}  // namespace aludel::migrate
