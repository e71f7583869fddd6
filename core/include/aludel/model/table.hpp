#pragma once

#include <aludel/export.hpp>
#include <aludel/model/builders.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <initializer_list>
#include <span>
#include <string>
#include <typeindex>
#include <utility>
#include <vector>

namespace aludel {

/// A table without a struct: columns are given, and called, by name. What can be said of any table is here.
class ALUDEL_API TableBuilder {
 public:
  using Columns = std::vector<std::string>;
  using Parts = std::vector<schema::IndexPart>;

  explicit TableBuilder(detail::TableDraft& draft) : draft_(&draft) {}

  TableBuilder& schema(std::string schema);
  TableBuilder& comment(std::string comment);
  /// What the table was called before: autogenerate then renames it. May be said several times.
  TableBuilder& renamed_from(std::string old_name);
  TableBuilder& option(const std::string& dialect, const std::string& key, Value value);
  /// The database has columns that the model does not know: they are never dropped.
  TableBuilder& partial();

  /// A column that has no member (columns that have one are found by column<&T::member>()). Nullable unless said otherwise.
  ColumnBuilder column(std::string name, schema::Type type);
  ColumnBuilder column(std::string name, std::string_view neutral_type);

  PrimaryKeyBuilder primary_key(Parts columns);
  UniqueBuilder unique(Parts columns);
  IndexBuilder index(Parts parts);
  /// An index on an expression: "lower(name)".
  IndexBuilder index_on(std::string expression, schema::Order order = schema::Order::ascending);
  CheckBuilder check(std::string expression);
  CheckBuilder check(std::string name, std::string expression);
  /// Without referenced columns: the other table's primary key.
  ForeignKeyBuilder foreign_key(Columns columns, const TableReference& table, Columns referenced = {});
  /// A foreign key, and an index on its columns unless another key or index of the table begins with them.
  ForeignKeyBuilder relationship(Columns columns, const TableReference& table, Columns referenced = {});
  /// Anything that the schema can hold and the methods above cannot say, such as an exclusion constraint.
  TableBuilder& constraint(schema::Constraint constraint);

  detail::TableDraft& draft() const { return *draft_; }

 protected:
  ColumnBuilder member_column(const detail::MemberInfo& info, const detail::MemberRef& member);
  ColumnBuilder member_column(const detail::MemberRef& member, schema::Type type, bool nullable);
  void ignore_member(const detail::MemberRef& member);
  PrimaryKeyBuilder member_primary_key(std::initializer_list<detail::PartRef> parts);
  UniqueBuilder member_unique(std::initializer_list<detail::PartRef> parts);
  IndexBuilder member_index(std::initializer_list<detail::PartRef> parts);
  ForeignKeyBuilder member_foreign_key(bool indexed, std::initializer_list<detail::MemberRef> columns, std::type_index target,
                                       const char* target_signature, std::initializer_list<detail::MemberRef> referenced);
  ForeignKeyBuilder member_foreign_key(bool indexed, std::initializer_list<detail::MemberRef> columns, const TableReference& target,
                                       Columns referenced);

  detail::TableDraft* draft_;
};

/// A table declared from a struct. Members are named by pointer, so a misspelt or foreign one does not compile.
template <class T>
class StructTable : public TableBuilder {
 public:
  explicit StructTable(detail::TableDraft& draft) : TableBuilder(draft) {}

  using TableBuilder::column;
  using TableBuilder::foreign_key;
  using TableBuilder::index;
  using TableBuilder::primary_key;
  using TableBuilder::relationship;
  using TableBuilder::unique;

  StructTable& schema(std::string schema) { return TableBuilder::schema(std::move(schema)), *this; }
  StructTable& comment(std::string comment) { return TableBuilder::comment(std::move(comment)), *this; }
  StructTable& renamed_from(std::string old_name) { return TableBuilder::renamed_from(std::move(old_name)), *this; }
  StructTable& option(const std::string& dialect, const std::string& key, Value value) {
    return TableBuilder::option(dialect, key, std::move(value)), *this;
  }
  StructTable& partial() { return TableBuilder::partial(), *this; }

  /// The member's column. In a `listed` table this adds it.
  template <auto Member>
  ColumnBuilder column() {
    if constexpr (detail::require_member<T, Member>()) {
      using Held = detail::ValueOf<Member>;
      detail::require_mapped<Held>();
      return member_column(detail::MemberInfo{detail::member_signature<Member>(), &detail::value_info<Held>},
                           detail::member_ref<detail::OwnerOf<Member>, Member>());
    }
  }
  /// The same for a member whose type is not mapped, or mapped to something else.
  template <auto Member>
  ColumnBuilder column(schema::Type type) {
    detail::require_member<T, Member>();
    return member_column(detail::member_ref<detail::OwnerOf<Member>, Member>(), std::move(type),
                         detail::value_info<detail::ValueOf<Member>>.nullable);
  }
  /// The member is no column.
  template <auto Member>
  StructTable& ignore() {
    detail::require_member<T, Member>();
    ignore_member(detail::member_ref<detail::OwnerOf<Member>, Member>());
    return *this;
  }

