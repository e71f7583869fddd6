#include "op/applier.hpp"

namespace aludel::op {

namespace {

using schema::Metadata;

/// The same operation with what a file left out of it, but for the names of what it makes.
class Completer {
 public:
  Completer(const Metadata& before, const ApplyOptions& options) : before_(before), how_(options.comparison) {}

  void operator()(DropTable& body) const { fill(body.definition, before_.find_table(body.table)); }
  void operator()(DropColumn& body) const {
    if (const Table* table = before_.find_table(body.table)) fill(body.definition, table->find_column(body.column));
  }
  void operator()(DropConstraint& body) const {
    const Table* table = before_.find_table(body.table);
    const auto position = table ? find_constraint(*table, body.name, body.definition, how_) : std::nullopt;
    if (!position) return;
    fill(body.definition, &table->constraints[*position]);
    if (body.name.empty()) body.name = name_of(table->constraints[*position]);
  }
  void operator()(AlterConstraint& body) const {
    const Table* table = name_of(body.from).empty() ? before_.find_table(body.table) : nullptr;
    const auto position = table ? find_constraint(*table, "", body.from, how_) : std::nullopt;
    if (position) name_of(body.from) = name_of(body.to) = name_of(table->constraints[*position]);
  }
  void operator()(DropIndex& body) const {
    if (const Table* table = before_.find_table(body.table)) fill(body.definition, table->find_index(body.index));
  }
  void operator()(DropEnum& body) const { fill(body.definition, before_.enums, body.type); }
  void operator()(DropSequence& body) const { fill(body.definition, before_.sequences, body.sequence); }
  void operator()(DropSchema& body) const { fill(body.definition, before_.schemas, body.schema); }
  void operator()(DropObject& body) const { fill(body.definition, before_.objects, body.object); }
  void operator()(DetachPartition& body) const {
    const auto held = before_.objects.find({"partition", body.partition, body.table.text(), ""});
    if (body.bounds.empty() && held != before_.objects.end()) body.bounds = held->second.definition.declared;
  }
  template <class T>
  void operator()(T&) const {}  // leaves nothing out

 private:
  template <class T>
  static void fill(std::optional<T>& definition, const T* held) {
    if (!definition && held) definition = *held;
  }
  template <class Map>
  static void fill(std::optional<typename Map::mapped_type>& definition, const Map& held, const typename Map::key_type& key) {
    const auto found = held.find(key);
    if (found != held.end()) fill(definition, &found->second);
  }

  const Metadata& before_;
  const schema::Comparison& how_;
};

/// Puts into an operation that makes something the names that it has got.
class NameTeller {
 public:
  NameTeller(const Metadata& after, const ApplyOptions& options) : after_(after), how_(options.comparison) {}

  void operator()(CreateTable& body) const {
    if (const Table* made = after_.find_table(body.table.name)) take_names(body.table, *made, how_);
  }
  void operator()(AddConstraint& body) const {
    if (name_of(body.constraint).empty()) name_of(body.constraint) = name_of(after_.tables.at(body.table).constraints.back());
  }
  template <class T>
  void operator()(T&) const {}  // makes nothing that could be without a name

 private:
  const Metadata& after_;
  const schema::Comparison& how_;
};

}  // namespace

Operations complete(std::span<const Operation> operations, const Metadata& before, const Rewriter& rewriter, const ApplyOptions& options) {
  Metadata schema = before;
  Operations all(operations.begin(), operations.end());
  for (auto& operation : all) {
    std::visit(Completer(schema, options), operation.body);
    apply(operation, schema, rewriter, options);
    std::visit(NameTeller(schema, options), operation.body);
  }
  return all;
}

}  // namespace aludel::op
