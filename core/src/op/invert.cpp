#include <fmt/format.h>

#include <algorithm>

#include "op/applier.hpp"
#include "op/enums.hpp"
#include "op/freeing.hpp"
#include "op/invert_stale.hpp"
#include "op/overloaded.hpp"
#include "op/references.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

namespace {

using schema::EnumType;
using schema::Metadata;

/// What the file says where it is right, in its own words; else what the schema holds.
template <class T>
T agreed(const std::optional<T>& said, const T& held, const schema::Comparison& how) {
  return said && schema::equivalent(*said, held, how) ? *said : held;
}

template <class T, class Same>
std::optional<Change<T>> reversed(const std::optional<Change<T>>& change, const T& held, Same same) {
  if (!change) return std::nullopt;
  return Change<T>{change->to, same(change->from, held) ? change->from : held};
}

template <class T>
std::optional<Change<T>> reversed(const std::optional<Change<T>>& change, const T& held) {
  if (!change) return std::nullopt;
  return Change<T>{change->to, held};
}

Error cannot_invert(const Operation& operation, std::string_view why, std::string hint) {
  return Error(ErrorKind::unsupported, fmt::format("cannot be undone: {}: {}", describe(operation), why)).with_hint(std::move(hint));
}

/// The inverse of one operation, in the order it is to be run, given the schema before it.
class Inverter {
 public:
  Inverter(const Operation& operation, const Metadata& before, const Rewriter& rewriter, const ApplyOptions& options)
      : operation_(operation), before_(before), rewriter_(rewriter), options_(options), how_(options.comparison) {}

  Operations operator()(const CreateTable& body) const {
    if (body.if_not_exists && before_.find_table(body.table.name)) return {};
    return {DropTable{body.table.name, without_hints(body.table)}};
  }

  Operations operator()(const DropTable& body) const {
    const Table* table = before_.find_table(body.table);
    if (!table) return {};
    const Dependencies dependencies(before_, rewriter_);
    Operations all;
    std::vector<AlterSequence> owners;
    for (const auto& name : dependencies.owned_by(body.table)) {
      // The table's defaults draw from the sequence, and the sequence needs the table for its owner.
      schema::Sequence owned = before_.sequences.at(name);
      schema::Sequence free = owned;
      free.owned_by.clear();
      all.emplace_back(CreateSequence{free});
      owners.push_back({free, owned});
    }
    Table definition = agreed(body.definition, *table, how_);
    take_names(definition, *table, how_);
    all.push_back(CreateTable{std::move(definition)});
    for (auto& owner : owners) all.push_back(std::move(owner));
    create_children(body.table, all);
    return all;
  }

  Operations operator()(const RenameTable& body) const { return {RenameTable{{body.table.schema, body.to}, body.table.name}}; }

  Operations operator()(const AlterTable& body) const {
    const Table& table = this->table(body.table);
    AlterTable inverse{body.table, reversed(body.comment, table.comment),
                       reversed(body.options, table.options, [this](const Options& a, const Options& b) { return schema::equivalent(a, b, how_); }),
                       reversed(body.schema, body.table.schema)};
    if (body.schema) inverse.table.schema = body.schema->to;
    return {inverse};
  }

  Operations operator()(const AddColumn& body) const {
    if (body.if_not_exists && table(body.table).find_column(body.column.name)) return {};
    return {DropColumn{body.table, body.column.name, without_hints(body.column)}};
  }

  Operations operator()(const DropColumn& body) const {
    const Table* table = before_.find_table(body.table);
    const Column* column = table ? table->find_column(body.column) : nullptr;
    if (!column) return {};
    Column definition = agreed(body.definition, *column, how_);
    if (body.definition) definition.backfill = body.definition->backfill;
    Operations all;
    std::vector<AlterSequence> owners;
    for (const auto& name : Dependencies(before_, rewriter_).owned_by(body.table, body.column)) {
      schema::Sequence owned = before_.sequences.at(name);
      schema::Sequence free = owned;
      free.owned_by.clear();
      all.emplace_back(CreateSequence{free});
      owners.push_back({free, owned});
    }
    all.push_back(AddColumn{body.table, std::move(definition)});
    for (auto& owner : owners) all.push_back(std::move(owner));
    return all;
  }

