#include "support.hpp"

#include "fixtures/toy.hpp"

#include <aludel/connect.hpp>
#include <aludel/sdk/plugin.hpp>
#include <aludel/version.hpp>

#if defined(HAS_SQLITE)
#include <sqlite3.h>
#endif

namespace plugin = aludel::plugin;
using aludel::Error;
using aludel::ErrorKind;
using plugin::Verdict;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {

const aludel::dialect::Dialect& linked_in_dialect() {
  static const toy::ToyDialect dialect("linked");
  return dialect;
}

const aludel::dialect::Dialect& failing_dialect() { throw std::runtime_error("not in the mood"); }

plugin::Descriptor linked_in() { return aludel::sdk::dialect_descriptor<linked_in_dialect>("linked", "2.0", "linked,linkeddb"); }

TEST(Loader, LoadsTheDialectThatASchemeNames) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  plugin::Loader loader(directory.search_path());
  const aludel::dialect::Dialect& dialect = loader.dialect_for_scheme("toydb");
  EXPECT_EQ(dialect.name(), "toy");
  EXPECT_EQ(&dialect, &loader.dialect_for_scheme("toy"));
  EXPECT_EQ(&dialect, &loader.dialect("toy"));
  EXPECT_EQ(&dialect, &plugin::Loader(directory.search_path()).dialect("toy")) << "a library is loaded once in a process";
}

TEST(Loader, ErrorsOfAPluginAreOurErrors) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  std::optional<Error> kept;
  {
    plugin::Loader loader(directory.search_path());
    kept = error_of([&] { loader.dialect("toy").connect(aludel::parse_url("toy://attic/x"), {}); });
  }
  // The loader is gone; the library is not, so that what it threw lives on.
  EXPECT_EQ(kept->kind(), ErrorKind::connection);
  EXPECT_EQ(kept->message(), "the toy has no server at 'attic'");
  EXPECT_EQ(kept->hint(), "toys are not for connecting");
}

TEST(Loader, OpensOnlyWhatIsAskedFor) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  copy_fixture("aludel-dialect-early.so", directory / "aludel-dialect-early.so");  // throws when it is loaded
  plugin::Loader loader(directory.search_path());
  EXPECT_EQ(loader.dialect("toy").name(), "toy");
  EXPECT_EQ(loader.candidates().size(), 2u);
}

TEST(Loader, CandidatesTellWhatTheirRecordsSay) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  spit(directory / "README", "not a candidate");
  spit(directory / "libaludel-dialect-toy.so", "nor this");
  auto candidates = plugin::Loader(directory.search_path("beside libaludel")).candidates();
  ASSERT_EQ(candidates.size(), 1u);
  EXPECT_EQ(candidates[0].verdict, Verdict::fine);
  EXPECT_EQ(candidates[0].origin, "beside libaludel");
  EXPECT_EQ(candidates[0].problem, "");
  ASSERT_TRUE(candidates[0].record);
  EXPECT_EQ(
      *candidates[0].record,
      (plugin::Record{plugin::Kind::dialect, "toy", {"toy", "toydb"}, "1.25", plugin::abi_number, ALUDEL_TOOLCHAIN, std::string(aludel::version())}));
}

TEST(Loader, UnknownSchemeSaysWhatIsKnownAndWhereWasSearched) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  spit(directory / "aludel-dialect-broken.so", "text");
  plugin::SearchPath path = directory.search_path();
  path.push_back({"/nowhere", "plugin_path in aludel.toml", "does not exist"});
  plugin::Loader loader(path);
  auto error = error_of([&] { loader.dialect_for_scheme("toybd"); });
  EXPECT_EQ(error->kind(), ErrorKind::plugin);
  EXPECT_EQ(error->message(), "no dialect for the URL scheme 'toybd' (did you mean 'toydb'?); known: toy, toydb");
  EXPECT_THAT(error->hint(), HasSubstr("--plugin-path"));
  EXPECT_THAT(error->notes(), Contains("searched " + directory.path().string() + " (--plugin-path)"));
  EXPECT_THAT(error->notes(), Contains("not searched: /nowhere (plugin_path in aludel.toml): does not exist"));
  EXPECT_THAT(error->notes(), Contains(AllOf(StartsWith("refused " + (directory / "aludel-dialect-broken.so").string() + ": not a library: "))));
}

