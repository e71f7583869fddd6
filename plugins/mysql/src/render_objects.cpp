#include "expression.hpp"
#include "lexer.hpp"
#include "quoting.hpp"
#include "render_plan.hpp"
#include "rewriter.hpp"

#include <aludel/error.hpp>
#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::mysql {

using dialect::HazardKind;
using schema::Object;
using schema::ObjectKey;

namespace {

bool is_known(std::string_view kind) { return kind == "view" || kind == "trigger" || kind == "procedure" || kind == "function" || kind == "event"; }

void need_known(const ObjectKey& key, const Target& target) {
  if (is_known(key.kind)) return;
  throw Error(ErrorKind::unsupported,
              fmt::format("{} has no objects of the kind {} ({})", target.name(), quoted(key.kind), printable(key.text(), 80)));
}

std::string drop_of(const ObjectKey& key, bool if_exists) {
  return fmt::format("DROP {} {}{}", to_upper(key.kind), if_exists ? "IF EXISTS " : "", quote_name(key.name));
}

/// "AFTER\nINSERT\nhero": triggers of one place fire one after another.
std::string place_of(const Object& trigger) {
  const std::vector<Token> tokens = tokenize(sql_of(trigger.definition));
  if (tokens.size() < 4) return {};
  return to_upper(tokens[0].text) + "\n" + to_upper(tokens[1].text) + "\n" + to_lower(trigger.key.parent);
}

}  // namespace

/// FOLLOWS or PRECEDES, so that a trigger comes to stand where it shall among those that are there.
std::string Planner::place_of_trigger(const Object& object) const {
  const std::string follows = text_option(after_.options(object.options), "follows");
  if (!follows.empty()) {
    const bool there = std::any_of(schema_.objects.begin(), schema_.objects.end(), [&](const auto& entry) {
      return entry.first.kind == "trigger" && equals_ignoring_case(entry.first.name.name, follows);
    });
    if (there) return " FOLLOWS " + quote_identifier(follows);
  }
  // The first of its place stands before the one that is the first without it.
  const std::string place = place_of(object);
  for (const auto& [key, other] : schema_.objects) {
    if (key.kind != "trigger" || key == object.key || place_of(other) != place) continue;
    const std::string before = text_option(after_.options(other.options), "follows");
    const bool first =
        before.empty() || equals_ignoring_case(before, object.key.name.name) || !schema_.objects.contains({"trigger", {"", before}, key.parent, ""});
    if (first) return " PRECEDES " + quote_identifier(key.name.name);
  }
  return {};
}

std::string Planner::creation_of(const Object& object, bool replaces) const {
  const OptionMap options = after_.options(object.options);
  const std::string& kind = object.key.kind;
  std::string text = replaces ? "CREATE OR REPLACE " : "CREATE ";
  // A body is made as it was written, comments and all; only views have a text of the server's.
  const std::string& said = kind == "view" || object.definition.declared.empty() ? sql_of(object.definition) : object.definition.declared;
  std::string definition(trim(said));
  if (kind == "view") {
    if (const std::string algorithm = text_option(options, "algorithm"); !algorithm.empty())
      text += fmt::format("ALGORITHM={} ", to_upper(algorithm));
    if (const std::string security = text_option(options, "security"); !security.empty()) text += fmt::format("SQL SECURITY {} ", to_upper(security));
  }
  if (kind == "trigger") {
    const std::vector<Token> tokens = tokenize(definition);
    for (std::size_t i = 2; i < tokens.size(); ++i) {
      if (!tokens[i - 2].is("FOR") || !tokens[i - 1].is("EACH") || !tokens[i].is("ROW")) continue;
      if (i + 1 < tokens.size() && (tokens[i + 1].is("FOLLOWS") || tokens[i + 1].is("PRECEDES"))) break;
      definition.insert(tokens[i].end_offset(), place_of_trigger(object));
      break;
    }
  }
  if (flag(options, "aggregate")) text += "AGGREGATE ";
  return text + to_upper(kind) + " " + quote_name(object.key.name) + " " + definition;
}

