#include <aludel/schema/json_schema.hpp>

#include <gtest/gtest.h>

namespace aludel::schema {
namespace {

Column column(std::string name, Type type, bool nullable = false) {
  Column result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.nullable = nullable;
  return result;
}

std::string of(Column column) {
  Table table;
  table.columns = {std::move(column)};
  const Value schema = json_schema(table);
  return to_json(*schema.find("properties")->find(table.columns.front().name));
}
std::string of(Type type, bool nullable = false) { return of(column("c", std::move(type), nullable)); }

std::string with_default(Type type, std::string text) {
  Column result = column("c", std::move(type));
  result.server_default = Expression(std::move(text));
  return of(result);
}

TEST(JsonSchemaTest, TypesAreWhatJsonHas) {
  EXPECT_EQ(of(Type::boolean()), R"({"type":"boolean"})");
  EXPECT_EQ(of(Type::smallint()), R"({"type":"integer","minimum":-32768,"maximum":32767})");
  EXPECT_EQ(of(Type::bigint()), R"({"type":"integer","format":"int64"})");
  EXPECT_EQ(of(Type::double_precision()), R"({"type":"number"})");
  EXPECT_EQ(of(Type::decimal(10, 2)), R"({"type":"string","pattern":"^-?[0-9]+(\\.[0-9]{1,2})?$"})");
  EXPECT_EQ(of(Type::varchar(80)), R"({"type":"string","maxLength":80})");
  EXPECT_EQ(of(Type::binary()), R"({"type":"string","contentEncoding":"base64"})");
  EXPECT_EQ(of(Type::timestamp()), R"({"type":"string","format":"date-time"})");
  EXPECT_EQ(of(Type::json()), "{}");
  EXPECT_EQ(of(Type::array(Type::uuid())), R"({"type":"array","items":{"type":"string","format":"uuid"}})");
  EXPECT_EQ(of(Type::native("tsvector")), R"x({"$comment":"native('tsvector')"})x");
}

TEST(JsonSchemaTest, NullableIsOneTypeMore) {
  EXPECT_EQ(of(Type::string(), true), R"({"type":["string","null"]})");
  EXPECT_EQ(of(Type::enumeration("rank", {"rookie", "veteran"}), true), R"({"type":["string","null"],"enum":["rookie","veteran",null]})");
  EXPECT_EQ(of(Type::json(), true), "{}");
}

TEST(JsonSchemaTest, LiteralDefaultsAreSaidAndExpressionsAreNot) {
  EXPECT_EQ(with_default(Type::integer(), "18"), R"({"type":"integer","minimum":-2147483648,"maximum":2147483647,"default":18})");
  EXPECT_EQ(with_default(Type::string(), "'it''s'"), R"({"type":"string","default":"it's"})");
  EXPECT_EQ(with_default(Type::boolean(), "TRUE"), R"({"type":"boolean","default":true})");
  EXPECT_EQ(with_default(Type::boolean(), "0"), R"({"type":"boolean","default":false})");
  EXPECT_EQ(with_default(Type::string(), "'a' || 'b'"), R"({"type":"string"})");
  EXPECT_EQ(with_default(Type::timestamp(), "CURRENT_TIMESTAMP"), R"({"type":"string","format":"date-time"})");
}

TEST(JsonSchemaTest, RequiredIsWhatANewRowMustSay) {
  Table hero;
  hero.name = {"", "hero"};
  hero.comment = "who saves the day";
  hero.columns = {column("id", Type::bigint()), column("name", Type::string()), column("alias", Type::string(), true), column("age", Type::bigint()),
                  column("loud", Type::string())};
  hero.columns[0].identity.emplace().always = true;
  hero.columns[1].comment = "as on the door";
  hero.columns[3].server_default = Expression("18");
  hero.columns[4].generated = Generated{Expression("upper(name)"), true};
  EXPECT_EQ(to_json(json_schema(hero)),
            R"({"title":"hero","type":"object","description":"who saves the day","properties":{)"
            R"("id":{"type":"integer","format":"int64","readOnly":true},"name":{"type":"string","description":"as on the door"},)"
            R"("alias":{"type":["string","null"]},"age":{"type":"integer","format":"int64","default":18},"loud":{"type":"string","readOnly":true}},)"
            R"("required":["name"],"additionalProperties":false})");
}

TEST(JsonSchemaTest, TablesAreDefinitionsAndOtherPeoplesAreLeftOut) {
  Metadata metadata;
  Table mine;
  mine.name = {"game", "hero"};
  mine.columns = {column("id", Type::bigint())};
  mine.partial = true;
  metadata.add(mine);
  Table users;
  users.name = {"", "users"};
  users.external = true;
  metadata.add(users);
  EXPECT_EQ(to_json(json_schema(metadata)),
            R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{"game.hero":{"title":"game.hero","type":"object",)"
            R"("properties":{"id":{"type":"integer","format":"int64"}},"required":["id"],"additionalProperties":true}}})");
}

}  // namespace
}  // namespace aludel::schema
