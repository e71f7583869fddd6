#include "support/random_schema.hpp"

#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "support/generator.hpp"

namespace aludel::test {

using schema::Column;
using schema::Constraint;
using schema::ForeignKey;
using schema::Index;
using schema::IndexPart;
using schema::Metadata;
using schema::Name;
using schema::Table;
using schema::Type;

std::uint64_t seed_from_environment() {
  if (const char* seed = std::getenv("ALUDEL_SEED")) return std::strtoull(seed, nullptr, 10);
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return (std::uint64_t{std::random_device()()} << 20U) ^ static_cast<std::uint64_t>(now);
}

std::size_t cases_from_environment(std::size_t usual) {
  const char* cases = std::getenv("ALUDEL_CASES");
  return cases ? std::strtoull(cases, nullptr, 10) : usual;
}

Shape Shape::sqlite() {
  Shape shape;
  // SQLite 3.40 reads and writes past the name of a table that begins with a quote when it prepares a RESTRICT action on it (sqlite3FkActions).
  shape.leading_quotes = false;
  shape.comments = shape.options = shape.enums = shape.sequences = shape.schemas = shape.dangling = shape.exclusions = shape.partitions = false;
  return shape;
}

Shape Shape::postgresql() {
  Shape shape;
  shape.typed = shape.stored_only = true;
  shape.options = shape.dangling = shape.partitions = shape.unnamed_enums = shape.replaces_read_views = false;
  shape.collation = "C";
  shape.exclusion_method = "btree";
  shape.trigger_form = TriggerForm::function;
  shape.no_key_types = {schema::TypeKind::json};
  return shape;
}

Shape Shape::mysql(bool mariadb) {
  Shape shape;
  shape.typed = true;
  shape.options = shape.dangling = shape.partitions = shape.exclusions = shape.enums = shape.schemas = shape.deferrable = shape.object_comments =
      false;
  shape.expression_indexes = shape.partial_indexes = shape.set_null = false;
  shape.not_null_generated = shape.identity_in_checks = shape.replaces_read_views = shape.primary_key_names = shape.drops_key_indexes =
      shape.unnamed_constraints = false;
  shape.sequences = shape.keys_to_themselves = mariadb;
  shape.name_quote = '`';
  shape.collation = "utf8mb4_bin";
  shape.trigger_form = TriggerForm::statement;
  shape.no_types = {schema::TypeKind::interval, schema::TypeKind::native, schema::TypeKind::array};
  if (!mariadb) shape.no_types.push_back(schema::TypeKind::uuid);
  shape.no_key_types = {schema::TypeKind::json, schema::TypeKind::text, schema::TypeKind::binary};
  // Names of four bytes a character and names that end with a space are refused (manual, 9.2 Schema Object Names).
  shape.no_words = {"hero\xf0\x9f\xa6\xb8", " outer "};
  return shape;
}

namespace {

// Short lists, so that two schemas often name the same things. None is a keyword.
const std::vector<std::string> plain_words = {"hero", "team", "power", "city", "mission", "alias", "age", "title", "note", "score", "slug", "email"};
const std::vector<std::string> odd_words = {"select",
                                            "order",
                                            "two words",
                                            "quo\"te",
                                            "back`tick",
                                            "bra[cket]",
                                            "apos'trophe",
                                            "dot.ted",
                                            "\xc3\xbcnicode",
                                            "Mixed",
                                            "hero\xf0\x9f\xa6\xb8",
                                            "semi;colon",
                                            "--dash",
                                            "1digit",
                                            "new\nline",
                                            "100%s",
                                            "a/*b*/",
                                            " outer ",
                                            "end",
                                            "current_date",
                                            "\"",
                                            "team.age"};

bool is_plain(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); }) &&
         !(name[0] >= '0' && name[0] <= '9') && std::find(odd_words.begin(), odd_words.end(), name) == odd_words.end();
}

