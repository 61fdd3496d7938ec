#!/usr/bin/env python3
"""The demo: 100 orders, and a server that is killed half way.

Starts `pawl dev` on a fresh data directory, a shop and a worker, deploys order.yaml, starts 100 orders, kills the server
with SIGKILL while they are in flight, starts it again, waits for all, and compares three books: what the server says of each
run, its history, and the shop's own ledger of requests. Exits non-zero if anything differs.

    PAWL_BIN=build/release/pawl examples/orders/run_demo.py
"""

import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "sdk" / "python"))
import pawl  # noqa: E402

ORDERS = 100
ENDED_WITHIN = 45.0                 # seconds after the restart
PAWL = os.environ.get("PAWL_BIN", str(HERE.parents[1] / "build" / "release" / "pawl"))


def say(text=""):
    print(text, flush=True)


class Server:
    """`pawl dev` on one data directory; the port stays the same over its lives."""

    def __init__(self, directory):
        self.directory = directory
        self.process = None
        self.address = None

    def start(self):
        command = [PAWL, "dev", "--data-dir", str(self.directory), "--output", "json"]
        if self.address:
            command += ["--listen", self.address["url"].split("//")[1]]
        log = open(str(self.directory) + ".log", "a", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("pawl dev did not start:\n" + pathlib.Path(str(self.directory) + ".log").read_text()[-3000:])
        self.address = json.loads(line)
        return self.address

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()


def read_ledger(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def start_orders(client, shop):
    ids = [None] * ORDERS

    def start(numbers):
        for n in numbers:
            order = {"id": "order-%d" % n, "item": "hat", "amount": n, "shop": shop}
            ids[n] = client.start("shop/order", order, key="demo-order-%d" % n)["id"]
        client.close()

    threads = [threading.Thread(target=start, args=(range(part, ORDERS, 8),)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ids


def in_flight(client):
    return sum(1 for status in ("running", "waiting") for _ in client.runs(status=status))


class Books:
    """Compares histories with the ledger; collects what differs."""

    def __init__(self, killed_at):
        self.killed_at = killed_at
        self.wrong = []
        self.resent = collections.Counter()
        self.retried = 0

    def check_run(self, run, events, requests):
        """One order: `requests` are the ledger's, in order."""
        name = requests[0]["order"] if requests else run["id"]
        if run["status"] != "completed":
            self.wrong.append("%s is %s: %s" % (name, run["status"], json.dumps(run.get("error"))))
            return
        decided, ended = self.calls(events)
        for request in requests:
            if request["at"] < decided.get(request["key"], float("inf")):
                self.wrong.append("%s: %s was called without a decision in the log" % (name, request["step"]))
            if request["at"] > self.killed_at > ended.get(request["key"], float("inf")):
                self.wrong.append("%s: %s was called again though its result was in the log" % (name, request["step"]))
        keys = {}
        for request in requests:
            keys.setdefault(request["step"], set()).add(request["key"])
        for step, of_step in keys.items():
            if len(of_step) != 1:
                self.wrong.append("%s: %s has %d idempotency keys" % (name, step, len(of_step)))
        expected = self.expected_steps(run)
        if set(keys) != expected:
            self.wrong.append("%s: steps %s instead of %s" % (name, sorted(keys), sorted(expected)))
        self.check_repetitions(name, requests)

    @staticmethod
    def calls(events):
        """When each idempotency key was first decided, and when what it was for had ended: seconds, by the log."""
        decided, ended, paths = {}, {}, {}
        for event in events:
            at = pawl._instant(event["ts"]).timestamp()
            if event["type"] == "invocation.requested":
                decided.setdefault(event["payload"]["key"], at)
                paths[event["path"]] = event["payload"]["key"]
            elif event["type"] == "task.completed" and event["path"] in paths:
                ended[paths[event["path"]]] = at
        return decided, ended

    @staticmethod
    def expected_steps(run):
        if run["output"]["outcome"] == "refused":
            return {"reserve", "charge", "release"}
        insured = {"insure"} if run["output"]["insured"] else set()
        return {"reserve", "charge", "ship", "notify"} | insured

    def check_repetitions(self, name, requests):
        """A second request with one key is either a retry after a 503, or was in flight when the server was killed."""
        by_step = collections.defaultdict(list)
        for request in requests:
            by_step[request["step"]].append(request)
        for step, same in by_step.items():
            for before, after in zip(same, same[1:]):
                if before["answer"] == 503:
                    self.retried += 1
                elif before["at"] <= self.killed_at <= after["at"]:
                    self.resent[step] += 1
                else:
                    self.wrong.append("%s: %s was sent again though nothing had happened" % (name, step))


def show_timeline(run_id, environment):
    say("\n--- one order's timeline (pawl runs events %s) ---" % run_id)
    subprocess.run([PAWL, "runs", "events", run_id, "--output", "table"], env=environment, check=True)


def demo(work):
    began = time.monotonic()
    server = Server(work / "data")
    ledger = work / "ledger.jsonl"
    ledger.touch()
    processes = []
    try:
        address = server.start()
        say("pawl dev is at %s after %.1f s, with its own PostgreSQL in a fresh directory" % (address["url"], time.monotonic() - began))
        environment = dict(os.environ, PAWL_URL=address["url"], PAWL_TOKEN=address["token"], NO_COLOR="1")
        shop = subprocess.Popen([sys.executable, str(HERE / "shop.py"), "--ledger", str(ledger)], stdout=subprocess.PIPE, text=True)
        processes.append(shop)
        shop_url = shop.stdout.readline().strip()
        worker_log = open(work / "worker.log", "w", encoding="utf-8")
        processes.append(subprocess.Popen([sys.executable, str(HERE / "worker.py")], env=environment, stderr=worker_log))
        subprocess.run([PAWL, "deploy", str(HERE / "order.yaml")], env=environment, check=True)

        client = pawl.Client(address["url"], address["token"])
        ids = start_orders(client, shop_url)
        while len(read_ledger(ledger)) < ORDERS * 2:
            time.sleep(0.01)
        flying = in_flight(client)
        server.kill()
        killed_at = time.time()
        say("%d orders started; SIGKILL with %d of them in flight and %d requests in the shop's ledger" % (
            ORDERS, flying, len(read_ledger(ledger))))
        again = time.monotonic()
        server.start()
        say("the server is back after %.1f s" % (time.monotonic() - again))

        until = time.monotonic() + ENDED_WITHIN
        runs = [client.wait(run_id, max(0.0, until - time.monotonic())) for run_id in ids]
        books = Books(killed_at)
        by_order = collections.defaultdict(list)
        for request in read_ledger(ledger):
            by_order[request["order"]].append(request)
        for n, run in enumerate(runs):
            books.check_run(run, list(client.events(run["id"])), by_order["order-%d" % n])
        show_timeline(ids[97], environment)
        report(runs, by_order, books)
        verified = subprocess.run([PAWL, "verify", "--database", address["database"]], check=False).returncode
        if verified != 0:
            books.wrong.append("pawl verify found broken laws")
        if flying == 0:
            books.wrong.append("nothing was in flight when the server was killed")
        for each in books.wrong[:20]:
            say("WRONG: " + each)
        say("\n%s in %.1f s" % ("FAILED" if books.wrong else "All three books agree", time.monotonic() - began))
        return 1 if books.wrong else 0
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(40)
        server.stop()


def report(runs, by_order, books):
    say("\n--- the outcome of all ---")
    outcomes = collections.Counter(
        run["output"]["outcome"] if run["status"] == "completed" else run["status"] for run in runs)
    for outcome, count in sorted(outcomes.items()):
        say("%4d %s" % (count, outcome))
    say("\n--- the shop's ledger ---")
    steps = collections.Counter(request["step"] for requests in by_order.values() for request in requests)
    keys = collections.defaultdict(set)
    for requests in by_order.values():
        for request in requests:
            keys[request["step"]].add(request["key"])
    for step in ("reserve", "charge", "release", "insure", "ship", "notify"):
        say("%-8s %4d orders, %4d requests, %2d of them sent again after the kill" % (
            step, len(keys[step]), steps[step], books.resent[step]))
    say("%d requests were retries after a 503, each with the key of the first" % books.retried)


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="pawl-demo-"))
    os.chmod(work, 0o755)               # as root, PostgreSQL runs as a user of its own and must reach its directory
    try:
        code = demo(work)
    except BaseException:
        say("the logs are in %s" % work)
        raise
    if code == 0:
        shutil.rmtree(work, ignore_errors=True)
    else:
        say("the logs are in %s" % work)
    return code


if __name__ == "__main__":
    sys.exit(main())
