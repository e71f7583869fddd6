#pragma once

#include <aludel/dialect/file_database.hpp>

namespace aludel::sqlite {

/// The dialect's extension for whole files: VACUUM INTO, and SQLite's backup interface for the way back.
dialect::FileDatabase& file_database();

}  // namespace aludel::sqlite
