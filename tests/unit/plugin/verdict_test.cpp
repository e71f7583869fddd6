#include "support.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <iostream>
#include <random>

namespace plugin = aludel::plugin;
using plugin::Candidate;
using plugin::Verdict;
using testing::AllOf;
using testing::HasSubstr;

namespace {

/// One fixture under its right name, alone in a directory; every refusal must come from `inspect` alone, before anything of the library runs.
class Verdicts : public testing::Test {
 protected:
  fs::path toy() { return copy_fixture("aludel-dialect-toy.so", directory_ / "aludel-dialect-toy.so"); }
  fs::path toy_with(const std::string& from, const std::string& to) {
    spit(directory_ / "aludel-dialect-toy.so", patched(slurp(fixture("aludel-dialect-toy.so")), from, to));
    return directory_ / "aludel-dialect-toy.so";
  }
  static void expect(const Candidate& candidate, Verdict verdict, const std::string& problem, const std::string& remedy) {
    EXPECT_EQ(to_string(candidate.verdict), to_string(verdict));
    EXPECT_THAT(candidate.problem, HasSubstr(problem));
    EXPECT_THAT(candidate.remedy, HasSubstr(remedy));
    EXPECT_EQ(candidate.problem.find('\n'), std::string::npos);
  }
  TemporaryDirectory directory_;
};

TEST_F(Verdicts, Fine) {
  expect(plugin::inspect(toy()), Verdict::fine, "", "");
  expect(plugin::check(toy()), Verdict::fine, "", "");
}

TEST_F(Verdicts, NotALibrary) {
  spit(directory_ / "x.so", "#!/bin/sh\necho a script of some length, longer than an ELF header is\n");
  expect(plugin::inspect(directory_ / "x.so"), Verdict::not_a_library, "it is no ELF file", "remove the file");
  spit(directory_ / "x.so", "short");
  expect(plugin::inspect(directory_ / "x.so"), Verdict::not_a_library, "it is no ELF file", "");
  expect(plugin::inspect(directory_.path()), Verdict::not_a_library, "it is no regular file", "");
  ASSERT_EQ(::mkfifo((directory_ / "pipe.so").c_str(), 0600), 0);
  expect(plugin::inspect(directory_ / "pipe.so"), Verdict::not_a_library, "it is no regular file", "");
}

TEST_F(Verdicts, AnotherMachine) {
  std::string bytes = slurp(fixture("aludel-dialect-toy.so"));
  bytes[18] = static_cast<char>(bytes[18] ^ 0x55);  // e_machine
  spit(directory_ / "x.so", bytes);
  expect(plugin::inspect(directory_ / "x.so"), Verdict::not_a_library, "built for another machine", "built for this machine");
}

TEST_F(Verdicts, AnObjectFile) {
  std::string bytes = slurp(fixture("aludel-dialect-toy.so"));
  bytes[16] = 1;  // e_type = ET_REL
  spit(directory_ / "x.so", bytes);
  expect(plugin::inspect(directory_ / "x.so"), Verdict::not_a_library, "no shared library", "");
}

TEST_F(Verdicts, Missing) { expect(plugin::inspect(directory_ / "none.so"), Verdict::unreadable, "No such file", "check the path"); }

TEST_F(Verdicts, TruncatedAnywhere) {
  const std::string whole = slurp(fixture("aludel-dialect-toy.so"));
  spit(directory_ / "x.so", "");
  expect(plugin::inspect(directory_ / "x.so"), Verdict::truncated, "it is empty", "it was cut short");
  const std::size_t step = whole.size() / 97 + 1;
  for (std::size_t size = 4; size < whole.size(); size += step) {
    spit(directory_ / "x.so", whole.substr(0, size));
    ASSERT_EQ(to_string(plugin::inspect(directory_ / "x.so").verdict), to_string(Verdict::truncated)) << "cut to " << size << " of " << whole.size();
  }
  spit(directory_ / "x.so", whole.substr(0, whole.size() - 1));
  expect(plugin::inspect(directory_ / "x.so"), Verdict::truncated, "its headers promise more than its", "copy or build it again");
}

TEST_F(Verdicts, NoRecord) {
  fs::path file = copy_fixture("aludel-dialect-notours.so", directory_ / "aludel-dialect-notours.so");
  expect(plugin::inspect(file), Verdict::no_record, "not one made with aludel's SDK", "ALUDEL_DIALECT");
}

TEST_F(Verdicts, ARecordThatCannotBeRead) {
  expect(plugin::inspect(toy_with("\nabi=1\n", "\nabi=x\n")), Verdict::no_record, "cannot be read: abi=x", "rebuild it with aludel's SDK");
  expect(plugin::inspect(toy_with("record=1", "record=2")), Verdict::no_record, "it has format 2, and this aludel reads 1", "");
  expect(plugin::inspect(toy_with("\nname=toy\n", "\nname=T/Y\n")), Verdict::no_record, "bad name or scheme in 'T/Y toy,toydb'", "");
  expect(plugin::inspect(toy_with("\nabi=1\n", "\nxxx=1\n")), Verdict::no_record, "it is incomplete", "");
}

TEST_F(Verdicts, NoEntryPoint) {
  fs::path file = copy_fixture("aludel-dialect-hidden.so", directory_ / "aludel-dialect-toy.so");
  expect(plugin::inspect(file), Verdict::no_entry_point, "does not export aludel_plugin_v1", "aludel_add_plugin()");
}

TEST_F(Verdicts, DescriptorContradictsRecord) {
  fs::path file = toy_with("\nversion=1.25\n", "\nversion=9.99\n");
  expect(plugin::inspect(file), Verdict::fine, "", "");
  expect(plugin::check(file), Verdict::no_entry_point, "aludel_plugin_v1() says something else than its record", "ALUDEL_DIALECT");
}

TEST_F(Verdicts, WrongAbi) {
  expect(plugin::inspect(toy_with("\nabi=1\n", "\nabi=2\n")), Verdict::wrong_abi, "made for ABI 2 (aludel 0.1.0), this is ABI 1 (aludel 0.1.0)",
         "rebuild it with the headers of this aludel");
}

#if defined(_GLIBCXX_USE_CXX11_ABI)
TEST_F(Verdicts, TheOtherStringAbi) {
  fs::path file = copy_fixture("aludel-dialect-oldabi.so", directory_ / "aludel-dialect-toy.so");
  expect(plugin::inspect(file), Verdict::wrong_toolchain, "built with cxx11abi=0, this aludel with cxx11abi=1",
         "rebuild it with -D_GLIBCXX_USE_CXX11_ABI=1");
}

TEST_F(Verdicts, DebugContainers) {
  fs::path file = copy_fixture("aludel-dialect-debugmode.so", directory_ / "aludel-dialect-toy.so");
  expect(plugin::inspect(file), Verdict::wrong_toolchain, "built with debug=1, this aludel with debug=0", "rebuild it without -D_GLIBCXX_DEBUG");
}
#endif

TEST_F(Verdicts, AnotherStandardLibraryOrSanitizer) {
  if (std::string(ALUDEL_TOOLCHAIN) != "itanium lp64 libstdc++ cxx11abi=1 debug=0 sanitizer=none") GTEST_SKIP() << "written for " << ALUDEL_TOOLCHAIN;
  expect(plugin::inspect(toy_with("toolchain=itanium lp64 libstdc++", "toolchain=itanium lp64 libotherc")), Verdict::wrong_toolchain,
         "built with libotherc, this aludel with libstdc++", "rebuild it with the standard library libstdc++");
  expect(plugin::inspect(toy_with("debug=0 sanitizer=none\nkind", "debug=1 sanitizer=thrd\nkind")), Verdict::wrong_toolchain,
         "built with debug=1 sanitizer=thrd, this aludel with debug=0 sanitizer=none",
         "rebuild it without -D_GLIBCXX_DEBUG; rebuild it without -fsanitize=thrd");
  expect(plugin::inspect(toy_with("toolchain=itanium lp64 ", "toolchain=itanium-lp64 ")), Verdict::wrong_toolchain, "built with 'itanium-lp64 ",
         "compiler settings of this aludel");
}

TEST_F(Verdicts, Misnamed) {
  fs::path file = copy_fixture("aludel-dialect-toy.so", directory_ / "aludel-dialect-toy-old.so");
  expect(plugin::inspect(file), Verdict::misnamed, "it holds the dialect 'toy', but its file name says 'toy-old'",
         "name the file aludel-dialect-toy.so, or remove it");
}

TEST_F(Verdicts, WrongKind) {
  fs::path file = copy_fixture("good_env.so", directory_ / "good_env.so");
  expect(plugin::inspect(file), Verdict::fine, "", "");
  expect(plugin::inspect(file, plugin::Kind::dialect), Verdict::wrong_kind, "it is an environment, and a dialect plugin is wanted", "aludel.toml");
  expect(plugin::inspect(toy(), plugin::Kind::environment), Verdict::wrong_kind, "it is a dialect plugin, and an environment is wanted",
         "ALUDEL_ENVIRONMENT");
}

TEST_F(Verdicts, FileWritableByOthers) {
  fs::path file = toy();
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  expect(plugin::inspect(file), Verdict::writable_by_others, "everybody can write to the file", "chmod o-w '" + file.string() + "'");
}

TEST_F(Verdicts, DirectoryWritableByOthers) {
  fs::path file = toy();
  fs::permissions(directory_.path(), fs::perms::others_all, fs::perm_options::add);
  expect(plugin::inspect(file), Verdict::writable_by_others, "everybody can write to its directory",
         "chmod o-w '" + directory_.path().string() + "'");
}

TEST_F(Verdicts, GroupWritableOfAnotherGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  fs::path file = toy();
  ASSERT_EQ(::chown(file.c_str(), 0, 12345), 0);
  fs::permissions(file, fs::perms::group_write, fs::perm_options::add);
  expect(plugin::inspect(file), Verdict::writable_by_others, "its group can write to the file", "chmod g-w");
}

TEST_F(Verdicts, SomebodyElsesFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  fs::path file = toy();
  ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);
  expect(plugin::inspect(file), Verdict::writable_by_others, "the file belongs to 12345, neither to root nor to root", "if you trust it: chown root");
}

