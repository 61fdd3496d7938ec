"""Does what each page says, in the order in which it says it."""
import os
import pathlib
import shutil
import socket
import unittest

from docs import fences
from docs.terminal import Failed, Newcomer
from support import processes

ROOT = fences.ROOT


def clone(folder):
    """What `git clone` and `./dev build` leave that a newcomer uses: the binary, the SDK, the examples."""
    there = folder / "pawl"
    (there / "build/release").mkdir(parents=True)
    shutil.copy2(processes.PAWL, there / "build/release/pawl")
    shutil.copytree(ROOT / "sdk", there / "sdk", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "examples", there / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return there


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Pages(unittest.TestCase):
    maxDiff = None

    def follow(self, page, **given):
        found = fences.fences_of(ROOT / page)
        self.assertTrue(found, "%s has no fences" % page)
        folder = processes.folder("docs-")
        self.addCleanup(shutil.rmtree, folder, True)
        newcomer = Newcomer(folder, {name: str(value) for name, value in given.items()})
        self.addCleanup(newcomer.leave)
        there = clone(newcomer.home)
        for path in [there, *there.rglob("*")]:
            newcomer.own(path)
        printed = None
        for at, fence in enumerate(found):
            following = found[at + 1] if at + 1 < len(found) and "output" in found[at + 1].flags else None
            if "file" in fence.options:
                newcomer.write(fence)
            elif "given" in fence.flags:
                for name in (line.split("=")[0].replace("export ", "") for line in fence.text.splitlines()):
                    self.assertIn(name, given, "%s: the test gives no %s" % (fence.place, name))
            elif "run" in fence.flags:
                printed = newcomer.run(fence)
            elif "background" in fence.flags:
                newcomer.begin(fence, following.text if following else "…", fences.matches)
                printed = None
            elif "output" in fence.flags and printed is not None:
                if not fences.matches(fence.text, printed):
                    raise Failed("%s: printed\n%s\ninstead of\n%s" % (fence.place, printed, fence.text))
        return newcomer

    def test_readme(self):
        self.follow("README.md")

    def test_getting_started(self):
        self.follow("docs/getting-started.md", PORT=free_port())

    def test_http_api(self):
        self.follow("docs/http-api.md")

    def test_commands(self):
        self.follow("docs/cli.md")

    def test_sdk(self):
        self.follow("docs/sdk-python.md")

    def test_expressions(self):
        self.follow("docs/expressions.md")

    def test_operations(self):
        folder = processes.folder("docs-pg-")
        self.addCleanup(shutil.rmtree, folder, True)
        postgres = processes.Postgres(pathlib.Path(folder) / "pg")
        self.addCleanup(postgres.stop)
        postgres.query("postgres", "ALTER SYSTEM SET fsync = on")          # as a server asks for
        postgres.query("postgres", "SELECT pg_reload_conf()")
        owner = postgres.conninfo.replace("dbname=postgres", "dbname=pawl")
        self.follow("docs/operations.md", ADMIN=postgres.conninfo, OWNER=owner, SERVER=processes.Postgres.as_server(owner),
                    LISTEN="127.0.0.1:%d" % free_port(), METRICS="127.0.0.1:%d" % free_port())

    def test_every_page_with_commands_is_followed(self):
        followed = {"README.md", "docs/getting-started.md", "docs/http-api.md", "docs/cli.md", "docs/sdk-python.md",
                    "docs/expressions.md", "docs/operations.md"}
        for page in fences.pages():
            runs = [each.place for each in fences.fences_of(page) if each.flags & {"run", "background"}]
            if runs:
                self.assertIn(os.path.relpath(page, ROOT), followed, runs)
