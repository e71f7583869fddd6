#include "walk.hpp"

#include "introspector.hpp"
#include "support.hpp"

#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/diff/compare.hpp>
#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/postgresql/postgresql.hpp>
#include <aludel/schema/equivalent.hpp>
#include <aludel/schema/stale.hpp>
#include <aludel/url.hpp>
#include <aludel/value.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "support/random_schema.hpp"
#include "support/run_script.hpp"

namespace aludel::postgresql::test {
namespace {

using schema::Metadata;

class Ground {
 public:
  Ground(const Walk& walk, std::string_view script) : walk_(walk), connection_(dialect().connect(parse_url(fresh_url()), {})) {
    for (const std::string& sql : dialect().split(script)) connection_->execute(sql);
    options_ = autogenerate::comparison_options(dialect(), connection_->server());
  }

  Metadata schema() {
    dialect::Scope scope;
    scope.privileges = walk_.privileges;
    for (const auto& row : connection_->execute("SELECT nspname::text FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public' ORDER BY 1").rows)
      scope.schemas.push_back(*row[0].string());
    return introspector().introspect(*connection_, scope);
  }
  std::string answer() { return walk_.ask.empty() ? std::string() : to_json(connection_->execute(walk_.ask).scalar()); }
  op::Operations difference(const Metadata& from, const Metadata& to) const { return diff::compare(from, to, options_).operations; }
  op::Operations inverse(const op::Operations& operations, const Metadata& before) const {
    return op::invert(operations, before, dialect().rewriter(), apply_options());
  }

  /// What the operations promise of this schema; nullopt where they leave a text stale.
  std::optional<Metadata> promised(const op::Operations& operations, const Metadata& before) {
    Metadata said = op::apply(operations, before, dialect().rewriter(), apply_options());
    if (schema::has_stale_text(said)) return std::nullopt;
    return dialect().canonicalise(std::move(said), connection_.get());
  }

  /// Runs the operations, whose outcome is to be `wanted`.
  dialect::Script run(const op::Operations& operations, const std::optional<Metadata>& wanted, const std::string& way) {
    SCOPED_TRACE(way + ":\n" + aludel::test::dump(operations));
    const Metadata before = schema();
    dialect::RenderOptions render;
    render.online = walk_.online;
    dialect::Script script;
    try {
      script = dialect().renderer().render(operations, before, connection_->server(), render);
      aludel::test::run_script(*connection_, script);
    } catch (const Error& error) {
      ADD_FAILURE() << error.text() << "\n" << aludel::test::script_text(script);
      throw;
    }
    const Metadata found = schema();
    Metadata told = before;
    for (const dialect::Statement& statement : script.statements) {
      for (const op::Operation& effect : statement.effect) op::apply(effect, told, dialect().rewriter(), apply_options());
    }
    if (wanted) {
      EXPECT_EQ(aludel::test::dump(difference(found, *wanted)), "") << aludel::test::script_text(script);
      EXPECT_TRUE(schema::equivalent(found, *wanted, options_.comparison)) << aludel::test::script_text(script);
    }
    if (!aludel::test::equivalent_but_for_stale(told, found, options_.comparison)) told = dialect().canonicalise(told, connection_.get());
    EXPECT_TRUE(aludel::test::equivalent_but_for_stale(told, found, options_.comparison))
        << "the effects differ by:\n"
        << aludel::test::dump(difference(told, found)) << aludel::test::script_text(script);
    return script;
  }

 private:
  op::ApplyOptions apply_options() const { return {true, options_.comparison}; }

  const Walk& walk_;
  std::unique_ptr<dialect::Connection> connection_;
  diff::Options options_;
};

}  // namespace

Walked walk(const Walk& walk) {
  std::vector<Metadata> wanted;
  for (const std::string& place : walk.places) wanted.push_back(Ground(walk, place).schema());
  Ground ground(walk, walk.places.at(walk.path.at(0)));
  const std::string answer = ground.answer();
  Walked walked;
  try {
    for (std::size_t step = 1; step < walk.path.size(); ++step) {
      const Metadata& to = wanted.at(walk.path[step]);
      const Metadata before = ground.schema();
      SCOPED_TRACE("from " + std::to_string(walk.path[step - 1]) + " to " + std::to_string(walk.path[step]));
      const op::Operations there = ground.difference(before, to);
      EXPECT_FALSE(there.empty());
      const dialect::Script first = ground.run(there, to, "there");
      EXPECT_EQ(ground.answer(), answer);
      const dialect::Script back = ground.run(ground.inverse(there, before), before, "undone");
      EXPECT_EQ(ground.answer(), answer);
      ground.run(there, to, "there again");
      if (step == 1) walked = {first, back};
    }
  } catch (const Error& error) {
    ADD_FAILURE() << error.text();
  }
  return walked;
}

Walked there_and_back(const std::string& script, const op::Operations& operations, bool online, const std::string& ask) {
  const Walk walk{{script}, {0}, online, false, ask};
  Walked walked;
  try {
    Ground ground(walk, script);
    const std::string answer = ground.answer();
    const Metadata before = ground.schema();
    const std::optional<Metadata> promised = ground.promised(operations, before);
    walked.there = ground.run(operations, promised, "there");
    const Metadata after = ground.schema();
    walked.back = ground.run(ground.inverse(operations, before), before, "undone");
    EXPECT_EQ(ground.answer(), answer);
    ground.run(operations, after, "there again");
  } catch (const Error& error) {
    ADD_FAILURE() << error.text();
  }
  return walked;
}

void walk_both(const std::string& from, const std::string& to, const std::string& ask) {
  for (const bool online : {true, false}) {
    SCOPED_TRACE(online ? "safe forms" : "plain forms");
    walk({{from, to}, {0, 1, 0}, online, false, ask});
  }
}

std::vector<std::string> texts(const dialect::Script& script) {
  std::vector<std::string> all;
  for (const dialect::Statement& statement : script.statements) all.push_back(statement.sql);
  return all;
}

bool says(const dialect::Script& script, std::string_view text) {
  return std::any_of(script.statements.begin(), script.statements.end(),
                     [&](const dialect::Statement& statement) { return statement.sql.find(text) != std::string::npos; });
}

}  // namespace aludel::postgresql::test
