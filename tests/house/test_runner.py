import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from runner import outcome
from runner.execute import Executor
from runner.suites import Suite, build_folder

PASSED = {"name": "Passes", "status": "RUN", "result": "COMPLETED"}
FAILED = {**PASSED, "name": "Fails", "failures": [{"failure": "x_test.cc:1\nexpected 1"}]}
SKIPPED = {**PASSED, "name": "Skips", "result": "SKIPPED"}
DISABLED = {"name": "DISABLED_x", "status": "NOTRUN", "result": "SUPPRESSED"}


def gtest(*tests, exit_code=0):
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        report.write_text(json.dumps({"testsuites": [{"name": "Room", "testsuite": list(tests)}]}))
        return outcome.of_gtest(report, exit_code, [])


class Counting(unittest.TestCase):
    def test_a_test_program(self):
        counted = gtest(PASSED, PASSED, FAILED, SKIPPED, DISABLED, exit_code=1)
        self.assertEqual(counted.closing_line(), "2 passed, 1 failed, 2 skipped")
        self.assertEqual(counted.notes, ["FAILED: Room.Fails", "x_test.cc:1", "expected 1", "SKIPPED: Room.Skips",
                                         "SKIPPED: Room.DISABLED_x"])

    def test_a_test_program_that_crashed(self):
        counted = outcome.of_gtest(Path("/no-such-report"), -11, ["last words"])
        self.assertEqual(counted.closing_line(), "0 passed, 1 failed, 0 skipped")
        self.assertEqual(counted.notes, ["ended with signal 11 before its last test", "last words"])

    def test_a_test_program_that_passed_and_then_leaked(self):
        self.assertEqual(gtest(PASSED, exit_code=1).failed, 1)

    def test_a_script(self):
        counted = outcome.of_script(["SKIPPED: no cluster", "3 passed, 0 failed, 1 skipped"], 0, [])
        self.assertEqual((counted.closing_line(), counted.notes), ("3 passed, 0 failed, 1 skipped", ["SKIPPED: no cluster"]))

    def test_scripts_that_do_not_keep_their_word(self):
        for lines, exit_code in (([], 0), (["3 passed"], 0), (["3 passed, 0 failed, 0 skipped", "bye"], 0),
                                 (["3 passed, 0 failed, 0 skipped"], 1), (["0 passed, 0 failed, 0 skipped"], 0)):
            self.assertEqual(outcome.of_script(lines, exit_code, []).failed, 1, (lines, exit_code))

    def test_sums(self):
        total = outcome.Outcome(1, 2, 3)
        total.add(outcome.Outcome(10, 20, 30))
        self.assertEqual(total.closing_line(), "11 passed, 22 failed, 33 skipped")


class Executing(unittest.TestCase):
    """With a preset of its own, so that no real log is written over."""

    preset = "house-test"

    def setUp(self):
        self.addCleanup(subprocess.run, ["rm", "-rf", str(build_folder(self.preset))])

    def execute(self, text, timeout_seconds=60, mode="release"):
        executor = Executor(mode, {**os.environ, "PAWL_SIM_SEEDS": "7"})
        return executor.run(Suite("script", ("bash", "-c", text), False, self.preset, timeout_seconds))

    def log(self):
        return (build_folder(self.preset) / "test-logs" / "script.log").read_text()

    def test_a_suite_gets_its_surroundings(self):
        counted = self.execute('echo "$PAWL_SIM_SEEDS $PAWL_BIN"; test -d "$TMPDIR" && touch "$TMPDIR/x"; echo "$TMPDIR"; '
                               'echo "1 passed, 0 failed, 0 skipped"')
        self.assertEqual(counted.closing_line(), "1 passed, 0 failed, 0 skipped")
        seeds_and_binary, scratch, _ = self.log().splitlines()
        self.assertEqual(seeds_and_binary, f"7 {build_folder(self.preset)}/pawl")
        self.assertFalse(os.path.exists(scratch))

    def test_a_suite_that_does_not_end_is_ended_with_its_children(self):
        counted = self.execute("sleep 1000 & echo $!; wait", timeout_seconds=1)
        self.assertEqual(counted.closing_line(), "0 passed, 1 failed, 0 skipped")
        self.assertIn("did not end within 1 s", counted.notes)
        self.assertFalse(os.path.exists(f"/proc/{self.log().strip()}"))

    def test_what_a_suite_leaves_running_is_ended(self):
        self.execute('sleep 1000 & echo $!; echo "1 passed, 0 failed, 0 skipped"')
        self.assertFalse(os.path.exists(f"/proc/{self.log().split()[0]}"))

    def test_a_suite_that_is_not_built_is_a_failure(self):
        counted = Executor("release", dict(os.environ)).run(Suite("room", ("not built",), True, self.preset))
        self.assertEqual((counted.closing_line(), counted.notes), ("0 passed, 1 failed, 0 skipped", ["is not built"]))

    def test_a_child_that_does_not_listen_is_ended_too(self):
        counted = self.execute("trap '' TERM; echo deaf; while true; do sleep 1; done", timeout_seconds=1)
        self.assertEqual(counted.failed, 1)
