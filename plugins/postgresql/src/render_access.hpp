#pragma once

#include <aludel/schema/schema.hpp>

#include <optional>
#include <span>
#include <string>

/// Owner and privileges of what is dropped and made again. They are no part of a schema unless they are asked for (`privileges = true`), and its
/// owner never is: the session itself remembers them meanwhile, in a setting of its own.
namespace aludel::postgresql {

/// Something that may be dropped and come back.
struct Held {
  std::string reference;  ///< as ALTER names it; a column's is said for itself alone
  std::string query;      ///< its row of the statement's `held`
};
/// nullopt for what has neither owner nor privileges of its own. With `owner_alone` the privileges are an affair of the schema's.
std::optional<Held> held_object(const schema::ObjectKey& key, bool owner_alone);
Held held_table(const schema::Name& table, bool owner_alone);
Held held_column(const schema::Name& table, const std::string& column);
/// A sequence that is made again under another name, `made`, for a while.
Held held_sequence(const schema::Name& sequence);

/// Makes the owner of the one table that of the other: a sequence can only be owned by a column of its own owner's table. One statement.
std::string give_owner(const schema::Name& from, const schema::Name& to);

/// Remembers them. One statement.
std::string keep_access(std::span<const Held> all);
/// Gives back what was remembered of these references, in their order. One statement.
std::string give_access(std::span<const std::string> references);

}  // namespace aludel::postgresql
