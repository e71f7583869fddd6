#include <aludel/file/revision_file.hpp>

#include <aludel/error.hpp>
#include <aludel/file/toml.hpp>
#include <aludel/text.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::file {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto toml = RevisionFormat::toml;
constexpr auto sql = RevisionFormat::sql;

constexpr std::string_view example = R"json(revision = "4f6c1a2b9d3e"
down_revision = "1975ea83b712"
message = "add hero"
created = 2026-11-22T13:10:00Z

[[upgrade]]
create_table = "hero"
columns = [
  {name = "id", type = "bigint", nullable = false, identity = true},
  {name = "name", type = "varchar(80)", nullable = false},
  {name = "age", type = "integer", comment = "in years"},
  {name = "team_id", type = "bigint"},
]
primary_key = {columns = ["id"]}
checks = [{name = "ck_hero_age", expression = "age >= 0"}]
foreign_keys = [{name = "fk_hero_team_id", columns = ["team_id"], references = "team(id)", on_delete = "cascade"}]

[[upgrade]]
create_index = "ix_hero_name"
table = "hero"
columns = ["name", {expression = "lower(name)", order = "desc"}]
where = "age IS NOT NULL"
postgresql = {using = "btree"}

[[upgrade]]
alter_column = "hero.age"
type = {from = "integer", to = "bigint"}
nullable = {from = true, to = false}
backfill = "18"

[[upgrade]]
rename_column = "hero.secret_name"
to = "alias"

# hero.nickname holds text in 3 of 10 rows

[[upgrade]]
drop_column = "hero.nickname"
column = {type = "text"}
data_loss = "review"

# Slugs come from the
# document.
[[upgrade]]
sql = """
UPDATE hero SET slug = data #>> '{slug}' WHERE slug IS NULL
"""
undo = "UPDATE hero SET slug = NULL"

[[upgrade]]
sql = {default = "...", postgresql = "..."}

[[upgrade]]
assert = "SELECT count(*) FROM hero WHERE alias = ''"
equals = 0
message = "heroes without an alias must be mended first"

[[upgrade]]
call = "backfill_slugs"
arguments = {batch = 1000}
)json";

template <class F>
Error error_of(F&& run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorKind::internal, ""};
}
Error head_error(std::string_view text) {
  return error_of([&] { read_revision_head(text, toml, "v/x.toml"); });
}
Error content_error(std::string_view text, RevisionFormat format = toml) {
  return error_of([&] { read_revision(text, format, "v/x.toml"); });
}

const std::string head = "revision = \"4f6c1a2b9d3e\"\ndown_revision = \"\"\n";

TEST(RevisionFile, ReadsWhatTheDocumentationShows) {
  const auto content = read_revision(example, toml, "v/x.toml");
  EXPECT_EQ(content.revision.id, "4f6c1a2b9d3e");
  EXPECT_THAT(content.revision.down_revisions, ElementsAre("1975ea83b712"));
  EXPECT_EQ(content.revision.message, "add hero");
  EXPECT_EQ(content.revision.created, "2026-11-22T13:10:00Z");
  EXPECT_TRUE(content.revision.transaction);
  EXPECT_EQ(content.revision.file, "v/x.toml");
  EXPECT_EQ(content.downgrade, std::nullopt);
  std::vector<std::string> names;
  for (const auto& operation : content.upgrade) names.emplace_back(op::name_of(operation));
  EXPECT_THAT(names, ElementsAre("create_table", "create_index", "alter_column", "rename_column", "drop_column", "sql", "sql", "assert", "call"));
  EXPECT_EQ(content.upgrade[0].location.text(), "v/x.toml:6:1");
  EXPECT_EQ(content.upgrade[4].data_loss, op::DataLoss::review);
  EXPECT_THAT(content.upgrade[5].remarks, ElementsAre("Slugs come from the", "document."));
  EXPECT_TRUE(content.upgrade[4].remarks.empty());  // an empty line between them: a remark on nothing
  EXPECT_EQ(std::get<op::Sql>(content.upgrade[5].body).sql.at("default"), "UPDATE hero SET slug = data #>> '{slug}' WHERE slug IS NULL\n");
}

