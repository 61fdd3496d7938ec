import json
import subprocess

from e2e.served import Served
from support.processes import wait_for

import pawl


class Operators(Served):
    def database(self, *arguments, code=0):
        return self.pawl(*arguments, "--database", self.ready["database"], code=code)

    def test_migrations(self):
        self.assertIn("up to date", self.database("db", "migrate").stdout)
        status = json.loads(self.database("db", "status", "--output", "json").stdout)
        self.assertTrue(status["upToDate"])
        self.assertGreaterEqual(len(status["migrations"]), 5)

    def test_verify(self):
        self.assertIn("every law holds", self.database("verify").stdout)

    def test_no_database_is_3(self):
        self.pawl("db", "status", "--database", "host=127.0.0.1 port=1 connect_timeout=2", code=3)

    def test_tenants_and_tokens(self):
        self.database("tenants", "create", "acme")
        self.assertIn("[tenant-exists]", self.database("tenants", "create", "acme", code=4).stderr)
        self.assertIn("acme", self.database("tenants", "list").stdout)
        made = json.loads(self.database("token", "create", "ci", "--tenant", "acme", "--output", "json").stdout)
        listed = json.loads(self.pawl("runs", "list", "--token", made["token"], "--output", "json").stdout)
        self.assertEqual(listed["items"], [])
        tokens = self.database("token", "list", "--tenant", "acme").stdout
        self.assertIn("ci", tokens)
        self.assertNotIn(made["token"], tokens)
        self.database("token", "revoke", made["id"], "--tenant", "acme")

        def refused():
            return self.pawl_code("runs", "list", "--token", made["token"]) == 4
        wait_for(refused, 15, "the revocation to be known")

    def pawl_code(self, *arguments):
        from support import processes
        return processes.pawl(*arguments, check=False, env=self.server).returncode

    def test_another_tenants_run_is_not_found(self):
        path = self.write("d.yaml", "document: { dsl: 1.0.0, namespace: test, name: mine, version: 1.0.0 }\ndo: [ a: { set: { a: 1 } } ]\n")
        self.pawl("deploy", path)
        run = self.answer("run", "test/mine", "--wait")
        self.database("tenants", "create", "other")
        other = json.loads(self.database("token", "create", "t", "--tenant", "other", "--output", "json").stdout)["token"]
        for command in ("show", "events", "steps", "cancel"):
            self.assertIn("[run-not-found]", self.pawl("runs", command, run["id"], "--token", other, code=4).stderr)
        self.assertIn("[definition-not-found]", self.pawl("run", "test/mine", "--token", other, code=4).stderr)

    def test_a_small_benchmark(self):
        for workload, count in (("start", 200), ("chain-10", 50), ("task-1", 200), ("task-10", 20), ("fan-100", 4)):
            measured = self.measured(workload, "--count", str(count), "--in-flight", "8")
            self.assertEqual((measured["done"], measured["failed"]), (count, 0), workload)
            costs = measured["costs"]
            self.assertEqual(costs["runs"], count)
            self.assertEqual(set(costs["perRun"]),
                             {"serverMicroseconds", "postgresMicroseconds", "clientMicroseconds", "walBytes", "rows"})
            self.assertGreaterEqual(costs["perRun"]["rows"], 4)  # a run and three events at least
            self.assertGreater(costs["perRun"]["walBytes"], 500)
        self.assertIn("joinMicroseconds", measured)
        floor = self.measured("floor", "--count", "1000")
        self.assertGreaterEqual(floor["done"], 1000)

    def measured(self, *arguments):
        return self.answer("bench", *arguments, "--database", self.ready["database"])

    def test_a_benchmark_of_sleeping_runs(self):
        measured = self.measured("timers", "--count", "50", "--seconds", "1")
        self.assertEqual(measured["done"], 50)
        self.assertGreater(measured["serverMemoryBytesAsleep"], 1 << 20)
        self.assertGreaterEqual(measured["latenessMicroseconds"]["p999"], measured["latenessMicroseconds"]["p50"])
        self.assertEqual(self.measured("sleepers", "--count", "20")["done"], 20)
        asleep = self.answer("runs", "list", "--definition", "bench/sleepers", "--status", "waiting")
        self.assertEqual(len(asleep["items"]), 20)

    def test_a_benchmark_of_tenants(self):
        measured = self.measured("tenants", "--tenants", "5", "--seconds", "1", "--in-flight", "4")
        self.assertEqual((measured["quietTenants"], measured["failed"]), (5, 0))
        self.assertGreater(measured["floodPerSecond"], 0)
        self.assertIn("aloneMicroseconds", measured)
        spread = self.measured("start", "--tenants", "3", "--count", "30")
        self.assertEqual(spread["done"], 30)
        self.assertIn("[usage]", self.pawl("bench", "task-1", "--tenants", "2", "--database", self.ready["database"], code=2).stderr)

    def test_a_benchmark_of_a_server_whose_database_is_not_known(self):
        away = {"XDG_STATE_HOME": str(self.folder / "nothing"), "HOME": str(self.folder)}
        measured = self.answer("bench", "start", "--count", "10", "--in-flight", "2", "--rate", "100", env=away)
        self.assertEqual(measured["done"], 10)
        self.assertNotIn("walBytes", measured["costs"]["perRun"])
        self.assertIn("serverMicroseconds", measured["costs"]["perRun"])


