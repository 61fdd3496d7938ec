"""What somebody sees who sits in front of a terminal: tables, colours, progress."""
import re
import shutil

from e2e.screen import Screen
from e2e.served import Served
from support import processes

SLEEPING = """
document: { dsl: 1.0.0, namespace: test, name: sleeping, version: 1.0.0 }
do:
  - doze: { wait: { seconds: 4 } }
  - rise: { set: { awake: true } }
"""
ASKING = """
document: { dsl: 1.0.0, namespace: test, name: asking, version: 1.0.0 }
do:
  - ask: { call: test.nobody }
"""
ERASE = "\r\x1b[K"


class Screens(Served):
    @classmethod
    def setUpClass(cls):
        cls.folder = processes.folder("e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.dev = processes.Dev(cls.folder)
        cls.first_start = Screen(*cls.dev.arguments)
        cls.first_start.until(lambda text: "Ctrl-C stops it" in text, "readiness")
        url = re.search(r"URL +(http://\S+)", cls.first_start.text).group(1)
        cls.dev.arguments[cls.dev.arguments.index("--listen") + 1] = url.split("//")[1]
        cls.first_start.interrupt()
        cls.stopped = cls.first_start.end()
        cls.ready = cls.dev.start()
        cls.addClassCleanup(cls.dev.stop)
        cls.server = {"PAWL_URL": cls.ready["url"], "PAWL_TOKEN": cls.ready["token"]}
        for name, text in (("sleeping", SLEEPING), ("asking", ASKING)):
            path = cls.folder / (name + ".yaml")
            path.write_text(text)
            processes.pawl("deploy", str(path), env=cls.server)

    def screen(self, *arguments, **options):
        return Screen(*arguments, env=self.server, **options)

    def test_a_first_start_says_what_it_does(self):
        text, code = self.stopped
        self.assertEqual(code, 0)
        drawn = text.split(ERASE)
        for line in drawn[1:-1]:            # none where a start takes less than a second
            self.assertRegex(line, r"^(making a PostgreSQL of its own|making the schema|starting the server)")
        self.assertIn("Pawl ", drawn[-1])   # the line is gone before anything else is printed
        self.assertRegex(text, r"process +%d\n" % self.first_start.process.pid)
        self.assertIn("Other commands find it with --data-dir %s:" % (self.folder / "data"), text)

    def test_tables_and_colours(self):
        done = self.pawl("run", "test/sleeping", "--wait")
        text, _ = self.screen("runs", "list").end()
        self.assertTrue(text.startswith("RUN "), text)
        self.assertIn("\x1b[32mcompleted\x1b[0m", text)
        for plain in ({"env": {**self.server, "NO_COLOR": "1"}}, {"env": self.server, "term": "dumb"}):
            text, _ = Screen("runs", "list", **plain).end()
            self.assertTrue(text.startswith("RUN "), text)
            self.assertNotIn("\x1b", text)
        self.assertNotIn("\x1b", done.stdout)

    def test_waiting_shows_the_run_and_where_it_is(self):
        text, code = self.screen("run", "test/sleeping", "--wait").end()
        self.assertEqual(code, 0)
        identity = re.match(r"started (\S+);", text).group(1)
        self.assertRegex(text, re.escape(ERASE + identity) + r" is waiting at /do/0/doze  \d s")
        self.assertEqual(text[text.rindex(ERASE) + len(ERASE):],
                         identity + "  \x1b[32mcompleted\x1b[0m\n{\n  \"awake\": true\n}\n")

    def test_pipes_get_no_progress(self):
        """Neither when standard error is no terminal, nor when it is one that cannot draw."""
        done = self.pawl("run", "test/sleeping", "--wait")
        self.assertEqual(done.stderr, "")
        text, code = self.screen("run", "test/sleeping", "--wait", streams=("stderr",), term="dumb").end()
        self.assertEqual((text, code), ("", 0))
        text, _ = self.screen("run", "test/sleeping", "--wait", streams=("stdout",)).end()
        self.assertNotIn(ERASE, text)

    def test_no_color_draws_without_colours(self):
        text, _ = Screen("run", "test/sleeping", "--wait", env={**self.server, "NO_COLOR": "1"}).end()
        self.assertIn(ERASE, text)
        self.assertNotIn("\x1b[3", text)

    def test_a_line_fits_a_narrow_terminal(self):
        text, _ = self.screen("run", "test/sleeping", "--wait", streams=("stderr",), columns=30).end()
        drawn = [line.rstrip("\r") for line in text.split(ERASE)[1:]]
        self.assertTrue(any("…" in line for line in drawn), text)
        self.assertLess(max(len(line) for line in drawn), 30)

    def test_an_interrupt_ends_the_waiting_and_not_the_run(self):
        screen = self.screen("run", "test/asking", "--wait")
        text = screen.until(lambda seen: "is running at /do/0/ask" in seen, "progress")
        screen.interrupt()
        self.assertEqual(screen.end()[1], -2)
        identity = re.match(r"started (\S+);", text).group(1)
        self.assertEqual(self.answer("runs", "show", identity)["status"], "running")
        self.answer("runs", "cancel", identity)

    def test_a_benchmark_has_a_bar(self):
        text, code = self.screen("bench", "start", "--seconds", "2", "--in-flight", "2").end()
        self.assertEqual(code, 0)
        self.assertRegex(text, r"measuring start  \[#+ +\]  \d\d %  \d s")
        self.assertIn("p99.9", text)


class ServerThatComesBack(Served):
    def test_who_waits_outlives_the_server(self):
        path = self.write("sleeping.yaml", SLEEPING)
        self.pawl("deploy", path)
        screen = Screen("run", "test/sleeping", "--wait", "-o", "json", env=self.server)
        screen.until(lambda text: "started" in text, "the start")
        self.dev.kill()
        screen.until(lambda text: "the server does not answer" in text, "that it is gone")
        self.dev.start()
        text, code = screen.end()
        self.assertEqual(code, 0, text)
        self.assertIn('"status":"completed"', text)

