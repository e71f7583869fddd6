#include <aludel/op/codec.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace aludel::op {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Value json(std::string_view text) { return from_json(text); }

Error error_of(Value value) {
  value.mark = {7, 3};
  for (auto& member : *value.object()) {
    member.mark = {8, 1};
    member.value.mark = {8, 10};
  }
  try {
    decode(value, "file.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::syntax);
    return error;
  }
  ADD_FAILURE() << "no error for " << to_json(value);
  return {ErrorKind::internal, ""};
}

std::string message_of(std::string_view text) { return error_of(json(text)).what(); }

/// Reads the text, and expects that writing gives it back.
Operation read(std::string_view text) {
  auto operation = decode(json(text), "file.toml");
  EXPECT_EQ(to_json(encode(operation)), to_json(json(text)));
  EXPECT_EQ(decode(encode(operation)), operation);
  return operation;
}

template <class T>
T read_as(std::string_view text) {
  auto operation = read(text);
  EXPECT_TRUE(std::holds_alternative<T>(operation.body)) << name_of(operation);
  return std::get<T>(operation.body);
}

TEST(Codec, KnowsEveryOperationByItsName) {
  const auto schema = operation_schema();
  std::vector<std::string> titles;
  for (const auto& alternative : *schema.find("$defs")->find("operation")->find("oneOf")->array())
    titles.push_back(*alternative.find("title")->string());
  const auto names = operation_names();
  EXPECT_THAT(titles, testing::ElementsAreArray(names.begin(), names.end()));
}

TEST(Codec, ReadsATableWhole) {
  const auto table = read_as<CreateTable>(R"json({"create_table":"app.hero",
    "columns":[{"name":"id","type":"bigint","nullable":false,"identity":true},
               {"name":"age","type":"integer","default":"0","comment":"in years"},
               {"name":"both","type":"text","generated":{"expression":"a || b","stored":false},"collation":"NOCASE","renamed_from":["old"]}],
    "primary_key":{"name":"pk_hero","columns":["id"]},
    "uniques":[{"columns":["age",{"column":"both","collation":"C"}],"nulls_distinct":false}],
    "checks":["age >= 0",{"name":"ck","expression":"age < 1000","validated":false}],
    "foreign_keys":[{"name":"fk","columns":["team_id"],"references":"team(id)","on_delete":"set null","match":"full","deferrable":"deferred"}],
    "excludes":[{"method":"gist","elements":[{"column":"room","with":"="},{"expression":"period","with":"&&"}]}],
    "indexes":[{"name":"ix","columns":[{"expression":"lower(a)","order":"desc","nulls":"last"}],"unique":true,"where":"a IS NOT NULL"}],
    "comment":"people","partial":true,"mysql":{
  "engine" : "InnoDB"
}
})json")
                         .table;
  EXPECT_EQ(table.name, (Name{"app", "hero"}));
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_EQ(table.columns[0].identity, schema::Identity());
  EXPECT_FALSE(table.columns[0].nullable);
  EXPECT_TRUE(table.columns[1].nullable);
  EXPECT_EQ(table.columns[1].server_default->declared, "0");
  EXPECT_FALSE(table.columns[2].generated->stored);
  ASSERT_EQ(table.constraints.size(), 6U);
  EXPECT_EQ(std::get<schema::PrimaryKey>(table.constraints[0]).name, "pk_hero");
  const auto& key = std::get<schema::ForeignKey>(table.constraints[4]);
  EXPECT_EQ(key.on_delete, schema::ForeignKeyAction::set_null);
  EXPECT_EQ(key.deferrable, schema::Deferrable::initially_deferred);
  EXPECT_THAT(key.referenced_columns, ElementsAre("id"));
  EXPECT_TRUE(table.partial);
  EXPECT_EQ(table.options.at("mysql").at("engine"), Value("InnoDB"));
}

TEST(Codec, DefaultsMayBeNumbersAndTruthValues) {
  const auto default_of = [](std::string_view text) {
    const auto operation = decode(json(R"json({"add_column":"hero.a","type":"text","default":)json" + std::string(text) + "}"));
    return std::get<AddColumn>(operation.body).column.server_default->declared;
  };
  EXPECT_EQ(default_of("0"), "0");
  EXPECT_EQ(default_of("-1.5"), "-1.5");
  EXPECT_EQ(default_of("true"), "true");
  EXPECT_EQ(default_of("\"'rookie'\""), "'rookie'");
}

