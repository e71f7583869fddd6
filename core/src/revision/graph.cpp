#include <aludel/error.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <queue>
#include <tuple>
#include <utility>

namespace aludel::revision {

namespace {

constexpr std::array<std::string_view, 4> keywords{"head", "heads", "base", "current"};

/// Why this could not be typed as a revision, or nothing.
std::string_view unusable(std::string_view name) {
  if (name.empty()) return "is empty";
  if (std::find(keywords.begin(), keywords.end(), name) != keywords.end()) return "is a word of the command line";
  const auto bad = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f || std::string_view("@+-:,").find(c) != std::string_view::npos;
  };
  if (std::any_of(name.begin(), name.end(), bad)) return "holds white space or one of @ + - : , which stand for something on the command line";
  return {};
}

Location where(const Revision& revision) { return Location{revision.file, 0, 0}; }

std::string in_file(const Revision& revision) { return revision.file.empty() ? std::string("an embedded revision") : printable(revision.file); }

void check_reference(const Revision& revision, const std::string& id, const std::map<std::string, Revision, std::less<>>& known,
                     std::string_view key) {
  if (known.count(id) != 0) return;
  std::vector<std::string> ids;
  for (const auto& [other, unused] : known) ids.push_back(other);
  throw Error(ErrorKind::revision,
              std::string(key) + " of revision " + quoted(revision.id) + " is " + quoted(id) + ", which no revision has" + did_you_mean(id, ids))
      .with_hint("restore the missing file, or correct " + std::string(key))
      .at(where(revision))
      .in_revision(revision.id);
}

void check_twice(const Revision& revision, const std::vector<std::string>& ids, std::string_view key) {
  std::set<std::string> seen;
  for (const auto& id : ids)
    if (!seen.insert(id).second)
      throw Error(ErrorKind::revision, std::string(key) + " of revision " + quoted(revision.id) + " names " + quoted(id) + " twice")
          .with_hint("name it once")
          .at(where(revision))
          .in_revision(revision.id);
}

}  // namespace

Graph::Graph(std::vector<Revision> revisions) {
  for (auto& revision : revisions) add(std::move(revision));
  link();
  sort();
}

void Graph::add(Revision revision) {
  if (const auto why = unusable(revision.id); !why.empty())
    throw Error(ErrorKind::revision, "the revision id " + quoted(revision.id) + " " + std::string(why))
        .with_hint("use letters, digits, underscores and dots, such as " + new_identifier())
        .at(where(revision));
  if (const auto* other = find(revision.id))
    throw Error(ErrorKind::revision, "two revisions have the id " + quoted(revision.id) + ": " + in_file(*other) + " and " + in_file(revision))
        .with_hint("a file was copied or merged twice; give one of them a new id, and its children the new down_revision")
        .at(where(revision))
        .in_revision(revision.id);
  auto id = revision.id;
  revisions_.emplace(std::move(id), std::move(revision));
}

void Graph::link() {
  for (const auto& [id, revision] : revisions_) {
    check_twice(revision, revision.down_revisions, "down_revision");
    check_twice(revision, revision.depends_on, "depends_on");
    for (const auto& parent : revision.down_revisions) {
      check_reference(revision, parent, revisions_, "down_revision");
      children_[parent].push_back(id);
      dependents_[parent].push_back(id);
    }
    for (const auto& dependency : revision.depends_on) {
      check_reference(revision, dependency, revisions_, "depends_on");
      auto& list = dependents_[dependency];
      if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
    }
    for (const auto& label : revision.branch_labels) {
      if (const auto why = unusable(label); !why.empty())
        throw Error(ErrorKind::revision, "the branch label " + quoted(label) + " of revision " + quoted(id) + " " + std::string(why))
            .with_hint("use letters, digits and underscores")
            .at(where(revision))
            .in_revision(id);
      if (revisions_.count(label) != 0)
        throw Error(ErrorKind::revision, "the branch label " + quoted(label) + " of revision " + quoted(id) + " is also the id of a revision")
            .with_hint("choose another label")
            .at(where(revision))
            .in_revision(id);
      const auto [entry, fresh] = labels_.emplace(label, id);
      if (!fresh)
        throw Error(ErrorKind::revision, "the branch label " + quoted(label) + " is used twice: by revision " + quoted(entry->second) + " (" +
                                             in_file(revisions_.at(entry->second)) + ") and by " + quoted(id))
            .with_hint("a label stands once, on the first revision of its branch")
            .at(where(revision))
            .in_revision(id);
    }
  }
}

void Graph::sort() {
  // Kahn's algorithm; among those that are ready the oldest comes first, so that the order is the same every time.
  const auto later = [](const Revision* a, const Revision* b) { return std::tie(a->created, a->id) > std::tie(b->created, b->id); };
  std::priority_queue<const Revision*, std::vector<const Revision*>, decltype(later)> ready(later);
  std::map<std::string, std::size_t, std::less<>> waiting;
  for (const auto& [id, revision] : revisions_) {
    std::set<std::string> needs(revision.down_revisions.begin(), revision.down_revisions.end());
    needs.insert(revision.depends_on.begin(), revision.depends_on.end());
    if (needs.empty())
      ready.push(&revision);
    else
      waiting.emplace(id, needs.size());
  }
  order_.reserve(revisions_.size());
  while (!ready.empty()) {
    const auto* revision = ready.top();
    ready.pop();
    order_.push_back(revision->id);
    const auto dependents = dependents_.find(revision->id);
    if (dependents == dependents_.end()) continue;
    for (const auto& id : dependents->second) {
      const auto entry = waiting.find(id);
      if (--entry->second != 0) continue;
      waiting.erase(entry);
      ready.push(&revisions_.find(id)->second);
    }
  }
  if (!waiting.empty()) throw_cycle(waiting);
}

