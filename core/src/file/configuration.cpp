#include <aludel/file/configuration.hpp>

#include "file/file_tables.hpp"
#include "file/toml_writer.hpp"

#include <aludel/file/script_directory.hpp>
#include <aludel/file/toml.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <cstdlib>

namespace aludel::file {
namespace {

using op::codec::Codec;
using op::codec::Fields;

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// Fills in variables; `used` collects their names.
std::string expand(std::string_view text, const Variables& variables, std::vector<std::string>* used) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto rest = text.substr(i);
    if (rest.starts_with("$$")) {
      result += '$';
      ++i;
      continue;
    }
    if (!rest.starts_with("${")) {
      result += rest[0];
      continue;
    }
    const auto end = rest.find('}');
    const auto inner = rest.substr(2, end == std::string_view::npos ? end : end - 2);
    const auto dash = inner.find(":-");
    const std::string name(inner.substr(0, dash));
    if (end == std::string_view::npos || name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
      throw Error(ErrorKind::configuration, fmt::format("{} names no variable", quoted(rest.substr(0, std::min(end, rest.size() - 1) + 1))))
          .with_hint("write ${NAME} or ${NAME:-default}; $$ is one $");
    }
    if (used) used->push_back(name);
    // As the shell has it: an empty variable counts as unset where there is a default.
    const auto value = variables(name);
    if (dash != std::string_view::npos && (!value || value->empty())) {
      result += inner.substr(dash + 2);
    } else if (value) {
      result += *value;
    } else {
      throw Error(ErrorKind::configuration, fmt::format("the environment variable {} is not set", name))
          .with_hint(fmt::format("set it, or give it a default: ${{{}:-...}}", name));
    }
    i += end;
  }
  return result;
}

/// Variables stand for text in every string but a database's URLs, which are filled in when that database is meant. One that is not set is an error
/// at once, but for the environment's, which most commands never load.
class Expansion {
 public:
  Expansion(const Variables& variables, std::string_view file) : variables_(variables), file_(file) {}

  void run(Value& document) {
    for (auto& member : *document.object()) {
      if (member.key == "database" || member.key == "databases") continue;
      if (member.key != "environment") {
        expand_all(member.value);
        continue;
      }
      try {
        expand_all(member.value);
      } catch (const Error& error) {
        environment_problem_ = error;
      }
    }
  }
  /// Why the [environment] section could not be filled in.
  const std::optional<Error>& environment_problem() const { return environment_problem_; }
  /// The variables that stand in the value at this place.
  std::vector<std::string> used_at(Mark mark) const {
    const auto found = used_.find({mark.line, mark.column});
    return found == used_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  void expand_all(Value& value) {
    if (auto* array = value.array()) {
      for (auto& item : *array) expand_all(item);
    }
    if (auto* object = value.object()) {
      for (auto& member : *object) expand_all(member.value);
    }
    if (const auto* text = value.string()) {
      std::vector<std::string> used;
      try {
        value.data = expand(*text, variables_, &used);
      } catch (Error& error) {
        error.set_location({std::string(file_), value.mark.line, value.mark.column});
        throw;
      }
      if (!used.empty()) used_[{value.mark.line, value.mark.column}] = std::move(used);
    }
  }

  const Variables& variables_;
  std::string_view file_;
  std::optional<Error> environment_problem_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::string>> used_;
};

/// The fourth walk over the tables of keys: what is in force, and where it came from.
class Lister {
 public:
  static constexpr bool reading = false;
  Lister(const Value* node, std::string prefix, const std::string& file, const Expansion& expansion, const Variables& variables,
         std::vector<SettingLine>& lines)
      : node_(node), prefix_(std::move(prefix)), file_(file), expansion_(expansion), variables_(variables), lines_(lines) {}

  template <class M>
  void required(std::string_view key, const M& member, std::string_view) {
    list(std::string(key), member);
  }
  template <class M>
  void optional(std::string_view key, const M& member, std::string_view, const std::type_identity_t<M>& = M()) {
    list(std::string(key), member);
  }

 private:
  const Value* child(const std::string& key) const { return node_ ? node_->find(key) : nullptr; }

