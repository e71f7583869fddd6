# Fails when a library exports more, or something else, than the one symbol.
foreach(library IN LISTS LIBRARIES)
  execute_process(COMMAND "${NM}" -D --defined-only "${library}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  if(NOT symbols MATCHES "^[0-9a-f]+ T aludel_plugin_v1\n$")
    message(SEND_ERROR "${library} exports:\n${symbols}")
  endif()
endforeach()
