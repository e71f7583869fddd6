#include <aludel/model/detail/signature.hpp>

#include <aludel/error.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/model/enumeration.hpp>
#include <aludel/model/names.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <vector>

namespace aludel::detail {
namespace {

bool is_identifier(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '$' || byte >= 0x80;
}

std::string_view last_identifier(std::string_view text) {
  auto begin = text.size();
  while (begin > 0 && is_identifier(text[begin - 1])) --begin;
  return text.substr(begin);
}

/// What stands behind "key" up to the bracket that closes the list of template arguments.
std::string_view argument(std::string_view signature, std::string_view key) {
  const auto at = signature.find(key);
  if (at == std::string_view::npos || signature.empty() || signature.back() != ']') return {};
  const auto begin = at + key.size();
  return signature.substr(begin, signature.size() - 1 - begin);
}

/// "a, b<c, d>, e" -> "a", "b<c, d>", "e"
std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '(' || c == '<' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == '>' || c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0) {
      parts.push_back(trim(text.substr(begin, at - begin)));
      begin = at + 1;
    }
  }
  if (!text.empty()) parts.push_back(trim(text.substr(begin)));
  return parts;
}

/// g++ writes "{a, b}", clang "<a, b>"; a value without an enumerator is "(app::Rank)7" in both.
std::vector<std::string_view> value_names(std::string_view signature) {
  auto list = argument(signature, "Values = ");
  if (list.size() < 2) return {};
  auto names = split_arguments(list.substr(1, list.size() - 2));
  for (auto& name : names) {
    const auto identifier = last_identifier(name);
    name = identifier.empty() || (identifier.front() >= '0' && identifier.front() <= '9') ? std::string_view() : identifier;
  }
  return names;
}

std::string simple_name(std::string_view type) {
  while (!type.empty() && type.back() == '>') {
    int depth = 0;
    auto at = type.size();
    while (at > 0) {
      --at;
      if (type[at] == '>') ++depth;
      if (type[at] == '<' && --depth == 0) break;
    }
    type = type.substr(0, at);
  }
  return std::string(last_identifier(type));
}

void find_labels(EnumInfo& info, const std::vector<std::string_view>& names, const EnumRange& range) {
  if (static_cast<long long>(names.size()) != range.maximum - range.minimum + 1) {
    info.problem = fmt::format("the compiler spells the enumerators of {} in a way that aludel does not know", info.cpp_name);
    return;
  }
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (!names[index].empty()) info.labels.push_back({range.minimum + static_cast<long long>(index), std::string(names[index])});
  }
  if (info.labels.empty()) {
    info.problem = fmt::format("no enumerator of {} lies between {} and {}, where they are looked for", info.cpp_name, range.minimum, range.maximum);
  } else if ((range.open_above && !names.back().empty()) || (range.open_below && !names.front().empty())) {
    info.problem = fmt::format("{} has an enumerator at the end of the range {} to {} in which they are looked for, so there may be more of them",
                               info.cpp_name, range.minimum, range.maximum);
  }
}

void take_labels(EnumInfo& info, std::span<const EnumLabelView> labels) {
  std::set<std::string_view> seen;
  for (const auto& entry : labels) {
    info.labels.push_back({entry.value, std::string(entry.label)});
    if (!seen.insert(entry.label).second) info.problem = fmt::format("the labels of {} say {} twice", info.cpp_name, quoted(entry.label));
  }
  if (info.labels.empty()) info.problem = fmt::format("the labels of {} are empty", info.cpp_name);
}

}  // namespace

std::string_view member_name(const char* signature) {
  std::string_view text(signature);
  const auto end = text.find_last_not_of("]}) ");
  return end == std::string_view::npos ? std::string_view() : last_identifier(text.substr(0, end + 1));
}

std::string_view type_name(const char* signature) { return argument(signature, "T = "); }

const EnumLabel* EnumInfo::find(long long value) const {
  const auto found = std::find_if(labels.begin(), labels.end(), [&](const EnumLabel& label) { return label.value == value; });
  return found == labels.end() ? nullptr : &*found;
}

const EnumLabel* EnumInfo::find(std::string_view label) const {
  const auto found = std::find_if(labels.begin(), labels.end(), [&](const EnumLabel& entry) { return entry.label == label; });
  return found == labels.end() ? nullptr : &*found;
}

EnumInfo make_enum_info(const EnumSpec& spec) {
  EnumInfo info;
  info.cpp_name = std::string(type_name(spec.type));
  info.name = spec.name.empty() ? member_names::snake_case(simple_name(info.cpp_name)) : std::string(spec.name);
  if (spec.values)
    find_labels(info, value_names(spec.values), spec.range);
  else
    take_labels(info, {spec.labels, spec.label_count});
  return info;
}

void check_compiler(const ProbeSignatures& probe) {
  const auto values = value_names(probe.values);
  const bool known = member_name(probe.pointer) == "second_probe" && member_name(probe.address) == "second_probe" &&
                     last_identifier(type_name(probe.type)) == "Probe" && values.size() == 3 && values[0] == "zero" && values[1] == "one" &&
                     values[2].empty();
  if (known) return;
  throw Error(ErrorKind::model,
              fmt::format("the compiler of this program spells names in a way that aludel does not know: {}", printable(probe.address)))
      .with_hint("compile the models with g++ 12 or clang 14, or newer ones");
}

}  // namespace aludel::detail
