#include "render_versions.hpp"

#include "render_text.hpp"

#include <aludel/error.hpp>

#include <fmt/format.h>

namespace aludel::postgresql {
namespace {

/// The versions are those of the release notes (manual, appendix E).
class Refusal {
 public:
  Refusal(const op::Operation& operation, const dialect::Server& server) : operation_(operation), server_(server) {}

  void operator()(const op::CreateTable& create) const { table(create.table); }
  void operator()(const op::AddColumn& add) const { column(add.column); }
  void operator()(const op::AlterColumn& alter) const {
    if (alter.options) compression(alter.options->to);
    if (alter.generated && alter.generated->to) generated(*alter.generated->to);
  }
  void operator()(const op::AddConstraint& add) const { constraint(add.constraint); }
  void operator()(const op::AlterConstraint& alter) const { constraint(alter.to); }
  void operator()(const op::CreateIndex& create) const { index(create.index); }
  void operator()(const op::AlterIndex& alter) const { index(alter.to); }
  void operator()(const op::CreateSequence& create) const { sequence(create.sequence); }
  void operator()(const op::AlterSequence& alter) const { sequence(alter.to); }
  template <class T>
  void operator()(const T&) const {}

 private:
  void needs(int major, std::string_view what) const {
    if (server_.major >= major) return;
    throw Error(ErrorKind::unsupported, fmt::format("{} came with PostgreSQL {}, and the server is {}", what, major, server_.version))
        .with_hint("leave it out, or upgrade the server")
        .at(operation_.location);
  }

  void table(const schema::Table& table) const {
    for (const auto& one : table.columns) column(one);
    for (const auto& one : table.constraints) constraint(one);
    for (const auto& one : table.indexes) index(one);
  }
  void column(const schema::Column& column) const {
    compression(column.options);
    if (column.generated) generated(*column.generated);
  }
  void compression(const schema::Options& options) const {
    if (!text_option(options, "compression").empty()) needs(14, "the compression of a column");
  }
  void generated(const schema::Generated& generated) const {
    if (!generated.stored) needs(18, "a generated column that is not stored");
  }
  void constraint(const schema::Constraint& constraint) const {
    if (const auto* unique = std::get_if<schema::Unique>(&constraint)) {
      if (!unique->nulls_distinct) needs(15, "NULLS NOT DISTINCT");
    } else if (const auto* check = std::get_if<schema::Check>(&constraint)) {
      if (!check->enforced) needs(18, "NOT ENFORCED");
    } else if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) {
      if (!key->on_delete_columns.empty()) needs(15, "ON DELETE of some of a key's columns");
      if (flag(key->options, "not_enforced")) needs(18, "NOT ENFORCED");
    }
  }
  void index(const schema::Index& index) const {
    if (!index.nulls_distinct) needs(15, "NULLS NOT DISTINCT");
  }
  void sequence(const schema::Sequence& sequence) const {
    if (flag(sequence.options, "unlogged")) needs(15, "an unlogged sequence");
  }

  const op::Operation& operation_;
  const dialect::Server& server_;
};

}  // namespace

void refuse_newer(std::span<const op::Operation> operations, const dialect::Server& server) {
  for (const op::Operation& operation : operations) std::visit(Refusal(operation, server), operation.body);
}

}  // namespace aludel::postgresql
