#include "names.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace aludel::postgresql {

using schema::Metadata;
using schema::Table;

namespace {

/// The longest prefix of at most so many bytes that cuts no UTF-8 character.
std::string_view clipped(std::string_view text, std::size_t length) {
  if (text.size() <= length) return text;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length);
}

}  // namespace

std::string object_name(std::string_view first, std::string_view second, std::string_view label) {
  constexpr std::size_t longest = 63;
  const std::size_t overhead = (second.empty() ? 0 : 1) + (label.empty() ? 0 : 1 + label.size());
  std::size_t first_length = first.size();
  std::size_t second_length = second.size();
  while (first_length + second_length + overhead > longest) {
    if (first_length > second_length) {
      --first_length;
    } else {
      --second_length;
    }
  }
  std::string name(clipped(first, first_length));
  if (!second.empty()) name.append("_").append(clipped(second, second_length));
  if (!label.empty()) name.append("_").append(label);
  return name;
}

namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0; }

/// The columns that an expression names, each once.
std::set<std::string> columns_in(std::string_view text, const Table& table) {
  std::set<std::string> found;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\'') {
      i = std::min(text.find('\'', i + 1), text.size() - 1) + 1;
      continue;
    }
    std::string word;
    if (text[i] == '"') {
      for (++i; i < text.size() && (text[i] != '"' || (i + 1 < text.size() && text[i + 1] == '"')); ++i) {
        if (text[i] == '"') ++i;
        word += text[i];
      }
      ++i;
    } else if (is_word(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && is_word(text[i])) ++i;
      word = to_lower(text.substr(begin, i - begin));
      const bool cast = begin >= 2 && text.substr(begin - 2, 2) == "::";
      const bool call = i < text.size() && text[i] == '(';
      if (cast || call) continue;
    } else {
      ++i;
      continue;
    }
    if (table.find_column(word)) found.insert(word);
  }
  return found;
}

/// The names that PostgreSQL would give (manual, CREATE TABLE and CREATE INDEX; makeObjectName): numbered where they are taken in the schema.
class Namer {
 public:
  explicit Namer(const Metadata& metadata) {
    take_all(metadata, [](const std::string&, const std::string&) { return true; });
  }
  /// For one table: only what could be in the way of its names is looked at.
  Namer(const Metadata& metadata, const Table& table) {
    const std::string_view stem = std::string_view(table.name.name).substr(0, shortest_stem);
    take_all(metadata, [&](const std::string& schema, const std::string& name) { return schema == table.name.schema && name.starts_with(stem); });
  }

  void give(Table& table) {
    for (auto& constraint : table.constraints) {
      if (!name_of(constraint).empty()) continue;
      std::visit([&](auto& one) { one.name = this->name(table, one); }, constraint);
    }
    for (auto& index : table.indexes) {
      if (index.name.empty()) index.name = unique(table, addition(index.columns), "idx");
    }
  }

 private:
  /// As much of a table's name is in the name of each of its parts.
  static constexpr std::size_t shortest_stem = 16;

  template <class IsWanted>
  void take_all(const Metadata& metadata, IsWanted is_wanted) {
    const auto look = [&](const std::string& schema, const std::string& name) {
      if (!name.empty() && is_wanted(schema, name)) take(schema, name);
    };
    for (const auto& [name, table] : metadata.tables) {
      look(name.schema, name.name);
      for (const auto& constraint : table.constraints) look(name.schema, name_of(constraint));
      for (const auto& index : table.indexes) look(name.schema, index.name);
    }
    for (const auto& [name, sequence] : metadata.sequences) look(name.schema, name.name);
  }

  std::string name(const Table& table, const schema::PrimaryKey&) { return unique(table, "", "pkey"); }
  std::string name(const Table& table, const schema::Unique& key) {
    auto parts = key.columns;
    for (const std::string& column : key.include) parts.emplace_back(column);
    return unique(table, addition(parts), "key");
  }
  std::string name(const Table& table, const schema::Check& check) {
    const auto columns = columns_in(check.expression.canonical.empty() ? check.expression.declared : check.expression.canonical, table);
    return unique(table, columns.size() == 1 ? *columns.begin() : "", "check");
  }
  std::string name(const Table& table, const schema::ForeignKey& key) {
    std::vector<schema::IndexPart> parts(key.columns.begin(), key.columns.end());
    return unique(table, addition(parts), "fkey");
  }
  std::string name(const Table& table, const schema::Exclude& exclude) {
    std::vector<schema::IndexPart> parts;
    for (const auto& element : exclude.elements) parts.push_back(element.part);
    return unique(table, addition(parts), "excl");
  }

  static std::string addition(const std::vector<schema::IndexPart>& parts) {
    std::string text;
    std::set<std::string> taken;
    for (const auto& part : parts) {
      const std::string base = part.column.empty() ? function_of(part) : part.column;
      std::string own = base;
      for (int i = 1; !taken.insert(own).second; ++i) own = base + std::to_string(i);
      text += (text.empty() ? "" : "_") + own;
      if (text.size() >= 64) break;
    }
    return text;
  }
  /// A plain call lends its function's name, everything else is an "expr".
  static std::string function_of(const schema::IndexPart& part) {
    if (!part.expression) return "expr";
    const std::string& text = part.expression->canonical.empty() ? part.expression->declared : part.expression->canonical;
    std::size_t end = 0;
    while (end < text.size() && is_word(text[end])) ++end;
    return end > 0 && end < text.size() && text[end] == '(' && text.back() == ')' ? to_lower(text.substr(0, end)) : "expr";
  }

  std::string unique(const Table& table, std::string_view second, const std::string& label) {
    std::string name = object_name(table.name.name, second, label);
    for (int i = 1; !take(table.name.schema, name); ++i) name = object_name(table.name.name, second, label + std::to_string(i));
    return name;
  }
  bool take(const std::string& schema, const std::string& name) { return taken_.emplace(schema, name).second; }

  std::set<std::pair<std::string, std::string>> taken_;
};

}  // namespace

void name_parts(Metadata& metadata) {
  Namer namer(metadata);
  for (auto& [name, table] : metadata.tables.writable()) namer.give(table);
}

void name_parts(Table& table, const Metadata& metadata) { Namer(metadata, table).give(table); }

}  // namespace aludel::postgresql
