#include "catalog.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace aludel::postgresql {

namespace {

/// Families of which each has a row in pg_depend, on its schema, its table or its wrapper. The numbers of catalogs never change
/// (src/include/catalog/*.h of PostgreSQL).
struct Family {
  Oid catalog;
  bool Census::*found;
};
constexpr std::array<Family, 14> families = {{
    {1255, &Census::routines},     // pg_proc
    {1417, &Census::servers},      // pg_foreign_server
    {2618, &Census::rules},        // pg_rewrite; that of a view is one
    {3256, &Census::policies},     // pg_policy
    {3381, &Census::statistics},   // pg_statistic_ext
    {3456, &Census::collations},   // pg_collation
    {2607, &Census::unsupported},  // pg_conversion
    {2616, &Census::unsupported},  // pg_opclass
    {2617, &Census::unsupported},  // pg_operator
    {2753, &Census::unsupported},  // pg_opfamily
    {3600, &Census::unsupported},  // pg_ts_dict
    {3601, &Census::unsupported},  // pg_ts_parser
    {3602, &Census::unsupported},  // pg_ts_config
    {3764, &Census::unsupported},  // pg_ts_template
}};

/// A catalog costs a session little to ask for its size and ten times that to look into, so that those which a new database has empty are asked for
/// their size; rows that were deleted cost one query more. The others are looked for in pg_depend as far as they must be there.
constexpr std::string_view census_text = R"(
SELECT ARRAY(SELECT c FROM unnest('{{{}}}'::oid[]) c WHERE EXISTS (SELECT FROM pg_depend WHERE classid = c AND objid >= 16384)),
       EXISTS (SELECT FROM pg_extension WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_type WHERE oid >= 16384 AND (typtype IN ('e', 'd', 'r') OR (typtype IN ('b', 'p') AND typelem = 0)
                                                           OR (typtype = 'b' AND typelem <> 0 AND typlen > 0))),
       pg_relation_size('pg_inherits') > 0, EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal), pg_relation_size('pg_event_trigger') > 0,
       pg_relation_size('pg_foreign_data_wrapper') > 0, pg_relation_size('pg_publication') > 0,
       pg_relation_size('pg_transform') > 0, pg_relation_size('pg_seclabel') > 0, EXISTS (SELECT FROM pg_cast WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_language WHERE oid >= 16384), EXISTS (SELECT FROM pg_am WHERE oid >= 16384))";

/// From some hundreds of tables on it pays to read in two sessions, which takes longer to begin. A server in recovery may export no snapshot
/// (manual, 9.27.5).
constexpr std::string_view large_column = ", pg_relation_size('pg_class') >= 500000";
constexpr std::string_view snapshot_columns =
    ", CASE WHEN pg_relation_size('pg_class') >= 500000 AND NOT pg_is_in_recovery() THEN pg_export_snapshot() END"
    ", CASE WHEN pg_relation_size('pg_class') >= 500000 THEN pg_postmaster_start_time() END";

}  // namespace

std::string census_query(bool share) {
  std::string catalogs;
  for (const Family& family : families) catalogs += (catalogs.empty() ? "" : ",") + std::to_string(family.catalog);
  return fmt::format(census_text, catalogs) + std::string(large_column) + std::string(share ? snapshot_columns : "");
}

void take_census(Catalog& catalog, bool share) {
  const CatalogRows rows = catalog.query(census_query(share));
  Census& census = catalog.census;
  const auto there = rows.numbers(0, 0);
  for (const Family& family : families) {
    if (std::ranges::count(there, std::int64_t{family.catalog}) != 0) census.*family.found = true;
  }
  int column = 1;
  for (bool Census::*const found :
       {&Census::extensions, &Census::types, &Census::inheritance, &Census::triggers, &Census::event_triggers, &Census::wrappers,
        &Census::publications, &Census::unsupported, &Census::unsupported, &Census::unsupported, &Census::unsupported, &Census::unsupported}) {
    if (rows.flag(0, column++)) census.*found = true;
  }
  catalog.large = rows.flag(0, column++);
  if (share) catalog.snapshot = {rows.string(0, column), rows.string(0, column + 1)};
}

}  // namespace aludel::postgresql
