#include "render_text.hpp"

#include "expression.hpp"
#include "lexer.hpp"
#include "parser.hpp"
#include "quoting.hpp"
#include "types.hpp"

#include <aludel/error.hpp>
#include <aludel/schema/equivalent.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace aludel::mysql {

using schema::Column;
using schema::Table;

bool Target::is_at_least(int major, int minor, int patch) const {
  return std::tie(server_.major, server_.minor, server_.patch) >= std::tie(major, minor, patch);
}

std::string Target::setting(const std::string& key) const {
  const auto found = server_.settings.find(key);
  return found == server_.settings.end() ? std::string() : found->second;
}

OptionMap Target::options(const schema::Options& options) const {
  schema::Comparison how;
  how.dialects = {"mysql"};
  if (is_mariadb()) how.dialects.emplace_back("mariadb");
  return schema::effective_options(options, how);
}

std::string Target::collation_of(const Table& table) const {
  const OptionMap said = options(table.options);
  for (const char* key : {"collation", "collate"}) {
    if (std::string own = text_option(said, key); !own.empty()) return own;
  }
  return text_option(said, "charset").empty() ? setting("collation_database") : std::string();
}

std::string Target::collation_of(const Column& column, const Table& table) const {
  return column.collation.empty() ? collation_of(table) : column.collation;
}

schema::Type Target::resolved(const schema::Type& type) const {
  if (type.kind != schema::TypeKind::enumeration || !type.values.empty() || type.name.empty()) return type;
  schema::Type result = type;
  const auto found = schema_.enums.find(schema::parse_name(type.name));
  if (found != schema_.enums.end()) result.values = found->second.values;
  return result;
}

std::string Target::canonical_type(const schema::Type& type) const { return type_of(type_text(resolved(type), server_)).canonical; }

std::vector<std::string> Target::referenced_columns(const schema::ForeignKey& key, const Table& own) const {
  if (!key.referenced_columns.empty()) return key.referenced_columns;
  const Table* target = key.referenced_table == own.name ? &own : schema_.find_table(key.referenced_table);
  const schema::PrimaryKey* primary = target == nullptr ? nullptr : target->primary_key();
  if (primary == nullptr) {
    throw Error(ErrorKind::schema, fmt::format("a foreign key of table {} names no columns of {}, whose primary key is not known",
                                               quoted(own.name.text()), quoted(key.referenced_table.text())))
        .with_hint("name them: referenced_columns = [\"id\"]");
  }
  std::vector<std::string> columns;
  for (const auto& part : primary->columns) columns.push_back(part.column);
  return columns;
}

std::string text_option(const OptionMap& options, const std::string& key) {
  const auto found = options.find(key);
  if (found == options.end() || found->second.is_null()) return {};
  if (found->second.string()) return *found->second.string();
  return to_json(found->second);
}

bool flag(const OptionMap& options, const std::string& key) {
  const auto found = options.find(key);
  return found != options.end() && found->second.boolean() && *found->second.boolean();
}

std::string identifier_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted_names;
  for (const auto& name : names) quoted_names.push_back(quote_identifier(name));
  return join(quoted_names, ", ");
}

namespace {

/// A column's own check, which names the column {column}.
std::string check_of_column(const Column& column, const std::string& text) {
  constexpr std::string_view mark = "{column}";
  std::string result;
  std::size_t copied = 0;
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, copied)) {
    result.append(text, copied, at - copied).append(quote_identifier(column.name));
    copied = at + mark.size();
  }
  return result.append(text, copied);
}

/// What an engine or a newer server knows and we do not: key='value'.
std::string other_attributes(const OptionMap& options, const std::vector<std::string_view>& known) {
  std::string text;
  for (const auto& [key, value] : options) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (value.boolean() && !*value.boolean()) continue;
    const std::string said = value.string() ? quote_string(*value.string()) : text_option(options, key);
    text += fmt::format(" {}={}", is_plain_identifier(key) ? to_upper(key) : quote_identifier(key), said);
  }
  return text;
}

std::string generated_text(const Column& column, const OptionMap& options, const Target& target) {
  if (const std::string row = text_option(options, "generated"); !row.empty()) return " GENERATED ALWAYS AS " + to_upper(row);
  if (!column.generated) return {};
  return fmt::format(" GENERATED ALWAYS AS {} {}{}", in_parentheses(sql_of(column.generated->expression)),
                     column.generated->stored ? "STORED" : "VIRTUAL", column.nullable || target.is_mariadb() ? "" : " NOT NULL");
}

}  // namespace

