// The floor that `aludel inspect` is measured against on PostgreSQL: five set queries over one session, fetched and not looked at.
#include <libpq-fe.h>

#include <array>
#include <cstdio>

namespace {

constexpr std::array<const char*, 5> queries = {
    R"(SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.reloptions, c.relreplident, c.relrowsecurity, c.relispartition,
              pg_get_partkeydef(c.oid), d.description
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname = 'public')",
    R"(SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
              CASE WHEN a.attcollation <> t.typcollation THEN co.collname END, pg_get_expr(ad.adbin, ad.adrelid), d.description, a.attstorage,
              a.attcompression, a.attstattarget, a.attndims
       FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')
       JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
       JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
       LEFT JOIN pg_collation co ON co.oid = a.attcollation
       LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_class'::regclass
       WHERE a.attnum > 0 AND NOT a.attisdropped)",
    R"(SELECT c.oid, c.conrelid, c.conname, c.contype, c.conkey, c.confrelid, c.confkey, c.confupdtype, c.confdeltype, c.confmatchtype,
              c.condeferrable, c.condeferred, c.convalidated, c.connoinherit, c.conindid, CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END
       FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = 'public')",
    R"(SELECT i.indexrelid, i.indrelid, ic.relname, am.amname, i.indkey::text, i.indnkeyatts, i.indclass::text, i.indcollation::text, i.indoption::text,
              i.indisunique, i.indisprimary, i.indisvalid, ic.reloptions,
              CASE WHEN i.indexprs IS NOT NULL THEN pg_get_expr(i.indexprs, i.indrelid) END,
              CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END
       FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_namespace n ON n.oid = ic.relnamespace AND n.nspname = 'public'
       JOIN pg_am am ON am.oid = ic.relam)",
    R"(SELECT s.seqrelid, s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle, d.refobjid, d.refobjsubid, d.deptype
       FROM pg_sequence s
       LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0 AND d.refclassid = 'pg_class'::regclass
         AND d.deptype IN ('a', 'i'))",
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: bench_raw_postgresql CONNINFO\n", stderr);
    return 2;
  }
  PGconn* connection = PQconnectdb(arguments[1]);
  if (PQstatus(connection) != CONNECTION_OK) {
    std::fputs(PQerrorMessage(connection), stderr);
    return 1;
  }
  PQclear(PQexec(connection, "SET jit = off"));
  long rows = 0, bytes = 0;
  for (const char* query : queries) {
    PGresult* result = PQexec(connection, query);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
      std::fputs(PQerrorMessage(connection), stderr);
      return 1;
    }
    const int height = PQntuples(result), width = PQnfields(result);
    rows += height;
    for (int i = 0; i < height; ++i)
      for (int k = 0; k < width; ++k) bytes += PQgetlength(result, i, k);
    PQclear(result);
  }
  PQfinish(connection);
  std::printf("%ld rows, %ld bytes\n", rows, bytes);
}
