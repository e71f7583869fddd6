#include <aludel/cli/cli.hpp>

int main(int argc, char** argv) {
  aludel::cli::use_large_pages();
  return aludel::cli::run(argc, argv);
}
