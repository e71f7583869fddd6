#include "unit/model/support.hpp"

#include <optional>
#include <string>
#include <utility>

namespace app {
enum class Rank { rookie, veteran = 7, legend };
enum class Signed : signed char { minus = -3, none = 0, plus = 3 };
enum class Tiny : bool { no, yes };
enum Old : int { red, green = 5 };
enum class HttpStatus { ok = 200, not_found = 404 };
enum class Wide { first, last = 119 };
enum class Far { far = 1000 };
enum class Coded { low, high };
enum Loose { loose_a, loose_b };
enum class Twin { a, b, also_a = a };
enum class Empty {};
enum class Doubled { one, two };
namespace other {
enum class Rank { general, private_ };
}
struct Box {  // no template: clang 14 names the values of its enumerations only where they were used before
  enum class State { open, shut };
};
}  // namespace app

template <>
struct aludel::Enumeration<app::HttpStatus> {
  static constexpr int minimum = 100, maximum = 599;
};
template <>
struct aludel::Enumeration<app::Coded> {
  static constexpr std::string_view name = "level";
  static constexpr std::pair<app::Coded, std::string_view> labels[] = {{app::Coded::high, "H"}, {app::Coded::low, "L"}};
};
template <>
struct aludel::Enumeration<app::Loose> {
  static constexpr std::pair<app::Loose, std::string_view> labels[] = {{app::loose_a, "a"}, {app::loose_b, "b"}};
};
template <>
struct aludel::Enumeration<app::Doubled> {
  static constexpr std::pair<app::Doubled, std::string_view> labels[] = {{app::Doubled::one, "x"}, {app::Doubled::two, "x"}};
};

