#include <aludel/error.hpp>
#include <aludel/file/embed.hpp>

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

// What aludel_embed_revisions() runs while a program is built; it may be built for another machine than the program, so it is a program of its own.
namespace {

constexpr std::string_view usage = "usage: aludel-embed VERSIONS_DIRECTORY OUTPUT_DIRECTORY [--name NAME] [--function FUNCTION]...\n";

/// Files that did not change keep their time, so that nothing is compiled again for nothing.
void write_if_changed(const std::filesystem::path& path, const std::string& text) {
  std::error_code missing;
  if (std::filesystem::exists(path, missing) && aludel::file::read_file(path) == text) return;
  aludel::file::write_file(path, text, true);
}

int run(int argc, char** argv) {
  std::vector<std::string> directories;
  aludel::file::EmbedOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--name" && i + 1 < argc) {
      options.name = argv[++i];
    } else if (argument == "--function" && i + 1 < argc) {
      options.functions.emplace_back(argv[++i]);
    } else if (!argument.starts_with("-")) {
      directories.emplace_back(argument);
    } else {
      std::cerr << usage;
      return 2;
    }
  }
  if (directories.size() != 2) {
    std::cerr << usage;
    return 2;
  }
  const auto text = aludel::file::embed_revisions(aludel::file::ScriptDirectory(directories[0]), options);
  const auto output = std::filesystem::path(directories[1]) / "embedded";
  std::filesystem::create_directories(output);
  write_if_changed(output / (options.name + ".hpp"), text.header);
  write_if_changed(output / (options.name + ".cpp"), text.source);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const aludel::Error& error) {
  std::cerr << error.text() << '\n';
  return 1;
} catch (const std::exception& error) {
  std::cerr << "aludel-embed: " << error.what() << '\n';
  return 1;
}
