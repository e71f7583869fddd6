#pragma once

#include <aludel/error.hpp>
#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>

#include <concepts>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// What can be done to a schema. Operations are plain values; docs/revision-format.md gives their file form.
namespace aludel::op {

struct Operation;

using schema::Column;
using schema::Constraint;
using schema::Expression;
using schema::Index;
using schema::Name;
using schema::Options;
using schema::Table;
using schema::Type;

template <class T>
struct Change {
  T from;
  T to;
  bool operator==(const Change&) const = default;
};

// Tables

/// Creates the table whole, indexes included; the differ leaves those to CreateIndex operations of their own, which read better.
struct CreateTable {
  Table table;
  bool if_not_exists = false;
  bool operator==(const CreateTable&) const = default;
};
/// Drops the table with its indexes, constraints, triggers (objects whose parent it is) and the sequences it owns. `definition` is what is lost
/// (indexes included), so that it inverts; left out, the schema's own is taken.
struct DropTable {
  Name table;
  std::optional<Table> definition;
  bool if_exists = false;
  bool operator==(const DropTable&) const = default;
};
struct RenameTable {
  Name table;
  std::string to;
  bool operator==(const RenameTable&) const = default;
};
struct AlterTable {
  Name table;
  std::optional<Change<std::string>> comment;
  std::optional<Change<Options>> options;
  std::optional<Change<std::string>> schema;
  bool operator==(const AlterTable&) const = default;
};

// Columns

struct AddColumn {
  Name table;
  Column column;
  bool if_not_exists = false;
  bool operator==(const AddColumn&) const = default;
};
struct DropColumn {
  Name table;
  std::string column;
  std::optional<Column> definition;
  bool if_exists = false;
  bool operator==(const DropColumn&) const = default;
};
struct AlterColumn {
  Name table;
  std::string column;
  std::optional<Change<Type>> type;
  std::optional<Change<bool>> nullable;
  std::optional<Change<schema::Boxed<Expression>>> server_default;
  std::optional<Change<schema::Boxed<schema::Generated>>> generated;
  std::optional<Change<schema::Boxed<schema::Identity>>> identity;
  std::optional<Change<std::string>> collation;
  std::optional<Change<std::string>> comment;
  std::optional<Change<Options>> options;
  schema::Boxed<Expression> backfill;  ///< what existing rows get where the column becomes NOT NULL
  schema::Boxed<Expression> using_;    ///< how values are converted where the type changes (file key `using`)
  bool operator==(const AlterColumn&) const = default;
};
struct RenameColumn {
  Name table;
  std::string column;
  std::string to;
  bool operator==(const RenameColumn&) const = default;
};

// Constraints and indexes

struct AddConstraint {
  Name table;
  Constraint constraint;
  bool operator==(const AddConstraint&) const = default;
};
/// By name, or, where `name` is empty, by what `definition` says.
struct DropConstraint {
  Name table;
  std::string name;
  std::optional<Constraint> definition;
  bool if_exists = false;
  bool operator==(const DropConstraint&) const = default;
};
/// Same name, other properties (deferrability, actions, validity, ...).
struct AlterConstraint {
  Name table;
  Constraint from;
  Constraint to;
  bool operator==(const AlterConstraint&) const = default;
};
struct RenameConstraint {
  Name table;
  std::string name;
  std::string to;
  bool operator==(const RenameConstraint&) const = default;
};
struct ValidateConstraint {
  Name table;
  std::string name;
  bool operator==(const ValidateConstraint&) const = default;
};

struct CreateIndex {
  Name table;
  Index index;
  bool if_not_exists = false;
  bool operator==(const CreateIndex&) const = default;
};
struct DropIndex {
  Name table;
  std::string index;
  std::optional<Index> definition;
  bool if_exists = false;
  bool operator==(const DropIndex&) const = default;
};
struct AlterIndex {
  Name table;
  Index from;
  Index to;
  bool operator==(const AlterIndex&) const = default;
};
struct RenameIndex {
  Name table;
  std::string index;
  std::string to;
  bool operator==(const RenameIndex&) const = default;
};

// Types, sequences, schemas

struct CreateEnum {
  schema::EnumType type;
  bool if_not_exists = false;
  bool operator==(const CreateEnum&) const = default;
};
/// Values are renamed first, then added, so `before` and `after` mean the new names. Columns of the type follow. Adding a value inverts to a new
/// type: the columns become text, the type is dropped and created, the columns become that type.
struct AlterEnum {
  Name type;
  struct AddValue {
    std::string value;
    std::string before, after;
    bool operator==(const AddValue&) const = default;
  };
  struct RenameValue {
    std::string from, to;
    bool operator==(const RenameValue&) const = default;
  };
  std::vector<AddValue> add;
  std::vector<RenameValue> rename;
  std::optional<Change<std::string>> comment;
  bool operator==(const AlterEnum&) const = default;
};
struct DropEnum {
  Name type;
  std::optional<schema::EnumType> definition;
  bool if_exists = false;
  bool operator==(const DropEnum&) const = default;
};
struct CreateSequence {
  schema::Sequence sequence;
  bool if_not_exists = false;
  bool operator==(const CreateSequence&) const = default;
};
struct AlterSequence {
  schema::Sequence from;
  schema::Sequence to;
  bool operator==(const AlterSequence&) const = default;
};
struct DropSequence {
  Name sequence;
  std::optional<schema::Sequence> definition;
  bool if_exists = false;
  bool operator==(const DropSequence&) const = default;
};
struct CreateSchema {
  schema::Namespace schema;
  bool if_not_exists = false;
  bool operator==(const CreateSchema&) const = default;
};
/// Its comment and options; the name stays.
struct AlterSchema {
  schema::Namespace from;
  schema::Namespace to;
  bool operator==(const AlterSchema&) const = default;
};
struct DropSchema {
  std::string schema;
  std::optional<schema::Namespace> definition;
  bool if_exists = false;
  bool operator==(const DropSchema&) const = default;
};

// Any other object, and partitions

struct CreateObject {
  schema::Object object;
  bool if_not_exists = false;
  bool operator==(const CreateObject&) const = default;
};
struct ReplaceObject {
  schema::Object from;
  schema::Object to;
  bool operator==(const ReplaceObject&) const = default;
};
/// Kind "enum" renames an enumeration type, its columns with it.
struct RenameObject {
  schema::ObjectKey object;
  std::string to;
  bool operator==(const RenameObject&) const = default;
};
struct DropObject {
  schema::ObjectKey object;
  std::optional<schema::Object> definition;
  bool if_exists = false;
  bool operator==(const DropObject&) const = default;
};
/// In a schema value a partition's attachment is an object of kind "partition", named as the partition, its parent the partitioned table and its
/// definition the bounds.
struct AttachPartition {
  Name table;
  Name partition;
  std::string bounds;
  bool operator==(const AttachPartition&) const = default;
};
struct DetachPartition {
  Name table;
  Name partition;
  std::string bounds;
  bool operator==(const DetachPartition&) const = default;
};

// Data and escapes

using Row = std::vector<std::pair<std::string, Value>>;
struct Insert {
  Name table;
  std::vector<Row> rows;
  bool operator==(const Insert&) const = default;
};
/// Deletes the rows that match each given row's columns; inverts to an insert of exactly these.
struct Delete {
  Name table;
  std::vector<Row> rows;
  bool operator==(const Delete&) const = default;
};

/// SQL text, the same for all dialects or one text each ("default" among the keys serves the rest).
using SqlByDialect = std::map<std::string, std::string>;
struct ALUDEL_API Sql {
  SqlByDialect sql;                              ///< one entry "default" where the file has a plain string
  std::optional<SqlByDialect> undo;              ///< what a downgrade runs
  std::optional<std::vector<Operation>> effect;  ///< what it does to the schema; unknown when left out
  friend ALUDEL_API bool operator==(const Sql& a, const Sql& b);
};
struct Call {
  std::string function;
  Value arguments;
  std::optional<std::string> undo;
  bool operator==(const Call&) const = default;
};
/// Stops the revision with `message` unless the query's one value equals `equals`.
struct Assert {
  SqlByDialect query;
  Value equals;
  std::string message;
  bool operator==(const Assert&) const = default;
};
/// A downgrade that must not be attempted.
struct Irreversible {
  std::string reason;
  bool operator==(const Irreversible&) const = default;
};
/// Registered by a plugin or an environment under its name.
struct Custom {
  std::string name;
  Value arguments;
  bool operator==(const Custom&) const = default;
};

using Body =
    std::variant<CreateTable, DropTable, RenameTable, AlterTable, AddColumn, DropColumn, AlterColumn, RenameColumn, AddConstraint, DropConstraint,
                 AlterConstraint, RenameConstraint, ValidateConstraint, CreateIndex, DropIndex, AlterIndex, RenameIndex, CreateEnum, AlterEnum,
                 DropEnum, CreateSequence, AlterSequence, DropSequence, CreateSchema, AlterSchema, DropSchema, CreateObject, ReplaceObject,
                 RenameObject, DropObject, AttachPartition, DetachPartition, Insert, Delete, Sql, Call, Assert, Irreversible, Custom>;

/// What a file says about rows that an operation would lose.
enum class DataLoss { unsaid, review, accepted };

struct Operation {
  Body body;
  DataLoss data_loss = DataLoss::unsaid;
  std::vector<std::string> remarks{};  ///< comment lines the writer puts above it; no part of equality
  Location location{};                 ///< where the file has it; no part of equality

