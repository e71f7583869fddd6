#include "names.hpp"
#include "quoting.hpp"
#include "render_conversions.hpp"
#include "render_plan.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::postgresql {

using dialect::Hazard;
using dialect::HazardKind;
using schema::Column;
using schema::Table;

namespace {

/// Is the value the same for all rows, so that it is not written to each (manual, ALTER TABLE, ADD COLUMN)? Only what is known not to be volatile.
bool is_constant(std::string_view sql) {
  std::string text = to_lower(sql);
  for (const char* stable : {"now()", "current_timestamp", "current_date", "localtimestamp", "transaction_timestamp()"}) {
    for (std::size_t at = text.find(stable); at != std::string::npos; at = text.find(stable)) text.erase(at, std::string_view(stable).size());
  }
  // A name before a parenthesis is a call; a type's length looks alike, and is preceded by a cast.
  for (std::size_t at = text.find('('); at != std::string::npos; at = text.find('(', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && (std::isalnum(static_cast<unsigned char>(text[begin - 1])) != 0 || text[begin - 1] == '_')) --begin;
    if (begin != at && (begin < 2 || text.substr(begin - 2, 2) != "::")) return false;
  }
  return true;
}

std::string set_attributes(const std::string& alter, const Value* from, const Value* to, std::size_t which) {
  const std::vector<std::string> changes = parameter_changes(from, to);
  return which < changes.size() ? alter + " " + changes[which] : std::string();
}

Part default_part(const op::AlterColumn& operation) { return {Part::Kind::default_value, operation.table, operation.column}; }

}  // namespace

bool Planner::changes_type_again(const op::AlterColumn& operation) const {
  return is_to_come([&](const op::Operation& later) {
    const auto* alter = std::get_if<op::AlterColumn>(&later.body);
    return alter != nullptr && alter->type && alter->table == operation.table && alter->column == operation.column;
  });
}

void Planner::column_extras(const Name& table, const Column& column, std::vector<Action>& actions) const {
  static_cast<void>(table);
  const std::string alter = "ALTER COLUMN " + quote_identifier(column.name);
  if (is_inherited(column.options) && option(column.options, "storage") != nullptr) return;  // it came with the column
  if (const std::string storage = text_option(column.options, "storage"); !storage.empty()) {
    actions.push_back({alter + " SET STORAGE " + to_upper(storage), "storage " + column.name});
  }
  if (const Value* target = option(column.options, "statistics")) {
    actions.push_back({fmt::format("{} SET STATISTICS {}", alter, to_json(*target)), "statistics " + column.name});
  }
  if (const Value* attributes = option(column.options, "attoptions")) {
    actions.push_back({fmt::format("{} SET ({})", alter, parameter_list(*attributes)), "attributes " + column.name});
  }
}

void Planner::add_column(const op::AddColumn& operation) {
  const Table& table = table_at(operation.table);
  if (operation.if_not_exists && table.find_column(operation.column.name) != nullptr) return;
  // A parent's new column is its children's, too.
  if (is_attached(operation.table) || is_inherited(operation.column.options) ||
      cascaded_.contains("add " + operation.table.text() + " " + operation.column.name)) {
    return alter(operation.table, {}, {current()});
  }
  for (const Name& child : children_of(operation.table)) cascaded_.insert("add " + child.text() + " " + operation.column.name);
  Column column = operation.column;
  const bool fills_itself = column.server_default || column.generated || column.identity;
  const bool fill = column.backfill && !column.generated && is_busy(operation.table);
  const bool later_not_null = !column.nullable && fill && !column.identity;
  if (later_not_null) column.nullable = true;
  // With a backfill the default is for new rows: what is there gets the backfill.
  const bool later_default = fill && column.server_default;
  if (later_default) column.server_default.reset();
  std::vector<Action> actions;
  actions.push_back(
      {fmt::format("ADD COLUMN {}{}", operation.if_not_exists ? "IF NOT EXISTS " : "", column_definition(column)), "column " + column.name});
  const bool rewrites = is_busy(operation.table) && (column.identity || (column.generated && column.generated->stored) ||
                                                     (column.server_default && !is_constant(sql_of(*column.server_default))));
  if (rewrites)
    actions.back().hazard = Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} anew, to fill {}", operation.table.text(), column.name)};
  if (later_default) {
    actions.push_back({fmt::format("ALTER COLUMN {} SET DEFAULT {}", quote_identifier(column.name), sql_of(*operation.column.server_default)),
                       "default " + column.name});
  }
  column_extras(operation.table, column, actions);
  op::AddColumn effect = operation;
  effect.column.nullable = column.nullable;
  // What is computed from a column of the same statement cannot see it yet.
  if (column.generated) altering_.reset();
  alter(operation.table, std::move(actions), {effect});
  const std::string reference = fmt::format("COLUMN {}.{}", quote_name(operation.table), quote_identifier(column.name));
  if (!column.comment.empty()) write(comment_on(reference, column.comment));
  static_cast<void>(fills_itself);
  if (!fill) return;
  write_hazardous(
      fmt::format("UPDATE {} SET {} = {}", quote_name(operation.table), quote_identifier(column.name), sql_of(*operation.column.backfill)),
      {HazardKind::rewrite, fmt::format("writes all rows of {}, to fill {}", operation.table.text(), column.name)});
  if (!later_not_null) return;
  op::AlterColumn tighten;
  tighten.table = operation.table;
  tighten.column = column.name;
  tighten.nullable = op::Change<bool>{true, false};
  set_not_null(operation.table, column.name, {tighten});
}

