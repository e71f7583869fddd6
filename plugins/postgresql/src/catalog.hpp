#pragma once

#include "catalog_reader.hpp"
#include "reading_session.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/schema/schema.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

/// The parts of the introspector. Each family of objects is read by a function of its own (catalog_*.cpp), in the order of `read_catalog`, into a
/// Catalog that they share. PostgreSQL's manual, chapter 53, describes the catalogs.
namespace aludel::postgresql {

/// A relation that is read: table, partitioned or foreign table, view, materialized view, sequence or composite type.
struct CatalogRelation {
  Oid oid = 0;
  char kind = 0;  ///< pg_class.relkind
  schema::Name name;
  schema::Table* table = nullptr;    ///< of r, p and f
  schema::Object* object = nullptr;  ///< of v and m
  bool partition = false;
  bool unlogged = false;              ///< of a sequence
  bool of_identity = false;           ///< a sequence that is nothing by itself
  std::string comment;                ///< of a sequence
  std::vector<std::string> names;     ///< of the columns by attnum - 1, where there is no table to say them; empty for dropped ones
  std::vector<std::int16_t> numbers;  ///< the attnum of each of table->columns
  struct Attribute {
    Oid type, collation;
  };
  std::vector<Attribute> attributes;  ///< by attnum - 1
  std::vector<Oid> parents;           ///< by inhseqno

  /// Empty for a number that no column has, such as a system column's.
  const std::string& column(std::int64_t number) const;
  schema::Column* table_column(std::int64_t number) const;
};

/// What an index's column alone may have.
struct CatalogIndexColumn {
  std::int64_t number = 0;
  std::vector<std::string> parameters;  ///< of its operator class
  std::optional<std::int64_t> statistics;
};

/// An index as it is read, before it is known whether it stands behind a constraint.
struct CatalogIndex {
  CatalogRelation* relation = nullptr;
  schema::Index index;
  std::string method;
  bool primary = false;
  bool of_constraint = false;
};

/// A type of the database's own.
struct CatalogType {
  schema::ObjectKey key;  ///< kind "enum", "domain", "composite_type", "range_type"; kind "table" for a table's row type
  schema::Type type;      ///< what a column of it has
};

/// Which rare families a database has at all: a query each is saved for those that are not there.
struct Census {
  bool extensions = false, types = false, inheritance = false, triggers = false, rules = false, policies = false, event_triggers = false,
       collations = false, statistics = false, wrappers = false, servers = false, publications = false, unsupported = false, routines = false;
};

/// Rows of the catalogs that most objects have comments in; their numbers never change (src/include/catalog/*.h of PostgreSQL).
enum Commented : Oid { a_type = 1247, a_relation = 1259, a_constraint = 2606, a_schema = 2615 };

/// What pg_description says of them, asked once: in each query a join with it would take a tenth of its time.
class CatalogComments {
 public:
  CatalogComments() = default;
  explicit CatalogComments(CatalogRows rows);
  /// Of a column by its attnum; empty where there is none.
  std::string_view of(Commented catalog, Oid object, std::int64_t column = 0) const;

 private:
  static std::uint64_t address(Oid catalog, Oid object, std::int64_t column) {
    return static_cast<std::uint64_t>(object) << 32 | static_cast<std::uint64_t>(catalog) << 16 | static_cast<std::uint16_t>(column);
  }
  CatalogRows rows_;
  std::unordered_map<std::uint64_t, int> row_of_;
};

/// A place in the catalog: the catalog's name ("pg_class") as its position in the list of those we know, and the row.
enum class CatalogClass { relation, type, routine, constraint, space, extension, wrapper, server, collation, other };
using CatalogAddress = std::pair<CatalogClass, Oid>;
struct CatalogAddressHash {
  std::size_t operator()(const CatalogAddress& at) const {
    return std::hash<std::uint64_t>()(static_cast<std::uint64_t>(at.first) << 32 | at.second);
  }
};

/// What the readers share while one database is read.
struct Catalog {
  CatalogReader& reader;
  const dialect::Scope& scope;
  int version = 0;             ///< major
  std::string default_schema;  ///< empty where search_path names none that exists
  Census census{};
  bool large = false;
  Snapshot snapshot{};     ///< what a second session may read from; without a name for small databases
  bool temporary = false;  ///< what is read was made for a moment, in the temporary schema
  schema::Metadata metadata{};

