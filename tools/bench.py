#!/usr/bin/env python3
"""Measures Pawl on this machine: a server with a private PostgreSQL in a fresh directory, and each workload in turn.

    ./dev bench                        the whole table
    ./dev bench start task-1           those workloads
    ./dev bench --rounds 5 --seconds 10 --json FILE

Every workload is run `--rounds` times; the table has the medians, and the ratio of `start` to `floor` of the same session.
Nothing else should run on the machine meanwhile.
"""
import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PAWL = os.environ.get("PAWL_BIN", str(Path(__file__).resolve().parents[1] / "build" / "release" / "pawl"))
TABLE = [("floor", 1), ("start", 64), ("start", 1), ("task-1", 64), ("task-1", 1)]


def measure(workload, in_flight, seconds, ready):
    command = [PAWL, "bench", workload, "--in-flight", str(in_flight), "--seconds", str(seconds), "--output", "json",
               "--database", ready["database"], "--url", ready["url"], "--token", ready["token"]]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("%s failed" % workload)
    return json.loads(done.stdout)


def median(results, *path):
    values = []
    for result in results:
        for name in path:
            result = result[name]
        values.append(result)
    return statistics.median(values)


def show(rows):
    print("%-8s %9s %12s %10s %10s %10s" % ("workload", "in flight", "per second", "p50 ms", "p99 ms", "p99.9 ms"))
    for (workload, in_flight), results in rows.items():
        latency = [median(results, "latencyMicroseconds", name) / 1000 for name in ("p50", "p99", "p999")]
        print("%-8s %9d %12.0f %10.2f %10.2f %10.2f" % (workload, in_flight, median(results, "perSecond"), *latency))
    if ("floor", 1) in rows and ("start", 64) in rows:
        ratio = median(rows["start", 64], "perSecond") / median(rows["floor", 1], "perSecond")
        print("start with 64 in flight is %.2f of floor" % ratio)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="floor, start, task-1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE", help="write every round's figures there")
    options = parser.parse_args()
    unknown = set(options.workloads) - {workload for workload, _ in TABLE}
    if unknown:
        parser.error("there is no workload '%s'" % min(unknown))
    wanted = [row for row in TABLE if not options.workloads or row[0] in options.workloads]

    folder = Path(tempfile.mkdtemp(prefix="pawl-bench-"))
    folder.chmod(0o755)
    server = subprocess.Popen([PAWL, "dev", "--data-dir", str(folder / "data"), "--listen", "127.0.0.1:0", "--output", "json"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        ready = json.loads(server.stdout.readline())
        rows = {row: [] for row in wanted}
        for number in range(options.rounds):
            for row in wanted:
                if sys.stderr.isatty():
                    print("round %d of %d: %s, %d in flight" % (number + 1, options.rounds, *row), file=sys.stderr)
                rows[row].append(measure(*row, options.seconds, ready))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
    show(rows)
    if options.json:
        machine = {"machine": platform.machine(), "cores": os.cpu_count(), "kernel": platform.release()}
        Path(options.json).write_text(json.dumps({**machine, "rows": [result for results in rows.values() for result in results]}, indent=1))


if __name__ == "__main__":
    main()
