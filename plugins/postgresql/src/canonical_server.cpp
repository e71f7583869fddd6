#include "canonical_answers.hpp"
#include "catalog.hpp"
#include "quoting.hpp"
#include "reading_session.hpp"
#include "render_order.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>

namespace aludel::postgresql {

using schema::Column;
using schema::Constraint;
using schema::Expression;
using schema::IndexPart;
using schema::Metadata;
using schema::Name;
using schema::Object;
using schema::Table;

namespace {

/// What CREATE is followed by for the kinds that can be made for a moment; empty for the others.
std::string_view temporary_kind(std::string_view kind) {
  if (kind == "view" || kind == "materialized_view") return "TEMPORARY VIEW";
  if (kind == "function") return "FUNCTION";
  if (kind == "procedure") return "PROCEDURE";
  if (kind == "aggregate") return "AGGREGATE";
  if (kind == "domain") return "DOMAIN";
  if (kind == "composite_type" || kind == "range_type") return "TYPE";
  if (kind == "trigger") return "TRIGGER";
  if (kind == "policy") return "POLICY";
  if (kind == "rule") return "RULE";
  return {};
}
bool is_type(std::string_view kind) { return kind == "domain" || kind == "composite_type" || kind == "range_type"; }
bool is_routine(std::string_view kind) { return kind == "function" || kind == "procedure" || kind == "aggregate"; }
bool is_view(std::string_view kind) { return kind == "view" || kind == "materialized_view"; }

void run_batch(dialect::Connection& connection, const std::string& sql) {
  auto* const handle = static_cast<PGconn*>(connection.native_handle());
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(handle, sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return;
  if (PQstatus(handle) != CONNECTION_OK) throw Error(ErrorKind::connection, "the connection was lost while a schema was compared");
  throw Error(ErrorKind::database, std::string(trim(PQresultErrorMessage(result.get())))).with_statement(sql);
}

/// Makes and reads the temporary schema.
class Asker {
 public:
  Asker(const Metadata& metadata, dialect::Connection& connection) : metadata_(metadata), connection_(connection) {}

  Asked ask() {
    const bool inside = connection_.in_transaction();
    if (inside) connection_.execute("SAVEPOINT aludel_canonical");
    try {
      ReadingSession session(connection_, false);
      default_schema_ = session.default_schema();
      try {
        run_batch(connection_, "SET LOCAL check_function_bodies = off; SET LOCAL client_min_messages = error; SET LOCAL lock_timeout = '1s'");
        make();
        read();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::database) throw;
        asked_.complete = false;  // a read-only server, or no right to make temporary tables
      }
      if (inside) connection_.execute("ROLLBACK TO aludel_canonical");
      session.end();
    } catch (...) {
      if (!inside && connection_.in_transaction()) connection_.rollback();
      throw;
    }
    if (inside) connection_.execute("RELEASE aludel_canonical");
    return std::move(asked_);
  }

 private:
  /// The name that a thing has for the moment: its own where it stands in the default schema, so that the texts of others find it.
  std::string temporary(const Name& name) {
    if (name.schema.empty()) return name.name;
    const std::string alias = fmt::format("aludel_{}", aliases_.size());
    return aliases_.emplace(name, alias).first->second;
  }

  std::string column_text(const Column& column, bool with_values) const {
    std::string text = quote_identifier(column.name) + " " + spelled(column.type);
    if (!column.collation.empty()) text += " COLLATE " + quote_name(schema::parse_name(column.collation));
    if (!with_values) return text;
    if (column.generated) {
      text += " GENERATED ALWAYS AS (" + spelling(column.generated->expression) + ") STORED";
    } else if (column.server_default) {
      text += " DEFAULT " + spelling(*column.server_default);
    }
    return text;
  }
  static std::string spelled(const schema::Type& type) { return type.kind == schema::TypeKind::native ? type.text : type_text(type); }

  static std::string part_text(const IndexPart& part) {
    std::string text = part.expression ? "(" + spelling(*part.expression) + ")" : quote_identifier(part.column);
    if (!part.collation.empty()) text += " COLLATE " + quote_name(schema::parse_name(part.collation));
    if (!part.operator_class.empty()) text += " " + part.operator_class;
    if (part.order == schema::Order::descending) text += " DESC";
    if (part.nulls == schema::Nulls::first) text += " NULLS FIRST";
    if (part.nulls == schema::Nulls::last) text += " NULLS LAST";
    return text;
  }

  static std::string method_of(const schema::Options& options) {
    const auto ours = options.find("postgresql");
    if (ours == options.end() || !ours->second.contains("using")) return "btree";
    const std::string* method = ours->second.at("using").string();
    return method ? *method : "btree";
  }

  std::string index_text(const std::string& table, const schema::Index& index, std::size_t position) {
    std::string parts;
    for (const IndexPart& part : index.columns) parts += (parts.empty() ? "" : ", ") + part_text(part);
    std::string text =
        fmt::format("CREATE INDEX {} ON pg_temp.{} USING {} ({})", quote_identifier(fmt::format("aludel_i{}_{}", numbers_.at(table), position)),
                    quote_identifier(table), method_of(index.options), parts);
    if (index.where) text += " WHERE " + spelling(*index.where);
    return text;
  }

  static std::string constraint_text(const Constraint& constraint, std::size_t position) {
    const std::string name = fmt::format("CONSTRAINT aludel_c{} ", position);
    if (const auto* check = std::get_if<schema::Check>(&constraint)) return name + "CHECK (" + spelling(check->expression) + ")";
    const auto* exclude = std::get_if<schema::Exclude>(&constraint);
    if (!exclude) return {};
    std::string elements;
    for (const auto& element : exclude->elements) elements += (elements.empty() ? "" : ", ") + part_text(element.part) + " WITH " + element.with;
    std::string text = fmt::format("EXCLUDE USING {} ({})", exclude->method.empty() ? "gist" : exclude->method, elements);
    if (exclude->where) text += " WHERE (" + spelling(*exclude->where) + ")";
    // The index behind has the constraint's name, which is one for the whole schema.
    return text;
  }

  /// Tries all at once; where the server refuses, each by itself, and what it refuses is left out.
  void attempt(const std::vector<std::string>& statements) {
    std::string all;
    for (const std::string& statement : statements) all += statement + ";\n";
    if (statements.empty() || tried(all)) return;
    for (const std::string& statement : statements) {
      if (!tried(statement)) asked_.complete = false;
    }
  }
  bool tried(const std::string& sql) {
    try {
      run_batch(connection_, "SAVEPOINT aludel_try;\n" + sql + ";\nRELEASE aludel_try");
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::database) throw;
      connection_.execute("ROLLBACK TO aludel_try");
      return false;
    }
  }

