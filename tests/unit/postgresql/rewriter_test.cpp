#include "rewriter.hpp"

#include "quoting.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace aludel::postgresql::test {
namespace {

TEST(rewriter, writes_new_names_as_the_server_prints_them) {
  const auto renamed = [](std::string_view text, const char* from, const char* to) {
    return rewriter().rewrite(text, op::TextKind::definition, {"", "names"}, {{"", from}, "", to}).value_or("cannot tell");
  };
  EXPECT_EQ(renamed("AS SELECT \"Hero\".id FROM \"Hero\"", "Hero", "heroes"), "AS SELECT heroes.id FROM heroes");
  EXPECT_EQ(renamed("AS SELECT hero.id FROM hero", "hero", "Heroes"), "AS SELECT \"Heroes\".id FROM \"Heroes\"");
  EXPECT_EQ(renamed("AS SELECT hero.id FROM hero", "hero", "user"), "AS SELECT \"user\".id FROM \"user\"");
  // A keyword of others' only.
  EXPECT_EQ(renamed("AS SELECT hero.id FROM hero", "hero", "rank"), "AS SELECT rank.id FROM rank");
  EXPECT_EQ(rewriter().rewrite("\"Age\" > 1", op::TextKind::expression, {"", "hero"}, {{"", "hero"}, "Age", "years"}), "years > 1");
}

TEST(rewriter, leaves_bodies_as_they_are) {
  const auto renamed = [](std::string_view text) {
    return rewriter().rewrite(text, op::TextKind::definition, {"", "f"}, {{"", "hero"}, "", "person"}).value_or("cannot tell");
  };
  for (const char* body :
       {"() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hero $$", "() RETURNS text LANGUAGE sql AS $f$ SELECT 'person' $f$",
        "() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM hero'"}) {
    EXPECT_EQ(renamed(body), body);
    EXPECT_FALSE(rewriter().mentions_table(body, {"", "hero"})) << body;
  }
  EXPECT_EQ(renamed("AS SELECT hero.id, $$hero$$ AS a, $x$person$x$ AS b FROM hero"),
            "AS SELECT person.id, $$hero$$ AS a, $x$person$x$ AS b FROM person");
}

TEST(rewriter, knows_the_servers_keywords) {
  const auto connection = fresh_database();
  for (const auto& row : connection->execute("SELECT word, word = quote_ident(word) FROM pg_get_keywords()").rows) {
    const std::string word = *row[0].string();
    if (is_printed_bare(word)) {
      EXPECT_EQ(row[1], Value("t")) << word;
    }
  }
  for (const char* name : {"hero", "rank", "two words", "Mixed", "\xc3\xbcnicode", "1digit", "_x1", "a$b", ""}) {
    const Value quoted = connection->execute("SELECT quote_ident('" + std::string(name) + "')").scalar();
    EXPECT_EQ(is_printed_bare(name), quoted == Value(name) && *name != '\0') << name;
  }
}

}  // namespace
}  // namespace aludel::postgresql::test
