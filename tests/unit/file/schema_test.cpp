// docs/schemas/ holds what the parsers' own tables say, so that editors find it without aludel.
#include <aludel/file/schema.hpp>
#include <aludel/file/script_directory.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace aludel::file {
namespace {

void expect_same(const std::string& name, const Value& schema) {
  const auto path = std::filesystem::path(ALUDEL_SOURCE_DIR) / "docs/schemas" / (name + ".schema.json");
  const auto text = to_json(schema, 2) + "\n";
  if (std::getenv("ALUDEL_UPDATE_SCHEMAS") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    write_file(path, text, true);
  }
  EXPECT_TRUE(read_file(path) == text) << path << " is not what the parser reads; write it anew: ALUDEL_UPDATE_SCHEMAS=1 unit_file "
                                       << "--gtest_filter='SchemaDocumentsTest.*'";
}

TEST(SchemaDocumentsTest, AreUpToDate) {
  expect_same("revision", revision_schema());
  expect_same("snapshot", snapshot_schema());
  expect_same("aludel", configuration_schema());
}

}  // namespace
}  // namespace aludel::file