  /// Is anything to be spelled that names a table or view of another schema? What is really there would be read, whatever is declared of it.
  bool names_other_schemas() const {
    std::map<std::string, std::vector<const Name*>, std::less<>> elsewhere;
    for (const auto& [name, table] : metadata_.tables) {
      if (!name.schema.empty()) elsewhere[name.name].push_back(&name);
    }
    for (const auto& [key, object] : metadata_.objects) {
      if (!key.name.schema.empty() && is_view(key.kind)) elsewhere[key.name.name].push_back(&key.name);
    }
    if (elsewhere.empty()) return false;
    return std::any_of(metadata_.objects.begin(), metadata_.objects.end(), [&](const auto& entry) {
      const Object& object = entry.second;
      if (!is_view(object.key.kind) || !open(object.definition)) return false;
      const std::string& text = spelling(object.definition);
      for (const std::string& word : identifiers_in(text)) {
        const auto found = elsewhere.find(word);
        if (found == elsewhere.end()) continue;
        if (std::any_of(found->second.begin(), found->second.end(), [&](const Name* name) { return rewriter().mentions_table(text, *name); }))
          return true;
      }
      return false;
    });
  }

  void make() {
    if (names_other_schemas()) asked_.complete = false;
    std::vector<std::string> types, routines, tables, objects;
    for (const auto& [name, type] : metadata_.enums) {
      if (!name.schema.empty()) continue;  // those of other schemas are named with them, and must be there
      std::string values;
      for (const std::string& value : type.values) values += (values.empty() ? "" : ", ") + quote_literal(Value(value));
      types.push_back(fmt::format("CREATE TYPE pg_temp.{} AS ENUM ({})", quote_identifier(name.name), values));
    }
    for (const auto& [name, sequence] : metadata_.sequences) {
      if (name.schema.empty()) types.push_back("CREATE TEMPORARY SEQUENCE " + quote_identifier(name.name));
    }
    for (const auto& [key, object] : metadata_.objects) {
      if (is_type(key.kind)) types.push_back(object_text(object));
      // Calls never find what is temporary (manual, 20.11.1, search_path); what a call needs stands in its own schema as well.
      if (is_routine(key.kind)) {
        tried(fmt::format("CREATE {} {} {}", temporary_kind(key.kind), quote_name(key.name), spelling(object.definition)));
        routines.push_back(object_text(object));
      }
    }
    std::size_t number = 0;
    bool views = false;
    for (const auto& [key, object] : metadata_.objects) views = views || (open(object.definition) && !is_type(key.kind) && !is_routine(key.kind));
    for (const auto& [name, table] : metadata_.tables) {
      if (!views && !open(table)) continue;
      const std::string own = temporary(name);
      numbers_[own] = number++;
      std::string columns;
      for (const Column& column : table.columns) columns += (columns.empty() ? "" : ", ") + column_text(column, false);
      tables_[own] = &table;
      tables.push_back(fmt::format("CREATE TEMPORARY TABLE {} ({})", quote_identifier(own), columns));
    }
    attempt_in_order(types);
    attempt(tables);
    attempt(values());
    attempt_in_order(routines);
    for (const Object* view : views_in_order()) objects.push_back(object_text(*view));
    attempt_in_order(objects);
    std::vector<std::string> rest;
    for (const auto& [key, object] : metadata_.objects) {
      if (!is_view(key.kind) && !is_type(key.kind) && !is_routine(key.kind) && open(object.definition)) {
        if (temporary_kind(key.kind).empty()) {
          asked_.complete = false;
        } else {
          rest.push_back(object_text(object));
        }
      }
    }
    attempt(rest);
  }

