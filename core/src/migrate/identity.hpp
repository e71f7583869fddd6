#pragma once

#include <string>
#include <string_view>

namespace aludel::migrate {

/// Now, RFC 3339 in UTC with milliseconds.
std::string utc_now();
/// "user@host pid 123": this process.
std::string who_am_i();
/// Is the process that `who_am_i` described certainly gone? Only a process of this host can be told to be.
bool certainly_gone(std::string_view who);
/// "aludel 0.1.0", unless the caller says otherwise.
std::string tool_name(const std::string& given);

}  // namespace aludel::migrate
