"""./dev bench as a whole, with small numbers: whether it measures, not what."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from support import processes


class Measured(unittest.TestCase):
    def test_the_whole_table(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "result.json")
            done = subprocess.run([sys.executable, str(processes.ROOT / "tools" / "bench.py"), "--rounds", "1", "--seconds", "1", "--count", "40",
                                   "--flush", "0,1", "--timers", "100", "--sleepers", "50", "--recover", "90", "--json", path],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200, env={**os.environ, "PAWL_BIN": processes.PAWL})
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, encoding="utf-8") as file:
                result = json.load(file)
        rows = {(row["name"], row["flushMilliseconds"]): row["median"] for row in result["rows"]}
        self.assertEqual({name for name, flush in rows if flush == 0},
                         {"floor", "start", "start, one", "chain-10", "task-1", "task-1, one", "task-1, half", "task-10", "fan-100", "tenants",
                          "timers", "resume", "recover", "idle"})
        self.assertIn("goal of", done.stdout)
        # A single committer waits for the simulated flush, too.
        self.assertGreater(rows["start, one", 1]["latencyMicroseconds"]["p50"], 1000)
        self.assertGreater(rows["resume", 0]["events"], 10_000)
        self.assertEqual(rows["recover", 0]["done"], 90)
        self.assertGreater(rows["idle", 0]["perSecond"], 0)  # the lease is renewed
