#include "names.hpp"
#include "quoting.hpp"
#include "render_plan.hpp"
#include "render_text.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aludel::postgresql {

using dialect::HazardKind;
using schema::Column;
using schema::Table;

namespace {

constexpr std::string_view index_prefix = "index:";

}  // namespace

void Planner::create_table(const op::CreateTable& operation) {
  if (operation.if_not_exists && schema_.find_table(operation.table.name) != nullptr) return;
  Table table = operation.table;
  make_parents_anew(table);
  // Keys to what is not there yet, and to the table's own unique indexes, are added when it is.
  const bool has_unique_index = std::any_of(table.indexes.begin(), table.indexes.end(), [](const auto& index) { return index.unique; });
  std::vector<schema::ForeignKey> own;
  std::erase_if(table.constraints, [&](const schema::Constraint& constraint) {
    const auto* key = std::get_if<schema::ForeignKey>(&constraint);
    if (key == nullptr || (is_inherited(key->options) && !list_option(table.options, "inherits").empty())) return false;
    const bool to_itself = key->referenced_table == table.name;
    const bool waits = !to_itself && schema_.find_table(key->referenced_table) == nullptr && to_come_.contains(key->referenced_table);
    if (waits) waiting_keys_.emplace_back(table.name, *key);
    if (to_itself && has_unique_index) own.push_back(*key);
    return waits || (to_itself && has_unique_index);
  });
  created_.insert(table.name);
  Table bare = table;
  bare.indexes.clear();
  write(postgresql::create_table(table, operation.if_not_exists), {op::CreateTable{bare, operation.if_not_exists}});
  settle_inherited(table);
  finish_table(table);
  // A parent's index takes the first that is like it for its own.
  std::stable_partition(table.indexes.begin(), table.indexes.end(), [](const auto& index) { return is_inherited(index.options); });
  for (const auto& index : table.indexes) {
    write(postgresql::create_index(table.name, index, false, false), {op::CreateIndex{table.name, index}});
    index_extras(table.name, index);
  }
  for (schema::ForeignKey& key : own) waiting_keys_.emplace_back(table.name, std::move(key));
  settle_privileges({"", table.name, table.name.text(), ""}, "TABLES");
  mark(table.name, operation.table.options);
  own_sequences(table.name);
}

void Planner::settle_inherited(const Table& table) {
  std::vector<Action> actions;
  const std::vector<std::string> parents = list_option(table.options, "inherits");
  for (const Column& column : table.columns) {
    if (!is_inherited(column.options)) continue;
    const Column* parent = nullptr;
    for (const std::string& name : parents) {
      const Table* known = schema_.find_table(schema::parse_name(name));
      if (known != nullptr && parent == nullptr) parent = known->find_column(column.name);
    }
    if (parent == nullptr) continue;
    const std::string alter = "ALTER COLUMN " + quote_identifier(column.name);
    const std::string mine = column.server_default ? sql_of(*column.server_default) : std::string();
    const std::string theirs = parent->server_default ? sql_of(*parent->server_default) : std::string();
    if (mine != theirs && !column.generated) {
      actions.push_back({alter + (mine.empty() ? " DROP DEFAULT" : " SET DEFAULT " + mine), "default " + column.name});
    }
    if (!column.nullable && parent->nullable) actions.push_back({alter + " SET NOT NULL", "null " + column.name});
  }
  alter(table.name, std::move(actions));
}

void Planner::finish_table(const Table& table) {
  std::vector<Action> actions;
  for (const Column& column : table.columns) column_extras(table.name, column, actions);
  for (const auto& constraint : table.constraints) {
    const bool from_parent = is_inherited(options_of(constraint)) && !list_option(table.options, "inherits").empty();
    if (!is_validated(constraint) && !from_parent) {
      actions.push_back({"ADD " + constraint_definition(constraint) + " NOT VALID", "constraint " + name_of(constraint)});
    }
  }
  if (flag(table.options, "row_security")) actions.push_back({"ENABLE ROW LEVEL SECURITY", "row security"});
  if (flag(table.options, "force_row_security")) actions.push_back({"FORCE ROW LEVEL SECURITY", "forced row security"});
  const std::string replica = text_option(table.options, "replica_identity");
  if (replica == "full" || replica == "nothing") actions.push_back({"REPLICA IDENTITY " + to_upper(replica), "replica identity"});
  // The table is not in the schema yet, so the word is said here.
  if (!actions.empty()) {
    std::string text = fmt::format("ALTER {} {}", table_word(table), quote_name(table.name));
    for (std::size_t i = 0; i < actions.size(); ++i) text += (i == 0 ? "\n  " : ",\n  ") + actions[i].text;
    write(std::move(text));
  }
  comment_parts(table);
}

