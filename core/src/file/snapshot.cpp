#include <aludel/file/snapshot.hpp>

#include "file/file_tables.hpp"
#include "file/toml_writer.hpp"
#include "json.hpp"

#include <aludel/file/script_directory.hpp>
#include <aludel/file/toml.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <future>
#include <thread>
#include <utility>

namespace aludel::file {
namespace {

using op::codec::Codec;

/// Puts create operations together without asking in which order they could run: a snapshot says what is there, foreign keys to nothing included.
struct Collect {
  schema::Metadata& metadata;
  const op::Operation& operation;

  schema::Table& table(const schema::Name& name) const {
    if (auto* found = metadata.find_table(name)) return *found;
    throw Error(ErrorKind::schema, fmt::format("table {} is not in the snapshot", quoted(name.text()))).at(operation.location);
  }
  void operator()(const op::CreateTable& create) const { metadata.add(create.table); }
  void operator()(const op::AddConstraint& add) const { table(add.table).constraints.push_back(add.constraint); }
  void operator()(const op::CreateIndex& create) const { table(create.table).indexes.push_back(create.index); }
  void operator()(const op::CreateEnum& create) const { metadata.add(create.type); }
  void operator()(const op::CreateSequence& create) const { metadata.add(create.sequence); }
  void operator()(const op::CreateSchema& create) const { metadata.add(create.schema); }
  void operator()(const op::CreateObject& create) const { metadata.add(create.object); }
  template <class T>
  void operator()(const T&) const {
    throw Error(ErrorKind::syntax, fmt::format("a snapshot holds create operations only, not {}", op::name_of(operation))).at(operation.location);
  }
};

bool is_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return trim(text).starts_with('{');
}

/// The operations as they stand one after another in a snapshot; in JSON what is around them is missing.
std::string encoded(const op::Operations& operations, bool json) {
  if (!json) {
    std::string text;
    for (const op::Operation& operation : operations) text += '\n' + write_operations({&operation, 1});
    return text;
  }
  std::string text;
  for (const op::Operation& operation : operations) {
    if (!text.empty()) text += ",\n    ";
    append_json(text, op::encode(operation), 2, 2);
  }
  return text;
}

}  // namespace

Snapshot read_snapshot(std::string_view text, std::string_view name) {
  const auto document = is_json(text) ? from_json(text, name) : parse_toml(text, name);
  SnapshotFile file;
  Codec<SnapshotFile>::decode({document, name, "a snapshot"}, file);
  Snapshot snapshot{std::move(file.dialect), std::move(file.server_version), {}};
  snapshot.metadata.unsupported = std::move(file.unsupported);
  for (const auto& operation : file.upgrade) {
    try {
      std::visit(Collect{snapshot.metadata, operation}, operation.body);
    } catch (Error& error) {
      error.set_location(operation.location);
      throw;
    }
  }
  return snapshot;
}

Snapshot read_snapshot_file(const std::filesystem::path& path) { return read_snapshot(read_file(path), path.string()); }

void write_snapshot(Snapshot snapshot, SnapshotFormat format, const std::function<void(std::string_view)>& write) {
  const bool json = format == SnapshotFormat::json;
  const Value head = Codec<SnapshotFile>::encode({1, snapshot.dialect, snapshot.server_version, snapshot.metadata.unsupported, {}});
  std::string out;
  if (json) {
    out = to_json(head, 2);
    out.resize(out.size() - 2);  // the closing brace
  } else {
    write_toml_table(out, *head.object(), "");
    write(out);
  }
  bool first = true;
  const auto put = [&](const std::string& text) {
    if (!json) return write(text);
    out += first ? ",\n  \"upgrade\": [\n    " : ",\n    ";
    first = false;
    write(out);
    write(text);
    out.clear();
  };
  // A few operations at a time: as one document a large schema would be there several times over. What one thread writes out, others encode
  // meanwhile.
  constexpr std::size_t at_a_time = 200;
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::deque<std::future<std::string>> coming;
  op::Operations some;
  op::each_create_operation(std::move(snapshot.metadata), [&](op::Operation&& operation) {
    some.push_back(std::move(operation));
    if (some.size() < at_a_time) return;
    if (coming.size() == threads) {
      put(coming.front().get());
      coming.pop_front();
    }
    // Where there is no thread to be had, it is done when it is asked for.
    coming.push_back(
        std::async(std::launch::async | std::launch::deferred, [json, taken = std::exchange(some, {})] { return encoded(taken, json); }));
  });
  for (auto& text : coming) put(text.get());
  if (!some.empty()) put(encoded(some, json));
  if (!json) return;
  if (first) write(out);
  write(first ? "\n}\n" : "\n  ]\n}\n");
}

std::string write_snapshot(const Snapshot& snapshot, SnapshotFormat format) {
  std::string text;
  write_snapshot(snapshot, format, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace aludel::file
