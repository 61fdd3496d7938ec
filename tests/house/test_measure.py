import sys
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import bench  # noqa: E402
import bench_peers  # noqa: E402
from measure import idle  # noqa: E402
from measure.goals import GOALS, at_least, at_most, is_reached  # noqa: E402
from measure.svg import Chart, shown, top_of  # noqa: E402
from measure.table import show  # noqa: E402


def load(per_second, p99, **more):
    return {"inFlight": 64, "perSecond": per_second, "tasksPerSecond": per_second,
            "latencyMicroseconds": {"p50": p99 // 2, "p95": p99, "p99": p99, "p999": p99}, **more}


class Medians(unittest.TestCase):
    def test_each_figure_by_itself(self):
        results = [{"workload": "x", "perSecond": 1, "latency": {"p50": 9}}, {"workload": "x", "perSecond": 5, "latency": {"p50": 7}},
                   {"workload": "x", "perSecond": 3, "latency": {"p50": 8}, "rare": 1}]
        self.assertEqual(bench.median_of(results), {"workload": "x", "perSecond": 3, "latency": {"p50": 8}})


class Table(unittest.TestCase):
    def test_ratios_goals_and_flushes(self):
        rows = {("floor", 0): load(30_000, 20_000), ("start", 0): load(15_000, 9_000), ("start", 1): load(6_000, 20_000),
                ("tenants", 0): load(100, 8_000, aloneMicroseconds={"p99": 2_000}, floodPerSecond=9)}
        text = show(rows, GOALS)
        self.assertEqual(rows["start", 0]["ratioToFloor"], 0.5)
        self.assertNotIn("ratioToFloor", rows["start", 1])  # of another flush there is no floor
        self.assertEqual(rows["tenants", 0]["timesAlone"], 4)
        self.assertRegex(text, r"(?m)^start +≥ 20,000 runs/s +15,000 +missed$")
        self.assertRegex(text, r"(?m)^start +≤ 10 ms p99 +9.00 +reached$")
        self.assertRegex(text, r"(?m)^tenants +≤ 3 times p99 alone +4.00 +missed$")
        self.assertIn("With a simulated flush of 1 ms:", text)
        self.assertNotIn("task-1", text)

    def test_a_goal_holds_at_its_edge(self):
        self.assertTrue(is_reached(at_least(3, "", "x"), 3) and is_reached(at_most(3, "", "x"), 3))
        self.assertFalse(is_reached(at_least(3, "", "x"), 2.9) or is_reached(at_most(3, "", "x"), 3.1))

    def test_each_goal_has_its_row(self):
        self.assertLessEqual(set(GOALS), {row[0] for row in bench.LOADS} | set(bench.OTHERS))


class Peers(unittest.TestCase):
    def test_ten_times_and_lower_latency(self):
        ours = load(10_000, 5_000)
        text = bench_peers.show({("pawl", "start", 64): ours, ("dbos", "start", 64): load(900, 50_000), ("absurd", "start", 64): load(1_100, 50_000),
                                 ("restate", "start", 64): load(900, 4_000)})
        self.assertRegex(text, r"dbos +900 .* 11\.1 × +reached")
        self.assertRegex(text, r"absurd +1,100 .* 9\.1 × +missed")
        self.assertRegex(text, r"restate +900 .* 11\.1 × +missed")

    def test_a_queue_with_prepared_jobs_is_compared_with_our_whole_run(self):
        text = bench_peers.show({("pawl", "task-1", 64): load(4_000, 5_000),
                                 ("graphile-worker", "task-1-ready", 64): {"perSecond": 2_000, "tasksPerSecond": 2_000, "inFlight": 5_000}})
        self.assertRegex(text, r"graphile-worker +2,000 +2,000 +2\.0 × +reached")


class Statements(unittest.TestCase):
    def test_those_of_the_server_alone(self):
        at = "2026-11-21 22:00:00.000 UTC [42] "
        found = idle.STATEMENT.findall("\n".join((
            at + "pawl engine LOG:  execute pawl_begin: BEGIN", at + "pawl engine LOG:  statement: SELECT 1,", "  2 LOG:  statement: none",
            at + "psql LOG:  statement: SELECT pg_reload_conf()", at + "pawl engine DETAIL:  parameters: $1 = '7'", at + " LOG:  received SIGHUP")))
        self.assertEqual(found, ["pawl engine", "pawl engine", "psql"])


class Curves(unittest.TestCase):
    def test_a_chart_is_xml_with_each_point(self):
        text = Chart("a < b", "note", "runs", "ms", [0, 10, 1_000], {"one": [1.0, 2.0, 3.0], "two": [3.0, 2.0, 1.0]}).draw()
        root = ElementTree.fromstring(text)
        circles = root.findall("{http://www.w3.org/2000/svg}circle")
        self.assertEqual(len(circles), 6)
        # Zero has a place of its own, left of the first.
        self.assertEqual([float(circle.get("cx")) for circle in circles[:3]], [80.0, 258.7, 616.0])

    def test_axes_are_round(self):
        self.assertEqual(top_of(16_780), (20_000, 5_000))
        self.assertEqual(top_of(0), (1, 1))
        self.assertEqual([shown(value) for value in (0, 0.5, 300, 2_000, 10_000_000)], ["0", "0.5", "300", "2 k", "10 M"])
