"""Counts CTest's JUnit report: `passed N`, then a line for each failed test with how to repeat it."""

import re
import sys
import xml.etree.ElementTree


def main(report, preset):
    try:
        cases = xml.etree.ElementTree.parse(report).getroot().findall("testcase")
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        print(f"failed\tno report of the tests: {error}")
        return
    passed = 0
    for case in cases:
        if case.get("status") == "run":
            passed += 1
        elif case.get("status") != "disabled":
            name = case.get("name")
            pattern = re.sub(r"([][\\.^$*+?{}|()])", r"\\\1", name).replace("'", ".")
            print(f"failed\t{name}; again with: ctest --preset {preset} -R '^{pattern}$'")
    if not cases:
        print("failed\tno test was found")
    print(f"passed\t{passed}")


if __name__ == "__main__":
    main(*sys.argv[1:])