  /// What a view names stands before it: a view of that name that is really there would be found instead.
  std::vector<const Object*> views_in_order() const {
    std::map<std::string, std::vector<const Object*>, std::less<>> named;
    for (const auto& [key, object] : metadata_.objects) {
      if (is_view(key.kind)) named[key.name.name].push_back(&object);
    }
    std::vector<const Object*> order;
    std::set<const Object*> seen;
    const std::function<void(const Object*)> visit = [&](const Object* view) {
      if (!seen.insert(view).second) return;
      const std::string& text = spelling(view->definition);
      for (const std::string& word : identifiers_in(text)) {
        const auto found = named.find(word);
        if (found == named.end()) continue;
        for (const Object* other : found->second) {
          if (rewriter().mentions_table(text, other->key.name)) visit(other);  // not where a column is called so
        }
      }
      order.push_back(view);
    };
    for (const auto& [name, views] : named) {
      for (const Object* view : views) visit(view);
    }
    return order;
  }

  /// One may need another that comes later: rounds, until one brings nothing more.
  void attempt_in_order(std::vector<std::string> statements) {
    if (statements.empty()) return;
    std::string all;
    for (const std::string& statement : statements) all += statement + ";\n";
    if (tried(all)) return;
    for (std::size_t before = 0; before != statements.size() && !statements.empty();) {
      before = statements.size();
      std::erase_if(statements, [this](const std::string& statement) { return tried(statement); });
    }
    if (!statements.empty()) asked_.complete = false;
  }

  std::vector<std::string> values() {
    std::vector<std::string> statements;
    for (const auto& [own, table] : tables_) {
      const std::string alter = "ALTER TABLE pg_temp." + quote_identifier(own) + " ";
      for (const Column& column : table->columns) {
        if (column.generated) {
          statements.push_back(alter + "DROP COLUMN " + quote_identifier(column.name) + ", ADD COLUMN " + column_text(column, true));
        } else if (column.server_default) {
          statements.push_back(alter + "ALTER COLUMN " + quote_identifier(column.name) + " SET DEFAULT " + spelling(*column.server_default));
        }
      }
      for (std::size_t i = 0; i < table->constraints.size(); ++i) {
        const Constraint& constraint = table->constraints[i];
        if (std::holds_alternative<schema::Check>(constraint)) statements.push_back(alter + "ADD " + constraint_text(constraint, i));
        if (std::holds_alternative<schema::Exclude>(constraint)) {
          statements.push_back(alter + fmt::format("ADD CONSTRAINT aludel_x{}_{} ", numbers_.at(own), i) + constraint_text(constraint, i));
        }
      }
      for (std::size_t i = 0; i < table->indexes.size(); ++i) statements.push_back(index_text(own, table->indexes[i], i));
    }
    return statements;
  }