std::string quoted_always(std::string_view name, char quote) {
  std::string text(1, quote);
  for (char c : name) text.append(c == quote ? 2 : 1, c);
  return text + quote;
}

template <class T>
bool holds(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Types between which every server converts, and which functions of the same class take.
enum class TypeClass { number, text, other };

TypeClass class_of(const Type& type) {
  switch (type.kind) {
    case schema::TypeKind::smallint:
    case schema::TypeKind::integer:
    case schema::TypeKind::bigint:
    case schema::TypeKind::real:
    case schema::TypeKind::double_precision:
    case schema::TypeKind::decimal:
      return TypeClass::number;
    case schema::TypeKind::text:
    case schema::TypeKind::varchar:
      return TypeClass::text;
    default:
      return TypeClass::other;
  }
}

std::vector<std::string> plain_columns(const std::vector<IndexPart>& parts) {
  std::vector<std::string> columns;
  for (const auto& part : parts) columns.push_back(part.column);
  return columns;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string Generator::word() {
  if (!shape_.odd_names || !random_.chance(25)) return random_.of(plain_words);
  const std::string& odd = random_.of(odd_words);
  return holds(shape_.no_words, odd) ? random_.of(plain_words) : odd;
}

bool Generator::is_taken(std::string_view name) const {
  const auto same = [&](std::string_view other) { return equals_ignoring_case(name, other); };
  for (const auto& [key, table] : schema_.tables) {
    if (same(key.name)) return true;
    if (std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) { return same(index.name); })) return true;
    if (std::any_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint& held) { return same(name_of(held)); })) return true;
  }
  return std::any_of(schema_.objects.begin(), schema_.objects.end(), [&](const auto& entry) { return same(entry.first.name.name); }) ||
         std::any_of(schema_.enums.begin(), schema_.enums.end(), [&](const auto& entry) { return same(entry.first.name); }) ||
         std::any_of(schema_.sequences.begin(), schema_.sequences.end(), [&](const auto& entry) { return same(entry.first.name); });
}

std::string Generator::fresh_name(std::string_view prefix) {
  std::string base = word();
  while (!shape_.leading_quotes && std::string_view("\"'`[").find(base.front()) != std::string_view::npos) base = word();
  base.insert(0, prefix);
  std::string name = base;
  for (std::size_t i = 2; is_taken(name); ++i) name = base + std::to_string(i);
  return name;
}

std::string Generator::fresh_column(const Table& table) {
  const std::string base = word();
  std::string name = base;
  const auto taken = [&] {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) { return equals_ignoring_case(column.name, name); });
  };
  for (std::size_t i = 2; taken(); ++i) name = base + std::to_string(i);
  return name;
}

std::string Generator::part_name(std::string_view prefix) {
  if (shape_.unnamed_constraints && prefix != "ix" && random_.chance(20)) return "";
  const std::string base = std::string(prefix) + "_" + word();
  std::string name = base;
  for (std::size_t i = 2; is_taken(name); ++i) name = base + std::to_string(i);
  return name;
}

Name Generator::relation_name(std::string_view prefix) {
  Name name{"", fresh_name(prefix)};
  if (!schema_.schemas.empty() && random_.chance(25)) name.schema = any(schema_.schemas)->name;
  return name;
}

std::string Generator::quote(std::string_view name) {
  return is_plain(name) && random_.chance(70) ? std::string(name) : quoted_always(name, shape_.name_quote);
}

std::string Generator::quote(const Name& name) { return name.schema.empty() ? quote(name.name) : quote(name.schema) + "." + quote(name.name); }