  /// NOT NULL even where the member is a std::optional. A single integer column that is no foreign key is an identity: the database numbers the rows.
  template <auto... Part>
  PrimaryKeyBuilder primary_key() {
    static_assert(sizeof...(Part) > 0, "aludel: a primary key has at least one column");
    return member_primary_key({detail::part_ref<T, Part>()...});
  }
  template <auto... Part>
  UniqueBuilder unique() {
    static_assert(sizeof...(Part) > 0, "aludel: a unique constraint has at least one column");
    return member_unique({detail::part_ref<T, Part>()...});
  }
  /// Parts are members, or aludel::desc<&T::member>; IndexBuilder::expression adds others.
  template <auto... Part>
  IndexBuilder index() {
    static_assert(sizeof...(Part) > 0, "aludel: an index has at least one column");
    return member_index({detail::part_ref<T, Part>()...});
  }

  /// foreign_key<&Hero::team_id, &Team::id>(). The other table is the one declared from the other struct, before or after this one.
  template <auto Member, auto Referenced>
  ForeignKeyBuilder foreign_key() {
    return typed_foreign_key<detail::OwnerOf<Referenced>>(false, members<Member>, members<Referenced>);
  }
  /// The same for a member that the other struct inherits: foreign_key<&Hero::team_id, Team, &Record::id>().
  template <auto Member, class Other, auto Referenced>
  ForeignKeyBuilder foreign_key() {
    return typed_foreign_key<Other>(false, members<Member>, members<Referenced>);
  }
  /// Over several columns: foreign_key(aludel::members<&A::x, &A::y>, aludel::members<&B::x, &B::y>).
  template <auto... Member, auto First, auto... Referenced>
  ForeignKeyBuilder foreign_key(MemberList<Member...> columns, MemberList<First, Referenced...> referenced) {
    return typed_foreign_key<detail::OwnerOf<First>>(false, columns, referenced);
  }
  template <auto... Member, class Other, auto... Referenced>
  ForeignKeyBuilder foreign_key(MemberList<Member...> columns, MemberListOf<Other, Referenced...>) {
    return typed_foreign_key<Other>(false, columns, members<Referenced...>);
  }
  /// To a table by name or handle: foreign_key<&Hero::user_id>("users", {"id"}). Without columns: to its primary key.
  template <auto... Member>
  requires(sizeof...(Member) > 0) ForeignKeyBuilder foreign_key(const TableReference& table, Columns referenced = {}) {
    return named_foreign_key(false, members<Member...>, table, std::move(referenced));
  }

  /// What an ORM calls a relationship: a foreign key, and an index on its columns unless another key or index of the table begins with them.
  template <auto Member, auto Referenced>
  ForeignKeyBuilder relationship() {
    return typed_foreign_key<detail::OwnerOf<Referenced>>(true, members<Member>, members<Referenced>);
  }
  template <auto Member, class Other, auto Referenced>
  ForeignKeyBuilder relationship() {
    return typed_foreign_key<Other>(true, members<Member>, members<Referenced>);
  }
  template <auto... Member, auto First, auto... Referenced>
  ForeignKeyBuilder relationship(MemberList<Member...> columns, MemberList<First, Referenced...> referenced) {
    return typed_foreign_key<detail::OwnerOf<First>>(true, columns, referenced);
  }
  template <auto... Member, class Other, auto... Referenced>
  ForeignKeyBuilder relationship(MemberList<Member...> columns, MemberListOf<Other, Referenced...>) {
    return typed_foreign_key<Other>(true, columns, members<Referenced...>);
  }
  template <auto... Member>
  requires(sizeof...(Member) > 0) ForeignKeyBuilder relationship(const TableReference& table, Columns referenced = {}) {
    return named_foreign_key(true, members<Member...>, table, std::move(referenced));
  }

 private:
  template <class Other, auto... Member, auto... Referenced>
  ForeignKeyBuilder typed_foreign_key(bool indexed, MemberList<Member...>, MemberList<Referenced...>) {
    static_assert(sizeof...(Member) == sizeof...(Referenced), "aludel: a foreign key refers to as many columns as it has");
    (detail::require_member<T, Member>(), ...);
    (detail::require_member<Other, Referenced>(), ...);
    return member_foreign_key(indexed, {detail::member_ref<detail::OwnerOf<Member>, Member>()...}, typeid(Other), detail::type_signature<Other>(),
                              {detail::member_ref<detail::OwnerOf<Referenced>, Referenced>()...});
  }
  template <auto... Member>
  ForeignKeyBuilder named_foreign_key(bool indexed, MemberList<Member...>, const TableReference& table, Columns referenced) {
    (detail::require_member<T, Member>(), ...);
    return member_foreign_key(indexed, {detail::member_ref<detail::OwnerOf<Member>, Member>()...}, table, std::move(referenced));
  }
};

}  // namespace aludel
