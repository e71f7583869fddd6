#include "plugin/inspect.hpp"

#include "plugin/dependencies.hpp"
#include "plugin/elf.hpp"
#include "plugin/ownership.hpp"
#include "plugin/record.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace aludel::plugin {
namespace {

constexpr std::string_view file_prefix = "aludel-dialect-", file_suffix = ".so";

/// A copy called aludel-dialect-toy-old.so must not pass for the toy, whatever else is right or wrong with it.
std::optional<Refusal> check_file_name(const Candidate& candidate) {
  const std::optional<std::string> said = name_from_file(candidate.file);
  if (!said || candidate.record->kind != Kind::dialect || *said == candidate.record->name) return std::nullopt;
  return Refusal{Verdict::misnamed, fmt::format("it holds the dialect {}, but its file name says {}", quoted(candidate.record->name), quoted(*said)),
                 fmt::format("name the file {}{}{}, or remove it", file_prefix, candidate.record->name, file_suffix)};
}

std::optional<Refusal> examine(Candidate& candidate, std::optional<Kind> kind, Depth depth) {
  auto elf = read_elf(candidate.file);
  // What the file is comes before who may write it: "not a library" helps more than "chmod".
  if (auto* refusal = std::get_if<Refusal>(&elf)) return std::move(*refusal);
  const ElfFacts& facts = std::get<ElfFacts>(elf);
  if (facts.records.empty()) {
    return Refusal{Verdict::no_record, "it is a library, but not one made with aludel's SDK",
                   "export the dialect with ALUDEL_DIALECT, the environment with ALUDEL_ENVIRONMENT"};
  }
  if (facts.records.size() > 1) {
    return Refusal{Verdict::no_record, fmt::format("it holds {} aludel records", facts.records.size()),
                   "export one dialect or environment per library"};
  }
  auto parsed = parse_record(facts.records.front());
  if (auto* refusal = std::get_if<Refusal>(&parsed)) return std::move(*refusal);
  candidate.record = std::get<Record>(std::move(parsed));
  candidate.binds_now = facts.binds_now;
  if (auto refusal = check_file_name(candidate)) return refusal;
  if (auto refusal = check_ownership(candidate.file)) return refusal;
  if (auto refusal = check_record(*candidate.record, kind)) return refusal;
  if (!facts.exports_entry_point) {
    return Refusal{Verdict::no_entry_point, fmt::format("it has a record, but does not export {}", entry_point),
                   "build it with aludel_add_plugin() or aludel_add_environment(), or give that symbol default visibility"};
  }
  if (depth == Depth::with_dependencies) {
    if (auto missing = missing_dependency(facts, candidate.file)) return missing_library(*missing);
  }
  return std::nullopt;
}

}  // namespace

Refusal missing_library(std::string_view name) {
  return {Verdict::missing_dependency, fmt::format("it needs {}, which is not there", quoted(name)),
          "install the package that holds that library, or name its directory in LD_LIBRARY_PATH"};
}

std::optional<std::string> name_from_file(const std::filesystem::path& file) {
  std::string name = file.filename().string();
  if (name.size() <= file_prefix.size() + file_suffix.size() || name.compare(0, file_prefix.size(), file_prefix) != 0 ||
      name.compare(name.size() - file_suffix.size(), file_suffix.size(), file_suffix) != 0) {
    return std::nullopt;
  }
  return name.substr(file_prefix.size(), name.size() - file_prefix.size() - file_suffix.size());
}

Candidate inspect_file(const std::filesystem::path& file, std::string origin, std::optional<Kind> kind, Depth depth) {
  Candidate candidate{file, std::move(origin)};
  if (auto refusal = examine(candidate, kind, depth)) {
    candidate.verdict = refusal->verdict;
    candidate.problem = std::move(refusal->problem);
    candidate.remedy = std::move(refusal->remedy);
  }
  return candidate;
}

Candidate inspect(const std::filesystem::path& file, std::optional<Kind> kind) {
  return inspect_file(file, "given by path", kind, Depth::with_dependencies);
}

std::string Candidate::name() const {
  if (record) return record->name;
  return name_from_file(file).value_or(file.filename().string());
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine:
      return "fine";
    case Verdict::shadowed:
      return "shadowed";
    case Verdict::unreadable:
      return "unreadable";
    case Verdict::not_a_library:
      return "not a library";
    case Verdict::truncated:
      return "truncated";
    case Verdict::no_record:
      return "no record";
    case Verdict::wrong_kind:
      return "wrong kind";
    case Verdict::misnamed:
      return "misnamed";
    case Verdict::wrong_abi:
      return "wrong ABI";
    case Verdict::wrong_toolchain:
      return "wrong toolchain";
    case Verdict::no_entry_point:
      return "no entry point";
    case Verdict::writable_by_others:
      return "writable by others";
    case Verdict::missing_dependency:
      return "missing dependency";
    case Verdict::does_not_load:
      return "does not load";
    case Verdict::create_failed:
      return "create failed";
  }
  return "unknown";
}

}  // namespace aludel::plugin
