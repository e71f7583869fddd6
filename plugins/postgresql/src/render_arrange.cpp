#include "render_arrange.hpp"

#include "rewriter.hpp"

#include <aludel/op/apply.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace aludel::postgresql {

namespace {

using schema::Name;

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

bool is_of_columns(const op::Operation& operation) {
  return std::holds_alternative<op::AddColumn>(operation.body) || std::holds_alternative<op::DropColumn>(operation.body) ||
         std::holds_alternative<op::AlterColumn>(operation.body);
}

bool renames(const op::Operation& operation) {
  return std::holds_alternative<op::RenameColumn>(operation.body) || std::holds_alternative<op::RenameTable>(operation.body);
}

/// What takes views out of its way.
const op::AlterColumn* type_change(const op::Operation& operation) {
  const auto* alter = std::get_if<op::AlterColumn>(&operation.body);
  return alter != nullptr && (alter->type || alter->collation || alter->generated) ? alter : nullptr;
}

std::set<schema::ObjectKey> stale_objects(const schema::Metadata& schema) {
  std::set<schema::ObjectKey> found;
  for (const auto& [key, object] : schema.objects) {
    if (object.definition.stale) found.insert(key);
  }
  return found;
}

bool is_in_the_way(const schema::Metadata& schema, const Name& table) {
  const std::string text = table.text();
  return std::any_of(schema.objects.begin(), schema.objects.end(), [&](const auto& entry) {
    const auto& [key, object] = entry;
    if (!object.definition.stale) return false;
    return key.parent == text || object.depends_on.empty() ||
           std::any_of(object.depends_on.begin(), object.depends_on.end(), [&](const auto& one) { return one.name == table || one.kind != "table"; });
  });
}

bool rewrite(schema::Boxed<schema::Expression>& expression, const Name& owner, const op::Rename& rename) {
  if (!expression) return true;
  std::string& text = expression->declared.empty() ? expression->canonical : expression->declared;
  const auto rewritten = rewriter().rewrite(text, op::TextKind::expression, owner, rename);
  if (!rewritten || rewriter().mentions_column(*rewritten, owner, rename.column)) return false;
  text = *rewritten;
  if (&text == &expression->declared) expression->canonical.clear();
  return true;
}

/// The change as it is said before the rename; nullopt where that cannot be told.
std::optional<op::AlterColumn> before_rename(op::AlterColumn change, const op::RenameColumn& rename) {
  if (change.table != rename.table) return change;
  const op::Rename back{rename.table, rename.to, rename.column};
  const auto rewrite_all = [&](auto& one) { return !one || (rewrite(one->from, rename.table, back) && rewrite(one->to, rename.table, back)); };
  if (!rewrite(change.using_, rename.table, back) || !rewrite(change.backfill, rename.table, back) || !rewrite_all(change.server_default)) {
    return std::nullopt;
  }
  if (change.generated) {
    for (auto* generated : {&change.generated->from, &change.generated->to}) {
      if (!*generated) continue;
      schema::Boxed<schema::Expression> expression = (*generated)->expression;
      if (!rewrite(expression, rename.table, back)) return std::nullopt;
      (*generated)->expression = *expression;
    }
  }
  if (change.column == rename.to) change.column = rename.column;
  return change;
}

bool mentions(const schema::Boxed<schema::Expression>& expression, const Name& table, const std::string& column) {
  if (!expression) return false;
  return rewriter().mentions_column(expression->declared.empty() ? expression->canonical : expression->declared, table, column);
}
bool mentions(const schema::Boxed<schema::Generated>& generated, const Name& table, const std::string& column) {
  return generated && mentions(schema::Boxed<schema::Expression>(generated->expression), table, column);
}
bool mentions(const op::AlterColumn& change, const std::string& column) {
  return mentions(change.using_, change.table, column) ||
         (change.generated && (mentions(change.generated->from, change.table, column) || mentions(change.generated->to, change.table, column)));
}

/// The change as it is said before another operation, and makes no difference to it.
std::optional<op::AlterColumn> before(const op::AlterColumn& change, const op::Operation& other) {
  if (const auto* rename = std::get_if<op::RenameColumn>(&other.body)) return before_rename(change, *rename);
  if (const auto* rename = std::get_if<op::RenameTable>(&other.body)) {
    op::AlterColumn said = change;
    const Name now{rename->table.schema, rename->to};
    if (said.table == now) said.table = rename->table;
    return said;
  }
  if (op::table_of(other) != change.table) return is_of_columns(other) ? std::optional(change) : std::nullopt;
  if (const auto* drop = std::get_if<op::DropColumn>(&other.body)) {
    return drop->column == change.column || mentions(change, drop->column) ? std::nullopt : std::optional(change);
  }
  if (const auto* add = std::get_if<op::AddColumn>(&other.body)) {
    return add->column.name == change.column || mentions(change, add->column.name) ? std::nullopt : std::optional(change);
  }
  if (const auto* alter = std::get_if<op::AlterColumn>(&other.body)) {
    const bool touches = alter->column == change.column || mentions(change, alter->column) || mentions(*alter, change.column);
    return touches ? std::nullopt : std::optional(change);
  }
  return std::nullopt;
}

/// The place of the first column that is added to be computed from the one whose type changes at place `i`.
std::size_t computed_before(const Arranged& arranged, std::size_t i) {
  const auto& change = std::get<op::AlterColumn>(arranged.operations[arranged.order[i]].body);
  std::size_t first = nowhere;
  for (std::size_t k = i; k-- > 0;) {
    const op::Operation& other = arranged.operations[arranged.order[k]];
    if (op::is_barrier(other)) break;
    const auto* add = std::get_if<op::AddColumn>(&other.body);
    if (add != nullptr && add->table == change.table && mentions(add->column.generated, change.table, change.column)) first = k;
  }
  return first;
}

}  // namespace

