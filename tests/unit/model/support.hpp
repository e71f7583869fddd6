#pragma once

#include <aludel/error.hpp>
#include <aludel/models.hpp>

#include <gtest/gtest.h>

#include <string>

namespace aludel::test {

inline schema::Table table_of(const Models& models, const std::string& name) {
  const auto metadata = models.metadata();
  const auto* table = metadata.find_table({"", name});
  if (!table) throw Error(ErrorKind::internal, "no table " + name);
  return *table;
}

inline schema::Column column_of(const Models& models, const std::string& table, const std::string& name) {
  const auto found = table_of(models, table);
  const auto* column = found.find_column(name);
  if (!column) throw Error(ErrorKind::internal, "no column " + name);
  return *column;
}

/// What is wrong with the models: "message | hint", with further mistakes behind it.
inline std::string mistake(const Models& models) {
  try {
    models.metadata();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    std::string text = error.message() + " | " + error.hint();
    for (const auto& note : error.notes()) text += "\n" + note;
    return text;
  }
  return "nothing";
}

}  // namespace aludel::test