TEST(Codec, DropsMayLeaveTheDefinitionOut) {
  EXPECT_EQ(read_as<DropTable>(R"json({"drop_table":"hero"})json").definition, std::nullopt);
  EXPECT_EQ(read_as<DropTable>(R"json({"drop_table":"hero","if_exists":true,"columns":[]})json").definition->name, (Name{"", "hero"}));
  EXPECT_EQ(read_as<DropColumn>(R"json({"drop_column":"app.hero.age"})json").definition, std::nullopt);
  EXPECT_EQ(read_as<DropColumn>(R"json({"drop_column":"hero.age","column":{"type":"text"}})json").definition->name, "age");
  EXPECT_EQ(read_as<DropIndex>(R"json({"drop_index":"ix","table":"hero"})json").definition, std::nullopt);
  EXPECT_EQ(read_as<DropIndex>(R"json({"drop_index":"ix","table":"hero","columns":["a"]})json").definition->name, "ix");
  EXPECT_EQ(read_as<DropConstraint>(R"json({"drop_constraint":"ck","table":"hero"})json").definition, std::nullopt);
  EXPECT_EQ(schema::name_of(*read_as<DropConstraint>(R"json({"drop_constraint":"ck","table":"hero","check":"a > 0"})json").definition), "ck");
  EXPECT_EQ(read_as<DropObject>(R"json({"drop_object":"v","kind":"view"})json").definition, std::nullopt);
  EXPECT_EQ(read_as<DropObject>(R"json({"drop_object":"v","kind":"view","definition":"AS SELECT 1"})json").definition->definition.declared,
            "AS SELECT 1");
  EXPECT_EQ(read_as<DropEnum>(R"json({"drop_enum":"rank"})json").definition, std::nullopt);
  EXPECT_THAT(read_as<DropEnum>(R"json({"drop_enum":"rank","values":["a"]})json").definition->values, ElementsAre("a"));
  EXPECT_EQ(read_as<DropSequence>(R"json({"drop_sequence":"s"})json").definition, std::nullopt);
  EXPECT_EQ(read_as<DropSequence>(R"json({"drop_sequence":"s","definition":{}})json").definition->name.name, "s");
}

TEST(Codec, AnAlterationWithoutFromOrToIsNone) {
  const auto alter =
      read_as<AlterColumn>(R"json({"alter_column":"hero.age","type":{"from":"integer","to":"bigint"},"nullable":{"from":true,"to":false},
    "default":{"to":"0"},"generated":{"from":{"expression":"a"}},"identity":{"to":true},"comment":{"to":"years"},"backfill":"18","using":"age::bigint"})json");
  EXPECT_EQ(alter.server_default->from, std::nullopt);
  EXPECT_EQ(alter.server_default->to->declared, "0");
  EXPECT_EQ(alter.generated->to, std::nullopt);
  EXPECT_EQ(alter.identity->to, schema::Identity());
  EXPECT_EQ(alter.comment->from, "");
  EXPECT_EQ(alter.using_->declared, "age::bigint");
}

TEST(Codec, ConstraintsStandUnderTheirKind) {
  EXPECT_EQ(schema::name_of(read_as<AddConstraint>(R"json({"add_constraint":"uq","table":"hero","unique":{"columns":["a"]}})json").constraint), "uq");
  EXPECT_EQ(schema::name_of(read_as<AddConstraint>(R"json({"add_constraint":"","table":"hero","check":"a > 0"})json").constraint), "");
  const auto alter = read_as<AlterConstraint>(R"json({"alter_constraint":"fk","table":"hero",
    "from":{"foreign_key":{"columns":["a"],"references":"team(id)"
}
}
, "to" : {
  "foreign_key" : { "columns" : ["a"], "references" : "team(id)", "on_delete" : "cascade" }
}
})json");
  EXPECT_EQ(schema::name_of(alter.from), "fk");
  EXPECT_EQ(schema::name_of(alter.to), "fk");
  EXPECT_EQ(std::get<schema::ForeignKey>(alter.to).on_delete, schema::ForeignKeyAction::cascade);
}

TEST(Codec, ObjectsAreNamedByKindSchemaParentAndSignature) {
  const auto create = read_as<CreateObject>(R"json({"create_object":"audit","kind":"trigger","schema":"app","parent":"app.hero",
    "definition":"AFTER UPDATE ON hero BEGIN SELECT 1; END","depends_on":["hero",{"name":"v","kind":"view"}]})json");
  EXPECT_EQ(create.object.key.name, (Name{"app", "audit"}));
  EXPECT_EQ(create.object.depends_on[0], (schema::ObjectKey{"table", {"", "hero"}, "", ""}));
  EXPECT_EQ(create.object.depends_on[1].kind, "view");
  const auto dotted = decode(json(R"json({"drop_object":"app.v","kind":"view"})json"));
  EXPECT_EQ(std::get<DropObject>(dotted.body).object.name, (Name{"app", "v"}));
  EXPECT_EQ(to_json(encode(dotted)), R"json({"drop_object":"v","kind":"view","schema":"app"})json");
}

