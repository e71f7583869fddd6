# cmake -DBUILD=... -DSOURCE=... -DWORK=... -P run.cmake: installs, moves the prefix, builds the consumer against it, runs what it made.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}\nfailed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect text)
  if(NOT output MATCHES "${text}")
    message(FATAL_ERROR "expected '${text}' in:\n${output}")
  endif()
endfunction()

# A hostile setting of the caller would hide what is tested: that everything is found relative to the prefix.
unset(ENV{ALUDEL_PLUGIN_PATH})
unset(ENV{LD_LIBRARY_PATH})
set(ENV{XDG_DATA_HOME} "${WORK}/no-such-directory")

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/installed")
# The prefix is relocatable: nothing in it may point to where it was installed.
file(RENAME "${WORK}/installed" "${WORK}/moved")

run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
    "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_PREFIX_PATH=${WORK}/moved" "-DCMAKE_INSTALL_PREFIX=${WORK}/moved")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --parallel 2)
run("${CMAKE_COMMAND}" --install "${WORK}/build")

run("${WORK}/build/consumer" "${WORK}/build/consumer_env.so" "${WORK}/moved/${LIBDIR}/aludel/plugins")
expect("environment: consumer.db, 1 table, 1 function")
expect("sqlite: fine, beside libaludel")
expect("doll: fine, beside libaludel")
expect("doll says: no doll lives at 'attic'")
expect("sqlite answered 42")

run("${WORK}/build/embedded")
expect("embedded: 42")

if(EXISTS "${WORK}/moved/bin/aludel")
  run("${WORK}/moved/bin/aludel" plugins)
  expect("sqlite")
  expect("doll")
endif()
