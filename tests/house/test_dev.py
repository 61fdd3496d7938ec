import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("demo", "test", "test --sanitizers", "test-fast", "build", "check", "bench", "bench-peers", "help")


def dev(*arguments, **options):
    return subprocess.run([str(ROOT / "dev"), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60, **options)


class Dev(unittest.TestCase):
    def test_help_names_each_command(self):
        for spelling in ("help", "--help", "-h"):
            done = dev(spelling)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for command in COMMANDS:
                self.assertIn(f"\n  {command} ", done.stdout)

    def test_without_a_command_it_shows_the_help(self):
        self.assertEqual(dev().stdout, dev("help").stdout)

    def test_it_runs_from_any_folder(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            self.assertEqual(dev("help", cwd=elsewhere).returncode, 0)

    def test_wrong_usage_is_said_and_ends_with_2(self):
        for arguments, said in ((["frobnicate"], "there is no command 'frobnicate'"),
                                (["build", "fast"], "there is no preset 'fast'"),
                                (["build", "asan", "tsan"], "build takes one preset"),
                                (["test", "--all"], "test has no option '--all'"),
                                (["check", "no-such-revision"], "there is no revision 'no-such-revision'")):
            done = dev(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(said, done.stderr)


class Packages(unittest.TestCase):
    """With stand-ins for the system's programs, so that nothing is installed."""

    def run_without_packages(self, *programs, script="install_packages"):
        """Sources ./dev's parts where dpkg-query knows no package, as a user who is not root."""
        with tempfile.TemporaryDirectory() as stand_ins:
            for name, text in (("dpkg-query", "exit 1"), ("apt-get", "echo never run; exit 1"), ("id", "echo 1000"),
                               *programs):
                path = Path(stand_ins) / name
                path.write_text(f"#!/bin/sh\n{text}\n")
                path.chmod(0o755)
            for name in ("sed", "sort", "comm", "tr", "cat", "bash"):
                os.symlink(f"/usr/bin/{name}", Path(stand_ins) / name)
            return subprocess.run(["/usr/bin/bash", "-euo", "pipefail", "-c",
                                   f". tools/progress.sh; . tools/packages.sh; {script}"],
                                  cwd=ROOT, env={"PATH": stand_ins}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=60)

    def test_without_root_and_sudo_it_says_what_to_do(self):
        done = self.run_without_packages()
        self.assertEqual(done.returncode, 1)
        self.assertIn("This is not root, and there is no sudo.", done.stdout)
        self.assertIn("apt-get install --no-install-recommends ca-certificates ", done.stdout)
        self.assertIn(" postgresql-15 ", done.stdout)

    def test_when_sudo_refuses_it_says_what_to_do(self):
        done = self.run_without_packages(("sudo", "exit 1"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("This is not root, and sudo refused.", done.stdout)
        self.assertNotIn("never run", done.stdout)

    def test_when_all_is_there_it_does_nothing(self):
        everything = "while read -r line; do case $line in ''|'#'*) ;; *) echo \"installed $line\" ;; esac; done < packages.txt"
        done = self.run_without_packages(("dpkg-query", everything))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_it_can_be_told_to_leave_packages_alone(self):
        done = self.run_without_packages(script="PAWL_SKIP_INSTALL=1; install_packages; echo went on")
        self.assertEqual((done.returncode, done.stdout), (0, "went on\n"))

    def test_only_what_is_missing_counts(self):
        done = self.run_without_packages(("dpkg-query", "echo installed cmake; echo half-configured mold; exit 1"),
                                         script="missing_packages")
        self.assertNotIn("cmake", done.stdout.split())
        self.assertIn("mold", done.stdout.split())


class Progress(unittest.TestCase):
    def with_progress(self, command, times=1):
        with tempfile.NamedTemporaryFile() as log:
            return subprocess.run(["bash", "-euo", "pipefail", "-c", f". tools/progress.sh; for i in {{1..{times}}}; do "
                                   f"with_progress Work {log.name} {command}; done; echo went on"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=60)

    def test_quick_work_is_silent(self):
        done = self.with_progress("echo noise")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "went on\n", ""))

    def test_work_may_end_before_the_reporter_has_begun(self):
        done = self.with_progress("true", times=500)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "went on\n", ""))

    def test_failed_work_shows_its_end_and_stops(self):
        done = self.with_progress("ls /no-such-file")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("/no-such-file", done.stderr)
        self.assertIn("Work failed; the whole log is", done.stderr)
