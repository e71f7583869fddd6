#pragma once

#include <aludel/models.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hero {

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
};

inline void declare(aludel::Models& models) {
  auto team = models.table<Team>("team");
  team.primary_key<&Team::id>();
  team.column<&Team::name>().length(80);
  team.unique<&Team::name>();

  auto hero = models.table<Hero>("hero");
  hero.primary_key<&Hero::id>();
  hero.column<&Hero::name>().length(80);
  hero.index<&Hero::name>();
  hero.check("ck_hero_age", "age >= 0");
}

}  // namespace hero
