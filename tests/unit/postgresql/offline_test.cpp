#include <aludel/migrate/runner.hpp>
#include <aludel/postgresql/postgresql.hpp>
#include <aludel/revision/revision.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace aludel::postgresql::test {
namespace {

using Ids = std::vector<std::string>;

/// Each on the one before it.
class Revisions final : public revision::Store {
 public:
  void add(std::string id, op::Operations upgrade) {
    revision::Content content;
    if (!all_.empty()) content.revision.down_revisions = {all_.back().revision.id};
    content.revision.id = content.checksum = std::move(id);
    content.upgrade = std::move(upgrade);
    all_.push_back(std::move(content));
  }
  std::vector<revision::Revision> revisions() const override {
    std::vector<revision::Revision> heads;
    for (const auto& content : all_) heads.push_back(content.revision);
    return heads;
  }
  revision::Content load(const std::string& id) const override {
    for (const auto& content : all_) {
      if (content.revision.id == id) return content;
    }
    throw std::out_of_range(id);
  }

 private:
  std::vector<revision::Content> all_;
};

TEST(PostgresqlOffline, AScriptNeedsNoServerForWhatRevisionsSayWasThere) {
  schema::Table hero;
  hero.name.name = "hero";
  for (const char* name : {"id", "age"}) {
    hero.columns.emplace_back().name = name;
    hero.columns.back().type = schema::Type::integer();
  }
  hero.columns[1].server_default = schema::Expression("1 + 2");
  schema::Check check;
  check.name = "aged";
  check.expression = schema::Expression("age>=0");
  hero.constraints.push_back(check);
  op::AlterColumn alter;
  alter.table = hero.name;
  alter.column = "age";
  alter.type = op::Change<schema::Type>{schema::Type::integer(), schema::Type::bigint()};
  // As autogenerate found it in a database.
  alter.server_default = op::Change<schema::Boxed<schema::Expression>>{schema::Expression("(1 + 2)"), schema::Expression("7")};
  schema::Check deferred = check;
  deferred.expression = schema::Expression("(age >= 0)");
  schema::Check commented = deferred;
  commented.comment = "grown";
  Revisions store;
  store.add("one", {op::CreateTable{hero, false}});
  store.add("two", {alter, op::AlterConstraint{hero.name, deferred, commented}});
  const std::string script = migrate::offline_script(dialect(), dialect().default_server(), store, migrate::Direction::upgrade, Ids{}, Ids{"head"});
  EXPECT_NE(script.find("ALTER COLUMN \"age\" TYPE bigint"), std::string::npos) << script;
  EXPECT_NE(script.find("COMMENT ON CONSTRAINT \"aged\""), std::string::npos) << script;
}

}  // namespace
}  // namespace aludel::postgresql::test
