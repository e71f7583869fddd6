// The driver linked into an application: its environment is handed over, not loaded.
#include <aludel/cli/cli.hpp>
#include <aludel/connect.hpp>
#include <aludel/environment/environment.hpp>
#include <aludel/models.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Book {
  std::optional<std::int64_t> id;
  std::string title;
  std::optional<std::string> slug;
};

class LinkedDriver : public testing::Test {
 protected:
  LinkedDriver() : before_(std::filesystem::current_path()) {
    std::filesystem::create_directories(project.file("migrations/versions"));
    std::filesystem::current_path(project.directory());
    project.write("aludel.toml", "");
    Models models;
    auto book = models.table<Book>("book");
    book.primary_key<&Book::id>();
    environment.url(project.url());
    environment.target_metadata(models.metadata());
  }
  ~LinkedDriver() override { std::filesystem::current_path(before_); }

  int run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = cli::run(arguments, &environment, out, err);
    output = out.str() + err.str();
    return code;
  }

  Project project;
  Environment environment;
  std::string output;

 private:
  std::filesystem::path before_;
};

TEST_F(LinkedDriver, UsesTheApplicationsModelsAndUrl) {
  ASSERT_EQ(run({"revision", "--autogenerate", "-m", "books"}), 0) << output;
  ASSERT_EQ(run({"upgrade", "head"}), 0) << output;
  EXPECT_EQ(run({"check"}), 0) << output;
  const auto connection = connect(project.url());
  connection->execute("INSERT INTO book (title) VALUES ('Dune')");
  EXPECT_EQ(connection->execute("SELECT count(*) FROM book").scalar(), Value(1));
}

TEST_F(LinkedDriver, CallsTheApplicationsFunctionsInTheRevisionsTransaction) {
  ASSERT_EQ(run({"revision", "--autogenerate", "-m", "books", "--rev-id", "aaaaaaaaaaaa"}), 0) << output;
  ASSERT_EQ(run({"upgrade", "head"}), 0) << output;
  project.sql("INSERT INTO book (title) VALUES ('Dune'), ('Emma')");
  project.revision("bbbbbbbbbbbb", "aaaaaaaaaaaa", "[[upgrade]]\ncall = \"fill_slugs\"\narguments = {prefix = \"b-\"}\nundo = \"forget_slugs\"\n");
  EXPECT_EQ(run({"upgrade", "head"}), 1);
  EXPECT_THAT(output, HasSubstr("fill_slugs"));

  environment.function("fill_slugs", [](dialect::Connection& connection, const Value& arguments) {
    const std::vector<Value> prefix{*arguments.find("prefix")};
    connection.execute("UPDATE book SET slug = ? || lower(title)", prefix);
  });
  environment.function("forget_slugs", [](dialect::Connection& connection) { connection.execute("UPDATE book SET slug = NULL"); });
  ASSERT_EQ(run({"upgrade", "head"}), 0) << output;
  EXPECT_EQ(project.sql("SELECT slug FROM book ORDER BY id"), "b-dune\nb-emma\n");
  ASSERT_EQ(run({"downgrade", "-1"}), 0) << output;
  EXPECT_EQ(project.sql("SELECT count(slug) FROM book"), "0\n");
}

TEST_F(LinkedDriver, AFunctionThatThrowsRollsTheRevisionBack) {
  environment.function("explode", [](dialect::Connection& connection) {
    connection.execute("CREATE TABLE half (x)");
    throw std::runtime_error("no more slugs");
  });
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\ncall = \"explode\"\n");
  EXPECT_EQ(run({"upgrade", "head"}), 1);
  EXPECT_THAT(output, AllOf(HasSubstr("explode"), HasSubstr("no more slugs")));
  EXPECT_EQ(project.sql("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), "0\n");
}

TEST_F(LinkedDriver, HooksFilterRewriteAndHear) {
  std::vector<std::string> heard;
  environment.include_name([](std::string_view, std::string_view name) { return name != "left_alone"; });
  environment.process_operations([](op::Operations& operations) {
    operations.emplace_back(
        op::Sql{{{"default", "INSERT INTO book (title) VALUES ('made by a hook')"}}, {{{"default", "DELETE FROM book"}}}, op::Operations{}});
  });
  environment.on_apply([&heard](const migrate::Applied& applied) { heard.push_back(applied.revision); });
  project.sql("CREATE TABLE left_alone (x)");
  ASSERT_EQ(run({"revision", "--autogenerate", "-m", "books", "--include-unmanaged", "--rev-id", "aaaaaaaaaaaa"}), 0) << output;
  EXPECT_THAT(output, Not(HasSubstr("left_alone")));
  ASSERT_EQ(run({"upgrade", "head"}), 0) << output;
  EXPECT_EQ(project.sql("SELECT title FROM book"), "made by a hook\n");
  EXPECT_EQ(heard, std::vector<std::string>{"aaaaaaaaaaaa"});
}

}  // namespace
}  // namespace aludel::test
