"""Runs under way, with the work of a worker, and what was acknowledged of them."""
import threading
import time

from support import processes  # noqa: F401, which knows where pawl is

import pawl

RUNS = 40
DEFINITION = """
document: { dsl: 1.0.0, namespace: crash, name: steps, version: 1.0.0 }
do:
  - first:
      call: http
      with: { method: post, endpoint: '${ .service + "/first" }', body: { run: '${ $workflow.id }' } }
      output: { as: $input }
  - second: { call: crash.work, with: { run: '${ $workflow.id }' }, output: { as: $input } }
  - pause: { wait: { milliseconds: 60 } }
  - both:
      fork:
        branches:
          - third:
              call: http
              with: { method: post, endpoint: '${ .service + "/third" }', body: { run: '${ $workflow.id }' } }
          - fourth: { do: [ nap: { wait: { milliseconds: 20 } }, work: { call: crash.more, with: { run: '${ $workflow.id }' } } ] }
"""
CALLED = {"first", "third"}  # by the server itself
WORKED = {"second", "fourth"}  # by a worker
CALLS_DEFINITION = """
document: { dsl: 1.0.0, namespace: crash, name: calls, version: 1.0.0 }
do:
  - first:
      call: http
      with: { method: post, endpoint: '${ .service + "/first" }', body: { run: '${ $workflow.id }' } }
      output: { as: $input }
  - pause: { wait: { milliseconds: 60 } }
  - third:
      call: http
      with: { method: post, endpoint: '${ .service + "/third" }', body: { run: '${ $workflow.id }' } }
"""


class Load:
    """Starts runs from several threads, and does the work of a worker; remembers what was acknowledged."""

    def __init__(self, url, token, service, name, definition):
        self.client = pawl.Client(url, token, timeout=60)
        self.service = service
        self.name = name
        self.definition = definition
        self.acknowledged = []
        self.failed = []
        self.worker = pawl.Worker(self.client, concurrency=8, grace=5)

        @self.worker.action("crash.work")
        def work(input, task):
            service.record("second", input["run"], task.idempotency_key)
            time.sleep(0.005)
            return {}

        @self.worker.action("crash.more")
        def more(input, task):
            service.record("fourth", input["run"], task.idempotency_key)
            return {}

        self.working = threading.Thread(target=self.worker.run, kwargs={"handle_signals": False}, daemon=True)
        self.working.start()
        self.starters = [threading.Thread(target=self._start, args=(part,)) for part in range(4)]
        for starter in self.starters:
            starter.start()

    def _start(self, part):
        for n in range(part, RUNS, 4):
            try:
                run = self.client.start(self.definition, {"service": self.service.url}, key="%s-%d" % (self.name, n))
                self.acknowledged.append(run["id"])
            except (pawl.Problem, pawl.Unreachable) as error:
                self.failed.append(str(error))

    def starting(self):
        return any(starter.is_alive() for starter in self.starters)

    def finish(self):
        for starter in self.starters:
            starter.join()

    def stop(self):
        self.worker.stop()
        self.working.join(20)
