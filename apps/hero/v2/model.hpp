#pragma once

#include <aludel/models.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hero {

enum class Rank { rookie, veteran, legend };

struct Team {
  std::optional<std::int64_t> id;
  std::string name;
  std::string headquarters;
};

struct Hero {
  std::optional<std::int64_t> id;
  std::string name;
  std::string secret_name;
  std::optional<int> age;
  Rank rank;
  std::optional<std::int64_t> team_id;
};

inline void declare(aludel::Models& models) {
  auto team = models.table<Team>("team");
  team.primary_key<&Team::id>();
  team.column<&Team::name>().length(80);
  team.unique<&Team::name>();

  auto hero = models.table<Hero>("hero");
  hero.primary_key<&Hero::id>();
  hero.column<&Hero::name>().length(80);
  hero.column<&Hero::rank>().server_default(Rank::rookie);
  hero.index<&Hero::name>();
  hero.relationship<&Hero::team_id, &Team::id>().on_delete(aludel::set_null);
  hero.check("ck_hero_age", "age >= 0");
}

}  // namespace hero
