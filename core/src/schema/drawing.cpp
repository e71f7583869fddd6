#include <aludel/schema/drawing.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace aludel::schema {
namespace {

bool in_primary_key(const Table& table, const std::string& column) {
  const PrimaryKey* key = table.primary_key();
  return key != nullptr && std::any_of(key->columns.begin(), key->columns.end(), [&](const IndexPart& part) { return part.column == column; });
}

bool in_foreign_key(const Table& table, const std::string& column) {
  return std::any_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint& constraint) {
    const auto* key = std::get_if<ForeignKey>(&constraint);
    return key != nullptr && std::find(key->columns.begin(), key->columns.end(), column) != key->columns.end();
  });
}

bool is_unique(const Table& table, const std::string& column) {
  const auto alone = [&](const std::vector<IndexPart>& parts) { return parts.size() == 1 && parts.front().column == column; };
  return std::any_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint& constraint) {
    const auto* unique = std::get_if<Unique>(&constraint);
    return unique != nullptr && alone(unique->columns);
  });
}

std::string part_text(const IndexPart& part) {
  std::string text = part.expression ? printable(part.expression->declared) : printable(part.column);
  if (part.order == Order::descending) text += " desc";
  return text;
}

std::string parts_text(const std::vector<IndexPart>& parts) {
  std::vector<std::string> texts;
  for (const IndexPart& part : parts) texts.push_back(part_text(part));
  return join(texts, ", ");
}

std::string_view action_text(ForeignKeyAction action) {
  switch (action) {
    case ForeignKeyAction::no_action:
      return "";
    case ForeignKeyAction::restrict:
      return "restrict";
    case ForeignKeyAction::cascade:
      return "cascade";
    case ForeignKeyAction::set_null:
      return "set null";
    case ForeignKeyAction::set_default:
      return "set default";
  }
  return "";
}

std::string constraint_text(const Constraint& constraint) {
  std::string text = std::string(kind_of(constraint));
  if (!name_of(constraint).empty()) text += " " + printable(name_of(constraint));
  struct Describe {
    std::string operator()(const PrimaryKey& key) const { return fmt::format(" ({})", parts_text(key.columns)); }
    std::string operator()(const Unique& unique) const { return fmt::format(" ({})", parts_text(unique.columns)); }
    std::string operator()(const Check& check) const { return ": " + printable(check.expression.declared); }
    std::string operator()(const ForeignKey& key) const {
      std::string described = fmt::format(" ({}) -> {}", printable(join(key.columns, ", ")), printable(key.referenced_table.text()));
      if (!key.referenced_columns.empty()) described += fmt::format(" ({})", printable(join(key.referenced_columns, ", ")));
      if (key.on_delete != ForeignKeyAction::no_action) described += fmt::format(", on delete {}", action_text(key.on_delete));
      if (key.on_update != ForeignKeyAction::no_action) described += fmt::format(", on update {}", action_text(key.on_update));
      return described;
    }
    std::string operator()(const Exclude& exclude) const { return fmt::format(" using {}", exclude.method); }
  };
  return text + std::visit(Describe{}, constraint);
}

std::string column_text(const Table& table, const Column& column) {
  std::string text = fmt::format("{}  {}", printable(column.name), printable(to_text(column.type)));
  if (in_primary_key(table, column.name)) text += "  primary key";
  if (!column.nullable) text += "  not null";
  if (column.identity) text += "  identity";
  if (column.server_default) text += "  default " + printable(column.server_default->declared);
  if (column.generated) text += "  generated " + printable(column.generated->expression.declared);
  return text;
}

/// Mermaid takes letters, digits, "_" and "-" in names, and `more` where it takes more.
std::string plain(std::string_view text, std::string_view more = {}) {
  std::string result;
  for (const char c : text) {
    const bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || more.find(c) != std::string_view::npos;
    result += fine ? c : '_';
  }
  if (result.empty() || (result.front() >= '0' && result.front() <= '9')) result.insert(result.begin(), '_');
  return result;
}

/// One word, in which Mermaid takes parentheses and square brackets too (Entity Relationship Diagrams, Attributes).
std::string plain_type(const Type& type) {
  if (type.kind == TypeKind::enumeration) return type.name.empty() ? "enum" : plain(type.name);
  return plain(type.kind == TypeKind::native ? type.text : to_text(type), "()[]");
}

std::string html(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string dot_quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

/// Calls back with every foreign key whose table is there too.
template <class Use>
void for_each_edge(const Metadata& metadata, Use&& use) {
  for (const auto& [name, table] : metadata.tables) {
    for (const Constraint& constraint : table.constraints) {
      const auto* key = std::get_if<ForeignKey>(&constraint);
      if (key != nullptr && metadata.find_table(key->referenced_table) != nullptr) use(table, *key);
    }
  }
}

}  // namespace

