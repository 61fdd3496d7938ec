# One room = one static library pawl_<room> of all src/<room>/**/*.cc, and one test program <room>_test of its *_test.cc.
#   pawl_room(json DEPS base LIBS PkgConfig::simdjson SQL sql/*.sql)
# A main.cc is no part of the library: its room makes a program of it, and the tests have a main() of their own.
# DEPS are rooms that this one may include; LIBS are system libraries that only its sources see; SQL files (globs) are
# embedded: `#include "<room>/embedded.h"` gives pawl::<room>::embedded::file(name).
function(pawl_room room)
  cmake_parse_arguments(ROOM "" "" "DEPS;LIBS;SQL" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(ROOM_SQL)
    pawl_embed(${room} embedded_source ${ROOM_SQL})
    list(APPEND sources ${embedded_source})
  endif()
  set(linked "")
  foreach(dep ${ROOM_DEPS})
    list(APPEND linked pawl_${dep})
  endforeach()
  if(sources)
    add_library(pawl_${room} STATIC ${sources})
    target_include_directories(pawl_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(pawl_${room} PUBLIC ${linked} PRIVATE ${ROOM_LIBS})
  else()
    add_library(pawl_${room} INTERFACE)
    target_include_directories(pawl_${room} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(pawl_${room} INTERFACE ${linked})
  endif()
  if(tests)
    add_executable(${room}_test ${tests})
    target_link_libraries(${room}_test PRIVATE pawl_${room} ${ROOM_LIBS} GTest::gtest GTest::gtest_main Threads::Threads)
    # What is tested is optimized; to optimize the tests too would take a third more of their compile time.
    target_compile_options(${room}_test PRIVATE $<$<CONFIG:Release>:-O0>)
    add_test(NAME ${room} COMMAND ${room}_test)
  endif()
endfunction()

# Writes generated/<room>/embedded.h and .cc with the files' bytes, so that the binary needs nothing beside it. They are
# read as hexadecimal and written as escapes: CMake's own text handling would change semicolons, brackets and bytes
# that are not ASCII.
function(pawl_embed room out)
  file(GLOB files CONFIGURE_DEPENDS ${ARGN})
  list(SORT files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(entries "")
  set(names "")
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    if(name IN_LIST names)
      message(FATAL_ERROR "pawl_embed(${room}): two files are called ${name}")
    endif()
    list(APPEND names ${name})
    file(SIZE ${file} size)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
    string(APPEND entries "    {\"${name}\", {\"${text}\", ${size}}},\n")
  endforeach()
  list(LENGTH names count)
  set(folder ${CMAKE_BINARY_DIR}/generated/${room})
  file(CONFIGURE OUTPUT ${folder}/embedded.h @ONLY CONTENT
"#pragma once
#include <span>
#include <string_view>
namespace pawl::${room}::embedded {
struct File { std::string_view name, text; };
std::span<const File> files();                  // sorted by path
std::string_view file(std::string_view name);   // must exist
}
")
  file(CONFIGURE OUTPUT ${folder}/embedded.cc @ONLY CONTENT
"#include \"${room}/embedded.h\"
#include <array>
#include <cstdlib>
#pragma clang diagnostic ignored \"-Woverlength-strings\"
namespace pawl::${room}::embedded {
static constexpr std::array<File, ${count}> all{{
${entries}}};
std::span<const File> files() { return all; }
std::string_view file(std::string_view name) {
  for (const File& f : all) if (f.name == name) return f.text;
  std::abort();
}
}
")
  set(${out} ${folder}/embedded.cc PARENT_SCOPE)
endfunction()