TEST(Loader, EmptySearchPathSaysSo) {
  plugin::Loader loader{plugin::SearchPath{}};
  auto error = error_of([&] { loader.dialect_for_scheme("sqlite"); });
  EXPECT_EQ(error->message(), "no dialect for the URL scheme 'sqlite'; no dialect was found at all");
  EXPECT_THAT(error->hint(), HasSubstr("there is no directory to search"));
  EXPECT_TRUE(loader.candidates().empty());
}

TEST(Loader, UnknownNameSaysWhatIsKnown) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  plugin::Loader loader(directory.search_path());
  EXPECT_EQ(error_of([&] { loader.dialect("toi"); })->message(), "no dialect is called 'toi' (did you mean 'toy'?); known: toy");
}

TEST(Loader, FirstOfTwoOfOneNameWins) {
  TemporaryDirectory first, second;
  copy_fixture("aludel-dialect-toy.so", first / "aludel-dialect-toy.so");
  copy_fixture("aludel-dialect-toy.so", second / "aludel-dialect-toy.so");
  plugin::Loader loader({{first.path(), "--plugin-path"}, {second.path(), "compiled in"}});
  auto candidates = loader.candidates();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].verdict, Verdict::fine);
  EXPECT_EQ(candidates[1].verdict, Verdict::shadowed);
  EXPECT_EQ(candidates[1].problem, "'" + (first / "aludel-dialect-toy.so").string() + "' comes earlier in the search path and has the same name");
  EXPECT_EQ(candidates[1].remedy, "remove one of them");
  EXPECT_EQ(loader.dialect("toy").name(), "toy");
}

TEST(Loader, AMisnamedCopyShadowsNothing) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy-old.so");
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  plugin::Loader loader(directory.search_path());
  auto candidates = loader.candidates();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].verdict, Verdict::misnamed);
  EXPECT_EQ(candidates[1].verdict, Verdict::fine);
  EXPECT_EQ(loader.dialect_for_scheme("toydb").name(), "toy");
}

TEST(Loader, ARefusedOneIsNotSilentlyReplacedByALaterOne) {
  TemporaryDirectory first, second;
  spit(first / "aludel-dialect-toy.so", patched(slurp(fixture("aludel-dialect-toy.so")), "\nabi=1\n", "\nabi=7\n"));
  copy_fixture("aludel-dialect-toy.so", second / "aludel-dialect-toy.so");
  plugin::Loader loader({{first.path(), "--plugin-path"}, {second.path(), "compiled in"}});
  auto error = error_of([&] { loader.dialect_for_scheme("toy"); });
  EXPECT_THAT(error->message(), AllOf(HasSubstr((first / "aludel-dialect-toy.so").string()), HasSubstr("wrong ABI: made for ABI 7")));
}

TEST(Loader, ASchemeThatIsTakenIsRemarkedOn) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  // Another dialect that claims the same schemes: the same library under another name.
  std::string other = patched(slurp(fixture("aludel-dialect-toy.so")), "\nname=toy\n", "\nname=zoo\n");
  spit(directory / "aludel-dialect-zoo.so", other);
  auto candidates = plugin::Loader(directory.search_path()).candidates();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[1].verdict, Verdict::fine);
  EXPECT_EQ(candidates[1].problem, "toy:// goes to '" + (directory / "aludel-dialect-toy.so").string() + "'");
}