TEST(Codec, SqlMayDifferByDialectAndSayItsEffect) {
  EXPECT_EQ(read_as<Sql>(R"json({"sql":"SELECT 1"})json").sql, (SqlByDialect{{"default", "SELECT 1"}}));
  const auto sql = read_as<Sql>(R"json({"sql":{"default":"b","mysql":"a"},"undo":"c","effect":[{"drop_table":"hero"},{"sql":"x","effect":[]}]})json");
  EXPECT_EQ(sql.sql, (SqlByDialect{{"default", "b"}, {"mysql", "a"}}));
  ASSERT_EQ(sql.effect->size(), 2U);
  EXPECT_EQ(name_of(sql.effect->front()), "drop_table");
}

TEST(Codec, RowsHoldWhatTomlCannot) {
  const auto insert = read_as<Insert>(
      R"json({"insert":"hero","rows":[{"id":1,"name":{"null":true},"data":{"hex":"00ff"},"size":{"float":"inf"},"json":{"a":[1]}}]})json");
  EXPECT_EQ(insert.rows[0][1].second, Value());
  EXPECT_EQ(insert.rows[0][2].second, Value(Bytes{std::byte{0}, std::byte{0xff}}));
  EXPECT_EQ(insert.rows[0][3].second, Value(std::numeric_limits<double>::infinity()));
  // A table that looks like one of these is wrapped.
  Value::Object inner{{"null", true}};
  const Operation custom(Custom{"x", inner});
  EXPECT_EQ(to_json(encode(custom)), R"json({"custom":"x","arguments":{"table":{"null":true}}})json");
  EXPECT_EQ(decode(encode(custom)), custom);
}

TEST(Codec, OddNamesAreQuoted) {
  const Operation odd(RenameColumn{{"my schema", "a.b"}, "c\"d", "e.f"});
  EXPECT_EQ(*encode(odd).find("rename_column")->string(), "my schema.\"a.b\".\"c\"\"d\"");
  EXPECT_EQ(decode(encode(odd)), odd);
  const Operation table(RenameTable{{"", "a"}, "x.y"});
  EXPECT_EQ(*encode(table).find("to")->string(), "\"x.y\"");
  EXPECT_EQ(decode(encode(table)), table);
  schema::ForeignKey key;
  key.columns = {"a"};
  key.referenced_table = {"s(", "t,\"x\""};
  key.referenced_columns = {"b, c", "d)", " e ", "plain"};
  const Operation add(AddConstraint{{"", "hero"}, key});
  EXPECT_EQ(decode(encode(add)), add);
}

TEST(Codec, DialectsOptionsStandUnderTheirNames) {
  const auto index = read_as<CreateIndex>(
                         R"json({"create_index":"ix","table":"hero","columns":["a"],"cockroach":{"sharded":true},"postgresql":{"using":"gin"}})json")
                         .index;
  EXPECT_EQ(index.options.at("cockroach").at("sharded"), Value(true));
  // A dialect whose name could be taken for a key, or is no bare word, stands under `options`.
  const Operation odd(CreateIndex{{"", "hero"}, {"ix", {"a"}, false, true, {}, {}, "", {{"wher", {}}, {"My DB", {{"x", 1}}}, {"sql", {}}}}, false});
  EXPECT_EQ(to_json(*encode(odd).find("options")), R"json({"My DB":{"x":1},"sql":{},"wher":{}})json");
  EXPECT_EQ(decode(encode(odd)), odd);
}

TEST(Codec, DataLossStandsOnEveryOperation) {
  auto operation = read(R"json({"drop_column":"hero.age","data_loss":"review"})json");
  EXPECT_EQ(operation.data_loss, DataLoss::review);
  EXPECT_EQ(read(R"json({"sql":"DELETE FROM hero","data_loss":"accepted"})json").data_loss, DataLoss::accepted);
}

TEST(Codec, ForgivesSpellingsOfWords) {
  const auto operation =
      decode(json(R"json({"add_constraint":"fk","table":"t","foreign_key":{"columns":["a"],"references":"u","on_delete":"SET_NULL"}})json"));
  EXPECT_EQ(std::get<schema::ForeignKey>(std::get<AddConstraint>(operation.body).constraint).on_delete, schema::ForeignKeyAction::set_null);
}

