#include <aludel/sdk/environment.hpp>

static void backfill(aludel::dialect::Connection&) {}

ALUDEL_ENVIRONMENT(env) {
  aludel::schema::Table table;
  table.name.name = "hero";
  aludel::schema::Metadata metadata;
  metadata.add(table);
  env.url("sqlite:///consumer.db");
  env.target_metadata(metadata);
  env.function("backfill", backfill);
}
