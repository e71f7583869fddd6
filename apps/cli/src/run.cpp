#include <aludel/cli/cli.hpp>
#include <aludel/error.hpp>
#include <aludel/text.hpp>
#include <aludel/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "command.hpp"
#include "context.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

constexpr auto option_style =
    options::command_line_style::unix_style & ~options::command_line_style::allow_guessing & ~options::command_line_style::allow_sticky;

options::options_description global_options() {
  options::options_description global;
  // clang-format off
  global.add_options()
      ("config,c", options::value<std::string>()->value_name("FILE"), "the aludel.toml to use (default: found upwards from here)")
      ("database", options::value<std::string>()->value_name("NAME"), "the [databases.NAME] to use")
      ("url", options::value<std::string>()->value_name("URL"), "the database to use")
      ("env", options::value<std::string>()->value_name("LIB"), "the application's environment library")
      ("no-build", "do not run the [environment] build command")
      ("argument,x", options::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"), "an argument for the environment; repeatable")
      ("plugin-path", options::value<std::vector<std::string>>()->composing()->value_name("DIR"), "look for dialects here first; repeatable")
      ("json", "print one JSON document on standard output, and nothing else")
      ("color", options::value<std::string>()->value_name("WHEN"), "auto, always or never")
      ("verbose,v", "say more")
      ("quiet,q", "say nothing but errors and results")
      ("help,h", "explain the command")
      ("version", "print the version");
  // clang-format on
  return global;
}

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command& command) { return command.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// Commands that are documented but come with a later release: refused by name.
bool is_later_command(std::string_view name) {
  static constexpr std::string_view later[] = {"merge", "rebase", "squash"};
  return std::find(std::begin(later), std::end(later), name) != std::end(later);
}

const Command& command_named(std::string_view name) {
  if (const Command* command = find_command(name)) return *command;
  if (is_later_command(name)) {
    throw Error(ErrorKind::unsupported, fmt::format("'{}' is not in this version of aludel; it comes with a later release", name))
        .with_hint("`aludel help` lists the commands that are there");
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  throw Error(ErrorKind::usage, fmt::format("there is no command {}{}", quoted(name), did_you_mean(name, names)))
      .with_hint("`aludel help` lists the commands");
}

void print_options(Output& output, const options::options_description& described) {
  Listing listing;
  for (const auto& option : described.options()) {
    const std::string brief = option->canonical_display_name(options::command_line_style::allow_dash_for_short);
    std::string name = brief.front() == '-' ? fmt::format("{}, --{}", brief, option->long_name()) : "    --" + option->long_name();
    if (option->semantic()->min_tokens() > 0) name += " " + option->format_parameter();
    listing.add({std::move(name), option->description()});
  }
  listing.print(output, "  ");
}

void print_overview(Output& output) {
  output.print("aludel: schema migrations for C++");
  output.print();
  output.print("usage: aludel [global options] COMMAND [options]");
  output.print();
  Listing listing;
  for (const Command& command : commands()) listing.add({std::string(command.name), std::string(command.summary)});
  listing.print(output, "  ");
  output.print();
  output.print("`aludel help COMMAND` explains one of them. Global options go before or after the command:");
  print_options(output, global_options());
  output.print();
  output.print("Exit codes: 0 done, 1 failed and nothing half-done, 2 used wrongly, 3 a check found differences, 4 stopped half-applied,");
  output.print("5 the lock was busy, 6 a guard refused, 130 stopped by Ctrl-C.");
}

void print_help(Output& output, const Command& command) {
  options::options_description shown;
  options::options_description hidden;
  options::positional_options_description positional;
  command.describe(shown, hidden, positional);
  output.print(fmt::format("usage: aludel {} {}", command.name, command.synopsis));
  output.print();
  output.print(command.explanation);
  if (!shown.options().empty()) {
    output.print();
    output.print("Options:");
    print_options(output, shown);
  }
  output.print();
  output.print("Example:");
  for (const std::string& line : split(command.example, '\n')) output.print("  " + line);
  output.print();
  output.print("`aludel help` lists the global options.");
}

/// "-1" and "-2" are positions relative to where the database stands, not options.
bool is_relative(std::string_view token) {
  return token.size() > 1 && token[0] == '-' && std::all_of(token.begin() + 1, token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Where the command's name stands among the tokens: the first that is neither an option nor an option's value.
std::optional<std::size_t> find_command_token(const std::vector<std::string>& tokens, const options::options_description& global) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string& token = tokens[i];
    if (token.empty() || token[0] != '-') return i;
    if (token.find('=') != std::string::npos) continue;
    const auto& all = global.options();
    const bool takes_value = std::any_of(all.begin(), all.end(), [&](const auto& option) {
      const bool named =
          token == "--" + option->long_name() || token == option->canonical_display_name(options::command_line_style::allow_dash_for_short);
      return named && option->semantic()->min_tokens() > 0;
    });
    if (takes_value) ++i;
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const options::error& error, const options::options_description& known, std::string_view command) {
  std::string message = error.what();
  if (const auto* unknown = dynamic_cast<const options::unknown_option*>(&error)) {
    std::vector<std::string> names;
    for (const auto& option : known.options()) names.push_back("--" + option->long_name());
    message = fmt::format("there is no option {}{}", quoted(unknown->get_option_name()), did_you_mean(unknown->get_option_name(), names));
  } else if (dynamic_cast<const options::too_many_positional_options_error*>(&error) != nullptr) {
    message = "there are more arguments than the command takes";
  }
  throw Error(ErrorKind::usage, mask_passwords(message))
      .with_hint(command.empty() ? std::string("`aludel help` explains the options") : fmt::format("`aludel help {}` explains the options", command));
}

Arguments parse(std::vector<std::string> tokens, const options::options_description& known, const options::positional_options_description& positional,
                std::string_view command) {
  Arguments arguments;
  try {
    for (std::string& token : tokens) {
      if (is_relative(token)) token = "--revision=" + token;
    }
    options::store(options::command_line_parser(tokens).options(known).positional(positional).style(option_style).run(), arguments);
    options::notify(arguments);
  } catch (const options::error& error) {
    refuse(error, known, command);
  }
  return arguments;
}

ColorMode color_mode(const Arguments& arguments) {
  const std::string when = text_of(arguments, "color");
  if (when.empty() || when == "auto") return ColorMode::automatic;
  if (when == "always") return ColorMode::always;
  if (when == "never") return ColorMode::never;
  throw Error(ErrorKind::usage, fmt::format("--color takes auto, always or never, not {}", quoted(when)));
}

Globals read_globals(const Arguments& arguments) {
  Globals globals;
  if (has(arguments, "config")) globals.config = text_of(arguments, "config");
  if (has(arguments, "database")) globals.database = text_of(arguments, "database");
  if (has(arguments, "url")) globals.url = text_of(arguments, "url");
  if (has(arguments, "env")) globals.environment = text_of(arguments, "env");
  globals.no_build = has(arguments, "no-build");
  globals.plugin_path = list_of(arguments, "plugin-path");
  for (const std::string& argument : list_of(arguments, "argument")) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorKind::usage, fmt::format("-x takes KEY=VALUE, not {}", quoted(argument)));
    }
    globals.arguments[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  return globals;
}

int dispatch(const std::vector<std::string>& tokens, const Environment* environment, Output& output) {
  const options::options_description global = global_options();
  const auto position = find_command_token(tokens, global);
  if (!position) {
    const Arguments arguments = parse(tokens, global, {}, {});
    output.configure(has(arguments, "json"), color_mode(arguments), 0);
    if (has(arguments, "version")) {
      output.print(fmt::format("aludel {}", version()));
      output.document(Value(Value::Object{Member{"version", Value(version()), {}}}));
      return done;
    }
    print_overview(output);
    return has(arguments, "help") ? done : used_wrongly;
  }
  std::vector<std::string> rest = tokens;
  const std::string name = rest[*position];
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(*position));
  if (name == "help") {
    const auto topic = std::find_if(rest.begin(), rest.end(), [](const std::string& token) { return token.empty() || token[0] != '-'; });
    if (topic == rest.end()) {
      print_overview(output);
    } else {
      print_help(output, command_named(*topic));
    }
    return done;
  }

  const Command& command = command_named(name);
  options::options_description shown;
  options::options_description hidden;
  options::positional_options_description positional;
  command.describe(shown, hidden, positional);
  options::options_description known;
  known.add(global).add(shown).add(hidden);
  const Arguments arguments = parse(std::move(rest), known, positional, command.name);
  output.configure(has(arguments, "json"), color_mode(arguments), has(arguments, "quiet") ? -1 : (has(arguments, "verbose") ? 1 : 0));
  if (has(arguments, "help")) {
    print_help(output, command);
    return done;
  }
  Context context(read_globals(arguments), environment, output);
  return command.run(context, arguments);
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return used_wrongly;
    case ErrorKind::half_applied:
      return stopped_half_applied;
    case ErrorKind::busy:
      return lock_busy;
    case ErrorKind::guard:
      return guard_refused;
    case ErrorKind::interrupted:
      return stopped_by_user;
    case ErrorKind::configuration:
    case ErrorKind::syntax:
    case ErrorKind::model:
    case ErrorKind::schema:
    case ErrorKind::revision:
    case ErrorKind::plugin:
    case ErrorKind::environment:
    case ErrorKind::connection:
    case ErrorKind::database:
    case ErrorKind::constraint:
    case ErrorKind::unsupported:
    case ErrorKind::io:
    case ErrorKind::internal:
      return failed;
  }
  return failed;
}

