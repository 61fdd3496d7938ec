"""Reads the code fences of a Markdown page and what their info strings say; tests/docs/README.md has the convention."""
import pathlib
import re
import shlex
from dataclasses import dataclass, field
from typing import Dict, List, Set

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = {"run", "background", "output", "given"}
OPTIONS = {"file", "part", "skip", "terminal", "exit"}
COMMANDS = {"sh", "bash", "shell", "console"}
SOURCES = {"yaml", "python", "sql"}


@dataclass
class Fence:
    page: str
    line: int                               # of its opening, from 1
    language: str
    text: str
    flags: Set[str] = field(default_factory=set)
    options: Dict[str, str] = field(default_factory=dict)

    @property
    def place(self):
        return "%s:%d" % (self.page, self.line)

    @property
    def is_commands(self):
        return self.language in COMMANDS


def pages() -> List[pathlib.Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def fences_of(page: pathlib.Path) -> List[Fence]:
    return parse(str(page.relative_to(ROOT)), page.read_text(encoding="utf-8"))


def parse(name: str, text: str) -> List[Fence]:
    found, opened, mark = [], None, ""
    for number, line in enumerate(text.splitlines(), 1):
        edge = re.match(r"^(`{3,})(.*)$", line)
        if opened is None and edge:
            mark = edge.group(1)
            opened = made(name, number, edge.group(2).strip())
        elif opened is not None and line.rstrip() == mark:
            found.append(opened)
            opened = None
        elif opened is not None:
            opened.text += line + "\n"
    if opened is not None:
        raise ValueError("%s: the fence has no end" % opened.place)
    return found


def made(page: str, line: int, info: str) -> Fence:
    words = shlex.split(info)
    fence = Fence(page, line, words[0] if words else "", "")
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if equals and name in OPTIONS and value:
            fence.options[name] = value
        elif not equals and name in FLAGS:
            fence.flags.add(name)
        else:
            raise ValueError("%s: the info string says %s, which has no meaning" % (fence.place, word))
    return fence


def problem_of(fence: Fence) -> str:
    """What is wrong with its tags, or nothing."""
    ways = [each for each in ("run", "background", "given") if each in fence.flags]
    ways += [each for each in ("skip", "file", "part") if each in fence.options]
    if fence.is_commands and (len(ways) != 1 or ways[0] not in ("run", "background", "given", "skip")):
        return "commands need one of run, background, given, skip=REASON"
    if fence.language in SOURCES and (len(ways) != 1 or ways[0] not in ("file", "part")):
        return "%s needs file=NAME or part=REASON" % fence.language
    if any(len(fence.options[each].split()) < 3 for each in ("skip", "part") if each in fence.options):
        return "the reason is too short to be one"
    return ""


def as_pattern(expected: str) -> "re.Pattern[str]":
    """… stands for anything within a line, a line of … alone for any lines, also none; ends of lines don't matter."""
    pattern = ""
    for line in expected.strip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.compile(pattern)


def matches(expected: str, printed: str) -> bool:
    return as_pattern(expected).fullmatch(printed.strip("\n") + "\n") is not None
