#include "printed.hpp"

#include "connection.hpp"
#include "event.hpp"
#include "expression.hpp"
#include "lexer.hpp"
#include "normal.hpp"
#include "quoting.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace aludel::mysql {

using schema::Metadata;
using schema::ObjectKey;

namespace {

std::string text_of(const Value& value) {
  if (const std::string* text = value.string()) return *text;
  if (const Bytes* bytes = value.bytes()) return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  return value.integer() ? std::to_string(*value.integer()) : std::string();
}

/// What a trigger does, of its CREATE statement.
std::string trigger_body(const std::string& created) {
  const std::vector<Token> tokens = tokenize(created);
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    if (!tokens[i - 2].is("FOR") || !tokens[i - 1].is("EACH") || !tokens[i].is("ROW")) continue;
    const bool placed = i + 2 < tokens.size() && (tokens[i + 1].is("FOLLOWS") || tokens[i + 1].is("PRECEDES"));
    return std::string(trim(std::string_view(created).substr(tokens[placed ? i + 2 : i].end_offset())));
  }
  return {};
}

class Printer {
 public:
  Printer(Connection& connection, const dialect::Scope& scope) : connection_(connection), scope_(scope) {}

  PrintedSchema run() {
    read_context();
    list_relations();
    list_triggers();
    list_routines();
    list_events();
    ask();
    return std::move(result_);
  }

 private:
  void read_context() {
    const Value database = connection_.execute("SELECT DATABASE()").scalar();
    if (!database.string()) {
      throw Error(ErrorKind::usage, "no database is selected").with_hint("name the database in the URL: mysql://user@host/database");
    }
    const auto& settings = connection_.server().settings;
    result_.context.database = *database.string();
    result_.context.engine = settings.at("default_storage_engine");
    result_.context.collation = settings.at("collation_database");
    result_.context.mariadb = connection_.is_mariadb();
    result_.sql_mode = settings.at("sql_mode");
    for (const auto& row : connection_.execute("SHOW CHARACTER SET").rows) result_.context.default_collations[text_of(row[0])] = text_of(row[2]);
  }

  bool is_ignored(const std::string& name) const {
    return std::any_of(scope_.ignored_tables.begin(), scope_.ignored_tables.end(),
                       [&](const schema::Name& one) { return one.name == name && (one.schema.empty() || one.schema == result_.context.database); });
  }

  Printed& add(std::string kind, std::string name) {
    Printed& thing = result_.things.emplace_back();
    thing.kind = std::move(kind);
    thing.name = std::move(name);
    return thing;
  }

  void list_relations() {
    for (const auto& row : connection_.execute("SHOW FULL TABLES").rows) {
      const std::string name = text_of(row[0]);
      const std::string type = text_of(row[1]);
      if (is_ignored(name)) continue;
      if (type == "VIEW") {
        add("view", name);
      } else if (type == "SEQUENCE") {
        add("sequence", name);
      } else if (type == "BASE TABLE" || type == "SYSTEM VERSIONED") {
        add("table", name);
      } else {
        add(to_lower(type), name).failure = "it is none of the kinds that aludel knows";
      }
    }
  }

  /// Filtered by the look-up column alone: TRIGGER_SCHEMA would walk every database of the server.
  void list_triggers() {
    const auto rows = connection_.execute(
        "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS "
        "WHERE EVENT_OBJECT_SCHEMA = DATABASE() ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER");
    std::string last_place, last_name;
    for (const auto& row : rows.rows) {
      const std::string table = text_of(row[1]);
      if (is_ignored(table)) continue;
      Printed& trigger = add("trigger", text_of(row[0]));
      trigger.parent = table;
      std::string head = fmt::format("{} {} ON {} FOR EACH ROW ", text_of(row[2]), text_of(row[3]), quote_identifier(table));
      // MySQL prints quotes inside of quoted names wrongly here, SHOW CREATE as they were said.
      if (connection_.server().flavour == "mysql" && text_of(row[4]).find('`') != std::string::npos) {
        trigger.created = std::move(head);
      } else {
        trigger.text = head + text_of(row[4]);
      }
      trigger.sql_mode = text_of(row[5]);
      const std::string place = table + "\n" + text_of(row[2]) + "\n" + text_of(row[3]);
      if (place == last_place) trigger.follows = last_name;
      last_place = place;
      last_name = trigger.name;
    }
  }

