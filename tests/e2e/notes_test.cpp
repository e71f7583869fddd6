// apps/notes, a program that upgrades its own file, through the years: three versions of it, the command line beside them, and what goes wrong on
// users' machines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Notes : public testing::Test {
 protected:
  Outcome notes(int version, const std::vector<std::string>& arguments, int code = 0) const {
    std::vector<std::string> command{program(version), "notes.db"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto outcome = run_program(command, project.directory(), project.environment);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    return outcome;
  }
  static std::string program(int version) {
    return std::string(ALUDEL_BINARY_DIR "/bin/notes") + (version == 3 ? "" : "_v" + std::to_string(version));
  }
  std::string sqlite(const std::string& sql) const { return project.sql(sql, "notes.db"); }
  /// The database and all that the program puts beside it.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(project.directory())) {
      const auto name = entry.path().filename().string();
      if (name.find("notes.db") != std::string::npos) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<std::string> copies() const {
    auto names = files();
    names.erase(std::remove_if(names.begin(), names.end(), [](const auto& name) { return !name.ends_with(".backup"); }), names.end());
    return names;
  }
  /// Many notes of the second version, so that the third one's rebuild takes a while and room.
  void fill(int rows) const {
    notes(2, {"add", "first"});
    sqlite("INSERT INTO note (text) WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < " + std::to_string(rows) +
           ") SELECT 'note number ' || x || ' of very many' FROM n");
  }

  Project project;
};

TEST_F(Notes, LiveThroughThreeVersions) {
  EXPECT_EQ(notes(1, {"add", "milk and bread"}).out, "1  milk and bread\n");
  notes(1, {"add", "call Tommy"});
  EXPECT_THAT(copies(), IsEmpty()) << "there was nothing to lose";

  const auto second = notes(2, {"list"});
  EXPECT_THAT(second.err,
              AllOf(HasSubstr("0% titles"), HasSubstr("upgraded: 1 revision applied (b27d94c1e803)"), HasSubstr("as it was before is in")));
  EXPECT_EQ(second.out, "1  milk and bre: milk and bread\n2  call Tommy\n");
  EXPECT_EQ(notes(2, {"list"}).err, "") << "nothing to do, nothing to say";
  EXPECT_EQ(notes(3, {"list"}).out, "1  milk and bre: milk and bread\n2  untitled: call Tommy\n");
  EXPECT_THAT(copies(), SizeIs(2));
  EXPECT_EQ(notes(3, {"backups"}).out, (project.directory() / copies()[1]).string() + "\n" + (project.directory() / copies()[0]).string() + "\n");
  EXPECT_THAT(files(), SizeIs(3)) << "notes.db and its copies";
}

TEST_F(Notes, AVersionMayBeSkipped) {
  notes(1, {"add", "one"});
  EXPECT_EQ(notes(3, {"list"}).out, "1  one: one\n");
  EXPECT_THAT(copies(), SizeIs(1));
}

TEST_F(Notes, TheCommandLineSeesWhatRanAndNoEdits) {
  notes(3, {"add", "one"});
  std::filesystem::create_directories(project.file("migrations"));
  std::filesystem::copy(ALUDEL_SOURCE_DIR "/apps/notes/migrations/versions", project.file("migrations/versions"));
  project.write("aludel.toml", "[database]\nurl = \"sqlite:///notes.db\"\n");
  const auto upgrade = project.aludel({"upgrade", "head"});
  EXPECT_EQ(upgrade.code, 0) << upgrade.all();
  EXPECT_THAT(upgrade.all(), AllOf(HasSubstr("nothing to do"), Not(HasSubstr("edited"))));
  EXPECT_THAT(project.aludel({"status"}).all(), Not(HasSubstr("edited")));
  EXPECT_THAT(project.aludel({"journal"}).all(), AllOf(HasSubstr("d5830c6f19ae"), HasSubstr("every note has a title")));

  const auto downgrade = project.aludel({"downgrade", "-2", "--accept-data-loss"});
  EXPECT_EQ(downgrade.code, 0) << downgrade.all();
  EXPECT_EQ(notes(1, {"list"}).out, "1  one\n");
  EXPECT_EQ(notes(3, {"list"}).out, "1  one: one\n");
}

TEST_F(Notes, AnOlderProgramLeavesANewerFileAloneAndACopyBringsItBack) {
  notes(1, {"add", "one"});
  notes(3, {"add", "two"});
  const auto before = sqlite(".dump");
  const auto refused = notes(1, {"add", "three"}, 3);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("newer version; please start that one"), HasSubstr("'d5830c6f19ae'")));
  EXPECT_EQ(sqlite(".dump"), before);

  notes(1, {"restore", copies().front()});
  EXPECT_EQ(notes(1, {"list"}).out, "1  one\n");
}

