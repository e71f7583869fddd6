#include <aludel/file/configuration.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include <stdlib.h>

namespace aludel::file {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

Variables variables(std::map<std::string, std::string> values = {}) {
  return [values = std::move(values)](std::string_view name) {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

Configuration parse(std::string_view text, const Variables& environment = variables()) {
  return parse_configuration(text, "aludel.toml", "/project", environment);
}

template <class F>
Error error_of(F&& run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorKind::internal, ""};
}
Error parse_error(std::string_view text, const Variables& environment = variables()) {
  return error_of([&] { parse(text, environment); });
}

SettingLine setting(const Configuration& configuration, std::string_view key) {
  for (const auto& line : configuration.settings) {
    if (line.key == key) return line;
  }
  ADD_FAILURE() << "no setting " << key;
  return {};
}

constexpr std::string_view example = R"(script_location = "db"
plugin_path = ["plugins", "/opt/dialects"]

[database]
url = "sqlite:///app.db"
[databases.prod]
url = "${DATABASE_URL}"
production = true
[databases.test]
url = "postgresql://me:hunter2@localhost/app_test"
scratch_url = "postgresql://localhost/postgres"

[environment]
library = "build/hero_env.so"
build = "cmake --build ${BUILD:-build}"
hooks = true

[models]
source = "schema.sql"

[autogenerate]
include = ["public.*"]
exclude = ["spatial_ref_sys", "pg_stat_*"]
verify = false
privileges = true

[run]
schema = "ops"
version_table = "v"
journal_table = "j"
lock_wait = "2m"
lock_timeout = "500ms"
statement_timeout = "1h"
online = false
)";

TEST(Configuration, ReadsEveryKey) {
  const auto configuration = parse(example);
  EXPECT_EQ(configuration.script_location, "/project/db");
  EXPECT_EQ(configuration.versions(), "/project/db/versions");
  EXPECT_THAT(configuration.plugin_path, ElementsAre("/project/plugins", "/opt/dialects"));
  EXPECT_EQ(configuration.databases.size(), 2U);
  EXPECT_TRUE(configuration.databases.at("prod").production);
  EXPECT_EQ(configuration.environment.library, "/project/build/hero_env.so");
  EXPECT_EQ(configuration.environment.build, "cmake --build build");
  EXPECT_TRUE(configuration.environment.hooks);
  EXPECT_EQ(configuration.models_source, "schema.sql");
  EXPECT_THAT(configuration.autogenerate.include, ElementsAre("public.*"));
  EXPECT_FALSE(configuration.autogenerate.verify);
  EXPECT_TRUE(configuration.autogenerate.privileges);
  EXPECT_EQ(configuration.run, (RunSettings{"ops", "v", "j", 2min, 500ms, 1h, false}));
}

TEST(Configuration, EverythingHasADefault) {
  const auto configuration = parse("");
  EXPECT_EQ(configuration.script_location, "/project/migrations");
  EXPECT_EQ(configuration.file_template, "{year}{month}{day}T{hour}{minute}_{rev}_{slug}");
  EXPECT_EQ(configuration.models_source, "models:");
  EXPECT_FALSE(configuration.database.has_value());
  EXPECT_TRUE(configuration.environment.library.empty());
  EXPECT_TRUE(configuration.autogenerate.verify);
  EXPECT_EQ(configuration.run, RunSettings());
  EXPECT_EQ(configuration.run.lock_wait, 60s);
}

TEST(Configuration, SaysWhereEachValueComesFrom) {
  const auto configuration = parse(example, variables({{"DATABASE_URL", "postgresql://me:secret@db/prod"}, {"BUILD", "out"}}));
  EXPECT_EQ(setting(configuration, "script_location").origin, "aludel.toml:1");
  EXPECT_EQ(setting(configuration, "script_location").value, "\"db\"");
  EXPECT_EQ(setting(configuration, "file_template").origin, "default");
  EXPECT_EQ(setting(configuration, "run.lock_wait").value, "\"2m\"");
  EXPECT_EQ(setting(configuration, "run.lock_wait").origin, "aludel.toml:31");
  EXPECT_EQ(setting(configuration, "databases.prod.url").value, "\"postgresql://me:***@db/prod\"");
  EXPECT_EQ(setting(configuration, "databases.prod.url").origin, "aludel.toml:7, $DATABASE_URL");
  EXPECT_EQ(setting(configuration, "databases.test.production").origin, "default");
  EXPECT_EQ(setting(configuration, "environment.build").value, "\"cmake --build out\"");
  EXPECT_EQ(setting(configuration, "environment.build").origin, "aludel.toml:15, $BUILD");
  for (const auto& line : configuration.settings) {
    EXPECT_THAT(line.value + line.origin, AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("secret@")))) << line.key;
  }
}

