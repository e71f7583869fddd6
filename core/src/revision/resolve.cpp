#include <aludel/error.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace aludel::revision {

namespace {

constexpr std::size_t shortest_prefix = 4;

}  // namespace

std::string Graph::summary(const std::string& id) const {
  const auto* revision = find(id);
  return revision == nullptr || revision->message.empty() ? printable(id) : printable(id) + " (" + printable(revision->message, 60) + ")";
}

void Graph::throw_unknown(std::string_view text) const {
  Ids known;
  for (const auto& [id, revision] : revisions_) known.push_back(id);
  for (const auto& [label, id] : labels_) known.push_back(label);
  for (const auto* word : {"head", "heads", "base", "current"}) known.push_back(word);
  throw Error(ErrorKind::revision, "there is no revision " + quoted(text) + did_you_mean(text, known))
      .with_hint(revisions_.empty() ? "there are no revisions yet; `aludel revision -m MESSAGE` writes the first"
                                    : "`aludel history` lists the revisions; an id may be cut to 4 characters");
}

void Graph::throw_ambiguous(std::string message, std::span<const std::string> candidates, std::string hint) const {
  Ids shown;
  for (const auto& id : candidates) shown.push_back(summary(id));
  throw Error(ErrorKind::revision, std::move(message) + ": " + join(shown, ", ")).with_hint(std::move(hint));
}

std::vector<std::string> Graph::one_of(Ids heads, std::string_view what) const {
  if (heads.size() > 1)
    throw_ambiguous("there are " + std::to_string(heads.size()) + " heads" + std::string(what), heads,
                    "name one of them, say 'heads' for all, or join them with a revision that has them all in down_revision");
  return heads;
}

std::vector<std::string> Graph::resolve_token(std::string_view token, std::span<const std::string> current) const {
  if (token.empty() || token == "current") return Ids(current.begin(), current.end());
  if (token == "base") return {};
  if (token == "heads") return heads();
  if (token == "head") return one_of(heads(), "");
  if (find(token) != nullptr) return {std::string(token)};
  if (const auto label = labels_.find(token); label != labels_.end()) return {label->second};

  if (const auto at_sign = token.find('@'); at_sign != std::string_view::npos) {
    const auto branch = resolve_token(token.substr(0, at_sign), current);
    const auto which = token.substr(at_sign + 1);
    if (branch.size() != 1 || (which != "head" && which != "heads"))
      throw Error(ErrorKind::revision, "cannot read " + quoted(token) + " as a revision").with_hint("the form is LABEL@head or LABEL@heads");
    Ids found;
    for (const auto& id : descendants(branch, false))
      if (children(id).empty()) found.push_back(id);
    return which == "heads" ? found : one_of(std::move(found), " of branch " + quoted(token.substr(0, at_sign)));
  }

  if (token.size() >= shortest_prefix) {
    Ids matches;
    for (auto entry = revisions_.lower_bound(token); entry != revisions_.end() && entry->first.compare(0, token.size(), token) == 0; ++entry)
      matches.push_back(entry->first);
    if (matches.size() == 1) return matches;
    if (matches.size() > 1)
      throw_ambiguous("the revision " + quoted(token) + " is ambiguous; these begin so", matches, "type one character more of the one you mean");
  }
  throw_unknown(token);
}

std::vector<std::string> Graph::walk(Ids from, std::string_view text, char direction, std::size_t steps) const {
  if (from.size() > 1)
    throw_ambiguous("cannot count from several revisions in " + quoted(text), from,
                    "name the one to count from, as in REV" + std::string(1, direction) + "1");
  bool at_base = from.empty();
  for (std::size_t taken = 0; taken < steps; ++taken) {
    const auto too_far = [&] {
      return Error(ErrorKind::revision, quoted(text) + " goes too far: there " + (taken == 1 ? "is only " : "are only ") +
                                            counted(taken, "revision") + (direction == '+' ? " above" : " below"))
          .with_hint(direction == '+' ? "say 'head' for the newest" : "say 'base' for none");
    };
    if (direction == '+') {
      const auto next = at_base ? bases() : children(from.front());
      if (next.empty()) throw too_far();
      if (next.size() > 1) throw_ambiguous(quoted(text) + " is ambiguous: the way up parts here", next, "name the revision itself, or LABEL@head");
      from = next;
      at_base = false;
    } else {
      if (at_base) throw too_far();
      if (from.size() > 1) throw_ambiguous(quoted(text) + " is ambiguous: the way down parts below a merge", from, "name the revision itself");
      from = at(from.front()).down_revisions;
      at_base = from.empty();
    }
  }
  return from;
}

std::vector<std::string> Graph::resolve(std::string_view text, std::span<const std::string> current) const {
  const auto sign = text.find_first_of("+-");
  if (text.empty() || sign == std::string_view::npos) {
    if (text.empty()) throw_unknown(text);
    return resolve_token(text, current);
  }
  const auto digits = text.substr(sign + 1);
  std::size_t steps = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), steps);
  if (failure != std::errc() || end != digits.data() + digits.size() || digits.empty())
    throw Error(ErrorKind::revision, "cannot read " + quoted(text) + " as a revision")
        .with_hint("relative forms are +N, -N, REV+N and REV-N, N a number");
  return walk(resolve_token(text.substr(0, sign), current), text, text[sign], steps);
}

std::vector<std::string> Graph::range(std::string_view text, std::span<const std::string> current) const {
  if (text.empty()) return topological();
  const auto colon = text.find(':');
  const std::string_view start = colon == std::string_view::npos ? text : text.substr(0, colon);
  const std::string_view end = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const Ids from = start.empty() ? Ids{} : resolve(start, current);
  const std::set<std::string> wanted = ancestors(resolve(end.empty() ? "heads" : end, current));
  std::set<std::string> below;
  for (const std::string& id : from) below.merge(ancestors(at(id).down_revisions));
  Ids result;
  for (const std::string& id : order_) {
    if (wanted.contains(id) && !below.contains(id)) result.push_back(id);
  }
  return result;
}

}  // namespace aludel::revision