Type Generator::type() {
  static const std::vector<Type> common = {Type::integer(),   Type::bigint(),           Type::string(), Type::varchar(80),
                                           Type::varchar(10), Type::double_precision(), Type::binary()};
  static const std::vector<Type> others = {Type::boolean(),
                                           Type::smallint(),
                                           Type::real(),
                                           Type::decimal(10, 2),
                                           Type::decimal(),
                                           Type::character(2),
                                           Type::binary(16),
                                           Type::date(),
                                           Type::time(),
                                           Type::timestamp(),
                                           Type::timestamp(true),
                                           Type::interval(),
                                           Type::uuid(),
                                           Type::json(),
                                           Type::native("tsvector"),
                                           Type::enumeration("", {"low", "high"})};
  if (!schema_.enums.empty() && random_.chance(25)) {
    const auto& chosen = *any(schema_.enums);
    Type used = Type::enumeration(chosen.name.text(), chosen.values);
    return random_.chance(20) ? Type::array(used) : used;
  }
  if (!shape_.types || !random_.chance(50)) return random_.of(common);
  const Type& other = random_.of(others);
  const bool taken = !holds(shape_.no_types, other.kind) && (shape_.unnamed_enums || !is_of_its_own(other));
  return taken ? other : random_.of(common);
}

Type Generator::type_like(const Type& like) {
  if (!shape_.typed) return type();
  static const std::vector<Type> numbers = {Type::smallint(), Type::integer(), Type::bigint(), Type::double_precision(), Type::decimal(10, 2)};
  static const std::vector<Type> texts = {Type::string(), Type::varchar(80), Type::varchar(10)};
  switch (class_of(like)) {
    case TypeClass::number:
      return random_.of(numbers);
    case TypeClass::text:
      return random_.of(texts);
    default:
      return like;
  }
}

bool Generator::is_of_its_own(const Type& type) { return type.kind == schema::TypeKind::enumeration && type.name.empty(); }

bool Generator::may_be_key(const Column& column) const { return !holds(shape_.no_key_types, column.type.kind); }

std::string Generator::literal_default(const Type& of) {
  if (of.kind == schema::TypeKind::enumeration && !of.values.empty()) {
    std::string text = "'";
    for (char c : random_.of(of.values)) text.append(c == '\'' ? 2 : 1, c);
    return text + "'";
  }
  static const std::vector<std::string> values = {"0", "42", "-1", "'text'", "'it''s'", "'age'", "CURRENT_TIMESTAMP", "''", "1.5"};
  if (!shape_.typed) return random_.of(values);
  static const std::vector<std::string> numbers = {"0", "42", "-1"};
  static const std::vector<std::string> texts = {"'text'", "'it''s'", "'age'", "''"};
  if (of.kind == schema::TypeKind::timestamp) return "CURRENT_TIMESTAMP";
  if (of.kind == schema::TypeKind::date) return "'2001-02-03'";
  switch (class_of(of)) {
    case TypeClass::number:
      return random_.of(numbers);
    case TypeClass::text:
      return random_.of(texts);
    default:
      return "";
  }
}

schema::Options Generator::options() {
  schema::Options all;
  if (!shape_.options || !random_.chance(15)) return all;
  all[random_.chance(50) ? "alpha" : "beta"]["storage"] = static_cast<std::int64_t>(random_.below(3));
  return all;
}

std::string Generator::comment() {
  static const std::vector<std::string> texts = {"in years", "what's \"this\"", "\xc3\xa4 \xf0\x9f\x98\x80"};
  return shape_.comments && random_.chance(15) ? random_.of(texts) : "";
}

std::string Generator::object_comment() { return shape_.object_comments ? comment() : ""; }

std::vector<const Column*> Generator::stored_columns(const Table& table) const {
  std::vector<const Column*> all;
  for (const auto& column : table.columns) {
    if (!column.generated) all.push_back(&column);
  }
  return all;
}

std::vector<std::string> Generator::some_columns(const Table& table, std::size_t count) { return some_columns(table, count, false); }

std::vector<std::string> Generator::some_keys(const Table& table, std::size_t count) { return some_columns(table, count, true); }

std::vector<std::string> Generator::some_columns(const Table& table, std::size_t count, bool keys) {
  std::vector<std::string> names;
  for (const auto* column : stored_columns(table)) {
    if (!keys || may_be_key(*column)) names.push_back(column->name);
  }
  for (std::size_t i = names.size(); i > 1; --i) std::swap(names[i - 1], names[random_.below(i)]);
  names.resize(std::min(names.size(), count));
  return names;
}