Value error_document(const Error& error) {
  Value details;
  details.set("kind", Value(to_string(error.kind())));
  details.set("message", Value(error.message()));
  if (!error.hint().empty()) details.set("hint", Value(error.hint()));
  if (error.location().known()) {
    details.set("file", Value(error.location().file));
    details.set("line", Value(static_cast<std::int64_t>(error.location().line)));
    details.set("column", Value(static_cast<std::int64_t>(error.location().column)));
  }
  if (!error.revision().empty()) details.set("revision", Value(error.revision()));
  if (!error.statement().empty()) details.set("statement", Value(error.statement()));
  if (!error.code().empty()) details.set("code", Value(error.code()));
  Value document;
  document.set("error", std::move(details));
  return document;
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Environment* environment, std::ostream& out, std::ostream& err) {
  Output output(out, err);
  // Before the command line is understood, an error must still come as JSON where it was asked for.
  if (std::find(arguments.begin(), arguments.end(), "--json") != arguments.end()) output.configure(true, ColorMode::automatic, 0);
  try {
    const int code = dispatch(arguments, environment, output);
    out.flush();
    return code;
  } catch (const Error& error) {
    output.fail(error);
    output.document(error_document(error));
    return exit_code(error.kind());
  } catch (const std::exception& exception) {
    const Error error = Error(ErrorKind::internal, fmt::format("an error that should not happen: {}", exception.what()))
                            .with_hint("please report it, with the command that led to it");
    output.fail(error);
    output.document(error_document(error));
    return failed;
  }
}

int run(int argc, const char* const* argv, const Environment& environment) {
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), &environment, std::cout, std::cerr);
}

int run(int argc, const char* const* argv) {
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), nullptr, std::cout, std::cerr);
}

}  // namespace aludel::cli
