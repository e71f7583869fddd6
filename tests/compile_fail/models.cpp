#include <aludel/models.hpp>

#include <map>
#include <optional>
#include <string>
#include <thread>

using namespace aludel;

struct Team {
  std::int64_t id;
};
struct Hero {
  std::int64_t id;
  std::string name;
  std::int64_t team_id;
  int method() const { return 0; }
};
struct Empty {};
enum class Rank { rookie };
enum class Huge { first };
enum Loose { loose_a };
template <>
struct aludel::Enumeration<Huge> {
  static constexpr long long minimum = 0, maximum = 100000;
};

template <class T>
struct Holds {
  int id;
  T value;
};
struct CArray {
  int id;
  char name[20];
};
struct Reference {
  int id;
  int& other;
};
struct Derived : Team {
  std::string name;
};
struct EmptyDerived : Empty {
  std::string name;
};
class Vault {
 public:
  int id() const { return id_; }

 private:
  int id_ = 0;
};
#define TEN(x) int x##0, x##1, x##2, x##3, x##4, x##5, x##6, x##7, x##8, x##9;
struct TooMany {
  TEN(a) TEN(b) TEN(c) TEN(d) TEN(e) TEN(f) TEN(g) TEN(h) TEN(i) TEN(j) TEN(k) TEN(l) int m0, m1, m2, m3, m4, m5, m6, m7, m8;
};

void declare(Models& models) {
  auto hero = models.table<Hero>("hero");
  auto team = models.table<Team>("team");
#if defined(CASE_unmapped)
  models.table<Holds<std::map<int, int>>>("t");
#elif defined(CASE_character)
  models.table<Holds<char>>("t");
#elif defined(CASE_c_array)
  models.table<CArray>("t");
#elif defined(CASE_pointer)
  models.table<Holds<const char*>>("t");
#elif defined(CASE_unmapped_optional)
  models.table<Holds<std::optional<std::thread>>>("t");
#elif defined(CASE_listed_unmapped)
  models.table<Holds<std::thread>>("t", listed).column<&Holds<std::thread>::value>();
#elif defined(CASE_private_members)
  models.table<Vault>("t");
#elif defined(CASE_base_class)
  models.table<Derived>("t");
#elif defined(CASE_empty_base_class)
  models.table<EmptyDerived>("t");
#elif defined(CASE_reference)
  models.table<Reference>("t");
#elif defined(CASE_too_many)
  models.table<TooMany>("t");
#elif defined(CASE_foreign_column)
  hero.column<&Team::id>();
#elif defined(CASE_foreign_index)
  hero.index<&Hero::name, &Team::id>();
#elif defined(CASE_foreign_descending)
  hero.index<desc<&Team::id>>();
#elif defined(CASE_foreign_primary_key)
  hero.primary_key<&Team::id>();
#elif defined(CASE_foreign_unique)
  hero.unique<&Team::id>();
#elif defined(CASE_foreign_ignore)
  hero.ignore<&Team::id>();
#elif defined(CASE_foreign_foreign_key)
  hero.foreign_key<&Team::id, &Team::id>();
#elif defined(CASE_foreign_reference)
  hero.foreign_key<&Hero::team_id, Team, &Hero::id>();
#elif defined(CASE_uneven_foreign_key)
  hero.foreign_key(members<&Hero::team_id, &Hero::id>, members<&Team::id>);
#elif defined(CASE_no_member)
  hero.index<7>();
#elif defined(CASE_member_function)
  hero.index<&Hero::method>();
#elif defined(CASE_empty_index)
  hero.index<>();
#elif defined(CASE_loose_enumeration)
  models.table<Holds<Loose>>("t");
#elif defined(CASE_wide_enumeration)
  models.table<Holds<Huge>>("t");
#elif defined(CASE_default_without_literal)
  hero.column<&Hero::name>().server_default(std::map<int, int>());
#elif defined(CASE_decimal_too_long)
  models.table<Holds<Decimal<39, 2>>>("t");
#endif
}
