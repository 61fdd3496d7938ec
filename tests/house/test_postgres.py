import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

SCRIPT = str(Path(__file__).resolve().parents[1] / "postgres.sh")
PATIENCE_SECONDS = 30


def script(action, folder, **environment):
    return subprocess.run([SCRIPT, action, folder], env={**os.environ, **environment}, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def answer(conninfo, statement):
    return subprocess.run(["psql", "-XAtq", conninfo, "-c", statement], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60).stdout.strip()


class Postgres(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="pg-")
        os.chmod(self.folder, 0o755)
        self.addCleanup(script, "stop", self.folder)

    def test_start_twice_is_one_server_and_stop_leaves_nothing(self):
        first = script("start", self.folder)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        conninfo = first.stdout.strip()
        self.assertEqual(answer(conninfo, "SHOW is_superuser"), "on")
        self.assertEqual(answer(conninfo, "SHOW server_encoding"), "UTF8")
        pid = answer(conninfo, "SELECT pg_postmaster_start_time()")
        self.assertEqual(script("start", self.folder).stdout.strip(), conninfo)
        self.assertEqual(answer(conninfo, "SELECT pg_postmaster_start_time()"), pid)
        self.assertEqual(script("stop", self.folder).returncode, 0)
        self.assertFalse(os.path.exists(self.folder))
        self.assertEqual(script("stop", self.folder).returncode, 0)

    def test_it_ends_with_its_owner(self):
        owner = subprocess.Popen(["sleep", "1000"])
        self.addCleanup(owner.kill)
        conninfo = script("start", self.folder, PAWL_TEST_PG_OWNER=str(owner.pid)).stdout.strip()
        self.assertEqual(answer(conninfo, "SELECT 1"), "1")
        owner.kill()
        owner.wait()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while os.path.exists(self.folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(os.path.exists(self.folder))

    def test_without_an_action_it_explains_itself(self):
        done = subprocess.run([SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("tests/postgres.sh start [DIR]", done.stderr)
