# Flags that all own targets share.
add_library(strata_flags INTERFACE)
target_compile_options(strata_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  # One rounding per operation, whatever the compiler or the instruction set: the same bytes everywhere.
  -ffp-contract=off -fno-math-errno)
target_compile_definitions(strata_flags INTERFACE _GNU_SOURCE)
if(STRATA_WERROR)
  target_compile_options(strata_flags INTERFACE -Werror)
endif()
if(STRATA_SANITIZE)
  target_compile_options(strata_flags INTERFACE -fsanitize=${STRATA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(strata_flags INTERFACE -fsanitize=${STRATA_SANITIZE})
endif()

# strata_module(NAME [MODULES other...] [LIBRARIES target...])
#
# A module is an object library of all .c files of its folder. It sees the public headers, its own folder and the
# folders of the modules that it names, transitively: an include that the architecture forbids is not found.
function(strata_module name)
  cmake_parse_arguments(ARG "" "" "MODULES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c")
  add_library(strata_${name} OBJECT ${sources})
  target_include_directories(strata_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${name}>)
  target_link_libraries(strata_${name} PUBLIC strata_flags OpenMP::OpenMP_C ${ARG_LIBRARIES})
  foreach(other IN LISTS ARG_MODULES)
    target_link_libraries(strata_${name} PUBLIC strata_${other})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY STRATA_MODULES strata_${name})
endfunction()
