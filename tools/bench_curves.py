#!/usr/bin/env python3
"""How the cost grows: `start` beside more and more finished runs, tenants or sleeping runs, as JSON and as SVG.

    tools/bench_curves.py --json FILE --svg FOLDER                measures all curves, each at its points, and draws them
    tools/bench_curves.py --finished 0,10000,100000 --rounds 5    one curve, with these points
    tools/bench_curves.py --draw FILE --svg FOLDER                draws what was measured before

Finished runs are rows that SQL makes, of the same form as those of real ones; sleeping runs and tenants are real. Each curve has a
fresh server. Where the cost should not grow, the ends of a line should lie within a tenth of each other.
"""
import argparse
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure.server import Failed, Server  # noqa: E402
from measure.svg import Chart  # noqa: E402

CURVES = {
    "finished": ([0, 10_000, 100_000, 1_000_000, 10_000_000], "finished runs in the tables", "made by SQL"),
    "tenants": ([10, 100, 1_000, 10_000], "tenants that start runs in turn", "each with a token and a definition of its own"),
    "sleepers": ([0, 10_000, 100_000, 1_000_000], "runs that sleep", "started over the API"),
}
SQL_CHUNK = 100_000  # runs a transaction

# The newest run of bench/start says whose they are. Version 7 ids, spread over the last 20 days; the lane is their low 12 bits.
FINISHED = """
WITH one AS (
  SELECT r.tenant_id, r.definition_id, r.version_id FROM pawl.workflow_runs r JOIN pawl.workflow_definitions d USING (tenant_id, definition_id)
  WHERE d.namespace = 'bench' AND d.name = 'start' LIMIT 1
), made AS MATERIALIZED (
  SELECT one.*, ended, (substr(at, 1, 8) || '-' || substr(at, 9, 4) || '-7' || substr(random, 1, 3) || '-8' || substr(random, 4, 3) || '-' ||
                        substr(random, 7, 12))::uuid AS run_id, ('x' || substr(random, 16, 3))::bit(12)::int AS lane
  FROM one, generate_series({first}, {last}) AS i,
       LATERAL (SELECT now() - interval '20 days' * (i::float8 / {total}) AS ended) AS times,
       LATERAL (SELECT lpad(to_hex((extract(epoch FROM ended) * 1000)::bigint), 12, '0') AS at, md5(i::text || '{seed}') AS random) AS parts
), runs AS (
  INSERT INTO pawl.workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, root_run_id, trigger_kind,
                                  started_at, updated_at, ended_at, outcome)
  SELECT tenant_id, run_id, definition_id, version_id, lane, 'completed', 3, run_id, 'api', ended, ended, ended, 'completed' FROM made
)
INSERT INTO pawl.workflow_events (tenant_id, run_id, seq, ts, type, path, epoch, payload)
SELECT tenant_id, run_id, seq, ended, type, path, 1, payload::jsonb
FROM made, (VALUES
  (1, 'run.started', NULL, '{{"definition":"bench/start","input":{{"n":1}},"trigger":{{"kind":"api"}},"version":"2.0.0"}}'),
  (2, 'task.completed', '/do/0/only', '{{"output":{{"ok":true}}}}'),
  (3, 'run.completed', NULL, '{{"output":{{"ok":true}}}}')) AS e(seq, type, path, payload)
"""


def add_finished(server, present, wanted):
    for first in range(present + 1, wanted + 1, SQL_CHUNK):
        last = min(first + SQL_CHUNK - 1, wanted)
        server.sql(FINISHED.format(first=first, last=last, total=wanted, seed=wanted))
    server.sql("VACUUM (ANALYZE) pawl.workflow_runs")
    server.sql("VACUUM (ANALYZE) pawl.workflow_events")
    server.sql("CHECKPOINT")


