# Finds hiredis with TLS and provides the targets hiredis::hiredis and hiredis::ssl.
#
# Asked in this order: KULANZ_HIREDIS_ROOT (variable or environment), the static build that
# deploy/install-dependencies leaves under .cache where the distribution's is too old, the system.
# Debian's own HiredisConfig.cmake is not used: it refuses an unversioned find_package, and in
# Debian 12 it belongs to 0.14, which has no TLS and no timeouts for asynchronous calls.
#
# Sources write #include <hiredis/hiredis.h>; the found root comes first on the include path, so that
# the headers of an old system version cannot slip in.

set(Hiredis_roots ${KULANZ_HIREDIS_ROOT} $ENV{KULANZ_HIREDIS_ROOT}
                  ${CMAKE_CURRENT_LIST_DIR}/../../.cache/hiredis-1.2.0)

find_path(Hiredis_INCLUDE_DIR hiredis/hiredis.h HINTS ${Hiredis_roots} PATH_SUFFIXES include)
cmake_path(GET Hiredis_INCLUDE_DIR PARENT_PATH Hiredis_prefix)
find_library(Hiredis_LIBRARY NAMES hiredis HINTS ${Hiredis_prefix}/lib ${Hiredis_roots}
                             PATH_SUFFIXES lib)
find_library(Hiredis_SSL_LIBRARY NAMES hiredis_ssl HINTS ${Hiredis_prefix}/lib ${Hiredis_roots}
                                 PATH_SUFFIXES lib)

unset(Hiredis_VERSION)
if(Hiredis_INCLUDE_DIR)
  file(STRINGS ${Hiredis_INCLUDE_DIR}/hiredis/hiredis.h Hiredis_version_lines
       REGEX "^#define HIREDIS_(MAJOR|MINOR|PATCH) +[0-9]+")
  foreach(part MAJOR MINOR PATCH)
    string(REGEX REPLACE ".*HIREDIS_${part} +([0-9]+).*" "\\1" Hiredis_${part} "${Hiredis_version_lines}")
  endforeach()
  set(Hiredis_VERSION ${Hiredis_MAJOR}.${Hiredis_MINOR}.${Hiredis_PATCH})
  if(Hiredis_VERSION VERSION_LESS 1.1)
    set(Hiredis_too_old "hiredis ${Hiredis_VERSION} in ${Hiredis_INCLUDE_DIR} is older than 1.1. ")
    unset(Hiredis_INCLUDE_DIR CACHE)
    unset(Hiredis_LIBRARY CACHE)
    unset(Hiredis_SSL_LIBRARY CACHE)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Hiredis
  REQUIRED_VARS Hiredis_LIBRARY Hiredis_SSL_LIBRARY Hiredis_INCLUDE_DIR
  VERSION_VAR Hiredis_VERSION
  REASON_FAILURE_MESSAGE "${Hiredis_too_old}Run deploy/install-dependencies")
mark_as_advanced(Hiredis_INCLUDE_DIR Hiredis_LIBRARY Hiredis_SSL_LIBRARY)

if(Hiredis_FOUND AND NOT TARGET hiredis::hiredis)
  find_package(OpenSSL REQUIRED)
  add_library(hiredis::hiredis UNKNOWN IMPORTED)
  set_target_properties(hiredis::hiredis PROPERTIES
    IMPORTED_LOCATION ${Hiredis_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Hiredis_INCLUDE_DIR})
  add_library(hiredis::ssl UNKNOWN IMPORTED)
  set_target_properties(hiredis::ssl PROPERTIES
    IMPORTED_LOCATION ${Hiredis_SSL_LIBRARY}
    INTERFACE_LINK_LIBRARIES "hiredis::hiredis;OpenSSL::SSL")
endif()
