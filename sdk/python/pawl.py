"""Pawl for Python: a client and a worker. One file, the standard library only, Python 3.9 or later.

    import pawl

    client = pawl.Client()                      # PAWL_URL and PAWL_TOKEN, else the server that `pawl dev` started
    client.deploy("order.yaml")
    run = client.start("shop/order", {"id": "A7"}, wait=30)

    worker = pawl.Worker(client)

    @worker.action("shop.charge")
    def charge(input, task):
        return payments.charge(input["amount"], idempotency_key=task.idempotency_key)

    worker.run()                                # until SIGTERM or SIGINT: then what was taken is finished

A task may come twice (a worker that died, an answer that was lost), always with the same `task.idempotency_key`: whatever
has an effect outside must pass it on, or remember it.
"""

from __future__ import annotations

import base64
import concurrent.futures
import http.client
import json
import logging
import os
import pathlib
import queue as queue_module
import random
import signal
import socket
import ssl
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union

__all__ = ["Client", "Worker", "Task", "LogHandler", "Problem", "Unreachable", "TaskError"]

Json = Any
Action = Callable[[Json, "Task"], Json]
log = logging.getLogger("pawl")

RETRIED_STATUSES = (429, 503)
UNAUTHORIZED = 401
BATCH_ITEMS = 1000          # of one request, as the server bounds it
LONGEST_WAIT = 60.0         # seconds of ?wait= and of a poll, as the server bounds them
LONGEST_PAUSE = 5.0         # seconds between two attempts
UNCERTAIN_SECONDS = 60.0    # after a lost answer: as long as a lease lasts without a heartbeat
LEVELS = ("debug", "info", "warning", "error")
LINE_CHARACTERS = 8192      # of one logged line: the server cuts at as many bytes
LINES_WAITING = 10000       # to be sent
LOG_PAUSE = 0.2             # seconds in which lines are gathered
LOG_PATIENCE = 5.0          # seconds that a worker which stops spends on them
SILENCE = 60.0              # seconds without a byte of a stream, not even a sign of life: the connection is dead
TOLD_EVERY = 15.0           # seconds between two messages about a token that is not accepted


class Problem(Exception):
    """The server refused: an RFC 9457 problem document. `code` is stable and documented."""

    def __init__(self, status: int, document: Mapping[str, Json]):
        self.status = status
        self.document = dict(document)
        self.code: str = str(document.get("code", "http-%d" % status))
        self.hint: Optional[str] = document.get("hint")
        self.diagnostics: List[Json] = list(document.get("diagnostics", []))
        text = ": ".join(str(document[key]) for key in ("title", "detail") if document.get(key))
        super().__init__("%s [%s]" % (text or "the server answered %d" % status, self.code))


class Unreachable(Exception):
    """No answer, after all attempts. What was asked may have been done."""


class TaskError(Exception):
    """Raised by an action: the task's error as the workflow sees it, to be caught there by type or status.

    `effect` says whether the work may have been done nevertheless: "none" (the default here) or "unknown".
    """

    def __init__(self, title: str, *, status: int = 500, type: Optional[str] = None, detail: Optional[str] = None,
                 effect: str = "none"):
        if effect not in ("none", "unknown"):
            raise ValueError('effect is "none" or "unknown"')
        self.error: Dict[str, Json] = {"status": status, "title": title}
        if type is not None:
            self.error["type"] = type
        if detail is not None:
            self.error["detail"] = detail
        if effect == "unknown":
            self.error["effect"] = "unknown"
        super().__init__(title)


