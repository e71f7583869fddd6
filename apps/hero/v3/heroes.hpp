#pragma once

#include <aludel/dialect/connection.hpp>

#include <string>
#include <vector>

#include "insert.hpp"
#include "model.hpp"

namespace hero {

inline std::string& secret(Hero& hero) { return hero.alias; }

inline void add(aludel::dialect::Connection& connection, const Hero& hero) {
  insert(connection, "hero", {{"name", hero.name}, {"alias", hero.alias}, {"age", hero.age}});
}

inline std::vector<Hero> all(aludel::dialect::Connection& connection) {
  const std::string rank_column = connection.dialect().quote_identifier("rank");  // a word of MySQL's
  std::vector<Hero> heroes;
  for (const auto& row : connection.execute("SELECT id, name, alias, age, " + rank_column + " FROM hero ORDER BY id").rows) {
    const std::string& rank = *row[4].string();
    Hero hero{*row[0].integer(), *row[1].string(), *row[2].string(), static_cast<int>(*row[3].integer()), Rank::rookie, std::nullopt};
    if (rank != "rookie") hero.rank = rank == "veteran" ? Rank::veteran : Rank::legend;
    heroes.push_back(std::move(hero));
  }
  return heroes;
}

inline std::string describe(const Hero& hero) {
  static const char* const ranks[] = {"rookie", "veteran", "legend"};
  return std::to_string(*hero.id) + "  " + hero.name + " (" + hero.alias + "), " + std::to_string(hero.age) + ", " +
         ranks[static_cast<int>(hero.rank)];
}

}  // namespace hero
