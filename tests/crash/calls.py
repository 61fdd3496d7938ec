"""The servers' HTTP calls, by their logs, against the histories and the ledger of the service.

A service reads a request when it comes to it, so that the last one of a killed server may well be read after its death:
times say little. What holds whenever it is looked at: whoever owns a run sends each attempt at most once; only between
the decision that asks for a call and the one that takes its answer; and nothing on the way sends a request again.
"""
import collections
import json
import subprocess

LEAVES = "a call leaves"
SPANS = """
SELECT json_agg(json_build_array(asked.payload->>'key', asked.run_id, asked.path, asked.epoch,
  (SELECT min(answered.epoch) FROM pawl.workflow_events answered
   WHERE (answered.run_id, answered.path, answered.type) = (asked.run_id, asked.path, 'task.completed'))))
FROM pawl.workflow_events asked
WHERE asked.type = 'invocation.requested' AND asked.payload->>'queue' = '@http' AND asked.run_id = ANY ('{%s}')
"""


def logged(logs):
    """(key, attempt, epoch) of each call, in the order of the servers' logs."""
    calls = []
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines():
            # A server that is killed may leave a line without its end, and the next one writes on.
            start = line.rfind('{"ts"')
            if start < 0 or LEAVES not in line:
                continue
            entry = json.loads(line[start:])
            calls.append((entry["key"], entry["attempt"], entry["epoch"]))
    return calls


def differences(logs, database, runs, requests):
    """What is wrong with the calls of completed runs. `requests` were read from the ledger before this."""
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database, "-c", SPANS % ",".join(runs)], check=True, text=True,
                          stdout=subprocess.PIPE)
    spans = json.loads(done.stdout)
    calls = logged(logs)
    of_key = collections.defaultdict(list)
    for key, attempt, epoch in calls:
        of_key[key].append(epoch)
    arrived = collections.Counter(request.key for request in requests)
    wrong = ["%s: attempt %d left %d times in epoch %d" % (key, attempt, count, epoch)
             for (key, attempt, epoch), count in collections.Counter(calls).items() if count > 1]
    for key, run, path, asked, answered in spans:
        epochs = of_key[key]
        if any(not asked <= epoch <= answered for epoch in epochs):
            wrong.append("%s %s: asked for in epoch %d, answered in %d, and sent in %s" % (run, path, asked, answered, epochs))
        if not 1 <= arrived[key] <= len(epochs):
            wrong.append("%s %s: %d requests arrived of %d calls" % (run, path, arrived[key], len(epochs)))
    return wrong
