#include "canonical_server.hpp"

#include "connection.hpp"
#include "event.hpp"
#include "render.hpp"
#include "scratch.hpp"

#include <aludel/error.hpp>
#include <aludel/mysql/mysql.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace aludel::mysql {

using schema::Metadata;

namespace {

std::vector<std::string> statements_of(const op::Operations& operations, const dialect::Server& server, bool& complete) {
  std::vector<std::string> texts;
  const auto render = [&](std::span<const op::Operation> some, const Metadata& before) {
    for (dialect::Statement& statement : renderer().render(some, before, server, {}).statements) {
      if (!statement.sql.empty() && !statement.expect) texts.push_back(std::move(statement.sql));
    }
  };
  try {
    render(operations, {});
    return texts;
  } catch (const Error&) {
    texts.clear();
  }
  // Something of it is refused, by name: the rest is worth asking.
  complete = false;
  Metadata before;
  for (const op::Operation& operation : operations) {
    try {
      render({&operation, 1}, before);
      op::apply(operation, before, dialect().rewriter());
    } catch (const Error&) {
    }
  }
  return texts;
}

/// A view may read one that comes later: rounds, until one brings nothing more.
bool run_in_rounds(dialect::Connection& connection, std::vector<std::string> statements) {
  for (std::size_t before = statements.size() + 1; !statements.empty() && statements.size() < before;) {
    before = statements.size();
    std::erase_if(statements, [&](const std::string& sql) {
      try {
        connection.execute(sql);
        return true;
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::connection || error.kind() == ErrorKind::interrupted) throw;
        return false;
      }
    });
  }
  return statements.empty();
}

std::filesystem::path cache_directory() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return std::filesystem::path(cache) / "aludel/mysql";
  const char* const home = std::getenv("HOME");
  if (home && *home == '/') return std::filesystem::path(home) / ".cache/aludel/mysql";
  return {};
}

}  // namespace

Asked ask_server(const Metadata& metadata, const Connection& connection) {
  Metadata to_make = metadata;
  std::map<std::string, std::string> statuses;
  for (auto& [key, object] : to_make.objects.writable()) {
    if (key.kind != "event") continue;
    schema::Expression& text = object.definition;
    DisabledEvent disabled = disabled_event(text.canonical.empty() ? text.declared : text.canonical);
    statuses[to_lower(key.name.name)] = std::move(disabled.status);
    text.canonical.clear();
    text.declared = std::move(disabled.text);
  }
  Asked asked;
  asked.complete = true;
  const std::vector<std::string> statements = statements_of(op::create_operations(to_make), connection.server(), asked.complete);
  const auto scratch = make_scratch(const_cast<Connection*>(&connection), nullptr);
  dialect::Connection& there = scratch->connection();
  // Tables that are not asked for are not made, and what their keys say can be read all the same.
  there.execute("SET SESSION foreign_key_checks = 0");
  if (!run_in_rounds(there, statements)) asked.complete = false;
  asked.printed = print_schema(there, {});
  for (Printed& thing : asked.printed.things) {
    if (thing.kind != "event" || !thing.failure.empty()) continue;
    const auto status = statuses.find(to_lower(thing.name));
    if (status != statuses.end()) thing.status = status->second;
  }
  return asked;
}

std::string cache_key(const Metadata& metadata, const Connection& connection) {
  const dialect::Server& server = connection.server();
  std::string text = fmt::format("aludel 1 {}\n", server.version);
  for (const auto& [key, value] : server.settings) text += key + "=" + value + "\n";
  for (const auto& operation : op::create_operations(metadata)) text += to_json(op::encode(operation)) + "\n";
  return sha256(text);
}

std::optional<PrintedSchema> cached_answer(const std::string& key) {
  const std::filesystem::path directory = cache_directory();
  if (directory.empty()) return std::nullopt;
  std::ifstream file(directory / (key + ".json"), std::ios::binary);
  if (!file) return std::nullopt;
  const std::string text(std::istreambuf_iterator<char>(file), {});
  try {
    return printed_from(from_json(text, key));
  } catch (const Error&) {
    return std::nullopt;  // half written, or somebody else's
  }
}

void cache_answer(const std::string& key, const PrintedSchema& printed) {
  const std::filesystem::path directory = cache_directory();
  if (directory.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  // Written beside and renamed: a reader sees all of it or nothing.
  const std::filesystem::path temporary = directory / (key + "." + std::to_string(getpid()));
  {
    std::ofstream file(temporary, std::ios::binary);
    file << to_json(to_value(printed));
    if (!file.flush()) {
      std::filesystem::remove(temporary, ignored);
      return;
    }
  }
  std::filesystem::rename(temporary, directory / (key + ".json"), ignored);
}

}  // namespace aludel::mysql