  Operation(Body operation_body) : body(std::move(operation_body)) {}
  template <class T>
  requires std::constructible_from<Body, T&&> &&
      (!std::same_as<std::remove_cvref_t<T>, Body>)&&(!std::same_as<std::remove_cvref_t<T>, Operation>)Operation(T&& operation_body)
      : body(std::forward<T>(operation_body)) {}

  bool operator==(const Operation& other) const { return body == other.body && data_loss == other.data_loss; }
};
using Operations = std::vector<Operation>;

/// The file's key for it: "create_table", "sql", ...
ALUDEL_API std::string_view name_of(const Operation& operation);
/// All such names, in the order of `Body`.
ALUDEL_API std::span<const std::string> operation_names();
/// One line for people: "add column hero.age integer", "drop table team (6 columns)".
ALUDEL_API std::string describe(const Operation& operation);
/// The table it works on, if it works on one.
ALUDEL_API std::optional<Name> table_of(const Operation& operation);
/// sql, call, insert, delete, assert, custom: what no merging of operations crosses.
ALUDEL_API bool is_barrier(const Operation& operation);
/// sql, call, insert, delete: what reads or writes rows.
ALUDEL_API bool touches_rows(const Operation& operation);
/// A rename to the name that the thing has: `apply` takes it for nothing, and databases refuse it.
ALUDEL_API bool renames_to_itself(const Operation& operation);
/// Sql without a declared effect, Call, Custom: what `apply` cannot see through.
ALUDEL_API bool is_opaque(const Operation& operation);
/// Would running it lose rows or values (drop of a table or column, narrowing type, ...)? The reason, for people; else nullopt. `delete` does not:
/// its rows stand in the file. `sql` and `call` cannot be seen through and are nullopt as well.
ALUDEL_API std::optional<std::string> destroys(const Operation& operation);

}  // namespace aludel::op
