#include "render_alter.hpp"

#include "expression.hpp"
#include "lexer.hpp"
#include "quoting.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace aludel::mysql {

using dialect::Hazard;
using dialect::HazardKind;
using schema::Column;
using schema::Table;

namespace {

template <class T>
const T* find_named(const std::vector<T>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) { return equals_ignoring_case(one.name, name); });
  return found == all.end() ? nullptr : &*found;
}

bool is_virtual(const Column& column) { return column.generated && !column.generated->stored; }

/// Partitions as the text says them: "RANGE (`a`)" and each "PARTITION ..." behind it.
struct Partitions {
  std::string head;
  std::vector<std::string> items;
};
Partitions partitions_of(const std::string& text) {
  const std::vector<Token> tokens = tokenize(text);
  Partitions result;
  std::size_t list = tokens.size();
  for (std::size_t i = 0, depth = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is_symbol('(') && depth++ == 0 && tokens[i + 1].is("PARTITION")) list = i;
    if (tokens[i].is_symbol(')') && depth > 0) --depth;
  }
  if (list == tokens.size()) return {text, {}};
  result.head = trim(text.substr(0, tokens[list].offset));
  std::size_t begin = tokens[list].end_offset();
  for (std::size_t i = list, depth = 0; i + 1 < tokens.size(); ++i) {
    const bool opens = tokens[i].is_symbol('('), closes = tokens[i].is_symbol(')');
    if (opens) ++depth;
    if (closes) --depth;
    if ((closes && depth == 0) || (depth == 1 && tokens[i].is_symbol(','))) {
      result.items.emplace_back(trim(std::string_view(text).substr(begin, tokens[i].offset - begin)));
      begin = tokens[i].end_offset();
    }
    if (closes && depth == 0) break;
  }
  return result;
}

class Alterer {
 public:
  Alterer(const TableChange& change, const Target& before, const Target& after)
      : change_(change),
        before_(before),
        after_(after),
        old_keys_(keys_of(change.from, before)),
        new_keys_(keys_of(change.to, after)),
        old_options_(before.options(change.from.options)),
        new_options_(after.options(change.to.options)),
        says_collation_(before.collation_of(change.from) != after.collation_of(change.to)) {}

  Alteration run() {
    drop_versioning();
    drop_keys();
    drop_checks();
    drop_columns();
    columns();
    add_keys();
    add_checks();
    options();
    add_versioning();
    partition();
    return std::move(result_);
  }

 private:
  void add(std::string text, Work work) { result_.clauses.push_back({std::move(text), std::move(work)}); }

  std::string then(const std::string& key) const {
    const auto found = change_.keys.find(key);
    return quote_identifier(found == change_.keys.end() ? key : found->second);
  }

  /// Dropped and added under the same name.
  bool is_replaced(const std::string& column) const {
    return change_.to.find_column(column) != nullptr && change_.from.find_column(column) != nullptr && !change_.columns.contains(column);
  }
  /// MySQL renames no column that an expression of the table names, unless that is said anew.
  bool names_renamed(const std::string& text) const {
    return !after_.is_mariadb() && std::any_of(change_.columns.begin(), change_.columns.end(), [&](const auto& column) {
      return column.first != column.second && rewriter().mentions_column(text, change_.to.name, column.first);
    });
  }
  bool stays(const Key& is, const Key& wanted) const {
    return is.content == wanted.content && !(wanted.computed && names_renamed(wanted.content)) &&
           std::none_of(is.columns.begin(), is.columns.end(), [&](const auto& column) { return is_replaced(column); });
  }

  void drop_keys() {
    for (const Key& key : old_keys_) {
      const Key* wanted = find_named(new_keys_, key.name);
      if (wanted != nullptr && stays(key, *wanted)) continue;
      result_.touches_virtual |= key.computed;
      add(key.primary ? "DROP PRIMARY KEY" : "DROP KEY " + then(key.name), dropping_key(key, old_keys_, new_keys_));
    }
  }