def prepare(server, curve, present, wanted):
    if curve == "finished" and wanted > present:
        add_finished(server, present, wanted)
    if curve == "sleepers" and wanted > present:
        server.bench("sleepers", "--count", wanted - present)
        server.sql("CHECKPOINT")


def measure_curve(curve, places, options):
    points = []
    with Server(options.priority) as server:
        server.bench("start", "--count", 200)
        present = 0
        for place in places:
            prepare(server, curve, present, place)
            present = place
            more = ["--tenants", place] if curve == "tenants" else []
            rounds = []
            for number in range(options.rounds):
                if sys.stderr.isatty():
                    print("%s: %d, round %d of %d" % (curve, place, number + 1, options.rounds), file=sys.stderr)
                rounds.append({"loaded": server.bench("start", "--in-flight", 64, "--seconds", options.seconds, *more),
                               "alone": server.bench("start", "--in-flight", 1, "--seconds", options.seconds, *more)})
            points.append({"place": place, "rounds": rounds,
                           "serverMemoryBytes": int(float(server.metrics()["process_resident_memory_bytes"]))})
    return points


def medians(points, kind, *path):
    values = []
    for point in points:
        of_point = []
        for figures in point["rounds"]:
            value = figures[kind]
            for name in path:
                value = value[name]
            of_point.append(value)
        values.append(statistics.median(of_point))
    return values


def draw(curves, folder):
    for curve, points in curves.items():
        _, label, note = CURVES[curve]
        places = [point["place"] for point in points]
        charts = {"throughput": ("runs/s", {"start, 64 in flight": medians(points, "loaded", "perSecond")}),
                  "latency": ("ms", {name: [value / 1000 for value in medians(points, kind, "latencyMicroseconds", share)]
                                     for name, kind, share in (("64 in flight, p99", "loaded", "p99"), ("64 in flight, p50", "loaded", "p50"),
                                                               ("one at a time, p50", "alone", "p50"))})}
        for name, (unit, lines) in charts.items():
            chart = Chart("start: %s, by %s" % (name, label), note, label, unit, places, lines)
            (folder / ("%s-%s.svg" % (curve, name))).write_text(chart.draw(), encoding="utf-8")


def tell(curves):
    for curve, points in curves.items():
        rates, latencies = medians(points, "loaded", "perSecond"), medians(points, "alone", "latencyMicroseconds", "p50")
        for point, rate, latency in zip(points, rates, latencies):
            print("%s %d: %d runs/s, one at a time p50 %d µs, server memory %d B" % (curve, point["place"], rate, latency, point["serverMemoryBytes"]))
        print("%s: the last point has %.2f times the first's throughput, and %.2f times its p50" % (curve, rates[-1] / rates[0], latencies[-1] / latencies[0]))


def numbers(text):
    return sorted(int(each) for each in text.split(","))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for curve, (places, label, _) in CURVES.items():
        parser.add_argument("--" + curve, type=numbers, metavar="N,N", help="%s (default %s)" % (label, ",".join(map(str, places))))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--priority", type=int, metavar="N", help="real-time priority for server, database and client")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="draw these figures instead of measuring")
    parser.add_argument("--svg", type=Path, metavar="FOLDER", help="draw into this folder")
    return parser.parse_args()


def main():
    options = parse()
    if options.draw:
        curves = json.loads(options.draw.read_text())["curves"]
    else:
        asked = {curve: getattr(options, curve) for curve in CURVES if getattr(options, curve)}
        try:
            curves = {curve: measure_curve(curve, places, options) for curve, places in
                      (asked or {curve: places for curve, (places, _, _) in CURVES.items()}).items()}
        except Failed as failed:
            sys.exit(str(failed))
        if options.json:
            options.json.write_text(json.dumps({"rounds": options.rounds, "curves": curves}, indent=1))
    tell(curves)
    if options.svg:
        options.svg.mkdir(parents=True, exist_ok=True)
        draw(curves, options.svg)


if __name__ == "__main__":
    main()
