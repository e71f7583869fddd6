#pragma once

#include <aludel/migrate/journal.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The journal's statements as text, for the runner and for offline scripts alike.
namespace aludel::migrate {

std::string insert_entry(const dialect::Dialect& dialect, const JournalNames& names, const Entry& entry);
/// For a script whose reader knows neither position nor time: behind the last row, now.
std::string insert_next_entry(const dialect::Dialect& dialect, const JournalNames& names, const Entry& entry);
/// Without a position: that of the journal's last row.
std::vector<std::string> head_changes(const dialect::Dialect& dialect, const JournalNames& names, std::span<const std::string> before,
                                      std::span<const std::string> after, std::optional<std::int64_t> position);

}  // namespace aludel::migrate