void Planner::drop_column(const op::DropColumn& operation) {
  const Table& table = table_at(operation.table);
  if (operation.if_exists && table.find_column(operation.column) == nullptr) return;
  suspended_parts_.erase({Part::Kind::default_value, operation.table, operation.column});
  if (suspended_parts_.erase({Part::Kind::generated, operation.table, operation.column}) != 0) return;  // gone already
  const bool cascaded = cascaded_.contains("drop " + operation.table.text() + " " + operation.column);
  if (cascaded || comes_from_parent(operation.table, operation.column)) return alter(operation.table, {}, {current()});
  for (const Name& child : children_of(operation.table)) cascaded_.insert("drop " + child.text() + " " + operation.column);
  suspend_changing_users_of(operation.table, operation.column);
  alter(operation.table,
        {{fmt::format("DROP COLUMN {}{}", operation.if_exists ? "IF EXISTS " : "", quote_identifier(operation.column)), "column " + operation.column,
          Hazard{HazardKind::data_loss, fmt::format("all values of {}.{} are lost", operation.table.text(), operation.column)}}},
        {current()});
}

void Planner::rename_column(const op::RenameColumn& operation) {
  restore_all();
  const std::string key = "rename " + operation.table.text() + " " + operation.column;
  if (cascaded_.contains(key) || comes_from_parent(operation.table, operation.column)) return alter(operation.table, {}, {current()});
  for (const Name& child : children_of(operation.table)) cascaded_.insert("rename " + child.text() + " " + operation.column);
  write_hazardous(fmt::format("ALTER {} {} RENAME COLUMN {} TO {}", table_word(table_at(operation.table)), quote_name(operation.table),
                              quote_identifier(operation.column), quote_identifier(operation.to)),
                  brief_lock(operation.table), {current()});
  const Table& table = table_at(operation.table);
  const Column& column = column_at(operation.table, operation.column);
  take_sequence_along(table, column, object_name(table.name.name, operation.to, "seq"));
  take_not_null_along(table, column, table.name, operation.to);
}

void Planner::take_not_null_along(const Table& table, const Column& column, const Name& to_table, const std::string& to_column) {
  const bool is_told = text_option(column.options, "not_null_name").empty() && !comes_from_parent(table.name, column.name);
  if (server_.major < 18 || column.nullable || !is_told || is_partitioned(table)) return;
  const std::string from = object_name(table.name.name, column.name, "not_null");
  const std::string to = object_name(to_table.name, to_column, "not_null");
  if (from == to) return;
  write_hazardous(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", quote_name(to_table), quote_identifier(from), quote_identifier(to)),
                  brief_lock(table.name));
}

void Planner::take_sequence_along(const Table& table, const Column& column, const std::string& to) {
  if (!column.identity || !text_option(column.options, "sequence_name").empty()) return;
  const std::string from = identity_sequence(table, column);
  if (from == to) return;
  write(fmt::format("ALTER SEQUENCE {} RENAME TO {}", quote_name({table.name.schema, from}), quote_identifier(to)));
}

