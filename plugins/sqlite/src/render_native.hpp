#pragma once

#include "render_copy.hpp"

#include <aludel/dialect/connection.hpp>
#include <aludel/dialect/statement.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What SQLite can change in place (https://www.sqlite.org/lang_altertable.html). Pure.
namespace aludel::sqlite {

bool at_least(const dialect::Server& server, int major, int minor);

/// A statement and what it is about, so that it can be traced to the operations it came from.
struct Step {
  dialect::Statement statement;
  std::string column{};  ///< the one it adds or drops
  std::string index{};   ///< the one it creates or drops
};

/// May ALTER TABLE ADD COLUMN give this default? Literals only.
bool is_constant_default(std::string_view clause);

/// Are the two forms spelled alike, but for the order of columns, with nothing to be done to the rows?
bool is_same_table(const TableChange& change);

/// The change without copying the table, indexes included; nullopt where it takes a rebuild. `objects` are the views and triggers there are.
std::optional<std::vector<Step>> native_steps(const TableChange& change, const schema::SharedMap<schema::ObjectKey, schema::Object>& objects,
                                              const dialect::Server& server);

/// CREATE INDEX; preceded by the check that names what a unique one excludes, unless the table is known to be empty.
void append_create_index(const schema::Table& table, const schema::Index& index, bool empty, std::vector<Step>& steps);

}  // namespace aludel::sqlite
