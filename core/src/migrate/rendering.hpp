#pragma once

#include "task.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/migrate/segment.hpp>
#include <aludel/schema/schema.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aludel::migrate {

/// The schema a run has before its next revision: introspected when first needed, then carried forward.
class KnownSchema {
 public:
  KnownSchema(dialect::Connection& connection, const JournalNames& names) : connection_(&connection), names_(names) {}

  /// From now on on another connection; what is known stays so.
  void use(dialect::Connection& connection) { connection_ = &connection; }

  /// Introspects unless it is known, and hands it over: it is unknown until it is carried forward. A copy would cost as much as the whole rest.
  schema::Metadata take();
  /// Applies operations to it, if it is known.
  void advance(std::span<const op::Operation> operations, const op::ApplyOptions& options, std::optional<std::string> token);
  /// Has somebody else changed the schema since? False where the server cannot tell.
  bool stale();
  void forget() { schema_.reset(); }
  /// What our own statements made of it; `token` was read with them, before they committed.
  void carry(schema::Metadata schema, std::optional<std::string> token);
  /// Introspects afresh without remembering, as inside a transaction after opaque SQL.
  schema::Metadata look() const;

 private:
  dialect::Connection* connection_;
  const JournalNames& names_;
  std::optional<schema::Metadata> schema_;
  std::optional<std::string> token_;  ///< of the schema that is known or was taken last
};

/// What undoes one statement.
struct StatementInverse {
  op::Operations of_effect;  ///< what a probe compares with
  op::Operations undo;       ///< what a run undoes it with: an operation's own undo, where it has one
  bool known = true;         ///< false: `undo` cannot be told
  bool probed = false;       ///< false: `of_effect` cannot be told, or there is no effect
};

/// Some of a revision's operations, ready to run.
struct Part {
  std::size_t first = 0;      ///< index of its first operation in the revision
  op::Operations operations;  ///< completed
  op::Operations inverse;
  bool invertible = true;
  schema::Metadata before;
  schema::Metadata after;
  dialect::Script script;
  // Of a revision of several segments only:
  std::vector<Segment> segments;
  std::vector<StatementInverse> inverses;  ///< one for each statement
};

/// Does it name a `from` that has to be compared with the schema as the server spells both?
bool says_what_was(const op::Operation& operation);

/// Renders operations that start from `before`. `carry` is false where nothing needs the schema: it is neither read nor kept. `offline`: there is no
/// server behind the connection that could be asked how it spells things.
Part render_part(const Task& task, std::size_t first, std::size_t count, schema::Metadata before, bool carry, dialect::Connection& connection,
                 const RunOptions& options, bool offline = false);

/// Where a revision must look at the schema anew: the indexes behind an opaque operation that something which needs the schema follows. Starts with
/// 0.
std::vector<std::size_t> part_starts(const op::Operations& operations);

}  // namespace aludel::migrate
