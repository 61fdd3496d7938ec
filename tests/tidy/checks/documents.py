"""What the documents promise must be there."""
import os
import re
import subprocess
from functools import cache

from . import Skip
from tree import ROOT, lines_of

# `pawl x y` and `./dev x` in code: in backticks, or on a line of a code fence.
SPAN = re.compile(r"`([^`\n]+)`")
PAWL = re.compile(r"(?:^|[\s(|$;&])(?:\S*/)?pawl((?: [a-z][a-z-]*){1,2})")
DEV = re.compile(r"\./dev ([a-z][\w-]*)")


def documents(tree):
    return [(path, text) for path, text in tree.files.items()
            if path in ("README.md", "CONTRIBUTING.md") or (path.startswith("docs/") and path.endswith(".md")) or
            (path.startswith(("src/", "tests/", "examples/", "sdk/")) and path.endswith("README.md"))]


def code_in(text):
    """(line number, code) of each code span and each line of a code fence."""
    in_fence = False
    for number, line in lines_of(text):
        if line.lstrip().startswith("```"):
            in_fence = not in_fence
        elif in_fence:
            yield number, line
        else:
            for span in SPAN.findall(line):
                yield number, span


@cache
def pawl_subcommands(*command):
    """The subcommands that `pawl COMMAND --help` lists, or None when there is no such command."""
    binary = os.environ.get("PAWL_BIN") or str(ROOT / "build/release/pawl")
    if not os.path.exists(binary):
        raise Skip("pawl is not built")
    done = subprocess.run([binary, *command, "--help"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          timeout=20)
    if done.returncode != 0:
        return None
    listed = re.search(r"^Subcommands:\n((?:[ \t]+.*\n?|\n)+)", done.stdout, re.M | re.I)
    return set(re.findall(r"^ {2}([a-z][a-z-]*)", listed.group(1), re.M)) if listed else set()


@cache
def dev_commands():
    text = subprocess.run([str(ROOT / "dev"), "help"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return set(re.findall(r"^  ([a-z][a-z-]*)", text, re.M))


def commands_exist(tree):
    for path, text in documents(tree):
        for number, code in code_in(text):
            for command in DEV.findall(code):
                if command not in dev_commands():
                    yield f"{path}:{number}: there is no ./dev {command}"
            for words in PAWL.findall(code):
                first, *second = words.split()
                if first not in pawl_subcommands():
                    yield f"{path}:{number}: there is no command pawl {first}"
                elif second and pawl_subcommands(first) and second[0] not in pawl_subcommands(first):
                    yield f"{path}:{number}: there is no command pawl {first} {second[0]}"


def first_column(text):
    """The names in backticks that begin a table's rows."""
    names = []
    for line in text.splitlines():
        match = re.match(r"\|([^|]*)\|", line)
        if match:
            names += SPAN.findall(match.group(1))
    return names


def packages_have_reasons(tree):
    packages = {line.split("#")[0].strip() for line in tree.text("packages.txt").splitlines()} - {""}
    documented = set(first_column(tree.text("docs/dependencies.md")))
    for name in sorted(packages - documented):
        yield f"packages.txt: {name} has no reason in docs/dependencies.md"
    for name in sorted(documented - packages):
        yield f"docs/dependencies.md: {name} is not in packages.txt"


UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "s": 1}


def limits_in_code(text):
    """Name and value of each constant, in bytes, items or seconds."""
    for name, value in re.findall(r"inline constexpr [\w:]+ (\w+)\s*(?:=\s*|\{)([\d' <]+)", text):
        base, _, shift = value.replace("'", "").partition("<<")
        yield name, int(base) << int(shift or 0)


def limits_in_document(text):
    for name, number, unit in re.findall(r"^\| `(\w+)` \| ([\d,]+) ?(\w*) ", text, re.M):
        yield name, int(number.replace(",", "")) * UNITS.get(unit, 1)


def limits_are_documented(tree):
    code = dict(limits_in_code(tree.text("src/base/limits.h")))
    document = dict(limits_in_document(tree.text("docs/limits.md")))
    for name in sorted(code.keys() | document.keys()):
        if code.get(name) != document.get(name):
            yield f"docs/limits.md: {name} is {document.get(name, 'absent')} there, {code.get(name, 'absent')} in the code"