void Graph::throw_cycle(const std::map<std::string, std::size_t, std::less<>>& waiting) const {
  // Whatever waits has a need that waits: following needs must come back to a revision already seen.
  Ids path{waiting.begin()->first};
  std::map<std::string, std::size_t> seen{{path.front(), 0}};
  for (;;) {
    const auto& revision = revisions_.find(path.back())->second;
    Ids needs = revision.down_revisions;
    needs.insert(needs.end(), revision.depends_on.begin(), revision.depends_on.end());
    const auto next = *std::find_if(needs.begin(), needs.end(), [&](const auto& id) { return waiting.count(id) != 0; });
    const auto [entry, fresh] = seen.emplace(next, path.size());
    if (fresh) {
      path.push_back(next);
      continue;
    }
    path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(entry->second));
    break;
  }
  Ids shown;
  for (const auto& id : path) shown.push_back(printable(id) + " (" + in_file(revisions_.find(id)->second) + ")");
  const auto& first = revisions_.find(path.front())->second;
  throw Error(ErrorKind::revision, "these revisions stand on each other in a cycle: " + join(shown, " -> ") + " -> " + printable(path.front()))
      .with_hint("correct down_revision or depends_on in one of them")
      .at(where(first))
      .in_revision(first.id);
}

const Revision* Graph::find(std::string_view id) const {
  const auto entry = revisions_.find(id);
  return entry == revisions_.end() ? nullptr : &entry->second;
}

const Revision& Graph::at(std::string_view id) const {
  if (const auto* revision = find(id)) return *revision;
  throw_unknown(id);
}

std::vector<std::string> Graph::heads() const {
  Ids result;
  for (const auto& [id, revision] : revisions_)
    if (children_.count(id) == 0) result.push_back(id);
  return result;
}

std::vector<std::string> Graph::bases() const {
  Ids result;
  for (const auto& [id, revision] : revisions_)
    if (revision.down_revisions.empty()) result.push_back(id);
  return result;
}

const std::vector<std::string>& Graph::children(std::string_view id) const {
  static const Ids none;
  const auto entry = children_.find(id);
  return entry == children_.end() ? none : entry->second;
}

std::vector<std::string> Graph::topological() const { return order_; }

std::set<std::string> Graph::ancestors(std::span<const std::string> ids) const {
  std::set<std::string> result;
  std::deque<const Revision*> queue;
  const auto visit = [&](const std::string& id) {
    if (result.insert(id).second) queue.push_back(&at(id));
  };
  for (const auto& id : ids) visit(id);
  while (!queue.empty()) {
    const auto* revision = queue.front();
    queue.pop_front();
    for (const auto& id : revision->down_revisions) visit(id);
    for (const auto& id : revision->depends_on) visit(id);
  }
  return result;
}

std::set<std::string> Graph::descendants(std::span<const std::string> ids, bool dependencies) const {
  std::set<std::string> result(ids.begin(), ids.end());
  std::deque<std::string> queue(ids.begin(), ids.end());
  const auto& edges = dependencies ? dependents_ : children_;
  while (!queue.empty()) {
    const auto next = edges.find(queue.front());
    queue.pop_front();
    if (next == edges.end()) continue;
    for (const auto& id : next->second)
      if (result.insert(id).second) queue.push_back(id);
  }
  return result;
}

std::vector<std::string> Graph::heads_of(const std::set<std::string>& applied) const {
  Ids result;
  for (const auto& id : applied) {
    const auto& next = children(id);
    if (std::none_of(next.begin(), next.end(), [&](const auto& child) { return applied.count(child) != 0; })) result.push_back(id);
  }
  return result;
}

std::vector<Step> Graph::upgrade(std::span<const std::string> current, std::span<const std::string> targets) const {
  const auto applied = ancestors(current);
  const auto needed = ancestors(targets);
  std::set<std::string> heads(current.begin(), current.end());
  std::vector<Step> steps;
  for (const auto& id : order_) {
    if (needed.count(id) == 0 || applied.count(id) != 0) continue;
    for (const auto& parent : revisions_.find(id)->second.down_revisions) heads.erase(parent);
    heads.insert(id);
    steps.push_back(Step{id, Direction::upgrade, Ids(heads.begin(), heads.end())});
  }
  return steps;
}

std::vector<Step> Graph::downgrade(std::span<const std::string> current, std::span<const std::string> targets) const {
  auto applied = ancestors(current);
  for (const auto& target : targets) {
    if (applied.count(at(target).id) != 0) continue;
    throw Error(ErrorKind::revision, "cannot downgrade to revision " + quoted(target) + ": the database is not past it")
        .with_hint(applied.empty() ? "the database is at base: no revision is applied" : "the database stands at " + join(current, ", "))
        .in_revision(target);
  }
  const auto kept = ancestors(targets);
  const auto undone = targets.empty() ? applied : descendants(targets, true);
  std::set<std::string> heads(current.begin(), current.end());
  std::vector<Step> steps;
  for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
    if (applied.count(*id) == 0 || undone.count(*id) == 0 || kept.count(*id) != 0) continue;
    applied.erase(*id);
    heads.erase(*id);
    for (const auto& parent : revisions_.find(*id)->second.down_revisions) {
      const auto& next = children(parent);
      if (std::none_of(next.begin(), next.end(), [&](const auto& child) { return applied.count(child) != 0; })) heads.insert(parent);
    }
    steps.push_back(Step{*id, Direction::downgrade, Ids(heads.begin(), heads.end())});
  }
  return steps;
}

}  // namespace aludel::revision
