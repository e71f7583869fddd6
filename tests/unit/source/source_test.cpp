#include <aludel/source/source.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::source {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ParseSource, KnowsEveryKind) {
  EXPECT_EQ(parse("sqlite:///app.db").kind, Kind::database);
  EXPECT_EQ(parse("sqlite:///schema.sql").kind, Kind::database) << "a URL is a URL, whatever it ends with";
  EXPECT_EQ(parse("db/schema.sql").kind, Kind::sql_file);
  EXPECT_EQ(parse("schema.toml").kind, Kind::snapshot);
  EXPECT_EQ(parse("/abs/schema.json").kind, Kind::snapshot);
  EXPECT_EQ(parse("models:").kind, Kind::models);
  EXPECT_EQ(parse("empty:").kind, Kind::empty);
  const Source command = parse("exec: ./app --schema > x.sql");
  EXPECT_EQ(command.kind, Kind::command);
  EXPECT_EQ(command.argument, "./app --schema > x.sql");
  const Source revisions = parse("revisions:4f6c");
  EXPECT_EQ(revisions.kind, Kind::revisions);
  EXPECT_EQ(revisions.argument, "4f6c");
}

TEST(ParseSource, NamesTheKindsWhenItIsNone) {
  for (const char* text : {"", "app.db", "model:", "models", "exec:", "exec:  ", ".sql", ".json", "schema.sql.bak"}) {
    try {
      parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage) << text;
      EXPECT_THAT(error.hint(), HasSubstr("exec:")) << text;
    }
  }
}

TEST(ParseSource, NeverShowsAPassword) {
  EXPECT_EQ(parse("postgresql://u:hunter2@host/db").description(), "postgresql://u:***@host/db");
  EXPECT_THAT(parse("exec:dump --url mysql://u:hunter2@host/db").description(), Not(HasSubstr("hunter2")));
  try {
    parse("postgresql:/u:hunter2@host password=hunter2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.text(), Not(HasSubstr("password=hunter2")));
  }
}

}  // namespace
}  // namespace aludel::source
