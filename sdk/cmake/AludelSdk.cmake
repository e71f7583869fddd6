# What projects that write a dialect or an environment use: included by find_package(aludel), and by our own build.
#
#   aludel_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#     The target aludel-dialect-NAME: a shared library aludel-dialect-NAME.so that exports the dialect of ALUDEL_DIALECT. NAME is the dialect's.
#     Install it with install(TARGETS aludel-dialect-NAME LIBRARY DESTINATION "${ALUDEL_PLUGIN_DESTINATION}"), below the prefix of libaludel.
#
#   aludel_add_environment(NAME SOURCES file... [LIBRARIES target...])
#     The target NAME: a shared library NAME.so that exports the environment of ALUDEL_ENVIRONMENT. What it links statically must be compiled
#     as position-independent code (set POSITION_INDEPENDENT_CODE ON for the library that holds the models).
#
#   aludel_embed_revisions(TARGET DIRECTORY [NAME name] [FUNCTIONS name...])
#     Compiles the revision files of DIRECTORY (migrations/versions) into TARGET, a program or library of the same CMake directory that links
#     aludel::engine or aludel::aludel. It may then say #include "embedded/revisions.hpp" and hand embedded::revisions() to
#     aludel::embedded::upgrade(); NAME gives another name than "revisions", for a second database. What is wrong with the files breaks the build, and
#     so does a `call` of a function that FUNCTIONS does not name. A file that is added, changed or removed is noticed. When TARGET is built for
#     another machine, ALUDEL_EMBED_TOOL names an aludel-embed that runs on this one.
#
# The first two hide all symbols but the entry point, refuse undefined ones when linking, look up all that they use when they are loaded, and are never
# unloaded.
include_guard(GLOBAL)

function(aludel_detail_add_library target output_name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(version_script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
  list(APPEND arg_SOURCES ${arg_UNPARSED_ARGUMENTS})
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "aludel: ${target} has no SOURCES")
  endif()
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE aludel::aludel ${arg_LIBRARIES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME "${output_name}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS "${version_script}")
  target_link_options(${target} PRIVATE "LINKER:-z,nodelete,-z,now" "LINKER:--version-script=${version_script}")
  # Clang leaves a sanitizer's runtime to the program, so that its symbols are undefined here by design.
  if(NOT (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize"))
    target_link_options(${target} PRIVATE "LINKER:--no-undefined")
  endif()
endfunction()

function(aludel_add_plugin name)
  if(NOT name MATCHES "^[a-z0-9][a-z0-9_.+-]*$")
    message(FATAL_ERROR "aludel: a dialect's name is made of lower-case letters, digits and . _ + -, not '${name}'")
  endif()
  aludel_detail_add_library(aludel-dialect-${name} aludel-dialect-${name} ${ARGN})
endfunction()

function(aludel_add_environment name)
  aludel_detail_add_library(${name} ${name} ${ARGN})
endfunction()

function(aludel_embed_revisions target directory)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAME" "FUNCTIONS")
  if(NOT TARGET ${target})
    message(FATAL_ERROR "aludel_embed_revisions: there is no target '${target}'")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "aludel_embed_revisions: '${arg_UNPARSED_ARGUMENTS}' is not understood; it takes NAME and FUNCTIONS")
  endif()
  get_filename_component(directory "${directory}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT IS_DIRECTORY "${directory}")
    message(FATAL_ERROR "aludel_embed_revisions: there is no directory ${directory}")
  endif()
  if(NOT arg_NAME)
    set(arg_NAME revisions)
  endif()
  if(ALUDEL_EMBED_TOOL)
    set(tool "${ALUDEL_EMBED_TOOL}")
  else()
    set(tool aludel::embed)
  endif()
  file(GLOB files CONFIGURE_DEPENDS "${directory}/*.toml" "${directory}/*.sql")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${target}-embedded")
  # A file that was removed is no newer than anything: the list itself is what is depended on.
  set(list "${output}/${arg_NAME}.list")
  set(text "${files}\n${arg_FUNCTIONS}\n")
  set(written "")
  if(EXISTS "${list}")
    file(READ "${list}" written)
  endif()
  if(NOT written STREQUAL text)
    file(WRITE "${list}" "${text}")
  endif()
  set(functions ${arg_FUNCTIONS})
  list(TRANSFORM functions PREPEND "--function;")
  set(made "${output}/embedded/${arg_NAME}.cpp")
  add_custom_command(
    OUTPUT "${made}" "${output}/embedded/${arg_NAME}.hpp"
    COMMAND ${tool} "${directory}" "${output}" --name "${arg_NAME}" ${functions}
    DEPENDS ${tool} ${files} "${list}"
    COMMENT "Embedding the revisions of ${directory}"
    VERBATIM)
  target_sources(${target} PRIVATE "${made}" "${output}/embedded/${arg_NAME}.hpp")
  target_include_directories(${target} PRIVATE "${output}")
endfunction()
