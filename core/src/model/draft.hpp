#pragma once

#include <aludel/model/builders.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/model/models.hpp>
#include <aludel/schema/schema.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

/// What the builders write down: the declarations as they were made. finish.cpp makes the schema of them.
namespace aludel::detail {

/// Found out while declaring, reported by metadata().
struct Problem {
  std::string message;
  std::string hint;
};

struct MemberKey {
  std::type_index owner;
  std::string name;

  explicit MemberKey(const MemberRef& member) : owner(*member.owner), name(member_name(member.signature)) {}
  bool operator==(const MemberKey&) const = default;
};

struct ColumnDraft {
  std::optional<MemberKey> member;
  const ValueInfo* value = nullptr;  ///< of the member; null where there is none, or where `type` was given in its place
  std::optional<std::string> name;
  std::optional<schema::Type> type;
  std::optional<int> length;
  std::optional<std::vector<std::string>> labels;
  std::optional<bool> identity;  ///< said explicitly
  bool ignored = false;
  bool declared = false;  ///< named in a declaration of its own
  LiteralKind default_kind = LiteralKind::any;
  std::optional<std::string> default_text;  ///< a string's value
  std::vector<Problem> problems;
  schema::Column column;
  TableDraft* table = nullptr;
};

/// A part of a key or index: a member's column, a column by its draft, or what an IndexPart says.
struct PartDraft {
  std::optional<MemberKey> member;
  const ColumnDraft* column = nullptr;
  schema::IndexPart part;
};

struct ForeignTarget {
  std::optional<std::type_index> type;
  std::string cpp_type;
  std::optional<TableReference> table;
  std::vector<PartDraft> columns;
  bool indexed = false;
};

struct ConstraintDraft {
  schema::Constraint constraint;
  std::vector<PartDraft> columns;
  std::optional<ForeignTarget> target;        ///< of a foreign key
  const ColumnDraft* column_check = nullptr;  ///< the column whose check it is
  bool no_identity = false;
  bool raw = false;  ///< given whole: nothing is resolved or named
};

struct IndexDraft {
  schema::Index index;
  std::vector<PartDraft> parts;
};

struct TableDraft {
  Place place;
  std::optional<std::type_index> type;
  std::string cpp_type;
  schema::Table table;
  std::deque<ColumnDraft> columns;  // deques: handles keep addresses
  std::deque<ConstraintDraft> constraints;
  std::deque<IndexDraft> indexes;

  ColumnDraft* find(const MemberKey& member);
  const ColumnDraft* find(const MemberKey& member) const { return const_cast<TableDraft*>(this)->find(member); }
};

struct ObjectDraft {
  schema::Object object;
  bool view_query = false;  ///< the definition is a query, to be completed by AS
  std::optional<TableReference> parent;
  std::vector<TableReference> tables;  ///< it depends on
};

struct ModelsDraft {
  std::deque<TableDraft> tables;
  std::deque<ObjectDraft> objects;
  std::vector<schema::Namespace> schemas;
  std::vector<schema::Sequence> sequences;
  NamingConvention naming;
  std::function<std::string(std::string_view)> member_names = aludel::member_names::as_written;
};

/// Models::metadata().
schema::Metadata finish(const ModelsDraft& models);

}  // namespace aludel::detail

struct aludel::Models::State : aludel::detail::ModelsDraft {};