std::string column_text(const Column& column, const Table& table, const Target& target, bool explicitly) {
  const OptionMap options = target.options(column.options);
  const schema::Type type = target.resolved(column.type);
  std::string text = type_text(type, target.server());
  const std::string canonical = type_of(text).canonical;
  if (flag(options, "compressed")) text += " COMPRESSED";
  if (is_text_type(canonical)) {
    const std::string collation = explicitly ? target.collation_of(column, table) : column.collation;
    if (!collation.empty()) text += " COLLATE " + collation;
  }
  if (const std::string srid = text_option(options, "srid"); !srid.empty()) text += (target.is_mariadb() ? " REF_SYSTEM_ID=" : " SRID ") + srid;
  const std::string computed = generated_text(column, options, target);
  text += computed;
  if (computed.empty()) {
    // A timestamp that says nothing is NOT NULL on servers without explicit_defaults_for_timestamp.
    if (!column.nullable) text += " NOT NULL";
    if (column.nullable && type_word(canonical) == "timestamp") text += " NULL";
    if (column.identity) {
      text += " AUTO_INCREMENT";
    } else if (column.server_default) {
      text += " DEFAULT " + default_clause(sql_of(*column.server_default), canonical, target.is_mariadb());
    }
    if (const std::string update = text_option(options, "on_update"); !update.empty()) text += " ON UPDATE " + update;
  }
  if (flag(options, "invisible")) text += " INVISIBLE";
  if (const auto versioned = options.find("system_versioning"); versioned != options.end() && versioned->second.boolean()) {
    text += *versioned->second.boolean() ? " WITH SYSTEM VERSIONING" : " WITHOUT SYSTEM VERSIONING";
  }
  if (const std::string format = text_option(options, "column_format"); !format.empty()) text += " COLUMN_FORMAT " + to_upper(format);
  if (const std::string storage = text_option(options, "storage"); !storage.empty()) text += " STORAGE " + to_upper(storage);
  if (flag(options, "not_secondary")) text += " NOT SECONDARY";
  text += other_attributes(options, {"compressed", "srid", "generated", "on_update", "invisible", "system_versioning", "column_format", "storage",
                                     "not_secondary", "check"});
  if (!column.comment.empty()) text += " COMMENT " + quote_string(column.comment);
  if (const std::string check = text_option(options, "check"); !check.empty()) text += " CHECK (" + check_of_column(column, check) + ")";
  return text;
}

std::string column_definition(const Column& column, const Table& table, const Target& target, bool explicitly) {
  return quote_identifier(column.name) + " " + column_text(column, table, target, explicitly);
}

namespace {

/// Those whose values are words of the language, with what they are called there.
struct KnownOption {
  std::string_view key;
  std::string_view said;
};
constexpr std::array word_options = {KnownOption{"row_format", "ROW_FORMAT"},
                                     KnownOption{"insert_method", "INSERT_METHOD"},
                                     KnownOption{"collation", "COLLATE"},
                                     KnownOption{"collate", "COLLATE"},
                                     KnownOption{"charset", "CHARSET"},
                                     KnownOption{"engine", "ENGINE"},
                                     KnownOption{"stats_persistent", "STATS_PERSISTENT"},
                                     KnownOption{"stats_auto_recalc", "STATS_AUTO_RECALC"},
                                     KnownOption{"pack_keys", "PACK_KEYS"},
                                     KnownOption{"transactional", "TRANSACTIONAL"}};

constexpr std::array elsewhere = {"partition_by", "system_versioning", "period_for_system_time", "period", "auto_increment", "storage"};

}  // namespace

std::map<std::string, std::string> option_texts(const Table& table, const Target& target) {
  std::map<std::string, std::string> texts;
  const OptionMap options = target.options(table.options);
  for (const auto& [key, value] : options) {
    if (std::any_of(elsewhere.begin(), elsewhere.end(), [&, &name = key](std::string_view one) { return name == one; })) continue;
    const auto known = std::find_if(word_options.begin(), word_options.end(), [&, &name = key](const KnownOption& one) { return name == one.key; });
    const std::string text = text_option(options, key);
    if (text.empty()) continue;
    if (known != word_options.end()) {
      texts[std::string(known->said)] = text;
    } else if (key == "union") {
      texts["UNION"] = "(" + text + ")";
    } else if (key == "tablespace") {
      texts["TABLESPACE"] = quote_identifier(text);
    } else {
      const bool directory = key == "data_directory" || key == "index_directory";
      const std::string said =
          directory ? to_upper(key.substr(0, key.find('_'))) + " DIRECTORY" : (is_plain_identifier(key) ? to_upper(key) : quote_identifier(key));
      texts[said] = value.string() ? quote_string(text) : text;
    }
  }
  return texts;
}

std::string sequence_settings(const schema::Sequence& sequence, bool alter) {
  const schema::Identity& settings = sequence.settings;
  std::string text;
  const auto add = [&](std::string_view words, const std::optional<std::int64_t>& value, std::string_view otherwise) {
    if (value) {
      text += fmt::format(" {} {}", words, *value);
    } else if (alter) {
      text += fmt::format(" {}", otherwise);
    }
  };
  add("INCREMENT BY", settings.increment, "INCREMENT BY 1");
  add("MINVALUE", settings.minimum, "NO MINVALUE");
  add("MAXVALUE", settings.maximum, "NO MAXVALUE");
  if (settings.start) text += fmt::format(" START WITH {}", *settings.start);
  if (settings.cache && *settings.cache == 0) {
    text += " NOCACHE";
  } else {
    add("CACHE", settings.cache, "CACHE 1000");
  }
  if (settings.cycle || alter) text += settings.cycle ? " CYCLE" : " NOCYCLE";
  return text;
}

}  // namespace aludel::mysql