  CatalogComments comments{};
  std::map<Oid, std::string> spaces{};  ///< the schemas that are read; the default one by the empty name
  std::string space_list{};             ///< their oids, for IN (...)
  std::unordered_map<Oid, CatalogRelation> relations{};
  std::unordered_map<Oid, CatalogType> types{};
  /// What depends_on may name; `key` knows relations, their row types and constraints besides.
  std::unordered_map<CatalogAddress, schema::ObjectKey, CatalogAddressHash> keys{};
  std::unordered_map<Oid, Oid> row_types{};                                   ///< with the relation
  std::unordered_map<Oid, Oid> constraint_owners{};                           ///< the relations of constraints
  std::unordered_map<CatalogAddress, Oid, CatalogAddressHash> members{};      ///< of extensions, with the extension
  std::unordered_map<Oid, std::map<std::int64_t, std::string>> attributes{};  ///< of composite types, as CREATE TYPE spells them
  std::unordered_map<Oid, Value> attribute_comments{};
  std::unordered_map<Oid, Oid> composite_types{};  ///< by the type's relation
  std::unordered_map<Oid, std::vector<CatalogIndexColumn>> index_columns{};
  std::unordered_map<Oid, CatalogIndex> indexes{};
  struct Dependent {
    CatalogAddress at;
    std::string catalog;  ///< "pg_proc"
    schema::ObjectKey key;
  };
  std::vector<Dependent> dependents{};  ///< objects whose own dependencies are yet to be read
  /// As SQL names them. Those that every database has are known by their numbers (pg_collation.dat, pg_am.dat).
  std::unordered_map<Oid, std::string> collations{{100, "\"default\""}, {950, "\"C\""}, {951, "\"POSIX\""}};
  std::unordered_map<Oid, std::string> access_methods{{2, "heap"},   {403, "btree"}, {405, "hash"},   {783, "gist"},
                                                      {2742, "gin"}, {3580, "brin"}, {4000, "spgist"}};
  std::unordered_map<Oid, std::string> tablespaces{};

  CatalogRows query(const std::string& sql) const { return reader.query(sql); }
  /// What stands at that address; nothing for what is not ours.
  std::optional<schema::ObjectKey> key(CatalogAddress at) const;
  bool shared() const { return !snapshot.name.empty(); }
  bool is_member(CatalogClass kind, Oid oid) const { return !members.empty() && members.contains({kind, oid}); }
  /// The name of something in a schema that is read.
  schema::Name name(Oid space, std::string_view own) const { return {spaces.at(space), std::string(own)}; }
  CatalogRelation* relation(Oid oid) {
    const auto found = relations.find(oid);
    return found == relations.end() ? nullptr : &found->second;
  }
  /// Adds the object and remembers where it stands in the catalog ("pg_proc"), so that others may name it and its own dependencies are looked up.
  schema::Object& add(schema::Object object, CatalogAddress at, std::string_view catalog);
  /// Asks for the names of those that are not known yet.
  void name_collations(const std::vector<Oid>& wanted);
  std::string_view access_method(Oid oid);
  std::string_view tablespace(Oid oid);
  void unsupported(std::string kind, std::string name, std::string reason) {
    metadata.unsupported.push_back({std::move(kind), std::move(name), std::move(reason)});
  }
};

/// A quoted name as Name::text spells it: app."C" is app.C there.
std::string plain_name(std::string_view sql);
/// The option as `options.postgresql.key`.
void set_option(schema::Options& options, std::string key, Value value);
/// "{fillfactor=70,autovacuum_enabled=false}" as with = {...}; values are strings, in the
/// order in which they were given.
Value::Object storage_parameters(const std::vector<std::string>& parameters, std::string_view prefix = {});
/// An expression as pg_get_expr prints it, without the parentheses around the whole.
schema::Expression expression_of(std::string_view text);
/// A definition as the server prints it, declared so that the server, told so, prints the same again.
schema::Expression definition_of(std::string_view text);
std::string_view without_parentheses(std::string_view text);
/// The expressions of a list that pg_get_expr prints with commas between.
std::vector<std::string_view> expressions_of_list(std::string_view list);
/// `query` with {spaces} replaced by the list of schemas, and {vNN:text} kept only from version NN on, {<NN:text} only before it, {shared:text} only
/// where two sessions read.
std::string for_version(const Catalog& catalog, std::string_view query);
/// The text behind the name in "CREATE ... name rest", where the name may be qualified; `words` is the number of words in front of it.
std::string_view behind_name(std::string_view definition, int words);

// The queries that are asked whatever the others find.
std::string census_query(bool share);
std::string spaces_query();
std::string comments_query();
std::string types_query(const Catalog& catalog);
std::string relations_query(const Catalog& catalog);
std::string inheritance_query(const Catalog& catalog);
std::string operator_classes_query(const Catalog& catalog);
std::string columns_query(const Catalog& catalog);
/// Expressions of generated columns, where two sessions read: whatever names columns opens their table, which takes longest of all, and it is opened
/// in one session alone.
std::string generated_query(const Catalog& catalog);
std::string indexes_query(const Catalog& catalog);
std::string constraints_query(const Catalog& catalog);
std::string sequences_query(const Catalog& catalog);

/// With `share`, of a large database also exports the snapshot, so that another session can read from it.
void take_census(Catalog& catalog, bool share);
void read_spaces(Catalog& catalog);
void read_members(Catalog& catalog);
void read_comments(Catalog& catalog);
void add_spaces(Catalog& catalog);  ///< which of them are objects of their own, with their comments
void read_types(Catalog& catalog);
void read_relations(Catalog& catalog);
void read_columns(Catalog& catalog);
void read_generated(Catalog& catalog);
void read_keys(Catalog& catalog);  // indexes and constraints
void read_constraints(Catalog& catalog);
void read_composites(Catalog& catalog);
void read_composite_types(Catalog& catalog);
void read_sequences(Catalog& catalog);
void read_views(Catalog& catalog);
void read_routines(Catalog& catalog);
void read_triggers(Catalog& catalog);
void read_rare_objects(Catalog& catalog);
void read_privileges(Catalog& catalog);
void read_dependencies(Catalog& catalog);

}  // namespace aludel::postgresql
