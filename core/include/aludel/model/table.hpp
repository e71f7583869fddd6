#pragma once

#include <aludel/export.hpp>
#include <aludel/model/builders.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <span>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

namespace aludel {

/// A table without a struct: columns are given, and called, by name. What can be said of any table is here.
class ALUDEL_API TableBuilder {
 public:
  using Columns = std::vector<std::string>;
  using Parts = std::vector<schema::IndexPart>;

  explicit TableBuilder(detail::TableDraft& draft) : draft_(&draft) {}

  TableBuilder& schema(std::string_view schema);
  TableBuilder& comment(std::string_view comment);
  /// What the table was called before: autogenerate then renames it. May be said several times.
  TableBuilder& renamed_from(std::string_view old_name);
  TableBuilder& option(std::string_view dialect, std::string_view key, Value value);
  /// The database has columns that the model does not know: they are never dropped.
  TableBuilder& partial();

  /// A column that has no member (columns that have one are found by column<&T::member>()). Nullable unless said otherwise.
  ColumnBuilder column(std::string_view name, schema::Type type);
  ColumnBuilder column(std::string_view name, std::string_view neutral_type);

  PrimaryKeyBuilder primary_key(Parts columns);
  UniqueBuilder unique(Parts columns);
  IndexBuilder index(Parts parts);
  /// An index on an expression: "lower(name)".
  IndexBuilder index_on(std::string_view expression, schema::Order order = schema::Order::ascending);
  CheckBuilder check(std::string_view expression);
  CheckBuilder check(std::string_view name, std::string_view expression);
  /// Without referenced columns: the other table's primary key.
  ForeignKeyBuilder foreign_key(Columns columns, const TableReference& table, Columns referenced = {});
  /// A foreign key, and an index on its columns unless another key or index of the table begins with them.
  ForeignKeyBuilder relationship(Columns columns, const TableReference& table, Columns referenced = {});
  /// Anything that the schema can hold and the methods above cannot say, such as an exclusion constraint.
  TableBuilder& constraint(schema::Constraint constraint);

  detail::TableDraft& draft() const { return *draft_; }

 protected:
  ColumnBuilder member_column(const detail::MemberRef& member, const detail::ValueInfo& value);
  ColumnBuilder member_column(const detail::MemberRef& member, const detail::ValueInfo& value, schema::Type type);
  void ignore_member(const detail::MemberRef& member);
  PrimaryKeyBuilder member_primary_key(std::span<const detail::PartRef> parts);
  UniqueBuilder member_unique(std::span<const detail::PartRef> parts);
  IndexBuilder member_index(std::span<const detail::PartRef> parts);
  ForeignKeyBuilder member_foreign_key(bool indexed, std::span<const detail::MemberRef> columns, const std::type_info& target,
                                       const char* target_signature, std::span<const detail::MemberRef> referenced);
  ForeignKeyBuilder member_foreign_key(bool indexed, std::span<const detail::MemberRef> columns, const TableReference& target, Columns referenced);

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

  StructTable& schema(std::string_view schema) { return TableBuilder::schema(schema), *this; }
  StructTable& comment(std::string_view comment) { return TableBuilder::comment(comment), *this; }
  StructTable& renamed_from(std::string_view old_name) { return TableBuilder::renamed_from(old_name), *this; }
  StructTable& option(std::string_view dialect, std::string_view key, Value value) {
    return TableBuilder::option(dialect, key, std::move(value)), *this;
  }
  StructTable& partial() { return TableBuilder::partial(), *this; }

  /// The member's column. In a `listed` table this adds it.
  template <auto Member>
  ColumnBuilder column() {
    if constexpr (detail::PointerToMember<std::remove_cv_t<decltype(Member)>>::is) static_assert(detail::require_mapped<detail::ValueOf<Member>>());
    using Ref = detail::ColumnRef<T, Member>;
    return member_column(Ref::member, *Ref::value);
  }
  /// The same for a member whose type is not mapped, or mapped to something else.
  template <auto Member>
  ColumnBuilder column(schema::Type type) {
    using Ref = detail::ColumnRef<T, Member>;
    return member_column(Ref::member, *Ref::value, std::move(type));
  }
  /// The member is no column.
  template <auto Member>
  StructTable& ignore() {
    ignore_member(detail::ColumnRef<T, Member>::member);
    return *this;
  }

  /// NOT NULL even where the member is a std::optional. A single integer column that is no foreign key is an identity: the database numbers the rows.
  template <auto... Part>
  PrimaryKeyBuilder primary_key() {
    static_assert(sizeof...(Part) > 0, "aludel: a primary key has at least one column");
    return member_primary_key(detail::PartRefs<T, Part...>::value);
  }
  template <auto... Part>
  UniqueBuilder unique() {
    static_assert(sizeof...(Part) > 0, "aludel: a unique constraint has at least one column");
    return member_unique(detail::PartRefs<T, Part...>::value);
  }
  /// Parts are members, or aludel::desc<&T::member>; IndexBuilder::expression adds others.
  template <auto... Part>
  IndexBuilder index() {
    static_assert(sizeof...(Part) > 0, "aludel: an index has at least one column");
    return member_index(detail::PartRefs<T, Part...>::value);
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
    return member_foreign_key(indexed, detail::MemberRefs<T, Member...>::value, typeid(Other), detail::type_signature<Other>(),
                              detail::MemberRefs<Other, Referenced...>::value);
  }
  template <auto... Member>
  ForeignKeyBuilder named_foreign_key(bool indexed, MemberList<Member...>, const TableReference& table, Columns referenced) {
    return member_foreign_key(indexed, detail::MemberRefs<T, Member...>::value, table, std::move(referenced));
  }
};

}  // namespace aludel
