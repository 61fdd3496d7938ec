import http.server
import json
import logging
import os
import subprocess
import sys
import threading
import time
from unittest import mock

from e2e.served import Served
from support.processes import ROOT, wait_for

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
WORKER = """
import logging, pathlib, sys, time
import pawl

queue, patience, begun, go = sys.argv[1:]
logging.basicConfig(level="INFO")
worker = pawl.Worker(pawl.Client(timeout=5), queue=queue, poll_wait=1, token_patience=float(patience))


@worker.action("sdk.ask")
def ask(input, task):
    pathlib.Path(begun).touch()
    while not pathlib.Path(go).exists():
        time.sleep(0.02)
    return "done"


worker.run()
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

    def test_what_an_action_logs_is_the_runs(self):
        worker = pawl.Worker(self.client, concurrency=2)
        handler = pawl.LogHandler()
        logger = logging.getLogger("till")
        logger.setLevel("DEBUG")
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        logger.info("of no task")

        @worker.action("sdk.ask")
        def ask(input, task):
            task.log("asked")
            logger.warning("the bank takes %s s", 3)
            task.log("\0" + "x" * 9000, "error")

        self.work(worker)
        run = self.client.start("sdk/asking", {"n": 1}, wait=30)
        self.assertEqual(run["status"], "completed")
        target = "/v1/runs/%s/logs" % run["id"]
        wait_for(lambda: len(self.client.request("GET", target)["items"]) == 3, 10, "the lines")
        lines = list(self.client.logs(run["id"]))
        self.assertEqual([(line["level"], line["message"][:20]) for line in lines],
                         [("info", "asked"), ("warning", "the bank takes 3 s"), ("error", " " + "x" * 19)])
        self.assertEqual({(line["path"], line["attempt"]) for line in lines}, {("/do/0/ask", 1)})
        self.assertEqual([line["line"] for line in lines], [1, 2, 3])
        self.assertEqual(worker.lines_lost, 0)
        printed = self.pawl("runs", "logs", run["id"]).stdout.splitlines()
        self.assertEqual(len(printed), 3)
        self.assertTrue(printed[0].endswith("\tinfo\t/do/0/ask\tasked"), printed[0])
        self.assertEqual(self.pawl("runs", "logs", run["id"], "--follow").stdout.splitlines(), printed)
        self.assertIn("[run-not-found]", self.pawl("runs", "logs", "018f0000-0000-7000-8000-000000000000", code=4).stderr)

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

    def new_token(self):
        return json.loads(self.pawl("token", "create", "worker", "--tenant", "default", "--database", self.ready["database"],
                                    "--output", "json").stdout)

    def revoke(self, token):
        self.pawl("token", "revoke", token["id"], "--tenant", "default", "--database", self.ready["database"])

        def refused():
            try:
                pawl.Client(self.ready["url"], token["token"]).run("x")
            except pawl.Problem as problem:
                return problem.status == 401
        wait_for(refused, 15, "the token to be refused")

    def worker_process(self, token, patience):
        """A worker that does one task, which ends when a file appears; and that file, the process, and that of its token."""
        token_file, begun, go = (self.folder / (name + token["id"]) for name in ("token", "begun", "go"))
        token_file.write_text(token["token"] + "\n")
        program = self.write("worker.py", WORKER)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "sdk" / "python"), "PAWL_URL": self.ready["url"],
                       "PAWL_TOKEN_FILE": str(token_file)}
        process = subprocess.Popen([sys.executable, program, token["id"], str(patience), str(begun), str(go)], env=environment,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        run = self.client.start("sdk/asking", {"n": 1}, queue=token["id"])["id"]
        wait_for(begun.exists, 20, "the task to be begun")
        return process, token_file, go, run

    def test_a_token_that_is_replaced_costs_no_result(self):
        token = self.new_token()
        process, token_file, go, run = self.worker_process(token, 60)
        self.revoke(token)
        go.touch()
        line = process.stderr.readline()
        while "does not accept the token" not in line:
            self.assertNotEqual(line, "")
            line = process.stderr.readline()
        self.assertIn("1 tasks in hand are kept", line)
        token_file.write_text(self.new_token()["token"])
        self.assertEqual(self.client.wait(run, 30)["output"], "done")
        process.terminate()
        self.assertEqual(process.wait(30), 0)

    def test_a_token_that_stays_revoked_ends_the_worker_with_an_error(self):
        token = self.new_token()
        process, _, go, run = self.worker_process(token, 1)
        self.revoke(token)
        go.touch()
        told = process.stderr.read()
        self.assertEqual(process.wait(30), 1)
        self.assertRegex(told, r"the result of sdk.ask \(run %s, /do/0/ask, idempotency key .+\) could not be told" % run)
        self.assertIn("[unauthorized]", told)
        self.assertEqual(self.client.run(run)["status"], "running")

    def test_a_token_that_was_never_good_is_told_at_once(self):
        worker = pawl.Worker(pawl.Client(self.ready["url"], "pawl_none"), token_patience=600)
        worker.action("sdk.ask")(lambda input, task: None)
        with self.assertRaises(pawl.Problem) as caught:
            worker.run(handle_signals=False)
        self.assertEqual(caught.exception.status, 401)

    def test_no_two_workers_share_a_name(self):
        one, other = (pawl.Worker(self.client, name="till") for _ in range(2))
        self.assertNotEqual(one.name, other.name)
        self.assertTrue(one.name.startswith("till-"))
        worker = os.fork()
        if worker == 0:
            os._exit(0 if one._unique_name() != one.name else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]), 0)

    def test_the_token_of_pawl_dev_goes_to_its_own_server_alone(self):
        told = []

        class Stranger(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                told.append(self.headers.get("Authorization"))
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        stranger = http.server.HTTPServer(("127.0.0.1", 0), Stranger)
        self.addCleanup(stranger.server_close)
        thread = threading.Thread(target=stranger.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(stranger.shutdown)
        left = {"url": self.ready["url"], "token": self.ready["token"]}
        bare = {name: value for name, value in os.environ.items() if not name.startswith("PAWL_")}
        with mock.patch.object(pawl, "_dev_server", return_value=left), mock.patch.dict(os.environ, bare, clear=True):
            self.assertEqual(pawl.Client().deploy(ASKING)["version"], "1.0.0")
            with self.assertRaises(pawl.Problem):
                pawl.Client("http://127.0.0.1:%d" % stranger.server_port).run("x")
        self.assertEqual(told, [None])

    def test_no_server(self):
        client = pawl.Client("http://127.0.0.1:1", "x", timeout=0.5)
        with self.assertRaises(pawl.Unreachable):
            client.run("x")