  void add_keys() {
    std::size_t fulltext = 0;
    for (const Key& key : new_keys_) {
      const Key* is = find_named(old_keys_, key.name);
      if (is == nullptr || !stays(*is, key)) {
        Work work = adding_key(key, old_keys_);
        result_.touches_virtual |= key.computed;
        if (key.type == "fulltext" && ++fulltext > 1) {
          work = Work::copy("one fulltext index at a time is built in place");
          result_.must_copy = true;
        }
        add("ADD " + key.definition, std::move(work));
        continue;
      }
      if (change_.keys.contains(key.name)) add(fmt::format("RENAME KEY {} TO {}", then(key.name), quote_identifier(key.name)), Work::in_place());
      if (is->hidden == key.hidden) continue;
      const std::string_view word = after_.is_mariadb() ? (key.hidden ? "IGNORED" : "NOT IGNORED") : (key.hidden ? "INVISIBLE" : "VISIBLE");
      add(fmt::format("ALTER INDEX {} {}", quote_identifier(key.name), word), Work::in_place());
    }
  }

  void drop_checks() {
    const auto wanted = checks_of(change_.to, after_);
    for (const Check& check : checks_of(change_.from, before_)) {
      const Check* same = find_named(wanted, check.name);
      if (same != nullptr && same->content == check.content && !is_restated(check)) continue;
      add(fmt::format("DROP {} {}", after_.is_mariadb() ? "CONSTRAINT" : "CHECK", quote_identifier(check.name)), Work::in_place());
    }
  }

  /// The servers drop a check with the last column that it names, and take one that names none for such a one; they drop no column that others name,
  /// though it comes again.
  bool is_restated(const Check& check) const {
    if (names_renamed(check.content)) return true;
    if (change_.dropped.empty()) return false;
    bool names_any = false, names_replaced = false;
    for (const Column& column : change_.to.columns) {
      if (!rewriter().mentions_column(check.content, change_.to.name, column.name)) continue;
      names_any = true;
      names_replaced |= is_replaced(column.name);
    }
    return !names_any || names_replaced;
  }

  void add_checks() {
    const auto held = checks_of(change_.from, before_);
    for (const Check& check : checks_of(change_.to, after_)) {
      const Check* same = check.name.empty() ? nullptr : find_named(held, check.name);
      const Work work = check.enforced ? Work::copy(fmt::format("the check {} is made on all rows", printable(check.name, 80))) : Work::in_place();
      if (same == nullptr || same->content != check.content || is_restated(check)) {
        add("ADD " + check.definition, work);
      } else if (same->enforced != check.enforced) {
        add(fmt::format("ALTER CHECK {} {}ENFORCED", quote_identifier(check.name), check.enforced ? "" : "NOT "), work);
      }
    }
  }

  void drop_columns() {
    for (const auto& [then_name, name] : change_.dropped) {
      const Column* column = change_.from.find_column(name);
      if (column == nullptr) continue;
      result_.touches_virtual |= is_virtual(*column);
      ++result_.dropped;
      add("DROP COLUMN " + quote_identifier(then_name), dropping_column(*column, change_.from, before_));
    }
  }

  void columns() {
    for (const Column& column : change_.to.columns) {
      const auto kept = change_.columns.find(column.name);
      const Column* from = kept == change_.columns.end() ? nullptr : change_.from.find_column(column.name);
      if (from == nullptr) {
        result_.touches_virtual |= is_virtual(column);
        add("ADD COLUMN " + column_definition(column, change_.to, after_, says_collation_), adding_column(column, change_.to, after_));
      } else {
        this->column(*from, column, kept->second);
      }
    }
  }

  std::optional<Work> copied_for_check() const {
    if (after_.is_mariadb() || !checks_lists_or_times(change_.to, after_)) return std::nullopt;
    return Work::copy("a check names an ENUM, SET, date or time");
  }

