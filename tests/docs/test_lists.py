"""Lists in the documents, compared with the sources."""
import json
import os
import re
import subprocess
import unittest

from docs import fences
from support import processes

ROOT = fences.ROOT
CODE = r'"([a-z]+(?:-[a-z]+)*)"'
# The functions that take a code as their first argument, and members that are set.
MAKERS = r'(?:\bproblem|\bbad_request|\bunavailable|\bunknown|\bignore|\brefuse_limit)\(\s*' + CODE
# The language's compile-time codes are diagnostics, on a page of their own; memory/ is the simulator's store.
ELSEWHERE = re.compile(r"_test\.|/testing|/test_|/dsl/|store/memory/")
SYNTAX = {"regex-unsupported", "forbidden-function", "unsupported-function", "unknown-function", "unknown-variable",
          "expression-limit", "uri-template", "expression-syntax", "unknown-label", "literal-looks-like-expression"}


def source_codes():
    found = {}
    for path in sorted((ROOT / "src").rglob("*.*")):
        name = str(path.relative_to(ROOT))
        if path.suffix not in (".cc", ".h") or ELSEWHERE.search(name):
            continue
        text = path.read_text(encoding="utf-8")
        for statement in re.finditer(r"\.code = ([^,;]*?)[,;]", text, re.S):
            for code in re.findall(CODE, statement.group(1)):
                found.setdefault(code, name)
        for code in re.findall(MAKERS, text):
            found.setdefault(code, name)
    return found


def page(name):
    return (ROOT / name).read_text(encoding="utf-8")


class Errors(unittest.TestCase):
    def test_the_page_has_every_code_of_the_sources_and_no_other(self):
        found = source_codes()
        self.assertIn("overloaded", found)          # a plain one
        self.assertIn("run-started", found)         # one that a function makes
        self.assertIn("no-answer", found)           # one of a choice
        listed = set()
        for line in page("docs/errors.md").splitlines():
            if line.startswith("| `"):
                listed.update(re.findall(r"`([a-z-]+)`", line.split("|")[1]))
        listed.update(re.findall(r"`([a-z-]+)`", page("docs/errors.md").split("only in `detail`:")[1].split("\n\n")[0]))
        listed -= {"code", "status", "type", "title", "detail", "instance", "hint", "diagnostics"}
        self.assertEqual(sorted(set(found) - SYNTAX - listed), [], "not on the page: %s" % found)
        self.assertEqual(sorted(listed - set(found)), [], "on the page, but nowhere in the sources")

    def test_codes_of_programs_are_diagnostics(self):
        diagnostics = page("docs/diagnostics.md")
        self.assertEqual(sorted(code for code in SYNTAX & set(source_codes()) if "`%s`" % code not in diagnostics), [])


class Commands(unittest.TestCase):
    @staticmethod
    def help_of(*command):
        done = subprocess.run([processes.PAWL, *command, "--help"], text=True, capture_output=True, check=True)
        return done.stdout

    @classmethod
    def leaves(cls):
        """Every command that can be typed, from what --help itself lists."""
        found = []
        for name in cls.subcommands(cls.help_of()):
            below = cls.subcommands(cls.help_of(name))
            found += [(name, each) for each in below] or [(name,)]
        return found

    @staticmethod
    def subcommands(text):
        part = re.split(r"^(?:Subcommands|SUBCOMMANDS):\s*$", text.split("\nExample:")[0], flags=re.M)
        return re.findall(r"^  ([a-z][a-z-]*)\s", part[1], re.M) if len(part) > 1 else []

    def test_each_command_and_option_is_in_its_section(self):
        leaves = self.leaves()
        self.assertIn(("runs", "events"), leaves)
        self.assertIn(("dev",), leaves)
        text = page("docs/cli.md")
        sections = dict(re.findall(r"^### `pawl ([a-z ]+)`\n(.*?)(?=^#|\Z)", text, re.M | re.S))
        common = set(re.findall(r"`(--[a-z-]+)", text.split("\n### ")[0]))
        self.assertEqual(sorted(" ".join(each) for each in leaves), sorted(sections))
        for leaf in leaves:
            options = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", self.help_of(*leaf).split("\nExample:")[0]))
            said = set(re.findall(r"(--[a-z][a-z-]+)", sections[" ".join(leaf)])) | common
            self.assertEqual(sorted(options - said), [], "pawl %s" % " ".join(leaf))

    def test_documents_name_only_commands_that_exist(self):
        leaves = self.leaves()
        groups = {leaf[0] for leaf in leaves if len(leaf) == 2}
        for each in fences.pages():
            for fence in fences.fences_of(each):
                if not fence.is_commands:
                    continue
                for first, second in re.findall(r"(?:^|\$\(|\| |; )pawl ([a-z]+)(?: ([a-z]+))?", fence.text, re.M):
                    known = (first, second) in leaves if first in groups else (first,) in leaves
                    self.assertTrue(known, "%s: pawl %s %s" % (fence.place, first, second))


class Api(unittest.TestCase):
    def test_each_route_is_in_its_section(self):
        paths = json.loads((ROOT / "src/http/openapi.json").read_text())["paths"]
        routes = {"%s %s" % (method.upper(), path) for path, operations in paths.items() for method in operations}
        said = set(re.findall(r"^### `([A-Z]+ /[^`]*)`", page("docs/http-api.md"), re.M))
        self.assertEqual(sorted(routes), sorted(said))


class Expressions(unittest.TestCase):
    def test_the_page_lists_the_functions_that_there_are(self):
        done = subprocess.run([processes.PAWL, "eval", "-n", "builtins[]"], text=True, capture_output=True, check=True)
        there = sorted({json.loads(line).split("/")[0] for line in done.stdout.splitlines()})
        fence = [each for each in fences.fences_of(ROOT / "docs/expressions.md") if each.text.startswith("IN INDEX")]
        self.assertEqual(sorted(fence[0].text.split()), there)


class Links(unittest.TestCase):
    @staticmethod
    def anchors(text):
        outside = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        titles = re.findall(r"^#+ (.*)$", outside, re.M)
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

    def test_each_relative_link_leads_somewhere(self):
        pages = [*fences.pages(), *sorted((ROOT / "tests").glob("*/README.md")), ROOT / "CONTRIBUTING.md"]
        for each in pages:
            text = re.sub(r"^```.*?^```", "", each.read_text(encoding="utf-8"), flags=re.M | re.S)
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+://", target):
                    continue
                path, _, anchor = target.partition("#")
                there = (each.parent / path).resolve() if path else each
                name = os.path.relpath(each, ROOT)
                self.assertTrue(there.exists(), "%s: %s" % (name, target))
                if anchor:
                    self.assertIn(anchor, self.anchors(there.read_text(encoding="utf-8")), "%s: %s" % (name, target))

    def test_each_page_can_be_reached_from_the_readme(self):
        text = page("README.md")
        for each in sorted((ROOT / "docs").glob("*.md")):
            self.assertIn("docs/%s" % each.name, text)


class Events(unittest.TestCase):
    def test_the_page_has_every_type_that_the_engine_writes(self):
        types = set(re.findall(r'\{EventType::\w+, "([a-z.]+)"\}', (ROOT / "src/core/names.cc").read_text()))
        self.assertIn("run.started", types)
        said = set(re.findall(r"^\| `([a-z]+\.[a-z]+)`", page("docs/events.md"), re.M))
        self.assertEqual(sorted(types), sorted(said))


if __name__ == "__main__":
    unittest.main()
