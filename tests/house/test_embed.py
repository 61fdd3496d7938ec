import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What CMake, a C++ literal or a shell might change.
NASTY = (b"a;b;;[x] ]] [[ \\ \\; \\n $$ ${x} $ENV{HOME} @x@ $<1:y> \"q\" )embedded\" ?" b"?= %s \t\r\n"
         b"\xc3\xa9 \xf0\x9f\x98\x80 \x00 \xff 0x\x0fF end\n# comment\n")
FILES = {"a.sql": NASTY, "empty.sql": b"", "large.sql": (NASTY * 1200)[:100 * 1024], "no_line_end.sql": b"SELECT 1"}

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(embedding CXX)
set(CMAKE_CXX_STANDARD 23)
include({root}/cmake/rooms.cmake)
pawl_embed(some some_source files/*.sql)
pawl_embed(none none_source files/*.nothing)
add_executable(write_files main.cc ${{some_source}} ${{none_source}})
target_include_directories(write_files PRIVATE ${{CMAKE_BINARY_DIR}}/generated)
target_compile_options(write_files PRIVATE -Wall -Wextra -Wpedantic -Werror)
"""

PROGRAM = """#include "none/embedded.h"
#include "some/embedded.h"
#include <fstream>
#include <string>
int main(int, char** arguments) {
  for (const auto& file : pawl::some::embedded::files()) {
    std::ofstream(arguments[1] + std::string(file.name)) << pawl::some::embedded::file(file.name);
  }
  return static_cast<int>(pawl::none::embedded::files().size());
}
"""


class Embed(unittest.TestCase):
    def test_every_byte_arrives(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("files", "out"):
                (folder / part).mkdir()
            for file, content in FILES.items():
                (folder / "files" / file).write_bytes(content)
            (folder / "CMakeLists.txt").write_text(PROJECT.format(root=ROOT))
            (folder / "main.cc").write_text(PROGRAM)
            for command in (["cmake", "-G", "Ninja", "-B", "build", "-DCMAKE_CXX_COMPILER=clang++-19"], ["ninja", "-C", "build"],
                            ["build/write_files", "out/"]):
                done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                self.assertEqual(done.returncode, 0, done.stdout)
            self.assertEqual({path.name: path.read_bytes() for path in (folder / "out").iterdir()}, FILES)
