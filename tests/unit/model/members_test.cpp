#include "unit/model/support.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace aludel;
using test::mistake;
using test::table_of;

std::vector<std::string> names_of(const schema::Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  return names;
}
using Names = std::vector<std::string>;

/// Types that are not mapped included: only names matter here.
struct NameVisitor {
  template <auto... Address>
  static constexpr auto visit() {
    return std::array<const char*, sizeof...(Address)>{detail::member_signature<Address>()...};
  }
};
template <class T>
Names members_of_struct() {
  Names names;
  for (const auto* signature : detail::bind_members<T, detail::count_members<T>(), NameVisitor>()) names.emplace_back(detail::member_name(signature));
  return names;
}

struct One {
  int only;
};
struct Awkward {
  std::optional<bool> flag;
  std::array<std::array<std::uint8_t, 4>, 3> grid;
  const bool fixed;
  bool plain;
  std::unique_ptr<int> owned;
  std::vector<bool> bits;
  std::optional<std::optional<int>> twice;
  std::mutex lock;
  std::function<void()> callback;
  std::atomic<int> counter;
  int c_array[4];
};
struct Strict {  // no default constructor
  explicit Strict(std::string given) : text(std::move(given)) {}
  std::string text;
};
struct HasStrict {
  std::optional<int> number;
  Strict strict;
  std::optional<std::string> text;
  std::array<std::byte, 3> bytes;
  std::unique_ptr<int> owned;
  std::vector<std::string> list;
  std::optional<bool> flag;
};
struct HasReference {
  int first;
  int& reference;
};
struct WithDefaults {
  int number = 7;
  std::string text = "seven";
  std::optional<int> last = std::nullopt;
};
struct Nested {
  One one;
  struct Inner {
    int a, b;
  } inner;
  int last;
};
template <class T>
struct Box {
  T boxed;
  int tag;
};
struct Ümlaut {
  int größe;
};

TEST(Members, AreCountedAndNamed) {
  EXPECT_EQ(members_of_struct<One>(), Names{"only"});
  EXPECT_EQ(members_of_struct<Awkward>(),
            (Names{"flag", "grid", "fixed", "plain", "owned", "bits", "twice", "lock", "callback", "counter", "c_array"}));
  EXPECT_EQ(members_of_struct<WithDefaults>(), (Names{"number", "text", "last"}));
  EXPECT_EQ(members_of_struct<Nested>(), (Names{"one", "inner", "last"}));
  EXPECT_EQ((members_of_struct<Box<std::vector<std::pair<int, int>>>>()), (Names{"boxed", "tag"}));
}

TEST(Members, WithoutDefaultConstructorsAreCounted) {
  EXPECT_EQ(members_of_struct<HasStrict>(), (Names{"number", "strict", "text", "bytes", "owned", "list", "flag"}));
}

TEST(Members, OfLocalStructsAndUnicodeNamesAreFound) {
  struct Local {
    int first, second;
  };
  EXPECT_EQ(members_of_struct<Local>(), (Names{"first", "second"}));
  EXPECT_EQ(members_of_struct<Ümlaut>(), Names{"größe"});
  EXPECT_EQ(detail::member_name(detail::member_signature<&Ümlaut::größe>()), "größe");
  EXPECT_EQ(detail::member_name(detail::member_signature<&Local::second>()), "second");
}

struct Many {
  int a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5,
      d6, d7, d8, d9, e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, h0, h1,
      h2, h3, h4, h5, h6, h7, h8, h9, i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, j0, j1, j2, j3, j4, j5, j6, j7, j8, j9, k0, k1, k2, k3, k4, k5, k6, k7,
      k8, k9, l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, m0, m1, m2, m3, m4, m5, m6, m7;
};

TEST(Members, MayBe128) {
  Models models;
  models.table<Many>("many");
  const auto names = names_of(table_of(models, "many"));
  ASSERT_EQ(names.size(), 128U);
  EXPECT_EQ(names.front(), "a0");
  EXPECT_EQ(names[64], "g4");
  EXPECT_EQ(names.back(), "m7");
}

TEST(Members, OfTheCompilerAreTested) {
  EXPECT_NO_THROW(detail::check_compiler(detail::probe_signatures));
  auto strange = detail::probe_signatures;
  strange.address = "member_signature<second_probe> of Probe";
  try {
    detail::check_compiler(strange);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("the compiler of this program spells names in a way that aludel does not know"), std::string::npos);
    EXPECT_NE(error.hint().find("g++ 12"), std::string::npos);
  }
}

struct Cached {
  int id;
  std::string name;
  std::mutex lock;
  std::mutex other_lock;
  std::string scratch;
};

TEST(Ignore, LeavesMembersOut) {
  Models models;
  auto cached = models.table<Cached>("cached", ignore<&Cached::lock>, ignore<&Cached::other_lock>);
  cached.ignore<&Cached::scratch>();
  EXPECT_EQ(names_of(table_of(models, "cached")), (Names{"id", "name"}));
}

TEST(Ignore, OfOneMemberDoesNotHideAnotherOfItsType) {
  Models models;
  models.table<Cached>("cached", ignore<&Cached::lock>);
  EXPECT_EQ(
      mistake(models),
      "column 'cached.other_lock': std::mutex has no column type | specialise aludel::ColumnType for it, give the column a type(...), or leave it "
      "out with ignore<&T::member>()");
}