  void list_routines() {
    const auto rows =
        connection_.execute("SELECT ROUTINE_NAME, ROUTINE_TYPE, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()");
    for (const auto& row : rows.rows) {
      const std::string type = text_of(row[1]);
      Printed& routine = add(to_lower(type), text_of(row[0]));
      routine.sql_mode = text_of(row[2]);
      if (type != "PROCEDURE" && type != "FUNCTION") routine.failure = "aludel manages procedures and functions only";
    }
  }

  void list_events() {
    const auto rows = connection_.execute(
        "SELECT EVENT_NAME, SQL_MODE, IF(ABS(TIMESTAMPDIFF(SECOND, STARTS, CREATED)) <= 1 OR ABS(TIMESTAMPDIFF(SECOND, STARTS, LAST_ALTERED)) <= 1, "
        "CAST(STARTS AS CHAR), NULL) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()");
    for (const auto& row : rows.rows) {
      Printed& event = add("event", text_of(row[0]));
      event.sql_mode = text_of(row[1]);
      event.created = text_of(row[2]);
    }
  }

  void ask() {
    static const std::map<std::string, std::size_t> wanted = {{"table", 1},    {"view", 1},  {"sequence", 1}, {"procedure", 2},
                                                              {"function", 2}, {"event", 3}, {"trigger", 2}};
    std::vector<std::string> queries;
    std::vector<std::size_t> columns, positions;
    for (std::size_t i = 0; i < result_.things.size(); ++i) {
      const Printed& thing = result_.things[i];
      if (!thing.failure.empty() || !thing.text.empty()) continue;
      queries.push_back("SHOW CREATE " + to_upper(thing.kind) + " " + quote_identifier(thing.name));
      columns.push_back(wanted.at(thing.kind));
      positions.push_back(i);
    }
    if (queries.empty()) return;
    std::vector<Connection::Answer> answers = connection_.ask_all(queries, columns);
    std::set<std::size_t> gone;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      Printed& thing = result_.things[positions[i]];
      constexpr std::array<unsigned, 4> no_such = {1146, 1539, 1305, 1360};  // table, event, routine, trigger
      const unsigned error = answers[i].error;
      if (std::find(no_such.begin(), no_such.end(), error) != no_such.end()) gone.insert(positions[i]);  // dropped meanwhile
      thing.text = std::move(answers[i].text);
      // Without a text its failure is said below.
      if (thing.kind == "trigger" && !thing.text.empty()) thing.text = std::exchange(thing.created, {}) + trigger_body(thing.text);
      if (error != 0) {
        thing.failure = answers[i].message;
      } else if (thing.text.empty()) {
        thing.failure = "the user of the URL has no right to read it";
      }
    }
    if (gone.empty()) return;
    std::vector<Printed> kept;
    for (std::size_t i = 0; i < result_.things.size(); ++i) {
      if (!gone.contains(i)) kept.push_back(std::move(result_.things[i]));
    }
    result_.things = std::move(kept);
  }

  Connection& connection_;
  const dialect::Scope& scope_;
  PrintedSchema result_;
};

void depend_on_relations(Metadata& metadata) {
  for (auto& [key, object] : metadata.objects.writable()) {
    if (key.kind == "trigger") object.depends_on.push_back({"table", schema::parse_name(key.parent), "", ""});
    if (key.kind != "view") continue;
    for (const std::string& name : relations_in(object.definition.canonical)) {
      if (name == key.name.name) continue;
      if (metadata.find_table({"", name}) != nullptr) {
        object.depends_on.push_back({"table", {"", name}, "", ""});
      } else if (metadata.objects.contains({"view", {"", name}, "", ""})) {
        object.depends_on.push_back({"view", {"", name}, "", ""});
      }
    }
  }
}

}  // namespace

PrintedSchema print_schema(dialect::Connection& connection, const dialect::Scope& scope) {
  Connection* own = ours(&connection);
  if (own == nullptr) throw Error(ErrorKind::usage, "the connection is none of MySQL's or MariaDB's");
  return Printer(*own, scope).run();
}

