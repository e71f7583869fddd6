#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>
#include <aludel/migrate/journal.hpp>
#include <aludel/revision/revision.hpp>
#include <aludel/schema/schema.hpp>

namespace aludel::migrate {

struct CreateAllOptions {
  JournalNames names{};
  /// The heads of this store are stamped, so that a later `upgrade` finds nothing to do. Null: no journal is made.
  const revision::Store* stamp = nullptr;
};

/// Creates everything in `metadata` that the database lacks, in dependency order, in one transaction where the dialect can: for tests and first
/// starts. What is there already is left as it is, whatever it looks like (that is what revisions are for). External tables are not created.
/// Throws Error(database | unsupported | schema).
ALUDEL_API void create_all(dialect::Connection& connection, const schema::Metadata& metadata, const CreateAllOptions& options = {});

/// Drops everything that `metadata` names and nothing else, rows and all, in dependency order, and the journal's tables with it: for tests. Refuses
/// nothing; external tables are kept.
ALUDEL_API void drop_all(dialect::Connection& connection, const schema::Metadata& metadata, const JournalNames& names = {});

}  // namespace aludel::migrate

namespace aludel {
using migrate::create_all;
using migrate::drop_all;
}  // namespace aludel
