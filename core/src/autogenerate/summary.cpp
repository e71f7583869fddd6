#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::autogenerate {
namespace {

char sign_of(const op::Operation& operation) {
  const std::string_view name = op::name_of(operation);
  const std::string_view verb = name.substr(0, name.find('_'));
  if (verb == "create" || verb == "add" || verb == "attach") return '+';
  if (verb == "drop" || verb == "detach") return '-';
  if (verb == "rename") return '>';
  if (verb == "alter" || verb == "replace" || verb == "validate") return '~';
  return '!';
}

}  // namespace

std::vector<Line> summarise(const op::Operations& operations) {
  std::vector<Line> lines;
  for (const op::Operation& operation : operations) {
    lines.push_back({sign_of(operation), op::describe(operation), op::destroys(operation).value_or("")});
  }
  return lines;
}

std::string Result::unmanaged_line() const {
  if (unmanaged.empty()) return "";
  std::vector<std::string> counts;
  std::size_t total = 0;
  for (const auto& [kind, count] : unmanaged) {
    const std::string plural = kind == "index" ? "indexes" : kind + "s";
    counts.push_back(counted(count, kind, plural));
    total += count;
  }
  const std::string last = counts.back();
  counts.pop_back();
  const std::string listed = counts.empty() ? last : join(counts, ", ") + " and " + last;
  return fmt::format("{} that no model or revision made {} left alone (--include-unmanaged takes {} in)", listed, total == 1 ? "was" : "were",
                     total == 1 ? "it" : "them");
}

}  // namespace aludel::autogenerate
