"""What a restart costs: `recover` and `resume`. The server is killed with SIGKILL, and its private PostgreSQL ends with it, so that
PostgreSQL's own recovery is in the time."""
import queue
import signal
import statistics
import threading
import time

from .server import Failed

import pawl

RECOVER = """
document: { dsl: 1.0.0, namespace: bench, name: recover, version: 1.0.0 }
do:
  - first: { call: bench.recover, with: { n: '${ .n }' } }
  - second: { call: bench.recover, with: { n: '${ .n }' } }
"""
RESUME = """
document: { dsl: 1.0.0, namespace: bench, name: resume, version: 1.0.0 }
do:
  - history: { for: { each: i, in: '[range($workflow.input.iterations)]' }, do: [ step: { set: { n: 1 } } ] }
  - first: { call: bench.resume }
  - second: { call: bench.resume }
"""
PATIENCE_SECONDS = 120
EVENTS_AN_ITERATION = 2


def poll(client, queue_name, action, most, wait="1s", **more):
    return client.request("POST", "/v1/queues/%s/tasks:poll" % queue_name,
                          {"worker": "bench", "actions": [action], "max": most, "wait": wait, **more}, attempts=1)["items"]


def complete(client, tasks):
    """How many results were accepted."""
    answer = client.request("POST", "/v1/tasks:complete",
                            {"items": [{"token": task["token"], "output": {"n": task["input"].get("n", 0) + 1}} for task in tasks]})
    return sum(item.get("result") == "done" for item in answer["items"])