void Planner::alter_column(const op::AlterColumn& operation) {
  const std::string key = "alter " + operation.table.text() + " " + operation.column;
  if (make_anew(operation)) return;
  if (operation.identity && operation.identity->to && !operation.identity->from) {
    free_sequence_of(table_at(operation.table), column_at(operation.table, operation.column));
  }
  rename_identity_sequence(operation);
  change_not_null(operation);
  const bool drops_identity = operation.identity && !operation.identity->to;
  if (drops_identity && operation.type) {
    std::vector<Action> first;
    change_identity(operation, first);
    alter(operation.table, std::move(first));
  }
  const bool cascaded = cascaded_.contains(key);
  const std::string expression = "drop expression " + operation.table.text() + " " + operation.column;
  if (operation.generated && !operation.generated->to && operation.type && early_.insert(expression).second) {
    // What is computed is not converted, so first it stops being so.
    alter(operation.table, {{fmt::format("ALTER COLUMN {} DROP EXPRESSION", quote_identifier(operation.column)), "default " + operation.column}});
    altering_.reset();
  }
  std::vector<Action> actions;
  if (operation.type || operation.collation) {
    if (!(cascaded || comes_from_parent(operation.table, operation.column))) change_type(operation, actions);
  }
  if (operation.generated && !operation.generated->to && !early_.contains(expression)) {
    actions.push_back({fmt::format("ALTER COLUMN {} DROP EXPRESSION", quote_identifier(operation.column)), "default " + operation.column});
  }
  change_default(operation, actions);
  // An identity holds its column NOT NULL.
  if (drops_identity && !operation.type) change_identity(operation, actions);
  if (operation.nullable && operation.nullable->to) {
    actions.push_back({fmt::format("ALTER COLUMN {} DROP NOT NULL", quote_identifier(operation.column)), "null " + operation.column});
  }
  const bool tightens = operation.nullable && !operation.nullable->to;
  change_options(operation, actions);
  const bool adds_identity = operation.identity && operation.identity->to;
  if (tightens) {
    op::AlterColumn first = operation;
    first.nullable.reset();
    first.backfill.reset();
    if (adds_identity) first.identity.reset();
    first.comment.reset();
    alter(operation.table, std::move(actions), {first});
    actions.clear();
    change_nullable(operation, actions);
  }
  if (adds_identity && operation.type) {
    alter(operation.table, std::move(actions));
    actions.clear();
  }
  if (adds_identity) change_identity(operation, actions);
  alter(operation.table, std::move(actions));
  if (adds_identity && !operation.identity->from && is_busy(operation.table) && !operation.identity->to->start) {
    // New numbers begin behind those that are there.
    const std::string table = quote_name(operation.table);
    const std::string column = quote_identifier(operation.column);
    write(fmt::format("SELECT setval(pg_get_serial_sequence({}, {}), max({}) + 1, false) FROM {} HAVING max({}) IS NOT NULL",
                      quote_literal(Value(table)), quote_literal(Value(operation.column)), column, table, column));
  }
  if (operation.comment) {
    write(comment_on(fmt::format("COLUMN {}.{}", quote_name(operation.table), quote_identifier(operation.column)), operation.comment->to));
  }
  op::AlterColumn rest = operation;
  if (tightens) {
    rest = op::AlterColumn{};
    rest.table = operation.table;
    rest.column = operation.column;
    if (adds_identity) rest.identity = operation.identity;
    rest.comment = operation.comment;
    if (!rest.identity && !rest.comment) return;
  }
  alter(operation.table, {}, {rest});
}

