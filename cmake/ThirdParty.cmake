# Every library from outside, found once. scripts/install-deps installs them.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(pugixml REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)

# Debian ships these without a CMake package.
find_library(PHONENUMBER_LIBRARY phonenumber REQUIRED)
add_library(libphonenumber INTERFACE)
target_link_libraries(libphonenumber INTERFACE ${PHONENUMBER_LIBRARY})
find_library(CSV_LIBRARY csv REQUIRED)
add_library(libcsv INTERFACE)
target_link_libraries(libcsv INTERFACE ${CSV_LIBRARY})
find_library(HIREDIS_LIBRARY hiredis REQUIRED)
add_library(libhiredis INTERFACE)
target_link_libraries(libhiredis INTERFACE ${HIREDIS_LIBRARY})

# Boost 1.74's Asio needs <utility> spelt out in C++20 with GCC 12, and its concrete executor is what
# the measurements chose. Header-only use, so nothing is linked but threads.
add_library(boost_asio INTERFACE)
target_link_libraries(boost_asio INTERFACE Boost::headers Threads::Threads)
target_compile_options(boost_asio INTERFACE "SHELL:-include utility")


if(BUILD_TESTING)
  find_package(Catch2 2.13 REQUIRED)
  include(Catch)
endif()
