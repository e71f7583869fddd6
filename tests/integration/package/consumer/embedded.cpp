#include <aludel/sqlite/sqlite.hpp>

#include <iostream>

int main() {
  auto connection = aludel::sqlite::dialect().connect(aludel::parse_url("sqlite://"), {});
  std::cout << "embedded: " << *connection->execute("SELECT 40 + 2").scalar().integer() << "\n";
}