  void column(const Column& from, const Column& to, const std::string& then_name) {
    const std::string was = column_text(from, change_.from, before_, true);
    const std::string is = column_text(to, change_.to, after_, true);
    const bool renamed = then_name != to.name;
    const bool restated =
        (to.generated && names_renamed(sql_of(to.generated->expression))) || (to.server_default && names_renamed(sql_of(*to.server_default)));
    if (was == is && !restated) {
      if (renamed)
        add(fmt::format("RENAME COLUMN {} TO {}", quote_identifier(then_name), quote_identifier(to.name)),
            copied_for_check().value_or(renaming_column(after_, change_.bound.contains(to.name))));
      return;
    }
    if (!renamed && !restated) {
      if (const auto text = default_change(from, to, was)) return add(*text, Work::instant());
    }
    const std::string definition = column_definition(to, change_.to, after_, says_collation_);
    Work work = restated ? Work::copy(fmt::format("{} names a column that is renamed", printable(to.name, 80)))
                         : changing_column(from, to, change_, before_, after_);
    if (const auto copied = copied_for_check(); copied && work.algorithm != Work::Algorithm::copy) work = *copied;
    if (renamed && work.algorithm == Work::Algorithm::instant) work = renaming_column(after_, change_.bound.contains(to.name));
    add(renamed ? fmt::format("CHANGE COLUMN {} {}", quote_identifier(then_name), definition) : "MODIFY COLUMN " + definition, std::move(work));
  }

  /// Where nothing but the default differs.
  std::optional<std::string> default_change(const Column& from, const Column& to, const std::string& was) const {
    if (from.generated || to.generated || from.identity || to.identity) return std::nullopt;
    Column other = to;
    other.server_default = from.server_default;
    if (column_text(other, change_.to, after_, true) != was) return std::nullopt;
    const std::string type = after_.canonical_type(to.type);
    const std::string clause = to.server_default ? default_clause(sql_of(*to.server_default), type, after_.is_mariadb()) : std::string();
    // For these MySQL wants all of the column to be said.
    if (!after_.is_mariadb() && (needs_expression_default(type) || (to.server_default && is_current_time(clause)))) return std::nullopt;
    const std::string alter = "ALTER COLUMN " + quote_identifier(to.name);
    if (!to.server_default) return alter + (to.nullable ? " SET DEFAULT NULL" : " DROP DEFAULT");
    return alter + " SET DEFAULT " + clause;
  }

