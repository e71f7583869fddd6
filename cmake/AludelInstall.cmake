# What is installed, and the package that find_package(aludel) finds. Proven by tests/integration/package.
#
#   find_package(aludel)                            aludel::aludel, aludel_add_plugin(), aludel_add_environment(), aludel_embed_revisions()
#   find_package(aludel COMPONENTS engine sqlite)   aludel::engine and aludel::sqlite too, statically, for programs that embed them
#   find_package(aludel COMPONENTS cli)             aludel::cli too, for applications that link the driver
include(CMakePackageConfigHelpers)

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/aludel")

file(STRINGS "${PROJECT_SOURCE_DIR}/core/include/aludel/plugin/abi.hpp" sdk_version REGEX "define ALUDEL_SDK_VERSION ")
if(NOT sdk_version MATCHES "\"${PROJECT_VERSION}\"")
  message(FATAL_ERROR "core/include/aludel/plugin/abi.hpp says another ALUDEL_SDK_VERSION than the project's ${PROJECT_VERSION}")
endif()

# aludel_install_component(COMPONENT TARGET EXPORTED_NAME): a library of its own export set, so that its dependencies are looked for only when asked for.
function(aludel_install_component component target exported_name)
  if(NOT TARGET ${target})
    return()
  endif()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${exported_name})
  install(TARGETS ${target} EXPORT aludel-${component} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT aludel-${component} NAMESPACE aludel:: FILE aludel-${component}.cmake DESTINATION "${package_directory}")
endfunction()

aludel_install_component(core aludel aludel)
aludel_install_component(embed aludel_embed embed)
aludel_install_component(engine aludel_engine engine)
aludel_install_component(sqlite aludel_sqlite_static sqlite)
aludel_install_component(cli aludel_cli cli)

foreach(dialect sqlite postgresql mysql)
  if(TARGET aludel-dialect-${dialect})
    # What loads it has loaded libaludel; without a path of its own, not one with empty entries either (see below).
    set_target_properties(aludel-dialect-${dialect} PROPERTIES BUILD_WITH_INSTALL_RPATH ON)
    install(TARGETS aludel-dialect-${dialect} LIBRARY DESTINATION "${ALUDEL_PLUGIN_DESTINATION}")
  endif()
endforeach()
# Programs and libraries find libaludel wherever the prefix is moved to. What the driver loads has these paths in the build tree too, whose layout is
# the same: CMake would pad another one with empty entries, which mean the current directory.
if(TARGET aludel_cli)
  set_target_properties(aludel_cli PROPERTIES INSTALL_RPATH "$ORIGIN" BUILD_WITH_INSTALL_RPATH ON)
endif()
if(TARGET aludel_embed)
  set_target_properties(aludel_embed PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endif()
if(TARGET aludel_driver)
  set(driver_paths "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}" "$ORIGIN/../lib")
  list(REMOVE_DUPLICATES driver_paths)
  set_target_properties(aludel_driver PROPERTIES INSTALL_RPATH "${driver_paths}" BUILD_WITH_INSTALL_RPATH ON)
  install(TARGETS aludel_driver RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

install(DIRECTORY core/include/ sdk/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
foreach(directory plugins/sqlite/include apps/cli/include)
  if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/${directory}")
    install(DIRECTORY "${directory}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
  endif()
endforeach()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/aludel-config.cmake.in" "${PROJECT_BINARY_DIR}/aludel-config.cmake"
                              INSTALL_DESTINATION "${package_directory}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/aludel-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/aludel-config.cmake" "${PROJECT_BINARY_DIR}/aludel-config-version.cmake" sdk/cmake/AludelSdk.cmake sdk/cmake/plugin.map
        DESTINATION "${package_directory}")