TEST(RevisionFile, WritesItAsTheDocumentationShows) {
  auto text = std::string(example);
  const std::string lost = "# hero.nickname holds text in 3 of 10 rows\n\n";
  text.erase(text.find(lost), lost.size());
  EXPECT_EQ(write_revision(read_revision(example, toml, "")), text);
}

TEST(RevisionFile, HeadKeysSurvive) {
  revision::Content content;
  content.revision.id = "abc_1";
  content.revision.down_revisions = {"a1b2", "c3d4"};
  content.revision.depends_on = {"e5"};
  content.revision.branch_labels = {"billing", "core"};
  content.revision.message = "it's \"quoted\"\nand more";
  content.revision.created = "2026-11-22T13:10:00Z";
  content.revision.transaction = false;
  content.revision.foreign_keys_off = true;
  content.revision.lock_timeout = std::chrono::milliseconds(1500);
  content.revision.statement_timeout = std::chrono::milliseconds(0);
  for (const auto format : {toml, sql}) {
    const auto text = write_revision(content, format);
    EXPECT_EQ(read_revision(text, format, "").revision, content.revision) << text;
    EXPECT_EQ(write_revision(read_revision(text, format, ""), format), text);
  }
  EXPECT_THAT(write_revision(content), AllOf(HasSubstr("created = 2026-11-22T13:10:00Z\n"), HasSubstr("down_revision = [\"a1b2\", \"c3d4\"]\n"),
                                             HasSubstr("lock_timeout = \"1500ms\"\n"), HasSubstr("statement_timeout = \"0\"\n")));
  content.revision.created = "yesterday";
  EXPECT_THAT(write_revision(content), HasSubstr("created = \"yesterday\"\n"));
  content.revision.created = "2026-02-31T13:10:00Z";
  EXPECT_EQ(read_revision(write_revision(content), toml, "").revision.created, "2026-02-31T13:10:00Z");
}

TEST(RevisionFile, ADowngradeMayBeAbsentEmptyOrSaid) {
  EXPECT_EQ(read_revision(head, toml, "").downgrade, std::nullopt);
  EXPECT_EQ(read_revision(head + "downgrade = []\n\n[[upgrade]]\ndrop_table = \"a\"\n", toml, "").downgrade, op::Operations{});
  EXPECT_EQ(read_revision(head + "[[downgrade]]\ndrop_table = \"a\"\n", toml, "").downgrade->size(), 1U);
  for (const auto& downgrade :
       {std::optional<op::Operations>(), std::optional(op::Operations{}), std::optional(op::Operations{op::Irreversible{"no way back"}})}) {
    revision::Content content;
    content.revision.id = "a";
    content.upgrade.emplace_back(op::DropTable{{"", "x"}, {}, false});
    content.downgrade = downgrade;
    EXPECT_EQ(read_revision(write_revision(content), toml, "").downgrade, downgrade) << write_revision(content);
  }
}

TEST(RevisionFile, TheHeadIsReadWithoutTheRest) {
  const auto text = head + "message = \"\"\"\n[[upgrade]]\n\"\"\"\ndepends_on = [\n  \"a\",\n  # [[no]]\n]\n[[upgrade]]\nthis is no TOML = = =\n";
  const auto revision = read_revision_head(text, toml, "");
  EXPECT_EQ(revision.message, "[[upgrade]]\n");
  EXPECT_THAT(revision.depends_on, ElementsAre("a"));
  EXPECT_EQ(text.substr(revision_head_size(text, toml), 11), "[[upgrade]]");
  EXPECT_EQ(revision_head_size(head, toml), std::string::npos);
  EXPECT_EQ(content_error(text).kind(), ErrorKind::syntax);
}

