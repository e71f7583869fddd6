#include <aludel/file/embed.hpp>

#include <aludel/error.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::file {
namespace {

bool is_identifier(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// Octal escapes, since they end by themselves after three digits.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte > 0x7e) {
      out += fmt::format("\\{:03o}", byte);
    } else {
      out += c;
    }
  }
}

std::string literal(std::string_view text) {
  std::string out = "\"";
  append_escaped(out, text);
  return out + "\"";
}

/// One line of source an operation: what changed is seen in a diff of two builds.
std::string operations_literal(const op::Operations& operations) {
  if (operations.empty()) return "\"[]\"";
  std::string out;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    out += i == 0 ? "\"[" : ",\"\n     \"";
    append_escaped(out, to_json(op::encode(operations[i])));
  }
  return out + "]\"";
}

void append_lines(std::string& out, const op::Operations& operations) {
  for (const auto& operation : operations) out += (out.empty() ? "" : " ") + std::to_string(operation.location.line);
}

void check_calls(const op::Operations& operations, const revision::Revision& revision, std::span<const std::string> functions) {
  const auto check = [&](const std::string& function, const Location& place) {
    if (function.empty() || std::find(functions.begin(), functions.end(), function) != functions.end()) return;
    throw Error(ErrorKind::revision, fmt::format("revision {} calls {}, which the program is not said to have{}", quoted(revision.id),
                                                 quoted(function), did_you_mean(function, functions)))
        .with_hint("name it in aludel_embed_revisions(... FUNCTIONS " + printable(function) + ") and register it in the Options of the upgrade")
        .at(place);
  };
  for (const auto& operation : operations) {
    const auto* call = std::get_if<op::Call>(&operation.body);
    if (call == nullptr) continue;
    check(call->function, operation.location);
    if (call->undo) check(*call->undo, operation.location);
  }
}

std::string entry(const revision::Content& content) {
  const auto& head = content.revision;
  std::string lines;
  append_lines(lines, content.upgrade);
  if (content.downgrade) append_lines(lines, *content.downgrade);
  const auto milliseconds = [](const auto& duration) { return duration ? duration->count() : -1; };
  std::string out = "    {";
  for (const auto& text : {head.id, join(head.down_revisions, " "), join(head.depends_on, " "), join(head.branch_labels, " "), head.message,
                           head.created, std::filesystem::path(head.file).filename().string(), content.checksum}) {
    out += literal(text) + ",\n     ";
  }
  out += operations_literal(content.upgrade) + ",\n     ";
  out += (content.downgrade ? operations_literal(*content.downgrade) : literal("")) + ",\n     ";
  return out + fmt::format("{}, {}, {}, {}, {}, {}}},\n", literal(lines), content.downgrade.has_value(), head.transaction, head.foreign_keys_off,
                           milliseconds(head.lock_timeout), milliseconds(head.statement_timeout));
}

constexpr std::string_view header_text = R"(// Written by aludel_embed_revisions(); changes made here are lost.
#pragma once

#include <aludel/embedded.hpp>

namespace embedded {{

/// The revisions that this program was built with.
const aludel::embedded::Revisions& {0}();

}}  // namespace embedded
)";

constexpr std::string_view source_text = R"(// Written by aludel_embed_revisions(); changes made here are lost.
{2}

namespace embedded {{

const aludel::embedded::Revisions& {0}() {{
  static constexpr aludel::embedded::RevisionData data[] = {{
{1}  }};
  static const aludel::embedded::Revisions instance(data);
  return instance;
}}

}}  // namespace embedded
)";

}  // namespace

EmbeddedSource embed_revisions(const ScriptDirectory& versions, const EmbedOptions& options) {
  if (!is_identifier(options.name)) {
    throw Error(ErrorKind::usage, quoted(options.name) + " is no name for embedded revisions")
        .with_hint("NAME is a C++ identifier: letters, digits and underscores");
  }
  const revision::Graph graph(versions.revisions());
  if (graph.empty()) {
    throw Error(ErrorKind::revision, "there is no revision file in " + quoted(versions.directory().string()))
        .with_hint("give the directory that holds them: migrations/versions");
  }
  std::string entries;
  for (const auto& id : graph.topological()) {
    const auto content = versions.load(id);
    check_calls(content.upgrade, content.revision, options.functions);
    if (content.downgrade) check_calls(*content.downgrade, content.revision, options.functions);
    entries += entry(content);
  }
  const auto include = fmt::format("#include \"embedded/{}.hpp\"", options.name);
  return {fmt::format(header_text, options.name), fmt::format(source_text, options.name, entries, include)};
}

}  // namespace aludel::file
