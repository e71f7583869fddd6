#include <aludel/file/schema.hpp>

#include "file/file_tables.hpp"

#include <aludel/op/codec.hpp>

namespace aludel::file {
namespace {

/// The schema of one file: its own keys, and the operations it may hold.
template <class T>
Value document_schema(std::string_view title, bool operations) {
  op::codec::Schemas schemas;
  const auto reference = op::codec::Codec<T>::schema(schemas);
  auto definitions = schemas.definitions();
  if (operations) {
    const auto schema = op::operation_schema();
    for (const auto& member : *schema.find("$defs")->object()) definitions.set(member.key, member.value);
  }
  Value result;
  result.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  result.set("title", title);
  result.set("$ref", *reference.find("$ref"));
  result.set("$defs", std::move(definitions));
  return result;
}

}  // namespace

Value revision_schema() { return document_schema<RevisionFile>("aludel revision", true); }
Value snapshot_schema() { return document_schema<SnapshotFile>("aludel snapshot", true); }
Value configuration_schema() { return document_schema<ConfigurationFile>("aludel.toml", false); }

}  // namespace aludel::file
