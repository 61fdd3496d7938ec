"""The runner's order of things, and what it prints."""
import contextlib
import os
import signal
import sys
import time

from .execute import Executor, Postgres
from .outcome import Outcome
from .suites import suites_of

# How many seeds the simulator plays; a suite reads it from PAWL_SIM_SEEDS.
SEEDS = {"release": 100, "fast": 10, "sanitizers": 200}


def main(arguments):
    mode = arguments[0] if arguments else "release"
    if mode not in SEEDS:
        raise SystemExit(f"tests/run: there is no mode '{mode}': release, fast or sanitizers")
    suites = suites_of(mode)
    unknown = set(arguments[1:]) - {suite.name for suite in suites}
    if unknown:
        names = " ".join(dict.fromkeys(suite.name for suite in suites))
        print(f"tests/run: there is no suite '{min(unknown)}': {names}", file=sys.stderr)
        return 2
    if arguments[1:]:
        suites = [suite for suite in suites if suite.name in arguments[1:]]

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        environment = environment_of(mode)
        if mode != "fast" and any(suite.needs_postgres for suite in suites):
            environment["PAWL_TEST_PG"] = stack.enter_context(Postgres())
        executor = Executor(mode, environment)
        stack.callback(executor.stop)
        try:
            total = run_all(suites, executor)
        except KeyboardInterrupt:
            print("\ninterrupted", file=sys.stderr)
            return 130
    print(total.closing_line())
    return 1 if total.failed else 0


def environment_of(mode):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PAWL_", "PG"))}
    environment["PAWL_SIM_SEEDS"] = os.environ.get("PAWL_SIM_SEEDS", str(SEEDS[mode]))
    if mode == "sanitizers":
        symbolizer = "/usr/bin/llvm-symbolizer-19"
        environment |= {
            "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
            "ASAN_SYMBOLIZER_PATH": symbolizer,
            "UBSAN_OPTIONS": f"print_stacktrace=1:external_symbolizer_path={symbolizer}",
            "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:external_symbolizer_path={symbolizer}",
        }
    return environment


def run_all(suites, executor):
    total = Outcome()
    width = max((len(title(suite)) for suite in suites), default=0)
    for suite in suites:
        show_running(title(suite))
        started = time.monotonic()
        outcome = executor.run(suite)
        seconds = time.monotonic() - started
        total.add(outcome)
        print(f"{title(suite):{width}}  {seconds:7.1f} s  {coloured(outcome)}", flush=True)
        for note in outcome.notes:
            print(f"    {note}", flush=True)
    return total


def title(suite):
    return suite.name if suite.preset == "release" else f"{suite.name} ({suite.preset})"


def show_running(name):
    if sys.stdout.isatty():
        print(f"{name} …", end="\r", flush=True)


def coloured(outcome):
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return outcome.closing_line()
    return f"\033[{31 if outcome.failed else 32}m{outcome.closing_line()}\033[0m"
