#include "render_order.hpp"

#include "render_privileges.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <algorithm>
#include <queue>
#include <set>
#include <unordered_map>
#include <utility>

namespace aludel::postgresql {

namespace {

using schema::Name;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0; }
bool is_part_of_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '$'; }

bool creates_only(const op::Operation& operation) {
  return std::visit(
      [](const auto& body) {
        using T = std::decay_t<decltype(body)>;
        return std::same_as<T, op::CreateTable> || std::same_as<T, op::CreateIndex> || std::same_as<T, op::AddConstraint> ||
               std::same_as<T, op::CreateEnum> || std::same_as<T, op::CreateSequence> || std::same_as<T, op::CreateSchema> ||
               std::same_as<T, op::CreateObject> || std::same_as<T, op::AttachPartition>;
      },
      operation.body);
}

/// Orders one run of creating operations.
class Sorter {
 public:
  explicit Sorter(std::vector<const op::Operation*> operations) : operations_(std::move(operations)), nodes_(operations_.size()) {}

  std::vector<std::size_t> run() {
    for (std::size_t i = 0; i < operations_.size(); ++i) provide(i);
    for (std::size_t i = 0; i < operations_.size(); ++i) need(i);
    return sorted();
  }

 private:
  struct Node {
    std::vector<std::size_t> hard;  // what must stand behind this one
    std::vector<std::size_t> soft;
    std::size_t hard_left = 0;
    std::size_t soft_left = 0;
    bool done = false;
  };

  void provide(std::size_t i) {
    std::visit(
        [&](const auto& body) {
          using T = std::decay_t<decltype(body)>;
          if constexpr (std::same_as<T, op::CreateTable>) {
            provided_["table " + body.table.name.text()].push_back(i);
            words_[body.table.name.name].push_back(i);
            parts_[body.table.name.text()].push_back(i);
          } else if constexpr (std::same_as<T, op::CreateEnum>) {
            provided_["enum " + body.type.name.text()].push_back(i);
            words_[body.type.name.name].push_back(i);
          } else if constexpr (std::same_as<T, op::CreateSequence>) {
            provided_["sequence " + body.sequence.name.text()].push_back(i);
            words_[body.sequence.name.name].push_back(i);
          } else if constexpr (std::same_as<T, op::CreateSchema>) {
            schemas_[body.schema.name] = i;
          } else if constexpr (std::same_as<T, op::CreateObject>) {
            const auto& key = body.object.key;
            provided_[key.kind + " " + key.name.text()].push_back(i);
            if (key.kind == "extension") extensions_.push_back(i);
            if (is_privilege(key.kind)) return;
            if (key.parent.empty() && key.kind != "extension" && key.kind != "publication") words_[key.name.name].push_back(i);
          } else if constexpr (std::same_as<T, op::CreateIndex> || std::same_as<T, op::AddConstraint>) {
            parts_[body.table.text()].push_back(i);
          }
        },
        operations_[i]->body);
  }

  void edge(std::size_t from, std::size_t to, bool hard) {
    if (from == to) return;
    auto& list = hard ? nodes_[from].hard : nodes_[from].soft;
    list.push_back(to);
    ++(hard ? nodes_[to].hard_left : nodes_[to].soft_left);
  }

  void need_thing(std::size_t i, const std::string& kind, const Name& name) {
    const auto found = provided_.find(kind + " " + name.text());
    if (found == provided_.end()) return;
    for (std::size_t from : found->second) edge(from, i, true);
  }
  void need_table(std::size_t i, const Name& name) { need_thing(i, "table", name); }

  static bool is_view(const schema::ObjectKey& key) { return key.kind == "view" || key.kind == "materialized_view"; }