  template <class M>
  void list(const std::string& key, const M& member) {
    if constexpr (requires { Fields<M>::name; }) {
      Lister inner(child(key), prefix_ + key + '.', file_, expansion_, variables_, lines_);
      Fields<M>::visit(inner, member);
    } else {
      add(key, inline_toml(op::codec::encode_value(member), key));
    }
  }
  void list(const std::string& key, const std::optional<DatabaseFile>& database) {
    if (database) list(key, *database);
  }
  void list(const std::string& key, const std::map<std::string, DatabaseFile>& databases) {
    Lister inner(child(key), prefix_ + key + '.', file_, expansion_, variables_, lines_);
    for (const auto& [name, database] : databases) inner.list(name, database);
  }
  void list(const std::string& key, const Secret& url) {
    if (url.empty()) return;
    std::vector<std::string> used;
    std::string value = url.reveal(), note;
    try {
      value = expand(value, variables_, &used);
    } catch (const Error& error) {
      note = ": " + error.message();
    }
    if (looks_like_url(value)) {
      try {
        value = parse_url(value).redacted();
      } catch (const Error&) {
        value = mask_passwords(value);
      }
    } else if (!used.empty() && note.empty()) {
      value = "***";  // whatever the variable holds, it is no URL, and perhaps a secret
    }
    add(key, inline_toml(value, key), used, note);
  }

  void add(const std::string& key, std::string value, std::vector<std::string> used = {}, const std::string& note = {}) {
    const auto* node = child(key);
    std::string origin = "default";
    if (node) {
      origin = fmt::format("{}:{}", file_, node->mark.line);
      if (used.empty()) used = variables_in(*node);
      for (const auto& name : used) origin += ", $" + name;
    }
    lines_.push_back({prefix_ + key, std::move(value), origin + note});
  }
  std::vector<std::string> variables_in(const Value& node) const {
    auto used = expansion_.used_at(node.mark);
    if (const auto* array = node.array()) {
      for (const auto& item : *array) {
        for (auto& name : expansion_.used_at(item.mark)) used.push_back(std::move(name));
      }
    }
    return used;
  }

  const Value* node_;
  std::string prefix_;
  const std::string& file_;
  const Expansion& expansion_;
  const Variables& variables_;
  std::vector<SettingLine>& lines_;
};

std::filesystem::path absolute_in(const std::filesystem::path& directory, const std::string& path) {
  return path.empty() ? std::filesystem::path() : (directory / path).lexically_normal();
}

DatabaseSettings database_settings(const std::string& name, const DatabaseFile& file, const std::string& path) {
  return {name,
          file.url,
          file.scratch_url,
          file.production,
          {path, file.url_mark.line, file.url_mark.column},
          {path, file.scratch_url_mark.line, file.scratch_url_mark.column}};
}

Configuration make_configuration(const ConfigurationFile& file, const std::filesystem::path& directory, const std::string& name) {
  Configuration result;
  result.directory = directory;
  result.script_location = (directory / file.script_location).lexically_normal();
  result.file_template = file.file_template;
  for (const auto& path : file.plugin_path) result.plugin_path.push_back(absolute_in(directory, path));
  if (file.database) result.database = database_settings("", *file.database, name);
  for (const auto& [key, database] : file.databases) result.databases.emplace(key, database_settings(key, database, name));
  result.environment = {absolute_in(directory, file.environment.library), file.environment.build, file.environment.hooks, {}};
  result.models_source = file.models.source;
  result.autogenerate = file.autogenerate;
  result.run = file.run;
  return result;
}

Configuration configure(Value document, const std::string& name, const std::filesystem::path& given_directory, const Variables& variables) {
  const auto directory = std::filesystem::absolute(given_directory).lexically_normal();
  try {
    Expansion expansion(variables, name);
    expansion.run(document);
    ConfigurationFile file;
    file.file_template = default_file_template;
    Codec<ConfigurationFile>::decode({document, name, "aludel.toml"}, file);
    auto result = make_configuration(file, directory, name);
    result.environment.problem = expansion.environment_problem();
    Lister lister(&document, "", name, expansion, variables, result.settings);
    Fields<ConfigurationFile>::visit(lister, file);
    return result;
  } catch (Error& error) {
    if (error.kind() == ErrorKind::syntax) error.set_kind(ErrorKind::configuration);
    throw;
  }
}

/// A URL as the configuration has it, its variables filled in.
Url url_of(const Secret& text, const Location& location, const Variables& variables) {
  try {
    return parse_url(expand(text.reveal(), variables, nullptr));
  } catch (Error& error) {
    error.set_location(location);
    throw;
  }
}

void take_section(Target& target, const Configuration& configuration, const DatabaseSettings& section, const Variables& variables) {
  target.database = section.name;
  target.production = section.production;
  if (section.scratch_url.empty()) return;
  target.scratch_url = url_of(section.scratch_url, section.scratch_url_location, variables);
  target.scratch_base_directory = configuration.directory;
}

void take_section_url(Target& target, const Configuration& configuration, const DatabaseSettings& section, const Variables& variables) {
  target.url = url_of(section.url, section.url_location, variables);
  target.base_directory = configuration.directory;
  target.origin = fmt::format("{}:{}", section.url_location.file, section.url_location.line);
  take_section(target, configuration, section, variables);
}

const DatabaseSettings& find_database(const Configuration& configuration, const std::string& name) {
  const auto found = configuration.databases.find(name);
  if (found != configuration.databases.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& entry : configuration.databases) known.push_back(entry.first);
  const auto where = configuration.file.empty() ? "there is no aludel.toml" : fmt::format("{} has none of this name", configuration.file.string());
  throw Error(ErrorKind::usage, fmt::format("unknown database {}: {}{}", quoted(name), where, did_you_mean(name, known)))
      .with_hint(known.empty() ? fmt::format("add a [databases.{}] section with its url", toml_key(name)) : "known databases: " + join(known, ", "));
}

Url locate(Url url, const std::filesystem::path& base, bool file_databases) {
  const bool relative = !url.path.empty() && url.path.front() != '/' && url.path.front() != ':';
  if (file_databases && relative && !base.empty() && url.host.empty()) url.path = (base / url.path).lexically_normal().string();
  return url;
}

}  // namespace

