#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The rules of the house (docs/decisions/0001-rooms.md), as functions of source text, so that the rules themselves can be tested.
namespace aludel::architecture {

struct Include {
  std::string path;
  bool angled = false;
  std::size_t line = 0;
};
/// The #include lines of a source; those in comments are none.
std::vector<Include> includes_of(std::string_view source);

/// The room of a header as an #include line names it ("aludel/op/apply.hpp", "op/codec_values.hpp"); nullopt for what is none of ours.
std::optional<std::string> room_of(std::string_view header);
/// Every room that has a place in the order.
bool is_room(std::string_view room);
/// May a file of room `from` include a header of room `to`?
bool may_include(std::string_view from, std::string_view to);

/// The code alone: comments are blanked out, what stands in quotes stays; line ends stay where they are.
std::string without_comments(std::string_view source);
/// Where code (not prose for people) names a database: "line 3: sqlite_master". A literal of several words is prose.
std::vector<std::string> databases_named(std::string_view source);

/// All C++ files below a directory of the project, sorted; empty where there is no such directory.
std::vector<std::filesystem::path> sources_below(const std::filesystem::path& directory);
std::string text_of(const std::filesystem::path& file);

}  // namespace aludel::architecture