// What a person sees who mistyped.

TEST(CodecErrors, UnknownKeysNameTheNearest) {
  const auto error = error_of(json(R"json({"add_column":"hero.age","type":"integer","nulable":false})json"));
  EXPECT_STREQ(error.what(), "file.toml:8:1: unknown key 'nulable' in add_column (did you mean 'nullable'?)");
  EXPECT_THAT(error.hint(), AllOf(HasSubstr("known keys: "), HasSubstr("nullable"), HasSubstr("a dialect's options")));
  EXPECT_THAT(message_of(R"json({"rename_table":"a","to":"b","zzz":1})json"), HasSubstr("file.toml:8:1: unknown key 'zzz' in rename_table"));
  EXPECT_THAT(message_of(R"json({"create_table":"t","columns":[{"name":"a","type":"text","uniqe":true}]})json"),
              HasSubstr("unknown key 'uniqe' in a column"));
  EXPECT_THAT(message_of(R"json({"create_table":"t","columns":[],"foreign":{"a":1}})json"), HasSubstr("unknown key 'foreign' in create_table"));
  EXPECT_THAT(message_of(R"json({"drop_table":"t","colums":[]})json"), HasSubstr("unknown key 'colums' in drop_table (did you mean 'columns'?)"));
}

TEST(CodecErrors, AMisspeltKeyIsNamedRatherThanTheMissingOne) {
  EXPECT_THAT(message_of(R"json({"add_column":"hero.age","tpye":"integer"})json"),
              HasSubstr("unknown key 'tpye' in add_column (did you mean 'type'?)"));
}

TEST(CodecErrors, MissingKeysSayWhatTheyMean) {
  const auto error = error_of(json(R"json({"add_column":"hero.age"})json"));
  EXPECT_STREQ(error.what(), "file.toml:7:3: missing 'type' in add_column");
  EXPECT_THAT(error.hint(), HasSubstr("type: the type, neutral between dialects"));
  EXPECT_THAT(message_of(R"json({"create_index":"ix","columns":["a"]})json"), HasSubstr("missing 'table' in create_index"));
}

TEST(CodecErrors, WrongTypesSayWhatWasExpected) {
  EXPECT_STREQ(message_of(R"json({"add_column":"hero.age","type":"integer","nullable":"no"})json").c_str(),
               "file.toml:8:10: 'nullable' must be true or false, not a string");
  EXPECT_THAT(message_of(R"json({"create_table":7})json"),
              HasSubstr("'create_table' must be a name, as \"table\" or \"schema.table\", not an integer"));
  EXPECT_THAT(message_of(R"json({"create_table":"t","columns":{"a":1}})json"), HasSubstr("'columns' must be a list, not a table"));
  EXPECT_THAT(message_of(R"json({"create_table":"t","columns":["a"]})json"),
              HasSubstr("an entry of 'columns' must be a table that describes a column, not a string"));
  EXPECT_THAT(message_of(R"json({"add_column":"a.b","type":"integer","identity":false})json"), HasSubstr("'identity' must be true, or a table"));
  EXPECT_THAT(message_of(R"json({"insert":"t","rows":[1]})json"), HasSubstr("an entry of 'rows' must be a table of columns and their values"));
  EXPECT_THAT(message_of(R"json({"sql":["a"]})json"), HasSubstr("'sql' must be a string of SQL, or a table with one for each dialect, not an array"));
}

TEST(CodecErrors, WordsAreListed) {
  EXPECT_THAT(message_of(R"json({"drop_table":"t","data_loss":"acepted"})json"),
              HasSubstr("'data_loss' must be \"review\" or \"accepted\", not 'acepted' (did you mean 'accepted'?)"));
  EXPECT_THAT(
      message_of(R"json({"add_constraint":"f","table":"t","foreign_key":{"columns":["a"],"references":"u(b)","on_delete":"cascad"
}
})json"),
      HasSubstr("'on_delete' must be one of \"no action\", \"restrict\", \"cascade\", \"set null\", \"set default\", not 'cascad' (did you mean"));
}