std::string Generator::typed_condition(const Table& table) {
  std::vector<std::string> names = some_columns(table, table.columns.size());
  std::erase_if(names, [&](const std::string& name) { return !shape_.identity_in_checks && table.find_column(name)->identity; });
  if (names.empty()) return "1 > 0";
  const Column& chosen = *table.find_column(names.front());
  const std::string column = quote(chosen.name);
  const bool note = random_.chance(30);
  switch (chosen.identity ? TypeClass::other : class_of(chosen.type)) {
    case TypeClass::number:
      return random_.of(std::vector<std::string>{column + " > 0", column + " BETWEEN 1 AND 10 -- note\n", column + " = 1 OR " + column + " IS NULL"});
    case TypeClass::text:
      return random_.of(std::vector<std::string>{"length(" + column + ") < 20", column + " <> 'age' /* age */", "lower(" + column + ") = 'x'"});
    default:
      return column + " IS NOT NULL" + (note ? " /* it */" : "");
  }
}

std::string Generator::condition(const Table& table) {
  if (shape_.typed) return typed_condition(table);
  const std::string column = quote(some_columns(table, 1).front());
  const std::string other = quote(some_columns(table, 1).front());
  switch (random_.below(6)) {
    case 0:
      return column + " > 0";
    case 1:
      return column + " IS NOT NULL";
    case 2:
      return "length(" + column + ") < 20";
    case 3:
      return column + " <> 'age' /* age */";
    case 4:
      return column + " = 1 OR lower(" + other + ") = 'x'";
    default:
      return column + " BETWEEN 1 AND 10 -- " + (is_plain(table.name.name) ? table.name.name : "note") + "\n";
  }
}

std::string Generator::typed_computation(const Table& table, const Column& into) {
  std::vector<std::string> choices;
  for (const auto* from : stored_columns(table)) {
    if (from->name == into.name || from->identity) continue;
    const std::string name = quote(from->name);
    const TypeClass wanted = class_of(into.type);
    const TypeClass held = class_of(from->type);
    if (wanted == TypeClass::number && held == TypeClass::text) choices.push_back("length(" + name + ")");
    if (wanted == TypeClass::number && held == TypeClass::number) choices.push_back("coalesce(" + name + ", 0) + 1");
    if (wanted == TypeClass::text && held == TypeClass::text) choices.push_back("lower(" + name + ")");
  }
  return choices.empty() ? "" : random_.of(choices);
}

std::string Generator::computation(const Table& table, const Column& into) {
  if (shape_.typed) return typed_computation(table, into);
  const std::string_view except = into.name;
  std::string column = some_columns(table, 1).front();
  for (const auto* candidate : stored_columns(table)) {
    if (column == except && candidate->name != except) column = candidate->name;
  }
  return random_.chance(50) ? "length(" + quote(column) + ")" : "coalesce(" + quote(column) + ", 0) + 1";
}

Column Generator::column(const Table& table) {
  Column made;
  made.name = fresh_column(table);
  made.type = type();
  made.nullable = random_.chance(70);
  if (shape_.generated && random_.chance(10) && !stored_columns(table).empty()) {
    if (std::string from = computation(table, made); !from.empty())
      made.generated = schema::Generated{from, shape_.stored_only || random_.chance(50)};
  } else if (shape_.defaults && random_.chance(30)) {
    if (std::string value = literal_default(made.type); !value.empty()) made.server_default = value;
  }
  if (shape_.collations && made.type.kind == schema::TypeKind::text && random_.chance(15)) made.collation = shape_.collation;
  made.comment = comment();
  made.options = options();
  return made;
}

