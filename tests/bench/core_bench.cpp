// The engine alone: comparing two equal schemas, whose cost is to grow with their size and no faster.
#include <aludel/diff/compare.hpp>
#include <aludel/schema/schema.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace aludel::schema;

/// Tables of eight columns with a key, a foreign key, a check and two indexes each.
Metadata schema_of(std::int64_t tables) {
  Metadata metadata;
  for (std::int64_t i = 0; i < tables; ++i) {
    const std::string name = "t" + std::to_string(i);
    Table table;
    table.name = {"", name};
    const auto column = [&](const char* text, Type type, bool nullable) {
      Column one;
      one.name = text;
      one.type = std::move(type);
      one.nullable = nullable;
      table.columns.push_back(std::move(one));
    };
    column("id", Type::bigint(), false);
    column("parent_id", Type::bigint(), true);
    column("name", Type::varchar(100), false);
    column("qty", Type::integer(), false);
    column("price", Type::decimal(12, 2), true);
    column("created", Type::string(), false);
    column("note", Type::string(), true);
    column("total", Type::decimal(14, 2), true);
    table.columns[3].server_default = Expression("0");
    PrimaryKey key;
    key.name = "pk_" + name;
    key.columns = {IndexPart("id")};
    table.constraints.emplace_back(std::move(key));
    ForeignKey parent;
    parent.name = "fk_" + name;
    parent.columns = {"parent_id"};
    parent.referenced_table = {"", "t" + std::to_string(i / 2)};
    parent.referenced_columns = {"id"};
    table.constraints.emplace_back(std::move(parent));
    Check check;
    check.name = "ck_" + name;
    check.expression = Expression("qty >= 0");
    table.constraints.emplace_back(std::move(check));
    for (const char* indexed : {"parent_id", "name"}) {
      Index index;
      index.name = "ix_" + name + "_" + indexed;
      index.columns = {IndexPart(indexed)};
      table.indexes.push_back(std::move(index));
    }
    metadata.add(std::move(table));
  }
  return metadata;
}

void compare_equal_schemas(benchmark::State& state) {
  const Metadata a = schema_of(state.range(0));
  const Metadata b = a;
  for (auto _ : state) {
    const auto result = aludel::diff::compare(a, b);
    if (!result.operations.empty()) state.SkipWithError("equal schemas differ");
  }
  state.SetComplexityN(state.range(0));
}
BENCHMARK(compare_equal_schemas)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond)->Complexity(benchmark::oN);

}  // namespace

BENCHMARK_MAIN();
