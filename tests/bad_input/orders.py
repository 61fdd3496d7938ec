"""A server with 50 orders on their way, which must not notice anything that happens beside them."""
import http.client
import json
import shutil
import socket
import threading
import unittest

from support import processes

import pawl

ORDERS = 50
ORDER = """
document: { dsl: 1.0.0, namespace: shop, name: order, version: 1.0.0 }
do:
  - reserve: { call: shop.reserve, with: { n: '${ .n }' } }
  - rest: { wait: { milliseconds: 700 } }
  - ship: { call: shop.ship, output: { as: '{ shipped: . }' } }
"""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers = status, headers
        self.json = json.loads(body) if body else None

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None


class Orders(unittest.TestCase):
    """Each test runs while the orders do; tearDownClass wants all of them completed."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = processes.folder("bad-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.dev = processes.Dev(cls.folder)
        cls.ready = cls.dev.start()
        cls.addClassCleanup(cls.dev.stop)
        cls.token = cls.ready["token"]
        cls.host, port = cls.ready["url"].split("//")[1].split(":")
        cls.port = int(port)
        cls.client = pawl.Client(cls.ready["url"], cls.token)
        cls.client.deploy(ORDER)
        cls.worker = pawl.Worker(cls.client, concurrency=8)
        cls.worker.action("shop.reserve")(lambda input, task: {"reserved": input["n"]})
        cls.worker.action("shop.ship")(lambda input, task: True)
        cls.working = threading.Thread(target=cls.worker.run, kwargs={"handle_signals": False}, daemon=True)
        cls.working.start()

    def setUp(self):
        self.orders = [self.client.start("shop/order", {"n": n})["id"] for n in range(ORDERS)]

    def tearDown(self):
        runs = [self.client.wait(order, 60) for order in self.orders]
        self.assertEqual([run["status"] for run in runs], ["completed"] * ORDERS)
        self.assertEqual(runs[0]["output"], {"shipped": True})

    @classmethod
    def tearDownClass(cls):
        verified = processes.pawl("verify", "--ended", "--database", cls.ready["database"], check=False)
        cls.worker.stop()
        cls.working.join(20)
        if verified.returncode != 0:
            raise AssertionError(verified.stdout + verified.stderr)

    def send(self, method, target, body=None, *, token=None, content_type="application/json", headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode("utf-8")
            fields = {"Authorization": "Bearer " + (token or self.token), "Content-Type": content_type, **(headers or {})}
            connection.request(method, target, body, fields)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.json)
        for member in ("type", "title", "status", "code"):
            self.assertIn(member, answer.json)
        self.assertIn("application/problem+json", answer.headers["Content-Type"])
        return answer.json

    def deploy(self, text, **options):
        return self.send("POST", "/v1/definitions", text, content_type="application/yaml", **options)

    def raw(self, data):
        """What comes back for bytes that are no good request; the connection is closed for writing after them."""
        with socket.create_connection((self.host, self.port), timeout=60) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return received
                received += piece
