# libpqxx 6.4 or 7: the target aludel_pqxx (Debian's 6.4 has no package for CMake, only one for pkg-config).
find_package(PkgConfig REQUIRED)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx>=6.4)
find_package(PostgreSQL REQUIRED)
if(NOT TARGET aludel_pqxx)
  add_library(aludel_pqxx INTERFACE IMPORTED)
  target_link_libraries(aludel_pqxx INTERFACE PkgConfig::PQXX PostgreSQL::PostgreSQL)
endif()
set(libpqxx_FOUND TRUE)
