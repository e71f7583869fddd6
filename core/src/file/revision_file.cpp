#include <aludel/file/revision_file.hpp>

#include "file/file_tables.hpp"
#include "file/scanner.hpp"
#include "file/toml_writer.hpp"
#include "utf8.hpp"

#include <aludel/file/toml.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace aludel::file {
namespace {

using op::codec::Codec;

/// An id stands in file names, in the database and between the operators of `upgrade REV+1`.
void check_identifier(const std::string& id, const Location& where) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!id.empty() && id.size() <= 100 && std::all_of(id.begin(), id.end(), allowed)) return;
  throw Error(ErrorKind::revision, fmt::format("{} is no revision id", quoted(id)))
      .with_hint("an id has 1 to 100 letters, digits and underscores")
      .at(where);
}

Mark mark_of(const Value& document, std::string_view key) {
  const auto* value = document.find(key);
  return value ? value->mark : Mark{};
}

RevisionFile decode_file(const Value& document, std::string_view name) {
  for (const char* section : {"upgrade", "downgrade"}) {
    const auto* value = document.find(section);
    if (!value || !value->object()) continue;
    op::codec::fail(name, value->mark, fmt::format("'{}' must be a list of operations, not a table", section),
                    fmt::format("write [[{}]], with two brackets, above each operation", section));
  }
  RevisionFile file;
  Codec<RevisionFile>::decode({document, name, "a revision file"}, file);
  const auto at = [&](std::string_view key) {
    const auto mark = mark_of(document, key);
    return Location{std::string(name), mark.line, mark.column};
  };
  check_identifier(file.head.id, at("revision"));
  for (const auto& parent : file.head.down_revisions) check_identifier(parent, at("down_revision"));
  file.head.file = name;
  return file;
}

/// Comment lines right above an operation's header, by the header's line.
std::map<std::size_t, std::vector<std::string>> find_remarks(std::string_view text) {
  std::map<std::size_t, std::vector<std::string>> remarks;
  std::vector<std::string> above;
  TomlScanner scanner(text);
  for (TomlLine line; scanner.next(line);) {
    if (line.comment()) {
      auto remark = line.text.substr(1);
      if (remark.starts_with(' ')) remark.remove_prefix(1);
      above.emplace_back(remark);
      continue;
    }
    if (line.header() && !above.empty()) remarks[line.number] = above;
    above.clear();
  }
  return remarks;
}

void attach_remarks(op::Operations& operations, const std::map<std::size_t, std::vector<std::string>>& remarks) {
  for (auto& operation : operations) {
    if (const auto found = remarks.find(operation.location.line); found != remarks.end()) operation.remarks = found->second;
  }
}

// SQL

enum class SqlSection { none, upgrade, downgrade };

/// Is this line nothing but the comment that begins a section?
SqlSection sql_section(std::string_view line) {
  line = trim(line);
  if (!line.starts_with("--")) return SqlSection::none;
  const auto word = trim(line.substr(2));
  if (equals_ignoring_case(word, "upgrade")) return SqlSection::upgrade;
  return equals_ignoring_case(word, "downgrade") ? SqlSection::downgrade : SqlSection::none;
}

std::string_view line_at(std::string_view text, std::size_t position) {
  return text.substr(position, std::min(text.find('\n', position), text.size()) - position);
}

