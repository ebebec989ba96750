#!/usr/bin/env python3
"""The rules of the tree that no compiler and no formatter knows.

Who may include whom, which room may use which library, words with a better word, sizes, that every
source is in a CMakeLists.txt, and that each row of docs/TESTS.md and docs/opbx.md has its test. Prints
`file:line: what is wrong` and exits 1 if anything is.
"""

import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What each room may include. Adding an arrow means changing it here, where a reviewer sees it.
PORTS = {
    "dialer/effects.h",
    "dialer/events.h",
    "dialer/hold.h",
    "dialer/inbound.h",
    "dialer/store.h",
}
ARROWS = {
    "base": set(),
    "config": {"base"},
    "campaign": {"base"},
    "cxml": {"base"},
    "balancer": {"base", "campaign", "cxml"},
    "routing": {"base", "campaign", "balancer", "cxml"},
    "dialer": {"base", "campaign", "balancer", "cxml"},
    "storage": {"base", "campaign", "balancer", "routing"} | PORTS,
    "net": {"base"},
    "api_client": {"base", "campaign", "net"} | PORTS,
    "webhook": {"base", "campaign", "balancer", "cxml", "routing", "net"} | PORTS,
    "dashboard": {"base"},
    "simulator": {"base", "net"},
}
ROOMS = {*ARROWS, "daemon", "tests"}
UNBOUND = {"daemon", "tests"}  # they wire and test everything

# Headers that are not the standard library's, and the rooms that may use them in a .cpp or internally.
LIBRARIES = {
    "arpa/": {"config", "net"},
    "boost/": {"net"},
    "CLI/": {"simulator", "daemon"},
    "csv.h": {"campaign"},
    "curl/": {"net"},
    "date/": {"campaign", "api_client", "webhook"},
    "fcntl.h": {"storage", "daemon"},
    "fmt/": {"daemon"},
    "hiredis/": {"net"},
    "nlohmann/": {"campaign", "balancer", "routing", "api_client", "webhook", "simulator", "daemon"},
    "openssl/": {"api_client", "webhook"},
    "phonenumbers/": {"campaign"},
    "prometheus/": {"webhook", "daemon"},
    "pugixml.hpp": {"cxml", "simulator"},
    "spawn.h": {"daemon"},
    "spdlog/": {"daemon"},
    "sqlite3.h": {"storage"},
    "SQLiteCpp/": {"storage"},
    "sys/": {"storage", "net", "simulator", "daemon"},
    "toml++/": {"config", "daemon"},
    "unistd.h": {"storage", "net", "daemon"},
}
FORWARD_DECLARATIONS = {"nlohmann/json_fwd.hpp"}  # the only foreign header a public header may have

# (pattern in code, what to use instead, where it is at home: rooms or files).
WORDS = [
    (r"\b(system|high_resolution)_clock\b", "take base::Now", {"base/clock.cpp", "daemon", "tests"}),
    (r"\bsteady_clock\b", "take base::Now", {"base/clock.cpp", "net", "daemon", "tests"}),
    (r"\b(sleep_for|sleep_until|u?sleep|nanosleep)\s*\(", "a timer of the loop, or wait for the event",
     {"daemon/commands_status.cpp"}),
    (r"\b(rand|srand)\s*\(|\bmt19937|\brandom_device\b", "take a base::Rng", {"base/rng.cpp", "daemon", "tests"}),
    (r"\bgetenv\b", "read the configuration", {"config", "daemon", "tests"}),
    (r"\bstd::(cout|cerr|clog)\b|\b(f?printf|puts)\s*\(", "log through base/log.h",
     {"base/check.cpp", "base/log.cpp", "daemon", "simulator/main.cpp", "tests"}),
    (r"(?<!\w)assert\s*\(", "CHECK_INVARIANT", set()),
    (r"(?<!unique_ptr)(?<!>\()(?<!\()\bnew\s+[\w:]+|\bdelete(\[\])?\s+\w", "std::make_unique", set()),
    (r"\.detach\s*\(", "keep the thread and join it", set()),
]
HEADER_WORDS = [(r"\busing\s+namespace\b", "spell the namespace out in a header", set())]
ANYWHERE = [
    (r"\b(TODO|FIXME|XXX|HACK)\b", "do it, or say in an issue that it is missing"),
    (r"/(root|home/\w+|work/(main|shared))/", "a path relative to the tree"),
]