TEST(RevisionFile, StringsDoNotFoolTheHeadsScanner) {
  for (const char* value : {"\"[[upgrade]]\"", "'''\n[x]\n'''", "\"\"\"\n\\\"\"\"\n[x]\n\"\"\"", "\"\"\"a\"\"\"\"\"", "''''a''''", "\"\\\\\"", "'\\'",
                            "\"# [\"", "\"a\" # \"\"\"", "\"[\"", "\"\"\"\n[x] \\\n  [y]\n\"\"\""}) {
    const auto text = head + "message = " + value + "\n\n  [[upgrade]]\nsql = \"x\"\n";
    SCOPED_TRACE(text);
    EXPECT_EQ(text.substr(revision_head_size(text, toml)), "  [[upgrade]]\nsql = \"x\"\n");
    EXPECT_EQ(read_revision_head(text, toml, ""), read_revision(text, toml, "").revision);
  }
}

TEST(RevisionFile, LineEndsMakeNoDifference) {
  std::string windows = "\xef\xbb\xbf";
  for (const char c : example) windows += c == '\n' ? "\r\n" : std::string(1, c);
  const auto content = read_revision(windows, toml, "");
  EXPECT_EQ(content.upgrade, read_revision(example, toml, "").upgrade);
  EXPECT_EQ(content.checksum, read_revision(example, toml, "").checksum);
  EXPECT_EQ(read_revision_head(windows, toml, ""), read_revision_head(example, toml, ""));
}

// Errors

TEST(RevisionFileErrors, NameThePlaceAndTheNearestKey) {
  EXPECT_STREQ(head_error("revision = \"a\"\ndown_revison = \"\"\n").what(),
               "v/x.toml:2:1: unknown key 'down_revison' in a revision file (did you mean 'down_revision'?)");
  EXPECT_THAT(head_error("down_revision = \"\"\n").what(), HasSubstr("missing 'revision' in a revision file"));
  const auto parent = head_error("revision = \"a\"\n");
  EXPECT_THAT(parent.what(), HasSubstr("missing 'down_revision'"));
  EXPECT_THAT(parent.hint(), HasSubstr("\"\" for a base"));
  EXPECT_STREQ(head_error("revision = 1975\ndown_revision = \"\"\n").what(), "v/x.toml:1:12: 'revision' must be a string, not an integer");
  EXPECT_THAT(head_error(head + "lock_timeout = \"3 parsecs\"\n").text(),
              AllOf(HasSubstr("v/x.toml:3:16: '3 parsecs' is no duration"), HasSubstr("\"500ms\"")));
  EXPECT_THAT(head_error(head + "lock_timeout = 3\n").what(), HasSubstr("'lock_timeout' must be a duration in a string"));
  EXPECT_THAT(head_error(head + "foreign_keys = \"of\"\n").what(), HasSubstr("foreign_keys = \"off\""));
  EXPECT_THAT(head_error(head + "transaction = \"no\"\n").what(), HasSubstr("'transaction' must be true or false, not a string"));
  EXPECT_EQ(head_error("revision = \"a\"\nrevision = \"b\"\n").location().line, 2U);
}

TEST(RevisionFileErrors, IdsThatCannotBe) {
  for (const char* id : {"", "a b", "a+1", "head~1", "../x", "\\n", "-1"}) {
    const auto error = head_error("revision = \"" + std::string(id) + "\"\ndown_revision = \"\"\n");
    EXPECT_EQ(error.kind(), ErrorKind::revision);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("v/x.toml:1:12"), HasSubstr("is no revision id")));
  }
  EXPECT_THAT(head_error("revision = \"a\"\ndown_revision = \"b c\"\n").what(), HasSubstr("v/x.toml:2:17: 'b c' is no revision id"));
}

