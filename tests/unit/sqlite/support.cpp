#include "support.hpp"

#include <fmt/format.h>

namespace aludel::sqlite::test {

namespace {

std::string_view action_text(schema::ForeignKeyAction action) {
  switch (action) {
    case schema::ForeignKeyAction::no_action:
      return "NO ACTION";
    case schema::ForeignKeyAction::restrict:
      return "RESTRICT";
    case schema::ForeignKeyAction::cascade:
      return "CASCADE";
    case schema::ForeignKeyAction::set_null:
      return "SET NULL";
    case schema::ForeignKeyAction::set_default:
      return "SET DEFAULT";
  }
  return "";
}

/// "name desc collation", "?" for an expression: what index_xinfo says of a key's entry.
std::string part_text(const schema::Table& table, const schema::IndexPart& part) {
  const schema::Column* column = part.expression ? nullptr : table.find_column(part.column);
  std::string collation = part.collation;
  if (collation.empty() && column) collation = column->collation;
  if (collation.empty()) collation = "BINARY";
  if (part.expression && part.collation.empty()) collation = "";  // what an expression inherits is SQLite's to say
  return fmt::format("{} {} {}", column ? column->name : "?", part.order == schema::Order::descending ? 1 : 0, to_upper(collation));
}

std::vector<std::string> index_parts(dialect::Connection& connection, const std::string& index, const std::vector<schema::IndexPart>& told) {
  std::vector<std::string> parts;
  for (const auto& row : pragma(connection, "index_xinfo", index)) {
    if (number_of(row[5]) != 1) continue;
    const std::size_t at = parts.size();
    const bool expression = number_of(row[1]) == -2;
    const bool inherits = expression && at < told.size() && told[at].collation.empty();
    parts.push_back(fmt::format("{} {} {}", expression ? "?" : text_of(row[2]), number_of(row[3]), inherits ? "" : to_upper(text_of(row[4]))));
  }
  return parts;
}

void check_columns(dialect::Connection& connection, const schema::Table& table) {
  const auto rows = pragma(connection, "table_xinfo", table.name.name);
  ASSERT_EQ(rows.size(), table.columns.size()) << table.name.name;
  std::map<std::int64_t, std::string> key;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const schema::Column& column = table.columns[i];
    SCOPED_TRACE("column " + column.name);
    EXPECT_EQ(text_of(row[1]), column.name);
    const std::string type = normal_type_text(text_of(row[2]));
    if (column.type.kind == schema::TypeKind::enumeration) {
      EXPECT_EQ(type, "TEXT");
    } else {
      EXPECT_EQ(type.empty() ? std::string(untyped) : type, column.type.canonical);
    }
    EXPECT_EQ(column_type_text(table, column), type);
    if (column.identity) {
      EXPECT_EQ(number_of(row[5]), 1);
      EXPECT_FALSE(column.nullable);
    } else {
      EXPECT_EQ(number_of(row[3]) == 0, column.nullable);
    }
    EXPECT_EQ(row[4].is_null(), !column.server_default.has_value());
    if (column.server_default && row[4].string()) {
      EXPECT_EQ(normal_default(*row[4].string(), column.type.canonical == "BOOLEAN"), column.server_default->canonical);
    }
    if (number_of(row[5]) > 0) key[number_of(row[5])] = column.name;
    const std::int64_t hidden = column.generated ? (column.generated->stored ? 3 : 2) : 0;
    EXPECT_EQ(number_of(row[6]), hidden);
  }
  std::vector<std::string> told, read;
  for (const auto& [position, name] : key) told.push_back(name);
  if (const auto* primary = table.primary_key()) {
    for (const auto& part : primary->columns) {
      if (std::find(read.begin(), read.end(), part.column) == read.end()) read.push_back(part.column);
    }
  }
  EXPECT_EQ(told, read) << "primary key";
}

void check_foreign_keys(dialect::Connection& connection, const schema::Metadata& metadata, const schema::Table& table) {
  std::map<std::int64_t, std::string> told;
  const auto rows = pragma(connection, "foreign_key_list", table.name.name);
  std::map<std::int64_t, std::size_t> sizes;
  for (const auto& row : rows) ++sizes[number_of(row[0])];
  for (const auto& row : rows) {
    std::string target = text_of(row[4]);
    if (row[4].is_null()) {  // the primary key, which introspection spells out
      const schema::Table* referenced = metadata.find_table({"", text_of(row[2])});
      const auto* key = referenced ? referenced->primary_key() : nullptr;
      const auto position = static_cast<std::size_t>(number_of(row[1]));
      target = key && key->columns.size() == sizes[number_of(row[0])] ? key->columns[position].column : "";
    }
    std::string& text = told[number_of(row[0])];
    text += fmt::format("{}->{}.{} {} {};", text_of(row[3]), to_lower(text_of(row[2])), to_lower(target), text_of(row[5]), text_of(row[6]));
  }
  std::multiset<std::string> expected, read;
  for (const auto& [id, text] : told) expected.insert(text);
  for (const auto& constraint : table.constraints) {
    const auto* key = std::get_if<schema::ForeignKey>(&constraint);
    if (!key) continue;
    std::string text;
    for (std::size_t i = 0; i < key->columns.size(); ++i) {
      const std::string target = i < key->referenced_columns.size() ? key->referenced_columns[i] : "";
      text += fmt::format("{}->{}.{} {} {};", key->columns[i], to_lower(key->referenced_table.name), to_lower(target), action_text(key->on_update),
                          action_text(key->on_delete));
    }
    read.insert(text);
  }
  EXPECT_EQ(expected, read) << "foreign keys";
}

void check_indexes(dialect::Connection& connection, const schema::Table& table) {
  std::multiset<std::vector<std::string>> unique_told, unique_read;
  std::set<std::string> index_names;
  for (const auto& row : pragma(connection, "index_list", table.name.name)) {
    const std::string name = text_of(row[1]);
    if (text_of(row[3]) == "u") unique_told.insert(index_parts(connection, name, {}));
    if (text_of(row[3]) != "c") continue;
    index_names.insert(name);
    const schema::Index* index = table.find_index(name);
    ASSERT_NE(index, nullptr) << name;
    EXPECT_EQ(number_of(row[2]) == 1, index->unique) << name;
    EXPECT_EQ(number_of(row[4]) == 1, index->where.has_value()) << name;
    std::vector<std::string> parts;
    for (const auto& part : index->columns) parts.push_back(part_text(table, part));
    EXPECT_EQ(index_parts(connection, name, index->columns), parts) << name;
  }
  EXPECT_EQ(index_names.size(), table.indexes.size());
  for (const auto& constraint : table.constraints) {
    const auto* unique = std::get_if<schema::Unique>(&constraint);
    if (!unique) continue;
    std::vector<std::string> parts;
    for (const auto& part : unique->columns) parts.push_back(part_text(table, part));
    unique_read.insert(parts);
  }
  // SQLite makes one index for constraints that say the same, and none where the primary key says it already.
  for (const auto& parts : unique_told) EXPECT_TRUE(unique_read.contains(parts)) << join(parts, ", ");
  EXPECT_LE(unique_told.size(), unique_read.size());
}

}  // namespace

void cross_check(dialect::Connection& connection, const schema::Metadata& metadata) {
  for (const schema::Unsupported& one : metadata.unsupported) ADD_FAILURE() << one.kind << " " << one.name << ": " << one.reason;
  std::set<std::string> told, read;
  for (const auto& row : connection
                             .execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                                      "AND sql NOT LIKE 'CREATE VIRTUAL%'")
                             .rows) {
    told.insert(text_of(row[0]));
  }
  for (const auto& [name, table] : metadata.tables) read.insert(name.name);
  EXPECT_EQ(told, read);
  for (const auto& [name, table] : metadata.tables) {
    SCOPED_TRACE("table " + printable(name.name, 60));
    check_columns(connection, table);
    check_foreign_keys(connection, metadata, table);
    check_indexes(connection, table);
  }
  const schema::Metadata again = dialect().canonicalise(metadata, nullptr);
  EXPECT_TRUE(again == metadata) << "the normal form is not its own normal form";
}

}  // namespace aludel::sqlite::test
