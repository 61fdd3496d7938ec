"""A server with a private PostgreSQL in a fresh directory, as the measurements start, set, kill and read it."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sdk" / "python"))

PAWL = os.environ.get("PAWL_BIN", str(ROOT / "build" / "release" / "pawl"))
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    pass


class Server:
    """`pawl dev`, which comes back on the same port and the same data."""

    def __init__(self, priority=None):
        self.prefix = ["chrt", "-r", str(priority)] if priority else []
        self.folder = Path(tempfile.mkdtemp(prefix="pawl-bench-"))
        self.folder.chmod(0o755)
        self.listen = "127.0.0.1:0"
        self.process = None

    def launch(self):
        command = [*self.prefix, PAWL, "dev", "--data-dir", str(self.folder / "data"), "--listen", self.listen, "--output", "json"]
        with open(self.folder / "pawl.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True)

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed("pawl dev did not start:\n" + (self.folder / "pawl.log").read_text()[-3000:])
        self.ready = json.loads(line)
        self.listen = self.ready["url"].split("//")[1]

    def __enter__(self):
        try:
            self.launch()
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(60)
        self.process.stdout.close()

    def bench(self, workload, *arguments):
        """What `pawl bench` says of one measurement."""
        command = [*self.prefix, PAWL, "bench", workload, *map(str, arguments), "--output", "json",
                   "--database", self.ready["database"], "--url", self.ready["url"], "--token", self.ready["token"]]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failed("%s failed" % workload)
        return json.loads(done.stdout)

    def sql(self, text, database="pawl"):
        conninfo = self.ready["database"].replace("dbname=pawl", "dbname=" + database)
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", conninfo], input=text, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failed("SQL failed: " + text[:200])
        return done.stdout.strip()

    def set(self, name, value):
        """A setting of PostgreSQL; the sessions that are open have it within a moment."""
        self.sql("ALTER SYSTEM SET %s = '%s'" % (name, value))
        self.sql("SELECT pg_reload_conf()")

    def set_flush(self, milliseconds):
        """Each commit waits so long before its flush, also when no other one is under way (docs/benchmarks.md)."""
        self.set("commit_siblings", 0)
        self.set("commit_delay", milliseconds * 1000)

    def metrics(self):
        with urllib.request.urlopen(self.ready["url"] + "/metrics", timeout=30) as answer:
            return dict(re.findall(r"^([a-z_]+) ([0-9.e+-]+)$", answer.read().decode(), re.M))

    def postgres_seconds(self):
        postmaster = int((self.folder / "data" / "postgres" / "postmaster.pid").read_text().split()[0])
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    rest = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue  # it has just ended
                parents[int(entry.name)] = (int(rest[1]), [int(ticks) for ticks in rest[11:15]])
        of_all = sum(parents[postmaster][1])
        return (of_all + sum(ticks[0] + ticks[1] for parent, ticks in parents.values() if parent == postmaster)) / TICKS

    def postgres_log(self):
        return (self.folder / "data" / "postgres.log").read_text(errors="replace")