void Planner::comment_parts(const Table& table) {
  const std::string name = quote_name(table.name);
  if (!table.comment.empty()) write(comment_on(fmt::format("{} {}", table_word(table), name), table.comment));
  for (const Column& column : table.columns) {
    if (!column.comment.empty()) write(comment_on(fmt::format("COLUMN {}.{}", name, quote_identifier(column.name)), column.comment));
  }
  for (const auto& constraint : table.constraints) {
    if (comment_of(constraint).empty() || name_of(constraint).empty()) continue;
    write(comment_on(fmt::format("CONSTRAINT {} ON {}", quote_identifier(name_of(constraint)), name), comment_of(constraint)));
  }
}

void Planner::mark(const Name& table, const schema::Options& options) {
  if (const std::string index = text_option(options, "cluster_on"); !index.empty()) {
    marks_.push_back({table, index, "CLUSTER ON " + quote_identifier(index)});
  }
  const std::string replica = text_option(options, "replica_identity");
  if (replica.substr(0, index_prefix.size()) == index_prefix) {
    const std::string index = replica.substr(index_prefix.size());
    marks_.push_back({table, index, "REPLICA IDENTITY USING INDEX " + quote_identifier(index)});
  }
}

void Planner::settle_marks() {
  std::vector<Mark> left;
  for (Mark& mark : marks_) {
    const Table* table = schema_.find_table(mark.table);
    if (table == nullptr) continue;
    if (table->find_index(mark.index) == nullptr && table->find_constraint(mark.index) == nullptr) {
      left.push_back(std::move(mark));
      continue;
    }
    alter(mark.table, {{mark.action, mark.action}});
  }
  marks_ = std::move(left);
}

void Planner::drop_table(const op::DropTable& operation) {
  if (puts_off_dropping(operation)) return;
  const Table* table = schema_.find_table(operation.table);
  const std::string_view word = table == nullptr ? "TABLE" : table_word(*table);
  std::erase_if(waiting_keys_, [&](const auto& waiting) { return waiting.first == operation.table; });
  std::erase_if(later_, [&](const Later& one) { return one.table == operation.table; });
  for (auto at = suspended_.begin(); at != suspended_.end();) {
    at = !at->first.parent.empty() && at->first.parent == operation.table.text() ? suspended_.erase(at) : std::next(at);
  }
  std::erase_if(suspended_parts_, [&](const auto& entry) { return entry.first.table == operation.table; });
  restore();
  write_hazardous(fmt::format("DROP {} {}{}", word, operation.if_exists ? "IF EXISTS " : "", quote_name(operation.table)),
                  {HazardKind::data_loss, fmt::format("all rows of {} are lost", operation.table.text())}, {current()});
}

void Planner::rename_table(const op::RenameTable& operation) {
  restore_all();
  settle_later(operation.table);
  const Table& table = table_at(operation.table);
  write_hazardous(fmt::format("ALTER {} {} RENAME TO {}", table_word(table), quote_name(operation.table), quote_identifier(operation.to)),
                  brief_lock(operation.table), {current()});
  for (const schema::Column& column : table.columns) {
    take_sequence_along(table, column, object_name(operation.to, column.name, "seq"));
    take_not_null_along(table, column, {operation.table.schema, operation.to}, column.name);
  }
  if (created_.erase(operation.table) != 0) created_.insert({operation.table.schema, operation.to});
}

void Planner::alter_table(const op::AlterTable& operation) {
  const std::string word(table_word(table_at(operation.table)));
  const std::string name = quote_name(operation.table);
  if (const auto& options = operation.options; options && text_option(options->from, "partition_by") != text_option(options->to, "partition_by")) {
    make_table_anew(operation);
  } else if (options) {
    alter_table_options(operation.table, options->from, options->to);
  }
  if (operation.comment) write(comment_on(fmt::format("{} {}", word, name), operation.comment->to));
  if (operation.schema) {
    restore_all();
    settle_later(operation.table);
    // The default schema's name is the connection's affair.
    const std::string to = operation.schema->to.empty() ? std::string() : quote_identifier(operation.schema->to);
    if (to.empty()) {
      throw Error(ErrorKind::unsupported,
                  fmt::format("table {} cannot be moved to the default schema without naming it", quoted(operation.table.text())))
          .with_hint("name the schema, as in `schema = \"public\"`");
    }
    write_hazardous(fmt::format("ALTER {} {} SET SCHEMA {}", word, name, to), brief_lock(operation.table));
    if (created_.erase(operation.table) != 0) created_.insert({operation.schema->to, operation.table.name});
  }
  alter(operation.table, {}, {current()});
}

