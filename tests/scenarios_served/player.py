"""Plays scenarios of tests/scenarios through a server: what they do by the API, what they expect as its answers say it."""
import json
import pathlib
import subprocess
import time
from datetime import datetime

from support.processes import PAWL, wait_for

import pawl

SCENARIOS_TEST = pathlib.Path(PAWL).parent / "tests" / "scenarios" / "scenarios_test"
LONGEST_ADVANCE = 0.5       # seconds; a scenario that needs more time is left to the core
PATIENCE = 20               # seconds for what must come
FIXED_TIME = "2026-03-01T"  # of the core's runner


def all_scenarios():
    done = subprocess.run([SCENARIOS_TEST, "--print"], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def seconds(duration):
    """Of PT0S and PT1.5S alone; None of others."""
    body = duration[2:-1]
    return float(body) if duration.startswith("PT") and duration.endswith("S") and body.replace(".", "", 1).isdigit() else None


def instant(text):
    form = "%Y-%m-%dT%H:%M:%S.%f%z" if "." in text else "%Y-%m-%dT%H:%M:%S%z"
    return datetime.strptime(text.replace("Z", "+0000"), form).timestamp()


def needs_time(step):
    if "advance" not in step:
        return False
    length = seconds(step["advance"])
    return length is None or length > LONGEST_ADVANCE


def can_be_served(scenario):
    """Scenarios that deploy, need no time to pass and no HTTP service, and whose values do not depend on the clock."""
    if scenario["refused"] is not None or '"call":"http"' in json.dumps(scenario["definition"], separators=(",", ":")):
        return False
    if any(needs_time(step) for step in scenario["steps"]):
        return False
    values = [scenario["result"]] + [step["expect"].get("invocation") for step in scenario["steps"] if "expect" in step]
    return FIXED_TIME not in json.dumps(values)


def calls_and_queues(definition):
    actions, queues = set(), set()

    def look(value):
        if isinstance(value, list):
            for each in value:
                look(each)
        elif isinstance(value, dict):
            call = value.get("call")
            if isinstance(call, str) and "." in call:
                actions.add(call.split(":")[0])
            additions = value.get("metadata", {}).get("pawl", {}) if isinstance(value.get("metadata"), dict) else {}
            if "queue" in additions:
                queues.add(additions["queue"])
            for each in value.values():
                look(each)
    look(definition)
    return sorted(actions), queues


def includes(has, wanted):
    """As the core's runner compares: every member that is named."""
    if not isinstance(wanted, dict):
        return has == wanted and type(has) is type(wanted)
    return isinstance(has, dict) and all(name in has and includes(has[name], value) for name, value in wanted.items())


class Played:
    """One run of one scenario. `namespace` must be its own."""

    def __init__(self, client, scenario, namespace):
        self.client = client
        self.scenario = scenario
        definition = scenario["definition"]
        definition["document"]["namespace"] = namespace
        self.actions, self.queues = calls_and_queues(definition)
        self.queue = scenario["queue"] or namespace
        self.queues.add(self.queue if scenario["queue"] or not self.expects_default() else "default")
        client.deploy(json.dumps(definition) + "\n")
        arguments = {"queue": self.queue} if self.queue in self.queues else {}
        body = {"definition": namespace + "/" + definition["document"]["name"], "input": scenario["input"], **arguments}
        self.run = client.request("POST", "/v1/runs", body)["id"]
        self.open = []          # tasks taken and not yet answered, oldest first
        self.tokens = {}        # of each path, those used, oldest first

    def expects_default(self):
        return any(step.get("expect", {}).get("invocation", {}).get("queue") == "default" for step in self.scenario["steps"])

    def take(self):
        for queue in self.queues if self.actions else ():
            body = {"worker": "player", "actions": self.actions, "max": 100}
            for task in self.client.request("POST", "/v1/queues/%s/tasks:poll" % queue, body)["items"]:
                if task["run"]["id"] == self.run:
                    self.open.append({**task, "queue": queue})

    def taken(self, fits):
        """The newest open task that fits, or None when the run has ended or patience is over."""
        until = time.monotonic() + PATIENCE
        while True:
            self.take()
            found = [task for task in self.open if fits(task)]
            if found:
                return found[-1]
            if time.monotonic() > until or "endedAt" in self.client.run(self.run):
                return None
            time.sleep(0.01)

    def answer(self, step, result):
        """The newest task of that path is answered; an old one once more, when no further one was requested."""
        path = step["task"]
        used = self.tokens.setdefault(path, [])
        requested = [event for event in self.client.events(self.run)
                     if event["type"] == "invocation.requested" and event["path"] == path]
        if len(requested) > len(used):
            task = self.taken(lambda each: each["path"] == path)
            if task is not None:
                self.open = [each for each in self.open if each["path"] != path]
                used.append(task["token"])
        if used:                # else it ended before a worker could take it: nobody is there who could be late
            self.client.request("POST", "/v1/tasks:complete", {"items": [{"token": used[-1], **result}]})

    def advance(self, length):
        """Waits until every timer that is due by then has fired."""
        until = time.time() + length

        def fired():
            open_waits = {}
            for event in self.client.events(self.run):
                if event["type"] == "wait.opened":
                    open_waits[event["payload"]["wait"]] = instant(event["payload"]["dueAt"])
                elif event["type"] == "wait.closed":
                    open_waits.pop(event["payload"]["wait"])
            return not any(due <= until for due in open_waits.values()) or "endedAt" in self.client.run(self.run)
        wait_for(fired, PATIENCE, "timers of " + self.run)

    def expect(self, expected):
        wanted = expected.get("invocation")
        if wanted is None:
            return

        def fits(task):
            has = {"action": task["action"], "version": task.get("version", ""), "input": task.get("input"), "task": task["path"],
                   "queue": task["queue"], "attempt": task["attempt"], "key": task["idempotencyKey"]}
            return ("input" not in wanted or has["input"] == wanted["input"]) and includes(has, wanted)
        if self.taken(fits) is None:
            raise AssertionError("no open task is %s, but %s" % (json.dumps(wanted), json.dumps(self.open)))

    def step(self, step):
        if "expect" in step:
            self.expect(step["expect"])
        elif "complete" in step:
            self.answer(step["complete"], {"output": step["complete"].get("output")})
        elif "fail" in step:
            failure = step["fail"]
            error = dict(failure["error"], **({"effect": failure["effect"]} if "effect" in failure else {}))
            self.answer(failure, {"error": error, **({"retryAfter": failure["retryAfter"]} if "retryAfter" in failure else {})})
        elif "advance" in step:
            self.advance(seconds(step["advance"]))
        elif "cancel" in step:
            try:
                self.client.cancel(self.run, step["cancel"])
            except pawl.Problem as problem:
                if problem.code != "run-ended":
                    raise

    def play(self):
        for step in self.scenario["steps"]:
            self.step(step)
        run = wait_for(lambda: self.ended(), PATIENCE, "the end of " + self.run)
        for name, wanted in self.scenario["result"].items():
            has = run.get(name)
            if not (includes(has, wanted) if name == "error" else json.dumps(has, sort_keys=True) == json.dumps(wanted, sort_keys=True)):
                raise AssertionError("%s: expected %s, got %s in %s" % (name, json.dumps(wanted), json.dumps(has), json.dumps(run)))

    def ended(self):
        run = self.client.run(self.run)
        return run if "endedAt" in run else None