  Operations operator()(const AlterColumn& body) const {
    const Column& held = need(table(body.table).find_column(body.column));
    AlterColumn inverse;
    inverse.table = body.table;
    inverse.column = body.column;
    inverse.type = reversed(body.type, held.type, [](const Type& a, const Type& b) { return schema::equivalent(a, b); });
    inverse.nullable = reversed(body.nullable, held.nullable);
    inverse.server_default =
        reversed(body.server_default, held.server_default, [](const auto& a, const auto& b) { return schema::equivalent(a, b); });
    inverse.generated = reversed(body.generated, held.generated, [](const auto& a, const auto& b) {
      return a && b && a->stored == b->stored && schema::equivalent(a->expression, b->expression);
    });
    inverse.identity = reversed(body.identity, held.identity);
    inverse.collation = reversed(body.collation, held.collation);
    inverse.comment = reversed(body.comment, held.comment);
    inverse.options = reversed(body.options, held.options, [this](const Options& a, const Options& b) { return schema::equivalent(a, b, how_); });
    return {inverse};
  }

  Operations operator()(const RenameColumn& body) const { return {RenameColumn{body.table, body.to, body.column}}; }

  Operations operator()(const AddConstraint& body) const {
    std::string name = name_of(body.constraint);
    if (name.empty()) name = name_of(after().tables.at(body.table).constraints.back());  // the one that it has got
    Operations all{DropConstraint{body.table, name, body.constraint}};
    if (!std::holds_alternative<schema::ForeignKey>(body.constraint)) return all;
    schema::Table altered = table(body.table);
    altered.constraints.push_back(body.constraint);
    name_of(altered.constraints.back()) = std::move(name);
    drop_implied(altered, all);
    return all;
  }

  Operations operator()(const DropConstraint& body) const {
    const Table* table = before_.find_table(body.table);
    const auto position = table ? find_constraint(*table, body.name, body.definition, how_) : std::nullopt;
    if (!position) return {};
    const Constraint& held = table->constraints[*position];
    Constraint definition = agreed(body.definition, held, how_);
    name_of(definition) = name_of(held);
    Operations all{AddConstraint{body.table, std::move(definition)}};
    schema::Table altered = *table;
    altered.constraints.erase(altered.constraints.begin() + static_cast<std::ptrdiff_t>(*position));
    drop_implied(altered, all);
    return all;
  }

  Operations operator()(const AlterConstraint& body) const {
    const Constraint& held = constraint(body.table, name_of(body.from), body.from);
    AlterConstraint inverse{body.table, body.to, agreed(std::optional(body.from), held, how_)};
    name_of(inverse.from) = name_of(inverse.to) = name_of(held);
    return {inverse};
  }

  Operations operator()(const RenameConstraint& body) const { return {RenameConstraint{body.table, body.to, body.name}}; }

  Operations operator()(const ValidateConstraint& body) const {
    const Constraint& held = need(table(body.table).find_constraint(body.name));
    Constraint validated = held;
    if (auto* check = std::get_if<schema::Check>(&validated)) check->validated = true;
    if (auto* key = std::get_if<schema::ForeignKey>(&validated)) key->validated = true;
    if (validated == held) return {};
    return {AlterConstraint{body.table, validated, held}};
  }

  Operations operator()(const CreateIndex& body) const {
    if (body.if_not_exists && table(body.table).find_index(body.index.name)) return {};
    return {DropIndex{body.table, body.index.name, body.index}};
  }

  Operations operator()(const DropIndex& body) const {
    const Table* table = before_.find_table(body.table);
    const Index* held = table ? table->find_index(body.index) : nullptr;
    const schema::Unique* unique = table && !held ? find_unique(*table, body.index) : nullptr;
    if (!held && !unique) return {};
    schema::Table altered = *table;
    Operations all;
    if (unique) {
      all.emplace_back(AddConstraint{body.table, *unique});
      std::erase_if(altered.constraints, [&](const Constraint& one) { return name_of(one) == body.index; });
    } else {
      Index definition = agreed(body.definition, *held, how_);
      definition.name = held->name;
      all.emplace_back(CreateIndex{body.table, std::move(definition)});
      std::erase_if(altered.indexes, [&](const Index& one) { return one.name == body.index; });
    }
    drop_implied(altered, all);
    return all;
  }

  Operations operator()(const AlterIndex& body) const {
    const std::optional<schema::Index> unique = find_unique_index(table(body.table), body.from.name);
    return {AlterIndex{body.table, body.to,
                       agreed(std::optional(body.from), unique ? *unique : need(table(body.table).find_index(body.from.name)), how_)}};
  }

  Operations operator()(const RenameIndex& body) const { return {RenameIndex{body.table, body.to, body.index}}; }

  Operations operator()(const CreateEnum& body) const {
    if (body.if_not_exists && before_.enums.contains(body.type.name)) return {};
    return {DropEnum{body.type.name, body.type}};
  }

