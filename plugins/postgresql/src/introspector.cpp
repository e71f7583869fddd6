#include "introspector.hpp"

#include "catalog.hpp"
#include "reading_session.hpp"

#include <algorithm>

namespace aludel::postgresql {

namespace {

void read_catalog(Catalog& catalog) {
  take_census(catalog);
  if (catalog.census.extensions) read_members(catalog);
  read_spaces(catalog);
  // The large ones are built while they arrive.
  constexpr std::size_t at_a_time = 2'000;
  catalog.reader.ahead({{relations_query(catalog)},
                        {inheritance_query(catalog)},
                        {columns_query(catalog), at_a_time},
                        {operator_classes_query(catalog)},
                        {indexes_query(catalog), at_a_time},
                        {constraints_query(catalog), at_a_time},
                        {sequences_query(catalog)}});
  read_types(catalog);
  read_relations(catalog);
  read_columns(catalog);
  read_composites(catalog);
  read_keys(catalog);
  read_sequences(catalog);
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
    read_catalog(catalog);
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