TEST(RevisionFileErrors, Operations) {
  const auto single = content_error(head + "[upgrade]\ndrop_table = \"a\"\n");
  EXPECT_THAT(single.what(), HasSubstr("v/x.toml:3:1: 'upgrade' must be a list of operations, not a table"));
  EXPECT_THAT(single.hint(), HasSubstr("[[upgrade]]"));
  EXPECT_THAT(content_error(head + "[[upgrad]]\ndrop_table = \"a\"\n").what(),
              HasSubstr("v/x.toml:3:3: unknown key 'upgrad' in a revision file (did you mean 'upgrade'?)"));
  EXPECT_THAT(content_error(head + "\n[[upgrade]]\n  drp_table = \"a\"\n").what(),
              HasSubstr("v/x.toml:5:3: unknown operation 'drp_table' (did you mean 'drop_table'?)"));
  EXPECT_THAT(content_error(head + "[[upgrade]]\nadd_column = \"hero.age\"\ntype = \"integer\"\nnulable = true\n").what(),
              HasSubstr("v/x.toml:6:1: unknown key 'nulable' in add_column (did you mean 'nullable'?)"));
  EXPECT_THAT(content_error(head + "[[upgrade]]\ndrop_table = \"a\"\nrename_table = \"b\"\nto = \"c\"\n").what(),
              HasSubstr("v/x.toml:5:1: two operations in one table: 'drop_table' and 'rename_table'"));
  EXPECT_THAT(content_error(head + "[[upgrade]]\n").what(), HasSubstr("v/x.toml:3:1: no operation here"));
  EXPECT_THAT(content_error(head + "[[upgrade]]\nsql = \"unclosed\n").what(), HasSubstr("v/x.toml:4:"));
}

// SQL

const std::string sql_example = R"(-- revision = "4f6c1a2b9d3e"
-- down_revision = "1975ea83b712"
-- message = "fill the slugs"
-- A note for whoever reads this: it takes a while.
-- lock_timeout = "3s"

-- upgrade
UPDATE hero SET slug = lower(name);
-- not a section: upgrade
SELECT 1;

-- downgrade
UPDATE hero SET slug = NULL;
)";

TEST(SqlRevision, ReadsHeadAndSections) {
  const auto content = read_revision(sql_example, sql, "v/x.sql");
  EXPECT_EQ(content.revision.id, "4f6c1a2b9d3e");
  EXPECT_EQ(content.revision.message, "fill the slugs");
  EXPECT_EQ(content.revision.lock_timeout, std::chrono::seconds(3));
  ASSERT_EQ(content.upgrade.size(), 1U);
  EXPECT_EQ(std::get<op::Sql>(content.upgrade[0].body).sql.at("default"),
            "UPDATE hero SET slug = lower(name);\n-- not a section: upgrade\nSELECT 1;");
  EXPECT_EQ(content.upgrade[0].location.text(), "v/x.sql:7:1");
  EXPECT_EQ(std::get<op::Sql>(content.downgrade->at(0).body).sql.at("default"), "UPDATE hero SET slug = NULL;");
  EXPECT_EQ(read_revision_head(sql_example, sql, "v/x.sql"), content.revision);
  EXPECT_EQ(write_revision(read_revision(write_revision(content, sql), sql, ""), sql), write_revision(content, sql));
}

TEST(SqlRevision, ADowngradeMayBeAbsentOrEmpty) {
  const std::string sql_head = "-- revision = \"a\"\n-- down_revision = \"\"\n\n-- upgrade\nSELECT 1;\n";
  EXPECT_EQ(read_revision(sql_head, sql, "").downgrade, std::nullopt);
  EXPECT_EQ(read_revision(sql_head + "-- DOWNGRADE\n\n", sql, "").downgrade, op::Operations{});
  EXPECT_TRUE(read_revision("-- revision = \"a\"\n-- down_revision = \"\"\n-- upgrade\n", sql, "").upgrade.empty());
}

