import base64
import json

from bad_input.orders import Orders
from support import processes

SECRET = "the-secret-of-acme"
HELD = """
document: { dsl: 1.0.0, namespace: acme, name: %s, version: 1.0.0 }
do:
  - hold: { call: acme.hold, with: { secret: '${ .secret }' }, metadata: { pawl: { queue: %s } } }
"""


class Tenants(Orders):
    """A stranger, with a good token of his own, and everything that is another tenant's: each operation of the OpenAPI document."""

    # What the stranger gets, by operation: a status and what is in the answer's code or items. A new operation fails the test
    # until it says here what a stranger gets.
    EXPECTED = {
        ("POST", "/v1/definitions"): (201, None),                       # the same document becomes the stranger's own
        ("GET", "/v1/definitions"): (200, []),
        ("GET", "/v1/definitions/{namespace}/{name}"): (404, "definition-not-found"),
        ("GET", "/v1/definitions/{namespace}/{name}/{version}"): (404, "definition-not-found"),
        ("POST", "/v1/runs"): (404, "definition-not-found"),
        ("GET", "/v1/runs"): (200, []),
        ("GET", "/v1/runs/{id}"): (404, "run-not-found"),
        ("GET", "/v1/runs/{id}/events"): (404, "run-not-found"),
        ("GET", "/v1/runs/{id}/steps"): (404, "run-not-found"),
        ("GET", "/v1/runs/{id}/stream"): (404, "run-not-found"),
        ("GET", "/v1/runs/{id}/logs"): (404, "run-not-found"),
        ("GET", "/v1/runs/{id}/explain"): (404, "run-not-found"),
        ("POST", "/v1/runs/{id}:cancel"): (404, "run-not-found"),
        ("POST", "/v1/queues/{queue}/tasks:poll"): (200, []),
        ("POST", "/v1/tasks:complete"): (200, [{"result": "unknown-token"}]),
        ("POST", "/v1/tasks:heartbeat"): (200, [{"result": "unknown-token"}]),
        ("POST", "/v1/tasks:log"): (200, [{"result": "unknown-token"}]),
    }
    ANONYMOUS = {("GET", path) for path in ("/healthz", "/readyz", "/metrics", "/openapi.json")}

    def setUp(self):
        super().setUp()
        database = self.ready["database"]
        name = self._testMethodName.replace("_", "-")
        processes.pawl("tenants", "create", name, "--database", database)
        made = processes.pawl("token", "create", "t", "--tenant", name, "--database", database, "--output", "json")
        self.stranger = json.loads(made.stdout)["token"]
        self.name = name[5:40]
        self.document = HELD % (self.name, self.name)
        self.assertEqual(self.deploy(self.document).status, 201)
        self.start = {"definition": "acme/" + self.name, "input": {"secret": SECRET}, "idempotencyKey": SECRET}
        self.run_id = self.send("POST", "/v1/runs", self.start).json["id"]
        self.poll = {"worker": "w", "actions": ["acme.hold"], "max": 1, "wait": "20s"}
        self.task = self.send("POST", "/v1/queues/%s/tasks:poll" % self.name, self.poll).json["items"][0]
        self.second = self.client.start("acme/" + self.name, {"secret": SECRET})["id"]        # its task is nobody's yet

    def requests(self):
        """Each operation with the other tenant's names, ids and tokens: (method, path) → target and body."""
        path = {"namespace": "acme", "name": self.name, "version": "1.0.0", "id": self.run_id, "queue": self.name}
        body = {
            ("POST", "/v1/definitions"): self.document,
            ("POST", "/v1/runs"): self.start,
            ("POST", "/v1/runs/{id}:cancel"): {"reason": "I am a stranger"},
            ("POST", "/v1/queues/{queue}/tasks:poll"): {**self.poll, "wait": "200ms"},
            ("POST", "/v1/tasks:complete"): {"items": [{"token": self.task["token"], "output": "stolen"}]},
            ("POST", "/v1/tasks:heartbeat"): {"items": [{"token": self.task["token"]}]},
            ("POST", "/v1/tasks:log"): {"items": [{"token": self.task["token"], "lines": [{"message": "stolen"}]}]},
        }
        for operation in self.operations() - self.ANONYMOUS:
            yield operation, operation[1].format(**path), body.get(operation)

    def operations(self):
        document = self.send("GET", "/openapi.json").json
        return {(method.upper(), path) for path, each in document["paths"].items() for method in each if method != "parameters"}

    def test_each_operation_of_the_document(self):
        self.assertEqual(set(self.EXPECTED) | self.ANONYMOUS, self.operations())
        # In the order of the table's lines, but what would make the stranger such things comes last.
        for operation, target, body in sorted(self.requests(), key=lambda each: each[0] == ("POST", "/v1/definitions")):
            with self.subTest(operation=operation):
                status, told = self.EXPECTED[operation]
                kind = "application/yaml" if isinstance(body, str) else "application/json"
                answer = self.send(operation[0], target, body, token=self.stranger, content_type=kind)
                if isinstance(told, str):
                    self.refused(answer, status, told)
                else:
                    self.assertEqual(answer.status, status, answer.json)
                if isinstance(told, list):
                    self.assertEqual(answer.json["items"], told)
                self.assertNotIn(SECRET, json.dumps(answer.json))
                if operation[0] == "GET":
                    self.assertEqual(self.send("HEAD", target, token=self.stranger).status, status)
        self.untouched()

    def test_without_a_token_each_operation_is_refused(self):
        for operation, target, body in self.requests():
            for token in ("", "pawl_", "x" * 5000, self.stranger[:-1], self.stranger + "A"):
                with self.subTest(operation=operation, token=token[:10]):
                    answer = self.send(operation[0], target, body, headers={"Authorization": "Bearer " + token})
                    self.refused(answer, 401, "unauthorized")
        self.untouched()

    def test_what_a_stranger_may_try_with_a_task_token(self):
        """One that names the stranger's tenant and the other's invocation, and all that differ from it by a bit."""
        token = base64.urlsafe_b64decode(self.task["token"] + "==")
        tenant, owner = self.tenant_bytes(self._testMethodName.replace("_", "-")), self.tenant_bytes("default")
        self.assertEqual(token.count(owner), 1)
        forged = [token.replace(owner, tenant)]
        forged += [bytes(byte ^ (1 << bit % 8) if bit // 8 == place else byte for place, byte in enumerate(token))
                   for bit in range(len(token) * 8)]
        texts = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in forged]
        answer = self.send("POST", "/v1/tasks:complete", {"items": [{"token": each, "output": 1} for each in texts]},
                           token=self.stranger)
        self.assertEqual({each["result"] for each in answer.json["items"]}, {"unknown-token"})
        beat = self.send("POST", "/v1/tasks:heartbeat", {"items": [{"token": each} for each in texts]}, token=self.stranger)
        self.assertEqual({each["result"] for each in beat.json["items"]}, {"unknown-token"})
        logged = self.send("POST", "/v1/tasks:log", {"items": [{"token": each, "lines": [{"message": "x"}]} for each in texts]},
                           token=self.stranger)
        self.assertEqual({each["result"] for each in logged.json["items"]}, {"unknown-token"})
        held = {**self.poll, "wait": "200ms", "holding": []}
        self.assertEqual(self.send("POST", "/v1/queues/%s/tasks:poll" % self.name, held, token=self.stranger).json["items"], [])
        for holding in ([self.task["token"]], [texts[1]], [1], [None], ["x"]):
            answer = self.send("POST", "/v1/queues/%s/tasks:poll" % self.name, {**held, "holding": holding}, token=self.stranger)
            self.refused(answer, 400, "member-invalid")
        self.untouched()

    def test_the_same_names_keys_and_cursors_are_two_things(self):
        """What a stranger names like the other's is his own: no mismatch and no hint tells him that it is there."""
        self.assertEqual(self.deploy(self.document, token=self.stranger).status, 201)
        mine = self.send("POST", "/v1/runs", {**self.start, "input": {"secret": "mine"}}, token=self.stranger)
        self.assertEqual((mine.status, mine.json["input"]), (202, {"secret": "mine"}))
        self.assertNotEqual(mine.json["id"], self.run_id)
        page = self.send("GET", "/v1/runs?limit=1").json
        for target in ("/v1/runs?limit=200", "/v1/runs?limit=200&cursor=" + page["nextCursor"],
                       "/v1/runs?definition=acme/" + self.name, "/v1/runs?status=running"):
            runs = self.send("GET", target, token=self.stranger).json["items"]
            self.assertLessEqual({run["id"] for run in runs}, {mine.json["id"]}, target)
        taken = self.send("POST", "/v1/queues/%s/tasks:poll" % self.name, {**self.poll, "max": 10}, token=self.stranger).json["items"]
        self.assertEqual([(task["run"]["id"], task["input"]) for task in taken], [(mine.json["id"], {"secret": "mine"})])
        self.untouched()

    def tenant_bytes(self, name):
        listed = json.loads(processes.pawl("tenants", "list", "--database", self.ready["database"], "--output", "json").stdout)
        return bytes.fromhex(next(each["id"] for each in listed["items"] if each["name"] == name).replace("-", ""))

    def untouched(self):
        """The owner's run waits where it did, and its task can be done by whoever has it."""
        for run in (self.run_id, self.second):
            self.assertEqual(self.client.run(run)["status"], "running")
            self.assertEqual([event["type"] for event in self.client.events(run)], ["run.started", "invocation.requested"])
            self.assertEqual(list(self.client.logs(run)), [])
        answer = self.send("POST", "/v1/tasks:complete", {"items": [{"token": self.task["token"], "output": "mine"}]})
        self.assertEqual(answer.json["items"], [{"result": "done"}])
        self.assertEqual(self.client.wait(self.run_id, 20)["output"], "mine")