std::optional<Constraint> Generator::primary_key(Table& table) {
  const auto names = some_keys(table, random_.chance(70) ? 1 : 2);
  if (names.empty() || table.primary_key()) return std::nullopt;
  schema::PrimaryKey key{shape_.primary_key_names ? part_name("pk") : "", {names.begin(), names.end()}, schema::Deferrable::no, "", {}};
  for (const auto& name : names) {
    Column& column = *table.find_column(name);
    column.nullable = false;
    const bool whole_number = column.type.kind == schema::TypeKind::integer || column.type.kind == schema::TypeKind::bigint;
    const bool computed_from =
        !shape_.identity_in_checks && std::any_of(table.columns.begin(), table.columns.end(), [](const Column& one) { return one.generated; });
    if (shape_.identity && names.size() == 1 && whole_number && !computed_from && random_.chance(50)) {
      column.identity.emplace();
      column.server_default.reset();
    }
  }
  return key;
}

std::optional<Constraint> Generator::unique(const Table& table) {
  const auto names = some_keys(table, 1 + random_.below(2));
  if (names.empty()) return std::nullopt;
  for (const auto& held : table.constraints) {
    // Two keys over the same columns are one key to some servers.
    if (const auto* key = std::get_if<schema::PrimaryKey>(&held); key && sorted(plain_columns(key->columns)) == sorted(names)) return std::nullopt;
    if (const auto* other = std::get_if<schema::Unique>(&held); other && sorted(plain_columns(other->columns)) == sorted(names)) return std::nullopt;
  }
  schema::Unique key;
  key.name = part_name("uq");
  key.columns = {names.begin(), names.end()};
  if (shape_.exclusions && random_.chance(15)) key.nulls_distinct = !shape_.nulls_not_distinct;
  if (shape_.exclusions && random_.chance(15)) key.include = some_columns(table, 1);
  return key;
}

std::optional<Constraint> Generator::check(const Table& table) {
  schema::Check made;
  made.name = part_name("ck");
  made.expression = condition(table);
  if (shape_.exclusions && random_.chance(15)) made.validated = false;
  return made;
}

std::optional<Constraint> Generator::foreign_key(const Table& table, const std::vector<const Table*>& targets) {
  if (targets.empty()) return std::nullopt;
  const Table& target = *random_.of(targets);
  std::vector<std::vector<std::string>> keys;
  for (const auto& held : target.constraints) {
    if (const auto* key = std::get_if<schema::PrimaryKey>(&held)) keys.push_back(plain_columns(key->columns));
    if (const auto* key = std::get_if<schema::Unique>(&held)) keys.push_back(plain_columns(key->columns));
  }
  for (const auto& held : target.indexes) {
    const bool plain = std::none_of(held.columns.begin(), held.columns.end(), [](const IndexPart& part) { return part.expression.has_value(); });
    if (held.unique && !held.where && plain) keys.push_back(plain_columns(held.columns));
  }
  if (keys.empty()) return std::nullopt;
  ForeignKey made;
  made.name = part_name("fk");
  made.referenced_table = target.name;
  made.referenced_columns = random_.of(keys);
  made.columns = some_keys(table, made.referenced_columns.size());
  if (made.columns.size() != made.referenced_columns.size()) return std::nullopt;
  if (!shape_.keys_to_themselves && target.name == table.name && made.columns == made.referenced_columns) return std::nullopt;
  const bool there = std::any_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint& held) {
    const auto* other = std::get_if<ForeignKey>(&held);
    return other != nullptr && sorted(other->columns) == sorted(made.columns);
  });
  if (shape_.typed && there) return std::nullopt;  // nothing would tell unnamed ones apart
  for (std::size_t i = 0; shape_.typed && i < made.columns.size(); ++i) {
    const Column& from = *table.find_column(made.columns[i]);
    const Column* to = target.find_column(made.referenced_columns[i]);
    if (!to || from.type != to->type || from.collation != to->collation || is_of_its_own(from.type)) return std::nullopt;
  }
  if (shape_.dangling && random_.chance(4)) made.referenced_table.name = "nowhere";
  if (shape_.dangling && target.primary_key() && plain_columns(target.primary_key()->columns) == made.referenced_columns && random_.chance(15)) {
    made.referenced_columns.clear();
  }
  static const std::vector<schema::ForeignKeyAction> actions = {schema::ForeignKeyAction::no_action, schema::ForeignKeyAction::cascade,
                                                                schema::ForeignKeyAction::set_null, schema::ForeignKeyAction::restrict};
  made.on_delete = random_.of(actions);
  made.on_update = random_.of(actions);
  if (!shape_.set_null) {
    if (made.on_delete == schema::ForeignKeyAction::set_null) made.on_delete = schema::ForeignKeyAction::cascade;
    made.on_update = schema::ForeignKeyAction::no_action;
    // MySQL cascades into no column that a stored one is computed from.
    const auto stored = [](const schema::Column& column) { return column.generated && column.generated->stored; };
    if (std::any_of(table.columns.begin(), table.columns.end(), stored)) made.on_delete = schema::ForeignKeyAction::no_action;
  }
  if (shape_.deferrable && random_.chance(25)) {
    made.deferrable = random_.chance(50) ? schema::Deferrable::initially_deferred : schema::Deferrable::initially_immediate;
  }
  return made;
}

