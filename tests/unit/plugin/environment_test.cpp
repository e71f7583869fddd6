#include <aludel/environment/environment.hpp>

#include "support.hpp"

using aludel::Environment;
using aludel::Error;
using aludel::ErrorKind;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
namespace schema = aludel::schema;

namespace {

/// Functions get a connection; these never touch it.
aludel::dialect::Connection& no_connection() {
  static std::aligned_storage_t<sizeof(void*) * 4> storage;
  return reinterpret_cast<aludel::dialect::Connection&>(storage);
}

TEST(LoadEnvironment, RunsTheBody) {
  Environment env = aludel::load_environment(fixture("good_env.so"));
  ASSERT_TRUE(env.url());
  EXPECT_EQ(env.url()->path, "hero.db");
  ASSERT_TRUE(env.target_metadata());
  EXPECT_NE(env.target_metadata()->find_table({"", "hero"}), nullptr);
  EXPECT_EQ(env.functions().size(), 2u);
  EXPECT_TRUE(env.has_include_hooks());
  EXPECT_TRUE(env.has_apply_hooks());
  EXPECT_TRUE(env.hooks().on_apply);
}

TEST(LoadEnvironment, ReadsArgumentsAndMayBeLoadedAgain) {
  EXPECT_EQ(aludel::load_environment(fixture("good_env.so"), {"", {{"tenant", "acme"}}}).url()->path, "acme.db");
  EXPECT_EQ(aludel::load_environment(fixture("good_env.so")).url()->path, "hero.db");
}

TEST(LoadEnvironment, FunctionsGetTheirArguments) {
  Environment env = aludel::load_environment(fixture("good_env.so"));
  aludel::Value arguments;
  arguments.set("batch", 1000);
  auto error = error_of([&] { env.functions().at("with_arguments")(no_connection(), arguments); });
  EXPECT_EQ(error->kind(), ErrorKind::constraint) << "an Error stays what it is";
  EXPECT_EQ(error->message(), "batch is 1000");
  EXPECT_THAT(error->contexts(), Contains("in the environment's function 'with_arguments'"));
}

TEST(LoadEnvironment, WhatAFunctionThrowsBecomesAnError) {
  Environment env = aludel::load_environment(fixture("good_env.so"));
  auto error = error_of([&] { env.functions().at("without_arguments")(no_connection(), {}); });
  EXPECT_EQ(error->kind(), ErrorKind::environment);
  EXPECT_EQ(error->message(), "the environment's function 'without_arguments' failed: from the application");
}

TEST(LoadEnvironment, BodyThatThrows) {
  auto error = error_of([] { aludel::load_environment(fixture("throwing_env.so")); });
  EXPECT_EQ(error->kind(), ErrorKind::environment);
  EXPECT_EQ(error->message(), "the environment '" + fixture("throwing_env.so") + "' failed: DATABASE_HOST is not set");

  error = error_of([] { aludel::load_environment(fixture("throwing_env.so"), {"", {{"how", "error"}}}); });
  EXPECT_EQ(error->kind(), ErrorKind::model);
  EXPECT_EQ(error->message(), "table hero has two columns 'age'");
  EXPECT_EQ(error->hint(), "remove one");
  EXPECT_THAT(error->contexts(), Contains(StartsWith("the environment '")));

  error = error_of([] { aludel::load_environment(fixture("throwing_env.so"), {"", {{"how", "number"}}}); });
  EXPECT_THAT(error->message(), HasSubstr("failed: an exception that is no std::exception"));

  error = error_of([] { aludel::load_environment(fixture("throwing_env.so"), {"", {{"how", "url"}}}); });
  EXPECT_EQ(error->kind(), ErrorKind::syntax);
}

TEST(LoadEnvironment, DoesNotExist) {
  auto error = error_of([] { aludel::load_environment("/nowhere/hero_env.so"); });
  EXPECT_EQ(error->kind(), ErrorKind::environment);
  EXPECT_EQ(error->message(), "the environment '/nowhere/hero_env.so' cannot be used: unreadable: it cannot be opened: No such file or directory");
  EXPECT_EQ(error->hint(), "check the path");
}

TEST(LoadEnvironment, ABareNameIsAFileInTheWorkingDirectoryAndNothingElse) {
  auto error = error_of([] { aludel::load_environment("libm.so.6"); });
  EXPECT_THAT(error->message(), HasSubstr((fs::current_path() / "libm.so.6").string()));
}

TEST(LoadEnvironment, UndefinedSymbol) {
  auto error = error_of([] { aludel::load_environment(fixture("undefined_env.so")); });
  EXPECT_THAT(error->message(), HasSubstr("does not load: nothing defines 'hero::metadata()', which it uses"));
  EXPECT_THAT(error->hint(), HasSubstr("link the source file or library that defines it"));
}

TEST(LoadEnvironment, SomethingElse) {
  TemporaryDirectory directory;
  spit(directory / "env.so", "ALUDEL_ENVIRONMENT(env) {}");
  EXPECT_THAT(error_of([&] { aludel::load_environment(directory / "env.so"); })->message(), HasSubstr("not a library: it is no ELF file"));
  copy_fixture("aludel-dialect-notours.so", directory / "env.so");
  auto error = error_of([&] { aludel::load_environment(directory / "env.so"); });
  EXPECT_THAT(error->message(), HasSubstr("no record"));
  EXPECT_THAT(error->hint(), HasSubstr("ALUDEL_ENVIRONMENT"));
  copy_fixture("aludel-dialect-toy.so", directory / "env.so");
  EXPECT_THAT(error_of([&] { aludel::load_environment(directory / "env.so"); })->message(), HasSubstr("wrong kind: it is a dialect plugin"));
}

schema::Table table(const std::string& name, const std::vector<std::string>& columns) {
  schema::Table result;
  result.name.name = name;
  for (const std::string& column : columns) {
    schema::Column each;
    each.name = column;
    result.columns.push_back(each);
  }
  return result;
}

schema::Metadata example() {
  schema::Metadata metadata;
  schema::Table hero = table("hero", {"id", "team_id", "scratch"});
  schema::PrimaryKey key;
  key.columns = {"id"};
  hero.constraints.push_back(key);
  schema::Index index;
  index.name = "ix_scratch";
  index.columns = {"scratch"};
  hero.indexes.push_back(index);
  index.name = "ix_team";
  index.columns = {"team_id"};
  hero.indexes.push_back(index);
  metadata.add(hero);
  metadata.add(table("spatial_ref_sys", {"srid"}));
  schema::Object trigger;
  trigger.key = {"trigger", {"", "touch"}, "spatial_ref_sys", ""};
  metadata.add(trigger);
  schema::Object view;
  view.key = {"view", {"", "heroes"}, "", ""};
  metadata.add(view);
  return metadata;
}

TEST(IncludeHooks, WithoutThemNothingIsLeftOut) { EXPECT_EQ(Environment().filtered(example(), true), example()); }

TEST(IncludeHooks, NamesAreAskedForTheDatabaseOnly) {
  Environment env;
  env.include_name([](std::string_view kind, std::string_view name) { return !(kind == "table" && name == "spatial_ref_sys"); });
  schema::Metadata filtered = env.filtered(example(), true);
  EXPECT_EQ(filtered.find_table({"", "spatial_ref_sys"}), nullptr);
  EXPECT_NE(filtered.find_table({"", "hero"}), nullptr);
  EXPECT_EQ(filtered.objects.size(), 1u) << "a table's triggers go with it";
  EXPECT_EQ(env.filtered(example(), false), example());
}

TEST(IncludeHooks, AColumnTakesItsIndexesWithIt) {
  Environment env;
  env.include_object([](const aludel::SchemaElement& element) { return element.kind != "column" || element.name != "hero.scratch"; });
  for (bool from_database : {true, false}) {
    const schema::Metadata filtered = env.filtered(example(), from_database);
    const schema::Table* hero = filtered.find_table({"", "hero"});
    ASSERT_NE(hero, nullptr);
    EXPECT_EQ(hero->find_column("scratch"), nullptr);
    ASSERT_EQ(hero->indexes.size(), 1u);
    EXPECT_EQ(hero->indexes[0].name, "ix_team");
    EXPECT_EQ(hero->constraints.size(), 1u);
  }
}

TEST(IncludeHooks, TheElementIsShown) {
  Environment env;
  std::vector<std::string> seen;
  env.include_object([&](const aludel::SchemaElement& element) {
    std::string line = std::string(element.kind) + " " + element.name;
    if (element.table != nullptr) line += " table";
    if (element.column != nullptr) line += " column " + element.column->name;
    if (element.index != nullptr) line += " index " + element.index->name;
    if (element.constraint != nullptr) line += " constraint";
    if (element.object != nullptr) line += " object " + element.object->key.name.name;
    if (element.from_database) line += " database";
    seen.push_back(line);
    return true;
  });
  schema::Metadata metadata = example();
  metadata.tables.erase({"", "spatial_ref_sys"});
  metadata.objects.erase(metadata.objects.begin());
  env.filtered(metadata, true);
  EXPECT_THAT(seen, ElementsAre("table hero table database", "column hero.id table column id database",
                                "column hero.team_id table column team_id database", "column hero.scratch table column scratch database",
                                "primary key hero.\"\" table constraint database", "index hero.ix_scratch table index ix_scratch database",
                                "index hero.ix_team table index ix_team database", "view heroes object heroes database"));
}

TEST(IncludeHooks, WhatTheyThrowBecomesAnError) {
  Environment env;
  env.include_name([](std::string_view, std::string_view) -> bool { throw std::runtime_error("no list of tables"); });
  auto error = error_of([&] { env.filtered(example(), true); });
  EXPECT_EQ(error->kind(), ErrorKind::environment);
  EXPECT_EQ(error->message(), "the environment's include_name hook failed: no list of tables");
}

TEST(Hooks, ProcessOperationsMayRewrite) {
  Environment env;
  env.process_operations([](aludel::op::Operations& operations) { operations.clear(); });
  aludel::op::Operations operations{aludel::op::CreateTable{table("hero", {"id"})}};
  env.process(operations);
  EXPECT_TRUE(operations.empty());
  env.process_operations([](aludel::op::Operations&) { throw std::logic_error("cannot"); });
  EXPECT_EQ(error_of([&] { env.process(operations); })->message(), "the environment's process_operations hook failed: cannot");
}

TEST(Hooks, OnApplyRunsAllInOrder) {
  Environment env;
  std::vector<std::string> seen;
  env.on_apply([&](const aludel::migrate::Applied& applied) { seen.push_back("1 " + applied.revision); });
  env.on_apply([&](const aludel::migrate::Applied& applied, aludel::dialect::Connection&) { seen.push_back("2 " + applied.revision); });
  auto hooks = env.hooks();
  aludel::migrate::Applied applied;
  applied.revision = "4f6c";
  hooks.on_apply(applied, no_connection());
  EXPECT_THAT(seen, ElementsAre("1 4f6c", "2 4f6c"));
  EXPECT_FALSE(Environment().hooks().on_apply);
}

TEST(EnvironmentTest, SeveralMetadataMakeOneTarget) {
  Environment env;
  EXPECT_FALSE(env.target_metadata());
  schema::Metadata one, two;
  one.add(table("hero", {"id"}));
  two.add(table("team", {"id"}));
  env.target_metadata(one);
  env.target_metadata(two);
  EXPECT_EQ(env.target_metadata()->tables.size(), 2u);
  EXPECT_EQ(error_of([&] { env.target_metadata(two); })->kind(), ErrorKind::schema);
}

TEST(EnvironmentTest, FunctionNames) {
  Environment env;
  env.function("f", [](aludel::dialect::Connection&) {});
  EXPECT_EQ(error_of([&] { env.function("f", [](aludel::dialect::Connection&, const aludel::Value&) {}); })->message(),
            "two functions are called 'f'");
  EXPECT_EQ(error_of([&] { env.function("", [](aludel::dialect::Connection&) {}); })->message(), "a function without a name");
  EXPECT_EQ(error_of([&] { env.function("g", Environment::Function()); })->message(), "the function 'g' is empty");
}

TEST(EnvironmentTest, ArgumentsAndDatabase) {
  Environment env({"prod", {{"tenant", "acme"}}});
  EXPECT_EQ(env.database(), "prod");
  EXPECT_EQ(env.argument("tenant"), "acme");
  EXPECT_EQ(env.argument("none"), std::nullopt);
}

}  // namespace
