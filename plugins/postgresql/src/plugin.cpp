#include <aludel/sdk/plugin.hpp>
#include <aludel/postgresql/postgresql.hpp>

ALUDEL_DIALECT(aludel::postgresql::dialect, "postgresql", ALUDEL_SDK_VERSION, "postgresql", "postgres");
