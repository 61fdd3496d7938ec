"""For each check a violation that it must find, and beside it what looks similar and is right."""
from checks import (commands_exist, engine_is_sans_io, files_are_small, functions_are_small, headers_say_what_they_are,
                    heavy_headers_are_hidden, includes_point_down, limits_are_documented, no_machine_paths,
                    no_stray_todo, packages_have_reasons, rooms_have_a_readme, rules_have_scenarios)

WRONG, RIGHT = True, False


def function_of(lines):
    return "int f(int a) {\n" + "  a += '{';  // }\n" * (lines - 2) + "}\n"


def python_function_of(lines):
    return "def f(a):\n" + "    a += 1\n" * (lines - 1)


def limits(code, document):
    return {"src/base/limits.h": f"inline constexpr std::size_t {code};\n", "docs/limits.md": f"| {document} | x |\n"}


PLANTED = [
    ("upwards", includes_point_down, {"src/core/a.h": '#include "engine/loop.h"\n'}, WRONG),
    ("sideways", includes_point_down, {"src/pg/a.cc": '#include "json/value.h"\n'}, WRONG),
    ("relative", includes_point_down, {"src/pg/a.cc": '#include "../base/time.h"\n'}, WRONG),
    ("a room that nobody knows", includes_point_down, {"src/utils/a.h": ""}, WRONG),
    ("the store behind the back of its reads", includes_point_down,
     {"src/http/a.cc": '#include "store/postgres/commit.h"\n'}, WRONG),
    ("down over two rooms", includes_point_down,
     {"src/core/a.h": '#include "json/value.h"\n#include "core/b.h"\n#include <engine>\n'}, RIGHT),
    ("reads", includes_point_down, {"src/http/a.cc": '#include "store/reads.h"\n'}, RIGHT),
    ("Beast in four files", heavy_headers_are_hidden,
     {f"src/http/{i}.cc": "#include <boost/beast/http.hpp>\n" for i in range(4)}, WRONG),
    ("Beast through a header", heavy_headers_are_hidden,
     {"src/http/a.h": "#include <boost/beast.hpp>\n", **{f"src/http/{i}.cc": '#include "http/a.h"\n' for i in range(4)}},
     WRONG),
    ("Beast in three files", heavy_headers_are_hidden,
     {f"src/http/{i}.cc": "#include <boost/beast/http.hpp>\n" for i in range(3)}, RIGHT),
    ("a thread in the engine", engine_is_sans_io, {"src/engine/a.cc": "#include <thread>\n"}, WRONG),
    ("a clock in the core", engine_is_sans_io, {"src/core/a.cc": "auto t = system_clock::now();\n"}, WRONG),
    ("a clock in the app", engine_is_sans_io, {"src/app/a.cc": "auto t = system_clock::now();  // \n"}, RIGHT),
    ("a header without a word", headers_say_what_they_are, {"src/json/a.h": "#pragma once\nint f();\n"}, WRONG),
    ("a header that is read twice", headers_say_what_they_are, {"src/json/a.h": "// A.\nint f();\n"}, WRONG),
    ("a header", headers_say_what_they_are, {"src/json/a.h": "// A.\n#pragma once\nint f();\n"}, RIGHT),
    ("a room without README", rooms_have_a_readme, {"src/json/value.h": ""}, WRONG),
    ("a long README", rooms_have_a_readme, {"src/json/README.md": "line\n" * 61}, WRONG),
    ("a README of a page", rooms_have_a_readme, {"src/json/README.md": "line\n" * 60}, RIGHT),
    ("501 lines", files_are_small, {"src/json/a.cc": "\n" * 501}, WRONG),
    ("500 lines", files_are_small, {"src/json/a.cc": "\n" * 500, "data.json": "\n" * 9999}, RIGHT),
    ("a function of 101 lines", functions_are_small, {"src/json/a.cc": function_of(101)}, WRONG),
    ("a method of 101 lines", functions_are_small, {"src/json/a.h": "struct S {\n" + function_of(101) + "};\n"}, WRONG),
    ("a Python function of 101 lines", functions_are_small, {"sdk/a.py": python_function_of(101)}, WRONG),
    ("a function of 100 lines in a long namespace", functions_are_small,
     {"src/json/a.cc": "namespace a {\n" + function_of(100) * 3 + "}\n", "sdk/a.py": python_function_of(100)}, RIGHT),
    ("a folder of one machine", no_machine_paths, {"dev": "cd /work/main\n"}, WRONG),
    ("a home", no_machine_paths, {"docs/a.md": "see `/home/ann/x`\n"}, WRONG),
    ("paths inside other words", no_machine_paths,
     {"docs/a.md": "src/work/x, framework/root, $HOME/work/ and /var/lib/pawl/x\n"}, RIGHT),
    ("unfinished", no_stray_todo, {"src/json/a.cc": "// TODO: speed\n", "docs/roadmap.md": "- later\n"}, WRONG),
    ("unfinished and planned", no_stray_todo, {"src/json/a.cc": "// TODO: speed\n", "docs/roadmap.md": "- speed\n"}, RIGHT),
    ("a command of ./dev that is not there", commands_exist, {"README.md": "```sh\n./dev frobnicate\n```\n"}, WRONG),
    ("a command of pawl that is not there", commands_exist, {"README.md": "Run `pawl frobnicate`.\n"}, WRONG),
    ("commands that are there", commands_exist, {"README.md": "Run `./dev test-fast`, or pawl by itself.\n"}, RIGHT),
    ("a package without reason", packages_have_reasons, {"packages.txt": "cmake\n"}, WRONG),
    ("a reason without package", packages_have_reasons, {"docs/dependencies.md": "| `cmake` | builds |\n"}, WRONG),
    ("a package with its reason", packages_have_reasons,
     {"packages.txt": "# build\ncmake\n", "docs/dependencies.md": "| `cmake` | builds |\n"}, RIGHT),
    ("a limit that is elsewhere another", limits_are_documented, limits("body_bytes = 8 << 20", "`body_bytes` | 4 MiB"), WRONG),
    ("a limit that is not documented", limits_are_documented, limits("items = 1'000", "x"), WRONG),
    ("limits", limits_are_documented, limits("items = 1'000", "`items` | 1,000"), RIGHT),
    ("limits with units", limits_are_documented, limits("body_bytes = 8 << 20", "`body_bytes` | 8 MiB"), RIGHT),
    ("a rule without scenario", rules_have_scenarios, {"tests/scenarios/RULES": "D3 data flow\n"}, WRONG),
    ("a scenario without rule", rules_have_scenarios, {"tests/scenarios/a.yaml": "name: D3 data flow\n"}, WRONG),
    ("a rule with its scenario", rules_have_scenarios,
     {"tests/scenarios/RULES": "# data\nD3\n", "tests/scenarios/a.yaml": "name: D3 data flow\n"}, RIGHT),
]
