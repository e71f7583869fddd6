#include <algorithm>

#include "diff/working.hpp"
#include "op/enums.hpp"

namespace aludel::diff {

using schema::EnumType;
using schema::Metadata;

namespace {

/// The additions that lead from one list of values to the other; nullopt where a value is gone or stands elsewhere.
std::optional<std::vector<op::AlterEnum::AddValue>> additions(const std::vector<std::string>& from, const std::vector<std::string>& to) {
  std::vector<op::AlterEnum::AddValue> added;
  std::size_t next = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (next < from.size() && to[i] == from[next]) {
      ++next;
    } else if (next == from.size()) {
      added.push_back({to[i], "", ""});
    } else if (i == 0) {
      added.push_back({to[i], from.front(), ""});
    } else {
      added.push_back({to[i], "", to[i - 1]});
    }
  }
  if (next != from.size()) return std::nullopt;
  for (const auto& add : added) {
    if (std::find(from.begin(), from.end(), add.value) != from.end()) return std::nullopt;
  }
  return added;
}

void change_enum(Working& working, const EnumType& from, const EnumType& to) {
  op::AlterEnum alter;
  alter.type = to.name;
  const auto added = additions(from.values, to.values);
  if (!added) {
    for (auto& step : op::replace_enum(working.now(), to.name, to)) working.run(std::move(step));
    return;
  }
  alter.add = *added;
  if (working.how().comments && from.comment != to.comment) alter.comment = op::Change<std::string>{from.comment, to.comment};
  if (!alter.add.empty() || alter.comment) working.run(std::move(alter));
}

}  // namespace

void change_enums(Working& working, const Metadata& to) {
  for (const auto& [name, type] : to.enums) {
    const auto held = working.now().enums.find(name);
    if (held == working.now().enums.end()) {
      EnumType created = type;
      created.renamed_from.clear();
      working.run(op::CreateEnum{std::move(created)});
    } else if (!schema::equivalent(held->second, type, working.how())) {
      change_enum(working, EnumType(held->second), type);
    }
  }
}

}  // namespace aludel::diff
