#include <aludel/schema/equivalent.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace aludel::schema {
namespace {

Type spelled(Type type, std::string canonical) {
  type.canonical = std::move(canonical);
  return type;
}
Expression spelled(const char* declared, std::string canonical) {
  Expression expression(declared);
  expression.canonical = std::move(canonical);
  return expression;
}
Check check(std::string name, Expression expression) {
  Check held;
  held.name = std::move(name);
  held.expression = std::move(expression);
  return held;
}
Column column(std::string name, Type type = Type::integer()) {
  Column held;
  held.name = std::move(name);
  held.type = std::move(type);
  return held;
}

Table hero() {
  Table table;
  table.name = {"", "hero"};
  table.columns = {column("id", Type::bigint()), column("name", Type::varchar(80)), column("age")};
  PrimaryKey key;
  key.columns = {"id"};
  Unique unique;
  unique.name = "uq_hero_name";
  unique.columns = {"name"};
  ForeignKey foreign;
  foreign.name = "fk_hero_age";
  foreign.columns = {"age"};
  foreign.referenced_table = {"", "age"};
  table.constraints = {key, unique, check("ck_hero_age", "age >= 0"), foreign};
  Index index;
  index.name = "ix_hero_name";
  index.columns = {"name"};
  table.indexes = {index};
  return table;
}

TEST(Equivalent, CanonicalSpellingsJudgeWhereBothSidesHaveThem) {
  EXPECT_TRUE(equivalent(spelled(Type::varchar(80), "TEXT"), spelled(Type::string(), "TEXT")));
  EXPECT_FALSE(equivalent(spelled(Type::string(), "TEXT"), spelled(Type::string(), "BLOB")));
  EXPECT_TRUE(equivalent(spelled(Type::string(), "TEXT"), Type::string())) << "one side only: the declared ones are compared";
  EXPECT_FALSE(equivalent(spelled(Type::varchar(80), "TEXT"), Type::string()));
  EXPECT_TRUE(equivalent(Type::native("TSVector "), Type::native("tsvector")));
  EXPECT_TRUE(equivalent(Type::array(spelled(Type::integer(), "x")), Type::array(Type::integer())));
  EXPECT_TRUE(equivalent(spelled("'a'", "'a'::text"), spelled("'b'", "'a'::text")));
  EXPECT_TRUE(equivalent(Expression(" age > 0 "), spelled("age > 0", "(age > 0)")));
  EXPECT_FALSE(equivalent(schema::Boxed<Expression>(), schema::Boxed<Expression>("1")));
}

TEST(Equivalent, HintsAndColumnOrderMakeNoDifference) {
  Table a = hero(), b = hero();
  std::reverse(b.columns.begin(), b.columns.end());
  std::reverse(b.constraints.begin(), b.constraints.end());
  b.columns[0].renamed_from = {"years"};
  b.columns[0].backfill = "0";
  b.renamed_from = {"heroes"};
  b.partial = b.external = true;
  EXPECT_TRUE(equivalent(a, b));
  EXPECT_NE(a, b);
}

TEST(Equivalent, SeesEveryPropertyOfATable) {
  const std::vector<std::pair<const char*, std::function<void(Table&)>>> changes = {
      {"name", [](Table& t) { t.name.name = "x"; }},
      {"comment", [](Table& t) { t.comment = "x"; }},
      {"option", [](Table& t) { t.options["mysql"]["engine"] = "MyISAM"; }},
      {"column name", [](Table& t) { t.columns[2].name = "x"; }},
      {"column type", [](Table& t) { t.columns[2].type = Type::bigint(); }},
      {"nullable", [](Table& t) { t.columns[2].nullable = false; }},
      {"default", [](Table& t) { t.columns[2].server_default = "0"; }},
      {"generated",
       [](Table& t) {
         t.columns[2].generated = Generated{"id + 1", true};
       }},
      {"identity", [](Table& t) { t.columns[2].identity = Identity{}; }},
      {"collation", [](Table& t) { t.columns[2].collation = "C"; }},
      {"column comment", [](Table& t) { t.columns[2].comment = "x"; }},
      {"column option", [](Table& t) { t.columns[2].options["x"]["y"] = 1; }},
      {"more columns", [](Table& t) { t.columns.push_back(column("more")); }},
      {"fewer columns", [](Table& t) { t.columns.pop_back(); }},
      {"a column twice", [](Table& t) { t.columns[2] = t.columns[1]; }},
      {"key columns", [](Table& t) { std::get<PrimaryKey>(t.constraints[0]).columns = {"name"}; }},
      {"key order", [](Table& t) { std::get<PrimaryKey>(t.constraints[0]).columns[0].order = Order::descending; }},
      {"no key", [](Table& t) { t.constraints.erase(t.constraints.begin()); }},
      {"unique nulls", [](Table& t) { std::get<Unique>(t.constraints[1]).nulls_distinct = false; }},
      {"check", [](Table& t) { std::get<Check>(t.constraints[2]).expression = "age > 1"; }},
      {"check validity", [](Table& t) { std::get<Check>(t.constraints[2]).validated = false; }},
      {"check name", [](Table& t) { std::get<Check>(t.constraints[2]).name = "x"; }},
      {"foreign key action", [](Table& t) { std::get<ForeignKey>(t.constraints[3]).on_delete = ForeignKeyAction::cascade; }},
      {"foreign key target", [](Table& t) { std::get<ForeignKey>(t.constraints[3]).referenced_table.name = "x"; }},
      {"index name", [](Table& t) { t.indexes[0].name = "x"; }},
      {"index columns", [](Table& t) { t.indexes[0].columns = {"age"}; }},
      {"index uniqueness", [](Table& t) { t.indexes[0].unique = true; }},
      {"index predicate", [](Table& t) { t.indexes[0].where = "age > 0"; }},
      {"no index", [](Table& t) { t.indexes.clear(); }},
  };
  EXPECT_TRUE(equivalent(hero(), hero()));
  for (const auto& [what, change] : changes) {
    Table changed = hero();
    change(changed);
    EXPECT_FALSE(equivalent(hero(), changed)) << what;
    EXPECT_FALSE(equivalent(changed, hero())) << what;
    EXPECT_TRUE(equivalent(changed, changed)) << what;
  }
}

TEST(Equivalent, PairsUnnamedConstraintsByWhatTheySay) {
  Table a = hero(), b = hero();
  a.constraints = {check("", "x"), check("a", "y"), check("", "y")};
  b.constraints = {check("", "y"), check("z", "x"), check("b", "y")};
  EXPECT_TRUE(equivalent(a, b)) << "a pairs with the unnamed y, so that the other y can take b";
  b.constraints = {check("b", "y"), check("z", "x"), check("c", "y")};
  EXPECT_FALSE(equivalent(a, b)) << "a and b, or a and c, are two names";
  b.constraints = {check("", "x"), check("", "x"), check("a", "y")};
  EXPECT_FALSE(equivalent(a, b)) << "how often it stands there counts";
}

TEST(Equivalent, PairsUnnamedConstraintsInWhicheverSpellingTheyShare) {
  Table a = hero(), b = hero();
  a.constraints = {check("", spelled("x > 0", "(x > 0)")), check("", "y"), check("", spelled("z", "(z)"))};
  b.constraints = {check("", "z"), check("", spelled("0 < x", "(x > 0)")), check("", spelled("y", "(y)"))};
  EXPECT_TRUE(equivalent(a, b));
  EXPECT_TRUE(equivalent(b, a));
}

TEST(Equivalent, AnEmptyNameEqualsAny) {
  Index named, unnamed;
  named.name = "ix";
  EXPECT_TRUE(equivalent(named, unnamed));
  Index other;
  other.name = "iy";
  EXPECT_FALSE(equivalent(named, other));
  EXPECT_TRUE(equivalent(Constraint(check("a", "x")), Constraint(check("", "x"))));
  EXPECT_FALSE(equivalent(Constraint(check("a", "x")), Constraint(check("b", "x"))));
  EXPECT_FALSE(equivalent(Constraint(check("", "x")), Constraint(Unique{})));
}

TEST(Equivalent, ComparesAsTheDialectCan) {
  Table a = hero(), b = hero();
  b.comment = b.columns[0].comment = "said";
  std::get<Unique>(b.constraints[1]).name = "server_7";
  EXPECT_FALSE(equivalent(a, b));
  Comparison how;
  how.comments = false;
  EXPECT_FALSE(equivalent(a, b, how));
  how.constraint_names = false;
  EXPECT_TRUE(equivalent(a, b, how));
}

TEST(Equivalent, OnlyTheActiveDialectsOptionsCount) {
  Options a, b;
  a["mysql"]["engine"] = "InnoDB";
  b["mysql"]["engine"] = "MyISAM";
  b["mariadb"]["engine"] = "InnoDB";
  b["postgresql"]["using"] = "gin";
  Comparison how;
  EXPECT_FALSE(equivalent(a, b, how)) << "without a dialect all of them count";
  how.dialects = {"mysql"};
  EXPECT_FALSE(equivalent(a, b, how));
  how.dialects = {"mysql", "mariadb"};
  EXPECT_TRUE(equivalent(a, b, how)) << "the flavour's key wins";
  how.dialects = {"sqlite"};
  EXPECT_TRUE(equivalent(a, b, how));
  EXPECT_TRUE(effective_options(b, how).empty());
}

TEST(Equivalent, ComparesWholeSchemas) {
  Metadata a;
  a.add(hero());
  Object view;
  view.key = {"view", {"", "v"}, "", ""};
  view.definition = "AS SELECT 1";
  a.add(view);
  a.add(EnumType{{"", "rank"}, {"a", "b"}, "", {}});
  a.add(Namespace{"app", "", {}});
  Sequence sequence;
  sequence.name = {"", "s"};
  a.add(sequence);
  Metadata b = a;
  b.unsupported.push_back({"thing", "x", "why"});
  b.enums.begin()->second.renamed_from = {"grade"};
  EXPECT_TRUE(equivalent(a, b)) << "what cannot be carried, and hints, take no part";
  const std::vector<std::pair<const char*, std::function<void(Metadata&)>>> changes = {
      {"table", [](Metadata& m) { m.tables.at(m.tables.begin()->first).columns.pop_back(); }},
      {"tables", [](Metadata& m) { m.tables.clear(); }},
      {"view", [](Metadata& m) { m.objects.at(m.objects.begin()->first).definition = "AS SELECT 2"; }},
      {"views", [](Metadata& m) { m.objects.clear(); }},
      {"enum", [](Metadata& m) { m.enums.begin()->second.values.push_back("c"); }},
      {"schema", [](Metadata& m) { m.schemas.clear(); }},
      {"sequence", [](Metadata& m) { m.sequences.begin()->second.settings.start = 5; }},
  };
  for (const auto& [what, change] : changes) {
    Metadata changed = a;
    change(changed);
    EXPECT_FALSE(equivalent(a, changed)) << what;
    EXPECT_FALSE(equivalent(changed, a)) << what;
  }
}

TEST(Equivalent, CostsGrowLinearly) {
  const auto wide = [](int count) {
    Table table;
    table.name = {"", "wide"};
    for (int i = 0; i < count; ++i) {
      const std::string name = "c" + std::to_string(i);
      table.columns.push_back(column(name));
      table.constraints.emplace_back(check("", Expression(name + " > 0")));
      Index index;
      index.columns = {IndexPart(name)};
      table.indexes.push_back(index);
    }
    return table;
  };
  const auto seconds = [&](int count) {
    const Table a = wide(count);
    Table b = a;
    std::reverse(b.columns.begin(), b.columns.end());
    std::reverse(b.constraints.begin(), b.constraints.end());
    std::reverse(b.indexes.begin(), b.indexes.end());
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(equivalent(a, b));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  // Pairing all with all takes minutes here; the bound leaves room for a slow, busy machine and sanitizers.
  EXPECT_LT(seconds(30'000), 20.0);
}

}  // namespace
}  // namespace aludel::schema