std::optional<std::string> process_variable(std::string_view name) {
  const auto* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::string expand_variables(std::string_view text, const Variables& variables) { return expand(text, variables, nullptr); }

std::optional<std::filesystem::path> find_configuration(const std::filesystem::path& start) {
  auto directory = std::filesystem::absolute(start).lexically_normal();
  for (;;) {
    const auto file = directory / "aludel.toml";
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored)) return file;
    const auto parent = directory.parent_path();
    if (parent == directory) return std::nullopt;
    directory = parent;
  }
}

Configuration parse_configuration(std::string_view text, std::string_view name, const std::filesystem::path& directory, const Variables& variables) {
  return configure(parse_toml(text, name), std::string(name), directory, variables);
}

Configuration read_configuration(const std::filesystem::path& file, const Variables& variables) {
  const auto path = std::filesystem::absolute(file).lexically_normal();
  auto result = parse_configuration(read_file(path), file.string(), path.parent_path(), variables);
  result.file = path;
  return result;
}

Configuration load_configuration(const std::optional<std::filesystem::path>& given, const std::filesystem::path& start, const Variables& variables) {
  if (given) return read_configuration(*given, variables);
  if (const auto found = find_configuration(start)) {
    // Messages name the file as short as they can.
    std::error_code error;
    const auto relative = std::filesystem::relative(*found, std::filesystem::current_path(), error);
    return read_configuration(error || relative.empty() ? *found : relative, variables);
  }
  return configure(Value::Object{}, "", start, variables);
}

std::optional<Target> resolve_target(const Configuration& configuration, const TargetRequest& request, const Variables& variables) {
  Target target;
  if (request.url) {
    target.url = parse_url(*request.url);
    target.origin = "--url";
    if (request.database) take_section(target, configuration, find_database(configuration, *request.database), variables);
    return target;
  }
  if (request.database) {
    take_section_url(target, configuration, find_database(configuration, *request.database), variables);
    return target;
  }
  if (const auto url = variables("ALUDEL_URL"); url && !url->empty()) {
    try {
      target.url = parse_url(*url);
    } catch (Error& error) {
      error.add_context("while reading the environment variable ALUDEL_URL");
      throw;
    }
    target.origin = "$ALUDEL_URL";
    return target;
  }
  if (configuration.database) {
    take_section_url(target, configuration, *configuration.database, variables);
    return target;
  }
  if (request.environment_url) {
    target.url = parse_url(*request.environment_url);
    target.origin = "the environment";
    return target;
  }
  return std::nullopt;
}

Url Target::located(bool file_databases) const { return locate(url, base_directory, file_databases); }

std::optional<Url> Target::located_scratch(bool file_databases) const {
  return scratch_url ? std::optional(locate(*scratch_url, scratch_base_directory, file_databases)) : std::nullopt;
}

}  // namespace aludel::file
