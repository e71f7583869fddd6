#include "op/freeing.hpp"

#include <algorithm>

#include "op/applier.hpp"
#include "op/overloaded.hpp"

namespace aludel::op {

using schema::Metadata;

namespace {

AlterColumn alter_computed(const Dependent& dependent, const Metadata& schema, bool away) {
  const Column& column = schema.tables.at(dependent.table).columns[dependent.position];
  AlterColumn body;
  body.table = dependent.table;
  body.column = column.name;
  if (dependent.kind == Dependent::Kind::default_value) {
    body.server_default.emplace();
    (away ? body.server_default->from : body.server_default->to) = column.server_default;
  } else {
    body.generated.emplace();
    (away ? body.generated->from : body.generated->to) = column.generated;
  }
  return body;
}

Operation attach_or_detach(const schema::Object& object, bool away) {
  const Name table = schema::parse_name(object.key.parent);
  if (away) return DetachPartition{table, object.key.name, object.definition.declared};
  return AttachPartition{table, object.key.name, object.definition.declared};
}

class Collector {
 public:
  Collector(const Metadata& schema, const Rewriter& rewriter) : dependencies_(schema, rewriter) {}

  const Dependencies& dependencies() const { return dependencies_; }

  void add(const std::vector<Dependent>& dependents) {
    for (const auto& dependent : dependents) add(dependent);
  }
  void add_children(const Name& relation) {
    for (const auto& key : dependencies_.children_of(relation)) add({Dependent::Kind::object, {}, 0, key});
  }

  /// What depends on others stands before them.
  const std::vector<Dependent>& found() const { return found_; }

 private:
  void add(const Dependent& dependent) {
    if (std::find(seen_.begin(), seen_.end(), dependent) != seen_.end()) return;
    seen_.push_back(dependent);
    switch (dependent.kind) {
      case Dependent::Kind::constraint:
        add(dependencies_.of_constraint(dependent.table, dependent.position));
        break;
      case Dependent::Kind::index:
        add(dependencies_.of_index(dependent.table, dependent.position));
        break;
      case Dependent::Kind::object:
        add(dependencies_.of_object(dependent.object));
        if (is_relation(dependent.object.kind)) add_children(dependent.object.name);
        break;
      case Dependent::Kind::default_value:
      case Dependent::Kind::generated:
        break;
    }
    found_.push_back(dependent);
  }

  Dependencies dependencies_;
  std::vector<Dependent> seen_, found_;
};

}  // namespace

Operation take_away(const Dependent& dependent, const Metadata& schema) {
  switch (dependent.kind) {
    case Dependent::Kind::constraint: {
      const Constraint& constraint = schema.tables.at(dependent.table).constraints[dependent.position];
      return DropConstraint{dependent.table, name_of(constraint), constraint};
    }
    case Dependent::Kind::index: {
      const Index& index = schema.tables.at(dependent.table).indexes[dependent.position];
      return DropIndex{dependent.table, index.name, index};
    }
    case Dependent::Kind::object: {
      const auto& object = schema.objects.at(dependent.object);
      if (object.key.kind == "partition") return attach_or_detach(object, true);
      return DropObject{object.key, object};
    }
    case Dependent::Kind::default_value:
    case Dependent::Kind::generated:
      break;
  }
  return alter_computed(dependent, schema, true);
}

Operation give_back(const Dependent& dependent, const Metadata& schema) {
  switch (dependent.kind) {
    case Dependent::Kind::constraint:
      return AddConstraint{dependent.table, schema.tables.at(dependent.table).constraints[dependent.position]};
    case Dependent::Kind::index:
      return CreateIndex{dependent.table, schema.tables.at(dependent.table).indexes[dependent.position]};
    case Dependent::Kind::object: {
      const auto& object = schema.objects.at(dependent.object);
      if (object.key.kind == "partition") return attach_or_detach(object, false);
      return CreateObject{object};
    }
    case Dependent::Kind::default_value:
    case Dependent::Kind::generated:
      break;
  }
  return alter_computed(dependent, schema, false);
}

Freed free_dependents(const Operation& drop, const Metadata& schema, const Rewriter& rewriter) {
  Collector collector(schema, rewriter);
  const Dependencies& dependencies = collector.dependencies();
  std::visit(Overloaded{[&](const DropTable& body) { collector.add(dependencies.of_table(body.table)); },
                        [&](const DropColumn& body) { collector.add(dependencies.of_column(body.table, body.column)); },
                        [&](const DropConstraint& body) {
                          const auto position = find_constraint(schema.tables.at(body.table), body.name, body.definition, {});
                          if (position) collector.add(dependencies.of_constraint(body.table, *position));
                        },
                        [&](const DropIndex& body) {
                          const auto& indexes = schema.tables.at(body.table).indexes;
                          const auto found =
                              std::find_if(indexes.begin(), indexes.end(), [&](const Index& index) { return index.name == body.index; });
                          if (found != indexes.end()) {
                            collector.add(dependencies.of_index(body.table, static_cast<std::size_t>(found - indexes.begin())));
                          }
                        },
                        [&](const DropObject& body) { collector.add(dependencies.of_object(body.object)); }, [](const auto&) {}},
             drop.body);
  Freed freed;
  for (const auto& dependent : collector.found()) freed.before.push_back(take_away(dependent, schema));
  for (auto dependent = collector.found().rbegin(); dependent != collector.found().rend(); ++dependent) {
    freed.after.push_back(give_back(*dependent, schema));
  }
  return freed;
}

}  // namespace aludel::op