std::optional<Constraint> Generator::exclusion(const Table& table) {
  const auto names = some_keys(table, 1);
  if (names.empty()) return std::nullopt;
  schema::Exclude made;
  made.name = part_name("ex");
  made.method = shape_.exclusion_method;
  made.elements.push_back({IndexPart(names.front()), "="});
  if (random_.chance(50)) made.where = condition(table);
  return made;
}

std::optional<Constraint> Generator::constraint(Table& table) {
  switch (random_.below(5)) {
    case 0:
      return primary_key(table);
    case 1:
      return shape_.uniques ? unique(table) : std::nullopt;
    case 2:
      return shape_.checks ? check(table) : std::nullopt;
    case 3:
      return shape_.foreign_keys ? foreign_key(table, tables()) : std::nullopt;
    default:
      return shape_.exclusions ? exclusion(table) : std::nullopt;
  }
}

Index Generator::index(const Table& table) {
  Index made;
  made.name = part_name("ix");
  for (const auto& name : some_keys(table, 1 + random_.below(2))) {
    IndexPart part(name);
    const bool computable = !shape_.typed || class_of(table.find_column(name)->type) == TypeClass::text;
    if (shape_.expression_indexes && computable && random_.chance(20)) {
      part.column.clear();
      part.expression = "lower(" + quote(name) + ")";
    }
    if (random_.chance(20)) part.order = schema::Order::descending;
    made.columns.push_back(std::move(part));
  }
  made.unique = random_.chance(25);
  if (shape_.partial_indexes && random_.chance(20)) made.where = quote(some_columns(table, 1).front()) + " IS NOT NULL";
  made.options = options();
  return made;
}

Table Generator::table(Name name) {
  Table made;
  made.name = std::move(name);
  const std::size_t count = 1 + random_.below(shape_.columns);
  while (made.columns.size() < count) made.columns.push_back(column(made));
  if (random_.chance(85)) {
    if (auto key = primary_key(made)) made.constraints.push_back(std::move(*key));
  }
  if (shape_.uniques && random_.chance(30)) {
    if (auto key = unique(made)) made.constraints.push_back(std::move(*key));
  }
  if (shape_.checks && random_.chance(40)) made.constraints.push_back(*check(made));
  if (shape_.exclusions && random_.chance(8)) {
    if (auto held = exclusion(made)) made.constraints.push_back(std::move(*held));
  }
  made.comment = comment();
  made.options = options();
  return made;
}

std::vector<const Table*> Generator::tables() const {
  std::vector<const Table*> all;
  for (const auto& [name, table] : schema_.tables) all.push_back(&table);
  return all;
}

