#include "catalog.hpp"
#include "names.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <algorithm>

namespace aludel::postgresql {

namespace {

constexpr std::string_view sequences_text = R"(
SELECT s.seqrelid, s.seqtypid, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle,
       d.refobjid, d.refobjsubid, d.deptype
  FROM pg_sequence s
  LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
   AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))";

/// The three types that there are of sequences (manual, CREATE SEQUENCE), by their numbers in pg_type.dat.
std::string_view type_name(Oid type) { return type == 21 ? "smallint" : type == 23 ? "integer" : "bigint"; }

/// Only what is not the default of its type and direction.
void read_settings(const CatalogRows& rows, int i, schema::Identity& settings) {
  const std::string_view type = type_name(rows.oid(i, 1));
  settings.increment = rows.number(i, 3);
  settings.maximum = rows.number(i, 4);
  settings.minimum = rows.number(i, 5);
  settings.start = rows.number(i, 2);
  settings.cache = rows.number(i, 6);
  settings.cycle = rows.flag(i, 7);
  drop_default_settings(settings, type);
}

}  // namespace

std::string sequences_query(const Catalog&) { return std::string(sequences_text); }

void drop_default_settings(schema::Identity& settings, std::string_view type) {
  const bool ascending = settings.increment.value_or(1) > 0;
  const auto drop = [](std::optional<std::int64_t>& value, std::int64_t usual) {
    if (value == usual) value.reset();
  };
  drop(settings.maximum, ascending ? largest_of(type) : -1);
  drop(settings.minimum, ascending ? 1 : smallest_of(type));
  const std::int64_t first = ascending ? settings.minimum.value_or(1) : settings.maximum.value_or(-1);
  drop(settings.start, first);
  drop(settings.increment, 1);
  drop(settings.cache, 1);
}

void read_sequences(Catalog& catalog) {
  const CatalogRows rows = catalog.query(sequences_query(catalog));
  for (int i = 0; i < rows.size(); ++i) {
    CatalogRelation* own = catalog.relation(rows.oid(i, 0));
    if (!own) continue;
    const CatalogRelation* owner = rows.is_null(i, 8) ? nullptr : catalog.relation(rows.oid(i, 8));
    if (rows.letter(i, 10) == 'i') {
      schema::Column* column = owner ? owner->table_column(rows.number(i, 9)) : nullptr;
      if (!column || !column->identity) continue;
      read_settings(rows, i, *column->identity);
      own->of_identity = true;
      if (own->name.name != object_name(owner->name.name, column->name, "seq")) set_option(column->options, "sequence_name", own->name.name);
      continue;
    }
    schema::Sequence sequence;
    sequence.name = own->name;
    if (const std::string_view type = type_name(rows.oid(i, 1)); type != "bigint") sequence.type = type;
    read_settings(rows, i, sequence.settings);
    sequence.comment = own->comment;
    if (own->unlogged) set_option(sequence.options, "unlogged", true);
    if (owner) {
      std::vector<std::string> parts = {owner->name.name, owner->column(rows.number(i, 9))};
      if (!owner->name.schema.empty()) parts.insert(parts.begin(), owner->name.schema);
      sequence.owned_by = join_name(parts);
      // One made with its unlogged table is unlogged by itself.
      if (owner->table && catalog.version >= 15) {
        const auto& options = owner->table->options;
        const auto ours = options.find("postgresql");
        if (ours != options.end() && ours->second.contains("unlogged")) sequence.options.clear();
      }
    }
    catalog.metadata.sequences.insert_or_assign(sequence.name, std::move(sequence));
  }
}

}  // namespace aludel::postgresql