def start_all(server, runs, queue_name, threads=8):
    ids = [None] * runs

    def start(part):
        client = pawl.Client(server.ready["url"], server.ready["token"])
        for n in range(part, runs, threads):
            ids[n] = client.request("POST", "/v1/runs", {"definition": "bench/recover", "input": {"n": n}, "queue": queue_name})["id"]
        client.close()
    starters = [threading.Thread(target=start, args=(part,)) for part in range(threads)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    if len(set(ids)) != runs or None in ids:
        raise Failed("recover: not every run was started")
    return set(ids)


def completed_runs(client):
    ids, cursor = set(), ""
    while cursor is not None:
        page = client.request("GET", "/v1/runs?definition=bench/recover&status=completed&limit=200" + cursor)
        ids.update(run["id"] for run in page["items"])
        cursor = "&cursor=" + page["nextCursor"] if "nextCursor" in page else None
    return ids


class Completer:
    """Completes batches on a connection of its own, so that the next poll does not wait for it."""

    def __init__(self, server):
        self.client = pawl.Client(server.ready["url"], server.ready["token"])
        self.batches = queue.SimpleQueue()
        self.held = {}  # token: task, of what is not yet answered
        self.accepted = 0
        self.failure = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def add(self, tasks):
        self.held.update((task["token"], task) for task in tasks)
        self.batches.put(tasks)

    def _run(self):
        try:
            while True:
                tasks = self.batches.get()
                if tasks is None:
                    return
                self.accepted += complete(self.client, tasks)
                for task in tasks:
                    del self.held[task["token"]]
        except Exception as error:  # told by whoever waits for it
            self.failure = error

    def close(self):
        self.batches.put(None)
        self.thread.join(PATIENCE_SECONDS)
        self.client.close()


def prepare_recovery(client, queue_name, runs):
    """A third has done its first task, a third is held by a worker that will die too. How many results were accepted."""
    accepted = 0
    for is_done in (True, False):
        taken = 0
        while taken < runs // 3:
            tasks = poll(client, queue_name, "bench.recover", min(1000, runs // 3 - taken))
            taken += len(tasks)
            if is_done and tasks:
                accepted += complete(client, tasks)
    return accepted


def work_after_restart(client, completer, queue_name, runs, missing):
    """Does everything that is offered until no result is missing. When the first and the last run moved, and which did."""
    moving, first, all_moving = set(), None, None
    last_progress = time.monotonic()
    while completer.accepted < missing:
        if completer.failure or time.monotonic() - last_progress > PATIENCE_SECONDS:
            raise Failed("recover: %d of %d results were accepted: %s" % (completer.accepted, missing, completer.failure or "no task came any more"))
        try:
            # What was given to this worker's name before the crash is not among what it holds, so it is offered again.
            tasks = poll(client, queue_name, "bench.recover", 1000, holding=list(completer.held))
        except (pawl.Unreachable, pawl.Problem):
            time.sleep(0.002)
            continue
        if not tasks:
            continue
        last_progress = time.monotonic()
        first = first or last_progress
        moving.update(task["run"]["id"] for task in tasks)
        if all_moving is None and len(moving) == runs:
            all_moving = last_progress
        completer.add(tasks)
    return first, all_moving, moving


def recover(server, runs):
    """`runs` of two tasks each, in flight at the kill. None may be lost, none doubled."""
    client = pawl.Client(server.ready["url"], server.ready["token"])
    client.deploy(RECOVER)
    queue_name = "recover-%d" % time.time_ns()
    ids = start_all(server, runs, queue_name)
    accepted = prepare_recovery(client, queue_name, runs)
    server.end(signal.SIGKILL)
    began = time.monotonic()
    server.launch()
    completer = Completer(server)
    first, all_moving, moving = work_after_restart(client, completer, queue_name, runs, 2 * runs - accepted)
    finished = time.monotonic() - began
    completer.close()
    server.wait_until_ready()
    if accepted + completer.accepted != 2 * runs or moving != ids:
        raise Failed("recover: %d results accepted of %d, %d runs moved of %d" % (accepted + completer.accepted, 2 * runs, len(moving), runs))
    check_completed(server, client, ids)
    client.close()
    return {"workload": "recover", "unit": "runs", "done": runs, "failed": 0, "firstMovingSeconds": round(first - began, 3),
            "allMovingSeconds": round(all_moving - began, 3), "allCompletedSeconds": round(finished, 3)}


def check_completed(server, client, ids):
    until = time.monotonic() + PATIENCE_SECONDS
    while not completed_runs(client) >= ids:  # the last results may be on their way to their runs
        if time.monotonic() > until:
            raise Failed("recover: some runs did not complete")
        time.sleep(0.05)
    if int(server.sql("SELECT count(*) FROM pawl.workflow_runs r JOIN pawl.workflow_definitions d USING (tenant_id, definition_id) "
                      "WHERE d.namespace = 'bench' AND d.name = 'recover' AND r.ended_at IS NULL")) > 0:
        raise Failed("recover: there are runs that nobody had started")


def resume(server, events, rounds=5):
    """From a result until the next task is in a worker's hands, after a restart: of runs with that many events, and with few."""
    client = pawl.Client(server.ready["url"], server.ready["token"])
    client.deploy(RESUME)
    tokens, lengths = {}, {}
    for kind, iterations in (("long", events // EVENTS_AN_ITERATION), ("short", 1)):
        for number in range(rounds + 1):  # the first of each is not counted: it meets cold files
            queue_name = "resume-%s-%d-%d" % (kind, number, time.time_ns())
            run = client.request("POST", "/v1/runs", {"definition": "bench/resume", "input": {"iterations": iterations}, "queue": queue_name})
            tasks = []
            while not tasks:
                tasks = poll(client, queue_name, "bench.resume", 1, wait="30s")
            tokens[kind, number] = (queue_name, tasks[0])
            lengths[kind] = int(server.sql("SELECT revision FROM pawl.workflow_runs WHERE run_id = '%s'" % run["id"]))
    server.end(signal.SIGKILL)
    server.launch()
    server.wait_until_ready()
    times = {"long": [], "short": []}
    for (kind, number), (queue_name, task) in tokens.items():
        began = time.monotonic()
        if complete(client, [task]) != 1:
            raise Failed("resume: the result was not accepted")
        following = poll(client, queue_name, "bench.resume", 1, wait="30s")
        took = time.monotonic() - began
        if len(following) != 1 or complete(client, following) != 1:
            raise Failed("resume: the run did not go on")
        if number > 0:
            times[kind].append(took)
    client.close()

    def microseconds(kind):
        return round(statistics.median(times[kind]) * 1e6)
    return {"workload": "resume", "unit": "runs", "done": rounds, "failed": 0, "events": lengths["long"],
            "resumeMicroseconds": microseconds("long"), "shortEvents": lengths["short"], "shortMicroseconds": microseconds("short"),
            "seconds": times}
