#pragma once

#include <aludel/migrate/journal.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// The journal's statements as text, for the runner and for offline scripts alike.
namespace aludel::migrate {

std::string insert_entry(const dialect::Dialect& dialect, const JournalNames& names, const Entry& entry);
std::vector<std::string> head_changes(const dialect::Dialect& dialect, const JournalNames& names, std::span<const std::string> before,
                                      std::span<const std::string> after, std::int64_t position);

}  // namespace aludel::migrate
