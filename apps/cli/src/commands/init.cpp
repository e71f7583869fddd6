#include <aludel/file/script_directory.hpp>
#include <aludel/file/toml.hpp>
#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

constexpr std::string_view configuration_text = R"(# aludel's configuration; docs/configuration.md explains every key.
script_location = "{scripts}"

[database]
url = {url}{pad}# a path is relative to this file; ${{VAR}} is taken from the environment

[environment]                             # your application's models, built by aludel_add_environment()
library = "build/app_env.so"
build = "cmake --build build --target app_env"   # run before anything reads the models; --no-build skips it
)";

/// As aludel.toml shall say it, which others read and a repository keeps. Throws Error(syntax | usage).
std::string url_for_file(const std::optional<std::string>& given) {
  if (!given) return "sqlite:///app.db";
  const Url url = parse_url(*given);
  if (url.redacted() != url.revealed()) {
    throw Error(ErrorKind::usage, "the password of the URL would stand in aludel.toml")
        .with_hint(
            "leave it out, and put it where the database's client looks for it, or into the environment: url = \"...${DATABASE_PASSWORD}...\"");
  }
  std::string text;
  for (const char c : *given) text.append(c == '$' ? 2 : 1, c);
  return text;
}

constexpr std::string_view environment_text =
    R"(// What your application hands to aludel. Include your models and your database's URL here, from where the application itself has them.
#include <aludel/models.hpp>
#include <aludel/sdk/environment.hpp>

ALUDEL_ENVIRONMENT(env) {
  aludel::Models models;
  // app::declare(models);
  env.target_metadata(models.metadata());

  // env.url(app::database_url());                            // used when neither the command line nor aludel.toml names a database
  // env.function("backfill_slugs", app::backfill_slugs);     // what a revision may `call`
}
)";

constexpr std::string_view cmake_text = R"(# add_subdirectory(migrations) in your project builds the environment as app_env.so.
find_package(aludel REQUIRED)

aludel_add_environment(app_env SOURCES env.cpp)
set_target_properties(app_env PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
# target_link_libraries(app_env PRIVATE the library with your models)
)";

int init(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  const std::filesystem::path scripts = value_or<std::string>(arguments, "directory", "migrations");
  if (scripts.is_absolute()) {
    throw Error(ErrorKind::usage, "init takes a directory below the working directory")
        .with_hint("go to your project and say: aludel init migrations");
  }
  // TOML basic strings and the template alike: keep to names that need no care.
  for (const char c : scripts.string()) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
      throw Error(ErrorKind::usage, fmt::format("{} cannot name a directory here", quoted(scripts.string())));
  }
  const std::filesystem::path here = std::filesystem::current_path();
  if (std::filesystem::exists(here / "aludel.toml")) {
    throw Error(ErrorKind::io, "there is an aludel.toml here already; nothing was written").with_hint("`aludel config` shows what it says");
  }
  const std::string url = file::toml_string(url_for_file(context.globals().url));
  const std::pair<std::filesystem::path, std::string> files[] = {
      {scripts / "env.cpp", std::string(environment_text)},
      {scripts / "CMakeLists.txt", std::string(cmake_text)},
      {"aludel.toml", fmt::format(fmt::runtime(configuration_text), fmt::arg("scripts", scripts.generic_string()), fmt::arg("url", url),
                                  fmt::arg("pad", std::string(url.size() < 34 ? 36 - url.size() : 2, ' ')))},
  };
  std::error_code error;
  std::filesystem::create_directories(here / scripts / "versions", error);
  if (error) throw Error(ErrorKind::io, fmt::format("cannot make {}: {}", (scripts / "versions").string(), error.message()));
  Value::Array written;
  for (const auto& [path, text] : files) {
    if (std::filesystem::exists(here / path)) {  // a hand-made file is worth more than ours
      output.say(fmt::format("kept      {}", path.generic_string()));
      continue;
    }
    file::write_file(here / path, text);
    output.print(fmt::format("wrote     {}", path.generic_string()));
    written.emplace_back(path.generic_string());
  }
  output.print(fmt::format("made      {}/", (scripts / "versions").generic_string()));
  output.print();
  output.print("Next: put your models into " + (scripts / "env.cpp").generic_string() + ", look at aludel.toml, then");
  output.print("  aludel revision --autogenerate -m \"first tables\"");
  output.document(object({{"written", Value(std::move(written))}}));
  return done;
}

void describe_init(options::options_description&, options::options_description& hidden, options::positional_options_description& positional) {
  hidden.add_options()("directory", options::value<std::string>(), "");
  positional.add("directory", 1);
}

}  // namespace

const Command init_command{
    "init",
    "[DIR]",
    "a new project: aludel.toml and a migrations directory",
    "Writes aludel.toml, DIR/env.cpp, DIR/CMakeLists.txt and DIR/versions/ (DIR is \"migrations\" unless said). Files that are there are kept.",
    "aludel init",
    describe_init,
    init};

}  // namespace aludel::cli
