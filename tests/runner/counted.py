"""Runs Python's unittest and ends as tests/README.md asks of a script: counts on the last line, and the exit code."""
import sys
import unittest


def run_counted(suite):
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    for test, reason in result.skipped:
        print(f"SKIPPED: {test}: {reason}")
    sys.stdout.flush()
    # An error while a class or module is set up belongs to no test, so that it may make the difference negative.
    print(f"{max(0, result.testsRun - failed - skipped)} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if failed == 0 and result.testsRun > 0 else 1