TEST(Configuration, AVariableThatIsNotSetIsSaidAndNoErrorForADatabaseThatNobodyMeant) {
  const auto configuration = parse(example);
  EXPECT_EQ(setting(configuration, "databases.prod.url").value, "\"${DATABASE_URL}\"");
  EXPECT_THAT(setting(configuration, "databases.prod.url").origin, HasSubstr("DATABASE_URL is not set"));
  const auto secret = parse("[database]\nurl = \"${U}\"\n", variables({{"U", "no url but s3cret"}}));
  EXPECT_THAT(setting(secret, "database.url").value, Not(HasSubstr("s3cret")));
}

TEST(Configuration, ErrorsNameThePlaceAndTheNearestKey) {
  const auto unknown = parse_error("scrip_location = \"x\"\n");
  EXPECT_EQ(unknown.kind(), ErrorKind::configuration);
  EXPECT_STREQ(unknown.what(), "aludel.toml:1:1: unknown key 'scrip_location' in aludel.toml (did you mean 'script_location'?)");
  EXPECT_THAT(parse_error("[run]\nlockwait = \"3s\"\n").what(),
              HasSubstr("aludel.toml:2:1: unknown key 'lockwait' in a run section (did you mean 'lock_wait'?)"));
  EXPECT_THAT(parse_error("[databases.x]\nulr = \"a\"\n").what(), HasSubstr("unknown key 'ulr' in a database (did you mean 'url'?)"));
  EXPECT_THAT(parse_error("[databases.x]\n").what(), HasSubstr("aludel.toml:1:1: missing 'url' in a database"));
  EXPECT_THAT(parse_error("[run]\nlock_wait = \"3 s econds\"\n").what(), HasSubstr("aludel.toml:2:13: '3 s econds' is no duration"));
  EXPECT_THAT(parse_error("[run]\nlock_wait = 60\n").what(), HasSubstr("'lock_wait' must be a duration in a string"));
  EXPECT_THAT(parse_error("plugin_path = \"x\"\n").what(), HasSubstr("'plugin_path' must be a list, not a string"));
  EXPECT_THAT(parse_error("run = 3\n").what(), HasSubstr("'run' must be a table"));
  EXPECT_EQ(parse_error("a = = 1\n").kind(), ErrorKind::syntax);
}

TEST(Configuration, VariablesStandInStringsOnly) {
  const auto environment = variables({{"A", "one"}, {"EMPTY", ""}});
  EXPECT_EQ(expand_variables("${A}-${B:-two}-${EMPTY:-three}-${EMPTY}-$A-$$-$${A}", environment), "one-two-three--$A-$-${A}");
  EXPECT_EQ(expand_variables("{rev}", environment), "{rev}");
  EXPECT_EQ(expand_variables("${B:-}", environment), "");
  const auto unset = parse_error("\n[models]\nsource = \"${NOT_SET}\"\n", environment);
  EXPECT_STREQ(unset.what(), "aludel.toml:3:10: the environment variable NOT_SET is not set");
  EXPECT_THAT(unset.hint(), HasSubstr("${NOT_SET:-...}"));
  // Most commands never load the environment: its variables are missed by who does.
  const auto configuration = parse("[environment]\nlibrary = \"${NOT_SET}/x.so\"\n", environment);
  ASSERT_TRUE(configuration.environment.problem);
  EXPECT_STREQ(configuration.environment.problem->what(), "aludel.toml:2:11: the environment variable NOT_SET is not set");
  EXPECT_FALSE(parse("[environment]\nlibrary = \"${A}/x.so\"\n", environment).environment.problem);
  EXPECT_THAT(parse_error("script_location = \"${A\"\n", environment).what(), HasSubstr("'${A' names no variable"));
  EXPECT_THAT(parse_error("script_location = \"${a-b}\"\n", environment).what(), HasSubstr("names no variable"));
  EXPECT_EQ(parse("script_location = \"${A}\"", environment).script_location, "/project/one");
}

TEST(Duration, ReadsAndWrites) {
  for (const auto& [text, value] : std::vector<std::pair<std::string, std::chrono::milliseconds>>{
           {"0", 0ms}, {"500ms", 500ms}, {"3s", 3s}, {"90s", 90s}, {"2m", 2min}, {"1h", 1h}, {"1500ms", 1500ms}}) {
    EXPECT_EQ(parse_duration(text), value);
    EXPECT_EQ(duration_text(value), text);
  }
  EXPECT_EQ(parse_duration(" 3 s "), 3s);
  for (const char* bad : {"", "3", "s", "-3s", "3x", "3s 4s", "1.5s", "99999999999999999999s", "9223372036854775807h"}) {
    EXPECT_THROW(parse_duration(bad), Error) << bad;
  }
}

// Which database

const auto configured = [](const Variables& environment = variables()) { return parse(example, environment); };

