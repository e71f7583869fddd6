#include <aludel/sqlite/embedded.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "database.hpp"
#include "embedded/revisions.hpp"
#include "note.hpp"

// A program that ships SQLite and upgrades its own file when it starts: `notes FILE [list | add TEXT | backups | restore COPY]`.
namespace {

/// What a program with windows would show in one.
int explain(const aludel::embedded::Result& result) {
  using aludel::embedded::Outcome;
  const bool newer = result.outcome == Outcome::newer;
  if (newer) std::cerr << "notes: your notes were last opened by a newer version; please start that one\n";
  if (result.outcome == Outcome::locked) std::cerr << "notes: another program has your notes open; please close it\n";
  if (result.outcome == Outcome::no_space) std::cerr << "notes: there is no room on the disk; your notes are as they were\n";
  std::cerr << result.text() << '\n';
  return newer ? 3 : 1;
}

int run(sqlite3* database, const std::string& command, const std::string& argument) {
  const auto connection = aludel::sqlite::adopt(database);
  if (command == "backups") {
    for (const auto& copy : aludel::embedded::backups(*connection)) std::cout << copy.string() << '\n';
    return EXIT_SUCCESS;
  }
  if (command == "restore") {
    aludel::embedded::restore(*connection, argument);
    return EXIT_SUCCESS;
  }

  aludel::embedded::Options options;
  options.tool = "notes";
  options.backup.emplace();
  options.lock_wait = std::chrono::seconds(30);
  if (const char* wait = std::getenv("NOTES_LOCK_WAIT")) options.lock_wait = std::chrono::milliseconds(std::atoi(wait));
  options.progress = [](const aludel::embedded::Progress& progress) {
    using Stage = aludel::embedded::Progress::Stage;
    if (progress.stage == Stage::statement) return;  // for a bar, not for people
    std::cerr << static_cast<int>(progress.fraction() * 100) << "% " << progress.message << '\n';
  };
  const auto result = aludel::sqlite::upgrade(database, embedded::revisions(), options);
  if (!result.ok()) return explain(result);
  if (result.outcome == aludel::embedded::Outcome::upgraded) std::cerr << result.text() << '\n';

  if (command == "add") notes::add(database, argument);
  for (const auto& note : notes::all(database)) std::cout << notes::describe(note) << '\n';
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string command = argc > 2 ? argv[2] : "list";
  const bool with_argument = command == "add" || command == "restore";
  if (argc < 2 || argc != (with_argument ? 4 : argc > 2 ? 3 : 2) || (!with_argument && command != "list" && command != "backups")) {
    std::cerr << "usage: notes FILE [list | add TEXT | backups | restore COPY]\n";
    return 2;
  }
  return run(notes::open(argv[1]).get(), command, with_argument ? argv[3] : "");
} catch (const aludel::Error& error) {
  std::cerr << "notes: " << error.text() << '\n';
  return EXIT_FAILURE;
} catch (const std::exception& error) {
  std::cerr << "notes: " << error.what() << '\n';
  return EXIT_FAILURE;
}
