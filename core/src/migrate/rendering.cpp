#include "rendering.hpp"

#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>

namespace aludel::migrate {

namespace {

/// A drop whose definition `op::complete` has to look up.
bool lacks_definition(const op::Operation& operation) {
  return std::visit(
      [](const auto& body) {
        if constexpr (requires { body.definition.has_value(); })
          return !body.definition.has_value();
        else
          return false;
      },
      operation.body);
}

bool states_from(const op::AlterColumn& alter) { return alter.type || alter.server_default || alter.generated; }

/// Who says how the server would spell a schema; without a connection only what is known without it.
struct Judge {
  const dialect::Dialect& dialect;
  dialect::Connection* connection;
  schema::Metadata operator()(schema::Metadata declared) const { return dialect.canonicalise(std::move(declared), connection); }
};

/// A part of `before` in another spelling, alone: what else it needs is really there.
schema::Metadata canonicalised(schema::Table table, const Judge& judge) {
  schema::Metadata alone;
  alone.add(std::move(table));
  return judge(std::move(alone));
}

void canonicalise_from(op::AlterColumn& alter, const schema::Metadata& before, const Judge& judge) {
  if (!states_from(alter)) return;
  const auto* table = before.find_table(alter.table);
  const auto* now = table == nullptr ? nullptr : table->find_column(alter.column);
  if (now == nullptr) return;
  schema::Table alone;
  alone.name = alter.table;
  auto column = *now;
  if (alter.type) column.type = alter.type->from;
  if (alter.server_default) column.server_default = alter.server_default->from;
  if (alter.generated) column.generated = alter.generated->from;
  alone.columns.push_back(std::move(column));
  const auto metadata = canonicalised(std::move(alone), judge);

  const auto* result = metadata.find_table(alter.table);
  if (result == nullptr || result->columns.empty()) return;
  const auto& canonical = result->columns.front();
  if (alter.type) alter.type->from.canonical = canonical.type.canonical;
  if (alter.server_default && alter.server_default->from && canonical.server_default)
    alter.server_default->from->canonical = canonical.server_default->canonical;
  if (alter.generated && alter.generated->from && canonical.generated)
    alter.generated->from->expression.canonical = canonical.generated->expression.canonical;
}

void canonicalise_from(op::AlterConstraint& alter, const schema::Metadata& before, const Judge& judge) {
  const auto* table = before.find_table(alter.table);
  if (table == nullptr) return;
  auto alone = *table;
  alone.indexes.clear();
  alone.constraints = {alter.from};
  const auto metadata = canonicalised(std::move(alone), judge);
  const auto* result = metadata.find_table(alter.table);
  if (result == nullptr || result->constraints.size() != 1) return;
  auto name = std::visit([](const auto& constraint) { return constraint.name; }, alter.from);
  alter.from = result->constraints.front();
  std::visit([&](auto& constraint) { constraint.name = std::move(name); }, alter.from);
}

void canonicalise_from(op::AlterIndex& alter, const schema::Metadata& before, const Judge& judge) {
  const auto* table = before.find_table(alter.table);
  if (table == nullptr) return;
  auto alone = *table;
  alone.constraints.clear();
  alone.indexes = {alter.from};
  const auto metadata = canonicalised(std::move(alone), judge);
  if (const auto* result = metadata.find_table(alter.table); result != nullptr && result->indexes.size() == 1) alter.from = result->indexes.front();
}

/// What the definition may name, for dialects that make it where nothing else is; more than that does no harm.
void add_named(schema::Metadata& to, const schema::Expression& definition, const schema::Metadata& from) {
  const std::string text = to_lower(definition.declared + " " + definition.canonical);
  const auto names = [&](const schema::Name& name) { return text.find(to_lower(name.name)) != std::string::npos; };
  for (const auto& [name, table] : from.tables) {
    if (!names(name) || to.tables.contains(name)) continue;
    schema::Table named = table;
    std::erase_if(named.constraints, [](const auto& one) { return std::holds_alternative<schema::ForeignKey>(one); });
    to.add(std::move(named));
  }
  for (const auto& [key, object] : from.objects) {
    if (!key.parent.empty() || !names(key.name) || to.objects.contains(key)) continue;
    to.add(object);
    add_named(to, object.definition, from);
  }
}

void canonicalise_from(op::ReplaceObject& replace, const schema::Metadata& before, const Judge& judge) {
  schema::Metadata alone;
  if (const auto* parent = replace.from.key.parent.empty() ? nullptr : before.find_table(schema::parse_name(replace.from.key.parent));
      parent != nullptr)
    alone.add(*parent);
  alone.add(replace.from);
  add_named(alone, replace.from.definition, before);
  alone = judge(std::move(alone));
  if (const auto found = alone.objects.find(replace.from.key); found != alone.objects.end())
    replace.from.definition.canonical = found->second.definition.canonical;
}

/// `from` is the author's spelling and the schema's is the server's: they are compared as the server sees both (law 4).
void canonicalise_from(op::Operation& operation, const schema::Metadata& before, const Judge& judge) {
  std::visit(
      [&](auto& body) {
        if constexpr (requires { canonicalise_from(body, before, judge); }) canonicalise_from(body, before, judge);
      },
      operation.body);
}

}  // namespace

bool says_what_was(const op::Operation& operation) {
  return std::visit(
      [](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        return std::is_same_v<Body, op::AlterColumn> || std::is_same_v<Body, op::AlterConstraint> || std::is_same_v<Body, op::AlterIndex> ||
               std::is_same_v<Body, op::ReplaceObject>;
      },
      operation.body);
}

schema::Metadata KnownSchema::take() {
  if (!schema_) {
    // The token first: a change between the two is then noticed.
    token_ = connection_->schema_token();
    schema_ = look();
  }
  auto schema = std::move(*schema_);
  schema_.reset();
  return schema;
}

bool KnownSchema::stale() { return connection_->schema_token() != token_; }

void KnownSchema::advance(std::span<const op::Operation> operations, const op::ApplyOptions& options, std::optional<std::string> token) {
  if (!schema_) return;
  schema_ = op::apply(operations, std::move(*schema_), connection_->dialect().rewriter(), options);
  token_ = std::move(token);
}

void KnownSchema::carry(schema::Metadata schema, std::optional<std::string> token) {
  schema_ = std::move(schema);
  token_ = std::move(token);
}

schema::Metadata KnownSchema::look() const {
  dialect::Scope scope;
  scope.ignored_tables = names_.tables();
  return connection_->dialect().introspector().introspect(*connection_, scope);
}

Part render_part(const Task& task, std::size_t first, std::size_t count, schema::Metadata before, bool carry, dialect::Connection& connection,
                 const RunOptions& options, bool offline) {
  const auto& dialect = connection.dialect();
  const auto& rewriter = dialect.rewriter();
  auto applying = apply_options(connection, options);
  // A server's spelling in the file and an author's in the files before it: whether they say the same cannot be told.
  if (offline) applying.ignore_from = true;
  Part part;
  part.first = first;
  part.before = std::move(before);
  part.operations.assign(task.operations.begin() + static_cast<std::ptrdiff_t>(first),
                         task.operations.begin() + static_cast<std::ptrdiff_t>(first + count));
  if (carry) {
    const Judge judge{dialect, offline ? nullptr : &connection};
    for (auto& operation : part.operations) canonicalise_from(operation, part.before, judge);
    if (std::any_of(part.operations.begin(), part.operations.end(), lacks_definition))
      part.operations = op::complete(part.operations, part.before, rewriter, applying);
    part.after = op::apply(part.operations, part.before, rewriter, applying);
  }
  if (task.step.direction == Direction::upgrade) try {
      part.inverse = op::invert(part.operations, part.before, rewriter, applying);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported) throw;
      part.invertible = false;  // known and said when somebody wants to undo it
    }
  dialect::RenderOptions rendering;
  rendering.online = options.online;
  rendering.foreign_keys_off = task.revision.foreign_keys_off;
  rendering.transaction = task.revision.transaction;
  part.script = dialect.renderer().render(part.operations, part.before, connection.server(), rendering);
  return part;
}

std::vector<std::size_t> part_starts(const op::Operations& operations) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i + 1 < operations.size(); ++i)
    if (op::is_opaque(operations[i]) && needs_schema(std::span(operations).subspan(i + 1))) starts.push_back(i + 1);
  return starts;
}

}  // namespace aludel::migrate