TEST_F(Verdicts, ALinkIntoAnUntrustedDirectory) {
  TemporaryDirectory other;
  copy_fixture("aludel-dialect-toy.so", other / "aludel-dialect-toy.so");
  fs::permissions(other.path(), fs::perms::others_all, fs::perm_options::add);
  fs::create_symlink(other / "aludel-dialect-toy.so", directory_ / "aludel-dialect-toy.so");
  expect(plugin::inspect(directory_ / "aludel-dialect-toy.so"), Verdict::writable_by_others, "everybody can write to its directory", "chmod o-w");
}

TEST_F(Verdicts, MissingDependency) {
  fs::path file = copy_fixture("aludel-dialect-needy.so", directory_ / "aludel-dialect-needy.so");
  expect(plugin::inspect(file), Verdict::missing_dependency, "it needs 'libaludel_test_lost.so', which is not there", "install the package");
  // The dynamic loader says the same, with its own search.
  expect(plugin::check(file), Verdict::missing_dependency, "it needs 'libaludel_test_lost.so', which is not there", "LD_LIBRARY_PATH");
  auto error = error_of([&] { plugin::Loader(directory_.search_path()).dialect_for_scheme("needy"); });
  EXPECT_THAT(error->message(), HasSubstr("missing dependency: it needs 'libaludel_test_lost.so', which is not there"));
}

