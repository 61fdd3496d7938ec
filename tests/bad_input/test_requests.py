import json

from bad_input.orders import Orders
from support import processes

HEADER = "document: { dsl: 1.0.0, namespace: bad, name: %s, version: 1.0.0 }\n"


class Documents(Orders):
    def diagnostics(self, text, code):
        problem = self.refused(self.deploy(text), 422, "definition-invalid")
        found = [each for each in problem["diagnostics"] if each["code"] == code]
        self.assertTrue(found, problem["diagnostics"])
        for each in found:
            self.assertGreaterEqual(each["line"], 1)
            self.assertTrue(each["message"])
        return found

    def test_malformed_yaml(self):
        self.diagnostics(HEADER % "a" + "do: [ { a: { set: \n", "yaml-syntax")

    def test_duplicate_keys(self):
        found = self.diagnostics(HEADER % "a" + "do:\n  - one: { set: { a: 1, a: 2 } }\n", "duplicate-key")
        self.assertEqual(found[0]["line"], 3)

    def test_an_alias_bomb(self):
        text = HEADER % "a" + "x0: &x0 [ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 ]\n"
        for level in range(1, 10):
            text += "x%d: &x%d [ %s ]\n" % (level, level, ", ".join(["*x%d" % (level - 1)] * 10))
        self.diagnostics(text + "do: []\n", "too-many-nodes")

    def test_a_document_of_10_mb(self):
        self.refused(self.deploy(HEADER % "a" + "# " + "x" * (10 << 20)), 413, "limit-exceeded")

    def test_a_document_over_its_own_limit(self):
        self.refused(self.deploy(HEADER % "a" + "# " + "x" * (2 << 20)), 413, "limit-exceeded")

    def test_another_document_under_the_same_version(self):
        self.assertEqual(self.deploy(HEADER % "same" + "do: [ a: { set: { a: 1 } } ]\n").status, 201)
        self.refused(self.deploy(HEADER % "same" + "do: [ a: { set: { a: 2 } } ]\n"), 409, "version-exists")

    def test_what_is_not_supported(self):
        found = self.diagnostics(HEADER % "a" + "do:\n  - wait: { listen: { to: { one: { with: { type: x } } } } }\n", "unsupported")
        self.assertEqual(found[0]["pointer"], "/do/0/wait/listen")

    def test_expressions_that_loop_fault_their_own_run(self):
        for program in ("def f: f; f", "last(range(1e12))", "reduce range(100) as $i (\"x\"; . + .)", "[limit(1e12; repeat(1))]"):
            name = "loop%d" % abs(hash(program))
            self.assertEqual(self.deploy(HEADER % name + "do:\n  - spin: { set: { a: '${ %s }' } }\n" % program).status, 201)
            run = self.client.start("bad/" + name, wait=30)
            self.assertEqual(run["status"], "faulted", program)
            self.assertEqual((run["error"]["status"], run["error"]["instance"]), (400, "/do/0/spin"))


