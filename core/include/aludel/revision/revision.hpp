#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Revisions and their graph. Where they come from (files, a binary) is a Store's business.
namespace aludel::revision {

/// A revision's head: all that the graph needs.
struct Revision {
  std::string id;
  std::vector<std::string> down_revisions;  ///< empty: a base; several: a merge
  std::vector<std::string> depends_on;
  std::vector<std::string> branch_labels;
  std::string message;
  std::string created;  ///< RFC 3339, as in the file
  bool transaction = true;
  bool foreign_keys_off = false;
  std::optional<std::chrono::milliseconds> lock_timeout;
  std::optional<std::chrono::milliseconds> statement_timeout;
  std::string file;  ///< for people; empty where there is none

  bool operator==(const Revision&) const = default;
};

/// A revision whole.
struct Content {
  Revision revision;
  op::Operations upgrade;
  std::optional<op::Operations> downgrade;  ///< without it, the inverse of `upgrade`
  /// "sha256:<hex>" of the canonical text: CRLF, BOM, the trailing newline and what data_loss says make no difference.
  std::string checksum;
};

/// Where revisions come from. Implementations are immutable snapshots and thread-safe.
class ALUDEL_API Store {
 public:
  virtual ~Store();
  /// All heads; reads no operation. Throws Error(syntax | revision | io).
  virtual std::vector<Revision> revisions() const = 0;
  /// Throws Error(revision) for an unknown id.
  virtual Content load(const std::string& id) const = 0;
  /// Content::checksum alone, where that is cheaper than reading all of it. Throws as `load` does, but need not find what is wrong with the
  /// operations.
  virtual std::string checksum(const std::string& id) const;
};

/// A new random identifier of 12 hexadecimal digits.
ALUDEL_API std::string new_identifier();

}  // namespace aludel::revision