def _dev_server(name: str) -> Dict[str, str]:
    """What `pawl dev` has left in its data directory, or nothing."""
    if os.geteuid() == 0:
        directory = pathlib.Path("/var/lib/pawl")
    else:
        directory = pathlib.Path(os.environ.get("XDG_STATE_HOME") or pathlib.Path.home() / ".local/state") / "pawl"
    try:
        found = json.loads((directory / name / "client.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Client:
    """The server's API. May be shared by threads: each gets a connection of its own, kept alive.

    `timeout` bounds, in seconds, how long one call tries in all: attempts that found no server, and answers 429 and 503,
    are repeated with the pause that the server asks for. A start is repeated under one idempotency key, so it never
    starts twice.

    A token that was not given may be replaced while the program runs: in the file that PAWL_TOKEN_FILE names, or where
    `pawl dev` leaves its own. An answer 401 makes the client look there again.
    """

    def __init__(self, url: Optional[str] = None, token: Optional[str] = None, *, timeout: float = 60.0,
                 name: str = "default", context: Optional[ssl.SSLContext] = None):
        url = url or os.environ.get("PAWL_URL")
        self._given = token
        self._name = name
        if not url:
            url = _dev_server(name).get("url")
        if not url:
            raise Unreachable("no server is known: give url, set PAWL_URL, or start one with `pawl dev`")
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an http or https URL: %s" % url)
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._token = self._find_token()
        self._parts = parts
        self._context = context
        self._connections: Dict[int, http.client.HTTPConnection] = {}      # by thread

    def _find_token(self) -> Optional[str]:
        """The token as it is now: given, in PAWL_TOKEN, in the file of PAWL_TOKEN_FILE, else that of `pawl dev`, which
        is for its own server and is sent to no other."""
        token = self._given or os.environ.get("PAWL_TOKEN")
        if token:
            return token
        path = os.environ.get("PAWL_TOKEN_FILE")
        if not path:
            found = _dev_server(self._name)
            return found.get("token") if str(found.get("url", "")).rstrip("/") == self.url else None
        try:
            return pathlib.Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            log.warning("the token cannot be read: %s", error)
            return None

    def _replaced(self, used: Optional[str]) -> bool:
        """After an answer 401 to `used`: whether there is another token now."""
        if self._token == used:
            self._token = self._find_token() or self._token
        return self._token != used

    # -- definitions and runs ------------------------------------------------------------------------------------------

    def deploy(self, source: Union[str, "os.PathLike[str]"], *, activate: bool = True) -> Json:
        """Deploys a definition: a path, or its YAML or JSON text. The same document again is a no-op."""
        text = str(source)
        if isinstance(source, os.PathLike) or "\n" not in text:
            text = pathlib.Path(source).read_text(encoding="utf-8")
        target = "/v1/definitions" if activate else "/v1/definitions?activate=false"
        return self.request("POST", target, text.encode("utf-8"), content_type="application/yaml")

    def start(self, definition: str, input: Json = None, *, key: Optional[str] = None, version: Optional[str] = None,
              queue: Optional[str] = None, priority: Optional[int] = None, wait: float = 0.0) -> Json:
        """Starts a run of `namespace/name` and answers it; with `wait`, when it has ended or the seconds are over."""
        body: Dict[str, Json] = {"definition": definition, "idempotencyKey": key or "py-" + uuid.uuid4().hex}
        for name, value in (("input", input), ("version", version), ("queue", queue), ("priority", priority)):
            if value is not None:
                body[name] = value
        target = "/v1/runs"
        if wait > 0:
            target += "?wait=%dms" % int(min(wait, LONGEST_WAIT) * 1000)
        return self.request("POST", target, body, answer_time=min(wait, LONGEST_WAIT))

    def run(self, run: str) -> Json:
        return self.request("GET", "/v1/runs/" + _quoted(run))

    def wait(self, run: str, timeout: float = LONGEST_WAIT) -> Json:
        """The run when it has ended, whatever its status; as it is then, when the seconds are over."""
        until = time.monotonic() + timeout
        while True:
            left = max(0.0, min(until - time.monotonic(), LONGEST_WAIT))
            answer = self.request("GET", "/v1/runs/%s?wait=%dms" % (_quoted(run), int(left * 1000)), answer_time=left)
            if "endedAt" in answer or time.monotonic() >= until:
                return answer

    def runs(self, *, status: Optional[str] = None, definition: Optional[str] = None) -> Iterator[Json]:
        """Newest first; pages are fetched as they are needed."""
        query = {name: value for name, value in (("status", status), ("definition", definition)) if value}
        return self._items("/v1/runs", query)

    def events(self, run: str) -> Iterator[Json]:
        return self._items("/v1/runs/%s/events" % _quoted(run), {})

    def logs(self, run: str) -> Iterator[Json]:
        """What workers logged for the run's tasks, as far as there is."""
        return self._items("/v1/runs/%s/logs" % _quoted(run), {})

    def steps(self, run: str) -> Iterator[Json]:
        return self._items("/v1/runs/%s/steps" % _quoted(run), {})

    def follow(self, run: str, *, after: int = 0) -> Iterator[Json]:
        """The run's events behind `after`, each as it comes, until the run has ended. A server that is away is asked again for
        `timeout` seconds, and the events go on where they were."""
        target = "/v1/runs/%s/stream" % _quoted(run)
        seen = time.monotonic()
        while True:
            try:
                for kind, event in self._stream(target, after):
                    seen = time.monotonic()
                    if kind == "end":
                        return
                    after = event["seq"]
                    yield event
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() > seen + self.timeout:
                    raise Unreachable("%s: %s" % (self.url + target, error or type(error).__name__)) from error
            except Problem as problem:
                if problem.status not in RETRIED_STATUSES or time.monotonic() > seen + self.timeout:
                    raise
            time.sleep(0.5)

    def _stream(self, target: str, after: int) -> Iterator[Tuple[str, Json]]:
        """One connection's server-sent events, as (type, data)."""
        connection = self._open(SILENCE)
        try:
            for again in (True, False):
                token = self._token
                headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
                if token:
                    headers["Authorization"] = "Bearer " + token
                connection.request("GET", self._parts.path.rstrip("/") + target, None, headers)
                answer = connection.getresponse()
                if answer.status == 200:
                    break
                document = _parsed(answer.read())
                if not (again and answer.status == UNAUTHORIZED and self._replaced(token)):
                    raise Problem(answer.status, document if isinstance(document, dict) else {})
            kind, data = "", b""
            for line in answer:
                line = line.rstrip(b"\r\n")
                if line.startswith(b"event: "):
                    kind = line[7:].decode("utf-8")
                elif line.startswith(b"data: "):
                    data = line[6:]
                elif not line:
                    if data:
                        yield kind, json.loads(data)
                    kind, data = "", b""
        finally:
            connection.close()

    def explain(self, run: str) -> Json:
        """What exactly holds the run."""
        return self.request("GET", "/v1/runs/%s/explain" % _quoted(run))

    def cancel(self, run: str, reason: str = "") -> Json:
        return self.request("POST", "/v1/runs/%s:cancel" % _quoted(run), {"reason": reason} if reason else {})

    def _items(self, target: str, query: Dict[str, str]) -> Iterator[Json]:
        query = dict(query, limit="200")
        while True:
            page = self.request("GET", target + "?" + urllib.parse.urlencode(query))
            yield from page["items"]
            if not page.get("nextCursor"):
                return
            query["cursor"] = page["nextCursor"]

    # -- requests ------------------------------------------------------------------------------------------------------

    def request(self, method: str, target: str, body: Union[None, bytes, Json] = None, *,
                content_type: str = "application/json", answer_time: float = 0.0,
                stop: Optional[threading.Event] = None, attempts: Optional[int] = None) -> Json:
        """One call of the API. `answer_time`: how long the server may wait before it answers. `stop` ends the attempts."""
        payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        headers = {"Content-Type": content_type} if payload is not None else {}
        until = time.monotonic() + self.timeout + answer_time
        attempt = 0
        while True:
            attempt += 1
            token = self._token
            if token:
                headers["Authorization"] = "Bearer " + token
            pause = min(LONGEST_PAUSE, 0.05 * 2 ** min(attempt, 8)) * random.uniform(0.5, 1.0)
            try:
                status, retry_after, text = self._exchange(method, target, payload, headers, answer_time)
            except (OSError, http.client.HTTPException) as error:
                problem: Exception = Unreachable("%s %s: %s" % (method, self.url + target, error or type(error).__name__))
            else:
                document = _parsed(text)
                if status < 400:
                    return document
                problem = Problem(status, document if isinstance(document, dict) else {})
                if status == UNAUTHORIZED and self._replaced(token):
                    continue                # each token is tried once
                if status not in RETRIED_STATUSES:
                    raise problem
                if retry_after is not None:
                    pause = min(LONGEST_PAUSE, max(pause, retry_after))
            if attempt == attempts or time.monotonic() + pause >= until or (stop is not None and stop.is_set()):
                raise problem
            if stop is not None:
                stop.wait(pause)
            else:
                time.sleep(pause)

    def _exchange(self, method: str, target: str, payload: Optional[bytes], headers: Dict[str, str], answer_time: float):
        connection = self._connection(answer_time)
        try:
            connection.request(method, self._parts.path.rstrip("/") + target, payload, headers)
            answer = connection.getresponse()
            text = answer.read()
        except BaseException:
            self.close()            # its state is unknown: the next request gets a new one
            raise
        retry_after = answer.getheader("Retry-After")
        return answer.status, float(retry_after) if retry_after and retry_after.isdigit() else None, text

    def _connection(self, answer_time: float) -> http.client.HTTPConnection:
        timeout = 30.0 + answer_time
        connection = self._connections.get(threading.get_ident())
        if connection is None:
            connection = self._open(timeout)
            self._connections[threading.get_ident()] = connection
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection

    def _open(self, timeout: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname, self._parts.port
        if self._parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=timeout, context=self._context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def close(self) -> None:
        """Closes this thread's connection."""
        connection = self._connections.pop(threading.get_ident(), None)
        if connection is not None:
            connection.close()

    def _interrupt(self, thread: Optional[int]) -> None:
        """Ends the request that another thread waits for."""
        connection = self._connections.get(thread) if thread is not None else None
        if connection is not None and connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass                        # it has ended meanwhile


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _parsed(text: bytes) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return {}


@dataclass
class Task:
    """What an action was asked to do. `token` is this attempt's right to complete it."""

    token: str
    action: str
    input: Json
    attempt: int
    idempotency_key: str
    deadline: datetime
    run: Dict[str, str]                     # id, definition, version
    path: str                               # the execution id
    version: str = ""                       # of the action, when the definition pins one
    lost: threading.Event = field(default_factory=threading.Event)   # set when the lease has gone to somebody else
    _progress: threading.Event = field(default_factory=threading.Event, repr=False)
    _sink: Optional[Callable[[str, str, str], None]] = field(default=None, repr=False)

    def log(self, message: str, level: str = "info") -> None:
        """A line for `pawl runs logs`: debug, info, warning or error. Sent soon, in batches; it never fails the task."""
        if self._sink is not None:
            self._sink(self.token, message, level)

    def progress(self) -> None:
        """Says that the work gets on; the next heartbeat tells the server, which then forgets earlier deaths of workers."""
        self._progress.set()

    @staticmethod
    def of(item: Mapping[str, Json]) -> "Task":
        return Task(token=item["token"], action=item["action"], input=item.get("input"), attempt=item["attempt"],
                    idempotency_key=item["idempotencyKey"], deadline=_instant(item["deadline"]), run=dict(item["run"]),
                    path=item["path"], version=item.get("version", ""))


def _instant(text: str) -> datetime:
    body = text.rstrip("Z")
    form = "%Y-%m-%dT%H:%M:%S.%f" if "." in body else "%Y-%m-%dT%H:%M:%S"
    return datetime.strptime(body, form).replace(tzinfo=timezone.utc)


class Worker:
    """Takes tasks from a queue in batches, does them on `concurrency` threads, completes them in batches.

    While a task is being done its lease is extended at a third of its time. `run()` returns after stop() (or SIGTERM,
    SIGINT) when everything that was taken is done and told, or `grace` seconds later: what is left then is offered to
    other workers when its lease lapses.

    When the server does not accept the token any more, nothing new is taken and results are kept, for `token_patience`
    seconds: a token may be replaced meanwhile (see Client). Then run() raises the Problem, so that the process ends
    with an error; results that could not be told are named in the log, and counted in `lost`.
    """

    def __init__(self, client: Optional[Client] = None, *, queue: str = "default", name: Optional[str] = None,
                 concurrency: int = 16, grace: float = 30.0, poll_wait: float = 20.0, token_patience: float = 300.0):
        if concurrency < 1:
            raise ValueError("concurrency is at least 1")
        self.client = client or Client()
        self.queue = queue
        self._named = (name or socket.gethostname(), 0)
        self.name = self._unique_name()
        self.concurrency = concurrency
        self.grace = grace
        self.poll_wait = min(poll_wait, LONGEST_WAIT)
        self.token_patience = token_patience
        self.completed = 0                  # tasks whose completion the server has accepted
        self.refused = 0                    # completions that came too late
        self.lost = 0                       # results that could not be told: the server did not accept the token
        self._actions: Dict[str, Action] = {}
        self._stop = threading.Event()
        self._free = threading.Semaphore(concurrency)
        self._open: Dict[str, Task] = {}
        self._open_lock = threading.Lock()
        self._results: "queue_module.Queue[Optional[Json]]" = queue_module.Queue()
        self._lines: "queue_module.Queue[Optional[Tuple[str, Json]]]" = queue_module.Queue(LINES_WAITING)
        self.lines_lost = 0                 # lines of tasks' logs that were not kept, or not sent
        self._poll_thread: Optional[int] = None
        self._uncertain_until = 0.0         # on the monotonic clock: till then polls say what is in hand
        self._access_lock = threading.Lock()
        self._was_accepted = False          # a token that was never good is a mistake of whoever started this
        self._denied_since: Optional[float] = None      # on the monotonic clock
        self._denied_told = 0.0
        self._denial: Optional[Problem] = None

    def action(self, name: str) -> Callable[[Action], Action]:
        """Registers a function for an action: it gets the input and the task, and returns the output."""
        def register(function: Action) -> Action:
            if name in self._actions:
                raise ValueError("the action %s is registered twice" % name)
            self._actions[name] = function
            return function
        return register

    def stop(self) -> None:
        """Takes no more tasks; run() returns when what was taken is finished. Safe from any thread and from signals."""
        self._stop.set()
        self.client._interrupt(self._poll_thread)       # a poll that waits

    def run(self, *, handle_signals: bool = True) -> None:
        if not self._actions:
            raise ValueError("no action is registered")
        self.name = self._unique_name()
        if handle_signals and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        completer = threading.Thread(target=self._complete_all, name="pawl-complete", daemon=True)
        heart = threading.Thread(target=self._beat, name="pawl-heartbeat", daemon=True)
        logger = threading.Thread(target=self._log_all, name="pawl-log", daemon=True)
        completer.start()
        heart.start()
        logger.start()
        pool = concurrent.futures.ThreadPoolExecutor(self.concurrency, thread_name_prefix="pawl-task")
        log.info("worker %s takes %s from queue %s", self.name, ", ".join(sorted(self._actions)), self.queue)
        try:
            self._take_all(pool)
        finally:
            self._stop.set()
            until = time.monotonic() + self.grace
            while self._open and time.monotonic() < until:
                time.sleep(0.02)
            try:
                self._lines.put(None, timeout=1)
            except queue_module.Full:
                pass                        # they are only lines: the process ends without them
            logger.join(max(0.1, min(LOG_PATIENCE, until - time.monotonic())))
            self._results.put(None)
            completer.join(max(0.1, until - time.monotonic()))
            pool.shutdown(wait=False, cancel_futures=True)
            if self._open:
                log.warning("stopped with %d tasks unfinished", len(self._open))
        if self._denied_since is not None and self._denial is not None:
            with self._open_lock:
                left = list(self._open)
            self._lose(left)
        if self.lost > 0 and self._denial is not None:
            raise self._denial

    def _unique_name(self) -> str:
        """A name of this process alone, since the server takes its word for what a worker of this name holds."""
        name, process = self._named
        if process == os.getpid():
            return self.name
        self._named = (name, os.getpid())   # also in a child of fork()
        return "%s-%d-%s" % (name, os.getpid(), base64.b32encode(os.urandom(5)).decode().lower())

    # -- access --------------------------------------------------------------------------------------------------------

    def _denied(self, error: Problem) -> bool:
        """The server did not accept the token; whether it is worth to go on trying."""
        now = time.monotonic()
        with self._access_lock:
            self._denial = error
            if self._denied_since is None:
                self._denied_since, self._denied_told = now, now - TOLD_EVERY
            left = self._denied_since + self.token_patience - now
            if left <= 0:
                return False
            if now >= self._denied_told + TOLD_EVERY:
                self._denied_told = now
                log.error("the server does not accept the token: %s; %d tasks in hand are kept, and it is tried again for %d s; "
                          "put a new token into the file that PAWL_TOKEN_FILE names, if you use one", error, len(self._open), int(left))
            return True

    def _accepted(self) -> None:
        with self._access_lock:
            self._was_accepted = True
            if self._denied_since is not None:
                log.warning("the server accepts the token again")
            self._denied_since = None

    def _lose(self, tokens: List[str]) -> None:
        """Their results will not be told; the server offers the tasks again when the leases have lapsed."""
        for token in tokens:
            with self._open_lock:
                task = self._open.get(token)
            if task is not None:
                log.error("the result of %s (run %s, %s, idempotency key %s) could not be told: it will be done again", task.action,
                          task.run.get("id"), task.path, task.idempotency_key)
                self.lost += 1
            self._forget(token)

    # -- taking --------------------------------------------------------------------------------------------------------

    def _take_all(self, pool: concurrent.futures.ThreadPoolExecutor) -> None:
        self._poll_thread = threading.get_ident()
        pause = 0.1
        while not self._stop.is_set():
            free = self._reserve()
            if free == 0:
                continue
            try:
                tasks = self._poll(free)
                pause = 0.1
                self._accepted()
            except (Problem, Unreachable) as error:
                self._release(free)
                if self._stop.is_set():
                    return
                if isinstance(error, Problem) and error.status == UNAUTHORIZED:
                    if not (self._was_accepted and self._denied(error)):
                        raise
                elif isinstance(error, Problem) and error.status not in RETRIED_STATUSES and error.status < 500:
                    raise
                else:
                    log.warning("poll: %s", error)
                self._stop.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            self._release(free - len(tasks))
            with self._open_lock:
                self._open.update((task.token, task) for task in tasks)
            for task in tasks:
                pool.submit(self._do, task)

    def _reserve(self) -> int:
        """As many free places as there are; waits a moment for the first."""
        if not self._free.acquire(timeout=0.2):
            return 0
        free = 1
        while free < min(self.concurrency, BATCH_ITEMS) and self._free.acquire(blocking=False):
            free += 1
        return free

    def _release(self, places: int) -> None:
        if places > 0:
            self._free.release(places)

    def _poll(self, most: int) -> List[Task]:
        body = {"worker": self.name, "actions": sorted(self._actions), "max": most, "wait": "%dms" % int(self.poll_wait * 1000)}
        if time.monotonic() < self._uncertain_until:
            with self._open_lock:
                body["holding"] = list(self._open)
        try:
            answer = self.client.request("POST", "/v1/queues/%s/tasks:poll" % _quoted(self.queue), body,
                                         answer_time=self.poll_wait, stop=self._stop, attempts=1)
        except Unreachable:
            # Something may have been claimed for the answer that was lost: whoever answers next is told what came.
            self._uncertain_until = time.monotonic() + UNCERTAIN_SECONDS
            raise
        return [Task.of(item) for item in answer["items"]]

    # -- doing ---------------------------------------------------------------------------------------------------------

    def _do(self, task: Task) -> None:
        task._sink = self._note
        _current.task = task
        try:
            output = self._actions[task.action](task.input, task)
            result: Dict[str, Json] = {"token": task.token, "output": output}
            json.dumps(output, allow_nan=False)
        except TaskError as error:
            result = {"token": task.token, "error": error.error}
        except Exception as error:          # pylint: disable=broad-except  # whatever it was, the workflow must know
            log.exception("%s failed (run %s, %s)", task.action, task.run.get("id"), task.path)
            result = {"token": task.token, "error": {"status": 500, "title": type(error).__name__, "detail": str(error)[:1000],
                                                     "effect": "unknown"}}
        finally:
            _current.task = None
        self._results.put(result)

    # -- logging -------------------------------------------------------------------------------------------------------

    def _note(self, token: str, message: str, level: str) -> None:
        if level not in LEVELS:
            level = "info"
        line = {"message": str(message).replace("\0", " ")[:LINE_CHARACTERS], "level": level, "ts": _now()}
        try:
            self._lines.put_nowait((token, line))
        except queue_module.Full:
            self.lines_lost += 1            # the work goes before what is said about it

    def _log_all(self) -> None:
        ends = False
        while not ends:
            batch = [self._lines.get()]
            self._stop.wait(LOG_PAUSE)      # more will come
            while len(batch) < BATCH_ITEMS:
                try:
                    batch.append(self._lines.get_nowait())
                except queue_module.Empty:
                    break
            ends = None in batch
            self._send_lines([each for each in batch if each is not None])

    def _send_lines(self, lines: List[Tuple[str, Json]]) -> None:
        by_token: Dict[str, List[Json]] = {}
        for token, line in lines:
            by_token.setdefault(token, []).append(line)
        if not by_token:
            return
        items = [{"token": token, "lines": each} for token, each in by_token.items()]
        try:
            answer = self.client.request("POST", "/v1/tasks:log", {"items": items}, attempts=3)
        except (Problem, Unreachable) as error:
            log.warning("log: %d lines are lost: %s", len(lines), error)
            self.lines_lost += len(lines)
            return
        for item, told in zip(items, answer["items"]):
            self.lines_lost += len(item["lines"]) if told.get("result") == "unknown-token" else told.get("dropped", 0)

    # -- completing ----------------------------------------------------------------------------------------------------

    def _complete_all(self) -> None:
        while True:
            first = self._results.get()
            if first is None:
                return
            batch = [first]
            ends = False
            while len(batch) < BATCH_ITEMS:
                try:
                    item = self._results.get_nowait()
                except queue_module.Empty:
                    break
                if item is None:
                    ends = True
                    break
                batch.append(item)
            self._complete(batch)
            if ends:
                return

    def _complete(self, batch: List[Json]) -> None:
        """Tells the results, until the server has answered: a result is never dropped while there is hope."""
        pause = 0.1
        while True:
            try:
                answer = self.client.request("POST", "/v1/tasks:complete", {"items": batch})
                self._accepted()
                break
            except Unreachable as error:
                log.warning("complete: %s", error)
            except Problem as error:
                if error.status == UNAUTHORIZED:
                    if not self._denied(error):
                        self._lose([item["token"] for item in batch])
                        return
                    time.sleep(pause)
                    pause = min(LONGEST_PAUSE, pause * 2)
                    continue
                if error.status == 413 and len(batch) > 1:
                    half = len(batch) // 2
                    self._complete(batch[:half])
                    self._complete(batch[half:])
                    return
                if error.status < 500 and error.status not in RETRIED_STATUSES:
                    self._refused(batch, error)
                    return
                log.warning("complete: %s", error)
            time.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
        for item, told in zip(batch, answer["items"]):
            if told.get("result") == "done":
                self.completed += 1
            else:
                self.refused += 1
                log.warning("a result came too late: %s", told.get("result"))
            self._forget(item["token"])

    def _refused(self, batch: List[Json], error: Problem) -> None:
        """The server does not take what was sent: with one task, that task fails; with more, each by itself."""
        if len(batch) > 1:
            for item in batch:
                self._complete([item])
            return
        item = batch[0]
        if "error" in item:
            log.error("the server refuses the error of a task: %s", error)
            self.refused += 1
            self._forget(item["token"])
            return
        self._complete([{"token": item["token"],
                         "error": {"status": 422, "title": "The output was refused", "detail": str(error)[:1000],
                                   "effect": "unknown"}}])

    def _forget(self, token: str) -> None:
        with self._open_lock:
            known = self._open.pop(token, None)
        if known is not None:
            self._free.release()

    # -- heartbeats ----------------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        due: Dict[str, float] = {}          # token → when, on the monotonic clock
        while not self._stop.is_set() or self._open:
            with self._open_lock:
                tasks = dict(self._open)
            now = time.monotonic()
            for token, task in tasks.items():
                due.setdefault(token, now + max(0.5, _seconds_until(task.deadline) / 3))
            due = {token: when for token, when in due.items() if token in tasks}
            late = [token for token, when in due.items() if when <= now][:BATCH_ITEMS]
            if late:
                self._heartbeat([tasks[token] for token in late])
                for token in late:
                    due.pop(token)
            time.sleep(0.2)

    def _heartbeat(self, tasks: List[Task]) -> None:
        items = []
        for task in tasks:
            item: Dict[str, Json] = {"token": task.token}
            if task._progress.is_set():
                task._progress.clear()
                item["progress"] = True
            items.append(item)
        try:
            answer = self.client.request("POST", "/v1/tasks:heartbeat", {"items": items}, stop=self._stop)
        except (Problem, Unreachable) as error:
            if not (isinstance(error, Problem) and error.status == UNAUTHORIZED and self._denied(error)):
                log.warning("heartbeat: %s", error)
            return
        for task, told in zip(tasks, answer["items"]):
            if told.get("result") == "done" and told.get("deadline"):
                task.deadline = _instant(told["deadline"])
            elif told.get("result") != "done":
                task.lost.set()


class LogHandler(logging.Handler):
    """Sends what is logged while an action runs, on its thread, to the log of its task:

        logging.getLogger().addHandler(pawl.LogHandler())
    """

    def emit(self, record: logging.LogRecord) -> None:
        task = getattr(_current, "task", None)
        if task is None or record.name == log.name:
            return
        try:
            level = ("error" if record.levelno >= logging.ERROR else "warning" if record.levelno >= logging.WARNING else
                     "info" if record.levelno >= logging.INFO else "debug")
            task.log(self.format(record), level)
        except Exception:                   # pylint: disable=broad-except  # as every handler does
            self.handleError(record)


_current = threading.local()                # .task: what this thread works on


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _seconds_until(deadline: datetime) -> float:
    return (deadline - datetime.now(timezone.utc)).total_seconds()
