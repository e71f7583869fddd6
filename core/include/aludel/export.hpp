#pragma once

/// Marks what libaludel exports; everything else is hidden (see docs/decisions/0010-one-shared-library.md).
#define ALUDEL_API __attribute__((visibility("default")))