void Planner::alter_table_options(const Name& name, const schema::Options& from, const schema::Options& to) {
  if (text_option(from, "foreign_server") != text_option(to, "foreign_server")) {
    throw Error(ErrorKind::unsupported, fmt::format("PostgreSQL cannot change foreign_server of table {}", quoted(name.text())))
        .with_hint("create a new table, copy the rows with `sql`, and drop the old one");
  }
  std::vector<Action> actions;
  const auto rewrite = dialect::Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} anew", name.text())};
  for (std::string& change : parameter_changes(option(from, "with"), option(to, "with"))) actions.push_back({change, change});
  if (flag(from, "unlogged") != flag(to, "unlogged")) {
    actions.push_back({flag(to, "unlogged") ? "SET UNLOGGED" : "SET LOGGED", "unlogged", rewrite});
  }
  if (text_option(from, "access_method") != text_option(to, "access_method")) {
    const std::string method = text_option(to, "access_method");
    actions.push_back({"SET ACCESS METHOD " + quote_identifier(method.empty() ? "heap" : method), "access method", rewrite});
  }
  if (text_option(from, "of_type") != text_option(to, "of_type")) {
    const std::string type = text_option(to, "of_type");
    actions.push_back({type.empty() ? "NOT OF" : "OF " + type, "of type"});
  }
  const auto old_parents = list_option(from, "inherits");
  const auto new_parents = list_option(to, "inherits");
  const auto add_parents = [&](const auto& parents, const auto& others, std::string_view word) {
    for (const std::string& parent : parents) {
      if (std::find(others.begin(), others.end(), parent) != others.end()) continue;
      actions.push_back({fmt::format("{} {}", word, quote_name(schema::parse_name(parent))), "parent " + parent});
    }
  };
  add_parents(old_parents, new_parents, "NO INHERIT");
  add_parents(new_parents, old_parents, "INHERIT");
  if (flag(from, "row_security") != flag(to, "row_security")) {
    actions.push_back({flag(to, "row_security") ? "ENABLE ROW LEVEL SECURITY" : "DISABLE ROW LEVEL SECURITY", "row security"});
  }
  if (flag(from, "force_row_security") != flag(to, "force_row_security")) {
    actions.push_back({flag(to, "force_row_security") ? "FORCE ROW LEVEL SECURITY" : "NO FORCE ROW LEVEL SECURITY", "forced row security"});
  }
  if (std::string change = foreign_option_changes(option(from, "foreign_options"), option(to, "foreign_options")); !change.empty()) {
    actions.push_back({change, "options"});
  }
  schema::Options marks;
  if (text_option(from, "cluster_on") != text_option(to, "cluster_on")) {
    if (text_option(to, "cluster_on").empty()) {
      actions.push_back({"SET WITHOUT CLUSTER", "cluster"});
    } else {
      marks["postgresql"]["cluster_on"] = text_option(to, "cluster_on");
    }
  }
  const std::string replica = text_option(to, "replica_identity");
  if (text_option(from, "replica_identity") != replica) {
    if (replica.substr(0, index_prefix.size()) == index_prefix) {
      marks["postgresql"]["replica_identity"] = replica;
    } else {
      actions.push_back({"REPLICA IDENTITY " + (replica.empty() ? std::string("DEFAULT") : to_upper(replica)), "replica identity"});
    }
  }
  alter(name, std::move(actions));
  // PostgreSQL moves a table to another tablespace in a statement of its own.
  if (text_option(from, "tablespace") != text_option(to, "tablespace")) {
    const std::string space = text_option(to, "tablespace");
    write_hazardous(fmt::format("ALTER TABLE {} SET TABLESPACE {}", quote_name(name), quote_identifier(space.empty() ? "pg_default" : space)),
                    rewrite);
  }
  mark(name, marks);
}

}  // namespace aludel::postgresql
