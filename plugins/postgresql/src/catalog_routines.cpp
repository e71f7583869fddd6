#include "catalog.hpp"
#include "quoting.hpp"

#include <fmt/format.h>

namespace aludel::postgresql {

using schema::Object;

namespace {

constexpr std::string_view routines_query = R"(
SELECT p.oid, p.pronamespace, p.proname, p.prokind,
       CASE WHEN p.prokind = 'a' THEN pg_get_function_identity_arguments(p.oid) ELSE oidvectortypes(p.proargtypes) END,
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, d.description
  FROM pg_proc p
  LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass
 WHERE p.pronamespace IN ({spaces})
   AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i')))";

constexpr std::string_view aggregates_query = R"(
SELECT a.aggfnoid::oid, pg_get_function_arguments(a.aggfnoid), a.aggtransfn::regproc, a.aggtranstype::regtype, a.aggtransspace,
       CASE WHEN a.aggfinalfn <> 0 THEN a.aggfinalfn::regproc END, a.aggfinalextra, a.aggfinalmodify,
       CASE WHEN a.aggcombinefn <> 0 THEN a.aggcombinefn::regproc END, CASE WHEN a.aggserialfn <> 0 THEN a.aggserialfn::regproc END,
       CASE WHEN a.aggdeserialfn <> 0 THEN a.aggdeserialfn::regproc END, a.agginitval,
       CASE WHEN a.aggmtransfn <> 0 THEN a.aggmtransfn::regproc END, CASE WHEN a.aggminvtransfn <> 0 THEN a.aggminvtransfn::regproc END,
       CASE WHEN a.aggmtranstype <> 0 THEN a.aggmtranstype::regtype END, a.aggmtransspace,
       CASE WHEN a.aggmfinalfn <> 0 THEN a.aggmfinalfn::regproc END, a.aggmfinalextra, a.aggmfinalmodify, a.aggminitval,
       CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoper END, a.aggkind, p.proparallel
  FROM pg_aggregate a
  JOIN pg_proc p ON p.oid = a.aggfnoid AND p.pronamespace IN ({spaces}))";

std::string_view modification(char letter) { return letter == 'r' ? "READ_ONLY" : letter == 's' ? "SHAREABLE" : "READ_WRITE"; }

/// As CREATE AGGREGATE has it (manual); what is the default is left out.
std::string aggregate_definition(const CatalogRows& rows, int i) {
  std::string text = "(" + rows.string(i, 1) + ") (\n    SFUNC = " + rows.string(i, 2) + ",\n    STYPE = " + rows.string(i, 3);
  const auto add = [&](std::string_view word, std::string_view value) { text += fmt::format(",\n    {} = {}", word, value); };
  const auto optional = [&](std::string_view word, int column) {
    if (!rows.is_null(i, column)) add(word, rows.text(i, column));
  };
  if (rows.number(i, 4) != 0) add("SSPACE", rows.text(i, 4));
  optional("FINALFUNC", 5);
  if (rows.flag(i, 6)) text += ",\n    FINALFUNC_EXTRA";
  const bool ordinary = rows.letter(i, 21) == 'n';
  if (!rows.is_null(i, 5) && rows.letter(i, 7) != (ordinary ? 'r' : 'w')) add("FINALFUNC_MODIFY", modification(rows.letter(i, 7)));
  optional("COMBINEFUNC", 8);
  optional("SERIALFUNC", 9);
  optional("DESERIALFUNC", 10);
  if (!rows.is_null(i, 11)) add("INITCOND", quote_literal(Value(rows.text(i, 11))));
  optional("MSFUNC", 12);
  optional("MINVFUNC", 13);
  optional("MSTYPE", 14);
  if (rows.number(i, 15) != 0) add("MSSPACE", rows.text(i, 15));
  optional("MFINALFUNC", 16);
  if (rows.flag(i, 17)) text += ",\n    MFINALFUNC_EXTRA";
  if (!rows.is_null(i, 16) && rows.letter(i, 18) != (ordinary ? 'r' : 'w')) add("MFINALFUNC_MODIFY", modification(rows.letter(i, 18)));
  if (!rows.is_null(i, 19)) add("MINITCOND", quote_literal(Value(rows.text(i, 19))));
  if (!rows.is_null(i, 20)) add("SORTOP", "OPERATOR(" + rows.string(i, 20) + ")");
  if (rows.letter(i, 22) != 'u') add("PARALLEL", rows.letter(i, 22) == 's' ? "SAFE" : "RESTRICTED");
  if (rows.letter(i, 21) == 'h') text += ",\n    HYPOTHETICAL";
  return text + "\n)";
}

}  // namespace

void read_routines(Catalog& catalog) {
  if (!catalog.census.routines) return;
  const CatalogRows rows = catalog.query(for_version(catalog, routines_query));
  std::unordered_map<Oid, std::string> aggregates;
  for (int i = 0; i < rows.size(); ++i) {
    if (rows.letter(i, 3) != 'a') continue;
    const CatalogRows all = catalog.query(for_version(catalog, aggregates_query));
    for (int k = 0; k < all.size(); ++k) aggregates[all.oid(k, 0)] = aggregate_definition(all, k);
    break;
  }
  for (int i = 0; i < rows.size(); ++i) {
    const char kind = rows.letter(i, 3);
    Object object{{kind == 'p'   ? "procedure"
                   : kind == 'a' ? "aggregate"
                                 : "function",
                   catalog.name(rows.oid(i, 1), rows.text(i, 2)), "", rows.string(i, 4)},
                  {},
                  {},
                  rows.string(i, 6),
                  {}};
    if (kind == 'a') {
      object.definition = schema::Expression(aggregates[rows.oid(i, 0)]);
    } else {
      // CREATE OR REPLACE FUNCTION schema.name(...)
      object.definition = schema::Expression(std::string(behind_name(rows.text(i, 5), 4)));
    }
    object.definition.canonical = object.definition.declared;
    catalog.add(std::move(object), {CatalogClass::routine, rows.oid(i, 0)}, "pg_proc");
  }
}

}  // namespace aludel::postgresql