TEST(CodecErrors, NamesAndTypesThatCannotBeRead) {
  EXPECT_THAT(message_of(R"json({"add_column":"age","type":"integer"})json"),
              HasSubstr("file.toml:8:10: 'add_column' must name a column, as \"table.column\" or \"schema.table.column\", not 'age'"));
  EXPECT_THAT(message_of(R"json({"drop_table":"a..b"})json"), HasSubstr("file.toml:8:10"));
  EXPECT_THAT(message_of(R"json({"rename_table":"a","to":"b.c"})json"), HasSubstr("'to' must be a name of one part, not 'b.c'"));
  EXPECT_THAT(message_of(R"json({"add_column":"a.b","type":"varchar(x)"
})json"),
              HasSubstr("file.toml:8:10"));
  for (const char* bad : {"team(", "team(id", "team(id))", "team()", "team(a(b))"}) {
    SCOPED_TRACE(bad);
    EXPECT_THROW(
        decode(json(R"json({"add_constraint":"f","table":"t","foreign_key":{"columns":["a"],"references":")json" + std::string(bad) + "\"}}")),
        Error);
  }
}

TEST(CodecErrors, OneOperationInATable) {
  const auto error = error_of(json(R"json({"drop_table":"a","sql":"b"})json"));
  EXPECT_STREQ(error.what(), "file.toml:8:1: two operations in one table: 'drop_table' and 'sql'");
  EXPECT_THAT(error.hint(), HasSubstr("a table of its own"));
}

TEST(CodecErrors, NoOperation) {
  EXPECT_THAT(message_of(R"json({"creat_table":"a","columns":[]})json"),
              HasSubstr("file.toml:8:1: unknown operation 'creat_table' (did you mean 'create_table'?)"));
  EXPECT_THAT(message_of(R"json({"zzzz":"a"})json"), HasSubstr("file.toml:7:3: no operation here: expected a key that names one, found only 'zzzz'"));
  EXPECT_THAT(message_of(R"json({})json"), HasSubstr("found an empty table"));
  EXPECT_THROW(decode(Value("sql")), Error);
  EXPECT_THROW(decode_all(Value(Value::Object{})), Error);
}

TEST(CodecErrors, ContradictionsAreNamed) {
  EXPECT_THAT(message_of(R"json({"add_constraint":"c","table":"t"})json"),
              HasSubstr("add_constraint needs exactly one of 'primary_key', 'unique', 'check'"));
  EXPECT_THAT(message_of(R"json({"add_constraint":"c","table":"t","check":"a","unique":{"columns":["a"]}})json"), HasSubstr("needs exactly one of"));
  EXPECT_THAT(message_of(R"json({"add_constraint":"c","table":"t","unique":{"name":"d","columns":["a"]}})json"),
              HasSubstr("names the constraint twice"));
  EXPECT_THAT(message_of(R"json({"drop_constraint":"","table":"t"})json"), HasSubstr("drop_constraint needs a name, or what the constraint says"));
  EXPECT_THAT(message_of(R"json({"create_index":"i","table":"t","columns":[{"column":"a","expression":"b"}]})json"),
              HasSubstr("a key part needs exactly one of 'column' and 'expression'"));
  EXPECT_THAT(message_of(R"json({"alter_enum":"e","add":[{"value":"a","before":"b","after":"c"}]})json"), HasSubstr("one of 'before' and 'after'"));
  EXPECT_THAT(message_of(R"json({"drop_object":"a.v","kind":"view","schema":"b"})json"), HasSubstr("says the schema twice"));
  EXPECT_THAT(message_of(R"json({"insert":"t","rows":[{"a":{"hex":"0g"}}]})json"), HasSubstr("pairs of hexadecimal digits"));
}

TEST(CodecErrors, NamesFromOutsideArePrintable) {
  EXPECT_THAT(message_of("{\"drop_table\":\"a\",\"ev\\u001bil\\n\":1}"), testing::Not(testing::AnyOf(HasSubstr("\x1b"), HasSubstr("\n"))));
}

TEST(Schema, EveryReferenceIsDefinedAndEveryPropertyExplained) {
  const auto schema = operation_schema();
  const auto& definitions = *schema.find("$defs");
  std::size_t references = 0, properties = 0;
  const auto walk = [&](const auto& self, const Value& node) -> void {
    if (const auto* array = node.array()) {
      for (const auto& item : *array) self(self, item);
    }
    const auto* object = node.object();
    if (!object) return;
    if (const auto* reference = node.find("$ref"); reference && reference->string()) {
      ++references;
      EXPECT_TRUE(definitions.find(reference->string()->substr(std::string("#/$defs/").size()))) << *reference->string();
    }
    if (const auto* list = node.find("properties"); list && list->object()) {
      for (const auto& member : *list->object()) {
        ++properties;
        EXPECT_TRUE(member.value.find("description")) << member.key;
      }
    }
    for (const auto& member : *object) self(self, member.value);
  };
  walk(walk, schema);
  EXPECT_GT(references, 20U);
  EXPECT_GT(properties, 200U);
}

}  // namespace
}  // namespace aludel::op
