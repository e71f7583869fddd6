#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace aludel::file {

/// A schema in a file: `snapshot = 1`, dialect, server_version, and create operations in revision format under [[upgrade]].
struct Snapshot {
  std::string dialect;         ///< may be empty: spellings are neutral
  std::string server_version;  ///< may be empty
  schema::Metadata metadata;
  bool operator==(const Snapshot&) const = default;
};

enum class SnapshotFormat { toml, json };

/// TOML or JSON, told apart by the first character. Canonical spellings are no part of a snapshot, hints (renamed_from, partial, external) are.
/// Throws Error(syntax) with `name`:line:column; Error(schema) for a name that is taken.
ALUDEL_API Snapshot read_snapshot(std::string_view text, std::string_view name = "snapshot");
/// Throws Error(io) too.
ALUDEL_API Snapshot read_snapshot_file(const std::filesystem::path& path);
ALUDEL_API std::string write_snapshot(const Snapshot& snapshot, SnapshotFormat format = SnapshotFormat::toml);
/// The same, handed over piece by piece as it is made.
ALUDEL_API void write_snapshot(Snapshot snapshot, SnapshotFormat format, const std::function<void(std::string_view)>& write);

}  // namespace aludel::file