TEST_F(Notes, ALockedFileIsSaidToBeLocked) {
  notes(1, {"add", "one"});
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(project.file("notes.db").c_str(), &handle), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> other(handle, sqlite3_close);
  ASSERT_EQ(sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  project.environment["NOTES_LOCK_WAIT"] = "200";
  EXPECT_THAT(notes(3, {"list"}, 1).err, AllOf(HasSubstr("another program has your notes open"), HasSubstr("is locked")));
  EXPECT_THAT(copies(), IsEmpty()) << "nothing was changed, so no copy stays";
  ASSERT_EQ(sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  notes(3, {"list"});
}

TEST_F(Notes, AFullDiskLeavesTheNotesAsTheyWere) {
  fill(20'000);
  const auto before = sqlite(".dump note");
  const auto size = std::filesystem::file_size(project.file("notes.db"));
  // First no room for the copy, then room for that but not for the work. ulimit counts blocks of 512 bytes (POSIX).
  for (const auto limit : {size / 2, size + 65536}) {
    SCOPED_TRACE(limit);
    const auto shell = "trap '' XFSZ; ulimit -f " + std::to_string(limit / 512) + "; exec " + program(3) + " notes.db";
    const auto outcome = run_program({"sh", "-c", shell}, project.directory(), project.environment);
    EXPECT_EQ(outcome.code, 1) << outcome.all();
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("no_space"), HasSubstr("no room on the disk; your notes are as they were")));
    EXPECT_EQ(sqlite("PRAGMA integrity_check"), "ok\n");
    EXPECT_EQ(sqlite(".dump note"), before);
    EXPECT_THAT(files(), SizeIs(1)) << "no copy and no part of one stays";
  }
  notes(3, {"list"});
  EXPECT_EQ(sqlite("SELECT count(*), sum(title = 'untitled') FROM note"), "20000|20000\n");
}

TEST_F(Notes, AKilledProgramGoesOnAtTheNextStart) {
  fill(20'000);
  const auto start = project.directory() / "start.db";
  std::filesystem::copy_file(project.file("notes.db"), start);
  int cut_short = 0;
  for (int delay = 0; delay < 40 && !HasFailure(); delay += 3) {
    SCOPED_TRACE("killed after " + std::to_string(delay) + " ms");
    for (const auto& name : files()) {
      if (name.starts_with("notes.db") || name.starts_with(".notes.db")) std::filesystem::remove(project.file(name));
    }
    std::filesystem::copy_file(start, project.file("notes.db"));
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      if (chdir(project.directory().c_str()) != 0 || freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr)
        _exit(126);
      execl(program(3).c_str(), "notes", "notes.db", nullptr);
      _exit(127);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) ++cut_short;
    for (const auto& copy : copies()) EXPECT_EQ(project.sql("SELECT count(*) FROM note", copy), "20000\n") << "a copy is whole or not there";
    notes(3, {"list"});
    EXPECT_EQ(sqlite("PRAGMA integrity_check"), "ok\n");
    EXPECT_EQ(sqlite("SELECT count(*), sum(title = 'untitled') FROM note"), "20000|20000\n");
    EXPECT_EQ(sqlite("SELECT count(*) FROM aludel_journal WHERE revision = 'd5830c6f19ae'"), "1\n");
  }
  EXPECT_GE(cut_short, 2);
}

TEST_F(Notes, SixteenStartsAtOnceUpgradeOnce) {
  fill(5'000);
  std::vector<std::thread> threads;
  std::vector<Outcome> outcomes(16);
  for (auto& outcome : outcomes) {
    threads.emplace_back([&] { outcome = run_program({program(3), "notes.db"}, project.directory(), project.environment); });
  }
  for (auto& thread : threads) thread.join();
  int upgraded = 0;
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, outcomes.front().out);
    if (outcome.err.find("upgraded:") != std::string::npos) ++upgraded;
  }
  EXPECT_EQ(upgraded, 1);
  ASSERT_THAT(copies(), SizeIs(1)) << "one copy, of what was there before";
  EXPECT_EQ(project.sql("SELECT revision FROM aludel_version", copies().front()), "b27d94c1e803\n");
  EXPECT_THAT(files(), SizeIs(2));
  EXPECT_EQ(sqlite("SELECT count(*) FROM aludel_journal WHERE revision = 'd5830c6f19ae'"), "1\n");
}

}  // namespace
}  // namespace aludel::test
