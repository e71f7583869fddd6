#include <aludel/diff/compare.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/sqlite/sqlite.hpp>

#include <iostream>

using namespace aludel;

namespace {

/// One revision, as an application carries it in its binary.
class Embedded : public revision::Store {
 public:
  std::vector<revision::Revision> revisions() const override { return {content_.revision}; }
  revision::Content load(const std::string&) const override { return content_; }

 private:
  static revision::Content make() {
    schema::Column id;
    id.name = "id";
    id.type = schema::Type::bigint();
    schema::Table hero;
    hero.name.name = "hero";
    hero.columns = {id};
    revision::Content content;
    content.revision.id = "4f6c1a2b9d3e";
    content.upgrade = {op::CreateTable{hero}};
    content.checksum = "sha256:0";
    return content;
  }
  revision::Content content_ = make();
};

}  // namespace

int main() try {
  auto connection = sqlite::dialect().connect(parse_url("sqlite://"), {});
  Embedded store;
  migrate::Runner runner(*connection, store);
  const std::vector<std::string> targets{"head"};
  const auto applied = runner.upgrade(targets);
  const schema::Metadata found = sqlite::dialect().introspector().introspect(*connection, {});
  if (applied.size() != 1 || found.find_table({"", "hero"}) == nullptr) {
    std::cerr << "the engine alone did not upgrade the database\n";
    return 1;
  }
  return 0;
} catch (const Error& error) {
  std::cerr << error.text() << "\n";
  return 1;
}
