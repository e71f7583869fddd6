#include <aludel/cli/cli.hpp>

int main(int argc, char** argv) { return aludel::cli::run(argc, argv); }
