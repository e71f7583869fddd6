#include "catalog.hpp"

#include <aludel/error.hpp>

namespace aludel::postgresql {

namespace {

constexpr std::string_view comments_text = R"(
SELECT d.classoid, d.objoid, d.objsubid, d.description
  FROM pg_description d
 WHERE d.classoid IN (1247, 1259, 2606, 2615))";

constexpr std::string_view collations_query = R"(
SELECT c.oid, CASE WHEN c.collnamespace = 11 THEN quote_ident(c.collname) ELSE c.oid::regcollation::text END
  FROM pg_collation c
 WHERE c.oid IN ()";

/// The name by its number; `query` gives all there are, and is asked where the number is not among those that are known.
std::string_view named(Catalog& catalog, std::unordered_map<Oid, std::string>& names, Oid oid, std::string_view query) {
  auto found = names.find(oid);
  if (found == names.end()) {
    const CatalogRows rows = catalog.query(std::string(query));
    for (int i = 0; i < rows.size(); ++i) names.try_emplace(rows.oid(i, 0), rows.text(i, 1));
    found = names.find(oid);
    if (found == names.end()) throw Error(ErrorKind::internal, "the catalog names something by " + std::to_string(oid) + ", which is nowhere in it");
  }
  return found->second;
}

}  // namespace

CatalogComments::CatalogComments(CatalogRows rows) : rows_(std::move(rows)) {
  row_of_.reserve(static_cast<std::size_t>(rows_.size()));
  for (int i = 0; i < rows_.size(); ++i) row_of_.emplace(address(rows_.oid(i, 0), rows_.oid(i, 1), rows_.number(i, 2)), i);
}

std::string_view CatalogComments::of(Commented catalog, Oid object, std::int64_t column) const {
  const auto found = row_of_.find(address(catalog, object, column));
  return found == row_of_.end() ? std::string_view() : rows_.text(found->second, 3);
}

std::string comments_query() { return std::string(comments_text); }

void read_comments(Catalog& catalog) { catalog.comments = CatalogComments(catalog.query(comments_query())); }

void Catalog::name_collations(const std::vector<Oid>& wanted) {
  std::string list;
  for (const Oid oid : wanted) {
    if (oid != 0 && collations.try_emplace(oid).second) list += (list.empty() ? "" : ", ") + std::to_string(oid);
  }
  if (list.empty()) return;
  const CatalogRows rows = query(std::string(collations_query) + list + ")");
  for (int i = 0; i < rows.size(); ++i) collations[rows.oid(i, 0)] = rows.text(i, 1);
}

std::string_view Catalog::access_method(Oid oid) { return named(*this, access_methods, oid, "SELECT oid, amname FROM pg_am"); }

std::string_view Catalog::tablespace(Oid oid) { return named(*this, tablespaces, oid, "SELECT oid, spcname FROM pg_tablespace"); }

}  // namespace aludel::postgresql
