#include "unit/model/support.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// Everything that docs/models.md shows.
namespace {

using namespace aludel;
using schema::Type;
using test::column_of;
using test::mistake;
using test::table_of;

struct Team {
  std::int64_t id;
  std::string name;
  std::string country;
};
struct Hero {
  std::optional<std::int64_t> id;
  std::string name;
  std::string alias;
  std::optional<int> age;
  std::optional<std::int64_t> team_id;
  std::optional<std::int64_t> mentor_id;
};

struct Heroes {
  Models models;
  StructTable<Hero> hero = models.table<Hero>("hero");
  StructTable<Team> team = models.table<Team>("team");

  Heroes() {
    hero.primary_key<&Hero::id>();
    team.primary_key<&Team::id>();
  }
  schema::Table table() const { return table_of(models, "hero"); }
  schema::Column column(const std::string& name) const { return column_of(models, "hero", name); }
  template <class Kind>
  Kind only() const {
    const auto found = table();
    std::vector<Kind> kinds;
    for (const auto& constraint : found.constraints) {
      if (const auto* kind = std::get_if<Kind>(&constraint)) kinds.push_back(*kind);
    }
    EXPECT_EQ(kinds.size(), 1U);
    return kinds.at(0);
  }
};

TEST(PrimaryKeys, OfOneIntegerAreIdentities) {
  Heroes heroes;
  EXPECT_TRUE(heroes.column("id").identity);
  EXPECT_FALSE(heroes.column("id").nullable);
  EXPECT_EQ(heroes.only<schema::PrimaryKey>().name, "");
}

TEST(PrimaryKeys, CanDoWithoutIdentity) {
  Models models;
  auto team = models.table<Team>("team");
  team.primary_key<&Team::id>().no_identity().name("pk_team").comment("given by the league");
  EXPECT_FALSE(column_of(models, "team", "id").identity);
  EXPECT_EQ(table_of(models, "team").primary_key()->name, "pk_team");

  Models other;
  auto same = other.table<Team>("team");
  same.primary_key<&Team::id>();
  same.column<&Team::id>().no_identity();
  EXPECT_FALSE(column_of(other, "team", "id").identity);
}

TEST(PrimaryKeys, WhoseValuesComeFromElsewhereAreNoIdentities) {
  Models models;
  models.table<Team>("team").primary_key<&Team::id>();
  auto detail = models.table("team_detail");
  detail.column("team_id", Type::bigint());
  detail.primary_key({"team_id"});
  detail.foreign_key({"team_id"}, "team");
  auto defaulted = models.table("defaulted");
  defaulted.column("id", Type::bigint()).server_default_sql("next_id()");
  defaulted.primary_key({"id"});
  auto text = models.table("text_key");
  text.column("id", Type::uuid());
  text.primary_key({"id"});
  EXPECT_FALSE(column_of(models, "team_detail", "team_id").identity);
  EXPECT_FALSE(column_of(models, "defaulted", "id").identity);
  EXPECT_FALSE(column_of(models, "text_key", "id").identity);
  EXPECT_TRUE(column_of(models, "team", "id").identity);
}

TEST(PrimaryKeys, MayBeComposite) {
  Models models;
  models.table<Hero>("hero").primary_key<&Hero::team_id, &Hero::name>();
  const auto table = table_of(models, "hero");
  EXPECT_EQ(table.primary_key()->columns, (std::vector<schema::IndexPart>{"team_id", "name"}));
  EXPECT_FALSE(table.find_column("team_id")->nullable);
  EXPECT_FALSE(table.find_column("team_id")->identity);
}

TEST(PrimaryKeys, IdentityCanBeTuned) {
  Models models;
  auto team = models.table<Team>("team");
  team.primary_key<&Team::id>();
  schema::Identity identity;
  identity.always = true;
  identity.start = 1000;
  team.column<&Team::id>().identity(identity).option("sqlite", "autoincrement", true);
  const auto column = column_of(models, "team", "id");
  EXPECT_EQ(column.identity, identity);
  EXPECT_EQ(column.options.at("sqlite").at("autoincrement"), Value(true));
}

TEST(Columns, TakeEverythingTheSchemaHolds) {
  Heroes heroes;
  heroes.hero.column<&Hero::alias>()
      .name("nickname")
      .collation("NOCASE")
      .comment("what friends say")
      .renamed_from("secret_name")
      .renamed_from("handle")
      .backfill("'hero ' || id")
      .option("mysql", "charset", "utf8mb4");
  heroes.hero.column<&Hero::age>().nullable(false).server_default(18);
  const auto alias = heroes.column("nickname");
  EXPECT_EQ(alias.collation, "NOCASE");
  EXPECT_EQ(alias.comment, "what friends say");
  EXPECT_EQ(alias.renamed_from, (std::vector<std::string>{"secret_name", "handle"}));
  EXPECT_EQ(alias.backfill, schema::Expression("'hero ' || id"));
  EXPECT_EQ(alias.options.at("mysql").at("charset"), Value("utf8mb4"));
  EXPECT_FALSE(heroes.column("age").nullable);
}

TEST(Columns, CanBeGenerated) {
  Heroes heroes;
  heroes.hero.column<&Hero::alias>().generated("upper(name)");
  heroes.hero.column("initial", "char(1)").generated("substr(name, 1, 1)", virtual_);
  EXPECT_EQ(heroes.column("alias").generated, (schema::Generated{"upper(name)", true}));
  EXPECT_EQ(heroes.column("initial").generated, (schema::Generated{"substr(name, 1, 1)", false}));
  EXPECT_EQ(heroes.column("initial").type, Type::character(1));
}

TEST(Columns, CanBeUniqueIndexedAndChecked) {
  Heroes heroes;
  heroes.hero.column<&Hero::name>().unique().index().check("length(name) > 1");
  EXPECT_EQ(heroes.only<schema::Unique>().name, "uq_hero_name");
  EXPECT_EQ(heroes.only<schema::Check>().name, "ck_hero_name");
  EXPECT_EQ(heroes.table().indexes.at(0).name, "ix_hero_name");
}

TEST(Indexes, CanSayAll) {
  Heroes heroes;
  heroes.hero.index<&Hero::name, desc<&Hero::age>>()
      .unique()
      .where("age IS NOT NULL")
      .include({"alias"})
      .comment("by age")
      .option("postgresql", "using", "btree");
  heroes.hero.index_on("lower(name)").name("by_lower_name");
  heroes.hero.index<&Hero::team_id>().expression("length(alias)", schema::Order::descending);
  schema::IndexPart part("alias");
  part.collation = "NOCASE";
  part.nulls = schema::Nulls::last;
  heroes.hero.index({part, "mentor_id"}).nulls_not_distinct();

  const auto indexes = heroes.table().indexes;
  ASSERT_EQ(indexes.size(), 4U);
  EXPECT_EQ(indexes[0].name, "ix_hero_name_age");
  EXPECT_TRUE(indexes[0].unique);
  EXPECT_EQ(indexes[0].columns[0].order, schema::Order::ascending);
  EXPECT_EQ(indexes[0].columns[1].order, schema::Order::descending);
  EXPECT_EQ(indexes[0].where, schema::Expression("age IS NOT NULL"));
  EXPECT_EQ(indexes[0].include, std::vector<std::string>{"alias"});
  EXPECT_EQ(indexes[0].comment, "by age");
  EXPECT_EQ(indexes[0].options.at("postgresql").at("using"), Value("btree"));
  EXPECT_EQ(indexes[1].name, "by_lower_name");
  EXPECT_EQ(indexes[1].columns.at(0).expression, schema::Expression("lower(name)"));
  EXPECT_EQ(indexes[2].name, "ix_hero_team_id_length_alias");
  EXPECT_EQ(indexes[2].columns[1].order, schema::Order::descending);
  EXPECT_EQ(indexes[3].columns[0], part);
  EXPECT_FALSE(indexes[3].nulls_distinct);
}

TEST(Uniques, CanSayAll) {
  Heroes heroes;
  heroes.hero.unique<&Hero::name, &Hero::alias>().nulls_not_distinct().include({"age"}).deferrable(initially_deferred).comment("one of a kind");
  const auto unique = heroes.only<schema::Unique>();
  EXPECT_EQ(unique.name, "uq_hero_name_alias");
  EXPECT_FALSE(unique.nulls_distinct);
  EXPECT_EQ(unique.include, std::vector<std::string>{"age"});
  EXPECT_EQ(unique.deferrable, schema::Deferrable::initially_deferred);
  EXPECT_EQ(unique.comment, "one of a kind");
}

std::vector<std::string> check_names(const schema::Table& table) {
  std::vector<std::string> names;
  for (const auto& constraint : table.constraints) {
    if (std::holds_alternative<schema::Check>(constraint)) names.push_back(name_of(constraint));
  }
  return names;
}

TEST(Checks, AreNamedByTheirColumns) {
  Heroes heroes;
  heroes.hero.check("age >= 0");
  heroes.hero.check("age < 1000");
  heroes.hero.check("name <> alias");
  heroes.hero.check("1 = 1");
  heroes.hero.check("ck_hero_age_2", "age <> 13");
  heroes.hero.check("alias <> 'name'").not_validated().not_enforced();
  heroes.hero.column<&Hero::mentor_id>().check("mentor_id <> id");
  EXPECT_EQ(check_names(heroes.table()), (std::vector<std::string>{"ck_hero_age", "ck_hero_age_3", "ck_hero_name_alias", "ck_hero_1", "ck_hero_age_2",
                                                                   "ck_hero_alias", "ck_hero_mentor_id"}));
}

TEST(ForeignKeys, CanSayAll) {
  Heroes heroes;
  heroes.hero.foreign_key<&Hero::team_id, &Team::id>()
      .name("hero_in_team")
      .on_delete(set_null)
      .on_update(cascade)
      .deferrable(initially_deferred)
      .match(schema::Match::full)
      .not_validated()
      .comment("membership")
      .option("postgresql", "x", 1);
  const auto key = heroes.only<schema::ForeignKey>();
  EXPECT_EQ(key.name, "hero_in_team");
  EXPECT_EQ(key.referenced_table.name, "team");
  EXPECT_EQ(key.referenced_columns, std::vector<std::string>{"id"});
  EXPECT_EQ(key.on_delete, schema::ForeignKeyAction::set_null);
  EXPECT_EQ(key.on_update, schema::ForeignKeyAction::cascade);
  EXPECT_EQ(key.deferrable, schema::Deferrable::initially_deferred);
  EXPECT_EQ(key.match, schema::Match::full);
  EXPECT_FALSE(key.validated);
  EXPECT_EQ(key.comment, "membership");
}

TEST(ForeignKeys, MayReferToTheirOwnTable) {
  Heroes heroes;
  heroes.hero.foreign_key<&Hero::mentor_id, &Hero::id>().on_delete(set_null);
  EXPECT_EQ(heroes.only<schema::ForeignKey>().referenced_table.name, "hero");
  EXPECT_TRUE(heroes.column("id").identity);
}

TEST(ForeignKeys, MayReferByNameOrHandle) {
  Models models;
  auto users = models.external_table("accounts.users");
  (void)users;
  auto external = models.external_table("audit").schema("accounts");
  models.external_table("countries");
  auto team = models.table<Team>("team");
  team.foreign_key<&Team::id>(external, {"id"});
  team.foreign_key<&Team::country>("countries", {"code"}).on_update(cascade);
  team.foreign_key<&Team::name>("countries");
  const auto table = table_of(models, "team");
  const auto& first = std::get<schema::ForeignKey>(table.constraints.at(0));
  EXPECT_EQ(first.referenced_table, (schema::Name{"accounts", "audit"}));
  EXPECT_EQ(std::get<schema::ForeignKey>(table.constraints.at(1)).referenced_columns, std::vector<std::string>{"code"});
  EXPECT_TRUE(std::get<schema::ForeignKey>(table.constraints.at(2)).referenced_columns.empty());
}

struct Order {
  std::string country;
  std::int64_t number;
};
struct Line {
  std::string order_country;
  std::int64_t order_number;
  int position;
};
struct Base {
  std::int64_t id;
};
struct Derived : Base {
  std::string text;
};
struct Pointing {
  std::int64_t derived_id;
};

TEST(ForeignKeys, MayBeComposite) {
  Models models;
  models.table<Order>("order").primary_key<&Order::country, &Order::number>();
  models.table<Line>("line")
      .foreign_key(members<&Line::order_country, &Line::order_number>, members<&Order::country, &Order::number>)
      .on_delete(cascade);
  const auto key = std::get<schema::ForeignKey>(table_of(models, "line").constraints.at(0));
  EXPECT_EQ(key.name, "fk_line_order_country_order_number");
  EXPECT_EQ(key.columns, (std::vector<std::string>{"order_country", "order_number"}));
  EXPECT_EQ(key.referenced_columns, (std::vector<std::string>{"country", "number"}));
}

TEST(ForeignKeys, MayReferToInheritedMembers) {
  Models models;
  auto derived = models.table<Derived>("derived", listed);
  derived.column<&Derived::id>();
  derived.primary_key<&Derived::id>();
  auto pointing = models.table<Pointing>("pointing");
  pointing.foreign_key<&Pointing::derived_id, Derived, &Base::id>();
  pointing.relationship(members<&Pointing::derived_id>, members_of<Derived, &Base::id>).name("again");
  const auto table = table_of(models, "pointing");
  EXPECT_EQ(std::get<schema::ForeignKey>(table.constraints.at(0)).referenced_table.name, "derived");
  EXPECT_EQ(table.indexes.size(), 1U);
}

TEST(Relationships, AreForeignKeysWithAnIndex) {
  Heroes heroes;
  heroes.hero.relationship<&Hero::team_id, &Team::id>().on_delete(cascade);
  heroes.hero.relationship<&Hero::mentor_id>("hero");
  EXPECT_EQ(heroes.table().constraints.size(), 3U);
  const auto indexes = heroes.table().indexes;
  ASSERT_EQ(indexes.size(), 2U);
  EXPECT_EQ(indexes[0].name, "ix_hero_team_id");
  EXPECT_EQ(indexes[1].name, "ix_hero_mentor_id");
}

TEST(Relationships, MakeNoSecondIndex) {
  Heroes heroes;
  heroes.hero.index<&Hero::team_id, &Hero::name>().name("own");
  heroes.hero.unique<&Hero::mentor_id>();
  heroes.hero.relationship<&Hero::team_id, &Team::id>();
  heroes.hero.relationship<&Hero::mentor_id, &Hero::id>();
  ASSERT_EQ(heroes.table().indexes.size(), 1U);
  EXPECT_EQ(heroes.table().indexes[0].name, "own");
}

TEST(Tables, TakeEverythingTheSchemaHolds) {
  Heroes heroes;
  heroes.hero.comment("those who help").renamed_from("person").option("mysql", "engine", "InnoDB").partial();
  const auto table = heroes.table();
  EXPECT_EQ(table.comment, "those who help");
  EXPECT_EQ(table.renamed_from, std::vector<std::string>{"person"});
  EXPECT_EQ(table.options.at("mysql").at("engine"), Value("InnoDB"));
  EXPECT_TRUE(table.partial);
}

TEST(Tables, StandInSchemas) {
  Models models;
  models.schema("game", "all of it");
  auto hero = models.table<Hero>("hero").schema("game");
  hero.primary_key<&Hero::id>();
  auto team = models.table<Team>("team").schema("game");
  team.primary_key<&Team::id>();
  hero.foreign_key<&Hero::team_id, &Team::id>();
  hero.foreign_key<&Hero::mentor_id>("game.hero").name("mentor");
  const auto metadata = models.metadata();
  const auto* table = metadata.find_table({"game", "hero"});
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(std::get<schema::ForeignKey>(table->constraints.at(1)).referenced_table, (schema::Name{"game", "team"}));
  EXPECT_EQ(std::get<schema::ForeignKey>(table->constraints.at(2)).referenced_table, (schema::Name{"game", "hero"}));
  EXPECT_EQ(metadata.schemas.at("game").comment, "all of it");
}

TEST(Tables, NeedNoStruct) {
  Models models;
  auto log = models.table("log");
  log.column("id", "bigint");
  log.column("message", Type::string()).nullable(false);
  log.column("at", "timestamp with time zone").server_default_sql("CURRENT_TIMESTAMP");
  log.column("parent_id", Type::bigint());
  log.primary_key({"id"});
  log.unique({"message", "at"});
  log.index({"at"}).name("by_time");
  log.check("message <> ''");
  log.relationship({"parent_id"}, log, {"id"}).on_delete(cascade);
  const auto table = table_of(models, "log");
  EXPECT_EQ(table.columns.size(), 4U);
  EXPECT_TRUE(table.columns[0].identity);
  EXPECT_EQ(table.columns[2].type, Type::timestamp(true));
  EXPECT_TRUE(table.columns[2].nullable);
  EXPECT_EQ(table.constraints.size(), 4U);
  EXPECT_EQ(table.indexes.size(), 2U);
}

TEST(Tables, OfOthersAreExternal) {
  Models models;
  models.external_table<Team>("team").primary_key<&Team::id>();
  auto hero = models.table<Hero>("hero");
  hero.foreign_key<&Hero::team_id, &Team::id>();
  EXPECT_TRUE(table_of(models, "team").external);
  EXPECT_EQ(mistake(models), "nothing");
}

TEST(Tables, TakeAnyConstraint) {
  Models models;
  auto room = models.table("booking");
  room.column("room", "integer");
  room.column("during", "native('tsrange')");
  schema::Exclude exclude;
  exclude.name = "no_overlap";
  exclude.method = "gist";
  exclude.elements = {{"room", "="}, {"during", "&&"}};
  room.constraint(exclude);
  EXPECT_EQ(std::get<schema::Exclude>(table_of(models, "booking").constraints.at(0)), exclude);
}

TEST(Naming, CanBeChanged) {
  Heroes heroes;
  NamingConvention convention;
  convention.primary_key = "pk_{table}";
  convention.foreign_key = "fk_{table}_{column}_{referenced_table}_{referenced_columns}";
  convention.index = "{table}_{columns}_idx";
  convention.unique = "";
  heroes.models.naming(convention);
  heroes.hero.foreign_key<&Hero::team_id, &Team::id>();
  heroes.hero.index<&Hero::name, &Hero::age>();
  heroes.hero.unique<&Hero::alias>();
  EXPECT_EQ(heroes.only<schema::PrimaryKey>().name, "pk_hero");
  EXPECT_EQ(heroes.only<schema::ForeignKey>().name, "fk_hero_team_id_team_id");
  EXPECT_EQ(heroes.only<schema::Unique>().name, "");
  EXPECT_EQ(heroes.table().indexes.at(0).name, "hero_name_age_idx");
}

TEST(Naming, CutsLongExpressions) {
  Heroes heroes;
  heroes.hero.index_on("coalesce(name, alias, 'somebody') || ' of ' || coalesce(team_id, mentor_id, 0)");
  const auto name = heroes.table().indexes.at(0).name;
  EXPECT_EQ(name.substr(0, 40), "ix_hero_coalesce_name_alias_coalesce_te_");
  EXPECT_EQ(name.size(), std::string("ix_hero_").size() + 40);
}

const schema::Object& object_of(const schema::Metadata& metadata, const std::string& name) {
  for (const auto& [key, object] : metadata.objects) {
    if (key.name.name == name) return object;
  }
  throw Error(ErrorKind::internal, "no object " + name);
}

TEST(Objects, AreViewsTriggersAndOthers) {
  Heroes heroes;
  heroes.models.view("grown_hero", "SELECT * FROM hero WHERE age >= 18;");
  heroes.models.view("grown_name", "(name) AS SELECT name FROM grown_hero");
  heroes.models.view("either", "(SELECT name FROM hero) UNION SELECT name FROM team").comment("all names");
  heroes.models.trigger("hero_born", heroes.hero, "AFTER INSERT ON hero BEGIN UPDATE team SET name = name WHERE id = new.team_id; END;");
  heroes.models.object("function", "twice", "(x integer) RETURNS integer AS 'SELECT 2 * x' LANGUAGE sql").schema("game").signature("integer");
  const auto metadata = heroes.models.metadata();

  const auto& grown = object_of(metadata, "grown_hero");
  EXPECT_EQ(grown.key.kind, "view");
  EXPECT_EQ(grown.definition.declared, "AS SELECT * FROM hero WHERE age >= 18");
  EXPECT_EQ(grown.depends_on, (std::vector<schema::ObjectKey>{{"table", {"", "hero"}, {}, {}}}));
  const auto& name = object_of(metadata, "grown_name");
  EXPECT_EQ(name.definition.declared, "(name) AS SELECT name FROM grown_hero");
  EXPECT_EQ(name.depends_on, (std::vector<schema::ObjectKey>{grown.key}));
  EXPECT_EQ(object_of(metadata, "either").definition.declared, "AS (SELECT name FROM hero) UNION SELECT name FROM team");
  const auto& trigger = object_of(metadata, "hero_born");
  EXPECT_EQ(trigger.key.parent, "hero");
  EXPECT_EQ(trigger.definition.declared, "AFTER INSERT ON hero BEGIN UPDATE team SET name = name WHERE id = new.team_id; END");
  EXPECT_EQ(trigger.depends_on.size(), 2U);
  const auto& function = object_of(metadata, "twice");
  EXPECT_EQ(function.key, (schema::ObjectKey{"function", {"game", "twice"}, "", "integer"}));
  EXPECT_TRUE(function.depends_on.empty());
}

TEST(Objects, CanSayWhatTheyDependOn) {
  Heroes heroes;
  heroes.models.view("odd", "SELECT 1 FROM hero").depends_on(heroes.team).depends_on(schema::ObjectKey{"function", {"", "f"}, {}, "integer"});
  const auto metadata = heroes.models.metadata();
  EXPECT_EQ(object_of(metadata, "odd").depends_on,
            (std::vector<schema::ObjectKey>{{"function", {"", "f"}, {}, "integer"}, {"table", {"", "team"}, {}, {}}}));
}

TEST(Objects, ThatSeemToNeedEachOtherAreOrdered) {
  Models models;
  models.view("a", "SELECT 1 AS b");
  models.view("b", "SELECT 1 AS a");
  const auto metadata = models.metadata();
  EXPECT_EQ(object_of(metadata, "a").depends_on.size() + object_of(metadata, "b").depends_on.size(), 1U);
}

TEST(Sequences, ArePartOfTheSchema) {
  Models models;
  schema::Sequence sequence;
  sequence.name.name = "ticket";
  models.sequence(sequence);
  EXPECT_EQ(models.metadata().sequences.size(), 1U);
}

}  // namespace
