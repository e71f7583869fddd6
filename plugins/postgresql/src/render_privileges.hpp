#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Privileges are objects: kind "privilege" (of what its parent or its signature and name say) and "default_privileges" (named as the role, signature
/// "TABLES [IN SCHEMA name]"). The definition lists by what they differ from the usual: "GRANT SELECT TO reader; REVOKE EXECUTE FROM PUBLIC".
namespace aludel::postgresql {

bool is_privilege(std::string_view kind);
/// The statements that lead from one list to the other; an empty one is the usual.
std::vector<std::string> privilege_changes(const schema::ObjectKey& key, std::string_view from, std::string_view to);
/// What is granted at once to a new thing by the default privileges that the schema holds; `kind` is "TABLES", "SEQUENCES", "FUNCTIONS" or "TYPES".
std::string granted_at_once(const schema::Metadata& schema, std::string_view kind, const schema::Name& name);
/// As privilege_changes for a new thing, which may have been granted something at once: by whom it is made decides whether it was.
std::vector<std::string> first_privileges(const schema::ObjectKey& key, std::string_view at_once, std::string_view wanted);
/// Is what the privileges are of in the schema?
bool has_target(const schema::Metadata& schema, const schema::ObjectKey& privilege);

/// GRANTs of a table's privilege object that are for the column alone, which is made again.
std::vector<std::string> column_grants(const schema::ObjectKey& key, std::string_view definition, std::string_view column);

}  // namespace aludel::postgresql
