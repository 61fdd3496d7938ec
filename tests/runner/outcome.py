"""How a suite's end is read: counts, and what failed and why."""
import json
import re
from dataclasses import dataclass, field

CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list = field(default_factory=list)  # lines for the reader: failures with their messages, reasons of skips

    def closing_line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def ended_badly(reason, log_tail):
    return Outcome(failed=1, notes=[reason, *log_tail])


def of_gtest(report_path, exit_code, log_tail):
    """From the JSON that --gtest_output writes at the very end: a program that crashed has written none."""
    try:
        report = json.loads(report_path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError):
        return ended_badly(f"ended with {describe_exit(exit_code)} before its last test", log_tail)
    outcome = Outcome()
    for suite in report["testsuites"]:
        for test in suite["testsuite"]:
            name = f"{suite['name']}.{test['name']}"
            if test.get("failures"):
                outcome.failed += 1
                outcome.notes.append(f"FAILED: {name}")
                outcome.notes += [line for failure in test["failures"] for line in failure["failure"].splitlines()]
            elif test["status"] != "RUN" or test["result"] == "SKIPPED":
                outcome.skipped += 1
                outcome.notes.append(f"SKIPPED: {name}")
            else:
                outcome.passed += 1
    if exit_code != 0 and outcome.failed == 0:
        return ended_badly(f"ended with {describe_exit(exit_code)} after its last test", log_tail)
    return outcome


def of_script(lines, exit_code, log_tail):
    """From the script's last line. A count without the exit code that belongs to it is a failure of its own."""
    match = CLOSING_LINE.match(lines[-1]) if lines else None
    if not match:
        return ended_badly(f"ended with {describe_exit(exit_code)} and no line of counts", log_tail)
    outcome = Outcome(*(int(count) for count in match.groups()))
    outcome.notes += [line for line in lines if line.startswith("SKIPPED") and not (outcome.failed and line in log_tail)]
    if exit_code != 0 and outcome.failed == 0:
        outcome.failed = 1
        outcome.notes.append(f"counted no failure but ended with {describe_exit(exit_code)}")
    if outcome.failed:
        outcome.notes += log_tail
    if outcome.passed + outcome.failed + outcome.skipped == 0:
        return ended_badly("ran no test", log_tail)
    return outcome


def describe_exit(exit_code):
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