  std::string object_text(const Object& object) {
    const schema::ObjectKey& key = object.key;
    std::string definition = spelling(object.definition);
    if (key.kind == "materialized_view") {
      for (std::string_view ending : {"WITH NO DATA", "WITH DATA"}) {
        const std::string_view text = trim(definition);
        if (text.size() > ending.size() && equals_ignoring_case(text.substr(text.size() - ending.size()), ending)) {
          definition = text.substr(0, text.size() - ending.size());
          break;
        }
      }
    }
    if (key.parent.empty()) {
      const std::string own = quote_identifier(temporary(key.name));
      // A temporary view says so by its word, and takes no schema.
      const std::string prefix = is_view(key.kind) ? "" : "pg_temp.";
      return fmt::format("CREATE {} {}{} {}", temporary_kind(key.kind), prefix, own, definition);
    }
    const auto options = object.options.find("postgresql");
    const bool constraint = options != object.options.end() && options->second.contains("constraint");
    const std::string own = quote_identifier(key.name.name);
    const std::string_view kind = temporary_kind(key.kind);
    // A policy's text follows the table, the others name it themselves.
    if (key.kind == "policy") {
      return fmt::format("CREATE POLICY {} ON pg_temp.{} {}", own, quote_identifier(temporary(schema::parse_name(key.parent))), definition);
    }
    return fmt::format("CREATE {}{} {} {}", constraint ? "CONSTRAINT " : "", kind, own, definition);
  }

  void read() {
    static const dialect::Scope everything;
    CatalogReader reader(connection_);
    Catalog catalog{reader, everything, connection_.server().major, default_schema_};
    const CatalogRows space = catalog.query("SELECT pg_my_temp_schema()::oid");
    catalog.spaces.emplace(space.oid(0, 0), "");
    catalog.space_list = space.string(0, 0);
    catalog.temporary = true;
    catalog.census.types = catalog.census.triggers = catalog.census.rules = catalog.census.policies = catalog.census.routines = true;
    read_types(catalog);
    read_relations(catalog);
    read_columns(catalog);
    read_composites(catalog);
    read_keys(catalog);
    read_views(catalog);
    read_routines(catalog);
    read_triggers(catalog);
    for (const auto& [own, table] : tables_) {
      const Table* made = catalog.metadata.find_table({"", own});
      if (!made) continue;
      const auto number = numbers_.at(own);
      answer(asked_.answers, *table, *made,
             {[](std::size_t i) { return fmt::format("aludel_c{}", i); }, [number](std::size_t i) { return fmt::format("aludel_x{}_{}", number, i); },
              [number](std::size_t i) { return fmt::format("aludel_i{}_{}", number, i); }});
    }
    for (const auto& [key, object] : metadata_.objects) answer_object(object, catalog.metadata);
  }

  void answer_object(const Object& object, const Metadata& made) {
    schema::ObjectKey key = object.key;
    if (key.kind == "materialized_view") key.kind = "view";
    key.name = {"", key.parent.empty() ? temporary(key.name) : key.name.name};
    if (!key.parent.empty()) key.parent = Name{"", temporary(schema::parse_name(key.parent))}.text();
    const auto found = made.objects.find(key);
    if (found == made.objects.end() || found->second.definition.canonical.empty()) return;
    answer(asked_.answers, object, found->second);
  }

  const Metadata& metadata_;
  dialect::Connection& connection_;
  Asked asked_{{}, true};
  std::string default_schema_;
  std::map<Name, std::string> aliases_;
  std::map<std::string, const Table*> tables_;  // by temporary name
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

Asked ask_server(const Metadata& metadata, dialect::Connection& connection) { return Asker(metadata, connection).ask(); }

}  // namespace aludel::postgresql
