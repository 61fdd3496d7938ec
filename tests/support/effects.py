"""A service whose ledger says what was really done: every request as it comes, before anything is answered."""
import collections
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Request = collections.namedtuple("Request", "at step run key")
# From the moment something is broken until a server is ready again; recovering is part of it.
Fault = collections.namedtuple("Fault", "begin end")


class Service:
    def __init__(self):
        self.requests = []
        self.lock = threading.Lock()
        self.answer_seconds = 0.01
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
                step, key = self.path.lstrip("/"), self.headers.get("Idempotency-Key", "")
                service.record(step, body.get("run"), key)
                time.sleep(service.answer_seconds)
                text = json.dumps({"did": step}).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    self.close_connection = True

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def record(self, step, run, key):
        with self.lock:
            self.requests.append(Request(time.time(), step, run, key))

    def of(self, run):
        with self.lock:
            return [request for request in self.requests if request.run == run]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def differences(run, events, requests, steps):
    """Where a completed run's history and the ledger disagree."""
    wrong = []
    name = run["id"]
    if run["status"] != "completed":
        last = ["%s %s %s" % (event["ts"], event["type"], event["path"]) for event in events[-3:]]
        return ["%s is %s: %s; its last events: %s" % (name, run["status"], run.get("error"), ", ".join(last))]
    if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
        wrong.append("%s: seq has gaps" % name)
    decided = {event["payload"]["key"] for event in events if event["type"] == "invocation.requested"}
    keys = collections.defaultdict(set)
    for request in requests:
        if request.key not in decided:
            wrong.append("%s: %s without a decision in the log" % (name, request.step))
        keys[request.step].add(request.key)
    if set(keys) != set(steps):
        wrong.append("%s: did %s instead of %s" % (name, sorted(keys), sorted(steps)))
    for step, known in keys.items():
        if len(known) != 1:
            wrong.append("%s: %s has %d keys" % (name, step, len(known)))
    return wrong


def repeated(requests, faults):
    """What was done again though nothing had happened: only work that was out during one of the `faults` may be, since its
    result may have been lost."""
    wrong = []
    of_key = collections.defaultdict(list)
    for request in requests:
        of_key[request.key].append(request)
    for same in of_key.values():
        for before, after in zip(same, same[1:]):
            if not any(before.at <= fault.end and after.at >= fault.begin for fault in faults):
                last = faults[-1].begin if faults else 0.0
                wrong.append("%s: %s was done again though nothing had happened (%.3f s and %.3f s after the last fault)" % (
                    before.run, before.step, before.at - last, after.at - last))
    return wrong
