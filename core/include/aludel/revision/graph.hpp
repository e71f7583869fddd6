#pragma once

#include <aludel/export.hpp>
#include <aludel/revision/revision.hpp>

#include <cstddef>
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
/// cycle (all its members), a branch label used twice, an id or label that could not be typed (`head`, `a-1`, white space). Cost is linear (but for a
/// logarithm).
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

  /// The heads of what `ids` and all they stand on make up: those without an applied child, a revision that another merely depends on included.
  std::vector<std::string> heads_of(const std::set<std::string>& applied) const;

  /// What a person typed, as revision ids: `head` (Error when several, naming them and `heads`), `heads`, `base` (none), `current`, a full id, a
  /// unique prefix of at least 4 characters, a branch label (the revision that bears it), `label@head`, `label@heads`, `+N` / `-N` relative to
  /// `current`, `rev+N`, `rev-N`, `head-1`. Stepping down from a base gives base. Throws Error(revision): unknown (nearest), ambiguous (the
  /// candidates), too far.
  std::vector<std::string> resolve(std::string_view text, std::span<const std::string> current = {}) const;

  /// `A:B`, `:B`, `A:` or one revision, each as for resolve(); both ends and what lies between them, parents first. Empty text: every revision.
  std::vector<std::string> range(std::string_view text, std::span<const std::string> current = {}) const;

  /// Steps from `current` heads up to `targets` and everything they need, parents first. Empty when all is there. Throws Error(revision) when
  /// `current` holds an id that no file has.
  std::vector<Step> upgrade(std::span<const std::string> current, std::span<const std::string> targets) const;
  /// Steps that undo everything that stands on a target (through parents or dependencies), children first, as Alembic does: other branches stay.
  /// Empty targets: down to base. Throws Error(revision) when a target is not among what `current` stands on.
  std::vector<Step> downgrade(std::span<const std::string> current, std::span<const std::string> targets) const;

 private:
  using Ids = std::vector<std::string>;

  void add(Revision revision);
  void link();
  void sort();
  [[noreturn]] void throw_cycle(const std::map<std::string, std::size_t, std::less<>>& waiting) const;
  [[noreturn]] void throw_unknown(std::string_view text) const;
  [[noreturn]] void throw_ambiguous(std::string message, std::span<const std::string> candidates, std::string hint) const;
  std::string summary(const std::string& id) const;
  Ids one_of(Ids heads, std::string_view what) const;
  Ids resolve_token(std::string_view token, std::span<const std::string> current) const;
  Ids walk(Ids from, std::string_view text, char direction, std::size_t steps) const;
  /// The revisions that stand on these, themselves included, through parents or (where asked) dependencies.
  std::set<std::string> descendants(std::span<const std::string> ids, bool dependencies) const;

  std::map<std::string, Revision, std::less<>> revisions_;
  std::map<std::string, Ids, std::less<>> children_;
  std::map<std::string, Ids, std::less<>> dependents_;
  std::map<std::string, std::string, std::less<>> labels_;
  Ids order_;
};

}  // namespace aludel::revision
