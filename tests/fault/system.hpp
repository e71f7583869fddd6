#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/apply.hpp>

#include <string>
#include <utility>
#include <vector>

#include "support/linked_systems.hpp"

/// A revision that cannot be rolled back as a whole on any of them.
namespace aludel::test {

/// Operations one after another, some as they are and some as hand-written SQL that declares what it does: that is what stands alone with
/// `transaction = false` even where DDL can be rolled back.
class Scripted {
 public:
  Scripted(const dialect::Dialect& dialect, schema::Metadata before) : dialect_(dialect), schema_(std::move(before)) {}

  Scripted& add(op::Operation operation) {
    advance(operation);
    operations_.push_back(std::move(operation));
    return *this;
  }
  Scripted& add_as_sql(const op::Operation& operation) {
    const op::Operations one{operation};
    const auto before = schema_;
    const auto back = op::invert(one, before, dialect_.rewriter());
    op::Sql body;
    body.sql["default"] = text_of(one, before);
    body.effect = one;
    advance(operation);
    body.undo = op::SqlByDialect{{"default", text_of(back, schema_)}};
    operations_.emplace_back(std::move(body));
    return *this;
  }
  const op::Operations& operations() const { return operations_; }

 private:
  void advance(const op::Operation& operation) { op::apply(operation, schema_, dialect_.rewriter()); }
  std::string text_of(const op::Operations& operations, const schema::Metadata& before) const {
    dialect::RenderOptions plain;
    plain.online = false;
    const auto script = dialect_.renderer().render(operations, before, dialect_.default_server(), plain);
    std::vector<std::string> texts;
    for (const auto& statement : script.statements)
      if (!statement.expect) texts.push_back(statement.sql);
    EXPECT_EQ(texts.size(), 1U) << "one statement, one segment: " << join(texts, "; ");
    return texts.empty() ? std::string() : texts.front();
  }

  const dialect::Dialect& dialect_;
  schema::Metadata schema_;
  op::Operations operations_;
};

inline schema::Index index(std::string name, std::string on) {
  schema::Index result;
  result.name = std::move(name);
  result.columns = {schema::IndexPart()};
  result.columns.front().column = std::move(on);
  return result;
}

/// "one", and "two" with more than ten statements, none of which can be run twice.
inline MemoryStore in_segments(const LinkedSystem& system) {
  const auto& dialect = *system.dialect;
  using schema::Type;
  const auto name = [](std::string text) { return schema::Name{"", std::move(text)}; };
  const auto label = [&] { return column("name", Type::varchar(80), false); };
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("villain", {label()}), false}}));
  schema::Metadata before;
  before.add(table("villain", {label()}));

  op::Insert insert;
  insert.table = name("team");
  insert.rows.push_back({{"id", Value(1)}, {"name", Value("Preventers")}});
  Scripted two(dialect, std::move(before));
  two.add(op::CreateTable{table("team", {label()}), false})
      .add_as_sql(op::CreateTable{table("hero", {label()}), false})
      .add_as_sql(op::AddColumn{name("hero"), column("age", Type::integer()), false})
      .add(op::CreateIndex{name("villain"), index("ix_villain_name", "name"), false})
      .add(op::AddColumn{name("villain"), column("lair", Type::varchar(80)), false})
      .add(insert)
      .add_as_sql(op::RenameColumn{name("hero"), "age", "years"})
      .add(op::CreateIndex{name("villain"), index("ix_villain_lair", "lair"), false})
      .add(op::DropIndex{name("villain"), "ix_villain_name", {}, false})
      .add_as_sql(op::CreateIndex{name("hero"), index("ix_hero_name", "name"), false})
      .add(op::CreateTable{table("gadget", {label()}), false});
  if (const auto& keys = dialect.option_keys(dialect.default_server()); std::find(keys.begin(), keys.end(), "mysql") != keys.end()) {
    // Made between two statements for the session alone, which another session must run again.
    schema::Object trigger;
    trigger.key = {"trigger", name("villain_name"), "villain", ""};
    trigger.definition = schema::Expression("BEFORE INSERT ON villain FOR EACH ROW SET NEW.name = concat(\"NEW\".name, NEW.name)");
    trigger.options["mysql"]["sql_mode"] = "ANSI_QUOTES";
    two.add(op::CreateObject{trigger, false});
  }
  auto content = make_revision("two", {"one"}, two.operations());
  content.revision.transaction = !dialect.capabilities().transactional_ddl;
  store.add(std::move(content));
  return store;
}

}  // namespace aludel::test