void Planner::change_type(const op::AlterColumn& operation, std::vector<Action>& actions) {
  const Column& column = column_at(operation.table, operation.column);
  for (const Name& child : children_of(operation.table)) cascaded_.insert("alter " + child.text() + " " + operation.column);
  const schema::Type to = operation.type ? operation.type->to : column.type;
  suspend_users_of(operation.table, operation.column, &column.type, &to);
  const std::string name = quote_identifier(operation.column);
  std::string text = fmt::format("ALTER COLUMN {} TYPE {}", name, type_text(to));
  const std::string collation = operation.collation ? operation.collation->to : column.collation;
  if (!collation.empty()) text += " COLLATE " + collation_sql(collation);
  if (is_foreign(table_at(operation.table))) {
    actions.push_back({std::move(text), "type " + operation.column});
    return;
  }
  if (operation.type) {
    if (operation.using_) {
      text += " USING " + sql_of(*operation.using_);
    } else {
      const Conversion conversion = conversion_of(operation.type->from, to, name);
      if (conversion.kind == Conversion::Kind::unknown) {
        throw Error(ErrorKind::unsupported, fmt::format("PostgreSQL has no conversion from {} to {} for {}.{}", type_text(operation.type->from),
                                                        type_text(to), operation.table.text(), operation.column))
            .with_hint("say how the values are converted: using = \"expression\"");
      }
      if (conversion.kind == Conversion::Kind::explicitly) text += " USING " + conversion.expression;
    }
  }
  // A default is not converted by USING: it is taken off and put back.
  const bool changes_default = operation.server_default.has_value();
  if (column.server_default && operation.type && !column.identity && !suspended_parts_.contains(default_part(operation))) {
    const bool comes_back = changes_type_again(operation);
    if (comes_back) suspend({}, {default_part(operation)});
    if (!comes_back) actions.push_back({fmt::format("ALTER COLUMN {} DROP DEFAULT", name), "default before " + operation.column});
    if (!comes_back && !changes_default) {
      actions.push_back({fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, default_after(*column.server_default, operation.type->from, to)),
                         "default " + operation.column});
    }
  }
  Action action{std::move(text), "type " + operation.column};
  if (is_busy(operation.table) && (!operation.type || operation.using_ || rewrites(operation.type->from, to))) {
    action.hazard = Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} and its indexes anew", operation.table.text())};
  }
  actions.insert(actions.begin() + (actions.empty() || actions.front().target.substr(0, 14) != "default before" ? 0 : 1), std::move(action));
}

void Planner::change_default(const op::AlterColumn& operation, std::vector<Action>& actions) {
  if (!operation.server_default || suspended_parts_.contains(default_part(operation))) return;
  const std::string alter = "ALTER COLUMN " + quote_identifier(operation.column);
  const auto& to = operation.server_default->to;
  actions.push_back({alter + (to ? " SET DEFAULT " + sql_of(*to) : std::string(" DROP DEFAULT")), "default " + operation.column});
}

void Planner::change_identity(const op::AlterColumn& operation, std::vector<Action>& actions) {
  const std::string alter = "ALTER COLUMN " + quote_identifier(operation.column);
  const auto& from = operation.identity->from;
  const auto& to = operation.identity->to;
  // With its type it changes in a statement of its own: the server lets an identity be of whole numbers alone, before and behind.
  const std::string target = (operation.type ? "type " : "identity ") + operation.column;
  if (!to) {
    if (early_.contains("drop identity " + operation.table.text() + " " + operation.column)) return;
    actions.push_back({alter + " DROP IDENTITY", target});
    return;
  }
  if (!from) {
    Column column = column_at(operation.table, operation.column);
    column.identity = *to;
    if (operation.options) column.options = operation.options->to;
    actions.push_back({alter + " ADD " + identity_clause(column), target});
    return;
  }
  const Column& column = column_at(operation.table, operation.column);
  Column moved = column;
  if (operation.options) moved.options = operation.options->to;
  const std::string restart = move_into_bounds({operation.table.schema, identity_sequence(table_at(operation.table), moved)}, *from,
                                               type_text(column.type), *to, type_text(operation.type ? operation.type->to : column.type));
  std::string text;
  if (from->always != to->always) text += to->always ? " SET GENERATED ALWAYS" : " SET GENERATED BY DEFAULT";
  const auto set = [&](const auto& was, const auto& is, std::string_view word, const std::string& usual) {
    if (was != is) text += is ? fmt::format(" SET {} {}", word, *is) : " SET " + usual;
  };
  set(from->increment, to->increment, "INCREMENT BY", "INCREMENT BY 1");
  set(from->minimum, to->minimum, "MINVALUE", "NO MINVALUE");
  set(from->maximum, to->maximum, "MAXVALUE", "NO MAXVALUE");
  // Where it begins stays as it was unless it is said anew, whatever becomes of the bounds.
  const auto first = [](const schema::Identity& identity) {
    return identity.start.value_or(identity.increment.value_or(1) > 0 ? identity.minimum.value_or(1) : identity.maximum.value_or(-1));
  };
  if (first(*from) != first(*to)) text += fmt::format(" SET START WITH {}", first(*to));
  set(from->cache, to->cache, "CACHE", "CACHE 1");
  if (from->cycle != to->cycle) text += to->cycle ? " SET CYCLE" : " SET NO CYCLE";
  if (!restart.empty()) text += " " + restart;
  if (!text.empty()) actions.push_back({alter + text, target});
}

