#pragma once

#include <aludel/export.hpp>
#include <aludel/revision/revision.hpp>

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::revision {

enum class Direction { upgrade, downgrade };

/// One revision to run, and the heads the database has after it.
struct Step {
  std::string revision;
  Direction direction = Direction::upgrade;
  std::vector<std::string> heads_after;  ///< sorted
  bool operator==(const Step&) const = default;
};

/// The directed acyclic graph of revisions. Immutable.
///
/// Building it throws Error(revision) with the file for: two revisions of one id, a parent or dependency that does not exist (with the nearest), a
/// cycle (all its members), a branch label used twice. Cost is linear.
class ALUDEL_API Graph {
 public:
  Graph() = default;
  explicit Graph(std::vector<Revision> revisions);

  bool empty() const { return revisions_.empty(); }
  std::size_t size() const { return revisions_.size(); }
  const Revision* find(std::string_view id) const;
  const Revision& at(std::string_view id) const;  ///< throws Error(revision)
  std::vector<std::string> heads() const;         ///< sorted
  std::vector<std::string> bases() const;         ///< sorted
  const std::vector<std::string>& children(std::string_view id) const;
  /// Every revision, parents before children; the same order every time (by creation time, then id, among equals).
  std::vector<std::string> topological() const;
  /// The revision and all it stands on, dependencies included.
  std::set<std::string> ancestors(std::span<const std::string> ids) const;

  /// What a person typed, as revision ids: `head` (Error when several, naming them and `heads`), `heads`, `base` (none), `current`, a full id, a
  /// unique prefix of at least 4 characters, a branch label, `label@head`, `+N` / `-N` relative to `current`, `rev+N`, `rev-N`, `head-1`. Throws
  /// Error(revision): unknown (nearest), ambiguous (the candidates), too far.
  std::vector<std::string> resolve(std::string_view text, std::span<const std::string> current = {}) const;

  /// Steps from `current` heads up to `targets` and everything they need, parents first. Empty when all is there. Throws Error(revision) when
  /// `current` holds an id that no file has.
  std::vector<Step> upgrade(std::span<const std::string> current, std::span<const std::string> targets) const;
  /// Steps that undo everything that stands on a target (through parents or dependencies), children first, as Alembic does: other branches stay.
  /// Empty targets: down to base. Throws Error(revision) when a target is not among what `current` stands on.
  std::vector<Step> downgrade(std::span<const std::string> current, std::span<const std::string> targets) const;

 private:
  std::map<std::string, Revision, std::less<>> revisions_;
  std::map<std::string, std::vector<std::string>, std::less<>> children_;
};

}  // namespace aludel::revision
