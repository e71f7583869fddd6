#include <aludel/connect.hpp>
#include <aludel/error.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

#include "database.hpp"
#include "heroes.hpp"

// A small program of the usual kind: it keeps heroes in a database. `hero add NAME SECRET [AGE]` and `hero list`.
int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "list";
  try {
    const auto connection = aludel::connect(hero::database_url());
    if (command == "add" && (argc == 4 || argc == 5)) {
      hero::Hero hero{};
      hero.name = argv[2];
      hero::secret(hero) = argv[3];
      if (argc == 5) hero.age = std::stoi(argv[4]);
      hero::add(*connection, hero);
    } else if (command == "list" && argc <= 2) {
      for (const hero::Hero& hero : hero::all(*connection)) std::cout << hero::describe(hero) << '\n';
    } else {
      std::cerr << "usage: hero [list | add NAME SECRET [AGE]]\n";
      return EXIT_FAILURE;
    }
  } catch (const aludel::Error& error) {
    std::cerr << "hero: " << error.text() << '\n';
    return EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::cerr << "hero: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
