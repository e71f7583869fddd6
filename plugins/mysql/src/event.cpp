#include "event.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <vector>

namespace aludel::mysql {

namespace {

/// Where in an event's text its status stands or would stand: before COMMENT and DO.
struct StatusPlace {
  std::size_t begin = 0, end = 0;
};
StatusPlace status_place(const std::vector<Token>& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is("ENABLE")) return {tokens[i].offset, tokens[i].end_offset()};
    if (tokens[i].is("DISABLE")) {
      const bool elsewhere = tokens[i + 1].is("ON") && i + 2 < tokens.size() && (tokens[i + 2].is("SLAVE") || tokens[i + 2].is("REPLICA"));
      return {tokens[i].offset, tokens[i + (elsewhere ? 2 : 0)].end_offset()};
    }
    if (tokens[i].is("COMMENT") || tokens[i].is("DO")) return {tokens[i].offset, tokens[i].offset};
  }
  return {0, 0};
}

}  // namespace

DisabledEvent disabled_event(std::string_view definition) {
  const StatusPlace place = status_place(tokenize(definition));
  std::string status(definition.substr(place.begin, place.end - place.begin));
  std::string text = std::string(definition.substr(0, place.begin)) + "DISABLE " + std::string(trim(definition.substr(place.end)));
  return {std::move(text), status.empty() ? "ENABLE" : to_upper(status)};
}

std::string with_status(std::string_view printed_definition, std::string_view status) {
  const StatusPlace place = status_place(tokenize(printed_definition));
  return std::string(printed_definition.substr(0, place.begin)).append(status).append(printed_definition.substr(place.end));
}

}  // namespace aludel::mysql
