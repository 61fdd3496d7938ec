"""One `pawl dev` for all tests of a class."""
import json
import shutil
import unittest

from support import processes


class Served(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = processes.folder("e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.dev = processes.Dev(cls.folder)
        cls.ready = cls.dev.start()
        cls.addClassCleanup(cls.dev.stop)
        cls.server = {"PAWL_URL": cls.ready["url"], "PAWL_TOKEN": cls.ready["token"]}

    def pawl(self, *arguments, code=0, env=None, **options):
        done = processes.pawl(*arguments, check=False, env={**self.server, **(env or {})}, **options)
        self.assertEqual(done.returncode, code, "pawl %s\n%s%s" % (" ".join(arguments), done.stdout, done.stderr))
        return done

    def answer(self, *arguments, **options):
        return json.loads(self.pawl(*arguments, "--output", "json", **options).stdout)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)