bool says_key(std::string_view comment) {
  comment = trim(comment);
  const auto end = std::find_if_not(comment.begin(), comment.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  const auto rest = trim(comment.substr(static_cast<std::size_t>(end - comment.begin())));
  return end != comment.begin() && rest.starts_with('=');
}

/// The leading comments as TOML, each key at its own line and column.
std::string sql_head_as_toml(std::string_view head) {
  std::string toml;
  for (std::size_t position = 0; position < head.size();) {
    const auto line = line_at(head, position);
    const auto dashes = line.find("--");
    if (dashes != std::string_view::npos && says_key(line.substr(dashes + 2))) {
      toml += std::string(dashes + 2, ' ');
      toml += line.substr(dashes + 2);
    }
    toml += '\n';
    position += line.size() + 1;
  }
  return toml;
}

struct SqlSections {
  std::optional<op::Operations> upgrade, downgrade;
};

SqlSections read_sql_sections(std::string_view text, std::size_t begin, std::string_view name) {
  SqlSections result;
  std::optional<op::Operations>* section = nullptr;
  std::string body;
  std::uint32_t line_number = 1 + static_cast<std::uint32_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
  std::uint32_t started = 0;
  const auto finish = [&] {
    if (!section) return;
    section->emplace();
    while (body.starts_with('\n')) body.erase(0, 1);
    while (!body.empty() && trim(body.substr(body.size() - 1)).empty()) body.pop_back();
    if (body.empty()) return;
    op::Operation operation(op::Sql{{{"default", body}}, {}, {}});
    operation.location = {std::string(name), started, 1};
    (*section)->push_back(std::move(operation));
  };
  for (auto position = begin; position < text.size(); ++line_number) {
    const auto line = line_at(text, position);
    position += line.size() + 1;
    const auto kind = sql_section(line);
    if (kind == SqlSection::none) {
      if (!section && !trim(line).empty()) {
        throw Error(ErrorKind::syntax, "SQL outside a section")
            .with_hint("write '-- upgrade' on a line of its own above it")
            .at({std::string(name), line_number, 1});
      }
      body.append(line) += '\n';
      continue;
    }
    finish();
    section = kind == SqlSection::upgrade ? &result.upgrade : &result.downgrade;
    if (section->has_value()) {
      throw Error(ErrorKind::syntax, fmt::format("a second '-- {}' section", kind == SqlSection::upgrade ? "upgrade" : "downgrade"))
          .with_hint("a revision has one of each; statements follow one another in it")
          .at({std::string(name), line_number, 1});
    }
    started = line_number;
    body.clear();
  }
  finish();
  if (!result.upgrade) {
    throw Error(ErrorKind::syntax, "no '-- upgrade' section")
        .with_hint("write '-- upgrade' on a line of its own above the SQL")
        .at({std::string(name), 0, 0});
  }
  return result;
}

std::string sql_section_text(const op::Operations& operations) {
  if (operations.empty()) return "";
  const auto* sql = std::get_if<op::Sql>(&operations.front().body);
  const bool plain = operations.size() == 1 && sql && !sql->undo && !sql->effect && sql->sql.size() == 1 && sql->sql.begin()->first == "default";
  if (!plain) {
    throw Error(ErrorKind::unsupported,
                fmt::format("an SQL revision cannot hold this: {}", describe(operations.size() == 1 ? operations.front() : operations[1])))
        .with_hint("a section is one plain `sql` operation; write the revision as TOML");
  }
  const auto& text = sql->sql.begin()->second;
  for (std::size_t position = 0; position < text.size(); position += line_at(text, position).size() + 1) {
    if (sql_section(line_at(text, position)) == SqlSection::none) continue;
    throw Error(ErrorKind::unsupported,
                fmt::format("an SQL revision cannot hold the line {}, which begins a section", quoted(line_at(text, position))))
        .with_hint("write the revision as TOML");
  }
  return text + '\n';
}

// Writing

/// Head lines, each after `prefix`.
std::string head_text(const revision::Content& content, std::string_view prefix) {
  auto object = *Codec<RevisionFile>::encode({content.revision, {}, {}}).object();
  if (content.downgrade && content.downgrade->empty() && prefix.empty()) object.push_back({"downgrade", Value::Array{}});
  std::string out;
  for (const auto& member : object) {
    const bool bare = member.key == "created" && is_plain_time(content.revision.created);
    out += fmt::format("{}{} = {}\n", prefix, member.key, bare ? content.revision.created : inline_toml(member.value, member.key));
  }
  return out;
}

/// The journal and every other form keep the SQL as text; what is not could be run and never be written down.
void require_utf8(std::string_view text, std::string_view file) {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  for (std::size_t i = 0; i < text.size();) {
    const auto point = decode_utf8(text.substr(i));
    if (!point.valid) {
      throw Error(ErrorKind::syntax, "the file is not UTF-8")
          .with_hint("save it as UTF-8; bytes that are no text are written as a hexadecimal literal")
          .at({std::string(file), line, column});
    }
    ++column;
    if (text[i] == '\n') {
      ++line;
      column = 1;
    }
    i += point.length;
  }
}

}  // namespace

