#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/revision/revision.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Revisions without files, SQLite databases that vanish with the test, operations in few words.
namespace aludel::test {

class MemoryStore final : public revision::Store {
 public:
  MemoryStore() = default;
  explicit MemoryStore(std::vector<revision::Content> contents) : contents_(std::move(contents)) {}

  std::vector<revision::Revision> revisions() const override {
    std::vector<revision::Revision> result;
    for (const auto& content : contents_) result.push_back(content.revision);
    return result;
  }
  revision::Content load(const std::string& id) const override {
    for (const auto& content : contents_)
      if (content.revision.id == id) return content;
    throw Error(ErrorKind::revision, "no revision " + id);
  }
  revision::Content& at(const std::string& id) {
    for (auto& content : contents_)
      if (content.revision.id == id) return content;
    throw Error(ErrorKind::revision, "no revision " + id);
  }
  MemoryStore& add(revision::Content content) {
    contents_.push_back(std::move(content));
    return *this;
  }

 private:
  std::vector<revision::Content> contents_;
};

inline revision::Content make_revision(std::string id, std::vector<std::string> parents, op::Operations upgrade,
                                       std::optional<op::Operations> downgrade = {}) {
  revision::Content content;
  content.revision.message = "make " + id;
  content.revision.file = "versions/" + id + ".toml";
  content.revision.down_revisions = std::move(parents);
  std::uint32_t line = 10;
  for (auto& operation : upgrade) operation.location = Location{content.revision.file, line += 10, 1};
  if (downgrade)
    for (auto& operation : *downgrade) operation.location = Location{content.revision.file, line += 10, 1};
  content.checksum = "sha256:" + sha256(id + to_json(op::encode(std::span<const op::Operation>(upgrade))));
  content.revision.id = std::move(id);
  content.upgrade = std::move(upgrade);
  content.downgrade = std::move(downgrade);
  return content;
}

inline schema::Column column(std::string name, schema::Type type, bool nullable = true) {
  schema::Column result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.nullable = nullable;
  return result;
}

/// A table with a key `id` and these columns.
inline schema::Table table(std::string name, std::vector<schema::Column> columns) {
  schema::Table result;
  result.name.name = std::move(name);
  result.columns.push_back(column("id", schema::Type::bigint(), false));
  for (auto& one : columns) result.columns.push_back(std::move(one));
  schema::PrimaryKey key;
  key.columns = {"id"};
  result.constraints.push_back(key);
  return result;
}

inline op::Operation sql(std::string text, std::optional<std::string> undo = {}, std::optional<op::Operations> effect = op::Operations{}) {
  op::Sql body;
  body.sql["default"] = std::move(text);
  if (undo) body.undo = op::SqlByDialect{{"default", *undo}};
  body.effect = std::move(effect);
  return op::Operation(std::move(body));
}
inline op::Operation opaque_sql(std::string text) { return sql(std::move(text), {}, std::nullopt); }

inline op::Operation add_column(std::string to, schema::Column what) { return op::AddColumn{{"", std::move(to)}, std::move(what), false}; }
inline op::Operation drop_column(std::string from, std::string name) { return op::DropColumn{{"", std::move(from)}, std::move(name), {}, false}; }

/// A directory that goes away with the object.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "aludel-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error(ErrorKind::io, "cannot create a directory for the test");
    path_ = name;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<dialect::Connection> open_sqlite(const std::filesystem::path& file,
                                                        std::chrono::milliseconds lock_wait = std::chrono::seconds(30)) {
  dialect::ConnectOptions options;
  options.lock_wait = lock_wait;
  return sqlite::dialect().connect(parse_url("sqlite:///" + file.string()), options);
}
inline std::unique_ptr<dialect::Connection> open_memory() { return sqlite::dialect().connect(parse_url("sqlite://"), {}); }

/// The rows of a query, one line each, values parted by "|".
inline std::vector<std::string> rows_of(dialect::Connection& connection, const std::string& query) {
  std::vector<std::string> lines;
  for (const auto& row : connection.execute(query).rows) {
    std::string line;
    for (const auto& value : row) line += (line.empty() ? "" : "|") + (value.string() ? *value.string() : to_json(value));
    lines.push_back(line);
  }
  return lines;
}

template <class Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::internal, "nothing was thrown");
}

}  // namespace aludel::test