  Operations operator()(const AlterEnum& body) const {
    const EnumType& held = need(before_.enums, body.type);
    Operations all;
    if (!body.add.empty()) {
      const Metadata altered = after();
      EnumType without = altered.enums.at(body.type);
      for (const auto& add : body.add) std::erase(without.values, add.value);
      all = replace_enum(altered, body.type, without);
    }
    AlterEnum inverse;
    inverse.type = body.type;
    inverse.comment = reversed(body.comment, held.comment);
    for (auto rename = body.rename.rbegin(); rename != body.rename.rend(); ++rename) inverse.rename.push_back({rename->to, rename->from});
    if (inverse.comment || !inverse.rename.empty()) all.push_back(std::move(inverse));
    return all;
  }

  Operations operator()(const DropEnum& body) const {
    const auto held = before_.enums.find(body.type);
    if (held == before_.enums.end()) return {};
    return {CreateEnum{agreed(body.definition, held->second, how_)}};
  }

  Operations operator()(const CreateSequence& body) const {
    if (body.if_not_exists && before_.sequences.contains(body.sequence.name)) return {};
    return {DropSequence{body.sequence.name, body.sequence}};
  }

  Operations operator()(const AlterSequence& body) const {
    return {AlterSequence{body.to, agreed(std::optional(body.from), need(before_.sequences, body.from.name), how_)}};
  }

  Operations operator()(const DropSequence& body) const {
    const auto held = before_.sequences.find(body.sequence);
    if (held == before_.sequences.end()) return {};
    return {CreateSequence{agreed(body.definition, held->second, how_)}};
  }

  Operations operator()(const CreateSchema& body) const {
    if (body.if_not_exists && before_.schemas.contains(body.schema.name)) return {};
    return {DropSchema{body.schema.name, body.schema}};
  }

  Operations operator()(const AlterSchema& body) const { return {AlterSchema{body.to, need(before_.schemas, body.from.name)}}; }

  Operations operator()(const DropSchema& body) const {
    const auto held = before_.schemas.find(body.schema);
    if (held == before_.schemas.end()) return {};
    return {CreateSchema{held->second}};
  }

  Operations operator()(const CreateObject& body) const {
    if (body.if_not_exists && before_.objects.contains(body.object.key)) return {};
    return {DropObject{body.object.key, body.object}};
  }

  Operations operator()(const ReplaceObject& body) const {
    return {ReplaceObject{body.to, agreed(std::optional(body.from), need(before_.objects, body.to.key), how_)}};
  }

  Operations operator()(const RenameObject& body) const {
    schema::ObjectKey renamed = body.object;
    renamed.name.name = body.to;
    return {RenameObject{renamed, body.object.name.name}};
  }

  Operations operator()(const DropObject& body) const {
    const auto held = before_.objects.find(body.object);
    if (held == before_.objects.end()) return {};
    Operations all{CreateObject{agreed(body.definition, held->second, how_)}};
    if (is_relation(body.object.kind) && body.object.parent.empty()) create_children(body.object.name, all);
    return all;
  }

  Operations operator()(const AttachPartition& body) const { return {DetachPartition{body.table, body.partition, body.bounds}}; }

  Operations operator()(const DetachPartition& body) const {
    const auto& held = need(before_.objects, {"partition", body.partition, body.table.text(), ""});
    return {AttachPartition{body.table, body.partition, body.bounds.empty() ? held.definition.declared : body.bounds}};
  }

  Operations operator()(const Insert& body) const { return {Delete{body.table, {body.rows.rbegin(), body.rows.rend()}}}; }
  Operations operator()(const Delete& body) const { return {Insert{body.table, {body.rows.rbegin(), body.rows.rend()}}}; }

  Operations operator()(const Sql& body) const {
    if (!body.undo) throw cannot_invert(operation_, "the revision does not say how", "give it `undo = \"...\"`, or write a [[downgrade]] section");
    Sql inverse{*body.undo, body.sql, std::nullopt};
    if (body.effect) inverse.effect = invert(*body.effect, before_, rewriter_, options_);
    return {inverse};
  }

  Operations operator()(const Call& body) const {
    if (!body.undo)
      throw cannot_invert(operation_, "the revision names no function that would", "give it `undo = \"function\"`, or write a [[downgrade]] section");
    return {Call{*body.undo, body.arguments, body.function}};
  }

  Operations operator()(const Assert&) const { return {}; }

  Operations operator()(const Irreversible& body) const {
    throw Error(ErrorKind::unsupported, "cannot be undone: " + printable(body.reason))
        .with_hint("the revision forbids its downgrade; restore a backup instead");
  }

  Operations operator()(const Custom&) const { throw cannot_invert(operation_, "only who registered it knows how", "write a [[downgrade]] section"); }