TEST(SqlRevision, Errors) {
  const std::string sql_head = "-- revision = \"a\"\n-- down_revision = \"\"\n";
  EXPECT_THAT(content_error(sql_head + "-- mesage = \"x\"\n-- upgrade\n", sql).what(),
              HasSubstr("v/x.toml:3:4: unknown key 'mesage' in a revision file (did you mean 'message'?)"));
  EXPECT_THAT(content_error(sql_head + "SELECT 1;\n", sql).what(), HasSubstr("v/x.toml:3:1: SQL outside a section"));
  EXPECT_THAT(content_error(sql_head, sql).what(), HasSubstr("no '-- upgrade' section"));
  EXPECT_THAT(content_error(sql_head + "-- upgrade\n-- upgrade\n", sql).what(), HasSubstr("v/x.toml:4:1: a second '-- upgrade' section"));
  EXPECT_THAT(content_error("-- upgrade\nSELECT 1;\n", sql).what(), HasSubstr("missing 'revision'"));
  EXPECT_THAT(content_error(sql_head + "-- upgrade\nSELECT '\xe9';\n", sql).what(), HasSubstr("v/x.toml:4:9: the file is not UTF-8"));
}

TEST(SqlRevision, HoldsPlainSqlOnly) {
  revision::Content content;
  content.revision.id = "a";
  content.upgrade.emplace_back(op::DropTable{{"", "hero"}, {}, false});
  const auto error = error_of([&] { write_revision(content, sql); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_THAT(error.text(), AllOf(HasSubstr("drop table hero"), HasSubstr("TOML")));
  content.upgrade = {op::Sql{{{"default", "SELECT 1;\n-- downgrade\n"}}, {}, {}}};
  EXPECT_THAT(error_of([&] { write_revision(content, sql); }).what(), HasSubstr("begins a section"));
}

// Checksums. These vectors are frozen: a database's journal holds such values for ever.

TEST(Checksum, FrozenVectors) {
  EXPECT_EQ(revision_checksum("", toml), "sha256:01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b");
  EXPECT_EQ(revision_checksum("revision = \"a\"\ndown_revision = \"\"\n", toml), "sha256:" + sha256("revision = \"a\"\ndown_revision = \"\"\n"));
  EXPECT_EQ(revision_checksum(example, toml), "sha256:d5071ab9aaee3208ea75798e64a501cc60fb32ec65a347a47676a98340b05ae1");
  EXPECT_EQ(revision_checksum(sql_example, sql), "sha256:c1691df7465f2a8525d83257ab9eb3fb9fdc8ac8a252dafbf315297b4f78dc03");
}

TEST(Checksum, SeesTheTextAndNotItsLineEnds) {
  const std::string text = head + "[[upgrade]]\ndrop_table = \"a\"\n";
  const auto sum = revision_checksum(text, toml);
  EXPECT_EQ(revision_checksum("\xef\xbb\xbf" + head + "[[upgrade]]\r\ndrop_table = \"a\"\r\n\r\n", toml),
            revision_checksum(head + "[[upgrade]]\ndrop_table = \"a\"\n\n", toml));
  EXPECT_EQ(revision_checksum(text.substr(0, text.size() - 1), toml), sum);
  EXPECT_NE(revision_checksum(head + "[[upgrade]]\ndrop_table = \"b\"\n", toml), sum);
  EXPECT_NE(revision_checksum(head + "# a comment\n[[upgrade]]\ndrop_table = \"a\"\n", toml), sum);
}

TEST(Checksum, DoesNotSeeWhatDataLossSays) {
  const std::string text = head + "[[upgrade]]\ndrop_table = \"a\"\n";
  const auto sum = revision_checksum(text, toml);
  for (const char* line : {"data_loss = \"review\"\n", "data_loss = \"accepted\"\n", "  data_loss=\"accepted\"   # after a backup\n"}) {
    EXPECT_EQ(revision_checksum(text + line, toml), sum) << line;
  }
  // In a string it is text like any other.
  const std::string inside = head + "[[upgrade]]\nsql = '''\ndata_loss = 1\n'''\n";
  EXPECT_NE(revision_checksum(inside, toml), revision_checksum(head + "[[upgrade]]\nsql = '''\n'''\n", toml));
}

}  // namespace
}  // namespace aludel::file
