#include <aludel/sdk/plugin.hpp>
#include <aludel/sqlite/sqlite.hpp>

ALUDEL_DIALECT(aludel::sqlite::dialect, "sqlite", ALUDEL_SDK_VERSION, "sqlite");
