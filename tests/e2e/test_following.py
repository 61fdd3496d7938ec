"""Runs followed as they go: pawl run --follow, pawl runs follow, Client.follow, and servers that stop meanwhile."""
import json
import re
import socket
import threading
import time
import urllib.parse

from e2e.screen import Screen
from e2e.served import Served

import pawl

GREETING = """
document: { dsl: 1.0.0, namespace: test, name: greeting, version: 1.0.0 }
do:
  - greet: { set: { text: hello } }
"""
FAILING = """
document: { dsl: 1.0.0, namespace: test, name: failing, version: 1.0.0 }
do:
  - fail: { raise: { error: { type: 'https://example.com/no', status: 418, title: Teapot } } }
"""
ASKING = """
document: { dsl: 1.0.0, namespace: test, name: asking, version: 1.0.0 }
do:
  - ask: { call: test.ask }
  - again: { call: test.ask }
"""


class Following(Served):
    def setUp(self):
        for text in (GREETING, FAILING, ASKING):
            self.pawl("deploy", self.write("definition.yaml", text))
        self.client = pawl.Client(self.ready["url"], self.ready["token"])
        self.addCleanup(self.client.close)

    def work(self):
        """Does one task."""
        polled = self.client.request("POST", "/v1/queues/default/tasks:poll",
                                     {"worker": "w", "actions": ["test.ask"], "wait": "20s"}, answer_time=20)
        token = polled["items"][0]["token"]
        done = self.client.request("POST", "/v1/tasks:complete", {"items": [{"token": token, "output": {}}]})
        self.assertEqual(done["items"], [{"result": "done"}])

    def test_programs_get_a_document_a_line(self):
        done = self.pawl("run", "test/greeting", "--follow", "-o", "json")
        types = [json.loads(line)["type"] for line in done.stdout.splitlines()]
        self.assertEqual(types, ["run.started", "task.completed", "run.completed"])
        identity = re.match(r"started (\S+);", done.stderr).group(1)
        self.assertEqual(self.pawl("runs", "follow", identity, "--after", "2", "-o", "json").stdout, done.stdout.splitlines()[2] + "\n")
        self.assertEqual(self.pawl("runs", "follow", identity, "-o", "id").stdout, identity + "\n")
        self.assertEqual(self.pawl("runs", "follow", identity).stdout, self.pawl("runs", "events", identity).stdout)

    def test_exit_codes_are_those_of_waiting(self):
        self.assertIn("Teapot", self.pawl("run", "test/failing", "--follow", "-o", "table", code=1).stdout)
        self.assertIn("[run-not-found]", self.pawl("runs", "follow", "018f0000-0000-7000-8000-000000000000", code=4).stderr)
        run = self.answer("run", "test/asking")
        done = self.pawl("runs", "follow", run["id"], "--at-most", "300ms", code=1)
        self.assertIn("gave up waiting", done.stderr)
        self.assertIn("invocation.requested", done.stdout)
        self.answer("runs", "cancel", run["id"])
        self.assertIn("run.cancelled", self.pawl("runs", "follow", run["id"], code=1).stdout)

    def test_an_interrupt_ends_the_following_and_not_the_run(self):
        screen = Screen("run", "test/asking", "--follow", env=self.server)
        text = screen.until(lambda seen: "invocation.requested" in seen, "the first task")
        identity = re.match(r"started (\S+);", text).group(1)
        screen.interrupt()
        text, code = screen.end()
        self.assertEqual(code, -2)
        self.assertIn("the run goes on; follow it again with: pawl runs follow " + identity, text)
        self.assertEqual(self.answer("runs", "show", identity)["status"], "running")
        self.answer("runs", "cancel", identity)

    def test_it_goes_on_where_it_was_when_the_server_comes_back(self):
        run = self.answer("run", "test/asking")
        screen = Screen("runs", "follow", run["id"], "-o", "json", env=self.server)
        screen.until(lambda seen: "invocation.requested" in seen, "the first task")
        self.work()
        screen.until(lambda seen: seen.count("invocation.requested") == 2, "the second task")
        self.dev.kill()
        screen.until(lambda seen: "the server does not answer" in seen, "that it is gone")
        self.dev.start()
        self.work()
        text, code = screen.end()
        self.assertEqual(code, 0, text)
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        self.assertEqual([event["seq"] for event in lines], list(range(1, len(lines) + 1)))
        self.assertEqual(lines[-1]["type"], "run.completed")

    def test_explain_says_what_holds_it(self):
        run = self.answer("run", "test/asking")
        done = self.pawl("explain", run["id"])
        self.assertRegex(done.stdout, r"^/do/0/ask\tinvocation\tit waits in queue default for a worker that can do test.ask")
        self.assertEqual(self.answer("explain", run["id"]), self.client.explain(run["id"]))
        self.answer("runs", "cancel", run["id"])
        done = self.pawl("explain", run["id"])
        self.assertEqual((done.stdout, done.stderr), ("", "nothing holds it: the run is cancelled\n"))
        self.assertIn("[run-not-found]", self.pawl("explain", "018f0000-0000-7000-8000-000000000000", code=4).stderr)

    def test_programs_follow_too(self):
        run = self.client.start("test/asking")
        seen, begun = [], threading.Event()

        def follow():
            for event in self.client.follow(run["id"]):
                seen.append(event["seq"])
                begun.set()
        thread = threading.Thread(target=follow)
        thread.start()
        self.assertTrue(begun.wait(20))
        self.work()
        self.work()
        thread.join(20)
        self.assertEqual(seen, [event["seq"] for event in self.client.events(run["id"])])
        with self.assertRaises(pawl.Problem):
            next(self.client.follow("018f0000-0000-7000-8000-000000000000"))


class Stopping(Served):
    def test_a_server_with_open_streams_stops_at_once(self):
        self.pawl("deploy", self.write("definition.yaml", ASKING))
        run = self.answer("run", "test/asking")
        address = urllib.parse.urlsplit(self.ready["url"])
        streams = []
        for _ in range(20):
            stream = socket.create_connection((address.hostname, address.port), 20)
            stream.sendall(("GET /v1/runs/%s/stream HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n"
                            % (run["id"], self.ready["token"])).encode())
            streams.append(stream)
        for stream in streams:
            self.assertIn(b"200 OK", stream.recv(1 << 16))
        begun = time.monotonic()
        self.assertEqual(self.dev.stop(), 0)
        took = time.monotonic() - begun
        for stream in streams:
            stream.close()
        # The private PostgreSQL's own stop is in it; streams alone would take the ten seconds of requests in flight.
        self.assertLess(took, 8)