 private:
  // What the operation works on. Where it is missing, `apply` says so better than we could.
  [[noreturn]] void refuse() const {
    after();
    throw Error(ErrorKind::internal, "an operation fits and cannot be inverted: " + describe(operation_));
  }
  template <class T>
  const T& need(const T* held) const {
    if (!held) refuse();
    return *held;
  }
  template <class Map>
  const typename Map::mapped_type& need(const Map& map, const typename Map::key_type& key) const {
    const auto found = map.find(key);
    return need(found == map.end() ? nullptr : &found->second);
  }
  const Table& table(const Name& name) const { return need(before_.find_table(name)); }
  const Constraint& constraint(const Name& name, const std::string& constraint_name, const std::optional<Constraint>& definition) const {
    const Table& held = table(name);
    const auto position = find_constraint(held, constraint_name, definition, how_);
    return need(position ? &held.constraints[*position] : nullptr);
  }

  static Column without_hints(Column column) {
    column.renamed_from.clear();
    column.backfill.reset();
    return column;
  }

  static Table without_hints(Table table) {
    table.renamed_from.clear();
    for (auto& column : table.columns) column = without_hints(std::move(column));
    return table;
  }

  /// What the server adds to the table by itself when it becomes `altered` goes again.
  void drop_implied(const Table& altered, Operations& all) const {
    std::vector<schema::Index> implied = rewriter_.implied_indexes(altered);
    if (implied.empty()) return;
    const auto held = rewriter_.implied_indexes(table(altered.name));
    for (schema::Index& index : implied) {
      if (std::any_of(held.begin(), held.end(), [&](const schema::Index& one) { return one.name == index.name; })) continue;
      std::string name = index.name;
      all.emplace_back(DropIndex{altered.name, std::move(name), std::move(index), true});
    }
  }

  Metadata after() const {
    Metadata schema = before_;
    apply(operation_, schema, rewriter_, options_);
    return schema;
  }

  void create_children(const Name& relation, Operations& all) const {
    for (const auto& key : Dependencies(before_, rewriter_).children_of(relation)) all.push_back(CreateObject{before_.objects.at(key)});
  }

  const Operation& operation_;
  const Metadata& before_;
  const Rewriter& rewriter_;
  const ApplyOptions& options_;
  const schema::Comparison& how_;
};

/// What was there before a thing was made cannot need it, yet its text may read as if it did (a trigger that names a column of another table), and
/// then stands in the way of the drop that undoes the making.
void free_what_is_older(Operations& step, const Metadata& after, const Rewriter& rewriter) {
  if (step.size() != 1) return;
  Freed freed = free_dependents(step.front(), after, rewriter);
  std::move(freed.after.begin(), freed.after.end(), std::back_inserter(step));
  step.insert(step.begin(), std::make_move_iterator(freed.before.begin()), std::make_move_iterator(freed.before.end()));
}

}  // namespace

Operations replace_enum(const Metadata& schema, const Name& name, const EnumType& to) {
  Operations to_text, back;
  for (const auto& [table_name, table] : schema.tables) {
    for (const auto& column : table.columns) {
      if (!uses_enum(column.type, name)) continue;
      Type text = column.type;
      change_enum(text, name, [](Type& type) { type = Type::string(); });
      Type target = column.type;
      change_enum(target, name, [&](Type& type) { type.values = to.values; });
      AlterColumn away, home;
      away.table = home.table = table_name;
      away.column = home.column = column.name;
      away.type = Change<Type>{column.type, text};
      home.type = Change<Type>{text, target};
      to_text.push_back(std::move(away));
      back.push_back(std::move(home));
    }
  }
  to_text.push_back(DropEnum{name, schema.enums.at(name)});
  to_text.push_back(CreateEnum{to});
  std::move(back.begin(), back.end(), std::back_inserter(to_text));
  return to_text;
}

Operations invert(std::span<const Operation> operations, const Metadata& before, const Rewriter& rewriter, const ApplyOptions& options) {
  Metadata schema = before;
  std::vector<Operations> steps;
  bool loses_stale = false;
  for (const auto& operation : operations) {
    try {
      loses_stale |= loses_stale_text(operation, schema, rewriter);
      steps.push_back(std::visit(Inverter(operation, schema, rewriter, options), operation.body));
      apply(operation, schema, rewriter, options);
      free_what_is_older(steps.back(), schema, rewriter);
    } catch (Error& error) {
      error.set_location(operation.location);
      throw;
    }
  }
  if (loses_stale) make_again_under_old_names(operations, before, rewriter, options, steps);
  Operations all;
  for (std::size_t i = operations.size(); i-- > 0;) {
    for (auto& inverse : steps[i]) {
      inverse.location = operations[i].location;
      if (operations[i].data_loss == DataLoss::accepted) {
        inverse.data_loss = DataLoss::accepted;
      } else if (destroys(inverse)) {
        inverse.data_loss = DataLoss::review;
      }
      all.push_back(std::move(inverse));
    }
  }
  return all;
}

}  // namespace aludel::op
