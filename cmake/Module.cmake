# One function for each kind of target. Sources and headers are listed, never globbed.

option(CXDIAL_HOUSE_TESTS "Link tests and the check of the tree" ON)
set(CXDIAL_TEST_ROOMS "" CACHE STRING "Rooms whose tests are built; all when empty")
set(CXDIAL_SIM_SEEDS 220 CACHE STRING "Seeds that the simulation runs as a test")
set(CXDIAL_FUZZ_SECONDS 5 CACHE STRING "How long each fuzzer runs as a test")

add_library(cxdial_options INTERFACE)
target_compile_options(
  cxdial_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            -Wshadow
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Wimplicit-fallthrough
            # Designated initialisers leave out what keeps its default; that is what they are for.
            -Wno-missing-field-initializers
)

# add_module(NAME HEADERS … SOURCES … DEPS … PRIVATE_DEPS …)
#
# A room: a static library cxdial_NAME with the alias cxdial::NAME, whose headers each compile alone
# (all_verify_interface_header_sets), and NAME_link_test, an empty program that takes in the whole
# library with nothing but its declared dependencies: an upward call fails there, at link time.
function(add_module name)
  cmake_parse_arguments(M "" "" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target cxdial_${name})
  add_library(${target} STATIC ${M_SOURCES})
  add_library(cxdial::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${M_HEADERS})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_link_libraries(
    ${target} PUBLIC ${M_DEPS} PRIVATE ${M_PRIVATE_DEPS} $<BUILD_INTERFACE:cxdial_options>
  )
  if(BUILD_TESTING AND CXDIAL_HOUSE_TESTS)
    set(main ${CMAKE_CURRENT_BINARY_DIR}/${name}_link_main.cpp)
    file(GENERATE OUTPUT ${main} CONTENT "int main() { return 0; }\n")
    add_executable(${name}_link_test ${main})
    target_link_libraries(${name}_link_test PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,${target}>)
    add_test(NAME ${name}_link_test COMMAND ${name}_link_test)
    set_tests_properties(${name}_link_test PROPERTIES LABELS link)
  endif()
endfunction()

# add_room_tests(NAME SOURCES … DEPS … [LABEL unit] [TIMEOUT 600])
#
# A Catch2 program NAME_tests whose cases CTest knows one by one.
function(add_room_tests name)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT T_LABEL)
    set(T_LABEL unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 600)
  endif()
  add_executable(${name}_tests ${T_SOURCES})
  target_link_libraries(${name}_tests PRIVATE ${T_DEPS} Catch2::Catch2WithMain cxdial_options)
  catch_discover_tests(
    ${name}_tests
    EXTRA_ARGS --warn NoTests
    PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
  )
endfunction()

# add_fuzzer(NAME SOURCE DEPS …)
#
# A libFuzzer program fuzz_NAME, in the presets with CXDIAL_FUZZ. As a test it runs for
# CXDIAL_FUZZ_SECONDS, from what it found earlier and the seeds in the folder corpus/*, if any, whose
# name the fuzzer's ends with (corpus/escape for fuzz_cxml_escape).
function(add_fuzzer name source)
  cmake_parse_arguments(F "" "" "DEPS" ${ARGN})
  if(NOT CXDIAL_FUZZ)
    return()
  endif()
  set(target fuzz_${name})
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE ${F_DEPS})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer,address,undefined)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${target})

  set(found ${CMAKE_CURRENT_BINARY_DIR}/${target}_found)
  file(MAKE_DIRECTORY ${found})
  set(corpora ${found})
  file(GLOB seeds LIST_DIRECTORIES true ${CMAKE_CURRENT_SOURCE_DIR}/corpus/*)
  foreach(folder IN LISTS seeds)
    get_filename_component(kind ${folder} NAME)
    if(target MATCHES "_${kind}$" AND IS_DIRECTORY ${folder})
      list(APPEND corpora ${folder})
    endif()
  endforeach()
  add_test(
    NAME ${target}
    # A fixed seed: as a test it repeats; for new inputs run the program itself, for longer.
    COMMAND ${target} -seed=1 -max_total_time=${CXDIAL_FUZZ_SECONDS} -timeout=10
            -print_final_stats=1 ${corpora}
    WORKING_DIRECTORY ${found}
  )
  set_tests_properties(${target} PROPERTIES LABELS fuzz)
endfunction()