schema::Sequence Generator::sequence(Name name) {
  schema::Sequence made;
  made.name = std::move(name);
  made.settings.start = static_cast<std::int64_t>(1 + random_.below(100));
  made.comment = object_comment();
  return made;
}

bool Generator::says(const schema::Object& view, std::string_view name) const {
  std::string quoted;
  for (const char c : name) quoted.append(c == shape_.name_quote ? 2 : 1, c);
  return view.definition.declared.find(quoted) != std::string::npos;
}

bool Generator::is_read(std::string_view name) const {
  return std::any_of(schema_.objects.begin(), schema_.objects.end(),
                     [&](const auto& entry) { return entry.first.kind == "view" && entry.first.name.name != name && says(entry.second, name); });
}

bool Generator::reads_views(const schema::Object& view) const {
  return std::any_of(schema_.objects.begin(), schema_.objects.end(),
                     [&](const auto& entry) { return entry.first.kind == "view" && says(view, entry.first.name.name); });
}

schema::Object Generator::view(Name name) {
  schema::Object made{{"view", std::move(name), "", ""}, {}, {}, object_comment(), {}};
  std::vector<const schema::Object*> views;
  for (const auto& [key, object] : schema_.objects) {
    // Only those that are over no other view, so that there is never a ring.
    if (key.kind == "view" && key != made.key && !reads_views(object)) views.push_back(&object);
  }
  if (schema_.tables.empty() || (!views.empty() && random_.chance(25))) {
    if (views.empty()) {
      made.definition = "AS SELECT 1 AS one";
      return made;
    }
    const auto& under = *random_.of(views);
    made.definition = "AS SELECT * FROM " + quote(under.key.name);
    if (random_.chance(50)) made.depends_on.push_back(under.key);
    return made;
  }
  const Table& first = *any_table();
  const Table& second = *any_table();
  const std::string column = any_column(first)->name;
  if (shape_.typed) {
    // What may be grouped by, joined and compared is of the type; a cross join of any two tables is not.
    const bool joined = first.name.name != second.name.name && random_.chance(40);
    made.definition = "AS SELECT " + quote(first.name.name) + "." + quote(column) + (random_.chance(30) ? " AS alias" : "") + ", 1 AS one FROM " +
                      quote(first.name) + (joined ? " CROSS JOIN " + quote(second.name) : "") + " WHERE " + quote(first.name.name) + "." +
                      quote(any_column(first)->name) + " IS NOT NULL";
    return made;
  }
  if (first.name != second.name && random_.chance(40)) {
    made.definition = "AS SELECT " + quote(first.name.name) + "." + quote(column) + " FROM " + quote(first.name) + " JOIN " + quote(second.name) +
                      " ON " + quote(first.name.name) + "." + quote(any_column(first)->name) + " = " + quote(second.name.name) + "." +
                      quote(any_column(second)->name);
    if (random_.chance(50)) made.depends_on = {{"table", first.name, "", ""}, {"table", second.name, "", ""}};
    return made;
  }
  made.definition = "AS SELECT " + quote(column) + (random_.chance(30) ? " AS alias" : "") + ", count(1) FROM " + quote(first.name) + " WHERE " +
                    quote(any_column(first)->name) + " IS NOT NULL";
  return made;
}

bool Generator::may_trigger(const Table& table) const {
  return shape_.trigger_form != TriggerForm::statement || std::none_of(schema_.objects.begin(), schema_.objects.end(), [&](const auto& entry) {
           return entry.first.kind == "trigger" && entry.first.parent == table.name.text();
         });
}

schema::Object Generator::trigger_function() {
  return {{"function", {"", "stamp"}, "", ""}, "() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$", {}, "", {}};
}

