#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aludel::postgresql {

/// Can objects of that kind be created, changed and dropped?
bool is_known_object(std::string_view kind);
/// All kinds, for Capabilities::object_kinds.
std::vector<std::string> object_kinds();

/// "FUNCTION app.f(integer)", "TRIGGER t ON hero", "MATERIALIZED VIEW v": as ALTER, DROP and COMMENT ON name it.
std::string object_reference(const schema::ObjectKey& key);
/// CREATE [OR REPLACE], one statement.
std::string create_object(const schema::Object& object, bool replace);
/// What the object has that CREATE cannot say: enabled state, defaults of a view's columns, comments.
std::vector<std::string> after_create(const schema::Object& object);
/// ALTER ... for a trigger's, rule's or event trigger's state; `enabled` as in the options, empty for the usual one.
std::string enable_statement(const schema::ObjectKey& key, std::string_view enabled);
std::string drop_object(const schema::ObjectKey& key, bool if_exists);

}  // namespace aludel::postgresql