  /// Every word of a text may be something's name, but a query names another view only where a table can stand.
  void need_words(std::size_t i, std::string_view text, bool query = false) {
    if (text.empty() || words_.empty()) return;
    std::set<std::size_t> found;
    for (const std::string& word : identifiers_in(text)) {
      const auto named = words_.find(word);
      if (named == words_.end()) continue;
      found.insert(named->second.begin(), named->second.end());
    }
    for (std::size_t from : found) {
      const auto* other = std::get_if<op::CreateObject>(&operations_[from]->body);
      if (query && other != nullptr && is_view(other->object.key) && !rewriter().mentions_table(text, other->object.key.name)) continue;
      edge(from, i, false);
    }
  }

  void need_type(std::size_t i, const schema::Type& type) {
    if (!type.element.empty()) return need_type(i, type.element[0]);
    if (type.kind == schema::TypeKind::enumeration && !type.name.empty()) return need_thing(i, "enum", enumeration_name(type));
    if (type.kind == schema::TypeKind::native) need_words(i, type.text);
  }

  void need_part(std::size_t i, const schema::IndexPart& part) {
    if (part.expression) need_words(i, sql_of(*part.expression));
    need_words(i, part.collation);
    need_words(i, part.operator_class);
  }

  void need_index(std::size_t i, const schema::Index& index) {
    for (const auto& part : index.columns) need_part(i, part);
    if (index.where) need_words(i, sql_of(*index.where));
  }

