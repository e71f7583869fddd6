#pragma once

#include <aludel/export.hpp>
#include <aludel/value.hpp>

namespace aludel::file {

/// JSON Schemas (draft 2020-12) for editors, from the tables the parsers read; docs/ holds them as text.
ALUDEL_API Value revision_schema();
ALUDEL_API Value snapshot_schema();
ALUDEL_API Value configuration_schema();

}  // namespace aludel::file