std::optional<RevisionFormat> revision_format(const std::filesystem::path& file) {
  if (file.extension() == ".toml") return RevisionFormat::toml;
  if (file.extension() == ".sql") return RevisionFormat::sql;
  return std::nullopt;
}

std::size_t revision_head_size(std::string_view text, RevisionFormat format) {
  if (format == RevisionFormat::toml) {
    TomlScanner scanner(text);
    for (TomlLine line; scanner.next(line);) {
      if (line.header()) return line.begin;
    }
    return std::string_view::npos;
  }
  for (std::size_t position = 0; position < text.size();) {
    auto line = line_at(text, position);
    if (position == 0 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    const auto content = trim(line);
    if (sql_section(line) != SqlSection::none || (!content.empty() && !content.starts_with("--"))) return position;
    position = std::min(text.find('\n', position), text.size()) + 1;
  }
  return std::string_view::npos;
}

revision::Revision read_revision_head(std::string_view text, RevisionFormat format, std::string_view file) {
  const auto head = text.substr(0, revision_head_size(text, format));
  if (format == RevisionFormat::toml) return decode_file(parse_toml(head, file), file).head;
  return decode_file(parse_toml(sql_head_as_toml(canonical_text(head)), file), file).head;
}

revision::Content read_revision(std::string_view text, RevisionFormat format, std::string_view file) {
  const auto canonical = canonical_text(text);
  revision::Content content;
  if (format == RevisionFormat::toml) {
    auto parsed = decode_file(parse_toml(canonical, file), file);
    const auto remarks = find_remarks(canonical);
    attach_remarks(parsed.upgrade, remarks);
    if (parsed.downgrade) attach_remarks(*parsed.downgrade, remarks);
    content = {std::move(parsed.head), std::move(parsed.upgrade), std::move(parsed.downgrade), {}};
  } else {
    require_utf8(canonical, file);
    content.revision = read_revision_head(canonical, format, file);
    auto sections = read_sql_sections(canonical, std::min(revision_head_size(canonical, format), canonical.size()), file);
    content.upgrade = *std::move(sections.upgrade);
    content.downgrade = std::move(sections.downgrade);
  }
  content.checksum = revision_checksum(canonical, format);
  return content;
}

std::string write_operations(std::span<const op::Operation> operations, std::string_view section) {
  std::string out;
  for (const auto& operation : operations) {
    if (!out.empty()) out += '\n';
    for (const auto& remark : operation.remarks) {
      for (const auto& line : split(remark, '\n')) out += line.empty() ? "#\n" : fmt::format("# {}\n", printable(line, 4096));
    }
    out += fmt::format("[[{}]]\n", section);
    write_toml_table(out, *op::encode(operation).object(), std::string(section));
  }
  return out;
}

std::string write_revision(const revision::Content& content, RevisionFormat format) {
  if (format == RevisionFormat::sql) {
    auto out = head_text(content, "-- ") + "\n-- upgrade\n" + sql_section_text(content.upgrade);
    if (content.downgrade) out += "\n-- downgrade\n" + sql_section_text(*content.downgrade);
    return out;
  }
  auto out = head_text(content, "");
  if (!content.upgrade.empty()) out += '\n' + write_operations(content.upgrade, "upgrade");
  if (content.downgrade && !content.downgrade->empty()) out += '\n' + write_operations(*content.downgrade, "downgrade");
  return out;
}

std::string revision_checksum(std::string_view text, RevisionFormat format) {
  const auto canonical = canonical_text(text);
  constexpr std::string_view key = "data_loss";
  if (format == RevisionFormat::sql || canonical.find(key) == std::string::npos) return "sha256:" + sha256(canonical);
  std::string counted;
  TomlScanner scanner(canonical);
  for (TomlLine line; scanner.next(line);) {
    if (line.fresh && line.text.starts_with(key) && trim(line.text.substr(key.size())).starts_with('=')) continue;
    counted += std::string_view(canonical).substr(line.begin, line.end - line.begin);
    counted += '\n';
  }
  return "sha256:" + sha256(counted);
}

}  // namespace aludel::file
