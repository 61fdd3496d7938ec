"""The real binary and the real PostgreSQL, as tests start, stop and kill them."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sdk" / "python"))

PAWL = os.environ.get("PAWL_BIN", str(ROOT / "build" / "release" / "pawl"))
START_SECONDS = 60
STOP_SECONDS = 40


def wait_for(condition, seconds, what):
    """The condition's first true value; a test waits for conditions, never for a time."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError("waited %s s for %s" % (seconds, what))
        time.sleep(0.01)


def folder(prefix):
    """A fresh one with a short path that the user postgres may enter."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    path.chmod(0o755)
    return path


def pawl(*arguments, check=True, **options):
    """Runs a command; its CompletedProcess with text."""
    environment = {**os.environ, "NO_COLOR": "1", **options.pop("env", {})}
    done = subprocess.run([PAWL, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL if "input" not in options else None, env=environment, timeout=120, **options)
    if check and done.returncode != 0:
        raise AssertionError("pawl %s: exit %d\n%s%s" % (" ".join(arguments), done.returncode, done.stdout, done.stderr))
    return done


class Process:
    """A server that prints one line of JSON when it is ready."""

    def __init__(self, arguments, log):
        self.arguments = arguments
        self.log = pathlib.Path(log)
        self.process = None
        self.ready = None

    def launch(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([PAWL, *self.arguments, "--output", "json"], stdout=subprocess.PIPE, stderr=log,
                                            stdin=subprocess.DEVNULL, text=True)

    def start(self):
        self.launch()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("pawl %s did not start:\n%s" % (" ".join(self.arguments), self.log.read_text()[-3000:]))
        self.ready = json.loads(line)
        return self.ready

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait(STOP_SECONDS)
        self.process.stdout.close()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.kill(signal.SIGTERM)
        return self.process.returncode if self.process is not None else None


class Dev(Process):
    """`pawl dev` on a directory; comes back on the same port."""

    def __init__(self, directory, *arguments):
        self.directory = pathlib.Path(directory)
        super().__init__(["dev", "--data-dir", str(self.directory / "data"), "--listen", "127.0.0.1:0", *arguments],
                         self.directory / "pawl.log")

    def start(self):
        ready = super().start()
        self.arguments[self.arguments.index("--listen") + 1] = ready["url"].split("//")[1]
        return ready


class Postgres:
    """A PostgreSQL of its own (tests/postgres.sh), with a migrated database and a tenant's token."""

    SCRIPT = str(ROOT / "tests" / "postgres.sh")

    def __init__(self, directory):
        self.directory = str(directory)
        self.conninfo = self.start()

    def start(self):
        done = subprocess.run([self.SCRIPT, "start", self.directory], text=True, stdout=subprocess.PIPE, check=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "PAWL_TEST_PG_OWNER": str(os.getpid())})
        return done.stdout.strip()

    def stop(self):
        subprocess.run([self.SCRIPT, "stop", self.directory], check=False, stdin=subprocess.DEVNULL)

    def control(self, *arguments):
        """pg_ctl as the server's user."""
        command = [os.environ.get("PAWL_PG_BIN_DIR", "/usr/lib/postgresql/15/bin") + "/pg_ctl", "--pgdata",
                   self.directory + "/data", "--log", self.directory + "/server.log", "--wait", *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", *command]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def database(self, name):
        self.query("postgres", "CREATE DATABASE %s" % name)
        owner = self.conninfo.replace("dbname=postgres", "dbname=" + name)
        self.query(name, "DO $$ BEGIN CREATE ROLE pawl_server LOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        pawl("db", "migrate", "--database", owner)
        return owner

    def query(self, name, sql):
        conninfo = self.conninfo.replace("dbname=postgres", "dbname=" + name)
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", conninfo, "-c", sql], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()

    @staticmethod
    def as_server(owner_conninfo):
        return owner_conninfo.replace("user=postgres", "user=pawl_server")


def new_token(owner_conninfo, tenant):
    pawl("tenants", "create", tenant, "--database", owner_conninfo)
    made = pawl("token", "create", "test", "--tenant", tenant, "--database", owner_conninfo, "--output", "json")
    return json.loads(made.stdout)["token"]