std::string to_tree(const Metadata& metadata) {
  std::string text;
  // Triggers, policies and the like stand below what they belong to, a view as well as a table.
  std::multimap<std::string, const ObjectKey*> parts;
  for (const auto& [key, object] : metadata.objects) {
    if (!key.parent.empty()) parts.emplace(key.parent, &key);
  }
  const auto add_parts = [&](const std::string& parent) {
    const auto [first, last] = parts.equal_range(parent);
    for (auto part = first; part != last; ++part) text += fmt::format("  {} {}\n", part->second->kind, printable(part->second->name.text()));
    parts.erase(first, last);
  };
  for (const auto& [name, table] : metadata.tables) {
    text += fmt::format("table {}\n", printable(name.text()));
    for (const Column& column : table.columns) text += "  " + column_text(table, column) + "\n";
    for (const Constraint& constraint : table.constraints) {
      if (!std::holds_alternative<PrimaryKey>(constraint)) text += "  " + constraint_text(constraint) + "\n";
    }
    for (const Index& index : table.indexes) {
      text += fmt::format("  {}index {} ({})", index.unique ? "unique " : "", printable(index.name), parts_text(index.columns));
      if (index.where) text += " where " + printable(index.where->declared);
      text += "\n";
    }
    add_parts(name.text());
  }
  for (const auto& [name, type] : metadata.enums) text += fmt::format("enum {} ({})\n", printable(name.text()), printable(join(type.values, ", ")));
  for (const auto& [name, sequence] : metadata.sequences) text += fmt::format("sequence {}\n", printable(name.text()));
  for (const auto& [key, object] : metadata.objects) {
    if (!key.parent.empty()) continue;
    text += fmt::format("{} {}\n", key.kind, printable(key.name.text()));
    add_parts(key.name.text());
  }
  for (const auto& [parent, key] : parts) text += printable(key->text()) + "\n";
  for (const Unsupported& thing : metadata.unsupported) {
    text += fmt::format("unsupported: {} {} ({})\n", thing.kind, printable(thing.name), thing.reason);
  }
  return text;
}

std::string to_mermaid(const Metadata& metadata) {
  std::string text = "erDiagram\n";
  for (const auto& [name, table] : metadata.tables) {
    text += fmt::format("    {} {{\n", plain(name.text()));
    for (const Column& column : table.columns) {
      std::vector<std::string> keys;
      if (in_primary_key(table, column.name)) keys.emplace_back("PK");
      if (in_foreign_key(table, column.name)) keys.emplace_back("FK");
      if (is_unique(table, column.name)) keys.emplace_back("UK");
      text += fmt::format("        {} {}{}\n", plain_type(column.type), plain(column.name), keys.empty() ? "" : " " + join(keys, ", "));
    }
    text += "    }\n";
  }
  for_each_edge(metadata, [&](const Table& table, const ForeignKey& key) {
    const bool optional = std::any_of(key.columns.begin(), key.columns.end(), [&](const std::string& column) {
      const Column* found = table.find_column(column);
      return found != nullptr && found->nullable;
    });
    text += fmt::format("    {} {}--o{{ {} : \"{}\"\n", plain(key.referenced_table.text()), optional ? "|o" : "||", plain(table.name.text()),
                        plain(join(key.columns, "_")));
  });
  return text;
}

std::string to_dot(const Metadata& metadata) {
  std::string text = "digraph schema {\n  rankdir = LR;\n  node [shape = plain];\n";
  for (const auto& [name, table] : metadata.tables) {
    text += fmt::format("  {} [label = <<table border=\"0\" cellborder=\"1\" cellspacing=\"0\"><tr><td><b>{}</b></td></tr>", dot_quoted(name.text()),
                        html(name.text()));
    for (const Column& column : table.columns) {
      const std::string label = html(column.name) + "  <i>" + html(to_text(column.type)) + "</i>";
      text += fmt::format("<tr><td align=\"left\">{}</td></tr>", in_primary_key(table, column.name) ? "<u>" + label + "</u>" : label);
    }
    text += "</table>>];\n";
  }
  for_each_edge(metadata, [&](const Table& table, const ForeignKey& key) {
    text += fmt::format("  {} -> {} [label = {}];\n", dot_quoted(table.name.text()), dot_quoted(key.referenced_table.text()),
                        dot_quoted(join(key.columns, ", ")));
  });
  return text + "}\n";
}

}  // namespace aludel::schema
