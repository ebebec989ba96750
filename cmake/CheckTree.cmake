# The rules of the tree that no compiler knows, as a test: see docs/STYLE.md.

if(CXDIAL_HOUSE_TESTS)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(check_tree ${PROJECT_SOURCE_DIR}/scripts/check_tree.py)
  add_test(NAME check_tree COMMAND Python3::Interpreter ${check_tree})
  add_test(NAME check_tree_self_test COMMAND Python3::Interpreter ${check_tree} --self-test)
  set_tests_properties(check_tree check_tree_self_test PROPERTIES LABELS unit)
endif()