TEST(Loader, ASchemeGoesToTheDialectOfThatName) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  // One that claims the same schemes, and comes first by its file's name.
  spit(directory / "aludel-dialect-aby.so", patched(slurp(fixture("aludel-dialect-toy.so")), "\nname=toy\n", "\nname=aby\n"));
  plugin::Loader loader(directory.search_path());
  auto candidates = loader.candidates();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].problem, "toy:// goes to '" + (directory / "aludel-dialect-toy.so").string() + "'");
  EXPECT_EQ(candidates[1].problem, "toydb:// goes to '" + (directory / "aludel-dialect-aby.so").string() + "'");
  EXPECT_EQ(loader.dialect_for_scheme("toy").name(), "toy");
}

TEST(Loader, CreateThatThrowsIsOurError) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-throws.so", directory / "aludel-dialect-throws.so");
  plugin::Loader loader(directory.search_path());
  EXPECT_EQ(loader.candidates()[0].verdict, Verdict::fine) << "nothing of it has run yet";
  auto error = error_of([&] { loader.dialect_for_scheme("throws"); });
  EXPECT_EQ(error->kind(), ErrorKind::plugin);
  EXPECT_EQ(error->message(), "the dialect 'throws' (" + (directory / "aludel-dialect-throws.so").string() + ") failed: no toys today");
}

TEST(Loader, CreateThatThrowsAnErrorKeepsItsHint) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-throws-error.so", directory / "aludel-dialect-throws.so");
  auto error = error_of([&] { plugin::Loader(directory.search_path()).dialect("throws"); });
  EXPECT_EQ(error->message(), "the licence file is missing");
  EXPECT_EQ(error->hint(), "buy a licence");
  EXPECT_THAT(error->contexts(), Contains(StartsWith("the dialect 'throws' (")));
}

TEST(Loader, CreateThatThrowsANumber) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-throws-number.so", directory / "aludel-dialect-throws.so");
  auto error = error_of([&] { plugin::Loader(directory.search_path()).dialect("throws"); });
  EXPECT_THAT(error->message(), HasSubstr("failed: an exception that is no std::exception"));
}

TEST(Loader, CreateThatLetsAnExceptionEscape) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-handwritten.so", directory / "aludel-dialect-handwritten.so");
  auto error = error_of([&] { plugin::Loader(directory.search_path()).dialect("handwritten"); });
  EXPECT_THAT(error->message(), HasSubstr("failed: escaped from create"));
}

TEST(Loader, ADialectThatCallsItselfOtherwise) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-liar.so", directory / "aludel-dialect-liar.so");
  auto error = error_of([&] { plugin::Loader(directory.search_path()).dialect("liar"); });
  EXPECT_THAT(error->message(), HasSubstr("calls itself 'toy', but is exported as 'liar'"));
}

TEST(Loader, StaticInitialiserThatThrows) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-early.so", directory / "aludel-dialect-early.so");
  auto error = error_of([&] { plugin::Loader(directory.search_path()).dialect("early"); });
  EXPECT_THAT(error->message(), HasSubstr("does not load: a static initialiser throws: thrown while loading"));
  EXPECT_EQ(error->hint(), "build such objects when they are first used, not at start-up");
  error = error_of([&] { plugin::Loader(directory.search_path()).dialect("early"); });
  EXPECT_THAT(error->message(), HasSubstr("thrown while loading")) << "it is in the process by now, and must not pass for initialised";
}

TEST(Loader, LinkedInDialectsPassTheSameDoor) {
  plugin::Loader loader{plugin::SearchPath{}};
  loader.add(linked_in());
  EXPECT_EQ(&loader.dialect_for_scheme("linkeddb"), &linked_in_dialect());
  EXPECT_EQ(loader.candidates().at(0).origin, "linked in");
  EXPECT_THAT(error_of([&] { loader.add(linked_in()); })->message(), HasSubstr("registered already"));
  EXPECT_THAT(error_of([&] { loader.dialect_for_scheme("likned"); })->message(), HasSubstr("did you mean 'linked'?"));

  plugin::Descriptor other_abi = linked_in();
  other_abi.abi = plugin::abi_number + 1;
  EXPECT_THAT(error_of([&] { loader.add(other_abi); })->message(), HasSubstr("wrong ABI"));
  plugin::Descriptor other_toolchain = linked_in();
  other_toolchain.toolchain = "itanium lp64 libc++ cxx11abi=1 debug=0 sanitizer=none";
  EXPECT_THAT(error_of([&] { loader.add(other_toolchain); })->message(), HasSubstr("wrong toolchain: built with libc++"));
  plugin::Descriptor small = linked_in();
  small.size = 8;
  EXPECT_THAT(error_of([&] { loader.add(small); })->message(), HasSubstr("incomplete descriptor"));
  EXPECT_THAT(error_of([&] { loader.add(aludel::sdk::dialect_descriptor<failing_dialect>("moody", "1", "moody")); })->message(),
              HasSubstr("failed: not in the mood"));
}

