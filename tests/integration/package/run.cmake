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

# Its revisions are going to change.
file(COPY "${SOURCE}/" DESTINATION "${WORK}/source")
set(SOURCE "${WORK}/source")
run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
    "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_PREFIX_PATH=${WORK}/moved" "-DCMAKE_INSTALL_PREFIX=${WORK}/moved")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --parallel 2)
run("${CMAKE_COMMAND}" --install "${WORK}/build")

run("${WORK}/build/consumer" "${WORK}/build/consumer_env.so" "${WORK}/moved/${LIBDIR}/aludel/plugins")
expect("environment: consumer.db, 1 table, 1 function")
expect("sqlite: fine, beside libaludel")
expect("doll: fine, beside libaludel")
foreach(dialect postgresql mysql)
  if(EXISTS "${BUILD}/lib/aludel/plugins/aludel-dialect-${dialect}.so")
    expect("${dialect}: fine, beside libaludel")
  endif()
endforeach()
expect("doll says: no doll lives at 'attic'")
expect("sqlite answered 42")

run("${WORK}/build/embedded")
expect("embedded: upgraded: 1 revision applied")

# A revision that is added, changed or removed is noticed, and what is wrong with one breaks the build.
set(second "${SOURCE}/migrations/versions/2_second.toml")
file(WRITE "${second}" "revision = \"2b2b2b2b2b2b\"\ndown_revision = \"1a1a1a1a1a1a\"\n\n[[upgrade]]\nsql = \"INSERT INTO note (id) VALUES (1)\"\n")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --target embedded)
run("${WORK}/build/embedded")
expect("2 revisions applied .1a1a1a1a1a1a, 2b2b2b2b2b2b.")
file(APPEND "${second}" "\n[[upgrade]]\ncall = \"backfill\"\n")
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/build" --target embedded RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "a call that the program does not have was embedded:\n${output}")
endif()
expect("2_second.toml:7:.*'backfill'.*FUNCTIONS backfill")
file(REMOVE "${second}")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --target embedded)
run("${WORK}/build/embedded")
expect("1 revision applied")

if(EXISTS "${WORK}/moved/bin/aludel")
  run("${WORK}/moved/bin/aludel" plugins)
  expect("sqlite")
  expect("doll")
endif()