Metadata read_printed(const PrintedSchema& printed) {
  Metadata metadata;
  for (const Printed& thing : printed.things) {
    if (!thing.failure.empty()) {
      metadata.unsupported.push_back({thing.kind, thing.name, thing.failure});
      continue;
    }
    try {
      if (thing.kind == "table") {
        metadata.add(parse_table(thing.text, printed.context));
        continue;
      }
      if (thing.kind == "sequence") {
        schema::Sequence sequence = parse_sequence(thing.text);
        normalise(sequence);
        metadata.add(std::move(sequence));
        continue;
      }
      schema::Object object;
      if (thing.kind == "view") {
        object = parse_view(thing.text, printed.context);
      } else if (thing.kind == "trigger") {
        object.key = {"trigger", {"", thing.name}, schema::Name{"", thing.parent}.text(), ""};
        object.definition.canonical = comparable_body(thing.text, thing.sql_mode);
        object.definition.declared = thing.text;
        if (!thing.follows.empty()) {
          object.options["mysql"]["follows"] = thing.follows;
          object.depends_on.push_back({"trigger", {"", thing.follows}, object.key.parent, ""});
        }
      } else {
        object = parse_routine(thing.text, thing.kind, thing.created, thing.sql_mode);
        if (!thing.status.empty()) {
          object.definition.declared = with_status(object.definition.declared, thing.status);
          object.definition.canonical = comparable_body(object.definition.declared, thing.sql_mode);
        }
      }
      if (!thing.sql_mode.empty() && thing.sql_mode != printed.sql_mode) object.options["mysql"]["sql_mode"] = thing.sql_mode;
      metadata.add(std::move(object));
    } catch (const Error& error) {
      metadata.unsupported.push_back({thing.kind, thing.name, error.message()});
    }
  }
  depend_on_relations(metadata);
  return metadata;
}

Value to_value(const PrintedSchema& printed) {
  Value::Array things;
  for (const Printed& thing : printed.things) {
    things.emplace_back(Value::Array{Value(thing.kind), Value(thing.name), Value(thing.text), Value(thing.parent), Value(thing.follows),
                                     Value(thing.sql_mode), Value(thing.created), Value(thing.status), Value(thing.failure)});
  }
  Value::Object collations;
  for (const auto& [charset, collation] : printed.context.default_collations) collations.push_back({charset, Value(collation)});
  Value value;
  value.set("database", Value(printed.context.database));
  value.set("engine", Value(printed.context.engine));
  value.set("collation", Value(printed.context.collation));
  value.set("mariadb", Value(printed.context.mariadb));
  value.set("sql_mode", Value(printed.sql_mode));
  value.set("collations", Value(std::move(collations)));
  value.set("things", Value(std::move(things)));
  return value;
}

PrintedSchema printed_from(const Value& value) {
  PrintedSchema printed;
  const auto text = [&](std::string_view key) {
    const Value* found = value.find(key);
    if (found == nullptr || !found->string()) throw Error(ErrorKind::syntax, "the cache is damaged");
    return *found->string();
  };
  printed.context.database = text("database");
  printed.context.engine = text("engine");
  printed.context.collation = text("collation");
  printed.sql_mode = text("sql_mode");
  const Value* mariadb = value.find("mariadb");
  printed.context.mariadb = mariadb != nullptr && mariadb->boolean() && *mariadb->boolean();
  if (const Value* collations = value.find("collations"); collations != nullptr && collations->object()) {
    for (const Member& member : *collations->object()) printed.context.default_collations[member.key] = text_of(member.value);
  }
  const Value* things = value.find("things");
  if (things == nullptr || !things->array()) throw Error(ErrorKind::syntax, "the cache is damaged");
  for (const Value& one : *things->array()) {
    if (!one.array() || one.array()->size() != 9) throw Error(ErrorKind::syntax, "the cache is damaged");
    const auto at = [&](std::size_t i) { return text_of((*one.array())[i]); };
    printed.things.push_back({at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8)});
  }
  return printed;
}

}  // namespace aludel::mysql
