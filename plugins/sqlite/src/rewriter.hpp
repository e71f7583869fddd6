#pragma once

#include <aludel/op/rewriter.hpp>

#include <string_view>
#include <vector>

namespace aludel::sqlite {

/// Renames in SQLite's text by its own tokens and scopes. Stateless, thread-safe, lives as long as the process.
const op::Rewriter& rewriter();

/// The tables and views that a view's or trigger's definition reads or writes, as written, without schema and without its own WITH names; each once.
std::vector<std::string> referenced_tables(std::string_view definition);

}  // namespace aludel::sqlite
