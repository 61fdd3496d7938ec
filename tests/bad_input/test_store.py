import os
import signal
import subprocess
import time

from bad_input.orders import Orders
from support.processes import wait_for


class Store(Orders):
    def query(self, sql):
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.ready["database"], "-c", sql], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_a_start_that_postgresql_cannot_store(self):
        """A data error of one start must not fail its neighbours in the same batch."""
        self.query("ALTER TABLE pawl.workflow_runs ADD CONSTRAINT poison CHECK (queue IS DISTINCT FROM 'poison')")
        self.addCleanup(self.query, "ALTER TABLE pawl.workflow_runs DROP CONSTRAINT poison")
        for n in range(3):
            answer = self.send("POST", "/v1/runs", {"definition": "shop/order", "input": {"n": n}, "queue": "poison"})
            problem = self.refused(answer, 422, "unstorable")
            self.assertNotIn("poison", str(problem))
        self.orders += [self.client.start("shop/order", {"n": n})["id"] for n in range(5)]
        runs = [self.client.wait(order, 60) for order in self.orders]
        self.assertEqual({run["status"] for run in runs}, {"completed"})
        self.orders = self.orders[:50]

    def test_postgresql_gone_and_back(self):
        pid = int((self.folder / "data" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        # Whoever asks meanwhile is told to come again; the SDK does.
        started = time.monotonic()
        run = self.client.start("shop/order", {"n": 1})
        self.assertEqual(self.client.wait(run["id"], 60)["status"], "completed")
        self.assertLess(time.monotonic() - started, 60)
        wait_for(lambda: self.send("GET", "/readyz").status == 200, 30, "the server to be ready again")
