import json
import os
import signal

from e2e.served import Served
from support.processes import pawl

GREETING = """
document: { dsl: 1.0.0, namespace: test, name: greeting, version: 1.0.0 }
do:
  - greet: { set: { text: '${ "Hello, \\(.name)!" }' } }
"""
ASKING = """
document: { dsl: 1.0.0, namespace: test, name: asking, version: 1.0.0 }
do:
  - ask: { call: test.ask, with: { about: '${ .about }' } }
"""
FAILING = """
document: { dsl: 1.0.0, namespace: test, name: failing, version: 1.0.0 }
do:
  - fail: { raise: { error: { type: 'https://example.com/no', status: 418, title: Teapot } } }
"""


class WithoutServer(Served):
    @classmethod
    def setUpClass(cls):
        cls.server = {}

    def test_version_and_help(self):
        version = self.pawl("version").stdout
        self.assertRegex(version, r"^pawl \d+\.\d+\.\d+$")
        self.assertEqual(self.pawl("--version").stdout, version)
        self.assertEqual(self.pawl("help", "run").stdout, self.pawl("run", "--help").stdout)
        self.assertIn("deploy", self.pawl("--help").stdout)
        self.assertIn("Example:", self.pawl("run", "--help").stdout)

    def test_wrong_usage_is_2(self):
        for arguments in ([], ["nonsense"], ["run"], ["runs"], ["run", "a/b", "--nonsense"], ["runs", "list", "--limit", "0"]):
            done = self.pawl(*arguments, code=2)
            self.assertEqual(done.stdout, "")
            self.assertIn("pawl", done.stderr)
        self.assertIn('did you mean "deploy"?', self.pawl("deplo", code=2).stderr)
        self.assertIn('did you mean "cancel"?', self.pawl("runs", "cancle", code=2).stderr)

    def test_no_server_is_3(self):
        done = self.pawl("runs", "list", "--url", "http://127.0.0.1:1", "--token", "x", code=3)
        self.assertIn("[unreachable]", done.stderr)
        done = self.pawl("runs", "list", "--name", "no-such-instance", code=3, env={"PAWL_URL": "", "PAWL_TOKEN": ""})
        self.assertIn("no-such-instance", done.stderr)

    def test_a_place_is_named_once(self):
        done = self.pawl("runs", "list", "--url", "http://127.0.0.1:1", "--token", "x", code=3)
        self.assertEqual(done.stderr.count("127.0.0.1:1"), 1, done.stderr)

    def test_raw_texts(self):
        self.assertEqual(self.pawl("eval", "--raw", ".[]", input='["a\\"b", 1, ["c"]]').stdout, 'a"b\n1\n["c"]\n')
        self.assertEqual(self.pawl("eval", "-n", "-r", '"a b"').stdout, "a b\n")

    def test_env_says_where_it_comes_from(self):
        shown = json.loads(self.pawl("env", "--url", "http://127.0.0.1:1", "--token", "pawl_abcdefghijklmnopqrstuvwxyz",
                                     "--database", "postgresql://me:secret@h/d", "--output", "json").stdout)
        self.assertEqual(shown["server"], {"value": "http://127.0.0.1:1", "from": "--url", "state": "unreachable"})
        self.assertEqual(shown["token"], {"value": "pawl_abcd…", "from": "--token"})
        self.assertEqual(shown["database"], {"value": "postgresql://me:…@h/d", "from": "--database"})
        shown = json.loads(self.pawl("env", "--output", "json", env={
            "PAWL_URL": "http://127.0.0.1:1", "PAWL_TOKEN": "t", "PAWL_DATABASE_URL": "host=h password=secret user=u"}).stdout)
        self.assertEqual(shown["server"]["from"], "PAWL_URL")
        self.assertEqual(shown["database"]["value"], "host=h password=… user=u")

    def test_output_that_nobody_reads(self):
        """A filter ends as its reader does; a full disk is an error."""
        import subprocess
        from support.processes import PAWL
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([PAWL, "eval", "-n", "1"], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))
        with open("/dev/full", "w") as full:
            done = subprocess.run([PAWL, "eval", "-n", "1"], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("No space left", done.stderr)

    def test_eval(self):
        done = self.pawl("eval", ".a + 1", input='{"a": 1}\n{"a": 2}\n')
        self.assertEqual(done.stdout, "2\n3\n")
        self.assertEqual(self.pawl("eval", ".[]", input="[1,\n 2]").stdout, "1\n2\n")
        self.assertEqual(self.pawl("eval", ".a", input='{"a": 1} {"a":\n 2}').stdout, "1\n2\n")
        self.assertEqual(self.pawl("eval", ".", input='[]{}"]}\\""1 -2.5e3\ttrue"b"[2]').stdout,
                         '[]\n{}\n"]}\\""\n1\n-2500\ntrue\n"b"\n[2]\n')
        self.assertEqual(self.pawl("eval", ".", input=" \n\t").stdout, "")
        for wrong in ('{"a":', '"a', '"a\\', "] 1", "nonsense", "[1}"):
            self.assertIn("[invalid-json]", self.pawl("eval", ".", input=wrong, code=4).stderr)
        self.assertEqual(self.pawl("eval", "-n", "[range(3)]").stdout, "[0,1,2]\n")
        self.assertIn("expression", self.pawl("eval", ".a +", input="{}", code=5).stderr)
        self.assertIn("no", self.pawl("eval", 'error("no")', input="{}", code=5).stderr)


class Check(Served):
    @classmethod
    def setUpClass(cls):
        cls.server = {}
        import pathlib
        import shutil
        from support import processes
        cls.folder = processes.folder("e2e-")
        cls.addClassCleanup(shutil.rmtree, pathlib.Path(cls.folder), True)

    def test_a_good_definition(self):
        self.assertIn("test/greeting 1.0.0 is fine", self.pawl("check", self.write("good.yaml", GREETING)).stdout)

    def test_every_problem_with_its_place(self):
        path = self.write("bad.yaml", "document: { dsl: 1.0.0, namespace: test, name: bad, version: 1.0.0 }\n"
                                      "do:\n  - one: { sett: { a: 1 } }\n  - two: { set: '${ .a + }' }\n")
        done = self.pawl("check", path, code=1)
        self.assertIn("bad.yaml:3:", done.stdout)
        self.assertIn("bad.yaml:4:", done.stdout)
        found = json.loads(self.pawl("check", path, "--output", "json", code=1).stdout)
        self.assertEqual(found["errors"], 2)
        self.assertEqual({each["line"] for each in found["diagnostics"] if each["severity"] == "error"}, {3, 4})

    def test_a_missing_file_is_2(self):
        self.assertIn("No such file", self.pawl("check", "nowhere.yaml", code=2).stderr)


class Runs(Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for text in (GREETING, ASKING, FAILING):
            path = cls.folder / "definition.yaml"
            path.write_text(text)
            pawl("deploy", str(path), env=cls.server)

    def test_deploy_again_is_a_no_op_and_another_document_a_conflict(self):
        path = self.write("again.yaml", GREETING)
        self.assertIn("unchanged", self.pawl("deploy", path).stdout)
        other = self.write("other.yaml", GREETING.replace("Hello", "Bye"))
        self.assertIn("[version-exists]", self.pawl("deploy", other, code=4).stderr)

    def test_deploy_shows_diagnostics(self):
        path = self.write("bad.yaml", GREETING.replace("set:", "listen:"))
        done = self.pawl("deploy", path, code=4)
        self.assertIn("unsupported", done.stderr)
        self.assertIn("bad.yaml:4:", done.stderr)
        self.assertNotIn("`diagnostics`", done.stderr)          # they are printed

    def test_run_and_wait(self):
        run = self.answer("run", "test/greeting", "--input", '{"name": "Ada"}', "--wait")
        self.assertEqual(run["status"], "completed")
        self.assertEqual(run["output"], {"text": "Hello, Ada!"})
        self.assertEqual(run["definition"], "test/greeting")
        self.assertEqual(run["version"], "1.0.0")
        shown = self.answer("runs", "show", run["id"])
        self.assertEqual(shown["input"], {"name": "Ada"})
        self.assertEqual(shown["output"], {"text": "Hello, Ada!"})

    def test_input_from_file_and_standard_input(self):
        path = self.write("input.json", '{"name": "😀"}')
        self.assertEqual(self.answer("run", "test/greeting", "--input", "@" + path, "--wait")["output"]["text"], "Hello, 😀!")
        run = self.answer("run", "test/greeting", "--input", "-", "--wait", input='{"name": "Eve"}')
        self.assertEqual(run["output"]["text"], "Hello, Eve!")
        self.assertIn("--input", self.pawl("run", "test/greeting", "--input", "{", code=2).stderr)

    def test_a_faulted_run_exits_1(self):
        done = self.pawl("run", "test/failing", "--wait", code=1)
        self.assertIn("faulted", done.stdout)
        self.assertIn("Teapot", done.stdout)

    def test_pipes_get_rows(self):
        """Tabs between cells, no headings, nothing cut; a value is one line of JSON."""
        done = self.pawl("run", "test/greeting", "--input", '{"name": "%s"}' % ("A" * 200), "--wait")
        first, second = done.stdout.splitlines()
        identity, status = first.split("\t")
        self.assertEqual(status, "completed")
        self.assertEqual(json.loads(second), {"text": "Hello, %s!" % ("A" * 200)})
        rows = [line.split("\t") for line in self.pawl("runs", "events", identity).stdout.splitlines()]
        self.assertEqual([row[0] for row in rows], ["1", "2", "3"])
        self.assertEqual(json.loads(rows[2][4]), {"output": {"text": "Hello, %s!" % ("A" * 200)}})
        table = self.pawl("runs", "events", identity, "--output", "table").stdout.splitlines()
        self.assertTrue(table[0].startswith("SEQ  TIME"))
        self.assertTrue(table[3].endswith("…"))

    def test_ids_alone(self):
        identity = self.pawl("run", "test/greeting", "--input", '{"name": "I"}', "-o", "id").stdout.strip()
        self.assertEqual(self.answer("runs", "show", identity)["id"], identity)
        self.assertIn(identity, self.pawl("runs", "list", "-o", "id", "--limit", "200").stdout.splitlines())
        self.assertEqual(self.pawl("deploy", self.write("ids.yaml", GREETING), "-o", "id").stdout, "test/greeting\n")
        self.assertIn("--output id", self.pawl("runs", "events", identity, "-o", "id", code=2).stderr)

    def test_wait_for_runs(self):
        ended = self.pawl("run", "test/greeting", "--input", '{"name": "W"}', "-o", "id").stdout.strip()
        self.assertEqual(self.pawl("runs", "wait", ended, "-o", "id").stdout.strip(), ended)
        failed = self.pawl("run", "test/failing", "-o", "id").stdout.strip()
        done = self.pawl("runs", "wait", ended, failed, "--output", "json", code=1)
        self.assertEqual([json.loads(line)["status"] for line in done.stdout.splitlines()], ["completed", "faulted"])
        open_run = self.pawl("run", "test/asking", "--input", '{"about": "x"}', "-o", "id").stdout.strip()
        done = self.pawl("runs", "wait", open_run, "--at-most", "100ms", code=1)
        self.assertIn("pawl runs wait " + open_run, done.stderr)
        self.assertIn("running", done.stdout)
        done = self.pawl("run", "test/asking", "--input", "{}", "--wait", "--wait-at-most", "50ms", code=1)
        self.assertIn("gave up waiting", done.stderr)
        self.assertIn("[usage]", self.pawl("runs", "wait", ended, "--at-most", "soon", code=2).stderr)
        self.pawl("runs", "wait", "018f0000-0000-7000-8000-000000000000", code=4)

    def test_env_with_a_server(self):
        shown = self.answer("env")
        self.assertEqual(shown["server"], {"value": self.ready["url"], "from": "PAWL_URL", "state": "ready"})
        self.assertEqual(shown["token"]["state"], "accepted")
        self.assertNotIn(self.ready["token"], json.dumps(shown))
        self.assertEqual(self.answer("env", "--token", "pawl_nonsense")["token"]["state"], "refused")

    def test_an_unknown_definition_is_4(self):
        self.assertIn("[definition-not-found]", self.pawl("run", "test/nowhere", code=4).stderr)

    def test_the_same_key_is_the_same_run(self):
        first = self.answer("run", "test/greeting", "--key", "k1", "--input", '{"name": "A"}', "--wait")
        again = self.answer("run", "test/greeting", "--key", "k1", "--input", '{"name": "A"}', "--wait")
        self.assertEqual(first["id"], again["id"])
        done = self.pawl("run", "test/greeting", "--key", "k1", "--input", '{"name": "B"}', code=4)
        self.assertIn("[idempotency-mismatch]", done.stderr)

    def test_events_and_steps(self):
        run = self.answer("run", "test/greeting", "--input", '{"name": "Ada"}', "--wait")
        lines = self.pawl("runs", "events", run["id"], "--output", "json").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual([event["type"] for event in events], ["run.started", "task.completed", "run.completed"])
        self.assertEqual([event["seq"] for event in events], [1, 2, 3])
        self.assertEqual(events[1]["path"], "/do/0/greet")
        self.assertIn("task.completed", self.pawl("runs", "events", run["id"]).stdout)
        steps = [json.loads(line) for line in self.pawl("runs", "steps", run["id"], "--output", "json").stdout.splitlines()]
        self.assertEqual([(step["path"], step["status"]) for step in steps], [("/do/0/greet", "completed")])

    def test_cancel(self):
        run = self.answer("run", "test/asking", "--input", '{"about": "life"}')
        self.assertEqual(run["status"], "running")
        cancelled = self.answer("runs", "cancel", run["id"], "--reason", "never mind")
        self.assertEqual(cancelled["status"], "cancelled")
        self.assertEqual(self.answer("runs", "cancel", run["id"])["status"], "cancelled")
        events = self.pawl("runs", "events", run["id"]).stdout
        self.assertIn("never mind", events)

    def test_list_pages_and_filters(self):
        for _ in range(5):
            self.answer("run", "test/greeting", "--input", '{"name": "L"}', "--wait")
        page = self.answer("runs", "list", "--definition", "test/greeting", "--limit", "2")
        self.assertEqual(len(page["items"]), 2)
        times = [run["startedAt"] for run in page["items"]]
        more = self.answer("runs", "list", "--definition", "test/greeting", "--limit", "2", "--cursor", page["nextCursor"])
        times += [run["startedAt"] for run in more["items"]]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertFalse({run["id"] for run in page["items"]} & {run["id"] for run in more["items"]})
        for run in self.answer("runs", "list", "--status", "faulted")["items"]:
            self.assertEqual(run["status"], "faulted")
        self.assertIn("STATUS", self.pawl("runs", "list", "-o", "table").stdout)
        self.pawl("runs", "list", "--status", "nonsense", code=4)

    def test_a_run_that_is_not_there_is_4(self):
        for command in ("show", "events", "steps", "cancel"):
            done = self.pawl("runs", command, "018f0000-0000-7000-8000-000000000000", code=4)
            self.assertIn("018f0000-0000-7000-8000-000000000000 [run-not-found]", done.stderr)
            self.assertIn("pawl runs list", done.stderr)

    def test_a_bad_token_is_4(self):
        done = self.pawl("runs", "list", "--token", "pawl_nonsense", code=4)
        self.assertIn("[unauthorized]", done.stderr)
        self.assertIn("pawl env", done.stderr)
        done = self.pawl("runs", "list", "--url", self.ready["url"], code=4, env={"PAWL_TOKEN": "", "PAWL_URL": ""})
        self.assertIn("PAWL_TOKEN", done.stderr)

    def test_an_empty_document_is_refused_as_such(self):
        done = self.pawl("deploy", self.write("empty.yaml", ""), code=4)
        self.assertNotIn("media-type", done.stderr)
        self.assertIn("empty", done.stderr)


class SecondServer(Served):
    def test_a_second_server_on_the_directory_is_refused(self):
        done = self.pawl("dev", "--data-dir", str(self.folder / "data"), code=4)
        self.assertIn("[data-dir-in-use]", done.stderr)

    def test_a_port_in_use_is_refused(self):
        listen = self.ready["url"].split("//")[1]
        done = self.pawl("dev", "--data-dir", str(self.folder / "other"), "--listen", listen, code=4)
        self.assertIn("[port-in-use]", done.stderr)

    def test_the_client_file_is_private(self):
        self.assertEqual(os.stat(self.folder / "data" / "client.json").st_mode & 0o777, 0o600)

    def test_commands_find_it_by_its_directory(self):
        """Also where the environment names another server: an option goes before it."""
        for environment in ({"PAWL_URL": "", "PAWL_TOKEN": ""}, {"PAWL_URL": "http://127.0.0.1:1", "PAWL_TOKEN": "x"}):
            done = self.pawl("runs", "list", "--data-dir", str(self.folder / "data"), env=environment)
            self.assertEqual((done.stdout, done.stderr), ("", "no runs\n"))

    def test_readiness_names_the_process(self):
        self.assertEqual(self.dev.ready["pid"], self.dev.process.pid)

    def test_it_comes_back_with_its_token_and_its_runs(self):
        self.pawl("deploy", self.write("d.yaml", GREETING))
        run = self.answer("run", "test/greeting", "--input", '{"name": "A"}', "--wait")
        self.assertEqual(self.dev.stop(), 0)
        again = self.dev.start()
        self.assertEqual((again["url"], again["token"]), (self.ready["url"], self.ready["token"]))
        self.assertEqual(self.answer("runs", "show", run["id"])["status"], "completed")
