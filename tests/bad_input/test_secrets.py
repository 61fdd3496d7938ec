import pathlib
import shutil
import unittest

from support import processes
from support.processes import wait_for


class Secrets(unittest.TestCase):
    """What everybody on the machine may see: the arguments of processes."""

    def test_a_password_is_not_in_the_list_of_processes(self):
        folder = processes.folder("sec-")
        self.addCleanup(shutil.rmtree, folder, True)
        postgres = processes.Postgres(folder / "pg")
        self.addCleanup(postgres.stop)
        owner = postgres.database("app")
        server = processes.Process(["server", "--database", postgres.as_server(owner) + " password='let me in'",
                                    "--listen", "127.0.0.1:0", "--unsafe-durability"], folder / "pawl.log")
        server.start()
        self.addCleanup(server.kill)
        shown = pathlib.Path("/proc/%d/cmdline" % server.process.pid).read_bytes()
        self.assertNotIn(b"let me in", shown)
        self.assertIn(b"password=***", shown)
        self.assertIn(b"user=pawl_server", shown)
        self.assertNotIn("let me in", (folder / "pawl.log").read_text())

    def test_a_token_is_not_in_the_list_of_processes(self):
        folder = processes.folder("sec-")
        self.addCleanup(shutil.rmtree, folder, True)
        client = processes.Process(["dev", "--data-dir", str(folder / "data"), "--listen", "127.0.0.1:0"], folder / "pawl.log")
        url = client.start()["url"]
        self.addCleanup(client.stop)
        token, done = client.ready["token"], []
        deployed = folder / "wait.yaml"
        deployed.write_text("document: { dsl: 1.0.0, namespace: sec, name: nap, version: 1.0.0 }\ndo: [ nap: { wait: { seconds: 60 } } ]\n")
        processes.pawl("deploy", str(deployed), "--url", url, "--token", token)
        waiting = processes.Process(["run", "sec/nap", "--wait", "--url", url, "--token", token], folder / "run.log")
        waiting.launch()
        self.addCleanup(waiting.kill)

        def shown():
            words = pathlib.Path("/proc/%d/cmdline" % waiting.process.pid).read_bytes()
            done.append(words)
            return b"--token\0***\0" in words and token.encode() not in words
        wait_for(shown, 10, "the token to be hidden: %s" % done[-1:])
