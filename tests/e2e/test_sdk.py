import threading
import time

from e2e.served import Served
from support.processes import wait_for

import pawl

ASKING = """
document: { dsl: 1.0.0, namespace: sdk, name: asking, version: 1.0.0 }
do:
  - ask: { call: sdk.ask, with: { n: '${ .n }' } }
"""
CATCHING = """
document: { dsl: 1.0.0, namespace: sdk, name: catching, version: 1.0.0 }
do:
  - attempt:
      try: [ ask: { call: sdk.fail, with: { how: '${ .how }' } } ]
      catch: { as: why, do: [ tell: { set: { status: '${ $why.status }', title: '${ $why.title }' } } ] }
"""


class Sdk(Served):
    def setUp(self):
        self.client = pawl.Client(self.ready["url"], self.ready["token"])
        self.addCleanup(self.client.close)
        self.client.deploy(ASKING)
        self.client.deploy(CATCHING)

    def work(self, worker):
        thread = threading.Thread(target=worker.run, kwargs={"handle_signals": False})
        thread.start()

        def stop():
            worker.stop()
            thread.join(20)
            self.assertFalse(thread.is_alive())
        self.addCleanup(stop)
        return thread

    def test_deploy_says_whether_it_is_new(self):
        self.assertFalse(self.client.deploy(ASKING)["created"])
        with self.assertRaises(pawl.Problem) as caught:
            self.client.deploy(ASKING.replace("call:", "cal:"))
        self.assertTrue(caught.exception.diagnostics)

    def test_a_worker_does_what_it_registered(self):
        worker = pawl.Worker(self.client, concurrency=4)
        seen = []

        @worker.action("sdk.ask")
        def ask(input, task):
            seen.append((task.attempt, task.idempotency_key, task.run["definition"]))
            return {"twice": input["n"] * 2}

        self.work(worker)
        runs = [self.client.start("sdk/asking", {"n": n}, wait=30) for n in range(20)]
        self.assertEqual([run["output"] for run in runs], [{"twice": n * 2} for n in range(20)])
        self.assertEqual({each[0] for each in seen}, {1})
        self.assertEqual(len({each[1] for each in seen}), 20)
        self.assertEqual({each[2] for each in seen}, {"sdk/asking"})

    def test_errors_of_actions_can_be_caught(self):
        worker = pawl.Worker(self.client, concurrency=2)

        @worker.action("sdk.fail")
        def fail(input, task):
            if input["how"] == "told":
                raise pawl.TaskError("Out of stock", status=409)
            raise ValueError("broken")

        self.work(worker)
        self.assertEqual(self.client.start("sdk/catching", {"how": "told"}, wait=30)["output"], {"status": 409, "title": "Out of stock"})
        self.assertEqual(self.client.start("sdk/catching", {"how": "not"}, wait=30)["output"], {"status": 500, "title": "ValueError"})

    def test_stop_finishes_what_was_taken(self):
        worker = pawl.Worker(self.client, concurrency=2, queue="default")
        begun, go = threading.Event(), threading.Event()

        @worker.action("sdk.ask")
        def ask(input, task):
            begun.set()
            go.wait(20)
            return "done"

        thread = self.work(worker)
        run = self.client.start("sdk/asking", {"n": 1})
        self.assertTrue(begun.wait(20))
        worker.stop()
        go.set()
        thread.join(20)
        self.assertEqual(self.client.wait(run["id"], 20)["output"], "done")

    def test_an_idle_worker_stops_at_once(self):
        worker = pawl.Worker(self.client, queue="nothing-here")
        worker.action("sdk.ask")(lambda input, task: None)
        thread = self.work(worker)
        wait_for(lambda: worker._poll_thread is not None, 10, "the poll")
        time.sleep(0.3)
        began = time.monotonic()
        worker.stop()
        thread.join(10)
        self.assertLess(time.monotonic() - began, 5)

    def test_the_same_key_starts_once(self):
        first = self.client.start("sdk/asking", {"n": 1}, key="once")
        again = self.client.start("sdk/asking", {"n": 1}, key="once")
        self.assertEqual(first["id"], again["id"])
        with self.assertRaises(pawl.Problem) as caught:
            self.client.start("sdk/asking", {"n": 2}, key="once")
        self.assertEqual((caught.exception.status, caught.exception.code), (422, "idempotency-mismatch"))
        self.client.cancel(first["id"], "enough")
        self.assertEqual(self.client.run(first["id"])["status"], "cancelled")

    def test_no_server(self):
        client = pawl.Client("http://127.0.0.1:1", "x", timeout=0.5)
        with self.assertRaises(pawl.Unreachable):
            client.run("x")
