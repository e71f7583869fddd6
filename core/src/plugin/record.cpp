#include "plugin/record.hpp"

#include <aludel/text.hpp>
#include <aludel/version.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace aludel::plugin {
namespace {

Refusal damaged(std::string_view why) {
  return {Verdict::no_record, fmt::format("its aludel record cannot be read: {}", why), "rebuild it with aludel's SDK"};
}

std::vector<std::string> cut_schemes(std::string_view text) { return text.empty() ? std::vector<std::string>() : split(text, ','); }

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-' || c == '_';
  });
}

/// What to do about one part of the toolchain tag that differs.
std::string remedy_for(std::string_view theirs, std::string_view ours) {
  auto starts = [](std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; };
  if (starts(ours, "cxx11abi=")) return fmt::format("rebuild it with -D_GLIBCXX_USE_CXX11_ABI={}", ours.substr(9));
  if (starts(ours, "debug=")) return ours == "debug=1" ? "rebuild it with -D_GLIBCXX_DEBUG" : "rebuild it without -D_GLIBCXX_DEBUG";
  if (ours == "sanitizer=none") return fmt::format("rebuild it without -fsanitize={}", theirs.substr(theirs.find('=') + 1));
  if (starts(ours, "sanitizer=")) return fmt::format("rebuild it with -fsanitize={}", ours.substr(10));
  if (starts(ours, "lib")) return fmt::format("rebuild it with the standard library {}", ours);
  return "rebuild it with the compiler settings of this aludel";
}

Refusal wrong_toolchain(std::string_view theirs, std::string_view ours) {
  std::vector<std::string> a = split(theirs, ' '), b = split(ours, ' ');
  if (a.size() != b.size()) {
    return {Verdict::wrong_toolchain, fmt::format("built with {}, this aludel with {}", quoted(theirs), quoted(ours)),
            "rebuild it with the compiler settings of this aludel"};
  }
  std::vector<std::string> their_parts, our_parts, remedies;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    their_parts.push_back(printable(a[i]));
    our_parts.push_back(b[i]);
    remedies.push_back(remedy_for(printable(a[i]), b[i]));
  }
  return {Verdict::wrong_toolchain, fmt::format("built with {}, this aludel with {}", join(their_parts, " "), join(our_parts, " ")),
          join(remedies, "; ")};
}

}  // namespace

std::string_view to_string(Kind kind) { return kind == Kind::dialect ? "dialect" : "environment"; }

std::variant<Record, Refusal> parse_record(std::string_view text) {
  Record record;
  bool has_format = false, has_abi = false, has_kind = false;
  for (const std::string& line : split(text, '\n')) {
    if (line.empty()) continue;
    std::size_t equals = line.find('=');
    if (equals == std::string::npos) return damaged(fmt::format("{} is no key=value", quoted(line)));
    std::string key = line.substr(0, equals), value = line.substr(equals + 1);
    if (key == "record") {
      if (value != "1") return damaged(fmt::format("it has format {}, and this aludel reads 1", printable(value)));
      has_format = true;
    } else if (key == "abi") {
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), record.abi);
      if (error != std::errc() || end != value.data() + value.size()) return damaged(fmt::format("abi={}", printable(value)));
      has_abi = true;
    } else if (key == "toolchain") {
      record.toolchain = value;
    } else if (key == "kind") {
      if (value != "dialect" && value != "environment") return damaged(fmt::format("it is of an unknown kind, {}", quoted(value)));
      record.kind = value == "dialect" ? Kind::dialect : Kind::environment;
      has_kind = true;
    } else if (key == "name") {
      record.name = value;
    } else if (key == "schemes") {
      record.schemes = cut_schemes(value);
    } else if (key == "version") {
      record.version = printable(value);
    } else if (key == "sdk") {
      record.sdk_version = printable(value);
    }
  }
  if (!has_format || !has_abi || !has_kind) return damaged("it is incomplete");
  if (!is_word(record.name) || !std::all_of(record.schemes.begin(), record.schemes.end(), is_word)) {
    return damaged(fmt::format("bad name or scheme in {}", quoted(record.name + " " + join(record.schemes, ","))));
  }
  return record;
}

Record record_of(const Descriptor& descriptor) {
  auto text = [](const char* pointer) { return std::string(pointer == nullptr ? "" : pointer); };
  return {static_cast<Kind>(descriptor.kind), text(descriptor.name), cut_schemes(text(descriptor.schemes)),
          text(descriptor.version),           descriptor.abi,        text(descriptor.toolchain),
          text(descriptor.sdk_version)};
}

std::optional<Refusal> check_record(const Record& record, std::optional<Kind> kind) {
  if (kind && record.kind != *kind) {
    bool is_dialect = record.kind == Kind::dialect;
    return Refusal{Verdict::wrong_kind,
                   fmt::format("it is {}, and {} is wanted", is_dialect ? "a dialect plugin" : "an environment",
                               is_dialect ? "an environment" : "a dialect plugin"),
                   is_dialect ? "name a library made with ALUDEL_ENVIRONMENT" : "name it as [environment] library in aludel.toml, or with --env"};
  }
  if (record.abi != abi_number) {
    return Refusal{Verdict::wrong_abi,
                   fmt::format("made for ABI {} (aludel {}), this is ABI {} (aludel {})", record.abi,
                               record.sdk_version.empty() ? "of unknown version" : record.sdk_version, abi_number, version()),
                   "rebuild it with the headers of this aludel, or use the aludel it was made for"};
  }
  if (record.toolchain != ALUDEL_TOOLCHAIN) return wrong_toolchain(record.toolchain, ALUDEL_TOOLCHAIN);
  if (record.kind == Kind::dialect && record.schemes.empty()) return damaged("a dialect without a URL scheme");
  if (!is_word(record.name)) return damaged(fmt::format("bad name {}", quoted(record.name)));
  return std::nullopt;
}

}  // namespace aludel::plugin
