// 500 tables of 15 columns, declared without structs so that compiling them does not take longer than the measurement.
#include <aludel/models.hpp>
#include <aludel/sdk/environment.hpp>

#include <string>

ALUDEL_ENVIRONMENT(env) {
  aludel::Models models;
  for (int i = 0; i < 500; ++i) {
    auto table = models.table("table_" + std::to_string(i));
    table.column("id", "bigint").nullable(false);
    for (int k = 1; k < 15; ++k) table.column("column_" + std::to_string(k), k % 3 == 0 ? "varchar(80)" : k % 3 == 1 ? "integer" : "text");
    table.primary_key({"id"});
    table.index({"column_1"});
  }
  env.target_metadata(models.metadata());
}