LINE, PYTHON_LINE = 100, 120
FILE, TEST_FILE = 500, 800
TEXT = {".cpp", ".h", ".py", ".cmake", ".txt", ".md", ".sh", ".toml", ""}
COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.S
)


def code_only(text):
    """The text with comments and literals blanked out, its lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return COMMENT_OR_LITERAL.sub(blank, text)


# Each line of these tables names the tests that show it.
OPBX_PAGE = "docs/opbx.md"
OPBX_DEFECTS = [f"G-{number}" for number in range(1, 37)] + [f"L-{number}" for number in range(1, 35)]


class Tree:
    def __init__(self, root):
        self.root = root
        self.found = []
        self.test_names = {}
        self.python_tests = set()

    def say(self, path, line, what):
        self.found.append(f"{path}:{line}: {what}")

    def check(self):
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root)
            hidden = any(part.startswith(".") and part != ".ci" for part in name.parts)
            if hidden or name.parts[0] == "build" or "__pycache__" in name.parts or not path.is_file():
                continue
            if name.parts[0] == "tests" and {"data", "corpus"} & set(name.parts):
                continue  # bytes for the tests to read
            if path.suffix in TEXT:
                self.check_file(name, path.read_text(encoding="utf-8", errors="replace"))
        self.check_promises(pathlib.PurePath("docs", "TESTS.md"))
        self.check_opbx_page()
        return self.found

    def check_promises(self, name):
        """Each row of its tables names tests that exist, and so do the files it names."""
        if not (self.root / name).exists():
            return
        tests = {
            test
            for path in self.root.glob("tests/e2e/*_test.py")
            for test in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
        }
        for number, line in enumerate((self.root / name).read_text(encoding="utf-8").split("\n"), 1):
            named = re.findall(r"`(test_\w+)`", line)
            if line.startswith("| ") and not named and not line.startswith(("| promise |", "| --- |")):
                self.say(name, number, "a promise without a test")
            for test in set(named) - tests:
                self.say(name, number, f"there is no test {test}")
            for file in re.findall(r"`(tests/[\w/.]+)`", line):
                if not (self.root / file).exists():
                    self.say(name, number, f"there is no {file}")

    def check_file(self, name, text):
        is_cpp = name.suffix in {".cpp", ".h"}
        lines = text.split("\n")
        self.check_text(name, lines)
        self.check_columns(name, text)
        if name.parts[0] == "tests" and name.suffix == ".py":
            self.python_tests.update(re.findall(r"\bdef (test_\w+)", text))
        if name.parts[0] not in ROOMS or not is_cpp:
            return
        limit = TEST_FILE if name.parts[0] == "tests" else FILE
        if len(lines) - 1 > limit:
            self.say(name, limit + 1, f"{len(lines) - 1} lines; the limit is {limit}")
        for number, line in enumerate(lines, 1):
            if match := re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line):
                self.check_include(name, number, *match.groups())
        for number, line in enumerate(code_only(text).split("\n"), 1):
            self.check_words(name, number, line)
        if name.parts[0] == "tests":
            self.check_test_names(name, text)
        self.check_listed(name)

    def check_columns(self, name, text):
        limit = {".cpp": LINE, ".h": LINE, ".py": PYTHON_LINE}.get(name.suffix)
        in_test = name.parts[0] == "tests" and name.suffix != ".py"
        for number, line in enumerate(text.split("\n"), 1):
            if in_test and '"' in line:
                continue  # what a test gives or expects stays in one piece
            if limit and len(line) > limit:
                self.say(name, number, f"{len(line)} columns; the limit is {limit}")

    def check_text(self, name, lines):
        if lines[-1]:
            self.say(name, len(lines), "no newline at the end")
        for number, line in enumerate(lines, 1):
            if line != line.rstrip() and not (name.suffix == ".md" and line.endswith("  ")):
                self.say(name, number, "space at the end of the line")
            if "\t" in line:
                self.say(name, number, "a tab")
            if name.name == "check_tree.py":
                continue
            for pattern, instead in ANYWHERE:
                if match := re.search(pattern, line):
                    self.say(name, number, f"{match.group()}: {instead}")
            if name.parts[0] == "tests" and re.search(r"\btime\.sleep\(", line):
                self.say(name, number, "time.sleep: wait for the event")

    def check_include(self, name, number, ours, foreign):
        room = name.parts[0]
        if ours is not None:
            target = ours.split("/")[0]
            if target not in ROOMS:
                if room != "tests":
                    self.say(name, number, f'"{ours}" is in no room; spell it "room/header.h"')
            elif target != room and not self.may_include(room, target, ours):
                self.say(name, number, f"{room} may not include {ours}")
            elif target != room and "/internal/" in ours and not self.is_own_test(name, target):
                self.say(name, number, f"{ours} is internal to {target}")
        elif "." in foreign or "/" in foreign:
            self.check_library(name, number, foreign)

    @staticmethod
    def may_include(room, target, header):
        return room in UNBOUND or target in ARROWS[room] or header in ARROWS[room]

    @staticmethod
    def is_own_test(name, target):
        return name.parts[0] == "tests" and name.parts[1] == target

    def check_library(self, name, number, header):
        room = name.parts[0]
        if room == "tests" or header in FORWARD_DECLARATIONS:
            return
        users = [rooms for start, rooms in LIBRARIES.items() if header.startswith(start)]
        if not any(room in rooms for rooms in users):
            self.say(name, number, f"{room} may not use <{header}>")
        elif name.suffix == ".h" and len(name.parts) == 2 and room != "daemon":
            self.say(name, number, f"<{header}> in a public header")

    def check_words(self, name, number, line):
        for pattern, instead, homes in WORDS + (HEADER_WORDS if name.suffix == ".h" else []):
            at_home = name.parts[0] in homes or str(name) in homes
            if not at_home and (match := re.search(pattern, line)):
                self.say(name, number, f"{match.group().strip()}: {instead}")

    def check_test_names(self, name, text):
        for match in re.finditer(r'\b(?:TEST_CASE|SCENARIO)\(\s*"((?:[^"\\]|\\.)*)"', text):
            number = text.count("\n", 0, match.start()) + 1
            if ";" in match[1]:
                self.say(name, number, "a test's name may have no semicolon; CMake splits there")
            earlier = self.test_names.setdefault(match[1], f"{name}:{number}")
            if earlier != f"{name}:{number}":
                self.say(name, number, f"the test's name is taken by {earlier}")

    def check_opbx_page(self):
        page = self.root / OPBX_PAGE
        if not page.exists():
            return
        missing = set(OPBX_DEFECTS)
        for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0] not in OPBX_DEFECTS:
                continue
            missing.discard(cells[0])
            named = re.findall(r"`([^`]+)`", cells[-1])
            unknown = [test for test in named if test not in self.python_tests and test not in self.test_names]
            if not named:
                self.say(OPBX_PAGE, number, f"{cells[0]} names no test")
            for test in unknown:
                self.say(OPBX_PAGE, number, f"there is no test \"{test}\"")
        for defect in sorted(missing):
            self.say(OPBX_PAGE, 1, f"{defect} has no line")

    def check_listed(self, name):
        public_header = name.suffix == ".h" and len(name.parts) == 2 and name.parts[0] in ARROWS
        if name.suffix != ".cpp" and not public_header:
            return
        depth = 2 if name.parts[0] == "tests" else 1
        lists = self.root.joinpath(*name.parts[:depth], "CMakeLists.txt")
        inside = "/".join(name.parts[depth:])
        listed = lists.read_text(encoding="utf-8") if lists.exists() else ""
        if not re.search(rf"(?<![\w./]){re.escape(inside)}(?![\w./])", listed):
            self.say(name, 1, f"not in {lists.relative_to(self.root)}")


class SelfTest(unittest.TestCase):
    def found(self, **files):
        """What is wrong in a tree of these files: a room's CMakeLists.txt lists all it has."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for key, (path, text) in files.items():
                file = root / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
                parts = pathlib.PurePath(path).parts
                depth = 2 if parts[0] == "tests" else 1
                if key != "unlisted" and len(parts) > depth:
                    with open(root.joinpath(*parts[:depth], "CMakeLists.txt"), "a", encoding="utf-8") as lists:
                        lists.write("/".join(parts[depth:]) + "\n")
            return Tree(root).check()

    def one(self, path, text):
        return "\n".join(self.found(one=(path, text)))

    def test_a_good_tree_is_silent(self):
        self.assertEqual(self.one("dialer/a.cpp", '#include "base/a.h"\n#include <vector>\nint a;\n'), "")

    def test_arrows_go_down_only(self):
        self.assertIn("base may not include dialer/a.h", self.one("base/a.cpp", '#include "dialer/a.h"\n'))
        self.assertIn("may not include", self.one("webhook/a.cpp", '#include "storage/a.h"\n'))
        self.assertIn("may not include", self.one("simulator/a.cpp", '#include "dialer/a.h"\n'))
        self.assertEqual(self.one("daemon/a.cpp", '#include "dialer/a.h"\n'), "")

    def test_an_edge_sees_the_ports_of_the_dialer_alone(self):
        self.assertEqual(self.one("api_client/a.cpp", '#include "dialer/events.h"\n'), "")
        self.assertIn("may not include", self.one("api_client/a.cpp", '#include "dialer/engine.h"\n'))

    def test_internal_headers_are_for_the_room_and_its_tests(self):
        text = '#include "net/internal/a.h"\n'
        self.assertIn("is internal to net", self.one("daemon/a.cpp", text))
        self.assertIn("is internal to net", self.one("tests/cxml/a.cpp", text))
        self.assertEqual(self.one("tests/net/a.cpp", text), "")

    def test_a_library_stays_in_its_rooms_and_out_of_public_headers(self):
        text = "#include <curl/curl.h>\n"
        self.assertIn("dialer may not use", self.one("dialer/a.cpp", text))
        self.assertEqual(self.one("net/a.cpp", text), "")
        self.assertEqual(self.one("net/internal/a.h", text), "")
        self.assertIn("in a public header", self.one("net/a.h", text))
        self.assertIn("may not use", self.one("net/a.cpp", "#include <unheard_of.h>\n"))

    def test_words_count_in_code_but_not_in_comments_and_literals(self):
        for text in ["auto t = std::chrono::system_clock::now();", "sleep_for(1s);", "assert(x);", "new Thing;",
                     "int* a = new int;", "delete a;", "x.detach();", "getenv(a);", "std::cout << 1;", "rand();"]:
            self.assertTrue(self.one("dialer/a.cpp", text + "\n"), text)
        for text in ["// a new thing, sleep(1)", 'f("new thing");', "static_assert(x);", "A(A&&) = delete;",
                     "std::unique_ptr<A>(new A(b));", "/* assert(x)\n rand() */", 'R"(new A)";', "renew a;"]:
            self.assertEqual(self.one("dialer/a.cpp", text + "\n"), "", text)

    def test_a_word_is_allowed_at_home(self):
        self.assertEqual(self.one("base/clock.cpp", "system_clock a;\n"), "")
        self.assertTrue(self.one("base/other.cpp", "system_clock a;\n"))
        self.assertTrue(self.one("tests/net/a.cpp", "sleep_for(1ms);\n"))
        self.assertIn("using namespace", self.one("base/a.h", "using namespace std;\n"))

    def test_lines_and_files_have_limits(self):
        self.assertIn("101 columns", self.one("base/a.cpp", "//" + "x" * 99 + "\n"))
        self.assertEqual(self.one("base/a.cpp", "//" + "x" * 98 + "\n"), "")
        long_literal = "f(" + '"' + "x" * 99 + '"' + "\n);\n"
        self.assertIn("columns", self.one("base/a.cpp", long_literal))
        self.assertEqual(self.one("tests/base/a.cpp", long_literal), "")
        self.assertEqual(self.one("base/a.cpp", "\n" * FILE), "")
        self.assertIn("501 lines", self.one("base/a.cpp", "\n" * (FILE + 1)))
        self.assertEqual(self.one("tests/base/a.cpp", "\n" * TEST_FILE), "")
        self.assertIn("at the end", self.one("base/a.cpp", "int a; \n"))
        self.assertIn("no newline", self.one("base/a.cpp", "int a;"))
        self.assertIn("a tab", self.one("base/a.cpp", "\tint a;\n"))

    def test_unfinished_work_and_paths_of_a_machine(self):
        self.assertIn("TODO", self.one("docs/A.md", "TODO: more\n"))
        self.assertIn("relative", self.one("docs/A.md", "see /home/me/tree\n"))

    def test_names_of_tests(self):
        self.assertIn("semicolon", self.one("tests/a/a.cpp", 'TEST_CASE(\n    "a; b", "[a]"\n) {}\n'))
        twice = self.found(a=("tests/a/a.cpp", 'TEST_CASE("x") {}\n'), b=("tests/b/b.cpp", 'TEST_CASE("x") {}\n'))
        self.assertIn("taken by tests/a/a.cpp:1", "\n".join(twice))

    def test_every_promise_has_a_test_that_exists(self):
        def promises(row):
            table = "| promise | test |\n| --- | --- |\n" + row + "\n"
            code = ("tests/e2e/a_test.py", "class A:\n    def test_it(self):\n        pass\n")
            return "\n".join(self.found(a=("docs/TESTS.md", table), b=code))

        self.assertEqual(promises("| it works | `test_it` |"), "")
        self.assertIn("there is no test test_other", promises("| it works | `test_it`, `test_other` |"))
        self.assertIn("without a test", promises("| it works | by inspection |"))
        self.assertIn("there is no tests/b.cpp", promises("see `tests/b.cpp`"))

    def test_the_page_on_opbx_names_tests_that_exist(self):
        def problems(last):
            lines = [f"| {defect} | what | how | `test_a` |" for defect in OPBX_DEFECTS[:-1]] + [last]
            return "\n".join(self.found(
                page=(OPBX_PAGE, "\n".join(lines) + "\n"), python=("tests/e2e/a_test.py", "def test_a(self): pass\n"),
                cpp=("tests/a/a.cpp", 'TEST_CASE("a: b") {}\n'),
            ))
        self.assertEqual(problems("| L-34 | what | how | `a: b`, `test_a` |"), "")
        self.assertIn("L-34 has no line", problems(""))
        self.assertIn("L-34 names no test", problems("| L-34 | what | how | |"))
        self.assertIn('no test "test_b"', problems("| L-34 | what | how | `test_b` |"))

    def test_every_source_is_listed(self):
        for path in ["base/a.cpp", "base/a.h", "base/internal/a.cpp", "tests/base/a.cpp"]:
            self.assertIn("not in", "\n".join(self.found(unlisted=(path, "int a;\n"))), path)
        self.assertEqual(self.found(unlisted=("base/internal/a.h", "int a;\n")), [])


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        unittest.main(argv=sys.argv[:1])
    problems = Tree(ROOT).check()
    print("\n".join(problems) or "The tree is as it should be.")
    sys.exit(1 if problems else 0)
