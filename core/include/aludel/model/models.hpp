#pragma once

#include <aludel/export.hpp>
#include <aludel/model/builders.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/model/names.hpp>
#include <aludel/model/table.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace aludel {

/// The application's tables, declared from its structs:
///
///     void declare(aludel::Models& models) {
///       auto hero = models.table<Hero>("hero");       // every member is a column, named and typed by the struct
///       hero.primary_key<&Hero::id>();
///       hero.column<&Hero::name>().length(80);
///       hero.foreign_key<&Hero::team_id, &Team::id>().on_delete(aludel::cascade);
///     }
///
/// Tables may be declared in any order and from several functions. What can be wrong with a struct does not compile; what can be wrong with the
/// whole is found by metadata(). Movable (handles stay valid), not copyable, not thread-safe. docs/models.md shows every feature.
class ALUDEL_API Models {
 public:
  Models();
  ~Models();
  Models(Models&&) noexcept;
  Models& operator=(Models&&) noexcept;

  /// A table whose columns are the members of T: an aggregate without base classes and with at most 128 members. `how` is any number of
  /// aludel::ignore<&T::member>, for members whose types are not mapped, or aludel::listed, for classes that list their columns.
  template <class T, class... How>
  StructTable<T> table(detail::TableName name, How...) {
    return StructTable<T>(add_table(name, false, detail::struct_info<T, How...>));
  }
  /// A table without a struct.
  TableBuilder table(detail::TableName name);

  /// Somebody else's table: a foreign key's target, never created, altered or dropped. Columns need only be said to be checked.
  template <class T, class... How>
  StructTable<T> external_table(detail::TableName name, How...) {
    return StructTable<T>(add_table(name, true, detail::struct_info<T, How...>));
  }
  TableBuilder external_table(detail::TableName name);

  /// A view by its query.
  ObjectBuilder view(std::string_view name, std::string_view query);
  /// A trigger by all that follows its name: "AFTER INSERT ON hero BEGIN ... END".
  ObjectBuilder trigger(std::string_view name, const TableReference& table, std::string_view definition);
  /// Any other kind of object that the dialect knows, by all that follows its name in the CREATE statement.
  ObjectBuilder object(std::string_view kind, std::string_view name, std::string_view definition);
  /// A schema (a namespace of tables) to be created.
  Models& schema(std::string_view name, std::string_view comment = {});
  Models& sequence(schema::Sequence sequence);

  /// How unnamed constraints and indexes are called; in force for all tables, whenever it is set.
  Models& naming(NamingConvention convention);
  /// From members' names to columns': member_names::plain, member_names::snake_case, or a rule of one's own; for all tables, whenever it is set.
  Models& member_names(std::function<std::string(std::string_view)> rule);

  /// The whole as a schema: foreign keys resolved, what is unnamed named. Throws Error(model) that names the table, the column and the remedy, with
  /// further mistakes as notes; a member or foreign key that leads nowhere, a name taken twice, a key that no constraint of the other table backs,
  /// a default of the wrong kind, and the like. Does not change the models; may be called again after further declarations.
  schema::Metadata metadata() const;
  /// The rows as a JSON Schema, for the application's API: schema::json_schema(metadata()). Throws what metadata() throws.
  Value json_schema() const;

 private:
  detail::TableDraft& add_table(const detail::TableName& name, bool external, const detail::StructInfo& info);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aludel
