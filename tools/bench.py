#!/usr/bin/env python3
"""Measures Pawl on this machine: a server with a private PostgreSQL in a fresh directory, and each workload in turn.

    ./dev bench                        the whole table, each latency also with a simulated flush of 1 and 5 ms
    ./dev bench start task-1           those workloads
    ./dev bench --rounds 5 --seconds 10 --json FILE
    ./dev bench --flush 0              with the disk's own flush alone

Every row is measured `--rounds` times; the table has the medians, the ratio of each row to `floor` of the same session, and the
goals. Nothing else should run on the machine meanwhile; --priority 20 gives the three processes real-time priority instead.
"""
import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import idle, restart  # noqa: E402
from measure.goals import GOALS  # noqa: E402
from measure.server import Failed, Server  # noqa: E402
from measure.table import show  # noqa: E402

# Name in the table, workload, options. `half`: at half the rate that the row of that name has reached in this round.
LOADS = [
    ("floor", "floor", {}, None),
    ("start", "start", {"in-flight": 64}, None),
    ("start, one", "start", {"in-flight": 1}, None),
    ("chain-10", "chain-10", {"in-flight": 64}, None),
    ("task-1", "task-1", {"in-flight": 64}, None),
    ("task-1, one", "task-1", {"in-flight": 1}, None),
    ("task-1, half", "task-1", {"in-flight": 64}, "task-1"),
    ("task-10", "task-10", {"in-flight": 64}, None),
    ("fan-100", "fan-100", {"in-flight": 8, "workers": 2}, None),
    ("tenants", "tenants", {"in-flight": 64}, None),
]
# What is measured once a round, with the disk's own flush.
OTHERS = ("timers", "resume", "recover", "idle")
TIMERS_RATE = 1000  # starts, and so wake-ups, a second: below what workers can be given
RESUME_EVENTS = 10_000
WORKLOADS = sorted({workload for _, workload, _, _ in LOADS} | set(OTHERS))


def measure_load(server, options, row, reached):
    name, workload, settings, half_of = row
    settings = {**settings, "seconds": options.seconds}
    if options.count and workload != "tenants":
        settings["count"] = options.count
    if half_of:
        settings["rate"] = max(1, reached.get(half_of, 2) // 2)
    result = server.bench(workload, *[word for key, value in settings.items() for word in ("--" + key, value)])
    reached[name] = result["perSecond"]
    return result


def measure_other(server, options, name):
    if name == "timers":
        # They are all asleep at once: the last is started before the first wakes.
        return server.bench("timers", "--count", options.timers, "--rate", TIMERS_RATE,
                            "--seconds", options.timers // TIMERS_RATE + 3)
    if name == "resume":
        return restart.resume(server, RESUME_EVENTS)
    if name == "recover":
        return restart.recover(server, options.recover)
    return idle.measure(server, options.seconds * 2, options.sleepers)


def measure_all(server, options, wanted):
    """{(name, flush): [result of each round]}"""
    rows = {}

    def note(name, flush, measure):
        if sys.stderr.isatty():
            print("round %d of %d: %s, flush of %s ms" % (number + 1, options.rounds, name, flush or "0"), file=sys.stderr)
        rows.setdefault((name, flush), []).append(measure())

    for number in range(options.rounds):
        for flush in options.flush:
            server.set_flush(flush)
            reached = {}
            for row in LOADS:
                if row[1] in wanted:
                    note(row[0], flush, lambda row=row: measure_load(server, options, row, reached))
        server.set_flush(0)
        for name in OTHERS:
            if name in wanted:
                note(name, 0, lambda name=name: measure_other(server, options, name))
    return rows


def median_of(results):
    """Of each figure by itself; texts are those of the first."""
    if isinstance(results[0], dict):
        return {key: median_of([result[key] for result in results]) for key in results[0] if all(key in each for each in results)}
    if isinstance(results[0], list):
        return results[0]
    return statistics.median(results) if isinstance(results[0], (int, float)) else results[0]


def flushes(text):
    return [float(each) if "." in each else int(each) for each in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    parser.add_argument("--count", type=int, help="runs of each load, instead of seconds: to try it out")
    parser.add_argument("--flush", type=flushes, default=[0, 1, 5], metavar="MS,MS", help="simulated flushes (default 0,1,5)")
    parser.add_argument("--timers", type=int, default=10_000, metavar="N", help="runs asleep of timers (default 10000)")
    parser.add_argument("--sleepers", type=int, default=10_000, metavar="N", help="runs asleep of idle (default 10000)")
    parser.add_argument("--recover", type=int, default=10_000, metavar="N", help="runs in flight of recover (default 10000)")
    parser.add_argument("--priority", type=int, metavar="N", help="real-time priority for server, database and client")
    parser.add_argument("--json", metavar="FILE", help="write every round's figures there")
    options = parser.parse_args()
    unknown = set(options.workloads) - set(WORKLOADS)
    if unknown:
        parser.error("there is no workload '%s'" % min(unknown))
    return options


def main():
    options = parse()
    wanted = set(options.workloads or WORKLOADS)
    try:
        with Server(options.priority) as server:
            rows = measure_all(server, options, wanted)
            version = server.sql("SHOW server_version")
    except Failed as failed:
        sys.exit(str(failed))
    medians = {key: median_of(results) for key, results in rows.items()}
    print(show(medians, GOALS))
    if options.json:
        machine = {"machine": platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(), "postgres": version}
        Path(options.json).write_text(json.dumps({
            **machine, "rounds": options.rounds,
            "rows": [{"name": name, "flushMilliseconds": flush, "median": medians[name, flush], "rounds": results}
                     for (name, flush), results in rows.items()]}, indent=1))


if __name__ == "__main__":
    main()
