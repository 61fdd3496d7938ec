import os
import shutil
import subprocess
import unittest

from support import processes


def dev(directory, *arguments):
    return processes.pawl("dev", "--data-dir", str(directory), *arguments, check=False)


def mounted(test, size):
    """A file system of its own of that size; tests run as root in CI, else there is no such thing as a full disk to be had."""
    folder = processes.folder("disk-")
    test.addCleanup(shutil.rmtree, folder, True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", str(folder)], check=True)
    test.addCleanup(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
    folder.chmod(0o755)
    return folder


class Directories(unittest.TestCase):
    def refused(self, done, code):
        self.assertEqual((done.returncode, "[%s]" % code in done.stderr), (4, True), done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_a_full_disk(self):
        folder = mounted(self, "60m")
        done = dev(folder / "data")
        self.assertIn("[data-dir-full]", done.stderr)
        self.assertIn("hint:", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    @unittest.skipUnless(os.geteuid() == 0, "mounting needs root")
    def test_a_read_only_directory(self):
        folder = mounted(self, "300m")
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        done = dev(folder / "data")
        self.assertIn("[data-dir-read-only]", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_a_file_in_its_place(self):
        folder = processes.folder("file-")
        self.addCleanup(shutil.rmtree, folder, True)
        (folder / "data").write_text("not a directory")
        self.assertRegex(dev(folder / "data").stderr, r"\[data-dir-")

    def test_a_database_that_a_newer_version_has_migrated(self):
        folder = processes.folder("newer-")
        self.addCleanup(shutil.rmtree, folder, True)
        server = processes.Dev(folder)
        ready = server.start()
        subprocess.run(["psql", "-XAtq", ready["database"], "-c",
                        "INSERT INTO pawl.schema_migrations (name, sha256, pawl_version) "
                        "VALUES ('99_future.sql', sha256('x'), '99.0.0')"], check=True, stdout=subprocess.PIPE)
        server.stop()
        done = dev(folder / "data")
        self.assertIn("[database-newer]", done.stderr)
        self.assertIn("99.0.0", done.stderr)
        self.assertNotEqual(done.returncode, 0)