  /// What an option is when it is not said.
  std::string usual(const std::string& option) const {
    if (option == "ENGINE") {
      const std::string engine = after_.setting("default_storage_engine");
      return engine.empty() ? "InnoDB" : engine;
    }
    if (option == "COLLATE" || option == "CHARSET") {
      const std::string collation = after_.setting(option == "COLLATE" ? "collation_database" : "character_set_database");
      if (!collation.empty()) return collation;
      throw Error(ErrorKind::unsupported,
                  fmt::format("table {} is to have the database's collation, which is not known here", quoted(change_.to.name.text())))
          .with_hint("name it: mysql = {collation = \"utf8mb4_general_ci\"}");
    }
    for (std::string_view number : {"KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS", "AVG_ROW_LENGTH", "CHECKSUM", "DELAY_KEY_WRITE", "TRANSACTIONAL"}) {
      if (option == number) return "0";
    }
    if (option == "ENCRYPTION") return "'N'";
    for (std::string_view text : {"CONNECTION", "PASSWORD", "COMPRESSION", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"}) {
      if (option == text) return "''";
    }
    if (option == "UNION") return "()";
    return "DEFAULT";
  }

  void options() {
    const auto was = option_texts(change_.from, before_);
    const auto is = option_texts(change_.to, after_);
    for (const auto& [option, value] : was) {
      if (!is.contains(option)) add(fmt::format("{}={}", option, usual(option)), changing_option(option));
    }
    for (const auto& [option, value] : is) {
      const auto held = was.find(option);
      if (held == was.end() || held->second != value) add(fmt::format("{}={}", option, value), changing_option(option));
    }
    if (change_.from.comment != change_.to.comment) add("COMMENT=" + quote_string(change_.to.comment), changing_option("COMMENT"));
  }

  std::string was(const char* option) const { return text_option(old_options_, option); }
  std::string is(const char* option) const { return text_option(new_options_, option); }

  void drop_versioning() {
    if (flag(old_options_, "system_versioning") && !flag(new_options_, "system_versioning"))
      add("DROP SYSTEM VERSIONING", Work::copy("the table forgets its history"));
    if (!was("period_for_system_time").empty() && was("period_for_system_time") != is("period_for_system_time"))
      add("DROP PERIOD FOR SYSTEM_TIME", Work::copy("its period changes"));
    if (!was("period").empty() && was("period") != is("period")) {
      const std::string period = was("period");
      add("DROP PERIOD FOR " + period.substr(0, period.find(" (")), Work::copy("its period changes"));
    }
  }

  void add_versioning() {
    if (!is("period_for_system_time").empty() && was("period_for_system_time") != is("period_for_system_time"))
      add(fmt::format("ADD PERIOD FOR SYSTEM_TIME ({})", is("period_for_system_time")), Work::copy("its period changes"));
    if (!is("period").empty() && was("period") != is("period")) add("ADD PERIOD FOR " + is("period"), Work::copy("its period changes"));
    if (!flag(old_options_, "system_versioning") && flag(new_options_, "system_versioning"))
      add("ADD SYSTEM VERSIONING", Work::copy("the table keeps its history from now on"));
  }

  void partition() {
    const std::string from = was("partition_by"), to = is("partition_by");
    if (from == to) return;
    if (to.empty()) {
      result_.partitions = "REMOVE PARTITIONING";
      return;
    }
    const Partitions old = partitions_of(from), wanted = partitions_of(to);
    const bool appends = !from.empty() && !old.items.empty() && old.head == wanted.head && old.items.size() < wanted.items.size() &&
                         std::equal(old.items.begin(), old.items.end(), wanted.items.begin());
    if (appends && result_.clauses.empty()) {  // a statement of its own
      const std::vector<std::string> added(wanted.items.begin() + static_cast<std::ptrdiff_t>(old.items.size()), wanted.items.end());
      result_.partitions = "ADD PARTITION (\n  " + join(added, ",\n  ") + "\n)";
    } else {
      result_.partitions = "PARTITION BY " + to;
    }
  }

  const TableChange& change_;
  const Target& before_;
  const Target& after_;
  std::vector<Key> old_keys_, new_keys_;
  OptionMap old_options_, new_options_;
  bool says_collation_;
  Alteration result_;
};

bool is_innodb(const Table& table, const Target& target) {
  std::string engine = text_option(target.options(table.options), "engine");
  if (engine.empty()) engine = target.setting("default_storage_engine");
  return engine.empty() || equals_ignoring_case(engine, "InnoDB");
}

void note(std::vector<std::string>& reasons, const std::string& reason) {
  if (!reason.empty() && std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(reason);
}

/// All of it together: what the worst of them needs, and what they do not go with.
Work together(const Table& from, const Alteration& alteration, const Target& target) {
  Work work;
  std::vector<std::string> reasons;
  for (const Clause& clause : alteration.clauses) {
    if (clause.work.algorithm > work.algorithm) {
      work.algorithm = clause.work.algorithm;
      if (work.algorithm == Work::Algorithm::copy) reasons.clear();
    }
    work.rebuilds |= clause.work.rebuilds;
    work.stops_writers |= clause.work.stops_writers;
    if (clause.work.algorithm == work.algorithm) note(reasons, clause.work.reason);
  }
  const auto copy = [&](const char* reason) {
    if (work.algorithm == Work::Algorithm::copy) return;
    work = Work::copy(reason);
    reasons = {reason};
  };
  if (alteration.partitions.starts_with("ADD ")) return {Work::Algorithm::in_place, false, true, "partitions are added"};
  if (work.rebuilds && has_fulltext(from, target)) {
    if (!target.is_mariadb()) copy("it has a fulltext index");
    work.stops_writers = true;
    note(reasons, "it has a fulltext index");
  }
  if (work.rebuilds && target.is_mariadb() && has_indexed_virtual(from)) {
    work.stops_writers = true;
    note(reasons, "it has indexed virtual columns");
  }
  const bool partitioned = !text_option(target.options(from.options), "partition_by").empty();
  if (alteration.touches_virtual && partitioned && target.is_mariadb()) copy("it has partitions, and a virtual column comes or goes");
  if (!alteration.partitions.empty()) copy("its partitions change");
  if (!is_innodb(from, target)) copy("its engine knows no other way");
  if (alteration.touches_virtual && alteration.clauses.size() > 1) copy("virtual columns come and go in place only without other changes");
  // MariaDB takes those that stay for such as come.
  const bool beside_virtual = std::any_of(from.columns.begin(), from.columns.end(), is_virtual);
  if (target.is_mariadb() && beside_virtual && alteration.dropped > 0 && alteration.clauses.size() > alteration.dropped)
    copy("columns are dropped beside virtual ones in place only without other changes");
  work.reason = join(reasons, "; ");
  return work;
}

}  // namespace

Alteration alteration_of(const TableChange& change, const Target& before, const Target& after) { return Alterer(change, before, after).run(); }

bool needs_copy(const Table& from, const Alteration& alteration, const Target& target) {
  return together(from, alteration, target).algorithm == Work::Algorithm::copy;
}

AlterText alter_text(const Table& from, const Alteration& alteration, const Target& target, bool online) {
  AlterText result;
  const std::string name = printable(from.name.text(), 80);
  const bool single = alteration.clauses.size() + (alteration.partitions.empty() ? 0 : 1) == 1;
  const Work work = together(from, alteration, target);
  std::vector<std::string> lines;
  for (const Clause& clause : alteration.clauses) lines.push_back(clause.text);
  const std::string because = work.reason.empty() ? "" : " (" + work.reason + ")";
  const bool ask = online && alteration.partitions.empty();
  switch (work.algorithm) {
    case Work::Algorithm::instant:
      if (ask) lines.emplace_back("ALGORITHM=INSTANT");
      result.hazards.push_back({HazardKind::lock, fmt::format("waits for transactions that use {}, and lets later ones wait meanwhile", name)});
      break;
    case Work::Algorithm::in_place:
      if (ask) lines.emplace_back(work.stops_writers ? "ALGORITHM=INPLACE, LOCK=SHARED" : "ALGORITHM=INPLACE, LOCK=NONE");
      result.hazards.push_back({HazardKind::lock, fmt::format("waits for transactions that use {}, and lets later ones wait meanwhile", name)});
      if (work.rebuilds) {
        result.hazards.push_back(
            {HazardKind::rewrite,
             fmt::format("writes all rows of {} anew, in place; {}{}", name,
                         work.stops_writers ? "nobody can write it meanwhile" : "it can be read and written meanwhile", because)});
      } else if (work.stops_writers) {
        result.hazards.push_back({HazardKind::lock, fmt::format("nobody can write {} while it runs{}", name, because)});
      }
      break;
    case Work::Algorithm::copy:
      if (alteration.must_copy) lines.emplace_back("ALGORITHM=COPY");
      result.hazards.push_back({HazardKind::rewrite, fmt::format("copies all rows of {}, which nobody can write meanwhile{}", name, because)});
      break;
  }
  const std::string_view between = single && lines.size() <= 2 ? ", " : ",\n  ";
  result.sql = "ALTER TABLE " + quote_name(from.name) + (single ? " " : "\n  ") + join(lines, between);
  if (!alteration.partitions.empty()) result.sql += (lines.empty() ? "" : "\n") + alteration.partitions;
  return result;
}

}  // namespace aludel::mysql
