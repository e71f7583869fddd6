#include <aludel/postgresql/postgresql.hpp>
#include <aludel/sdk/plugin.hpp>

ALUDEL_DIALECT(aludel::postgresql::dialect, "postgresql", ALUDEL_SDK_VERSION, "postgresql", "postgres");
