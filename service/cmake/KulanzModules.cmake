# How a folder of service/ or tests/ becomes a target. One target per folder; what it may link is what
# its kulanz_add_module names, and tests/tidy holds the #includes to the same directions.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(KULANZ_CCACHE ccache)
if(KULANZ_CCACHE)
  # Paths within the checkout count relative to it, so that one cache serves every checkout.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 ${KULANZ_CCACHE})
endif()

# lld takes a fifth of GNU ld's time, and the tests are a hundred programs. What ships is linked by the default.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=lld KULANZ_HAS_LLD)
if(KULANZ_HAS_LLD)
  add_link_options($<$<CONFIG:Debug>:-fuse-ld=lld>)
endif()

# Most of what an optimising compiler does for one file is instantiating the same templates again; some files of a
# library as one take a third of that. Without it each file is compiled alone, so that an #include that is missing
# shows, and an optimiser's new doubts about a batch stop nobody: as tests are built. That names do not collide,
# tests/tidy/check_sources.py sees to. Of the size: the largest compiler seen had 0.7 GB, and no batch is so long that it holds up
# the end of a build on two cores.
option(KULANZ_UNITY "Compile several files of a library of the service as one" OFF)
set(KULANZ_UNITY_FILES 8 CACHE STRING "With KULANZ_UNITY: how many; 0: all of a library")

# Warnings for our own sources; generated and system code is left alone.
add_library(kulanz_options INTERFACE)
target_compile_options(kulanz_options INTERFACE
  # What optimising finds depends on which files are compiled together, and that shifts with every new file: whoever
  # only builds what ships is told, and not stopped.
  -Wall -Wextra -Wpedantic $<$<NOT:$<AND:$<BOOL:${KULANZ_UNITY}>,$<CONFIG:Release>>>:-Werror>
  -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough
  # g++ 12 sees overlaps in "text" + std::string that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wsuggest-override -Wno-restrict>
  -fstack-protector-strong)
target_compile_definitions(kulanz_options INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(kulanz_options INTERFACE ${CMAKE_SOURCE_DIR})
find_package(Threads REQUIRED)
target_link_libraries(kulanz_options INTERFACE Threads::Threads)

if(KULANZ_SANITIZE)
  add_compile_options(-fsanitize=${KULANZ_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${KULANZ_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    # clang 14 cannot place the marks of this check in front of a coroutine.
    add_compile_options(-fno-sanitize=function)
  endif()
endif()
if(KULANZ_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(KULANZ_TIDY)
  find_program(KULANZ_CLANG_TIDY clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${KULANZ_CLANG_TIDY} --quiet)
endif()

# kulanz_compile_together(LIBRARY): as KULANZ_UNITY says. Not for tests, and not for generated code, whose names collide.
function(kulanz_compile_together target)
  if(KULANZ_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${KULANZ_UNITY_FILES})
    # g++ takes what is included for a header, where a coroutine's frame must not hold an unnamed namespace's types.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# kulanz_add_module(NAME [DEPS kulanz modules...] [LIBS third-party targets...])
# The static library kulanz_NAME of all .cc files of the calling folder.
function(kulanz_add_module name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(TRANSFORM ARG_DEPS PREPEND kulanz_)
  if(sources)
    add_library(kulanz_${name} STATIC ${sources})
    kulanz_compile_together(kulanz_${name})
    target_link_libraries(kulanz_${name} PUBLIC kulanz_options ${ARG_DEPS} ${ARG_LIBS})
  else()
    add_library(kulanz_${name} INTERFACE)
    target_link_libraries(kulanz_${name} INTERFACE kulanz_options ${ARG_DEPS} ${ARG_LIBS})
  endif()
endfunction()

# kulanz_add_test(NAME [DEPS modules...] [LIBS targets...] [LABELS ctest labels...] [SOURCES files...])
# One GoogleTest program NAME of all *_test.cc files of the calling folder (or of SOURCES), run as one
# ctest per program: its own main prints each case, and starting a process per case costs more.
function(kulanz_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "DEPS;LIBS;LABELS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  list(TRANSFORM ARG_DEPS PREPEND kulanz_)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE kulanz_options kulanz_test_paths ${ARG_DEPS} ${ARG_LIBS}
                                        GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
