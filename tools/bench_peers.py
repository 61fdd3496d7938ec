#!/usr/bin/env python3
"""The same work on Pawl and on its peers, on the same PostgreSQL in the same session, every result checked.

    ./dev bench-peers                              all peers: DBOS, absurd, Restate; graphile-worker and pg-boss as a reference
    ./dev bench-peers dbos restate --rounds 5 --seconds 10 --json FILE
    ./dev bench-peers --absurd-schema FILE         absurd's sql/absurd.sql, which is not on npm (version 0.4.0)

Every row is measured `--rounds` times, one peer after the other in each round; the table has the medians, and how many times
Pawl's throughput that is. docs/benchmarks.md says what is not comparable.
"""
import argparse
import contextlib
import json
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench import median_of  # noqa: E402
from measure import peers  # noqa: E402
from measure.server import Failed, Server  # noqa: E402
from measure.table import number, table  # noqa: E402

# Jobs that were added before: what a queue does when nobody starts anything meanwhile. Compared with our task-1, which starts each.
READY = ("task-1-ready", "task-1-batched")
WORKS = {"pawl": ("start", "chain-10", "task-1"), **peers.PEERS}
WORKLOADS = ("start", "chain-10", "task-1", *READY)
SYSTEMS = list(WORKS)
ABSURD_SCHEMA = Path(__file__).resolve().parents[1] / "build" / "peers" / "absurd.sql"


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=", ".join(peers.PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--count", type=int, help="runs of each row, instead of seconds: to try it out")
    parser.add_argument("--in-flight", type=int, default=64, metavar="N", help="besides one at a time (default 64)")
    parser.add_argument("--priority", type=int, metavar="N", help="real-time priority for everyone")
    parser.add_argument("--absurd-schema", type=Path, default=ABSURD_SCHEMA, metavar="FILE")
    parser.add_argument("--json", metavar="FILE", help="write every round's figures there")
    options = parser.parse_args()
    unknown = set(options.peers) - set(peers.PEERS)
    if unknown:
        parser.error("there is no peer '%s'" % min(unknown))
    if not peers.MODULES.exists():
        parser.error("the peers are not installed: run ./dev bench-peers, or npm ci in bench/peers")
    wanted = [peer for peer in peers.PEERS if not options.peers or peer in options.peers]
    if "absurd" in wanted and not options.absurd_schema.exists():
        print("absurd is left out: its schema is not on npm; give sql/absurd.sql of its release 0.4.0 as --absurd-schema FILE", file=sys.stderr)
        wanted.remove("absurd")
    return options, wanted


def rows_of(system, options):
    for workload in WORKLOADS:
        for in_flight in (options.in_flight, 1):
            if workload in WORKS[system] and (in_flight > 1 or workload not in READY):
                yield workload, in_flight


def measure_all(options, wanted, server):
    """{(system, workload, in flight): [result of each round]}"""
    rows = {}
    length = ["--count", options.count] if options.count else ["--seconds", options.seconds]
    for number_of_round in range(options.rounds):
        for system in ("pawl", *wanted):
            # Restate is there for its own rows only: it is not still when it has nothing to do.
            with peers.Restate(server.folder, server.prefix) if system == "restate" else contextlib.nullcontext() as restate:
                for workload, in_flight in rows_of(system, options):
                    if sys.stderr.isatty():
                        print("round %d of %d: %s, %s, %d in flight" % (number_of_round + 1, options.rounds, system, workload, in_flight), file=sys.stderr)
                    arguments = ["--in-flight", in_flight, *length]
                    result = server.bench(workload, *arguments) if system == "pawl" else \
                        peers.drive(system, workload, arguments, server, options.absurd_schema, restate)
                    rows.setdefault((system, workload, in_flight), []).append(result)
    return rows


def show(medians):
    head = ("workload", "in flight", "system", "runs/s", "tasks/s", "p50 ms", "p99 ms", "Pawl is", "goal")
    lines = []
    for (system, workload, in_flight), row in sorted(medians.items(), key=lambda item: (
            WORKLOADS.index(item[0][1]), -item[0][2], SYSTEMS.index(item[0][0]))):
        ours = medians.get(("pawl", "task-1" if workload in READY else workload, in_flight))
        ratio = ours["perSecond"] / row["perSecond"] if ours and system != "pawl" else None
        latency = row.get("latencyMicroseconds", {})
        goal = ""
        if ratio and system in peers.ENGINES:
            lower = all(ours["latencyMicroseconds"][key] < latency[key] for key in ("p50", "p99"))
            goal = "reached" if lower and (ratio >= 10 or in_flight == 1) else "missed"
        elif ratio and system == "graphile-worker" and workload != "task-1-batched":
            goal = "reached" if ratio >= 1 else "missed"
        lines.append((workload, number(in_flight), system, number(row["perSecond"]), number(row["tasksPerSecond"]),
                      *[number(latency[key] / 1000, 2) if latency else "" for key in ("p50", "p99")], number(ratio, 1) + " ×" if ratio else "", goal))
    return table(head, lines)


def main():
    options, wanted = parse()
    try:
        with Server(options.priority) as server:
            for peer in wanted:
                if peer != "restate":
                    server.sql("CREATE DATABASE " + peers.database_of(peer), "postgres")
            rows = measure_all(options, wanted, server)
            version = server.sql("SHOW server_version")
    except Failed as failed:
        sys.exit(str(failed))
    medians = {key: median_of(results) for key, results in rows.items()}
    print(show(medians))
    print("\nVersions: " + ", ".join("%s %s" % item for item in peers.versions().items()))
    if options.json:
        machine = {"machine": platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(), "postgres": version}
        Path(options.json).write_text(json.dumps({
            **machine, "versions": peers.versions(), "rounds": options.rounds,
            "rows": [{"system": system, "workload": workload, "inFlight": in_flight, "median": medians[system, workload, in_flight],
                      "rounds": results} for (system, workload, in_flight), results in rows.items()]}, indent=1))


if __name__ == "__main__":
    main()
