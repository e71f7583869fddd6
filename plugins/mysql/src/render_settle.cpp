#include "expression.hpp"
#include "normal.hpp"
#include "quoting.hpp"
#include "render_plan.hpp"
#include "rewriter.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>

namespace aludel::mysql {

using dialect::HazardKind;
using schema::Column;
using schema::ForeignKey;
using schema::Table;

/// Makes everything pending true in the database.
void Planner::settle() {
  if (order_.empty()) return;
  for (const Name& name : order_) {
    Table& table = schema_.tables.at(name);
    spell(table, after_);
    // Said, a foreign key's index stays when another comes that serves as well.
    for (schema::Index& index : implicit_indexes(table, after_.is_mariadb())) table.indexes.push_back(std::move(index));
  }
  free_changed_columns();
  std::map<Name, Links> links;
  for (const Name& name : order_) links[name] = links_of(name);
  std::map<Name, std::vector<Coming>> late;
  for (const Name& name : settling_order(links)) {
    // Others' keys that go and refer to this one must not stand in its way.
    for (auto& [other, theirs] : links) {
      if (other != name && pending_.contains(other)) drop_references(other, theirs, name);
    }
    write_table(name, links[name], late);
  }
  for (const auto& [name, coming] : late) add_references(name, coming);
  order_.clear();
  pending_.clear();
  rehung_.clear();
  done_.tables = schema_.tables;
  done_.enums = schema_.enums;
  respell_objects();
}

void Planner::settle_for(const schema::Object& object) {
  const auto is_unfinished = [&](const Table& table) {
    // The key that AUTO_INCREMENT needs is yet to come.
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const Column& column) { return column.identity && !has_index_for(table, {column.name}, true); });
  };
  struct Waiting {
    Name name;
    Pending pending;
    std::optional<Table> stands;
  };
  std::vector<Waiting> waiting;
  std::erase_if(order_, [&](const Name& name) {
    const Table* table = schema_.find_table(name);
    if (table == nullptr || !is_unfinished(*table) || rewriter().mentions_table(sql_of(object.definition), name)) return false;
    const Table* stands = done_.find_table(name);
    waiting.push_back({name, std::move(pending_.at(name)), stands == nullptr ? std::nullopt : std::optional(*stands)});
    pending_.erase(name);
    return true;
  });
  settle();
  for (Waiting& one : waiting) {
    order_.push_back(one.name);
    pending_.emplace(one.name, std::move(one.pending));
    if (one.stands) {
      done_.tables[one.name] = *std::move(one.stands);
    } else {
      done_.tables.erase(one.name);
    }
  }
}

/// No server changes the type of a column that a foreign key binds, nor renames it in a copy of the table: such keys go before and come
/// back afterwards.
void Planner::free_changed_columns() {
  std::map<Name, std::vector<std::string>> changed;
  for (const auto& [name, pending] : pending_) {
    const Table* from = done_.find_table(name);
    const Table* to = schema_.find_table(name);
    if (pending.created || from == nullptr || to == nullptr) continue;
    for (const Column& column : to->columns) {
      const Column* was = from->find_column(column.name);
      const bool replaced = was != nullptr && !pending.columns.contains(column.name);
      if (was == nullptr || (!replaced && !changes_storage(*was, *from, before_, column, *to, after_))) continue;
      changed[name].push_back(column.name);
    }
    // Columns of foreign keys are renamed in place only.
    std::vector<std::string> renamed;
    for (const auto& [now, before] : pending.columns) {
      if (now != before) renamed.push_back(now);
    }
    if (renamed.empty()) continue;
    const Alteration alteration = alteration_of({*from, *to, pending.columns, pending.dropped, pending.keys, bound_columns(name)}, before_, after_);
    if (!links_of(name).coming.empty() || needs_copy(*from, alteration, after_))
      std::move(renamed.begin(), renamed.end(), std::back_inserter(changed[name]));
  }
  if (changed.empty()) return;
  const auto changes = [&](const Name& table, const std::vector<std::string>& columns) {
    const auto found = changed.find(table);
    return found != changed.end() && std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
             return std::any_of(found->second.begin(), found->second.end(), [&](const auto& one) { return equals_ignoring_case(one, column); });
           });
  };
  std::vector<std::pair<Name, std::size_t>> found;
  for (const auto& [name, table] : schema_.tables) {
    if (table.external || is_created(name)) continue;
    for (std::size_t i = 0; i < table.constraints.size(); ++i) {
      const auto* key = std::get_if<ForeignKey>(&table.constraints[i]);
      if (key == nullptr) continue;
      if (changes(name, key->columns) || changes(key->referenced_table, after_.referenced_columns(*key, table))) found.emplace_back(name, i);
    }
  }
  for (const auto& [name, position] : found) {
    Pending& pending = touch(name);
    if (pending.operations.empty()) pending.operations.push_back(index_);
    rehung_[name].insert(position);
  }
}

