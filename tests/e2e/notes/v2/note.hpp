#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "database.hpp"

namespace notes {

struct Note {
  std::int64_t id = 0;
  std::string title;  // empty: none
  std::string text;
};

inline void add(sqlite3* database, const std::string& body) { run(database, "INSERT INTO note (text) VALUES (?1)", body); }

inline std::vector<Note> all(sqlite3* database) {
  std::vector<Note> result;
  const auto statement = prepare(database, "SELECT id, title, text FROM note ORDER BY id");
  while (sqlite3_step(statement.get()) == SQLITE_ROW) {
    result.push_back({sqlite3_column_int64(statement.get(), 0), text(statement, 1), text(statement, 2)});
  }
  return result;
}

inline std::string describe(const Note& note) { return std::to_string(note.id) + "  " + (note.title.empty() ? "" : note.title + ": ") + note.text; }

}  // namespace notes