void Planner::change_nullable(const op::AlterColumn& operation, std::vector<Action>&) {
  const Column& column = column_at(operation.table, operation.column);
  const std::string name = quote_identifier(operation.column);
  const schema::Expression* fill = operation.backfill ? &*operation.backfill : nullptr;
  static_cast<void>(column);
  if (fill != nullptr) {
    write_hazardous(fmt::format("UPDATE {} SET {} = {} WHERE {} IS NULL", quote_name(operation.table), name, sql_of(*fill), name),
                    {HazardKind::rewrite, fmt::format("writes the rows of {} that have no {}", operation.table.text(), operation.column)});
  }
  op::AlterColumn effect;
  effect.table = operation.table;
  effect.column = operation.column;
  effect.nullable = operation.nullable;
  const std::string said = operation.options ? not_null_clause(operation.table, operation.column, operation.options->to) : std::string();
  if (said.empty()) return set_not_null(operation.table, operation.column, {effect});
  Action action{said, "null " + operation.column};
  if (is_busy(operation.table)) {
    action.hazard = Hazard{HazardKind::scan, fmt::format("reads all rows of {} while nobody else can", operation.table.text())};
  }
  alter(operation.table, {std::move(action)}, {effect});
}

std::string Planner::not_null_name(const Name& table, const std::string& column, const schema::Options& options) {
  const std::string said = text_option(options, "not_null_name");
  return said.empty() ? object_name(table.name, column, "not_null") : said;
}

std::string Planner::not_null_clause(const Name& table, const std::string& column, const schema::Options& options) const {
  const bool no_inherit = flag(options, "not_null_no_inherit");
  if (server_.major < 18 || (text_option(options, "not_null_name").empty() && !no_inherit)) return {};
  return fmt::format("ADD CONSTRAINT {} NOT NULL {}{}", quote_identifier(not_null_name(table, column, options)), quote_identifier(column),
                     no_inherit ? " NO INHERIT" : "");
}

void Planner::change_not_null(const op::AlterColumn& operation) {
  // From 18 on NOT NULL is a constraint with a name.
  if (server_.major < 18 || !operation.options || operation.nullable || column_at(operation.table, operation.column).nullable) return;
  const std::string from = not_null_name(operation.table, operation.column, operation.options->from);
  const std::string to = not_null_name(operation.table, operation.column, operation.options->to);
  const std::string alter = fmt::format("ALTER TABLE {} ", quote_name(operation.table));
  if (from != to) {
    write_hazardous(fmt::format("{}RENAME CONSTRAINT {} TO {}", alter, quote_identifier(from), quote_identifier(to)), brief_lock(operation.table));
  }
  const bool alone = flag(operation.options->to, "not_null_no_inherit");
  if (flag(operation.options->from, "not_null_no_inherit") == alone) return;
  write_hazardous(fmt::format("{}ALTER CONSTRAINT {} {}", alter, quote_identifier(to), alone ? "NO INHERIT" : "INHERIT"),
                  brief_lock(operation.table));
}

std::string Planner::known_not_null(const Name& table, const std::string& column) const {
  const Table* known = schema_.find_table(table);
  if (known == nullptr) return {};
  const std::string quoted_form = fmt::format("{} is not null", quote_identifier(column));
  const std::string bare_form = fmt::format("{} is not null", column);
  for (const auto& constraint : known->constraints) {
    const auto* check = std::get_if<schema::Check>(&constraint);
    if (check == nullptr || !check->validated || !check->enforced) continue;
    const std::string text = to_lower(trim(sql_of(check->expression)));
    if (text == to_lower(quoted_form) || text == to_lower(bare_form)) return check->name;
  }
  return {};
}