class Quarantine(Served):
    """A history that cannot be read: the run is suspended with the reason in its row, until it can be read again."""

    WORK = ("document: { dsl: 1.0.0, namespace: test, name: damaged, version: 1.0.0 }\n"
            "do: [ work: { call: test.work, with: { n: 1 } } ]\n")

    def sql(self, statement):
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.ready["database"], "-c", statement], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def restart_with(self, run, before, after):
        """An event's type is changed; past a restart nothing of the run is in memory."""
        changed = self.sql("UPDATE pawl.workflow_events SET type = '%s' WHERE run_id = '%s' AND type = '%s' RETURNING seq" %
                           (after, run, before))
        self.assertEqual(changed, "2")
        self.dev.kill()
        self.dev.start()

    def poll(self):
        client = pawl.Client(self.ready["url"], self.ready["token"])
        self.addCleanup(client.close)
        return client.request("POST", "/v1/queues/default/tasks:poll", {
            "worker": "w", "actions": ["test.work"], "max": 1, "wait": "1s"})["items"]

    def shown(self, run):
        return self.answer("runs", "show", run)

    def test_until_it_can_be_read_again(self):
        self.pawl("deploy", self.write("damaged.yaml", self.WORK))
        run = self.answer("run", "test/damaged")["id"]
        self.restart_with(run, "invocation.requested", "invocation.imagined")
        self.assertEqual(self.poll(), [])
        wait_for(lambda: self.shown(run)["status"] == "suspended", 10, "the run to be suspended")
        self.assertIn('"invocation.imagined" is not known', self.shown(run)["suspendedReason"])
        listed = self.answer("runs", "list", "--status", "suspended")["items"]
        self.assertEqual([(each["id"], "suspendedReason" in each) for each in listed], [(run, True)])
        self.assertIn("[run-quarantined]", self.pawl("runs", "cancel", run, code=4).stderr)
        self.assertIn("invocation.imagined", self.pawl("verify", "--database", self.ready["database"], code=1).stdout)

        self.restart_with(run, "invocation.imagined", "invocation.requested")
        wait_for(self.poll, 10, "its task to be given out")
        wait_for(lambda: self.shown(run)["status"] == "running", 10, "the run to go on")
        self.assertNotIn("suspendedReason", self.shown(run))
        self.assertEqual(self.answer("runs", "cancel", run)["status"], "cancelled")
        self.assertIn("every law holds", self.pawl("verify", "--ended", "--database", self.ready["database"]).stdout)
