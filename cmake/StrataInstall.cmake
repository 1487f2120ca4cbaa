# What is installed: the library, its headers, the command line, the manual, a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)

# gsl_matrix is part of the public headers.
target_link_libraries(strata INTERFACE PkgConfig::GSL)
set_target_properties(strata PROPERTIES EXPORT_NAME strata)

file(RELATIVE_PATH library_from_program
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
set_target_properties(strata_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${library_from_program}")

install(TARGETS strata EXPORT strata-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS strata_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/strata" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(FILES "${PROJECT_BINARY_DIR}/include/strata/version.h" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/strata)
if(EXISTS "${PROJECT_SOURCE_DIR}/docs/strata.1")
  install(FILES "${PROJECT_SOURCE_DIR}/docs/strata.1" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/strata)
install(EXPORT strata-targets NAMESPACE strata:: DESTINATION ${package_dir})
configure_package_config_file(cmake/strata-config.cmake.in "${PROJECT_BINARY_DIR}/strata-config.cmake"
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/strata-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/strata-config.cmake" "${PROJECT_BINARY_DIR}/strata-config-version.cmake"
  DESTINATION ${package_dir})

# Found from where the file is, so that an installed tree can be moved.
file(RELATIVE_PATH prefix_from_pkgconfig "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(cmake/strata.pc.in "${PROJECT_BINARY_DIR}/strata.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/strata.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
