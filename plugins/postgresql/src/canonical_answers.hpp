#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/schema/schema.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace aludel::postgresql {

/// What the server said of a declared schema, by place ("hero/column/age/default"). An empty default is none.
using Answers = std::map<std::string, std::string>;

/// Is there anything that only a server can spell?
bool needs_server(const schema::Metadata& metadata);
/// Has it no canonical spelling yet?
bool open(const schema::Expression& expression);
bool open(const schema::Table& table);
/// What the server is told: the canonical spelling where there is one, else the declared one.
const std::string& spelling(const schema::Expression& expression);

/// What a declared table's parts are called where they were made, by their position.
struct PartNames {
  std::function<std::string(std::size_t)> check, exclude, index;
};
/// Notes what the server made of a declared thing.
void answer(Answers& answers, const schema::Table& declared, const schema::Table& made, const PartNames& names);
void answer(Answers& answers, const schema::Object& declared, const schema::Object& made);

struct Asked {
  Answers answers;
  bool complete = false;  ///< the server took all of it, so that asking again would bring the same
};
/// Makes the schema of temporary things in a transaction or savepoint that is rolled back, and reads it.
Asked ask_server(const schema::Metadata& metadata, dialect::Connection& connection);
/// Makes the schema, its other schemas and all, in a scratch database, and reads it. Throws Error(connection | unsupported) where there can be none.
Asked ask_scratch(const schema::Metadata& metadata, dialect::Connection& connection);
/// Fills in the canonical spellings.
void apply_answers(schema::Metadata& metadata, const Answers& answers);

/// The user's cache: $XDG_CACHE_HOME/aludel/postgresql or ~/.cache/aludel/postgresql. Whatever goes wrong with it is no error: it is asked again.
std::optional<Answers> cached_answers(const std::string& key);
void cache_answers(const std::string& key, const Answers& answers);
/// What the answers depend on: the server's version and all that is declared.
std::string cache_key(const schema::Metadata& metadata, const dialect::Server& server, std::string_view default_schema);

}  // namespace aludel::postgresql