/// Whether the library asks for it or not, it shows when it is loaded, and not when it is called.
TEST_F(Verdicts, UndefinedSymbol) {
  for (const std::string how : {"", "-now", "-later"}) {
    SCOPED_TRACE(how);
    fs::create_directory(directory_ / ("unresolved" + how));
    fs::path file = copy_fixture("aludel-dialect-unresolved" + how + ".so", directory_ / ("unresolved" + how) / "aludel-dialect-unresolved.so");
    expect(plugin::inspect(file), Verdict::fine, "", "");
    expect(plugin::check(file), Verdict::does_not_load, "nothing defines 'elsewhere::never_defined(int)', which it uses", "-Wl,--no-undefined");
  }
}

TEST_F(Verdicts, WhatTheSdkMakesIsBoundWhenItIsLoaded) {
  EXPECT_TRUE(plugin::inspect(fixture("aludel-dialect-toy.so")).binds_now);
  EXPECT_TRUE(plugin::inspect(fixture("aludel-dialect-unresolved-now.so")).binds_now);
  EXPECT_FALSE(plugin::inspect(fixture("aludel-dialect-unresolved-later.so")).binds_now);
}

TEST_F(Verdicts, CreateFails) {
  fs::path file = copy_fixture("aludel-dialect-throws-error.so", directory_ / "aludel-dialect-throws.so");
  expect(plugin::check(file), Verdict::create_failed, "the licence file is missing", "buy a licence");
}

TEST_F(Verdicts, EveryVerdictHasAName) {
  for (int i = 0; i <= static_cast<int>(Verdict::create_failed); ++i) EXPECT_NE(to_string(static_cast<Verdict>(i)), "unknown") << i;
}

TEST_F(Verdicts, DamagedFilesAreReadWithoutHarm) {
  const char* given = std::getenv("ALUDEL_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  const char* cases = std::getenv("ALUDEL_CASES");
  const int count = cases != nullptr ? std::atoi(cases) : 300;
  std::cout << "ALUDEL_SEED=" << seed << "\n";
  std::mt19937 random(seed);
  const std::string whole = slurp(fixture("aludel-dialect-toy.so"));
  // The headers and the dynamic tables stand at the front; that is where a changed byte leads astray.
  std::uniform_int_distribution<std::size_t> where(4, std::min<std::size_t>(whole.size() - 1, 8192));
  std::uniform_int_distribution<std::size_t> near(4, 64 + 56 * 12);
  std::uniform_int_distribution<int> what(0, 255), how_many(1, 6), coin(0, 1);
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    std::string bytes = whole;
    for (int n = how_many(random); n > 0; --n) bytes[coin(random) ? near(random) : where(random)] = static_cast<char>(what(random));
    spit(directory_ / "aludel-dialect-toy.so", bytes);
    Candidate candidate = plugin::inspect(directory_ / "aludel-dialect-toy.so");
    if (candidate.verdict != Verdict::fine) {
      ++refused;
      EXPECT_FALSE(candidate.problem.empty());
      EXPECT_FALSE(candidate.remedy.empty());
    }
  }
  EXPECT_GT(refused, count / 10);
}

}  // namespace