void Planner::set_not_null(const Name& table, const std::string& column, op::Operations effect) {
  const std::string set = fmt::format("ALTER COLUMN {} SET NOT NULL", quote_identifier(column));
  const Table& known = table_at(table);
  if (!is_safe(table) || is_foreign(known) || !known_not_null(table, column).empty()) {
    Action action{set, "null " + column};
    if (is_busy(table) && known_not_null(table, column).empty()) {
      action.hazard = Hazard{HazardKind::scan, fmt::format("reads all rows of {} while nobody else can", table.text())};
    }
    return alter(table, {std::move(action)}, std::move(effect));
  }
  restore();
  // A validated check spares SET NOT NULL the scan under its lock (manual, ALTER TABLE, SET NOT NULL).
  std::string check = "aludel_not_null_" + column;
  while (check.size() > 63 || known.find_constraint(check) != nullptr) check = check.size() > 63 ? check.substr(0, 50) : check + "_";
  schema::Check made;
  made.name = check;
  made.expression = quote_identifier(column) + " IS NOT NULL";
  schema::Check unvalidated = made;
  unvalidated.validated = false;
  alter(table, {{fmt::format("ADD CONSTRAINT {} CHECK ({}) NOT VALID", quote_identifier(check), made.expression.declared), "constraint " + check}},
        {op::AddConstraint{table, unvalidated}});
  commit();
  write_hazardous(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", quote_name(table), quote_identifier(check)),
                  {HazardKind::scan, fmt::format("reads all rows of {}; they can be read and written meanwhile", table.text())},
                  {op::ValidateConstraint{table, check}});
  commit();
  effect.emplace_back(op::DropConstraint{table, check, made});
  alter(table, {{set, "null " + column}, {"DROP CONSTRAINT " + quote_identifier(check), "constraint " + check}}, std::move(effect));
}

void Planner::rename_identity_sequence(const op::AlterColumn& operation) {
  const Table& table = table_at(operation.table);
  Column column = column_at(operation.table, operation.column);
  if (!operation.options || !column.identity || (operation.identity && !operation.identity->to)) return;
  column.options = operation.options->from;
  const std::string from = identity_sequence(table, column);
  column.options = operation.options->to;
  const std::string to = identity_sequence(table, column);
  if (from != to) write(fmt::format("ALTER SEQUENCE {} RENAME TO {}", quote_name({operation.table.schema, from}), quote_identifier(to)));
}

void Planner::change_options(const op::AlterColumn& operation, std::vector<Action>& actions) {
  if (!operation.options) return;
  const std::string alter = "ALTER COLUMN " + quote_identifier(operation.column);
  const schema::Options& from = operation.options->from;
  const schema::Options& to = operation.options->to;
  if (const std::string storage = text_option(to, "storage"); storage != text_option(from, "storage")) {
    const std::string usual = usual_storage(operation.type ? operation.type->to : column_at(operation.table, operation.column).type);
    actions.push_back({alter + " SET STORAGE " + to_upper(storage.empty() ? usual : storage), "storage " + operation.column});
  }
  if (const std::string method = text_option(to, "compression"); method != text_option(from, "compression")) {
    actions.push_back(
        {alter + " SET COMPRESSION " + (method.empty() ? std::string("default") : quote_identifier(method)), "compression " + operation.column});
  }
  const Value* was = option(from, "statistics");
  const Value* is = option(to, "statistics");
  if ((was == nullptr) != (is == nullptr) || (was != nullptr && !(*was == *is))) {
    actions.push_back({alter + " SET STATISTICS " + (is == nullptr ? std::string("-1") : to_json(*is)), "statistics " + operation.column});
  }
  for (std::size_t k = 0; k < 2; ++k) {
    const std::string text = set_attributes(alter, option(from, "attoptions"), option(to, "attoptions"), k);
    if (!text.empty()) actions.push_back({text, fmt::format("attributes {} {}", k, operation.column)});
  }
  if (const std::string text = foreign_option_changes(option(from, "foreign_options"), option(to, "foreign_options")); !text.empty()) {
    actions.push_back({alter + " " + text, "options " + operation.column});
  }
}

bool Planner::make_anew(const op::AlterColumn& operation) {
  const Part part{Part::Kind::generated, operation.table, operation.column};
  if (suspended_parts_.contains(part)) return true;  // what is made again is the new one
  const Column& column = column_at(operation.table, operation.column);
  const bool becomes = operation.generated && operation.generated->to;
  const bool converts = column.generated && operation.type && !is_same_family(operation.type->from, operation.type->to);
  if (!becomes && !converts) return false;  // where it stays computed the server computes it anew
  if (column.generated && becomes && server_.major >= 17 && column.generated->stored == operation.generated->to->stored && !operation.type) {
    suspend_users_of(operation.table, operation.column, nullptr, &column.type);
    alter(operation.table,
          {{fmt::format("ALTER COLUMN {} SET EXPRESSION AS ({})", quote_identifier(operation.column), sql_of(operation.generated->to->expression)),
            "default " + operation.column, Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} anew", operation.table.text())}}},
          {current()});
    return true;
  }
  if (operation.generated && !operation.generated->to) return false;
  suspend({}, {part});
  return true;
}

}  // namespace aludel::postgresql