schema::Object Generator::trigger(Name name, const Table& table) {
  schema::Object made{{"trigger", std::move(name), table.name.text(), ""}, {}, {}, "", {}};
  const Table& other = *any_table();
  const Column& chosen = *any_column(table);
  const std::string column = quote(chosen.name);
  const bool plain_update = shape_.trigger_form == TriggerForm::statement || chosen.generated;
  const std::string event = random_.chance(50) ? "INSERT" : plain_update ? "UPDATE" : "UPDATE OF " + column;
  if (shape_.trigger_form == TriggerForm::function) {
    made.definition = "AFTER " + event + " ON " + quote(table.name) + " FOR EACH ROW EXECUTE FUNCTION stamp()";
    made.depends_on = {trigger_function().key};
    return made;
  }
  if (shape_.trigger_form == TriggerForm::statement) {
    made.definition = "AFTER " + event + " ON " + quote(table.name) + " FOR EACH ROW DELETE FROM " + quote(other.name) + " WHERE " +
                      quote(any_column(other)->name) + " IS NULL AND NEW." + column + " IS NULL";
    return made;
  }
  made.definition = "AFTER " + event + " ON " + quote(table.name) + " BEGIN DELETE FROM " + quote(other.name) + " WHERE " +
                    quote(any_column(other)->name) + " = NEW." + column + "; END";
  return made;
}

void Generator::fill() {
  if (shape_.schemas && random_.chance(30)) schema_.add(schema::Namespace{"app", "", {}});
  if (shape_.enums) {
    for (std::size_t i = random_.below(3); i > 0; --i)
      schema_.add(schema::EnumType{relation_name(enum_prefix), {"rookie", "it's", "veteran"}, object_comment(), {}});
  }
  const std::size_t count = random_.below(shape_.tables + 1);
  for (std::size_t i = 0; i < count; ++i) {
    schema_.add(table(relation_name()));
    Table& added = *schema_.find_table(std::next(schema_.tables.begin(), static_cast<std::ptrdiff_t>(random_.below(i + 1)))->first);
    for (std::size_t k = shape_.indexes ? random_.below(3) : 0; k > 0; --k) {
      if (Index made = index(added); !made.columns.empty()) added.indexes.push_back(std::move(made));
    }
  }
  std::vector<const Table*> earlier;
  for (auto& [name, table] : schema_.tables.writable()) {
    earlier.push_back(&table);
    for (std::size_t k = shape_.foreign_keys ? random_.below(3) : 0; k > 0; --k) {
      if (auto key = foreign_key(table, shape_.cycles ? tables() : earlier)) table.constraints.push_back(std::move(*key));
    }
  }
  for (std::size_t k = shape_.sequences ? random_.below(3) : 0; k > 0; --k) {
    schema::Sequence made = sequence(relation_name(sequence_prefix));
    if (!schema_.tables.empty() && random_.chance(50)) {
      const Table& owner = *any_table();
      std::vector<std::string> parts;
      if (!owner.name.schema.empty()) parts.push_back(owner.name.schema);
      parts.push_back(owner.name.name);
      parts.push_back(any_column(owner)->name);
      made.owned_by = join_name(parts);
      made.name.schema = owner.name.schema;
    }
    schema_.add(std::move(made));
  }
  for (std::size_t k = shape_.views ? random_.below(4) : 0; k > 0; --k) schema_.add(view(relation_name()));
  for (std::size_t k = shape_.triggers && !schema_.tables.empty() ? random_.below(3) : 0; k > 0; --k) {
    const Table& on = *any_table();
    if (shape_.trigger_form == TriggerForm::function && schema_.objects.get(trigger_function().key) == nullptr) schema_.add(trigger_function());
    if (may_trigger(on)) schema_.add(trigger({on.name.schema, fresh_name()}, on));
  }
}

Metadata random_schema(Random& random, const Shape& shape) {
  Metadata schema;
  Generator(random, shape, schema).fill();
  return schema;
}

std::string dump(const op::Operations& operations) {
  std::string text;
  for (const auto& operation : operations) text += to_json(op::encode(operation)) + "\n";
  return text;
}

std::string dump(const Metadata& schema) { return dump(op::create_operations(schema)); }

}  // namespace aludel::test