TEST(Ignore, ContradictsADeclaration) {
  Models models;
  auto cached = models.table<Cached>("cached", ignore<&Cached::lock>, ignore<&Cached::other_lock>, ignore<&Cached::scratch>);
  cached.column<&Cached::scratch>().length(20);
  EXPECT_EQ(mistake(models), "column 'cached.scratch' is declared as a column and ignored as well | remove the one or the other");
}

TEST(Ignore, ContradictsAnIndex) {
  Models models;
  auto cached = models.table<Cached>("cached", ignore<&Cached::lock>, ignore<&Cached::other_lock>, ignore<&Cached::scratch>);
  cached.index<&Cached::scratch>();
  EXPECT_EQ(mistake(models), "an index of table 'cached' uses the member 'scratch', which is no column | it is ignored: remove that, or the use");
}

struct Record {
  std::int64_t id = 0;
  std::chrono::sys_seconds created_at;
};
struct Note : Record {
  std::string text;
};
class Vault {
 public:
  explicit Vault(int id) : id_(id) {}
  virtual ~Vault() = default;
  int id() const { return id_; }
  static void declare(Models& models) {
    auto vault = models.table<Vault>("vault", listed);
    vault.column<&Vault::id_>();
    vault.column<&Vault::secret_>().length(20);
    vault.primary_key<&Vault::id_>();
    vault.index<&Vault::secret_>();
  }

 private:
  int id_;
  std::string secret_;
  std::mutex lock_;
};

TEST(Listed, TakesPrivateMembers) {
  Models models;
  models.member_names(member_names::plain);
  Vault::declare(models);
  const auto table = table_of(models, "vault");
  EXPECT_EQ(names_of(table), (Names{"id", "secret"}));
  EXPECT_EQ(table.columns[1].type, schema::Type::varchar(20));
  EXPECT_EQ(table.indexes.at(0).name, "ix_vault_secret");
}

TEST(Listed, TakesInheritedMembers) {
  Models models;
  auto note = models.table<Note>("note", listed);
  note.primary_key<&Note::id>();
  note.index<&Record::created_at>();
  note.column<&Note::id>();
  note.column<&Note::text>();
  note.column<&Note::created_at>().server_default_sql("CURRENT_TIMESTAMP");
  const auto table = table_of(models, "note");
  EXPECT_EQ(names_of(table), (Names{"id", "text", "created_at"}));
  EXPECT_EQ(table.columns[2].server_default, schema::Expression("CURRENT_TIMESTAMP"));
  EXPECT_EQ(table.indexes.at(0).name, "ix_note_created_at");
}

TEST(Listed, MembersMustBeListedToBeUsed) {
  Models models;
  auto note = models.table<Note>("note", listed);
  note.column<&Note::id>();
  note.index<&Note::text>();
  EXPECT_EQ(mistake(models), "an index of table 'note' uses the member 'text', which is no column | list it with column<&T::text>()");
}

struct Left {
  int value;
};
struct Right {
  int value;
};
struct Both : Left, Right {};

TEST(Listed, TellsMembersOfTwoBasesApart) {
  Models models;
  auto both = models.table<Both>("both", listed);
  both.column<&Left::value>().name("left_value");
  both.column<&Right::value>().name("right_value");
  EXPECT_EQ(names_of(table_of(models, "both")), (Names{"left_value", "right_value"}));
}

struct Legacy {
  int id;
  std::mutex odd;
};

TEST(Listed, TakesATypeForWhatIsNotMapped) {
  Models models;
  auto legacy = models.table<Legacy>("legacy", listed);
  legacy.column<&Legacy::odd>(schema::Type::native("lock"));
  EXPECT_EQ(test::column_of(models, "legacy", "odd").type, schema::Type::native("lock"));
}

struct Upper {
  int m_id;
  std::string secretName_;
  std::string HTTPAddress;
};

TEST(MemberNames, FollowTheRule) {
  Models models;
  models.table<Upper>("upper").index<&Upper::secretName_>();
  EXPECT_EQ(names_of(table_of(models, "upper")), (Names{"m_id", "secretName_", "HTTPAddress"}));
  models.member_names(member_names::snake_case);
  const auto table = table_of(models, "upper");
  EXPECT_EQ(names_of(table), (Names{"id", "secret_name", "http_address"}));
  EXPECT_EQ(table.indexes.at(0).columns.at(0).column, "secret_name");
  models.member_names([](std::string_view member) { return "x_" + std::string(member); });
  EXPECT_EQ(names_of(table_of(models, "upper")), (Names{"x_m_id", "x_secretName_", "x_HTTPAddress"}));
}

TEST(MemberNames, GivenNamesGoFirst) {
  Models models;
  models.member_names(member_names::snake_case);
  models.table<Upper>("upper").column<&Upper::m_id>().name("Key");
  EXPECT_EQ(names_of(table_of(models, "upper")), (Names{"Key", "secret_name", "http_address"}));
}

TEST(MemberNames, RulesAreExact) {
  EXPECT_EQ(member_names::plain("m_name"), "name");
  EXPECT_EQ(member_names::plain("name_"), "name");
  EXPECT_EQ(member_names::plain("m_"), "m");
  EXPECT_EQ(member_names::plain("_"), "_");
  EXPECT_EQ(member_names::snake_case("HTTPServer"), "http_server");
  EXPECT_EQ(member_names::snake_case("secretName2Id"), "secret_name2_id");
  EXPECT_EQ(member_names::snake_case("already_snake_"), "already_snake");
  EXPECT_EQ(member_names::snake_case("ID"), "id");
  EXPECT_EQ(member_names::camel_case("m_secret_name"), "secretName");
  EXPECT_EQ(member_names::camel_case("SecretName_"), "secretName");
}

}  // namespace
