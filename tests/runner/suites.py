"""What there is to run."""
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 600
# All else runs on one thread, where a thread sanitizer sees nothing.
SUITES_WITH_THREADS = ("storage",)


@dataclass(frozen=True)
class Suite:
    name: str
    command: tuple
    is_gtest: bool
    preset: str = "release"
    timeout_seconds: int = TIMEOUT_SECONDS
    needs_postgres: bool = True


def build_folder(preset):
    return ROOT / "build" / preset


def test_programs(preset, timeout_seconds=TIMEOUT_SECONDS, only=None):
    """The programs that CTest knows, in its order: rooms from the lowest up, then the suites of tests/."""
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build_folder(preset), check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    for test in json.loads(listing)["tests"]:
        if only and test["name"] not in only:
            continue
        # CTest gives no command for a program that is not built.
        yield Suite(test["name"], tuple(test.get("command", ["not built"])), True, preset, timeout_seconds)


def scripts(preset):
    """The executable tests/*/run that are meant for this build. A line `# suite: timeout=900 preset=tsan postgres=no`
    among a script's first ten says what differs from ten minutes, the release build, and a PostgreSQL at hand."""
    for path in sorted(ROOT.glob("tests/*/run")):
        if not os.access(path, os.X_OK):
            continue
        options = {}
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[:10]:
            if line.startswith("# suite:"):
                options = dict(re.findall(r"(\w+)=(\S+)", line))
        if options.get("preset", "release") == preset:
            yield Suite(path.parent.name, (str(path),), False, preset, int(options.get("timeout", TIMEOUT_SECONDS)),
                        options.get("postgres") != "no")


def suites_of(mode):
    if mode == "release":
        return [*test_programs("release"), *scripts("release")]
    if mode == "fast":
        return [*test_programs("release", timeout_seconds=120)]
    slow = 3 * TIMEOUT_SECONDS
    return [*test_programs("asan", slow), *scripts("asan"),
            *test_programs("tsan", slow, only=SUITES_WITH_THREADS), *scripts("tsan")]