void Planner::write_object(const Object& object, bool replaces, op::Operations effect) {
  need_known(object.key, after_);
  const std::string mode = text_option(after_.options(object.options), "sql_mode");
  const std::string own = after_.setting("sql_mode");
  const bool changes_mode = !mode.empty() && mode != own;
  const bool in_one = object.key.kind == "view" || after_.is_mariadb();
  // Where something depends on it, nothing can be told of the time without it.
  op::Operations gone;
  if (replaces && !in_one && !effect.empty() && op::Dependencies(schema_, rewriter()).of_object(object.key).empty()) {
    gone = {op::DropObject{object.key, std::nullopt, false}};
  }
  // Stored programs keep the mode of the session that made them.
  const auto use_mode = [&](const std::string& value) { write("SET SESSION sql_mode = " + value).session_only = true; };
  if (changes_mode) use_mode(quote_string(mode));
  if (replaces && !in_one) {
    write_ddl(drop_of(object.key, true), gone);
    if (!gone.empty()) effect = {op::CreateObject{object}};
  }
  write_ddl(creation_of(object, replaces && in_one), std::move(effect));
  if (changes_mode) use_mode(own.empty() ? "DEFAULT" : quote_string(own));
}

void Planner::create_object(const op::CreateObject& operation) {
  need_known(operation.object.key, after_);
  if (operation.if_not_exists && schema_.objects.contains(operation.object.key)) return;
  settle_for(operation.object);
  apply();
  write_object(operation.object, false, {current()});
}

void Planner::replace_object(const op::ReplaceObject& operation) {
  settle_for(operation.to);
  apply();
  write_object(operation.to, true, {current()});
}

void Planner::rename_object(const op::RenameObject& operation) {
  settle();
  if (operation.object.kind == "enum") {
    apply();
    take_as_done();
    return;
  }
  need_known(operation.object, after_);
  const auto objects = schema_.objects;
  apply();
  ObjectKey key = operation.object;
  key.name.name = operation.to;
  const std::string from = quote_name(operation.object.name), to = quote_name(key.name);
  if (key.kind == "view") {
    write_ddl(fmt::format("RENAME TABLE {} TO {}", from, to), {current()});
    note_respelled(objects, {});
    respell_objects();
  } else if (key.kind == "event") {
    write_ddl(fmt::format("ALTER EVENT {} RENAME TO {}", from, to), {current()});
  } else {
    const Object& object = schema_.objects.at(key);
    if (key.kind == "trigger") {
      write_ddl(drop_of(operation.object, false));
      write_object(object, false, {current()});
    } else {
      write_object(object, false);
      write_ddl(drop_of(operation.object, false), {current()});
    }
  }
}

void Planner::drop_object(const op::DropObject& operation) {
  need_known(operation.object, after_);
  apply();
  respelled_.erase(operation.object);
  write_ddl(drop_of(operation.object, operation.if_exists), {current()});
}

void Planner::need_sequences() const {
  if (after_.is_mariadb()) return;
  throw Error(ErrorKind::unsupported, "MySQL has no sequences").with_hint("use an AUTO_INCREMENT column (identity), or a table that counts");
}

void Planner::create_sequence(const op::CreateSequence& operation) {
  need_sequences();
  if (operation.if_not_exists && schema_.sequences.contains(operation.sequence.name)) return;
  apply();
  const schema::Sequence& sequence = operation.sequence;
  std::string type;
  if (!sequence.type.empty() && after_.is_at_least(11, 5)) type = " AS " + sequence.type;
  write_ddl(fmt::format("CREATE SEQUENCE {}{}{}{}", operation.if_not_exists ? "IF NOT EXISTS " : "", quote_name(sequence.name), type,
                        sequence_settings(sequence, false)),
            {current()});
}

void Planner::alter_sequence(const op::AlterSequence& operation) {
  need_sequences();
  apply();
  std::string text = sequence_settings(operation.to, true);
  if (!operation.to.settings.start && operation.from.settings.start) {
    const schema::Identity& settings = operation.to.settings;
    text += fmt::format(" START WITH {}", settings.increment.value_or(1) < 0 ? settings.maximum.value_or(-1) : settings.minimum.value_or(1));
  }
  write_ddl("ALTER SEQUENCE " + quote_name(operation.to.name) + text, {current()});
}

}  // namespace aludel::mysql