namespace {

using namespace aludel;
using test::column_of;
using test::mistake;

template <class E>
std::string type_text() {
  return schema::to_text(detail::type_of<E>());
}

TEST(Enumerations, TakeTheirLabelsFromTheCompiler) {
  EXPECT_EQ(type_text<app::Rank>(), "enum(rank, 'rookie', 'veteran', 'legend')");
  EXPECT_EQ(type_text<app::Signed>(), "enum(signed, 'minus', 'none', 'plus')");
  EXPECT_EQ(type_text<app::Tiny>(), "enum(tiny, 'no', 'yes')");
  EXPECT_EQ(type_text<app::Old>(), "enum(old, 'red', 'green')");
  EXPECT_EQ(type_text<app::Box::State>(), "enum(state, 'open', 'shut')");
  EXPECT_EQ(type_text<app::Twin>(), "enum(twin, 'a', 'b')");
}

TEST(Enumerations, OfFunctionsAndUnnamedNamespacesAreFound) {
  enum class Local { here, there };
  EXPECT_EQ(type_text<Local>(), "enum(local, 'here', 'there')");
}

TEST(Enumerations, CanSayTheirRange) { EXPECT_EQ(type_text<app::HttpStatus>(), "enum(http_status, 'ok', 'not_found')"); }

TEST(Enumerations, CanSayTheirLabels) {
  EXPECT_EQ(type_text<app::Coded>(), "enum(level, 'H', 'L')");
  EXPECT_EQ(type_text<app::Loose>(), "enum(loose, 'a', 'b')");
}

TEST(Enumerations, TurnIntoLabelsAndBack) {
  EXPECT_EQ(enum_label(app::Rank::veteran), "veteran");
  EXPECT_EQ(enum_label(static_cast<app::Rank>(3)), std::nullopt);
  EXPECT_EQ(enum_value<app::Rank>("legend"), app::Rank::legend);
  EXPECT_EQ(enum_value<app::Rank>("Legend"), std::nullopt);
  EXPECT_EQ(enum_label(app::Coded::low), "L");
  EXPECT_EQ(enum_value<app::Coded>("H"), app::Coded::high);
  EXPECT_EQ(enum_label(app::Signed::minus), "minus");
}

template <class E>
struct Holds {
  E value;
};
template <class E>
std::string mistake_of() {
  Models models;
  models.table<Holds<E>>("holder");
  return mistake(models);
}

TEST(Enumerations, ThatCannotBeTrustedAreErrors) {
  EXPECT_EQ(
      mistake_of<app::Wide>(),
      "column 'holder.value': app::Wide has an enumerator at the end of the range -8 to 119 in which they are looked for, so there may be more of "
      "them | specialise aludel::Enumeration<app::Wide> with `minimum` and `maximum`, or with `labels`");
  EXPECT_EQ(mistake_of<app::Far>(),
            "column 'holder.value': no enumerator of app::Far lies between -8 and 119, where they are looked for | specialise "
            "aludel::Enumeration<app::Far> with `minimum` and `maximum`, or with `labels`");
  EXPECT_NE(mistake_of<app::Empty>().find("no enumerator of app::Empty"), std::string::npos);
  EXPECT_NE(mistake_of<app::Doubled>().find("the labels of app::Doubled say 'x' twice"), std::string::npos);
}

struct Person {
  int id;
  app::Rank rank;
  std::optional<app::Rank> former_rank;
  std::string colour;
};

TEST(Enumerations, OfOneTypeAreOneType) {
  Models models;
  models.table<Person>("person");
  const auto metadata = models.metadata();
  ASSERT_EQ(metadata.enums.size(), 1U);
  EXPECT_EQ(metadata.enums.begin()->second.values, (std::vector<std::string>{"rookie", "veteran", "legend"}));
}

TEST(Enumerations, OfOneNameMustAgree) {
  Models models;
  models.table<Person>("person");
  models.table<Holds<app::other::Rank>>("officer");
  EXPECT_EQ(
      mistake(models),
      "column 'officer.value' uses the enumeration 'rank' with the labels general, private_, and another column with rookie, veteran, legend | give "
      "one of the two another name in aludel::Enumeration<E>::name, or by type(schema::Type::enumeration(...))");
}

TEST(Labels, CanBeGivenToAColumn) {
  Models models;
  auto person = models.table<Person>("person");
  person.column<&Person::rank>().labels({"rookie", "veteran"}).server_default(app::Rank::veteran);
  person.column<&Person::colour>().labels({"red", "blue"}).server_default("blue");
  EXPECT_EQ(schema::to_text(column_of(models, "person", "rank").type), "enum(person_rank, 'rookie', 'veteran')");
  EXPECT_EQ(schema::to_text(column_of(models, "person", "colour").type), "enum(person_colour, 'red', 'blue')");
  EXPECT_EQ(models.metadata().enums.size(), 3U);
}

TEST(Labels, ThatAreWrongAreErrors) {
  const auto with = [](auto declare) {
    Models models;
    auto person = models.table<Person>("person");
    declare(person);
    return mistake(models);
  };
  EXPECT_EQ(with([](StructTable<Person>& person) { person.column<&Person::id>().labels({"a"}); }),
            "column 'person.id' has labels, and its type is integer | labels are for enumerations and text");
  EXPECT_EQ(with([](StructTable<Person>& person) { person.column<&Person::colour>().labels({}); }),
            "column 'person.colour' has an empty list of labels | an enumeration holds at least one");
  EXPECT_EQ(with([](StructTable<Person>& person) {
              person.column<&Person::colour>().labels({"a", "a"});
            }),
            "column 'person.colour' has a label twice | say each once");
  EXPECT_EQ(with([](StructTable<Person>& person) { person.column<&Person::rank>().labels({"rookie"}).server_default(app::Rank::legend); }),
            "column 'person.rank' has the default 'legend', which is none of its labels | its labels are rookie");
  EXPECT_NE(with([](StructTable<Person>& person) {
              person.column<&Person::rank>().server_default(static_cast<app::Rank>(5));
            }).find("column 'person.rank' has the default app::Rank(5), for which no label was found"),
            std::string::npos);
}

}  // namespace
