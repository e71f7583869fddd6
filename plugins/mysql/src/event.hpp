#pragma once

#include <string>
#include <string_view>

namespace aludel::mysql {

/// An event's text with its status taken out of it and DISABLE in its place: it shall not run where it is only looked at.
struct DisabledEvent {
  std::string text;
  std::string status;  ///< what stood there: "ENABLE", "DISABLE ON SLAVE"
};
DisabledEvent disabled_event(std::string_view definition);
/// The printed text with its status again.
std::string with_status(std::string_view printed_definition, std::string_view status);

}  // namespace aludel::mysql
