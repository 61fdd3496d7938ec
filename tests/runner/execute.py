"""Runs one suite: in a process group of its own, with a time limit, its output in a log."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import outcome
from .suites import ROOT, build_folder

TAIL_LINES = 40
PATIENCE_SECONDS = 5  # between the polite and the rude signal


class Executor:
    def __init__(self, mode, environment):
        self.mode = mode
        self.environment = environment
        self.running = None

    def run(self, suite):
        if not shutil.which(suite.command[0]):
            return outcome.ended_badly("is not built", [])
        logs = build_folder(suite.preset) / "test-logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{suite.name}.log"
        report = logs / f"{suite.name}.json"
        report.unlink(missing_ok=True)
        # Short, since sockets lie in it; removed with all that a suite leaves behind.
        scratch = tempfile.mkdtemp(prefix="pawl-", dir="/tmp")
        os.chmod(scratch, 0o755)
        try:
            exit_code = self.execute(suite, log, report, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        tail = lines[-TAIL_LINES:] + [f"the whole log: {log.relative_to(ROOT)}"]
        if exit_code is None:
            return outcome.ended_badly(f"did not end within {suite.timeout_seconds} s", tail)
        if suite.is_gtest:
            return outcome.of_gtest(report, exit_code, tail)
        return outcome.of_script(lines, exit_code, tail)

    def execute(self, suite, log, report, scratch):
        """The exit code, or None when time ran out."""
        command = list(suite.command)
        if suite.is_gtest:
            command.append(f"--gtest_output=json:{report}")
            if self.mode == "fast":
                command.append("--gtest_filter=-Pg*")
        environment = {**self.environment, "TMPDIR": scratch, "PAWL_BIN": str(build_folder(suite.preset) / "pawl")}
        with log.open("wb") as out:
            self.running = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return self.running.wait(timeout=suite.timeout_seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.stop()

    def stop(self):
        """Ends what the suite has left running, all of its group."""
        process, self.running = self.running, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < deadline and group_lives(process):
                time.sleep(0.02)
        process.wait()


def group_lives(process):
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


class Postgres:
    """The one server that all suites share, each with databases of its own. Ends with this process, however it ends."""

    script = str(ROOT / "tests" / "postgres.sh")

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pawl-pg-", dir="/tmp"))
        environment = {**os.environ, "PAWL_TEST_PG_OWNER": str(os.getpid())}
        started = subprocess.run([self.script, "start", str(self.folder)], env=environment, stdout=subprocess.PIPE,
                                 stdin=subprocess.DEVNULL, text=True)
        if started.returncode != 0:
            raise SystemExit("PostgreSQL for the tests does not start")
        return started.stdout.strip()

    def __exit__(self, *_):
        subprocess.run([self.script, "stop", str(self.folder)], stdout=subprocess.DEVNULL, start_new_session=True)
