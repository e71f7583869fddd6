# How everything here is built: language level, warnings, visibility, and the helpers that the lists below use.
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

find_program(ALUDEL_CCACHE ccache)
if(ALUDEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ALUDEL_CCACHE}")
endif()

add_library(aludel_warnings INTERFACE)
target_compile_options(aludel_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False with -O2 and more for `"text" + std::string()` (GCC bug 105651).
  target_compile_options(aludel_warnings INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
endif()

# aludel_room(NAME): one room of core, from core/src/NAME/*.cpp, as objects that both libraries share.
# "base" is the ground floor: core/src/*.cpp.
function(aludel_room name)
  if(name STREQUAL "base")
    file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/core/src/*.cpp")
  else()
    file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/core/src/${name}/*.cpp")
  endif()
  if(NOT sources)
    return()
  endif()
  add_library(aludel_room_${name} OBJECT ${sources})
  if(name STREQUAL "base")
    set_source_files_properties("${PROJECT_SOURCE_DIR}/core/src/version.cpp" PROPERTIES COMPILE_DEFINITIONS "ALUDEL_VERSION=\"${PROJECT_VERSION}\"")
  endif()
  target_include_directories(aludel_room_${name} PUBLIC "${PROJECT_SOURCE_DIR}/core/include" PRIVATE "${PROJECT_SOURCE_DIR}/core/src")
  target_link_libraries(aludel_room_${name} PRIVATE aludel_warnings fmt::fmt nlohmann_json::nlohmann_json tomlplusplus::tomlplusplus
                                                    uriparser::uriparser Boost::headers)
endfunction()

# aludel_test(NAME SOURCES... LIBRARIES... [SHARED]): a GoogleTest program. It links the static libraries, so that private headers can be
# tested too; with SHARED it links libaludel, as a program that loads plugins must.
function(aludel_test name)
  cmake_parse_arguments(arg "SHARED" "" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/core/src" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})  # first: a static dialect needs what stands behind it
  if(arg_SHARED)
    target_link_libraries(${name} PRIVATE aludel)
  else()
    target_link_libraries(${name} PRIVATE aludel_static)
  endif()
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main aludel_warnings)
  target_compile_definitions(${name} PRIVATE ALUDEL_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ALUDEL_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  if(arg_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}")
  endif()
endfunction()