Planner::Links Planner::links_of(const Name& name) const {
  Links links;
  const Table* from = done_.find_table(name);
  const Table* to = schema_.find_table(name);
  const auto rehung = rehung_.find(name);
  const std::vector<Reference> held = from == nullptr ? std::vector<Reference>() : references_of(*from, before_);
  const std::vector<Reference> wanted = to == nullptr ? std::vector<Reference>() : references_of(*to, after_);
  const auto same = [&](const Reference& a, const Reference& b) {
    return equals_ignoring_case(a.name, b.name) && a.definition == b.definition && (rehung == rehung_.end() || !rehung->second.contains(b.position));
  };
  for (const Reference& one : held) {
    const bool stays = std::any_of(wanted.begin(), wanted.end(), [&](const Reference& other) { return same(one, other); });
    if (!stays) links.going.push_back({one.name, one.position, one.key->referenced_table});
  }
  for (const Reference& one : wanted) {
    const bool held_already = std::any_of(held.begin(), held.end(), [&](const Reference& other) { return same(other, one); });
    if (!held_already) links.coming.push_back({one.definition, one.position, one.key->referenced_table});
  }
  return links;
}

/// A table stands behind those that its coming keys refer to, and behind those whose going keys refer to it; where that is a ring, where it was said.
std::vector<schema::Name> Planner::settling_order(const std::map<Name, Links>& links) const {
  std::map<Name, std::set<Name>> behind;
  std::map<Name, std::size_t> waits;
  for (const Name& name : order_) waits[name] = 0;
  const auto edge = [&](const Name& first, const Name& second) {
    if (first == second || !waits.contains(first) || !waits.contains(second)) return;
    if (behind[first].insert(second).second) ++waits[second];
  };
  for (const auto& [name, theirs] : links) {
    const bool late = !pending_.at(name).created && (!theirs.going.empty() || rehung_.contains(name));
    for (const Coming& key : theirs.coming) {
      if (!late) edge(key.referenced, name);
    }
    for (const Going& key : theirs.going) edge(name, key.referenced);
  }
  std::vector<Name> sorted;
  std::set<Name> done;
  std::deque<Name> free;
  for (const Name& name : order_) {
    if (waits[name] == 0) free.push_back(name);
  }
  std::size_t next = 0;
  while (sorted.size() < order_.size()) {
    if (free.empty()) {
      while (done.contains(order_[next])) ++next;
      free.push_back(order_[next]);
    }
    const Name name = free.front();
    free.pop_front();
    if (!done.insert(name).second) continue;
    sorted.push_back(name);
    for (const Name& other : behind[name]) {
      if (--waits[other] == 0 && !done.contains(other)) free.push_back(other);
    }
  }
  return sorted;
}

void Planner::write_table(const Name& name, Links& links, std::map<Name, std::vector<Coming>>& late) {
  const Pending& pending = pending_.at(name);
  const Table* from = done_.find_table(name);
  // MariaDB keeps what a key refers to in its own table until that key is gone.
  if (!pending.created && from != nullptr && drops_keys(name)) drop_references(name, links, name);
  std::vector<Coming> now;
  for (Coming& key : links.coming) {
    const Table* target = done_.find_table(key.referenced);
    const bool to_itself = key.referenced == name;
    const bool waits = !to_itself && (pending_.contains(key.referenced) || (target == nullptr && schema_.find_table(key.referenced) != nullptr));
    // No server drops and adds foreign keys in one copy of a table, nor sees a key that comes with it.
    const bool apart = !pending.created && (!links.going.empty() || to_itself || (from != nullptr && rehung_.contains(name)));
    (waits || apart ? late[name] : now).push_back(std::move(key));
  }
  if (pending.created) {
    const auto waiting = late.find(name);
    write_creation(name, waiting == late.end() ? std::vector<Coming>() : waiting->second);
  } else {
    write_alteration(name, links, now);
  }
  // From now on it stands as it shall be, but for keys that come late.
  pending_.erase(name);
  Table stands = schema_.tables.at(name);
  std::vector<std::size_t> missing;
  if (const auto waiting = late.find(name); waiting != late.end()) {
    for (const Coming& key : waiting->second) missing.push_back(key.position);
  }
  std::sort(missing.rbegin(), missing.rend());
  for (const std::size_t position : missing) stands.constraints.erase(stands.constraints.begin() + static_cast<std::ptrdiff_t>(position));
  done_.tables[name] = std::move(stands);
}

