#include "introspector.hpp"

#include "catalog.hpp"
#include "reading_session.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace aludel::postgresql {

namespace {

/// `open` opens a second session on a snapshot of the first; empty where there is none.
using OpenBeside = std::function<std::unique_ptr<dialect::Connection>(const Snapshot& snapshot)>;

void ask_ahead(const Catalog& catalog, const OpenBeside& open) {
  // The large ones are built while they arrive.
  constexpr std::size_t at_a_time = 2'000;
  std::vector<CatalogReader::Ahead> first = {{comments_query()}};
  if (catalog.census.types) first.push_back({types_query(catalog)});
  first.push_back({relations_query(catalog)});
  if (catalog.census.inheritance) first.push_back({inheritance_query(catalog)});
  first.push_back({columns_query(catalog), at_a_time});
  first.push_back({sequences_query(catalog)});
  std::vector<CatalogReader::Ahead> keys = {
      {operator_classes_query(catalog)}, {indexes_query(catalog), at_a_time}, {constraints_query(catalog), at_a_time}};
  if (catalog.shared()) {
    keys.push_back({generated_query(catalog)});
    catalog.reader.beside([open, snapshot = catalog.snapshot] { return open(snapshot); }, keys);
    catalog.reader.ahead(first);
    return;
  }
  first.insert(first.end(), keys.begin(), keys.end());
  if (catalog.large) {
    catalog.reader.ahead(first);
  } else {
    catalog.reader.send(first);
  }
}

void read_catalog(Catalog& catalog, const OpenBeside& open) {
  const bool share = open != nullptr;
  catalog.reader.send({{census_query(share)}, {spaces_query()}});
  take_census(catalog, share);
  if (catalog.census.extensions) read_members(catalog);
  read_spaces(catalog);
  ask_ahead(catalog, open);
  read_comments(catalog);
  add_spaces(catalog);
  read_types(catalog);
  read_relations(catalog);
  read_columns(catalog);
  read_composites(catalog);
  read_sequences(catalog);
  read_keys(catalog);
  read_generated(catalog);
  read_views(catalog);
  read_routines(catalog);
  read_triggers(catalog);
  read_rare_objects(catalog);
  read_dependencies(catalog);
  if (catalog.scope.privileges) read_privileges(catalog);
}

class PostgresqlIntrospector final : public dialect::Introspector {
 public:
  schema::Metadata introspect(dialect::Connection& connection, const dialect::Scope& scope) const override {
    ReadingSession session(connection);
    CatalogReader reader(connection);
    Catalog catalog{reader, scope, connection.server().major, session.default_schema()};
    // What others have begun and not ended is seen by one session alone; and a pooler may have no second one to give.
    auto* const first = dynamic_cast<Connection*>(&connection);
    OpenBeside open;
    if (first && first->reaches_server() && session.owns_transaction()) {
      open = [&](const Snapshot& snapshot) { return open_beside(*first, snapshot, session.default_schema()); };
    }
    read_catalog(catalog, open);
    reader.end();
    session.end();
    return std::move(catalog.metadata);
  }
};

}  // namespace

const dialect::Introspector& introspector() {
  static const PostgresqlIntrospector instance;
  return instance;
}

}  // namespace aludel::postgresql