  void need_constraint(std::size_t i, const Name& table, const schema::Constraint& constraint) {
    if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) {
      if (key->referenced_table == table) return;
      need_table(i, key->referenced_table);
      // The key that it refers to may be an index or a constraint of its own.
      const auto parts = parts_.find(key->referenced_table.text());
      if (parts == parts_.end()) return;
      for (std::size_t from : parts->second) {
        const auto* add = std::get_if<op::AddConstraint>(&operations_[from]->body);
        if (add == nullptr || !std::holds_alternative<schema::ForeignKey>(add->constraint)) edge(from, i, false);
      }
    } else if (const auto* check = std::get_if<schema::Check>(&constraint)) {
      need_words(i, sql_of(check->expression));
    } else if (const auto* exclude = std::get_if<schema::Exclude>(&constraint)) {
      for (const auto& element : exclude->elements) need_part(i, element.part);
      if (exclude->where) need_words(i, sql_of(*exclude->where));
    }
  }

  void need_of_table(std::size_t i, const schema::Table& table) {
    for (const auto& column : table.columns) {
      need_type(i, column.type);
      need_words(i, column.collation);
      if (column.server_default) need_words(i, sql_of(*column.server_default));
      if (column.generated) need_words(i, sql_of(column.generated->expression));
    }
    for (const auto& constraint : table.constraints) need_constraint(i, table.name, constraint);
    for (const auto& index : table.indexes) need_index(i, index);
    for (const std::string& parent : list_option(table.options, "inherits")) need_table(i, schema::parse_name(parent));
    need_words(i, text_option(table.options, "of_type"));
    need_words(i, text_option(table.options, "partition_by"));
    need_words(i, text_option(table.options, "access_method"));
    if (const std::string server = text_option(table.options, "foreign_server"); !server.empty()) need_thing(i, "server", {"", server});
  }

  void need_of_object(std::size_t i, const schema::Object& object) {
    if (object.key.kind == "privilege" && object.key.signature == "SCHEMA") need_space(i, object.key.name.name);
    if (object.key.kind == "default_privileges") {
      // What is made afterwards would have them at once.
      for (std::size_t from = 0; from < operations_.size(); ++from) {
        const auto* other = std::get_if<op::CreateObject>(&operations_[from]->body);
        if (other == nullptr || other->object.key.kind != "default_privileges") edge(from, i, true);
      }
      return;
    }
    for (const auto& key : object.depends_on) {
      if (key.kind == "schema") continue;
      const auto found = provided_.find(key.kind + " " + key.name.text());
      if (found == provided_.end()) continue;
      for (std::size_t from : found->second) {
        // Of overloaded functions, the one that is meant.
        const auto* other = std::get_if<op::CreateObject>(&operations_[from]->body);
        if (other == nullptr || (other->object.key.signature == key.signature && other->object.key.parent == key.parent)) edge(from, i, true);
      }
    }
    if (!object.key.parent.empty()) {
      const Name parent = schema::parse_name(object.key.parent);
      need_table(i, parent);
      for (const char* kind : {"view", "materialized_view"}) need_thing(i, kind, parent);
      // A rule or policy may use a key of its table; a partition's own indexes come before it is attached.
      if (const auto parts = parts_.find(object.key.parent); parts != parts_.end() && object.key.kind != "partition") {
        for (std::size_t from : parts->second) edge(from, i, false);
      }
    }
    if (object.key.kind == "partition") need_partition(i, object.key.name, schema::parse_name(object.key.parent));
    // A function's body is bound when it runs.
    if (object.key.kind == "function" || object.key.kind == "procedure") return need_words(i, signature_of(sql_of(object.definition)));
    if (is_privilege(object.key.kind)) return;
    need_words(i, sql_of(object.definition), is_view(object.key));
    if (object.key.kind == "view" || object.key.kind == "materialized_view") need_group_keys(i, object);
  }

  /// GROUP BY a primary key makes a view depend on the key.
  void need_group_keys(std::size_t i, const schema::Object& object) {
    for (const auto& key : object.depends_on) {
      if (key.kind != "table") continue;
      if (const auto parts = parts_.find(key.name.text()); parts != parts_.end()) {
        for (std::size_t from : parts->second) edge(from, i, false);
      }
    }
  }

  void need_partition(std::size_t i, const Name& partition, const Name& parent) {
    need_table(i, partition);
    const auto parts = parts_.find(partition.text());
    if (parts == parts_.end()) return;
    for (std::size_t from : parts->second) {
      // A parent's index takes the first that is like it for its own: what is not its own comes later.
      if (is_beside_parents(from)) {
        edge(i, from, true);
        continue;
      }
      const auto* add = std::get_if<op::AddConstraint>(&operations_[from]->body);
      if (add == nullptr || !std::holds_alternative<schema::ForeignKey>(add->constraint)) edge(from, i, false);
    }
    const auto of_parent = parts_.find(parent.text());
    if (of_parent == parts_.end()) return;
    for (std::size_t own : parts->second) {
      if (!is_beside_parents(own)) continue;
      for (std::size_t from : of_parent->second) {
        if (std::holds_alternative<op::CreateIndex>(operations_[from]->body)) edge(from, own, false);
      }
    }
  }

  bool is_beside_parents(std::size_t i) const {
    const auto* create = std::get_if<op::CreateIndex>(&operations_[i]->body);
    return create != nullptr && !is_inherited(create->index.options);
  }

  static std::string_view signature_of(std::string_view definition) {
    std::size_t depth = 0;
    for (std::size_t k = 0; k + 1 < definition.size(); ++k) {
      if (definition[k] == '(') ++depth;
      if (definition[k] == ')' && depth > 0) --depth;
      if (definition[k] == '$' || (depth == 0 && definition.substr(k, 3) == "AS ")) return definition.substr(0, k);
    }
    return definition;
  }

  void need(std::size_t i) {
    std::visit(
        [&](const auto& body) {
          using T = std::decay_t<decltype(body)>;
          if constexpr (std::same_as<T, op::CreateTable>) {
            need_space(i, body.table.name.schema);
            need_of_table(i, body.table);
          } else if constexpr (std::same_as<T, op::CreateIndex>) {
            need_table(i, body.table);
            need_index(i, body.index);
          } else if constexpr (std::same_as<T, op::AddConstraint>) {
            need_table(i, body.table);
            need_constraint(i, body.table, body.constraint);
          } else if constexpr (std::same_as<T, op::CreateEnum>) {
            need_space(i, body.type.name.schema);
          } else if constexpr (std::same_as<T, op::CreateSequence>) {
            need_space(i, body.sequence.name.schema);
          } else if constexpr (std::same_as<T, op::CreateObject>) {
            need_space(i, body.object.key.name.schema);
            if (body.object.key.kind == "extension") need_space(i, text_option(body.object.options, "schema"));
            need_of_object(i, body.object);
          } else if constexpr (std::same_as<T, op::AttachPartition>) {
            need_table(i, body.table);
            need_partition(i, body.partition, body.table);
          }
        },
        operations_[i]->body);
    // What an extension brings has no name here: whatever is no schema may be made of it.
    const auto* object = std::get_if<op::CreateObject>(&operations_[i]->body);
    if (std::holds_alternative<op::CreateSchema>(operations_[i]->body) || (object != nullptr && object->object.key.kind == "extension")) return;
    for (std::size_t from : extensions_) edge(from, i, true);
  }

  void need_space(std::size_t i, const std::string& space) {
    if (const auto found = schemas_.find(space); found != schemas_.end()) edge(found->second, i, true);
  }

  /// Where text alone would make a ring, the text is believed less than what is certain; a ring of certainties keeps the written order.
  std::vector<std::size_t> sorted() {
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
    std::set<std::size_t> half;  // only text holds them back
    std::set<std::size_t> rest;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      rest.insert(i);
      if (nodes_[i].hard_left == 0) nodes_[i].soft_left == 0 ? free.push(i) : static_cast<void>(half.insert(i));
    }
    std::vector<std::size_t> order;
    while (order.size() < nodes_.size()) {
      std::size_t next = 0;
      if (!free.empty()) {
        next = free.top();
        free.pop();
      } else {
        next = half.empty() ? *rest.begin() : *half.begin();
      }
      if (nodes_[next].done) continue;
      nodes_[next].done = true;
      order.push_back(next);
      half.erase(next);
      rest.erase(next);
      const auto release = [&](std::size_t to) {
        if (nodes_[to].done || nodes_[to].hard_left != 0) return;
        if (nodes_[to].soft_left == 0) {
          half.erase(to);
          free.push(to);
        } else {
          half.insert(to);
        }
      };
      for (std::size_t to : nodes_[next].hard) {
        --nodes_[to].hard_left;
        release(to);
      }
      for (std::size_t to : nodes_[next].soft) {
        --nodes_[to].soft_left;
        release(to);
      }
    }
    return order;
  }

  std::vector<const op::Operation*> operations_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::vector<std::size_t>> provided_;  // by kind and name
  std::unordered_map<std::string, std::vector<std::size_t>> words_;     // by bare name
  std::unordered_map<std::string, std::vector<std::size_t>> parts_;     // by table: itself, its indexes and constraints
  std::unordered_map<std::string, std::size_t> schemas_;
  std::vector<std::size_t> extensions_;
};

}  // namespace

std::vector<std::string> identifiers_in(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      std::string name;
      for (++i; i < text.size(); ++i) {
        if (text[i] == '"') {
          if (i + 1 >= text.size() || text[i + 1] != '"') break;
          ++i;
        }
        name += text[i];
      }
      ++i;
      found.push_back(std::move(name));
    } else if (is_letter(text[i])) {
      std::string name;
      for (; i < text.size() && is_part_of_word(text[i]); ++i)
        name += text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
      found.push_back(std::move(name));
    } else {
      ++i;
    }
  }
  return found;
}

std::vector<std::size_t> creation_order(std::span<const op::Operation> operations, std::span<const std::size_t> order) {
  std::vector<std::size_t> sorted;
  sorted.reserve(order.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && creates_only(operations[order[end]])) ++end;
    if (end == i) {
      sorted.push_back(order[i++]);
      continue;
    }
    std::vector<const op::Operation*> run;
    for (std::size_t k = i; k < end; ++k) run.push_back(&operations[order[k]]);
    for (std::size_t k : Sorter(std::move(run)).run()) sorted.push_back(order[i + k]);
    i = end;
  }
  return sorted;
}

}  // namespace aludel::postgresql
