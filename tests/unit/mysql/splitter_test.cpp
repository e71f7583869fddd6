#include "splitter.hpp"

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace aludel::mysql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(splitter, ends_statements_at_semicolons_outside_of_quotes_and_comments) {
  EXPECT_THAT(split_script("SELECT ';'; SELECT \";\" ;SELECT `a;b` FROM t -- c;d\n; # e;f\n /* g;h */ SELECT 1"),
              ElementsAre("SELECT ';'", "SELECT \";\"", "SELECT `a;b` FROM t -- c;d", "SELECT 1"));
  EXPECT_THAT(split_script("SELECT 'it''s;', 'back\\';slash'; SELECT 2;"), ElementsAre("SELECT 'it''s;', 'back\\';slash'", "SELECT 2"));
  EXPECT_THAT(split_script(" ;; -- nothing\n/* at all */ ;\n"), IsEmpty());
}

TEST(splitter, takes_two_dashes_for_a_comment_only_before_a_space) {
  EXPECT_THAT(split_script("SELECT 5--1; SELECT 5 -- 1; no\n"), ElementsAre("SELECT 5--1", "SELECT 5 -- 1; no"));
}

TEST(splitter, keeps_executable_comments_for_the_server) {
  EXPECT_THAT(split_script("/*!40101 SET NAMES utf8mb4 */;\n/*M!100100 SET x=1 */;/*!50003 CREATE TABLE t (a INT) */;"),
              ElementsAre("/*!40101 SET NAMES utf8mb4 */", "/*M!100100 SET x=1 */", "/*!50003 CREATE TABLE t (a INT) */"));
  EXPECT_THAT(split_script("CREATE TABLE t (a INT /*!80023 INVISIBLE */, b CHAR(1) DEFAULT ';');"),
              ElementsAre("CREATE TABLE t (a INT /*!80023 INVISIBLE */, b CHAR(1) DEFAULT ';')"));
}

TEST(splitter, obeys_delimiter_commands) {
  EXPECT_THAT(
      split_script("DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON h FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END ;;\nDELIMITER ;\nSELECT 1;"),
      ElementsAre("CREATE TRIGGER t BEFORE INSERT ON h FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END", "SELECT 1"));
  EXPECT_THAT(split_script("delimiter $$\nSELECT 1$$SELECT 2$$\ndelimiter ;\nSELECT 3"), ElementsAre("SELECT 1", "SELECT 2", "SELECT 3"));
  EXPECT_THAT(split_script("DELIMITER //\nSELECT 4//\nSELECT '//'//"), ElementsAre("SELECT 4", "SELECT '//'"));
  // No command where it stands in the middle of a line, or in a statement.
  EXPECT_THAT(split_script("SELECT 1 AS\ndelimiter;"), ElementsAre("SELECT 1 AS\ndelimiter"));
}

TEST(splitter, keeps_compound_bodies_together_without_delimiter) {
  const std::string_view bodies[] = {
      "CREATE PROCEDURE p() BEGIN DECLARE i INT DEFAULT 0; WHILE i < 3 DO SET i = i + 1; END WHILE; IF i = 3 THEN SELECT 1; ELSE SELECT 2; END IF; "
      "END",
      "CREATE TRIGGER t AFTER UPDATE ON h FOR EACH ROW IF NEW.a > 1 THEN SET @x = 1; END IF",
      "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN IF(a > 1, 2, 3)",
      "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC BEGIN RETURN CASE WHEN a > 1 THEN 2 ELSE 3 END; END",
      "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; CASE 1 WHEN 1 THEN SELECT 1; END CASE; END",
      "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM h; INSERT INTO h VALUES (1); END",
      "CREATE DEFINER=`root`@`localhost` PROCEDURE p() label: LOOP SET @a = 1; LEAVE label; END LOOP",
      "CREATE PROCEDURE p() BEGIN REPEAT SET @a = 1; UNTIL @a > 0 END REPEAT; END",
  };
  for (const std::string_view body : bodies) {
    EXPECT_THAT(split_script(std::string(body) + "; SELECT 'after'"), ElementsAre(std::string(body), "SELECT 'after'"));
  }
}

TEST(splitter, does_not_take_words_for_blocks_where_they_are_none) {
  EXPECT_THAT(
      split_script("BEGIN; UPDATE t SET a = 1; COMMIT; SELECT IF(1, 2, 3), CASE 1 WHEN 1 THEN 2 END; CREATE TABLE begin_end (a INT); DROP TABLE IF "
                   "EXISTS t; SELECT 1"),
      ElementsAre("BEGIN", "UPDATE t SET a = 1", "COMMIT", "SELECT IF(1, 2, 3), CASE 1 WHEN 1 THEN 2 END", "CREATE TABLE begin_end (a INT)",
                  "DROP TABLE IF EXISTS t", "SELECT 1"));
}

TEST(splitter, reads_on_as_sql_mode_says) {
  EXPECT_THAT(split_script("SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT '\\'; SELECT 2;"),
              ElementsAre("SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "SELECT '\\'", "SELECT 2"));
}

TEST(splitter, says_where_it_cannot_read_on) {
  const auto error = [](std::string_view script) {
    try {
      split_script(script);
    } catch (const Error& failure) {
      return failure.text();
    }
    return std::string("nothing");
  };
  EXPECT_THAT(error("SELECT 1;\nSELECT 'open"), testing::AllOf(HasSubstr("line 2, column 8"), HasSubstr("unclosed string")));
  EXPECT_THAT(error("/* open"), HasSubstr("unclosed comment"));
  EXPECT_THAT(error("/*!40101 SET a = 1"), HasSubstr("unclosed comment"));
  EXPECT_THAT(error("/*!40101 SET a = 1; SET b = 2 */"),
              testing::AllOf(HasSubstr("line 1, column 19"), HasSubstr("';' ends the statement inside of /*! ... */")));
  EXPECT_THAT(error("DELIMITER\nSELECT 1"), HasSubstr("DELIMITER is followed by"));
}

}  // namespace
}  // namespace aludel::mysql