std::optional<Arranged> types_before_names(std::span<const op::Operation> operations, const schema::Metadata& before_all) {
  const auto first = std::find_if(operations.begin(), operations.end(), [](const op::Operation& operation) {
    const auto* add = std::get_if<op::AddColumn>(&operation.body);
    return renames(operation) || (add != nullptr && add->column.generated);
  });
  if (std::none_of(first, operations.end(), [](const auto& one) { return type_change(one) != nullptr; })) return std::nullopt;

  op::ApplyOptions applying;
  applying.ignore_from = true;
  applying.comparison.dialects = {"postgresql"};
  schema::Metadata schema = before_all;
  const std::set<schema::ObjectKey> unknown = stale_objects(schema);
  Arranged arranged{{operations.begin(), operations.end()}, {}};
  for (std::size_t i = 0; i < operations.size(); ++i) arranged.order.push_back(i);
  std::size_t origin = nowhere;  // the rename, by its place in the order, since which a text is not known
  bool moves = false;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const op::Operation& operation = operations[i];
    if (op::is_barrier(operation)) origin = nowhere;
    const auto* change = type_change(operation);
    std::size_t to = nowhere;
    if (change != nullptr) to = computed_before(arranged, i);
    if (change != nullptr && origin != nowhere && is_in_the_way(schema, change->table)) to = std::min(to, origin);
    if (to != nowhere) {
      std::optional<op::AlterColumn> said = *change;
      for (std::size_t k = i; said && k > to; --k) said = before(*said, arranged.operations[arranged.order[k - 1]]);
      if (said) {
        arranged.operations[i].body = *said;
        arranged.order.erase(arranged.order.begin() + static_cast<std::ptrdiff_t>(i));
        arranged.order.insert(arranged.order.begin() + static_cast<std::ptrdiff_t>(to), i);
        if (origin != nowhere && to <= origin) ++origin;
        moves = true;
      }
    }
    if (op::is_opaque(operation)) continue;
    op::apply(operation, schema, rewriter(), applying);
    if (origin == nowhere && renames(operation) && stale_objects(schema) != unknown) origin = i;
  }
  return moves ? std::optional(std::move(arranged)) : std::nullopt;
}

}  // namespace aludel::postgresql
