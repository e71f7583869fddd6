// Whatever bytes a file holds: it is read, or refused with an Error that names a place; nothing else happens.
#include <aludel/error.hpp>
#include <aludel/file/configuration.hpp>
#include <aludel/file/revision_file.hpp>
#include <aludel/file/snapshot.hpp>
#include <aludel/op/codec.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

namespace aludel::file {
namespace {

const std::string toml_revision = R"~(revision = "4f6c1a2b9d3e"
down_revision = ["1975ea83b712", "x"]   # comment
message = """
[[upgrade]] \" is no header
"""
created = 2026-11-22T13:10:00Z
lock_timeout = '3s'

# remark
[[upgrade]]
create_table = 'app."odd.name"'
columns = [
  {name = "id", type = "decimal(10, 2)", identity = {always = true, start = 7}},
  {name = "é🦊", type = "enum(rank, 'a', 'b')", default = 1.5, mysql = {x = [1, {y = 2}]}},
]
foreign_keys = [{columns = ["a"], references = "t(\"b, c\", d)", on_delete = "set null"}]

[[upgrade]]
sql = {default = '''a\b''', postgresql = "c"}
effect = [{drop_table = "x"}, {sql = "y"}]
data_loss = "review"

[[upgrade]]
delete = "t"

[[upgrade.rows]]
a = {hex = "00ff"}

[[downgrade]]
insert = "t"
rows = [{a = {null = true}, b = inf}]
)~";

const std::string sql_revision =
    "-- revision = \"a\"\n-- down_revision = \"\"\n-- a note\n-- message = '''x'''\n\n-- upgrade\nSELECT 1;\n-- downgrade\nSELECT 2;\n";

const std::string configuration = R"~(script_location = "${A:-db}"
plugin_path = ["p"]
[database]
url = "sqlite:///app.db"
[databases.prod]
url = "${B}"
[run]
lock_wait = "60s"
)~";

/// Cuts, doubles and replaces pieces, mostly with what means something.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string operator()(std::string text) {
    for (int i = number(1, 4); i > 0; --i) mutate(text);
    return text;
  }

 private:
  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  void mutate(std::string& text) {
    static const std::vector<std::string> pieces = {"\"",
                                                    "'",
                                                    "\"\"\"",
                                                    "'''",
                                                    "[",
                                                    "]",
                                                    "[[",
                                                    "]]",
                                                    "{",
                                                    "}",
                                                    "=",
                                                    ",",
                                                    "#",
                                                    "\n",
                                                    "\r\n",
                                                    "\\",
                                                    "\\u0000",
                                                    "\xff",
                                                    std::string(1, '\0'),
                                                    "\xf0\x9f\xa6\x8a",
                                                    ".",
                                                    "true",
                                                    "-",
                                                    "1e9",
                                                    "9999999999999999999",
                                                    "${",
                                                    "}",
                                                    "$",
                                                    "--",
                                                    "-- upgrade\n",
                                                    "sql",
                                                    "from",
                                                    "null",
                                                    "("};
    const auto at = static_cast<std::size_t>(number(0, static_cast<int>(text.size())));
    const auto length = static_cast<std::size_t>(number(0, 12));
    switch (number(0, 3)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, pieces[static_cast<std::size_t>(number(0, static_cast<int>(pieces.size()) - 1))]);
        break;
      case 2:
        text.insert(at, text.substr(static_cast<std::size_t>(number(0, static_cast<int>(text.size()))), length * 4));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(number(0, 255));
    }
  }
  std::mt19937_64 random_;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// How many of the mutants were read; a test in which all are refused at the first byte would test little.
std::size_t run(const std::string& original, const std::function<void(const std::string&)>& read) {
  const auto first = from_environment("ALUDEL_SEED", std::random_device{}());
  const auto cases = from_environment("ALUDEL_CASES", 3000);
  std::cout << "ALUDEL_SEED=" << first << " ALUDEL_CASES=" << cases << '\n';
  read(original);
  std::size_t accepted = 1;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const auto text = Mutator(first + i)(original);
    try {
      read(text);
      ++accepted;
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::internal) << error.text();
      EXPECT_EQ(error.text().find('\0'), std::string::npos);
    } catch (const std::exception& error) {
      ADD_FAILURE() << "ALUDEL_CASES=1 ALUDEL_SEED=" << first + i << ": " << error.what() << '\n' << text;
    }
  }
  return accepted;
}

TEST(ParsersProperty, RevisionFiles) {
  const auto accepted = run(toml_revision, [](const std::string& text) {
    const auto content = read_revision(text, RevisionFormat::toml, "x.toml");
    EXPECT_EQ(read_revision_head(text, RevisionFormat::toml, "x.toml"), content.revision) << text;
    const auto written = write_revision(content);
    const auto again = read_revision(written, RevisionFormat::toml, "x.toml");
    EXPECT_EQ(again.upgrade, content.upgrade) << text;
    EXPECT_EQ(again.downgrade, content.downgrade) << text;
    EXPECT_EQ(write_revision(again), written);
  });
  EXPECT_GE(accepted, from_environment("ALUDEL_CASES", 3000) / 100);
}

TEST(ParsersProperty, SqlRevisions) {
  const auto accepted = run(sql_revision, [](const std::string& text) {
    const auto content = read_revision(text, RevisionFormat::sql, "x.sql");
    EXPECT_EQ(read_revision_head(text, RevisionFormat::sql, "x.sql"), content.revision) << text;
  });
  EXPECT_GE(accepted, from_environment("ALUDEL_CASES", 3000) / 100);
}

TEST(ParsersProperty, Configurations) {
  run(configuration, [](const std::string& text) {
    const auto read = parse_configuration(text, "aludel.toml", "/", [](std::string_view) { return std::optional<std::string>("v"); });
    resolve_target(read, {}, [](std::string_view) { return std::nullopt; });
  });
}

TEST(ParsersProperty, Snapshots) {
  const auto begin = toml_revision.find("[[upgrade]]\ncreate_table");
  const auto snapshot = "snapshot = 1\n" + toml_revision.substr(begin, toml_revision.find("[[upgrade]]\nsql") - begin);
  const auto accepted = run(snapshot, [](const std::string& text) { read_snapshot(write_snapshot(read_snapshot(text))); });
  EXPECT_GE(accepted, from_environment("ALUDEL_CASES", 3000) / 100);
  run(write_snapshot(read_snapshot(snapshot), SnapshotFormat::json), [](const std::string& text) { read_snapshot(text); });
}

TEST(ParsersProperty, DepthIsLimited) {
  for (const char* piece : {"[", "{a=", "a."}) {
    std::string text = "revision = \"a\"\ndown_revision = \"\"\nx = ";
    if (std::string(piece) == "a.") text.resize(text.size() - 4);
    for (int i = 0; i < 100'000; ++i) text += piece;
    EXPECT_THROW(read_revision(text + "a = 1", RevisionFormat::toml, "x.toml"), Error) << piece;
  }
  EXPECT_THROW(read_snapshot("{\"snapshot\":" + std::string(100'000, '[')), Error);
}

}  // namespace
}  // namespace aludel::file
