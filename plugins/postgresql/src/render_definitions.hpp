#pragma once

#include <aludel/schema/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What two definitions of an object differ in, where PostgreSQL can change the object in place. Each gives nullopt where it cannot. Pure.
namespace aludel::postgresql {

/// Each is one ALTER DOMAIN.
std::optional<std::vector<std::string>> domain_changes(std::string_view from, std::string_view to);
/// ADD, DROP and ALTER ATTRIBUTE of a composite type.
std::optional<std::vector<std::string>> attribute_changes(std::string_view from, std::string_view to);
/// VERSION and OPTIONS of a server, or HANDLER, VALIDATOR and OPTIONS of a wrapper; empty where nothing differs.
std::optional<std::string> server_changes(std::string_view from, std::string_view to);
/// A routine's arguments and result, which CREATE OR REPLACE must leave alone, with its words in one normal form.
std::string routine_head(std::string_view definition);
/// What a domain is made of, without its collation; nullopt where the definition cannot be read.
std::optional<std::string> domain_base(std::string_view definition);
/// A composite type's attributes in their order: the name as it is written, then type and collation.
std::vector<std::pair<std::string, std::string>> attributes_of(std::string_view definition);

/// What a column can be of, enumerations aside.
bool is_type_kind(std::string_view kind);
/// Have both the same attributes in the same order, so that a value is the same text under both?
bool has_same_attributes(std::string_view from, std::string_view to);

struct TypeUser {
  schema::Name table;
  std::string column;
  bool of_array = false;
};
/// Every column of that type, or of an array of it.
std::vector<TypeUser> users_of_type(const schema::Metadata& schema, const schema::Name& type);

}  // namespace aludel::postgresql
