#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/revision/graph.hpp>

#include "scope.hpp"

namespace aludel::autogenerate {
namespace {

/// Remembers every name an operation brings into being. Nothing is ever forgotten: what was dropped and is there again was made by a revision once.
struct Remember {
  Managed& managed;

  void columns(Managed::Parts& parts, const schema::Table& table) const {
    for (const schema::Column& column : table.columns) parts.columns.insert(column.name);
    for (const schema::Constraint& constraint : table.constraints) parts.constraints.insert(schema::name_of(constraint));
    for (const schema::Index& index : table.indexes) parts.indexes.insert(index.name);
  }

  void operator()(const op::CreateTable& create) const { columns(managed.tables[create.table.name], create.table); }
  void operator()(const op::RenameTable& rename) const {
    const Managed::Parts parts = managed.tables[rename.table];
    managed.tables[{rename.table.schema, rename.to}] = parts;
  }
  void operator()(const op::AlterTable& alter) const {
    if (!alter.schema) return;
    const Managed::Parts parts = managed.tables[alter.table];
    managed.tables[{alter.schema->to, alter.table.name}] = parts;
  }
  void operator()(const op::AddColumn& add) const { managed.tables[add.table].columns.insert(add.column.name); }
  void operator()(const op::RenameColumn& rename) const { managed.tables[rename.table].columns.insert(rename.to); }
  void operator()(const op::AddConstraint& add) const { managed.tables[add.table].constraints.insert(schema::name_of(add.constraint)); }
  void operator()(const op::AlterConstraint& alter) const { managed.tables[alter.table].constraints.insert(schema::name_of(alter.to)); }
  void operator()(const op::RenameConstraint& rename) const { managed.tables[rename.table].constraints.insert(rename.to); }
  void operator()(const op::CreateIndex& create) const { managed.tables[create.table].indexes.insert(create.index.name); }
  void operator()(const op::AlterIndex& alter) const { managed.tables[alter.table].indexes.insert(alter.to.name); }
  void operator()(const op::RenameIndex& rename) const { managed.tables[rename.table].indexes.insert(rename.to); }
  void operator()(const op::CreateEnum& create) const { managed.others.insert(enum_key(create.type.name)); }
  void operator()(const op::CreateSequence& create) const { managed.others.insert(sequence_key(create.sequence.name)); }
  void operator()(const op::CreateSchema& create) const { managed.others.insert(schema_key(create.schema.name)); }
  void operator()(const op::CreateObject& create) const { managed.others.insert(create.object.key.text()); }
  void operator()(const op::ReplaceObject& replace) const { managed.others.insert(replace.to.key.text()); }
  void operator()(const op::RenameObject& rename) const {
    schema::ObjectKey key = rename.object;
    key.name.name = rename.to;
    managed.others.insert(key.text());
  }
  void operator()(const op::Sql& sql) const {
    if (!sql.effect) return;
    for (const op::Operation& operation : *sql.effect) std::visit(*this, operation.body);
  }

  // What makes nothing new.
  void operator()(const op::DropTable&) const {}
  void operator()(const op::DropColumn&) const {}
  void operator()(const op::AlterColumn&) const {}
  void operator()(const op::DropConstraint&) const {}
  void operator()(const op::ValidateConstraint&) const {}
  void operator()(const op::DropIndex&) const {}
  void operator()(const op::AlterEnum&) const {}
  void operator()(const op::DropEnum&) const {}
  void operator()(const op::AlterSequence&) const {}
  void operator()(const op::DropSequence&) const {}
  void operator()(const op::AlterSchema&) const {}
  void operator()(const op::DropSchema&) const {}
  void operator()(const op::DropObject&) const {}
  void operator()(const op::AttachPartition&) const {}
  void operator()(const op::DetachPartition&) const {}
  void operator()(const op::Insert&) const {}
  void operator()(const op::Delete&) const {}
  void operator()(const op::Call&) const {}
  void operator()(const op::Assert&) const {}
  void operator()(const op::Irreversible&) const {}
  void operator()(const op::Custom&) const {}
};

}  // namespace

Managed managed_by(const revision::Store& store) {
  Managed managed;
  const revision::Graph graph(store.revisions());
  for (const std::string& id : graph.topological()) {
    const revision::Content content = store.load(id);
    for (const op::Operation& operation : content.upgrade) std::visit(Remember{managed}, operation.body);
  }
  return managed;
}

}  // namespace aludel::autogenerate
