#include <aludel/text.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

Value candidate_document(const plugin::Candidate& candidate) {
  Value document = object({{"name", candidate.name()},
                           {"file", candidate.file.string()},
                           {"origin", candidate.origin},
                           {"verdict", plugin::to_string(candidate.verdict)},
                           {"problem", candidate.problem},
                           {"remedy", candidate.remedy}});
  if (candidate.record) {
    document.set("version", candidate.record->version);
    document.set("schemes", strings(candidate.record->schemes));
    document.set("abi", static_cast<std::int64_t>(candidate.record->abi));
    document.set("toolchain", candidate.record->toolchain);
  }
  return document;
}

void print_candidate(Output& output, const plugin::Candidate& candidate) {
  const bool fine = candidate.verdict == plugin::Verdict::fine;
  std::string line = fmt::format("{}  {}", output.paint(Style::bold, candidate.name()),
                                 output.paint(fine ? Style::green : Style::red, plugin::to_string(candidate.verdict)));
  if (candidate.record) line += fmt::format("  version {}, for {}", candidate.record->version, join(candidate.record->schemes, ", "));
  output.print(line);
  output.print(fmt::format("  {}  ({})", candidate.file.empty() ? "linked in" : Context::relative(candidate.file), candidate.origin));
  if (!candidate.problem.empty()) output.print("  " + candidate.problem);
  if (!candidate.remedy.empty()) output.print("  " + candidate.remedy);
}

int list_plugins(Context& context) {
  Output& output = context.output();
  Value::Array documents;
  for (const plugin::Candidate& candidate : context.loader().candidates()) {
    print_candidate(output, candidate);
    documents.push_back(candidate_document(candidate));
  }
  if (documents.empty()) output.print("no dialects found");
  output.print();
  output.print("searched, in this order:");
  Value::Array searched;
  for (const plugin::SearchDirectory& place : context.loader().search_path()) {
    const std::string where = place.directory.empty() ? place.origin : fmt::format("{}  ({})", place.directory.string(), place.origin);
    output.print(place.skipped.empty() ? "  " + where : fmt::format("  {}: not searched, {}", where, place.skipped));
    searched.push_back(object({{"directory", place.directory.string()}, {"origin", place.origin}, {"skipped", place.skipped}}));
  }
  output.document(object({{"plugins", Value(std::move(documents))}, {"searched", Value(std::move(searched))}}));
  return done;
}

int plugins(Context& context, const Arguments& arguments) {
  const std::vector<std::string> words = list_of(arguments, "words");
  if (words.empty() || (words.size() == 1 && words.front() == "list")) return list_plugins(context);
  if (words.size() != 2 || words.front() != "check") {
    throw Error(ErrorKind::usage, "plugins takes `list` or `check FILE`").with_hint("`aludel help plugins` explains it");
  }
  const plugin::Candidate candidate = plugin::check(words[1]);
  print_candidate(context.output(), candidate);
  context.output().document(object({{"plugin", candidate_document(candidate)}}));
  return candidate.verdict == plugin::Verdict::fine ? done : failed;
}

void describe_plugins(options::options_description&, options::options_description& hidden, options::positional_options_description& positional) {
  hidden.add_options()("words", options::value<std::vector<std::string>>()->composing(), "");
  positional.add("words", -1);
}

int config(Context& context, const Arguments&) {
  Output& output = context.output();
  const file::Configuration& configuration = context.configuration();
  output.print(configuration.file.empty() ? "no aludel.toml here or above: defaults are in force" : Context::relative(configuration.file));
  output.print();
  Listing listing;
  Value::Array documents;
  for (const file::SettingLine& line : configuration.settings) {
    listing.add({line.key, line.value, output.paint(Style::dim, line.origin)});
    documents.push_back(object({{"key", line.key}, {"value", line.value}, {"origin", line.origin}}));
  }
  listing.print(output);
  Value target;
  output.print();
  try {
    if (const auto& where = context.target()) {
      output.print(fmt::format("database: {}  (from {})", where->url.redacted(), where->origin));
      target = object({{"url", where->url.redacted()}, {"origin", where->origin}, {"production", where->production}});
    } else {
      output.print("database: none is named");
    }
  } catch (const Error& error) {  // the rest is worth showing, above all then
    output.print("database: " + error.message());
    target = object({{"error", error.message()}});
  }
  output.document(object({{"file", configuration.file.string()}, {"settings", Value(std::move(documents))}, {"database", std::move(target)}}));
  return done;
}

void describe_nothing(options::options_description&, options::options_description&, options::positional_options_description&) {}

}  // namespace

const Command plugins_command{
    "plugins",
    "[list | check FILE]",
    "the dialects within reach, and what is wrong with those that do not load",
    "Lists every candidate with its verdict, found without loading it, and the directories searched. `check FILE` looks at one library, loads it\n"
    "and says whether it would serve.",
    "aludel plugins\naludel plugins check ./aludel-dialect-oracle.so",
    describe_plugins,
    plugins};

const Command config_command{"config",
                             "",
                             "the configuration in force, and where each value came from",
                             "Prints every key of aludel.toml, set or not, with its origin. Passwords are masked.",
                             "aludel config\naludel --database prod config --json",
                             describe_nothing,
                             config};

}  // namespace aludel::cli