bool Planner::drops_keys(const Name& name) const {
  const std::vector<Key> held = keys_of(done_.tables.at(name), before_), wanted = keys_of(schema_.tables.at(name), after_);
  return std::any_of(held.begin(), held.end(), [&](const Key& key) {
    return std::none_of(wanted.begin(), wanted.end(),
                        [&](const Key& other) { return equals_ignoring_case(key.name, other.name) && key.content == other.content; });
  });
}

void Planner::write_creation(const Name& name, const std::vector<Coming>& late) {
  const Pending& pending = pending_.at(name);
  Table table = schema_.tables.at(name);
  std::vector<std::size_t> missing;
  for (const Coming& key : late) missing.push_back(key.position);
  std::sort(missing.rbegin(), missing.rend());
  for (const std::size_t position : missing) table.constraints.erase(table.constraints.begin() + static_cast<std::ptrdiff_t>(position));
  const std::string text = mysql::create_table(table, after_, pending.if_not_exists);
  write_ddl(text, {op::CreateTable{std::move(table), pending.if_not_exists}}).operations = pending.operations;
}

void Planner::write_alteration(const Name& name, const Links& links, const std::vector<Coming>& now) {
  const Pending& pending = pending_.at(name);
  const Table& from = done_.tables.at(name);
  const Table& to = schema_.tables.at(name);
  Alteration alteration = alteration_of({from, to, pending.columns, pending.dropped, pending.keys, bound_columns(name)}, before_, after_);
  op::Operations effect;
  std::vector<Clause> clauses;
  for (const Going& key : links.going) {
    const auto& constraint = pending.before.constraints.at(key.position);
    effect.emplace_back(op::DropConstraint{name, name_of(constraint), constraint, false});
    clauses.push_back({"DROP FOREIGN KEY " + quote_identifier(key.name), Work::in_place()});
  }
  clauses.insert(clauses.end(), alteration.clauses.begin(), alteration.clauses.end());
  effect.insert(effect.end(), pending.told.begin(), pending.told.end());
  for (const Coming& key : now) {
    effect.emplace_back(op::AddConstraint{name, to.constraints.at(key.position)});
    clauses.push_back(
        {"ADD " + key.definition, options_.foreign_keys_off ? Work::in_place() : Work::copy("the rows of a new foreign key are checked")});
  }
  alteration.clauses = std::move(clauses);
  if (alteration.empty()) {
    // Nothing to run, yet the schema's description changes: the statement before tells of it.
    if (!script_.statements.empty()) {
      auto& told = script_.statements.back().effect;
      told.insert(told.end(), effect.begin(), effect.end());
    }
    return;
  }
  keep_history(from);
  refuse_rows_without_values(name);
  AlterText text = alter_text(from, alteration, after_, options_.online);
  dialect::Statement& statement = write_ddl(std::move(text.sql), std::move(effect));
  statement.operations = pending.operations;
  statement.hazards = std::move(text.hazards);
  statement.hazards.insert(statement.hazards.end(), pending.hazards.begin(), pending.hazards.end());
}

