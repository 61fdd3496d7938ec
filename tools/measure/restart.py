"""What a restart costs: `recover` and `resume`. The server is killed with SIGKILL, and its private PostgreSQL ends with it, so that
PostgreSQL's own recovery is in the time."""
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


def poll(client, queue, action, most, wait="1s", **more):
    return client.request("POST", "/v1/queues/%s/tasks:poll" % queue,
                          {"worker": "bench", "actions": [action], "max": most, "wait": wait, **more}, attempts=1)["items"]


def complete(client, tasks):
    """How many results were accepted."""
    answer = client.request("POST", "/v1/tasks:complete",
                            {"items": [{"token": task["token"], "output": {"n": task["input"].get("n", 0) + 1}} for task in tasks]})
    return sum(item.get("result") == "done" for item in answer["items"])


def start_all(server, runs, queue, threads=8):
    ids = [None] * runs

    def start(part):
        client = pawl.Client(server.ready["url"], server.ready["token"])
        for n in range(part, runs, threads):
            ids[n] = client.request("POST", "/v1/runs", {"definition": "bench/recover", "input": {"n": n}, "queue": queue})["id"]
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


def recover(server, runs):
    """`runs` of two tasks each: a third has done its first, a third is held by a worker that dies too, a third waits."""
    client = pawl.Client(server.ready["url"], server.ready["token"])
    client.deploy(RECOVER)
    queue = "recover-%d" % time.time_ns()
    ids = start_all(server, runs, queue)
    accepted = 0
    for is_done in (True, False):
        taken = 0
        while taken < runs // 3:
            tasks = poll(client, queue, "bench.recover", min(1000, runs // 3 - taken))
            taken += len(tasks)
            if is_done and tasks:
                accepted += complete(client, tasks)
    server.end(signal.SIGKILL)
    began = time.monotonic()
    server.launch()
    moving, first = set(), None
    last_progress = began
    while accepted < 2 * runs:
        if time.monotonic() - last_progress > PATIENCE_SECONDS:
            raise Failed("recover: %d of %d results were accepted, and no task came any more" % (accepted, 2 * runs))
        try:
            # It holds nothing: what was given to it before is offered again.
            tasks = poll(client, queue, "bench.recover", 1000, holding=[])
        except (pawl.Unreachable, pawl.Problem):
            time.sleep(0.002)
            continue
        if not tasks:
            continue
        last_progress = time.monotonic()
        if first is None:
            first = last_progress - began
        if len(moving) < runs:
            moving.update(task["run"]["id"] for task in tasks)
            if len(moving) == runs:
                all_moving = last_progress - began
        accepted += complete(client, tasks)
    finished = time.monotonic() - began
    server.wait_until_ready()
    if accepted != 2 * runs or moving != ids:
        raise Failed("recover: %d results accepted of %d, %d runs moved of %d" % (accepted, 2 * runs, len(moving), runs))
    while completed_runs(client) < ids:  # the last results may be on their way to their runs
        if time.monotonic() - last_progress > PATIENCE_SECONDS:
            raise Failed("recover: some runs did not complete")
        time.sleep(0.05)
    if int(server.sql("SELECT count(*) FROM pawl.workflow_runs r JOIN pawl.workflow_definitions d USING (tenant_id, definition_id) "
                      "WHERE d.namespace = 'bench' AND d.name = 'recover' AND r.ended_at IS NULL")) > 0:
        raise Failed("recover: there are runs that nobody had started")
    client.close()
    return {"workload": "recover", "unit": "runs", "done": runs, "failed": 0, "firstMovingSeconds": round(first, 3),
            "allMovingSeconds": round(all_moving, 3), "allCompletedSeconds": round(finished, 3)}


def resume(server, events, rounds=5):
    """From a result until the next task is in a worker's hands, after a restart: of runs with that many events, and with few."""
    client = pawl.Client(server.ready["url"], server.ready["token"])
    client.deploy(RESUME)
    tokens, lengths = {}, {}
    for kind, iterations in (("long", events // EVENTS_AN_ITERATION), ("short", 1)):
        for number in range(rounds + 1):  # the first of each is not counted: it meets cold files
            queue = "resume-%s-%d-%d" % (kind, number, time.time_ns())
            run = client.request("POST", "/v1/runs", {"definition": "bench/resume", "input": {"iterations": iterations}, "queue": queue})
            tasks = []
            while not tasks:
                tasks = poll(client, queue, "bench.resume", 1, wait="30s")
            tokens[kind, number] = (queue, tasks[0])
            lengths[kind] = int(server.sql("SELECT revision FROM pawl.workflow_runs WHERE run_id = '%s'" % run["id"]))
    server.end(signal.SIGKILL)
    server.launch()
    server.wait_until_ready()
    times = {"long": [], "short": []}
    for (kind, number), (queue, task) in tokens.items():
        began = time.monotonic()
        if complete(client, [task]) != 1:
            raise Failed("resume: the result was not accepted")
        following = poll(client, queue, "bench.resume", 1, wait="30s")
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
