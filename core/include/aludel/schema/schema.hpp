#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/boxed.hpp>
#include <aludel/schema/shared_map.hpp>
#include <aludel/schema/type.hpp>
#include <aludel/value.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What a database looks like, as plain values: no connection, no behaviour. Everything here is copyable, comparable and free of threads.
namespace aludel::schema {

/// Attributes that only one dialect knows, keyed by dialect, then by name: `mysql = {engine = "InnoDB"}`.
using Options = std::map<std::string, std::map<std::string, Value>>;

/// A name with the schema it stands in; an empty schema is the connection's default one.
struct ALUDEL_API Name {
  std::string schema;
  std::string name;

  /// As files write it: "table", "schema.table", odd parts double-quoted.
  std::string text() const;
  auto operator<=>(const Name&) const = default;
};
/// Throws Error(syntax) unless there are one or two parts.
ALUDEL_API Name parse_name(std::string_view text);

/// An SQL expression in two spellings (law 4): the author's, which models and files hold, and the server's, which a diff compares.
struct ALUDEL_API Expression {
  std::string declared;
  std::string canonical;  ///< empty until a dialect has filled it in
  bool stale = false;     ///< names something that was renamed and could not be rewritten

  Expression() = default;
  Expression(std::string declared_text) : declared(std::move(declared_text)) {}
  Expression(const char* declared_text) : declared(declared_text) {}
  bool operator==(const Expression&) const = default;
};

struct Generated {
  Expression expression;
  bool stored = true;
  bool operator==(const Generated&) const = default;
};

/// How the database itself spells a thing, where it keeps the author's text, comments and all (SQLite does). A hint: no part of equivalence nor of
/// files. Only the dialect that filled it in reads it, to write the thing again as it was, and believes the thing where the two differ.
using Spelling = std::string;

/// A number the database hands out by itself.
struct Identity {
  bool always = false;  ///< GENERATED ALWAYS rather than BY DEFAULT
  std::optional<std::int64_t> start, increment, minimum, maximum, cache;
  bool cycle = false;
  bool operator==(const Identity&) const = default;
};

struct Column {
  std::string name;
  Type type;
  bool nullable = true;
  Boxed<Expression> server_default;
  Boxed<Generated> generated;
  Boxed<Identity> identity;
  std::string collation;
  std::string comment;
  Options options;

  // Hints for the differ and the writer; no part of what the database holds, so no part of equivalence.
  std::vector<std::string> renamed_from;
  Boxed<Expression> backfill;  ///< what existing rows get when the column becomes NOT NULL
  Spelling spelling{};

  bool operator==(const Column&) const = default;
};

enum class Order { ascending, descending };
enum class Nulls { unspecified, first, last };

/// One entry of a key or an index: a column or an expression, never both.
struct IndexPart {
  std::string column;
  Boxed<Expression> expression;
  Order order = Order::ascending;
  Nulls nulls = Nulls::unspecified;
  std::string collation;
  std::string operator_class;
  std::optional<int> length;  ///< MySQL's prefix

  IndexPart() = default;
  IndexPart(std::string column_name) : column(std::move(column_name)) {}
  IndexPart(const char* column_name) : column(column_name) {}
  bool operator==(const IndexPart&) const = default;
};

enum class ForeignKeyAction { no_action, restrict, cascade, set_null, set_default };
enum class Deferrable { no, initially_immediate, initially_deferred };
enum class Match { simple, full, partial };

struct PrimaryKey {
  std::string name;
  std::vector<IndexPart> columns;
  Deferrable deferrable = Deferrable::no;
  std::string comment;
  Options options;
  Spelling spelling{};
  bool operator==(const PrimaryKey&) const = default;
};

struct Unique {
  std::string name;
  std::vector<IndexPart> columns;
  bool nulls_distinct = true;
  Deferrable deferrable = Deferrable::no;
  std::vector<std::string> include;
  std::string comment;
  Options options;
  Spelling spelling{};
  bool operator==(const Unique&) const = default;
};

struct Check {
  std::string name;
  Expression expression;
  bool validated = true;
  bool enforced = true;
  bool inherit = true;
  std::string comment;
  Options options;
  Spelling spelling{};
  bool operator==(const Check&) const = default;
};

struct ForeignKey {
  std::string name;
  std::vector<std::string> columns;
  Name referenced_table;
  std::vector<std::string> referenced_columns;  ///< empty: the referenced table's primary key
  ForeignKeyAction on_delete = ForeignKeyAction::no_action;
  ForeignKeyAction on_update = ForeignKeyAction::no_action;
  std::vector<std::string> on_delete_columns;  ///< PostgreSQL's SET NULL (columns)
  Match match = Match::simple;
  Deferrable deferrable = Deferrable::no;
  bool validated = true;
  std::string comment;
  Options options;
  Spelling spelling{};
  bool operator==(const ForeignKey&) const = default;
};

/// PostgreSQL's EXCLUDE.
struct Exclude {
  struct Element {
    IndexPart part;
    std::string with;  ///< the operator
    bool operator==(const Element&) const = default;
  };
  std::string name;
  std::string method;
  std::vector<Element> elements;
  Boxed<Expression> where;
  Deferrable deferrable = Deferrable::no;
  std::string comment;
  Options options;
  bool operator==(const Exclude&) const = default;
};

using Constraint = std::variant<PrimaryKey, Unique, Check, ForeignKey, Exclude>;
ALUDEL_API const std::string& name_of(const Constraint& constraint);
ALUDEL_API std::string& name_of(Constraint& constraint);
/// "primary key", "unique constraint", "check constraint", "foreign key", "exclusion constraint".
ALUDEL_API std::string_view kind_of(const Constraint& constraint);

struct Index {
  std::string name;
  std::vector<IndexPart> columns;
  bool unique = false;
  bool nulls_distinct = true;
  std::vector<std::string> include;
  Boxed<Expression> where;
  std::string comment;
  Options options;  ///< method and the like: `postgresql = {using = "gin"}`
  Spelling spelling{};
  bool operator==(const Index&) const = default;
};

struct ALUDEL_API Table {
  Name name;
  std::vector<Column> columns;
  std::vector<Constraint> constraints;  ///< at most one PrimaryKey
  std::vector<Index> indexes;
  std::string comment;
  Options options;

