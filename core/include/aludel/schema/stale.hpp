#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>

namespace aludel::schema {

/// Does the schema hold an expression or definition that a rename left naming what is no longer there (`stale`)? Its text promises nothing then.
/// Pure; thread-safe.
ALUDEL_API bool has_stale_text(const Metadata& metadata);

}  // namespace aludel::schema
