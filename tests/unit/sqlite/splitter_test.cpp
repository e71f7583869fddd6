#include "support.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace aludel::sqlite::test {
namespace {

using Statements = std::vector<std::string>;
Statements split(std::string_view script) { return dialect().split(script); }

TEST(splitter, cuts_at_semicolons_outside_of_quotes_and_comments) {
  EXPECT_EQ(split("SELECT 1; SELECT ';' ;; SELECT \";\" -- ;\n; SELECT [;] /* ; */"),
            (Statements{"SELECT 1", "SELECT ';'", "SELECT \";\"", "SELECT [;]"}));
  EXPECT_EQ(split(""), Statements{});
  EXPECT_EQ(split(" ; -- nothing\n; /* at all */"), Statements{});
}

TEST(splitter, keeps_comments_in_front_of_their_statement) {
  EXPECT_EQ(split("-- the heroes\nCREATE TABLE hero (id); -- behind\nSELECT 1"),
            (Statements{"-- the heroes\nCREATE TABLE hero (id)", "-- behind\nSELECT 1"}));
}

TEST(splitter, keeps_trigger_bodies_whole) {
  const std::string trigger =
      "CREATE TEMP TRIGGER t AFTER INSERT ON hero BEGIN SELECT CASE WHEN 1 THEN 2 END; UPDATE hero SET x = 1 WHERE \"end\" = 1; END";
  EXPECT_EQ(split(trigger + "; SELECT 1;"), (Statements{trigger, "SELECT 1"}));
  EXPECT_EQ(split("EXPLAIN " + trigger), Statements{"EXPLAIN " + trigger});
  EXPECT_EQ(split("BEGIN; CREATE TABLE trigger_log (x); END; SELECT 1"), (Statements{"BEGIN", "CREATE TABLE trigger_log (x)", "END", "SELECT 1"}));
  EXPECT_EQ(split("create /* c */ trigger t after insert on a begin select 1; /* c */ end /* c */; select 2"),
            (Statements{"create /* c */ trigger t after insert on a begin select 1; /* c */ end", "select 2"}));
}

TEST(splitter, refuses_what_is_not_closed_with_its_place) {
  const auto refused = [](std::string_view script) { return std::string(error_of([&] { split(script); }).what()); };
  EXPECT_EQ(refused("SELECT 1;\n SELECT 'open"), "line 2, column 9: unclosed string");
  EXPECT_EQ(refused("SELECT \"open"), "line 1, column 8: unclosed quoted identifier");
  EXPECT_EQ(refused("SELECT 1 /* open"), "line 1, column 10: unclosed comment");
  EXPECT_EQ(refused("SELECT 1;\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2;"),
            "line 2, column 1: unclosed CREATE TRIGGER: its body does not end with END");
  EXPECT_EQ(refused("SELECT 1 ! 2"), "line 1, column 10: unexpected character '!'");
}

TEST(splitter, takes_the_bail_command_with_which_our_scripts_begin) {
  EXPECT_EQ(split(".bail on\nSELECT 1;\n.bail off\n-- two\nSELECT 2").size(), 2u);
  EXPECT_EQ(split("-- first\n.bail on\nSELECT 1;").front(), "SELECT 1");
}

TEST(splitter, refuses_commands_of_the_shell) {
  const Error error = error_of([] { split("SELECT 1;\n  .mode csv\n.tables"); });
  EXPECT_EQ(error.kind(), ErrorKind::syntax);
  EXPECT_EQ(std::string(error.what()), "line 2, column 3: '.mode csv' is a command of the sqlite3 shell, not SQL");
}

TEST(splitter, agrees_with_sqlite3_complete) {
  // Pieces put together at random: what the splitter calls a statement is complete for the library with its semicolon, and not without.
  std::mt19937_64 random(seed());
  const Statements pieces = {"CREATE",  "TEMP",   "TRIGGER", "EXPLAIN", "BEGIN", "END",  ";", "';'",
                             "\"a;b\"", "SELECT", "-- c;\n", "/* ; */", "x",     "CASE", "(", ")"};
  int compared = 0;
  for (int i = 0; i < cases(3000); ++i) {
    std::string script;
    for (int length = 1 + static_cast<int>(random() % 14); length > 0; --length) script += pieces[random() % pieces.size()] + " ";
    Statements statements;
    try {
      statements = split(script + ";");
    } catch (const Error&) {
      // Unclosed to us must be unfinished to the library.
      ASSERT_FALSE(sqlite3_complete((script + ";").c_str())) << script;
      continue;
    }
    for (const std::string& statement : statements) {
      ++compared;
      ASSERT_TRUE(sqlite3_complete((statement + "\n;").c_str())) << script;
    }
  }
  EXPECT_GT(compared, cases(3000) / 4);
}

TEST(splitter, running_the_parts_is_running_the_whole) {
  const std::string script = R"(
    CREATE TABLE a (x); CREATE TABLE log (y);
    CREATE TRIGGER t AFTER INSERT ON a WHEN NEW.x <> ';' BEGIN
      INSERT INTO log VALUES (CASE NEW.x WHEN 'end' THEN 'END;' ELSE 'other' END);
      INSERT INTO log VALUES ('second');
    END;
    INSERT INTO a VALUES ('end'), (';'), ('z');)";
  const auto connection = memory();
  run(*connection, script);
  EXPECT_EQ(connection->execute("SELECT group_concat(y, '|') FROM log").scalar(), Value("END;|second|other|second"));
}

}  // namespace
}  // namespace aludel::sqlite::test
