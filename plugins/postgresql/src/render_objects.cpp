#include "render_objects.hpp"

#include "quoting.hpp"
#include "render_privileges.hpp"
#include "render_text.hpp"

#include <fmt/format.h>

#include <array>

namespace aludel::postgresql {

using schema::Object;
using schema::ObjectKey;

namespace {

struct Kind {
  std::string_view kind;
  std::string_view word;
};

constexpr std::array kinds = {
    Kind{"view", "VIEW"},           Kind{"materialized_view", "MATERIALIZED VIEW"},
    Kind{"index", "INDEX"},         Kind{"function", "FUNCTION"},
    Kind{"procedure", "PROCEDURE"}, Kind{"aggregate", "AGGREGATE"},
    Kind{"trigger", "TRIGGER"},     Kind{"rule", "RULE"},
    Kind{"policy", "POLICY"},       Kind{"event_trigger", "EVENT TRIGGER"},
    Kind{"domain", "DOMAIN"},       Kind{"composite_type", "TYPE"},
    Kind{"range_type", "TYPE"},     Kind{"enum", "TYPE"},
    Kind{"collation", "COLLATION"}, Kind{"statistics", "STATISTICS"},
    Kind{"extension", "EXTENSION"}, Kind{"foreign_data_wrapper", "FOREIGN DATA WRAPPER"},
    Kind{"server", "SERVER"},       Kind{"publication", "PUBLICATION"},
};

std::string_view word_of(std::string_view kind) {
  for (const Kind& known : kinds) {
    if (known.kind == kind) return known.word;
  }
  return {};
}

bool is_routine(std::string_view kind) { return kind == "function" || kind == "procedure" || kind == "aggregate"; }
/// Named within their table rather than within a schema.
bool is_part(std::string_view kind) { return kind == "trigger" || kind == "rule" || kind == "policy"; }

std::string parent_name(const ObjectKey& key) { return quote_name(schema::parse_name(key.parent)); }

/// A definition begins right behind the name: with a parenthesis, else with a word.
std::string behind(const std::string& definition) { return definition.empty() || definition.front() == '(' ? definition : " " + definition; }

std::string create_extension(const Object& object) {
  std::string text = "CREATE EXTENSION " + quote_identifier(object.key.name.name);
  if (const std::string schema = text_option(object.options, "schema"); !schema.empty()) text += " SCHEMA " + quote_identifier(schema);
  if (const std::string version = text_option(object.options, "version"); !version.empty()) text += " VERSION " + quote_identifier(version);
  return text;
}

/// `verb` with each member of an option that is an object: column_comments = {name = "..."}.
template <class Write>
void each_member(const Object& object, std::string_view key, Write write) {
  const Value* all = option(object.options, key);
  if (all == nullptr || all->object() == nullptr) return;
  for (const Member& member : *all->object()) write(member);
}

std::string text_of(const Value& value) { return value.string() != nullptr ? *value.string() : to_json(value); }

}  // namespace

bool is_known_object(std::string_view kind) { return kind == "partition" || is_privilege(kind) || !word_of(kind).empty(); }

std::vector<std::string> object_kinds() {
  std::vector<std::string> all;
  for (const Kind& known : kinds) {
    if (known.kind != "enum") all.emplace_back(known.kind);
  }
  for (const char* other : {"partition", "privilege", "default_privileges"}) all.emplace_back(other);
  return all;
}

std::string object_reference(const ObjectKey& key) {
  const std::string word(word_of(key.kind));
  if (is_part(key.kind)) return fmt::format("{} {} ON {}", word, quote_identifier(key.name.name), parent_name(key));
  if (!is_routine(key.kind)) return word + " " + quote_name(key.name);
  // An aggregate without arguments is named with a star (manual, DROP AGGREGATE).
  const std::string arguments = key.kind == "aggregate" && key.signature.empty() ? "*" : key.signature;
  return fmt::format("{} {}({})", word, quote_name(key.name), arguments);
}

std::string create_object(const Object& object, bool replace) {
  const ObjectKey& key = object.key;
  const std::string& definition = sql_of(object.definition);
  if (key.kind == "partition") {
    return fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", parent_name(key), quote_name(key.name), definition);
  }
  if (key.kind == "extension") return create_extension(object);
  std::string text = replace ? "CREATE OR REPLACE " : "CREATE ";
  if (key.kind == "trigger" && flag(object.options, "constraint")) text += "CONSTRAINT ";
  if (key.kind == "index" && flag(object.options, "unique")) text += "UNIQUE ";
  text += std::string(word_of(key.kind)) + " ";
  text += is_part(key.kind) || key.kind == "index" ? quote_identifier(key.name.name) : quote_name(key.name);
  if (key.kind == "policy" || key.kind == "index") text += " ON " + parent_name(key);
  if (key.kind == "materialized_view") {
    if (const std::string method = text_option(object.options, "using"); !method.empty()) text += " USING " + quote_identifier(method);
  }
  if (key.kind == "view" || key.kind == "materialized_view") text += with_clause(object.options);
  if (key.kind == "materialized_view") {
    if (const std::string space = text_option(object.options, "tablespace"); !space.empty()) text += " TABLESPACE " + quote_identifier(space);
  }
  text += behind(definition);
  if (key.kind == "publication") text += with_clause(object.options);
  return text;
}

std::vector<std::string> after_create(const Object& object) {
  const ObjectKey& key = object.key;
  std::vector<std::string> statements;
  if (const std::string enabled = text_option(object.options, "enabled"); !enabled.empty()) statements.push_back(enable_statement(key, enabled));
  const std::string alter = "ALTER " + object_reference(key);
  each_member(object, "column_defaults", [&](const Member& member) {
    statements.push_back(fmt::format("{} ALTER COLUMN {} SET DEFAULT {}", alter, quote_identifier(member.key), text_of(member.value)));
  });
  each_member(object, "column_statistics", [&](const Member& member) {
    statements.push_back(fmt::format("{} ALTER COLUMN {} SET STATISTICS {}", alter, quote_identifier(member.key), text_of(member.value)));
  });
  each_member(object, "column_storage", [&](const Member& member) {
    statements.push_back(fmt::format("{} ALTER COLUMN {} SET STORAGE {}", alter, quote_identifier(member.key), text_of(member.value)));
  });
  each_member(object, "column_compression", [&](const Member& member) {
    statements.push_back(fmt::format("{} ALTER COLUMN {} SET COMPRESSION {}", alter, quote_identifier(member.key), text_of(member.value)));
  });
  if (key.kind == "index") {
    if (const std::string space = text_option(object.options, "tablespace"); !space.empty()) {
      statements.push_back(fmt::format("{} SET TABLESPACE {}", alter, quote_identifier(space)));
    }
  }
  if (key.kind == "statistics") {
    if (const Value* target = option(object.options, "statistics")) statements.push_back(alter + " SET STATISTICS " + text_of(*target));
  }
  if (!object.comment.empty()) statements.push_back(comment_on(object_reference(key), object.comment));
  each_member(object, "column_comments", [&](const Member& member) {
    statements.push_back(comment_on(fmt::format("COLUMN {}.{}", quote_name(key.name), quote_identifier(member.key)), text_of(member.value)));
  });
  each_member(object, "constraint_comments", [&](const Member& member) {
    statements.push_back(
        comment_on(fmt::format("CONSTRAINT {} ON DOMAIN {}", quote_identifier(member.key), quote_name(key.name)), text_of(member.value)));
  });
  return statements;
}

std::string enable_statement(const ObjectKey& key, std::string_view enabled) {
  const std::string_view state = enabled == "always"     ? "ENABLE ALWAYS"
                                 : enabled == "replica"  ? "ENABLE REPLICA"
                                 : enabled == "disabled" ? "DISABLE"
                                                         : "ENABLE";
  if (key.kind == "event_trigger") return fmt::format("ALTER EVENT TRIGGER {} {}", quote_identifier(key.name.name), state);
  return fmt::format("ALTER TABLE {} {} {} {}", parent_name(key), state, word_of(key.kind), quote_identifier(key.name.name));
}

std::string drop_object(const ObjectKey& key, bool if_exists) {
  if (key.kind == "partition") return fmt::format("ALTER TABLE {} DETACH PARTITION {}", parent_name(key), quote_name(key.name));
  const std::string reference = object_reference(key);
  const std::string_view word = word_of(key.kind);
  return fmt::format("DROP {}{}{}", word, if_exists ? " IF EXISTS" : "", reference.substr(word.size()));
}

}  // namespace aludel::postgresql