/// The servers would fill in '' or 0, which nobody said.
void Planner::refuse_rows_without_values(const Name& name) {
  const Pending& pending = pending_.at(name);
  for (const Column& column : schema_.tables.at(name).columns) {
    if (column.nullable || column.server_default || column.generated || column.identity || pending.columns.contains(column.name)) continue;
    dialect::Statement& statement = write(fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT 1) AS found", quote_name(name)));
    statement.operations = pending.operations;
    statement.expect =
        dialect::Expectation{Value(std::int64_t{0}),
                             fmt::format("{} has rows, and they have no value for {}, which is new and NOT NULL: give it a default, or a backfill",
                                         printable(name.text(), 80), printable(column.name, 80)),
                             {},
                             ErrorKind::constraint,
                             false};
  }
}

std::set<std::string> Planner::bound_columns(const Name& name) const {
  std::set<std::string> bound;
  const auto& columns = pending_.at(name).columns;
  if (std::all_of(columns.begin(), columns.end(), [](const auto& entry) { return entry.first == entry.second; })) return bound;  // nobody asks
  for (const auto& [other, table] : schema_.tables) {
    for (const auto& constraint : table.constraints) {
      const auto* key = std::get_if<ForeignKey>(&constraint);
      if (key == nullptr) continue;
      if (other == name) bound.insert(key->columns.begin(), key->columns.end());
      if (key->referenced_table != name) continue;
      for (std::string& column : after_.referenced_columns(*key, table)) bound.insert(std::move(column));
    }
  }
  return bound;
}

/// MariaDB alters a table that keeps its history only where that is said (manual, "System-Versioned Tables").
void Planner::keep_history(const Table& table) {
  static constexpr std::string_view keep = "SET SESSION system_versioning_alter_history = KEEP";
  if (!flag(before_.options(table.options), "system_versioning")) return;
  if (std::find(script_.prologue.begin(), script_.prologue.end(), keep) != script_.prologue.end()) return;
  script_.prologue.emplace_back(keep);
  script_.epilogue.emplace_back("SET SESSION system_versioning_alter_history = DEFAULT");
}

void Planner::drop_references(const Name& name, Links& links, const Name& referenced) {
  Alteration alteration;
  op::Operations effect;
  Pending& pending = pending_.at(name);
  std::vector<std::size_t> gone;
  std::erase_if(links.going, [&](const Going& key) {
    if (key.referenced != referenced) return false;
    const auto& constraint = pending.before.constraints.at(key.position);
    effect.emplace_back(op::DropConstraint{name, name_of(constraint), constraint, false});
    alteration.clauses.push_back({"DROP FOREIGN KEY " + quote_identifier(key.name), Work::in_place()});
    gone.push_back(key.position);
    return true;
  });
  if (alteration.empty()) return;
  Table& stands = done_.tables.at(name);
  AlterText text = alter_text(stands, alteration, after_, options_.online);
  std::sort(gone.rbegin(), gone.rend());
  for (const std::size_t position : gone) {
    const auto at = static_cast<std::ptrdiff_t>(position);
    stands.constraints.erase(stands.constraints.begin() + at);
    pending.before.constraints.erase(pending.before.constraints.begin() + at);
  }
  // Those behind it have moved.
  for (Going& key : links.going) {
    key.position -= static_cast<std::size_t>(std::count_if(gone.begin(), gone.end(), [&](std::size_t position) { return position < key.position; }));
  }
  dialect::Statement& statement = write_ddl(std::move(text.sql), std::move(effect));
  statement.operations = pending.operations;
  statement.hazards = std::move(text.hazards);
}

void Planner::add_references(const Name& name, const std::vector<Coming>& coming) {
  const Table& table = schema_.tables.at(name);
  Alteration alteration;
  op::Operations effect;
  for (const Coming& key : coming) {
    effect.emplace_back(op::AddConstraint{name, table.constraints.at(key.position)});
    alteration.clauses.push_back(
        {"ADD " + key.definition, options_.foreign_keys_off ? Work::in_place() : Work::copy("the rows of a new foreign key are checked")});
  }
  AlterText text = alter_text(table, alteration, after_, options_.online);
  dialect::Statement& statement = write_ddl(std::move(text.sql), std::move(effect));
  statement.hazards = std::move(text.hazards);
}

/// Servers leave the texts of views, triggers and routines as they are when what they name is renamed.
void Planner::respell_objects() {
  for (const schema::ObjectKey& key : std::exchange(respelled_, {})) {
    const auto found = schema_.objects.find(key);
    if (found != schema_.objects.end()) write_object(found->second, true, {});
  }
}

}  // namespace aludel::mysql
