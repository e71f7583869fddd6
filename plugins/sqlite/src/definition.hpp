#pragma once

#include "lexer.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::sqlite {

/// What names mean in a view's or trigger's definition, as far as its tokens say. Pure.
class Definition {
 public:
  explicit Definition(std::string_view text);

  /// Where a name stands for a table: behind FROM, JOIN, INTO, UPDATE, IN, or a trigger's ON.
  struct Reference {
    std::size_t token = 0;
    std::string table;
    std::string alias;  ///< empty: none
    std::size_t statement = 0;
    bool target = false;  ///< of INSERT INTO: its columns cannot be named by the statement's expressions
  };

  const std::vector<Token>& tokens() const { return tokens_; }
  const std::vector<Reference>& references() const { return references_; }
  bool is_trigger() const { return trigger_; }
  bool is_virtual_table() const { return virtual_; }
  /// The table a trigger belongs to.
  const std::string& trigger_table() const { return trigger_table_; }
  std::size_t statement_of(std::size_t token) const { return statements_[token]; }
  bool refers_to(std::string_view table) const;
  bool is_reference(std::size_t token) const;
  /// A name of the definition's own: WITH name AS (...), or a subquery's alias.
  bool is_local(std::string_view name) const;

  /// The table whose column stands here because of where it stands: INSERT INTO t (c), ON CONFLICT (c), SET c = 1, UPDATE OF c ON t.
  std::optional<std::string> table_by_place(std::size_t token) const;
  /// The names a statement defines by AS, where a column's name may mean them instead.
  bool defines(std::string_view name, std::size_t statement) const;
  /// Is this name no column at all: a function, a collation, a type, a new name behind AS, one in a list of new names?
  bool is_no_column(std::size_t token) const;

 private:
  struct Level;
  const Token& at(std::size_t index) const { return tokens_[index < tokens_.size() ? index : tokens_.size() - 1]; }
  bool may_name(std::size_t index) const;
  std::size_t closing(std::size_t open) const;
  void number_statements(std::size_t body);
  std::size_t read_trigger_head();
  void find_local_names();
  void scan(std::size_t first);
  enum class Place { from, into, update, in };
  std::size_t read_table(std::size_t index, Place place);
  std::string read_alias(std::size_t& index) const;
  void mark_list(std::size_t open, const std::string& table);
  void mark_assignments(std::size_t set, const std::string& table);

  std::vector<Token> tokens_;
  std::vector<std::size_t> statements_;
  std::vector<Reference> references_;
  std::vector<std::pair<std::size_t, std::string>> placed_;
  std::set<std::size_t> new_names_;
  std::set<std::string> locals_;  // in lower case
  bool trigger_ = false;
  bool virtual_ = false;
  std::string trigger_table_;
};

}  // namespace aludel::sqlite
