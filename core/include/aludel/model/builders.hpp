#pragma once

#include <aludel/export.hpp>
#include <aludel/model/column_type.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// The handles by which a model is declared. They are small, copyable, and valid as long as the Models they come from, even when that is moved;
/// every method changes the declaration and returns the handle. Nothing is checked here: Models::metadata() checks the whole, and names table,
/// column and remedy. Not thread-safe.
namespace aludel {

inline constexpr auto no_action = schema::ForeignKeyAction::no_action;
inline constexpr auto restrict = schema::ForeignKeyAction::restrict;
inline constexpr auto cascade = schema::ForeignKeyAction::cascade;
inline constexpr auto set_null = schema::ForeignKeyAction::set_null;
inline constexpr auto set_default = schema::ForeignKeyAction::set_default;
inline constexpr auto initially_immediate = schema::Deferrable::initially_immediate;
inline constexpr auto initially_deferred = schema::Deferrable::initially_deferred;

enum class GeneratedKind { stored, computed_on_read };
inline constexpr auto stored = GeneratedKind::stored;
inline constexpr auto virtual_ = GeneratedKind::computed_on_read;

class TableBuilder;

namespace detail {

struct TableDraft;
struct ColumnDraft;
struct ConstraintDraft;
struct IndexDraft;
struct ObjectDraft;

/// Where something was declared.
struct Place {
  const char* file = "";
  unsigned line = 0;
};

/// A table's name, and where it was given. Refers to the text it is made of.
struct TableName {
  std::string_view text;
  Place place;
  TableName(const char* name, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : text(name), place{file, line} {}
  TableName(const std::string& name, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : text(name), place{file, line} {}
  TableName(std::string_view name, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : text(name), place{file, line} {}
};

/// Which kinds of columns a literal fits.
enum class LiteralKind { any, boolean, integer, number, string };

}  // namespace detail

/// Another table: by its handle, or by name ("users", "accounts.users", odd parts double-quoted as in revision files).
class ALUDEL_API TableReference {
 public:
  TableReference(const char* name);
  TableReference(const std::string& name);
  TableReference(schema::Name name);
  TableReference(const TableBuilder& table);

  const schema::Name& name() const { return name_; }
  const detail::TableDraft* draft() const { return draft_; }

 private:
  schema::Name name_;
  const detail::TableDraft* draft_ = nullptr;
};

/// One column of a table.
class ALUDEL_API ColumnBuilder {
 public:
  explicit ColumnBuilder(detail::ColumnDraft& draft) : draft_(&draft) {}

  /// The column's name, instead of what the rule for member names makes of the member's.
  ColumnBuilder& name(std::string_view name);
  /// The column's type, instead of what the member's type maps to. The text is the neutral spelling of revision files: "varchar(80)".
  ColumnBuilder& type(schema::Type type);
  ColumnBuilder& type(std::string_view neutral);
  /// Bounds text (text -> varchar(length)) or bytes (binary -> binary(length)).
  ColumnBuilder& length(int length);
  ColumnBuilder& nullable(bool nullable = true);
  /// What an enumeration's column may hold, instead of the enumerators' names.
  ColumnBuilder& labels(std::vector<std::string> labels);

  /// The value that rows get when an INSERT gives none.
  ColumnBuilder& server_default(const char* text) { return server_default(std::string_view(text)); }
  ColumnBuilder& server_default(std::string_view text);
  ColumnBuilder& server_default(const std::string& text) { return server_default(std::string_view(text)); }
  template <class E>
  requires std::is_enum_v<E> ColumnBuilder& server_default(E value) {
    if constexpr (requires { std::string(ColumnType<E>::literal(value)); })
      return literal(detail::LiteralKind::any, ColumnType<E>::literal(value));
    else
      return enum_default(detail::enum_spec<E>, static_cast<long long>(value));
  }
  template <class T>
  requires(!std::is_enum_v<T> && !std::convertible_to<T, std::string_view>) ColumnBuilder& server_default(const T& value);
  /// The same as an SQL expression: "CURRENT_TIMESTAMP".
  ColumnBuilder& server_default_sql(std::string_view expression);
  /// A generated column: its value is computed from the row's other columns.
  ColumnBuilder& generated(std::string_view expression, GeneratedKind kind = stored);
  /// The database numbers the rows. A single integer primary key has this of itself.
  ColumnBuilder& identity(schema::Identity identity = {});
  ColumnBuilder& no_identity();

  ColumnBuilder& collation(std::string_view collation);
  ColumnBuilder& comment(std::string_view comment);
  ColumnBuilder& option(std::string_view dialect, std::string_view key, Value value);
  /// An unnamed unique constraint, index or check on this column; the table's methods can say more.
  ColumnBuilder& unique();
  ColumnBuilder& index();
  ColumnBuilder& check(std::string_view expression);

  /// What this column was called before: autogenerate then renames it. May be said several times.
  ColumnBuilder& renamed_from(std::string_view old_name);
  /// What existing rows get where the column is added or becomes NOT NULL: an SQL expression.
  ColumnBuilder& backfill(std::string_view expression);

 private:
  ColumnBuilder& literal(detail::LiteralKind kind, std::string_view sql);
  ColumnBuilder& boolean_default(bool value);
  ColumnBuilder& integer_default(std::int64_t value);
  ColumnBuilder& unsigned_default(std::uint64_t value);
  ColumnBuilder& number_default(double value);
  ColumnBuilder& enum_default(const detail::EnumSpec& spec, long long value);

  detail::ColumnDraft* draft_;
};

template <class T>
requires(!std::is_enum_v<T> && !std::convertible_to<T, std::string_view>) ColumnBuilder& ColumnBuilder::server_default(const T& value) {
  if constexpr (requires { std::string(ColumnType<T>::literal(value)); })
    return literal(detail::LiteralKind::any, ColumnType<T>::literal(value));
  else if constexpr (std::same_as<T, bool>)
    return boolean_default(value);
  else if constexpr (detail::Integer<T> && std::is_signed_v<T>)
    return integer_default(value);
  else if constexpr (detail::Integer<T>)
    return unsigned_default(value);
  else if constexpr (std::floating_point<T>)
    return number_default(static_cast<double>(value));
  else if constexpr (requires {
                       T::scale;
                       value.unscaled();
                     })
    return literal(detail::LiteralKind::number, value.text());
  else if constexpr (std::same_as<T, Uuid> || std::same_as<T, Json>)
    return server_default(std::string_view(value.text()));
  else
    static_assert(std::is_void_v<T>,
                  "aludel: this value has no SQL literal: use server_default_sql(\"...\"), or give aludel::ColumnType<T> a function `literal`");
}

/// A primary key, of which a table has at most one.
class ALUDEL_API PrimaryKeyBuilder {
 public:
  explicit PrimaryKeyBuilder(detail::ConstraintDraft& draft) : draft_(&draft) {}
  PrimaryKeyBuilder& name(std::string_view name);
  /// The application gives the key itself, although it is a single integer column.
  PrimaryKeyBuilder& no_identity();
  PrimaryKeyBuilder& deferrable(schema::Deferrable when = initially_immediate);
  PrimaryKeyBuilder& comment(std::string_view comment);
  PrimaryKeyBuilder& option(std::string_view dialect, std::string_view key, Value value);

 private:
  detail::ConstraintDraft* draft_;
};

class ALUDEL_API UniqueBuilder {
 public:
  explicit UniqueBuilder(detail::ConstraintDraft& draft) : draft_(&draft) {}
  UniqueBuilder& name(std::string_view name);
  /// NULLs count as equal (PostgreSQL 15).
  UniqueBuilder& nulls_not_distinct();
  UniqueBuilder& include(std::vector<std::string> columns);
  UniqueBuilder& deferrable(schema::Deferrable when = initially_immediate);
  UniqueBuilder& comment(std::string_view comment);
  UniqueBuilder& option(std::string_view dialect, std::string_view key, Value value);

 private:
  detail::ConstraintDraft* draft_;
};

class ALUDEL_API CheckBuilder {
 public:
  explicit CheckBuilder(detail::ConstraintDraft& draft) : draft_(&draft) {}
  CheckBuilder& name(std::string_view name);
  /// Rows that are there already are not checked (PostgreSQL's NOT VALID).
  CheckBuilder& not_validated();
  CheckBuilder& not_enforced();
  CheckBuilder& comment(std::string_view comment);
  CheckBuilder& option(std::string_view dialect, std::string_view key, Value value);

 private:
  detail::ConstraintDraft* draft_;
};

class ALUDEL_API ForeignKeyBuilder {
 public:
  explicit ForeignKeyBuilder(detail::ConstraintDraft& draft) : draft_(&draft) {}
  ForeignKeyBuilder& name(std::string_view name);
  ForeignKeyBuilder& on_delete(schema::ForeignKeyAction action);
  ForeignKeyBuilder& on_update(schema::ForeignKeyAction action);
  ForeignKeyBuilder& deferrable(schema::Deferrable when = initially_immediate);
  ForeignKeyBuilder& match(schema::Match match);
  ForeignKeyBuilder& not_validated();
  ForeignKeyBuilder& comment(std::string_view comment);
  ForeignKeyBuilder& option(std::string_view dialect, std::string_view key, Value value);

 private:
  detail::ConstraintDraft* draft_;
};

class ALUDEL_API IndexBuilder {
 public:
  explicit IndexBuilder(detail::IndexDraft& draft) : draft_(&draft) {}
  IndexBuilder& name(std::string_view name);
  IndexBuilder& unique();
  /// Only rows for which the expression holds: a partial index.
  IndexBuilder& where(std::string_view expression);
  /// A further part: an expression, or anything else an IndexPart can say (collation, NULLS FIRST, a prefix's length).
  IndexBuilder& expression(std::string_view expression, schema::Order order = schema::Order::ascending);
  IndexBuilder& part(schema::IndexPart part);
  /// Columns that the index carries without being ordered by them.
  IndexBuilder& include(std::vector<std::string> columns);
  IndexBuilder& nulls_not_distinct();
  IndexBuilder& comment(std::string_view comment);
  IndexBuilder& option(std::string_view dialect, std::string_view key, Value value);

 private:
  detail::IndexDraft* draft_;
};

/// A view, trigger, or anything else that core does not model in depth.
class ALUDEL_API ObjectBuilder {
 public:
  explicit ObjectBuilder(detail::ObjectDraft& draft) : draft_(&draft) {}
  ObjectBuilder& schema(std::string_view schema);
  /// The table that the object belongs to.
  ObjectBuilder& on(const TableReference& table);
  ObjectBuilder& signature(std::string_view signature);
  /// What must exist before. Said not even once, it is every table and view of the model whose name stands in the definition.
  ObjectBuilder& depends_on(const TableReference& table);
  ObjectBuilder& depends_on(schema::ObjectKey object);
  ObjectBuilder& comment(std::string_view comment);
  ObjectBuilder& option(std::string_view dialect, std::string_view key, Value value);

 private:
  detail::ObjectDraft* draft_;
};

}  // namespace aludel
