#include <aludel/plugin/loader.hpp>

#include "plugin/inspect.hpp"
#include "plugin/record.hpp"
#include "plugin/registry.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace aludel::plugin {
namespace {

namespace fs = std::filesystem;

struct LinkedIn {
  Candidate candidate;
  const dialect::Dialect* dialect;
};

ErrorKind error_kind(Kind kind) { return kind == Kind::dialect ? ErrorKind::plugin : ErrorKind::environment; }

/// "wrong ABI: made for ABI 2 (aludel 0.3.0), this is ABI 1 (aludel 0.1.0)"
std::string reason(const Candidate& candidate) { return fmt::format("{}: {}", to_string(candidate.verdict), candidate.problem); }

bool is_usable(const Candidate& candidate) { return candidate.verdict == Verdict::fine; }

/// Shadowed and misnamed ones have no say in what a name or scheme means; a refused one has.
bool counts(const Candidate& candidate) { return candidate.verdict != Verdict::shadowed && candidate.verdict != Verdict::misnamed; }

bool claims_scheme(const Candidate& candidate, std::string_view scheme) {
  if (!candidate.record) return candidate.name() == scheme;
  return std::find(candidate.record->schemes.begin(), candidate.record->schemes.end(), scheme) != candidate.record->schemes.end();
}

std::vector<fs::path> dialect_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entries(directory, error), end; !error && entries != end; entries.increment(error)) {
    if (name_from_file(entries->path())) files.push_back(entries->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string place_of(const Candidate& candidate) { return candidate.file.empty() ? candidate.origin : quoted(candidate.file.string()); }

/// A name belongs to the first that claims it. A scheme does too, but for the dialect of that name, which goes before the others of its directory;
/// who claims one in vain is only remarked on.
void mark_shadowed(std::vector<Candidate>& candidates) {
  std::map<std::string, std::string> names;
  std::map<std::string, const Candidate*> owners;
  for (Candidate& candidate : candidates) {
    if (!counts(candidate)) continue;
    if (auto [first, is_first] = names.emplace(candidate.name(), place_of(candidate)); !is_first) {
      candidate.verdict = Verdict::shadowed;
      candidate.problem = fmt::format("{} comes earlier in the search path and has the same name", first->second);
      candidate.remedy = "remove one of them";
      continue;
    }
    if (!candidate.record) continue;
    for (const std::string& scheme : candidate.record->schemes) {
      const Candidate*& owner = owners[scheme];
      const bool goes_before = owner != nullptr && candidate.name() == scheme && candidate.file.parent_path() == owner->file.parent_path();
      if (owner == nullptr || goes_before) owner = &candidate;
    }
  }
  for (Candidate& candidate : candidates) {
    if (!is_usable(candidate) || !candidate.record) continue;
    for (const std::string& scheme : candidate.record->schemes) {
      if (owners.at(scheme) == &candidate || !candidate.problem.empty()) continue;
      candidate.problem = fmt::format("{}:// goes to {}", scheme, place_of(*owners.at(scheme)));
    }
  }
}

}  // namespace

struct Loader::State {
  SearchPath path;
  std::vector<LinkedIn> linked_in;

  std::vector<Candidate> scan(Depth depth) const {
    std::vector<Candidate> candidates;
    for (const LinkedIn& dialect : linked_in) candidates.push_back(dialect.candidate);
    for (const SearchDirectory& directory : path) {
      if (!directory.skipped.empty()) continue;
      for (const fs::path& file : dialect_files(directory.directory)) {
        candidates.push_back(inspect_file(file, directory.origin, Kind::dialect, depth));
      }
    }
    mark_shadowed(candidates);
    return candidates;
  }

  /// The first that claims it, looking at no more files than it takes: those of other dialects are megabytes. In each directory the file of that name
  /// goes before the others.
  template <typename Claims>
  std::optional<Candidate> find(std::string_view wanted, const Claims& claims) const {
    std::set<std::string> names;
    const auto takes = [&](const Candidate& candidate) { return counts(candidate) && names.insert(candidate.name()).second && claims(candidate); };
    for (const LinkedIn& dialect : linked_in) {
      if (takes(dialect.candidate)) return dialect.candidate;
    }
    for (const SearchDirectory& directory : path) {
      if (!directory.skipped.empty()) continue;
      std::vector<fs::path> files = dialect_files(directory.directory);
      std::stable_partition(files.begin(), files.end(), [&](const fs::path& file) { return name_from_file(file) == wanted; });
      for (const fs::path& file : files) {
        Candidate candidate = inspect_file(file, directory.origin, Kind::dialect, Depth::file_alone);
        if (takes(candidate)) return candidate;
      }
    }
    return std::nullopt;
  }

  const dialect::Dialect& load(const Candidate& candidate) const {
    for (const LinkedIn& dialect : linked_in) {
      if (candidate.file.empty() && dialect.candidate.name() == candidate.name()) return *dialect.dialect;
    }
    const std::string who = fmt::format("the dialect {} ({})", quoted(candidate.name()), printable(candidate.file.string()));
    if (!is_usable(candidate))
      throw Error(ErrorKind::plugin, fmt::format("{} cannot be used: {}", who, reason(candidate))).with_hint(candidate.remedy);
    Opened opened = open(candidate);
    if (opened.refusal) {
      throw Error(ErrorKind::plugin, fmt::format("{} cannot be used: {}: {}", who, to_string(opened.refusal->verdict), opened.refusal->problem))
          .with_hint(opened.refusal->remedy);
    }
    return dialect_of(*opened.descriptor, who);
  }

  /// What was searched, what was not and why, and what was found there and refused.
  Error unknown(std::string message, const std::vector<Candidate>& candidates) const {
    bool searched = std::any_of(path.begin(), path.end(), [](const SearchDirectory& directory) { return directory.skipped.empty(); });
    Error error(ErrorKind::plugin, std::move(message));
    error.set_hint(searched ? "install the plugin that speaks it, or name its directory with --plugin-path; `aludel plugins` shows what was found"
                            : "there is no directory to search: name the one that holds the plugins with --plugin-path or $ALUDEL_PLUGIN_PATH");
    for (const SearchDirectory& directory : path) {
      const std::string place =
          directory.directory.empty() ? directory.origin : fmt::format("{} ({})", printable(directory.directory.string()), directory.origin);
      error.add_note(directory.skipped.empty() ? "searched " + place : fmt::format("not searched: {}: {}", place, directory.skipped));
    }
    for (const Candidate& candidate : candidates) {
      if (!is_usable(candidate))
        error.add_note(fmt::format("refused {}: {}; {}", printable(candidate.file.string()), reason(candidate), candidate.remedy));
    }
    return error;
  }
};

Loader::Loader() : Loader(plugin::search_path()) {}
Loader::Loader(SearchPath path) : state_(std::make_unique<State>(State{std::move(path), {}})) {}
Loader::~Loader() = default;
Loader::Loader(Loader&&) noexcept = default;
Loader& Loader::operator=(Loader&&) noexcept = default;

void Loader::add(const Descriptor& descriptor) {
  const Record record = descriptor.size < sizeof(Descriptor) ? Record{} : record_of(descriptor);
  const std::string who = fmt::format("the dialect {} that is linked in", quoted(record.name));
  if (descriptor.size < sizeof(Descriptor) || descriptor.create == nullptr) {
    throw Error(ErrorKind::plugin, who + " has an incomplete descriptor").with_hint("make it with aludel::sdk::dialect_descriptor");
  }
  if (auto refusal = check_record(record, Kind::dialect)) {
    throw Error(ErrorKind::plugin, fmt::format("{} cannot be used: {}: {}", who, to_string(refusal->verdict), refusal->problem))
        .with_hint(refusal->remedy);
  }
  for (const LinkedIn& dialect : state_->linked_in) {
    if (dialect.candidate.name() == record.name) throw Error(ErrorKind::plugin, who + " is registered already").with_hint("register it once");
  }
  Candidate candidate{{}, "linked in"};
  candidate.record = record;
  state_->linked_in.push_back({std::move(candidate), &dialect_of(descriptor, who)});
}

const dialect::Dialect& Loader::dialect_for_scheme(std::string_view scheme) const {
  if (const auto found = state_->find(scheme, [&](const Candidate& one) { return claims_scheme(one, scheme); })) return state_->load(*found);
  const std::vector<Candidate> candidates = state_->scan(Depth::file_alone);
  std::vector<std::string> known;
  for (const Candidate& candidate : candidates) {
    if (counts(candidate) && is_usable(candidate)) known.insert(known.end(), candidate.record->schemes.begin(), candidate.record->schemes.end());
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  throw state_->unknown(fmt::format("no dialect for the URL scheme {}{}; {}", quoted(scheme), did_you_mean(scheme, known),
                                    known.empty() ? "no dialect was found at all" : "known: " + join(known, ", ")),
                        candidates);
}

const dialect::Dialect& Loader::dialect(std::string_view name) const {
  if (const auto found = state_->find(name, [&](const Candidate& one) { return one.name() == name; })) return state_->load(*found);
  const std::vector<Candidate> candidates = state_->scan(Depth::file_alone);
  std::vector<std::string> known;
  for (const Candidate& candidate : candidates) {
    if (counts(candidate) && is_usable(candidate)) known.push_back(candidate.name());
  }
  std::sort(known.begin(), known.end());
  throw state_->unknown(fmt::format("no dialect is called {}{}; {}", quoted(name), did_you_mean(name, known),
                                    known.empty() ? "no dialect was found at all" : "known: " + join(known, ", ")),
                        candidates);
}

std::vector<Candidate> Loader::candidates() const { return state_->scan(Depth::with_dependencies); }
const SearchPath& Loader::search_path() const { return state_->path; }

Candidate check(const fs::path& file) {
  Candidate candidate = inspect_file(file, "given by path", std::nullopt, Depth::file_alone);
  if (!is_usable(candidate)) return candidate;
  Opened opened = open(candidate);
  if (opened.refusal) {
    candidate.verdict = opened.refusal->verdict;
    candidate.problem = opened.refusal->problem;
    candidate.remedy = opened.refusal->remedy;
    return candidate;
  }
  if (candidate.record->kind != Kind::dialect) return candidate;
  try {
    dialect_of(*opened.descriptor, fmt::format("the dialect {}", quoted(candidate.name())));
  } catch (const Error& error) {
    candidate.verdict = Verdict::create_failed;
    candidate.problem = error.message();
    candidate.remedy = error.hint().empty() ? "ask the plugin's author" : error.hint();
  }
  return candidate;
}

const Descriptor& open_library(const fs::path& file, Kind kind) {
  std::error_code error;
  const fs::path path = fs::absolute(file, error);
  Candidate candidate = inspect_file(error ? file : path, "", kind, Depth::file_alone);
  std::optional<Refusal> refusal;
  if (!is_usable(candidate)) refusal = Refusal{candidate.verdict, candidate.problem, candidate.remedy};
  if (!refusal) {
    Opened opened = open(candidate);
    if (!opened.refusal) return *opened.descriptor;
    refusal = std::move(opened.refusal);
  }
  throw Error(error_kind(kind), fmt::format("the {} {} cannot be used: {}: {}", to_string(kind), quoted(candidate.file.string()),
                                            to_string(refusal->verdict), refusal->problem))
      .with_hint(refusal->remedy);
}

}  // namespace aludel::plugin
