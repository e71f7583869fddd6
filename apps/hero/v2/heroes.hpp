#pragma once

#include <aludel/dialect/connection.hpp>

#include <string>
#include <vector>

#include "insert.hpp"
#include "model.hpp"

namespace hero {

inline std::string& secret(Hero& hero) { return hero.secret_name; }

inline void add(aludel::dialect::Connection& connection, const Hero& hero) {
  using aludel::Value;
  insert(connection, "hero", {{"name", hero.name}, {"secret_name", hero.secret_name}, {"age", hero.age ? Value(*hero.age) : Value()}});
}

inline std::vector<Hero> all(aludel::dialect::Connection& connection) {
  const std::string rank_column = connection.dialect().quote_identifier("rank");  // a word of MySQL's
  std::vector<Hero> heroes;
  for (const auto& row : connection.execute("SELECT id, name, secret_name, age, " + rank_column + " FROM hero ORDER BY id").rows) {
    const std::string& rank = *row[4].string();
    Hero hero{*row[0].integer(), *row[1].string(), *row[2].string(), std::nullopt, Rank::rookie, std::nullopt};
    if (!row[3].is_null()) hero.age = static_cast<int>(*row[3].integer());
    if (rank != "rookie") hero.rank = rank == "veteran" ? Rank::veteran : Rank::legend;
    heroes.push_back(std::move(hero));
  }
  return heroes;
}

inline std::string describe(const Hero& hero) {
  static const char* const ranks[] = {"rookie", "veteran", "legend"};
  return std::to_string(*hero.id) + "  " + hero.name + " (" + hero.secret_name + "), " + (hero.age ? std::to_string(*hero.age) : "ageless") + ", " +
         ranks[static_cast<int>(hero.rank)];
}

}  // namespace hero
