#include <aludel/mysql/mysql.hpp>
#include <aludel/sdk/plugin.hpp>

ALUDEL_DIALECT(aludel::mysql::dialect, "mysql", ALUDEL_SDK_VERSION, "mysql", "mariadb");
