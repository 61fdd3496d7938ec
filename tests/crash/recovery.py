"""How soon a server that was killed with many runs in flight has them all moving again."""
import collections
import json
import shutil
import threading
import time
import unittest

from support import processes

import pawl

RUNS = 1000
MOVING_WITHIN_SECONDS = 3.0
DEFINITION = """
document: { dsl: 1.0.0, namespace: crash, name: recovery, version: 1.0.0 }
do:
  - work: { call: crash.work, with: { n: '${ .n }' } }
  - more: { call: crash.work, with: { n: '${ .n }' } }
"""


class Recovery(unittest.TestCase):
    """1,000 runs, each with a task that is ready or held by a worker that dies with the server's answer."""

    def begin(self):
        self.folder = processes.folder("recover-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.dev = processes.Dev(self.folder)
        self.ready = self.dev.start()
        self.addCleanup(self.dev.stop)
        self.client = pawl.Client(self.ready["url"], self.ready["token"])
        self.addCleanup(self.client.close)
        self.client.deploy(DEFINITION)

    def poll(self, client, most, **more):
        return client.request("POST", "/v1/queues/default/tasks:poll", {
            "worker": "recovery", "actions": ["crash.work"], "max": most, "wait": "1s", **more}, attempts=1)["items"]

    def complete(self, client, items):
        body = {"items": [{"token": item["token"], "output": {"n": 1}} for item in items]}
        client.request("POST", "/v1/tasks:complete", body)

    def start_all(self):
        ids = []

        def start(part):
            client = pawl.Client(self.ready["url"], self.ready["token"])
            ids.extend(client.start("crash/recovery", {"n": n})["id"] for n in range(part, RUNS, 8))
            client.close()
        threads = [threading.Thread(target=start, args=(part,)) for part in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(ids)), RUNS)
        return ids

    def test_all_move_within_three_seconds(self):
        """A machine may be busy with something else for a while: the best of three counts; what is lost counts each time."""
        took = MOVING_WITHIN_SECONDS
        for _ in range(3):
            if took >= MOVING_WITHIN_SECONDS:
                took = self.recover()
        self.assertLess(took, MOVING_WITHIN_SECONDS)

    def recover(self):
        self.begin()
        self.start_all()
        # A third is done once and waits for its second task; a third is held by a worker that will never know.
        self.complete(self.client, self.poll(self.client, RUNS // 3))
        lost = self.poll(self.client, RUNS // 3)
        self.assertGreater(len(lost), 100)
        self.dev.kill()
        began = time.monotonic()
        self.dev.launch()
        offered = collections.Counter()
        # The worker holds nothing: what was claimed for it must be offered again, with everything else, once each.
        while len(offered) < RUNS:
            self.assertLess(time.monotonic() - began, 30, "%d of %d were offered" % (len(offered), RUNS))
            try:
                items = self.poll(self.client, 1000, holding=[])
            except (pawl.Unreachable, pawl.Problem):
                time.sleep(0.01)
                continue
            for item in items:
                offered[item["run"]["id"]] += 1
            if items:
                self.complete(self.client, items)
        took = time.monotonic() - began
        self.dev.ready = json.loads(self.dev.process.stdout.readline())
        print("%d runs were moving %.2f s after the start of the new process" % (RUNS, took), flush=True)
        verified = processes.pawl("verify", "--ended", "--database", self.ready["database"], check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.dev.stop()
        return took
