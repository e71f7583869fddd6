#include "canonical_answers.hpp"

#include <aludel/error.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/text.hpp>

#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace aludel::postgresql {

namespace {

std::filesystem::path cache_directory() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return std::filesystem::path(cache) / "aludel/postgresql";
  const char* const home = std::getenv("HOME");
  if (home && *home == '/') return std::filesystem::path(home) / ".cache/aludel/postgresql";
  return {};
}

bool has_canonical(const schema::Boxed<schema::Expression>& expression) { return expression && !expression->canonical.empty(); }

bool has_canonical(const schema::Constraint& constraint) {
  const auto* check = std::get_if<schema::Check>(&constraint);
  const auto* exclude = std::get_if<schema::Exclude>(&constraint);
  return check != nullptr ? !check->expression.canonical.empty() : exclude != nullptr && has_canonical(exclude->where);
}

bool has_canonical(const schema::Index& index) {
  return has_canonical(index.where) ||
         std::any_of(index.columns.begin(), index.columns.end(), [](const auto& part) { return has_canonical(part.expression); });
}

}  // namespace

std::string cache_key(const schema::Metadata& metadata, const dialect::Server& server, std::string_view default_schema) {
  std::string text = "aludel 2 " + server.version + " " + std::to_string(server.major) + "\n" + std::string(default_schema) + "\n";
  for (const auto& operation : op::create_operations(metadata)) text += to_json(op::encode(operation)) + "\n";
  // Operations put constraints in an order of their own and tell nothing of what is canonical already; answers are by position, and of the rest.
  for (const auto& [name, table] : metadata.tables) {
    for (const auto& constraint : table.constraints)
      text += fmt::format("{} {} {}\n", constraint.index(), name_of(constraint), has_canonical(constraint));
    for (const auto& index : table.indexes) text += fmt::format("{} {}\n", index.name, has_canonical(index));
  }
  return sha256(text);
}

std::optional<Answers> cached_answers(const std::string& key) {
  const std::filesystem::path directory = cache_directory();
  if (directory.empty()) return std::nullopt;
  std::ifstream file(directory / (key + ".json"), std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  try {
    const Value value = from_json(text, key);
    if (!value.object()) return std::nullopt;
    Answers answers;
    for (const Member& member : *value.object()) {
      if (member.value.string()) answers.emplace(member.key, *member.value.string());
    }
    return answers;
  } catch (const Error&) {
    return std::nullopt;  // half written, or somebody else's
  }
}

void cache_answers(const std::string& key, const Answers& answers) {
  const std::filesystem::path directory = cache_directory();
  if (directory.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  Value::Object all;
  for (const auto& [place, text] : answers) all.push_back({place, Value(text)});
  // Written beside and renamed: a reader sees all of it or nothing.
  const std::filesystem::path temporary = directory / (key + "." + std::to_string(getpid()));
  {
    std::ofstream file(temporary, std::ios::binary);
    file << to_json(Value(std::move(all)));
    if (!file.flush()) {
      std::filesystem::remove(temporary, ignored);
      return;
    }
  }
  std::filesystem::rename(temporary, directory / (key + ".json"), ignored);
}

}  // namespace aludel::postgresql
