import os
import shutil
import time
import unittest
import urllib.error
import urllib.request

from bad_input.test_directories import mounted
from support import processes
from support.processes import wait_for

import pawl

ORDER = """
document: { dsl: 1.0.0, namespace: shop, name: order, version: 1.0.0 }
do:
  - reserve: { call: shop.reserve, with: { text: '${ .text }' } }
"""
NOTICED_SECONDS = 20


class Ready(unittest.TestCase):
    """/readyz of a server whose PostgreSQL answers, and does not work."""

    def serve(self, database="app", tablespace=None):
        self.folder = processes.folder("rdy-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.postgres = processes.Postgres(self.folder / "pg")
        self.addCleanup(self.postgres.stop)
        if tablespace is not None:
            shutil.chown(tablespace, "postgres", "postgres")
            self.postgres.query("postgres", "CREATE TABLESPACE small LOCATION '%s'" % tablespace)
            self.postgres.query("postgres", "ALTER DATABASE template1 SET TABLESPACE small")
        self.owner = self.postgres.database(database)
        token = processes.new_token(self.owner, "acme")
        self.server = processes.Process(["server", "--database", self.postgres.as_server(self.owner), "--listen", "127.0.0.1:0",
                                         "--unsafe-durability"], self.folder / "pawl.log")
        self.url = self.server.start()["url"]
        self.addCleanup(self.server.kill)
        self.client = pawl.Client(self.url, token, timeout=1)
        self.client.deploy(ORDER)
        self.client.start("shop/order", {"text": "x"})
        self.assertTrue(self.ready())

    def ready(self):
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=10) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as refused:
            self.assertEqual(refused.code, 503)
            return False

    def test_the_data_directory_is_removed(self):
        self.serve()
        shutil.rmtree(self.folder / "pg" / "data")
        wait_for(lambda: not self.ready(), NOTICED_SECONDS, "the server not to be ready")

    def test_the_database_becomes_read_only(self):
        self.serve()
        self.postgres.query("app", "ALTER DATABASE app SET default_transaction_read_only = on")
        self.postgres.query("app", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pawl_server'")
        wait_for(lambda: not self.ready(), NOTICED_SECONDS, "the server not to be ready")
        self.postgres.query("postgres", "ALTER DATABASE app RESET default_transaction_read_only")
        self.postgres.query("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pawl_server'")
        wait_for(self.ready, NOTICED_SECONDS, "the server to be ready again")
        self.client.start("shop/order", {"text": "x"})

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_the_disk_is_full(self):
        """Updates in place still pass then: the lease is renewed, a claim may be; starts are refused."""
        disk = mounted(self, "100m")
        self.serve(tablespace=disk)
        with open(disk / "filling", "wb", buffering=0) as filling:
            try:
                while True:
                    filling.write(bytes(4096))
            except OSError:
                pass
        refusals = []

        def refused():
            try:
                self.client.start("shop/order", {"text": os.urandom(60_000).hex()})
            except pawl.Problem as problem:
                self.assertEqual(problem.status, 503)
                refusals.append(problem.code)
            return len(refusals) >= 2
        wait_for(refused, NOTICED_SECONDS, "starts to be refused")
        for _ in range(20):         # a commit of nothing passes meanwhile, and proves nothing
            self.assertFalse(self.ready())
            time.sleep(0.05)
        (disk / "filling").unlink()
        wait_for(self.ready, NOTICED_SECONDS, "the server to be ready again")
        self.client.start("shop/order", {"text": "x"})
