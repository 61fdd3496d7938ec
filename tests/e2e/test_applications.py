"""What applications do in transactions of their own: pawl.start_run(), cancel_run(), complete_task(), fail_task()."""
import signal
import subprocess
import time

from e2e.served import Served
from support.processes import wait_for

import pawl

DEFINITIONS = """
document: { dsl: 1.0.0, namespace: test, name: quick, version: 1.0.0 }
do: [ only: { set: { n: "${ .n }" } } ]
""", """
document: { dsl: 1.0.0, namespace: test, name: work, version: 1.0.0 }
do: [ work: { call: test.work, with: { n: 1 } } ]
"""


class Applications(Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = pawl.Client(cls.ready["url"], cls.ready["token"])
        cls.addClassCleanup(cls.client.close)
        for definition in DEFINITIONS:
            cls.client.deploy(definition)
        cls.sql("CREATE TABLE public.orders (n integer)", role="postgres")
        cls.sql("GRANT INSERT ON public.orders TO pawl_app", role="postgres")
        cls.tenant = cls.sql("SELECT tenant_id FROM pawl.tenants", role="postgres")

    @classmethod
    def sql(cls, *statements, role="pawl_app"):
        """One transaction as an application; the rows of its last statement."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", cls.ready["database"]]
        if role == "pawl_app":
            statements = ("BEGIN", "SET LOCAL ROLE pawl_app", "SELECT pawl.as_tenant('%s')" % cls.tenant, *statements, "COMMIT")
        done = subprocess.run(command + ["-c", "; ".join(statements)], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip().split("\n")[-1]

    def refused(self, code, *statements):
        with self.assertRaisesRegex(AssertionError, code):
            self.sql(*statements)

    def orders(self):
        return int(self.sql("SELECT count(*) FROM public.orders", role="postgres"))

    def poll(self):
        return self.client.request("POST", "/v1/queues/default/tasks:poll", {
            "worker": "w", "actions": ["test.work"], "max": 1, "wait": "5s"})["items"][0]

    def status(self, run):
        return self.client.run(run)["status"]

    def test_a_start_commits_with_the_callers_writes(self):
        before = self.orders()
        run = self.sql("INSERT INTO public.orders VALUES (1)", "SELECT pawl.start_run('test/quick', '{\"n\": 7}')")
        began = time.monotonic()
        ended = self.client.wait(run, 10)
        took = time.monotonic() - began
        print("a start by SQL had ended %.0f ms after its transaction" % (1000 * took), flush=True)
        self.assertEqual((ended["status"], ended["output"], ended["trigger"]), ("completed", {"n": 7}, {"kind": "sql"}))
        self.assertLess(took, 1.5, "it was not waited for the slow look")
        self.assertEqual(self.orders(), before + 1)

    def test_a_start_that_no_owner_has_seen_is_pending(self):
        self.dev.process.send_signal(signal.SIGSTOP)
        try:
            run = self.sql("SELECT pawl.start_run('test/quick', '{\"n\": 7}', 'unseen')")
        finally:
            self.dev.process.send_signal(signal.SIGCONT)
        first = self.client.run(run)
        self.assertIn(first["status"], ("pending", "completed"))
        self.assertEqual((first["id"], first["definition"], first["input"]), (run, "test/quick", {"n": 7}))
        self.assertEqual(self.client.wait(run, 10)["status"], "completed")

    def test_and_is_rolled_back_with_them(self):
        before = self.orders()
        self.refused("22012", "INSERT INTO public.orders VALUES (1)", "SELECT pawl.start_run('test/quick', '{\"n\": 7}', 'rolled back')",
                     "SELECT 1 / 0")
        self.assertEqual(self.orders(), before)
        self.assertEqual(self.sql("SELECT count(*) FROM pawl.run_inbox"), "0")
        self.assertNotIn("rolled back", [run.get("idempotencyKey") for run in self.client.runs()])

    def test_the_same_key_is_the_same_run(self):
        start = "SELECT pawl.start_run('test/quick', '{\"n\": 1}', 'same')"
        run = self.sql(start)
        self.client.wait(run, 10)
        self.assertEqual(self.sql(start), run)
        self.refused("PW006", "SELECT pawl.start_run('test/quick', '{\"n\": 2}', 'same')")

    def test_a_cancel(self):
        run = self.sql("SELECT pawl.start_run('test/work')")
        self.sql("SELECT pawl.cancel_run('%s', 'enough')" % run)
        wait_for(lambda: self.status(run) == "cancelled", 10, "the run to be cancelled")
        self.assertEqual(self.sql("SELECT pawl.cancel_run('%s')" % run), "f")

    def test_a_task_is_completed_with_its_workers_writes(self):
        before = self.orders()
        run = self.client.start("test/work")["id"]
        token = self.poll()["token"]
        self.refused("22012", "INSERT INTO public.orders VALUES (1)", "SELECT pawl.complete_task('%s', '1')" % token, "SELECT 1 / 0")
        self.assertEqual((self.status(run), self.orders()), ("running", before))
        complete = ("INSERT INTO public.orders VALUES (1)", "SELECT pawl.complete_task('%s', '{\"n\": 2}')" % token)
        self.assertEqual(self.sql(*complete), "t")
        self.assertEqual(self.client.wait(run, 10)["output"], {"n": 2})
        self.assertEqual(self.sql(complete[1]), "f", "it is repeated, and done")
        self.assertEqual(self.orders(), before + 1)

    def test_a_stale_token_takes_its_writes_back(self):
        before = self.orders()
        run = self.client.start("test/work")["id"]
        token = self.poll()["token"]
        self.client.cancel(run)
        self.refused("PW003", "INSERT INTO public.orders VALUES (1)", "SELECT pawl.complete_task('%s', '1')" % token)
        self.assertEqual(self.orders(), before)

    def test_a_task_fails_with_what_it_says(self):
        run = self.client.start("test/work")["id"]
        self.sql("SELECT pawl.fail_task('%s', '{\"title\": \"No stock\", \"status\": 422}')" % self.poll()["token"])
        ended = self.client.wait(run, 10)
        self.assertEqual((ended["status"], ended["error"]["title"], ended["error"]["status"]), ("faulted", "No stock", 422))

    def test_the_laws_hold_afterwards(self):
        wait_for(lambda: self.sql("SELECT count(*) FROM pawl.run_inbox") == "0", 10, "the inbox to be empty")
        self.assertIn("every law holds", self.pawl("verify", "--ended", "--database", self.ready["database"]).stdout)