TEST(Loader, LinkedInComesBeforeTheSearchPath) {
  TemporaryDirectory directory;
  copy_fixture("aludel-dialect-toy.so", directory / "aludel-dialect-toy.so");
  plugin::Loader loader(directory.search_path());
  loader.add(aludel::sdk::dialect_descriptor<linked_in_dialect>("linked", "1", "toy"));
  EXPECT_EQ(&loader.dialect_for_scheme("toy"), &linked_in_dialect());
  EXPECT_EQ(loader.dialect_for_scheme("toydb").name(), "toy");
}

TEST(Connect, RefusesAnUnknownScheme) {
  auto error = error_of([&] { aludel::connect("nosuch://user:geheim@host/x"); });
  EXPECT_THAT(error->message(), StartsWith("no dialect for the URL scheme 'nosuch'"));
  EXPECT_THAT(error->text(), Not(HasSubstr("geheim")));
}

#if defined(HAS_SQLITE)
TEST(Connect, OpensSqliteThroughThePluginBesideTheLibrary) {
  TemporaryDirectory directory;
  auto connection = aludel::connect("sqlite:///" + (directory / "x.db").string());
  connection->execute("CREATE TABLE hero (id INTEGER)");
  EXPECT_EQ(connection->execute("SELECT count(*) FROM hero").scalar(), aludel::Value(0));
  EXPECT_EQ(connection->dialect().name(), "sqlite");
  auto candidates = plugin::Loader().candidates();
  auto sqlite = std::find_if(candidates.begin(), candidates.end(), [](const plugin::Candidate& each) { return each.name() == "sqlite"; });
  ASSERT_NE(sqlite, candidates.end());
  EXPECT_EQ(sqlite->origin, "beside libaludel");
  EXPECT_EQ(sqlite->verdict, Verdict::fine) << sqlite->problem;
}

TEST(Adopt, WorksOnTheApplicationsOwnConnectionThroughThePlugin) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
  {
    auto connection = aludel::adopt("sqlite", handle, reinterpret_cast<const void*>(&sqlite3_open_v2));
    connection->execute("CREATE TABLE hero (id INTEGER)");
    EXPECT_EQ(connection->native_handle(), handle);
  }
  EXPECT_EQ(sqlite3_exec(handle, "INSERT INTO hero VALUES (1)", nullptr, nullptr, nullptr), SQLITE_OK) << "it stays the application's, open";
  EXPECT_EQ(sqlite3_close(handle), SQLITE_OK);
}

TEST(Adopt, RefusesWhatIsNoHandleOfTheSameLibrary) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
  const int elsewhere = 0;
  EXPECT_THAT(error_of([&] { aludel::adopt("sqlite", handle, &elsewhere); })->message(), StartsWith("the handle belongs to another copy of SQLite"));
  const auto* library = reinterpret_cast<const void*>(&sqlite3_open_v2);
  EXPECT_EQ(error_of([&] { aludel::adopt("sqlite", nullptr, library); })->kind(), ErrorKind::usage);
  EXPECT_EQ(error_of([&] { aludel::adopt("nosuch", handle, library); })->kind(), ErrorKind::plugin);
  sqlite3_close(handle);
}
#endif

}  // namespace