TEST(ResolveTarget, FollowsThePrecedence) {
  const auto environment = variables({{"ALUDEL_URL", "sqlite:///env.db"}, {"DATABASE_URL", "sqlite:////prod.db"}});
  TargetRequest request{"sqlite:///given.db", "prod", "sqlite:///own.db"};
  const auto given = resolve_target(configured(), request, environment);
  EXPECT_EQ(given->url.path, "given.db");
  EXPECT_EQ(given->origin, "--url");
  EXPECT_TRUE(given->production);  // --database still says which guards hold
  EXPECT_EQ(given->located(true).path, "given.db");

  request.url.reset();
  const auto named = resolve_target(configured(), request, environment);
  EXPECT_EQ(named->url.path, "/prod.db");
  EXPECT_EQ(named->database, "prod");
  EXPECT_EQ(named->origin, "aludel.toml:7");
  EXPECT_TRUE(named->production);

  request.database.reset();
  const auto variable = resolve_target(configured(), request, environment);
  EXPECT_EQ(variable->url.path, "env.db");
  EXPECT_EQ(variable->origin, "$ALUDEL_URL");
  EXPECT_EQ(variable->located(true).path, "env.db");

  const auto section = resolve_target(configured(), request, variables());
  EXPECT_EQ(section->url.path, "app.db");
  EXPECT_EQ(section->origin, "aludel.toml:5");
  EXPECT_FALSE(section->production);

  const auto own = resolve_target(parse(""), request, variables());
  EXPECT_EQ(own->url.path, "own.db");
  EXPECT_EQ(own->origin, "the environment");

  EXPECT_FALSE(resolve_target(parse(""), {}, variables()).has_value());
}

TEST(ResolveTarget, ARelativeFileCountsFromTheConfiguration) {
  const auto target = resolve_target(configured(), {}, variables());
  EXPECT_EQ(target->located(true).path, "/project/app.db");
  EXPECT_EQ(target->located(false).path, "app.db");  // a database's name is no file's
  const auto memory = resolve_target(parse("[database]\nurl = \"sqlite://\"\nscratch_url = \"sqlite:///s.db\"\n"), {}, variables());
  EXPECT_EQ(memory->located(true).path, "");
  EXPECT_EQ(memory->located_scratch(true)->path, "/project/s.db");
}

TEST(ResolveTarget, Errors) {
  TargetRequest request;
  request.database = "prd";
  const auto unknown = error_of([&] { resolve_target(configured(), request, variables()); });
  EXPECT_EQ(unknown.kind(), ErrorKind::usage);
  EXPECT_THAT(unknown.text(), AllOf(HasSubstr("unknown database 'prd'"), HasSubstr("did you mean 'prod'"), HasSubstr("known databases: prod, test")));
  EXPECT_THAT(error_of([&] { resolve_target(parse(""), request, variables()); }).text(), HasSubstr("[databases.prd]"));

  request.database = "prod";
  const auto unset = error_of([&] { resolve_target(configured(), request, variables()); });
  EXPECT_STREQ(unset.what(), "aludel.toml:7:7: the environment variable DATABASE_URL is not set");

  const auto broken = error_of([&] { resolve_target(configured(), request, variables({{"DATABASE_URL", "post gres://me:hunter2@x"}})); });
  EXPECT_EQ(broken.location().line, 7U);
  EXPECT_THAT(broken.text(), Not(HasSubstr("hunter2")));

  const auto variable = error_of([&] { resolve_target(parse(""), {}, variables({{"ALUDEL_URL", "nonsense"}})); });
  EXPECT_THAT(variable.text(), HasSubstr("ALUDEL_URL"));
}

// Files

class ConfigurationFile : public testing::Test {
 protected:
  ConfigurationFile() {
    auto name = (std::filesystem::temp_directory_path() / "aludel-config-XXXXXX").string();
    directory_ = std::filesystem::canonical(::mkdtemp(name.data()));
  }
  ~ConfigurationFile() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path directory_;
};

TEST_F(ConfigurationFile, IsFoundUpwards) {
  std::filesystem::create_directories(directory_ / "a" / "b");
  std::ofstream(directory_ / "aludel.toml") << "script_location = \"db\"\n";
  EXPECT_EQ(find_configuration(directory_ / "a" / "b"), directory_ / "aludel.toml");
  const auto configuration = load_configuration({}, directory_ / "a" / "b", variables());
  EXPECT_EQ(configuration.file, directory_ / "aludel.toml");
  EXPECT_EQ(configuration.script_location, directory_ / "db");
}

TEST_F(ConfigurationFile, MayBeGivenOrMissing) {
  std::ofstream(directory_ / "other.toml") << "script_location = \"elsewhere\"\n";
  EXPECT_EQ(load_configuration(directory_ / "other.toml", "/", variables()).script_location, directory_ / "elsewhere");
  const auto error = error_of([&] { load_configuration(directory_ / "none.toml", "/", variables()); });
  EXPECT_EQ(error.kind(), ErrorKind::io);
  EXPECT_THAT(error.what(), HasSubstr("none.toml"));
  const auto none = load_configuration({}, directory_, variables());
  EXPECT_TRUE(none.file.empty());
  EXPECT_EQ(none.script_location, directory_ / "migrations");
}

}  // namespace
}  // namespace aludel::file