  // Hints; no part of equivalence.
  std::vector<std::string> renamed_from;
  bool partial = false;   ///< the database has columns that this does not know: never dropped
  bool external = false;  ///< somebody else's: a foreign key's target that is never created, altered or dropped
  Spelling spelling{};    ///< of what belongs to none of its parts

  bool operator==(const Table&) const = default;

  const Column* find_column(std::string_view column) const;
  Column* find_column(std::string_view column);
  const Index* find_index(std::string_view index) const;
  Index* find_index(std::string_view index);
  /// By name; unnamed constraints are never found so.
  const Constraint* find_constraint(std::string_view constraint) const;
  Constraint* find_constraint(std::string_view constraint);
  const PrimaryKey* primary_key() const;
  PrimaryKey* primary_key();
};

/// A named enumeration type, where the dialect has such types of their own.
struct EnumType {
  Name name;
  std::vector<std::string> values;
  std::string comment;
  std::vector<std::string> renamed_from;  ///< hint
  bool operator==(const EnumType&) const = default;
};

struct Sequence {
  Name name;
  std::string type;  ///< empty: the dialect's default
  Identity settings;
  std::string owned_by;  ///< "table.column" as in files, or empty
  std::string comment;
  Options options;
  bool operator==(const Sequence&) const = default;
};

struct Namespace {
  std::string name;
  std::string comment;
  Options options;
  bool operator==(const Namespace&) const = default;
};

/// What identifies an Object: PostgreSQL has one trigger name on two tables, and overloaded functions.
struct ALUDEL_API ObjectKey {
  std::string kind;  ///< "view", "trigger", "function", ...
  Name name;
  std::string parent;     ///< the table a trigger or policy belongs to, as Name::text(); else empty
  std::string signature;  ///< a function's argument types

  std::string text() const;  ///< for people: "trigger hero_audit on hero"
  auto operator<=>(const ObjectKey&) const = default;
};

/// Anything core does not model in depth: compared by its definition; created, replaced and dropped whole.
///
/// The definition is all that follows the name in the CREATE statement ("AS SELECT ...", "AFTER UPDATE ON hero BEGIN ... END"), so that
/// renaming the object leaves it alone and the dialect alone spells CREATE and quotes the name.
struct Object {
  ObjectKey key;
  Expression definition;
  std::vector<ObjectKey> depends_on;  ///< tables too (kind "table"); what must exist before
  std::string comment;
  Options options;
  bool operator==(const Object&) const = default;
};

/// Something the dialect saw in the database and cannot carry: named, never skipped silently.
struct Unsupported {
  std::string kind;
  std::string name;
  std::string reason;
  bool operator==(const Unsupported&) const = default;
};

/// A whole schema. Maps are keyed by what identifies an element, so order never makes a difference.
struct ALUDEL_API Metadata {
  SharedMap<Name, Table> tables;
  std::map<Name, EnumType> enums;
  std::map<Name, Sequence> sequences;
  std::map<std::string, Namespace> schemas;
  SharedMap<ObjectKey, Object> objects;
  std::vector<Unsupported> unsupported;

  /// Adds an element under its own name; throws Error(schema) if the name is taken.
  Table& add(Table table);
  void add(EnumType type);
  void add(Sequence sequence);
  void add(Namespace space);
  void add(Object object);

  const Table* find_table(const Name& name) const;
  Table* find_table(const Name& name);
  bool empty() const;
  bool operator==(const Metadata&) const = default;
};

}  // namespace aludel::schema