class Requests(Orders):
    def start(self, body, **options):
        return self.send("POST", "/v1/runs", body, **options)

    def test_malformed_json(self):
        problem = self.refused(self.start('{"definition": "shop/order", "input": {'), 400, "invalid-json")
        self.assertIn("line 1", problem["instance"])

    def test_unknown_members(self):
        problem = self.refused(self.start({"definition": "shop/order", "inputs": {}}), 400, "unknown-member")
        self.assertIn("input", problem["hint"])

    def test_u_0000_and_lone_surrogates(self):
        for bad in ('"\\u0000"', '"\\ud800"', '"\\udc00x"', '{"\\u0000": 1}'):
            self.refused(self.start('{"definition": "shop/order", "input": %s}' % bad), 400, "invalid-string")
        self.refused(self.start(b'{"definition": "shop/order", "input": "\xff"}'), 400, "invalid-string")

    def test_too_deep_and_too_large(self):
        self.refused(self.start('{"definition": "shop/order", "input": %s}' % ("[" * 5000 + "]" * 5000)), 400, "json-too-deep")
        self.refused(self.start({"definition": "shop/order", "input": "x" * (2 << 20)}), 413, "limit-exceeded")
        self.refused(self.start(b"x" * (9 << 20)), 413, "limit-exceeded")

    def test_a_body_cut_short(self):
        head = ("POST /v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                "Content-Length: 1000\r\n\r\n" % self.token).encode()
        answer = self.raw(head + b'{"definition": "shop/order"}')
        self.assertTrue(answer.startswith(b"HTTP/1.1 400"), answer[:200])
        self.assertIn(b'"malformed-request"', answer)

    def test_a_query_that_is_no_text(self):
        for query in ("definition=a%00/b", "definition=%ff/b", "%ff=1", "limit=%4"):
            self.refused(self.send("GET", "/v1/runs?" + query), 400, "malformed-request")

    def test_what_is_not_http(self):
        self.assertTrue(self.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").startswith(b"HTTP/1.1 400"))

    def test_unknown_routes_and_methods(self):
        self.refused(self.send("GET", "/v1/nonsense"), 404, "not-found")
        answer = self.send("DELETE", "/v1/runs")
        self.refused(answer, 405, "method-not-allowed")
        self.assertIn("POST", answer.headers["Allow"])

    def test_parameters(self):
        self.refused(self.send("GET", "/v1/runs?limit=0"), 400, "parameter-invalid")
        self.refused(self.send("GET", "/v1/runs?status=nonsense"), 400, "parameter-invalid")
        self.refused(self.send("GET", "/v1/runs?statuss=running"), 400, "unknown-parameter")
        self.refused(self.send("GET", "/v1/runs?cursor=nonsense"), 400, "cursor-invalid")
        self.refused(self.send("GET", "/v1/runs/nonsense"), 404, "run-not-found")

    def test_an_unknown_definition(self):
        self.refused(self.start({"definition": "shop/nowhere"}), 404, "definition-not-found")
        self.refused(self.start({"definition": "nonsense"}), 400, "member-invalid")

    def test_a_start_key_sent_twice_with_another_input(self):
        first = self.start({"definition": "shop/order", "input": {"n": 1}, "idempotencyKey": "twice"})
        again = self.start({"definition": "shop/order", "input": {"n": 1}, "idempotencyKey": "twice"})
        self.assertEqual(first.json["id"], again.json["id"])
        self.refused(self.start({"definition": "shop/order", "input": {"n": 2}, "idempotencyKey": "twice"}), 422, "idempotency-mismatch")
        self.assertEqual(self.client.wait(first.json["id"], 60)["status"], "completed")

    def test_another_content_type(self):
        self.refused(self.start("<start/>", content_type="application/xml"), 415, "media-type")


class Tokens(Orders):
    def test_unknown_tokens(self):
        for token in ("nonsense", "pawl_", "pawl_" + "A" * 86, self.token[:-2] + ("AA" if not self.token.endswith("AA") else "BB")):
            answer = self.send("GET", "/v1/runs", token=token)
            self.refused(answer, 401, "unauthorized")
            self.assertIn("Bearer", answer.headers["WWW-Authenticate"])

    def test_another_tenants_ids(self):
        database = self.ready["database"]
        processes.pawl("tenants", "create", "stranger", "--database", database)
        made = processes.pawl("token", "create", "t", "--tenant", "stranger", "--database", database, "--output", "json")
        stranger = json.loads(made.stdout)["token"]
        run = self.orders[0]
        for method, target, body in (("GET", "/v1/runs/" + run, None), ("GET", "/v1/runs/%s/events" % run, None),
                                     ("GET", "/v1/runs/%s/steps" % run, None), ("POST", "/v1/runs/%s:cancel" % run, {})):
            self.refused(self.send(method, target, body, token=stranger), 404, "run-not-found")
        self.refused(self.send("GET", "/v1/definitions/shop/order", token=stranger), 404, "definition-not-found")
        self.assertEqual(self.send("GET", "/v1/runs", token=stranger).json["items"], [])
        taken = self.take()
        answer = self.send("POST", "/v1/tasks:complete", {"items": [{"token": taken["token"], "output": 1}]}, token=stranger)
        self.assertEqual(answer.json["items"], [{"result": "unknown-token"}])
        self.complete(taken)

    def take(self):
        """One task of a run of its own, on a queue of its own."""
        self.deploy(HEADER % "held" + "do:\n  - hold: { call: bad.hold, metadata: { pawl: { queue: held } } }\n")
        self.held = self.client.start("bad/held")["id"]
        answer = self.send("POST", "/v1/queues/held/tasks:poll", {"worker": "w", "actions": ["bad.hold"], "max": 1, "wait": "20s"})
        self.assertEqual(len(answer.json["items"]), 1)
        return answer.json["items"][0]

    def complete(self, task, **result):
        return self.send("POST", "/v1/tasks:complete", {"items": [{"token": task["token"], "output": 1, **result}]}).json["items"][0]

    def test_a_completion_sent_twice_is_done_and_changes_nothing(self):
        task = self.take()
        self.assertEqual(self.complete(task), {"result": "done"})
        self.assertEqual(self.complete(task), {"result": "done"})
        self.assertEqual(self.complete(task, output=2), {"result": "done"})
        self.assertEqual(self.client.wait(self.held, 30)["output"], 1)

    def test_a_stale_token_is_told_so(self):
        task = self.take()
        self.client.cancel(self.held)
        self.assertEqual(self.complete(task), {"result": "stale"})
        self.assertEqual(self.complete(task), {"result": "stale"})
        types = [event["type"] for event in self.client.events(self.held)]
        self.assertEqual(types.count("invocation.late"), 1)

    def test_two_processes_of_one_name(self):
        """The server takes a worker's word for what it holds: two of one name take each other's tasks, if they say so."""
        task = self.take()
        poll = {"worker": "w", "actions": ["bad.hold"], "max": 1, "wait": "200ms"}
        self.assertEqual(self.send("POST", "/v1/queues/held/tasks:poll", poll).json["items"], [])
        self.assertEqual(self.send("POST", "/v1/queues/held/tasks:poll", {**poll, "worker": "v", "holding": []}).json["items"], [])
        self.assertEqual(self.send("POST", "/v1/queues/held/tasks:poll", {**poll, "holding": [task["token"]]}).json["items"], [])
        twin = self.send("POST", "/v1/queues/held/tasks:poll", {**poll, "holding": []}).json["items"][0]
        self.assertEqual(twin["idempotencyKey"], task["idempotencyKey"])
        self.assertNotEqual(twin["token"], task["token"])
        self.assertEqual(self.complete(task), {"result": "stale"})
        self.assertEqual(self.complete(twin), {"result": "done"})

    def test_tokens_that_are_none(self):
        items = [{"token": "nonsense", "output": 1}, {"token": "", "output": 1}]
        answer = self.send("POST", "/v1/tasks:complete", {"items": items[:1]})
        self.assertEqual(answer.json["items"], [{"result": "unknown-token"}])
        self.refused(self.send("POST", "/v1/tasks:complete", {"items": [{"token": "x"}]}), 400, "member-invalid")

    def test_reserved_queues(self):
        body = {"worker": "w", "actions": ["x.y"], "max": 1}
        self.refused(self.send("POST", "/v1/queues/%40http/tasks:poll", body), 400, "queue-reserved")
        self.refused(self.send("POST", "/v1/runs", {"definition": "shop/order", "queue": "@http"}), 400, "queue-reserved")
